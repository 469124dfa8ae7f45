"""Learning, exit and entry."""

from __future__ import annotations

import math

import numpy as np

from sim.parameters.groups import Favour, Investment, Technology, Turnover
from sim.rules.chance import Key, combine, laplace, uniform
from sim.rules.compiled import loop, rule
from sim.rules.elementary import exp, log, power
from sim.rules.investment import PATIENCE_MONTHS, bank_access, credit_room, lending_share
from sim.rules.ladder import quality_of, rung_gain
from sim.state.columns import (
    AGE_CLASSES,
    BEGIN,
    END,
    F8,
    HONOUR_LEAD,
    I1,
    I4,
    I8,
    MAKER,
    PLACE,
    SUPPLIER,
    TIER,
    TRADER,
    FirmColumns,
    PlaceColumns,
)  # fmt: skip

MONTHS = 12.0
STRONGEST_LURE = 6.0
"""Largest log response of entry to profit."""
SMALLEST_SIZE = 0.01
"""Revenue over the tier's mean below which size no longer raises the hazard of closing."""


@rule
def age_class(age_months: int) -> int:
    """Return the class of age by which hazards are published: year 1, 2, 3, 4 to 7, later (0 to 4)."""
    if age_months < 36:
        return age_months // 12
    return 3 if age_months < 84 else 4


@rule
def closing_hazard(age_months: int, turnover: Turnover) -> float:
    """Return the yearly hazard of closing at an age: it peaks in the third year (literature B1)."""
    old = age_class(age_months)
    if old == 0:
        return turnover.hazard_year_1
    if old == 1:
        return turnover.hazard_year_2
    if old == 2:
        return turnover.hazard_year_3
    if old == 3:
        return turnover.hazard_years_4_7
    return turnover.hazard_later


@rule
def size_factor(age_months: int, revenue: float, mean_revenue: float, elasticity: float) -> float:
    """Return how size shifts the hazard of closing: larger firms survive more, ``elasticity`` is negative.

    A firm in its first year has no yearly revenue yet to be judged by.
    """
    if age_months < 12 or revenue <= 0.0 or mean_revenue <= 0.0:
        return 1.0
    factor: float = power(max(revenue / mean_revenue, SMALLEST_SIZE), elasticity)
    return factor


@loop
def mean_size_factors(segments: I8, firms: FirmColumns, places: PlaceColumns, elasticity: float) -> None:
    """Set ``places.size_hazard`` to the mean of ``size_factor`` over the firms of each place, tier and class of age.

    The hazard of closing is taken over it, so that size moves closings from large to small firms of an age and hazards
    by age stay what they are (literature B1: they are those of all registered firms of an age together).
    """
    factors, counted = np.zeros_like(places.size_hazard), np.zeros_like(places.size_hazard)
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        mean, factor, count = places.mean_revenue[place, tier], factors[place, tier], counted[place, tier]
        for i in range(segments[s, BEGIN], segments[s, END]):
            if firms.alive[i] == 1:
                old = age_class(firms.age[i])
                factor[old] += firms.weight[i] * size_factor(firms.age[i], firms.revenue_year[i], mean, elasticity)
                count[old] += firms.weight[i]
    for place in range(len(factors)):
        for tier in range(3):
            for old in range(AGE_CLASSES):
                number = counted[place, tier, old]
                places.size_hazard[place, tier, old] = factors[place, tier, old] / number if number > 0.0 else 1.0


@rule
def largest_hazard(turnover: Turnover, usual: float) -> float:
    """Return an upper bound of the yearly hazard of closing over ages, sizes and idleness.

    ``usual`` is the least mean of ``size_factor`` over the firms of an age.
    """
    by_age = max(
        max(turnover.hazard_year_1, turnover.hazard_year_2),
        max(turnover.hazard_year_3, max(turnover.hazard_years_4_7, turnover.hazard_later)),
    )
    by_size: float = max(1.0, power(SMALLEST_SIZE, turnover.hazard_size_elasticity))
    return by_age * by_size / usual + turnover.idle_hazard


@rule
def idles(age_months: int, revenue: float, full_revenue: float, idle_use: float) -> bool:
    """Return whether a firm whose owner has waited sold too little of what it could make to be worth its while."""
    return age_months >= PATIENCE_MONTHS and revenue < idle_use * full_revenue


