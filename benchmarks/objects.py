"""The peer: firms as ordinary Mesa agents, one Python object each, with the same scalar rules.

It does what the model's firm phases do in a month (expectations and machines, prices, wanted workers, production,
settlement) the way Mesa's tutorials do it: attributes on agents, ``model.agents.do(...)``. The rules are the project's
own, as plain Python functions. Left out on both sides of the comparison: buyers, links, fairs, entry and exit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np

from sim.month.calendar import seasons
from sim.rules.chance import laplace as _laplace
from sim.rules.investment import affordable as _affordable
from sim.rules.investment import credit_room as _credit_room
from sim.rules.investment import desired_capital as _desired_capital
from sim.rules.investment import own_money as _own_money
from sim.rules.investment import stock_elasticity
from sim.rules.prices import materials_price as _materials_price
from sim.rules.prices import next_markup as _next_markup
from sim.rules.prices import price_of as _price_of
from sim.rules.prices import unit_cost as _unit_cost
from sim.rules.production import full_capacity as _full_capacity
from sim.rules.production import potential_output as _potential_output
from sim.rules.production import workers_for as _workers_for
from sim.rules.settlement import dividends as _dividends
from sim.rules.settlement import income_tax as _income_tax
from sim.rules.settlement import inputs_bought as _inputs_bought
from sim.rules.settlement import outside_rent as _outside_rent
from sim.rules.settlement import value_added_tax as _value_added_tax
from sim.state.columns import MAKER, SUPPLIER
from sim.state.state import State

MONTHS = 12.0


def plain(function: Any) -> Any:
    """Return a compiled rule as the Python function it was written as."""
    return getattr(function, "py_func", function)


laplace, affordable, credit_room = plain(_laplace), plain(_affordable), plain(_credit_room)
desired_capital, own_money = plain(_desired_capital), plain(_own_money)
next_markup, price_of, unit_cost = plain(_next_markup), plain(_price_of), plain(_unit_cost)
materials_price, inputs_bought = plain(_materials_price), plain(_inputs_bought)
full_capacity, potential_output, workers_for = plain(_full_capacity), plain(_potential_output), plain(_workers_for)
dividends, income_tax, outside_rent = plain(_dividends), plain(_income_tax), plain(_outside_rent)
value_added_tax = plain(_value_added_tax)

COPIED = (
    "tier", "weight", "capital", "workers", "productivity", "emission", "markup", "cash", "loan", "expected_orders",
    "orders", "orders_foreign", "orders_local", "backlog", "use", "service", "park", "plots", "closed", "revenue_year",
    "profit_year", "unit_cost", "price", "delivered", "local_share", "purchase_saving", "overhead_saving",
    "credit_line", "fees",
)  # fmt: skip


@dataclass
class Terms:
    """What every firm of the month faces: the model's numbers as plain Python ones."""

    costs: list[Any]  # materials, labour, overhead, capital-output ratio, markup by tier
    market_cost: list[float]
    wage: float
    wage_base: float
    localisation: float
    progress: float
    bought: float
    producer: float
    season: float
    goods_price: float
    services_price: float
    park_rent: list[float]
    park_fee: list[float]
    park_capacity: list[float]
    plot_area: list[float]


