"""Phases 3 and 11: entry of candidates and plants; learning, ageing and exit of firms."""

from __future__ import annotations

import math

import numpy as np

from sim.month.search import capacity_per_capital
from sim.policies.park.tenancy import free_plots
from sim.rules.elementary import exp, log, logs, powers
from sim.rules.turnover import closings, enter, entry_chances, fit_out, learn
from sim.start.population import discharge_of
from sim.state.columns import F8, HONOUR_LEAD, I1, I8, MAKER, SUPPLIER, TRADER, clear
from sim.state.ledger import BANKS, FIRMS, HOUSEHOLDS, REST_OF_WORLD
from sim.state.state import Opening, State

PROJECTS = 3
"""Column of a candidate block that belongs to plants of investment projects; before it come the three tiers."""
PROJECT_SLOTS = 2
"""Slots a month and place reserved for plants of investment projects; those that find none open later."""


def set_up_cost(state: State, place: int) -> float:
    """Return the cost of setting up in a place, 1 without help: free plots and sites left for a park save a part."""
    parks = np.flatnonzero((state.parks.place == place) & (state.parks.plots > 0.0)).tolist()
    if not parks:
        return 1.0
    free = math.fsum(max(free_plots(state, park), 0.0) + float(state.parks.vacated[park]) for park in parks)
    here = state.rows_of(place)
    need = float((state.firms.capital[here] * state.firms.weight[here]).sum()) / state.parameters.park.capital_per_plot
    # A free plot, or a site that a tenant has left, helps as far as it is land the place would otherwise lack.
    return 1.0 - state.parameters.turnover.park_entry_discount * min(1.0, free / max(need, 1e-9))


def enter_market(state: State) -> None:
    """Let the month's candidates decide and finished projects open; ``state.entered`` holds the rows that entered."""
    blocks = state.blocks
    slots = blocks.slots(state.month)
    entered = _candidates(state, slots)
    opening = _openings(state, entered)
    chosen = np.flatnonzero(entered)
    places, tiers = blocks.place[chosen], blocks.kind[chosen]
    tiers[tiers == PROJECTS] = [each.tier for each in opening]
    rows = state.entered = state.rows_for(places, tiers)
    firms = state.firms
    clear(firms, rows)
    firms.slot[rows], firms.place[rows], firms.tier[rows] = slots[chosen], places, tiers
    _list(state, chosen, rows, slots.size)
    firms.alive[rows], firms.weight[rows], firms.park[rows] = 1, state.group_sizes[blocks.place[chosen]], -1
    firms.entry_month[rows] = state.month
    projects = list(zip(rows[blocks.kind[chosen] == PROJECTS].tolist(), opening, strict=True))
    if rows.size:
        _set_up(state, rows, projects)
    state.refresh_rows()
    founded = rows[blocks.kind[chosen] < PROJECTS]
    state.add_by_place("entries", state.firms_by_place(rows))
    state.add_by_place("jobs_entrants", state.by_place(firms.workers[founded], founded))


def entry_factors(state: State) -> F8:
    """Return by how much present conditions raise the chance that a candidate enters, shape (places, 3)."""
    factor, cost = np.zeros((len(state.place_ids), PROJECTS)), np.ones(len(state.place_ids))
    for place in np.unique(state.parks.place[state.parks.plots > 0.0]):
        cost[place] = set_up_cost(state, place)
    entry_chances(state.places, cost, state.parameters.turnover, factor)
    return factor


def _candidates(state: State, slots: I8) -> I1:
    """Return which of the month's slots enter by their own decision (shape of slots)."""
    blocks = state.blocks
    factor = np.zeros((len(state.place_ids), PROJECTS + 1))
    slots_a_firm = state.group_sizes[:, None] * np.maximum(blocks.size[:, :PROJECTS], 1)
    factor[:, :PROJECTS] = entry_factors(state) * state.places.normal_entry / slots_a_firm
    entered: I1 = np.zeros(slots.size, dtype=np.int8)
    enter(slots, factor[blocks.place, blocks.kind], state.key("entry"), entered)
    return entered


