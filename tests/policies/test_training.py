"""An academy: seats, people who learn and leave again, and what they do for firms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.policies.registry import policy_types
from sim.policies.training import action
from tests.policies.playing import FIRST, Played, begun, parameters, played
from tests.policies.programmes import RICH, TERMS, begun_rich, gain, moved, only_problem, programme, said

SKILLS = parameters().training
KEPT = 1.0 - SKILLS.attrition / 12.0


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return two years of an academy that opens with the run."""
    return played([programme("training")], **RICH)


@pytest.fixture(scope="module")
def without() -> Played:
    """Return the same two years without it."""
    return played(**RICH)


def test_seats_are_filled_month_by_month_and_never_twice(usual: Played) -> None:
    trained = usual.monthly("trained")
    assert np.all(trained > 0.0)
    assert np.all(trained <= TERMS["training"]["seats"] / 12.0 + 1e-9)


def test_people_stay_but_for_those_who_leave(usual: Played) -> None:
    here, trained = usual.monthly("skilled_workers"), usual.monthly("trained")
    assert here[0] == pytest.approx(trained[0] * KEPT)
    assert here[1:] == pytest.approx((here[:-1] + trained[1:]) * KEPT)


def test_what_trained_people_change() -> None:
    run = begun_rich(programme("training")).step(12)
    state = run.model.state
    run.institution().step()
    rows = state.rows_of(0)
    share = state.places.skilled[0] / state.total(state.firms.workers[rows], rows)
    # Levers of the month before are still there: the institution multiplied them once more.
    once = 1.0 + SKILLS.trained_gain * share
    assert state.places.skill[0] == pytest.approx(once**2, rel=1e-3)
    assert state.places.skill_premium[0] < state.places.skill[0]
    technical, trade = run.institution().technical, run.institution().commercial
    assert technical == trade > 0.0
    assert state.places.upgrade_success[0] > state.parameters.technology.success_rate
    assert state.places.renown[0] > 1.0


@pytest.mark.parametrize(("skill", "helps_upgrades"), [("process", True), ("r_and_d", True), ("trade", False)])
def test_trade_makes_the_place_known_and_the_rest_helps_upgrades(skill: str, helps_upgrades: bool) -> None:
    run = begun_rich(programme("training", skills=(skill,)), months=3).finish()
    places, base = run.model.state.places, run.model.state.parameters.technology.success_rate
    assert (places.upgrade_success[0] > base) == helps_upgrades
    assert (places.renown[0] > 1.0) != helps_upgrades
    assert places.skill[0] > 1.0


def test_public_money_and_firms_share_the_cost(usual: Played) -> None:
    terms, trained = TERMS["training"], usual.monthly("trained")
    assert usual.money("paid") == pytest.approx(terms["cost"] * terms["tuition_subsidy"] * trained)
    assert usual.by_purpose["training"] == pytest.approx(usual.money("paid").sum())
    run = begun_rich(programme("training"), months=2)
    paid = moved(run, 2)
    people, week = run.monthly("trained").sum(), float(run.model.state.places.wage[0]) / 52.0
    assert paid["training"] == pytest.approx(terms["cost"] * people)
    assert paid["overtime for trainees"] == pytest.approx(SKILLS.weeks_away * week * people, rel=0.01)


def test_more_seats_train_more_until_nobody_is_left_to_send() -> None:
    trained = [
        played([programme("training", seats=seats)], months=12, **RICH).monthly("trained").sum()
        for seats in (60.0, 240.0, 1e5, 2e5)
    ]
    assert 0.0 < trained[0] < trained[1] < trained[2] == trained[3]
    assert trained[0] == pytest.approx(60.0)


def senders(run: Played, **changes: object) -> tuple[np.ndarray, np.ndarray]:
    """Return who would send people in the present month, and how many."""
    terms = policy_types()["training"].terms.plain(**{**TERMS["training"], **changes})
    return action.senders(run.model.state, 0, terms, 0.0, 5)


def test_a_firm_sends_people_when_it_pays_and_it_has_the_money() -> None:
    run = begun_rich(months=2).step()
    state = run.model.state
    cheap, usual, dear = (senders(run, cost=cost)[1].sum() for cost in (500.0, 3000.0, 60_000.0))
    assert cheap >= usual > dear
    subsidised = senders(run, cost=60_000.0, tuition_subsidy=1.0)[1].sum()
    assert subsidised > dear
    rows, _ = senders(run)
    poor = rows[::2]
    state.firms.cash[poor] = 0.0
    left, _ = senders(run)
    assert set(left) == set(rows[1::2])


