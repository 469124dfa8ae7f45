"""What the figures of one or several places say together: pooling, likelihood, posterior draws.

A *unit* is a baseline with its space, its questions and an emulator for each. Fitted together, units share what places
have in common (partial pooling). Behind the score of a parameter in a unit stand standard normal *sources*:

- shared: one source for all units;
- industry: ``sqrt(w) common + sqrt(1 - w) own``, where ``own`` is the source of the unit's industry;
- place: the same with a source of the unit's own; starting values of places and ranges of policies: the own one alone.

So a unit fitted alone and one fitted with others have the same prior, but for conditions (``Space.possible``), which
hold in all units at once; ``w`` says how much places resemble each other. An error that several figures have in common
(``sim.calibrate.measurement``: a ratio known of an industry, the shift of printed growth) has a source too, drawn with
the others; one that a single figure has is integrated out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.calibrate.generators import Draws
from sim.calibrate.polynomial import Bundle
from sim.calibrate.sampling import Chains, possible_start, slice_sample
from sim.calibrate.target import CompiledUnit, Conditions, Scores, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats
    from sim.calibrate.measurement import Measurement
    from sim.calibrate.polynomial import Emulator
    from sim.calibrate.questions import Asked
    from sim.calibrate.space import Dimension, Space

RESEMBLANCE: Final = 0.5
"""Share of a parameter's variance that places (or industries) have in common, where it is not shared (assumed)."""


@dataclass(frozen=True)
class Unit:
    """A baseline in a fit.

    Attributes
    ----------
    id
        Of the unit: the place or set of places.
    industry
        Of its places; "several" for a set of several industries.
    emulators
        One for each question.
    residual_correlation
        Of leave-one-out residuals between questions, shape (questions, questions): figures that a run makes miss
        together are no independent evidence.
    """

    id: str
    scenario: str
    industry: str
    space: Space
    asked: tuple[Asked, ...]
    emulators: tuple[Emulator, ...]
    residual_correlation: Floats

    def log_likelihood(self, scores: Floats, without: frozenset[str] = frozenset()) -> Floats:
        """Return the log likelihood of the unit's figures at scores, shape (points, dimensions) -> (points,).

        Parameters
        ----------
        without
            Ids left out.
        """
        compiled = self.compiled(Scores.own(self.space), without)
        total = np.zeros(len(scores)) if compiled is None else compiled.log_likelihood(scores)
        return np.where(self.space.possible(scores), total, -np.inf)

    def compiled(
        self, at: Scores, without: frozenset[str] = frozenset(), common: Mapping[str, int] | None = None
    ) -> CompiledUnit | None:
        """Return the unit's figures compiled, None when none is used; ``common``: errors in common as columns."""
        used = [k for k, item in enumerate(self.asked) if item.binds and item.id not in without]
        measures = [self.asked[k].measure for k in used]
        column, deviation = np.full(len(used), -1, dtype=np.int64), np.zeros(len(used))
        for row, measure in enumerate(measures):
            found = (common or {}).get(measure.common)
            if found is not None:
                column[row] = found
                deviation[row], measures[row] = measure.common_deviation, measure.own
        if not used:
            return None
        inputs = self._bundle.inputs
        correlation = self.residual_correlation[np.ix_(used, used)]
        place = at.columns[inputs], at.weights[inputs]
        return CompiledUnit(self._bundle, used, measures, correlation, *place, column, deviation)

    def predict(self, scores: Floats, which: Sequence[int]) -> tuple[Floats, Floats]:
        """Return means and variances of transformed answers, each of shape (points, questions asked for)."""
        return self._bundle.predict(scores, which)

    @cached_property
    def _bundle(self) -> Bundle:
        return Bundle(self.emulators)

    @cached_property
    def active(self) -> frozenset[int]:
        """Positions of the dimensions that an emulator in the likelihood looks at, and those that conditions join."""
        joined = {position for pair in self.space.orders for position in pair[:2]}
        bound = [emulator for item, emulator in zip(self.asked, self.emulators, strict=True) if item.binds]
        return frozenset(joined.union(*(emulator.active for emulator in bound)))


