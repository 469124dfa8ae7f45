"""``countysim compare``: read finished runs side by side. It simulates nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from sim.cli.common import Language, chosen_language, find_runs, width
from sim.errors import UserError

if TYPE_CHECKING:
    from sim.compare.comparison import Comparison
    from sim.experiments import Run


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("compare")(compare)


def compare(
    scenarios: Annotated[list[str], typer.Argument(help="B and A; or several scenarios, with --baseline A.")],
    baseline: Annotated[str | None, typer.Option(help="What all the scenarios named are compared with.")] = None,
    at: Annotated[int | None, typer.Option(help="Year of the headline; default: 2030, or the last year.")] = None,
    window: Annotated[
        str | None, typer.Option(help="Years money, output and tax are added up over; default: 2026-2030.")
    ] = None,
    variable: Annotated[str, typer.Option(help="With several scenarios: the variable compared.")] = "employment",
    every: Annotated[
        bool, typer.Option("--all", help="All variables, and each place where there are several.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV instead.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print the table as Markdown instead.")] = False,
    lang: Annotated[
        str | None, typer.Option(help="en or zh; default: as the system's language, and zh for the workbook.")
    ] = None,
    unpaired: Annotated[
        bool, typer.Option("--unpaired", help="Compare as independent draws (wider intervals, said so everywhere).")
    ] = False,
    discount: Annotated[
        str | None, typer.Option(help="Discount rate a year of the money shown beside the undiscounted; default 8%.")
    ] = None,
    no_xlsx: Annotated[bool, typer.Option("--no-xlsx", help="Do not write the Excel workbook.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for results; default: results.")] = None,
) -> None:
    """Compare scenario B with baseline A: differences, public money, value for money, aims.

    Runs nothing: when a run is missing, the message names the command that makes it. Tables, sentences and an Excel
    workbook are written to compare/ in the results folder.
    """
    from sim.compare.money import DISCOUNT_RATE_A_YEAR
    from sim.units import UnitError, parse_share

    language = chosen_language(lang)
    years = _window(window)
    try:
        rate = DISCOUNT_RATE_A_YEAR if discount is None else parse_share(discount)
    except UnitError as error:
        _refuse(f"--discount: {error}")
    if csv and md:
        _refuse("choose one of --csv and --md")
    workbook = None if no_xlsx else workbook_language(lang)
    names, base = _sides(scenarios, baseline)
    runs, reference = find_runs(names, base, out)
    if len(runs) > 1:
        if unpaired or csv or md:
            _refuse("with several scenarios --unpaired, --csv and --md cannot be used: compare them one by one")
        _several(runs, reference, variable, at, years, rate, language, out, workbook)
        return
    from sim.compare import compare as compare_runs

    comparison = compare_runs(runs[0], reference, at, years, unpaired=unpaired, discount_rate=rate)
    folder = _save(comparison, (runs[0], reference), out, workbook)
    print(_shown(comparison, language, every, csv, md, folder), end="")


def _shown(comparison: Comparison, language: Language, every: bool, csv: bool, md: bool, folder: Path) -> str:
    """Return what is printed for one pair of runs."""
    from sim.compare.comparison import COMPARE_COLUMNS, compare_records
    from sim.compare.csv_tables import csv_text
    from sim.report.shortfalls import shortfall_texts
    from sim.report.table import comparison_text, escaped, markdown, note_lines, row_columns

    if csv:
        period = str(comparison.at)
        records = [r for r in compare_records(comparison) if r["period"] == period and (every or _headline(r))]
        return csv_text(records, COMPARE_COLUMNS, chinese=language == "zh")
    if md:
        rows = comparison.rows_at() if every else comparison.headline_rows()
        below = [*note_lines(comparison, language, ("span",)), *shortfall_texts(comparison.shortfalls, language)]
        return markdown(row_columns(comparison, rows, language)) + "".join(f"\n{escaped(line)}\n" for line in below)
    return comparison_text(comparison, language, every=every, width=width(), folder=f"{folder}/")


def _headline(record: dict[str, object]) -> bool:
    from sim.observables import observable

    return observable(str(record["variable"])).headline


def _several(
    runs: list[Run],
    reference: Run,
    variable: str,
    at: int | None,
    window: tuple[int, int] | None,
    rate: float,
    language: Language,
    out: Path | None,
    workbook: Language | None,
) -> None:
    """Compare several scenarios with one baseline and with each other."""
    from sim.compare.several import compare_several
    from sim.report.several_table import several_text

    several = compare_several(runs, reference, variable, at, window, discount_rate=rate)
    folders = [
        _save(comparison, (run, reference), out, workbook)
        for run, comparison in zip(runs, several.comparisons, strict=True)
    ]
    text = several_text(several, language, width=width())
    label = "文件" if language == "zh" else "files"
    print(text + "".join(f"\n{label}  {folder}/" for folder in folders))


def _sides(scenarios: list[str], baseline: str | None) -> tuple[list[str], str]:
    """Tell the scenarios from the baseline."""
    if baseline is not None:
        if baseline in scenarios:
            _refuse(f"{baseline} is the baseline and one of the scenarios: name it once")
        return scenarios, baseline
    if len(scenarios) == 2:
        return scenarios[:1], scenarios[1]
    several = "countysim compare SCENARIO ... --baseline BASELINE"
    if len(scenarios) == 1:
        return _refuse(f"name two runs: countysim compare {scenarios[0]} BASELINE\n     or: {several}")
    return _refuse(f"with more than two runs name the baseline: {several}")


def workbook_language(lang: str | None) -> Language:
    """Return the language of the workbook: Chinese, which its readers write in, unless English is asked for."""
    return "en" if lang == "en" else "zh"


def _save(comparison: Comparison, runs: tuple[Run, Run], out: Path | None, workbook: Language | None) -> Path:
    """Write tables, sentences and (in its language, unless that is None) the workbook; return the folder."""
    from sim import workspace
    from sim.compare.csv_tables import comparison_folder, write_tables
    from sim.report.sentences import write_summaries

    folder = comparison_folder(comparison, workspace.results_root(out))
    write_tables(comparison, folder)
    write_summaries(comparison, folder)
    if workbook is not None:
        save_workbook(comparison, runs, folder, workbook)
    return folder


def save_workbook(comparison: Comparison, runs: tuple[Run, Run], folder: Path, language: Language) -> None:
    """Write ``compare.xlsx``; say so when it had to take another name."""
    from sim.report.workbook import to_excel

    written = to_excel(comparison, folder, language, runs=runs)
    if written.notice:
        print(written.notice, file=sys.stderr)


def _window(text: str | None) -> tuple[int, int] | None:
    """Read ``2026-2030``."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{4})-(\d{4})", text, re.ASCII)
    if match is None:
        return _refuse(f'--window "{text}": write two years, such as 2026-2030')
    return int(match[1]), int(match[2])


def _refuse(problem: str) -> NoReturn:
    raise UserError(problem)
