"""What a comparison reads of a run, how the replicates of two runs are put side by side, and where the two part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.compare.comparison import Equality
from sim.errors import UserError
from sim.experiments.pairing import require_paired, run_alike
from sim.inputs.words import Both, Words
from sim.observables import OBSERVABLES, observable
from sim.scenario.parting import parting
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.experiments import Run as Run
    from sim.observables import Observable
    from sim.scenario.resolved import Place, Policy, Scenario

    Floats = NDArray[np.float64]

WORDS: Final = Words(__file__)


@dataclass(frozen=True)
class Pairing:
    """Replicates of two runs put side by side.

    Attributes
    ----------
    rows_b, rows_a
        Rows of the arrays of B and of A to use. Paired: same length, row r of one with row r of the other.
    replicates
        Replicate numbers of the pairs; empty when unpaired.
    n
        Number of pairs; unpaired: the smaller number of runs.
    dropped
        Replicates that were run (or failed) in one of the two and have no partner.
    months, years
        What both runs cover, ascending.
    """

    b: Run
    a: Run
    paired: bool
    rows_b: NDArray[np.intp]
    rows_a: NDArray[np.intp]
    replicates: tuple[int, ...]
    n: int
    dropped: int
    months: tuple[int, ...]
    years: tuple[int, ...]

    @property
    def sides(self) -> tuple[tuple[Run, NDArray[np.intp]], tuple[Run, NDArray[np.intp]]]:
        """B and A, each with its rows."""
        return (self.b, self.rows_b), (self.a, self.rows_a)

    @property
    def spans_differ(self) -> bool:
        """Whether one run begins or ends at another month than the other."""
        return any(len(self.months) != len(run.months) for run, _ in self.sides)

    def monthly(self, variable: str, place: str | None = None) -> tuple[Floats, Floats]:
        """Return monthly values of B and of A, shapes (runs, common months)."""
        b, a = (run.monthly(variable, place)[rows][:, np.searchsorted(run.months, self.months)]
                for run, rows in self.sides)  # fmt: skip
        return b, a

    def annual(self, variable: str, place: str | None = None) -> tuple[Floats, Floats]:
        """Return yearly values of B and of A, shapes (runs, common years)."""
        b, a = (
            run.annual(variable, place)[rows][:, np.searchsorted(run.years, self.years)] for run, rows in self.sides
        )
        return b, a

    def over(self, variable: str, window: tuple[int, int], place: str | None = None) -> tuple[Floats, Floats]:
        """Return values of B and of A folded over a window of common years, shapes (runs,)."""
        b, a = (window_values(part, self.years, window, observable(variable)) for part in self.annual(variable, place))
        return b, a


def pair(b: Run, a: Run, *, unpaired: bool = False) -> Pairing:
    """Put the replicates of two runs side by side by their number.

    Parameters
    ----------
    unpaired
        Take the runs as independent draws; nothing needs to match but the places.

    Raises
    ------
    UserError
        When replicate i does not mean the same future in both (E20), the places differ, nothing overlaps in time, or no
        replicate is finished in both.
    """
    if not unpaired:
        require_paired(b, a)
    if list(b.places) != list(a.places):
        raise UserError(
            f"cannot compare {b.scenario_id} with {a.scenario_id}: they are about different places\n"
            f"     {', '.join(b.places)}  and  {', '.join(a.places)}"
        )
    months = np.intersect1d(b.months, a.months)
    years = np.intersect1d(b.years, a.years)
    if years.size == 0:
        raise UserError(
            f"cannot compare {b.scenario_id} with {a.scenario_id}: no complete calendar year is simulated in both"
        )
    common, rows_b, rows_a = np.intersect1d(b.replicates, a.replicates, return_indices=True)
    tried = set(map(int, b.replicates)) | set(map(int, a.replicates)) | _failed(b) | _failed(a)
    if unpaired:
        rows_b, rows_a = np.arange(len(b.replicates)), np.arange(len(a.replicates))
    if min(len(rows_b), len(rows_a)) == 0:
        raise UserError(
            f"cannot compare {b.scenario_id} with {a.scenario_id}: no replicate is finished in both\n"
            f"     {run_alike(b, a)}"
        )
    return Pairing(
        b=b,
        a=a,
        paired=not unpaired,
        rows_b=rows_b,
        rows_a=rows_a,
        replicates=() if unpaired else tuple(common.tolist()),
        n=min(len(rows_b), len(rows_a)),
        dropped=0 if unpaired else len(tried) - len(common),
        months=tuple(months.tolist()),
        years=tuple(years.tolist()),
    )


def shared_years(runs: Sequence[Run]) -> tuple[int, ...]:
    """Return the complete calendar years that all the runs hold, ascending.

    Raises
    ------
    UserError
        When there is none.
    """
    years = set.intersection(*(set(run.years.tolist()) for run in runs))
    if not years:
        raise UserError(f"no complete calendar year is simulated in all of {', '.join(r.scenario_id for r in runs)}")
    return tuple(sorted(years))


def in_years(run: Run, years: tuple[int, int]) -> NDArray[np.bool_]:
    """Return whether each month of a run lies in some years (both included), shape (months,)."""
    held = np.asarray(run.months) // 12
    return np.asarray((held >= years[0]) & (held <= years[1]))


def window_values(yearly: Floats, years: Sequence[int], window: tuple[int, int], item: Observable) -> Floats:
    """Fold yearly values, shape (runs, years), over a window: flows are summed, stocks taken last, ratios averaged."""
    inside = [position for position, year in enumerate(years) if window[0] <= year <= window[1]]
    if item.aggregate == "sum":
        return np.asarray(yearly[:, inside].sum(axis=1))
    if item.aggregate == "last":
        return np.asarray(yearly[:, inside[-1]])
    return np.asarray(yearly[:, inside].mean(axis=1))


def places_by_code(run: Run) -> list[Place]:
    """Return the places of a run in the order of their administrative codes."""
    return sorted(run.scenario.places, key=lambda place: (place.admin_code, place.id))


def policy_changes(scenario: Scenario, baseline: Scenario) -> dict[str, Policy | None]:
    """Return the policies of ``scenario`` that are not as in ``baseline``; a policy it lacks is None."""
    mine = {policy.id: policy for policy in scenario.policies}
    theirs = {policy.id: policy for policy in baseline.policies}
    return {name: mine.get(name) for name in sorted(mine.keys() | theirs.keys()) if mine.get(name) != theirs.get(name)}


def _failed(run: Run) -> set[int]:
    """Replicate numbers recorded as failed."""
    return {int(record["replicate"]) for record in run.failures if "replicate" in record}


# --- where two runs part: on paper (the scenarios) and in their results ---


def build_equality(pairing: Pairing) -> Equality:
    """Find the month the scenarios first differ on paper and the month results first differ in any pair."""
    changed = first_change(pairing.b.scenario, pairing.a.scenario)
    differs = first_difference(pairing) if pairing.paired else None
    if differs is not None or not pairing.paired:
        return Equality(changed, differs, False)
    return Equality(changed, None, True, *_why_identical(changed, pairing.months[-1]))


def first_difference(pairing: Pairing) -> int | None:
    """Return the first month in which any variable differs in any pair (to the bit), or None.

    Totals are looked at first; single places only when every total is equal.
    """
    places = pairing.b.places
    for looked_at in ([None], places if len(places) > 1 else []):
        differs = np.zeros(len(pairing.months), dtype=bool)
        for item in OBSERVABLES:
            for place in looked_at:
                b, a = pairing.monthly(item.name, place)
                # A missing value equals a missing value.
                differs |= ((b != a) & ~(np.isnan(b) & np.isnan(a))).any(axis=0)
        if differs.any():
            return pairing.months[int(differs.argmax())]
    return None


def first_change(b: Scenario, a: Scenario) -> int | None:
    """Return the first month in which results can differ by what the two scenarios prescribe, or None when never.

    Differences in parameters, world, places or time span count from the first simulated month; goals, names and texts
    do not count.
    """
    month = parting(a, b)
    return None if month is None else max(month, min(b.time.start, a.time.start))


def _why_identical(changed: int | None, end: int) -> Both:
    """Say why two scenarios give identical results, as far as the scenarios tell."""
    key = "never" if changed is None else "later" if changed > end else "idle"
    return WORDS.both(f"identical.{key}", first=month_text(changed or 0), last=month_text(end))
