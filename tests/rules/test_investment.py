"""Machines and upgrades: what is wanted, what can be paid, what a grant changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import investment as rules
from sim.rules.ladder import quality_of, rung_gain
from sim.state.columns import HONOUR_LEAD, SUPPLIER
from tests.model_fixtures import BY_TIER, COSTS, PARAMETERS, all_rows, key, segments_for, some_firms, some_places

FINANCE, LADDER, PRODUCTION = PARAMETERS.investment, PARAMETERS.technology, PARAMETERS.production
ELASTICITY = rules.stock_elasticity(FINANCE.user_cost_elasticity, PRODUCTION.depreciation, FINANCE.response_years)
RATIO = BY_TIER.capital_output_ratio[0]
NORMAL = RATIO * 1e7
"""Equipment that belongs to the usual firm's 10 million units a year."""
yuan = st.floats(0.0, 1e9)


def lent_to(capital: float) -> float:
    """Return the share of its equipment that banks lend a firm that is no lead firm."""
    return rules.lending_share(rules.bank_access(capital, 0, FINANCE), FINANCE)


def planned(
    firms: Any, factor: float = 1.0, price: float = 1.0, ladder: Any = LADDER, advance: float = 0.0
) -> tuple[Any, Any, Any]:
    """Return yuan of machines, of upgrades, and own money of every row."""
    machine, upgrade, own = (np.zeros(firms.slot.size) for _ in range(3))
    rules.projects(
        all_rows(firms), firms, COSTS, PRODUCTION, FINANCE, ladder, PARAMETERS.demand, price, factor, advance, key(1),
        machine, upgrade, own,
    )  # fmt: skip
    return machine, upgrade, own


def rich(rows: int = 1, **values: Any) -> Any:
    """Return makers with money enough for anything."""
    return some_firms(rows, **{"cash": 1e12, "capital": NORMAL, **values})


# --- how much is wanted ---------------------------------------------------------------------------------------------


def test_wanted_capital_is_that_of_normal_use() -> None:
    assert rules.desired_capital(1e7 / 12.0, RATIO, 1.0, 0.4) == pytest.approx(NORMAL)


@given(st.floats(1.0, 1e8), st.floats(0.2, 1.0), st.floats(0.1, 2.0))
def test_cheaper_machines_raise_wanted_capital_by_the_elasticity(
    units: float, factor: float, elasticity: float
) -> None:
    wanted = rules.desired_capital(units, RATIO, factor, elasticity)
    assert rules.desired_capital(2.0 * units, RATIO, factor, elasticity) == pytest.approx(2.0 * wanted)
    cheaper = rules.desired_capital(units, RATIO, 0.99 * factor, elasticity)
    assert np.log(cheaper / wanted) / np.log(0.99) == pytest.approx(-elasticity)
    assert cheaper > wanted


def test_the_stock_elasticity_gives_the_published_elasticity_of_investment() -> None:
    # Machines 1 percent cheaper for three years: investment on top of depreciation rises by the published percentage.
    stock, years, wear = 100.0, FINANCE.response_years, PRODUCTION.depreciation
    added = stock * (0.99**-ELASTICITY - 1.0)
    rise = added / years / (wear * stock)
    assert rise == pytest.approx(0.01 * FINANCE.user_cost_elasticity, rel=0.02)
    assert rules.stock_elasticity(2.0, 0.1, 3.0) == pytest.approx(0.6)


# --- what can be paid -----------------------------------------------------------------------------------------------


def test_own_money_and_credit_by_hand() -> None:
    finance = FINANCE._replace(cash_buffer_months=6.0, project_buffer_share=0.5)
    assert rules.own_money(100.0, 20.0, finance) == 40.0
    assert rules.own_money(10.0, 20.0, finance) == 0.0
    assert rules.credit_room(1000.0, 1.2, 100.0, 0.5) == 500.0
    assert rules.credit_room(1000.0, 1.0, 700.0, 0.5) == 0.0
    # 50 of one's own carry a machine of 100 when half of it can be borrowed.
    assert rules.affordable(1e9, 50.0, 0.0, 0.5) == 100.0
    assert rules.affordable(30.0, 50.0, 0.0, 0.5) == 30.0


@given(yuan, yuan, yuan, st.floats(0.0, 0.9))
def test_nobody_borrows_more_than_the_collateral(wanted: float, own: float, room: float, share: float) -> None:
    spend = rules.affordable(wanted, own, room, share)
    assert 0.0 <= spend <= wanted
    assert spend - own <= room + share * spend + 1e-6 * max(wanted, own, room)


