"""Sums by place: every firm of a row counted, and labels that do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules import totals
from sim.state.columns import CHANNELS


def test_links_of_a_row_are_spread_over_its_firms() -> None:
    assert totals.exporting(50.0, 0) == 0.0
    assert totals.exporting(50.0, 1) == pytest.approx(1.0)
    assert totals.exporting(1.0, 7) == 1.0
    assert totals.exporting(0.5, 7) == 0.5
    assert totals.exporting(1.5, 1) == pytest.approx(1.0)
    # Two links meet in one firm of fifty once in fifty times.
    assert totals.exporting(50.0, 2) == pytest.approx(1.98)
    assert totals.exporting(50.0, 30_000) == pytest.approx(50.0)


def test_a_row_of_many_firms_counts_them_all() -> None:
    values, weight, place = (
        np.array([1.0, 2.0, 3.0]),
        np.array([5.0, 9.0, 2.0, 10.0]),
        np.array([0, 0, 0, 1], np.int16),
    )
    rows = np.array([0, 2, 3])
    assert totals.by_place(values, weight, place, rows, 3).tolist() == [9.0, 30.0, 0.0]


def test_there_is_a_column_for_every_channel_after_the_others() -> None:
    assert totals.SUMS - totals.BY_CHANNEL == CHANNELS
    assert totals.BY_CHANNEL == totals.TREATED + 1


def test_sums_are_added_in_order() -> None:
    values, weights = np.array([1e16, 1.0, -1e16, 1.0]), np.ones(4)
    assert totals.weighted_sum(values, weights) == 1.0
    assert totals.weighted_sum(np.empty(0), np.empty(0)) == 0.0
