"""Numbers as readers see them: one unit per row, and never more digits than the simulation noise allows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.compare.comparison import Row
from sim.compare.statistics import Band, decimals_shown
from sim.report.words import say
from sim.units import Language, money_unit, unit_label
from sim.validation.skill import Band as PredictedBand

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

    def plain(self, value: float, decimals: int, *, signed: bool = False, commas: bool = True) -> str:
        """Return a stored value in this unit, without its label; see ``plain``."""
        return plain(value / self.divisor, decimals, signed=signed, commas=commas)

    def span(self, low: float, high: float, decimals: int, *, signed: bool = False) -> str:
        """Return two stored values as the ends of a range in this unit; see ``span``."""
        return span(low / self.divisor, high / self.divisor, decimals, signed=signed)

    def number(self, value: float, decimals: int, *, sign: bool = False) -> str:
        """Return a stored value in this unit as figures show it, with a true minus."""
        return with_sign(value / self.divisor, decimals, sign=sign)

    def amount(self, value: float, decimals: int, *, sign: bool = False) -> str:
        """Return ``number`` with its unit; no blank stands before Chinese units and the percent sign."""
        glued = not self.label or self.label[0] == "%" or self.label[0] > "\u2e80"
        return self.number(value, decimals, sign=sign) + ("" if glued else " ") + self.label

    def decimals(self, standard_error: float, value: float) -> int:
        """Return the decimals that simulation noise allows for ``value`` in this unit."""
        return decimals_shown(standard_error / self.divisor, value / self.divisor)

    def around(self, band: Band, decimals: int, *, signed: bool = False) -> str:
        """Return a stored median and its 90% band: ``2.1 (-0.8 … 4.6)``; only the median where there is no band."""
        middle = self.plain(band.p50, decimals, signed=signed)
        inside = self.span(band.p05, band.p95, decimals, signed=signed)
        return f"{middle} ({inside})" if inside else middle


def scale_for(unit: str, reference: float, language: Language) -> Scale:
    """Return the unit in which values of about ``reference`` (plain unit) read well in ``language``."""
    head, _, per = unit.partition("/")
    if head == "yuan":
        divisor, label = money_unit(reference, language)
        return Scale(divisor, f"{label}/{unit_label(per, language)}" if per else label)
    if unit == "tonnes":
        steps = _TONNES[language]
        return next((Scale(size, label) for size, label in steps if abs(reference) >= size), Scale(1.0, steps[-1][1]))
    if unit in ("share", "percent"):
        points = say(language, "rounding.percentage_points")
        return Scale(0.01 if unit == "share" else 1.0, "%", points)
    return Scale(1.0, "个" if unit == "count" and language == "zh" else unit_label(unit, language))


_TONNES = {"en": ((1e6, "Mt"), (1e3, "kt"), (1.0, "t")), "zh": ((1e4, "万吨"), (1.0, "吨"))}


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


def with_sign(value: float, decimals: int, *, sign: bool = False, commas: bool = True) -> str:
    """Return a number as figures show it, with a true minus; see ``plain``."""
    return plain(value, decimals, signed=sign, commas=commas).replace("-", "\u2212")


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


def range_text(low: str, high: str, language: Language) -> str:
    """Return a range whose ends are shown numbers, empty where it is open: ``at least 3``, ``3 … 5``."""
    if not high:
        return say(language, "rounding.at_least", low=low)
    return f"{low} … {high}" if low else say(language, "rounding.at_most", high=high)


def median_and_band(
    band: Band | PredictedBand, reported: float, unit: str, language: Language, *, size: float, most: int = 4
) -> tuple[str, str]:
    """Return a median with its unit and the 90% band in the same unit, both in the unit of a reported value.

    Decimals, at most ``most``, are those that show ``size`` with three digits; people and firms come whole.
    """
    scale = scale_for(unit, max(abs(reported), abs(band.p50)), language)
    decimals = 0 if unit in ("count", "persons") else min(max(significant(size / scale.divisor, 3), 0), most)
    label = "" if unit == "count" else scale.label
    between = " " if language == "en" and label not in ("", "%") else ""
    return scale.plain(band.p50, decimals) + between + label, scale.span(band.p05, band.p95, decimals)


def occasions(share: float, runs: int) -> str:
    """Return a share of runs as a number of them; halves from ties are kept."""
    count = share * runs
    return plain(count, 0 if abs(count - round(count)) < 1e-9 else 1)


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
