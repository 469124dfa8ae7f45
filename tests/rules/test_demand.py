"""Demand: elasticities, budgets that are spent to the last yuan, and orders that keep their number of units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import chance
from sim.rules import demand as rules
from sim.rules.production import full_capacity, potential_output, produce
from sim.state.columns import CHANNEL_FAIR_REPEAT, CHANNELS, ORIGIN_ABROAD, ORIGIN_FAIR, ORIGIN_SEARCH, SUPPLIER, TRADER
from tests.model_fixtures import (
    BY_TIER,
    COSTS,
    PARAMETERS,
    key,
    packed,
    segments_for,
    some_buyers,
    some_firms,
    some_places,
)

DEMAND, PRODUCTION, SEEN = PARAMETERS.demand, PARAMETERS.production, PARAMETERS.links.visibility_elasticity
INNER, OUTER = DEMAND.elasticity_suppliers, DEMAND.elasticity_outside
RATIO = (OUTER - 1.0) / (INNER - 1.0)
price = st.floats(0.3, 3.0)
MONTHS = int(PARAMETERS.fair.intention_months)


def ordered_by(
    buyers: Any, firms: Any, spending: Any, outside_price: float = 1.0, offers: Any = None, outside_ties: float = 1.0
) -> tuple[Any, Any, Any]:
    """Return yuan ordered by kind of buyer from each row, by row and sales channel, and spent elsewhere by side."""
    by_kind, by_channel = np.zeros((4, firms.slot.size)), np.zeros((firms.slot.size, CHANNELS))
    channelled, elsewhere = np.zeros(firms.slot.size, np.int8), np.zeros((1, 2))
    if offers is None:
        _, offers = offered(firms, some_places())
    prices = np.full(1, outside_price)
    ties = np.full(1, outside_ties)
    rules.buyer_orders(
        buyers, firms, offers, DEMAND, MONTHS, spending, prices, ties, by_kind, by_channel, channelled, elsewhere
    )
    assert (channelled == by_channel.any(axis=1)).all()
    return by_kind, by_channel, elsewhere[0]


def ordered(buyers: Any, firms: Any, spending: Any, outside_price: float = 1.0) -> tuple[Any, Any, Any]:
    """Return yuan ordered at home and abroad by row, and yuan spent elsewhere by side of the market."""
    by_kind, _, elsewhere = ordered_by(buyers, firms, spending, outside_price)
    return by_kind[[0, 2]].sum(axis=0), by_kind[[1, 3]].sum(axis=0), elsewhere


def offered(firms: Any, places: Any, demand: Any = DEMAND) -> tuple[Any, Any]:
    """Return what each row's offer is worth to the trade, and to the four kinds of buyers."""
    base, offers = np.zeros(firms.slot.size), np.zeros((4, firms.slot.size))
    rules.write_offers(segments_for(firms), firms, places, demand, base, offers)
    return base, offers


def worth(price: float, quality: float = 1.0, service: float = 1.0, favour: float = 0.0) -> float:
    """Return the attraction of an offer at the file's elasticities."""
    return float(rules.attraction(price, quality, service, favour, INNER, DEMAND.service_elasticity))


def elasticity(before: float, after: float, step: float) -> float:
    return float(np.log(after / before) / np.log(step))


# --- the nests ------------------------------------------------------------------------------------------------------


@given(price, price)
def test_units_among_known_suppliers_have_the_inner_elasticity(one: float, other: float) -> None:
    def units(first: float) -> float:
        weights = worth(first), worth(other)
        return (weights[0] / first) / (weights[1] / other)

    assert elasticity(units(one), units(1.001 * one), 1.001) == pytest.approx(-INNER, rel=1e-9)


@given(st.floats(0.1, 10.0), price)
def test_units_of_the_cluster_have_the_outer_elasticity(outside: float, level: float) -> None:
    def odds(prices: float) -> float:
        share = rules.cluster_share(3.0 * worth(prices), outside, RATIO)
        return share / (1.0 - share) / prices

    assert elasticity(odds(level), odds(1.001 * level), 1.001) == pytest.approx(-OUTER, rel=1e-6)


@given(price, price)
def test_better_goods_are_like_cheaper_goods(cost: float, quality: float) -> None:
    assert worth(cost, quality) == pytest.approx(worth(cost / quality))


