"""The state of one simulated world: columns, markets, money and the month. The phases read and write it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.rules import chance
from sim.rules.chance import Key
from sim.rules.demand import firm_attractions, yearly_noise
from sim.rules.links import SEEN
from sim.rules.settlement import FLOWS
from sim.rules.totals import SUMS, by_place, weighted_sum
from sim.state import columns as tables
from sim.state import draws
from sim.state.columns import F8, I1, I4, I8, MAKER, SUPPLIER, TRADER, BuyerColumns, FirmColumns, PlaceColumns, part_of
from sim.state.record import MONEY_STAGES, PAYERS

if TYPE_CHECKING:
    from sim.parameters.groups import Parameters
    from sim.rules.costs import TierCosts
    from sim.scenario.resolved import World as WorldSeries
    from sim.state.ledger import Ledger


SLOT_BLOCK = 1 << 40
"""Slots of different places never meet: a place's firms are numbered from its position times this block."""
CANDIDATE_START = 1 << 32
"""Candidate slots are numbered from here within a place's block, buyers of the start from twice this."""
BUYER_KINDS = 4
"""Domestic and foreign buyers, by weight and by the piece (``sim.rules.demand.buyer_kind``)."""


@dataclass
class Scratch:
    """Working arrays by table row, reused every month; nothing in them outlives the month."""

    attraction: F8
    offers: F8
    domestic: F8
    foreign: F8
    spending: F8
    borrowing: F8
    scrap: F8
    borrowed: F8
    profit: F8
    upgraded: I1
    decided: I1
    flows: F8
    seen: F8

    @classmethod
    def for_rows(cls, rows: int) -> Scratch:
        """Return empty working arrays for a table of ``rows`` rows."""
        kinds = {"upgraded": np.int8, "decided": np.int8}
        shapes = {"offers": (BUYER_KINDS, rows), "flows": (rows, FLOWS), "seen": (rows, SEEN)}
        names = cls.__dataclass_fields__
        return cls(**{name: np.zeros(shapes.get(name, (rows,)), dtype=kinds.get(name, np.float64)) for name in names})


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
    """What buyers of one industry's goods share: the places that make them, in order of position."""

    industry: str
    places: tuple[int, ...]


@dataclass(frozen=True)
class Opening:
    """A plant of an investment project that is ready to open.

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
    """

    place: int
    tier: int
    capital: float
    policy: int
    lead: bool = False
    local_share: float | None = None


class CandidateBlocks:
    """Fixed blocks of candidate slots, one block a place and month.

    Parameters
    ----------
    size
        Shape (places, 4): slots a month for makers, suppliers and traders, and for plants of investment projects.
    first_month
        Month of the first blocks.

    Attributes
    ----------
    place, kind
        Shape (slots,): place of each of the month's slots and its column in ``size``, place by place.
    """

    def __init__(self, size: I8, first_month: int) -> None:
        self.size, self.first_month = size, first_month
        self.total = size.sum(axis=1)
        self.place: I8 = np.repeat(np.arange(len(size)), self.total)
        self.kind: I8 = np.concatenate([np.repeat(np.arange(size.shape[1]), row) for row in size])
        self._offset = np.concatenate([np.arange(total) for total in self.total])

    def slots(self, month: int) -> I8:
        """Return the month's candidate slots of all places, shape (slots,)."""
        blocks_before = (month - self.first_month) * self.total[self.place]
        numbers: I8 = self.place * SLOT_BLOCK + CANDIDATE_START + blocks_before + self._offset
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
    """Where buyers of one market look: its firms of the start by visibility then, and its candidate slots."""

    initial_rows: I4
    cumulative: F8
    candidate_rows: I4
    candidates: int = 0
    fill_rates: F8 = field(default_factory=lambda: np.zeros(2))
    foreign_slots: int = 4


