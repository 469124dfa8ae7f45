"""Phase 3: candidates decide whether to enter, and entrants set up with their owners' money."""

from __future__ import annotations

import numpy as np

from sim.rules.elementary import exp
from sim.rules.turnover import enter, entry_chances, fit_out
from sim.start.population import CANDIDATE_START, SLOT_BLOCK, discharge_of
from sim.state.columns import HONOUR_LEAD, I1, I8, MAKER
from sim.state.ledger import FIRMS, HOUSEHOLDS, REST_OF_WORLD
from sim.state.state import Opening, State

PROJECTS = 3
"""Column of a candidate block that belongs to plants of investment projects; before it come the three tiers."""
PROJECT_SLOTS = 2
"""Slots a month and place reserved for plants of investment projects; those that find none open later."""


class CandidateBlocks:
    """Fixed blocks of candidate slots, one block a place and month.

    Parameters
    ----------
    size
        Shape (places, 4): slots a month for makers, suppliers and traders, and for plants of investment projects.
    first_month
        Month of the first blocks.

    Attributes
    ----------
    place, kind
        Shape (slots,): place of each of the month's slots and its column in ``size``, place by place.
    """

    def __init__(self, size: I8, first_month: int) -> None:
        self.size, self.first_month = size, first_month
        self.total = size.sum(axis=1)
        self.place: I8 = np.repeat(np.arange(len(size)), self.total)
        self.kind: I8 = np.concatenate([np.repeat(np.arange(size.shape[1]), row) for row in size])
        self._offset = np.concatenate([np.arange(total) for total in self.total])

    def slots(self, month: int) -> I8:
        """Return the month's candidate slots of all places, shape (slots,)."""
        blocks_before = (month - self.first_month) * self.total[self.place]
        numbers: I8 = self.place * SLOT_BLOCK + CANDIDATE_START + blocks_before + self._offset
        return numbers


def set_up_cost(state: State, place: int) -> float:
    """Return the cost of setting up in a place, 1 without help: a park with free plots saves part of it."""
    firms, parks = state.firms, state.parks
    total = free = 0.0
    for position in range(parks.plots.size - 1):
        if parks.plots[position] <= 0.0 or parks.place[position] != place:
            continue
        here = state.rows_of(place)
        rows = here[firms.park[here] == position]
        total += parks.plots[position]
        free += max(parks.plots[position] - state.total(firms.plots[rows], rows), 0.0)
    if total <= 0.0:
        return 1.0
    in_place = state.rows_of(place)
    need = float((firms.capital[in_place] * firms.weight[in_place]).sum()) / state.parameters.park.capital_per_plot
    # A free plot helps as far as it is land the place would otherwise lack.
    return 1.0 - state.parameters.turnover.park_entry_discount * min(1.0, free / max(need, 1e-9))


def enter_market(state: State, blocks: CandidateBlocks) -> I8:
    """Let the month's candidates decide and finished projects open; return the rows of those that entered."""
    slots = blocks.slots(state.month)
    entered = _candidates(state, blocks, slots)
    opening = _openings(state, blocks, entered)
    chosen = np.flatnonzero(entered)
    rows = state.count + np.arange(chosen.size)
    _offer(state, blocks, entered)
    state.reserve(chosen.size)
    firms = state.firms
    state.count += chosen.size
    firms.slot[rows] = slots[chosen]
    firms.county[rows] = blocks.place[chosen]
    firms.tier[rows] = np.where(blocks.kind[chosen] < PROJECTS, blocks.kind[chosen], 0)
    firms.alive[rows], firms.weight[rows], firms.park[rows] = 1, state.group_sizes[blocks.place[chosen]], -1
    firms.entry_month[rows] = state.month
    projects = list(zip(rows[blocks.kind[chosen] == PROJECTS].tolist(), opening, strict=True))
    if rows.size:
        _set_up(state, rows, projects)
    state.refresh_rows()
    founded = rows[blocks.kind[chosen] < PROJECTS]
    for name, values, counted in (
        ("entries", np.ones(rows.size), rows),
        ("jobs_entrants", firms.workers[founded], founded),
    ):
        state.add_by_place(name, state.by_place(values, counted))
    return rows


def _candidates(state: State, blocks: CandidateBlocks, slots: I8) -> I1:
    """Return which of the month's slots enter by their own decision (shape of slots)."""
    places = len(state.place_ids)
    factor = np.zeros((places, PROJECTS + 1))
    cost = np.ones(places)
    for place in np.unique(state.parks.place[state.parks.plots > 0.0]):
        cost[place] = set_up_cost(state, place)
    entry_chances(state.places, cost, state.parameters.turnover, factor[:, :PROJECTS])
    slots_a_firm = state.group_sizes[:, None] * np.maximum(blocks.size[:, :PROJECTS], 1)
    factor[:, :PROJECTS] *= state.places.normal_entry / slots_a_firm
    entered: I1 = np.zeros(slots.size, dtype=np.int8)
    enter(slots, factor[blocks.place, blocks.kind], state.key("entry"), entered)
    return entered


