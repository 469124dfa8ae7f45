"""``countysim plot``: draw finished runs. It simulates nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli import common
from sim.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.compare.comparison import Comparison
    from sim.experiments import Run


@dataclass(frozen=True)
class Options:
    """Options of every picture of runs."""

    lang: common.Language = common.SYSTEM
    unpaired: bool = False
    out: Path | None = None

    def folder(self, comparison: Comparison) -> Path:
        """Return ``figures/`` in the folder of the comparison, where figures go when no file is named."""
        from sim import workspace
        from sim.compare.csv_tables import comparison_folder

        return comparison_folder(comparison, workspace.results_root(self.out)) / "figures"

    def compared(self, runs: tuple[Run, Run], at: int | None = None) -> Comparison:
        """Return the comparison of B and A."""
        from sim.compare import compare

        return compare(*runs, at=at, unpaired=self.unpaired)


OPTIONS = Options()


def fan(
    variable: str, scenario: str, baseline: str, output: Path | None = None, at: int | None = None,
    unit: str | None = None, place: str | None = None, options: Options = OPTIONS,
) -> None:  # fmt: skip
    """Draw where a variable is heading, and by how much the scenario bends it."""
    from sim.report import figures
    from sim.report.figures.describe import known_variable

    known_variable(variable)
    runs = common.find_pair(scenario, baseline, options.out)
    make = partial(figures.fan, runs, variable, at=at, unit=unit, place=place, unpaired=options.unpaired)
    _save(make, output, options, runs)


def diff(
    scenario: str, baseline: str, output: Path | None = None, at: int | None = None, options: Options = OPTIONS
) -> None:
    """Draw the differences of all headline variables, in percent of the baseline."""
    from sim.report import figures

    runs = common.find_pair(scenario, baseline, options.out)
    comparison = options.compared(runs, at)
    _save(partial(figures.differences, runs, comparison=comparison), output, options, comparison)


def value(
    scenarios: list[str], baseline: str, output: Path | None = None, at: int | None = None, options: Options = OPTIONS
) -> None:
    """Draw what a million yuan goes with, and how much of the money changed anything."""
    from sim.compare import compare
    from sim.compare.build import chosen_years
    from sim.compare.runs import shared_years
    from sim.report import figures

    if baseline in scenarios:
        raise UserError(f"{baseline} is the baseline and one of the scenarios: name it once")
    found, reference = common.find_runs(scenarios, baseline, options.out)
    year, window = chosen_years(shared_years([*found, reference]), at, None)
    comparisons = [compare(run, reference, year, window, unpaired=options.unpaired) for run in found]
    _save(partial(figures.value_for_money, comparisons), output, options, comparisons[0])


def timeline(baseline: str, scenario: str, output: Path | None = None, options: Options = OPTIONS) -> None:
    """Draw what is in force when and paid by whom: A above, B below."""
    from sim.report import figures

    runs = common.find_pair(scenario, baseline, options.out)
    _save(partial(figures.timeline, runs, unpaired=options.unpaired), output, options, runs)


def funnel(
    fair: str, scenario: str, baseline: str, output: Path | None = None, year: int | None = None,
    options: Options = OPTIONS,
) -> None:  # fmt: skip
    """Draw where fair visitors get lost, from booths to repeat orders."""
    from sim.report import figures

    runs = common.find_pair(scenario, baseline, options.out)
    _save(partial(figures.funnel, runs, fair=fair, year=year, unpaired=options.unpaired), output, options, runs)


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
    print(*([figures.save(make, output, lang)] if output else figures.save_all(make, folder, lang)), sep="\n")


def everything(
    scenario: str, baseline: str, folder: Path | None = None, at: int | None = None, options: Options = OPTIONS
) -> None:
    """Draw every figure of two runs into one folder."""
    from sim.report import figures

    runs = common.find_pair(scenario, baseline, options.out)
    made = options.compared(runs, at)
    print(*figures.draw_all(*runs, folder or options.folder(made), options.lang, comparison=made), sep="\n")


def _save(
    make: Callable[..., Any], output: Path | None, options: Options, source: Comparison | tuple[Run, Run]
) -> None:
    """Write to the file asked for, or in every format to the folder of the comparison; print the paths."""
    from sim.report.figures import save, save_all

    if output is not None:
        print(save(make, output, options.lang))
        return
    comparison = options.compared(source) if isinstance(source, tuple) else source
    print(*save_all(make, options.folder(comparison), options.lang), sep="\n")
