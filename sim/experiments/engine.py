"""Where work is done: one thing after another in this process, in worker processes, or by Dask on many machines.

Work is a function that turns an item into results, one after another; runs, trials and pairs are items. Results come
back to the process that asked for them, which alone writes to disk: so every engine leaves the same bytes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from multiprocessing import connection, get_all_start_methods, get_context
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from sim.errors import UserError

if TYPE_CHECKING:
    from types import FrameType

RESTARTS = 3
"""How often a new worker takes the place of a killed one before giving up."""
TIME_LIMIT = 3600.0
"""Seconds that a replicate may take, if nothing else is said: many times what the largest one needs."""
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")
"""A replicate uses one thread; the processes do the rest."""
WARM = ["sim.model"]
"""What the parent of all workers imports before it forks them."""
KILLED = (
    "a worker process was killed, again and again (out of memory?)\n"
    "     fewer processes (--jobs 1) or fewer simulated firms (a larger --scale) need less memory"
)
LATE = "countysim-late"
"""Under what Dask's workers say which task took too long."""
AHEAD = 2
"""Items that Dask is given for each of its threads, so that none waits for the next."""

Work = Callable[[Any], Iterable[Any]]


class WorkersLostError(UserError):
    """Worker processes were killed again and again."""


class TimeLimitError(Exception):
    """A replicate took longer than it may."""


@dataclass(frozen=True)
class Launch:
    """How work is done.

    Attributes
    ----------
    engine
        ``processes`` on this machine (with one job: this process itself), or ``dask``.
    jobs
        Processes; None for one a core.
    scheduler
        Address of a Dask scheduler; None starts a cluster of ``jobs`` workers on this machine.
    time_limit
        Seconds that one result may take; None for no limit.
    """

    engine: Literal["processes", "dask"] = "processes"
    jobs: int | None = None
    scheduler: str | None = None
    time_limit: float | None = TIME_LIMIT

    @property
    def processes(self) -> int:
        """Number of processes."""
        return available_cores() if self.jobs is None else self.jobs

    def check(self) -> None:
        """Raise ``UserError`` when a setting makes no sense."""
        if self.processes < 1:
            raise UserError(f"--jobs {self.jobs}: the number of processes must be 1 or more")
        if self.engine not in ("processes", "dask"):
            raise UserError(f"--engine {self.engine}: it is one of processes, dask")
        if self.time_limit is not None and not self.time_limit > 0.0:
            raise UserError(f"--time-limit {self.time_limit:g}: a replicate needs some seconds; 0 for no limit")
        if self.scheduler is not None and self.engine != "dask":
            raise UserError("--scheduler is the address of a Dask scheduler: add  --engine dask")


Jobs = int | Launch | None
"""Number of processes (None: one a core), or all that can be said of how work is done."""


def launch_of(jobs: Jobs) -> Launch:
    """Return how work is done."""
    return jobs if isinstance(jobs, Launch) else Launch(jobs=jobs)


@dataclass(frozen=True)
class Lost:
    """In place of results: the worker was killed, or ``late``: it took longer than ``seconds``."""

    late: bool = False
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"time limit of {self.seconds:g} s reached" if self.late else "its worker process was killed"


