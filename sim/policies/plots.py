"""Plots of parks: who has some, and how many a firm would take."""

from __future__ import annotations

import numpy as np

from sim.state.columns import F8, I8
from sim.state.state import State


def tenants(state: State, position: int) -> I8:
    """Return rows of the tenants of a park."""
    rows: I8 = state.live[state.firms.park[state.live] == position]
    return rows


def plots_used(state: State, position: int) -> float:
    """Return plots taken by all tenants of a park."""
    rows = tenants(state, position)
    return state.total(state.firms.plots[rows], rows)


def plots_needed(state: State, rows: I8) -> F8:
    """Return plots one firm of each row would take."""
    park = state.parameters.park
    return np.maximum(state.firms.capital[rows] / park.capital_per_plot, park.smallest_plot)


def move_in(state: State, rows: I8, position: int) -> None:
    """Make rows tenants."""
    state.firms.plots[rows] = plots_needed(state, rows)
    state.firms.park[rows] = position