@given(price, st.floats(0.05, 1.0), st.floats(0.0, 6.0), st.floats(-3.0, 3.0))
def test_service_and_favour_have_the_worth_that_is_said(
    cost: float, kept: float, response: float, liked: float
) -> None:
    whole = rules.attraction(cost, 1.0, 1.0, 0.0, INNER, response)
    assert rules.attraction(cost, 1.0, kept, 0.0, INNER, response) == pytest.approx(whole * kept**response)
    assert rules.attraction(cost, 1.0, 1.0, liked, INNER, response) == pytest.approx(whole * np.exp(liked))
    # A log point of favour is as good as a price lower by one over the elasticity less one.
    cheaper = cost * np.exp(-liked / (INNER - 1.0))
    assert rules.attraction(cost, 1.0, 1.0, liked, INNER, response) == pytest.approx(
        rules.attraction(cheaper, 1.0, 1.0, 0.0, INNER, response)
    )


@given(st.floats(0.0, 1e6), st.floats(1e-6, 1e6))
def test_the_clusters_share_is_a_share_and_rises_with_what_is_known(inclusive: float, outside: float) -> None:
    share = rules.cluster_share(inclusive, outside, RATIO)
    assert 0.0 <= share < 1.0
    assert rules.cluster_share(inclusive + 1.0, outside, RATIO) > share
    assert rules.cluster_share(0.0, outside, RATIO) == 0.0
    assert rules.cluster_share(1.0, 1.0, RATIO) == 0.5


def test_another_known_supplier_of_the_same_kind_is_worth_love_of_variety() -> None:
    # Two equal offers cost as much as one at 2^(-1/(inner - 1)) of the price.
    two = rules.cluster_share(2.0 * worth(1.0), 1.0, RATIO)
    one = rules.cluster_share(worth(2.0 ** (-1.0 / (INNER - 1.0))), 1.0, RATIO)
    assert two == pytest.approx(one)


def test_spending_follows_prices_by_the_total_elasticity() -> None:
    assert rules.spending_index(1.2, 1.5, 1.5, 0.2) == pytest.approx(1.2)
    change = rules.spending_index(1.0, 1.01, 1.0, 0.2) / rules.spending_index(1.0, 1.0, 1.0, 0.2)
    assert np.log(change) / np.log(1.01) == pytest.approx(0.8)


def test_luck_has_mean_one() -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    for spread in (0.0, 0.15, 0.4):
        values = np.array([rules.noise_factor(value, spread) for value in u])
        assert values.mean() == pytest.approx(1.0, abs=2e-3)
        assert values.min() > 0.0
    assert rules.noise_factor(0.9, 0.0) == 1.0


def test_a_link_on_trial_gets_less() -> None:
    months = int(DEMAND.trial_months)
    assert rules.link_weight(2.0, 1.5, months - 1, DEMAND) == pytest.approx(3.0 * DEMAND.trial_weight)
    assert rules.link_weight(2.0, 1.5, months, DEMAND) == pytest.approx(3.0)


# --- buyers' orders -------------------------------------------------------------------------------------------------


def market(seed: int = 0, buyers: int = 40, firms: int = 12, slots: int = 5) -> tuple[Any, Any, Any]:
    """Return buyers with links, firms with prices, and spending, all drawn from a key."""

    def draw(name: str, *shape: int) -> Any:
        return chance.uniforms(key(seed, name), np.arange(int(np.prod(shape)))).reshape(shape)

    table = some_buyers(buyers, slots, weight=np.floor(1.0 + 5.0 * draw("weight", buyers)))
    table.foreign[:] = draw("abroad", buyers) < 0.3
    table.outside_weight[:] = 0.2 + draw("outside", buyers)
    table.supplier[:] = np.floor(draw("supplier", buyers, slots) * (firms + 3)).astype(np.int32)
    table.supplier[table.supplier >= firms] = -1
    table.link_age[:] = np.floor(20.0 * draw("age", buyers, slots))
    table.link_match[:] = 0.5 + draw("match", buyers, slots)
    packed(table)
    rows = some_firms(firms, price=0.8 + 0.4 * draw("price", firms), weight=np.floor(1.0 + 9.0 * draw("firms", firms)))
    return table, rows, 1e6 * draw("budget", buyers)


