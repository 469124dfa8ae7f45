"""What attacks share: a county of their own, the command line in this process or another, a watch on the disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from sim.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).with_name("data")
TOY = ROOT / "tests" / "experiments" / "toy_command.py"
LIMIT = 120
"""Seconds of the processor's time after which a command hangs."""
SMALL = (
    "--draws", "assumed", "--scale", "200", "--jobs", "1", "-n", "1", "--set", "time.end=2026-04",
    "--set", "parameters.start.settle_months=6",
)  # fmt: skip
"""Words that make a run of the county a second's work."""

Findings = Iterator[str]
Tally = Counter[str]


def settings_of(words: Sequence[str]) -> Sequence[str]:
    """Return the part of a run's words that a check takes too."""
    return words[words.index("--set") :]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    errors: str
    trouble: str = ""
    """A traceback's last place, a hang or a write outside; empty when all is well."""

    def fault(self, *allowed: int) -> str:
        """Return what is wrong with the end: a trouble, or an exit code that is not among ``allowed`` (0 and 2)."""
        if self.trouble:
            return self.trouble
        if self.code not in (allowed or (0, 2)):
            return f"exit {self.code}: {last_line(self.errors)}"
        if self.code == 2 and not (self.errors.strip() or self.out.strip()):
            return "exit 2 without a word"
        return ""


def last_line(text: str) -> str:
    """Return the last line of some text, cut short."""
    return next((line for line in reversed(text.strip().splitlines()) if line.strip()), "")[:200]


# --- a watch on what this process does to the disk ---

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "shutil.rmtree")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Sees every change of a file or folder by this process before it is made; ``also`` may forbid it.

    Python's audit hooks cannot be taken away again: there is one, and it asks whoever is on watch.
    """

    on_change: Callable[[Path], None] | None = None
    also: Callable[[Path], None] | None = None
    installed = False

    @classmethod
    def hook(cls, event: str, arguments: tuple[object, ...]) -> None:
        """Take an audit event."""
        if cls.on_change is None or not (event == "open" or event in CHANGES):
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
            return
        paths = arguments[:2] if event == "os.rename" else arguments[:1]
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike):
                where = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - links stay as they are
                cls.on_change(where)
                if cls.also is not None:
                    cls.also(where)

    @classmethod
    @contextlib.contextmanager
    def set(cls, on_change: Callable[[Path], None]) -> Iterator[None]:
        """Have a function told of every change made inside."""
        if not cls.installed:
            sys.addaudithook(cls.hook)
            cls.installed = True
        cls.on_change = on_change
        try:
            yield
        finally:
            cls.on_change = None


# --- commands ---


class HangError(BaseException):
    """A command took too long: no handler of ordinary errors may take it for one."""


def _hang(number: int, frame: object) -> None:
    raise HangError


def countysim(*words: object, inside: Path | None = None, limit: int = LIMIT) -> Ended:
    """Run the command line in this process; NumPy's warnings are errors.

    Parameters
    ----------
    inside
        Folder outside which nothing may be written.
    """
    outside: list[Path] = []

    def look(path: Path) -> None:
        harmless = path.parts[:2] in {("/", "dev"), ("/", "proc")} or {"__pycache__", "matplotlib"} & {*path.parts}
        if inside is not None and not harmless and not path.is_relative_to(inside):
            outside.append(path)

    before, clock = signal.signal(signal.SIGPROF, _hang), signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        with warnings.catch_warnings(), Watch.set(look):
            warnings.simplefilter("error", RuntimeWarning)
            done = CliRunner().invoke(app, [str(word) for word in words])
    except HangError:
        return Ended(-1, "", "", f"hangs: {limit} s")
    finally:
        signal.signal(signal.SIGPROF, before)
        signal.setitimer(signal.ITIMER_PROF, *clock)
    trouble = ""
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        error = done.exception
        spot = traceback.extract_tb(error.__traceback__)[-1]
        trouble = f"{type(error).__name__}: {str(error)[:120]} ({Path(spot.filename).name}:{spot.lineno})"
    elif "Traceback (most recent" in done.output:
        trouble = f"traceback: {last_line(done.output)}"
    elif outside:
        trouble = f"writes outside: {outside[0]}"
    return Ended(done.exit_code, done.stdout, done.stderr, trouble)


def command(*words: object) -> list[str]:
    """Return the words that run the command line in a process of its own."""
    return [sys.executable, "-m", "sim.cli.main", *map(str, words)]


def toy_command(seconds: float, *words: object) -> list[str]:
    """Return the words that run it with the toy model of ``tests/experiments``."""
    return [sys.executable, str(TOY), str(seconds), *map(str, words)]


def process(words: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None, limit: int = 600) -> Ended:
    """Run a command in a process of its own and wait for its end."""
    try:
        done = subprocess.run(
            words, cwd=cwd, env=surroundings(**(env or {})), capture_output=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return Ended(-1, "", "", f"hangs: {limit} s")
    out, errors = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    trouble = f"traceback: {last_line(errors)}" if "Traceback (most recent" in errors else ""
    return Ended(done.returncode, out, errors, trouble)


def surroundings(**changed: str) -> dict[str, str]:
    """Return the environment of a process that finds this countysim, with some of it changed."""
    paths = os.pathsep.join(filter(None, (changed.pop("PYTHONPATH", ""), str(ROOT))))
    return {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", **changed}


# --- a project ---


@contextlib.contextmanager
def project(name: str = "project") -> Iterator[Path]:
    """Give a new folder with the county ``tiny``, its baseline and a fund, as the current one."""
    with tempfile.TemporaryDirectory(prefix="countysim attack ") as folder:
        root = Path(folder).resolve() / name
        shutil.copytree(DATA / "project", root)
        with contextlib.chdir(root):
            yield root


def results(folder: Path) -> dict[str, bytes]:
    """Return all results beneath a folder whose bytes must not depend on when, where or how they were made."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("run.json", ".lock")
    }


def unequal(found: Path, wanted: Mapping[str, bytes]) -> str:
    """Return the first file in which results differ from those wanted; nothing when they are equal."""
    have = results(found)
    differing = [name for name in sorted(have.keys() | wanted.keys()) if have.get(name) != wanted.get(name)]
    return f"{differing[0]} differs, of {len(differing)}" if differing else ""
