"""Scores against values known in closed form, what they are estimated from, and the counting of hits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from sim.calibrate import scores

PLACES = st.floats(-3.0, 3.0)


def test_a_normal_distribution_at_its_mean() -> None:
    expected = 2.0 * (math.sqrt(2.0) - 1.0) / math.sqrt(math.pi)
    assert scores.crps_of_normal(7.0, 2.0, 7.0) == pytest.approx(expected)
    # By numerical integration of (F(x) - [x >= y])^2 over x: mean 0, deviation 1, y = 1.
    x = np.linspace(-12.0, 12.0, 240001)
    share = 0.5 * (1.0 + np.vectorize(math.erf)(x / math.sqrt(2.0)))
    integral = float(np.trapezoid((share - (x >= 1.0)) ** 2, x))
    assert scores.crps_of_normal(0.0, 1.0, 1.0) == pytest.approx(integral, abs=1e-4)


@given(observed=PLACES, point=PLACES)
def test_a_point_mass_scores_its_absolute_error(observed: float, point: float) -> None:
    error = abs(observed - point)
    assert scores.crps_of_samples([point], observed) == pytest.approx(error)
    assert scores.crps_of_samples([point] * 5, observed) == pytest.approx(error)
    assert scores.crps_of_normal(point, 0.0, observed) == pytest.approx(error)
    assert scores.crps_of_replicates(np.full((4, 3), point), observed) == pytest.approx(error)
    assert scores.crps_of_quantiles([point] * 39, observed) == pytest.approx(error)


@pytest.mark.parametrize("observed", [0.0, 0.2, 0.5, 0.9])
def test_a_uniform_distribution(observed: float) -> None:
    expected = (observed**3 + (1.0 - observed) ** 3) / 3.0
    grid = (np.arange(2000) + 0.5) / 2000
    assert scores.crps_of_samples(grid, observed) == pytest.approx(expected, abs=1e-6)
    beyond = scores.crps_of_samples(grid, 1.5)
    assert beyond == pytest.approx(1.0 / 3.0 + 0.5, abs=1e-6)


def test_two_values_by_hand() -> None:
    # E|X - y| = (0.3 + 0.7) / 2, E|X - X'| = 1/2.
    assert scores.crps_of_samples([0.0, 1.0], 0.3) == pytest.approx(0.25)


def test_quantiles_converge_to_the_distribution() -> None:
    exact = scores.crps_of_normal(0.0, 1.0, 0.7)
    errors = []
    for parts in (10, 40, 160, 640):
        levels = np.arange(1, parts) / parts
        errors.append(abs(scores.crps_of_quantiles(ndtri(levels), 0.7, levels) - exact))
    assert errors == sorted(errors, reverse=True)
    assert errors[1] < 0.03 * exact
    assert errors[-1] < 0.003 * exact


def test_quantiles_and_levels_go_together() -> None:
    with pytest.raises(ValueError, match="3 quantiles for 39 levels"):
        scores.crps_of_quantiles([1.0, 2.0, 3.0], 1.0)


def test_few_replicates_are_not_punished() -> None:
    """The mean over many small ensembles is the score of the distribution they are drawn from; plainly it is more."""
    random = np.random.default_rng(4)
    noise = 0.5 * scores.normal_points()
    ensembles = [random.standard_normal((4, 1)) + noise for _ in range(3000)]
    truth = scores.crps_of_normal(0.0, math.sqrt(1.25), 0.4)
    fair = np.mean([scores.crps_of_replicates(table, 0.4) for table in ensembles])
    plain = np.mean([scores.crps_of_samples(table, 0.4) for table in ensembles])
    assert fair == pytest.approx(truth, abs=0.012)
    assert plain > truth + 0.05


def test_one_replicate_is_scored_by_its_points() -> None:
    points = scores.normal_points()[np.newaxis, :]
    assert scores.crps_of_replicates(points, 0.2) == scores.crps_of_samples(points, 0.2)


def test_points_stand_for_their_distribution() -> None:
    normal, exponential = scores.normal_points(), scores.exponential_points()
    assert normal.mean() == pytest.approx(0.0, abs=1e-12)
    assert normal.std() == pytest.approx(1.0, abs=0.01)
    assert exponential.mean() == pytest.approx(1.0, abs=0.01)
    assert (exponential > 0.0).all()


@given(st.lists(PLACES, min_size=1, max_size=30), PLACES)
def test_the_place_among_values_is_a_share(values: list[float], observed: float) -> None:
    place = scores.pit_of_samples(values, observed)
    assert 0.0 <= place <= 1.0
    assert place == pytest.approx(1.0 - scores.pit_of_samples([-value for value in values], -observed))


def test_the_place_among_quantiles() -> None:
    quantiles = ndtri(np.array(scores.LEVELS))
    assert scores.pit_of_quantiles(quantiles, 0.0) == pytest.approx(0.5)
    assert scores.pit_of_quantiles(quantiles, float(ndtri(0.3))) == pytest.approx(0.3, abs=1e-3)
    assert scores.pit_of_quantiles(quantiles, 99.0) == 0.975


@pytest.mark.parametrize(
    ("bound", "low", "high", "inside"),
    [
        ("exact", 9.0, 11.0, True),
        ("exact", 10.1, 11.0, False),
        ("about", 10.1, 11.0, False),
        ("at_least", 10.0, 11.0, True),
        ("at_least", 12.0, 15.0, True),
        ("at_least", 5.0, 9.9, False),
        ("at_most", 5.0, 9.0, True),
        ("at_most", 9.0, 12.0, True),
        ("at_most", 10.1, 12.0, False),
    ],
)
def test_a_bound_is_met_from_its_own_side(bound: str, low: float, high: float, inside: bool) -> None:
    assert scores.covered(10.0, bound, low, high) is inside


def test_what_lies_on_the_right_side_of_a_bound_is_not_punished() -> None:
    far = scores.clipped([20.0, 30.0], 10.0, "at_least")
    assert scores.crps_of_samples(far, 10.0) == 0.0
    assert scores.crps_of_samples(scores.clipped([20.0, 30.0], 10.0, "at_most"), 10.0) > 10.0
    below = scores.clipped([8.0, 30.0], 10.0, "at_least")
    assert list(below) == [8.0, 10.0]
    assert list(scores.clipped([8.0, 30.0], 10.0, "about")) == [8.0, 30.0]


def test_expected_hits_of_a_right_band() -> None:
    assert scores.expected_hits(0, 0.9) == (0, 0)
    assert scores.expected_hits(1, 0.9) == (0, 1)
    low, high = scores.expected_hits(100, 0.9)
    assert (low, high) == (85, 95)


def test_skill_is_one_when_perfect_and_below_nought_when_worse() -> None:
    assert scores.skill(0.0, 0.2) == 1.0
    assert scores.skill(0.2, 0.2) == 0.0
    assert scores.skill(0.4, 0.2) == -1.0
    assert math.isnan(scores.skill(0.1, 0.0))
