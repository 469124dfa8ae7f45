"""Assumed values of policies: which numbers nobody published, and terms in which they are larger or smaller.

A policy lists under ``assumed`` the fields that no source gives. Their numbers (money, areas, shares, counts, times in
months) are tried between two thirds and one and a half times what is written. Calendar months, weights and words are
left as they are: they fix a rule, and half as much of them means nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sim.inputs.quantities import CERTAIN, Quantity, Table, at, leaves, quantity_of
from sim.scenario.amend import ARITHMETIC, with_values
from sim.scenario.dosing import changes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.policies.terms import Terms
    from sim.scenario.fields import Change
    from sim.scenario.resolved import Policy, Scenario

WIDEST: Final = 1.5
"""An assumed value may be this many times larger or smaller than written (itself assumed)."""


@dataclass(frozen=True)
class Assumed:
    """One assumed number of a policy.

    Attributes
    ----------
    policy, field
        Id of the policy and dotted name of the field in its terms.
    value
        As written in the policy's first terms that have it; plain unit.
    kind
        Kind of the quantity (``yuan``, ``share``, ``count`` ...).
    """

    policy: str
    field: str
    value: float
    kind: str

    @property
    def path(self) -> str:
        """Name among the inputs of a study."""
        return f"policy.{self.policy}.{self.field}"


def assumed_of(scenarios: Sequence[Scenario]) -> tuple[Assumed, ...]:
    """Return the assumed numbers of the scenarios' policies that can be varied, each once.

    Left out are fields that are ranges already, that are zero or (a share) the whole, and lists, except that the parts
    of a whole (``phases.plots`` of ``plots``) move with it where both are assumed.
    """
    found: dict[str, Assumed] = {}
    for scenario in scenarios:
        for policy in scenario.policies:
            for item in _of_policy(policy):
                found.setdefault(item.path, item)
    return tuple(found.values())


def _of_policy(policy: Policy) -> Iterable[Assumed]:
    named = set(policy.assumed)
    for field in leaves(policy.versions[0][1]):
        if not any(field == name or field.startswith(f"{name}.") for name in named):
            continue
        quantity = _quantity(policy.versions[0][1], field)
        values = [at(terms, field) for _, terms in policy.versions]
        if quantity is None or quantity.kind in CERTAIN or not all(_is_number(value) for value in values):
            continue
        parts = _lists_of_parts(policy.versions[0][1], field)
        if _fixed(float(values[0]), quantity) or any(name not in named for name in parts):
            continue
        yield Assumed(policy.id, field, float(values[0]), quantity.kind)


def _is_number(value: Any) -> bool:
    """Return whether a value is one number: no range, no list, not left out."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fixed(value: float, quantity: Quantity) -> bool:
    """Return whether a multiple of a value is the value itself."""
    return value == 0.0 or (quantity.kind == "share" and value >= 1.0)


def _quantity(terms: Table, field: str) -> Quantity | None:
    *outer, last = field.split(".")
    table = at(terms, outer)
    return quantity_of(type(table), last) if isinstance(table, Table) else None


def _lists_of_parts(terms: Table, field: str) -> tuple[str, ...]:
    """Return the lists of tables beside a field whose tables split it up: ``phases``, with ``plots``, of ``plots``."""
    *outer, last = field.split(".")
    table = at(terms, outer)
    if not isinstance(table, Table):
        return ()
    found = []
    for name in type(table).model_fields:
        items = getattr(table, name)
        if isinstance(items, tuple) and items and all(isinstance(item, Table) for item in items):
            found += [name] if last in type(items[0]).model_fields else []
    return tuple(found)


# --- larger and smaller --------------------------------------------------------------------------------------


def written_in(reference: str, overrides: Sequence[str], scenario: Scenario) -> dict[str, tuple[Change, ...]]:
    """Return the changes that count in a scenario, by the id of the policy they change."""
    return {policy.id: changes_of(reference, policy.id, overrides) for policy in scenario.policies}


def scaled(
    scenario: Scenario, factors: Mapping[tuple[str, str], float], changes: Mapping[str, Sequence[Change]]
) -> Scenario:
    """Return a scenario with assumed values larger or smaller.

    Parameters
    ----------
    factors
        By policy and field. A share's odds are multiplied, so that it stays a share; whole numbers are rounded and no
        1 becomes 0.
    changes
        Of its policies. ``{ times = 2 }`` doubles the new value and ``{ plus = ... }`` adds to it. A value that a
        change writes out stays as written: it is what the scenario asks about, not what somebody had to assume.

    Raises
    ------
    pydantic.ValidationError
        If the terms no longer fit together.
    """
    policies = tuple(
        _policy(
            policy,
            {field: factor for (name, field), factor in factors.items() if name == policy.id},
            changes.get(policy.id, ()),
        )
        for policy in scenario.policies
    )
    return replace(scenario, policies=policies)


