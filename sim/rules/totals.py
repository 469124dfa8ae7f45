"""Sums over firms by place, counting every firm a row stands for, always added in order of row."""

from __future__ import annotations

import numpy as np

from sim.rules import settlement
from sim.rules.compiled import loop
from sim.rules.elementary import power
from sim.state.columns import CHANNELS, F8, I2, I8, FirmColumns

(
    FIRMS, SALES, REVENUE_YEAR, PROFIT_YEAR, LOSS_MAKING, PRICE_BY_SALES, COST_BY_SALES, WORKERS, ABOVE_SCALE,
    DELIVERED, FULL_CAPACITY, GAP_BY_SALES, QUALITY_BY_SALES, CAPITAL, PROFIT, SPENDING, MATERIALS, EXPORTS,
    DOMESTIC_SALES, WAGES, TAX, EXPORTERS, PLOTS, TENANTS, PIECE, PIECE_ABROAD, BY_CHANNEL,
) = range(27)  # fmt: skip
"""Columns of the table of sums; the first of the sales channels is the last."""
SUMS = BY_CHANNEL + CHANNELS


@loop
def add_up(
    rows: I8,
    firms: FirmColumns,
    flows: F8,
    profit: F8,
    spending: F8,
    capacity_per_capital: F8,
    above_scale_cut: float,
    out: F8,
) -> None:
    """Add the month's sums of the given rows to ``out``, shape (places, ``SUMS``); money in yuan, people in persons.

    ``flows`` (table rows, purposes), ``profit`` and ``spending`` (table rows) are this month's, in yuan per firm.
    What was ordered over the links of a sales channel counts as far as it was delivered: a firm serves all its orders
    alike.
    """
    for i in rows:
        place, weight, sales = firms.place[i], firms.weight[i], firms.weight[i] * firms.sales[i]
        out[place, FIRMS] += weight
        out[place, SALES] += sales
        out[place, REVENUE_YEAR] += weight * firms.revenue_year[i]
        out[place, PROFIT_YEAR] += weight * firms.profit_year[i]
        if firms.profit_year[i] < 0.0:
            out[place, LOSS_MAKING] += weight
        out[place, PRICE_BY_SALES] += sales * firms.price[i]
        out[place, COST_BY_SALES] += sales * firms.unit_cost[i]
        out[place, WORKERS] += weight * firms.workers[i]
        if firms.revenue_year[i] >= above_scale_cut:
            out[place, ABOVE_SCALE] += weight
        out[place, DELIVERED] += weight * firms.delivered[i]
        out[place, FULL_CAPACITY] += weight * firms.capital[i] * capacity_per_capital[firms.place[i], firms.tier[i]]
        out[place, GAP_BY_SALES] += sales * firms.technology_gap[i]
        out[place, QUALITY_BY_SALES] += sales * firms.quality[i]
        out[place, CAPITAL] += weight * firms.capital[i]
        out[place, PROFIT] += weight * profit[i]
        out[place, SPENDING] += weight * spending[i]
        out[place, MATERIALS] -= weight * (flows[i, settlement.MATERIALS] + flows[i, settlement.LOCAL_INPUTS])
        out[place, EXPORTS] += weight * firms.exports[i]
        out[place, DOMESTIC_SALES] += weight * flows[i, settlement.SALES_DOMESTIC]
        out[place, WAGES] -= weight * flows[i, settlement.WAGES]
        out[place, TAX] -= weight * (flows[i, settlement.VALUE_ADDED_TAX] + flows[i, settlement.INCOME_TAX])
        # Of ``weight`` firms alike that share a row's links, those with none of them do not export.
        if firms.foreign_links[i] > 0:
            out[place, EXPORTERS] += weight * (1.0 - power(max(1.0 - 1.0 / weight, 0.0), firms.foreign_links[i]))
        ordered = firms.orders[i] * firms.price[i]
        served = weight * min(firms.sales[i] / ordered, 1.0) if ordered > 0.0 else 0.0
        for channel in range(CHANNELS):
            out[place, BY_CHANNEL + channel] += served * firms.orders_by_channel[i, channel]
        out[place, PIECE] += served * firms.orders_piece[i]
        out[place, PIECE_ABROAD] += served * firms.orders_piece_abroad[i]
        if firms.park[i] >= 0:
            out[place, PLOTS] += weight * firms.plots[i]
            out[place, TENANTS] += weight


@loop
def by_place(values: F8, weight: F8, place: I2, rows: I8, places: int) -> F8:
    """Return the sum of ``values`` (shape of rows) by place, times the firms of each row, shape (places,)."""
    out = np.zeros(places)
    for k in range(rows.size):
        out[place[rows[k]]] += values[k] * weight[rows[k]]
    return out


@loop
def flows_by_place(rows: I8, firms: FirmColumns, flows: F8, places: int) -> F8:
    """Return the month's flows of all firms of each place, shape (places, purposes), yuan, positive when received."""
    out = np.zeros((places, flows.shape[1]))
    for i in rows:
        for purpose in range(flows.shape[1]):
            out[firms.place[i], purpose] += firms.weight[i] * flows[i, purpose]
    return out


@loop
def weighted_sum(values: F8, weights: F8) -> float:
    """Return the sum of ``values`` times ``weights`` (both shape (n,)), added in order: the same bits everywhere."""
    total = 0.0
    for k in range(values.size):
        total += values[k] * weights[k]
    return total
