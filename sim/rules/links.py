"""Ties between buyers and firms: how they break and how new ones are found.

A searching buyer looks at a fixed number of firms, drawn from a proposal that is the same in every scenario (each
firm's visibility at birth), and takes the one that wins a weighted lottery by present visibility (Efraimidis and
Spirakis 2006: the largest u^(1/w)). So a policy that changes one firm leaves every other buyer's choice alone, and a
scenario stays paired with its baseline link by link.
"""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Demand, Links
from sim.rules.chance import Key, combine, exponential, laplace, uniform, uniform_pair
from sim.rules.compiled import loop, rule
from sim.rules.elementary import exp, log, power
from sim.state.columns import F8, HONOUR_LITTLE_GIANT, I4, I8, ORIGIN_SEARCH, BuyerColumns, FirmColumns, PlaceColumns

MONTHS = 12.0
SEEN_VISIBILITY, SEEN_CAPACITY = range(2)
"""Columns of what a searching buyer sees of a row; a row that cannot be found has no visibility."""
SEEN = 2


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
def visibility(
    firms_in_row: float, capacity: float, quality: float, price: float, market_price: float, links: Links
) -> float:
    """Return a row's weight in search: number of firms, size with falling returns, and reputation for good offers."""
    offer = quality * market_price / price
    weight: float = firms_in_row * power(capacity, links.visibility_elasticity) * power(offer, links.quality_visibility)
    return weight


@rule
def can_serve(capacity: float, need: float) -> float:
    """Return how well a firm's capacity fits a buyer's need (both units a month), between 0 and 1."""
    ratio = need / capacity
    return 1.0 / (1.0 + ratio * ratio)


@rule
def match_value(u: float, dispersion: float, elasticity: float) -> float:
    """Return how well a pair fits, as a factor on attraction; ``dispersion`` is its spread as a price difference."""
    return exp((elasticity - 1.0) * dispersion * laplace(u))


@loop
def visibilities(
    rows: I8, firms: FirmColumns, places: PlaceColumns, capacity_per_capital: F8, links: Links, out: F8
) -> None:
    """Write what a searching buyer sees of each row to ``out`` (table rows, 2): visibility and capacity.

    ``capacity_per_capital`` (places, 3) is in units a month, and so is capacity, that of one firm.
    """
    for i in rows:
        renown = places.renown[firms.place[i]]
        if firms.honours[i] & HONOUR_LITTLE_GIANT != 0:
            renown *= 1.0 + links.honour_visibility
        capacity = firms.capital[i] * capacity_per_capital[firms.place[i], firms.tier[i]]
        out[i, SEEN_VISIBILITY] = renown * visibility(
            firms.weight[i],
            capacity,
            firms.quality[i],
            firms.price[i],
            places.market_cost[firms.place[i], firms.tier[i]],
            links,
        )
        out[i, SEEN_CAPACITY] = capacity


@rule
def guide_to(cumulative: F8) -> I4:
    """Return the first positions of rising ``cumulative`` (shape (n,)) that reach 0, 1/n, 2/n, ... of its total."""
    guide = np.empty(cumulative.size + 1, dtype=np.int32)
    position = 0
    for part in range(guide.size):
        while position < cumulative.size - 1 and cumulative[position] * cumulative.size < part * cumulative[-1]:
            position += 1
        guide[part] = position
    return guide


@rule
def first_reaching(cumulative: F8, value: float, position: int) -> int:
    """Return the first position of rising ``cumulative`` (shape (n,)) that reaches ``value``, the last when none does.

    ``position`` is where to begin; that of a guide (``guide_to``) is one step away on average.
    """
    while position > 0 and cumulative[position - 1] >= value:
        position -= 1
    while position < cumulative.size - 1 and cumulative[position] < value:
        position += 1
    return position


@rule
def seen_at_start(initial_rows: I4, firms: FirmColumns, seen: F8) -> F8:
    """Return what a look at each firm of the start shows, shape (firms of the start, 2), one beside the other.

    Visibility is over that at birth, by which the look is drawn.
    """
    shown = np.empty((initial_rows.size, SEEN))
    for k in range(initial_rows.size):
        row = initial_rows[k]
        scale = 1.0 / firms.visible[row] if firms.visible[row] > 0.0 else 0.0
        shown[k, SEEN_VISIBILITY] = seen[row, SEEN_VISIBILITY] * scale
        shown[k, SEEN_CAPACITY] = seen[row, SEEN_CAPACITY]
    return shown


