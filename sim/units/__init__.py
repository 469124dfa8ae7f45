"""Amounts with units: the only place where text such as ``"2亿元"`` or ``"12 yuan/m2/month"`` becomes a number.

Inside the model money is in yuan, areas in square metres, shares between 0 and 1, months are counted as
``year * 12 + month - 1``. An amount without a unit is refused, because 200 yuan, 200万元 and 2亿元 differ by a factor
of a million. Arithmetic is decimal, so ``"0.2 billion yuan"`` is exactly ``200_000_000.0``. Signs are read; whether
a negative amount makes sense is the caller's question.
"""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sim.units.printing import (
    MISSING,
    Language,
    format_count,
    format_money,
    format_share,
    format_value,
    money_unit,
    plain_cell,
    unit_label,
)
from sim.units.words import (
    AREA_SIZES,
    FOREIGN_MONEY,
    SINGULAR,
    TIME_UNITS,
    YUAN_WORDS,
    UnitError,
    canonical_unit,
    clean,
    read_number,
    shown,
    split_per,
)

__all__ = [
    "MISSING",
    "Language",
    "Uncertain",
    "UnitError",
    "format_count",
    "format_money",
    "format_share",
    "format_value",
    "money_unit",
    "month_number",
    "month_of",
    "month_text",
    "parse_area",
    "parse_count",
    "parse_flow",
    "parse_money",
    "parse_money_rate",
    "parse_month",
    "parse_percent",
    "parse_share",
    "plain_cell",
    "unit_label",
    "year_of",
]

FIRST_YEAR, LAST_YEAR = 1900, 2199

_MONEY_ADVICE = 'write the unit: "200 million yuan", "2亿元" or "20000万元"'
_SHARE_ADVICE = 'write "20%" or 0.20'
_MONTH_ADVICE = 'write "2026-01" ... "2026-12"'
_AREA_ADVICE = 'write the unit: "10 mu", "10亩", "3 ha" or "5000 m2"'
_FLOW_ADVICE = 'write the unit: "9000 t/day", "600 persons/year"'
_COUNT_ADVICE = "write a whole number such as 400"


@dataclass(frozen=True)
class Uncertain:
    """A value known only as a range; one value is drawn for each replicate, the same in paired runs.

    Attributes
    ----------
    low, high
        Ends of the range in the plain unit, low not above high, both finite.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse a range that is not one."""
        written = f"{{ low = {self.low}, high = {self.high} }}"
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise UnitError(f"{written} has an end that is not a number", "write two numbers")
        if self.low > self.high:
            raise UnitError(f"{written} has low above high", "write the smaller value as low")

    @property
    def centre(self) -> float:
        """Middle of the range."""
        return self.low + (self.high - self.low) / 2

    def at(self, position: float) -> float:
        """Return the value at ``position`` between 0 (low) and 1 (high)."""
        return self.low + (self.high - self.low) * position


# --- months ------------------------------------------------------------------------------------------------


def month_number(year: int, month: int) -> int:
    """Return the count of a month, ``year * 12 + month - 1``; raise ``UnitError`` for a month outside 1 to 12."""
    if not 1 <= month <= 12:
        raise UnitError(f'"{year}-{month:02d}" is not a month', _MONTH_ADVICE)
    return year * 12 + month - 1


def year_of(number: int) -> int:
    """Return the calendar year of a month number."""
    return number // 12


def month_of(number: int) -> int:
    """Return the calendar month, 1 to 12, of a month number."""
    return number % 12 + 1


def month_text(number: int) -> str:
    """Return a month number as ``2026-01``."""
    return f"{year_of(number):04d}-{month_of(number):02d}"


def parse_month(value: Any) -> int:
    """Return the month number of ``"2026-01"``, of a date or of the text of a date.

    Raises
    ------
    UnitError
        For a year alone, a thirteenth month, a month in words, or a year outside 1900 to 2199.
    """
    if isinstance(value, datetime.date):
        return _checked_month(value, value.year, value.month)
    if not isinstance(value, str):
        raise UnitError(f"{shown(value)} is not a month", _MONTH_ADVICE)
    text = clean(value, _MONTH_ADVICE)
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", text, re.ASCII)
    if match is None:
        raise UnitError(f"{shown(value)} is not a month", _MONTH_ADVICE)
    year, month = int(match[1]), int(match[2])
    if match[3] is not None:
        try:
            datetime.date(year, month, int(match[3]))
        except ValueError:
            raise UnitError(f"{shown(value)} is not a day of the calendar", _MONTH_ADVICE) from None
    return _checked_month(value, year, month)


