"""Comparisons as text: B against A, money and what it moved, several scenarios against one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from sim.calibrate.fits import known_fits, read_fit
from sim.compare.comparison import (
    ALL_PLACES,
    Additionality,
    Comparison,
    Displacement,
    Extra,
    FirmPart,
    GoalRow,
    Money,
    Part,
    Row,
    Shortfall,
    SizeClass,
    Source,
    TakeUp,
    ValueRow,
)
from sim.compare.money import MEASURES, WORTH_SAYING
from sim.compare.several import Interaction, Several
from sim.compare.statistics import Band, verdict_text
from sim.observables import observable
from sim.policies.registry import policy_types
from sim.policies.terms import Terms
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
)
from sim.report.table import (
    Column,
    files_line,
    layout,
    named,
    one_line,
    pairs_text,
    paragraphs,
    policy_name,
    runs_90,
    setting_text,
    table,
)
from sim.report.words import entries, say, triples
from sim.units import Language, format_count, format_money, month_text, pick


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
    names = [f"{mark}  {side.id:{width}}  {one_line(named(side, language))}" for mark, side in (("B", b), ("A", a))]
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
        # Of shares the difference is in percentage points already.
        points, value = say(language, "comparison_table.pp"), row.difference_pct.p50
        percent = points if scale.difference_label else plain(value, 1, signed=True)
        judged = (higher_cell(row), error_cell(row.mc_se / scale.divisor), verdict_text(row.verdict, language))
        cells.append((name, *levels, scale.plain(d.p50, change, signed=True), *spans, percent, *judged))
    return table(language, "comparison", cells, head=period + unpaired, ninety=ninety)


def row_decimals(row: Row, band: Band, standard_error: float, scale: Scale) -> int:
    """Return the decimals of a band of a row; people, firms and plots come whole."""
    return whole(band_decimals(band, standard_error, scale.divisor), row.unit)


def higher_cell(row: Row) -> str:
    """Return how many runs have B above A: ``88/100``; a share of combinations when unpaired."""
    if math.isnan(row.prob_higher):
        return MISSING
    if not row.paired:
        return f"{100 * row.prob_higher:.0f}%"
    return f"{occasions(row.prob_higher, row.n_pairs)}/{row.n_pairs}"


def error_cell(error: float) -> str:
    """Return a standard error with one significant digit."""
    return plain(error, significant(error, 1))


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
        jobs = comparison.value_of("jobs_per_million")
        per = band_text(jobs.band, jobs.mc_se, Scale(1.0, "")) if jobs.defined else MISSING
        cost = (per, money.plain(value, money_decimals, signed=True), str(row.n_pairs))
        cells.append((name, *change, verdict_text(row.verdict, language), *cost))
    head = f"{label} {several.at}" + (say(language, "comparison_table.scenario_columns", of=of) if of else "")
    ninety = runs_90(language, rough=any(c.note("rough") for c in several.comparisons))
    return table(language, "scenarios", cells, head=head, ninety=ninety, label=money.label)


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
    if found.verdict not in ("identical", "clear", "likely") and not found.small:
        return verdict_text(found.verdict, language)
    # What matters is whether it adds to the whole's difference or takes from it.
    helps = found.share_of_whole > 0.0 if not math.isnan(found.share_of_whole) else found.difference.p50 > 0.0
    key = "halves_reinforce_each_other" if helps else "halves_weaken_each_other"
    key = "none" if found.verdict == "identical" else "small" if found.small else key
    return say(language, f"comparison_table.{key}")


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


PAYERS_ZH = {"county": "县级", "province": "省级"}


def window_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return the lines below the table: money and value, what could not be paid for, what it moved, aims."""
    title = pick(language, comparison.window_text, f"{comparison.window_text}年")
    if comparison.window == (2026, 2030):
        title = say(language, "money_lines.2026_2030_15th_five")
    lines = [title + ("" if comparison.paired else say(language, "money_lines.unpaired"))]
    lines += money_lines(comparison.money, language)
    lines += shortfall_texts(comparison.shortfalls, language)
    if not comparison.equality.identical:
        lines += value_lines(comparison, language)
        lines += moved_lines(comparison, language)
    lines += [goal_line(goal, language) for goal in comparison.goals]
    return lines


