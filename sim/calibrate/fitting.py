"""A fit from start to end: trials, emulators, posterior draws, checks, and what is written of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.calibrate.answering import all_baselines
from sim.calibrate.diagnosing import Fitted, diagnostics_of
from sim.calibrate.fits import Settings, evenly, rounded, write_fit
from sim.calibrate.generators import Draws
from sim.calibrate.left_out import joint_growth, left_out_one_by_one, left_out_place
from sim.calibrate.measurement import load_widths
from sim.calibrate.posterior import Pool
from sim.calibrate.questions import own_places
from sim.calibrate.ranking import rank_cases
from sim.calibrate.sampling import effective_size, r_hat
from sim.calibrate.serving import Service, service_of
from sim.calibrate.trials import (
    Baseline,
    Trials,
    baseline_of,
    design_seed,
    keep_rows,
    run_design,
    trials_of,
    unit_of,
)
from sim.errors import UserError
from sim.evidence import load_facts
from sim.experiments.engine import Jobs, do_each, launch_of
from sim.experiments.parameter_draws import SAFE_NAME, current_identity
from sim.experiments.progress import Progress
from sim.scenario.loader import load
from sim.scenario.priors import MOST_PLACES
from sim.state import draws as keyed
from sim.units import centre

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sim.calibrate.algebra import Floats
    from sim.calibrate.left_out import Prediction
    from sim.calibrate.ranking import Ranks
    from sim.calibrate.sampling import Chains
    from sim.scenario.resolved import Scenario

    Predictions = dict[str, Prediction]
    Proof = tuple[Predictions, Predictions | None, Ranks | None]

CHECKS: Final = 100
"""Posterior draws that the model itself is run with."""
KEPT: Final = 128
"""Draws kept of each chain for the diagnostics; the fit's own draws are taken from them."""

LEAST_FIRMS, LARGEST_SCALE = 500, 20
"""Trials of a place have some 500 simulated firms or more, and one of them stands for 20 at most."""
TRIALS: Final = (512, 128)
"""Trials, first and second, of one place. Figures leave most of the prior likely, so most trials are spread
over all of it."""
TRIALS_OF_SET: Final = (128, 32)
"""Of a large set, one of which takes as long as dozens of one place."""
TRIALS_WITHOUT: Final = (128, 32)
"""Of a place without a figure of its own."""
LARGE: Final = 100
"""Places from which on a set is large."""
STEPS: Final = 6000
STEPS_TOGETHER: Final = 12000
"""Steps of each chain: places fitted together tie more numbers to each other, and chains move more slowly."""


@dataclass(frozen=True)
class Effort:
    """How much is done beside the fit itself.

    Attributes
    ----------
    checks
        Posterior draws the model is run with at the trials' scale.
    full_checks
        The same one to one (0: not done), of single places with figures.
    cases
        Synthetic cases of recovery and ranks (0: not done), of places with figures.
    keep
        Whether the trials are kept beside the fits (``calibration/trials``).
    """

    checks: int = CHECKS
    full_checks: int = 0
    cases: int = 128
    keep: bool = False


def _trials(scenario: Scenario) -> tuple[int, int]:
    """Return the usual numbers of trials of a baseline, first and second."""
    places = own_places(scenario)
    if not any(fact.place in places and fact.for_calibration for fact in load_facts()):
        return TRIALS_WITHOUT
    return TRIALS_OF_SET if len(scenario.places) >= LARGE else TRIALS


def _scale(scenario: Scenario) -> int:
    """Return the firms that one simulated firm stands for in the trials of a place."""
    firms = math.fsum(centre(place.start.businesses) for place in scenario.places)
    return min(max(int(firms / LEAST_FIRMS), 1), LARGEST_SCALE)


