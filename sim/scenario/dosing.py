"""A policy made larger or smaller: which of its fields can be multiplied, and the overrides that multiply them.

A dose multiplies the *dose fields* of a policy (``Terms.dose``), in its first terms and in every later change of them,
so that twice the dose is twice the policy in every month. Whole numbers are rounded, halves upward.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import UserError, nearest
from sim.inputs.problems import Findings
from sim.inputs.quantities import CERTAIN, Quantity, at, quantity_of, shape, table_at
from sim.inputs.tables import check
from sim.policies.terms import Terms
from sim.scenario.fields import Change
from sim.scenario.overlay import open_scenario
from sim.scenario.resolved import Policy, Scenario
from sim.scenario.writing import value_text
from sim.units import Uncertain, format_share, highest

if TYPE_CHECKING:
    from pydantic import BaseModel

NEVER = CERTAIN | {"months"}
"""Kinds of numbers that fix a calendar or a rule: half a month of October is no smaller fair."""


def find_policy(scenario: Scenario, policy: str) -> Policy:
    """Return a policy of the scenario; raise ``UserError`` listing those it has when it has none of this id."""
    for item in scenario.policies:
        if item.id == policy:
            return item
    known = [item.id for item in scenario.policies]
    if not known:
        raise UserError(f"{scenario.id} has no policy at all")
    hint = nearest(policy, known, '; did you mean "{}"?', 0.5)
    names = [(item.id, item.type, type(item.versions[0][1]).name_zh) for item in scenario.policies]
    listed = "\n".join(f"     {name}  ({kind} {kind_zh})" for name, kind, kind_zh in names)
    raise UserError(f'{scenario.id} has no policy "{policy}"{hint}\n     it has:\n{listed}')


def multipliable(terms: type[BaseModel], prefix: str = "") -> list[str]:
    """Return the dotted names of the fields of a table, and of tables in it, that a number can multiply."""
    found = []
    for name in terms.model_fields:
        held = shape(terms, name)
        if held.table is not None:
            found += multipliable(held.table, f"{prefix}{name}.")
            continue
        dosed = issubclass(terms, Terms) and name in terms.dose
        if dosed or not (held.many or held.quantity is None or held.quantity.kind in NEVER):
            found.append(prefix + name)
    return found


def dose_fields(policy: Policy, asked: str | None = None) -> tuple[str, ...]:
    """Return the fields a dose of the policy multiplies: those asked for (separated by commas), or those of its type.

    Fields that the policy leaves out or that are zero in all its terms are passed over.

    Raises
    ------
    UserError
        When a field asked for cannot be multiplied or is left out, or nothing is there to be multiplied.
    """
    kind = type(policy.versions[0][1])
    names = tuple(name.strip() for name in asked.split(",")) if asked is not None else kind.dose
    possible = multipliable(kind)
    for name in names:
        if name not in possible:
            hint = nearest(name, possible, "; did you mean {}?", 0.5)
            raise UserError(
                f'--field {name}: policy "{policy.id}" (type {policy.type}) has no such field to be multiplied{hint}\n'
                f"     fields: {', '.join(possible)}"
            )
    there = tuple(name for name in names if present(policy, name))
    missing = [name for name in names if name not in there]
    if missing and (asked is not None or not there):
        word = "is" if len(missing) == 1 else "are"
        raise UserError(
            f'{", ".join(missing)} of policy "{policy.id}" {word} left out or zero: a multiple of it is the same\n'
            f"     write a value first, for instance --set policy.{policy.id}.{missing[0]}=..., "
            f"or choose another --field: {', '.join(possible)}"
        )
    return there


def level(terms: Any, field: str) -> Any:
    """Return the value of a field: a number, an ``Uncertain``, a list, or None when it is left out.

    Of a field of several tables in a list the values are added up.
    """
    *outer, last = field.split(".")
    held = at(terms, outer)
    return sum(getattr(item, last) for item in held) if isinstance(held, tuple) else at(held, [last])


def present(policy: Policy, field: str) -> bool:
    """Whether a field is more than zero in some terms of a policy."""
    values = [level(terms, field) for _, terms in policy.versions]
    return any(
        len(value) > 0 if isinstance(value, tuple) else value is not None and highest(value) > 0 for value in values
    )


def feasible(policy: Policy, fields: Sequence[str], times: float) -> str:
    """Return why the fields cannot be multiplied by ``times``; empty when they can.

    A share ends at the whole, and a list (the services of a platform) at all of its items.
    """
    for field in fields:
        for _, terms in policy.versions:
            value = level(terms, field)
            if isinstance(value, tuple):
                if times > 1.0:
                    return f"all {len(value)} of {field} are there at 1"
                continue
            a_share = value is not None and quantity_at(type(terms), field).kind == "share"
            if a_share and highest(value) * times > 1.0 + 1e-12:
                return f"{field} is {format_share(highest(value), 'en')} and cannot be more than 100%"
    return ""


def quantity_at(terms: type[BaseModel], field: str) -> Quantity:
    """Return the quantity at a dotted name that is one."""
    *outer, last = field.split(".")
    table = table_at(terms, outer)
    found = None if table is None else quantity_of(table, last)
    if found is None:
        raise TypeError(f"{field} is no number")
    return found


def overrides(policy: Policy, changes: Iterable[Change], fields: Sequence[str], times: float) -> tuple[str, ...]:
    """Return the ``path=value`` texts that multiply the fields of a policy by ``times``; none for 1.

    What the ``changes`` of the policy set, those that count in the scenario, is multiplied as well.
    """
    if times == 1.0:
        return ()
    found: dict[str, str] = {}
    for field in fields:
        base = policy.versions[0][1]
        found |= _written(base, field, times, f"policy.{policy.id}")
        for change in changes:
            whole = at(change.set, field.split(".")[:-1])
            if isinstance(whole, list | tuple) or at(change.set, field) is not None:
                found |= _written(policy.terms_at(change.from_), field, times, f"change.{change.id}.set")
    return tuple(f"{path}={text}" for path, text in found.items())


def _written(terms: Any, field: str, times: float, head: str) -> dict[str, str]:
    """Return path and text of a field's value multiplied, or of the list of tables that holds it; nothing left out."""
    *outer, last = field.split(".")
    inner = at(terms, outer)
    if isinstance(inner, tuple):
        return {".".join([head, *outer]): value_text(_parts(inner, last, times))}
    value = at(inner, [last])
    if value is None:
        return {}
    if isinstance(value, tuple):
        return {f"{head}.{field}": value_text(value[: _whole(len(value) * times)])}
    quantity = quantity_at(type(terms), field)
    return {f"{head}.{field}": value_text(multiplied(value, quantity, times), quantity)}


