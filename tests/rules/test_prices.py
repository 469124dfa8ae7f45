"""Unit costs, markups and prices: base-year identities, elasticities, fixed points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import prices
from sim.rules.costs import TierCosts, materials_share, tier_costs
from sim.state.columns import SUPPLIER, TRADER, FirmColumns, PlaceColumns
from tests.model_fixtures import BY_TIER, COSTS, PARAMETERS, segments_for, some_firms, some_places

PRICING, PRODUCTION, OUTSIDE = PARAMETERS.pricing, PARAMETERS.production, PARAMETERS.environment
positive = st.floats(0.1, 10.0)


def priced(
    firms: FirmColumns, places: PlaceColumns, producer: float = 1.0, pricing: Any = PRICING, environment: Any = OUTSIDE,
    fees: Any = (0.0,), costs: TierCosts = COSTS, progress: float = 1.0,
) -> None:  # fmt: skip
    """Set the prices of all rows."""
    prices.set_prices(
        segments_for(firms), firms, places, costs, producer, progress, pricing, PRODUCTION, environment, np.array(fees)
    )


@pytest.mark.parametrize("tier", [0, 1, 2])
def test_price_one_is_cost_and_the_competitive_markup(tier: int) -> None:
    costs = tier_costs([PARAMETERS])
    cost = prices.unit_cost(costs.materials_share[0, tier], 1.0, costs.labour_share[0, tier], 1.0, 1.0, 0.0)
    assert (1.0 + costs.markup[0, tier]) * cost == pytest.approx(1.0, rel=1e-15)
    assert costs.materials_share[0, tier] > 0.5


def test_materials_are_what_wages_and_margin_leave() -> None:
    # 1 / 1.25 - 0.2: of a yuan of revenue 0.2 is margin over cost and 0.2 wages.
    assert materials_share(PARAMETERS.maker._replace(markup=0.25, labour_share=0.2)) == pytest.approx(0.6)


def test_costs_add_up_by_hand() -> None:
    # 0.8 units of materials at 1.5, 0.1 of labour at twice the wage and 1.25 times the productivity, 0.02 of treatment.
    assert prices.unit_cost(0.8, 1.5, 0.1, 2.0, 1.25, 0.02) == pytest.approx(1.2 + 0.16 + 0.02)


def test_bought_materials_mix_steel_and_other_goods() -> None:
    assert prices.material_price(2.0, 1.0, 0.7) == pytest.approx(1.7)
    assert prices.material_price(1.3, 1.3, 0.7) == pytest.approx(1.3)


# --- materials ------------------------------------------------------------------------------------------------------


@given(positive, positive, positive, st.floats(0.0, 1.0), st.floats(0.0, 0.5))
def test_what_each_tier_pays_for_materials(
    bought: float, services: float, goods: float, share: float, saved: float
) -> None:
    maker, supplier, trader = (
        prices.materials_price(tier, share, saved, bought, services, goods) for tier in (0, SUPPLIER, TRADER)
    )
    assert trader == goods
    assert supplier == pytest.approx(bought * (1.0 - saved))
    assert min(bought * (1.0 - saved), services) * (1.0 - 1e-12) <= maker
    assert maker <= max(bought * (1.0 - saved), services) * (1.0 + 1e-12)
    # A saving is one on what comes from elsewhere.
    full = prices.materials_price(0, share, 0.0, bought, services, goods)
    assert full - maker == pytest.approx(saved * (1.0 - share) * bought, abs=1e-9)
    assert prices.materials_price(0, 1.0, saved, bought, services, goods) == services
    assert prices.materials_price(0, 0.0, 0.0, bought, services, goods) == bought


def test_places_have_their_own_costs_and_prices_of_materials() -> None:
    cheap = PARAMETERS._replace(maker=PARAMETERS.maker._replace(labour_share=0.2, markup=0.25))
    costs = tier_costs([PARAMETERS, cheap])
    firms = some_firms(2, place=[0, 1], local_share=0.0)
    places = some_places(2, bought_materials=[1.1, 0.9])
    priced(firms, places, costs=costs)
    assert firms.unit_cost[0] == pytest.approx(1.1 * BY_TIER.materials_share[0] + BY_TIER.labour_share[0])
    assert firms.unit_cost[1] == pytest.approx(0.9 * 0.6 + 0.2)


def test_progress_follows_labour_productivity_in_its_share() -> None:
    assert prices.common_progress(1.0, 0.8) == 1.0
    assert prices.common_progress(2.0, 1.0) == 2.0
    assert prices.common_progress(4.0, 0.5) == pytest.approx(2.0)
    assert prices.common_progress(4.0, 0.0) == 1.0


def test_producers_elsewhere_sell_at_one_in_the_base_year() -> None:
    of_makers = BY_TIER.materials_share[0], BY_TIER.labour_share[0], BY_TIER.markup[0]
    assert prices.outside_price(1.0, 1.0, 1.0, *of_makers, PRICING.fee_share) == pytest.approx(1.0, rel=1e-15)
    # Materials at 1.5 where other goods cost 1.2: on half of 0.7 x 0.3 nothing is earned.
    by_hand = 0.7 * 1.5 + 0.2 * 1.1 + 0.1 * (0.7 * 1.5 + 0.2 * 1.1 - 0.5 * 0.7 * 0.3)
    assert prices.outside_price(1.5, 1.2, 1.1, 0.7, 0.2, 0.1, 0.5) == pytest.approx(by_hand)


@given(positive, positive, positive, st.floats(0.0, 1.0), st.floats(0.1, 10.0))
def test_a_general_rise_of_prices_is_one_of_producers_elsewhere_too(
    material: float, producer: float, labour: float, fee: float, factor: float
) -> None:
    once = prices.outside_price(material, producer, labour, 0.7, 0.2, 0.15, fee)
    raised = prices.outside_price(factor * material, factor * producer, factor * labour, 0.7, 0.2, 0.15, fee)
    assert raised == pytest.approx(factor * once)


# --- what prices allow for ------------------------------------------------------------------------------------------


@given(positive, positive, positive, st.floats(1.0, 24.0))
def test_prices_come_to_allow_for_what_is_paid(before: float, paid: float, producer: float, months: float) -> None:
    dearness, there = before, paid / producer
    for month in range(1, 25):
        after = prices.priced_in(dearness, paid, producer, months)
        assert min(dearness, there) - 1e-12 <= after <= max(dearness, there) + 1e-12, "it never overshoots"
        assert after - there == pytest.approx((1.0 - 1.0 / months) ** month * (before - there), abs=1e-9)
        dearness = after
    assert prices.priced_in(before, paid, producer, 1.0) == pytest.approx(there), "in a month where nothing is late"


@given(positive, positive, st.floats(1.0, 24.0), st.floats(0.1, 10.0))
def test_a_general_rise_of_prices_passes_through_at_once(
    dearness: float, paid: float, months: float, factor: float
) -> None:
    once = prices.priced_in(dearness, paid, 1.0, months)
    assert prices.priced_in(dearness, factor * paid, factor, months) == pytest.approx(once)


@given(st.floats(0.0, 0.4), st.floats(0.0, 1.0), st.floats(0.0, 5.0), positive)
def test_a_fee_by_the_tonne_earns_nothing_on_dear_materials(
    markup: float, fee: float, dearer: float, rest: float
) -> None:
    cost = rest + dearer
    earned = prices.markup_on_cost(markup, fee, dearer, cost) * cost
    assert earned == pytest.approx(markup * (rest + (1.0 - fee) * dearer), abs=1e-9)
    assert prices.markup_on_cost(markup, 0.0, dearer, cost) == markup
    assert prices.markup_on_cost(markup, fee, 0.0, cost) == markup
    # Cheap materials are no loss by themselves either.
    assert prices.markup_on_cost(markup, 1.0, -0.2 * cost, cost) == pytest.approx(1.2 * markup)


def test_what_comes_from_elsewhere_is_priced_late() -> None:
    assert prices.outside_part(TRADER, 0.2, 0.1) == 0.0, "traders buy goods of the place"
    assert prices.outside_part(SUPPLIER, 0.2, 0.1) == 0.9
    assert prices.outside_part(0, 0.2, 0.1) == pytest.approx(0.72)
    # A change of the price of materials moves cost by this part of it.
    for tier in range(3):
        low, high = (prices.materials_price(tier, 0.2, 0.1, bought, 1.0, 1.0) for bought in (1.0, 1.5))
        assert high - low == pytest.approx(0.5 * prices.outside_part(tier, 0.2, 0.1))


@given(st.floats(0.2, 5.0), st.floats(0.5, 2.0), st.floats(0.5, 2.0))
def test_a_general_rise_of_prices_raises_all_of_a_table_alike(factor: float, steel: float, late: float) -> None:
    def table(level: float) -> tuple[Any, Any]:
        firms = some_firms(6, tier=[0, 0, 0, 1, 2, 2], productivity=[1.0, 0.7, 1.2, 1.0, 0.9, 1.1], emission=1e-4)
        firms.park[:2], firms.use[:] = 0, [0.3, 0.78, 1.0, 0.7, 0.9, 0.5]
        firms.purchase_saving[:] = 0.05
        prices_of = {"services_price": 1.3, "goods_price": 1.1, "market_cost": 0.9}
        prices_of |= {"bought_materials": steel, "priced_materials": late * steel}
        places = some_places(1, wage=level * 52000.0, **{name: level * each for name, each in prices_of.items()})
        environment = OUTSIDE._replace(own_treatment_cost=level * 40.0)
        priced(firms, places, producer=level * 1.2, environment=environment, fees=[level * 18.0])
        return firms, places

    (one, here), (other, there) = table(1.0), table(factor)
    assert other.price == pytest.approx(factor * one.price)
    assert other.markup.tolist() == one.markup.tolist()
    assert there.market_cost == pytest.approx(factor * here.market_cost)
    assert there.services_price == pytest.approx(factor * here.services_price)


def test_dear_steel_is_no_margin_where_all_of_it_is_a_fee() -> None:
    def margin(fee: float, steel: float) -> float:
        aware = PRICING._replace(fee_share=fee, markup_use_response=0.0)
        firms, places = some_firms(1, local_share=0.0), some_places(1, local_share=0.0, market_cost=0.0)
        places.bought_materials[:] = places.priced_materials[:] = steel
        places.market_cost[:] = BY_TIER.materials_share[0] * steel + BY_TIER.labour_share[0]
        priced(firms, places, pricing=aware)
        return float(firms.price[0] - firms.unit_cost[0])

    assert margin(1.0, 1.5) == pytest.approx(margin(1.0, 1.0))
    assert margin(0.0, 1.5) / margin(0.0, 1.0) == pytest.approx(
        (1.5 * BY_TIER.materials_share[0] + BY_TIER.labour_share[0])
        / (BY_TIER.materials_share[0] + BY_TIER.labour_share[0])
    )
    assert margin(0.5, 1.5) == pytest.approx(0.5 * (margin(0.0, 1.5) + margin(1.0, 1.5)))


def test_a_rise_of_steel_costs_margin_until_prices_allow_for_it() -> None:
    months, dearness, margins = PRICING.material_lag_months, 1.0, []
    firms = some_firms(1, local_share=0.0, use=PRODUCTION.normal_use)
    places = some_places(1, local_share=0.0, bought_materials=1.3)
    places.market_cost[:] = firms.unit_cost[0]
    for _ in range(120):
        dearness = prices.priced_in(dearness, 1.3, 1.0, months)
        places.priced_materials[:] = dearness
        priced(firms, places)
        margins.append(float(firms.price[0] - firms.unit_cost[0]))
    assert (np.diff(margins) >= -1e-12).all()
    usual = BY_TIER.markup[0] / (1.0 + BY_TIER.markup[0])
    assert margins[0] < 0.5 * usual
    # In the end a fee is what it was, and the rest of the margin is a part of a higher cost.
    share = BY_TIER.materials_share[0] * 0.3
    assert margins[-1] == pytest.approx(usual + BY_TIER.markup[0] * (1.0 - PRICING.fee_share) * share, rel=1e-6)


# --- markup ---------------------------------------------------------------------------------------------------------


def test_at_normal_use_the_markup_settles_at_the_competitive_level() -> None:
    markup = 0.5
    for _ in range(200):
        markup = prices.next_markup(markup, 0.14, 0.78, 0.78, PRICING.markup_use_response, PRICING.markup_reversion)
    assert markup == pytest.approx(0.14, rel=1e-9)
    assert prices.next_markup(0.14, 0.14, 0.78, 0.78, 0.3, 0.15) == 0.14


@given(st.floats(0.0, 1.3), st.floats(0.0, 0.5))
def test_a_markup_is_bounded_by_what_use_can_justify(use: float, start: float) -> None:
    target = 0.14 * (1.0 + 0.3 * (use / 0.78 - 1.0))
    markup = start
    for _ in range(50):
        after = prices.next_markup(markup, 0.14, use, 0.78, 0.3, 0.15)
        assert min(markup, target) - 1e-15 <= after <= max(markup, target) + 1e-15
        markup = after
    assert markup == pytest.approx(target, abs=1e-3)


def test_busy_firms_ask_for_more() -> None:
    idle, usual, busy = (prices.next_markup(0.14, 0.14, use, 0.78, 0.3, 0.15) for use in (0.4, 0.78, 1.0))
    assert idle < usual == 0.14 < busy


# --- prices ---------------------------------------------------------------------------------------------------------


@given(positive, positive, st.floats(0.0, 1.0), st.floats(0.1, 10.0))
def test_prices_are_homogeneous_in_costs(cost: float, market: float, share: float, factor: float) -> None:
    one = prices.price_of(cost, market, 0.14, share)
    assert prices.price_of(factor * cost, factor * market, 0.14, share) == pytest.approx(factor * one)


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_own_cost_is_passed_through_in_part(share: float) -> None:
    change = np.log(prices.price_of(1.01, 1.0, 0.14, share) / prices.price_of(1.0, 1.0, 0.14, share))
    assert change / np.log(1.01) == pytest.approx(share, abs=1e-12)
    assert prices.price_of(0.9, 0.9, 0.25, share) == pytest.approx(1.125)


def test_prices_of_a_table_by_hand() -> None:
    firms = some_firms(3, tier=[0, 0, 2], park=[-1, 0, -1], emission=[1e-4, 1e-4, 0.0], productivity=[1.0, 2.0, 1.0])
    firms.local_share[:], firms.purchase_saving[:] = 0.25, [0.0, 0.1, 0.1]
    places = some_places(
        1, wage=96000.0, localisation=1.1, bought_materials=1.2, services_price=1.4, goods_price=1.05, market_cost=0.9,
        priced_materials=1.3, local_share=0.2, labour_load=1.02,
    )  # fmt: skip
    environment = PARAMETERS.environment._replace(own_treatment_cost=40.0, untreated_share=0.25)
    priced(firms, places, producer=1.1, progress=1.5, environment=environment, fees=[18.0, 0.0])
    makers = BY_TIER.materials_share[0] * (0.75 * 1.2 + 0.25 * 1.4)
    saver = BY_TIER.materials_share[0] * (0.75 * 1.2 * 0.9 + 0.25 * 1.4)
    outside = makers + 1.02 * BY_TIER.labour_share[0] * 2.0 / 1.65 + 1e-4 * 40.0 * 0.75
    tenant = saver + 1.02 * BY_TIER.labour_share[0] * 2.0 / 3.3 + 1e-4 * 18.0
    trader = BY_TIER.materials_share[2] * 1.05 + 1.02 * BY_TIER.labour_share[2] * 2.0 / 1.65
    assert firms.unit_cost == pytest.approx([outside, tenant, trader])
    through, share, fee = PRICING.cost_pass_through, BY_TIER.materials_share, PRICING.fee_share
    # Prices allow for materials at 1.3; a fee earns nothing on what they cost beyond the 1.1 of other goods.
    allowed = [outside + share[0] * 0.1 * 0.75, tenant + share[0] * 0.1 * 0.75 * 0.9, trader]
    dearer = [share[0] * (0.8 * 1.3 + 0.2 * 1.4 - 1.1)] * 2 + [share[2] * (1.05 - 1.1)]
    charged = [markup * (1.0 - fee * over / 0.9) for markup, over in zip(firms.markup, dearer, strict=True)]
    wanted = [(1.0 + charged[i]) * 0.9 * (cost / 0.9) ** through for i, cost in enumerate(allowed)]
    assert firms.price == pytest.approx(wanted)
    assert places.market_cost[0] == pytest.approx([np.mean(allowed[:2]), 0.9, allowed[2]])


def test_market_cost_is_the_mean_over_capacity_and_kept_where_nobody_is_left() -> None:
    firms = some_firms(
        5, place=[0, 0, 0, 1, 1], tier=[0, 0, 0, 0, 2], capital=[1.0, 3.0, 9.0, 1.0, 4.0], alive=[1, 1, 0, 1, 0],
        weight=[2.0, 1.0, 1.0, 1.0, 1.0], productivity=[1.0, 0.5, 0.1, 2.0, 1.0],
    )  # fmt: skip
    places = some_places(2, market_cost=7.0, services_price=9.0)
    priced(firms, places)
    cost = firms.unit_cost
    assert np.unique(cost[:4]).size == 4
    assert places.market_cost[:, 0] == pytest.approx([(2.0 * cost[0] + 3.0 * cost[1]) / 5.0, cost[3]])
    assert (places.market_cost[:, 1:] == 7.0).all()
    assert (places.services_price == 9.0).all()


def test_price_of_services_is_the_suppliers_mean() -> None:
    firms = some_firms(
        3, tier=1, capital=[1.0, 2.0, 5.0], weight=[3.0, 1.0, 1.0], alive=[1, 1, 0], productivity=[1.0, 0.5, 0.1]
    )
    places = some_places(2, services_price=9.0)
    priced(firms, places)
    assert firms.price[1] > firms.price[0]
    assert places.services_price == pytest.approx([(3.0 * firms.price[0] + 2.0 * firms.price[1]) / 5.0, 9.0])


def test_prices_of_the_month_meet_the_market_cost_of_the_month_before() -> None:
    firms, twin, places = some_firms(2, productivity=[1.0, 0.5]), some_firms(2, productivity=[1.0, 0.5]), some_places()
    priced(firms, places)
    apart = some_places()
    prices.set_prices(
        np.array([[0, 0, 0, 1], [0, 0, 1, 2]]), twin, apart, COSTS, 1.0, 1.0, PRICING, PRODUCTION, OUTSIDE,
        np.zeros(1),
    )  # fmt: skip
    assert np.array_equal(firms.price, twin.price), "who comes first in the table does not see another market"
    assert places.market_cost[0, 0] == apart.market_cost[0, 0] != 1.0
