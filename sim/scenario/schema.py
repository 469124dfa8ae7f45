"""JSON Schema of scenario files, made from the classes that read them, for editors that complete and check TOML."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from sim.policies.registry import policy_types
from sim.policies.terms import Terms
from sim.scenario.fields import Body, Change, FileHead, GoalTable, PolicyHead, Resolved, Stop, Variant

REFERENCE = "#/$defs/{model}"


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    kinds = policy_types()
    tables: list[Any] = [FileHead, Body, PolicyHead, Change, Stop, Variant, GoalTable, Resolved]
    models: list[Any] = [(table, "validation") for table in (*tables, *(kind.terms for kind in kinds.values()))]
    _, described = models_json_schema(models, by_alias=True, ref_template=REFERENCE)
    definitions: dict[str, Any] = _tidied(described["$defs"])
    head, body, policy = (definitions.pop(name) for name in ("FileHead", "Body", "PolicyHead"))
    variants = []
    for kind in kinds.values():
        name = f"policy_{kind.name}"
        definitions[name] = _policy(kind.terms, policy, definitions.pop(kind.terms.__name__), kind.name_zh)
        variants.append({"$ref": REFERENCE.format(model=name)})
    properties = {**head["properties"], **body["properties"]}
    properties["policy"] = {"type": "array", "items": {"oneOf": variants}}
    for key, model in (("change", "Change"), ("stop", "Stop"), ("variant", "Variant"), ("goal", "GoalTable")):
        properties[key] = {"type": "array", "items": {"$ref": REFERENCE.format(model=model)}}
    properties["parameters"] = {"type": "object", "description": "Parameters by dotted name that differ from the file"}
    properties["resolved"] = {"$ref": REFERENCE.format(model="Resolved")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "countysim scenario",
        "type": "object",
        "properties": properties,
        "required": head["required"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _tidied(value: Any) -> Any:
    """Return a schema without what says nothing to an editor: TOML has no null, and titles repeat the key."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    choices = [item for item in value.get("anyOf", []) if item != {"type": "null"}]
    if len(choices) == 1:
        value = {key: item for key, item in value.items() if key != "anyOf"} | choices[0]
    elif choices:
        value = {**value, "anyOf": choices}
    dropped = (
        {"default"} if value.get("default", 0) in (None, {}, "") or isinstance(value.get("default"), dict) else set()
    )
    if isinstance(value.get("title"), str):
        dropped.add("title")
    return {key: _tidied(item) for key, item in value.items() if key not in dropped}


def _policy(terms: type[Terms], head: dict[str, Any], own: dict[str, Any], name_zh: str) -> dict[str, Any]:
    """Return the schema of one policy type: the keys of every policy and its own."""
    properties = {**head["properties"], **own["properties"]}
    properties["type"] = {"const": terms.type_name, "description": f"Policy type ({name_zh})"}
    payer = ["payer"] if terms.needs_payer else []
    return {
        "type": "object",
        "title": f"{terms.type_name} {name_zh}",
        "properties": properties,
        "required": [*head["required"], *payer, *own.get("required", [])],
        "additionalProperties": False,
    }


def schema_text() -> str:
    """Return the schema as it is kept in ``scenarios/schema.json``."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"
