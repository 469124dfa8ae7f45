"""Errors a user can act on. The command line prints them without a traceback and ends with exit code 2."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """Something the user gave cannot be used; the text says what is wrong and the way out."""


def nearest(word: str, known: Iterable[str], sentence: str = 'did you mean "{}"?   ', cutoff: float = 0.6) -> str:
    """Return the known word that was probably meant, put into a sentence; nothing when none is near."""
    close = get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return sentence.format(close[0]) if close else ""
