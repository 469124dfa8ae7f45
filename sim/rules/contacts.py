"""Meetings of buyers and firms at fairs at home and exhibitions abroad."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Demand, Fair
from sim.rules.chance import Key, combine, exponential, laplace, uniform
from sim.rules.compiled import loop, rule
from sim.rules.demand import buyer_kind, cluster_share, link_weight
from sim.rules.elementary import exp
from sim.rules.links import knows, pair_fit, satisfied
from sim.state.columns import F4, F8, I2, I4, I8, BuyerColumns, FirmColumns


@rule
def interest(rank: float, decline: float) -> float:
    """Return how much in the market the buyer at a ``rank`` of an organiser's list is: exp(-decline x rank).

    The list runs from 0, the buyer that suits the fair best, to 1, the last there is. Who invites more buyers goes
    further down (literature A4: orders at a fair rise with buyers to the power 0.81, 0.6 to 1.0).
    """
    value: float = exp(-decline * rank)
    return value


@rule
def attendance_chance(base: float, cost_share_paid: float, success: float, response: float, interest: float) -> float:
    """Return the chance that an invited buyer comes.

    Log odds rise with the share of its cost the organiser pays and with how often its past visits led to an order
    (half counts as usual); odds are in proportion to its ``interest``.
    """
    odds = base / (1.0 - base) * exp(response * (cost_share_paid + 2.0 * (success - 0.5))) * interest
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
    comes: F8,
) -> None:
    """Mark the buyers that come by the chance that they are in the market (``comes``, (buyers,)), the others by 0.

    A buyer's place on the organiser's list is drawn for each fair; those first on it are invited. ``invited_share`` and
    ``cost_paid`` (2,) are by market: invitations over buyers, and the share of a visit's cost that is paid. Invitations
    abroad go to the ``countries`` countries first in ``country_rank``. Most who come only look: even the first on the
    list has something to order with chance ``buying_share`` alone.
    """
    for b in range(buyers.slot.size):
        abroad = buyers.foreign[b]
        comes[b] = 0.0
        if abroad == 1 and country_rank[buyers.country[b]] >= countries:
            continue
        own = combine(key, buyers.slot[b])
        rank = uniform(own, 0)
        if rank >= invited_share[abroad]:
            continue
        keen = interest(rank, fair.interest_decline)
        chance = attendance_chance(
            fair.attendance, cost_paid[abroad], buyers.success[b], fair.attendance_cost_response, keen
        )
        if uniform(own, 1) < chance:
            comes[b] = fair.buying_share * keen


@rule
def known_attraction(
    links: int, b: int, supplier: I4, link_match: F4, link_age: I2, offers: F8, demand: Demand
) -> float:
    """Return the sum of link weights of the suppliers that buyer ``b`` with ``links`` links knows.

    ``offers`` (table rows,) is what the firms of each row offer buyers of its kind; links as in ``BuyerColumns``.
    """
    total = 0.0
    for j in range(links):
        total += link_weight(offers[supplier[b, j]], np.float64(link_match[b, j]), link_age[b, j], demand)
    return total


@rule
def weakest_link(links: int, b: int, supplier: I4, link_match: F4, link_age: I2, offers: F8, demand: Demand) -> int:
    """Return which link of a buyer has the least weight; all else as for ``known_attraction``."""
    weakest, weight = -1, np.inf
    for j in range(links):
        value = link_weight(offers[supplier[b, j]], np.float64(link_match[b, j]), link_age[b, j], demand)
        if value < weight:
            weakest, weight = j, value
    return weakest


@rule
def share_of_link(offer: float, known: float, outside: float, ratio: float) -> float:
    """Return the share of a budget that a link more would get, of weight ``offer`` beside ``known`` ones.

    ``outside`` and ``ratio`` are as for ``sim.rules.demand.cluster_share``.
    """
    return cluster_share(known + offer, outside, ratio) * offer / (known + offer)


@rule
def stated_months(
    offer: float, suits: bool, known: float, outside: float, ratio: float, months: float, demand: Demand
) -> float:
    """Return an intended order, in months of the buyer's spending: what the link gets in ``months`` if it lasts.

    It is the share of a trial at first, and of a proven supplier when the trial is over if the goods suit the buyer.
    """
    trial = min(months, demand.trial_months)
    value: float = trial * share_of_link(demand.trial_weight * offer, known, outside, ratio)
    if suits:
        value += (months - trial) * share_of_link(offer, known, outside, ratio)
    return value


@rule
def choose_stands(own: Key, slots: I8, presence: F8, count: int, chosen: I8, tickets: F8) -> None:
    """Write the positions of the ``count`` stands a visitor sees to ``chosen``: the smallest tickets of a lottery.

    A ticket is exponential with rate ``presence``, so a larger stand is seen more often; ``slots`` of the firms key
    the tickets (both shape of stands).
    """
    for place in range(count):
        tickets[place] = np.inf
    for k in range(slots.size):
        u = uniform(own, slots[k])
        # The ticket -log(1 - u) / presence is at least u / presence: most stands are seen to lose without a logarithm.
        if 0.999 * u - 1e-15 > tickets[count - 1] * presence[k]:
            continue
        ticket = exponential(u) / presence[k]
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
    fit = pair_fit(match_key, buyer, firm, demand)
    error = fair.signal_noise * laplace(uniform(combine(own, 7), firm))
    return attraction * fit * exp((demand.elasticity_suppliers - 1.0) * error)


@rule
def take_up(
    buyers: BuyerColumns, b: int, j: int, row: int, origin: int, match_key: Key, firms: FirmColumns, destinations: I4,
    demand: Demand,
) -> None:  # fmt: skip
    """Give buyer ``b`` a link to a row in the place of its link ``j``, or behind its links if ``j`` is their number."""
    if j == buyers.links[b]:
        buyers.links[b] += 1
    elif buyers.foreign[b] == 1:
        left = buyers.supplier[b, j]
        firms.foreign_links[left] -= int(buyers.weight[b])
        destinations[firms.place[left], buyers.country[b]] -= 1
    buyers.supplier[b, j], buyers.link_age[b, j], buyers.link_origin[b, j] = row, 0, origin
    buyers.link_match[b, j] = pair_fit(match_key, buyers.slot[b], firms.slot[row], demand)
    if buyers.foreign[b] == 1:
        firms.foreign_links[row] += int(buyers.weight[b])
        destinations[firms.place[row], buyers.country[b]] += 1


@loop
def meet(
    visitors: I8,
    keen: F8,
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
    trial_acceptance: float,
    key: Key,
    match_key: Key,
    destinations: I4,
    result: F8,
    stand_contacts: F8,
) -> None:
    """Let each visitor look at a few stands, state an intended order at the best, and perhaps place a trial order.

    A visitor sees ``visits`` stands, those that win its lottery weighted by ``presence`` (shape of stands); it judges
    each offer with a noisy signal and, if it is in the market, states an intention at the best firm it does not deal
    with yet: the orders of ``intention_months`` months, a year's where the goods suit it and a trial where they do not
    (``stated_months``). Errors of judgement decide which stand wins, not how much is stated: it goes by the true fit,
    as who picks the best of several signals knows that they flatter, so that on average no more is stated than comes
    of it. A share ``contract_share`` of intentions becomes a link on trial. What became of a visit is remembered by
    those who had something to order.

    Parameters
    ----------
    visitors
        Buyer rows that came.
    keen
        Chance that each is in the market, shape of ``visitors``.
    stands
        Firm rows with a stand.
    spending
        Yuan a month for one buyer of each row (shape (buyers,)).
    outside
        Weight of producers elsewhere for each buyer, at their present price (shape (buyers,)).
    destinations
        Shape (places, countries): links of each place to buyers abroad.
    result
        Shape (4,): contacts, intended yuan, contracted yuan, contracts; buyers of a row counted.
    stand_contacts
        Shape of ``stands``: contacts of each stand.
    """
    ratio = (demand.elasticity_outside - 1.0) / (demand.elasticity_suppliers - 1.0)
    count = min(visits, stands.size)
    chosen, tickets = np.empty(max(count, 1), np.int64), np.empty(max(count, 1))
    slots, supplier = firms.slot[stands], buyers.supplier
    for v in range(visitors.size):
        b = visitors[v]
        own = combine(key, buyers.slot[b])
        choose_stands(own, slots, presence, count, chosen, tickets)
        held, of_kind = buyers.links[b], offers[buyer_kind(buyers.foreign[b], buyers.by_piece[b])]
        known = known_attraction(held, b, supplier, buyers.link_match, buyers.link_age, of_kind, demand)
        best, best_signal = -1, 0.0
        for place in range(count):
            row = stands[chosen[place]]
            result[0] += buyers.weight[b]
            stand_contacts[chosen[place]] += buyers.weight[b]
            if knows(supplier, b, held, row):
                continue
            signal = perceived_offer(of_kind[row], buyers.slot[b], firms.slot[row], own, match_key, fair, demand)
            if signal > best_signal:
                best, best_signal = row, signal
        buyers.attended[b] += 1
        if uniform(combine(own, 8), 2) >= keen[v]:
            continue
        won = 0.0
        if best >= 0:
            fit = pair_fit(match_key, buyers.slot[b], firms.slot[best], demand)
            suits = satisfied(fit, firms.service[best], trial_acceptance)
            stated = stated_months(
                of_kind[best] * fit, suits, known, outside[b], ratio, fair.intention_months, demand
            )  # fmt: skip
            intended = spending[b] * buyers.weight[b] * stated
            result[1] += intended
            if uniform(combine(own, 8), 0) < fair.contract_share:
                j = held
                if held == supplier.shape[1]:  # no room: the weakest supplier may have to go
                    replaced = uniform(combine(own, 8), 1) < fair.additional_slots
                    j = -1
                    if replaced:
                        j = weakest_link(
                            held, b, supplier, buyers.link_match, buyers.link_age, of_kind, demand
                        )  # fmt: skip
                if j >= 0:
                    take_up(buyers, b, j, best, origin, match_key, firms, destinations, demand)
                    result[2] += intended
                    result[3] += buyers.weight[b]
                    won = 1.0
        buyers.success[b] += fair.success_memory * (won - buyers.success[b])