class FirmObject(mesa.Agent):
    """One firm with its numbers as attributes."""

    def __init__(self, model: Peer, values: dict[str, Any], revenues: list[float], profits: list[float]) -> None:
        super().__init__(model)
        self.__dict__.update(values)
        self.revenues, self.profits = revenues, profits
        self.profit = self.spending = self.borrowing = self.scrap = 0.0
        self.materials, self.labour, self.overhead, self.ratio, self.competitive = model.terms.costs[self.tier]

    def expect(self) -> None:
        """Form expectations, wear equipment down and sell what is not needed."""
        p, terms = self.model.parameters, self.model.terms
        self.expected_orders += p.investment.expectation_speed * (self.orders / terms.season - self.expected_orders)
        self.capital *= 1.0 - p.production.depreciation / MONTHS
        wanted = self.ratio * MONTHS * self.expected_orders
        excess = self.capital - wanted * (1.0 + 2.0 * p.investment.band)
        self.scrap = excess / p.investment.selling_months if excess > 0.0 else 0.0
        self.capital -= self.scrap

    def plan(self) -> None:
        """Buy a machine when the gap to wanted capital is wide enough and money is there."""
        investment, terms = self.model.parameters.investment, self.model.terms
        self.spending = self.borrowing = 0.0
        wanted = desired_capital(self.expected_orders, self.ratio, 1.0, self.model.elasticity)
        own = own_money(self.cash, self.unit_cost * self.expected_orders, investment.cash_buffer_months)
        lent = investment.collateral_share + self.credit_line
        room = credit_room(self.capital, terms.producer, self.loan, lent)
        if self.capital >= wanted * (1.0 - investment.band):
            return
        gap = (wanted * (1.0 + investment.band) - self.capital) * terms.producer
        spend = affordable(gap, own, room, investment.collateral_share)
        if spend >= investment.smallest_machine * terms.producer and spend >= investment.least_part * gap:
            self.spending = spend
            self.borrowing = max(spend - own, 0.0)
            self.capital += spend / terms.producer

    def set_price(self) -> None:
        """Set unit cost, markup and price."""
        p, terms = self.model.parameters, self.model.terms
        if self.park >= 0:
            treatment = self.emission * terms.park_fee[self.park]
        else:
            environment = p.environment
            treatment = self.emission * environment.own_treatment_cost * (1.0 - environment.untreated_share)
        self.unit_cost = unit_cost(
            self.materials,
            materials_price(
                self.tier,
                self.local_share,
                self.purchase_saving,
                terms.bought,
                terms.services_price,
                terms.goods_price,
            ),
            self.labour,
            terms.wage / terms.wage_base,
            self.productivity * terms.localisation * terms.progress,
            treatment,
        )
        self.markup = next_markup(
            self.markup,
            self.competitive,
            self.use,
            p.production.normal_use,
            p.pricing.markup_use_response,
            p.pricing.markup_reversion,
        )
        self.price = price_of(self.unit_cost, terms.market_cost[self.tier], self.markup, p.pricing.cost_pass_through)

    def want_workers(self) -> None:
        """Work out how many workers expected orders need."""
        p, terms = self.model.parameters, self.model.terms
        full = full_capacity(self.capital, self.ratio, p.production.normal_use)
        self.wanted_workers = workers_for(
            min(self.expected_orders + p.labour.backlog_clearing * self.backlog, full),
            self.capital,
            self.productivity * terms.localisation * terms.progress,
            self.labour / terms.wage_base,
            self.ratio,
            p.production.labour_elasticity,
        )

    def produce(self) -> None:
        """Make what was ordered, as far as equipment and people reach."""
        production, terms = self.model.parameters.production, self.model.terms
        full = full_capacity(self.capital, self.ratio, production.normal_use)
        potential = potential_output(
            self.capital,
            self.workers * self.productivity * terms.localisation * terms.progress,
            self.labour / terms.wage_base,
            self.ratio,
            production.labour_elasticity,
        )
        demanded = self.orders + self.backlog
        made = 0.0 if self.closed else min(demanded, potential, full)
        self.delivered = made
        self.backlog = min(demanded - made, production.backlog_months * full)
        self.use = made / full if full > 0.0 else 0.0
        if demanded > 0.0:
            self.service += production.service_memory * (made / demanded - self.service)

    def settle(self) -> None:
        """Work out the month's flows and close the accounts."""
        p, terms = self.model.parameters, self.model.terms
        sales = self.delivered * self.price
        foreign, local = sales * self.orders_foreign, sales * self.orders_local
        domestic = sales - foreign - local
        materials, local_inputs = self._inputs()
        wages = self.workers * terms.wage / MONTHS
        people, relative = p.production.overhead_labour_share, terms.wage / terms.wage_base / terms.progress
        overhead = self.overhead * self.capital / self.ratio / MONTHS
        overhead *= people * relative + (1.0 - people) * terms.producer
        overhead *= 1.0 - self.overhead_saving
        waste = self.delivered * self.emission
        rent = treatment = 0.0
        if self.park >= 0:
            where = self.park
            rent = self.plots * terms.plot_area[where] * terms.park_rent[where]
            overhead -= outside_rent(self.capital, terms.plot_area[where], p.park) * terms.producer
            treatment = waste * terms.park_capacity[where] * terms.park_fee[where]
        else:
            materials += waste * (1.0 - p.environment.untreated_share) * p.environment.own_treatment_cost
        interest = self.loan * p.investment.loan_rate / MONTHS
        vat = value_added_tax(domestic + local, sales, materials + local_inputs, self.revenue_year, p.tax)
        wear = self.capital * p.production.depreciation / MONTHS * terms.producer
        costs = materials + local_inputs + wages + overhead + rent + treatment + interest
        self.profit = sales - costs - vat - wear - self.fees
        self.fees = 0.0
        income = income_tax(self.profit, self.profit_year, p.tax)
        sold = self.scrap * terms.producer * p.investment.resale_share
        repaid = self.loan / p.investment.repayment_months
        self.loan += self.borrowing - repaid
        operating = sales - costs + sold + self.borrowing - repaid - self.spending - vat - income
        usual = self.unit_cost * self.expected_orders
        out = dividends(self.cash + operating, usual, p.investment.cash_buffer_months, p.investment.dividend_rate)
        self.cash += operating - out
        if self.cash < 0.0:
            lent = p.investment.collateral_share + self.credit_line
            room = credit_room(self.capital, terms.producer, self.loan, lent)
            drawn = min(-self.cash, room)
            self.loan += drawn
            self.cash += drawn
        month = self.model.month_of_year
        self.revenue_year += sales - self.revenues[month]
        self.profit_year += self.profit - self.profits[month]
        self.revenues[month], self.profits[month] = sales, self.profit

    def _inputs(self) -> tuple[float, float]:
        """Return the yuan paid for materials from elsewhere and for goods and services of local firms."""
        terms, model = self.model.terms, self.model
        local, materials = inputs_bought(
            self.tier,
            self.delivered * self.materials,
            model.goods,
            model.goods_needed,
            model.services,
            model.services_needed,
            terms.services_price,
            self.local_share,
            terms.bought * (1.0 - self.purchase_saving),
        )
        return materials, local


