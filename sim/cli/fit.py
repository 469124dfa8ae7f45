"""``countysim fit``: the published figures against a finished run. It simulates nothing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sim.ensemble import Run


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("fit")(fit)


def fit(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="RUN_OR_SCENARIO", help="Scenario (id, id:variant or file), run id such as yongnian-2023/3f9a2c1d."
        ),
    ],
    every: Annotated[
        bool, typer.Option("--all", help="Also how each figure was asked, and the figures not used with the reason.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: all values of all runs, in plain units.")
    ] = False,
    lang: Annotated[str | None, typer.Option(help="en or zh; default: as the system's language.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; default: results.")] = None,
) -> None:
    """Show what was reported beside what a run gives, misses on top: look here before you trust a baseline.

    Every published figure about a place of the run is asked of each simulated future in the figure's own count: the
    same months, the same firms, current prices, times the place's scope factor where the count covers more than the
    model does. docs/reporting.md says how.

    \b
    inside              the band of 90% of runs holds the figure
    on the right side   the figure is a bound ("over 42 billion") and the whole band lies where it says
    missed              the band lies elsewhere; compare the basis first: a figure may count other firms
    °                   the run starts from this figure, so that it is met in its own year by construction

    Announced aims are no figures to be met: for them the share of runs that reach them by their date is given. With
    fewer than 20 runs there is no band and no verdict.

    \b
    Examples:
      countysim fit yongnian-2023
      countysim fit yongnian-2023 --all --lang zh
    """  # noqa: D301  (\b keeps the lines of a list apart in the help)
    from sim.cli.demo import chosen_language
    from sim.report.fit import fit_of

    language = chosen_language(lang)
    run = _find(reference, out)
    found = fit_of(run)
    if as_json:
        import json

        from sim.report.fit_table import fit_record

        typer.echo(json.dumps(fit_record(found, run), ensure_ascii=False, indent=2))
        return
    from sim.cli.compare import _print
    from sim.report.fit_table import fit_text

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    _print(fit_text(found, run, language, every=every, width=width))


def _find(reference: str, out: Path | None) -> Run:
    """Find the run; a place is told from a scenario."""
    from sim.ensemble import find_run
    from sim.errors import UserError
    from sim.project import folders

    try:
        return find_run(reference, out)
    except UserError as error:
        places = {path.stem for folder in folders("scenarios") for path in folder.glob("places/*.toml")}
        scenarios = sorted(path.stem for folder in folders("scenarios") for path in folder.glob(f"{reference}-*.toml"))
        if reference not in places:
            raise
        hint = f"\n     countysim fit {scenarios[0]}" if scenarios else ""
        problem = f"{reference} is a place; name a scenario or a run of it (countysim list){hint}"
        raise UserError(problem) from error
