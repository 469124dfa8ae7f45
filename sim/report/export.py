"""Runs in formats of others: IAMC, tidy CSV, Parquet, netCDF. Plain units, full precision; nothing is simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import versions
from sim.compare import compare
from sim.compare.csv_tables import comparison_folder
from sim.compare.runs import Pairing, pair, places_by_code
from sim.compare.statistics import Band, bands
from sim.errors import UserError
from sim.experiments import Run, dataset
from sim.experiments.aggregate import by_year
from sim.experiments.store import PartReader, RunFolder
from sim.observables import OBSERVABLES, Observable, observable
from sim.scenario.resolved import Place
from sim.units import month_text
from sim.whole import whole_file

Floats = NDArray[np.float64]
Period = Literal["year", "month"]
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
            _written(target, lambda part: _table(iter([summary(b, a, wide=wide)]), part)),
            _written(beside, lambda part: _table(single_runs(b, a, wide=wide), part)),
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


_UNITS: Final = {"yuan": ("million CNY", 1e-6), "tonnes": ("kt", 1e-3), "yuan/year": ("CNY/yr", 1.0)}
"""Unit in the file by plain unit, and what a plain value is multiplied by, where they differ."""


@dataclass(frozen=True)
class Name:
    """Variable with ``{}`` where the industry goes, unit in the file, and what a plain value is multiplied by."""

    variable: str
    unit: str
    factor: float = 1.0

    def of(self, industry: str) -> str:
        """Return the variable of one industry."""
        return self.variable.format(industry)


QUANTILES: Final = {f"p{n:02}": f"{n}th Percentile" for n in (5, 25, 50, 75, 95)} | {"mean": "Mean"}

PROVINCES: Final = {
    "11": "Beijing", "12": "Tianjin", "13": "Hebei", "14": "Shanxi", "15": "Inner Mongolia", "21": "Liaoning",
    "22": "Jilin", "23": "Heilongjiang", "31": "Shanghai", "32": "Jiangsu", "33": "Zhejiang", "34": "Anhui",
    "35": "Fujian", "36": "Jiangxi", "37": "Shandong", "41": "Henan", "42": "Hubei", "43": "Hunan", "44": "Guangdong",
    "45": "Guangxi", "46": "Hainan", "50": "Chongqing", "51": "Sichuan", "52": "Guizhou", "53": "Yunnan", "54": "Tibet",
    "61": "Shaanxi", "62": "Gansu", "63": "Qinghai", "64": "Ningxia", "65": "Xinjiang", "71": "Taiwan",
    "81": "Hong Kong", "82": "Macao",
}  # fmt: skip
"""First two digits of an administrative code."""
_LEVELS = (" District", " County", " City", " Township", " Town")


@dataclass(frozen=True)
class _Block:
    """Yearly values of one variable and place in one scenario, in the unit of the file; shape (runs, years)."""

    scenario: str
    region: str
    variable: str
    unit: str
    values: Floats


def summary(b: Run, a: Run | None = None, *, wide: bool = False) -> pd.DataFrame:
    """Return quantiles over runs: of B, and with a baseline of A and of the differences run by run.

    ``wide`` gives each year a column of its own. With fewer than 20 runs only the median and the mean are given; a
    quantile that is not a number has no row. ``UserError`` when the runs cannot be paired.
    """
    pairing, years = _paired(b, a)
    pieces = [_quantiles(block, years, bands(block.values), wide) for block in _blocks(b, pairing)]
    return pd.concat([piece for piece in pieces if len(piece)], ignore_index=True)


def single_runs(b: Run, a: Run | None = None, *, wide: bool = False) -> Iterator[pd.DataFrame]:
    """Yield the values of every run, with its replicate number, variable by variable; see ``summary``."""
    pairing, years = _paired(b, a)
    numbers = list(pairing.replicates) if pairing is not None else [int(number) for number in b.replicates]
    for block in _blocks(b, pairing):
        yield _frame(block, [block.variable] * len(numbers), block.values, years, wide, numbers)


def _paired(b: Run, a: Run | None) -> tuple[Pairing | None, list[int]]:
    """Return the runs side by side, and the years exported."""
    if a is None:
        return None, [int(year) for year in b.years]
    pairing = pair(b, a)
    return pairing, list(pairing.years)


def _blocks(b: Run, pairing: Pairing | None) -> Iterator[_Block]:
    """Yield every variable of every place, then of all together when there are several; B, A, B less A."""
    places = places_by_code(b)
    scopes: list[tuple[str | None, str, str]] = [(p.id, region(p), industry([p])) for p in places]
    if len(places) > 1:
        scopes.append((None, region_of_all(places), industry(places)))
    for place, where, made in scopes:
        for item in OBSERVABLES:
            name = name_of(item)
            if pairing is None:
                yield _Block(b.scenario_id, where, name.of(made), name.unit, b.annual(item.name, place) * name.factor)
                continue
            ours, theirs = (values * name.factor for values in pairing.annual(item.name, place))
            for scenario, values in (
                (pairing.b.scenario_id, ours),
                (pairing.a.scenario_id, theirs),
                (f"{pairing.b.scenario_id} minus {pairing.a.scenario_id}", ours - theirs),
            ):
                yield _Block(scenario, where, name.of(made), name.unit, values)


def _quantiles(block: _Block, years: Sequence[int], found: Sequence[Band], wide: bool) -> pd.DataFrame:
    """Return one row (``wide``) or one row a year for each quantile; nothing where it may not be shown."""
    values = np.array([[getattr(one, quantile) for one in found] for quantile in QUANTILES])
    shown = ~np.isnan(values).all(axis=1)
    names = [f"{block.variable}|{title}" for title in QUANTILES.values()]
    kept = [name for name, keep in zip(names, shown, strict=True) if keep]
    return _frame(block, kept, values[shown], years, wide)


def _frame(
    block: _Block, variables: Sequence[str], values: Floats, years: Sequence[int], wide: bool,
    replicates: Sequence[int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return rows of ``values``, shape (variables, years), as a table; a long one leaves out what is not a number."""
    head: dict[str, object] = {
        "model": f"countysim {versions.__version__}", "scenario": block.scenario, "region": block.region,
        "variable": list(variables), "unit": block.unit,
    }  # fmt: skip
    if replicates is not None:
        head["replicate"] = list(replicates)
    if wide:
        columns = {str(year): values[:, position] for position, year in enumerate(years)}
        return pd.DataFrame(head | columns)
    lines = len(variables)
    repeated = {
        name: np.repeat(np.array(cells, dtype=object), len(years)) if isinstance(cells, list) else cells
        for name, cells in head.items()
    }
    frame = pd.DataFrame(repeated | {"year": np.tile(np.array(years), lines), "value": values.reshape(-1)})
    return frame[frame["value"].notna()]