def _policy(policy: Policy, factors: Mapping[str, float], changes: Sequence[Change]) -> Policy:
    if not factors:
        return policy
    news = {field: _over_time(policy, field, factor, changes) for field, factor in factors.items()}
    versions = tuple(
        (month, _with_values(terms, {field: values[k] for field, values in news.items()}))
        for k, (month, terms) in enumerate(policy.versions)
    )
    return replace(policy, versions=versions)


def _over_time(policy: Policy, field: str, factor: float, changes: Sequence[Change]) -> list[float | None]:
    """Return the value of a field in each version of the terms; None where it is no number and stays as it is."""
    quantity = _quantity(policy.versions[0][1], field)
    found: list[float | None] = []
    before = new = None
    for month, terms in policy.versions:
        value = at(terms, field)
        if quantity is None or not _is_number(value):
            found.append(None)
            continue
        if before is None or new is None:
            new = multiple(float(value), factor, quantity)
        else:
            new = _changed(float(value), before, new, [item for item in changes if item.from_ == month], field)
        new = whole(new, float(value), quantity)
        found.append(new)
        before = float(value)
    return found


def _changed(value: float, before: float, old: float, changes: Sequence[Change], field: str) -> float:
    """Return a value after a change, from what it was as written (``before``, ``value``) and is now (``old``)."""
    how = [_way(item.set, field) for item in changes]
    if "value" in how:
        return value
    if "plus" in how or before == 0.0:
        return old + (value - before)
    return old * value / before


def _way(data: Any, field: str) -> str:
    """Return how a change sets a field: ``times``, ``plus``, ``value``, or ``""`` when it does not."""
    data = at(data, field)
    if data is None:
        return ""
    if isinstance(data, dict) and ARITHMETIC & set(data):
        return "times" if "times" in data else "plus"
    return "value"


def multiple(value: float, factor: float, quantity: Quantity) -> float:
    """Return a value times a factor; of a share, the share whose odds are that many times as high."""
    if quantity.kind == "share":
        return value * factor / (1.0 - value + value * factor)
    return value * factor


def whole(new: float, written: float, quantity: Quantity) -> float:
    """Return a new value within what its quantity allows: whole where it must be, a share of at most the whole."""
    if quantity.kind == "share":
        return min(max(new, 0.0), 1.0)
    if quantity.kind in ("count", "months"):
        least = 1 if written >= 1 else 0
        return max(math.floor(new + 0.5), least)
    return max(new, 0.0)


def _with_values(terms: Terms, values: Mapping[str, float | None]) -> Terms:
    """Return checked terms with new values; lists of parts are split as before."""
    new: dict[str, Any] = {}
    for field, value in values.items():
        if value is None:
            continue
        *outer, last = field.split(".")
        old = at(terms, field)
        new[field] = _like(value, old)
        for name in _lists_of_parts(terms, field):
            path = ".".join([*outer, name])
            items = at(terms, path)
            counts = _split(value, [getattr(item, last) / old for item in items])
            new[path] = tuple(
                item.model_copy(update={last: _like(count, old)}) for item, count in zip(items, counts, strict=True)
            )
    return with_values(terms, new)


def _like(value: float, old: float) -> float:
    """Return a value as terms take it: a whole number where the old one is."""
    return int(value) if isinstance(old, int) else value


def _split(total: float, shares: Sequence[float]) -> list[float]:
    """Return whole parts of a total in given shares that add up to it."""
    parts, upper, before = [], 0.0, 0
    for share in shares:
        upper += share
        now = math.floor(total * upper + 0.5 + 1e-9)
        parts.append(float(now - before))
        before = now
    return parts


def kind_at(scenario: Scenario, path: str) -> str:
    """Return the kind of quantity at the path of a range; "" when it cannot be told."""
    _, identifier, *parts = path.split(".")
    for policy in scenario.policies:
        if policy.id == identifier:
            quantity = _quantity(policy.versions[0][1], ".".join(part for part in parts if not part.isdigit()))
            return "" if quantity is None else quantity.kind
    return ""
