"""Write a scenario as one TOML file that stands alone: nothing inherited, every value with its origin."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sim.inputs.problems import tidy
from sim.inputs.quantities import Kind, Quantity, Table, quantity_of
from sim.observables import observable
from sim.policies.terms import Terms
from sim.scenario.loader import Loaded
from sim.scenario.place_sets import places_text
from sim.scenario.resolved import Goal, Policy
from sim.units import Uncertain, month_text

MANY = 12
"""A policy that acts in all of more places than this is written without them: left out, where means everywhere."""


def text(value: str) -> str:
    """Return text as a TOML string; what could steer a terminal, or turn the text around, is written as its number."""
    return "".join(
        letter if unicodedata.category(letter)[0] != "C" else f"\\U{ord(letter):08x}"
        for letter in json.dumps(value, ensure_ascii=False)
    )


def number(value: float) -> str:
    """Return a number so that reading it gives the same bits."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def quantity_text(value: Any, kind: Kind) -> str:
    """Return a quantity in its base unit as it is written in a file."""
    if isinstance(value, Uncertain):
        return f"{{ low = {quantity_text(value.low, kind)}, high = {quantity_text(value.high, kind)} }}"
    if kind == "month":
        return text(month_text(int(value)))
    if kind in ("share", "weight"):
        return repr(float(value))
    if kind in ("count", "years", "months", "month_number"):
        return str(int(value))
    return text(f"{number(value)} {kind}")


def value_text(value: Any, quantity: Quantity | None = None) -> str:
    """Return any value of a policy's terms as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Table):
        return _inline(_pairs(value))
    if isinstance(value, Mapping):
        return _inline({key: repr(float(item)) for key, item in value.items()})
    if isinstance(value, tuple):
        return f"[{', '.join(value_text(item, quantity) for item in value)}]"
    if isinstance(value, str):
        return text(value)
    if quantity is not None:
        return quantity_text(value, quantity.kind)
    raise TypeError(f"no TOML for {value!r}")


def _inline(pairs: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{key} = {value}' for key, value in pairs.items())} }}" if pairs else "{}"


def _pairs(table: Table) -> dict[str, str]:
    """Return the written form of each field that is present."""
    found = {}
    for name in type(table).model_fields:
        value = getattr(table, name)
        if value is None:
            continue
        found[name] = value_text(value, quantity_of(type(table), name))
    return found


class Writer:
    """Collects lines ``key = value  # origin``."""

    def __init__(self, loaded: Loaded, origins: bool) -> None:
        self.loaded = loaded
        self.origins = origins
        self.lines: list[str] = []

    def pair(self, key: str, value: str, origin: str = "") -> None:
        """Write one key with the origin found under a dotted path."""
        spot = self.loaded.origins.get(origin)
        while spot is None and "." in origin:
            origin = origin.rpartition(".")[0]
            spot = self.loaded.origins.get(origin)
        comment = f"   # {tidy(spot)}" if spot is not None and self.origins else ""
        self.lines.append(f"{key} = {value}{comment}")

    def header(self, line: str) -> None:
        """Write a header after an empty line."""
        self.lines += ["", line]


