"""Printed growth of several places: what they have in common is learnt from all, and tested of all together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.calibrate.fits import as_the_fit_knows
from sim.calibrate.left_out import joint_growth, joint_of, left_out_one_by_one
from sim.calibrate.measurement import SHIFT, Measurement
from sim.calibrate.polynomial import fit_emulator
from sim.calibrate.posterior import Pool, Unit
from sim.calibrate.questions import Asked
from sim.calibrate.space import Dimension, Space
from sim.evidence import load_facts
from tests.calibrate import made_fits
from tests.calibrate.small_fit import SMALL

OWN, SHARED, RUN = 0.03, 0.08, 0.02
FACT = next(item for item in load_facts() if item.id == "bz-revenue-growth-2019")
SPACE = Space((Dimension("x.0", "parameter", "place", 0.0, 1.0, "uniform"),))


def place(number: int, printed: float) -> Unit:
    """A place that does not grow, whatever its numbers, and printed that it did."""
    random = np.random.Generator(np.random.Philox(number))
    scores = random.standard_normal((200, 1))
    emulator = fit_emulator(scores, RUN * random.standard_normal(200))
    measure = Measurement(printed, OWN, common=SHIFT, common_deviation=SHARED)
    return Unit(f"p{number}", "s", "mesh", SPACE, (Asked(f"g{number}", measure, fact=FACT),), (emulator,), np.eye(1))


PRINTED = (0.14, 0.16, 0.15)
POOL = Pool(tuple(place(number, printed) for number, printed in enumerate(PRINTED)))


def conjugate(printed: tuple[float, ...]) -> tuple[float, float]:
    """Mean and standard deviation of the shift by the normal update."""
    variance = OWN**2 + RUN**2
    precision = 1.0 / SHARED**2 + len(printed) / variance
    return sum(printed) / variance / precision, precision**-0.5


def test_the_shift_is_learnt_from_the_printed_rates_of_all_places() -> None:
    assert POOL.common == (SHIFT,)
    chains = POOL.sample(16, 2000, 100, 3)
    shift = SHARED * chains.flat[:, POOL.columns[SHIFT]]
    mean, deviation = conjugate(PRINTED)
    assert shift.mean() == pytest.approx(mean, abs=0.006)
    assert shift.std() == pytest.approx(deviation, rel=0.15)


def test_a_place_alone_has_the_prior_of_the_shift_in_its_error() -> None:
    alone = Pool(POOL.units[:1])
    assert alone.common == ()
    mean, variance = alone.counted(np.zeros((1, 1)), 0, 0)
    assert mean[0] == pytest.approx(0.0, abs=0.01)
    assert variance[0] == pytest.approx(OWN**2 + RUN**2 + SHARED**2, rel=0.05)


def test_a_rate_left_out_is_predicted_with_what_other_places_printed() -> None:
    found = left_out_one_by_one(POOL, 0, SMALL, 7)["g0"]
    mean, deviation = conjugate(PRINTED[1:])
    assert found.counted.mean() == pytest.approx(mean, abs=0.015)
    assert found.counted.std() == pytest.approx((deviation**2 + OWN**2 + RUN**2) ** 0.5, rel=0.2)
    assert found.log_density is not None
    alone = left_out_one_by_one(Pool(POOL.units[:1]), 0, SMALL, 7)["g0"]
    assert alone.counted.mean() == pytest.approx(0.0, abs=0.02)
    assert alone.log_density is not None
    assert alone.log_density < found.log_density


def test_rates_that_are_too_high_together_are_one_surprise_and_not_three() -> None:
    found = joint_growth(POOL, SMALL, 5)
    assert found is not None
    assert found.ids == ("g0", "g1", "g2")
    spread = np.sqrt(np.diagonal(found.covariance))
    correlation = found.covariance / np.outer(spread, spread)
    expected = SHARED**2 / (SHARED**2 + OWN**2 + RUN**2)
    assert correlation[np.triu_indices(3, 1)] == pytest.approx(expected, abs=0.1)
    assert found.z == pytest.approx(0.15 / (SHARED**2 + (OWN**2 + RUN**2) / 3) ** 0.5, rel=0.15)
    assert found.p > 0.05
    # Were the errors independent, the same rates would lie far out.
    assert 0.15 / ((SHARED**2 + OWN**2 + RUN**2) / 3) ** 0.5 > 2.8
    assert found.pits[0] > 0.9
    assert (abs(found.pits[1:] - 0.5) < 0.35).all()


def test_joint_pits_are_even_and_the_test_has_its_size() -> None:
    random = np.random.Generator(np.random.Philox(1))
    root = np.linalg.cholesky(0.7 * np.ones((3, 3)) + 0.3 * np.eye(3))
    draws = random.standard_normal((4000, 3)) @ root.T
    found = [joint_of(("a", "b", "c"), draws, row) for row in random.standard_normal((400, 3)) @ root.T]
    assert np.mean([item.p < 0.05 for item in found]) == pytest.approx(0.05, abs=0.03)
    pits = np.concatenate([item.pits for item in found])
    assert np.histogram(pits, bins=5, range=(0.0, 1.0))[0] == pytest.approx(np.full(5, 240), abs=60)


def test_one_rate_has_no_joint_test() -> None:
    assert joint_growth(Pool(POOL.units[:1]), SMALL, 5) is None


def test_a_later_print_is_held_against_what_a_fit_knows_of_the_shift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_fits.fitted(tmp_path, "wise", "bazhou-2020")
    made_fits.fitted(tmp_path, "young", "bazhou-2020")
    path = tmp_path / "fits" / "wise" / "diagnostics.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    band = dict.fromkeys(("p05", "p25", "p50", "p75", "p95"), 0.1)
    shift = {"score": {"mean": 1.25, "deviation": 0.5}, "posterior": band}
    path.write_text(json.dumps(content | {"shift": shift}), encoding="utf-8")
    made_fits.look_in(tmp_path, monkeypatch)
    measure = Measurement(0.1, OWN, common=SHIFT, common_deviation=SHARED)
    known = as_the_fit_knows(measure, "wise")
    assert known.counted([0.05], [0.0])[0] == pytest.approx(0.05 + 1.25 * SHARED)
    assert known.noise == pytest.approx(OWN**2 + (0.5 * SHARED) ** 2)
    for name in ("young", "nobody", ""):
        assert as_the_fit_knows(measure, name) == measure
    customs = Measurement(0.1, OWN)
    assert as_the_fit_knows(customs, "wise") == customs
