"""The workbook: looks shared by its sheets, tables and how they print; bytes that depend on the data alone.

Text is always text, never a formula or a link.
"""

from __future__ import annotations

import io
import math
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from sim.report.table import display_width, one_line
from sim.report.words import say
from sim.report.workbook.material import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.report.table import Column
    from sim.units import Language

Value = str | int | Number | None

INK, MUTED, RULE, HEAD = "#1F2933", "#5B6770", "#B8C1C9", "#DCE6EF"

FONTS: Final = {"zh": "Microsoft YaHei", "en": "Calibri"}
SIZE: Final = 10
A4: Final = 9
FIXED_DATE: Final = datetime(2000, 1, 1)
OPTIONS: Final = {"in_memory": True} | dict.fromkeys(
    ("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False
)
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
        self, *, size: int = SIZE, color: str = INK, bold: bool = False, wrap: bool = False, border: bool = False,
        fill: str = "", form: str = "", align: str = "", valign: str = "", indent: int = 0,
    ) -> Any:  # fmt: skip
        """Return the format with these properties; equal ones are made once."""
        some: dict[str, Any] = {"bg_color": fill, "num_format": form, "align": align or "left" * (indent > 0)}
        some |= {"valign": valign, "indent": indent} | ({"bottom": 1, "bottom_color": RULE} if border else {})
        properties: dict[str, Any] = {"font_name": self.font, "font_size": size, "font_color": color}
        properties |= {"bold": bold, "text_wrap": wrap}
        properties |= {name: value for name, value in some.items() if value}
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self.writer.add_format(properties)
        return self._looks[key]

    def content(self) -> bytes:
        """Close the workbook and return its bytes."""
        self.writer.close()
        return self._buffer.getvalue()


class Sheet:
    """A worksheet of a book that is filled from the top down; its name is the program's own, never from a file."""

    def __init__(self, book: Book, name: str) -> None:
        self.book = book
        self.name = name
        self.page: Any = book.add_page(name)
        self.row = 0
        self._widths: dict[int, float] = {}
        self._last_printed_column = 0
        self._paragraphs: list[tuple[int, int, int]] = []

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
        look = self.book.look(wrap=True, valign="top", **style)
        self.page.merge_range(self.row, 0, self.row, columns - 1, "", look)
        self.page.write_string(self.row, 0, one_line(text), look)
        width = math.ceil(display_width(text) * style.get("size", 10) / 10.5)
        self._paragraphs.append((self.row, columns, width))
        self.row += 1

    def table(
        self, columns: Sequence[Column], *, filtered: bool = True, emphasised: Sequence[int] = (), freeze: int = 0,
        header_lines: int = 2,
    ) -> range:  # fmt: skip
        """Write a table at the current row; return the rows its body takes.

        ``filtered`` gives the header its arrows (one table of a sheet can have them), rows at the positions
        ``emphasised`` are bold, and the header stays in sight with ``freeze`` columns, if any.
        """
        top, bold = self.row, set(emphasised)
        head = self.book.look(bold=True, wrap=True, fill=HEAD, align="center", valign="vcenter", border=True)
        for position, column in enumerate(columns):
            self.page.write_string(top, position, one_line(column.heading), head)
            longest = max((display_width(word) for word in column.heading.split()), default=0)
            whole = math.ceil(display_width(column.heading) / header_lines) + 2
            self._widen(position, min(max(longest if column.heading.isascii() else 0, whole) + 2, column.widest))
            if column.printed:
                self._last_printed_column = max(self._last_printed_column, position)
        self.page.set_row(top, LINE_POINTS * header_lines + 4)
        body = range(top + 1, top + 1 + len(columns[0].cells))
        for offset, row in enumerate(body):
            wide = [
                self._cell(row, k, column.cells[offset], column, offset in bold) for k, column in enumerate(columns)
            ]
            lines = max(math.ceil(w / (c.widest - 2.0)) if c.wraps else 1 for w, c in zip(wide, columns, strict=True))
            if lines > 1:
                self.page.set_row(row, LINE_POINTS * min(lines, 12) + 2)
        self.row = body.stop
        if filtered and body:
            self.page.autofilter(top, 0, self.row - 1, len(columns) - 1)
        if freeze:
            self.page.freeze_panes(top + 1, freeze)
            self.page.repeat_rows(top)
        return body

    def _cell(self, row: int, position: int, value: Value, column: Column, bold: bool) -> float:
        """Write one cell; return the width of the text it shows, 0 for a number."""
        write = self.page
        look: dict[str, Any] = {"bold": bold, "border": True, "valign": "vcenter"}
        if isinstance(value, str) and value:
            text = one_line(value)
            wide = display_width(text)
            look |= {"wrap": column.wraps and wide + 2 > column.widest, "indent": 1}
            write.write_string(row, position, text, self.book.look(**look))
            self._widen(position, min(wide + 3.0, column.widest))
            return float(wide)
        if isinstance(value, int):
            # Years and other names made of digits: beside text they read better from the left.
            write.write_number(row, position, value, self.book.look(form="0", indent=1, **look))
            self._widen(position, len(str(value)) + 3.0)
        elif isinstance(value, Number) and math.isfinite(value.value):
            write.write_number(row, position, value.value, self.book.look(form=value.form, **look))
            self._widen(position, min(display_width(value.text) + 2.0, WIDEST))
        else:
            write.write_blank(row, position, None, self.book.look(border=True))
        return 0.0

    def _widen(self, column: int, width: float) -> None:
        self._widths[column] = max(self._widths.get(column, NARROWEST), width)

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
