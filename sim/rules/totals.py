"""Sums over firms by place, counting every firm a row stands for, always added in order of row."""

from __future__ import annotations

import numpy as np

from sim.rules.compiled import loop, rule
from sim.rules.elementary import power
from sim.state.columns import CHANNELS, F8, I2, I8

(
    FIRMS, SALES, REVENUE_YEAR, PROFIT_YEAR, LOSS_MAKING, PRICE_BY_SALES, COST_BY_SALES, WORKERS, ABOVE_SCALE,
    DELIVERED, FULL_CAPACITY, GAP_BY_SALES, QUALITY_BY_SALES, CAPITAL, PROFIT, SPENDING, MATERIALS, EXPORTS,
    DOMESTIC_SALES, WAGES, TAX, EXPORTERS, PLOTS, TENANTS, PIECE, PIECE_ABROAD, UPGRADED, UNTREATED, TREATED,
    BY_CHANNEL,
) = range(30)  # fmt: skip
"""Columns of the table of sums; the first of the sales channels is the last."""
SUMS = BY_CHANNEL + CHANNELS


@rule
def exporting(firms_in_row: float, foreign_links: int) -> float:
    """Return how many of ``firms_in_row`` firms that share a row's links to foreign buyers have one at least."""
    if foreign_links == 0:
        return 0.0
    if firms_in_row <= 1.0:
        return firms_in_row
    without: float = power(1.0 - 1.0 / firms_in_row, foreign_links)
    return firms_in_row * (1.0 - without)


@loop
def by_place(values: F8, weight: F8, place: I2, rows: I8, places: int) -> F8:
    """Return the sum of ``values`` (shape of rows) by place, times the firms of each row, shape (places,)."""
    out = np.zeros(places)
    for k in range(rows.size):
        out[place[rows[k]]] += values[k] * weight[rows[k]]
    return out


@loop
def weighted_sum(values: F8, weights: F8) -> float:
    """Return the sum of ``values`` times ``weights`` (both shape (n,)), added in order: the same bits everywhere."""
    total = 0.0
    for k in range(values.size):
        total += values[k] * weights[k]
    return total
