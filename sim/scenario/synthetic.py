"""Places that nobody named: drawn so that, with the named ones, a set of places meets its published totals exactly.

What a file of a set may hold stands first.

No random numbers: sizes are the quantiles of a truncated Pareto law in the middle of equal intervals, industries follow
each other in the order of size so that their shares hold among large and small places alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from sim.inputs.problems import refused
from sim.inputs.quantities import Table, table_with
from sim.observables import ABOVE_SCALE_YUAN
from sim.parameters import load_parameters
from sim.parameters.groups import Parameters
from sim.parameters.industries import for_industry
from sim.scenario.place_doubts import revenue_over_headline
from sim.scenario.place_start import TIERS, TOTALS, UNITS, PlaceStart
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


class IndustryRow(Table):
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

    places: float
    national_market_share: float
    exports_share: float
    note: str = Field(min_length=1)

    @field_validator("places", "national_market_share", "exports_share", mode="before")
    @classmethod
    def _share(cls, value: Any) -> float:
        return parse_share(value)


class _Names(Table):
    """Names and industries of the synthetic places."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*\{number\}$")
    name: str = Field(min_length=1)
    name_zh: str = Field(min_length=1)
    industries: dict[str, IndustryRow] = Field(min_length=1)

    @field_validator("name", "name_zh")
    @classmethod
    def _pattern(cls, value: str) -> str:
        if "{number}" not in value or "{industry}" not in value:
            raise PydanticCustomError("set_name", "a name says that the place is synthetic")
        return value

    @field_validator("industries")
    @classmethod
    def _whole(cls, value: dict[str, IndustryRow]) -> dict[str, IndustryRow]:
        whole = math.fsum(item.places for item in value.values())
        if abs(whole - 1.0) > 1e-9:
            raise PydanticCustomError("set_shares", "shares add up to 1", {"whole": f"{whole:.6g}"})
        return value


class _Headline(Table):
    """Total of the whole set: one of the two."""

    output_value: Any = None
    operating_revenue: Any = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.output_value is None) == (self.operating_revenue is None):
            raise PydanticCustomError("set_headline", "one total", {"names": " and ".join(TOTALS)})
        return self


class SetHead(Table):
    """A set without its numbers."""

    schema_: Literal[1] = Field(alias="schema")
    kind: Literal["set"]
    id: str
    name: str = Field(min_length=1)
    name_zh: str = Field(min_length=1)
    province: str = Field(pattern=r"^\d{2}$")
    base_year: int
    world: str
    members: tuple[str, ...]
    lists: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    statistics: Any = None


SET_FILE = table_with(
    {
        "totals": table_with(dict.fromkeys(TOTAL_UNITS, Any), _Headline),
        "synthetic": table_with(dict.fromkeys(HOW_UNITS, Any), _Names),
    },
    SetHead,
)
"""A file of a set; its numbers, in ``[totals]`` and ``[synthetic]``, are entries that are read one by one."""


ROUNDS = 64
"""Halvings of the interval in which the smallest size is sought: as far as a float can tell sizes apart."""
MOST_ABOVE_SCALE = 0.9
"""Part of a place's makers that can be above scale, so that its small makers have a size of their own."""


def pareto_sizes(total: float, count: int, index: float, largest: float) -> list[float]:
    """Return ``count`` sizes in yuan, falling, that add up to ``total``, within the rounding of one float.

    Size at quantile u of a Pareto law with tail index a between L and H: ``L (1 - u (1 - (L/H)^a))^(-1/a)``, with u in
    the middle of ``count`` equal intervals. L is what makes them add up; what rounding leaves goes to the largest.

    Raises
    ------
    InputErrors
        When even ``count`` places of the ``largest`` size do not reach the total, or the total is not above 0.
    """
    if not 0.0 < total < count * largest:
        raise refused("set_sizes", count=count, largest=f"{largest:.6g}", total=f"{total:.6g}")
    low, high = 0.0, largest
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if math.fsum(_quantiles(middle, count, index, largest)) < total else (low, middle)
    sizes = _quantiles(high, count, index, largest)[::-1]
    return [total - math.fsum(sizes[1:]), *sizes[1:]]


def _quantiles(smallest: float, count: int, index: float, largest: float) -> list[float]:
    from sim.rules.elementary import power  # here, since checking a file needs no compiler

    cut = 1.0 - power(smallest / largest, index)
    return [smallest * power(1.0 - (k + 0.5) / count * cut, -1.0 / index) for k in range(count)]


