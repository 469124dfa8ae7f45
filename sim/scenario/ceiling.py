"""An arithmetic ceiling on what a scenario can do, from reported figures and before any run.

It keeps expectations honest: a fair whose buyers stated 190 million yuan of intended orders, in a cluster that makes
goods of 42 billion yuan a year, cannot work a miracle when it is doubled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.errors import UserError
from sim.evidence import load_facts
from sim.scenario.resolved import Policy, Scenario
from sim.units import format_money, highest, year_of

INTENDED = "fair_intended_orders"
INVITED = ("domestic_buyers_invited", "foreign_buyers_invited")


@dataclass(frozen=True)
class Ceiling:
    """What a scenario adds at most.

    Attributes
    ----------
    grants
        Yuan of grants beyond the baseline's, over all simulated years; None when no budget differs.
    orders
        Yuan a year of intended orders beyond the baseline's, if buyers behave as in ``year``; None when no fair
        differs or no intended orders were reported.
    output
        Reported yearly output of the places, yuan.
    """

    grants: float | None
    orders: float | None
    year: int | None
    output: float

    def text(self, lang: str = "en") -> str:
        """Return the ceiling as a sentence; empty when there is nothing to say."""
        parts = []
        if self.grants is not None:
            money = format_money(self.grants, lang)
            parts.append(f"at most {money} of grants" if lang == "en" else f"补助最多{money}")
        if self.orders is not None:
            money = format_money(self.orders, lang, per="year")
            share = f"{100 * self.orders / self.output:.2g}%"
            if lang == "en":
                condition = f"if buyers behave as in {self.year} ({share} of reported output)"
                parts.append(f"at most +{money} of intended orders {condition}")
            else:
                parts.append(f"若采购商与{self.year}年一样，意向订单最多增加{money}（相当于公布产值的{share}）")
        return ("; " if lang == "en" else "；").join(parts)


def ceiling(scenario: Scenario, baseline: Scenario | None = None) -> Ceiling:
    """Return the most a scenario can add to its baseline (to nothing, when there is none) by arithmetic alone."""
    before = baseline.policies if baseline is not None else ()
    grants = _budgets(scenario, scenario.policies) - (_budgets(scenario, before) if baseline is not None else 0.0)
    orders, year = _orders(scenario, before)
    output = math.fsum(highest(place.start.headline_total) for place in scenario.places)
    return Ceiling(grants if grants > 0 else None, orders, year, output)


def _budgets(scenario: Scenario, policies: Sequence[Policy]) -> float:
    """Return all yearly budgets of the simulated months: in each calendar year the largest budget in force."""
    total = 0.0
    for policy in policies:
        yearly: dict[int, float] = {}
        for month in _months(scenario, policy):
            budget = getattr(policy.terms_at(month), "annual_budget", None)
            if budget is not None:
                yearly[year_of(month)] = max(yearly.get(year_of(month), 0.0), highest(budget))
        total += math.fsum(yearly.values())
    return total


def _orders(scenario: Scenario, before: Sequence[Policy]) -> tuple[float | None, int | None]:
    """Return the intended orders a larger fair adds if each invited buyer states as much as reported."""
    old = {policy.id: policy for policy in before if policy.type == "fair"}
    added, latest = 0.0, None
    for policy in scenario.policies:
        if policy.id not in old:
            continue
        try:
            reported = reported_orders(policy.where)
        except UserError:
            reported = None
        months = _months(scenario, policy) or [max(policy.start, scenario.time.start)]
        scale = max(_scale(old[policy.id], policy, month) for month in months)
        if reported is not None and scale > 1.0:
            added += reported[0] * (scale - 1.0)
            latest = max(latest or 0, reported[1])
    return (added, latest) if latest is not None else (None, None)


def _months(scenario: Scenario, policy: Policy) -> range:
    """Return the simulated months in which a policy is in force."""
    last = scenario.time.end if policy.end is None else min(policy.end, scenario.time.end)
    return range(max(policy.start, scenario.time.start), last + 1)


def _scale(old: Policy, new: Policy, month: int) -> float:
    """Return by how much a fair grows: the larger of its two groups of buyers, and how often it is held."""
    one: Any = old.terms_at(month)
    two: Any = new.terms_at(month)
    ratios = [
        highest(getattr(two, name)) / highest(getattr(one, name)) for name in INVITED if highest(getattr(one, name)) > 0
    ]
    return float(max(ratios, default=1.0) * one.every.years / two.every.years)


def reported_orders(places: Sequence[str]) -> tuple[float, int] | None:
    """Return the intended orders last reported for a fair in one of the places, in yuan, and their year."""
    facts = [fact for fact in load_facts() if fact.place in places and fact.variable == INTENDED]
    if not facts:
        return None
    newest = max(facts, key=lambda fact: fact.period_end)
    return newest.value_plain, year_of(newest.period_end)
