"""What makes a place impossible to simulate, or worth a second look, although its file is right.

Its own numbers are held against ratios between figures that the clusters of the library report.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sim.evidence import Fact, load_facts
from sim.inputs.problems import LANGUAGES, Problem, Spot, words
from sim.observables import ABOVE_SCALE_YUAN
from sim.parameters import load_parameters
from sim.parameters.industries import for_industry
from sim.rules.costs import revenue_over_output
from sim.scenario.place_start import TOTALS
from sim.units import centre, format_money, highest, lowest
from sim.workspace import library_root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sim.parameters.groups import Parameters
    from sim.scenario.place_start import Origin, PlaceStart
    from sim.scenario.resolved import Place

FEW = 30
"""Businesses or buyers below which chance with a few decides a run."""
ALMOST_ALL = 0.95
"""National share above which producers elsewhere hardly sell."""
WIDE = 3.0
"""How many times beyond the ratios that clusters report a ratio is doubted."""


@dataclass(frozen=True)
class Ratio:
    """Ratio of two reported figures over clusters, the ratios in ``same`` industry, and the ids of the figures."""

    by_place: Mapping[str, float]
    same: tuple[float, ...]
    facts: tuple[str, ...]

    @property
    def low(self) -> float:
        """Lowest ratio of any cluster."""
        return min(self.by_place.values())

    @property
    def high(self) -> float:
        """Highest ratio of any cluster."""
        return max(self.by_place.values())

    @property
    def value(self) -> float:
        """Typical ratio: the geometric mean over the clusters of the industry, over all when none is known."""
        from sim.rules.elementary import exp, log  # here, since checking a file needs no compiler

        logs = [log(value) for value in self.same or self.by_place.values()]
        return exp(math.fsum(logs) / len(logs))


@cache
def library_facts() -> tuple[Fact, ...]:
    """Return the reported figures that ship with countysim."""
    return load_facts(library_root() / "calibration" / "evidence")


@cache
def ratio(denominator: str, industry: str) -> Ratio:
    """Return yuan of reported output or revenue for each unit of another reported figure, over the clusters known."""
    levels: dict[str, dict[str, Fact]] = {}
    for item in library_facts():
        if item.kind == "level":
            levels.setdefault(item.place, {}).setdefault(item.variable, item)
    found: dict[str, tuple[float, Fact, Fact]] = {}
    for place, figures in levels.items():
        total = next((figures[name] for name in TOTALS if name in figures), None)
        if total is not None and denominator in figures:
            below = figures[denominator]
            found[place] = (total.value_plain / below.value_plain, total, below)
    same = tuple(item[0] for item in found.values() if item[1].industry == industry)
    ids = tuple(fact.id for item in found.values() for fact in item[1:])
    return Ratio({place: item[0] for place, item in found.items()}, same, ids)


def over_output(headline: str, industry: str) -> float:
    """Return a place's headline total over the output of its makers, as the model starts: 1 where it gives output."""
    return revenue_over_headline(headline, for_industry(load_parameters(), industry))


def revenue_over_headline(headline: str, parameters: Parameters) -> float:
    """Return the same with the parameters of an industry."""
    return 1.0 if headline == TOTALS[0] else revenue_over_output(parameters)


def impossible(place: Place, over: float, spot: Callable[[str], Spot]) -> tuple[Problem, ...]:
    """Return what a place cannot start from, in any replicate that draws from its ranges.

    Parameters
    ----------
    over
        The headline total over makers' output (``over_output``).
    spot
        Where a starting value stands in its file, by name; a problem keeps the name as its value ``key``.
    """
    start: PlaceStart = place.start
    output, makers = lowest(start.headline_total) / over, lowest(start.businesses) * lowest(start.maker_share)
    above, lead, sold = highest(start.above_scale_firms), highest(start.lead_firms), highest(start.exports)
    nation, world = lowest(start.national_market_share), highest(start.global_market_share)
    found: list[tuple[str, str, dict[str, Any]]] = []
    if sold >= output:
        found.append(("place_exports", "exports", {"exports": money(sold), "output": money(output)}))
    if world > nation:
        found.append(
            ("place_shares", "global_market_share", {"world": f"{100 * world:.3g}%", "nation": f"{100 * nation:.3g}%"})
        )
    if sold > 0 and lowest(start.foreign_buyers) < 1:
        found.append(("place_foreign_buyers", "foreign_buyers", {}))
    if above > makers:
        found.append(("place_above_scale", "above_scale_firms", {"above": f"{above:,.0f}", "makers": f"{makers:,.0f}"}))
    if above * ABOVE_SCALE_YUAN > output:
        values = {"above": f"{above:,.0f}", "cut": money(ABOVE_SCALE_YUAN), "output": money(output)}
        found.append(("place_above_scale_output", start.headline, values))
    if lead > makers:
        found.append(("place_lead_firms", "lead_firms", {"lead": f"{lead:,.0f}", "makers": f"{makers:,.0f}"}))
    return tuple(Problem(message, spot(key), {"key": key, **values}) for message, key, values in found)


