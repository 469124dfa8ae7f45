"""What is held to be planned before a run is never less than what the run pays, month by month, for every type."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model import ClusterModel
from sim.parameters import parameter_table
from sim.policies.registry import policy_types
from sim.scenario.purse import plan
from sim.state import draws
from tests.policies.every_type import RICH, TERMS, usual
from tests.policies.playing import Played, county, parameters
from tests.policies.test_public_money import SPENDING

KNOWN = {row.name: row.value for row in parameter_table()}


@pytest.mark.parametrize("kind", sorted(set(policy_types()) - {"upgrade_drive"}))
def test_no_more_is_paid_than_was_planned(kind: str) -> None:
    # Who will join a platform is not known beforehand.
    more = {} if kind == "digital_platform" else SPENDING.get(kind, {})
    scenario = county([usual(kind, base={**TERMS[kind], **more})], months=12, scale=5, **RICH)
    run = Played(ClusterModel(scenario, parameters(), draws.replicate_seed(20250108, 0))).finish()
    paid, planned = np.cumsum(run.money("paid")), np.cumsum(plan(scenario.policies[0], scenario, KNOWN))
    assert (paid <= planned * (1.0 + 1e-9)).all()
    assert planned[-1] > 0.0
    assert paid[-1] > 0.1 * planned[-1]
