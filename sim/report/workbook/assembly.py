"""All sheets in their order, Chinese or English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compare.comparison import ALL_PLACES
from sim.report.workbook import (
    annual,
    assumptions,
    compared,
    conclusion,
    cumulative,
    fair,
    fit,
    funds,
    reproduce,
    timetable,
)
from sim.report.workbook.book import Book
from sim.report.workbook.material import material_of
from sim.report.workbook.sheet import Sheet

if TYPE_CHECKING:
    from sim.compare.comparison import Comparison
    from sim.experiments import Run
    from sim.units import Language

NAMES = {
    "conclusion": ("Summary", "结论"),
    "compared": ("Comparison", "对比"),
    "annual": ("Annual", "年度"),
    "cumulative": ("Year to date", "月度累计"),
    "timetable": ("Policies", "政策时间表"),
    "funds": ("Money", "资金"),
    "fair": ("Fair", "展会"),
    "places": ("Places", "分镇"),
    "fit": ("Fit", "拟合"),
    "assumptions": ("Assumptions", "假设与来源"),
    "reproduce": ("Reproduce", "复现"),
}
"""Tabs in English and Chinese; 分镇 is there only with several places."""


def workbook_bytes(comparison: Comparison, runs: tuple[Run, Run], language: Language = "zh") -> bytes:
    """Return the workbook of a comparison; equal data give equal bytes.

    Parameters
    ----------
    runs
        Scenario and baseline, as they were compared.

    Raises
    ------
    UserError
        When the runs cannot be paired or read.
    """
    material = material_of(comparison, runs, language)
    book = Book(language)
    several = comparison.place == ALL_PLACES
    sheets = {
        key: Sheet(book, names[1] if language == "zh" else names[0])
        for key, names in NAMES.items()
        if key != "places" or several
    }
    charted = annual.write(sheets["annual"], material)
    conclusion.write(sheets["conclusion"], material, charted)
    compared.write(sheets["compared"], material)
    cumulative.write(sheets["cumulative"], material)
    timetable.write(sheets["timetable"], material)
    funds.write(sheets["funds"], material)
    fair.write(sheets["fair"], material)
    if several:
        compared.write_places(sheets["places"], material)
    fit.write(sheets["fit"], material)
    assumptions.write(sheets["assumptions"], material)
    reproduce.write(sheets["reproduce"], material)
    sheets["conclusion"].page.activate()
    return book.content()