def test_banks_know_large_firms_and_lead_firms() -> None:
    half = FINANCE.bank_access_capital
    assert rules.bank_access(half, 0, FINANCE) == 0.5
    assert rules.bank_access(0.0, HONOUR_LEAD, FINANCE) == rules.bank_access(0.0, HONOUR_LEAD | 5, FINANCE) == 1.0
    assert rules.bank_access(9.0 * half, 5, FINANCE) == pytest.approx(0.9)
    assert rules.lending_share(1.0, FINANCE) == FINANCE.collateral_share
    assert rules.lending_share(0.0, FINANCE) == pytest.approx(FINANCE.small_collateral * FINANCE.collateral_share)
    assert rules.loan_rate(1.0, FINANCE) == FINANCE.loan_rate
    assert rules.loan_rate(0.0, FINANCE) == pytest.approx(FINANCE.loan_rate + FINANCE.small_loan_premium)


def test_a_grant_pays_its_part_as_far_as_it_is_there_in_time() -> None:
    assert rules.lent_on_new(0.5, 0.8, 0.0) == 0.5
    assert rules.lent_on_new(0.5, 0.8, 1.0) == pytest.approx(0.2 + 0.8 * 0.5)
    assert rules.lent_on_new(0.5, 0.8, 0.5) == pytest.approx(0.1 + 0.9 * 0.5)
    assert rules.lent_on_new(0.5, 0.0, 1.0) < 1.0


def test_a_grant_that_is_there_in_time_moves_the_poor_more_than_the_rich() -> None:
    buffer = FINANCE.project_buffer_share * FINANCE.cash_buffer_months / (1.0 + BY_TIER.markup[0]) * 1e7 / 12.0
    values = {"capital": 0.5 * NORMAL, "loan": NORMAL, "cash": [buffer + 0.3 * MOST, 1e12]}
    spent = [planned(some_firms(2, **values), factor=0.8, advance=advance)[0] for advance in (0.0, 1.0)]
    assert spent[1][0] > 1.2 * spent[0][0] > 0.0
    assert spent[1][1] == spent[0][1]


# --- the project of a month -----------------------------------------------------------------------------------------


def test_firms_act_only_when_the_gap_passes_the_band() -> None:
    edge = NORMAL * (1.0 - FINANCE.band)
    machine, _, _ = planned(rich(3, capital=[NORMAL, 1.001 * edge, 0.999 * edge]))
    assert machine[:2].tolist() == [0.0, 0.0]
    assert machine[2] == pytest.approx(NORMAL - 0.999 * edge)


def test_machines_cost_what_equipment_costs() -> None:
    machine, _, _ = planned(rich(capital=0.5 * NORMAL), price=1.1)
    assert machine[0] == pytest.approx(1.1 * (NORMAL - 0.5 * NORMAL))


def test_a_grant_makes_larger_projects_and_makes_some_worth_while() -> None:
    firms = rich(2, capital=[0.5 * NORMAL, NORMAL * (1.0 - FINANCE.band) * 1.01])
    without, _, _ = planned(firms)
    with_grant, _, _ = planned(firms, factor=0.8)
    assert with_grant[0] > without[0] > 0.0
    assert with_grant[1] > without[1] == 0.0
    extra = NORMAL * (0.8**-ELASTICITY - 1.0)
    assert with_grant[0] - without[0] == pytest.approx(extra)


def test_a_firm_without_money_buys_what_it_can_or_nothing() -> None:
    need = NORMAL - 0.5 * NORMAL
    kept = FINANCE.project_buffer_share * FINANCE.cash_buffer_months
    buffer = kept / (1.0 + BY_TIER.markup[0]) * 1e7 / 12.0
    owed = 0.5 * NORMAL
    firms = some_firms(4, capital=0.5 * NORMAL, loan=owed, cash=[1e9, buffer + 0.3 * need, buffer + 0.01 * need, 0.0])
    machine, _, own = planned(firms)
    assert own[1:] == pytest.approx([0.3 * need, 0.01 * need, 0.0], rel=1e-6)
    part = 0.3 / (1.0 - lent_to(0.5 * NORMAL))
    assert machine == pytest.approx([need, part * need, 0.0, 0.0])


