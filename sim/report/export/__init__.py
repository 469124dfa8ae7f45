"""Runs in formats of others: IAMC, tidy CSV, Parquet, netCDF. Plain units, full precision; nothing is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from sim.compare import compare
from sim.compare.csv_tables import comparison_folder
from sim.report.export import iamc
from sim.report.export.tidy import write_csv, write_netcdf, write_parquet
from sim.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    from sim.experiments import Run
    from sim.report.export.tidy import Period

Format = Literal["iamc", "csv", "parquet", "netcdf"]
FORMATS: Final[tuple[Format, ...]] = ("iamc", "csv", "parquet", "netcdf")


def export(
    b: Run, a: Run | None, form: Format, *, results: Path, file: Path | None = None, period: Period = "year",
    wide: bool = False,
) -> list[Path]:  # fmt: skip
    """Write a run, or a scenario with its baseline, in one format; return the paths.

    Without ``file`` a run is exported into its own folder, a pair into that of its comparison in ``results``; the
    single runs of ``iamc`` stand beside it under ``<stem>_runs``. ``period`` is for ``csv`` and ``parquet`` (``iamc``
    has years, ``netcdf`` months), ``wide``, years as columns, for ``iamc``. ``UserError`` when the runs cannot be
    paired, an optional package is missing, or the file cannot be written.
    """
    names = {"iamc": "iamc.csv", "netcdf": "monthly.nc"}
    name = names.get(form, f"{'annual' if period == 'year' else 'monthly'}.{form}")
    target, runs = file, [b] if a is None else [b, a]
    if target is None:
        target = (b.folder if a is None else comparison_folder(compare(b, a), results)) / name
    if form == "iamc":
        beside = target.with_name(f"{target.stem}_runs{target.suffix}")
        return [
            _written(target, lambda part: _table(iter([iamc.summary(b, a, wide=wide)]), part)),
            _written(beside, lambda part: _table(iamc.single_runs(b, a, wide=wide), part)),
        ]
    writers = {"csv": write_csv, "parquet": write_parquet}
    if form in writers:
        return [_written(target, lambda part: writers[form](runs, period, part))]
    return [_written(target, lambda part: write_netcdf(runs, part))]


def _table(frames: Iterator[pd.DataFrame], part: Path) -> None:
    """Write frames with the same columns under one heading: UTF-8 without a mark, numbers in full."""
    with part.open("w", encoding="utf-8", newline="") as stream:
        for position, frame in enumerate(frames):
            frame.to_csv(stream, index=False, header=position == 0, lineterminator="\n")


def _written(path: Path, fill: Callable[[Path], None]) -> Path:
    """Let ``fill`` write a file that is whole or absent."""
    with whole_file(path, "choose another file with -o") as part:
        fill(part)
    return path
