"""How many firms a fund's conditions leave, expected from the place's law of firm sizes before any run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.observables import ABOVE_SCALE_YUAN
from sim.units import highest, lowest

if TYPE_CHECKING:
    from sim.policies.terms import Terms
    from sim.scenario.resolved import Place, Scenario


@dataclass(frozen=True)
class Applicants:
    """Expected number of firms that meet a condition on revenue, of all makers."""

    count: float
    total: float
    threshold: float


def above_revenue(place: Place, threshold: float) -> float:
    """Return the expected number of makers with yearly revenue of at least ``threshold`` yuan.

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
    return float(
        min(makers, highest(start.above_scale_firms) * (threshold / ABOVE_SCALE_YUAN) ** -lowest(start.size_tail_index))
    )


def expected_applicants(scenario: Scenario, where: Sequence[str], terms: Terms) -> Applicants | None:
    """Return how many firms meet a policy's condition on revenue, or None when it has none."""
    eligible = getattr(terms, "eligible", None)
    threshold = getattr(eligible, "revenue_at_least", None)
    if threshold is None:
        return None
    least = lowest(threshold)
    places = [place for place in scenario.places if not where or place.id in where]
    total = math.fsum(highest(place.start.businesses) * highest(place.start.maker_share) for place in places)
    return Applicants(math.fsum(above_revenue(place, least) for place in places), total, least)
