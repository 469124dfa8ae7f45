"""Arithmetic of the reporting filter: pure functions on arrays, no runs and no figures.

Monthly arrays have the shape (replicates, months, places) unless a function says otherwise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.observables import ABOVE_SCALE_YUAN
from sim.state.record import SIZE_CLASS_BOUNDS_YUAN, SIZE_CLASS_MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.observables import Aggregate

    Floats = NDArray[np.float64]

MONTHS_A_YEAR = 12


def over_months(values: Floats, aggregate: Aggregate) -> Floats:
    """Fold months, the second axis: a flow is summed, a stock is its last month, a ratio the mean of what is there.

    Parameters
    ----------
    values
        Shape (replicates, months, ...); at least one month.

    Returns
    -------
    ndarray
        Shape (replicates, ...).
    """
    if aggregate == "sum":
        return np.asarray(values.sum(axis=1))
    if aggregate == "last":
        return np.array(values[:, -1])
    there = ~np.isnan(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def growth(now: Floats, year_earlier: Floats) -> Floats:
    """Return growth over the same months a year earlier, as a share; NaN where there was nothing then."""
    ratio = np.divide(now, year_earlier, out=np.full(np.shape(now), np.nan), where=year_earlier > 0.0)
    return np.asarray(ratio - 1.0)


def same_scope_growth(slots: NDArray[np.int64], years: NDArray[np.int64], output: Floats, year: int) -> float:
    """Return yearly growth of output on a comparable basis (同口径): this year's firms against their own past.

    Firms are in the count with a yearly output of at least ``ABOVE_SCALE_YUAN`` in ``year``. Both years add up the same
    firms: a firm that passed the line since brings its history from before it did, one that closed or fell below the
    line leaves both years, one without a record of ``year - 1`` counts in neither. So growth that carries firms over
    the line is in the figure, and it lies above that of the place [1]_.

    Parameters
    ----------
    slots, years, output
        One entry for each firm and year; output in yuan. Firms that never sold much are not followed one by one
        (``sim.state.record.TRACKED``); all firms above the cut are.

    Returns
    -------
    float
        A share; NaN when no firm is in both years.

    References
    ----------
    .. [1] Zhang, Ge and Yu (2019), on growth at comparable basis (calibration/evidence, industry.md 5).
    """
    now, before = (years == year) & (output >= ABOVE_SCALE_YUAN), years == year - 1
    _, here, there = np.intersect1d(slots[now], slots[before], return_indices=True)
    earlier = float(output[before][there].sum())
    return float(output[now][here].sum()) / earlier - 1.0 if earlier > 0.0 else math.nan


def above_scale(size_classes: Floats) -> Floats:
    """Return the output of the firms above scale: the upper revenue classes added up.

    Parameters
    ----------
    size_classes
        Shape (..., classes, measures) as ``sim.state.record.ReplicateRecord.size_classes``: makers by yearly revenue.
    """
    first = SIZE_CLASS_BOUNDS_YUAN.index(ABOVE_SCALE_YUAN) + 1
    return np.asarray(size_classes[..., first:, SIZE_CLASS_MEASURES.index("output")].sum(axis=-1))


def first_month_reached(values: Floats, months: Sequence[int], at_least: float, aggregate: Aggregate) -> Floats:
    """Return the month in which each run first reaches a level.

    Parameters
    ----------
    values
        Monthly values, shape (runs, months).
    aggregate
        ``sum`` (a flow: the sum of the twelve months up to and including the month is compared), ``mean`` (their
        mean), ``last`` (a stock: the month's own value).

    Returns
    -------
    Month numbers, shape (runs,); NaN where the level is never reached. Flows and ratios cannot be reached before the
    twelfth simulated month.
    """
    result = np.full(values.shape[0], math.nan)
    if aggregate == "last":
        compared, first = values, 0
    else:
        if values.shape[1] < MONTHS_A_YEAR:
            return result
        windows = np.lib.stride_tricks.sliding_window_view(values, MONTHS_A_YEAR, axis=1)
        compared, first = np.asarray(windows.sum(axis=2)), MONTHS_A_YEAR - 1
        if aggregate == "mean":
            compared = compared / MONTHS_A_YEAR
    reached = compared >= at_least
    any_reached = reached.any(axis=1)
    numbers = np.asarray(months, dtype=float)[first:]
    result[any_reached] = numbers[reached.argmax(axis=1)][any_reached]
    return result
