"""What governments plan to spend on the policies of a scenario, against the money they have, before any run.

What is planned is an upper bound: every place taken, every budget awarded. What a county takes in is an estimate. A
doubt (W11) is therefore told only when the plan exceeds the money by a clear margin.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sim.errors import UserError
from sim.policies.rhythm import held_in
from sim.units import Uncertain

if TYPE_CHECKING:
    from sim.scenario.resolved import Place, Policy, Scenario

TAX_OF_OUTPUT: Final = 0.024
"""Tax of all levels over sales: what Hebei's clusters paid in 2019 (reported figure ``hb-tax-2019``)."""
USED: Final = 0.7
"""Part of the plots of a park older than the run that tenants rent, as in the parks of the model."""
MARGIN: Final = 0.10
"""Share of what is planned that has to be missing before anything is said."""

Known = Mapping[str, float]
Due = Callable[[Any, Any, int, Known], float]


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
    from sim.parameters import parameter_table

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
        yearly += math.fsum(_rent(policy, places, scenario.time.start) for policy in scenario.policies)
    else:
        opening = known["government.province_balance_share"] * output
        yearly = known["government.province_receipts_share"] * output
    sums = {name: list(itertools.accumulate(yuan)) for name, yuan in spending.items()}
    planned = [math.fsum(values) for values in zip(*sums.values(), strict=True)]
    had = [opening + yearly * (month + 1) / 12.0 for month in range(len(planned))]
    worst = max(range(len(planned)), key=lambda month: planned[month] - had[month])
    if planned[worst] - had[worst] <= MARGIN * planned[worst]:
        return None
    largest = max(sums, key=lambda name: sums[name][worst])
    month = scenario.time.start + worst
    return Gap(
        level, places[0], largest, month, sums[largest][worst], planned[worst], opening, yearly, had[worst]
    )  # fmt: skip


def _rent(policy: Policy, places: Sequence[Place], month: int) -> float:
    """Return the yearly rent of a park that is there before the run to the county of its places, in yuan."""
    if policy.type != "park" or not _in_force(policy, month) or not {place.id for place in places} & set(policy.where):
        return 0.0
    terms: Any = policy.terms_at(month)
    plots = sum(centre(phase.plots) for phase in terms.phases if phase.opens < month)
    return USED * plots * centre(terms.plot_area) * centre(terms.rent) * 12.0


def plan(policy: Policy, scenario: Scenario, known: Known) -> list[float]:
    """Return the yuan that fall due in each simulated month in one place, or in all where the places share."""
    months = range(scenario.time.start, scenario.time.end + 1)
    due = DUE.get(policy.type)
    # Nobody knows beforehand which places will be designated.
    if due is None or policy.where_designated is not None:
        return [0.0] * len(months)
    settled = {**known, "first": float(scenario.time.start)}
    return [due(policy, policy.terms_at(month), month, settled) for month in months]


def _part(policy: Policy, place: Place, outputs: Mapping[str, float]) -> float:
    """Return the part of a policy's plan that falls on a place: all of it, or its share where the places share."""
    if place.id not in policy.where:
        return 0.0
    across = getattr(policy.versions[-1][1], "across", None)
    if across is None and policy.type not in SHARED:
        return 1.0
    if getattr(across, "rule", "") == "equal":
        return 1.0 / len(policy.where)
    return outputs[place.id] / math.fsum(outputs[identifier] for identifier in policy.where)


def centre(value: Any) -> float:
    """Return a number, or the middle of an uncertain one."""
    return float(value.centre if isinstance(value, Uncertain) else value)


# --- what each type plans: yuan in one month ----------------------------------------------------------------------


def _in_force(policy: Policy, month: int) -> bool:
    return policy.start <= month and (policy.end is None or month <= policy.end)


def _every_month(yearly: Callable[[Any, Known], float]) -> Due:
    """Return the plan of a policy that spends evenly while it is in force; ``yearly`` gives yuan a year."""
    return lambda policy, terms, month, known: yearly(terms, known) / 12.0 if _in_force(policy, month) else 0.0


def _when_held(each: Callable[[Any, Known], float]) -> Due:
    """Return the plan of an event; ``each`` gives the yuan of one."""

    def due(policy: Policy, terms: Any, month: int, known: Known) -> float:
        held = _in_force(policy, month) and held_in(terms.every, month, policy.start)
        return each(terms, known) if held else 0.0

    return due


def _fund(policy: Policy, terms: Any, month: int, known: Known) -> float:
    """Return a year's budget in the month in which awards of its first call are paid."""
    later = terms.paid.when == "after_acceptance"
    call = month - terms.paid.lag_months - (round(known["government.acceptance_months"]) if later else 0)
    opened = max(policy.start, call - call % 12)
    calls = [one for one in range(opened, opened - opened % 12 + 12) if one % 12 + 1 in terms.call_months]
    if not _in_force(policy, call) or call < known["first"] or call != min(calls, default=-1):
        return 0.0
    awarded: Any = policy.terms_at(call)
    return centre(awarded.annual_budget) * float(12 - opened % 12) / 12.0


