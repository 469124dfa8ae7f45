"""World files: everything the county does not choose, spliced from published series.

A file holds, for each driver, a list of segments. A segment names the series its years grow by, so that no number is
without a source; what goes beyond the published numbers is marked as assumed and listed by ``world_growth``. Segments
of domestic demand may be for one group of industries, which grows as all demand does where it has no figure of its
own. Years that a file does not give are those of the world it is ``like``. The yearly growth becomes a monthly index by
``monthly_means``. The seasonal factor is not here: the model owns it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.evidence import Series, find_series, load_series
from sim.evidence.national import find_group
from sim.inputs.files import InputFile
from sim.inputs.problems import refused, words
from sim.inputs.quantities import Table
from sim.scenario.resolved import World
from sim.scenario.scenario_files import find_file
from sim.units import month_number, parse_percent, parse_share, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

DEMAND = "domestic_demand"
PRODUCTIVITY = "labour_productivity"
DRIVERS = (DEMAND, "foreign_demand", "material_price", "producer_price", "wage", PRODUCTIVITY)
"""Fields of ``World`` in the order in which they are listed and worked out."""

OWN_PROJECTIONS = re.compile(r"world_(low|central|high)_")
"""Series that the evidence itself marks as a proposal, not data."""

TREND_YEARS = 5
"""Years over which a trend is the mean, two before and two after its own; assumed: about one cycle of industry."""

NO_FIGURE = "no figure of this industry: demand grows as for all others"
"""Note of a year in which a group of industries has no segment."""


class Gap(Table):
    """Mean difference between two published growth rates, in the years both were published."""

    mean_of: str
    minus: str
    years: str


class Lead(Table):
    """Mean growth of a group of industries above all demand in some years, of which a share is kept each year after."""

    mean_of: str
    kept: str


class Segment(Table):
    """The years of one driver that grow by one rule: ``series``, ``growth``, ``hold``, ``trend_of`` or ``lead``."""

    years: str
    group: str | None = None
    series: str | None = None
    growth: str | None = None
    hold: bool = False
    trend_of: str | None = None
    lead: Lead | None = None
    deflator: str | None = None
    plus: Gap | str | None = None
    part_year: bool = False
    accept_recalled: bool = False
    assumed: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _one_rule(self) -> Segment:
        rules = [self.series, self.growth, self.hold or None, self.trend_of, self.lead]
        bare = self.series is None or self.plus is not None or self.accept_recalled or self.assumed
        for wrong, message in (
            (sum(rule is not None for rule in rules) != 1, "rules"),
            (
                self.series is None
                and (self.deflator is not None or (self.plus is not None and self.trend_of is None)),
                "deflator",
            ),
            (self.lead is not None and self.group is None, "lead_of_group"),
            (not self.note and bare, "note"),
        ):
            if wrong:
                raise PydanticCustomError(f"world_{message}", "a segment has one rule")
        return self


class WorldFile(Table):
    """A world file without its segments."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    id: str
    name: str
    name_zh: str = ""
    like: str | None = None
    base_year: int
    first: int = Field(ge=1900, le=2199)
    last: int = Field(ge=1900, le=2199)

    @model_validator(mode="after")
    def _order(self) -> WorldFile:
        if not self.first <= self.base_year <= self.last or self.first == self.last:
            values = {"base": self.base_year, "first": self.first, "last": self.last}
            raise PydanticCustomError("world_order", "base_year lies between first and last", values)
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
    group
        Group of industries whose demand it is; empty for all others and for the other drivers.
    """

    driver: str
    year: int
    rate: float
    origin: str
    status: str
    assumed: bool
    note: str
    group: str = ""


@dataclass(frozen=True)
class _Ruled:
    """A segment and where it stands, for one of its years."""

    segment: Segment
    file: InputFile
    number: int


@dataclass
class _World:
    """What has been worked out of a world so far: growth by driver, group and year."""

    head: WorldFile
    series: Mapping[str, Series]
    found: dict[tuple[str, str], dict[int, YearGrowth]] = field(default_factory=dict)


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
    world = _read(identifier, folders)
    indices = {key: _index(world.head, list(years.values())) for key, years in world.found.items()}
    return World(
        id=world.head.id,
        name=world.head.name,
        name_zh=world.head.name_zh or world.head.name,
        first_month=month_number(world.head.first, 1),
        **{driver: indices[driver, ""] for driver in DRIVERS},
        domestic_demand_by_group={group: index for (_, group), index in indices.items() if group},
    )


def world_growth(identifier: str, folders: Sequence[Path] | None = None) -> tuple[YearGrowth, ...]:
    """Return each driver's growth in each year with its origin; raises as ``load_world`` does.

    By driver, group of industries (all others first) and year.
    """
    return tuple(item for years in _read(identifier, folders).found.values() for item in years.values())


def _read(identifier: str, folders: Sequence[Path] | None) -> _World:
    files = list(_files(identifier, folders))
    head, file = files[0]
    world = _World(head, load_series())
    for driver in DRIVERS:
        before = len(file.findings.problems)
        ruled = _segments(driver, files)
        for group in ["", *sorted(group for group in ruled if group)]:
            if len(file.findings.problems) == before:
                world.found[driver, group] = _grown(driver, group, ruled.get(group, {}), world, file)
    file.findings.stop_if_wrong()
    return world


def _files(identifier: str, folders: Sequence[Path] | None) -> Iterator[tuple[WorldFile, InputFile]]:
    """Yield the file of a world, then those it is like, each checked but for its segments."""
    seen: list[str] = []
    file = InputFile(find_file("worlds", identifier, folders))
    while True:
        head = file.check(WorldFile, file.without(DRIVERS))
        file.check_id(head)
        if head is None:
            file.findings.stop_if_wrong()
            raise AssertionError
        yield head, file
        if head.like is None:
            return
        seen.append(head.id)
        if head.like in seen:
            file.note("world_circle", "like", like=head.like)
            file.findings.stop_if_wrong()
        with file.findings.catching(file.spot("like")):
            path = find_file("worlds", head.like, folders, key="like")
        file.findings.stop_if_wrong()
        file = InputFile(path, file.findings)


def _segments(driver: str, files: Sequence[tuple[WorldFile, InputFile]]) -> dict[str, dict[int, _Ruled]]:
    """Return the segment that rules each year of a driver, by group; the first file that gives a year has it."""
    ruled: dict[str, dict[int, _Ruled]] = {}
    for head, file in files:
        here: dict[str, dict[int, _Ruled]] = {}
        tables = file.data.get(driver, [])
        if not isinstance(tables, list):
            values = {"key": driver, "value": shown(tables), "wanted": words("tables"), "example": f"[[{driver}]]"}
            file.note("wrong_type", driver, **values)
            continue
        for number, table in enumerate(tables):
            segment = file.check(Segment, table, driver, number)
            if segment is None:
                continue
            with file.findings.catching(file.spot(driver, number), prefix=f"[[{driver}]] "):
                if segment.group is not None and driver != DEMAND:
                    raise refused("world_group", demand=DEMAND)
                own = here.setdefault(find_group(segment.group).id if segment.group is not None else "", {})
                for year in _years(segment.years):
                    if year in own:
                        raise refused("world_year_twice", year=year)
                    if not head.first < year <= head.last:
                        raise refused("world_year_outside", year=year, first=head.first + 1, last=head.last)
                    own[year] = _Ruled(segment, file, number)
        for group, years in here.items():
            ruled[group] = {**years, **ruled.get(group, {})}
    return ruled


def _grown(
    driver: str, group: str, ruled: Mapping[int, _Ruled], world: _World, file: InputFile
) -> dict[int, YearGrowth]:
    """Return the growth of a driver in every year; what is wrong is noted."""
    head = world.head
    years = range(head.first + 1, head.last + 1)
    if not any(year in ruled for year in years):
        message = "world_no_productivity" if driver == PRODUCTIVITY else "world_no_segments"
        file.note(message, driver=driver, first=years[0], last=years[-1])
        return {}
    missing = [year for year in years if year not in ruled]
    if missing and not group:
        file.note("world_missing_years", driver, 0, driver=driver, years=", ".join(map(str, missing)))
        return {}
    followed = {rule.segment.trend_of for rule in ruled.values()} & {*DRIVERS[: DRIVERS.index(driver)]}
    if any(not world.found.get((other, "")) for other in followed if other):
        return {}  # what is wrong with that driver is noted
    found: dict[int, YearGrowth] = {}
    for year in years:
        if year not in ruled:  # of a group
            general = world.found[driver, ""][year]
            found[year] = replace(general, group=group, assumed=True, note=NO_FIGURE)
            continue
        rule = ruled[year]
        problems = len(rule.file.findings.problems)
        with rule.file.findings.catching(rule.file.spot(driver, rule.number), prefix=f"[[{driver}]] "):
            found[year] = replace(_growth(driver, year, rule.segment, found, ruled, world), group=group)
            if found[year].rate <= -1:
                raise refused("world_collapse", year=year, rate=f"{found[year].rate:.0%}")
        if len(rule.file.findings.problems) > problems:
            return {}
    return found


def _years(text: str) -> range:
    match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text, re.ASCII)
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise refused("world_years", value=text)
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def _growth(
    driver: str,
    year: int,
    segment: Segment,
    found: Mapping[int, YearGrowth],
    ruled: Mapping[int, _Ruled],
    world: _World,
) -> YearGrowth:
    """Return the growth of one year by the rule of its segment; ``found`` holds the years before it."""
    if segment.hold:
        before = found.get(year - 1)
        if before is None:
            raise refused("world_nothing_to_hold", year=year, before=year - 1)
        return YearGrowth(driver, year, before.rate, f"held at the growth of {year - 1}", "", True, segment.note)
    if segment.growth is not None:
        return YearGrowth(
            driver, year, parse_percent(segment.growth), "written in the world file", "", True, segment.note
        )
    if segment.trend_of is not None:
        return _trend(driver, year, segment, world)
    if segment.lead is not None:
        return _leading(driver, year, segment.lead, segment.note, found, ruled, world)
    series = world.series
    name = segment.series or ""
    names = [name] if segment.deflator is None else [name, segment.deflator]
    rate, statuses = 1.0, ["S"]
    for item in names:
        part = find_series(item, series).growth(year, part_year=segment.part_year)
        if part.status == "R" and not segment.accept_recalled:
            raise refused("world_recalled", series=item, year=year)
        rate *= 1 + part.rate
        statuses.append(part.status)
    points, told = _plus(segment.plus, series)
    origin = " with deflator ".join(names) + told
    assumed = (
        segment.assumed
        or segment.plus is not None
        or "R" in statuses
        or any(OWN_PROJECTIONS.match(item) for item in names)
    )
    rate = rate - 1 + points
    return YearGrowth(driver, year, rate, origin, max(statuses, key="SDR".index), assumed, segment.note)


def _trend(driver: str, year: int, segment: Segment, world: _World) -> YearGrowth:
    """Return the mean growth of another driver over the years about this one that lie within the segment."""
    other = segment.trend_of or ""
    before = DRIVERS[: DRIVERS.index(driver)]
    if other not in before:
        raise refused("world_trend", value=other, known=", ".join(before) or "none")
    known, within, half = world.found[other, ""], _years(segment.years), TREND_YEARS // 2
    growth = [known[near] for near in range(year - half, year + half + 1) if near in within and near in known]
    points, told = _plus(segment.plus, world.series)
    rate = math.fsum(item.rate for item in growth) / len(growth) + points
    origin = f"mean growth of {other}, {growth[0].year}-{growth[-1].year}{told}"
    status = max(("D", *(item.status for item in growth if item.status)), key="SDR".index)
    return YearGrowth(driver, year, rate, origin, status, True, segment.note)


def _leading(
    driver: str,
    year: int,
    lead: Lead,
    note: str,
    found: Mapping[int, YearGrowth],
    ruled: Mapping[int, _Ruled],
    world: _World,
) -> YearGrowth:
    """Return growth of all demand, and what is left of the mean lead of the group in the years of the rule."""
    general, years = world.found[driver, ""], _years(lead.mean_of)
    if any(each not in found for each in years):
        raise refused("world_lead_years", value=lead.mean_of, year=year)
    kept = parse_share(lead.kept)
    points = math.fsum(found[each].rate - general[each].rate for each in years) / len(years)
    since = year
    while since - 1 in ruled and ruled[since - 1].segment.lead == lead:
        since -= 1
    for _ in range(since - 1, year):
        points *= kept
    origin = f"as all demand {points * 100:+.2f} points (mean lead of {lead.mean_of}, {lead.kept} kept each year)"
    return YearGrowth(driver, year, general[year].rate + points, origin, general[year].status, True, note)


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
        raise refused("world_wild", id=head.id, driver=growth[0].driver)
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
