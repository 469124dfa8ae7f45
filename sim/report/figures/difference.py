"""Saying a difference in one sentence: how large, how sure, in how many of the runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.statistics import contrast, differences, out_of, verdict_text
from sim.report.figures.describe import capital, label, verdict_of
from sim.report.figures.scale import Scale, point_scale, scale_for
from sim.report.words import pick

if TYPE_CHECKING:
    from sim.compare.runs import Floats
    from sim.compare.statistics import Contrast, Verdict
    from sim.observables import Observable
    from sim.report.figures.describe import Shown
    from sim.report.figures.text import Lang


@dataclass(frozen=True)
class Series:
    """Yearly values of one variable in both runs, and the statistics of each year.

    ``b`` and ``a`` have shape (runs, years); ``apart``, their difference, has a row for each pair (unpaired: for each
    combination); ``by_year`` is one contrast a year.
    """

    item: Observable
    years: tuple[int, ...]
    b: Floats
    a: Floats
    apart: Floats
    by_year: tuple[Contrast, ...]

    @property
    def first_apart(self) -> int | None:
        """Position of the first year in which any pair differs, None when none does."""
        moved = np.nan_to_num(self.apart).any(axis=0)
        return int(np.argmax(moved)) if moved.any() else None


def series(view: Shown, item: Observable, place: str | None = None) -> Series:
    """Read one variable of both runs, by calendar year."""
    b, a = view.pairing.annual(item.name, place)
    paired = view.pairing.paired
    apart = differences(b, a, paired=paired)
    return Series(item, view.pairing.years, b, a, apart, tuple(contrast(b, a, paired=paired)))


def difference_scale(item: Observable, largest: float, lang: Lang, unit: str | None = None) -> Scale:
    """Return the unit of differences: percentage points for shares."""
    return point_scale(lang) if item.unit == "share" else scale_for(item.unit, largest, lang, unit)


def verdict_for(one: Contrast, *, paired: bool) -> Verdict:
    """Return the verdict on one year."""
    identical = paired and bool(np.array_equal(one.b_values, one.a_values))
    return verdict_of(one.prob_higher, one.n, identical=identical)


def size_text(item: Observable, one: Contrast, scale: Scale, lang: Lang) -> str:
    """Return the size of the median difference, without its sign, with its unit and as a percentage."""
    median = abs(one.difference.p50)
    text = scale.amount(median, scale.decimals(one.mc_se, median))
    # A share is compared in percentage points, never in percent of percent.
    return text if item.unit == "share" else text + percent_text(one.difference_pct.p50, lang)


def percent_text(median: float, lang: Lang) -> str:
    """Return `` (1.9%)`` for the median percentage difference, nothing when it is not defined."""
    percent = abs(median)
    if math.isnan(percent):
        return ""
    decimals = 1 if percent >= 0.1 else 2 if percent >= 0.01 else 3
    text = f"{percent:,.{decimals}f}%"
    return pick(lang, f" ({text})", f"（{text}）")


def finding(view: Shown, item: Observable, one: Contrast, year: int, scale: Scale) -> str:
    """Return the title of a figure about one variable: the finding in one sentence."""
    lang, name = view.lang, label(item, view.lang)
    word = verdict_for(one, paired=view.pairing.paired)
    higher = one.difference.p50 > 0.0 or (one.difference.p50 == 0.0 and one.prob_higher >= 0.5)
    direction = pick(lang, "higher" if higher else "lower", "高" if higher else "低")
    if word == "identical":
        return pick(
            lang,
            f"The scenario changes nothing in {name}: in {year} every pair of runs is equal",
            f"情形对{name}没有影响：{year}年每对推演都相同",
        )
    runs = out_of(one.prob_higher if higher else 1.0 - one.prob_higher, one.n, lang)
    if word == "no clear difference":
        return pick(
            lang,
            f"No clear difference in {name} in {year}: {direction} with the scenario in {runs}",
            f"{year}年{name}差异尚不明确：{runs}{direction}于基准",
        )
    if word == "too few runs":
        return pick(
            lang,
            f"{capital(name)} in {year}: {direction} in {runs} with the scenario, too few to judge",
            f"{year}年{name}：{runs}{direction}于基准，次数不足，不作判断",
        )
    size = size_text(item, one, scale, lang)
    verb = "raises" if higher else "lowers"
    return pick(
        lang,
        f"The scenario {verb} {name} in {year} by {size}: {verdict_text(word, lang)}, {runs}",
        f"{year}年{name}比基准{direction}{size}：{verdict_text(word, lang)}，{runs}",
    )