def _checked_month(value: object, year: int, month: int) -> int:
    if not 1 <= month <= 12:
        raise UnitError(f"{shown(value)} is not a month", _MONTH_ADVICE)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnitError(f"{shown(value)} is outside the years {FIRST_YEAR} to {LAST_YEAR}", _MONTH_ADVICE)
    return month_number(year, month)


# --- money -------------------------------------------------------------------------------------------------


def parse_money(value: Any) -> float:
    """Return an amount of money in yuan.

    Raises
    ------
    UnitError
        For a bare number, a scale without a currency, another currency, or an amount per something.
    """
    number, parts = _read_money(value)
    if len(parts) > 1:
        raise UnitError(
            f"{shown(value)} is an amount per {parts[1] or '...'}, but a plain amount is wanted here",
            'write the amount alone, such as "6000 yuan"',
        )
    return number


def parse_money_rate(value: Any, per: str) -> float:
    """Return an amount of money per something, converted to yuan per ``per``.

    Parameters
    ----------
    value
        Text such as ``"8 million yuan/year"``, ``"12元/平方米/月"``, ``"6000 yuan/firm"``.
    per
        Wanted denominators in any order, as in ``"year"``, ``"m2/month"``, ``"firm"``. Areas and years, months are
        converted; days are not, because a month has no fixed number of them.

    Raises
    ------
    UnitError
        As ``parse_money``, and when the denominators do not fit ``per``.
    """
    wanted = split_per(per)
    example = f'"6000 yuan/{"/".join(wanted)}"'
    number, parts = _read_money(value, advice=f"write the unit: {example}")
    factor = _convert(value, parts[1:], wanted, example)
    return float(Decimal(repr(number)) * factor)


def _read_money(value: Any, advice: str = _MONEY_ADVICE) -> tuple[float, list[str]]:
    """Return yuan and the parts of the unit text, the first of which is the currency."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnitError(f"{shown(value)} is not an amount of money", advice)
    if not isinstance(value, str):
        raise UnitError(f"{shown(value)} has no unit", advice)
    text = clean(value, advice)
    found = read_number(text)
    if found is None:
        raise UnitError(f"{shown(value)} is not an amount of money", advice)
    number, rest = found
    parts = split_per(rest)
    currency = parts[0].lower()
    bare_chinese_scale = currency == "" and re.search(r"[亿万]\s*(/.*|per .*)?$", text) is not None
    if currency not in YUAN_WORDS and not bare_chinese_scale:
        foreign = next((word for word in FOREIGN_MONEY if word in currency), None)
        if foreign is not None:
            raise UnitError(f"{shown(value)} is not in yuan", "convert it to yuan at a rate named in the source")
        if currency == "":
            raise UnitError(f"{shown(value)} has no unit", advice)
        raise UnitError(f"{shown(value)} has the unknown unit {shown(parts[0])}", advice)
    return _finite(value, number), parts


def _finite(value: object, number: Decimal) -> float:
    result = float(number)
    if not math.isfinite(result):
        raise UnitError(f"{shown(value)} is too large", "check the number of digits")
    return result


def _convert(value: object, given: list[str], wanted: list[str], example: str) -> Decimal:
    """Return the factor that turns an amount per ``given`` into one per ``wanted``."""
    left = [_denominator(value, part, example) for part in given]
    factor = Decimal(1)
    for part in wanted:
        unit = canonical_unit(part)
        if unit is None:
            msg = f"unknown unit {part!r}"
            raise ValueError(msg)
        match = next((item for item in left if _same_kind(item, unit)), None)
        if match is None:
            raise UnitError(f"{shown(value)} is not per {SINGULAR.get(unit, unit)}", f"write {example}")
        left.remove(match)
        factor *= _size(unit) / _size(match)
    if left:
        extra = SINGULAR.get(left[0], left[0])
        raise UnitError(f"{shown(value)} is per {extra}, which is not wanted here", f"write {example}")
    return factor


def _denominator(value: object, part: str, example: str) -> str:
    unit = canonical_unit(part)
    if unit is None:
        raise UnitError(f"{shown(value)} has the unknown unit {shown(part)} after the slash", f"write {example}")
    return unit


def _same_kind(one: str, other: str) -> bool:
    if one == other:
        return True
    return (one in AREA_SIZES and other in AREA_SIZES) or {one, other} == {"year", "month"}


def _size(unit: str) -> Decimal:
    return AREA_SIZES.get(unit, Decimal(12) if unit == "year" else Decimal(1))


# --- shares, areas, flows, counts --------------------------------------------------------------------------


def parse_percent(value: Any) -> float:
    """Return a rate of any sign and size as a fraction: ``"14.85%"`` is 0.1485, ``-0.02`` is -0.02.

    Numbers without a percent sign must lie between -1 and 1, so that 5 is not taken for 500 percent.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnitError(f"{shown(value)} is not a share", _SHARE_ADVICE)
    if not isinstance(value, str):
        if not math.isfinite(value) or abs(value) > 1:
            raise UnitError(f"{shown(value)} is not a share", _SHARE_ADVICE)
        return float(value)
    text = clean(value, _SHARE_ADVICE)
    found = read_number(text)
    if found is None:
        raise UnitError(f"{shown(value)} is not a share", _SHARE_ADVICE)
    number, rest = found
    if rest.lower() in ("%", "percent", "per cent"):
        return _finite(value, number.scaleb(-2))
    if rest == "" and abs(number) <= 1:
        return float(number)
    raise UnitError(f"{shown(value)} is not a share", _SHARE_ADVICE)


