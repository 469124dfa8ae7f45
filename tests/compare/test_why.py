"""Why B differs from A: Shapley values on games made up, what is run, and parts that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.compare.why import Plan, plan, sampled_orders, sets_of, shapley, shapley_of_orders, why
from sim.errors import UserError
from sim.experiments.toolbox import standard_toolbox
from sim.policies.channels import REACTIONS
from sim.report.why_table import COLUMNS, cost_text, why_csv, why_record, why_text
from sim.scenario.content_hash import scenario_hash
from tests.compare.fake_run import FakeRun, make_pair

B, A = "yongnian-fair2x-fund200m", "yongnian-2023"
PLAYERS = ("fair", "fund", "park", "school")
Game = dict[frozenset[str], np.ndarray]


@st.composite
def games(draw: st.DrawFn) -> tuple[tuple[str, ...], Game]:
    """A value of each set of one to four players, in three pairs; nothing is worth nothing."""
    players = PLAYERS[: draw(st.integers(1, 4))]
    number = st.floats(-1e9, 1e9)
    value = {chosen: np.array(draw(st.tuples(number, number, number))) for chosen in sets_of(players)}
    value[frozenset()] = np.zeros(3)
    return players, value


@given(games())
def test_parts_add_up_to_the_whole(game: tuple[tuple[str, ...], Game]) -> None:
    players, value = game
    parts = shapley(value, players)
    assert np.sum(list(parts.values()), axis=0) == pytest.approx(value[frozenset(players)], abs=1e-5)


@given(games())
def test_players_that_do_the_same_get_the_same(game: tuple[tuple[str, ...], Game]) -> None:
    players, value = game
    if len(players) < 2:
        return
    one, other = players[:2]
    swapped = {one: other, other: one}
    even = {
        chosen: (value[chosen] + value[frozenset(swapped.get(name, name) for name in chosen)]) / 2.0 for chosen in value
    }
    parts = shapley(even, players)
    assert parts[one] == pytest.approx(parts[other], abs=1e-5)


@given(games())
def test_a_player_that_does_nothing_gets_nothing(game: tuple[tuple[str, ...], Game]) -> None:
    players, value = game
    dull = {chosen: value[chosen - {players[0]}] for chosen in value}
    assert not shapley(dull, players)[players[0]].any()


@given(games())
def test_all_orders_give_the_value_itself(game: tuple[tuple[str, ...], Game]) -> None:
    players, value = game
    found = shapley_of_orders(value, players, list(permutations(players)))
    for player, part in shapley(value, players).items():
        assert found[player] == pytest.approx(part, abs=1e-5)


@given(games(), st.integers(1, 3), st.integers(0, 99))
def test_sampled_orders_add_up_too(game: tuple[tuple[str, ...], Game], number: int, seed: int) -> None:
    players, value = game
    orders = sampled_orders(players, number, seed)
    assert orders == sampled_orders(players, number, seed)
    assert all(sorted(order) == sorted(players) for order in orders)
    asked = {chosen: value[chosen] for chosen in sets_of(players, orders)}
    parts = shapley_of_orders(asked, players, orders)
    assert np.sum(list(parts.values()), axis=0) == pytest.approx(value[frozenset(players)], abs=1e-5)


def test_worked_by_hand() -> None:
    """Two that do 1 and 2 alone and 5 together share the 2 beyond equally."""
    value = {frozenset(): 0.0, frozenset("a"): 1.0, frozenset("b"): 2.0, frozenset("ab"): 5.0}
    parts = shapley({chosen: np.array([number]) for chosen, number in value.items()}, ("a", "b"))
    assert (parts["a"].tolist(), parts["b"].tolist()) == ([2.0], [3.0])


# --- what is run ------------------------------------------------------------------------------------------------------


def test_what_is_run_for_a_fair_made_larger_and_a_new_fund() -> None:
    todo = plan(B, A)
    assert tuple(todo.policies) == ("fair", "upgrade-fund")
    assert todo.channels == ("capacity", "technique", "information", "contacts", REACTIONS)
    assert todo.unused == ("skills", "costs", "space")
    # A has the fair already, so its channels are closed there too.
    assert set(todo.without_a) == {"information", "contacts"}
    assert [one.reference for one in todo.between] == [f"{B}:only-fair", f"{B}:only-upgrade-fund"]
    assert todo.sets[frozenset()] == A
    assert todo.sets[frozenset(todo.policies)] == B
    assert todo.worlds == 2 + 5 + 2 + 2 + 1
    only = todo.between[0].loaded.scenario
    ours, theirs = (standard_toolbox().load(name, ()).scenario for name in (B, A))
    assert {policy.id for policy in only.policies} == {policy.id for policy in theirs.policies}
    assert next(p for p in only.policies if p.id == "fair") == next(p for p in ours.policies if p.id == "fair")
    hashes = {scenario_hash(one.loaded.scenario) for one in todo.variants}
    assert len(hashes | {scenario_hash(ours), scenario_hash(theirs)}) == len(todo.variants) + 2
    closed = todo.without_b["contacts"].loaded.scenario.closed
    assert (closed.policies, closed.since, closed.baseline) == (("fair", "upgrade-fund"), 2026 * 12, ())
    assert todo.without_b[REACTIONS].loaded.scenario.closed.baseline == theirs.policies
    assert "11 runs" in cost_text(todo, 24, "en")
    assert "24次推演每次模拟12个世界" in cost_text(todo, 24, "zh")


def test_a_channel_or_none_and_no_package() -> None:
    todo = plan(B, A, ["contacts"], split_policies=False)
    assert (todo.channels, todo.sets, todo.between) == (("contacts",), {}, ())
    assert plan(B, A, []).channels == ()


def test_of_many_policies_sets_on_sampled_orders_are_run() -> None:
    tools = standard_toolbox()

    def load(reference: str, overrides: Sequence[str]) -> Any:
        found = tools.load(reference, overrides)
        fund = next((policy for policy in found.scenario.policies if policy.id == "upgrade-fund"), None)
        if fund is None:
            return found
        more = tuple(replace(fund, id=f"fund-{k}") for k in range(5))
        return replace(found, scenario=replace(found.scenario, policies=(*found.scenario.policies, *more)))

    todo = plan(B, A, [], orders=2, toolbox=replace(tools, load=load))
    assert len(todo.policies) == 7
    assert len(todo.orders) == 4
    assert todo.orders[1] == todo.orders[0][::-1]
    assert set(todo.sets) == set(sets_of(tuple(todo.policies), todo.orders))
    assert len(todo.between) == len(todo.sets) - 2 <= 24
    assert all(len(one.reference) < 100 for one in todo.between)


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(UserError, match="have the same policies"):
        plan(A, A)
    with pytest.raises(UserError, match="differ before their first month"):
        plan(A, "anping-2023")
    with pytest.raises(UserError, match='no channel "contact"; did you mean contacts'):
        plan(B, A, ["contact"])


# --- what is read -----------------------------------------------------------------------------------------------------


def answered(number: int = 24, **gains: float) -> tuple[Plan, Mapping[str, FakeRun]]:
    """A plan with runs made up: what the difference of each run from A is, by reference."""
    todo = plan(B, A, ["contacts", REACTIONS])
    b, a = make_pair(number, gain=0.0)
    runs = {}
    names = [todo.a, todo.b, *(one.reference for one in todo.variants)]
    for k, name in enumerate(names):
        run = replace(a if name == todo.a else b, hash=f"{k:08x}")
        run.values = {**a.values, "output_value": a.values["output_value"] + gains[name]}
        runs[name] = run
    return todo, runs


GAINS = {
    A: 0.0, B: 10e6, f"{B}:without-contacts": 2e6, f"{A}:without-contacts": -1e6, f"{B}:without-reactions": 11e6,
    f"{B}:only-fair": 7e6, f"{B}:only-upgrade-fund": 1e6,
}  # fmt: skip


def test_parts_of_channels_and_policies() -> None:
    todo, runs = answered(**GAINS)
    found = why(todo, runs, at=2030)  # type: ignore[arg-type]
    assert found.total.mean == pytest.approx(120e6)
    parts = {part.name: part.mean / 12e6 for part in found.channels}
    assert parts == pytest.approx({"contacts": 7.0, REACTIONS: -1.0, "rest": 4.0})
    assert np.sum([part.values for part in found.channels], axis=0) == pytest.approx(found.total.values)
    policies = {part.name: part.mean / 12e6 for part in found.policies}
    assert policies == pytest.approx({"fair": 8.0, "upgrade-fund": 2.0})
    assert found.share(found.policies[0]) == pytest.approx(0.8)


def test_tables_in_both_languages_and_for_other_programs() -> None:
    todo, runs = answered(**GAINS)
    found = why(todo, runs, at=2030)  # type: ignore[arg-type]
    english, chinese = why_text(found, "en"), why_text(found, "zh")
    assert "contacts with buyers, renown" in english
    assert "money, and channels together" in english
    assert "in B and in A" in english
    assert "与采购商的联系、知名度" in chinese
    assert "夏普利值" in chinese
    assert "Equipment upgrade fund" in english
    assert "技术改造专项资金" in chinese
    assert "acts" not in chinese
    rows = why_csv(found).splitlines()
    assert rows[0] == ",".join(COLUMNS)
    assert len(rows) == 1 + 1 + 3 + 2
    record = why_record(found)
    assert len(record["pairs"]["fair"]) == 24
    assert record["policies"] == ["fair", "upgrade-fund"]


def test_replicates_that_a_run_lacks_are_left_out() -> None:
    todo, runs = answered(**GAINS)
    lacking = f"{B}:only-fair"
    run = runs[lacking]
    run.replicates = run.replicates[:-2]
    run.values = {name: values[:-2] for name, values in run.values.items()}
    found = why(todo, runs, at=2030)  # type: ignore[arg-type]
    assert (len(found.replicates), found.dropped) == (22, 2)
    assert "2 replicates" in why_text(found, "en")
