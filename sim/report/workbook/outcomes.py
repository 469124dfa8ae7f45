"""Sheets of outcomes: 结论, 对比, 分镇, 年度 and 月度累计, with native charts that can be restyled and pasted."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.compare.comparison import ALL_PLACES, Comparison, Row, ValueRow
from sim.compare.statistics import verdict_text
from sim.evidence.variables import basis_label
from sim.observables import OBSERVABLES
from sim.report.comparison_table import goal_line, money_lines, moved_lines, paid_back_text
from sim.report.figures import style
from sim.report.figures.describe import capital
from sim.report.figures.layout import round_step
from sim.report.sentences import sentences
from sim.report.table import Column
from sim.report.words import entries
from sim.report.workbook.book import (
    MOST_DECIMALS,
    MUTED,
    Book,
    Material,
    Measure,
    Number,
    Sheet,
    Value,
    measure_of,
    percent,
    plain_measure,
)


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


SIZE: Final = (540, 280)
"""Width and height in pixels."""
PLOT: Final = {"x": 0.13, "y": 0.14, "width": 0.82, "height": 0.62}
"""Place of the axes within a chart, as shares of it: room for the last year and the legend."""
SECOND_CHART: Final = 6
"""Column the right one of two charts starts in."""
ROWS: Final = 15
"""Rows of the sheet that a chart takes."""


def place_charts(sheet: Sheet, material: Material, rows: ChartRows) -> None:
    """Put fan and difference of one variable side by side at the current row."""
    fan, difference = _fan(sheet.book, rows, material), _difference(sheet.book, rows, material)
    alt = material.say("charts.by_year", title=rows.title)
    for column, chart in ((0, fan), (SECOND_CHART, difference)):
        chart.set_size({"width": SIZE[0], "height": SIZE[1]})
        chart.set_plotarea({"layout": PLOT})
        place = {"x_offset": 4, "y_offset": 2, "object_position": 1, "description": alt}
        sheet.page.insert_chart(sheet.row, column, chart, place)
    sheet.row += ROWS


def _series(rows: ChartRows, offset: int, name: str, **look: Any) -> dict[str, Any]:
    """Return a series of the chart: one column of its numbers over the years."""

    def cells(column: int) -> list[Any]:
        return [rows.sheet, rows.first, column, rows.last, column]

    return {"name": name, "categories": cells(rows.column), "values": cells(rows.column + offset), **look}


def _fan(book: Book, rows: ChartRows, material: Material) -> Any:
    """Return the fan of A with the medians of both: stacked areas on an invisible base."""
    say = material.say
    chart = lines = book.writer.add_chart({"type": "line"})
    for offset, name, color, dash in (
        (5, say("charts.median_a"), style.BASELINE, "dash"),
        (6, say("charts.median_b"), style.SCENARIO, "solid"),
    ):
        line = {"color": color, "width": 2.25, "dash_type": dash}
        lines.add_series(_series(rows, offset, name, line=line))
    if rows.bands:
        chart = book.writer.add_chart({"type": "area", "subtype": "stacked"})
        names = (" ", say("charts.90_runs"), say("charts.50_runs"), "  ")
        colors = ("", style.BASELINE_90, style.BASELINE_50, style.BASELINE_90)
        for offset, (name, color) in enumerate(zip(names, colors, strict=True), start=1):
            fill: dict[str, Any] = {"color": color} if color else {"none": True}
            chart.add_series(_series(rows, offset, name, fill=fill, border={"none": True}))
        chart.combine(lines)
    _dress(book, chart, say("charts.and_b", title=rows.title), (rows.unit, rows.form, rows.reach), on_tick=rows.bands)
    legend: dict[str, Any] = {"position": "bottom", "font": _font(book)}
    chart.set_legend(legend | ({"delete_series": [0, 3]} if rows.bands else {}))
    return chart


def _difference(book: Book, rows: ChartRows, material: Material) -> Any:
    say, chart = material.say, book.writer.add_chart({"type": "column"})
    look = {"fill": {"color": style.SCENARIO_50}, "border": {"none": True}, "gap": 80}
    series = _series(rows, 7, say("charts.b_median"), **look)
    title = say("charts.b_less", title=rows.title)
    if rows.bands:
        from xlsxwriter.utility import xl_range_abs

        title += say("charts.line_90_runs")
        # Error bars take formulas alone.
        columns = (rows.column + 8, rows.column + 9)
        plus, minus = (f"='{rows.sheet}'!{xl_range_abs(rows.first, column, rows.last, column)}" for column in columns)
        line = {"color": style.INK, "width": 1.0}
        series["y_error_bars"] = {"type": "custom", "plus_values": plus, "minus_values": minus, "line": line}
    chart.add_series(series)
    _dress(book, chart, title, (rows.unit, rows.form_of_differences, rows.reach_of_differences))
    chart.set_legend({"none": True})
    return chart


def _dress(
    book: Book, chart: Any, title: str, levels: tuple[str, str, tuple[float, float]], *, on_tick: bool = False
) -> None:
    """Give title and axes their looks; years stand below even where values are negative.

    ``levels`` are unit, number format and reach of the values; the unit stands once beside the axis.
    """
    font, (unit, form, reach) = _font(book), levels
    chart.set_title({"name": title, "name_font": {**font, "size": 11, "bold": True}, "overlay": False})
    place = {"position_axis": "on_tick" if on_tick else "between", "label_position": "low"}
    chart.set_x_axis({**place, "num_font": font, "line": {"color": style.AXIS}})
    low, high, step = axis(*reach)
    plain = "".join(part for position, part in enumerate(form.split('"')) if position % 2 == 0)
    chart.set_y_axis(
        {
            "name": unit, "name_font": {**font, "bold": False}, "num_font": font, "num_format": plain,
            "major_gridlines": {"visible": True, "line": {"color": style.RULE, "width": 0.5}}, "line": {"none": True},
            "min": low, "max": high, "major_unit": step,
        }
    )  # fmt: skip
    chart.set_chartarea({"border": {"none": True}})


def _font(book: Book) -> dict[str, Any]:
    return {"name": book.font, "size": 9, "color": style.INK}


def axis(low: float, high: float) -> tuple[float, float, float]:
    """Return round ends and step of an axis; it begins at zero unless all values lie far above."""
    if low > 0.4 * high:
        low -= 0.1 * (high - low)
    else:
        low = min(low, 0.0)
    span = (high - low) or abs(high) or 1.0
    step = round_step(span / 5.0, (1.0, 2.0, 5.0, 10.0))
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step


PAPER: Final = 106.0
"""Letters across A4 landscape at full size, with room for fonts that run wide."""
_MEASURES: Final[dict[str, list[str]]] = entries()["value_measures"]


def conclusion(sheet: Sheet, material: Material, charted: Sequence[ChartRows]) -> None:
    """Fill 结论: the answer in sentences, headline table, value for money, aims, notes; and charts."""
    comparison, say, pick = material.comparison, material.say, material.pick
    setting, differs = comparison.setting, not comparison.equality.identical
    place, industry = pick(setting.place_name, setting.place_name_zh), pick(setting.industry, setting.industry_zh)
    sheet.title(say("conclusion.conclusions", place=place, industry=industry), material.about())
    rows: list[list[Value]] = []
    for row in comparison.headline_rows():
        measure, d = measure_of(row, material.lang), row.difference
        cells = measure.cells(row.a, row.b, d)
        shown = [*cells[:3], cells[6], measure.difference(d.p25), measure.difference(d.p75), *cells[7:]]
        rows.append([material.heading(row), measure.unit, *shown, *_judged(row, material)])
    wide = len(rows[0])
    for sentence in sentences(comparison, material.lang):
        sheet.paragraph(sentence, wide, size=11)
    sheet.row += 1
    if differs:
        sheet.table(material.table("headline", rows, at=comparison.at), filtered=False)
        sheet.row += 1
        place_charts(sheet, material, charted[0])
        sheet.page.set_h_pagebreaks([sheet.row])
    if differs and comparison.value:
        _value(sheet, material)
    for line in _lines(comparison, material):
        sheet.paragraph(line, wide, color=MUTED)
    sheet.row += 1
    if differs:
        place_charts(sheet, material, charted[1])
    # A scale instead of a number of pages: a spreadsheet that fits pages passes over page breaks.
    sheet.page.set_print_scale(min(int(100.0 * PAPER / sheet.width(wide)), 100))
    sheet.finish()


def _judged(row: Row, material: Material) -> tuple[Value, ...]:
    """Return the change, in how many of the runs B is higher (unpaired: in which share), and the verdict."""
    runs, count = None, row.prob_higher * row.n_pairs
    if not row.paired:
        runs = Number(row.prob_higher, 0, "%")
    elif not math.isnan(count):
        label = material.say("conclusion.of", n_pairs=row.n_pairs)
        runs = Number(count, 0 if abs(count - round(count)) < 1e-9 else 1, label)
    return percent(row.difference_pct.p50), runs, verdict_text(row.verdict, material.lang)


def _value(sheet: Sheet, material: Material) -> None:
    """Write value for money, with the reason where a measure is not defined."""
    comparison = material.comparison
    rows = [_value_row(row, material) for row in comparison.value]
    cells = [[*row[:7], None] for row in rows]
    body = sheet.table(material.table("value_for_money", cells, window=comparison.window_text), filtered=False)
    for position, row in zip(body, rows, strict=True):
        if isinstance(row[7], str) and row[7]:
            # The remark runs over the empty cells to its right.
            sheet.page.write_string(position, 7, row[7], sheet.book.look(color=MUTED, indent=1))
    sheet.row += 1


def _value_row(row: ValueRow, material: Material) -> list[Value]:
    english, chinese, unit, unit_zh = _MEASURES[row.measure]
    if row.basis == "granted":
        english, chinese = f"{english}, by money granted", f"{chinese}（按批复额）"
    remark = material.pick(row.reason, row.reason_zh) if not row.defined else ""
    if row.defined and row.measure == "tax_per_yuan":
        remark = paid_back_text(row, material.lang).lstrip("：: ")
    values = [getattr(row.band, name) for name in ("p50", "p05", "p25", "p75", "p95")]
    numbers = [Number(value, 2, material.pick("", unit_zh)) for value in values]
    if row.measure == "cost_per_job":
        measure = plain_measure("yuan", values[0] if row.defined else 0.0, 3, material.lang)
        unit, unit_zh = measure.unit or unit, measure.unit or unit_zh
        numbers = [measure.level(value) for value in values]
    return [material.pick(english, chinese), material.pick(unit, unit_zh), *numbers, remark]


def _lines(comparison: Comparison, material: Material) -> list[str]:
    """Return money, what it moved, aims, ceiling and notes as lines of text."""
    language = material.lang
    lines = money_lines(comparison.money, language)
    if not comparison.equality.identical:
        lines += moved_lines(comparison, language)
    lines += [goal_line(goal, language) for goal in comparison.goals]
    for number, line in enumerate(lines):  # set apart by blanks on the terminal, here by punctuation
        head, *rest = re.split(r" {2,}", line.strip())
        if rest:
            head += material.say("marks.colon") + material.say("marks.semicolon").join(rest)
        lines[number] = capital(head)
    ceiling = material.pick(comparison.ceiling, comparison.ceiling_zh)
    if ceiling:
        lines.append(material.say("conclusion.arithmetic_ceiling", ceiling=ceiling))
    # What could not be paid for and the years compared are among the sentences above.
    return lines + [material.pick(note.en, note.zh) for note in comparison.notes if note.code not in ("N01", "span")]


def comparison(sheet: Sheet, material: Material) -> None:
    """Fill 对比: the headline year, then the window, then growth; headline variables first and in bold."""
    comparison = material.comparison
    rows: list[Row] = []
    for period in dict.fromkeys((str(comparison.at), comparison.window_text)):
        rows += sorted(comparison.rows_at(period), key=lambda row: not row.headline)
    rows += comparison.growth
    bold = [position for position, row in enumerate(rows) if row.headline]
    sheet.title(material.say("compared.comparison_b_with"), material.about())
    sheet.table(_compared(rows, material)[2:], emphasised=bold, freeze=1)
    sheet.finish()


def places(sheet: Sheet, material: Material) -> None:
    """Fill 分镇: the headline variables of each place, places in the order of their administrative codes."""
    rows = [row for row in material.comparison.rows if row.place != ALL_PLACES and row.headline]
    order = list(dict.fromkeys(row.place for row in rows))
    names = list(dict.fromkeys(row.variable for row in rows))
    rows.sort(key=lambda row: (row.period, names.index(row.variable), order.index(row.place)))
    sheet.title(material.say("compared.comparison_by_place"), material.about())
    sheet.table(_compared(rows, material), freeze=2)
    sheet.finish()


def _compared(rows: Sequence[Row], material: Material) -> list[Column]:
    better = {"higher": material.say("compared.higher"), "lower": material.say("compared.lower")}
    cells = []
    for row in rows:
        measure, d, change = measure_of(row, material.lang), row.difference, row.difference_pct
        noise = measure.difference(row.mc_se)
        cells.append(
            (
                material.pick(row.place_name, row.place_name_zh), row.admin_code, material.heading(row),
                int(row.period) if row.period_kind == "year" else row.period, measure.unit,
                *measure.cells(row.a, row.b, d), *_judged(row, material), measure.difference(d.p25),
                measure.difference(d.p75), percent(change.p05), percent(change.p95), better.get(row.good, ""),
                Number(noise.value, min(noise.decimals + 1, MOST_DECIMALS), noise.label),
                Number(row.variance_reduction, 1), row.n_pairs, basis_label(row.basis, material.lang), row.variable,
            )
        )  # fmt: skip
    return material.table("compared", cells)


CHARTED = ("output_value", "employment")


def annual(sheet: Sheet, material: Material) -> list[ChartRows]:
    """Fill the sheet; return where the charts find their numbers."""
    sheet.title(material.say("annual.year_by_year"), material.about())
    years = sorted(_by_year(material, OBSERVABLES[0].name))
    rows: list[list[Value]] = []
    bold: list[int] = []
    on_paper = 0
    for item in sorted(OBSERVABLES, key=lambda item: not item.headline):
        series = _by_year(material, item.name)
        if series:
            bold += [len(rows), len(rows) + 3, len(rows) + 6] if item.headline else []
            rows += _block(series, years, material)
            on_paper = len(rows) if item.headline else on_paper
    top, cells = sheet.row, list(zip(*rows, strict=True))
    columns = material.table("annual", [row[:3] for row in rows])
    columns += [Column(str(year), own) for year, own in zip(years, cells[3:], strict=True)]
    sheet.table(columns, emphasised=bold, freeze=3, header_lines=1)
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
    names = [column.heading for column in material.table("a_and_b", (), rough="")]
    units = [measure.unit] * 6 + [measure.scale.of_differences] * 3
    return [
        [label, name, unit, *(cells[year][k] if year in cells else None for year in years)]
        for k, (name, unit) in enumerate(zip(names, units, strict=True))
    ]


def _measure(series: dict[int, Row], material: Material) -> Measure:
    """Return one unit for all years: that of the headline year, or of the largest level when it is there zero."""
    at = series.get(material.comparison.at)
    if at is None or at.a.p50 == 0.0 == at.b.p50:
        at = max(series.values(), key=lambda row: max(abs(row.a.p50), abs(row.b.p50)))
    return measure_of(at, material.lang)


def _chart_rows(sheet: Sheet, material: Material, variable: str, top: int, column: int, position: int) -> ChartRows:
    """Write the numbers of one variable's charts right of the table, off the paper."""
    series, say = _by_year(material, variable), material.say
    years = sorted(series)
    measure = _measure(series, material)
    divisor = measure.scale.divisor
    row = top + position * (len(years) + 3)
    look = sheet.book.look(color=MUTED)
    label = material.heading(series[years[0]])
    headings = [f"{label} ({measure.unit})", "A 5%", "5-25%", "25-75%", "75-95%"]
    headings += [say("charts.median_a"), say("charts.median_b"), say("charts.median_difference")]
    for offset, heading in enumerate((*headings, "+", "−")):
        sheet.page.write_string(row, column + offset, heading, look)
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
    bands = all(series[year].a.shown and series[year].difference.shown for year in years)
    return ChartRows(
        label, measure.unit, sheet.name, row + 1, row + len(years), column, bands, (min(levels), max(levels)),
        (min(differences), max(differences)), measure.level(divisor).form, measure.difference(divisor).form,
    )  # fmt: skip


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def year_to_date(sheet: Sheet, material: Material) -> None:
    """Fill the sheet with the headline flows of each year of the window."""
    say = material.say
    sheet.title(say("cumulative.cumulative_from_january"), material.about(say("cumulative.growth_median_b_or")))
    rows: list[list[Any]] = []
    whole_years: list[int] = []
    for item in OBSERVABLES:
        found = material.series(item.name, "ytd")
        if not found:
            continue
        growths = _growths(material, item.name)
        # One unit for all months: that of the largest whole year.
        measure = measure_of(max(found, key=lambda row: abs(row.a.p50)), material.lang)
        for row in found:
            last = row.period.rpartition("..")[2]  # 2030-01..2030-06
            year, month = int(last[:4]), int(last[5:])
            if month == 12:
                whole_years.append(len(rows))
            months = say("cumulative.jan", _months=_MONTHS[month - 1], month=month)
            growth = (Number(value, 1, "%", signed=True) for value in growths.get((year, month), (math.nan, math.nan)))
            cells = measure.cells(row.a, row.b, row.difference)
            change = percent(row.difference_pct.p50)
            rows.append([material.heading(row), year, months, measure.unit, *cells, change, *growth])
    sheet.table(material.table("year_to_date", rows, rough=""), emphasised=whole_years, freeze=3)
    sheet.finish()


def _growths(material: Material, variable: str) -> dict[tuple[int, int], tuple[float, float]]:
    """Return median growth of A and B by year and month; nothing where the year before is not simulated in full."""
    b, a = material.pairing.monthly(variable)
    months = material.pairing.months
    position = {number: column for column, number in enumerate(months)}
    found = {}

    def growth(values: NDArray[np.float64]) -> float:
        """Return the median over runs of the second half of the columns against the first, less one."""
        before, now = (half.sum(axis=1) for half in np.split(values, 2, axis=1))
        return float(np.median(now / before - 1.0)) if (before > 0.0).all() else float("nan")

    for year in range(months[0] // 12 + 1, months[-1] // 12 + 1):
        for month in range(2, 13):
            wanted = [y * 12 + m for y in (year - 1, year) for m in range(month)]
            if all(number in position for number in wanted):
                columns = [position[number] for number in wanted]
                found[year, month] = (growth(a[:, columns]), growth(b[:, columns]))
    return found
