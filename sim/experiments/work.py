"""One replicate of scenarios with a common past, from inputs to files: what a worker does."""

from __future__ import annotations

import os
import signal
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UserError
from sim.experiments.archive import arrays_of, write_replicate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sim.scenario.resolved import Scenario
    from sim.state.record import ReplicateRecord


RANGES = ("place.", "policy.")
"""How the paths of places' starting values and of policies' ranges begin; all else in a draw is a parameter."""


class CannotSaveError(UserError):
    """A finished replicate could not be written."""


@dataclass(frozen=True)
class Task:
    """One replicate of one scenario of a job.

    Attributes
    ----------
    target
        Position of the scenario in the command.
    saved_as
        File the record goes to, if any.
    """

    target: int
    scenario: Scenario
    panel: bool
    saved_as: Path | None = None


@dataclass(frozen=True)
class Job:
    """Inputs of one replicate of scenarios that have a past in common.

    Attributes
    ----------
    draw, draw_values
        Number and values of the parameter draw.
    seed
        Seed of the replicate.
    realise, load_parameters, simulate
        As in ``Toolbox``.
    """

    replicate: int
    tasks: tuple[Task, ...]
    draw: int
    draw_values: Mapping[str, float]
    seed: int
    realise: Callable[..., Scenario]
    load_parameters: Callable[..., Any]
    simulate: Callable[..., Iterator[tuple[int, ReplicateRecord | Exception]]]


@dataclass(frozen=True)
class Failure:
    """Why a replicate stopped; ``month`` is a month number, None before the first month."""

    month: int | None
    error: str
    where: str
    trace: str


@dataclass(frozen=True)
class Outcome:
    """What became of a task; ``failure`` is None when its record is saved."""

    target: int
    replicate: int
    seconds: float
    failure: Failure | None = None


def records(
    job: Job, *, until: int | None = None, on_month: Callable[[int], None] | None = None
) -> Iterator[tuple[Task, ReplicateRecord | Exception]]:
    """Simulate a job and yield each task's record, or its error; nothing is saved.

    A parameter set by the scenario beats the draw.
    """
    drawn, given = split_draw(job.draw_values)
    ready: list[tuple[Task, tuple[Scenario, Any]]] = []
    for task in job.tasks:
        try:
            scenario = job.realise(task.scenario, job.replicate, **({"given": given} if given else {}))
            ready.append((task, (scenario, job.load_parameters({**drawn, **scenario.parameters}))))
        except Exception as error:
            yield task, error
    runs, panels = [run for _, run in ready], [task.panel for task, _ in ready]
    for number, result in job.simulate(runs, job.seed, panels=panels, until=until, on_month=on_month):
        yield ready[number][0], result


def split_draw(draw: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the parameters of a draw by dotted name, and what it gives places and policies, by path."""
    ranges = {name: value for name, value in draw.items() if name.startswith(RANGES)}
    return {name: value for name, value in draw.items() if name not in ranges}, ranges


def run_job(job: Job, parent: int | None = None) -> Iterator[Outcome]:
    """Simulate a job, save each record as it comes and yield its outcome; an error in a simulation is a ``Failure``.

    Parameters
    ----------
    parent
        In a worker, the number of the process it works for: an interrupt from the keyboard is left to it, and when
        it is gone the worker ends.

    Raises
    ------
    CannotSaveError
        If a record cannot be written (a full disk).
    """
    if parent is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    started = time.perf_counter()
    reached: int | None = None

    def on_month(month: int) -> None:
        nonlocal reached
        if parent is not None and os.getppid() != parent:
            os._exit(1)  # an orphan: nobody would take its result
        reached = month

    for task, result in records(job, on_month=on_month):
        failure = None
        if isinstance(result, Exception):
            failure = describe_failure(result, reached)
        elif task.saved_as is not None:
            try:
                write_replicate(task.saved_as, job.replicate, arrays_of(result, job.draw, job.seed))
            except OSError as error:
                raise CannotSaveError(
                    f"cannot save replicate {job.replicate} in {task.saved_as.parent}: {error.strerror}"
                ) from error
        yield Outcome(task.target, job.replicate, time.perf_counter() - started, failure)
        started = time.perf_counter()


def describe_failure(error: BaseException, reached: int | None) -> Failure:
    """Return month, message, place in the code and traceback of an error in a simulation."""
    month = getattr(error, "month", None)
    root = error
    while root.__cause__ is not None:
        root = root.__cause__
    text = " ".join(str(root).split()) or type(root).__name__
    if isinstance(root, KeyError | IndexError | TypeError | AttributeError | AssertionError):
        text = f"{type(root).__name__}: {text}"
    return Failure(
        month=month if isinstance(month, int) else reached,
        error=text,
        where=_where(root),
        trace="".join(traceback.format_exception(error)),
    )


def _where(error: BaseException) -> str:
    """Return file and line of the innermost frame in this package, else of the innermost frame."""
    package = Path(__file__).resolve().parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(package)]
    inner = [frame for frame in ours if not Path(frame.filename).is_relative_to(package / "experiments")]
    if not frames:
        return ""
    chosen = (inner or frames)[-1]
    path = Path(chosen.filename)
    name = path.relative_to(package.parent).as_posix() if path.is_relative_to(package) else path.name
    return f"{name}:{chosen.lineno}"
