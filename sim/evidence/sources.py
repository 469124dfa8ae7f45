"""Where reported figures and published series come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.evidence.reading import Problems, read_rows
from sim.project import folders

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One publication.

    Attributes
    ----------
    reference
        Address, or how to find the publication. Articles are named, not copied: their text belongs to the publisher.
    """

    id: str
    title: str
    publisher: str
    date: str
    reference: str

    def __str__(self) -> str:
        """Return the source as a footnote."""
        return ", ".join(part for part in (self.publisher, f'"{self.title}"', self.date) if part)


_FILES = {
    "sources.csv": ("id", "title", "publisher", "date", "reference"),
    "macro_sources.csv": ("source_id", "title", "publisher", "url", "date"),
}


def evidence_folders(folder: Path | None = None) -> tuple[Path, ...]:
    """Return the folders that hold evidence, the project's before the library's; only ``folder`` when it is given."""
    if folder is not None:
        return (folder,)
    return tuple(root / "evidence" for root in folders("calibration") if (root / "evidence").is_dir())


def load_sources(folder: Path | None = None) -> dict[str, Source]:
    """Return all sources of reported figures by id; those of the project win over the library's.

    Raises
    ------
    UserError
        With every row that repeats an id or lacks a title.
    """
    return _load("sources.csv", folder)


def load_series_sources(folder: Path | None = None) -> dict[str, Source]:
    """Return all sources of published series by id, as ``load_sources`` does."""
    return _load("macro_sources.csv", folder)


def _load(name: str, folder: Path | None) -> dict[str, Source]:
    found: dict[str, Source] = {}
    problems = Problems()
    for place in reversed(evidence_folders(folder)):
        path = place / name
        if not path.is_file():
            continue
        here: dict[str, Source] = {}
        for line, row in read_rows(path, _FILES[name]):
            key = row.get("id") or row.get("source_id", "")
            if not key or not row["title"]:
                problems.add(path, line, "a source needs an id and a title")
            elif key in here:
                problems.add(path, line, f'source id "{key}" is used twice')
            here[key] = Source(
                key, row["title"], row["publisher"], row["date"], row.get("reference") or row.get("url", "")
            )
        found.update(here)
    problems.raise_any()
    return found
