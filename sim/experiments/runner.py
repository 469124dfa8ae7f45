"""Run scenarios, or trials of any kind: plan, lock, simulate what is missing, save, write tables."""

from __future__ import annotations

import contextlib
import shlex
import signal
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

import numpy as np

from sim.errors import UserError
from sim.experiments import manifest as manifests
from sim.experiments.engine import Jobs, Lost, do, do_each, handled, launch_of
from sim.experiments.plan import Request, job_for, jobs_in_order, plan
from sim.experiments.progress import Count, Progress
from sim.experiments.run import Run
from sim.experiments.store import PartReader, Row, held, read_rows, write_replicate, write_rows
from sim.experiments.tables import MANY_PLACES, NAMES, content_key, write_tables
from sim.experiments.tasks import Failure, Outcome, records, run_job
from sim.experiments.toolbox import standard_toolbox
from sim.inputs.problems import default_language
from sim.observables import recorded
from sim.units import month_text, parse_month
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

    from numpy.typing import NDArray

    from sim.experiments.plan import Target
    from sim.experiments.tasks import Job
    from sim.experiments.toolbox import Toolbox
    from sim.state.record import ReplicateRecord

    Floats = NDArray[np.float64]

MANY_ROWS = 5_000_000
"""From this size on, the tables take long enough to say so."""
TOO_LATE = "it hangs, or needs a larger --time-limit"
ROWS = 32
"""Rows of trials in one file."""
CODE_CHANGED = (
    "{} the program has been edited since this run was begun, and its model version is the same\n"
    "     if the edit can change numbers, raise MODEL_VERSION (the run then gets a folder of its own)"
)


class Stopped(KeyboardInterrupt):
    """The run was interrupted; ``saved`` replicates are kept and the same command goes on."""

    def __init__(self, saved: int) -> None:
        super().__init__(f"stopped. {saved} replicates are saved; run the same command to continue.")
        self.saved = saved


def run_ensemble(
    references: Sequence[str],
    replicates: int | None = None,
    jobs: Jobs = None,
    firms_per_agent: int | None = None,
    *,
    progress: Progress | None = None,
    toolbox: Toolbox | None = None,
    **more: Any,
) -> list[Run]:
    """Run scenarios and return the run of each: ``run_request`` with ``more`` of the attributes of a ``Request``."""
    return run_request(Request(references, replicates, jobs, firms_per_agent, **more), progress, toolbox)


def run_request(request: Request, progress: Progress | None = None, toolbox: Toolbox | None = None) -> list[Run]:
    """Run the scenarios of a request and return the run of each; what is finished already is reused.

    Replicate i uses parameter draw i and seed stream i in every scenario; scenarios that are the same up to some month
    are simulated once until then. A replicate that fails is kept as a record (``Run.failures``) and the others go on.

    Parameters
    ----------
    progress
        Is told what happens; None says nothing.
    toolbox
        Other functions than the package's own, for tests.

    Raises
    ------
    UserError
        For anything the user can put right, before anything is simulated where possible.
    Stopped
        After Ctrl-C or SIGTERM; everything finished is saved.
    """
    toolbox = toolbox or standard_toolbox()
    targets, asked = plan(request, toolbox)
    with _system_messages(targets), contextlib.ExitStack() as stack:
        for target in targets:
            stack.enter_context(target.folder.locked())
            target.look()
        _Session(targets, request, toolbox, progress or Progress()).run()
    return [Run(target.folder.folder, toolbox) for target in asked]


class Numbered(Protocol):
    """A trial of any kind, with the number its row is kept under."""

    @property
    def number(self) -> int:
        """Number of the trial."""

    @property
    def nothing(self) -> Floats:
        """Values of the row of a trial that failed."""


