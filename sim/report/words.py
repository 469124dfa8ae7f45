"""What reports say: every text is an entry of ``words.toml``, English beside Chinese, filled with plain values."""

from __future__ import annotations

import functools
import string
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(__file__).with_name("words.toml")


@functools.cache
def entries() -> dict[str, Any]:
    """Return every text by section and key: English, Chinese."""
    return tomllib.loads(FILE.read_text("utf-8"))


def triples(section: str) -> tuple[tuple[str, str, str], ...]:
    """Return key, English and Chinese of each text of a section, in their order."""
    return tuple((key, english, chinese) for key, (english, chinese) in entries()[section].items())


def say(language: str, key: str, /, **values: object) -> str:
    """Return the text ``section.key`` of the language, filled with values; a value is never read as a template."""
    section, _, name = key.partition(".")
    text: str = entries()[section][name][language == "zh"]
    return filled_in(text, values)


def filled_in(text: str, values: Mapping[str, object]) -> str:
    """Return a text of a file of words filled with values."""
    return _WRITER.vformat(text, (), values)


class _Writer(string.Formatter):
    """Also writes lists with what stands between their parts, and one of two words: ``yes|no``, ``one|several``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, list):
            return format_spec.join(value)
        if "|" in format_spec:
            return format_spec.split("|")[0 if value in (1, "1") else 1]
        return str(super().format_field(value, format_spec))


_WRITER: Final = _Writer()
