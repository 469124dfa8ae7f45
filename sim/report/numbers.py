"""Numbers as readers see them: one unit per row, and never more digits than the simulation noise allows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.compare.statistics import decimals_shown
from sim.units import Language, money_unit

if TYPE_CHECKING:
    from sim.compare.comparison import Row
    from sim.compare.statistics import Band

MISSING = "-"
MOST_SIGNIFICANT_DIGITS = 4
"""Decimals never show more than this many significant digits, however small the noise."""


@dataclass(frozen=True)
class Scale:
    """A reader's unit: shown value = stored value / ``divisor``, followed by ``label``."""

    divisor: float
    label: str
    difference_label: str = ""
    """Unit of differences where it is another one: percentage points for percent."""

    @property
    def of_differences(self) -> str:
        """Label of a difference."""
        return self.difference_label or self.label


def scale_for(unit: str, reference: float, language: Language) -> Scale:
    """Return the unit in which values of about ``reference`` (plain unit) read well in ``language``."""
    head, _, per = unit.partition("/")
    if head == "yuan":
        divisor, label = money_unit(reference, language)
        if per:
            label += f"/{per}" if language == "en" else f"/{_PER_ZH.get(per, per)}"
        return Scale(divisor, label)
    if unit == "tonnes":
        return _tonnes(abs(reference), language)
    if unit == "share":
        return Scale(0.01, "%", "个百分点" if language == "zh" else "percentage points")
    if unit == "percent":
        return Scale(1.0, "%", "个百分点" if language == "zh" else "percentage points")
    if unit == "count":
        return Scale(1.0, "个" if language == "zh" else "")
    if unit == "index":
        return Scale(1.0, "")
    return Scale(1.0, _UNITS_ZH.get(unit, unit) if language == "zh" else unit)


_PER_ZH = {"year": "年", "month": "月"}
_UNITS_ZH = {"persons": "人"}


def _tonnes(size: float, language: Language) -> Scale:
    """Thousand and million tonnes in English, ten thousand in Chinese."""
    if language == "zh":
        return Scale(1e4, "万吨") if size >= 1e4 else Scale(1.0, "吨")
    if size >= 1e6:
        return Scale(1e6, "Mt")
    return Scale(1e3, "kt") if size >= 1e3 else Scale(1.0, "t")


def row_scale(row: Row, language: Language) -> Scale:
    """Return the unit of a row, taken from the larger of the two medians."""
    sizes = [abs(value) for value in (row.a.p50, row.b.p50) if math.isfinite(value)]
    return scale_for(row.unit, max(sizes, default=0.0), language)


def plain(value: float, decimals: int, *, signed: bool = False, commas: bool = True) -> str:
    """Return ``value`` with ``decimals`` decimals (negative: rounded to tens, hundreds, ...); NaN is a dash."""
    if not math.isfinite(value):
        return MISSING if math.isnan(value) else ("inf" if value > 0 else "-inf")
    rounded = round(value, decimals)
    # Zero has no sign, and rounding to hundreds must not leave "-0".
    if rounded == 0:
        rounded = 0.0
    text = f"{rounded:{',' if commas else ''}.{max(decimals, 0)}f}"
    return f"+{text}" if signed and rounded > 0 else text


def band_decimals(band: Band, standard_error: float, divisor: float) -> int:
    """Return the decimals of a band in units of ``divisor``: what the noise allows, at most four significant digits."""
    sizes = [abs(v) / divisor for v in (band.p05, band.p50, band.p95) if math.isfinite(v)]
    largest = max(sizes, default=0.0)
    allowed = decimals_shown(standard_error / divisor, largest)
    if largest > 0.0:
        allowed = min(allowed, max(MOST_SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(largest)), 0))
    return allowed


def span(low: float, high: float, decimals: int, *, signed: bool = False) -> str:
    """Return ``4.6 … 22.3``; nothing when the band may not be shown."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{plain(low, decimals, signed=signed)} … {plain(high, decimals, signed=signed)}"


def whole(decimals: int, unit: str) -> int:
    """Return the decimals of a number in a plain unit: people, firms and plots come whole."""
    return min(decimals, 0) if unit in ("persons", "count") else decimals


def finite(value: float) -> float | None:
    """Return a number as JSON can hold it: None where it is none."""
    return value if math.isfinite(value) else None


def significant(value: float, digits: int) -> int:
    """Return the decimals that show ``value`` with ``digits`` significant digits (may be negative)."""
    if value == 0.0 or not math.isfinite(value):
        return 0
    exponent = math.floor(math.log10(abs(value)))
    decimals = digits - 1 - exponent
    # 9.96 with two digits rounds to 10, which has one digit more before the point.
    if math.floor(math.log10(abs(round(value, decimals)) or 1.0)) > exponent:
        decimals -= 1
    return decimals
