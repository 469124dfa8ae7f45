"""Machines: when a firm buys, how much, and with whose money."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Demand, Investment, Production, Technology
from sim.rules.chance import Key, laplace, uniform
from sim.rules.compiled import loop, rule
from sim.rules.costs import TierCosts
from sim.rules.elementary import exp, power
from sim.rules.ladder import rung_gain
from sim.state.columns import BEGIN, END, F8, HONOUR_LEAD, I1, I8, MAKER, PLACE, TIER, FirmColumns, PlaceColumns

MONTHS = 12.0
LEAST_GAP = 1.0
"""Rungs behind the frontier from which an upgrade is thought of: a whole one; assumed."""
PATIENCE_MONTHS = 24
"""Months an owner waits for the customers that equipment was bought for, before selling or giving up; assumed."""
LARGEST_ADVANCE = 0.99
"""Largest part of a price that a grant is taken to pay, so that a firm always has a stake of its own."""


@rule
def stock_elasticity(user_cost_elasticity: float, depreciation: float, response_years: float) -> float:
    """Return the elasticity of the wanted capital stock that gives the published elasticity of investment.

    Studies (literature A2) report investment over the ``response_years`` after a reform. A stock that is to be
    e percent larger needs e percent of the stock more investment over those years, on top of depreciation.
    """
    return user_cost_elasticity * depreciation * response_years


@rule
def desired_capital(
    expected_orders: float, capital_output_ratio: float, price_factor: float, elasticity: float
) -> float:
    """Return wanted capital, base-year yuan: that of normal use at expected orders, more where machines are cheaper.

    ``price_factor`` is the price of a machine to the firm over its market price (1 less the grant share), which
    scales the user cost of capital (Jorgenson 1963).
    """
    capital: float = capital_output_ratio * MONTHS * expected_orders * power(price_factor, -elasticity)
    return capital


@rule
def own_money(cash: float, monthly_cost: float, investment: Investment) -> float:
    """Return the yuan a firm can put into a project that pays: cash above the part of its buffer that it keeps.

    It keeps ``project_buffer_share`` of ``cash_buffer_months`` of its usual outlay (``monthly_cost``, yuan).
    """
    return max(cash - investment.project_buffer_share * investment.cash_buffer_months * monthly_cost, 0.0)


@rule
def bank_access(capital: float, honours: int, investment: Investment) -> float:
    """Return how well banks know a firm, 0 to 1: K / (K + ``bank_access_capital``), and 1 for a lead firm.

    K is equipment in base-year yuan. Small firms of clusters live on trade credit and their owners' money (literature
    A3: Long and Zhang 2011, Ruan and Zhang 2009); the shape of the rule is assumed.
    """
    return max(capital / (capital + investment.bank_access_capital), (honours & HONOUR_LEAD) / HONOUR_LEAD)


@rule
def lending_share(access: float, investment: Investment) -> float:
    """Return the share of its equipment that banks lend a firm.

    ``collateral_share`` with full access, ``small_collateral`` times as much without any, and in between in proportion.
    """
    return investment.collateral_share * (investment.small_collateral + (1.0 - investment.small_collateral) * access)


@rule
def loan_rate(access: float, investment: Investment) -> float:
    """Return the yearly rate of interest of a firm: ``loan_rate`` + ``small_loan_premium`` x (1 - access)."""
    return investment.loan_rate + investment.small_loan_premium * (1.0 - access)


@rule
def credit_room(capital: float, equipment_price: float, loan: float, lent: float) -> float:
    """Return the yuan a bank would still lend on the equipment a firm has, at ``lent`` of its price."""
    return max(lent * capital * equipment_price - loan, 0.0)


@rule
def affordable(wanted: float, own: float, room: float, lent: float) -> float:
    """Return the part of ``wanted`` yuan that own money and credit can pay; ``lent`` of the new machine is lent too."""
    return min(wanted, (own + room) / (1.0 - lent))


@rule
def lent_on_new(lent: float, price_factor: float, advance: float) -> float:
    """Return the part of a new machine's price that others put up: a grant first, then a bank on the rest.

    ``advance`` is the part of a grant (1 - ``price_factor`` of the price) that is there when the machine is paid for:
    all of one that is paid on award, what banks lend against the award of one that comes later.
    """
    granted = min(advance * (1.0 - price_factor), LARGEST_ADVANCE)
    return granted + (1.0 - granted) * lent


@rule
def learning_speed(age_months: int, surprise: float, expectation_speed: float) -> float:
    """Return the weight of a month's orders in what a firm expects: v, for a young firm 1 / (1 + age) if more came.

    In the month of its opening a firm has seen no orders. Of a young one that gets more than it expected what it
    expects comes up to the mean of its months so far, as long as that is faster than the constant weight ``v``:
    learning with decreasing, later with constant gain (Evans and Honkapohja 2001). Where fewer come than it opened for,
    its owner puts that down to being new. ``surprise`` is orders less expected ones.
    """
    if age_months == 0:
        return 0.0
    return max(expectation_speed, 1.0 / (1.0 + age_months)) if surprise > 0.0 else expectation_speed


@rule
def margin(markup: float) -> float:
    """Return the part of a price that lies above variable cost: markup / (1 + markup)."""
    return markup / (1.0 + markup)


@rule
def upgrade_price(capital: float, equipment_price: float, technology: Technology) -> float:
    """Return the market price of an upgrade in yuan: a share of a firm's equipment, as workshops renew a machine."""
    return technology.upgrade_cost_share * capital * equipment_price