@dataclass
class ParkTable:
    """Terms of every park this month, by position of its policy; the last entry stands for no park."""

    rent: F8  # yuan per square metre and month
    fee: F8  # yuan a tonne
    capacity_share: F8  # share of tenants' discharge the plant can take
    removes: F8  # share of treated discharge removed
    plot_area: F8  # square metres
    plots: F8  # plots open
    place: I8  # position of the place, -1 for none

    @classmethod
    def none(cls, policies: int = 0) -> ParkTable:
        """Return a table without parks for ``policies`` policies."""
        rent, fee, capacity_share, removes, plot_area, plots = np.zeros((6, policies + 1))
        return cls(rent, fee, capacity_share, removes, plot_area, plots, place=np.full(policies + 1, -1))

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


def no_money(policies: int) -> F8:
    """Return a month without public money for some policies."""
    return np.zeros((policies, len(PAYERS), len(MONEY_STAGES)))


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
    count
        Rows of ``firms`` given out so far.
    tally
        This month's counts by observable name, shape (places,); emptied every month.
    live, makers, suppliers, traders
        Rows in business, all and by tier, in order of row.
    markets, market_of
        Markets, and the position of each place's market, shape (places,).
    industries
        Parameters of each place: the shared ones, with those of its industry in their stead.
    start_rows, start_bounds
        Rows of the firms of the start that sell to buyers, place by place, and where each place begins, (places + 1,).
    county_accounts
        Number of each county's account in the ledger, shape (places,).
    openings, opened
        Plants that wait to open; those that opened as (month, policy, row).
    entered, left
        Rows that entered and that closed this month.
    measured
        What the month's firms did, shape (places, observables).
    purchases
        Purchases of the month: rows, yuan per firm, grants per firm, and the position of the policy (-1 for none).
    public_money
        The month's public money in yuan, shape (policies, payers, stages).
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
    count: int
    wage_trend_base: F8
    policies: InitVar[int] = 0
    blocks: CandidateBlocks = field(init=False)
    parks: ParkTable = field(init=False)
    public_money: F8 = field(init=False)
    place_numbers: I8 = field(init=False)
    entered: I8 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    left: I8 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    measured: F8 = field(init=False)
    purchases: list[tuple[I8, F8, F8, int]] = field(default_factory=list)
    tally: dict[str, F8] = field(default_factory=dict)
    scratch: Scratch = field(init=False)
    world: World = field(init=False)
    live: I8 = field(init=False)
    makers: I8 = field(init=False)
    suppliers: I8 = field(init=False)
    traders: I8 = field(init=False)
    buyer_spending: F8 = field(init=False)
    spent_outside: F8 = field(init=False)
    buyer_rows: tuple[slice, ...] = field(init=False)
    unfilled: F8 = field(init=False)
    tax_due: F8 = field(init=False)
    place_flows: F8 = field(init=False)
    link_counts: F8 = field(init=False)
    upgrades_by_month: F8 = field(init=False)
    sums: tuple[F8, ...] = field(init=False)
    output_by_year: F8 = field(init=False)
    year_end: dict[str, F8] = field(default_factory=dict)
    market_of: I8 = field(init=False)
    start_rows: I4 = field(init=False)
    start_bounds: I8 = field(init=False)
    county_accounts: I8 = field(init=False)
    openings: list[Opening] = field(default_factory=list)
    opened: list[tuple[int, int, int]] = field(default_factory=list)
    _by_place: dict[str, tuple[I8, I8]] = field(default_factory=dict)
    _yearly_noise: tuple[int, F8] | None = None

    def __post_init__(self, policies: int) -> None:
        self.parks, self.public_money = ParkTable.none(policies), no_money(policies)
        self.place_numbers = np.array([number_of(identity) for identity in self.place_ids], dtype=np.int64)
        self.scratch = Scratch.for_rows(self.firms.slot.size)
        self.buyer_spending = np.zeros(self.buyers.slot.size)
        self.spent_outside = np.zeros((len(self.markets), 2))
        self.market_of = np.zeros(len(self.place_ids), dtype=np.int64)
        for number, market in enumerate(self.markets):
            self.market_of[list(market.places)] = number
        self.unfilled = np.zeros(len(self.place_ids))
        self.tax_due = np.zeros(len(self.place_ids))
        self.place_flows = np.zeros((len(self.place_ids), FLOWS))
        self.link_counts = np.zeros((len(self.place_ids), 2, 2))
        empty = np.zeros((len(self.place_ids), SUMS))
        self.sums = (empty, empty.copy(), empty.copy())
        self.output_by_year = np.zeros((len(self.place_ids), 2))
        self.upgrades_by_month = np.zeros((len(self.place_ids), 12))
        numbers = self.buyers.market
        self.buyer_rows = tuple(
            slice(int(np.searchsorted(numbers, number)), int(np.searchsorted(numbers, number, side="right")))
            for number in range(len(self.markets))
        )
        self.county_accounts = self.ledger.numbers(f"county:{identity}" for identity in self.place_ids)
        self.refresh_rows()

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
        twin.openings = [replace(opening, policy=int(to[opening.policy])) for opening in self.openings]
        twin.opened = [(month, int(to[policy]), row) for month, policy, row in self.opened]
        return twin

    def buyers_of(self, market: int) -> BuyerColumns:
        """Return the buyers of a market, a view on their rows."""
        return part_of(self.buyers, self.buyer_rows[market])

    def sorted_by_place(self, name: str) -> tuple[I8, I8]:
        """Return one of the lists of rows, place by place and in order of row, and where each place begins in it.

        ``name`` is ``live``, ``makers``, ``suppliers`` or ``traders``.
        """
        if name not in self._by_place:
            rows: I8 = getattr(self, name)
            where = self.firms.place[rows]
            order = np.argsort(where, kind="stable")
            bounds = np.searchsorted(where[order], np.arange(len(self.place_ids) + 1))
            self._by_place[name] = rows[order], bounds
        return self._by_place[name]

    def mask(self, *lists: I8) -> NDArray[np.bool_]:
        """Return which of the table's rows are in one of the lists of rows, shape (rows given out,)."""
        among = np.zeros(self.count, dtype=bool)
        for rows in lists:
            among[rows] = True
        return among

    def rows_of(self, place: int, name: str = "live") -> I8:
        """Return the rows of one of the lists of rows (all in business) that are in a place, in order of row."""
        sorted_rows, bounds = self.sorted_by_place(name)
        return sorted_rows[bounds[place] : bounds[place + 1]]

    def makers_of(self, place: int) -> I8:
        """Return the makers of a place."""
        return self.rows_of(place, "makers")

    def refresh_offers(self, rows: I8 | None = None) -> None:
        """Bring ``scratch.attraction`` and ``scratch.offers`` up to date with prices, quality, service and appeal.

        Of all firms, or of some rows alone. A firm that has closed offers nothing: a buyer still tied to it spends on
        its other suppliers.
        """
        scratch, among = self.scratch, slice(None) if rows is None else rows
        scratch.attraction[among] = 0.0
        scratch.offers[:, among] = 0.0
        live = self.live if rows is None else rows[self.firms.alive[rows] == 1]
        firm_attractions(live, self.firms, self.places, self.parameters.demand, scratch.attraction, scratch.offers)

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

    def refresh_rows(self) -> None:
        """Bring the lists of rows up to date after entry or exit."""
        alive = self.firms.alive[: self.count] == 1
        tier = self.firms.tier[: self.count]
        self._by_place.clear()
        self.live = np.flatnonzero(alive)
        self.makers, self.suppliers, self.traders = (
            np.flatnonzero(alive & (tier == kind)) for kind in (MAKER, SUPPLIER, TRADER)
        )

    def reserve(self, rows: int) -> None:
        """Make room for ``rows`` more firm rows."""
        needed = self.count + rows
        if needed > self.firms.slot.size:
            self.firms = tables.grown(self.firms, max(needed, int(1.25 * self.firms.slot.size)))
            self.scratch = Scratch.for_rows(self.firms.slot.size)

    def add(self, name: str, place: int, amount: float) -> None:
        """Add to this month's count of an observable at a place."""
        if name not in self.tally:
            self.tally[name] = np.zeros(len(self.place_ids))
        self.tally[name][place] += amount

    def book(self, policy: int, payer: Mapping[str, float], stage: str, amount: float) -> None:
        """Note public money of a policy (by position) at a stage, in yuan, split by the payers' shares."""
        for level, share in payer.items():
            self.public_money[policy, PAYERS.index(level), MONEY_STAGES.index(stage)] += share * amount

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
