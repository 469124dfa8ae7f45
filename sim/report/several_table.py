"""Several scenarios against one baseline as text: one row each, head to head, and the interaction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.observables import observable
from sim.report.money_lines import band_text
from sim.report.numbers import MISSING, Scale, plain, row_scale, scale_for, significant, span, whole
from sim.report.shortfalls import shortfall_texts
from sim.report.table import Column, ceiling_lines, layout, one_line, row_decimals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison
    from sim.compare.several import Interaction, Several
    from sim.report.numbers import Language


def several_text(several: Several, language: Language = "en", *, width: int | None = None) -> str:
    """Return the table of scenarios, the head-to-head table and, when there is one, the interaction."""
    names = short_names([comparison.b.id for comparison in several.comparisons])
    first = several.comparisons[0]
    base = one_line(first.a.name_zh if language == "zh" else first.a.name)
    parts = [
        [f"A  {first.a.id}  {base}"],
        layout(scenario_columns(several, names, language), width),
        layout(head_to_head_columns(several, names, language)),
        interaction_lines(several, language),
        ceilings(several.comparisons, language),
        shared_notes(several.comparisons, language),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def short_names(ids: Sequence[str]) -> list[str]:
    """Return variants by their own name where that is unambiguous, everything else in full."""
    short = [name.rpartition(":")[2] for name in ids]
    return [brief if short.count(brief) == 1 else name for brief, name in zip(short, ids, strict=True)]


def scenario_columns(several: Several, names: list[str], language: Language) -> list[Column]:
    """Return one row per scenario: difference, jobs per million yuan, public money; one unit per column."""
    zh = language == "zh"
    rows = [comparison.row(several.variable, several.at) for comparison in several.comparisons]
    largest = max(rows, key=lambda row: abs(row.a.p50))
    scale = row_scale(largest, language)
    label = rows[0].label_zh if zh else rows[0].label
    unit = f"，{scale.of_differences}" if zh else f", {scale.of_differences}"
    decimals = [row_decimals(row, row.difference, row.mc_se, scale) for row in rows]
    paid = [comparison.money.extra.mean for comparison in several.comparisons]
    money = scale_for("yuan", max(abs(value) for value in paid), language)
    money_decimals = min(max(significant(max(abs(v) for v in paid) / money.divisor, 4), 0), 2)
    rough = ("（粗略）" if zh else " (rough)") if any(c.note("rough") for c in several.comparisons) else ""
    return [
        Column(f"{label} {several.at}" + (unit if scale.of_differences else ""), names, left=True),
        Column(
            "B−A中位数" if zh else "B − A median",
            [plain(r.difference.p50 / scale.divisor, d, signed=True) for r, d in zip(rows, decimals, strict=True)],
        ),
        Column(
            ("90%的推演" if zh else "90% of runs") + rough,
            [
                span(r.difference.p05 / scale.divisor, r.difference.p95 / scale.divisor, d, signed=True)
                for r, d in zip(rows, decimals, strict=True)
            ],
        ),
        Column("判断" if zh else "verdict", [_verdict(row.verdict, zh) for row in rows], left=True, goes=2),
        Column("每百万元增加就业" if zh else "jobs per million yuan", [_jobs(c) for c in several.comparisons]),
        Column(
            f"财政支出，{money.label}" if zh else f"public money, {money.label}",
            [plain(value / money.divisor, money_decimals, signed=True) for value in paid],
        ),
        Column("推演对数" if zh else "pairs", [str(row.n_pairs) for row in rows], goes=1),
    ]


def _verdict(word: str, chinese: bool) -> str:
    from sim.compare.statistics import VERDICTS_ZH

    return next(zh for en, zh in VERDICTS_ZH.items() if en == word) if chinese else word


def _jobs(comparison: Comparison) -> str:
    """Return jobs per million yuan, a dash where that is not defined."""
    row = comparison.value_of("jobs_per_million")
    return band_text(row.band, row.mc_se, Scale(1.0, "")) if row.defined else MISSING


def head_to_head_columns(several: Several, names: list[str], language: Language) -> list[Column]:
    """Return in how many runs the scenario of the row is better than that of the column."""
    zh = language == "zh"
    counts = {several.pairs[i][j] for i in range(len(names)) for j in range(len(names)) if i != j}
    same = counts.pop() if len(counts) == 1 else None
    better = observable(several.variable).good == "lower"
    if zh:
        title = "行优于列" + (f"（{same}次中）" if same else "") + ("，越低越好" if better else "")
    else:
        title = "row beats column" + (f" (of {same})" if same else "") + (", lower is better" if better else "")

    def cell(i: int, j: int) -> str:
        if i == j:
            return MISSING
        runs = several.pairs[i][j]
        count = several.beats[i][j] * runs
        shown = plain(count, 0 if abs(count - round(count)) < 1e-9 else 1)
        return shown if same else f"{shown}/{runs}"

    columns = [Column(title, names, left=True)]
    return columns + [Column(name, [cell(i, j) for i in range(len(names))]) for j, name in enumerate(names)]


def interaction_lines(several: Several, language: Language) -> list[str]:
    """Return the interaction, whole minus the sum of its halves, in words; nothing without halves."""
    found = several.interaction
    if found is None:
        return []
    row = several.comparisons[found.whole].row(several.variable, several.at)
    scale = row_scale(row, language)
    decimals = significant(max(abs(found.difference.p50), found.mc_se) / scale.divisor, 2)
    decimals = whole(decimals, row.unit)
    middle = plain(found.difference.p50 / scale.divisor, decimals, signed=True)
    inside = span(found.difference.p05 / scale.divisor, found.difference.p95 / scale.divisor, decimals, signed=True)
    shown = f"{middle} ({inside})" if inside else middle
    if language == "zh":
        return [f"叠加效应（合并减去两部分之和）  {shown}{scale.of_differences}：{interaction_word(found, language)}"]
    unit = f" {scale.of_differences}" if scale.of_differences else ""
    return [f"interaction (both − sum of halves)  {shown}{unit}: {interaction_word(found, language)}"]


def interaction_word(found: Interaction, language: Language) -> str:
    """Return one word or two for an interaction; a sign is named only when the verdict allows it."""
    zh = language == "zh"
    if found.verdict == "identical":
        return "没有" if zh else "none"
    if found.small:
        return "很小" if zh else "small"
    if found.verdict not in ("clear", "likely"):
        return _verdict(found.verdict, zh)
    # What matters is whether it adds to the whole's difference or takes from it.
    helps = found.share_of_whole > 0.0 if not math.isnan(found.share_of_whole) else found.difference.p50 > 0.0
    if zh:
        return "互相加强" if helps else "互相削弱"
    return "the halves reinforce each other" if helps else "the halves weaken each other"


def ceilings(comparisons: Sequence[Comparison], language: Language) -> list[str]:
    """Return the arithmetic ceiling of each scenario that has one."""
    return [f"{comparison.b.id}  {line}" for comparison in comparisons for line in ceiling_lines(comparison, language)]


def shared_notes(comparisons: Sequence[Comparison], language: Language) -> list[str]:
    """Return what could not be paid for and the notes of all comparisons, each once, with whose it is if not all's."""
    lines: list[str] = []
    seen: dict[str, list[str]] = {}
    for comparison in comparisons:
        notes = [note.zh if language == "zh" else note.en for note in comparison.notes]
        for text in (*shortfall_texts(comparison.shortfalls, language), *notes):
            seen.setdefault(text, []).append(comparison.b.id)
    for text, owners in seen.items():
        lines.append(text if len(owners) == len(comparisons) else f"{', '.join(owners)}: {text}")
    return lines
