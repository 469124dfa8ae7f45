"""Reading text that people typed: encodings, sizes, and the line on which something stands."""

from __future__ import annotations

import codecs
import csv
import io
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_FILE = 5_000_000
"""Bytes. Every input of the workspace is far smaller; a larger file is a mistake."""


@dataclass
class Problems:
    """Collects what is wrong with a file, so that everything is told at once."""

    lines: list[str] = field(default_factory=list)

    def add(self, path: Path, line: int, problem: str, advice: str = "") -> None:
        """Note one problem with its place and the way out."""
        text = f"{shown_path(path)}:{line}  {problem}"
        self.lines.append(f"{text}\n    {advice}" if advice else text)

    def raise_any(self) -> None:
        """Raise ``UserError`` with all problems, if there are any."""
        if self.lines:
            raise UserError("\n".join(self.lines))


def shown_path(path: Path) -> str:
    """Return a path as short as it can be said: relative to the current folder when inside it."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return str(path)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, with or without a byte-order mark.

    Raises
    ------
    UserError
        When the file is missing, empty, larger than 5 MB, binary, or in another encoding such as GBK.
    """
    name = shown_path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UserError(
                f"{name}:1  the file is larger than {LARGEST_FILE // 1_000_000} MB\n    is it the right file?"
            )
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{name}:1  cannot be read: {error.strerror or error}") from None
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise UserError(f"{name}:1  the file is empty")
    if b"\x00" in data:
        raise UserError(f"{name}:1  the file is not text\n    save it as UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        guess = " (it looks like GBK, as older Windows editors save it)" if guess_encoding(data) == "GBK" else ""
        raise UserError(
            f"E11  {name}:{line}  the file is not UTF-8{guess}\n    save it as UTF-8 (a byte-order mark is fine)"
        ) from None


def guess_encoding(data: bytes) -> str | None:
    """Return ``UTF-16`` or ``GBK`` when bytes that are not UTF-8 look like text in it, and None otherwise."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            data.decode("utf-16")
        except UnicodeDecodeError:
            return None
        return "UTF-16"
    if b"\0" in data:
        return None
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "GBK"


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Return the content of a TOML file and its text; raise ``UserError`` with file and line when it is not TOML."""
    text = read_text(path)
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        line, problem = toml_error(error, text.count("\n") + 1)
        raise UserError(f"{shown_path(path)}:{line}  not valid TOML: {problem}") from None
    except RecursionError:
        raise UserError(f"{shown_path(path)}:1  not valid TOML: nested too deeply") from None


def toml_error(error: Exception, last: int) -> tuple[int, str]:
    """Return the line that stopped the parser, the ``last`` one when it reached the end, and what it says."""
    place = re.search(r" \(at line (\d+), column \d+\)$", str(error))
    if place:
        return int(place[1]), str(error)[: place.start()]
    return last, re.sub(r" \(at end of document\)$", "", str(error))


def read_rows(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file as ``(line, {column: trimmed text})``; empty rows and those after # are left out.

    Raises
    ------
    UserError
        When the columns are not exactly those expected, or a row has more or fewer cells; all such rows at once.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    problems = Problems()
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        header = next(reader)
        if header != list(columns):
            raise UserError(f"{shown_path(path)}:1  columns are {', '.join(header)}\n    expected {', '.join(columns)}")
        for cells in reader:
            if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
                continue
            if len(cells) != len(columns):
                problems.add(
                    path,
                    reader.line_num,
                    f"{len(cells)} cells, expected {len(columns)}",
                    "quote cells that hold a comma",
                )
                continue
            rows.append((reader.line_num, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as error:
        raise UserError(f"{shown_path(path)}:{reader.line_num}  not valid CSV: {error}") from None
    problems.raise_any()
    return rows
