"""Who is chosen where more ask than can be served: ranks, lotteries, and who still finds room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.rules.chance import month_key, uniforms
from sim.rules.elementary import logs
from sim.state.columns import F8, I8
from sim.state.state import State


def ranks(values: F8) -> F8:
    """Return the rank of each value between 0 and 1; equal values share the middle of their ranks.

    Where all values are equal nothing tells applicants apart, and every rank is 0.
    """
    if values.size < 2 or np.ptp(values) == 0.0:
        return np.zeros(values.size)
    rising = np.sort(values)
    below, up_to = np.searchsorted(rising, values, side="left"), np.searchsorted(rising, values, side="right")
    return (below + up_to - 1) / 2.0 / (values.size - 1)


def by_slot(state: State, rows: I8) -> I8:
    """Return rows place by place in the order of slots, which says nothing of where a firm stands in the table."""
    ordered: I8 = rows[np.lexsort((state.firms.slot[rows], state.firms.place[rows]))]
    return ordered


def scores(values: Mapping[str, F8], weights: Mapping[Any, float], size: int) -> F8:
    """Return the score of ``size`` applicants: ranks of what is asked about, 0 to 1, weighted; 0 without weights."""
    total = np.zeros(size)
    for name, weight in weights.items():
        total += weight * ranks(values[name])
    return total


def drawn(state: State, rows: I8, stream: str, policy_key: int, merit: F8 | None = None, lasting: bool = False) -> I8:
    """Return rows in the order of a lottery; a row's chance at each draw is in proportion to ``merit``, if given.

    In a ``lasting`` lottery a row keeps its ticket from month to month: where places of a month are fewer than the
    firms a row stands for, the row waits at its place until they suffice, so that rows of several firms are not passed
    over for single ones.
    """
    key = month_key(state.seed, stream, policy_key) if lasting else state.key(stream, policy_key)
    tickets = -logs(uniforms(key, state.firms.slot[rows]))
    ordered: I8 = rows[np.argsort(tickets if merit is None else tickets / merit, kind="stable")]
    return ordered


def coming_forward(state: State, rows: I8, stream: str, policy_key: int, rate: float) -> I8:
    """Return the rows that come forward this month, each with chance ``rate``, in the order of their draws."""
    draw = uniforms(state.key(stream, policy_key), state.firms.slot[rows])
    order = np.argsort(draw, kind="stable")
    ordered: I8 = rows[order][draw[order] < rate]
    return ordered


def served(wanted: F8, room: float) -> F8:
    """Return how much of what each asks for, in order, fits into ``room``."""
    before = np.cumsum(wanted) - wanted
    return np.minimum(wanted, np.maximum(room - before, 0.0))


def first_fitting(weights: F8, number: float) -> NDArray[np.bool_]:
    """Return which applicants, in order, still fit into ``number``; one that asks for more than is left is passed over.

    ``weights`` is what each asks for: firms of a row, plots, yuan.
    """
    taken = np.zeros(weights.size, dtype=bool)
    for k, weight in enumerate(weights.tolist()):
        if weight <= number:
            taken[k] = True
            number -= weight
    return taken
