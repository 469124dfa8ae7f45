"""Statistics of a comparison against numbers worked out by hand, brute force and properties."""

from __future__ import annotations

import math
from statistics import fmean, stdev, variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.compare.statistics import (
    VERDICTS_ZH,
    band,
    contrast,
    decimals_shown,
    differences,
    is_rough,
    mean_se,
    out_of,
    percent_differences,
    share_above,
    variance_reduction,
    verdict,
    verdict_text,
)

values = st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60)
pairs = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=20, max_size=60)


def by_hand(sorted_values: list[float], share: float) -> float:
    """Linear interpolation between order statistics."""
    place = share * (len(sorted_values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(sorted_values) - 1)
    return sorted_values[low] + (place - low) * (sorted_values[high] - sorted_values[low])


def one(b: list[float], a: list[float], *, paired: bool = True):
    return contrast(np.array(b, dtype=float)[:, None], np.array(a, dtype=float)[:, None], paired=paired)[0]


def test_band_of_21_whole_numbers():
    found = band(np.arange(21.0))
    assert (found.p05, found.p25, found.p50, found.p75, found.p95, found.mean) == (1.0, 5.0, 10.0, 15.0, 19.0, 10.0)
    assert found.shown


@given(values)
def test_band_agrees_with_interpolation_by_hand(numbers):
    found = band(np.array(numbers))
    ordered = sorted(numbers)
    for name, share in (("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95)):
        assert getattr(found, name) == pytest.approx(by_hand(ordered, share), abs=1e-6)
    assert found.mean == pytest.approx(fmean(numbers), abs=1e-6)


@pytest.mark.parametrize(
    ("runs", "shown", "rough"),
    [(1, False, False), (19, False, False), (20, True, True), (49, True, True), (50, True, False)],
)
def test_bands_need_twenty_runs_and_are_rough_below_fifty(runs, shown, rough):
    found = band(np.arange(float(runs)))
    assert found.shown is shown
    assert math.isnan(found.p95) is not shown
    assert found.p50 == (runs - 1) / 2
    assert is_rough(runs) is rough


def test_band_of_nothing_is_empty():
    found = band(np.empty(0))
    assert math.isnan(found.p50)
    assert math.isnan(found.mean)
    assert not found.shown


def test_headline_is_the_median_of_differences_not_the_difference_of_medians():
    a = [0.0, 10.0, 20.0] * 7
    b = [30.0, 11.0, 21.0] * 7
    found = one(b, a)
    assert found.difference.p50 == 1.0
    assert found.b.p50 - found.a.p50 == 11.0


@given(pairs)
def test_swapping_sides_negates_differences_and_turns_the_probability(couples):
    b, a = ([couple[k] for couple in couples] for k in (0, 1))
    forward, backward = one(b, a), one(a, b)
    names = ("p05", "p25", "p50", "p75", "p95", "mean")
    for name, mirrored in zip(names, ("p95", "p75", "p50", "p25", "p05", "mean"), strict=True):
        assert getattr(forward.difference, name) == pytest.approx(-getattr(backward.difference, mirrored), abs=1e-6)
    assert forward.prob_higher == pytest.approx(1.0 - backward.prob_higher)
    assert forward.mc_se == pytest.approx(backward.mc_se)
    assert forward.variance_reduction == pytest.approx(backward.variance_reduction, nan_ok=True)
    assert verdict(forward.prob_higher, forward.n) == verdict(backward.prob_higher, backward.n)


@given(pairs, st.sampled_from([0.5, 2.0, 1024.0]))
def test_a_larger_unit_scales_amounts_and_leaves_shares_alone(couples, factor):
    b, a = (np.array([couple[k] for couple in couples]) for k in (0, 1))
    plain, scaled = one(list(b), list(a)), one(list(b * factor), list(a * factor))
    assert scaled.difference.p50 == pytest.approx(factor * plain.difference.p50)
    assert scaled.mc_se == pytest.approx(factor * plain.mc_se)
    assert scaled.prob_higher == plain.prob_higher
    assert scaled.difference_pct.p50 == pytest.approx(plain.difference_pct.p50, nan_ok=True)
    assert scaled.variance_reduction == pytest.approx(plain.variance_reduction, nan_ok=True)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40), st.integers(-3, 3))
def test_share_above_by_counting(numbers, threshold):
    above = sum(1.0 if n > threshold else 0.5 if n == threshold else 0.0 for n in numbers)
    assert share_above(np.array(numbers, dtype=float), threshold) == pytest.approx(above / len(numbers))


def test_ties_count_half():
    assert share_above(np.array([0.0, 0.0, 1.0, -1.0])) == 0.5
    assert share_above(np.array([0.0, 1.0])) == 0.75
    assert math.isnan(share_above(np.empty(0)))


def test_standard_errors_by_hand():
    b, a = [3.0, 5.0, 10.0, 4.0], [1.0, 1.0, 2.0, 3.0]
    found = one(b, a)
    assert found.mc_se == pytest.approx(stdev([2.0, 4.0, 8.0, 1.0]) / 2.0)
    assert found.a_se == pytest.approx(stdev(a) / 2.0)
    assert found.b_se == pytest.approx(stdev(b) / 2.0)


def test_noise_cut_by_hand_and_at_its_edges():
    b, a = [3.0, 5.0, 10.0, 4.0], [1.0, 1.0, 2.0, 3.0]
    expected = (variance(b) + variance(a)) / variance([2.0, 4.0, 8.0, 1.0])
    assert variance_reduction(np.array(b), np.array(a)) == pytest.approx(expected)
    assert variance_reduction(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == math.inf
    assert math.isnan(variance_reduction(np.array([2.0, 2.0]), np.array([1.0, 1.0])))
    assert math.isnan(variance_reduction(np.array([2.0]), np.array([1.0])))


def test_the_same_value_in_every_run_has_no_noise():
    assert mean_se(np.full((7, 1), 0.1))[0] == 0.0
    assert math.isnan(mean_se(np.array([[1.0]]))[0])


def test_percent_is_blank_when_the_baseline_changes_sign_or_is_zero():
    apart = np.ones((3, 4))
    a = np.array([[1.0, -1.0, 1.0, 0.0], [2.0, -2.0, -1.0, 1.0], [4.0, -4.0, 1.0, 1.0]])
    found = percent_differences(apart, a)
    assert found[:, 0].tolist() == [100.0, 50.0, 25.0]
    assert found[:, 1].tolist() == [-100.0, -50.0, -25.0]
    assert np.isnan(found[:, 2:]).all()


def test_runs_without_a_value_are_left_out_pair_by_pair():
    nan = math.nan
    found = one([1.0, nan, 3.0, 9.0], [0.0, 0.0, nan, 4.0])
    assert found.n == 2
    assert found.difference.p50 == 3.0
    whole = contrast(np.array([[1.0, nan], [2.0, 5.0]]), np.array([[0.0, 0.0], [0.0, 1.0]]), paired=True)
    assert [c.n for c in whole] == [2, 1]
    assert whole[1].difference.p50 == 4.0
    nothing = one([nan], [1.0])
    assert nothing.n == 0
    assert math.isnan(nothing.difference.p50)


def test_unpaired_takes_every_combination():
    b, a = [1.0, 2.0, 5.0], [0.0, 3.0]
    found = one(b, a, paired=False)
    assert found.n == 2
    expected = sorted(x - y for x in b for y in a)
    assert sorted(differences(np.array(b), np.array(a), paired=False)) == expected
    assert found.difference.p50 == pytest.approx(by_hand(expected, 0.5))
    assert found.prob_higher == pytest.approx(sum(d > 0 for d in expected) / 6)
    assert found.mc_se == pytest.approx(math.hypot(stdev(b) / math.sqrt(3), stdev(a) / math.sqrt(2)))
    assert math.isnan(found.variance_reduction)


def test_unpaired_bands_count_runs_not_combinations():
    found = one([float(k) for k in range(10)], [float(k) for k in range(10)], paired=False)
    assert not found.difference.shown


def test_pairing_needs_equal_shapes():
    with pytest.raises(ValueError, match="cannot compare"):
        contrast(np.ones((2, 1)), np.ones((3, 1)), paired=True)
    with pytest.raises(ValueError, match="cannot compare"):
        contrast(np.ones((2, 1)), np.ones((2, 2)), paired=False)


@pytest.mark.parametrize(
    ("error", "value", "decimals"),
    [
        (0.62, 11.23, 1),
        (0.024, 0.374, 2),
        (130.0, 1287.0, -2),
        (0.96, 11.2, 1),
        (0.999, 11.2, 0),
        (9.99, 11.2, -1),
        (0.0, 11.23, 1),
        (0.0, 0.0, 0),
        (math.nan, 1234.0, 0),
        (math.nan, 0.001234, 5),
        (1e-12, 1.0, 6),
    ],
)
def test_digits_follow_the_standard_error(error, value, decimals):
    assert decimals_shown(error, value) == decimals


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (1.0, "clear"),
        (0.95, "clear"),
        (0.949, "likely"),
        (0.80, "likely"),
        (0.799, "no clear difference"),
        (0.5, "no clear difference"),
        (0.201, "no clear difference"),
        (0.20, "likely"),
        (0.051, "likely"),
        (0.05, "clear"),
        (0.0, "clear"),
    ],
)
def test_verdicts_on_both_sides(share, word):
    assert verdict(share, 100) == word


def test_verdicts_that_are_not_given():
    assert verdict(1.0, 19) == "too few runs"
    assert verdict(math.nan, 100) == "too few runs"
    assert verdict(0.5, 100, identical=True) == "identical"


def test_words_of_verdicts_in_both_languages():
    assert [verdict_text(w, "zh") for w in ("clear", "likely", "no clear difference")] == ["明确", "较可能", "尚不明确"]
    assert [verdict_text(w, "en") for w in VERDICTS_ZH] == list(VERDICTS_ZH)


def test_shares_are_told_as_occasions():
    assert out_of(0.88, 100, "en") == "88 of 100 runs"
    assert out_of(0.88, 100, "zh") == "100次推演中88次"
    assert out_of(0.885, 100, "en") == "88.5 of 100 runs"
