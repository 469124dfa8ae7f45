"""Phases 6 to 9: prices, orders, hiring, production, and settlement, in which every yuan moves through the ledger."""

from __future__ import annotations

import numpy as np

from sim.observables import ABOVE_SCALE_YUAN
from sim.rules import demand, production, settlement
from sim.rules.labour import hire
from sim.rules.prices import set_prices
from sim.rules.production import localise, produce
from sim.rules.settlement import LocalTrade
from sim.rules.totals import SUMS
from sim.state.columns import MAKER, SUPPLIER, TRADER
from sim.state.ledger import (
    BANKS,
    BUYERS_DOMESTIC,
    BUYERS_FOREIGN,
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
FOLLOWED_SHARE = 0.25
"""Makers are followed one by one from a quarter of the above-scale cut on, so that a firm supported in one scenario is
found in the other."""


def price(state: State) -> None:
    """Set every firm's unit cost, markup and price."""
    p = state.parameters
    set_prices(
        state.segments, state.firms, state.places, state.costs, state.world.producer, state.world.progress, p.pricing,
        p.production, p.environment, state.parks.fee,
    )  # fmt: skip


def order(state: State) -> None:
    """Let buyers spend the month's budgets and local traders buy from makers."""
    p, scratch, firms, places, costs = state.parameters, state.scratch, state.firms, state.places, state.costs
    state.refresh_offers(state.segments)
    scratch.ordered[:] = 0.0
    scratch.by_channel[scratch.channelled == 1] = scratch.channelled[:] = 0
    state.spent_outside[:] = 0.0
    demand.month_spending(
        state.buyers, state.world.demand, state.yearly_noise(), state.key("demand.month"), p.demand,
        state.world.season, state.buyer_spending,
    )  # fmt: skip
    demand.buyer_orders(
        state.buyers, firms, scratch.offers, p.demand, p.fair.intention_months, state.buyer_spending,
        state.world.outside_price, np.array([field.ties_elsewhere for field in state.search]), scratch.ordered,
        scratch.by_channel, scratch.channelled, state.spent_outside,
    )  # fmt: skip
    for side, (by_weight, by_piece) in enumerate(demand.KINDS_BY_SIDE):
        ordered = scratch.ordered[by_weight, : state.count] + scratch.ordered[by_piece, : state.count]
        state.orders[:, side] = np.bincount(firms.place[: state.count], ordered, minlength=len(state.place_ids))
    demand.place_orders(state.segments, firms, scratch.ordered)
    # Traders pass on what their people and vehicles can handle this month, and order that much from makers.
    makers, traders = state.segments_of_tier(MAKER), state.segments_of_tier(TRADER)
    produce(traders, firms, places, costs, p.production, state.world.progress)
    demand.local_goods(
        makers, traders, firms, places, scratch.attraction, costs, p.production, p.links.visibility_elasticity,
        scratch.room,
    )  # fmt: skip
    demand.put_out(makers, firms, places, costs, p.production, state.world.progress, scratch.room)


def hire_workers(state: State) -> None:
    """Let firms hire and lay off, and the wage react; productivity follows the size of the local industry."""
    p, places = state.parameters, state.places
    localise(state.segments, state.firms, places, p.production.localisation_elasticity)
    state.unfilled[:] = 0.0
    trend = state.wage_trend_base * state.world.wage * places.skill_premium
    hire(
        state.segments, state.firms, places, state.costs, p.production, p.labour, state.world.progress, trend,
        state.world.wage_growth, state.unfilled,
    )  # fmt: skip


def inspect(state: State) -> None:
    """Close polluting makers outside parks for a month, in proportion to what they discharge."""
    rate = state.parameters.environment.inspection_rate
    closed = production.inspect(
        state.segments_of_tier(MAKER), state.firms, state.usual_discharge, rate, state.month, state.key("inspection")
    )
    state.add_by_place("inspection_closures", closed)


def make_goods(state: State) -> None:
    """Make what was ordered: makers, then the local suppliers they need."""
    p, firms, places, costs = state.parameters, state.firms, state.places, state.costs
    makers, suppliers = state.segments_of_tier(MAKER), state.segments_of_tier(SUPPLIER)
    produce(makers, firms, places, costs, p.production, state.world.progress)
    demand.local_services(
        makers, suppliers, firms, places, state.scratch.attraction, costs, p.production, p.links.visibility_elasticity
    )
    produce(suppliers, firms, places, costs, p.production, state.world.progress)


def settle(state: State) -> None:
    """Work out, move and add up the month's flows of every firm; those short of cash borrow what they can."""
    p, firms, places, scratch, count = (
        state.parameters, state.firms, state.places, state.scratch, len(state.place_ids),
    )  # fmt: skip
    trade = LocalTrade(*np.zeros((len(LocalTrade._fields), count)))
    settlement.local_turnover(state.segments, firms, places, state.costs, trade)
    flows = state.place_flows = np.zeros((count, settlement.FLOWS))
    state.sums = np.zeros((3, count, SUMS))
    drawn = settlement.settle(
        state.segments, firms, places, state.costs, p.production, p.investment, p.environment, p.park, p.tax,
        state.world.producer, state.world.progress, trade, state.parks.terms, scratch.equipment, scratch.orders,
        ABOVE_SCALE_YUAN, FOLLOWED_SHARE * ABOVE_SCALE_YUAN, state.month_of_year, flows, state.sums,
    )  # fmt: skip
    state.ledger.post([*flows.sum(axis=0).tolist(), float(drawn.sum())], (*ROUTES, ("overdrafts", BANKS)))
    # What firms paid in tax this month reaches the governments next month.
    state.tax_due[:] = -(flows[:, settlement.VALUE_ADDED_TAX] + flows[:, settlement.INCOME_TAX])
    # Rent and treatment fees go to the county of the park.
    receipts = -(flows[:, settlement.PARK_RENT] + flows[:, settlement.TREATMENT])
    state.ledger.transfer_each(PARK_RECEIPTS, state.county_accounts, receipts, "park receipts")
