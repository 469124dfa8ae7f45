"""Lines of keys and values in a TOML text that ``tomllib`` has already accepted.

``tomllib`` is the only judge of what a file means; this scanner walks the same text once more and notes on which line
every key stands. It may assume a valid document.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
Path = tuple[str | int, ...]

_STRING = r"""\"\"\"(?:[^\\]|\\.)*?"{3,5}|'''.*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*'"""
_TEXT = re.compile(_STRING, re.DOTALL)
_KEY = re.compile(rf"{_STRING}|[\w-]+", re.DOTALL)
_DOT = re.compile(r"(?:[ \t]*\.[ \t]*)?")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_OPEN = re.compile(r"\[\[?[ \t]*")
_CLOSE = re.compile(r"[ \t]*\]\]?")
_BLANK = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
"""White space, line ends, comments, and the commas between items."""
_BARE = re.compile(r"[^,\]}\r\n#]*")


class _Scanner:
    """One walk over a valid TOML text; ``lines`` maps the path of every key and list item to its line."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text.replace("\r\n", "\n"), 0
        self.lines: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}
        self._ends = [found.start() for found in re.finditer("\n", self.text)]

    def scan(self) -> dict[Path, int]:
        """Return the lines of all paths."""
        base: Path = ()
        while True:
            self._take(_BLANK)
            if self.at >= len(self.text):
                return self.lines
            if self.text[self.at] == "[":
                base = self._header()
            else:
                self._pair(base)

    @property
    def _line(self) -> int:
        return bisect_left(self._ends, self.at) + 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        """Pass what a pattern matches here and return it."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise AssertionError("only texts that tomllib accepts are scanned")
        self.at = found.end()
        return found[0]

    def _header(self) -> Path:
        line, double = self._line, self._take(_OPEN).startswith("[[")
        parts = self._key()
        self._take(_CLOSE)
        path: Path = ()
        for position, part in enumerate(parts, start=1):
            path = (*path, part)
            new = double and position == len(parts)
            if new:
                self._tables[path] = self._tables.get(path, -1) + 1
            if path in self._tables:
                self.lines.setdefault(path, line)
                path = (*path, self._tables[path])
                if new:  # the lists of tables inside a new item are counted anew
                    for known in [known for known in self._tables if known[: len(path)] == path]:
                        del self._tables[known]
            self.lines.setdefault(path, line)
        return path

    def _key(self) -> tuple[str, ...]:
        parts = []
        while True:
            piece = self._take(_KEY)
            parts.append(next(iter(tomllib.loads(f"{piece} = 0"))) if piece[0] in "\"'" else piece)
            if not self._take(_DOT):
                return tuple(parts)

    def _pair(self, path: Path) -> None:
        line = self._line
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._take(_EQUALS)
        self._value(path)

    def _value(self, path: Path) -> None:
        letter = self.text[self.at]
        if letter not in "[{":
            self._take(_TEXT if letter in "\"'" else _BARE)
            return
        self.at += 1
        for number in itertools.count():
            self._take(_BLANK)
            if self.text[self.at] in "]}":
                self.at += 1
                return
            if letter == "{":
                self._pair(path)
            else:
                self.lines[(*path, number)] = self._line
                self._value((*path, number))


def key_lines(text: str) -> dict[Path, int]:
    """Return the line, counted from 1, of every key, table and list item of a valid TOML text."""
    return _Scanner(text).scan()


def around(known: Mapping[Path, T], path: Sequence[str | int]) -> T | None:
    """Return what is known of a key, or else of the nearest table around it."""
    paths = (tuple(path[:length]) for length in range(len(path), -1, -1))
    return next((known[one] for one in paths if one in known), None)
