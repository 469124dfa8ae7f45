"""The same month as an idiomatic Mesa model: firms, buyers and counties as agents, attributes, methods, ``do``.

It does all that ``ClusterModel.step`` does in a baseline without policies, with the scalar rules as plain Python
(``benchmarks.plain``) and the same keyed draws, and starts from a settled ``ClusterModel``. Methods of ``MesaMonth``
have the names of the phases they stand for. Written for reading: it is the second implementation of every pass.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from benchmarks import plain
from sim.month.accounts import SOLD_MEMORY
from sim.month.calendar import materials_from_elsewhere, position_of, seasons, world_of
from sim.observables import ABOVE_SCALE_YUAN
from sim.rules import totals
from sim.rules.elementary import normal_quantile
from sim.rules.investment import PATIENCE_MONTHS
from sim.rules.links import MOST_LOOKS
from sim.state import draws
from sim.state.columns import AGE_CLASSES, HONOUR_LEAD, MAKER, SUPPLIER, TRADER
from sim.state.state import CANDIDATE_START

if TYPE_CHECKING:
    from sim.model import ClusterModel
    from sim.state.state import State

MONTHS = 12.0
FIRM = (
    "slot", "weight", "age", "capital", "workers", "wanted_workers", "productivity", "technology_gap", "quality",
    "emission", "markup", "unit_cost", "price", "cash", "loan", "expected_orders", "orders", "orders_foreign",
    "orders_local", "backlog", "delivered", "use", "sales", "exports", "revenue_year", "profit_year", "service",
    "park", "plots", "aware", "closed", "foreign_links", "honours", "brand", "local_share", "purchase_saving",
    "overhead_saving",
    "credit_line", "fees", "visible", "revenue_ring", "profit_ring", "passed_on", "talent", "luck", "favour",
)  # fmt: skip
"""Columns of a firm that the month reads or writes."""
NOTES = ("attraction", "spending", "borrowing", "scrap", "upgraded", "ordered")
"""What a firm notes for the rest of the month."""
PLACE = (
    "wage", "wage_base", "labour_pool", "localisation", "employment_base", "productivity_base", "goods_price",
    "services_price", "upgraded_share", "market_cost", "profit_rate", "normal_profit", "normal_entry", "mean_capital",
    "mean_revenue", "bought_materials", "local_share", "appeal", "labour_load", "mean_sold", "normal_sold",
    "dear_materials", "priced_materials", "size_hazard", "visible",
)  # fmt: skip
FLOWS = {
    "sales_domestic": ("buyers_domestic", "firms"), "sales_foreign": ("buyers_foreign", "firms"),
    "sales_local": ("local_trade", "firms"), "materials": ("firms", "rest_of_world"),
    "local_inputs": ("firms", "local_trade"), "wages": ("firms", "households"), "overhead": ("firms", "rest_of_world"),
    "park_rent": ("firms", "park_receipts"), "treatment": ("firms", "park_receipts"), "interest": ("firms", "banks"),
    "value_added_tax": ("firms", "tax_collected"), "income_tax": ("firms", "tax_collected"),
    "equipment": ("firms", "rest_of_world"), "used_equipment": ("rest_of_world", "firms"),
    "new_loans": ("banks", "firms"), "repayment": ("firms", "banks"), "dividends": ("firms", "households"),
    "overdrafts": ("banks", "firms"),
}  # fmt: skip
"""What firms pay and receive in settlement: from whom to whom."""
SUMS = (
    "firms", "sales", "revenue_year", "profit_year", "loss_making", "price_by_sales", "cost_by_sales", "workers",
    "above_scale", "delivered", "full_capacity", "gap_by_sales", "quality_by_sales", "capital", "profit", "spending",
    "materials", "exports", "domestic_sales", "wages", "tax", "exporters", "plots", "tenants", "piece", "piece_abroad",
    "upgraded", "untreated", "treated",
)  # fmt: skip
"""What is added up over the firms of a tier in a county every month."""
MONTHLY_DRAWS = (
    "entry", "entrant", "upgrade.awareness", "upgrade.success", "demand.month", "inspection", "link.break",
    "link.search", "productivity", "favour", "exit",
)  # fmt: skip
YEARLY_DRAWS = ("upgrade.perception", "demand.year")
PHASES = (
    "advance", "take_in", "enter_market", "form_expectations", "diffuse_awareness", "invest", "price", "order",
    "hire_workers", "inspect", "make_goods", "settle", "count_upgrades", "update_market_accounts", "renew",
    "learn_and_age", "leave", "close",
)  # fmt: skip
"""The month in order, by the names of the functions that ``ClusterModel.step`` calls."""


def none_yet(names: Any) -> SimpleNamespace:
    """Return something with these attributes, all 0."""
    return SimpleNamespace(**dict.fromkeys(names, 0.0))


class Firm(mesa.Agent):
    """A firm, or some firms that are alike (``weight``), with its numbers as attributes."""

    tier = MAKER
    alive = True
    offers = (0.0, 0.0, 0.0, 0.0)
    attraction = spending = borrowing = scrap = profit = 0.0
    upgraded = 0

    def __init__(self, model: MesaMonth, county: County, **values: Any) -> None:
        super().__init__(model)
        self.county, self.costs, self.ordered = county, county.costs[self.tier], [0.0] * 4
        vars(self).update(values)

    def open_month(self) -> None:
        """Turn to a new page of notes."""
        self.spending = self.borrowing = self.scrap = 0.0
        self.upgraded = 0

    # --- plans ----------------------------------------------------------------------------------------------------

    def expect(self) -> None:
        """Form expectations, wear equipment down and sell what is not needed."""
        p = self.model.parameters
        surprise = (self.orders + self.passed_on) / self.model.last_season - self.expected_orders
        self.expected_orders += surprise * plain.learning_speed(self.age, surprise, p.investment.expectation_speed)
        self.capital *= 1.0 - p.production.depreciation / MONTHS
        wanted = self.costs.capital_output_ratio * MONTHS * self.expected_orders
        excess = self.capital - wanted * (1.0 + 2.0 * p.investment.band)
        sells = excess > 0.0 and self.age >= PATIENCE_MONTHS
        self.scrap = excess / p.investment.selling_months if sells else 0.0
        self.capital -= self.scrap

    def hear(self) -> None:
        """Become aware of the next rung of the ladder, from neighbours that upgraded."""
        if self.aware:
            return
        technology = self.model.parameters.technology
        chance = technology.awareness + technology.neighbour_awareness * self.county.upgraded_share / MONTHS
        size = self.capital / self.county.mean_capital[self.tier]
        chance *= math.pow(size, technology.awareness_size_elasticity)
        if self.park >= 0:
            chance *= technology.park_awareness
        if plain.uniform(self.model.keys["upgrade.awareness"], self.slot) < chance:
            self.aware = 1

    def invest(self) -> None:
        """Buy machines when the gap to wanted capital is wide enough and money is there, and upgrades that pay."""
        investment, producer = self.model.parameters.investment, self.model.producer
        wanted = plain.desired_capital(
            self.expected_orders, self.costs.capital_output_ratio, 1.0, self.model.elasticity
        )
        own = plain.own_money(self.cash, self.unit_cost * self.expected_orders, investment)
        lent = plain.lending_share(self.bank_access, investment)
        room = plain.credit_room(self.capital, producer, self.loan, lent + self.credit_line)
        machine = plain.machine_wanted(self.capital, wanted, own, room, lent, producer, investment)
        upgrade = self.plan_upgrade(machine, own, room, lent)
        if machine + upgrade <= 0.0:
            return
        technology, old, new = self.model.parameters.technology, self.capital, machine / producer
        self.spending += machine + upgrade
        self.borrowing += max(machine + upgrade - own, 0.0)
        self.capital += new + technology.upgrade_capacity_share * upgrade / producer
        self.climb(self.technology_gap * new / (old + new))
        if upgrade > 0.0:
            self.upgraded, self.aware = 1, 0
            if plain.uniform(self.model.keys["upgrade.success"], self.slot) < technology.success_rate:
                self.climb(min(self.technology_gap, technology.rungs_at_once))

    def climb(self, rungs: float) -> None:
        """Come nearer to the frontier."""
        self.technology_gap -= rungs
        self.productivity *= math.exp(self.model.gain * rungs)

    @property
    def bank_access(self) -> float:
        """How well banks know it, 0 to 1."""
        return plain.bank_access(self.capital, self.honours, self.model.parameters.investment)

    def plan_upgrade(self, machine: float, own: float, room: float, lent: float) -> float:
        """Return what a firm would pay for an upgrade beside a machine, yuan; only makers upgrade."""
        return 0.0

    # --- prices and orders ----------------------------------------------------------------------------------------

    def set_price(self) -> None:
        """Set unit cost, markup and price."""
        p, county, costs = self.model.parameters, self.county, self.costs
        if self.park >= 0:
            treatment = self.emission * self.model.parks.fee[self.park]
        else:
            treatment = self.emission * p.environment.own_treatment_cost * (1.0 - p.environment.untreated_share)
        local = county.services_price, county.goods_price
        inputs = plain.materials_price(
            self.tier, self.local_share, self.purchase_saving, county.bought_materials, *local
        )
        self.unit_cost = plain.unit_cost(
            costs.materials_share, inputs, costs.labour_share * county.labour_load, county.wage / county.wage_base,
            self.productivity * county.localisation * self.model.progress, treatment,
        )  # fmt: skip
        late = county.priced_materials - county.bought_materials
        late *= plain.outside_part(self.tier, self.local_share, self.purchase_saving)
        self.priced_cost = self.unit_cost + costs.materials_share * late
        usual = plain.materials_price(self.tier, county.local_share, 0.0, county.priced_materials, *local)
        dearer = costs.materials_share * (usual - self.model.producer)
        self.markup = plain.next_markup(
            self.markup, costs.markup, self.use, p.production.normal_use, p.pricing.markup_use_response,
            p.pricing.markup_reversion,
        )  # fmt: skip
        market_cost = county.market_cost[self.tier]
        charged = plain.markup_on_cost(self.markup, p.pricing.fee_share, dearer, market_cost)
        self.price = plain.price_of(self.priced_cost, market_cost, charged, p.pricing.cost_pass_through)

    def offer(self) -> None:
        """Work out what the month's offer is worth to buyers, and forget last month's orders."""
        demand = self.model.parameters.demand
        self.attraction = plain.attraction(
            self.price, self.quality, self.service, self.favour, demand.elasticity_suppliers, demand.service_elasticity
        )
        by_piece = self.attraction * plain.taste_for_pieces(self.quality, demand)
        at_home, abroad = self.county.appeal
        self.offers = (self.attraction * at_home, self.attraction * abroad, by_piece * at_home, by_piece * abroad)
        self.ordered = [0.0] * 4

    def take_orders(self) -> None:
        """Turn yuan ordered into units for each firm."""
        foreign, value = self.ordered[1] + self.ordered[3], sum(self.ordered)
        self.county.orders_here[0] += value - foreign
        self.county.orders_here[1] += foreign
        self.orders = value / (self.price * self.weight)
        self.orders_foreign = foreign / value if value > 0.0 else 0.0
        self.orders_local = 0.0

    def be_seen(self) -> None:
        """Work out what a searching buyer sees, and how likely links to the firm break."""
        links, county = self.model.parameters.links, self.county
        now = plain.size_visibility(self.weight, self.full, links)
        now *= plain.reputation(self.quality, self.price, county.market_cost[self.tier], links)
        now *= 1.0 + links.young_effort * math.exp(-self.age / (MONTHS * links.young_years))
        county.visible += now
        # Kept in single precision by the model, so here too.
        self.seen = float(np.float32(now / self.visible if self.visible > 0.0 else now))
        self.break_chances = [
            plain.break_chance(hazard, self.service, links.service_response) for hazard in self.model.hazards
        ]

    # --- labour and production ------------------------------------------------------------------------------------

    @property
    def full(self) -> float:
        """Full capacity, units a month."""
        normal_use = self.model.parameters.production.normal_use
        return plain.full_capacity(self.capital, self.costs.capital_output_ratio, normal_use)

    def want_workers(self) -> None:
        """Work out how many workers expected orders need."""
        p, county = self.model.parameters, self.county
        units = (1.0 + p.labour.reserve) * self.expected_orders + p.labour.backlog_clearing * self.backlog
        self.wanted_workers = plain.workers_for(
            min(units, self.full),
            self.capital,
            self.productivity * county.localisation * self.model.progress,
            self.costs.labour_share / county.wage_base,
            self.costs.capital_output_ratio,
            p.production.labour_elasticity,
        )

    def dismiss(self) -> None:
        """Lay off, and say how many are wanted."""
        labour, county = self.model.parameters.labour, self.county
        gap = self.wanted_workers - self.workers
        if gap < 0.0:
            self.workers += labour.firing_speed * gap
        else:
            county.vacancies += self.weight * labour.hiring_speed * gap
        county.employed += self.weight * self.workers
        county.labour_demand += self.weight * self.wanted_workers

    def hire(self) -> None:
        """Hire as far as the pool lasts."""
        gap = self.wanted_workers - self.workers
        if gap > 0.0:
            self.workers += self.model.parameters.labour.hiring_speed * gap * self.county.filled

    def be_inspected(self) -> None:
        """Open again; makers that discharge may be closed."""
        self.closed = 0

    @property
    def can_make(self) -> float:
        """What equipment and people can make, units a month."""
        county = self.county
        potential = plain.potential_output(
            self.capital,
            self.workers * self.productivity * county.localisation * self.model.progress,
            self.costs.labour_share / county.wage_base,
            self.costs.capital_output_ratio,
            self.model.parameters.production.labour_elasticity,
        )
        return min(potential, self.full)

    def produce(self) -> None:
        """Make what was ordered, as far as equipment and people reach."""
        production, full = self.model.parameters.production, self.full
        demanded = self.orders + self.backlog
        made = 0.0 if self.closed else min(demanded, self.can_make)
        self.delivered = made
        self.backlog = min(demanded - made, production.backlog_months * full)
        self.use = made / full if full > 0.0 else 0.0
        if demanded > 0.0:
            self.service += production.service_memory * (made / demanded - self.service)

    # --- settlement -----------------------------------------------------------------------------------------------

    def sell_locally(self) -> None:
        """Add to what local firms sell to each other."""

    def settle(self) -> None:
        """Work out the month's flows, close the accounts, and borrow when cash is short."""
        p, county, costs, model = self.model.parameters, self.county, self.costs, self.model
        sales = self.delivered * self.price
        foreign, local = sales * self.orders_foreign, sales * self.orders_local
        if (county.goods_needed if self.tier == MAKER else county.services_needed) <= 0.0:
            local = 0.0
        domestic = sales - foreign - local
        local_inputs, materials = plain.inputs_bought(
            self.tier, self.delivered * costs.materials_share, county.goods, county.goods_needed, county.services,
            county.services_needed, county.services_price, self.local_share,
            county.bought_materials * (1.0 - self.purchase_saving),
        )  # fmt: skip
        wages = self.workers * county.wage / MONTHS
        overhead = plain.overhead_of(
            costs.overhead_share, self.capital, costs.capital_output_ratio, p.production.overhead_labour_share,
            county.wage / county.wage_base / model.progress, model.producer,
        ) * (1.0 - self.overhead_saving)  # fmt: skip
        waste = self.delivered * self.emission
        rent = treatment = 0.0
        if self.park >= 0:
            parks, where = model.parks, self.park
            rent = self.plots * parks.plot_area[where] * parks.rent[where]
            overhead -= plain.outside_rent(overhead, self.capital, self.plots, p.park)
            taken = waste * parks.capacity_share[where]
            treatment, treated = taken * parks.fee[where], taken * parks.removes[where]
        else:
            treated = waste * (1.0 - p.environment.untreated_share)
            materials += treated * p.environment.own_treatment_cost
        access = self.bank_access
        interest = self.loan * plain.loan_rate(access, p.investment) / MONTHS
        wear = self.capital * p.production.depreciation / MONTHS * model.producer
        bought = materials + local_inputs + (1.0 - p.production.overhead_labour_share) * overhead
        bought += rent + treatment + wear
        vat = plain.value_added_tax(domestic + local, sales, bought, self.revenue_year, p.tax)
        before_tax = sales - materials - local_inputs - wages - overhead - rent - treatment - interest
        self.profit = before_tax - vat - wear - self.fees
        self.fees = 0.0
        income = plain.income_tax(self.profit, self.profit_year, p.tax)
        sold = self.scrap * model.producer * p.investment.resale_share
        repaid = self.loan / p.investment.repayment_months
        self.loan += self.borrowing - repaid
        self.sales, self.exports = sales, foreign
        operating = before_tax + sold + self.borrowing - repaid - self.spending - vat - income
        usual = self.unit_cost * self.expected_orders
        out = plain.dividends(self.cash + operating, usual, p.investment.cash_buffer_months, p.investment.dividend_rate)
        self.cash += operating - out
        month = model.month % 12
        # A year's months are kept in single precision by the model, so here too.
        newest, earned = float(np.float32(sales)), float(np.float32(self.profit))
        self.revenue_year += newest - self.revenue_ring[month]
        self.profit_year += earned - self.profit_ring[month]
        self.revenue_ring[month], self.profit_ring[month] = newest, earned
        drawn = 0.0
        if self.cash < 0.0:
            lent = plain.lending_share(access, p.investment) + self.credit_line
            drawn = min(-self.cash, plain.credit_room(self.capital, model.producer, self.loan, lent))
            self.loan += drawn
            self.cash += drawn
        weight, flows = self.weight, county.flows
        flows.sales_domestic += weight * domestic
        flows.sales_foreign += weight * foreign
        flows.sales_local += weight * local
        flows.materials += weight * materials
        flows.local_inputs += weight * local_inputs
        flows.wages += weight * wages
        flows.overhead += weight * overhead
        flows.park_rent += weight * rent
        flows.treatment += weight * treatment
        flows.interest += weight * interest
        flows.value_added_tax += weight * vat
        flows.income_tax += weight * income
        flows.equipment += weight * self.spending
        flows.used_equipment += weight * sold
        flows.new_loans += weight * self.borrowing
        flows.repayment += weight * repaid
        flows.dividends += weight * out
        flows.overdrafts += weight * drawn
        self.be_counted(domestic, materials + local_inputs, wages, vat + income, treated, waste - treated)

    def be_counted(
        self, domestic: float, materials: float, wages: float, tax: float, treated: float, untreated: float
    ) -> None:
        """Add the month to the sums of the tier in the county."""
        sums, weight = self.county.sums[self.tier], self.weight
        sales = weight * self.sales
        sums.firms += weight
        sums.sales += sales
        sums.revenue_year += weight * self.revenue_year
        sums.profit_year += weight * self.profit_year
        sums.loss_making += weight if self.profit_year < 0.0 else 0.0
        sums.price_by_sales += sales * self.price
        sums.cost_by_sales += sales * self.unit_cost
        sums.workers += weight * self.workers
        sums.above_scale += weight if self.revenue_year >= ABOVE_SCALE_YUAN else 0.0
        sums.delivered += weight * self.delivered
        sums.full_capacity += weight * self.full
        sums.gap_by_sales += sales * self.technology_gap
        sums.quality_by_sales += sales * self.quality
        sums.capital += weight * self.capital
        sums.profit += weight * self.profit
        sums.spending += weight * self.spending
        sums.materials += weight * materials
        sums.exports += weight * self.exports
        sums.domestic_sales += weight * domestic
        sums.wages += weight * wages
        sums.tax += weight * tax
        sums.exporters += plain.exporting(weight, self.foreign_links)
        sums.upgraded += weight if self.upgraded else 0.0
        sums.treated += weight * treated
        sums.untreated += weight * untreated
        if self.park >= 0:
            sums.plots += weight * self.plots
            sums.tenants += weight
        ordered = self.orders * self.price
        served = min(self.sales / ordered, 1.0) if ordered > 0.0 else 0.0
        sums.piece += served * (self.ordered[2] + self.ordered[3])
        sums.piece_abroad += served * self.ordered[3]

    # --- learning and exit ----------------------------------------------------------------------------------------

    @property
    def leads(self) -> bool:
        """Whether it is a lead firm, which nobody lets go for want of an heir."""
        return bool(self.honours & HONOUR_LEAD)

    def learn(self) -> None:
        """Move favour, productivity and age by a month."""
        model = self.model
        self.win_or_lose_favour()
        own = math.log(self.productivity) + model.gain * self.technology_gap
        own += model.imitation * (self.county.productivity_base[self.tier] - own)
        shock = model.shock * (model.parameters.technology.lead_shock if self.leads else 1.0)
        own += shock * plain.laplace(plain.uniform(model.keys["productivity"], self.slot))
        self.fall_behind()
        self.productivity = math.exp(own - model.gain * self.technology_gap)
        self.age += 1

    def win_or_lose_favour(self) -> None:
        """Let luck with buyers jump, once in a while, and fade; favour follows it."""
        model, favour = self.model, self.model.parameters.favour
        draw, jumps = plain.uniform(model.keys["favour"], self.slot), favour.jumps_a_year / MONTHS
        if draw < jumps:
            mean = self.county.mean_revenue[self.tier]
            spread = favour.shock * plain.shock_size(self.revenue_year, mean, favour.shock_size_elasticity)
            spread *= model.parameters.technology.lead_shock if self.leads else 1.0
            self.luck += spread * plain.laplace(draw / jumps)
        self.favour += (self.talent + self.luck - self.favour) / favour.follow_months
        self.luck *= 1.0 - favour.reversion / MONTHS

    def fall_behind(self) -> None:
        """Let the frontier climb away; only makers are on the ladder."""

    @property
    def size_factor(self) -> float:
        """What its size does to the hazard of closing."""
        elasticity = self.model.parameters.turnover.hazard_size_elasticity
        return plain.size_factor(self.age, self.revenue_year, self.county.mean_revenue[self.tier], elasticity)

    def may_close(self) -> None:
        """Close when its time has come or its money is gone."""
        model, turnover, investment = self.model, self.model.parameters.turnover, self.model.parameters.investment
        usual = self.county.size_hazard[self.tier][plain.age_class(self.age)]
        hazard = plain.closing_hazard(self.age, turnover) * self.size_factor / usual
        if plain.idles(self.age, self.revenue_year, self.full * MONTHS * self.price, turnover.idle_use):
            hazard += turnover.idle_hazard
        draw = plain.uniform(model.keys["exit"], self.slot)
        closes = not self.leads and draw < 1.0 - math.exp(-hazard / MONTHS)
        lent = plain.lending_share(self.bank_access, investment) + self.credit_line
        room = plain.credit_room(self.capital, model.producer, self.loan, lent)
        revenue = max(self.revenue_year, self.price * self.expected_orders * MONTHS)
        months = plain.trade_credit_months(self.bank_access, turnover)
        if closes or plain.insolvent(self.cash, room, revenue, months):
            self.liquidate()
            self.alive, self.offers = False, Firm.offers
            self.county.exits += self.weight
            self.remove()

    def liquidate(self) -> None:
        """Sell the equipment, repay the bank, give owners the rest; the bank bears what is missing."""
        transfer = self.model.transfer
        value = self.capital * self.model.producer * self.model.parameters.investment.resale_share
        transfer("rest_of_world", "firms", self.weight * value)
        cash = self.cash + value
        repaid = min(self.loan, max(cash, 0.0))
        transfer("firms", "banks", self.weight * repaid)
        transfer("firms", "households", self.weight * max(cash - repaid, 0.0))
        transfer("banks", "firms", self.weight * max(repaid - cash, 0.0))


