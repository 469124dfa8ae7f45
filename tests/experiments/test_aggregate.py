"""Months to years and places to a total."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiments.aggregate import by_year, complete_years, over_places
from sim.observables import observable

FLOW, STOCK, RATIO = observable("output_value"), observable("employment"), observable("wage")


@given(st.integers(0, 40_000), st.integers(1, 60))
def test_complete_years_are_those_with_twelve_months(first, months):
    covered = [number // 12 for number in range(first, first + months)]
    assert complete_years(first, months).tolist() == [
        year for year in sorted(set(covered)) if covered.count(year) == 12
    ]


def test_sum_last_and_mean():
    values = np.arange(30.0)
    first = 2020 * 12 + 10  # two months, two whole years, four months
    assert by_year(values, first, FLOW).tolist() == [sum(range(2, 14)), sum(range(14, 26))]
    assert by_year(values, first, STOCK).tolist() == [13.0, 25.0]
    assert by_year(values, first, RATIO).tolist() == [7.5, 19.5]


def test_no_complete_year():
    assert by_year(np.ones((3, 11)), 2020 * 12, FLOW).shape == (3, 0)


def test_a_mean_leaves_out_months_without_a_value():
    values = np.concatenate([[np.nan, np.nan], np.full(10, 4.0), np.full(12, np.nan)])
    found = by_year(values, 2020 * 12, RATIO)
    assert found[0] == 4.0
    assert np.isnan(found[1])


def test_places_are_added_or_averaged_by_output():
    values, output = np.array([[10.0, 40.0]]), np.array([[3.0, 1.0]])
    assert over_places(values, output, STOCK).tolist() == [50.0]
    assert over_places(values, output, RATIO).tolist() == [17.5]
    assert over_places(values, output * 0, RATIO).tolist() == [25.0]
    assert over_places(np.array([[np.nan, 40.0]]), output, RATIO).tolist() == [40.0]
    assert over_places(np.array([[np.nan, 40.0]]), np.array([[3.0, 0.0]]), RATIO).tolist() == [40.0]


def test_one_place_is_its_own_total():
    assert over_places(np.array([3.0]), np.ones(1), STOCK).shape == ()
    assert over_places(np.ones((2, 5, 1)), np.ones((2, 5, 1)), RATIO).shape == (2, 5)


def test_unfilled_jobs_are_people_and_add_up():
    assert over_places(np.array([2.0, 3.0]), np.ones(2), observable("unfilled_jobs")) == pytest.approx(5.0)


@given(st.lists(st.floats(0.01, 1e9), min_size=2, max_size=6))
def test_an_average_over_places_lies_between_them(values):
    array = np.array(values)
    mean = float(over_places(array, np.arange(1.0, len(values) + 1), RATIO))
    assert array.min() * (1 - 1e-9) <= mean <= array.max() * (1 + 1e-9)
