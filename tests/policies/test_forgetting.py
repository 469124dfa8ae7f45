"""Rows of closed firms are given to others: no institution remembers one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.policies.programmes import NOBODY
from sim.policies.registry import policy_types
from tests.policies.every_type import RICH, TERMS, usual
from tests.policies.playing import FIRST, Played, begun, parameters
from tests.policies.test_public_money import SPENDING

ROWS = {
    "members": lambda kept: kept,
    "workshops": lambda kept: kept,
    "holders": lambda kept: kept,
    "visited": lambda kept: kept,
    "plants": lambda kept: kept,
    "moved_here": lambda kept: kept,
    "launched": lambda kept: kept,
    "last_order": list,
    "winners": lambda kept: [row for _, row in kept],
    "ordered": lambda kept: [row for _, row, _ in kept if row != NOBODY],
    "due": lambda kept: np.concatenate([np.empty(0, dtype=np.int64), *(rows for _, rows, _ in kept)]),
}
"""What institutions keep rows in, and how to read them."""
BY_ROW = ("received", "turned_down", "revenue_before")
"""Arrays with an entry for each row."""
OTHER = {
    "places", "paid_share", "unspent", "yearly_budget", "share", "opened", "payers", "waiting", "signed", "gap_before",
    "gaps", "knew", "arrived",
}  # fmt: skip
"""Other collections: by place, by phase, by slot, or beside one of ``ROWS``."""
CLOSING = {"turnover__hazard_years_4_7": 0.5, "turnover__hazard_later": 0.4}


def kept_rows(institution: Any) -> dict[str, np.ndarray]:
    """Return the rows an institution remembers, by attribute; a collection that nobody has named is an error."""
    found = {}
    for name, kept in vars(institution).items():
        if isinstance(kept, np.ndarray | list | tuple | dict | set) and name not in {*OTHER, *BY_ROW}:
            # A platform's ``due`` visits and a fund's ``due`` awards share a word: only collections hold rows.
            found[name] = np.asarray(ROWS[name](kept), dtype=np.int64)
    return found


def policies() -> list[Any]:
    """Return one policy of each type that does as much as it can."""
    more = {
        "brand_design": {"firms_per_year": 240, "cost_per_firm": 2e3, "awards": 12},
        "research_partnership": {"partners": 30, "projects_per_year": 240, "cost": 2e3},
        "cloud_drive": {"workshops": 50, "fee_subsidy": 0.9},
        "designation": {"award": 1e4, "count": 60, "every": {"month": 3}},
        "fund": {"paid": {"when": "after_acceptance", "lag_months": 2}, "call_months": tuple(range(1, 13))},
        "project": {"build_months": 2, "projects": 30, "value": 60e6},
    }
    return [
        usual(kind, base={**TERMS[kind], **SPENDING.get(kind, {}), **more.get(kind, {})})
        for kind in sorted(policy_types())
    ]


@pytest.fixture(scope="module")
def run() -> Played:
    """Return a county in which firms close several times as often as elsewhere, under policies of all types."""
    return begun(policies(), months=30, scale=1, settings=parameters(**CLOSING), **RICH)


def test_nobody_keeps_a_row_of_a_closed_firm(run: Played) -> None:
    seen: set[str] = set()
    closed: set[str] = set()
    before: dict[tuple[int, str], set[int]] = {}
    while run.model.state.month <= run.model.resolved.time.end:
        run.step()
        state = run.model.state
        left = set(state.left.tolist())
        assert not left & {row for _, _, row in state.opened}
        for institution in run.model.institutions:
            for name, rows in kept_rows(institution).items():
                assert state.firms.alive[rows].all(), (institution.policy.type, name)
                closed |= {name} if left & before.get((institution.position, name), set()) else set()
                before[institution.position, name] = set(rows.tolist())
                seen |= {name} if rows.size else set()
            for name in BY_ROW:
                values = getattr(institution, name, None)
                if values is not None:
                    assert not values[[row for row in left if row < values.size]].any(), name
                    seen |= {name} if values.any() else set()
    assert seen == {*ROWS, *BY_ROW}
    # The list would not be worth much if no firm that was remembered had closed.
    assert closed >= set(ROWS) - {"plants", "workshops", "launched", "winners", "holders"}


def test_a_new_firm_in_a_row_is_a_new_firm() -> None:
    """All firms close at once; others in their rows are no members, owe no visit, wait for no grant."""
    run = begun(policies(), months=15, scale=5, settings=parameters(), **RICH).step(14)
    everybody = np.arange(run.model.state.count)
    for institution in run.model.institutions:
        institution.forget(everybody)
        assert all(rows.size == 0 for rows in kept_rows(institution).values()), institution.policy.type
        assert not any(getattr(institution, name, np.zeros(1)).any() for name in BY_ROW)
        institution.forget(everybody[:0])
    assert not run.model.state.firms.member.any()
    assert run.model.state.month == FIRST + 14