@rule
def perception(key: Key, slot: int, dispersion: float) -> float:
    """Return the factor by which a firm misjudges a gain: the exponential of a Laplace draw (Zou 2019)."""
    factor: float = exp(dispersion * laplace(uniform(key, slot)))
    return factor


@rule
def upgrade_gain(
    revenue: float,
    gap: float,
    labour_share: float,
    margin: float,
    elasticity: float,
    technology: Technology,
    labour_elasticity: float,
) -> float:
    """Return the yearly gain from climbing one rung, in yuan: labour saved and orders won by better goods.

    A rung saves labour by ``rung_gain`` and raises quality by ``rung_quality``, which raises orders by
    (elasticity - 1) times as much at the margin over variable cost. Wider gaps are closed by up to ``rungs_at_once``.
    """
    rungs = min(gap, technology.rungs_at_once)
    saved = labour_share * rung_gain(technology, labour_elasticity)
    won = margin * (elasticity - 1.0) * technology.rung_quality
    gain: float = revenue * rungs * (saved + won)
    return gain


@rule
def upgrade_pays(gain: float, price: float, required_return: float, perception: float) -> bool:
    """Return whether the gain a firm sees covers the yearly return it asks on the price it pays."""
    return gain * perception >= required_return * price


@rule
def monthly_cost(unit_cost: float, expected_orders: float) -> float:
    """Return a usual month's outlay of a firm in yuan: variable cost of expected orders."""
    return unit_cost * expected_orders


@loop
def own_moneys(rows: I8, firms: FirmColumns, investment: Investment) -> F8:
    """Return the yuan of its own that one firm of each row can put into a project, shape of ``rows``."""
    out = np.empty(rows.size)
    for k in range(rows.size):
        usual = monthly_cost(firms.unit_cost[rows[k]], firms.expected_orders[rows[k]])
        out[k] = own_money(firms.cash[rows[k]], usual, investment)
    return out


@loop
def credit_rooms(rows: I8, firms: FirmColumns, equipment_price: float, investment: Investment) -> F8:
    """Return the yuan a bank would still lend one firm of each row on its equipment, shape of ``rows``."""
    out = np.empty(rows.size)
    for k in range(rows.size):
        i = rows[k]
        lent = lending_share(bank_access(firms.capital[i], firms.honours[i], investment), investment)
        out[k] = credit_room(firms.capital[i], equipment_price, firms.loan[i], lent)
    return out


@loop
def loan_rates(rows: I8, firms: FirmColumns, investment: Investment) -> F8:
    """Return the yearly rate of interest of one firm of each row, shape of ``rows``."""
    out = np.empty(rows.size)
    for k in range(rows.size):
        out[k] = loan_rate(bank_access(firms.capital[rows[k]], firms.honours[rows[k]], investment), investment)
    return out


@loop
def perceptions(key: Key, slots: I8, dispersion: float) -> F8:
    """Return the factor by which each firm misjudges a gain, shape of ``slots``."""
    out = np.empty(slots.size)
    for k in range(slots.size):
        out[k] = perception(key, slots[k], dispersion)
    return out


