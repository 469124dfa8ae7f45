"""Trials: the model run once at each point of a design, kept as rows so that an interrupted fit goes on.

A trial is one replicate of a baseline with one vector of parameters and starting values, as far as the last figure the
fit asks for. Its seed is that of the replicate of the same number: luck is never a parameter. A trial that fails is a
row too, with its error.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
import zipfile
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim.calibrate.questions import answers_of, truth_of_trial
from sim.errors import UserError
from sim.experiments.engine import Jobs, Lost, do, launch_of
from sim.experiments.identity import model_version
from sim.experiments.work import split_draw
from sim.parameters import load_parameters
from sim.scenario.realise import realise
from sim.state import draws
from sim.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sim.calibrate.questions import Asked
    from sim.scenario.resolved import Scenario
    from sim.state.record import ReplicateRecord

    Floats = NDArray[np.float64]

BLOCK = 32
"""Trials in one file."""


@dataclass(frozen=True)
class Trial:
    """Inputs of one trial; ``until`` is the last month number simulated."""

    number: int
    scenario: Scenario
    point: Mapping[str, float]
    asked: tuple[Asked, ...]
    until: int

    @property
    def nothing(self) -> Floats:
        """The answers of a trial that failed."""
        return np.full(len(self.asked), np.nan)


@dataclass(frozen=True)
class Row:
    """What became of a trial: one number a question (plain units), NaN when it failed; ``error`` says why."""

    number: int
    values: Floats
    error: str
    seconds: float


class Numbered(Protocol):
    """Anything that can be tried, with the number its row is kept under."""

    @property
    def number(self) -> int:
        """Number of the trial."""

    @property
    def nothing(self) -> Floats:
        """Values of the row of a trial that failed."""


class Listener(Protocol):
    """Is told of the progress of trials."""

    def begin(self, name: str, reused: int, todo: int) -> None:
        """Trials of one baseline begin."""

    def row(self, row: Row) -> None:
        """One trial is done."""

    def say(self, text: str) -> None:
        """Anything else a reader waits for."""


class Quiet:
    """Says nothing."""

    def begin(self, name: str, reused: int, todo: int) -> None:
        """Do nothing."""

    def row(self, row: Row) -> None:
        """Do nothing."""

    def say(self, text: str) -> None:
        """Do nothing."""


def record_of(scenario: Scenario, number: int, point: Mapping[str, float], until: int) -> ReplicateRecord:
    """Simulate a scenario at one point of its space, with the luck of replicate ``number``."""
    from sim.model import simulate

    drawn, given = split_draw(point)
    realised = realise(scenario, number, given)
    parameters = load_parameters({**drawn, **scenario.parameters})
    return simulate(realised, parameters, draws.replicate_seed(scenario.seed, number), until=until)


def run_trial(trial: Trial) -> Row:
    """Simulate one trial; an error in the simulation becomes the row's ``error``."""
    started = time.perf_counter()
    try:
        record = record_of(trial.scenario, trial.number, trial.point, trial.until)
        values = answers_of(trial.asked, truth_of_trial(record, trial.scenario))
        error = ""
    except Exception as problem:
        values = trial.nothing
        error = " ".join(f"{type(problem).__name__}: {problem}".split())
    return Row(trial.number, values, error, time.perf_counter() - started)


def run_trials(
    folder: Path,
    trials: Sequence[Trial],
    jobs: Jobs = None,
    listener: Listener | None = None,
    kept: Mapping[int, Row] | None = None,
) -> tuple[Floats, tuple[str, ...]]:
    """Run the trials that the folder does not hold yet, and return all of them.

    Parameters
    ----------
    folder
        Of these trials alone: its name must hold whatever can change a result (``fitting`` names it by a hash).
    jobs
        Worker processes, or how work is done (``sim.experiments.engine``).
    kept
        Rows that lie elsewhere, by number: they are not run again.

    Returns
    -------
    values, errors
        Shape (trials, questions), plain units, in the order of ``trials``; and an error a trial, "" without one.
    """
    return run_rows(folder, trials, run_trial, jobs, listener, kept)


