"""What drives a difference, as a table and in words, in English or Chinese; and as rows and JSON for other programs."""

from __future__ import annotations

import math
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from sim.compare.statistics import decimals_shown, out_of
from sim.parameters import parameter_name
from sim.report.rounding import Scale, scale_for, whole
from sim.report.table import Column, filled, heads, layout, named, one_line, paragraphs
from sim.report.words import entries, say
from sim.scenario.place_start import start_name
from sim.sensitivity.assumed import WIDEST
from sim.units import format_value, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.sensitivity.result import Driver, Place, Sensitivity
    from sim.sensitivity.shares import Estimate, Shares
    from sim.sensitivity.study import StudySettings
    from sim.sensitivity.varied import Input
    from sim.units import Language

COLUMNS: Final = (
    "row", "input", "kind", "name", "name_zh", "share", "share_low", "share_high", "chance_found", "end", "value",
    "value_unit", "level", "difference", "difference_low", "difference_high", "unit", "sign_changes",
)  # fmt: skip
"""Columns of the data drawn; ``row`` is ``all``, ``input``, ``together``, ``small`` or ``chance``."""


def sensitivity_text(result: Sensitivity, language: Language = "en", *, width: int | None = None) -> str:
    """Return heading, table, the answer in words and notes for the terminal.

    Parameters
    ----------
    width
        Terminal columns; when the table is wider the less important columns are left out. None: never.
    """
    parts = [heading(result, language)]
    if result.shares is not None:
        parts.append(layout(columns(result, language), width))
    return paragraphs([*parts, [summary(result, language).strip()], notes(result, language)])


def heading(result: Sensitivity, language: Language) -> list[str]:
    """Return what is compared, what was varied, and the difference itself."""
    settings = result.study.settings
    sides = (("B", settings.scenario), ("A", settings.baseline))
    lines = [f"{letter}  {side.id}  {one_line(named(side, language))}" for letter, side in sides]
    listed = counted_kinds(settings.inputs, language)
    lines.append(
        say(
            language,
            "sensitivity_table.pairs_inputs_varied_at",
            n=result.n,
            inputs=len(settings.inputs),
            listed=listed,
            settings=settings,
        )
    )
    item, scale = result.variable, difference_scale(result, language)
    decimals, unit = decimals_of(result, scale), scale.of_differences
    mean = scale.plain(result.mean, decimals, signed=True)
    ends = scale.span(result.quantile(0.05), result.quantile(0.95), decimals, signed=True)
    higher = out_of(result.prob_higher, result.n, language)
    en = f"B − A in {item.label} in {result.at}: {mean} {unit}".rstrip()
    en += f" on average, 90% of runs {ends}; B higher in {higher}"
    zh = f"{result.at}年{item.label_zh}差值（B−A）：平均{mean}{unit}，90%的推演在{ends}；B较高：{higher}"
    return [*lines, pick(language, en, zh)]


def columns(result: Sensitivity, language: Language) -> list[Column]:
    """Return the table: inputs that stand out, then what is left."""
    scale, settings = difference_scale(result, language), result.study.settings
    of = scale.of_differences
    unit = say(language, "sensitivity_table.columns", of=of) if of else ""
    rows = [
        (
            input_name(driver.input, settings, language),
            kind_name(driver.input, language),
            percent(driver.share.value),
            percent_span(driver.share),
            end_text(result, driver, driver.low, scale, language),
            end_text(result, driver, driver.high, scale, language),
            say(language, "sensitivity_table.changes") if driver.sign_changes else "",
            driver.input.name,
        )
        for driver in result.drivers
    ]
    rows += [(*row, "", "", "", "") for row in rest_rows(result, language)]
    columns = heads(language, "drivers", unit=unit)
    return [column for column in filled(columns, rows) if any(column.cells)]


