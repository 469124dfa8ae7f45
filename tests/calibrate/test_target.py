"""The compiled likelihood is docked to the plain one, and a ratio asked of many places counts as one statistic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.calibrate.measurement import RATIO_IN_COMMON, Measurement, measurement, of_ratio
from sim.calibrate.polynomial import fit_emulator
from sim.calibrate.posterior import Pool, Unit
from sim.calibrate.questions import Asked, Moment
from sim.calibrate.space import Dimension, Space
from sim.calibrate.target import CaseTarget, Conditions, Scores
from sim.evidence import load_facts
from tests.calibrate import plain_likelihood

INNER = Dimension("demand.elasticity_suppliers", "parameter", "shared", 6.0, 10.0, "log")
OUTER = Dimension("demand.elasticity_outside", "parameter", "industry", 2.5, 7.0, "log")
REST = tuple(Dimension(f"x.{k}", "parameter", "place", 0.0, 1.0, "uniform") for k in range(4))
SPACE = Space((INNER, OUTER, *REST))
RATIO = Moment(
    about="exits", about_zh="退出", over=("exits",), under=("businesses",),
    value=0.1, deviation=0.3, source="x", industries=(),
)  # fmt: skip


def unit(name: str, seed: int) -> Unit:
    """A place with exact figures, a floor, a ceiling, a figure that does not bind and a ratio asked of all places."""
    random = np.random.Generator(np.random.Philox(seed))
    scores = random.standard_normal((150, SPACE.size))
    fact = next(item for item in load_facts() if item.id == "yn-businesses")
    floor, ceiling = (measurement(fact, bound, start_year=2024) for bound in ("at_least", "at_most"))
    asked = (
        Asked(f"{name}-exact", Measurement(0.4, 0.2)),
        Asked(f"{name}-floor", replace(floor, observed=0.3)),
        Asked(f"{name}-prior", Measurement(5.0, 0.1), binds=False),
        Asked("moment.exits", of_ratio("moment.exits", 0.1, 0.3), moment=RATIO),
        Asked(f"{name}-ceiling", replace(ceiling, observed=-0.2)),
    )
    emulators = []
    for number in range(len(asked)):
        curve = scores[:, number] + 0.3 * scores[:, 0] * scores[:, 5] + 0.2 * scores[:, 3] ** 2
        emulators.append(fit_emulator(scores, curve + 0.2 * random.standard_normal(150)))
    correlation = 0.4 * np.ones((5, 5)) + 0.6 * np.eye(5)
    return Unit(name, name, "mesh", SPACE, asked, tuple(emulators), correlation)


POOL = Pool((unit("a", 1), unit("b", 2), replace(unit("c", 3), industry="food")))


@pytest.mark.parametrize("without", [frozenset(), frozenset({"a-exact", "moment.exits"}), frozenset({"b-floor"})])
@pytest.mark.parametrize("blind", [frozenset(), frozenset({"b"})])
def test_compiled_and_plain_likelihood_agree(without: frozenset[str], blind: frozenset[str]) -> None:
    points = 1.5 * np.random.Generator(np.random.Philox(9)).standard_normal((400, len(POOL.sources)))
    plain, compiled = plain_likelihood.of_pool(POOL, points, without, blind), POOL.target(without, blind)(points)
    possible = np.isfinite(plain)
    assert 20 < possible.sum() < 400
    assert (np.isfinite(compiled) == possible).all()
    assert compiled[possible] == pytest.approx(plain[possible], rel=1e-10, abs=1e-10)


def test_a_place_alone_is_its_figures_where_it_is_possible() -> None:
    points = 1.5 * np.random.Generator(np.random.Philox(9)).standard_normal((200, SPACE.size))
    for one in POOL.units:
        for without in (frozenset(), frozenset({f"{one.id}-exact"}), frozenset(item.id for item in one.asked)):
            plain, found = plain_likelihood.of_unit(one, points, without), one.log_likelihood(points, without)
            assert (np.isfinite(found) == np.isfinite(plain)).all()
            assert 20 < np.isfinite(found).sum() < 200
            assert found[np.isfinite(found)] == pytest.approx(plain[np.isfinite(plain)], rel=1e-10, abs=1e-10)


def test_rows_with_figures_of_their_own() -> None:
    one = POOL.units[0]
    at = Scores.own(SPACE)
    compiled = one.compiled(at)
    assert compiled is not None
    observed = np.random.Generator(np.random.Philox(4)).standard_normal((6, 4))
    points = np.random.Generator(np.random.Philox(5)).standard_normal((6, SPACE.size))
    target = CaseTarget(compiled, Conditions([at]), observed)
    kept = [item for item in one.asked if item.binds]
    for row in range(6):
        moved = [replace(item, measure=replace(item.measure, observed=observed[row, k])) for k, item in enumerate(kept)]
        asked = tuple(next((new for new in moved if new.id == item.id), item) for item in one.asked)
        expected = plain_likelihood.of_unit(replace(one, asked=asked), points[[row]])
        assert target(points)[row] == pytest.approx(expected[0], rel=1e-10)
        assert target.of_rows(points[[row]], np.array([row]))[0] == pytest.approx(expected[0], rel=1e-10)


def test_a_ratio_asked_of_many_places_is_one_statistic() -> None:
    """Many places know the number behind a ratio no better than the error they have in common."""
    shared = Dimension("x.rate", "parameter", "shared", 0.0, 1.0, "uniform")
    space = Space((shared, *REST[:1]))
    scores = np.random.Generator(np.random.Philox(1)).standard_normal((200, 2))
    emulator = fit_emulator(scores, scores[:, 0] + 0.01 * np.random.Generator(np.random.Philox(2)).standard_normal(200))
    asked = (Asked("moment.exits", of_ratio("moment.exits", 0.0, 0.3), moment=RATIO),)
    units = tuple(Unit(f"p{k}", "s", "mesh", space, asked, (emulator,), np.eye(1)) for k in range(20))
    chains = Pool(units).sample(16, 2000, 100, 7)
    spread = float(Pool(units).scores(chains.flat, 0)[:, 0].std())
    common, own = RATIO_IN_COMMON * 0.3**2, (1.0 - RATIO_IN_COMMON) * 0.3**2 + 0.01**2
    expected = (1.0 / (1.0 + 1.0 / (common + own / 20))) ** 0.5
    assert spread == pytest.approx(expected, rel=0.1)
    assert spread > 2.0 * (1.0 / (1.0 + 20 / 0.3**2)) ** 0.5
    assert Pool(units[:1]).common == ()


def test_the_prior_obeys_the_conditions_of_all_places() -> None:
    prior = POOL.prior(500, 3)
    assert prior.shape == (500, len(POOL.sources))
    for number, one in enumerate(POOL.units):
        assert one.space.possible(POOL.scores(prior, number)).all()


@pytest.mark.parametrize("shape", ["uniform", "whole", "log", "logit", "normal"])
@pytest.mark.parametrize("unit", ["1", "count"])
def test_compiled_and_plain_conditions_agree(shape: str, unit: str) -> None:
    low, high = (0.2, 0.9) if shape == "logit" else (2.0, 9.0)
    larger, smaller = (Dimension(item.name, "parameter", "place", low, high, shape, unit) for item in (INNER, OUTER))
    at = Scores.own(Space((larger, *REST, smaller)))
    points = 1.5 * np.random.Generator(np.random.Philox(3)).standard_normal((500, 6))
    allowed = Conditions([at]).hold(points)
    np.testing.assert_array_equal(allowed, at.space.possible(points))
    assert 0 < allowed.sum() < 500 or (shape, unit) == ("logit", "count")  # rounded to 0 or 1
    assert Conditions([]).hold(points).all()
