"""``countysim calibrate``, ``fit`` and ``validate``: the model and the published figures."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import common
from sim.errors import UserError

if TYPE_CHECKING:
    from sim.calibrate.fits import Settings
    from sim.experiments import Run
    from sim.units import Language
    from sim.validation.skill import Scorecard

LEAST_STEPS = 200
"""Steps with which chains have at least left their start."""
LEAST_DRAWS = 5
"""Draws of which at least four can be in a range."""


def calibrate(
    places: list[str] | None = None, settings: Path | None = None, identifier: str | None = None,
    first: int | None = None, second: int | None = None, scale: int | None = None, steps: int | None = None,
    seed: int = 1, checks: int = 100, full: int = 20, cases: int = 128, keep: bool = False,
    launching: common.Launching = common.LAUNCHING, replace_fit: bool = False, out: Path | None = None,
    fits: Path | None = None,
) -> None:  # fmt: skip
    """Fit the uncertain parameters and starting values of places to the figures reported of them."""
    from sim import workspace
    from sim.calibrate.fitting import Effort, fit_together
    from sim.experiments import standard_progress

    common.one_thread()
    launch = launching.launch()
    for text, number, least in (("--checks", checks, 0), ("--full", full, 0), ("--cases", cases, 0)):
        if number < least:
            raise UserError(f"{text} {number}: must be {least} or more")
    wanted = _wanted(places, settings, identifier, first, second, scale, seed, steps)
    target = fits or (workspace.root() or Path.cwd()) / "calibration" / "fits"
    there = [item.id for item in wanted if (target / item.id).exists()]
    if there and not replace_fit and settings is None:
        raise UserError(f"{', '.join(there)} is there already in {target}\n     to write over it: --replace; or --id")
    if there and not replace_fit:
        raise UserError(f"{', '.join(there)} is there already in {target}\n     another folder: --fits; or --replace")
    work = workspace.results_root(out) / "calibration"
    started = time.monotonic()
    with common.told_when_stopped("\nstopped. Finished trials are kept; run the same command to continue."):
        written = fit_together(wanted, work, target, Effort(checks, full, cases, keep), launch, standard_progress())
    minutes = (time.monotonic() - started) / 60.0
    typer.echo(f"{len(written)} fit{'s' * (len(written) != 1)} in {minutes:.0f} min")
    for folder in written:
        typer.echo(f"  {folder}   look at it: countysim fit {folder.name}")


def _wanted(
    places: list[str] | None,
    settings: Path | None,
    identifier: str | None,
    first: int | None,
    second: int | None,
    scale: int | None,
    seed: int,
    steps: int | None,
) -> list[Settings]:
    """Return the settings of the fits asked for."""
    from sim.calibrate.answering import all_baselines
    from sim.calibrate.fits import read_settings
    from sim.calibrate.fitting import settings_for

    if settings is not None:
        if places:
            raise UserError("--settings repeats a fit as it was; name no place beside it")
        return [replace(read_settings(settings), identity=None)]
    if not places:
        raise UserError("name a place, or all: countysim calibrate yongnian\n     places: countysim list")
    known = all_baselines()
    together = places == ["all"]
    chosen = list(known) if together else list(dict.fromkeys(places))
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise UserError(f"no baseline for {', '.join(unknown)}\n     places with one: {', '.join(known)}, all")
    if identifier is not None and len(chosen) > 1:
        raise UserError("--id names the fit of one place")
    found = settings_for({name: known[name] for name in chosen}, identifier, first, second, scale, seed)
    if steps is None:
        return found
    if steps < LEAST_STEPS:
        raise UserError(f"--steps {steps}: must be {LEAST_STEPS} or more")
    return [replace(item, steps=steps, proof_steps=max(LEAST_STEPS, steps // 3)) for item in found]


# --- fit ---


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
        from sim.report.posterior_table import facts_record

        common.print_json({**found.fit.diagnostics, "firm_facts": facts_record(found.fit)})
        return True
    from sim import workspace
    from sim.report.figures import save_all
    from sim.report.figures.fits import fit_forest, identify
    from sim.report.posterior_table import posterior_text

    folder = workspace.results_root(out) / "fit" / found.fit.id
    save_all(lambda shown: fit_forest(found, shown), folder, lang)
    save_all(lambda shown: identify(found, shown), folder, lang)
    text = posterior_text(found, lang, every=every, width=common.width())
    print(f"{text}\n{common.WORDS.say(lang, 'shared.files', folder=folder)}")
    return True


def _measure(place: str, draws: int, jobs: int | None, out: Path | None) -> None:
    """Measure the facts of firms of a place on draws of its fit, and keep them beside it."""
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


# --- validate ---


def validate(
    places: list[str] | None = None, facts: Path | None = None, replicates: int | None = None,
    scale: int | None = None, launching: common.Launching = common.LAUNCHING, lang: common.Language = common.SYSTEM,
    as_json: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Score the model on figures it did not see, beside naive rivals: last value, trend, national growth."""
    common.one_thread()
    from sim.experiments import standard_progress
    from sim.report.scorecard import scorecard_record, scorecard_text
    from sim.validation.held_out import score_left_out
    from sim.validation.unseen import score_file

    if facts is None:
        _refuse_run_options(replicates, scale, launching)
        card = score_left_out(places or [])
    else:
        how = launching.request(replicates, scale, out)
        with common.told_when_stopped("stopped"):
            card = score_file(facts, places or [], how, standard_progress)
    folder = save(card, lang, out)
    if as_json:
        common.print_json(scorecard_record(card))
    else:
        files = f"{folder}/scorecard.html  scorecard.csv"
        print(scorecard_text(card, lang, width=common.width(), files=files), end="")
    if any(origin.failed for origin in card.origins):
        raise typer.Exit(1)


def _refuse_run_options(replicates: int | None, scale: int | None, launching: common.Launching) -> None:
    """Raise ``UserError`` for options that would do nothing."""
    options = {"-n": replicates, "--scale": scale, "--jobs": launching.jobs, "--scheduler": launching.scheduler}
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise UserError(f"{', '.join(given)}: only with --facts FILE; without it nothing is simulated")


def save(card: Scorecard, lang: Language, out: Path | None) -> Path:
    """Write ``scorecard.html`` and ``scorecard.csv`` to ``validate/<hash>`` in the results; return the folder."""
    from sim import workspace
    from sim.report.scorecard import scorecard_csv, scorecard_page
    from sim.whole import write_whole

    folder = workspace.results_root(out) / "validate" / card.digest
    for name, text in (("scorecard.html", scorecard_page(card, lang)), ("scorecard.csv", scorecard_csv(card))):
        write_whole(folder / name, text, "choose another --out")
    return folder
