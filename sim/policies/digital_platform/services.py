"""What a firm can expect from a digital platform in a year, and what the platform's services provide its members."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sim.policies.membership import add_saving, overhead_year
from sim.rules.elementary import power
from sim.rules.investment import MONTHS, credit_rooms, loan_rates, worth_of_news
from sim.state.columns import F8, I8, MAKER, SUPPLIER
from sim.state.state import State

KNOWLEDGE = ("shared_research", "technical_services")
"""Services that tell members of new techniques and make upgrades succeed more often."""


def purchase_savings(state: State, rows: I8) -> F8:
    """Return the share a member saves on materials bought elsewhere: most for small firms; nothing for traders."""
    firms, platform = state.firms, state.parameters.platform
    revenue = np.maximum(firms.revenue_year[rows], 0.0)
    share = platform.purchase_saving * platform.half_saving_revenue / (platform.half_saving_revenue + revenue)
    buys = (firms.tier[rows] == MAKER) | (firms.tier[rows] == SUPPLIER)
    return np.where(buys, share, 0.0)


def knowledge(services: Collection[str]) -> float:
    """Return how much of the knowledge services a platform offers, 0 to 1."""
    return sum(service in services for service in KNOWLEDGE) / len(KNOWLEDGE)


def yearly_gain(state: State, rows: I8, services: Collection[str], looks_a_year: float) -> F8:
    """Return what one firm of each row can expect from a platform's services, in yuan a year.

    Parameters
    ----------
    services
        Services on offer.
    looks_a_year
        Looks a member's offers would get; below one a year the hope of orders falls in proportion.

    Notes
    -----
    Purchasing and logistics: what they save. Finance: the return a firm asks over the loan rate, on the extra credit,
    where it has used up its own. Knowledge: the chance to become aware within a year times what the news is worth.
    Orders: a share of revenue it hopes for.
    """
    firms, p = state.firms, state.parameters
    platform = p.platform
    gain = np.zeros(rows.size)
    if "purchasing" in services:
        gain += purchase_savings(state, rows) * materials_year(state, rows)
    if "logistics" in services:
        gain += platform.delivery_part * overhead_year(state, rows)
    if "finance" in services:
        more = platform.credit_part * (firms.capital[rows] * state.world.producer)
        short = credit_rooms(rows, firms, state.world.producer, p.investment) < more
        earned = np.maximum(p.technology.required_return - loan_rates(rows, firms, p.investment), 0.0)
        gain += np.where(short, more * earned, 0.0)
    if knowledge(services) > 0.0:
        aware = 1.0 - power(max(1.0 - platform.service_awareness * knowledge(services), 0.0), MONTHS)
        news = worth_of_news(rows, firms, state.costs, p.production, p.technology, p.demand, state.world.producer)
        gain += aware * news
    if "transactions" in services:
        sells = firms.tier[rows] != SUPPLIER
        hope = platform.order_hope * min(looks_a_year, 1.0)
        gain += np.where(sells, hope * np.maximum(firms.revenue_year[rows], 0.0), 0.0)
    return gain


def serve(state: State, members: I8, services: Collection[str], part: float) -> None:
    """Lend members what the month's services save or open; ``part`` is the part of the month the platform runs."""
    firms, platform = state.firms, state.parameters.platform
    if "purchasing" in services:
        add_saving(firms.purchase_saving, members, part * purchase_savings(state, members))
    if "logistics" in services:
        add_saving(firms.overhead_saving, members, part * platform.delivery_part)
    if "finance" in services:
        add_saving(firms.credit_line, members, part * platform.credit_part)


def materials_year(state: State, rows: I8) -> F8:
    """Return what one firm of each row spends in a year on materials from elsewhere, in yuan; traders buy none."""
    firms = state.firms
    county, tier = firms.place[rows], firms.tier[rows]
    bought = np.where((tier == MAKER) | (tier == SUPPLIER), 1.0 - firms.local_share[rows], 0.0)
    spent: F8 = np.maximum(firms.revenue_year[rows], 0.0) * state.costs.materials_share[county, tier] * bought
    return spent