def _park(policy: Policy, terms: Any, month: int, known: Known) -> float:
    """Return what the phases that open this month cost."""
    if not _in_force(policy, month) or not terms.plots:
        return 0.0
    plots = float(sum(phase.plots for phase in terms.phases if phase.opens == month))
    return centre(terms.build_cost) * plots / float(terms.plots)


def _trade_park(policy: Policy, terms: Any, month: int, known: Known) -> float:
    """Return what places cost that are added this month."""
    if not _in_force(policy, month) or not centre(terms.plots):
        return 0.0
    before: Any = policy.terms_at(month - 1)
    more = centre(terms.plots) - (centre(before.plots) if month > policy.start else 0.0)
    return max(more, 0.0) / centre(terms.plots) * centre(terms.build_cost)


def _platform(policy: Policy, terms: Any, month: int, known: Known) -> float:
    """Return what building costs when it starts, and a month of running it; who will join is not known."""
    if not _in_force(policy, month):
        return 0.0
    return centre(terms.run_cost) / 12.0 + (centre(terms.set_up_cost) if month == policy.start else 0.0)


def _dealers(policy: Policy, terms: Any, month: int, known: Known) -> float:
    """Return the subsidy of a month for dealers and outlets beyond those that were there before the run."""
    if not _in_force(policy, month):
        return 0.0
    before: Any = policy.terms_at(int(known["first"]) - 1)
    there = centre(before.dealers) + centre(before.outlets) if policy.start < known["first"] else 0.0
    number = max(centre(terms.dealers) + centre(terms.outlets) - there, 0.0)
    return number * centre(terms.outlet_cost) * centre(terms.subsidy) / 12.0


def _designation(policy: Policy, terms: Any, month: int, known: Known) -> float:
    """Return the awards of a batch."""
    batch = month == policy.start if terms.every is None else held_in(terms.every, month, policy.start)
    if not batch or not _in_force(policy, month):
        return 0.0
    total = centre(terms.count_total or 0) if month == policy.start else 0.0
    return centre(terms.award) * (total if terms.count is None else centre(terms.count))


def _project(policy: Policy, terms: Any, month: int, known: Known) -> float:
    """Return public money for plants, spread evenly from the first signing to the end of building."""
    signed = 1 if policy.planned_end is None else policy.planned_end - policy.start + 1
    months = signed + centre(terms.build_months)
    if terms.money != "public" or not policy.start <= month < policy.start + months:
        return 0.0
    arrives = known["project.realised_share"] if terms.realised is None else centre(terms.realised)
    return centre(terms.value) * arrives / months


def _fair(terms: Any, known: Known) -> float:
    buyers = centre(terms.domestic_buyers_invited) + centre(terms.foreign_buyers_invited)
    booths = centre(terms.booths) * centre(terms.booth_fee) * centre(terms.booth_subsidy)
    return centre(terms.organising_cost) + booths + centre(terms.travel_subsidy) * buyers


def _exhibition(terms: Any, known: Known) -> float:
    return centre(terms.firms_sent) * known["fair.stand_cost_abroad"] * centre(terms.stand_subsidy)


def _training(terms: Any, known: Known) -> float:
    return centre(terms.seats) * centre(terms.cost) * centre(terms.tuition_subsidy)


def _design(terms: Any, known: Known) -> float:
    designs = centre(terms.firms_per_year) * centre(terms.cost_per_firm) * centre(terms.subsidy)
    return designs + centre(terms.brand_campaign)


def _research(terms: Any, known: Known) -> float:
    return centre(terms.projects_per_year) * centre(terms.cost) * (1.0 - centre(terms.firm_share))


def _cloud(terms: Any, known: Known) -> float:
    return centre(terms.firms) * known["cloud.yearly_fee"] * centre(terms.fee_subsidy)


DUE: Final[Mapping[str, Due]] = {
    "brand_design": _every_month(_design),
    "cloud_drive": _every_month(_cloud),
    "dealer_network": _dealers,
    "designation": _designation,
    "digital_platform": _platform,
    "exhibition": _when_held(_exhibition),
    "fair": _when_held(_fair),
    "fund": _fund,
    "park": _park,
    "project": _project,
    "research_partnership": _every_month(_research),
    "trade_park": _trade_park,
    "training": _every_month(_training),
}
"""What each policy type plans at most in a month (an upgrade drive spends nothing)."""
SHARED: Final = ("designation", "project")
"""Types that spend one sum in all their places together."""
