"""Reading a table that came from outside: columns by name, and an odd row apart from the others.

Files of the workspace are read by ``sim.inputs.files``, which tells everything wrong with them.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.errors import UserError
from sim.inputs.files import read_text
from sim.inputs.problems import shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Reason = tuple[str, str]
"""Why something cannot be used, in English and in Chinese."""

MOST_LINES: Final = 20
"""A quoted cell over more lines than this is a quotation mark that was never closed."""
SHOWN: Final = 200
"""Letters of a header that are repeated in a message."""
NOT_CSV: Final[Reason] = (
    "not valid CSV: a quotation mark inside a cell, or never closed",
    "引号不成对，不是有效的CSV行",
)


@dataclass(frozen=True)
class LooseRow:
    """One row of a table.

    Attributes
    ----------
    line
        Where it begins; the first line of the file is 1.
    cells
        Trimmed text by column, for every column asked for; "" where the table has no such column.
    odd
        Why cells may stand in the wrong columns; None when they do not.
    """

    line: int
    cells: Mapping[str, str]
    odd: Reason | None = None


@dataclass(frozen=True)
class _Record:
    """Cells of one record and the lines it takes; ``sound`` is False when it is no CSV."""

    cells: list[str]
    lines: int
    sound: bool


@dataclass(frozen=True)
class _Header:
    """Where each known column stands, and how many cells a row has."""

    where: Mapping[str, int]
    width: int


def read_table(path: Path, required: Sequence[str], optional: Sequence[str]) -> list[LooseRow]:
    """Return the rows of a CSV file from outside, in order, with the columns taken by their names.

    Columns may stand in any order, with others between them. Empty rows are left out, and comments: rows that begin
    with # and do not look like data. A row with too many or too few cells, or with stray quotation marks, is odd.

    The ``required`` columns have to be there; the ``optional`` ones are filled with "" when they are not.

    Raises
    ------
    UserError
        When the file cannot be read as text, a required column is missing, or a column is there twice.
    """
    lines = list(io.StringIO(read_text(path), newline=""))
    header, at = _header(path, lines, required, optional)
    rows = []
    while at < len(lines):
        record = _record(lines, at, header.width)
        row = _row(record, at + 1, header, (*required, *optional))
        if any(record.cells) and not (record.cells[0].startswith("#") and not _looks_like_data(row, record, required)):
            rows.append(row)
        at += record.lines
    return rows


def _header(path: Path, lines: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> tuple[_Header, int]:
    """Return the header, the first row that is neither empty nor a comment, and the line after it, from 0."""
    at = 0
    while at < len(lines):
        record = _record(lines, at)
        names = [cell.lstrip("\ufeff#").strip().casefold() for cell in record.cells]
        if set(required) <= set(names) or (any(names) and not record.cells[0].startswith("#")):
            return _matched(path, at + 1, names, required, optional), at + record.lines
        at += record.lines
    raise UserError(f"{shown_path(path)}:1  no row of column names\n    expected {', '.join((*required, *optional))}")


def _matched(path: Path, line: int, names: list[str], required: Sequence[str], optional: Sequence[str]) -> _Header:
    """Return where the columns stand; raise ``UserError`` for those that are missing or there twice."""
    missing = [name for name in required if name not in names]
    twice = [name for name in (*required, *optional) if names.count(name) > 1]
    if missing or twice:
        what = f"missing: {', '.join(missing)}" if missing else f"there twice: {', '.join(twice)}"
        found = ", ".join(names)
        found = found if len(found) <= SHOWN else f"{found[:SHOWN]}..."
        raise UserError(
            f"{shown_path(path)}:{line}  columns are {found}\n    {what}"
            f"\n    expected {', '.join(required)}, separated by commas; {', '.join(optional)} may be there"
        )
    width = max(number for number, name in enumerate(names, start=1) if name)
    return _Header({name: names.index(name) for name in (*required, *optional) if name in names}, width)


def _record(lines: Sequence[str], at: int, width: int | None = None) -> _Record:
    """Return the record that begins on a line; one over several lines only when it has as many cells as a row has."""
    reader = csv.reader(lines[at : at + MOST_LINES], strict=True, skipinitialspace=True)
    try:
        cells = _trimmed(next(reader), width)
    except csv.Error:
        cells = None
    if cells is not None and (reader.line_num == 1 or width is None or len(cells) == width):
        return _Record(cells, reader.line_num, sound=True)
    return _Record([cell.strip(' "\t\r\n') for cell in lines[at].split(",")], 1, sound=False)


def _trimmed(cells: Sequence[str], width: int | None) -> list[str]:
    """Return trimmed cells, without empty ones behind the last column."""
    found = [cell.strip() for cell in cells]
    while width is not None and len(found) > width and not found[-1]:
        found.pop()
    return found


def _row(record: _Record, line: int, header: _Header, columns: Sequence[str]) -> LooseRow:
    """Put the cells of a record under their columns."""
    found, width = len(record.cells), header.width
    cells = {
        name: record.cells[header.where[name]] if header.where.get(name, found) < found else "" for name in columns
    }
    if not record.sound:
        return LooseRow(line, cells, NOT_CSV)
    if found == width:
        return LooseRow(line, cells)
    return LooseRow(
        line,
        cells,
        (
            f"{found} cells, the table has {width} columns; quote cells that hold a comma",
            f"该行有{found}格，应为{width}格；含逗号的单元格须加引号",
        ),
    )


def _looks_like_data(row: LooseRow, record: _Record, required: Sequence[str]) -> bool:
    """Whether a row that begins with # is a figure after all: most of what a row needs is filled."""
    filled = sum(bool(row.cells[name]) for name in required)
    return len(record.cells) >= len(required) and 2 * filled > len(required)
