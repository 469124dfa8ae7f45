"""What makes two scenarios the same run: a hash over everything that can change results."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from sim.policies.registry import policy_types
from sim.scenario.resolved import Scenario


def plain(value: Any) -> Any:
    """Return a value as JSON data, exact to the bit."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in sorted(type(value).model_fields)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return value.tolist()
    return value


def scenario_hash(scenario: Scenario) -> str:
    """Return 16 hex digits over all that can change results.

    Names, questions, sources, goals and the number of replicates are left out: replicate 7 is the same whether 10 or
    100 are run. The order of places and policies in a file does not matter: a scenario has them in one order.
    """
    policies = [
        {
            "id": policy.id,
            "type": policy.type,
            "where": plain(policy.where),
            "where_designated": policy.where_designated,
            "planned_end": policy.planned_end,
            "start": policy.start,
            "end": policy.end,
            "payer": plain(policy.payer),
            "versions": plain(policy.versions),
        }
        for policy in scenario.policies
    ]
    # Only what the scenario reads counts: a policy type of a workspace makes no run of other scenarios strange.
    known = policy_types()
    sources = {policy.type: known[policy.type].source_hash for policy in scenario.policies}
    content = {
        "places": _places(scenario),
        "world": _world(scenario),
        "time": plain(scenario.time),
        "seed": scenario.seed,
        "firms_per_agent": scenario.firms_per_agent,
        "policies": policies,
        "parameters": plain(scenario.parameters),
        **{f"source of {name}": source for name, source in sources.items() if source},
        **({} if scenario.closed is None else {"closed": plain(scenario.closed)}),
    }
    return _hash(content)


def places_hash(scenario: Scenario) -> str:
    """Return 16 hex digits over the starting values of a scenario's places: all a run reads of reported figures."""
    return _hash(_places(scenario))


def world_hash(scenario: Scenario) -> str:
    """Return 16 hex digits over the months of a scenario's world: all a run reads of published series."""
    return _hash(_world(scenario))


def _places(scenario: Scenario) -> list[dict[str, Any]]:
    return [
        {"id": place.id, "industry": place.industry, "province": place.province, "start": plain(place.start)}
        for place in scenario.places
    ]


def _world(scenario: Scenario) -> Any:
    """Return the months of the world, of each one where there are several."""
    found = [
        {name: value for name, value in plain(world).items() if name not in ("id", "name", "name_zh")}
        for world in scenario.worlds or (scenario.world,)
    ]
    return found if scenario.worlds else found[0]


def _hash(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