class Maker(Firm):
    """A firm that makes the core product."""

    def plan_upgrade(self, machine: float, own: float, room: float, lent: float) -> float:
        p, costs, producer = self.model.parameters, self.costs, self.model.producer
        return plain.upgrade_wanted(
            self.slot, self.aware, self.technology_gap, self.revenue_year, self.capital, machine, own, room, lent,
            producer, 1.0, self.model.keys["upgrade.perception"], costs.labour_share, plain.margin(costs.markup),
            p.demand.elasticity_outside, p.technology, p.production.labour_elasticity,
        )  # fmt: skip

    def be_inspected(self) -> None:
        usual, rate = self.county.usual_discharge, self.model.parameters.environment.inspection_rate
        self.closed = 0
        if self.park < 0 and self.emission > 0.0:
            chance = min(rate * self.emission / usual, 1.0) if usual > 0.0 else 0.0
            self.closed = int(plain.uniform(self.model.keys["inspection"], self.slot) < chance)

    @property
    def room(self) -> float:
        """Weight among makers to which local traders turn: spare capacity, as it is seen, times attraction."""
        p, full = self.model.parameters, self.full
        spare = max(p.production.normal_use * full - self.orders, 0.05 * full)
        return math.pow(spare, p.links.visibility_elasticity) * self.attraction

    def offer_locally(self) -> None:
        """Offer spare capacity to local traders."""
        county = self.county
        self.offered = self.room
        county.offered_value += self.weight * self.offered * self.price
        county.offered += self.weight * self.offered

    def take_local_orders(self) -> None:
        """Take a part of what local traders buy."""
        county = self.county
        if county.offered <= 0.0:
            return
        units = county.goods_wanted * self.offered / county.offered
        total = self.orders + units
        if total > 0.0:
            self.orders_foreign *= self.orders / total
            self.orders_local = units / total
        self.orders = total

    def offer_orders(self) -> None:
        """Say how much it cannot make and would pass on (less than 0), or could make for others."""
        county, self.passed_on, self.left = self.county, 0.0, 0.0
        if self.closed:
            return
        self.left = self.can_make - self.orders - self.backlog
        if self.left < 0.0:
            self.left *= self.model.parameters.production.putting_out
            county.beyond -= self.weight * self.left
        else:
            county.spare += self.weight * self.left

    def pass_on(self) -> None:
        """Hand on what finds a maker with room, the backlog first."""
        county = self.county
        if self.left >= 0.0 or county.put_out <= 0.0:
            return
        units = -self.left * county.put_out / county.beyond
        county.put_out_abroad += self.weight * units * self.orders_foreign
        county.put_out_locally += self.weight * units * self.orders_local
        late = min(units, self.backlog)
        self.backlog -= late
        self.passed_on = min(units - late, self.orders)
        self.orders -= self.passed_on

    def take_over(self) -> None:
        """Take orders from makers without room, bound where theirs were."""
        county = self.county
        if self.left <= 0.0 or county.put_out <= 0.0:
            return
        units = self.left * county.put_out / county.spare
        total = self.orders + units
        abroad, locally = county.put_out_abroad / county.put_out, county.put_out_locally / county.put_out
        self.orders_foreign = (self.orders * self.orders_foreign + units * abroad) / total
        self.orders_local = (self.orders * self.orders_local + units * locally) / total
        self.orders = total

    def need_services(self) -> None:
        """Need local materials and services for what was made."""
        need = self.costs.materials_share * self.local_share
        self.county.services_wanted += self.weight * self.delivered * need

    def sell_locally(self) -> None:
        county = self.county
        county.goods += self.weight * self.delivered * self.price * self.orders_local
        need = self.costs.materials_share * self.local_share * county.services_price
        county.services_needed += self.weight * self.delivered * need

    def fall_behind(self) -> None:
        technology = self.model.parameters.technology
        behind = max(self.technology_gap, technology.widest_gap)
        self.technology_gap = min(self.technology_gap + technology.frontier_rungs / MONTHS, behind)
        self.brand *= 1.0 - technology.brand_fading / MONTHS
        self.quality = plain.quality_of(self.technology_gap, technology.rung_quality, self.brand)


