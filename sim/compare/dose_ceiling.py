"""What a dose can do at most by arithmetic alone: the budgets of a fund, the orders stated at a fair."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.scenario.ceiling import ceiling, reported_orders

if TYPE_CHECKING:
    from sim.scenario.resolved import Policy, Scenario


def budgets(scenario: Scenario, zero: Scenario, window: tuple[int, int]) -> float:
    """Return the budgets of the window beyond those at zero, yuan."""
    span = replace(scenario.time, start=window[0] * 12, end=window[1] * 12 + 11)
    return ceiling(replace(scenario, time=span), replace(zero, time=span)).grants or 0.0


def orders(times: float, policy: Policy, at: int) -> float:
    """Return yearly intended orders at a dose when each invited buyer states as much as was reported last; yuan."""
    stated = reported_orders(policy.where)
    if stated is None or times <= 0.0:
        return 0.0 if stated is not None else math.nan
    reported, year = stated
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