def _openings(state: State, blocks: CandidateBlocks, entered: I1) -> list[Opening]:
    """Give waiting projects the month's reserved slots: mark them in ``entered``, return the projects in that order."""
    chosen: list[Opening] = []
    if not state.openings:
        return chosen
    for place in sorted({opening.place for opening in state.openings}):
        free = np.flatnonzero((blocks.place == place) & (blocks.kind == PROJECTS))
        waiting = [opening for opening in state.openings if opening.place == place][: free.size]
        entered[free[: len(waiting)]] = 1
        chosen += waiting
    return chosen


def _offer(state: State, blocks: CandidateBlocks, entered: I1) -> None:
    """Note which rows the month's candidate slots get, so that searching buyers can look at them."""
    rows = np.full(entered.size, -1, dtype=np.int32)
    rows[entered == 1] = state.count + np.arange(int(entered.sum()))
    of_market = state.market_of[blocks.place]
    for market, field in enumerate(state.search):
        here = rows if len(state.markets) == 1 else rows[of_market == market]
        end = field.candidates + here.size
        field.candidate_rows[field.candidates : end] = here
        field.candidates = end


def _set_up(state: State, rows: I8, projects: list[tuple[int, Opening]]) -> None:
    """Give entrants size, technique and equipment; their owners pay for it and for the first months."""
    p, firms = state.parameters, state.firms
    for row, opening in projects:
        firms.tier[row] = opening.tier
    fit_out(
        rows, firms, state.places, state.start_rows, state.start_bounds, p.technology, p.production.labour_elasticity,
        p.turnover, state.key("entrant"),
    )  # fmt: skip
    firms.local_share[rows] = np.where(firms.tier[rows] == MAKER, state.places.local_share[firms.county[rows]], 0.0)
    for row, opening in projects:
        state.openings.remove(opening)
        state.opened.append((state.month, opening.policy, row))
        firms.weight[row], firms.capital[row] = 1.0, opening.capital
        # New plants buy the techniques of the day and hire people who know the trade: they start at the place's mean.
        firms.productivity[row] = exp(state.places.productivity_base[opening.place, opening.tier])
        firms.technology_gap[row], firms.quality[row], firms.tracked[row] = 0.0, 1.0, 1
        firms.honours[row] |= HONOUR_LEAD if opening.lead else 0
        if opening.local_share is not None:
            firms.local_share[row] = opening.local_share
    of_projects = np.isin(rows, [row for row, _ in projects])
    _equip(state, rows)
    _finance(state, rows[~of_projects], HOUSEHOLDS, "founders'")
    _finance(state, rows[of_projects], REST_OF_WORLD, "investors'")


def _equip(state: State, rows: I8) -> None:
    """Give entrants workers, prices and expectations that fit their equipment."""
    p, firms, world = state.parameters, state.firms, state.world
    tier, county = firms.tier[rows], firms.county[rows]
    units = firms.capital[rows] / state.costs.capital_output_ratio[county, tier] / 12.0
    firms.expected_orders[rows] = units
    firms.workers[rows] = (
        12.0 * units * state.costs.labour_share[county, tier] / state.places.wage_base[county]
        / (firms.productivity[rows] * world.progress)
    )  # fmt: skip
    firms.markup[rows] = state.costs.markup[county, tier]
    firms.unit_cost[rows] = state.places.market_cost[county, tier]
    firms.price[rows] = firms.unit_cost[rows] * (1.0 + firms.markup[rows])
    makers = rows[tier == MAKER]
    firms.emission[makers] = discharge_of(firms.slot[makers], firms.county[makers], state.industries, state.seed)
    firms.service[rows], firms.use[rows] = 1.0, p.production.normal_use


def _finance(state: State, rows: I8, owners: str, whose: str) -> None:
    """Let owners pay for the equipment and the cash of the first months."""
    firms = state.firms
    months = 2.0 * state.parameters.investment.cash_buffer_months
    buffer = months * firms.expected_orders[rows] * firms.unit_cost[rows]
    equipment = firms.capital[rows] * state.world.producer
    state.ledger.transfer(owners, FIRMS, buffer + equipment, f"{whose} money", firms, rows)
    state.ledger.transfer(FIRMS, REST_OF_WORLD, equipment, f"{whose} equipment", firms, rows)
