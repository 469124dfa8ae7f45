"""Public money, what could not be paid for, what it moved and from whom, value for money and aims as lines of text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sim.compare.shortfalls import WORTH_SAYING
from sim.compare.value import MEASURES
from sim.policies.registry import policy_types
from sim.policies.terms import Terms
from sim.report.rounding import MISSING, Scale, band_decimals, plain, scale_for, significant
from sim.report.table import one_line, policy_name
from sim.report.words import entries, say, triples
from sim.units import format_count, format_money, month_text, pick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.compare.comparison import (
        Additionality,
        Comparison,
        Displacement,
        Extra,
        FirmPart,
        GoalRow,
        Money,
        Part,
        Shortfall,
        SizeClass,
        Source,
        TakeUp,
        ValueRow,
    )
    from sim.compare.statistics import Band
    from sim.units import Language


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
    lines = [_paid_line(money, show, scale.label, language)]
    stages = (money.extra_promised, money.extra_granted, money.extra_fund_paid, money.extra_unclaimed)
    if any(stages):
        lines.append(say(language, "money_lines.it_funds_promised_granted", stages=tuple(map(show, stages))))
    left = show(money.extra_outstanding)
    if any(digit in "123456789" for digit in left):
        lines.append(say(language, "money_lines.granted_and_not_paid", last=last, left=left))
    if money.extra.mean:
        values = {"rate": 100.0 * money.discount_rate, "first": first, "label": scale.label}
        present = show(money.extra_discounted.mean)
        lines.append(say(language, "money_lines.discounted_at_year_to", present=present, **values))
    return lines


def _paid_line(money: Money, show: Callable[[float], str], unit: str, language: Language) -> str:
    """Return what B paid more or less than A, and who paid it."""
    extra = money.extra.mean
    if extra == 0.0:
        return say(language, "money_lines.public_money_paid_same", show=show(money.paid_b), unit=unit)
    paid = {pick(language, payer, PAYERS_ZH[payer]): yuan for payer, yuan in money.extra_by_payer.items() if yuan}
    payers, amount = "  ".join(f"{payer} {show(yuan)}" for payer, yuan in paid.items()), show(abs(extra))
    return say(language, "money_lines.public_money_paid_b", amount=amount, unit=unit, more=extra > 0.0, payers=payers)


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
    built = _carried_out(one, language)
    values = {"name": name, "whose": whose, "due": due, "told": told, "years": years, "built": built}
    return say(language, "money_lines.due_for_want_money", one=one, **values)


def shortfall_texts(shortfalls: Sequence[Shortfall], language: Language) -> list[str]:
    """Return a sentence for each policy whose payers ran short."""
    return [shortfall_text(one, language) for one in shortfalls]


def _carried_out(one: Shortfall, language: Language) -> str:
    """Return what became of the policy."""
    known = policy_types().get(one.type)
    template = Terms.carried_out if known is None else known.terms.carried_out
    if one.plots is None and "{plots}" in template[0]:
        template = Terms.carried_out
    *plots, every = [plain(value, 0) for value in one.plots or (0.0, 0.0, 0.0)]
    share = _ends([percent(value) for value in one.paid], language)
    return pick(language, *template).format(share=share, plots=_ends(plots, language), all=every)


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
        lines += [say(language, "additionality_lines.moved", **values), *_sizes_line(one, language)]
    return lines


def _sizes_line(one: Additionality, language: Language) -> list[str]:
    """Return what a yuan granted moved of recipients by size; nothing where all are of one size."""
    if len(one.by_size) < 2:
        return []
    cells = [
        pick(language, *SIZES[size])
        + say(language, "additionality_lines.firms", yuan=per_yuan(extra), number=plain(extra.firms, 0))
        for size, extra in one.by_size.items()
    ]
    return [say(language, "additionality_lines.recipients_by_yearly_revenue", cells=cells)]


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
    if row.number["calls"] > 0.0:
        lines.append(_call_line(row, language))
    return lines


def _call_line(row: TakeUp, language: Language) -> str:
    """Return what became of the eligible firms at a call, on average over calls and runs."""
    counts = {name: plain(row.at_a_call(name), 0 if row.at_a_call(name) >= 10.0 else 1) for name in row.number}
    reasons = [
        say(language, "additionality_lines.call_line", count=counts[outcome], en=en, zh=zh)
        for outcome, en, zh in REASONS
        if row.number[outcome] > 0.0
    ]
    reasons.append(say(language, "additionality_lines.chosen", **counts))
    return say(language, "additionality_lines.at_a_call", eligible=counts["eligible"], reasons=reasons)


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
