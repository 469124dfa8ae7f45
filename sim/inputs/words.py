"""Texts of a file of words: sections of ``key = [English, Chinese]``, filled with plain values."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sim.inputs.data import beside

if TYPE_CHECKING:
    from collections.abc import Mapping


class Both(NamedTuple):
    """A text in both languages."""

    en: str
    zh: str


class Words:
    """The words of one file; a text from elsewhere is never used as a template.

    Behind the colon of a field stands how it is written: a number as in Python; of a list what stands between its
    parts (``{names:, }``); of yes or no, or one and more, the two words (``{higher:more|fewer}``). A value may be
    in both languages itself, and a list hold some that are.
    """

    def __init__(self, module: str, name: str = "words.toml") -> None:
        self._file = module, name

    @property
    def entries(self) -> dict[str, Any]:
        """Every text by section and key: English, Chinese."""
        return beside(*self._file)

    def triples(self, section: str) -> tuple[tuple[str, str, str], ...]:
        """Return key, English and Chinese of each text of a section, in their order."""
        return tuple((key, english, chinese) for key, (english, chinese) in self.entries[section].items())

    def say(self, language: str, key: str, /, **values: object) -> str:
        """Return the text ``section.key`` of a language."""
        section, _, name = key.partition(".")
        chosen = language == "zh"
        own = {key: _of(value, chosen) for key, value in values.items()}
        return filled_in(self.entries[section][name][chosen], own)

    def both(self, key: str, /, **values: object) -> Both:
        """Return the text ``section.key`` in both languages."""
        return Both(self.say("en", key, **values), self.say("zh", key, **values))


def _of(value: object, chosen: bool) -> object:
    """Return what is in both languages in one of them, in lists too."""
    if isinstance(value, list):
        return [_of(one, chosen) for one in value]
    return value[chosen] if isinstance(value, Both) else value


def filled_in(text: str, values: Mapping[str, object]) -> str:
    """Return a text of a file of words filled with values."""
    return _WRITER.vformat(text, (), values)


class _Writer(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, list):
            return format_spec.join(value)
        if "|" in format_spec:
            return format_spec.split("|")[0 if value in (1, "1") else 1]
        return str(super().format_field(value, format_spec))


_WRITER: Final = _Writer()
