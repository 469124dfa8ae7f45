"""Sums by place: every firm of a row counted, and labels that do not matter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.rules import settlement, totals
from sim.rules.chance import uniforms
from sim.state.columns import CHANNELS
from tests.model_fixtures import all_rows, key, some_firms

CUT = 2e7
PER_CAPITAL = np.array([[0.3, 0.4, 2.0], [0.5, 0.2, 1.0]])
ROWS = 60
PIECES = {"PIECE": "orders_piece", "PIECE_ABROAD": "orders_piece_abroad"}
"""Sums of what was delivered of the orders noted in a column."""


def drawn(name: str, *shape: int) -> Any:
    return uniforms(key(0, name), np.arange(int(np.prod(shape)))).reshape(shape)


def some_month(place: Any) -> tuple[Any, Any, Any, Any]:
    """Return firms with everything set, and the month's flows, profit and spending."""
    firms = some_firms(
        ROWS, place=place, tier=np.arange(ROWS) % 3, weight=np.floor(1 + 9 * drawn("weight", ROWS)),
        revenue_year=5e7 * drawn("revenue", ROWS), profit_year=drawn("profit", ROWS) - 0.3,
        sales=1e6 * drawn("s", ROWS), exports=1e5 * drawn("x", ROWS), workers=100 * drawn("w", ROWS),
        foreign_links=3 * (drawn("l", ROWS) < 0.3),
        orders=1e6 * drawn("o", ROWS), **{name: 1e4 * drawn(name, ROWS) for name in PIECES.values()},
        orders_by_channel=1e4 * drawn("c", ROWS, CHANNELS),
        park=np.where(drawn("p", ROWS) < 0.2, 0, -1),
        plots=0.5, technology_gap=drawn("g", ROWS), capital=1e7 * drawn("k", ROWS),
    )  # fmt: skip
    return firms, drawn("flows", ROWS, settlement.FLOWS) - 0.5, drawn("gain", ROWS), drawn("spent", ROWS)


def added(place: Any, per_capital: Any = PER_CAPITAL) -> Any:
    out = np.zeros((2, totals.SUMS))
    firms, flows, profit, spending = some_month(place)
    totals.add_up(all_rows(firms), firms, flows, profit, spending, per_capital, CUT, out)
    return out


def test_every_sum_by_hand() -> None:
    place = np.arange(ROWS) % 2
    firms, flows, profit, spending = some_month(place)
    table = added(place)
    weight = firms.weight
    used = [settlement.VALUE_ADDED_TAX, settlement.INCOME_TAX]
    bought = [settlement.MATERIALS, settlement.LOCAL_INPUTS]
    ordered = firms.orders * firms.price
    each = {
        "FIRMS": np.ones(ROWS), "SALES": firms.sales, "REVENUE_YEAR": firms.revenue_year,
        "PROFIT_YEAR": firms.profit_year, "LOSS_MAKING": firms.profit_year < 0.0, "WORKERS": firms.workers,
        "PRICE_BY_SALES": firms.sales * firms.price, "COST_BY_SALES": firms.sales * firms.unit_cost,
        "ABOVE_SCALE": firms.revenue_year >= CUT, "DELIVERED": firms.delivered,
        "FULL_CAPACITY": firms.capital * PER_CAPITAL[place, firms.tier],
        "GAP_BY_SALES": firms.sales * firms.technology_gap,
        "QUALITY_BY_SALES": firms.sales * firms.quality, "CAPITAL": firms.capital, "PROFIT": profit,
        "SPENDING": spending, "MATERIALS": -flows[:, bought].sum(axis=1), "EXPORTS": firms.exports,
        "DOMESTIC_SALES": flows[:, settlement.SALES_DOMESTIC], "WAGES": -flows[:, settlement.WAGES],
        "TAX": -flows[:, used].sum(axis=1), "EXPORTERS": 1.0 - (1.0 - 1.0 / weight) ** firms.foreign_links,
        "PLOTS": firms.plots * (firms.park >= 0), "TENANTS": firms.park >= 0,
        **{name: np.minimum(firms.sales / ordered, 1.0) * getattr(firms, of) for name, of in PIECES.items()},
    }  # fmt: skip
    columns = {getattr(totals, name): values for name, values in each.items()}
    served = np.minimum(firms.sales / ordered, 1.0)
    for channel in range(CHANNELS):
        columns[totals.BY_CHANNEL + channel] = served * firms.orders_by_channel[:, channel]
    assert sorted(columns) == list(range(totals.SUMS))
    for column, values in columns.items():
        by_place = np.bincount(place, weights=weight * values, minlength=2)
        assert table[:, column] == pytest.approx(by_place, rel=1e-12), column
    assert table[:, totals.ABOVE_SCALE].sum() > 0
    delivered = table[:, totals.BY_CHANNEL :].sum(axis=0).tolist()
    assert min(delivered) > 0.0
    assert len(set(delivered)) == CHANNELS


def test_links_of_a_row_are_spread_over_its_firms() -> None:
    def exporters(weight: float, links: int) -> float:
        firms, out = some_firms(1, weight=weight, foreign_links=links), np.zeros((1, totals.SUMS))
        nothing = np.zeros(1)
        totals.add_up(
            all_rows(firms), firms, np.zeros((1, settlement.FLOWS)), nothing, nothing, PER_CAPITAL, CUT, out
        )  # fmt: skip
        return float(out[0, totals.EXPORTERS])

    assert exporters(50.0, 0) == 0.0
    assert exporters(50.0, 1) == pytest.approx(1.0)
    assert exporters(1.0, 7) == 1.0
    # Two links meet in one firm of fifty once in fifty times.
    assert exporters(50.0, 2) == pytest.approx(1.98)
    assert exporters(50.0, 30_000) == pytest.approx(50.0)


def test_places_relabelled_keep_their_sums_to_the_bit() -> None:
    place = np.arange(ROWS) % 2
    assert np.array_equal(added(place), added(1 - place, PER_CAPITAL[::-1].copy())[::-1])


def test_a_row_of_many_firms_counts_them_all() -> None:
    values, weight, place = (
        np.array([1.0, 2.0, 3.0]),
        np.array([5.0, 9.0, 2.0, 10.0]),
        np.array([0, 0, 0, 1], np.int16),
    )
    rows = np.array([0, 2, 3])
    assert totals.by_place(values, weight, place, rows, 3).tolist() == [9.0, 30.0, 0.0]


def test_sums_are_added_in_order() -> None:
    values, weights = np.array([1e16, 1.0, -1e16, 1.0]), np.ones(4)
    assert totals.weighted_sum(values, weights) == 1.0
    assert totals.weighted_sum(np.empty(0), np.empty(0)) == 0.0
