"""Reading a table from outside: columns by name, an odd row apart from the others, words as people write them.

Files of the workspace are read by ``sim.inputs.files``, which tells everything wrong with them.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sim.evidence.facts import finite_number, plain_unit
from sim.inputs.data import beside
from sim.inputs.files import read_text
from sim.inputs.problems import Spot, refused, words
from sim.units import CHINESE_SCALES, UnitError, parse_month

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
    InputErrors
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
    raise refused("table_no_header", Spot.at(path, 1), expected=", ".join((*required, *optional)))


def _matched(path: Path, line: int, names: list[str], required: Sequence[str], optional: Sequence[str]) -> _Header:
    """Return where the columns stand; raise ``InputErrors`` for those that are missing or there twice."""
    missing = [name for name in required if name not in names]
    twice = [name for name in (*required, *optional) if names.count(name) > 1]
    if missing or twice:
        found = ", ".join(names)
        found = found if len(found) <= SHOWN else f"{found[:SHOWN]}..."
        values = {"found": found, "required": ", ".join(required), "optional": ", ".join(optional)}
        names_told = words("columns_missing" if missing else "columns_twice", names=", ".join(missing or twice))
        raise refused("table_header", Spot.at(path, line), what=names_told, **values)
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


# --- values, months and units; sim.evidence.facts has the strict forms ---

_WORDS: Final = beside(__file__)
YEAR: Final = 12

_MINUS: Final = ("\u2212", "\u2013", "\uff0d")
"""Minus sign, short dash, full-width hyphen."""
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)

_SCALES: Final[dict[str, Decimal]] = {
    word: Decimal(10) ** power for word, power in sorted(_WORDS["scales"].items(), key=lambda item: -len(item[0]))
}
"""English scale words, the longest first: "hundred million" is not read as a million."""

_YUAN: Final[tuple[str, ...]] = tuple(_WORDS["meant_a_year"]["yuan"])
_MEANT: Final[dict[str, list[str]]] = {
    **_WORDS["meant"],
    "yuan/year": [f"{word}{per}" for word in _YUAN for per in _WORDS["meant_a_year"]["per"]],
}
"""Words for a unit of ``sim.evidence.facts``. Whatever is counted is a count; its first word, firms, stands for all."""

_UNIT_OF: Final[dict[str, str]] = {word: unit for unit, meant in _MEANT.items() for word in meant}


def loose_value(value: str, unit: str) -> tuple[Decimal, str] | None:
    """Return a number and its unit, or None for what is no single number (``40-45``, ``over 30``).

    Thousands separators (``30,000``), a minus of any kind and a percent sign (``5%``, where the unit is percent or
    empty) are read.
    """
    text = f"-{value[1:]}" if value.startswith(_MINUS) else value
    if text.endswith(("%", "％")):
        unit = unit or "percent"
        plain = loose_unit(Decimal(100), unit)
        if plain != (Decimal(1), "share"):
            return None
        text = text[:-1].rstrip()
    number = finite_number(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    return None if number is None else (number, unit)


def loose_month(text: str, *, last: bool) -> int | None:
    """Return the month number of a text, or None when it names no month.

    ``2025-01``, ``2025-1``, ``2025/01``, ``2025年1月``, and of a year alone its first or ``last`` month.
    """
    found = _DATE.fullmatch(re.sub("[年月/]", "-", text.removesuffix("日")).removesuffix("-"))
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        if month is None:
            return parse_month(f"{year}-{YEAR if last else 1:02d}")
        return parse_month(f"{year}-{int(month):02d}" + (f"-{int(day):02d}" if day else ""))
    except UnitError:
        return None


def loose_unit(value: Decimal, unit: str) -> tuple[Decimal, str] | None:
    """Return a value in its plain unit, or None when the unit is not known.

    What ``plain_unit`` knows is converted as there; then upper and lower case, further scale words ("hundred million",
    百万), other names of the yuan, and further words for people and things counted.
    """
    known = plain_unit(value, unit)
    if known is not None:
        return known
    scale, thing = split_unit(unit)
    for word in (_UNIT_OF.get(thing, thing), f"{thing}s"):
        known = plain_unit(value * scale, word)
        if known is not None:
            return known
    return None


def split_unit(unit: str) -> tuple[Decimal, str]:
    """Return the size of a unit's scale word, 1 without one, and the unit without it in lower case."""
    text = " ".join(unit.casefold().split())
    currency, _, rest = text.partition(" ")
    if currency in _YUAN and rest in _SCALES:
        text = f"{rest} yuan"
    for word, scale in _SCALES.items():
        if text.startswith(f"{word} "):
            return scale, text[len(word) + 1 :]
    compact = text.replace(" ", "")
    for word, scale in CHINESE_SCALES.items():
        if compact.startswith(word):
            return scale, compact[len(word) :]
    return Decimal(1), text


def counted_thing(unit: str) -> str:
    """Return what a unit counts, as printed where it has no scale word: ``firms`` of ``thousand firms``."""
    scale, thing = split_unit(unit)
    return unit if scale == 1 else thing
