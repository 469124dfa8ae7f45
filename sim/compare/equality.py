"""Where two runs part: on paper (the scenarios) and in their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim.compare.comparison import Equality
from sim.inputs.words import Both, Words
from sim.observables import OBSERVABLES
from sim.scenario.parting import parting
from sim.units import month_text

if TYPE_CHECKING:
    from sim.compare.runs import Pairing
    from sim.scenario.resolved import Scenario

WORDS: Final = Words(__file__)


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
