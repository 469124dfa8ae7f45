"""What must be equal to the bit: the same run twice, the past before a policy, and policies of no size."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.observables import INDEX
from sim.scenario.resolved import Policy, Scenario
from sim.state.record import ReplicateRecord
from sim.units import parse_month
from tests.model_fixtures import (
    BASE,
    PARAMETERS,
    SEED,
    WITH_FUND,
    base_record,
    policy,
    quick_parameters,
    quick_scenario,
    run,
    scenario,
    with_policies,
    with_terms,
    without,
)

JULY_2024 = parse_month("2024-07")


def assert_equal(one: ReplicateRecord, other: ReplicateRecord) -> None:
    """Check that two runs agree in every observable of every month and in every column of every firm and buyer."""
    assert np.array_equal(one.monthly, other.monthly)
    assert np.array_equal(one.size_classes, other.size_classes)
    assert np.array_equal(one.purchases, other.purchases)
    assert np.array_equal(one.awards, other.awards)
    assert np.array_equal(one.elsewhere, other.elsewhere)
    assert np.array_equal(one.tracked, other.tracked)
    assert one.digest == other.digest


def months_equal(one: ReplicateRecord, other: ReplicateRecord) -> int:
    """Return how many first months are equal to the bit."""
    count = min(len(one.monthly), len(other.monthly))
    equal = [np.array_equal(one.monthly[k], other.monthly[k]) for k in range(count)]
    return equal.index(False) if False in equal else count


@cache
def quick(reference: str = BASE, *dropped: str, end: str = "2024-12") -> ReplicateRecord:
    """Return the record of a small run without some of its policies (read only)."""
    return run(without(quick_scenario(reference, end=end), *dropped), quick_parameters())


def changed(what: Scenario, new: Policy) -> Scenario:
    """Return the scenario with one policy replaced."""
    return with_policies(what, (new if item.id == new.id else item for item in what.policies))


# --- the same run -----------------------------------------------------------------------------------------------------


def test_the_same_inputs_give_the_same_bits() -> None:
    again = run(scenario())
    assert_equal(base_record(), again)
    assert all(np.array_equal(value, again.anchors[name]) for name, value in base_record().anchors.items())
    assert np.array_equal(base_record().money, again.money)


def test_a_run_in_between_leaves_no_trace() -> None:
    first = quick(WITH_FUND, end="2026-12")
    run(quick_scenario(BASE), quick_parameters(investment__band=0.2), seed=5)
    assert_equal(first, run(quick_scenario(WITH_FUND, end="2026-12"), quick_parameters()))


def test_seeds_and_parameters_matter() -> None:
    digests = {
        quick().digest,
        run(quick_scenario(end="2024-12"), quick_parameters(), seed=0).digest,
        run(quick_scenario(end="2024-12"), quick_parameters(), seed=SEED + 1).digest,
        run(quick_scenario(end="2024-12"), quick_parameters(investment__band=0.2)).digest,
    }
    assert len(digests) == 4


def test_seed_zero_runs_like_any_other() -> None:
    what, parameters = quick_scenario(), quick_parameters()
    zero = run(what, parameters, seed=0)
    assert_equal(zero, run(what, parameters, seed=0))
    assert zero.digest != run(what, parameters, seed=1).digest


def test_keeping_a_panel_changes_nothing() -> None:
    without_panel = run(scenario(), panel=False)
    assert_equal(base_record(), without_panel)
    assert without_panel.panel is None
    assert base_record().panel is not None
    assert base_record().panel.size > 0


def test_watching_the_months_changes_nothing() -> None:
    months: list[int] = []
    watched = run(quick_scenario(end="2024-12"), quick_parameters(), on_month=months.append)
    assert_equal(quick(), watched)
    assert months == list(range(parse_month("2023-01"), parse_month("2024-12") + 1))


# --- the past -------------------------------------------------------------------------------------------------------


def test_a_run_to_an_earlier_month_is_the_beginning_of_the_run() -> None:
    part = run(scenario(), until=parse_month("2023-09"))
    assert part.monthly.shape[0] == part.money.shape[0] == 9
    assert np.array_equal(part.monthly, base_record().monthly[:9])
    assert np.array_equal(part.money, base_record().money[:9])
    assert part.digest != base_record().digest


def test_a_scenario_that_ends_earlier_is_the_beginning_of_the_run() -> None:
    part = run(scenario(end="2023-09"))
    assert np.array_equal(part.monthly, base_record().monthly[:9])
    assert part.digest == run(scenario(), until=parse_month("2023-09")).digest


def test_baseline_and_what_if_are_one_until_the_first_difference() -> None:
    until = parse_month("2026-12")
    a, b = (run(scenario(reference, end="2026-12"), PARAMETERS) for reference in (BASE, WITH_FUND))
    past = parse_month("2026-01") - a.first_month
    assert months_equal(a, b) >= past
    promised = INDEX["fund_promised"]
    assert np.isnan(a.monthly).sum() == 0
    assert not b.monthly[:past, :, promised].any()
    assert b.monthly[past, 0, promised] > 0.0
    # The first call in March changes what firms buy; the larger fair in October whom buyers meet.
    output = INDEX["investment"]
    assert a.monthly[past + 2, 0, output] != b.monthly[past + 2, 0, output]
    assert a.digest != b.digest
    assert until - a.first_month + 1 == len(b.monthly)


@pytest.mark.parametrize("identity", ["fair", "going-out", "park"])
def test_a_stop_leaves_the_months_before_it_alone(identity: str) -> None:
    what = quick_scenario(end="2025-06")
    stopped = changed(what, replace(policy(what, identity), end=JULY_2024 - 1))
    before, after = run(what, quick_parameters()), run(stopped, quick_parameters())
    equal = months_equal(before, after)
    assert JULY_2024 - before.first_month <= equal < len(before.monthly)


@pytest.mark.parametrize(
    ("identity", "terms"),
    [
        ("fair", {"booths": 40}),
        ("going-out", {"firms_sent": 2}),
        ("park", {"rent": 40.0}),
        ("fair", {"booth_fee": 9e3}),
    ],
)
def test_a_change_leaves_the_months_before_it_alone(identity: str, terms: dict[str, Any]) -> None:
    what = quick_scenario(end="2025-06")
    old = policy(what, identity)
    versions = (*old.versions, (JULY_2024, old.versions[-1][1].model_copy(update=terms)))
    before = run(what, quick_parameters())
    after = run(changed(what, replace(old, versions=versions)), quick_parameters())
    equal = months_equal(before, after)
    assert JULY_2024 - before.first_month <= equal < len(before.monthly)


def test_a_policy_that_starts_later_leaves_the_months_before_it_alone() -> None:
    what = quick_scenario(end="2024-12")
    fund = replace(policy(quick_scenario(WITH_FUND, end="2026-12"), "upgrade-fund"), start=JULY_2024)
    later = run(with_policies(what, (*what.policies, fund)), quick_parameters())
    assert months_equal(quick(), later) == JULY_2024 - later.first_month


# --- policies of no size ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "terms", [{"annual_budget": 0.0}, {"grant_share": 0.0}, {"cap_per_firm": 0.0}], ids=lambda terms: next(iter(terms))
)
def test_a_fund_of_no_size_is_no_fund(terms: dict[str, float]) -> None:
    what = quick_scenario(WITH_FUND, end="2026-12")
    empty = changed(what, with_terms(policy(what, "upgrade-fund"), **terms))
    nothing = quick(WITH_FUND, "upgrade-fund", end="2026-12")
    record = run(empty, quick_parameters())
    assert record.digest == nothing.digest
    for name, column in INDEX.items():
        if not name.startswith("fund_"):
            assert np.array_equal(record.monthly[:, :, column], nothing.monthly[:, :, column]), name
    if "annual_budget" in terms:
        assert_equal(record, nothing)
    assert quick(WITH_FUND, end="2026-12").digest != nothing.digest, "a fund with money does something"


@pytest.mark.parametrize(
    ("identity", "terms"),
    [("park", {"plots": 0, "phases": ()}), ("fair", {"booths": 0}), ("going-out", {"firms_sent": 0})],
    ids=["park without plots", "fair without booths", "exhibition with nobody sent"],
)
def test_a_policy_of_no_size_is_no_policy(identity: str, terms: dict[str, Any]) -> None:
    what = quick_scenario(end="2024-12")
    empty = changed(what, with_terms(policy(what, identity), **terms))
    assert_equal(run(empty, quick_parameters()), quick(BASE, identity))
    assert quick(BASE, identity).digest != quick().digest, "with its size the policy does something"


def test_a_policy_that_has_not_begun_is_no_policy() -> None:
    what = quick_scenario(WITH_FUND, end="2025-12")
    assert_equal(run(what, quick_parameters()), run(without(what, "upgrade-fund"), quick_parameters()))


# --- order ------------------------------------------------------------------------------------------------------------


def test_the_order_of_policies_changes_no_bit() -> None:
    what = quick_scenario(end="2024-12")
    park, fair, abroad = (policy(what, identity) for identity in ("park", "fair", "going-out"))
    assert len(what.policies) == 3
    swapped = run(with_policies(what, (park, abroad, fair)), quick_parameters())
    assert_equal(swapped, quick())
    assert np.array_equal(swapped.money, quick().money)


def test_the_name_of_a_policy_keys_its_luck_and_its_place_in_the_file_does_not() -> None:
    what = quick_scenario(end="2024-12")
    fair = policy(what, "fair")
    renamed = run(changed(what, fair), quick_parameters())
    assert_equal(renamed, quick())
    other = tuple(replace(item, id="market") if item.id == "fair" else item for item in what.policies)
    assert run(with_policies(what, other), quick_parameters()).digest != quick().digest


# --- places -----------------------------------------------------------------------------------------------------------


@cache
def places_of(*names: str) -> ReplicateRecord:
    """Return the record of a world with places of different size, each with an industry."""
    what = without(scenario(end="2023-12"), "park", "fair", "going-out")
    counted = ("businesses", "output_value", "exports", "above_scale_firms", "domestic_buyers", "foreign_buyers")
    places = []
    for name in names:
        start = what.places[0].start
        scale, industry = {"yonder": (0.5, "metal-products"), "west": (1.0, "fasteners")}[name]
        smaller = start.model_copy(update={field: scale * getattr(start, field) for field in counted})
        places.append(replace(what.places[0], id=name, industry=industry, start=smaller))
    return run(replace(what, places=tuple(places)))


def test_another_place_leaves_the_first_as_it_was_to_the_bit() -> None:
    alone, together = places_of("west"), places_of("west", "yonder")
    for name, column in INDEX.items():
        assert np.array_equal(alone.monthly[:, 0, column], together.monthly[:, 0, column]), name
    assert together.monthly[:, 1, INDEX["output_value"]].min() > 0.0
