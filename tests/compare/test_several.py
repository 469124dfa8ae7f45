"""Several scenarios against one baseline: head to head, halves and whole."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.compare.runs import policy_changes
from sim.compare.several import compare_several, find_halves
from sim.errors import UserError
from sim.report.comparison_table import several_text, short_names
from tests.compare.fake_run import FakeRun, make_pair, make_policy, make_scenario, noise

FAIR = make_policy("fair", type="fair", name="Fair", name_zh="展会")
FUND = make_policy("fund")


def family(runs: int = 100, beyond: float = 0.0) -> tuple[list[FakeRun], FakeRun]:
    """Return fair, fund and both against a baseline; ``both`` has ``beyond`` more jobs than the sum of the halves."""
    found = []
    jobs = {"x:fair": 300.0, "x:fund": 800.0, "x": 1100.0 + beyond}
    policies = {"x:fair": (FAIR,), "x:fund": (FUND,), "x": (FAIR, FUND)}
    for position, name in enumerate(jobs):
        b, a = make_pair(runs, jobs=0.0, scenario_b=make_scenario(name, policies=policies[name]))
        wobble = 600.0 * (noise(70 + position, runs) - 0.5)
        if name == "x":
            wobble = sum(600.0 * (noise(70 + k, runs) - 0.5) for k in (0, 1))
        b.values["employment"] = a.values["employment"].copy()
        b.values["employment"][:, -12:, 0] += (jobs[name] + wobble)[:, None]
        b.hash = f"{position}234567890"
        found.append(b)
    return found, a


def test_head_to_head_counts_pairs_by_hand():
    runs, a = family()
    found = compare_several(runs, a)
    level = [run.annual("employment")[:, -1] for run in runs]
    for i in range(3):
        for j in range(3):
            if i != j:
                assert found.beats[i][j] == pytest.approx(np.mean(level[i] > level[j]))
                assert found.beats[i][j] + found.beats[j][i] == pytest.approx(1.0)
                assert found.pairs[i][j] == 100
    assert found.beats[2][0] == 1.0


def test_lower_wins_where_lower_is_better():
    runs, a = family()
    runs[0].values["discharge_untreated"] = a.values["discharge_untreated"] * 0.5
    found = compare_several(runs, a, "discharge_untreated")
    assert found.beats[0][1] == 1.0
    assert found.beats[1][2] == 0.5


def test_halves_and_whole_are_found_by_their_policies():
    runs, a = family()
    scenarios = [run.scenario for run in runs]
    assert find_halves(scenarios, a.scenario) == (2, (0, 1))
    assert find_halves([scenarios[2], scenarios[1], scenarios[0]], a.scenario) == (0, (1, 2))
    assert find_halves(scenarios[:2], a.scenario) is None
    larger = replace(scenarios[2], policies=(FAIR, replace(FUND, end=FUND.start + 5)))
    assert find_halves([*scenarios[:2], larger], a.scenario) is None
    assert find_halves([scenarios[0], scenarios[0], scenarios[0]], a.scenario) is None
    assert find_halves([a.scenario, scenarios[0], scenarios[0]], a.scenario) is None


def test_a_stopped_policy_is_a_change_too():
    a = make_scenario("a", policies=(FAIR,))
    assert policy_changes(make_scenario("b"), a) == {"fair": None}


def test_interaction_is_the_whole_less_the_sum_of_its_halves():
    runs, a = family(beyond=50.0)
    found = compare_several(runs, a).interaction
    assert found is not None
    assert found.difference.p50 == pytest.approx(50.0)
    assert found.verdict == "clear"
    assert found.n_pairs == 100
    assert abs(found.share_of_whole) < 0.1


def test_no_interaction_without_halves():
    runs, a = family()
    assert compare_several(runs[:2], a).interaction is None


def test_interaction_uses_replicates_all_four_share():
    runs, a = family()
    for run, kept in ((runs[0], np.arange(40)), (runs[2], np.arange(20, 100))):
        run.values = {name: values[kept] for name, values in run.values.items()}
        run.amounts = run.amounts[kept]
        run.replicates = kept
    found = compare_several(runs, a)
    assert found.interaction is not None
    assert found.interaction.n_pairs == 20
    assert found.pairs[0][2] == 20
    assert found.pairs[0][1] == 40


def test_unknown_variable_and_unlike_runs_are_refused():
    runs, a = family(30)
    with pytest.raises(UserError, match='no variable "jobs"'):
        compare_several(runs, a, "jobs")
    runs[1].scenario = replace(runs[1].scenario, seed=9)
    with pytest.raises(UserError, match="E20"):
        compare_several(runs, a)


def test_short_names():
    assert short_names(["x:fair", "x:fund", "x"]) == ["fair", "fund", "x"]
    assert short_names(["x:half", "y:half"]) == ["x:half", "y:half"]


@pytest.mark.parametrize(
    ("beyond", "english", "chinese"),
    [
        (0.5, "small", "很小"),
        (700.0, "the halves reinforce each other", "互相加强"),
        (-500.0, "the halves weaken each other", "互相削弱"),
    ],
)
def test_interaction_in_words(beyond, english, chinese):
    runs, a = family(beyond=beyond)
    found = compare_several(runs, a)
    assert f": {english}" in several_text(found, "en")
    assert f"：{chinese}" in several_text(found, "zh")


def test_interaction_that_is_not_clear_or_absent():
    runs, a = family()
    runs[2].values["employment"] = runs[2].values["employment"].copy()
    runs[2].values["employment"][:, -1, 0] += 9000.0 * (noise(5, 100) - 0.45)
    found = compare_several(runs, a)
    assert not math.isnan(found.interaction.share_of_whole)
    assert ": no clear difference" in several_text(found, "en")
    same = compare_several(runs, a, "exports")
    assert ": none" in several_text(same, "en")
    assert "：没有" in several_text(same, "zh")


def test_table_of_several_scenarios():
    runs, a = family()
    english = several_text(compare_several(runs, a), "en").splitlines()
    assert english[0] == "A  a  Scenario A"
    heading = next(line for line in english if line.startswith("employment 2030"))
    assert "jobs per million yuan" in heading
    assert "public money, million yuan" in heading
    start = english.index(next(line for line in english if line.startswith("row beats column (of 100)")))
    assert english[start + 1].split()[:2] == ["fair", "-"]
    assert english[start + 3].split()[0] == "x"
    assert english[start + 3].split()[-1] == "-"
    chinese = several_text(compare_several(runs, a), "zh")
    assert "行优于列（100次中）" in chinese
    assert "million" not in chinese
    assert "万元" in chinese


def test_notes_are_printed_once_and_named_where_only_some_have_them():
    runs, a = family(30)
    runs[1].failures = [{"replicate": 3, "month": "2028-04"}]
    text = several_text(compare_several(runs, a), "en")
    assert text.count("Bands: chance only") == 1
    assert "x:fund: Failed replicates: 1 of B." in text
