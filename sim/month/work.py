"""Phases 7 and 8: hiring, inspection, and production of makers, suppliers and traders."""

from __future__ import annotations

from sim.policies.park.tenancy import inspection_chance
from sim.rules.chance import uniforms
from sim.rules.demand import local_services
from sim.rules.labour import hire, want_workers
from sim.rules.production import localise, produce
from sim.state.state import State


def hire_workers(state: State) -> None:
    """Let firms hire and lay off, and the wage react; productivity follows the size of the local industry."""
    p, places = state.parameters, state.places
    employment = state.by_place(state.firms.workers[state.live], state.live)
    localise(employment, places, p.production.localisation_elasticity)
    want_workers(state.live, state.firms, places, state.costs, p.production, p.labour, state.world.progress)
    state.unfilled[:] = 0.0
    trend = state.wage_trend_base * state.world.wage * places.skill_premium
    hire(state.live, state.firms, places, trend, state.world.wage_growth, p.labour, state.unfilled)


def inspect(state: State) -> None:
    """Close polluting makers outside parks for a month, in proportion to what they discharge."""
    firms = state.firms
    firms.closed[state.live] = 0
    rows = state.makers[(firms.park[state.makers] < 0) & (firms.emission[state.makers] > 0.0)]
    closed = rows[uniforms(state.key("inspection"), firms.slot[rows]) < inspection_chance(state, rows)]
    firms.closed[closed] = 1
    firms.closed_month[closed] = state.month
    state.add_by_place("inspection_closures", state.firms_by_place(closed))


def make_goods(state: State) -> None:
    """Make what was ordered: makers, then the local suppliers they need."""
    p, firms, places, costs = state.parameters, state.firms, state.places, state.costs
    produce(state.makers, firms, places, costs, p.production, state.world.progress)
    local_services(state.makers, state.suppliers, firms, places, state.scratch.attraction, costs, p.production)
    produce(state.suppliers, firms, places, costs, p.production, state.world.progress)
