"""What every policy type's terms are made of: quantities with a unit, sub-tables, and what a type says of itself.

A *terms* class lists the fields a scenario file may set for one policy type. Each number in it is one of the quantity
types of ``sim.inputs.quantities`` (``Yuan``, ``Share``, ``SquareMetres`` ...), which are to be had here as well: all
that a new type's terms are written with comes from this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from sim.inputs.quantities import (
    Month,
    MonthNumber,
    Months,
    PersonsPerYear,
    PositiveNumber,
    Quantity,
    Share,
    SquareMetres,
    Table,
    TonnesPerDay,
    Weight,
    WholeNumber,
    Years,
    Yuan,
    YuanPerBuyer,
    YuanPerFirm,
    YuanPerPerson,
    YuanPerSquareMetreMonth,
    YuanPerTonne,
    YuanPerYear,
    term,
    words_of_weights,
)  # fmt: skip
from sim.observables import Observable

__all__ = [
    "ADD_UP", "Every", "Honour", "Month", "MonthNumber", "Months", "Outlook", "PersonsPerYear", "PositiveNumber",
    "Quantity", "Share", "SquareMetres", "Table", "Terms", "TonnesPerDay", "Weight", "Weighted", "WholeNumber", "Years",
    "Yuan", "YuanPerBuyer", "YuanPerFirm", "YuanPerPerson", "YuanPerSquareMetreMonth", "YuanPerTonne", "YuanPerYear",
    "at_least_one", "held_in", "month_share", "term",
]  # fmt: skip

Honour = Literal["little_giant", "srdi"]
"""Honours a firm can be given: little giant (国家级专精特新小巨人), specialised and new (省级专精特新, "srdi")."""

WEIGHT_TOLERANCE = 1e-6


def _add_up_to_one(weights: dict[str, float]) -> dict[str, float]:
    """Refuse weights that do not add up to 1, naming the parts."""
    total = math.fsum(weights.values())
    if weights and abs(total - 1.0) > WEIGHT_TOLERANCE:
        parts = " + ".join(f"{name} {value:g}" for name, value in weights.items())
        shown = f"{total:.2f}" if f"{total:.2f}" != "1.00" else f"{total:.6g}"
        raise PydanticCustomError("weights_sum", "weights: {parts} = {total}", {"parts": parts, "total": shown})
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
        if (rule in self.weighted_rules) == bool(weights):
            return self
        words = words_of_weights(type(self))
        parts = zip(words, (0.6, 0.4) if len(words) > 1 else (1,), strict=False)
        sample = ", ".join(f"{word} = {part}" for word, part in parts)
        context = {"at": "weights" if weights else "rule", "rule": rule, "example": f"{{ {sample} }}" if words else ""}
        raise PydanticCustomError(
            "weights_unused" if weights else "weights_missing", "rule {rule} and weights", context
        )