def rest_rows(result: Sensitivity, language: Language) -> list[tuple[str, str, str, str]]:
    """Return name, kind, share and its range of what no single input accounts for."""
    shares = result.shares
    assert shares is not None
    rows = []
    if any(len(term.factors) > 1 for term in shares.terms):
        name = say(language, "sensitivity_table.pairs_these_acting_together")
        rows.append((name, "", percent(shares.together.value), percent_span(shares.together)))
    others = len(result.study.settings.inputs) - len(result.drivers)
    what = say(language, "sensitivity_table.other") if result.drivers else say(language, "sensitivity_table.all")
    many = say(language, "sensitivity_table.inputs_none_which_stands", what=what, others=others)
    if shares.chance is None:
        both = many + say(language, "sensitivity_table.and_chance")
        return [*rows, (both, "", percent(shares.left.value), percent_span(shares.left))]
    rows.append((many, "", percent(shares.small), ""))
    name = say(language, "sensitivity_table.chance_equal_inputs_other")
    return [*rows, (name, "", percent(shares.randomness), percent_span(shares.chance))]


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


def end_text(result: Sensitivity, driver: Driver, place: Place, scale: Scale, language: Language) -> str:
    """Return an end of an input and the difference there with its whiskers: ``2.5: +0.21 (+0.15 … +0.27)``."""
    decimals, one = decimals_of(result, scale), place.difference
    number, inside = scale.plain(one.value, decimals, signed=True), scale.span(one.low, one.high, decimals, signed=True)
    value = value_text(driver.input, place.value, language)
    return say(language, "sensitivity_table.end_text", value=value, number=number, inside=inside)


# --- names and values of inputs ---------------------------------------------------------------------------------

Words = tuple[str, str]
KINDS: Final[dict[str, list[list[str]]]] = entries()["kinds_of_inputs"]
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
    text = say(language, "sensitivity_table.at_start", name=name)
    if len(settings.places) == 1:
        return text
    known = {item[0]: item[1:] for item in settings.places}
    where = one_line(pick(language, *known.get(place, (place, place)))) or place
    return say(language, "sensitivity_table.start_name", where=where, text=text)


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
    kinds = [item.kind for item in inputs]
    texts = [pick(language, *KINDS[kind][2]).format(n=kinds.count(kind)) for kind in KINDS if kind in kinds]
    return say(language, "marks.list").join(texts)


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


# --- in words ---------------------------------------------------------------------------------------------------

TOLD: Final = 3
"""Inputs told of in words."""
FEW_TWINS: Final = 16
"""With fewer repeated pairs the share of chance is called rough."""


def summary(result: Sensitivity, language: Language) -> str:
    """Return the answer as one paragraph ending in a line break."""
    join = "" if language == "zh" else " "
    return join.join(sentences(result, language)) + "\n"


def sentences(result: Sensitivity, language: Language) -> list[str]:
    """Return the inputs that matter most, what chance makes, and whether any turns the sign."""
    if result.shares is None:
        name, year = result.variable, result.at
        return [say(language, "sensitivity_table.difference_in_in_is", name=name, year=year)]
    if not result.drivers:
        return [_none(result, result.shares, language), _rest(result, result.shares, language)]
    told = [_one(result, k, language) for k in range(min(TOLD, len(result.drivers)))]
    return [_most(result, language), *told, _rest(result, result.shares, language), _signs(result, language)]


def _most(result: Sensitivity, language: Language) -> str:
    """Name the inputs that matter most."""
    names = [input_name(driver.input, result.study.settings, language) for driver in result.drivers[:TOLD]]
    key = "depends_on_several" if len(names) > 1 else "depends_on_one"
    many = pick(language, "one two three", "一 二 三").split()[len(names) - 1]
    return say(language, f"sensitivity_table.{key}", at=result.at, item=result.variable, many=many, names=names)


def _one(result: Sensitivity, number: int, language: Language) -> str:
    """Tell of one input: its kind, its share, and the difference at its ends."""
    driver = result.drivers[number]
    name, kind = input_name(driver.input, result.study.settings, language), kind_name(driver.input, language)
    share, inside = percent(driver.share.value), within(driver.share)
    texts = [_at(result, driver, place, language) for place in (driver.low, driver.high)]
    known = driver.input.kind == "world"  # its kind and its path say no more than its name
    about = "" if known else say(language, "sensitivity_table.about_input", kind=kind, path=driver.input.name)
    name = pick(language, name[:1].upper() + name[1:], name)
    values = {"number": number + 1, "name": name, "about": about, "share": share, "inside": inside, "texts": texts}
    return say(language, "sensitivity_table.one_input", **values)