@pytest.mark.parametrize("seed", range(5))
def test_budgets_are_spent_to_the_last_yuan(seed: int) -> None:
    buyers, firms, spending = market(seed)
    domestic, foreign, elsewhere = ordered(buyers, firms, spending)
    budget = np.bincount(buyers.foreign, weights=spending * buyers.weight, minlength=2)
    assert domestic.sum() + elsewhere[0] == pytest.approx(budget[0], rel=1e-12)
    assert foreign.sum() + elsewhere[1] == pytest.approx(budget[1], rel=1e-12)
    assert min(domestic.min(), foreign.min(), elsewhere.min()) >= 0.0
    assert 0.0 < elsewhere[0] < budget[0]


def test_doubled_money_buys_the_same_goods() -> None:
    buyers, firms, spending = market(1)
    buyers.by_piece[:] = np.arange(buyers.slot.size) % 2
    once = ordered_by(buyers, firms, spending)
    rules.place_orders(segments_for(firms), firms, once[0])
    units, abroad = firms.orders.copy(), firms.orders_foreign.copy()
    firms.price[:] *= 2.0
    twice = ordered_by(buyers, firms, 2.0 * spending, 2.0)
    rules.place_orders(segments_for(firms), firms, twice[0])
    assert firms.orders == pytest.approx(units, rel=1e-12)
    assert firms.orders_foreign == pytest.approx(abroad, rel=1e-12)
    assert twice[2] == pytest.approx(2.0 * once[2], rel=1e-12)


def test_a_row_of_many_buyers_orders_as_many_buyers_would() -> None:
    buyers, firms, spending = market(2, buyers=1)
    buyers.weight[:], buyers.foreign[:] = 6.0, 0
    one = ordered(buyers, firms, spending)
    apart = some_buyers(6, 5, outside_weight=buyers.outside_weight[0])
    for name in ("supplier", "link_age", "link_match", "links"):
        getattr(apart, name)[:] = getattr(buyers, name)[0]
    six = ordered(apart, firms, np.full(6, spending[0]))
    assert six[0] == pytest.approx(one[0], rel=1e-12)
    assert six[2] == pytest.approx(one[2], rel=1e-12)


def test_who_knows_nobody_buys_elsewhere() -> None:
    domestic, foreign, elsewhere = ordered(some_buyers(2), some_firms(3), np.array([10.0, 5.0]))
    assert not domestic.any()
    assert not foreign.any()
    assert elsewhere.tolist() == [15.0, 0.0]


def test_orders_over_links_of_fairs_and_exhibitions_are_noted_by_stage() -> None:
    months = MONTHS
    buyers = some_buyers(1, 4, supplier=[[0, 1, 2, 3]], link_age=[[0, months, 0, 0]], link_match=1.0)
    buyers.link_origin[:] = [[ORIGIN_FAIR, ORIGIN_FAIR, ORIGIN_ABROAD, 0]]
    firms = some_firms(4, weight=[1.0, 2.0, 4.0, 1.0])
    by_kind, by_channel, _ = ordered_by(buyers, firms, np.array([1000.0]))
    each, noted = by_kind[0], np.zeros((4, CHANNELS))
    noted[[0, 1, 2], [ORIGIN_FAIR - 1, CHANNEL_FAIR_REPEAT, ORIGIN_ABROAD - 1]] = each[:3]
    assert by_channel == pytest.approx(noted)
    assert each[0] == pytest.approx(each[1] * DEMAND.trial_weight)


def test_orders_are_units_for_each_firm_of_a_row() -> None:
    firms = some_firms(3, price=[2.0, 1.0, 1.0], weight=[5.0, 1.0, 1.0], alive=[1, 1, 0], orders_local=0.5)
    rules.place_orders(segments_for(firms), firms, np.array([[50.0, 30.0, 10.0, 10.0], [0.0] * 4, [9.0] * 4]).T)
    assert firms.orders.tolist() == [10.0, 0.0, 1e7 / 12.0]
    assert firms.orders_foreign.tolist() == [0.4, 0.0, 0.0]
    assert firms.orders_local.tolist() == [0.0, 0.0, 0.5], "a row without a firm is left alone"