def money_lines(money: Money, language: Language) -> list[str]:
    """Return what was paid, by whom, what was promised, granted and left, and the discounted sum beside it."""
    largest = max(abs(v) for v in (money.paid_b, money.paid_a, money.extra.mean, money.extra_promised))
    scale = scale_for("yuan", largest, language)
    decimals = min(max(significant(largest / scale.divisor, 4), 0), 2)

    def show(value: float) -> str:
        return scale.plain(value, decimals)

    first, last = money.window
    extra, unit = money.extra.mean, scale.label
    lines = [say(language, "money_lines.public_money_paid_same", show=show(money.paid_b), unit=unit)]
    if extra != 0.0:
        paid = {pick(language, payer, PAYERS_ZH[payer]): yuan for payer, yuan in money.extra_by_payer.items() if yuan}
        payers, amount = "  ".join(f"{payer} {show(yuan)}" for payer, yuan in paid.items()), show(abs(extra))
        values = {"amount": amount, "unit": unit, "more": extra > 0.0, "payers": payers}
        lines = [say(language, "money_lines.public_money_paid_b", **values)]
    stages = (money.extra_promised, money.extra_granted, money.extra_fund_paid, money.extra_unclaimed)
    if any(stages):
        lines.append(say(language, "money_lines.it_funds_promised_granted", stages=tuple(map(show, stages))))
    left = show(money.extra_outstanding)
    if any(digit in "123456789" for digit in left):
        lines.append(say(language, "money_lines.granted_and_not_paid", last=last, left=left))
    if extra:
        values = {"rate": 100.0 * money.discount_rate, "first": first, "label": scale.label}
        present = show(money.extra_discounted.mean)
        lines.append(say(language, "money_lines.discounted_at_year_to", present=present, **values))
    return lines


_VALUE_LABELS: Final[dict[str, list[str]]] = entries()["values"]