class Supplier(Firm):
    """A firm that serves makers."""

    tier = SUPPLIER

    def be_seen(self) -> None:
        self.seen = 0.0  # buyers deal with makers and traders

    def offer_services(self) -> None:
        """Offer capacity, as it is seen, to makers of the place."""
        seen = math.pow(self.full, self.model.parameters.links.visibility_elasticity)
        self.offered = seen * self.attraction
        self.county.services_offered += self.weight * self.offered

    def take_service_orders(self) -> None:
        """Take a part of what makers need."""
        county = self.county
        offered = county.services_offered
        self.orders = county.services_wanted * self.offered / offered if offered > 0.0 else 0.0
        self.orders_foreign, self.orders_local = 0.0, 1.0

    def sell_locally(self) -> None:
        self.county.services += self.weight * self.delivered * self.price


class Trader(Firm):
    """A firm that sells on what makers make."""

    tier = TRADER

    def buy_locally(self) -> None:
        """Buy what it delivers this month from makers."""
        self.county.goods_wanted += self.weight * self.delivered * self.costs.materials_share

    def sell_locally(self) -> None:
        self.county.goods_needed += self.weight * self.delivered * self.costs.materials_share


TIERS = (Maker, Supplier, Trader)


class Link:
    """A buyer's link to a firm: its age in months and how well the two fit."""

    __slots__ = ("age", "firm", "match")

    def __init__(self, firm: Firm, match: float, age: int = 0) -> None:
        self.firm, self.match, self.age = firm, match, age


