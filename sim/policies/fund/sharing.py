"""First step of a fund for several places: how the budget is shared among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.rules import totals
from sim.state.columns import F8
from sim.state.state import State

if TYPE_CHECKING:
    from sim.policies.fund.terms import Across


def criteria(state: State, places: Sequence[int]) -> dict[str, F8]:
    """Return each place's share of what a factor method may ask for, by criterion; equal where nothing is known yet."""
    chosen = np.asarray(places)
    makers = state.sums[0]
    growth = np.maximum(state.output_by_year[:, 1] - state.output_by_year[:, 0], 0.0)
    return {
        "upgrade_investment": _shares(state.upgrades_by_month.sum(axis=1)[chosen]),
        "output_growth": _shares(growth[chosen]),
        "firms": _shares(makers[chosen, totals.FIRMS]),
    }


def _shares(values: F8) -> F8:
    total = float(values.sum())
    return values / total if total > 0.0 else np.full(values.size, 1.0 / values.size)


def shares(state: State, across: Across, places: Sequence[int], yearly_budget: float) -> F8:
    """Return the share of a fund's budget that each of ``places`` receives, shape of places, adding up to 1.

    ``equal``; ``output_share`` by makers' yearly revenue; ``need`` by workers over revenue; ``factor`` and ``score`` by
    weighted criteria. Floors and the ceiling are kept by taking from the others in proportion.
    """
    chosen = np.asarray(places)
    makers = state.sums[0]
    if across.rule == "equal":
        wanted = np.full(chosen.size, 1.0 / chosen.size)
    elif across.rule == "output_share":
        wanted = _shares(makers[chosen, totals.REVENUE_YEAR])
    elif across.rule == "need":
        revenue = np.maximum(makers[chosen, totals.REVENUE_YEAR], 1.0)
        wanted = _shares(makers[chosen, totals.WORKERS] / revenue)
    else:
        known = criteria(state, places)
        wanted = sum((weight * known[name] for name, weight in across.weights.items()), np.zeros(chosen.size))
    floor = (across.floor_per_place or 0.0) / yearly_budget if yearly_budget > 0.0 else 0.0
    ceiling = 1.0 if across.ceiling_per_place is None else across.ceiling_per_place
    return bounded(_shares(wanted), min(floor, 1.0 / chosen.size), max(ceiling, 1.0 / chosen.size))


def bounded(wanted: F8, floor: float, ceiling: float) -> F8:
    """Return shares as near to ``wanted`` as the bounds allow, in proportion between them; both add up to 1.

    The bounds must leave room for equal shares (``shares`` sees to it).
    """
    # At the upper end even the smallest wish reaches the ceiling; a place that wants nothing keeps the floor.
    low, high = 0.0, 2.0 / max(float(wanted[wanted > 0.0].min()), 1e-12)
    for _ in range(200):
        middle = 0.5 * (low + high)
        if np.clip(middle * wanted, floor, ceiling).sum() < 1.0:
            low = middle
        else:
            high = middle
    result: F8 = np.clip(high * wanted, floor, ceiling)
    return np.asarray(result / result.sum())
