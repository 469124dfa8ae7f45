"""Buyers who look around without travelling: on a platform, in an internet shop, at a dealer's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.policies.encounters import hold_meetings
from sim.rules.chance import Key, uniforms
from sim.rules.elementary import exp
from sim.state.columns import F8, I8
from sim.state.state import State


def attention(pool: F8, shares: F8, looks: int, wanted: float) -> F8:
    """Return the share of buyers at home and abroad, shape (2,), who look around this month.

    Attention is scarce: at most ``shares`` of the buyers of ``pool`` look, ``looks`` offers each. ``wanted`` is the
    looks a month that would be had if it were not; what is had rises with it at first and levels off at all there is,
    so that each firm gets fewer when there are more.
    """
    most = looks * float((pool * shares).sum())
    if most <= 0.0 or wanted <= 0.0:
        return np.zeros(2)
    return shares * (1.0 - exp(-wanted / most))


def buyers_by_side(state: State, reachable: NDArray[np.bool_]) -> F8:
    """Return the number of reachable buyers at home and abroad, shape (2,)."""
    buyers = state.buyers
    return np.bincount(buyers.foreign[reachable], weights=buyers.weight[reachable], minlength=2).astype(np.float64)


def who_looks(state: State, reachable: NDArray[np.bool_], shares: F8, key: Key) -> I8:
    """Return the rows of reachable buyers whose draw lies below the share of their side, shape (2,)."""
    rows = np.flatnonzero(reachable)
    looking: I8 = rows[uniforms(key, state.buyers.slot[rows]) < shares[state.buyers.foreign[rows]]]
    return looking


def look_around(
    state: State, stands: I8, presence: F8, visitors: I8, looks: int, origin: int, policy_key: int
) -> float:
    """Let ``visitors`` look at ``looks`` of the ``stands`` each; return the looks, all buyers of a row counted.

    As at a fair, the best offer may become a link on trial. Nobody travels, so a look says nothing about whether the
    next visit to a fair is worth its cost: what buyers remember of fairs stays as it was.
    """
    buyers = state.buyers
    attended, success = buyers.attended[visitors].copy(), buyers.success[visitors].copy()
    result = hold_meetings(state, stands, presence, visitors, looks, origin, policy_key)
    buyers.attended[visitors], buyers.success[visitors] = attended, success
    return float(result[0])
