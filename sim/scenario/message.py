"""What one message about a scenario file consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """Templates ``(what is wrong, advice)`` in two languages; lines of advice are separated by line ends."""

    code: str
    en: tuple[str, str]
    zh: tuple[str, str]
