"""Phase 10: links between buyers and firms break and are found again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.rules import links as rules
from sim.rules.elementary import exp
from sim.state.columns import F8, I8
from sim.state.state import State


def capacity_per_capital(state: State) -> F8:
    """Return full capacity in units a month for each base-year yuan of equipment, shape (places, 3)."""
    return 1.0 / (12.0 * state.costs.capital_output_ratio * state.parameters.production.normal_use)


def renew(state: State) -> None:
    """Break links, then let buyers search."""
    p = state.parameters
    lost = np.zeros(state.buyers.slot.size, dtype=np.int64)
    state.link_counts[:] = 0.0
    rules.break_links(
        state.buyers, state.firms, p.links, int(p.demand.trial_months), state.key("link.break"), state.link_counts,
        state.destinations, lost,
    )  # fmt: skip
    for side, name in enumerate(("domestic_links", "foreign_links")):
        state.add_by_place(name, state.link_counts[:, 0, side])
    find(state, lost, [discovery(state, number) for number in range(len(state.markets))])


def discovery(state: State, market: int) -> F8:
    """Return the monthly rates (domestic, foreign) at which a market's buyers fill empty slots.

    Foreign buyers discover a market sooner when its places are better known (``places.renown``, weighted by size).
    """
    places = list(state.markets[market].places)
    size = state.places.employment_base[places]
    renown = float((size * state.places.renown[places]).sum() / size.sum()) if size.sum() > 0.0 else 1.0
    rates: F8 = state.search[market].fill_rates * np.array([1.0, renown])
    return rates


def find(state: State, lost: I8, fill_rates: Sequence[F8]) -> None:
    """Let buyers fill empty slots by ordinary search among the firms of their market.

    ``lost`` (buyers,) is the suppliers a buyer has just lost; ``fill_rates`` holds the monthly rates (domestic,
    foreign) of each market.
    """
    p, seen = state.parameters, state.scratch.seen
    # The share of looks that falls on candidate slots this month is the same in every scenario.
    entrants = 1.0 - exp(-p.links.entrant_looks * (state.month - state.burn_in_from) / 12.0)
    rules.visibilities(state.segments, state.firms, state.places, capacity_per_capital(state), p.links, seen)
    for market, field in enumerate(state.search):
        scale = field.candidates * (1.0 - entrants) / (entrants * field.total) if entrants > 0.0 else 0.0
        rules.search_suppliers(
            state.buyers_of(market), state.firms, seen, field.rows, field.own, field.other, field.candidates, entrants,
            scale, fill_rates[market], field.foreign_slots, lost[state.buyer_rows[market]], p.links, p.demand,
            state.key("link.search"), state.lasting_key("match"), state.destinations,
        )  # fmt: skip