def settings_for(
    chosen: Mapping[str, Scenario],
    identifier: str | None,
    first: int | None,
    second: int | None,
    scale: int | None,
    seed: int,
) -> list[Settings]:
    """Return the settings of fits of some baselines, together when they are several.

    Parameters
    ----------
    identifier
        Of the fit of one place; None for ``PLACE-own`` alone and ``PLACE-r1`` together.
    first, second, scale
        Trials and scale of every baseline; None for what suits it.
    """
    for text, number, least in (("--first", first, 64), ("--second", second, 0), ("--scale", scale, 1)):
        if number is not None and number < least:
            raise UserError(f"{text} {number}: must be {least} or more")
    if identifier is not None and not SAFE_NAME.fullmatch(identifier):
        raise UserError(f'--id "{identifier}": use small letters, digits and hyphens only')
    scenarios = tuple(chosen.values())
    several = [len(scenario.places) > MOST_PLACES for scenario in scenarios]
    counts = [_trials(scenario) for scenario in scenarios]
    together = len(scenarios) > 1
    return [
        Settings(
            id=identifier or f"{name}-{'r1' if together else 'own'}",
            scenario=scenario.id,
            scenarios=tuple(item.id for item in scenarios),
            scales=tuple(
                scale or (item.firms_per_agent if many else _scale(item))
                for item, many in zip(scenarios, several, strict=True)
            ),
            first=tuple(first or usual for usual, _ in counts),
            second=tuple(usual if second is None else second for _, usual in counts),
            seed=seed,
            steps=STEPS_TOGETHER if together else STEPS,
        )
        for name, scenario in chosen.items()
    ]


