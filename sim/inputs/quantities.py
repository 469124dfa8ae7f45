"""What tables of files are made of: quantities with a unit, and the keys of a table as its class declares them.

Read from a file, a quantity is text with its unit (``"200 million yuan"``); once validated it is a plain number in the
base unit (yuan, share, square metres, persons, months), or an ``Uncertain`` range until ``sim.scenario.realise`` has
drawn it for one replicate. Type checkers see plain numbers, which is what rules are given.

A field that has no default must be written: a missing key never borrows one. Where a field may be left out, what its
absence means is part of its description.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim import units
from sim.units import Uncertain, UnitError, shown

Kind = str
"""One of the keys of ``EXAMPLES``."""

EXAMPLES: Mapping[Kind, str] = {
    "yuan": '"5 million yuan"', "yuan/year": '"200 million yuan/year"', "yuan/m2/month": '"12 yuan/m2/month"',
    "yuan/buyer": '"3000 yuan/buyer"', "yuan/firm": '"20000 yuan/firm"', "yuan/t": '"18 yuan/t"',
    "yuan/person": '"3000 yuan/person"', "share": '"20%"', "m2": '"10 mu"', "t/day": '"9000 t/day"',
    "persons/year": '"600 persons/year"', "count": "380", "years": "1", "months": "6", "month_number": "10",
    "month": '"2026-01"', "weight": "0.3",
}  # fmt: skip
"""How a quantity of each kind is written in a scenario file, as TOML."""

WHOLE: frozenset[Kind] = frozenset({"count", "years", "months", "month_number", "month"})
"""Kinds stored as whole numbers."""

FLOWS: frozenset[Kind] = frozenset({"t/day", "persons/year"})
"""Kinds that are an amount of something over a time."""

CERTAIN: frozenset[Kind] = frozenset({"years", "month_number", "month", "weight"})
"""Kinds that fix the calendar or the rules of a policy and so cannot be drawn per replicate."""


@dataclass(frozen=True)
class Known:
    """A number already in its base unit, as opposed to one read from a file, which needs its unit written."""

    value: Any

    def __repr__(self) -> str:
        """Return the number as it would stand in the file."""
        return shown(self.value)


def known(value: Any) -> Any:
    """Return a number or range marked as known; anything else as it is."""
    number = isinstance(value, int | float | Uncertain) and not isinstance(value, bool)
    return Known(value) if number else value


@dataclass(frozen=True)
class Quantity:
    """Unit kind of a numeric field: how it is read, and the smallest value that makes sense."""

    kind: Kind
    minimum: float = 0.0

    def read(self, given: object) -> Any:
        """Return the number in the base unit (or an ``Uncertain`` of such numbers) for a value of a file.

        Raises
        ------
        PydanticCustomError
            Of a type that is the message about it (``no_unit``, ``not_share``, ``below_minimum`` ...).
        """
        if isinstance(given, Known) and not isinstance(given.value, int | float):
            given = given.value
        if isinstance(given, Uncertain):
            low, high = self._known(given.low), self._known(given.high)
        elif isinstance(given, Mapping):
            if set(given) != {"low", "high"}:
                raise self._problem("bad_range", given)
            low, high = self._one(given["low"]), self._one(given["high"])
        else:
            return self._one(given)
        if self.kind in CERTAIN:
            raise self._problem("not_uncertain", given)
        if low > high:
            raise self._problem("low_above_high", given)
        return Uncertain(low=low, high=high)

    def _one(self, value: object) -> float | int:
        return self._known(value.value) if isinstance(value, Known) else self._written(value)

    def _known(self, value: object) -> float | int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._problem("not_number", value)
        return self._bounded(float(value), value)

    def _written(self, value: Any) -> float | int:
        """Read a value of a file; a bare number is taken only where no unit is needed."""
        plain = self.kind in WHOLE or self.kind == "weight"
        try:
            if self.kind in ("month", "share"):
                return self._bounded(self._parse(value), value)
            if isinstance(value, bool) or not isinstance(value, int | float if plain else str):
                odd = "not_month_number" if self.kind == "month_number" and not isinstance(value, str) else "not_number"
                raise self._problem(odd if plain else "no_unit", value)
            return self._bounded(float(value) if plain else self._parse(value), value)
        except UnitError as error:
            raise self._problem("bad_unit", value, detail=error.problem, advice=error.advice) from None
        except OverflowError:
            raise self._problem("not_number", value) from None

    def _parse(self, value: Any) -> float:
        if self.kind in ("month", "share"):
            try:
                return float(units.parse_month(value) if self.kind == "month" else units.parse_share(value))
            except (UnitError, TypeError, ValueError):
                raise self._problem(f"not_{self.kind}", value) from None
        if self.kind == "m2":
            return units.parse_area(value)
        if self.kind in FLOWS:
            return units.parse_flow(value, self.kind)
        # A yearly budget may leave /year out, as budgets are always yearly.
        if self.kind == "yuan" or (self.kind == "yuan/year" and not {"/", "每"} & set(value)):
            return units.parse_money(value)
        return units.parse_money_rate(value, per=self.kind.removeprefix("yuan/"))

    def _bounded(self, number: float, value: object) -> float | int:
        if not math.isfinite(number):
            raise self._problem("not_number", value)
        if self.kind == "share" and number > 1.0:
            raise self._problem("not_share", value)
        if self.kind == "month_number" and not 1 <= number <= 12:
            raise self._problem("not_month_number", value)
        if number < self.minimum:
            raise self._problem("below_minimum", value, minimum=f"{self.minimum:g}")
        if self.kind not in WHOLE:
            return number
        if number != int(number):
            raise self._problem("not_whole", value)
        return int(number)

    def _problem(self, problem: str, value: object, **context: Any) -> PydanticCustomError:
        if problem == "no_unit" and self.kind not in ("yuan", "yuan/year"):
            problem = "no_unit_other"
        details = {"kind": self.kind, "value": value, **context}
        return PydanticCustomError(problem, "{kind}: cannot use {value}", details)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate with ``read``."""
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        """Describe what an editor should accept: the written form, and a range where one is allowed."""
        single = self.json_schema()
        if self.kind in CERTAIN:
            return {**single, "x-unit": self.kind}
        table = {
            "type": "object",
            "properties": {"low": single, "high": single},
            "required": ["low", "high"],
            "additionalProperties": False,
        }
        return {"anyOf": [single, table], "x-unit": self.kind}

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of one written value."""
        if self.kind == "month_number":
            return {"type": "integer", "minimum": 1, "maximum": 12}
        if self.kind == "weight":
            return {"type": "number", "minimum": 0}
        if self.kind in WHOLE and self.kind != "month":
            return {"type": "integer", "minimum": int(self.minimum)}
        text = {"type": "string", "examples": [EXAMPLES[self.kind].strip('"')]}
        if self.kind == "share":
            return {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, text]}
        return text


Yuan = Annotated[float, Quantity("yuan")]
YuanPerYear = Annotated[float, Quantity("yuan/year")]
YuanPerSquareMetreMonth = Annotated[float, Quantity("yuan/m2/month")]
YuanPerBuyer = Annotated[float, Quantity("yuan/buyer")]
YuanPerFirm = Annotated[float, Quantity("yuan/firm")]
YuanPerTonne = Annotated[float, Quantity("yuan/t")]
YuanPerPerson = Annotated[float, Quantity("yuan/person")]
Share = Annotated[float, Quantity("share")]
SquareMetres = Annotated[float, Quantity("m2")]
TonnesPerDay = Annotated[float, Quantity("t/day")]
PersonsPerYear = Annotated[float, Quantity("persons/year")]
WholeNumber = Annotated[int, Quantity("count")]
PositiveNumber = Annotated[int, Quantity("count", minimum=1)]
Years = Annotated[int, Quantity("years", minimum=1)]
Months = Annotated[int, Quantity("months")]
MonthNumber = Annotated[int, Quantity("month_number")]
Month = Annotated[int, Quantity("month")]
Weight = Annotated[float, Quantity("weight")]


def plain_number(value: Any, unit: str, share: Callable[[Any], float] = units.parse_share) -> float:
    """Return a value of a file in a plain unit; raise ``UnitError`` when its unit is not clear.

    Parameters
    ----------
    unit
        Plain unit of a starting value or an observable.
    share
        Reads a share; a growth may be below 0 or above 1.
    """
    if unit == "share":
        return share(value)
    if unit == "yuan":
        return units.parse_money(value)
    if unit == "yuan/year":
        return units.parse_money_rate(value, "year")
    if unit in ("persons", "count", "orders"):
        return float(units.parse_count(value))
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UnitError("not_wanted", "number", value)
    return float(value)


# --- tables ------------------------------------------------------------------------------------------------


class Table(BaseModel):
    """A table of a file: immutable, refusing keys it does not know, taking no text for a number or a truth value.

    Lists of a file are given as tuples.
    """

    # Checks are built for a table when one of its kind is first read: a scenario has few of the policy types.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @classmethod
    def plain(cls, **values: Any) -> Self:
        """Build from numbers already in base units (yuan, shares, square metres), as tests and programs do."""
        return cls.model_validate(mapped(values, lambda leaf, _: known(leaf)))


def table_with(keys: Mapping[str, Any], base: type[Table] = Table) -> Any:
    """Return a class of tables whose keys are data: the type of each, or its type and what leaving it out gives."""
    fields: dict[str, Any] = {name: kind if isinstance(kind, tuple) else (kind, ...) for name, kind in keys.items()}
    return create_model(base.__name__, __base__=base, **fields)


def term(label_zh: str, description: str, **settings: Any) -> Any:
    """Describe one field: its Chinese label and what it means; ``default=`` only where absence has a meaning."""
    return Field(description=description, json_schema_extra={"label_zh": label_zh}, **settings)


@dataclass(frozen=True)
class Shape:
    """What a field of a table holds, as its class declares it.

    Attributes
    ----------
    kind
        Its type without ``Annotated`` and without ``None``; of a list (``many``) that of its items.
    quantity
        How its numbers are read; None when it holds none.
    table
        Class of the table, or of each table of the list, that it holds.
    """

    kind: Any
    many: bool
    quantity: Quantity | None
    table: type[BaseModel] | None


@cache
def shape(table: type[BaseModel], name: str) -> Shape:
    """Return what a field of a table holds."""
    item = table.model_fields[name]
    notes = [note for one in get_args(item.annotation) if get_origin(one) is Annotated for note in get_args(one)[1:]]
    quantity = next((note for note in (*item.metadata, *notes) if isinstance(note, Quantity)), None)
    kind = field_type(item.annotation)
    many = get_origin(kind) is tuple
    if many:
        kind = field_type(get_args(kind)[0])
    return Shape(kind, many, quantity, kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None)


def field_type(annotation: Any) -> Any:
    """Return an annotation without ``Annotated`` and without ``None``."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
            continue
        choices = [choice for choice in get_args(annotation) if choice is not type(None)]
        if type(None) not in get_args(annotation) or len(choices) != 1:
            return annotation
        annotation = choices[0]


