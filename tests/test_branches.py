"""Runs that share a past: each as it would be alone, whatever differs, and nothing shared that can change."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

import sim.model as module
from sim.errors import UserError
from sim.model import ClusterModel, SimulationError, simulate, simulate_together
from sim.parameters import Parameters
from sim.policies.fund.action import PolicyFund
from sim.policies.registry import policy_types
from sim.scenario.parting import parting, share_past
from sim.scenario.realise import realise
from sim.scenario.resolved import Policy, Scenario
from sim.state.record import ReplicateRecord
from sim.units import Uncertain
from tests.model_fixtures import SEED, quick_parameters, quick_scenario
from tests.policies.every_type import RICH, TERMS, usual
from tests.policies.many import given, province
from tests.policies.playing import FIRST, county, parameters

KINDS = sorted(TERMS)
LATER = FIRST + 5
SETTINGS = parameters(start__settle_months=2.0)
Result = ReplicateRecord | Exception


def place(*policies: Policy, months: int = 9, **start: float) -> Scenario:
    return county(policies, months=months, scale=20, **{**RICH, **start})


def together(*scenarios: Scenario, settings: Parameters | None = None, **options: Any) -> list[Result]:
    runs = [(scenario, settings or SETTINGS) for scenario in scenarios]
    found = dict(simulate_together(runs, SEED, **options))
    return [found[number] for number in range(len(scenarios))]


def same(a: Result, b: Result) -> bool:
    """Return whether two records are equal to the bit in all they hold."""
    assert isinstance(a, ReplicateRecord), a
    assert isinstance(b, ReplicateRecord), b
    for item in fields(ReplicateRecord):
        one, two = getattr(a, item.name), getattr(b, item.name)
        if isinstance(one, dict):
            equal = one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)
        elif isinstance(one, np.ndarray):
            equal = one.shape == two.shape and one.dtype == two.dtype and one.tobytes() == two.tobytes()
        else:
            equal = one == two
        if not equal:
            return False
    return True


def as_alone(*scenarios: Scenario, settings: Parameters | None = None) -> None:
    """Run scenarios together and alone, and require that each is the same to the bit."""
    panels = [True] * len(scenarios)
    for scenario, found in zip(scenarios, together(*scenarios, settings=settings, panels=panels), strict=True):
        assert same(found, simulate(scenario, settings or SETTINGS, SEED, panel=True)), scenario.policies


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the scenarios that were begun from nothing, one for each burn-in."""
    seen: list[str] = []
    begin = module.begin

    def noted(scenario: Scenario, *words: Any) -> Any:
        seen.append(scenario.id)
        return begin(scenario, *words)

    monkeypatch.setattr(module, "begin", noted)
    return seen


# --- every kind of difference ---------------------------------------------------------------------------------------


def test_a_policy_of_any_type_that_one_run_has_and_the_other_not(begun: list[str]) -> None:
    as_alone(place(), *(place(usual(kind, start=LATER)) for kind in KINDS))
    # One begins for all together, one for the designation, which counts a year ahead, and one for each alone.
    assert len(begun) == 2 + (1 + len(KINDS))


def test_a_policy_of_any_type_that_starts_later() -> None:
    everything = [usual(kind, start=FIRST + 2) for kind in KINDS]

    def delayed(kind: str) -> list[Policy]:
        return [usual(kind, start=LATER) if policy.type == kind else policy for policy in everything]

    as_alone(*(place(*delayed(kind)) for kind in ["none", *KINDS]))


def test_a_policy_of_any_type_that_is_stopped() -> None:
    everything = [usual(kind) for kind in KINDS]

    def stopped(kind: str) -> list[Policy]:
        end = {"end": LATER, "stopped": True}
        return [replace(policy, **end) if policy.type == kind else policy for policy in everything]

    as_alone(*(place(*stopped(kind)) for kind in ["none", *KINDS]))


def test_terms_of_any_type_that_change() -> None:
    everything = [usual(kind) for kind in KINDS]

    def smaller(kind: str) -> list[Policy]:
        return [changed(policy) if policy.type == kind else policy for policy in everything]

    as_alone(*(place(*smaller(kind)) for kind in ["none", *KINDS]))


