"""Sheet 拟合 / Fit: reported figures beside the baseline's, in the count they were published in; misses first.

It never says that a figure is wrong: basis and scope may differ, and both are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.evidence import load_sources
from sim.evidence.variables import basis_label
from sim.report.fit_table import BOUND_WORDS, figure_name, fit_of, period_text, place_label, reading
from sim.report.workbook.book import Column
from sim.report.workbook.cell_numbers import Number, plain_measure

if TYPE_CHECKING:
    from sim.report.fit_table import FitLine
    from sim.report.workbook.book import Cell, Sheet
    from sim.report.workbook.material import Material


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet with the figures the baseline can be asked for."""
    say = material.say
    note = say(
        "Baseline A in the count of the reported figure; the last column but one says how. Aims and decided amounts "
        "are left out. A figure the run starts from is met in its own year by construction.",
        "基准A按公布数的口径折算，做法见“折算”列；不包括目标和政府决定的数额。作为起始值的公布数在当年必然相符。",
    )
    sheet.title(say("Reported and simulated", "公布数与推演结果对照"), material.about(note))
    found = fit_of(material.a)
    if not found.lines:
        none = "No reported figure falls into the simulated months."
        sheet.nothing(say(none, "推演月份内没有可对照的公布数。"))
        return
    sheet.records([_cells(line, material) for line in found.lines], freeze=2)
    sheet.finish()


def _cells(line: FitLine, material: Material) -> list[Cell]:
    say, fact, middle = material.say, line.fact, line.simulated
    measure = plain_measure(fact.unit_plain, max(abs(fact.value_plain), abs(middle.p50)), 3, material.lang)
    source = load_sources().get(fact.source)
    return [
        (Column(say("Place", "地区"), 24.0), place_label(fact.place, material.a.scenario.places, material.lang)),
        (Column(say("Variable", "指标"), 22.0), figure_name(fact.variable, material.lang)),
        (Column(say("Period", "时期"), 18.0), period_text(fact, material.lang)),
        (Column(say("Unit", "单位"), 14.0), measure.unit),
        (Column(say("Bound", "界限"), 12.0), say(*BOUND_WORDS[line.answer.bound])),
        (Column(say("Reported", "公布数")), measure.level(fact.value_plain)),
        (Column(say("Simulated, median", "推演中位数")), measure.level(middle.p50)),
        (Column(say("Simulated 5%", "推演 5%")), measure.level(middle.p05)),
        (Column(say("Simulated 95%", "推演 95%")), measure.level(middle.p95)),
        (Column(say("Simulated over reported", "推演/公布")), Number(line.ratio, 2)),
        (Column(say("Reading", "对照"), 24.0), reading(line, material.lang)),
        (Column(say("Starts from it", "起始值"), 12.0), say("yes", "是") if line.start else ""),
        (Column(say("Basis", "口径"), 28.0), basis_label(fact.basis, material.lang)),
        (Column(say("Scope factor", "范围倍数")), Number(line.scope, 2)),
        (Column(say("How it was asked", "折算"), 60.0), say(line.answer.en, line.answer.zh)),
        (Column(say("Source", "来源"), 44.0), str(source) if source is not None else fact.source),
    ]
