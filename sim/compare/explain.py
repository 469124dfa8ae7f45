"""What happened in one replicate: where B and A part, their paths, the firms that differ most, and what its draw is.

A difference that few replicates make alone asks for its cause. Nothing is simulated again: all is in the records.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from sim.compare.build import chosen_years
from sim.compare.runs import first_change, first_difference, pair
from sim.errors import UserError
from sim.parameters import parameter_table
from sim.policies.registry import unread_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.runs import Floats, Pairing
    from sim.experiments import Run

VARIABLES = (
    "output_value", "exports", "employment", "investment", "fund_paid", "entries", "exits", "makers", "wage",
)  # fmt: skip
"""What the paths of a replicate are told of."""
START_MONTHS = 12
"""Months from the beginning of the runs over which the start is looked at."""
UNUSUAL = 0.1
"""Share of the draws at either end from which on a parameter is unusual."""
MANY = 10
"""With more draws than this a parameter can be unusual."""

Fate = Literal["both", "only B", "only A"]


@dataclass(frozen=True)
class Path:
    """A variable by year in one replicate, and what the other pairs do: medians of their levels and differences.

    Arrays have shape (years,). ``rank`` is the place of this pair's difference in the last year among all, 1 for the
    largest.
    """

    variable: str
    b: Floats
    a: Floats
    usual: Floats
    usual_difference: Floats
    rank: int


@dataclass(frozen=True)
class FirmStory:
    """One followed firm that ends up differently in B and A.

    Attributes
    ----------
    output, workers
        In the last year, B then A; 0 where it is not in business or not followed.
    spending
        On equipment from the month in which the runs part, B then A, yuan.
    grants
        Awarded in B and in A, yuan.
    fate
        Whether it is followed in the last year in both runs.
    """

    slot: int
    place: str
    output: tuple[float, float]
    workers: tuple[float, float]
    spending: tuple[float, float]
    grants: tuple[float, float]
    fate: Fate


@dataclass(frozen=True)
class StartFigure:
    """A figure of the start in A: of this replicate, the median of all, and its rank among them (1: the largest)."""

    name: str
    value: float
    usual: float
    rank: int


@dataclass(frozen=True)
class UnusualParameter:
    """A parameter at one end of the draws: its value, the median of all draws, and the share of draws below it."""

    name: str
    about: str
    about_zh: str
    value: float
    usual: float
    below: float


@dataclass(frozen=True)
class Explanation:
    """What happened in one replicate of B against A.

    Attributes
    ----------
    replicate, draw, n
        Its number, the draw of parameters it uses, and the number of pairs.
    change, parted
        Month in which the scenarios differ on paper, and in which results of this pair first do; None for never.
    years
        Years of the paths.
    share_of_mean
        Share of the mean difference in output of the last year that this replicate makes.
    start
        Service, capacity use and the like over the first year, in A.
    parameters
        Most unusual first (distance from the median over the interquartile range of the draws); empty without draws.
    """

    b: str
    a: str
    replicate: int
    draw: int
    n: int
    change: int | None
    parted: int | None
    years: tuple[int, ...]
    paths: tuple[Path, ...]
    share_of_mean: float
    firms: tuple[FirmStory, ...]
    start: tuple[StartFigure, ...]
    parameters: tuple[UnusualParameter, ...]


def explain(b: Run, a: Run, replicate: int, at: int | None = None, firms: int = 8) -> Explanation:
    """Say what happened in one replicate of B against A.

    Parameters
    ----------
    at
        Last year looked at; by default as in a comparison.
    firms
        How many of the firms that differ most are told.

    Raises
    ------
    UserError
        When the runs cannot be paired, or do not hold the replicate or the year.
    """
    pairing = pair(b, a)
    if replicate not in pairing.replicates:
        held = ", ".join(map(str, pairing.replicates))
        raise UserError(f"replicate {replicate} is not finished in both runs\n     they share {held}")
    at, _ = chosen_years(pairing.years, at, None)
    row = pairing.replicates.index(replicate)
    change, parted = first_change(b.scenario, a.scenario), _parted(pairing, row)
    since = pairing.months[0] if parted is None else parted
    years = tuple(year for year in pairing.years if (since - 12) // 12 <= year <= at)
    paths = tuple(path for name in VARIABLES if (path := _path(pairing, name, row, years)) is not None)
    output = pairing.annual("output_value")
    apart = (output[0] - output[1])[:, pairing.years.index(at)]
    total = float(apart.sum())
    return Explanation(
        b=b.scenario_id,
        a=a.scenario_id,
        replicate=replicate,
        draw=b.parameter_draws.index(replicate),
        n=pairing.n,
        change=change,
        parted=parted,
        years=years,
        paths=paths,
        share_of_mean=float(apart[row]) / total if total else math.nan,
        firms=_firms(pairing, replicate, since, at, firms),
        start=_start(pairing, row),
        parameters=_unusual(pairing, replicate),
    )


def _parted(pairing: Pairing, row: int) -> int | None:
    """Return the month in which results of one pair first differ."""
    one = replace(
        pairing,
        rows_b=pairing.rows_b[row : row + 1],
        rows_a=pairing.rows_a[row : row + 1],
        replicates=pairing.replicates[row : row + 1],
        n=1,
    )
    return first_difference(one)


def _path(pairing: Pairing, name: str, row: int, years: Sequence[int]) -> Path | None:
    """Return a variable by year; None for one that is zero throughout."""
    columns = [pairing.years.index(year) for year in years]
    b, a = (values[:, columns] for values in pairing.annual(name))
    if not b.any() and not a.any():
        return None
    apart = b - a
    rank = 1 + int(np.count_nonzero(apart[:, -1] > apart[row, -1]))
    return Path(name, b[row], a[row], np.median(a, axis=0), np.median(apart, axis=0), rank)


def _firms(pairing: Pairing, replicate: int, since: int, at: int, most: int) -> tuple[FirmStory, ...]:
    """Return the followed firms whose output in the year ``at`` differs most between B and A."""
    runs = pairing.b, pairing.a
    tables = [table[table["year"] == at] for table in (run.tracked(replicate) for run in runs)]
    purchases = [bought[bought["month"] >= since] for bought in (run.purchases(replicate) for run in runs)]
    awards = [run.awards(replicate) for run in runs]
    slots = np.unique(np.concatenate([table["slot"] for table in tables]))
    if not slots.size:
        return ()
    output = np.array([_by_slot(slots, table, "output") for table in tables])
    order = np.argsort(-np.abs(output[0] - output[1]), kind="stable")[:most]
    chosen = slots[order]
    workers = [_by_slot(chosen, table, "workers") for table in tables]
    spending = [_by_slot(chosen, table, "spending") for table in purchases]
    grants = [_by_slot(chosen, table, "grant") for table in awards]
    place = {int(row["slot"]): pairing.b.places[int(row["place"])] for table in tables for row in table}
    there = [np.isin(chosen, table["slot"]) for table in tables]
    stories = []
    for k, slot in enumerate(chosen.tolist()):
        fate: Fate = "both" if there[0][k] and there[1][k] else "only B" if there[0][k] else "only A"
        of_both = [(float(side[0][k]), float(side[1][k])) for side in (output[:, order], workers, spending, grants)]
        stories.append(FirmStory(slot, place[slot], of_both[0], of_both[1], of_both[2], of_both[3], fate))
    return tuple(story for story in stories if story.output[0] != story.output[1])


def _by_slot(slots: NDArray[np.int64], table: NDArray[np.void], column: str) -> Floats:
    """Return the sum of a column of a table for each of some firms (slots rising or not), shape of ``slots``."""
    order = np.argsort(slots, kind="stable")
    inside = table[np.isin(table["slot"], slots)]
    position = order[np.searchsorted(slots[order], inside["slot"])]
    return np.asarray(np.bincount(position, weights=inside[column], minlength=slots.size), dtype=np.float64)


def _start(pairing: Pairing, row: int) -> tuple[StartFigure, ...]:
    """Return what the first year of A was like in this replicate and in all."""
    inside = slice(0, START_MONTHS)
    _, home = pairing.monthly("domestic_orders")
    _, abroad = pairing.monthly("foreign_orders")
    orders = (home + abroad)[:, inside].sum(axis=1)
    sold = np.sum([pairing.monthly(name)[1][:, inside].sum(axis=1) for name in ("domestic_sales", "exports")], axis=0)
    figures = {"service": np.divide(sold, orders, out=np.full(orders.shape, np.nan), where=orders > 0.0)}
    for name in ("capacity_use", "profit_rate", "unfilled_jobs", "technology_gap"):
        figures[name] = pairing.monthly(name)[1][:, inside].mean(axis=1)
    return tuple(
        StartFigure(name, float(each[row]), float(np.median(each)), 1 + int(np.count_nonzero(each > each[row])))
        for name, each in figures.items()
        if np.isfinite(each).all()
    )


def _unusual(pairing: Pairing, replicate: int) -> tuple[UnusualParameter, ...]:
    """Return the parameters at either end of the draws that the replicates use, the most unusual first.

    Those of policies of types that neither scenario has move nothing and are left out.
    """
    draws = pairing.b.parameter_draws
    rows = [draws.values(number) for number in pairing.replicates]
    if len(rows) < MANY or not rows[0]:
        return ()
    idle = unread_groups(policy.type for run in (pairing.b, pairing.a) for policy in run.scenario.policies)
    mine, infos = draws.values(replicate), {info.name: info for info in parameter_table()}
    found = []
    for name, value in mine.items():
        each = np.array([values[name] for values in rows])
        below = float((np.count_nonzero(each < value) + 0.5 * (np.count_nonzero(each == value) - 1)) / (each.size - 1))
        if name.partition(".")[0] in idle or each.min() == each.max() or min(below, 1.0 - below) > UNUSUAL:
            continue
        info, middle = infos.get(name), float(np.median(each))
        about = (info.about, info.about_zh) if info is not None else ("", "")
        low, high = np.quantile(each, (0.25, 0.75))
        away = abs(value - middle) / (high - low) if high > low else math.inf
        found.append((-away, UnusualParameter(name, *about, value, middle, below)))
    return tuple(one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].name)))
