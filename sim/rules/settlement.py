"""The month's accounts of a firm: every flow by purpose, in yuan per firm, positive when the firm receives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.parameters.groups import Environment, Investment, Park, Production, Tax
from sim.rules import totals
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.demand import DOMESTIC_BY_PIECE, FOREIGN_BY_PIECE
from sim.rules.investment import bank_access, credit_room, lending_share, loan_rate, monthly_cost
from sim.rules.production import full_capacity
from sim.rules.totals import exporting
from sim.state.columns import (
    BEGIN,
    CHANNELS,
    END,
    F8,
    I1,
    I8,
    MAKER,
    PLACE,
    SUPPLIER,
    TIER,
    TRADER,
    FirmColumns,
    PlaceColumns,
)  # fmt: skip

MONTHS = 12.0

(
    SALES_DOMESTIC,
    SALES_FOREIGN,
    SALES_LOCAL,
    MATERIALS,
    LOCAL_INPUTS,
    WAGES,
    OVERHEAD,
    PARK_RENT,
    TREATMENT,
    INTEREST,
    VALUE_ADDED_TAX,
    INCOME_TAX,
    EQUIPMENT,
    SCRAP,
    BORROWING,
    REPAYMENT,
    DIVIDENDS,
) = range(17)
"""Columns of the flow table."""
FLOWS = 17


class LocalTrade(NamedTuple):
    """Trade inside each place this month, shape (places,); shared so that buyers pay exactly what sellers get."""

    goods: F8  # yuan of makers' deliveries to local traders
    goods_needed: F8  # units traders delivered, in goods
    services: F8  # yuan of suppliers' deliveries
    services_needed: F8  # yuan makers would spend on local inputs


class ParkTerms(NamedTuple):
    """Terms of parks this month, by position of the policy; the last entry stands for no park."""

    rent: F8  # yuan per square metre and month
    fee: F8  # yuan a tonne
    capacity_share: F8  # share of tenants' discharge the plant can take
    removes: F8  # share of treated discharge removed
    plot_area: F8  # square metres a plot


class Equipment(NamedTuple):
    """What one firm of each row bought and sold this month, shape (table rows,)."""

    spending: F8  # yuan
    borrowing: F8  # yuan of it that was lent
    scrap: F8  # equipment sold, base-year yuan
    upgraded: I1  # 1 where it was an upgrade


class Orders(NamedTuple):
    """What was ordered this month from all firms of each row, in yuan; from ``sim.rules.demand.buyer_orders``."""

    ordered: F8  # (4, table rows) by each kind of buyer
    by_channel: F8  # (table rows, CHANNELS) over links of each sales channel
    channelled: I1  # (table rows,) 1 where there are any


@rule
def value_added_tax(domestic_sales: float, sales: float, inputs: float, revenue_year: float, tax: Tax) -> float:
    """Return value-added tax and surcharges of a month in yuan.

    Prices include the tax. Small taxpayers pay a levy on sales; others pay the tax in their domestic sales less the
    tax in the inputs behind them: all that was bought, equipment too, as it wears down. Exports are free of it.
    """
    if revenue_year < tax.small_taxpayer_revenue:
        due = tax.vat_small * domestic_sales
    else:
        share = domestic_sales / sales if sales > 0.0 else 0.0
        due = tax.vat / (1.0 + tax.vat) * max(domestic_sales - share * inputs, 0.0)
    return due * (1.0 + tax.surcharge)


@rule
def income_tax(profit: float, profit_year: float, tax: Tax) -> float:
    """Return corporate income tax of a month in yuan; small low-profit firms pay the small rate."""
    if profit <= 0.0 or profit_year <= 0.0:
        return 0.0
    rate = tax.income_tax_small if profit_year < tax.small_profit else tax.income_tax
    return rate * profit


@rule
def dividends(cash: float, monthly_cost: float, buffer_months: float, rate: float) -> float:
    """Return what owners take out: a share of cash above twice the buffer."""
    return rate * max(cash - 2.0 * buffer_months * monthly_cost, 0.0)


@rule
def overhead_of(
    share: float,
    capital: float,
    capital_output_ratio: float,
    people: float,
    relative_wage: float,
    equipment_price: float,
) -> float:
    """Return a month's overhead in yuan, before anything is saved on it: ``share`` of normal output at base prices.

    ``people`` is the part of it that is people's work, at ``relative_wage`` (wage over that of the base year and common
    progress); the rest follows the price of equipment.
    """
    normal = share * capital / capital_output_ratio / MONTHS
    return normal * (people * relative_wage + (1.0 - people) * equipment_price)


@rule
def outside_rent(overhead: float, capital: float, plots: float, park: Park) -> float:
    """Return the rent of a site outside a park that ``plots`` stand in for, yuan a month.

    Rent is a share of the ``overhead`` a firm pays, for the part of its plant that fits on the plots::

        park.rent_share x overhead x min(plots x park.capital_per_plot / capital, 1)

    Like overhead it goes with the equipment on the site (base-year yuan), and nobody can save more than there is.
    """
    fits = plots * park.capital_per_plot
    return park.rent_share * overhead * (fits / capital if fits < capital else 1.0)


@rule
def inputs_bought(
    tier: int, need: float, goods: float, goods_needed: float, services: float, services_needed: float,
    services_price: float, local_share: float, bought_materials: float,
) -> tuple[float, float]:  # fmt: skip
    """Return yuan spent on local inputs and on materials from elsewhere.

    ``need`` is units of inputs behind what the firm made; the place's totals are those of ``local_turnover``.
    """
    if tier == TRADER:
        return (need / goods_needed * goods if goods_needed > 0.0 else 0.0), 0.0
    if tier == SUPPLIER:
        return 0.0, need * bought_materials
    wanted = need * local_share * services_price
    local = wanted / services_needed * services if services_needed > 0.0 else 0.0
    # What the place's suppliers could not deliver is bought elsewhere at the price of other materials.
    short = max(wanted - local, 0.0) / services_price
    return local, (need * (1.0 - local_share) + short) * bought_materials


@loop
def local_turnover(segments: I8, firms: FirmColumns, places: PlaceColumns, costs: TierCosts, trade: LocalTrade) -> None:
    """Add up trade inside each place."""
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        materials, services_price = costs.materials_share[place, tier], places.services_price[place]
        for i in range(segments[s, BEGIN], segments[s, END]):
            if firms.alive[i] == 0:
                continue
            units = firms.weight[i] * firms.delivered[i]
            if tier == MAKER:
                trade.goods[place] += units * firms.price[i] * firms.orders_local[i]
                trade.services_needed[place] += units * materials * firms.local_share[i] * services_price
            elif tier == SUPPLIER:
                trade.services[place] += units * firms.price[i]
            else:
                trade.goods_needed[place] += units * materials


@loop
def settle(
    segments: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    costs: TierCosts,
    production: Production,
    investment: Investment,
    environment: Environment,
    park: Park,
    tax: Tax,
    equipment_price: float,
    progress: float,
    trade: LocalTrade,
    parks: ParkTerms,
    equipment: Equipment,
    orders: Orders,
    above_scale: float,
    followed: float,
    month_of_year: int,
    flows: F8,
    sums: F8,
) -> F8:
    """Work out, move and add up every firm's flows of the month, and close its accounts; one pass over all firms.

    Parameters
    ----------
    progress
        Labour productivity common to all, base year = 1; part of overhead is people's work.
    above_scale, followed
        Yearly revenue in yuan from which a firm is above scale, and from which a maker is followed one by one.
    flows
        Shape (places, ``FLOWS``): yuan by purpose of all firms of a place, added to; positive when firms receive.
    sums
        Shape (3, places, ``SUMS``): sums by tier, added to (``sim.rules.totals``). What was ordered over the links of a
        sales channel counts as far as it was delivered: a firm serves all its orders alike.

    Returns
    -------
    ndarray
        Shape (places,): yuan that firms short of cash drew from their banks.
    """
    people = production.overhead_labour_share
    worn = production.depreciation / MONTHS * equipment_price
    flow, flow_sum, firm_sum = np.zeros(FLOWS), np.zeros(FLOWS), np.zeros(totals.SUMS)
    drawn = np.zeros(flows.shape[0])
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        materials_share, ratio = costs.materials_share[place, tier], costs.capital_output_ratio[place, tier]
        overhead_share, wage = costs.overhead_share[place, tier], places.wage[place] / MONTHS
        relative_wage = places.wage[place] / places.wage_base[place] / progress
        per_capital = full_capacity(1.0, ratio, production.normal_use)
        # What nobody in the place can use this month is sold elsewhere in the country.
        used_here = (trade.goods_needed if tier == MAKER else trade.services_needed)[place] > 0.0
        flow_sum[:] = 0.0
        firm_sum[:] = 0.0
        for i in range(segments[s, BEGIN], segments[s, END]):
            if firms.alive[i] == 0:
                continue
            weight, made, capital = firms.weight[i], firms.delivered[i], firms.capital[i]
            sales = made * firms.price[i]
            foreign, local = sales * firms.orders_foreign[i], sales * firms.orders_local[i] if used_here else 0.0
            domestic = sales - foreign - local
            local_inputs, materials = inputs_bought(
                tier, made * materials_share, trade.goods[place], trade.goods_needed[place], trade.services[place],
                trade.services_needed[place], places.services_price[place], firms.local_share[i],
                places.bought_materials[place] * (1.0 - firms.purchase_saving[i]),
            )  # fmt: skip
            wages = firms.workers[i] * wage
            overhead = overhead_of(overhead_share, capital, ratio, people, relative_wage, equipment_price)
            overhead *= 1.0 - firms.overhead_saving[i]
            waste, rent, treatment = made * firms.emission[i], 0.0, 0.0
            where = firms.park[i]
            if where >= 0:
                rent = firms.plots[i] * parks.plot_area[where] * parks.rent[where]
                # Overhead holds the rent of a site outside, which a tenant no longer pays for what is in the park.
                overhead -= outside_rent(overhead, capital, firms.plots[i], park)
                taken = parks.capacity_share[where]
                treatment, treated = waste * taken * parks.fee[where], waste * taken * parks.removes[where]
            else:
                treated = waste * (1.0 - environment.untreated_share)
                materials += treated * environment.own_treatment_cost
            access = bank_access(capital, firms.honours[i], investment)
            interest = firms.loan[i] * loan_rate(access, investment) / MONTHS
            wear = capital * worn
            bought = materials + local_inputs + (1.0 - people) * overhead + rent + treatment + wear
            value_added = value_added_tax(domestic + local, sales, bought, firms.revenue_year[i], tax)
            outlay = materials + local_inputs + wages + overhead + rent + treatment + interest
            profit = sales - outlay - value_added - wear - firms.fees[i]
            firms.fees[i] = 0.0
            income = income_tax(profit, firms.profit_year[i], tax)
            sold = equipment.scrap[i] * equipment_price * investment.resale_share
            repaid = firms.loan[i] / investment.repayment_months
            spent, borrowed = equipment.spending[i], equipment.borrowing[i]
            firms.loan[i] += borrowed - repaid
            firms.sales[i], firms.exports[i] = sales, foreign
            operating = sales - outlay + sold + borrowed - repaid - spent - value_added - income
            flow[SALES_DOMESTIC], flow[SALES_FOREIGN], flow[SALES_LOCAL] = domestic, foreign, local
            flow[MATERIALS], flow[LOCAL_INPUTS], flow[WAGES], flow[OVERHEAD] = (
                -materials,
                -local_inputs,
                -wages,
                -overhead,
            )
            flow[PARK_RENT], flow[TREATMENT], flow[INTEREST] = -rent, -treatment, -interest
            flow[VALUE_ADDED_TAX], flow[INCOME_TAX] = -value_added, -income
            flow[EQUIPMENT], flow[SCRAP], flow[BORROWING], flow[REPAYMENT] = -spent, sold, borrowed, -repaid
            usual = monthly_cost(firms.unit_cost[i], firms.expected_orders[i])
            flow[DIVIDENDS] = -dividends(
                firms.cash[i] + operating, usual, investment.cash_buffer_months, investment.dividend_rate
            )
            # Cash moves by all flows at once. The ledger books their sums against the accounts on the other side, and
            # closes a month only when the firms' cash and their account agree.
            change = 0.0
            for purpose in range(FLOWS):
                change += flow[purpose]
                flow_sum[purpose] += weight * flow[purpose]
            cash = firms.cash[i] + change
            if cash < 0.0:
                lent = lending_share(access, investment) + firms.credit_line[i]
                borrowed = min(-cash, credit_room(capital, equipment_price, firms.loan[i], lent))
                firms.loan[i] += borrowed
                cash += borrowed
                drawn[place] += weight * borrowed
            firms.cash[i] = cash
            # A year's sum takes up and gives back the same number, that of the ring, so nothing is left over.
            newest, oldest = np.float32(sales), firms.revenue_ring[i, month_of_year]
            revenue_year = firms.revenue_year[i] + (np.float64(newest) - np.float64(oldest))
            firms.revenue_year[i], firms.revenue_ring[i, month_of_year] = revenue_year, newest
            newest, oldest = np.float32(profit), firms.profit_ring[i, month_of_year]
            profit_year = firms.profit_year[i] + (np.float64(newest) - np.float64(oldest))
            firms.profit_year[i], firms.profit_ring[i, month_of_year] = profit_year, newest
            sold_by_all = weight * sales
            firm_sum[totals.FIRMS] += weight
            firm_sum[totals.SALES] += sold_by_all
            firm_sum[totals.REVENUE_YEAR] += weight * revenue_year
            firm_sum[totals.PROFIT_YEAR] += weight * profit_year
            if profit_year < 0.0:
                firm_sum[totals.LOSS_MAKING] += weight
            firm_sum[totals.PRICE_BY_SALES] += sold_by_all * firms.price[i]
            firm_sum[totals.COST_BY_SALES] += sold_by_all * firms.unit_cost[i]
            firm_sum[totals.WORKERS] += weight * firms.workers[i]
            if revenue_year >= above_scale:
                firm_sum[totals.ABOVE_SCALE] += weight
            if tier == MAKER and revenue_year >= followed:
                firms.tracked[i] = 1
            firm_sum[totals.DELIVERED] += weight * made
            firm_sum[totals.CAPITAL] += weight * capital
            firm_sum[totals.GAP_BY_SALES] += sold_by_all * firms.technology_gap[i]
            firm_sum[totals.QUALITY_BY_SALES] += sold_by_all * firms.quality[i]
            firm_sum[totals.EXPORTERS] += exporting(weight, firms.foreign_links[i])
            if where >= 0:
                firm_sum[totals.PLOTS] += weight * firms.plots[i]
                firm_sum[totals.TENANTS] += weight
            firm_sum[totals.PROFIT] += weight * profit
            firm_sum[totals.SPENDING] += weight * spent
            if equipment.upgraded[i] == 1:
                firm_sum[totals.UPGRADED] += weight
            firm_sum[totals.TREATED] += weight * treated
            firm_sum[totals.UNTREATED] += weight * (waste - treated)
            ordered = firms.orders[i] * firms.price[i]
            served = min(sales / ordered, 1.0) if ordered > 0.0 else 0.0
            abroad = orders.ordered[FOREIGN_BY_PIECE, i]
            firm_sum[totals.PIECE] += served * (orders.ordered[DOMESTIC_BY_PIECE, i] + abroad)
            firm_sum[totals.PIECE_ABROAD] += served * abroad
            if orders.channelled[i] == 1:
                for channel in range(CHANNELS):
                    firm_sum[totals.BY_CHANNEL + channel] += served * orders.by_channel[i, channel]
        firm_sum[totals.EXPORTS], firm_sum[totals.FULL_CAPACITY] = (
            flow_sum[SALES_FOREIGN], firm_sum[totals.CAPITAL] * per_capital,
        )  # fmt: skip
        firm_sum[totals.MATERIALS] = -(flow_sum[MATERIALS] + flow_sum[LOCAL_INPUTS])
        firm_sum[totals.DOMESTIC_SALES], firm_sum[totals.WAGES] = flow_sum[SALES_DOMESTIC], -flow_sum[WAGES]
        firm_sum[totals.TAX] = -(flow_sum[VALUE_ADDED_TAX] + flow_sum[INCOME_TAX])
        for purpose in range(FLOWS):
            flows[place, purpose] += flow_sum[purpose]
        for column in range(totals.SUMS):
            sums[tier, place, column] += firm_sum[column]
    return drawn


@loop
def overheads(
    rows: I8, firms: FirmColumns, places: PlaceColumns, costs: TierCosts, people: float, progress: float,
    equipment_price: float,
) -> F8:  # fmt: skip
    """Return a month's overhead of one firm of each row in yuan, before anything is saved on it, shape of ``rows``."""
    out = np.empty(rows.size)
    for k in range(rows.size):
        i = rows[k]
        tier, place = firms.tier[i], firms.place[i]
        out[k] = overhead_of(
            costs.overhead_share[place, tier], firms.capital[i], costs.capital_output_ratio[place, tier], people,
            places.wage[place] / places.wage_base[place] / progress, equipment_price,
        )  # fmt: skip
    return out


@loop
def outside_rents(
    rows: I8, plots: F8, firms: FirmColumns, places: PlaceColumns, costs: TierCosts, people: float, progress: float,
    equipment_price: float, park: Park,
) -> F8:  # fmt: skip
    """Return the rent outside a park that ``plots`` would save one firm of each row, yuan a month, shape of both."""
    out = np.empty(rows.size)
    for k in range(rows.size):
        i = rows[k]
        tier, place = firms.tier[i], firms.place[i]
        overhead = overhead_of(
            costs.overhead_share[place, tier], firms.capital[i], costs.capital_output_ratio[place, tier], people,
            places.wage[place] / places.wage_base[place] / progress, equipment_price,
        )  # fmt: skip
        out[k] = outside_rent(overhead * (1.0 - firms.overhead_saving[i]), firms.capital[i], plots[k], park)
    return out
