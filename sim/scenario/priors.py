"""What a range says of a number: shares and values of a prior, and draws of what no fit knows.

A calibration spreads its design by these priors (``sim.calibrate.space``); a scenario without a fit draws parameters
and starting values from them, one draw for each replicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.evidence import load_facts
from sim.parameters import parameter_table
from sim.rules.elementary import exps, logs, normal_quantile, normal_quantiles, normal_shares
from sim.scenario.place_start import TOTALS
from sim.scenario.places import place_origins
from sim.scenario.realise import position

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from sim.parameters import ParameterInfo
    from sim.scenario.place_start import Origin
    from sim.scenario.resolved import Place

    Floats = NDArray[np.float64]

END: Final = 0.01
"""Share of a prior without hard ends that is cut off on each side: nobody meant a value beyond it."""
RANGE_SCORE: Final = normal_quantile(0.95)
"""Score of the upper end of a range that holds 90 % of a prior."""
NESTS: Final = ("demand.elasticity_suppliers", "demand.elasticity_outside", 0.1)
"""Buyers switch more easily among suppliers they know than between the cluster and producers elsewhere, by this share
of the first at least: the nests of demand are no nests otherwise."""
APART_SHARES: Final = 0.05
"""A place's share of the world's output is below its share of the country's by this part of it at least."""
MOST_TRIES: Final = 100
"""Draws of numbers that must obey an order; hardly one in a hundred does not, of the shares of a place one in three."""
MOST_PLACES: Final = 5
"""Starting values of more places than this are not drawn one by one: they stay as their files say."""
SLACK_OF_TOTALS: Final = {"at_least": (0.0, 0.10), "at_most": (0.10, 0.0), "about": (0.10, 0.10)}
"""How far below and above a printed total of the base year the true one may lie, as a share of it (assumed)."""


@dataclass(frozen=True)
class Prior:
    """The prior of one number, as in ``calibration/priors.toml``.

    Attributes
    ----------
    low, high
        Hold 90 % of a ``log``, ``logit`` or ``normal`` prior; the ends of a ``uniform`` or ``whole`` one.
    shape, unit
        Of the number; a count is rounded.
    """

    low: float
    high: float
    shape: str
    unit: str = ""

    def at(self, shares: ArrayLike) -> Floats:
        """Return the values below which shares of the prior lie, any shape."""
        given = np.asarray(shares, dtype=np.float64)
        if self.shape in ("log", "logit", "normal"):
            within = normal_quantiles(END + (1.0 - 2.0 * END) * given)
            low, high = forward(self.shape, self.low), forward(self.shape, self.high)
            values = _backward(self.shape, 0.5 * (low + high) + 0.5 * (high - low) * within / RANGE_SCORE)
            return np.rint(values) if self.unit == "count" else values
        if self.shape == "whole":
            count = self.high - self.low + 1.0
            return np.minimum(self.low + np.floor(given * count), self.high)
        return self.low + (self.high - self.low) * given

    def below(self, values: ArrayLike) -> Floats:
        """Return the share of the prior below values; of a whole number up to the middle of its own share."""
        given = np.asarray(values, dtype=np.float64)
        if self.shape in ("log", "logit", "normal"):
            low, high = forward(self.shape, self.low), forward(self.shape, self.high)
            within = (forward(self.shape, given) - 0.5 * (low + high)) / (0.5 * (high - low)) * RANGE_SCORE
            return np.asarray((normal_shares(within) - END) / (1.0 - 2.0 * END))
        if self.shape == "whole":
            return np.asarray((given - self.low + 0.5) / (self.high - self.low + 1.0))
        return np.asarray((given - self.low) / (self.high - self.low))


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


def prior_of(row: ParameterInfo) -> Prior:
    """Return the prior of a parameter; one that is ``fixed`` has none."""
    return Prior(float(row.low), float(row.high), row.prior, row.unit)


def start_ranges(place: Place) -> list[tuple[Origin, Prior]]:
    """Return the starting values of a place that have a range, and its headline total where the figure is a bound.

    A total printed as "over" is taken to lie up to a tenth above the printed number, one printed as "about" within a
    tenth of it (both assumed). The reported head count is left out: it moves nothing but the scope factor.
    """
    if place.synthetic:
        return []
    found = []
    facts = {fact.id: fact for fact in load_facts()}
    for origin in place_origins(place.id):
        low, high = origin.low, origin.high
        if low is None and origin.name in TOTALS and origin.kind == "reported":
            below, above = SLACK_OF_TOTALS.get(facts[origin.facts[0]].bound, (0.0, 0.0))
            low, high = origin.value * (1.0 - below), origin.value * (1.0 + above)
        if low is None or high is None or not low < high or origin.name == "employment_reported":
            continue
        found.append((origin, Prior(low, high, _shape_of_start(origin.unit, low, high), origin.unit)))
    return found


def _shape_of_start(unit: str, low: float, high: float) -> str:
    if unit == "count" and high - low < 20.0:
        return "whole"
    if unit == "share":
        return "logit" if low > 0.0 and high < 1.0 else "uniform"
    return "log" if low > 0.0 and high / low >= 1.6 else "uniform"


def share_of_nation(name: str) -> str:
    """Return the number that must be larger than a place's share of the world; empty for all else."""
    world, nation = ".global_market_share", ".national_market_share"
    return name.removesuffix(world) + nation if name.endswith(world) else ""


def ranges_of(places: Iterable[Place]) -> dict[str, Prior]:
    """Return the ranges of starting values of places, by path; of more than ``MOST_PLACES`` none."""
    found = tuple(places)
    if len(found) > MOST_PLACES:
        return {}
    return {f"place.{place.id}.start.{origin.name}": prior for place in found for origin, prior in start_ranges(place)}


def draw_of_priors(seed: int, replicate: int, starts: Mapping[str, Prior]) -> dict[str, float]:
    """Return every parameter that has a prior and every starting value that has a range, drawn for one replicate.

    A value depends on the seed, the replicate and its name alone, so that scenarios share their draws and a number more
    moves no other. Numbers that must obey an order are drawn again until they do.

    Parameters
    ----------
    starts
        As ``ranges_of`` gives them.
    """
    priors = {row.name: prior_of(row) for row in parameter_table() if row.prior != "fixed"}
    return drawn(seed, replicate, {**priors, **starts})


def drawn(seed: int, replicate: int, priors: Mapping[str, Prior]) -> dict[str, float]:
    """Return a draw of numbers by name; see ``draw_of_priors``."""
    orders = [NESTS] if {*NESTS[:2]} <= priors.keys() else []
    orders += [(nation, name, APART_SHARES) for name in priors if (nation := share_of_nation(name)) in priors]

    def value(name: str, tried: int = 0) -> float:
        path = f"prior.{name}" + (f".{tried}" if tried else "")
        return float(priors[name].at(position(seed, path, replicate)))

    found = {name: value(name) for name in priors}
    for larger, smaller, apart in orders:
        for tried in range(1, MOST_TRIES):
            if found[larger] * (1.0 - apart) > found[smaller]:
                break
            found |= {name: value(name, tried) for name in (larger, smaller)}
    return found
