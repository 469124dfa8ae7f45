"""Who counts as what, and who may apply or exhibit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.policies import classification
from sim.policies.fund import applications
from sim.rules.investment import loan_rates
from sim.state.columns import MAKER, SUPPLIER, TRADER
from tests.policies.hand_made import MONTH, fund, state_of


@pytest.mark.parametrize(
    ("workers", "revenue", "expected"),
    [
        (1000, 400e6, "large"),
        (999, 400e6, "medium"),
        (1000, 399e6, "medium"),
        (300, 20e6, "medium"),
        (299, 500e6, "small"),
        (300, 19e6, "small"),
        (20, 3e6, "small"),
        (19, 3e6, "micro"),
        (20, 2.9e6, "micro"),
        (5000, 1e6, "micro"),
    ],
)
def test_size_classes_need_both_limits(workers: float, revenue: float, expected: str) -> None:
    state = state_of(1, workers=workers, revenue_year=revenue)
    assert classification.size_class(state, state.live).tolist() == [expected]


def test_above_scale_is_for_makers_from_twenty_million() -> None:
    state = state_of(3, tier=[MAKER, MAKER, TRADER], revenue_year=[20e6, 19.99e6, 90e6])
    assert classification.above_scale(state, state.live).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("any", [0, 1, 3]), ("above_scale", [0]), ("in_park", [1]), ("honours:little_giant", [3])],
)
def test_who_may_exhibit(rule: str, expected: list[int]) -> None:
    state = state_of(
        5, tier=[MAKER, MAKER, SUPPLIER, TRADER, MAKER], revenue_year=[30e6, 5e6, 30e6, 5e6, 30e6],
        park=[-1, 0, 0, -1, -1], honours=[0, 0, 1, 1, 0], place=[0, 0, 0, 0, 1],
    )  # fmt: skip
    assert classification.exhibitors(state, rule, 0).tolist() == expected


def eligible(conditions: dict[str, object], **firms: object) -> list[int]:
    """Return which of three firms may apply."""
    state = state_of(3, **firms)
    return applications.eligible(state, fund(eligible=conditions).eligible, [0]).tolist()


def test_only_makers_of_the_place_that_have_not_decided() -> None:
    state = state_of(4, tier=[MAKER, SUPPLIER, MAKER, MAKER], place=[0, 0, 1, 0])
    state.scratch.decided[3] = 1
    assert applications.eligible(state, fund().eligible, [0]).tolist() == [0]


def test_revenue_limit() -> None:
    assert eligible({"revenue_at_least": 2e7}, revenue_year=[1.9e7, 2e7, 5e7]) == [1, 2]


@pytest.mark.parametrize(("rule", "expected"), [("any", [0, 1, 2]), ("preferred", [0, 1, 2]), ("only", [1])])
def test_in_park(rule: str, expected: list[int]) -> None:
    assert eligible({"in_park": rule}, park=[-1, 0, -1]) == expected


def test_environmental_clean_looks_back_twelve_months() -> None:
    closed = [0, MONTH - 12, MONTH - 13]
    assert eligible({"environmental_clean": True}, closed_month=closed) == [0, 2]
    assert eligible({"environmental_clean": False}, closed_month=closed) == [0, 1, 2]


def test_honours_and_sizes() -> None:
    assert eligible({"honours": ["little_giant"]}, honours=[0, 1, 0]) == [1]
    sizes = {"workers": [10.0, 30.0, 400.0], "revenue_year": [1e6, 5e6, 5e7]}
    assert eligible({"size": ["micro", "small"]}, **sizes) == [0, 1]
    assert eligible({"size": ["medium"]}, **sizes) == [2]
    assert eligible({"size": ["large"]}, **sizes) == []


@pytest.mark.parametrize(
    ("pays_for", "expected"),
    [
        ("equipment", 1000.0 + 0.7 * 500.0),
        ("digital", 0.7 * 500.0),
        ("rnd", 0.3 * 500.0),
    ],
)
def test_what_a_fund_pays_for(pays_for: str, expected: float) -> None:
    state = state_of(1)
    part = applications.eligible_spending(state, state.live, *(np.array([x]) for x in (1000.0, 500.0, 100.0)), pays_for)
    assert part == pytest.approx([expected])


def test_equipment_digital_and_development_make_up_an_upgrade() -> None:
    state = state_of(1)
    upgrade = [
        float(applications.eligible_spending(state, state.live, np.zeros(1), np.array([500.0]), np.zeros(1), kind)[0])
        for kind in ("digital", "rnd")
    ]
    assert sum(upgrade) == pytest.approx(500.0)


def test_interest_is_that_of_a_loan_repaid_evenly() -> None:
    state = state_of(1)
    finance = state.parameters.investment
    part = applications.eligible_spending(
        state, state.live, *(np.array([x]) for x in (1000.0, 0.0, 400.0)), "loan_interest"
    )
    assert part == pytest.approx(
        [600.0 * loan_rates(state.live, state.firms, finance)[0] * finance.repayment_months / 12.0 / 2.0]
    )
    nothing = applications.eligible_spending(
        state, state.live, *(np.array([x]) for x in (1000.0, 0.0, 4000.0)), "loan_interest"
    )
    assert nothing == pytest.approx([0.0])
