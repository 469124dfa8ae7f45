"""Words of amounts in English and Chinese, and the reader of numbers; the ground under ``sim.units``."""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal


class UnitError(ValueError):
    """An amount that cannot be read without guessing.

    Attributes
    ----------
    problem
        What is wrong, starting with the value as written, so that ``f"{key} = {problem}"`` is a sentence.
    advice
        What to write instead.
    """

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(f"{problem}; {advice}")
        self.problem = problem
        self.advice = advice


ENGLISH_SCALES: dict[str, Decimal] = {
    "thousand": Decimal(10) ** 3,
    "million": Decimal(10) ** 6,
    "billion": Decimal(10) ** 9,
    "trillion": Decimal(10) ** 12,
}
CHINESE_SCALES: dict[str, Decimal] = {
    "万亿": Decimal(10) ** 12,
    "千亿": Decimal(10) ** 11,
    "百亿": Decimal(10) ** 10,
    "十亿": Decimal(10) ** 9,
    "亿": Decimal(10) ** 8,
    "千万": Decimal(10) ** 7,
    "百万": Decimal(10) ** 6,
    "十万": Decimal(10) ** 5,
    "万": Decimal(10) ** 4,
    "千": Decimal(10) ** 3,
}
YUAN_WORDS = ("元人民币", "人民币", "元", "renminbi", "yuan", "cny", "rmb")
FOREIGN_MONEY = (
    "usd",
    "dollar",
    "us$",
    "$",
    "eur",
    "€",
    "gbp",
    "£",
    "jpy",
    "hkd",
    "美元",
    "美金",
    "欧元",
    "港元",
    "港币",
    "日元",
    "英镑",
)

MU_IN_SQUARE_METRES = Decimal(2000) / Decimal(3)
"""One mu (亩) is a fifteenth of a hectare."""

AREA_UNITS: dict[str, tuple[str, ...]] = {
    "m2": ("m2", "m²", "㎡", "sq m", "sqm", "square metre", "square metres", "square meters", "平方米", "平米"),
    "mu": ("mu", "亩"),
    "ha": ("ha", "hectare", "hectares", "公顷"),
    "km2": ("km2", "km²", "平方公里", "平方千米"),
}
AREA_SIZES: dict[str, Decimal] = {
    "m2": Decimal(1),
    "mu": MU_IN_SQUARE_METRES,
    "ha": Decimal(10_000),
    "km2": Decimal(1_000_000),
}
TIME_UNITS: dict[str, tuple[str, ...]] = {
    "year": ("year", "years", "yr", "a", "年"),
    "month": ("month", "months", "月", "个月"),
    "day": ("day", "days", "d", "日", "天"),
}
THINGS: dict[str, tuple[str, ...]] = {
    "t": ("t", "tonne", "tonnes", "ton", "tons", "吨"),
    "kg": ("kg", "公斤", "千克"),
    "m3": ("m3", "m³", "立方米"),
    "persons": ("persons", "person", "people", "worker", "workers", "trainee", "trainees", "seat", "人", "人次", "名"),
    "firms": (
        "firms",
        "firm",
        "businesses",
        "business",
        "company",
        "companies",
        "enterprise",
        "enterprises",
        "家",
        "户",
        "企业",
    ),
    "buyers": ("buyers", "buyer", "采购商", "位采购商", "客商"),
    "booths": ("booths", "booth", "个展位", "展位"),
    "plots": ("plots", "plot", "个地块", "地块", "块地"),
    "places": ("places", "place", "town", "towns", "county", "counties", "镇", "个镇", "县"),
    "projects": ("projects", "project", "个项目", "项目"),
    "orders": ("orders", "order", "笔", "订单"),
    "stands": ("stands", "stand", "个摊位"),
}
SINGULAR: dict[str, str] = {
    "persons": "person",
    "firms": "firm",
    "buyers": "buyer",
    "booths": "booth",
    "plots": "plot",
    "places": "place",
    "projects": "project",
    "orders": "order",
    "stands": "stand",
}
"""How a counted thing is named after a slash: ``yuan/firm``."""

CHINESE_UNITS: dict[str, str] = {
    "year": "年",
    "month": "月",
    "day": "日",
    "m2": "平方米",
    "mu": "亩",
    "ha": "公顷",
    "km2": "平方公里",
    "t": "吨",
    "kg": "公斤",
    "m3": "立方米",
    "persons": "人",
    "firms": "家",
    "buyers": "采购商",
    "booths": "展位",
    "plots": "地块",
    "places": "镇",
    "projects": "项目",
    "orders": "笔",
    "stands": "个摊位",
    "yuan": "元",
    "tonnes": "吨",
}


def _reverse() -> dict[str, str]:
    words: dict[str, str] = {}
    for table in (AREA_UNITS, TIME_UNITS, THINGS):
        for canonical, names in table.items():
            for name in names:
                words[name] = canonical
    return words


UNIT_OF_WORD: dict[str, str] = _reverse()
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
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def clean(value: str, advice: str) -> str:
    """Return the text with plain spaces, or raise ``UnitError`` for text that should not be read at all.

    Full-width digits and letters are refused, not converted: they come from an input method that was left on, and
    the same file usually holds others that would be read as something else.
    """
    if len(value) > _LONGEST_TEXT:
        raise UnitError(f"{shown(value)} is too long for an amount", advice)
    wide = [letter for letter in value if "\uff01" <= letter <= "\uff5e" or letter == "\u3000"]
    if wide:
        plain = "".join(
            chr(ord(letter) - 0xFEE0) if "\uff01" <= letter <= "\uff5e" else " " if letter == "\u3000" else letter
            for letter in value
        )
        raise UnitError(
            f"{shown(value)} has the full-width character {wide[0]} (U+{ord(wide[0]):04X})",
            f"switch the input method to half width and write {shown(plain)}",
        )
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
