"""Amounts with units: the only place where text such as ``"2亿元"`` or ``"12 yuan/m2/month"`` becomes a number.

Inside the model money is in yuan, areas in square metres, shares between 0 and 1, months are counted as
``year * 12 + month - 1``. An amount without a unit is refused, because 200 yuan, 200万元 and 2亿元 differ by a factor
of a million. Arithmetic is decimal, so ``"0.2 billion yuan"`` is exactly ``200_000_000.0``. Signs are read; whether
a negative amount makes sense is the caller's question.
"""

from __future__ import annotations

import datetime
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Literal

Language = Literal["en", "zh"]


def pick(language: str, english: str, chinese: str) -> str:
    """Return the text of the language."""
    return chinese if language == "zh" else english


class UnitError(ValueError):
    """An amount that cannot be read without guessing.

    Attributes
    ----------
    problem
        What is wrong in English and Chinese, starting with the value as written, so that ``key = problem`` is a
        sentence.
    advice
        What to write instead in both.
    """

    def __init__(self, problem: str, advice: str, value: object = None, **values: object) -> None:
        kind = WORDS["advice"][advice]
        self.problem, self.advice = (
            {
                lang: text.format(value=shown(value), wanted=wanted, **values)
                for lang, text, wanted in zip(("en", "zh"), texts, kind.get("wanted", ("", "")), strict=True)
            }
            for texts in (WORDS["problems"][problem], kind["write"])
        )
        super().__init__(f"{self.problem['en']}; {self.advice['en']}")


WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
ENGLISH_SCALES = {word: Decimal(10) ** power for word, power in WORDS["english"].items()}
CHINESE_SCALES = {word: Decimal(10) ** power for word, power in WORDS["chinese"].items()}
AREA_SIZES = {
    "m2": Decimal(1),
    "mu": Decimal(2000) / Decimal(3),  # a fifteenth of a hectare
    "ha": Decimal(10_000),
    "km2": Decimal(1_000_000),
}
SINGULAR: dict[str, str] = {counted: words[1] for counted, words in WORDS["things"].items() if counted.endswith("s")}
"""How a counted thing is named after a slash: ``yuan/firm``."""
UNIT_OF_WORD: dict[str, str] = {
    word: canonical
    for table in ("area", "time", "things")
    for canonical, words in WORDS[table].items()
    for word in words
}
"""Canonical unit of every accepted word, lower case; counted things in the plural."""

_NUMBER = re.compile(
    r"(?P<sign>[+\-\u2212]?)(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<power>[eE][+-]?\d{1,3})?",
    re.ASCII,
)
_LONGEST_TEXT = 200


