"""Naive rivals: what anybody could say of a later figure from figures printed before it, without a model.

A rival sees figures of the evidence whose period ends before that of the scored one, and published national growth of
the same year (which the model's world has too). Which series goes with a figure is after the rules of
``calibration/evidence/macro.md``, section Use: manufacturing value added at current prices where it is published, else
GDP, for what a cluster sells at home; goods exports in yuan for exports. Liquor and food do not follow manufacturing.
Recalled numbers (status R) are refused.

Each rival gives a normal distribution, in logarithms of levels and counts,
in the rate of growth, wide enough to be a fair opponent: the measurement error of print, and ``YEAR_TO_YEAR``. What
printed growth has in common (the shift of ``calibration/likelihood.toml``) is in growth printed before already, so a
rival that goes by it has the print's own error alone; national growth and no growth are of places, and have it all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from sim.calibrate.measurement import load_widths, measurement
from sim.calibrate.scores import (
    LEVELS,
    clipped,
    crps_of_normal,
    crps_of_quantiles,
    crps_of_samples,
    exponential_points,
    log_score_of_normal,
    normal_points,
)
from sim.errors import UserError
from sim.evidence.variables import GROWTH, measured_by
from sim.inputs.words import Both, Words
from sim.observables import observable
from sim.reporting import Refusal, recipe_for
from sim.reporting.recipes import YEARLY_EVENTS
from sim.rules.elementary import log, log1p, normal_quantiles, power

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.calibrate.algebra import Floats
    from sim.calibrate.measurement import Measurement
    from sim.evidence import Fact, Growth, Series
    from sim.reporting import Recipe

YEAR_TO_YEAR: Final = 0.08
"""Standard deviation of a county total's growth in a year about what a naive rule says; of a level it grows with the
square root of the years between. Assumed: one number for all rivals, so that none wins by its width. A page of scores
says what half and double of it give (``OTHER_SPREADS``)."""
OTHER_SPREADS: Final = (0.04, 0.16)
YEAR: Final = 12
GDP: Final = ("gdp_nominal_growth_nbs", "gdp_nominal_growth", "gdp_nominal_growth_q")
MANUFACTURING: Final = (
    "manufacturing_va_nominal_growth_nbs",
    "gdp_nominal_growth_nbs",
    "gdp_nominal_growth",
    "manufacturing_va_nominal_growth_q",
)
EXPORTS: Final = ("exports_goods_cny_growth",)
"""Series in the order in which they are looked at, whole years before the quarters of a year not yet complete."""
CONSUMER_INDUSTRIES: Final = frozenset({"food", "baijiu"})
EXPORT_VARIABLES: Final = frozenset({"exports", "imports_and_exports", "piece_exports"})
WORDS: Final = Words(__file__)
Name = Literal["last", "trend", "national", "standstill", "elsewhere"]


class NoForecast(Both):
    """Why a rival has nothing to say of a figure."""


@dataclass(frozen=True)
class NationalGrowth:
    """Published national growth of a calendar year, as a fraction, and what it is of."""

    rate: float
    en: str
    zh: str


@dataclass(frozen=True)
class RivalWords:
    """What a rival is called and how it goes about it."""

    en: str
    zh: str
    rule: str
    rule_zh: str


RIVALS: Final[dict[Name, RivalWords]] = {
    name: RivalWords(*WORDS.entries["rivals"][name], *WORDS.entries["rules"][name]) for name in get_args(Name)
}


@dataclass(frozen=True)
class Forecast:
    """What a rival says of one figure.

    Attributes
    ----------
    mean, deviation
        Of a normal distribution, transformed: logarithm of a level, rate of growth.
    soft
        Scale of an exponential part: the last value was a floor and the count lies above it (positive), or a ceiling
        (negative). 0 without.
    en, zh
        What it went by.
    """

    mean: float
    deviation: float
    en: str
    zh: str
    soft: float = 0.0

    @property
    def points(self) -> Floats:
        """Equally likely points of the distribution."""
        normal = self.mean + self.deviation * normal_points()
        if self.soft == 0.0:
            return normal
        return np.asarray((normal[:, np.newaxis] + self.soft * exponential_points()).ravel())

    def crps(self, observed: float, bound: str, *, by_quantiles: bool = False) -> float:
        """Return the CRPS against a figure that binds in a way; from 39 quantiles where the model's is."""
        if by_quantiles:
            return crps_of_quantiles(clipped(self.quantiles(), observed, bound), observed)
        if self.soft == 0.0 and bound not in ("at_least", "at_most"):
            return crps_of_normal(self.mean, self.deviation, observed)
        return crps_of_samples(clipped(self.points, observed, bound), observed)

    def log_score(self, observed: float, bound: str) -> float | None:
        """Return minus the log density of a figure printed as it is; None for a bound, or with an exponential part."""
        if self.soft != 0.0 or bound in ("at_least", "at_most"):
            return None
        return log_score_of_normal(self.mean, self.deviation, observed)

    def quantiles(self, levels: Sequence[float] = LEVELS) -> Floats:
        """Return quantiles, transformed."""
        if self.soft == 0.0:
            return self.mean + self.deviation * normal_quantiles(levels)
        return np.quantile(self.points, levels)


