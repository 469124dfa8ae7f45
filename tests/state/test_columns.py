"""Columns: types, shapes, growth that moves nobody, and rows that are given out once."""

from __future__ import annotations

import numpy as np
import pytest

from sim.state.columns import CHANNELS, BuyerColumns, FirmColumns, grown, new_buyers, new_firms, new_places
from tests.model_fixtures import quick_model


def test_a_new_table_has_one_entry_a_row_in_every_column() -> None:
    firms = new_firms(7)
    for name, column in zip(FirmColumns._fields, firms, strict=True):
        width = {"orders_by_channel": CHANNELS, "revenue_ring": 12, "profit_ring": 12}.get(name)
        assert column.shape == ((7,) if width is None else (7, width)), name
        assert not column.any(), name
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


def test_growth_keeps_every_row_and_its_values() -> None:
    firms = new_firms(4)
    for number, column in enumerate(firms):
        column[:] = number + np.arange(4).reshape(-1, *[1] * (column.ndim - 1))
    larger = grown(firms, 9)
    for name, old, new in zip(FirmColumns._fields, firms, larger, strict=True):
        assert new.dtype == old.dtype, name
        assert new.shape[0] == 9, name
        assert np.array_equal(new[:4], old), name
        assert not new[4:].any(), name
    larger.cash[0] = -1.0
    assert firms.cash[0] != -1.0


def test_a_full_table_makes_room_and_the_run_goes_on() -> None:
    roomy, tight = quick_model(), quick_model()
    state = tight.state
    used = state.count
    state.firms = FirmColumns(*(column[:used].copy() for column in state.firms))
    state.scratch = type(state.scratch).for_rows(used)
    for _ in range(6):
        roomy.step()
        tight.step()
    assert state.count > used, "nobody entered, so nothing was tested"
    assert state.firms.slot.size >= state.count
    for name, one, other in zip(FirmColumns._fields, roomy.state.firms, state.firms, strict=True):
        assert np.array_equal(one[: state.count], other[: state.count]), name


def test_rows_and_slots_are_given_out_once() -> None:
    model = quick_model(end="2024-12")
    first = model.state.firms.slot[: model.state.count].copy()
    for _ in range(24):
        model.step()
    state = model.state
    slots = state.firms.slot[: state.count]
    assert state.count > first.size
    assert np.array_equal(slots[: first.size], first)
    assert np.unique(slots).size == slots.size
    gone = np.flatnonzero(state.firms.alive[: state.count] == 0)
    assert gone.size > 0
    assert (state.firms.exit_month[gone] > 0).all()
    assert (state.firms.exit_month[state.live] == 0).all()
    assert not np.isin(gone, state.live).any()


@pytest.mark.parametrize("column", ["cash", "capital", "workers", "orders", "backlog", "plots"])
def test_a_closed_firm_holds_nothing(column: str) -> None:
    model = quick_model()
    for _ in range(6):
        model.step()
    state = model.state
    gone = np.flatnonzero(state.firms.alive[: state.count] == 0)
    assert gone.size > 0
    assert not getattr(state.firms, column)[gone].any()
