"""Steps (3) and (4) of the starting state: let the markets find each other in a frozen world, then anchor them.

Anchoring ties two numbers per place to its reported figures: the weight of producers elsewhere on each market (so
that sales at home and abroad are the reported ones) and the level of labour productivity (so that wages take their
share of revenue). What follows is left to the model.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.month import search
from sim.month.demography import PROJECT_SLOTS
from sim.rules import anchoring
from sim.rules.chance import uniform
from sim.rules.elementary import exp, logs, power, powers
from sim.rules.ladder import rung_gain
from sim.rules.links import alias_table, monthly_hazard
from sim.rules.settlement import SALES_FOREIGN
from sim.rules.totals import SALES
from sim.rules.turnover import SMALLEST_SIZE, closing_hazards, mean_size_factors
from sim.start.population import StartLevels
from sim.start.root import root
from sim.state.columns import F8, HONOUR_LEAD, I4, I8, MAKER, SUPPLIER, TRADER
from sim.state.parts import parts_of, sums_of_parts
from sim.state.state import CandidateBlocks, State, first_slots, number_of

MONTHS = 12.0
ROUNDS = 25
"""Rounds of proportional fitting of the places of a market."""
LOG_WEIGHTS = 40.0
"""Largest logarithm of the weight of producers elsewhere, and the smallest with its sign changed."""
LEAST_APPEAL = 0.1
"""Bounds of the appeal found in one go; it is adjusted every half year of the burn-in months."""


def first_links(state: State, levels: list[StartLevels]) -> None:
    """Give buyers their suppliers of the start: by search, until slots are as full as they usually are."""
    p, buyers = state.parameters, state.buyers
    linked = knowing_abroad(state, levels)
    # Foreign buyers that know the cluster look for a supplier in each of their slots.
    lost = np.zeros(buyers.slot.size, dtype=np.int64)
    for market, field in enumerate(state.search):
        rows = state.buyer_rows[market]
        lost[rows] = np.where(linked[rows], field.foreign_slots, 0)
    search.look_round(state)
    search.find(state, lost, [np.array([p.start.domestic_fill, 0.0])] * len(state.search))
    buyers.link_age[buyers.supplier >= 0] = 24
    anchor_links(state)


def knowing_abroad(state: State, levels: list[StartLevels]) -> NDArray[np.bool_]:
    """Return which buyers know a market's firms when a run starts, shape (buyers,): some of those abroad.

    They are ``start.foreign_linked_share`` of them, and at least as many as the countries that a place exports to: it
    has a customer in each. Every so-and-so-many-th buyer in the order of budgets is one (systematic sampling), so that
    those who know the cluster are of all sizes: were they small ones by chance, the exports of the base year would
    take most of what they spend, and the first large buyer to follow would order as much as all of them.
    """
    buyers, share = state.buyers, state.parameters.start.foreign_linked_share
    known = np.zeros(buyers.slot.size, dtype=np.bool_)
    for number, market in enumerate(state.markets):
        rows = state.buyer_rows[number].start + np.flatnonzero(state.buyers_of(number).foreign == 1)
        if rows.size == 0:
            continue
        countries = max(levels[place].destinations for place in market.places)
        part = min(max(share, countries / rows.size), 1.0)
        offset = float(uniform(state.lasting_key("start.linked"), number_of(market.industry)))
        rising = rows[np.argsort(buyers.budget[rows], kind="stable")]
        counted = np.floor(part * np.arange(rows.size + 1) + offset)
        known[rising[np.diff(counted) > 0.0]] = True
    return known


def anchor_links(state: State) -> None:
    """Set ``SearchField.fill_rates`` so that on each side of a market as many links form as break at present.

    Links break by themselves and with their firms. A buyer that knows a firm already does not find it anew.
    """
    p, firms, buyers = state.parameters, state.firms, state.buyers
    search.look_round(state)
    shown = np.where(firms.visible > 0.0, firms.visible, 1.0) * state.scratch.seen
    shown[firms.alive == 0] = 0.0
    closing = closing_hazards_of(state) / MONTHS
    hazards = np.array([monthly_hazard(survival) for survival in (p.links.domestic_survival, p.links.foreign_survival)])
    unserved = 1.0 + p.links.service_response * (1.0 - firms.service)
    for number, field in enumerate(state.search):
        here = state.buyer_rows[number]
        weight, side, held = buyers.weight[here], buyers.foreign[here], buyers.links[here]
        slots = buyers.supplier.shape[1]
        buyer, slot = np.nonzero(np.arange(slots) < held[:, None])
        row = buyers.supplier[here][buyer, slot]
        breaking = hazards[side[buyer]] * unserved[row] + closing[row]
        lost = weight * np.bincount(buyer, breaking, minlength=weight.size)
        in_sight = math.fsum(shown[state.market_of[firms.place] == number])
        known = np.bincount(buyer, shown[row] / in_sight, minlength=weight.size) if in_sight > 0.0 else 0.0
        new = weight * (1.0 - known)
        home, abroad = side == 0, side == 1
        # Abroad the share that switchers show look in the same county again.
        left = math.fsum((lost * (1.0 - p.links.same_county * new / weight))[abroad])
        for far, leaving, meeting in (
            (0, math.fsum(lost[home]), math.fsum((new * (slots - held))[home])),
            (1, left, math.fsum((new * (held < field.foreign_slots))[abroad])),
        ):
            field.fill_rates[far] = min(leaving / meeting, 1.0) if meeting > 0.0 else 0.0


def anchor_markets(state: State, levels: list[StartLevels], excess: F8) -> None:
    """Set the weight of producers elsewhere so that buyers would spend the reported sums at present offers.

    ``excess`` (places, 2) is what must be ordered for each yuan that is sold: some orders are cancelled. Budgets are in
    base-year yuan; the frozen month's demand turns them into spending. Places that share a market share the weight of
    producers elsewhere; what each of them sells is met by its appeal, a factor on all its offers on one side.
    """
    state.refresh_offers(state.segments)
    wanted = excess * np.array([[level.domestic_sales, level.exports] for level in levels])
    for number, market in enumerate(state.markets):
        for side in range(2):
            rows = np.flatnonzero(state.buyers.foreign[state.buyer_rows[number]] == side)
            rows += state.buyer_rows[number].start
            spending = 12.0 * state.buyers.budget[rows] * state.buyers.weight[rows] * state.world.demand[number, side]
            table = OfferTable(state, rows, market.places, spending)
            targets = wanted[list(market.places), side]
            table.anchor_outside(float(targets.sum()))
            if len(market.places) > 1:
                state.places.appeal[list(market.places), side] *= table.appeal_for(targets)
            outside_price = power(state.world.outside_price[number], 1.0 - state.parameters.demand.elasticity_outside)
            state.buyers.outside_weight[rows] = table.outside / outside_price


class OfferTable:
    """What the buyers on one side of a market would spend at each place, all links taken at their present weight.

    Attributes
    ----------
    first, column, value
        For each buyer the places where it has suppliers and the sum of their link weights
        (``sim.rules.anchoring.gather_offers``).
    spending
        Shape (buyers,): yuan a year.
    outside
        Weight of producers elsewhere.
    """

    def __init__(self, state: State, rows: I8, places: tuple[int, ...], spending: F8) -> None:
        buyers, demand = state.buyers, state.parameters.demand
        self.ratio = (demand.elasticity_outside - 1.0) / (demand.elasticity_suppliers - 1.0)
        self.spending, self.outside, self.places = spending, 1.0, len(places)
        column_of = np.zeros(len(state.place_ids), dtype=np.int64)
        column_of[list(places)] = np.arange(self.places)
        links = int(buyers.links[rows].sum())
        self.first: I8 = np.zeros(rows.size + 1, dtype=np.int64)
        self.column: I4 = np.zeros(links, dtype=np.int32)
        self.value: F8 = np.zeros(links)
        anchoring.gather_offers(
            rows, buyers, state.firms, state.scratch.offers, column_of, demand, self.first, self.column, self.value
        )

    def inclusive(self) -> F8:
        """Return what each buyer's links are worth in all, shape (buyers,)."""
        out = np.zeros(self.spending.size)
        anchoring.inclusive_values(self.first, self.column, self.value, np.ones(self.places), out)
        return out

    def anchor_outside(self, target: float) -> None:
        """Set ``outside`` so that buyers spend ``target`` yuan a year in the market's places together."""
        inside = powers(self.inclusive(), self.ratio)
        if not (inside > 0.0).any():
            return

        def gap(log_weight: float) -> float:
            share = np.divide(inside, inside + exp(log_weight), out=np.zeros_like(inside), where=inside > 0.0)
            return float((self.spending * share).sum()) - target

        # Buyers without a link spend nothing here; a target beyond what the others have is met as far as they go, and
        # where nothing is to be sold next to nothing is.
        least, most = -LOG_WEIGHTS, LOG_WEIGHTS
        if gap(least) <= 0.0 or gap(most) >= 0.0:
            self.outside = exp(least if gap(least) <= 0.0 else most)
        else:
            self.outside = exp(root(gap, least, most))

    def sales(self, appeal: F8) -> F8:
        """Return yuan a year spent at each place when its offers are worth ``appeal`` times as much."""
        spent = np.zeros(self.places)
        anchoring.spent_by_place(
            self.first, self.column, self.value, appeal, self.spending, self.outside, self.ratio, spent
        )
        return spent

    def appeal_for(self, targets: F8) -> F8:
        """Return the factors, shape (places,), at which each place sells its target as nearly as its links allow."""
        appeal = np.ones(targets.size)
        for _ in range(ROUNDS):
            sold = self.sales(appeal)
            change = np.divide(targets, sold, out=np.ones_like(targets), where=sold > 0.0)
            appeal *= powers(np.clip(change, 0.5, 2.0), 0.7)
        return np.clip(appeal, LEAST_APPEAL, 1.0 / LEAST_APPEAL)


