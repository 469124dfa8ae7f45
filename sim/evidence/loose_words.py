"""Values, months and units as people write them in tables of their own; ``sim.evidence.facts`` has the strict forms."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from sim.evidence.facts import finite_number, plain_unit
from sim.units import CHINESE_SCALES, UnitError, parse_month

YEAR: Final = 12

_MINUS: Final = ("\u2212", "\u2013", "\uff0d")
"""Minus sign, short dash, full-width hyphen."""
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)

_SCALES: Final[dict[str, Decimal]] = dict(
    sorted(
        {
            word: Decimal(10) ** power
            for power, words in {
                3: ("thousand", "1,000", "1000"),
                4: ("ten thousand", "10 thousand", "10,000", "10000", "10 000"),
                5: ("hundred thousand", "100 thousand", "100,000", "100000", "100 000"),
                6: ("million", "mn", "mln"),
                7: ("ten million", "10 million"),
                8: ("hundred million", "100 million"),
                9: ("billion", "bn"),
                10: ("ten billion", "10 billion"),
                11: ("hundred billion", "100 billion"),
                12: ("trillion", "tn"),
            }.items()
            for word in words
        }.items(),
        key=lambda item: -len(item[0]),
    )
)
"""English scale words, the longest first: "hundred million" is not read as a million."""

_YUAN: Final = ("rmb", "cny", "renminbi", "rmb yuan", "yuan rmb", "chinese yuan")
_MEANT: Final[dict[str, tuple[str, ...]]] = {
    "yuan": (*_YUAN, "元人民币", "人民币元", "人民币"),
    "yuan/year": tuple(f"{word}{per}" for word in ("yuan", *_YUAN) for per in (" per year", " a year", "/year", "/yr")),
    "persons": (
        "person", "people", "worker", "workers", "employee", "employees", "job", "jobs", "staff", "trainees",
        "person-times", "名", "人次", "名员工", "岗位", "个岗位", "就业岗位", "个就业岗位",
    ),
    "percent": ("per cent", "pct", "％"),
    "t/year": ("tonnes/year", "tonnes per year", "t per year", "tons/year"),
    "m2/year": ("m²/year", "m2 per year", "square metres/year", "square metres per year"),
    "firms": (
        "company", "companies", "enterprise", "enterprises", "makers", "manufacturers", "factory", "factories",
        "plants", "suppliers", "traders", "merchants", "exporters", "exhibitor", "exhibitors", "tenants", "shops",
        "stores", "business", "entity", "entities", "business entities", "market entities",
        "household", "households", "individual businesses", "country", "countries/regions", "regions", "markets",
        "export markets", "customers", "clients", "agreements", "contracts", "orders", "centres", "centers",
        "warehouses", "counties", "villages", "items", "products", "brands", "production lines", "category",
        "件", "条", "处", "座", "所", "种", "类", "款", "批", "场", "间", "台套", "台（套）", "台(套)", "企业",
        "家企业", "户企业", "个企业", "家公司", "家经营主体", "户经营主体", "个经营主体", "经营主体", "市场主体",
        "户市场主体", "个体工商户", "户个体工商户", "家参展商", "家参展企业", "展位", "个展位", "国家", "个国家",
        "国家和地区", "国家（地区）", "个国家（地区）", "市场", "个市场", "项目", "个项目", "家采购商", "名采购商",
        "采购商", "镇", "个镇", "园区", "个园区", "集群", "个集群", "项专利", "项标准",
    ),
}  # fmt: skip
"""Words for a unit of ``sim.evidence.facts``. Whatever is counted is a count; its first word, firms, stands for all."""

_UNIT_OF: Final[dict[str, str]] = {word: unit for unit, words in _MEANT.items() for word in words}


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
    if currency in ("yuan", *_YUAN) and rest in _SCALES:
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
