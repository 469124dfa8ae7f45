"""Reported figures of a place that may be drawn on the axis of an observable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.evidence import load_facts
from sim.reporting import observable_of

if TYPE_CHECKING:
    from sim.evidence import Fact


def facts_of(place: str, variable: str) -> tuple[Fact, ...]:
    """Return the figures reported for one place that are levels of one observable.

    The reporting filter decides: aims, growth rates, amounts a government decides, figures in another unit and those of
    single firms are left out.
    """
    return tuple(fact for fact in load_facts() if fact.place == place and observable_of(fact) == variable)
