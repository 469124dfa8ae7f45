"""A fund from its budget to the money in a firm's account."""

from __future__ import annotations

import numpy as np
import pytest

from sim.policies import acting, programmes
from sim.policies.fund import applications
from sim.state.record import AWARD
from tests.policies.hand_made import fund, state_of
from tests.policies.playing import FIRST, FUND, Played, begun, parameters, played, policy, province_share

RICH = {"county_balance": 1e9}
RULES = {
    "first_come": {"rule": "first_come"},
    "lottery": {"rule": "lottery"},
    "proportional": {"rule": "proportional"},
    "equal": {"rule": "equal"},
    "score": {"rule": "score", "weights": {"expected_jobs": 0.5, "automation": 0.3, "in_park": 0.2}},
}


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return a run of two years under the usual fund, paid at once, in a rich county."""
    return played([policy("fund")], **RICH)


def test_every_award_is_noted_with_its_purchase(usual: Played) -> None:
    bought = usual.record.awards
    assert bought.dtype == AWARD
    assert set(bought["policy"]) == {0}
    by_month = np.bincount(bought["month"] - FIRST, weights=bought["grant"], minlength=24)
    assert by_month == pytest.approx(usual.monthly("fund_granted"), rel=1e-9)
    assert np.all(bought["grant"] > 0.0)
    assert np.all(bought["grant"] <= FUND["grant_share"] * bought["spending"] * (1.0 + 1e-9))
    purchases = usual.record.purchases
    spent = dict(zip(zip(purchases["slot"], purchases["month"], strict=True), purchases["spending"], strict=True))
    assert [spent[slot, month] for slot, month in bought[["slot", "month"]]] == pytest.approx(bought["spending"])


def test_calls_are_held_in_their_months_alone(usual: Played) -> None:
    called = np.flatnonzero(usual.monthly("fund_claimed")) % 12 + 1
    assert set(called) <= set(FUND["call_months"])
    assert called.size >= 2
    assert np.all(usual.monthly("fund_granted") <= usual.monthly("fund_claimed") * (1.0 + 1e-12))


def test_the_books_of_a_fund_close(usual: Played) -> None:
    left = np.cumsum(usual.monthly("fund_promised") - usual.monthly("fund_granted") - usual.money("returned"))
    assert left == pytest.approx(usual.monthly("fund_unspent"), abs=1.0)
    for stage in ("promised", "claimed", "granted", "paid"):
        assert usual.money(stage) == pytest.approx(usual.monthly(f"fund_{stage}"), rel=1e-9)
    assert usual.monthly("fund_promised")[[0, 12]] == pytest.approx([40e6, 40e6])


def test_grants_reach_the_firms(usual: Played) -> None:
    firms, ever = usual.model.state.firms, usual.firms_ever()
    held = float((ever["grants"] * ever["weight"]).sum())
    assert held == pytest.approx(usual.monthly("fund_paid").sum(), rel=1e-9)
    assert set(np.flatnonzero(firms.grants > 0.0)) <= set(np.flatnonzero(firms.supported == 1))
    assert np.all(firms.tracked[firms.supported == 1] == 1)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_awards_never_exceed_the_budget(rule: str) -> None:
    run = played([policy("fund", annual_budget=3e6, allocation=RULES[rule])], months=18, **RICH)
    granted, promised = run.monthly("fund_granted"), run.monthly("fund_promised")
    assert granted.sum() > 0.0
    assert np.all(np.cumsum(granted) <= np.cumsum(promised) * (1.0 + 1e-9))
    assert run.monthly("fund_claimed").sum() > promised.sum()
    assert run.monthly("fund_unspent").min() >= -1e-6


@pytest.mark.parametrize("scale", [1, 10])
def test_the_cap_holds_for_each_firm_and_year(scale: int) -> None:
    cap = 30e3
    run = played([policy("fund", cap_per_firm=cap, call_months=(2, 4, 6, 9))], months=24, scale=scale, **RICH)
    bought, firms = run.record.awards, run.firms_ever()
    weight = dict(zip(firms["slot"].tolist(), firms["weight"].tolist(), strict=True))
    totals: dict[tuple[int, int], float] = {}
    for slot, month, grant in bought[["slot", "month", "grant"]].tolist():
        key = (slot, month // 12)
        totals[key] = totals.get(key, 0.0) + grant / weight[slot]
    assert max(totals.values()) == pytest.approx(cap, rel=1e-9)
    assert np.mean(np.array(list(totals.values())) < 0.999 * cap) > 0.1


def test_a_capped_grant_pays_for_what_is_bought_anyway() -> None:
    size = np.array([1.0, 40.0, 1.0])
    state = state_of(3, capital=0.4 * 0.37e7 * size, cash=1e12, expected_orders=size * 1e7 / 12.0)
    plain = programmes.purchases_planned(state, state.live, 1.0)[0]
    wanted = programmes.purchases_planned(state, state.live, 1.0 - FUND["grant_share"])[0]
    assert wanted.min() > 0.0
    middle = 0.5 * (plain[2] + wanted[2]) * FUND["grant_share"]
    terms = fund(cap_per_firm=1e6)
    offers = applications.projects(state, state.live, terms, np.array([0.0, 0.0, 1e6 - middle]), 0)
    assert offers.rows.tolist() == [0, 1, 2]
    assert offers.machine[0] == wanted[0] > 1.05 * plain[0]
    assert offers.machine[1] == plain[1], "far beyond the cap it buys what it would buy"
    assert offers.machine[2] == pytest.approx(0.5 * (plain[2] + wanted[2])), "and else stops where the grant does"
    assert offers.grants == pytest.approx([terms.grant_share * wanted[0], 1e6, middle])


def test_own_money_is_asked_for() -> None:
    shares = [0.0, 0.5, 0.95]
    claimed = [
        played([policy("fund", firm_co_finance_at_least=share)], months=3, **RICH).monthly("fund_claimed").sum()
        for share in shares
    ]
    assert claimed[0] > claimed[1] > claimed[2]


def test_small_projects_can_be_left_out() -> None:
    run = played([policy("fund", eligible={"project_at_least": 300e3})], months=12, **RICH)
    bought, firms = run.record.awards, run.firms_ever()
    assert bought.size > 0
    assert bought["spending"].min() >= 300e3
    assert np.all(firms["weight"] == 1.0)


def test_awards_are_paid_at_once_or_after_acceptance_and_a_lag() -> None:
    paid = {}
    for when, lag in (("on_award", 0), ("on_award", 3), ("after_acceptance", 2)):
        run = played([policy("fund", paid={"when": when, "lag_months": lag}, call_months=(2,))], months=14, **RICH)
        paid[when, lag] = np.flatnonzero(run.monthly("fund_paid")).tolist()
        assert np.flatnonzero(run.monthly("fund_granted")).tolist() == [1, 13]
    acceptance = round(parameters().government.acceptance_months)
    assert paid == {("on_award", 0): [1, 13], ("on_award", 3): [4], ("after_acceptance", 2): [1 + acceptance + 2]}


def test_what_was_awarded_is_what_is_paid_but_to_firms_that_closed() -> None:
    run = begun([policy("fund", call_months=(2,), paid={"when": "on_award", "lag_months": 4})], months=8, **RICH).step(
        2
    )
    ((month, rows, grants),) = run.institution().due
    assert month == FIRST + 5
    state = run.model.state
    slots = state.firms.slot[rows].copy()
    run.step(3)
    kept = (state.firms.alive[rows] == 1) & (state.firms.slot[rows] == slots)
    closed = rows[kept][:3]
    state.firms.alive[closed], state.firms.exit_month[closed], state.left = 0, state.month - 1, closed
    state.refresh_rows()
    acting.forget(run.model)
    before = state.firms.grants[closed].copy()
    kept &= state.firms.alive[rows] == 1
    run.step(1)
    assert 0 < kept.sum() <= rows.size - 3
    assert run.monthly("fund_paid")[-1] == pytest.approx(grants[kept].sum())
    assert state.firms.grants[closed].tolist() == before.tolist()


def test_money_left_is_carried_over_or_returned() -> None:
    small = {"annual_budget": 1e9, "call_months": (2,)}
    carried = played([policy("fund", unspent="carry_over", **small)], months=14, **RICH)
    returned = played([policy("fund", unspent="return", **small)], months=14, **RICH)
    left = carried.monthly("fund_unspent")
    assert left[12] == pytest.approx(left[11] + 1e9)
    assert carried.money("returned").sum() == 0.0
    assert returned.monthly("fund_unspent")[12] == pytest.approx(1e9)
    assert returned.money("returned")[12] == pytest.approx(returned.monthly("fund_unspent")[11])
    assert np.count_nonzero(returned.money("returned")) == 1


def test_payers_pay_their_shares() -> None:
    run = played([policy("fund", payer={"county": 0.6, "province": 0.4}, annual_budget=5e6)], months=12, **RICH)
    county, province = (run.money("paid", payer=payer) for payer in ("county", "province"))
    assert county.sum() > 0.0
    assert county == pytest.approx(1.5 * province, rel=1e-9)
    for stage in ("promised", "claimed", "granted"):
        assert run.money(stage, payer="county") == pytest.approx(1.5 * run.money(stage, payer="province"), rel=1e-9)


@pytest.mark.parametrize("lag", [0, 4])
@pytest.mark.parametrize("rule", sorted(RULES))
def test_awards_never_exceed_the_money_that_is_there(rule: str, lag: int) -> None:
    run = begun(
        [policy("fund", annual_budget=1e9, grant_share=0.99, cap_per_firm=1e9, call_months=(2, 3),
                allocation=RULES[rule], paid={"when": "on_award", "lag_months": lag})],
        months=9, county_balance=3e5, settings=parameters(government__programme_share=0.0),
    )  # fmt: skip
    county = run.model.governments["county", 0]
    for _ in range(9):
        run.step(1)
        assert county.committed(run.model.state.month) <= county.balance * (1.0 + 1e-9)
    granted = run.monthly("fund_granted")
    assert granted[:2].sum() > 0.0
    assert run.money("unmet").sum() == pytest.approx(run.monthly("public_money_unmet").sum())
    assert run.money("unmet").sum() > granted.sum()
    paid = run.money("paid").sum()
    assert 0.9 * granted.sum() <= paid <= granted.sum() * (1.0 + 1e-9)  # all but what firms that closed were awarded
    assert run.lowest["county:yongnian"] >= 0.0


def test_what_is_set_aside_for_an_award_is_not_spent_on_anything_else() -> None:
    run = begun(
        [policy("fund", call_months=(2,), paid={"when": "on_award", "lag_months": 8}), policy("fair")],
        months=12, county_balance=2e6,
        settings=parameters(government__programme_share=0.0),
    ).finish()  # fmt: skip
    assert run.money("granted", 0).sum() > 1e6
    assert run.money("paid", 0).sum() == pytest.approx(run.money("granted", 0).sum(), rel=0.05)  # but for closed firms
    assert run.money("unmet", 1).sum() > 0.0


def test_awards_wait_for_every_payer() -> None:
    run = begun(
        [policy("fund", annual_budget=100e6, payer={"county": 0.5, "province": 0.5})], months=3, county_balance=0.0,
        settings=parameters(government__programme_share=0.0, government__province_balance_share=province_share(1e9)),
    ).finish()  # fmt: skip
    assert run.money("claimed").sum() > 0.0
    assert run.money("granted").sum() == run.money("paid").sum() == 0.0
    assert run.money("unmet", payer="county").sum() == pytest.approx(0.5 * run.money("claimed").sum())


def test_a_fund_moves_investment_and_a_fund_of_nothing_moves_nothing() -> None:
    without, nothing, something = (
        played(policies, months=36, **RICH)
        for policies in ([], [policy("fund", annual_budget=0.0)], [policy("fund", annual_budget=100e6)])
    )
    assert np.array_equal(without.monthly("output_value"), nothing.monthly("output_value"))
    assert np.array_equal(without.monthly("investment"), nothing.monthly("investment"))
    added = something.monthly("investment").sum() - without.monthly("investment").sum()
    assert 0.0 < added < 5.0 * something.monthly("fund_granted").sum()


def test_terms_change_on_their_day() -> None:
    change = {FIRST + 12: {"annual_budget": 80e6, "grant_share": 0.1}}
    run, steady = (played([policy("fund", later=later)], months=20, **RICH) for later in (change, None))
    assert np.array_equal(run.record.monthly[:12], steady.record.monthly[:12])
    assert run.monthly("fund_promised")[[0, 12]] == pytest.approx([40e6, 80e6])
    later = run.record.awards
    later = later[later["month"] >= FIRST + 12]
    assert later.size > 0
    assert np.all(later["grant"] <= 0.1 * later["spending"] * (1.0 + 1e-9))


@pytest.mark.parametrize(("factor", "added"), [(2.0, 0.5), (0.5, -0.25)])
def test_a_budget_changed_in_july_changes_half_the_year(factor: float, added: float) -> None:
    change = {FIRST + 6: {"annual_budget": 1e9 * factor}}
    run = played([policy("fund", annual_budget=1e9, later=change)], months=13, **RICH)
    assert run.monthly("fund_promised")[[0, 6, 12]] == pytest.approx([1e9, added * 1e9, factor * 1e9])


def test_a_budget_cannot_be_cut_below_what_was_awarded() -> None:
    run = played([policy("fund", annual_budget=3e6, later={FIRST + 6: {"annual_budget": 0.0}})], months=13, **RICH)
    assert run.monthly("fund_unspent").min() >= 0.0
    assert run.monthly("fund_unspent")[6] == pytest.approx(max(run.monthly("fund_unspent")[5] - 1.5e6, 0.0))


def test_a_fund_ends_and_pays_what_it_promised() -> None:
    run = played(
        [policy("fund", annual_budget=1e9, end=FIRST + 17, paid={"when": "on_award", "lag_months": 8})],
        months=30,
        **RICH,
    )
    granted, paid = run.monthly("fund_granted"), run.monthly("fund_paid")
    assert np.flatnonzero(granted).max() == 17
    assert np.flatnonzero(paid).max() == 25
    # The year's budget opens in full: nobody knows in January that the fund will end in June. The rest goes back.
    assert run.monthly("fund_promised")[12] == pytest.approx(1e9)
    assert run.monthly("fund_promised")[13:].sum() == 0.0
    assert run.money("returned")[18] == pytest.approx(run.monthly("fund_unspent")[17])
    assert np.all(run.monthly("fund_unspent")[18:] == 0.0)


def test_a_stop_leaves_the_months_before_it_alone() -> None:
    whole, stopped = (
        played([policy("fund", annual_budget=1e9, end=end)], months=24, **RICH) for end in (None, FIRST + 16)
    )
    assert np.array_equal(whole.record.monthly[:17], stopped.record.monthly[:17])
    assert not np.array_equal(whole.record.monthly[17:], stopped.record.monthly[17:])


def test_a_fund_that_starts_later_leaves_the_months_before_alone() -> None:
    run, without = (played(policies, months=18, **RICH) for policies in ([policy("fund", start=FIRST + 13)], []))
    assert np.array_equal(run.record.monthly[:13], without.record.monthly[:13])
    assert run.monthly("fund_promised")[13] == pytest.approx(40e6 * 11 / 12)
