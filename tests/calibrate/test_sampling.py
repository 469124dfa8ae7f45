"""The sampler: posteriors known in closed form, its diagnostics, and its reproducibility."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from sim.calibrate.generators import Draws
from sim.calibrate.sampling import effective_size, guide_of, r_hat, slice_sample

DIMENSIONS = 12


def gaussian(points: np.ndarray) -> np.ndarray:
    """One observation of the first number, 1.5 with standard deviation 0.5."""
    return -0.5 * ((points[:, 0] - 1.5) / 0.5) ** 2


def draws(seed: int = 1, steps: int = 2000, keep: int = 200) -> np.ndarray:
    random = Draws(seed)
    start = random.normal(16, DIMENSIONS)
    return slice_sample(gaussian, start, steps, keep, random).scores


def test_a_posterior_known_in_closed_form() -> None:
    found = draws()
    first = found[:, :, 0].ravel()
    assert first.mean() == pytest.approx(1.5 / 1.25, abs=0.05)
    assert first.std() == pytest.approx(np.sqrt(0.2), abs=0.04)


def test_what_no_figure_informs_stays_as_the_prior() -> None:
    rest = draws()[:, :, 1:].reshape(-1, DIMENSIONS - 1)
    assert np.abs(rest.mean(axis=0)).max() < 0.1
    assert np.abs(rest.std(axis=0) - 1.0).max() < 0.08


def test_impossible_points_are_never_visited() -> None:
    def halves(points: np.ndarray) -> np.ndarray:
        return np.where(points[:, 0] > 0.5, 0.0, -np.inf)

    random = Draws(4)
    start = np.abs(random.normal(8, 3)) + 0.6
    found = slice_sample(halves, start, 400, 100, random).scores[:, :, 0]
    assert found.min() > 0.5
    # The mean of a standard normal above 0.5.
    assert found.mean() == pytest.approx(1.141, abs=0.1)


ROWS = np.zeros((2, DIMENSIONS))
ROWS[0, :2], ROWS[1, :2] = (1.0, 1.0), (1.0, -0.5)
SEEN, PRECISE = np.array([2.0, 0.5]), np.array([0.05, 0.3])


def tight(points: np.ndarray) -> np.ndarray:
    """Two observations of two numbers together, one of them precise."""
    return -0.5 * (((points @ ROWS.T - SEEN) / PRECISE) ** 2).sum(axis=1)


def of_tight(one_posterior: bool) -> np.ndarray:
    random = Draws(7)
    start = random.normal(16, DIMENSIONS)
    return slice_sample(tight, start, 3000, 300, random, one_posterior).scores


def test_chains_that_learn_from_each_other_keep_to_the_posterior_and_move_faster() -> None:
    precision = np.eye(DIMENSIONS) + (ROWS.T / PRECISE**2) @ ROWS
    covariance = np.linalg.inv(precision)
    mean = covariance @ (ROWS.T / PRECISE**2) @ SEEN
    learning, plain = of_tight(True), of_tight(False)
    flat = learning.reshape(-1, DIMENSIONS)
    assert flat.mean(axis=0) == pytest.approx(mean, abs=0.06)
    assert np.cov(flat[:, :2], rowvar=False) == pytest.approx(covariance[:2, :2], rel=0.15)
    assert flat[:, 2:].std(axis=0) == pytest.approx(np.ones(DIMENSIONS - 2), abs=0.08)
    assert effective_size(learning[:, :, 0]) > 1.5 * effective_size(plain[:, :, 0])


def test_a_guide_names_bound_directions_alone_and_corrects_for_itself() -> None:
    draws_seen = of_tight(True).reshape(-1, DIMENSIONS)
    guide = guide_of(draws_seen)
    assert guide.columns.tolist() == [0, 1]
    # Prior over guide: what the correction says, up to a constant.
    points = draws_seen[:50]
    prior = multivariate_normal(np.zeros(2), np.eye(2)).logpdf(points[:, :2])
    own = multivariate_normal(guide.mean, guide.root @ guide.root.T).logpdf(points[:, :2])
    assert np.ptp(guide.correction(points) - (prior - own)) < 1e-8


def test_a_start_that_is_impossible_is_refused() -> None:
    with pytest.raises(ValueError, match="impossible"):
        slice_sample(lambda p: np.full(len(p), -np.inf), np.zeros((2, 2)), 10, 2, Draws(1))


def test_the_same_seed_gives_the_same_bits() -> None:
    assert (draws(3, 100, 20) == draws(3, 100, 20)).all()
    assert (draws(3, 100, 20) != draws(4, 100, 20)).any()


def test_chains_that_agree_and_chains_that_do_not() -> None:
    random = np.random.default_rng(1)
    same = random.standard_normal((400, 8))
    assert r_hat(same) == pytest.approx(1.0, abs=0.01)
    apart = same + np.arange(8) * 0.5
    assert r_hat(apart) > 1.2
    wider = same * np.where(np.arange(8) < 4, 1.0, 4.0)
    assert r_hat(wider) > 1.1


def test_effective_size_of_independent_and_of_sticky_draws() -> None:
    random = np.random.default_rng(2)
    free = random.standard_normal((1000, 4))
    assert effective_size(free) == pytest.approx(4000, rel=0.25)
    sticky = np.zeros((1000, 4))
    for step in range(1, 1000):
        sticky[step] = 0.9 * sticky[step - 1] + np.sqrt(1 - 0.81) * random.standard_normal(4)
    assert effective_size(sticky) == pytest.approx(4000 / 19, rel=0.4)