@loop
def worth_of_news(
    rows: I8,
    firms: FirmColumns,
    costs: TierCosts,
    production: Production,
    technology: Technology,
    demand: Demand,
    equipment_price: float,
) -> F8:
    """Return what hearing of the next rung is worth to one firm of each row, yuan a year, shape of ``rows``.

    The yearly gain from the upgrade less the return asked on its price, for makers that are behind and do not know
    how to catch up; nothing for the others.
    """
    out = np.zeros(rows.size)
    for k in range(rows.size):
        i = rows[k]
        if firms.tier[i] == MAKER and firms.aware[i] == 0 and firms.technology_gap[i] >= LEAST_GAP:
            gain = upgrade_gain(
                firms.revenue_year[i],
                firms.technology_gap[i],
                costs.labour_share[firms.place[i], MAKER],
                margin(costs.markup[firms.place[i], MAKER]),
                demand.elasticity_outside,
                technology,
                production.labour_elasticity,
            )
            price = upgrade_price(firms.capital[i], equipment_price, technology)
            out[k] = max(gain - technology.required_return * price, 0.0)
    return out


@rule
def machine_wanted(
    capital: float, wanted: float, own: float, room: float, lent: float, equipment_price: float, investment: Investment
) -> float:
    """Return the yuan a firm would spend on machines at market prices: nothing below the trigger or when too poor.

    ``wanted`` is the capital it would have, base-year yuan; a project that ``own`` money, credit ``room`` (yuan) and
    what is ``lent`` on new machines (share) cannot pay for is cut back, and dropped below the smallest machine or the
    least part. Who needs little equipment finds smaller machines: none is larger than the gap that makes a firm buy.
    """
    if capital >= wanted * (1.0 - investment.band):
        return 0.0
    gap = (wanted - capital) * equipment_price
    spend = affordable(gap, own, room, lent)
    smallest = min(investment.smallest_machine, investment.band * wanted)
    if spend >= smallest * equipment_price and spend >= investment.least_part * gap:
        return spend
    return 0.0


@rule
def upgrade_wanted(
    slot: int, aware: int, gap: float, revenue: float, capital: float, machine: float, own: float, room: float,
    lent: float, equipment_price: float, price_factor: float, year_key: Key, labour_share: float, margin: float,
    elasticity: float, technology: Technology, labour_elasticity: float,
) -> float:  # fmt: skip
    """Return the yuan a maker would spend on an upgrade at market prices: if it knows of it, can pay, and it pays.

    ``gap`` is rungs behind the frontier, ``revenue`` yuan a year; ``machine`` is spent already.
    """
    if aware == 0 or gap < LEAST_GAP or revenue <= 0.0:
        return 0.0
    cost = upgrade_price(capital, equipment_price, technology)
    if affordable(cost + machine, own, room, lent) < cost + machine:
        return 0.0
    gain = upgrade_gain(revenue, gap, labour_share, margin, elasticity, technology, labour_elasticity)
    seen = perception(year_key, slot, technology.perception_dispersion)
    return cost if upgrade_pays(gain, cost * price_factor, technology.required_return, seen) else 0.0


