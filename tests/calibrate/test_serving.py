"""Starts that cannot serve their customers: kept away by the likelihood, found by the model, counted, refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.calibrate.measurement import load_widths
from sim.calibrate.questions import CONDITION, served
from sim.calibrate.serving import service_of
from sim.calibrate.trials import Baseline, Trials
from sim.observables import INDEX
from sim.reporting.truth import truth_of_arrays
from tests.calibrate import plain_likelihood
from tests.calibrate.toy_unit import toy_baseline


def baseline() -> Baseline:
    toy = toy_baseline()
    return replace(toy, asked=(*toy.asked, served()))


def trials(*service: float) -> Trials:
    values = np.column_stack([np.zeros((len(service), 2)), 1.0 - np.array(service)])
    return Trials(np.arange(float(len(service)))[:, np.newaxis], values, ("",) * len(service))


def test_service_of_a_run_is_that_of_its_first_year_weighted_by_output() -> None:
    monthly = np.zeros((24, 2, len(INDEX)))
    monthly[:12, 0, INDEX["orders_delivered"]], monthly[:12, 1, INDEX["orders_delivered"]] = 0.8, 1.0
    monthly[:, 0, INDEX["output_value"]], monthly[:, 1, INDEX["output_value"]] = 3.0, 1.0
    assert served().value(truth_of_arrays(monthly, 12 * 2023, ("a", "b")), {}) == pytest.approx(0.15)
    monthly[:, :, INDEX["orders_delivered"]] = 1.0
    assert np.isfinite(served().measure.forward(served().value(truth_of_arrays(monthly, 12 * 2023, ("a", "b")), {})))


def test_the_likelihood_is_the_chance_that_a_run_serves_its_customers() -> None:
    unserved = np.log([0.4, 0.1, 0.05, 0.01])
    found = plain_likelihood.of_print(served().measure, unserved, 0.4**2)
    gained = np.exp(found - found[-1])
    assert gained == pytest.approx([0.0003, 0.5, 0.958, 1.0], abs=0.003)


def test_starved_draws_are_found_at_either_scale_and_counted() -> None:
    found = service_of(baseline(), trials(0.5, 0.95, 0.99, np.nan), trials(0.95, 0.8, 0.99, 0.97), trials(0.7, 0.95))
    assert found.starved.tolist() == [0, 1]
    assert not found.refused
    record = found.record()
    assert (record["checked"], record["discarded"]) == (4, 2)
    assert record["trials_below"] == pytest.approx(1.0 / 3.0)
    kept = trials(0.95, 0.8, 0.99, 0.97).without(found.starved)
    assert kept.scores[:, 0].tolist() == [2.0, 3.0]
    assert trials(0.7).without(found.starved).errors == ()


def test_a_fit_full_of_starved_draws_is_refused() -> None:
    assert load_widths().service_refused == 0.5
    assert service_of(baseline(), trials(0.9), trials(0.5, 0.6, 0.95)).refused
    assert not service_of(baseline(), trials(0.9), None, None).refused


def test_every_baseline_is_asked() -> None:
    assert served().id == CONDITION
    assert served().binds
    assert served().fact is None