@rule
def yearly_hazard(
    age_months: int,
    honours: int,
    revenue: float,
    mean_revenue: float,
    full_revenue: float,
    usual: float,
    turnover: Turnover,
) -> float:
    """Return the yearly hazard of closing by age, size and idleness; ``usual`` is the mean of ``size_factor``.

    Governments and banks do not let a lead firm go for want of an heir: it closes when its money is gone.
    """
    if honours & HONOUR_LEAD != 0:
        return 0.0
    by_size = size_factor(age_months, revenue, mean_revenue, turnover.hazard_size_elasticity) / usual
    hazard = closing_hazard(age_months, turnover) * by_size
    if idles(age_months, revenue, full_revenue, turnover.idle_use):
        hazard += turnover.idle_hazard
    return hazard


@rule
def trade_credit_months(access: float, turnover: Turnover) -> float:
    """Return the months of revenue that a firm's suppliers let stand: the longer, the less it has of banks.

    ``overdraft_months`` x (1 + ``small_trade_credit`` x (1 - access)), with ``access`` of ``bank_access`` (literature
    A3: in clusters trade credit takes the place of banks).
    """
    return turnover.overdraft_months * (1.0 + turnover.small_trade_credit * (1.0 - access))


@rule
def insolvent(cash: float, room: float, yearly_revenue: float, months: float) -> bool:
    """Return whether a firm owes more than its suppliers and its bank let stand."""
    return cash + room < -months * yearly_revenue / MONTHS


@rule
def shock_size(revenue: float, mean_revenue: float, elasticity: float) -> float:
    """Return the spread of a firm's jumps in favour over that at the tier's mean size: less for large firms."""
    if revenue <= 0.0 or mean_revenue <= 0.0:
        return 1.0
    factor: float = power(max(revenue / mean_revenue, SMALLEST_SIZE), -elasticity)
    return factor


@loop
def learn(
    segments: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    technology: Technology,
    favour: Favour,
    labour_elasticity: float,
    shock_key: Key,
    favour_key: Key,
) -> None:
    """Move productivity, favour with buyers and the technology gap by a month.

    The frontier climbs ``frontier_rungs`` a year and everybody falls behind by as much, in productivity and quality,
    but no further than ``widest_gap``: older techniques come with every second-hand machine.
    The rest of productivity drifts back to the place's mean (imitation) and takes a Laplace shock whose size keeps
    the spread of firms at ``productivity_dispersion``; a lead firm's is smaller.

    A firm's luck with buyers fades and jumps now and then (Laplace), and its favour follows: so growth rates are
    Laplace, with a spread that falls with size (literature B1: Zou 2019).
    """
    rungs = technology.frontier_rungs / MONTHS
    gain = rung_gain(technology, labour_elasticity)
    pull = technology.productivity_reversion / MONTHS
    shock = technology.productivity_dispersion * math.sqrt(2.0 * pull)
    jumps, back = favour.jumps_a_year / MONTHS, favour.reversion / MONTHS
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        usual = places.productivity_base[place, tier]
        begin, end = segments[s, BEGIN], segments[s, END]
        slot, honours = firms.slot[begin:end], firms.honours[begin:end]
        productivity, gap = firms.productivity[begin:end], firms.technology_gap[begin:end]
        quality, brand, age = firms.quality[begin:end], firms.brand[begin:end], firms.age[begin:end]
        liked, talent, luck = firms.favour[begin:end], firms.talent[begin:end], firms.luck[begin:end]
        revenue, mean = firms.revenue_year[begin:end], places.mean_revenue[place, tier]
        move, draw = np.empty(end - begin), np.empty(end - begin)
        for k in range(draw.size):
            draw[k] = uniform(favour_key, slot[k])
        for k in range(draw.size):
            if draw[k] < jumps:
                spread = favour.shock * shock_size(revenue[k], mean, favour.shock_size_elasticity)
                if honours[k] & HONOUR_LEAD != 0:
                    spread *= technology.lead_shock
                luck[k] += spread * laplace(draw[k] / jumps)
        for k in range(draw.size):
            liked[k] += (talent[k] + luck[k] - liked[k]) / favour.follow_months
            luck[k] *= 1.0 - back
        for k in range(move.size):
            move[k] = shock * laplace(uniform(shock_key, slot[k]))
        for k in range(move.size):
            if honours[k] & HONOUR_LEAD != 0:
                move[k] *= technology.lead_shock
        for k in range(move.size):
            own = log(productivity[k]) + gain * gap[k]
            move[k] += own + pull * (usual - own)
        if tier == MAKER:
            for k in range(gap.size):
                gap[k] = min(gap[k] + rungs, max(gap[k], technology.widest_gap))
                brand[k] *= 1.0 - technology.brand_fading / MONTHS
            for k in range(quality.size):
                quality[k] = quality_of(gap[k], technology.rung_quality, brand[k])
        for k in range(productivity.size):
            productivity[k] = exp(move[k] - gain * gap[k])
        for k in range(age.size):
            age[k] += 1


