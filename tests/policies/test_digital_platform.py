"""A platform from its building to the orders its members win."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.inputs.problems import InputErrors
from sim.policies.digital_platform.services import purchase_savings, yearly_gain
from sim.policies.encounters import attention
from sim.scenario.loader import load
from sim.state.columns import MAKER, MEMBER_PLATFORM, TRADER
from tests.policies.playing import FIRST, Played, begun, parameters, played
from tests.policies.trading import (
    CONTACTS,
    PLATFORM,
    RICH,
    SERVICES,
    gain,
    policy,
    same_to_the_bit,
    touched,
    watch_firms,
)
from tests.scenario.written import head, write

NOTHING = {"services": (), "set_up_cost": 0.0, "run_cost": 0.0, "joining_cost": 0.0}


def platform(months: int = 12, **changes: object) -> Played:
    """Return a run with a platform."""
    return played([policy("digital_platform", changes)], months=months, **RICH)


@pytest.fixture(scope="module")
def without() -> Played:
    """Return two years without a platform."""
    return played([], months=24, **RICH)


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return two years with a platform."""
    return platform(24)


def test_a_platform_that_offers_and_costs_nothing_is_no_platform() -> None:
    assert same_to_the_bit(platform(6, **NOTHING), played([], months=6, **RICH))


def test_months_before_it_starts_are_left_alone(without: Played) -> None:
    run = played([policy("digital_platform", start=FIRST + 6)], months=12, **RICH)
    assert np.array_equal(run.record.monthly[:6], without.record.monthly[:6])
    assert not np.array_equal(run.record.monthly[6:12], without.record.monthly[6:12])


def test_building_is_paid_once_and_running_every_month(usual: Played) -> None:
    paid = usual.money("paid")
    month = PLATFORM["run_cost"] / 12.0
    assert paid[0] == pytest.approx(PLATFORM["set_up_cost"] + month)
    assert paid[1:] == pytest.approx(month)
    assert usual.by_purpose == pytest.approx({"platform building": 2e6, "platform running": 24 * month})
    assert usual.monthly("public_money_paid") == pytest.approx(paid)
    assert paid == pytest.approx(usual.left("county:yongnian"))


def test_a_county_short_of_money_builds_over_months_and_opens_when_it_is_paid() -> None:
    settings = parameters(government__programme_share=0.02)
    run = begun([policy("digital_platform")], months=24, settings=settings, county_balance=1.2e6).finish()
    opened = int(np.argmax(run.monthly("platform_members") > 0.0))
    assert 0 < opened < 24
    building = run.by_purpose["platform building"]
    assert building == pytest.approx(PLATFORM["set_up_cost"], rel=1e-5)
    assert run.money("granted")[:opened].sum() == pytest.approx(PLATFORM["set_up_cost"])
    assert run.money("unmet")[0] > 0.0
    assert run.lowest["county:yongnian"] >= -1e-6


def test_a_month_that_cannot_be_paid_is_served_in_part() -> None:
    settings = parameters(government__programme_share=0.0)
    old = policy("digital_platform", {"run_cost": 12e6}, start=FIRST - 30)
    run = begun([old], months=3, settings=settings, county_balance=1.5e6).finish()
    assert run.money("paid")[:2] == pytest.approx([1e6, 0.5e6])
    assert run.money("unmet") == pytest.approx([0.0, 0.5e6, 1e6], abs=1.0)
    assert run.monthly("platform_contacts")[0] > 0.0
    assert run.monthly("platform_contacts")[2] == 0.0


def test_it_touches_a_firm_only_through_levers_and_contacts() -> None:
    run = begun([policy("digital_platform")], months=24, **RICH).step(6)
    assert touched(run, 18) == CONTACTS | {
        "firms.member", "firms.fees", "firms.aware", "firms.purchase_saving", "firms.overhead_saving",
        "firms.credit_line", "firms.cash", "places.upgrade_success",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("service", "columns"),
    [
        ("purchasing", {"firms.purchase_saving"}),
        ("logistics", {"firms.overhead_saving"}),
        ("finance", {"firms.credit_line"}),
        ("technical_services", {"firms.aware", "places.upgrade_success"}),
    ],
)
def test_each_service_has_its_own_lever(service: str, columns: set[str]) -> None:
    run = begun([policy("digital_platform", {"services": (service,), "joining_cost": 0.0})], months=24, **RICH).step(6)
    assert touched(run, 18) - {"firms.member", "firms.cash"} == columns


def test_members_pay_to_join_and_nobody_else_is_marked() -> None:
    run = begun([policy("digital_platform")], months=6, **RICH)
    paid = watch_firms(run)
    run.finish()
    firms, institution = run.model.state.firms, run.institution()
    marked = np.flatnonzero((firms.member & MEMBER_PLATFORM != 0) & (firms.alive == 1))
    alive = institution.members[firms.alive[institution.members] == 1]
    assert np.array_equal(marked, np.sort(alive))
    joined = float(firms.weight[institution.members].sum())
    assert paid["joining a platform -> rest_of_world"] >= joined * PLATFORM["joining_cost"]


def test_a_subsidy_is_paid_for_each_that_joins() -> None:
    run = begun([policy("digital_platform", {"joining_subsidy": 0.5})], months=6, **RICH)
    paid = watch_firms(run)
    run.finish()
    assert run.by_purpose["platform joining"] == pytest.approx(paid["joining a platform -> rest_of_world"])


