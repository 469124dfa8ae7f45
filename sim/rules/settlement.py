"""The month's accounts of a firm: every flow by purpose, in yuan per firm, positive when the firm receives."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Environment, Investment, Park, Production, Tax
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.investment import credit_room, monthly_cost
from sim.state.columns import F8, I8, MAKER, SUPPLIER, TRADER, FirmColumns, PlaceColumns

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


@rule
def value_added_tax(domestic_sales: float, sales: float, inputs: float, revenue_year: float, tax: Tax) -> float:
    """Return value-added tax and surcharges of a month in yuan.

    Prices include the tax. Small taxpayers pay a levy on sales; others pay the tax in their domestic sales less the
    tax in the inputs behind them. Exports are free of it.
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
def outside_rent(capital: float, plot_area: float, park: Park) -> float:
    """Return the rent of a site outside a park in yuan a month, in proportion to the equipment on it."""
    return capital / park.capital_per_plot * plot_area * park.outside_rent


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


@rule
def remember(i: int, firms: FirmColumns, month_of_year: int, sales: float, profit: float) -> None:
    """Put the month's sales and profit of firm ``i`` (yuan) in the place of those of a year ago."""
    firms.revenue_year[i] += sales - firms.revenue_ring[i, month_of_year]
    firms.profit_year[i] += profit - firms.profit_ring[i, month_of_year]
    firms.revenue_ring[i, month_of_year], firms.profit_ring[i, month_of_year] = sales, profit


@loop
def local_turnover(
    makers: I8, suppliers: I8, traders: I8, firms: FirmColumns, places: PlaceColumns, costs: TierCosts,
    production: Production, goods: F8, goods_needed: F8, services: F8, services_needed: F8,
) -> None:  # fmt: skip
    """Add up trade inside each place, shape (places,).

    ``goods``: yuan of makers' deliveries to local traders; ``goods_needed``: units traders delivered, in goods;
    ``services``: yuan of suppliers' deliveries; ``services_needed``: yuan makers would spend on local inputs.
    """
    for i in makers:
        place = firms.place[i]
        goods[place] += firms.weight[i] * firms.delivered[i] * firms.price[i] * firms.orders_local[i]
        need = costs.materials_share[place, MAKER] * firms.local_share[i] * places.services_price[place]
        services_needed[place] += firms.weight[i] * firms.delivered[i] * need
    for i in suppliers:
        services[firms.place[i]] += firms.weight[i] * firms.delivered[i] * firms.price[i]
    for i in traders:
        goods_needed[firms.place[i]] += (
            firms.weight[i] * firms.delivered[i] * costs.materials_share[firms.place[i], TRADER]
        )


