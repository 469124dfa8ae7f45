"""Writing the workbook whole, beside an earlier one that cannot be replaced (E21)."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import UserError
from sim.report.workbook.assembly import workbook_bytes
from sim.whole import write_whole

if TYPE_CHECKING:
    from sim.compare.comparison import Comparison
    from sim.experiments import Run
    from sim.report.numbers import Language

FILE = "compare.xlsx"
MOST_NAMES = 99


@dataclass(frozen=True)
class Written:
    """Where a workbook was written; ``notice`` tells of another name than the one asked for, else it is empty."""

    path: Path
    notice: str = ""


def to_excel(
    comparison: Comparison, path: Path, language: Language = "zh", *, runs: tuple[Run, Run] | None = None
) -> Written:
    """Write the workbook of a comparison.

    Parameters
    ----------
    path
        File, or a folder for ``compare.xlsx`` in it. When the file is open in Excel or read-only, ``compare (2).xlsx``
        beside it is written instead, and the notice says so.
    runs
        Scenario and baseline; without them they are read again from where the comparison found them.

    Raises
    ------
    UserError
        When the folder cannot be written.
    """
    from sim.report.figures.describe import as_runs

    target = path / FILE if path.is_dir() or not path.suffix else path
    return write_beside(target, workbook_bytes(comparison, runs or as_runs(comparison), language))


def write_beside(target: Path, content: bytes) -> Written:
    """Write ``content`` to ``target``, or under the next free name when that one cannot be replaced."""
    for number in range(1, MOST_NAMES + 1):
        path = target if number == 1 else target.with_name(f"{target.stem} ({number}){target.suffix}")
        try:
            if not path.exists() or path.stat().st_mode & stat.S_IWUSR:
                write_whole(path, content)
                notice = f"E21  {target} is open in Excel or read-only; written to {path.name} instead"
                return Written(path, notice if number > 1 else "")
        except OSError as error:
            # Windows refuses while Excel has the file open. Where nothing is in the way the folder itself is at fault.
            if not isinstance(error, PermissionError) or not path.exists():
                raise UserError(f"cannot write {target}: {error.strerror or error}; choose another --out") from error
    raise UserError(f"E21  {target} and {MOST_NAMES - 1} files beside it are open in Excel or read-only; close them")
