"""What every policy type's terms are made of: quantities with a unit.

A *terms* class lists the fields a scenario file may set for one policy type. Each number in it is one of the quantity
types below (``Yuan``, ``Share``, ``SquareMetres`` ...). Read from a file, a quantity is text with its unit
(``"200 million yuan"``); once validated it is a plain number in the base unit (yuan, share, square metres, persons,
months), or an ``Uncertain`` range until ``sim.scenario.realise`` has drawn it for one replicate. Type checkers see
plain numbers, which is what rules are given.

A field that has no default must be written in the scenario: a missing key never borrows one. Where a field may be left
out, what its absence means is part of its description.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim import units
from sim.observables import Observable
from sim.units import Uncertain

Kind = str
"""One of the keys of ``EXAMPLES``."""

EXAMPLES: Mapping[Kind, str] = {
    "yuan": '"5 million yuan"',
    "yuan/year": '"200 million yuan/year"',
    "yuan/m2/month": '"12 yuan/m2/month"',
    "yuan/buyer": '"3000 yuan/buyer"',
    "yuan/firm": '"20000 yuan/firm"',
    "yuan/t": '"18 yuan/t"',
    "yuan/person": '"3000 yuan/person"',
    "share": '"20%"',
    "m2": '"10 mu"',
    "t/day": '"9000 t/day"',
    "persons/year": '"600 persons/year"',
    "count": "380",
    "years": "1",
    "months": "6",
    "month_number": "10",
    "month": '"2026-01"',
    "weight": "0.3",
}
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
            With a type that names the problem (``no_unit``, ``not_share``, ``below_minimum`` ...); the scenario
            messages are written from it.
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

    def _written(self, value: object) -> float | int:
        if isinstance(value, bool) or (not isinstance(value, str | int | float) and self.kind != "month"):
            raise self._problem(self._wrong_type(), value)
        try:
            number = self._parse(value)
        except units.UnitError as error:
            raise self._problem("bad_unit", value, detail=str(error.problem), advice=str(error.advice)) from None
        except OverflowError:
            raise self._problem("not_number", value) from None
        return self._bounded(number, value)

    def _wrong_type(self) -> str:
        special: dict[str, str] = {"share": "not_share", "month": "not_month", "month_number": "not_month_number"}
        return special.get(self.kind, "not_number" if self.kind in WHOLE or self.kind == "weight" else "no_unit")

    def _parse(self, value: Any) -> float:
        """Parse by kind; the number of a bare value is taken only where no unit is needed."""
        parsers: dict[str, Callable[[Any], float]] = {"month": units.parse_month, "share": units.parse_share}
        if self.kind in parsers:
            try:
                return float(parsers[self.kind](value))
            except (units.UnitError, TypeError, ValueError):
                raise self._problem(f"not_{self.kind}", value) from None
        if self.kind in WHOLE or self.kind == "weight":
            if isinstance(value, str):
                raise self._problem("not_number", value)
            return float(value)
        if not isinstance(value, str):
            raise self._problem("no_unit", value)
        if self.kind == "yuan":
            return float(units.parse_money(value))
        if self.kind == "m2":
            return float(units.parse_area(value))
        if self.kind in FLOWS:
            return units.parse_flow(value, self.kind)
        return self._rate(value)

    def _rate(self, value: str) -> float:
        """Parse yuan per something; a yearly budget may leave ``/year`` out, as budgets are always yearly."""
        if self.kind == "yuan/year" and not {"/", "每"} & set(value):
            return float(units.parse_money(value))
        return float(units.parse_money_rate(value, per=self.kind.removeprefix("yuan/")))

    def _bounded(self, number: float, value: object) -> float | int:
        if not math.isfinite(number):
            raise self._problem("not_number", value)
        if self.kind == "share" and number > 1.0:
            raise self._problem("not_share", value)
        if self.kind == "month_number" and not 1 <= number <= 12:
            raise self._problem("not_month_number", value)
        if number < self.minimum:
            raise self._problem("below_minimum", value, minimum=self.minimum)
        if self.kind not in WHOLE:
            return number
        if number != int(number):
            raise self._problem("not_whole", value)
        return int(number)

    def _problem(self, problem: str, value: object, **context: Any) -> PydanticCustomError:
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

Honour = Literal["little_giant", "srdi"]
"""Honours a firm can be given: little giant (国家级专精特新小巨人), specialised and new (省级专精特新, "srdi")."""

WEIGHT_TOLERANCE = 1e-6


def _add_up_to_one(weights: dict[str, float]) -> dict[str, float]:
    """Refuse weights that do not add up to 1, naming the parts."""
    total = math.fsum(weights.values())
    if weights and abs(total - 1.0) > WEIGHT_TOLERANCE:
        parts = " + ".join(f"{name} {value:g}" for name, value in weights.items())
        raise PydanticCustomError("weights_sum", "weights: {parts} = {total}", {"parts": parts, "total": total})
    return weights


ADD_UP = AfterValidator(_add_up_to_one)
"""Marks a mapping of weights that must add up to 1 (or be left out)."""


def at_least_one(words: Any) -> AfterValidator:
    """Return the mark of a list of ``words`` (a ``Literal``) that must name at least one of them."""
    allowed = ", ".join(repr(word) for word in get_args(words))

    def check(named: tuple[str, ...]) -> tuple[str, ...]:
        if not named:
            raise PydanticCustomError("literal_error", "one of {expected}", {"expected": allowed})
        return named

    return AfterValidator(check)


def term(label_zh: str, description: str, **settings: Any) -> Any:
    """Describe one field: its Chinese label and what it means; ``default=`` only where absence has a meaning."""
    return Field(description=description, json_schema_extra={"label_zh": label_zh}, **settings)


def _plain(value: Any) -> Any:
    """Mark every number in nested plain data as known."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Known(value)


