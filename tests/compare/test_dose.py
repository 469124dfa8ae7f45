"""Dose and response: numbers worked out by hand, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.compare.dose import TIMES, WITHIN, curve_name, dose_response, plan
from sim.errors import UserError
from sim.scenario.dosing import find_policy
from tests.compare.doses import BUDGET, GAIN, MONTHLY_MONEY, curve, toy_run
from tests.compare.fake_run import make_place, make_scenario, month


def test_differences_are_those_of_each_pair_against_zero() -> None:
    found = curve((0.0, 1.0, 4.0), 24)
    assert [dose.times for dose in found.doses] == [0.0, 1.0, 4.0]
    assert found.at == 2030
    zero, once, four = found.doses
    assert np.array_equal(zero.difference.differences, np.zeros(24))
    spread = 1.0 + (np.arange(24) - 11.5) / 24
    assert once.difference.differences == pytest.approx(12 * GAIN * spread)
    assert once.difference.difference.p50 == pytest.approx(12 * GAIN)
    assert four.difference.difference.p50 == pytest.approx(2 * 12 * GAIN)
    assert four.difference.difference.p95 == pytest.approx(np.quantile(24 * GAIN * spread, 0.95))
    assert four.difference.prob_higher == 1.0
    assert once.replicates == tuple(range(24))


def test_money_is_that_of_the_years_since_the_policy_began() -> None:
    found = curve((0.0, 0.5, 2.0), 24)
    assert found.window == (2026, 2030)
    assert [dose.money.p50 for dose in found.doses] == pytest.approx([0.0, 30 * MONTHLY_MONEY, 120 * MONTHLY_MONEY])
    assert curve((0.0, 1.0), 24, start=month(2028, 7)).window == (2028, 2030)
    assert curve((0.0, 1.0), 24, start=month(2020, 1)).window == (2024, 2030)
    assert curve((0.0, 1.0), 24, at=2027).doses[1].money.p50 == pytest.approx(24 * MONTHLY_MONEY)


def test_a_flow_for_each_million_is_added_up_and_a_stock_is_taken_at_the_end() -> None:
    _, once, four = curve((0.0, 1.0, 4.0), 24).doses
    assert once.per_million is not None
    assert four.per_million is not None
    assert once.per_million.p50 == pytest.approx(60 * GAIN / (60 * MONTHLY_MONEY / 1e6))
    assert four.per_million.p50 == pytest.approx(once.per_million.p50 / 2)
    jobs = curve((0.0, 1.0), 24, on="employment").doses[1]
    assert jobs.difference.difference.p50 == -100.0
    assert jobs.per_million is not None
    assert jobs.per_million.p50 == pytest.approx(-100.0 / (60 * MONTHLY_MONEY / 1e6))


def test_nothing_is_divided_by_money_that_is_not_paid() -> None:
    found = curve((0.0, 1.0), 24)
    assert found.zero.per_million is None
    runs = [toy_run(factor, 24) for factor in (0.0, 1.0)]
    assert runs[1].amounts is not None
    runs[1].amounts[3] = 0.0  # one replicate pays nothing
    assert dose_response(runs, (0.0, 1.0), "fund", ("annual_budget",)).doses[1].per_million is None  # type: ignore[arg-type]


def test_the_policys_own_observable_levels_off_where_it_does() -> None:
    found = curve((0.0, 1.0, 2.0, 4.0), 24)
    assert found.reach.name == "fund_granted"
    assert [dose.reach.difference.p50 for dose in found.doses] == pytest.approx([0.0, 6e8, 12e8, 12e8])


def test_a_funds_ceiling_is_its_budgets() -> None:
    found = curve((0.0, 1.0, 4.0), 24)
    assert found.ceiling_of == "grants"
    zero, once, four = found.doses
    assert once.ceiling == 5 * BUDGET
    assert once.share_of_ceiling == pytest.approx(60 * MONTHLY_MONEY / (5 * BUDGET))
    assert four.ceiling == 20 * BUDGET
    assert math.isnan(zero.share_of_ceiling)
    assert curve((0.0, 1.0), 24, at=2026).doses[1].ceiling == BUDGET
    share = curve((0.0, 1.0), 24, fields=("grant_share",))
    assert share.ceiling_of == ""
    assert math.isnan(share.doses[1].ceiling)


def test_a_fairs_ceiling_is_what_its_guests_state_if_they_behave_as_reported() -> None:
    invited = ("booths", "domestic_buyers_invited", "foreign_buyers_invited")
    found = curve((0.0, 0.5, 2.0), 24, kind="fair", fields=invited)
    assert (found.ceiling_of, found.ceiling_year) == ("orders", 2024)
    _, half, twice = found.doses
    assert half.ceiling == pytest.approx(0.5 * 190e6)
    assert twice.ceiling == pytest.approx(2 * 190e6)
    assert twice.share_of_ceiling == pytest.approx(12 * GAIN * math.sqrt(2) / 380e6)
    assert curve((0.0, 1.0), 24, kind="fair", fields=invited, on="employment").ceiling_of == ""
    assert curve((0.0, 1.0), 24, kind="fair", fields=("booths",)).ceiling_of == ""


def test_nothing_reported_no_ceiling() -> None:
    runs = [toy_run(factor, 24, kind="fair") for factor in (0.0, 1.0)]
    elsewhere = []
    for run in runs:
        policy = replace(run.scenario.policies[0], where=("nowhere",))
        scenario = replace(run.scenario, policies=(policy,), places=(make_place("nowhere"),))
        elsewhere.append(replace(run, scenario=scenario))
    invited = ("domestic_buyers_invited", "foreign_buyers_invited")
    found = dose_response(elsewhere, (0.0, 1.0), "fair", invited)  # type: ignore[arg-type]
    assert math.isnan(found.doses[1].ceiling)


def test_too_few_runs_have_no_bands() -> None:
    found = curve((0.0, 1.0), 6)
    assert found.n == 6
    assert math.isnan(found.doses[1].difference.difference.p95)
    assert found.doses[1].difference.difference.p50 == pytest.approx(12 * GAIN)


def test_replicates_are_paired_by_number() -> None:
    runs = [toy_run(factor, 24) for factor in (0.0, 1.0)]
    assert runs[1].amounts is not None
    kept = np.array([number for number in range(24) if number != 5])
    short = replace(
        runs[1], replicates=kept, amounts=runs[1].amounts[kept],
        values={name: each[kept] for name, each in runs[1].values.items()},
    )  # fmt: skip
    found = dose_response([runs[0], short], (0.0, 1.0), "fund", ("annual_budget",))  # type: ignore[arg-type]
    assert found.n == 23
    assert 5 not in found.doses[1].replicates


def test_a_policy_in_force_in_reported_months_changes_the_past() -> None:
    assert curve((0.0, 1.0), 24, start=month(2024, 3)).changes_the_past
    assert not curve((0.0, 1.0), 24).changes_the_past


def test_zero_is_no_policy_only_when_all_that_makes_it_larger_is_multiplied() -> None:
    assert curve((0.0, 1.0), 24).whole
    assert not curve((0.0, 1.0), 24, fields=("grant_share",)).whole
    assert not curve((0.0, 1.0), 24, kind="fair", fields=("booths",)).whole


def test_the_folder_is_named_by_what_was_run() -> None:
    one, other = curve((0.0, 1.0), 24), curve((0.0, 2.0), 24)
    assert curve_name(one).startswith("toy--dose-fund--output_value-2030--")
    assert curve_name(one) == curve_name(curve((0.0, 1.0), 24))
    assert curve_name(one) != curve_name(other)
    assert curve_name(one) != curve_name(curve((0.0, 1.0), 24, fields=("grant_share",)))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"at": 2035}, "the year 2035 is not simulated"),
        ({"at": 2025}, 'policy "fund" begins in 2026, after the year 2025'),
        ({"on": "nothing"}, 'unknown variable "nothing"'),
    ],
)
def test_what_cannot_be_asked(more: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        curve((0.0, 1.0), 24, **more)  # type: ignore[arg-type]


def test_runs_that_are_no_pairs_are_refused() -> None:
    runs = [toy_run(0.0, 24), toy_run(1.0, 24, seed=2)]
    with pytest.raises(UserError, match="E20"):
        dose_response(runs, (0.0, 1.0), "fund", ("annual_budget",))  # type: ignore[arg-type]


def test_the_first_dose_is_zero() -> None:
    with pytest.raises(ValueError, match="must be zero"):
        dose_response([toy_run(1.0, 24)], (1.0,), "fund", ("annual_budget",))  # type: ignore[list-item]


# --- what is to be run -----------------------------------------------------------------------------------------------


def test_zero_is_always_run_and_once_is_the_scenario_as_it_is() -> None:
    todo = plan("yongnian-fair2x-fund200m", "upgrade-fund", times=[2.0, 1.0])
    assert todo.times == (0.0, 1.0, 2.0)
    assert todo.fields == ("annual_budget",)
    assert todo.overrides == (
        ('policy.upgrade-fund.annual_budget="0 yuan/year"',),
        (),
        ('policy.upgrade-fund.annual_budget="400000000 yuan/year"',),
    )


def test_usual_doses_stay_within_what_is_possible() -> None:
    assert plan("yongnian-fair2x-fund200m", "upgrade-fund").times == TIMES
    assert plan("yongnian-platform", "platform").times == WITHIN
    assert plan("yongnian-academy", "academy", "tuition_subsidy").times == (0.0, 0.25, 0.5, 0.75, 1.0, 2.0)


def test_overrides_of_the_command_line_count_for_every_dose() -> None:
    given = ("time.end=2027-12", 'policy.upgrade-fund.annual_budget="100 million yuan/year"')
    todo = plan("yongnian-fair2x-fund200m", "upgrade-fund", None, (1.0, 3.0), given)
    assert todo.overrides[1] == given
    assert todo.overrides[2] == (given[0], 'policy.upgrade-fund.annual_budget="300000000 yuan/year"')


@pytest.mark.parametrize(
    ("policy", "field", "times", "message"),
    [
        ("upgrade-found", None, None, r'no policy "upgrade-found"; did you mean "upgrade-fund"\?'),
        ("nothing", None, None, r"it has:\n     going-out  \(exhibition 境外参展\)\n     fair  \(fair 展会\)"),
        ("upgrade-fund", "call_months", None, "no such field to be multiplied"),
        (
            "upgrade-fund",
            "anual_budget",
            None,
            r"did you mean annual_budget\?\n     fields: annual_budget, grant_share",
        ),
        ("upgrade-fund", "across.floor_per_place", None, "is left out or zero"),
        ("upgrade-fund", "grant_share", (6.0,), "grant_share is 20% and cannot be more than 100%"),
        ("upgrade-fund", None, (-1.0,), "a dose is a number of at least 0"),
        ("upgrade-fund", None, (math.nan,), "a dose is a number of at least 0"),
        ("upgrade-fund", None, (0.0,), "no dose besides 0"),
        ("upgrade-fund", None, tuple(range(20)), "names 20 doses; 12 at most"),
    ],
)
def test_mistakes_are_named_before_anything_is_run(
    policy: str, field: str | None, times: tuple[float, ...] | None, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        plan("yongnian-fair2x-fund200m", policy, field, times)


def test_a_platform_cannot_have_more_than_all_its_services() -> None:
    with pytest.raises(UserError, match="all 6 of services are there at 1"):
        plan("yongnian-platform", "platform", None, (2.0,))


def test_a_scenario_without_policies_says_so() -> None:
    with pytest.raises(UserError, match="has no policy at all"):
        find_policy(make_scenario("empty"), "fund")
