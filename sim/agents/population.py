"""The population a run starts from: firms, buyers and markets that together meet the place's figures.

Step (1) and (2) of the starting state in the model description: sizes from the tail law so that counts and totals
hold, capital and workers from size, buyers' budgets from market shares. ``sim.phases.settling`` does the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from sim.agents import sizes
from sim.columns import (
    F8,
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
from sim.rules import chance
from sim.rules.chance import uniforms
from sim.rules.costs import TierCosts

if TYPE_CHECKING:
    from sim.parameters.groups import Parameters
    from sim.scenario.resolved import Place

SLOT_BLOCK = 1 << 40
"""Slots of different places never meet: a place's firms are numbered from its position times this block."""
CANDIDATE_START = 1 << 32
"""Candidate slots are numbered from here within a place's block, buyers of the start from twice this."""


class StartLevels:
    """Yuan levels of a place at the first month, from its base-year figures and the world since.

    Parameters
    ----------
    place
        With realised numbers in ``place.start``.
    demand
        Shape (2,): domestic and foreign demand at the start over the base year.
    price_level, wage, progress
        Price of goods, wage and common labour productivity at the start over the base year.
    """

    def __init__(self, place: Place, demand: F8, price_level: float, wage: float, progress: float) -> None:
        start = place.start
        self.exports = start.exports * demand[1]
        self.output = (start.output_value - start.exports) * demand[0] + self.exports
        self.wage_base = start.wage
        self.wage = start.wage * wage
        self.progress = progress
        self.price_level = price_level
        self.real_output = self.output / price_level
        national = start.output_value / start.national_market_share
        world = start.output_value / start.global_market_share
        # Producers elsewhere at home sell what the cluster does not; the rest of the world buys what is left.
        self.domestic_market = (national - start.exports) * demand[0]
        self.foreign_market = (world - national + start.exports) * demand[1]
        self.domestic_sales = self.output - self.exports


def tier_revenues(
    levels: StartLevels, place: Place, parameters: Parameters, costs: TierCosts, seed: int, position: int
) -> list[tuple[F8, float]]:
    """Return yearly real revenue of every firm by tier, rising, and the revenue from which firms stay one by one."""
    start, settings = place.start, parameters.start
    counts = [round(start.businesses * share) for share in (start.maker_share, start.supplier_share)]
    counts.append(round(start.businesses) - sum(counts))
    makers = sizes.maker_revenues(
        chance.month_key(seed, "start.size.body", position),
        chance.month_key(seed, "start.size.tail", position),
        counts[MAKER],
        round(start.above_scale_firms),
        levels.real_output,
        20e6 / levels.price_level,
        start.size_tail_index,
        settings,
    )
    services = levels.real_output * costs.materials_share[MAKER] * parameters.production.local_input_share
    trade = levels.real_output * parameters.demand.trader_share / costs.materials_share[TRADER]
    result = [(makers, settings.own_scale_revenue)]
    for tier, total in ((SUPPLIER, services), (TRADER, trade)):
        key = chance.month_key(seed, f"start.size.{TIERS[tier]}", position)
        body = sizes.lognormal(sizes.stratified(key, counts[tier]), settings.service_dispersion)
        result.append((body * total / body.sum(), 4.0 * settings.own_scale_revenue))
    return result


def start_firms(
    levels: list[StartLevels], places: list[Place], parameters: Parameters, costs: TierCosts, seed: int, group_size: int
) -> tuple[FirmColumns, int]:
    """Return the firms of all places and the number of rows in use (the table has room for entrants)."""
    parts = []
    for position, place in enumerate(places):
        revenues = tier_revenues(levels[position], place, parameters, costs, seed, position)
        for tier, (values, threshold) in enumerate(revenues):
            means, weights = sizes.grouped(values, threshold / levels[position].price_level, group_size)
            parts.append((position, tier, means, weights))
    count = sum(part[2].size for part in parts)
    firms = new_firms(int(1.4 * count) + 512)
    row = 0
    used = [0] * len(places)
    for position, tier, means, weights in parts:
        rows = slice(row, row + means.size)
        firms.county[rows], firms.tier[rows] = position, tier
        firms.slot[rows] = position * SLOT_BLOCK + used[position] + np.arange(means.size)
        firms.weight[rows] = weights
        _equip(firms, rows, means, levels[position], parameters, costs, tier, seed)
        used[position] += means.size
        row += means.size
    firms.park[count:] = -1
    return firms, count


