"""Comparisons as tables of text: B against A, and several scenarios against one baseline and head to head."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.calibrate.fits import known_fits, read_fit
from sim.compare.comparison import ALL_PLACES
from sim.compare.statistics import verdict_text
from sim.observables import observable
from sim.report.money_lines import additionality_lines, band_text, displacement_lines, shortfall_texts, window_lines
from sim.report.posterior_table import shift_lines
from sim.report.rounding import (
    MISSING,
    Scale,
    band_decimals,
    occasions,
    plain,
    row_scale,
    scale_for,
    significant,
    span,
    whole,
)  # fmt: skip
from sim.report.table import (
    Column,
    files_line,
    layout,
    named,
    one_line,
    pairs_text,
    paragraphs,
    runs_90,
    setting_text,
    table,
)  # fmt: skip
from sim.report.words import say
from sim.units import month_text, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison, Row
    from sim.compare.several import Interaction, Several
    from sim.compare.statistics import Band
    from sim.units import Language


def comparison_text(
    comparison: Comparison, language: Language = "en", *, every: bool = False, width: int | None = None,
    folder: str = "",
) -> str:  # fmt: skip
    """Return the whole comparison for a terminal of some width, of ``every`` variable or of the headline ones.

    ``folder``, where the files were written, is named in the last line.
    """
    rows = comparison.rows_at() if every else comparison.headline_rows()
    parts = [heading_lines(comparison, language)]
    if comparison.equality.identical:
        parts.append(note_lines(comparison, language, ("N01",)))
    else:
        parts.append(layout(row_columns(comparison, rows, language), width))
        parts.append(growth_lines(comparison, language))
        if every and comparison.place == ALL_PLACES:
            parts.append(place_lines(comparison, language, width))
    below = [said(comparison, language) for said in (window_lines, ceiling_lines, note_lines)]
    return paragraphs([*parts, *below, files_line(folder, language)])


def heading_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return who is compared and on what: ids, names, pairs, draws, world, versions, equality, years in common."""
    a, b = comparison.a, comparison.b
    width = max(len(a.id), len(b.id))
    sides = (("B", b), ("A", a))
    names = [f"{mark}  {side.id.ljust(width)}  {one_line(named(side, language))}" for mark, side in sides]
    runs = pairs_text(comparison.n_pairs, language)
    if not comparison.paired:
        runs = say(language, "comparison_table.unpaired_replicates_b", done_b=b.n_done, done_a=a.n_done)
    about = setting_text(comparison.setting, runs, language)
    return [*names, about + equal_until(comparison, language), *note_lines(comparison, language, ("span",))]


def equal_until(comparison: Comparison, language: Language) -> str:
    """Say until when A and B are equal, and whether they should be."""
    equality = comparison.equality
    if not comparison.paired or equality.identical:
        return ""
    if equality.first_change is None:
        month = month_text(equality.first_difference or 0)
        return say(language, "comparison_table.and_b_differ_from", month=month)
    month = month_text(equality.first_change - 1)
    return say(language, "comparison_table.equal_until", month=month, expected=bool(equality.as_expected))


def row_columns(
    comparison: Comparison, rows: Sequence[Row], language: Language, *, by_place: bool = False
) -> list[Column]:
    """Return the columns of the main table for ``rows``."""
    period = rows[0].period if rows else str(comparison.at)
    unpaired = "" if comparison.paired else say(language, "comparison_table.unpaired")
    ninety = runs_90(language, rough=comparison.note("rough") is not None)
    cells = []
    for row in rows:
        scale, a, d = row_scale(row, language), row.a, row.difference
        level, change = row_decimals(row, a, row.a_se, scale), row_decimals(row, d, row.mc_se, scale)
        inside = scale.span(a.p05, a.p95, level)
        names = (row.place_name, row.place_name_zh) if by_place else (row.label, row.label_zh)
        name = one_line(pick(language, *names)) if by_place else pick(language, *names)
        spans = [scale.span(low, high, change, signed=True) for low, high in ((d.p25, d.p75), (d.p05, d.p95))]
        levels = (scale.label, scale.plain(a.p50, level), f"({inside})" if inside else "")
        percent = percent_cell(row, scale.difference_label, language)
        judged = (higher_cell(row), error_cell(row.mc_se / scale.divisor), verdict_text(row.verdict, language))
        cells.append((name, *levels, scale.plain(d.p50, change, signed=True), *spans, percent, *judged))
    return table(language, "comparison", cells, head=period + unpaired, ninety=ninety)


def row_decimals(row: Row, band: Band, standard_error: float, scale: Scale) -> int:
    """Return the decimals of a band of a row; people, firms and plots come whole."""
    return whole(band_decimals(band, standard_error, scale.divisor), row.unit)


def percent_cell(row: Row, difference_label: str, language: Language) -> str:
    """Return the median difference in percent of A; for shares the word for percentage points."""
    if difference_label:
        return say(language, "comparison_table.pp")
    value = row.difference_pct.p50
    return MISSING if math.isnan(value) else plain(value, 1, signed=True)


def higher_cell(row: Row) -> str:
    """Return how many runs have B above A: ``88/100``; a share of combinations when unpaired."""
    if math.isnan(row.prob_higher):
        return MISSING
    if not row.paired:
        return f"{100 * row.prob_higher:.0f}%"
    return f"{occasions(row.prob_higher, row.n_pairs)}/{row.n_pairs}"


