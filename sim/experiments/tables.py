"""Tidy tables of a run, written from its parts one replicate at a time, so that memory does not grow with the run."""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.aggregate import by_year, complete_years, over_places
from sim.experiments.store import PartReader
from sim.observables import INDEX, Observable
from sim.state.record import PANEL, SIZE_CLASS_BOUNDS_YUAN, SIZE_CLASS_MEASURES
from sim.units import month_text
from sim.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from sim.experiments.store import RunFolder

NAMES = {"annual": "annual.csv.gz", "monthly": "monthly.csv.gz", "firms": "firms.csv.gz", "panel": "panel.csv.gz"}
MANY_PLACES = 20
"""With more places than this the monthly table holds their totals alone; ``countysim export --months`` has them all."""
ALL_PLACES = "all"
MEASURE_UNITS = {"firms": "count", "jobs": "persons", "output": "yuan", "entries": "count", "exits": "count"}


def size_class_names() -> tuple[str, ...]:
    """Return the names of the revenue classes: ``under-1m``, ``1m-5m``, ..., ``100m-and-over`` (yuan a year)."""
    bounds = [f"{bound / 1e6:g}m" for bound in SIZE_CLASS_BOUNDS_YUAN]
    between = [f"{low}-{high}" for low, high in itertools.pairwise(bounds)]
    return (f"under-{bounds[0]}", *between, f"{bounds[-1]}-and-over")


class Source:
    """One replicate while the tables are written: its part, and the columns that are the same in all its rows."""

    def __init__(self, part: PartReader, replicate: int) -> None:
        self.part = part
        self.replicate = replicate
        self.first_month = part.number(replicate, "first_month")
        self.middle = f",{replicate},{part.number(replicate, 'draw')},{part.text(replicate, 'seed')},"

    def array(self, name: str) -> NDArray[Any]:
        """Return one of the replicate's arrays."""
        return self.part.array(self.replicate, name)


def content_key(folder: RunFolder) -> str:
    """Return a hash over the checksums of all parts: equal keys need no new tables."""
    whole = hashlib.sha256()
    for path in folder.parts():
        with PartReader(path) as part:
            whole.update(part.checksum)
    return whole.hexdigest()[:16]


def write_tables(
    folder: RunFolder,
    run_id: str,
    scenario_id: str,
    places: Sequence[str],
    columns: Sequence[Observable],
    *,
    panel: bool,
) -> None:
    """Write ``annual``, ``monthly``, ``firms`` and, when asked for, ``panel``; each replaces its file at once.

    ``columns`` is what the run records (``sim.observables.recorded``).

    Raises
    ------
    CorruptPartError
        If a part is damaged; the tables that were there stay.
    """
    start = f"{run_id},{scenario_id},"
    head = "run,scenario,place,variable,unit,{},replicate,draw,seed,value\n"
    _write(folder, "annual", head.format("year"), lambda source: _annual_rows(source, start, places, columns))
    _write(folder, "monthly", head.format("month"), lambda source: _monthly_rows(source, start, places, columns))
    head = "run,scenario,place,size_class,measure,unit,year,replicate,draw,seed,value\n"
    _write(folder, "firms", head, lambda source: _size_rows(source, start, places))
    if panel:
        head = f"run,scenario,place,replicate,draw,seed,{','.join(_panel_columns())}\n"
        _write(folder, "panel", head, lambda source: _panel_rows(source, start, places))


def _write(folder: RunFolder, table: str, head: str, rows: Callable[[Source], Iterator[str]]) -> None:
    with (
        whole_file(folder.folder / NAMES[table]) as part,
        part.open("wb") as stream,
        gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=stream, mtime=0) as packed,
        io.BufferedWriter(packed, 1 << 20) as text,
    ):
        text.write(head.encode())
        for path in folder.parts():
            with PartReader(path) as reader:
                for replicate in reader.replicates:
                    for chunk in rows(Source(reader, replicate)):
                        text.write(chunk.encode())


def _lines(prefix: str, labels: Sequence[str], values: NDArray[np.float64]) -> str:
    """Return one row per label; a missing value is an empty cell, others the shortest text that reads back equal."""
    return "".join(
        f"{prefix}{label}{value!r}\n" if value == value else f"{prefix}{label}\n"
        for label, value in zip(labels, values.tolist(), strict=True)
    )


def _annual_rows(source: Source, start: str, places: Sequence[str], columns: Sequence[Observable]) -> Iterator[str]:
    monthly = source.array("monthly")
    years = [f"{year}{source.middle}" for year in complete_years(source.first_month, monthly.shape[0]).tolist()]
    yearly = [by_year(monthly[:, :, column].T, source.first_month, item) for column, item in enumerate(columns)]
    for position, place in enumerate(places):
        for item, values in zip(columns, yearly, strict=True):
            yield _lines(f"{start}{place},{item.name},{item.unit},", years, values[position])


def _monthly_rows(source: Source, start: str, places: Sequence[str], columns: Sequence[Observable]) -> Iterator[str]:
    """Yield every place's months; with many places those of all together, for the table would run to gigabytes."""
    monthly = source.array("monthly")
    if len(places) > MANY_PLACES:
        output = monthly[:, :, INDEX["output_value"]]
        together = [over_places(monthly[:, :, column], output, item) for column, item in enumerate(columns)]
        monthly, places = np.stack(together, axis=1)[:, None, :], (ALL_PLACES,)
    months = [f"{month_text(source.first_month + month)}{source.middle}" for month in range(monthly.shape[0])]
    for position, place in enumerate(places):
        for column, item in enumerate(columns):
            prefix = f"{start}{place},{item.name},{item.unit},"
            yield _lines(prefix, months, monthly[:, position, column])


def _size_rows(source: Source, start: str, places: Sequence[str]) -> Iterator[str]:
    sizes, first = source.array("size_classes"), source.part.number(source.replicate, "first_year")
    complete = set(complete_years(source.first_month, source.array("monthly").shape[0]).tolist())
    rows = [row for row in range(sizes.shape[0]) if first + row in complete]
    years = [f"{first + row}{source.middle}" for row in rows]
    for position, place in enumerate(places):
        for column, size in enumerate(size_class_names()):
            for which, measure in enumerate(SIZE_CLASS_MEASURES):
                prefix = f"{start}{place},{size},{measure},{MEASURE_UNITS[measure]},"
                yield _lines(prefix, years, sizes[rows, position, column, which])


def _panel_columns() -> list[str]:
    return [name for name in PANEL.names or () if name != "place"]


def _panel_rows(source: Source, start: str, places: Sequence[str]) -> Iterator[str]:
    if "panel" not in source.part.names(source.replicate):
        return
    panel = source.array("panel")
    columns = _panel_columns()
    for begin in range(0, len(panel), 4096):
        chunk = panel[begin : begin + 4096]
        owners = [places[position] for position in chunk["place"].tolist()]
        cells = zip(*(chunk[name].tolist() for name in columns), strict=True)
        yield "".join(
            f"{start}{place}{source.middle}{','.join(map(_cell, row))}\n"
            for place, row in zip(owners, cells, strict=True)
        )


def _cell(value: float) -> str:
    return "" if value != value else repr(value)
