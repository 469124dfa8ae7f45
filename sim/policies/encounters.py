"""Meetings of buyers and firms, at fairs and without travelling: the state around ``sim.rules.contacts``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.rules.contacts import meet
from sim.rules.demand import month_spending
from sim.rules.elementary import exp, powers
from sim.state.columns import F8, I8, BuyerColumns
from sim.state.state import State

EVERYBODY = slice(None)


def hold_meetings(
    state: State, market: int, stands: I8, presence: F8, visitors: I8, visits: int, origin: int, policy_key: int,
    keen: F8 | None = None,
) -> F8:  # fmt: skip
    """Let ``visitors`` (positions among the buyers of a market) meet ``stands`` (firm rows).

    Returns contacts, intended yuan, contracted yuan and contracts, shape (4,), all buyers of a row counted.
    ``presence`` (shape of stands) is how much of the floor a stand takes; ``policy_key`` keys the draws; ``keen``
    (shape of visitors) is the chance that each is in the market, which all are when it is left out.
    """
    demand, buyers, world = state.parameters.demand, state.buyers_of(market), state.world
    result, contacts, usual = np.zeros(4), np.zeros(stands.size), np.zeros(buyers.slot.size)
    if visitors.size and stands.size:
        state.refresh_offers(state.segments_of_market(market))
        yearly = state.yearly_noise()[state.buyer_rows[market]]
        month_spending(buyers, world.demand, yearly, state.key("demand.month"), demand, 1.0, usual)
        outside = buyers.outside_weight * powers(world.outside_price[buyers.market], 1.0 - demand.elasticity_outside)
        meet(
            visitors, np.ones(visitors.size) if keen is None else keen, stands, presence, buyers, state.firms,
            state.scratch.offers, usual, outside, visits, origin, state.parameters.fair, demand,
            state.parameters.links.trial_acceptance, state.key("meeting", policy_key), state.lasting_key("match"),
            state.destinations, result, contacts,
        )  # fmt: skip
    return result


def look_around(
    state: State, market: int, stands: I8, presence: F8, visitors: I8, looks: int, origin: int, policy_key: int
) -> float:
    """Let ``visitors`` look at ``looks`` of the ``stands`` each; return the looks, all buyers of a row counted.

    As at a fair, the best offer may become a link on trial. Nobody travels, so a look says nothing about whether the
    next visit to a fair is worth its cost: what buyers remember of fairs stays as it was.
    """
    buyers = state.buyers_of(market)
    attended, success = buyers.attended[visitors].copy(), buyers.success[visitors].copy()
    result = hold_meetings(state, market, stands, presence, visitors, looks, origin, policy_key)
    buyers.attended[visitors], buyers.success[visitors] = attended, success
    return float(result[0])


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


def buyers_by_side(buyers: BuyerColumns, reachable: NDArray[np.bool_] | I8 | slice = EVERYBODY) -> F8:
    """Return the number of reachable buyers at home and abroad, shape (2,)."""
    weights = buyers.weight[reachable]
    return np.bincount(buyers.foreign[reachable], weights=weights, minlength=2).astype(np.float64)


def looks_at_shops(state: State, market: int, lookers: F8, showings: float, firms: float) -> tuple[F8, float]:
    """Return the share of a market's buyers on each side who look at shops this month, and the looks a firm has a year.

    At most ``lookers`` (2,) of the buyers look; each of ``firms`` firms is shown ``showings`` times a year.
    """
    pool, looks = buyers_by_side(state.buyers_of(market)), int(state.parameters.platform.looks)
    shares = attention(pool, lookers, looks, firms * showings / 12.0)
    return shares, 12.0 * looks * float((shares * pool).sum()) / firms
