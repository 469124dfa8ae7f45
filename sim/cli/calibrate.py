"""``countysim calibrate``: fit parameters to the reported figures."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import common

if TYPE_CHECKING:
    from sim.calibrate.fits import Settings

LEAST_STEPS = 200
"""Steps with which chains have at least left their start."""


def calibrate(
    places: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PLACE ...|all]", help="Places or sets with a baseline, or all of them together."),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="Repeat a fit from its settings.toml, to the bit.", show_default=False)
    ] = None,
    identifier: Annotated[
        str | None, typer.Option("--id", help="Name of the fit of a single place; default: PLACE-own.")
    ] = None,
    first: Annotated[
        int | None, typer.Option(help="Trials spread over the prior; default 512 (128 of a large set).")
    ] = None,
    second: Annotated[
        int | None, typer.Option(help="Trials where those leave likely; default 128 (32 of a large set).")
    ] = None,
    scale: Annotated[
        int | None, typer.Option(help="Firms that one simulated firm stands for in trials; default 20 (sets: own).")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Steps of each chain of the sampler; default 6000 (12000 of places together).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of designs and sampler; never that of a replicate.")] = 1,
    checks: Annotated[int, typer.Option(help="Posterior draws the model is run with at the trials' scale.")] = 100,
    full: Annotated[int, typer.Option(help="The same one to one; 0 leaves it out.")] = 20,
    cases: Annotated[int, typer.Option(help="Synthetic cases that test the method; 0 leaves them out.")] = 128,
    keep: Annotated[
        bool, typer.Option("--keep-trials", help="Keep the trials beside the fits, so that a fit is soon repeated.")
    ] = False,
    launching: common.Launching = common.LAUNCHING,
    replace_fit: Annotated[bool, typer.Option("--replace", help="Write over a fit of this name.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for trials; default: results.")] = None,
    fits: Annotated[
        Path | None, typer.Option(help="Folder for the fit; default: calibration/fits of this workspace.")
    ] = None,
) -> None:
    """Fit the uncertain parameters and starting values of places to the figures reported of them.

    Trials of the baseline are run all over the prior, then where the figures leave it likely. A polynomial stands in
    for the model, and draws from the posterior are written to calibration/fits/<id>/ with settings and diagnostics. A
    scenario uses them with the line  calibration = "<id>"; replicate i takes draw i. What no figure says stays as wide
    as the prior. Trials are kept: after Ctrl-C the same command continues. Read the result: countysim fit PLACE.

    \b
    Examples:
      countysim calibrate yongnian                   one place alone, about ten minutes on two cores
      countysim calibrate all --replace              all places together: what they share is informed by all
      countysim calibrate --settings calibration/fits/yongnian-r1/settings.toml --fits /tmp/again
    """  # noqa: D301  (\b keeps the lines of a list apart in the help)
    from sim import workspace
    from sim.calibrate.fitting import Effort, fit_together
    from sim.errors import UserError
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
    from sim.errors import UserError

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
