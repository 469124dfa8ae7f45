"""Channels: a closed one does nothing, one that no policy uses changes nothing, and all else is paid and held."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim.model import ClusterModel, digest, simulate_together
from sim.observables import INDEX
from sim.policies.channels import CHANNELS, HELD, REACTIONS
from sim.policies.registry import behaviour_of, policy_types
from sim.scenario.parting import parting
from sim.scenario.realise import realise
from sim.scenario.resolved import Closed, Policy, Scenario
from sim.state.columns import ORIGIN_FAIR, PlaceColumns
from sim.state.record import ReplicateRecord
from tests.policies.every_type import RICH, usual
from tests.policies.playing import FIRST, SEED, county, parameters

LATER = FIRST + 1
MONTHS = 12


def scenario(*policies: Policy, months: int = MONTHS) -> Scenario:
    return county(policies, months=months, scale=10, **RICH)


def closed(b: Scenario, *channels: str, since: int = LATER, baseline: tuple[Policy, ...] = ()) -> Scenario:
    return replace(b, closed=Closed(channels, tuple(policy.id for policy in b.policies), since, baseline))


FUND, FAIR = (usual(kind, start=LATER) for kind in ("fund", "fair"))
A, B = scenario(), scenario(FUND, FAIR)


@cache
def runs() -> dict[str, ReplicateRecord]:
    """A, B, and B with each channel closed, with their common past."""
    asked = {"A": A, "B": B} | {name: closed(B, name) for name in CHANNELS}
    values = parameters()
    found = simulate_together([(one, values) for one in asked.values()], SEED)
    records = {list(asked)[number]: record for number, record in found}
    assert not [record for record in records.values() if isinstance(record, Exception)]
    return records  # type: ignore[return-value]


def monthly(name: str, variable: str) -> np.ndarray:
    return runs()[name].monthly[:, 0, INDEX[variable]]


def test_a_channel_that_no_policy_uses_changes_nothing() -> None:
    for name in set(CHANNELS) - {"capacity", "technique", "information", "contacts", REACTIONS}:
        assert runs()[name].digest == runs()["B"].digest, name
    for name in ("capacity", "technique", "information", "contacts", REACTIONS):
        assert runs()[name].digest != runs()["B"].digest, name


def test_until_the_policies_begin_nothing_differs() -> None:
    for name, record in runs().items():
        assert np.array_equal(record.monthly[: LATER - FIRST], runs()["A"].monthly[: LATER - FIRST]), name


def test_without_contacts_a_fair_is_held_and_paid_but_wins_no_customer() -> None:
    model = ClusterModel(closed(B, "contacts"), parameters(), SEED)
    for _ in range(MONTHS):
        model.step()
        assert not (model.state.buyers.link_origin == ORIGIN_FAIR).any()
    assert monthly("contacts", "fair_buyers").sum() == monthly("B", "fair_buyers").sum() > 0.0
    assert monthly("contacts", "fair_contacts").sum() > 0.0


def test_without_capacity_grants_are_paid_for_what_firms_would_buy_anyway() -> None:
    first = np.flatnonzero(monthly("B", "fund_granted"))[0]
    assert monthly("capacity", "fund_granted")[first] == monthly("B", "fund_granted")[first]
    spent = {name: monthly(name, "investment")[first] for name in ("A", "B", "capacity")}
    assert spent["capacity"] < spent["B"]


def test_where_reactions_are_closed_wages_are_the_baselines() -> None:
    assert set(HELD) <= set(PlaceColumns._fields)
    assert np.array_equal(monthly(REACTIONS, "wage"), monthly("A", "wage"))
    assert not np.array_equal(monthly("B", "wage"), monthly("A", "wage"))
    assert monthly(REACTIONS, "fair_contacts").sum() > 0.0


@pytest.mark.parametrize("channel", ["contacts", REACTIONS])
def test_alone_a_run_is_as_with_others(channel: str) -> None:
    model = ClusterModel(closed(B, channel), parameters(), SEED)
    for _ in range(MONTHS):
        model.step()
    assert digest(model) == runs()[channel].digest


def test_reactions_of_nothing_are_nothing() -> None:
    nothing = Closed((REACTIONS,), (), LATER, A.policies)
    model = ClusterModel(replace(A, closed=nothing), parameters(), SEED)
    for _ in range(MONTHS):
        model.step()
    assert digest(model) == runs()["A"].digest


@pytest.mark.parametrize("kind", ["park", "project", "training", "digital_platform", "designation"])
def test_other_types_bear_a_closed_channel(kind: str) -> None:
    """No firm moves in, no plant opens, no skill is lent; what the policy does otherwise it does."""
    policy = usual(kind, start=FIRST) if kind != "designation" else usual(kind, start=LATER)
    for channel in behaviour_of(kind).channels:
        model = ClusterModel(closed(scenario(policy), channel, since=FIRST), parameters(), SEED)
        for _ in range(MONTHS):
            model.step()
            if channel == "space":
                assert not (model.state.firms.park[model.state.live] >= 0).any()
                assert not model.state.openings
                assert (model.state.places.pull == 1.0).all()
            if channel == "skills":
                assert (model.state.places.skill == 1.0).all()
            if channel == "capacity":
                assert not model.state.firms.credit_line.any()


def test_scenarios_part_where_a_channel_is_closed() -> None:
    assert parting(B, closed(B, "contacts")) == LATER
    assert parting(A, closed(B, "contacts")) == LATER
    assert parting(closed(B, "costs"), closed(B, "contacts")) == LATER
    assert parting(closed(B, "costs"), closed(B, "costs")) is None
    assert parting(B, replace(closed(B, "costs"), closed=None)) is None


def test_uncertain_terms_of_the_baseline_are_drawn_with_all_others() -> None:
    from sim.units import Uncertain

    kind = policy_types()["fair"].terms
    wide = kind.plain(**{**dict(FAIR.versions[0][1]), "booths": Uncertain(low=20, high=80)})
    fair = replace(FAIR, versions=((LATER, wide),))
    drawn = realise(closed(B, REACTIONS, baseline=(fair,)), 3)
    alone = realise(replace(B, policies=(fair,)), 3)
    assert drawn.closed is not None
    assert drawn.closed.baseline == alone.policies
