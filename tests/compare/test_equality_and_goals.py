"""Where two runs part, and announced aims."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sim.compare import compare
from sim.compare.runs import first_change
from sim.policies.terms import Terms
from tests.compare.fake_run import (
    GrantTerms,
    goal,
    make_pair,
    make_place,
    make_policy,
    make_scenario,
    month,
    two_places,
)

# --- equality ---


def test_runs_are_equal_until_the_change():
    b, a = make_pair(30)
    equality = compare(b, a).equality
    assert equality.first_change == equality.first_difference == month(2026, 1)
    assert equality.as_expected
    assert not equality.identical


def test_a_difference_before_the_change_is_reported():
    b, a = make_pair(30)
    b.values["wage"] = b.values["wage"].copy()
    b.values["wage"][7, 3] += 1e-9
    found = compare(b, a)
    assert found.equality.first_difference == month(2024, 4)
    assert not found.equality.as_expected
    assert "differ from 2024-04 although the first change is in 2026-01" in found.note("early").en


def test_a_difference_without_any_change_is_reported():
    b, a = make_pair(30, scenario_b=make_scenario("b"))
    found = compare(b, a)
    assert "although the scenarios prescribe the same" in found.note("early").en


def test_identical_runs_say_why():
    for start, why in ((2031, "after the last simulated month 2030-12"), (2026, "never acts")):
        policy = make_policy(start=month(start, 1))
        b, a = make_pair(30, gain=0.0, jobs=0.0, money=0.0, scenario_b=make_scenario("b", policies=(policy,)))
        found = compare(b, a)
        assert found.equality.identical
        assert why in found.note("N01").en
        assert {row.verdict for row in found.rows} == {"identical"}
    b, a = make_pair(30, gain=0.0, jobs=0.0, scenario_b=make_scenario("b"))
    assert "prescribe the same" in compare(b, a).note("N01").en


def test_missing_values_equal_missing_values():
    b, a = make_pair(30, gain=0.0, jobs=0.0, money=0.0)
    for run in (b, a):
        run.values["size_tail_index"] = run.values["size_tail_index"].copy()
        run.values["size_tail_index"][0] = math.nan
    found = compare(b, a)
    assert found.equality.identical
    assert found.row("size_tail_index").n_pairs == 29
    assert found.row("size_tail_index").n_dropped == 1


def test_places_that_cancel_out_are_not_identical():
    b, a = make_pair(
        30,
        gain=0.0,
        jobs=0.0,
        money=0.0,
        scenario_a=make_scenario("a", places=two_places()),
        scenario_b=make_scenario("b", places=two_places(), policies=(make_policy(),)),
    )
    a.values["entries"] = b.values["entries"] = np.ones((30, len(a.months), 2))
    b.values["entries"] = b.values["entries"].copy()
    b.values["entries"][:, 40, 0] += 1.0
    b.values["entries"][:, 40, 1] -= 1.0
    equality = compare(b, a).equality
    assert not equality.identical
    assert equality.first_difference == int(a.months[40])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"end": month(2027, 12)}, month(2028, 1)),
        ({"start": month(2025, 3)}, month(2025, 3)),
        ({"start": month(2020, 1)}, month(2024, 1)),
        ({"payer": {"county": 1.0}}, month(2026, 1)),
        ({"versions": ((month(2026, 1), GrantTerms()), (month(2028, 6), "more"))}, month(2028, 6)),
        ({"name": "Other words", "source": "elsewhere"}, None),
    ],
)
def test_first_change_on_paper(changed, expected):
    a = make_scenario("a", policies=(make_policy(),))
    b = make_scenario("b", policies=(make_policy(**changed),))
    assert first_change(b, a) == expected
    assert first_change(a, b) == expected


def test_the_end_counts_from_the_beginning_where_work_is_spread_up_to_it():
    class Spread(Terms):
        plans_to_the_end = True

    begun = {"start": month(2025, 3), "versions": ((month(2025, 3), Spread()),)}
    a = make_scenario("a", policies=(make_policy(**begun),))
    b = make_scenario("b", policies=(make_policy(**begun, end=month(2027, 12)),))
    assert first_change(b, a) == first_change(a, b) == month(2025, 3)


def test_first_change_of_policies_parameters_and_worlds():
    a = make_scenario("a")
    start = a.time.start
    assert first_change(make_scenario("b", policies=(make_policy(),)), a) == month(2026, 1)
    assert first_change(make_scenario("b", parameters={"x.y": 1.0}), a) == start
    other = make_place(start=SimpleNamespace(output_value=1.0, headline_total=1.0))
    assert first_change(make_scenario("b", places=(other,)), a) == start
    assert first_change(make_scenario("b", world=replace(a.world, id="low")), a) == start


# --- aims ---


def test_aims_count_runs_in_time():
    aim = goal(variable="employment", at_least=100.0, by=month(2028, 12))
    b, a = make_pair(30, scenario_b=make_scenario("b", policies=(make_policy(),), goals=(aim,)))
    shape = (30, len(a.months), 1)
    a.values["employment"] = np.zeros(shape)
    b.values["employment"] = np.zeros(shape)
    for run in range(12):
        b.values["employment"][run, a.months >= month(2027, 1 + run)] = 100.0
    b.values["employment"][20, a.months >= month(2029, 1)] = 100.0
    (found,) = compare(b, a).goals
    assert (found.prob_a, found.month_a) == (0.0, None)
    assert found.prob_b == pytest.approx(12 / 30)
    assert found.month_b == month(2027, 6)
    assert not found.ends_before


def test_aims_of_either_side_and_past_the_end():
    late = goal("late", by=month(2035, 1))
    unknown = goal("unknown", variable="nothing_measured")
    b, a = make_pair(
        30,
        scenario_a=make_scenario("a", goals=(goal("old"), unknown)),
        scenario_b=make_scenario("b", policies=(make_policy(),), goals=(late,)),
    )
    found = compare(b, a)
    assert [g.id for g in found.goals] == ["late", "old"]
    assert found.goals[0].ends_before
    assert found.note("goal-late").en == "The runs end before the date of: late."


def test_scope_of_a_reported_figure_is_printed_with_its_aim():
    aim = goal(variable="employment", at_least=3e5)
    b, a = make_pair(30, scenario_b=make_scenario("b", policies=(make_policy(),), goals=(aim,)))
    assert compare(b, a).note("scope-employment") is None
    reached = compare(b, a).goals[0].prob_a
    for run in (b, a):
        run.anchor_values["scope_employment"] = np.where(np.arange(30) < 12, 4.4, 0.1)[:, None]
    found = compare(b, a)
    assert "0.10 times what the model does" in found.note("scope-employment").en
    assert reached > 0.5
    assert found.goals[0].prob_a == pytest.approx(12 / 30)


def test_a_published_aim_about_a_place_of_the_runs_is_there_once():
    place = make_place("guanxian", admin_code="371525", name="Guanxian", name_zh="冠县")
    twice = goal("ten-billion", at_least=1e10, by=month(2028, 11))
    policies = (make_policy(where=("guanxian",)),)
    b, a = make_pair(
        20,
        gain=0.5,
        scenario_a=make_scenario("a", places=(place,)),
        scenario_b=make_scenario("b", places=(place,), policies=policies),
    )
    for run, level in ((b, 1.1e10), (a, 0.9e10)):
        run.values["output_value"] = np.full((20, len(a.months), 1), level / 12.0)
    (found,) = compare(b, a).goals
    assert (found.id, found.prob_a, found.prob_b) == ("goal-gx-2028", 0.0, 1.0)
    assert (found.at_least, found.by) == (1e10, month(2028, 11))
    b.scenario = replace(b.scenario, goals=(twice,))
    assert [row.id for row in compare(b, a).goals] == ["ten-billion"]
