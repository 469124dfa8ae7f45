"""One sheet: title, tables, widths, and how it prints. Text is always text, never a formula or a link."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sim.report.table import display_width, one_line
from sim.report.workbook.numbers import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.report.workbook.book import Book

Value = str | int | float | Number | None

NARROWEST, WIDEST = 7.0, 46.0
LINE_POINTS: Final = 15.0
INK, MUTED, RULE, HEAD, BAND = "#1F2933", "#5B6770", "#B8C1C9", "#DCE6EF", "#F4F7FA"


@dataclass(frozen=True)
class Column:
    """Heading of a column; ``widest`` wraps longer text, ``printed`` False leaves it off the paper."""

    heading: str
    widest: float = WIDEST
    printed: bool = True


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
        self._headers: list[tuple[int, Sequence[Column]]] = []
        self._last_printed_column = 0
        self._heading_widths: dict[int, float] = {}

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

    def paragraph(self, text: str, columns: int, width: float, **style: Any) -> None:
        """Write text over several merged columns, together ``width`` letters wide, and make the row high enough."""
        look = self.book.look(wrap=True, top=True, **style)
        self.page.merge_range(self.row, 0, self.row, columns - 1, "", look)
        self.page.write_string(self.row, 0, one_line(text), look)
        lines = max(math.ceil(display_width(text) * 1.05 / width), 1)
        self.page.set_row(self.row, LINE_POINTS * lines + 3)
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

    def _body_row(self, row: int, columns: Sequence[Column], values: Sequence[Value], *, bold: bool) -> None:
        lines = 1
        for position, (column, value) in enumerate(zip(columns, values, strict=True)):
            wide = self._cell(row, position, value, column.widest, bold)
            lines = max(lines, math.ceil(wide / max(column.widest - 1.0, 1.0)))
        if lines > 1:
            self.page.set_row(row, LINE_POINTS * min(lines, 12) + 2)

    def _cell(self, row: int, column: int, value: Value, widest: float, bold: bool) -> float:
        """Write one cell; return the width of what it shows."""
        if value is None or (isinstance(value, float) and not math.isfinite(value)) or value == "":
            self.page.write_blank(row, column, None, self.book.look(border=True))
            return 0.0
        if isinstance(value, str):
            text = one_line(value)
            wide = display_width(text)
            look = self.book.look(bold=bold, border=True, wrap=wide + 1 > widest, middle=True)
            self.page.write_string(row, column, text, look)
            self._widen(column, min(wide + 2.0, widest))
            return float(wide)
        number = value if isinstance(value, Number) else Number(float(value))
        form = number.form if isinstance(value, Number) else "0"
        if not math.isfinite(number.value):
            self.page.write_blank(row, column, None, self.book.look(border=True))
            return 0.0
        self.page.write_number(
            row, column, number.value, self.book.look(bold=bold, border=True, form=form, middle=True)
        )
        self._widen(column, min(display_width(number.text) + 2.0, WIDEST))
        return 0.0

    def _widen(self, column: int, width: float) -> None:
        self._widths[column] = max(self._widths.get(column, NARROWEST), width)

    # --- end ---

    def width(self, columns: int) -> float:
        """Return the width of the first columns in letters."""
        return sum(self._widths.get(column, NARROWEST) for column in range(columns))

    def widen(self, column: int, width: float) -> None:
        """Make a column at least this wide."""
        self._widen(column, width)

    def finish(self, last_row: int | None = None, last_column: int | None = None) -> None:
        """Set widths, and the area printed (by default all rows and the printed columns)."""
        for column, width in self._widths.items():
            self.page.set_column(column, column, width)
        column = self._last_printed_column if last_column is None else last_column
        row = max(self.row - 1, 0) if last_row is None else last_row
        self.page.print_area(0, 0, row, column)
