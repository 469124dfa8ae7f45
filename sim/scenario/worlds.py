"""World files: everything the county does not choose, spliced from published series.

A file holds, for each driver, a list of segments. A segment names the series its years grow by, so that no number is
without a source; what goes beyond the published numbers is marked as assumed and listed by ``world_growth``. The
yearly growth becomes a monthly index by ``monthly_means``. The seasonal factor is not here: the model owns it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.errors import UserError
from sim.evidence import Series, find_series, load_series
from sim.evidence.checking import InputFile, find_file
from sim.scenario.resolved import World
from sim.units import UnitError, month_number, parse_percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

DRIVERS = ("domestic_demand", "foreign_demand", "material_price", "producer_price", "wage")
"""Fields of ``World`` in the order in which they are listed."""

OWN_PROJECTIONS = re.compile(r"world_(low|central|high)_")
"""Series that the evidence itself marks as a proposal, not data."""


class Gap(BaseModel):
    """Mean difference between two published growth rates, in the years both were published."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    mean_of: str
    minus: str
    years: str


class Segment(BaseModel):
    """The years of one driver that grow by one rule; exactly one of ``series``, ``growth`` and ``hold`` is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    years: str
    series: str | None = None
    growth: str | None = None
    hold: bool = False
    deflator: str | None = None
    plus: Gap | str | None = None
    part_year: bool = False
    accept_recalled: bool = False
    assumed: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _one_rule(self) -> Segment:
        rules = [self.series is not None, self.growth is not None, self.hold]
        if sum(rules) != 1:
            raise ValueError("a segment needs exactly one of series, growth and hold")
        if self.series is None and (self.deflator is not None or self.plus is not None):
            raise ValueError("deflator and plus go with a series")
        if not self.note and (self.series is None or self.plus is not None or self.accept_recalled or self.assumed):
            raise ValueError("say in note why this is assumed")
        return self


class WorldFile(BaseModel):
    """A world file without its segments."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    schema_: Annotated[Literal[1], Field(alias="schema")]
    id: str
    name: str
    name_zh: str = ""
    base_year: int
    first: int = Field(ge=1900, le=2199)
    last: int = Field(ge=1900, le=2199)

    @model_validator(mode="after")
    def _order(self) -> WorldFile:
        if not self.first <= self.base_year <= self.last or self.first == self.last:
            raise ValueError(
                f"base_year = {self.base_year} must lie between first = {self.first} and last = {self.last}"
            )
        return self


@dataclass(frozen=True)
class YearGrowth:
    """Growth of one driver in one year, and why.

    Attributes
    ----------
    rate
        Growth over the year before, as a fraction.
    status
        ``S`` seen, ``D`` derived, ``R`` recalled; empty when no series is behind it.
    assumed
        Whether it is a choice: a projection, an adjustment, a recalled number, or a held rate.
    """

    driver: str
    year: int
    rate: float
    origin: str
    status: str
    assumed: bool
    note: str


def load_world(identifier: str, folders: Sequence[Path] | None = None) -> World:
    """Return the monthly indices of a world; each averages 1 over the file's base year.

    Parameters
    ----------
    folders
        As for ``find_file``.

    Raises
    ------
    UserError
        With every problem of the file: unknown series or keys, years missing or given twice, recalled numbers that
        are not accepted.
    """
    head, growth = _read(identifier, folders)
    indices = {driver: _index(head, [item for item in growth if item.driver == driver]) for driver in DRIVERS}
    return World(
        id=head.id,
        name=head.name,
        name_zh=head.name_zh or head.name,
        first_month=month_number(head.first, 1),
        **indices,
    )


def world_growth(identifier: str, folders: Sequence[Path] | None = None) -> tuple[YearGrowth, ...]:
    """Return each driver's growth in each year with its origin, by driver and year; raises as ``load_world`` does."""
    return _read(identifier, folders)[1]


def _read(identifier: str, folders: Sequence[Path] | None) -> tuple[WorldFile, tuple[YearGrowth, ...]]:
    file = InputFile(find_file("worlds", identifier, folders))
    head = file.check(WorldFile, file.without(DRIVERS))
    file.check_id(head)
    if head is None:
        file.problems.raise_any()
        raise AssertionError
    series = load_series()
    growth = [item for driver in DRIVERS for item in _driver(driver, head, series, file)]
    file.problems.raise_any()
    return head, tuple(growth)


def _driver(driver: str, head: WorldFile, series: Mapping[str, Series], file: InputFile) -> list[YearGrowth]:
    tables = file.data.get(driver)
    if not isinstance(tables, list) or not tables:
        file.add((), f"no segment [[{driver}]]", f"every driver needs its years {head.first + 1}-{head.last}")
        return []
    found: dict[int, YearGrowth] = {}
    for number, table in enumerate(tables):
        segment = file.check(Segment, table, driver, number)
        if segment is None:
            return []
        try:
            for year in _years(segment.years):
                if year in found:
                    raise UserError(f"{year} is given twice")
                if not head.first < year <= head.last:
                    raise UserError(f"{year} is outside {head.first + 1}-{head.last}")
                found[year] = _growth(driver, year, segment, found.get(year - 1), series)
                if found[year].rate <= -1:
                    raise UserError(f"growth of {year} is {found[year].rate:.0%}")
        except (UserError, UnitError) as error:
            file.add((driver, number), f"[[{driver}]] {error}")
            return []
    missing = [year for year in range(head.first + 1, head.last + 1) if year not in found]
    if missing:
        file.add((driver, 0), f"[[{driver}]] has no growth for {', '.join(map(str, missing))}")
    return [found[year] for year in sorted(found)]


