"""Phase 1: the month's demand, prices, wages and season, none of which the county chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.rules.demand import spending_index
from sim.rules.prices import common_progress, material_price, outside_price
from sim.state import State, World

if TYPE_CHECKING:
    from sim.columns import F8
    from sim.parameters.groups import Parameters
    from sim.rules.costs import TierCosts
    from sim.scenario.resolved import World as WorldSeries


def seasons(january_february: float) -> F8:
    """Return the seasonal factor of orders by calendar month, shape (12,), mean 1: the Spring Festival dip."""
    rest = (12.0 - 2.0 * january_february) / 10.0
    return np.array([january_february, january_february, *[rest] * 10])


def world_of(series: WorldSeries, month: int, parameters: Parameters, costs: TierCosts) -> World:
    """Return prices and demand of a month from the world's series (a month before it starts is an error)."""
    position = month - series.first_month
    if not 0 < position < series.wage.size:
        raise ValueError(f"world {series.id} has no figures for month {month}")
    material, producer = float(series.material_price[position]), float(series.producer_price[position])
    wage = float(series.wage[position])
    bought = material_price(material, producer, parameters.production.steel_share)
    progress = common_progress(wage, producer, parameters.production.common_progress)
    elsewhere = outside_price(bought, wage / progress, costs.materials_share[0], costs.labour_share[0], costs.markup[0])
    return World(
        demand=np.array(
            [
                spending_index(float(demand[position]), elsewhere, producer, parameters.demand.elasticity_total)
                for demand in (series.domestic_demand, series.foreign_demand)
            ]
        ),
        material=material,
        producer=producer,
        wage=wage,
        wage_growth=wage / float(series.wage[position - 1]) - 1.0,
        bought_materials=bought,
        progress=progress,
        outside_price=np.full(2, elsewhere),
        season=float(seasons(parameters.demand.january_february)[month % 12]),
    )


def advance(state: State, series: WorldSeries, frozen_at: int | None) -> None:
    """Set the world of the month; while the start settles it stands still at month ``frozen_at``."""
    p = state.parameters
    state.world = world_of(series, state.month if frozen_at is None else frozen_at, p, state.costs)
    if frozen_at is not None:
        state.world.wage_growth = 0.0
        state.world.season = float(seasons(p.demand.january_february)[state.month_of_year])
    state.tally.clear()
    scratch = state.scratch
    for array in (scratch.spending, scratch.borrowing, scratch.scrap, scratch.upgraded, scratch.decided):
        array[:] = 0
