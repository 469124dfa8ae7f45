"""``countysim plot``: draw finished runs. It simulates nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli import common
from sim.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.compare.comparison import Comparison
    from sim.experiments import Run
    from sim.report.figures.picture_files import Maker
    from sim.units import Language


def fan(
    variable: str, scenario: str, baseline: str, output: Path | None = None, at: int | None = None,
    unit: str | None = None, place: str | None = None, lang: common.Language = common.SYSTEM, unpaired: bool = False,
    out: Path | None = None,
) -> None:  # fmt: skip
    """Draw where a variable is heading, and by how much the scenario bends it."""
    from sim.report import figures
    from sim.report.figures.describe import known_variable

    known_variable(variable)
    runs = common.find_pair(scenario, baseline, out)
    make = partial(figures.fan, runs, variable, at=at, unit=unit, place=place, unpaired=unpaired)
    _save(make, output, lang, out, partial(_compared, runs, None, unpaired))


def diff(
    scenario: str, baseline: str, output: Path | None = None, at: int | None = None,
    lang: common.Language = common.SYSTEM, unpaired: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Draw the differences of all headline variables, in percent of the baseline."""
    from sim.report import figures

    runs = common.find_pair(scenario, baseline, out)
    comparison = _compared(runs, at, unpaired)
    _save(partial(figures.differences, runs, comparison=comparison), output, lang, out, lambda: comparison)


def value(
    scenarios: list[str], baseline: str, output: Path | None = None, at: int | None = None,
    lang: common.Language = common.SYSTEM, unpaired: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Draw what a million yuan goes with, and how much of the money changed anything."""
    from sim.compare import compare
    from sim.compare.build import chosen_years
    from sim.compare.runs import shared_years
    from sim.report import figures

    if baseline in scenarios:
        raise UserError(f"{baseline} is the baseline and one of the scenarios: name it once")
    found, reference = common.find_runs(scenarios, baseline, out)
    year, window = chosen_years(shared_years([*found, reference]), at, None)
    comparisons = [compare(run, reference, year, window, unpaired=unpaired) for run in found]
    _save(partial(figures.value_for_money, comparisons), output, lang, out, lambda: comparisons[0])


def timeline(
    baseline: str, scenario: str, output: Path | None = None, lang: common.Language = common.SYSTEM,
    unpaired: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Draw what is in force when and paid by whom: A above, B below."""
    from sim.report import figures

    runs = common.find_pair(scenario, baseline, out)
    make = partial(figures.timeline, runs, unpaired=unpaired)
    _save(make, output, lang, out, partial(_compared, runs, None, unpaired))


def funnel(
    fair: str, scenario: str, baseline: str, output: Path | None = None, year: int | None = None,
    lang: common.Language = common.SYSTEM, unpaired: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Draw where fair visitors get lost, from booths to repeat orders."""
    from sim.report import figures

    runs = common.find_pair(scenario, baseline, out)
    make = partial(figures.funnel, runs, fair=fair, year=year, unpaired=unpaired)
    _save(make, output, lang, out, partial(_compared, runs, None, unpaired))


def tornado(
    variable: str, scenario: str, baseline: str, output: Path | None = None, at: int | None = None,
    lang: common.Language = common.SYSTEM, out: Path | None = None,
) -> None:  # fmt: skip
    """Draw what drives the difference, from the pairs of countysim sensitivity."""
    from sim.report import figures
    from sim.report.figures.describe import known_variable
    from sim.sensitivity.result import explain
    from sim.sensitivity.study import find_study, usual_year

    item = known_variable(variable)
    study = find_study(scenario, baseline, out)
    result = explain(study, item.name, usual_year(study.settings.years) if at is None else at)
    make = partial(figures.tornado, result)
    folder = study.folder / f"{item.name}-{result.at}"
    for path in [figures.save(make, output, lang)] if output else figures.save_all(make, folder, lang):
        print(path)


def everything(
    scenario: str, baseline: str, folder: Path | None = None, at: int | None = None,
    lang: common.Language = common.SYSTEM, unpaired: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Draw every figure of two runs into one folder."""
    from sim.report import figures

    runs = common.find_pair(scenario, baseline, out)
    comparison = _compared(runs, at, unpaired)
    for path in figures.draw_all(*runs, folder or _folder(comparison, out), lang, comparison=comparison):
        print(path)


def _folder(comparison: Comparison, out: Path | None) -> Path:
    """Return ``figures/`` in the folder of the comparison, where figures go when no file is named."""
    from sim import workspace
    from sim.compare.csv_tables import comparison_folder

    return comparison_folder(comparison, workspace.results_root(out)) / "figures"


def _save(
    make: Maker, output: Path | None, lang: Language, out: Path | None, compared: Callable[[], Comparison]
) -> None:
    """Write to the file asked for, or in every format to the folder of the comparison; print the paths."""
    from sim.report.figures import save, save_all

    paths = save_all(make, _folder(compared(), out), lang) if output is None else [save(make, output, lang)]
    print(*paths, sep="\n")


def _compared(runs: tuple[Run, Run], at: int | None, unpaired: bool) -> Comparison:
    from sim.compare import compare

    return compare(*runs, at=at, unpaired=unpaired)
