"""Stands at fairs abroad."""

from __future__ import annotations

import numpy as np
import pytest

from sim.state.ledger import FIRMS
from tests.policies.playing import EXHIBITION, FIRST, begun, parameters, played, policy

RICH = {"county_balance": 1e9}
APRIL = 3


def sent(run) -> float:
    """Return the firms sent, from what was paid for them."""
    cost = parameters().fair.stand_cost_abroad * EXHIBITION["stand_subsidy"]
    return float(run.money("paid").sum()) / cost


def test_firms_are_sent_in_their_month_and_public_money_pays_its_share() -> None:
    run = played([policy("exhibition")], months=24, **RICH)
    assert np.flatnonzero(run.money("paid")).tolist() == [APRIL, APRIL + 12]
    assert sent(run) == pytest.approx(2 * EXHIBITION["firms_sent"])
    assert run.by_purpose["exhibition"] == pytest.approx(run.money("paid").sum())
    assert np.flatnonzero(run.monthly("exhibition_contacts")).tolist() == [APRIL, APRIL + 12]


def test_firms_pay_the_rest() -> None:
    run = begun([policy("exhibition")], months=4, **RICH)
    run.step(3)
    ledger, seen = run.model.state.ledger, []
    transfer = ledger.transfer

    def noting(source, target, amount, purpose, *payers):
        moved = transfer(source, target, amount, purpose, *payers)
        seen.append((purpose, source, moved))
        return moved

    ledger.transfer = noting  # type: ignore[method-assign]
    run.step(1)
    own = sum(moved for purpose, source, moved in seen if (purpose, source) == ("exhibition", FIRMS))
    stand = parameters().fair.stand_cost_abroad
    assert own == pytest.approx((1.0 - EXHIBITION["stand_subsidy"]) * stand * EXHIBITION["firms_sent"])


def test_a_dear_stand_is_for_large_firms() -> None:
    """Without a subsidy only firms that hope to earn the stand back go; with all of it paid anybody would."""
    cheap, dear = (
        begun([policy("exhibition", firms_sent=100_000, stand_subsidy=share)], months=4, **RICH).finish()
        for share in (1.0, 0.0)
    )
    assert dear.money("paid").sum() == 0.0
    assert cheap.monthly("exhibition_contacts").sum() > dear.monthly("exhibition_contacts").sum() > 0.0


def test_more_firms_meet_more_buyers_and_export_more() -> None:
    none, some, many = (
        played([policy("exhibition", firms_sent=number)] if number else [], months=18, **RICH) for number in (0, 5, 60)
    )
    contacts = [run.monthly("exhibition_contacts").sum() for run in (none, some, many)]
    sales = [run.monthly("exhibition_sales").sum() for run in (none, some, many)]
    assert contacts[0] == sales[0] == 0.0
    assert contacts[2] > contacts[1] > 0.0
    assert sales[2] > sales[1] > 0.0
    assert many.monthly("exports").sum() > none.monthly("exports").sum()
    assert np.array_equal(none.record.monthly[:APRIL], many.record.monthly[:APRIL])


def test_only_foreign_buyers_of_the_countries_visited_are_met() -> None:
    run = begun([policy("exhibition", countries=5, firms_sent=50)], months=4, **RICH).step(3)
    buyers = run.model.state.buyers
    before = buyers.attended.copy()
    run.step(1)
    met = run.model.state.buyers.attended > before
    assert met.any()
    assert np.all(buyers.foreign[met] == 1)
    assert np.unique(buyers.country[met]).size <= 5


def test_countries_take_turns() -> None:
    visited = []
    run = begun([policy("exhibition", countries=5, firms_sent=50)], months=28, **RICH).step(3)
    for _ in range(2):
        before = run.model.state.buyers.attended.copy()
        run.step(1)
        met = run.model.state.buyers.attended > before
        visited.append(set(np.unique(run.model.state.buyers.country[met]).tolist()))
        run.step(11)
    assert visited[0]
    assert visited[0] != visited[1]


def test_a_county_short_of_money_sends_fewer() -> None:
    stand = parameters().fair.stand_cost_abroad * EXHIBITION["stand_subsidy"]
    run = begun(
        [policy("exhibition")], months=4, county_balance=4.0 * stand,
        settings=parameters(government__programme_share=0.0),
    ).finish()  # fmt: skip
    assert sent(run) == pytest.approx(4.0, rel=1e-6)
    assert run.money("unmet").sum() == pytest.approx(6.0 * stand, rel=1e-6)
    assert run.lowest["county:yongnian"] >= 0.0


def test_it_ends_and_changes() -> None:
    run = played([policy("exhibition", end=FIRST + 5)], months=24, **RICH)
    assert np.flatnonzero(run.money("paid")).tolist() == [APRIL]
    doubled = played([policy("exhibition", later={FIRST + 12: {"firms_sent": 20}})], months=24, **RICH)
    assert doubled.money("paid")[APRIL + 12] == pytest.approx(2.0 * doubled.money("paid")[APRIL])


def test_a_delegation_of_nobody_does_nothing() -> None:
    none, nobody = played([], months=6), played([policy("exhibition", firms_sent=0)], months=6)
    assert np.array_equal(none.record.monthly, nobody.record.monthly)
