"""What is wrong with a file: code, place in the file, and words in two languages; everything told at once."""

from __future__ import annotations

import contextlib
import os
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sim import workspace
from sim.errors import UserError
from sim.units import UnitError

LANGUAGES = ("en", "zh")
FILE = Path(__file__).with_name("messages.toml")
_LONGEST, _LONGEST_STATED = 160, 4000


class Message(NamedTuple):
    """Templates ``(what is wrong, advice)`` in two languages; lines of advice are separated by line ends."""

    code: str
    en: tuple[str, str]
    zh: tuple[str, str]


STATED = Message("", ("{what}", "{advice}"), ("{what}", "{advice}"))
"""What is said in words of its own, without a code."""


@cache
def _read() -> tuple[Mapping[str, Message], Mapping[str, Mapping[str, str]]]:
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    known = {name: dict(zip(LANGUAGES, both, strict=True)) for name, both in read.pop("words").items()}
    return {name: Message(one.get("code", ""), tuple(one["en"]), tuple(one["zh"])) for name, one in read.items()}, known


def messages() -> Mapping[str, Message]:
    """Return every message about a file by its name in ``messages.toml``; some, of something wrong, have no code."""
    return _read()[0]


def vocabulary() -> Mapping[str, Mapping[str, str]]:
    """Return the words that messages are filled with, by name and language."""
    return _read()[1]


def words(name: str, /, **values: object) -> dict[str, str]:
    """Return words that messages are filled with in both languages; of a name without words the name itself."""
    found = vocabulary().get(name, dict.fromkeys(LANGUAGES, name))
    return {
        lang: text.format(**{key: in_one(value, lang) for key, value in values.items()}) for lang, text in found.items()
    }


def in_one(value: object, lang: str) -> object:
    """Return what is in both languages in one of them; anything else as it is."""
    return value[lang] if isinstance(value, Mapping) and set(value) == set(LANGUAGES) else value


def default_language() -> str:
    """Return ``zh`` when the locale asks for Chinese, and ``en`` otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def tidy(value: object, longest: int = _LONGEST) -> str:
    """Return text of a file made safe to print on one line: no control characters, not endless."""
    text = "".join(
        letter if not unicodedata.category(letter).startswith("C") else f"\\u{ord(letter):04x}" for letter in str(value)
    )
    return text if len(text) <= longest else text[: longest - 1] + "…"


def shown_path(path: Path) -> str:
    """Return a file as short as it can be said: relative to the current folder, the workspace or the library."""
    full = path.resolve()
    for root in (Path.cwd().resolve(), workspace.root(), workspace.library_root()):
        if root is not None and full.is_relative_to(root.resolve()):
            return full.relative_to(root.resolve()).as_posix()
    return str(path)


@dataclass(frozen=True)
class Spot:
    """A place in a file: its name as shown to the user and the line, counted from 1 (0: the file as a whole)."""

    file: str = ""
    line: int = 0

    @classmethod
    def at(cls, path: Path, line: int = 1) -> Spot:
        """Return a line of a file."""
        return cls(shown_path(path), line)

    def __str__(self) -> str:
        """Return ``file:line``, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One thing wrong (E), doubtful (W) or worth knowing (N) in a file.

    Attributes
    ----------
    message
        Name in ``messages.toml``; empty for something wrong that the values ``what`` and ``advice`` state in words.
    values
        What the message's text is filled with: plain data from the file, never formatted twice.
    """

    message: str
    spot: Spot = field(default_factory=Spot)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """Code of the message, as in ``E01``."""
        return self._message.code

    @property
    def wrong(self) -> bool:
        """Whether it forbids a run."""
        return not self.code.startswith(("W", "N"))

    @property
    def _message(self) -> Message:
        return messages()[self.message] if self.message else STATED

    def what(self, lang: str = "en") -> str:
        """Return what is wrong, in one line."""
        return self._fill(lang, 0)

    def advice(self, lang: str = "en") -> tuple[str, ...]:
        """Return what is allowed and how to put it right, a line each."""
        return tuple(line for line in self._fill(lang, 1).split("\n") if line.strip())

    def _fill(self, lang: str, part: int) -> str:
        template = (self._message.zh if lang == "zh" else self._message.en)[part]
        longest = _LONGEST if self.code else _LONGEST_STATED
        values = defaultdict[str, str](str)
        for name, value in self.values.items():
            chosen = in_one(value, lang)
            lines = str(chosen).split("\n") if part or not self.message else [chosen]
            values[name] = "\n".join(tidy(line, longest) for line in lines)
        return template.format_map(values)

    def text(self, lang: str = "en") -> str:
        """Return ``CODE file:line  what`` with the advice indented under it."""
        head = "  ".join(part for part in (self.code, str(self.spot), self.what(lang)) if part)
        return "\n".join([head, *(f"     {line}" for line in self.advice(lang))])

    def __str__(self) -> str:
        """Return the problem in English."""
        return self.text()

    def record(self, lang: str = "en") -> dict[str, Any]:
        """Return the problem as plain data for ``--json``."""
        return {
            "code": self.code or None,
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


class InputErrors(UserError):  # noqa: N818 - it holds several
    """Everything that is wrong with files, at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__(self.text(default_language()))

    def __reduce__(self) -> tuple[type[InputErrors], tuple[tuple[Problem, ...]]]:
        """Let a worker process hand it over whole."""
        return InputErrors, (self.problems,)

    def text(self, lang: str = "en") -> str:
        """Return all problems in one language."""
        return "\n\n".join(problem.text(lang) for problem in self.problems)


def in_both(error: UserError) -> dict[str, str]:
    """Return the text of an error in both languages, where it has both."""
    return {lang: error.text(lang) if isinstance(error, InputErrors) else str(error) for lang in LANGUAGES}


def refused(message: str, spot: Spot | None = None, /, **values: Any) -> InputErrors:
    """Return one problem as an error; whoever knows the place in the file adds it (``Findings.catching``)."""
    return InputErrors([Problem(message, spot or Spot(), values)])


class Findings:
    """Collects problems while files are read, so that all of them can be told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, message: str, spot: Spot, **values: Any) -> None:
        """Note one problem."""
        self.problems.append(Problem(message, spot, values))

    def say(self, spot: Spot, what: str, advice: str = "") -> None:
        """Note one problem in words of its own."""
        self.add("", spot, what=what, advice=advice)

    @contextlib.contextmanager
    def catching(self, spot: Spot, of: str = "", **values: Any) -> Iterator[None]:
        """Note errors that the user can act on, those without a place in a file at ``spot``.

        ``values`` fill the messages as well, and ``of`` says whose value an amount or anything else was to be.
        """
        try:
            yield
        except InputErrors as errors:
            for one in errors.problems:
                here = {"prefix": f"{of}: " if of else "", **values, **one.values}
                self.problems.append(one if one.spot.file else replace(one, spot=spot, values=here))
        except UnitError as error:
            label = values.get("prefix") or f"{of} = "
            self.add("bad_value", spot, label=label, detail=error.problem, advice=error.advice)
        except UserError as error:
            what, _, advice = str(error).partition("\n")
            self.say(spot, f"{of}: {what}" if of else what, advice.strip())

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that forbid a run."""
        return in_order(problem for problem in self.problems if problem.wrong)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems that let a run go on."""
        return in_order(problem for problem in self.problems if not problem.wrong)

    def stop_if_wrong(self) -> None:
        """Raise ``InputErrors`` when any error was noted."""
        if self.errors:
            raise InputErrors(self.errors)