def parse_share(value: Any) -> float:
    """Return a share between 0 and 1 from ``"20%"`` or ``0.20``.

    Raises
    ------
    UnitError
        For 20, ``"120%"``, a negative share, or anything that is not a number.
    """
    share = parse_percent(value)
    if not 0 <= share <= 1:
        raise UnitError(f"{shown(value)} is not a share between 0 and 100%", _SHARE_ADVICE)
    return share


def parse_area(value: Any) -> float:
    """Return an area in square metres from ``"10 mu"``, ``"10亩"``, ``"3 ha"`` or ``"5000 m2"``."""
    number, unit = _read_quantity(value, _AREA_ADVICE, "an area")
    canonical = canonical_unit(unit)
    if canonical not in AREA_SIZES:
        raise UnitError(f"{shown(value)} has the unknown unit {shown(unit)}", _AREA_ADVICE)
    if canonical == "mu":  # 2000/3 is not decimal: divide last
        return _finite(value, number * 2000 / 3)
    return _finite(value, number * AREA_SIZES[canonical])


def parse_flow(value: Any, unit: str | None = None) -> tuple[float, str]:
    """Return a flow and its unit in canonical words: ``"9000吨/日"`` gives ``(9000.0, "t/day")``.

    Parameters
    ----------
    value
        Text with a thing and a time: ``"9000 t/day"``, ``"600 persons/year"``.
    unit
        When given, the unit that is wanted; years and months are converted, anything else is an error.
    """
    number, text = _read_quantity(value, _FLOW_ADVICE, "a flow")
    parts = split_per(text)
    names = [canonical_unit(part) for part in parts]
    thing = names[0]
    if len(parts) != 2 or thing is None or names[1] not in TIME_UNITS or thing in TIME_UNITS:
        raise UnitError(f"{shown(value)} is not a flow", _FLOW_ADVICE)
    found = f"{thing}/{names[1]}"
    if unit is None:
        return _finite(value, number), found
    wanted_thing, _, wanted_time = unit.partition("/")
    if canonical_unit(wanted_thing) != thing:
        raise UnitError(f"{shown(value)} is not in {unit}", f'write it as "600 {unit}"')
    factor = _convert(value, [parts[1]], [wanted_time], f'"600 {unit}"')
    return _finite(value, number * factor), unit


def parse_count(value: Any) -> int:
    """Return a whole number of people, firms, plots, booths or buyers; text such as ``"3万"`` is read too."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnitError(f"{shown(value)} is not a whole number", _COUNT_ADVICE)
    if isinstance(value, str):
        found = read_number(clean(value, _COUNT_ADVICE))
        if found is None:
            raise UnitError(f"{shown(value)} is not a whole number", _COUNT_ADVICE)
        number, rest = found
        if rest and canonical_unit(rest) not in SINGULAR:
            raise UnitError(f"{shown(value)} has the unknown unit {shown(rest)}", _COUNT_ADVICE)
        value = _finite(value, number)
    if not math.isfinite(value) or value != int(value):
        raise UnitError(f"{shown(value)} is not a whole number", _COUNT_ADVICE)
    return int(value)


def _read_quantity(value: Any, advice: str, kind: str) -> tuple[Decimal, str]:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnitError(f"{shown(value)} is not {kind}", advice)
    if not isinstance(value, str):
        raise UnitError(f"{shown(value)} has no unit", advice)
    found = read_number(clean(value, advice))
    if found is None:
        raise UnitError(f"{shown(value)} is not {kind}", advice)
    number, rest = found
    if not rest:
        raise UnitError(f"{shown(value)} has no unit", advice)
    return number, rest
