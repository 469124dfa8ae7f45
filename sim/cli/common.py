"""What the commands share: language, printing, finding runs, and how a command that simulates ends."""

from __future__ import annotations

import contextlib
import math
import os
import shlex
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.experiments import Launch, Run
    from sim.units import Language

LanguageOption = Annotated[str | None, typer.Option("--lang", help="en or zh; default: as the system's language.")]
ResultsOption = Annotated[Path | None, typer.Option("--out", help="Folder for results; default: results.")]
ScaleOption = Annotated[
    int | None,
    typer.Option("--scale", help="Firms that one simulated firm stands for; default: as in the scenario."),
]
DrawsOption = Annotated[
    str | None,
    typer.Option("--draws", help="assumed: parameters at assumed values; default: the fit's draws, else the priors'."),
]
JobsOption = Annotated[int | None, typer.Option("--jobs", help="Worker processes; default: one per core.")]
EngineOption = Annotated[
    str, typer.Option("--engine", help="processes, or dask: on the workers of a Dask scheduler (docs/scaling.md).")
]
SchedulerOption = Annotated[
    str | None, typer.Option("--scheduler", help="Address of the Dask scheduler; default: workers on this machine.")
]
TimeLimitOption = Annotated[
    float, typer.Option("--time-limit", help="Minutes after which a replicate has failed; 0 for no limit.")
]
INTERRUPTED = 130
"""Exit code of a command stopped from the keyboard."""
GROWTH_OF_TIME = 0.8
"""A run of k times as many rows takes about k ** 0.8 times as long: part of a month does not depend on them."""
PLAIN_CONTROL = {code: None for code in (*range(32), 127, *range(128, 160)) if chr(code) not in "\n\t"}


def printable(text: str) -> str:
    """Return ``text`` without control characters: names come from files and must not steer a terminal."""
    return text.translate(PLAIN_CONTROL)


def say(text: str) -> None:
    """Print to standard error, at once."""
    print(printable(text), file=sys.stderr, flush=True)


def width() -> int | None:
    """Return the columns of the terminal; None when the output goes to a file or another program."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def chosen_language(lang: str | None) -> Language:
    """Return the language asked for, or that of the system's settings.

    Raises
    ------
    typer.BadParameter
        For anything but ``en`` and ``zh``.
    """
    from sim.scenario.problems import default_language

    spoken = default_language() if lang is None else lang
    if spoken == "zh":
        return "zh"
    if spoken == "en":
        return "en"
    raise typer.BadParameter(f"{lang!r} is not one of en, zh", param_hint="--lang")


def how_launched(jobs: int | None, engine: str, scheduler: str | None, minutes: float) -> Launch:
    """Return how a command's simulations are done; no limit with zero minutes.

    Raises
    ------
    UserError
        When a setting makes no sense.
    """
    from sim.experiments import Launch

    launch = Launch(engine, jobs, scheduler, 60.0 * minutes if minutes else None)  # type: ignore[arg-type]
    launch.check()
    return launch


def one_thread() -> None:
    """Let libraries use one thread each, before they are loaded: the worker processes do the rest."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def command_line() -> str:
    """Return the command as it was typed, for the manifest."""
    return shlex.join(["countysim", *sys.argv[1:]])


@contextlib.contextmanager
def told_when_stopped(otherwise: str) -> Iterator[None]:
    """End a command that simulates with the right words and exit code when it is interrupted.

    Parameters
    ----------
    otherwise
        What is said of an interrupt that no run has answered.
    """
    from sim.experiments import Stopped, WorkersLostError

    try:
        yield
    except Stopped as stop:
        say(str(stop))
        raise typer.Exit(INTERRUPTED) from None
    except KeyboardInterrupt:
        say(otherwise)
        raise typer.Exit(INTERRUPTED) from None
    except WorkersLostError as error:
        say(f"{error}\n     what is finished is saved; run the same command to continue")
        raise typer.Exit(1) from None


def seconds_at(run: Run, scale: int) -> float:
    """Return about how long one replicate of a run takes one process at another scale, by what its own took."""
    past = [item for item in run.manifest["sessions"] if item["ended"] and item["simulated"]]
    spans = [datetime.fromisoformat(item["ended"]) - datetime.fromisoformat(item["started"]) for item in past]
    spent = math.fsum(span.total_seconds() * int(item["jobs"]) for span, item in zip(spans, past, strict=True))
    done = sum(int(item["simulated"]) for item in past)
    return spent / max(done, 1) * float((int(run.manifest["firms_per_agent"]) / scale) ** GROWTH_OF_TIME)


def find_pair(scenario: str, baseline: str, out: Path | None) -> tuple[Run, Run]:
    """Find scenario and baseline; see ``find_runs``."""
    (found,), reference = find_runs([scenario], baseline, out)
    return found, reference


def find_runs(names: list[str], baseline: str, out: Path | None) -> tuple[list[Run], Run]:
    """Find all the runs; every missing one is named with the command that makes it like those that are there.

    Of several runs of a scenario the one with scale, seed and draws like the first scenario's is taken, when there is
    one.
    """
    from sim.experiments.find import NoRunError
    from sim.experiments.pairing import settings_of

    found: list[Run] = []
    problems: list[UserError] = []
    for name in (*names, baseline):
        try:
            found.append(_find_alike(name, found, out))
        except UserError as error:
            problems.append(error)
    if problems:
        options = settings_of(found[0]) if found else ""
        raise UserError("\n".join(one.text(options) if isinstance(one, NoRunError) else str(one) for one in problems))
    return found[:-1], found[-1]


def _find_alike(name: str, found: list[Run], out: Path | None) -> Run:
    """Find a run like the first found, or else any run of the scenario (the comparison then says what differs)."""
    from sim.experiments import find_run
    from sim.experiments.parameter_draws import drawn_from

    if found:
        manifest = found[0].manifest
        scale, seed = int(manifest["firms_per_agent"]), int(manifest["seed"])
        with contextlib.suppress(UserError):
            return find_run(name, out, firms_per_agent=scale, seed=seed, draws=drawn_from(manifest))
    return find_run(name, out)