def doubtful(place: Place, origins: Sequence[Origin], over: float, spot: Callable[[str], Spot]) -> tuple[Problem, ...]:
    """Return what deserves a second look in the numbers of a place, with ``over`` and ``spot`` as above."""
    start: PlaceStart = place.start
    total, makers = centre(start.headline_total), centre(start.businesses) * centre(start.maker_share)
    average, nation = total / over / makers, centre(start.national_market_share)
    found = [*_units(start, place.industry)]
    if nation > ALMOST_ALL:
        found.append(("place_no_rival", "national_market_share", {"nation": f"{nation:.1%}"}))
    if not highest(start.lead_firms) and average > ABOVE_SCALE_YUAN and centre(start.above_scale_firms) < 0.5 * makers:
        found.append(("place_lead_missing", "above_scale_firms", {"rest": money(average)}))
    for key in ("businesses", "domestic_buyers"):
        count = centre(getattr(start, key))
        if count < FEW:
            found.append(("place_few", key, {"count": f"{count:,.0f}", "what": words(f"few_{key}")}))
    if all(item.kind == "assumed" for item in origins):
        found.append(("place_no_figure", "", {}))
    return tuple(Problem(message, spot(key), {"key": key, **values}) for message, key, values in found)


def _units(start: PlaceStart, industry: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the headline total where it is far from what other clusters report for a business or a worker."""
    total, found = centre(start.headline_total), []
    for key, variable in (("businesses", "businesses"), ("employment_reported", "employment")):
        known, each = ratio(variable, industry), total / centre(getattr(start, key))
        if not known.low / WIDE <= each <= known.high * WIDE:
            values = {"total": money(total), "each": money(each, 2), "what": words(f"each_{variable}")}
            found.append(("place_unit", key, {**values, "low": money(known.low, 2), "high": money(known.high, 2)}))
    return found


def money(value: float, digits: int = 3) -> dict[str, str]:
    """Return an amount in yuan as a reader of each language sees it."""
    return {lang: format_money(value, lang, digits=digits) for lang in LANGUAGES}


def crowded_markets(places: Sequence[Place]) -> dict[str, float]:
    """Return the industries whose places would sell all that the country buys, or more, with their national shares."""
    shares: dict[str, list[float]] = {}
    for place in places:
        shares.setdefault(place.industry, []).append(highest(place.start.national_market_share))
    added = {industry: math.fsum(each) for industry, each in shares.items() if len(each) > 1}
    return {industry: share for industry, share in added.items() if share >= 1.0}


def above_revenue(place: Place, threshold: float) -> float:
    """Return the number of makers with yearly revenue of at least ``threshold`` yuan, as expected before any run.

    The number of above-scale firms fixes the tail; beyond the above-scale cut it falls as a Pareto law with the
    place's tail index, and no firm is larger than the place's output. Below the cut the law is followed downward until
    all makers are counted.
    """
    start = place.start
    makers = highest(start.businesses) * highest(start.maker_share)
    if threshold <= 0.0:
        return makers
    if threshold > highest(start.headline_total):
        return 0.0
    tail = (threshold / ABOVE_SCALE_YUAN) ** -lowest(start.size_tail_index)
    return float(min(makers, highest(start.above_scale_firms) * tail))