def shown(value: object) -> str:
    """Return ``value`` as it is written in a TOML file, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        short = value if len(value) <= 60 else value[:57] + "..."
        return json.dumps(short, ensure_ascii=False)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {shown(item)}' for key, item in islice(value.items(), 4))} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(shown, value[:6]))}]"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def clean(value: str, advice: str, **values: object) -> str:
    """Return the text with plain spaces, or raise ``UnitError`` for text that should not be read at all.

    Full-width digits and letters are refused, not converted: they come from an input method that was left on, and
    the same file usually holds others that would be read as something else.
    """
    if len(value) > _LONGEST_TEXT:
        raise UnitError("too_long", advice, value, **values)
    wide = [letter for letter in value if "\uff01" <= letter <= "\uff5e" or letter == "\u3000"]
    if wide:
        plain = "".join(
            chr(ord(letter) - 0xFEE0) if "\uff01" <= letter <= "\uff5e" else " " if letter == "\u3000" else letter
            for letter in value
        )
        code = f"U+{ord(wide[0]):04X}"
        raise UnitError("full_width", "half_width", value, letter=wide[0], code=code, plain=shown(plain))
    return " ".join(value.split())


def read_number(text: str) -> tuple[Decimal, str] | None:
    """Split ``text`` into a leading number with its scale words and the rest; None when no number leads.

    ``"0.2 billion yuan"`` gives ``(Decimal("200000000.0"), "yuan")``, ``"2亿5000万元"`` 250 million and ``"元"``.
    """
    total: Decimal | None = None
    previous_scale: Decimal | None = None
    rest = text
    while True:
        match = _NUMBER.match(rest)
        if match is None or (total is not None and match["sign"]):
            break
        number = Decimal(match["digits"].replace(",", "") + (match["power"] or ""))
        if match["sign"] in ("-", "\u2212"):
            number = -number
        scale, after = _read_scale(rest[match.end() :].lstrip())
        if total is None:
            total = number * scale
        elif previous_scale is not None and scale < previous_scale and number * scale < previous_scale:
            total += (number * scale).copy_sign(total) if total else number * scale
        else:
            return None
        rest = after
        if scale == 1 or scale in ENGLISH_SCALES.values():
            break
        previous_scale = scale
    return None if total is None else (total, rest)


def _read_scale(text: str) -> tuple[Decimal, str]:
    lowered = text.lower()
    for word, scale in ENGLISH_SCALES.items():
        if lowered.startswith(word) and not lowered[len(word) : len(word) + 1].isalpha():
            return scale, text[len(word) :].lstrip()
    for word, scale in CHINESE_SCALES.items():
        if text.startswith(word):
            return scale, text[len(word) :].lstrip()
    return Decimal(1), text


def split_per(text: str) -> list[str]:
    """Split ``"yuan/m2/month"`` or ``"yuan per m2 per month"`` into its parts, trimmed."""
    return [part.strip() for part in re.split(r"/|\bper\b", text)]


def canonical_unit(word: str) -> str | None:
    """Return the canonical unit for a word in either language, or None."""
    return UNIT_OF_WORD.get(word.lower())


FIRST_YEAR, LAST_YEAR = 1900, 2199


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
        ends = {"low": self.low, "high": self.high}
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise UnitError("end_not_number", "two_numbers", ends)
        if self.low > self.high:
            raise UnitError("low_above_high", "smaller_first", ends)

    @property
    def centre(self) -> float:
        """Middle of the range."""
        return self.low + (self.high - self.low) / 2

    def at(self, position: float) -> float:
        """Return the value at ``position`` between 0 (low) and 1 (high)."""
        return self.low + (self.high - self.low) * position


def lowest(value: float | Uncertain) -> float:
    """Return a number, or the lowest that a replicate may draw."""
    return float(value.low if isinstance(value, Uncertain) else value)


def centre(value: float | Uncertain) -> float:
    """Return a number, or the middle of a range."""
    return float(value.centre if isinstance(value, Uncertain) else value)


def highest(value: float | Uncertain) -> float:
    """Return a number, or the highest that a replicate may draw."""
    return float(value.high if isinstance(value, Uncertain) else value)


# --- months ------------------------------------------------------------------------------------------------


def month_number(year: int, month: int) -> int:
    """Return the count of a month, ``year * 12 + month - 1``; raise ``UnitError`` for a month outside 1 to 12."""
    if not 1 <= month <= 12:
        raise UnitError("not_wanted", "month", f"{year}-{month:02d}")
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
        year, month = value.year, value.month
    else:
        text = clean(value, "month") if isinstance(value, str) else ""
        match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", text, re.ASCII)
        if match is None:
            raise UnitError("not_wanted", "month", value)
        year, month = int(match[1]), int(match[2])
        if match[3] is not None:
            try:
                datetime.date(year, month, int(match[3]))
            except ValueError:
                raise UnitError("not_a_day", "month", value) from None
    if not 1 <= month <= 12:
        raise UnitError("not_wanted", "month", value)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnitError("outside_years", "month", value, first=FIRST_YEAR, last=LAST_YEAR)
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
        raise UnitError("amount_per", "amount_alone", value, per=parts[1] or "...")
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
    number, parts = _read_money(value, "rate", example=example)
    factor = _convert(value, parts[1:], wanted, example)
    return float(Decimal(repr(number)) * factor)


def _read_money(value: Any, advice: str = "money", **values: object) -> tuple[float, list[str]]:
    """Return yuan and the parts of the unit text, the first of which is the currency."""
    number, rest = _read(value, advice, **values)
    parts = split_per(rest)
    currency = parts[0].lower()
    bare_chinese_scale = currency == "" and re.search(r"[亿万]\s*(/.*|per .*)?$", clean(value, advice, **values))
    if currency not in WORDS["money"]["yuan"] and not bare_chinese_scale:
        foreign = next((word for word in WORDS["money"]["foreign"] if word in currency), None)
        if foreign is not None:
            raise UnitError("foreign", "convert", value)
        if currency == "":
            raise UnitError("no_unit", advice, value, **values)
        raise UnitError("unknown_unit", advice, value, unit=shown(parts[0]), **values)
    return _finite(value, number), parts


def _finite(value: object, number: Decimal) -> float:
    result = float(number)
    if not math.isfinite(result):
        raise UnitError("too_large", "digits", value)
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
            raise UnitError("not_per", "as_in", value, per=SINGULAR.get(unit, unit), example=example)
        left.remove(match)
        factor *= _size(unit) / _size(match)
    if left:
        extra = SINGULAR.get(left[0], left[0])
        raise UnitError("per_more", "as_in", value, per=extra, example=example)
    return factor


def _denominator(value: object, part: str, example: str) -> str:
    unit = canonical_unit(part)
    if unit is None:
        raise UnitError("unknown_per", "as_in", value, unit=shown(part), example=example)
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
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value) or abs(value) > 1:
            raise UnitError("not_wanted", "share", value)
        return float(value)
    number, rest = _read(value, "share")
    if rest.lower() in ("%", "percent", "per cent"):
        return _finite(value, number.scaleb(-2))
    if rest == "" and abs(number) <= 1:
        return float(number)
    raise UnitError("not_wanted", "share", value)


def parse_share(value: Any) -> float:
    """Return a share between 0 and 1 from ``"20%"`` or ``0.20``.

    Raises
    ------
    UnitError
        For 20, ``"120%"``, a negative share, or anything that is not a number.
    """
    share = parse_percent(value)
    if not 0 <= share <= 1:
        raise UnitError("beyond_share", "share", value)
    return share


def parse_area(value: Any) -> float:
    """Return an area in square metres from ``"10 mu"``, ``"10亩"``, ``"3 ha"`` or ``"5000 m2"``."""
    number, unit = _read_quantity(value, "area")
    canonical = canonical_unit(unit)
    if canonical not in AREA_SIZES:
        raise UnitError("unknown_unit", "area", value, unit=shown(unit))
    if canonical == "mu":  # 2000/3 is not decimal: divide last
        return _finite(value, number * 2000 / 3)
    return _finite(value, number * AREA_SIZES[canonical])


def parse_flow(value: Any, unit: str) -> float:
    """Return a flow in a unit: ``"9000吨/日"`` is 9000.0 in ``"t/day"``.

    Parameters
    ----------
    value
        Text with a thing and a time: ``"9000 t/day"``, ``"600 persons/year"``.
    unit
        Unit that is wanted; years and months are converted, anything else is an error.
    """
    number, text = _read_quantity(value, "flow")
    parts = split_per(text)
    thing, *times = (canonical_unit(part) for part in parts)
    if thing is None or thing in WORDS["time"] or len(times) != 1 or times[0] not in WORDS["time"]:
        raise UnitError("not_wanted", "flow", value)
    wanted_thing, _, wanted_time = unit.partition("/")
    if canonical_unit(wanted_thing) != thing:
        raise UnitError("not_in_unit", "in_unit", value, unit=unit)
    return _finite(value, number * _convert(value, parts[1:], [wanted_time], f'"600 {unit}"'))


def parse_count(value: Any) -> int:
    """Return a whole number of people, firms, plots, booths or buyers; text such as ``"3万"`` is read too."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        number, rest = _read(value, "count")
        if rest and canonical_unit(rest) not in SINGULAR:
            raise UnitError("unknown_unit", "count", value, unit=shown(rest))
        value = _finite(value, number)
    if not math.isfinite(value) or value != int(value):
        raise UnitError("not_wanted", "count", value)
    return int(value)


def _read_quantity(value: Any, kind: str) -> tuple[Decimal, str]:
    number, rest = _read(value, kind)
    if not rest:
        raise UnitError("no_unit", kind, value)
    return number, rest


def _read(value: Any, kind: str, **values: object) -> tuple[Decimal, str]:
    """Return the number that a text begins with, and what follows it; ``kind`` of amount names the advice."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise UnitError("no_unit", kind, value, **values)
    found = read_number(clean(value, kind, **values)) if isinstance(value, str) else None
    if found is None:
        raise UnitError("not_wanted", kind, value, **values)
    return found


# --- printing ----------------------------------------------------------------------------------------------

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
    return f"{amount}/{unit_label(per, lang)}" if per else amount


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
    return "/".join(WORDS["printed"].get(UNIT_OF_WORD.get(part, part), part) for part in unit.split("/"))


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
    counted = canonical in SINGULAR
    number = format_count(value, lang) if counted else _plain(round_significant(value, digits))
    return f"{number}{unit_label(unit, lang)}" if lang == "zh" else f"{number} {unit}"
