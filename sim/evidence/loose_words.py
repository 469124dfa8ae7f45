"""Values, months and units as people write them in tables of their own; ``sim.evidence.facts`` has the strict forms."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from sim.evidence.facts import finite_number, plain_unit
from sim.evidence.words import words
from sim.units import CHINESE_SCALES, UnitError, parse_month

YEAR: Final = 12

_MINUS: Final = ("\u2212", "\u2013", "\uff0d")
"""Minus sign, short dash, full-width hyphen."""
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)

_SCALES: Final[dict[str, Decimal]] = {
    word: Decimal(10) ** power for word, power in sorted(words("scales").items(), key=lambda item: -len(item[0]))
}
"""English scale words, the longest first: "hundred million" is not read as a million."""

_YUAN: Final[tuple[str, ...]] = tuple(words("meant_a_year")["yuan"])
_MEANT: Final[dict[str, list[str]]] = {
    **words("meant"),
    "yuan/year": [f"{word}{per}" for word in _YUAN for per in words("meant_a_year")["per"]],
}
"""Words for a unit of ``sim.evidence.facts``. Whatever is counted is a count; its first word, firms, stands for all."""

_UNIT_OF: Final[dict[str, str]] = {word: unit for unit, meant in _MEANT.items() for word in meant}


def loose_value(value: str, unit: str) -> tuple[Decimal, str] | None:
    """Return a number and its unit, or None for what is no single number (``40-45``, ``over 30``).

    Thousands separators (``30,000``), a minus of any kind and a percent sign (``5%``, where the unit is percent or
    empty) are read.
    """
    text = f"-{value[1:]}" if value.startswith(_MINUS) else value
    if text.endswith(("%", "％")):
        unit = unit or "percent"
        plain = loose_unit(Decimal(100), unit)
        if plain != (Decimal(1), "share"):
            return None
        text = text[:-1].rstrip()
    number = finite_number(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    return None if number is None else (number, unit)


def loose_month(text: str, *, last: bool) -> int | None:
    """Return the month number of a text, or None when it names no month.

    ``2025-01``, ``2025-1``, ``2025/01``, ``2025年1月``, and of a year alone its first or ``last`` month.
    """
    found = _DATE.fullmatch(re.sub("[年月/]", "-", text.removesuffix("日")).removesuffix("-"))
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        if month is None:
            return parse_month(f"{year}-{YEAR if last else 1:02d}")
        return parse_month(f"{year}-{int(month):02d}" + (f"-{int(day):02d}" if day else ""))
    except UnitError:
        return None


def loose_unit(value: Decimal, unit: str) -> tuple[Decimal, str] | None:
    """Return a value in its plain unit, or None when the unit is not known.

    What ``plain_unit`` knows is converted as there; then upper and lower case, further scale words ("hundred million",
    百万), other names of the yuan, and further words for people and things counted.
    """
    known = plain_unit(value, unit)
    if known is not None:
        return known
    scale, thing = split_unit(unit)
    for word in (_UNIT_OF.get(thing, thing), f"{thing}s"):
        known = plain_unit(value * scale, word)
        if known is not None:
            return known
    return None


def split_unit(unit: str) -> tuple[Decimal, str]:
    """Return the size of a unit's scale word, 1 without one, and the unit without it in lower case."""
    text = " ".join(unit.casefold().split())
    currency, _, rest = text.partition(" ")
    if currency in _YUAN and rest in _SCALES:
        text = f"{rest} yuan"
    for word, scale in _SCALES.items():
        if text.startswith(f"{word} "):
            return scale, text[len(word) + 1 :]
    compact = text.replace(" ", "")
    for word, scale in CHINESE_SCALES.items():
        if compact.startswith(word):
            return scale, compact[len(word) :]
    return Decimal(1), text


def counted_thing(unit: str) -> str:
    """Return what a unit counts, as printed where it has no scale word: ``firms`` of ``thousand firms``."""
    scale, thing = split_unit(unit)
    return unit if scale == 1 else thing
