"""Logistics parks and e-commerce parks: places, rent, cheaper delivery, and shops that buyers look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sim.inputs.problems import InputErrors
from sim.scenario.loader import load
from sim.state.columns import MEMBER_TRADE_PARK, ORIGIN_E_COMMERCE, SUPPLIER
from tests.policies.playing import FIRST, Played, begun, parameters, played
from tests.policies.trading import CONTACTS, LOGISTICS, RICH, SHOPS, gain, policy, same_to_the_bit, touched, watch_firms
from tests.scenario.written import head, write


def park(months: int = 12, **changes: object) -> Played:
    """Return a run with a logistics park, or with what the changes make of it."""
    return played([policy("trade_park", changes)], months=months, **RICH)


@pytest.fixture(scope="module")
def without() -> Played:
    """Return two years without a park."""
    return played([], months=24, **RICH)


@pytest.fixture(scope="module")
def logistics() -> Played:
    """Return two years with a logistics park."""
    return park(24)


@pytest.fixture(scope="module")
def shops() -> Played:
    """Return two years with an e-commerce park that aims abroad."""
    return park(24, **SHOPS)


@pytest.mark.parametrize("usual", [LOGISTICS, SHOPS])
def test_a_park_without_places_is_none(usual: dict[str, object]) -> None:
    nothing = park(6, **{**usual, "plots": 0, "build_cost": 0.0})
    assert same_to_the_bit(nothing, played([], months=6, **RICH))


@pytest.mark.parametrize("usual", [LOGISTICS, SHOPS])
def test_months_before_it_starts_are_left_alone(usual: dict[str, object], without: Played) -> None:
    run = played([policy("trade_park", usual, start=FIRST + 6)], months=12, **RICH)
    assert np.array_equal(run.record.monthly[:6], without.record.monthly[:6])
    assert run.monthly("trade_park_tenants")[6] > 0.0


def test_building_is_paid_when_it_opens(logistics: Played) -> None:
    assert np.flatnonzero(logistics.money("paid")).tolist() == [0]
    assert logistics.money("paid")[0] == LOGISTICS["build_cost"]
    assert logistics.by_purpose == {"trade park construction": LOGISTICS["build_cost"]}


def test_what_cannot_be_paid_for_is_not_built() -> None:
    settings = parameters(government__programme_share=0.0)
    poor = begun([policy("trade_park")], months=12, settings=settings, county_balance=1e6).finish()
    assert poor.money("unmet")[0] == pytest.approx(4e6)
    assert 0.0 < poor.monthly("trade_park_tenants").max() <= 0.2 * LOGISTICS["plots"]
    assert poor.lowest["county:yongnian"] >= -1e-6


def test_places_added_later_are_paid_for_then() -> None:
    more = {"plots": 2 * LOGISTICS["plots"], "build_cost": 2 * LOGISTICS["build_cost"]}
    run = played([policy("trade_park", later={FIRST + 6: more})], months=12, **RICH)
    assert np.flatnonzero(run.money("paid")).tolist() == [0, 6]
    assert run.money("paid")[6] == LOGISTICS["build_cost"]
    assert run.monthly("trade_park_tenants")[11] > LOGISTICS["plots"]


def test_a_park_older_than_the_run_is_built_and_taken() -> None:
    run = played([policy("trade_park", start=FIRST - 30)], months=3, **RICH)
    assert run.money("paid").sum() == 0.0
    assert run.monthly("trade_park_tenants")[0] > 0.9 * LOGISTICS["plots"]


@pytest.mark.parametrize("usual", [LOGISTICS, SHOPS])
def test_rent_goes_from_tenants_to_the_county(usual: dict[str, object]) -> None:
    run = begun([policy("trade_park", usual)], months=8, **RICH)
    paid = watch_firms(run)
    run.finish()
    rent = run.monthly("trade_park_rent")
    assert rent == pytest.approx(run.monthly("trade_park_tenants") * LOGISTICS["rent"] / 12.0)
    assert paid["trade park rent -> county:yongnian"] == pytest.approx(rent.sum())
    state = run.model.state
    kept = state.parameters.government.programme_share * run.monthly("county_tax_receipts")
    assert np.diff(run.monthly("county_balance")) == pytest.approx((kept + rent)[1:], rel=1e-6)


def test_tenants_fill_the_places_and_no_more(logistics: Played, shops: Played) -> None:
    for run in (logistics, shops):
        tenants = run.monthly("trade_park_tenants")
        assert tenants.max() <= LOGISTICS["plots"]
        assert tenants[-1] > 0.8 * LOGISTICS["plots"]
        state, rows = run.model.state, run.institution().members
        marked = state.live[state.firms.member[state.live] & MEMBER_TRADE_PARK != 0]
        assert np.array_equal(marked, np.sort(rows[state.firms.alive[rows] == 1]))
        assert not np.any(state.firms.tier[rows] == SUPPLIER)


def test_dear_places_stay_empty(logistics: Played) -> None:
    dear = park(6, rent=1e6).monthly("trade_park_tenants")
    assert dear.max() < 0.2 * logistics.monthly("trade_park_tenants")[5]


def test_more_places_take_more_tenants(logistics: Played) -> None:
    large = park(24, plots=200)
    assert large.monthly("trade_park_tenants")[-1] > logistics.monthly("trade_park_tenants")[-1]
    assert large.monthly("profit").sum() > logistics.monthly("profit").sum()


def test_more_shops_are_looked_at_with_falling_returns(shops: Played) -> None:
    """One shop against fifty: five already show all that lookers have time for, and sales beyond that are chance."""
    one = park(24, **{**SHOPS, "plots": 1})
    contacts = [run.monthly("e_commerce_contacts").sum() for run in (one, shops)]
    assert 0.0 < contacts[0] < contacts[1] < 10.0 * contacts[0]
    assert shops.monthly("e_commerce_sales").sum() > one.monthly("e_commerce_sales").sum() > 0.0
    five = park(24, **{**SHOPS, "plots": 5}).monthly("e_commerce_contacts").sum()
    assert contacts[1] < 1.5 * five


def test_each_kind_has_its_own_levers() -> None:
    logistics = begun([policy("trade_park")], months=12, **RICH).step(3)
    assert touched(logistics, 9) == {"firms.member", "firms.cash", "firms.fees", "firms.overhead_saving"}
    shops = begun([policy("trade_park", SHOPS)], months=18, **RICH).step(3)
    # A new link is of age 0, which may be what stood there.
    found = touched(shops, 15) | {"buyers.link_age"}
    assert found == {"firms.member", "firms.cash", "firms.fees"} | CONTACTS


@pytest.mark.parametrize(("buyers", "abroad"), [("foreign", 1), ("domestic", 0), (None, 1)])
def test_a_shop_is_looked_at_by_the_buyers_it_aims_at(buyers: str | None, abroad: int) -> None:
    run = park(24, **{**SHOPS, "buyers": buyers})
    table = run.model.state.buyers
    met = ((table.link_origin == ORIGIN_E_COMMERCE) & (table.supplier >= 0)).any(axis=1)
    assert met.any()
    assert np.all(table.foreign[met] == abroad)


def test_the_first_year_stays_below_the_arithmetic_ceiling(logistics: Played, shops: Played, without: Played) -> None:
    """Delivery saved can at most be spent on goods; shops win at most what is sold through them."""
    output = without.monthly("output_value")[:12].sum()
    p = parameters()
    saved = p.trade_park.delivery_saving * p.maker.overhead_share * output
    assert abs(gain(logistics, without)) <= saved
    assert gain(shops, without) <= shops.monthly("e_commerce_sales")[:12].sum() + 0.0005 * output
    for run in (logistics, shops):
        assert abs(gain(run, without)) <= 0.02 * output


def test_it_ends() -> None:
    run = played([policy("trade_park", end=FIRST + 5)], months=9, **RICH)
    assert not run.monthly("trade_park_tenants")[6:].any()
    assert not run.monthly("trade_park_rent")[6:].any()
    state = run.model.state
    assert not (state.firms.member[state.live] & MEMBER_TRADE_PARK).any()
    assert not state.firms.overhead_saving[state.live].any()


# --- files --------------------------------------------------------------------------------------------------


WRITTEN = """\
[[policy]]
id = "shops"
type = "trade_park"
name = "Shops"
start = "2026-01"
source = "hypothetical"
payer = "county"
kind = "e_commerce"
buyers = "foreign"
build_cost = "40 million yuan"
plots = 200
rent = "12000 yuan/year"
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('"e_commerce"', '"ecommerce"', "E16", "e_commerce"),
        ('"foreign"', '"abroad"', "E16", "foreign"),
        ('"12000 yuan/year"', "12000", "E02", "rent"),
        ('payer = "county"\n', "", "E15", "payer"),
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


def test_a_logistics_park_has_no_buyers() -> None:
    with pytest.raises(ValidationError, match="not_together"):
        policy("trade_park", {"buyers": "foreign"})
