"""Uncertain values: one draw for each replicate, the same in every scenario that has the value at the same path."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from sim.inputs.quantities import mapped
from sim.scenario.place_start import TIERS
from sim.scenario.resolved import Place, Policy, Scenario
from sim.state.draws import stream, uniform_named
from sim.units import Uncertain

STREAM = "scenario.uncertain"


def position(seed: int, path: str, replicate: int) -> float:
    """Return where between low and high the value at a path lies in one replicate, strictly between 0 and 1."""
    return uniform_named(seed, STREAM, stream(path), replicate)


def uncertain_paths(scenario: Scenario) -> dict[str, Uncertain]:
    """Return every range in the scenario's places and policies by its path, in their order, each once."""
    places = {f"place.{place.id}.start.": place.start.uncertain() for place in scenario.places}
    found = {path + name: item for path, ranges in places.items() for name, item in ranges.items()}
    aside = () if scenario.closed is None else scenario.closed.baseline

    def note(value: Any, path: str) -> None:
        if isinstance(value, Uncertain):
            found.setdefault(path, value)

    for policy in (*scenario.policies, *aside):
        for _, terms in policy.versions:
            mapped(terms, note, f"policy.{policy.id}", opened=True)
    return found


def drawn(value: Uncertain, at: float) -> float | int:
    """Return the value at a position of a range; a range of whole numbers gives each of them the same chance."""
    if isinstance(value.low, int) and isinstance(value.high, int):
        return value.low + min(int(at * (value.high - value.low + 1)), value.high - value.low)
    return value.at(at)


def realise(scenario: Scenario, replicate: int, given: Mapping[str, float] | None = None) -> Scenario:
    """Return the scenario with every uncertain value drawn for one replicate.

    The draw depends on the seed, the value's path (``policy.fair.booths``) and the replicate alone. So a baseline and
    a scenario that share a value share its draws, and the versions of a policy move together: doubling an uncertain
    number doubles what was drawn.

    Worlds are met in turn, replicate 0 the first: each is met as often as the others, and 24 replicates see three
    worlds eight times each.

    Parameters
    ----------
    given
        A calibration's draw: starting values of places (``place.yongnian.start.exports``) in their plain units, and
        positions between low and high of the ranges of policies (``policy.projects.realised``). Not drawn here then.
    """
    if scenario.worlds:
        met = scenario.worlds[replicate % len(scenario.worlds)]
        scenario = dataclasses.replace(scenario, world=met, worlds=())
    if not (given or uncertain_paths(scenario)):
        return scenario
    draws = _Draws(scenario.seed, replicate, given or {})
    places = tuple(_place(place, draws) for place in scenario.places)
    policies = tuple(_policy(policy, draws) for policy in scenario.policies)
    closed = scenario.closed
    if closed is not None:
        baseline = tuple(_policy(policy, draws) for policy in closed.baseline)
        closed = dataclasses.replace(closed, baseline=baseline)
    return dataclasses.replace(scenario, places=places, policies=policies, closed=closed)


@dataclasses.dataclass(frozen=True)
class _Draws:
    """What is given by path, and where the rest lies in its ranges."""

    seed: int
    replicate: int
    given: Mapping[str, float]

    def at(self, path: str) -> float:
        if path in self.given:
            return float(self.given[path])
        return position(self.seed, path, self.replicate)


def _policy(policy: Policy, draws: _Draws) -> Policy:
    def settled(value: Any, path: str) -> Any:
        return drawn(value, draws.at(path)) if isinstance(value, Uncertain) else value

    path = f"policy.{policy.id}"
    return dataclasses.replace(
        policy, versions=tuple((month, mapped(terms, settled, path)) for month, terms in policy.versions)
    )


def _place(place: Place, draws: _Draws) -> Place:
    ranges: Mapping[str, Uncertain] = place.start.uncertain()
    path = f"place.{place.id}.start."
    values = {
        name: drawn(item, position(draws.seed, path + name, draws.replicate))
        for name, item in ranges.items()
        if path + name not in draws.given
    }
    values |= {key.removeprefix(path): value for key, value in draws.given.items() if key.startswith(path)}
    if not values:
        return place
    shares = {name: float(values[name]) for name in TIERS if name in values}
    if shares:
        fixed = math.fsum(float(getattr(place.start, name)) for name in TIERS if name not in shares)
        scale = (1.0 - fixed) / math.fsum(shares.values())
        values |= {name: share * scale for name, share in shares.items()}
    return dataclasses.replace(place, start=place.start.with_values(values))
