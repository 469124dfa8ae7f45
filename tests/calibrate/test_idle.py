"""Parameters that a scenario cannot move are no candidates of an emulator."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibrate.baselines import all_baselines
from sim.calibrate.idle import READERS, idle_inputs
from sim.calibrate.polynomial import fit_emulator
from sim.calibrate.space import space_of
from sim.calibrate.trials import record_of, shortened
from sim.parameters import parameter_table
from sim.policies.terms import POLICY_TYPES
from sim.scenario.loader import load


def test_groups_and_types_exist() -> None:
    load("yongnian-2023")  # fills the registry of policy types
    groups = {row.name.split(".")[0] for row in parameter_table()}
    assert set(READERS) <= groups
    assert {reader for readers in READERS.values() for reader in readers} <= set(POLICY_TYPES)


@pytest.mark.slow
@pytest.mark.parametrize("place", [name for name, scenario in all_baselines().items() if len(scenario.places) == 1])
def test_nothing_in_the_scenario_reads_an_idle_parameter(place: str) -> None:
    """The same bits with every idle parameter at one end of its range and at the other."""
    scenario = all_baselines()[place]
    short = shortened(scenario, 50, scenario.time.start + 11)
    space = space_of(short)
    idle = sorted(idle_inputs(space, short))
    assert idle
    ends = [{space.names[k]: float(space.dimensions[k].value(score)) for k in idle} for score in (-2.0, 2.0)]
    low, high = (record_of(short, 0, point, short.time.end) for point in ends)
    assert low.digest == high.digest
    np.testing.assert_array_equal(low.monthly, high.monthly)


def test_a_policy_wakes_its_parameters() -> None:
    yongnian = load("yongnian-2023").scenario
    space = space_of(yongnian)
    idle = {space.names[k].split(".")[0] for k in idle_inputs(space, yongnian)}
    assert "fair" not in idle
    assert "research" in idle


def test_an_idle_input_is_no_candidate() -> None:
    random = np.random.Generator(np.random.Philox(1))
    scores = random.standard_normal((200, 4))
    values = scores[:, 1] + 2.0 * scores[:, 2]
    assert fit_emulator(scores, values).active == (1, 2)
    assert fit_emulator(scores, values, frozenset({2})).active == (1,)
