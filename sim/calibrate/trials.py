"""Trials: the model run once at each point of a design, kept as rows so that an interrupted fit goes on.

A trial is one replicate of a baseline with one vector of parameters and starting values, as far as the last figure the
fit asks for. Its seed is that of the replicate of the same number: luck is never a parameter. A trial that fails is a
row too, with its error.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.calibrate.questions import answers_of, truth_of_trial
from sim.experiments.store import Row
from sim.experiments.tasks import Task, job_of, records
from sim.experiments.toolbox import standard_toolbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sim.calibrate.questions import Asked
    from sim.scenario.resolved import Scenario
    from sim.state.record import ReplicateRecord

    Floats = NDArray[np.float64]


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


def record_of(scenario: Scenario, number: int, point: Mapping[str, float], until: int) -> ReplicateRecord:
    """Simulate a scenario at one point of its space, with the luck of replicate ``number``."""
    task, tools = Task(0, scenario, panel=False), standard_toolbox()
    seed = tools.replicate_seed(scenario.seed, number)
    ((_, record),) = records(job_of(tools, number, [task], number, point, seed), until=until)
    if isinstance(record, Exception):
        raise record
    return record


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


def shortened(scenario: Scenario, scale: int, until: int) -> Scenario:
    """Return a scenario that ends at ``until``, with one simulated firm for every ``scale``."""
    last = min(until, scenario.time.end)
    span = dataclasses.replace(scenario.time, end=last, reported_until=min(scenario.time.reported_until, last))
    return dataclasses.replace(scenario, firms_per_agent=scale, time=span)