def available_cores() -> int:
    """Return the number of processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def do(
    work: Work, items: deque[Any], launch: Launch, notice: Callable[[str], None] = lambda _: None
) -> Generator[tuple[Any, Any]]:
    """Do work on items and yield each item with each of its results as soon as it is there.

    Close the iterator to stop at once.

    Parameters
    ----------
    work
        Turns an item into its results; it and its items must be picklable.
    items
        Taken from the left; whoever reads the results may add more.
    notice
        Is told when a worker had to be replaced.

    Yields
    ------
    tuple
        An item and a result; or ``Lost`` when the rest of its results will not come: add it again, or give it up.

    Raises
    ------
    WorkersLostError
        If worker processes keep being killed.
    """
    if launch.engine == "dask":
        yield from _by_dask(work, items, launch)
    elif launch.processes == 1 or len(items) == 1:
        yield from _here(work, items, launch.time_limit)
    else:
        yield from _Pool(work, items, launch, notice).run()


def do_each(work: Callable[[Any], Any], items: Iterable[Any], launch: Launch) -> Generator[tuple[Any, Any]]:
    """Do work with one result an item, as ``do``; where a worker is killed its item is begun again."""
    waiting = deque(items)
    with contextlib.closing(do(_Once(work), waiting, launch)) as results:
        for item, result in results:
            if isinstance(result, Lost) and not result.late:
                waiting.appendleft(item)
            else:
                yield item, result


@dataclass(frozen=True)
class _Once:
    """Work that has one result."""

    work: Callable[[Any], Any]

    def __call__(self, item: Any) -> Iterator[Any]:
        yield self.work(item)


# --- in this process --------------------------------------------------------------------------------------------------


def _here(work: Work, items: deque[Any], limit: float | None) -> Generator[tuple[Any, Any]]:
    with contextlib.closing(_one_by_one(items)) as each:
        for item in each:
            results = iter(work(item))
            try:
                while True:
                    with _alarm(limit):
                        result = next(results)
                    yield item, result
            except StopIteration:
                continue
            except TimeLimitError:
                yield item, Lost(late=True, seconds=limit or 0.0)


def _one_by_one(items: deque[Any]) -> Generator[Any]:
    """Yield items from the left, and clear away what is left of one before the next.

    A model refers to its institutions and they to it, so that it stays until somebody looks for such circles. All that
    was there before the first item is left out of the search: it would take longer than a small simulation.
    """
    gc.freeze()
    try:
        while items:
            yield items.popleft()
            gc.collect()
    finally:
        gc.unfreeze()


@contextlib.contextmanager
def _alarm(limit: float | None) -> Iterator[None]:
    """Raise ``TimeLimitError`` in the middle of what takes too long, where the system can; compiled loops end first."""
    if limit is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeLimitError

    with handled({signal.SIGALRM: stop}):
        signal.setitimer(signal.ITIMER_REAL, limit)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)


@contextlib.contextmanager
def handled(handlers: Mapping[signal.Signals, Any]) -> Iterator[None]:
    """Answer signals otherwise for a while; outside the main thread none are answered."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- in processes -----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Worker:
    """A worker process and what it does now."""

    process: Any
    pipe: connection.Connection
    item: Any = None
    deadline: float = field(default=float("inf"))


class _Pool:
    """Worker processes, forked from one warm parent where the system can, and replaced when they are killed.

    Pipes alone connect them: queues and locks would need shared memory, which containers may lack.
    """

    def __init__(self, work: Work, items: deque[Any], launch: Launch, notice: Callable[[str], None]) -> None:
        self.work, self.items, self.notice = work, items, notice
        self.limit, self.most = launch.time_limit, launch.processes
        self.context: Any = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
        self.workers: list[_Worker] = []
        self.killed = self.killed_in_a_row = 0

    def run(self) -> Generator[tuple[Any, Any]]:
        try:
            while self.items or self.workers:
                while self.items and len(self.workers) < self.most:
                    self._start()
                yield from self._collect()
        finally:
            for worker in self.workers:
                worker.process.kill()
            for worker in self.workers:
                worker.process.join()
                worker.pipe.close()

    def _start(self) -> None:
        mine, other = self.context.Pipe()
        if hasattr(self.context, "set_forkserver_preload"):
            self.context.set_forkserver_preload(WARM)
        process = self.context.Process(target=_serve, args=(other, self.work), daemon=True)
        with _plain_surroundings():
            process.start()
        other.close()
        self.workers.append(worker := _Worker(process, mine))
        self._give(worker)

    def _give(self, worker: _Worker) -> None:
        """Give a worker its next item, or let it go."""
        try:
            if self.items:
                worker.item = self.items.popleft()
                worker.pipe.send(worker.item)
                return
            worker.pipe.send(None)
        except OSError:
            if worker.item is not None:
                return  # it was killed; its pipe says so when it is read
        self.workers.remove(worker)
        worker.process.join()
        worker.pipe.close()

    def _collect(self) -> Iterator[tuple[Any, Any]]:
        """Wait for something to happen, and yield what has come."""
        soonest = min(worker.deadline for worker in self.workers) - time.monotonic()
        ready = connection.wait([worker.pipe for worker in self.workers], max(0.0, min(soonest, 3600.0)))
        for worker in list(self.workers):
            item = worker.item
            if worker.pipe in ready:
                try:
                    what, result = worker.pipe.recv()
                except (EOFError, OSError):
                    yield item, self._lose(worker)
                    continue
                worker.deadline = float("inf") if self.limit is None else time.monotonic() + self.limit
                self.killed_in_a_row = 0
                if what == "error":
                    raise result
                if what == "done":
                    worker.item, worker.deadline = None, float("inf")
                    self._give(worker)
                elif what == "result":
                    yield item, result
            elif time.monotonic() >= worker.deadline:
                self._end(worker)
                yield item, Lost(late=True, seconds=self.limit or 0.0)

    def _lose(self, worker: _Worker) -> Lost:
        self._end(worker)
        self.killed += 1
        self.killed_in_a_row += 1
        if self.killed > RESTARTS or self.killed_in_a_row > 2:
            raise WorkersLostError(KILLED)
        self.notice("a worker process was killed (out of memory?); its replicate starts again")
        return Lost()

    def _end(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


@contextlib.contextmanager
def _plain_surroundings() -> Iterator[None]:
    """Let a process start with one thread and without the caller's script, which need not guard against it."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    script = sys.modules["__main__"]
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(pipe: connection.Connection, work: Work) -> None:
    """Do what comes through a pipe, and end with the process that asks for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the keyboard is left to the parent
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    gc.freeze()  # as in ``_one_by_one``
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while (item := pipe.recv()) is not None:
            pipe.send(("begun", None))  # from now on its time counts, not while the warm parent is still warming up
            try:
                for result in work(item):
                    pipe.send(("result", result))
                gc.collect()
                pipe.send(("done", None))
            except OSError:
                raise
            except BaseException as error:
                pipe.send(("error", error))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)  # an orphan: nobody would take its result


