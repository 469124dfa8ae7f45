"""The labour pool of a place: wanted workers, hiring, and the wage."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Labour, Production
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.elementary import exp, power
from sim.rules.production import full_capacity, workers_for
from sim.state.columns import BEGIN, END, F8, I8, PLACE, TIER, FirmColumns, PlaceColumns


@rule
def labour_supply(pool: float, wage: float, trend: float, elasticity: float) -> float:
    """Return persons willing to work in the cluster at its wage against the wage elsewhere."""
    persons: float = pool * power(wage / trend, elasticity)
    return persons


@rule
def next_wage(
    wage: float, trend_growth: float, demand: float, supply: float, response: float, elasticity: float, cuts: float
) -> float:
    """Return next month's wage: it follows wages elsewhere and rises with excess demand for labour.

    Wages are sticky downward (industry.md 6): of a fall of the wage in yuan only the part ``cuts`` comes about, the
    rest of the adjustment falls on the number of people at work.

    Within the month supply answers as the wage moves: ``d ln(wage) = response (demand / supply - 1) dt`` with
    ``supply`` growing as ``wage ** elasticity``, solved over one month. So the wage comes near the one at which as many
    work as are wanted and never jumps past it. A jump by the excess demand at the start of the month alone would, where
    supply is elastic, overshoot further every month (from ``response * elasticity = 2``).

    Parameters
    ----------
    demand, supply
        Persons wanted, and persons willing at ``wage`` after it has followed wages elsewhere; supply above 0.
    response
        Rise of the wage to excess demand, a month.
    elasticity
        Of supply to the wage.
    cuts
        Part of a fall that comes about, share.
    """
    excess = demand / supply - 1.0
    if elasticity == 0.0:
        pressure = exp(response * excess)
    else:
        met = 1.0 - exp(-response * elasticity)
        pressure = power(1.0 + met * excess, 1.0 / elasticity)
    change = (1.0 + trend_growth) * pressure - 1.0
    return wage * (1.0 + (change if change > 0.0 else cuts * change))


@loop
def hire(
    segments: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    costs: TierCosts,
    production: Production,
    labour: Labour,
    progress: float,
    wage_trend: F8,
    trend_growth: float,
    unfilled: F8,
) -> None:
    """Move workers towards the wanted number; hires are rationed pro rata when the pool is short.

    Wanted are those that make expected orders, with a reserve for busy months, and work off part of the backlog, at
    present capital; nobody hires for more than the equipment can make. ``wage_trend`` (places,) is the wage elsewhere
    in yuan a year; ``unfilled`` (places,) takes the vacancies left open. Layoffs come first, so those laid off this
    month can be hired this month.
    """
    count = places.wage.size
    employed, vacancies, demand = np.zeros(count), np.zeros(count), np.zeros(count)
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        ratio = costs.capital_output_ratio[place, tier]
        per_unit = costs.labour_share[place, tier] / places.wage_base[place]
        common = places.localisation[place] * progress
        begin, end = segments[s, BEGIN], segments[s, END]
        wanted_here, expected, backlog = (
            firms.wanted_workers[begin:end], firms.expected_orders[begin:end], firms.backlog[begin:end],
        )  # fmt: skip
        capital, productivity = firms.capital[begin:end], firms.productivity[begin:end]
        for k in range(capital.size):
            full = full_capacity(capital[k], ratio, production.normal_use)
            wanted_here[k] = workers_for(
                min((1.0 + labour.reserve) * expected[k] + labour.backlog_clearing * backlog[k], full),
                capital[k],
                productivity[k] * common,
                per_unit,
                ratio,
                production.labour_elasticity,
            )
        for i in range(begin, end):
            if firms.alive[i] == 0:
                continue
            wanted = firms.wanted_workers[i]
            gap = wanted - firms.workers[i]
            if gap < 0.0:
                firms.workers[i] += labour.firing_speed * gap
            else:
                vacancies[place] += firms.weight[i] * labour.hiring_speed * gap
            employed[place] += firms.weight[i] * firms.workers[i]
            demand[place] += firms.weight[i] * wanted
    filled = np.ones(count)
    for place in range(count):
        # Wages here first follow those elsewhere: what is left between the two moves people.
        followed = places.wage[place] * (1.0 + trend_growth)
        supply = labour_supply(places.labour_pool[place], followed, wage_trend[place], labour.supply_elasticity)
        free = max(supply - employed[place], 0.0)
        if vacancies[place] > free:
            filled[place] = free / vacancies[place]
        unfilled[place] = vacancies[place] * (1.0 - filled[place])
        usual = supply / (1.0 + labour.vacancy_pool)
        if usual > 0.0:
            places.wage[place] = next_wage(
                places.wage[place],
                trend_growth,
                demand[place],
                usual,
                labour.wage_response,
                labour.supply_elasticity,
                labour.wage_cuts,
            )
    for s in range(segments.shape[0]):
        part = labour.hiring_speed * filled[segments[s, PLACE]]
        for i in range(segments[s, BEGIN], segments[s, END]):
            gap = firms.wanted_workers[i] - firms.workers[i]
            if gap > 0.0 and firms.alive[i] == 1:
                firms.workers[i] += part * gap
