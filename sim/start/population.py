"""The population a run starts from: firms, buyers and markets that together meet the place's figures.

Step (1) and (2) of the starting state in the model description: sizes from the tail law so that counts and totals
hold, capital and workers from size, buyers' budgets from market shares. ``sim.start.base_year`` does the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.observables import ABOVE_SCALE_YUAN
from sim.rules import chance, sizes
from sim.rules.chance import uniforms
from sim.rules.costs import TierCosts, revenue_over_output
from sim.rules.elementary import exps, logs, normal_quantiles, powers
from sim.rules.investment import credit_rooms
from sim.rules.turnover import SMALLEST_SIZE
from sim.state.columns import (
    END,
    F8,
    HONOUR_LEAD,
    I8,
    MAKER,
    SUPPLIER,
    TIERS,
    TRADER,
    BuyerColumns,
    FirmColumns,
    PlaceColumns,
    new_buyers,
    new_firms,
    new_places,
)  # fmt: skip
from sim.state.parts import parts_of, sums_of_parts
from sim.state.state import CANDIDATE_START, Surroundings, first_slots, number_of, segments_of

if TYPE_CHECKING:
    from sim.parameters.groups import Parameters
    from sim.scenario.resolved import Place
LEADS_OUTLIVE = 0.9
"""Share of firms that lead firms of the start are older than; assumed."""


class StartLevels:
    """Yuan levels of a place at the first month, from the figures of its own base year and the world since.

    Parameters
    ----------
    place
        With realised numbers in ``place.start``.
    now, base
        The world at the first month, and on average over the place's base year.
    parameters
        Those of the place's industry.
    """

    def __init__(self, place: Place, now: Surroundings, base: Surroundings, parameters: Parameters) -> None:
        start = place.start
        self.parameters = parameters
        demand = now.demand / base.demand
        output = start.output_value
        if output is None:
            output = start.operating_revenue / revenue_over_output(parameters)
        self.exports = start.exports * demand[1]
        self.output = (output - start.exports) * demand[0] + self.exports
        self.wage_base = start.wage / base.wage
        self.wage = self.wage_base * now.wage
        self.progress = now.progress
        self.price_level = now.price_level
        self.real_output = self.output / now.price_level
        self.counts_all_tiers = start.output_value is None
        self.headline = self.output * (revenue_over_output(parameters) if self.counts_all_tiers else 1.0)
        self.national_share = start.national_market_share
        national = output / start.national_market_share
        world = output / start.global_market_share
        # Producers elsewhere at home sell what the cluster does not; the rest of the world buys what is left.
        self.domestic_market = (national - start.exports) * demand[0]
        self.foreign_market = (world - national + start.exports) * demand[1]
        self.domestic_sales = self.output - self.exports
        self.destinations = start.export_destinations
        # Exports of the base year, grown as spending at home and as spending abroad.
        self.sold_abroad = start.exports * demand


def lead_firms_of(place: Place) -> int:
    """Return how many lead firms a place has; a lead firm makes something."""
    return round(place.start.lead_firms) if place.start.lead_share > 0.0 else 0


def tier_revenues(
    levels: StartLevels, place: Place, costs: TierCosts, seed: int, position: int
) -> list[tuple[F8, float]]:
    """Return yearly real revenue of every firm by tier, rising, and the revenue from which firms stay one by one."""
    parameters = levels.parameters
    start, settings = place.start, parameters.start
    counts = [round(start.businesses * share) for share in (start.maker_share, start.supplier_share)]
    counts.append(round(start.businesses) - sum(counts))
    own = number_of(place.id)
    makers = sizes.maker_revenues(
        chance.month_key(seed, "start.size.body", own),
        chance.month_key(seed, "start.size.tail", own),
        counts[MAKER],
        round(start.above_scale_firms),
        levels.real_output,
        ABOVE_SCALE_YUAN / levels.price_level,
        start.size_tail_index,
        settings,
        (leads := lead_firms_of(place)),
        start.lead_share,
    )
    # Lead firms are simulated one by one, however small they are.
    least_lead = 0.999 * levels.price_level * float(makers[-leads]) if leads else np.inf
    materials = costs.materials_share[position]
    services = levels.real_output * materials[MAKER] * parameters.production.local_input_share
    trade = levels.real_output * parameters.demand.trader_share / materials[TRADER]
    result = [(makers, min(settings.own_scale_revenue, least_lead))]
    for tier, total in ((SUPPLIER, services), (TRADER, trade)):
        if counts[tier] == 0:
            result.append((np.empty(0), settings.own_scale_revenue))
            continue
        key = chance.month_key(seed, f"start.size.{TIERS[tier]}", own)
        body = sizes.lognormal(sizes.stratified(key, counts[tier]), settings.service_dispersion)
        result.append((body * total / body.sum(), 4.0 * settings.own_scale_revenue))
    return result


def start_firms(
    levels: list[StartLevels], places: list[Place], costs: TierCosts, seed: int, group_size: int
) -> tuple[FirmColumns, I8]:
    """Return the firms of all places and the segments in which they stand (``sim.state.columns``)."""
    groups = []
    for position, place in enumerate(places):
        revenues = tier_revenues(levels[position], place, costs, seed, position)
        size = sizes.group_size_of(place.start.businesses, group_size)
        groups += [sizes.grouped(values, limit / levels[position].price_level, size) for values, limit in revenues]
    segments = segments_of(np.array([weights.size for _, weights in groups], dtype=np.int64).reshape(-1, 3))
    firms = new_firms(int(segments[-1, END]))
    used = first_slots([place.id for place in places])
    of_makers: float | None = None
    for (place, tier, begin, end), (means, weights) in zip(segments.tolist(), groups, strict=True):
        firms.place[begin:end], firms.tier[begin:end] = place, tier
        if tier == MAKER:
            of_makers = None
        if means.size == 0:
            continue
        rows = slice(begin, begin + means.size)
        firms.slot[rows] = used[place] + np.arange(means.size)
        firms.weight[rows] = weights
        if tier == MAKER:
            firms.honours[rows.stop - lead_firms_of(places[place]) : rows.stop] |= HONOUR_LEAD
        _equip(firms, rows, means, levels[place], costs, tier, seed)
        usual = float((logs(means) * weights).sum() / weights.sum())
        of_makers = usual if tier == MAKER else of_makers
        against = of_makers if tier == TRADER and of_makers is not None else usual
        _endear(firms, rows, means, against, costs, levels[place].parameters, seed)
        used[place] += means.size
    return firms, segments


def _equip(
    firms: FirmColumns, rows: slice, revenue: F8, levels: StartLevels, costs: TierCosts, tier: int, seed: int
) -> None:  # fmt: skip
    """Give firms of ``revenue`` real yuan a year their capital, workers, technique, cash and age.

    The productivity of a lead firm lies where its smaller shocks leave it, whatever its size: so it rests. Lead firms
    are old, as they do not close for age.
    """
    slots, parameters, place = firms.slot[rows], levels.parameters, int(firms.place[rows][0])
    names = ("productivity", "gap", "aware")
    draw = {name: uniforms(chance.month_key(seed, f"start.{name}"), slots) for name in names}
    technology, start = parameters.technology, parameters.start
    firms.alive[rows], firms.park[rows] = 1, -1
    firms.capital[rows] = costs.capital_output_ratio[place, tier] * revenue
    firms.local_share[rows] = parameters.production.local_input_share if tier == MAKER else 0.0
    firms.technology_gap[rows] = parameters.technology.widest_gap * draw["gap"] if tier == MAKER else 0.0
    firms.quality[rows] = exps(-technology.rung_quality * firms.technology_gap[rows])
    # Rows stand in rising order of size, so their rank gives the normal score that productivity goes along with.
    rank = (np.cumsum(firms.weight[rows]) - 0.5 * firms.weight[rows]) / firms.weight[rows].sum()
    tie = start.size_productivity
    score = tie * normal_quantiles(rank) + np.sqrt(1.0 - tie * tie) * normal_quantiles(draw["productivity"])
    lead = firms.honours[rows] & HONOUR_LEAD != 0
    score[lead] = technology.lead_shock * normal_quantiles(draw["productivity"][lead])
    spread = exps(technology.productivity_dispersion * score)
    weights = firms.weight[rows] * revenue
    # Workers follow 1/productivity; the mean is set so that wages take their share of the tier's revenue.
    firms.productivity[rows] = spread * (weights / spread).sum() / weights.sum()
    per_unit = costs.labour_share[place, tier] / (levels.wage_base * levels.progress)
    firms.workers[rows] = per_unit * revenue / firms.productivity[rows]
    firms.wanted_workers[rows] = firms.workers[rows]
    firms.expected_orders[rows] = revenue / 12.0
    firms.orders[rows] = revenue / 12.0
    firms.markup[rows] = costs.markup[place, tier]
    firms.unit_cost[rows] = levels.price_level / (1.0 + costs.markup[place, tier])
    firms.price[rows] = levels.price_level
    firms.use[rows] = parameters.production.normal_use
    firms.service[rows] = 1.0
    nominal = revenue * levels.price_level
    firms.cash[rows] = start.cash_months * nominal / 12.0
    # Loans are in proportion to what banks lend a firm of its size on its equipment.
    lent = credit_rooms(np.arange(firms.slot.size)[rows], firms, 1.0, parameters.investment)
    firms.loan[rows] = start.leverage / parameters.investment.collateral_share * lent
    firms.revenue_ring[rows] = nominal[:, None] / 12.0
    firms.revenue_year[rows] = 12.0 * firms.revenue_ring[rows, 0].astype(np.float64)
    margin = 1.0 - (1.0 / (1.0 + costs.markup[place, tier])) - costs.overhead_share[place, tier] - 0.05
    firms.profit_ring[rows] = margin * nominal[:, None] / 12.0
    firms.profit_year[rows] = 12.0 * firms.profit_ring[rows, 0].astype(np.float64)
    outlived = np.where(lead, LEADS_OUTLIVE, 0.0)
    firms.age[rows] = sizes.stationary_ages(chance.month_key(seed, "start.age"), slots, parameters.turnover, outlived)
    firms.aware[rows] = draw["aware"] < start.awareness
    if tier == MAKER:
        firms.emission[rows] = discharge_of(slots, np.zeros(slots.size, dtype=np.int64), [parameters], seed)


def _endear(
    firms: FirmColumns, rows: slice, revenue: F8, usual: float, costs: TierCosts, parameters: Parameters, seed: int
) -> None:  # fmt: skip
    """Give firms of the start their lasting favour with buyers, and what it is now.

    Orders grow with favour ``f``, with what price and quality are worth to buyers ``w`` and with the size ``s`` they
    see, ``log s = f + w + e log s`` where sizes rest (``e`` is the elasticity of being found to capacity): so a firm
    ``s`` times the usual size has ``f = (1 - e) log s - w``. Of the first ``size_share`` lasts; of smaller firms ``w``,
    which passes, is taken off as far as it goes along with size (its regression on log s), or they would sell less and
    less. Larger ones, which nearly fill the places their buyers have, need it to stay as large. ``usual`` is the mean
    of log revenue of makers, with whom traders compete for buyers, or of suppliers. What favour is now lies around
    that as the jumps of the past have left it: with their variance over twice the speed at which favour falls back.
    """
    favour, weight = parameters.favour, firms.weight[rows]
    place, tier = int(firms.place[rows][0]), int(firms.tier[rows][0])
    size = logs(revenue) - usual
    materials, labour = costs.materials_share[place, tier], costs.labour_share[place, tier]
    price = parameters.pricing.cost_pass_through * logs(materials + labour / firms.productivity[rows])
    worth = (parameters.demand.elasticity_suppliers - 1.0) * (logs(firms.quality[rows]) - price)
    apart = weight * (size - (weight * size).sum() / weight.sum())
    spread_of_size = (apart * size).sum()
    along = (apart * worth).sum() / spread_of_size if spread_of_size > 0.0 else 0.0
    lasting = favour.size_share * (1.0 - parameters.links.visibility_elasticity)
    firms.talent[rows] = np.where(size < 0.0, max(lasting - along, 0.0), lasting) * size
    relative = np.maximum(revenue * weight.sum() / (revenue * weight).sum(), SMALLEST_SIZE)
    spread = favour.shock * powers(relative, -favour.shock_size_elasticity)
    spread[firms.honours[rows] & HONOUR_LEAD != 0] *= parameters.technology.lead_shock
    spread *= math.sqrt(favour.jumps_a_year / (2.0 * favour.reversion))
    past = uniforms(chance.month_key(seed, "start.favour"), firms.slot[rows])
    firms.luck[rows] = spread * normal_quantiles(past)
    firms.favour[rows] = firms.talent[rows] + firms.luck[rows]


def discharge_of(slots: I8, places: NDArray[np.integer], industries: Sequence[Parameters], seed: int) -> F8:
    """Return tonnes of waste water per yuan of output of makers: a minority of them discharges (pickling, plating).

    ``slots`` and ``places`` (same shape) are the makers' slots and their places' positions in ``industries``.
    """
    sites = np.array([each.start.emission_sites for each in industries])[places]
    mean = np.array([each.environment.discharge for each in industries])[places]
    site, level = (uniforms(chance.month_key(seed, f"start.{name}"), slots) for name in ("site", "emission"))
    spread = industries[0].environment.discharge_dispersion
    amount = exps(spread * normal_quantiles(level) - 0.5 * spread * spread)
    amount *= np.divide(mean, sites, out=np.zeros_like(mean), where=sites > 0.0)
    return np.where(site < sites, amount, 0.0)


def start_places(places: list[Place], firms: FirmColumns, levels: list[StartLevels]) -> PlaceColumns:
    """Return the markets of every place at the start."""
    table = new_places(len(places))
    for position, level in enumerate(levels):
        table.wage[position], table.wage_base[position] = level.wage, level.wage_base
        table.goods_price[position] = table.services_price[position] = level.price_level
        table.market_cost[position] = level.price_level
        table.local_share[position] = level.parameters.production.local_input_share
    rows = np.flatnonzero(firms.alive)  # by place and tier
    capital, parts = firms.capital[rows], parts_of(3 * firms.place[rows].astype(np.int64) + firms.tier[rows])
    means = sums_of_parts(firms.unit_cost[rows] * capital, parts) / sums_of_parts(capital, parts)
    table.market_cost[firms.place[rows[parts]], firms.tier[rows[parts]]] = means
    table.localisation[:] = 1.0
    table.size_hazard[:] = table.labour_load[:] = 1.0
    table.appeal[:] = 1.0
    return table


def start_buyers(
    levels: list[StartLevels], places: list[Place], markets: Sequence[Sequence[int]], seed: int, group_size: int
) -> BuyerColumns:
    """Return the buyers of every market, without links.

    ``markets`` lists the positions of the places of each market; their buyers add up. Budgets follow a Pareto law and
    add up to each market. Where firms are grouped, the smaller buyers at home are (``sim.rules.sizes.grouped_buyers``):
    a row is at most as many as the firms that a row of any place of the market stands for. Buyers abroad stay one by
    one: few of them deal with the cluster, and the countries reached and the firms that export are counts of them.
    """
    parts = []
    industries = [places[members[0]].industry for members in markets]
    for number, members in enumerate(markets):
        first = members[0]
        settings = levels[first].parameters
        for foreign, total in enumerate(market_totals([levels[position] for position in members])):
            name = "foreign_buyers" if foreign else "domestic_buyers"
            buyers_here = round(math.fsum(getattr(places[position].start, name) for position in members))
            key = chance.month_key(seed, "start.budget", number_of(industries[number]), foreign)
            budgets = sizes.truncated_pareto(
                sizes.stratified(key, buyers_here), 1.0, settings.start.budget_range, settings.demand.budget_tail_index
            )
            if budgets.size:
                budgets *= total / 12.0 / budgets.sum()
            alike = [sizes.group_size_of(places[position].start.businesses, group_size) for position in members]
            parts.append((number, members, foreign, *sizes.grouped_buyers(budgets, 1 if foreign else min(alike))))
    slots = int(levels[0].parameters.demand.slots_per_buyer)
    buyers = new_buyers(sum(part[3].size for part in parts), slots)
    row, blocks = 0, first_slots(industries) + 2 * CANDIDATE_START
    for number, members, foreign, heads, budgets, weights in parts:
        rows = slice(row, row + budgets.size)
        buyers.slot[rows] = blocks[number] + foreign * CANDIDATE_START + heads
        buyers.weight[rows], buyers.budget[rows] = weights, budgets
        buyers.foreign[rows], buyers.market[rows] = foreign, number
        buyers.success[rows] = 0.5
        by_piece = _piece_share([levels[position] for position in members], [places[p] for p in members], foreign)
        taste = uniforms(chance.month_key(seed, "start.piece"), buyers.slot[rows])
        buyers.by_piece[rows] = taste < by_piece
        if foreign:
            countries = round(1.5 * max(places[position].start.export_destinations for position in members))
            rank = countries * powers(uniforms(chance.month_key(seed, "start.country"), buyers.slot[rows]), 1.5)
            buyers.country[rows] = 1 + np.floor(rank).astype(np.int16)
        row += budgets.size
    return buyers


def market_totals(levels: Sequence[StartLevels]) -> tuple[float, float]:
    """Return yearly spending of domestic and foreign buyers of a market, yuan.

    Each place's reported share implies a size of all its industry's market; they are averaged with the shares as
    weights, so that the outputs of places that share a market and their shares of it agree. Buyers at home buy what is
    made at home and not exported by any of the places, buyers abroad the rest.
    """
    if len(levels) == 1:
        return float(levels[0].domestic_market), float(levels[0].foreign_market)
    shares = np.array([level.national_share for level in levels])
    exported = np.array([level.sold_abroad for level in levels])
    at_home = np.array([level.domestic_market for level in levels]) + exported[:, 0]
    elsewhere = np.array([level.foreign_market for level in levels]) - exported[:, 1]
    domestic, foreign = (float((shares * sizes).sum() / shares.sum()) for sizes in (at_home, elsewhere))
    return domestic - float(exported[:, 0].sum()), foreign + float(exported[:, 1].sum())


def _piece_share(levels: Sequence[StartLevels], places: Sequence[Place], foreign: int) -> float:
    """Return the share of a market's buyers on one side that buy by the piece: the places' mean by output."""
    name = "piece_share_abroad" if foreign else "piece_share"
    output = np.array([level.output for level in levels])
    return float((output * [getattr(place.start, name) for place in places]).sum() / output.sum())
