"""The workbook: numbers and what its sheets are made of, looks shared by them, tables and how they print."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from sim.compare.comparison import Comparison, Row
from sim.compare.notes import covered, only_zh
from sim.compare.runs import pair
from sim.compare.statistics import Band
from sim.experiments import Run
from sim.report.figures.describe import Shown, capital
from sim.report.rounding import Scale, band_decimals, row_scale, scale_for, significant
from sim.report.table import Column, display_width, named, one_line, table
from sim.report.words import say
from sim.units import Language, pick

MOST_DECIMALS = 4
SMALLEST_YUAN = 0.005
"""Half a fen: less than this is the rounding error of a sum."""


@dataclass(frozen=True)
class Number:
    """A number and how it is shown: its digits after the point (negative leaves them to the spreadsheet).

    ``label`` is the unit behind it, ``%`` for a share that the spreadsheet itself shows in percent; ``signed`` gives a
    gain a plus sign.
    """

    value: float
    decimals: int = 0
    label: str = ""
    signed: bool = False

    @property
    def form(self) -> str:
        """The number format of the cell."""
        if self.decimals < 0:
            return "General"
        body = "#,##0" + (f".{'0' * self.decimals}" if self.decimals > 0 else "")
        body += "%" if self.label == "%" else f'"{self.label}"' if self.label else ""
        if math.isfinite(self.value) and abs(self._shown) < 0.5 * 10.0**-self.decimals:
            # Zero has no sign: a small loss would be shown as -0.0.
            return f"{body};{body};{body}" if self.value else body
        return f"+{body};-{body};{body}" if self.signed else body

    @property
    def text(self) -> str:
        """The number about as the spreadsheet shows it, to measure columns by."""
        if not math.isfinite(self.value):
            return ""
        if self.decimals < 0:
            return f"{self.value:g}"
        return f"{self._shown:{'+' if self.signed else ''},.{self.decimals}f}{self.label}"

    @property
    def _shown(self) -> float:
        """The value as its digits say it: a share in percent."""
        return 100.0 * self.value if self.label == "%" else self.value


@dataclass(frozen=True)
class Measure:
    """How levels and differences of one variable are shown, the same in all cells of a row or block."""

    scale: Scale
    decimals: int
    finer: int
    language: Language

    @property
    def unit(self) -> str:
        """Unit of levels, for the column of units."""
        return self.scale.label

    def level(self, value: float) -> Number:
        """Return a level (plain unit)."""
        if self.scale.label == "%":
            # A share is kept as a fraction, a rate in percent is turned into one: both are shown in percent.
            return Number(value * (1.0 if self.scale.divisor == 0.01 else 0.01), self.decimals, "%")
        # English units are long and stand in the column of units alone.
        return Number(value / self.scale.divisor, self.decimals, pick(self.language, "", self.scale.label))

    def difference(self, value: float) -> Number:
        """Return a difference (plain unit)."""
        label = pick(self.language, "", self.scale.of_differences.replace("个百分点", "百分点"))
        return Number(value / self.scale.divisor, self.finer, label, signed=True)

    def cells(self, a: Band, b: Band, difference: Band) -> list[Number]:
        """Return median and ends of the 90% band of A, B and their difference."""
        levels = [self.level(value) for band in (a, b) for value in (band.p50, band.p05, band.p95)]
        return [*levels, *(self.difference(value) for value in (difference.p50, difference.p05, difference.p95))]


def measure_of(row: Row, language: Language) -> Measure:
    """Return how one row is shown: its unit, and no more digits than simulation noise allows."""
    scale = row_scale(row, language)
    level = band_decimals(row.a, row.a_se, scale.divisor)
    finer = band_decimals(row.difference, row.mc_se, scale.divisor)
    return Measure(scale, _between(level), _between(finer), language)


def plain_measure(unit: str, largest: float, digits: int, language: Language) -> Measure:
    """Return how values up to ``largest`` (plain unit) are shown with ``digits`` significant digits."""
    scale = scale_for(unit, largest, language)
    decimals = _between(significant(largest / scale.divisor, digits))
    return Measure(scale, decimals, decimals, language)


def _between(decimals: int) -> int:
    return min(max(decimals, 0), MOST_DECIMALS)


def percent(value: float) -> Number:
    """Return a change given in percent, with its sign."""
    return Number(value / 100.0, 1, "%", signed=True)


def without_dust(yuan: float) -> float:
    """Return an amount, exactly zero when it is less than half a fen."""
    return 0.0 if abs(yuan) < SMALLEST_YUAN else yuan


@dataclass(frozen=True, kw_only=True)
class Material(Shown):
    """A comparison with its runs; ``pairing`` puts their replicates side by side as the comparison did."""

    comparison: Comparison

    def heading(self, row: Row) -> str:
        """Return what a row's variable is called, with a capital where the language has them."""
        return self.pick(capital(row.label), row.label_zh)

    def series(self, variable: str, period: str = "year") -> list[Row]:
        """Return the rows of a variable for the whole run, of one kind of period, in order of time."""
        whole, kind = self.comparison.place, (variable, period)
        return [row for row in self.comparison.rows if row.place == whole and (row.variable, row.period_kind) == kind]

    def table(self, name: str, rows: Sequence[Sequence[Any]], /, **values: object) -> list[Column]:
        """Return a table of ``tables.toml`` with rows; ``rough`` is said of the ends of bands with few runs."""
        rough = self.say("material.rough") if self.comparison.note("rough") else ""
        return table(self.lang, name, rows, **({"rough": rough} | values))

    def about(self, *more: str) -> tuple[str, ...]:
        """Return the lines under every title: B, A, and how far the numbers carry; then ``more``."""
        c, say = self.comparison, self.say
        runs = "paired_runs" if c.paired else "unpaired_runs_or_more"
        notes = [c.note("span"), c.note("few") or c.note("rough")]
        lines = [say(f"material.{runs}", n_pairs=c.n_pairs)]
        lines += [self.pick(note.en, note.zh).rstrip(".。") for note in notes if note]
        if not c.setting.calibrated:
            source = c.setting.drawn_from, c.setting.worlds
            inside, inside_zh = covered(*source)
            values = {"inside": inside, "only_zh": only_zh(*source), "inside_zh": inside_zh}
            lines.append(say("material.parameters_not_calibrated_ranges", **values))
        lines.append(say("material.simulation_not_forecast"))
        sides = ((say("material.b_scenario"), c.b), (say("material.baseline"), c.a))
        names = (f"{head}{one_line(named(side, self.lang))} [{side.id}]" for head, side in sides)
        return (*names, say("marks.semicolon").join(lines), *more)


def material_of(comparison: Comparison, runs: tuple[Run, Run], lang: Language) -> Material:
    """Pair the runs, scenario first, the way the comparison did."""
    pairing = pair(*runs, unpaired=not comparison.paired)
    return Material(lang=lang, pairing=pairing, comparison=comparison)


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
