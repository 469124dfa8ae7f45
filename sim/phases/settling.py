"""Steps (3) and (4) of the starting state: let the markets find each other in a frozen world, then anchor them.

Anchoring ties two numbers per place to its reported figures: the weight of producers elsewhere on each market (so
that sales at home and abroad are the reported ones) and the level of labour productivity (so that wages take their
share of revenue). What follows is left to the model.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from sim.agents.population import StartLevels
from sim.behaviour.offers import refresh_attractions
from sim.columns import F8, SUPPLIER
from sim.phases import ties
from sim.phases.entry import CandidateBlocks
from sim.rules.chance import uniforms
from sim.rules.ladder import rung_gain
from sim.rules.links import monthly_hazard
from sim.rules.settlement import SALES_DOMESTIC, SALES_FOREIGN
from sim.rules.turnover import expected_closings
from sim.state import State


def first_links(state: State, first_month: int) -> None:
    """Give buyers their suppliers of the start: by search, until slots are as full as they usually are."""
    p, buyers = state.parameters, state.buyers
    abroad = buyers.foreign == 1
    linked = abroad & (_luck(state, "start.linked") < p.start.foreign_linked_share)
    searching = np.zeros(buyers.slot.size, dtype=np.int64)
    # Foreign buyers that know the cluster look for a supplier in each of their slots.
    for place, field in enumerate(state.search):
        rows = state.buyer_rows[place]
        for slot in range(field.foreign_slots):
            searching[rows][linked[rows]] |= 1 << slot
    ties.find(state, first_month, searching, [np.array([p.start.domestic_fill, 0.0])] * len(state.search))
    buyers.link_age[buyers.supplier >= 0] = 24
    for place, field in enumerate(state.search):
        field.fill_rates[:] = steady_rates(state, place)


def _luck(state: State, stream: str) -> F8:
    return uniforms(state.lasting_key(stream), state.buyers.slot)


def steady_rates(state: State, place: int) -> F8:
    """Return the monthly rates at which empty slots of a place's buyers fill so that links form as fast as they break.

    Domestic: for one empty slot. Foreign: for one buyer, since most of them know nobody here.
    """
    p, buyers = state.parameters, state.buyers_of(place)
    fill = p.start.domestic_fill
    domestic = monthly_hazard(p.links.domestic_survival) * fill / (1.0 - fill)
    abroad = buyers.foreign == 1
    links = float(((buyers.supplier[abroad] >= 0).sum(axis=1) * buyers.weight[abroad]).sum())
    lost = monthly_hazard(p.links.foreign_survival) * (1.0 - p.links.same_county) * links
    number = float(buyers.weight[abroad].sum())
    return np.array([domestic, lost / number if number > 0.0 else 0.0])


def anchor_markets(state: State, levels: list[StartLevels], series_level: F8, excess: F8) -> None:
    """Set the weight of producers elsewhere so that buyers would spend the reported sums at present offers.

    ``series_level`` (2,) is demand of the frozen month over the base year; budgets are in base-year yuan. ``excess``
    (places, 2) is what must be ordered for each yuan that is sold: some orders are cancelled.
    """
    p, buyers = state.parameters, state.buyers
    refresh_attractions(state)
    ratio = (p.demand.elasticity_outside - 1.0) / (p.demand.elasticity_suppliers - 1.0)
    inside = _inclusive(state) ** ratio
    outside_price = state.world.outside_price ** (1.0 - p.demand.elasticity_outside)
    for place, level in enumerate(levels):
        wanted = excess[place] * np.array([level.domestic_sales, level.exports])
        for market, target in enumerate(wanted.tolist()):
            rows = (buyers.foreign == market) & (buyers.industry == place)
            spending = 12.0 * buyers.budget[rows] * buyers.weight[rows] * series_level[market]
            weights = inside[rows]

            def gap(log_weight: float, weights: F8 = weights, spending: F8 = spending, target: float = target) -> float:
                share = np.divide(weights, weights + np.exp(log_weight), out=np.zeros_like(weights), where=weights > 0)
                return float((spending * share).sum()) - target

            solution = float(brentq(gap, -40.0, 40.0, xtol=1e-12))
            buyers.outside_weight[rows] = np.exp(solution) / outside_price[market]


def sales_by_market(state: State) -> F8:
    """Return this month's sales to buyers at home and abroad in yuan, shape (places, 2)."""
    return state.place_flows[:, [SALES_DOMESTIC, SALES_FOREIGN]]