NO_EARLIER, NOT_OF_LEVELS, NO_SERIES = (
    NoForecast(*WORDS.both(f"forecast.{why}")) for why in ("no_earlier", "of_growth_alone", "no_series")
)


@dataclass(frozen=True)
class Known:
    """What rivals may look at.

    Attributes
    ----------
    evidence
        Reported figures; of them only those that end before the scored one are ever looked at.
    industry
        Of the scored figure's place; ``all`` of many places.
    series
        Published national series by name.
    spread
        Year-to-year standard deviation.
    """

    evidence: Sequence[Fact]
    industry: str
    series: Mapping[str, Series]
    spread: float = YEAR_TO_YEAR

    def before(self, fact: Fact) -> tuple[Fact, ...]:
        """Return the figures printed for a period that ends before that of a figure; no aims, no policy inputs."""
        return tuple(item for item in self.evidence if item.period_end < fact.period_end and item.for_calibration)


# --- earlier figures ---


def order(item: Fact) -> tuple[int, int, str]:
    """Sort key: the latest figure last, of one month the one over more months last."""
    return item.period_end, -item.period_start, item.id


def alike(fact: Fact, before: Sequence[Fact]) -> list[Fact]:
    """Return earlier figures of the same place, variable and basis, the latest last.

    The same words of a basis come first; without any such figure those count that the reporting filter asks in the same
    way, whatever the words. Figures that the filter cannot ask (a year that is not stated, one firm) are none of them.
    """
    those = [item for item in before if (item.place, item.variable) == (fact.place, fact.variable)]
    same = sorted((item for item in those if not isinstance(recipe_for(item), Refusal)), key=order)
    by_words = [item for item in same if _plain(item.basis) == _plain(fact.basis)]
    return by_words or [item for item in same if same_count(item, fact)]


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace(";", " ").replace(",", " ").split())


def same_count(one: Fact, other: Fact) -> bool:
    """Whether two figures count the same thing, as far as the reporting filter can tell; over whichever months."""
    first, second = recipe_for(one), recipe_for(other)
    if isinstance(first, Refusal) or isinstance(second, Refusal):
        return False
    return _asked(first) == _asked(second)


def _asked(recipe: Recipe) -> tuple[object, ...]:
    return recipe.observables, recipe.growth, recipe.source, recipe.across


def months_asked(fact: Fact) -> tuple[int, int]:
    """Return the first and the last month the reporting filter asks of a figure.

    A stock is asked of its last month alone; of a cumulative month and of upgrades months before it are taken in.
    """
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal):
        return fact.period_start, fact.period_end
    if observable(recipe.main).aggregate == "last" and recipe.growth == "none":
        return fact.period_end, fact.period_end
    return fact.period_start - recipe.back, fact.period_end


