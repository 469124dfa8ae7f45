"""Rows of a comparison: every observable, by year, window and (headline variables) month and cumulative months."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.comparison import ALL_PLACES, Row
from sim.compare.runs import places_by_code, window_values
from sim.compare.statistics import Band, contrast
from sim.observables import OBSERVABLES, observable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import PeriodKind
    from sim.compare.runs import Floats, Pairing
    from sim.observables import Observable

    Column = tuple[str, PeriodKind, Floats, Floats]  # a period, its kind, and the values of each run of B and of A

GROWTH_VARIABLES = ("output_value", "exports", "tax_paid")
OF_THE_VARIABLE = ("label", "label_zh", "unit", "basis", "good", "aggregate", "headline")
"""What a row takes over from the observable."""


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
            columns += _monthly_columns(pairing, item, window)
        rows += _rows(pairing, item, whole, columns)
    for where in single:
        for item in OBSERVABLES:
            if item.headline:
                columns = _yearly_columns(pairing, item, where["place"], window, (at,))
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
        rows += _rows(pairing, growth, whole, [(f"{base + 1}-{last}", "window", b, a)])
    return tuple(rows)


def _places(pairing: Pairing) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return how rows name the whole run, and the single places when there are several."""
    places = [
        {"place": p.id, "place_name": p.name, "place_name_zh": p.name_zh, "admin_code": p.admin_code}
        for p in places_by_code(pairing.b)
    ]
    if len(places) == 1:
        return places[0], []
    return {"place": ALL_PLACES, "place_name": "all places", "place_name_zh": "合计", "admin_code": ""}, places


def _yearly_columns(
    pairing: Pairing, item: Observable, place: str | None, window: tuple[int, int], years: Sequence[int]
) -> list[Column]:
    """Return the calendar years asked for and the window."""
    values = pairing.annual(item.name, place)
    yearly = zip(pairing.years, *(part.T for part in values), strict=True)
    columns: list[Column] = [(str(year), "year", b, a) for year, b, a in yearly if year in years]
    b, a = (window_values(part, pairing.years, window, item) for part in values)
    return [*columns, (f"{window[0]}-{window[1]}", "window", b, a)]


def _monthly_columns(pairing: Pairing, item: Observable, window: tuple[int, int]) -> list[Column]:
    """Return the months of the window and, for flows, January to each month (January alone is not reported)."""
    b, a = pairing.monthly(item.name)
    columns: list[Column] = []
    for position, number in enumerate(pairing.months):
        year, month = number // 12, number % 12 + 1
        if not window[0] <= year <= window[1]:
            continue
        columns.append((f"{year}-{month:02d}", "month", b[:, position], a[:, position]))
        first = position - month + 1
        if item.aggregate == "sum" and month > 1 and first >= 0:
            sums = (values[:, first : position + 1].sum(axis=1) for values in (b, a))
            columns.append((f"{year}-01..{year}-{month:02d}", "ytd", *sums))
    return columns


def _rows(pairing: Pairing, item: Observable, where: dict[str, str], columns: list[Column]) -> list[Row]:
    """Compare the columns of one variable."""
    periods, kinds, b, a = zip(*columns, strict=True)
    about = {name: getattr(item, name) for name in OF_THE_VARIABLE} | {"variable": item.name, **where}
    rows = []
    for period, kind, result in zip(
        periods, kinds, contrast(np.column_stack(b), np.column_stack(a), paired=pairing.paired), strict=True
    ):
        measured = vars(result)
        # A share is compared in percentage points, never in percent of percent.
        if item.unit in ("share", "percent"):
            measured = {**measured, "difference_pct": Band()}
        dropped = pairing.dropped + pairing.n - result.n
        rows.append(Row(period=period, period_kind=kind, n_dropped=dropped, **about, **measured))
    return rows
