"""The model as a Mesa model: agent sets, a clock, data collectors."""

from __future__ import annotations

import mesa
import pytest
from mesa import DataCollector

from sim.agents.governments import CountyGovernment, ProvincialGovernment
from sim.agents.views import Buyer, Firm
from sim.mesa_model import MesaModel, agent_class
from sim.model import digest
from sim.policies.registry import behaviour_of
from sim.units import parse_month
from tests.model_fixtures import WITH_FUND, quick_model


def test_agents_of_every_kind_are_there() -> None:
    model = quick_model(WITH_FUND, end="2026-12", kind=MesaModel)
    assert isinstance(model, mesa.Model)
    kinds = model.agents_by_type
    assert len(kinds[Firm]) == model.state.live.size
    assert len(kinds[Buyer]) == model.state.buyers.slot.size
    for government in (CountyGovernment, ProvincialGovernment):
        assert len(kinds[agent_class(government)]) == 1
    for policy in model.resolved.policies:
        (institution,) = kinds[agent_class(behaviour_of(policy.type))]
        assert isinstance(institution, mesa.Agent)
        assert institution.policy.id == policy.id
    assert set(kinds) == set(model.agent_types)
    assert len(model.agents) == sum(len(agents) for agents in kinds.values())


def test_a_step_is_a_month() -> None:
    model = quick_model(kind=MesaModel)
    assert model.state.month == model.state.first_month == parse_month("2023-01")
    assert model.steps == 0, "the burn-in months do not count"
    for _ in range(3):
        model.step()
    assert model.state.month == parse_month("2023-04")
    assert model.steps == 3


def test_agent_sets_select_get_and_add_up() -> None:
    model = quick_model(kind=MesaModel)
    model.step()
    firms, table, live = model.agents_by_type[Firm], model.state.firms, model.state.live
    assert firms.get("row") == live.tolist()
    assert firms.get("cash") == table.cash[live].tolist()
    large = firms.select(lambda firm: firm.revenue_year >= 20e6)
    assert 0 < len(large) < len(firms)
    assert large.agg("workers", max) == max(firm.workers for firm in large)
    assert firms.agg("total_workers", sum) == pytest.approx(float((table.workers * table.weight)[live].sum()))
    groups = firms.groupby("tier_name").count()
    assert groups == {
        name: int((table.tier[live] == tier).sum()) for tier, name in enumerate(("maker", "supplier", "trader"))
    }
    firms.set("quality", 1.5)
    assert (table.quality[live] == 1.5).all()


def test_entrants_get_agents_and_closed_firms_lose_theirs() -> None:
    model = quick_model(end="2024-12", kind=MesaModel)
    entered: set[int] = set()
    left: set[int] = set()
    before = set(model.agents_by_type[Firm].get("slot"))
    for _ in range(18):
        model.step()
        slots = model.state.firms.slot
        entered |= set(slots[model.state.entered].tolist())
        left |= set(slots[model.state.left].tolist())
        rows = model.agents_by_type[Firm].get("row")
        assert sorted(rows) == sorted(model.state.live.tolist())
        assert len(set(rows)) == len(rows)
        assert all(agent.slot == slot for slot, agent in model.firm_of_slot.items())
    now = set(model.agents_by_type[Firm].get("slot"))
    assert entered - left
    assert left & before
    assert now == (before | entered) - left
    assert all(firm.alive == 1 for firm in model.agents_by_type[Firm])
    identities = [agent.unique_id for agent in model.agents]
    assert len(set(identities)) == len(identities)


def test_a_row_given_to_another_firm_gets_another_agent() -> None:
    model = quick_model(end="2025-12", kind=MesaModel)
    agents = {agent.slot: agent for agent in model.agents_by_type[Firm]}
    rows = {agent.row: slot for slot, agent in agents.items()}
    for _ in range(36):  # nobody looks meanwhile
        model.step()
    slots = model.state.firms.slot
    handed_on = [row for row in rows if row in model.state.live and slots[row] != rows[row]]
    assert handed_on, "no row was given to another firm, so nothing was tested"
    now = {agent.slot: agent for agent in model.agents_by_type[Firm]}
    for row in handed_on:
        assert rows[row] not in now
        assert now[int(slots[row])].row == row
        assert now[int(slots[row])] is not agents[rows[row]]
    assert all(agents[slot] is now[slot] for slot in agents.keys() & now.keys())
    assert len(agents.keys() & now.keys()) > 100


def test_looking_at_the_agents_changes_nothing() -> None:
    looked, alone = quick_model(kind=MesaModel), quick_model()
    for _ in range(4):
        looked.step()
        assert len(looked.agents) > 0
        alone.step()
    assert digest(looked) == digest(alone)


def test_a_data_collector_reports_model_and_agents() -> None:
    model = quick_model(kind=MesaModel)
    collector = DataCollector(
        model_reporters={
            "jobs": lambda world: world.agents_by_type[Firm].agg("total_workers", sum),
            "month": lambda world: world.state.month,
        },
        agenttype_reporters={
            Firm: {"sales": "sales", "size": lambda firm: firm.total_workers},
            Buyer: {"weight": "weight"},
        },
    )
    counts = []
    for _ in range(3):
        model.step()
        collector.collect(model)
        counts.append(len(model.agents_by_type[Firm]))
    table = collector.get_model_vars_dataframe()
    assert table["month"].tolist() == [parse_month(f"2023-0{number}") for number in (2, 3, 4)]
    firms = collector.get_agenttype_vars_dataframe(Firm)
    assert firms.groupby("Step").size().tolist() == counts
    assert firms.groupby("Step")["size"].sum().tolist() == pytest.approx(table["jobs"].tolist())
    assert (firms["sales"] >= 0.0).all()
    assert (collector.get_agenttype_vars_dataframe(Buyer)["weight"] > 0.0).all()


def test_agent_reporters_see_every_agent() -> None:
    model = quick_model(kind=MesaModel)
    collector = DataCollector(agent_reporters={"kind": lambda agent: type(agent).__name__})
    model.step()
    collector.collect(model)
    kinds = collector.get_agent_vars_dataframe()["kind"].value_counts().to_dict()
    assert kinds["Firm"] == model.state.live.size
    assert kinds["CountyGovernment"] == 1
    assert {"IndustrialPark", "TradeFair", "ExhibitionAbroad"} <= kinds.keys()
