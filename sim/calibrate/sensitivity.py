"""What drives the difference between two scenarios: everything uncertain varied at once, pair by pair.

A trial is a pair: baseline and scenario with the same inputs and the same luck. Its row keeps every observable of every
year, so that another variable or year needs no new trials. Rows live in a folder named by all that can change them; the
same command goes on where it was stopped, and more trials begin with the ones there are.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim import versions, workspace
from sim.calibrate.sensitivity_assumed import scaled, written_in
from sim.calibrate.sensitivity_inputs import Inputs, point_of
from sim.calibrate.sensitivity_result import usual_year
from sim.calibrate.sensitivity_study import Side, Study, StudySettings, write_settings
from sim.errors import UserError
from sim.experiments.aggregate import by_year, complete_years, over_places
from sim.experiments.engine import Jobs
from sim.experiments.identity import code_hash, digest_of, folder_name, layout_hash
from sim.experiments.parameter_draws import current_identity, fitted_draws
from sim.experiments.runner import run_rows
from sim.experiments.store import Row
from sim.experiments.tasks import Job, Task, describe_failure, job_of, records
from sim.experiments.toolbox import standard_toolbox
from sim.observables import INDEX, Observable, recorded
from sim.scenario.difference import diff
from sim.scenario.identity import plain, scenario_hash
from sim.state import draws as keyed
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sim.calibrate.sensitivity_inputs import Point
    from sim.experiments.progress import Progress
    from sim.scenario.dosing import Change
    from sim.scenario.loader import Loaded
    from sim.scenario.resolved import Scenario, World
    from sim.state.record import ReplicateRecord

    Floats = NDArray[np.float64]

WORLDS: Final = ("low", "central", "high")
FORMAT: Final = 1


@dataclass(frozen=True)
class Plan:
    """What is to be run; ``b`` is the scenario, ``a`` the baseline."""

    settings: StudySettings
    a: Scenario
    b: Scenario
    inputs: Inputs
    changes: tuple[Mapping[str, Sequence[Change]], Mapping[str, Sequence[Change]]]
    folder: Path


@dataclass(frozen=True)
class Pair:
    """Inputs of one trial.

    Attributes
    ----------
    sides
        Scenario, then baseline, in the world of the trial; each with the changes that count in it.
    """

    number: int
    point: int
    inputs: Point
    sides: tuple[tuple[Scenario, Mapping[str, Sequence[Change]]], ...]
    years: tuple[int, ...]

    @property
    def kept(self) -> tuple[Observable, ...]:
        """Observables told of both sides."""
        return recorded(policy.type for side, _ in self.sides for policy in side.policies)

    @property
    def nothing(self) -> Floats:
        """Values of the row of a pair that failed: its inputs alone."""
        told = np.full(2 * len(self.years) * len(self.kept), np.nan)
        return np.concatenate([self.inputs.coordinates, self.inputs.values, told])


def plan_study(
    scenario: str,
    baseline: str,
    at: int | None = None,
    scale: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    out: Path | None = None,
) -> tuple[Plan, int]:
    """Return what is to be run to explain the difference of two scenarios, and the year told; nothing is run.

    Parameters
    ----------
    scenario, baseline
        References.
    at
        Year; 2030, or the last one both simulate, when None.
    scale, seed
        In place of the scenarios' own.
    overrides
        Settings that count for both.

    Raises
    ------
    UserError
        When they cannot be paired, differ in nothing by that year, or do not hold it.
    """
    from sim.scenario.loader import load

    if scenario == baseline:
        raise UserError(f"{scenario} is the scenario and the baseline: name two that differ")
    b, a = (load(reference, overrides=overrides) for reference in (scenario, baseline))
    _require_alike(b, a, scale, seed)
    size = scale or a.scenario.firms_per_agent
    luck = a.scenario.seed if seed is None else seed
    worlds, world_note = _worlds(a.scenario, b.scenario)
    years = _years(a.scenario, b.scenario)
    year = _year(at, years, a.scenario, b.scenario)
    draws = fitted_draws(a)
    design = keyed.key(luck, "sensitivity.design") >> 1
    inputs = Inputs((a.scenario, b.scenario), draws, worlds, design)
    settings = StudySettings(
        scenario=_side(b, scenario),
        baseline=_side(a, baseline),
        overrides=tuple(overrides),
        places=tuple((place.id, place.name, place.name_zh) for place in a.scenario.places),
        policies={
            policy.id: (policy.type, policy.name, policy.name_zh)
            for side in (a.scenario, b.scenario)
            for policy in side.policies
        },
        calibration=draws.name if draws.rows else "",
        world_note=world_note,
        seed=luck,
        scale=size,
        years=years,
        inputs=inputs.listed,
        model_version=versions.MODEL_VERSION,
        version=versions.__version__,
    )
    ready_a, ready_b = (replace(side.scenario, firms_per_agent=size, seed=luck) for side in (a, b))
    changes = (written_in(baseline, overrides, a.scenario), written_in(scenario, overrides, b.scenario))
    digest = _digest(settings, ready_a, ready_b, worlds, draws.digest)
    name = f"{folder_name(b.scenario.id)}--vs--{folder_name(a.scenario.id)}--{digest}"
    return Plan(settings, ready_a, ready_b, inputs, changes, workspace.results_root(out) / "sensitivity" / name), year


def _side(loaded: Loaded, reference: str) -> Side:
    return Side(loaded.scenario.id, loaded.scenario.name, loaded.scenario.name_zh, reference)


def _require_alike(b: Loaded, a: Loaded, scale: int | None, seed: int | None) -> None:
    """Refuse two scenarios that cannot share inputs and luck."""
    one, two = b.scenario, a.scenario
    reasons = []
    if one.id == two.id:
        raise UserError(f"{one.id} is the scenario and the baseline: name two that differ")
    if [place.id for place in one.places] != [place.id for place in two.places]:
        names = "  and  ".join(_places(side) for side in (one, two))
        raise UserError(f"cannot compare {one.id} with {two.id}: they are about different places\n     {names}")
    if (b.calibration or "") != (a.calibration or ""):
        reasons.append(f"calibration: {a.calibration or 'none'} and {b.calibration or 'none'}")
    if seed is None and one.seed != two.seed:
        reasons.append(f"seed: {two.seed} and {one.seed}; one for both: --seed {two.seed}")
    if scale is None and one.firms_per_agent != two.firms_per_agent:
        both = f"{two.firms_per_agent} and {one.firms_per_agent}; one for both: --scale {two.firms_per_agent}"
        reasons.append(f"firms per agent: {both}")
    if one.time.start != two.time.start:
        reasons.append(f"first month: {month_text(two.time.start)} and {month_text(one.time.start)}")
    if reasons:
        listed = "\n".join(f"     {reason}" for reason in reasons)
        raise UserError(f"{two.id} and {one.id} cannot be tried pair by pair\n{listed}")


def _places(scenario: Scenario) -> str:
    shown = [place.id for place in scenario.places[:5]]
    return ", ".join(shown) + (f", ... ({len(scenario.places)})" if len(scenario.places) > len(shown) else "")


def _worlds(a: Scenario, b: Scenario) -> tuple[tuple[World, ...], str]:
    """Return the worlds to be tried, and why the world is left alone: ``different``, ``short`` or empty."""
    from sim.scenario.worlds import load_world

    if plain(a.world) != plain(b.world):
        return (), "different"
    worlds = [a.world if name == a.world.id else load_world(name) for name in WORLDS]
    last = max(a.time.end, b.time.end)
    usable = [
        world
        for world in worlds
        if world.first_month <= a.time.start and world.first_month + len(world.domestic_demand) > last
    ]
    if a.world.id not in WORLDS:
        usable.append(a.world)
    return (tuple(usable), "") if len(usable) > 1 else ((), "short")


def _years(a: Scenario, b: Scenario) -> tuple[int, ...]:
    found = [complete_years(side.time.start, side.time.months).tolist() for side in (a, b)]
    years = tuple(year for year in found[0] if year in found[1])
    if not years:
        raise UserError(f"{a.id} and {b.id}: no complete calendar year is simulated in both")
    return years


def _year(at: int | None, years: tuple[int, ...], a: Scenario, b: Scenario) -> int:
    """Return the year told, after checking that the two can differ in it."""
    year = usual_year(years) if at is None else at
    if year not in years:
        raise UserError(
            f"the year {year} is not simulated in both scenarios\n     both simulate the complete years "
            f"{years[0]} to {years[-1]}"
        )
    apart = diff(a, b)
    if apart.nothing_changes:
        raise UserError(f"{b.id} changes nothing in {a.id}: there is no difference to explain")
    alike = apart.identical_until
    if alike is not None and year * 12 + 11 <= alike:
        raise UserError(
            f"{b.id} and {a.id} are the same until {month_text(alike)}: nothing differs in {year}\n"
            f"     choose a later year: --at {usual_year(years)}"
        )
    return year


def _digest(settings: StudySettings, a: Scenario, b: Scenario, worlds: Sequence[World], draws: str) -> str:
    """Return a hash of everything that can change a row; figures and series are in the scenarios and the worlds."""
    identity = current_identity()
    parts = {
        "format": FORMAT,
        "scenarios": [scenario_hash(a), scenario_hash(b)],
        "worlds": [plain(world) for world in worlds],
        "draws": draws,
        "inputs": [asdict(item) for item in settings.inputs],
        "years": settings.years,
        "model": identity.model_law,
        "priors": identity.priors,
        "layout": layout_hash(),
        "code": code_hash(),
    }
    return digest_of(parts, 8)


# --- running -------------------------------------------------------------------------------------------------


def run_study(plan: Plan, trials: int, jobs: Jobs = None, progress: Progress | None = None) -> Study:
    """Run the trials of a study that are not there yet, and return the study with the first ``trials`` of them."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    write_settings(plan.folder, plan.settings)
    points = plan.inputs.points(1 + max(map(point_of, range(trials))))
    pairs = [_pair(plan, number, points[point_of(number)]) for number in range(trials)]
    values, errors = run_rows(plan.folder, pairs, run_pair, jobs, progress)
    return Study.of(plan.folder, plan.settings, np.arange(trials), values, errors)


