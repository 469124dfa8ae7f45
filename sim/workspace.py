"""Where inputs are read and outputs written.

A workspace has ``scenarios/``, ``calibration/`` and ``results/``, and ``policies/`` when it brings policy types of
its own. The repository is one; an installed wheel carries its own copy of the first two as a library. The project
folder is looked in first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sim.errors import UserError

Kind = Literal["scenarios", "calibration", "policies"]


def library_root() -> Path:
    """Return the folder that holds the scenarios and evidence shipped with the package."""
    package = Path(__file__).resolve().parent
    packaged = package / "_library"
    return packaged if packaged.is_dir() else package.parent


def root() -> Path | None:
    """Return the nearest folder from the current one upward that has a ``scenarios`` folder, or None.

    Raises
    ------
    UserError
        When the current folder has been deleted.
    """
    try:
        here = Path.cwd().resolve()
    except FileNotFoundError as error:
        raise UserError("the current folder is gone: go to one that is there") from error
    for folder in (here, *here.parents):
        if (folder / "scenarios").is_dir():
            return folder
    return None


def folders(kind: Kind) -> tuple[Path, ...]:
    """Return the folders of one kind in the order in which they are searched, workspace before library."""
    found = []
    for place in (root(), library_root()):
        if place is not None and (place / kind).is_dir() and place / kind not in found:
            found.append(place / kind)
    return tuple(found)


def calibration_file(*parts: str) -> Path | None:
    """Return a file of the first ``calibration`` folder that has it, by the parts of its path; None without one."""
    return next((path for folder in folders("calibration") if (path := folder.joinpath(*parts)).is_file()), None)


def needed(name: str, says: str) -> Path:
    """Return a file of a ``calibration`` folder; raise ``UserError`` without one, with what it says."""
    path = calibration_file(name)
    if path is None:
        raise UserError(f"calibration/{name} is missing: it says {says}")
    return path


def results_root(out: Path | None = None) -> Path:
    """Return the folder for outputs: ``out`` when given, else ``results`` in the workspace or the current folder."""
    if out is not None:
        return out
    return (root() or Path.cwd()) / "results"
