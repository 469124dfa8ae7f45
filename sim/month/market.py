"""Phases 6 to 9: prices, orders, hiring, production, and settlement, in which every yuan moves through the ledger."""

from __future__ import annotations

import numpy as np

from sim.policies.classification import inspection_chance
from sim.rules import demand, settlement
from sim.rules.chance import uniforms
from sim.rules.labour import hire, want_workers
from sim.rules.prices import market_costs, service_prices, set_prices
from sim.rules.production import localise, produce
from sim.rules.totals import flows_by_place
from sim.state.ledger import (
    BANKS,
    BUYERS_DOMESTIC,
    BUYERS_FOREIGN,
    FIRMS,
    HOUSEHOLDS,
    LOCAL_TRADE,
    PARK_RECEIPTS,
    REST_OF_WORLD,
    TAX_COLLECTED,
)  # fmt: skip
from sim.state.state import State

ROUTES = (
    ("domestic sales", BUYERS_DOMESTIC),
    ("exports", BUYERS_FOREIGN),
    ("local sales", LOCAL_TRADE),
    ("materials", REST_OF_WORLD),
    ("local inputs", LOCAL_TRADE),
    ("wages", HOUSEHOLDS),
    ("overhead", REST_OF_WORLD),
    ("park rent", PARK_RECEIPTS),
    ("treatment fees", PARK_RECEIPTS),
    ("interest", BANKS),
    ("value-added tax", TAX_COLLECTED),
    ("income tax", TAX_COLLECTED),
    ("equipment", REST_OF_WORLD),
    ("used equipment", REST_OF_WORLD),
    ("new loans", BANKS),
    ("repayment", BANKS),
    ("dividends", HOUSEHOLDS),
)
"""Purpose and counterpart of each column of the flow table (``sim.rules.settlement``)."""


def price(state: State) -> None:
    """Set every firm's unit cost, markup and price."""
    p, places = state.parameters, state.places
    set_prices(
        state.live, state.firms, places, state.costs, state.world.progress, p.pricing, p.production, p.environment,
        state.parks.fee,
    )  # fmt: skip
    market_costs(state.live, state.firms, places)
    service_prices(state.suppliers, state.firms, places)


def order(state: State) -> None:
    """Let buyers spend the month's budgets and local traders buy from makers."""
    p, scratch, firms = state.parameters, state.scratch, state.firms
    state.refresh_offers()
    for array in (scratch.domestic, scratch.foreign):
        array[:] = 0.0
    for noted in (firms.orders_by_channel, firms.orders_piece, firms.orders_piece_abroad):
        noted[: state.count] = 0.0
    state.spent_outside[:] = 0.0
    demand.month_spending(
        state.buyers, state.world.demand, state.yearly_noise(), state.key("demand.month"), p.demand,
        state.world.season, state.buyer_spending,
    )  # fmt: skip
    demand.buyer_orders(
        state.buyers, firms, scratch.offers, p.demand, state.buyer_spending, state.world.outside_price,
        scratch.domestic, scratch.foreign, state.spent_outside,
    )  # fmt: skip
    demand.place_orders(state.live, firms, scratch.domestic, scratch.foreign)
    # Traders pass on what their people and vehicles can handle this month, and order that much from makers.
    produce(state.traders, firms, state.places, state.costs, p.production, state.world.progress)
    demand.local_goods(state.makers, state.traders, firms, state.places, scratch.attraction, state.costs, p.production)


def hire_workers(state: State) -> None:
    """Let firms hire and lay off, and the wage react; productivity follows the size of the local industry."""
    p, places = state.parameters, state.places
    employment = state.by_place(state.firms.workers[state.live], state.live)
    localise(employment, places, p.production.localisation_elasticity)
    want_workers(state.live, state.firms, places, state.costs, p.production, p.labour, state.world.progress)
    state.unfilled[:] = 0.0
    trend = state.wage_trend_base * state.world.wage * places.skill_premium
    hire(state.live, state.firms, places, trend, state.world.wage_growth, p.labour, state.unfilled)


def inspect(state: State) -> None:
    """Close polluting makers outside parks for a month, in proportion to what they discharge."""
    firms = state.firms
    firms.closed[state.live] = 0
    rows = state.makers[(firms.park[state.makers] < 0) & (firms.emission[state.makers] > 0.0)]
    closed = rows[uniforms(state.key("inspection"), firms.slot[rows]) < inspection_chance(state, rows)]
    firms.closed[closed] = 1
    firms.closed_month[closed] = state.month
    state.add_by_place("inspection_closures", state.firms_by_place(closed))


def make_goods(state: State) -> None:
    """Make what was ordered: makers, then the local suppliers they need."""
    p, firms, places, costs = state.parameters, state.firms, state.places, state.costs
    produce(state.makers, firms, places, costs, p.production, state.world.progress)
    demand.local_services(state.makers, state.suppliers, firms, places, state.scratch.attraction, costs, p.production)
    produce(state.suppliers, firms, places, costs, p.production, state.world.progress)


def settle(state: State) -> None:
    """Work out and move the month's flows of every firm, and let those short of cash borrow what they can."""
    p, firms, places, scratch, parks = state.parameters, state.firms, state.places, state.scratch, state.parks
    goods, goods_needed, services, services_needed = (np.zeros(len(state.place_ids)) for _ in range(4))
    settlement.local_turnover(
        state.makers, state.suppliers, state.traders, firms, places, state.costs, p.production, goods, goods_needed,
        services, services_needed,
    )  # fmt: skip
    settlement.settle(
        state.live, firms, places, state.costs, p.production, p.investment, p.environment, p.park, p.tax,
        state.world.producer, state.world.progress, goods, goods_needed, services,
        services_needed, parks.rent, parks.fee, parks.capacity_share, parks.plot_area, scratch.spending,
        scratch.borrowing, scratch.scrap, state.month_of_year, scratch.flows, scratch.profit,
    )  # fmt: skip
    state.ledger.post(state.live, scratch.flows, firms, ROUTES)
    settlement.overdraw(state.live, firms, p.investment, state.world.producer, scratch.borrowed)
    drawn = state.live[scratch.borrowed[state.live] > 0.0]
    state.ledger.transfer(BANKS, FIRMS, scratch.borrowed[drawn], "overdrafts", firms, drawn)
    # What firms paid in tax this month reaches the governments next month.
    state.place_flows = flows_by_place(state.live, firms, scratch.flows, len(state.place_ids))
    state.tax_due[:] = -(state.place_flows[:, settlement.VALUE_ADDED_TAX] + state.place_flows[:, settlement.INCOME_TAX])
    # Rent and treatment fees go to the county of the park.
    receipts = -(state.place_flows[:, settlement.PARK_RENT] + state.place_flows[:, settlement.TREATMENT])
    state.ledger.transfer_each(PARK_RECEIPTS, state.county_accounts, receipts, "park receipts")


def discharge(state: State) -> None:
    """Record waste water treated and let out."""
    parks = state.parks
    out = np.zeros((len(state.place_ids), 2))
    settlement.discharge(
        state.makers, state.firms, state.parameters.environment.untreated_share, parks.removes, parks.capacity_share,
        parks.rent.size - 1, out,
    )  # fmt: skip
    state.add_by_place("discharge_untreated", out[:, 0])
    state.add_by_place("discharge_treated", out[:, 1])
