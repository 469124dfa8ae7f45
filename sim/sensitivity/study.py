"""What drives the difference between two scenarios: everything uncertain varied at once, pair by pair.

A trial is a pair: baseline and scenario with the same inputs and the same random draws. Its row keeps every observable
of every year, so that another variable or year needs no new trials. Rows live in a folder named by all that can change
them; the same command goes on where it was stopped, and more trials begin with the ones there are.
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import TypeAdapter

from sim import versions, workspace
from sim.errors import UserError
from sim.experiments.aggregate import by_year, complete_years, over_places
from sim.experiments.engine import Jobs
from sim.experiments.identity import code_hash, digest_of, folder_name, layout_hash
from sim.experiments.parameter_draws import current_identity, fitted_draws
from sim.experiments.runner import run_rows
from sim.experiments.store import Row, read_rows
from sim.experiments.tasks import Job, Task, describe_failure, job_of, records
from sim.experiments.toolbox import standard_toolbox
from sim.observables import INDEX, Observable, recorded
from sim.scenario.content_hash import plain, scenario_hash
from sim.scenario.loader import load
from sim.scenario.scenario_diff import diff
from sim.scenario.worlds import load_world
from sim.sensitivity.assumed import scaled, written_in
from sim.sensitivity.varied import Input, Inputs, point_of
from sim.state import draws as keyed
from sim.units import month_text
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sim.calibrate.algebra import Floats, Integers
    from sim.experiments.progress import Progress
    from sim.scenario.fields import Change
    from sim.scenario.loader import Loaded
    from sim.scenario.resolved import Scenario, World
    from sim.sensitivity.varied import Point
    from sim.state.record import ReplicateRecord

WORLDS: Final = ("low", "central", "high")
FORMAT: Final = 1
SETTINGS: Final = "settings.json"
HORIZON: Final = 2030
"""Year told when none is asked for."""


@dataclass(frozen=True)
class Side:
    """Scenario or baseline of a study."""

    id: str
    name: str
    name_zh: str
    reference: str


@dataclass(frozen=True)
class StudySettings:
    """What a study was made from.

    Attributes
    ----------
    places
        Id, English and Chinese name of each.
    policies
        Type, English and Chinese name of each policy of either side, by id.
    calibration
        Fit whose draws were used; empty for none.
    world_note
        Why the world was left alone: ``different`` in the two, or no others reach as far (``short``); else empty.
    """

    scenario: Side
    baseline: Side
    overrides: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]
    policies: Mapping[str, tuple[str, str, str]]
    calibration: str
    world_note: str
    seed: int
    scale: int
    years: tuple[int, ...]
    inputs: tuple[Input, ...]
    model_version: int
    version: str

    @property
    def observables(self) -> tuple[Observable, ...]:
        """What is kept of both sides, in order."""
        return recorded(kind for kind, _, _ in self.policies.values())


@dataclass(frozen=True)
class Study:
    """Trials of a study that did not fail.

    Attributes
    ----------
    coordinates, values
        Inputs, shape (trials, inputs).
    b, a
        Observables of scenario and baseline, shape (trials, years, observables), plain units.
    points
        Number of the point each was run at.
    asked
        Trials there are, failed ones included.
    errors
        Of the failed ones.
    """

    folder: Path
    settings: StudySettings
    coordinates: Floats
    values: Floats
    b: Floats
    a: Floats
    points: Integers
    asked: int
    errors: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path, settings: StudySettings, numbers: Integers, rows: Floats, errors: Sequence[str]) -> Study:
        """Return a study from its rows (``sim.sensitivity.study.run_pair``)."""
        inputs, years = len(settings.inputs), len(settings.years)
        fine = np.array([not error for error in errors], dtype=bool)
        own = rows[fine]
        shape = (len(own), years, len(settings.observables))
        middle = 2 * inputs + years * len(settings.observables)
        return cls(
            folder=folder,
            settings=settings,
            coordinates=own[:, :inputs],
            values=own[:, inputs : 2 * inputs],
            b=own[:, 2 * inputs : middle].reshape(shape),
            a=own[:, middle:].reshape(shape),
            points=np.array([point_of(number) for number in numbers[fine].tolist()], dtype=np.int64),
            asked=len(rows),
            errors=tuple(error for error in errors if error),
        )


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
    if scenario == baseline:
        raise UserError(f"{scenario} is the scenario and the baseline: name two that differ")
    b, a = (load(reference, overrides=overrides) for reference in (scenario, baseline))
    _require_alike(b, a, scale, seed)
    size = scale or a.scenario.firms_per_agent
    chosen = a.scenario.seed if seed is None else seed
    worlds, world_note = _worlds(a.scenario, b.scenario)
    years = _years(a.scenario, b.scenario)
    year = _year(at, years, a.scenario, b.scenario)
    draws = fitted_draws(a)
    design = keyed.key(chosen, "sensitivity.design") >> 1
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
        seed=chosen,
        scale=size,
        years=years,
        inputs=inputs.listed,
        model_version=versions.MODEL_VERSION,
        version=versions.__version__,
    )
    ready_a, ready_b = (replace(side.scenario, firms_per_agent=size, seed=chosen) for side in (a, b))
    changes = (written_in(baseline, overrides, a.scenario), written_in(scenario, overrides, b.scenario))
    digest = _digest(settings, ready_a, ready_b, worlds, draws.digest)
    name = f"{folder_name(b.scenario.id)}--vs--{folder_name(a.scenario.id)}--{digest}"
    return Plan(settings, ready_a, ready_b, inputs, changes, workspace.results_root(out) / "sensitivity" / name), year


def _side(loaded: Loaded, reference: str) -> Side:
    return Side(loaded.scenario.id, loaded.scenario.name, loaded.scenario.name_zh, reference)


def _require_alike(b: Loaded, a: Loaded, scale: int | None, seed: int | None) -> None:
    """Refuse two scenarios that cannot share inputs and randomness."""
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
    if a.world_id != b.world_id or plain(a.world) != plain(b.world):
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


def usual_year(years: Sequence[int]) -> int:
    """Return the year told when none is asked for: 2030, or the last one when the years end before."""
    return min(HORIZON, years[-1])


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
    write_whole(plan.folder / SETTINGS, json.dumps(asdict(plan.settings), ensure_ascii=False, indent=1) + "\n")
    points = plan.inputs.points(1 + max(map(point_of, range(trials))))
    pairs = [_pair(plan, number, points[point_of(number)]) for number in range(trials)]
    values, errors = run_rows(plan.folder, pairs, run_pair, jobs, progress)
    return Study.of(plan.folder, plan.settings, np.arange(trials), values, errors)


def _pair(plan: Plan, number: int, inputs: Point) -> Pair:
    sides = [plan.b, plan.a]
    if inputs.world is not None:
        sides = [replace(side, world=plan.inputs.worlds[inputs.world], worlds=()) for side in sides]
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
    """Return both sides of a trial with its inputs and its random draws."""
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
    columns = {item.name: column for column, item in enumerate(own)}
    found: list[Any] = []
    for item in kept:
        values = record.monthly[:, :, columns[item.name]] if item.name in columns else np.zeros(output.shape)
        found.append(by_year(over_places(values, output, item), record.first_month, item)[rows])
    return np.stack(found, axis=1)


# --- on disk ---


def read_study(folder: Path) -> Study:
    """Return a study with all the rows its folder holds.

    Raises
    ------
    UserError
        When it is damaged or holds no rows.
    """
    settings = _read_settings(folder / SETTINGS)
    rows = read_rows(folder)
    if not rows:
        raise UserError(f"{folder}: no trial is finished\n     {command(settings)}")
    numbers = sorted(rows)
    sizes = {len(rows[number].values) for number in numbers}
    if sizes != {2 * len(settings.inputs) + 2 * len(settings.years) * len(settings.observables)}:
        raise UserError(f"{folder} was made by another version; run it again\n     {command(settings)}")
    values = np.stack([rows[number].values for number in numbers])
    return Study.of(folder, settings, np.array(numbers), values, [rows[number].error for number in numbers])


def command(settings: StudySettings) -> str:
    """Return the command that runs a study."""
    words = ["countysim", "sensitivity", settings.scenario.reference, settings.baseline.reference]
    words += ["--scale", str(settings.scale), "--seed", str(settings.seed)]
    for text in settings.overrides:
        words += ["--set", text]
    return shlex.join(words)


def _read_settings(path: Path) -> StudySettings:
    try:
        return TypeAdapter(StudySettings).validate_json(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise UserError(f"{path} is damaged; remove its folder and run the study again") from problem


def find_study(scenario: str, baseline: str, out: Path | None = None) -> Study:
    """Return the study of two scenarios that was worked on last.

    Parameters
    ----------
    scenario, baseline
        Ids; for a scenario file its id is looked up.

    Raises
    ------
    UserError
        When there is none; the message names the command that makes it.
    """
    one, two = (_id(reference) for reference in (scenario, baseline))
    root = workspace.results_root(out) / "sensitivity"
    prefix = f"{folder_name(one)}--vs--{folder_name(two)}--"
    found = [path for path in sorted(root.glob("*")) if path.name.startswith(prefix) and (path / SETTINGS).is_file()]
    found = [path for path in found if "--" not in path.name.removeprefix(prefix)]
    if not found:
        raise UserError(
            f"no study of {scenario} against {baseline} in {root}\n"
            f"     make it: countysim sensitivity {scenario} {baseline}"
        )
    return read_study(max(found, key=lambda path: (_touched(path), path.name)))


def _id(reference: str) -> str:
    return load(reference).scenario.id if ".toml" in reference else reference


def _touched(folder: Path) -> float:
    return max(path.stat().st_mtime for path in folder.glob("*") if path.is_file())
