"""How buyers spread their budgets: among the suppliers they know, and between the cluster and producers elsewhere."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Demand, Production
from sim.rules.chance import Key, laplace, uniform
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.elementary import exp, power
from sim.rules.production import full_capacity, potentials
from sim.state.columns import (
    BEGIN,
    CHANNEL_FAIR_REPEAT,
    END,
    F8,
    I1,
    I8,
    MAKER,
    ORIGIN_FAIR,
    ORIGIN_SEARCH,
    PLACE,
    SUPPLIER,
    TRADER,
    BuyerColumns,
    FirmColumns,
    PlaceColumns,
)  # fmt: skip

DOMESTIC_BY_WEIGHT, FOREIGN_BY_WEIGHT, DOMESTIC_BY_PIECE, FOREIGN_BY_PIECE = range(4)
"""Kinds of buyers: the rows of a table of offers and the columns of a table of orders."""
BUYER_KINDS = 4
KINDS_BY_SIDE = ([DOMESTIC_BY_WEIGHT, DOMESTIC_BY_PIECE], [FOREIGN_BY_WEIGHT, FOREIGN_BY_PIECE])
"""Kinds of buyers at home and abroad."""
LEAST_ROOM = 0.05
"""Share of full capacity that makers have for local traders however busy they are; assumed."""


@rule
def attraction(
    price: float, quality: float, service: float, favour: float, elasticity: float, service_elasticity: float
) -> float:
    """Return the weight of an offer among known suppliers: (price / quality)^(1 - elasticity) service^s exp(favour).

    ``service`` is the share of orders its firm delivered, ``favour`` what the firm is worth to buyers beyond that, log.
    """
    weight: float = power(price / quality, 1.0 - elasticity) * power(service, service_elasticity) * exp(favour)
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
    """Return the kind of a buyer by its market side and whether it buys by the piece."""
    return foreign + 2 * by_piece


@rule
def taste_for_pieces(quality: float, demand: Demand) -> float:
    """Return how much more an offer is worth to buyers by the piece, who weigh quality ``1 + piece_quality`` times."""
    factor: float = power(quality, demand.piece_quality * (demand.elasticity_suppliers - 1.0))
    return factor


@loop
def write_offers(segments: I8, firms: FirmColumns, places: PlaceColumns, demand: Demand, base: F8, offers: F8) -> None:
    """Write what the offers of the firms of some segments are worth; rows without a firm offer nothing.

    Parameters
    ----------
    base
        Shape (table rows,): to local traders and makers.
    offers
        Shape (4, table rows): to each kind of buyer (``buyer_kind``). ``places.appeal`` (places, 2) is the standing of
        the place on each side of its market.
    """
    for s in range(segments.shape[0]):
        place, begin, end = segments[s, PLACE], segments[s, BEGIN], segments[s, END]
        alive, quality, service = firms.alive[begin:end], firms.quality[begin:end], firms.service[begin:end]
        favour, price, worth = firms.favour[begin:end], firms.price[begin:end], base[begin:end]
        piece = np.empty(end - begin)
        for k in range(worth.size):
            worth[k] = attraction(
                price[k], quality[k], service[k], favour[k], demand.elasticity_suppliers, demand.service_elasticity
            )
        for k in range(piece.size):
            piece[k] = taste_for_pieces(quality[k], demand)
        for k in range(worth.size):
            if alive[k] == 0:
                worth[k] = piece[k] = 0.0
        for side in range(2):
            appeal = places.appeal[place, side]
            by_weight, by_piece = offers[buyer_kind(side, 0), begin:end], offers[buyer_kind(side, 1), begin:end]
            for k in range(worth.size):
                by_weight[k] = worth[k] * appeal
                by_piece[k] = worth[k] * appeal * piece[k]


@rule
def sales_channel(origin: int, age: int, intention_months: float) -> int:
    """Return the sales channel of a link that an institution made; fairs have one more, for later orders.

    Orders of the first ``intention_months`` of a link are what was intended at the fair.
    """
    return CHANNEL_FAIR_REPEAT if origin == ORIGIN_FAIR and age >= intention_months else origin - 1


@loop
def buyer_orders(
    buyers: BuyerColumns,
    firms: FirmColumns,
    offers: F8,
    demand: Demand,
    intention_months: float,
    spending: F8,
    outside_price: F8,
    outside_ties: F8,
    ordered: F8,
    by_channel: F8,
    channelled: I1,
    spent_outside: F8,
) -> None:
    """Spread every buyer's spending of the month.

    Parameters
    ----------
    spending
        Shape (buyers,): yuan this month, for one of the buyers a row stands for.
    offers
        Shape (4, firm rows): from ``write_offer``.
    outside_price
        Shape (markets,): price of producers elsewhere, base year = 1.
    outside_ties
        Shape (markets,): producers elsewhere that buyers at home know, base year = 1; what is spent elsewhere goes with
        them.
    ordered
        Shape (4, firm rows): yuan ordered by each kind of buyer from all firms of a row, added to.
    by_channel
        Shape (firm rows, ``CHANNELS``): yuan of these ordered over links of each sales channel, added to.
    channelled
        Shape (firm rows,): set to 1 where there are any.
    spent_outside
        Shape (markets, 2): yuan of domestic and foreign buyers that went elsewhere, added to.
    """
    inner = demand.elasticity_suppliers - 1.0
    outer = demand.elasticity_outside - 1.0
    ratio = outer / inner
    weights = np.empty(buyers.supplier.shape[1])
    elsewhere = np.empty(outside_price.size)
    for market in range(outside_price.size):
        elsewhere[market] = power(outside_price[market], -outer)
    for b in range(buyers.slot.size):
        abroad, market = buyers.foreign[b], buyers.market[b]
        kind = buyer_kind(abroad, buyers.by_piece[b])
        inclusive = 0.0
        for j in range(buyers.links[b]):
            offer = offers[kind, buyers.supplier[b, j]]
            weights[j] = link_weight(offer, np.float64(buyers.link_match[b, j]), buyers.link_age[b, j], demand)
            inclusive += weights[j]
        outside = buyers.outside_weight[b] * elsewhere[market]
        if abroad == 0:
            outside *= outside_ties[market]
        share = cluster_share(inclusive, outside, ratio)
        budget = spending[b] * buyers.weight[b]
        spent_outside[market, abroad] += budget * (1.0 - share)
        if share <= 0.0:
            continue
        each = budget * share / inclusive
        for j in range(buyers.links[b]):
            row, origin, value = buyers.supplier[b, j], buyers.link_origin[b, j], each * weights[j]
            ordered[kind, row] += value
            if origin != ORIGIN_SEARCH:
                channelled[row] = 1
                by_channel[row, sales_channel(origin, buyers.link_age[b, j], intention_months)] += value


@loop
def yearly_noise(buyers: BuyerColumns, year_key: Key, demand: Demand, out: F8) -> None:
    """Write each buyer's own factor on its budget of a calendar year to ``out`` (buyers,), mean about 1."""
    slot = buyers.slot
    for b in range(out.size):
        out[b] = noise_factor(uniform(year_key, slot[b]), demand.budget_noise_year)


