"""Additionality, take-up and displacement as lines of text: what a yuan moved, who took it up, who lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.report.rounding import MISSING, Scale, plain, scale_for, significant
from sim.report.table import one_line, policy_name
from sim.report.words import entries, say, triples
from sim.units import format_count, format_money, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import (
        Additionality,
        Comparison,
        Displacement,
        Extra,
        FirmPart,
        Part,
        SizeClass,
        Source,
        TakeUp,
    )
    from sim.units import Language

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