@loop
def settle(
    rows: I8,
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
    goods: F8,
    goods_needed: F8,
    services: F8,
    services_needed: F8,
    park_rent: F8,
    park_fee: F8,
    park_capacity: F8,
    plot_area: F8,
    spending: F8,
    borrowing: F8,
    scrap: F8,
    month_of_year: int,
    flows: F8,
    profit: F8,
) -> None:
    """Write each row's flows of the month (yuan per firm) and update its yearly accounts.

    Parameters
    ----------
    progress
        Labour productivity common to all, base year = 1; part of overhead is people's work.
    goods, goods_needed, services, services_needed
        Shape (places,): from ``local_turnover``. Local trade is shared so that buyers pay exactly what sellers get.
    park_rent, park_fee, park_capacity, plot_area
        By park (last entry: none): yuan per square metre and month, yuan per tonne, share of discharge its plant can
        take this month, square metres a plot.
    spending, borrowing, scrap
        By table row: equipment bought and borrowed for in yuan, equipment sold in base-year yuan.
    flows, profit
        Shape (rows of the table, ``FLOWS``) and (rows of the table,), written.
    """
    people = production.overhead_labour_share
    for i in rows:
        tier, place = firms.tier[i], firms.place[i]
        made, price = firms.delivered[i], firms.price[i]
        sales = made * price
        foreign, local = sales * firms.orders_foreign[i], sales * firms.orders_local[i]
        if (goods_needed if tier == MAKER else services_needed)[place] <= 0.0:
            local = 0.0  # nobody in the place can use it this month: sold elsewhere in the country
        domestic = sales - foreign - local
        local_inputs, materials = inputs_bought(
            tier, made * costs.materials_share[place, tier], goods[place], goods_needed[place], services[place],
            services_needed[place], places.services_price[place], firms.local_share[i],
            places.bought_materials[place] * (1.0 - firms.purchase_saving[i]),
        )  # fmt: skip
        wages = firms.workers[i] * places.wage[place] / MONTHS
        relative_wage = places.wage[place] / places.wage_base[place] / progress
        overhead = overhead_of(
            costs.overhead_share[place, tier], firms.capital[i], costs.capital_output_ratio[place, tier], people,
            relative_wage, equipment_price,
        )  # fmt: skip
        overhead *= 1.0 - firms.overhead_saving[i]
        waste = made * firms.emission[i]
        rent, treatment = 0.0, 0.0
        where = firms.park[i]
        if where >= 0:
            rent = firms.plots[i] * plot_area[where] * park_rent[where]
            # Overhead holds the rent of a site outside, in proportion to equipment; a tenant no longer pays it.
            overhead -= outside_rent(firms.capital[i], plot_area[where], park) * equipment_price
            treatment = waste * park_capacity[where] * park_fee[where]
        else:
            materials += waste * (1.0 - environment.untreated_share) * environment.own_treatment_cost
        interest = firms.loan[i] * investment.loan_rate / MONTHS
        value_added = value_added_tax(domestic + local, sales, materials + local_inputs, firms.revenue_year[i], tax)
        wear = firms.capital[i] * production.depreciation / MONTHS * equipment_price
        profit[i] = (
            sales
            - materials
            - local_inputs
            - wages
            - overhead
            - rent
            - treatment
            - interest
            - value_added
            - wear
            - firms.fees[i]
        )
        firms.fees[i] = 0.0
        income = income_tax(profit[i], firms.profit_year[i], tax)
        sold = scrap[i] * equipment_price * investment.resale_share
        repaid = firms.loan[i] / investment.repayment_months
        flows[i, SALES_DOMESTIC], flows[i, SALES_FOREIGN], flows[i, SALES_LOCAL] = domestic, foreign, local
        flows[i, MATERIALS], flows[i, LOCAL_INPUTS] = -materials, -local_inputs
        flows[i, WAGES], flows[i, OVERHEAD] = -wages, -overhead
        flows[i, PARK_RENT], flows[i, TREATMENT], flows[i, INTEREST] = -rent, -treatment, -interest
        flows[i, VALUE_ADDED_TAX], flows[i, INCOME_TAX] = -value_added, -income
        flows[i, EQUIPMENT], flows[i, SCRAP] = -spending[i], sold
        flows[i, BORROWING], flows[i, REPAYMENT] = borrowing[i], -repaid
        firms.loan[i] += borrowing[i] - repaid
        firms.sales[i], firms.exports[i] = sales, foreign
        operating = sales - materials - local_inputs - wages - overhead - rent - treatment - interest
        operating += sold + borrowing[i] - repaid - spending[i] - value_added - income
        flows[i, DIVIDENDS] = -dividends(
            firms.cash[i] + operating,
            monthly_cost(i, firms),
            investment.cash_buffer_months,
            investment.dividend_rate,
        )
        remember(i, firms, month_of_year, sales, profit[i])


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
def outside_rents(rows: I8, firms: FirmColumns, plot_area: float, park: Park) -> F8:
    """Return the rent of a site outside a park for one firm of each row, yuan a month, shape of ``rows``."""
    out = np.empty(rows.size)
    for k in range(rows.size):
        out[k] = outside_rent(firms.capital[rows[k]], plot_area, park)
    return out


@loop
def overdraw(rows: I8, firms: FirmColumns, investment: Investment, equipment_price: float, borrowed: F8) -> None:
    """Let firms short of cash draw on what their bank still lends: ``borrowed`` (table rows) in yuan per firm."""
    for i in rows:
        borrowed[i] = 0.0
        if firms.cash[i] < 0.0:
            room = credit_room(
                firms.capital[i], equipment_price, firms.loan[i], investment.collateral_share + firms.credit_line[i]
            )
            borrowed[i] = min(-firms.cash[i], room)
            firms.loan[i] += borrowed[i]


@loop
def discharge(
    makers: I8, firms: FirmColumns, untreated_share: float, removes: F8, park_capacity: F8, parks: int, out: F8
) -> F8:
    """Return tonnes of waste water by park (last entry: outside), and add untreated and treated to ``out`` (places, 2).

    ``removes`` and ``park_capacity`` are by park: share removed by treatment, share of discharge the plant takes.
    """
    volume = np.zeros(parks + 1)
    for i in makers:
        waste = firms.weight[i] * firms.delivered[i] * firms.emission[i]
        where = firms.park[i] if firms.park[i] >= 0 else parks
        volume[where] += waste
        treated = waste * (1.0 - untreated_share) if where == parks else waste * park_capacity[where] * removes[where]
        out[firms.place[i], 0] += waste - treated
        out[firms.place[i], 1] += treated
    return volume
