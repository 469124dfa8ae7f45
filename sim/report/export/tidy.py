"""Tidy tables of runs: one row per replicate, period and variable; CSV, or Parquet where pyarrow is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.experiments.aggregate import by_year
from sim.experiments.archive import PartReader
from sim.experiments.store import RunFolder
from sim.observables import observable
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sim.experiments import Run

Period = Literal["year", "month"]
LAST: Final = ("replicate", "draw", "seed", "value")


def columns(period: Period) -> tuple[str, ...]:
    """Return the columns of a tidy table."""
    return ("run", "scenario", "place", "variable", "unit", period, *LAST)


def frames(run: Run, period: Period) -> Iterator[pd.DataFrame]:
    """Yield the table of a run variable by variable and place by place, so that no more is held in memory."""
    numbers = [int(number) for number in run.replicates]
    draws, seeds = _draws(run, numbers)
    labels = [int(y) for y in run.years] if period == "year" else [month_text(int(m)) for m in run.months]
    each = len(labels)
    repeated = {
        period: np.tile(np.array(labels), len(numbers)),
        "replicate": np.repeat(numbers, each),
        "draw": np.repeat(draws, each),
        "seed": np.repeat(np.array(seeds, dtype=object), each),
    }
    for place in run.places:
        for name in run.variables:
            item = observable(name)
            values = run.monthly(name, place)
            if period == "year":
                values = by_year(values, run.first_month, item)
            head = {"run": run.id, "scenario": run.scenario_id, "place": place, "variable": name, "unit": item.unit}
            rows = len(numbers) * each
            same = {column: np.full(rows, text, dtype=object) for column, text in head.items()}
            frame = pd.DataFrame({**same, **repeated, "value": values.reshape(-1)})
            yield frame[list(columns(period))]


def _draws(run: Run, numbers: Sequence[int]) -> tuple[list[int], list[str]]:
    """Return parameter draw and seed of each replicate, as its record holds them (a seed is a long number: text)."""
    found: dict[int, tuple[int, str]] = {}
    for path in RunFolder(run.folder).parts():
        with PartReader(path) as part:
            for replicate in part.replicates:
                found[replicate] = (part.number(replicate, "draw"), part.text(replicate, "seed"))
    return [found[number][0] for number in numbers], [found[number][1] for number in numbers]


def write_csv(runs: Sequence[Run], period: Period, stream: IO[bytes]) -> None:
    """Write the tables of runs one after the other as one CSV, UTF-8 without a mark, numbers in full."""
    stream.write((",".join(columns(period)) + "\n").encode())
    for run in runs:
        for frame in frames(run, period):
            stream.write(frame.to_csv(index=False, header=False, lineterminator="\n").encode())


def write_parquet(runs: Sequence[Run], period: Period, path: Path) -> None:
    """Write the tables of runs as one Parquet file, a row group for each variable and place.

    Raises
    ------
    UserError
        When pyarrow is not installed; the text names the extra.
    """
    require("pyarrow", "parquet")
    import pyarrow
    from pyarrow import parquet

    writer = None
    try:
        for run in runs:
            for frame in frames(run, period):
                table = pyarrow.Table.from_pandas(frame, preserve_index=False)
                writer = writer or parquet.ParquetWriter(path, table.schema)
                writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def require(module: str, extra: str) -> None:
    """Raise ``UserError`` naming the extra when an optional package is missing."""
    if find_spec(module) is None:
        raise UserError(
            f"--format {extra} needs {module}, which is not installed\n"
            f"     install it:  pip install 'countysim[{extra}]'   (or pip install {module})"
        )
