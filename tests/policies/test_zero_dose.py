"""Dose zero of every policy type is the scenario without the policy, to the bit; dose one is not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.observables import INDEX
from sim.policies.registry import policy_types
from sim.scenario.dosing import changes_of, dose_fields, find_policy, overrides
from sim.scenario.loader import load
from sim.state.record import ReplicateRecord
from tests.model_fixtures import quick_parameters, quick_scenario, run, without

POLICIES = {
    "fund": ("yongnian-fair2x-fund200m:fund200m", "upgrade-fund"),
    "park": ("yongnian-2023", "park"),
    "fair": ("yongnian-2023", "fair"),
    "exhibition": ("yongnian-2023", "going-out"),
    "training": ("yongnian-academy", "academy"),
    "research_partnership": ("yongnian-research", "institutes"),
    "upgrade_drive": ("yongnian-upgrade-drive", "drive"),
    "brand_design": ("yongnian-design", "design-service"),
    "designation": ("yongnian-little-giants", "little-giants"),
    "project": ("yongnian-investment", "projects"),
    "digital_platform": ("yongnian-platform", "platform"),
    "cloud_drive": ("yongnian-cloud", "cloud"),
    "dealer_network": ("yongnian-dealers", "dealers-abroad"),
    "trade_park": ("yongnian-trade-parks", "e-commerce-park"),
}


@cache
def moved_forward(reference: str, policy: str) -> tuple[str, ...]:
    """Overrides that let a policy begin in the first spring, so that a short run is enough; a park keeps its dates."""
    found = find_policy(load(reference).scenario, policy)
    if found.type == "park":
        return ()
    end = (f"policy.{policy}.end=2023-12",) if found.end is not None else ()
    return ("time.reported_until=2023-01", f"policy.{policy}.start=2023-02", *end)


def record(reference: str, policy: str, times: float | None) -> ReplicateRecord:
    """Run a year of a small county with the policy at a dose, or (None) without the policy."""
    given = moved_forward(reference, policy)
    found = find_policy(load(reference, overrides=given).scenario, policy)
    texts = overrides(found, changes_of(reference, policy), dose_fields(found), 1.0 if times is None else times)
    what = quick_scenario(reference, *given, *texts)
    return run(without(what, policy) if times is None else what, quick_parameters())


def test_every_type_is_tried() -> None:
    assert set(POLICIES) == set(policy_types())


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_zero_is_the_scenario_without_the_policy(name: str) -> None:
    reference, policy = POLICIES[name]
    zero, nothing, once = (record(reference, policy, times) for times in (0.0, None, 1.0))
    assert np.array_equal(zero.monthly, nothing.monthly, equal_nan=True)
    assert zero.digest == nothing.digest
    reach = INDEX[policy_types()[name].terms.reach]
    assert once.monthly[..., reach].sum() > nothing.monthly[..., reach].sum()


def test_a_brand_campaign_can_be_dosed_without_any_design() -> None:
    zero, nothing, once = (record("yongnian-design", "brand", times) for times in (0.0, None, 1.0))
    assert zero.digest == nothing.digest
    assert once.digest != nothing.digest
