"""``countysim export``: finished runs in the formats of other programs. It simulates nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.common import ResultsOption, chosen_language, find_pair

if TYPE_CHECKING:
    from sim.report.export.tidy import Period


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
    out: ResultsOption = None,
) -> None:
    """Write finished runs for other programs: IAMC, tidy CSV, Parquet, netCDF.

    iamc writes two files: quantiles over runs, and beside it (_runs) every run. csv and parquet hold one row for each
    replicate, year and variable; netcdf holds months.
    """
    from sim import workspace
    from sim.compare.notes import span_note
    from sim.compare.runs import pair
    from sim.errors import UserError
    from sim.experiments import find_run
    from sim.report.export import FORMATS
    from sim.report.export import export as write

    chosen = next((known for known in FORMATS if known == form), None)
    if chosen is None:
        raise UserError(f'--format "{form}" is not known; choose {", ".join(FORMATS)}')
    if wide and chosen != "iamc":
        raise UserError(f"--wide is for --format iamc; {chosen} has a row for each value")
    if months and chosen not in ("csv", "parquet"):
        only = "years" if chosen == "iamc" else "months"
        raise UserError(f"--months is for --format csv and parquet; {chosen} has {only} only")
    b, a = (find_run(scenario, out), None) if baseline is None else find_pair(scenario, baseline, out)
    period: Period = "month" if months else "year"
    span = None if a is None or a.places != b.places else span_note(pair(b, a, unpaired=True))
    if span is not None:
        print(span.zh if chosen_language(None) == "zh" else span.en, file=sys.stderr)
    for path in write(b, a, chosen, results=workspace.results_root(out), file=output, period=period, wide=wide):
        print(path)
