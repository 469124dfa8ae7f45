"""Runs that are killed, disks that fail, folders that vanish: the same command again gives equal bytes.

The model is that of ``tests/experiments``: what is attacked is the shell around it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from sim.experiments import manifest, runner
from sim.experiments.store import CorruptPartError, PartReader
from tests.attack.common import (
    Ended,
    Findings,
    Tally,
    Watch,
    command,
    countysim,
    process,
    project,
    results,
    surroundings,
    toy_command,
    unequal,
)
from tests.experiments.toys import toybox

FEW = ("run", "toy", "-n", "2")
MANY = ("run", "toy", "toy-b", "-n", "12")


def _toy(out: Path, asked: Sequence[str] = FEW) -> Ended:
    """Run the toy model in this process."""
    with mock.patch.object(runner, "standard_toolbox", toybox):
        return countysim(*asked, "--jobs", 1, "--out", out)


@contextlib.contextmanager
def _folder(asked: Sequence[str] = FEW) -> Iterator[tuple[Path, Mapping[str, bytes]]]:
    """Give a new folder, and the results that an undisturbed run has."""
    with tempfile.TemporaryDirectory(prefix="countysim attack ") as name:
        folder = Path(name).resolve()
        with contextlib.chdir(folder):
            if fault := _toy(folder / "wanted", asked).fault(0):
                raise RuntimeError(f"the undisturbed run: {fault}")
            wanted = results(folder / "wanted")
            shutil.rmtree(folder / "wanted")
            yield folder, wanted


def _after(out: Path, wanted: Mapping[str, bytes], asked: Sequence[str] = FEW) -> str:
    """Give the same command, undisturbed; return what is wrong with what is there then."""
    again = _toy(out, asked)
    return again.fault(0) or unequal(out, wanted)


def _files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))  # which bears folders that go while it looks


def killed(seed: int, count: int, tally: Tally) -> Findings:
    """Kill a run with -9 at random moments, several times on end, then the same command: equal bytes."""
    draw = random.Random(seed)
    with _folder(MANY) as (folder, wanted):
        while tally["kills"] < count:
            out = folder / f"out-{tally['commands']}"
            for jobs in ("1", "2", "2"):
                words = toy_command(0.02, *MANY, "--jobs", jobs, "--out", out)
                files = _files(out) + draw.randrange(18)
                with subprocess.Popen(
                    words, env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    start_new_session=True,
                ) as run:  # fmt: skip
                    while run.poll() is None and _files(out) < files:
                        time.sleep(0.001)
                    time.sleep(draw.uniform(0.0, 0.03))
                    tally["commands"] += 1
                    tally["kills"] += run.poll() is None  # a command that had ended was not killed
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(run.pid, signal.SIGKILL)
            if fault := _after(out, wanted, MANY):
                yield f"kill {tally['kills']}: {fault}"
            shutil.rmtree(out, ignore_errors=True)


# --- faults of the disk ---

ERRORS = {"full": errno.ENOSPC, "read-only": errno.EROFS, "broken": errno.EIO, "forbidden": errno.EACCES}


class Failing:
    """Lets the k-th change of the disk beneath a folder fail, and counts them."""

    def __init__(self, folder: Path, number: int, act: Callable[[Path], None], *, ever_after: bool) -> None:
        self.folder, self.number, self.act, self.ever_after = folder, number, act, ever_after
        self.seen = 0

    def __call__(self, path: Path) -> None:
        if path.is_relative_to(self.folder):
            self.seen += 1
            if self.seen == self.number or (self.ever_after and self.seen > self.number):
                self.act(path)


def _raise(error: int) -> Callable[[Path], None]:
    def act(path: Path) -> None:
        raise OSError(error, os.strerror(error), str(path))

    return act


def _disturbed(out: Path, number: int, act: Callable[[Path], None], *, ever_after: bool) -> tuple[Ended, int]:
    """Run the toy model with a disk that fails; return its end and how many changes of the disk there were."""
    failing = Failing(out, number, act, ever_after=ever_after)
    watched = Watch.also
    try:
        Watch.also = failing
        return _toy(out), failing.seen
    finally:
        Watch.also = watched


def faults(seed: int, count: int, tally: Tally) -> Findings:
    """Let the k-th change of the disk fail, once or from then on, for every k: exit 2, then equal bytes."""
    with _folder() as (folder, wanted):
        number = 0
        for kind in tuple(ERRORS)[:count]:
            for ever_after in (False, True):
                for number in range(1, 1000):
                    out = folder / "out"
                    done, seen = _disturbed(out, number, _raise(ERRORS[kind]), ever_after=ever_after)
                    what = f"{kind} at change {number}{' and after' if ever_after else ''}"
                    if seen < number:
                        break
                    tally["faults"] += 1
                    tally["borne"] += done.code == 0
                    if fault := done.fault() or _after(out, wanted):
                        yield f"{what}: {fault}"
                    shutil.rmtree(out, ignore_errors=True)


def full(seed: int, count: int, tally: Tally) -> Findings:
    """Let files end at a random size, as on a full disk: exit 2, then equal bytes."""
    draw = random.Random(seed)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with _folder() as (folder, wanted):
        largest = max(len(content) for content in wanted.values())
        for number in range(count):
            out, size = folder / f"out-{number}", draw.choice((0, 1, draw.randrange(3000), draw.randrange(largest)))
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
            try:
                done = _toy(out)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
            tally["full disks"] += 1
            if fault := done.fault(2) or _after(out, wanted):
                yield f"files end at {size} bytes: {fault}"


def vanished(seed: int, count: int, tally: Tally) -> Findings:
    """Let the folder of results vanish midway, or become a file: exit 0 or 2, then equal bytes."""
    draw = random.Random(seed)

    def swept(path: Path) -> None:
        if path.parent != folder:
            shutil.rmtree(path.parent, ignore_errors=True)

    with _folder() as (folder, wanted):
        changes = _disturbed(folder / "counted", 0, swept, ever_after=False)[1]
        for number in range(count):
            out, at = folder / f"out-{number}", draw.randrange(1, changes + 1)
            done, _ = _disturbed(out, at, swept, ever_after=False)
            tally["folders gone"] += 1
            if fault := done.fault() or _after(out, wanted):
                yield f"gone at change {at}: {fault}"


def clock(seed: int, count: int, tally: Tally) -> Findings:
    """Set the clock back or forth, by years, at every look at it, in runs that break off: equal bytes, listed."""
    draw = random.Random(seed)

    def now() -> str:
        tally["looks at the clock"] += 1
        return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=draw.uniform(-9000, 9000))).isoformat()

    with _folder() as (folder, wanted), mock.patch.object(manifest, "now", now):
        for _ in range(count):
            out = folder / "results"
            done, _ = _disturbed(out, draw.randrange(1, 90), _raise(errno.EIO), ever_after=True)
            if fault := done.fault() or _after(out, wanted) or countysim("list").fault(0):
                yield fault
            tally["runs"] += 1
            shutil.rmtree(out, ignore_errors=True)


def damaged(seed: int, count: int, tally: Tally) -> Findings:
    """Cut short or alter a part or another file of a finished run: it is said, never read as if it were whole."""
    draw = random.Random(seed)
    with _folder() as (folder, _):
        _toy(folder / "whole")
        for number in range(count):
            out = folder / f"out-{number}"
            shutil.copytree(folder / "whole", out)
            path = draw.choice([*out.rglob("part-*.npz")] * 4 + [*out.rglob("run.json"), *out.rglob("scenario.toml")])
            whole = path.read_bytes()
            content, at = (
                bytearray(whole),
                draw.choice((draw.randrange(len(whole)), len(whole) - 1 - draw.randrange(900))),
            )
            if draw.random() < 0.3:
                del content[at:]
            else:
                content[at : at + draw.choice((1, 4))] = draw.randbytes(draw.choice((1, 4)))
            path.write_bytes(content)
            tally["files damaged"] += 1
            done = _toy(out)
            fault = done.fault()
            if path.suffix == ".npz" and not fault:
                read = _read(path)
                tally["read as damaged"] += isinstance(read, str)
                path.write_bytes(whole)
                fault = "" if isinstance(read, str) or read == _read(path) else "read as if it were whole"
            if fault:
                yield f"{path.name} damaged at byte {at} of {len(whole)} (--seed {seed}): {fault}"
            shutil.rmtree(out)


def _read(path: Path) -> dict[str, bytes] | str:
    """Return all that a part holds, or what is said of it when it is damaged."""
    try:
        with PartReader(path) as part:
            return {f"{one}/{name}": part.raw(one, name) for one in part.replicates for name in part.names(one)}
    except CorruptPartError as error:
        return str(error)


def crowded(seed: int, count: int, tally: Tally) -> Findings:
    """Give the same command several times at once: one works, the others say so with exit 2, equal bytes in the end."""
    with _folder(MANY) as (folder, wanted):
        for number in range(count):
            out = folder / f"out-{number}"
            words = toy_command(0.02, *MANY, "--jobs", "1", "--out", out)
            runs = [
                subprocess.Popen(words, env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                for _ in range(3)
            ]
            for run in runs:
                _, said = run.communicate()
                tally["commands"] += 1
                tally["sent away"] += run.returncode == 2
                if run.returncode not in (0, 2) or (run.returncode == 2 and b"another countysim" not in said):
                    yield f"exit {run.returncode}: {said.decode('utf-8', 'replace')[-200:]}"
            if fault := _after(out, wanted, MANY):
                yield f"after three at once: {fault}"


# --- surroundings of all kinds, with the real model ---

NOWHERE = "/proc/nowhere"
ODD = {
    "no home": {"HOME": NOWHERE, "XDG_CACHE_HOME": NOWHERE, "XDG_CONFIG_HOME": NOWHERE, "MPLCONFIGDIR": NOWHERE},
    "no temporary folder": {"TMPDIR": NOWHERE, "TMP": NOWHERE, "TEMP": NOWHERE},
    "locale C": {
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    },
    "GBK console": {"LANG": "zh_CN.GBK", "LC_ALL": "zh_CN.GBK", "PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk"},
    "read-only code": {"NUMBA_CACHE_DIR": NOWHERE, "PYTHONDONTWRITEBYTECODE": "1"},
    "no variables": {"PATH": "", "USER": "", "LOGNAME": "", "HOME": ""},
}


def odd_surroundings(seed: int, count: int, tally: Tally) -> Findings:
    """Work without home or temporary folder, in locale C, on a GBK console, in a folder with a Chinese name."""
    for name in tuple(ODD)[:count]:
        with project("一 个 目 录 (x) 'y' %s") as root:
            for words in (
                ("scenario", "check", "tiny-fund"), ("place", "show", "tiny", "--lang", "zh"),
                ("run", "tiny-baseline", "--draws", "assumed", "--scale", "200", "-n", "1", "--jobs", "2",
                 "--set", "time.end=2025-12", "--set", "parameters.start.settle_months=6"),
            ):  # fmt: skip
                if name == "read-only code" and words[0] == "run":
                    continue  # compiling all rules takes minutes
                done = process(command(*words), root, ODD[name])
                tally["commands"] += 1
                if fault := done.fault(0):
                    yield f"{name}, {' '.join(words[:2])}: {fault}"
