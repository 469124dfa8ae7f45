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
    """Call on buyers of one market, at home and abroad each as far as customers are missing there."""
    buyers = state.buyers_of(market)
    number, draw = buyers_by_side(buyers), uniforms(state.key("project.visit", policy_key), buyers.slot)
    for side in (0, 1):
        contacts = wanted_contacts(state, market, plants, side, share)
        calling, contacts = plants[contacts > 0.0], contacts[contacts > 0.0]
        if calling.size == 0 or number[side] <= 0.0:
            continue
        visitors = np.flatnonzero((draw < float(contacts.sum()) / number[side]) & (buyers.foreign == side))
        # Customers that follow a plant are its own, not won by the sales people of a new one.
        origin = ORIGIN_OPENING if share is None else ORIGIN_SEARCH
        look_around(state, market, calling, contacts, visitors, 1, origin, policy_key)


def side_ties(state: State, market: int, side: int) -> float:
    """Return the links of buyers at home (0) or abroad (1) with firms of a market, all buyers of a row counted."""
    buyers = state.buyers_of(market)
    rows = buyers.foreign == side
    return float((buyers.weight[rows] * (buyers.supplier[rows] >= 0).sum(axis=1)).sum())


def wanted_contacts(state: State, market: int, plants: I8, side: int, share: float | None = None) -> F8:
    """Return how many buyers at home (0) or abroad (1) each plant calls on this month, shape of plants.

    Those to win ``share`` of the missing. A plant sells abroad the part that firms of the market do; what it can make
    at normal use for a side over what one tie there orders on average is the customers it needs; those that order
    already, or will once they are past their trial, are taken off. Without a ``share`` it tries in its first
    ``project.sales_months`` to win ``project.sales_effort`` of the rest a month. Later it makes up for as many as
    leave a firm with all its customers, twice over as half of the trials end without a fit: buyers that search by
    themselves seldom come upon a firm younger than the run. Of those called on, ``fair.contract_share`` place an order.

    Sales abroad follow sales at home: a new plant looks there for as much as goes with what buyers at home order of it
    in the proportion in which firms of the market sell, not for all it could make. What it lacks at home it does not
    make up abroad. A plant that has moved here brings customers on both sides.
    """
    firms, p = state.firms, state.parameters
    sold, links = sold_to(state, market), side_ties(state, market, side)
    if sold[side] <= 0.0 or links <= 0.0:
        return np.zeros(plants.size)
    mean = float(sold[side] / links)
    ratio = state.costs.capital_output_ratio[firms.place[plants], firms.tier[plants]]
    part = float(sold[side] / sold.sum())
    normal = part * firms.capital[plants] / ratio / 12.0 * firms.price[plants]
    abroad = firms.orders_foreign[plants]
    ordered = firms.orders[plants] * firms.price[plants]
    if side and share is None and sold[0] > 0.0:
        normal = np.minimum(normal, sold[1] / sold[0] * (1.0 - abroad) * ordered)
    ordered = ordered * (abroad if side else 1.0 - abroad)
    secured = np.maximum(ordered, ties_of(state, market, plants, side) * mean)
    missing = np.maximum(normal - secured, 0.0) / mean
    if share is not None:
        return share * missing / p.fair.contract_share
    survival = p.links.foreign_survival if side else p.links.domestic_survival
    leaving = 2.0 * monthly_hazard(survival) * normal / mean
    new = firms.age[plants] < p.project.sales_months
    return np.where(new, p.project.sales_effort * missing, np.minimum(missing, leaving)) / p.fair.contract_share


def sold_to(state: State, market: int) -> F8:
    """Return what makers and traders of a market sell to buyers at home and abroad in a month, yuan, shape (2,)."""
    firms = state.firms
    rows = np.concatenate([state.makers, state.traders])
    rows = rows[state.market_of[firms.place[rows]] == market]
    sold = state.total(firms.revenue_year[rows] * (1.0 - firms.orders_local[rows]), rows) / 12.0
    abroad = min(state.total(firms.exports[rows], rows), sold)
    return np.array([sold - abroad, abroad])


def ties_of(state: State, market: int, plants: I8, side: int) -> F8:
    """Return how many buyers on a side have each plant among their suppliers, shape of plants."""
    buyers = state.buyers_of(market)
    weight = buyers.weight * (buyers.foreign == side)
    return np.array([float((weight * (buyers.supplier == row).any(axis=1)).sum()) for row in plants.tolist()])
