"""The labour pool of a place: who is wanted, who is hired, and what the wage does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import labour as rules
from sim.rules.production import full_capacity, potential_output
from tests.model_fixtures import BY_TIER, COSTS, PARAMETERS, segments_for, some_firms, some_places

LABOUR, PRODUCTION = PARAMETERS.labour, PARAMETERS.production


def hired(
    firms: Any, places: Any, labour: Any = LABOUR, trend: float = 48000.0, growth: float = 0.0, progress: float = 1.0
) -> Any:
    unfilled = np.zeros(places.wage.size)
    rules.hire(
        segments_for(firms), firms, places, COSTS, PRODUCTION, labour, progress, np.full(places.wage.size, trend),
        growth, unfilled,
    )  # fmt: skip
    return unfilled


def staffed(workers: Any, wanted: Any, **values: Any) -> Any:
    """Return firms that have ``workers`` and whose expected orders need ``wanted`` people, at base-year wages.

    The reserve for busy months is among them.
    """
    wanted = np.asarray(wanted, float)
    # Equipment for twice the people: what people make bounds what is wanted, and what machines can make does not.
    capital = 2.0 * np.maximum(wanted, 1.0) * BY_TIER.capital_output_ratio[0] * 48000.0 / BY_TIER.labour_share[0]
    made = [
        potential_output(
            each, people, BY_TIER.labour_share[0] / 48000.0, BY_TIER.capital_output_ratio[0],
            PRODUCTION.labour_elasticity,
        )
        for each, people in zip(capital, wanted, strict=True)
    ]  # fmt: skip
    return some_firms(
        wanted.size, workers=workers, capital=capital, expected_orders=np.array(made) / (1.0 + LABOUR.reserve), **values
    )


def test_labour_supply_has_its_elasticity() -> None:
    assert rules.labour_supply(100.0, 48000.0, 48000.0, 1.3) == 100.0
    more = rules.labour_supply(100.0, 1.01 * 48000.0, 48000.0, 1.3)
    assert np.log(more / 100.0) / np.log(1.01) == pytest.approx(1.3)


def test_wages_follow_the_trend_and_rise_when_people_are_short() -> None:
    assert rules.next_wage(100.0, 0.01, 50.0, 50.0, 0.3, 1.0, 1.0) == pytest.approx(101.0)
    assert rules.next_wage(100.0, 0.0, 50.5, 50.0, 0.3, 0.01, 1.0) == pytest.approx(100.3, abs=0.002)
    assert rules.next_wage(100.0, 0.0, 49.5, 50.0, 0.3, 0.01, 1.0) == pytest.approx(99.7, abs=0.002)
    assert rules.next_wage(100.0, 0.0, 55.0, 50.0, 0.3, 0.0, 1.0) == pytest.approx(100.0 * np.exp(0.03))
    assert rules.next_wage(100.0, 0.0, 0.0, 50.0, 0.3, 2.0, 1.0) == pytest.approx(100.0 * np.exp(-0.3))


def test_the_wage_moves_as_many_small_steps_would() -> None:
    wage, steps = 100.0, 100_000
    for _ in range(steps):
        supply = rules.labour_supply(50.0, wage, 100.0, 1.7)
        wage *= 1.0 + 0.4 * (70.0 / supply - 1.0) / steps
    assert rules.next_wage(100.0, 0.0, 70.0, 50.0, 0.4, 1.7, 1.0) == pytest.approx(wage, rel=1e-5)


@given(
    demand=st.floats(1e-3, 1e3), response=st.floats(0.01, 5.0), elasticity=st.floats(0.05, 20.0),
    cuts=st.floats(0.0, 1.0),
)  # fmt: skip
def test_the_wage_never_jumps_past_the_one_that_clears_the_market(
    demand: float, response: float, elasticity: float, cuts: float
) -> None:
    """However fast it moves and however elastic supply is: excess demand shrinks, and keeps its sign."""
    wage = rules.next_wage(1.0, 0.0, demand, 1.0, response, elasticity, cuts)
    before, after = np.log(demand), np.log(demand) - elasticity * np.log(wage)
    assert abs(after) <= abs(before) + 1e-9
    assert before * after >= -1e-9


@given(
    growth=st.floats(-0.05, 0.05), demand=st.floats(0.0, 3.0), response=st.floats(0.01, 2.0),
    elasticity=st.floats(0.0, 20.0), cuts=st.floats(0.0, 1.0),
)  # fmt: skip
def test_of_a_fall_only_a_part_comes_about_and_a_rise_in_full(
    growth: float, demand: float, response: float, elasticity: float, cuts: float
) -> None:
    free = rules.next_wage(100.0, growth, demand, 1.0, response, elasticity, 1.0)
    sticky = rules.next_wage(100.0, growth, demand, 1.0, response, elasticity, cuts)
    if free < 100.0:
        assert 100.0 - sticky == pytest.approx(cuts * (100.0 - free), abs=1e-9)
        assert sticky >= free
    else:
        assert sticky == free
    # The rule is for the wage in yuan: where wages elsewhere grow as fast as slack would cut it, it stays.
    assert rules.next_wage(100.0, 0.0, 1.0, 1.0, response, elasticity, cuts) == 100.0


def test_wanted_workers_make_the_orders_and_part_of_the_backlog() -> None:
    firms = some_firms(2, expected_orders=[5e5, 8e5], backlog=[2e5, 0.0], productivity=[1.3, 0.8], capital=[3e6, 5e6])
    places = some_places(1, localisation=1.05)
    hired(firms, places, progress=1.1)
    made = [
        potential_output(
            firms.capital[i], firms.wanted_workers[i] * firms.productivity[i] * 1.05 * 1.1,
            BY_TIER.labour_share[0] / 48000.0, BY_TIER.capital_output_ratio[0], PRODUCTION.labour_elasticity,
        )
        for i in (0, 1)
    ]  # fmt: skip
    ready = 1.0 + LABOUR.reserve
    assert made == pytest.approx([ready * 5e5 + LABOUR.backlog_clearing * 2e5, ready * 8e5])


def test_nobody_hires_for_more_than_the_equipment_can_make() -> None:
    full = full_capacity(3.7e6, BY_TIER.capital_output_ratio[0], PRODUCTION.normal_use)
    firms = some_firms(3, expected_orders=np.array([0.9, 1.0, 9.0]) * full / (1.0 + LABOUR.reserve))
    hired(firms, some_places())
    assert firms.wanted_workers[0] < firms.wanted_workers[1] == firms.wanted_workers[2]


def test_firms_move_part_of_the_way_up_and_down() -> None:
    firms = staffed([100.0, 100.0], [140.0, 60.0])
    unfilled = hired(firms, some_places())
    assert firms.workers == pytest.approx([100 + 40 * LABOUR.hiring_speed, 100 - 40 * LABOUR.firing_speed])
    assert unfilled[0] == 0.0


def test_a_short_pool_is_rationed_pro_rata() -> None:
    firms = staffed([100.0, 50.0, 10.0], [200.0, 150.0, 10.0], weight=[1.0, 2.0, 1.0])
    wanted = 1.0 * 100.0 * LABOUR.hiring_speed + 2.0 * 100.0 * LABOUR.hiring_speed
    pool = 100.0 + 100.0 + 10.0 + 0.4 * wanted
    places = some_places(1, labour_pool=pool)
    unfilled = hired(firms, places)
    assert firms.workers == pytest.approx([100 + 40 * LABOUR.hiring_speed, 50 + 40 * LABOUR.hiring_speed, 10.0])
    assert (firms.workers * firms.weight).sum() == pytest.approx(pool)
    assert unfilled[0] == pytest.approx(0.6 * wanted)
    assert places.wage[0] > 48000.0


def test_those_laid_off_can_be_hired_the_same_month() -> None:
    firms = staffed([100.0, 0.0], [0.0, 100.0])
    freed = 100.0 * LABOUR.firing_speed
    hired(firms, some_places(1, labour_pool=100.0))
    assert firms.workers[1] == pytest.approx(min(freed, 100.0 * LABOUR.hiring_speed))


@given(
    st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3), st.integers(1, 50)), min_size=1, max_size=12),
    st.floats(1.0, 1e4),
    st.floats(0.5, 2.0),
)
def test_hiring_never_exceeds_the_pool(table: list[Any], pool: float, relative_wage: float) -> None:
    workers, wanted, weight = (np.array(column, float) for column in zip(*table, strict=True))
    firms = staffed(workers, wanted, weight=weight)
    places = some_places(1, labour_pool=pool, wage=48000.0 * relative_wage)
    supply = rules.labour_supply(pool, 48000.0 * relative_wage, 48000.0, LABOUR.supply_elasticity)
    unfilled = hired(firms, places)
    assert firms.wanted_workers == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    after = (firms.workers * weight).sum()
    assert after <= max(supply, (workers * weight).sum()) * (1.0 + 1e-12)
    assert (firms.workers >= np.minimum(workers, wanted) - 1e-9).all()
    assert (firms.workers <= np.maximum(workers, wanted) + 1e-9).all()
    vacancies = (weight * LABOUR.hiring_speed * np.maximum(wanted - workers, 0.0)).sum()
    hires = (weight * np.maximum(firms.workers - workers, 0.0)).sum()
    assert hires + unfilled[0] == pytest.approx(vacancies, rel=1e-9, abs=1e-9)


def test_places_have_their_own_pools_and_wages() -> None:
    firms = staffed([100.0, 100.0], [200.0, 200.0], place=[0, 1])
    places = some_places(2, labour_pool=[100.0, 1e6])
    unfilled = hired(firms, places)
    assert firms.workers == pytest.approx([100.0, 100.0 + 100.0 * LABOUR.hiring_speed])
    assert unfilled == pytest.approx([100.0 * LABOUR.hiring_speed, 0.0])
    assert places.wage[0] > 48000.0 > places.wage[1]


@pytest.mark.parametrize("growth", [-0.1, 0.004, 0.2])
def test_in_balance_the_wage_stays_with_the_trend(growth: float) -> None:
    """A jump of wages elsewhere is followed once, and nobody leaves for it."""
    usual = 100.0 * (1.0 + LABOUR.vacancy_pool)
    places = some_places(1, labour_pool=usual)
    unfilled = hired(
        staffed([100.0], [100.0]), places, LABOUR._replace(wage_cuts=1.0), 48000.0 * (1.0 + growth), growth
    )
    assert places.wage[0] == pytest.approx(48000.0 * (1.0 + growth))
    assert unfilled[0] == 0.0


def test_a_premium_on_the_wage_elsewhere_raises_the_wage_here() -> None:
    # What skills are worth elsewhere has to be paid here too: fewer people offer themselves at the old wage.
    wages = []
    for premium in (1.0, 1.05):
        places = some_places(1, labour_pool=100.0 * (1.0 + LABOUR.vacancy_pool))
        firms = staffed([100.0], [100.0])
        for _ in range(120):
            hired(firms, places, trend=48000.0 * premium)
        wages.append(float(places.wage[0]))
    assert wages == pytest.approx([48000.0, 1.05 * 48000.0], rel=1e-3)


def test_rows_without_a_firm_want_and_hire_nobody() -> None:
    firms = staffed([100.0, 50.0, 7.0], [140.0, 1e6, 1e6], alive=[1, 0, 0])
    places = some_places(1, labour_pool=120.0)
    unfilled = hired(firms, places)
    assert firms.workers.tolist()[1:] == [50.0, 7.0]
    alone = staffed([100.0], [140.0])
    market = some_places(1, labour_pool=120.0)
    assert hired(alone, market) == unfilled
    assert alone.workers[0] == firms.workers[0]
    assert market.wage[0] == places.wage[0]
