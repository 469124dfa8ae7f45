"""Dealers and outlets: who keeps them, who pays, and whom they bring to talk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.inputs.problems import InputErrors
from sim.policies.classification import above_scale
from sim.scenario.loader import load
from sim.state.columns import MEMBER_DEALERS, ORIGIN_DEALERS
from tests.policies.playing import FIRST, Played, begun, parameters, played
from tests.policies.trading import (
    AT_HOME,
    DEALERS,
    RICH,
    check_no_payer,
    gain,
    policy,
    same_to_the_bit,
    touched,
    watch_firms,
)
from tests.scenario.written import head, policy_of, write

SIZE = DEALERS["dealers"] + DEALERS["outlets"]


def network(months: int = 12, start: int = FIRST, **changes: object) -> Played:
    """Return a run with a network."""
    return played([policy("dealer_network", changes, start=start)], months=months, **RICH)


@pytest.fixture(scope="module")
def without() -> Played:
    """Return two years without a network."""
    return played([], months=24, **RICH)


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return two years with a network at home."""
    return network(24)


@pytest.fixture(scope="module")
def abroad() -> Played:
    """Return two years with a network in twenty countries."""
    return network(24, countries=20)


def test_a_network_without_dealers_is_none() -> None:
    assert same_to_the_bit(network(6, dealers=0, outlets=0), played([], months=6, **RICH))


def test_months_before_it_starts_are_left_alone(without: Played) -> None:
    run = network(12, start=FIRST + 6)
    assert np.array_equal(run.record.monthly[:6], without.record.monthly[:6])
    assert run.monthly("sales_outlets")[6] > 0.0


def test_firms_pay_for_what_they_keep() -> None:
    run = begun([policy("dealer_network")], months=6, **RICH)
    paid = watch_firms(run)
    run.finish()
    kept = run.monthly("sales_outlets")
    assert np.all((kept > 0.5 * SIZE) & (kept <= SIZE))
    assert paid["dealers and outlets -> rest_of_world"] == pytest.approx(kept.sum() * DEALERS["outlet_cost"] / 12.0)
    assert run.monthly("public_money_paid").sum() == 0.0


def test_a_subsidy_takes_its_share() -> None:
    run = begun([policy("dealer_network", {"subsidy": 0.25})], months=6, **RICH)
    paid = watch_firms(run)
    run.finish()
    own, public = paid["dealers and outlets -> rest_of_world"], run.money("paid").sum()
    assert public == pytest.approx(0.25 * (own + public))
    assert run.by_purpose["dealer network"] == pytest.approx(public)
    assert run.monthly("public_money_paid").sum() == pytest.approx(public)


def test_outlets_whose_subsidy_does_not_come_stay_shut() -> None:
    settings = parameters(government__programme_share=0.0)
    full = policy("dealer_network", {"subsidy": 1.0})
    run = begun([full], months=3, settings=settings, county_balance=1.5 * SIZE * DEALERS["outlet_cost"] / 12.0).finish()
    assert run.monthly("sales_outlets") == pytest.approx([SIZE, 0.5 * SIZE, 0.0], abs=1e-6)
    assert run.money("unmet")[1:] == pytest.approx(np.array([0.5, 1.0]) * SIZE * DEALERS["outlet_cost"] / 12.0)


def test_dear_outlets_are_kept_only_as_far_as_firms_can_pay(usual: Played) -> None:
    dear = network(6, outlet_cost=30e6).monthly("sales_outlets")
    assert 0.0 < dear[0] < usual.monthly("sales_outlets")[0]
    budget = parameters().dealers.selling_share * 1.5 * 4.2e9
    assert dear.max() * 30e6 <= budget


def test_a_network_older_than_the_run_is_there_and_paid_in_overhead() -> None:
    run = begun([policy("dealer_network", start=FIRST - 30)], months=4, **RICH)
    state = run.model.state
    known = state.buyers.link_origin[state.buyers.supplier >= 0]
    assert np.any(known == ORIGIN_DEALERS)
    paid = watch_firms(run)
    run.finish()
    assert run.monthly("sales_outlets") == pytest.approx(SIZE)
    assert run.monthly("dealer_sales")[0] > 0.0
    assert paid.get("dealers and outlets -> rest_of_world", 0.0) == 0.0


def test_what_is_added_to_an_old_network_is_paid_for() -> None:
    twice = {"dealers": 2 * DEALERS["dealers"], "outlets": 2 * DEALERS["outlets"]}
    run = begun([policy("dealer_network", start=FIRST - 30, later={FIRST + 2: twice})], months=4, **RICH)
    paid = watch_firms(run)
    run.finish()
    more = run.monthly("sales_outlets")[2:] - SIZE
    assert np.all(more > 0.0)
    assert paid["dealers and outlets -> rest_of_world"] == pytest.approx(more.sum() * DEALERS["outlet_cost"] / 12.0)


