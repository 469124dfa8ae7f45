"""The month's accounts of a firm: taxes by hand, every flow by hand, trade that balances, money that only scales."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import settlement as rules
from sim.rules import totals
from sim.rules.chance import uniforms
from sim.rules.demand import DOMESTIC_BY_PIECE, FOREIGN_BY_PIECE
from sim.state.columns import CHANNELS, MAKER, SUPPLIER, TRADER
from tests.model_fixtures import BY_TIER, COSTS, PARAMETERS, key, segments_for, some_firms, some_places

TAX = PARAMETERS.tax._replace(
    vat=0.13, vat_small=0.01, small_taxpayer_revenue=5e6, surcharge=0.12, income_tax=0.25, income_tax_small=0.05,
    small_profit=3e6,
)  # fmt: skip
FINANCE, PRODUCTION = PARAMETERS.investment, PARAMETERS.production
amount = st.floats(0.0, 1e9)


def access(capital: Any) -> Any:
    """Return how well banks know firms that are no lead firms."""
    return capital / (capital + FINANCE.bank_access_capital)


def lent(capital: Any) -> Any:
    """Return the share of their equipment that banks lend firms that are no lead firms."""
    return FINANCE.collateral_share * (FINANCE.small_collateral + (1.0 - FINANCE.small_collateral) * access(capital))


def interest_rate(capital: Any) -> Any:
    """Return the yearly interest of firms that are no lead firms."""
    return FINANCE.loan_rate + FINANCE.small_loan_premium * (1.0 - access(capital))


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


def test_inputs_by_hand_however_small_the_place() -> None:
    assert rules.inputs_bought(TRADER, 0.1, 0.3, 0.6, 5.0, 7.0, 1.5, 0.4, 2.0) == pytest.approx((0.05, 0.0))
    assert rules.inputs_bought(TRADER, 0.1, 0.0, 0.0, 5.0, 7.0, 1.5, 0.4, 2.0) == (0.0, 0.0)
    assert rules.inputs_bought(SUPPLIER, 0.1, 0.3, 0.6, 5.0, 7.0, 1.5, 0.4, 2.0) == pytest.approx((0.0, 0.2))
    # Wanted 0.2 x 0.4 x 1.5, half of which can be had; the other half of the units comes from elsewhere.
    assert rules.inputs_bought(MAKER, 0.2, 0.3, 0.6, 0.1, 0.2, 1.5, 0.4, 2.0) == pytest.approx((0.06, 0.32))
    assert rules.inputs_bought(MAKER, 0.2, 0.3, 0.6, 0.0, 0.0, 1.5, 0.4, 2.0) == pytest.approx((0.0, 0.4))
    # More on offer than is needed does not make it cheaper elsewhere.
    assert rules.inputs_bought(MAKER, 0.2, 0.3, 0.6, 0.4, 0.2, 1.5, 0.4, 2.0) == pytest.approx((0.24, 0.24))


def test_rent_outside_lies_inside_overhead() -> None:
    park = PARAMETERS.park._replace(capital_per_plot=1e7, rent_share=0.3)
    assert rules.outside_rent(20_000.0, 5e6, 0.5, park) == pytest.approx(0.3 * 20_000.0)
    assert rules.outside_rent(20_000.0, 5e6, 3.0, park) == pytest.approx(0.3 * 20_000.0)
    assert rules.outside_rent(20_000.0, 5e6, 0.1, park) == pytest.approx(0.2 * 0.3 * 20_000.0)


def test_overheads_and_rents_of_rows_follow_the_wage_of_their_place() -> None:
    firms = some_firms(4, place=[0, 1, 1, 0], tier=[MAKER, TRADER, MAKER, SUPPLIER], capital=[1e6, 2e6, 3e6, 4e6],
                       overhead_saving=[0.0, 0.0, 0.25, 0.5])  # fmt: skip
    places = some_places(2, wage=[30_000.0, 50_000.0], wage_base=[20_000.0, 40_000.0])
    rows, plots, people, progress, equipment = np.array([3, 2, 1]), np.array([0.1, 0.2, 9.0]), 0.6, 1.1, 0.9
    wages = np.array([1.5, 1.25, 1.25]) / progress
    wanted = [
        BY_TIER.overhead_share[tier] * capital / BY_TIER.capital_output_ratio[tier] / 12.0 * (0.6 * wage + 0.4 * 0.9)
        for tier, capital, wage in zip((SUPPLIER, MAKER, TRADER), (4e6, 3e6, 2e6), wages, strict=True)
    ]
    assert rules.overheads(rows, firms, places, COSTS, people, progress, equipment) == pytest.approx(np.array(wanted))
    rents = rules.outside_rents(
        rows, plots, firms, places, COSTS, people, progress, equipment, PARAMETERS.park
    )  # fmt: skip
    kept = np.array([0.5, 0.75, 1.0]) * wanted
    site = [
        rules.outside_rent(paid, capital, plot, PARAMETERS.park)
        for paid, capital, plot in zip(kept, (4e6, 3e6, 2e6), plots, strict=True)
    ]
    assert rents == pytest.approx(np.array(site))


# --- the month ------------------------------------------------------------------------------------------------------


class Month(NamedTuple):
    """A settled month: flows of each row and of each place, sums by tier and place, overdrafts by place."""

    flows: Any
    by_place: Any
    sums: Any
    drawn: Any


NO_PARK = ((0.0,),) * 5
CUT, FOLLOWED = 2e7, 5e6


def settled(
    firms: Any, places: Any, *, level: float = 1.0, parameters: Any = PARAMETERS, parks: Any = NO_PARK,
    spending: Any = 0.0, borrowing: Any = 0.0, scrap: Any = 0.0, upgraded: Any = 0, ordered: Any = 0.0,
    by_channel: Any = 0.0, progress: float = 1.0,
) -> Month:  # fmt: skip
    """Settle all rows as ``sim.month.market.settle`` does; flows of a row are its own, worked out for it alone."""
    rows, count = firms.slot.size, places.wage.size
    trade = rules.LocalTrade(*np.zeros((4, count)))
    rules.local_turnover(segments_for(firms), firms, places, COSTS, trade)

    def filled(value: Any, *shape: int, kind: Any = np.float64) -> Any:
        out = np.zeros((rows, *shape), kind)
        out[:] = value
        return out

    equipment = rules.Equipment(filled(spending), filled(borrowing), filled(scrap), filled(upgraded, kind=np.int8))
    channels = filled(by_channel, CHANNELS)
    orders = rules.Orders(filled(ordered, 4).T.copy(), channels, channels.any(axis=1).astype(np.int8))

    def settle(segments: Any, table: Any) -> Any:
        flows, sums = np.zeros((count, rules.FLOWS)), np.zeros((3, count, totals.SUMS))
        drawn = rules.settle(
            segments, table, places, COSTS, parameters.production, parameters.investment, parameters.environment,
            parameters.park, parameters.tax, level, progress, trade,
            rules.ParkTerms(*(np.array(column) for column in parks)), equipment, orders, CUT, FOLLOWED, 3, flows, sums,
        )  # fmt: skip
        return flows, sums, drawn

    each = np.zeros((rows, rules.FLOWS))
    for row in range(rows):
        alone = type(firms)(*(column.copy() for column in firms))
        own = np.array([[firms.place[row], firms.tier[row], row, row + 1]], np.int64)
        each[row] = settle(own, alone)[0].sum(axis=0) / firms.weight[row]
    return Month(each, *settle(segments_for(firms), firms))


def profit_of(firms: Any) -> Any:
    """Return the profit of the month of each row."""
    return firms.profit_ring[:, 3].astype(np.float64)


def test_a_makers_month_by_hand() -> None:
    firms = some_firms(
        1, delivered=1e6, price=1.2, orders_foreign=0.25, orders_local=0.15, workers=20.0, capital=4e6, loan=3.6e5,
        cash=1e6, revenue_year=1.4e7, profit_year=5e5, emission=1e-4,
    )  # fmt: skip
    firms.revenue_ring[0, 3], firms.profit_ring[0, 3] = 1e6, 20_001.0
    environment = PARAMETERS.environment._replace(untreated_share=0.25, own_treatment_cost=40.0)
    parameters = PARAMETERS._replace(environment=environment, tax=TAX)
    month = settled(firms, some_places(1, wage=60000.0), parameters=parameters, spending=3e5, borrowing=1e5)
    flows = month.flows
    sales, cost = 1.2e6, BY_TIER.materials_share[0] * 1e6
    wanted = {  # alone in its place: what it would sell to traders there goes elsewhere in the country
        "SALES_FOREIGN": 3e5, "SALES_LOCAL": 0.0, "SALES_DOMESTIC": 9e5,
        "MATERIALS": -(cost + 1e6 * 1e-4 * 0.75 * 40.0), "LOCAL_INPUTS": 0.0, "WAGES": -20.0 * 5000.0,
        "INTEREST": -3.6e5 * interest_rate(4e6) / 12.0, "EQUIPMENT": -3e5, "BORROWING": 1e5, "SCRAP": 0.0,
        "REPAYMENT": -3.6e5 / FINANCE.repayment_months, "PARK_RENT": 0.0, "TREATMENT": 0.0,
    }  # fmt: skip
    people = PRODUCTION.overhead_labour_share
    base = BY_TIER.overhead_share[0] * 4e6 / BY_TIER.capital_output_ratio[0] / 12.0
    wanted["OVERHEAD"] = -base * (people * 1.25 + 1.0 - people)
    wear = 4e6 * PRODUCTION.depreciation / 12.0
    inputs = -wanted["MATERIALS"] - (1.0 - people) * wanted["OVERHEAD"] + wear
    wanted["VALUE_ADDED_TAX"] = -0.13 / 1.13 * (9e5 - 0.75 * inputs) * 1.12
    gain = sales + sum(wanted[name] for name in ("MATERIALS", "WAGES", "OVERHEAD", "INTEREST", "VALUE_ADDED_TAX"))
    gain -= wear
    wanted["INCOME_TAX"] = -max(gain, 0.0) * 0.05
    usual = firms.unit_cost[0] * firms.expected_orders[0]
    before = 1e6 + sum(wanted.values())
    wanted["DIVIDENDS"] = -rules.dividends(before, usual, FINANCE.cash_buffer_months, FINANCE.dividend_rate)
    assert len(wanted) == rules.FLOWS
    for name, value in wanted.items():
        assert flows[0, getattr(rules, name)] == pytest.approx(value, rel=1e-12, abs=1e-6), name
    assert firms.loan[0] == pytest.approx(3.6e5 + 1e5 - 3.6e5 / FINANCE.repayment_months)
    assert (firms.sales[0], firms.exports[0]) == pytest.approx((1.2e6, 3e5))
    assert firms.revenue_year[0] == pytest.approx(1.4e7 - 1e6 + 1.2e6)
    assert firms.profit_year[0] == pytest.approx(5e5 - 20_001.0 + gain)
    assert firms.revenue_ring[0, 3] == 1.2e6
    assert firms.profit_ring[0, 3] == pytest.approx(gain)
    assert month.sums[0, 0, totals.PROFIT] == pytest.approx(gain, rel=1e-12)


def test_a_tenant_pays_the_park_in_place_of_its_site() -> None:
    outside, inside = (
        some_firms(1, delivered=1e6, emission=1e-4, park=where, plots=0.5, revenue_year=1.4e7) for where in (-1, 0)
    )
    parks = ((12.0, 0.0), (18.0, 0.0), (0.8, 0.0), (0.9, 0.0), (6000.0, 0.0))
    away = settled(outside, some_places(), parks=parks).flows
    there = settled(inside, some_places(), parks=parks).flows
    assert there[0, rules.PARK_RENT] == pytest.approx(-0.5 * 6000.0 * 12.0)
    assert there[0, rules.TREATMENT] == pytest.approx(-1e6 * 1e-4 * 0.8 * 18.0)
    site = rules.outside_rent(-away[0, rules.OVERHEAD], outside.capital[0], 0.5, PARAMETERS.park)
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
    flows = settled(firms, places).flows
    for place in (0, 1):
        here = (firms.place == place) * firms.weight
        assert (here * flows[:, rules.SALES_LOCAL]).sum() == pytest.approx(-(here * flows[:, rules.LOCAL_INPUTS]).sum())
    assert (flows[firms.tier == SUPPLIER, rules.LOCAL_INPUTS] == 0.0).all()
    assert (flows[firms.tier == TRADER, rules.MATERIALS] == 0.0).all()


@pytest.mark.parametrize("idle", [TRADER, MAKER])
def test_what_nobody_in_the_place_can_use_is_sold_elsewhere(idle: int) -> None:
    firms, places = village(), some_places(2)
    firms.delivered[firms.tier == idle] = 0.0
    flows = settled(firms, places).flows
    sellers = firms.tier == (MAKER if idle == TRADER else SUPPLIER)
    assert (flows[sellers, rules.SALES_LOCAL] == 0.0).all()
    assert (flows[sellers, rules.SALES_DOMESTIC] > 0.0).all()
    assert firms.sales[sellers] == pytest.approx((firms.delivered * firms.price)[sellers])
    paid, got = (firms.weight @ flows[:, column] for column in (rules.LOCAL_INPUTS, rules.SALES_LOCAL))
    assert got == pytest.approx(-paid)


def test_sales_are_split_without_a_rest() -> None:
    firms = village()
    flows = settled(firms, some_places(2)).flows
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
    one = settled(once, places, spending=1e5, borrowing=5e4, scrap=100.0)
    tax = PARAMETERS.tax
    larger = PARAMETERS._replace(
        tax=tax._replace(small_taxpayer_revenue=2.0 * tax.small_taxpayer_revenue, small_profit=2.0 * tax.small_profit),
        environment=PARAMETERS.environment._replace(own_treatment_cost=2.0 * PARAMETERS.environment.own_treatment_cost),
    )
    doubled = settled(twice, dear, level=2.0, parameters=larger, spending=2e5, borrowing=1e5, scrap=100.0)
    assert np.array_equal(doubled.flows, 2.0 * one.flows)
    assert np.array_equal(doubled.by_place, 2.0 * one.by_place)
    assert np.array_equal(profit_of(twice), 2.0 * profit_of(once))
    for name in money:
        if name not in ("price", "unit_cost"):
            assert np.array_equal(getattr(twice, name), 2.0 * getattr(once, name)), name


def test_places_relabelled_have_the_same_accounts() -> None:
    once, twice = village(), village(place=[1, 1, 0, 1, 0, 1, 0])
    flows = settled(once, some_places(2, wage=[48000.0, 60000.0])).flows
    swapped = settled(twice, some_places(2, wage=[60000.0, 48000.0])).flows
    assert np.array_equal(flows, swapped)
    for name, left, right in zip(once._fields, once, twice, strict=True):
        assert name == "place" or np.array_equal(left, right), name


def test_savings_lower_what_is_paid_and_nothing_else_but_tax() -> None:
    usual, buying, keeping = some_firms(1), some_firms(1, purchase_saving=0.1), some_firms(1, overhead_saving=0.2)
    places = some_places(1, bought_materials=1.3)
    plain, cheap, lean = (settled(firms, places).flows[0] for firms in (usual, buying, keeping))
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
    flows = settled(firms, some_places(1, bought_materials=1.1)).flows
    local, elsewhere = -flows[:, rules.LOCAL_INPUTS], -flows[:, rules.MATERIALS]
    need = BY_TIER.materials_share[0] * 1e6
    assert local[:2] == pytest.approx([0.4 * need, 0.1 * need])
    assert elsewhere[:2] == pytest.approx([0.6 * need * 1.1, 0.9 * need * 1.1])
    # Half of what is wanted is there: each gets half, the rest is bought elsewhere at the price of other materials.
    firms.delivered[2] *= 0.5
    flows = settled(firms, some_places(1, bought_materials=1.1)).flows
    assert -flows[:2, rules.LOCAL_INPUTS] == pytest.approx([0.2 * need, 0.05 * need])
    assert -flows[:2, rules.MATERIALS] == pytest.approx([0.8 * need * 1.1, 0.95 * need * 1.1])


# --- one pass -------------------------------------------------------------------------------------------------------


def busy(rows: int = 60) -> Any:
    """Return firms of two places and all tiers with everything set, some of them closed and some short of cash."""

    def drawn(name: str, *shape: int) -> Any:
        return uniforms(key(0, name), np.arange(int(np.prod((rows, *shape))))).reshape(rows, *shape)

    firms = some_firms(
        rows, place=np.arange(rows) * 2 // rows, tier=np.arange(rows) * 6 // rows % 3,
        weight=np.floor(1 + 9 * drawn("weight")), alive=drawn("alive") < 0.85, delivered=1e6 * drawn("made"),
        price=0.8 + 0.4 * drawn("price"), orders=1e6 * drawn("orders"), orders_foreign=0.4 * drawn("abroad"),
        orders_local=0.4 * drawn("local"), workers=40 * drawn("workers"), capital=1e7 * drawn("capital"),
        loan=4e6 * drawn("loan"), cash=3e6 * (drawn("cash") - 0.5), revenue_year=5e7 * drawn("revenue") ** 2,
        profit_year=3e6 * (drawn("profit") - 0.4), emission=1e-3 * drawn("waste"), fees=1e4 * drawn("fees"),
        foreign_links=3 * (drawn("links") < 0.3), park=np.where(drawn("park") < 0.3, 0, -1),
        plots=0.5 + drawn("plots"), technology_gap=drawn("gap"), quality=0.9 + 0.2 * drawn("quality"),
        credit_line=0.2 * drawn("line"), purchase_saving=0.1 * drawn("saving"), overhead_saving=0.1 * drawn("lean"),
        unit_cost=0.7 + 0.3 * drawn("cost"), expected_orders=1e6 * drawn("expected"),
        revenue_ring=1e6 * drawn("ring", 12), profit_ring=1e5 * (drawn("rung", 12) - 0.5),
    )  # fmt: skip
    # Suppliers sell in the place alone, traders elsewhere alone.
    firms.orders_local[firms.tier == SUPPLIER], firms.orders_local[firms.tier == TRADER] = 1.0, 0.0
    firms.orders_foreign[firms.tier == SUPPLIER] = 0.0
    return firms


def outlays(rows: int = 60) -> dict[str, Any]:
    """Return what ``busy`` firms bought, sold and were ordered this month."""

    def drawn(name: str, *shape: int) -> Any:
        return uniforms(key(1, name), np.arange(int(np.prod((rows, *shape))))).reshape(rows, *shape)

    spending = np.where(drawn("buys") < 0.3, 1e6 * drawn("spending"), 0.0)
    return {
        "spending": spending, "borrowing": 0.5 * spending, "scrap": np.where(drawn("sells") < 0.2, 1e5, 0.0),
        "upgraded": (spending > 0.0) & (drawn("better") < 0.5), "ordered": 1e6 * drawn("ordered", 4),
        "by_channel": 1e4 * drawn("channel", CHANNELS), "level": 1.1, "progress": 1.05,
        "parks": ((12.0, 0.0), (18.0, 0.0), (0.8, 0.0), (0.9, 0.0), (6000.0, 0.0)),
    }  # fmt: skip


def town() -> Any:
    """Return the markets of two places."""
    return some_places(2, wage=[50000.0, 60000.0], services_price=[1.2, 1.0], bought_materials=[1.1, 1.0])


def test_accounts_close() -> None:
    """All flows of a place and what its firms drew are what their cash changed by; loans move by what was lent."""
    firms, before = busy(), busy()
    month = settled(firms, town(), **outlays())
    for place in (0, 1):
        here = (firms.place == place) * firms.weight
        gained = here @ (firms.cash - before.cash)
        assert month.by_place[place].sum() + month.drawn[place] == pytest.approx(gained, rel=1e-12, abs=1e-3)
        owed = here @ (firms.loan - before.loan)
        lent = month.by_place[place, [rules.BORROWING, rules.REPAYMENT]].sum() + month.drawn[place]
        assert owed == pytest.approx(lent, rel=1e-12, abs=1e-3)
        traded = month.by_place[place, [rules.SALES_LOCAL, rules.LOCAL_INPUTS]]
        assert traded.sum() == pytest.approx(0.0, abs=1e-12 * traded[0])
        assert traded[0] > 0.0
    assert (month.drawn > 0.0).all()
    assert not firms.fees[firms.alive == 1].any(), "fees are settled once"


def test_rows_without_a_firm_have_no_accounts() -> None:
    firms, before = busy(), busy()
    month = settled(firms, town(), **outlays())
    closed = firms.alive == 0
    assert closed.sum() > 4
    for name, left, right in zip(firms._fields, firms, before, strict=True):
        assert np.array_equal(left[closed], right[closed]), name
    assert not month.flows[closed].any()


def plain_flows(firms: Any, places: Any, parts: dict[str, Any]) -> Any:
    """Return the flows of each row of ``busy`` firms before dividends, written for reading: whole columns at a time."""
    p, place, tier, level = PARAMETERS, firms.place.astype(int), firms.tier, parts["level"]
    area, (rent, fee, share) = parts["parks"][4][0], (parts["parks"][column][0] for column in range(3))
    made, sales = firms.delivered, firms.delivered * firms.price
    maker, supplier, trader = ((tier == kind) & (firms.alive == 1) for kind in range(3))
    units = COSTS.materials_share[place, tier] * made
    services_price = places.services_price[place]

    def in_place(some: Any, values: Any) -> Any:
        return np.bincount(place, weights=np.where(some, firms.weight * values, 0.0), minlength=2)[place]

    wanted = units * firms.local_share * services_price
    met = wanted * in_place(supplier, sales) / in_place(maker, wanted)
    goods = units * in_place(maker, sales * firms.orders_local) / in_place(trader, units)
    bought = places.bought_materials[place] * (1.0 - firms.purchase_saving)
    short = np.maximum(wanted - met, 0.0) / services_price
    local_inputs = np.select([maker, trader], [met, goods], 0.0)
    materials = np.select([maker, supplier], [units * (1.0 - firms.local_share) + short, units], 0.0) * bought
    tenant, waste = firms.park >= 0, made * firms.emission
    own_treatment = waste * (1.0 - p.environment.untreated_share) * p.environment.own_treatment_cost
    materials += np.where(tenant, 0.0, own_treatment)
    people, wage = PRODUCTION.overhead_labour_share, places.wage[place]
    overhead = COSTS.overhead_share[place, tier] * firms.capital / COSTS.capital_output_ratio[place, tier] / 12.0
    overhead *= people * wage / places.wage_base[place] / parts["progress"] + (1.0 - people) * level
    overhead *= 1.0 - firms.overhead_saving
    fits = np.minimum(firms.plots * p.park.capital_per_plot / firms.capital, 1.0)
    overhead -= np.where(tenant, p.park.rent_share * overhead * fits, 0.0)
    abroad, nearby = sales * firms.orders_foreign, sales * firms.orders_local
    at_home, tax = sales - abroad, p.tax
    wear = firms.capital * PRODUCTION.depreciation / 12.0 * level
    site = np.where(tenant, firms.plots * area * rent + waste * share * fee, 0.0)
    taxed = materials + local_inputs + (1.0 - people) * overhead + site + wear
    general = tax.vat / (1.0 + tax.vat) * np.maximum(at_home - at_home / sales * taxed, 0.0)
    value_added = np.where(firms.revenue_year < tax.small_taxpayer_revenue, tax.vat_small * at_home, general)
    value_added *= 1.0 + tax.surcharge
    columns = {
        "SALES_DOMESTIC": sales - abroad - nearby, "SALES_FOREIGN": abroad, "SALES_LOCAL": nearby,
        "MATERIALS": -materials, "LOCAL_INPUTS": -local_inputs, "WAGES": -firms.workers * wage / 12.0,
        "OVERHEAD": -overhead, "PARK_RENT": np.where(tenant, -firms.plots * area * rent, 0.0),
        "TREATMENT": np.where(tenant, -waste * share * fee, 0.0),
        "INTEREST": -firms.loan * interest_rate(firms.capital) / 12.0,
        "VALUE_ADDED_TAX": -value_added,
    }  # fmt: skip
    profit = sum(columns.values()) - wear - firms.fees
    rate = np.where(firms.profit_year < tax.small_profit, tax.income_tax_small, tax.income_tax)
    columns |= {
        "INCOME_TAX": np.where((profit > 0.0) & (firms.profit_year > 0.0), -rate * profit, 0.0),
        "EQUIPMENT": -parts["spending"], "SCRAP": parts["scrap"] * level * FINANCE.resale_share,
        "BORROWING": parts["borrowing"], "REPAYMENT": -firms.loan / FINANCE.repayment_months,
    }  # fmt: skip
    cash = firms.cash + sum(columns.values())
    kept = 2.0 * FINANCE.cash_buffer_months * firms.unit_cost * firms.expected_orders
    columns["DIVIDENDS"] = -FINANCE.dividend_rate * np.maximum(cash - kept, 0.0)
    assert list(columns) == sorted(columns, key=lambda name: getattr(rules, name))
    return np.where(firms.alive[:, None] == 1, np.column_stack(list(columns.values())), 0.0)


def test_every_flow_is_that_of_the_plain_statement() -> None:
    firms, before, places, parts = busy(), busy(), town(), outlays()
    month, flows = settled(firms, places, **parts), plain_flows(before, places, parts)
    assert flows.shape == (60, rules.FLOWS)
    for purpose in range(rules.FLOWS):
        assert month.flows[:, purpose] == pytest.approx(flows[:, purpose], rel=1e-12, abs=1e-6), purpose
    cash = before.cash + flows.sum(axis=1)
    loan = before.loan + flows[:, rules.BORROWING] + flows[:, rules.REPAYMENT]
    room = (lent(before.capital) + before.credit_line) * before.capital * parts["level"] - loan
    drawn = np.where(before.alive == 1, np.minimum(np.maximum(-cash, 0.0), np.maximum(room, 0.0)), 0.0)
    assert firms.cash == pytest.approx(cash + drawn, rel=1e-12, abs=1e-6)
    assert firms.loan == pytest.approx(loan + drawn, rel=1e-12, abs=1e-6)
    assert month.drawn == pytest.approx(np.bincount(before.place, weights=before.weight * drawn), rel=1e-12)


def test_flows_of_a_place_are_those_of_its_firms() -> None:
    firms = busy()
    month = settled(firms, town(), **outlays())
    for place in (0, 1):
        here = (firms.place == place) * firms.weight
        assert month.by_place[place] == pytest.approx(here @ month.flows, rel=1e-12)
    assert (np.abs(month.by_place) > 0.0).all(), "every purpose is in use"


def test_every_sum_by_hand() -> None:
    firms, parts = busy(), outlays()
    before = busy()
    month = settled(firms, town(), **parts)
    flows, weight, ordered = month.flows, firms.weight, firms.orders * firms.price
    served = np.minimum(firms.sales / ordered, 1.0)
    waste, tenant = firms.delivered * firms.emission, firms.park >= 0
    treated = waste * np.where(tenant, 0.8 * 0.9, 1.0 - PARAMETERS.environment.untreated_share)
    ratio = COSTS.capital_output_ratio[firms.place, firms.tier]
    wear = before.capital * PRODUCTION.depreciation / 12.0 * parts["level"]
    profit = flows[:, : rules.VALUE_ADDED_TAX + 1].sum(axis=1) - wear - before.fees
    assert profit_of(firms)[firms.alive == 1] == pytest.approx(profit[firms.alive == 1], rel=1e-6)
    used, bought = [rules.VALUE_ADDED_TAX, rules.INCOME_TAX], [rules.MATERIALS, rules.LOCAL_INPUTS]
    # Orders are noted for all firms of a row, all else for one of them.
    pieces = {
        "PIECE": served * parts["ordered"][:, [DOMESTIC_BY_PIECE, FOREIGN_BY_PIECE]].sum(axis=1) / weight,
        "PIECE_ABROAD": served * parts["ordered"][:, FOREIGN_BY_PIECE] / weight,
    }
    each = {
        "FIRMS": np.ones(60), "SALES": firms.delivered * firms.price, "REVENUE_YEAR": firms.revenue_year,
        "PROFIT_YEAR": firms.profit_year, "LOSS_MAKING": firms.profit_year < 0.0, "WORKERS": firms.workers,
        "PRICE_BY_SALES": firms.sales * firms.price, "COST_BY_SALES": firms.sales * firms.unit_cost,
        "ABOVE_SCALE": firms.revenue_year >= CUT, "DELIVERED": firms.delivered,
        "FULL_CAPACITY": firms.capital / (12.0 * ratio * PRODUCTION.normal_use),
        "GAP_BY_SALES": firms.sales * firms.technology_gap,
        "QUALITY_BY_SALES": firms.sales * firms.quality, "CAPITAL": firms.capital, "PROFIT": profit,
        "SPENDING": parts["spending"], "MATERIALS": -flows[:, bought].sum(axis=1), "EXPORTS": firms.exports,
        "DOMESTIC_SALES": flows[:, rules.SALES_DOMESTIC], "WAGES": -flows[:, rules.WAGES],
        "TAX": -flows[:, used].sum(axis=1), "EXPORTERS": 1.0 - (1.0 - 1.0 / weight) ** firms.foreign_links,
        "PLOTS": firms.plots * tenant, "TENANTS": tenant, "UPGRADED": parts["upgraded"], "TREATED": treated,
        "UNTREATED": waste - treated, **pieces,
    }  # fmt: skip
    columns = {getattr(totals, name): values for name, values in each.items()}
    for channel in range(CHANNELS):
        columns[totals.BY_CHANNEL + channel] = served * parts["by_channel"][:, channel] / weight
    assert sorted(columns) == list(range(totals.SUMS))
    kinds = 2 * firms.tier.astype(int) + firms.place
    for column, values in columns.items():
        by_hand = np.bincount(kinds, weights=firms.alive * weight * values, minlength=6).reshape(3, 2)
        assert month.sums[:, :, column] == pytest.approx(by_hand, rel=1e-12), column
    assert month.sums[:, :, totals.ABOVE_SCALE].sum() > 0.0
    delivered = month.sums[:, :, totals.BY_CHANNEL :].sum(axis=(0, 1)).tolist()
    assert min(delivered) > 0.0
    assert len(set(delivered)) == CHANNELS


def test_who_is_large_is_followed_from_then_on() -> None:
    firms = some_firms(4, tier=[0, 0, 0, SUPPLIER], delivered=0.0, tracked=[0, 0, 1, 0])
    firms.revenue_year[:] = [FOLLOWED, FOLLOWED - 1.0, 0.0, 9.0 * FOLLOWED]
    settled(firms, some_places())
    assert firms.tracked.tolist() == [1, 0, 1, 0]


def test_places_relabelled_keep_their_sums_to_the_bit() -> None:
    def month(swapped: bool) -> Month:
        order = slice(None, None, -1) if swapped else slice(None)
        markets, firms = town(), busy()
        for column in markets:
            column[:] = column[order].copy()
        if swapped:
            firms.place[:] = 1 - firms.place
        return settled(firms, markets, **outlays())

    one, other = month(swapped=False), month(swapped=True)
    assert np.array_equal(one.sums, other.sums[:, ::-1])
    assert np.array_equal(one.by_place, other.by_place[::-1])
    assert np.array_equal(one.drawn, other.drawn[::-1])


# --- overdrafts and waste -------------------------------------------------------------------------------------------


def idle(rows: int, **values: Any) -> Any:
    """Return traders that make nothing, owe nothing and have no overhead to speak of: only their cash is at stake."""
    usual = {"tier": TRADER, "delivered": 0.0, "workers": 0.0, "expected_orders": 0.0}
    return some_firms(rows, **{**usual, **values})


def test_overdrafts_fill_the_gap_up_to_the_collateral() -> None:
    finance = FINANCE._replace(loan_rate=0.0, small_loan_premium=0.0, repayment_months=np.inf, small_collateral=1.0)
    parameters, share = PARAMETERS._replace(investment=finance), FINANCE.collateral_share
    firms = idle(
        5, cash=[-1e4, -1e4, 50.0, -1e4, -1e4], capital=[1e5, 60.0, 60.0, 1e4, 1e4], loan=[0.0, 0.0, 0.0, 1e6, 0.0],
        weight=[1.0, 3.0, 1.0, 1.0, 2.0], credit_line=[0.0, 0.0, 0.0, 0.0, 0.25],
    )  # fmt: skip
    month = settled(firms, some_places(), level=1.5, parameters=parameters)
    kept = np.array([-1e4, -1e4, 50.0, -1e4, -1e4]) + month.flows.sum(axis=1)
    room = np.array([share * 1e5, share * 60.0, share * 60.0, 0.0, (share + 0.25) * 1e4]) * 1.5
    drawn = np.minimum(np.maximum(-kept, 0.0), room)
    assert drawn[3] == 0.0 < drawn[2] + 1.0
    assert drawn[[0, 1, 4]].min() > 0.0
    assert drawn[0] == pytest.approx(-kept[0]), "a firm with enough to pledge borrows what is missing"
    assert firms.cash == pytest.approx(kept + drawn)
    assert firms.loan == pytest.approx(np.array([0.0, 0.0, 0.0, 1e6, 0.0]) + drawn)
    assert month.drawn[0] == pytest.approx(firms.weight @ drawn)


def test_a_credit_line_covers_a_larger_overdraft() -> None:
    firms = idle(2, cash=-1e5, capital=1e4, credit_line=[0.0, 0.25])
    settled(firms, some_places())
    share = lent(1e4)
    assert firms.loan == pytest.approx([share * 1e4, min(share + 0.25, 1.0) * 1e4])


def test_waste_is_treated_or_let_out_and_none_is_lost() -> None:
    firms = some_firms(
        4, place=[0, 0, 1, 1], park=[-1, 0, 0, -1], weight=[1.0, 10.0, 2.0, 1.0], delivered=1e6,
        emission=[1e-4, 2e-4, 1e-4, 0.0],
    )  # fmt: skip
    environment = PARAMETERS.environment._replace(untreated_share=0.3)
    parks = ((0.0, 0.0), (0.0, 0.0), (0.5, 0.0), (0.9, 0.0), (6000.0, 0.0))
    sums = settled(firms, some_places(2), parks=parks, parameters=PARAMETERS._replace(environment=environment)).sums[0]
    treated = np.array([0.7 * 100.0 + 0.45 * 2000.0, 0.45 * 200.0])
    assert sums[:, totals.TREATED] == pytest.approx(treated)
    assert sums[:, totals.TREATED] + sums[:, totals.UNTREATED] == pytest.approx([2000.0 + 100.0, 200.0])