def _equip(
    firms: FirmColumns, rows: slice, revenue: F8, levels: StartLevels, parameters: Parameters, costs: TierCosts,
    tier: int, seed: int,
) -> None:  # fmt: skip
    """Give firms of ``revenue`` real yuan a year their capital, workers, technique, cash and age."""
    slots = firms.slot[rows]
    draw = {name: uniforms(chance.month_key(seed, f"start.{name}"), slots) for name in ("productivity", "gap", "aware")}
    technology, start = parameters.technology, parameters.start
    firms.alive[rows], firms.park[rows] = 1, -1
    firms.capital[rows] = costs.capital_output_ratio[tier] * revenue
    firms.technology_gap[rows] = start.gap_range * draw["gap"] if tier == MAKER else 0.0
    firms.quality[rows] = np.exp(-technology.rung_quality * firms.technology_gap[rows])
    # Rows stand in rising order of size, so their rank gives the normal score that productivity goes along with.
    rank = (np.cumsum(firms.weight[rows]) - 0.5 * firms.weight[rows]) / firms.weight[rows].sum()
    tie = start.size_productivity
    score = tie * ndtri(rank) + np.sqrt(1.0 - tie * tie) * ndtri(draw["productivity"])
    spread = np.exp(technology.productivity_dispersion * score)
    weights = firms.weight[rows] * revenue
    # Workers follow 1/productivity; the mean is set so that wages take their share of the tier's revenue.
    firms.productivity[rows] = spread * (weights / spread).sum() / weights.sum()
    per_unit = costs.labour_share[tier] / (levels.wage_base * levels.progress)
    firms.workers[rows] = per_unit * revenue / firms.productivity[rows]
    firms.wanted_workers[rows] = firms.workers[rows]
    firms.expected_orders[rows] = revenue / 12.0
    firms.orders[rows] = revenue / 12.0
    firms.markup[rows] = costs.markup[tier]
    firms.unit_cost[rows] = levels.price_level / (1.0 + costs.markup[tier])
    firms.price[rows] = levels.price_level
    firms.use[rows] = parameters.production.normal_use
    firms.service[rows] = 1.0
    nominal = revenue * levels.price_level
    firms.cash[rows] = start.cash_months * nominal / 12.0
    firms.loan[rows] = start.leverage * firms.capital[rows]
    firms.revenue_year[rows] = nominal
    firms.revenue_ring[rows] = nominal[:, None] / 12.0
    margin = 1.0 - (1.0 / (1.0 + costs.markup[tier])) - costs.overhead_share[tier] - 0.05
    firms.profit_year[rows] = margin * nominal
    firms.profit_ring[rows] = margin * nominal[:, None] / 12.0
    firms.age[rows] = sizes.stationary_ages(chance.month_key(seed, "start.age"), slots, parameters.turnover)
    firms.aware[rows] = draw["aware"] < start.awareness
    if tier == MAKER:
        firms.emission[rows] = discharge_of(slots, parameters, seed)


def discharge_of(slots: I8, parameters: Parameters, seed: int) -> F8:
    """Return tonnes of waste water per yuan of output for makers of the given slots: a minority pickles or plates."""
    environment, sites = parameters.environment, parameters.start.emission_sites
    site, level = (uniforms(chance.month_key(seed, f"start.{name}"), slots) for name in ("site", "emission"))
    spread = environment.discharge_dispersion
    amount = np.exp(spread * ndtri(level) - 0.5 * spread**2) * environment.discharge / sites
    return np.where(site < sites, amount, 0.0)


def start_places(places: list[Place], firms: FirmColumns, count: int, levels: list[StartLevels]) -> PlaceColumns:
    """Return the markets of every place at the start."""
    table = new_places(len(places))
    for position in range(len(places)):
        table.wage[position], table.wage_base[position] = levels[position].wage, levels[position].wage_base
        table.goods_price[position] = table.services_price[position] = levels[position].price_level
        for tier in range(3):
            rows = np.flatnonzero((firms.county[:count] == position) & (firms.tier[:count] == tier))
            table.market_cost[position, tier] = np.average(firms.unit_cost[rows], weights=firms.capital[rows])
    table.localisation[:] = 1.0
    return table


def start_buyers(levels: list[StartLevels], places: list[Place], parameters: Parameters, seed: int) -> BuyerColumns:
    """Return the buyers of every place's industry, without links.

    Budgets follow a Pareto law and add up to each market. Buyers are simulated one by one at every scale: a row of
    twenty buyers would need a supplier of twenty times the size, and so find other firms than each of them would.
    """
    parts = []
    for position, place in enumerate(places):
        for foreign, total in ((0, levels[position].domestic_market), (1, levels[position].foreign_market)):
            number = round(place.start.foreign_buyers if foreign else place.start.domestic_buyers)
            key = chance.month_key(seed, "start.budget", position, foreign)
            budgets = sizes.truncated_pareto(
                sizes.stratified(key, number), 1.0, parameters.start.budget_range, parameters.demand.budget_tail_index
            )
            budgets *= total / 12.0 / budgets.sum()
            parts.append((position, foreign, budgets))
    buyers = new_buyers(sum(part[2].size for part in parts), int(parameters.demand.slots_per_buyer))
    row = 0
    for position, foreign, budgets in parts:
        rows = slice(row, row + budgets.size)
        buyers.slot[rows] = (
            position * SLOT_BLOCK + 2 * CANDIDATE_START + foreign * CANDIDATE_START + np.arange(budgets.size)
        )
        buyers.weight[rows], buyers.budget[rows] = 1.0, budgets
        buyers.foreign[rows], buyers.industry[rows] = foreign, position
        buyers.success[rows] = 0.5
        if foreign:
            countries = round(1.5 * places[position].start.export_destinations)
            rank = countries * uniforms(chance.month_key(seed, "start.country"), buyers.slot[rows]) ** 1.5
            buyers.country[rows] = 1 + np.floor(rank).astype(np.int16)
        row += budgets.size
    return buyers
