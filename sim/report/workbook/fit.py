"""Sheet 拟合 / Fit: reported figures beside the baseline's, in the count they were published in.

It never says that a figure is wrong: basis and scope may differ, and both are named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.goals import scope_factors
from sim.compare.runs import places_by_code
from sim.compare.statistics import band
from sim.evidence import load_facts, load_sources
from sim.observables import INDEX, observable
from sim.report.figures.bases import in_chinese
from sim.report.figures.facts import OTHER_NAMES
from sim.report.workbook.numbers import Number, ends, plain_measure
from sim.report.workbook.sheet import Column
from sim.units import month_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.compare.comparison import Band
    from sim.ensemble import Run
    from sim.evidence import Fact
    from sim.report.workbook.material import Material
    from sim.report.workbook.sheet import Sheet, Value
    from sim.scenario.resolved import Place

GROWTH = "_yoy"
ABOUT = 0.10
"""A figure reported as about is met within this share of it."""


@dataclass(frozen=True)
class Answer:
    """A reported figure and what the baseline gives for the same months in the same count.

    ``scope`` is how many times what the model counts the reported figure counts (median), 1 when they agree.
    """

    fact: Fact
    place: Place
    variable: str
    simulated: Band
    scope: float


def answers(run: Run) -> list[Answer]:
    """Return every reported figure of the run's places that it can be asked for, places by administrative code."""
    found = []
    for place in places_by_code(run):
        facts = [fact for fact in load_facts() if fact.place == place.id]
        for fact in facts:
            answer = _answer(run, place, fact)
            if answer is not None:
                found.append(answer)
    return found


def _answer(run: Run, place: Place, fact: Fact) -> Answer | None:
    """Return one answer; None for aims and decided amounts, other units, and months that are not simulated."""
    growth = fact.kind == "growth" and fact.variable.endswith(GROWTH)
    name = fact.variable.removesuffix(GROWTH) if growth else fact.variable
    name = OTHER_NAMES.get(name, name)
    if name not in INDEX or not fact.for_calibration or (fact.kind == "growth") != growth:
        return None
    item = observable(name)
    if growth and (item.aggregate != "sum" or fact.unit_plain != "share"):
        return None
    if not growth and fact.unit_plain != item.unit:
        return None
    values = _over(run, place, name, fact.period_start, fact.period_end)
    if values is None:
        return None
    scope = np.ones(len(values))
    if growth:
        before = _over(run, place, name, fact.period_start - 12, fact.period_end - 12)
        if before is None or not (before > 0.0).all():
            return None
        values = values / before - 1.0
    else:
        factors = scope_factors(run, name)
        if factors is not None:
            scope = np.asarray(factors)[:, list(run.places).index(place.id)]
    return Answer(fact, place, name, band(values * scope), float(np.median(scope)))


def _over(run: Run, place: Place, name: str, start: int, end: int) -> NDArray[np.float64] | None:
    """Fold the months ``start`` to ``end``: flows summed, stocks taken last, ratios averaged; shape (replicates,)."""
    first, last = int(run.months[0]), int(run.months[-1])
    if start < first or end > last:
        return None
    values = run.monthly(name, place.id)[:, start - first : end - first + 1]
    aggregate = observable(name).aggregate
    if aggregate == "last":
        return np.asarray(values[:, -1])
    return np.asarray(values.sum(axis=1) if aggregate == "sum" else values.mean(axis=1))


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet with the figures the baseline can be asked for."""
    say = material.say
    note = say(
        "Baseline A in the count of the reported figure: the model's count times the scope factor. Aims and decided "
        "amounts are left out.",
        "基准A按公布数的统计范围折算（模型口径乘以范围倍数）；不包括目标和政府决定的数额。",
    )
    sheet.title(say("Reported and simulated", "公布数与推演结果对照"), (*material.about(), note))
    found = answers(material.a)
    if not found:
        text = say("No reported figure falls into the simulated months.", "推演月份内没有可对照的公布数。")
        sheet.text(0, text)
        sheet.finish(last_row=sheet.row, last_column=8)
        return
    sheet.table(_columns(material), [_values(answer, material) for answer in found], freeze=2)
    sheet.finish()


def _columns(material: Material) -> list[Column]:
    say = material.say
    return [
        Column(say("Place", "地区"), 24.0),
        Column(say("Variable", "指标"), 22.0),
        Column(say("Period", "时期"), 18.0),
        Column(say("Unit", "单位"), 14.0),
        Column(say("Bound", "界限"), 12.0),
        Column(say("Reported", "公布数")),
        Column(say("Simulated, median", "推演中位数")),
        Column(say("Simulated 5%", "推演 5%")),
        Column(say("Simulated 95%", "推演 95%")),
        Column(say("Simulated over reported", "推演/公布")),
        Column(say("Reading", "对照"), 24.0),
        Column(say("Basis", "口径"), 28.0),
        Column(say("Scope factor", "范围倍数")),
        Column(say("Source", "来源"), 44.0),
    ]


def _values(answer: Answer, material: Material) -> list[Value]:
    say, fact, middle = material.say, answer.fact, answer.simulated
    unit = "share" if fact.unit_plain == "share" else observable(answer.variable).unit
    measure = plain_measure(unit, max(abs(fact.value_plain), abs(middle.p50)), 3, material.language)
    item = observable(answer.variable)
    label = say(item.label[:1].upper() + item.label[1:], item.label_zh)
    if fact.kind == "growth":
        label += say(", growth on a year", "同比")
    bounds = {"exact": ("exact", "等于"), "at_least": ("at least", "不低于"), "at_most": ("at most", "不高于"),
              "about": ("about", "约")}  # fmt: skip
    period = month_text(fact.period_start)
    if fact.period_end != fact.period_start:
        period += say(" to ", "至") + month_text(fact.period_end)
    basis = fact.basis or item.basis
    source = load_sources().get(fact.source)
    return [
        say(answer.place.name, answer.place.name_zh),
        label,
        period,
        measure.unit,
        say(*bounds[fact.bound]),
        measure.level(fact.value_plain),
        *(measure.level(value) for value in (middle.p50, *ends(middle))),
        Number(middle.p50 / fact.value_plain, 2) if fact.value_plain else None,
        reading(answer, material),
        say(basis, in_chinese(basis)),
        Number(answer.scope, 2),
        str(source) if source is not None else fact.source,
    ]


def reading(answer: Answer, material: Material) -> str:
    """Say how simulated and reported lie to each other; a bound is one-sided."""
    say, value, found = material.say, answer.fact.value_plain, answer.simulated
    if not found.shown:
        return say("too few runs for a range", "推演次数不足，不给区间")
    slack = ABOUT * abs(value) if answer.fact.bound == "about" else 0.0
    low = value - slack if answer.fact.bound != "at_most" else -np.inf
    high = value + slack if answer.fact.bound != "at_least" else np.inf
    if found.p95 < low:
        return say("simulated below", "推演低于公布数")
    if found.p05 > high:
        return say("simulated above", "推演高于公布数")
    return say("agrees within 90% of runs", "在90%区间内相符")
