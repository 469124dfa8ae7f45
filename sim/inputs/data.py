"""Words and numbers that stand in TOML beside a module."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def beside(module: str, name: str = "words.toml") -> dict[str, Any]:
    """Return what a TOML file in the folder of a module (its ``__file__``) holds."""
    return tomllib.loads(Path(module).with_name(name).read_text(encoding="utf-8"))
