"""The compiled model and the same model as plain Python agree to the bit: no sum is reordered."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.observables import INDEX
from sim.scenario.resolved import Scenario
from sim.state.record import ReplicateRecord
from tests.model_fixtures import WITH_FUND, policy, quick_parameters, quick_scenario, run, with_policies, with_terms

ROOT = Path(__file__).resolve().parents[1]
PLAIN = """
import numpy as np
from sim.rules.compiled import PLAIN
from tests.test_docking import small_run

assert PLAIN, "the compiler was not off"
record = small_run()
np.savez({path!r}, monthly=record.monthly, purchases=record.purchases, money=record.money)
print(record.digest)
"""


def small_scenario() -> Scenario:
    """Return four months of a small county with every kind of policy at work: a fund, a park, a fair, stands abroad."""
    what = quick_scenario(WITH_FUND, end="2023-04")
    month = what.time.start
    fund = with_terms(policy(what, "upgrade-fund"), call_months=(1, 2, 3, 4))
    fair = policy(what, "fair")
    every = fair.versions[0][1].every.model_copy(update={"month": 2})
    items = [policy(what, "park"), with_terms(fair, every=every), policy(what, "going-out")]
    return with_policies(what, [*items, replace(fund, start=month, end=None)])


def small_run() -> ReplicateRecord:
    """Return the record of the small run after half a year of burn-in."""
    return run(small_scenario(), quick_parameters(start__settle_months=6.0))


def test_compiled_and_plain_agree(tmp_path: Path) -> None:
    path = tmp_path / "plain.npz"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PLAIN.format(path=str(path))],
        cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    compiled = small_run()
    with np.load(path) as plain:
        for name in ("fund_granted", "fair_contracts", "exhibition_contacts", "park_tenants", "exports", "entries"):
            assert plain["monthly"][:, :, INDEX[name]].sum() > 0.0, f"{name}: nothing to compare"
        assert plain["monthly"].shape == compiled.monthly.shape
        for name, column in INDEX.items():
            assert np.array_equal(plain["monthly"][:, :, column], compiled.monthly[:, :, column]), name
        assert np.array_equal(plain["purchases"], compiled.purchases)
        assert np.array_equal(plain["money"], compiled.money)
    assert done.stdout.strip() == compiled.digest
