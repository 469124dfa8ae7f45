"""From baselines to units: trials of each, and an emulator for every figure they answer.

A trial is one replicate of a baseline with one vector of parameters and starting values, as far as the last figure the
fit asks for. Its seed is that of the replicate of the same number: randomness is never a parameter. A trial that fails
is a row too, with its error.

What one run makes too large another observable of that run is too, so figures printed as they are, and ratios known of
an industry, are joined in one normal density whose errors correlate as the emulators' residuals do
(``sim.calibrate.target``).
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import qmc

from sim import workspace
from sim.calibrate import algebra
from sim.calibrate.generators import design_generator
from sim.calibrate.polynomial import fit_emulator
from sim.calibrate.posterior import Pool, Unit
from sim.calibrate.questions import (
    Unused,
    firms_of_trial,
    load_terms,
    own_places,
    questions_of,
    set_from,
    truth_of_trial,
)
from sim.calibrate.space import Space, idle_inputs, space_of
from sim.errors import UserError
from sim.evidence import load_facts
from sim.experiments.identity import code_hash, digest_of
from sim.experiments.parameter_draws import current_identity
from sim.experiments.runner import run_rows
from sim.experiments.store import Row, read_file_of_rows, write_file_of_rows
from sim.experiments.tasks import Task, job_of, records
from sim.experiments.toolbox import standard_toolbox
from sim.rules.elementary import normal_quantiles
from sim.scenario.content_hash import scenario_hash
from sim.state import draws as keyed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats
    from sim.calibrate.fits import Settings
    from sim.calibrate.questions import Asked
    from sim.experiments.engine import Jobs
    from sim.experiments.progress import Progress
    from sim.scenario.resolved import Scenario
    from sim.state.record import ReplicateRecord

KEPT_TRIALS: Final = "trials"
"""Folder of ``calibration`` with rows of trials that fits were made from, so that they need not be run again."""
SAME_POINT: Final = 1e-9
"""Two mean scores that differ by less are those of one point."""
LEAST_SPREAD: Final = 1e-6
"""An answer that varies less between trials (transformed) is a term of the scenario, not something to learn from."""
MOST_FAILED: Final = 0.2
"""A baseline of which more trials fail than this share cannot be fitted."""
SHRUNK: Final = 0.95
"""What is left of a correlation when it is pulled towards nought (assumed)."""
GROWTH_OF_DEMAND: Final = ("demand.relative_growth", "demand.relative_growth_abroad")
LEAST_TOGETHER: Final = 20
"""Pairs with fewer trials in common count as uncorrelated."""


@dataclass(frozen=True)
class Baseline:
    """A baseline to be fitted: its scenario cut at the last figure, its space and what is asked of it."""

    id: str
    reference: str
    scenario: Scenario
    space: Space
    asked: tuple[Asked, ...]
    unused: tuple[Unused, ...]

    @property
    def industry(self) -> str:
        """Industry of its places, or "several"."""
        found = {place.industry for place in self.scenario.places}
        return found.pop() if len(found) == 1 else "several"


@dataclass(frozen=True)
class Trials:
    """What trials of a baseline gave: scores (trials, dimensions) and answers (trials, questions), plain units."""

    scores: Floats
    values: Floats
    errors: tuple[str, ...]

    def joined(self, other: Trials) -> Trials:
        """Return these trials and others of the same baseline."""
        scores = np.concatenate([self.scores, other.scores])
        return Trials(scores, np.concatenate([self.values, other.values]), self.errors + other.errors)

    def without(self, rows: NDArray[np.int64]) -> Trials:
        """Return these trials without some of them; rows beyond the last one are none."""
        kept = np.setdiff1d(np.arange(len(self.errors)), rows)
        return Trials(self.scores[kept], self.values[kept], tuple(self.errors[k] for k in kept))

    @property
    def failed(self) -> int:
        """Number of trials that failed."""
        return sum(bool(error) for error in self.errors)


@dataclass(frozen=True)
class Trial:
    """Inputs of one trial."""

    number: int
    scenario: Scenario
    point: Mapping[str, float]
    asked: tuple[Asked, ...]

    @property
    def nothing(self) -> Floats:
        """The answers of a trial that failed."""
        return np.full(len(self.asked), np.nan)


def record_of(scenario: Scenario, number: int, point: Mapping[str, float]) -> ReplicateRecord:
    """Simulate a scenario at one point of its space, with the random draws of replicate ``number``."""
    task, tools = Task(0, scenario, panel=True), standard_toolbox()
    seed = tools.replicate_seed(scenario.seed, number)
    ((_, record),) = records(job_of(tools, number, [task], number, point, seed))
    if isinstance(record, Exception):
        raise record
    return record


def run_trial(trial: Trial) -> Row:
    """Simulate one trial; an error in the simulation becomes the row's ``error``."""
    started = time.perf_counter()
    try:
        record = record_of(trial.scenario, trial.number, trial.point)
        truth = truth_of_trial(record, trial.scenario)
        firms = firms_of_trial(record)
        values = np.array([item.value(truth, firms) for item in trial.asked])
        error = ""
    except Exception as problem:
        values = trial.nothing
        error = " ".join(f"{type(problem).__name__}: {problem}".split())
    return Row(trial.number, values, error, time.perf_counter() - started)


