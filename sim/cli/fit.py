"""``countysim fit``: the published figures against a finished run; it simulates nothing unless asked to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import common

if TYPE_CHECKING:
    from sim.experiments import Run
    from sim.units import Language

LEAST_DRAWS = 5
"""Draws of which at least four can be in a range."""


def fit(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="PLACE_RUN_OR_SCENARIO",
            help="Place or fit (yongnian, yongnian-r1), scenario (id, id:variant or file), or run id.",
        ),
    ],
    every: Annotated[
        bool, typer.Option("--all", help="Also how each figure was asked, and the figures not used with the reason.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: all values of all runs, in plain units.")
    ] = False,
    firms: Annotated[
        int | None,
        typer.Option(help="Of a place: first measure facts of firms on so many draws of its fit, and keep them."),
    ] = None,
    lang: common.LanguageOption = None,
    jobs: common.JobsOption = None,
    out: common.ResultsOption = None,
) -> None:
    """Show what was reported beside what a run or a fit gives, misses on top: look here before you trust a baseline.

    Of a place its fit is shown (countysim calibrate): bands before and after, how much each figure informs, which
    numbers no figure informs, pairs that trade off, and whether the method finds known numbers. Figures 6 and 10 are
    written to fit/ in the results folder. Facts of firms (how they close, grow and invest, docs/facts-of-firms.md)
    stand beside what is published of them, as they were measured on draws of the fit; --firms 12 measures them anew, in
    a minute or a few. Else nothing is simulated.

    Of a scenario or run, every published figure about a place of the run is asked of each simulated future in the
    figure's own count: the same months, the same firms, current prices, times the place's scope factor where the
    count covers more than the model does. docs/reporting.md says how.

    \b
    inside              the band of 90% of runs holds the figure
    on the right side   the figure is a bound ("over 42 billion") and the whole band lies where it says
    missed              the band lies elsewhere; compare the basis first: a figure may count other firms
    °                   the run starts from this figure, so that it is met in its own year by construction
    °°                  the range of a starting value was made from this figure: it is in the prior, not fitted

    Announced aims are no figures to be met: for them the share of runs that reach them by their date is given. With
    fewer than 20 runs there is no band and no verdict.

    \b
    Examples:
      countysim fit yongnian
      countysim fit yongnian-2023
      countysim fit yongnian-2023 --all --lang zh
    """  # noqa: D301  (\b keeps the lines of a list apart in the help)
    from sim.report.fit_table import fit_of

    language = common.chosen_language(lang)
    if firms is not None:
        _measure(reference, firms, jobs, out)
    if _show_posterior(reference, language, every=every, as_json=as_json, out=out):
        return
    run = _find(reference, out)
    found = fit_of(run)
    if as_json:
        from sim.report.fit_table import fit_record

        common.print_json(fit_record(found, run))
        return
    from sim.report.fit_table import fit_text

    print(fit_text(found, run, language, every=every, width=common.width()), end="")


def _show_posterior(reference: str, language: Language, *, every: bool, as_json: bool, out: Path | None) -> bool:
    """Print and draw the fit of a place, a set, or of this name; return False when it is none of these."""
    from sim.calibrate.fits import known_fits

    if reference not in {name for fit in known_fits() for name in (fit, fit.rsplit("-", 1)[0])}:
        return False
    from sim.report.posterior_table import posterior_of

    found = posterior_of(reference)
    if found is None:
        return False
    if as_json:
        from sim.report.posterior_table import facts_record

        common.print_json({**found.fit.diagnostics, "firm_facts": facts_record(found.fit)})
        return True
    from sim import workspace
    from sim.report.figures import save_all
    from sim.report.figures.fits import fit_forest, identify
    from sim.report.posterior_table import posterior_text

    folder = workspace.results_root(out) / "fit" / found.fit.id
    save_all(lambda shown: fit_forest(found, shown), folder, language)
    save_all(lambda shown: identify(found, shown), folder, language)
    text = posterior_text(found, language, every=every, width=common.width())
    print(f"{text}\n{'文件' if language == 'zh' else 'files'}  {folder}/")
    return True


def _measure(place: str, draws: int, jobs: int | None, out: Path | None) -> None:
    """Measure the facts of firms of a place on draws of its fit, and keep them beside it."""
    from sim.errors import UserError
    from sim.experiments import standard_progress
    from sim.validation.firm_facts import firms_baseline, keep, run_facts

    if draws < LEAST_DRAWS:
        raise UserError(f"--firms {draws}: {LEAST_DRAWS} draws or more are needed")
    common.one_thread()
    baseline = firms_baseline(place)
    with common.told_when_stopped("\nstopped. Finished draws are kept; run the same command to continue."):
        found = run_facts(baseline, draws, jobs, standard_progress(), out)
    for error in found.errors:
        common.say(f"left out: {error}")
    common.say(f"kept: {keep(found, baseline.draws.name)}")


def _find(reference: str, out: Path | None) -> Run:
    """Find the run; a place is told from a scenario."""
    from sim.errors import UserError
    from sim.experiments import find_run
    from sim.workspace import folders

    try:
        return find_run(reference, out)
    except UserError as error:
        places = {path.stem for folder in folders("scenarios") for path in folder.glob("places/*.toml")}
        scenarios = sorted(path.stem for folder in folders("scenarios") for path in folder.glob(f"{reference}-*.toml"))
        if reference not in places:
            raise
        hint = f"\n     its baseline against the figures: countysim fit {scenarios[0]}" if scenarios else ""
        problem = f"{reference} is a place without a fit; make one: countysim calibrate {reference}{hint}"
        raise UserError(problem) from error
