"""A fit small enough for a test."""

from __future__ import annotations

from sim.calibrate.fits import Settings
from sim.calibrate.fitting import Effort

__all__ = ["EFFORT", "SMALL"]

SMALL = Settings(
    id="guanxian-small",
    scenario="guanxian-2023",
    scenarios=("guanxian-2023",),
    scales=(50,),
    first=(64,),
    second=(32,),
    seed=5,
    chains=8,
    steps=600,
    proof_steps=400,
    draws=64,
)
EFFORT = Effort(checks=20, full_checks=0, cases=40)  # more than half of 64: both halves are cases
