"""Text in figures: cleaning, measuring and wrapping. Names from files are data and are shown literally."""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING

from sim.report.figures.fonts import LATIN

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

ELLIPSIS = "…"
_NO_LINE_START = "，。；：、！？）》”’,.;:!?)%"


def clean(text: str) -> str:
    """Return ``text`` on one line without characters that XML cannot hold (control characters, lone surrogates)."""
    kept = "".join(c if unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Co"} else " " for c in text)
    return " ".join(kept.split())


def is_wide(character: str) -> bool:
    """Whether a character takes a full square, as Chinese ones do."""
    return unicodedata.east_asian_width(character) in "WF"


@functools.cache
def _metrics(bold: bool) -> FT2Font:
    """Return the font narrow characters are measured in (comes with Matplotlib; wider than what browsers choose)."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    weight = "bold" if bold else "normal"
    path = font_manager.findfont(font_manager.FontProperties(family=LATIN, weight=weight))
    font = FT2Font(str(path))
    font.set_size(100.0, 72.0)
    return font


@functools.lru_cache(maxsize=20_000)
def _advance(character: str, bold: bool) -> float:
    """Width of one character in hundredths of the font size."""
    if is_wide(character):
        return 100.0
    font = _metrics(bold)
    index = font.get_char_index(ord(character))
    if index == 0:
        return 70.0
    return float(font.load_glyph(index).linearHoriAdvance) / 65536.0


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of ``text`` in points at font ``size``; a Chinese character counts one ``size``."""
    return sum(_advance(c, bold) for c in text) * size / 100.0


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return ``text``, cut with an ellipsis when it is wider than ``room`` points."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(kept.rstrip() + ELLIPSIS, size, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def _pieces(text: str) -> list[str]:
    """Split into pieces that may not be broken: words with the blank after them, or single Chinese characters."""
    pieces: list[str] = []
    word = ""
    for character in text:
        if is_wide(character):
            if word:
                pieces.append(word)
                word = ""
            if character in _NO_LINE_START and pieces:
                pieces[-1] += character
            else:
                pieces.append(character)
        else:
            word += character
            if character == " ":
                pieces.append(word)
                word = ""
    return [*pieces, word] if word else pieces


def wrap(text: str, room: float, size: float, *, bold: bool = False, lines: int = 9) -> list[str]:
    """Break ``text`` into at most ``lines`` lines of ``room`` points; the last is cut with an ellipsis if need be."""
    result: list[str] = []
    current = ""
    for piece in _pieces(clean(text)):
        if current and width((current + piece).rstrip(), size, bold=bold) > room:
            result.append(current.rstrip())
            current = ""
        current += piece
    if current.strip():
        result.append(current.rstrip())
    if len(result) > lines:
        result = [*result[: lines - 1], " ".join(result[lines - 1 :])]
    return [shorten(line, room, size, bold=bold) for line in result]
