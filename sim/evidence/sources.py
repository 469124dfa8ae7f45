"""Where reported figures and published series come from."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.inputs.files import read_rows
from sim.inputs.problems import Findings, Spot
from sim.units import FORMULA_STARTS
from sim.workspace import folders

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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


REPORTED = "reported_facts.csv"
ENDING = "_facts.csv"
"""How the name of a file of reported figures ends."""

SOURCE_COLUMNS = ("id", "title", "publisher", "date", "reference")
"""Columns of a file of sources, in order."""

SERIES_TABLES = {"macro.csv": "macro_sources.csv", "industry.csv": "industry_sources.csv"}
"""Tables of published series, read as one, each with its sources."""

_SERIES_SOURCE_COLUMNS = ("source_id", "title", "publisher", "url", "date")


def evidence_folders(folder: Path | None = None) -> tuple[Path, ...]:
    """Return the folders that hold evidence, the workspace's before the library's; only ``folder`` when it is given."""
    if folder is not None:
        return (folder,)
    return tuple(root / "evidence" for root in folders("calibration") if (root / "evidence").is_dir())


def tables_in(folder: Path | None = None) -> tuple[tuple[Path, bytes], ...]:
    """Return every table of the evidence with its content: while they are equal, what was read of them holds."""
    found = [path for place in evidence_folders(folder) for path in sorted(place.glob("*.csv"))]
    return tuple((path, _content(path)) for path in found)


def _content(path: Path) -> bytes:
    with contextlib.suppress(OSError):  # whoever reads it as a table says what is wrong
        return path.read_bytes()
    return b""


def fact_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of reported figures in a folder of evidence: ``reported_facts.csv``, then places' own by name.

    A place made with ``countysim place new`` brings ``<place>_facts.csv``.
    """
    own = sorted(path for path in folder.glob(f"*{ENDING}") if path.name != REPORTED)
    return tuple(path for path in (folder / REPORTED, *own) if path.is_file())


def sources_beside(facts: Path) -> Path:
    """Return the file of sources that goes with a file of figures: ``sources.csv``, or ``<place>_sources.csv``."""
    if facts.name == REPORTED or not facts.name.endswith(ENDING):
        return facts.with_name("sources.csv")
    return facts.with_name(facts.name.removesuffix(ENDING) + "_sources.csv")


def load_sources(folder: Path | None = None) -> dict[str, Source]:
    """Return all sources of reported figures by id; those of the workspace win over the library's.

    Raises
    ------
    UserError
        With every row that repeats an id or lacks a title. Two files of one folder may name the same source alike.
    """
    return _load(_beside_facts, folder)


def load_series_sources(folder: Path | None = None) -> dict[str, Source]:
    """Return all sources of published series by id, as ``load_sources`` does."""
    return _load(lambda place: [place / name for name in SERIES_TABLES.values()], folder)


def read_sources(path: Path, findings: Findings) -> dict[str, Source]:
    """Return the sources of one file by id; what is wrong is noted."""
    found: dict[str, Source] = {}
    columns = _SERIES_SOURCE_COLUMNS if path.name in SERIES_TABLES.values() else SOURCE_COLUMNS
    for spot, row in read_rows(path, columns):
        key = row.get("id") or row.get("source_id", "")
        if not key or not row["title"]:
            findings.add("source_bare", spot)
        elif key in found:
            findings.add("source_again", spot, id=key)
        elif wild(key):
            findings.add("cell_id", spot, id=key)
        found[key] = Source(
            key, row["title"], row["publisher"], row["date"], row.get("reference") or row.get("url", "")
        )
    return found


def wild(identifier: str) -> bool:
    """Tell whether a spreadsheet would take an id for a formula, or it has signs that cannot be printed."""
    return identifier.startswith(FORMULA_STARTS) or not identifier.isprintable()


def _beside_facts(place: Path) -> list[Path]:
    paths = [place / "sources.csv"]
    return paths + [beside for path in fact_files(place) if (beside := sources_beside(path)) not in paths]


def _load(files: Callable[[Path], Sequence[Path]], folder: Path | None) -> dict[str, Source]:
    """Return the sources in the files of every folder of evidence."""
    found: dict[str, Source] = {}
    findings = Findings()
    for place in reversed(evidence_folders(folder)):
        here: dict[str, Source] = {}
        for path in files(place):
            if path.is_file():
                read = read_sources(path, findings)
                for key in here.keys() & read.keys():
                    if here[key] != read[key]:
                        findings.add("source_differs", Spot.at(path, 1), id=key)
                here |= read
        found.update(here)
    findings.stop_if_wrong()
    return found
