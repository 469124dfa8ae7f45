"""A drive to the cloud: who joins, who stays, and what is counted as a digital workshop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.inputs.problems import InputErrors
from sim.policies.classification import above_scale
from sim.policies.membership import overhead_year
from sim.scenario.loader import load
from sim.state.columns import MAKER, MEMBER_CLOUD
from tests.policies.playing import FIRST, Played, begun, parameters, played
from tests.policies.trading import CLOUD, RICH, check_no_payer, gain, policy, same_to_the_bit, touched, watch_firms
from tests.scenario.written import head, policy_of, write

FEE = parameters().cloud.yearly_fee


def drive(months: int = 12, **changes: object) -> Played:
    """Return a run with a drive without a payer."""
    return played([policy("cloud_drive", changes, payer={})], months=months, **RICH)


@pytest.fixture(scope="module")
def without() -> Played:
    """Return two years without a drive."""
    return played([], months=24, **RICH)


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return two years with a drive."""
    return drive(24)


def test_a_drive_that_asks_nobody_is_no_drive() -> None:
    assert same_to_the_bit(drive(6, firms=0, workshops=0), played([], months=6, **RICH))


def test_months_before_it_starts_are_left_alone(without: Played) -> None:
    run = played([policy("cloud_drive", start=FIRST + 6, payer={})], months=12, **RICH)
    assert np.array_equal(run.record.monthly[:6], without.record.monthly[:6])
    assert run.monthly("cloud_firms")[6] > 0.0


def test_it_needs_no_public_money(usual: Played) -> None:
    assert usual.monthly("public_money_paid").sum() == usual.monthly("public_money_unmet").sum() == 0.0
    assert usual.by_purpose == {}


def test_the_target_is_neared_and_never_passed(usual: Played) -> None:
    few, many = drive(24, firms=5).monthly("cloud_firms"), usual.monthly("cloud_firms")
    assert few.max() == few[-1] == 5.0
    assert few[-1] < many[-1] <= CLOUD["firms"]
    assert many[0] < many[11]


def test_only_makers_for_which_it_pays_are_in_the_cloud(usual: Played) -> None:
    state, members = usual.model.state, usual.institution().members
    alive = members[state.firms.alive[members] == 1]
    assert alive.size > 0
    assert np.all(state.firms.tier[alive] == MAKER)
    assert np.all(state.firms.member[alive] & MEMBER_CLOUD)
    saved = state.parameters.cloud.office_saving * overhead_year(state, alive)
    assert np.all(saved > 0.8 * FEE)  # worth it when the month began; orders have moved since


def test_firms_pay_the_fee_month_by_month() -> None:
    run = begun([policy("cloud_drive", payer={})], months=8, **RICH)
    paid = watch_firms(run)
    run.finish()
    assert paid["cloud fees -> rest_of_world"] == pytest.approx(run.monthly("cloud_firms").sum() * FEE / 12.0)


def test_a_subsidy_is_paid_while_the_drive_lasts_and_brings_more_in(usual: Played) -> None:
    half = policy("cloud_drive", {"fee_subsidy": 0.5}, end=FIRST + 11)
    run = begun([half], months=24, **RICH)
    paid = watch_firms(run)
    run.finish()
    members = run.monthly("cloud_firms")
    assert members[11] > usual.monthly("cloud_firms")[11]
    assert run.money("paid")[:12] == pytest.approx(0.5 * FEE / 12.0 * members[:12])
    assert run.money("paid")[12:].sum() == 0.0
    own = paid["cloud fees -> rest_of_world"]
    assert own + run.money("paid").sum() == pytest.approx(members.sum() * FEE / 12.0)
    assert members[12] < members[11]  # those for which the full fee does not pay leave


def test_members_stay_after_the_drive() -> None:
    run = played([policy("cloud_drive", end=FIRST + 11, payer={})], months=18, **RICH)
    members = run.monthly("cloud_firms")
    assert members[17] > 0.0
    assert np.all(np.diff(members[11:]) <= 0.0)


def test_it_touches_a_firm_only_through_levers() -> None:
    run = begun([policy("cloud_drive", payer={})], months=24, **RICH).step(6)
    assert touched(run, 18) == {"firms.member", "firms.aware", "firms.overhead_saving", "firms.cash", "firms.fees"}


def test_workshops_are_members_above_scale_that_upgraded(usual: Played) -> None:
    workshops = usual.monthly("digital_workshops")
    assert 0.0 < workshops.max() <= CLOUD["workshops"]
    assert workshops[0] == 0.0
    assert drive(24, workshops=1).monthly("digital_workshops").max() == 1.0
    assert not drive(24, workshops=0).monthly("digital_workshops").any()


def test_a_workshop_is_counted_the_month_after_its_upgrade() -> None:
    run = begun([policy("cloud_drive", payer={})], months=24, **RICH).step(4)
    institution, state = run.institution(), run.model.state
    members = institution.members
    large = members[above_scale(state, members)]
    fresh = np.setdiff1d(large, institution.workshops)
    assert fresh.size > 0
    before = institution.workshops.size
    state.firms.technology_gap[fresh[0]] = institution.gap_before[members == fresh[0]][0] - 1.0
    run.step(1)
    assert fresh[0] in institution.workshops
    assert institution.workshops.size > before


def test_the_first_year_stays_below_the_arithmetic_ceiling(usual: Played, without: Played) -> None:
    """At most every member climbs a rung at once, and buyers answer to its lower cost and better goods."""
    p, firms = usual.model.state.parameters, usual.model.state.firms
    members = usual.institution().members
    sold = float((firms.weight[members] * firms.revenue_year[members]).sum())
    labour = p.maker.labour_share * (p.technology.rung_productivity / p.production.labour_elasticity)
    ceiling = (p.demand.elasticity_suppliers - 1.0) * (labour + p.technology.rung_quality) * sold
    assert gain(usual, without) <= ceiling
    assert abs(gain(usual, without)) <= 0.01 * without.monthly("output_value")[:12].sum()


# --- files --------------------------------------------------------------------------------------------------


WRITTEN = """\
[[policy]]
id = "cloud"
type = "cloud_drive"
name = "Cloud"
start = "2026-01"
source = "hypothetical"
firms = 300
workshops = 10
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("firms = 300", "firms = -3", "E17", "firms"),
        ("workshops = 10", "workshops = 1.5", "E17", "workshops"),
        ("workshops = 10", 'workshops = 10\nfee_subsidy = "150%"', "E04", "fee_subsidy"),
        ("workshops = 10\n", "", "E15", "workshops"),
        ("workshops = 10", 'workshops = 10\nfee_subsidy = "50%"', "E15", "payer"),
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


def test_a_drive_needs_no_payer_but_a_subsidy_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "my", head() + WRITTEN)
    assert policy_of(load("my").scenario, "cloud").payer == {}
    with pytest.raises(InputErrors) as caught:
        begun([policy("cloud_drive", payer={}, later={FIRST + 6: {"fee_subsidy": 0.5}})], months=1)
    check_no_payer(caught.value, "the-cloud-drive")
