"""The reader's unit of an axis (亿元, billion yuan, persons), its ticks and its numbers."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Final

from sim.compare.statistics import decimals_shown
from sim.errors import UserError
from sim.report import rounding
from sim.report.figures.style import LABEL_SIZE
from sim.report.figures.text import width
from sim.report.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.observables import Observable
    from sim.units import Language


def with_sign(value: float, decimals: int, *, sign: bool = False, commas: bool = True) -> str:
    """Return a number as figures show it, with a true minus; negative ``decimals`` round to tens, hundreds."""
    return rounding.plain(value, decimals, signed=sign, commas=commas).replace("-", "\u2212")


class Scale(rounding.Scale):
    """A reader's unit that writes its own numbers."""

    def number(self, value: float, decimals: int, *, sign: bool = False) -> str:
        """Return ``value`` (plain unit) as a number in this unit."""
        return with_sign(value / self.divisor, decimals, sign=sign)

    def amount(self, value: float, decimals: int, *, sign: bool = False) -> str:
        """Return ``value`` with its unit; no blank stands before Chinese units and the percent sign."""
        number = self.number(value, decimals, sign=sign)
        glued = self.label[:1] == "%" or self.label[:1] > "\u2e80"
        return number + self.label if glued or not self.label else f"{number} {self.label}"

    def decimals(self, standard_error: float, value: float) -> int:
        """Return the decimals that simulation noise allows for ``value`` in this unit."""
        return decimals_shown(standard_error / self.divisor, value / self.divisor)


_UNITS: Final[dict[str, dict[str, tuple[tuple[float, float, str], ...]]]] = {
    "yuan": {
        "zh": ((1e7, 1e8, "亿元"), (1e3, 1e4, "万元"), (0.0, 1.0, "元")),
        "en": ((1e8, 1e9, "billion yuan"), (1e5, 1e6, "million yuan"), (0.0, 1.0, "yuan")),
    },
    "persons": {
        "zh": ((1e6, 1e4, "万人"), (0.0, 1.0, "人")),
        "en": ((1e6, 1e6, "million persons"), (0.0, 1.0, "persons")),
    },
    "tonnes": {
        "zh": ((1e4, 1e4, "万吨"), (0.0, 1.0, "吨")),
        "en": ((1e6, 1e6, "million tonnes"), (1e3, 1e3, "thousand tonnes"), (0.0, 1.0, "tonnes")),
    },
    "count": {"zh": ((0.0, 1.0, ""),), "en": ((0.0, 1.0, ""),)},
    "index": {"zh": ((0.0, 1.0, ""),), "en": ((0.0, 1.0, ""),)},
    "share": {"zh": ((0.0, 0.01, "%"),), "en": ((0.0, 0.01, "%"),)},
}
"""For each plain unit and language, largest first: smallest value shown in a unit, its divisor and its label."""


def _choices(unit: str, lang: Language) -> list[tuple[float, float, str]]:
    """Units that suit a plain unit in one language, largest first."""
    ending = say(lang, "shared.year") if unit == "yuan/year" else ""
    known = _UNITS.get(unit.removesuffix("/year") if ending else unit, {}).get(lang, ((0.0, 1.0, unit),))
    return [(least, divisor, label + ending) for least, divisor, label in known]


def scale_for(unit: str, largest: float, lang: Language, wanted: str | None = None) -> Scale:
    """Return the unit for values up to ``largest`` (plain unit, absolute).

    Parameters
    ----------
    wanted
        A unit asked for by name in either language, such as ``亿元``.

    Raises
    ------
    UserError
        When ``wanted`` is not a unit of this kind.
    """
    if wanted is not None:
        return _named(unit, wanted)
    choices = _choices(unit, lang)
    _, divisor, label = next((choice for choice in choices if largest >= choice[0]), choices[-1])
    return Scale(divisor, label)


def _named(unit: str, wanted: str) -> Scale:
    """Return the unit called ``wanted`` among those of ``unit``."""
    known = {label: divisor for _, divisor, label in (*_choices(unit, "en"), *_choices(unit, "zh")) if label}
    if wanted in known:
        return Scale(known[wanted], wanted)
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
    if len(values) < 2:
        decimals = 0 if all(v == int(v) for v in values) else 2
    else:
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