def _at(result: Sensitivity, driver: Driver, place: Place, language: Language) -> str:
    value = value_text(driver.input, place.value, language)
    amount = amount_text(result, place.difference.value, language)
    key = "in_world" if driver.levels else "at_value"
    return say(language, f"sensitivity_table.{key}", value=value, amount=amount)


def difference_scale(result: Sensitivity, language: Language) -> Scale:
    """Return the unit in which differences are told."""
    sizes = [abs(result.quantile(0.05)), abs(result.mean), abs(result.quantile(0.95))]
    return scale_for(result.variable.unit, max(sizes), language)


def decimals_of(result: Sensitivity, scale: Scale) -> int:
    """Return the decimals of a difference that the noise of its mean allows."""
    decimals = decimals_shown(result.standard_error / scale.divisor, abs(result.mean) / scale.divisor)
    return whole(decimals, result.variable.unit)


def amount_text(result: Sensitivity, value: float, language: Language) -> str:
    """Return a difference with sign and unit, with the digits its noise allows."""
    scale = difference_scale(result, language)
    number, unit = scale.plain(value, decimals_of(result, scale), signed=True), scale.of_differences
    return f"{number}{unit}" if language == "zh" else f"{number} {unit}".rstrip()


def _none(result: Sensitivity, shares: Shares, language: Language) -> str:
    least, inputs, item = percent(shares.detectable), len(result.study.settings.inputs), result.variable
    return say(
        language, "sensitivity_table.none_inputs_stands_out", inputs=inputs, item=item, result=result, least=least
    )


def _rest(result: Sensitivity, shares: Shares, language: Language) -> str:
    """Tell what chance makes, and the inputs that do not stand out."""
    others = len(result.study.settings.inputs) - len(result.drivers)
    which = say(language, "sensitivity_table.which_inputs", other=bool(result.drivers), others=others)
    if shares.chance is None:
        left = percent(max(shares.left.value, 0.0))
        return say(language, "sensitivity_table.is_chance_and_none", left=left, which=which)
    randomness, small, (low, high) = percent(shares.randomness), percent(shares.small), within(shares.chance)
    return say(
        language,
        "sensitivity_table.chance_makes_to_comes",
        randomness=randomness,
        low=low,
        high=high,
        small=small,
        which=which,
    )


def _signs(result: Sensitivity, language: Language) -> str:
    """Tell whether any input that stands out turns a gain into a loss."""
    turning = [input_name(d.input, result.study.settings, language) for d in result.drivers if d.sign_changes]
    if turning:
        return say(language, "sensitivity_table.sign_difference_turns_with", turning=turning)
    return say(language, "sensitivity_table.none_inputs_that_stand")


SMALL: Final = 0.05
"""Share of an input that a reader would like to see."""


def _more(pairs: int, least: float, language: Language) -> str:
    """Say how many pairs would show an input that makes a twentieth; nothing when these are enough."""
    if not SMALL < least < 1.0:
        return ""
    wanted = math.ceil(pairs * least / (1.0 - least) * (1.0 - SMALL) / SMALL / 64.0) * 64
    return say(language, "sensitivity_table.for_5_it_takes", wanted=wanted)


NOTES: Final[dict[str, list[str]]] = entries()["notes_on_drivers"]


def notes(result: Sensitivity, language: Language, without: Sequence[str] = ()) -> list[str]:
    """Return what has to be known to read the table, ``without`` what is said elsewhere."""
    settings, shares, points = result.study.settings, result.shares, result.study.points
    told = {
        "listed": shares is not None,
        "ends": bool(result.drivers),
        "assumed": any(item.kind == "assumed" for item in settings.inputs),
        "different": settings.world_note == "different",
        "short": settings.world_note == "short",
        "prior": not settings.calibration,
        "twins": shares is not None and len(points) - len(set(points.tolist())) < FEW_TWINS,
        "dropped": result.dropped > 0,
    }
    values = {
        "n": str(result.n),
        "more": "" if shares is None else _more(result.n, shares.detectable, language),
        "least": "" if shares is None else percent(shares.detectable),
        "wide": f"{WIDEST:g}",
        "dropped": str(result.dropped),
    }
    return [pick(language, *NOTES[key]).format(**values) for key, holds in told.items() if holds and key not in without]


