"""Sheet 年度 / Annual: years across; levels of A and B, their difference, and the ends of each 90% band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.observables import OBSERVABLES
from sim.report.workbook.book import MUTED, Column
from sim.report.workbook.cell_numbers import Measure, measure_of

if TYPE_CHECKING:
    from sim.compare.comparison import Row
    from sim.report.workbook.book import Sheet, Value
    from sim.report.workbook.material import Material

CHARTED = ("output_value", "employment")


@dataclass(frozen=True)
class ChartRows:
    """Where the cells of one variable's charts are: rows ``first`` to ``last``, from column ``column`` on.

    Columns: year, A 5%, then three layers up to A 25%, 75% and 95%, A median, B median, difference, distance from it
    up to the 95% and down to the 5% quantile.
    """

    title: str
    unit: str
    sheet: str
    first: int
    last: int
    column: int
    bands: bool
    reach: tuple[float, float]
    """Lowest and highest level drawn, in the unit shown."""
    reach_of_differences: tuple[float, float]
    form: str
    form_of_differences: str


def write(sheet: Sheet, material: Material) -> list[ChartRows]:
    """Fill the sheet; return where the charts find their numbers."""
    say = material.say
    sheet.title(say("annual.year_by_year"), material.about())
    years = sorted(_by_year(material, OBSERVABLES[0].name))
    columns = [
        Column(say("shared.variable"), 24.0),
        Column(say("annual.statistic"), 18.0),
        Column(say("shared.unit"), 14.0),
        *(Column(str(year)) for year in years),
    ]
    rows: list[list[Value]] = []
    bold: list[int] = []
    on_paper = 0
    for item in sorted(OBSERVABLES, key=lambda item: not item.headline):
        series = _by_year(material, item.name)
        if series:
            bold += [len(rows), len(rows) + 3, len(rows) + 6] if item.headline else []
            rows += _block(series, years, material)
            on_paper = len(rows) if item.headline else on_paper
    top = sheet.row
    sheet.table(columns, rows, emphasised=bold, freeze=3, header_lines=1)
    found = [_chart_rows(sheet, material, name, top, len(columns) + 1, k) for k, name in enumerate(CHARTED)]
    sheet.finish(last_row=top + on_paper, last_column=len(columns) - 1)
    return found


def _by_year(material: Material, variable: str) -> dict[int, Row]:
    return {int(row.period): row for row in material.series(variable)}


def _block(series: dict[int, Row], years: list[int], material: Material) -> list[list[Value]]:
    """Return the nine rows of one variable, in one unit."""
    measure = _measure(series, material)
    label = material.heading(next(iter(series.values())))
    cells = {year: measure.cells(row.a, row.b, row.difference) for year, row in series.items()}
    units = [measure.unit] * 6 + [measure.unit_of_differences] * 3
    return [
        [label, column.heading, unit, *(cells[year][k] if year in cells else None for year in years)]
        for k, (column, unit) in enumerate(zip(material.columns(), units, strict=True))
    ]


def _measure(series: dict[int, Row], material: Material) -> Measure:
    """Return one unit for all years: that of the headline year, or of the largest level when it is there zero."""
    at = series.get(material.comparison.at)
    if at is None or at.a.p50 == 0.0 == at.b.p50:
        at = max(series.values(), key=lambda row: max(abs(row.a.p50), abs(row.b.p50)))
    return measure_of(at, material.lang)


def _chart_rows(sheet: Sheet, material: Material, variable: str, top: int, column: int, position: int) -> ChartRows:
    """Write the numbers of one variable's charts right of the table, off the paper."""
    series = _by_year(material, variable)
    years = sorted(series)
    measure = _measure(series, material)
    divisor = measure.scale.divisor
    row = top + position * (len(years) + 3)
    look = sheet.book.look(color=MUTED)
    label = material.heading(series[years[0]])
    headings = [
        f"{label} ({measure.unit})", "A 5%", "5-25%", "25-75%", "75-95%", material.say("shared.median_3"),
        material.say("shared.b_median"), material.say("shared.b_median_2"), "+", "−",
    ]  # fmt: skip
    for offset, heading in enumerate(headings):
        sheet.page.write_string(row, column + offset, heading, look)
    bands = all(series[year].a.shown and series[year].difference.shown for year in years)
    levels: list[float] = []
    differences = [0.0]
    for line, year in enumerate(years, start=row + 1):
        a, b, d = series[year].a, series[year].b, series[year].difference
        values = [a.p05, a.p25 - a.p05, a.p75 - a.p25, a.p95 - a.p75, a.p50, b.p50, d.p50, d.p95 - d.p50, d.p50 - d.p05]
        sheet.page.write_number(line, column, year, look)
        for offset, value in enumerate(values, start=1):
            if value == value:
                sheet.page.write_number(line, column + offset, value / divisor, look)
        levels += [v / divisor for v in (a.p05, a.p95, a.p50, b.p50) if v == v]
        differences += [v / divisor for v in (d.p05, d.p50, d.p95) if v == v]
    return ChartRows(
        label, measure.unit, sheet.name, row + 1, row + len(years), column, bands, (min(levels), max(levels)),
        (min(differences), max(differences)), measure.level(divisor).form, measure.difference(divisor).form,
    )  # fmt: skip