@loop
def closings(
    segments: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    turnover: Turnover,
    investment: Investment,
    capacity_per_capital: F8,
    equipment_price: float,
    exit_key: Key,
    reason: I1,
) -> None:
    """Decide who closes.

    ``reason`` (table rows) becomes 1 for the hazard of age, size and idleness, 2 for insolvency, and else stays 0.
    ``capacity_per_capital`` (places, 3) is full capacity in units a month for each base-year yuan of equipment.
    """
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        usual = places.size_hazard[place, tier]  # by class of age
        # Nobody whose draw lies above the largest possible hazard can close, so the hazard need not be worked out.
        never_above = largest_hazard(turnover, usual.min()) / MONTHS
        for i in range(segments[s, BEGIN], segments[s, END]):
            if firms.alive[i] == 0:
                continue
            draw = uniform(exit_key, firms.slot[i])
            if draw < never_above:
                hazard = yearly_hazard(
                    firms.age[i], firms.honours[i], firms.revenue_year[i], places.mean_revenue[place, tier],
                    firms.capital[i] * capacity_per_capital[place, tier] * MONTHS * firms.price[i],
                    usual[age_class(firms.age[i])], turnover,
                )  # fmt: skip
                if draw < 1.0 - exp(-hazard / MONTHS):
                    reason[i] = 1
            # With cash in hand nobody is insolvent, whatever its bank would lend.
            if firms.cash[i] >= 0.0:
                continue
            access = bank_access(firms.capital[i], firms.honours[i], investment)
            lent = lending_share(access, investment) + firms.credit_line[i]
            room = credit_room(firms.capital[i], equipment_price, firms.loan[i], lent)
            revenue = max(firms.revenue_year[i], firms.price[i] * firms.expected_orders[i] * MONTHS)
            if insolvent(firms.cash[i], room, revenue, trade_credit_months(access, turnover)):
                reason[i] = 2


@rule
def entry_chance(
    normal_chance: float, profit: float, normal_profit: float, room: float, set_up_cost: float, turnover: Turnover
) -> float:
    """Return the chance that a candidate enters.

    It is ``normal_chance`` at normal profit and cost, rises with profit relative to its normal level (or to the usual
    margin of industry, where that is higher), goes with the ``room`` that the market has for another firm (the units a
    firm sells on average over what is normal) and falls with the cost of setting up (1 = without help).
    """
    pull = turnover.entry_profit_elasticity * (profit - normal_profit) / max(turnover.usual_margin, normal_profit)
    # Beyond this nobody enters, or every candidate does; a tier with next to no revenue has a profit rate of any size.
    lure = exp(min(max(pull, -STRONGEST_LURE), STRONGEST_LURE))
    chance: float = normal_chance * room * lure * power(set_up_cost, -turnover.entry_cost_elasticity)
    return chance


@loop
def entry_chances(places: PlaceColumns, set_up_cost: F8, turnover: Turnover, out: F8) -> None:
    """Write the chance that a candidate of each place and tier enters over its normal chance, shape (places, 3).

    ``set_up_cost`` (places,) is the cost of setting up, 1 without help. Room is counted in goods, so that dear steel or
    a change of all prices makes none.
    """
    for place in range(set_up_cost.size):
        for tier in range(3):
            normal = places.normal_sold[place, tier]
            out[place, tier] = places.pull[place] * entry_chance(
                1.0, places.profit_rate[place, tier], places.normal_profit[place, tier],
                places.mean_sold[place, tier] / normal if normal > 0.0 else 1.0, set_up_cost[place], turnover,
            )  # fmt: skip


@rule
def logistic_quantile(u: float) -> float:
    """Return the quantile of the logistic distribution with mean 0 and variance 1 at probability ``u``.

    It stands in for the normal one: the difference is below 0.1 standard deviations for 96 firms in 100, and beyond
    them the tails are fatter.
    """
    return 0.5513288954217921 * log(u / (1.0 - u))


@loop
def enter(
    slots: I8,
    chance: F8,
    draw_key: Key,
    entered: I1,
) -> None:
    """Mark the candidate slots that enter: each compares its own draw with its own ``chance`` (shape of slots)."""
    for k in range(slots.size):
        entered[k] = 1 if uniform(draw_key, slots[k]) < chance[k] else 0