def _pair(plan: Plan, number: int, inputs: Point) -> Pair:
    sides = [plan.b, plan.a]
    if inputs.world is not None:
        sides = [replace(side, world=plan.inputs.worlds[inputs.world]) for side in sides]
    changed = tuple(zip(sides, reversed(plan.changes), strict=True))
    return Pair(number, point_of(number), inputs, changed, plan.settings.years)


def run_pair(pair: Pair) -> Row:
    """Run one trial: coordinates and values of its inputs, then years and observables of scenario and baseline."""
    started = time.perf_counter()
    found: list[Floats] = []
    results = {task.target: result for task, result in records(_job(pair))}
    for number, (side, _) in enumerate(pair.sides):
        result = results[number]
        if isinstance(result, Exception):
            failure = describe_failure(result, None)
            month = f" in {month_text(failure.month)}" if failure.month is not None else ""
            error = f"{side.id}{month}: {failure.error} ({failure.where})"
            return Row(pair.number, pair.nothing, error, time.perf_counter() - started)
        own = recorded(policy.type for policy in side.policies)
        found.append(yearly(result, pair.years, own, pair.kept).ravel())
    values = np.concatenate([pair.inputs.coordinates, pair.inputs.values, *found])
    return Row(pair.number, values, "", time.perf_counter() - started)


def _job(pair: Pair) -> Job:
    """Return both sides of a trial with its inputs and its luck."""
    sides = [scaled(side, pair.inputs.factors, changes) for side, changes in pair.sides]
    tasks, seed = [Task(*side, panel=False) for side in enumerate(sides)], sides[0].seed
    tools = standard_toolbox()
    return job_of(tools, pair.point, tasks, pair.point, pair.inputs.given, tools.replicate_seed(seed, pair.number))


def yearly(
    record: ReplicateRecord, years: Sequence[int], own: Sequence[Observable], kept: Sequence[Observable]
) -> Floats:
    """Return the observables ``kept`` of all places together in each year, shape (years, observables).

    ``own`` are those of the record, in order; another is one of policies it has none of, and zero.
    """
    months = record.monthly.shape[0]
    held = complete_years(record.first_month, months).tolist()
    rows = [held.index(year) for year in years]
    output = record.monthly[:, :, INDEX["output_value"]]
    found: list[Any] = []
    for item in kept:
        values = record.monthly[:, :, own.index(item)] if item in own else np.zeros(output.shape)
        found.append(by_year(over_places(values, output, item), record.first_month, item)[rows])
    return np.stack(found, axis=1)