def shortened(scenario: Scenario, scale: int, until: int) -> Scenario:
    """Return a scenario that ends at ``until``, with one simulated firm for every ``scale``."""
    last = min(until, scenario.time.end)
    span = replace(scenario.time, end=last, reported_until=min(scenario.time.reported_until, last))
    return replace(scenario, firms_per_agent=scale, time=span)


def baseline_of(scenario: Scenario, reference: str, scale: int, fitted_alone: frozenset[str]) -> Baseline:
    """Return a baseline ready for trials.

    Parameters
    ----------
    scenario
        As loaded.
    scale
        Firms that one simulated firm stands for in its trials.
    fitted_alone
        Places with a baseline of their own: a set leaves their figures to them.
    """
    places = own_places(scenario)
    unit = places[0] if places else scenario.places[0].id
    left = frozenset(fitted_alone if len(scenario.places) > 1 else ())
    mine = set(places) - left
    terms = load_terms()
    used = [fact for fact in load_facts() if fact.place in mine and fact.for_calibration and fact.id not in terms]
    months = [fact.period_end for fact in used]
    last = max([*months, scenario.time.start + 23])
    short = shortened(scenario, scale, last)
    space = space_of(scenario)
    probe = truth_of_trial(record_of(short, 0, {}), short)
    asked, unused = questions_of(short, probe, left)
    return Baseline(unit, reference, short, space, asked, unused)


def run_design(
    baseline: Baseline,
    scores: Floats,
    first: int,
    folder: Path,
    jobs: Jobs,
    progress: Progress | None,
    design: str = "",
) -> Trials:
    """Run trials at given scores, numbered from ``first``, in a folder named by all that can change them.

    ``design`` says in words where the scores come from, if rows may lie beside the fits (``kept_rows``).
    """
    values = baseline.space.values(scores)
    trials = [
        Trial(first + row, baseline.scenario, baseline.space.mapping(point), baseline.asked)
        for row, point in enumerate(values)
    ]
    name = f"{baseline.id}-{trials_hash(baseline, values, first)}"
    kept = kept_rows(baseline, design, scores, progress) if design else {}
    answers, errors = run_rows(folder / name, trials, run_trial, jobs, progress, kept)
    found = Trials(scores, answers, errors)
    if found.failed > MOST_FAILED * len(trials):
        first_error = next(error for error in errors if error)
        raise UserError(
            f"{found.failed} of {len(trials)} trials of {baseline.reference} failed; the first: {first_error}\n"
            f"     they are kept in {folder / name}"
        )
    return found


