"""Measures of a distribution on distributions whose measures are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.measures import gini, hill_index, top_share
from sim.rules.sizes import truncated_pareto

values = st.lists(st.floats(0.0, 1e9).map(lambda yuan: round(yuan, 2)), min_size=1, max_size=30)


def test_gini_of_known_distributions() -> None:
    ones = np.ones(4)
    assert gini(np.full(4, 7.0), ones) == pytest.approx(0.0)
    assert gini(np.array([0.0, 0.0, 0.0, 5.0]), ones) == pytest.approx(0.75)
    assert gini(np.array([1.0, 3.0]), np.ones(2)) == pytest.approx(0.25)
    u = (np.arange(100_000) + 0.5) / 100_000
    assert gini(u, np.ones(u.size)) == pytest.approx(1.0 / 3.0, abs=1e-4)
    assert gini(-np.log(1.0 - u), np.ones(u.size)) == pytest.approx(0.5, abs=1e-3)
    # Pareto with index a: 1 / (2a - 1).
    assert gini((1.0 - u) ** (-1.0 / 3.0), np.ones(u.size)) == pytest.approx(0.2, abs=2e-3)


def test_nothing_to_measure() -> None:
    nothing = np.empty(0)
    assert gini(nothing, nothing) == top_share(nothing, nothing, 10.0) == hill_index(nothing, nothing, 0.02) == 0.0
    assert gini(np.zeros(5), np.ones(5)) == top_share(np.zeros(5), np.ones(5), 3.0) == 0.0


@given(values, st.integers(1, 6))
def test_a_row_of_many_counts_like_many_rows(amounts: list[float], times: int) -> None:
    table = np.array(amounts)
    grouped, apart = np.full(table.size, float(times)), np.repeat(table, times)
    assert gini(table, grouped) == pytest.approx(gini(apart, np.ones(apart.size)), abs=1e-9)
    assert top_share(table, grouped, 4.0) == pytest.approx(top_share(apart, np.ones(apart.size), 4.0), abs=1e-9)


@given(values, st.floats(0.5, 100.0))
def test_measures_are_free_of_the_unit_and_of_the_order(amounts: list[float], unit: float) -> None:
    table, ones = np.array(amounts), np.ones(len(amounts))
    assert -1e-12 <= gini(table, ones) <= 1.0
    assert gini(unit * table, ones) == pytest.approx(gini(table, ones), abs=1e-9)
    assert gini(table[::-1], ones) == pytest.approx(gini(table, ones), abs=1e-9)
    assert top_share(unit * table, ones, 2.0) == pytest.approx(top_share(table, ones, 2.0), abs=1e-9)


def test_share_of_the_largest_takes_rows_in_part() -> None:
    amounts, weights = np.array([10.0, 1.0, 4.0]), np.array([1.0, 80.0, 5.0])
    assert top_share(amounts, weights, 1.0) == pytest.approx(10.0 / 110.0)
    assert top_share(amounts, weights, 3.0) == pytest.approx(18.0 / 110.0)
    assert top_share(amounts, weights, 1000.0) == pytest.approx(1.0)


@pytest.mark.parametrize("index", [1.0, 1.2, 2.0])
def test_hill_finds_the_index_of_a_pareto_law(index: float) -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    amounts = (1.0 - u) ** (-1.0 / index)
    assert hill_index(amounts, np.ones(u.size), 0.02) == pytest.approx(index, rel=0.03)
    assert hill_index(5.0 * amounts, np.ones(u.size), 0.02) == pytest.approx(hill_index(amounts, np.ones(u.size), 0.02))


def test_hill_weighs_rows_and_leaves_out_what_sold_nothing() -> None:
    u = (np.arange(5000) + 0.5) / 5000
    amounts = np.sort(truncated_pareto(u, 1.0, 1000.0, 1.2))
    apart = np.repeat(amounts, 3)
    assert hill_index(amounts, np.full(5000, 3.0), 0.05) == pytest.approx(
        hill_index(apart, np.ones(15000), 0.05), rel=0.02
    )
    with_zeros = np.concatenate([np.zeros(500), amounts])
    assert hill_index(with_zeros, np.ones(5500), 0.05) == hill_index(amounts, np.ones(5000), 0.05)
    assert hill_index(np.full(100, 3.0), np.ones(100), 0.05) == 0.0