def _inclusive(state: State) -> F8:
    """Return each buyer's sum of attractions over its suppliers, all taken as established (shape (buyers,))."""
    buyers, demand = state.buyers, state.parameters.demand
    known = buyers.supplier >= 0
    values = np.where(known, state.scratch.attraction[np.maximum(buyers.supplier, 0)], 0.0) * buyers.link_match
    trial = np.where(buyers.link_age < demand.trial_months, demand.trial_weight, 1.0)
    attractions: F8 = (values * trial * known).sum(axis=1)
    return attractions


def anchor_productivity(state: State, scale: F8) -> None:
    """Scale productivity so that makers' wanted workers cost their share of real output at the base wage.

    ``scale`` (places,) takes the factor applied, multiplied onto what it holds.
    """
    firms, places, share = state.firms, state.places, state.costs.labour_share[0]
    for place in range(len(state.place_ids)):
        rows = state.makers[firms.county[state.makers] == place]
        output = 12.0 * float((firms.expected_orders[rows] * firms.weight[rows]).sum())
        wanted = float((firms.wanted_workers[rows] * firms.weight[rows]).sum())
        factor = wanted / (share * output / places.wage_base[place] / state.world.progress)
        here = state.live[firms.county[state.live] == place]
        firms.productivity[here] *= factor
        firms.workers[here] /= factor
        firms.wanted_workers[here] /= factor
        places.productivity_base[place] += np.log(factor)
        scale[place] *= factor


def anchor_places(state: State) -> None:
    """Take present employment, labour supply, profit and productivity of each place as its normal level."""
    firms, places, labour = state.firms, state.places, state.parameters.labour
    gain = rung_gain(state.parameters.technology, state.parameters.production.labour_elasticity)
    employment = state.by_place(firms.workers[state.live], state.live)
    places.employment_base[:] = employment
    places.labour_pool[:] = employment * (1.0 + labour.vacancy_pool)
    places.normal_profit[:] = places.profit_rate
    for place in range(len(state.place_ids)):
        for tier, rows in enumerate((state.makers, state.suppliers, state.traders)):
            here = rows[firms.county[rows] == place]
            if here.size == 0:
                continue
            own = np.log(firms.productivity[here]) + gain * firms.technology_gap[here]
            places.productivity_base[place, tier] = np.average(own, weights=firms.weight[here])
            small = here[firms.revenue_year[here] < state.parameters.start.own_scale_revenue]
            some = small if small.size else here
            places.mean_capital[place, tier] = np.average(firms.capital[some], weights=firms.weight[some])


def firms_by_tier(state: State) -> F8:
    """Return the firms in business by place and tier, shape (places, 3)."""
    out = np.zeros((len(state.place_ids), 3))
    for tier, rows in enumerate((state.makers, state.suppliers, state.traders)):
        out[:, tier] = state.by_place(np.ones(rows.size), rows)
    return out


def expected_exits(state: State) -> F8:
    """Return firms expected to close a month at present ages and sizes, shape (places, 3)."""
    out = np.zeros((len(state.place_ids), 3))
    expected_closings(state.live, state.firms, state.places, state.parameters.turnover, out)
    return out


def candidate_blocks(state: State, months: int, exits: F8) -> CandidateBlocks:
    """Return blocks of candidate slots with room for entry to rise several fold, and reserve the list of their rows."""
    per_entry = state.parameters.turnover.candidates_per_entry
    size = np.ceil(exits / state.group_size * per_entry).astype(np.int64) + 1
    for place, field in enumerate(state.search):
        field.candidate_rows = np.full(int(size[place].sum()) * months, -1, dtype=np.int32)
    return CandidateBlocks(size=size, first_month=state.month)


def birth_visibility(state: State) -> None:
    """Freeze how visible each firm of the start is; searching buyers look at firms in proportion to it."""
    firms, links = state.firms, state.parameters.links
    rows = state.live[firms.tier[state.live] != SUPPLIER]
    capacity = firms.capital[rows] * ties.capacity_per_capital(state)[firms.tier[rows]]
    firms.visible[rows] = firms.weight[rows] * capacity**links.visibility_elasticity
    for place, field in enumerate(state.search):
        here = rows[firms.county[rows] == place]
        field.initial_rows = here.astype(np.int32)
        field.cumulative = np.cumsum(firms.visible[here])
