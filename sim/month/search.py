"""Phase 10: links between buyers and firms break and are found again."""

from __future__ import annotations

import math
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
    look_round(state)
    find(state, lost, [discovery(state, number) for number in range(len(state.markets))])


def look_round(state: State) -> None:
    """Bring up to date what buyers see of firms; while the start settles what they see is what they usually do."""
    p = state.parameters
    rules.visibilities(
        state.segments, state.firms, state.places, capacity_per_capital(state), p.links, state.scratch.seen
    )
    if state.settling:
        for number, field in enumerate(state.search):
            field.visible, field.volume, field.share = (
                _seen(state, number),
                _volume(state, number),
                _share(state, number),
            )


def discovery(state: State, market: int) -> F8:
    """Return the monthly rates (domestic, foreign) at which a market's buyers come upon suppliers in its places.

    The cluster competes with producers elsewhere for being found. Abroad few know it, so it is found by as many more as
    it is prominent. At home nearly all who buy such goods deal with its firms, and beside them with producers
    elsewhere: there prominence decides how many of those they know (``SearchField.ties_elsewhere``).
    """
    links, field = state.parameters.links, state.search[market]
    if not field.visible > 0.0:  # nobody was there to be seen
        return field.fill_rates
    visible = _seen(state, market) / field.visible / (_volume(state, market) / field.volume)
    home, abroad = (rules.prominence(visible[side], field.share[side], links.visible_elasticity) for side in range(2))
    field.ties_elsewhere = rules.next_ties(field.ties_elsewhere, home, rules.monthly_hazard(links.domestic_survival))
    rates: F8 = field.fill_rates * np.array([1.0, abroad])
    return rates


def _seen(state: State, market: int) -> float:
    """Return what is to be seen of all firms of a market."""
    return math.fsum(state.places.visible[list(state.markets[market].places)])


def _volume(state: State, market: int) -> F8:
    """Return units that buyers at home and abroad buy of the market's goods, base year = 1, shape (2,)."""
    volume: F8 = state.world.demand[market] / state.world.outside_price[market]
    return volume


def _share(state: State, market: int) -> F8:
    """Return the part of this month's spending at home and abroad that came to the market's places, shape (2,)."""
    rows = state.buyer_rows[market]
    spent = state.buyer_spending[rows] * state.buyers.weight[rows]
    total = np.array([math.fsum(spent[state.buyers.foreign[rows] == side]) for side in range(2)])
    elsewhere = np.divide(state.spent_outside[market], total, out=np.ones(2), where=total > 0.0)
    share: F8 = np.clip(1.0 - elsewhere, 0.0, 1.0)
    return share


def find(state: State, lost: I8, fill_rates: Sequence[F8]) -> None:
    """Let buyers fill empty slots by ordinary search among the firms of their market.

    ``lost`` (buyers,) is the suppliers a buyer has just lost; ``fill_rates`` holds the monthly rates (domestic,
    foreign) of each market.
    """
    p, seen = state.parameters, state.scratch.seen
    # The share of looks that falls on candidate slots this month is the same in every scenario.
    entrants = 1.0 - exp(-p.links.entrant_looks * (state.month - state.burn_in_from) / 12.0)
    for market, field in enumerate(state.search):
        scale = field.candidates * (1.0 - entrants) / (entrants * field.total) if entrants > 0.0 else 0.0
        rules.search_suppliers(
            state.buyers_of(market), state.firms, seen, field.rows, field.own, field.other, field.candidates, entrants,
            scale, fill_rates[market], field.foreign_slots, lost[state.buyer_rows[market]], p.links, p.demand,
            state.key("link.search"), state.lasting_key("match"), state.destinations,
        )  # fmt: skip
