"""Announced aims in the count they were announced in: when each replicate reaches them. Never calibration data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.evidence.variables import measured_by
from sim.experiments.aggregate import is_ratio, over_places
from sim.observables import observable
from sim.reporting.folds import first_month_reached
from sim.reporting.recipes import Refusal, positions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sim.evidence import Fact
    from sim.reporting.truth import Truth
    from sim.scenario.resolved import Goal

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Aim:
    """An aim as a run can be asked for it.

    Attributes
    ----------
    variable
        Observable that measures it.
    place
        Place, or set of places, it is for; None for all places of the run together.
    positions
        Positions of these places in the run.
    at_least
        Plain unit of the observable, in the count it was announced in.
    by
        Last month.
    published
        Whether it is a figure of the evidence; else it stands in the scenario alone.
    """

    id: str
    variable: str
    place: str | None
    positions: tuple[int, ...]
    at_least: float
    by: int
    source: str
    published: bool


@dataclass(frozen=True)
class Reach:
    """An aim and the month in which each replicate first reaches it, shape (replicates,); NaN where it never does."""

    aim: Aim
    months: Floats
    ends_before: bool
    """Whether the runs end before the date: reaching it later is then not seen."""

    @property
    def share(self) -> float:
        """Share of replicates that reach it by its date."""
        return float((self.months <= self.aim.by).mean())

    @property
    def middle(self) -> int | None:
        """Median month among those in time; with an even number the earlier of the two middle months."""
        found = self.months[self.months <= self.aim.by]
        return int(np.quantile(found, 0.5, method="lower")) if found.size else None


def aims_of(goals: Iterable[Goal], facts: Iterable[Fact], truth: Truth) -> tuple[Aim, ...]:
    """Return the aims a run can be asked for: those of its scenario, then published ones about its places.

    Aims in variables the run does not measure are left out; so is a published one that the scenario repeats (the same
    variable, level and month) or that was due before the first month.
    """
    found = []
    for goal in goals:
        if goal.variable in truth.variables and (goal.place is None or goal.place in truth.places):
            chosen = tuple(range(len(truth.places))) if goal.place is None else (truth.places.index(goal.place),)
            found.append(
                Aim(goal.id, goal.variable, goal.place, chosen, goal.at_least, goal.by, goal.source, published=False)
            )
    there = {(aim.variable, aim.at_least, aim.by) for aim in found}
    for fact in facts:
        aim = _published(fact, truth)
        if aim is not None and (aim.variable, aim.at_least, aim.by) not in there:
            found.append(aim)
    return tuple(found)


def _published(fact: Fact, truth: Truth) -> Aim | None:
    """Return a figure of kind ``goal`` as an aim; None when the run cannot be asked for it."""
    measured = measured_by(fact.variable)
    if fact.kind != "goal" or fact.bound == "at_most" or len(measured) != 1 or measured[0] not in truth.variables:
        return None
    places = positions_of(fact.place, truth.places, truth.provinces)
    if isinstance(places, Refusal) or fact.period_end < truth.first_month:
        return None
    if observable(measured[0]).unit != fact.unit_plain:
        return None
    return Aim(
        fact.id, measured[0], fact.place, places, fact.value_plain, fact.period_end, fact.source, published=True
    )  # fmt: skip


def monthly_as_reported(variable: str, truth: Truth, positions: Sequence[int]) -> Floats:
    """Return an observable by month in the reported count: places added up, each times its scope factor.

    A ratio is the mean of the places weighted by output, and has no scope.

    Returns
    -------
    ndarray
        Shape (replicates, months).
    """
    chosen, item = list(positions), observable(variable)
    values = truth.read(variable)[:, :, chosen]
    if is_ratio(item):
        return over_places(values, truth.read("output_value")[:, :, chosen], item)
    factors = truth.scope(variable, chosen)
    if factors is not None:
        values = values * factors[:, np.newaxis, :]
    return np.asarray(values.sum(axis=2))


def reach(
    aim: Aim, truth: Truth, *, months: Sequence[int] | None = None, replicates: Sequence[int] | None = None
) -> Reach:
    """Return when the replicates reach an aim.

    Parameters
    ----------
    months
        Consecutive months looked at, as month numbers; all when None.
    replicates
        Rows looked at; all when None.
    """
    seen = range(truth.first_month, truth.first_month + truth.months) if months is None else months
    values = monthly_as_reported(aim.variable, truth, aim.positions)
    values = values[:, seen[0] - truth.first_month : seen[-1] - truth.first_month + 1]
    chosen = values if replicates is None else values[np.asarray(replicates)]
    reached = first_month_reached(chosen, seen, aim.at_least, observable(aim.variable).aggregate)
    return Reach(aim, reached, aim.by > seen[-1])
