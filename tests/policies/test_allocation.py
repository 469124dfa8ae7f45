"""How awards are chosen: cases worked out by hand, and what holds for every case."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.policies.fund import applications
from sim.policies.fund.applications import Bids
from tests.policies.hand_made import asking, fund, state_of

KEY = 5


def awards(rule: str, grants: list[float], budget: float, weights: dict[str, float] | None = None, **firms: object):
    """Return the grant of every application, 0 where it lost."""
    state = state_of(len(grants), **firms)
    chosen, won = applications.allocate(state, asking(grants), fund(rule, weights), budget, KEY)
    result = np.zeros(len(grants))
    result[chosen] = won
    return result


@pytest.mark.parametrize("rule", ["lottery", "first_come", "proportional", "equal"])
def test_everyone_wins_when_there_is_enough(rule: str) -> None:
    assert awards(rule, [10.0, 20.0, 30.0], 60.0).tolist() == [10.0, 20.0, 30.0]


def test_proportional_cuts_everyone_by_the_same_share() -> None:
    assert awards("proportional", [10.0, 20.0, 30.0], 30.0) == pytest.approx([5.0, 10.0, 15.0])


def test_equal_gives_everyone_the_same_at_most() -> None:
    assert awards("equal", [10.0, 20.0, 30.0], 36.0) == pytest.approx([10.0, 13.0, 13.0])
    assert awards("equal", [30.0, 10.0, 20.0], 9.0) == pytest.approx([3.0, 3.0, 3.0])


def test_equal_looks_at_firms_not_at_rows() -> None:
    together = awards("equal", [10.0, 40.0], 60.0, weight=[4.0, 1.0])
    assert together == pytest.approx([10.0, 20.0])
    assert awards("equal", [10.0, 40.0], 25.0, weight=[4.0, 1.0]) == pytest.approx([5.0, 5.0])


def test_proportional_counts_every_firm_of_a_row() -> None:
    assert awards("proportional", [10.0, 40.0], 40.0, weight=[4.0, 1.0]) == pytest.approx([5.0, 20.0])


def test_an_application_that_no_longer_fits_is_passed_over() -> None:
    won = awards("score", [10.0, 50.0, 10.0], 25.0, {"expected_jobs": 1.0})
    assert won.tolist() == [10.0, 0.0, 10.0]


def test_score_serves_the_best_first() -> None:
    # Jobs per machine: workers over capital times the machine; equal machines, so the most workers win.
    won = awards("score", [10.0, 10.0, 10.0, 10.0], 20.0, {"expected_jobs": 1.0}, workers=[5.0, 50.0, 20.0, 1.0])
    assert won.tolist() == [0.0, 10.0, 10.0, 0.0]


def test_score_by_park_and_by_energy() -> None:
    assert awards("score", [10.0] * 3, 10.0, {"in_park": 1.0}, park=[-1, -1, 0]).tolist() == [0.0, 0.0, 10.0]
    state = state_of(3, technology_gap=[0.5, 2.0, 1.0])
    offers = asking([10.0] * 3, upgrade=1.0)
    chosen, _ = applications.allocate(state, offers, fund("score", {"energy_saving": 1.0}), 10.0, KEY)
    assert chosen.tolist() == [1]


def test_weights_of_a_score_add_up() -> None:
    state = state_of(3, workers=[1.0, 2.0, 3.0], park=[0, -1, -1])
    both = applications.scores(state, asking([10.0] * 3), {"expected_jobs": 0.6, "in_park": 0.4})
    jobs = applications.scores(state, asking([10.0] * 3), {"expected_jobs": 1.0})
    park = applications.scores(state, asking([10.0] * 3), {"in_park": 1.0})
    assert both == pytest.approx(0.6 * jobs + 0.4 * park)
    assert jobs == pytest.approx([0.0, 0.5, 1.0])


def test_applications_that_are_alike_score_alike() -> None:
    state = state_of(4, park=[-1, -1, 0, -1])
    score = applications.scores(state, asking([10.0] * 4), {"in_park": 1.0})
    assert score[0] == score[1] == score[3] < score[2]
    assert applications.scores(state, asking([10.0] * 4), {"automation": 1.0}).tolist() == [0.0] * 4


def test_firms_in_a_park_go_first_where_they_are_preferred() -> None:
    state = state_of(6, park=[-1, 0, -1, -1, 0, -1])
    terms = fund("lottery", eligible={"in_park": "preferred"})
    chosen, _ = applications.allocate(state, asking([10.0] * 6), terms, 20.0, KEY)
    assert chosen.tolist() == [1, 4]


def test_a_lottery_is_fair_and_belongs_to_its_policy() -> None:
    wins = np.zeros(6)
    for month in range(400):
        chosen, _ = applications.allocate(state_of(6, month=24000 + month), asking([10.0] * 6), fund(), 20.0, KEY)
        wins[chosen] += 1
    assert wins.sum() == 800
    assert np.all(np.abs(wins - 800 / 6) < 4.0 * np.sqrt(400 * 2 / 6 * 4 / 6))
    first, second = (
        [
            applications.allocate(state_of(6, month=m), asking([10.0] * 6), fund(), 20.0, key)[0].tolist()
            for m in range(20)
        ]
        for key in (KEY, KEY + 1)
    )
    assert first != second


def test_a_lottery_does_not_depend_on_who_else_applies_first() -> None:
    state = state_of(4)
    whole = applications.order_of(state, asking([10.0] * 4), fund(), KEY).tolist()
    offers = asking([10.0] * 4).kept(np.array([True, False, True, True]))
    some = offers.rows[applications.order_of(state, offers, fund(), KEY)].tolist()
    assert some == [row for row in whole if row != 1]


def test_no_applications_no_awards() -> None:
    for rule in ("lottery", "proportional", "equal"):
        assert awards(rule, [], 10.0).size == 0


@given(
    rule=st.sampled_from(["lottery", "first_come", "proportional", "equal", "score"]),
    asked=st.lists(st.tuples(st.floats(1.0, 1e7), st.integers(1, 40)), min_size=1, max_size=12),
    share=st.floats(0.0, 1.5),
)
def test_awards_stay_in_the_budget_and_below_what_was_asked(
    rule: str, asked: list[tuple[float, int]], share: float
) -> None:
    grants, weight = np.array([a for a, _ in asked]), np.array([float(w) for _, w in asked])
    budget = share * float((grants * weight).sum())
    weights = {"expected_jobs": 0.5, "automation": 0.5} if rule == "score" else None
    won = awards(rule, grants.tolist(), budget, weights, weight=weight, workers=np.arange(1.0, weight.size + 1.0))
    total = float((won * weight).sum())
    assert total <= budget * (1.0 + 1e-9)
    assert np.all(won <= grants * (1.0 + 1e-12))
    assert np.all(won >= 0.0)
    if rule in ("proportional", "equal"):
        assert total == pytest.approx(min(budget, float((grants * weight).sum())), abs=1e-6)
    else:
        assert np.all((won == 0.0) | (won == grants))
        lost = (won == 0.0) & (grants > 0.0)
        assert np.all((grants * weight)[lost] > budget - total - 1e-6)


def test_kept_keeps_the_same_rows_of_everything() -> None:
    offers = Bids(*(np.arange(3) * float(k) for k in range(1, 6)))
    kept = offers.kept(np.array([True, False, True]))
    assert [column.tolist() for column in (kept.rows, kept.grants)] == [[0.0, 2.0], [0.0, 10.0]]
    assert kept.spending.tolist() == [0.0, 2.0 * 2 + 2.0 * 3]