def fit_together(
    settings: Sequence[Settings],
    work: Path,
    out: Path,
    effort: Effort,
    jobs: Jobs = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Fit one baseline alone or several together, and write a fit for each.

    Parameters
    ----------
    settings
        One for each baseline; they differ in ``id`` and ``scenario`` alone.
    work
        Folder of trials; what is there is used again.
    out
        Folder that takes ``<id>/``; its trials, if they are kept, go into ``trials`` beside it.

    Returns
    -------
    list of Path
        Folders written.

    Raises
    ------
    UserError
        If a baseline cannot be loaded, or too many of its trials fail; after all others are written, if too many draws
        of one cannot serve their customers.
    """
    progress = progress or Progress()
    common = settings[0]
    alone = frozenset(_places_alone())
    fitted = [_prepare(common, number, alone, work, jobs, progress) for number in range(len(common.scenarios))]
    pool = Pool(tuple(item.unit for item in fitted))
    progress.notice(f"sampling {len(pool.sources)} numbers with {common.chains} chains of {common.steps} steps")
    keep = max(KEPT, -(-common.draws // common.chains))
    chains = pool.sample(common.chains, common.steps, keep, _seed(common, "posterior"))
    order = Draws(_seed(common, "order")).order(chains.flat.shape[0])
    sources = chains.flat[order]
    numbers = [common.scenarios.index(own.scenario) for own in settings]
    checks = [_checks(fitted[n], pool.scores(sources, n), work, effort, jobs, progress) for n in numbers]
    progress.notice("leaving figures and places out, and synthetic cases")
    tasks = [(own, pool, fitted[n], n, effort) for own, n in zip(settings, numbers, strict=True)]
    proofs = _in_processes(tasks, jobs)
    joint = joint_growth(pool, common, _seed(common, "growth"))
    if effort.keep:
        for number, one in enumerate(fitted):
            keep_rows(out.parent, one.baseline, one.trials, common, number)
    elsewhere = [ranks for *_, ranks in proofs if ranks is not None]
    written, refused = [], []
    for own, number, runs, (left_out, blind, ranks) in zip(settings, numbers, checks, proofs, strict=True):
        one, health = fitted[number], _health(pool, chains, number)
        service = service_of(one.baseline, one.trials, *runs)
        progress.notice(_told(one.baseline, service))
        if service.refused:
            refused.append(_told(one.baseline, service))
            continue
        served = np.delete(sources, service.starved, axis=0)
        checked, full = (None if found is None else found.without(service.starved) for found in runs)
        diagnostics = diagnostics_of(
            own, one, pool, number, served, checked, full, left_out, blind, ranks, elsewhere, joint, health
        )
        diagnostics["service"] = service.record()
        space = one.baseline.space
        values = evenly(rounded(space.values(pool.scores(served[: own.draws], number))))
        identity = current_identity(names=space.names, scenarios=own.scenarios)
        write_fit(out / own.id, replace(own, identity=identity), space.names, values, diagnostics)
        progress.notice(f"written: {out / own.id}")
        written.append(out / own.id)
    if refused:
        raise UserError("\n".join([*refused, "     refused: the start of a place must let it serve its customers"]))
    return written


def _told(baseline: Baseline, service: Service) -> str:
    """Say how many draws were discarded, and why."""
    if not service.checked.size:
        return f"{baseline.id}: no draw was checked for orders that nobody can deliver"
    return (
        f"{baseline.id}: {service.starved.size} of {service.checked.size} draws checked are discarded: makers deliver "
        f"less than {load_widths().service_least:.0%} of orders in the first year"
    )


def _seed(settings: Settings, what: str) -> int:
    return keyed.key(settings.seed, f"calibration.{what}") >> 33


def _prepare(
    settings: Settings, number: int, alone: frozenset[str], work: Path, jobs: Jobs, progress: Progress
) -> Fitted:
    reference = settings.scenarios[number]
    baseline = baseline_of(load(reference).scenario, reference, settings.scales[number], alone)
    if not any(item.binds and not item.condition for item in baseline.asked):
        raise UserError(f"{reference}: no reported figure and no known ratio binds it; there is nothing to fit")
    trials = trials_of(baseline, settings, number, work, jobs, progress)
    unit, fixed = unit_of(baseline, trials)
    return Fitted(baseline, trials, unit, (*baseline.unused, *fixed))


def _places_alone() -> list[str]:
    """Return the places that have a baseline of their own: a province leaves their figures to them."""
    return [scenario.places[0].id for scenario in all_baselines().values() if len(scenario.places) == 1]


def _checks(
    own: Fitted, scores: Floats, work: Path, effort: Effort, jobs: Jobs, progress: Progress
) -> tuple[Trials | None, Trials | None]:
    """Return what the model gives at posterior draws, at the trials' scale and, of places with figures, one to one."""
    progress.notice(f"{own.baseline.id}: checking with the model itself")
    checked = _check(own.baseline, scores[: effort.checks], work, jobs, progress)
    few = _figures(own) and len(own.baseline.scenario.places) <= MOST_PLACES
    if not (effort.full_checks and few and own.baseline.scenario.firms_per_agent > 1):
        return checked, None
    one = replace(own.baseline, scenario=replace(own.baseline.scenario, firms_per_agent=1))
    return checked, _check(one, scores[: effort.full_checks], work, jobs, progress)


def _figures(own: Fitted) -> bool:
    """Return whether any reported figure, and not only a ratio of the industry, is asked of a baseline."""
    return any(item.fact is not None for item in own.unit.asked)


def _in_processes(tasks: Sequence[tuple[Any, ...]], jobs: Jobs) -> list[Proof]:
    """Return the proofs of several units, in their order; the number of processes changes no bit."""
    # No unit has a limit: there is nothing a fit could do without one.
    launch = replace(launch_of(jobs), time_limit=None)
    found = {number: proof for (number, _), proof in do_each(_proofs, enumerate(tasks), launch)}
    return [found[number] for number in range(len(tasks))]


def _proofs(task: tuple[int, tuple[Settings, Pool, Fitted, int, Effort]]) -> Proof:
    """Return predictions without a figure, without a place, and the ranks of synthetic cases."""
    settings, pool, own, number, effort = task[1]
    left_out = left_out_one_by_one(pool, number, settings, design_seed(settings, own.baseline, "left out"))
    if not _figures(own):
        return left_out, None, None
    blind = left_out_place(pool, number, settings, _seed(settings, "blind")) if pool.together else None
    ranks = None
    if effort.cases:
        seed = design_seed(settings, own.baseline, "cases")
        first = settings.first[number]
        ranks = rank_cases(own.baseline, own.trials, first, effort.cases, 2 * settings.proof_steps, seed)
    return left_out, blind, ranks


def _check(baseline: Baseline, scores: Floats, work: Path, jobs: Jobs, progress: Progress) -> Trials | None:
    """Return what the model gives at posterior draws, each with the random draws of the replicate that will use it."""
    return run_design(baseline, scores, 0, work, jobs, progress) if len(scores) else None


def _health(pool: Pool, chains: Chains, number: int) -> dict[str, float]:
    """Return the largest R-hat and the smallest effective size over the scores of a unit that figures inform."""
    shape = chains.scores.shape
    scores = pool.scores(chains.flat, number).reshape(shape[0], shape[1], -1)
    active = sorted(pool.units[number].active)
    worst = max([r_hat(scores[:, :, k]) for k in active], default=1.0)
    least = min([effective_size(scores[:, :, k]) for k in active], default=float(shape[0] * shape[1]))
    return {"r_hat": float(worst), "effective": float(least)}