@rule
def search(
    key: Key,
    need: float,
    considered: int,
    seen: F8,
    shown: F8,
    slots: I8,
    cumulative: F8,
    guide: I4,
    initial_rows: I4,
    candidate_rows: I4,
    candidates: int,
    entrants: float,
) -> int:
    """Return the row a searching buyer settles on, or -1.

    With chance ``entrants`` a look falls on one of the ``candidates`` candidate slots so far, which may have become a
    firm, else on a firm of the start in proportion to its visibility then (``cumulative``). The lottery weighs each
    look by present visibility over the chance of the look, and by whether the firm is large enough for ``need``, that
    of one buyer in units a month. The buyers of a row deal with all firms of the row it finds: as each of them would
    by itself come upon one of these firms with the same chance, every firm has as many buyers on average as one to
    one. ``slots`` (table rows,) keys the tickets.
    """
    total = cumulative[-1]
    parts = cumulative.size / (1.0 - entrants) if entrants < 1.0 else 0.0
    entrant_scale = candidates * (1.0 - entrants) / (entrants * total) if entrants > 0.0 else 0.0
    best, best_value = -1, np.inf
    for look in range(considered):
        look_key = combine(key, look)
        u = uniform(look_key, 0)
        if u < entrants and candidates > 0:
            row = candidate_rows[int(u / entrants * candidates)]
            if row < 0:
                continue
            weight = seen[row, SEEN_VISIBILITY] * entrant_scale
            capacity = seen[row, SEEN_CAPACITY]
        else:
            nearby = guide[int(max(u - entrants, 0.0) * parts)]
            position = first_reaching(cumulative, (u - entrants) / (1.0 - entrants) * total, nearby)
            row = initial_rows[position]
            weight = shown[position, SEEN_VISIBILITY]
            capacity = shown[position, SEEN_CAPACITY]
        if weight <= 0.0:
            continue
        u = uniform(combine(look_key, 1), slots[row])
        # The ticket -log(1 - u) / weight is at least u / weight, and more for a small firm: most looks lose here.
        if 0.999 * u - 1e-15 > best_value * weight:
            continue
        weight *= can_serve(capacity, need)
        if weight <= 0.0:
            continue
        value = exponential(u) / weight
        if value < best_value:
            best, best_value = row, value
    return best


@rule
def knows(buyers: BuyerColumns, b: int, row: int) -> bool:
    """Return whether buyer ``b`` already has a link to ``row``."""
    for j in range(buyers.supplier.shape[1]):  # noqa: SIM110  (compiled code has no any() over a generator)
        if buyers.supplier[b, j] == row:
            return True
    return False


@rule
def link(
    buyers: BuyerColumns, b: int, j: int, row: int, origin: int, match_key: Key, slot: int, demand: Demand
) -> None:
    """Fill slot ``j`` of buyer ``b`` with a new link; the fit of a pair depends only on the two of them."""
    buyers.supplier[b, j] = row
    buyers.link_age[b, j] = 0
    buyers.link_origin[b, j] = origin
    u = uniform_pair(match_key, buyers.slot[b], slot)
    buyers.link_match[b, j] = match_value(u, demand.match_dispersion, demand.elasticity_suppliers)