class Peer(mesa.Model):
    """The firms of a settled model as objects."""

    def __init__(self, state: State) -> None:
        super().__init__(seed=1)
        self.parameters, self.month_of_year = state.parameters, state.month_of_year
        self.terms = terms_of(state)
        investment, production = state.parameters.investment, state.parameters.production
        self.elasticity = stock_elasticity(
            investment.user_cost_elasticity, production.depreciation, investment.response_years
        )
        firms = state.firms
        columns = {name: getattr(firms, name)[state.live].tolist() for name in COPIED}
        revenues, profits = firms.revenue_ring[state.live].tolist(), firms.profit_ring[state.live].tolist()
        for place in range(state.live.size):
            values = {name: column[place] for name, column in columns.items()}
            FirmObject(self, values, revenues[place], profits[place])

    def column(self, name: str) -> np.ndarray:
        """Return one attribute of all firms."""
        return np.array(self.agents.get(name))

    def put(self, name: str, values: np.ndarray) -> None:
        """Set one attribute of all firms."""
        for agent, value in zip(self.agents, values.tolist(), strict=True):
            setattr(agent, name, value)

    def trade(self) -> None:
        """Add up what local firms sell to each other."""
        terms = self.terms
        self.goods = self.goods_needed = self.services = self.services_needed = 0.0
        for firm in self.agents:
            if firm.tier == MAKER:
                self.goods += firm.weight * firm.delivered * firm.price * firm.orders_local
                need = firm.materials * firm.local_share * terms.services_price
                self.services_needed += firm.weight * firm.delivered * need
            elif firm.tier == SUPPLIER:
                self.services += firm.weight * firm.delivered * firm.price
            else:
                self.goods_needed += firm.weight * firm.delivered * firm.materials

    def market(self) -> None:
        """Update the mean unit cost of each tier's market."""
        weights, sums = [0.0] * 3, [0.0] * 3
        for firm in self.agents:
            weights[firm.tier] += firm.weight * firm.capital
            sums[firm.tier] += firm.weight * firm.capital * firm.unit_cost
        self.terms.market_cost = [total / weight for total, weight in zip(sums, weights, strict=True)]

    def step(self) -> None:
        """Simulate a month of firms; orders follow expectations with noise, as no buyers are simulated here."""
        for firm in self.agents:
            firm.orders = firm.expected_orders * (1.0 + 0.1 * laplace(self.random.random()))
        self.agents.do("expect")
        self.agents.do("plan")
        self.agents.do("set_price")
        self.market()
        self.agents.do("want_workers")
        self.agents.do("produce")
        self.trade()
        self.agents.do("settle")
        self.month_of_year = (self.month_of_year + 1) % 12


def terms_of(state: State) -> Terms:
    """Return what firms of the first place face this month."""
    costs, places, world, parks = state.costs, state.places, state.world, state.parks
    of_tiers = (
        costs.materials_share, costs.labour_share, costs.overhead_share, costs.capital_output_ratio, costs.markup,
    )  # fmt: skip
    by_tier = [[float(column[0, tier]) for column in of_tiers] for tier in range(3)]
    return Terms(
        costs=by_tier,
        market_cost=places.market_cost[0].tolist(),
        wage=float(places.wage[0]),
        wage_base=float(places.wage_base[0]),
        localisation=float(places.localisation[0]),
        progress=float(world.progress),
        bought=float(places.bought_materials[0]),
        producer=float(world.producer),
        season=float(seasons(state.parameters.demand.january_february)[(state.month - 1) % 12]),
        goods_price=float(places.goods_price[0]),
        services_price=float(places.services_price[0]),
        park_rent=parks.rent.tolist(),
        park_fee=parks.fee.tolist(),
        park_capacity=parks.capacity_share.tolist(),
        plot_area=parks.plot_area.tolist(),
    )
