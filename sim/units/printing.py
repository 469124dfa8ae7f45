"""Amounts as a reader sees them: million and billion yuan in English, 万元 and 亿元 in Chinese."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from sim.units.words import CHINESE_UNITS, SINGULAR, THINGS, UNIT_OF_WORD

Language = Literal["en", "zh"]

MISSING = "n/a"
"""Shown for a value that does not exist (not a number)."""

_STEPS: dict[str, tuple[tuple[int, str], ...]] = {
    "en": ((9, "billion yuan"), (6, "million yuan"), (0, "yuan")),
    "zh": ((8, "亿元"), (4, "万元"), (0, "元")),
}


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text cell that begins with one of these would be run as a formula by a spreadsheet."""


def plain_cell(value: object) -> object:
    """Return a cell of a CSV file that no spreadsheet takes for a formula: such text with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _language(lang: str) -> str:
    if lang not in _STEPS:
        msg = f"lang must be 'en' or 'zh', not {lang!r}"
        raise ValueError(msg)
    return lang


def round_significant(value: float, digits: int) -> Decimal:
    """Return ``value`` rounded to ``digits`` significant digits, exactly, halves to even."""
    number = Decimal(repr(float(value)))
    if number == 0:
        return Decimal(0)
    return number.quantize(Decimal(1).scaleb(number.adjusted() - digits + 1), rounding=ROUND_HALF_EVEN)


def _plain(number: Decimal, *, commas: bool = True) -> str:
    text = f"{number:,f}" if commas else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _power_and_label(size: Decimal, lang: str) -> tuple[int, str]:
    for power, label in _STEPS[lang]:
        if size >= Decimal(1).scaleb(power):
            return power, label
    return 0, _STEPS[lang][-1][1]


def money_unit(reference_yuan: float, lang: str) -> tuple[float, str]:
    """Return the divisor and label in which an amount of this size reads well, so that a column uses one unit."""
    lang = _language(lang)
    size = abs(Decimal(repr(float(reference_yuan)))) if math.isfinite(reference_yuan) else Decimal(0)
    power, label = _power_and_label(size, lang)
    return float(10**power), label


def format_money(yuan: float, lang: str, per: str | None = None, digits: int = 3) -> str:
    """Return an amount with its unit: ``4.2亿元``, ``420 million yuan``, ``8 million yuan/year``.

    Parameters
    ----------
    yuan
        Amount in yuan.
    lang
        ``en`` or ``zh``.
    per
        What the amount is per, in canonical units: ``year``, ``m2/month``, ``firm``.
    digits
        Significant digits; 17 is exact for every float.
    """
    lang = _language(lang)
    if not math.isfinite(yuan):
        return MISSING
    rounded = round_significant(yuan, digits)
    power, label = _power_and_label(abs(rounded), lang)
    scaled = rounded.scaleb(-power)
    number = _plain(scaled, commas=lang == "en" or abs(scaled) >= 10_000)
    amount = f"{number}{label}" if lang == "zh" else f"{number} {label}"
    return amount + _per_text(per, lang)


def _per_text(per: str | None, lang: str) -> str:
    if not per:
        return ""
    parts = per.split("/")
    if lang == "en":
        return "".join(f"/{part}" for part in parts)
    return "".join(f"/{CHINESE_UNITS.get(UNIT_OF_WORD.get(part, part), part)}" for part in parts)


def format_share(share: float, lang: str = "en", digits: int = 3) -> str:
    """Return a share of one as percent with ``digits`` significant digits: ``0.58`` is ``58%``."""
    _language(lang)
    if not math.isfinite(share):
        return MISSING
    return f"{_plain(round_significant(share, digits).scaleb(2), commas=False)}%"


def format_count(number: float, lang: str = "en") -> str:
    """Return a count as a whole number with separators; Chinese text has none below ten thousand."""
    _language(lang)
    if not math.isfinite(number):
        return MISSING
    whole = round(number)
    return f"{whole:,}" if lang == "en" or abs(whole) >= 10_000 else str(whole)


def unit_label(unit: str, lang: str) -> str:
    """Return how a unit such as ``persons/year`` is written in a language; ``share`` reads as percent."""
    if unit == "share":
        return "%"
    if unit in ("count", "index"):
        return ""
    if _language(lang) == "en":
        return unit
    return "/".join(CHINESE_UNITS.get(UNIT_OF_WORD.get(part, part), part) for part in unit.split("/"))


def format_value(value: float, unit: str, lang: str = "en", digits: int = 3) -> str:
    """Return a value in one of the plain units of ``sim.observables``, or of a fact, as a reader sees it."""
    lang = _language(lang)
    if not math.isfinite(value):
        return MISSING
    head, _, per = unit.partition("/")
    if head == "yuan":
        return format_money(value, lang, per=per or None, digits=digits)
    if unit == "share":
        return format_share(value, lang, digits)
    if unit == "count":
        return format_count(value, lang)
    if unit == "index":
        return _plain(round_significant(value, max(digits, 3)))
    canonical = UNIT_OF_WORD.get(head, head)
    counted = canonical in THINGS and canonical in SINGULAR
    number = format_count(value, lang) if counted else _plain(round_significant(value, digits))
    return f"{number}{unit_label(unit, lang)}" if lang == "zh" else f"{number} {unit}"
