"""Meetings at fairs and exhibitions: the state around ``sim.rules.contacts``."""

from __future__ import annotations

import numpy as np

from sim.policies.offers import refresh_attractions
from sim.rules.contacts import meet
from sim.rules.demand import month_spending
from sim.rules.elementary import powers
from sim.state.columns import F8, I8
from sim.state.state import State


def hold_meetings(
    state: State, stands: I8, presence: F8, visitors: I8, visits: int, origin: int, policy_key: int
) -> F8:
    """Let ``visitors`` (buyer rows) meet ``stands`` (firm rows).

    Returns contacts, intended yuan, contracted yuan and contracts, shape (4,), all buyers of a row counted.
    ``presence`` (shape of stands) is how much of the floor a stand takes; ``policy_key`` keys the draws.
    """
    demand, buyers, world = state.parameters.demand, state.buyers, state.world
    refresh_attractions(state)
    usual = np.zeros(buyers.slot.size)
    month_spending(buyers, world.demand, state.year_key("demand.year"), state.key("demand.month"), demand, 1.0, usual)
    outside = buyers.outside_weight * powers(world.outside_price[buyers.market], 1.0 - demand.elasticity_outside)
    result, contacts = np.zeros(4), np.zeros(stands.size)
    if visitors.size and stands.size:
        meet(
            visitors, stands, presence, buyers, state.firms, state.scratch.offers, usual, outside, visits, origin,
            state.parameters.fair, demand, state.key("meeting", policy_key), state.lasting_key("match"), result,
            contacts,
        )  # fmt: skip
    return result