def converted(last: Fact, fact: Fact) -> tuple[float, str, str]:
    """Return the factor from the months of an earlier figure to those of a later one, and the earlier figure in words.

    A flow is taken to be the same every month: eight months are 8/12 of a year. Months are those the reporting filter
    asks: "cumulative" of August counts eight. A stock or a share needs no factor, nor does what happens once a year (a
    fair).
    """
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal) or observable(recipe.main).aggregate != "sum":
        return 1.0, last.id, last.id
    now, then = (end - start + 1 for start, end in (months_asked(fact), months_asked(last)))
    if now == then or fact.variable.startswith(YEARLY_EVENTS):
        return 1.0, last.id, last.id
    return now / then, *WORDS.both("forecast.by_months", id=last.id, now=now, then=then)


def middle_month(fact: Fact) -> float:
    """Return the month a figure stands for: the middle of a flow's or share's months, the last one of a stock."""
    start, end = months_asked(fact)
    return 0.5 * (start + end)


# --- national growth ---


def series_for(fact: Fact, industry: str) -> tuple[str, ...]:
    """Return the series a figure goes with, best first."""
    if fact.variable.removesuffix(GROWTH) in EXPORT_VARIABLES:
        return EXPORTS
    return GDP if industry in CONSUMER_INDUSTRIES else MANUFACTURING


def national_growth(fact: Fact, industry: str, series: Mapping[str, Series], year: int) -> NationalGrowth | NoForecast:
    """Return national growth of a year as it goes with a figure, or why there is none.

    Parameters
    ----------
    fact
        Says what grows: exports, or what is sold at home.
    industry
        Of the place; ``all`` of many places.
    """
    for name in series_for(fact, industry):
        found = _growth(series.get(name), year, part_year=name.endswith("_q"))
        if found is not None:
            what = WORDS.both(f"series.{name.removesuffix('_nbs').removesuffix('_q')}")
            told = WORDS.both("forecast.of_year", name=what, year=year, part=name.endswith("_q"))
            return NationalGrowth(found.rate, *told)
    return NoForecast(*WORDS.both("forecast.unpublished", year=year))


def _growth(series: Series | None, year: int, *, part_year: bool) -> Growth | None:
    """Return growth of a year that was seen or derived; None without one."""
    if series is None:
        return None
    try:
        found = series.growth(year, part_year=part_year)
    except UserError:
        return None
    return None if found.status == "R" else found


