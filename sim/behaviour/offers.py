"""What each firm's offer is worth to a buyer this month."""

from __future__ import annotations

from sim.rules.demand import firm_attractions
from sim.state import State


def refresh_attractions(state: State) -> None:
    """Bring ``scratch.attraction`` (table rows) up to date with prices, quality and service.

    A firm that has closed offers nothing: a buyer still tied to it spends on its other suppliers.
    """
    state.scratch.attraction[:] = 0.0
    firm_attractions(state.live, state.firms, state.parameters.demand.elasticity_suppliers, state.scratch.attraction)