def run_rows(
    folder: Path,
    trials: Sequence[Numbered],
    work: Callable[[Any], Row],
    jobs: Jobs = None,
    progress: Progress | None = None,
    kept: Mapping[int, Row] | None = None,
) -> tuple[Floats, tuple[str, ...]]:
    """Run the trials that a folder does not hold yet, and return all of them.

    Parameters
    ----------
    folder
        Of these trials alone: its name must hold whatever can change a result.
    work
        Turns a trial into its row; it must be picklable.
    kept
        Rows that lie elsewhere, by number: they are not run again.

    Returns
    -------
    values, errors
        Shape (trials, numbers) in the order of ``trials``; and an error a trial, "" without one.
    """
    progress = progress or Progress()
    with held(folder):
        known = {**(kept or {}), **read_rows(folder)}
        todo = [trial for trial in trials if trial.number not in known]
        if todo:
            reused = len(trials) - len(todo)
            line = f"{folder.name}  {len(trials)} trials: {reused} reused, {len(todo)} to do"
            progress.start([line], [Count(folder.name, reused, len(trials))])
        pending: list[Row] = []
        try:
            with contextlib.closing(do_each(work, todo, launch_of(jobs))) as results:
                for trial, row in results:
                    if isinstance(row, Lost):
                        row = Row(trial.number, trial.nothing, str(row), row.seconds)
                    pending.append(row)
                    known[row.number] = row
                    progress.finished(0, row.number, failed=bool(row.error))
                    if len(pending) >= ROWS:
                        write_rows(folder, pending)
                        pending = []
        finally:
            progress.stop()
            if pending:
                write_rows(folder, pending)
    values = np.stack([known[trial.number].values for trial in trials])
    return values, tuple(known[trial.number].error for trial in trials)