def kept_rows(baseline: Baseline, design: str, scores: Floats, progress: Progress | None = None) -> dict[int, Row]:
    """Return the rows of a design that lie beside the fits, by number; none where they were not kept.

    They belong to the law of the model, as fits do, and are found by their number in the design. So that a number never
    means another point, the mean score of each point lies with them and must be the same but for last digits.
    """
    for folder in workspace.folders("calibration"):
        path = folder / KEPT_TRIALS / kept_name(baseline, design)
        if not path.is_file():
            continue
        rows, sketch = read_file_of_rows(path)
        if sketch.shape == (len(scores),) and (np.abs(sketch - scores.mean(axis=1)) < SAME_POINT).all():
            return rows
        if progress is not None:
            progress.notice(f"{path.name}: kept trials of other points under the same numbers; they are run again")
    return {}


def keep_rows(folder: Path, baseline: Baseline, trials: Trials, settings: Settings, number: int) -> None:
    """Write the trials of a baseline so that ``kept_rows`` finds them: a file for each design.

    Parameters
    ----------
    folder
        Calibration folder.
    number
        Position of the baseline in the settings.
    """
    (folder / KEPT_TRIALS).mkdir(parents=True, exist_ok=True)
    first = settings.first[number]
    designs = first_design(settings, number), second_design(settings, number)
    for design, start, stop in zip(designs, (0, first), (first, len(trials.errors)), strict=True):
        if start < stop:
            rows = [Row(k, trials.values[k], trials.errors[k], 0.0) for k in range(start, stop)]
            sketch = trials.scores[start:stop].mean(axis=1)
            write_file_of_rows(folder / KEPT_TRIALS / kept_name(baseline, design), rows, sketch)


def first_design(settings: Settings, number: int) -> str:
    """Return in words where the first trials of a baseline are: spread over the prior."""
    return f"first {settings.first[number]} of the scrambled Sobol sequence, seed {settings.seed}"


def second_design(settings: Settings, number: int) -> str:
    """Return in words where the second trials of a baseline are: where the first ones leave likely."""
    chains = f"{settings.chains} chains of {settings.proof_steps} steps"
    return f"second {settings.second[number]} of {chains} after the {first_design(settings, number)}"


def kept_name(baseline: Baseline, design: str) -> str:
    """Return the name of the file with the rows of a design, its hash over what they depend on but the points."""
    parts = {**_dependence(baseline), "design": design}
    return f"{baseline.id}-{design.split()[0]}-{digest_of(parts, 10)}.npz"


def trials_hash(baseline: Baseline, values: Floats, first: int) -> str:
    """Return a hash of everything that can change the rows of a set of trials: points and program text too."""
    points = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
    return digest_of({**_dependence(baseline), "values": points, "first": first, "code": code_hash("reporting")}, 10)


def _dependence(baseline: Baseline) -> dict[str, object]:
    """Return what trials depend on; how figures bind is no part of it."""
    identity = current_identity(scenarios=(baseline.reference,))
    return {
        "scenario": scenario_hash(baseline.scenario),
        "scale": baseline.scenario.firms_per_agent,
        "seed": baseline.scenario.seed,
        "until": baseline.scenario.time.end,
        "model": identity.model_law,
        "evidence": identity.evidence,
        "priors": identity.priors,
        "asked": [item.id for item in baseline.asked],
        "names": baseline.space.names,
    }


def design_seed(settings: Settings, baseline: Baseline, what: str) -> int:
    """Return the seed of a design or a sampler, different for each baseline and purpose."""
    return keyed.key(settings.seed, f"calibration.{what}.{baseline.id}") >> 33