def quantity_of(table: type[BaseModel], name: str) -> Quantity | None:
    """Return the quantity of a field, or None when it is not a number."""
    return shape(table, name).quantity


def own_keys(table: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys of a table as written in a file."""
    return tuple(item.alias or name for name, item in table.model_fields.items())


def table_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    """Return the class of the table at a path of field names and list positions below a model, or None."""
    current: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, int):
            continue
        if current is None or part not in current.model_fields:
            return None
        current = shape(current, part).table
    return current


def words_of_weights(table: type[BaseModel] | None) -> tuple[str, ...]:
    """Return the criteria that the weights of a table may name."""
    if table is None or "weights" not in table.model_fields:
        return ()
    words = get_args(shape(table, "weights").kind)[:1]
    return tuple(get_args(words[0])) if words and get_origin(words[0]) is Literal else ()


# --- values by their path -----------------------------------------------------------------------------------


def mapped(value: Any, change: Callable[[Any, str], Any], path: str = "", *, opened: bool = False) -> Any:
    """Return nested data with ``change(value, path)`` for every single value; lists become tuples.

    Tables keep their class, unchecked; ``opened``, they become plain mappings.
    """
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        new = {name: mapped(getattr(value, name), change, f"{path}.{name}", opened=opened) for name in names}
        return new if opened else value.model_copy(update=new)
    if isinstance(value, Mapping):
        return {key: mapped(item, change, f"{path}.{key}", opened=opened) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(mapped(item, change, f"{path}.{number}", opened=opened) for number, item in enumerate(value))
    return change(value, path)


def at(data: Any, path: str | Sequence[str]) -> Any:
    """Return the value at a path (``across.rule``) of nested tables; None where there is none."""
    for part in path.split(".") if isinstance(path, str) else path:
        if isinstance(data, BaseModel):
            data = getattr(data, part, None)
        else:
            data = data.get(part) if isinstance(data, Mapping) else None
    return data


def put(data: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Put a value at a path of nested mappings, making those that are missing."""
    for part in path[:-1]:
        inner = data.get(part)
        if not isinstance(inner, dict):
            inner = data[part] = {}
        data = inner
    data[path[-1]] = value


def leaves(table: BaseModel, prefix: str = "") -> dict[str, tuple[Any, Quantity | None]]:
    """Return every single value of a table, and of those in it, by dotted name, with its quantity."""
    found: dict[str, tuple[Any, Quantity | None]] = {}
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, BaseModel):
            found |= leaves(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = (value, quantity_of(type(table), name))
    return found


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as in ``phases[1].plots``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
