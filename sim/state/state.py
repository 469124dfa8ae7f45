"""The state of one simulated world: columns, markets, money and the month. The phases read and write it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.rules import chance
from sim.rules.chance import Key
from sim.rules.demand import BUYER_KINDS, write_offers, yearly_noise
from sim.rules.settlement import FLOWS, Equipment, Orders, ParkTerms
from sim.rules.totals import SUMS, by_place, weighted_sum
from sim.state import columns as tables
from sim.state import draws
from sim.state.columns import (
    BEGIN,
    CHANNELS,
    END,
    F4,
    F8,
    I1,
    I4,
    I8,
    MAKER,
    PLACE,
    SUPPLIER,
    TIER,
    TRADER,
    BuyerColumns,
    FirmColumns,
    PlaceColumns,
    part_of,
)  # fmt: skip
from sim.state.record import MONEY_STAGES, PAYERS, TAKE_UP, TAKE_UP_MEASURES

if TYPE_CHECKING:
    from sim.parameters.groups import Parameters
    from sim.rules.costs import TierCosts
    from sim.scenario.resolved import World as WorldSeries
    from sim.state.ledger import Ledger


SLOT_BLOCK = 1 << 34
"""Slots of a place lie in a block of this size of its own."""
CANDIDATE_START = 1 << 32
"""Candidate slots are numbered from here within a place's block, buyers of the start from twice this."""
NEW_SEGMENT = 16
"""A segment that is full gets another one beside it with room for a part of its firms (one in this number)."""
LEAST_ROWS = 8
"""Rows of the smallest segment."""


@dataclass
class Scratch:
    """Working arrays by table row, reused every month; nothing in them outlives the month."""

    attraction: F8
    offers: F8
    ordered: F8
    by_channel: F8
    channelled: I1
    spending: F8
    borrowing: F8
    scrap: F8
    upgraded: I1
    decided: I1
    room: F8
    seen: F4

    @classmethod
    def for_rows(cls, rows: int) -> Scratch:
        """Return empty working arrays for a table of ``rows`` rows."""
        kinds = {**dict.fromkeys(("upgraded", "decided", "channelled"), np.int8), "seen": np.float32}
        shapes = {
            "offers": (BUYER_KINDS, rows), "ordered": (BUYER_KINDS, rows), "by_channel": (rows, CHANNELS),
        }  # fmt: skip
        names = cls.__dataclass_fields__
        return cls(**{name: np.zeros(shapes.get(name, (rows,)), dtype=kinds.get(name, np.float64)) for name in names})

    @property
    def equipment(self) -> Equipment:
        """What firms bought and sold this month."""
        return Equipment(self.spending, self.borrowing, self.scrap, self.upgraded)

    @property
    def orders(self) -> Orders:
        """What buyers ordered this month."""
        return Orders(self.ordered, self.by_channel, self.channelled)


@dataclass
class World:
    """Prices and demand of the month, base year = 1."""

    demand: F8  # (markets, 2) domestic, foreign
    producer: float
    wage: float
    wage_growth: float
    progress: float  # labour productivity common to producers everywhere
    outside_price: F8  # (markets,) price of producers elsewhere
    season: float


@dataclass(frozen=True)
class Market:
    """What buyers of one industry's goods share: the places that make them, in order of position.

    ``group`` is the group of industries whose demand it meets (``sim.scenario.resolved.World.met_by``).
    """

    industry: str
    places: tuple[int, ...]
    group: str = ""


@dataclass(frozen=True)
class Opening:
    """A plant of an investment project, or one that moves here from another county, that is ready to open.

    Attributes
    ----------
    capital
        Equipment, base-year yuan.
    lead
        Whether it is a lead firm.
    local_share
        Share of materials and services it buys from the place's suppliers; None for the place's usual share.
    policy
        Position of the policy it came with.
    moves
        Whether it moves here from another county and brings techniques like those of the firms here.
    customers
        Orders it expects at its opening, over what it can make at normal use.
    """

    place: int
    tier: int
    capital: float
    policy: int
    customers: float
    lead: bool = False
    local_share: float | None = None
    moves: bool = False