@loop
def projects(
    rows: I8,
    firms: FirmColumns,
    costs: TierCosts,
    production: Production,
    investment: Investment,
    technology: Technology,
    demand: Demand,
    equipment_price: float,
    price_factor: float,
    advance: float,
    year_key: Key,
    machine: F8,
    upgrade: F8,
    own: F8,
) -> None:
    """Work out the equipment each row would buy if machines cost it ``price_factor`` of their price.

    Parameters
    ----------
    equipment_price
        Yuan per base-year yuan of equipment.
    price_factor
        1 without a grant, 1 less the grant share with one.
    advance
        Part of a grant that is there when the equipment is paid for (``lent_on_new``).
    machine, upgrade, own
        Shape of ``rows``, written: yuan a firm would spend on machines and on an upgrade at market prices, and the
        yuan of its own money it has for them.
    """
    elasticity = stock_elasticity(investment.user_cost_elasticity, production.depreciation, investment.response_years)
    for k in range(rows.size):
        i = rows[k]
        tier, place = firms.tier[i], firms.place[i]
        wanted = desired_capital(
            firms.expected_orders[i], costs.capital_output_ratio[place, tier], price_factor, elasticity
        )
        usual = monthly_cost(firms.unit_cost[i], firms.expected_orders[i])
        own[k] = own_money(firms.cash[i], usual, investment)
        lent = lending_share(bank_access(firms.capital[i], firms.honours[i], investment), investment)
        room = credit_room(firms.capital[i], equipment_price, firms.loan[i], lent + firms.credit_line[i])
        lent = lent_on_new(lent, price_factor, advance)
        machine[k] = machine_wanted(firms.capital[i], wanted, own[k], room, lent, equipment_price, investment)
        upgrade[k] = 0.0
        if tier == MAKER:
            upgrade[k] = upgrade_wanted(
                firms.slot[i], firms.aware[i], firms.technology_gap[i], firms.revenue_year[i], firms.capital[i],
                machine[k], own[k], room, lent, equipment_price, price_factor, year_key,
                costs.labour_share[place, tier], margin(costs.markup[place, tier]), demand.elasticity_outside,
                technology, production.labour_elasticity,
            )  # fmt: skip


@rule
def carry_out(
    i: int, machine: float, upgrade: float, own: float, firms: FirmColumns, places: PlaceColumns,
    equipment_price: float, technology: Technology, labour_elasticity: float, success_key: Key, spending: F8,
    borrowing: F8, upgraded: I1,
) -> None:  # fmt: skip
    """Let one firm of row ``i`` buy its project: capital grows, a successful upgrade climbs up to ``rungs_at_once``.

    ``spending`` and ``borrowing`` (table rows) take the yuan spent and borrowed; a firm uses its ``own`` money first.
    ``upgraded`` marks rows that carried out an upgrade.
    """
    spending[i] += machine + upgrade
    borrowing[i] += max(machine + upgrade - own, 0.0)
    before = firms.capital[i]
    # An upgrade replaces old machines: only part of its price adds to capacity, the rest is better, not more.
    firms.capital[i] += (machine + technology.upgrade_capacity_share * upgrade) / equipment_price
    # New machines are of the techniques of the day, so the mean of what a firm has comes nearer to the frontier.
    embodied = firms.technology_gap[i] * (1.0 - before / (before + machine / equipment_price)) if machine > 0.0 else 0.0
    firms.technology_gap[i] -= embodied
    firms.productivity[i] *= exp(rung_gain(technology, labour_elasticity) * embodied)
    if upgrade > 0.0:
        upgraded[i] = 1
        firms.aware[i] = 0
        if uniform(success_key, firms.slot[i]) < places.upgrade_success[firms.place[i]]:
            rungs = min(firms.technology_gap[i], technology.rungs_at_once)
            firms.technology_gap[i] -= rungs
            firms.productivity[i] *= exp(rung_gain(technology, labour_elasticity) * rungs)


@loop
def buy(
    rows: I8,
    machine: F8,
    upgrade: F8,
    own: F8,
    firms: FirmColumns,
    places: PlaceColumns,
    equipment_price: float,
    technology: Technology,
    labour_elasticity: float,
    success_key: Key,
    spending: F8,
    borrowing: F8,
    upgraded: I1,
) -> None:
    """Let the given rows buy what they have planned; ``machine``, ``upgrade`` and ``own`` are from ``projects``."""
    for k in range(rows.size):
        if machine[k] + upgrade[k] > 0.0:
            carry_out(
                rows[k], machine[k], upgrade[k], own[k], firms, places, equipment_price, technology, labour_elasticity,
                success_key, spending, borrowing, upgraded,
            )  # fmt: skip


