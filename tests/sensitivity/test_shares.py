"""Shares of variance: known Sobol indices, idle inputs, correlated inputs, chance by twins, the same numbers again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from sim.sensitivity.shares import Shares, shares_of
from sim.sensitivity.varied import CUBE, point_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def trials(count: int, inputs: int, seed: int) -> tuple[Floats, Integers]:
    """Scores of Latin hypercubes, every eighth trial a twin, and the point of each trial."""
    points = np.array([point_of(number) for number in range(count)])
    cubes = -(-(int(points.max()) + 1) // CUBE)
    random = np.random.default_rng(seed)
    shares = np.concatenate([qmc.LatinHypercube(inputs, rng=random).random(CUBE) for _ in range(cubes)])
    return np.asarray(ndtri(shares))[points], points


def studied(
    function: Callable[[Floats], Floats], count: int, inputs: int, seed: int = 0, noise: float = 0.0, **more: object
) -> Shares:
    scores, points = trials(count, inputs, seed)
    quantity = function(scores) + noise * np.random.default_rng(seed + 1).standard_normal(count)
    return shares_of(scores, quantity, points, seed, **more)  # type: ignore[arg-type]


def by_input(found: Shares) -> dict[int, float]:
    return {effect.position: effect.share.value for effect in found.effects}


def known(scores: Floats) -> Floats:
    """A function of known shares: 9, 4 and 1 parts of 16 are of single inputs, 2 of a pair."""
    a, b, c = scores[:, 0], scores[:, 1], scores[:, 2]
    return np.asarray(3.0 * a + 2.0 * b + (c * c - 1.0) / np.sqrt(2.0) + np.sqrt(2.0) * a * b)


def test_shares_of_a_known_function() -> None:
    found = studied(known, 1024, 40, noise=4.0)  # half of all variance is noise
    shares = by_input(found)
    assert shares[0] == pytest.approx(9 / 32, abs=0.04)
    assert shares[1] == pytest.approx(4 / 32, abs=0.04)
    assert shares[2] == pytest.approx(1 / 32, abs=0.02)
    assert found.together.value == pytest.approx(2 / 32, abs=0.03)
    assert found.chance is not None
    assert found.chance.value == pytest.approx(0.5, abs=0.12)
    total = sum(shares.values()) + found.together.value + found.left.value
    assert total == pytest.approx(1.0, abs=1e-9)
    assert [effect.position for effect in found.effects] == [0, 1, 2]


def test_whiskers_hold_the_truth() -> None:
    inside = 0
    for seed in range(20):
        found = studied(lambda scores: 3.0 * scores[:, 0], 256, 10, seed, noise=3.0)
        (effect,) = [item for item in found.effects if item.position == 0]
        inside += effect.share.low <= 0.5 <= effect.share.high
    assert 14 <= inside <= 20  # nine of ten, less what randomness does to twenty


def test_sobol_indices_of_ishigami() -> None:
    """Sobol's first-order indices of the function: 0.3139, 0.4424 and 0; the second needs more than four degrees."""
    scores, points = trials(2048, 12, 0)
    x = np.pi * (2.0 * ndtr(scores) - 1.0)
    quantity = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = shares_of(x, quantity, points, 0)
    shares = by_input(found)
    assert set(shares) == {0, 1}  # the third acts only together with the first
    assert shares[0] == pytest.approx(0.3139, abs=0.02)
    assert 0.25 < shares[1] < 0.4424
    assert found.chance is not None
    assert found.chance.value == 0.0
    assert found.small == pytest.approx(found.left.value)


def test_the_quantity_at_the_ends_of_an_input() -> None:
    found = studied(lambda scores: 5.0 + 3.0 * scores[:, 0], 512, 5, noise=1.0)
    effect = found.effects[0]
    assert effect.position == 0
    assert effect.at == pytest.approx((-1.645, 1.645), abs=0.05)
    low, high = effect.expected
    assert low.value == pytest.approx(5.0 - 3.0 * 1.645, abs=0.35)
    assert high.value == pytest.approx(5.0 + 3.0 * 1.645, abs=0.35)
    assert low.low < low.value < low.high < high.low < high.value < high.high


def test_idle_inputs_are_not_named() -> None:
    named = 0
    for seed in range(30):
        heavy = np.random.default_rng(500 + seed).standard_t(3, 128)  # far trials as well
        named += bool(studied(lambda _, randomness=heavy: randomness, 128, 120, seed, boots=2).effects)  # type: ignore[misc]
    assert named <= 5  # 1.5 are expected at the 5 % level for all 120 together


def test_an_input_that_goes_along_with_another_is_not_named_for_it() -> None:
    scores, points = trials(512, 6, 3)
    random = np.random.default_rng(4)
    scores[:, 1] = (0.9 * scores[:, 0] + np.sqrt(1 - 0.81) * random.standard_normal(512))[points]
    quantity = 2.0 * scores[:, 0] + random.standard_normal(512)
    assert set(by_input(shares_of(scores, quantity, points, 1))) == {0}


def test_a_category_has_a_mean_for_each_level() -> None:
    scores, points = trials(512, 8, 5)
    scores[:, 7] = np.random.default_rng(6).integers(0, 3, 512)[points]
    means = np.array([1.0, 5.0, 2.0])
    quantity = means[scores[:, 7].astype(int)] + np.random.default_rng(7).standard_normal(512)
    found = shares_of(scores, quantity, points, 1, {7: 3})
    (effect,) = found.effects
    assert effect.position == 7
    assert effect.at == (0.0, 1.0, 2.0)
    assert [place.value for place in effect.expected] == pytest.approx(means.tolist(), abs=0.25)
    assert effect.share.value == pytest.approx(2.89 / 3.89, abs=0.05)


def test_the_larger_the_study_the_smaller_what_can_be_seen() -> None:
    small, large = (studied(known, count, 100, noise=4.0).detectable for count in (64, 512))
    assert 0.12 < small < 0.35
    assert large < small / 4.0


def test_chance_is_said_only_with_enough_twins() -> None:
    scores, points = trials(56, 3, 1)
    assert len(points) - len(set(points.tolist())) == 7
    found = shares_of(scores, scores[:, 0], points, 1)
    assert found.chance is None
    assert np.isnan(found.randomness)


def test_chance_is_no_more_than_what_is_left() -> None:
    found = studied(lambda scores: scores[:, 0], 128, 3, noise=0.3)
    assert found.chance is not None
    assert 0.0 < found.randomness <= found.left.value


def test_the_same_numbers_again_and_other_shuffles_for_another_seed() -> None:
    one, again = (studied(known, 256, 20, noise=4.0) for _ in range(2))
    assert asdict(one) == asdict(again)
    scores, points = trials(256, 20, 0)
    quantity = known(scores) + 4.0 * np.random.default_rng(1).standard_normal(256)
    other = shares_of(scores, quantity, points, 99)
    assert other.effects[0].share.value == one.effects[0].share.value
    assert other.effects[0].share.low != one.effects[0].share.low


def test_an_input_that_never_varies_is_passed_over() -> None:
    scores, points = trials(128, 4, 2)
    scores[:, 1] = 3.0
    quantity = scores[:, 0] + 0.1 * np.random.default_rng(1).standard_normal(128)
    assert set(by_input(shares_of(scores, quantity, points, 1, {1: 3}))) == {0}


def test_a_quantity_that_never_varies_has_no_shares() -> None:
    scores, points = trials(64, 4, 2)
    with pytest.raises(ValueError, match="the same in every trial"):
        shares_of(scores, np.zeros(64), points, 1)
