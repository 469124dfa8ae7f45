"""Who counts as what: above scale, holder of an honour, official size class; places designated at a level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.observables import ABOVE_SCALE_YUAN
from sim.state.columns import (
    HONOUR_LEAD,
    HONOUR_LITTLE_GIANT,
    HONOUR_SRDI,
    I8,
    LEVEL_CITY,
    LEVEL_NATION,
    LEVEL_PROVINCE,
    MAKER,
    SUPPLIER,
)
from sim.state.state import State

HONOURS = {"little_giant": HONOUR_LITTLE_GIANT, "lead": HONOUR_LEAD, "srdi": HONOUR_SRDI}
"""Bit of each honour in ``FirmColumns.honours``."""


def exhibitors(state: State, rule: str, place: int) -> I8:
    """Return rows of makers and traders of a place that may exhibit under ``rule``.

    ``any``, ``above_scale``, ``in_park`` or ``honours:<name>``.
    """
    firms = state.firms
    here = state.rows_of(place)
    rows: I8 = here[firms.tier[here] != SUPPLIER]
    if rule == "above_scale":
        rows = rows[above_scale(state, rows)]
    elif rule == "in_park":
        rows = rows[firms.park[rows] >= 0]
    elif rule.startswith("honours:"):
        rows = rows[holds(state, rows, rule.partition(":")[2])]
    return rows


def above_scale(state: State, rows: I8) -> NDArray[np.bool_]:
    """Return which rows are makers with revenue above the cut over the last twelve months."""
    firms = state.firms
    large: NDArray[np.bool_] = (firms.tier[rows] == MAKER) & (firms.revenue_year[rows] >= ABOVE_SCALE_YUAN)
    return large


def holds(state: State, rows: I8, honour: str) -> NDArray[np.bool_]:
    """Return which rows hold an honour."""
    held: NDArray[np.bool_] = (state.firms.honours[rows] & HONOURS.get(honour, 0)) != 0
    return held


def clean(state: State, rows: I8) -> NDArray[np.bool_]:
    """Return which firms no inspection has closed in the last twelve months."""
    closed = state.firms.closed_month[rows]
    kept: NDArray[np.bool_] = (closed == 0) | (state.month - closed > 12)
    return kept


def size_class(state: State, rows: I8) -> NDArray[np.str_]:
    """Return the official size class of industrial firms by workers and revenue (literature C).

    The upper classes need both limits, otherwise a firm drops down.
    """
    workers, revenue = state.firms.workers[rows], state.firms.revenue_year[rows]
    return np.select(
        [
            (workers >= 1000) & (revenue >= 400e6),
            (workers >= 300) & (revenue >= 20e6),
            (workers >= 20) & (revenue >= 3e6),
        ],
        ["large", "medium", "small"],
        default="micro",
    )


LEVELS = {"city": LEVEL_CITY, "province": LEVEL_PROVINCE, "nation": LEVEL_NATION}
"""Bit of each level in ``PlaceColumns.designated``, in rising order."""


def holds_level(state: State, place: int, level: str) -> bool:
    """Return whether a place is designated at a level or above."""
    return bool(state.places.designated[place] >= LEVELS[level])