def residual_correlation(residuals: Floats) -> Floats:
    """Return the correlation of residuals between questions, shape (questions, questions), shrunk to no correlation.

    Parameters
    ----------
    residuals
        Shape (trials, questions); NaN where a trial has no number.

    Notes
    -----
    Each correlation is pulled towards 0 by a twentieth, and all by further twentieths until the matrix is positive
    definite (pairs have different trials in common, so it need not be); pairs with fewer than 20 trials in common, and
    questions that never vary, count as uncorrelated.
    """
    count = residuals.shape[1]
    found = np.eye(count)
    for a in range(count):
        for b in range(a):
            both = np.isfinite(residuals[:, a]) & np.isfinite(residuals[:, b])
            if both.sum() >= LEAST_TOGETHER:
                found[a, b] = found[b, a] = SHRUNK * algebra.correlation(residuals[both][:, [a, b]])[0, 1]
    while algebra.cholesky(found) is None:
        found = np.where(np.eye(count) == 1.0, 1.0, SHRUNK * found)
    return found


def unit_of(baseline: Baseline, trials: Trials) -> tuple[Unit, tuple[Unused, ...]]:
    """Return a unit with emulators fitted to its trials, and the figures that no trial moves or that set a term."""
    kept, fixed, emulators = [], [], []
    idle = idle_inputs(baseline.space, baseline.scenario)
    # Ratios and facts of firms, known of whole industries, say nothing of how fast demand for these goods grows.
    growing = frozenset(k for k, name in enumerate(baseline.space.names) if name in GROWTH_OF_DEMAND)
    for number, item in enumerate(baseline.asked):
        answers = item.measure.forward(trials.values[:, number])
        usable = np.isfinite(answers)
        if item.fact is not None and item.term:
            fixed.append(set_from(item.fact, item.term))
            continue
        if usable.sum() < 20 or np.nanstd(answers) < LEAST_SPREAD:
            if item.fact is not None:
                fixed.append(
                    Unused(item.fact, "the same in every trial: a term of the scenario", "各次试算均相同：属方案条款")
                )
            continue
        kept.append(item)
        emulators.append(fit_emulator(trials.scores, answers, idle | growing if item.measure.of_many else idle))
    residuals = np.stack([emulator.residuals for emulator in emulators], axis=1) if emulators else np.zeros((1, 0))
    unit = Unit(
        baseline.id,
        baseline.reference,
        baseline.industry,
        baseline.space,
        tuple(kept),
        tuple(emulators),
        residual_correlation(residuals),
    )
    return unit, tuple(fixed)


def sobol_scores(space: Space, count: int, seed: int) -> Floats:
    """Return scores of a scrambled Sobol design, shape (count, dimensions).

    Points that economics forbids (``Space.possible``) are left out and the sequence goes on, so the design is that of
    the prior under its conditions.

    Parameters
    ----------
    count
        Number of points; a power of two spreads them best.
    seed
        Of the scrambling.
    """
    engine = qmc.Sobol(space.size, scramble=True, rng=design_generator(seed))
    found: list[Floats] = []
    power = max(3, (count - 1).bit_length())
    while sum(len(part) for part in found) < count:
        power += len(found) > 1  # after every batch the sequence must stand at a power of two
        part = normal_quantiles(np.clip(engine.random_base2(power), 1e-9, 1.0 - 1e-9))
        found.append(part[space.possible(part)])
    return np.concatenate(found)[:count]


def trials_of(
    baseline: Baseline, settings: Settings, number: int, folder: Path, jobs: Jobs, progress: Progress | None
) -> Trials:
    """Return the trials of a baseline: first spread over the prior, then where the first ones leave likely."""
    first_count, second_count = settings.first[number], settings.second[number]
    scores = sobol_scores(baseline.space, first_count, design_seed(settings, baseline, "design"))
    first = run_design(baseline, scores, 0, folder, jobs, progress, first_design(settings, number))
    if second_count == 0:
        return first
    unit, _ = unit_of(baseline, first)
    seed = design_seed(settings, baseline, "second")
    chains = Pool((unit,)).sample(settings.chains, settings.proof_steps, -(-second_count // settings.chains), seed)
    likely = Pool((unit,)).scores(chains.flat, 0)[:second_count]
    design = second_design(settings, number)
    return first.joined(run_design(baseline, likely, first_count, folder, jobs, progress, design))
