"""Native charts, so that they can be restyled and pasted: a fan of stacked areas, and the difference with its ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sim.report.figures import style
from sim.report.figures.scale import round_step

if TYPE_CHECKING:
    from sim.report.workbook.book import Book, Sheet
    from sim.report.workbook.material import Material


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
