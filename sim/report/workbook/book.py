"""The workbook: looks shared by its sheets, tables and how they print; bytes that depend on the data alone.

Text is always text, never a formula or a link.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from sim.report.table import display_width, one_line
from sim.report.words import say
from sim.report.workbook.cell_numbers import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.units import Language

Value = str | int | Number | None

INK, MUTED, RULE, HEAD = "#1F2933", "#5B6770", "#B8C1C9", "#DCE6EF"

FONTS: Final = {"zh": "Microsoft YaHei", "en": "Calibri"}
SIZE: Final = 10
A4: Final = 9
FIXED_DATE: Final = datetime(2000, 1, 1)
OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Text is never read as a formula, a link or a number, and no temporary file is made."""

NARROWEST, WIDEST = 7.0, 46.0
LINE_POINTS: Final = 15.0


class Book:
    """A workbook being written in memory."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.font = FONTS[language]
        self._buffer = io.BytesIO()
        self.writer: Any = xlsxwriter.Workbook(self._buffer, OPTIONS)
        self.writer.set_properties({"created": FIXED_DATE, "author": "countysim", "title": "countysim"})
        self.writer.formats[0].set_font_name(self.font)
        self.writer.formats[0].set_font_size(SIZE)
        self._looks: dict[tuple[tuple[str, Any], ...], Any] = {}

    def add_page(self, name: str) -> Any:
        """Return a new worksheet, set up for A4 landscape, as wide as the paper."""
        page = self.writer.add_worksheet(name)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(A4)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.center_horizontally()
        note = say(self.language, "book.simulation_not_forecast")
        page.set_footer(f"&L&9{note}&C&9&A&R&9&P / &N")
        return page

    def look(
        self,
        *,
        bold: bool = False,
        size: int = SIZE,
        color: str = INK,
        fill: str = "",
        form: str = "",
        wrap: bool = False,
        border: bool = False,
        centred: bool = False,
        indent: int = 0,
        top: bool = False,
        middle: bool = False,
    ) -> Any:
        """Return the format with these properties; equal ones are made once."""  # fmt: skip
        properties: dict[str, Any] = {
            "font_name": self.font, "font_size": size, "font_color": color, "bold": bold, "text_wrap": wrap,
        }  # fmt: skip
        if fill:
            properties["bg_color"] = fill
        if form:
            properties["num_format"] = form
        if indent:
            properties |= {"align": "left", "indent": indent}
        if border:
            properties |= {"bottom": 1, "bottom_color": RULE}
        if centred:
            properties["align"] = "center"
        if centred or middle or top:
            properties["valign"] = "top" if top else "vcenter"
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self.writer.add_format(properties)
        return self._looks[key]

    def content(self) -> bytes:
        """Close the workbook and return its bytes."""
        self.writer.close()
        return self._buffer.getvalue()


@dataclass(frozen=True)
class Column:
    """Heading of a column, and how it is laid out.

    Text longer than ``widest`` is wrapped, or runs on when ``wraps`` is False. ``printed`` False leaves the column off
    the paper; such columns come last.
    """

    heading: str
    widest: float = WIDEST
    printed: bool = True
    wraps: bool = True


Cell = tuple[Column, Value]
"""A value beside the column it stands in."""


class Sheet:
    """A worksheet that is filled from the top down.

    Parameters
    ----------
    book
        The workbook it belongs to.
    name
        Its tab; one of the program's own words, never a name from a file.
    """

    def __init__(self, book: Book, name: str) -> None:
        self.book = book
        self.name = name
        self.page: Any = book.add_page(name)
        self.row = 0
        self._widths: dict[int, float] = {}
        self._last_printed_column = 0
        self._paragraphs: list[tuple[int, int, int]] = []

    # --- text ---

    def title(self, text: str, lines: Sequence[str] = ()) -> None:
        """Write the title and the lines under it."""
        self.text(0, text, bold=True, size=14)
        self.page.set_row(self.row, 21)
        self.row += 1
        for line in lines:
            self.text(0, line, color=MUTED)
            self.row += 1
        self.row += 1

    def text(self, column: int, text: str, **style: Any) -> None:
        """Write text into one cell of the current row without widening its column."""
        self.page.write_string(self.row, column, one_line(text), self.book.look(**style))

    def paragraph(self, text: str, columns: int, **style: Any) -> None:
        """Write text over several merged columns; the row is made high enough once their widths are known."""
        look = self.book.look(wrap=True, top=True, **style)
        self.page.merge_range(self.row, 0, self.row, columns - 1, "", look)
        self.page.write_string(self.row, 0, one_line(text), look)
        width = math.ceil(display_width(text) * style.get("size", 10) / 10.5)
        self._paragraphs.append((self.row, columns, width))
        self.row += 1

    # --- tables ---

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Value]],
        *,
        filtered: bool = True,
        emphasised: Sequence[int] = (),
        freeze: int = 0,
        header_lines: int = 2,
    ) -> range:
        """Write a table at the current row; return the rows its body takes.

        Parameters
        ----------
        filtered
            Give the header its arrows; a sheet can have one such table.
        emphasised
            Positions of rows in bold.
        freeze
            Keep the header and this many columns in sight; 0 freezes nothing.
        header_lines
            Height of the header in lines.
        """  # fmt: skip
        top = self.row
        head = self.book.look(bold=True, wrap=True, fill=HEAD, centred=True, border=True)
        for position, column in enumerate(columns):
            self.page.write_string(top, position, one_line(column.heading), head)
            longest = max((display_width(word) for word in column.heading.split()), default=0)
            whole = math.ceil(display_width(column.heading) / header_lines) + 2
            self._widen(position, min(max(longest if column.heading.isascii() else 0, whole) + 2, column.widest))
            if column.printed:
                self._last_printed_column = max(self._last_printed_column, position)
        self.page.set_row(top, LINE_POINTS * header_lines + 4)
        bold = set(emphasised)
        for offset, values in enumerate(rows):
            self._body_row(top + 1 + offset, columns, values, bold=offset in bold)
        self.row = top + 1 + len(rows)
        if filtered and rows:
            self.page.autofilter(top, 0, self.row - 1, len(columns) - 1)
        if freeze:
            self.page.freeze_panes(top + 1, freeze)
            self.page.repeat_rows(top)
        return range(top + 1, self.row)

    def records(self, rows: Sequence[Sequence[Cell]], **how: Any) -> None:
        """Write a table of one row or more at the current row, as ``table`` does; all rows have the same columns."""
        self.table([column for column, _ in rows[0]], [[value for _, value in row] for row in rows], **how)

    def _body_row(self, row: int, columns: Sequence[Column], values: Sequence[Value], *, bold: bool) -> None:
        lines = 1
        for position, (column, value) in enumerate(zip(columns, values, strict=True)):
            wide = self._cell(row, position, value, column, bold)
            lines = max(lines, math.ceil(wide / (column.widest - 2.0)) if column.wraps else 1)
        if lines > 1:
            self.page.set_row(row, LINE_POINTS * min(lines, 12) + 2)

    def _cell(self, row: int, position: int, value: Value, column: Column, bold: bool) -> float:
        """Write one cell; return the width of the text it shows, 0 for a number."""
        look = self.book.look
        if isinstance(value, str) and value:
            text = one_line(value)
            wide = display_width(text)
            wrap = column.wraps and wide + 2 > column.widest
            self.page.write_string(row, position, text, look(bold=bold, border=True, wrap=wrap, indent=1, middle=True))
            self._widen(position, min(wide + 3.0, column.widest))
            return float(wide)
        if isinstance(value, int):
            # Years and other names made of digits: beside text they read better from the left.
            self.page.write_number(row, position, value, look(bold=bold, border=True, form="0", indent=1, middle=True))
            self._widen(position, len(str(value)) + 3.0)
        elif isinstance(value, Number) and math.isfinite(value.value):
            number_look = look(bold=bold, border=True, form=value.form, middle=True)
            self.page.write_number(row, position, value.value, number_look)
            self._widen(position, min(display_width(value.text) + 2.0, WIDEST))
        else:
            self.page.write_blank(row, position, None, look(border=True))
        return 0.0

    def _widen(self, column: int, width: float) -> None:
        self._widths[column] = max(self._widths.get(column, NARROWEST), width)

    # --- end ---

    def nothing(self, text: str) -> None:
        """Say why the sheet has no table, and finish it."""
        self.text(0, text)
        self.finish(last_row=self.row, last_column=8)

    def width(self, columns: int) -> float:
        """Return the width of the first columns in letters, as far as they are known by now."""
        return sum(self._widths.get(column, NARROWEST) for column in range(columns))

    def finish(self, last_row: int | None = None, last_column: int | None = None) -> None:
        """Set widths, and the area printed (by default all rows and the printed columns)."""
        for column, width in self._widths.items():
            self.page.set_column(column, column, width)
        for row, columns, long in self._paragraphs:
            room = self.width(columns) - 2.0
            self.page.set_row(row, LINE_POINTS * max(math.ceil(long / room), 1) + 3)
        column = self._last_printed_column if last_column is None else last_column
        row = max(self.row - 1, 0) if last_row is None else last_row
        self.page.print_area(0, 0, row, column)
