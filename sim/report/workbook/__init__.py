"""The comparison as an Excel workbook: all sheets in their order, Chinese or English, and its file."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.compare.comparison import ALL_PLACES, Comparison
from sim.errors import UserError
from sim.experiments import Run
from sim.report.figures.describe import as_runs
from sim.report.workbook import outcomes, policies, sources
from sim.report.workbook.book import Book, Material, Sheet, material_of
from sim.units import Language, pick
from sim.whole import write_whole

FILE = "compare.xlsx"
MOST_NAMES = 99
NAMES: dict[str, tuple[str, str, Callable[[Sheet, Material], None] | None]] = {
    "conclusion": ("Summary", "结论", None),
    "compared": ("Comparison", "对比", outcomes.comparison),
    "annual": ("Annual", "年度", None),
    "cumulative": ("Year to date", "月度累计", outcomes.year_to_date),
    "timetable": ("Policies", "政策时间表", policies.timetable),
    "funds": ("Money", "资金", policies.money),
    "grants": ("Grants", "补助效果", policies.grants),
    "fair": ("Fair", "展会", policies.fairs_held),
    "places": ("Places", "分镇", outcomes.places),
    "fit": ("Fit", "拟合", sources.fit),
    "assumptions": ("Assumptions", "假设与来源", sources.assumptions),
    "reproduce": ("Reproduce", "复现", sources.reproduction),
}
"""Tabs in English and Chinese, and what fills those that need nothing of another; 分镇: only with several places."""


def workbook_bytes(comparison: Comparison, runs: tuple[Run, Run], language: Language = "zh") -> bytes:
    """Return the workbook of a comparison of scenario and baseline; equal data give equal bytes.

    ``UserError`` when the runs cannot be paired or read.
    """
    material = material_of(comparison, runs, language)
    book = Book(language)
    several = comparison.place == ALL_PLACES
    sheets = {
        key: Sheet(book, pick(language, *names[:2])) for key, names in NAMES.items() if key != "places" or several
    }
    charted = outcomes.annual(sheets["annual"], material)
    outcomes.conclusion(sheets["conclusion"], material, charted)
    for key, sheet in sheets.items():
        write = NAMES[key][2]
        if write is not None:
            write(sheet, material)
    sheets["conclusion"].page.activate()
    return book.content()


@dataclass(frozen=True)
class Written:
    """Where a workbook was written; ``notice`` tells of another name than the one asked for, else it is empty."""

    path: Path
    notice: str = ""


def to_excel(
    comparison: Comparison, path: Path, language: Language = "zh", *, runs: tuple[Run, Run] | None = None
) -> Written:
    """Write the workbook of a comparison to a file, or to ``compare.xlsx`` in a folder.

    When the file is open in Excel or read-only, ``compare (2).xlsx`` beside it is written instead, and the notice says
    so. Without ``runs`` (scenario, baseline) they are read again from where the comparison found them. ``UserError``
    when the folder cannot be written.
    """
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