@dataclass(frozen=True)
class Pool:
    """Units fitted together (or one alone), and the sources behind their scores."""

    units: tuple[Unit, ...]

    @property
    def together(self) -> bool:
        """Whether more than one unit is fitted."""
        return len(self.units) > 1

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Names of all sources, in order of first use."""
        names: dict[str, None] = {}
        for unit in self.units:
            for item in unit.space.dimensions:
                names.update(dict.fromkeys(name for name, _ in self._mixture(unit, item)))
        return (*names, *self.common)

    @cached_property
    def common(self) -> tuple[str, ...]:
        """Names of the errors that several figures have in common: a source each, the last ones."""
        asked = [item.measure.common for unit in self.units for item in unit.asked if item.binds]
        return tuple(name for name in dict.fromkeys(asked) if name and asked.count(name) > 1)

    @property
    def columns(self) -> dict[str, int]:
        """Columns of the sources of errors in common, by name."""
        first = len(self.sources) - len(self.common)
        return {name: first + number for number, name in enumerate(self.common)}

    def _mixture(self, unit: Unit, item: Dimension) -> list[tuple[str, float]]:
        """Return the sources behind a score, each with its weight; squares of weights add up to 1."""
        if not self.together or item.kind != "parameter":
            return [(f"{unit.id}|{item.name}", 1.0)]
        if item.varies == "shared":
            return [(f"*|{item.name}", 1.0)]
        own = unit.id if item.varies == "place" or unit.industry == "several" else f"industry {unit.industry}"
        return [(f"*|{item.name}", np.sqrt(RESEMBLANCE)), (f"{own}|{item.name}", np.sqrt(1.0 - RESEMBLANCE))]

    @cached_property
    def maps(self) -> tuple[tuple[NDArray[np.int64], Floats], ...]:
        """For each unit the two sources of every dimension and their weights, each of shape (dimensions, 2)."""
        position = {name: k for k, name in enumerate(self.sources)}
        found = []
        for unit in self.units:
            mixtures = [self._mixture(unit, item) for item in unit.space.dimensions]
            padded = [[*mixture, (mixture[0][0], 0.0)][:2] for mixture in mixtures]
            columns = np.array([[position[name] for name, _ in pair] for pair in padded], dtype=np.int64)
            found.append((columns, np.array([[weight for _, weight in pair] for pair in padded])))
        return tuple(found)

    def scores(self, sources: Floats, unit: int) -> Floats:
        """Return the scores of a unit, shape (points, dimensions), from sources of shape (points, sources)."""
        columns, weights = self.maps[unit]
        return np.asarray((sources[:, columns] * weights).sum(axis=-1))

    def counted(self, sources: Floats, unit: int, question: int) -> tuple[Floats, Floats]:
        """Return mean and variance of what an office would count, transformed, each of shape (points,).

        Emulator, randomness of a run, error of print and what the count covers; an error in common at its source.
        """
        own = self.units[unit]
        mean, variance = (part[:, 0] for part in own.predict(self.scores(sources, unit), [question]))
        measure = own.asked[question].measure
        error = self.common_error(measure, sources)
        if error is None:
            return mean, variance + measure.noise
        return mean + error, variance + measure.own.noise

    def common_error(self, measure: Measurement, sources: Floats) -> Floats | None:
        """Return the error that a figure has in common with others at points, shape (points,); None without source."""
        column = self.columns.get(measure.common)
        return None if column is None else measure.common_deviation * sources[:, column]

    def prior(self, count: int, seed: int) -> Floats:
        """Return sources drawn from the prior, shape (count, sources): points that every unit finds possible."""
        random, found = Draws(seed), np.empty((0, len(self.sources)))
        while len(found) < count:
            fresh = random.normal(count, len(self.sources))
            for number, unit in enumerate(self.units):
                fresh = fresh[unit.space.possible(self.scores(fresh, number))]
            found = np.concatenate([found, fresh])
        return found[:count]

    def target(self, without: frozenset[str] = frozenset(), blind: frozenset[str] = frozenset()) -> Target:
        """Return the log likelihood of all units' figures, in compiled loops.

        Parameters
        ----------
        without
            Ids of figures left out.
        blind
            Ids of units none of whose figures are used.
        """
        spaces = [Scores(unit.space, *self.maps[number]) for number, unit in enumerate(self.units)]
        pairs = zip(self.units, spaces, strict=True)
        found = [unit.compiled(at, without, self.columns) for unit, at in pairs if unit.id not in blind]
        return Target(tuple(item for item in found if item is not None), Conditions(spaces))

    def sample(
        self,
        chains: int,
        steps: int,
        keep: int,
        seed: int,
        without: frozenset[str] = frozenset(),
        blind: frozenset[str] = frozenset(),
    ) -> Chains:
        """Return posterior draws of the sources.

        Parameters
        ----------
        chains, steps, keep
            Parallel chains, steps of each, and how many of the last half of the steps are kept.
        seed
            Of the sampler.
        """
        random = Draws(seed)
        likelihood = self.target(without, blind)
        start = possible_start(likelihood, chains, len(self.sources), random)
        return slice_sample(likelihood, start, steps, keep, random)
