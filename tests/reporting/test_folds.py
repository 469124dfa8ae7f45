"""Arithmetic of the filter, by hand and by laws that must hold for any numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.reporting import folds
from sim.state.record import SIZE_CLASS_MEASURES

AMOUNTS = st.floats(0.0, 1e9, allow_nan=False, width=64)


def monthly(months: int) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.float64, (2, months), elements=AMOUNTS)


def test_months_of_flows_stocks_and_ratios() -> None:
    values = np.array([[[1.0], [2.0], [6.0]]])
    assert folds.over_months(values, "sum").tolist() == [[9.0]]
    assert folds.over_months(values, "last").tolist() == [[6.0]]
    assert folds.over_months(values, "mean").tolist() == [[3.0]]
    values[0, 1, 0] = np.nan
    assert folds.over_months(values, "mean").tolist() == [[3.5]]
    assert np.isnan(folds.over_months(values * np.nan, "mean")).all()


@given(
    now=arrays(np.float64, 4, elements=st.floats(0.0, 1e9)),
    before=arrays(np.float64, 4, elements=st.floats(1e-3, 1e9)),
    factor=st.floats(0.01, 100.0),
)
def test_growth_does_not_depend_on_the_unit(now: np.ndarray, before: np.ndarray, factor: float) -> None:
    np.testing.assert_allclose(
        folds.growth(now * factor, before * factor), folds.growth(now, before), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(folds.growth(before, before), 0.0, atol=1e-12)


def test_nothing_grows_from_nothing() -> None:
    assert np.isnan(folds.growth(np.array([1.0, 0.0]), np.array([0.0, 0.0]))).all()


def test_same_scope_growth_by_hand() -> None:
    #             stays       grows above   shrinks      closed    founded
    slots = np.array([1, 1, 2, 2, 3, 3, 4, 5])
    years = np.array([2022, 2023, 2022, 2023, 2022, 2023, 2022, 2023])
    output = np.array([4e7, 6e7, 1e7, 5e7, 3e7, 1e7, 9e7, 8e7])
    assert folds.same_scope_growth(slots, years, output, 2023) == pytest.approx((6e7 + 5e7) / (4e7 + 1e7) - 1.0)
    assert math.isnan(folds.same_scope_growth(slots, years, output, 2022))


@given(
    now=st.lists(st.floats(2e7, 1e10), min_size=1, max_size=8),
    change=st.floats(0.1, 10.0),
    entrants=st.lists(st.floats(0.0, 1e10), max_size=5),
)
def test_new_and_small_firms_do_not_change_same_scope_growth(
    now: list[float], change: float, entrants: list[float]
) -> None:
    count, late = len(now), len(entrants)
    slots = np.array([*range(count), *range(count), *range(count, count + late), count + late, count + late])
    years = np.array([2022] * count + [2023] * (count + late) + [2022, 2023])
    output = np.array([*(value / change for value in now), *now, *entrants, 9e8, 1.9e7])
    assert folds.same_scope_growth(slots, years, output, 2023) == pytest.approx(change - 1.0, rel=1e-9, abs=1e-9)


@given(classes=arrays(np.float64, (2, 3, 5, len(SIZE_CLASS_MEASURES)), elements=AMOUNTS))
def test_above_the_cut_and_below_make_the_whole(classes: np.ndarray) -> None:
    whole = classes[..., SIZE_CLASS_MEASURES.index("output")].sum(axis=-1)
    above = folds.above_scale(classes)
    below = classes[..., :3, SIZE_CLASS_MEASURES.index("output")].sum(axis=-1)
    np.testing.assert_allclose(above + below, whole, rtol=1e-12, atol=1e-3)


def test_rolling_year_by_hand() -> None:
    values = np.array([[1.0] * 12 + [2.0] * 12, [0.0] * 24])
    months = list(range(100, 124))
    reached = folds.first_month_reached
    assert reached(values, months, 12.0, "sum")[0] == 111
    assert reached(values, months, 15.0, "sum")[0] == 114
    assert reached(values, months, 1.25, "mean")[0] == 114
    assert reached(values, months, 2.0, "last")[0] == 112
    assert math.isnan(reached(values, months, 25.0, "sum")[0])
    assert np.isnan(reached(values, months, 1.0, "sum")[1])
    assert np.isnan(reached(values[:, :5], months[:5], 1.0, "sum")).all()


@given(values=monthly(30), low=st.floats(0.0, 1e9), more=st.floats(0.0, 1e9))
def test_a_higher_aim_is_never_reached_earlier(values: np.ndarray, low: float, more: float) -> None:
    for aggregate in ("sum", "last", "mean"):
        easy = folds.first_month_reached(values, range(30), low, aggregate)
        hard = folds.first_month_reached(values, range(30), low + more, aggregate)
        assert (np.nan_to_num(easy, nan=99.0) <= np.nan_to_num(hard, nan=99.0)).all()
