"""What is measured, part by part. Every part returns tables of numbers; ratios are of pairs measured back to back."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.docking import FORMS, dock, watched
from benchmarks.machine import limits
from benchmarks.worker import model_of
from sim.model import ClusterModel
from sim.parameters import load_parameters
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.state import draws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
YONGNIAN, CLUSTERS = "yongnian-2023", "hebei-clusters-2019"
HEADLINE = "yongnian-fair2x-fund200m"
DOCKED_MONTHS = 24


@dataclass(frozen=True)
class Size:
    """How much is measured: ``SMALLEST`` only shows that everything runs."""

    repetitions: int
    months: int
    scale: int
    nations: tuple[tuple[int, int], ...]
    nation_months: int
    versions: tuple[tuple[str, str, int], ...]
    replicates: tuple[int, int]
    elements: int


ONE_TO_ONE = ("Yongnian one to one", YONGNIAN, 1)
SMALLEST = Size(1, 1, 100, ((3_000, 2),), 1, (("Yongnian at 1:100", YONGNIAN, 100),), (2, 3), 1 << 12)
USUAL = Size(
    3, 12, 1, ((3_000, 2), (30_000, 20), (300_000, 200)), 12,
    (ONE_TO_ONE, ("269 clusters at 1:100", CLUSTERS, 100), ("269 clusters one to one", CLUSTERS, 1)), (2, 4), 1 << 23,
)  # fmt: skip
FULL = replace(USUAL, nations=(*USUAL.nations, (3_000_000, 2_000)), replicates=(2, 100))


@dataclass(frozen=True)
class Table:
    """Numbers with a title and a column for each name; the first column says what."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.columns, tuple("---" for _ in self.columns), *self.rows]
        shown = ["| " + " | ".join(map(plain_number, line)) + " |" for line in lines]
        return "\n".join([f"**{self.title}**", "", *shown, ""])

    def plain(self) -> dict[str, Any]:
        """Return the table for a file, numbers with three digits."""
        return {**asdict(self), "rows": [[float(f"{cell:.3g}") if isinstance(cell, float) else cell for cell in row]
                                         for row in self.rows]}  # fmt: skip