class Buyer(mesa.Agent):
    """A buyer at home or abroad, or some buyers that are alike, and the firms it knows."""

    def __init__(self, model: MesaMonth, market: Any, links: list[Link], **values: Any) -> None:
        super().__init__(model)
        self.market, self.links, self.year, self.lost = market, links, -1, 0
        vars(self).update(values)

    def spend(self) -> None:
        """Spread the month's budget over the firms known and producers elsewhere."""
        model, market, demand = self.model, self.market, self.model.parameters.demand
        if self.year != model.month // 12:
            self.year = model.month // 12
            self.yearly = plain.noise_factor(
                plain.uniform(model.keys["demand.year"], self.slot), demand.budget_noise_year
            )
        monthly = plain.noise_factor(plain.uniform(model.keys["demand.month"], self.slot), demand.budget_noise_month)
        budget = self.budget * market.demand[self.foreign] * model.season * self.yearly * monthly * self.weight
        trial_months, trial_weight = demand.trial_months, demand.trial_weight
        side, kind = self.foreign, self.foreign + 2 * self.by_piece
        weights = [
            link.firm.offers[kind] * link.match * (trial_weight if link.age < trial_months else 1.0)
            for link in self.links
        ]
        inclusive = sum(weights)
        elsewhere = self.outside_weight * market.elsewhere * (1.0 if side else market.ties_elsewhere)
        share = plain.cluster_share(inclusive, elsewhere, model.outer_over_inner)
        market.spent_outside[side] += budget * (1.0 - share)
        if share <= 0.0:
            return
        each = budget * share / inclusive
        for link, weight in zip(self.links, weights, strict=True):
            link.firm.ordered[kind] += each * weight

    def lose_links(self) -> None:
        """Age links, and drop those that break or whose firm has closed."""
        model, side, kept = self.model, self.foreign, []
        key = draws.combine(model.keys["link.break"], self.slot)
        for link in self.links:
            firm = link.firm
            firm.county.links_at_risk[side] += self.weight
            if firm.alive and plain.uniform(key, firm.slot) >= firm.break_chances[side]:
                link.age += 1
                kept.append(link)
            else:
                firm.county.links_lost[side] += self.weight
                self.note_foreign_link(firm, -1)
        self.lost, self.links = len(self.links) - len(kept), kept

    def search(self) -> None:
        """Look for firms to fill empty slots."""
        model, market, slots = self.model, self.market, self.model.slots
        key = draws.combine(model.keys["link.search"], self.slot)
        if self.foreign:
            again = draws.combine(key, 1)
            searches = sum(plain.uniform(again, n) < model.parameters.links.same_county for n in range(self.lost))
            if len(self.links) + self.lost < market.foreign_slots:
                searches += plain.uniform(key, 0) < market.found_abroad
        else:
            searches = binomial_quantile(plain.uniform(key, 0), slots - len(self.links), market.fill_rates[0])
        key = draws.combine(key, 2)
        for number in range(searches):
            firm = self.settle_on(draws.combine(key, number))
            if firm is not None and len(self.links) < slots and all(link.firm is not firm for link in self.links):
                u = plain.uniform(draws.combine(model.match_key, self.slot), firm.slot)
                demand = model.parameters.demand
                match = plain.match_value(u, demand.match_dispersion, demand.elasticity_suppliers)
                self.links.append(Link(firm, float(np.float32(match))))
                self.note_foreign_link(firm, 1)

    def settle_on(self, key: int) -> Firm | None:
        """Look at some firms and return the one that wins the lottery."""
        market, best, least = self.market, None, math.inf
        considered, met, look = int(self.model.parameters.links.considered), 0, -1
        while met < considered and look + 1 < considered * MOST_LOOKS:
            look += 1
            position = market.position_looked_at(plain.uniform(key, 2 * look))
            firm = market.firms[position]
            if firm is None or not firm.alive:
                continue
            met += 1
            weight = firm.seen * (market.entrant_scale if position >= market.start else 1.0)
            if weight > 0.0:
                value = plain.exponential(plain.uniform(key, 2 * look + 1)) / weight
                if value < least:
                    best, least = firm, value
        return best

    def note_foreign_link(self, firm: Firm, change: int) -> None:
        """Count links to buyers abroad, all buyers of a row."""
        if self.foreign:
            firm.foreign_links += change * int(self.weight)