def test_spending_of_the_month_by_hand() -> None:
    buyers = some_buyers(3, budget=[100.0, 100.0, 50.0], foreign=[0, 1, 0])
    still, out = DEMAND._replace(budget_noise_year=0.0, budget_noise_month=0.0), np.zeros(3)
    rules.month_spending(buyers, np.array([[1.1, 0.9]]), np.ones(3), key(2), still, 0.75, out)
    assert out == pytest.approx([100 * 1.1 * 0.75, 100 * 0.9 * 0.75, 50 * 1.1 * 0.75])
    yearly = np.zeros(3)
    rules.yearly_noise(buyers, key(1), DEMAND, yearly)
    rules.month_spending(buyers, np.array([[1.1, 0.9]]), yearly, key(2), DEMAND, 0.75, out)
    randomness = rules.noise_factor(chance.uniform(key(1), buyers.slot[0]), DEMAND.budget_noise_year)
    randomness *= rules.noise_factor(chance.uniform(key(2), buyers.slot[0]), DEMAND.budget_noise_month)
    assert out[0] == pytest.approx(82.5 * randomness)


# --- offers to four kinds of buyers ---------------------------------------------------------------------------------


def test_kinds_of_buyers_are_four() -> None:
    assert [rules.buyer_kind(foreign, piece) for piece in (0, 1) for foreign in (0, 1)] == [0, 1, 2, 3]
    assert rules.BUYER_KINDS == 4


def test_an_offer_is_worth_its_attraction_times_the_standing_of_its_place() -> None:
    firms = some_firms(3, place=[0, 1, 1], price=[0.9, 1.0, 1.2], quality=[1.0, 1.2, 0.8], service=[1.0, 0.9, 1.0])
    firms.favour[:] = [0.3, 0.0, -0.2]
    base, offers = offered(firms, some_places(2, appeal=[[1.0, 1.0], [2.0, 0.5]]))
    by_hand = [worth(*each) for each in zip(firms.price, firms.quality, firms.service, firms.favour, strict=True)]
    assert base == pytest.approx(by_hand)
    assert offers[0] == pytest.approx(base * [1.0, 2.0, 2.0])
    assert offers[1] == pytest.approx(base * [1.0, 0.5, 0.5])


def test_closed_firms_offer_nothing_and_buyers_spend_on_their_others() -> None:
    firms = some_firms(2, alive=[1, 0])
    base, offers = offered(firms, some_places())
    assert not base[1]
    assert not offers[:, 1].any()
    assert offers[:, 0].all()
    both = some_buyers(1, 2, supplier=[[1, 0]], link_age=24, link_match=1.0)
    alone = some_buyers(1, 1, supplier=[[0]], link_age=24, link_match=1.0)
    spent = [ordered(buyers, firms, np.array([100.0])) for buyers in (both, alone)]
    assert spent[0][0].tolist() == spent[1][0].tolist()
    assert spent[0][0][1] == 0.0 < spent[0][0][0]


@given(st.floats(0.5, 2.0), st.floats(0.0, 3.0))
def test_who_buys_by_the_piece_weighs_quality_more(quality: float, weight: float) -> None:
    firms = some_firms(2, quality=[quality, 1.0])
    _, offers = offered(firms, some_places(), DEMAND._replace(piece_quality=weight))
    for side in (0, 1):
        by_weight, by_piece = offers[rules.buyer_kind(side, 0)], offers[rules.buyer_kind(side, 1)]
        # Quality counts 1 + weight times as much, as a price difference.
        assert by_weight[0] / by_weight[1] == pytest.approx(quality ** (INNER - 1.0))
        assert by_piece[0] / by_piece[1] == pytest.approx(quality ** ((INNER - 1.0) * (1.0 + weight)))
        assert by_piece[1] == by_weight[1]


