"""The table of observables: one row says all, and rows that policy types bring along move no column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from sim import observables
from sim.observables import INDEX, OBSERVABLES, ROWS, Observable, observable, register
from sim.policies.registry import policy_types
from tests.model_fixtures import base_record, scenario

LOANS = Observable("loans", "green loans", "绿色贷款", "yuan", "sum", "higher", "lent; in the month", "已放贷；当月")
VISITS = Observable("visits", "visits", "走访次数", "count", "sum")


@pytest.fixture
def brought() -> Iterator[None]:
    yield
    for policy in ("green_loan", "advice"):
        register(policy, ())
    observables._declared.clear()


def test_every_row_is_told_in_both_languages() -> None:
    for item in ROWS:
        for text in (item.label_zh, item.basis_zh, item.stage_zh):
            assert not any("a" <= letter <= "z" for letter in text), item.name
        assert bool(item.basis) == bool(item.basis_zh)
        assert bool(item.stage) == bool(item.stage_zh)
    assert len({item.name for item in ROWS}) == len({item.label_zh for item in ROWS}) == len(ROWS)


def test_order_units_and_aggregates_stay() -> None:
    """Saved runs are found by these; a change makes every one of them strange."""
    text = json.dumps([(item.name, item.unit, item.aggregate) for item in ROWS])
    assert hashlib.sha256(text.encode()).hexdigest()[:12] == "cce6b482e251"


def test_every_policy_type_measures_something() -> None:
    assert {item.policy for item in ROWS} - {""} == set(policy_types())


def test_what_is_of_a_policy_is_zero_without_it() -> None:
    types = {policy.type for policy in scenario().policies}
    monthly = base_record().monthly
    left_out = [item.name for item in ROWS if item.policy and item.policy not in types]
    assert left_out
    assert not monthly[:, :, [INDEX[name] for name in left_out]].any()
    assert monthly[:, :, INDEX["fair_buyers"]].any()


@pytest.mark.usefixtures("brought")
def test_rows_of_policy_types_follow_whatever_the_order_of_reading() -> None:
    before = [item.name for item in OBSERVABLES]
    for order in (("green_loan", "advice"), ("advice", "green_loan"), ("green_loan", "green_loan")):
        for policy in order:
            register(policy, (LOANS,) if policy == "green_loan" else (VISITS,))
        assert [item.name for item in OBSERVABLES] == [*before, "visits", "loans"]
        assert list(INDEX) == [item.name for item in OBSERVABLES]
        assert observable("loans").policy == "green_loan"
    register("advice", ())
    assert OBSERVABLES[INDEX["loans"]].label_zh == "绿色贷款"
    assert len(OBSERVABLES) == len(before) + 1


@pytest.mark.usefixtures("brought")
def test_a_name_is_taken_once() -> None:
    register("green_loan", (LOANS,))
    for policy, row in (("advice", LOANS), ("advice", observable("exports"))):
        with pytest.raises(ValueError, match="'advice' has a name that is taken"):
            register(policy, (row,))
    assert [item.name for item in OBSERVABLES] == [*(item.name for item in ROWS), "loans"]


def test_phrases_of_a_basis_match() -> None:
    with pytest.raises(ValueError, match="loans: basis and basis_zh"):
        Observable("loans", "loans", "贷款", "yuan", "sum", "none", "lent; in the month", "当月")
