"""Phase 1: the month's demand, prices, wages and season, none of which the county chooses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.rules.demand import spending_index
from sim.rules.elementary import exps
from sim.rules.prices import common_progress, material_price, outside_price, priced_in
from sim.state.state import State, Surroundings, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.parameters.groups import Demand, Parameters
    from sim.rules.costs import TierCosts
    from sim.scenario.resolved import World as WorldSeries
    from sim.state.columns import F8
    from sim.state.state import Market


def seasons(january_february: float) -> F8:
    """Return the seasonal factor of orders by calendar month, shape (12,), mean 1: the Spring Festival dip."""
    rest = (12.0 - 2.0 * january_february) / 10.0
    return np.array([january_february, january_february, *[rest] * 10])


def position_of(series: WorldSeries, month: int) -> int:
    """Return the place of a month in the world's series (a month they do not reach, or their first, is an error)."""
    position = month - series.first_month
    if not 0 < position < series.wage.size:
        raise ValueError(f"world {series.id} has no figures for month {month}")
    return position


def with_relative_growth(series: WorldSeries, start: int, demand: Demand) -> WorldSeries:
    """Return the world as an industry meets it whose demand grows faster or slower than that of its group.

    The lead ``g`` (log a year) fades over ``tau`` years: ``t`` years after the start of the run demand stands
    ``exp(g tau (1 - exp(-t / tau)))`` above the series, that of every group of industries. Before the start nothing
    differs.
    """
    if demand.relative_growth == 0.0 and demand.relative_growth_abroad == 0.0:
        return series
    years = np.maximum(np.arange(series.wage.size) + series.first_month - start, 0) / 12.0
    fading = demand.relative_growth_years
    lead = fading * (1.0 - exps(-years / fading))
    at_home = exps(demand.relative_growth * lead)
    return replace(
        series,
        domestic_demand=series.domestic_demand * at_home,
        domestic_demand_by_group={group: months * at_home for group, months in series.domestic_demand_by_group.items()},
        foreign_demand=series.foreign_demand * exps(demand.relative_growth_abroad * lead),
    )


def surroundings(
    series: WorldSeries, month: int, parameters: Parameters, costs: TierCosts, place: int, priced: float | None = None
) -> Surroundings:
    """Return the world of a month as the industry of a place meets it.

    Parameters
    ----------
    series
        As its group of industries meets it (``World.met_by``).
    parameters
        Those of its industry.
    priced
        Cost of materials that prices allow for by now; None for that of the month.
    """
    position = position_of(series, month)
    producer, wage = float(series.producer_price[position]), float(series.wage[position])
    productivity = float(series.labour_productivity[position])
    progress = common_progress(productivity, parameters.production.common_progress)
    elsewhere = outside_price(
        materials_from_elsewhere(series, position, parameters) if priced is None else priced,
        producer,
        wage / progress,
        costs.materials_share[place, 0],
        costs.labour_share[place, 0],
        costs.markup[place, 0],
        parameters.pricing.fee_share,
    )
    elasticity = parameters.demand.elasticity_total
    demand = [
        spending_index(float(spending[position]), elsewhere, producer, elasticity)
        for spending in (series.domestic_demand, series.foreign_demand)
    ]
    return Surroundings(np.array(demand), elsewhere, wage, progress)


def materials_from_elsewhere(series: WorldSeries, position: int, parameters: Parameters) -> float:
    """Return the price of materials an industry buys from elsewhere, base year = 1."""
    steel, producer = float(series.material_price[position]), float(series.producer_price[position])
    return material_price(steel, producer, parameters.production.steel_share)


def mean_of_year(series: WorldSeries, year: int, parameters: Parameters, costs: TierCosts, place: int) -> Surroundings:
    """Return the world of a calendar year on average, as the industry of a place meets it."""
    months = [surroundings(series, 12 * year + month, parameters, costs, place) for month in range(12)]
    return Surroundings(
        demand=np.mean([each.demand for each in months], axis=0),
        price_level=float(np.mean([each.price_level for each in months])),
        wage=float(np.mean([each.wage for each in months])),
        progress=float(np.mean([each.progress for each in months])),
    )


def world_of(
    series: WorldSeries,
    month: int,
    industries: Sequence[Parameters],
    costs: TierCosts,
    markets: Sequence[Market],
    priced: F8 | None = None,
) -> World:
    """Return prices and demand of a month.

    ``industries`` holds the parameters of every place, ``priced`` what prices allow for materials, shape (places,);
    None for what they cost.
    """
    position = position_of(series, month)
    of_markets = [
        surroundings(
            series.met_by(market.group),
            month,
            industries[here],
            costs,
            here,
            None if priced is None else float(priced[here]),
        )
        for market, here in ((market, market.places[0]) for market in markets)
    ]
    wage = float(series.wage[position])
    shared = industries[0]
    return World(
        demand=np.array([each.demand for each in of_markets]),
        producer=float(series.producer_price[position]),
        wage=wage,
        wage_growth=wage / float(series.wage[position - 1]) - 1.0,
        progress=of_markets[0].progress,
        outside_price=np.array([each.price_level for each in of_markets]),
        season=float(seasons(shared.demand.january_february)[month % 12]),
    )


def advance(state: State) -> None:
    """Set the world of the month, which stands still during the burn-in, and turn to a new page of notes."""
    series, month = state.series, max(state.month, state.first_month)
    position, places = position_of(series, month), state.places
    for market in state.markets:  # of one industry
        of_industry = state.industries[market.places[0]]
        price = materials_from_elsewhere(series, position, of_industry)
        here = list(market.places)  # all of them have bought at the same prices
        producer = float(series.producer_price[position])
        months = 1.0 if state.settling else of_industry.pricing.material_lag_months  # nothing is late at the start
        dear = priced_in(float(places.dear_materials[here[0]]), price, producer, months)
        places.bought_materials[here], places.dear_materials[here] = price, dear
        places.priced_materials[here] = dear * producer
    if not state.settling:
        # Prices that firms have in mind from last month move with that of goods in general.
        growth = float(series.producer_price[position]) / state.world.producer
        for prices in (places.market_cost, places.services_price, places.goods_price):
            prices *= growth
    state.world = world_of(series, month, state.industries, state.costs, state.markets, places.priced_materials)
    if state.settling:
        state.world.wage_growth = 0.0
        state.world.season = float(seasons(state.parameters.demand.january_february)[state.month_of_year])
    state.tally.clear()
    state.awards.clear()
    state.public_money[:] = state.take_up[:] = 0.0
    scratch = state.scratch
    for array in (scratch.spending, scratch.borrowing, scratch.scrap, scratch.upgraded, scratch.decided):
        array[:] = 0
