"""``countysim export``: finished runs in the formats of other programs. It simulates nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.common import chosen_language, find_runs

if TYPE_CHECKING:
    from sim.experiments import Run
    from sim.report.export.tidy import Period


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("export")(export)


def export(
    scenario: Annotated[str, typer.Argument(metavar="B", help="Scenario: id, id:variant, run id or file.")],
    baseline: Annotated[
        str | None, typer.Argument(metavar="[A]", help="Baseline; adds its values and the differences B minus A.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="iamc, csv, parquet or netcdf.")] = "iamc",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File. Default: in the run's folder, or in that of the comparison."),
    ] = None,
    months: Annotated[bool, typer.Option("--months", help="csv and parquet: months instead of years.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="iamc: a column for each year.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for results; default: results.")] = None,
) -> None:
    """Write finished runs for other programs: IAMC, tidy CSV, Parquet, netCDF.

    iamc writes two files: quantiles over runs, and beside it (_runs) every run. csv and parquet hold one row for each
    replicate, year and variable; netcdf holds months.
    """
    from sim import workspace
    from sim.compare.notes import span_note
    from sim.compare.runs import pair
    from sim.errors import UserError
    from sim.report.export import FORMATS
    from sim.report.export import export as write

    chosen = next((known for known in FORMATS if known == form), None)
    if chosen is None:
        raise UserError(f'--format "{form}" is not known; choose {", ".join(FORMATS)}')
    if wide and chosen != "iamc":
        raise UserError(f"--wide is for --format iamc; {chosen} has a row for each value")
    if months and chosen not in ("csv", "parquet"):
        raise UserError(f"--months is for --format csv and parquet; {chosen} has {_periods(chosen)} only")
    b, a = _runs(scenario, baseline, out)
    period: Period = "month" if months else "year"
    span = None if a is None or a.places != b.places else span_note(pair(b, a, unpaired=True))
    if span is not None:
        print(span.zh if chosen_language(None) == "zh" else span.en, file=sys.stderr)
    for path in write(b, a, chosen, results=workspace.results_root(out), file=output, period=period, wide=wide):
        print(path)


def _periods(form: str) -> str:
    return "years" if form == "iamc" else "months"


def _runs(scenario: str, baseline: str | None, out: Path | None) -> tuple[Run, Run | None]:
    """Find the run, and its baseline when one is named."""
    from sim.experiments import find_run

    if baseline is None:
        return find_run(scenario, out), None
    found, reference = find_runs([scenario], baseline, out)
    return found[0], reference