@loop
def month_spending(
    buyers: BuyerColumns, demand_index: F8, yearly: F8, month_key: Key, demand: Demand, season: float, out: F8
) -> None:
    """Write each buyer's spending of the month in yuan to ``out``: budget, world demand, season and its own draws.

    ``demand_index`` (markets, 2) is demand of domestic and foreign buyers, base year = 1; ``yearly`` (buyers,) is from
    ``yearly_noise``.
    """
    slot = buyers.slot
    for b in range(out.size):
        out[b] = noise_factor(uniform(month_key, slot[b]), demand.budget_noise_month)
    for b in range(out.size):
        out[b] *= buyers.budget[b] * demand_index[buyers.market[b], buyers.foreign[b]] * season * yearly[b]


@loop
def place_orders(segments: I8, firms: FirmColumns, ordered: F8) -> None:
    """Turn yuan ordered from a row (4, table rows) into units for each of its firms; remember the foreign share."""
    for s in range(segments.shape[0]):
        for i in range(segments[s, BEGIN], segments[s, END]):
            if firms.alive[i] == 0:
                continue
            foreign = ordered[FOREIGN_BY_WEIGHT, i] + ordered[FOREIGN_BY_PIECE, i]
            value = ordered[DOMESTIC_BY_WEIGHT, i] + ordered[DOMESTIC_BY_PIECE, i] + foreign
            firms.orders[i] = value / (firms.price[i] * firms.weight[i])
            firms.orders_foreign[i] = foreign / value if value > 0.0 else 0.0
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
    visibility_elasticity: float,
    weights: F8,
) -> None:
    """Let local traders buy what they deliver this month from makers with room.

    Traders' orders go to makers by spare capacity, which they see as buyers elsewhere do (``size_visibility``), and
    attraction, so small makers without buyers of their own work for the local market. Updates makers' ``orders`` and
    ``orders_local`` and the place's ``goods_price`` (the average price traders pay). ``makers`` and ``traders`` are
    segments; ``weights`` is room for a number of each table row.
    """
    count = places.goods_price.size
    wanted, weight_sum, unit_sum = np.zeros(count), np.zeros(count), np.zeros(count)
    for s in range(traders.shape[0]):
        place = traders[s, PLACE]
        for i in range(traders[s, BEGIN], traders[s, END]):
            if firms.alive[i] == 1:
                wanted[place] += firms.weight[i] * firms.delivered[i] * costs.materials_share[place, TRADER]
    for s in range(makers.shape[0]):
        place = makers[s, PLACE]
        ratio = costs.capital_output_ratio[place, MAKER]
        for i in range(makers[s, BEGIN], makers[s, END]):
            if firms.alive[i] == 0:
                continue
            full = full_capacity(firms.capital[i], ratio, production.normal_use)
            room = max(production.normal_use * full - firms.orders[i], LEAST_ROOM * full)
            weights[i] = power(room, visibility_elasticity) * attractions[i]
            weight_sum[place] += firms.weight[i] * weights[i] * firms.price[i]
            unit_sum[place] += firms.weight[i] * weights[i]
    for place in range(count):
        if unit_sum[place] > 0.0:
            places.goods_price[place] = weight_sum[place] / unit_sum[place]
    for s in range(makers.shape[0]):
        place = makers[s, PLACE]
        if unit_sum[place] <= 0.0:
            continue
        for i in range(makers[s, BEGIN], makers[s, END]):
            if firms.alive[i] == 0:
                continue
            units = wanted[place] * weights[i] / unit_sum[place]
            total = firms.orders[i] + units
            if total > 0.0:
                firms.orders_foreign[i] *= firms.orders[i] / total
                firms.orders_local[i] = units / total
            firms.orders[i] = total


