"""Public money and value for money."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.compare import compare
from sim.compare.money import MEASURES
from sim.state.record import MONEY_STAGES
from tests.compare.fake_run import make_pair, make_policy, make_scenario, month

YEARS = 5  # 2026 to 2030


# --- money ---


def test_money_is_added_over_the_window_by_payer():
    b, a = make_pair(30, money=1e6)
    money = compare(b, a).money
    assert money.paid_b == pytest.approx(60e6)
    assert money.paid_a == 0.0
    assert money.extra.p50 == pytest.approx(60e6)
    assert money.extra_by_payer == pytest.approx({"county": 36e6, "province": 24e6})
    assert money.each == pytest.approx(np.full(30, 60e6))


def test_discounted_money_by_hand():
    b, a = make_pair(30, money=1e6)
    money = compare(b, a, discount_rate=0.08).money
    by_hand = sum(1e6 * 1.08 ** (-m / 12) for m in range(12 * YEARS))
    assert money.extra_discounted.p50 == pytest.approx(by_hand)
    assert compare(b, a, discount_rate=0.0).money.extra_discounted.p50 == pytest.approx(60e6)


def test_unclaimed_is_promised_and_not_claimed_run_by_run():
    b, a = make_pair(30)
    amounts = np.zeros((30, len(b.months), 1, 2, len(MONEY_STAGES)))
    call = int(np.flatnonzero(b.months == month(2027, 3))[0])
    amounts[:, call, 0, 0, MONEY_STAGES.index("promised")] = 10.0
    amounts[:15, call, 0, 0, MONEY_STAGES.index("claimed")] = 4.0
    amounts[15:, call, 0, 0, MONEY_STAGES.index("claimed")] = 25.0
    b.amounts = amounts
    money = compare(b, a).money
    assert money.extra_promised == pytest.approx(10.0)
    assert money.extra_unclaimed == pytest.approx(3.0)


def test_rows_of_money_add_up_to_the_totals():
    b, a = make_pair(30)
    b.scenario = make_scenario("b", policies=(make_policy(), make_policy("park")))
    amounts = np.abs(np.sin(np.arange(30 * len(b.months) * 2 * 2 * len(MONEY_STAGES)))).reshape(
        30, len(b.months), 2, 2, len(MONEY_STAGES)
    )
    b.amounts = amounts
    money = compare(b, a).money
    for period in ("2026-2030", "2028"):
        rows = [row for row in money.rows if row.scenario == "b" and row.period == period]
        total = next(row for row in rows if row.policy == "all")
        single = [row for row in rows if row.policy != "all"]
        assert {(row.policy, row.payer) for row in single} == {
            (policy, payer) for policy in ("fund", "park") for payer in ("county", "province")
        }
        for stage in MONEY_STAGES:
            assert getattr(total, stage) == pytest.approx(sum(getattr(row, stage) for row in single))
    year = amounts[:, np.flatnonzero(b.months // 12 == 2028)].sum(axis=1).mean(axis=0)
    park = next(r for r in money.rows if (r.policy, r.payer, r.period) == ("park", "province", "2028"))
    assert park.paid == pytest.approx(year[1, 1, MONEY_STAGES.index("paid")])


FAIR, FUND = 0, 1
"""Positions of B's policies."""


def lagging(runs: int = 30, months: int = 6) -> tuple:
    """B's fund grants a million yuan a month from 2026 on and pays it ``months`` later; a fair is paid at once."""
    fair = make_policy("fair", type="fair")
    b, a = make_pair(runs, jobs=100.0, scenario_b=make_scenario("b", policies=(make_policy(), fair)))
    paid = MONEY_STAGES.index("paid")
    b.amounts[..., paid] = np.roll(b.amounts[..., paid], months, axis=1)
    b.amounts[:, b.months < month(2026, 1) + months, FUND, :, paid] = 0.0
    for stage in ("promised", "claimed", "granted", "paid"):
        b.amounts[:, b.months >= month(2026, 1), FAIR, 0, MONEY_STAGES.index(stage)] = 2e5
    return b, a


def test_grants_not_paid_by_the_end_are_told_and_not_lost():
    b, a = lagging()
    money = compare(b, a).money
    assert money.extra.mean == pytest.approx(54e6 + 12e6)
    assert money.extra_granted == pytest.approx(60e6)
    assert money.extra_outstanding == pytest.approx(6e6)
    assert money.each_granted == pytest.approx(np.full(30, 60e6 + 12e6))
    rows = {(row.policy, row.payer, row.period): row.outstanding for row in money.rows if row.scenario == "b"}
    assert rows["fund", "county", "2026-2030"] == rows["fund", "county", "2028"] == pytest.approx(3.6e6)
    assert rows["all", "all", "2027"] == pytest.approx(6e6)
    assert rows["fair", "county", "2027"] == 0.0


def test_a_type_of_ones_own_that_awards_grants_is_counted_as_a_fund_is():
    b, a = lagging()
    b.amounts[:, -1, FUND, 0, MONEY_STAGES.index("unmet")] = 1e6
    fair, fund = b.scenario.policies
    own = replace(b, scenario=replace(b.scenario, policies=(replace(fund, type="voucher"), fair)))
    expected, found = compare(b, a), compare(own, a)
    assert repr(found.money) == repr(expected.money)
    assert found.money.extra_granted == pytest.approx(60e6)
    assert repr(found.value) == repr(expected.value)
    assert [replace(one, type="fund") for one in found.shortfalls] == list(expected.shortfalls)


