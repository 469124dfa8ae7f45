"""How buyers spread their budgets: among the suppliers they know, and between the cluster and producers elsewhere."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Demand, Production
from sim.rules.chance import Key, laplace, uniform
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.elementary import exp, power
from sim.rules.production import full_capacity
from sim.state.columns import (
    CHANNEL_FAIR_REPEAT,
    F8,
    I8,
    ORIGIN_FAIR,
    ORIGIN_SEARCH,
    BuyerColumns,
    FirmColumns,
    PlaceColumns,
)


@rule
def attraction(price: float, quality: float, service: float, elasticity: float) -> float:
    """Return the weight of an offer among known suppliers: (price / quality)^(1 - elasticity), less for bad service."""
    weight: float = power(price / quality, 1.0 - elasticity) * service * service
    return weight


@rule
def spending_index(demand: float, product_price: float, other_prices: float, elasticity: float) -> float:
    """Return what buyers spend on the product, base year = 1.

    ``demand`` is nominal demand for goods in general. Buyers need the product in proportion to real activity, so
    what they spend follows its price: (product over other prices)^(1 - elasticity).
    """
    index: float = demand * power(product_price / other_prices, 1.0 - elasticity)
    return index


@rule
def cluster_share(inclusive: float, outside: float, ratio: float) -> float:
    """Return the share of a budget spent in the cluster.

    Two nests of constant elasticity. ``inclusive`` is the sum of attractions of the known suppliers, so that their
    price index is inclusive^(1/(1 - inner)); ``ratio`` = (outer - 1)/(inner - 1) turns it into the weight of the
    cluster against ``outside``, the weight of producers elsewhere at their price.
    """
    if inclusive <= 0.0:
        return 0.0
    inside: float = power(inclusive, ratio)
    return inside / (inside + outside)


@rule
def noise_factor(u: float, spread: float) -> float:
    """Return a positive factor with mean 1 and log spread ``spread`` (Laplace, so that exp has mean 1/(1 - s^2/2))."""
    return exp(spread * laplace(u)) * (1.0 - 0.5 * spread * spread)


@rule
def link_weight(attraction_of_firm: float, match: float, age: int, demand: Demand) -> float:
    """Return the weight of one link: the firm's attraction, the fit of the pair, and less while it is on trial."""
    trial = demand.trial_weight if age < demand.trial_months else 1.0
    return attraction_of_firm * match * trial


@rule
def buyer_kind(foreign: int, by_piece: int) -> int:
    """Return the row of the table of offers that a buyer reads: its market side, and whether it buys by the piece."""
    return foreign + 2 * by_piece


@loop
def firm_attractions(rows: I8, firms: FirmColumns, places: PlaceColumns, demand: Demand, base: F8, offers: F8) -> None:
    """Write what each row's offer is worth.

    Parameters
    ----------
    base
        Shape (table rows,): to local traders and makers.
    offers
        Shape (4, table rows): to each kind of buyer (``buyer_kind``). Buyers by the piece weigh quality
        ``1 + piece_quality`` times; ``places.appeal`` (places, 2) is the standing of the place on each side of its
        market.
    """
    elasticity = demand.elasticity_suppliers
    for i in rows:
        base[i] = attraction(firms.price[i], firms.quality[i], firms.service[i], elasticity)
        piece = power(firms.quality[i], demand.piece_quality * (elasticity - 1.0))
        place = firms.place[i]
        for side in range(2):
            offers[buyer_kind(side, 0), i] = base[i] * places.appeal[place, side]
            offers[buyer_kind(side, 1), i] = base[i] * places.appeal[place, side] * piece


@rule
def sales_channel(origin: int, on_trial: bool) -> int:
    """Return the sales channel of a link that an institution made; fairs have one more for links past their trial."""
    return CHANNEL_FAIR_REPEAT if origin == ORIGIN_FAIR and not on_trial else origin - 1


@loop
def buyer_orders(
    buyers: BuyerColumns,
    firms: FirmColumns,
    offers: F8,
    demand: Demand,
    spending: F8,
    outside_price: F8,
    domestic: F8,
    foreign: F8,
    spent_outside: F8,
) -> None:
    """Spread every buyer's spending of the month.

    Parameters
    ----------
    spending
        Shape (buyers,): yuan this month, for one of the buyers a row stands for.
    offers
        Shape (4, firm rows): from ``firm_attractions``.
    outside_price
        Shape (markets,): price of producers elsewhere, base year = 1.
    domestic, foreign
        Shape (firm rows,): yuan ordered from all firms of a row, added to.
    spent_outside
        Shape (markets, 2): yuan of domestic and foreign buyers that went elsewhere, added to.
    """
    inner = demand.elasticity_suppliers - 1.0
    outer = demand.elasticity_outside - 1.0
    ratio = outer / inner
    slots = buyers.supplier.shape[1]
    weights = np.empty(slots)
    elsewhere = np.empty(outside_price.size)
    for market in range(outside_price.size):
        elsewhere[market] = power(outside_price[market], -outer)
    for b in range(buyers.slot.size):
        abroad, market = buyers.foreign[b], buyers.market[b]
        kind = buyer_kind(abroad, buyers.by_piece[b])
        inclusive = 0.0
        for j in range(slots):
            weights[j] = 0.0
            row = buyers.supplier[b, j]
            if row >= 0:
                weights[j] = link_weight(offers[kind, row], buyers.link_match[b, j], buyers.link_age[b, j], demand)
                inclusive += weights[j]
        outside = buyers.outside_weight[b] * elsewhere[market]
        share = cluster_share(inclusive, outside, ratio)
        budget = spending[b] * buyers.weight[b]
        spent_outside[market, abroad] += budget * (1.0 - share)
        if share <= 0.0:
            continue
        for j in range(slots):
            if weights[j] <= 0.0:
                continue
            row = buyers.supplier[b, j]
            value = budget * share * weights[j] / inclusive
            if abroad == 1:
                foreign[row] += value
            else:
                domestic[row] += value
            origin = buyers.link_origin[b, j]
            if origin != ORIGIN_SEARCH:
                channel = sales_channel(origin, buyers.link_age[b, j] < demand.trial_months)
                firms.orders_by_channel[row, channel] += value / firms.weight[row]
            if buyers.by_piece[b] == 1:
                firms.orders_piece[row] += value / firms.weight[row]
                if abroad == 1:
                    firms.orders_piece_abroad[row] += value / firms.weight[row]