@loop
def put_out(
    makers: I8, firms: FirmColumns, places: PlaceColumns, costs: TierCosts, production: Production, progress: float,
    room: F8,
) -> None:  # fmt: skip
    """Let makers pass on part of the orders they cannot take to makers of the place with room.

    Orders and backlog beyond what people and equipment can make are passed on at ``production.putting_out``, the
    backlog first, and go to others in proportion to what they can still make, so nobody gets more than that. Who takes
    an order sells the goods. ``makers`` are segments; ``room`` takes a number for each table row, ``progress`` is as
    for ``produce``.
    """
    count = places.goods_price.size
    over, free, abroad, local = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count)
    for s in range(makers.shape[0]):
        place, begin, end = makers[s, PLACE], makers[s, BEGIN], makers[s, END]
        ratio = costs.capital_output_ratio[place, MAKER]
        potentials(
            room[begin:end], firms.capital[begin:end], firms.workers[begin:end], firms.productivity[begin:end],
            places.localisation[place] * progress, costs.labour_share[place, MAKER] / places.wage_base[place], ratio,
            production.labour_elasticity,
        )  # fmt: skip
        for i in range(begin, end):
            can = min(room[i], full_capacity(firms.capital[i], ratio, production.normal_use))
            room[i] = firms.passed_on[i] = 0.0
            if firms.alive[i] == 0 or firms.closed[i] == 1:
                continue
            left = can - firms.orders[i] - firms.backlog[i]
            room[i] = left if left > 0.0 else production.putting_out * left
            if left > 0.0:
                free[place] += firms.weight[i] * left
            else:
                over[place] -= firms.weight[i] * room[i]
    passed, taken = np.zeros(count), np.zeros(count)
    for place in range(count):
        moved = min(over[place], free[place])
        if moved > 0.0:
            passed[place], taken[place] = moved / over[place], moved / free[place]
    for s in range(makers.shape[0]):
        place = makers[s, PLACE]
        for i in range(makers[s, BEGIN], makers[s, END]):
            if room[i] < 0.0 and passed[place] > 0.0:
                units = -room[i] * passed[place]
                abroad[place] += firms.weight[i] * units * firms.orders_foreign[i]
                local[place] += firms.weight[i] * units * firms.orders_local[i]
                late = min(units, firms.backlog[i])
                firms.backlog[i] -= late
                firms.passed_on[i] = min(units - late, firms.orders[i])
                firms.orders[i] -= firms.passed_on[i]
    for s in range(makers.shape[0]):
        place = makers[s, PLACE]
        if taken[place] <= 0.0:
            continue
        moved = taken[place] * free[place]
        for i in range(makers[s, BEGIN], makers[s, END]):
            if room[i] > 0.0:
                units = room[i] * taken[place]
                own = firms.orders[i] / (firms.orders[i] + units)
                firms.orders_foreign[i] = own * firms.orders_foreign[i] + (1.0 - own) * abroad[place] / moved
                firms.orders_local[i] = own * firms.orders_local[i] + (1.0 - own) * local[place] / moved
                firms.orders[i] += units


