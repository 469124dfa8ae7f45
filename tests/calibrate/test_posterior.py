"""What places have in common: sources behind scores, what one learns from another, and figures together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.calibrate.measurement import Measurement
from sim.calibrate.polynomial import fit_emulator
from sim.calibrate.posterior import RESEMBLANCE, Pool, Unit
from sim.calibrate.questions import Asked
from sim.calibrate.space import Dimension, Space
from tests.calibrate import plain_likelihood

SHARED = Dimension("x.shared", "parameter", "shared", 0.0, 1.0, "uniform")
OF_INDUSTRY = Dimension("x.industry", "parameter", "industry", 0.0, 1.0, "uniform")
OF_PLACE = Dimension("x.place", "parameter", "place", 0.0, 1.0, "uniform")
START = Dimension("place.p.start.exports", "start", "place", 0.0, 1.0, "uniform")
SPACE = Space((SHARED, OF_INDUSTRY, OF_PLACE, START))


def unit(name: str, industry: str, observed: float, column: int) -> Unit:
    """A place whose one figure is the score of one number, known to 0.3."""
    scores = np.random.default_rng(1).standard_normal((100, 4))
    emulator = fit_emulator(scores, scores[:, column] + 0.1 * np.random.default_rng(2).standard_normal(100))
    measure = Measurement(observed, 0.3)
    asked = (Asked(f"figure-{name}", measure),)
    return Unit(name, name, industry, SPACE, asked, (emulator,), np.eye(1))


def learnt(pool: Pool, number: int, column: int, **left: frozenset[str]) -> float:
    chains = pool.sample(16, 1500, 64, 3, **left)
    return float(pool.scores(chains.flat, number)[:, column].mean())


def test_alone_and_together_a_place_has_the_same_prior() -> None:
    pool = Pool((unit("a", "mesh", 0.0, 0), unit("b", "mesh", 0.0, 0), unit("c", "food", 0.0, 0)))
    sources = np.random.default_rng(1).standard_normal((40_000, len(pool.sources)))
    scores = [pool.scores(sources, number) for number in range(3)]
    for each in scores:
        assert each.std(axis=0) == pytest.approx(1.0, abs=0.02)

    def correlation(first: int, second: int, column: int) -> float:
        return float(np.corrcoef(scores[first][:, column], scores[second][:, column])[0, 1])

    assert correlation(0, 2, 0) == pytest.approx(1.0)
    assert correlation(0, 1, 1) == pytest.approx(1.0)
    assert correlation(0, 2, 1) == pytest.approx(RESEMBLANCE, abs=0.02)
    assert correlation(0, 1, 2) == pytest.approx(RESEMBLANCE, abs=0.02)
    assert correlation(0, 1, 3) == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize(("column", "share"), [(0, 1.0), (1, RESEMBLANCE), (2, RESEMBLANCE), (3, 0.0)])
def test_what_one_place_learns_from_another(column: int, share: float) -> None:
    pool = Pool((unit("a", "mesh", 1.5, column), unit("b", "food", 0.0, column)))
    blind = frozenset({"b"})
    expected = share * 1.5 / (1.0 + 0.3**2 + 0.1**2)
    assert learnt(pool, 1, column, blind=blind) == pytest.approx(expected, abs=0.12)


def test_a_figure_left_out_teaches_nothing() -> None:
    pool = Pool((unit("a", "mesh", 2.0, 0),))
    assert learnt(pool, 0, 0) > 1.5
    assert learnt(pool, 0, 0, without=frozenset({"figure-a"})) == pytest.approx(0.0, abs=0.15)


def test_figures_together_are_a_normal_density() -> None:
    measures = [Measurement(0.3, 0.2), Measurement(-0.1, 0.1)]
    means, variances = np.array([[0.1, 0.2]]), np.array([[0.04, 0.09]])
    correlation = np.array([[1.0, 0.5], [0.5, 1.0]])
    covariance = np.array([[0.04 + 0.04, 0.5 * 0.2 * 0.3], [0.5 * 0.2 * 0.3, 0.09 + 0.01]])
    apart = np.array([0.2, -0.3])
    expected = -0.5 * (apart @ np.linalg.inv(covariance) @ apart + np.log(np.linalg.det(2.0 * np.pi * covariance)))
    assert plain_likelihood.of_figures(measures, means, variances, correlation) == pytest.approx(expected)


def test_a_bound_is_taken_where_the_others_leave_it() -> None:
    from sim.calibrate.measurement import measurement
    from sim.evidence import load_facts

    fact = next(item for item in load_facts() if item.id == "yn-businesses")
    bound = measurement(fact, "at_least", start_year=2024)
    exact = Measurement(0.5, 0.05)
    means, variances = np.array([[0.0, bound.observed]]), np.array([[0.25, 0.04]])
    alone = plain_likelihood.of_figures([exact, bound], means, variances, np.eye(2))
    parts = plain_likelihood.of_figures([exact], means[:, :1], variances[:, :1], np.eye(1))
    assert alone == pytest.approx(parts + plain_likelihood.of_print(bound, means[:, 1], variances[:, 1]))
    tied = plain_likelihood.of_figures([exact, bound], means, variances, np.array([[1.0, 0.9], [0.9, 1.0]]))
    # The exact figure says that this run printed too little, so the count behind the bound was larger.
    moved = bound.observed + 0.9 * 0.5 * 0.2 / (0.25 + 0.0025) * 0.5
    left = 0.04 - (0.9 * 0.5 * 0.2) ** 2 / (0.25 + 0.0025)
    assert tied == pytest.approx(parts + plain_likelihood.of_print(bound, np.array([moved]), np.array([left])))


def test_impossible_points_have_no_likelihood() -> None:
    inner = replace(SHARED, name="demand.elasticity_suppliers", low=6.0, high=10.0, shape="log")
    outer = replace(SHARED, name="demand.elasticity_outside", low=2.5, high=7.0, shape="log")
    one = unit("a", "mesh", 0.0, 0)
    strict = replace(one, space=Space((inner, outer, OF_PLACE, START)))
    points = np.array([[0.0, 0.0, 0.0, 0.0], [-3.0, 3.0, 0.0, 0.0]])
    assert np.isfinite(strict.log_likelihood(points)).tolist() == [True, False]
