"""What the commands share: language, printing, finding runs, and how a command that simulates ends."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import math
import os
import shlex
import shutil
import sys
import unicodedata
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sim.errors import UserError
from sim.inputs.data import beside
from sim.inputs.words import Words
from sim.units import Language as Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sim.experiments import Launch, Request, Run

WORDS: Final = Words(__file__)
"""What commands print."""
PAGES: Final = beside(__file__, "commands.toml")
"""Help of every command and option."""


@dataclass(frozen=True)
class Launching:
    """Options of every command that simulates: how it is done."""

    jobs: int | None = None
    engine: str = "processes"
    scheduler: str | None = None
    time_limit: float = 60.0

    def launch(self) -> Launch:
        """Return how the simulations are done; no limit with zero minutes.

        Raises
        ------
        UserError
            When a setting makes no sense.
        """
        from sim.experiments import Launch

        seconds = 60.0 * self.time_limit if self.time_limit else None
        launch = Launch(self.engine, self.jobs, self.scheduler, seconds)  # type: ignore[arg-type]
        launch.check()
        return launch

    def request(self, replicates: int | None, scale: int | None, out: Path | None, **more: Any) -> Request:
        """Return what a command wants to be run; ``more`` are other attributes of a ``Request``."""
        from sim.experiments import Request

        more = {"command": command_line(), **more}
        return Request(replicates=replicates, jobs=self.launch(), firms_per_agent=scale, out=out, **more)


LAUNCHING: Final = Launching()
SYSTEM: Final[Any] = None
"""The language of the system's settings, in place of one that is asked for."""
INTERRUPTED = 130
"""Exit code of a command stopped from the keyboard."""
GROWTH_OF_TIME = 0.8
"""A run of k times as many rows takes about k ** 0.8 times as long: part of a month does not depend on them."""


def printable(text: str) -> str:
    """Return ``text`` without control characters: names come from files and must not steer a terminal or turn text."""
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter)[0] != "C")


def say(text: str) -> None:
    """Print to standard error, at once."""
    print(printable(text), file=sys.stderr, flush=True)


def print_json(content: Any) -> None:
    """Print plain data as JSON, with what is Chinese as it is and control characters escaped."""
    text = json.dumps(content, ensure_ascii=False, indent=2)
    print("".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else json.dumps(c)[1:-1] for c in text))


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
    from sim.inputs.problems import default_language

    spoken = default_language() if lang is None else lang
    if spoken == "zh":
        return "zh"
    if spoken == "en":
        return "en"
    raise typer.BadParameter(f"{lang!r} is not one of en, zh", param_hint="--lang")


def add(app: typer.Typer, path: str, command: Callable[..., None]) -> None:
    """Add a command with the help of its options (``commands.toml``); those of a data class are taken one by one.

    Parameters
    ----------
    path
        Words that call it, such as ``plot fan``.
    """
    page: Mapping[str, Any] = functools.reduce(lambda table, word: table.get(word, {}), path.split(), PAGES)
    own = inspect.signature(command, eval_str=True)
    groups: dict[str, Any] = {k: one.annotation for k, one in own.parameters.items() if is_dataclass(one.annotation)}
    listed: list[inspect.Parameter] = []
    for name, one in own.parameters.items():
        listed += inspect.signature(groups[name], eval_str=True).parameters.values() if name in groups else [one]

    @functools.wraps(command)
    def taken(**values: Any) -> None:
        for name, kind in groups.items():
            values[name] = kind(**{item.name: values.pop(item.name) for item in fields(kind)})
        command(**values)

    for k, one in enumerate(listed):
        told = _typed(one.name, page.get(one.name, PAGES["shared"].get(one.name)))
        kind = one.annotation
        if kind == Language:
            kind, told.callback = str | None, chosen_language
        listed[k] = one.replace(annotation=Annotated[kind, told])
    taken.__signature__ = own.replace(parameters=listed)  # type: ignore[attr-defined]
    more = f"\n\n{page['more']}" if "more" in page else ""
    app.command(path.rpartition(" ")[2], help=f"{inspect.getdoc(command)}{more}")(taken)


def _typed(name: str, entry: Any) -> Any:
    """Return how an option or argument is typed, of its entry in ``commands.toml``."""
    parts = entry if isinstance(entry, list) else [entry]
    settings = next((part for part in parts if isinstance(part, dict)), {})
    *typed, told = (part for part in parts if isinstance(part, str))
    shown = next((part[1:-1] for part in typed if part.startswith("<")), "") or None
    flags = [part for part in typed if part.startswith("-")]
    if typed and not flags:
        return typer.Argument(metavar=shown, help=told, **settings)
    return typer.Option(*(flags or [f"--{name.replace('_', '-')}"]), metavar=shown, help=told, **settings)


def told_failures(runs: Mapping[str, Run]) -> bool:
    """Say which replicates of runs failed, each under the name it goes by; return whether any did."""
    for name, run in runs.items():
        for failure in run.failures:
            where = f"replicate {failure['replicate']} failed in {failure.get('month', '')}"
            say(f"{name}: {where}: {failure.get('error', '')}")
    return any(run.failures for run in runs.values())


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
