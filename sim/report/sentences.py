"""The answer in sentences, Chinese and English from one comparison.

The order is that of an official's paragraph: output, tax, jobs; public money, what a yuan of it moved and from whom
orders were won; what could not be paid for; the caveat. A sentence never says more than the verdict: "about 1.1 billion
higher" only when that is clear.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.compare.comparison import Comparison, Money, Row, Side
from sim.compare.csv_tables import ANOTHER
from sim.compare.notes import covered, only_zh
from sim.report.comparison_table import PARTS, over_years, shortfall_texts, won_from
from sim.report.rounding import Scale, plain, row_scale, scale_for, significant, whole
from sim.report.table import named, one_line
from sim.report.words import say
from sim.units import Language, format_money, pick
from sim.whole import write_whole

SENTENCE_VARIABLES = ("output_value", "tax_paid", "employment")
WEIGHTY = ("starved", "scale")
"""Notes that belong into the sentences: draws no fit would keep, and verdicts that another scale changes."""
OUTSTANDING_WORTH_SAYING = 0.05
"""Grants not yet paid over grants awarded from which on a sentence tells them."""


def summary(comparison: Comparison, language: Language) -> str:
    """Return the answer as one paragraph ending in a line break (``summary.txt``, ``summary.zh.txt``)."""
    return say(language, "marks.blank").join(sentences(comparison, language)) + "\n"


def write_summaries(comparison: Comparison, folder: Path) -> list[Path]:
    """Write ``summary.txt`` and ``summary.zh.txt``; return the paths."""
    texts = {"summary.txt": summary(comparison, "en"), "summary.zh.txt": summary(comparison, "zh")}
    return [write_whole(folder / name, text, ANOTHER) for name, text in texts.items()]


def sentences(comparison: Comparison, language: Language) -> list[str]:
    """Return the answer as full sentences: output, tax, jobs, public money, what could not be paid for, caveat.

    A difference that few replicates make alone is said to be so, and how to ask why.
    Where the runs do not hold the same months, the years compared are told before the caveat. When A and B are
    identical (N01) the first sentence says so and why, and none of higher or lower follows.
    """
    if comparison.equality.identical:
        parts = [_identical(comparison, language)]
    else:
        parts = [_outcome(comparison.row(name), comparison, language) for name in SENTENCE_VARIABLES]
        setting = comparison.setting
        who = f"{one_line(setting.place_name_zh)}{one_line(setting.industry_zh)}产业"
        name = _name(comparison.b, language)
        parts[0] = say(language, "sentences.with_in", name=name, at=comparison.at, who=who) + parts[0]
        parts = [part[:1].upper() + part[1:] + say(language, "marks.stop") for part in parts]
        carried = (comparison.note(f"carried-{name}") for name in SENTENCE_VARIABLES)
        parts += [pick(language, note.en, note.zh) for note in carried if note is not None]
    parts += [_money(comparison, language), *_additionality(comparison, language), *_displacement(comparison, language)]
    parts += shortfall_texts(comparison.shortfalls, language)
    span = comparison.note("span")
    if span is not None:
        parts.append(pick(language, span.en, span.zh))
    parts.append(_caveat(comparison, language))
    return parts


@dataclass(frozen=True)
class _Amounts:
    """A difference in words: the size of the median, the two ranges, and the change in percent."""

    size: str
    half: str
    ninety: str
    percent: str


def _baseline(comparison: Comparison, language: Language) -> str:
    """Name what B is compared with: current policy, or the name of another scenario."""
    if comparison.a.kind == "baseline":
        return say(language, "sentences.under_current_policy")
    return say(language, "sentences.with") + _name(comparison.a, language)


def _name(side: Side, language: Language) -> str:
    """Return the name of a scenario in the quotation marks of the language."""
    name = one_line(named(side, language))
    return say(language, "sentences.name", name=name)


def _outcome(row: Row, comparison: Comparison, language: Language) -> str:
    """One variable, worded by its verdict."""
    base = _baseline(comparison, language) if row.variable == SENTENCE_VARIABLES[0] else ""
    amounts, higher = _amounts(row, language), row.difference.p50 > 0.0
    # As 多约…, 少约…, or as near zero when nothing is left after rounding.
    some = any(c in "123456789" for c in amounts.size)
    told: dict[str, object] = {
        "label": pick(language, row.label, row.label_zh),
        "than": say(language, "sentences.than", base=base) if base else "",
        "versus": say(language, "sentences.versus", base=base) if base else "",
        "median": ("多" if higher else "少") + amounts.size if some else "接近零",
        "against": _against(row, higher, language) if row.verdict == "likely" else "",
    }
    key = f"sentences.{row.verdict.replace(' ', '_')}"
    return say(language, key, row=row, amounts=amounts, higher=higher, **told)


def _against(row: Row, higher: bool, language: Language) -> str:
    """Count the runs that go the other way."""
    values = row.differences
    opposite = int(np.count_nonzero(values < 0.0 if higher else values > 0.0))
    if not row.paired:
        return say(language, "sentences.in_unpaired_draws", higher=higher, share=100.0 * opposite / values.size)
    return say(language, "sentences.in_runs", higher=higher, opposite=opposite, n_pairs=row.n_pairs)


def _amounts(row: Row, language: Language) -> _Amounts:
    """Return the pieces of one difference, rounded so that noise is not shown as digits."""
    zh = language == "zh"
    d = row.difference
    open_sign = row.verdict in ("too few runs", "no clear difference")
    ends = [abs(value) for value in (d.p05, d.p95, d.p50) if math.isfinite(value)]
    # A difference that may have either sign is measured by its range; one that has a sign by its median.
    reference = max(ends) if row.verdict == "no clear difference" else abs(d.p50)
    scale = scale_for(row.unit, reference or row.a.p50, language) if row.unit == "yuan" else row_scale(row, language)
    decimals, finer = _decimals(row, reference / scale.divisor, scale)
    if open_sign and not zh:
        size = _with_unit(scale.plain(d.p50, decimals, signed=True), scale, zh)
    else:
        about = scale.plain(abs(d.p50), decimals, commas=not zh)
        size = say(language, "shared.about") + _with_unit(about, scale, zh)
    if not d.shown:
        return _Amounts(size, "", "", "")
    falls = d.p50 < 0.0
    most = _range(d.p25, d.p75, decimals, scale, falls, zh)
    ninety = _range(d.p05, d.p95, finer, scale, falls, zh)
    unpaired = "" if row.paired else say(language, "sentences.unpaired")
    half = say(language, "sentences.half", most=most, unpaired=unpaired, ninety=ninety)
    wide = say(language, "sentences.wide", unpaired=unpaired, ninety=ninety.replace(" to ", " and "))
    return _Amounts(size, half, wide, _percent(row, zh))


def _decimals(row: Row, reference: float, scale: Scale) -> tuple[int, int]:
    """Return the decimals of the median with its 50% range, and of the 90% range: never finer than the noise.

    Two significant digits, one more for the ends of the wider range; people and firms come whole.
    """
    noise = significant(row.mc_se / scale.divisor, 1) if row.mc_se > 0.0 else 9
    decimals = min(significant(reference, 2), max(noise, significant(reference, 1)))
    finer = min(decimals + 1, max(noise, decimals))
    if row.verdict == "no clear difference":
        finer = decimals
    return whole(decimals, row.unit), whole(finer, row.unit)


def _with_unit(number: str, scale: Scale, chinese: bool) -> str:
    if chinese:
        return f"{number}{scale.of_differences}"
    # "1,300 jobs" reads better than "1,300 persons"; the label already says employment.
    unit = "" if scale.label == "persons" or number == "0" else scale.of_differences
    return f"{number} {unit}".rstrip()


def _range(low: float, high: float, decimals: int, scale: Scale, falls: bool, chinese: bool) -> str:
    """Return two ends of a range; a decrease is told in positive amounts from the smaller to the larger."""
    low, high = low / scale.divisor, high / scale.divisor
    crosses = low < 0.0 < high
    if falls and not crosses:
        low, high = -high, -low
    if not chinese:
        return f"{plain(low, decimals, signed=crosses)} to {plain(high, decimals, signed=crosses)}"
    unit = scale.of_differences
    first, second = (plain(abs(value), decimals, commas=False) for value in (low, high))
    if crosses:
        return f"减少{first}{unit}到增加{second}{unit}"
    short = unit.removesuffix("元") if unit in ("亿元", "万元") else ""
    return f"{first}{short}—{second}{unit}"


def _percent(row: Row, chinese: bool) -> str:
    """Return the median difference in percent of A; nothing when it is not defined or rounds to nothing."""
    value = row.difference_pct.p50
    if math.isnan(value) or abs(value) < 0.05:
        return ""
    signed, size = plain(value, 1, signed=True), plain(abs(value), 1)
    return say("zh" if chinese else "en", "sentences.percent", signed=signed, size=size, more=value > 0)


def _money(comparison: Comparison, language: Language) -> str:
    """Return what B costs more than A over the window."""
    money, base = comparison.money, _baseline(comparison, language)
    extra, (first, last) = money.extra.mean, comparison.window
    if extra == 0.0:
        en, zh = f"is the same as {base}", f"与{base}相同"
    else:
        scale = scale_for("yuan", extra, language)
        amount = scale.plain(abs(extra), significant(extra / scale.divisor, 3), commas=language == "en")
        more, more_zh = ("more", "多") if extra > 0.0 else ("less", "少")
        en, zh = f"is {amount} {scale.label} {more} than {base}", f"比{base}{more_zh}{amount}{scale.label}"
    text = say(language, "sentences.public_money_paid_in", first=first, last=last, en=en, zh=zh)
    return text + _outstanding(money, language) + say(language, "marks.stop")


def _outstanding(money: Money, language: Language) -> str:
    """Say what was granted and not paid by the end of the window; nothing when it is little of what was granted."""
    if money.extra_outstanding <= OUTSTANDING_WORTH_SAYING * abs(money.extra_granted):
        return ""
    amount, last = format_money(money.extra_outstanding, language), money.window[1]
    return say(language, "sentences.another_grants_were_not", amount=amount, last=last)


def _additionality(comparison: Comparison, language: Language) -> list[str]:
    """Return what a yuan granted moved of equipment spending: of recipients, of other firms, of the place."""
    if not comparison.additionality:
        return []
    first, *later = comparison.additionality
    own, others, place = (first.parts[name].per_yuan for name in PARTS)
    values: dict[str, object] = {"own": plain(abs(own), 1), "others": plain(abs(others), 1)}
    values |= {"place": plain(place, 1, signed=True), "more": own >= 0.0, "also": others >= 0.0}
    text = say(language, "sentences.each_yuan_granted", years=over_years(first, language), **values)
    for one in later:
        value, years = plain(one.parts["cluster"].per_yuan, 1, signed=True), over_years(one, language)
        text += say(language, "sentences.over_more_years", value=value, years=years)
    return [text + say(language, "marks.stop")]


def _displacement(comparison: Comparison, language: Language) -> list[str]:
    """Return from whom the orders were won and what other makers lost; nothing when no more were won for sure."""
    found = comparison.displacement
    if found is None or found.orders["won"].verdict not in ("clear", "likely") or found.orders["won"].band.mean <= 0.0:
        return []
    won = format_money(found.orders["won"].band.mean, language)
    parts = [
        say(language, "sentences.from_whom", amount=format_money(yuan, language), words=words, first=number == 0)
        for number, (words, yuan) in enumerate(won_from(found, language))
    ]
    text = say(language, "sentences.of_orders_won", won=won, window=comparison.window, parts=parts)
    if found.output:
        amounts = {name: format_money(found.output[name].band.mean, language) for name in ("recipients", "others")}
        text += say(language, "sentences.output_changes", **amounts)
    return [text + say(language, "marks.stop")]


def _identical(comparison: Comparison, language: Language) -> str:
    """N01 as a sentence."""
    equality = comparison.equality
    b, a = _name(comparison.b, language), _name(comparison.a, language)
    return say(language, "sentences.n01_and_give_identical", b=b, a=a, equality=equality)


def _caveat(comparison: Comparison, language: Language) -> str:
    """Say what to keep in mind: no forecast, pairs missing or unpaired, rough, not calibrated, assumptions."""
    n, dropped, assumed = comparison.n_pairs, comparison.n_dropped, comparison.setting.assumed_values
    setting = comparison.setting
    rests = "unpaired" if not comparison.paired else "rests_with_missing" if dropped else "rests_on"
    inside, inside_zh = covered(setting.drawn_from, setting.worlds)
    covers = {"inside": inside, "inside_zh": inside_zh, "only_zh": only_zh(setting.drawn_from, setting.worlds)}
    keys = {
        "simulation": True, rests: True, "rough": bool(comparison.note("rough")),
        "not_calibrated": not setting.calibrated,
    }  # fmt: skip
    values: dict[str, object] = {"n": n, "dropped": dropped, "both": n + dropped, **covers}
    told = [say(language, f"caveats.{key}", **values) for key, holds in keys.items() if holds]
    told += [
        pick(language, note.en.rstrip("."), note.zh.rstrip("。")) for note in comparison.notes if note.code in WEIGHTY
    ]
    if assumed:
        told.append(say(language, "caveats.assumed", assumed=assumed))
    return say(language, "marks.semicolon").join(told) + say(language, "marks.stop")
