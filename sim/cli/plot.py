"""``countysim plot``: draw finished runs. It simulates nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import common
from sim.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.compare.comparison import Comparison
    from sim.experiments import Run
    from sim.report.figures.picture_files import Maker
    from sim.units import Language

plot = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Scenario = Annotated[str, typer.Argument(metavar="B", help="Scenario: id, id:variant, run id or file.")]
Baseline = Annotated[str, typer.Argument(metavar="A", help="Baseline.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="File; .svg, .png or .csv. Default: all three, under results/compare."),
]
Unpaired = Annotated[bool, typer.Option("--unpaired", help="Take the runs as independent draws.")]
Year = Annotated[int | None, typer.Option("--at", help="Year of the headline; default: 2030, or the last year.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(plot, name="plot", help="Draw the figures of finished runs: SVG, PNG and the data as CSV.")


@plot.command("fan")
def fan(
    variable: Annotated[str, typer.Argument(help="Such as output_value, employment, exports.")],
    scenario: Scenario,
    baseline: Baseline,
    output: Output = None,
    at: Year = None,
    unit: Annotated[str | None, typer.Option(help="Unit shown, such as 亿元 or 'million yuan'.")] = None,
    place: Annotated[str | None, typer.Option(help="One place of several.")] = None,
    lang: common.LanguageOption = None,
    unpaired: Unpaired = False,
    out: common.ResultsOption = None,
) -> None:
    """Draw where a variable is heading, and by how much the scenario bends it."""
    from sim.report import figures
    from sim.report.figures.describe import known_variable

    known_variable(variable)
    language, runs = common.chosen_language(lang), common.find_pair(scenario, baseline, out)
    make = partial(figures.fan, runs, variable, at=at, unit=unit, place=place, unpaired=unpaired)
    _save(make, output, language, out, partial(_compared, runs, None, unpaired))


@plot.command("diff")
def diff(
    scenario: Scenario,
    baseline: Baseline,
    output: Output = None,
    at: Year = None,
    lang: common.LanguageOption = None,
    unpaired: Unpaired = False,
    out: common.ResultsOption = None,
) -> None:
    """Draw the differences of all headline variables, in percent of the baseline."""
    from sim.report import figures

    language, runs = common.chosen_language(lang), common.find_pair(scenario, baseline, out)
    comparison = _compared(runs, at, unpaired)
    _save(partial(figures.differences, runs, comparison=comparison), output, language, out, lambda: comparison)


@plot.command("value")
def value(
    scenarios: Annotated[list[str], typer.Argument(metavar="B...", help="One scenario or several.")],
    baseline: Annotated[str, typer.Option("--baseline", help="What they are compared with.")],
    output: Output = None,
    at: Year = None,
    lang: common.LanguageOption = None,
    unpaired: Unpaired = False,
    out: common.ResultsOption = None,
) -> None:
    """Draw what a million yuan goes with, and how much of the money changed anything."""
    from sim.compare import compare
    from sim.compare.build import chosen_years
    from sim.compare.runs import shared_years
    from sim.report import figures

    language = common.chosen_language(lang)
    if baseline in scenarios:
        raise UserError(f"{baseline} is the baseline and one of the scenarios: name it once")
    found, reference = common.find_runs(scenarios, baseline, out)
    year, window = chosen_years(shared_years([*found, reference]), at, None)
    comparisons = [compare(run, reference, year, window, unpaired=unpaired) for run in found]
    _save(partial(figures.value_for_money, comparisons), output, language, out, lambda: comparisons[0])


@plot.command("timeline")
def timeline(
    baseline: Baseline,
    scenario: Scenario,
    output: Output = None,
    lang: common.LanguageOption = None,
    unpaired: Unpaired = False,
    out: common.ResultsOption = None,
) -> None:
    """Draw what is in force when and paid by whom: A above, B below."""
    from sim.report import figures

    language, runs = common.chosen_language(lang), common.find_pair(scenario, baseline, out)
    make = partial(figures.timeline, runs, unpaired=unpaired)
    _save(make, output, language, out, partial(_compared, runs, None, unpaired))


@plot.command("funnel")
def funnel(
    fair: Annotated[str, typer.Argument(help="Id of the fair in the scenarios, such as fair.")],
    scenario: Scenario,
    baseline: Baseline,
    output: Output = None,
    year: Annotated[int | None, typer.Option(help="Year of the fair; default: the last one fully simulated.")] = None,
    lang: common.LanguageOption = None,
    unpaired: Unpaired = False,
    out: common.ResultsOption = None,
) -> None:
    """Draw where fair visitors get lost, from booths to repeat orders."""
    from sim.report import figures

    language, runs = common.chosen_language(lang), common.find_pair(scenario, baseline, out)
    make = partial(figures.funnel, runs, fair=fair, year=year, unpaired=unpaired)
    _save(make, output, language, out, partial(_compared, runs, None, unpaired))


@plot.command("tornado")
def tornado(
    variable: Annotated[str, typer.Argument(help="Such as output_value, employment, exports.")],
    scenario: Scenario,
    baseline: Baseline,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File; .svg, .png or .csv. Default: all three, in the study's folder."),
    ] = None,
    at: Year = None,
    lang: common.LanguageOption = None,
    out: common.ResultsOption = None,
) -> None:
    """Draw what drives the difference, from the pairs of countysim sensitivity."""
    from sim.report import figures
    from sim.report.figures.describe import known_variable
    from sim.sensitivity.result import explain
    from sim.sensitivity.study import find_study, usual_year

    item = known_variable(variable)
    language = common.chosen_language(lang)
    study = find_study(scenario, baseline, out)
    result = explain(study, item.name, usual_year(study.settings.years) if at is None else at)
    make = partial(figures.tornado, result)
    folder = study.folder / f"{item.name}-{result.at}"
    for path in [figures.save(make, output, language)] if output else figures.save_all(make, folder, language):
        print(path)


@plot.command("all")
def everything(
    scenario: Scenario,
    baseline: Baseline,
    folder: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder; default: figures/ under results/compare.")
    ] = None,
    at: Year = None,
    lang: common.LanguageOption = None,
    unpaired: Unpaired = False,
    out: common.ResultsOption = None,
) -> None:
    """Draw every figure of two runs into one folder."""
    from sim.report import figures

    language, runs = common.chosen_language(lang), common.find_pair(scenario, baseline, out)
    comparison = _compared(runs, at, unpaired)
    for path in figures.draw_all(*runs, folder or _folder(comparison, out), language, comparison=comparison):
        print(path)


def _folder(comparison: Comparison, out: Path | None) -> Path:
    """Return ``figures/`` in the folder of the comparison, where figures go when no file is named."""
    from sim import workspace
    from sim.compare.csv_tables import comparison_folder

    return comparison_folder(comparison, workspace.results_root(out)) / "figures"


def _save(
    make: Maker, output: Path | None, language: Language, out: Path | None, compared: Callable[[], Comparison]
) -> None:
    """Write to the file asked for, or in every format to the folder of the comparison; print the paths."""
    from sim.report.figures import save, save_all

    paths = save_all(make, _folder(compared(), out), language) if output is None else [save(make, output, language)]
    print(*paths, sep="\n")


def _compared(runs: tuple[Run, Run], at: int | None, unpaired: bool) -> Comparison:
    from sim.compare import compare

    return compare(*runs, at=at, unpaired=unpaired)
