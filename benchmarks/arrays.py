"""The same month in NumPy columns: what a careful author writes without a compiler.

Firms are columns of those in business, buyers columns with a table of links, places columns; phases have the names of
``benchmarks.objects.PHASES``. Rules that do not branch are the model's own (``benchmarks.plain.columns``).
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import plain
from benchmarks.objects import FIRM, FLOWS, MONTHLY_DRAWS, MONTHS, NOTES, PHASES, PLACE, SUMS, YEARLY_DRAWS
from benchmarks.plain import columns as rule
from sim.month.accounts import SOLD_MEMORY
from sim.month.calendar import materials_from_elsewhere, position_of, seasons, world_of
from sim.observables import ABOVE_SCALE_YUAN
from sim.rules import totals
from sim.rules.elementary import normal_quantiles
from sim.rules.investment import LEAST_GAP, PATIENCE_MONTHS
from sim.rules.links import MOST_LOOKS
from sim.rules.turnover import SMALLEST_SIZE
from sim.state import draws
from sim.state.columns import AGE_CLASSES, HONOUR_LEAD, MAKER, SUPPLIER, TRADER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.model import ClusterModel
    from sim.state.state import State

    F8, I8, Keys = NDArray[np.float64], NDArray[np.int64], NDArray[np.uint64]

GOLDEN, FIRST, SECOND, ONE = (np.uint64(n) for n in (draws.GOLDEN, draws.FIRST, draws.SECOND, 1))
S11, S27, S30, S31 = (np.uint64(n) for n in (11, 27, 30, 31))
EMPTY, CLOSED = -1, -2
"""In a table of links: no firm, and a firm that has closed (its place is kept, counted down from here)."""


def combines(keys: Any, numbers: Any) -> Keys:
    """Return keys narrowed by one more number each (``sim.state.draws.combine``)."""
    value = np.asarray(keys, dtype=np.uint64) + (np.atleast_1d(numbers).astype(np.uint64) + ONE) * GOLDEN
    value = (value ^ (value >> S30)) * FIRST
    value = (value ^ (value >> S27)) * SECOND
    return value ^ (value >> S31)


def uniforms(keys: Any, numbers: Any) -> F8:
    """Return the draws of numbers under keys."""
    return ((combines(keys, numbers) >> S11) | ONE).astype(np.float64) * 2.0**-53


def laplaces(u: F8) -> F8:
    """Return Laplace quantiles with standard deviation 1."""
    return np.where(u < 0.5, np.log(2.0 * u), -np.log(2.0 * (1.0 - u))) * math.sqrt(0.5)


def ratio(above: F8, below: F8, otherwise: Any = 0.0) -> F8:
    """Return the ratio, and ``otherwise`` where there is nothing to divide by."""
    out = np.empty_like(below)
    out[:] = otherwise
    return np.divide(above, below, out=out, where=below > 0.0)


class ArrayMonth:
    """A settled model as NumPy columns. ``step`` simulates a month; each phase can be called by itself."""

    def __init__(self, model: ClusterModel) -> None:
        state = model.state
        self.parameters, self.series, self.month, self.seed = state.parameters, state.series, state.month, state.seed
        self.first_month, self.burn_in_from, self.blocks = state.first_month, state.burn_in_from, state.blocks
        self.industries, self.costs, self.markets = state.industries, state.costs, state.markets
        p, self.number = state.parameters, len(state.place_ids)
        investment, production = p.investment, p.production
        self.elasticity = plain.stock_elasticity(
            investment.user_cost_elasticity, production.depreciation, investment.response_years
        )
        self.gain = plain.rung_gain(p.technology, production.labour_elasticity)
        self.places = SimpleNamespace(**{name: getattr(state.places, name).copy() for name in PLACE})
        self.places.discharge = np.array([each.environment.discharge for each in state.industries])
        self.places.sites = np.array([each.start.emission_sites for each in state.industries])
        self.orders_here = np.zeros((self.number, 2))
        self.places.wage_trend_base, self.places.group_size = state.wage_trend_base.copy(), state.group_sizes.copy()
        self.upgrades_by_month, self.tax_due = state.upgrades_by_month.copy(), state.tax_due.copy()
        self.parks, self.accounts = state.parks, dict(state.ledger.balances)
        self.county_accounts = [f"county:{identity}" for identity in state.place_ids]
        self.provinces = [(each.account, list(each.places), each.usual_output) for each in model.provinces]
        self.idle = {each.account: each.idle for each in model.governments.values()}
        self.copy(state)
        self.open_books()
        self.world = state.world

    def copy(self, state: State) -> None:
        """Copy firms in business, buyers with their links, and the lists in which buyers look."""
        firms, live, count = state.firms, state.live, state.firms.slot.size
        columns = {name: getattr(firms, name)[live].copy() for name in (*FIRM, "place", "tier")}
        columns |= {name: getattr(state.scratch, name)[..., live].T.copy() for name in NOTES}
        self.firms = SimpleNamespace(**columns)
        self.refresh()
        where = np.full(count + 1, CLOSED)
        where[:-1] -= firms.place
        where[live], where[-1] = np.arange(live.size), EMPTY
        buyers = state.buyers
        names = ("slot", "weight", "foreign", "by_piece", "market", "budget", "outside_weight", "link_age")
        self.buyers = SimpleNamespace(**{name: getattr(buyers, name).copy() for name in names})
        self.buyers.match = buyers.link_match.astype(np.float64)
        self.buyers.supplier = where[buyers.supplier]
        self.buyers.keys_year, self.year = None, -1
        same = firms.slot[state.start_rows] == state.start_slots
        self.parents, self.talents = np.where(same, where[state.start_rows], EMPTY), state.start_talents
        self.sizes = state.start_sizes
        self.start_weights, self.start_bounds = state.start_weights, state.start_bounds
        self.first_traders = state.start_traders
        self.sums = {name: state.sums[:, :, getattr(totals, name.upper())].T.copy() for name in SUMS}
        self.search = []
        for field in state.search:
            self.search.append(SimpleNamespace(
                own=field.own, other=field.other, fill_rates=field.fill_rates, foreign_slots=field.foreign_slots,
                total=float(field.total), visible=field.visible, volume=field.volume, share=field.share,
                ties_elsewhere=field.ties_elsewhere, firms=where[field.rows[: field.own.size + field.candidates]],
            ))  # fmt: skip

    def refresh(self) -> None:
        """Bring the lists of firms up to date after entry or exit."""
        f, costs = self.firms, self.costs
        self.makers, self.suppliers, self.traders = (
            np.flatnonzero(f.tier == tier) for tier in (MAKER, SUPPLIER, TRADER)
        )
        self.group = f.place.astype(np.int64) * 3 + f.tier
        for name, column in costs._asdict().items():
            setattr(f, f"cost_{name}", column[f.place, f.tier])
        self.outside_parks = f.park < 0

    def by_place(self, values: F8, rows: Any = slice(None)) -> F8:
        """Return the sum of values by place, all firms of a row counted."""
        f = self.firms
        return np.bincount(f.place[rows], values * f.weight[rows], minlength=self.number)

    def by_tier(self, values: F8) -> F8:
        """Return the same by place and tier, shape (places, 3)."""
        return np.bincount(self.group, values * self.firms.weight, minlength=3 * self.number).reshape(-1, 3)

    def transfer(self, source: str, target: str, amount: float) -> None:
        """Move yuan between two accounts."""
        self.accounts[source] -= amount
        self.accounts[target] += amount

    def let_lapse(self, account: str, general: str) -> None:
        """Look at what lies idle; in January return what did so all year to the general budget, but for a part."""
        self.idle[account] = min(self.idle[account], max(self.accounts[account], 0.0))
        if self.month % 12 == 0 and self.month > self.first_month:
            kept = self.parameters.government.carry_over_share
            self.transfer(account, general, (1.0 - kept) * self.idle[account])
            self.idle[account] = math.inf

    def open_books(self) -> None:
        """Set the world of the month and the keys of draws."""
        self.world = world_of(
            self.series, self.month, self.industries, self.costs, self.markets, self.places.priced_materials
        )
        self.last_season = float(seasons(self.parameters.demand.january_february)[(self.month - 1) % 12])
        self.keys = {name: draws.key(self.seed, name, self.month) for name in MONTHLY_DRAWS}
        self.keys |= {name: draws.key(self.seed, name, self.month // 12) for name in YEARLY_DRAWS}

    # --- the month ------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Simulate one month."""
        for phase in PHASES:
            getattr(self, phase)()

    def advance(self) -> None:
        """Set the world of the month, and turn to a new page of notes."""
        position, places = position_of(self.series, self.month), self.places
        for place, industry in enumerate(self.industries):
            places.bought_materials[place] = materials_from_elsewhere(self.series, position, industry)
        producer = float(self.series.producer_price[position])
        months = np.array([industry.pricing.material_lag_months for industry in self.industries])
        places.dear_materials = rule.priced_in(places.dear_materials, places.bought_materials, producer, months)
        places.priced_materials = places.dear_materials * producer
        for name in ("market_cost", "services_price", "goods_price"):
            setattr(places, name, getattr(places, name) * (producer / self.world.producer))
        self.open_books()
        for name in ("spending", "borrowing", "scrap", "upgraded"):
            getattr(self.firms, name)[:] = 0

    def take_in(self) -> None:
        """Let governments receive the month's money."""
        p = self.parameters
        for account, due in zip(self.county_accounts, self.tax_due.tolist(), strict=True):
            self.let_lapse(account, "households")
            share = p.tax.county_share * due
            self.transfer("tax_collected", account, share)
            self.transfer(account, "households", (1.0 - p.government.programme_share) * share)
            self.transfer("state", account, p.government.other_receipts / MONTHS)
        for account, places, usual_output in self.provinces:
            self.let_lapse(account, "state")
            self.transfer("tax_collected", "state", (1.0 - p.tax.county_share) * float(self.tax_due[places].sum()))
            self.transfer("state", account, p.government.province_receipts_share * usual_output / MONTHS)

    def enter_market(self) -> None:
        """Let the month's candidates decide; those that enter open."""
        blocks, places, turnover = self.blocks, self.places, self.parameters.turnover
        slots, chance = blocks.slots(self.month), np.zeros((self.number, blocks.size.shape[1]))
        room = ratio(places.mean_sold, places.normal_sold, 1.0)
        for place in range(self.number):
            for tier in range(3):
                profit, normal = places.profit_rate[place, tier], places.normal_profit[place, tier]
                chance[place, tier] = plain.entry_chance(1.0, profit, normal, room[place, tier], 1.0, turnover)
        chance[:, :3] *= places.normal_entry / (places.group_size[:, None] * np.maximum(blocks.size[:, :3], 1))
        enters = uniforms(self.keys["entry"], slots) < chance[blocks.place, blocks.kind]
        rows = np.where(enters, self.firms.slot.size - 1 + np.cumsum(enters), EMPTY)
        for number, field in enumerate(self.search):
            here = np.isin(blocks.place, self.markets[number].places)
            field.firms = np.concatenate([field.firms, rows[here]])
        self.open_firms(slots[enters], blocks.place[enters], blocks.kind[enters])

    def open_firms(self, slots: I8, place: I8, tier: I8) -> None:
        """Append entrants, with size, technique, equipment and their owners' money, to the columns of firms."""
        p, f, places, costs = self.parameters, self.firms, self.places, self.costs
        keys = combines(self.keys["entrant"], slots)
        first, last = self.start_bounds[place], self.start_bounds[place + 1]
        begin = np.where(tier == TRADER, self.first_traders[place], first)
        end = np.where(tier == TRADER, last, np.where(tier == MAKER, self.first_traders[place], begin))
        talent, size = np.zeros(slots.size), places.mean_capital[place, tier]
        copies = end > begin
        copied = self.drawn_by_weight(uniforms(keys, 3), begin, end)[copies]
        talent[copies], size[copies] = self.talents[copied], self.sizes[copied]
        u = uniforms(keys, 0)
        spread = p.turnover.entrant_dispersion * 0.5513288954217921 * np.log(u / (1.0 - u))
        capital = size * p.turnover.entrant_size * np.exp(spread)
        own, gap, inherited = places.productivity_base[place, tier], np.ones(slots.size), p.turnover.parent_weight
        if self.parents.size:
            drawn = self.drawn_by_weight(uniforms(keys, 1), first, last)
            parent = np.where(last > first, self.parents[drawn], EMPTY)
            fits = (parent >= 0) & (f.tier[parent] == tier)
            known = np.log(f.productivity[parent]) + self.gain * f.technology_gap[parent]
            own = np.where(fits, (1.0 - inherited) * own + inherited * known, own)
            gap = np.where(fits, (1.0 - inherited) * gap + inherited * f.technology_gap[parent], gap)
        noise = p.turnover.entrant_noise * p.technology.productivity_dispersion * laplaces(uniforms(keys, 2))
        gap = np.where(tier == MAKER, gap, 0.0)
        productivity = np.exp(own + noise - self.gain * gap)
        units = capital / costs.capital_output_ratio[place, tier] / MONTHS
        people = costs.labour_share[place, tier] / places.wage_base[place] * places.labour_load[place]
        workers = MONTHS * units * people
        unit_cost, markup = places.market_cost[place, tier], costs.markup[place, tier]
        level, amount = self.parameters_of_emission(slots, place)
        new = {
            "slot": slots, "place": place, "tier": tier, "weight": places.group_size[place], "capital": capital,
            "workers": workers / (productivity * self.world.progress), "productivity": productivity,
            "technology_gap": gap, "quality": rule.quality_of(gap, p.technology.rung_quality, 0.0),
            "emission": np.where((tier == MAKER) & level, amount, 0.0), "markup": markup, "unit_cost": unit_cost,
            "price": unit_cost * (1.0 + markup), "expected_orders": units,
            "cash": p.turnover.founding_cash * p.investment.cash_buffer_months * units * unit_cost,
            "use": p.production.normal_use, "service": 1.0, "park": -1, "talent": talent, "favour": talent,
            "local_share": np.where(tier == MAKER, places.local_share[place], 0.0),
        }  # fmt: skip
        for name in (*FIRM, "place", "tier", *NOTES):
            old = getattr(f, name)
            column = np.zeros((slots.size, *old.shape[1:]), dtype=old.dtype)
            column[:] = new.get(name, 0)
            setattr(f, name, np.concatenate([old, column]))
        equipment = float((places.group_size[place] * capital).sum()) * self.world.producer
        self.transfer("households", "firms", float((places.group_size[place] * new["cash"]).sum()) + equipment)
        self.transfer("firms", "rest_of_world", equipment)
        self.refresh()

    def drawn_by_weight(self, u: F8, first: I8, last: I8) -> I8:
        """Return positions among firms of the start, each from ``first`` to before ``last`` by its weight."""
        cumulated = np.concatenate([[0.0], self.start_weights])
        target = cumulated[first] + u * (cumulated[last] - cumulated[first])
        position = np.searchsorted(self.start_weights, target, side="right")
        return np.minimum(np.clip(position, first, last - 1), self.start_weights.size - 1)

    def parameters_of_emission(self, slots: I8, place: I8) -> tuple[NDArray[np.bool_], F8]:
        """Return whether makers discharge, and how much waste water per yuan of output they would."""
        sites, spread = self.places.sites[place], self.industries[0].environment.discharge_dispersion
        level = normal_quantiles(uniforms(draws.key(self.seed, "start.emission"), slots))
        amount = np.exp(spread * level - 0.5 * spread * spread) * ratio(self.places.discharge[place], sites)
        return uniforms(draws.key(self.seed, "start.site"), slots) < sites, amount

    def form_expectations(self) -> None:
        """Update expected orders, wear equipment down and sell what is not needed."""
        p, f = self.parameters, self.firms
        surprise = (f.orders + f.passed_on) / self.last_season - f.expected_orders
        speed = p.investment.expectation_speed
        speed = np.where(surprise > 0.0, np.maximum(speed, 1.0 / (1.0 + f.age)), speed)
        f.expected_orders += np.where(f.age > 0, speed * surprise, 0.0)
        f.capital *= 1.0 - p.production.depreciation / MONTHS
        excess = f.capital - f.cost_capital_output_ratio * MONTHS * f.expected_orders * (1.0 + 2.0 * p.investment.band)
        f.scrap = np.where(f.age >= PATIENCE_MONTHS, np.maximum(excess, 0.0) / p.investment.selling_months, 0.0)
        f.capital -= f.scrap

    def diffuse_awareness(self) -> None:
        """Let makers become aware of the next rung."""
        technology, f, makers = self.parameters.technology, self.firms, self.makers
        chance = technology.awareness + technology.neighbour_awareness * self.places.upgraded_share / MONTHS
        size = f.capital[makers] / self.places.mean_capital[f.place[makers], MAKER]
        chance = chance[f.place[makers]] * size**technology.awareness_size_elasticity
        chance = chance * np.where(f.park[makers] >= 0, technology.park_awareness, 1.0)
        f.aware[makers] |= uniforms(self.keys["upgrade.awareness"], f.slot[makers]) < chance

    def invest(self) -> None:
        """Let firms buy machines and upgrades."""
        p, f, producer, maker = self.parameters, self.firms, self.world.producer, self.firms.tier == MAKER
        investment, technology = p.investment, p.technology
        lent = rule.lending_share(rule.bank_access(f.capital, f.honours, investment), investment)
        wanted = rule.desired_capital(f.expected_orders, f.cost_capital_output_ratio, 1.0, self.elasticity)
        own = rule.own_money(f.cash, f.unit_cost * f.expected_orders, investment)
        room = rule.credit_room(f.capital, producer, f.loan, lent + f.credit_line)
        gap = (wanted - f.capital) * producer
        spend = rule.affordable(gap, own, room, lent)
        smallest = np.minimum(investment.smallest_machine, investment.band * wanted)
        buys = (f.capital < wanted * (1.0 - investment.band)) & (spend >= smallest * producer)
        machine = np.where(buys & (spend >= investment.least_part * gap), spend, 0.0)
        cost = rule.upgrade_price(f.capital, producer, technology)
        can_pay = rule.affordable(cost + machine, own, room, lent) >= cost + machine
        may = maker & can_pay & (f.aware == 1) & (f.technology_gap >= LEAST_GAP) & (f.revenue_year > 0.0)
        expected = rule.upgrade_gain(
            f.revenue_year, f.technology_gap, f.cost_labour_share, rule.margin(f.cost_markup),
            p.demand.elasticity_outside, technology, p.production.labour_elasticity,
        )  # fmt: skip
        key = self.keys["upgrade.perception"]
        seen = np.exp(technology.perception_dispersion * laplaces(uniforms(key, f.slot)))
        upgrades = may & rule.upgrade_pays(expected, cost, technology.required_return, seen)
        upgrade = np.where(upgrades, cost, 0.0)
        f.spending += machine + upgrade
        f.borrowing += np.where(machine + upgrade > 0.0, np.maximum(machine + upgrade - own, 0.0), 0.0)
        new = machine / producer
        embodied = f.technology_gap * new / (f.capital + new)
        f.capital += new + technology.upgrade_capacity_share * upgrade / producer
        f.upgraded[upgrades], f.aware[upgrades] = 1, 0
        done = upgrades & (uniforms(self.keys["upgrade.success"], f.slot) < technology.success_rate)
        rungs = np.where(done, np.minimum(f.technology_gap - embodied, technology.rungs_at_once), 0.0)
        f.technology_gap -= embodied + rungs
        f.productivity *= np.exp(self.gain * (embodied + rungs))

    def count_upgrades(self) -> None:
        """Count upgrades in every place."""
        month = self.month % 12
        self.upgrades_by_month[:, month] = self.sums["upgraded"][:, MAKER]
        self.places.upgraded_share = ratio(self.upgrades_by_month.sum(axis=1), self.sums["firms"][:, MAKER])

    def price(self) -> None:
        """Set unit costs, markups and prices, and the mean cost of each market."""
        p, f, places = self.parameters, self.firms, self.places
        own = p.environment.own_treatment_cost * (1.0 - p.environment.untreated_share)
        treatment = f.emission * np.where(self.outside_parks, own, self.parks.fee[f.park])
        elsewhere = places.bought_materials[f.place] * (1.0 - f.purchase_saving)
        services, goods = places.services_price[f.place], places.goods_price[f.place]
        of_makers = (1.0 - f.local_share) * elsewhere + f.local_share * services
        inputs = np.choose(f.tier, [of_makers, elsewhere, goods])
        f.unit_cost = rule.unit_cost(
            f.cost_materials_share, inputs, f.cost_labour_share * places.labour_load[f.place],
            (places.wage / places.wage_base)[f.place],
            f.productivity * places.localisation[f.place] * self.world.progress, treatment,
        )  # fmt: skip
        priced, share = places.priced_materials[f.place], places.local_share[f.place]
        bought = np.choose(f.tier, [1.0 - f.local_share, 1.0, 0.0]) * (1.0 - f.purchase_saving)
        late = f.cost_materials_share * (priced - places.bought_materials[f.place]) * bought
        usual = np.choose(f.tier, [(1.0 - share) * priced + share * services, priced, goods])
        dearer = f.cost_materials_share * (usual - self.world.producer)
        f.markup = rule.next_markup(
            f.markup, f.cost_markup, f.use, p.production.normal_use, p.pricing.markup_use_response,
            p.pricing.markup_reversion,
        )  # fmt: skip
        market = places.market_cost[f.place, f.tier]
        charged = rule.markup_on_cost(f.markup, p.pricing.fee_share, dearer, market)
        f.price = rule.price_of(f.unit_cost + late, market, charged, p.pricing.cost_pass_through)
        capital = self.by_tier(f.capital)
        places.market_cost = ratio(self.by_tier(f.capital * (f.unit_cost + late)), capital, places.market_cost)
        prices = self.by_tier(f.capital * f.price)[:, SUPPLIER]
        places.services_price = ratio(prices, capital[:, SUPPLIER], places.services_price)

    def order(self) -> None:
        """Let buyers spend the month's budgets and local traders buy from makers."""
        demand, f, b, world = self.parameters.demand, self.firms, self.buyers, self.world
        f.attraction = rule.attraction(
            f.price, f.quality, f.service, f.favour, demand.elasticity_suppliers, demand.service_elasticity
        )
        if self.year != self.month // 12:
            self.year = self.month // 12
            self.yearly = self.noise("demand.year", demand.budget_noise_year)
        index = world.demand[b.market, b.foreign] * world.season * self.yearly
        budget = b.budget * index * self.noise("demand.month", demand.budget_noise_month) * b.weight
        outer, inner = demand.elasticity_outside - 1.0, demand.elasticity_suppliers - 1.0
        held = b.supplier >= 0
        piece = rule.taste_for_pieces(f.quality, demand)
        by_kind = (
            np.stack([f.attraction, f.attraction * piece], axis=1)[:, :, None] * self.places.appeal[f.place][:, None]
        )
        trial = np.where(b.link_age < demand.trial_months, demand.trial_weight, 1.0)
        weights = np.where(held, by_kind[b.supplier, b.by_piece[:, None], b.foreign[:, None]] * b.match * trial, 0.0)
        inclusive = weights.sum(axis=1)
        inside = np.where(inclusive > 0.0, inclusive, 0.0) ** (outer / inner)
        ties = np.array([[field.ties_elsewhere, 1.0] for field in self.search])[b.market, b.foreign]
        share = inside / (inside + b.outside_weight * (world.outside_price**-outer)[b.market] * ties)
        spent = np.bincount(2 * b.market.astype(np.int64) + b.foreign, budget * (1.0 - share), 2 * len(self.markets))
        self.spent_outside = spent.reshape(-1, 2)
        value = (weights * ratio(budget * share, inclusive)[:, None])[held]
        kind = np.broadcast_to((b.foreign + 2 * b.by_piece)[:, None], held.shape)[held]
        ordered = np.bincount(4 * b.supplier[held] + kind, value, 4 * f.slot.size).reshape(-1, 4)
        domestic, foreign = ordered[:, 0] + ordered[:, 2], ordered[:, 1] + ordered[:, 3]
        f.ordered = ordered
        self.orders_here = np.stack([
            np.bincount(f.place, value, minlength=self.number) for value in (domestic, foreign)
        ], axis=1)  # fmt: skip
        f.orders = (domestic + foreign) / (f.price * f.weight)
        f.orders_foreign, f.orders_local = ratio(foreign, domestic + foreign), np.zeros(f.slot.size)
        self.produce(self.traders)
        self.buy_local_goods()
        self.put_out()

    def noise(self, stream: str, spread: float) -> F8:
        """Return each buyer's own factor on its budget."""
        draw = uniforms(self.keys[stream], self.buyers.slot)
        return np.exp(spread * laplaces(draw)) * (1.0 - 0.5 * spread * spread)

    def full(self, rows: Any = slice(None)) -> F8:
        """Return full capacity in units a month."""
        f, normal_use = self.firms, self.parameters.production.normal_use
        return rule.full_capacity(f.capital[rows], f.cost_capital_output_ratio[rows], normal_use)

    def buy_local_goods(self) -> None:
        """Let local traders buy from makers with room."""
        f, makers, full = self.firms, self.makers, self.full(self.makers)
        wanted = self.by_place(f.delivered[self.traders] * f.cost_materials_share[self.traders], self.traders)
        orders = f.orders[makers]
        spare = np.maximum(self.parameters.production.normal_use * full - orders, 0.05 * full)
        room = spare**self.parameters.links.visibility_elasticity * f.attraction[makers]
        offered = self.by_place(room, makers)
        self.places.goods_price = ratio(self.by_place(room * f.price[makers], makers), offered, self.places.goods_price)
        units = room * ratio(wanted, offered)[f.place[makers]]
        total = orders + units
        f.orders_foreign[makers] *= ratio(orders, total, 1.0)
        f.orders_local[makers] = ratio(units, total)
        f.orders[makers] = total

    def put_out(self) -> None:
        """Let makers pass on part of what they cannot make, the backlog first, to makers with room."""
        f, makers, place = self.firms, self.makers, self.firms.place[self.makers]
        orders, backlog, shares = f.orders[makers], f.backlog[makers], (f.orders_foreign, f.orders_local)
        left = np.where(f.closed[makers] == 1, 0.0, self.can_make(makers) - orders - backlog)
        beyond, spare = self.parameters.production.putting_out * np.maximum(-left, 0.0), np.maximum(left, 0.0)
        all_beyond, all_spare = self.by_place(beyond, makers), self.by_place(spare, makers)
        moved = np.minimum(all_beyond, all_spare)
        passed, taken = beyond * ratio(moved, all_beyond)[place], spare * ratio(moved, all_spare)[place]
        late = np.minimum(passed, backlog)
        f.passed_on[makers] = np.minimum(passed - late, orders)
        f.orders[makers] = orders - f.passed_on[makers] + taken
        f.backlog[makers] = backlog - late
        for share in shares:
            bound = ratio(self.by_place(passed * share[makers], makers), moved)[place]
            new = ratio(taken, orders + taken)
            share[makers] += np.where(taken > 0.0, new * (bound - share[makers]), 0.0)

    def can_make(self, rows: I8) -> F8:
        """Return what equipment and people can make, units a month."""
        f, places, elasticity = self.firms, self.places, self.parameters.production.labour_elasticity
        by_capital = f.capital[rows] / f.cost_capital_output_ratio[rows]
        common = places.localisation[f.place[rows]] * self.world.progress
        by_labour = f.workers[rows] * f.productivity[rows] * common * places.wage_base[f.place[rows]]
        by_labour /= f.cost_labour_share[rows]
        return np.minimum(by_capital * ratio(by_labour, by_capital) ** elasticity / MONTHS, self.full(rows))

    def produce(self, rows: I8) -> None:
        """Make what was ordered, as far as equipment and people reach."""
        f, production, full = self.firms, self.parameters.production, self.full(rows)
        demanded = f.orders[rows] + f.backlog[rows]
        made = np.where(f.closed[rows] == 1, 0.0, np.minimum(demanded, self.can_make(rows)))
        f.delivered[rows] = made
        f.backlog[rows] = np.minimum(demanded - made, production.backlog_months * full)
        f.use[rows] = ratio(made, full)
        service = f.service[rows]
        f.service[rows] += production.service_memory * (ratio(made, demanded, service) - service)

    def hire_workers(self) -> None:
        """Let firms hire and lay off, and the wage react; productivity follows the size of the local industry."""
        p, f, places, world = self.parameters, self.firms, self.places, self.world
        labour, production = p.labour, p.production
        relative = ratio(self.by_place(f.workers), places.employment_base, 0.0)
        size = np.where(relative > 0.0, relative, 1.0) ** production.localisation_elasticity
        places.localisation = size
        productivity = f.productivity * places.localisation[f.place] * world.progress
        units = (1.0 + labour.reserve) * f.expected_orders + labour.backlog_clearing * f.backlog
        units = np.minimum(units, self.full())
        by_capital = f.capital / f.cost_capital_output_ratio
        people = f.cost_labour_share / places.wage_base[f.place] / productivity * by_capital
        f.wanted_workers = people * ratio(MONTHS * units, by_capital) ** (1.0 / production.labour_elasticity)
        gap = f.wanted_workers - f.workers
        f.workers += labour.firing_speed * np.minimum(gap, 0.0)
        vacancies = self.by_place(labour.hiring_speed * np.maximum(gap, 0.0))
        employed, wanted = self.by_place(f.workers), self.by_place(f.wanted_workers)
        trend = places.wage_trend_base * world.wage
        followed = places.wage * (1.0 + world.wage_growth)
        supply = rule.labour_supply(places.labour_pool, followed, trend, labour.supply_elasticity)
        free = np.maximum(supply - employed, 0.0)
        filled = np.where(vacancies > free, ratio(free, vacancies), 1.0)
        usual, wage = supply / (1.0 + labour.vacancy_pool), places.wage
        met = 1.0 - math.exp(-labour.wage_response * labour.supply_elasticity)
        pressure = (1.0 + met * (ratio(wanted, usual, 1.0) - 1.0)) ** (1.0 / labour.supply_elasticity)
        change = (1.0 + world.wage_growth) * pressure - 1.0
        change = np.where(change > 0.0, change, labour.wage_cuts * change)
        places.wage = np.where(usual > 0.0, wage * (1.0 + change), wage)
        f.workers += labour.hiring_speed * np.maximum(f.wanted_workers - f.workers, 0.0) * filled[f.place]

    def inspect(self) -> None:
        """Close polluting makers outside parks for a month."""
        f, rate = self.firms, self.parameters.environment.inspection_rate
        chance = np.minimum(rate * ratio(f.emission, self.places.discharge[f.place]), 1.0)
        inspected = (f.tier == MAKER) & self.outside_parks & (f.emission > 0.0)
        f.closed = (inspected & (uniforms(self.keys["inspection"], f.slot) < chance)).astype(np.int8)

    def make_goods(self) -> None:
        """Make what was ordered: makers, then the local suppliers they need."""
        f, makers, suppliers = self.firms, self.makers, self.suppliers
        self.produce(makers)
        need = f.delivered[makers] * f.cost_materials_share[makers] * f.local_share[makers]
        weights = self.full(suppliers) ** self.parameters.links.visibility_elasticity * f.attraction[suppliers]
        part = ratio(self.by_place(need, makers), self.by_place(weights, suppliers))
        f.orders[suppliers] = part[f.place[suppliers]] * weights
        f.orders_foreign[suppliers], f.orders_local[suppliers] = 0.0, 1.0
        self.produce(suppliers)

    def inputs(self, goods_needed: F8, services_needed: F8) -> tuple[F8, F8]:
        """Return yuan spent on local inputs and on materials from elsewhere."""
        f, places, value = self.firms, self.places, self.firms.delivered * self.firms.price
        need, bought = (
            f.delivered * f.cost_materials_share,
            places.bought_materials[f.place] * (1.0 - f.purchase_saving),
        )
        goods = self.by_place((value * f.orders_local)[self.makers], self.makers)
        services = self.by_place(value[self.suppliers], self.suppliers)
        services_price = places.services_price[f.place]
        wanted = need * f.local_share * services_price
        local = wanted * ratio(services, services_needed)[f.place]
        short = np.maximum(wanted - local, 0.0) / services_price
        elsewhere = (need * (1.0 - f.local_share) + short) * bought
        goods = need * ratio(goods, goods_needed)[f.place]
        none = np.zeros(need.size)
        return np.choose(f.tier, [local, none, goods]), np.choose(f.tier, [elsewhere, need * bought, none])

    def settle(self) -> None:
        """Work out and move the month's flows, let firms borrow when cash is short, and add the month up."""
        p, f, places, parks, world = self.parameters, self.firms, self.places, self.parks, self.world
        tax, producer, month = p.tax, world.producer, self.month % 12
        need = f.delivered * f.cost_materials_share
        goods_needed = self.by_place(need[self.traders], self.traders)
        of_makers = need * f.local_share * places.services_price[f.place]
        services_needed = self.by_place(of_makers[self.makers], self.makers)
        sales = f.delivered * f.price
        used = np.where(f.tier == MAKER, goods_needed[f.place], services_needed[f.place]) > 0.0
        foreign, local = sales * f.orders_foreign, np.where(used, sales * f.orders_local, 0.0)
        domestic = sales - foreign - local
        local_inputs, materials = self.inputs(goods_needed, services_needed)
        wages, waste = f.workers * places.wage[f.place] / MONTHS, f.delivered * f.emission
        overhead = rule.overhead_of(
            f.cost_overhead_share, f.capital, f.cost_capital_output_ratio, p.production.overhead_labour_share,
            (places.wage / places.wage_base)[f.place] / world.progress, producer,
        ) * (1.0 - f.overhead_saving)  # fmt: skip
        tenant = ~self.outside_parks
        rent = np.where(tenant, f.plots * (parks.plot_area * parks.rent)[f.park], 0.0)
        fits = np.minimum(f.plots * p.park.capital_per_plot / f.capital, 1.0)
        overhead -= np.where(tenant, p.park.rent_share * overhead * fits, 0.0)
        treatment = np.where(tenant, waste * (parks.capacity_share * parks.fee)[f.park], 0.0)
        own = waste * (1.0 - p.environment.untreated_share) * p.environment.own_treatment_cost
        materials = materials + np.where(tenant, 0.0, own)
        access = rule.bank_access(f.capital, f.honours, p.investment)
        interest = f.loan * rule.loan_rate(access, p.investment) / MONTHS
        at_home = ratio(domestic + local, sales)
        wear = f.capital * p.production.depreciation / MONTHS * producer
        bought = materials + local_inputs + (1.0 - p.production.overhead_labour_share) * overhead
        bought += rent + treatment + wear
        usual_tax = tax.vat / (1.0 + tax.vat) * np.maximum(domestic + local - at_home * bought, 0.0)
        small = f.revenue_year < tax.small_taxpayer_revenue
        vat = np.where(small, tax.vat_small * (domestic + local), usual_tax) * (1.0 + tax.surcharge)
        before_tax = sales - materials - local_inputs - wages - overhead - rent - treatment - interest
        profit = before_tax - vat - wear - f.fees
        f.fees = np.zeros(f.slot.size)
        rate = np.where(f.profit_year < tax.small_profit, tax.income_tax_small, tax.income_tax)
        income = np.where((profit > 0.0) & (f.profit_year > 0.0), rate * profit, 0.0)
        sold, repaid = f.scrap * producer * p.investment.resale_share, f.loan / p.investment.repayment_months
        f.loan = f.loan + f.borrowing - repaid
        f.sales, f.exports = sales, foreign
        operating = before_tax + sold + f.borrowing - repaid - f.spending - vat - income
        usual = f.unit_cost * f.expected_orders
        out = rule.dividends(f.cash + operating, usual, p.investment.cash_buffer_months, p.investment.dividend_rate)
        f.cash = f.cash + operating - out
        newest, earned = (flow.astype(np.float32).astype(np.float64) for flow in (sales, profit))
        f.revenue_year, f.profit_year = (
            f.revenue_year + (newest - f.revenue_ring[:, month]), f.profit_year + (earned - f.profit_ring[:, month]),
        )  # fmt: skip
        f.revenue_ring[:, month], f.profit_ring[:, month] = newest, earned
        lent = rule.lending_share(access, p.investment) + f.credit_line
        room = rule.credit_room(f.capital, producer, f.loan, lent)
        drawn = np.minimum(np.maximum(-f.cash, 0.0), room)
        f.loan, f.cash = f.loan + drawn, f.cash + drawn
        flows = (
            domestic, foreign, local, materials, local_inputs, wages, overhead, rent, treatment, interest, vat, income,
            f.spending, sold, f.borrowing, repaid, out, drawn,
        )  # fmt: skip
        self.flows = {name: self.by_place(flow) for name, flow in zip(FLOWS, flows, strict=True)}
        self.book()
        in_park = (parks.capacity_share * parks.removes)[f.park]
        treated = waste * np.where(tenant, in_park, 1.0 - p.environment.untreated_share)
        exporters = 1.0 - np.maximum(1.0 - 1.0 / f.weight, 0.0) ** f.foreign_links
        served = np.minimum(ratio(sales, f.orders * f.price), 1.0) / f.weight
        piece, piece_abroad = served * f.ordered[:, 2:].sum(axis=1), served * f.ordered[:, 3]
        counted = (
            np.ones(f.slot.size), sales, f.revenue_year, f.profit_year, f.profit_year < 0.0, sales * f.price,
            sales * f.unit_cost, f.workers, f.revenue_year >= ABOVE_SCALE_YUAN, f.delivered, self.full(),
            sales * f.technology_gap, sales * f.quality, f.capital, profit, f.spending, materials + local_inputs,
            foreign, domestic, wages, vat + income, np.where(f.foreign_links > 0, exporters, 0.0),
            np.where(tenant, f.plots, 0.0), tenant, piece, piece_abroad, f.upgraded, waste - treated, treated,
        )  # fmt: skip
        self.sums = {name: self.by_tier(values) for name, values in zip(SUMS, counted, strict=True)}

    def update_market_accounts(self) -> None:
        """Update profit rates, mean revenues and sales, and once a year what size does to closing on average."""
        places, revenue = self.places, self.sums["revenue_year"]
        places.profit_rate = ratio(self.sums["profit_year"], revenue, places.profit_rate)
        mean = ratio(revenue, self.sums["firms"])
        places.mean_revenue = np.where(revenue > 0.0, mean, places.mean_revenue)
        sold = ratio(self.sums["delivered"], self.sums["firms"] * self.world.season)
        speed = np.where(places.mean_sold > 0.0, SOLD_MEMORY, 1.0)
        places.mean_sold = np.where(
            revenue > 0.0, places.mean_sold + speed * (sold - places.mean_sold), places.mean_sold
        )
        if self.month % 12 == 11:
            factors, old = self.size_factors(), self.age_classes()
            places.size_hazard = np.stack(
                [
                    ratio(self.by_tier(factors * (old == k)), self.by_tier(1.0 * (old == k)), 1.0)
                    for k in range(AGE_CLASSES)
                ],
                axis=2,
            )

    def size_factors(self) -> F8:
        """Return what size does to each firm's hazard of closing."""
        f = self.firms
        size = ratio(f.revenue_year, self.places.mean_revenue[f.place, f.tier], 0.0)
        factor = np.maximum(size, SMALLEST_SIZE) ** self.parameters.turnover.hazard_size_elasticity
        return np.where((size > 0.0) & (f.age >= 12), factor, 1.0)

    def age_classes(self) -> I8:
        """Return the class of each firm's age by which hazards are published."""
        return np.searchsorted(np.array([12, 24, 36, 84]), self.firms.age, side="right")

    def book(self) -> None:
        """Book what firms paid and received."""
        for name, (source, target) in FLOWS.items():
            self.transfer(source, target, float(self.flows[name].sum()))
        self.tax_due = self.flows["value_added_tax"] + self.flows["income_tax"]
        for account, yuan in zip(self.county_accounts, self.flows["park_rent"] + self.flows["treatment"], strict=True):
            self.transfer("park_receipts", account, float(yuan))

    # --- links ----------------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Break links, then let buyers search."""
        p, f, b = self.parameters, self.firms, self.buyers
        market_cost = self.places.market_cost[f.place, f.tier]
        now = rule.size_visibility(f.weight, self.full(), p.links)
        now = now * rule.reputation(f.quality, f.price, market_cost, p.links)
        now = now * (1.0 + p.links.young_effort * np.exp(-f.age / (MONTHS * p.links.young_years)))
        now = np.where(f.tier == SUPPLIER, 0.0, now)
        self.places.visible = np.bincount(f.place, now, minlength=self.number)
        now = np.where(f.visible > 0.0, ratio(now, f.visible), now)
        seen = now.astype(np.float32).astype(np.float64)
        lost = self.break_links()
        looks = p.links.entrant_looks * (self.month - self.burn_in_from) / MONTHS
        keys = combines(self.keys["link.search"], b.slot)
        for number, field in enumerate(self.search):
            here = np.flatnonzero(b.market == number)
            self.find(here, keys[here], lost[here], field, self.found(number, field), 1.0 - math.exp(-looks), seen)

    def found(self, number: int, field: Any) -> F8:
        """Return monthly rates at which buyers of a market come upon its firms, who compete with others for being seen.

        Buyers at home come to know more or fewer of those others.
        """
        if not field.visible > 0.0:
            return field.fill_rates
        links, shown = self.parameters.links, self.places.visible[list(self.markets[number].places)].sum()
        volume = self.world.demand[number] / self.world.outside_price[number]
        visible = shown / field.visible * field.volume / volume
        at_home, abroad = visible ** (links.visible_elasticity * (1.0 - field.share))
        hazard = plain.monthly_hazard(links.domestic_survival)
        field.ties_elsewhere += hazard * (1.0 / at_home - field.ties_elsewhere)
        return field.fill_rates * np.array([1.0, abroad])

    def break_links(self) -> I8:
        """Age links, drop those that break or whose firm has closed, and return how many each buyer lost."""
        f, b, links = self.firms, self.buyers, self.parameters.links
        who, where = np.nonzero(b.supplier != EMPTY)
        firm = b.supplier[who, where]
        abroad, alive = b.foreign[who], firm >= 0
        hazards = np.array(
            [plain.monthly_hazard(links.domestic_survival), plain.monthly_hazard(links.foreign_survival)]
        )
        chance = rule.break_chance(hazards[abroad], f.service[firm], links.service_response)
        draw = uniforms(combines(self.keys["link.break"], b.slot)[who], f.slot[firm])
        breaks = ~alive | (draw < chance)
        side = np.where(alive, f.place[firm], CLOSED - firm) * 2 + abroad
        self.links_at_risk, self.links_lost = (
            np.bincount(side[among], b.weight[who[among]], 2 * self.number).reshape(-1, 2)
            for among in (np.ones(who.size, dtype=bool), breaks)
        )
        b.link_age[who, where] += 1
        b.supplier[who[breaks], where[breaks]] = EMPTY
        gone = breaks & alive & (abroad == 1)
        np.subtract.at(f.foreign_links, firm[gone], b.weight[who[gone]].astype(np.int64))
        order = np.argsort(b.supplier == EMPTY, axis=1, kind="stable")
        for name in ("supplier", "match", "link_age"):
            setattr(b, name, np.take_along_axis(getattr(b, name), order, axis=1))
        return np.bincount(who[breaks], minlength=b.slot.size)

    def find(self, here: I8, keys: Keys, lost: I8, field: Any, rates: F8, entrants: float, seen: F8) -> None:
        """Let buyers of a market fill empty slots; all looks of the month at once, then link by link of a buyer."""
        b, f, slots, links = self.buyers, self.firms, self.buyers.supplier.shape[1], self.parameters.links
        abroad, held = b.foreign[here] == 1, (b.supplier[here] != EMPTY).sum(axis=1)
        draw, again = uniforms(keys, 0), combines(keys, 1)
        searches = binomial_quantiles(draw, slots - held, float(rates[0]))
        found = ((draw < rates[1]) & (held + lost < field.foreign_slots)).astype(np.int64)
        for n in range(int(lost.max(initial=0))):
            found += (n < lost) & (uniforms(again, n) < links.same_county)
        searches = np.where(abroad, found, searches)
        who = np.repeat(np.arange(here.size), searches)
        turn = np.arange(who.size) - np.repeat(np.cumsum(searches) - searches, searches)
        chosen = self.settle_on(combines(combines(keys, 2)[who], turn), field, entrants, seen)
        match_keys = combines(draws.key(self.seed, "match"), b.slot[here])
        demand = self.parameters.demand
        spread = (demand.elasticity_suppliers - 1.0) * demand.match_dispersion
        for n in range(int(searches.max(initial=0))):
            now = (turn == n) & (chosen >= 0)
            buyer, firm = here[who[now]], chosen[now]
            number = (b.supplier[buyer] != EMPTY).sum(axis=1)
            new = (number < slots) & ~(b.supplier[buyer] == firm[:, None]).any(axis=1)
            buyer, firm, number, key = buyer[new], firm[new], number[new], match_keys[who[now][new]]
            b.supplier[buyer, number], b.link_age[buyer, number] = firm, 0
            b.match[buyer, number] = np.exp(spread * laplaces(uniforms(key, f.slot[firm]))).astype(np.float32)
            outside = b.foreign[buyer] == 1
            np.add.at(f.foreign_links, firm[outside], b.weight[buyer[outside]].astype(np.int64))

    def settle_on(self, keys: Keys, field: Any, entrants: float, seen: F8) -> I8:
        """Return the firm on which each search settles, -1 for none."""
        start = field.own.size
        candidates = field.firms.size - start
        scale = candidates * (1.0 - entrants) / (entrants * field.total) if entrants > 0.0 else 0.0
        best, least = np.full(keys.size, EMPTY), np.full(keys.size, np.inf)
        considered, met = int(self.parameters.links.considered), np.zeros(keys.size, dtype=np.int64)
        for look in range(considered * MOST_LOOKS):
            looks = met < considered
            if not looks.any():
                break
            u = uniforms(keys, 2 * look)
            part = np.maximum(u - entrants, 0.0) / (1.0 - entrants) * start
            position = np.minimum(part.astype(np.int64), start - 1)
            position = np.where(part - position < field.own[position], position, field.other[position])
            if candidates > 0:
                candidate = np.minimum((u / entrants * candidates).astype(np.int64), candidates - 1)
                position = np.where(u < entrants, start + candidate, position)
            firm = field.firms[position]
            chance = seen[firm] * np.where(position >= start, scale, 1.0)
            chance = np.where(looks & (firm >= 0), chance, 0.0)
            met += firm >= 0
            value = ratio(-np.log(1.0 - uniforms(keys, 2 * look + 1)), chance, np.inf)
            better = value < least
            best, least = np.where(better, firm, best), np.where(better, value, least)
        return best

    # --- learning and exit ----------------------------------------------------------------------------------------

    def learn_and_age(self) -> None:
        """Move favour, productivity, technique and age by a month."""
        technology, favour, f, makers = self.parameters.technology, self.parameters.favour, self.firms, self.makers
        leads = np.where(f.honours & HONOUR_LEAD != 0, technology.lead_shock, 1.0)
        draw, jumps = uniforms(self.keys["favour"], f.slot), favour.jumps_a_year / MONTHS
        size = ratio(f.revenue_year, self.places.mean_revenue[f.place, f.tier])
        spread = np.where(size > 0.0, np.maximum(size, SMALLEST_SIZE) ** -favour.shock_size_elasticity, 1.0)
        f.luck += favour.shock * spread * leads * laplaces(np.where(draw < jumps, draw / jumps, 0.5))
        f.favour += (f.talent + f.luck - f.favour) / favour.follow_months
        f.luck *= 1.0 - favour.reversion / MONTHS
        pull = technology.productivity_reversion / MONTHS
        own = np.log(f.productivity) + self.gain * f.technology_gap
        own += pull * (self.places.productivity_base[f.place, f.tier] - own)
        shock = technology.productivity_dispersion * math.sqrt(2.0 * pull)
        own += shock * leads * laplaces(uniforms(self.keys["productivity"], f.slot))
        gap = f.technology_gap[makers]
        behind = np.minimum(gap + technology.frontier_rungs / MONTHS, np.maximum(gap, technology.widest_gap))
        f.technology_gap[makers] = behind
        f.brand[makers] *= 1.0 - technology.brand_fading / MONTHS
        f.quality[makers] = rule.quality_of(f.technology_gap[makers], technology.rung_quality, f.brand[makers])
        f.productivity = np.exp(own - self.gain * f.technology_gap)
        f.age += 1

    def leave(self) -> None:
        """Close firms whose time has come or whose money is gone."""
        turnover, investment, f = self.parameters.turnover, self.parameters.investment, self.firms
        by_age = [turnover.hazard_year_1, turnover.hazard_year_2, turnover.hazard_year_3, turnover.hazard_years_4_7]
        age = np.select([f.age < limit for limit in (12, 24, 36, 84)], by_age, turnover.hazard_later)
        factor = self.size_factors() / self.places.size_hazard[f.place, f.tier, self.age_classes()]
        idle = (f.age >= PATIENCE_MONTHS) & (f.revenue_year < turnover.idle_use * self.full() * MONTHS * f.price)
        hazard = age * factor + np.where(idle, turnover.idle_hazard, 0.0)
        closes = uniforms(self.keys["exit"], f.slot) < 1.0 - np.exp(-hazard / MONTHS)
        closes &= f.honours & HONOUR_LEAD == 0
        access = rule.bank_access(f.capital, f.honours, investment)
        lent = rule.lending_share(access, investment) + f.credit_line
        room = rule.credit_room(f.capital, self.world.producer, f.loan, lent)
        revenue = np.maximum(f.revenue_year, f.price * f.expected_orders * MONTHS)
        self.remove(closes | rule.insolvent(f.cash, room, revenue, rule.trade_credit_months(access, turnover)))

    def remove(self, closes: NDArray[np.bool_]) -> None:
        """Liquidate some firms and take them out of the columns; links to them remember only the place."""
        f, weight = self.firms, self.firms.weight[closes]
        value = f.capital[closes] * self.world.producer * self.parameters.investment.resale_share
        cash = f.cash[closes] + value
        repaid = np.minimum(f.loan[closes], np.maximum(cash, 0.0))
        self.transfer("rest_of_world", "firms", float((weight * value).sum()))
        self.transfer("firms", "banks", float((weight * repaid).sum()))
        self.transfer("firms", "households", float((weight * np.maximum(cash - repaid, 0.0)).sum()))
        self.transfer("banks", "firms", float((weight * np.maximum(repaid - cash, 0.0)).sum()))
        where = np.empty(f.slot.size + 1, dtype=np.int64)
        where[:-1] = np.where(closes, CLOSED - f.place.astype(np.int64), np.cumsum(~closes) - 1)
        where[-1] = EMPTY

        def moved(rows: I8) -> I8:
            return np.where(rows >= EMPTY, where[np.maximum(rows, EMPTY)], rows)

        self.buyers.supplier, self.parents = moved(self.buyers.supplier), moved(self.parents)
        for field in self.search:
            field.firms = moved(field.firms)
        for name in (*FIRM, "place", "tier", *NOTES):
            setattr(f, name, getattr(f, name)[~closes])
        self.refresh()

    def close(self) -> None:
        """Check that every account balances, and turn to the next month."""
        a = self.accounts
        cash = float((self.firms.weight * self.firms.cash).sum())
        gaps = (math.fsum(a.values()), a["local_trade"], a["park_receipts"], cash - a["firms"])
        if not max(map(abs, gaps)) <= 1e-9 * sum(map(abs, a.values())):
            raise RuntimeError(f"the accounts are off by {gaps} yuan")
        self.month += 1


def binomial_quantiles(u: F8, number: I8, chance: float) -> I8:
    """Return how many of ``number`` trials each succeed, at probabilities ``u``."""
    if chance >= 1.0:
        return number
    successes = np.zeros(u.size, dtype=np.int64)
    mass = (1.0 - chance) ** number
    below = mass.copy()
    while (more := (u >= below) & (successes < number)).any():
        mass = np.where(more, mass * (chance / (1.0 - chance)) * (number - successes) / (successes + 1), mass)
        successes += more
        below += np.where(more, mass, 0.0)
    return successes
