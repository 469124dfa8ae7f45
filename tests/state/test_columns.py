"""Columns: types, shapes, empty rows, and growth that moves nobody."""

from __future__ import annotations

import numpy as np
import pytest

from sim.state.columns import FIRM_WIDTHS, BuyerColumns, FirmColumns, clear, grown, new_buyers, new_firms, new_places
from tests.model_fixtures import quick_model

EMPTY = {**dict.fromkeys(("productivity", "quality", "unit_cost", "price", "service"), 1), "park": -1, "listed": -1}
"""What stands in a row without a firm, where it is not 0: numbers whose logarithm is taken, and positions."""


def test_a_new_table_has_one_entry_a_row_in_every_column() -> None:
    firms = new_firms(7)
    for name, column in zip(FirmColumns._fields, firms, strict=True):
        assert column.shape == ((7, FIRM_WIDTHS[name]) if name in FIRM_WIDTHS else (7,)), name
        assert (column == EMPTY.get(name, 0)).all(), name
        assert column.flags.c_contiguous, name
    assert firms.slot.dtype == np.int64
    assert firms.alive.dtype == np.int8
    assert firms.park.dtype == np.int16
    assert firms.capital.dtype == np.float64


def test_new_buyers_know_nobody() -> None:
    buyers = new_buyers(3, 5)
    for name, column in zip(BuyerColumns._fields, buyers, strict=True):
        assert column.shape == ((3, 5) if name.startswith(("supplier", "link_")) else (3,)), name
    assert (buyers.supplier == -1).all()
    assert not buyers.links.any()
    assert buyers.supplier.dtype == np.int32


def test_columns_are_not_shared() -> None:
    firms = new_firms(2)
    firms.cash[:] = 1.0
    assert not firms.capital.any()
    assert not new_firms(2).cash.any()


def test_markets_are_by_place_and_by_tier() -> None:
    places = new_places(3)
    assert places.wage.shape == (3,)
    assert places.market_cost.shape == places.normal_entry.shape == (3, 3)


def test_a_cleared_row_is_like_a_new_one_and_its_neighbours_stay() -> None:
    firms = new_firms(5)
    for column in firms:
        column[:] = 3
    clear(firms, np.array([1, 4]))
    for name, column in zip(FirmColumns._fields, firms, strict=True):
        assert (column[[1, 4]] == EMPTY.get(name, 0)).all(), name
        assert (column[[0, 2, 3]] == 3).all(), name


def test_growth_keeps_every_row_and_its_values() -> None:
    firms = new_firms(4)
    for number, column in enumerate(firms):
        column[:] = number + np.arange(4).reshape(-1, *[1] * (column.ndim - 1))
    larger = grown(firms, 9)
    for name, old, new in zip(FirmColumns._fields, firms, larger, strict=True):
        assert new.dtype == old.dtype, name
        assert new.shape[0] == 9, name
        assert np.array_equal(new[:4], old), name
        assert (new[4:] == EMPTY.get(name, 0)).all(), name
    larger.cash[0] = -1.0
    assert firms.cash[0] != -1.0


@pytest.mark.parametrize("column", ["cash", "capital", "workers", "orders", "backlog", "plots"])
def test_a_closed_firm_holds_nothing(column: str) -> None:
    model = quick_model()
    for _ in range(6):
        model.step()
    state = model.state
    gone = np.flatnonzero(state.firms.exit_month[: state.count] > 0)
    assert gone.size > 0
    assert not state.firms.alive[gone].any()
    assert not getattr(state.firms, column)[gone].any()
