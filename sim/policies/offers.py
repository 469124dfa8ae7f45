"""What each firm's offer is worth to a buyer this month."""

from __future__ import annotations

from sim.rules.demand import firm_attractions
from sim.state.state import State


def refresh_attractions(state: State) -> None:
    """Bring ``scratch.attraction`` and ``scratch.offers`` up to date with prices, quality, service and appeal.

    A firm that has closed offers nothing: a buyer still tied to it spends on its other suppliers.
    """
    scratch = state.scratch
    scratch.attraction[:] = 0.0
    scratch.offers[:] = 0.0
    firm_attractions(state.live, state.firms, state.places, state.parameters.demand, scratch.attraction, scratch.offers)
