"""The space a calibration searches: uncertain parameters and starting values, as standard normal scores.

Every uncertain number has a prior given by its range (``calibration/priors.toml``, place and scenario files). A point
of the space is a vector of scores, standard normal under the prior, so that one geometry serves all of them: a design
spreads scores, an emulator is fitted to scores, and a sampler moves through scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.parameters import parameter_table
from sim.policies.registry import unread_groups
from sim.rules.elementary import normal_quantiles, normal_shares
from sim.scenario.priors import APART_SHARES, MOST_PLACES, NESTS, Prior, share_of_nation, start_ranges
from sim.scenario.realise import uncertain_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from sim.calibrate.algebra import Floats
    from sim.scenario.resolved import Place, Scenario


@dataclass(frozen=True)
class Dimension:
    """One uncertain number.

    Attributes
    ----------
    name
        Dotted name of a parameter, or path of a range in a place or policy (``place.yongnian.start.exports``).
    kind
        ``parameter``; ``start``, a starting value of a place in its plain unit; or ``range``, of a policy: its value is
        the position in the range, between 0 and 1.
    varies
        ``shared``, ``industry`` or ``place``: who has it in common.
    low, high, shape, unit, source, about
        The prior, as in ``calibration/priors.toml``.
    """

    name: str
    kind: str
    varies: str
    low: float
    high: float
    shape: str
    unit: str = ""
    source: str = ""
    about: str = ""

    @cached_property
    def prior(self) -> Prior:
        """What the range says of the number."""
        return Prior(self.low, self.high, self.shape, self.unit)

    def value(self, scores: ArrayLike) -> Floats:
        """Return values of scores, any shape."""
        return self.prior.at(normal_shares(np.asarray(scores, dtype=np.float64)))

    def score(self, values: ArrayLike) -> Floats:
        """Return scores of values; of a whole number the score in the middle of its share."""
        return normal_quantiles(np.clip(self.prior.below(values), 1e-12, 1.0 - 1e-12))


@dataclass(frozen=True)
class Space:
    """The dimensions of a calibration, in a fixed order."""

    dimensions: tuple[Dimension, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(item.name for item in self.dimensions)

    @property
    def size(self) -> int:
        """Number of dimensions."""
        return len(self.dimensions)

    def values(self, scores: Floats) -> Floats:
        """Return values of scores, shape (..., dimensions)."""
        return np.stack([item.value(scores[..., k]) for k, item in enumerate(self.dimensions)], axis=-1)

    def mapping(self, values: Floats) -> dict[str, float]:
        """Return one point as values by name."""
        return dict(zip(self.names, (float(value) for value in values), strict=True))

    def possible(self, scores: Floats) -> NDArray[np.bool_]:
        """Return whether points obey what must hold of numbers together, shape of ``scores`` less the last.

        The nests of demand (``NESTS``), and that a place's share of the world's output is below its share of the
        country's.
        """
        allowed = np.ones(scores.shape[:-1], dtype=bool)
        for larger, smaller, distance in self.orders:
            high, low = (self.dimensions[k].value(scores[..., k]) for k in (larger, smaller))
            allowed &= high * (1.0 - distance) > low
        return allowed

    @cached_property
    def orders(self) -> tuple[tuple[int, int, float], ...]:
        """Pairs of dimensions of which the first must be larger than the second, by a share of itself."""
        found: list[tuple[int, int, float]] = []
        inner, outer, apart = NESTS
        if inner in self.names and outer in self.names:
            found.append((self.names.index(inner), self.names.index(outer), apart))
        for name in self.names:
            if (home := share_of_nation(name)) in self.names:
                found.append((self.names.index(home), self.names.index(name), APART_SHARES))
        return tuple(found)


def parameter_dimensions(policies: Iterable[str] = ()) -> tuple[Dimension, ...]:
    """Return the parameters that have a prior: those of ``priors.toml``, and those of the policy types named."""
    rows = [row for row in parameter_table() if not row.policy or row.policy in policies]
    return tuple(
        Dimension(r.name, "parameter", r.varies, float(r.low), float(r.high), r.prior, r.unit, r.source, r.about)
        for r in rows
        if r.prior != "fixed"
    )


def start_dimensions(place: Place) -> tuple[Dimension, ...]:
    """Return the starting values of a place that have a range (``start_ranges``)."""
    return tuple(
        Dimension(
            f"place.{place.id}.start.{origin.name}",
            "start",
            "place",
            prior.low,
            prior.high,
            prior.shape,
            prior.unit,
            origin.text,
            origin.name,
        )
        for origin, prior in start_ranges(place)
    )


def space_of(scenario: Scenario) -> Space:
    """Return the space of a scenario: parameters with a prior that it does not set, starting values, policies' ranges.

    Starting values are taken in where there are few places; of a whole province they stay as the files say.
    """
    types = {policy.type for policy in scenario.policies}
    own = tuple(item for item in parameter_dimensions(types) if item.name not in scenario.parameters)
    few = scenario.places if len(scenario.places) <= MOST_PLACES else ()
    starts = tuple(item for place in few for item in start_dimensions(place))
    paths = [path for path in uncertain_paths(scenario) if path.startswith("policy.")]
    unit, source = "position in its range", "scenario file"
    ranges = tuple(Dimension(path, "range", "place", 0.0, 1.0, "uniform", unit, source, path) for path in paths)
    return Space(own + starts + ranges)


def idle_inputs(space: Space, scenario: Scenario) -> frozenset[int]:
    """Return the positions of parameters that a scenario cannot move: those of policy types it has no policy of.

    An emulator searches hundreds of inputs, so that now and then an idle one looks as if it mattered.
    """
    unread = unread_groups(policy.type for policy in scenario.policies)
    named = enumerate(space.dimensions)
    return frozenset(k for k, item in named if item.kind == "parameter" and item.name.split(".")[0] in unread)
