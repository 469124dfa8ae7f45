"""Trials kept beside the fits are what the model gives today: no fit is repeated from rows of older rules."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import MODEL_LAW, MODEL_VERSION, workspace
from sim.calibrate.fits import known_fits, read_settings
from sim.calibrate.fitting import _places_alone
from sim.calibrate.trials import (
    KEPT_TRIALS,
    Baseline,
    Trial,
    baseline_of,
    design_seed,
    first_design,
    kept_name,
    kept_rows,
    run_trial,
    sobol_scores,
)
from sim.experiments.store import Row
from sim.scenario.loader import load

QUICK = ("anguo-r1", "guanxian-r1", "qiuxian-r1", "xingtai-cookware-r1")
ROW = 3


@cache
def places_alone() -> frozenset[str]:
    return frozenset(_places_alone())


@cache
def kept_first_trials(fit: str) -> tuple[Baseline, NDArray[np.float64], dict[int, Row]]:
    """Return the baseline of a committed fit, the points of its first design and what is kept of them."""
    settings = read_settings(workspace.folders("calibration")[0] / "fits" / fit / "settings.toml")
    number = settings.scenarios.index(settings.scenario)
    scenario = load(settings.scenario).scenario
    baseline = baseline_of(scenario, settings.scenario, settings.scales[number], places_alone())
    scores = sobol_scores(baseline.space, settings.first[number], design_seed(settings, baseline, "design"))
    values = baseline.space.values(scores)
    return baseline, values, kept_rows(baseline, first_design(settings, number), scores)


def made_by(fit: str, baseline: Baseline) -> int:
    """Return the version of the model that made the kept trials of a first design."""
    calibration = workspace.folders("calibration")[0]
    settings = read_settings(calibration / "fits" / fit / "settings.toml")
    design = first_design(settings, settings.scenarios.index(settings.scenario))
    with np.load(calibration / KEPT_TRIALS / kept_name(baseline, design)) as part:
        return int(part["model_version"])


@pytest.mark.slow
@pytest.mark.parametrize("fit", known_fits())
def test_first_trials_of_a_committed_fit_are_kept(fit: str) -> None:
    _, values, rows = kept_first_trials(fit)
    assert sorted(rows) == list(range(len(values)))


@pytest.mark.slow
@pytest.mark.parametrize("fit", QUICK)
def test_kept_trials_are_what_the_model_gives(fit: str) -> None:
    """A rule that was changed while the model kept its version shows here as another row.

    Rows that an earlier version of the same law has made are equal in law alone (``docs/versions.md``).
    """
    baseline, values, rows = kept_first_trials(fit)
    version = made_by(fit, baseline)
    point = baseline.space.mapping(values[ROW])
    again = run_trial(Trial(ROW, baseline.scenario, point, baseline.asked))
    assert MODEL_LAW <= version <= MODEL_VERSION
    assert again.error == rows[ROW].error
    if version == MODEL_VERSION:
        np.testing.assert_array_equal(again.values, rows[ROW].values)