class _Session:
    """One command at work on its locked folders."""

    def __init__(self, targets: Sequence[Target], request: Request, toolbox: Toolbox, progress: Progress) -> None:
        self.targets = targets
        self.request = request
        self.toolbox = toolbox
        self.progress = progress
        self.simulated = [0] * len(targets)
        self.manifests: list[dict[str, Any]] = []

    def run(self) -> None:
        """Simulate what is to do and leave every folder in order, whatever happens."""
        for target in self.targets:
            before = target.folder.manifest().get("code_hash")
            self.manifests.append(manifests.opened(target, self.request))
            if target.todo and target.reused and before not in (None, self.manifests[-1]["code_hash"]):
                self.progress.notice(CODE_CHANGED.format(target.label))
            target.folder.write_manifest(self.manifests[-1])
            write_whole(target.folder.folder / "scenario.toml", self.toolbox.write_resolved(target.loaded))
        doubts = (doubt.text(default_language()) for target in self.targets for doubt in target.loaded.warnings)
        for text in dict.fromkeys(doubts):
            self.progress.notice(text)
        try:
            with handled(TERMINABLE):
                self._simulate()
        except KeyboardInterrupt:
            self._stop()
        except BaseException:
            with handled(UNDISTURBED):
                self._close("partial")
            raise
        try:
            with handled(TERMINABLE):
                for position, target in enumerate(self.targets):
                    self._write_tables(target, position)
        except KeyboardInterrupt:
            self._stop()
        self._close("")

    def _stop(self) -> NoReturn:
        with handled(UNDISTURBED):
            saved = self._close("stopped")
        raise Stopped(saved) from None

    def _simulate(self) -> None:
        jobs, launch = deque(jobs_in_order(self.targets, self.toolbox)), launch_of(self.request.jobs)
        processes = min(launch.processes, max(1, len(jobs)))
        done: set[tuple[int, int]] = set()
        try:
            counts = [Count(target.label, target.reused, len(target.wanted)) for target in self.targets]
            self.progress.start(head_lines(self.targets, processes), counts)
            with contextlib.closing(do(run_job, jobs, launch, self.progress.notice)) as results:
                for job, result in results:
                    if isinstance(result, Lost):
                        left = tuple(task for task in job.tasks if (task.target, job.replicate) not in done)
                        if not result.late:
                            jobs.appendleft(replace(job, tasks=left))
                            continue
                        if len(left) > 1:  # which of them hangs is not known: each is tried again by itself
                            jobs.extendleft(replace(job, tasks=(task,)) for task in reversed(left))
                            continue
                        result = Outcome(left[0].target, job.replicate, Failure(None, f"{result}: {TOO_LATE}", "", ""))
                    done.add((result.target, result.replicate))
                    self._take(result)
        finally:
            self.progress.stop()

    def _take(self, outcome: Outcome) -> None:
        target = self.targets[outcome.target]
        self.simulated[outcome.target] += 1
        if outcome.failure is not None:
            replay = replay_command(target, self.request, outcome.replicate, outcome.failure.month)
            text = failure_text(target, outcome.replicate, outcome.failure, replay, self.toolbox)
            write_whole(target.folder.failure_path(outcome.replicate), text)
        else:
            try:
                write_replicate(target.folder.staged_path(outcome.replicate), outcome.replicate, outcome.arrays)
            except OSError as error:
                where = target.folder.unfinished
                raise UserError(f"cannot save replicate {outcome.replicate} in {where}: {error.strerror}") from error
        if target.folder.block_complete(outcome.replicate, target.wanted, set(target.wanted) - set(target.todo)):
            target.folder.merge([outcome.replicate])
        self.progress.finished(outcome.target, outcome.replicate, failed=outcome.failure is not None)

    def _write_tables(self, target: Target, position: int) -> None:
        """Write the parts that are left and, when anything is new, the tables."""
        folder = target.folder
        folder.merge_all()
        names = [name for table, name in NAMES.items() if table != "panel" or target.panel]
        fresh = self.manifests[position]["tables"] == content_key(folder) and all(
            (folder.folder / name).is_file() for name in names
        )
        if not fresh:
            places = [place.id for place in target.scenario.places]
            listed = len(places) if len(places) <= MANY_PLACES else 1
            columns = recorded(policy.type for policy in target.scenario.policies)
            rows = len(folder.finished()) * target.scenario.time.months * listed * len(columns)
            if rows > MANY_ROWS:
                self.progress.notice(f"{target.label} writing monthly.csv.gz, {rows / 1e6:.0f} million rows")
            write_tables(folder, target.identity.run_id, target.scenario.id, places, columns, panel=target.panel)
            # What lies there now: parts that vanished meanwhile are in no table.
            self.manifests[position]["tables"] = content_key(folder)

    def _close(self, state: str) -> int:
        """Save what is finished, write the manifests, and return the number of saved replicates of this command.

        Raises
        ------
        UserError
            If a command that came to its end (``state`` is empty) finds less than it saved.
        """
        saved, gone = 0, []
        for target, manifest, simulated in zip(self.targets, self.manifests, self.simulated, strict=True):
            target.folder.merge_all()
            done = manifests.closed(target, manifest, state, simulated)
            if not state:
                counts = done["replicates"]
                complete = counts["done"] >= counts["asked"]
                done["state"] = "complete" if complete else "failures" if counts["failed"] else "partial"
            target.folder.write_manifest(done)
            kept = set(target.folder.finished())
            saved += len(set(target.wanted) & kept)
            kept |= {record["replicate"] for record in target.folder.failures(kept)}
            if not state and not kept.issuperset(target.wanted):
                gone.append(f"{target.folder.folder}: replicates vanished while the command ran; run it again")
        if gone:
            raise UserError("\n".join(gone))
        return saved


def head_lines(targets: Sequence[Target], jobs: int) -> list[str]:
    """Return the lines before the work: what is reused, what is to do, seed, processes, draws."""
    width = max(len(target.scenario.id) for target in targets)
    lines = []
    for target in targets:
        count = len(target.wanted)
        wanted = f"{count} replicates" if count != 1 else f"replicate {target.wanted[0]}"
        reused, todo = target.reused, len(target.todo)
        if not todo:
            state = "all reused" if count != 1 else "reused"
        elif reused:
            state = f"{reused} reused, {todo} to do"
        else:
            state = f"{todo} to do"
        lines.append(f"{target.label} {target.scenario.id:{width}}  {wanted}: {state}")
    seed = ", ".join(dict.fromkeys(str(target.identity.seed) for target in targets))
    draws = ", ".join(dict.fromkeys(target.draws.label for target in targets))
    scales = ", ".join(dict.fromkeys(f"1:{target.identity.firms_per_agent}" for target in targets))
    lines.append(f"seed {seed} (replicate i uses draw i and stream i in every scenario)   jobs {jobs}")
    lines.append(f"draws {draws}   scale {scales}")
    return lines


