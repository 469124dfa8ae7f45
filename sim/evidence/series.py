"""Published series: national growth, prices, wages, trade; every number with its status and source."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from sim.evidence.facts import finite_number, months_of
from sim.evidence.sources import SERIES_TABLES, evidence_folders, load_series_sources, tables_in
from sim.inputs.data import beside
from sim.inputs.files import read_rows
from sim.inputs.problems import Findings, Spot, refused, words
from sim.inputs.tables import near
from sim.units import month_number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from sim.evidence.facts import Note

_WORDS = beside(__file__)
STATUSES: dict[str, str] = _WORDS["statuses"]
"""How far each number was checked; worse ones later."""
RATE_UNITS, LONGER_RATES = _WORDS["series_units"]["rates"], _WORDS["series_units"]["longer_rates"]
"""Units that are growth in percent already, every other unit being a level whose growth is a ratio; and growth over
several years, which says nothing of one of them."""
UNITS = (*RATE_UNITS, *LONGER_RATES, *_WORDS["series_units"]["levels"])
_COLUMNS = ("series", "unit", "period_start", "period_end", "value", "status", "source_id", "note")


@dataclass(frozen=True)
class Observation:
    """One number of a series.

    Attributes
    ----------
    start, end
        First and last month it covers, as month numbers.
    status
        ``S`` seen, ``D`` derived, ``R`` recalled.
    """

    start: int
    end: int
    value: float
    status: str
    source: str
    note: str


@dataclass(frozen=True)
class Growth:
    """Growth of one year over the year before, as a fraction, with how far it was checked and where it is from."""

    year: int
    rate: float
    status: str
    source: str
    note: str


@dataclass(frozen=True)
class Series:
    """A published series: name, unit and its observations in order of time."""

    name: str
    unit: str
    observations: tuple[Observation, ...]

    @property
    def is_rate(self) -> bool:
        """Whether the values are growth rates in percent, not levels."""
        return self.unit in RATE_UNITS

    def year(self, year: int, *, part_year: bool = False) -> Observation | None:
        """Return the observation of a calendar year.

        With ``part_year`` the longest one that starts in January and ends within the year will do; months that were
        seen come before a whole year that was recalled.
        """
        january = month_number(year, 1)
        found = [item for item in self.observations if item.start == january and item.end < january + 12]
        if not part_year:
            found = [item for item in found if item.end == january + 11]
        return max(found, key=lambda item: (item.status != "R", item.end), default=None)

    def growth(self, year: int, *, part_year: bool = False) -> Growth:
        """Return growth of a year over the year before; a level needs both years.

        Raises
        ------
        UserError
            When the series has no number for the year (or, for a level, for the year before).
        """
        here = self.year(year, part_year=part_year)
        if here is None:
            raise refused("series_without_year", name=self.name, year=year)
        if self.is_rate:
            rate = float(Decimal(repr(here.value)) / 100)
            return Growth(year, rate, here.status, here.source, here.note)
        before = self.year(year - 1)
        if before is None:
            raise refused("series_without_year_before", name=self.name, before=year - 1, year=year)
        order = list(STATUSES)
        status = max(("D", here.status, before.status), key=order.index)
        return Growth(year, here.value / before.value - 1, status, here.source, f"{here.value:g} over {before.value:g}")


def load_series(folder: Path | None = None) -> dict[str, Series]:
    """Return every published series of ``macro.csv`` and ``industry.csv`` by name.

    The two are one table: a series may have rows in both. A series of the workspace replaces the library's of the same
    name.

    Raises
    ------
    UserError
        With file and line of every row that has an unknown unit, status or source, a value that is not a number, a
        period that runs backwards or is given twice, or a unit that changes within a series.
    """
    return dict(_series_of(tables_in(folder), folder))


@lru_cache(maxsize=8)
def _series_of(tables: tuple[tuple[Path, bytes], ...], folder: Path | None) -> Mapping[str, Series]:
    """Return the series of a folder whose tables hold what ``tables`` says."""
    sources = load_series_sources(folder)
    found: dict[str, Series] = {}
    findings = Findings()
    for place in reversed(evidence_folders(folder)):
        paths = [path for name in SERIES_TABLES if (path := place / name).is_file()]
        if not paths and folder is not None:
            raise refused("no_figures_here", Spot(str(place / "macro.csv")), what=words("series"))
        found.update(_read(paths, sources, findings))
    findings.stop_if_wrong()
    return found


def _read(paths: Sequence[Path], sources: Collection[str], findings: Findings) -> dict[str, Series]:
    """Return the series of the tables of one folder."""
    units: dict[str, str] = {}
    rows: dict[str, dict[tuple[int, int], Observation]] = {}
    for path, (spot, row) in ((table, found) for table in paths for found in read_rows(table, _COLUMNS)):
        name, note = row["series"], partial(findings.add, spot=spot)
        if units.setdefault(name, row["unit"]) != row["unit"]:
            note("series_unit", name=name, unit=units[name], other=row["unit"])
        item = _observation(row, sources, SERIES_TABLES[path.name], findings, note)
        if item is None:
            continue
        if (item.start, item.end) in rows.setdefault(name, {}):
            note("series_twice", name=name, start=row["period_start"], end=row["period_end"])
        rows[name][item.start, item.end] = item
    return {
        name: Series(name, units[name], tuple(items[period] for period in sorted(items)))
        for name, items in rows.items()
    }


def _observation(
    row: dict[str, str], sources: Collection[str], listed: str, findings: Findings, note: Note
) -> Observation | None:
    before = len(findings.problems)
    if not row["series"]:
        note("cell_empty", column="series")
    for column, known in (("unit", UNITS), ("status", STATUSES)):
        if row[column] not in known:
            note("cell_word", column=column, value=row[column], known=", ".join(known))
    if row["source_id"] not in sources:
        note("cell_source", value=row["source_id"], file=listed)
    value = finite_number(row["value"])
    if value is None or (value <= 0 and row["unit"] not in (*RATE_UNITS, *LONGER_RATES)):
        note("cell_of_unit", value=row["value"])
    months = months_of(row, note)
    if len(findings.problems) > before or value is None or months is None:
        return None
    return Observation(*months, float(value), row["status"], row["source_id"], row["note"])


def find_series(name: str, series: Mapping[str, Series]) -> Series:
    """Return a series by name; raise ``UserError`` naming the nearest one when there is none."""
    if name not in series:
        pair = ('; did you mean "{}"?', "；是否想写“{}”？")
        raise refused("no_series", name=name, near=near(name, series, pair))
    return series[name]
