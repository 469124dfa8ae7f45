"""Measure speed and memory and print the table of ``benchmarks/README.md``:  python -m benchmarks [REPETITIONS]."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import version

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
REPETITIONS = 5


def separate_run(replicate: int) -> dict[str, float]:
    """Measure a long run in a process of its own, so that its memory is counted alone."""
    code = (
        "import dataclasses, json; from benchmarks.measure import long_run; "
        f"print(json.dumps(dataclasses.asdict(long_run({replicate}))))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return result


def middle(values: list[float], form: str) -> str:
    """Return the median, and least and most beside it."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def main(repetitions: int) -> None:
    """Measure and print."""
    from benchmarks.measure import against_objects, governing_share

    separate_run(0)  # compiles the rules if need be
    runs = [separate_run(number) for number in range(repetitions)]
    peer = against_objects(repetitions)
    print("| Yongnian, one agent for each firm, ten years | median (least to most) |\n|---|---|")
    rows = [
        ("firms and buyers at the start", f"{runs[0]['firms']:,.0f} and {runs[0]['buyers']:,.0f}"),
        ("building and settling, s", middle([run["settling_seconds"] for run in runs], ".2f")),
        ("simulation loop of 120 months, s", middle([run["loop_seconds"] for run in runs], ".2f")),
        ("one month, ms", middle([1000.0 * run["loop_seconds"] / run["months"] for run in runs], ".1f")),
        ("peak memory of the process, MiB", middle([run["peak_mebibytes"] for run in runs], ".0f")),
        (f"firm phases of a month, {peer.firms:,} firms, columns, ms", middle(peer.columns, ".2f")),
        ("the same as one Mesa object for each firm, ms", middle(peer.objects, ".0f")),
        ("objects over columns, pairs measured back to back", f"{peer.ratio:.0f} times"),
        ("269 clusters at 1:100: part of a month for governments and institutions", f"{governing_share():.1%}"),
    ]
    for what, value in rows:
        print(f"| {what} | {value} |")
    libraries = ", ".join(f"{name} {version(name)}" for name in ("mesa", "numba", "numpy"))
    print(f"\nProcessor time of one core, {repetitions} repetitions. Python {platform.python_version()}, {libraries}.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS)
