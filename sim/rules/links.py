"""Ties between buyers and firms: how they break and how new ones are found.

A searching buyer looks at a fixed number of firms, drawn from a proposal that is the same in every scenario (each
firm's visibility at birth), and takes the one that wins a weighted lottery by present visibility (Efraimidis and
Spirakis 2006: the largest u^(1/w)). So a policy that changes one firm leaves every other buyer's choice alone, and a
scenario stays paired with its baseline link by link.

The proposal is drawn from an alias table (Walker 1977): a look picks one of the firms of the start evenly, stays with a
chance that makes up for how visible it is, and else goes to one stated other firm.
"""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Demand, Links
from sim.rules.chance import Key, combine, exponential, laplace, uniform, uniform_pair
from sim.rules.compiled import loop, rule
from sim.rules.elementary import exp, log, power
from sim.state.columns import (
    BEGIN,
    END,
    F4,
    F8,
    HONOUR_LITTLE_GIANT,
    I4,
    I8,
    ORIGIN_SEARCH,
    PLACE,
    SUPPLIER,
    TIER,
    BuyerColumns,
    FirmColumns,
    PlaceColumns,
)  # fmt: skip

MONTHS = 12.0
MOST_LOOKS = 20
"""Looks a searching buyer takes at most for each firm it considers: many slots are empty."""


@rule
def monthly_hazard(yearly_survival: float) -> float:
    """Return the monthly hazard behind a yearly survival share."""
    return -log(yearly_survival) / MONTHS


@rule
def break_chance(hazard: float, service: float, response: float) -> float:
    """Return the chance that a link breaks this month: the hazard rises with what the firm failed to deliver."""
    return 1.0 - exp(-hazard * (1.0 + response * (1.0 - service)))


@rule
def satisfied(match: float, service: float, acceptance: float) -> bool:
    """Return whether a buyer keeps a supplier met at a fair when the trial is over: fit and service must be good.

    Both enter as factors on the attraction of the offer; 1 is an average pair served in full.
    """
    return match * service * service >= acceptance


@rule
def size_visibility(firms_in_row: float, capacity: float, links: Links) -> float:
    """Return what the number and size of a row's firms add to its weight in search: size with falling returns."""
    weight: float = firms_in_row * power(capacity, links.visibility_elasticity)
    return weight


@rule
def reputation(quality: float, price: float, market_price: float, links: Links) -> float:
    """Return the factor on a row's weight in search that comes of good offers."""
    factor: float = power(quality * market_price / price, links.quality_visibility)
    return factor


@rule
def match_value(u: float, dispersion: float, elasticity: float) -> float:
    """Return how well a pair fits, as a factor on attraction; ``dispersion`` is its spread as a price difference."""
    return exp((elasticity - 1.0) * dispersion * laplace(u))


@loop
def visibilities(
    segments: I8, firms: FirmColumns, places: PlaceColumns, capacity_per_capital: F8, links: Links, out: F4
) -> None:
    """Write what a searching buyer sees of each row that sells to buyers to ``out``, shape (table rows,).

    That of a firm of the start is over what it was at birth, by which the look is drawn. A young firm calls on
    customers, so it is seen more than its size alone would make it. ``places.visible`` takes what is to be seen of all
    firms of a place; ``capacity_per_capital`` (places, 3) is in units a month.
    """
    fading = -1.0 / (MONTHS * links.young_years)
    for place in range(places.visible.size):
        places.visible[place] = 0.0
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        if tier == SUPPLIER:
            continue
        age = firms.age[segments[s, BEGIN] : segments[s, END]]
        begin, end = segments[s, BEGIN], segments[s, END]
        capital, quality, price = firms.capital[begin:end], firms.quality[begin:end], firms.price[begin:end]
        weight, visible = firms.weight[begin:end], firms.visible[begin:end]
        now, capacity = np.empty(end - begin), np.empty(end - begin)
        per_capital, market_price = capacity_per_capital[place, tier], places.market_cost[place, tier]
        for k in range(now.size):
            capacity[k] = capital[k] * per_capital
        for k in range(now.size):
            now[k] = size_visibility(weight[k], capacity[k], links)
        for k in range(now.size):
            now[k] *= reputation(quality[k], price[k], market_price, links)
        for k in range(now.size):
            now[k] *= 1.0 + links.young_effort * exp(fading * age[k])
        for k in range(now.size):
            i = begin + k
            renown = places.renown[place]
            if firms.honours[i] & HONOUR_LITTLE_GIANT != 0:
                renown *= 1.0 + links.honour_visibility
            if firms.alive[i] == 1:
                places.visible[place] += renown * now[k]
            out[i] = renown * (now[k] / visible[k] if visible[k] > 0.0 else now[k])


