"""``countysim fit``: the published figures against a finished run; it simulates nothing unless asked to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli import common

if TYPE_CHECKING:
    from sim.experiments import Run
    from sim.units import Language

LEAST_DRAWS = 5
"""Draws of which at least four can be in a range."""


def fit(
    reference: str, every: bool = False, as_json: bool = False, firms: int | None = None,
    lang: common.Language = common.SYSTEM, jobs: int | None = None, out: Path | None = None,
) -> None:  # fmt: skip
    """Show what was reported beside what a run or a fit gives, misses on top: look here before you trust a baseline."""
    from sim.report.fit_table import fit_of

    if firms is not None:
        _measure(reference, firms, jobs, out)
    if _show_posterior(reference, lang, every=every, as_json=as_json, out=out):
        return
    run = _find(reference, out)
    found = fit_of(run)
    if as_json:
        from sim.report.fit_table import fit_record

        common.print_json(fit_record(found, run))
        return
    from sim.report.fit_table import fit_text

    print(fit_text(found, run, lang, every=every, width=common.width()), end="")


def _show_posterior(reference: str, lang: Language, *, every: bool, as_json: bool, out: Path | None) -> bool:
    """Print and draw the fit of a place, a set, or of this name; return False when it is none of these."""
    from sim.calibrate.fits import known_fits

    if reference not in {name for fit in known_fits() for name in (fit, fit.rsplit("-", 1)[0])}:
        return False
    from sim.report.posterior_table import posterior_of

    found = posterior_of(reference)
    if found is None:
        return False
    if as_json:
        from sim.report.firm_facts_table import facts_record

        common.print_json({**found.fit.diagnostics, "firm_facts": facts_record(found.fit)})
        return True
    from sim import workspace
    from sim.report.figures import save_all
    from sim.report.figures.fit_forest import fit_forest
    from sim.report.figures.identify import identify
    from sim.report.posterior_table import posterior_text

    folder = workspace.results_root(out) / "fit" / found.fit.id
    save_all(lambda shown: fit_forest(found, shown), folder, lang)
    save_all(lambda shown: identify(found, shown), folder, lang)
    text = posterior_text(found, lang, every=every, width=common.width())
    print(f"{text}\n{common.WORDS.say(lang, 'shared.files', folder=folder)}")
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
