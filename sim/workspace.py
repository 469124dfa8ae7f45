"""Where inputs are read and outputs written.

A project folder has ``scenarios/``, ``calibration/`` and ``results/``, and ``policies/`` when it brings policy types of
its own. The repository is one; an installed wheel carries its own copy of the first two as a library. The project
folder is looked in first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["scenarios", "calibration", "policies"]


def library_root() -> Path:
    """Return the folder that holds the scenarios and evidence shipped with the package."""
    package = Path(__file__).resolve().parent
    packaged = package / "_library"
    return packaged if packaged.is_dir() else package.parent


def project_root() -> Path | None:
    """Return the nearest folder from the current one upward that has a ``scenarios`` folder, or None."""
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "scenarios").is_dir():
            return folder
    return None


def folders(kind: Kind) -> tuple[Path, ...]:
    """Return the folders of one kind in the order in which they are searched, project before library."""
    found = []
    for root in (project_root(), library_root()):
        if root is not None and (root / kind).is_dir() and root / kind not in found:
            found.append(root / kind)
    return tuple(found)


def calibration_file(*parts: str) -> Path | None:
    """Return a file of the first ``calibration`` folder that has it, by the parts of its path; None without one."""
    return next((path for folder in folders("calibration") if (path := folder.joinpath(*parts)).is_file()), None)


def results_root(out: Path | None = None) -> Path:
    """Return the folder for outputs: ``out`` when given, else ``results`` in the project or the current folder."""
    if out is not None:
        return out
    return (project_root() or Path.cwd()) / "results"
