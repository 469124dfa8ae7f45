"""Emulators: functions they must find, idle inputs they must not, and errors that are honest."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibrate.polynomial import Bundle, Emulator, basis_of, fit_emulator
from sim.calibrate.trials import residual_correlation

INPUTS = 60


def scores(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, INPUTS))


def curve(z: np.ndarray) -> np.ndarray:
    return 3.0 + 0.8 * z[:, 4] - 0.5 * z[:, 7] + 0.3 * (z[:, 4] ** 2 - 1.0) + 0.4 * z[:, 4] * z[:, 7]


@pytest.fixture(scope="module")
def fitted() -> Emulator:
    z = scores(400)
    return fit_emulator(z, curve(z) + 0.1 * np.random.default_rng(2).standard_normal(400))


def test_it_finds_the_inputs_and_only_them(fitted: Emulator) -> None:
    assert fitted.active == (4, 7)
    assert fitted.constant == pytest.approx(3.0, abs=0.05)


def test_its_error_is_that_of_new_points(fitted: Emulator) -> None:
    z = scores(2000, seed=9)
    mean, variance = (part[:, 0] for part in Bundle([fitted]).predict(z, [0]))
    noise = 0.1 * np.random.default_rng(5).standard_normal(2000)
    off = curve(z) + noise - mean
    assert off.std() == pytest.approx(fitted.error, rel=0.15)
    assert (np.abs(off) < 1.645 * np.sqrt(variance)).mean() == pytest.approx(0.9, abs=0.03)


def test_idle_inputs_explain_nothing() -> None:
    found = [
        fit_emulator(scores(200, seed), np.random.default_rng(seed + 50).standard_normal(200)) for seed in range(20)
    ]
    assert sum(len(item.active) for item in found) <= 3
    assert np.mean([item.explained for item in found]) < 0.05


def test_trials_without_a_number_are_left_out() -> None:
    z = scores(300)
    values = curve(z)
    values[::7] = np.nan
    item = fit_emulator(z, values)
    assert item.active == (4, 7)
    assert np.isnan(item.residuals[::7]).all()
    assert item.explained > 0.99


def test_too_few_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 20"):
        fit_emulator(scores(19), np.ones(19))


def test_leave_one_out_is_leaving_one_out() -> None:
    z = scores(60)
    values = curve(z) + 0.2 * np.random.default_rng(3).standard_normal(60)
    whole = fit_emulator(z, values)
    basis = basis_of(z, whole.terms)
    for row in (0, 17, 59):
        rest = np.arange(60) != row
        solution, *_ = np.linalg.lstsq(basis[rest], values[rest], rcond=None)
        assert values[row] - basis[row] @ solution == pytest.approx(whole.residuals[row], rel=1e-6)


def test_a_bundle_gives_what_each_gives() -> None:
    z = scores(300)
    other = z[:, 2] - 0.5 * z[:, 4] + 0.3 * z[:, 2] * z[:, 30]
    noise = np.random.default_rng(8).standard_normal((2, 300)) * 0.1
    items = [fit_emulator(z, curve(z) + noise[0]), fit_emulator(z, other + noise[1]), fit_emulator(z, noise[0])]
    points = scores(50, seed=4)
    means, variances = Bundle(items).predict(points, [2, 0, 1])
    for column, item in enumerate((items[2], items[0], items[1])):
        basis = basis_of(points, item.terms)
        leverage = np.einsum("pi,ij,pj->p", basis, item.inverse, basis)
        assert means[:, column] == pytest.approx(basis @ [item.constant, *item.coefficients])
        assert variances[:, column] == pytest.approx(item.error**2 * (1.0 + leverage))


def test_residuals_correlate_where_they_do() -> None:
    random = np.random.default_rng(1)
    a = random.standard_normal(500)
    table = np.stack([a, 0.8 * a + 0.6 * random.standard_normal(500), random.standard_normal(500)], axis=1)
    table[:5, 2] = np.nan
    found = residual_correlation(table)
    assert found[0, 1] == pytest.approx(0.95 * 0.8, abs=0.05)
    assert abs(found[0, 2]) < 0.12
    assert np.linalg.eigvalsh(found).min() > 0.0
    assert residual_correlation(np.ones((40, 2))).tolist() == [[1.0, 0.0], [0.0, 1.0]]
