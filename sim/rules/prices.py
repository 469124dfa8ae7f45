"""Unit costs, markups and prices."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Environment, Pricing, Production
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.elementary import power
from sim.state.columns import F8, I8, SUPPLIER, TRADER, FirmColumns, PlaceColumns


@rule
def material_price(steel: float, producer_price: float, steel_share: float) -> float:
    """Return the price of bought materials, base year = 1: steel and other goods in fixed shares."""
    return steel_share * steel + (1.0 - steel_share) * producer_price


@rule
def common_progress(wage: float, producer_price: float, share: float) -> float:
    """Return labour productivity common to producers everywhere, base year = 1.

    Wages elsewhere have outrun product prices for decades while labour's share of value added stayed roughly steady
    (literature B2), so labour productivity must have risen with them; ``share`` of it is taken as common.
    """
    productivity: float = power(wage / producer_price, share)
    return productivity


@rule
def unit_cost(
    materials: float, material_cost: float, labour: float, relative_wage: float, productivity: float, treatment: float
) -> float:
    """Return variable cost in yuan per unit: materials, labour at its productivity, and waste-water treatment."""
    return materials * material_cost + labour * relative_wage / productivity + treatment


@rule
def materials_price(
    tier: int, local_share: float, saving: float, bought: float, services_price: float, goods_price: float
) -> float:
    """Return what a firm pays per unit of materials, base year = 1.

    Traders buy local goods, suppliers materials from elsewhere, makers both materials from elsewhere and local
    materials and services; ``saving`` is the share a firm saves on what comes from elsewhere.
    """
    if tier == TRADER:
        return goods_price
    if tier == SUPPLIER:
        return bought * (1.0 - saving)
    return (1.0 - local_share) * bought * (1.0 - saving) + local_share * services_price


@rule
def next_markup(
    markup: float, competitive: float, use: float, normal_use: float, response: float, speed: float
) -> float:
    """Return next month's markup.

    It moves towards the competitive level, raised or lowered by relative capacity use. A markup that only added up
    the pressure of use would drift without end.
    """
    target = competitive * (1.0 + response * (use / normal_use - 1.0))
    return markup + speed * (target - markup)


@rule
def price_of(cost: float, market_cost: float, markup: float, pass_through: float) -> float:
    """Return the price in yuan per unit: own cost passed through in part, the rest follows the local market's cost."""
    price: float = (1.0 + markup) * market_cost * power(cost / market_cost, pass_through)
    return price


@loop
def set_prices(
    rows: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    costs: TierCosts,
    progress: float,
    pricing: Pricing,
    production: Production,
    environment: Environment,
    park_fee: F8,
) -> None:
    """Set unit cost, markup and price of the given rows.

    Parameters
    ----------
    progress
        Labour productivity common to all, base year = 1.
    park_fee
        Shape (policies + 1,): treatment fee of each park in yuan a tonne; the last entry stands for no park.
    """
    for i in rows:
        tier, place = firms.tier[i], firms.place[i]
        if firms.park[i] >= 0:
            treatment = firms.emission[i] * park_fee[firms.park[i]]
        else:
            treatment = firms.emission[i] * environment.own_treatment_cost * (1.0 - environment.untreated_share)
        cost = unit_cost(
            costs.materials_share[place, tier],
            materials_price(
                tier,
                firms.local_share[i],
                firms.purchase_saving[i],
                places.bought_materials[place],
                places.services_price[place],
                places.goods_price[place],
            ),
            costs.labour_share[place, tier],
            places.wage[place] / places.wage_base[place],
            firms.productivity[i] * places.localisation[place] * progress,
            treatment,
        )
        firms.unit_cost[i] = cost
        firms.markup[i] = next_markup(
            firms.markup[i],
            costs.markup[place, tier],
            firms.use[i],
            production.normal_use,
            pricing.markup_use_response,
            pricing.markup_reversion,
        )
        market = places.market_cost[place, tier]
        firms.price[i] = price_of(cost, market, firms.markup[i], pricing.cost_pass_through)


@loop
def market_costs(rows: I8, firms: FirmColumns, places: PlaceColumns) -> None:
    """Update ``market_cost`` (places, 3): unit cost of each local market, weighted by full capacity of its firms."""
    shape = places.market_cost.shape
    weights, sums = np.zeros(shape), np.zeros(shape)
    for i in rows:
        weight = firms.weight[i] * firms.capital[i]
        weights[firms.place[i], firms.tier[i]] += weight
        sums[firms.place[i], firms.tier[i]] += weight * firms.unit_cost[i]
    for place in range(shape[0]):
        for tier in range(shape[1]):
            if weights[place, tier] > 0.0:
                places.market_cost[place, tier] = sums[place, tier] / weights[place, tier]


@loop
def service_prices(suppliers: I8, firms: FirmColumns, places: PlaceColumns) -> None:
    """Update ``services_price`` (places,): price of local suppliers weighted by capital; kept where none is left."""
    count = places.services_price.size
    weights, sums = np.zeros(count), np.zeros(count)
    for i in suppliers:
        weight = firms.weight[i] * firms.capital[i]
        weights[firms.place[i]] += weight
        sums[firms.place[i]] += weight * firms.price[i]
    for place in range(count):
        if weights[place] > 0.0:
            places.services_price[place] = sums[place] / weights[place]


@rule
def outside_price(material: float, labour_cost: float, materials: float, labour: float, markup: float) -> float:
    """Return the price of producers elsewhere, base year = 1.

    They have the same technology and pay world prices, and labour at ``labour_cost`` (wage over common progress).
    Their progress is what a cluster firm's quality and productivity are measured against (``technology_gap``), so it
    does not appear here a second time.
    """
    return (1.0 + markup) * (materials * material + labour * labour_cost)
