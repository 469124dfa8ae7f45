"""Makers that have been visited, among those that may upgrade."""

from __future__ import annotations

import numpy as np

from sim.state.columns import I8
from sim.state.state import State

LEAST_GAP = 0.5
"""Rungs behind the frontier from which an upgrade is thought of (``sim.rules.investment.wants_upgrade``)."""


def visited_share(state: State, place: int, visited: I8) -> float:
    """Return the share of makers that may upgrade, knowing the next rung and far enough behind, that were visited."""
    firms = state.firms
    rows = state.makers_of(place)
    rows = rows[(firms.aware[rows] == 1) & (firms.technology_gap[rows] >= LEAST_GAP)]
    total = float(firms.weight[rows].sum())
    return float(firms.weight[rows[np.isin(rows, visited)]].sum()) / total if total > 0.0 else 0.0
