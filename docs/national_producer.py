"""A simulated national producer: revenue and price that the world of the model implies for a whole industry.

No cluster is simulated. What all buyers at home spend on the goods of an industry is its national revenue, and the
price of producers elsewhere is its producer price; both are compared with what was published.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.month import calendar
from sim.parameters import load_parameters
from sim.parameters.industries import for_industry, industry_of
from sim.rules.costs import tier_costs
from sim.rules.prices import priced_in
from sim.scenario.worlds import DEMAND, NO_FIGURE, load_world, world_growth
from sim.units import month_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.state.state import Surroundings

FIRST, LAST = 2015, 2025
"""Years in which growth of industries was published."""


@dataclass(frozen=True)
class NationalYear:
    """Growth of a whole industry in one year, as fractions.

    Attributes
    ----------
    revenue
        Spending of all buyers at home on its goods, in the model.
    published
        Revenue of above-scale firms: of its group, or of all industry where the group has no figure of its own.
    own
        Whether it is a figure of the group itself.
    price
        Price of producers elsewhere, in the model.
    producer_price, steel_price
        Published producer prices of all industry, and the price of steel in the world.
    """

    industry: str
    group: str
    year: int
    revenue: float
    published: float
    own: bool
    price: float
    producer_price: float
    steel_price: float


def national_producer(industry: str, world: str = "central") -> tuple[NationalYear, ...]:
    """Return the growth of a whole industry by year, 2015 to 2025, at the centre of the priors.

    Growth of a year is over the same months of the year before; the first month of a world has none before it and is
    left out of both.
    """
    parameters = for_industry(load_parameters(), industry)
    group, costs, whole = industry_of(industry).group, tier_costs([parameters]), load_world(world)
    series, growth = whole.met_by(group), {(row.driver, row.group, row.year): row for row in world_growth(world)}
    of_group = group if group in whole.domestic_demand_by_group else ""
    dearness, met = 1.0, {}
    for month in range(series.first_month + 1, month_number(LAST, 12) + 1):
        position = calendar.position_of(series, month)
        paid = calendar.materials_from_elsewhere(series, position, parameters)
        producer = float(series.producer_price[position])
        first = month == series.first_month + 1  # nothing is late at the start
        dearness = priced_in(dearness, paid, producer, 1.0 if first else parameters.pricing.material_lag_months)
        met[month] = calendar.surroundings(series, month, parameters, costs, 0, dearness * producer)

    def rise(year: int, what: Callable[[Surroundings], float]) -> float:
        now = [month for month in range(month_number(year, 1), month_number(year, 12) + 1) if month - 12 in met]
        return math.fsum(what(met[month]) for month in now) / math.fsum(what(met[month - 12]) for month in now) - 1.0

    return tuple(
        NationalYear(
            industry=industry,
            group=group,
            year=year,
            revenue=rise(year, lambda now: float(now.demand[0])),
            published=growth[DEMAND, of_group, year].rate,
            own=growth[DEMAND, of_group, year].note != NO_FIGURE,
            price=rise(year, lambda now: now.price_level),
            producer_price=growth["producer_price", "", year].rate,
            steel_price=growth["material_price", "", year].rate,
        )
        for year in range(FIRST, LAST + 1)
    )


def gaps(years: Sequence[NationalYear]) -> tuple[float, float]:
    """Return how much faster revenue grows in the model than published: a year on average, and either way in a year."""
    each = [year.revenue - year.published for year in years]
    return math.fsum(each) / len(each), math.fsum(map(abs, each)) / len(each)


def steel_in_price(years: Sequence[NationalYear]) -> float:
    """Return how much of steel's rise over other goods is in the industry's price (least squares through nought)."""
    steel = [year.steel_price - year.producer_price for year in years]
    price = [year.price - year.producer_price for year in years]
    return math.fsum(a * b for a, b in zip(steel, price, strict=True)) / math.fsum(a * a for a in steel)