# --- by Dask ----------------------------------------------------------------------------------------------------------


def _by_dask(work: Work, items: deque[Any], launch: Launch) -> Generator[tuple[Any, Any]]:
    try:
        dask: Any = importlib.import_module("distributed")
    except ImportError:
        raise UserError("--engine dask needs Dask: pip install 'countysim[dask]'") from None
    place = {"address": launch.scheduler} if launch.scheduler else {"n_workers": launch.processes}
    threads = {} if launch.scheduler else {"threads_per_worker": 1, "dashboard_address": ":0"}
    try:
        client = dask.Client(**place, **threads)
    except OSError as error:
        raise UserError(f"no Dask scheduler answers at {launch.scheduler}: {error}") from error
    late: set[str] = set()
    killed = 0

    async def give_up(event: tuple[float, str]) -> None:
        key = event[1]
        late.add(key)
        for future in [future for future in list(running) if future.key == key]:  # it changes in another thread
            await future.cancel()  # or the scheduler would let it hang on the next worker

    with client:
        running: dict[Any, Any] = {}
        client.subscribe_topic(LATE, give_up)
        done = dask.as_completed()
        while items or running:
            room = AHEAD * max(1, sum(client.nthreads().values())) - len(running)
            for _ in range(min(room, len(items))):
                item = items.popleft()
                future = client.submit(_all_of, work, item, launch.time_limit, pure=False)
                running[future] = item
                done.add(future)
            future = next(done)
            item = running.pop(future)
            try:
                results = future.result()
            except (dask.KilledWorker, CancelledError):
                is_late = future.key in late
                killed += not is_late
                if killed > RESTARTS:
                    raise WorkersLostError(KILLED) from None
                results = [Lost(is_late, (launch.time_limit or 0.0) if is_late else 0.0)]
            yield from ((item, result) for result in results)


def _all_of(work: Work, item: Any, limit: float | None) -> list[Any]:
    """Return all results of an item, on a worker of Dask; one that hangs says so and takes its process along."""
    distributed: Any = importlib.import_module("distributed")
    worker = distributed.get_worker()
    key = worker.get_current_task()

    def end() -> None:
        worker.log_event(LATE, key)
        time.sleep(1.0)  # until the word is out
        os._exit(1)

    results = []
    todo = iter(work(item))
    while True:
        timer = threading.Timer(limit, end) if limit is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            results.append(next(todo))
        except StopIteration:
            return results
        finally:
            if timer is not None:
                timer.cancel()