# --- for other programs ---------------------------------------------------------------------------------------


def records(result: Sensitivity) -> list[dict[str, Any]]:
    """Return what is drawn, in plain units: a row for each end (or world) of an input, then what is left."""
    unit = result.variable.unit
    everything = {"difference": result.mean, "difference_low": result.quantile(0.05), "unit": unit}
    rows: list[dict[str, Any]] = [{"row": "all", "share": 1.0, **everything, "difference_high": result.quantile(0.95)}]
    settings = result.study.settings
    for driver in result.drivers:
        places = driver.levels or (driver.low, driver.high)
        for number, place in enumerate(places):
            level = driver.input.levels[round(place.value)][0] if driver.levels else ""
            rows.append(
                {
                    "row": "input",
                    "input": driver.input.name,
                    "kind": kind_name(driver.input, "en"),
                    "name": input_name(driver.input, settings, "en"),
                    "name_zh": input_name(driver.input, settings, "zh"),
                    "share": driver.share.value,
                    "share_low": driver.share.low,
                    "share_high": driver.share.high,
                    "chance_found": driver.p,
                    "end": "level" if driver.levels else ("low", "high")[number],
                    "value": math.nan if driver.levels else place.value,
                    "value_unit": driver.input.unit,
                    "level": level,
                    "difference": place.difference.value,
                    "difference_low": place.difference.low,
                    "difference_high": place.difference.high,
                    "unit": unit,
                    "sign_changes": driver.sign_changes,
                }
            )
    return rows + _rest_records(result)


def _rest_records(result: Sensitivity) -> list[dict[str, Any]]:
    shares = result.shares
    if shares is None:
        return []
    known: list[tuple[str, float, Estimate | None]] = [("together", shares.together.value, shares.together)]
    if shares.chance is None:
        known.append(("small", shares.left.value, shares.left))
    else:
        known += [("small", shares.small, None), ("chance", shares.randomness, shares.chance)]
    return [
        {
            "row": row,
            "share": value,
            "share_low": math.nan if whiskers is None else whiskers.low,
            "share_high": math.nan if whiskers is None else whiskers.high,
        }
        for row, value, whiskers in known
    ]


def as_json(result: Sensitivity) -> dict[str, Any]:
    """Return everything a program may want to know, in plain units."""
    settings, shares = result.study.settings, result.shares
    return {
        "scenario": settings.scenario.id,
        "baseline": settings.baseline.id,
        "variable": result.variable.name,
        "unit": result.variable.unit,
        "year": result.at,
        "pairs": result.n,
        "dropped": result.dropped,
        "inputs": len(settings.inputs),
        "calibration": settings.calibration,
        "seed": settings.seed,
        "scale": settings.scale,
        "model_version": settings.model_version,
        "study": result.study.folder.name,
        "difference": {
            "mean": result.mean,
            "standard_error": result.standard_error,
            "p05": result.quantile(0.05),
            "p50": result.quantile(0.5),
            "p95": result.quantile(0.95),
            "prob_higher": result.prob_higher,
        },
        "drivers": [_driver_json(result, driver) for driver in result.drivers],
        "together": None if shares is None else asdict(shares.together),
        "chance": None if shares is None or shares.chance is None else asdict(shares.chance),
        "left": None if shares is None else asdict(shares.left),
        "detectable_share": None if shares is None else shares.detectable,
        "summary": summary(result, "en").strip(),
        "summary_zh": summary(result, "zh").strip(),
    }


def _driver_json(result: Sensitivity, driver: Driver) -> dict[str, Any]:
    settings = result.study.settings
    places = driver.levels or (driver.low, driver.high)
    return {
        "input": driver.input.name,
        "kind": driver.input.kind,
        "calibrated": driver.input.fitted,
        "name": input_name(driver.input, settings, "en"),
        "name_zh": input_name(driver.input, settings, "zh"),
        "unit": driver.input.unit,
        "share": asdict(driver.share),
        "chance_found": driver.p,
        "sign_changes": driver.sign_changes,
        "at": [
            {
                "value": driver.input.levels[round(place.value)][0] if driver.levels else place.value,
                "difference": asdict(place.difference),
            }
            for place in places
        ],
    }