def name_of(item: Observable) -> Name:
    """Return the name of an observable; one that declares none goes by its label."""
    unit, factor = _UNITS.get(item.unit, (item.unit, 1.0))
    if item.iamc_prices:
        unit = f"{unit} ({item.iamc_prices} prices)"
    titled = " ".join(part[:1].upper() + part[1:] for part in item.label.split())
    return Name(item.iamc or f"{titled}|{{}}", unit, factor)


def word(text: str) -> str:
    """Return text as one level of a name: on one line, without the bar that separates levels."""
    kept = "".join(c if c.isprintable() and c != "|" else " " for c in text)
    return " ".join(kept.split())


def industry(places: Sequence[Place]) -> str:
    """Return the industry of places, ``All Industries`` when they have several: ``Wire Mesh`` for ``wire-mesh``."""
    names = {place.industry for place in places}
    if len(names) != 1:
        return "All Industries"
    # Not str.title(), which would raise the letter after an apostrophe too.
    return " ".join(part[:1].upper() + part[1:] for part in word(names.pop().replace("-", " ")).split()) or "Industry"


def region(place: Place) -> str:
    """Return ``China|Hebei|Yongnian``: country, province by administrative code, place without its level."""
    name = word(place.name.partition(",")[0]) or place.id
    for level in _LEVELS:
        name = name.removesuffix(level)
    province = PROVINCES.get(place.admin_code[:2])
    return "|".join(part for part in ("China", province, name) if part)


def region_of_all(places: Sequence[Place]) -> str:
    """Return the region of places together; that of a single one is its own."""
    if len(places) == 1:
        return region(places[0])
    provinces = {PROVINCES.get(place.admin_code[:2]) for place in places}
    province = provinces.pop() if len(provinces) == 1 else None
    return "|".join(part for part in ("China", province, f"{len(places)} Places") if part)