@loop
def local_services(
    makers: I8,
    suppliers: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    attractions: F8,
    costs: TierCosts,
    production: Production,
    visibility_elasticity: float,
) -> None:
    """Pass makers' needs for local materials and services on to the place's suppliers, by size seen and attraction.

    ``makers`` and ``suppliers`` are segments.
    """
    count = places.services_price.size
    wanted, unit_sum = np.zeros(count), np.zeros(count)
    for s in range(makers.shape[0]):
        place = makers[s, PLACE]
        for i in range(makers[s, BEGIN], makers[s, END]):
            if firms.alive[i] == 1:
                need = costs.materials_share[place, MAKER] * firms.local_share[i]
                wanted[place] += firms.weight[i] * firms.delivered[i] * need
    for s in range(suppliers.shape[0]):
        place = suppliers[s, PLACE]
        ratio = costs.capital_output_ratio[place, SUPPLIER]
        for i in range(suppliers[s, BEGIN], suppliers[s, END]):
            if firms.alive[i] == 1:
                # The weight of its offer stands where its orders will be.
                full = full_capacity(firms.capital[i], ratio, production.normal_use)
                firms.orders[i] = power(full, visibility_elasticity) * attractions[i]
                unit_sum[place] += firms.weight[i] * firms.orders[i]
    for s in range(suppliers.shape[0]):
        place = suppliers[s, PLACE]
        for i in range(suppliers[s, BEGIN], suppliers[s, END]):
            if firms.alive[i] == 1:
                weight = firms.orders[i]
                firms.orders[i] = wanted[place] * weight / unit_sum[place] if unit_sum[place] > 0.0 else 0.0
                firms.orders_foreign[i] = 0.0
                firms.orders_local[i] = 1.0