def binomial_quantile(u: float, number: int, chance: float) -> int:
    """Return how many of ``number`` trials succeed, at probability ``u``."""
    if chance >= 1.0:
        return number
    successes = 0
    mass = below = (1.0 - chance) ** number
    while u >= below and successes < number:
        mass *= chance / (1.0 - chance) * (number - successes) / (successes + 1)
        successes += 1
        below += mass
    return successes


class Market:
    """What buyers of one industry share: demand, producers elsewhere, and the firms among which they look."""

    def __init__(self, state: State, number: int, firms: dict[int, Firm]) -> None:
        field = state.search[number]
        self.fill_rates, self.foreign_slots = field.fill_rates.tolist(), field.foreign_slots
        self.own, self.other, self.start = field.own.tolist(), field.other.tolist(), field.own.size
        self.firms: list[Firm | None] = [firms.get(row) for row in field.rows[: self.start + field.candidates].tolist()]
        self.at_birth, self.ties_elsewhere = float(field.total), field.ties_elsewhere
        self.visible, self.volume, self.share = field.visible, field.volume.tolist(), field.share.tolist()
        self.spent_outside = [0.0, 0.0]
        self.counties: list[County] = []

    def open_search(self, entrants: float) -> None:
        """Set the share of looks that falls on candidate slots this month."""
        self.entrants, candidates = entrants, len(self.firms) - self.start
        self.entrant_scale = candidates * (1.0 - entrants) / (entrants * self.at_birth) if entrants > 0.0 else 0.0

    def compete(self, demand: list[float], price: float, links: Any) -> None:
        """Set how easily the cluster is found abroad, and whom buyers at home know elsewhere, by how much it shows."""
        self.found_abroad = self.fill_rates[1]
        if self.visible <= 0.0:
            return
        shown, odds = sum(county.visible for county in self.counties) / self.visible, []
        for spent, usual, share in zip(demand, self.volume, self.share, strict=True):
            odds.append(plain.prominence(shown * usual * price / spent, share, links.visible_elasticity))
        self.found_abroad *= odds[1]
        hazard = plain.monthly_hazard(links.domestic_survival)
        self.ties_elsewhere = plain.next_ties(self.ties_elsewhere, odds[0], hazard)

    def position_looked_at(self, u: float) -> int:
        """Return the place in the list of firms at which a look falls: a firm of the start, or a candidate slot."""
        entrants, candidates = self.entrants, len(self.firms) - self.start
        if u < entrants and candidates > 0:
            return self.start + min(int(u / entrants * candidates), candidates - 1)
        part = max(u - entrants, 0.0) / (1.0 - entrants) * self.start
        position = min(int(part), self.start - 1)
        return position if part - position < self.own[position] else self.other[position]


