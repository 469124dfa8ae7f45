"""Rows of a comparison: every observable, by year, window and (headline variables) month and cumulative months."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.comparison import ALL_PLACES, Row
from sim.compare.runs import places_by_code, window_values
from sim.compare.statistics import Band, better, contrast
from sim.compare.wording import verdict
from sim.observables import OBSERVABLES, observable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import PeriodKind
    from sim.compare.runs import Floats, Pairing
    from sim.compare.statistics import Contrast
    from sim.observables import Observable

GROWTH_VARIABLES = ("output_value", "exports", "tax_paid")


@dataclass(frozen=True)
class _Where:
    """A place as rows name it; ``place`` is None for the whole run."""

    place: str | None
    id: str
    name: str
    name_zh: str
    admin_code: str


@dataclass(frozen=True)
class _Columns:
    """Periods of one variable side by side: ``b`` and ``a`` of shape (runs, periods)."""

    periods: list[tuple[str, PeriodKind]]
    b: list[Floats]
    a: list[Floats]

    def add(self, period: str, kind: PeriodKind, b: Floats, a: Floats) -> None:
        """Append one period with the values of each run."""
        self.periods.append((period, kind))
        self.b.append(b)
        self.a.append(a)


def build_rows(pairing: Pairing, window: tuple[int, int], at: int) -> tuple[Row, ...]:
    """Return every row of the comparison.

    The whole run comes first: all variables for each common year and the window, headline variables also by month
    and cumulative month within the window. With several places the headline variables follow by place (in the order
    of administrative codes) for the year ``at`` and the window.
    """
    whole, single = _places(pairing)
    rows: list[Row] = []
    for item in OBSERVABLES:
        columns = _yearly_columns(pairing, item, None, window, pairing.years)
        if item.headline:
            _add_months(columns, pairing, item, window)
        rows += _rows(pairing, item, whole, columns)
    for where in single:
        for item in OBSERVABLES:
            if item.headline:
                columns = _yearly_columns(pairing, item, where.place, window, (at,))
                rows += _rows(pairing, item, where, columns)
    return tuple(rows)


def build_growth(pairing: Pairing, window: tuple[int, int]) -> tuple[Row, ...]:
    """Return the mean yearly growth over the window of the main flows, in percent; differences in percentage points.

    Growth is nominal and of the whole cluster, from the year before the window to its last year. Empty when that year
    is not simulated or a value in it is not positive.
    """
    base, last = window[0] - 1, window[1]
    if base not in pairing.years:
        return ()
    first, end = pairing.years.index(base), pairing.years.index(last)
    whole, _ = _places(pairing)
    rows: list[Row] = []
    for name in GROWTH_VARIABLES:
        item = observable(name)
        values = pairing.annual(name)
        if any(not (v[:, first] > 0).all() or not (v[:, end] > 0).all() for v in values):
            continue
        b, a = (100.0 * ((v[:, end] / v[:, first]) ** (1.0 / (last - base)) - 1.0) for v in values)
        growth = replace(
            item,
            name=f"{name}_growth",
            label=f"{item.label}, yearly growth",
            label_zh=f"{item.label_zh}年均增长",
            unit="percent",
            aggregate="mean",
            headline=False,
        )
        columns = _Columns([], [], [])
        columns.add(f"{window[0]}-{window[1]}", "window", b, a)
        rows += _rows(pairing, growth, whole, columns)
    return tuple(rows)


def _places(pairing: Pairing) -> tuple[_Where, list[_Where]]:
    """Return the whole run as a place, and the single places when there are several."""
    places = [_Where(p.id, p.id, p.name, p.name_zh, p.admin_code) for p in places_by_code(pairing.b)]
    if len(places) == 1:
        only = places[0]
        return _Where(None, only.id, only.name, only.name_zh, only.admin_code), []
    return _Where(None, ALL_PLACES, "all places", "合计", ""), places


def _yearly_columns(
    pairing: Pairing, item: Observable, place: str | None, window: tuple[int, int], years: Sequence[int]
) -> _Columns:
    """Collect the calendar years asked for and the window."""
    b, a = pairing.annual(item.name, place)
    columns = _Columns([], [], [])
    for position, year in enumerate(pairing.years):
        if year in years:
            columns.add(str(year), "year", b[:, position], a[:, position])
    columns.add(
        f"{window[0]}-{window[1]}",
        "window",
        window_values(b, pairing.years, window, item),
        window_values(a, pairing.years, window, item),
    )
    return columns


def _add_months(columns: _Columns, pairing: Pairing, item: Observable, window: tuple[int, int]) -> None:
    """Add the months of the window and, for flows, January to each month (January alone is not reported)."""
    b, a = pairing.monthly(item.name)
    for position, number in enumerate(pairing.months):
        year, month = number // 12, number % 12 + 1
        if not window[0] <= year <= window[1]:
            continue
        columns.add(f"{year}-{month:02d}", "month", b[:, position], a[:, position])
        first = position - month + 1
        if item.aggregate == "sum" and month > 1 and first >= 0:
            span = slice(first, position + 1)
            columns.add(f"{year}-01..{year}-{month:02d}", "ytd", b[:, span].sum(axis=1), a[:, span].sum(axis=1))


def _rows(pairing: Pairing, item: Observable, where: _Where, columns: _Columns) -> list[Row]:
    """Compare the columns of one variable and dress the results as rows."""
    results = contrast(np.column_stack(columns.b), np.column_stack(columns.a), paired=pairing.paired)
    return [
        _row(pairing, item, where, period, kind, result)
        for (period, kind), result in zip(columns.periods, results, strict=True)
    ]


def _row(pairing: Pairing, item: Observable, where: _Where, period: str, kind: PeriodKind, result: Contrast) -> Row:
    """Dress one contrast as a row."""
    identical = pairing.paired and result.n > 0 and bool(np.array_equal(result.b_values, result.a_values))
    return Row(
        variable=item.name,
        label=item.label,
        label_zh=item.label_zh,
        unit=item.unit,
        basis=item.basis,
        good=item.good,
        aggregate=item.aggregate,
        headline=item.headline,
        place=where.id,
        place_name=where.name,
        place_name_zh=where.name_zh,
        admin_code=where.admin_code,
        period=period,
        period_kind=kind,
        n_pairs=result.n,
        n_dropped=pairing.dropped + pairing.n - result.n,
        paired=pairing.paired,
        a=result.a,
        b=result.b,
        difference=result.difference,
        # A share is compared in percentage points, never in percent of percent.
        difference_pct=Band() if item.unit in ("share", "percent") else result.difference_pct,
        mc_se=result.mc_se,
        a_se=result.a_se,
        b_se=result.b_se,
        prob_higher=result.prob_higher,
        prob_better=better(result.prob_higher, item.good),
        verdict=verdict(result.prob_higher, result.n, identical=identical),
        noise_cut=result.noise_cut,
        a_values=result.a_values,
        b_values=result.b_values,
    )
