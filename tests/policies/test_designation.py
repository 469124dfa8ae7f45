"""Designations: decided once for all places, they open doors and move next to nothing by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.inputs.problems import InputErrors
from sim.model import digest
from sim.observables import INDEX
from sim.policies.choosing import first_fitting
from sim.policies.classification import HONOURS
from sim.policies.designation import selection
from sim.policies.designation.action import Designation
from sim.policies.designation.terms import Criteria
from sim.policies.registry import policy_types
from sim.state.columns import MAKER
from tests.policies.many import TOWNS, begun_in_towns, by_town, given, province
from tests.policies.playing import FIRST, Played, begun, parameters, played

EVERYBODY = {"designation__application_chance": 1.0, "designation__imitation": 0.0}
GIANTS = {"level": "nation", "scope": "firms", "honour": "little_giant", "select": "score"}
GOOD = {"revenue_at_least": 5e6, "years_at_least": 3, "leverage_at_most": 0.7, "environmental_clean": True}
"""Criteria that some dozens of the small county's makers meet."""


def terms(**values: Any) -> Any:
    return policy_types()["designation"].terms.plain(**values)


def towns(identity: str = "batch", **values: Any) -> Any:
    """Return a designation of towns by the province."""
    where, start = values.pop("where", TOWNS), values.pop("start", FIRST + 2)
    values = {"level": "province", "select": "listed", **values}
    return given("designation", identity, where=where, start=start, **values)


