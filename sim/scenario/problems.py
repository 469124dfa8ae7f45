"""One problem of a scenario file: code, place in the file, and words in two languages."""

from __future__ import annotations

import os
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import UserError

LANGUAGES = ("en", "zh")
FILE = Path(__file__).with_name("messages.toml")
_LONGEST = 160


class Message(NamedTuple):
    """Templates ``(what is wrong, advice)`` in two languages; lines of advice are separated by line ends."""

    code: str
    en: tuple[str, str]
    zh: tuple[str, str]


@cache
def messages() -> Mapping[str, Message]:
    """Return every message about a scenario file or a place by its name in ``messages.toml``."""
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: Message(one["code"], tuple(one["en"]), tuple(one["zh"])) for name, one in read.items()}


def default_language() -> str:
    """Return ``zh`` when the locale asks for Chinese, and ``en`` otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def tidy(value: object) -> str:
    """Return text of a file made safe to print on one line: no control characters, not endless."""
    text = "".join(
        letter if not unicodedata.category(letter).startswith("C") else f"\\u{ord(letter):04x}" for letter in str(value)
    )
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@dataclass(frozen=True)
class Spot:
    """A place in a file: its name as shown to the user and the line, counted from 1 (0: the file as a whole)."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return ``file:line``, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One thing wrong (E), doubtful (W) or worth knowing (N) in a scenario file.

    Attributes
    ----------
    message
        Name in ``messages.toml``.
    values
        What the message's text is filled with: plain data from the file, never formatted twice.
    """

    message: str
    spot: Spot = field(default_factory=Spot)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """Code of the message, as in ``E01``."""
        return messages()[self.message].code

    def what(self, lang: str = "en") -> str:
        """Return what is wrong, in one line."""
        return self._fill(lang, 0)

    def advice(self, lang: str = "en") -> tuple[str, ...]:
        """Return what is allowed and how to put it right, a line each."""
        return tuple(line for line in self._fill(lang, 1).split("\n") if line.strip())

    def _fill(self, lang: str, part: int) -> str:
        message = messages()[self.message]
        template = (message.zh if lang == "zh" else message.en)[part]
        values: dict[str, str] = {}
        for name, value in self.values.items():
            chosen = value[lang] if isinstance(value, Mapping) and set(value) == set(LANGUAGES) else value
            values[name] = "\n".join(tidy(line) for line in str(chosen).split("\n")) if part else tidy(chosen)
        return template.format_map(values)

    def text(self, lang: str = "en") -> str:
        """Return ``CODE file:line  what`` with the advice indented under it."""
        head = f"{self.code}  {self.spot}  {self.what(lang)}" if self.spot.file else f"{self.code}  {self.what(lang)}"
        return "\n".join([head, *(f"     {line}" for line in self.advice(lang))])

    def __str__(self) -> str:
        """Return the problem in English."""
        return self.text()

    def record(self, lang: str = "en") -> dict[str, Any]:
        """Return the problem as plain data for ``--json``."""
        return {
            "code": self.code,
            "file": self.spot.file or None,
            "line": self.spot.line or None,
            "what": self.what(lang),
            "advice": list(self.advice(lang)),
        }


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems without repetition, by file and line."""
    unique: dict[tuple[str, str, int, str], Problem] = {}
    for problem in problems:
        unique.setdefault((problem.message, problem.spot.file, problem.spot.line, problem.what()), problem)
    return tuple(sorted(unique.values(), key=lambda problem: (problem.spot.file, problem.spot.line)))


class ScenarioErrors(UserError):  # noqa: N818 - it holds several
    """Everything that is wrong with a scenario, at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__(self.text(default_language()))

    def text(self, lang: str = "en") -> str:
        """Return all problems in one language."""
        return "\n\n".join(problem.text(lang) for problem in self.problems)


class Findings:
    """Collects problems while a scenario is read, so that all of them can be told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, message: str, spot: Spot, **values: Any) -> None:
        """Note one problem."""
        self.problems.append(Problem(message, spot, values))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that forbid a run."""
        return in_order(problem for problem in self.problems if problem.code.startswith("E"))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems that let a run go on."""
        return in_order(problem for problem in self.problems if not problem.code.startswith("E"))

    def stop_if_wrong(self) -> None:
        """Raise ``ScenarioErrors`` when any error was noted."""
        if self.errors:
            raise ScenarioErrors(self.errors)
