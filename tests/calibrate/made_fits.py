"""Fits made up for tests: diagnostics with invented predictions of figures that were left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from sim.calibrate import fits
from sim.calibrate.fits import Settings, write_fit
from sim.calibrate.scores import LEVELS
from sim.evidence import find_fact, load_facts
from sim.experiments.parameter_draws import current_identity

if TYPE_CHECKING:
    import pytest


def figure(
    identifier: str, mean: float, deviation: float, *, bound: str = "exact", logs: bool = False
) -> dict[str, Any]:
    """The record of a figure that was predicted by a fit without it: normal, in logarithms or in the rate."""
    fact = find_fact(identifier, load_facts())
    quantiles = mean + deviation * ndtri(np.array(LEVELS))
    shown = np.exp(quantiles) if logs else quantiles
    band = dict.fromkeys(("p05", "p25", "p50", "p75", "p95"), fact.value_plain)
    return {
        "id": fact.id, "place": fact.place, "used": "fitted", "why": "", "why_zh": "", "variable": fact.variable,
        "bound": bound, "value": fact.value_plain, "unit": fact.unit_plain, "in_logs": logs,
        "prior": band, "posterior": band, "checked": None, "checked_full": None, "check_runs": 0, "check_runs_full": 0,
        "standing": "inside", "taught": 0.0, "from_others": None,
        "left_out": {"quantiles": [float(value) for value in shown], "inside": True, "crps": 0.0, "unit": ""},
    }  # fmt: skip


def unused(identifier: str, why: str) -> dict[str, Any]:
    """The record of a figure no fit used."""
    fact = find_fact(identifier, load_facts())
    return {
        "id": fact.id, "place": fact.place, "used": "no", "why": why, "why_zh": f"（{why}）", "variable": fact.variable,
        "left_out": None,
    }  # fmt: skip


def fitted(
    root: Path, identifier: str, scenario: str, *figures: dict[str, Any], kind: str = "alone", stale: bool = False
) -> None:
    """Write a fit to ``root/fits``."""
    identity = current_identity(root)
    settings = Settings(
        id=identifier, scenario=scenario, scenarios=(scenario,), scales=(20,), first=(64,), second=(0,),
        identity=replace(identity, priors="other") if stale else identity,
    )  # fmt: skip
    diagnostics = {
        "fit": {"id": identifier, "scenario": scenario, "places": ["x"], "kind": kind, "trials": 64, "draws": 512},
        "facts": list(figures),
    }
    write_fit(root / "fits" / identifier, settings, ["demand.growth"], np.zeros((3, 1)), diagnostics)


def look_in(root: Path, patch: pytest.MonkeyPatch) -> None:
    """Let fits be looked for in ``root/fits`` alone."""
    patch.setattr(fits, "fit_folders", lambda: (root / "fits",))
