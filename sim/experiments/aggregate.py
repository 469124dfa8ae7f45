"""How months make a year and how places make a total, for every observable in one spot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.observables import Observable

    Floats = NDArray[np.float64]

RATIO_UNITS = ("share", "index", "yuan/year")
"""Units of values that are averaged, not added, over places."""


def is_ratio(item: Observable) -> bool:
    """Tell whether places are averaged (by output) instead of added up."""
    return item.unit in RATIO_UNITS


def complete_years(first_month: int, months: int) -> NDArray[np.int64]:
    """Return the calendar years of which all twelve months are covered."""
    first = -(-first_month // 12)
    last = (first_month + months) // 12 - 1
    return np.arange(first, last + 1, dtype=np.int64)


def by_year(values: Floats, first_month: int, item: Observable) -> Floats:
    """Fold months into complete calendar years.

    Parameters
    ----------
    values
        Months on the last axis.
    first_month
        Month number of the first value.
    item
        Says whether a year is the sum, the last month or the mean of its months. Months without a value (NaN) are
        left out of a mean; a year with none has no value.

    Returns
    -------
    ndarray
        Years on the last axis.
    """
    years = complete_years(first_month, values.shape[-1])
    if years.size == 0:
        return np.empty((*values.shape[:-1], 0))
    start = int(years[0]) * 12 - first_month
    # In one fixed order in memory, for the rounding of a sum follows the order of its terms.
    folded = np.ascontiguousarray(values[..., start : start + 12 * years.size])
    folded = folded.reshape(*values.shape[:-1], years.size, 12)
    if item.aggregate == "sum":
        return np.asarray(folded.sum(axis=-1))
    if item.aggregate == "last":
        return np.ascontiguousarray(folded[..., -1])
    return _mean(folded, np.ones_like(folded))


def over_places(values: Floats, output: Floats, item: Observable) -> Floats:
    """Fold the last axis, places, into one: a sum, or for a ratio the mean weighted by output.

    Parameters
    ----------
    values, output
        Same shape; ``output`` is ``output_value`` in yuan. Where nobody produces anything the plain mean is taken.
    """
    if values.shape[-1] == 1:
        return np.array(values[..., 0])
    values, output = np.ascontiguousarray(values), np.ascontiguousarray(output)
    if not is_ratio(item):
        return np.asarray(values.sum(axis=-1))
    weight = np.where(np.isnan(values), 0.0, output)
    idle = ~(weight.sum(axis=-1, keepdims=True) > 0)
    return _mean(values, np.where(idle, 1.0, weight))


def _mean(values: Floats, weight: Floats) -> Floats:
    """Weighted mean over the last axis of what is there; NaN where nothing is."""
    there = ~np.isnan(values)
    total = np.where(there, weight, 0.0).sum(axis=-1)
    summed = (np.where(there, values, 0.0) * np.where(there, weight, 0.0)).sum(axis=-1)
    return np.asarray(np.divide(summed, total, out=np.full_like(total, np.nan), where=total > 0))