def in_turn(shares: Mapping[str, float], count: int) -> list[str]:
    """Return ``count`` names in an order in which every name keeps its share among the first few as among all.

    Each time the name furthest behind its share comes next; of equals the one that stands first.
    """
    had = dict.fromkeys(shares, 0)
    order = []
    for position in range(1, count + 1):
        name = max(shares, key=lambda item: shares[item] * position - had[item])
        had[name] += 1
        order.append(name)
    return order


def spread(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to ``weights`` that add up to ``total``; largest remainders are rounded up."""
    whole = math.fsum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [math.floor(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def mean_above_scale(tail_index: float, parameters: Parameters) -> float:
    """Return the mean revenue of above-scale makers under the truncated Pareto law that the start draws them from.

    ``cut a/(a-1) (1 - t^(1-a)) / (1 - t^(-a))`` with the largest at t times the cut.
    """
    from sim.rules.elementary import log, power  # here, since checking a file needs no compiler

    t, a = parameters.start.above_scale_truncation, tail_index
    body: float = log(t) if a == 1.0 else a / (a - 1.0) * (1.0 - power(t, 1.0 - a))
    return ABOVE_SCALE_YUAN * body / (1.0 - power(t, -a))


def above_scale_makers(
    output: float, makers: int, small_maker_revenue: float, tail_index: float, parameters: Parameters
) -> int:
    """Return how many makers are above scale when the others have ``small_maker_revenue`` on average."""
    mean = mean_above_scale(tail_index, parameters)
    number: float = (output - makers * small_maker_revenue) / (mean - small_maker_revenue)
    return round(min(max(number, 0.0), MOST_ABOVE_SCALE * makers))


@dataclass(frozen=True)
class Totals:
    """What the synthetic places hold together: the set's totals less what its named places hold."""

    headline: float
    businesses: int
    employment: int


class Drawing:
    """Synthetic places of one set, largest first.

    Parameters
    ----------
    headline
        ``output_value`` or ``operating_revenue``: what the set's total counts.
    sizes
        Headline total of each place, yuan, falling.
    numbers
        The set's ``[synthetic]`` numbers by name.
    industries
        By id, in the order of the file.
    """

    def __init__(
        self,
        base_year: int,
        headline: str,
        totals: Totals,
        sizes: Sequence[float],
        numbers: Mapping[str, float],
        industries: Mapping[str, IndustryRow],
    ) -> None:
        self.base_year, self.headline, self.numbers = base_year, headline, numbers
        self.sizes = sizes
        self.shares = industries
        self.industries = in_turn({name: item.places for name, item in industries.items()}, len(sizes))
        shared = load_parameters()
        self.parameters = {name: for_industry(shared, name) for name in industries}
        self.outputs = [
            size / revenue_over_headline(headline, self.parameters[industry])
            for size, industry in zip(sizes, self.industries, strict=True)
        ]
        self.of_industry = {
            name: math.fsum(o for o, own in zip(self.outputs, self.industries, strict=True) if own == name)
            for name in industries
        }
        self.businesses = spread(totals.businesses, sizes)
        labour = [
            output * self.parameters[industry].maker.labour_share
            for output, industry in zip(self.outputs, self.industries, strict=True)
        ]
        self.employment = spread(totals.employment, labour)

    def start(self, position: int) -> PlaceStart:
        """Return the numbers one place starts from; raises pydantic's ``ValidationError`` when they are impossible."""
        numbers, industry = self.numbers, self.industries[position]
        output, share = self.outputs[position], self.shares[industry]
        national = share.national_market_share * output / self.of_industry[industry]
        businesses = self.businesses[position]
        makers = round(businesses * numbers["maker_share"])
        same = ("maker_share", "supplier_share", "trader_share", "size_tail_index", "export_destinations")
        return PlaceStart(
            **{self.headline: self.sizes[position]},
            **{name: numbers[name] for name in (*same, "domestic_buyers", "foreign_buyers", "wage")},
            base_year=self.base_year,
            businesses=businesses,
            employment_reported=self.employment[position],
            exports=share.exports_share * output,
            national_market_share=national,
            global_market_share=national * numbers["world_over_national"],
            above_scale_firms=above_scale_makers(
                output, makers, numbers["small_maker_revenue"], numbers["size_tail_index"], self.parameters[industry]
            ),
            county_balance=numbers["balance_share"] * self.sizes[position],
        )