def test_each_kind_of_buyer_reads_its_own_offers() -> None:
    buyers = some_buyers(4, 2, foreign=[0, 1, 0, 1], by_piece=[0, 0, 1, 1], supplier=[[0, 1]] * 4, link_match=1.0)
    buyers.link_age[:] = 100
    firms = some_firms(2)
    for kind in range(4):
        offers = np.ones((4, 2))
        offers[kind, 0] = 3.0
        spending = np.where(np.arange(4) == kind, 100.0, 0.0)
        by_kind, _, elsewhere = ordered_by(buyers, firms, spending, offers=offers)
        assert by_kind[kind, 0] == pytest.approx(3.0 * by_kind[kind, 1])
        assert by_kind[kind].sum() + elsewhere.sum() == pytest.approx(100.0)
        assert not np.delete(by_kind, kind, axis=0).any()


def test_orders_by_the_piece_are_noted_and_those_from_abroad_among_them() -> None:
    buyers = some_buyers(3, 1, foreign=[0, 0, 1], by_piece=[0, 1, 1], supplier=[[0]] * 3, link_match=1.0)
    firms = some_firms(1, weight=4.0)
    by_kind, _, _ = ordered_by(buyers, firms, np.array([100.0, 50.0, 20.0]))
    assert by_kind[rules.DOMESTIC_BY_PIECE, 0] == pytest.approx(0.5 * by_kind[rules.DOMESTIC_BY_WEIGHT, 0])
    assert by_kind[rules.FOREIGN_BY_PIECE, 0] == pytest.approx(0.2 * by_kind[rules.DOMESTIC_BY_WEIGHT, 0])
    assert by_kind[rules.FOREIGN_BY_WEIGHT, 0] == 0.0


@pytest.mark.parametrize("age", [0, MONTHS - 1, MONTHS])
@pytest.mark.parametrize("origin", range(CHANNELS))
def test_orders_are_noted_with_the_institution_through_which_they_came(origin: int, age: int) -> None:
    buyers = some_buyers(1, 1, supplier=0, link_origin=origin, link_age=age, link_match=1.0)
    firms, noted = some_firms(1, weight=2.0), np.zeros((1, CHANNELS))
    by_kind, by_channel, _ = ordered_by(buyers, firms, np.array([100.0]))
    if origin != ORIGIN_SEARCH:
        noted[0, CHANNEL_FAIR_REPEAT if origin == ORIGIN_FAIR and age == MONTHS else origin - 1] = by_kind[0, 0]
    assert by_kind[0, 0] > 0.0
    assert by_channel == pytest.approx(noted)


def test_markets_have_their_own_prices_elsewhere_and_their_own_sums() -> None:
    buyers = some_buyers(2, 1, market=[0, 1], supplier=[[0], [1]], link_match=1.0)
    _, offers = offered(some_firms(2), some_places())
    by_kind, elsewhere, prices = np.zeros((4, 2)), np.zeros((2, 2)), np.array([1.0, 1.5])
    rules.buyer_orders(
        buyers, some_firms(2), offers, DEMAND, MONTHS, np.full(2, 100.0), prices, np.ones(2), by_kind,
        np.zeros((2, CHANNELS)), np.zeros(2, np.int8), elsewhere,
    )  # fmt: skip
    domestic = by_kind[0]
    assert domestic + elsewhere[:, 0] == pytest.approx([100.0, 100.0])
    assert domestic[1] > domestic[0] > 0.0, "where producers elsewhere are dear more is bought here"
    out = np.zeros(2)
    calm = DEMAND._replace(budget_noise_year=0.0, budget_noise_month=0.0)
    rules.month_spending(buyers, np.array([[1.2, 9.0], [0.7, 9.0]]), np.ones(2), key(2), calm, 1.0, out)
    assert out == pytest.approx([1200.0, 700.0])


# --- trade inside a place -------------------------------------------------------------------------------------------