def error_cell(error: float) -> str:
    """Return a standard error with one significant digit."""
    if math.isnan(error):
        return MISSING
    if error == 0.0:
        return "0"
    return plain(error, -math.floor(math.log10(float(f"{error:.0e}"))))


def growth_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return yearly growth of the place in A and B, the difference in percentage points, and what print adds to it."""
    lines = []
    for row in comparison.growth:
        decimals = min(max(band_decimals(row.difference, row.mc_se, 1.0), 1), 2)
        a, b, change = plain(row.a.p50, 1), plain(row.b.p50, 1), plain(row.difference.p50, decimals, signed=True)
        line = say(language, "comparison_table.b_difference_percentage_points", row=row, a=a, b=b, change=change)
        inside = span(row.difference.p05, row.difference.p95, decimals, signed=True)
        lines.append(f"{line} ({inside})" if inside else line)
    fit = comparison.setting.draws
    if lines and fit in known_fits():
        lines += shift_lines(read_fit(fit), language)
    return lines


def place_lines(comparison: Comparison, language: Language, width: int | None) -> list[str]:
    """Return one table of places for each headline variable, in the order of administrative codes."""
    lines: list[str] = []
    for main in comparison.headline_rows():
        kind, every = (main.variable, main.period), comparison.rows
        rows = [row for row in every if (row.variable, row.period) == kind and row.place != ALL_PLACES]
        columns = row_columns(comparison, rows, language, by_place=True)
        lines += [pick(language, main.label, main.label_zh), *layout(columns, width), ""]
    return lines[:-1]


def ceiling_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return the arithmetic ceiling from reported figures, in one line, when there is one."""
    ceiling = pick(language, comparison.ceiling, comparison.ceiling_zh)
    return [say(language, "comparison_table.ceiling", ceiling=ceiling)] if ceiling else []


def note_lines(comparison: Comparison, language: Language, only: Sequence[str] = ()) -> list[str]:
    """Return the notes; those that stand above the table or in its place are returned only when asked for."""
    return [
        pick(language, note.en, note.zh)
        for note in comparison.notes
        if (note.code in only if only else note.code not in ("N01", "span"))
    ]


# --- several scenarios against one baseline -----------------------------------------------------------------------


def several_text(several: Several, language: Language = "en", *, width: int | None = None) -> str:
    """Return the table of scenarios, the head-to-head table and, when there is one, the interaction."""
    names = short_names([comparison.b.id for comparison in several.comparisons])
    first = several.comparisons[0]
    moved, ceilings = [], []
    for name, one in zip(names, several.comparisons, strict=True):
        lines = additionality_lines(one.additionality, language)
        lines += displacement_lines(one.displacement, one.window_text, one.at, language)
        moved += [f"{name}  {' '.join(line.split())}" for line in lines]
        ceilings += [f"{one.b.id}  {line}" for line in ceiling_lines(one, language)]
    return paragraphs(
        [
            [f"A  {first.a.id}  {one_line(named(first.a, language))}"],
            layout(scenario_columns(several, names, language), width),
            layout(head_to_head_columns(several, names, language)), interaction_lines(several, language), moved,
            ceilings, shared_notes(several.comparisons, language),
        ]
    )  # fmt: skip


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
    cells = []
    for name, comparison, row, value in zip(names, several.comparisons, rows, paid, strict=True):
        d, decimals = row.difference, row_decimals(row, row.difference, row.mc_se, scale)
        change = (scale.plain(d.p50, decimals, signed=True), scale.span(d.p05, d.p95, decimals, signed=True))
        cost = (_jobs(comparison), money.plain(value, money_decimals, signed=True), str(row.n_pairs))
        cells.append((name, *change, verdict_text(row.verdict, language), *cost))
    head = f"{label} {several.at}" + (say(language, "comparison_table.scenario_columns", of=of) if of else "")
    ninety = runs_90(language, rough=any(c.note("rough") for c in several.comparisons))
    return table(language, "scenarios", cells, head=head, ninety=ninety, label=money.label)


def _jobs(comparison: Comparison) -> str:
    """Return jobs per million yuan, a dash where that is not defined."""
    row = comparison.value_of("jobs_per_million")
    return band_text(row.band, row.mc_se, Scale(1.0, "")) if row.defined else MISSING


def head_to_head_columns(several: Several, names: list[str], language: Language) -> list[Column]:
    """Return in how many runs the scenario of the row is better than that of the column."""
    counts = {several.pairs[i][j] for i in range(len(names)) for j in range(len(names)) if i != j}
    same = counts.pop() if len(counts) == 1 else None
    title = say(language, "comparison_table.row_beats_column")
    title += say(language, "comparison_table.of", same=same) if same else ""
    title += say(language, "comparison_table.lower_is_better") if observable(several.variable).good == "lower" else ""

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
    values = {"shown": shown, "unit": unit, "blank": " " * bool(unit), "word": word}
    return [say(language, "comparison_table.interaction", **values)]


def interaction_word(found: Interaction, language: Language) -> str:
    """Return one word or two for an interaction; a sign is named only when the verdict allows it."""
    if found.verdict == "identical":
        return say(language, "comparison_table.none")
    if found.small:
        return say(language, "comparison_table.small")
    if found.verdict not in ("clear", "likely"):
        return verdict_text(found.verdict, language)
    # What matters is whether it adds to the whole's difference or takes from it.
    helps = found.share_of_whole > 0.0 if not math.isnan(found.share_of_whole) else found.difference.p50 > 0.0
    if helps:
        return say(language, "comparison_table.halves_reinforce_each_other")
    return say(language, "comparison_table.halves_weaken_each_other")


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