def grown_on(
    fact: Fact, industry: str, series: Mapping[str, Series], month: int, years: float
) -> tuple[float, str, str] | NoForecast:
    """Return the growth factor of a national series over ``years`` up to a month, and what it is of in words.

    Each year back from the month counts with the growth of the calendar year it ends in, the last part of a year in
    proportion (compound).
    """
    factor, left, told = 1.0, years, []
    while left > 1e-9:
        found = national_growth(fact, industry, series, month // YEAR)
        if isinstance(found, NoForecast):
            return found
        part = min(left, 1.0)
        factor *= power(1.0 + found.rate, part)
        key = "rate" if part == 1.0 else "part_of_year"
        told.append(WORDS.both(f"forecast.{key}", name=Both(found.en, found.zh), rate=found.rate, part=part))
        left, month = left - part, month - YEAR
    return factor, *WORDS.both("forecast.chain" if told else "forecast.no_time", told=told)


# --- what each rival says ---


def forecasts(fact: Fact, measure: Measurement, known: Known) -> dict[Name, Forecast | NoForecast]:
    """Return what every rival says of a figure, in the order of ``RIVALS``.

    Parameters
    ----------
    measure
        How the figure binds the count behind it.
    """
    found = (_of_growth if fact.kind == "growth" else _of_level)(fact, measure, known)
    return {name: found[name] for name in RIVALS}


def _of_growth(fact: Fact, measure: Measurement, known: Known) -> dict[Name, Forecast | NoForecast]:
    before = known.before(fact)
    own = alike(fact, before)
    others = [item for item in before if item.place != fact.place and _growth_of_total(item)]
    rate = national_growth(fact, known.industry, known.series, fact.period_end // YEAR)
    if not _in_yuan(fact):
        rate = NO_SERIES
    others = [item for item in others if _in_yuan(item) == _in_yuan(fact)]
    variance = measure.own.noise + known.spread * known.spread
    alone = math.sqrt(measure.noise + known.spread * known.spread)
    national: Forecast | NoForecast = (
        rate
        if isinstance(rate, NoForecast)
        else Forecast(rate.rate, alone, *WORDS.both("forecast.rate", name=Both(rate.en, rate.zh), rate=rate.rate))
    )
    return {
        "last": _mean_of(own[-1:], variance),
        "trend": _mean_of(own, variance),
        "national": national,
        "standstill": Forecast(0.0, alone, *WORDS.both("forecast.growth_0")),
        "elsewhere": _mean_of(others, variance),
    }


def _mean_of(facts: Sequence[Fact], variance: float) -> Forecast | NoForecast:
    """Return the mean of growth figures as a forecast; each has its own error of print and of what is counted."""
    if not facts:
        return NO_EARLIER
    error = math.fsum(measurement(item, item.bound).own.noise for item in facts) / (len(facts) * len(facts))
    ids = ", ".join(item.id for item in facts)
    middle = math.fsum(item.value_plain for item in facts) / len(facts)
    told = WORDS.both("forecast.mean_of", ids=ids) if len(facts) > 1 else Both(ids, ids)
    return Forecast(middle, math.sqrt(variance + error), *told)


def _in_yuan(fact: Fact) -> bool:
    """Whether what grows is an amount of money, as national series are; jobs and firms are not."""
    names = measured_by(fact.variable.removesuffix(GROWTH))
    return all(observable(name).unit.startswith("yuan") for name in names)


def _growth_of_total(item: Fact) -> bool:
    """Whether a figure is printed growth of a total, not of one firm."""
    return item.kind == "growth" and not isinstance(recipe_for(item), Refusal)


def _of_level(fact: Fact, measure: Measurement, known: Known) -> dict[Name, Forecast | NoForecast]:
    found: dict[Name, Forecast | NoForecast] = {"standstill": NOT_OF_LEVELS, "elsewhere": NOT_OF_LEVELS}
    before = known.before(fact)
    levels = [item for item in alike(fact, before) if item.value_plain > 0.0]
    if not levels:
        return {"last": NO_EARLIER, "trend": NO_EARLIER, "national": NO_EARLIER, **found}
    last = levels[-1]
    factor, en, zh = converted(last, fact)
    years = max(middle_month(fact) - middle_month(last), 0.0) / YEAR
    error = measurement(last, last.bound).width
    variance = measure.noise + error * error + known.spread * known.spread * max(years, 1.0)
    start = Forecast(log(last.value_plain * factor), math.sqrt(variance), en, zh, _softness(last, measure))
    found["last"] = start
    growths = [item for item in before if item.place == fact.place and item.variable == fact.variable + GROWTH]
    growths = sorted((item for item in growths if _growth_of_total(item)), key=order)
    if growths:
        own = growths[-1]
        told = WORDS.both("forecast.own_growth", rate=own.value_plain, id=own.id, years=years)
        found["trend"] = _grown(start, years * log1p(own.value_plain), *told)
    else:
        found["trend"] = NoForecast(*WORDS.both("forecast.no_growth_figure"))
    if fact.unit_plain not in ("yuan", "yuan/year"):
        found["national"] = NO_SERIES
        return found
    grown = grown_on(fact, known.industry, known.series, int(middle_month(fact)), years)
    found["national"] = grown if isinstance(grown, NoForecast) else _grown(start, log(grown[0]), grown[1], grown[2])
    return found


def _grown(start: Forecast, log_growth: float, en: str, zh: str) -> Forecast:
    return replace(start, mean=start.mean + log_growth, en=f"{start.en}; {en}", zh=f"{start.zh}；{zh}")


def _softness(last: Fact, measure: Measurement) -> float:
    """Return the exponential part between a last value that was a bound and a figure that is none.

    Between two floors there is none: who wrote "over 30,000" writes the next one in the same way.
    """
    if measure.bound != "exact" or last.bound not in ("at_least", "at_most"):
        return 0.0
    far = load_widths().one_sided_far
    return far if last.bound == "at_least" else -far
