"""Capacity, output and the labour it needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import production as rules
from tests.model_fixtures import BY_TIER, COSTS, PARAMETERS, key, segments_for, some_firms, some_places

PRODUCTION = PARAMETERS.production
amount = st.floats(1e-3, 1e9)
elasticity = st.floats(0.3, 0.95)
PER_UNIT, RATIO = 0.09 / 48000.0, 0.37


def test_normal_capital_and_normal_labour_make_normal_output() -> None:
    # 3.7 million yuan of equipment and 18.75 workers belong to 10 million units a year.
    assert rules.potential_output(3.7e6, 18.75, PER_UNIT, RATIO, 0.6) == pytest.approx(1e7 / 12.0)
    assert rules.full_capacity(3.7e6, RATIO, 0.78) == pytest.approx(1e7 / 12.0 / 0.78)


@given(amount, amount, st.floats(0.1, 10.0), elasticity)
def test_workers_for_inverts_potential_output(units: float, capital: float, productivity: float, share: float) -> None:
    workers = rules.workers_for(units, capital, productivity, PER_UNIT, RATIO, share)
    made = rules.potential_output(capital, workers * productivity, PER_UNIT, RATIO, share)
    assert made == pytest.approx(units, rel=1e-9)


@given(amount, amount, st.floats(0.1, 10.0), elasticity)
def test_returns_to_scale_are_constant(capital: float, workers: float, factor: float, share: float) -> None:
    one = rules.potential_output(capital, workers, PER_UNIT, RATIO, share)
    assert rules.potential_output(factor * capital, factor * workers, PER_UNIT, RATIO, share) == pytest.approx(
        factor * one
    )


@given(amount, amount, elasticity)
def test_elasticities_of_output(capital: float, workers: float, share: float) -> None:
    one = rules.potential_output(capital, workers, PER_UNIT, RATIO, share)
    labour = rules.potential_output(capital, 1.01 * workers, PER_UNIT, RATIO, share)
    machines = rules.potential_output(1.01 * capital, workers, PER_UNIT, RATIO, share)
    assert np.log(labour / one) / np.log(1.01) == pytest.approx(share, abs=1e-6)
    assert np.log(machines / one) / np.log(1.01) == pytest.approx(1.0 - share, abs=1e-6)


@pytest.mark.parametrize(("capital", "workers"), [(0.0, 5.0), (5.0, 0.0), (0.0, 0.0)])
def test_both_capital_and_labour_are_needed(capital: float, workers: float) -> None:
    assert rules.potential_output(capital, workers, PER_UNIT, RATIO, 0.6) == 0.0


def test_no_output_and_no_capital_need_nobody() -> None:
    assert rules.workers_for(0.0, 1e6, 1.0, PER_UNIT, RATIO, 0.6) == 0.0
    assert rules.workers_for(1e3, 0.0, 1.0, PER_UNIT, RATIO, 0.6) == 0.0


def test_localisation_has_its_elasticity_and_is_one_at_the_base() -> None:
    assert rules.localisation(500.0, 500.0, 0.04) == 1.0
    assert np.log(rules.localisation(550.0, 500.0, 0.04)) / np.log(1.1) == pytest.approx(0.04)
    assert rules.localisation(0.0, 500.0, 0.04) == rules.localisation(500.0, 0.0, 0.04) == 1.0


# --- the month's production -----------------------------------------------------------------------------------------

NORMAL = 1e7 / 12.0
FULL = NORMAL / PRODUCTION.normal_use


def made(**values: object) -> object:
    firms = some_firms(1, **values)
    rules.produce(segments_for(firms), firms, some_places(), COSTS, PRODUCTION, 1.0)
    return firms


@pytest.mark.parametrize(
    ("orders", "backlog", "workers", "wanted"),
    [
        (1000.0, 500.0, 18.75, 1500.0),
        (2.0 * NORMAL, 0.0, 18.75, NORMAL),
        (2.0 * NORMAL, 0.0, 100.0, FULL),
        (0.0, 0.0, 18.75, 0.0),
    ],
    ids=["what was ordered", "what people can make", "what machines can make", "nothing"],
)
def test_output_is_the_least_of_orders_people_and_machines(
    orders: float, backlog: float, workers: float, wanted: float
) -> None:
    firms = made(orders=orders, backlog=backlog, workers=workers)
    assert firms.delivered[0] == pytest.approx(wanted)
    assert firms.use[0] == pytest.approx(wanted / FULL)
    left = orders + backlog - wanted
    assert firms.backlog[0] == pytest.approx(min(left, PRODUCTION.backlog_months * FULL), abs=1e-6)


@given(
    st.floats(0.0, 1e7),
    st.floats(0.0, 1e7),
    st.floats(0.0, 200.0),
    st.just(0.0) | st.floats(1.0, 1e8),
    st.sampled_from([0, 1]),
)
def test_nobody_delivers_more_than_ordered_or_possible(
    orders: float, backlog: float, workers: float, capital: float, closed: int
) -> None:
    firms = made(orders=orders, backlog=backlog, workers=workers, capital=capital, closed=closed)
    full = rules.full_capacity(capital, BY_TIER.capital_output_ratio[0], PRODUCTION.normal_use)
    potential = rules.potential_output(
        capital,
        workers,
        BY_TIER.labour_share[0] / 48000.0,
        BY_TIER.capital_output_ratio[0],
        PRODUCTION.labour_elasticity,
    )
    assert 0.0 <= firms.delivered[0] <= min(orders + backlog, full, potential) * (1.0 + 1e-12)
    assert 0.0 <= firms.use[0] <= 1.0 + 1e-12
    assert 0.0 <= firms.service[0] <= 1.0
    assert 0.0 <= firms.backlog[0] <= PRODUCTION.backlog_months * full * (1.0 + 1e-12)


def test_a_plant_closed_by_inspection_makes_nothing_and_its_buyers_notice() -> None:
    firms = made(closed=1)
    assert (firms.delivered[0], firms.use[0]) == (0.0, 0.0)
    assert firms.service[0] == pytest.approx(1.0 - PRODUCTION.service_memory)
    assert firms.backlog[0] == pytest.approx(NORMAL)


def test_service_follows_what_was_delivered_with_its_memory() -> None:
    assert made(orders=2.0 * NORMAL, service=1.0).service[0] == pytest.approx(1.0 - 0.5 * PRODUCTION.service_memory)
    assert made(orders=0.0, backlog=0.0, service=0.8).service[0] == 0.8


def test_progress_and_localisation_work_like_more_people() -> None:
    firms = some_firms(2, orders=1e9, workers=[20.0, 20.0 * 1.2 * 1.5])
    places = some_places(1, localisation=1.2)
    rules.produce(np.array([[0, 0, 0, 1]]), firms, places, COSTS, PRODUCTION, 1.5)
    rules.produce(np.array([[0, 0, 1, 2]]), firms, some_places(), COSTS, PRODUCTION, 1.0)
    assert firms.delivered[0] == pytest.approx(firms.delivered[1])


def test_rows_without_a_firm_are_left_alone() -> None:
    firms = some_firms(2, alive=[0, 1], orders=1000.0, delivered=7.0, workers=18.75)
    rules.produce(segments_for(firms), firms, some_places(), COSTS, PRODUCTION, 1.0)
    assert firms.delivered.tolist() == [7.0, 1000.0]
    places = some_places(2, employment_base=10.0, skill=[1.0, 1.1])
    firms = some_firms(4, place=[0, 0, 1, 1], tier=[0, 2, 0, 0], weight=[2.0, 3.0, 1.0, 9.0], alive=[1, 1, 1, 0])
    firms.workers[:] = [5.0, 10.0, 10.0, 1e6]
    rules.localise(segments_for(firms), firms, places, 0.05)
    assert places.localisation == pytest.approx([4.0**0.05, 1.1])


def test_inspection_closes_polluters_outside_parks_by_their_discharge() -> None:
    firms = some_firms(
        12_000, emission=np.repeat([1e-4, 2e-4, 0.0], 4000), weight=2.0, park=np.tile([-1, -1, -1, 0], 3000),
        alive=np.tile([1, 1, 0, 1], 3000), closed=1, closed_month=3,
    )  # fmt: skip
    closed = rules.inspect(segments_for(firms), firms, np.array([1e-4]), 0.1, 7, key(6))
    open_to_it = (firms.park < 0) & (firms.alive == 1)
    for emission, chance in ((1e-4, 0.1), (2e-4, 0.2)):
        some = firms.closed[open_to_it & (firms.emission == emission)]
        assert some.mean() == pytest.approx(chance, abs=4.0 * (chance * (1.0 - chance) / some.size) ** 0.5)
    assert not firms.closed[~open_to_it | (firms.emission == 0.0)].any()
    assert closed.tolist() == [2.0 * firms.closed.sum()]
    assert (firms.closed_month == np.where(firms.closed == 1, 7, 3)).all()
    chances = rules.inspection_chances(np.array([0, 5000, 9000]), firms, np.array([1e-4]), 0.1)
    assert chances == pytest.approx([0.1, 0.2, 0.0])
    assert rules.inspection_chance(1.0, 0.01, 0.5) == 1.0