def _parts(tables: tuple[Any, ...], name: str, times: float) -> tuple[Any, ...]:
    """Return tables with whole numbers multiplied so that they add up to their sum multiplied and rounded."""
    total = before = 0
    found = []
    for table in tables:
        total += getattr(table, name)
        now = _whole(total * times)
        found.append(table.model_copy(update={name: now - before}))
        before = now
    return tuple(found)


def multiplied(value: Any, quantity: Quantity, times: float) -> Any:
    """Return a number or range multiplied; whole numbers are rounded, and a share stays within the whole."""
    if isinstance(value, Uncertain):
        low, high = (multiplied(end, quantity, times) for end in (value.low, value.high))
        return Uncertain(low=low, high=high)
    if quantity.kind == "count":
        return _whole(value * times)
    return min(value * times, 1.0) if quantity.kind == "share" else value * times


def _whole(value: float) -> int:
    """Round to the nearest whole number, halves upward; a hair of rounding below a half does not count."""
    return math.floor(value + 0.5 + 1e-9)


def changes_of(reference: str, policy: str, given: Sequence[str] = ()) -> tuple[Change, ...]:
    """Return the changes of a policy that count in a scenario with the overrides ``given``; raises as ``load`` does."""
    findings = Findings()
    chain = open_scenario(reference, given, findings)[0]
    found = [check(Change, item.raw, item.named(), findings) for item in chain.of("change")]
    findings.stop_if_wrong()
    return tuple(change for change in found if change is not None and change.policy == policy)