def changed(policy: Policy) -> Policy:
    """Return a policy whose first number is half as large from some month on."""
    ((start, terms),) = policy.versions
    name = next(name for name in terms.dose if isinstance(getattr(terms, name, None), int | float))
    if policy.type == "park":  # its phases add up to its plots
        name = "build_cost"
    half = type(getattr(terms, name))(getattr(terms, name) / 2)
    return replace(policy, versions=((start, terms), (LATER, terms.model_copy(update={name: half}))))


def test_positions_of_policies_move_with_those_that_are_new() -> None:
    """A park and a project of both runs, with a new policy before, between and behind them, and one that is gone."""
    open_before = ({"opens": FIRST - 20, "plots": 40},)
    park, project = usual("park", start=FIRST - 20, phases=open_before), usual("project", start=FIRST)
    gone = usual("training", start=LATER + 1)
    new = [
        usual("fund", start=LATER),
        replace(usual("park", start=LATER), id="z-park"),
        usual("trade_park", start=LATER),
    ]
    trunk, branch = place(park, project, gone), place(park, project, *new)
    assert [policy.type for policy in branch.policies] == ["fund", "park", "park", "project", "trade_park"]
    assert parting(trunk, branch) == LATER
    as_alone(trunk, branch)
    as_alone(branch, trunk)
    tenants = ClusterModel(branch, SETTINGS, SEED).state.firms.park
    assert (tenants == 1).any(), "nobody is in the park: the test shows nothing"


def test_places_designated_one_after_another() -> None:
    """Batches count a year ahead, as revenues are noted for the growth asked for."""
    fund = given("fund", "fund", designated="towns", where=tuple(f"town-{n:02d}" for n in range(4)),
                 payer={"county": 1.0}, **TERMS["fund"])  # fmt: skip
    names = {"where": fund.where, "level": "province", "select": "score"}
    one = given("designation", "towns", count=1, **names)
    two = given("designation", "more", start=FIRST + 14, count=2, **names)
    firms = given("designation", "firms", start=FIRST + 15, scope="firms", honour="srdi", count=2, level="province",
                  select="score", where=fund.where)  # fmt: skip
    scenarios = [province(chosen, months=18, towns=4) for chosen in ([one, fund], [one, fund, two], [firms, one, fund])]
    assert [parting(scenarios[0], other) for other in scenarios[1:]] == [FIRST + 2, FIRST + 3]
    as_alone(*scenarios)


