"""Reported figures of a place in plain units, read from ``sim.evidence``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Fact:
    """One published figure: months it covers (both ends included), value in the plain unit, and how it was printed."""

    id: str
    start: int
    end: int
    value: float
    bound: Literal["exact", "at_least", "at_most", "about"]
    basis: str
    source: str


def facts_of(place: str, variable: str) -> tuple[Fact, ...]:
    """Return the figures reported for one place and observable; goals and growth rates are left out."""
    return ()