def replay_command(target: Target, request: Request, replicate: int, month: int | None) -> str:
    """Return the command that runs one replicate alone, up to the month it failed in."""
    words = ["countysim", "run", target.reference, "--only", str(replicate)]
    if replicate >= target.scenario.replicates:
        words += ["-n", str(replicate + 1)]
    if month is not None:
        words += ["--until", month_text(month)]
    if request.firms_per_agent is not None:
        words += ["--scale", str(request.firms_per_agent)]
    if request.seed is not None:
        words += ["--seed", str(request.seed)]
    if request.draws is not None:
        words += ["--draws", request.draws]
    for override in target.overrides:
        words += ["--set", override]
    return shlex.join([*words, "--debug"])


def failure_text(target: Target, replicate: int, failure: Failure, replay: str, toolbox: Toolbox) -> str:
    """Return the record of a failed replicate: fields, an empty line, the traceback."""
    fields = {
        "scenario": target.scenario.id,
        "replicate": replicate,
        "draw": target.draws.index(replicate),
        "seed": toolbox.replicate_seed(target.identity.seed, replicate),
        "month": "before the first month" if failure.month is None else month_text(failure.month),
        "error": failure.error,
        "where": failure.where,
        "replay": replay,
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items()) + f"\n{failure.trace}"


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


TERMINABLE: Final = {signal.SIGTERM: _interrupt}
"""SIGTERM ends a run as Ctrl-C does."""
UNDISTURBED: Final = dict.fromkeys((signal.SIGINT, signal.SIGTERM), signal.SIG_IGN)
"""A second Ctrl-C waits until what is finished is saved (it takes a moment)."""


@contextlib.contextmanager
def _system_messages(targets: Sequence[Target]) -> Iterator[None]:
    """Turn a full disk or a folder that cannot be written into a message."""
    try:
        yield
    except OSError as error:
        where = error.filename or targets[0].folder.folder
        raise UserError(
            f"cannot write to {where}: {error.strerror or error}\n     what is finished is saved"
        ) from error


# --- one replicate again, and nothing saved: to look at a failure, or to check a saved replicate ---


@dataclass(frozen=True)
class Replay:
    """One replicate simulated again; ``saved_digest`` is None unless it is saved whole and was replayed whole."""

    target: Target
    job: Job
    record: ReplicateRecord
    saved_digest: str | None

    @property
    def last_month(self) -> int:
        """Month number of the last simulated month."""
        return self.record.first_month + len(self.record.monthly) - 1


def replay(
    request: Request,
    until: str | None = None,
    on_month: Callable[[int], None] | None = None,
) -> list[Replay]:
    """Simulate replicate ``request.only`` of every scenario, to its end or to the month ``until`` (``2028-04``).

    Raises
    ------
    UserError
        If no replicate is named, or ``until`` is not a simulated month.
    Exception
        Whatever the simulation raises, with its traceback.
    """
    toolbox = standard_toolbox()
    if request.only is None:
        raise UserError("--until and --debug replay one replicate: say which with --only, for example --only 0")
    found = []
    for position, target in enumerate(plan(request, toolbox)[0]):
        last = None if until is None else _month(until, target)
        job = job_for({position: target}, request.only, toolbox)
        ((_, record),) = records(job, until=last, on_month=on_month)
        if isinstance(record, Exception):
            raise record
        whole = last is None or last == target.scenario.time.end
        saved = _saved_digest(target, request.only) if whole else None
        found.append(Replay(target, job, record, saved))
    return found


def _month(text: str, target: Target) -> int:
    span = target.scenario.time
    try:
        month = parse_month(text)
    except ValueError as error:
        raise UserError(f'--until "{text}" is not a month; write it as {month_text(span.end)}') from error
    if not span.start <= month <= span.end:
        raise UserError(
            f"--until {text}: {target.scenario.id} is simulated from {month_text(span.start)} to {month_text(span.end)}"
        )
    return month


def _saved_digest(target: Target, replicate: int) -> str | None:
    path = target.folder.part_path(replicate)
    if not path.is_file():
        return None
    with PartReader(path) as part:
        return part.text(replicate, "digest") if replicate in part.replicates else None
