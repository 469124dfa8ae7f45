"""Sizes, ages and budgets of the start: laws that hold exactly, totals that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import sizes
from sim.rules.measures import hill_index
from sim.rules.turnover import hazards_by_age
from tests.model_fixtures import PARAMETERS, key

START = PARAMETERS.start


@given(st.integers(1, 500), st.integers(0, 2**40))
def test_stratified_draws_lie_one_in_each_interval(count: int, seed: int) -> None:
    values = sizes.stratified(key(seed), count)
    assert np.floor(values * count).tolist() == list(range(count))
    assert (np.diff(values) > 0.0).all()


@given(st.floats(0.5, 3.0), st.floats(2.0, 1e4))
def test_a_truncated_pareto_law_stays_in_its_range(index: float, ratio: float) -> None:
    ends = sizes.truncated_pareto(np.array([0.0, 1.0]), 20.0, ratio, index)
    assert ends == pytest.approx([20.0, 20.0 * ratio], rel=1e-3)
    inside = sizes.truncated_pareto(np.linspace(0, 1, 50), 20.0, ratio, index)
    assert (np.diff(inside) > 0.0).all()
    # Twice the size is exceeded by 2^-index of the firms, as far as the truncation allows.
    half = sizes.truncated_pareto(np.array([1.0 - 2.0**-index]), 20.0, 1e9, index)
    assert half == pytest.approx([40.0], rel=1e-3)


def test_a_lognormal_law_has_median_one_and_its_spread() -> None:
    values = np.log(sizes.lognormal((np.arange(20_000) + 0.5) / 20_000, 1.1))
    assert np.median(values) == pytest.approx(0.0, abs=1e-3)
    assert values.std() == pytest.approx(1.1, rel=1e-3)


def test_makers_add_up_to_the_total_and_their_tail_has_its_index() -> None:
    revenues = sizes.maker_revenues(key(1), key(2), 18_000, 200, 4.2e10, 2e7, 1.2, START)
    assert revenues.size == 18_000
    assert revenues.sum() == pytest.approx(4.2e10, rel=1e-12)
    assert (np.diff(revenues) >= 0.0).all()
    assert revenues[0] > 0.0
    assert 200 <= (revenues >= 2e7).sum() <= 240
    assert revenues[-1] <= 2e7 * START.above_scale_truncation
    tail = sizes.truncated_pareto(sizes.stratified(key(2), 20_000), 2e7, 1e9, 1.2)
    assert hill_index(tail, np.ones(tail.size), 0.1) == pytest.approx(1.2, rel=0.05)


@given(st.integers(1, 6), st.floats(0.01, 0.9), st.integers(0, 40), st.floats(1e9, 1e11))
def test_lead_firms_make_their_share_and_stand_last(leads: int, share: float, above: int, total: float) -> None:
    revenues = sizes.maker_revenues(key(1), key(2), 600, above, total, 2e7, 1.2, START, leads, share)
    assert revenues.size == 600
    assert revenues.sum() == pytest.approx(total, rel=1e-12)
    assert revenues[-leads:] == pytest.approx(np.full(leads, share * total / leads))
    others = revenues[:-leads]
    assert others.min() > 0.0
    assert (np.diff(others) >= 0.0).all()
    plain = sizes.maker_revenues(
        key(1), key(2), 600 - leads, max(above - leads, 0), (1.0 - share) * total, 2e7, 1.2, START
    )
    assert np.array_equal(others, plain)


def test_without_lead_firms_nothing_changes() -> None:
    plain, none = (
        sizes.maker_revenues(key(1), key(2), 600, 20, 1e10, 2e7, 1.2, START, *more) for more in ((), (0, 0.3))
    )
    assert np.array_equal(plain, none)


def test_a_tail_larger_than_the_total_is_scaled_down() -> None:
    revenues = sizes.maker_revenues(key(1), key(2), 1000, 200, 5e9, 2e7, 1.2, START)
    assert revenues.sum() == pytest.approx(5e9, rel=1e-12)
    assert revenues.min() > 0.0


amounts = st.lists(st.floats(1.0, 1e9), min_size=1, max_size=200).map(lambda values: np.sort(np.array(values)))


@given(amounts, st.floats(0.0, 1e9), st.integers(1, 60))
def test_grouping_keeps_counts_and_totals(values: np.ndarray, threshold: float, group_size: int) -> None:
    means, weights = sizes.grouped(values, threshold, group_size)
    assert weights.sum() == values.size
    assert (means * weights).sum() == pytest.approx(values.sum(), rel=1e-9)
    assert (weights >= 1.0).all()
    assert (np.diff(means) >= -1e-6 * means[1:]).all()
    large = values[values >= threshold]
    assert np.array_equal(means[means.size - large.size :], large)
    assert (weights[means.size - large.size :] == 1.0).all()
    if group_size == 1:
        assert np.array_equal(means, values)
    assert weights.max() <= 2 * group_size


@given(amounts, st.integers(1, 60))
def test_grouping_buyers_keeps_counts_and_totals_and_the_largest_alone(budgets: np.ndarray, most: int) -> None:
    first, means, weights = sizes.grouped_buyers(budgets, most)
    assert weights.sum() == budgets.size
    assert (means * weights).sum() == pytest.approx(budgets.sum(), rel=1e-9)
    assert weights.min() >= 1.0
    assert weights.max() <= most
    assert np.array_equal(first, np.cumsum(weights) - weights)
    assert weights[-1] == 1.0
    if most == 1:
        assert np.array_equal(means, budgets)


def test_nobody_is_no_row() -> None:
    assert [array.size for array in sizes.grouped_buyers(np.empty(0), 5)] == [0, 0, 0]


@pytest.mark.parametrize("most", [2, 6, 100])
@pytest.mark.parametrize("index", [1.0, 1.6, 2.0])
def test_grouped_buyers_order_hardly_more_unevenly_than_one_by_one(index: float, most: int) -> None:
    budgets = sizes.truncated_pareto((np.arange(4000) + 0.5) / 4000, 1.0, 100.0, index)
    _, means, weights = sizes.grouped_buyers(budgets, most)
    spread = np.square(means * weights).sum() / np.square(budgets).sum()
    assert 1.0 < spread < 1.1 + sizes.ADDED_VARIANCE
    assert weights.size < 0.65 * budgets.size
    # Rows are more alike than buyers in what they spend.
    assert (means * weights).std() / (means * weights).mean() < budgets.std() / budgets.mean()
    assert weights[means >= np.quantile(budgets, 0.98)].max() == 1.0


def test_ages_are_those_of_steady_entry() -> None:
    turnover = PARAMETERS.turnover
    ages = sizes.stationary_ages(key(3), np.arange(50_000), turnover, np.zeros(50_000))
    survival = np.exp(-np.cumsum(hazards_by_age(sizes.OLDEST_MONTHS, turnover)) / 12.0)
    shares = survival / survival.sum()
    assert ages.min() == 0
    assert ages.max() < sizes.OLDEST_MONTHS
    for low, high in ((0, 12), (12, 36), (36, 84), (84, 240), (240, 480)):
        wanted = shares[low:high].sum()
        assert ((ages >= low) & (ages < high)).mean() == pytest.approx(wanted, abs=0.01)


def test_where_every_maker_is_above_scale_they_make_the_whole() -> None:
    revenues = sizes.maker_revenues(key(1), key(2), 4, 4, 5e8, 2e7, 1.2, START)
    assert revenues.size == 4
    assert revenues.sum() == pytest.approx(5e8)


def test_a_row_stands_for_fewer_firms_where_the_place_has_few() -> None:
    many = 40.0 * sizes.ROWS_OF_A_PLACE
    assert sizes.group_size_of(many, 20) == 20
    assert sizes.group_size_of(many, 40) == sizes.group_size_of(many, 1000) == sizes.group_size_of(many + 1.0, 41) == 40
    assert sizes.group_size_of(many - 1.0, 1000) == 39
    assert sizes.group_size_of(3.0, 1000) == sizes.group_size_of(0.0, 1) == 1
