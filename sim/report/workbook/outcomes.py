"""Sheets of outcomes: 对比, 分镇, 年度 and 月度累计."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.comparison import ALL_PLACES
from sim.compare.statistics import verdict_text
from sim.evidence.variables import basis_label
from sim.observables import OBSERVABLES
from sim.report.workbook.book import MUTED, Column
from sim.report.workbook.cell_numbers import MOST_DECIMALS, Measure, Number, measure_of, percent
from sim.report.workbook.charts import ChartRows
from sim.report.workbook.conclusion import occasions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.comparison import Row
    from sim.report.workbook.book import Cell, Sheet, Value
    from sim.report.workbook.material import Material


def comparison(sheet: Sheet, material: Material) -> None:
    """Fill 对比: the headline year, then the window, then growth; headline variables first and in bold."""
    comparison = material.comparison
    sheet.title(material.say("compared.comparison_b_with"), material.about())
    periods = (str(comparison.at), comparison.window_text)
    rows: list[Row] = []
    for period in dict.fromkeys(periods):
        found = comparison.rows_at(period)
        rows += [row for row in found if row.headline] + [row for row in found if not row.headline]
    rows += comparison.growth
    _table(sheet, material, rows, place=False)
    sheet.finish()


def places(sheet: Sheet, material: Material) -> None:
    """Fill 分镇: the headline variables of each place, places in the order of their administrative codes."""
    sheet.title(material.say("compared.comparison_by_place"), material.about())
    rows = [row for row in material.comparison.rows if row.place != ALL_PLACES and row.headline]
    order = list(dict.fromkeys(row.place for row in rows))
    names = list(dict.fromkeys(row.variable for row in rows))
    rows.sort(key=lambda row: (row.period, names.index(row.variable), order.index(row.place)))
    _table(sheet, material, rows, place=True)
    sheet.finish()


def _table(sheet: Sheet, material: Material, rows: Sequence[Row], *, place: bool) -> None:
    bold = [] if place else [position for position, row in enumerate(rows) if row.headline]
    cells = [_compared(row, material, place=place) for row in rows]
    sheet.records(cells, emphasised=bold, freeze=2 if place else 1)


def _compared(row: Row, material: Material, *, place: bool) -> list[Cell]:
    say, measure, d, change = material.say, measure_of(row, material.lang), row.difference, row.difference_pct
    better = {"higher": say("compared.higher"), "lower": say("compared.lower")}
    noise = measure.difference(row.mc_se)
    name, code = Column(say("shared.place_2"), 26.0), Column(say("compared.code"), 12.0, printed=False)
    where: list[Cell] = (
        [(name, material.pick(row.place_name, row.place_name_zh)), (code, row.admin_code)] if place else []
    )
    return [
        *where,
        (Column(say("shared.variable"), 24.0), material.heading(row)),
        (Column(say("shared.period_2"), 12.0), int(row.period) if row.period_kind == "year" else row.period),
        (Column(say("shared.unit"), 14.0), measure.unit),
        *zip(material.columns(material.rough), measure.cells(row.a, row.b, d), strict=True),
        (Column(say("shared.change")), percent(change.p50)),
        (Column(say("shared.runs_with_b_higher")), occasions(row, material)),
        (Column(say("shared.verdict"), 24.0), verdict_text(row.verdict, material.lang)),
        (Column("B−A 25%", printed=False), measure.difference(d.p25)),
        (Column("B−A 75%", printed=False), measure.difference(d.p75)),
        (Column(say("compared.change_5") + material.rough, printed=False), percent(change.p05)),
        (Column(say("compared.change_95") + material.rough, printed=False), percent(change.p95)),
        (Column(say("compared.better_when"), printed=False), better.get(row.good, "")),
        (
            Column(say("compared.noise_mean_difference"), printed=False),
            Number(noise.value, min(noise.decimals + 1, MOST_DECIMALS), noise.label),
        ),
        (Column(say("compared.noise_cut_by_pairing"), printed=False), Number(row.variance_reduction, 1)),
        (Column(say("compared.pairs"), printed=False), row.n_pairs),
        (Column(say("shared.basis_2"), 60.0, printed=False, wraps=False), basis_label(row.basis, material.lang)),
        (Column(say("compared.name_in_files"), 26.0, printed=False), row.variable),
    ]


CHARTED = ("output_value", "employment")


def annual(sheet: Sheet, material: Material) -> list[ChartRows]:
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


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def year_to_date(sheet: Sheet, material: Material) -> None:
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
            rows.append(_month(row, material, measure, growths.get((year, month), (math.nan, math.nan))))
    sheet.records(rows, emphasised=whole_years, freeze=3)
    sheet.finish()


def _year_and_month(row: Row) -> tuple[int, int]:
    """Return year and last month of ``2030-01..2030-06``."""
    last = row.period.rpartition("..")[2]
    return int(last[:4]), int(last[5:])


def _month(row: Row, material: Material, measure: Measure, growth: tuple[float, float]) -> list[Cell]:
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
