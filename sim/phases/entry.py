"""Phase 3: candidates decide whether to enter, and entrants set up with their owners' money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.agents.population import CANDIDATE_START, SLOT_BLOCK, discharge_of
from sim.columns import HONOUR_LEAD, I1, I8, MAKER
from sim.ledger import FIRMS, HOUSEHOLDS, REST_OF_WORLD
from sim.rules.ladder import rung_gain
from sim.rules.turnover import enter, entry_chance, fit_out
from sim.state import Opening, State

PROJECT_SLOTS = 2
"""Slots a month and place reserved for plants of investment projects; those that find none open later."""


@dataclass
class CandidateBlocks:
    """Fixed blocks of candidate slots, numbered from ``first_month``.

    ``size`` (places, 4): slots a month for makers, suppliers and traders, and for plants of investment projects.
    """

    size: I8
    first_month: int

    def slots(self, place: int, month: int) -> list[I8]:
        """Return the month's candidate slots of a place: by tier, then those for projects."""
        total = int(self.size[place].sum())
        first = place * SLOT_BLOCK + CANDIDATE_START + (month - self.first_month) * total
        bounds = first + np.concatenate([[0], np.cumsum(self.size[place])])
        return [np.arange(bounds[tier], bounds[tier + 1]) for tier in range(4)]


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
    firms = state.firms
    new_slots, new_places, new_tiers = [], [], []
    projects: list[tuple[int, Opening]] = []
    pending = 0
    for place in range(len(state.place_ids)):
        cost = set_up_cost(state, place)
        *by_tier, reserved = blocks.slots(place, state.month)
        for tier, slots in enumerate(by_tier):
            entered = _candidates(state, place, tier, slots, cost)
            chosen = slots[entered == 1]
            new_slots.append(chosen)
            new_places.append(np.full(chosen.size, place))
            new_tiers.append(np.full(chosen.size, tier))
            state.add("entries", place, float(chosen.size * state.group_size))
            pending += _offer(state, place, slots, entered, state.count + pending)
        waiting = [opening for opening in state.openings if opening.place == place][: reserved.size]
        opens: I1 = (np.arange(reserved.size) < len(waiting)).astype(np.int8)
        projects += [(state.count + pending + number, opening) for number, opening in enumerate(waiting)]
        new_slots.append(reserved[opens == 1])
        new_places.append(np.full(len(waiting), place))
        new_tiers.append(np.array([opening.tier for opening in waiting], dtype=np.int64))
        state.add("entries", place, float(len(waiting)))
        pending += _offer(state, place, reserved, opens, state.count + pending)
    slots = np.concatenate(new_slots)
    state.reserve(slots.size)
    firms = state.firms
    rows = np.arange(state.count, state.count + slots.size)
    state.count += slots.size
    firms.slot[rows] = slots
    firms.county[rows], firms.tier[rows] = np.concatenate(new_places), np.concatenate(new_tiers)
    firms.alive[rows], firms.weight[rows], firms.park[rows] = 1, state.group_size, -1
    firms.entry_month[rows] = state.month
    if rows.size:
        _set_up(state, rows, projects)
    state.refresh_rows()
    return rows


def _candidates(state: State, place: int, tier: int, slots: I8, cost: float) -> I1:
    """Return which candidate slots of a tier enter (shape of slots)."""
    turnover, places = state.parameters.turnover, state.places
    normal = places.normal_entry[place, tier] / state.group_size / max(slots.size, 1)
    chance = entry_chance(normal, places.profit_rate[place, tier], places.normal_profit[place, tier], cost, turnover)
    entered: I1 = np.zeros(slots.size, dtype=np.int8)
    enter(slots, np.full(slots.size, chance * places.pull[place]), state.key("entry"), entered)
    return entered


def _offer(state: State, place: int, slots: I8, entered: I1, first_row: int) -> int:
    """Note which rows the candidate slots will get, from ``first_row`` on, so that searching buyers can look at them.

    Returns the number of rows they will take.
    """
    field, number = state.search[int(state.market_of[place])], int(entered.sum())
    rows = np.full(slots.size, -1, dtype=np.int32)
    rows[entered == 1] = first_row + np.arange(number)
    end = field.candidates + slots.size
    field.candidate_rows[field.candidates : end] = rows
    field.candidates = end
    return number


def _set_up(state: State, rows: I8, projects: list[tuple[int, Opening]]) -> None:
    """Give entrants size, technique and equipment; their owners pay for it and for the first months."""
    p, firms = state.parameters, state.firms
    for place in np.unique(firms.county[rows]).tolist():
        fit_out(
            rows[firms.county[rows] == place], firms, state.places, state.start_rows[place], p.technology,
            p.production.labour_elasticity, p.turnover, state.key("entrant"),
        )  # fmt: skip
    firms.local_share[rows] = np.where(firms.tier[rows] == MAKER, state.places.local_share[firms.county[rows]], 0.0)
    for row, opening in projects:
        state.openings.remove(opening)
        state.opened.append((state.month, opening.policy, row))
        firms.weight[row], firms.capital[row] = 1.0, opening.capital
        # New plants buy the techniques of the day.
        firms.productivity[row] *= np.exp(
            rung_gain(p.technology, p.production.labour_elasticity) * firms.technology_gap[row]
        )
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