class County(mesa.Agent):
    """A county: the markets of the place, its candidates, and its government's money."""

    def __init__(self, model: MesaMonth, state: State, place: int) -> None:
        super().__init__(model)
        vars(self).update({name: getattr(state.places, name)[place].tolist() for name in PLACE})
        self.place, self.identity, self.industry = place, state.place_ids[place], state.industries[place]
        self.costs = [
            SimpleNamespace(**{name: float(column[place, tier]) for name, column in state.costs._asdict().items()})
            for tier in range(3)
        ]
        self.usual_discharge = self.industry.environment.discharge
        self.wage_trend_base, self.group_size = float(state.wage_trend_base[place]), float(state.group_sizes[place])
        self.tax_due = float(state.tax_due[place])
        self.upgrades_by_month = state.upgrades_by_month[place].tolist()
        self.candidates_by_kind = state.blocks.size[place].tolist()
        self.first_candidates, self.block = state.blocks.first_month, int(state.blocks.first_slots[place])
        self.first, self.last = int(state.start_bounds[place]), int(state.start_bounds[place + 1])
        self.first_trader, self.orders_here = int(state.start_traders[place]), [0.0, 0.0]
        self.sums = [
            SimpleNamespace(**{name: float(table[place, getattr(totals, name.upper())]) for name in SUMS})
            for table in state.sums
        ]
        self.clear()

    def open_month(self) -> None:
        """Turn to a new page of notes."""
        series, position = self.model.series, self.model.position
        self.bought_materials = materials_from_elsewhere(series, position, self.industry)
        producer, months = float(series.producer_price[position]), self.industry.pricing.material_lag_months
        self.dear_materials = plain.priced_in(self.dear_materials, self.bought_materials, producer, months)
        self.priced_materials = self.dear_materials * producer
        growth = producer / self.model.producer
        self.services_price, self.goods_price = growth * self.services_price, growth * self.goods_price
        self.market_cost = [growth * cost for cost in self.market_cost]
        self.clear()

    def clear(self) -> None:
        """Forget what was added up last month."""
        self.entries = self.exits = 0.0
        self.links_at_risk, self.links_lost = [0.0, 0.0], [0.0, 0.0]

    def take_in(self) -> None:
        """Receive the county's share of last month's tax, spend what is not for programmes, and receive transfers."""
        p, account, transfer = self.model.parameters, f"county:{self.identity}", self.model.transfer
        share = p.tax.county_share * self.tax_due
        self.model.let_lapse(account, "households")
        transfer("tax_collected", account, share)
        transfer(account, "households", (1.0 - p.government.programme_share) * share)
        transfer("state", account, p.government.other_receipts / MONTHS)

    def found_firms(self) -> None:
        """Let the month's candidates decide; those that enter open."""
        model, turnover = self.model, self.model.parameters.turnover
        months, total = model.month - self.first_candidates, sum(self.candidates_by_kind)
        slot = self.block + CANDIDATE_START + months * total
        for kind, number in enumerate(self.candidates_by_kind):
            chance = 0.0
            if kind < len(TIERS):
                normal = self.normal_sold[kind]
                room = self.mean_sold[kind] / normal if normal > 0.0 else 1.0
                lure = plain.entry_chance(1.0, self.profit_rate[kind], self.normal_profit[kind], room, 1.0, turnover)
                chance = lure * self.normal_entry[kind] / (self.group_size * max(number, 1))
            for _ in range(number):
                enters = plain.uniform(model.keys["entry"], slot) < chance
                firm = self.open_firm(kind, slot) if enters else None
                self.market.firms.append(firm)
                slot += 1

    def open_firm(self, tier: int, slot: int) -> Firm:
        """Give an entrant its size, technique and equipment; its owners pay for it and for the first months."""
        model, costs = self.model, self.costs[tier]
        p, key = model.parameters, draws.combine(model.keys["entrant"], slot)
        talent, size = 0.0, self.mean_capital[tier]
        first, last = (self.first_trader, self.last) if tier == TRADER else (self.first, self.first_trader)
        if tier != SUPPLIER and last > first:
            copied = drawn_by_weight(plain.uniform(key, 3), model.start_weights, first, last)
            talent, size = model.talents[copied], model.sizes[copied]
        spread = p.turnover.entrant_dispersion * plain.logistic_quantile(plain.uniform(key, 0))
        capital = size * p.turnover.entrant_size * math.exp(spread)
        own, gap, inherited = self.productivity_base[tier], 1.0, p.turnover.parent_weight
        if self.last > self.first:
            drawn = drawn_by_weight(plain.uniform(key, 1), model.start_weights, self.first, self.last)
            parent = model.parents[drawn]
            if parent is not None and parent.alive and parent.tier == tier:
                own = (1.0 - inherited) * own
                own += inherited * (math.log(parent.productivity) + model.gain * parent.technology_gap)
                gap = (1.0 - inherited) * gap + inherited * parent.technology_gap
        noise = p.turnover.entrant_noise * p.technology.productivity_dispersion * plain.laplace(plain.uniform(key, 2))
        gap = gap if tier == MAKER else 0.0
        productivity = math.exp(own + noise - model.gain * gap)
        units = capital / costs.capital_output_ratio / MONTHS
        people = costs.labour_share / self.wage_base * self.labour_load
        workers = MONTHS * units * people / (productivity * model.progress)
        unit_cost = self.market_cost[tier]
        firm = TIERS[tier](model, self, **{
            **dict.fromkeys(FIRM, 0.0), "revenue_ring": [0.0] * 12, "profit_ring": [0.0] * 12, "slot": slot,
            "weight": self.group_size, "capital": capital, "workers": workers, "productivity": productivity,
            "technology_gap": gap, "quality": plain.quality_of(gap, p.technology.rung_quality, 0.0),
            "emission": self.emission_of(slot) if tier == MAKER else 0.0, "markup": costs.markup,
            "unit_cost": unit_cost, "price": unit_cost * (1.0 + costs.markup), "expected_orders": units,
            "use": p.production.normal_use, "service": 1.0, "park": -1, "age": 0, "aware": 0, "closed": 0,
            "foreign_links": 0, "honours": 0, "local_share": self.local_share if tier == MAKER else 0.0,
            "talent": talent, "favour": talent,
        })  # fmt: skip
        equipment = capital * model.producer
        firm.cash = p.turnover.founding_cash * p.investment.cash_buffer_months * units * unit_cost
        model.transfer("households", "firms", firm.weight * (firm.cash + equipment))
        model.transfer("firms", "rest_of_world", firm.weight * equipment)
        self.entries += firm.weight
        return firm

    def emission_of(self, slot: int) -> float:
        """Return tonnes of waste water per yuan of output of a maker: only some discharge."""
        sites, spread = self.industry.start.emission_sites, self.model.dispersion
        if plain.uniform(self.model.site_key, slot) >= sites:
            return 0.0
        level = normal_quantile(plain.uniform(self.model.emission_key, slot))
        return math.exp(spread * level - 0.5 * spread * spread) * self.usual_discharge / sites

    # --- adding up ------------------------------------------------------------------------------------------------

    def count_upgrades(self) -> None:
        """Remember the month's upgrades and the share of makers that upgraded over a year."""
        makers = self.sums[MAKER]
        self.upgrades_by_month[self.model.month % 12] = makers.upgraded
        self.upgraded_share = sum(self.upgrades_by_month) / makers.firms if makers.firms > 0.0 else 0.0

    def average_costs(self, by_tier: list[list[Firm]]) -> None:
        """Update the mean unit cost of each tier, and the price of local services."""
        for tier, firms in enumerate(by_tier):
            if firms:
                self.market_cost[tier] = mean_by_capital(firms, "priced_cost")
        if by_tier[SUPPLIER]:
            self.services_price = mean_by_capital(by_tier[SUPPLIER], "price")

    def open_labour_market(self, firms: list[Firm]) -> None:
        """Take stock of employment before hiring."""
        employment = sum(firm.weight * firm.workers for firm in firms)
        elasticity = self.model.parameters.production.localisation_elasticity
        self.localisation = plain.localisation(employment, self.employment_base, elasticity)
        self.vacancies = self.employed = self.labour_demand = 0.0

    def set_wage(self) -> None:
        """Ration vacancies when the pool is short, and let the wage react."""
        labour, world = self.model.parameters.labour, self.model.world
        supply = plain.labour_supply(
            self.labour_pool, self.wage * (1.0 + world.wage_growth), self.wage_trend_base * world.wage,
            labour.supply_elasticity,
        )  # fmt: skip
        free = max(supply - self.employed, 0.0)
        self.filled = free / self.vacancies if self.vacancies > free else 1.0
        self.unfilled = self.vacancies * (1.0 - self.filled)
        usual = supply / (1.0 + labour.vacancy_pool)
        if usual > 0.0:
            self.wage = plain.next_wage(
                self.wage, world.wage_growth, self.labour_demand, usual, labour.wage_response, labour.supply_elasticity,
                labour.wage_cuts,
            )  # fmt: skip

    def open_goods_market(self) -> None:
        """Forget last month's trade among local firms."""
        self.goods_wanted = self.offered = self.offered_value = self.services_wanted = self.services_offered = 0.0
        self.beyond = self.spare = self.put_out_abroad = self.put_out_locally = 0.0

    def settle(self) -> None:
        """Book what firms paid and received."""
        for purpose, (source, target) in FLOWS.items():
            self.model.transfer(source, target, getattr(self.flows, purpose))
        self.tax_due = self.flows.value_added_tax + self.flows.income_tax
        receipts = self.flows.park_rent + self.flows.treatment
        self.model.transfer("park_receipts", f"county:{self.identity}", receipts)

    def update_rates(self) -> None:
        """Update the yearly profit rate, mean revenue and mean units sold by tier."""
        for tier, sums in enumerate(self.sums):
            if sums.revenue_year > 0.0:
                self.profit_rate[tier] = sums.profit_year / sums.revenue_year
                self.mean_revenue[tier] = sums.revenue_year / sums.firms
                sold, known = sums.delivered / (sums.firms * self.model.season), self.mean_sold[tier]
                self.mean_sold[tier] += (SOLD_MEMORY if known > 0.0 else 1.0) * (sold - known)