@rule
def prominence(visible: float, share: float, elasticity: float) -> float:
    """Return the odds that a searching buyer comes upon the cluster and not upon producers elsewhere, base year = 1.

    Buyers come upon producers in proportion to what is to be seen of them: ``visible`` is the visibility of the
    cluster's firms for each unit the market buys, base year = 1. Those who buy from the cluster know it already, so of
    a place with the part ``share`` of the market others hear by ``elasticity (1 - share)``: of one that has most of it
    hardly anybody hears for the first time.
    """
    odds: float = power(visible, elasticity * (1.0 - share))
    return odds


@rule
def next_ties(ties: float, odds: float, hazard: float) -> float:
    """Return next month's ties of buyers at home to producers elsewhere, base year = 1.

    They break as ties to the cluster do, with ``hazard``, and those that are made lie elsewhere at ``1 / odds``.
    """
    return ties + hazard * (1.0 / odds - ties)


@loop
def alias_table(weights: F8, own: F8, other: I4) -> None:
    """Write the alias table of positive ``weights`` (all shape (n,)): the chance to stay, and where a look goes else.

    Vose (1991): a position with less than its part of the total is filled up by one that has more.
    """
    count, total = weights.size, 0.0
    for k in range(count):
        total += weights[k]
    few, many = np.empty(count, np.int32), np.empty(count, np.int32)
    fews, manies = 0, 0
    for k in range(count):
        own[k], other[k] = weights[k] * count / total, k
        if own[k] < 1.0:
            few[fews] = k
            fews += 1
        else:
            many[manies] = k
            manies += 1
    while fews > 0 and manies > 0:
        fews -= 1
        low, high = few[fews], many[manies - 1]
        other[low] = high
        own[high] -= 1.0 - own[low]
        if own[high] < 1.0:
            manies -= 1
            few[fews] = high
            fews += 1
    # What rounding leaves over stays where it is.
    for k in range(fews):
        own[few[k]] = 1.0
    for k in range(manies):
        own[many[k]] = 1.0


@rule
def search(
    key: Key,
    considered: int,
    seen: F4,
    rows: I4,
    own: F8,
    other: I4,
    candidates: int,
    entrants: float,
    entrant_scale: float,
) -> int:
    """Return the row a searching buyer settles on, or -1.

    With chance ``entrants`` a look falls on one of the ``candidates`` candidate slots so far, and else on a firm of the
    start (``own`` and ``other`` from ``alias_table``). ``rows`` lists the market's firms of the start and behind them
    its candidate slots, -1 where nobody is. The lottery weighs each look by present visibility over the chance of the
    look; ``entrant_scale`` is the chance that a look falls on a firm of the start, for each unit of its visibility at
    birth, over that of a candidate slot.

    The buyers of a row deal with all firms of the row it finds: as each of them would by itself come upon one of these
    firms with the same chance, every firm has as many buyers on average as one to one.
    """
    best, best_value, start = -1, np.inf, own.size
    look, met = -1, 0
    while met < considered and look + 1 < considered * MOST_LOOKS:
        look += 1
        u = uniform(key, 2 * look)
        if u < entrants:
            position = start + min(int(u / entrants * candidates), candidates - 1)
        else:
            part = (u - entrants) / (1.0 - entrants) * start
            position = min(int(part), start - 1)
            if part - position >= own[position]:
                position = other[position]
        row = rows[position]
        if row < 0:
            continue
        met += 1
        weight = np.float64(seen[row])
        if position >= start:
            weight *= entrant_scale
        if weight <= 0.0:
            continue
        u = uniform(key, 2 * look + 1)
        # The ticket -log(1 - u) / weight is at least u / weight: most looks lose here.
        if 0.999 * u - 1e-15 > best_value * weight:
            continue
        value = exponential(u) / weight
        if value < best_value:
            best, best_value = row, value
    return best


@rule
def knows(supplier: I4, b: int, links: int, row: int) -> bool:
    """Return whether one of the ``links`` links of buyer ``b`` in ``supplier`` (buyers, slots) is to ``row``."""
    for j in range(links):  # noqa: SIM110  (compiled code has no any() over a generator)
        if supplier[b, j] == row:
            return True
    return False


@rule
def pair_fit(match_key: Key, buyer: int, firm: int, demand: Demand) -> float:
    """Return how well a buyer and a firm (their slots) fit: a draw that depends only on the two of them."""
    return match_value(uniform_pair(match_key, buyer, firm), demand.match_dispersion, demand.elasticity_suppliers)