def write_resolved(loaded: Loaded, *, origins: bool = True) -> str:
    """Return TOML text that loads to the same scenario, with the origin of each value as a comment."""
    scenario = loaded.scenario
    out = Writer(loaded, origins)
    after = "; after each value, the file and line it comes from" if origins else ""
    out.lines.append(f"# One scenario with everything it inherits{after}.")
    out.pair("schema", "1")
    out.pair("id", text(scenario.id.replace(":", "-")))
    for key in ("name", "name_zh", "kind", "question"):
        out.pair(key, text(getattr(scenario, key)))
    ids = loaded.place_ids or tuple(place.id for place in scenario.places)
    if any(place.synthetic for place in scenario.places):
        out.lines.append(f"# {places_text(scenario.places, 'en')}")
    if len(ids) == 1:
        out.pair("place", text(ids[0]), "place")
    else:
        out.pair("places", f"[{', '.join(map(text, ids))}]", "places")
    worlds = [text(world.id) for world in scenario.worlds]
    out.pair("world", f"[{', '.join(worlds)}]" if worlds else text(scenario.world.id), "world")
    if loaded.calibration is not None:
        out.pair("calibration", text(loaded.calibration), "calibration")
    out.header("[resolved]")
    out.pair("id", text(scenario.id))
    out.pair("baseline", text(scenario.baseline or ""))
    out.header("[time]")
    for key in ("start", "reported_until", "end"):
        out.pair(key, text(month_text(getattr(scenario.time, key))), f"time.{key}")
    out.header("[run]")
    for key in ("replicates", "seed", "firms_per_agent"):
        out.pair(key, str(getattr(scenario, key)), f"run.{key}")
    if scenario.parameters:
        out.header("[parameters]")
        for name, value in scenario.parameters.items():
            out.pair(text(name), repr(float(value)), f"parameters.{name}")
    for policy in scenario.policies:
        _policy(out, policy)
    for goal in scenario.goals:
        _goal(out, goal)
    return "\n".join(out.lines) + "\n"


def _policy(out: Writer, policy: Policy) -> None:
    origin = f"policy.{policy.id}"
    out.header("[[policy]]")
    for key in ("id", "type", "name", "name_zh", "source"):
        out.pair(key, text(getattr(policy, key)), f"{origin}.{key}")
    out.pair("start", text(month_text(policy.start)), f"{origin}.start")
    if policy.planned_end is not None:
        out.pair("end", text(month_text(policy.planned_end)), f"{origin}.end")
    everywhere = tuple(place.id for place in out.loaded.scenario.places)
    if policy.where_designated is not None:
        out.pair("where", text(policy.where_designated), f"{origin}.where")
    elif len(everywhere) <= MANY or policy.where != everywhere:
        out.pair("where", f"[{', '.join(map(text, policy.where))}]", f"{origin}.where")
    if policy.payer:
        out.pair("payer", _inline({level: repr(share) for level, share in policy.payer.items()}), f"{origin}.payer")
    for key, words in (("assumed", policy.assumed), ("accept", out.loaded.accepted.get(policy.id, ()))):
        if words:
            out.pair(key, f"[{', '.join(map(text, words))}]", f"{origin}.{key}")
    first = policy.versions[0][1]
    for name, written in _pairs(first).items():
        out.pair(name, written, f"{origin}.{name}")
    before = first
    for month, terms in policy.versions[1:]:
        _change(out, policy, month, before, terms)
        before = terms
    if policy.stopped and policy.end is not None:
        out.header("[[stop]]")
        out.pair("policy", text(policy.id))
        out.pair("from", text(month_text(policy.end + 1)), f"{origin}.end")


def _change(out: Writer, policy: Policy, month: int, before: Terms, terms: Terms) -> None:
    out.header("[[change]]")
    out.pair("id", text(f"{policy.id}-{month_text(month)}"))
    out.pair("policy", text(policy.id))
    out.pair("from", text(month_text(month)))
    out.lines.append("[change.set]")
    old = _pairs(before)
    for name, written in _pairs(terms).items():
        if old.get(name) != written:
            out.pair(name, written, f"policy.{policy.id}.{name}@{month_text(month)}")


def _goal(out: Writer, goal: Goal) -> None:
    out.header("[[goal]]")
    unit = observable(goal.variable).unit
    aim = repr(float(goal.at_least))
    if unit.startswith("yuan"):
        aim = text(f"{number(goal.at_least)} {unit}")
    elif unit == "share":
        aim = text(f"{Decimal(repr(goal.at_least)).scaleb(2):f}%")
    elif unit in ("persons", "count", "orders"):
        aim = str(int(goal.at_least))
    out.pair("id", text(goal.id))
    out.pair("variable", text(goal.variable))
    out.pair("at_least", aim)
    out.pair("by", text(month_text(goal.by)))
    out.pair("source", text(goal.source))
    if goal.place is not None:
        out.pair("place", text(goal.place))
