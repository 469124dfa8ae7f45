"""Amending the terms of a policy: new values, ``{ times = 2 }`` and ``{ plus = ... }`` on the value in force."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from sim.inputs.problems import Findings
from sim.inputs.quantities import Known, Quantity, Table, dotted, quantity_of, table_at, written
from sim.inputs.tables import Named, check
from sim.policies.terms import Terms
from sim.units import Uncertain, UnitError, parse_percent

ARITHMETIC = frozenset({"times", "plus"})


class AmendError(Exception):
    """The arithmetic of a change cannot be done; holds the reason in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.reason = {"en": en, "zh": zh}


def plain_data(value: Any) -> Any:
    """Return terms as data that validates to the same terms: numbers and ranges marked as known."""
    if isinstance(value, BaseModel):
        return {name: plain_data(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {key: plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(plain_data(item) for item in value)
    if isinstance(value, Uncertain) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return Known(value)
    return value


def amended(terms: Terms, new: Mapping[str, Any], named: Named, findings: Findings) -> Terms | None:
    """Return the terms with new values as under ``[change.set]`` merged in, or note what is wrong and return None.

    A sub-table is merged key by key.
    """
    before = len(findings.problems)
    data = plain_data(terms)
    for key, value in new.items():
        _merge(data, terms, (key,), value, named, findings)
    checked = check(type(terms), data, named, findings)
    return checked if len(findings.problems) == before else None


def _merge(
    data: dict[str, Any], current: Table, path: tuple[str, ...], value: Any, named: Named, findings: Findings
) -> None:
    """Put one new value into the data of the table that holds it."""
    key = path[-1]
    if key not in type(current).model_fields:
        data[key] = value  # the check of the whole table names it and the nearest key
        return
    old = getattr(current, key)
    if isinstance(value, Mapping) and ARITHMETIC & set(value):
        try:
            data[key] = Known(_arithmetic(old, value, quantity_of(type(current), key)))
        except (AmendError, PydanticCustomError) as error:
            unread = {"en": f"plus {error}", "zh": "plus 的数额无法识别"}
            reason = error.reason if isinstance(error, AmendError) else unread
            findings.add("bad_change", named.spot_of(path), key=dotted(path), value=written(value), reason=reason)
    elif isinstance(value, Mapping) and isinstance(old, Table):
        for inner, item in value.items():
            _merge(data[key], old, (*path, inner), item, named, findings)
    elif isinstance(value, Mapping) and isinstance(old, dict) and table_at(type(current), (key,)) is None:
        data[key] = dict(value)  # weights are one value: new ones replace all old ones
    else:
        data[key] = value


def _arithmetic(old: Any, change: Mapping[str, Any], quantity: Quantity | None) -> Any:
    if len(change) != 1:
        raise AmendError("write times or plus, one at a time", "times 与 plus 只能写一个")
    if quantity is None or not isinstance(old, int | float | Uncertain):
        raise AmendError("the value in force is not a number", "现行值不是数")
    if "times" in change:
        factor = change["times"]
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 <= factor < math.inf:
            raise AmendError("times takes a plain number of at least 0", "times 须为不小于 0 的数")
        return _each(old, lambda number: _whole(number * factor, quantity))
    return _each(old, lambda number: _whole(number + _difference(change["plus"], quantity), quantity))


def _difference(given: Any, quantity: Quantity) -> float:
    """Return what is added, which may be negative."""
    if quantity.kind == "share":
        try:
            return float(parse_percent(given))
        except UnitError as error:
            raise AmendError(str(error.problem), 'plus 须写成比例，如 "5%"') from None
    number = Quantity(quantity.kind, minimum=-math.inf).read(given)
    if isinstance(number, Uncertain):
        raise AmendError("plus takes one value, not a range", "plus 须为一个值，不能是区间")
    return float(number)


def _each(old: Any, operation: Any) -> Any:
    if isinstance(old, Uncertain):
        return Uncertain(low=operation(old.low), high=operation(old.high))
    return operation(old)


def _whole(number: float, quantity: Quantity) -> float:
    """Remove the rounding of a product of decimals, so that 1.1 times 10 booths is 11."""
    near = round(number)
    return float(near) if quantity.kind == "count" and math.isclose(number, near, rel_tol=1e-12) else number


def nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    """Return a value as nested tables, as ``{ "across" = { "rule" = value } }`` for ``across.rule``."""
    result: Any = value
    for key in reversed(path):
        result = {key: result}
    return dict(result)
