"""Every public yuan: booked as it left the account, never more than was there, whoever pays and however poor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.compare.money import build_shortfalls
from sim.compare.runs import pair
from sim.model import ClusterModel
from sim.policies.registry import policy_types
from sim.state import draws
from sim.state.record import PAYERS
from tests.compare.fake_run import FakeRun
from tests.policies.every_type import TERMS, usual
from tests.policies.every_type import run as run_of
from tests.policies.playing import (
    FIRST,
    PROVINCE,
    USUAL,
    Played,
    begun,
    county,
    parameters,
    played,
    policy,
    province_share,
)

EVERYTHING = [
    policy("fund", payer={"county": 0.6, "province": 0.4}, paid={"when": "after_acceptance", "lag_months": 1}),
    policy("fair"),
    policy("exhibition", payer={"province": 1.0}),
    policy("park", payer={"county": 0.5, "province": 0.5}),
]


@pytest.fixture(scope="module", params=["rich", "poor", "broke"])
def run(request: pytest.FixtureRequest) -> Played:
    """Return two years under four policies in a county with much, little and no money."""
    balance = {"rich": 1e9, "poor": 8e6, "broke": 0.0}[request.param]
    less = {} if request.param == "rich" else {
        "government__programme_share": 0.02, "government__province_balance_share": province_share(balance / 2.0),
        "government__province_receipts_share": province_share(1e6),
    }  # fmt: skip
    return begun(EVERYTHING, settings=parameters(**less), county_balance=balance).finish()


def test_what_is_booked_is_what_left_the_account(run: Played) -> None:
    accounts = {"county": "county:yongnian", "province": PROVINCE}
    for payer in PAYERS:
        booked = sum(run.money("paid", number, payer) for number in range(len(EVERYTHING)))
        assert booked == pytest.approx(run.left(accounts[payer]), rel=1e-9, abs=1e-6)


def test_the_observables_agree_with_the_money_table(run: Played) -> None:
    for name, stage in (("public_money_paid", "paid"), ("public_money_unmet", "unmet")):
        booked = sum(run.money(stage, number) for number in range(len(EVERYTHING)))
        assert run.monthly(name) == pytest.approx(booked, rel=1e-9, abs=1e-6)


def test_no_government_ever_spends_what_it_does_not_have(run: Played) -> None:
    assert min(run.lowest.values()) >= -1e-6
    assert run.monthly("county_balance").min() >= -1e-6


def test_the_county_s_account_is_what_came_in_less_what_went_out(run: Played) -> None:
    state = run.model.state
    kept = state.parameters.government.programme_share * run.monthly("county_tax_receipts")
    balance, out = run.monthly("county_balance"), run.left("county:yongnian") + run.lapsed("county:yongnian")
    rent = np.diff(balance) - (kept - out)[1:]
    assert np.all(rent >= -1e-3)
    inside = run.monthly("park_plots_used")[1:]
    terms = USUAL["park"]
    least = inside * terms["plot_area"] * terms["rent"]
    assert np.all(rent >= least - 1e-3)
    assert np.all(rent[inside == 0.0] == pytest.approx(0.0, abs=1e-3))


def test_what_was_planned_was_paid_or_noted_as_unmet(run: Played) -> None:
    for number in (1, 3):
        planned, paid, unmet = (run.money(stage, number).sum() for stage in ("granted", "paid", "unmet"))
        assert paid <= planned * (1.0 + 1e-9) + 1e-6
        assert paid + unmet == pytest.approx(planned, rel=1e-6) or unmet > 0.0


def test_payers_of_a_policy_alone_pay_for_it(run: Played) -> None:
    assert run.money("paid", 1, "province").sum() == 0.0
    assert run.money("paid", 2, "county").sum() == 0.0


def test_a_poor_county_leaves_bills_unpaid_and_a_rich_one_none() -> None:
    rich = begun(
        EVERYTHING, settings=parameters(government__province_balance_share=province_share(1e9)), county_balance=1e9
    ).finish()
    poor = begun(EVERYTHING, settings=parameters(government__programme_share=0.0), county_balance=1e6).finish()
    assert rich.monthly("public_money_unmet").sum() == pytest.approx(0.0, abs=1e-6)
    assert poor.monthly("public_money_unmet").sum() > 1e6


def test_every_yuan_goes_for_a_purpose_of_a_policy(run: Played) -> None:
    assert set(run.by_purpose) <= {"grants", "fair", "exhibition", "park construction"}


def test_the_order_of_policies_in_a_file_does_not_matter() -> None:
    one = played([policy("fair"), policy("exhibition")], months=12, county_balance=1e9)
    two = played([policy("exhibition"), policy("fair")], months=12, county_balance=1e9)
    assert np.array_equal(one.record.monthly, two.record.monthly)


def test_a_stop_leaves_the_months_before_alone() -> None:
    kept, stopped = (
        played([policy(kind, end=end) for kind in ("fair", "exhibition", "park")], months=18, county_balance=1e9)
        for end in (None, FIRST + 12)
    )
    assert np.array_equal(kept.record.monthly[:13], stopped.record.monthly[:13])
    assert not np.array_equal(kept.record.monthly[13:], stopped.record.monthly[13:])


SPENDING: Mapping[str, Mapping[str, Any]] = {
    "cloud_drive": {"fee_subsidy": 0.5},
    "dealer_network": {"subsidy": 0.5},
    "designation": {"scope": "firms", "honour": "little_giant", "select": "lottery", "count": 9, "award": 1e5},
    "digital_platform": {"joining_subsidy": 0.5},
    "project": {"money": "public"},
}
"""What makes a type spend public money that does not by its usual terms."""


@pytest.mark.parametrize("kind", sorted(policy_types()))
def test_every_type_books_what_left_the_accounts_of_its_payers(kind: str) -> None:
    terms = {**TERMS[kind], **SPENDING.get(kind, {})}
    shared = usual(kind, payer={"county": 0.6, "province": 0.4}, base=terms)
    run = run_of([shared], months=12, settings=parameters(government__province_balance_share=0.5))
    county, province = (run.money("paid", payer=payer) for payer in PAYERS)
    assert county == pytest.approx(run.left("county:yongnian"), rel=1e-9, abs=1e-6)
    assert province == pytest.approx(run.left(PROVINCE), rel=1e-9, abs=1e-6)
    assert province == pytest.approx(county * 0.4 / 0.6, rel=1e-6)
    assert run.monthly("public_money_paid") == pytest.approx(county + province, rel=1e-9, abs=1e-6)
    assert (county.sum() > 0.0) == (kind != "upgrade_drive")


@pytest.mark.parametrize("kind", sorted(policy_types()))
def test_what_a_poor_county_cannot_pay_is_told_for_every_type(kind: str) -> None:
    one = usual(kind, base={**TERMS[kind], **SPENDING.get(kind, {})})
    scenario = county([one], months=12, scale=5, county_balance=1e4)
    model = ClusterModel(scenario, parameters(government__programme_share=0.0), draws.replicate_seed(20250108, 0))
    run = Played(model).finish()
    b = FakeRun(scenario, np.arange(1), amounts=run.record.money[None])
    found = build_shortfalls(pair(b, FakeRun(replace(scenario, policies=()), np.arange(1))))
    if kind == "upgrade_drive":
        assert found == ()
        return
    assert [(short.type, short.runs) for short in found] == [(kind, 1)]
    assert found[0].missing + found[0].late > 0.5 * found[0].planned
    if kind == "park":
        opened = run.monthly("park_plots_open")[-1]
        assert found[0].plots == pytest.approx((opened, opened, 40.0))
