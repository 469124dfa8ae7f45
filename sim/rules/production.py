"""Capacity, output and the labour it needs."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Production
from sim.rules.chance import Key, uniform
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.elementary import power
from sim.state.columns import BEGIN, END, F8, I8, PLACE, TIER, FirmColumns, PlaceColumns

MONTHS = 12.0


@rule
def full_capacity(capital: float, capital_output_ratio: float, normal_use: float) -> float:
    """Return full capacity in units a month: equipment is planned for ``normal_use`` of it."""
    return capital / (capital_output_ratio * normal_use * MONTHS)


@rule
def potential_output(
    capital: float, effective_workers: float, workers_per_unit: float, capital_output_ratio: float, elasticity: float
) -> float:
    """Return what capital and labour can make, units a month.

    Cobb-Douglas, scaled so that normal capital and normal labour make normal output:
    Q = (K / k)^(1 - b) (A L / l)^b, with k the capital-output ratio in years, l workers per yearly unit and b the
    labour elasticity (literature B2).
    """
    if effective_workers <= 0.0 or capital <= 0.0:
        return 0.0
    by_capital = capital / capital_output_ratio
    by_labour = effective_workers / workers_per_unit
    output: float = by_capital * power(by_labour / by_capital, elasticity) / MONTHS
    return output


@rule
def potentials(
    out: F8, capital: F8, workers: F8, productivity: F8, common: float, workers_per_unit: float,
    capital_output_ratio: float, elasticity: float,
) -> None:  # fmt: skip
    """Write ``potential_output`` of firms in a row to ``out``; ``common`` is a factor on the productivity of all."""
    for k in range(out.size):
        effective = workers[k] * productivity[k] * common
        out[k] = potential_output(capital[k], effective, workers_per_unit, capital_output_ratio, elasticity)


@rule
def workers_for(
    units: float,
    capital: float,
    productivity: float,
    workers_per_unit: float,
    capital_output_ratio: float,
    elasticity: float,
) -> float:
    """Return the workers that make ``units`` a month with given capital: the inverse of ``potential_output``."""
    if units <= 0.0 or capital <= 0.0:
        return 0.0
    by_capital = capital / capital_output_ratio
    workers: float = workers_per_unit / productivity * by_capital * power(MONTHS * units / by_capital, 1.0 / elasticity)
    return workers


@rule
def localisation(employment: float, employment_base: float, elasticity: float) -> float:
    """Return the factor on productivity from own-industry employment in the place (literature B4)."""
    if employment <= 0.0 or employment_base <= 0.0:
        return 1.0
    factor: float = power(employment / employment_base, elasticity)
    return factor


@loop
def localise(segments: I8, firms: FirmColumns, places: PlaceColumns, elasticity: float) -> None:
    """Set each place's factor on productivity from present employment and from skills."""
    persons = np.zeros(places.localisation.size)
    for s in range(segments.shape[0]):
        for i in range(segments[s, BEGIN], segments[s, END]):
            if firms.alive[i] == 1:
                persons[segments[s, PLACE]] += firms.workers[i] * firms.weight[i]
    for place in range(persons.size):
        size = localisation(persons[place], places.employment_base[place], elasticity)
        places.localisation[place] = size * places.skill[place]


@rule
def inspection_chance(emission: float, usual: float, rate: float) -> float:
    """Return the chance that a firm outside a park is closed this month: in proportion to its discharge.

    ``emission`` and ``usual``, that of its industry, are in tonnes per yuan of output.
    """
    return min(rate * emission / usual, 1.0) if usual > 0.0 else 0.0


@loop
def inspection_chances(rows: I8, firms: FirmColumns, usual: F8, rate: float) -> F8:
    """Return the chance of closure by inspection of some rows, shape of ``rows``; ``usual`` is by place."""
    out = np.empty(rows.size)
    for k in range(rows.size):
        out[k] = inspection_chance(firms.emission[rows[k]], usual[firms.place[rows[k]]], rate)
    return out


@loop
def inspect(makers: I8, firms: FirmColumns, usual: F8, rate: float, month: int, month_key: Key) -> F8:
    """Close polluting makers (segments) outside parks for a month; return the firms closed, shape of ``usual``."""
    closed = np.zeros(usual.size)
    for s in range(makers.shape[0]):
        place = makers[s, PLACE]
        for i in range(makers[s, BEGIN], makers[s, END]):
            firms.closed[i] = 0
            if firms.alive[i] == 0 or firms.park[i] >= 0 or firms.emission[i] <= 0.0:
                continue
            if uniform(month_key, firms.slot[i]) < inspection_chance(firms.emission[i], usual[place], rate):
                firms.closed[i], firms.closed_month[i] = 1, month
                closed[place] += firms.weight[i]
    return closed


@loop
def produce(
    segments: I8, firms: FirmColumns, places: PlaceColumns, costs: TierCosts, production: Production, progress: float
) -> None:
    """Make what was ordered: the least of orders plus backlog, potential output and full capacity.

    ``progress`` is labour productivity common to all, base year = 1. Writes ``delivered``, ``backlog``, ``use`` and
    ``service`` of the firms of some segments. A firm closed by inspection makes nothing this month.
    """
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        ratio = costs.capital_output_ratio[place, tier]
        per_unit = costs.labour_share[place, tier] / places.wage_base[place]
        begin, end = segments[s, BEGIN], segments[s, END]
        capital, workers = firms.capital[begin:end], firms.workers[begin:end]
        productivity, common = firms.productivity[begin:end], places.localisation[place] * progress
        potential = np.empty(end - begin)
        potentials(potential, capital, workers, productivity, common, per_unit, ratio, production.labour_elasticity)
        for i in range(begin, end):
            if firms.alive[i] == 0:
                continue
            full = full_capacity(firms.capital[i], ratio, production.normal_use)
            demanded = firms.orders[i] + firms.backlog[i]
            made = 0.0 if firms.closed[i] == 1 else min(demanded, potential[i - begin], full)
            firms.delivered[i] = made
            firms.backlog[i] = min(demanded - made, production.backlog_months * full)
            firms.use[i] = made / full if full > 0.0 else 0.0
            if demanded > 0.0:
                firms.service[i] += production.service_memory * (made / demanded - firms.service[i])
