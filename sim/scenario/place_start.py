"""The numbers a place starts from: names, units, and what they can be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from sim.evidence.variables import variable_label
from sim.inputs.data import beside
from sim.inputs.problems import Problem
from sim.units import Uncertain, highest, lowest

if TYPE_CHECKING:
    from collections.abc import Mapping

Amount = float | Uncertain
"""A starting value: one number, or a range from which each replicate draws."""


TOTALS = ("output_value", "operating_revenue")
"""Exactly one of them is given: what the place reports."""
TIERS = ("maker_share", "supplier_share", "trader_share")


class PlaceStart(BaseModel):
    """The numbers a place starts from; flows are of the base year.

    ``base_year`` is the calendar year that the other numbers describe and that the model's first year is anchored to.
    Left out, ``lead_firms`` and ``lead_share`` say that there is no lead firm, ``piece_share`` and
    ``piece_share_abroad`` that nobody buys by the piece.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    base_year: int
    businesses: Amount
    maker_share: Amount
    supplier_share: Amount
    trader_share: Amount
    output_value: Amount | None = None
    operating_revenue: Amount | None = None
    employment_reported: Amount
    exports: Amount
    national_market_share: Amount
    global_market_share: Amount
    export_destinations: Amount
    size_tail_index: Amount
    above_scale_firms: Amount
    domestic_buyers: Amount
    foreign_buyers: Amount
    wage: Amount
    county_balance: Amount
    lead_firms: Amount = 0.0
    lead_share: Amount = 0.0
    piece_share: Amount = 0.0
    piece_share_abroad: Amount = 0.0

    @model_validator(mode="after")
    def _possible(self) -> PlaceStart:
        given = [name for name in TOTALS if getattr(self, name) is not None]
        if len(given) != 1:
            raise _impossible("headline", names=" and ".join(TOTALS))
        for name in UNITS:
            if name not in TOTALS or name in given:
                _check_possible(name, getattr(self, name))
        shares = [getattr(self, name) for name in TIERS]
        if not any(isinstance(share, Uncertain) for share in shares) and abs(math.fsum(shares) - 1) > 1e-9:
            raise _impossible("tiers", names=" + ".join(TIERS), total=f"{math.fsum(shares):.10g}")
        return self

    @property
    def headline(self) -> str:
        """Name of the total that the place gives."""
        return TOTALS[self.output_value is None]

    @property
    def headline_total(self) -> Amount:
        """Yuan the place reports for the base year: output value of its makers, or operating revenue of all."""
        total: Amount = getattr(self, self.headline)
        return total

    def uncertain(self) -> dict[str, Uncertain]:
        """Return the values that are ranges, by name."""
        return {name: getattr(self, name) for name in UNITS if isinstance(getattr(self, name), Uncertain)}

    def with_values(self, values: Mapping[str, float]) -> PlaceStart:
        """Return a checked copy with some values replaced, as when a replicate has drawn its own."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return PlaceStart(**{**fields, **values})


_ROWS: dict[str, Any] = beside(__file__, "start.toml")
UNITS: dict[str, str] = {name: row["unit"] for name, row in _ROWS.items()}
"""Plain unit of every starting value, in the order in which they are listed."""
MEANINGS: dict[str, tuple[str, str]] = {name: tuple(row["meaning"]) for name, row in _ROWS.items()}
"""What each is, in English and Chinese."""


def start_name(name: str, language: str) -> str:
    """Return what a reader calls a starting value."""
    return (language == "zh" and _ROWS[name].get("label_zh")) or variable_label(name, language)


def _check_possible(name: str, value: Amount) -> None:
    if not (math.isfinite(lowest(value)) and math.isfinite(highest(value))):
        raise _impossible("not_finite", name=name)
    zero = "zero" in _ROWS[name]
    if lowest(value) < 0 or (lowest(value) == 0 and not zero):
        raise _impossible("at_least_0" if zero else "above_0", name=name)
    if UNITS[name] == "share" and highest(value) > 1:
        raise _impossible("at_most_1", name=name)


def _impossible(message: str, **values: str) -> PydanticCustomError:
    name = f"start_{message}"
    return PydanticCustomError(name, Problem(name, values=values).what(), values)


@dataclass(frozen=True)
class Origin:
    """Where a starting value comes from.

    Attributes
    ----------
    value
        The value used, or the middle of its range, in the plain ``unit``.
    kind
        ``reported``, ``derived`` or ``assumed``.
    text
        Figure, period and source; or the arithmetic; or why it was assumed.
    low, high
        Prior range for a calibration; None when the file gives none.
    facts
        Reported figures behind it.
    """

    name: str
    value: float
    unit: str
    kind: Literal["reported", "derived", "assumed"]
    text: str
    low: float | None
    high: float | None
    facts: tuple[str, ...]
