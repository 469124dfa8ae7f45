"""What happened in one replicate, as text: where the runs part, paths, firms, start, and the draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.observables import observable
from sim.report.rounding import MISSING, plain, scale_for, significant
from sim.report.table import Column, layout, paragraphs
from sim.units import format_share, format_value, month_text, pick

if TYPE_CHECKING:
    from sim.compare.explain import Explanation, FirmStory, StartFigure, UnusualParameter
    from sim.units import Language

MOST_PARAMETERS = 12
"""Unusual parameters that are told."""
FATES = {
    "both": ("in both", "两者都有"),
    "only B": ("not followed in A: not founded there, closed, or small", "A中无记录（未设立、已退出或规模小）"),
    "only A": ("not followed in B: not founded there, closed, or small", "B中无记录（未设立、已退出或规模小）"),
}


def explanation_text(found: Explanation, language: Language, width: int | None = None) -> str:
    """Return what happened in one replicate, for the terminal."""
    return paragraphs(
        [
            _head(found, language),
            layout(_path_columns(found, language), width),
            [*_firms_head(found, language), *layout(_firm_columns(found, language), width)] if found.firms else [],
            _start_lines(found, language),
            _parameter_lines(found, language),
        ]
    )


def _head(found: Explanation, language: Language) -> list[str]:
    """Return which replicate, when the runs part, and how much of the mean difference it makes."""
    number, n = found.replicate, found.n
    lines = [
        pick(
            language,
            f"Replicate {number} of {n} pairs (draw {found.draw}): B {found.b} against A {found.a}",
            f"第{number}次推演（共{n}对，参数样本第{found.draw}行）：B {found.b} 对 A {found.a}",
        )
    ]
    paper = MISSING if found.change is None else month_text(found.change)
    if found.parted is None:
        lines.append(pick(language, "The two runs are equal in every month.", "两次推演每个月都相同。"))
        return lines
    parted = month_text(found.parted)
    lines.append(
        pick(
            language,
            f"The scenarios differ from {paper} on paper; the results of this pair from {parted}.",
            f"两个情形从{paper}起内容不同；本对推演的结果从{parted}起不同。",
        )
    )
    if math.isfinite(found.share_of_mean):
        share, alike = (format_share(part, language, 2) for part in (found.share_of_mean, 1.0 / n))
        lines.append(
            pick(
                language,
                f"It makes {share} of the mean difference of output in {found.years[-1]} "
                f"({alike} would be its part if all were alike).",
                f"{found.years[-1]}年产值差值的均值有{share}来自本次推演（若各次相同应占{alike}）。",
            )
        )
    return lines


def _path_columns(found: Explanation, language: Language) -> list[Column]:
    """Return each variable by year: B, A, their difference, and the median difference of all pairs."""
    first, *_ = found.years
    names, kinds = [], []
    cells: list[list[str]] = [[] for _ in found.years]
    ranks = []
    for path in found.paths:
        item = observable(path.variable)
        size = max(abs(float(value)) for side in (path.a, path.b) for value in side)
        scale = scale_for(item.unit, size, language)
        apart = max(float(abs(path.b - path.a).max()), float(abs(path.usual_difference).max()))
        decimals = max(significant(size / scale.divisor, 4), 0)
        finer = max(significant(apart / scale.divisor, 3), 0) if apart else 0
        label = pick(language, item.label, item.label_zh) + (f" ({scale.label})" if scale.label else "")
        rows = (
            ("B", path.b, decimals, False),
            ("A", path.a, decimals, False),
            ("B−A", path.b - path.a, finer, True),
            (pick(language, "median B−A", "B−A中位数"), path.usual_difference, finer, True),
        )
        for k, (kind, values, digits, signed) in enumerate(rows):
            names.append(label if k == 0 else "")
            kinds.append(kind)
            ranks.append(f"{path.rank}/{found.n}" if kind == "B−A" else "")
            for column, value in zip(cells, values.tolist(), strict=True):
                column.append(scale.plain(value, digits, signed=signed))
    return [
        Column("", names, left=True),
        Column("", kinds, left=True),
        *(
            Column(str(year), column, goes=1 if year == first else 0)
            for year, column in zip(found.years, cells, strict=True)
        ),
        Column(pick(language, f"rank {found.years[-1]}", f"{found.years[-1]}年排位"), ranks),
    ]


def _firms_head(found: Explanation, language: Language) -> list[str]:
    at = found.years[-1]
    return [
        pick(
            language,
            f"Followed firms whose output in {at} differs most "
            "(million yuan, B | A; equipment and grants since the runs part):",
            f"{at}年产值差别最大的企业（百万元，B | A；设备投资和补助自两者不同起累计）：",
        )
    ]


def _firm_columns(found: Explanation, language: Language) -> list[Column]:
    def both(values: tuple[float, float], divisor: float = 1e6, decimals: int = 1) -> str:
        return " | ".join(plain(value / divisor, decimals) for value in values)

    rows: list[FirmStory] = list(found.firms)
    return [
        Column(pick(language, "firm (slot)", "企业（编号）"), [f"{row.place} {row.slot}" for row in rows], left=True),
        Column(pick(language, "output", "产值"), [both(row.output) for row in rows]),
        Column(pick(language, "workers", "人数"), [both(row.workers, 1.0, 0) for row in rows]),
        Column(pick(language, "equipment", "设备投资"), [both(row.spending) for row in rows]),
        Column(pick(language, "grants", "补助"), [both(row.grants) for row in rows]),
        Column("", [pick(language, *FATES[row.fate]) for row in rows], left=True),
    ]


def _start_lines(found: Explanation, language: Language) -> list[str]:
    """Return the figures of the first year of A, beside the median of all replicates."""
    lines = [
        pick(
            language,
            "The first year, in A (median of all replicates; rank, 1 is the largest):",
            "A的第一年（括号内为各次中位数和排位，1为最大）：",
        )
    ]
    return [*lines, *(f"  {_start_text(one, found.n, language)}" for one in found.start)]


def _start_text(one: StartFigure, n: int, language: Language) -> str:
    label, label_zh, unit = "orders delivered", "订单交付率", "share"  # sales over orders of buyers
    if one.name != "service":
        item = observable(one.name)
        label, label_zh, unit = item.label, item.label_zh, item.unit
    value, usual = (format_value(number, unit, language) for number in (one.value, one.usual))
    return pick(
        language,
        f"{label} {value} ({usual}; {one.rank} of {n})",
        f"{label_zh}{value}（{usual}；{n}次中第{one.rank}）",
    )


def _parameter_lines(found: Explanation, language: Language) -> list[str]:
    """Return in which parameters the draw lies at one end of the draws."""
    if not found.parameters:
        return [
            pick(
                language,
                "No parameter of this draw is unusual, or the runs use no draws.",
                "本次参数样本没有异常取值，或未使用参数样本。",
            )
        ]
    head = pick(
        language,
        "Parameters at one end of the draws (value; median of the draws; draws below it):",
        "处于样本两端的参数（取值；样本中位数；低于它的样本比例）：",
    )
    return [head, *(f"  {_parameter_text(one, language)}" for one in found.parameters[:MOST_PARAMETERS])]


def _parameter_text(one: UnusualParameter, language: Language) -> str:
    about = pick(language, one.about, one.about_zh)
    shown = f"{one.name} = {one.value:.3g} ({one.usual:.3g}; {100 * one.below:.0f}%)"
    return f"{shown}  {about}" if about else shown