def drawn_by_weight(u: float, cumulated: list[float], first: int, last: int) -> int:
    """Return the position from ``first`` to before ``last`` at probability ``u``; weights are added up."""
    before = cumulated[first - 1] if first > 0 else 0.0
    return bisect_right(cumulated, before + u * (cumulated[last - 1] - before), first, last - 1)


def mean_by_capital(firms: list[Firm], name: str) -> float:
    """Return the mean of an attribute over firms, weighted by equipment."""
    weights = [firm.weight * firm.capital for firm in firms]
    return sum(w * getattr(firm, name) for w, firm in zip(weights, firms, strict=True)) / sum(weights)


class MesaMonth(mesa.Model):
    """A settled model as objects. ``step`` simulates a month; each phase can be called by itself."""

    def __init__(self, model: ClusterModel) -> None:
        super().__init__(seed=1)
        state = model.state
        self.parameters, self.series, self.month = state.parameters, state.series, state.month
        self.seed_of_run, self.first_month, self.burn_in_from = state.seed, state.first_month, state.burn_in_from
        self.industries, self.tier_costs, self.markets_of_run = state.industries, state.costs, state.markets
        p = state.parameters
        self.elasticity = plain.stock_elasticity(
            p.investment.user_cost_elasticity, p.production.depreciation, p.investment.response_years
        )
        self.gain = plain.rung_gain(p.technology, p.production.labour_elasticity)
        self.imitation = p.technology.productivity_reversion / MONTHS
        self.shock = p.technology.productivity_dispersion * math.sqrt(2.0 * self.imitation)
        self.hazards = [plain.monthly_hazard(p.links.domestic_survival), plain.monthly_hazard(p.links.foreign_survival)]
        self.outer_over_inner = (p.demand.elasticity_outside - 1.0) / (p.demand.elasticity_suppliers - 1.0)
        self.dispersion = state.industries[0].environment.discharge_dispersion
        self.match_key, self.site_key, self.emission_key = (
            draws.key(state.seed, name) for name in ("match", "start.site", "start.emission")
        )
        self.parks = SimpleNamespace(**{name: column.tolist() for name, column in vars(state.parks).items()})
        self.accounts = dict(state.ledger.balances)
        self.provinces = [(each.account, each.places, each.usual_output) for each in model.provinces]
        self.idle = {each.account: each.idle for each in model.governments.values()}
        self.slots = state.buyers.supplier.shape[1]
        self.counties = [County(self, state, place) for place in range(len(state.place_ids))]
        self.open_books()
        self.producer = state.world.producer
        firms = self.copy_firms(state)
        self.markets = [Market(state, number, firms) for number in range(len(state.markets))]
        for number, market in enumerate(state.markets):
            for place in market.places:
                self.counties[place].market = self.markets[number]
                self.markets[number].counties.append(self.counties[place])
        known = zip(state.start_rows.tolist(), state.start_slots.tolist(), strict=True)
        self.parents = [firms[row] if row in firms and firms[row].slot == slot else None for row, slot in known]
        self.talents, self.sizes = state.start_talents.tolist(), state.start_sizes.tolist()
        self.start_weights = state.start_weights.tolist()
        self.copy_buyers(state, firms)

    # --- copying --------------------------------------------------------------------------------------------------

    def copy_firms(self, state: State) -> dict[int, Firm]:
        """Make a firm of each row that is in business or that a buyer still has a link to; return them by row."""
        used = np.union1d(state.live, state.buyers.supplier[state.buyers.supplier >= 0])
        columns = {name: getattr(state.firms, name)[used].tolist() for name in FIRM}
        columns |= {name: getattr(state.scratch, name)[..., used].T.tolist() for name in NOTES}
        tiers, places = state.firms.tier[used].tolist(), state.firms.place[used].tolist()
        alive, firms = state.firms.alive[used].tolist(), {}
        for number, row in enumerate(used.tolist()):
            values = {name: column[number] for name, column in columns.items()}
            firm = firms[row] = TIERS[tiers[number]](self, self.counties[places[number]], **values)
            if not alive[number]:
                firm.alive = False
                firm.remove()
        return firms

    def copy_buyers(self, state: State, firms: dict[int, Firm]) -> None:
        """Make a buyer of each row, with its links."""
        buyers = state.buyers
        names = ("slot", "weight", "foreign", "by_piece", "budget", "outside_weight", "market")
        columns = {name: getattr(buyers, name).tolist() for name in names}
        suppliers, matches, ages = buyers.supplier.tolist(), buyers.link_match.tolist(), buyers.link_age.tolist()
        for b in range(buyers.slot.size):
            values = {name: column[b] for name, column in columns.items()}
            known = zip(suppliers[b], matches[b], ages[b], strict=True)
            links = [Link(firms[row], match, age) for row, match, age in known if row >= 0]
            Buyer(self, self.markets[values.pop("market")], links, **values)

    def each(self, kinds: tuple[type[Firm], ...] = TIERS) -> list[Firm]:
        """Return the firms of some tiers, tier by tier."""
        return [firm for kind in kinds if kind in self.agents_by_type for firm in self.agents_by_type[kind]]

    def all_do(self, method: str, *kinds: type[mesa.Agent]) -> None:
        """Let all agents of some kinds (all firms) do something."""
        for kind in kinds or TIERS:
            if kind in self.agents_by_type:
                self.agents_by_type[kind].do(method)

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
        """Set what does not change in the month: the world, and the keys of draws."""
        priced = np.array([county.priced_materials for county in self.counties])
        self.world = world_of(self.series, self.month, self.industries, self.tier_costs, self.markets_of_run, priced)
        self.producer, self.progress, self.season = self.world.producer, self.world.progress, self.world.season
        year = seasons(self.parameters.demand.january_february).tolist()
        self.last_season = year[(self.month - 1) % 12]
        self.keys = {name: draws.key(self.seed_of_run, name, self.month) for name in MONTHLY_DRAWS}
        self.keys |= {name: draws.key(self.seed_of_run, name, self.month // 12) for name in YEARLY_DRAWS}

    # --- the month ------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Simulate one month."""
        for phase in PHASES:
            getattr(self, phase)()

    def advance(self) -> None:
        """Set the world of the month, and turn to a new page of notes."""
        self.position = position_of(self.series, self.month)
        self.all_do("open_month", County)
        self.all_do("open_month")
        self.open_books()

    def take_in(self) -> None:
        """Let governments receive the month's money."""
        self.all_do("take_in", County)
        p = self.parameters
        for account, places, usual_output in self.provinces:
            self.let_lapse(account, "state")
            tax = sum(self.counties[place].tax_due for place in places)
            self.transfer("tax_collected", "state", (1.0 - p.tax.county_share) * tax)
            self.transfer("state", account, p.government.province_receipts_share * usual_output / MONTHS)

    def enter_market(self) -> None:
        """Let candidates enter."""
        self.all_do("found_firms", County)

    def form_expectations(self) -> None:
        """Let firms form expectations."""
        self.all_do("expect")

    def diffuse_awareness(self) -> None:
        """Let makers become aware of the next rung."""
        self.all_do("hear", Maker)

    def invest(self) -> None:
        """Let firms buy machines and upgrades."""
        self.all_do("invest")

    def count_upgrades(self) -> None:
        """Count upgrades in every county."""
        self.all_do("count_upgrades", County)

    def by_county(self, firms: list[Firm]) -> list[list[Firm]]:
        """Return firms county by county."""
        lists: list[list[Firm]] = [[] for _ in self.counties]
        for firm in firms:
            lists[firm.county.place].append(firm)
        return lists

    def price(self) -> None:
        """Let firms set prices."""
        self.all_do("set_price")
        tiers = [self.by_county(self.each((kind,))) for kind in TIERS]
        for county, *by_tier in zip(self.counties, *tiers, strict=True):
            county.average_costs(by_tier)

    def order(self) -> None:
        """Let buyers spend the month's budgets and local traders buy from makers."""
        outer = self.parameters.demand.elasticity_outside - 1.0
        for market, demand, outside in zip(self.markets, self.world.demand, self.world.outside_price, strict=True):
            market.demand, market.elsewhere = demand.tolist(), float(outside) ** -outer
            market.spent_outside = [0.0, 0.0]
        for county in self.counties:
            county.orders_here = [0.0, 0.0]
        self.all_do("offer")
        self.all_do("spend", Buyer)
        self.all_do("take_orders")
        self.all_do("produce", Trader)
        self.all_do("open_goods_market", County)
        self.all_do("buy_locally", Trader)
        self.all_do("offer_locally", Maker)
        for county in self.counties:
            if county.offered > 0.0:
                county.goods_price = county.offered_value / county.offered
        self.all_do("take_local_orders", Maker)
        self.all_do("offer_orders", Maker)
        for county in self.counties:
            county.put_out = min(county.beyond, county.spare)
        self.all_do("pass_on", Maker)
        self.all_do("take_over", Maker)

    def hire_workers(self) -> None:
        """Let firms hire and lay off, and the wage react."""
        for county, firms in zip(self.counties, self.by_county(self.each()), strict=True):
            county.open_labour_market(firms)
        self.all_do("want_workers")
        self.all_do("dismiss")
        self.all_do("set_wage", County)
        self.all_do("hire")

    def inspect(self) -> None:
        """Close polluting makers for a month."""
        self.all_do("be_inspected")

    def make_goods(self) -> None:
        """Make what was ordered: makers, then the local suppliers they need."""
        self.all_do("produce", Maker)
        for county in self.counties:
            county.services_wanted = county.services_offered = 0.0
        self.all_do("need_services", Maker)
        self.all_do("offer_services", Supplier)
        self.all_do("take_service_orders", Supplier)
        self.all_do("produce", Supplier)

    def settle(self) -> None:
        """Work out and move the month's flows, and add the month up."""
        for county in self.counties:
            county.goods = county.goods_needed = county.services = county.services_needed = 0.0
            county.flows, county.sums = none_yet(FLOWS), [none_yet(SUMS) for _ in TIERS]
        self.all_do("sell_locally")
        self.all_do("settle")
        self.all_do("settle", County)

    def update_market_accounts(self) -> None:
        """Update profit rates and mean revenues, and once a year what size does to closing on average."""
        self.all_do("update_rates", County)
        if self.month % 12 == 11:
            for kind in TIERS:
                for county, firms in zip(self.counties, self.by_county(self.each((kind,))), strict=True):
                    for old in range(AGE_CLASSES):
                        those = [firm for firm in firms if plain.age_class(firm.age) == old]
                        number = sum(firm.weight for firm in those)
                        factors = sum(firm.weight * firm.size_factor for firm in those)
                        county.size_hazard[kind.tier][old] = factors / number if number > 0.0 else 1.0

    def renew(self) -> None:
        """Break links, then let buyers search."""
        looks = self.parameters.links.entrant_looks * (self.month - self.burn_in_from) / MONTHS
        for market in self.markets:
            market.open_search(1.0 - math.exp(-looks))
        for county in self.counties:
            county.visible = 0.0
        self.all_do("be_seen")
        for market, demand, price in zip(self.markets, self.world.demand, self.world.outside_price, strict=True):
            market.compete(demand.tolist(), float(price), self.parameters.links)
        self.all_do("lose_links", Buyer)
        self.all_do("search", Buyer)

    def learn_and_age(self) -> None:
        """Move productivity, technique and age by a month."""
        self.all_do("learn")

    def leave(self) -> None:
        """Close firms whose time has come or whose money is gone."""
        self.all_do("may_close")

    def close(self) -> None:
        """Check that every account balances, and turn to the next month."""
        turnover = sum(abs(balance) for balance in self.accounts.values())
        cash = sum(firm.weight * firm.cash for firm in self.each())
        gaps = (sum(self.accounts.values()), self.accounts["local_trade"], self.accounts["park_receipts"],
                cash - self.accounts["firms"])  # fmt: skip
        if not max(map(abs, gaps)) <= 1e-9 * turnover:
            raise RuntimeError(f"the accounts are off by {gaps} yuan")
        self.month += 1
