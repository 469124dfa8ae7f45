"""Unit costs, markups and prices."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Environment, Pricing, Production
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.elementary import power
from sim.state.columns import BEGIN, END, F8, I8, MAKER, PLACE, SUPPLIER, TIER, TRADER, FirmColumns, PlaceColumns


@rule
def material_price(steel: float, producer_price: float, steel_share: float) -> float:
    """Return the price of bought materials, base year = 1: steel and other goods in fixed shares."""
    return steel_share * steel + (1.0 - steel_share) * producer_price


@rule
def common_progress(labour_productivity: float, share: float) -> float:
    """Return labour productivity common to producers everywhere, base year = 1.

    ``labour_productivity`` is the world's series, a trend of its own: neither this month's wage nor this month's price
    is in it. ``share`` of its growth in logs is that of producers everywhere, cluster firms included.
    """
    progress: float = power(labour_productivity, share)
    return progress


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
def outside_part(tier: int, local_share: float, saving: float) -> float:
    """Return the part of a firm's materials that comes from elsewhere, less what it saves on it."""
    if tier == TRADER:
        return 0.0
    return (1.0 - local_share if tier == MAKER else 1.0) * (1.0 - saving)


@rule
def priced_in(dearness: float, paid: float, producer: float, months: float) -> float:
    """Return how dear materials are in the prices of goods: it follows what is paid within about ``months``.

    ``dearness`` and what is returned are over the price of goods in general (``producer``), so that a general rise of
    prices passes through at once.
    """
    return dearness + (paid / producer - dearness) / months


@rule
def markup_on_cost(markup: float, fee_share: float, dearer_materials: float, cost: float) -> float:
    """Return the markup over the whole unit cost when part of the margin on materials is a fee by the tonne.

    ``dearer_materials`` is what materials of a unit cost beyond what other goods' prices would make them, in yuan; on
    the part ``fee_share`` of it nothing is earned: ``markup (cost - fee_share dearer) / cost``. So dear steel is no
    margin by itself, and a general rise of prices leaves the markup as it is.
    """
    return markup * (1.0 - fee_share * dearer_materials / cost)


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
    segments: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    costs: TierCosts,
    producer: float,
    progress: float,
    pricing: Pricing,
    production: Production,
    environment: Environment,
    park_fee: F8,
) -> None:
    """Set unit cost, markup and price of every firm, and the mean cost of each local market.

    Prices allow for the cost of materials of the last months (``places.priced_materials``), as those of producers
    elsewhere do; firms pay today's. The mean unit cost that is priced in at a place and tier (``places.market_cost``)
    and the price of its suppliers (``places.services_price``) are weighted by capital; they count from next month on,
    and stay where no firm is left.

    Parameters
    ----------
    producer
        Price of manufactured goods, base year = 1.
    progress
        Labour productivity common to all, base year = 1.
    park_fee
        Shape (policies + 1,): treatment fee of each park in yuan a tonne; the last entry stands for no park.
    """
    shape = places.market_cost.shape
    capital_sum, cost_sum, price_sum = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    own_treatment = environment.own_treatment_cost * (1.0 - environment.untreated_share)
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        market, competitive = places.market_cost[place, tier], costs.markup[place, tier]
        # People kept for busy months are paid all year, so prices allow for them.
        materials, labour = (
            costs.materials_share[place, tier],
            costs.labour_share[place, tier] * places.labour_load[place],
        )
        relative_wage = places.wage[place] / places.wage_base[place]
        bought, services, goods = (
            places.bought_materials[place], places.services_price[place], places.goods_price[place],
        )  # fmt: skip
        lag = materials * (places.priced_materials[place] - bought)
        usual = materials * (
            materials_price(tier, places.local_share[place], 0.0, places.priced_materials[place], services, goods)
            - producer
        )
        common = places.localisation[place] * progress
        begin, end = segments[s, BEGIN], segments[s, END]
        priced = np.empty(end - begin)
        park, emission = firms.park[begin:end], firms.emission[begin:end]
        local_share, saving = firms.local_share[begin:end], firms.purchase_saving[begin:end]
        productivity, use = firms.productivity[begin:end], firms.use[begin:end]
        cost, markup, price = firms.unit_cost[begin:end], firms.markup[begin:end], firms.price[begin:end]
        for k in range(cost.size):
            fee = park_fee[park[k]] if park[k] >= 0 else own_treatment
            cost[k] = unit_cost(
                materials,
                materials_price(tier, local_share[k], saving[k], bought, services, goods),
                labour,
                relative_wage,
                productivity[k] * common,
                emission[k] * fee,
            )  # fmt: skip
            markup[k] = next_markup(
                markup[k], competitive, use[k], production.normal_use, pricing.markup_use_response,
                pricing.markup_reversion,
            )  # fmt: skip
        for k in range(price.size):
            priced[k] = cost[k] + lag * outside_part(tier, local_share[k], saving[k])
        for k in range(price.size):
            charged = markup_on_cost(markup[k], pricing.fee_share, usual, market)
            price[k] = price_of(priced[k], market, charged, pricing.cost_pass_through)
        for i in range(begin, end):
            if firms.alive[i] == 1:
                weight = firms.weight[i] * firms.capital[i]
                capital_sum[place, tier] += weight
                cost_sum[place, tier] += weight * priced[i - begin]
                price_sum[place, tier] += weight * firms.price[i]
    for place in range(shape[0]):
        for tier in range(shape[1]):
            if capital_sum[place, tier] > 0.0:
                places.market_cost[place, tier] = cost_sum[place, tier] / capital_sum[place, tier]
        if capital_sum[place, SUPPLIER] > 0.0:
            places.services_price[place] = price_sum[place, SUPPLIER] / capital_sum[place, SUPPLIER]


@rule
def outside_price(
    material: float, producer: float, labour_cost: float, materials: float, labour: float, markup: float,
    fee_share: float,
) -> float:  # fmt: skip
    """Return the price of producers elsewhere, base year = 1.

    They have the same technology and way of pricing (``markup_on_cost``) and pay world prices: for materials the
    ``material`` price that is priced in by now, for labour ``labour_cost`` (wage over common progress); ``producer`` is
    the price of manufactured goods.
    Their progress is what a cluster firm's quality and productivity are measured against (``technology_gap``), so it
    does not appear here a second time.
    """
    cost = materials * material + labour * labour_cost
    return cost * (1.0 + markup_on_cost(markup, fee_share, materials * (material - producer), cost))
