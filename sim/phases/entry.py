"""Phase 3: candidates decide whether to enter, and entrants set up with their owners' money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.agents.population import CANDIDATE_START, SLOT_BLOCK, discharge_of
from sim.columns import I1, I8, MAKER
from sim.ledger import FIRMS, HOUSEHOLDS, REST_OF_WORLD
from sim.rules.turnover import enter, entry_chance, fit_out
from sim.state import State


@dataclass
class CandidateBlocks:
    """Fixed blocks of candidate slots: ``size`` (places, 3) slots a month, numbered from ``first_month``."""

    size: I8
    first_month: int

    def slots(self, place: int, month: int) -> list[I8]:
        """Return the month's candidate slots of a place, by tier."""
        total = int(self.size[place].sum())
        first = place * SLOT_BLOCK + CANDIDATE_START + (month - self.first_month) * total
        bounds = first + np.concatenate([[0], np.cumsum(self.size[place])])
        return [np.arange(bounds[tier], bounds[tier + 1]) for tier in range(3)]


def set_up_cost(state: State, place: int) -> float:
    """Return the cost of setting up in a place, 1 without help: a park with free plots saves part of it."""
    firms, parks = state.firms, state.parks
    total = free = 0.0
    for position in range(parks.plots.size - 1):
        if parks.plots[position] <= 0.0 or parks.place[position] != place:
            continue
        rows = state.live[firms.park[state.live] == position]
        total += parks.plots[position]
        free += max(parks.plots[position] - state.total(firms.plots[rows], rows), 0.0)
    if total <= 0.0:
        return 1.0
    in_place = state.live[firms.county[state.live] == place]
    need = float((firms.capital[in_place] * firms.weight[in_place]).sum()) / state.parameters.park.capital_per_plot
    # A free plot helps as far as it is land the place would otherwise lack.
    return 1.0 - state.parameters.turnover.park_entry_discount * min(1.0, free / max(need, 1e-9))


def enter_market(state: State, blocks: CandidateBlocks) -> I8:
    """Let the month's candidates decide; return the rows of those that entered."""
    turnover, places, firms = state.parameters.turnover, state.places, state.firms
    new_slots, new_places, new_tiers = [], [], []
    pending = 0
    for place in range(len(state.place_ids)):
        cost = set_up_cost(state, place)
        for tier, slots in enumerate(blocks.slots(place, state.month)):
            normal = places.normal_entry[place, tier] / state.group_size / max(slots.size, 1)
            chance = entry_chance(
                normal, places.profit_rate[place, tier], places.normal_profit[place, tier], cost, turnover
            )
            entered: I1 = np.zeros(slots.size, dtype=np.int8)
            enter(slots, np.full(slots.size, chance), state.key("entry"), entered)
            chosen = slots[entered == 1]
            new_slots.append(chosen)
            new_places.append(np.full(chosen.size, place))
            new_tiers.append(np.full(chosen.size, tier))
            state.add("entries", place, float(chosen.size * state.group_size))
            pending += _offer(state, place, slots, entered, state.count + pending)
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
        _equip(state, rows)
    state.refresh_rows()
    return rows


def _offer(state: State, place: int, slots: I8, entered: I1, first_row: int) -> int:
    """Note which rows the candidate slots will get, from ``first_row`` on, so that searching buyers can look at them.

    Returns the number of rows they will take.
    """
    field, number = state.search[place], int(entered.sum())
    rows = np.full(slots.size, -1, dtype=np.int32)
    rows[entered == 1] = first_row + np.arange(number)
    end = field.candidates + slots.size
    field.candidate_rows[field.candidates : end] = rows
    field.candidates = end
    return number


def _equip(state: State, rows: I8) -> None:
    """Give entrants size, technique and equipment; their owners pay for it and for the first months."""
    p, firms, world = state.parameters, state.firms, state.world
    tier, county = firms.tier[rows], firms.county[rows]
    for place, field in enumerate(state.search):
        fit_out(
            rows[county == place], firms, state.places, field.initial_rows, p.technology,
            p.production.labour_elasticity, p.turnover, state.key("entrant"),
        )  # fmt: skip
    units = firms.capital[rows] / state.costs.capital_output_ratio[tier] / 12.0
    firms.expected_orders[rows] = units
    firms.workers[rows] = (
        12.0 * units * state.costs.labour_share[tier] / state.places.wage_base[county]
        / (firms.productivity[rows] * world.progress)
    )  # fmt: skip
    firms.markup[rows] = state.costs.markup[tier]
    firms.unit_cost[rows] = state.places.market_cost[county, tier]
    firms.price[rows] = firms.unit_cost[rows] * (1.0 + firms.markup[rows])
    makers = rows[tier == MAKER]
    firms.emission[makers] = discharge_of(firms.slot[makers], p, state.seed)
    firms.service[rows], firms.use[rows] = 1.0, p.production.normal_use
    buffer = 2.0 * p.investment.cash_buffer_months * units * firms.unit_cost[rows]
    equipment = firms.capital[rows] * world.producer
    state.ledger.transfer(HOUSEHOLDS, FIRMS, buffer + equipment, "founders' money", firms, rows)
    state.ledger.transfer(FIRMS, REST_OF_WORLD, equipment, "founders' equipment", firms, rows)
