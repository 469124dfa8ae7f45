"""Uncertain values: one draw for each replicate, the same in every scenario that has the value at the same path."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from sim.draws import stream, uniform_named
from sim.units import Uncertain

if TYPE_CHECKING:
    from sim.scenario.resolved import Place, Policy, Scenario

STREAM = "scenario.uncertain"
T = TypeVar("T")


def position(seed: int, path: str, replicate: int) -> float:
    """Return where between low and high the value at a path lies in one replicate, strictly between 0 and 1."""
    return uniform_named(seed, STREAM, stream(path), replicate)


def drawn(value: Uncertain, at: float) -> float | int:
    """Return the value at a position of a range; a range of whole numbers gives each of them the same chance."""
    if isinstance(value.low, int) and isinstance(value.high, int):
        return value.low + min(int(at * (value.high - value.low + 1)), value.high - value.low)
    return value.at(at)


def has_uncertain(value: Any) -> bool:
    """Return whether any value inside is a range."""
    if isinstance(value, Uncertain):
        return True
    if isinstance(value, BaseModel):
        return any(has_uncertain(getattr(value, name)) for name in type(value).model_fields)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return any(has_uncertain(getattr(value, item.name)) for item in dataclasses.fields(value))
    if isinstance(value, Mapping):
        return any(has_uncertain(item) for item in value.values())
    return isinstance(value, list | tuple) and any(has_uncertain(item) for item in value)


def realise(scenario: Scenario, replicate: int) -> Scenario:
    """Return the scenario with every uncertain value drawn for one replicate.

    The draw depends on the seed, the value's path (``policy.fair.booths``) and the replicate alone. So a baseline and
    a scenario that share a value share its draws, and the versions of a policy move together: doubling an uncertain
    number doubles what was drawn.
    """
    if not (has_uncertain(scenario.policies) or has_uncertain(scenario.places)):
        return scenario
    places = tuple(_place(place, scenario.seed, replicate) for place in scenario.places)
    policies = tuple(_policy(policy, scenario.seed, replicate) for policy in scenario.policies)
    return dataclasses.replace(scenario, places=places, policies=policies)


def _policy(policy: Policy, seed: int, replicate: int) -> Policy:
    path = f"policy.{policy.id}"
    versions = tuple((month, _settle(terms, path, seed, replicate)) for month, terms in policy.versions)
    return dataclasses.replace(policy, versions=versions)


def _place(place: Place, seed: int, replicate: int) -> Place:
    ranges: Mapping[str, Uncertain] = place.start.uncertain()
    if not ranges:
        return place
    path = f"place.{place.id}.start"
    values = {name: drawn(item, position(seed, f"{path}.{name}", replicate)) for name, item in ranges.items()}
    tiers = ("maker_share", "supplier_share", "trader_share")
    shares = {name: float(values.get(name, getattr(place.start, name))) for name in tiers if name in values}
    if shares:
        fixed = sum(float(getattr(place.start, name)) for name in tiers if name not in shares)
        scale = (1.0 - fixed) / sum(shares.values())
        values |= {name: share * scale for name, share in shares.items()}
    return dataclasses.replace(place, start=place.start.with_values(values))


def _settle(value: Any, path: str, seed: int, replicate: int) -> Any:
    """Return a value with the ranges inside it drawn; terms keep their class."""
    if isinstance(value, Uncertain):
        return drawn(value, position(seed, path, replicate))
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        new = {name: _settle(getattr(value, name), f"{path}.{name}", seed, replicate) for name in names}
        return value.model_copy(update=new)
    if isinstance(value, Mapping):
        return {key: _settle(item, f"{path}.{key}", seed, replicate) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_settle(item, f"{path}.{number}", seed, replicate) for number, item in enumerate(value))
    return value
