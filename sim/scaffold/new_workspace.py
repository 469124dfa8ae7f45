"""A workspace of one's own: places for scenarios, figures and results, and a short way to go on."""

from __future__ import annotations

from pathlib import Path

from sim.evidence.facts import BOUNDS, COLUMNS, KINDS
from sim.evidence.sources import REPORTED, SOURCE_COLUMNS
from sim.inputs.problems import Spot, refused
from sim.scaffold.new_start import STARTS_FROM
from sim.scaffold.new_text import BOM, filled
from sim.workspace import library_root


def new_workspace(folder: Path) -> tuple[Path, ...]:
    """Make a workspace and return the files in it.

    Raises
    ------
    InputErrors
        When the folder is a file, is not empty, or cannot be written. Nothing is ever overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise refused("folder_is_file", Spot(str(folder)))
    if folder.is_dir() and any(folder.iterdir()):
        raise refused("folder_not_empty", Spot(str(folder)))
    name = "".join(letter for letter in folder.resolve().name if letter.isprintable()) or "countysim"
    evidence = folder / "calibration" / "evidence"
    schema = library_root() / "scenarios" / "schema.json"
    words = {"variables": " ".join(STARTS_FROM), "bounds": " ".join(BOUNDS), "kinds": " ".join(KINDS)}
    texts = {
        folder / "README.md": filled("README.md", name=name),
        folder / "scenarios" / "schema.json": schema.read_text(encoding="utf-8"),
        evidence / REPORTED: BOM + filled(REPORTED, columns=",".join(COLUMNS), **words),
        evidence / "sources.csv": BOM + filled("sources.csv", columns=",".join(SOURCE_COLUMNS)),
    }
    try:
        for below in ("scenarios/places", "calibration/evidence", "results"):
            (folder / below).mkdir(parents=True, exist_ok=True)
        for path, content in texts.items():
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(content)
    except OSError as error:
        raise refused("not_written", Spot(str(folder)), detail=error.strerror or error) from None
    return tuple(texts)
