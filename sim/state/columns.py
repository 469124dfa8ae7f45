"""Columns: firms and buyers as structs of arrays with permanent rows.

A table is a ``NamedTuple`` of equally long arrays. ``firms[row]`` stands for ``weight`` firms that are alike, and every
other column holds the value of ONE of them, in yuan, persons, or base-year yuan of goods (the quantity worth one yuan
at the base price).

Firms of one place and tier stand together, in *segments* of rows; loops over firms run over segments and work out once
for each what all its firms face. ``alive`` says whether a row is in business. The row of a closed firm is given to a
later entrant of its place and tier, so what tells a firm from all others is its ``slot``, never its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
I4 = NDArray[np.int32]
F4 = NDArray[np.float32]
I2 = NDArray[np.int16]
I1 = NDArray[np.int8]

MAKER, SUPPLIER, TRADER = 0, 1, 2
TIERS = ("maker", "supplier", "trader")

PLACE, TIER, BEGIN, END = range(4)
"""Columns of the list of segments: position of the place, tier, first row, and the row after the last."""


class FirmColumns(NamedTuple):
    """Firms. Each array has shape (rows,) unless said otherwise."""

    slot: I8  # permanent number that keys its draws
    place: I2  # position of its place
    tier: I1  # MAKER, SUPPLIER or TRADER
    alive: I1  # 1 while in business
    weight: F8  # firms this row stands for
    entry_month: I4  # month number of entry
    exit_month: I4  # month number of exit, 0 while in business
    age: I4  # months
    capital: F8  # base-year yuan of equipment
    workers: F8  # persons
    wanted_workers: F8  # persons
    productivity: F8  # labour productivity, producers elsewhere = 1
    technology_gap: F8  # rungs below the frontier
    quality: F8  # relative to producers elsewhere
    emission: F8  # tonnes of waste water per yuan of real output
    markup: F8  # share over unit cost
    unit_cost: F8  # yuan per unit
    price: F8  # yuan per unit
    cash: F8  # yuan
    loan: F8  # yuan
    expected_orders: F8  # units a month, season taken out
    orders: F8  # units ordered this month
    orders_foreign: F8  # share of orders from foreign buyers
    orders_local: F8  # share of orders from local traders
    passed_on: F8  # units of this month's orders, backlog left out, passed on to other makers of the place
    backlog: F8  # units ordered and not yet delivered
    delivered: F8  # units delivered this month
    use: F8  # output over full capacity, share
    sales: F8  # yuan this month
    exports: F8  # yuan this month
    revenue_year: F8  # yuan, last twelve months
    profit_year: F8  # yuan, last twelve months, before income tax
    service: F8  # delivered over demanded, smoothed; what buyers remember
    visible: F8  # weight in a buyer's search at birth (frozen), 0 of entrants
    listed: I4  # position in the list in which the buyers of its market search
    park: I2  # position of the park's policy, -1 outside
    plots: F8  # plots taken
    aware: I1  # knows of the next rung
    closed: I1  # closed by inspection this month
    closed_month: I4  # month number of the last closure by inspection, 0 for none
    foreign_links: I4  # links to foreign buyers, all buyers of a row counted
    honours: I1  # bit set of honours
    member: I1  # bit set of what it has joined
    local_share: F8  # share of materials and services bought from the place's suppliers
    purchase_saving: F8  # share saved this month on materials bought elsewhere
    overhead_saving: F8  # share of overhead saved this month
    credit_line: F8  # share of its equipment that a bank lends on top of the usual
    fees: F8  # yuan paid to institutions since the last settlement
    brand: F8  # log points of quality that design and brand add
    talent: F8  # lasting favour of the firm with buyers, log; from its birth
    luck: F8  # what its favour is heading for beyond that, log
    favour: F8  # its favour now, log
    supported: I1  # 1 once awarded a grant
    tracked: I1  # 1 once above scale or supported
    grants: F8  # yuan received so far
    revenue_ring: F4  # (rows, 12) yuan by calendar month, whose sum is revenue_year
    profit_ring: F4  # (rows, 12) yuan by calendar month, whose sum is profit_year


class BuyerColumns(NamedTuple):
    """Buyers. Each array has shape (rows,); links have shape (rows, slots), the filled ones first."""

    slot: I8
    weight: F8  # buyers this row stands for
    foreign: I1  # 1 abroad
    country: I2  # 0 at home, else a number from 1
    market: I2  # position of the market it buys on
    by_piece: I1  # 1 buys by the piece and asks for quality, 0 buys by weight
    budget: F8  # yuan a month at base-year demand
    outside_weight: F8  # weight of producers elsewhere in its spending
    attended: I4  # fairs visited so far
    success: F8  # share of past visits that ended in an order, smoothed
    links: I2  # links it has
    supplier: I4  # row of the firm, -1 empty
    link_age: NDArray[np.int16]  # months
    link_origin: I1  # how they met: ORIGIN_SEARCH and so on
    link_match: F4  # how well the pair fits, 1 on average


class PlaceColumns(NamedTuple):
    """Markets of each place. Each array has shape (places,) or, by tier, (places, 3)."""

    wage: F8  # yuan a year
    wage_base: F8  # yuan a year at the base
    labour_pool: F8  # persons at the base wage
    localisation: F8  # factor on productivity from own-industry employment and from skills
    employment_base: F8  # persons in the industry when anchored
    labour_load: F8  # people at work over those that normal use of equipment takes, when anchored
    productivity_base: F8  # (places, 3) log labour productivity at the frontier that imitation pulls towards
    goods_price: F8  # yuan per unit local traders pay makers
    services_price: F8  # yuan per unit makers pay local suppliers
    upgraded_share: F8  # share of makers that upgraded over the last year
    market_cost: F8  # (places, 3) output-weighted unit cost, yuan per unit
    profit_rate: F8  # (places, 3) profit over revenue, last twelve months
    normal_profit: F8  # (places, 3) the same when the run was anchored
    normal_entry: F8  # (places, 3) entrants a month, in firms, that keep the number of firms
    mean_capital: F8  # (places, 3) base-year yuan, of other than lead firms when anchored
    mean_revenue: F8  # (places, 3) yuan a year
    mean_sold: F8  # (places, 3) units a firm sells a month on average over about a year, season taken out
    normal_sold: F8  # (places, 3) the same when the run was anchored
    bought_materials: F8  # yuan per unit of materials from elsewhere
    dear_materials: F8  # the same over the price of goods in general, as prices allow for it: that of the last months
    priced_materials: F8  # yuan per unit that prices allow for
    size_hazard: F8  # (places, 3, AGE_CLASSES) mean of what size does to the hazard of closing, by class of age
    visible: F8  # what a searching buyer sees of all firms of the place
    local_share: F8  # share of materials and services makers of the start buy from local suppliers
    appeal: F8  # (places, 2) factor on offers to domestic and foreign buyers; 1 where a market has one place
    skill: F8  # factor on labour productivity from training
    skill_premium: F8  # factor on the wage from training
    upgrade_success: F8  # chance that an upgrade succeeds
    awareness: F8  # factor on the chance to hear of the next rung
    pull: F8  # factor on the chance of entry
    renown: F8  # factor on how visible the place's firms are
    skilled: F8  # persons trained and still there
    designated: F8  # bit set of levels at which the place is designated


(
    ORIGIN_SEARCH, ORIGIN_FAIR, ORIGIN_ABROAD, ORIGIN_PLATFORM, ORIGIN_DEALERS, ORIGIN_OPENING, ORIGIN_E_COMMERCE
) = range(7)  # fmt: skip
"""How a buyer and a firm met."""
CHANNELS = 7
"""Sales channels: one for each origin but search, in their order, and as the last the older links of fairs."""
CHANNEL_FAIR_REPEAT = CHANNELS - 1
MEMBER_PLATFORM, MEMBER_CLOUD, MEMBER_TRADE_PARK, MEMBER_DEALERS = 1, 2, 4, 8
HONOUR_LITTLE_GIANT, HONOUR_LEAD, HONOUR_SRDI = 1, 2, 4
LEVEL_CITY, LEVEL_PROVINCE, LEVEL_NATION = 1, 2, 4
AGE_CLASSES = 5
"""Classes of age by which hazards of closing are published (``age_class``)."""

Columns = TypeVar("Columns", FirmColumns, BuyerColumns)

_FIRM_TYPES = {
    "slot": np.int64, "place": np.int16, "tier": np.int8, "alive": np.int8, "entry_month": np.int32,
    "closed_month": np.int32, "exit_month": np.int32, "age": np.int32, "park": np.int16, "aware": np.int8,
    "closed": np.int8, "foreign_links": np.int32, "listed": np.int32, "honours": np.int8, "member": np.int8,
    "supported": np.int8, "tracked": np.int8, "revenue_ring": np.float32, "profit_ring": np.float32,
}  # fmt: skip
_BUYER_TYPES = {
    "slot": np.int64, "foreign": np.int8, "country": np.int16, "market": np.int16, "by_piece": np.int8,
    "attended": np.int32,
    "links": np.int16, "supplier": np.int32, "link_age": np.int16, "link_origin": np.int8, "link_match": np.float32,
}  # fmt: skip
FIRM_WIDTHS: Mapping[str, int] = {"revenue_ring": 12, "profit_ring": 12}
"""Columns of firms with several numbers a row."""
_LINKS = ("supplier", "link_age", "link_origin", "link_match")
_BY_TIER = (
    "productivity_base", "market_cost", "profit_rate", "normal_profit", "normal_entry", "mean_capital", "mean_revenue",
    "mean_sold", "normal_sold",
)  # fmt: skip
_PLACE_SHAPES: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(_BY_TIER, (3,)), "appeal": (2,), "size_hazard": (3, AGE_CLASSES)
}  # fmt: skip


def new_places(places: int) -> PlaceColumns:
    """Return the markets of ``places`` places, all zero."""
    return PlaceColumns(**{name: np.zeros((places, *_PLACE_SHAPES.get(name, ()))) for name in PlaceColumns._fields})


def new_firms(rows: int) -> FirmColumns:
    """Return a table of ``rows`` empty firm rows."""
    table = FirmColumns(**_empty(FirmColumns._fields, _FIRM_TYPES, rows, FIRM_WIDTHS))
    _set_harmless(table, slice(None))
    return table


def clear(table: FirmColumns, rows: I8 | slice) -> None:
    """Empty some rows of firms."""
    for column in table:
        column[rows] = 0
    _set_harmless(table, rows)


def _set_harmless(table: FirmColumns, rows: I8 | slice) -> None:
    """Let nothing that loops work out for empty rows be no number.

    They work on every row of a segment and leave out what comes of those without a firm.
    """
    for one in (table.productivity, table.quality, table.unit_cost, table.price, table.service):
        one[rows] = 1.0
    table.park[rows] = table.listed[rows] = -1


def new_buyers(rows: int, slots: int) -> BuyerColumns:
    """Return a table of ``rows`` buyer rows with ``slots`` empty supplier slots each."""
    table = BuyerColumns(**_empty(BuyerColumns._fields, _BUYER_TYPES, rows, dict.fromkeys(_LINKS, slots)))
    table.supplier[:] = -1
    return table


def _empty(names: tuple[str, ...], types: dict[str, Any], rows: int, widths: Mapping[str, int]) -> dict[str, Any]:
    """Return zeros by column name: shape (rows,), or (rows, width) of those with a width; float64 unless typed."""
    return {
        name: np.zeros((rows, widths[name]) if name in widths else rows, dtype=types.get(name, np.float64))
        for name in names
    }


def part_of(table: Columns, rows: slice) -> Columns:
    """Return a view of consecutive rows of a table: what is written to it is written to the table."""
    arrays: dict[str, Any] = {name: getattr(table, name)[rows] for name in table._fields}
    return type(table)(**arrays)


def grown(table: FirmColumns, rows: int) -> FirmColumns:
    """Return a copy of ``table`` with room for ``rows`` rows; existing rows keep their place and values."""
    larger = new_firms(rows)
    for name in table._fields:
        old: NDArray[Any] = getattr(table, name)
        getattr(larger, name)[: len(old)] = old
    return larger
