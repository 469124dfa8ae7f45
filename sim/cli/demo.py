"""``countysim demo`` and ``new``: a first result in about a minute, and a workspace of one's own."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare import Comparison
    from sim.experiments import Run
    from sim.units import Language

BASELINE = "yongnian-2023"
SCENARIO = "yongnian-fair2x-fund200m"
REPLICATES = 24
FIRMS_PER_AGENT = 20
NEXT_REPLICATES = 100


def demo(
    replicates: int = REPLICATES, scale: int = FIRMS_PER_AGENT, launching: common.Launching = common.LAUNCHING,
    out: Path | None = None, lang: str | None = None, no_open: bool = False,
) -> None:  # fmt: skip
    """Run a first comparison: Yongnian with a larger fair and a fund."""
    common.one_thread()
    language = common.chosen_language(lang)
    from sim.experiments import run_request, standard_progress

    print(common.WORDS.say(language, "demo.begins", scale=scale, replicates=replicates), flush=True)
    began = time.perf_counter()
    command = f"countysim demo -n {replicates} --scale {scale}"
    request = launching.request(replicates, scale, out, references=(BASELINE, SCENARIO), command=command)
    a, b = run_request(request, standard_progress())
    seconds = time.perf_counter() - began
    if not len(a.replicates) or not len(b.replicates):
        error = next((failure.get("error", "") for run in (a, b) for failure in run.failures), "")
        print(common.WORDS.say(language, "demo.none_finished", error=error), file=sys.stderr, flush=True)
        raise typer.Exit(1)
    _report(a, b, lang, out, seconds, opens=not no_open)


def _report(a: Run, b: Run, lang: str | None, out: Path | None, seconds: float, *, opens: bool) -> None:
    """Print the answer, write tables, workbook and figures, and say where they are and what comes next."""
    from sim.cli.compare import workbook_language, write_comparison
    from sim.compare import compare
    from sim.compare.csv_tables import comparison_folder
    from sim.report.figures import draw_all
    from sim.workspace import results_root

    language = common.chosen_language(lang)
    comparison = compare(b, a)
    print("", *answer_lines(comparison, language, common.width()), sep="\n")
    folder = comparison_folder(comparison, results_root(out))
    folder = folder.with_name(f"{folder.name}--demo")
    write_comparison(comparison, (b, a), folder, workbook_language(lang))
    figures = draw_all(b, a, folder, language, comparison=comparison)
    print("", *closing_lines(folder, figures, language, _estimated_minutes((a, b), seconds)), sep="\n")
    if opens and _has_display():
        import webbrowser

        webbrowser.open(figures[0].resolve().as_uri())


def answer_lines(comparison: Comparison, language: Language, width: int | None) -> list[str]:
    """Return the table of headline variables and the answer in sentences.

    Parameters
    ----------
    width
        Columns of the terminal, into which the table and the sentences are made to fit; None: no terminal.
    """
    from sim.report.comparison_table import row_columns
    from sim.report.sentences import sentences
    from sim.report.table import layout

    lines = [common.WORDS.say(language, "demo.heading", at=comparison.at, n=comparison.n_pairs)]
    if not comparison.equality.identical:
        columns = row_columns(comparison, comparison.headline_rows(), language)
        lines += [f"  {line}" for line in layout(columns, width and width - 2)]
    lines.append("")
    for sentence in sentences(comparison, language):
        lines += [sentence] if language == "zh" else textwrap.wrap(sentence, max(width or 120, 40))
    return lines


def closing_lines(folder: Path, figures: Sequence[Path], language: Language, minutes: float | None) -> list[str]:
    """Return where the files are and the next command with a guess of its time (None: nothing was timed)."""
    from sim.report.table import pad

    say = partial(common.WORDS.say, language)
    guess = "" if minutes is None else say("demo.guess", minutes=max(1.0, minutes))
    others = len({path.name.partition(".")[0] for path in figures}) - 1
    zh = ".zh" if language == "zh" else ""
    rows = [
        (say("demo.figure"), f"{_near(figures[0])}{say('demo.more', others=others) if others else ''}"),
        (say("demo.tables"), str(_near(folder / f"compare{zh}.csv"))),
        (say("demo.next"), f"countysim run {BASELINE} {SCENARIO} -n {NEXT_REPLICATES}{guess}"),
    ]
    return [pad(name, 8, left=True) + f" {text}" for name, text in rows]


def _estimated_minutes(runs: Sequence[Run], seconds: float) -> float | None:
    """Guess how long the next command takes, from the replicates this command simulated; None when it reused all."""
    from sim.scenario.loader import load

    simulated: int = sum(run.manifest["sessions"][-1]["simulated"] for run in runs)
    if not simulated:
        return None
    relative_size = runs[0].scenario.firms_per_agent / load(BASELINE).scenario.firms_per_agent
    return seconds / simulated * float(relative_size**common.GROWTH_OF_TIME) * NEXT_REPLICATES * len(runs) / 60.0


def _near(path: Path) -> str:
    """Return ``path`` from the current folder where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _has_display() -> bool:
    """Say whether a browser window would be seen."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def new(folder: Path, lang: common.Language = common.SYSTEM) -> None:
    """Make a workspace of your own for counties, scenarios, figures and results."""
    from sim.scaffold.new_workspace import new_workspace

    for path in new_workspace(folder):
        print(f"{common.WORDS.say(lang, 'shared.wrote')}  {path.as_posix()}")
    facts = "calibration/evidence/reported_facts.csv"
    print(f"\n{common.WORDS.say(lang, 'new.next', folder=folder.as_posix(), facts=facts)}")
