"""A constant world: a baseline from which everything that comes from outside and every programme is taken away.

What still moves in it moves by itself: firms enter, grow, shrink and close, buyers and firms meet and part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.policies.park.terms import ParkTerms
from sim.scenario.resolved import TimeSpan

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario.resolved import Policy, Scenario, World

STILL: Final[Mapping[str, float]] = {
    "demand.relative_growth": 0.0, "demand.relative_growth_abroad": 0.0, "park.relocation_rate": 0.0
}  # fmt: skip
"""Parameters by which the outside moves: the world an industry meets, and plants that leave other counties."""
BY_GROUP: Final = "_by_group"
"""Ending of the name of series of a kind for groups of industries."""


def steady(scenario: Scenario, months: int) -> Scenario:
    """Return a scenario in a constant world that lasts ``months`` from its first month on.

    Demand, prices and wages elsewhere stay those of the first month (and were so before), no plant comes from another
    county, parks keep the plots and the terms of that month, and no other policy acts: each of them is an input of its
    own, whose effect would be taken for a drift of the model.
    """
    start = scenario.time.start
    return replace(
        scenario,
        world=_still(scenario.world, start, months),
        worlds=(),
        time=TimeSpan(start, start, start + months - 1),
        policies=tuple(_as_it_is(policy, start) for policy in scenario.policies if _is_there(policy, start)),
        goals=(),
        parameters={**scenario.parameters, **STILL},
    )


def changed(world: World, change: Callable[[str, Any], Any]) -> World:
    """Return a world with every monthly series replaced by what ``change`` makes of its name and its months."""
    new: dict[str, Any] = {}
    for item in fields(world):
        held = getattr(world, item.name)
        if isinstance(held, np.ndarray):
            new[item.name] = change(item.name, held)
        elif isinstance(held, Mapping):
            name = item.name.removesuffix(BY_GROUP)
            new[item.name] = {group: change(name, months) for group, months in held.items()}
    return replace(world, **new)


def _still(world: World, start: int, months: int) -> World:
    """Return a world whose every month is that of ``start``, from its first month on and long enough for a run."""
    at = start - world.first_month
    return changed(world, lambda _, series: np.full(at + months + 1, series[at]))


def _is_there(policy: Policy, month: int) -> bool:
    """Return whether a policy is a park that was open before a month."""
    return isinstance(policy.terms_at(month), ParkTerms) and policy.start < month and policy.in_force(month)


def _as_it_is(policy: Policy, month: int) -> Policy:
    """Return a park that stays for ever what it is before a month: plots that would open later never do."""
    terms: Any = policy.terms_at(month)
    open_now = tuple(phase for phase in terms.phases if phase.opens < month)
    kept = terms.model_copy(update={"phases": open_now, "plots": sum(phase.plots for phase in open_now)})
    return replace(policy, end=None, versions=((policy.start, kept),), announced_end=None, stopped=False)
