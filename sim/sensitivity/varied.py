"""What is varied at once in a study of a difference: parameters, starting values, ranges, assumed values, the world.

Points are draws of the calibration where there is one. Everything a calibration says nothing of is spread over its
range by Latin hypercubes, one after another, so that a study can grow. A Sobol sequence, which a fit's design uses,
would be no better here: with 250 inputs and 224 points some of its columns are correlated at 0.9, and one input would
be taken for another; of Latin hypercubes the worst pair is at 0.3, as of plain random points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.stats import qmc

from sim.calibrate.generators import generator
from sim.calibrate.space import Dimension, Space, space_of
from sim.inputs.quantities import Quantity
from sim.rules.elementary import exp, log, normal_quantiles, normal_share
from sim.scenario.realise import drawn, uncertain_paths
from sim.sensitivity.assumed import WIDEST, Assumed, assumed_of, kind_at, multiple, whole
from sim.state import draws as keyed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.calibrate.algebra import Floats
    from sim.experiments.parameter_draws import ParameterDraws
    from sim.scenario.resolved import Scenario, World

WORLD: Final = "world"
CUBE: Final = 56
"""Points in one Latin hypercube."""
TWIN_EVERY: Final = 8
"""Every eighth trial is the twin of the first of its eight: the same point, other random draws."""


@dataclass(frozen=True)
class Input:
    """One input as a reader is told of it.

    Attributes
    ----------
    name
        Dotted name of a parameter, path of a starting value, range or assumed value, or ``world``.
    kind
        ``parameter``, ``start``, ``range``, ``assumed`` or ``world``.
    fitted
        Whether its values are draws of a calibration.
    unit
        Of its values.
    about
        What it is, in English; empty where the name says it.
    levels
        Of a world: id, English and Chinese name of each.
    """

    name: str
    kind: str
    fitted: bool
    unit: str
    about: str = ""
    levels: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Point:
    """Inputs of one point.

    Attributes
    ----------
    coordinates, values
        One number for each input, as analysed and as told (of a world the number of its level).
    given
        Draw of parameters, starting values and positions, as ``sim.experiments.tasks.split_draw`` takes it.
    factors
        What assumed values are multiplied by, by policy and field.
    world
        Number of the world; None to leave each scenario its own.
    """

    coordinates: Floats
    values: Floats
    given: Mapping[str, float]
    factors: Mapping[tuple[str, str], float]
    world: int | None


def point_of(number: int) -> int:
    """Return the number of the point a trial is run at."""
    eight, rest = divmod(number, TWIN_EVERY)
    return (TWIN_EVERY - 1) * eight + (rest if rest < TWIN_EVERY - 1 else 0)


class Inputs:
    """All inputs of two scenarios, and the points at which they are tried.

    Parameters
    ----------
    scenarios
        Baseline and scenario, uncertain values not drawn.
    draws
        Of their calibration; without rows everything comes from the priors.
    worlds
        Worlds with equal chance; fewer than two leave the world alone.
    seed
        Of the design.
    """

    def __init__(
        self, scenarios: Sequence[Scenario], draws: ParameterDraws, worlds: Sequence[World], seed: int
    ) -> None:
        self.draws, self.worlds, self.seed = draws, tuple(worlds), seed
        spaces = [space_of(scenario) for scenario in scenarios]
        dimensions = {item.name: item for space in spaces for item in space.dimensions}
        self.space = Space(tuple(dimensions.values()))
        self.assumed = assumed_of(scenarios)
        self.fitted = frozenset(draws.rows[0]) & set(self.space.names) if draws.rows else frozenset()
        ranges = {path: item for scenario in reversed(scenarios) for path, item in uncertain_paths(scenario).items()}
        self._ranges = {item.name: ranges[item.name] for item in self.space.dimensions if item.kind == "range"}
        self.listed = self._listed(scenarios)

    def _listed(self, scenarios: Sequence[Scenario]) -> tuple[Input, ...]:
        found = []
        for item in self.space.dimensions:
            unit, about = item.unit, item.about
            if item.kind == "range":
                unit, about = next((kind for one in scenarios if (kind := kind_at(one, item.name))), ""), ""
            found.append(Input(item.name, item.kind, item.name in self.fitted, unit, about))
        found += [Input(item.path, "assumed", False, item.kind) for item in self.assumed]
        if len(self.worlds) > 1:
            levels = tuple((world.id, world.name, world.name_zh) for world in self.worlds)
            found.append(Input(WORLD, "world", False, "", "", levels))
        return tuple(found)

    @property
    def _spread(self) -> Space:
        """Dimensions the calibration says nothing of, assumed values (logarithms of factors) and the world."""
        free = [item for item in self.space.dimensions if item.name not in self.fitted]
        wide = log(WIDEST)
        free += [Dimension(item.path, "assumed", "place", -wide, wide, "uniform") for item in self.assumed]
        if len(self.worlds) > 1:
            free.append(Dimension(WORLD, "world", "shared", 0.0, len(self.worlds) - 1.0, "whole"))
        return Space(tuple(free))

    def points(self, count: int) -> list[Point]:
        """Return the first ``count`` points; more of them begin with the same ones."""
        spread = self._spread
        scores = latin_scores(spread, count, self.seed)
        values = spread.values(scores)
        column = {name: k for k, name in enumerate(spread.names)}
        return [self._point(number, column, scores[number], values[number]) for number in range(count)]

    def _point(self, number: int, column: Mapping[str, int], scores: Floats, values: Floats) -> Point:
        given = self.draws.values(number)
        coordinates, told = [], []
        for item in self.space.dimensions:
            if item.name in self.fitted:
                value = given[item.name]
                score = float(item.score(value))
            else:
                value = given[item.name] = float(values[column[item.name]])
                score = float(scores[column[item.name]])
            coordinates.append(coordinate(item, score))
            told.append(self._told(item.name, value))
        factors = {}
        for one in self.assumed:
            factor = exp(values[column[one.path]])
            factors[one.policy, one.field] = factor
            coordinates.append(float(values[column[one.path]]))
            told.append(_assumed_value(one, factor))
        world = None
        if WORLD in column:
            world = int(values[column[WORLD]])
            coordinates.append(float(world))
            told.append(float(world))
        return Point(np.array(coordinates), np.array(told), given, factors, world)

    def _told(self, name: str, value: float) -> float:
        """Return a value as it is told: of a range what lies at its position."""
        return float(drawn(self._ranges[name], value)) if name in self._ranges else value


def coordinate(dimension: Dimension, score: float) -> float:
    """Return where a score lies on the scale on which its prior is even or normal: effects are smooth there."""
    return normal_share(score) if dimension.shape in ("uniform", "whole") else score


def _assumed_value(item: Assumed, factor: float) -> float:
    quantity: Any = Quantity(item.kind)
    return whole(multiple(item.value, factor, quantity), item.value, quantity)


def latin_scores(space: Space, count: int, seed: int) -> Floats:
    """Return scores of Latin hypercubes of ``CUBE`` points one after another, shape (count, dimensions).

    Points that economics forbids (``Space.possible``) are left out.
    """
    found: list[Floats] = []
    cube = 0
    while sum(len(part) for part in found) < count:
        random = generator(keyed.key(seed, "sensitivity.cube", cube) >> 1)
        shares = qmc.LatinHypercube(space.size, rng=random).random(CUBE) if space.size else np.empty((CUBE, 0))
        scores = normal_quantiles(np.clip(shares, 1e-9, 1.0 - 1e-9))
        found.append(scores[space.possible(scores)])
        cube += 1
    return np.concatenate(found)[:count]
