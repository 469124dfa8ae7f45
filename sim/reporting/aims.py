"""Announced aims in the count they were announced in: when each replicate reaches them. Never calibration data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.ensemble.aggregate import is_ratio, over_places
from sim.evidence.measures import measured_by
from sim.observables import observable
from sim.reporting.answers import as_truth
from sim.reporting.folds import first_month_reached
from sim.reporting.places import Missing, positions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.ensemble import Run
    from sim.evidence import Fact
    from sim.reporting.truth import Truth
    from sim.scenario.resolved import Goal

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reach:
    """One aim and the replicates that reach it.

    Attributes
    ----------
    place
        Place, or set of places, it is for; None for all places of the run together.
    months
        Month in which each replicate first reaches it, shape (replicates,); NaN where it never does.
    ends_before
        Whether the runs end before the date: reaching it later is then not seen.
    """

    id: str
    variable: str
    place: str | None
    at_least: float
    by: int
    source: str
    months: Floats
    ends_before: bool

    @property
    def in_time(self) -> int:
        """Number of replicates that reach it by its date."""
        return int((self.months <= self.by).sum())

    @property
    def share(self) -> float:
        """Share of replicates that reach it by its date."""
        return self.in_time / self.months.size

    @property
    def middle(self) -> int | None:
        """Median month among those in time; with an even number the earlier of the two middle months."""
        found = self.months[self.months <= self.by]
        return int(np.quantile(found, 0.5, method="lower")) if found.size else None


def monthly_as_reported(variable: str, truth: Truth, positions: Sequence[int] | None = None) -> Floats:
    """Return an observable by month in the reported count: places added up, each times its scope factor.

    Parameters
    ----------
    positions
        Places taken; all when None. A ratio is their mean weighted by output, and has no scope.

    Returns
    -------
    ndarray
        Shape (replicates, months).
    """
    chosen = list(range(len(truth.places))) if positions is None else list(positions)
    item = observable(variable)
    values = truth.read(variable)[:, :, chosen]
    if is_ratio(item):
        return over_places(values, truth.read("output_value")[:, :, chosen], item)
    factors = truth.scope(variable, chosen)
    if factors is not None:
        values = values * factors[:, np.newaxis, :]
    return np.asarray(values.sum(axis=2))


def reach(goal: Goal, source: Run | Truth) -> Reach | None:
    """Return when the replicates reach an aim of a scenario; None when the run does not measure its variable."""
    truth = as_truth(source)
    if goal.variable not in truth.variables:
        return None
    positions = None if goal.place is None else [truth.places.index(goal.place)]
    return _reach(truth, goal.id, goal.variable, goal.place, positions, goal.at_least, goal.by, goal.source)


def reach_of_fact(fact: Fact, source: Run | Truth) -> Reach | None:
    """Return when the replicates reach a published aim (a figure of kind ``goal``); None when they cannot say."""
    truth = as_truth(source)
    measured = measured_by(fact.variable)
    if fact.kind != "goal" or len(measured) != 1 or measured[0] not in truth.variables:
        return None
    if observable(measured[0]).unit != fact.unit_plain or fact.bound not in ("exact", "at_least", "about"):
        return None
    found = positions_of(fact.place, truth.places, truth.provinces)
    if isinstance(found, Missing) or fact.period_end < truth.first_month:
        return None
    return _reach(
        truth, fact.id, measured[0], fact.place, found, fact.value_plain, fact.period_end, fact.source
    )  # fmt: skip


def _reach(
    truth: Truth,
    identifier: str,
    variable: str,
    place: str | None,
    positions: Sequence[int] | None,
    at_least: float,
    by: int,
    source: str,
) -> Reach:
    months = range(truth.first_month, truth.first_month + truth.months)
    values = monthly_as_reported(variable, truth, positions)
    reached = first_month_reached(values, months, at_least, observable(variable).aggregate)
    return Reach(identifier, variable, place, at_least, by, source, reached, by > months[-1])