def test_traders_order_from_makers_exactly_what_they_deliver() -> None:
    makers, traders = np.arange(6), np.arange(6, 9)
    firms = some_firms(
        9, tier=[0] * 6 + [TRADER] * 3, place=[0, 0, 0, 1, 1, 1, 0, 0, 1], weight=[1, 2, 3, 1, 2, 3, 4, 1, 2],
        orders=[0.0, 5e5, 2e6, 0.0, 1e5, 0.0, 0, 0, 0], price=[1.0, 1.1, 0.9, 1.0, 1.2, 1.0, 1, 1, 1],
        orders_foreign=0.25, delivered=[0] * 6 + [3e5, 2e5, 4e5],
    )  # fmt: skip
    before = firms.orders.copy()
    abroad = before * firms.orders_foreign
    attractions = np.linspace(0.5, 1.5, 9)
    places = some_places(2)
    of_makers, of_traders = (segments_for(firms, tier) for tier in (0, TRADER))
    rules.local_goods(of_makers, of_traders, firms, places, attractions, COSTS, PRODUCTION, SEEN, np.full(9, 7.0))
    added = (firms.orders - before)[makers]
    for place in (0, 1):
        here = firms.place[makers] == place
        trade = traders[firms.place[traders] == place]
        wanted = (firms.weight[trade] * firms.delivered[trade]).sum() * BY_TIER.materials_share[TRADER]
        units = firms.weight[makers] * added * here
        assert units.sum() == pytest.approx(wanted, rel=1e-12)
        paid = (units * firms.price[makers]).sum() / units.sum()
        assert places.goods_price[place] == pytest.approx(paid)
    assert (added > 0.0).all()
    assert firms.orders_local[makers] == pytest.approx(added / firms.orders[makers])
    assert (firms.orders * firms.orders_foreign)[makers] == pytest.approx(abroad[makers])
    # A maker with room gets more than its twin without.
    full = full_capacity(firms.capital[0], BY_TIER.capital_output_ratio[0], PRODUCTION.normal_use)
    room, least = PRODUCTION.normal_use * full, 0.05 * full
    assert added[2] / attractions[2] == pytest.approx(added[0] / attractions[0] * (least / room) ** SEEN)


def test_traders_without_makers_leave_the_market_as_it_is() -> None:
    firms = some_firms(1, tier=TRADER)
    places = some_places(1, goods_price=1.3)
    rules.local_goods(
        segments_for(firms, 0), segments_for(firms), firms, places, np.ones(1), COSTS, PRODUCTION, SEEN, np.zeros(1)
    )
    assert places.goods_price[0] == 1.3


def test_rows_without_a_firm_trade_nothing_inside_the_place() -> None:
    values = {"orders": 1e5, "delivered": 2e5, "orders_local": 0.125, "place": 0}
    tiers = [0, 0, SUPPLIER, SUPPLIER, TRADER, TRADER]
    some, all_of_them = some_firms(6, tier=tiers, alive=[1, 0] * 3, **values), some_firms(3, tier=[0, 1, 2], **values)
    for firms in (some, all_of_them):
        makers, suppliers, traders = (segments_for(firms, tier) for tier in range(3))
        rest = some_places(), np.ones(firms.slot.size), COSTS, PRODUCTION, SEEN
        rules.local_goods(makers, traders, firms, *rest, np.zeros(firms.slot.size))
        rules.local_services(makers, suppliers, firms, *rest)
    for name in ("orders", "orders_local"):
        assert np.array_equal(getattr(some, name)[::2], getattr(all_of_them, name))
    assert (some.orders[1::2] == 1e5).all()
    assert (some.orders_local[1::2] == 0.125).all()


def test_suppliers_are_asked_for_exactly_what_makers_need() -> None:
    makers, suppliers = np.array([0, 1, 2]), np.array([3, 4, 5])
    firms = some_firms(
        6, tier=[0, 0, 0, SUPPLIER, SUPPLIER, SUPPLIER], place=[0, 0, 1, 0, 0, 1], weight=[1, 2, 3, 1, 5, 2],
        capital=[1e6, 1e6, 1e6, 1e6, 3e6, 1e6], delivered=[1e5, 2e5, 3e5, 0, 0, 0], orders_foreign=0.5,
    )  # fmt: skip
    of_makers, of_suppliers = (segments_for(firms, tier) for tier in (0, SUPPLIER))
    rules.local_services(of_makers, of_suppliers, firms, some_places(2), np.ones(6), COSTS, PRODUCTION, SEEN)
    need = BY_TIER.materials_share[0] * PRODUCTION.local_input_share
    for place in (0, 1):
        there, here = (rows[firms.place[rows] == place] for rows in (suppliers, makers))
        wanted = (firms.weight[here] * firms.delivered[here]).sum() * need
        assert (firms.weight[there] * firms.orders[there]).sum() == pytest.approx(wanted, rel=1e-12)
    assert firms.orders[4] == pytest.approx(3.0**SEEN * firms.orders[3])
    assert (firms.orders_local[suppliers] == 1.0).all()
    assert not firms.orders_foreign[suppliers].any()


