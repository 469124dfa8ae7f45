"""New plants of investment projects: the sites they take and the customers their sales people call on."""

from __future__ import annotations

import numpy as np

from sim.policies.encounters import buyers_by_side, look_around
from sim.policies.park.tenancy import free_plots, move_in, plots_needed
from sim.rules.chance import uniforms
from sim.rules.links import monthly_hazard
from sim.state.columns import F8, I8, MAKER, ORIGIN_OPENING, ORIGIN_SEARCH, SUPPLIER
from sim.state.state import State


def take_plot(state: State, row: int) -> None:
    """Let a new plant move into the park of its place with most room, if its need fits in; else it stays outside."""
    rows, place = np.array([row]), state.firms.place[row]
    if state.firms.tier[row] != MAKER:
        return
    parks = np.flatnonzero((state.parks.place[:-1] == place) & (state.parks.plots[:-1] > 0.0))
    free = [free_plots(state, park) for park in parks.tolist()]
    if free and max(free) >= float(plots_needed(state, rows)[0]):
        move_in(state, rows, int(parks[int(np.argmax(free))]))


def call_on_buyers(state: State, plants: I8, policy_key: int) -> None:
    """Let the sales people of project plants (firm rows) look for the customers that would fill their capacity.

    Suppliers serve the makers around them and call on nobody.
    """
    _call(state, plants[state.firms.tier[plants] != SUPPLIER], None, policy_key)


def bring_customers(state: State, plants: I8, share: float, policy_key: int) -> None:
    """Let plants that have moved here call on old customers: ``share`` of those that would fill their capacity."""
    _call(state, plants, share, policy_key)


def _call(state: State, plants: I8, share: float | None, policy_key: int) -> None:
    of_market = state.market_of[state.firms.place[plants]]
    for market in np.unique(of_market).tolist():
        _call_in(state, market, plants[of_market == market], share, policy_key)


def _call_in(state: State, market: int, plants: I8, share: float | None, policy_key: int) -> None:
    """Call on buyers of one market, at home and abroad as the market's links are spread."""
    buyers = state.buyers_of(market)
    sides = np.array([side_ties(state, market, side) for side in (0, 1)])
    contacts = wanted_contacts(state, market, plants, float(sides.sum()), share)
    plants, contacts = plants[contacts > 0.0], contacts[contacts > 0.0]
    if plants.size == 0:
        return
    number = buyers_by_side(buyers)
    called = float(contacts.sum()) * sides / sides.sum()
    chance = np.divide(called, number, out=np.zeros(2), where=number > 0.0)
    draw = uniforms(state.key("project.visit", policy_key), buyers.slot)
    visitors = np.flatnonzero(draw < chance[buyers.foreign])
    # Customers that follow a plant are its own, not won by the sales people of a new one.
    origin = ORIGIN_OPENING if share is None else ORIGIN_SEARCH
    look_around(state, market, plants, contacts, visitors, 1, origin, policy_key)


def side_ties(state: State, market: int, side: int) -> float:
    """Return the links of buyers at home (0) or abroad (1) with firms of a market, all buyers of a row counted."""
    buyers = state.buyers_of(market)
    rows = buyers.foreign == side
    return float((buyers.weight[rows] * (buyers.supplier[rows] >= 0).sum(axis=1)).sum())


def wanted_contacts(state: State, market: int, plants: I8, links: float, share: float | None = None) -> F8:
    """Return how many buyers each plant calls on this month, shape of plants: those to win ``share`` of the missing.

    Its capacity at normal use over what one tie orders on average in the market is the customers it needs; those that
    order already, or will once they are past their trial, are taken off. Without a ``share`` it tries in its first
    ``project.sales_months`` to win ``project.sales_effort`` of the rest a month. Later it makes up for as many as
    leave a firm with all its customers, twice over as half of the trials end without a fit: buyers that search by
    themselves seldom come upon a firm younger than the run. Of those called on, ``fair.contract_share`` place an order.
    """
    firms, p = state.firms, state.parameters
    mean = mean_order(state, market, links)
    if mean <= 0.0:
        return np.zeros(plants.size)
    ratio = state.costs.capital_output_ratio[firms.place[plants], firms.tier[plants]]
    normal = firms.capital[plants] / ratio / 12.0 * firms.price[plants]
    secured = np.maximum(firms.orders[plants] * firms.price[plants], ties_of(state, market, plants) * mean)
    missing = np.maximum(normal - secured, 0.0) / mean
    if share is not None:
        return share * missing / p.fair.contract_share
    leaving = 2.0 * monthly_hazard(p.links.domestic_survival) * normal / mean
    new = firms.age[plants] < p.project.sales_months
    return np.where(new, p.project.sales_effort * missing, np.minimum(missing, leaving)) / p.fair.contract_share


def mean_order(state: State, market: int, links: float) -> float:
    """Return what a tie of a market orders in a month on average over the last year, yuan."""
    firms = state.firms
    rows = np.concatenate([state.makers, state.traders])
    rows = rows[state.market_of[firms.place[rows]] == market]
    sold = state.total(firms.revenue_year[rows] * (1.0 - firms.orders_local[rows]), rows) / 12.0
    return sold / links if links > 0.0 else 0.0


def ties_of(state: State, market: int, plants: I8) -> F8:
    """Return how many buyers have each plant among their suppliers, shape of plants."""
    buyers = state.buyers_of(market)
    return np.array([float((buyers.weight * (buyers.supplier == row).any(axis=1)).sum()) for row in plants.tolist()])
