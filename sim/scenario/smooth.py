"""From yearly means to months: smooth, without a step at New Year, and with every yearly mean kept.

Within each year the index is a parabola; neighbouring years meet with the same value and the same slope, and the
mean over a year is the yearly mean that was given. The values at the turn of the years solve one tridiagonal system,

    node[k] + 4 node[k + 1] + node[k + 2] = 3 (mean[k] + mean[k + 1]),

which says that slopes agree; at the two ends the growth of the outermost pair of years is carried on. (This is the
derivative of a cubic spline through the cumulated index.) Plain Python, so that every machine gives the same digits;
deviations from the first year are solved for, so that a constant stays constant to the bit.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS = 12


def year_turns(means: Sequence[float]) -> list[float]:
    """Return the index at the turn of each year from the means of at least two years, all positive: one value more."""
    count = len(means)
    if count < 2:
        raise ValueError("at least two years are needed")
    # first and last row: 6 m - 4 a - 2 b = slope at the start, and its mirror image at the end
    lower = [0.0] + [1.0] * (count - 1) + [2.0]
    diagonal = [4.0] * (count + 1)
    upper = [2.0] + [1.0] * (count - 1) + [0.0]
    base = means[0]
    away = [mean - base for mean in means]
    slope_at_start = (means[1] - means[0]) * means[0] / means[1]
    slope_at_end = (means[-1] - means[-2]) * means[-1] / means[-2]
    middle = [3 * (a + b) for a, b in pairwise(away)]
    right = [6 * away[0] - slope_at_start, *middle, 6 * away[-1] + slope_at_end]
    for row in range(1, count + 1):
        share = lower[row] / diagonal[row - 1]
        diagonal[row] -= share * upper[row - 1]
        right[row] -= share * right[row - 1]
    nodes = [0.0] * (count + 1)
    nodes[count] = right[count] / diagonal[count]
    for row in range(count - 1, -1, -1):
        nodes[row] = (right[row] - upper[row] * nodes[row + 1]) / diagonal[row]
    return [base + node for node in nodes]


def monthly_means(means: Sequence[float]) -> list[float]:
    """Return the mean of the smooth index over each month, twelve for each year."""
    nodes = year_turns(means)
    months: list[float] = []
    for mean, (start, end) in zip(means, pairwise(nodes), strict=True):
        slope = 6 * (mean - start) - 2 * (end - start)
        bend = 3 * (start - mean) + 3 * (end - mean)
        for month in range(MONTHS):
            left, right = month / MONTHS, (month + 1) / MONTHS
            average = start + slope * (left + right) / 2 + bend * (left * left + left * right + right * right) / 3
            months.append(average)
    return months
