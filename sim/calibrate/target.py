"""What the sampler climbs about on: figures and conditions of one or several units, evaluated in compiled loops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sim.calibrate.compiled_likelihood import CompiledUnit
    from sim.calibrate.space import Dimension, Space

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


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


@dataclass(frozen=True)
class Alike:
    """One condition of several spaces: the larger number, less a share of itself, lies above the smaller one.

    Attributes
    ----------
    larger, smaller
        The numbers, with the same prior in all of the spaces.
    distance
        The share.
    above, below
        Where the scores of each come from: columns and weights, each of shape (spaces, 2).
    """

    larger: Dimension
    smaller: Dimension
    distance: float
    above: tuple[Integers, Floats]
    below: tuple[Integers, Floats]

    def hold(self, points: Floats) -> NDArray[np.bool_]:
        """Return at which points it holds in all spaces."""
        high = self.larger.value((points[:, self.above[0]] * self.above[1]).sum(axis=-1))
        low = self.smaller.value((points[:, self.below[0]] * self.below[1]).sum(axis=-1))
        return np.asarray((high * (1.0 - self.distance) > low).all(axis=1))


class Conditions:
    """What must hold of the numbers of several spaces at once (``Space.possible``), like conditions side by side."""

    def __init__(self, spaces: Iterable[Scores]) -> None:
        found: dict[tuple[Any, ...], list[tuple[Scores, int, int]]] = {}
        for scores in spaces:
            dimensions = scores.space.dimensions
            for larger, smaller, distance in scores.space.orders:
                pair = dimensions[larger], dimensions[smaller]
                key = (*((item.low, item.high, item.shape, item.unit) for item in pair), distance)
                found.setdefault(key, []).append((scores, larger, smaller))
        self.groups = [self._group(distance, where) for (*_, distance), where in found.items()]

    def _group(self, distance: float, where: Sequence[tuple[Scores, int, int]]) -> Alike:
        scores, larger, smaller = where[0]
        above = [(at.columns[k], at.weights[k]) for at, k, _ in where]
        below = [(at.columns[k], at.weights[k]) for at, _, k in where]
        dimensions = scores.space.dimensions
        return Alike(dimensions[larger], dimensions[smaller], distance, _stacked(above), _stacked(below))

    def hold(self, points: Floats) -> NDArray[np.bool_]:
        """Return at which points all conditions hold, shape (points,)."""
        allowed = np.ones(len(points), dtype=bool)
        for group in self.groups:
            allowed &= group.hold(points)
        return allowed


def _stacked(pairs: Sequence[tuple[Integers, Floats]]) -> tuple[Integers, Floats]:
    return np.stack([columns for columns, _ in pairs]), np.stack([weights for _, weights in pairs])


@dataclass(frozen=True)
class Target:
    """The log likelihood of all figures used, minus infinity where a condition does not hold."""

    units: tuple[CompiledUnit, ...]
    conditions: Conditions

    def __call__(self, points: Floats) -> Floats:
        """Return the log likelihood of points, shape (points, columns) -> (points,)."""
        total = np.zeros(len(points))
        for unit in self.units:
            total += unit.log_likelihood(points)
        return np.where(self.conditions.hold(points), total, -np.inf)


class CaseTarget:
    """One unit with published numbers of its own for every row: the rows are so many posteriors side by side."""

    def __init__(self, unit: CompiledUnit, conditions: Conditions, observed: Floats) -> None:
        self.unit, self.conditions, self.observed = unit, conditions, observed

    def __call__(self, points: Floats) -> Floats:
        """Return the log likelihood of one point a row."""
        return self.of_rows(points, np.arange(len(points)))

    def of_rows(self, points: Floats, rows: Integers) -> Floats:
        """Return the log likelihood of points that belong to some of the rows."""
        found = self.unit.log_likelihood(points, self.observed[rows])
        return np.where(self.conditions.hold(points), found, -np.inf)