def reported_sales(state: State, levels: list[StartLevels]) -> F8:
    """Return this month's sales as each place reports them, and its exports, in yuan, shape (places, 2)."""
    by_tier = state.sums[:, :, SALES]
    all_tiers = np.array([level.counts_all_tiers for level in levels])
    headline = np.where(all_tiers, by_tier.sum(axis=0), by_tier[0])
    return np.column_stack([headline, state.place_flows[:, SALES_FOREIGN]])


def anchor_productivity(state: State, scale: F8) -> None:
    """Scale productivity so that makers' wanted workers cost their share of real output at the base wage.

    What more people are wanted than normal use of equipment takes is their load, which prices allow for: so neither a
    reserve of people nor busy equipment makes goods cheap.

    ``scale`` (places,) takes the factor applied, multiplied onto what it holds.
    """
    firms, places = state.firms, state.places
    rows = state.makers
    parts = parts_of(firms.place[rows])
    sold = firms.revenue_year[rows] / firms.price[rows]
    output = sums_of_parts(sold * firms.weight[rows], parts)
    wanted = sums_of_parts(firms.wanted_workers[rows] * firms.weight[rows], parts)
    # Where every maker closed during the burn-in there is nothing to anchor.
    some = (output > 0.0) & (wanted > 0.0)
    here, output, wanted = firms.place[rows[parts[some]]], output[some], wanted[some]
    factor = np.ones(len(state.place_ids))
    factor[here] = wanted / (state.costs.labour_share[here, 0] * output / places.wage_base[here] / state.world.progress)
    of_firms = factor[firms.place[state.live]]
    firms.productivity[state.live] *= of_firms
    firms.workers[state.live] /= of_firms
    firms.wanted_workers[state.live] /= of_firms
    places.productivity_base[:] += logs(factor)[:, None]
    # People wanted over those that what is made would take at normal use of equipment and present productivity.
    per_unit = state.costs.labour_share[firms.place[rows], 0] / places.wage_base[firms.place[rows]]
    common = places.localisation[firms.place[rows]] * state.world.progress
    normal = sold * per_unit / (firms.productivity[rows] * common)
    normal = sums_of_parts(normal * firms.weight[rows], parts)[some]
    places.labour_load[here] = wanted / factor[here] / normal
    scale *= factor


