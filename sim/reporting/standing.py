"""How a reported figure and a band of simulated values lie to each other; a bound is one-sided."""

from __future__ import annotations

import math
from typing import Final, Literal

from sim.inputs.data import beside

Standing = Literal["missed", "too few runs", "inside", "right side"]

WORDS: Final[dict[Standing, list[str]]] = beside(__file__)["standing"]
ORDER: Final = tuple(WORDS)
"""What deserves a look first."""
ABOUT: Final = 0.10
"""A figure reported as about is met within this share of it."""


def limits(value: float, bound: str) -> tuple[float, float]:
    """Return the lowest and the highest true value that a figure printed with this bound admits."""
    slack = ABOUT * abs(value) if bound == "about" else 0.0
    return (
        -math.inf if bound == "at_most" else value - slack,
        math.inf if bound == "at_least" else value + slack,
    )


def standing(value: float, bound: str, low: float, high: float) -> Standing:
    """Return how the band from ``low`` to ``high`` lies to a reported value.

    ``inside``: the band holds the figure itself (or a value that "about" admits). ``right side``: the figure is a
    bound and the whole band lies where it says. ``missed``: no value of the band is one that the figure admits.
    NaN for the band says that there are too few runs for one.
    """
    if math.isnan(low) or math.isnan(high):
        return "too few runs"
    least, most = limits(value, bound)
    if high < least or low > most:
        return "missed"
    if bound in ("at_least", "at_most") and not low <= value <= high:
        return "right side"
    return "inside"


def distance(value: float, middle: float) -> float:
    """Return how far a simulated value lies from the reported one: the log of their ratio, or the plain difference.

    Only for sorting: the difference is taken where a ratio means nothing (growth rates, zeros).
    """
    from sim.rules.elementary import log  # here, since reading a figure needs no compiler

    if value > 0.0 and middle > 0.0:
        return abs(log(middle / value))
    return abs(middle - value)
