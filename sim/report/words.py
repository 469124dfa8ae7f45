"""What reports say: every text is an entry of ``words.toml``, English beside Chinese, filled with plain values."""

from __future__ import annotations

from typing import Any, Final

from sim.inputs.words import Words
from sim.inputs.words import filled_in as filled_in

WORDS: Final = Words(__file__)
say, triples = WORDS.say, WORDS.triples


def entries() -> dict[str, Any]:
    """Return every text by section and key: English, Chinese."""
    return WORDS.entries
