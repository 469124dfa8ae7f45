"""Words in two languages: choosing one, names of things, and the fixed words of tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sim.units import Language


class Named(Protocol):
    """What has an id and a name in both languages: a scenario, a side of a comparison, a policy."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def name_zh(self) -> str: ...  # noqa: D102


def pick(language: Language, english: str, chinese: str) -> str:
    """Return the text of the language."""
    return chinese if language == "zh" else english


def named(thing: Named, language: Language) -> str:
    """Return the name of a thing, that of the other language where it has no other, or its id."""
    return pick(language, thing.name or thing.name_zh, thing.name_zh or thing.name) or thing.id


@dataclass(frozen=True)
class Words:
    """Headings and phrases; braces are filled in by the caller."""

    pairs: str
    unpaired_runs: str
    unpaired: str
    draws: str
    not_calibrated: str
    setting: str
    equal_until: str
    differ_from: str
    yes: str
    no: str
    a_median: str
    difference: str
    runs_50: str
    runs_90: str
    rough: str
    higher: str
    mc_se: str
    growth: str
    files: str


ENGLISH = Words(
    pairs="{n} paired replicates",
    unpaired_runs="UNPAIRED: {b} replicates of B, {a} of A",
    unpaired="unpaired",
    draws="draws {draws}, ",
    not_calibrated="not calibrated, ",
    setting="{runs} ({draws}seed {seed}), world {world}, model {model}, scale 1:{scale}",
    equal_until="equal until {month}: ",
    differ_from="A and B differ from {month}",
    yes="yes",
    no="NO",
    a_median="A median",
    difference="B − A median",
    runs_50="50% of runs",
    runs_90="90% of runs",
    rough=" (rough)",
    higher="B higher",
    mc_se="MC se",
    growth="{label} {period}: A {a}%, B {b}%, difference {change} percentage points",
    files="files",
)
CHINESE = Words(
    pairs="{n}次配对推演",
    unpaired_runs="非配对：B {b}次推演，A {a}次推演",
    unpaired="非配对",
    draws="参数样本{draws}，",
    not_calibrated="参数未校准，",
    setting="{runs}（{draws}随机种子{seed}），外部环境：{world}，模型版本{model}，比例1:{scale}",
    equal_until="{month}以前两者相同：",
    differ_from="A与B从{month}起不同",
    yes="是",
    no="否",
    a_median="A中位数",
    difference="B−A中位数",
    runs_50="50%的推演",
    runs_90="90%的推演",
    rough="（粗略）",
    higher="B较高",
    mc_se="推演误差",
    growth="{label}（{period}）：A {a}%，B {b}%，相差{change}个百分点",
    files="文件",
)


def words(language: Language) -> Words:
    """Return the words of a language."""
    return CHINESE if language == "zh" else ENGLISH