# --- terms ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [{}, {"count": 3, "count_total": 9}])
def test_one_number_says_how_many(counts: dict[str, int]) -> None:
    with pytest.raises(ValidationError) as caught:
        terms(level="province", select="lottery", **counts)
    assert [item["type"] for item in caught.value.errors()] == ["one_of"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"listed": ("a",), "select": "score"}, "listed"),
        ({"weights": {"output": 1.0}, "select": "lottery"}, "weights"),
        ({"honour": "srdi"}, "honour"),
        ({"criteria": {"revenue_at_least": 1e6}}, "criteria.revenue_at_least"),
        ({"criteria": {"environmental_clean": True}}, "criteria.environmental_clean"),
        ({**GIANTS, "criteria": {"output_at_least": 1e6}}, "criteria.output_at_least"),
        ({**GIANTS, "select": "listed"}, "select"),
        ({**GIANTS, "weights": {"firms": 1.0}}, "weights.firms"),
    ],
)
def test_keys_that_do_not_go_together(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        terms(**{"level": "province", "select": "listed", "count": 1, **changes})
    (item,) = caught.value.errors()
    assert (item["type"], item["ctx"]["key"]) == ("not_together", key)


def test_firms_need_an_honour() -> None:
    with pytest.raises(ValidationError) as caught:
        terms(level="nation", scope="firms", select="score", count=5)
    assert caught.value.errors()[0]["type"] == "one_of"


def test_a_score_without_weights_counts_all_criteria_the_same() -> None:
    assert terms(level="province", select="score", count=1).weights_in_use() == {
        "output": 0.25, "growth": 0.25, "firms": 0.25, "upgrades": 0.25,
    }  # fmt: skip
    assert terms(**GIANTS, count=1, weights={"output": 1.0}).weights_in_use() == {"output": 1.0}
    assert terms(level="province", select="lottery", count=1).weights_in_use() == {}


def test_only_an_award_needs_a_payer() -> None:
    assert not terms(level="province", select="lottery", count=1).spends
    assert terms(level="province", select="lottery", count=1, award=5e6).spends


# --- a name alone ---------------------------------------------------------------------------------------------------


def a_town(start: int = FIRST + 6, **values: Any) -> Any:
    return given("designation", "name", start=start, level="province", select="listed", **{"count": 1, **values})


def test_nobody_designated_is_no_policy_to_the_bit() -> None:
    without, nobody, no_firm = (
        begun(policies, months=9).finish()
        for policies in ([], [a_town(count=0)], [given("designation", "firms", **GIANTS, count=0)])
    )
    assert digest(without.model) == digest(nobody.model) == digest(no_firm.model)
    assert np.array_equal(without.record.monthly, nobody.record.monthly)


def test_a_name_alone_moves_next_to_nothing() -> None:
    without, named = (played(policies, months=48) for policies in ([], [a_town()]))
    assert named.monthly("designated_towns").tolist() == [0.0] * 6 + [1.0] * 42
    assert np.array_equal(named.record.monthly[:6], without.record.monthly[:6])
    ratio = named.monthly("output_value")[6:].sum() / without.monthly("output_value")[6:].sum()
    assert abs(ratio - 1.0) < 0.001
    assert named.money("paid").sum() == 0.0


def test_the_name_draws_entrants_and_buyers_as_far_as_its_parameters_say() -> None:
    settings = parameters(designation__name_pull=0.03, designation__name_renown=-0.02)
    run = begun([a_town(start=FIRST)], months=2, settings=settings).finish()
    assert run.model.state.places.pull.tolist() == [1.03]
    assert run.model.state.places.renown.tolist() == [0.98]


# --- batches of towns -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_batches() -> Played:
    """Return thirty towns of which ten are listed in the third month and thirty are to be reached in the 15th."""
    later = towns("second", start=FIRST + 14, count_total=20, select="score", weights={"output": 1.0})
    third = towns("third", start=FIRST + 17, count=4, select="score", weights={"output": 1.0})
    settings = parameters(**EVERYBODY)
    return begun_in_towns([towns(count=10), later, third], months=20, settings=settings).finish()


def test_a_batch_is_decided_once_for_all_its_places(two_batches: Played) -> None:
    new = by_town(two_batches, "designations")
    assert new.sum(axis=1)[[2, 14, 17]].tolist() == [10.0, 10.0, 4.0]
    assert new.sum() == 24.0
    assert np.flatnonzero(new[2]).tolist() == list(range(10))
    assert by_town(two_batches, "designated_towns").sum(axis=1)[[1, 2, 13, 14, 19]].tolist() == [0, 10, 10, 20, 24]
    assert len(two_batches.model.institutions) == 3


def test_listed_towns_need_no_application_and_the_others_pay_for_theirs(two_batches: Played) -> None:
    applied = by_town(two_batches, "designation_applications")
    assert applied.sum(axis=1)[[2, 14, 17]].tolist() == [0.0, 20.0, 10.0]
    cost = parameters().designation.application_cost
    assert two_batches.money("paid", 1, "county").sum() == pytest.approx(20 * cost)
    # Those that were turned down have their papers ready.
    assert two_batches.money("paid", 2).sum() == 0.0
    assert two_batches.by_purpose["designation"] == pytest.approx(20 * cost)


def test_those_not_chosen_wait_for_the_next_batch(two_batches: Played) -> None:
    queue = by_town(two_batches, "designation_queue").sum(axis=1)
    assert queue[[13, 14, 16, 17, 19]].tolist() == [0.0, 10.0, 10.0, 6.0, 6.0]


def test_a_score_takes_the_best(two_batches: Played) -> None:
    output = by_town(two_batches, "output_value")[2:14].sum(axis=0)  # of the year before the batch is decided
    assert np.corrcoef(output, np.arange(30))[0, 1] > 0.8
    second, third = (set(two_batches.model.designations[name]) for name in ("second", "third"))
    assert second | third <= set(range(10, 30))
    assert np.mean(sorted(second)) > 22.0 > np.mean(sorted(set(range(10, 30)) - second))
    assert not second & third


def test_the_order_of_policies_in_a_file_does_not_matter() -> None:
    policies = [towns("first", count=3, start=FIRST + 1), town_fund("designated:province", unspent="return")]
    one, two = (begun_in_towns(order, months=10, towns=9).finish() for order in (policies, policies[::-1]))
    assert np.array_equal(one.record.monthly, two.record.monthly)
    assert by_town(one, "fund_promised")[7, :3].min() > 0.0


def test_a_county_applies_likelier_among_the_designated() -> None:
    county = begun([], months=1).model.governments["county", 0]
    assert county.applies(0.0, 0.49)
    assert not county.applies(0.0, 0.51)
    assert county.applies(1.0, 0.99)


def test_luck_decides_who_applies_and_is_the_same_whatever_else_happens() -> None:
    batch = towns(count=30, select="lottery", start=FIRST)
    one, other = (
        begun_in_towns(policies, months=1).finish()
        for policies in ([batch], [batch, given("designation", "more", where=TOWNS[:5], level="city", count=5,
                                                 select="listed")])
    )  # fmt: skip
    applied = by_town(one, "designation_applications")[0]
    assert 5 <= applied.sum() <= 25
    assert np.array_equal(by_town(other, "designation_applications")[0], applied)
    assert np.array_equal(by_town(one, "designations")[0], applied)


def test_a_poor_county_does_not_apply() -> None:
    run = begun_in_towns([towns(count=30, select="lottery")], months=4, towns=3, settings=parameters(
        **EVERYBODY, designation__application_cost=1e9))  # fmt: skip
    assert by_town(run.finish(), "designation_applications").sum() == 0.0
    assert run.monthly("public_money_unmet").sum() == 0.0


def test_criteria_of_places() -> None:
    figures = {
        "output": np.array([3e9, 5e9, 5e9, 5e9]),
        "growth": np.array([0.2, 0.05, np.nan, 0.2]),
        "lead_industry": np.array([0.9, 0.9, 0.9, 0.6]),
    }
    criteria = Criteria.plain(output_at_least=4e9, growth_at_least=0.1, lead_industry_at_least=0.7)
    # What cannot be known yet is not held against a place.
    assert selection.places_qualify(figures, criteria).tolist() == [False, False, True, False]
    assert selection.places_qualify(figures, Criteria()).all()


def test_figures_of_places_are_those_of_the_model() -> None:
    state = begun_in_towns([], months=13, towns=3).finish().model.state
    figures = selection.place_figures(state, [0, 2])
    december = state.output_by_year[[0, 2]]
    assert figures["growth"] == pytest.approx(december[:, 1] / december[:, 0] - 1.0)
    makers = state.makers_of(2)
    assert figures["output"][1] == pytest.approx(float(state.firms.revenue_year[makers].sum()), rel=0.01)
    # Who closed at the end of the month was counted in it.
    closed = state.left[state.firms.tier[state.left] == MAKER]
    counted = [state.makers_of(place).size + (state.firms.place[closed] == place).sum() for place in (0, 2)]
    assert figures["firms"].tolist() == counted
    suppliers = state.suppliers[state.firms.place[state.suppliers] == 0]
    sold = figures["output"][0], float(state.firms.revenue_year[suppliers].sum())
    assert figures["lead_industry"][0] == pytest.approx(sold[0] / sum(sold), rel=0.01)
    assert figures["upgrades"][0] == pytest.approx(state.upgrades_by_month[0].sum() / figures["firms"][0])


def test_levels_above_count_as_well() -> None:
    policies = [towns("c", level="city", count=2), towns("a", level="nation", count=1)]  # act in order of id
    model = begun_in_towns(policies, months=4, towns=3).finish().model
    assert [model.designated("designated:province", place) for place in range(3)] == [True, False, False]
    # The city passes over the town that the nation has designated.
    assert [model.designated("designated:city", place) for place in range(3)] == [True, True, True]
    assert [model.designated("c", place) for place in range(3)] == [False, True, True]


def test_towns_of_before_the_run_are_there_from_the_start() -> None:
    run = begun_in_towns([towns(start=FIRST - 30, count=2, select="score")], months=2, towns=4).finish()
    assert by_town(run, "designated_towns").sum(axis=1).tolist() == [2.0, 2.0]
    assert by_town(run, "designations").sum() == 0.0
    assert run.money("paid").sum() == 0.0


def test_awards_for_towns_reach_their_counties_and_counties_cannot_reward_themselves() -> None:
    batch = towns(count=2, award=3e6, payer={"province": 1.0})
    settings = parameters(government__province_balance_share=0.5)
    with_award, without = (
        begun_in_towns([policy], months=4, towns=3, settings=settings).finish()
        for policy in (batch, towns(count=2))
    )  # fmt: skip
    gained = by_town(with_award, "county_balance")[2] - by_town(without, "county_balance")[2]
    assert gained == pytest.approx([3e6, 3e6, 0.0], abs=1e-3)
    assert with_award.money("paid", 0, "province").sum() == pytest.approx(6e6)
    with pytest.raises(InputErrors) as caught:
        begun_in_towns([towns(count=2, award=3e6, payer={"county": 1.0})], months=1, towns=3)
    assert [problem.code for problem in caught.value.problems] == ["E25"]
    for lang, words in (("en", "cannot pay it to itself"), ("zh", "不能由县级自己出资")):
        assert words in caught.value.text(lang)
        assert 'payer = "province"' in caught.value.text(lang)


# --- firms ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def giants() -> Played:
    """Return two years in which five little giants are honoured in the third month and five a year later."""
    policy = given(
        "designation", "giants", start=FIRST + 2, payer={"province": 1.0}, award=100e3, count=5,
        every={"month": 3}, criteria=GOOD, **GIANTS,
    )  # fmt: skip
    return begun([policy], months=24, settings=parameters(government__province_balance_share=0.1)).finish()


def test_firms_are_honoured_batch_by_batch(giants: Played) -> None:
    new = giants.monthly("designations")
    assert np.flatnonzero(new).tolist() == [2, 14]
    assert new[[2, 14]].tolist() == [5.0, 5.0]
    firms, state = giants.model.state.firms, giants.model.state
    held = (firms.honours[state.live] & HONOURS["little_giant"]) != 0
    assert giants.monthly("honoured_firms")[-1] == held.sum() <= 10
    applied, waiting = giants.monthly("designation_applications"), giants.monthly("designation_queue")
    assert applied[14] > 5.0
    # Who was not chosen waits, and so does who waited and no longer meets the criteria.
    assert applied[14] - 5.0 <= waiting[14] <= applied[14] - 5.0 + waiting[13]


def test_honoured_firms_meet_the_criteria_and_get_their_award(giants: Played) -> None:
    firms = giants.model.state.firms
    rows = giants.institution().holders
    assert 0 < rows.size <= giants.monthly("honoured_firms")[-1]
    assert np.all(firms.age[rows] >= 36)
    assert giants.money("paid", payer="province").sum() == pytest.approx(10 * 100e3)
    assert giants.by_purpose["awards"] == pytest.approx(1e6)


def test_criteria_of_firms() -> None:
    state = begun([], months=1).finish().model.state
    rows = state.makers
    figures = selection.firm_figures(state, rows, state.firms.revenue_year[: rows.max()] / 1.1)
    assert np.isnan(figures["growth"][-1])
    assert figures["growth"][:-1][figures["output"][:-1] > 0.0] == pytest.approx(0.1)
    firms = state.firms
    for name, values, keep in (
        ("revenue_at_least", 20e6, firms.revenue_year[rows] >= 20e6),
        ("years_at_least", 4, firms.age[rows] >= 48),
        ("technology_gap_at_most", 1.0, firms.technology_gap[rows] <= 1.0),
        ("environmental_clean", True, (firms.closed_month[rows] == 0) | (FIRST + 1 - firms.closed_month[rows] > 12)),
    ):
        meets = selection.firms_qualify(state, rows, figures, Criteria.plain(**{name: values}))
        assert np.array_equal(meets, keep), name
        assert 0 < meets.sum() < rows.size, name
    growing = selection.firms_qualify(state, rows, figures, Criteria.plain(revenue_growth_at_least=0.2))
    assert growing.sum() == np.isnan(figures["growth"]).sum()


def test_an_honour_opens_a_fund() -> None:
    fund = given(
        "fund", "fund", start=FIRST + 3, payer={"county": 1.0}, annual_budget=40e6, pays_for="equipment",
        grant_share=0.3, cap_per_firm=5e6, firm_co_finance_at_least=0.0, paid={"when": "on_award", "lag_months": 0},
        unspent="carry_over", eligible={"honours": ("srdi",)}, allocation={"rule": "lottery"},
    )  # fmt: skip
    honour = given("designation", "srdi", level="province", scope="firms", honour="srdi", select="score", count=40)
    closed, open_ = (played(policies, months=18, county_balance=1e9) for policies in ([fund], [fund, honour]))
    assert closed.monthly("fund_claimed").sum() == 0.0
    assert open_.monthly("fund_granted").sum() > 0.0
    state = open_.model.state
    supported = np.flatnonzero(state.firms.supported == 1)
    assert np.all(state.firms.honours[supported] & HONOURS["srdi"] != 0)


def test_honours_of_before_the_run_are_held_in_its_first_month(monkeypatch: pytest.MonkeyPatch) -> None:
    forget, closed = Designation.forget, list[int]()

    def watched(self: Designation, rows: np.ndarray) -> None:
        closed.extend(np.intersect1d(self.holders, rows).tolist())
        forget(self, rows)

    monkeypatch.setattr(Designation, "forget", watched)
    policy = given("designation", "giants", start=FIRST - 40, count=20, criteria=GOOD, **GIANTS)
    hard = parameters(turnover__hazard_years_4_7=0.5, turnover__hazard_later=0.5)
    run = begun([policy], months=1, settings=hard).finish()
    assert closed  # and were replaced
    state = run.model.state
    held = ((state.firms.honours[state.live] & HONOURS["little_giant"]) != 0).sum()
    assert 17 <= held <= run.monthly("honoured_firms")[0] <= 20


def test_a_row_of_more_firms_than_are_left_is_passed_over() -> None:
    assert first_fitting(np.array([1.0, 10.0, 1.0, 2.0]), 4.0).tolist() == [True, False, True, True]


# --- policies for designated places ---------------------------------------------------------------------------------


def town_fund(places: str = "designated:province", designated: str | None = None, **changes: Any) -> Any:
    """Return the province's fund for designated towns: floors, a ceiling and a match."""
    usual: dict[str, Any] = {
        "annual_budget": 12e6, "pays_for": "equipment", "grant_share": 0.3, "cap_per_firm": 1e6,
        "firm_co_finance_at_least": 0.0, "paid": {"when": "on_award", "lag_months": 0}, "unspent": "return",
        "eligible": {}, "allocation": {"rule": "lottery"},
        "across": {
            "places": places, "rule": "factor", "floor_per_place": 3e5, "ceiling_per_place": 0.12,
            "weights": {"upgrade_investment": 0.5, "output_growth": 0.3, "firms": 0.2}, "place_match": 0.2,
        },
    }  # fmt: skip
    values = {key: value for key, value in {**usual, **changes}.items() if value is not None}
    return given("fund", "fund", start=FIRST + 7, where=TOWNS, payer={"province": 1.0}, designated=designated, **values)


@pytest.fixture(scope="module", params=["return", "carry_over"])
def shared(request: pytest.FixtureRequest) -> Played:
    """Return three years of a fund whose members grow from ten to thirty in the second year."""
    batches = [towns(count=10), towns("rest", start=FIRST + 17, count_total=30, select="score")]
    settings = parameters(**EVERYBODY, government__province_balance_share=0.1)
    return begun_in_towns([*batches, town_fund(unspent=request.param)], months=36, settings=settings).finish()


BUDGETS = [12e6 * 5 / 12, 12e6, 12e6]


def test_the_members_of_a_year_are_the_designated_of_the_month_it_opens(shared: Played) -> None:
    promised = by_town(shared, "fund_promised")
    assert np.flatnonzero(promised.sum(axis=1)).tolist() == [7, 12, 24]
    assert [np.count_nonzero(promised[month]) for month in (7, 12, 24)] == [10, 10, 30]
    assert np.flatnonzero(promised[12]).tolist() == list(range(10))


def test_floors_ceilings_and_match_hold_as_members_grow(shared: Played) -> None:
    promised = by_town(shared, "fund_promised")
    for month, members, budget in zip((7, 12, 24), (10, 10, 30), BUDGETS, strict=True):
        received = promised[month][promised[month] > 0.0] / 1.2
        assert received.size == members
        assert received.sum() == pytest.approx(budget, rel=1e-9)
        assert received.min() >= 3e5 / 12e6 * budget * (1.0 - 1e-9)
        assert received.max() <= 0.12 * budget * (1.0 + 1e-9)
        province = shared.money("promised", 2, "province")[month]
        assert shared.money("promised", 2, "county")[month] == pytest.approx(0.2 * province)


def test_never_more_is_paid_than_was_opened(shared: Played) -> None:
    granted, promised = (by_town(shared, f"fund_{name}") for name in ("granted", "promised"))
    assert granted.sum() > 1e6
    assert np.all(np.cumsum(granted, axis=0) <= np.cumsum(promised, axis=0) * (1.0 + 1e-9))
    paid = shared.money("paid", 2, "province")
    if shared.institution(-1).terms.unspent == "return":
        by_year = [paid[:12].sum(), paid[12:24].sum(), paid[24:].sum()]
        assert all(year <= budget * (1.0 + 1e-9) for year, budget in zip(by_year, BUDGETS, strict=True))
    assert paid.sum() <= sum(BUDGETS)


def test_every_yuan_can_be_followed_from_province_to_place_to_firm(shared: Played) -> None:
    for stage in ("promised", "claimed", "granted", "paid"):
        assert by_town(shared, f"fund_{stage}").sum(axis=1) == pytest.approx(shared.money(stage, 2), abs=0.01)
    # Province: what left its account is what the fund paid in its name.
    left = sum(shared.spent.get((FIRST + month, "province:13"), 0.0) for month in range(36))
    assert shared.money("paid", 2, "province").sum() == pytest.approx(left, abs=0.01)
    # Place and firm: awards noted in each place, and what arrived in its firms' accounts.
    firms, bought = shared.firms_ever(), shared.record.awards
    bought = bought[bought["policy"] == 2]
    assert set(bought["place"]) > set(range(5))
    awarded = np.bincount(bought["place"], weights=bought["grant"], minlength=30)
    assert awarded == pytest.approx(by_town(shared, "fund_granted").sum(axis=0), abs=0.01)
    arrived = np.bincount(firms["place"], weights=firms["grants"] * firms["weight"], minlength=30)
    assert arrived == pytest.approx(by_town(shared, "fund_paid").sum(axis=0), abs=0.01)
    assert arrived == pytest.approx(awarded, abs=0.01)


def test_what_is_left_follows_the_rule(shared: Played) -> None:
    flows = {stage: shared.money(stage, 2) for stage in ("promised", "granted", "returned")}
    left = np.cumsum(flows["promised"] - flows["granted"] - flows["returned"])
    assert by_town(shared, "fund_unspent").sum(axis=1)[7:] == pytest.approx(left[7:], abs=0.01)
    if shared.institution(-1).terms.unspent == "return":
        assert np.flatnonzero(flows["returned"]).tolist() == [12, 24]
        assert flows["returned"][24] == pytest.approx(by_town(shared, "fund_unspent")[23].sum())
    else:
        assert flows["returned"].sum() == 0.0


@pytest.mark.parametrize("reference", ["batch", "designated:province"])
def test_a_policy_for_designated_places_acts_in_them_alone_and_from_then_on(reference: str) -> None:
    fund = town_fund(designated=reference, across=None, annual_budget=6e6)
    batches = [towns(count=2), towns("late", start=FIRST + 9, listed=(TOWNS[3],), count=1)]
    settings = parameters(government__province_balance_share=0.2)
    run = begun_in_towns([*batches, fund], months=14, towns=4, settings=settings)
    run.finish()
    promised = by_town(run, "fund_promised")
    # Each opens the whole budget; who is designated in October opens what is left of the year.
    assert promised[7] == pytest.approx([2.5e6, 2.5e6, 0.0, 0.0])
    assert promised[9] == pytest.approx([0.0, 0.0, 0.0, 1.5e6 if reference != "batch" else 0.0])
    assert promised[12] == pytest.approx([6e6, 6e6, 0.0, 6e6 if reference != "batch" else 0.0])
    assert by_town(run, "fund_granted")[:, 2].sum() == 0.0


def test_a_place_designated_within_the_year_has_no_part_of_a_budget_that_has_been_shared_out() -> None:
    batches = [towns(count=2), towns("late", start=FIRST + 9, listed=(TOWNS[3],), count=1)]
    run = begun_in_towns([*batches, town_fund(designated="designated:province")], months=14, towns=4).finish()
    promised = by_town(run, "fund_promised")
    assert np.flatnonzero(promised.sum(axis=1)).tolist() == [7, 12]
    assert promised[7] == pytest.approx([12e6 * 5 / 12 * 1.2 / 2] * 2 + [0.0, 0.0])
    assert promised[12] == pytest.approx([4.8e6, 4.8e6, 0.0, 4.8e6])


def test_months_before_a_designation_are_equal_to_the_bit_in_every_town() -> None:
    with_fund, without = (
        begun_in_towns(policies, months=16, towns=5).finish()
        for policies in ([towns(start=FIRST + 7, count=3), town_fund()], [])
    )
    assert np.array_equal(with_fund.record.monthly[:7], without.record.monthly[:7])
    assert not np.array_equal(with_fund.record.monthly[7:], without.record.monthly[7:])


def test_observables_of_designations_are_there() -> None:
    assert {"designations", "designation_applications", "designation_queue", "honoured_firms"} <= set(INDEX)
    assert len(province(towns=2).places) == 2