def _openings(state: State, entered: I1) -> list[Opening]:
    """Give waiting projects the month's reserved slots: mark them in ``entered``, return the projects in that order."""
    blocks, chosen = state.blocks, list[Opening]()
    for place in sorted({opening.place for opening in state.openings}):
        free = np.flatnonzero((blocks.place == place) & (blocks.kind == PROJECTS))
        waiting = [opening for opening in state.openings if opening.place == place][: free.size]
        entered[free[: len(waiting)]] = 1
        chosen += waiting
    return chosen


def _list(state: State, chosen: I8, rows: I8, slots: int) -> None:
    """Note which rows ``chosen`` ones of the month's candidate slots got, so that searching buyers can look at them."""
    got = np.full(slots, -1, dtype=np.int32)
    got[chosen] = rows
    of_market = state.market_of[state.blocks.place]
    for market, field in enumerate(state.search):
        here = np.flatnonzero(of_market == market)
        begin = field.own.size + field.candidates
        field.rows[begin : begin + here.size] = got[here]
        field.candidates += here.size
        new = got[here] >= 0
        state.firms.listed[got[here[new]]] = begin + np.flatnonzero(new)


def _set_up(state: State, rows: I8, projects: list[tuple[int, Opening]]) -> None:
    """Give entrants size, technique and equipment; their owners pay for it and for the first months."""
    p, firms = state.parameters, state.firms
    fit_out(
        rows, firms, state.places, state.start_rows, state.start_slots, state.start_bounds, p.technology,
        p.production.labour_elasticity, p.turnover, state.start_talents, state.start_weights,
        state.start_sizes, state.start_traders, state.key("entrant"),
    )  # fmt: skip
    firms.local_share[rows] = np.where(firms.tier[rows] == MAKER, state.places.local_share[firms.place[rows]], 0.0)
    for row, opening in projects:
        state.openings.remove(opening)
        state.opened.append((state.month, opening.policy, row))
        firms.weight[row], firms.capital[row] = 1.0, opening.capital
        firms.tracked[row] = 1
        firms.talent[row] = firms.favour[row] = usual_favour(state, opening)
        if not opening.moves:
            # New plants buy the techniques of the day and hire people who know the trade: they start at the mean.
            firms.productivity[row] = exp(state.places.productivity_base[opening.place, opening.tier])
            firms.technology_gap[row], firms.quality[row] = 0.0, 1.0
        firms.honours[row] |= HONOUR_LEAD if opening.lead else 0
        if opening.local_share is not None:
            firms.local_share[row] = opening.local_share
    of_projects, customers = np.isin(rows, [row for row, _ in projects]), np.ones(rows.size)
    customers[of_projects] = [opening.customers for _, opening in projects]
    _equip(state, rows, customers)
    _finance(state, rows[~of_projects], HOUSEHOLDS, "founders'")
    _finance(state, rows[of_projects], REST_OF_WORLD, "investors'")


def usual_favour(state: State, opening: Opening) -> float:
    """Return the lasting favour with buyers of the firm of the start of a plant's tier that is nearest to it in size.

    Who builds a large works serves large orders, as large firms do; a supplier sells to neighbours and has none.
    """
    first, traders, last = (
        int(at) for at in (state.start_bounds[opening.place], state.start_traders[opening.place],
                           state.start_bounds[opening.place + 1])
    )  # fmt: skip
    begin, end = (traders, last) if opening.tier == TRADER else (first, traders)
    if opening.tier == SUPPLIER or begin == end:
        return 0.0
    distance = np.abs(logs(state.start_sizes[begin:end]) - log(opening.capital))
    return float(state.start_talents[begin + int(np.argmin(distance))])


