"""Reported figures of a place in plain units, read from ``sim.evidence``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from sim.observables import INDEX, observable

if TYPE_CHECKING:
    from sim.evidence import Fact as Published

Bound = Literal["exact", "at_least", "at_most", "about"]

OTHER_NAMES: Final = {"national_market_share": "national_share", "fair_booths": "fair_booths_used"}
"""Variables that the evidence names as the articles do, and the observable that measures the same."""


@dataclass(frozen=True)
class Fact:
    """One published figure: months it covers (both ends included), value in the plain unit, and how it was printed."""

    id: str
    start: int
    end: int
    value: float
    bound: Bound
    basis: str
    source: str


def facts_of(place: str, variable: str) -> tuple[Fact, ...]:
    """Return the figures reported for one place and observable.

    Goals are announced and not reported, growth rates and the amounts a government decides are no levels: all are left
    out. So is a figure in a unit the observable is not measured in.
    """
    from sim.evidence import load_facts

    return tuple(_fact(one) for one in load_facts() if one.place == place and _drawable(one, variable))


def _drawable(one: Published, variable: str) -> bool:
    """Whether a published figure is a level of the observable."""
    if OTHER_NAMES.get(one.variable, one.variable) != variable or variable not in INDEX:
        return False
    return one.for_calibration and one.kind not in ("goal", "growth") and one.unit_plain == observable(variable).unit


def _fact(one: Published) -> Fact:
    """Keep what a mark needs."""
    bound = cast("Bound", one.bound)
    return Fact(one.id, one.period_start, one.period_end, one.value_plain, bound, one.basis, one.source)
