"""The space a calibration searches: uncertain parameters and starting values, as standard normal scores.

Every uncertain number has a prior given by its range (``calibration/priors.toml``, place and scenario files). A point
of the space is a vector of scores, standard normal under the prior, so that one geometry serves all of them: a design
spreads scores, an emulator is fitted to scores, and a sampler moves through scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.evidence import load_facts
from sim.parameters import parameter_table
from sim.policies.registry import policy_types
from sim.rules.elementary import exps, logs, normal_quantile, normal_quantiles, normal_shares
from sim.scenario.place_start import TOTALS
from sim.scenario.places import place_origins
from sim.scenario.realise import uncertain_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from sim.calibrate.algebra import Floats
    from sim.scenario.resolved import Place, Scenario

END: Final = 0.01
"""Share of a prior without hard ends that is cut off on each side: nobody meant a value beyond it."""
RANGE_SCORE: Final = normal_quantile(0.95)
"""Score of the upper end of a range that holds 90 % of a prior."""
MOST_PLACES: Final = 5
"""Starting values of more places than this are not fitted one by one: they stay as their files say."""
SLACK_OF_TOTALS: Final = {"at_least": (0.0, 0.10), "at_most": (0.10, 0.0), "about": (0.10, 0.10)}
"""How far below and above a printed total of the base year the true one may lie, as a share of it (assumed)."""


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

    def value(self, scores: ArrayLike) -> Floats:
        """Return values of scores, any shape."""
        shares = normal_shares(np.asarray(scores, dtype=np.float64))
        if self.shape in ("log", "logit", "normal"):
            within = normal_quantiles(END + (1.0 - 2.0 * END) * shares)
            low, high = forward(self.shape, self.low), forward(self.shape, self.high)
            values = _backward(self.shape, 0.5 * (low + high) + 0.5 * (high - low) * within / RANGE_SCORE)
            return np.rint(values) if self.unit == "count" else values
        if self.shape == "whole":
            count = self.high - self.low + 1.0
            return np.minimum(self.low + np.floor(shares * count), self.high)
        return self.low + (self.high - self.low) * shares

    def score(self, values: ArrayLike) -> Floats:
        """Return scores of values; of a whole number the score in the middle of its share."""
        given = np.asarray(values, dtype=np.float64)
        if self.shape in ("log", "logit", "normal"):
            low, high = forward(self.shape, self.low), forward(self.shape, self.high)
            within = (forward(self.shape, given) - 0.5 * (low + high)) / (0.5 * (high - low)) * RANGE_SCORE
            shares = (normal_shares(within) - END) / (1.0 - 2.0 * END)
        elif self.shape == "whole":
            shares = (given - self.low + 0.5) / (self.high - self.low + 1.0)
        else:
            shares = (given - self.low) / (self.high - self.low)
        return normal_quantiles(np.clip(shares, 1e-12, 1.0 - 1e-12))


def forward(shape: str, value: ArrayLike) -> Any:
    """Return values on the scale on which a ``log``, ``logit`` or ``normal`` prior is normal."""
    given = np.asarray(value, dtype=np.float64)
    if shape == "normal":
        return given
    return logs(given) if shape == "log" else logs(given / (1.0 - given))


def _backward(shape: str, value: Floats) -> Floats:
    if shape == "normal":
        return value
    return exps(value) if shape == "log" else np.asarray(1.0 / (1.0 + exps(-value)))


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

        Buyers switch more easily among suppliers they know than between the cluster and producers elsewhere: the nests
        of demand are no nests otherwise. A place's share of the world's output is below its share of the country's.
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
        inner, outer = "demand.elasticity_suppliers", "demand.elasticity_outside"
        if inner in self.names and outer in self.names:
            found.append((self.names.index(inner), self.names.index(outer), 0.1))
        for name in self.names:
            home = name.replace("global_market_share", "national_market_share")
            if name.endswith(".global_market_share") and home in self.names:
                found.append((self.names.index(home), self.names.index(name), 0.05))
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
    """Return the starting values of a place that have a range, and its headline total where the figure is a bound.

    A total printed as "over" is taken to lie up to a tenth above the printed number, one printed as "about" within a
    tenth of it (both assumed). The reported head count is left out: it moves nothing but the scope factor.
    """
    if place.synthetic:
        return ()
    found = []
    facts = {fact.id: fact for fact in load_facts()}
    for origin in place_origins(place.id):
        path = f"place.{place.id}.start.{origin.name}"
        low, high, source = origin.low, origin.high, origin.text
        if low is None and origin.name in TOTALS and origin.kind == "reported":
            below, above = SLACK_OF_TOTALS.get(facts[origin.facts[0]].bound, (0.0, 0.0))
            low, high = origin.value * (1.0 - below), origin.value * (1.0 + above)
        if low is None or high is None or not low < high or origin.name == "employment_reported":
            continue
        shape = _shape_of_start(origin.unit, low, high)
        found.append(Dimension(path, "start", "place", low, high, shape, origin.unit, source, origin.name))
    return tuple(found)


def _shape_of_start(unit: str, low: float, high: float) -> str:
    if unit == "count" and high - low < 20.0:
        return "whole"
    if unit == "share":
        return "logit" if low > 0.0 and high < 1.0 else "uniform"
    return "log" if low > 0.0 and high / low >= 1.6 else "uniform"


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
    types = policy_types()
    read = {group for policy in scenario.policies for group in types[policy.type].terms.parameters}
    unread = {group for kind in types.values() for group in kind.terms.parameters} - read
    named = enumerate(space.dimensions)
    return frozenset(k for k, item in named if item.kind == "parameter" and item.name.split(".")[0] in unread)
