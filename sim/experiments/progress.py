"""What a command that simulates tells who waits for it: one line that moves on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.live import Live
    from rich.text import Text

BAR_CELLS = 20
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0


@dataclass
class Count:
    """How many of the replicates of a scenario, or of the trials of a design, are done."""

    label: str
    done: int
    total: int


class Progress:
    """Is told what happens, from the main thread only, and says nothing of it."""

    def start(self, lines: Sequence[str], counts: Sequence[Count]) -> None:
        """Say ``lines``, what is reused and what is to do, and begin to count."""

    def finished(self, position: int, number: int, *, failed: bool) -> None:
        """Count one replicate or trial, by its number, of the count at a position."""

    def notice(self, text: str) -> None:
        """Say something in between."""

    def stop(self) -> None:
        """End; called once whatever happened, also when ``start`` was not."""


def duration_text(seconds: float) -> str:
    """Return a waiting time as a person would say it: ``35 s``, ``4 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


class Counting(Progress):
    """Counts what is done and guesses the time left from what this command has done."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.counts: Sequence[Count] = ()
        self.todo = self.left = self.failed = 0
        self.started = clock()

    def start(self, lines: Sequence[str], counts: Sequence[Count]) -> None:
        """Say what is reused and what is to do, and begin to count."""
        for line in lines:
            self.notice(line)
        self.counts = counts
        self.todo = self.left = sum(item.total - item.done for item in counts)
        self.started = self._clock()

    def finished(self, position: int, number: int, *, failed: bool) -> None:
        """Count one replicate or trial."""
        self.left -= 1
        if failed:
            self.failed += 1
        else:
            self.counts[position].done += 1

    def remaining_text(self) -> str:
        """Return ``ETA 4 min``, or the time it took when nothing is left."""
        seconds, past = self._clock() - self.started, self.todo - self.left
        if self.left == 0:
            return duration_text(seconds)
        return f"ETA {duration_text(seconds / past * self.left)}" if past else "ETA ..."

    def line(self, bar: Callable[[float], str] | None = None) -> str:
        """Return one line over all counts, with a bar before each when ``bar`` draws one."""
        cells = []
        for item in self.counts:
            drawn = f"{bar(item.done / item.total)} " if bar else ""
            cells.append(f"{item.label} {drawn}{item.done}/{item.total}")
        return "   ".join([*cells, self.remaining_text(), f"failed {self.failed}"])


class PlainProgress(Counting):
    """Lines for a pipe or a log: after 5 s, then at growing intervals up to a minute, and one at the end."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self._stream = stream or sys.stderr
        self._pause, self._next, self._pending = FIRST_PAUSE_SECONDS, 0.0, False

    def start(self, lines: Sequence[str], counts: Sequence[Count]) -> None:
        """Say what is reused and what is to do."""
        super().start(lines, counts)
        self._pause = FIRST_PAUSE_SECONDS
        self._next = self._clock() + self._pause

    def finished(self, position: int, number: int, *, failed: bool) -> None:
        """Count one, and say so when the last line is long enough ago."""
        super().finished(position, number, failed=failed)
        self._pending = True
        if self.left == 0 or self._clock() >= self._next:
            self._pause = min(self._pause * 1.5, LONGEST_PAUSE_SECONDS)
            self._next = self._clock() + self._pause
            self.stop()

    def notice(self, text: str) -> None:
        """Say something in between."""
        print(text, file=self._stream, flush=True)

    def stop(self) -> None:
        """Say how far it got, unless that was the last line."""
        if self._pending:
            self.notice(self.line())
        self._pending = False


class TerminalProgress(Counting):
    """One line that moves, with bars and the time left."""

    def __init__(self) -> None:
        from rich.console import Console

        super().__init__()
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._full, self._empty = _bar_characters(self._console.encoding)
        self._live: Live | None = None

    def start(self, lines: Sequence[str], counts: Sequence[Count]) -> None:
        """Say what is reused and what is to do, and draw the first line."""
        from rich.live import Live

        super().start(lines, counts)
        if self.todo:
            self._live = Live(console=self._console, refresh_per_second=2, get_renderable=self._render)
            self._live.start()

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

        cells = BAR_CELLS if len(self.counts) < 3 else BAR_CELLS // 4
        return Text(self.line(lambda part: self._full * int(part * cells) + self._empty * (cells - int(part * cells))))


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