def test_grants_that_could_not_be_paid_are_not_outstanding():
    b, a = lagging()
    b.amounts[:, -1, FUND, 0, MONEY_STAGES.index("unmet")] = 1e6
    assert compare(b, a).money.extra_outstanding == pytest.approx(5e6)


def test_value_is_given_by_money_paid_and_by_money_granted():
    found = compare(*lagging())
    jobs = found.row("employment").difference.p50
    assert found.value_of("jobs_per_million").band.p50 == pytest.approx(jobs / 66.0)
    assert found.value_of("jobs_per_million", "granted").band.p50 == pytest.approx(jobs / 72.0)
    assert [(row.measure, row.basis) for row in found.value] == [
        (measure, basis) for basis in ("paid", "granted") for measure in MEASURES
    ]


def test_value_by_money_granted_holds_while_nothing_is_paid_yet():
    b, a = lagging(months=80)
    b.amounts[:, :, FAIR] = 0.0
    found = compare(b, a)
    assert found.money.extra.mean == 0.0
    assert not found.value_of("jobs_per_million").defined
    assert found.value_of("jobs_per_million", "granted").defined
    b.amounts[:2] = 0.0
    reason = compare(b, a).value_of("jobs_per_million", "granted").reason
    assert reason == "not defined: B grants no more than A in 2 of 30 runs"


def test_without_grants_there_is_one_kind_of_money():
    b, a = make_pair(30, scenario_b=make_scenario("b", policies=(make_policy("park", type="park"),)))
    found = compare(b, a)
    assert {row.basis for row in found.value} == {"paid"}
    assert found.value_of("tax_per_yuan", "granted") is found.value_of("tax_per_yuan")
    assert found.money.extra_outstanding == 0.0


def test_the_budget_is_what_was_promised_or_due():
    b, a = lagging()
    b.amounts[:, b.months == month(2027, 1), FAIR, 0, MONEY_STAGES.index("unmet")] = 3e6
    assert compare(b, a).money.extra_budget == pytest.approx(60e6 + 12e6 + 3e6)


# --- value ---


def test_value_by_hand():
    b, a = make_pair(30, gain=0.02, jobs=120.0, money=1e6)
    found = compare(b, a)
    assert found.value_of("jobs_per_million").band.p50 == pytest.approx(2.0)
    assert found.value_of("cost_per_job").band.p50 == pytest.approx(5e5)
    extra = found.row("output_value", "2026-2030").differences
    assert found.value_of("output_per_yuan").band.p50 == pytest.approx(np.median(extra / 60e6))
    tax = found.value_of("tax_per_yuan")
    each = found.row("tax_paid", "2026-2030").differences / 60e6
    assert tax.prob_paid_back == pytest.approx(np.mean(each >= 1.0))


def test_cost_per_job_is_the_reciprocal_with_its_ends_turned():
    b, a = make_pair(100, jobs=600.0, jobs_noise=400.0)
    found = compare(b, a)
    jobs, cost = found.value_of("jobs_per_million").band, found.value_of("cost_per_job").band
    assert cost.p05 == pytest.approx(1e6 / jobs.p95)
    assert cost.p50 == pytest.approx(1e6 / jobs.p50)
    assert cost.p95 == pytest.approx(1e6 / jobs.p05)
    assert math.isnan(cost.mean)


def test_cost_per_job_is_not_defined_when_runs_lose_jobs():
    b, a = make_pair(100, jobs=500.0, jobs_noise=2000.0)
    found = compare(b, a)
    lost = int((found.row("employment").differences < 0).sum())
    row = found.value_of("cost_per_job")
    assert 5 < lost < 50
    assert not row.defined
    assert row.reason == f"not defined: {lost} of 100 runs lose jobs"
    assert row.reason_zh == f"无法计算：100次推演中有{lost}次就业减少"
    assert not row.band.shown
    assert found.value_of("jobs_per_million").defined


def test_cost_per_job_without_any_change_in_jobs():
    b, a = make_pair(100, jobs=0.0)
    assert compare(b, a).value_of("cost_per_job").reason == "not defined: 100 of 100 runs gain no jobs"


def test_cost_per_job_needs_enough_runs():
    b, a = make_pair(8)
    assert compare(b, a).value_of("cost_per_job").reason == "not defined: 8 runs are too few to rule out lost jobs"


def test_nothing_is_divided_by_money_not_spent():
    b, a = make_pair(30, money=0.0)
    for row in compare(b, a).value:
        assert not row.defined
        assert row.reason == "not defined: B costs no more public money than A"
    b, a = make_pair(30)
    b.amounts[:3] = 0.0
    row = compare(b, a).value_of("tax_per_yuan")
    assert row.reason == "not defined: B costs no more than A in 3 of 30 runs"
    assert "30次推演中有3次" in row.reason_zh


def test_unpaired_value_counts_draws():
    b, a = make_pair(30, money=0.0)
    b.amounts[15:] = 1.0
    row = compare(b, a, unpaired=True).value_of("tax_per_yuan")
    assert row.reason == "not defined: B costs no more than A in 450 of 900 unpaired draws"
