"""Editing terms by path: new values, ``{ times = 2 }`` and ``{ plus = ... }`` on the value in force."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from sim.inputs.problems import Findings, InputErrors, refused, words
from sim.inputs.quantities import Known, Quantity, dotted, known, mapped, put, quantity_of, table_at
from sim.inputs.tables import Named, check
from sim.policies.terms import Terms
from sim.units import Uncertain, UnitError, parse_percent, shown

TermsT = TypeVar("TermsT", bound=BaseModel)
ARITHMETIC = frozenset({"times", "plus"})


def with_values(terms: TermsT, values: Mapping[str, Any]) -> TermsT:
    """Return checked terms with values in base units at dotted paths; raises pydantic's ``ValidationError``."""
    data = plain_data(terms)
    for path, value in values.items():
        put(data, path.split("."), mapped(value, lambda leaf, _: known(leaf), opened=True))
    return type(terms).model_validate(data)


def plain_data(terms: BaseModel) -> dict[str, Any]:
    """Return terms as data that validates to the same terms: numbers and ranges marked as known."""
    data: dict[str, Any] = mapped(terms, lambda leaf, _: known(leaf), opened=True)
    return data


def amended(terms: Terms, new: Iterable[tuple[tuple[str, ...], Any]], named: Named, findings: Findings) -> Terms | None:
    """Return the terms with new values by path merged in, or note what is wrong and return None.

    A sub-table is merged key by key.
    """
    before = len(findings.problems)
    data = plain_data(terms)
    for path, value in new:
        for part in reversed(path[1:]):
            value = {part: value}
        _merge(data, terms, path[:1], value, named, findings)
    checked = check(type(terms), data, named, findings)
    return checked if len(findings.problems) == before else None


def _merge(
    data: dict[str, Any], current: BaseModel, path: tuple[str, ...], value: Any, named: Named, findings: Findings
) -> None:
    """Put one new value into the data of the table that holds it."""
    key = path[-1]
    if key not in type(current).model_fields:
        data[key] = value  # the check of the whole table names it and the nearest key
        return
    old = getattr(current, key)
    if isinstance(value, Mapping) and ARITHMETIC & set(value):
        with findings.catching(named.spot_of(path), key=dotted(path), value=shown(value)):
            data[key] = Known(_arithmetic(old, value, quantity_of(type(current), key)))
    elif isinstance(value, Mapping) and isinstance(old, BaseModel):
        for inner, item in value.items():
            _merge(data[key], old, (*path, inner), item, named, findings)
    elif isinstance(value, Mapping) and isinstance(old, dict) and table_at(type(current), (key,)) is None:
        data[key] = dict(value)  # weights are one value: new ones replace all old ones
    else:
        data[key] = value


def _not_applied(reason: str, **values: object) -> InputErrors:
    return refused("bad_change", reason=words(reason, **values))


def _arithmetic(old: Any, change: Mapping[str, Any], quantity: Quantity | None) -> Any:
    if len(change) != 1:
        raise _not_applied("change_one")
    if quantity is None or not isinstance(old, int | float | Uncertain):
        raise _not_applied("change_of_number")
    if "plus" in change:
        return _each(old, quantity, lambda number: number + _difference(change["plus"], quantity))
    factor = change["times"]
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 <= factor < math.inf:
        raise _not_applied("change_times")
    return _each(old, quantity, lambda number: number * factor)


def _difference(given: Any, quantity: Quantity) -> float:
    """Return what is added, which may be negative."""
    try:
        if quantity.kind == "share":
            return parse_percent(given)
        number = Quantity(quantity.kind, minimum=-math.inf).read(given)
    except UnitError as error:
        raise _not_applied("change_share", problem=error.problem) from None
    except PydanticCustomError as error:
        raise _not_applied("change_plus", problem=error) from None
    if isinstance(number, Uncertain):
        raise _not_applied("change_range")
    return float(number)


def _each(old: Any, quantity: Quantity, operation: Callable[[float], float]) -> Any:
    """Return a number or both ends of a range changed, without the rounding of decimals: 1.1 times 10 booths is 11."""
    if isinstance(old, Uncertain):
        return Uncertain(low=_each(old.low, quantity, operation), high=_each(old.high, quantity, operation))
    number = operation(old)
    near = round(number)
    return float(near) if quantity.kind == "count" and math.isclose(number, near, rel_tol=1e-12) else number