@loop
def yearly_noise(buyers: BuyerColumns, year_key: Key, demand: Demand, out: F8) -> None:
    """Write each buyer's own factor on its budget of a calendar year to ``out`` (buyers,), mean about 1."""
    for b in range(buyers.slot.size):
        out[b] = noise_factor(uniform(year_key, buyers.slot[b]), demand.budget_noise_year)


@loop
def month_spending(
    buyers: BuyerColumns, demand_index: F8, yearly: F8, month_key: Key, demand: Demand, season: float, out: F8
) -> None:
    """Write each buyer's spending of the month in yuan to ``out``: budget, world demand, season and its own draws.

    ``demand_index`` (markets, 2) is demand of domestic and foreign buyers, base year = 1; ``yearly`` (buyers,) is from
    ``yearly_noise``.
    """
    for b in range(buyers.slot.size):
        index = demand_index[buyers.market[b], buyers.foreign[b]]
        month = noise_factor(uniform(month_key, buyers.slot[b]), demand.budget_noise_month)
        out[b] = buyers.budget[b] * index * season * yearly[b] * month


@loop
def place_orders(rows: I8, firms: FirmColumns, domestic: F8, foreign: F8) -> None:
    """Turn yuan ordered from a row into units for each of its firms and remember the foreign share."""
    for i in rows:
        value = domestic[i] + foreign[i]
        firms.orders[i] = value / (firms.price[i] * firms.weight[i])
        firms.orders_foreign[i] = foreign[i] / value if value > 0.0 else 0.0
        firms.orders_local[i] = 0.0


@loop
def local_goods(
    makers: I8,
    traders: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    attractions: F8,
    costs: TierCosts,
    production: Production,
) -> None:
    """Let local traders buy what they deliver this month from makers with room.

    Traders' orders go to makers in proportion to spare capacity and attraction, so small makers without buyers of
    their own work for the local market. Updates makers' ``orders`` and ``orders_local`` and the place's
    ``goods_price`` (the average price traders pay).
    """
    count = places.goods_price.size
    wanted, weight_sum, unit_sum = np.zeros(count), np.zeros(count), np.zeros(count)
    for i in traders:
        wanted[firms.place[i]] += (
            firms.weight[i] * firms.delivered[i] * costs.materials_share[firms.place[i], firms.tier[i]]
        )
    weights = np.zeros(makers.size)
    for k in range(makers.size):
        i = makers[k]
        full = full_capacity(firms.capital[i], costs.capital_output_ratio[firms.place[i], 0], production.normal_use)
        room = max(production.normal_use * full - firms.orders[i], 0.05 * full)
        weights[k] = room * attractions[i]
        weight_sum[firms.place[i]] += firms.weight[i] * weights[k] * firms.price[i]
        unit_sum[firms.place[i]] += firms.weight[i] * weights[k]
    for place in range(count):
        if unit_sum[place] > 0.0:
            places.goods_price[place] = weight_sum[place] / unit_sum[place]
    for k in range(makers.size):
        i = makers[k]
        place = firms.place[i]
        if unit_sum[place] <= 0.0:
            continue
        units = wanted[place] * weights[k] / unit_sum[place]
        total = firms.orders[i] + units
        if total > 0.0:
            firms.orders_foreign[i] *= firms.orders[i] / total
            firms.orders_local[i] = units / total
        firms.orders[i] = total


@loop
def local_services(
    makers: I8,
    suppliers: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    attractions: F8,
    costs: TierCosts,
    production: Production,
) -> None:
    """Pass makers' needs for local materials and services on to the place's suppliers, by room and attraction."""
    count = places.services_price.size
    wanted, unit_sum = np.zeros(count), np.zeros(count)
    for i in makers:
        need = costs.materials_share[firms.place[i], 0] * firms.local_share[i]
        wanted[firms.place[i]] += firms.weight[i] * firms.delivered[i] * need
    weights = np.zeros(suppliers.size)
    for k in range(suppliers.size):
        i = suppliers[k]
        full = full_capacity(firms.capital[i], costs.capital_output_ratio[firms.place[i], 1], production.normal_use)
        weights[k] = full * attractions[i]
        unit_sum[firms.place[i]] += firms.weight[i] * weights[k]
    for k in range(suppliers.size):
        i = suppliers[k]
        place = firms.place[i]
        firms.orders[i] = wanted[place] * weights[k] / unit_sum[place] if unit_sum[place] > 0.0 else 0.0
        firms.orders_foreign[i] = 0.0
        firms.orders_local[i] = 1.0