# --- orders that makers pass on -------------------------------------------------------------------------------------


def can_make(firms: Any, production: Any = PRODUCTION, progress: float = 1.0) -> Any:
    """Return what each maker of a place at base-year wages can make in a month, units."""
    ratio = BY_TIER.capital_output_ratio[0]
    return np.array([
        min(
            potential_output(
                capital, progress * workers * productivity, BY_TIER.labour_share[0] / 48000.0, ratio,
                production.labour_elasticity,
            ),
            full_capacity(capital, ratio, production.normal_use),
        )
        for capital, workers, productivity in zip(firms.capital, firms.workers, firms.productivity, strict=True)
    ])  # fmt: skip


def put_out(firms: Any, share: float = PRODUCTION.putting_out, places: int = 1, progress: float = 1.0) -> None:
    """Let all makers pass orders on."""
    rules.put_out(
        segments_for(firms, 0), firms, some_places(places), COSTS, PRODUCTION._replace(putting_out=share), progress,
        np.full(firms.slot.size, 7.0),
    )  # fmt: skip


def test_orders_passed_on_by_hand() -> None:
    firms = some_firms(3, weight=[1.0, 2.0, 1.0], backlog=[0.0, 0.0, 0.0], orders_foreign=[0.8, 0.0, 0.5])
    can = can_make(firms)[0]
    firms.orders[:] = can * np.array([1.5, 0.9, 0.6])
    put_out(firms, share=0.6)
    # Half of what the first can make is too much; three tenths go to room of twice a tenth and of four tenths.
    assert firms.passed_on == pytest.approx([0.3 * can, 0.0, 0.0])
    assert firms.orders == pytest.approx([1.2 * can, 0.95 * can, 0.8 * can])
    assert firms.orders_foreign == pytest.approx([0.8, 0.05 * 0.8 / 0.95, (0.6 * 0.5 + 0.2 * 0.8) / 0.8])


def test_the_backlog_is_passed_on_first() -> None:
    firms = some_firms(2, backlog=[4e5, 0.0], orders_local=[0.25, 0.0])
    can = can_make(firms)[0]
    firms.orders[:] = [can, 0.0]
    put_out(firms, share=0.5)
    assert (firms.backlog[0], firms.orders[0]) == pytest.approx((2e5, can))
    assert firms.orders[1] == pytest.approx(2e5)
    assert firms.orders_local == pytest.approx([0.25, 0.25])
    assert firms.passed_on[0] == 0.0, "the backlog was ordered, and expected, in an earlier month"


def test_only_orders_of_the_month_count_as_passed_on() -> None:
    firms = some_firms(2, backlog=[4e5, 0.0])
    can = can_make(firms)[0]
    firms.orders[:] = [can + 6e5, 0.0]
    put_out(firms, share=0.5)
    # A million too much: of the half that is passed on 0.4 million were ordered in earlier months.
    assert firms.backlog[0] == 0.0
    assert firms.passed_on[0] == pytest.approx(1e5)
    assert firms.orders == pytest.approx([can + 5e5, min(5e5, can)])


def test_without_room_or_without_need_nothing_is_passed_on() -> None:
    for filled in (0.5, 1.5):
        firms = some_firms(4, backlog=1e4, orders_foreign=0.3)
        firms.orders[:] = filled * can_make(firms)
        before = [column.copy() for column in firms]
        firms.passed_on[:] = 9.0
        put_out(firms)
        for name, was, now in zip(firms._fields, before, firms, strict=True):
            assert np.array_equal(was, now), name


maker = st.tuples(
    st.integers(1, 30), st.floats(1e4, 1e7), st.floats(0.0, 60.0), st.floats(0.0, 3e6), st.floats(0.0, 2e6),
    st.floats(0.0, 0.6), st.floats(0.0, 0.4), st.booleans(), st.booleans(), st.integers(0, 1),
)  # fmt: skip


