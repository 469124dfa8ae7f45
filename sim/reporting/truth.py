"""What the filter reads of a simulation: months of every place, anchors, and yearly tables where they are kept.

Made from a run of an ensemble (``truth_of``) or from plain arrays of one replicate (``truth_of_arrays``), so that a
calibration can ask thousands of replicates without writing any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.observables import OBSERVABLES, ROWS, observable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from sim.experiments import Run
    from sim.scenario.resolved import Scenario
    from sim.state.record import ReplicateRecord

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """Replicates of one scenario as the filter reads them.

    Attributes
    ----------
    first_month
        Month number of the first simulated month.
    months
        Number of months.
    replicates
        Number of replicates; the first axis of everything.
    places, provinces
        Ids of the places in the order of the scenario, and the two-digit code of the province of each ("" unknown).
    variables
        Observables there are.
    read
        Returns an observable, shape (replicates, months, places).
    anchor
        Returns an anchor, shape (replicates, places), or None.
    size_classes
        Returns the first year and makers by revenue class of complete years, shape (replicates, years, places,
        classes, measures); None where they are not kept.
    followed
        Returns for every replicate the followed firms (``sim.state.record.TRACKED``); None where they are not kept.
    policies
        Places of the scenario's policies by type; None when they are not known.
    """

    first_month: int
    months: int
    replicates: int
    places: tuple[str, ...]
    provinces: tuple[str, ...]
    variables: frozenset[str]
    read: Callable[[str], Floats]
    anchor: Callable[[str], Floats | None]
    size_classes: Callable[[], tuple[int, Floats] | None] = field(default=lambda: None)
    followed: Callable[[], Sequence[NDArray[np.void]] | None] = field(default=lambda: None)
    policies: Mapping[str, frozenset[str]] | None = None

    def covers(self, start: int, end: int) -> bool:
        """Whether all months from ``start`` to ``end`` are simulated."""
        return self.first_month <= start <= end < self.first_month + self.months

    def slice(self, variable: str, start: int, end: int, positions: Sequence[int]) -> Floats:
        """Return the months ``start`` to ``end`` of some places, shape (replicates, months, places)."""
        values = self.read(variable)[:, start - self.first_month : end - self.first_month + 1]
        return np.asarray(values[:, :, list(positions)])

    def scope(self, variable: str, positions: Sequence[int]) -> Floats | None:
        """Return how many times what the model counts a reported figure counts, shape (replicates, places).

        None where a run has no such anchor for the observable.
        """
        factors = self.anchor(f"scope_{observable(variable).scope or variable}")
        return None if factors is None else np.asarray(factors[:, list(positions)])


def truth_of_arrays(
    monthly: Floats,
    first_month: int,
    places: Sequence[str],
    anchors: Mapping[str, Floats] | None = None,
    *,
    provinces: Sequence[str] = (),
    size_classes: tuple[int, Floats] | None = None,
    followed: NDArray[np.void] | None = None,
) -> Truth:
    """Return the truth of one replicate from plain arrays.

    Parameters
    ----------
    monthly
        Shape (months, places, observables), first those of the model (``sim.observables.ROWS``).
    anchors
        By name, each of shape (places,).
    size_classes
        First year, and shape (years, places, classes, measures), complete calendar years only.
    followed
        As ``sim.state.record.TRACKED``.
    """
    known = {name: np.atleast_2d(np.asarray(values, dtype=float)) for name, values in (anchors or {}).items()}
    columns = {item.name: position for position, item in enumerate(ROWS) if position < monthly.shape[-1]}
    kept = None if size_classes is None else (size_classes[0], size_classes[1][np.newaxis])
    return Truth(
        first_month=first_month,
        months=monthly.shape[0],
        replicates=1,
        places=tuple(places),
        provinces=tuple(provinces) or ("",) * len(places),
        variables=frozenset(columns),
        read=lambda name: monthly[np.newaxis, :, :, columns[name]],
        anchor=known.get,
        size_classes=lambda: kept,
        followed=lambda: None if followed is None else (followed,),
    )


def truth_of_record(record: ReplicateRecord, places: Sequence[str], provinces: Sequence[str] = ()) -> Truth:
    """Return the truth of one replicate as ``sim.model.simulate`` returns it."""
    months = record.first_month + np.arange(record.monthly.shape[0])
    years = np.arange(record.first_year, record.first_year + record.size_classes.shape[0])
    complete = [position for position, year in enumerate(years) if (months // 12 == year).sum() == 12]
    classes = (int(years[complete[0]]), record.size_classes[complete]) if complete else None
    return truth_of_arrays(
        record.monthly,
        record.first_month,
        places,
        record.anchors,
        provinces=provinces,
        size_classes=classes,
        followed=record.tracked,
    )


def truth_of(run: Run) -> Truth:
    """Return the truth of a finished run; what is asked for twice is read once."""
    places = tuple(run.places)
    known = frozenset(getattr(run, "variables", [item.name for item in OBSERVABLES]))
    kept: dict[str, Floats] = {}
    anchors = set(run.anchor_names())

    def read(name: str) -> Floats:
        if name not in kept:
            kept[name] = np.stack([run.monthly(name, place) for place in places], axis=-1)
        return kept[name]

    def classes() -> tuple[int, Floats] | None:
        return (int(run.years[0]), run.size_classes()) if len(run.years) else None

    return Truth(
        first_month=int(run.first_month),
        months=len(run.months),
        replicates=len(run.replicates),
        places=places,
        provinces=tuple(province_of(place) for place in run.scenario.places),
        variables=known,
        read=read,
        anchor=lambda name: np.asarray(run.anchors(name)) if name in anchors else None,
        size_classes=classes,
        followed=lambda: [run.tracked(int(replicate)) for replicate in run.replicates],
        policies=places_of_policies(run.scenario),
    )


def places_of_policies(scenario: Scenario) -> dict[str, frozenset[str]]:
    """Return the places of a scenario's policies by type."""
    found: dict[str, frozenset[str]] = {}
    for policy in scenario.policies:
        found[policy.type] = found.get(policy.type, frozenset()) | frozenset(policy.where)
    return found


def province_of(place: Any) -> str:
    """Return the two-digit code of a place's province, "" when it is not known."""
    code = str(getattr(place, "province", "") or place.admin_code[:2])
    return code if code.isdigit() else ""
