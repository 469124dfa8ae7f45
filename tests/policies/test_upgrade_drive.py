"""Makers that are visited, and those of them that upgrade."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.policies.playing import FIRST, Played, parameters, played
from tests.policies.programmes import RICH, TERMS, begun_rich, gain, only_problem, programme, said

KIND = "upgrade_drive"
DRIVE = parameters().drive
FIRMS = TERMS[KIND]["firms"]


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return thirty months with a drive of the first two years."""
    return played([programme(KIND, end=FIRST + 23)], months=30, **RICH)


@pytest.fixture(scope="module")
def without() -> Played:
    """Return the same months without it."""
    return played(months=30, **RICH)


def test_visits_are_spread_over_the_drive(usual: Played) -> None:
    visited = usual.monthly("firms_visited")
    assert visited[:24].sum() == FIRMS
    assert visited[24:].sum() == 0.0
    assert np.all(visited[:24] == FIRMS / 24)


def test_a_drive_without_an_end_takes_its_usual_time() -> None:
    run = played([programme(KIND)], months=30, **RICH)
    assert run.monthly("firms_visited")[: round(DRIVE.drive_months)].sum() == FIRMS
    assert run.monthly("firms_visited").sum() == FIRMS


def test_nobody_is_visited_twice_and_those_far_behind_come_first() -> None:
    run = begun_rich(programme(KIND, end=FIRST))
    state, institution, seen = run.model.state, run.institution(), []
    step = institution.step

    def watched() -> None:
        step()
        gap = state.firms.technology_gap  # before anybody has climbed
        seen.append((institution.visited.copy(), gap[institution.visited].mean(), gap[state.makers].mean()))

    institution.step = watched
    run.step()
    ((visited, gap, usual),) = seen
    assert visited.size == np.unique(visited).size == FIRMS
    assert set(state.firms.tier[visited]) == {0}
    # Who has closed since is forgotten.
    assert np.array_equal(institution.visited, visited[state.firms.alive[visited] == 1])
    assert gap > 1.2 * usual


def test_a_firm_visited_knows_the_next_rung() -> None:
    run = begun_rich(programme(KIND, end=FIRST), months=1)
    institution, state = run.institution(), run.model.state
    seen, step = [], institution.step

    def watched() -> None:
        step()
        seen.append(state.firms.aware[institution.visited].copy())

    institution.step = watched
    run.step()
    assert np.all(seen[0] == 1)


def test_more_firms_visited_more_upgrades(usual: Played, without: Played) -> None:
    many = played([programme(KIND, firms=600, end=FIRST + 23)], months=30, **RICH)
    upgraded = [run.monthly("drive_upgrades").sum() for run in (without, usual, many)]
    assert upgraded[0] == 0.0 < upgraded[1] < upgraded[2]
    assert gain(many, without, "upgrades") > gain(usual, without, "upgrades") > 0.0


def test_uptake_is_that_of_free_advice(usual: Played) -> None:
    """A clearly better technique that is free was taken up by 5 to 40 percent within 15 months (A5)."""
    uptake = usual.monthly("drive_upgrades").sum() / FIRMS
    assert 0.03 < uptake < 0.4


def test_no_public_money_moves(usual: Played) -> None:
    assert usual.record.money.sum() == 0.0
    assert not any(usual.left("county:yongnian"))


def test_low_carbon_upgrades_discharge_less() -> None:
    emission = {}
    for focus in (("low_carbon",), ("equipment",)):
        run = begun_rich(programme(KIND, firms=600, focus=focus, end=FIRST + 11), months=18)
        state, firms = run.model.state, run.model.state.firms
        start = dict(zip(firms.slot[state.live].tolist(), firms.emission[state.live].tolist(), strict=True))
        run.finish()
        firms, rows = state.firms, state.live
        before = np.array([start.get(slot, 0.0) for slot in firms.slot[rows].tolist()])
        less = firms.emission[rows] < before
        emission[focus] = firms.emission[rows[less]] / before[less]
    assert emission["equipment",].size == 0
    steps = np.log(emission["low_carbon",]) / np.log(1.0 - DRIVE.emission_cut)
    assert steps.size > 0
    assert steps == pytest.approx(np.round(steps))


def test_a_diagnosis_spares_failures() -> None:
    success = {}
    for focus in (("smart",), ("equipment",)):
        run = begun_rich(programme(KIND, firms=300, focus=focus, end=FIRST), months=1).step()
        success[focus] = run.model.state.places.upgrade_success[0]
    base = run.model.state.parameters.technology.success_rate
    assert success["equipment",] == base
    assert base < success["smart",] <= 1.0 - (1.0 - base) * (1.0 - DRIVE.failures_spared)


def test_visits_made_before_the_run_are_not_made_again() -> None:
    half = played([programme(KIND, start=FIRST - 12, end=FIRST + 11)], months=14, **RICH)
    assert half.monthly("firms_visited").sum() == pytest.approx(FIRMS / 2)


def test_a_larger_drive_from_a_month_on_catches_up() -> None:
    run = played([programme(KIND, end=FIRST + 11, later={FIRST + 6: {"firms": 240}})], months=12, **RICH)
    visited = run.monthly("firms_visited")
    assert visited[:6].sum() == FIRMS / 2
    assert visited.sum() == 240.0


def test_rows_of_several_firms_wait_for_their_visit_like_others() -> None:
    """Nobody is passed over for standing for many: the drive reaches small firms at every scale."""
    run = played([programme(KIND, firms=400, end=FIRST + 23)], months=26, scale=10, **RICH)
    assert run.monthly("firms_visited").sum() == pytest.approx(400.0, abs=20.0)
    state, visited = run.model.state, run.institution().visited
    grouped = [
        float(state.firms.weight[rows[state.firms.weight[rows] > 1.0]].sum() / state.firms.weight[rows].sum())
        for rows in (visited, state.makers_of(0))
    ]
    assert grouped[0] == pytest.approx(grouped[1], abs=0.1)


def test_what_it_adds_is_below_what_arithmetic_allows(usual: Played, without: Played) -> None:
    """Were every firm visited to climb two rungs at once and sell at the elasticity of its market."""
    p = usual.model.state.parameters
    rungs = p.technology.rungs_at_once * (p.technology.rung_productivity + p.technology.rung_quality)
    share = 60.0 / without.monthly("makers")[0]
    ceiling = p.demand.elasticity_suppliers * rungs * share * without.monthly("output_value")[:12].sum()
    assert abs(gain(usual, without, "output_value", slice(0, 12))) < ceiling


def test_wrong_terms_are_told_plainly(tmp_path: Path) -> None:
    for old, new, code, words in (
        ('["smart"]', "[]", "E16", ("focus = []", "smart, low_carbon, equipment")),
        ('["smart"]', '["lowcarbon"]', "E16", ("low_carbon",)),
        ("firms = 112", 'firms = "112 firms"', "E17", ("firms", "plain number")),
        ("firms = 112", "firms = -5", "E17", ("less than 0",)),
        ("firms = 112", "", "E15", ("firms",)),
    ):
        problem = only_problem(tmp_path, KIND, old, new)
        assert problem.code == code
        assert said(problem, *words), problem.text("en")