def test_nobody_buys_less_than_a_machine() -> None:
    smallest, part = FINANCE.smallest_machine, 0.999 * (1.0 - FINANCE.band)

    def bought(wanted: float, money: float) -> float:
        return float(rules.machine_wanted(part * wanted, wanted, money, 0.0, 0.0, 1.0, FINANCE))

    # The gap of a firm that wants ten smallest machines is more than one of them: less than one is no machine.
    assert bought(10.0 * smallest, 0.99 * smallest) == 0.0
    assert bought(10.0 * smallest, 1.01 * smallest) == pytest.approx(1.01 * smallest)
    # Machines of a firm that wants less than one are smaller: it can replace what wears out, but buys no part of one.
    tiny = 0.5 * smallest
    gap = tiny * (1.0 - part)
    assert bought(tiny, 1e9) == pytest.approx(gap)
    assert bought(tiny, 0.9 * gap) == 0.0


@given(st.floats(0.0, 0.5), st.floats(0.0, 0.3))
def test_a_credit_line_raises_what_a_firm_can_buy(line: float, more: float) -> None:
    # Nobody here has money of its own, and the usual credit is used up.
    share = lent_to(0.5 * NORMAL)
    firms = some_firms(2, capital=0.5 * NORMAL, cash=0.0, loan=0.5 * NORMAL * share)
    firms.credit_line[:] = [line, line + more]
    machine, _, _ = planned(firms)
    spent = [min(each, MOST) for each in 0.5 * NORMAL * firms.credit_line / (1.0 - share)]
    assert machine == pytest.approx([each if each >= LEAST else 0.0 for each in spent])
    assert machine[1] >= machine[0]


MOST = NORMAL - 0.5 * NORMAL
"""Yuan that a firm with half its wanted capital would spend."""
LEAST = max(FINANCE.smallest_machine, FINANCE.least_part * MOST)
"""Yuan below which it rather waits."""


# --- upgrades -------------------------------------------------------------------------------------------------------


def test_a_rung_is_worth_its_saving_in_labour() -> None:
    ladder = LADDER._replace(rung_productivity=0.06, rung_labour_saving=0.02)
    assert rung_gain(ladder, 0.6) == pytest.approx(0.12)
    # Productivity of all factors 6 percent up is labour e^0.1 times as productive when labour's elasticity is 0.6.
    assert np.exp(rung_gain(ladder._replace(rung_labour_saving=0.0), 0.6)) ** 0.6 == pytest.approx(np.exp(0.06))
    assert quality_of(0.0, 0.01, 0.0) == 1.0
    assert np.log(quality_of(3.0, 0.01, 0.0)) == pytest.approx(-0.03)
    assert np.log(quality_of(3.0, 0.01, 0.2)) == pytest.approx(0.17), "design and brand come on top"


def test_gain_of_an_upgrade_by_hand() -> None:
    ladder = LADDER._replace(rung_productivity=0.06, rung_labour_saving=0.0, rung_quality=0.01, rungs_at_once=2.0)
    # A rung saves a tenth of wages (9 percent of revenue) and wins 7 percent of orders at a margin of an eighth.
    one = rules.upgrade_gain(1e6, 1.0, 0.09, 0.125, 8.0, ladder, 0.6)
    assert one == pytest.approx(1e6 * (0.009 + 0.00875))
    assert rules.upgrade_gain(1e6, 1.7, 0.09, 0.125, 8.0, ladder, 0.6) == pytest.approx(1.7 * one)
    assert rules.upgrade_gain(1e6, 9.0, 0.09, 0.125, 8.0, ladder, 0.6) == pytest.approx(2.0 * one)
    assert rules.upgrade_pays(25.0, 100.0, 0.25, 1.0)
    assert not rules.upgrade_pays(25.0, 100.1, 0.25, 1.0)
    assert rules.upgrade_pays(12.5, 100.0, 0.25, 2.0)


EAGER = LADDER._replace(required_return=0.0, perception_dispersion=0.0)


@pytest.mark.parametrize(
    ("values", "buys"),
    [
        ({}, True),
        ({"aware": 0}, False),
        ({"technology_gap": 0.4}, False),
        ({"revenue_year": 0.0}, False),
        ({"tier": SUPPLIER}, False),
        ({"cash": 0.0, "loan": 1e9}, False),
    ],
    ids=["usual", "never heard of it", "near the frontier", "sold nothing", "not a maker", "no money"],
)
def test_who_upgrades(values: dict[str, Any], buys: bool) -> None:
    _, upgrade, _ = planned(rich(**{"aware": 1, "technology_gap": 1.5, **values}), ladder=EAGER)
    cost = LADDER.upgrade_cost_share * NORMAL
    assert upgrade[0] == (pytest.approx(cost) if buys else 0.0)


