"""The ladder of techniques: what a rung is worth."""

from __future__ import annotations

from sim.parameters.groups import Technology
from sim.rules.compiled import rule
from sim.rules.elementary import exp


@rule
def rung_gain(technology: Technology, labour_elasticity: float) -> float:
    """Return the log gain in labour productivity from one rung.

    A rung raises total factor productivity by ``rung_productivity`` (literature D). With output of degree
    ``labour_elasticity`` in labour, that saves the gain over the elasticity in labour, on top of what the technique
    itself saves.
    """
    return technology.rung_productivity / labour_elasticity + technology.rung_labour_saving


@rule
def quality_of(technology_gap: float, rung_quality: float, brand: float) -> float:
    """Return quality relative to producers at the frontier, ``technology_gap`` rungs below it.

    ``brand`` is what design and brand add, in log points.
    """
    return exp(brand - rung_quality * technology_gap)
