"""Measure speed and memory:  python -m benchmarks [--full] [--against VERSION] [--write] [PART ...]."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
RESULTS = Path(__file__).with_name("results.json")
BEFORE = "f58c6f5"
"""The last commit before the month, the start and the search were redesigned."""
PARTS = ("peers", "versions", "waiting", "curve", "phases", "machine")


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; default: all")
    parser.add_argument("--full", action="store_true", help="100 pairs one to one, and a nation of 3 million firms")
    parser.add_argument("--smallest", action="store_true", help="only show that everything runs")
    parser.add_argument(
        "--against", default=BEFORE, metavar="VERSION", help="a commit, the folder of a checkout, or none"
    )
    parser.add_argument("--write", action="store_true", help="keep the figures in benchmarks/ and draw docs/pictures/")
    given = parser.parse_args()
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"{', '.join(unknown)}: the parts are {', '.join(PARTS)}")
    return given


def main() -> None:
    """Measure and print."""
    from benchmarks import measure, pictures

    given = arguments()
    size = measure.FULL if given.full else measure.SMALLEST if given.smallest else measure.USUAL
    tables: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        before = None if given.against == "none" else stack.enter_context(measure.checkout(given.against))
        for part in given.parts or PARTS:
            work = getattr(measure, part)
            if part == "versions" and before is None:
                continue
            made = work(size, before) if part in ("versions", "waiting") else work(size)
            for table in made:
                print(table.markdown(), flush=True)
            tables[part] = [table.plain() for table in made]
    if given.write:
        kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        tables = {part: tables.get(part, kept.get(part)) for part in PARTS if part in {**kept, **tables}}
        RESULTS.write_text(json.dumps(tables, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pictures.draw(tables)
        pictures.PAGE.write_text(pictures.filled(pictures.PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
