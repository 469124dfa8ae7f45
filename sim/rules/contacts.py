"""Meetings of buyers and firms at fairs at home and exhibitions abroad."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Demand, Fair
from sim.rules.chance import Key, combine, exponential, laplace, uniform, uniform_pair
from sim.rules.compiled import loop, rule
from sim.rules.demand import buyer_kind, cluster_share, link_weight
from sim.rules.elementary import exp
from sim.rules.links import knows, link, match_value
from sim.state.columns import F8, I8, BuyerColumns, FirmColumns


@rule
def attendance_chance(base: float, cost_share_paid: float, success: float, response: float) -> float:
    """Return the chance that an invited buyer comes.

    Log odds rise with the share of its cost the organiser pays and with how often its past visits led to an order
    (half counts as usual).
    """
    odds = base / (1.0 - base) * exp(response * (cost_share_paid + 2.0 * (success - 0.5)))
    return odds / (1.0 + odds)


@loop
def invite(
    buyers: BuyerColumns,
    invited_share: F8,
    cost_paid: F8,
    countries: int,
    country_rank: I8,
    fair: Fair,
    key: Key,
    comes: I8,
) -> None:
    """Mark the buyers that come (``comes``, shape (buyers,)).

    ``invited_share`` and ``cost_paid`` (2,) are by market: invitations over buyers, and the share of a visit's cost
    that is paid. Invitations abroad go to the ``countries`` countries first in ``country_rank``.
    """
    for b in range(buyers.slot.size):
        abroad = buyers.foreign[b]
        comes[b] = 0
        if abroad == 1 and country_rank[buyers.country[b]] >= countries:
            continue
        own = combine(key, buyers.slot[b])
        if uniform(own, 0) >= invited_share[abroad]:
            continue
        chance = attendance_chance(fair.attendance, cost_paid[abroad], buyers.success[b], fair.attendance_cost_response)
        if uniform(own, 1) < chance:
            comes[b] = 1


@rule
def known_attraction(b: int, buyers: BuyerColumns, offers: F8, demand: Demand) -> float:
    """Return the sum of link weights of the suppliers a buyer knows."""
    total = 0.0
    kind = buyer_kind(buyers.foreign[b], buyers.by_piece[b])
    for j in range(buyers.supplier.shape[1]):
        row = buyers.supplier[b, j]
        if row >= 0:
            total += link_weight(offers[kind, row], buyers.link_match[b, j], buyers.link_age[b, j], demand)
    return total


@rule
def slot_for(b: int, buyers: BuyerColumns, offers: F8, demand: Demand, u: float, replace: float) -> int:
    """Return an empty supplier slot of a buyer, or with chance ``replace`` its weakest one, else -1."""
    weakest, weight = -1, np.inf
    kind = buyer_kind(buyers.foreign[b], buyers.by_piece[b])
    for j in range(buyers.supplier.shape[1]):
        row = buyers.supplier[b, j]
        if row < 0:
            return j
        value = link_weight(offers[kind, row], buyers.link_match[b, j], buyers.link_age[b, j], demand)
        if value < weight:
            weakest, weight = j, value
    return weakest if u < replace else -1


@rule
def choose_stands(own: Key, stands: I8, presence: F8, firms: FirmColumns, count: int, chosen: I8, tickets: F8) -> None:
    """Write the positions of the ``count`` stands a visitor sees to ``chosen``: the smallest tickets of a lottery.

    A ticket is exponential with rate ``presence`` (shape of stands), so a larger stand is seen more often.
    """
    for place in range(count):
        tickets[place] = np.inf
    for k in range(stands.size):
        ticket = exponential(uniform(own, firms.slot[stands[k]])) / presence[k]
        if ticket >= tickets[count - 1]:
            continue
        place = count - 1
        while place > 0 and tickets[place - 1] > ticket:
            tickets[place], chosen[place] = tickets[place - 1], chosen[place - 1]
            place -= 1
        tickets[place], chosen[place] = ticket, k


@rule
def perceived_offer(
    attraction: float, buyer: int, firm: int, own: Key, match_key: Key, fair: Fair, demand: Demand
) -> float:
    """Return the weight of an offer as a visitor sees it (slots of both): with the true fit and an error of judgement.

    ``own`` keys the visitor's draws at this fair.
    """
    fit = match_value(uniform_pair(match_key, buyer, firm), demand.match_dispersion, demand.elasticity_suppliers)
    error = fair.signal_noise * laplace(uniform(combine(own, 7), firm))
    return attraction * fit * exp((demand.elasticity_suppliers - 1.0) * error)


@loop
def meet(
    visitors: I8,
    stands: I8,
    presence: F8,
    buyers: BuyerColumns,
    firms: FirmColumns,
    offers: F8,
    spending: F8,
    outside: F8,
    visits: int,
    origin: int,
    fair: Fair,
    demand: Demand,
    key: Key,
    match_key: Key,
    result: F8,
    stand_contacts: F8,
) -> None:
    """Let each visitor look at a few stands, state an intended order at the best, and perhaps place a trial order.

    A visitor sees ``visits`` stands, those that win its lottery weighted by ``presence`` (shape of stands); it judges
    each offer with a noisy signal and states an intention at the best firm it does not deal with yet. The intention is
    the orders of ``intention_months`` months at the share a trial would have in the buyer's spending. A share
    ``contract_share`` of intentions becomes a link on trial.

    Parameters
    ----------
    visitors
        Buyer rows that came.
    stands
        Firm rows with a stand.
    spending
        Yuan a month for one buyer of each row (shape (buyers,)).
    outside
        Weight of producers elsewhere for each buyer, at their present price (shape (buyers,)).
    result
        Shape (4,): contacts, intended yuan, contracted yuan, contracts; buyers of a row counted.
    stand_contacts
        Shape of ``stands``: contacts of each stand.
    """
    ratio = (demand.elasticity_outside - 1.0) / (demand.elasticity_suppliers - 1.0)
    count = min(visits, stands.size)
    chosen, tickets = np.empty(max(count, 1), np.int64), np.empty(max(count, 1))
    for b in visitors:
        own = combine(key, buyers.slot[b])
        choose_stands(own, stands, presence, firms, count, chosen, tickets)
        known = known_attraction(b, buyers, offers, demand)
        kind = buyer_kind(buyers.foreign[b], buyers.by_piece[b])
        best, best_signal = -1, 0.0
        for place in range(count):
            row = stands[chosen[place]]
            result[0] += buyers.weight[b]
            stand_contacts[chosen[place]] += buyers.weight[b]
            if knows(buyers, b, row):
                continue
            signal = perceived_offer(offers[kind, row], buyers.slot[b], firms.slot[row], own, match_key, fair, demand)
            if signal > best_signal:
                best, best_signal = row, signal
        buyers.attended[b] += 1
        won = 0.0
        if best >= 0:
            offer = demand.trial_weight * best_signal
            share = cluster_share(known + offer, outside[b], ratio) * offer / (known + offer)
            intended = spending[b] * buyers.weight[b] * share * fair.intention_months
            result[1] += intended
            if uniform(combine(own, 8), 0) < fair.contract_share:
                j = slot_for(b, buyers, offers, demand, uniform(combine(own, 8), 1), fair.additional_slots)
                if j >= 0:
                    link(buyers, b, j, best, origin, match_key, firms.slot[best], demand)
                    result[2] += intended
                    result[3] += buyers.weight[b]
                    won = 1.0
        buyers.success[b] += fair.success_memory * (won - buyers.success[b])
