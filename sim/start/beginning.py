"""From a resolved scenario to the first month: population, burn-in, anchors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.month import accounts, calendar, demography, market
from sim.parameters.industries import for_industry, industry_of
from sim.rules import sizes, totals
from sim.rules.costs import TierCosts, tier_costs
from sim.rules.elementary import powers
from sim.start import base_year, population
from sim.start.population import StartLevels
from sim.state.ledger import FIRMS, HOUSEHOLDS, Ledger
from sim.state.state import Market, SearchField, State, Surroundings

if TYPE_CHECKING:
    from sim.parameters.groups import Parameters
    from sim.scenario.resolved import Scenario


def begin(scenario: Scenario, parameters: Parameters, seed: int) -> tuple[State, list[StartLevels]]:
    """Return the unsettled state and the start levels."""
    places = list(scenario.places)
    industries = [for_industry(parameters, place.industry) for place in places]
    costs = tier_costs(industries)
    markets = markets_of(scenario)
    first = scenario.time.start
    levels = start_levels(scenario, industries, costs)
    firms, segments = population.start_firms(levels, places, costs, seed, scenario.firms_per_agent)
    # Budgets are kept at base-year demand; the month's demand index turns them into the spending of the month.
    members = [market.places for market in markets]
    buyers = population.start_buyers(levels, places, members, seed, scenario.firms_per_agent)
    world = calendar.world_of(scenario.world, first, industries, costs, markets)
    buyers.budget[:] /= world.demand[buyers.market, buyers.foreign]
    accounts_of = [f"county:{place.id}" for place in places]
    accounts_of += [f"province:{code}" for code in dict.fromkeys(place.province for place in places)]
    burn_in_from = first - round(parameters.start.settle_months)
    no_rows = np.empty(0, dtype=np.int32)
    state = State(
        parameters=parameters,
        costs=costs,
        seed=seed,
        month=burn_in_from,
        first_month=first,
        burn_in_from=burn_in_from,
        series=scenario.world,
        group_sizes=np.array(
            [sizes.group_size_of(place.start.businesses, scenario.firms_per_agent) for place in places], dtype=float
        ),
        place_ids=tuple(place.id for place in places),
        markets=markets,
        industries=tuple(industries),
        firms=firms,
        buyers=buyers,
        places=population.start_places(places, firms, levels),
        ledger=Ledger(accounts_of),
        search=tuple(SearchField(rows=no_rows, own=np.empty(0), other=no_rows) for _ in markets),
        segments=segments,
        wage_trend_base=np.array([level.wage_base for level in levels]),
        policies=len(scenario.policies),
    )
    state.reset_levers()
    _pay_in_cash(state)
    calendar.advance(state)
    _take_stock(state)
    accounts.update_market_accounts(state)
    base_year.anchor_places(state)
    base_year.birth_visibility(state)
    months = scenario.time.end - burn_in_from + 1
    exits = base_year.expected_exits(state)
    state.places.normal_entry[:] = exits
    state.blocks = base_year.candidate_blocks(state, months, exits)
    return state, levels


def markets_of(scenario: Scenario) -> tuple[Market, ...]:
    """Return the markets of a scenario: places with the same industry sell to the same buyers."""
    members: dict[str, list[int]] = {}
    for position, place in enumerate(scenario.places):
        members.setdefault(place.industry, []).append(position)
    return tuple(Market(industry, tuple(places), industry_of(industry).group) for industry, places in members.items())


def start_levels(scenario: Scenario, industries: Sequence[Parameters], costs: TierCosts) -> list[StartLevels]:
    """Return the yuan levels of every place at the first month."""
    known: dict[tuple[str, int], tuple[Surroundings, Surroundings]] = {}
    levels = []
    for position, (place, parameters) in enumerate(zip(scenario.places, industries, strict=True)):
        year = place.start.base_year
        if (place.industry, year) not in known:
            world = scenario.world.met_by(industry_of(place.industry).group)
            known[place.industry, year] = (
                calendar.surroundings(world, scenario.time.start, parameters, costs, position),
                calendar.mean_of_year(world, year, parameters, costs, position),
            )
        levels.append(StartLevels(place, *known[place.industry, year], parameters))
    return levels


def _take_stock(state: State) -> None:
    """Write what the firms start with into the sums of a month, of which nothing has been sold yet."""
    for tier, rows in enumerate((state.makers, state.suppliers, state.traders)):
        state.sums[tier, :, totals.FIRMS] = state.firms_by_place(rows)
        state.sums[tier, :, totals.REVENUE_YEAR] = state.by_place(state.firms.revenue_year[rows], rows)
        state.sums[tier, :, totals.PROFIT_YEAR] = state.by_place(state.firms.profit_year[rows], rows)


def _pay_in_cash(state: State) -> None:
    """Let the cash firms start with come out of the ledger, like every other yuan."""
    cash = state.firms.cash[state.live].copy()
    state.firms.cash[state.live] = 0.0
    state.ledger.transfer(HOUSEHOLDS, FIRMS, cash, "opening cash", state.firms, state.live)


def burn_in(model: Any) -> None:
    """Run the burn-in in a frozen world, anchor it as it goes and at the end, and open the accounts."""
    state = model.state
    calendar.advance(state)
    for institution in model.institutions:
        institution.start()
    base_year.first_links(state, model.levels)
    market.price(state)
    anchoring = Anchoring(state, model.levels)
    _open_accounts(model)
    months = state.first_month - state.month
    for number in range(1, months + 1):
        model.step()
        anchoring.take_in(state)
        if number % 3 == 0:
            anchoring.adjust(state, year_over=number % 12 == 0, last=number + 12 > months)
    _open_accounts(model)
    model.anchors = anchors(model, anchoring.scale)


class Anchoring:
    """What is added up and adjusted during the burn-in.

    Attributes
    ----------
    scale
        Shape (places,): factor applied to productivity so far.
    exits
        Shape (places, 3): firms that closed a month, by tier, since the last yearly adjustment.
    firms
        Shape (places, 3): firms at the very start, by tier.
    sold
        Shape (places, 2): since the last adjustment what each place reports as its total (output of makers, or
        revenue of all), and exports; yuan.
    part
        Part of a year's sales that the season lets fall into the months since then.
    excess
        Shape (places, 2): yuan that must be ordered for each yuan that is sold.
    """

    def __init__(self, state: State, levels: list[StartLevels]) -> None:
        self.levels = levels
        self.scale = np.ones(len(levels))
        self.exits = np.zeros((len(levels), 3))
        self.firms = base_year.firms_by_tier(state)
        self.sold, self.part = np.zeros((len(levels), 2)), 0.0
        self.excess = np.ones((len(levels), 2))
        base_year.anchor_markets(state, levels, self.excess)

    def take_in(self, state: State) -> None:
        """Add up the month's sales and closings.

        Closings by age, size and idleness count as likely as they are: of a few dozen firms chance closes none in one
        year and a third in the next. Firms whose money runs out in the burn-in are for the most part those that the
        start gave too little for their size; nobody replaces them year after year.
        """
        self.sold += base_year.reported_sales(state, self.levels)
        self.part += state.world.season / 12.0
        self.exits += base_year.expected_exits(state) / 12.0

    def adjust(self, state: State, year_over: bool, last: bool) -> None:
        """Anchor markets, productivity, links and places; after a full year also entry.

        Normal entry replaces the firms expected to close in a year; before the last year of the burn-in those that are
        missing come on top. Of what was missing in sales half is made up for, since firms still find their size.
        """
        base_year.anchor_productivity(state, self.scale)
        base_year.anchor_traders(state)
        base_year.anchor_places(state)
        base_year.anchor_links(state)
        if year_over:
            drawn = demography.entry_factors(state)  # by free plots and the like, which are there already
            missing = 0.0 if last else np.maximum(self.firms - base_year.firms_by_tier(state), 0.0) / 12.0
            state.places.normal_entry[:] = (self.exits + missing) / drawn
            self.exits[:] = 0.0
        wanted = self.part * np.array([[level.headline, level.exports] for level in self.levels])
        short = np.divide(wanted, self.sold, out=np.ones_like(wanted), where=self.sold > 0.0)
        self.excess *= np.clip(powers(short, 0.5), 0.5, 2.0)
        self.sold[:], self.part = 0.0, 0.0
        base_year.anchor_markets(state, self.levels, self.excess)


def _open_accounts(model: Any) -> None:
    for government in dict.fromkeys(model.governments.values()):
        government.open_account(_opening_balance(model, government))


def _opening_balance(model: Any, government: Any) -> float:
    if government.level == "county":
        return float(model.resolved.places[government.places[0]].start.county_balance)
    return float(model.state.parameters.government.province_balance_share * government.yearly_output())


def anchors(model: Any, productivity_scale: Any) -> dict[str, Any]:
    """Return the numbers that tie each place to its figures, by name, each of shape (places,)."""
    state, places = model.state, model.resolved.places
    buyers = state.buyers
    live = state.live
    employment = state.by_place(state.firms.workers[live], live)
    businesses = state.firms_by_place(live)

    def outside(side: int, place: int) -> float:
        rows = state.buyer_rows[int(state.market_of[place])]
        weights = buyers.outside_weight[rows][buyers.foreign[rows] == side]
        return float(weights[0]) if weights.size else 0.0

    def scope(reported: Any, counted: Any) -> Any:
        # A place whose firms all closed during the burn-in counts nobody: nothing to multiply, so the factor is 1.
        return np.divide(reported, counted, out=np.ones(len(places)), where=counted > 0.0)

    return {
        "domestic_outside_weight": np.array([outside(0, place) for place in range(len(places))]),
        "foreign_outside_weight": np.array([outside(1, place) for place in range(len(places))]),
        "domestic_appeal": state.places.appeal[:, 0].copy(),
        "foreign_appeal": state.places.appeal[:, 1].copy(),
        "productivity_scale": productivity_scale,
        "scope_employment": scope(np.array([place.start.employment_reported for place in places]), employment),
        "scope_businesses": scope(np.array([place.start.businesses for place in places]), businesses),
    }
