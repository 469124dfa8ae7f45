"""Phase 6: prices, and how buyers and local traders spread their orders."""

from __future__ import annotations

from sim.policies.offers import refresh_attractions
from sim.rules import demand as rules
from sim.rules.prices import market_costs, service_prices, set_prices
from sim.rules.production import produce
from sim.state.state import State


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
    refresh_attractions(state)
    for array in (scratch.domestic, scratch.foreign):
        array[:] = 0.0
    for noted in (firms.orders_by_channel, firms.orders_piece, firms.orders_piece_abroad):
        noted[: state.count] = 0.0
    state.spent_outside[:] = 0.0
    rules.month_spending(
        state.buyers, state.world.demand, state.year_key("demand.year"), state.key("demand.month"), p.demand,
        state.world.season, state.buyer_spending,
    )  # fmt: skip
    rules.buyer_orders(
        state.buyers, firms, scratch.offers, p.demand, state.buyer_spending, state.world.outside_price,
        scratch.domestic, scratch.foreign, state.spent_outside,
    )  # fmt: skip
    rules.place_orders(state.live, firms, scratch.domestic, scratch.foreign)
    # Traders pass on what their people and vehicles can handle this month, and order that much from makers.
    produce(state.traders, firms, state.places, state.costs, p.production, state.world.progress)
    rules.local_goods(state.makers, state.traders, firms, state.places, scratch.attraction, state.costs, p.production)