@loop
def break_links(
    buyers: BuyerColumns, firms: FirmColumns, links: Links, trial_months: int, break_key: Key, counts: F8, searching: I8
) -> None:
    """Age every link, drop those that break or whose firm has closed, and say which empty slots look again at once.

    A link made at a fair or an exhibition ends with its trial when the buyer is not satisfied.

    ``counts`` (places, 2, 2) takes links at risk and links lost by side of the market (buyers of a row counted);
    ``searching`` (buyers,) takes a bit set of the slots whose buyer lost a supplier this month.
    """
    hazards = (monthly_hazard(links.domestic_survival), monthly_hazard(links.foreign_survival))
    # The chance depends on the firm and the side of the market: it is worked out at the first of their links.
    chances = np.full((2, firms.slot.size), -1.0)
    for b in range(buyers.slot.size):
        searching[b] = 0
        abroad = buyers.foreign[b]
        key = combine(break_key, buyers.slot[b])
        for j in range(buyers.supplier.shape[1]):
            row = buyers.supplier[b, j]
            if row < 0:
                continue
            counts[firms.place[row], 0, abroad] += buyers.weight[b]
            if chances[abroad, row] < 0.0:
                chances[abroad, row] = break_chance(hazards[abroad], firms.service[row], links.service_response)
            chance = chances[abroad, row]
            on_trial = buyers.link_origin[b, j] != ORIGIN_SEARCH and buyers.link_age[b, j] + 1 == trial_months
            if on_trial and not satisfied(buyers.link_match[b, j], firms.service[row], links.trial_acceptance):
                chance = 1.0
            if firms.alive[row] == 0 or uniform(key, j) < chance:
                buyers.supplier[b, j] = -1
                counts[firms.place[row], 1, abroad] += buyers.weight[b]
                searching[b] |= 1 << j
            else:
                buyers.link_age[b, j] = min(buyers.link_age[b, j] + 1, 32000)


@loop
def search_suppliers(
    buyers: BuyerColumns,
    firms: FirmColumns,
    seen: F8,
    cumulative: F8,
    initial_rows: I4,
    candidate_rows: I4,
    candidates: int,
    entrants: float,
    fill_rates: F8,
    foreign_slots: int,
    searching: I8,
    links: Links,
    demand: Demand,
    search_key: Key,
    match_key: Key,
) -> None:
    """Let buyers fill empty slots by ordinary search.

    A domestic buyer fills an empty slot at ``fill_rates[0]`` a month. A foreign buyer replaces a lost supplier from
    the same place with the share that switchers show (literature B3), and discovers the cluster in its first
    ``foreign_slots`` slots at ``fill_rates[1]`` a month for a buyer. The rates make links form as fast as they break
    in the base year. ``seen`` (table rows, 2) is from ``visibilities``, zero for rows that cannot be found.
    """
    considered = int(links.considered)
    guide, shown = guide_to(cumulative), seen_at_start(initial_rows, firms, seen)
    for b in range(buyers.slot.size):
        abroad = buyers.foreign[b]
        key = combine(search_key, buyers.slot[b])
        slots = foreign_slots if abroad == 1 else buyers.supplier.shape[1]
        discovers = abroad == 1 and uniform(combine(key, 1), 0) < fill_rates[1]
        for j in range(slots):
            if buyers.supplier[b, j] >= 0:
                continue
            if abroad == 0:
                looks = uniform(key, j) < fill_rates[0]
            elif searching[b] & (1 << j) != 0:
                looks = uniform(key, j) < links.same_county
            else:
                looks = discovers
                discovers = False
            if not looks:
                continue
            # A supplier's usual part of a budget: half of it goes to the cluster, spread over the slots.
            need = buyers.budget[b] / (2.0 * slots)
            row = search(
                combine(combine(key, 2), j), need, considered, seen, shown, firms.slot, cumulative,
                guide, initial_rows, candidate_rows, candidates, entrants,
            )  # fmt: skip
            if row >= 0 and not knows(buyers, b, row):
                link(buyers, b, j, row, ORIGIN_SEARCH, match_key, firms.slot[row], demand)


@loop
def count_links(buyers: BuyerColumns, firms: FirmColumns, rows: I8, countries: I4) -> None:
    """Count the foreign links of each row of firms, and mark the countries with a link, shape (places, countries).

    Resets and fills ``firms.foreign_links``.
    """
    for i in rows:
        firms.foreign_links[i] = 0
    for b in range(buyers.slot.size):
        if buyers.foreign[b] == 0:
            continue
        for j in range(buyers.supplier.shape[1]):
            row = buyers.supplier[b, j]
            if row >= 0:
                firms.foreign_links[row] += 1
                countries[firms.place[row], buyers.country[b]] = 1