def test_no_rounding_refuses_an_upgrade_beside_a_machine() -> None:
    firms = rich(1000, aware=1, technology_gap=1.5, capital=NORMAL * np.linspace(0.2, 0.7, 1000))
    machine, upgrade, _ = planned(firms, ladder=EAGER)
    assert (machine > 0.0).all()
    assert (upgrade > 0.0).all()


def test_a_grant_never_discourages_an_upgrade_and_persuades_some() -> None:
    firms = rich(4000, aware=1, technology_gap=2.0)
    _, without, _ = planned(firms)
    _, with_grant, _ = planned(firms, factor=0.8)
    assert (with_grant >= without).all()
    assert 0 < (without > 0).sum() < (with_grant > 0).sum()


# --- buying ---------------------------------------------------------------------------------------------------------


def bought(firms: Any, machine: Any, upgrade: Any, own: Any, price: float = 1.0, success: float = 1.0) -> Any:
    places = some_places(1, upgrade_success=success)
    spending, borrowing = np.zeros(firms.slot.size), np.zeros(firms.slot.size)
    upgraded = np.zeros(firms.slot.size, np.int8)
    rules.buy(
        all_rows(firms), np.array(machine), np.array(upgrade), np.array(own), firms, places, price, LADDER,
        PRODUCTION.labour_elasticity, key(2), spending, borrowing, upgraded,
    )  # fmt: skip
    return spending, borrowing, upgraded


def test_machines_are_paid_with_own_money_first() -> None:
    firms = some_firms(3, capital=1e6)
    spending, borrowing, upgraded = bought(firms, [2e5, 2e5, 0.0], [0.0] * 3, [5e5, 5e4, 1e6], price=1.25)
    assert spending.tolist() == [2e5, 2e5, 0.0]
    assert borrowing.tolist() == [0.0, 1.5e5, 0.0]
    assert firms.capital == pytest.approx([1e6 + 1.6e5, 1e6 + 1.6e5, 1e6])
    assert not upgraded.any()


yuan = st.just(0.0) | st.floats(1.0, 5e7)


@given(yuan, st.floats(0.0, 5.0), yuan, st.floats(0.5, 2.0))
def test_new_machines_are_of_the_techniques_of_the_day(machine: float, gap: float, before: float, price: float) -> None:
    firms = some_firms(1, capital=before, technology_gap=gap)
    bought(firms, [machine], [0.0], [1e9], price=price)
    # The mean over equipment: what was there lies as far behind as it did, what is new at the frontier.
    new = machine / price
    behind = gap * before / (before + new) if new > 0.0 else gap
    assert firms.technology_gap[0] == pytest.approx(behind, abs=1e-12)
    assert 0.0 <= firms.technology_gap[0] <= gap, "nobody passes the frontier, nobody falls behind by buying"
    gain = rung_gain(LADDER, PRODUCTION.labour_elasticity)
    assert firms.productivity[0] == pytest.approx(np.exp(gain * (gap - behind)))


def test_a_machine_beside_an_upgrade_leaves_no_more_to_climb_than_there_is() -> None:
    firms = some_firms(2, capital=1e6, technology_gap=[0.8, 3.0], aware=1)
    bought(firms, [1e6, 1e6], [1e5, 1e5], [1e9, 1e9])
    # Half of the equipment is new; the upgrade climbs what is left, up to its rungs.
    assert firms.technology_gap == pytest.approx(np.maximum([0.4, 1.5] - np.float64(LADDER.rungs_at_once), 0.0))
    assert firms.technology_gap.min() == 0.0


def test_a_successful_upgrade_climbs_and_a_failed_one_does_not() -> None:
    for success in (1.0, 0.0):
        firms = some_firms(2, capital=1e6, technology_gap=[1.2, 5.0], aware=1)
        _, _, upgraded = bought(firms, [0.0, 0.0], [1e5, 1e5], [1e6, 1e6], success=success)
        climbed = success * np.minimum([1.2, 5.0], LADDER.rungs_at_once)
        assert firms.technology_gap == pytest.approx(np.array([1.2, 5.0]) - climbed)
        gain = rung_gain(LADDER, PRODUCTION.labour_elasticity)
        assert firms.productivity == pytest.approx(np.exp(gain * climbed))
        assert firms.capital == pytest.approx([1e6 + LADDER.upgrade_capacity_share * 1e5] * 2)
        assert upgraded.tolist() == [1, 1]
        assert not firms.aware.any(), "the next rung must be heard of anew"