def value_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return each measure of value for money; where grants are not yet paid, also for the money granted."""
    lines = []
    for measure in MEASURES:
        paid, granted = (comparison.value_of(measure, basis) for basis in ("paid", "granted"))
        label = pick(language, *_VALUE_LABELS[measure])
        shown = _value_text(paid, language) if paid.defined else pick(language, paid.reason, paid.reason_zh)
        line = say(language, "money_lines.value_lines", label=label, shown=shown)
        if paid.defined and measure == "tax_per_yuan":
            line += paid_back_text(paid, language)
        if granted is not paid and granted.defined:
            shown = _value_text(granted, language)
            line += say(language, "money_lines.by_money_granted", shown=shown)
        lines.append(line)
    return lines


def _value_text(row: ValueRow, language: Language) -> str:
    """Return a measure with its band and unit."""
    scale = Scale(1.0, "")
    if row.measure == "cost_per_job":
        scale = scale_for("yuan", row.band.p50, language)
    shown = band_text(row.band, row.mc_se, scale)
    return shown + (scale.label if language == "zh" else f" {scale.label}".rstrip())


def paid_back_text(row: ValueRow, language: Language) -> str:
    """Say whether the tax pays the money back within the window."""
    chance = row.prob_paid_back
    key = {0.0: "not_paid_back", 1.0: "paid_back"}.get(chance, "paid_back_in_some")
    return say(language, f"money_lines.{key}", share=f"{100 * chance:.0f}%")


def band_text(band: Band, standard_error: float, scale: Scale) -> str:
    """Return median and 90% band: ``2.1 (-0.8 … 4.6)``; only the median when the band may not be shown."""
    if math.isfinite(standard_error) and standard_error > 0.0:
        decimals = band_decimals(band, standard_error, scale.divisor)
    else:
        decimals = significant(band.p50 / scale.divisor, 2)
    return scale.around(band, decimals)


def goal_line(goal: GoalRow, language: Language) -> str:
    """Return one aim: how many runs of B and of A reach it in time, and the median month."""
    scale, by = scale_for(goal.unit, goal.at_least, language), month_text(goal.by)
    level = scale.plain(goal.at_least, max(significant(goal.at_least / scale.divisor, 3), 0))
    level = level.rstrip("0").rstrip(".") if "." in level else level

    def side(probability: float, runs: int, month: int | None) -> str:
        reached = f"{round(probability * runs)}"
        when = "" if month is None else say(language, "money_lines.median_month", month=month_text(month))
        return say(language, "money_lines.runs", reached=reached, runs=runs) + when

    b, a = side(goal.prob_b, goal.runs_b, goal.month_b), side(goal.prob_a, goal.runs_a, goal.month_a)
    amount = pick(language, f"{level} {scale.label}".rstrip(), level + scale.label)
    return say(language, "money_lines.aim_at_least_by", goal=goal, amount=amount, by=by, b=b, a=a)


_WHOSE: Final[dict[str, list[str]]] = entries()["whose"]


def shortfall_text(one: Shortfall, language: Language, where: str = "") -> str:
    """Return one sentence: what was due, what could not be paid, when, in how many runs, and what was built.

    ``where`` is said in place of scenario or baseline.
    """
    zh = language == "zh"
    name = " ".join(policy_name(one, language).split()) or one.policy
    years = "-".join(str(year) for year in dict.fromkeys(one.years))
    due, missing, late = (format_money(yuan, language) for yuan in (one.planned, one.missing, one.late))
    whose = where or _WHOSE[one.side][zh]
    share = percent(one.missing / one.planned)
    never = say(language, "money_lines.could_not_be_paid", missing=missing, share=share)
    later = say(language, "money_lines.could_be_paid_only", late=late)
    # Rounding beside the other amount is not worth a word.
    told = [text for text, yuan in ((never, one.missing), (later, one.late)) if yuan > WORTH_SAYING * one.planned]
    known = policy_types().get(one.type)
    template = Terms.carried_out if known is None else known.terms.carried_out
    if one.plots is None and "{plots}" in template[0]:
        template = Terms.carried_out
    *plots, every = [plain(value, 0) for value in one.plots or (0.0, 0.0, 0.0)]
    paid = _ends([percent(value) for value in one.paid], language)
    built = pick(language, *template).format(share=paid, plots=_ends(plots, language), all=every)
    values = {"name": name, "whose": whose, "due": due, "told": told, "years": years, "built": built}
    return say(language, "money_lines.due_for_want_money", one=one, **values)


def shortfall_texts(shortfalls: Sequence[Shortfall], language: Language) -> list[str]:
    """Return a sentence for each policy whose payers ran short."""
    return [shortfall_text(one, language) for one in shortfalls]


def _ends(ends: Sequence[str], language: Language) -> str:
    """Return both ends of a range, once where they show as the same."""
    low, high = ends
    return low if low == high else say(language, "money_lines.to", low=low, high=high)


def percent(share: float) -> str:
    """Return a share in whole percent, with a decimal where that would round to none or all."""
    return f"{100 * share:.0f}%" if share in (0.0, 1.0) or 0.01 <= share <= 0.99 else f"{100 * share:.1f}%"


PARTS: Final[dict[Part, list[str]]] = entries()["parts_of_place"]
SIZES: Final[dict[SizeClass, list[str]]] = entries()["sizes"]
"""Size classes of recipients by yearly revenue."""
FIRMS: tuple[FirmPart, ...] = ("recipients", "others", "place")
SOURCES: Final[dict[Source, list[str]]] = entries()["sources_of_orders"]
"""From whom orders were won."""
REASONS: Final = triples("reasons_not_to_apply")
"""Why eligible firms did not apply, in the order of ``sim.state.record.TAKE_UP``."""
OUTCOMES: Final = triples("outcomes_of_calls")


def moved_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return additionality, take-up and displacement below the money of a comparison."""
    return [
        *additionality_lines(comparison.additionality, language),
        *(line for row in comparison.take_up for line in take_up_lines(row, language)),
        *displacement_lines(comparison.displacement, comparison.window_text, comparison.at, language),
    ]


def over_years(one: Additionality, language: Language) -> str:
    """Return the years that extra spending is added up over: ``3 years``, or the months to the end of the runs."""
    if one.whole:
        return say(language, "additionality_lines.years", years=one.years)
    return say(language, "additionality_lines.months_runs_end", months=one.months)


def per_yuan(extra: Extra) -> str:
    """Return what a yuan granted moved on average, with its sign."""
    return plain(extra.per_yuan, 2, signed=True)