def test_adoption_takes_time_and_follows_its_price(usual: Played, without: Played) -> None:
    members = usual.monthly("platform_members")
    assert 0.0 < members[0] < 0.3 * members[23]
    assert np.all(np.diff(members[:12]) > 0.0)
    dear, free = (platform(12, joining_cost=cost).monthly("platform_members")[-1] for cost in (20000.0, 0.0))
    assert dear < members[11] < free
    assert not without.monthly("platform_members").any()


def test_more_members_share_the_same_attention() -> None:
    pool, shares = np.array([450.0, 300.0]), np.array([0.01, 0.002])
    most = 3 * float((pool * shares).sum())
    seen = [3 * float((pool * attention(pool, shares, 3, wanted)).sum()) for wanted in (1.0, 10.0, 100.0, 1e6)]
    assert np.all(np.diff(seen) > 0.0)
    assert seen[0] == pytest.approx(1.0, rel=0.05)
    assert seen[-1] == pytest.approx(most)
    each = np.array(seen) / np.array([1.0, 10.0, 100.0, 1e6])
    assert np.all(np.diff(each) < 0.0)


def test_looks_do_not_change_what_buyers_remember_of_fairs() -> None:
    run = begun([policy("digital_platform")], months=6, **RICH).step(5)
    assert run.monthly("platform_contacts").sum() > 0.0
    assert not run.model.state.buyers.attended.any()


def test_contacts_become_sales_and_keep_coming(usual: Played) -> None:
    sales = usual.monthly("platform_sales")
    assert usual.monthly("platform_contacts").sum() > 0.0
    assert sales[12:].sum() > sales[:12].sum() > 0.0


def test_small_firms_save_most_on_purchases() -> None:
    state = begun([], months=1).model.state
    makers = state.makers
    saved = purchase_savings(state, makers)
    order = np.argsort(state.firms.revenue_year[makers])
    assert np.all(np.diff(saved[order]) <= 0.0)
    assert saved.max() <= state.parameters.platform.purchase_saving
    assert not purchase_savings(state, state.traders).any()


def test_what_a_firm_expects_adds_up_by_service() -> None:
    state = begun([], months=1).model.state
    rows = state.live
    both = yearly_gain(state, rows, ("purchasing", "logistics"), 0.0)
    each = [yearly_gain(state, rows, (service,), 0.0) for service in ("purchasing", "logistics")]
    assert both == pytest.approx(each[0] + each[1])
    hope = yearly_gain(state, rows, ("transactions",), 0.5)
    assert yearly_gain(state, rows, ("transactions",), 2.0) == pytest.approx(2.0 * hope)
    tier = state.firms.tier[rows]
    assert hope[(tier == MAKER) | (tier == TRADER)].sum() > 0.0
    assert not hope[tier == 1].any()


def test_the_first_year_stays_below_the_arithmetic_ceiling_and_the_published_range(
    usual: Played, without: Played
) -> None:
    """What is won is at most what is sold over the platform, and what buyers add where materials are cheaper."""
    output = without.monthly("output_value")[:12].sum()
    p = parameters()
    cheaper = p.platform.purchase_saving * (1.0 / (1.0 + p.maker.markup) - p.maker.labour_share)
    ceiling = usual.monthly("platform_sales")[:12].sum() + p.demand.elasticity_outside * cheaper * output
    assert gain(usual, without) <= ceiling
    assert abs(gain(usual, without)) <= 0.02 * output
    assert abs(gain(usual, without, months=24)) <= 0.02 * 2.0 * output


def test_it_ends_and_members_lose_it() -> None:
    run = played([policy("digital_platform", end=FIRST + 5)], months=9, **RICH)
    assert run.money("paid")[6:].sum() == 0.0
    assert not run.monthly("platform_members")[6:].any()
    state = run.model.state
    assert not (state.firms.member[state.live] & MEMBER_PLATFORM).any()


def test_services_can_change(usual: Played) -> None:
    run = played([policy("digital_platform", later={FIRST + 6: {"services": ("finance",)}})], months=12, **RICH)
    assert np.array_equal(run.record.monthly[:6], usual.record.monthly[:6])
    assert not run.monthly("platform_contacts")[6:].any()


# --- files --------------------------------------------------------------------------------------------------


WRITTEN = """\
[[policy]]
id = "platform"
type = "digital_platform"
name = "Platform"
start = "2026-01"
source = "hypothetical"
payer = "county"
services = ["purchasing", "finance"]
set_up_cost = "20 million yuan"
run_cost = "4 million yuan/year"
joining_cost = "20000 yuan/firm"
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('"finance"]', '"finances"]', "E16", "finance"),
        ('"20000 yuan/firm"', "20000", "E02", "yuan/firm"),
        ('"20000 yuan/firm"', '"20000 yuan/person"', "E02", "firm"),
        ('payer = "county"\n', "", "E15", "payer"),
        ('run_cost = "4 million yuan/year"\n', "", "E15", "run_cost"),
    ],
)
def test_wrong_terms_give_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, code: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert old in WRITTEN
    write(tmp_path, "my", head() + WRITTEN.replace(old, new))
    with pytest.raises(InputErrors) as caught:
        load("my")
    assert [problem.code for problem in caught.value.problems] == [code]
    assert words in caught.value.problems[0].text("en")


def test_right_terms_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "my", head() + WRITTEN)
    terms = next(item for item in load("my").scenario.policies if item.id == "platform").versions[0][1]
    assert terms.joining_cost == 20000.0  # type: ignore[attr-defined]
    assert terms.joining_subsidy == 0.0  # type: ignore[attr-defined]
    assert set(terms.services) < set(SERVICES)  # type: ignore[attr-defined]
