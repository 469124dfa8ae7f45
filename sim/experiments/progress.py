"""What a run tells the person waiting for it: one line that moves on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.live import Live
    from rich.text import Text

    from sim.experiments.plan import Target
    from sim.experiments.work import Outcome

BAR_CELLS = 20
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0


class Progress(Protocol):
    """Is told what happens; an ensemble calls it from the main thread only."""

    def start(self, targets: Sequence[Target], seeds: Sequence[int], jobs: int) -> None:
        """Say what is reused and what is to do."""

    def finished(self, outcome: Outcome) -> None:
        """Count one replicate, done or failed."""

    def notice(self, text: str) -> None:
        """Say something in between."""

    def stop(self) -> None:
        """End; called once whatever happened, also when ``start`` was not."""


class Silent:
    """Says nothing."""

    def start(self, targets: Sequence[Target], seeds: Sequence[int], jobs: int) -> None:
        """Do nothing."""

    def finished(self, outcome: Outcome) -> None:
        """Do nothing."""

    def notice(self, text: str) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


def head_lines(targets: Sequence[Target], seeds: Sequence[int], jobs: int) -> list[str]:
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
    seed = ", ".join(str(number) for number in dict.fromkeys(seeds))
    draws = ", ".join(dict.fromkeys(target.draws.label for target in targets))
    scales = ", ".join(dict.fromkeys(f"1:{target.identity.firms_per_agent}" for target in targets))
    lines.append(f"seed {seed} (replicate i uses draw i and stream i in every scenario)   jobs {jobs}")
    lines.append(f"draws {draws}   scale {scales}")
    return lines


def duration_text(seconds: float) -> str:
    """Return a waiting time as a person would say it: ``35 s``, ``4 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


class Counter:
    """Counts replicates per scenario and guesses the time left from those finished by this command."""

    def __init__(self, targets: Sequence[Target], clock: Callable[[], float] = time.monotonic) -> None:
        self.targets = list(targets)
        self.done = [target.reused for target in targets]
        self.failed = 0
        self.todo = sum(len(target.todo) for target in targets)
        self.left = self.todo
        self._clock = clock
        self.started = clock()

    def count(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.left -= 1
        if outcome.failure is None:
            self.done[outcome.target] += 1
        else:
            self.failed += 1

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self._clock() - self.started

    def remaining_text(self) -> str:
        """Return ``ETA 4 min``, or the time it took when nothing is left."""
        if self.left == 0:
            return duration_text(self.seconds)
        past = self.todo - self.left
        return f"ETA {duration_text(self.seconds / past * self.left)}" if past else "ETA ..."

    def line(self, bar: Callable[[float], str] | None = None) -> str:
        """Return one line over all scenarios, with a bar before each count when ``bar`` draws one."""
        cells = []
        for target, done in zip(self.targets, self.done, strict=True):
            total = len(target.wanted)
            drawn = f"{bar(done / total)} " if bar else ""
            cells.append(f"{target.label} {drawn}{done}/{total}")
        return "   ".join([*cells, self.remaining_text(), f"failed {self.failed}"])


class PlainProgress:
    """Lines for a pipe or a log: after 5 s, then at growing intervals up to a minute, and one at the end."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._counter: Counter | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._next = 0.0
        self._pending = False

    def start(self, targets: Sequence[Target], seeds: Sequence[int], jobs: int) -> None:
        """Say what is reused and what is to do."""
        for line in head_lines(targets, seeds, jobs):
            self.notice(line)
        self._counter = Counter(targets, self._clock)
        self._next = self._clock() + self._pause

    def finished(self, outcome: Outcome) -> None:
        """Count one replicate, and say so when the last line is long enough ago."""
        if self._counter is None:
            return
        self._counter.count(outcome)
        self._pending = True
        if self._counter.left == 0 or self._clock() >= self._next:
            self._pause = min(self._pause * 1.5, LONGEST_PAUSE_SECONDS)
            self._next = self._clock() + self._pause
            self._say()

    def notice(self, text: str) -> None:
        """Say something in between."""
        print(text, file=self._stream, flush=True)

    def stop(self) -> None:
        """Say how far it got, unless that was the last line."""
        if self._pending:
            self._say()

    def _say(self) -> None:
        if self._counter is not None:
            self.notice(self._counter.line())
        self._pending = False


class TerminalProgress:
    """One line that moves, with bars and the time left."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._full, self._empty = _bar_characters(self._console.encoding)
        self._counter: Counter | None = None
        self._live: Live | None = None

    def start(self, targets: Sequence[Target], seeds: Sequence[int], jobs: int) -> None:
        """Say what is reused and what is to do, and draw the first line."""
        from rich.live import Live

        for line in head_lines(targets, seeds, jobs):
            self.notice(line)
        self._counter = Counter(targets)
        if self._counter.todo:
            self._live = Live(console=self._console, refresh_per_second=2, get_renderable=self._render)
            self._live.start()

    def finished(self, outcome: Outcome) -> None:
        """Count one replicate."""
        if self._counter is not None:
            self._counter.count(outcome)

    def notice(self, text: str) -> None:
        """Say something above the moving line."""
        from rich.text import Text

        self._console.print(Text(text), soft_wrap=True)

    def stop(self) -> None:
        """Leave the last line standing."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _render(self) -> Text:
        from rich.text import Text

        cells = BAR_CELLS if self._counter and len(self._counter.targets) < 3 else BAR_CELLS // 4
        return Text(self._counter.line(lambda part: self._bar(part, cells)) if self._counter else "")

    def _bar(self, part: float, cells: int) -> str:
        full = int(part * cells)
        return self._full * full + self._empty * (cells - full)


def _bar_characters(encoding: str) -> tuple[str, str]:
    """Return block characters, or plain ones for a console that cannot show them."""
    try:
        "█░".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "#", "."
    return "█", "░"


def standard_progress() -> Progress:
    """Return the progress that suits standard error."""
    return TerminalProgress() if sys.stderr.isatty() else PlainProgress()
