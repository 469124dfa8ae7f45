"""Sheet 月度累计 / Year to date: January and February together, then January to each month, as counties report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.observables import OBSERVABLES
from sim.report.workbook.book import Column
from sim.report.workbook.cell_numbers import Measure, Number, measure_of, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.compare.comparison import Row
    from sim.report.workbook.book import Cell, Sheet
    from sim.report.workbook.material import Material


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet with the headline flows of each year of the window."""
    say = material.say
    growth = say("cumulative.growth_median_b_or")
    sheet.title(say("cumulative.cumulative_from_january"), material.about(growth))
    rows: list[list[Cell]] = []
    whole_years: list[int] = []
    for item in OBSERVABLES:
        found = material.series(item.name, "ytd")
        if not found:
            continue
        growths = _growths(material, item.name)
        # One unit for all months: that of the largest whole year.
        measure = measure_of(max(found, key=lambda row: abs(row.a.p50)), material.lang)
        for row in found:
            year, month = _year_and_month(row)
            if month == 12:
                whole_years.append(len(rows))
            rows.append(_cells(row, material, measure, growths.get((year, month), (math.nan, math.nan))))
    sheet.records(rows, emphasised=whole_years, freeze=3)
    sheet.finish()


def _year_and_month(row: Row) -> tuple[int, int]:
    """Return year and last month of ``2030-01..2030-06``."""
    last = row.period.rpartition("..")[2]
    return int(last[:4]), int(last[5:])


def _cells(row: Row, material: Material, measure: Measure, growth: tuple[float, float]) -> list[Cell]:
    say, (year, month) = material.say, _year_and_month(row)
    return [
        (Column(say("shared.variable"), 22.0), material.heading(row)),
        (Column(say("shared.year_2")), year),
        (Column(say("cumulative.months"), 12.0), say("cumulative.jan", _months=_MONTHS[month - 1], month=month)),
        (Column(say("shared.unit"), 14.0), measure.unit),
        *zip(material.columns(), measure.cells(row.a, row.b, row.difference), strict=True),
        (Column(say("shared.change")), percent(row.difference_pct.p50)),
        (Column(say("cumulative.growth_on_year")), Number(growth[0], 1, "%", signed=True)),
        (Column(say("cumulative.b_growth_on_year")), Number(growth[1], 1, "%", signed=True)),
    ]


def _growths(material: Material, variable: str) -> dict[tuple[int, int], tuple[float, float]]:
    """Return median growth of A and B by year and month; nothing where the year before is not simulated in full."""
    b, a = material.pairing.monthly(variable)
    months = material.pairing.months
    position = {number: column for column, number in enumerate(months)}
    found = {}
    for year in range(months[0] // 12 + 1, months[-1] // 12 + 1):
        for month in range(2, 13):
            wanted = [y * 12 + m for y in (year - 1, year) for m in range(month)]
            if all(number in position for number in wanted):
                columns = [position[number] for number in wanted]
                found[year, month] = (_growth(a[:, columns]), _growth(b[:, columns]))
    return found


def _growth(values: NDArray[np.float64]) -> float:
    """Return the median over runs of the second half of the columns against the first, less one."""
    before, now = (half.sum(axis=1) for half in np.split(values, 2, axis=1))
    return float(np.median(now / before - 1.0)) if (before > 0.0).all() else float("nan")
