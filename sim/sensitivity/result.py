"""What a study says of one variable in one year: who drives the difference, what is left to chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.compare.statistics import mean_se, share_above
from sim.errors import UserError
from sim.observables import Observable, observable
from sim.sensitivity.shares import ENDS, Estimate, Shares, shares_of
from sim.sensitivity.varied import WORLD, Input
from sim.state import draws as keyed

if TYPE_CHECKING:
    from sim.calibrate.algebra import Floats
    from sim.sensitivity.study import Study

LEAST: Final = 32
"""Pairs below which nothing is told."""
MOST_FAILED: Final = 0.2
"""Share of failed trials above which nothing is told."""


@dataclass(frozen=True)
class Place:
    """The difference expected where an input has one value, everything else averaged.

    Attributes
    ----------
    value
        Of the input, in its unit; of a world the number of its level.
    """

    value: float
    difference: Estimate


@dataclass(frozen=True)
class Driver:
    """An input that drives the difference.

    Attributes
    ----------
    share
        Of the variance of the difference.
    p
        Chance that an idle input would have shown as much.
    low, high
        At the 5 % and the 95 % quantile of a number; of a world, the levels with the smallest and the largest
        expected difference.
    levels
        Every level of a world.
    """

    input: Input
    share: Estimate
    p: float
    low: Place
    high: Place
    levels: tuple[Place, ...] = ()

    @property
    def sign_changes(self) -> bool:
        """Whether the scenario gains at one end and loses at the other."""
        return self.low.difference.value * self.high.difference.value < 0.0


@dataclass(frozen=True)
class Sensitivity:
    """What drives the difference of a variable in a year.

    Attributes
    ----------
    differences
        Of each pair, plain unit.
    dropped
        Trials that failed, or in which the variable had no value.
    shares
        None when the difference is the same in every pair.
    drivers
        Inputs that stand out, largest share first.
    """

    study: Study
    variable: Observable
    at: int
    differences: Floats
    dropped: int
    shares: Shares | None
    drivers: tuple[Driver, ...]

    @property
    def n(self) -> int:
        """Pairs used."""
        return len(self.differences)

    @property
    def mean(self) -> float:
        """Mean difference."""
        return float(self.differences.mean())

    @property
    def standard_error(self) -> float:
        """Standard error of the mean difference."""
        return float(mean_se(self.differences[:, None])[0])

    @property
    def prob_higher(self) -> float:
        """Share of pairs in which the scenario is higher; ties count half."""
        return share_above(self.differences)

    def quantile(self, share: float) -> float:
        """Return a quantile of the differences."""
        return float(np.quantile(self.differences, share))


def explain(study: Study, variable: str, at: int, boots: int | None = None) -> Sensitivity:
    """Return what drives the difference of a variable in a year.

    Parameters
    ----------
    boots
        Resamples behind the whiskers; None for the usual number.

    Raises
    ------
    UserError
        When the study does not hold the year, too many trials failed, or too few are there.
    """
    years = study.settings.years
    if at not in years:
        raise UserError(f"the study holds the years {years[0]} to {years[-1]}, not {at}")
    if len(study.errors) > MOST_FAILED * study.asked:
        raise UserError(
            f"{len(study.errors)} of {study.asked} trials failed; the first: {study.errors[0]}\n"
            f"     they are kept in {study.folder}"
        )
    names = [item.name for item in study.settings.observables]
    if variable not in names:
        raise UserError(f'neither scenario has a policy that "{variable}" tells of')
    column = (years.index(at), names.index(variable))
    difference = study.b[:, *column] - study.a[:, *column]
    there = np.isfinite(difference)
    if there.sum() < LEAST:
        raise UserError(f"{variable} has a value in {there.sum()} pairs; at least {LEAST} are needed (-n)")
    kept = difference[there]
    shares: Shares | None = None
    drivers: tuple[Driver, ...] = ()
    if np.ptp(kept) > 0.0:
        levels = {k: len(item.levels) for k, item in enumerate(study.settings.inputs) if item.name == WORLD}
        seed = keyed.key(study.settings.seed, f"sensitivity.{variable}.{at}") >> 1
        more = {} if boots is None else {"boots": boots}
        shares = shares_of(study.coordinates[there], kept, study.points[there], seed, levels, **more)
    drivers = (
        tuple(_driver(study, shares, k, study.values[there]) for k in range(len(shares.effects))) if shares else ()
    )
    return Sensitivity(study, observable(variable), at, kept, study.asked - len(kept), shares, drivers)


def _driver(study: Study, shares: Shares, number: int, values: Floats) -> Driver:
    effect = shares.effects[number]
    item = study.settings.inputs[effect.position]
    if item.levels:
        levels = tuple(Place(float(k), estimate) for k, estimate in enumerate(effect.expected))
        ordered = sorted(levels, key=lambda place: place.difference.value)
        return Driver(item, effect.share, effect.p, ordered[0], ordered[-1], levels)
    ends = np.quantile(values[:, effect.position], ENDS)
    low, high = (Place(float(end), estimate) for end, estimate in zip(ends, effect.expected, strict=True))
    return Driver(item, effect.share, effect.p, low, high)
