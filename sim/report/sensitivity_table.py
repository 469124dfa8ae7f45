"""What drives a difference, as a table and in words, in English or Chinese; and as rows and JSON for other programs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from sim.compare.statistics import decimals_shown, out_of
from sim.parameters import parameter_name
from sim.report.rounding import Scale, scale_for, whole
from sim.report.table import Column, fields, layout, named, one_line, paragraphs, record, table
from sim.report.words import entries, say
from sim.scenario.place_start import start_name
from sim.sensitivity.assumed import WIDEST
from sim.sensitivity.result import Driver, Place, Sensitivity
from sim.sensitivity.shares import Estimate, Shares
from sim.sensitivity.study import StudySettings
from sim.sensitivity.varied import Input
from sim.units import Language, format_value, pick

COLUMNS: Final = fields("driver_end")
"""Columns of the data drawn; ``row`` is ``all``, ``input``, ``together``, ``small`` or ``chance``."""
KINDS: Final[dict[str, list[list[str]]]] = entries()["kinds_of_inputs"]
"""What an input of each kind is called, what a calibrated one is called, and how several are counted."""
NOTES: Final[dict[str, list[str]]] = entries()["notes_on_drivers"]
UNITS: Final[dict[str, list[str]]] = entries()["units_of_inputs"]
"""How a value of an input is written with its unit, where that is its own."""
TOLD: Final = 3
"""Inputs told of in words."""
FEW_TWINS: Final = 16
"""With fewer repeated pairs the share of chance is called rough."""
SMALL: Final = 0.05
"""Share of an input that a reader would like to see."""


def sensitivity_text(result: Sensitivity, language: Language = "en", *, width: int | None = None) -> str:
    """Return heading, table, the answer in words and notes for a terminal of some width."""
    shown = [] if result.shares is None else [layout(columns(result, language), width)]
    words = [summary(result, language).strip()]
    return paragraphs([heading(result, language), *shown, words, notes(result, language)])


def heading(result: Sensitivity, language: Language) -> list[str]:
    """Return what is compared, what was varied, and the difference itself."""
    settings, scale = result.study.settings, difference_scale(result, language)
    sides = (("B", settings.scenario), ("A", settings.baseline))
    lines = [f"{letter}  {side.id}  {one_line(named(side, language))}" for letter, side in sides]
    kinds = [item.kind for item in settings.inputs]
    counted = [pick(language, *KINDS[kind][2]).format(n=kinds.count(kind)) for kind in KINDS if kind in kinds]
    values = {"n": result.n, "inputs": len(kinds), "listed": say(language, "marks.list").join(counted)}
    lines.append(say(language, "sensitivity_table.pairs_inputs_varied_at", settings=settings, **values))
    decimals, unit = decimals_of(result, scale), scale.of_differences
    mean = scale.plain(result.mean, decimals, signed=True)
    ends = scale.span(result.quantile(0.05), result.quantile(0.95), decimals, signed=True)
    values = {"mean": mean, "unit": unit, "blank": " " * bool(unit), "ends": ends}
    higher = out_of(result.prob_higher, result.n, language)
    return [*lines, say(language, "sensitivity_table.difference", result=result, higher=higher, **values)]


def columns(result: Sensitivity, language: Language) -> list[Column]:
    """Return the table: inputs that stand out, then what is left."""
    of = difference_scale(result, language).of_differences
    unit = say(language, "sensitivity_table.columns", of=of) if of else ""
    rows = []
    for driver in result.drivers:
        name, kind = input_name(driver.input, result.study.settings, language), kind_name(driver.input, language)
        ends = (_end(result, driver, place, language) for place in (driver.low, driver.high))
        turns = say(language, "sensitivity_table.changes") if driver.sign_changes else ""
        share = driver.share
        rows.append((name, kind, percent(share.value), percent_span(share), *ends, turns, driver.input.name))
    rows += [(name, "", share, inside, "", "", "", "") for name, share, inside in rest_rows(result, language)]
    return [column for column in table(language, "drivers", rows, unit=unit) if any(column.cells)]


def _end(result: Sensitivity, driver: Driver, place: Place, language: Language) -> str:
    """Return an end of an input and the difference there with its whiskers: ``2.5: +0.21 (+0.15 … +0.27)``."""
    scale, one = difference_scale(result, language), place.difference
    decimals, value = decimals_of(result, scale), value_text(driver.input, place.value, language)
    number, inside = scale.plain(one.value, decimals, signed=True), scale.span(one.low, one.high, decimals, signed=True)
    return say(language, "sensitivity_table.end_text", value=value, number=number, inside=inside)


def rest_rows(result: Sensitivity, language: Language) -> list[tuple[str, str, str]]:
    """Return name, share and its range of what no single input accounts for."""
    shares, rows = result.shares, []
    assert shares is not None
    if any(len(term.factors) > 1 for term in shares.terms):
        name = say(language, "sensitivity_table.pairs_these_acting_together")
        rows.append((name, percent(shares.together.value), percent_span(shares.together)))
    others = len(result.study.settings.inputs) - len(result.drivers)
    what = say(language, "sensitivity_table.other") if result.drivers else say(language, "sensitivity_table.all")
    many = say(language, "sensitivity_table.inputs_none_which_stands", what=what, others=others)
    if shares.chance is None:
        both = many + say(language, "sensitivity_table.and_chance")
        return [*rows, (both, percent(shares.left.value), percent_span(shares.left))]
    name = say(language, "sensitivity_table.chance_equal_inputs_other")
    chance = (name, percent(shares.randomness), percent_span(shares.chance))
    return [*rows, (many, percent(shares.small), ""), chance]


def percent(share: float) -> str:
    """Return a share of the variation; below a tenth of a percent it is nothing."""
    return f"{100.0 * share:.0f}%"


def within(share: Estimate) -> tuple[str, str]:
    """Return the whiskers of a share, within 0 and 100 %."""
    low, high = (percent(min(max(end, 0.0), 1.0)) for end in (share.low, share.high))
    return low, high


def percent_span(share: Estimate) -> str:
    """Return the whiskers of a share as a range without the sign."""
    return " … ".join(end.removesuffix("%") for end in within(share))


# --- names and values of inputs ---------------------------------------------------------------------------------


def input_name(item: Input, settings: StudySettings, language: Language) -> str:
    """Return what a reader calls an input."""
    if item.kind == "world":
        return say(language, "sensitivity_table.world_outside")
    if item.kind == "parameter":
        return parameter_name(item.name, language, item.about)
    _, identifier, field = item.name.split(".", 2)
    if item.kind == "start":
        name = say(language, "sensitivity_table.at_start", name=start_name(field.removeprefix("start."), language))
        if len(settings.places) == 1:
            return name
        known = {place[0]: place[1:] for place in settings.places}
        where = one_line(pick(language, *known.get(identifier, (identifier, identifier)))) or identifier
        return where + say(language, "marks.colon") + name
    kind, name, name_zh = settings.policies.get(identifier, ("", identifier, identifier))
    policy = one_line(pick(language, name or name_zh, name_zh or name)) or identifier
    words = re.sub(r"[._]+", " ", field) if language == "en" else _field_zh(kind, field)
    return policy + say(language, "marks.colon") + words


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
    return pick(language, *KINDS[item.kind][item.fitted])


def value_text(item: Input, value: float, language: Language) -> str:
    """Return a value of an input with its unit; of a world what stands before a colon in its name, or its id."""
    if item.levels:
        identifier, *names = item.levels[round(value)]
        return re.split("[:：]", one_line(pick(language, *names)))[0].strip() or identifier
    if item.unit in ("1", "log", ""):
        return format_value(value, "index", language)
    template = pick(language, *UNITS.get(item.unit, ("", "")))
    if not template:
        return format_value(value, item.unit, language, 2 if item.unit == "share" else 3)
    digits = () if item.unit in ("1/month", "1/year") else (2,)
    return template.format(format_value(value, "share" if item.unit == "share/year" else "index", language, *digits))


# --- in words ---------------------------------------------------------------------------------------------------


def summary(result: Sensitivity, language: Language) -> str:
    """Return the answer as one paragraph ending in a line break."""
    return say(language, "marks.blank").join(sentences(result, language)) + "\n"


def sentences(result: Sensitivity, language: Language) -> list[str]:
    """Return the inputs that matter most, what chance makes, and whether any turns the sign."""
    item, settings, shares = result.variable, result.study.settings, result.shares
    if shares is None:
        return [say(language, "sensitivity_table.difference_in_in_is", name=item, year=result.at)]
    rest = _rest(result, shares, language)
    if not result.drivers:
        values = {"inputs": len(settings.inputs), "item": item, "least": percent(shares.detectable)}
        return [say(language, "sensitivity_table.none_inputs_stands_out", result=result, **values), rest]
    told = [_one(result, number, driver, language) for number, driver in enumerate(result.drivers[:TOLD], start=1)]
    names = [input_name(driver.input, settings, language) for driver in result.drivers[:TOLD]]
    key = "depends_on_several" if len(names) > 1 else "depends_on_one"
    many = pick(language, "one two three", "一 二 三").split()[len(names) - 1]
    most = say(language, f"sensitivity_table.{key}", at=result.at, item=item, many=many, names=names)
    turning = [input_name(driver.input, settings, language) for driver in result.drivers if driver.sign_changes]
    signs = "sign_difference_turns_with" if turning else "none_inputs_that_stand"
    return [most, *told, rest, say(language, f"sensitivity_table.{signs}", turning=turning)]


def _one(result: Sensitivity, number: int, driver: Driver, language: Language) -> str:
    """Tell of one input: its kind, its share, and the difference at its ends."""
    name, kind = input_name(driver.input, result.study.settings, language), kind_name(driver.input, language)
    texts, scale = [], difference_scale(result, language)
    for place in (driver.low, driver.high):
        value = value_text(driver.input, place.value, language)
        amount = scale.plain(place.difference.value, decimals_of(result, scale), signed=True)
        amount += pick(language, f" {scale.of_differences}".rstrip(), scale.of_differences)
        key = "in_world" if driver.levels else "at_value"
        texts.append(say(language, f"sensitivity_table.{key}", value=value, amount=amount))
    known = driver.input.kind == "world"  # its kind and its path say no more than its name
    about = "" if known else say(language, "sensitivity_table.about_input", kind=kind, path=driver.input.name)
    name = pick(language, name[:1].upper() + name[1:], name)
    values = {"share": percent(driver.share.value), "inside": within(driver.share), "texts": texts}
    return say(language, "sensitivity_table.one_input", number=number, name=name, about=about, **values)


def difference_scale(result: Sensitivity, language: Language) -> Scale:
    """Return the unit in which differences are told."""
    sizes = [abs(result.quantile(0.05)), abs(result.mean), abs(result.quantile(0.95))]
    return scale_for(result.variable.unit, max(sizes), language)


def decimals_of(result: Sensitivity, scale: Scale) -> int:
    """Return the decimals of a difference that the noise of its mean allows."""
    decimals = decimals_shown(result.standard_error / scale.divisor, abs(result.mean) / scale.divisor)
    return whole(decimals, result.variable.unit)


def _rest(result: Sensitivity, shares: Shares, language: Language) -> str:
    """Tell what chance makes, and the inputs that do not stand out."""
    others = len(result.study.settings.inputs) - len(result.drivers)
    which = say(language, "sensitivity_table.which_inputs", other=bool(result.drivers), others=others)
    if shares.chance is None:
        left = percent(max(shares.left.value, 0.0))
        return say(language, "sensitivity_table.is_chance_and_none", left=left, which=which)
    low, high = within(shares.chance)
    values = {"randomness": percent(shares.randomness), "small": percent(shares.small), "low": low, "high": high}
    return say(language, "sensitivity_table.chance_makes_to_comes", which=which, **values)


def notes(result: Sensitivity, language: Language, without: Sequence[str] = ()) -> list[str]:
    """Return what has to be known to read the table, ``without`` what is said elsewhere."""
    settings, shares, points = result.study.settings, result.shares, result.study.points
    told = {
        "listed": shares is not None, "ends": bool(result.drivers),
        "assumed": any(item.kind == "assumed" for item in settings.inputs),
        "different": settings.world_note == "different", "short": settings.world_note == "short",
        "prior": not settings.calibration,
        "twins": shares is not None and len(points) - len(set(points.tolist())) < FEW_TWINS,
        "dropped": result.dropped > 0,
    }  # fmt: skip
    values = {"n": str(result.n), "wide": f"{WIDEST:g}", "dropped": str(result.dropped)}
    if shares is not None:
        least = shares.detectable
        values |= {"more": "", "least": percent(least)}
        if SMALL < least < 1.0:  # how many pairs would show an input that makes a twentieth
            wanted = math.ceil(result.n * least / (1.0 - least) * (1.0 - SMALL) / SMALL / 64.0) * 64
            values["more"] = say(language, "sensitivity_table.for_5_it_takes", wanted=wanted)
    return [pick(language, *NOTES[key]).format(**values) for key, holds in told.items() if holds and key not in without]


# --- for other programs ---------------------------------------------------------------------------------------


def records(result: Sensitivity) -> list[dict[str, Any]]:
    """Return what is drawn, in plain units: a row for each end (or world) of an input, then what is left."""
    unit, shares, none = result.variable.unit, result.shares, math.nan
    rows: list[dict[str, Any]] = [
        {
            "row": "all", "share": 1.0, "difference": result.mean, "difference_low": result.quantile(0.05),
            "unit": unit, "difference_high": result.quantile(0.95),
        }
    ]  # fmt: skip
    for driver in result.drivers:
        told, levels = _told(result, driver), driver.input.levels
        for number, place in enumerate(driver.levels or (driver.low, driver.high)):
            end, value, level = ("low", "high")[number % 2], place.value, ""
            if driver.levels:
                end, value, level = "level", none, levels[round(place.value)][0]
            rows.append(record("driver_end", row="input", end=end, value=value, level=level, place=place, **told))
    if shares is None:
        return rows
    known: list[tuple[str, float, Estimate | None]] = [("together", shares.together.value, shares.together)]
    if shares.chance is None:
        known.append(("small", shares.left.value, shares.left))
    else:
        known += [("small", shares.small, None), ("chance", shares.randomness, shares.chance)]
    for row, share, found in known:
        low, high = (none, none) if found is None else (found.low, found.high)
        rows.append({"row": row, "share": share, "share_low": low, "share_high": high})
    return rows


def _told(result: Sensitivity, driver: Driver) -> dict[str, Any]:
    """Return a driver with what its records say of it."""
    both: tuple[Language, ...] = ("en", "zh")
    name, name_zh = (input_name(driver.input, result.study.settings, language) for language in both)
    kind = kind_name(driver.input, "en")
    return {"driver": driver, "kind": kind, "unit": result.variable.unit, "name": name, "name_zh": name_zh}


def as_json(result: Sensitivity) -> dict[str, Any]:
    """Return everything a program may want to know, in plain units."""
    settings, shares = result.study.settings, result.shares
    difference = {"mean": result.mean, "standard_error": result.standard_error}
    difference |= {name: result.quantile(share) for name, share in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95))}
    parts = {
        name: found and asdict(found)
        for name in ("together", "chance", "left")
        for found in [shares and getattr(shares, name)]
    }
    drivers = []
    for driver in result.drivers:
        at = []
        for place in driver.levels or (driver.low, driver.high):
            value = driver.input.levels[round(place.value)][0] if driver.levels else place.value
            at.append({"value": value, "difference": asdict(place.difference)})
        drivers.append(record("driver", share=asdict(driver.share), at=at, **_told(result, driver)))
    return record(
        "sensitivity", result=result, settings=settings, inputs=len(settings.inputs), parts=parts,
        difference=difference | {"prob_higher": result.prob_higher}, detectable=shares and shares.detectable,
        drivers=drivers,
        summary=summary(result, "en").strip(), summary_zh=summary(result, "zh").strip(),
    )  # fmt: skip
