"""From which month on two scenarios can differ: until then one run is the past of both."""

from __future__ import annotations

from typing import Any

from sim.scenario.content_hash import plain
from sim.scenario.resolved import Policy, Scenario


def parting(a: Scenario, b: Scenario) -> int | None:
    """Return the first month number in which two scenarios can differ, None when they never do.

    Notes
    -----
    A month before ``a.time.start`` says that they differ before the run begins, in places, world, parameters, seed,
    scale, or policies that are older than the run: they share nothing. How long they are simulated does not count.
    """
    before = a.time.start - 1
    if _ground(a) != _ground(b) or a.places != b.places or _worlds(a) != _worlds(b):
        return before
    months = {before, *(month for scenario in (a, b) for policy in scenario.policies for month in _turns(policy))}
    months |= {scenario.closed.since for scenario in (a, b) if scenario.closed is not None}
    return next((month for month in sorted(months) if month >= before and _seen(a, month) != _seen(b, month)), None)


def share_past(a: Scenario, b: Scenario) -> bool:
    """Return whether two scenarios have the start of a run in common."""
    month = parting(a, b)
    return month is None or month >= a.time.start


def _ground(scenario: Scenario) -> tuple[Any, ...]:
    return scenario.time.start, scenario.seed, scenario.firms_per_agent, dict(scenario.parameters)


def _worlds(scenario: Scenario) -> Any:
    return plain(scenario.worlds or (scenario.world,))


def _turns(policy: Policy) -> list[int]:
    """Return the months from which a policy is seen otherwise than before."""
    months = [policy.start, *(month for month, _ in policy.versions)]
    months += [policy.end + 1] if policy.end is not None else []
    return [month - policy.versions[0][1].foresight for month in months]


def _seen(scenario: Scenario, month: int) -> list[Any]:
    """Return what has been seen of the policies by a month, in their order, and of channels closed to them."""
    seen_of = [seen for policy in scenario.policies if (seen := _seen_of(policy, month)) is not None]
    closed = scenario.closed
    return seen_of if closed is None or month < closed.since else [*seen_of, closed]


def _seen_of(policy: Policy, month: int) -> Any:
    """Return what has been seen of a policy by a month, None before it is seen at all."""
    kind = policy.versions[0][1]
    latest = month + kind.foresight
    if latest < policy.start:
        return None
    over = policy.end is not None and latest > policy.end
    return (
        (policy.id, policy.type, policy.where, policy.where_designated, policy.start, dict(policy.payer)),
        policy.end if over else None,
        policy.planned_end if kind.plans_to_the_end else None,
        [(since, terms) for number, (since, terms) in enumerate(policy.versions) if number == 0 or since <= latest],
    )
