"""What is said while a run is under way."""

from __future__ import annotations

import io
import re

import pytest

from sim.experiments import run_ensemble
from sim.experiments.progress import (
    Count,
    PlainProgress,
    TerminalProgress,
    _bar_characters,
    duration_text,
    standard_progress,
)
from tests.experiments.toys import toybox


def say(tmp_path, *references, n=12, **options) -> list[str]:
    stream = io.StringIO()
    run_ensemble(references, n, 1, out=tmp_path, toolbox=toybox(), progress=PlainProgress(stream), **options)
    return stream.getvalue().splitlines()


def test_head_and_last_line(tmp_path):
    say(tmp_path, "toy", n=4)
    lines = say(tmp_path, "toy", "toy:bigger")
    assert lines[:4] == [
        "A toy         12 replicates: 4 reused, 8 to do",
        "B toy:bigger  12 replicates: 12 to do",
        "seed 7 (replicate i uses draw i and stream i in every scenario)   jobs 1",
        "draws none (parameters at assumed values)   scale 1:20",
    ]
    assert re.fullmatch(r"A 12/12   B 12/12   \d+ s   failed 0", lines[-1])
    assert say(tmp_path, "toy", "toy:bigger")[:2] == [
        "A toy         12 replicates: all reused",
        "B toy:bigger  12 replicates: all reused",
    ]


def test_a_single_replicate_is_named(tmp_path):
    assert say(tmp_path, "toy", only=7)[0] == "A toy  replicate 7: 1 to do"
    assert say(tmp_path, "toy", only=7)[0] == "A toy  replicate 7: reused"


def test_plain_lines_come_at_growing_intervals_with_the_time_left():
    stream, now = io.StringIO(), [0.0]
    progress = PlainProgress(stream, clock=lambda: now[0])
    progress.start(["A 50 reused"], [Count("A", 50, 200), Count("B", 50, 200)])
    stream.truncate(0)
    stream.seek(0)
    for step in range(200):
        now[0] += 2.0
        progress.finished(step % 2, step // 2, failed=step == 3)
    progress.stop()
    lines = stream.getvalue().splitlines()
    assert lines[0] == "A 52/200   B 51/200   ETA 10 min   failed 0"
    assert 8 < len(lines) < 20
    assert lines[-1] == "A 150/200   B 149/200   ETA 3 min   failed 1"


def test_stop_without_start_says_nothing():
    stream = io.StringIO()
    PlainProgress(stream).stop()
    TerminalProgress().stop()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.1, "1 s"), (35, "35 s"), (240, "4 min"), (89 * 60, "89 min"), (7800, "2 h 10 min")],
)
def test_durations(seconds, text):
    assert duration_text(seconds) == text


def test_terminal_line_has_bars_and_takes_names_literally(monkeypatch):
    from rich.console import Console

    stream = io.StringIO()
    progress = TerminalProgress()
    progress._console = Console(file=stream, force_terminal=True, width=120, markup=False, highlight=False)
    progress.start(["A [red]toy[/red]"], [Count("A", 0, 4)])
    progress.finished(0, 0, failed=False)
    progress.finished(0, 1, failed=False)
    progress.stop()
    text = stream.getvalue()
    assert "[red]toy[/red]" in text
    assert progress._full * 10 + progress._empty * 10 in text
    assert "2/4" in text


def test_bars_on_a_console_without_block_characters():
    assert _bar_characters("utf-8") == ("█", "░")
    assert _bar_characters("ascii") == ("#", ".")
    assert _bar_characters("no-such-encoding") == ("#", ".")


def test_a_pipe_gets_plain_lines(monkeypatch):
    assert isinstance(standard_progress(), PlainProgress)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert isinstance(standard_progress(), TerminalProgress)