def test_a_tree_of_branches_lives_every_past_once(begun: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    months: list[int] = []
    base = place(months=12)
    fund, fair = usual("fund", start=FIRST + 4), usual("training", start=FIRST + 8)
    both = together(
        base, place(fund, months=12), place(fund, fair, months=12), place(fair, months=12), on_month=months.append
    )
    assert begun == [base.id]
    assert len(months) == 12 + 8 + 4 + 4
    assert len({record.digest for record in both if isinstance(record, ReplicateRecord)}) == 4


@pytest.mark.parametrize("what", ["parameters", "world", "places", "seed", "scale", "older policy", "drawn place"])
def test_nothing_is_shared_where_the_start_differs(what: str, begun: list[str]) -> None:
    base = place(usual("fund", start=FIRST - 3), months=3)
    other = {
        "parameters": replace(base, parameters={"investment.loan_rate": 0.05}),
        "world": replace(base, world=replace(base.world, wage=base.world.wage * 1.01)),
        "places": place(usual("fund", start=FIRST - 3), months=3, exports=2e7),
        "seed": replace(base, seed=base.seed + 1),
        "scale": replace(base, firms_per_agent=4),
        "older policy": place(usual("fund", start=FIRST - 4), months=3),
        "drawn place": drawn_place(base),
    }[what]
    assert not share_past(base, other)
    as_alone(base, other)
    assert len(begun) == 4


def drawn_place(base: Scenario) -> Scenario:
    """Return the scenario with a starting value drawn from a range."""
    start = base.places[0].start.model_copy(update={"exports": Uncertain(low=2e7, high=3e7)})
    return realise(replace(base, places=(replace(base.places[0], start=start),)), 0)


def test_parameters_of_the_draw_are_part_of_the_start(begun: list[str]) -> None:
    base = place(months=3)
    runs = [(base, SETTINGS), (base, parameters(investment__loan_rate=0.05, start__settle_months=2.0))]
    one, two = (result for _, result in simulate_together(runs, SEED))
    assert len(begun) == 2
    assert not same(one, two)


def test_drawn_terms_part_where_they_count(begun: list[str]) -> None:
    """Ranges are drawn alike in both; a range that differs counts from the policy's start."""
    loose = policy_types()["fund"].terms.plain(**{**TERMS["fund"], "annual_budget": Uncertain(low=1e7, high=4e7)})
    wide = policy_types()["fund"].terms.plain(**{**TERMS["fund"], "annual_budget": Uncertain(low=1e7, high=9e7)})
    a, b, c = (
        realise(place(replace(usual("fund", start=LATER), versions=((LATER, terms),))), 3)
        for terms in (loose, loose, wide)
    )
    assert (parting(a, b), parting(a, c)) == (None, LATER)
    as_alone(a, b, c)
    assert len(begun) == 1 + 3


def test_scenarios_of_the_library_and_their_overrides() -> None:
    fund = "yongnian-fair2x-fund200m"
    scenarios = [
        quick_scenario(end="2026-06"),
        quick_scenario(fund, end="2026-06"),
        quick_scenario(fund, "policy.upgrade-fund.annual_budget=100 million yuan", end="2026-06"),
        quick_scenario("yongnian-platform", end="2026-09"),
    ]
    assert [parting(scenarios[0], other) for other in scenarios[1:]] == [2026 * 12] * 3
    as_alone(*scenarios, settings=quick_parameters())


# --- what a run is asked for ----------------------------------------------------------------------------------------


def test_ends_panels_and_a_last_month() -> None:
    fair = usual("fair", start=LATER)
    scenarios = [place(months=9), place(fair, months=14), place(fair, months=7), place(months=14)]
    alone = [simulate(scenario, SETTINGS, SEED, panel=number == 2) for number, scenario in enumerate(scenarios)]
    for found, record in zip(together(*scenarios, panels=[False, False, True, False]), alone, strict=True):
        assert same(found, record)
    until = LATER + 1
    short = [simulate(scenario, SETTINGS, SEED, until=until) for scenario in scenarios]
    for found, record in zip(together(*scenarios, until=until), short, strict=True):
        assert same(found, record)


def test_a_run_that_never_differs_is_a_run_as_well() -> None:
    """Also before its policy begins, and when a scenario is named twice."""
    base = place(months=4)
    records = together(base, place(usual("fair", start=LATER), months=4), base)
    assert all(same(record, simulate(base, SETTINGS, SEED)) for record in (records[0], records[2]))
    assert records[1].digest == records[0].digest  # type: ignore[union-attr]


# --- failures -------------------------------------------------------------------------------------------------------


def breaks(monkeypatch: pytest.MonkeyPatch, error: Exception, month: int = LATER + 1) -> None:
    act = PolicyFund.act

    def fail(self: Any) -> None:
        if self.state.month == month:
            raise error
        act(self)

    monkeypatch.setattr(PolicyFund, "act", fail)


def test_a_failure_in_a_branch_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks(monkeypatch, ZeroDivisionError("no firms"))
    fund, fair = usual("fund", start=LATER), usual("fair", start=LATER)
    base, failed, other = together(place(), place(fund), place(fair))
    assert isinstance(failed, SimulationError)
    assert (failed.month, str(failed)) == (LATER + 1, "2023-07: ZeroDivisionError: no firms")
    assert isinstance(failed.__cause__, ZeroDivisionError)
    assert same(base, simulate(place(), SETTINGS, SEED))
    assert same(other, simulate(place(fair), SETTINGS, SEED))


def test_a_failure_of_the_trunk_leaves_its_branches_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One branch left before the failure, one leaves after it and fails alike, one drops what fails."""
    breaks(monkeypatch, ZeroDivisionError("no firms"))
    fund, stopped = usual("fund"), usual("fund", end=LATER)
    fair = usual("fair", start=LATER + 3)
    trunk, early, late, dropped = together(
        place(fund), place(fund, usual("fair", start=FIRST + 2)), place(fund, fair), place(stopped)
    )
    assert [result.month for result in (trunk, early, late) if isinstance(result, SimulationError)] == [LATER + 1] * 3
    assert same(dropped, simulate(place(stopped), SETTINGS, SEED))


def test_terms_that_cannot_be_carried_out_fail_alone() -> None:
    """A subsidy without a payer is found when the branch begins."""
    drive = replace(usual("cloud_drive", start=LATER, fee_subsidy=0.5), payer={})
    base, refused = together(place(), place(drive))
    assert isinstance(refused, UserError)
    assert 'has no "payer"' in str(refused)
    assert same(base, simulate(place(), SETTINGS, SEED))
    refused, base = together(place(drive, months=20), place())
    assert isinstance(refused, UserError)
    assert same(base, simulate(place(), SETTINGS, SEED))


# --- nothing shared that can change ---------------------------------------------------------------------------------


def reachable(roots: Iterable[Any], without: Iterable[Any] = ()) -> dict[int, Any]:
    """Return every object that can be reached from some, by id, but not through ``without``."""
    seen = {id(item): item for item in without}
    passed, waiting = set(seen), list(roots)
    while waiting:
        item = waiting.pop()
        if id(item) not in seen and not isinstance(item, type | ModuleType | FunctionType | str | int | float):
            seen[id(item)] = item
            waiting += [*gc.get_referents(item), *([item.base] if isinstance(item, np.ndarray) else [])]
    return {key: item for key, item in seen.items() if key not in passed}


def memory(items: Iterable[Any]) -> Iterator[tuple[int, int, np.ndarray]]:
    for item in items:
        if isinstance(item, np.ndarray) and item.size:
            low, high = np.lib.array_utils.byte_bounds(item)
            yield low, high, item


def test_branches_share_no_array_list_or_table() -> None:
    """Walk over all that a branch and its past hold, but for what no month changes: the scenario and parameters."""
    policies = [usual(kind, start=FIRST - 13) for kind in KINDS]
    trunk = ClusterModel(place(*policies, months=14), SETTINGS, SEED)
    trunk.notebook.keeps_panel = True
    for _ in range(13):
        trunk.step()
    other = place(*policies[:-1], replace(usual("fund", start=FIRST + 13), id="new"), months=14)
    branch = ClusterModel(other, SETTINGS, SEED, trunk)
    fixed = [
        *(part for model in (trunk, branch) for part in (model.resolved, model.state.parameters, model.state.blocks)),
        *(trunk.levels, trunk.state.costs, trunk.state.industries, trunk.state.markets, trunk.state.place_ids),
        *(institution.policy for model in (trunk, branch) for institution in model.institutions),
        *(vars(module), vars(type(trunk)), type(trunk)),
    ]
    inputs = reachable(fixed)
    mine, past = (parts(model, inputs.values()) for model in (branch, trunk))
    assert not [item for key, item in mine.items() if key in past and changeable(item)]
    spans = sorted((low, high) for low, high, _ in memory(past.values()))
    lows = np.array([low for low, _ in spans])
    for low, high, array in memory(mine.values()):
        before = spans[: int(np.searchsorted(lows, high))]
        assert all(end <= low for _, end in before), array
    tables = (branch.state.firms, branch.state.buyers, branch.state.places)
    of_tables = sum(column.nbytes for table in tables for column in table)
    assert sum(array.nbytes for *_, array in memory(mine.values())) > of_tables > 1e5
    branch.notebook.bought = trunk.notebook.bought
    mine = parts(branch, inputs.values())
    assert [item for key, item in mine.items() if key in past and isinstance(item, list)] == [trunk.notebook.bought]


def parts(model: ClusterModel, without: Iterable[Any]) -> dict[int, Any]:
    books = [vars(agent) for agent in (*model.institutions, *model.governments.values())]
    own = [value for book in books for name, value in book.items() if name != "model"]
    return reachable([model.state, model.notebook, model.anchors, model.designations, *own], without)


def changeable(item: Any) -> bool:
    return isinstance(item, np.ndarray | list | dict | set) or hasattr(item, "__dict__")


def test_a_branch_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    alive: list[int] = []

    def count(_: int) -> None:
        gc.collect()
        alive.append(sum(isinstance(item, ClusterModel) for item in gc.get_objects()))

    before = sum(isinstance(item, ClusterModel) for item in gc.get_objects())
    scenarios: Sequence[Scenario] = [
        place(usual("fair", start=LATER, booths=number), months=7) for number in range(1, 5)
    ]
    together(place(months=7), *scenarios, on_month=count)
    assert max(alive) - before <= 3
