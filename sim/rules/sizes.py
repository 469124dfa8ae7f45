"""Sizes, ages and budgets at the start: stratified draws from published laws, so that totals hold exactly."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Start, Turnover
from sim.rules.chance import Key, uniforms
from sim.rules.elementary import exps, normal_quantiles, power, powers
from sim.rules.turnover import MONTHS, hazards_by_age
from sim.state.columns import F8, I8

ROWS_OF_A_PLACE = 60
"""Rows that a place is simulated with at least, unless it has fewer firms: a handful of rows would be all noise."""
OLDEST_MONTHS = 12 * 40
ADDED_VARIANCE = 0.25
"""About the share by which grouping may raise the variance of what a firm's buyers order (assumed): an eighth of the
standard deviation."""


def stratified(key: Key, count: int) -> F8:
    """Return ``count`` uniforms, one in each of ``count`` equal intervals, in rising order (shape (count,))."""
    return (np.arange(count) + uniforms(key, np.arange(count))) / count


def truncated_pareto(u: F8, lowest: float, ratio: float, index: float) -> F8:
    """Return Pareto quantiles between ``lowest`` and ``ratio * lowest`` with tail index ``index`` (literature B1)."""
    quantiles: F8 = lowest * powers(1.0 - u * (1.0 - power(ratio, -index)), -1.0 / index)
    return quantiles


def lognormal(u: F8, spread: float) -> F8:
    """Return lognormal quantiles with median 1 and log standard deviation ``spread``."""
    return exps(spread * normal_quantiles(u))


def maker_revenues(
    key_body: Key, key_tail: Key, count: int, above_scale: int, total: float, cut: float, tail_index: float,
    start: Start, lead_firms: int = 0, lead_share: float = 0.0,
) -> F8:  # fmt: skip
    """Return yearly revenue of every maker in yuan, shape (count,), rising, adding up to ``total``.

    ``above_scale`` firms follow a truncated Pareto law above ``cut`` (20 million yuan), the others a lognormal law
    scaled to the rest of the total. When the tail alone would exceed the total, all are scaled down together; where
    there is nobody else it is the whole of it.
    ``lead_firms`` firms make ``lead_share`` of the total in equal parts; they are the largest and stand last.
    """
    if lead_firms > 0:
        others = maker_revenues(
            key_body, key_tail, count - lead_firms, max(above_scale - lead_firms, 0), (1.0 - lead_share) * total, cut,
            tail_index, start,
        )  # fmt: skip
        return np.concatenate([others, np.full(lead_firms, lead_share * total / lead_firms)])
    tail = truncated_pareto(stratified(key_tail, above_scale), cut, start.above_scale_truncation, tail_index)
    body = lognormal(stratified(key_body, count - above_scale), start.body_dispersion)
    rest = total - tail.sum()
    if rest <= 0.2 * total:
        tail *= 0.6 * total / tail.sum()
        rest = total - tail.sum()
    if body.size:
        body *= rest / body.sum()
    else:  # every maker is above scale
        tail *= total / tail.sum()
    return np.sort(np.concatenate([body, tail]))


def group_size_of(businesses: float, firms_per_agent: int) -> int:
    """Return how many firms of a place one row stands for: fewer than asked for where the place itself has few."""
    return max(1, min(firms_per_agent, int(businesses // ROWS_OF_A_PLACE)))


def grouped(values: F8, threshold: float, group_size: int) -> tuple[F8, F8]:
    """Group rising ``values`` below ``threshold`` into rows of ``group_size`` neighbours.

    Returns
    -------
    means, weights
        Shape (rows,): mean of each row and the number it stands for. Totals and counts are kept exactly; values at or
        above the threshold stay one to a row.
    """
    small = values[values < threshold]
    large = values[values >= threshold]
    rows = max(round(small.size / group_size), 1) if small.size else 0
    if group_size == 1 or rows == 0:
        return values, np.ones(values.size)
    bounds = np.linspace(0, small.size, rows + 1).round().astype(np.int64)
    weights = np.diff(bounds).astype(np.float64)
    means = np.add.reduceat(small, bounds[:-1]) / weights
    return np.concatenate([means, large]), np.concatenate([weights, np.ones(large.size)])


def grouped_buyers(budgets: F8, most: int) -> tuple[I8, F8, F8]:
    """Group rising ``budgets`` into rows of neighbours that spend about the same in all, at most ``most`` to a row.

    Buyers act by themselves, so the variance of what a firm is ordered is in proportion to the sum of the squares of
    what each row spends, and rows of equal spending make it least for their number (inequality of Cauchy and Schwarz).
    Buyers with budgets ``b`` below the spending ``T`` of a row add ``T * sum(b) - sum(b^2)``; ``T`` is the largest
    budget at which that is at most ``ADDED_VARIANCE`` of the sum of squares of all (rows are whole, so about that).
    Buyers from ``T`` on stay one to a row.

    Returns
    -------
    first, means, weights
        Shape (rows,): position of each row's first buyer, the mean of its budgets and the number it stands for. Totals
        and counts are kept exactly.
    """
    squares = budgets * budgets
    added = budgets * np.cumsum(budgets) - np.cumsum(squares)
    small = int(np.searchsorted(added, ADDED_VARIANCE * squares.sum(), side="right")) - 1
    parts = np.ones(budgets.size)
    if small > 0:
        # What part of a row each buyer is; the rows are whole.
        parts[:small] = np.maximum(budgets[:small] / budgets[small], 1.0 / most)
        parts[:small] *= np.ceil(parts[:small].sum()) / parts[:small].sum()
    row = np.floor(np.cumsum(parts) - 0.5 * parts)
    first = np.flatnonzero(np.diff(row, prepend=-1.0))
    weights = np.diff(first, append=budgets.size).astype(np.float64)
    return first, np.add.reduceat(budgets, first) / weights, weights


def stationary_ages(key: Key, slots: I8, turnover: Turnover, outlived: F8) -> I8:
    """Return ages in months (shape of slots) of a population with steady entry and the closing hazards of each age.

    ``outlived`` (shape of slots) is the share of the population that a firm is known to be older than.
    """
    hazard = hazards_by_age(OLDEST_MONTHS, turnover) / MONTHS
    survival = exps(-np.cumsum(hazard))
    shares = np.cumsum(survival) / survival.sum()
    return np.searchsorted(shares, outlived + (1.0 - outlived) * uniforms(key, slots)).astype(np.int64)