def anchor_traders(state: State) -> None:
    """Move the lasting favour of all traders of a place so that they come to sell the share they are known to sell.

    What they sell answers to it at once and, as they grow and are found more often, once more: the size ``s`` of a
    firm rests at ``log s = f + e log s`` with ``e`` the elasticity of being found to capacity
    (``sim.start.population``). So ``1 - e`` of the log distance closes it in the end, and no step overshoots.
    """
    firms, sold = state.firms, state.sums[:, :, SALES]
    share = np.array([each.demand.trader_share for each in state.industries])
    wanted = share * sold[MAKER] / state.costs.materials_share[:, TRADER]
    some = (wanted > 0.0) & (sold[TRADER] > 0.0)
    step = np.zeros(share.size)
    rest = 1.0 - state.parameters.links.visibility_elasticity
    step[some] = rest * np.clip(logs(wanted[some] / sold[TRADER][some]), -1.0, 1.0)
    of_traders = firms.tier[state.start_rows] == TRADER
    state.start_talents[of_traders] += step[firms.place[state.start_rows[of_traders]]]
    firms.talent[state.traders] += step[firms.place[state.traders]]


def anchor_places(state: State) -> None:
    """Take present employment, labour supply, profit and productivity of each place as its normal level.

    The labour pool is what makes the present employment normal at the wage of elsewhere, so the wage goes back to it.
    """
    places = state.places
    places.wage[:] = state.wage_trend_base * state.world.wage * places.skill_premium
    firms, places, labour = state.firms, state.places, state.parameters.labour
    gain = rung_gain(state.parameters.technology, state.parameters.production.labour_elasticity)
    employment = state.by_place(firms.workers[state.live], state.live)
    places.employment_base[:] = employment
    # What firms want at present is what they want on average, so the wage stays where it is.
    places.labour_pool[:] = state.by_place(firms.wanted_workers[state.live], state.live) * (1.0 + labour.vacancy_pool)
    places.normal_profit[:] = places.profit_rate
    places.normal_sold[:] = places.mean_sold
    mean_size_factors(state.segments, firms, places, state.parameters.turnover.hazard_size_elasticity)
    for tier, rows in enumerate((state.makers, state.suppliers, state.traders)):
        own = logs(firms.productivity[rows]) + gain * firms.technology_gap[rows]
        _write_means(state, rows, own, places.productivity_base[:, tier])
        place, usual = firms.place[rows], firms.honours[rows] & HONOUR_LEAD == 0
        # Where there are only lead firms all of them count.
        rows = rows[usual | (np.bincount(place[usual], minlength=len(state.place_ids)) == 0)[place]]
        _write_means(state, rows, firms.capital[rows], places.mean_capital[:, tier])