def test_it_touches_only_cash_marks_and_contacts() -> None:
    run = begun([policy("dealer_network")], months=12, **RICH).step(6)
    assert touched(run, 6) == AT_HOME | {"firms.member", "firms.cash", "firms.fees"}


def test_owners_are_those_the_terms_name() -> None:
    run = network(3, firms="above_scale")
    state, owners = run.model.state, run.institution().members
    assert owners.size > 0
    assert np.mean(above_scale(state, owners)) > 0.9  # revenue has moved on since they were chosen
    marked = np.flatnonzero(state.firms.member & MEMBER_DEALERS)
    assert np.array_equal(marked, owners)
    assert not network(3, firms="honours:little_giant").monthly("sales_outlets").any()


def test_buyers_at_home_or_of_the_countries_covered_are_met() -> None:
    for countries in (0, 5):
        run = begun([policy("dealer_network", {"countries": countries})], months=12, **RICH).finish()
        buyers = run.model.state.buyers
        met = ((buyers.link_origin == ORIGIN_DEALERS) & (buyers.supplier >= 0)).any(axis=1)
        assert met.any()
        assert np.all(buyers.foreign[met] == (countries > 0))
        assert np.all(buyers.country[met] <= countries)


def test_more_dealers_meet_more_buyers_with_falling_returns(usual: Played) -> None:
    small, large = (
        network(24, dealers=factor * 20, outlets=factor * 40).monthly("dealer_contacts").sum() for factor in (0, 16)
    )
    middle = usual.monthly("dealer_contacts").sum()
    assert small == 0.0 < middle < large < 16.0 * middle
    assert usual.monthly("dealer_sales").sum() > 0.0


def test_abroad_it_is_counted_as_such_and_exports_rise(abroad: Played, without: Played) -> None:
    assert abroad.monthly("sales_outlets").sum() == 0.0
    ratio = abroad.monthly("foreign_outlets") / abroad.monthly("overseas_dealers")
    assert ratio == pytest.approx(DEALERS["outlets"] / DEALERS["dealers"])
    assert gain(abroad, without, "exports", 24) > 0.0


def test_the_first_year_stays_below_the_arithmetic_ceiling(usual: Played, abroad: Played, without: Played) -> None:
    """What is won is at most what is sold through the network, and what neighbours sell to those who move on.

    A foreign buyer who drops a supplier stays in the county with the chance of the literature. At home most of what
    is sold through dealers is taken from neighbours.
    """
    noise = 0.0005 * without.monthly("output_value")[:12].sum()
    stays = 1.0 / (1.0 - parameters().links.same_county)
    for run, factor in ((usual, 1.0), (abroad, stays)):
        assert gain(run, without) <= factor * run.monthly("dealer_sales")[:12].sum() + noise
    assert gain(abroad, without, "exports") <= stays * abroad.monthly("dealer_sales")[:12].sum()
    assert gain(usual, without, months=24) < 0.5 * usual.monthly("dealer_sales").sum()


def test_it_ends() -> None:
    run = played([policy("dealer_network", end=FIRST + 5)], months=9, **RICH)
    assert not run.monthly("sales_outlets")[6:].any()
    assert not run.monthly("dealer_contacts")[6:].any()
    assert not (run.model.state.firms.member & MEMBER_DEALERS).any()


# --- files --------------------------------------------------------------------------------------------------


WRITTEN = """\
[[policy]]
id = "dealers"
type = "dealer_network"
name = "Dealers"
start = "2026-01"
source = "hypothetical"
dealers = 50
outlets = 9000
countries = 60
firms = "lead"
outlet_cost = "30000 yuan/year"
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('firms = "lead"', 'firms = "leads"', "E16", "lead"),
        ('"30000 yuan/year"', '"30000"', "E02", "unit"),
        ("outlets = 9000", 'outlets = "9000"', "E17", "outlets"),
        ("countries = 60\n", "", "E15", "countries"),
        ("countries = 60", 'countries = 60\nsubsidy = "10%"', "E15", "payer"),
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


def test_it_needs_no_payer_but_a_subsidy_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "my", head() + WRITTEN)
    assert policy_of(load("my").scenario, "dealers").payer == {}
    with pytest.raises(InputErrors) as caught:
        begun([policy("dealer_network", payer={}, later={FIRST + 6: {"subsidy": 0.5}})], months=1)
    check_no_payer(caught.value, "the-dealer-network")
