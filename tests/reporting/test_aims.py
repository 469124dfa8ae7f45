"""Aims in the count they were announced in."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sim.evidence import load_facts
from sim.observables import INDEX, OBSERVABLES
from sim.reporting import aims_of, monthly_as_reported, reach
from sim.scenario.resolved import Goal
from tests.reporting.truths import column, fact, month, truth


def steady(level: float, name: str, months: int = 72, places: int = 1) -> np.ndarray:
    values = np.zeros((months, places, len(OBSERVABLES)))
    values[:, :, INDEX[name]] = level
    return values


def test_a_published_aim_is_reached_within_twelve_months() -> None:
    values = steady(0.9e10 / 12, "output_value")
    values[36:, :, INDEX["output_value"]] = 1.2e10 / 12
    source, _ = truth(start="2023-01", places=("guanxian",), values=values)
    (aim,) = aims_of((), load_facts(), source)
    assert (aim.id, aim.published, aim.by) == ("goal-gx-2028", True, month("2028-11"))
    found = reach(aim, source)
    # 36 months at 9, then 12 a year: the sum of twelve months passes 10 after four.
    assert found.middle == month("2026-04")
    assert found.share == 1.0
    assert not found.ends_before
    early = reach(aim, source, months=range(month("2023-01"), month("2026-01")))
    assert (early.share, early.middle, early.ends_before) == (0.0, None, True)


def test_an_aim_of_the_scenario_stands_for_the_published_one() -> None:
    source, _ = truth(start="2023-01", months=72, places=("guanxian",))
    goal = Goal("ten", "output_value", 1e10, month("2028-11"), "x")
    assert [aim.id for aim in aims_of((goal,), load_facts(), source)] == ["ten"]
    other = replace(goal, at_least=2e10)
    assert [aim.id for aim in aims_of((other,), load_facts(), source)] == ["ten", "goal-gx-2028"]
    elsewhere, unmeasured = replace(goal, place="anping"), replace(goal, variable="nothing")
    assert [aim.id for aim in aims_of((elsewhere, unmeasured), (), source)] == []


def test_an_aim_due_before_the_first_month_is_left_out() -> None:
    source, _ = truth(start="2024-01", months=24, places=("anping",))
    assert aims_of((), load_facts(), source) == ()
    there, _ = truth(start="2023-01", months=24, places=("anping",))
    assert [aim.id for aim in aims_of((), load_facts(), there)] == ["goal-ap-2023"]


def test_towns_are_counted_over_the_whole_set() -> None:
    values = steady(0.0, "designated_towns", months=72, places=92)
    values[30:, :30, INDEX["designated_towns"]] = 1.0
    places = tuple(f"town-{number}" for number in range(92))
    source, _ = truth(start="2023-01", places=places, provinces=("14",) * 92, values=values)
    (aim,) = aims_of((), (fact("goal-sx-2025"),), source)
    assert (aim.variable, len(aim.positions)) == ("designated_towns", 92)
    assert reach(aim, source).middle == month("2023-01") + 30
    fewer, _ = truth(start="2023-01", places=places[:50], provinces=("14",) * 50, values=values[:, :50])
    assert aims_of((), (fact("goal-sx-2025"),), fewer) == ()


def test_people_are_counted_as_reported_and_ratios_by_output() -> None:
    anchors = {"scope_employment": np.array([2.0, 5.0])}
    source, values = truth(places=("a", "b"), anchors=anchors)
    workers = column(values, "employment")
    found = monthly_as_reported("employment", source, (0, 1))
    np.testing.assert_allclose(found[0], 2.0 * workers[:, 0] + 5.0 * workers[:, 1])
    rate, output = column(values, "profit_rate"), column(values, "output_value")
    expected = (rate * output).sum(axis=1) / output.sum(axis=1)
    np.testing.assert_allclose(monthly_as_reported("profit_rate", source, (0, 1))[0], expected)
    goal = Goal("many", "employment", float("inf"), month("2024-12"), "x", place="b")
    (aim,) = aims_of((goal,), (), source)
    assert math.isnan(reach(aim, source).months[0])
