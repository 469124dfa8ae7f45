"""Ratios between figures that the clusters of the library report, against which a place's own numbers are held."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sim.evidence import Fact, load_facts
from sim.parameters import load_parameters
from sim.parameters.groups import Parameters
from sim.parameters.industries import for_industry
from sim.rules.costs import revenue_over_output
from sim.scenario.place_start import TOTALS
from sim.workspace import library_root


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
