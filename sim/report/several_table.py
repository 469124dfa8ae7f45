"""Several scenarios against one baseline as text: one row each, head to head, and the interaction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.compare.wording import verdict_text
from sim.observables import observable
from sim.report.money_lines import band_text, shortfall_texts
from sim.report.rounding import MISSING, Scale, occasions, row_scale, scale_for, significant, whole
from sim.report.table import (
    Column,
    ceiling_lines,
    filled,
    layout,
    named,
    one_line,
    paragraphs,
    row_decimals,
    runs_90,
)
from sim.units import pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison
    from sim.compare.several import Interaction, Several
    from sim.units import Language


def several_text(several: Several, language: Language = "en", *, width: int | None = None) -> str:
    """Return the table of scenarios, the head-to-head table and, when there is one, the interaction."""
    names = short_names([comparison.b.id for comparison in several.comparisons])
    first = several.comparisons[0]
    parts = [
        [f"A  {first.a.id}  {one_line(named(first.a, language))}"],
        layout(scenario_columns(several, names, language), width),
        layout(head_to_head_columns(several, names, language)),
        interaction_lines(several, language),
        ceilings(several.comparisons, language),
        shared_notes(several.comparisons, language),
    ]
    return paragraphs(parts)


def short_names(ids: Sequence[str]) -> list[str]:
    """Return variants by their own name where that is unambiguous, everything else in full."""
    short = [name.rpartition(":")[2] for name in ids]
    return [brief if short.count(brief) == 1 else name for brief, name in zip(short, ids, strict=True)]


def scenario_columns(several: Several, names: list[str], language: Language) -> list[Column]:
    """Return one row per scenario: difference, jobs per million yuan, public money; one unit per column."""
    rows = [comparison.row(several.variable, several.at) for comparison in several.comparisons]
    largest = max(rows, key=lambda row: abs(row.a.p50))
    scale = row_scale(largest, language)
    label, of = pick(language, rows[0].label, rows[0].label_zh), scale.of_differences
    paid = [comparison.money.extra.mean for comparison in several.comparisons]
    money = scale_for("yuan", max(abs(value) for value in paid), language)
    money_decimals = min(max(significant(max(abs(v) for v in paid) / money.divisor, 4), 0), 2)
    columns = [
        Column(f"{label} {several.at}" + (pick(language, f", {of}", f"，{of}") if of else ""), left=True),
        Column(pick(language, "B − A median", "B−A中位数")),
        Column(runs_90(language, rough=any(c.note("rough") for c in several.comparisons))),
        Column(pick(language, "verdict", "判断"), left=True, goes=2),
        Column(pick(language, "jobs per million yuan", "每百万元增加就业")),
        Column(pick(language, f"public money, {money.label}", f"财政支出，{money.label}")),
        Column(pick(language, "pairs", "推演对数"), goes=1),
    ]
    cells = []
    for name, comparison, row, value in zip(names, several.comparisons, rows, paid, strict=True):
        d, decimals = row.difference, row_decimals(row, row.difference, row.mc_se, scale)
        cells.append(
            (
                name,
                scale.plain(d.p50, decimals, signed=True),
                scale.span(d.p05, d.p95, decimals, signed=True),
                verdict_text(row.verdict, language),
                _jobs(comparison),
                money.plain(value, money_decimals, signed=True),
                str(row.n_pairs),
            )
        )
    return filled(columns, cells)


def _jobs(comparison: Comparison) -> str:
    """Return jobs per million yuan, a dash where that is not defined."""
    row = comparison.value_of("jobs_per_million")
    return band_text(row.band, row.mc_se, Scale(1.0, "")) if row.defined else MISSING


def head_to_head_columns(several: Several, names: list[str], language: Language) -> list[Column]:
    """Return in how many runs the scenario of the row is better than that of the column."""
    counts = {several.pairs[i][j] for i in range(len(names)) for j in range(len(names)) if i != j}
    same = counts.pop() if len(counts) == 1 else None
    title = pick(language, "row beats column", "行优于列")
    title += pick(language, f" (of {same})", f"（{same}次中）") if same else ""
    title += pick(language, ", lower is better", "，越低越好") if observable(several.variable).good == "lower" else ""

    def cell(i: int, j: int) -> str:
        if i == j:
            return MISSING
        shown = occasions(several.beats[i][j], several.pairs[i][j])
        return shown if same else f"{shown}/{several.pairs[i][j]}"

    columns = [Column(title, names, left=True)]
    return columns + [Column(name, [cell(i, j) for i in range(len(names))]) for j, name in enumerate(names)]


def interaction_lines(several: Several, language: Language) -> list[str]:
    """Return the interaction, whole minus the sum of its halves, in words; nothing without halves."""
    found = several.interaction
    if found is None:
        return []
    row = several.comparisons[found.whole].row(several.variable, several.at)
    scale, d = row_scale(row, language), found.difference
    decimals = whole(significant(max(abs(d.p50), found.mc_se) / scale.divisor, 2), row.unit)
    shown = scale.around(d, decimals, signed=True)
    unit, word = scale.of_differences, interaction_word(found, language)
    if language == "zh":
        return [f"叠加效应（合并减去两部分之和）  {shown}{unit}：{word}"]
    return [f"interaction (both − sum of halves)  {shown} {unit}".rstrip() + f": {word}"]


def interaction_word(found: Interaction, language: Language) -> str:
    """Return one word or two for an interaction; a sign is named only when the verdict allows it."""
    if found.verdict == "identical":
        return pick(language, "none", "没有")
    if found.small:
        return pick(language, "small", "很小")
    if found.verdict not in ("clear", "likely"):
        return verdict_text(found.verdict, language)
    # What matters is whether it adds to the whole's difference or takes from it.
    helps = found.share_of_whole > 0.0 if not math.isnan(found.share_of_whole) else found.difference.p50 > 0.0
    if helps:
        return pick(language, "the halves reinforce each other", "互相加强")
    return pick(language, "the halves weaken each other", "互相削弱")


def ceilings(comparisons: Sequence[Comparison], language: Language) -> list[str]:
    """Return the arithmetic ceiling of each scenario that has one."""
    return [f"{comparison.b.id}  {line}" for comparison in comparisons for line in ceiling_lines(comparison, language)]


def shared_notes(comparisons: Sequence[Comparison], language: Language) -> list[str]:
    """Return what could not be paid for and the notes of all comparisons, each once, with whose it is if not all's."""
    lines: list[str] = []
    seen: dict[str, list[str]] = {}
    for comparison in comparisons:
        notes = [pick(language, note.en, note.zh) for note in comparison.notes]
        for text in (*shortfall_texts(comparison.shortfalls, language), *notes):
            seen.setdefault(text, []).append(comparison.b.id)
    for text, owners in seen.items():
        lines.append(text if len(owners) == len(comparisons) else f"{', '.join(owners)}: {text}")
    return lines
