"""Lines of keys and values in a TOML text that ``tomllib`` has already accepted.

``tomllib`` is the only judge of what a file means; this scanner walks the same text once more and notes on which line
every key stands. It may assume a valid document.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
Path = tuple[str | int, ...]

_BLANK = " \t\r\n"
_BARE_END = ",]}\r\n#"


class Scanner:
    """One walk over a valid TOML text; ``lines`` maps the path of every key and list item to its line."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        """Return the lines of all paths."""
        base: Path = ()
        while True:
            self._skip()
            if self.at >= len(self.text):
                return self.lines
            if self.text.startswith("[", self.at):
                base = self._header()
            else:
                self._pair(base)

    def _move(self, count: int) -> str:
        piece = self.text[self.at : self.at + count]
        self.at += count
        self.line += piece.count("\n")
        return piece

    def _skip(self) -> None:
        """Pass white space, line ends and comments."""
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif letter in _BLANK:
                self._move(1)
            else:
                return

    def _header(self) -> Path:
        line = self.line
        double = self.text.startswith("[[", self.at)
        self._move(2 if double else 1)
        parts = self._key()
        self._skip()
        self._move(2 if double else 1)
        path: Path = ()
        for position, part in enumerate(parts):
            path = (*path, part)
            last = position == len(parts) - 1
            if last and double:
                self._tables[path] = self._tables.get(path, -1) + 1
            if path in self._tables:
                self.lines.setdefault(path, line)
                path = (*path, self._tables[path])
                if last and double:  # the lists of tables inside a new item are counted anew
                    for known in [known for known in self._tables if known[: len(path)] == path]:
                        del self._tables[known]
            self.lines.setdefault(path, line)
        return path

    def _key(self) -> tuple[str, ...]:
        parts = []
        while True:
            self._skip()
            if self.text[self.at] in "\"'":
                parts.append(self._quoted_key())
            else:
                start = self.at
                while self.text[self.at].isalnum() or self.text[self.at] in "_-":
                    self.at += 1
                parts.append(self.text[start : self.at])
            self._skip()
            if self.text[self.at] != ".":
                return tuple(parts)
            self._move(1)

    def _quoted_key(self) -> str:
        start = self.at
        self._string()
        return next(iter(tomllib.loads(f"{self.text[start : self.at]} = 0")))

    def _pair(self, base: Path) -> None:
        line = self.line
        path = base
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._skip()
        self._move(1)
        self._skip()
        self._value(path)

    def _value(self, path: Path) -> None:
        letter = self.text[self.at]
        if letter in "\"'":
            self._string()
        elif letter == "[":
            for number in self._items("]"):
                self.lines[(*path, number)] = self.line
                self._value((*path, number))
        elif letter == "{":
            for _ in self._items("}"):
                self._pair(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in _BARE_END:
                self.at += 1

    def _items(self, end: str) -> Iterator[int]:
        """Yield the number of each item of a list or inline table, standing at its beginning, until the bracket."""
        self._move(1)
        for number in itertools.count():
            self._skip()
            while self.text[self.at] == ",":
                self._move(1)
                self._skip()
            if self.text[self.at] == end:
                self._move(1)
                return
            yield number

    def _string(self) -> None:
        quote = self.text[self.at]
        triple = quote * 3
        if self.text.startswith(triple, self.at):
            self._move(3)
            while not self.text.startswith(triple, self.at):
                self._move(2 if quote == '"' and self.text[self.at] == "\\" else 1)
            self._move(3)
            while self.text.startswith(quote, self.at):  # up to two quotes may stand right before the end
                self._move(1)
            return
        self._move(1)
        while self.text[self.at] != quote:
            self._move(2 if quote == '"' and self.text[self.at] == "\\" else 1)
        self._move(1)


def key_lines(text: str) -> dict[Path, int]:
    """Return the line, counted from 1, of every key, table and list item of a valid TOML text."""
    return Scanner(text).scan()


def around(known: Mapping[Path, T], path: Sequence[str | int]) -> T | None:
    """Return what is known of a key, or else of the nearest table around it."""
    paths = (tuple(path[:length]) for length in range(len(path), -1, -1))
    return next((known[one] for one in paths if one in known), None)