def test_upgrades_succeed_as_often_as_stated() -> None:
    firms = some_firms(5000, technology_gap=1.0)
    bought(firms, np.zeros(5000), np.ones(5000), np.ones(5000), success=LADDER.success_rate)
    assert (firms.technology_gap == 0.0).mean() == pytest.approx(LADDER.success_rate, abs=0.02)


def test_who_asks_for_no_grant_buys_what_it_has_planned_at_full_price() -> None:
    tiers = [0] * 400 + [1] * 100 + [2] * 100
    some = np.arange(600)
    values = {
        "tier": tiers, "capital": NORMAL * (0.2 + some % 7 / 7.0), "cash": 1e5 * (some % 11) ** 2, "aware": some % 2,
        "loan": 1e4 * (some % 5), "technology_gap": some % 3, "credit_line": 0.1 * (some % 4 == 0),
        "alive": some % 13 > 0,
    }  # fmt: skip
    planner, buyer, places = some_firms(600, **values), some_firms(600, **values), some_places(1, upgrade_success=0.6)
    decided = (some % 17 == 0).astype(np.int8)
    machine, upgrade, own = planned(planner, price=1.1)
    rows = np.flatnonzero((planner.alive == 1) & (decided == 0))
    outlays = [(np.zeros(600), np.zeros(600), np.zeros(600, np.int8)) for _ in range(2)]
    rules.buy(
        rows, machine[rows], upgrade[rows], own[rows], planner, places, 1.1, LADDER, PRODUCTION.labour_elasticity,
        key(2), *outlays[0],
    )  # fmt: skip
    rules.invest(
        segments_for(buyer), buyer, places, COSTS, PRODUCTION, FINANCE, LADDER, PARAMETERS.demand, 1.1, key(1), key(2),
        decided, *outlays[1],
    )  # fmt: skip
    for one, other in (*zip(*outlays, strict=True), *zip(planner, buyer, strict=True)):
        assert other == pytest.approx(one, rel=1e-12)
    assert (outlays[1][0] > 0.0).sum() > 100
    assert outlays[1][2].sum() > 20


# --- expectations, wear, scrap --------------------------------------------------------------------------------------


def shrunk(firms: Any, season: float = 1.0) -> Any:
    scrap = np.zeros(firms.slot.size)
    rules.expect_and_shrink(segments_for(firms), firms, season, COSTS, PRODUCTION, FINANCE, scrap)
    return scrap


def test_expectations_follow_orders_with_the_season_taken_out() -> None:
    firms = some_firms(2, expected_orders=100.0, orders=[80.0, 150.0], capital=0.0)
    shrunk(firms, season=0.8)
    assert firms.expected_orders == pytest.approx([100.0, 100.0 + FINANCE.expectation_speed * 87.5])


def test_orders_passed_on_to_others_are_orders_all_the_same() -> None:
    firms = some_firms(2, expected_orders=100.0, orders=[120.0, 150.0], passed_on=[30.0, 0.0], capital=0.0)
    shrunk(firms)
    assert firms.expected_orders == pytest.approx([100.0 + FINANCE.expectation_speed * 50.0] * 2)


def test_a_young_firm_that_gets_more_than_it_opened_for_expects_the_mean_of_what_it_has_seen() -> None:
    firms, orders = some_firms(2, expected_orders=100.0, orders=0.0, age=0, capital=0.0), [130.0, 150.0, 190.0]
    shrunk(firms)
    assert firms.expected_orders.tolist() == [100.0, 100.0], "it has seen no month of orders"
    for month, seen in enumerate(orders):
        firms.age[:], firms.orders[:] = month + 1, [seen, 0.0]
        shrunk(firms)
        assert firms.expected_orders[0] == pytest.approx(np.mean([100.0, *orders[: month + 1]]))
    speed = FINANCE.expectation_speed
    assert firms.expected_orders[1] == pytest.approx(100.0 * (1.0 - speed) ** 3), "fewer are put down to being new"
    for age in (round(1.0 / speed), 600):
        assert rules.learning_speed(age, 1.0, speed) == speed


