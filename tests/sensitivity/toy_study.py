"""A model that costs nothing, and a study made of it: what drives its difference is known beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim.observables import INDEX, OBSERVABLES
from sim.scenario.resolved import Scenario
from sim.sensitivity.study import Study, plan_study, run_study
from sim.state.record import (
    AWARD,
    MONEY_STAGES,
    PAYERS,
    PURCHASE,
    SIZE_CLASS_BOUNDS_YUAN,
    SIZE_CLASS_MEASURES,
    TAKE_UP,
    TRACKED,
)  # fmt: skip
from sim.state.record import ReplicateRecord as Record

SCENARIO, BASELINE, POLICY = "yongnian-fair2x-fund200m", "yongnian-2023", "upgrade-fund"
SEEN: list[tuple[str, int, float, str]] = []
"""Scenario, seed, loan rate and world of every simulation."""


def simulate(scenario: Scenario, parameters: Any, seed: int, **_: Any) -> Record:
    """A fund's difference: sensitive to the loan rate, to the booths of the fair, to the world, and to randomness.

    Employment differs by the fund's budget alone, and its sign turns with the loan rate; exports differ in nothing.
    """
    rate = float(parameters.investment.loan_rate)
    SEEN.append((scenario.id, seed, rate, scenario.world.id))
    months = np.arange(scenario.time.start, scenario.time.end + 1)
    monthly = np.zeros((len(months), len(scenario.places), len(OBSERVABLES)))
    monthly[:, 0, INDEX["output_value"]] = 3.5e9 + 1e6 * (seed % 97)
    monthly[:, 0, INDEX["employment"]] = 300_000.0
    monthly[:, 0, INDEX["exports"]] = 1e8
    monthly[:, 0, INDEX["profit_rate"]] = np.nan
    for policy in scenario.policies:
        if policy.id == POLICY:
            later = months >= policy.start
            booths = float(next(item for item in scenario.policies if item.id == "fair").versions[0][1].booths)  # type: ignore[attr-defined]
            randomness = (seed // 97 % 1009) / 1009.0 - 0.5
            world = {"low": -1.0, "central": 0.0, "high": 1.0}[scenario.world.id]
            gain = 5.0 + 12.0 * (rate - 0.06) / 0.03 + 4.0 * (booths / 380.0 - 1.0) + 3.0 * world + 4.0 * randomness
            monthly[later, 0, INDEX["output_value"]] += 1e6 * gain
            monthly[later, 0, INDEX["employment"]] += np.rint(1e4 * (rate - 0.06) + 100.0 * randomness)
    count = scenario.time.end // 12 - scenario.time.start // 12 + 1
    shape = (count, len(scenario.places), len(SIZE_CLASS_BOUNDS_YUAN) + 1, len(SIZE_CLASS_MEASURES))
    return Record(
        first_month=int(months[0]),
        first_year=scenario.time.start // 12,
        monthly=monthly,
        size_classes=np.zeros(shape),
        purchases=np.empty(0, PURCHASE),
        awards=np.empty(0, AWARD),
        take_up=np.zeros((count, len(scenario.policies), len(TAKE_UP), 2)),
        elsewhere=np.zeros((len(months), 1, 2)),
        tracked=np.empty(0, TRACKED),
        money=np.zeros((len(months), len(scenario.policies), len(PAYERS), len(MONEY_STAGES))),
        digest=f"{seed:x}",
    )


def toy_study(folder: Path, trials: int = 256, **more: Any) -> Study:
    """Return a study of the toy, which the caller has put in the model's place (``simulate_on_demand``)."""
    plan, _ = plan_study(SCENARIO, BASELINE, out=folder, **more)
    return run_study(plan, trials, 1)
