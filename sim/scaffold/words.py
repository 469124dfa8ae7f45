"""Texts that new files are made of (``templates.toml``), in English and Chinese."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Words = tuple[str, str]
"""The same in English and Chinese."""


@cache
def templates() -> Mapping[str, Any]:
    """Return the texts of ``templates.toml`` by name, by language where they have one."""
    found: dict[str, Any] = tomllib.loads(Path(__file__).with_name("templates.toml").read_text(encoding="utf-8"))
    return found


def why(name: str, **values: Any) -> Words:
    """Return a reason in both languages, filled with values; a pair of values is one for each language."""
    english, chinese = (
        templates()["why"][name][lang].format(
            **{key: value[number] if isinstance(value, tuple) else value for key, value in values.items()}
        )
        for number, lang in enumerate(("en", "zh"))
    )
    return english, chinese
