"""The month's accounts of a firm: taxes by hand, every flow by hand, trade that balances, money that only scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import settlement as rules
from sim.state.columns import MAKER, SUPPLIER, TRADER
from tests.model_fixtures import BY_TIER, COSTS, PARAMETERS, all_rows, some_firms, some_places

TAX = PARAMETERS.tax._replace(
    vat=0.13, vat_small=0.01, small_taxpayer_revenue=5e6, surcharge=0.12, income_tax=0.25, income_tax_small=0.05,
    small_profit=3e6,
)  # fmt: skip
FINANCE, PRODUCTION = PARAMETERS.investment, PARAMETERS.production
amount = st.floats(0.0, 1e9)


# --- taxes ----------------------------------------------------------------------------------------------------------


def test_a_small_taxpayer_pays_a_levy_on_sales_at_home() -> None:
    # 100,000 of sales at home at 1 percent, and 12 percent of that on top; inputs and exports do not matter.
    assert rules.value_added_tax(1e5, 1e5, 8e4, 1.2e6, TAX) == pytest.approx(1120.0)
    assert rules.value_added_tax(1e5, 3e5, 0.0, 4.9e6, TAX) == pytest.approx(1120.0)


def test_a_general_taxpayer_pays_on_what_it_adds() -> None:
    # 1,130,000 with tax in it against inputs of 904,000: 130,000 less 104,000, and the surcharge.
    assert rules.value_added_tax(1.13e6, 1.13e6, 9.04e5, 1.4e7, TAX) == pytest.approx(26_000 * 1.12)
    assert rules.value_added_tax(1e5, 1e5, 2e5, 5e6, TAX) == 0.0, "tax paid on inputs is not paid out"


def test_exports_are_free_of_tax_and_so_are_their_inputs() -> None:
    assert rules.value_added_tax(0.0, 1e6, 8e5, 1.4e7, TAX) == 0.0
    half = rules.value_added_tax(5e5, 1e6, 8e5, 1.4e7, TAX)
    assert half == pytest.approx(0.5 * rules.value_added_tax(1e6, 1e6, 8e5, 1.4e7, TAX))
    assert rules.value_added_tax(0.0, 0.0, 1e5, 1.4e7, TAX) == 0.0


def test_income_tax_by_hand() -> None:
    assert rules.income_tax(1e5, 2.9e6, TAX) == pytest.approx(5_000.0)
    assert rules.income_tax(1e5, 3e6, TAX) == pytest.approx(25_000.0)
    assert (
        rules.income_tax(-1e5, 5e6, TAX) == rules.income_tax(1e5, -1.0, TAX) == rules.income_tax(0.0, 5e6, TAX) == 0.0
    )


@given(amount, amount, amount, st.floats(0.0, 1e8))
def test_taxes_are_never_negative_and_rise_with_sales(home: float, abroad: float, inputs: float, year: float) -> None:
    tax = rules.value_added_tax(home, home + abroad, inputs, year, TAX)
    assert 0.0 <= tax <= 0.13 / 1.13 * 1.12 * home * (1.0 + 1e-12) or year < 5e6
    assert rules.value_added_tax(home, home + abroad, inputs + 1e6, year, TAX) <= tax


def test_dividends_leave_twice_the_buffer() -> None:
    assert rules.dividends(100.0, 10.0, 3.0, 0.5) == 20.0
    assert rules.dividends(60.0, 10.0, 3.0, 0.5) == rules.dividends(-5.0, 10.0, 3.0, 0.5) == 0.0


def test_rent_outside_follows_the_equipment() -> None:
    park = PARAMETERS.park._replace(capital_per_plot=1e7, outside_rent=10.0)
    assert rules.outside_rent(5e6, 6000.0, park) == pytest.approx(0.5 * 6000.0 * 10.0)


# --- the month ------------------------------------------------------------------------------------------------------


def settled(
    firms: Any, places: Any, *, level: float = 1.0, parameters: Any = PARAMETERS,
    parks: Any = ((0.0,), (0.0,), (0.0,), (0.0,)), spending: float = 0.0, borrowing: float = 0.0, scrap: float = 0.0,
) -> tuple[Any, Any]:  # fmt: skip
    """Settle all rows as ``phases.money.settle`` does; return flows and profit."""
    rows, count = firms.slot.size, places.wage.size
    tiers = [np.flatnonzero(firms.tier == tier) for tier in range(3)]
    trade = [np.zeros(count) for _ in range(4)]
    rules.local_turnover(*tiers, firms, places, COSTS, parameters.production, *trade)
    flows, profit = np.zeros((rows, rules.FLOWS)), np.zeros(rows)
    rules.settle(
        all_rows(firms), firms, places, COSTS, parameters.production, parameters.investment, parameters.environment,
        parameters.park, parameters.tax, level, 1.0, *trade, *(np.array(column) for column in parks),
        np.full(rows, spending), np.full(rows, borrowing), np.full(rows, scrap), 3, flows, profit,
    )  # fmt: skip
    return flows, profit


def test_a_makers_month_by_hand() -> None:
    firms = some_firms(
        1, delivered=1e6, price=1.2, orders_foreign=0.25, orders_local=0.15, workers=20.0, capital=4e6, loan=3.6e5,
        cash=1e6, revenue_year=1.4e7, profit_year=5e5, emission=1e-4,
    )  # fmt: skip
    firms.revenue_ring[0, 3], firms.profit_ring[0, 3] = 1e6, 2e4
    environment = PARAMETERS.environment._replace(untreated_share=0.25, own_treatment_cost=40.0)
    parameters = PARAMETERS._replace(environment=environment, tax=TAX)
    flows, profit = settled(firms, some_places(1, wage=60000.0), parameters=parameters, spending=3e5, borrowing=1e5)
    sales, cost = 1.2e6, BY_TIER.materials_share[0] * 1e6
    wanted = {  # alone in its place: what it would sell to traders there goes elsewhere in the country
        "SALES_FOREIGN": 3e5, "SALES_LOCAL": 0.0, "SALES_DOMESTIC": 9e5,
        "MATERIALS": -(cost + 1e6 * 1e-4 * 0.75 * 40.0), "LOCAL_INPUTS": 0.0, "WAGES": -20.0 * 5000.0,
        "INTEREST": -3.6e5 * FINANCE.loan_rate / 12.0, "EQUIPMENT": -3e5, "BORROWING": 1e5, "SCRAP": 0.0,
        "REPAYMENT": -3.6e5 / FINANCE.repayment_months, "PARK_RENT": 0.0, "TREATMENT": 0.0,
    }  # fmt: skip
    people = PRODUCTION.overhead_labour_share
    base = BY_TIER.overhead_share[0] * 4e6 / BY_TIER.capital_output_ratio[0] / 12.0
    wanted["OVERHEAD"] = -base * (people * 1.25 + 1.0 - people)
    inputs = -wanted["MATERIALS"]
    wanted["VALUE_ADDED_TAX"] = -0.13 / 1.13 * (9e5 - 0.75 * inputs) * 1.12
    gain = sales + sum(wanted[name] for name in ("MATERIALS", "WAGES", "OVERHEAD", "INTEREST", "VALUE_ADDED_TAX"))
    gain -= 4e6 * PRODUCTION.depreciation / 12.0
    wanted["INCOME_TAX"] = -max(gain, 0.0) * 0.05
    usual = firms.unit_cost[0] * firms.expected_orders[0]
    before = 1e6 + sum(wanted.values())
    wanted["DIVIDENDS"] = -rules.dividends(before, usual, FINANCE.cash_buffer_months, FINANCE.dividend_rate)
    assert len(wanted) == rules.FLOWS
    for name, value in wanted.items():
        assert flows[0, getattr(rules, name)] == pytest.approx(value, rel=1e-12, abs=1e-6), name
    assert profit[0] == pytest.approx(gain)
    assert firms.loan[0] == pytest.approx(3.6e5 + 1e5 - 3.6e5 / FINANCE.repayment_months)
    assert (firms.sales[0], firms.exports[0]) == pytest.approx((1.2e6, 3e5))
    assert firms.revenue_year[0] == pytest.approx(1.4e7 - 1e6 + 1.2e6)
    assert firms.profit_year[0] == pytest.approx(5e5 - 2e4 + gain)
    assert firms.revenue_ring[0, 3] == pytest.approx(1.2e6)
    assert firms.profit_ring[0, 3] == pytest.approx(gain)


def test_a_tenant_pays_the_park_in_place_of_its_site() -> None:
    outside, inside = (
        some_firms(1, delivered=1e6, emission=1e-4, park=where, plots=0.5, revenue_year=1.4e7) for where in (-1, 0)
    )
    parks = ((12.0, 0.0), (18.0, 0.0), (0.8, 0.0), (6000.0, 0.0))
    away, _ = settled(outside, some_places(), parks=parks)
    there, _ = settled(inside, some_places(), parks=parks)
    assert there[0, rules.PARK_RENT] == pytest.approx(-0.5 * 6000.0 * 12.0)
    assert there[0, rules.TREATMENT] == pytest.approx(-1e6 * 1e-4 * 0.8 * 18.0)
    site = rules.outside_rent(outside.capital[0], 6000.0, PARAMETERS.park)
    assert there[0, rules.OVERHEAD] - away[0, rules.OVERHEAD] == pytest.approx(site)
    own = 1e6 * 1e-4 * (1.0 - PARAMETERS.environment.untreated_share) * PARAMETERS.environment.own_treatment_cost
    assert there[0, rules.MATERIALS] - away[0, rules.MATERIALS] == pytest.approx(own)
    assert away[0, rules.PARK_RENT] == away[0, rules.TREATMENT] == 0.0


def village(**values: Any) -> Any:
    """Return three makers, two suppliers and two traders in two places, with odd sizes and prices."""
    usual = {
        "tier": [0, 0, 0, SUPPLIER, SUPPLIER, TRADER, TRADER], "place": [0, 0, 1, 0, 1, 0, 1],
        "weight": [1.0, 50.0, 3.0, 20.0, 2.0, 7.0, 1.0], "delivered": [1e6, 1e5, 3e5, 4e5, 1e5, 2e5, 4e5],
        "price": [1.0, 1.1, 0.9, 1.2, 1.0, 1.3, 1.1], "orders_local": [0.2, 0.5, 0.9, 1.0, 1.0, 0.0, 0.0],
        "orders_foreign": [0.3, 0.1, 0.0, 0.0, 0.0, 0.2, 0.0], "loan": 2e5, "emission": [1e-4] * 3 + [0.0] * 4,
        "revenue_year": [2e7, 1e6, 4e6, 6e6, 3e6, 1e7, 5e5],
    }  # fmt: skip
    return some_firms(7, **{**usual, **values})


def test_what_local_buyers_pay_is_what_local_sellers_get() -> None:
    firms, places = village(), some_places(2, services_price=[1.2, 1.0], goods_price=[1.0, 0.9])
    flows, _ = settled(firms, places)
    for place in (0, 1):
        here = (firms.place == place) * firms.weight
        assert (here * flows[:, rules.SALES_LOCAL]).sum() == pytest.approx(-(here * flows[:, rules.LOCAL_INPUTS]).sum())
    assert (flows[firms.tier == SUPPLIER, rules.LOCAL_INPUTS] == 0.0).all()
    assert (flows[firms.tier == TRADER, rules.MATERIALS] == 0.0).all()


@pytest.mark.parametrize("idle", [TRADER, MAKER])
def test_what_nobody_in_the_place_can_use_is_sold_elsewhere(idle: int) -> None:
    firms, places = village(), some_places(2)
    firms.delivered[firms.tier == idle] = 0.0
    flows, _ = settled(firms, places)
    sellers = firms.tier == (MAKER if idle == TRADER else SUPPLIER)
    assert (flows[sellers, rules.SALES_LOCAL] == 0.0).all()
    assert (flows[sellers, rules.SALES_DOMESTIC] > 0.0).all()
    assert firms.sales[sellers] == pytest.approx((firms.delivered * firms.price)[sellers])
    paid, got = (firms.weight @ flows[:, column] for column in (rules.LOCAL_INPUTS, rules.SALES_LOCAL))
    assert got == pytest.approx(-paid)


def test_sales_are_split_without_a_rest() -> None:
    firms = village()
    flows, _ = settled(firms, some_places(2))
    parts = flows[:, [rules.SALES_DOMESTIC, rules.SALES_FOREIGN, rules.SALES_LOCAL]].sum(axis=1)
    assert parts == pytest.approx(firms.delivered * firms.price)
    assert firms.sales == pytest.approx(parts)


def test_doubled_money_doubles_every_flow_to_the_bit() -> None:
    money = ("price", "unit_cost", "cash", "loan", "revenue_year", "profit_year", "revenue_ring", "profit_ring")
    once, twice = village(), village()
    for name in money:
        getattr(twice, name)[:] *= 2.0
    places, dear = some_places(2), some_places(2)
    for name in ("wage", "goods_price", "services_price", "market_cost", "bought_materials"):
        getattr(dear, name)[:] *= 2.0
    # The wage in the base year and a unit's labour share stay: the price level is twice that of the base year.
    flows, profit = settled(once, places, spending=1e5, borrowing=5e4, scrap=100.0)
    tax = PARAMETERS.tax
    larger = PARAMETERS._replace(
        tax=tax._replace(small_taxpayer_revenue=2.0 * tax.small_taxpayer_revenue, small_profit=2.0 * tax.small_profit),
        environment=PARAMETERS.environment._replace(own_treatment_cost=2.0 * PARAMETERS.environment.own_treatment_cost),
    )
    doubled, doubled_profit = settled(
        twice, dear, level=2.0, parameters=larger, spending=2e5, borrowing=1e5, scrap=100.0
    )
    assert np.array_equal(doubled, 2.0 * flows)
    assert np.array_equal(doubled_profit, 2.0 * profit)
    assert np.array_equal(twice.revenue_year, 2.0 * once.revenue_year)


def test_places_relabelled_have_the_same_accounts() -> None:
    once, twice = village(), village(place=[1, 1, 0, 1, 0, 1, 0])
    flows, _ = settled(once, some_places(2, wage=[48000.0, 60000.0]))
    swapped, _ = settled(twice, some_places(2, wage=[60000.0, 48000.0]))
    assert np.array_equal(flows, swapped)


def test_savings_lower_what_is_paid_and_nothing_else_but_tax() -> None:
    usual, buying, keeping = some_firms(1), some_firms(1, purchase_saving=0.1), some_firms(1, overhead_saving=0.2)
    places = some_places(1, bought_materials=1.3)
    plain, cheap, lean = (settled(firms, places)[0][0] for firms in (usual, buying, keeping))
    assert cheap[rules.MATERIALS] == pytest.approx(0.9 * plain[rules.MATERIALS])
    assert lean[rules.OVERHEAD] == pytest.approx(0.8 * plain[rules.OVERHEAD])
    results = (rules.VALUE_ADDED_TAX, rules.INCOME_TAX, rules.DIVIDENDS)
    for flows, moved in ((cheap, rules.MATERIALS), (lean, rules.OVERHEAD)):
        same = [column for column in range(rules.FLOWS) if column not in (moved, *results)]
        assert np.array_equal(flows[same], plain[same])


def test_makers_buy_their_own_share_from_the_place() -> None:
    firms = some_firms(3, tier=[0, 0, SUPPLIER], local_share=[0.4, 0.1, 0.0], delivered=[1e6, 1e6, 0.0], price=1.0)
    firms.orders_local[2] = 1.0
    firms.delivered[2] = 0.5 * BY_TIER.materials_share[0] * 1e6
    flows, _ = settled(firms, some_places(1, bought_materials=1.1))
    local, elsewhere = -flows[:, rules.LOCAL_INPUTS], -flows[:, rules.MATERIALS]
    need = BY_TIER.materials_share[0] * 1e6
    assert local[:2] == pytest.approx([0.4 * need, 0.1 * need])
    assert elsewhere[:2] == pytest.approx([0.6 * need * 1.1, 0.9 * need * 1.1])
    # Half of what is wanted is there: each gets half, the rest is bought elsewhere at the price of other materials.
    firms.delivered[2] *= 0.5
    flows, _ = settled(firms, some_places(1, bought_materials=1.1))
    assert -flows[:2, rules.LOCAL_INPUTS] == pytest.approx([0.2 * need, 0.05 * need])
    assert -flows[:2, rules.MATERIALS] == pytest.approx([0.8 * need * 1.1, 0.95 * need * 1.1])


def test_a_credit_line_covers_a_larger_overdraft() -> None:
    firms = some_firms(2, cash=-1e4, capital=1e4, credit_line=[0.0, 0.25])
    borrowed = np.zeros(2)
    rules.overdraw(all_rows(firms), firms, FINANCE, 1.0, borrowed)
    share = FINANCE.collateral_share
    assert borrowed == pytest.approx([share * 1e4, min(share + 0.25, 1.0) * 1e4])


# --- overdrafts and waste -------------------------------------------------------------------------------------------


def test_overdrafts_fill_the_gap_up_to_the_collateral() -> None:
    share = FINANCE.collateral_share
    firms = some_firms(4, cash=[-100.0, -100.0, 50.0, -100.0], capital=[1e4, 60.0, 1e4, 1e4], loan=[0.0, 0.0, 0.0, 1e6])
    borrowed = np.full(4, 9.0)
    rules.overdraw(all_rows(firms), firms, FINANCE, 1.5, borrowed)
    assert borrowed == pytest.approx([100.0, min(share * 60.0 * 1.5, 100.0), 0.0, 0.0])
    assert firms.loan == pytest.approx([100.0, borrowed[1], 0.0, 1e6])


def test_waste_is_treated_or_let_out_and_none_is_lost() -> None:
    firms = some_firms(
        4, place=[0, 0, 1, 1], park=[-1, 0, 0, -1], weight=[1.0, 10.0, 2.0, 1.0], delivered=1e6,
        emission=[1e-4, 2e-4, 1e-4, 0.0],
    )  # fmt: skip
    out = np.zeros((2, 2))
    volume = rules.discharge(all_rows(firms), firms, 0.3, np.array([0.9, 0.0]), np.array([0.5, 0.0]), 1, out)
    assert volume == pytest.approx([2000.0 + 200.0, 100.0])
    assert out.sum() == pytest.approx(volume.sum())
    treated = np.array([0.7 * 100.0 + 0.45 * 2000.0, 0.45 * 200.0])
    assert out[:, 1] == pytest.approx(treated)