def _write_means(state: State, rows: I8, values: F8, out: F8) -> None:
    """Write the mean of ``values`` over the firms of each place that has any; ``rows`` come place by place."""
    weight, parts = state.firms.weight[rows], parts_of(state.firms.place[rows])
    out[state.firms.place[rows[parts]]] = sums_of_parts(values * weight, parts) / sums_of_parts(weight, parts)


def firms_by_tier(state: State) -> F8:
    """Return the firms in business by place and tier, shape (places, 3)."""
    return np.column_stack([state.firms_by_place(rows) for rows in (state.makers, state.suppliers, state.traders)])


def closing_hazards_of(state: State) -> F8:
    """Return the yearly hazard of closing of each row's firms, shape (table rows,)."""
    out = np.zeros(state.firms.slot.size)
    closing_hazards(
        state.segments, state.firms, state.places, state.parameters.turnover, search.capacity_per_capital(state), out
    )
    return out


def expected_exits(state: State) -> F8:
    """Return firms expected to close a month at present ages, sizes and use of equipment, shape (places, 3)."""
    closing = closing_hazards_of(state) / MONTHS
    tiers = (state.makers, state.suppliers, state.traders)
    return np.column_stack([state.by_place(closing[rows], rows) for rows in tiers])


def candidate_blocks(state: State, months: int, exits: F8) -> CandidateBlocks:
    """Return blocks of candidate slots with room for entry to rise several fold, and reserve the list of their rows."""
    per_entry = state.parameters.turnover.candidates_per_entry
    by_tier = np.ceil(exits / state.group_sizes[:, None] * per_entry).astype(np.int64) + 1
    size = np.column_stack([by_tier, np.full(len(by_tier), PROJECT_SLOTS)])
    for market, field in zip(state.markets, state.search, strict=True):
        room = np.full(int(size[list(market.places)].sum()) * months, -1, dtype=np.int32)
        field.rows = np.concatenate([field.rows, room])
    return CandidateBlocks(size, state.month, first_slots(state.place_ids))


def birth_visibility(state: State) -> None:
    """Freeze how visible each firm of the start is; searching buyers look at firms in proportion to it."""
    firms, links = state.firms, state.parameters.links
    rows = state.live[firms.tier[state.live] != SUPPLIER]
    capacity = firms.capital[rows] * search.capacity_per_capital(state)[firms.place[rows], firms.tier[rows]]
    firms.visible[rows] = firms.weight[rows] * powers(capacity, links.visibility_elasticity)
    state.start_rows, state.start_slots = rows.astype(np.int32), firms.slot[rows]
    # Newcomers are like those that close, the small more often than the large, so that the mix of firms rests.
    usual = state.places.mean_revenue[firms.place[rows], firms.tier[rows]]
    closing = powers(
        np.maximum(firms.revenue_year[rows] / usual, SMALLEST_SIZE), state.parameters.turnover.hazard_size_elasticity
    )
    state.start_talents, state.start_sizes = firms.talent[rows], firms.capital[rows]
    state.start_weights = np.cumsum(firms.weight[rows] * closing)
    state.start_bounds = np.searchsorted(firms.place[rows], np.arange(len(state.place_ids) + 1))
    makers = np.bincount(firms.place[rows[firms.tier[rows] == MAKER]], minlength=len(state.place_ids))
    state.start_traders = state.start_bounds[:-1] + makers
    for number, field in enumerate(state.search):
        own = rows[state.market_of[firms.place[rows]] == number]
        field.rows, firms.listed[own] = own.astype(np.int32), np.arange(own.size)
        field.own, field.other, field.total = np.empty(own.size), np.empty(own.size, np.int32), firms.visible[own].sum()
        alias_table(firms.visible[own], field.own, field.other)
