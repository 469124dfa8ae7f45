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
    "operating_revenue": "yuan",
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
    "lead_firms": "count",
    "lead_share": "share",
    "piece_share": "share",
    "piece_share_abroad": "share",
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
        "lead_firms",
        "lead_share",
        "piece_share",
        "piece_share_abroad",
    }
)
OPTIONAL = ("lead_firms", "lead_share", "piece_share", "piece_share_abroad")
"""Left out they are 0: no lead firm; nobody buys by the piece."""
TOTALS = ("output_value", "operating_revenue")
"""Exactly one of them is given: what the place reports."""
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
        Output value of the core product, made by the makers, yuan at current prices.
    operating_revenue
        Revenue of makers, suppliers and traders together, yuan; given instead of ``output_value``.
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
    lead_firms, lead_share
        Lead firms and the share of makers' output they make together.
    piece_share, piece_share_abroad
        Shares of domestic and foreign buyers that buy by the piece and ask for high quality; the rest buy by weight.
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
            msg = f"needs one of {' and '.join(TOTALS)}, and not both"
            raise ValueError(msg)
        for name in UNITS:
            if name not in TOTALS or name in given:
                _check_possible(name, getattr(self, name))
        shares = [getattr(self, name) for name in TIERS]
        if not any(isinstance(share, Uncertain) for share in shares) and abs(math.fsum(shares) - 1) > 1e-9:
            msg = f"{' + '.join(TIERS)} add up to {math.fsum(shares):.10g}, not 1"
            raise ValueError(msg)
        return self

    @property
    def headline_total(self) -> Amount:
        """Yuan the place reports for the base year: output value of its makers, or operating revenue of all."""
        total = self.operating_revenue if self.output_value is None else self.output_value
        assert total is not None
        return total

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
