"""Plants of investment projects open in slots kept for them, with investors' money."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.model import ClusterModel
from sim.month import demography
from sim.month.demography import PROJECT_SLOTS
from sim.observables import INDEX
from sim.state.columns import HONOUR_LEAD, MAKER, SUPPLIER, TRADER
from sim.state.ledger import HOUSEHOLDS, REST_OF_WORLD
from sim.state.state import CANDIDATE_START, SLOT_BLOCK, Opening, first_slots
from tests.model_fixtures import SEED, neighbours, quick_parameters


def model_of(*industries: str, end: str = "2023-12") -> ClusterModel:
    """Return a settled model of small places without policies."""
    return ClusterModel(neighbours(*industries, end=end), quick_parameters(), SEED)


def plant(place: int = 0, **changes: Any) -> Opening:
    """Return a plant of fifty million yuan that is ready."""
    usual = {"place": place, "tier": MAKER, "capital": 5e7, "policy": 3, "customers": 0.35}
    return Opening(**{**usual, **changes})


def test_a_plant_opens_the_month_after_it_is_ready_and_the_past_is_equal_to_the_bit() -> None:
    without, model = model_of("fasteners"), model_of("fasteners")
    for _ in range(2):
        without.step()
        model.step()
    model.state.openings.append(plant(lead=True, local_share=0.6))
    month = model.state.month
    for _ in range(2):
        without.step()
        model.step()
    ((opened, policy, row),) = model.state.opened
    assert (opened, policy) == (month, 3)
    assert not model.state.openings
    firms = model.state.firms
    assert firms.entry_month[row] == month
    assert (firms.weight[row], firms.tier[row], firms.tracked[row]) == (1.0, MAKER, 1)
    assert firms.honours[row] & HONOUR_LEAD
    assert firms.local_share[row] == 0.6
    one, other = without.notebook.monthly, model.notebook.monthly
    assert np.array_equal(one[:2], other[:2])
    assert not np.array_equal(one[2:4], other[2:4])
    entries = INDEX["entries"]
    assert other[2, 0, entries] == one[2, 0, entries] + 1.0


def test_it_takes_a_slot_kept_for_projects_and_shifts_nobody_else_s() -> None:
    without, model = model_of("fasteners"), model_of("fasteners")
    model.state.openings += [plant(), plant(tier=SUPPLIER)]
    without.step()
    model.step()
    usual, more = set(without.state.firms.slot[without.state.entered]), set(model.state.firms.slot[model.state.entered])
    new = {int(model.state.firms.slot[row]) for _, _, row in model.state.opened}
    assert more - usual == new
    assert usual < more
    blocks = model.state.blocks
    block = blocks.size[0]
    blocks_before = (model.state.first_month - blocks.first_month) * int(block.sum())
    first = blocks.first_slots[0] + CANDIDATE_START + blocks_before + int(block[:3].sum())
    assert new == {first, first + 1}
    assert model.state.firms.tier[[row for _, _, row in model.state.opened]].tolist() == [MAKER, SUPPLIER]


def test_a_plant_is_what_was_planned_and_has_the_technique_of_the_day() -> None:
    model = model_of("fasteners")
    slots_before = set(model.state.firms.slot[model.state.live].tolist())
    model.state.openings.append(plant())
    demography.enter_market(model.state)
    ((_, _, row),) = model.state.opened
    firms, state = model.state.firms, model.state
    assert row in state.live
    assert firms.slot[row] not in slots_before
    assert (firms.place[row], firms.tier[row], firms.entry_month[row]) == (0, MAKER, state.month)
    assert (firms.capital[row], firms.technology_gap[row], firms.quality[row]) == (5e7, 0.0, 1.0)
    units = 5e7 / state.costs.capital_output_ratio[0, 0] / 12.0
    assert firms.expected_orders[row] == pytest.approx(0.35 * units)
    made = firms.workers[row] * firms.productivity[row] * state.world.progress
    normal = 12.0 * units * state.costs.labour_share[0, 0] / state.places.wage_base[0]
    few = 0.35 ** (1.0 / state.parameters.production.labour_elasticity)
    assert made == pytest.approx(few * normal * state.places.labour_load[0]), "with people for busy months, as others"
    months = state.parameters.turnover.founding_cash * state.parameters.investment.cash_buffer_months
    assert firms.cash[row] == pytest.approx(months * units * firms.unit_cost[row]), "money until customers are found"
    assert firms.local_share[row] == state.places.local_share[0]
    assert not firms.honours[row]


def test_a_plant_is_liked_as_firms_of_its_size_are() -> None:
    model = model_of("fasteners")
    state = model.state
    makers = slice(int(state.start_bounds[0]), int(state.start_traders[0]))
    sizes, talents = state.start_sizes[makers], state.start_talents[makers]
    for number in (int(np.argmin(sizes)), int(np.argmax(sizes))):
        assert demography.usual_favour(state, plant(capital=float(sizes[number]))) == talents[number]
    assert demography.usual_favour(state, plant(capital=10.0 * float(sizes.max()))) == talents[int(np.argmax(sizes))]
    assert demography.usual_favour(state, plant(tier=SUPPLIER)) == 0.0
    traders = state.start_talents[int(state.start_traders[0]) : int(state.start_bounds[1])]
    assert demography.usual_favour(state, plant(tier=TRADER)) in traders
    state.openings.append(plant())
    demography.enter_market(state)
    ((_, _, row),) = state.opened
    assert state.firms.favour[row] == state.firms.talent[row] == demography.usual_favour(state, plant())


def test_investors_from_elsewhere_pay_and_the_books_close(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of("fasteners")
    ledger, seen = model.state.ledger, []
    transfer = ledger.transfer

    def noting(source: str, target: str, amount: Any, purpose: str, *words: Any) -> float:
        moved = transfer(source, target, amount, purpose, *words)
        seen.append((purpose, source, target, moved))
        return moved

    monkeypatch.setattr(ledger, "transfer", noting)
    model.state.openings.append(plant())
    demography.enter_market(model.state)
    ((_, _, row),) = model.state.opened
    paid = {purpose: (source, target, moved) for purpose, source, target, moved in seen}
    equipment = 5e7 * model.state.world.producer
    assert paid["investors' equipment"] == ("firms", REST_OF_WORLD, pytest.approx(equipment))
    source, target, moved = paid["investors' money"]
    assert (source, target) == (REST_OF_WORLD, "firms")
    assert moved == pytest.approx(equipment + model.state.firms.cash[row])
    assert model.state.firms.cash[row] > 0.0
    assert paid["founders' money"][0] == HOUSEHOLDS
    ledger.close(model.state.firms, model.state.count)
    monkeypatch.undo()
    model.step()
    ledger.close(model.state.firms, model.state.count)


def test_no_more_open_in_a_month_and_place_than_there_are_slots() -> None:
    model = model_of("fasteners", "flanges")
    model.state.openings += [plant(capital=1e7 * (number + 1)) for number in range(2 * PROJECT_SLOTS + 1)]
    model.state.openings.append(plant(1))
    opened = []
    for _ in range(4):
        model.step()
        opened.append(len(model.state.opened))
    assert opened == [PROJECT_SLOTS + 1, 2 * PROJECT_SLOTS + 1, 2 * PROJECT_SLOTS + 2, 2 * PROJECT_SLOTS + 2]
    rows = [row for _, _, row in model.state.opened if model.state.firms.place[row] == 0]
    assert np.all(np.diff(model.state.firms.entry_month[rows]) >= 0)
    assert len({int(slot) for slot in model.state.firms.slot[rows]}) == len(rows)
    places = [int(model.state.firms.place[row]) for _, _, row in model.state.opened]
    assert places.count(1) == 1
    own = first_slots(model.state.place_ids)[0] // SLOT_BLOCK
    assert (model.state.firms.slot[rows] // SLOT_BLOCK == own).all()


def test_buyers_find_the_plant() -> None:
    model = model_of("fasteners", end="2025-12")
    model.state.openings += [plant(capital=3e8), plant(capital=3e8)]
    for _ in range(18):
        model.step()
    rows = [row for _, _, row in model.state.opened]
    assert np.isin(model.state.buyers.supplier, rows).sum() > 0
    assert model.state.firms.sales[rows].max() > 0.0
