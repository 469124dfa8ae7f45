"""What a dose can do at most by arithmetic alone: the budgets of a fund, the orders stated at a fair."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.units import year_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.resolved import Policy, Scenario


def budgets(scenario: Scenario, zero: Scenario, window: tuple[int, int]) -> float:
    """Return the budgets of the window beyond those at zero, yuan."""
    from sim.scenario import ceiling

    span = replace(scenario.time, start=window[0] * 12, end=window[1] * 12 + 11)
    return ceiling(replace(scenario, time=span), replace(zero, time=span)).grants or 0.0


def orders(times: float, policy: Policy, at: int) -> float:
    """Return yearly intended orders at a dose when each invited buyer states as much as was reported last; yuan."""
    reported, year = reported_orders(policy.where)
    if year is None or times <= 0.0:
        return 0.0 if year is not None else math.nan
    ratios = [
        now / then
        for name in ("domestic_buyers_invited", "foreign_buyers_invited")
        for now, then in [(_middle(policy, name, at), _middle(policy, name, year))]
        if then > 0.0
    ]
    return reported * times * max(ratios, default=1.0)


def _middle(policy: Policy, name: str, year: int) -> float:
    value = getattr(policy.terms_at(year * 12 + 11), name)
    return float(getattr(value, "centre", value))


def reported_orders(places: Sequence[str]) -> tuple[float, int | None]:
    """Return the intended orders last reported for a fair in one of the places, yuan, and their year."""
    from sim.evidence import load_facts

    facts = [fact for fact in load_facts() if fact.place in places and fact.variable == "fair_intended_orders"]
    if not facts:
        return math.nan, None
    newest = max(facts, key=lambda fact: fact.period_end)
    return float(newest.value_plain), year_of(newest.period_end)
