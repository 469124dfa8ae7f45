"""A fit from start to end: trials, emulators, posterior draws, checks, and what is written of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sim import draws as keyed
from sim.calibrate.chance import generator
from sim.calibrate.diagnosing import diagnostics_of
from sim.calibrate.fits import Settings, rounded, write_fit
from sim.calibrate.leaving import left_out_alone, unit_left_out
from sim.calibrate.posterior import Pool
from sim.calibrate.ranking import rank_cases
from sim.calibrate.sampling import effective_size, r_hat
from sim.calibrate.space import MOST_PLACES
from sim.calibrate.trials import Quiet
from sim.calibrate.units import Baseline, Trials, baseline_of, design_seed, run_design, trials_of, unit_of
from sim.ensemble.fit_identity import current_identity
from sim.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from sim.calibrate.posterior import Unit
    from sim.calibrate.questions import Unused
    from sim.calibrate.sampling import Chains
    from sim.calibrate.trials import Listener

    Floats = NDArray[np.float64]

CHECKS: Final = 100
"""Posterior draws that the model itself is run with."""
KEPT: Final = 128
"""Draws kept of each chain for the diagnostics; the fit's own draws are taken from them."""


@dataclass(frozen=True)
class Fitted:
    """A baseline with its trials, its unit and the figures it does not use."""

    baseline: Baseline
    trials: Trials
    unit: Unit
    unused: tuple[Unused, ...]


@dataclass(frozen=True)
class Effort:
    """How much is done beside the fit itself.

    Attributes
    ----------
    checks
        Posterior draws the model is run with at the trials' scale.
    full_checks
        The same one to one (0: not done), of single places.
    cases
        Synthetic cases of recovery and ranks (0: not done), of places with figures.
    """

    checks: int = CHECKS
    full_checks: int = 0
    cases: int = 128


def fit_together(
    settings: Sequence[Settings],
    work: Path,
    out: Path,
    effort: Effort,
    jobs: int | None = None,
    listener: Listener | None = None,
) -> list[Path]:
    """Fit one baseline alone or several together, and write a fit for each.

    Parameters
    ----------
    settings
        One for each baseline; they differ in ``id`` and ``scenario`` alone.
    work
        Folder of trials; what is there is used again.
    out
        Folder that takes ``<id>/``.

    Returns
    -------
    list of Path
        Folders written.

    Raises
    ------
    UserError
        If a baseline cannot be loaded, or too many of its trials fail.
    """
    listener = listener or Quiet()
    common = settings[0]
    identity = current_identity()
    fitted = [_prepare(common, number, work, jobs, listener) for number in range(len(common.scenarios))]
    pool = Pool(tuple(item.unit for item in fitted))
    listener.say(f"sampling {len(pool.sources)} numbers with {common.chains} chains of {common.steps} steps")
    keep = max(KEPT, -(-common.draws // common.chains))
    chains = pool.sample(common.chains, common.steps, keep, _seed(common, "posterior"))
    order = generator(_seed(common, "order")).permutation(chains.flat.shape[0])
    sources = chains.flat[order]
    written = []
    for own in settings:
        number = common.scenarios.index(own.scenario)
        found = _finish(own, pool, fitted, number, chains, sources, work, effort, jobs, listener)
        names, values, diagnostics = found
        write_fit(out / own.id, replace(own, identity=identity), names, values, diagnostics)
        listener.say(f"written: {out / own.id}")
        written.append(out / own.id)
    return written


def _seed(settings: Settings, what: str) -> int:
    return keyed.key(settings.seed, f"calibration.{what}") >> 33


def _prepare(settings: Settings, number: int, work: Path, jobs: int | None, listener: Listener) -> Fitted:
    from sim.scenario.loader import load

    reference = settings.scenarios[number]
    alone = frozenset(_places_alone(settings.scenarios))
    baseline = baseline_of(load(reference).scenario, reference, settings.scales[number], alone)
    if not baseline.asked:
        raise UserError(f"{reference}: no reported figure and no known ratio binds it; there is nothing to fit")
    trials = trials_of(baseline, settings, number, work, jobs, listener)
    unit, fixed = unit_of(baseline, trials)
    return Fitted(baseline, trials, unit, (*baseline.unused, *fixed))


def _places_alone(references: Sequence[str]) -> list[str]:
    """Return the places that have a baseline of their own among those fitted, and in the library."""
    from sim.scenario.loader import load

    scenarios = (load(reference).scenario for reference in references)
    return [scenario.places[0].id for scenario in scenarios if len(scenario.places) == 1]


def _finish(
    settings: Settings,
    pool: Pool,
    fitted: Sequence[Fitted],
    number: int,
    chains: Chains,
    sources: Floats,
    work: Path,
    effort: Effort,
    jobs: int | None,
    listener: Listener,
) -> tuple[tuple[str, ...], Floats, dict[str, Any]]:
    """Return names, draws and diagnostics of one baseline."""
    own = fitted[number]
    scores = pool.scores(sources, number)
    values = rounded(own.baseline.space.values(scores[: settings.draws]))
    listener.say(f"{own.baseline.id}: checking with the model itself")
    checked = _check(own.baseline, scores[: effort.checks], settings, work, jobs, listener)
    full, figures = None, any(item.fact is not None for item in own.unit.asked)
    few = len(own.baseline.scenario.places) <= MOST_PLACES
    if effort.full_checks and figures and few and own.baseline.scenario.firms_per_agent > 1:
        one = replace(own.baseline, scenario=replace(own.baseline.scenario, firms_per_agent=1))
        full = _check(one, scores[: effort.full_checks], settings, work, jobs, listener)
    listener.say(f"{own.baseline.id}: leaving figures out")
    left_out = left_out_alone(own.unit, settings, design_seed(settings, own.baseline, "left out"))
    blind = unit_left_out(pool, number, settings, _seed(settings, "blind")) if pool.together else None
    ranks = None
    if effort.cases and figures:
        listener.say(f"{own.baseline.id}: {effort.cases} synthetic cases")
        seed = design_seed(settings, own.baseline, "cases")
        ranks = rank_cases(own.baseline, own.trials, settings.first[number], effort.cases, settings.steps // 3, seed)
    diagnostics = diagnostics_of(
        settings, own, pool, number, scores, checked, full, left_out, blind, ranks, _health(pool, chains, number)
    )
    return own.baseline.space.names, values, diagnostics


def _check(
    baseline: Baseline, scores: Floats, settings: Settings, work: Path, jobs: int | None, listener: Listener
) -> Trials | None:
    """Return what the model gives at posterior draws, each with the luck of the replicate that will use it."""
    return run_design(baseline, scores, 0, work, jobs, listener) if len(scores) else None


def _health(pool: Pool, chains: Chains, number: int) -> dict[str, float]:
    """Return the largest R-hat and the smallest effective size over the scores of a unit that figures inform."""
    shape = chains.scores.shape
    scores = pool.scores(chains.flat, number).reshape(shape[0], shape[1], -1)
    active = sorted(pool.units[number].active)
    worst = max([r_hat(scores[:, :, k]) for k in active], default=1.0)
    least = min([effective_size(scores[:, :, k]) for k in active], default=float(shape[0] * shape[1]))
    return {"r_hat": float(worst), "effective": float(least)}
