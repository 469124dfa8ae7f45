"""``countysim plot``: draw finished runs. It simulates nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.common import chosen_language, find_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison
    from sim.experiments import Run
    from sim.report.figures.saving import Maker
    from sim.report.figures.text import Lang

plot = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Scenario = Annotated[str, typer.Argument(metavar="B", help="Scenario: id, id:variant, run id or file.")]
Baseline = Annotated[str, typer.Argument(metavar="A", help="Baseline.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="File; .svg, .png or .csv. Default: all three, under results/compare."),
]
Language = Annotated[str | None, typer.Option("--lang", help="en or zh; default: as the system's language.")]
Unpaired = Annotated[bool, typer.Option("--unpaired", help="Take the runs as independent draws.")]
Results = Annotated[Path | None, typer.Option("--out", help="Folder for results; default: results.")]
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
    lang: Language = None,
    unpaired: Unpaired = False,
    out: Results = None,
) -> None:
    """Draw where a variable is heading, and by how much the scenario bends it."""
    from sim.report import figures
    from sim.report.figures.describe import known_variable

    known_variable(variable)
    language = chosen_language(lang)
    runs = _pair(scenario, baseline, out)

    def make(shown: Lang) -> figures.Drawing:
        return figures.fan(runs, variable, shown, at=at, unit=unit, place=place, unpaired=unpaired)

    _save([make], output, language, _Place(runs, unpaired, out))


@plot.command("diff")
def diff(
    scenario: Scenario,
    baseline: Baseline,
    output: Output = None,
    at: Year = None,
    lang: Language = None,
    unpaired: Unpaired = False,
    out: Results = None,
) -> None:
    """Draw the differences of all headline variables, in percent of the baseline."""
    from sim.report import figures

    language = chosen_language(lang)
    runs = _pair(scenario, baseline, out)
    comparison = _compared(runs, at, unpaired)
    _save(
        [lambda shown: figures.differences(runs, shown, comparison=comparison)],
        output,
        language,
        _Place(runs, unpaired, out, comparison),
    )


@plot.command("value")
def value(
    scenarios: Annotated[list[str], typer.Argument(metavar="B...", help="One scenario or several.")],
    baseline: Annotated[str, typer.Option("--baseline", help="What they are compared with.")],
    output: Output = None,
    at: Year = None,
    lang: Language = None,
    unpaired: Unpaired = False,
    out: Results = None,
) -> None:
    """Draw what a million yuan goes with, and how much of the money changed anything."""
    from sim.compare import compare
    from sim.compare.build import chosen_years
    from sim.compare.runs import shared_years
    from sim.errors import UserError
    from sim.report import figures

    language = chosen_language(lang)
    if baseline in scenarios:
        raise UserError(f"{baseline} is the baseline and one of the scenarios: name it once")
    found, reference = find_runs(scenarios, baseline, out)
    year, window = chosen_years(shared_years([*found, reference]), at, None)
    comparisons = [compare(run, reference, year, window, unpaired=unpaired) for run in found]
    _save(
        [lambda shown: figures.value_for_money(comparisons, shown)],
        output,
        language,
        _Place((found[0], reference), unpaired, out, comparisons[0]),
    )


@plot.command("timeline")
def timeline(
    baseline: Baseline,
    scenario: Scenario,
    output: Output = None,
    lang: Language = None,
    unpaired: Unpaired = False,
    out: Results = None,
) -> None:
    """Draw what is in force when and paid by whom: A above, B below."""
    from sim.report import figures

    language = chosen_language(lang)
    runs = _pair(scenario, baseline, out)
    _save(
        [lambda shown: figures.timeline(runs, shown, unpaired=unpaired)], output, language, _Place(runs, unpaired, out)
    )


@plot.command("funnel")
def funnel(
    fair: Annotated[str, typer.Argument(help="Id of the fair in the scenarios, such as fair.")],
    scenario: Scenario,
    baseline: Baseline,
    output: Output = None,
    year: Annotated[int | None, typer.Option(help="Year of the fair; default: the last one fully simulated.")] = None,
    lang: Language = None,
    unpaired: Unpaired = False,
    out: Results = None,
) -> None:
    """Draw where fair visitors get lost, from booths to repeat orders."""
    from sim.report import figures

    language = chosen_language(lang)
    runs = _pair(scenario, baseline, out)
    _save(
        [lambda shown: figures.funnel(runs, shown, fair=fair, year=year, unpaired=unpaired)],
        output,
        language,
        _Place(runs, unpaired, out),
    )


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
    lang: Language = None,
    out: Results = None,
) -> None:
    """Draw what drives the difference, from the pairs of countysim sensitivity."""
    from sim.calibrate.sensitivity_result import explain, usual_year
    from sim.calibrate.sensitivity_study import find_study
    from sim.report import figures
    from sim.report.figures.describe import known_variable

    item = known_variable(variable)
    language = chosen_language(lang)
    study = find_study(scenario, baseline, out)
    result = explain(study, item.name, usual_year(study.settings.years) if at is None else at)

    def make(shown: Lang) -> figures.Drawing:
        return figures.tornado(result, shown)

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
    lang: Language = None,
    unpaired: Unpaired = False,
    out: Results = None,
) -> None:
    """Draw every figure of two runs into one folder."""
    from sim.report import figures

    language = chosen_language(lang)
    runs = _pair(scenario, baseline, out)
    comparison = _compared(runs, at, unpaired)
    target = _Place(runs, unpaired, out, comparison).folder() if folder is None else folder
    for path in figures.draw_all(*runs, target, language, comparison=comparison):
        print(path)


class _Place:
    """Where figures go when no file is named: ``figures/`` in the folder of the comparison."""

    def __init__(
        self, runs: tuple[Run, Run], unpaired: bool, out: Path | None, comparison: Comparison | None = None
    ) -> None:
        self._runs, self._unpaired, self._out, self._comparison = runs, unpaired, out, comparison

    def folder(self) -> Path:
        """Return the folder; nothing is made yet."""
        from sim import workspace
        from sim.compare.csv_tables import comparison_folder

        comparison = self._comparison or _compared(self._runs, None, self._unpaired)
        return comparison_folder(comparison, workspace.results_root(self._out)) / "figures"


def _save(makers: Sequence[Maker], output: Path | None, language: Lang, place: _Place) -> None:
    """Write to the file asked for, or in every format to the folder of the comparison; print the paths."""
    from sim.report.figures import save, save_all

    for make in makers:
        for path in [save(make, output, language)] if output is not None else save_all(make, place.folder(), language):
            print(path)


def _compared(runs: tuple[Run, Run], at: int | None, unpaired: bool) -> Comparison:
    """Compare scenario and baseline."""
    from sim.compare import compare

    return compare(*runs, at=at, unpaired=unpaired)


def _pair(scenario: str, baseline: str, out: Path | None) -> tuple[Run, Run]:
    """Find scenario and baseline."""
    found, reference = find_runs([scenario], baseline, out)
    return found[0], reference