def test_owners_wait_two_years_for_customers_before_they_sell_machines() -> None:
    firms = rich(3, capital=3.0 * NORMAL, age=[0, rules.PATIENCE_MONTHS - 1, rules.PATIENCE_MONTHS])
    worn = 3.0 * NORMAL * (1.0 - PRODUCTION.depreciation / 12.0)
    scrap = shrunk(firms)
    assert scrap[:2].tolist() == [0.0, 0.0]
    assert scrap[2] > 0.0
    assert firms.capital == pytest.approx([worn, worn, worn - scrap[2]])


def test_equipment_wears_by_the_yearly_rate() -> None:
    firms = rich()
    for _ in range(12):
        assert shrunk(firms)[0] == 0.0
    assert firms.capital[0] / NORMAL == pytest.approx(1.0 - PRODUCTION.depreciation, abs=0.005)


def test_idle_machines_are_sold_step_by_step() -> None:
    firms = rich(capital=3.0 * NORMAL)
    worn = 3.0 * NORMAL * (1.0 - PRODUCTION.depreciation / 12.0)
    excess = worn - NORMAL * (1.0 + 2.0 * FINANCE.band)
    scrap = shrunk(firms)
    assert scrap[0] == pytest.approx(excess / FINANCE.selling_months)
    assert firms.capital[0] == pytest.approx(worn - scrap[0])
    for _ in range(60):
        shrunk(firms)
    assert firms.capital[0] <= NORMAL * (1.0 + 2.1 * FINANCE.band)


# --- awareness ------------------------------------------------------------------------------------------------------


def test_news_spreads_by_neighbours_and_faster_in_a_park() -> None:
    def share(upgraded: float, park: int) -> float:
        firms, places = some_firms(8000, park=park), some_places(1, upgraded_share=upgraded)
        rules.spread_awareness(segments_for(firms), firms, places, LADDER, key(3))
        return float(firms.aware.mean())

    alone = LADDER.awareness
    neighbours = alone + LADDER.neighbour_awareness * 0.5 / 12.0
    assert share(0.0, -1) == pytest.approx(alone, abs=0.006)
    assert share(0.5, -1) == pytest.approx(neighbours, abs=0.009)
    assert share(0.5, 0) == pytest.approx(LADDER.park_awareness * neighbours, abs=0.011)


def test_larger_firms_hear_sooner() -> None:
    firms = some_firms(8000, capital=[3.7e5] * 4000 + [3.7e7] * 4000)
    rules.spread_awareness(segments_for(firms), firms, some_places(1, upgraded_share=0.5), LADDER, key(3))
    usual = LADDER.awareness + LADDER.neighbour_awareness * 0.5 / 12.0
    for rows, size in ((slice(0, 4000), 0.1), (slice(4000, 8000), 10.0)):
        chance = usual * size**LADDER.awareness_size_elasticity
        assert firms.aware[rows].mean() == pytest.approx(chance, abs=0.011)


def test_who_knows_keeps_knowing() -> None:
    firms = some_firms(50, aware=1)
    rules.spread_awareness(segments_for(firms), firms, some_places(), LADDER._replace(awareness=0.0), key(3))
    assert firms.aware.all()


def test_news_spreads_faster_where_an_institution_carries_it() -> None:
    firms, places = some_firms(8000, place=np.arange(8000) % 2), some_places(2, awareness=[1.0, 3.0])
    rules.spread_awareness(segments_for(firms), firms, places, LADDER, key(3))
    heard = [firms.aware[firms.place == place].mean() for place in (0, 1)]
    assert heard == pytest.approx([LADDER.awareness, 3.0 * LADDER.awareness], abs=0.012)


def test_upgrades_succeed_by_the_chance_of_the_place() -> None:
    firms = some_firms(4000, technology_gap=1.0, place=np.arange(4000) % 2)
    spending, borrowing, upgraded = np.zeros(4000), np.zeros(4000), np.zeros(4000, np.int8)
    rules.buy(
        all_rows(firms), np.zeros(4000), np.ones(4000), np.ones(4000), firms,
        some_places(2, upgrade_success=[0.3, 0.9]), 1.0, LADDER,
        PRODUCTION.labour_elasticity, key(2), spending, borrowing, upgraded,
    )  # fmt: skip
    climbed = [(firms.technology_gap[firms.place == place] == 0.0).mean() for place in (0, 1)]
    assert climbed == pytest.approx([0.3, 0.9], abs=0.03)
    assert upgraded.all(), "a failed upgrade is one that was tried"
