"""Governments: taxes shared out, and nothing spent that is not there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.governments import (
    CountyGovernment,
    Plan,
    ProvincialGovernment,
    Purse,
    available,
    commit,
    pay,
    release,
    take_in,
)
from sim.state.ledger import FIRMS, HOUSEHOLDS, REST_OF_WORLD, STATE, TAX_COLLECTED
from sim.state.record import MONEY_STAGES, PAYERS
from tests.model_fixtures import quick_model


@pytest.fixture
def model() -> Any:
    return quick_model()


def with_balances(model: Any, county: float, province: float) -> Any:
    model.governments["county", 0].open_account(county)
    model.governments["province", 0].open_account(province)
    model.state.tally.clear()
    model.purse = Purse(model)
    return model.state


def booked(model: Any, stage: str) -> list[float]:
    return model.state.public_money[0, :, MONEY_STAGES.index(stage)].tolist()


def test_accounts_are_opened_at_the_places_balance(model: Any) -> None:
    county, province = model.governments["county", 0], model.governments["province", 0]
    assert isinstance(county, CountyGovernment)
    assert isinstance(province, ProvincialGovernment)
    assert (county.account, province.account) == ("county:yongnian", "province:13")
    assert county.balance == pytest.approx(model.resolved.places[0].start.county_balance)
    share = model.state.parameters.government.province_balance_share
    assert share * province.yearly_output() > 1e6
    assert province.balance == pytest.approx(share * province.yearly_output())
    state = model.state.ledger.balances[STATE]
    county.open_account(1.0)
    assert county.balance == pytest.approx(1.0)
    assert model.state.ledger.balances[STATE] > state


def test_last_months_tax_is_shared_out_and_none_is_left(model: Any) -> None:
    state, settings = with_balances(model, 0.0, 0.0), model.state.parameters
    state.tax_due[0] = 1e6
    before = state.ledger.balances
    take_in(model)
    share = settings.tax.county_share * 1e6
    balances = state.ledger.balances
    assert before[TAX_COLLECTED] - balances[TAX_COLLECTED] == pytest.approx(1e6)
    kept = settings.government.programme_share * share
    assert model.governments["county", 0].balance == pytest.approx(kept + settings.government.other_receipts / 12.0)
    assert balances[HOUSEHOLDS] - before[HOUSEHOLDS] == pytest.approx(share - kept)
    province = model.governments["province", 0]
    receipts = settings.government.province_receipts_share * province.usual_output / 12.0
    assert receipts > 1e4
    assert province.balance == pytest.approx(receipts)
    assert state.tally["county_tax_receipts"][0] == pytest.approx(share)


def test_what_lay_idle_all_year_lapses_but_for_awards_and_a_part(model: Any) -> None:
    state = with_balances(model, 1000.0, 500.0)
    county, province = model.governments["county", 0], model.governments["province", 0]
    state.month = state.first_month + 12 - state.month_of_year
    commit(model, 0, {"county": 1.0}, 0, 300.0, state.month + 5)
    state.tax_due[:] = 0.0
    before = state.ledger.balances
    take_in(model)
    kept = state.parameters.government.carry_over_share
    other = state.parameters.government.other_receipts / 12.0
    assert county.balance == pytest.approx(300.0 + kept * 700.0 + other)
    receipts = state.parameters.government.province_receipts_share * province.usual_output / 12.0
    assert province.balance == pytest.approx(kept * 500.0 + receipts)
    lapsed = (1.0 - kept) * 1200.0
    assert state.tally["public_money_lapsed"].sum() == pytest.approx(lapsed)
    assert state.ledger.balances[HOUSEHOLDS] - before[HOUSEHOLDS] == pytest.approx((1.0 - kept) * 700.0)
    state.month += 1
    left = county.balance
    take_in(model)
    assert county.balance == pytest.approx(left + other), "nothing lapses within a year"
    state.ledger.transfer(county.account, STATE, county.balance, "everything")
    take_in(model)
    with_balances(model, 1000.0, 500.0)
    state.month += 11
    take_in(model)
    assert county.balance >= 1000.0, "what was needed once in the year does not lapse"


def test_what_is_set_aside_cannot_be_awarded_again(model: Any) -> None:
    with_balances(model, 1000.0, 1000.0)
    payer, month = {"county": 0.5, "province": 0.5}, model.state.month
    commit(model, 0, payer, 0, 1500.0, month + 3)
    assert available(model, 1, payer, 0) == pytest.approx(500.0)
    model.purse = Purse(model)
    assert available(model, 1, payer, 0) == pytest.approx(500.0)
    release(model, payer, 0, 500.0, month + 3)
    model.purse = Purse(model)
    assert available(model, 1, payer, 0) == pytest.approx(1000.0)
    model.state.month += 3
    model.purse = Purse(model, [(0, Plan(payer, 0, 1000.0, due=True))])
    assert available(model, 0, payer, 0) == pytest.approx(2000.0), "what falls due is served first"
    assert available(model, 0, payer, 0, due=False) == pytest.approx(1000.0), "and is not awarded again"
    assert available(model, 1, payer, 0) == pytest.approx(1000.0)


def test_payers_pay_their_shares(model: Any) -> None:
    state = with_balances(model, 1000.0, 1000.0)
    payer = {"county": 0.6, "province": 0.4}
    assert available(model, 0, payer, 0) == pytest.approx(1000.0 / 0.6)
    assert pay(model, 0, payer, 0, 500.0, REST_OF_WORLD, "works") == pytest.approx(1.0)
    assert model.governments["county", 0].balance == pytest.approx(700.0)
    assert model.governments["province", 0].balance == pytest.approx(800.0)
    assert booked(model, "paid") == pytest.approx([300.0, 200.0])
    assert booked(model, "promised") == pytest.approx([300.0, 200.0])
    assert state.tally["public_money_paid"][0] == pytest.approx(500.0)
    assert state.tally["public_money_unmet"][0] == 0.0


def test_what_is_not_there_is_not_paid_and_recorded_as_unmet(model: Any) -> None:
    state = with_balances(model, 100.0, 1000.0)
    payer = {"county": 0.6, "province": 0.4}
    assert pay(model, 0, payer, 0, 500.0, REST_OF_WORLD, "works") == pytest.approx(300.0 / 500.0)
    assert 0.0 <= model.governments["county", 0].balance < 1e-6
    assert model.governments["province", 0].balance == pytest.approx(800.0)
    assert dict(zip(PAYERS, booked(model, "unmet"), strict=True)) == pytest.approx({"county": 200.0, "province": 0.0})
    assert state.tally["public_money_unmet"][0] == pytest.approx(200.0)
    assert pay(model, 0, {"county": 1.0}, 0, 50.0, REST_OF_WORLD, "works") == pytest.approx(0.0, abs=1e-9)


def test_an_overdrawn_account_pays_nothing(model: Any) -> None:
    state = model.state
    with_balances(model, 0.0, 0.0)
    state.ledger.transfer("county:yongnian", STATE, 5.0, "a debt from before")
    assert available(model, 0, {"county": 1.0}, 0) == 0.0
    assert pay(model, 0, {"county": 1.0}, 0, 50.0, REST_OF_WORLD, "works") == 0.0
    assert model.governments["county", 0].balance == -5.0


def test_nothing_to_pay_and_nobody_to_pay_it(model: Any) -> None:
    assert pay(model, 0, {"county": 1.0}, 0, 0.0, REST_OF_WORLD, "works") == 0.0
    assert available(model, 0, {}, 0) == available(model, 0, {"county": 0.0}, 0) == 0.0


def test_grants_reach_every_firm_of_a_row_and_never_overdraw(model: Any) -> None:
    state = with_balances(model, 1e5, 0.0)
    rows = state.live[:40]
    grants = np.linspace(1.0, 3.0, rows.size) * 1e4
    before = state.firms.cash[rows].copy()
    share = pay(model, 0, {"county": 1.0, "province": 0.0}, 0, grants, FIRMS, "grants", rows)
    wanted = float((grants * state.firms.weight[rows]).sum())
    assert wanted > 1e5
    assert share == pytest.approx(1e5 / wanted)
    assert state.firms.cash[rows] - before == pytest.approx(share * grants)
    assert 0.0 <= model.governments["county", 0].balance < 1.0
    state.ledger.close(state.firms, state.count)


def test_rounding_over_many_firms_is_no_shortfall(model: Any) -> None:
    state = with_balances(model, 1e9, 1e9)
    rows = state.live
    for seventh in range(1, 8):
        grants = np.linspace(1.0, 3.0, rows.size) * 1e3 * seventh / 7.0
        assert pay(model, 0, {"county": 0.6, "province": 0.4}, 0, grants, FIRMS, "grants", rows) == pytest.approx(1.0)
    assert booked(model, "unmet") == [0.0, 0.0]
    assert state.tally["public_money_unmet"][0] == 0.0


# --- a month's money shared out -------------------------------------------------------------------------------------

COUNTY, PROVINCE = {"county": 1.0}, {"province": 1.0}


def shared_out(model: Any, plans: list[tuple[int, Plan]], county: float, province: float = 0.0) -> Purse:
    with_balances(model, county, province)
    model.purse = Purse(model, plans)
    return model.purse


def rooms(model: Any, *policies: int, payer: dict[str, float] = COUNTY) -> list[float]:
    return [available(model, policy, payer, 0) for policy in policies]


def test_where_money_suffices_each_has_its_plan_and_the_rest_is_free(model: Any) -> None:
    shared_out(model, [(0, Plan(COUNTY, 0, 300.0)), (1, Plan(COUNTY, 0, 500.0))], 1000.0)
    assert rooms(model, 0, 1, 2) == pytest.approx([500.0, 700.0, 200.0])
    pay(model, 2, COUNTY, 0, 150.0, REST_OF_WORLD, "what nobody planned")
    assert rooms(model, 0, 1, 2) == pytest.approx([350.0, 550.0, 50.0])
    pay(model, 0, COUNTY, 0, 310.0, REST_OF_WORLD, "more than was planned")
    assert rooms(model, 0, 1, 2) == pytest.approx([40.0, 540.0, 40.0])


def test_a_short_account_serves_plans_in_proportion(model: Any) -> None:
    shared_out(model, [(0, Plan(COUNTY, 0, 300.0)), (1, Plan(COUNTY, 0, 900.0))], 400.0)
    assert rooms(model, 0, 1, 2) == pytest.approx([100.0, 300.0, 0.0])
    # What the first leaves of its share is not for the second this month.
    pay(model, 0, COUNTY, 0, 60.0, REST_OF_WORLD, "works")
    assert rooms(model, 0, 1) == pytest.approx([40.0, 300.0])
    assert pay(model, 1, COUNTY, 0, 900.0, REST_OF_WORLD, "works") == pytest.approx(1.0 / 3.0)
    assert 0.0 <= rooms(model, 1)[0] < 1e-6


def test_what_is_due_comes_first(model: Any) -> None:
    plans = [(0, Plan(COUNTY, 0, 300.0)), (1, Plan(COUNTY, 0, 500.0, due=True)), (2, Plan(COUNTY, 0, 100.0))]
    shared_out(model, plans, 600.0)
    assert rooms(model, 0, 1, 2) == pytest.approx([75.0, 500.0, 25.0])
    shared_out(model, [*plans, (2, Plan(COUNTY, 0, 300.0, due=True))], 600.0)
    assert rooms(model, 0, 1, 2) == pytest.approx([0.0, 375.0, 225.0])


def test_each_payer_shares_out_its_own_account(model: Any) -> None:
    both = {"county": 0.6, "province": 0.4}
    shared_out(model, [(0, Plan(both, 0, 1000.0)), (1, Plan(COUNTY, 0, 600.0))], 600.0, 1000.0)
    assert rooms(model, 0, payer=COUNTY) == rooms(model, 1) == pytest.approx([300.0])
    assert rooms(model, 0, payer=PROVINCE) == pytest.approx([1000.0])
    assert rooms(model, 0, payer=both) == pytest.approx([500.0])


def test_a_share_belongs_to_its_place_or_to_any_place_of_the_government(model: Any) -> None:
    plans = [(0, Plan(PROVINCE, 0, 300.0)), (1, Plan(PROVINCE, 0, 700.0, anywhere=True))]
    purse = shared_out(model, plans, 0.0, 500.0)
    number, elsewhere = model.governments["province", 0].number, 1
    assert [purse.room(number, 0, place) for place in (0, elsewhere)] == pytest.approx([150.0, 0.0])
    assert [purse.room(number, 1, place) for place in (0, elsewhere)] == pytest.approx([350.0, 350.0])
    purse.spend(number, 1, elsewhere, 350.0)
    assert purse.room(number, 1, 0) == pytest.approx(0.0)


def test_the_order_of_plans_does_not_matter(model: Any) -> None:
    plans = [(number, Plan(COUNTY, 0, 100.0 + number / 3.0, due=number % 2 == 0)) for number in range(8)]
    orders = [rooms(model, *range(8)) for order in (plans, plans[::-1]) if shared_out(model, order, 500.0)]
    assert orders[0] == pytest.approx(orders[1], rel=1e-14)
