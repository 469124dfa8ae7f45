"""Learning, exit and entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import ndtri

from sim.rules import turnover as rules
from sim.rules.chance import combine, laplace, uniform
from sim.rules.investment import bank_access, lending_share
from sim.rules.ladder import quality_of, rung_gain
from sim.state.columns import (
    AGE_CLASSES,
    HONOUR_LEAD,
    HONOUR_LITTLE_GIANT,
    HONOUR_SRDI,
    SUPPLIER,
    TRADER,
    FirmColumns,
)
from tests.model_fixtures import PARAMETERS, all_rows, key, segments_for, some_firms, some_places

TURNOVER, LADDER, FINANCE = PARAMETERS.turnover, PARAMETERS.technology, PARAMETERS.investment
FAVOUR = PARAMETERS.favour
LABOUR = PARAMETERS.production.labour_elasticity
GAIN = rung_gain(LADDER, LABOUR)
PER_CAPITAL = np.full((2, 3), 0.3)


# --- who closes -----------------------------------------------------------------------------------------------------


def test_the_hazard_peaks_in_the_third_year() -> None:
    hazards = rules.hazards_by_age(240, TURNOVER)
    assert 24 <= int(np.argmax(hazards)) < 36
    assert hazards[24:36].min() == hazards.max() > hazards[36]
    assert hazards[:12].max() == hazards.min() == TURNOVER.hazard_year_1
    assert (np.diff(hazards[36:]) <= 0.0).all()


@pytest.mark.parametrize(
    ("months", "name"),
    [(0, "year_1"), (11, "year_1"), (12, "year_2"), (23, "year_2"), (24, "year_3"), (35, "year_3"),
     (36, "years_4_7"), (83, "years_4_7"), (84, "later"), (500, "later")],
)  # fmt: skip
def test_hazard_by_age(months: int, name: str) -> None:
    assert rules.closing_hazard(months, TURNOVER) == getattr(TURNOVER, f"hazard_{name}")


def test_larger_firms_survive_more() -> None:
    assert rules.size_factor(40, 1e6, 1e6, -0.25) == 1.0
    assert rules.size_factor(40, 16e6, 1e6, -0.25) == pytest.approx(0.5)
    smallest = rules.size_factor(40, 1e3, 1e6, -0.25)
    assert smallest == rules.size_factor(40, 1.0, 1e6, -0.25) == pytest.approx(rules.SMALLEST_SIZE**-0.25)
    assert rules.size_factor(40, 0.0, 1e6, -0.25) == rules.size_factor(40, 1e6, 0.0, -0.25) == 1.0
    assert rules.size_factor(11, 1e3, 1e6, -0.25) == 1.0, "nobody has a year's revenue in its first year"


@pytest.mark.parametrize(("months", "old"), [(0, 0), (11, 0), (12, 1), (24, 2), (36, 3), (83, 3), (84, 4), (999, 4)])
def test_classes_of_age_are_those_of_the_published_hazards(months: int, old: int) -> None:
    assert rules.age_class(months) == old


def test_idle_and_insolvent_firms_by_hand() -> None:
    assert rules.idles(24, 29.0, 100.0, 0.3)
    assert not rules.idles(23, 29.0, 100.0, 0.3)
    assert not rules.idles(24, 30.0, 100.0, 0.3)
    # Twelve million a year and a month and a half of it let stand.
    assert rules.insolvent(-2e6, 4e5, 12e6, 1.5)
    assert not rules.insolvent(-2e6, 6e5, 12e6, 1.5)
    assert not rules.insolvent(0.0, 0.0, 0.0, 1.5)


def closed(firms: Any, turnover: Any = TURNOVER, number: int = 0) -> Any:
    reason = np.zeros(firms.slot.size, np.int8)
    places = some_places(1, mean_revenue=1e7)
    rules.closings(segments_for(firms), firms, places, turnover, FINANCE, PER_CAPITAL, 1.0, key(number), reason)
    return reason


def test_twelve_months_close_the_yearly_share() -> None:
    firms = some_firms(20_000, age=30)
    alive = np.ones(20_000, bool)
    for month in range(12):
        alive &= closed(firms, number=month) == 0
    assert 1.0 - alive.mean() == pytest.approx(1.0 - np.exp(-TURNOVER.hazard_year_3), abs=0.006)


def test_idle_firms_close_sooner_and_broke_ones_at_once() -> None:
    usual = closed(some_firms(20_000)).mean()
    idle = closed(some_firms(20_000, revenue_year=1e5, capital=1e7))
    assert usual < TURNOVER.hazard_later / 6.0
    assert idle.mean() > 5.0 * usual
    broke = closed(some_firms(100, cash=-1e9))
    assert (broke == 2).all()
    saved = some_firms(100, cash=-1e6, capital=1e9)
    assert (closed(saved, TURNOVER._replace(idle_hazard=0.0)) != 2).all(), "the bank still lends on the equipment"


def test_a_higher_hazard_closes_the_same_firms_and_more() -> None:
    low = closed(some_firms(5000, age=100))
    high = closed(some_firms(5000, age=100), TURNOVER._replace(hazard_later=0.5))
    assert (high >= low).all()
    assert high.sum() > low.sum()


def test_a_lead_firm_closes_for_want_of_money_alone() -> None:
    certain = TURNOVER._replace(hazard_year_3=1e3, idle_hazard=1e3)
    firms = some_firms(4, age=30, honours=[0, HONOUR_LEAD, HONOUR_LEAD | HONOUR_SRDI, HONOUR_LITTLE_GIANT])
    assert closed(firms, certain).tolist() == [1, 0, 0, 1]
    firms.cash[:] = -1e9
    assert closed(firms, certain).tolist() == [2, 2, 2, 2]


def test_a_credit_line_keeps_a_firm_above_water() -> None:
    access = bank_access(1e7, 0, FINANCE)
    usual = lending_share(access, FINANCE) * 1e7
    debt = -usual - rules.trade_credit_months(access, TURNOVER) * 1e7 / 12.0 - 1e6
    firms = some_firms(2, cash=debt, capital=1e7, credit_line=[0.0, 0.2])
    assert closed(firms, TURNOVER._replace(idle_hazard=0.0)).tolist() == [2, 0]


def test_suppliers_wait_longer_for_firms_that_banks_do_not_know() -> None:
    assert rules.trade_credit_months(1.0, TURNOVER) == TURNOVER.overdraft_months
    longer = TURNOVER.overdraft_months * (1.0 + TURNOVER.small_trade_credit)
    assert rules.trade_credit_months(0.0, TURNOVER) == pytest.approx(longer)


def hazards_of(firms: Any, places: Any, turnover: Any = TURNOVER) -> Any:
    """Return the yearly hazard of closing of each row."""
    out = np.full(firms.slot.size, 7.0)
    rules.closing_hazards(segments_for(firms), firms, places, turnover, PER_CAPITAL, out)
    return out


def test_rows_without_a_firm_do_not_close() -> None:
    firms = some_firms(3, age=30, alive=[0, 1, 0], cash=[-1e9, 1e6, -1e9], loan=1e9)
    assert closed(firms, TURNOVER._replace(hazard_year_3=1e3)).tolist() == [0, 1, 0]
    assert hazards_of(firms, some_places(1, mean_revenue=1e7)) == pytest.approx([0.0, TURNOVER.hazard_year_3, 0.0])


@given(
    st.lists(st.tuples(st.floats(0.0, 1e9), st.integers(1, 50)), min_size=1, max_size=20),
    st.sampled_from([0, 14, 30, 60, 200]),
    st.floats(-0.6, 0.0),
)
def test_firms_close_as_often_as_their_age_says_whatever_their_sizes(
    table: list[Any], age: int, elasticity: float
) -> None:
    revenue, weight = (np.array(column, float) for column in zip(*table, strict=True))
    firms, turnover = some_firms(revenue.size, age=age), TURNOVER._replace(hazard_size_elasticity=elasticity)
    firms.revenue_year[:], firms.weight[:] = revenue, weight
    places = some_places(1, mean_revenue=float((revenue * weight).sum() / weight.sum()), size_hazard=7.0)
    rules.mean_size_factors(segments_for(firms), firms, places, elasticity)
    by_hand = [rules.size_factor(age, each, places.mean_revenue[0, 0], elasticity) for each in revenue]
    usual = np.ones((3, AGE_CLASSES))
    usual[0, rules.age_class(age)] = np.average(by_hand, weights=weight)
    assert places.size_hazard[0] == pytest.approx(usual)
    closing = math.fsum(weight * hazards_of(firms, places, turnover._replace(idle_hazard=0.0)))
    assert closing == pytest.approx(rules.closing_hazard(age, turnover) * weight.sum())


@given(st.floats(0.0, 1e9), st.integers(0, 600), st.floats(-0.6, 0.0), st.floats(0.3, 3.0))
def test_no_hazard_lies_above_the_largest(revenue: float, age: int, elasticity: float, usual: float) -> None:
    turnover = TURNOVER._replace(hazard_size_elasticity=elasticity)
    by_size = rules.size_factor(age, revenue, 1e6, turnover.hazard_size_elasticity)
    hazard = rules.closing_hazard(age, turnover) * by_size / usual + turnover.idle_hazard
    assert hazard <= rules.largest_hazard(turnover, usual) * (1.0 + 1e-12)


def test_twelve_months_close_the_yearly_share_of_firms_of_all_sizes() -> None:
    firms = some_firms(30_000, age=30)
    firms.revenue_year[:] = 1e7 * np.exp(1.5 * ndtri((np.arange(30_000) + 0.5) / 30_000))
    places = some_places(1, mean_revenue=float(firms.revenue_year.mean()))
    rules.mean_size_factors(segments_for(firms), firms, places, TURNOVER.hazard_size_elasticity)
    assert places.size_hazard[0, 0, 2] > 1.1, "most firms are smaller than the mean"
    busy, reason = TURNOVER._replace(idle_hazard=0.0), np.zeros(30_000, np.int8)
    closing = 0
    for month in range(12):
        reason[:] = 0
        rules.closings(segments_for(firms), firms, places, busy, FINANCE, PER_CAPITAL, 1.0, key(month), reason)
        closing += int((reason == 1).sum())
    assert closing / 30_000 == pytest.approx(TURNOVER.hazard_year_3, abs=0.006)


def test_hazards_of_a_table_are_those_by_age_and_idleness_and_lead_firms_have_none() -> None:
    firms = some_firms(4, place=[0, 0, 1, 1], tier=[0, 0, 2, 2], age=[30, 0, 100, 100], honours=[0, 0, 0, HONOUR_LEAD])
    by_hand = [TURNOVER.hazard_year_3, TURNOVER.hazard_year_1, TURNOVER.hazard_later, 0.0]
    assert hazards_of(firms, some_places(2, mean_revenue=1e7)) == pytest.approx(by_hand)
    firms.revenue_year[2:] = 0.0
    by_hand[2] += TURNOVER.idle_hazard
    assert hazards_of(firms, some_places(2, mean_revenue=1e7)) == pytest.approx(by_hand)


# --- learning -------------------------------------------------------------------------------------------------------


def learnt(firms: Any, months: int, ladder: Any = LADDER, mean: float = 0.0, favour: Any = FAVOUR) -> None:
    places = some_places(1, productivity_base=mean, mean_revenue=1e7)
    for month in range(months):
        rules.learn(
            segments_for(firms), firms, places, ladder, favour, LABOUR, key(month, "shock"), key(month, "favour")
        )


def test_the_spread_of_productivity_stays_as_observed() -> None:
    firms = some_firms(4000, tier=1)
    firms.productivity[:] = np.exp(LADDER.productivity_dispersion * ndtri((np.arange(4000) + 0.5) / 4000))
    learnt(firms, 240)
    logs = np.log(firms.productivity)
    assert logs.std() == pytest.approx(LADDER.productivity_dispersion, rel=0.06)
    assert logs.mean() == pytest.approx(0.0, abs=0.05)


def test_who_stands_still_falls_behind_the_frontier() -> None:
    calm = LADDER._replace(productivity_dispersion=0.0, productivity_reversion=0.0)
    firms = some_firms(2, tier=[0, 1], technology_gap=[1.0, 0.0])
    learnt(firms, 12, calm)
    assert firms.technology_gap == pytest.approx([1.0 + LADDER.frontier_rungs, 0.0])
    assert firms.quality == pytest.approx([quality_of(1.0 + LADDER.frontier_rungs, LADDER.rung_quality, 0.0), 1.0])
    assert np.log(firms.productivity) == pytest.approx([-GAIN * LADDER.frontier_rungs, 0.0])
    assert firms.age.tolist() == [72, 72]


def test_laggards_catch_up_by_imitation() -> None:
    calm = LADDER._replace(productivity_dispersion=0.0, frontier_rungs=0.0)
    firms = some_firms(2, productivity=[0.5, 2.0])
    learnt(firms, 12, calm)
    kept = (1.0 - LADDER.productivity_reversion / 12.0) ** 12
    assert np.log(firms.productivity) == pytest.approx([kept * np.log(0.5), kept * np.log(2.0)])


def test_a_brand_raises_quality_and_fades() -> None:
    calm = LADDER._replace(productivity_dispersion=0.0, productivity_reversion=0.0, frontier_rungs=0.0)
    firms = some_firms(
        3, tier=[0, 0, 2], technology_gap=[1.0, 1.0, 0.0], brand=[0.2, 0.0, 0.2], quality=[1.0, 1.0, 7.0]
    )
    learnt(firms, 1, calm)
    left = 0.2 * (1.0 - LADDER.brand_fading / 12.0)
    behind = quality_of(1.0, LADDER.rung_quality, 0.0)
    assert firms.brand == pytest.approx([left, 0.0, 0.2])
    assert firms.quality == pytest.approx([behind * np.exp(left), behind, 7.0])
    learnt(firms, 11, calm)
    assert firms.brand[0] == pytest.approx(0.2 * (1.0 - LADDER.brand_fading / 12.0) ** 12)
    assert firms.quality[0] > firms.quality[1]


def test_a_month_by_hand_of_a_lead_firm_and_another() -> None:
    firms = some_firms(
        2, slot=[3, 4], honours=[HONOUR_LEAD, 0], productivity=[1.5, 0.8], technology_gap=[0.4, 0.2], brand=[0.1, 0.0],
        talent=[0.2, 0.1], luck=[0.3, -0.1], favour=[0.0, 0.5], revenue_year=[2e7, 5e6],
    )  # fmt: skip
    jumpy = FAVOUR._replace(jumps_a_year=12.0)  # everybody jumps
    before = {name: getattr(firms, name).copy() for name in ("productivity", "technology_gap", "luck", "favour")}
    learnt(firms, 1, favour=jumpy, mean=0.1)
    pull, rungs = LADDER.productivity_reversion / 12.0, LADDER.frontier_rungs / 12.0
    for row, less in enumerate((LADDER.lead_shock, 1.0)):
        old = {name: values[row] for name, values in before.items()}
        drawn = uniform(key(0, "favour"), firms.slot[row])
        size = rules.shock_size(firms.revenue_year[row], 1e7, FAVOUR.shock_size_elasticity)
        luck = old["luck"] + FAVOUR.shock * size * less * laplace(drawn)
        assert firms.luck[row] == pytest.approx(luck * (1.0 - FAVOUR.reversion / 12.0))
        followed = old["favour"] + (firms.talent[row] + luck - old["favour"]) / FAVOUR.follow_months
        assert firms.favour[row] == pytest.approx(followed)
        own = np.log(old["productivity"]) + GAIN * old["technology_gap"]
        shock = LADDER.productivity_dispersion * (2.0 * pull) ** 0.5 * less
        own += pull * (0.1 - own) + shock * laplace(uniform(key(0, "shock"), firms.slot[row]))
        assert firms.technology_gap[row] == pytest.approx(old["technology_gap"] + rungs)
        assert np.log(firms.productivity[row]) == pytest.approx(own - GAIN * firms.technology_gap[row])


def test_the_order_of_work_changes_no_bit() -> None:
    one, other = some_firms(300, technology_gap=0.5), some_firms(300, technology_gap=0.5)
    apart = np.array([[0, 0, begin, begin + 30] for begin in range(270, -1, -30)])
    for firms, segments in ((one, segments_for(one)), (other, apart)):
        rules.learn(segments, firms, some_places(), LADDER, FAVOUR, LABOUR, key(9), key(10))
    for name, left, right in zip(FirmColumns._fields, one, other, strict=True):
        assert np.array_equal(left, right), name
    assert np.unique(one.productivity).size == 300
    assert 1 < np.unique(one.favour).size < 300


# --- favour with buyers ---------------------------------------------------------------------------------------------


def test_the_spread_of_luck_rests_where_jumps_and_fading_balance() -> None:
    firms = some_firms(20_000, tier=1)
    learnt(firms, 240)
    # V = k^2 (V + j s^2): jumps of variance s^2 in a part j of the months, of which k is left after one.
    left, jumps = 1.0 - FAVOUR.reversion / 12.0, FAVOUR.jumps_a_year / 12.0
    variance = jumps * FAVOUR.shock**2 * left**2 / (1.0 - left**2)
    assert firms.luck.std() == pytest.approx(variance**0.5, rel=0.04)
    assert firms.luck.mean() == pytest.approx(0.0, abs=4.0 * (variance / 20_000) ** 0.5)
    # The start draws what the months would leave (``sim.start.population``): the two are near.
    start = FAVOUR.shock * (FAVOUR.jumps_a_year / (2.0 * FAVOUR.reversion)) ** 0.5
    assert variance**0.5 == pytest.approx(start, rel=0.05)
    # Months of a jump are few, so most firms' luck moves little and some firms' much: longer tails than normal.
    before = firms.luck.copy()
    learnt(firms, 1)
    moved = firms.luck - left * before
    assert (np.abs(moved) > 1e-12).mean() == pytest.approx(jumps, abs=0.005)
    assert firms.favour.std() < firms.luck.std(), "orders follow luck within months"


def test_favour_follows_luck_and_falls_back_to_the_firms_own_level() -> None:
    calm = FAVOUR._replace(shock=0.0)
    firms = some_firms(2, talent=[0.4, -0.3], luck=[1.0, 0.0], favour=[0.4, 0.9])
    luck, liked = firms.luck.copy(), firms.favour.copy()
    for _ in range(24):
        liked += (firms.talent + luck - liked) / FAVOUR.follow_months
        luck *= 1.0 - FAVOUR.reversion / 12.0
    learnt(firms, 24, favour=calm)
    assert firms.luck == pytest.approx(luck)
    assert firms.favour == pytest.approx(liked)
    learnt(firms, 400, favour=calm)
    assert firms.favour == pytest.approx(firms.talent, abs=1e-4)
    assert firms.talent.tolist() == [0.4, -0.3], "what lasts does not move"


def test_jumps_are_smaller_for_larger_firms_and_for_lead_firms() -> None:
    assert rules.shock_size(1e6, 1e6, 0.2) == 1.0
    assert rules.shock_size(32e6, 1e6, 0.2) == pytest.approx(0.5)
    smallest = rules.SMALLEST_SIZE**-0.2
    assert rules.shock_size(1e3, 1e6, 0.2) == rules.shock_size(1.0, 1e6, 0.2) == pytest.approx(smallest)
    assert rules.shock_size(0.0, 1e6, 0.2) == rules.shock_size(1e6, 0.0, 0.2) == 1.0
    usual, large, lead = some_firms(500), some_firms(500, revenue_year=1e9), some_firms(500, honours=HONOUR_LEAD)
    for firms in (usual, large, lead):
        learnt(firms, 12)
    jumped = usual.luck != 0.0
    assert 0.2 < jumped.mean() < 0.7
    size = rules.shock_size(1e9, 1e7, FAVOUR.shock_size_elasticity)
    assert large.luck == pytest.approx(size * usual.luck)
    assert lead.luck == pytest.approx(LADDER.lead_shock * usual.luck)


# --- entry ----------------------------------------------------------------------------------------------------------


@given(st.floats(1e-4, 0.5), st.floats(-0.15, 0.15), st.floats(0.3, 1.0))
def test_profit_draws_entrants_and_cost_keeps_them_away(normal: float, profit: float, cost: float) -> None:
    chance = rules.entry_chance(normal, profit, 0.03, 1.0, cost, TURNOVER)
    assert rules.entry_chance(normal, 0.03, 0.03, 1.0, 1.0, TURNOVER) == normal
    assert rules.entry_chance(normal, profit + 0.01, 0.03, 1.0, cost, TURNOVER) > chance > 0.0
    dearer = rules.entry_chance(normal, profit, 0.03, 1.0, 1.01 * cost, TURNOVER)
    assert np.log(dearer / chance) / np.log(1.01) == pytest.approx(-TURNOVER.entry_cost_elasticity)
    # A margin higher by the usual margin multiplies entry by e to the elasticity.
    lured = rules.entry_chance(normal, profit + TURNOVER.usual_margin, 0.03, 1.0, cost, TURNOVER)
    assert np.log(lured / chance) == pytest.approx(TURNOVER.entry_profit_elasticity)


@given(st.floats(1e-4, 0.5), st.floats(-0.15, 0.15), st.floats(0.0, 5.0), st.floats(0.3, 1.0))
def test_entry_goes_with_the_room_of_the_market(normal: float, profit: float, room: float, cost: float) -> None:
    chance = rules.entry_chance(normal, profit, 0.03, 1.0, cost, TURNOVER)
    assert rules.entry_chance(normal, profit, 0.03, room, cost, TURNOVER) == pytest.approx(room * chance)


@given(st.floats(-1e9, 1e9))
def test_profit_of_any_size_leaves_the_chance_finite(profit: float) -> None:
    chance = rules.entry_chance(0.01, profit, 0.03, 1.0, 1.0, TURNOVER)
    assert 0.01 * np.exp(-rules.STRONGEST_LURE) <= chance <= 0.01 * np.exp(rules.STRONGEST_LURE)


def test_chances_of_every_place_and_tier() -> None:
    profit = np.array([[0.02, 0.05, 0.1], [0.0, -0.1, 0.03]])
    mean, normal = np.array([[2e5, 1e5, 0.25], [0.0, 3e5, 1e5]]), np.array([[1e5, 1e5, 0.5], [1e5, 0.0, 2e5]])
    places = some_places(2, profit_rate=profit, normal_profit=0.03, pull=[1.0, 2.0], mean_sold=mean, normal_sold=normal)
    out, cost = np.zeros((2, 3)), np.array([0.8, 1.0])
    rules.entry_chances(places, cost, TURNOVER, out)
    # Who never sold anything leaves the usual room.
    room = [[2.0, 1.0, 0.5], [0.0, 1.0, 0.5]]
    for place, pull in enumerate((1.0, 2.0)):
        for tier in range(3):
            chance = rules.entry_chance(1.0, profit[place, tier], 0.03, room[place][tier], cost[place], TURNOVER)
            assert out[place, tier] == pytest.approx(pull * chance)


def test_candidates_enter_by_their_own_draw() -> None:
    slots, entered = np.arange(10_000), np.zeros(10_000, np.int8)
    rules.enter(slots, np.full(10_000, 0.2), key(), entered)
    assert entered.mean() == pytest.approx(0.2, abs=0.015)
    more = np.zeros(10_000, np.int8)
    rules.enter(slots, np.full(10_000, 0.25), key(), more)
    assert (more >= entered).all()
    some = np.zeros(50, np.int8)
    rules.enter(slots[100:150], np.full(50, 0.2), key(), some)
    assert np.array_equal(some, entered[100:150])


ALONE = np.zeros(1), np.ones(1), np.full(1, 1e6), np.ones(1, np.int64)
"""Favour, weight, equipment and first trader of a place whose only firm at the start is a maker like all others."""


def test_entrants_take_after_the_place_and_a_parent() -> None:
    calm, still = LADDER._replace(productivity_dispersion=0.0), TURNOVER._replace(entrant_dispersion=0.0)
    firms = some_firms(3, slot=[0, 1, 2], productivity=[2.0, 0.0, 0.0], technology_gap=[0.4, 0.0, 0.0], tier=[0, 0, 1])
    places = some_places(1, mean_capital=1e6, productivity_base=np.log(1.2))
    parents = np.zeros(1, np.int32), np.zeros(1, np.int64), np.array([0, 1])
    rules.fit_out(np.array([1, 2]), firms, places, *parents, calm, LABOUR, still, *ALONE, key(7))
    assert firms.capital[1:] == pytest.approx(1e6 * TURNOVER.entrant_size)
    part = TURNOVER.parent_weight
    gap = (1.0 - part) + part * 0.4
    own = (1.0 - part) * np.log(1.2) + part * (np.log(2.0) + GAIN * 0.4)
    assert firms.technology_gap[1:] == pytest.approx([gap, 0.0])
    assert np.log(firms.productivity[1]) == pytest.approx(own - GAIN * gap)
    assert firms.quality[1:] == pytest.approx([quality_of(gap, LADDER.rung_quality, 0.0), 1.0])
    # The only firm that could be its parent is of another tier, so the supplier takes after the place.
    frontier = np.log(1.2) - GAIN * firms.technology_gap[2]
    assert np.log(firms.productivity[2]) == pytest.approx(frontier)


@pytest.mark.parametrize(("alive", "slot"), [(0, 0), (1, 77)], ids=["closed", "its row given to another firm"])
def test_entrants_take_after_no_parent_that_has_closed(alive: int, slot: int) -> None:
    calm = LADDER._replace(productivity_dispersion=0.0)
    firms = some_firms(2, slot=[slot, 1], alive=[alive, 1], productivity=[2.0, 0.0], technology_gap=[0.4, 0.0])
    places = some_places(1, mean_capital=1e6, productivity_base=np.log(1.2))
    parents = np.zeros(1, np.int32), np.zeros(1, np.int64), np.array([0, 1])
    rules.fit_out(np.array([1]), firms, places, *parents, calm, LABOUR, TURNOVER, *ALONE, key(7))
    assert firms.technology_gap[1] == 1.0
    assert np.log(firms.productivity[1]) == pytest.approx(np.log(1.2) - GAIN)


def test_entrants_differ_in_size_by_their_dispersion() -> None:
    firms = some_firms(5000)
    places = some_places(1, mean_capital=1e6)
    nobody = np.empty(0, np.int32), np.empty(0, np.int64), np.zeros(2, np.int64)
    unloved = np.empty(0), np.empty(0), np.empty(0), np.zeros(1, np.int64)
    rules.fit_out(all_rows(firms), firms, places, *nobody, LADDER, LABOUR, TURNOVER, *unloved, key(8))
    assert not firms.talent.any()
    assert not firms.favour.any()
    logs = np.log(firms.capital / (1e6 * TURNOVER.entrant_size))
    assert logs.mean() == pytest.approx(0.0, abs=0.05)
    assert logs.std() == pytest.approx(TURNOVER.entrant_dispersion, rel=0.05)
    own = (np.uint64(combine(key(8), slot)) for slot in range(50))
    luck = [rules.logistic_quantile(uniform(part, 0)) for part in own]
    assert logs[:50] == pytest.approx(TURNOVER.entrant_dispersion * np.array(luck))


def test_newcomers_have_the_favour_of_firms_of_their_tier_by_weight_and_part_of_their_size() -> None:
    number = 9000
    tiers = np.repeat([0, SUPPLIER, TRADER], number // 3)
    firms = some_firms(number + 4, tier=[*tiers, 0, 0, TRADER, TRADER])
    still = TURNOVER._replace(entrant_dispersion=0.0)
    start, talents = np.arange(number, number + 4, dtype=np.int32), np.array([-0.5, 1.0, -2.0, 0.25])
    weights, sizes = np.cumsum([3.0, 1.0, 1.0, 4.0]), np.array([1e5, 3e6, 2e4, 7e5])
    places = some_places(1, mean_capital=1e6)
    rules.fit_out(
        np.arange(number), firms, places, start, start.astype(np.int64), np.array([0, 4]), LADDER, LABOUR, still,
        talents, weights, sizes, np.array([2]), key(11),
    )  # fmt: skip
    favour = [firms.talent[:number][tiers == tier] for tier in range(3)]
    assert set(favour[0]) == {-0.5, 1.0}
    assert (favour[0] == 1.0).mean() == pytest.approx(0.25, abs=0.03)
    assert not favour[SUPPLIER].any(), "suppliers sell to makers of the place"
    assert set(favour[TRADER]) == {-2.0, 0.25}
    assert (favour[TRADER] == 0.25).mean() == pytest.approx(0.8, abs=0.03)
    assert firms.favour[:number].tolist() == firms.talent[:number].tolist(), "a newcomer has had no luck yet"
    whole = {0.0: 1e6} | dict(zip(talents.tolist(), sizes.tolist(), strict=True))
    wanted = [TURNOVER.entrant_size * whole[talent] for talent in firms.talent[:number].tolist()]
    assert firms.capital[:number] == pytest.approx(wanted)


@given(
    st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0, 40.0]), min_size=1, max_size=12),
    st.integers(0, 11),
    st.integers(1, 12),
)
def test_a_draw_by_weight_has_the_law_of_the_weights(weights: list[float], first: int, size: int) -> None:
    first = min(first, len(weights) - 1)
    last = min(first + size, len(weights))
    own = np.array(weights[first:last])
    assume(own.sum() > 0.0)
    cumulated, grid = np.cumsum(weights), (np.arange(2000) + 0.5) / 2000
    drawn = np.array([rules.drawn_by_weight(u, cumulated, first, last) for u in grid])
    assert first <= drawn.min() <= drawn.max() < last
    assert (np.diff(drawn) >= 0).all()
    shares = np.bincount(drawn - first, minlength=own.size) / grid.size
    # An even grid misses each share by less than one point of the grid.
    assert shares == pytest.approx(own / own.sum(), abs=1.0 / grid.size)
    assert not shares[own == 0.0].any()


def test_the_logistic_quantile_is_near_the_normal_one_where_most_firms_are() -> None:
    u = np.linspace(0.02, 0.98, 97)
    values = np.array([rules.logistic_quantile(value) for value in u])
    assert np.abs(values - ndtri(u)).max() < 0.1
    assert rules.logistic_quantile(0.5) == 0.0