@given(st.lists(maker, min_size=1, max_size=12), st.floats(0.0, 1.0), st.floats(0.8, 1.5))
def test_passing_on_keeps_every_order_and_gives_nobody_more_than_it_can_make(
    table: list[Any], share: float, progress: float
) -> None:
    names = "weight", "capital", "workers", "orders", "backlog", "orders_foreign", "orders_local", "alive", "closed"
    table = sorted(table, key=lambda row: row[-1])
    columns = [np.array(column) for column in zip(*table, strict=True)]
    firms = some_firms(len(table), place=columns[-1], **dict(zip(names, columns, strict=False)))
    before = {name: getattr(firms, name).copy() for name in names}
    can = can_make(firms, progress=progress)
    works = (firms.alive == 1) & (firms.closed == 0)
    left = np.where(works, can - firms.orders - firms.backlog, 0.0)
    put_out(firms, share, places=2, progress=progress)
    largest = 1.0 + (firms.weight * (before["orders"] + before["backlog"])).sum()
    near = 1e-9 * largest
    late = before["backlog"] - firms.backlog
    passed = firms.passed_on + late
    taken = np.where(left > 0.0, firms.orders - before["orders"], 0.0)
    assert (firms.passed_on >= 0.0).all()
    assert (taken >= 0.0).all()
    assert not passed[left >= 0.0].any()
    assert (passed <= share * np.maximum(-left, 0.0) + near).all()
    assert (taken <= np.maximum(left, 0.0) + near).all()
    assert late == pytest.approx(np.minimum(passed, before["backlog"]), abs=near), "the backlog goes first"
    for place in (0, 1):
        here = firms.place == place
        wanted = share * (firms.weight * np.maximum(-left, 0.0))[here].sum()
        room = (firms.weight * np.maximum(left, 0.0))[here].sum()
        assert (firms.weight * passed)[here].sum() == pytest.approx(min(wanted, room), rel=1e-9, abs=near)
        assert (firms.weight * taken)[here].sum() == pytest.approx(min(wanted, room), rel=1e-9, abs=near)
        held = {
            name: (firms.weight * (getattr(firms, name) - before[name]))[here].sum() for name in ("orders", "backlog")
        }
        assert held["orders"] + held["backlog"] == pytest.approx(0.0, abs=near)
        for kind in ("orders_foreign", "orders_local"):
            # Units for buyers abroad and for traders, with those of the backlog that were passed on.
            was = (firms.weight * (before["orders"] + late) * before[kind])[here].sum()
            is_now = (firms.weight * firms.orders * getattr(firms, kind))[here].sum()
            assert is_now == pytest.approx(was, abs=near)
    assert ((firms.orders_foreign + firms.orders_local) <= 1.0 + 1e-12).all()


def test_a_month_of_orders_passed_on_is_made() -> None:
    """What full makers could not make others make in the same month, and their customers see no bad service."""

    def delivered(share: float) -> tuple[float, Any]:
        firms = some_firms(4, service=1.0)
        firms.orders[:] = can_make(firms) * np.array([1.8, 1.2, 0.4, 0.2])
        put_out(firms, share)
        produce(segments_for(firms), firms, some_places(), COSTS, PRODUCTION, 1.0)
        return float(firms.delivered.sum()), firms.service

    alone, together = delivered(0.0), delivered(1.0)
    assert together[0] == pytest.approx(3.6 / 2.6 * alone[0])
    assert together[1] == pytest.approx(1.0)
    assert alone[1].min() < 0.95


def test_buyers_that_know_producers_elsewhere_well_spend_less_here() -> None:
    buyers, firms, spending = market(3)
    usual = ordered_by(buyers, firms, spending)
    for ties in (0.5, 2.0):
        by_kind, _, elsewhere = ordered_by(buyers, firms, spending, outside_ties=ties)
        assert by_kind[[1, 3]].tolist() == usual[0][[1, 3]].tolist(), "buyers abroad do not know them"
        assert elsewhere[1] == usual[2][1]
        assert (elsewhere[0] - usual[2][0]) * (ties - 1.0) > 0.0
    # It is as with a weight of producers elsewhere that is higher by as much.
    buyers.outside_weight[buyers.foreign == 0] *= 2.0
    again = ordered_by(buyers, firms, spending)
    assert again[0] == pytest.approx(by_kind)
    assert again[2] == pytest.approx(elsewhere)