def frozen_lists(value: Any) -> Any:
    """Return nested data of a file with every list as a tuple."""
    if isinstance(value, Mapping):
        return {key: frozen_lists(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(frozen_lists(item) for item in value)
    return value


class Table(BaseModel):
    """A table of a file: immutable, refusing keys it does not know, taking no text for a number or a truth value.

    Lists of a file are given as tuples (see ``frozen_lists``).
    """

    # Checks are built for a table when one of its kind is first read: a scenario has few of the policy types.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @classmethod
    def plain(cls, **values: Any) -> Self:
        """Build from numbers already in base units (yuan, shares, square metres), as tests and programs do."""
        return cls.model_validate(_plain(values))


class Every(Table):
    """When it is held."""

    month: MonthNumber = term("举办月份", "Month of the year, 1 to 12")
    years: Years = term("间隔年数", "Years from one to the next; left out: every year", default=1)


def held_in(every: Every, month: int, first: int) -> bool:
    """Return whether an event with rhythm ``every`` takes place in ``month``, first held in or after ``first``."""
    if month % 12 != every.month - 1:
        return False
    first_year = first // 12 + (first % 12 > every.month - 1)
    return (month // 12 - first_year) % every.years == 0


def month_share(yearly: float, month_of_year: int) -> int:
    """Return how many of a whole number a year fall into a calendar month (0 to 11): spread evenly, adding up."""
    return math.floor(yearly * (month_of_year + 1) / 12.0) - math.floor(yearly * month_of_year / 12.0)


@dataclass(frozen=True)
class Outlook:
    """What terms are told when they are asked, before any run, what they plan to spend: a policy in its time.

    Attributes
    ----------
    start, end, planned_end
        Months, as in the policy; None where it stays in force.
    first
        First simulated month.
    terms_at
        Terms in force in a month.
    parameters
        Values by dotted name, as in the file of parameters or as the scenario sets them.
    """

    start: int
    end: int | None
    planned_end: int | None
    first: int
    terms_at: Callable[[int], Any]
    parameters: Mapping[str, float]

    def in_force(self, month: int) -> bool:
        """Return whether the policy is in force in a month."""
        return self.start <= month and (self.end is None or month <= self.end)


class Terms(Table):
    """Fields of one policy type. ``type_name`` and ``name_zh`` are set when the class is registered.

    ``needs_payer`` is False for a type that spends no public money by itself. ``dose`` names the fields that make a
    policy of the type larger or smaller, multiplied together by ``countysim dose``; with all of them at zero it has
    no effect. ``reach`` is the observable that says how far it got. ``carried_out`` says in English and Chinese
    what became of a policy that could not be paid for in full, by the ``{share}`` of its money that was paid or,
    where it builds, ``{plots}`` of ``{all}``. ``parameters`` names the groups of parameters that its policies read
    and that nothing reads in a scenario without such policies. A type may bring rows of its own: ``observables`` (see
    ``sim.observables``) and ``own_parameters`` (see ``sim.parameters``).

    A type that ``awards_grants`` promises a budget in calls, grants part of it and pays what it granted later: its
    payments make nothing good that was missing, and what it granted counts beside what it paid.

    ``foresight`` is the number of months by which its own beginning, changes and end count beforehand. A type that
    ``plans_to_the_end`` spreads its work over the months to its end, so that another end counts from the beginning.
    A type of ``one_place`` is built somewhere: a policy of it acts in a single place.
    """

    type_name: ClassVar[str] = ""
    name_zh: ClassVar[str] = ""
    needs_payer: ClassVar[bool] = True
    dose: ClassVar[tuple[str, ...]] = ()
    reach: ClassVar[str] = ""
    carried_out: ClassVar[tuple[str, str]] = ("{share} of what was planned was carried out", "按计划完成{share}")
    parameters: ClassVar[tuple[str, ...]] = ()
    observables: ClassVar[tuple[Observable, ...]] = ()
    own_parameters: ClassVar[type[tuple[float, ...]] | None] = None
    awards_grants: ClassVar[bool] = False
    foresight: ClassVar[int] = 0
    plans_to_the_end: ClassVar[bool] = False
    one_place: ClassVar[bool] = False

    @property
    def spends(self) -> bool:
        """Whether these terms spend public money, so that somebody has to pay."""
        return self.needs_payer

    @property
    def receiver(self) -> str:
        """Level of government that receives the money of these terms, and so cannot pay it; empty when none does."""
        return ""

    @property
    def shared_among_places(self) -> Literal["", "equal", "size"]:
        """How the places of a policy share what it plans: in equal parts, by size, or not at all (each has its own)."""
        return ""

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return the public money these terms plan at most in a month, in yuan; nothing where nobody can tell."""
        return 0.0

    def to_build(self, first: int, last: int) -> tuple[float, float]:
        """Return how many plots are to be built in these months and the yuan one costs; (0, 0) where none are."""
        return 0.0, 0.0

    def rent_before(self, month: int) -> float:
        """Return what the county takes in a year from what was built before a month, in yuan."""
        return 0.0


class Weighted(Table):
    """A table with a ``rule``, and ``weights`` for those of its rules that score."""

    weighted_rules: ClassVar[frozenset[str]] = frozenset({"score"})

    @model_validator(mode="after")
    def _weights_fit_the_rule(self) -> Self:
        """Refuse a rule that scores without weights, and weights that the chosen rule would ignore."""
        rule = str(self.rule)  # type: ignore[attr-defined]
        weights: Mapping[str, float] = self.weights  # type: ignore[attr-defined]
        if rule in self.weighted_rules and not weights:
            raise PydanticCustomError("weights_missing", "rule {rule} needs weights", {"rule": rule})
        if rule not in self.weighted_rules and weights:
            raise PydanticCustomError("weights_unused", "rule {rule} takes no weights", {"rule": rule})
        return self
