"""Keyed draws: uniform, independent of each other, the same compiled and plain, and of nothing but their key."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, kstest, norm

from sim.rules import chance
from sim.state import draws
from tests.model_fixtures import key

words = st.integers(0, 2**64 - 1)
numbers = st.integers(-(2**63), 2**63 - 2)
MANY = 20_000


def chi_square(counts: np.ndarray, expected: float) -> float:
    """Return the probability of counts as uneven as these."""
    return float(chi2.sf(((counts - expected) ** 2 / expected).sum(), counts.size - 1))


@given(words, numbers)
def test_the_compiled_twins_give_the_same_bits(word: int, number: int) -> None:
    assert int(chance.combine(np.uint64(word), number)) == draws.combine(word, number)
    assert chance.to_unit(np.uint64(word)) == draws.to_unit(word)
    assert chance.uniform(np.uint64(word), number) == draws.to_unit(draws.combine(word, number))
    pair = draws.combine(draws.combine(word, number), number + 1)
    assert chance.uniform_pair(np.uint64(word), number, number + 1) == draws.to_unit(pair)


@given(numbers, st.text(max_size=8), st.lists(numbers, max_size=3), st.integers(0, 2**62))
def test_a_named_draw_is_the_draw_of_its_key(seed: int, name: str, narrowed: list[int], slot: int) -> None:
    month = chance.month_key(seed, name, *narrowed)
    assert chance.uniforms(month, np.array([slot]))[0] == draws.uniform_named(seed, name, *narrowed, slot)


@pytest.mark.parametrize("word", [0, 1, draws.MASK, 1 << 63, (1 << 11) - 1])
def test_a_draw_is_never_zero_or_one(word: int) -> None:
    assert 0.0 < draws.to_unit(word) < 1.0
    assert 0.0 < chance.to_unit(np.uint64(word)) < 1.0


@given(words, words)
def test_mixing_loses_nothing(one: int, other: int) -> None:
    assert (draws.mix(one) == draws.mix(other)) == (one == other)


def test_known_values_of_the_published_generator() -> None:
    # The first outputs of splitmix64 from state 0 (Vigna's reference program).
    assert [draws.mix(step * draws.GOLDEN) for step in (1, 2, 3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_seed_zero_is_a_seed_like_any_other() -> None:
    assert draws.replicate_seed(0, 0) not in (0, draws.replicate_seed(1, 0))
    assert len({draws.uniform_named(seed, "exit", 5) for seed in range(100)}) == 100
    assert draws.uniform_named(0, "exit", 5) == draws.uniform_named(0, "exit", 5)


@given(st.lists(st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 10**6)), min_size=2, max_size=50, unique=True))
def test_replicates_have_seeds_of_their_own(pairs: list[tuple[int, int]]) -> None:
    seeds = [draws.replicate_seed(seed, replicate) for seed, replicate in pairs]
    assert len(set(seeds)) == len(pairs)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_neighbouring_replicates_have_seeds_of_their_own() -> None:
    assert len({draws.replicate_seed(seed, replicate) for seed in range(20) for replicate in range(1000)}) == 20_000


def test_order_of_the_numbers_matters() -> None:
    assert draws.key(7, "exit", 1, 2) != draws.key(7, "exit", 2, 1)
    assert draws.key(7, "exit", 1) != draws.key(7, "exit", 1, 0)
    assert draws.stream("exit") != draws.stream("entry")


@pytest.mark.parametrize("month", [24276, 24277])
def test_draws_of_a_month_are_uniform(month: int) -> None:
    values = chance.uniforms(chance.month_key(0, "exit", month), np.arange(MANY))
    assert chi_square(np.histogram(values, bins=50, range=(0, 1))[0], MANY / 50) > 1e-3
    assert kstest(values, "uniform").pvalue > 1e-3


SLOTS = np.arange(MANY)
SERIES = {
    "a stream": chance.uniforms(chance.month_key(0, "exit", 24276), SLOTS),
    "another stream": chance.uniforms(chance.month_key(0, "entry", 24276), SLOTS),
    "next month": chance.uniforms(chance.month_key(0, "exit", 24277), SLOTS),
    "a year later": chance.uniforms(chance.month_key(0, "exit", 24288), SLOTS),
    "next slots": chance.uniforms(chance.month_key(0, "exit", 24276), SLOTS + 1),
    "another place": chance.uniforms(chance.month_key(0, "exit", 24276), SLOTS + (1 << 40)),
    "another seed": chance.uniforms(chance.month_key(1, "exit", 24276), SLOTS),
    "a replicate": chance.uniforms(chance.month_key(draws.replicate_seed(0, 1), "exit", 24276), SLOTS),
}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(SERIES, 2)))
def test_draws_with_different_keys_are_independent(one: str, other: str) -> None:
    counts = np.histogram2d(SERIES[one], SERIES[other], bins=10, range=[[0, 1], [0, 1]])[0]
    assert chi_square(counts.ravel(), MANY / 100) > 1e-4
    # Independent series correlate with a standard error of 1 / sqrt(MANY).
    assert abs(np.corrcoef(SERIES[one], SERIES[other])[0, 1]) < 4.0 / MANY**0.5


def test_pairs_of_slots_are_uniform_and_not_symmetric() -> None:
    first, second = (part.ravel() for part in np.meshgrid(np.arange(60), np.arange(60)))
    values = np.array([chance.uniform_pair(key(), i, j) for i, j in zip(first, second, strict=True)])
    assert chi_square(np.histogram(values, bins=20, range=(0, 1))[0], values.size / 20) > 1e-3
    assert chance.uniform_pair(key(), 3, 5) != chance.uniform_pair(key(), 5, 3)


@given(st.lists(st.integers(0, 2**50), min_size=1, max_size=30, unique=True), st.integers(0, 2**50), st.randoms())
def test_one_more_firm_and_the_order_of_work_change_nobodys_luck(slots: list[int], extra: int, shuffle: object) -> None:
    before = dict(zip(slots, chance.uniforms(key(), np.array(slots)), strict=True))
    after = [*slots, extra]
    shuffle.shuffle(after)  # type: ignore[attr-defined]
    values = dict(zip(after, chance.uniforms(key(), np.array(after)), strict=True))
    assert all(values[slot] == before[slot] for slot in slots)


@given(st.floats(1e-12, 1.0 - 1e-12))
def test_quantiles_rise_and_laplace_is_symmetric(u: float) -> None:
    assert chance.laplace(u) == pytest.approx(-chance.laplace(1.0 - u), abs=1e-4 if min(u, 1 - u) < 1e-9 else 1e-6)
    higher = u + 0.5 * (1.0 - u)
    assert chance.laplace(higher) > chance.laplace(u)
    assert chance.exponential(higher) > chance.exponential(u) >= 0.0


def test_moments_of_the_quantiles() -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    laplace = np.array([chance.laplace(value) for value in u])
    exponential = np.array([chance.exponential(value) for value in u])
    assert laplace.mean() == pytest.approx(0.0, abs=1e-9)
    assert laplace.var() == pytest.approx(1.0, rel=1e-3)
    # Fat tails: the kurtosis of Laplace is 6, of the normal law 3.
    assert (laplace**4).mean() == pytest.approx(6.0, rel=1e-2)
    assert exponential.mean() == pytest.approx(1.0, rel=1e-4)
    assert exponential.var() == pytest.approx(1.0, rel=1e-3)
    assert chance.laplace(float(norm.cdf(0.0))) == 0.0
