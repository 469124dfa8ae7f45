"""Where jobs are run: one after another in this process, or in worker processes."""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import TYPE_CHECKING

from sim.errors import UserError
from sim.experiments.work import run_job

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from sim.experiments.work import Job, Outcome

RESTARTS = 3
"""How often new workers are started in place of killed ones before giving up."""
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")
"""A replicate uses one thread; the processes do the rest."""


class WorkersLostError(UserError):
    """Worker processes were killed again and again."""


def available_cores() -> int:
    """Return the number of processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def run_jobs(jobs: Sequence[Job], processes: int, notice: Callable[[str], None]) -> Generator[Outcome]:
    """Run jobs and yield each outcome as soon as it is there; close the iterator to stop at once.

    Parameters
    ----------
    processes
        1 runs the jobs in this process, in order.
    notice
        Is told when workers had to be replaced.

    Raises
    ------
    WorkersLostError
        If worker processes keep being killed.
    CannotSaveError
        If a record cannot be written.
    """
    if processes == 1 or len(jobs) == 1:
        for job in jobs:
            yield from run_job(job)
        return
    remaining = dict(enumerate(jobs))
    restarts = 0
    while remaining:
        before = len(remaining)
        try:
            with contextlib.closing(_in_processes(remaining, processes)) as done:
                for number, outcomes in done:
                    del remaining[number]
                    yield from outcomes
        except _broken() as error:
            restarts += 1
            if restarts > RESTARTS or (len(remaining) == before and restarts > 1):
                raise WorkersLostError(
                    "a worker process was killed, again and again (out of memory?)\n"
                    "     fewer processes (--jobs 1) or fewer simulated firms (a larger --scale) need less memory"
                ) from error
            notice("a worker process was killed (out of memory?); its replicate starts again")


def _all(number: int, job: Job, parent: int) -> tuple[int, list[Outcome]]:
    return number, list(run_job(job, parent))


def _in_processes(jobs: Mapping[int, Job], processes: int) -> Generator[tuple[int, list[Outcome]]]:
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", inner_max_num_threads=1):
        # With one worker joblib would use this process, which a replicate that kills its process would take along.
        workers = Parallel(
            n_jobs=max(2, min(processes, len(jobs))),
            return_as="generator_unordered",
            batch_size=1,
            pre_dispatch="2 * n_jobs",
        )
        outcomes = workers(delayed(_all)(number, job, os.getpid()) for number, job in list(jobs.items()))
    try:
        # Not "yield from", which would close joblib's generator out of reach of the filter below.
        for outcome in outcomes:  # noqa: UP028
            yield outcome
    finally:
        with warnings.catch_warnings():
            # Stopping early is intended: what is finished is saved, and what is not starts again the next time.
            warnings.simplefilter("ignore")
            outcomes.close()


def _broken() -> type[BaseException]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    return BrokenProcessPool  # type: ignore[no-any-return]
