"""The reader's unit of an axis (亿元, billion yuan, persons), its ticks and its numbers."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Final

from sim.errors import UserError
from sim.report import rounding
from sim.report.figures.style import LABEL_SIZE
from sim.report.figures.text import width
from sim.report.rounding import Scale, with_sign
from sim.report.words import say
from sim.units import money_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.observables import Observable
    from sim.units import Language

_STEPS: Final[dict[tuple[str, str], tuple[tuple[float, float, str], ...]]] = {
    ("persons", "zh"): ((1e6, 1e4, "万人"), (0.0, 1.0, "人")),
    ("persons", "en"): ((1e6, 1e6, "million persons"), (0.0, 1.0, "persons")),
    ("tonnes", "zh"): ((1e4, 1e4, "万吨"), (0.0, 1.0, "吨")),
    ("tonnes", "en"): ((1e6, 1e6, "million tonnes"), (1e3, 1e3, "thousand tonnes"), (0.0, 1.0, "tonnes")),
}
"""For plain unit and language, largest first: smallest value shown in a unit, its divisor and its label."""
_PLAIN: Final = {"count": (1.0, ""), "index": (1.0, ""), "share": (0.01, "%")}
SIZES: Final = (*(10.0**power for power in range(13, -1, -1)), 0.0)
"""Sizes that reach every unit."""


def scale_for(unit: str, largest: float, lang: Language, wanted: str | None = None) -> Scale:
    """Return the unit for values up to ``largest`` (plain unit, absolute): a tenth of one is enough for money.

    ``wanted`` is a unit asked for by name in either language, such as ``亿元``; ``UserError`` when it is not one of
    this kind.
    """
    if wanted is not None:
        return _named(unit, wanted)
    if unit in ("yuan", "yuan/year"):
        divisor, label = money_unit(10.0 * largest, lang)
        return Scale(divisor, label + (say(lang, "shared.year") if unit == "yuan/year" else ""))
    steps = _STEPS.get((unit, lang), ((0.0, *_PLAIN.get(unit, (1.0, unit))),))
    _, divisor, label = next((step for step in steps if largest >= step[0]), steps[-1])
    return Scale(divisor, label)


def _named(unit: str, wanted: str) -> Scale:
    """Return the unit called ``wanted`` among those of ``unit``."""
    languages: tuple[Language, ...] = ("en", "zh")
    known = {found.label: found for lang in languages for size in SIZES for found in [scale_for(unit, size, lang)]}
    known.pop("", None)
    if wanted in known:
        return known[wanted]
    if not known:
        raise UserError(f'unit "{wanted}" does not suit this variable: it is a plain number')
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise UserError(f'unit "{wanted}" does not suit a variable in {unit}{hint}\n     units that do: {", ".join(known)}')


def difference_scale(item: Observable, largest: float, lang: Language, unit: str | None = None) -> Scale:
    """Return the unit of differences: percentage points for shares."""
    if item.unit == "share":
        return Scale(0.01, rounding.scale_for("share", largest, lang).of_differences)
    return scale_for(item.unit, largest, lang, unit)


def decimals_needed(value: float, tolerance: float = 5e-4, most: int = 6) -> int:
    """Return the decimals that show a number up to a share of it; three digits by default, without idle zeros."""
    return next((d for d in range(most) if abs(round(value, d) - value) < tolerance * abs(value)), most)


def round_step(least: float, factors: Sequence[float]) -> float:
    """Return the smallest of ``factors`` times a power of ten that is not below ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in factors if factor * power >= least * (1 - 1e-9))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return at most ``most`` + 1 round numbers (1, 2, 2.5, 5 times a power of ten) within ``low`` and ``high``."""
    span = high - low
    if not (math.isfinite(span) and span > 0.0):
        return [low] if math.isfinite(low) else []
    step = round_step(span / most, (1.0, 2.0, 2.5, 5.0, 10.0))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def tick_labels(values: Sequence[float], *, sign: bool = False) -> list[str]:
    """Return tick texts, all with the decimals the step needs."""
    decimals = 0 if all(v == int(v) for v in values) else 2
    if len(values) > 1:
        decimals = decimals_needed(values[1] - values[0], 1e-9, 12)
    return [with_sign(value, decimals if round(value, decimals) else 0, sign=sign) for value in values]


def fitting_ticks(low: float, high: float, room: float, most: int = 4) -> list[float]:
    """Return ticks whose labels, side by side, leave each other a gap within ``room`` points."""
    for number in range(most, 0, -1):
        values = ticks(low, high, number)
        apart = room / (high - low) * (values[1] - values[0]) if len(values) > 1 else room
        if all(width(label, LABEL_SIZE) + 8.0 <= apart for label in tick_labels(values)):
            return values
    return ticks(low, high, 1)[:1]