def additionality_lines(found: Sequence[Additionality], language: Language) -> list[str]:
    """Return extra equipment spending per yuan granted: of recipients, other firms and the place, by size below."""
    lines = []
    for one in found:
        runs = "" if one.runs == one.n else say(language, "additionality_lines.runs", one=one)
        parts = say(language, "marks.comma").join(
            f"{pick(language, *words)} {per_yuan(one.parts[name])}" for name, words in PARTS.items()
        )
        whole = one.parts["cluster"].band
        middle = Scale(1.0, "").around(whole, 2, signed=True)
        values = {"years": over_years(one, language), "parts": parts, "middle": middle, "runs": runs}
        lines.append(say(language, "additionality_lines.moved", **values))
        cells = []
        for size, extra in one.by_size.items():
            firms = {"yuan": per_yuan(extra), "number": plain(extra.firms, 0)}
            cells.append(pick(language, *SIZES[size]) + say(language, "additionality_lines.firms", **firms))
        if len(cells) > 1:
            lines.append(say(language, "additionality_lines.recipients_by_yearly_revenue", cells=cells))
    return lines


def take_up_lines(row: TakeUp, language: Language) -> list[str]:
    """Return what became of the money promised, and of the firms it was meant for."""
    name = one_line(policy_name(row, language))
    whose = pick(language, *entries()["whose_money"][row.side])
    told = [say(language, "additionality_lines.promised", promised=format_money(row.promised, language))]
    for outcome, en, zh in OUTCOMES:
        number, yuan = row.number[outcome], format_money(row.yuan[outcome], language)
        if number > 0.0 or outcome != "closed":
            count = format_count(number, language) if number < 1.0 else plain(number, 0)
            told.append(say(language, "additionality_lines.take_up_lines", yuan=yuan, en=en, count=count, zh=zh))
    head = say(language, "additionality_lines.take_up", name=name, whose=whose)
    lines = [head + say(language, "marks.comma").join(told)]
    if not row.number["calls"] > 0.0:
        return lines
    # What became of the eligible firms at a call, on average over calls and runs.
    counts = {name: plain(row.at_a_call(name), 0 if row.at_a_call(name) >= 10.0 else 1) for name in row.number}
    reasons = [
        say(language, "additionality_lines.call_line", count=counts[outcome], en=en, zh=zh)
        for outcome, en, zh in REASONS
        if row.number[outcome] > 0.0
    ]
    reasons.append(say(language, "additionality_lines.chosen", **counts))
    return [*lines, say(language, "additionality_lines.at_a_call", eligible=counts["eligible"], reasons=reasons)]


def displacement_lines(found: Displacement | None, window: str, at: int, language: Language) -> list[str]:
    """Return from whom orders were won, and what recipients and other makers of the place gained."""
    if found is None:
        return []
    window = pick(language, window, f"{window}年")
    largest = max(abs(one.band.mean) for one in (*found.orders.values(), *found.output.values()))
    scale = scale_for("yuan", largest, language)
    decimals = max(significant(largest / scale.divisor, 3), 0)

    def show(value: float) -> str:
        return scale.plain(value, decimals, signed=True) if value == value else MISSING

    parts = say(language, "marks.comma").join(f"{words} {show(value)}" for words, value in won_from(found, language))
    won, middle = found.orders["won"], found.orders["won"].band
    inside = scale.span(middle.p05, middle.p95, decimals, signed=True)
    ninety = say(language, "additionality_lines.90_runs", inside=inside) if inside else ""
    median = say(language, "additionality_lines.median", show=show(middle.p50), ninety=ninety)
    lines = []
    if won.verdict != "identical":
        values = {"window": window, "show": show(won.band.mean), "label": scale.label, "median": median, "parts": parts}
        lines.append(say(language, "additionality_lines.displacement_orders_won_from", **values))
    if found.output:
        values = {name: show(found.output[name].band.mean) for name in FIRMS} | {"label": scale.label}
        lines.append(say(language, "additionality_lines.output_recipients_other_makers", **values))
    if found.jobs:
        means = [found.jobs[name].band.mean for name in FIRMS]
        digits = min(significant(max(map(abs, means)), 3), 0)
        values = {name: plain(value, digits, signed=True) for name, value in zip(FIRMS, means, strict=True)}
        lines.append(say(language, "additionality_lines.jobs_in_at_recipients", at=at, **values))
    return lines


def won_from(found: Displacement, language: Language) -> list[tuple[str, float]]:
    """Return each source of the orders won with its mean in yuan; sources that cannot be are left out."""
    means = {name: one.band.mean for name, one in found.orders.items()}
    there = {"other_places": found.others, "market": means["market"] != 0.0}
    return [(pick(language, *texts), means[name]) for name, texts in SOURCES.items() if there.get(name, True)]
