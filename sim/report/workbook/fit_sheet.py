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
    note = say("fit_sheet.baseline_in_count_reported")
    sheet.title(say("fit_sheet.reported_and_simulated"), material.about(note))
    found = fit_of(material.a)
    if not found.lines:
        sheet.nothing(say("fit_sheet.no_reported_figure_falls"))
        return
    sheet.records([_cells(line, material) for line in found.lines], freeze=2)
    sheet.finish()


def _cells(line: FitLine, material: Material) -> list[Cell]:
    say, fact, middle = material.say, line.fact, line.simulated
    measure = plain_measure(fact.unit_plain, max(abs(fact.value_plain), abs(middle.p50)), 3, material.lang)
    source = load_sources().get(fact.source)
    return [
        (Column(say("shared.place_2"), 24.0), place_label(fact.place, material.a.scenario.places, material.lang)),
        (Column(say("shared.variable"), 22.0), figure_name(fact.variable, material.lang)),
        (Column(say("shared.period_2"), 18.0), period_text(fact, material.lang)),
        (Column(say("shared.unit"), 14.0), measure.unit),
        (Column(say("fit_sheet.bound"), 12.0), material.pick(*BOUND_WORDS[line.answer.bound])),
        (Column(say("fit_sheet.reported")), measure.level(fact.value_plain)),
        (Column(say("fit_sheet.simulated_median")), measure.level(middle.p50)),
        (Column(say("fit_sheet.simulated_5")), measure.level(middle.p05)),
        (Column(say("fit_sheet.simulated_95")), measure.level(middle.p95)),
        (Column(say("fit_sheet.simulated_over_reported")), Number(line.ratio, 2)),
        (Column(say("fit_sheet.reading"), 24.0), reading(line, material.lang)),
        (Column(say("fit_sheet.starts_from_it"), 12.0), say("fit_sheet.yes") if line.start else ""),
        (Column(say("shared.basis_2"), 28.0), basis_label(fact.basis, material.lang)),
        (Column(say("fit_sheet.scope_factor")), Number(line.scope, 2)),
        (Column(say("fit_sheet.how_it_was_asked"), 60.0), material.pick(line.answer.en, line.answer.zh)),
        (Column(say("fit_sheet.source"), 44.0), str(source) if source is not None else fact.source),
    ]