@rule
def drawn_by_weight(u: float, cumulated: F8, first: int, last: int) -> int:
    """Return the position from ``first`` to before ``last`` at probability ``u``, each by its weight.

    ``cumulated`` holds the weights up to and with each position; there is at least one.
    """
    before = cumulated[first - 1] if first > 0 else 0.0
    target = before + u * (cumulated[last - 1] - before)
    low, high = first, last - 1
    while low < high:
        middle = (low + high) // 2
        if cumulated[middle] > target:
            high = middle
        else:
            low = middle + 1
    return low


@loop
def fit_out(
    rows: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    parents: I4,
    parent_slots: I8,
    bounds: I8,
    technology: Technology,
    labour_elasticity: float,
    turnover: Turnover,
    talents: F8,
    weights: F8,
    sizes: F8,
    traders_from: I8,
    month_key: Key,
) -> None:
    """Give entrants their size, productivity, technique and lasting favour with buyers.

    A newcomer is like a firm of the start of its tier: it has the lasting favour of one drawn for the slot, and a share
    of the equipment that this firm then had, log-spread (suppliers: of the tier's mean). Productivity and technique are
    in part a parent's (another firm of the start) and else the place's mean, with noise. ``parents`` lists the rows
    of the start, place by place, and ``parent_slots`` whose rows they were; those of a place begin at its entry in
    ``bounds`` (places + 1,). ``talents`` and ``sizes`` hold the lasting favour with buyers of the firms of the start
    and their equipment in base-year yuan, of each place makers first and traders from ``traders_from`` (places,) on;
    ``weights`` adds up how likely each is to be copied.
    """
    gain = rung_gain(technology, labour_elasticity)
    inherited = turnover.parent_weight
    for i in rows:
        key = combine(month_key, firms.slot[i])
        tier, place = firms.tier[i], firms.place[i]
        here = bounds[place + 1] - bounds[place]
        first, last = bounds[place], traders_from[place]
        if tier == TRADER:
            first, last = last, bounds[place + 1]
        size = places.mean_capital[place, tier]
        if last > first and tier != SUPPLIER:
            model = drawn_by_weight(uniform(key, 3), weights, first, last)
            firms.talent[i], size = talents[model], sizes[model]
        firms.favour[i] = firms.talent[i]
        spread = turnover.entrant_dispersion * logistic_quantile(uniform(key, 0))
        firms.capital[i] = size * turnover.entrant_size * exp(spread)
        drawn = drawn_by_weight(uniform(key, 1), weights, bounds[place], bounds[place + 1]) if here > 0 else 0
        parent = parents[drawn] if here > 0 else i
        own, gap = places.productivity_base[place, tier], 1.0
        same = here > 0 and firms.slot[parent] == parent_slots[drawn]
        if same and firms.alive[parent] == 1 and firms.tier[parent] == tier:
            parent_own = log(firms.productivity[parent]) + gain * firms.technology_gap[parent]
            own = (1.0 - inherited) * own + inherited * parent_own
            gap = (1.0 - inherited) * gap + inherited * firms.technology_gap[parent]
        noise = turnover.entrant_noise * technology.productivity_dispersion * laplace(uniform(key, 2))
        firms.technology_gap[i] = gap if tier == MAKER else 0.0
        firms.quality[i] = quality_of(firms.technology_gap[i], technology.rung_quality, 0.0)
        firms.productivity[i] = exp(own + noise - gain * firms.technology_gap[i])


@loop
def closing_hazards(
    segments: I8, firms: FirmColumns, places: PlaceColumns, turnover: Turnover, capacity_per_capital: F8, out: F8
) -> None:
    """Write the yearly hazard of closing of each firm to ``out`` (table rows,), want of money left out; else 0.

    ``capacity_per_capital`` is as for ``closings``.
    """
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        for i in range(segments[s, BEGIN], segments[s, END]):
            out[i] = 0.0
            if firms.alive[i] == 1:
                out[i] = yearly_hazard(
                    firms.age[i], firms.honours[i], firms.revenue_year[i], places.mean_revenue[place, tier],
                    firms.capital[i] * capacity_per_capital[place, tier] * MONTHS * firms.price[i],
                    places.size_hazard[place, tier, age_class(firms.age[i])], turnover,
                )  # fmt: skip


@loop
def hazards_by_age(months: int, turnover: Turnover) -> F8:
    """Return the yearly hazard of closing at each age in months, shape (months,)."""
    out = np.empty(months)
    for age in range(months):
        out[age] = closing_hazard(age, turnover)
    return out
