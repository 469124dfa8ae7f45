"""The reader's unit of an axis (亿元, billion yuan, persons), its ticks and its numbers."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.compare.statistics import decimals_shown
from sim.errors import UserError
from sim.report.figures.text import width
from sim.units import pick

if TYPE_CHECKING:
    from sim.report.figures.text import Lang

MINUS: Final = "\u2212"


@dataclass(frozen=True)
class Scale:
    """Values are divided by ``divisor`` and called ``label``; ``glue`` stands between a number and the label."""

    divisor: float
    label: str
    glue: str = " "

    def number(self, value: float, decimals: int, *, sign: bool = False) -> str:
        """Return ``value`` (plain unit) as a number in this unit; negative ``decimals`` round to tens, hundreds."""
        scaled = round(value / self.divisor, decimals)
        text = f"{abs(scaled):,.{max(decimals, 0)}f}"
        if scaled == 0.0:
            return text
        return (MINUS if scaled < 0.0 else "+" if sign else "") + text

    def amount(self, value: float, decimals: int, *, sign: bool = False) -> str:
        """Return ``value`` with its unit."""
        number = self.number(value, decimals, sign=sign)
        return f"{number}{self.glue}{self.label}" if self.label else number

    def decimals(self, standard_error: float, value: float) -> int:
        """Return the decimals that simulation noise allows for ``value`` in this unit."""
        return decimals_shown(standard_error / self.divisor, value / self.divisor)


_MONEY: Final[dict[str, tuple[tuple[float, str], ...]]] = {
    "zh": ((1e8, "亿元"), (1e4, "万元"), (1.0, "元")),
    "en": ((1e9, "billion yuan"), (1e6, "million yuan"), (1.0, "yuan")),
}
_PLAIN: Final[dict[str, dict[str, tuple[tuple[float, str], ...]]]] = {
    "persons": {"zh": ((1e4, "万人"), (1.0, "人")), "en": ((1e6, "million persons"), (1.0, "persons"))},
    "tonnes": {
        "zh": ((1e4, "万吨"), (1.0, "吨")),
        "en": ((1e6, "million tonnes"), (1e3, "thousand tonnes"), (1.0, "tonnes")),
    },
    "count": {"zh": ((1.0, ""),), "en": ((1.0, ""),)},
    "index": {"zh": ((1.0, ""),), "en": ((1.0, ""),)},
    "share": {"zh": ((0.01, "%"),), "en": ((0.01, "%"),)},
}
_FROM: Final[dict[str, float]] = {
    "万人": 1e6,
    "million persons": 1e6,
    "亿元": 1e7,
    "billion yuan": 1e8,
    "万元": 1e3,
    "万吨": 1e4,
    "thousand tonnes": 1e3,
    "million tonnes": 1e6,
}
"""Smallest value shown in a unit, where that is not a tenth of the unit."""


def _choices(unit: str, lang: Lang) -> tuple[tuple[float, str], ...]:
    """Units that suit a plain unit in one language, largest first."""
    if unit == "yuan/year":
        ending = pick(lang, " a year", "/年")
        return tuple((divisor, label + ending) for divisor, label in _MONEY[lang])
    if unit == "yuan":
        return _MONEY[lang]
    return _PLAIN.get(unit, {}).get(lang, ((1.0, unit),))


def _glue(label: str) -> str:
    """Return a blank before Latin labels, nothing before Chinese ones and the percent sign."""
    return "" if label[:1] == "%" or ord(label[:1] or "a") > 0x2E80 else " "


def scale_for(unit: str, largest: float, lang: Lang, wanted: str | None = None) -> Scale:
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
    for divisor, label in choices:
        base = label.removesuffix(" a year").removesuffix("/年")
        if largest >= _FROM.get(base, 0.1 * divisor):
            return Scale(divisor, label, _glue(label))
    divisor, label = choices[-1]
    return Scale(divisor, label, _glue(label))


def _named(unit: str, wanted: str) -> Scale:
    """Return the unit called ``wanted`` among those of ``unit``."""
    known = {label: divisor for divisor, label in (*_choices(unit, "en"), *_choices(unit, "zh"))}
    known.pop("", None)
    if wanted in known:
        return Scale(known[wanted], wanted, _glue(wanted))
    if not known:
        raise UserError(f'unit "{wanted}" does not suit this variable: it is a plain number')
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise UserError(f'unit "{wanted}" does not suit a variable in {unit}{hint}\n     units that do: {", ".join(known)}')


def point_scale(lang: Lang) -> Scale:
    """Differences of shares: percentage points."""
    label = pick(lang, "percentage points", "个百分点")
    return Scale(0.01, label, _glue(label))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return at most ``most`` + 1 round numbers (1, 2, 2.5, 5 times a power of ten) within ``low`` and ``high``."""
    span = high - low
    if not (math.isfinite(span) and span > 0.0):
        return [low] if math.isfinite(low) else []
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def tick_labels(values: list[float], *, sign: bool = False) -> list[str]:
    """Return tick texts, all with the decimals the step needs."""
    if len(values) < 2:
        decimals = 0 if all(v == int(v) for v in values) else 2
    else:
        step = values[1] - values[0]
        decimals = next((d for d in range(12) if abs(round(step, d) - step) < 1e-9 * abs(step)), 12)
    plain = Scale(1.0, "")
    return [plain.number(value, decimals if round(value, decimals) else 0, sign=sign) for value in values]


def fitting_ticks(low: float, high: float, room: float, size: float, most: int = 4) -> list[float]:
    """Return ticks whose labels, side by side at font ``size``, leave each other a gap within ``room`` points."""
    for number in range(most, 0, -1):
        values = ticks(low, high, number)
        apart = room / (high - low) * (values[1] - values[0]) if len(values) > 1 else room
        if all(width(label, size) + 8.0 <= apart for label in tick_labels(values)):
            return values
    return ticks(low, high, 1)[:1]
