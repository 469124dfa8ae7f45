"""What a file of a set of places may hold: its keys, the numbers it states and their units."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim.scenario.place_start import TIERS, UNITS
from sim.units import parse_share

TOTAL_UNITS = {"places": "count", "businesses": "count", "employment_reported": "persons"}
"""Totals of the whole set beside its headline, with their plain units."""

HOW_UNITS: dict[str, str] = {
    "tail_index": "index",
    "largest": "yuan",
    "smallest": "yuan",
    "small_maker_revenue": "yuan",
    "world_over_national": "share",
    "balance_share": "share",
    **{
        name: UNITS[name]
        for name in (*TIERS, "size_tail_index", "export_destinations", "domestic_buyers", "foreign_buyers", "wage")
    },
}
"""Numbers of ``[synthetic]`` and their plain units; the last eight are those of every synthetic place."""


class IndustryRow(BaseModel):
    """One industry of the synthetic places; every number is an assumption, ``note`` says why.

    Attributes
    ----------
    places
        Share of the synthetic places.
    national_market_share
        Of all synthetic places of the industry together, in the places' own products.
    exports_share
        Direct exports over makers' output.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    places: float
    national_market_share: float
    exports_share: float
    note: str = Field(min_length=1)

    @field_validator("places", "national_market_share", "exports_share", mode="before")
    @classmethod
    def _share(cls, value: Any) -> float:
        return parse_share(value)


class SyntheticTable(BaseModel):
    """Names and industries of the synthetic places; the numbers beside them are read one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*\{number\}$")
    name: str = Field(min_length=1)
    name_zh: str = Field(min_length=1)

    @field_validator("name", "name_zh")
    @classmethod
    def _pattern(cls, value: str) -> str:
        if "{number}" not in value or "{industry}" not in value:
            raise ValueError("a name holds {number} and {industry}, and says that the place is synthetic")
        return value


class SetFile(BaseModel):
    """A set without its numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    schema_: Literal[1] = Field(alias="schema")
    kind: Literal["set"]
    id: str
    name: str = Field(min_length=1)
    name_zh: str = Field(min_length=1)
    province: str = Field(pattern=r"^\d{2}$")
    base_year: int
    world: str
    members: list[str]
    lists: dict[str, list[str]] = Field(default_factory=dict)