@loop
def break_links(
    buyers: BuyerColumns, firms: FirmColumns, links: Links, trial_months: int, break_key: Key, counts: F8,
    destinations: I4, lost: I8,
) -> None:  # fmt: skip
    """Age every link, drop those that break or whose firm has closed, and say how many each buyer lost.

    A link made at a fair or an exhibition ends with its trial when the buyer is not satisfied.

    ``counts`` (places, 2, 2) takes links at risk and links lost by side of the market (buyers of a row counted),
    ``lost`` (buyers,) those of each buyer; ``destinations`` (places, countries) counts links to buyers abroad.
    """
    hazards = (monthly_hazard(links.domestic_survival), monthly_hazard(links.foreign_survival))
    # The chance depends on the firm and the side of the market alone.
    chances = np.empty((2, firms.slot.size))
    for side in range(2):
        of_side, hazard = chances[side], hazards[side]
        for i in range(of_side.size):
            of_side[i] = break_chance(hazard, firms.service[i], links.service_response)
    for i in range(firms.slot.size):
        if firms.alive[i] == 0:
            chances[0, i] = chances[1, i] = 1.0
    for b in range(buyers.slot.size):
        lost[b] = 0
        abroad, held, kept = buyers.foreign[b], buyers.links[b], 0
        if held == 0:
            continue
        key = combine(break_key, buyers.slot[b])
        for j in range(held):
            row, age, origin = buyers.supplier[b, j], buyers.link_age[b, j], buyers.link_origin[b, j]
            counts[firms.place[row], 0, abroad] += buyers.weight[b]
            chance = chances[abroad, row]
            on_trial = origin != ORIGIN_SEARCH and age + 1 == trial_months
            if on_trial and not satisfied(
                np.float64(buyers.link_match[b, j]), firms.service[row], links.trial_acceptance
            ):
                chance = 1.0
            if uniform(key, firms.slot[row]) < chance:
                counts[firms.place[row], 1, abroad] += buyers.weight[b]
                lost[b] += 1
                if abroad == 1:
                    firms.foreign_links[row] -= int(buyers.weight[b])
                    destinations[firms.place[row], buyers.country[b]] -= 1
            else:
                buyers.link_age[b, kept] = min(age + 1, 32000)
                if kept < j:
                    buyers.supplier[b, kept], buyers.link_origin[b, kept] = row, origin
                    buyers.link_match[b, kept] = buyers.link_match[b, j]
                kept += 1
        for j in range(kept, held):
            buyers.supplier[b, j] = -1
        buyers.links[b] = kept


@rule
def binomial(u: float, number: int, chance: float, none: float) -> int:
    """Return how many of ``number`` trials with ``chance`` succeed, at probability ``u``: the binomial quantile.

    ``none`` is the probability of no success, (1 - chance)^number.
    """
    if chance >= 1.0:
        return number
    successes, mass = 0, none
    odds, below = chance / (1.0 - chance), none
    while u >= below and successes < number:
        mass *= odds * (number - successes) / (successes + 1)
        successes += 1
        below += mass
    return successes


@loop
def search_suppliers(
    buyers: BuyerColumns,
    firms: FirmColumns,
    seen: F4,
    rows: I4,
    own: F8,
    other: I4,
    candidates: int,
    entrants: float,
    entrant_scale: float,
    fill_rates: F8,
    foreign_slots: int,
    lost: I8,
    links: Links,
    demand: Demand,
    search_key: Key,
    match_key: Key,
    destinations: I4,
) -> None:
    """Let buyers fill empty slots by ordinary search.

    A domestic buyer fills each empty slot at ``fill_rates[0]`` a month. A foreign buyer replaces each of the ``lost``
    suppliers (buyers,) from the same place with the share that switchers show (literature B3), and discovers the
    cluster at ``fill_rates[1]`` a month for a buyer while it has fewer than ``foreign_slots`` suppliers. The rates make
    links form as fast as they break in the base year. All else as for ``search`` and ``break_links``.
    """
    considered, slots = int(links.considered), buyers.supplier.shape[1]
    if own.size == 0 or (candidates == 0 and entrants > 0.0):  # no firm of the start sold to buyers
        return
    none = np.ones(slots + 1)
    for number in range(slots):
        none[number + 1] = none[number] * (1.0 - fill_rates[0])
    for b in range(buyers.slot.size):
        key = combine(search_key, buyers.slot[b])
        if buyers.foreign[b] == 0:
            empty = slots - buyers.links[b]
            searches = binomial(uniform(key, 0), empty, fill_rates[0], none[empty])
        else:
            searches = 0
            for n in range(lost[b]):
                if uniform(combine(key, 1), n) < links.same_county:
                    searches += 1
            if uniform(key, 0) < fill_rates[1] and buyers.links[b] + lost[b] < foreign_slots:
                searches += 1
        for n in range(searches):
            row = search(
                combine(combine(key, 2), n), considered, seen, rows, own, other, candidates,
                entrants, entrant_scale,
            )  # fmt: skip
            held = buyers.links[b]
            if row < 0 or held == slots or knows(buyers.supplier, b, held, row):
                continue
            buyers.links[b] = held + 1
            buyers.supplier[b, held], buyers.link_age[b, held], buyers.link_origin[b, held] = row, 0, ORIGIN_SEARCH
            buyers.link_match[b, held] = pair_fit(match_key, buyers.slot[b], firms.slot[row], demand)
            if buyers.foreign[b] == 1:
                firms.foreign_links[row] += int(buyers.weight[b])
                destinations[firms.place[row], buyers.country[b]] += 1