def test_small_firms_send_fewer_of_their_people_when_cash_is_short() -> None:
    run = begun_rich(months=2).step()
    state = run.model.state
    rows = state.rows_of(0)
    # Everybody has the same cash for each worker beyond the buffer: too little for one person in a small workshop.
    firms, finance = state.firms, state.parameters.investment
    buffer = finance.project_buffer_share * finance.cash_buffer_months
    firms.cash[rows] = buffer * firms.unit_cost[rows] * firms.expected_orders[rows] + 500.0 * firms.workers[rows]
    sending, persons = senders(run)
    each = 0.5 * TERMS["training"]["cost"] + SKILLS.weeks_away / 52.0 * state.places.wage[0]
    assert sending.size > 0
    assert firms.workers[sending].min() >= each / 500.0
    assert np.all(persons * each <= 500.0 * firms.workers[sending] * firms.weight[sending] + 1e-6)


def test_an_academy_older_than_the_run_has_its_people_from_the_start() -> None:
    old = programme("training", start=FIRST - 60)
    run = begun_rich(old, months=3)
    stock = 0.0
    for _ in range(60):
        stock = (stock + TERMS["training"]["seats"] / 12.0) * KEPT
    assert run.model.state.places.skilled[0] == pytest.approx(stock)
    run.finish()
    here, trained = run.monthly("skilled_workers"), run.monthly("trained")
    assert here[0] == pytest.approx((stock + trained[0]) * KEPT)


def test_seats_changed_before_the_run_count_as_they_were() -> None:
    grown = programme("training", start=FIRST - 24, seats=0.0, later={FIRST - 12: {"seats": 120.0}})
    stock = 0.0
    for _ in range(12):
        stock = (stock + 10.0) * KEPT
    assert begun_rich(grown, months=1).model.state.places.skilled[0] == pytest.approx(stock)


def test_people_of_an_academy_that_closed_leave_little_by_little() -> None:
    run = played([programme("training", end=FIRST + 5)], months=18, **RICH)
    here = run.monthly("skilled_workers")
    assert here[6:] == pytest.approx(here[5] * KEPT ** np.arange(1, 13))
    assert run.model.state.places.skill[0] > 1.0


def test_two_academies_add_up() -> None:
    one = programme("training")
    other = programme("training", seats=120.0)
    both = played([one, replace(other, id="the-second")], months=6, **RICH)
    people = sum(item.technical + item.commercial for item in both.model.institutions)
    assert both.monthly("skilled_workers")[-1] == pytest.approx(people)


def test_what_they_add_in_a_year_is_below_what_arithmetic_allows(usual: Played, without: Played) -> None:
    """Were all the work they save turned into goods, output would rise by gain times their share of the workforce."""
    year = slice(0, 12)
    share = usual.monthly("skilled_workers")[11] / usual.monthly("employment")[11]
    ceiling = SKILLS.trained_gain * share * without.monthly("output_value")[year].sum()
    assert gain(usual, without, "output_value", year) < ceiling
    # More seats, more of it: output made by each worker.
    assert gain(usual, without, "labour_productivity", slice(12, 24)) > 0.0


def test_without_its_levers_training_does_nothing_but_cost() -> None:
    idle = {"trained_gain": 1e-9, "failures_cut": 0.0, "trade_renown": 0.0, "weeks_away": 0.0}
    settings = parameters(**{f"training__{name}": value for name, value in idle.items()})
    free = programme("training", cost=0.0)
    with_it, alone = (begun(some, settings=settings, months=12, **RICH).finish() for some in ([free], []))
    assert with_it.monthly("trained").sum() > 0.0
    assert with_it.monthly("output_value") == pytest.approx(alone.monthly("output_value"), rel=1e-6)
    assert with_it.monthly("exports") == pytest.approx(alone.monthly("exports"), rel=1e-6)


def test_wrong_terms_are_told_plainly(tmp_path: Path) -> None:
    for old, new, code, words in (
        ('"600 persons/year"', "600", "E02", ("seats = 600 has no unit", "persons/year")),
        ('"600 persons/year"', '"600 firms/year"', "E02", ("persons/year",)),
        ('"600 persons/year"', '"-600 persons/year"', "E17", ("less than 0",)),
        ('["process"]', "[]", "E16", ("skills = []", "process, quality, r_and_d, trade")),
        ('["process"]', '["proces"]', "E16", ("process, quality, r_and_d, trade",)),
        ('"3000 yuan/person"', '"3000 yuan/firm"', "E02", ("person",)),
        ('"50%"', "50", "E04", ("tuition_subsidy = 50 is not a share",)),
        ('tuition_subsidy = "50%"', "", "E15", ("tuition_subsidy", "firms pay the rest")),
    ):
        problem = only_problem(tmp_path, "training", old, new)
        assert problem.code == code
        assert said(problem, *words), problem.text("en")