def plain_number(value: Any) -> str:
    """Return a number with three significant digits, and text as it is."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def timed(work: Callable[[], object]) -> float:
    """Return seconds of processor time of this process."""
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median over pairs measured back to back."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


# --- the same month in other forms ------------------------------------------------------------------------------------


def without_policies(scale: int) -> ClusterModel:
    """Return Yongnian without policies, settled."""
    scenario = replace(realise(load(YONGNIAN).scenario, 0), policies=(), firms_per_agent=scale)
    return ClusterModel(scenario, load_parameters(), draws.replicate_seed(scenario.seed, 0))


def peers(size: Size) -> list[Table]:
    """Measure a whole month of the model, of the same in NumPy columns and of the same as a Mesa model, in turn."""
    dock(without_policies(max(size.scale, 20)), DOCKED_MONTHS if size.repetitions > 1 else 2)
    model = without_policies(size.scale)
    forms = [kind(model) for kind in FORMS]
    goes: dict[str, list[float]] = {kind.__name__: [] for kind in (ClusterModel, *FORMS)}
    for go in range(size.repetitions + 1):
        for each, months in zip((model, *forms), (size.months, 1, 2), strict=True):
            seconds = timed(lambda each=each, months=months: [each.step() for _ in range(months)]) / months
            if go > 0:  # the first does not count
                goes[type(each).__name__].append(1000.0 * seconds)
    ours, firms = goes["ClusterModel"], model.state.live.size
    names = (("ClusterModel", "this model"), ("ArrayMonth", "NumPy columns"), ("MesaMonth", "Mesa agents"))
    rows = [(what, statistics.median(goes[name]), median_ratio(goes[name], ours)) for name, what in names]
    return [Table(f"A month of {firms:,} firms with their buyers", ("form", "ms", "times this model"), rows)]


def phases(size: Size) -> list[Table]:
    """Measure each phase of the month."""
    spent: dict[str, dict[str, list[float]]] = {}
    columns = []
    for what, name, scale in size.versions[:2]:
        model, columns = model_of(name, scale), [*columns, f"{what}, ms"]
        for _ in range(min(8, size.months)):
            model.step()
        for _ in range(size.months):
            month: dict[str, float] = {}

            def call(phase_name: str, phase: Callable[[], Any], month: dict[str, float] = month) -> Any:
                begun = time.process_time()
                result = phase()
                month[phase_name] = month.get(phase_name, 0.0) + 1000.0 * (time.process_time() - begun)
                return result

            with watched(call):
                whole = 1000.0 * timed(model.step)
            month["record"] = whole - sum(month.values())
            for phase_name, milliseconds in {**month, "whole month": whole}.items():
                spent.setdefault(phase_name, {}).setdefault(columns[-1], []).append(milliseconds)
    rows = [(name, *(statistics.median(goes.get(column, [0.0])) for column in columns)) for name, goes in spent.items()]
    return [Table("A month by phase", ("phase", *columns), rows)]


# --- other versions, in processes of their own ------------------------------------------------------------------------


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a process that runs the program of a checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(root), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Process:
    """A worker (``benchmarks.worker``) on some checkout."""

    def __init__(self, root: Path = ROOT) -> None:
        script = str(ROOT / "benchmarks" / "worker.py")
        self.process = subprocess.Popen(
            [sys.executable, script], cwd=root, env=environment(root), text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self.answer()

    def answer(self) -> dict[str, float]:
        """Return the next answer."""
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise RuntimeError("a process that was to be measured has ended; its message stands above")
        result: dict[str, float] = json.loads(line)
        return result

    def ask(self, do: str, **arguments: Any) -> dict[str, float]:
        """Let the process do something and return what it measured."""
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        return self.answer()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


@contextlib.contextmanager
def checkout(version: str) -> Iterator[Path]:
    """Yield the folder of another version: a path, or a commit that is laid out in a temporary folder."""
    if Path(version).is_dir():
        yield Path(version).resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    git = ["git", "-C", str(ROOT), "worktree"]
    try:
        subprocess.run([*git, "add", "--detach", str(folder / "before"), version], check=True, capture_output=True)
        yield folder / "before"
    finally:
        subprocess.run([*git, "remove", "--force", str(folder / "before")], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def versions(size: Size, before: Path) -> list[Table]:
    """Measure building and months of two versions in turn."""
    rows = []
    for what, name, scale in size.versions:
        with Process(before) as old, Process() as new:
            starts = [process.ask("start", name=name, scale=scale) for process in (old, new)]
            for process in (old, new):
                process.ask("months", number=min(8, size.months))  # until institutions are in force
            goes = [
                [process.ask("months", number=size.months) for process in (old, new)] for _ in range(size.repetitions)
            ]
            memory = [go["held"] / go["rows"] for go in goes[-1]]
            then, now = ([go[side]["seconds"] for go in goes] for side in range(2))
            rows.append((f"{what}: month, ms", *(1000.0 * statistics.median(side) for side in (then, now)),
                         median_ratio(then, now)))  # fmt: skip
            then, now = starts[0]["seconds"], starts[1]["seconds"]
            rows.append((f"{what}: start with burn-in, s", then, now, then / now))
            rows.append((f"{what}: bytes a firm in business, with links", *memory, memory[0] / memory[1]))
    return [Table("Against the version before", ("", "before", "now", "ratio"), rows)]


def shell(root: Path, *arguments: str) -> float:
    """Return seconds of processor time, with all its processes, that a command takes."""
    line = [sys.executable, str(ROOT / "benchmarks" / "spent.py"), *arguments]
    done = subprocess.run(line, cwd=root, env=environment(root), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr}")
    return float(done.stdout)


def waiting(size: Size, before: Path | None) -> list[Table]:
    """Measure what a user waits for, from shell to table, of one version or two in turn."""
    few, many = size.replicates
    small, scale = ("-n", "2", "--scale", "100"), ("--scale", str(size.scale))
    run = ("run", YONGNIAN, HEADLINE, *scale, "--jobs", "2", "-n")
    commands = {
        "run -n 1 --scale 20": (("run", YONGNIAN, "-n", "1", "--scale", "20", "--jobs", "1"),),
        "demo": (("demo", "--no-open", *(small if size.repetitions == 1 else ())),),
        "few": ((*run, str(few)), ("compare", HEADLINE, YONGNIAN)),
        "many": ((*run, str(many)), ("compare", HEADLINE, YONGNIAN)),
    }
    roots = [root for root in (before, ROOT) if root is not None]
    goes: dict[str, list[list[float]]] = {what: [[] for _ in roots] for what in commands}
    with tempfile.TemporaryDirectory() as out:
        for root in roots:  # makes bytecode
            shell(root, "demo", "--no-open", *small, "--out", out)
    for what, lines in commands.items():
        for _ in range(size.repetitions if what.startswith("run") else 1):
            for number, root in enumerate(roots):
                with tempfile.TemporaryDirectory() as out:
                    goes[what][number].append(sum(shell(root, *line, "--out", out) for line in lines))
    middle = {what: [statistics.median(each) for each in sides] for what, sides in goes.items()}
    fewer, more = middle.pop("few"), middle.pop("many")
    pair = [(b - a) / (many - few) for a, b in zip(fewer, more, strict=True)]
    middle["a pair one to one"] = pair
    middle["100 pairs one to one, on two cores"] = [
        (all_of_them + (100 - many) * each) / 2.0 for all_of_them, each in zip(more, pair, strict=True)
    ]
    names = ("before, s", "now, s", "ratio") if before else ("now, s",)
    rows = [(what, *sides, *([sides[0] / sides[1]] if before else [])) for what, sides in middle.items()]
    return [Table("From shell to table, processor time of all processes", ("", *names), rows)]


# --- how cost grows, and what the machine allows ----------------------------------------------------------------------


def curve(size: Size) -> list[Table]:
    """Measure a month, a start and memory of synthetic nations of growing size."""
    rows, columns, bytes_of = [], ("firms", "counties", "start, s", "month, ms", "ns a firm", "bytes a firm", "GiB"), []
    for firms, counties in size.nations:
        with Process() as process:
            start = process.ask("start", name=f"nation:{firms}:{counties}", scale=1)
            goes = [process.ask("months", number=size.nation_months) for _ in range(3 if firms < 1e6 else 1)]
            bytes_of.append(process.ask("columns"))
        month, live = statistics.median(go["seconds"] for go in goes), goes[-1]["rows"]
        rows.append((
            int(live), counties, start["seconds"], 1000.0 * month, 1e9 * month / live, goes[-1]["held"] / live,
            goes[-1]["peak"] / 2**30,
        ))  # fmt: skip
    return [Table("Synthetic nations, one agent for each firm", columns, rows)]


def machine(size: Size) -> list[Table]:
    """Measure the machine's limits, and where a month of the model stands against them."""
    best = limits(size.elements, size.repetitions)
    with Process() as process:
        start = process.ask("start", name=YONGNIAN, scale=size.scale)
        goes = [process.ask("months", number=size.months)["seconds"] for _ in range(size.repetitions)]
        columns = process.ask("columns")
    month, firms = statistics.median(goes), start["rows"]
    held = columns["firm"] * firms + columns["link"] * start["links"]
    once = 2.0 * held / best["triad, bytes a second"]
    rows = [
        ("memory bandwidth (triad), GB a second", best["triad, bytes a second"] / 1e9),
        *((name, value) for name, value in best.items() if name.endswith("ns")),
        ("a month, ns a firm", 1e9 * month / firms),
        ("columns and links of a firm, bytes", held / firms),
        ("reading and writing all of them once, ns a firm", 1e9 * once / firms),
        ("a month over that", month / once),
    ]
    return [Table("The machine's limits", ("", "one core"), rows)]
