"""Write a scenario as one TOML file that stands alone: nothing inherited, every value with its origin."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sim.inputs.problems import Spot, tidy
from sim.inputs.quantities import Kind, Quantity, Table, quantity_of
from sim.observables import observable
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
        self.origins = loaded.origins if origins else {}
        after = "; after each value, the file and line it comes from" if origins else ""
        self.lines = [f"# One scenario with everything it inherits{after}."]

    def table(self, header: str, pairs: Mapping[str, str], origin: str | None = None, since: str = "") -> None:
        """Write a table; where a value comes from stands under ``origin``, its key and ``since`` which month."""
        self.lines += header.split("\n") if header else []
        for key, value in pairs.items():
            spot = None if origin is None else self._spot(origin + key.strip('"') + since)
            self.lines.append(f"{key} = {value}" + (f"   # {tidy(spot)}" if spot is not None else ""))

    def _spot(self, path: str) -> Spot | None:
        """Return the origin of a dotted path, or of the nearest one above it."""
        while path not in self.origins and "." in path:
            path = path.rpartition(".")[0]
        return self.origins.get(path)


def write_resolved(loaded: Loaded, *, origins: bool = True) -> str:
    """Return TOML text that loads to the same scenario, with the origin of each value as a comment."""
    scenario, out = loaded.scenario, Writer(loaded, origins)
    names = {key: text(getattr(scenario, key)) for key in ("name", "name_zh", "kind", "question")}
    out.table("", {"schema": "1", "id": text(scenario.id.replace(":", "-")), **names})
    ids = loaded.place_ids or tuple(place.id for place in scenario.places)
    if any(place.synthetic for place in scenario.places):
        out.lines.append(f"# {places_text(scenario.places, 'en')}")
    head = {"place": text(ids[0])} if len(ids) == 1 else {"places": _list(ids)}
    head["world"] = _list(world.id for world in scenario.worlds) if scenario.worlds else text(scenario.world.id)
    head |= {"calibration": text(loaded.calibration)} if loaded.calibration is not None else {}
    out.table("", head, "")
    out.table("\n[resolved]", {"id": text(scenario.id), "baseline": text(scenario.baseline or "")})
    months = {key: getattr(scenario.time, key) for key in ("start", "reported_until", "end")}
    out.table("\n[time]", {key: _month(month) for key, month in months.items()}, "time.")
    out.table(
        "\n[run]", {key: str(getattr(scenario, key)) for key in ("replicates", "seed", "firms_per_agent")}, "run."
    )
    if scenario.parameters:
        given = {text(name): repr(float(value)) for name, value in scenario.parameters.items()}
        out.table("\n[parameters]", given, "parameters.")
    for policy in scenario.policies:
        _policy(out, policy, loaded)
    for goal in scenario.goals:
        _goal(out, goal)
    return "\n".join(out.lines) + "\n"


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(map(text, items))}]"


def _month(number: int) -> str:
    return text(month_text(number))


def _policy(out: Writer, policy: Policy, loaded: Loaded) -> None:
    pairs = {key: text(getattr(policy, key)) for key in ("id", "type", "name", "name_zh", "source")}
    pairs["start"] = _month(policy.start)
    if policy.planned_end is not None:
        pairs["end"] = _month(policy.planned_end)
    everywhere = tuple(place.id for place in loaded.scenario.places)
    if policy.where_designated is not None:
        pairs["where"] = text(policy.where_designated)
    elif len(everywhere) <= MANY or policy.where != everywhere:
        pairs["where"] = _list(policy.where)
    if policy.payer:
        pairs["payer"] = _inline({level: repr(share) for level, share in policy.payer.items()})
    named = {"assumed": policy.assumed, "accept": loaded.accepted.get(policy.id, ())}
    pairs |= {key: _list(items) for key, items in named.items() if items}
    old = _pairs(policy.versions[0][1])
    out.table("\n[[policy]]", pairs | old, f"policy.{policy.id}.")
    for month, terms in policy.versions[1:]:
        ids = {"id": text(f"{policy.id}-{month_text(month)}"), "policy": text(policy.id), "from": _month(month)}
        out.table("\n[[change]]", ids)
        new = _pairs(terms)
        changed = {name: value for name, value in new.items() if old.get(name) != value}
        out.table("[change.set]", changed, f"policy.{policy.id}.", f"@{month_text(month)}")
        old = new
    if policy.stopped and policy.end is not None:
        out.table("\n[[stop]]", {"policy": text(policy.id)})
        spot = out.origins.get(f"policy.{policy.id}.end")
        out.lines.append(f"from = {_month(policy.end + 1)}" + (f"   # {tidy(spot)}" if spot is not None else ""))


def _goal(out: Writer, goal: Goal) -> None:
    unit = observable(goal.variable).unit
    aim = repr(float(goal.at_least))
    if unit.startswith("yuan"):
        aim = text(f"{number(goal.at_least)} {unit}")
    elif unit == "share":
        aim = text(f"{Decimal(repr(goal.at_least)).scaleb(2):f}%")
    elif unit in ("persons", "count", "orders"):
        aim = str(int(goal.at_least))
    pairs = {"id": text(goal.id), "variable": text(goal.variable), "at_least": aim, "by": _month(goal.by)}
    pairs |= {"source": text(goal.source)} | ({"place": text(goal.place)} if goal.place is not None else {})
    out.table("\n[[goal]]", pairs)
