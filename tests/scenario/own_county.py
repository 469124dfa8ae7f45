"""An invented county and its figures, as docs/own-county.md shows them."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own-county.md"


def tables() -> tuple[str, str]:
    """Return ``facts.csv`` and ``sources.csv`` of the page."""
    facts, sources = re.findall(r"^```csv\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return facts, sources


def write_tables(folder: Path, *, facts: str | None = None) -> Path:
    """Write both tables into a folder and return the path of the figures."""
    shown, sources = tables()
    (folder / "sources.csv").write_text(sources, encoding="utf-8")
    path = folder / "facts.csv"
    path.write_text(shown if facts is None else facts, encoding="utf-8")
    return path


def rows(*lines: str) -> str:
    """Return a table of figures of Wuyou: lines give id, variable, months, value, unit, bound and kind."""
    head = tables()[0].splitlines()[0]
    body = []
    for line in lines:
        name, variable, first, last, value, unit, bound, kind = (part.strip() for part in line.split("|"))
        body.append(
            f"{name},wuyou,fasteners,{variable},{first},{last},{value},{unit},{bound},,{kind},wuyou-report-2025,"
        )
    return "\n".join([head, *body]) + "\n"
