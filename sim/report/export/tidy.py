"""Tables and cubes of runs.

Tidy, one row per replicate, period and variable: CSV, or Parquet where pyarrow is installed. As netCDF where netCDF4
is installed: scenario x replicate x month x place, one variable per observable.
"""

from __future__ import annotations

from functools import reduce
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.experiments import dataset
from sim.experiments.aggregate import by_year
from sim.experiments.store import PartReader, RunFolder
from sim.observables import observable
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sim.experiments import Run

Period = Literal["year", "month"]
LAST: Final = ("replicate", "draw", "seed", "value")


def columns(period: Period) -> tuple[str, ...]:
    """Return the columns of a tidy table."""
    return ("run", "scenario", "place", "variable", "unit", period, *LAST)


def shared_months(runs: Sequence[Run]) -> NDArray[np.int64]:
    """Return the month numbers that all the runs hold, ascending."""
    return reduce(np.intersect1d, (run.months for run in runs))


def frames(run: Run, period: Period, months: NDArray[np.int64]) -> Iterator[pd.DataFrame]:
    """Yield the table of a run variable by variable and place by place, so that no more is held in memory.

    Only the given ``months`` are told, and of years those that lie in them as a whole.
    """
    numbers = [int(number) for number in run.replicates]
    draws, seeds = _draws(run, numbers)
    held, labels = np.isin(run.months, months), [month_text(month) for month in months.tolist()]
    if period == "year":
        held = np.isin(run.years, months // 12) & np.isin(12 * run.years, months) & np.isin(12 * run.years + 11, months)
        labels = run.years[held].tolist()
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
            frame = pd.DataFrame({**same, **repeated, "value": values[:, held].reshape(-1)})
            yield frame[list(columns(period))]


def _draws(run: Run, numbers: Sequence[int]) -> tuple[list[int], list[str]]:
    """Return parameter draw and seed of each replicate, as its record holds them (a seed is a long number: text)."""
    found: dict[int, tuple[int, str]] = {}
    for path in RunFolder(run.folder).parts():
        with PartReader(path) as part:
            for replicate in part.replicates:
                found[replicate] = (part.number(replicate, "draw"), part.text(replicate, "seed"))
    return [found[number][0] for number in numbers], [found[number][1] for number in numbers]


def write_csv(runs: Sequence[Run], period: Period, path: Path) -> None:
    """Write the tables of runs one after the other as one CSV, UTF-8 without a mark, numbers in full.

    Of several runs the months (years) that all of them hold are written.
    """
    months = shared_months(runs)
    with path.open("wb") as stream:
        stream.write((",".join(columns(period)) + "\n").encode())
        for run in runs:
            for frame in frames(run, period, months):
                stream.write(frame.to_csv(index=False, header=False, lineterminator="\n").encode())


def write_parquet(runs: Sequence[Run], period: Period, path: Path) -> None:
    """Write the tables of runs as one Parquet file, a row group for each variable and place; months as for CSV.

    ``UserError`` when pyarrow is not installed; the text names the extra.
    """
    require("pyarrow", "parquet")
    import pyarrow
    from pyarrow import parquet

    writer, months = None, shared_months(runs)
    try:
        for run in runs:
            for frame in frames(run, period, months):
                table = pyarrow.Table.from_pandas(frame, preserve_index=False)
                writer = writer or parquet.ParquetWriter(path, table.schema)
                writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def write_netcdf(runs: Sequence[Run], path: Path) -> None:
    """Write the Dataset that ``sim.experiments.load`` gives, in the months that all the runs hold.

    ``UserError`` when netCDF4 is not installed; the text names the extra.
    """
    require("netCDF4", "netcdf")
    months = (shared_months(runs) - 1970 * 12).astype("datetime64[M]").astype("datetime64[ns]")
    whole = dataset(runs).sel(month=months)
    # More compression costs time and saves next to nothing.
    encoding = {str(name): {"zlib": True, "complevel": 1} for name in whole.data_vars}
    whole.to_netcdf(path, engine="netcdf4", encoding=encoding)


def require(module: str, extra: str) -> None:
    """Raise ``UserError`` naming the extra when an optional package is missing."""
    if find_spec(module) is None:
        raise UserError(
            f"--format {extra} needs {module}, which is not installed\n"
            f"     install it:  pip install 'countysim[{extra}]'   (or pip install {module})"
        )