def _equip(state: State, rows: I8, customers: F8) -> None:
    """Give entrants prices that fit their equipment, and the orders they expect and the people these need.

    ``customers`` (shape of rows) is expected orders over what equipment makes at normal use.
    """
    p, firms, world = state.parameters, state.firms, state.world
    tier, place = firms.tier[rows], firms.place[rows]
    units = normal_output(state, rows)
    firms.expected_orders[rows] = customers * units
    firms.workers[rows] = (
        12.0 * units * state.costs.labour_share[place, tier] / state.places.wage_base[place]
        * state.places.labour_load[place] / (firms.productivity[rows] * world.progress)
        * powers(customers, 1.0 / p.production.labour_elasticity)
    )  # fmt: skip
    firms.markup[rows] = state.costs.markup[place, tier]
    firms.unit_cost[rows] = state.places.market_cost[place, tier]
    firms.price[rows] = firms.unit_cost[rows] * (1.0 + firms.markup[rows])
    makers = rows[tier == MAKER]
    firms.emission[makers] = discharge_of(firms.slot[makers], firms.place[makers], state.industries, state.seed)
    firms.service[rows], firms.use[rows] = 1.0, p.production.normal_use


def normal_output(state: State, rows: I8) -> F8:
    """Return what the equipment of firms makes at normal use, units a month."""
    firms, ratio = state.firms, state.costs.capital_output_ratio
    units: F8 = firms.capital[rows] / ratio[firms.place[rows], firms.tier[rows]] / 12.0
    return units


def _finance(state: State, rows: I8, owners: str, whose: str) -> None:
    """Let owners pay for the equipment and the cash of the first months, those in which customers are missing too."""
    firms = state.firms
    months = state.parameters.turnover.founding_cash * state.parameters.investment.cash_buffer_months
    buffer = months * normal_output(state, rows) * firms.unit_cost[rows]
    equipment = firms.capital[rows] * state.world.producer
    state.ledger.transfer(owners, FIRMS, buffer + equipment, f"{whose} money", firms, rows)
    state.ledger.transfer(FIRMS, REST_OF_WORLD, equipment, f"{whose} equipment", firms, rows)


def learn_and_age(state: State) -> None:
    """Move productivity, technique and age by a month."""
    p = state.parameters
    learn(
        state.segments, state.firms, state.places, p.technology, p.favour, p.production.labour_elasticity,
        state.key("productivity"), state.key("favour"),
    )  # fmt: skip


def leave(state: State) -> None:
    """Close firms whose time has come or whose money is gone; ``state.left`` holds their rows."""
    p, firms = state.parameters, state.firms
    reason = np.zeros(state.count, dtype=np.int8)
    closings(
        state.segments, firms, state.places, p.turnover, p.investment, capacity_per_capital(state),
        state.world.producer, state.key("exit"), reason,
    )  # fmt: skip
    rows = state.left = np.flatnonzero(reason)
    _liquidate(state, rows)
    firms.alive[rows], firms.exit_month[rows] = 0, state.month
    firms.workers[rows] = firms.orders[rows] = firms.backlog[rows] = firms.delivered[rows] = 0.0
    firms.park[rows], firms.plots[rows] = -1, 0.0
    _strike_off(state, rows)
    state.add_by_place("exits", state.firms_by_place(rows))
    state.add_by_place("exits_insolvent", state.firms_by_place(np.flatnonzero(reason == 2)))
    state.refresh_rows()


def _strike_off(state: State, rows: I8) -> None:
    """Take closed firms off the lists in which buyers search."""
    of_market = state.market_of[state.firms.place[rows]]
    for market, field in enumerate(state.search):
        field.rows[state.firms.listed[rows[of_market == market]]] = -1


def _liquidate(state: State, rows: I8) -> None:
    """Sell the equipment, repay the bank as far as it goes, give owners the rest; the bank bears what is missing."""
    firms, ledger = state.firms, state.ledger
    value = firms.capital[rows] * state.world.producer * state.parameters.investment.resale_share
    ledger.transfer(REST_OF_WORLD, FIRMS, value, "sale of closed firms", firms, rows)
    repaid = np.minimum(firms.loan[rows], np.maximum(firms.cash[rows], 0.0))
    ledger.transfer(FIRMS, BANKS, repaid, "loans of closed firms", firms, rows)
    firms.loan[rows] = 0.0
    ledger.transfer(FIRMS, HOUSEHOLDS, np.maximum(firms.cash[rows], 0.0), "owners of closed firms", firms, rows)
    ledger.transfer(BANKS, FIRMS, np.maximum(-firms.cash[rows], 0.0), "debts of closed firms", firms, rows)
    firms.capital[rows] = firms.cash[rows] = 0.0
