"""Recovery of known numbers: intervals, ranks, and what a failed test takes away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, binomtest, kstest

from sim.calibrate import ranking
from sim.calibrate.diagnosing import UNPROVEN, _fails, _tests_of
from sim.calibrate.ranking import DRAWS, Ranks, evenness_p, hits_p, interval, rank_cases, simultaneous_band
from sim.calibrate.trials import Trials

CASES = 4000


def ranked(spread: float, name: str = "a", cases: int = CASES, seed: int = 3) -> Ranks:
    """Return ranks of standard normal truths among draws ``spread`` times as wide as a right posterior's."""
    random = np.random.Generator(np.random.Philox(seed))
    truth = random.standard_normal((cases, 1))
    found = spread * random.standard_normal((DRAWS, cases, 1))
    low, high = interval(found)
    return Ranks((name,), (found < truth).sum(axis=0), (low <= truth) & (truth <= high), found[-1])


def test_intervals_of_a_right_posterior_hold_the_truth_nine_times_in_ten() -> None:
    found = ranked(1.0)
    assert found.coverage("a") == pytest.approx(0.9, abs=3.0 * np.sqrt(0.09 / CASES))
    assert found.coverage_p("a") > UNPROVEN
    assert found.rank_p("a") > UNPROVEN


@pytest.mark.parametrize("spread", [0.7, 1.4])
def test_a_posterior_too_narrow_or_too_wide_fails(spread: float) -> None:
    found = ranked(spread)
    assert (found.coverage("a") < 0.9) == (spread < 1.0)
    assert _fails(found, "a")


def test_a_shifted_posterior_fails_by_its_ranks() -> None:
    right = ranked(1.0)
    shifted = Ranks(("a",), np.minimum(right.ranks + 6, DRAWS), right.inside, right.averaged)
    assert shifted.coverage_p("a") > UNPROVEN
    assert _fails(shifted, "a")


def test_even_ranks_leave_their_simultaneous_band_five_times_in_a_hundred() -> None:
    left = [ranked(1.0, cases=128, seed=seed).leaves_band("a") for seed in range(300)]
    assert 100.0 * np.mean(left) == pytest.approx(5.0, abs=4.0)
    low, high = simultaneous_band(128)
    middle = 128 * np.arange(1, 16) / 16
    assert (low < middle).all()
    assert (middle < high).all()
    # A band for each end alone is narrower: it would be left far too often.
    alone = np.array([binom.ppf(0.025, 128, part / 16) for part in range(1, 16)])
    assert (low <= alone).all()


@pytest.mark.parametrize("spread", [0.4, 2.5])
def test_ranks_of_a_wrong_posterior_leave_their_band(spread: float) -> None:
    assert ranked(spread, cases=128).leaves_band("a")


def test_the_posterior_averaged_over_cases_is_the_prior() -> None:
    assert ranked(1.0, cases=128).averaged_p("a") > UNPROVEN
    assert ranked(2.0, cases=128).averaged_p("a") <= UNPROVEN


def test_a_number_is_tested_where_its_figures_are() -> None:
    here, there = ranked(1.0, "a", 50), ranked(0.5, "a", 50)
    other = ranked(1.0, "b", 50)
    assert _tests_of("a", here, [here, there, other]) == [here]
    assert _tests_of("a", None, [here, there, other]) == [here, there]
    assert _tests_of("c", None, [here, there, other]) == []


@pytest.mark.parametrize(
    ("cases", "groups", "given"), [(10, 1, 10), (19, 1, 19), (20, 2, 20), (30, 2, 30), (99, 2, 39)]
)
def test_no_case_is_seen_by_its_own_emulators(
    monkeypatch: pytest.MonkeyPatch, cases: int, groups: int, given: int
) -> None:
    """Of 40 trials of the first design one failed; the ten of the second design are never cases."""
    trials = Trials(np.arange(50.0)[:, None], np.ones((50, 1)), tuple("broken" if k == 7 else "" for k in range(50)))
    baseline = SimpleNamespace(asked=("a",), space=SimpleNamespace(names=("x",)))
    learnt: list[set[float]] = []
    tested: list[set[float]] = []

    def unit_of(_: Any, rest: Trials) -> tuple[Any, tuple[()]]:
        learnt.append(set(rest.scores[:, 0]))
        return SimpleNamespace(asked=("a",), active=[0]), ()

    def sample(_unit: Any, figures: Any, _steps: int, _random: Any) -> Any:
        tested.append({float(k) for k in range(40)} - learnt[-1])
        return np.zeros((DRAWS, len(figures), 1))

    monkeypatch.setattr(ranking, "_has_numbers", lambda *_: True)
    monkeypatch.setattr(ranking, "unit_of", unit_of)
    monkeypatch.setattr(ranking, "_synthetic", lambda _asked, answers, _random: answers)
    monkeypatch.setattr(ranking, "_sample", sample)
    found = rank_cases(baseline, trials, 40, cases, 100, 1)  # type: ignore[arg-type]
    assert len(tested) == groups
    assert found.ranks.shape == (given, 1)
    assert sum(len(group) for group in tested) == given
    assert len(set().union(*tested)) == given
    assert not set().union(*tested) & {7, *range(40, 50)}
    assert not set().union(*learnt) & set(range(40, 50))


@pytest.mark.parametrize("count", [1, 5, 64, 128, 2000, 4000])
@pytest.mark.parametrize("bend", [1.0, 1.3, 3.0, 60.0])
def test_p_values_are_those_of_the_statistical_library(count: int, bend: float) -> None:
    values = np.random.default_rng(count).random(count) ** bend
    # For many values SciPy takes an approximation of its own, near to 1e-8 (Pelz and Good 1976).
    expected = pytest.approx(float(kstest(values, "uniform").pvalue), abs=1e-12 if count <= 128 else 1e-8)
    assert evenness_p(values) == expected
    for hits in range(count + 1 if count <= 128 else 0):
        assert hits_p(hits, count) == pytest.approx(float(binomtest(hits, count, 0.9).pvalue), rel=1e-9)
