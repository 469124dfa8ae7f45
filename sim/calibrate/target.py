"""What the sampler climbs about on: figures and conditions of one or several units, evaluated in compiled loops.

A sampler asks for some dozens of points at a time, a hundred thousand times: calls of NumPy on such small arrays cost
fifty times what the sums do. What a figure says of a count is told in ``sim.calibrate.measurement``; a test docks the
loops to the same in plain NumPy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.calibrate.measurement import Measurement
from sim.rules.compiled import function, loop, rule
from sim.rules.elementary import exp, log, log_normal_share, normal_quantile, normal_share
from sim.scenario.priors import END, RANGE_SCORE, forward

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats, Integers
    from sim.calibrate.polynomial import Bundle
    from sim.calibrate.space import Dimension, Space

SHAPES: Final = ("uniform", "whole", "log", "logit", "normal")
UNIFORM, WHOLE, LOG, LOGIT, _ = range(len(SHAPES))
EXACT: Final = 0
AT_LEAST: Final = 1
AT_MOST: Final = -1
HALF_LOG_TWO_PI: Final = 0.9189385332046727
ROOT_TWO: Final = math.sqrt(2.0)
TINY: Final = 1e-12
"""Least variance that the randomness of other figures leaves a bound."""


@dataclass(frozen=True)
class Scores:
    """Where the scores of a space come from: two columns of the points and their weights, each (dimensions, 2)."""

    space: Space
    columns: Integers
    weights: Floats

    @classmethod
    def own(cls, space: Space) -> Scores:
        """Return those of a space whose points are its scores."""
        columns = np.repeat(np.arange(space.size, dtype=np.int64)[:, np.newaxis], 2, axis=1)
        return cls(space, columns, np.tile([1.0, 0.0], (space.size, 1)))


class Conditions:
    """What must hold of the numbers of several spaces at once (``Space.possible``), as arrays.

    A row of them is one condition of one space: a larger number, less a share of itself, lies above a smaller one.
    """

    def __init__(self, spaces: Iterable[Scores]) -> None:
        rows = [
            (scores, larger, smaller, distance)
            for scores in spaces
            for larger, smaller, distance in scores.space.orders
        ]
        pairs = [(at, (larger, smaller)) for at, larger, smaller, _ in rows]
        priors = [[_prior(at.space.dimensions[k]) for k in pair] for at, pair in pairs]
        self.arrays = (
            np.array([[at.columns[k] for k in pair] for at, pair in pairs], dtype=np.int64).reshape(-1, 2, 2),
            np.array([[at.weights[k] for k in pair] for at, pair in pairs]).reshape(-1, 2, 2),
            np.array([[shape for shape, _ in pair] for pair in priors], dtype=np.int64).reshape(-1, 2),
            np.array([[ends for _, ends in pair] for pair in priors]).reshape(-1, 2, 3),
            np.array([distance for *_, distance in rows], dtype=np.float64),
        )

    def hold(self, points: Floats) -> NDArray[np.bool_]:
        """Return at which points all conditions hold, shape (points,)."""
        return np.asarray(_hold(np.ascontiguousarray(points), *self.arrays))


def _prior(item: Dimension) -> tuple[int, tuple[float, float, float]]:
    """Return the form of a prior; its ends, on the scale on which it is normal where it is; and whether it counts."""
    ends = (item.low, item.high) if item.shape in ("uniform", "whole") else forward(item.shape, (item.low, item.high))
    return SHAPES.index(item.shape), (float(ends[0]), float(ends[1]), float(item.unit == "count"))


@rule
def _value(score: float, shape: int, low: float, high: float, counts: float) -> float:
    """Return the value of a score, as ``sim.calibrate.space.Dimension.value`` does."""
    share = normal_share(score)
    if shape == UNIFORM:
        return low + (high - low) * share
    if shape == WHOLE:
        return min(low + math.floor(share * (high - low + 1.0)), high)
    within = normal_quantile(END + (1.0 - 2.0 * END) * share)
    value = 0.5 * (low + high) + 0.5 * (high - low) * within / RANGE_SCORE
    if shape == LOG:
        value = exp(value)
    elif shape == LOGIT:
        value = 1.0 / (1.0 + exp(-value))
    return float(np.rint(value)) if counts > 0.0 else value


@loop
def _hold(points: Floats, columns: Integers, weights: Floats, shapes: Integers, ends: Floats, distances: Floats) -> Any:
    """Return at which points all conditions hold; arguments as ``Conditions`` makes them."""
    found = np.ones(points.shape[0], dtype=np.bool_)
    values = np.empty(2)
    for p in range(points.shape[0]):
        for c in range(distances.size):
            for side in range(2):
                own, weight = columns[c, side], weights[c, side]
                score = points[p, own[0]] * weight[0] + points[p, own[1]] * weight[1]
                low, high, counts = ends[c, side, 0], ends[c, side, 1], ends[c, side, 2]
                values[side] = _value(score, shapes[c, side], low, high, counts)
            if not values[0] * (1.0 - distances[c]) > values[1]:
                found[p] = False
                break
    return found


@dataclass(frozen=True)
class Target:
    """The log likelihood of all figures used, minus infinity where a condition does not hold."""

    units: tuple[CompiledUnit, ...]
    conditions: Conditions

    def __call__(self, points: Floats) -> Floats:
        """Return the log likelihood of points, shape (points, columns) -> (points,)."""
        allowed = self.conditions.hold(points)
        possible, total = points[allowed], np.full(len(points), -np.inf)
        added = np.zeros(len(possible))
        for unit in self.units:
            added += unit.log_likelihood(possible)
        total[allowed] = added
        return total


class CaseTarget:
    """One unit with published numbers of its own for every row: the rows are so many posteriors side by side."""

    def __init__(self, unit: CompiledUnit, conditions: Conditions, observed: Floats) -> None:
        self.unit, self.conditions, self.observed = unit, conditions, observed

    def __call__(self, points: Floats) -> Floats:
        """Return the log likelihood of one point a row."""
        return self.of_rows(points, np.arange(len(points)))

    def of_rows(self, points: Floats, rows: Integers) -> Floats:
        """Return the log likelihood of points that belong to some of the rows."""
        allowed = self.conditions.hold(points)
        found = np.full(len(points), -np.inf)
        found[allowed] = self.unit.log_likelihood(points[allowed], self.observed[rows[allowed]])
        return found


class CompiledUnit:
    """The figures of one unit, as arrays.

    Parameters
    ----------
    bundle
        Of the unit's emulators.
    which
        Positions of the figures used.
    measures
        Of the figures used.
    correlation
        Of their residuals, shape (used, used).
    columns, weights
        Where the score of each of ``bundle.inputs`` comes from: two columns of the points and their weights, each of
        shape (inputs, 2).
    common
        Column of the points that holds the error a figure shares with other units, -1 without one; shape (used,).
    common_deviation
        Its standard deviation, shape (used,).
    """

    def __init__(
        self,
        bundle: Bundle,
        which: Sequence[int],
        measures: Sequence[Measurement],
        correlation: Floats,
        columns: Integers,
        weights: Floats,
        common: Integers,
        common_deviation: Floats,
    ) -> None:
        sizes = [len(bundle.own[k]) for k in which]
        most = max(sizes, default=1)
        own = np.zeros((len(which), most), dtype=np.int64)
        inverse = np.zeros((len(which), most, most))
        for row, k in enumerate(which):
            own[row, : sizes[row]] = bundle.own[k]
            inverse[row, : sizes[row], : sizes[row]] = bundle.inverses[k]
        kinds = {"exact": EXACT, "at_least": AT_LEAST, "at_most": AT_MOST}
        self.observed = np.array([item.observed for item in measures])
        self.arrays = (
            np.ascontiguousarray(columns),
            np.ascontiguousarray(weights),
            bundle.first,
            bundle.second,
            np.ascontiguousarray(bundle.coefficients[:, list(which)]),
            own,
            np.array(sizes, dtype=np.int64),
            inverse,
            bundle.error[list(which)],
            np.ascontiguousarray(correlation),
            np.array([kinds[item.bound] for item in measures], dtype=np.int64),
            np.array([item.noise for item in measures]),
            np.array([item.far for item in measures]),
            np.array([0.0 if item.of_many else 1.0 for item in measures]),
            np.ascontiguousarray(common),
            np.ascontiguousarray(common_deviation),
        )

    def log_likelihood(self, points: Floats, observed: Floats | None = None) -> Floats:
        """Return the log likelihood of points, shape (points, columns) -> (points,).

        Parameters
        ----------
        observed
            Published numbers of each point, shape (points, used); None for those of the measures.
        """
        given = self.observed[np.newaxis] if observed is None else np.ascontiguousarray(observed)
        return np.asarray(_log_likelihoods(np.ascontiguousarray(points), given, *self.arrays))


@rule
def _bounded(distance: float, variance: float, far: float) -> float:
    """Return the log density of a bound a count lies ``distance`` above (see ``sim.calibrate.measurement``)."""
    spread = math.sqrt(variance)
    return (
        -distance / far + 0.5 * variance / (far * far) - log(far) + log_normal_share(distance / spread - spread / far)
    )


@loop
def _log_likelihoods(
    points: Floats,
    observed: Floats,
    columns: Integers,
    weights: Floats,
    first: Integers,
    second: Integers,
    coefficients: Floats,
    own: Integers,
    sizes: Integers,
    inverse: Floats,
    error: Floats,
    correlation: Floats,
    kinds: Integers,
    noise: Floats,
    far: Floats,
    chance: Floats,
    common: Integers,
    common_deviation: Floats,
) -> Floats:
    """Return the log likelihood of every point; arguments as ``CompiledUnit`` makes them."""
    count, figures = points.shape[0], kinds.size
    exact = np.flatnonzero(kinds == EXACT)
    found, mean, spread = np.zeros(count), np.zeros(figures), np.zeros(figures)
    column, basis = np.ones(1 + 2 * columns.shape[0]), np.ones(1 + first.size)
    factor, apart, joint = np.zeros((exact.size, exact.size)), np.zeros(exact.size), np.zeros(exact.size)
    for p in range(count):
        _products(points[p], columns, weights, first, second, column, basis)
        for k in range(figures):
            total, leverage = _prediction(basis, coefficients[:, k], own[k], sizes[k], inverse[k])
            mean[k] = total + (common_deviation[k] * points[p, common[k]] if common[k] >= 0 else 0.0)
            spread[k] = error[k] * math.sqrt(chance[k] + leverage)
        given = observed[p] if observed.shape[0] > 1 else observed[0]
        result = _exact_together(exact, given, mean, spread, correlation, noise, factor, apart)
        for k in range(figures):
            if kinds[k] != EXACT:
                middle, variance = _left_to(k, exact, mean, spread, correlation, factor, apart, joint)
                result += _bounded(kinds[k] * (middle - given[k]), variance + noise[k], far[k])
        found[p] = result
    return found


@function
def _products(
    point: Floats,
    columns: Integers,
    weights: Floats,
    first: Integers,
    second: Integers,
    column: Floats,
    basis: Floats,
) -> None:
    """Fill ``basis`` with 1 and every term of the emulators at a point; ``column`` is room for their factors."""
    inputs = columns.shape[0]
    for j in range(inputs):
        score = point[columns[j, 0]] * weights[j, 0] + point[columns[j, 1]] * weights[j, 1]
        column[1 + j] = score
        column[1 + inputs + j] = (score * score - 1.0) / ROOT_TWO
    for t in range(first.size):
        basis[1 + t] = column[first[t]] * column[second[t]]


@function
def _prediction(basis: Floats, coefficients: Floats, own: Integers, size: int, inverse: Floats) -> tuple[float, float]:
    """Return an emulator's mean, and its coefficients' variance over that of its error."""
    total, leverage = 0.0, 0.0
    for a in range(size):
        value, row = basis[own[a]], 0.0
        for b in range(size):
            row += inverse[a, b] * basis[own[b]]
        total += value * coefficients[own[a]]
        leverage += value * row
    return total, leverage


@function
def _exact_together(
    exact: Integers,
    given: Floats,
    mean: Floats,
    spread: Floats,
    correlation: Floats,
    noise: Floats,
    factor: Floats,
    apart: Floats,
) -> float:
    """Return the normal log density of the exact figures.

    Fills ``factor``, the Cholesky factor of their covariance, and ``apart``, their distances in its units.
    """
    result = 0.0
    for i in range(exact.size):
        a = exact[i]
        for j in range(i + 1):
            b = exact[j]
            value = spread[a] * spread[b] * correlation[a, b] + (noise[a] if i == j else 0.0)
            for m in range(j):
                value -= factor[i, m] * factor[j, m]
            factor[i, j] = math.sqrt(value) if i == j else value / factor[j, j]
        value = given[a] - mean[a]
        for m in range(i):
            value -= factor[i, m] * apart[m]
        apart[i] = value / factor[i, i]
        result -= 0.5 * apart[i] * apart[i] + log(factor[i, i]) + HALF_LOG_TWO_PI
    return result


@function
def _left_to(
    k: int,
    exact: Integers,
    mean: Floats,
    spread: Floats,
    correlation: Floats,
    factor: Floats,
    apart: Floats,
    joint: Floats,
) -> tuple[float, float]:
    """Return the mean and variance that the distances of the exact figures leave a bound's count."""
    middle, variance = mean[k], spread[k] * spread[k]
    for i in range(exact.size):
        value = spread[exact[i]] * spread[k] * correlation[exact[i], k]
        for m in range(i):
            value -= factor[i, m] * joint[m]
        joint[i] = value / factor[i, i]
        middle += joint[i] * apart[i]
        variance -= joint[i] * joint[i]
    return middle, max(variance, TINY)
