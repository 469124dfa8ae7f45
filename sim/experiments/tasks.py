"""One replicate of scenarios with a common past, from inputs to results: what a worker does."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import workspace
from sim.experiments.store import arrays_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from sim.experiments.toolbox import Toolbox
    from sim.scenario.resolved import Scenario
    from sim.state.record import ReplicateRecord

RANGES = ("place.", "policy.")
"""How the paths of places' starting values and of policies' ranges begin; all else in a draw is a parameter."""


@dataclass(frozen=True)
class Task:
    """One replicate of one scenario of a job.

    Attributes
    ----------
    target
        Position of the scenario in the command.
    """

    target: int
    scenario: Scenario
    panel: bool


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


def job_of(
    toolbox: Toolbox, replicate: int, tasks: Iterable[Task], draw: int, draw_values: Mapping[str, float], seed: int
) -> Job:
    """Return a job that is done with the functions of a toolbox."""
    tools = toolbox.realise, toolbox.load_parameters, toolbox.simulate
    return Job(replicate, tuple(tasks), draw, draw_values, seed, *tools)


@dataclass(frozen=True)
class Failure:
    """Why a replicate stopped; ``month`` is a month number, None before the first month."""

    month: int | None
    error: str
    where: str
    trace: str


@dataclass(frozen=True)
class Outcome:
    """What became of a task: the arrays its record is stored as, or a failure."""

    target: int
    replicate: int
    failure: Failure | None = None
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


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


def run_job(job: Job) -> Iterator[Outcome]:
    """Simulate a job and yield each outcome as it comes; an error in a simulation is a ``Failure``."""
    reached: int | None = None

    def on_month(month: int) -> None:
        nonlocal reached
        reached = month

    for task, result in records(job, on_month=on_month):
        if isinstance(result, Exception):
            yield Outcome(task.target, job.replicate, describe_failure(result, reached))
        else:
            yield Outcome(task.target, job.replicate, arrays=arrays_of(result, job.draw, job.seed))


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
    """Return file and line of the innermost frame in this package or in a policy type of the workspace, else of any."""
    package = Path(__file__).resolve().parents[1]
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    roots = (package, *workspace.folders("policies"))
    ours = [(path, line) for path, line in frames if any(path.is_relative_to(root) for root in roots)]
    inner = [(path, line) for path, line in ours if not path.is_relative_to(package / "experiments")]
    if not frames:
        return ""
    path, line = (inner or frames)[-1]
    root = next((root.parent for root in roots if path.is_relative_to(root)), path.parent)
    return f"{path.relative_to(root).as_posix()}:{line}"
