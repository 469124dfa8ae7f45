"""Policies made larger and smaller: which fields, what becomes of changes, and whole numbers."""

from __future__ import annotations

from typing import Any

import pytest

from sim.inputs.problems import InputErrors
from sim.inputs.quantities import Quantity
from sim.observables import INDEX
from sim.policies.fund.terms import FundTerms
from sim.policies.park.terms import ParkTerms
from sim.policies.registry import policy_types
from sim.scenario.dosing import (
    changes_of,
    dose_fields,
    find_policy,
    level,
    multipliable,
    multiplied,
    overrides,
)
from sim.scenario.loader import load
from sim.units import Uncertain


def multiplied_policy(reference: str, policy: str, times: float, field: str | None = None) -> tuple[Any, Any]:
    """The policy as written, and as a file gives it with the overrides of a dose."""
    found = find_policy(load(reference).scenario, policy)
    texts = overrides(found, changes_of(reference, policy), dose_fields(found, field), times)
    return found, find_policy(load(reference, overrides=texts).scenario, policy)


@pytest.mark.parametrize("name", sorted(policy_types()))
def test_every_type_says_what_a_dose_is_and_how_far_it_got(name: str) -> None:
    terms = policy_types()[name].terms
    assert terms.dose
    assert set(terms.dose) <= set(multipliable(terms))
    assert terms.reach in INDEX


def test_numbers_can_be_multiplied_and_calendars_cannot() -> None:
    fields = multipliable(FundTerms)
    assert fields == [
        "annual_budget", "grant_share", "cap_per_firm", "firm_co_finance_at_least", "eligible.revenue_at_least",
        "eligible.project_at_least", "across.floor_per_place", "across.ceiling_per_place", "across.place_match",
    ]  # fmt: skip
    assert "phases.plots" in multipliable(ParkTerms)
    assert not {"phases.opens", "admission.weights", "treatment.what"} & set(multipliable(ParkTerms))


@pytest.mark.parametrize("times", [0.0, 0.5, 3.0])
def test_a_change_is_multiplied_like_what_it_changes(times: float) -> None:
    before, after = multiplied_policy("yongnian-fair2x-fund200m", "fair", times)
    assert [month for month, _ in before.versions] == [month for month, _ in after.versions]
    for (_, old), (_, new) in zip(before.versions, after.versions, strict=True):
        assert new.booths == old.booths * times
        assert new.domestic_buyers_invited == old.domestic_buyers_invited * times
        assert new.foreign_buyers_invited == old.foreign_buyers_invited * times
        assert new.organising_cost == old.organising_cost * times
        assert new.countries == old.countries


def test_a_change_to_a_number_of_its_own_is_multiplied_too() -> None:
    before, after = multiplied_policy("qinghe-design100", "design", 3.0)
    assert [terms.firms_per_year for _, terms in before.versions] == [20, 100]
    assert [terms.firms_per_year for _, terms in after.versions] == [60, 300]


def test_a_change_that_a_variant_drops_does_not_come_back() -> None:
    assert [change.id for change in changes_of("yongnian-fair2x-fund200m", "fair")] == ["fair-x2"]
    assert changes_of("yongnian-fair2x-fund200m:fund200m", "fair") == ()
    assert changes_of("yongnian-fair2x-fund200m", "upgrade-fund") == ()
    _, after = multiplied_policy("yongnian-fair2x-fund200m:fund200m", "fair", 2.0)
    assert [terms.booths for _, terms in after.versions] == [760]


@pytest.mark.parametrize("times", [0.0, 0.1, 0.5, 1.7, 4.0])
def test_phases_of_a_park_still_add_up(times: float) -> None:
    _, after = multiplied_policy("yongnian-2023", "park", times)
    terms = after.versions[0][1]
    assert sum(phase.plots for phase in terms.phases) == terms.plots == round(400 * times)
    assert terms.build_cost == pytest.approx(600e6 * times)
    assert terms.treatment.capacity == pytest.approx(9000 * times)
    assert [phase.opens for phase in terms.phases] == [2017 * 12 + 5, 2019 * 12 + 2]


def test_whole_numbers_are_rounded_halves_upward() -> None:
    _, after = multiplied_policy("yongnian-investment", "projects", 0.5)
    terms = after.versions[0][1]
    assert (terms.projects, terms.value) == (8, 1.5e9)


def test_ranges_and_shares() -> None:
    share = Quantity("share")
    assert multiplied(Uncertain(0.1, 0.3), share, 2.0) == Uncertain(0.2, 0.6)
    assert multiplied(0.3, share, 10.0 / 3.0) == 1.0
    assert multiplied(Uncertain(3, 6), Quantity("count"), 0.5) == Uncertain(2, 3)
    assert multiplied(7, Quantity("count"), 1.0 / 7.0) == 1


def test_a_list_keeps_its_first_items() -> None:
    before, after = multiplied_policy("yongnian-platform", "platform", 0.5)
    old, new = before.versions[0][1], after.versions[0][1]
    assert new.services == old.services[:3]
    assert (new.set_up_cost, new.run_cost, new.joining_cost) == (10e6, 2e6, old.joining_cost)


def test_another_field_leaves_the_rest() -> None:
    before, after = multiplied_policy("yongnian-fair2x-fund200m", "upgrade-fund", 2.0, "grant_share, cap_per_firm")
    old, new = before.versions[0][1], after.versions[0][1]
    assert (new.grant_share, new.cap_per_firm) == (2 * old.grant_share, 2 * old.cap_per_firm)
    assert new.annual_budget == old.annual_budget


def test_levels() -> None:
    park = find_policy(load("yongnian-2023").scenario, "park").versions[0][1]
    assert level(park, "phases.plots") == 400
    assert level(park, "treatment.capacity") == 9000
    fund = find_policy(load("yongnian-fair2x-fund200m").scenario, "upgrade-fund").versions[0][1]
    assert level(fund, "across.floor_per_place") is None


def test_terms_that_belong_together_can_be_set_together() -> None:
    given = ("policy.park.plots=60", 'policy.park.phases=[{ opens = "2026-01", plots = 60 }]')
    terms = find_policy(load("yongnian-2023", overrides=given).scenario, "park").versions[0][1]
    assert (terms.plots, len(terms.phases)) == (60, 1)
    with pytest.raises(InputErrors, match="phases open 400 plots in all, but plots = 60"):
        load("yongnian-2023", overrides=given[:1])


def test_a_key_set_twice_counts_from_the_first() -> None:
    given = ("policy.fair.booths=100", "policy.fair.booths={ times = 3 }", "policy.fair.countries=7")
    terms = find_policy(load("yongnian-2023", overrides=given).scenario, "fair").versions[0][1]
    assert (terms.booths, terms.countries) == (300, 7)


def test_each_wrong_override_is_told_where_it_stands() -> None:
    given = ("policy.fair.booths=100", 'policy.fair.booth_subsidy="140%"', "policy.fair.boots=3")
    with pytest.raises(InputErrors) as caught:
        load("yongnian-2023", overrides=given)
    text = str(caught.value)
    assert '--set policy.fair.booth_subsidy="140%"' in text
    assert "--set policy.fair.boots=3" in text
    assert "--set policy.fair.booths=100" not in text