@loop
def invest(
    segments: I8,
    firms: FirmColumns,
    places: PlaceColumns,
    costs: TierCosts,
    production: Production,
    investment: Investment,
    technology: Technology,
    demand: Demand,
    equipment_price: float,
    year_key: Key,
    success_key: Key,
    decided: I1,
    spending: F8,
    borrowing: F8,
    upgraded: I1,
) -> None:
    """Let all firms that have not ``decided`` on a grant project buy at full price what ``projects`` would say."""
    elasticity = stock_elasticity(investment.user_cost_elasticity, production.depreciation, investment.response_years)
    for s in range(segments.shape[0]):
        place, tier = segments[s, PLACE], segments[s, TIER]
        ratio, labour_share = costs.capital_output_ratio[place, tier], costs.labour_share[place, tier]
        gained = margin(costs.markup[place, tier])
        for i in range(segments[s, BEGIN], segments[s, END]):
            if firms.alive[i] == 0 or decided[i] == 1:
                continue
            capital, expected = firms.capital[i], firms.expected_orders[i]
            wanted = desired_capital(expected, ratio, 1.0, elasticity)
            knows = tier == MAKER and firms.aware[i] == 1
            if not knows and capital >= wanted * (1.0 - investment.band):
                continue
            usual = monthly_cost(firms.unit_cost[i], expected)
            own = own_money(firms.cash[i], usual, investment)
            lent = lending_share(bank_access(capital, firms.honours[i], investment), investment)
            room = credit_room(capital, equipment_price, firms.loan[i], lent + firms.credit_line[i])
            machine, upgrade = machine_wanted(capital, wanted, own, room, lent, equipment_price, investment), 0.0
            if knows:
                upgrade = upgrade_wanted(
                    firms.slot[i], firms.aware[i], firms.technology_gap[i], firms.revenue_year[i], capital, machine,
                    own, room, lent, equipment_price, 1.0, year_key, labour_share, gained,
                    demand.elasticity_outside, technology, production.labour_elasticity,
                )  # fmt: skip
            if machine + upgrade > 0.0:
                carry_out(
                    i, machine, upgrade, own, firms, places, equipment_price, technology, production.labour_elasticity,
                    success_key, spending, borrowing, upgraded,
                )  # fmt: skip


@loop
def expect_and_shrink(
    segments: I8,
    firms: FirmColumns,
    season: float,
    costs: TierCosts,
    production: Production,
    investment: Investment,
    scrap: F8,
) -> None:
    """Form expectations, wear capital down, and sell machines that expected orders cannot use.

    Expected orders follow the month's orders, those passed on to others too, with the season taken out
    (``learning_speed``). A firm with more than twice the band above its wanted capital sells the excess over
    ``selling_months`` once it has waited ``PATIENCE_MONTHS`` for customers; ``scrap`` (table rows) takes the equipment
    sold, in base-year yuan per firm.
    """
    keep = 1.0 - production.depreciation / MONTHS
    for s in range(segments.shape[0]):
        yearly = costs.capital_output_ratio[segments[s, PLACE], segments[s, TIER]] * MONTHS
        for i in range(segments[s, BEGIN], segments[s, END]):
            if firms.alive[i] == 0:
                continue
            surprise = (firms.orders[i] + firms.passed_on[i]) / season - firms.expected_orders[i]
            firms.expected_orders[i] += surprise * learning_speed(firms.age[i], surprise, investment.expectation_speed)
            firms.capital[i] *= keep
            excess = firms.capital[i] - yearly * firms.expected_orders[i] * (1.0 + 2.0 * investment.band)
            waits = firms.age[i] < PATIENCE_MONTHS
            scrap[i] = excess / investment.selling_months if excess > 0.0 and not waits else 0.0
            firms.capital[i] -= scrap[i]


@loop
def spread_awareness(
    makers: I8, firms: FirmColumns, places: PlaceColumns, technology: Technology, month_key: Key
) -> None:
    """Let makers (segments) become aware of the next rung from neighbours that upgraded; a park brings them closer.

    The chance rises with size: times (equipment over the tier's mean) to the power ``awareness_size_elasticity``.
    """
    for s in range(makers.shape[0]):
        place = makers[s, PLACE]
        usual = technology.awareness + technology.neighbour_awareness * places.upgraded_share[place] / MONTHS
        usual *= places.awareness[place]
        mean_capital = places.mean_capital[place, MAKER]
        for i in range(makers[s, BEGIN], makers[s, END]):
            if firms.alive[i] == 0 or firms.aware[i] == 1:
                continue
            size = firms.capital[i] / mean_capital if mean_capital > 0.0 else 1.0
            chance = usual * power(size, technology.awareness_size_elasticity)
            if firms.park[i] >= 0:
                chance *= technology.park_awareness
            if uniform(month_key, firms.slot[i]) < chance:
                firms.aware[i] = 1
