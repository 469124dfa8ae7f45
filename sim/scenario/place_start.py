"""The numbers a place starts from: names, units, and what they can be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, model_validator

from sim.units import Uncertain

if TYPE_CHECKING:
    from collections.abc import Mapping

Amount = float | Uncertain
"""A starting value: one number, or a range from which each replicate draws."""

UNITS: dict[str, str] = {
    "businesses": "count",
    "maker_share": "share",
    "supplier_share": "share",
    "trader_share": "share",
    "output_value": "yuan",
    "employment_reported": "persons",
    "exports": "yuan",
    "national_market_share": "share",
    "global_market_share": "share",
    "export_destinations": "count",
    "size_tail_index": "index",
    "above_scale_firms": "count",
    "domestic_buyers": "count",
    "foreign_buyers": "count",
    "wage": "yuan/year",
    "county_balance": "yuan",
}
"""Plain unit of every starting value, in the order in which they are listed."""

MAY_BE_ZERO = frozenset(
    {
        "supplier_share",
        "trader_share",
        "exports",
        "export_destinations",
        "above_scale_firms",
        "foreign_buyers",
        "county_balance",
    }
)
TIERS = ("maker_share", "supplier_share", "trader_share")


class PlaceStart(BaseModel):
    """The numbers a place starts from; flows are of the base year.

    Attributes
    ----------
    base_year
        Calendar year that the other numbers describe and that the model's first year is anchored to.
    businesses
        Makers, suppliers and traders together.
    maker_share, supplier_share, trader_share
        Shares of the businesses; they add up to 1.
    output_value
        Output value of the core product, yuan at current prices.
    employment_reported
        Persons as reported; the scope may be wider than the model's firms.
    exports
        Direct exports, yuan.
    national_market_share, global_market_share
        Shares of volume.
    export_destinations
        Countries and regions.
    size_tail_index
        Exponent of the upper tail of firm sizes (counter-cumulative).
    above_scale_firms
        Makers with yearly revenue of at least the above-scale cut.
    domestic_buyers, foreign_buyers
        Buying firms in the cluster's markets.
    wage
        Yearly wage of a worker, yuan.
    county_balance
        Opening balance of the county's programme account, yuan.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    base_year: int
    businesses: Amount
    maker_share: Amount
    supplier_share: Amount
    trader_share: Amount
    output_value: Amount
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

    @model_validator(mode="after")
    def _possible(self) -> PlaceStart:
        for name in UNITS:
            _check_possible(name, getattr(self, name))
        shares = [getattr(self, name) for name in TIERS]
        if not any(isinstance(share, Uncertain) for share in shares) and abs(math.fsum(shares) - 1) > 1e-9:
            msg = f"{' + '.join(TIERS)} add up to {math.fsum(shares):.10g}, not 1"
            raise ValueError(msg)
        return self

    def uncertain(self) -> dict[str, Uncertain]:
        """Return the values that are ranges, by name."""
        return {name: getattr(self, name) for name in UNITS if isinstance(getattr(self, name), Uncertain)}

    def with_values(self, values: Mapping[str, float]) -> PlaceStart:
        """Return a checked copy with some values replaced, as when a replicate has drawn its own."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return PlaceStart(**{**fields, **values})


def _check_possible(name: str, value: Amount) -> None:
    low, high = (value.low, value.high) if isinstance(value, Uncertain) else (value, value)
    if not (math.isfinite(low) and math.isfinite(high)):
        msg = f"{name} is not a finite number"
        raise ValueError(msg)
    if low < 0 or (low == 0 and name not in MAY_BE_ZERO):
        msg = f"{name} must be {'at least' if name in MAY_BE_ZERO else 'above'} 0"
        raise ValueError(msg)
    if UNITS[name] == "share" and high > 1:
        msg = f"{name} must be at most 1"
        raise ValueError(msg)
