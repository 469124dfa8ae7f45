"""The world as an industry meets it, in a month and on average over a year."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.month import calendar
from sim.parameters.industries import for_industry, industry_of, load_industries
from sim.rules.costs import tier_costs
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.start.beginning import markets_of, start_levels
from sim.units import parse_month
from tests.model_fixtures import BY_TIER, PARAMETERS, neighbours, quick_model, scenario

INDUSTRIES = sorted(load_industries())


@cache
def world(name: str) -> Any:
    """Return the series of a world."""
    return realise(load("yongnian-2023", overrides=[f"world={name}"]).scenario, 0).world


@given(st.sampled_from(INDUSTRIES), st.integers(parse_month("2014-02"), parse_month("2035-12")))
def test_in_a_world_that_stands_still_everything_is_one(industry: str, month: int) -> None:
    own = for_industry(PARAMETERS, industry)
    now = calendar.surroundings(world("constant"), month, own, tier_costs([own]), 0)
    assert [*now.demand, now.price_level, now.wage, now.progress] == pytest.approx([1.0] * 5)
    year = calendar.mean_of_year(world("constant"), 2019, own, tier_costs([own]), 0)
    assert [*year.demand, year.price_level, year.wage, year.progress] == pytest.approx([1.0] * 5)


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_the_base_year_averages_near_one(industry: str) -> None:
    own = for_industry(PARAMETERS, industry)
    year = calendar.mean_of_year(world("central"), 2023, own, tier_costs([own]), 0)
    # Each series has mean 1; products and ratios of them miss it a little.
    assert [*year.demand, year.price_level, year.wage, year.progress] == pytest.approx([1.0] * 5, abs=0.01)


def test_a_year_is_the_mean_of_its_months() -> None:
    costs, series = tier_costs([PARAMETERS]), world("central")
    months = [calendar.surroundings(series, 2020 * 12 + month, PARAMETERS, costs, 0) for month in range(12)]
    year = calendar.mean_of_year(series, 2020, PARAMETERS, costs, 0)
    assert year.demand == pytest.approx(np.mean([month.demand for month in months], axis=0))
    assert year.price_level == pytest.approx(np.mean([month.price_level for month in months]))
    assert year.wage == pytest.approx(np.mean([month.wage for month in months]))
    assert year.progress == pytest.approx(np.mean([month.progress for month in months]))


def test_dear_steel_is_felt_by_those_that_use_it() -> None:
    series, month = world("constant"), parse_month("2024-05")
    dear = replace(series, material_price=1.3 * series.material_price)
    costs = tier_costs([PARAMETERS])

    def level(steel_share: float) -> float:
        own = PARAMETERS._replace(production=PARAMETERS.production._replace(steel_share=steel_share))
        return calendar.surroundings(dear, month, own, costs, 0).price_level

    assert level(0.0) == pytest.approx(1.0)
    # On the part of the margin that is a fee by the tonne dear steel earns nothing.
    margin = BY_TIER.markup[0] * (1.0 - PARAMETERS.pricing.fee_share)
    assert level(0.5) == pytest.approx(1.0 + (1.0 + margin) * BY_TIER.materials_share[0] * 0.5 * 0.3)


def test_each_market_has_the_prices_of_its_industry() -> None:
    what = neighbours("fasteners", "displays", "fasteners")
    markets, month = markets_of(what), parse_month("2024-05")
    assert [(market.industry, market.places) for market in markets] == [("fasteners", (0, 2)), ("displays", (1,))]
    industries = [for_industry(PARAMETERS, place.industry) for place in what.places]
    costs = tier_costs(industries)
    now = calendar.world_of(world("central"), month, industries, costs, markets)
    assert now.demand.shape == (2, 2)
    assert now.outside_price.shape == (2,)
    for number, place in enumerate((0, 1)):
        met = world("central").met_by(markets[number].group)
        alone = calendar.surroundings(met, month, industries[place], costs, place)
        assert now.demand[number] == pytest.approx(alone.demand)
        assert now.outside_price[number] == alone.price_level
    assert now.outside_price[0] != now.outside_price[1]
    assert [market.group for market in markets] == ["metal", "electronics"]


@pytest.mark.parametrize("month", ["2013-12", "2014-01", "2036-01"])
def test_a_month_the_world_does_not_reach_is_an_error(month: str) -> None:
    with pytest.raises(ValueError, match="has no figures for month"):
        calendar.position_of(world("central"), parse_month(month))


def test_figures_of_an_earlier_year_grow_with_the_world() -> None:
    """A place that reports 2019 starts with what its markets, wages and prices have become since."""
    base = scenario()
    early = replace(base.places[0], start=base.places[0].start.model_copy(update={"base_year": 2019}))
    what = replace(base, places=(base.places[0], early), world=world("central"))
    costs = tier_costs([PARAMETERS, PARAMETERS])
    late, old = start_levels(what, [PARAMETERS, PARAMETERS], costs)
    met = what.world.met_by(industry_of(early.industry).group)
    now = calendar.surroundings(met, what.time.start, PARAMETERS, costs, 0)
    then = calendar.mean_of_year(met, 2019, PARAMETERS, costs, 0)
    start = early.start
    assert old.exports == pytest.approx(start.exports * now.demand[1] / then.demand[1])
    assert old.domestic_sales == pytest.approx((start.output_value - start.exports) * now.demand[0] / then.demand[0])
    assert old.wage == pytest.approx(start.wage * now.wage / then.wage)
    assert old.wage_base == pytest.approx(start.wage / then.wage)
    assert old.price_level == late.price_level
    assert old.output > 1.1 * late.output, "spending grew from 2019 to 2023"
    assert old.wage > 1.1 * late.wage


def test_progress_is_a_series_of_its_own() -> None:
    """Neither a wage shock nor a change of prices elsewhere is progress."""
    series, month, costs = world("central"), parse_month("2026-05"), tier_costs([PARAMETERS])
    plain = calendar.surroundings(series, month, PARAMETERS, costs, 0)
    for name in ("wage", "producer_price", "material_price"):
        shocked = replace(series, **{name: 1.3 * getattr(series, name)})
        assert calendar.surroundings(shocked, month, PARAMETERS, costs, 0).progress == plain.progress
    faster = replace(series, labour_productivity=1.1 * series.labour_productivity)
    risen = calendar.surroundings(faster, month, PARAMETERS, costs, 0)
    assert risen.progress > plain.progress
    assert risen.price_level < plain.price_level


def test_an_industry_leads_or_lags_its_own_group() -> None:
    demand = PARAMETERS.demand._replace(relative_growth=0.05)
    series, start = world("central"), parse_month("2024-01")
    leading = calendar.with_relative_growth(series, start, demand)
    at_home = leading.domestic_demand / series.domestic_demand
    assert at_home[-1] > 1.1
    for group, months in leading.domestic_demand_by_group.items():
        np.testing.assert_allclose(months / series.domestic_demand_by_group[group], at_home)


def test_prices_allow_for_materials_with_a_lag_and_firms_pay_for_them_at_once() -> None:
    model = quick_model(end="2024-12")
    state, pricing = model.state, model.state.parameters.pricing
    calendar.advance(state)
    before, outside = float(state.places.priced_materials[0]), float(state.world.outside_price[0])
    paid = float(state.places.bought_materials[0])
    state.series = replace(state.series, material_price=1.5 * state.series.material_price)
    calendar.advance(state)
    dear = float(state.places.bought_materials[0])
    assert dear > 1.1 * paid, "this month's price is what firms pay"
    priced = float(state.places.priced_materials[0])
    assert priced - before == pytest.approx((dear - before) / pricing.material_lag_months, rel=1e-6)
    assert outside < state.world.outside_price[0], "producers elsewhere price as the cluster does"
    for _ in range(200):
        calendar.advance(state)
    assert state.places.priced_materials[0] == pytest.approx(dear, rel=1e-9)
    industry = state.industries[0]
    settled = calendar.surroundings(state.series.met_by(state.markets[0].group), state.month, industry, state.costs, 0)
    assert state.world.outside_price[0] == pytest.approx(settled.price_level)


def test_prices_kept_in_mind_move_with_those_of_goods_in_general() -> None:
    model = quick_model(end="2024-12")
    state, names = model.state, ("market_cost", "services_price", "goods_price")
    calendar.advance(state)
    before = {name: getattr(state.places, name).copy() for name in names}
    state.series = replace(state.series, producer_price=1.2 * state.series.producer_price)
    calendar.advance(state)
    for name in names:
        assert getattr(state.places, name) == pytest.approx(1.2 * before[name]), name


@given(st.floats(0.5, 2.0))
def test_a_general_rise_of_prices_moves_nothing_real(factor: float) -> None:
    """All prices and wages and nominal demand by a factor: the same units at prices higher by it, at once."""
    series, month = world("central"), parse_month("2026-05")
    costs = tier_costs([PARAMETERS])
    names = "wage", "producer_price", "material_price", "domestic_demand", "foreign_demand"
    raised = replace(series, **{name: factor * getattr(series, name) for name in names})
    before, after = (
        calendar.surroundings(each, month, PARAMETERS, costs, 0, priced)
        for each, priced in ((series, 1.1), (raised, factor * 1.1))
    )
    assert after.price_level == pytest.approx(factor * before.price_level)
    assert after.demand == pytest.approx(factor * np.asarray(before.demand))
    assert after.progress == before.progress