class CandidateBlocks:
    """Fixed blocks of candidate slots, one block a place and month.

    Parameters
    ----------
    size
        Shape (places, 4): slots a month for makers, suppliers and traders, and for plants of investment projects.
    first_slots
        Shape (places,): first slot of the block of each place.
    first_month
        Month of the first blocks.

    Attributes
    ----------
    place, kind
        Shape (slots,): place of each of the month's slots and its column in ``size``, place by place.
    """

    def __init__(self, size: I8, first_month: int, first_slots: I8) -> None:
        self.size, self.first_month, self.first_slots = size, first_month, first_slots
        self.total = size.sum(axis=1)
        self.place: I8 = np.repeat(np.arange(len(size)), self.total)
        self.kind: I8 = np.concatenate([np.repeat(np.arange(size.shape[1]), row) for row in size])
        self._offset = np.concatenate([np.arange(total) for total in self.total])

    def slots(self, month: int) -> I8:
        """Return the month's candidate slots of all places, shape (slots,)."""
        blocks_before = (month - self.first_month) * self.total[self.place]
        numbers: I8 = self.first_slots[self.place] + CANDIDATE_START + blocks_before + self._offset
        return numbers


@dataclass(frozen=True)
class Surroundings:
    """What the world is like for one industry in a month or on average over a year; the world's base year = 1.

    Attributes
    ----------
    demand
        Shape (2,): nominal spending of domestic and foreign buyers on the industry's goods.
    price_level, wage, progress
        Price of its goods, wage and common labour productivity.
    """

    demand: F8
    price_level: float
    wage: float
    progress: float


@dataclass
class SearchField:
    """Where buyers of one market look.

    Attributes
    ----------
    rows
        Rows of the firms of the start and then of the candidate slots so far, -1 where nobody is.
    own, other
        Alias table of the firms of the start (``sim.rules.links.alias_table``).
    total
        Visibility at birth of all firms of the start.
    fill_rates
        Shape (2,): monthly rates at which empty slots at home and buyers abroad find a supplier, in the base year.
    visible, volume, share
        In the base year: what is to be seen of the market's firms, and, shape (2,), units bought at home and abroad and
        the part of the spending that came to the cluster.
    ties_elsewhere
        Producers elsewhere in the country that buyers at home know, base year = 1.
    """

    rows: I4
    own: F8
    other: I4
    total: float = 0.0
    candidates: int = 0
    fill_rates: F8 = field(default_factory=lambda: np.zeros(2))
    foreign_slots: int = 4
    visible: float = 1.0
    volume: F8 = field(default_factory=lambda: np.ones(2))
    share: F8 = field(default_factory=lambda: np.zeros(2))
    ties_elsewhere: float = 1.0


@dataclass
class ParkTable:
    """Terms of every park this month, by position of its policy; the last entry stands for no park."""

    rent: F8  # yuan per square metre and month
    fee: F8  # yuan a tonne
    capacity_share: F8  # share of tenants' discharge the plant can take
    removes: F8  # share of treated discharge removed
    plot_area: F8  # square metres
    plots: F8  # plots open
    vacated: F8  # plots' worth of old sites that tenants have left and nobody has taken over yet
    place: I8  # position of the place, -1 for none

    @classmethod
    def none(cls, policies: int = 0) -> ParkTable:
        """Return a table without parks for ``policies`` policies."""
        rent, fee, capacity_share, removes, plot_area, plots, vacated = np.zeros((7, policies + 1))
        none = np.full(policies + 1, -1)
        return cls(rent, fee, capacity_share, removes, plot_area, plots, vacated, place=none)

    @property
    def terms(self) -> ParkTerms:
        """What tenants pay for and get."""
        return ParkTerms(self.rent, self.fee, self.capacity_share, self.removes, self.plot_area)

    def moved(self, to: I8, policies: int) -> ParkTable:
        """Return the table for ``policies`` policies; ``to`` as in ``State.branch``."""
        table = ParkTable.none(policies)
        stays = np.flatnonzero(to >= 0)
        for item in fields(self):
            getattr(table, item.name)[to[stays]] = getattr(self, item.name)[stays]
        return table


def number_of(identity: str) -> int:
    """Return the number that keys the draws of a policy or place: a hash of its id, so that others do not shift it."""
    return draws.stream(identity) >> 1


