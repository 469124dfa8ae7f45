"""What readers call the inputs of a study: name, kind and value, in English or Chinese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sim.parameters import parameter_name
from sim.report.table import one_line
from sim.scenario.place_start import start_name
from sim.units import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.calibrate.sensitivity import StudySettings
    from sim.calibrate.sensitivity_inputs import Input
    from sim.report.numbers import Language

Words = tuple[str, str]
KINDS: Final[dict[str, tuple[Words, Words, Words]]] = {
    "parameter": (
        ("parameter, not calibrated", "未校准参数"),
        ("calibrated parameter", "校准参数"),
        ("{n} parameters", "{n}项参数"),
    ),
    "start": (
        ("starting value", "起始值"),
        ("calibrated starting value", "校准的起始值"),
        ("{n} starting values", "{n}项起始值"),
    ),
    "range": (
        ("range in a policy", "政策区间值"),
        ("calibrated range in a policy", "校准的政策区间值"),
        ("{n} ranges in policies", "{n}项政策区间值"),
    ),
    "assumed": (("assumed value", "假设值"), ("assumed value", "假设值"), ("{n} assumed values", "{n}项假设值")),
    "world": (("world", "外部环境"), ("world", "外部环境"), ("the world", "外部环境")),
}
"""What an input of each kind is called, what a calibrated one is called, and how several are counted."""
_RATES: Final = {"1/month": ("{} a month", "每月{}"), "1/year": ("{} a year", "每年{}")}
_THINGS_ZH: Final = {
    "months": "个月",
    "weeks": "周",
    "years": "年",
    "rungs": "级",
    "rungs/year": "级/年",
    "booths": "个展位",
    "buyers": "家",
    "plots": "块地",
}


def input_name(item: Input, settings: StudySettings, language: Language) -> str:
    """Return what a reader calls an input."""
    if item.kind == "world":
        return "外部环境" if language == "zh" else "the world outside"
    if item.kind == "parameter":
        return parameter_name(item.name, language, item.about)
    _, identifier, field = item.name.split(".", 2)
    if item.kind == "start":
        return _start_name(identifier, field.removeprefix("start."), settings, language)
    return _policy_name(identifier, field, settings, language)


def _start_name(place: str, field: str, settings: StudySettings, language: Language) -> str:
    name = start_name(field, language)
    if len(settings.places) == 1:
        return f"初始{name}" if language == "zh" else f"{name} at the start"
    known = {item[0]: item[1:] for item in settings.places}
    where = one_line(known.get(place, (place, place))[language == "zh"]) or place
    return f"{where}：初始{name}" if language == "zh" else f"{where}: {name} at the start"


def _policy_name(identifier: str, field: str, settings: StudySettings, language: Language) -> str:
    kind, name, name_zh = settings.policies.get(identifier, ("", identifier, identifier))
    if language == "zh":
        return f"{one_line(name_zh or name) or identifier}：{_field_zh(kind, field)}"
    words = re.sub(r"[._]+", " ", field)
    return f"{one_line(name or name_zh) or identifier}: {words}"


def _field_zh(kind: str, field: str) -> str:
    """Return the Chinese label of a field of a policy type, or its name."""
    from sim.policies.registry import policy_types
    from sim.scenario.reference import entries

    known = policy_types().get(kind)
    labels = {entry.key: entry.label_zh for entry in entries(known.terms)} if known is not None else {}
    plain = ".".join(part for part in field.split(".") if not part.isdigit())
    return labels.get(plain) or field


def kind_name(item: Input, language: Language) -> str:
    """Return what kind of uncertainty an input is."""
    return KINDS[item.kind][item.fitted][language == "zh"]


def counted_kinds(inputs: Sequence[Input], language: Language) -> str:
    """Return how many inputs of each kind there are."""
    zh = language == "zh"
    kinds = [item.kind for item in inputs]
    texts = [KINDS[kind][2][zh].format(n=kinds.count(kind)) for kind in KINDS if kind in kinds]
    return "、".join(texts) if zh else ", ".join(texts)


def value_text(item: Input, value: float, language: Language) -> str:
    """Return a value of an input with its unit; of a world the name of the level."""
    zh = language == "zh"
    if item.levels:
        return level_name(item.levels[round(value)], language)
    unit = item.unit
    if unit in ("share/year", "log/year"):
        number = format_value(value, "share" if unit == "share/year" else "index", language, 2)
        return f"每年{number}" if zh else f"{number} a year"
    if unit in _RATES:
        return _RATES[unit][zh].format(format_value(value, "index", language))
    if unit in ("1", "log", ""):
        return format_value(value, "index", language)
    if unit in ("booths", "plots", "buyers", "rungs") or (zh and unit in _THINGS_ZH):
        number = format_value(value, "index", language, 2)
        return f"{number}{_THINGS_ZH.get(unit, unit)}" if zh else f"{number} {unit}"
    return format_value(value, unit, language, 2 if unit == "share" else 3)


def level_name(level: tuple[str, str, str], language: Language) -> str:
    """Return the short name of a world: what stands before a colon in its name, or its id."""
    identifier, name, name_zh = level
    return re.split("[:：]", one_line(name_zh if language == "zh" else name))[0].strip() or identifier