def run_rows(
    folder: Path,
    trials: Sequence[Numbered],
    work: Callable[[Any], Row],
    jobs: Jobs = None,
    listener: Listener | None = None,
    kept: Mapping[int, Row] | None = None,
) -> tuple[Floats, tuple[str, ...]]:
    """Run trials of any kind as ``run_trials`` does; ``work`` turns one into its row and must be picklable."""
    listener = listener or Quiet()
    folder.mkdir(parents=True, exist_ok=True)
    known = {**(kept or {}), **read_rows(folder)}
    todo = [trial for trial in trials if trial.number not in known]
    listener.begin(folder.name, len(trials) - len(todo), len(todo))
    pending: list[Row] = []
    with contextlib.closing(_rows(todo, work, jobs)) as rows:
        try:
            for row in rows:
                pending.append(row)
                known[row.number] = row
                listener.row(row)
                if len(pending) >= BLOCK:
                    _write(folder, pending)
                    pending = []
        finally:
            if pending:
                _write(folder, pending)
    values = np.stack([known[trial.number].values for trial in trials])
    return values, tuple(known[trial.number].error for trial in trials)


def _rows(trials: Sequence[Numbered], work: Callable[[Any], Row], jobs: Jobs) -> Generator[Row]:
    """Yield the row of each trial; one that is late has that as its error, and an empty row."""
    waiting = deque(trials)
    with contextlib.closing(do(_Single(work), waiting, launch_of(jobs))) as results:
        for trial, row in results:
            if not isinstance(row, Lost):
                yield row
            elif row.late:
                yield Row(trial.number, trial.nothing, str(row), row.seconds)
            else:
                waiting.appendleft(trial)


@dataclass(frozen=True)
class _Single:
    """Work that has one result."""

    work: Callable[[Any], Row]

    def __call__(self, trial: Numbered) -> Iterator[Row]:
        yield self.work(trial)


def read_rows(folder: Path) -> dict[int, Row]:
    """Return the rows of a folder by number; a file that was cut short is named, not skipped."""
    found: dict[int, Row] = {}
    for path in sorted(folder.glob("rows-*.npz")):
        found.update(read_file_of_rows(path)[0])
    return found


def read_file_of_rows(path: Path) -> tuple[dict[int, Row], Floats]:
    """Return the rows of one file by number, and the mean score of each row's point (NaN: not kept).

    Raises
    ------
    UserError
        If the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as part:
            table = (part["number"].tolist(), part["values"], part["error"].tolist(), part["seconds"].tolist())
            sketch = part["mean_score"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as problem:
        raise UserError(f"{path} is damaged; remove it and run the same command again") from problem
    return {number: Row(number, *rest) for number, *rest in zip(*table, strict=True)}, sketch


def _write(folder: Path, rows: Sequence[Row]) -> None:
    """Write a block of rows of a folder."""
    ordered = sorted(rows, key=lambda row: row.number)
    write_file_of_rows(folder / f"rows-{ordered[0].number:06d}-{ordered[-1].number:06d}-{len(ordered)}.npz", ordered)


def write_file_of_rows(path: Path, ordered: Sequence[Row], mean_score: Floats | None = None) -> None:
    """Write rows, and the mean score of each one's point, under a temporary name, then rename: all or nothing."""
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(
            file,
            number=np.array([row.number for row in ordered], dtype=np.int64),
            values=np.stack([row.values for row in ordered]),
            error=np.array([row.error for row in ordered], dtype=np.str_),
            seconds=np.array([row.seconds for row in ordered]),
            mean_score=np.full(len(ordered), np.nan) if mean_score is None else mean_score,
            model_version=np.array(model_version()),
        )


def shortened(scenario: Scenario, scale: int, until: int) -> Scenario:
    """Return a scenario that ends at ``until``, with one simulated firm for every ``scale``."""
    last = min(until, scenario.time.end)
    span = dataclasses.replace(scenario.time, end=last, reported_until=min(scenario.time.reported_until, last))
    return dataclasses.replace(scenario, firms_per_agent=scale, time=span)
