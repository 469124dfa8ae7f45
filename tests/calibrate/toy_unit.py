"""A baseline that needs no model: invented figures of a few numbers."""

from __future__ import annotations

from sim.calibrate.measurement import Measurement
from sim.calibrate.questions import Asked
from sim.calibrate.space import Dimension, Space
from sim.calibrate.trials import Baseline
from sim.scenario.loader import load

__all__ = ["toy_baseline"]

SPACE = Space(
    (
        Dimension("demand.elasticity_suppliers", "parameter", "shared", 6.0, 10.0, "log"),
        Dimension("demand.elasticity_outside", "parameter", "industry", 2.5, 7.0, "log"),
        *(Dimension(f"x.{k}", "parameter", "place", 0.0, 1.0, "uniform") for k in range(4)),
    )
)


def toy_baseline() -> Baseline:
    """Return a baseline with two invented ratios as figures."""
    asked = (Asked("one", Measurement(0.55, 0.02)), Asked("other", Measurement(0.45, 0.02)))
    return Baseline("toy", "guanxian-2023", load("guanxian-2023").scenario, SPACE, asked, ())
