"""What an article would print of made-up truths, by hand; and why it would print nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.evidence import load_facts
from sim.observables import INDEX
from sim.reporting import Answer, NotAnswered, Question, answer, answers, question, truth_of, truth_of_record
from sim.reporting.recipes import SETS
from sim.state.record import SIZE_CLASS_MEASURES, ReplicateRecord
from tests.compare.fake_run import FakeRun, make_place, make_policy, make_scenario
from tests.reporting.truths import column, cube, fact, followed, made, month, truth


def value(item: Any, source: Any) -> float:
    found = answer(item, source)
    assert isinstance(found, Answer), found
    assert found.values.shape == (1,)
    return float(found.values[0])


def why(item: Any, source: Any) -> str:
    found = answer(item, source)
    assert isinstance(found, NotAnswered), found
    assert found.zh
    return found.why


def test_a_year_some_months_a_month_and_a_mean() -> None:
    source, values = truth()
    output, exports = column(values, "output_value")[:, 0], column(values, "exports")[:, 0]
    assert value(fact("yn-output-2023"), source) == pytest.approx(output[12:24].sum())
    assert value(fact("yn-exports-2024-8m"), source) == pytest.approx(exports[24:32].sum())
    assert value(fact("yn-businesses"), source) == column(values, "businesses")[35, 0]
    assert value(fact("yn-share-national-2023"), source) == pytest.approx(
        column(values, "national_share")[12:24, 0].mean()
    )
    growth = exports[24:32].sum() / exports[12:20].sum() - 1.0
    assert value(fact("yn-exports-growth-2024-8m"), source) == pytest.approx(growth)


def test_scope_factors_multiply_what_they_are_for() -> None:
    anchors = {"scope_employment": np.array([3.0]), "scope_businesses": np.array([2.0])}
    plain, _ = truth()
    scoped, values = truth(anchors=anchors)
    assert value(fact("yn-employment"), scoped) == pytest.approx(3.0 * value(fact("yn-employment"), plain))
    found = answer(fact("yn-employment"), scoped)
    assert isinstance(found, Answer)
    assert found.scope.tolist() == [3.0]
    assert "times 3" in found.en
    assert "范围倍数3" in found.zh
    entered = made("new_businesses", 5.0, "count")
    assert value(entered, scoped) == pytest.approx(2.0 * column(values, "entries")[12:24, 0].sum())
    for name in ("yn-output-2023", "yn-share-national-2023", "yn-exports-growth-2024-8m"):
        assert value(fact(name), scoped) == value(fact(name), plain)


def test_months_that_are_not_simulated() -> None:
    late, _ = truth(start="2023-03", months=22)
    assert why(fact("yn-output-2023"), late) == "months"
    assert why(fact("yn-exports-growth-2024-8m"), late) == "months"
    assert isinstance(answer(fact("yn-exports-2024-8m"), late), Answer)
    short, _ = truth(months=24)
    assert why(fact("yn-businesses"), short) == "months"
    found = answer(fact("yn-businesses"), short)
    assert isinstance(found, NotAnswered)
    assert found.en == "needs 2024-12 to 2024-12; simulated: 2022-01 to 2023-12"
    # A stock needs its last month alone.
    stock = made("businesses", 5.0, "count", period_start=month("2020-01"), period_end=month("2022-06"))
    assert isinstance(answer(stock, short), Answer)


def test_other_places_and_variables_that_were_not_recorded() -> None:
    source, values = truth()
    assert why(fact("ap-revenue-2022"), source) == "place"
    old, _ = truth(values=values[:, :, :3])
    assert why(fact("yn-exports-2024-8m"), old) == "not recorded"
    assert isinstance(answer(fact("yn-output-2023"), old), Answer)


def shanxi(count: int = 92, **more: Any) -> Any:
    places = (*SETS["shanxi-first-ten"].members, *(f"town-{number}" for number in range(10, count)))
    return truth(start="2021-01", months=36, places=places, provinces=("14",) * count, **more)


def test_sets_of_places_add_up_the_right_places() -> None:
    source, values = shanxi()
    output = column(values, "output_value")
    assert value(fact("sx-output-2023"), source) == pytest.approx(output[18:30].sum())
    entries = column(values, "entries")[21:31, :10]
    assert value(fact("sx10-new-businesses"), source) == pytest.approx(entries.sum())
    assert why(fact("hb-revenue-2019"), source) == "place"
    few, _ = shanxi(30)
    assert why(fact("sx-output-2023"), few) == "place"
    found = answer(fact("sx-output-2023"), few)
    assert isinstance(found, NotAnswered)
    assert found.en == "only 30 of 92 places are simulated"


def test_the_number_of_places_of_a_set_is_the_reported_one() -> None:
    assert SETS["hebei-clusters"].whole == fact("hb-clusters-2019").value_plain
    assert SETS["shanxi-towns"].whole == fact("sx-towns-2023").value_plain


def test_average_of_ten_towns_weighs_them_alike() -> None:
    values = cube(36, 92)
    values[24:, 3, INDEX["output_value"]] *= 2.0
    source, _ = shanxi(values=values)
    output = column(values, "output_value")[:, :10]
    each = output[24:29].sum(axis=0) / output[12:17].sum(axis=0) - 1.0
    assert value(fact("sx10-output-growth"), source) == pytest.approx(each.mean())
    total = output[24:29].sum() / output[12:17].sum() - 1.0
    assert each.mean() != pytest.approx(total, rel=1e-3)


def test_gross_jobs_are_those_of_entrants_and_what_project_plants_gained() -> None:
    source, values = shanxi()
    entrants, plants = column(values, "jobs_entrants")[:, :10], column(values, "jobs_projects")[:, :10]
    expected = entrants[21:31].sum() + (plants[30] - plants[20]).sum()
    assert value(fact("sx10-jobs"), source) == pytest.approx(expected)
    late, _ = truth(start="2022-10", months=20, places=source.places, provinces=source.provinces)
    assert why(fact("sx10-jobs"), late) == "months"


def test_upgrading_firms_are_those_of_twelve_months() -> None:
    source, values = truth(places=("taigu",))
    upgrades = column(values, "upgrades")[:, 0]
    assert value(fact("tg-upgrading"), source) == pytest.approx(upgrades[7:19].sum())


def test_above_the_cut_from_size_classes() -> None:
    classes = np.zeros((2, 1, 5, len(SIZE_CLASS_MEASURES)))
    classes[1, 0, :, SIZE_CLASS_MEASURES.index("output")] = [1.0, 2.0, 4.0, 8.0, 16.0]
    cut = made("output_value", 20.0, "yuan", basis="above designated size")
    source, _ = truth(size_classes=(2022, classes))
    assert value(cut, source) == 24.0
    assert why(cut, truth()[0]) == "not recorded"
    part = replace(cut, period_end=month("2023-06"))
    assert why(part, source) == "months"


def test_growth_of_jobs_is_from_one_december_to_the_next() -> None:
    source, values = truth()
    jobs = column(values, "employment")[:, 0]
    item = made("employment_yoy", 0.05, "share")
    assert value(item, source) == pytest.approx(jobs[23] / jobs[11] - 1.0)
    late, later = truth(start="2022-12", months=20)
    jobs = column(later, "employment")[:, 0]
    assert value(item, late) == pytest.approx(jobs[12] / jobs[0] - 1.0)


def test_growth_above_the_cut_is_that_of_two_counts() -> None:
    classes = np.zeros((2, 1, 5, len(SIZE_CLASS_MEASURES)))
    outputs = SIZE_CLASS_MEASURES.index("output")
    classes[0, 0, :, outputs], classes[1, 0, :, outputs] = [5.0, 5.0, 10.0, 8.0, 8.0], [1.0, 2.0, 4.0, 8.0, 16.0]
    item = made("output_value_yoy", 0.2, "share", basis="above designated size")
    source, _ = truth(size_classes=(2022, classes))
    assert value(item, source) == pytest.approx(24.0 / 16.0 - 1.0)
    assert why(item, truth()[0]) == "not recorded"


def test_same_scope_growth_of_followed_firms() -> None:
    rows = followed((1, 2022, 4e7), (1, 2023, 5e7), (2, 2022, 1e7), (2, 2023, 9e7), (3, 2023, 9e7))
    item = made("output_value_yoy", 0.2, "share", basis="same-scope")
    assert value(item, truth(followed=rows)[0]) == pytest.approx((5e7 + 9e7) / (4e7 + 1e7) - 1.0)
    assert why(item, truth()[0]) == "not recorded"
    found = answer(item, truth(followed=rows)[0])
    assert isinstance(found, Answer)
    assert "firms that closed or fell below the line leave both years" in found.en


def test_a_question_is_asked_of_many() -> None:
    source, values = truth()
    asked = question(fact("yn-output-2023"), source)
    assert isinstance(asked, Question)
    twice, _ = truth(values=2.0 * values)
    assert asked.values(twice)[0] == pytest.approx(2.0 * asked.values(source)[0])


@given(factor=st.floats(0.1, 10.0))
def test_money_scales_and_growth_does_not(factor: float) -> None:
    plain, values = truth()
    scaled, _ = truth(values=values * factor)
    for name in ("yn-output-2023", "yn-exports-2024-8m", "yn-fair-intended-2024", "yn-businesses"):
        assert value(fact(name), scaled) == pytest.approx(factor * value(fact(name), plain))
    growth = fact("yn-exports-growth-2024-8m")
    assert value(growth, scaled) == pytest.approx(value(growth, plain), rel=1e-9, abs=1e-12)


def run_of(values: np.ndarray, **anchors: Any) -> FakeRun:
    """Two replicates, the second twice the first."""
    months, places, _ = values.shape
    scenario = make_scenario("a", places=(make_place(),))
    span = replace(scenario.time, start=month("2022-01"), end=month("2022-01") + months - 1)
    both = np.stack([values, 2.0 * values])
    by_name = {name: both[:, :, :places, position] for name, position in INDEX.items()}
    return FakeRun(replace(scenario, time=span), np.arange(2), by_name, anchor_values=anchors)


def test_a_run_and_its_plain_arrays_answer_alike() -> None:
    anchors = {"scope_employment": np.array([3.0])}
    source, values = truth(anchors=anchors)
    run = run_of(values, scope_employment=np.array([[3.0], [3.0]]))
    source = replace(source, policies=truth_of(run).policies)
    for item in load_facts():
        there, here = answer(item, truth_of(run)), answer(item, source)
        if isinstance(here, NotAnswered):
            assert isinstance(there, NotAnswered)
            assert there.why == here.why
        else:
            assert isinstance(there, Answer)
            assert there.values[0] == here.values[0]
            assert (there.en, there.zh, there.bound) == (here.en, here.zh, here.bound)


def test_a_record_is_read_as_it_comes_from_the_model() -> None:
    values = cube(24)
    classes = np.ones((2, 1, 5, len(SIZE_CLASS_MEASURES)))
    empty = np.zeros(0)
    record = ReplicateRecord(
        month("2022-07"),
        2022,
        values,
        classes,
        empty,
        empty,
        followed((1, 2023, 4e7)),
        empty,
        empty,
        empty,
        {"scope_employment": np.ones(1)},
    )
    found = truth_of_record(record, ("yongnian",), ("13",))
    assert value(fact("yn-output-2023"), found) == pytest.approx(column(values, "output_value")[6:18, 0].sum())
    kept = found.size_classes()
    assert kept is not None
    assert (kept[0], kept[1].shape) == (2023, (1, 1, 1, 5, len(SIZE_CLASS_MEASURES)))


def test_all_figures_have_an_entry_and_words() -> None:
    source, _ = truth()
    found = answers(load_facts(), source)
    assert [item.fact.id for item in found] == [item.id for item in load_facts()]
    assert len([item for item in found if isinstance(item, Answer)]) == 9
    assert all(item.en and item.zh for item in found)
    assert truth_of(run_of(cube())).provinces == ("13",)


def test_a_figure_of_a_policy_is_not_asked_of_a_scenario_without_it() -> None:
    """No fair is no fair of nobody: the figure of a fair would be missed by every scenario that leaves it out."""
    source, values = truth()
    intended = fact("yn-fair-intended-2024")
    assert why(intended, replace(source, policies={})) == "no policy"
    assert why(intended, replace(source, policies={"fair": frozenset({"anping"})})) == "no policy"
    assert "展会" in answer(intended, replace(source, policies={})).zh
    held = replace(source, policies={"fair": frozenset({"yongnian", "anping"})})
    assert value(intended, held) == value(intended, source) == column(values, "fair_intended_orders")[33, 0]
    # What firms do without any policy is asked of every scenario.
    assert value(fact("yn-output-2023"), replace(source, policies={})) > 0.0


def test_a_run_knows_the_policies_of_its_scenario() -> None:
    scenario = make_scenario(policies=(make_policy("fair", type="fair"),))
    run = FakeRun(scenario, np.arange(2))
    assert truth_of(run).policies == {"fair": frozenset({"yongnian"})}
    assert truth_of(FakeRun(make_scenario(policies=()), np.arange(2))).policies == {}
