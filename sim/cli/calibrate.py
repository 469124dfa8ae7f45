"""``countysim calibrate``: fit parameters to the reported figures."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import common

if TYPE_CHECKING:
    from sim.calibrate.fits import Settings

LEAST_STEPS = 200
"""Steps with which chains have at least left their start."""


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