def first_slots(identities: Sequence[str]) -> I8:
    """Return the first slot of each place's or market's block, shape of ``identities``, all different.

    It depends on the id alone: where two ids should have the same block the later in the alphabet gets the next.
    """
    taken: dict[int, str] = {}
    for identity in sorted(identities):
        block = number_of(identity) // SLOT_BLOCK
        while block in taken:
            block = (block + 1) % ((1 << 63) // SLOT_BLOCK)
        taken[block] = identity
    blocks = {identity: block * SLOT_BLOCK for block, identity in taken.items()}
    return np.array([blocks[identity] for identity in identities], dtype=np.int64)


def segments_of(sizes: I8) -> I8:
    """Return the segments of a table that holds ``sizes`` (places, 3) firms by place and tier, with room for more."""
    room = sizes + np.maximum(sizes // NEW_SEGMENT, LEAST_ROWS)
    end = np.cumsum(room.ravel())
    place, tier = np.divmod(np.arange(end.size), sizes.shape[1])
    return np.column_stack([place, tier, end - room.ravel(), end])


def no_money(policies: int) -> F8:
    """Return a month without public money for some policies."""
    return np.zeros((policies, len(PAYERS), len(MONEY_STAGES)))


def no_take_up(policies: int) -> F8:
    """Return a month without calls for some policies."""
    return np.zeros((policies, len(TAKE_UP), len(TAKE_UP_MEASURES)))


@dataclass
class State:
    """Everything that changes during a run.

    Attributes
    ----------
    month, first_month, burn_in_from
        Month number now simulated; the first of the run; and the first in which the start settles.
    seed
        Seed of the replicate; all draws are keyed by it.
    group_sizes
        Firms that one small row stands for, by place, shape (places,).
    segments
        Where the firms of each place and tier stand, shape (segments, 4), by place, tier and row
        (``sim.state.columns``).
    count
        Rows of ``firms`` in segments.
    tally
        This month's counts by observable name, shape (places,); emptied every month.
    markets, market_of
        Markets, and the position of each place's market, shape (places,).
    industries
        Parameters of each place: the shared ones, with those of its industry in their stead.
    start_rows, start_slots, start_talents, start_sizes, start_weights, start_bounds, start_traders
        Rows, slots, lasting favour, equipment and cumulated chance to be copied of the firms of the start that sell to
        buyers, by place and tier; where each place begins, (places + 1,), and its traders, (places,).
    destinations
        Links of each place to buyers of each country, shape (places, countries).
    usual_discharge
        Tonnes of waste water per yuan of output that are usual in the industry of each place, shape (places,).
    county_accounts
        Number of each county's account in the ledger, shape (places,).
    openings, opened
        Plants that wait to open; those that opened as (month, policy, row).
    entered, left
        Rows that entered and that closed this month.
    sums, place_flows
        The month's sums by tier, (3, places, ``SUMS``), and flows of firms by purpose in yuan, (places, ``FLOWS``).
    measured
        What the month's firms did, shape (places, observables).
    orders
        Yuan that buyers at home and abroad ordered this month from the firms of each place, shape (places, 2).
    spent_outside
        Yuan they spent on producers elsewhere, shape (markets, 2).
    awards
        Grants awarded this month: rows, yuan of the project and of the grant per firm, and the position of the policy.
    public_money
        The month's public money in yuan, shape (policies, payers, stages).
    take_up
        Take-up of the month's calls, shape (policies, outcomes, measures), see ``sim.state.record.TAKE_UP``.
    place_numbers
        A number of each place that keys draws: the same in every scenario, shape (places,).
    """

    parameters: Parameters
    costs: TierCosts
    seed: int
    month: int
    first_month: int
    burn_in_from: int
    series: WorldSeries
    group_sizes: F8
    place_ids: tuple[str, ...]
    markets: tuple[Market, ...]
    industries: tuple[Parameters, ...]
    firms: FirmColumns
    buyers: BuyerColumns
    places: PlaceColumns
    ledger: Ledger
    search: tuple[SearchField, ...]
    segments: I8
    wage_trend_base: F8
    policies: InitVar[int] = 0
    count: int = field(init=False)
    blocks: CandidateBlocks = field(init=False)
    parks: ParkTable = field(init=False)
    public_money: F8 = field(init=False)
    place_numbers: I8 = field(init=False)
    entered: I8 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    left: I8 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    measured: F8 = field(init=False)
    awards: list[tuple[I8, F8, F8, int]] = field(default_factory=list)
    take_up: F8 = field(init=False)
    tally: dict[str, F8] = field(default_factory=dict)
    scratch: Scratch = field(init=False)
    world: World = field(init=False)
    buyer_spending: F8 = field(init=False)
    orders: F8 = field(init=False)
    spent_outside: F8 = field(init=False)
    buyer_rows: tuple[slice, ...] = field(init=False)
    unfilled: F8 = field(init=False)
    tax_due: F8 = field(init=False)
    place_flows: F8 = field(init=False)
    link_counts: F8 = field(init=False)
    upgrades_by_month: F8 = field(init=False)
    sums: F8 = field(init=False)
    destinations: I4 = field(init=False)
    output_by_year: F8 = field(init=False)
    year_end: dict[str, F8] = field(default_factory=dict)
    market_of: I8 = field(init=False)
    start_rows: I4 = field(init=False)
    start_slots: I8 = field(init=False)
    start_talents: F8 = field(init=False)
    start_sizes: F8 = field(init=False)
    start_weights: F8 = field(init=False)
    start_traders: I8 = field(init=False)
    start_bounds: I8 = field(init=False)
    usual_discharge: F8 = field(init=False)
    county_accounts: I8 = field(init=False)
    openings: list[Opening] = field(default_factory=list)
    opened: list[tuple[int, int, int]] = field(default_factory=list)
    _lists: dict[str, I8] = field(default_factory=dict)
    _order: I8 | None = None
    _yearly_noise: tuple[int, F8] | None = None

    def __post_init__(self, policies: int) -> None:
        self.parks, self.public_money = ParkTable.none(policies), no_money(policies)
        self.place_numbers = np.array([number_of(identity) for identity in self.place_ids], dtype=np.int64)
        self.scratch = Scratch.for_rows(self.firms.slot.size)
        self.buyer_spending = np.zeros(self.buyers.slot.size)
        self.take_up = no_take_up(policies)
        self.orders, self.spent_outside = np.zeros((len(self.place_ids), 2)), np.zeros((len(self.markets), 2))
        self.market_of = np.zeros(len(self.place_ids), dtype=np.int64)
        for number, market in enumerate(self.markets):
            self.market_of[list(market.places)] = number
        self.unfilled = np.zeros(len(self.place_ids))
        self.tax_due = np.zeros(len(self.place_ids))
        self.place_flows = np.zeros((len(self.place_ids), FLOWS))
        self.link_counts = np.zeros((len(self.place_ids), 2, 2))
        self.sums = np.zeros((3, len(self.place_ids), SUMS))
        self.destinations = np.zeros((len(self.place_ids), int(self.buyers.country.max(initial=0)) + 1), dtype=np.int32)
        self.count = int(self.segments[:, END].max(initial=0))
        self.output_by_year = np.zeros((len(self.place_ids), 2))
        self.upgrades_by_month = np.zeros((len(self.place_ids), 12))
        numbers = self.buyers.market
        self.buyer_rows = tuple(
            slice(int(np.searchsorted(numbers, number)), int(np.searchsorted(numbers, number, side="right")))
            for number in range(len(self.markets))
        )
        self.usual_discharge = np.array([each.environment.discharge for each in self.industries])
        self.county_accounts = self.ledger.numbers(f"county:{identity}" for identity in self.place_ids)

    def branch(self, to: I8, policies: int) -> State:
        """Return a copy for a run with other policies; what changes in a run is shared with nobody.

        Parameters
        ----------
        to
            Position among the new policies of each policy so far, shape (policies + 1,); -1 for one that is not among
            them, and as the last entry, for none.
        policies
            Number of new policies.
        """
        fixed = (self.parameters, self.costs, self.industries, self.markets, self.series, self.blocks)
        twin = copy.deepcopy(self, {id(item): item for item in fixed})
        twin.firms.park[:] = to[twin.firms.park]
        twin.parks, twin.public_money = self.parks.moved(to, policies), no_money(policies)
        twin.take_up = no_take_up(policies)
        twin.openings = [replace(opening, policy=int(to[opening.policy])) for opening in self.openings]
        twin.opened = [(month, int(to[policy]), row) for month, policy, row in self.opened]
        return twin

    def buyers_of(self, market: int) -> BuyerColumns:
        """Return the buyers of a market, a view on their rows."""
        return part_of(self.buyers, self.buyer_rows[market])

    @property
    def live(self) -> I8:
        """Rows in business, by place, tier and row."""
        if "live" not in self._lists:
            self._lists["live"] = self._in_order(self.firms.alive[: self.count] == 1)
        return self._lists["live"]

    @property
    def makers(self) -> I8:
        """Rows of makers in business."""
        return self._of_tier("makers", MAKER)

    @property
    def suppliers(self) -> I8:
        """Rows of local suppliers in business."""
        return self._of_tier("suppliers", SUPPLIER)

    @property
    def traders(self) -> I8:
        """Rows of local traders in business."""
        return self._of_tier("traders", TRADER)

    def _of_tier(self, name: str, tier: int) -> I8:
        if name not in self._lists:
            self._lists[name] = self.live[self.firms.tier[self.live] == tier]
        return self._lists[name]

    def refresh_rows(self) -> None:
        """Have the lists of rows made anew after entry or exit."""
        self._lists.clear()

    def _in_order(self, chosen: NDArray[np.bool_]) -> I8:
        """Return the rows that are ``chosen`` (shape (rows in segments,)), segment by segment."""
        if (self.segments[1:, BEGIN] >= self.segments[:-1, END]).all():
            rows: I8 = np.flatnonzero(chosen)
            return rows
        if self._order is None:  # a later segment of a place stands at the end
            rows_of, before = self.segments[:, END] - self.segments[:, BEGIN], np.arange(self.count)
            first = np.cumsum(rows_of) - rows_of
            self._order = before + np.repeat(self.segments[:, BEGIN] - first, rows_of)
        return self._order[chosen[self._order]]

    def bounds_of(self, name: str) -> I8:
        """Return where the firms of each place begin in one of the lists of rows, shape (places + 1,).

        ``name`` is ``live``, ``makers``, ``suppliers`` or ``traders``.
        """
        bounds = f"bounds of {name}"
        if bounds not in self._lists:
            places = np.arange(len(self.place_ids) + 1)
            self._lists[bounds] = np.searchsorted(self.firms.place[getattr(self, name)], places)
        return self._lists[bounds]

    def mask(self, *lists: I8) -> NDArray[np.bool_]:
        """Return which of the table's rows are in one of the lists of rows, shape (rows given out,)."""
        among = np.zeros(self.count, dtype=bool)
        for rows in lists:
            among[rows] = True
        return among

    def rows_of(self, place: int, name: str = "live") -> I8:
        """Return the rows of one of the lists of rows (all in business) that are in a place, in order of row."""
        rows: I8 = getattr(self, name)
        bounds = self.bounds_of(name)
        return rows[bounds[place] : bounds[place + 1]]

    def makers_of(self, place: int) -> I8:
        """Return the makers of a place."""
        return self.rows_of(place, "makers")

    def refresh_offers(self, segments: I8) -> None:
        """Bring ``scratch.attraction`` and ``scratch.offers`` of the firms of some segments up to date.

        With prices, quality, service and appeal. A firm that has closed offers nothing: a buyer still tied to it spends
        on its other suppliers.
        """
        scratch = self.scratch
        write_offers(segments, self.firms, self.places, self.parameters.demand, scratch.attraction, scratch.offers)

    def reset_levers(self) -> None:
        """Take back what institutions in force provide for a month: they write it again when they act."""
        firms, places, rows = self.firms, self.places, slice(0, self.count)
        firms.purchase_saving[rows] = firms.overhead_saving[rows] = firms.credit_line[rows] = 0.0
        places.skill[:] = places.skill_premium[:] = places.awareness[:] = places.pull[:] = places.renown[:] = 1.0
        places.upgrade_success[:] = self.parameters.technology.success_rate

    @property
    def settling(self) -> bool:
        """Whether the start still settles: the run has not begun."""
        return self.month < self.first_month

    @property
    def month_of_year(self) -> int:
        """Calendar month, 0 for January."""
        return self.month % 12

    @property
    def year(self) -> int:
        """Calendar year."""
        return self.month // 12

    def key(self, stream: str, *numbers: int) -> Key:
        """Return the key of a stream this month."""
        return chance.month_key(self.seed, stream, self.month, *numbers)

    def year_key(self, stream: str) -> Key:
        """Return the key of a stream this calendar year."""
        return chance.month_key(self.seed, stream, self.year)

    def yearly_noise(self) -> F8:
        """Return each buyer's own factor on its budget of this calendar year, shape (buyers,)."""
        if self._yearly_noise is None or self._yearly_noise[0] != self.year:
            factors = np.empty(self.buyers.slot.size)
            yearly_noise(self.buyers, self.year_key("demand.year"), self.parameters.demand, factors)
            self._yearly_noise = self.year, factors
        return self._yearly_noise[1]

    def lasting_key(self, stream: str) -> Key:
        """Return the key of a stream that does not change with time."""
        return chance.month_key(self.seed, stream)

    def segments_of_market(self, market: int) -> I8:
        """Return the segments of the places of a market."""
        segments: I8 = self.segments[self.market_of[self.segments[:, PLACE]] == market]
        return segments

    def segments_of_tier(self, tier: int) -> I8:
        """Return the segments of a tier."""
        segments: I8 = self.segments[self.segments[:, TIER] == tier]
        return segments

    def rows_for(self, places: I8, tiers: I8) -> I8:
        """Return empty rows for newcomers of some places and tiers, shape of both: each in a segment of its own kind.

        A row is free once no buyer is tied to the firm that closed there: links to it break a month after it closed.
        Where the segments of a kind are full another one is put at the end of the table, so that no firm ever moves.
        """
        kinds = 3 * places + tiers
        order = np.argsort(kinds, kind="stable")
        wanted = kinds[order]
        rank = np.arange(wanted.size) - np.searchsorted(wanted, wanted)
        while True:
            free = (self.firms.alive[: self.count] == 0) & (self.firms.exit_month[: self.count] < self.month - 1)
            rows = self._in_order(free)
            kind = 3 * self.firms.place[rows].astype(np.int64) + self.firms.tier[rows]
            position = np.searchsorted(kind, wanted) + rank
            lacking = position >= np.searchsorted(kind, wanted, side="right")
            if not lacking.any():
                break
            for full, number in zip(*np.unique(wanted[lacking], return_counts=True), strict=True):
                self._add_segment(int(full), int(number))
        found = np.empty(wanted.size, dtype=np.int64)
        found[order] = rows[position]
        return found

    def _add_segment(self, kind: int, least: int) -> None:
        """Put another segment of a kind (3 x place + tier), with room for ``least`` firms, at the end of the table."""
        kinds = 3 * self.segments[:, PLACE] + self.segments[:, TIER]
        own = self.segments[kinds == kind]
        rows = max(least, int((own[:, END] - own[:, BEGIN]).sum()) // NEW_SEGMENT, LEAST_ROWS)
        place, tier = divmod(kind, 3)
        added = slice(self.count, self.count + rows)
        after = int(np.searchsorted(kinds, kind, side="right"))
        self.segments = np.insert(self.segments, after, [place, tier, added.start, added.stop], axis=0)
        self.count, self._order = added.stop, None
        if self.count > self.firms.slot.size:
            self.firms = tables.grown(self.firms, max(self.count, int(1.05 * self.firms.slot.size)))
            self.scratch = Scratch.for_rows(self.firms.slot.size)
        self.firms.place[added], self.firms.tier[added] = place, tier

    def add(self, name: str, place: int, amount: float) -> None:
        """Add to this month's count of an observable at a place."""
        if name not in self.tally:
            self.tally[name] = np.zeros(len(self.place_ids))
        self.tally[name][place] += amount

    def book(self, policy: int, payer: Mapping[str, float], stage: str, amount: float) -> None:
        """Note public money of a policy (by position) at a stage, in yuan, split by the payers' shares."""
        for level, share in payer.items():
            self.public_money[policy, PAYERS.index(level), MONEY_STAGES.index(stage)] += share * amount

    def note_take_up(self, policy: int, outcome: str, rows: I8, grants: F8 | float = 0.0) -> None:
        """Note what became of firms at a call of a policy (by position); ``grants`` in yuan per firm."""
        yuan = self.total(np.broadcast_to(np.asarray(grants, dtype=np.float64), rows.shape), rows)
        self.take_up[policy, TAKE_UP.index(outcome)] += self.firms_in(rows), yuan

    def add_by_place(self, name: str, amounts: F8) -> None:
        """Add to this month's count of an observable at every place (shape (places,))."""
        self.tally[name] = self.tally.get(name, 0.0) + amounts

    def firms_in(self, rows: I8) -> float:
        """Return how many firms ``rows`` stand for."""
        return float(self.firms.weight[rows].sum())

    def total(self, values: F8, rows: I8) -> float:
        """Return the sum of ``values`` (shape of rows), counting every firm a row stands for."""
        return weighted_sum(values, self.firms.weight[rows])

    def by_place(self, values: F8, rows: I8) -> F8:
        """Return the sum of ``values`` (shape of rows) by place, counting every firm a row stands for."""
        return by_place(values, self.firms.weight, self.firms.place, rows, len(self.place_ids))

    def firms_by_place(self, rows: I8) -> F8:
        """Return the firms that ``rows`` stand for by place, shape (places,)."""
        return self.by_place(np.ones(rows.size), rows)
