"""Take-up of a fund: every eligible firm is accounted for at every call, with the reason why it did not apply."""

from __future__ import annotations

import numpy as np
import pytest

from sim.compare.additionality import spent_by
from sim.observables import INDEX
from sim.state.record import TAKE_UP
from tests.policies.playing import FIRST, Played, played, policy

RICH = {"county_balance": 1e9}


def counts(run: Played, measure: int = 0) -> dict[str, float]:
    """Return what became of firms at all calls together: their number, or the yuan of grants."""
    return dict(zip(TAKE_UP, run.record.take_up.sum(axis=(0, 1))[:, measure].tolist(), strict=True))


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return two years of a fund that is asked for more than it has."""
    asked = {"project_at_least": 200e3}
    return played([policy("fund", annual_budget=3e6, cap_per_firm=60e3, eligible=asked)], months=24, **RICH)


def test_the_eligible_are_those_who_applied_and_those_who_had_a_reason_not_to(usual: Played) -> None:
    found = counts(usual)
    reasons = ("no_project", "too_small", "no_own_money", "at_the_cap")
    assert found["eligible"] == sum(found[name] for name in (*reasons, "applied"))
    assert found["applied"] == found["granted"] + found["not_chosen"]
    assert all(found[name] > 0.0 for name in (*reasons, "not_chosen", "granted"))
    assert found["calls"] == 4.0


def test_yuan_agree_with_the_accounts_of_the_fund(usual: Played) -> None:
    found = counts(usual, 1)
    for outcome, stage in (("applied", "claimed"), ("granted", "granted"), ("paid", "paid")):
        assert found[outcome] == pytest.approx(usual.money(stage).sum(), rel=1e-9), outcome
    assert found["applied"] == pytest.approx(found["granted"] + found["not_chosen"], rel=1e-9)
    assert found["no_project"] == 0.0
    awards = usual.record.awards
    assert awards.size == pytest.approx(counts(usual)["granted"])
    assert awards["revenue"].min() > 0.0


def test_who_must_bring_own_money_more_often_lacks_it() -> None:
    few, many = (
        counts(played([policy("fund", firm_co_finance_at_least=share)], months=6, **RICH)) for share in (0.1, 0.9)
    )
    assert many["no_own_money"] > few["no_own_money"]
    assert many["applied"] < few["applied"]


def test_awards_of_firms_that_close_before_they_are_paid_are_told() -> None:
    late = policy("fund", paid={"when": "on_award", "lag_months": 10})
    found = counts(played([late], months=24, **RICH))
    assert found["closed"] > 0.0
    assert found["granted"] >= found["paid"] + found["closed"]


def test_every_purchase_of_makers_is_noted(usual: Played) -> None:
    """With what suppliers buy it is the place's equipment investment."""
    purchases = usual.record.purchases
    by_month = np.bincount(purchases["month"] - usual.record.first_month, weights=purchases["spending"], minlength=24)
    investment = usual.monthly("investment")
    assert np.all(by_month <= investment * (1.0 + 1e-6))
    assert by_month.sum() > 0.8 * investment.sum()


@pytest.fixture(scope="module")
def pair() -> tuple[Played, Played]:
    """Return two years with a fund from the second year on, and without one."""
    return played([policy("fund", start=FIRST + 12)], months=24, **RICH), played([], months=24, **RICH)


def test_before_there_was_a_fund_nothing_was_moved(pair: tuple[Played, Played]) -> None:
    b, a = (run.record for run in pair)
    slots = np.unique(b.awards["slot"])
    before, waiting, later = (
        [spent_by(record.purchases, slots, first, months) for record in (b, a)]
        for first, months in ((FIRST, 12), (FIRST + 12, 1), (FIRST + 13, 11))
    )
    assert before[0] == before[1] > 0.0
    # In January firms hold projects back for the call of February: they count as much as what is bought with grants.
    assert waiting[0] < waiting[1]
    assert later[0] > later[1]


def test_what_the_place_wins_producers_elsewhere_lose(pair: tuple[Played, Played]) -> None:
    b, a = (run.record for run in pair)
    for side, name in enumerate(("domestic_orders", "foreign_orders")):
        won = b.monthly[:, 0, INDEX[name]] - a.monthly[:, 0, INDEX[name]]
        lost = a.elsewhere[:, 0, side] - b.elsewhere[:, 0, side]
        total = a.monthly[:, 0, INDEX[name]] + a.elsewhere[:, 0, side]
        assert np.abs(won - lost).max() <= 1e-12 * total.max()
    assert np.abs(b.elsewhere - a.elsewhere).max() > 0.0