def _years(text: str) -> range:
    match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text, re.ASCII)
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise UserError(f'years = "{text}" is not a span of years; write "2015" or "2015-2021"')
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def _growth(
    driver: str, year: int, segment: Segment, before: YearGrowth | None, series: Mapping[str, Series]
) -> YearGrowth:
    """Return the growth of one year by the rule of its segment."""
    if segment.hold:
        if before is None:
            raise UserError(f"{year} holds the growth of {year - 1}, which must come before it in the file")
        return YearGrowth(driver, year, before.rate, f"held at the growth of {year - 1}", "", True, segment.note)
    if segment.growth is not None:
        return YearGrowth(
            driver, year, parse_percent(segment.growth), "written in the world file", "", True, segment.note
        )
    name = segment.series or ""
    names = [name] if segment.deflator is None else [name, segment.deflator]
    rate, statuses = 1.0, ["S"]
    for item in names:
        part = find_series(item, series).growth(year, part_year=segment.part_year)
        if part.status == "R" and not segment.accept_recalled:
            raise UserError(
                f'series "{item}" was recalled, not seen, for {year}; add  accept_recalled = true  and a note to use it'
            )
        rate *= 1 + part.rate
        statuses.append(part.status)
    points, words = _plus(segment.plus, series)
    origin = " with deflator ".join(names) + words
    assumed = (
        segment.assumed
        or segment.plus is not None
        or "R" in statuses
        or any(OWN_PROJECTIONS.match(item) for item in names)
    )
    rate = rate - 1 + points
    return YearGrowth(driver, year, rate, origin, max(statuses, key="SDR".index), assumed, segment.note)


def _plus(plus: Gap | str | None, series: Mapping[str, Series]) -> tuple[float, str]:
    """Return the adjustment as a fraction and in words."""
    if plus is None:
        return 0.0, ""
    if isinstance(plus, str):
        points = parse_percent(plus)
        return points, f" {points * 100:+.2f} points"
    years = _years(plus.years)
    one, other = find_series(plus.mean_of, series), find_series(plus.minus, series)
    points = math.fsum(one.growth(year).rate - other.growth(year).rate for year in years) / len(years)
    return points, f" {points * 100:+.2f} points (mean of {plus.mean_of} less {plus.minus}, {plus.years})"


def _index(head: WorldFile, growth: Sequence[YearGrowth]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the monthly index whose yearly means grow as given and whose base year averages 1."""
    rates = {item.year: item.rate for item in growth}
    means = {head.base_year: 1.0}
    for year in range(head.base_year + 1, head.last + 1):
        means[year] = means[year - 1] * (1 + rates[year])
    for year in range(head.base_year, head.first, -1):
        means[year - 1] = means[year] / (1 + rates[year])
    months = np.array(monthly_means([means[year] for year in range(head.first, head.last + 1)]))
    if not (months > 0).all():
        raise UserError(f'world "{head.id}": growth of {growth[0].driver} is too wild for a positive monthly path')
    months.flags.writeable = False
    return months


def year_turns(means: Sequence[float]) -> list[float]:
    """Return the index at the turn of each year from the means of at least two years, all positive: one value more."""
    count = len(means)
    if count < 2:
        raise ValueError("at least two years are needed")
    # first and last row: 6 m - 4 a - 2 b = slope at the start, and its mirror image at the end
    lower = [0.0] + [1.0] * (count - 1) + [2.0]
    diagonal = [4.0] * (count + 1)
    upper = [2.0] + [1.0] * (count - 1) + [0.0]
    base = means[0]
    away = [mean - base for mean in means]
    slope_at_start = (means[1] - means[0]) * means[0] / means[1]
    slope_at_end = (means[-1] - means[-2]) * means[-1] / means[-2]
    middle = [3 * (a + b) for a, b in pairwise(away)]
    right = [6 * away[0] - slope_at_start, *middle, 6 * away[-1] + slope_at_end]
    for row in range(1, count + 1):
        share = lower[row] / diagonal[row - 1]
        diagonal[row] -= share * upper[row - 1]
        right[row] -= share * right[row - 1]
    nodes = [0.0] * (count + 1)
    nodes[count] = right[count] / diagonal[count]
    for row in range(count - 1, -1, -1):
        nodes[row] = (right[row] - upper[row] * nodes[row + 1]) / diagonal[row]
    return [base + node for node in nodes]


def monthly_means(means: Sequence[float]) -> list[float]:
    """Return the mean of a smooth index over each month, twelve for each year, without a step at New Year.

    Within each year the index is a parabola; neighbouring years meet with the same value and the same slope, and the
    mean over a year is the yearly mean that was given. The values at the turn of the years solve a tridiagonal system,

        node[k] + 4 node[k + 1] + node[k + 2] = 3 (mean[k] + mean[k + 1]),

    which says that slopes agree; at the two ends the growth of the outermost pair of years is carried on. (This is the
    derivative of a cubic spline through the cumulated index.) Plain Python: every machine gives the same digits;
    deviations from the first year are solved for, so that a constant stays constant to the bit.
    """
    nodes = year_turns(means)
    months: list[float] = []
    for mean, (start, end) in zip(means, pairwise(nodes), strict=True):
        slope = 6 * (mean - start) - 2 * (end - start)
        bend = 3 * (start - mean) + 3 * (end - mean)
        for month in range(12):
            left, right = month / 12, (month + 1) / 12
            average = start + slope * (left + right) / 2 + bend * (left * left + left * right + right * right) / 3
            months.append(average)
    return months
