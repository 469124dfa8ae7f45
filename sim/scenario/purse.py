"""What governments plan to spend on the policies of a scenario, against the money they have, before any run.

What is planned is an upper bound: every place taken, every budget awarded. What a county takes in is an estimate. A
doubt (W11) is therefore told only when the plan exceeds the money by a clear margin.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sim.errors import UserError
from sim.parameters import parameter_table
from sim.policies.terms import Outlook
from sim.scenario.resolved import Place, Policy, Scenario
from sim.units import centre

TAX_OF_OUTPUT: Final = 0.024
"""Tax of all levels over sales: what Hebei's clusters paid in 2019 (reported figure ``hb-tax-2019``)."""
MARGIN: Final = 0.10
"""Share of what is planned that has to be missing before anything is said."""

Known = Mapping[str, float]
"""Values of parameters by dotted name."""


@dataclass(frozen=True)
class Gap:
    """Money one government would miss.

    Attributes
    ----------
    level, place
        ``county`` and its place, or ``province`` and the first of its places.
    policy
        Id of the policy that plans most of its money up to ``month``, the month in which most is missing.
    own, planned, opening, yearly, had
        Yuan up to that month: planned by that policy and by all, in the account at the start, taken in a year, and in
        hand in all.
    """

    level: str
    place: Place
    policy: str
    month: int
    own: float
    planned: float
    opening: float
    yearly: float
    had: float

    @property
    def missing(self) -> float:
        """Yuan planned beyond what is there."""
        return self.planned - self.had


def gaps(scenario: Scenario) -> list[Gap]:
    """Return the governments whose money does not last for what the scenario plans, in the order of its places."""
    try:
        known = {row.name: row.value for row in parameter_table()} | dict(scenario.parameters)
    except UserError:
        return []
    outputs = {place.id: centre(place.start.headline_total) for place in scenario.places}
    plans = {policy.id: plan(policy, scenario, known) for policy in scenario.policies}
    found = []
    for (level, _), places in _governments(scenario).items():
        spending = {}
        for policy in scenario.policies:
            share = policy.payer.get(level, 0.0) * math.fsum(_part(policy, place, outputs) for place in places)
            if share > 0.0:
                spending[policy.id] = [share * yuan for yuan in plans[policy.id]]
        gap = _worst(level, places, spending, scenario, known) if spending else None
        found += [gap] if gap is not None else []
    return found


def _governments(scenario: Scenario) -> dict[tuple[str, str], list[Place]]:
    """Return the places of each government: counties one, provinces several."""
    found: dict[tuple[str, str], list[Place]] = {("county", place.id): [place] for place in scenario.places}
    for place in scenario.places:
        found.setdefault(("province", place.province), []).append(place)
    return found


def _worst(
    level: str, places: list[Place], spending: Mapping[str, list[float]], scenario: Scenario, known: Known
) -> Gap | None:
    """Return the month in which a government misses most, None when its money lasts."""
    output = math.fsum(centre(place.start.headline_total) for place in places)
    if level == "county":
        opening = math.fsum(centre(place.start.county_balance) for place in places)
        share = known["tax.county_share"] * known["government.programme_share"]
        yearly = share * TAX_OF_OUTPUT * output + known["government.other_receipts"]
        yearly += math.fsum(_rent(policy, places[0], scenario.time.start) for policy in scenario.policies)
    else:
        opening = known["government.province_balance_share"] * output
        yearly = known["government.province_receipts_share"] * output
    sums = {name: list(itertools.accumulate(yuan)) for name, yuan in spending.items()}
    planned = [math.fsum(values) for values in zip(*sums.values(), strict=True)]
    had = _in_hand(planned, opening, yearly, scenario.time.start, known["government.carry_over_share"])
    worst = max(range(len(planned)), key=lambda month: planned[month] - had[month])
    if planned[worst] - had[worst] <= MARGIN * planned[worst]:
        return None
    largest = max(sums, key=lambda name: sums[name][worst])
    month = scenario.time.start + worst
    return Gap(
        level, places[0], largest, month, sums[largest][worst], planned[worst], opening, yearly, had[worst]
    )  # fmt: skip


def _in_hand(planned: list[float], opening: float, yearly: float, start: int, carried_over: float) -> list[float]:
    """Return the yuan there will have been up to each month, less what will have lapsed by then.

    ``planned`` is what is to be spent up to each month; what lay idle all year lapses in January but for the share
    ``carried_over``.
    """
    had: list[float] = []
    lapsed, idle = 0.0, math.inf
    for month, _ in enumerate(planned):
        idle = min(idle, max(had[-1] - planned[month - 1], 0.0) if month > 0 else opening)
        if month > 0 and (start + month) % 12 == 0:
            lapsed, idle = lapsed + (1.0 - carried_over) * idle, math.inf
        had.append(opening + yearly * (month + 1) / 12.0 - lapsed)
    return had


def _rent(policy: Policy, place: Place, month: int) -> float:
    """Return what the county of a place takes in a year from what a policy built before the month, in yuan."""
    counts = policy.in_force(month) and place.id in policy.where
    return policy.terms_at(month).rent_before(month) if counts else 0.0


def plan(policy: Policy, scenario: Scenario, known: Known) -> list[float]:
    """Return the yuan that fall due in each simulated month in one place, or in all where the places share."""
    months = range(scenario.time.start, scenario.time.end + 1)
    if policy.where_designated is not None:  # nobody knows beforehand which places will be designated
        return [0.0] * len(months)
    outlook = Outlook(policy.start, policy.end, policy.planned_end, months[0], policy.terms_at, known)
    return [policy.terms_at(month).planned(month, outlook) for month in months]


def _part(policy: Policy, place: Place, outputs: Mapping[str, float]) -> float:
    """Return the part of a policy's plan that falls on a place: all of it, or its share where the places share."""
    if place.id not in policy.where:
        return 0.0
    shared = policy.versions[-1][1].shared_among_places
    if shared == "size":
        return outputs[place.id] / math.fsum(outputs[identifier] for identifier in policy.where)
    return 1.0 / len(policy.where) if shared == "equal" else 1.0
