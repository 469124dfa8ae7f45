"""Variants and overrides: dropping items and setting values by path before a scenario is assembled."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from typing import Any

from sim.inputs.problems import Findings, Spot
from sim.inputs.quantities import own_keys, put
from sim.inputs.tables import check, listed, near
from sim.scenario.chain import Chain, Item, read_chain
from sim.scenario.fields import BODY_KEYS, LISTS, PolicyHead, Variant
from sim.scenario.scenario_files import locate

EXAMPLE = "policy.fair.booths=500, world=low, time.end=2028-12 or parameters.investment.user_cost_elasticity=1.2"


def parse_override(text: str) -> tuple[tuple[str, ...], Any] | None:
    """Return path and value of ``path=value``; a value that is not TOML is taken as text. None when it is neither."""
    path, equals, value = text.partition("=")
    parts = tuple(part.strip() for part in path.split("."))
    if not equals or not all(parts) or not value.strip():
        return None
    try:
        data = tomllib.loads(f"value = {value.strip()}")
    except (ValueError, RecursionError):
        return parts, value.strip()
    return parts, data["value"] if set(data) == {"value"} else value.strip()


def apply_overrides(chain: Chain, overrides: Iterable[str], findings: Findings) -> None:
    """Apply ``path=value`` texts of the command line, in order."""
    for text in overrides:
        spot = Spot(f"--set {text}")
        parsed = parse_override(text)
        if parsed is None:
            findings.add("bad_path", spot, value=text, example=EXAMPLE)
        else:
            set_value(chain, parsed[0], parsed[1], spot, findings)


def open_scenario(
    reference: str, overrides: Iterable[str], findings: Findings
) -> tuple[Chain, str | None, dict[str, Variant], list[Item]]:
    """Read what a reference names, with its variant and ``path=value`` overrides applied.

    Returns
    -------
    tuple
        The chain of files, the variant asked for, all variants of the file, and the inherited policies that the variant
        drops.

    Raises
    ------
    InputErrors
        When there is no such scenario or its file cannot be understood; other problems are noted.
    """
    path, variant = locate(reference)
    chain = read_chain(path, findings)
    variants = check_variants(chain, findings)
    item = find_variant(chain, variant, findings) if variant is not None else None
    table = variants.get(variant or "")
    dropped = apply_variant(chain, item, table, findings) if item is not None and table is not None else []
    apply_overrides(chain, overrides, findings)
    return chain, variant, variants, dropped


def find_variant(chain: Chain, variant: str, findings: Findings) -> Item | None:
    """Return a variant of the scenario's own file, or note that there is none."""
    known = [item.id for item in chain.of("variant")]
    for item in chain.of("variant"):
        if item.id == variant:
            return item
    values = {"value": chain.own.id, "variant": variant, "near": near(variant, known), "known": listed(known)}
    findings.add("no_variant", Spot(chain.own.label), **values)
    return None


def check_variants(chain: Chain, findings: Findings) -> dict[str, Variant]:
    """Return the variants of the file by id, noting what is wrong with their keys."""
    found = {}
    for item in chain.of("variant"):
        table = check(Variant, item.raw, item.named(), findings)
        if table is not None:
            found[table.id] = table
    return found


def apply_variant(chain: Chain, item: Item, table: Variant, findings: Findings) -> list[Item]:
    """Drop and set what a variant says; return the inherited policies it drops."""
    dropped: list[Item] = []
    for number, text in enumerate(table.drop):
        kind, _, identifier = text.partition(".")
        found = _find(chain, kind, identifier, item.spot(("drop", number)), f'drop of variant "{table.id}"', findings)
        if found is None:
            continue
        chain.items.remove(found)
        if kind == "policy":
            dropped.append(found)
            chain.items = [other for other in chain.items if other.raw.get("policy") != identifier]
    for text, value in table.set.items():
        spot = item.spot(("set", text))
        item_set = set_value(chain, tuple(text.split(".")), value, spot, findings)
        if item_set is not None and item_set.kind == "policy" and not item_set.own:
            item_set.altered = spot
    return [policy for policy in dropped if not policy.own]


def _find(chain: Chain, kind: str, identifier: str, spot: Spot, what: str, findings: Findings) -> Item | None:
    if kind not in LISTS or kind == "variant" or not identifier:
        example = '"policy.fair", "change.fair-x2", "stop.fair" or "goal.ten-billion"'
        findings.add("bad_path", spot, value=f"{kind}.{identifier}" if identifier else kind, example=example)
        return None
    known = [item.id for item in chain.of(kind)]
    for item in chain.of(kind):
        if item.id == identifier:
            return item
    if chain.complete:
        value = f"{kind}.{identifier}"
        words = {"value": value, "near": near(identifier, known), "known": listed(known)}
        findings.add("no_item", spot, what=what, **words)
    return None


def set_value(chain: Chain, path: Sequence[str], value: Any, spot: Spot, findings: Findings) -> Item | None:
    """Set one value by path, such as ``policy.fair.booths``, ``change.fair-x2.from``, ``time.end``, ``parameters.a.b``.

    Return the item it belongs to, or None when it belongs to the scenario itself or nowhere.
    """
    head = path[0]
    if head in ("policy", "change", "stop", "goal"):
        if len(path) < 3:
            findings.add("bad_path", spot, value=".".join(path), example=EXAMPLE)
            return None
        item = _find(chain, head, path[1], spot, "set", findings)
        if item is not None and head == "policy" and path[2] not in own_keys(PolicyHead):
            item.amendments.append((tuple(path[2:]), value, spot))
        elif item is not None:
            put(item.raw, path[2:], value)
            item.spots[tuple(path[2:])] = spot
        return item
    if head == "parameters" and len(path) > 1:
        name = ".".join(path[1:])
        chain.body.raw.setdefault("parameters", {})[name] = value
        chain.body.spots["parameters", name] = spot
    elif head in BODY_KEYS:
        if head in ("place", "places"):
            chain.body.raw.pop("places" if head == "place" else "place", None)
        put(chain.body.raw, path, value)
        chain.body.spots[tuple(path)] = spot
    else:
        findings.add("bad_path", spot, value=".".join(path), example=EXAMPLE)
    return None
