"""A workspace of one's own: places for scenarios, figures and results, and a short way to go on."""

from __future__ import annotations

from pathlib import Path

from sim.errors import UserError
from sim.evidence.facts import BOUNDS, COLUMNS, KINDS
from sim.evidence.sources import REPORTED, SOURCE_COLUMNS
from sim.scaffold.new_figures import STARTS_FROM
from sim.scaffold.new_text import BOM
from sim.scaffold.words import templates
from sim.workspace import library_root

EXAMPLE_ROWS = (
    "my-county-revenue-2024,my-county,fasteners,operating_revenue,2024-01,2024-12,36.5,亿元,exact,,level,report-2025,",
    "my-county-exports-2025-9m,my-county,fasteners,exports,2025-01,2025-09,1.8,亿元,at_least,累计,level,report-2025,",
)


def new_workspace(folder: Path) -> tuple[Path, ...]:
    """Make a workspace and return the files in it.

    Raises
    ------
    UserError
        When the folder is a file, is not empty, or cannot be written. Nothing is ever overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file\n    name a folder that is empty or not there yet")
    if folder.is_dir() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty\n    name a folder that is empty or not there yet; nothing was written")
    name = "".join(letter for letter in folder.resolve().name if letter.isprintable()) or "countysim"
    evidence = folder / "calibration" / "evidence"
    schema = library_root() / "scenarios" / "schema.json"
    given = templates()
    facts = given["facts"].format(
        columns=",".join(COLUMNS), variables=" ".join(STARTS_FROM), bounds=" ".join(BOUNDS), kinds=" ".join(KINDS),
        examples=EXAMPLE_ROWS,
    )  # fmt: skip
    texts = {
        folder / "README.md": given["readme"].format(name=name),
        folder / "scenarios" / "schema.json": schema.read_text(encoding="utf-8"),
        evidence / REPORTED: BOM + facts,
        evidence / "sources.csv": BOM + given["sources"].format(columns=",".join(SOURCE_COLUMNS)),
    }
    try:
        for below in ("scenarios/places", "calibration/evidence", "results"):
            (folder / below).mkdir(parents=True, exist_ok=True)
        for path, content in texts.items():
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(content)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror or error}") from None
    return tuple(texts)
