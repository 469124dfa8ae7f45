"""Phase 9: settlement. Every yuan moves through the ledger."""

from __future__ import annotations

import numpy as np

from sim.rules import settlement as rules
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


def settle(state: State) -> None:
    """Work out and move the month's flows of every firm, and let those short of cash borrow what they can."""
    p, firms, places, scratch, parks = state.parameters, state.firms, state.places, state.scratch, state.parks
    goods, goods_needed, services, services_needed = (np.zeros(len(state.place_ids)) for _ in range(4))
    rules.local_turnover(
        state.makers, state.suppliers, state.traders, firms, places, state.costs, p.production, goods, goods_needed,
        services, services_needed,
    )  # fmt: skip
    rules.settle(
        state.live, firms, places, state.costs, p.production, p.investment, p.environment, p.park, p.tax,
        state.world.producer, state.world.progress, goods, goods_needed, services,
        services_needed, parks.rent, parks.fee, parks.capacity_share, parks.plot_area, scratch.spending,
        scratch.borrowing, scratch.scrap, state.month_of_year, scratch.flows, scratch.profit,
    )  # fmt: skip
    state.ledger.post(state.live, scratch.flows, firms, ROUTES)
    rules.overdraw(state.live, firms, p.investment, state.world.producer, scratch.borrowed)
    drawn = state.live[scratch.borrowed[state.live] > 0.0]
    state.ledger.transfer(BANKS, FIRMS, scratch.borrowed[drawn], "overdrafts", firms, drawn)
    # What firms paid in tax this month reaches the governments next month.
    state.place_flows = flows_by_place(state.live, firms, scratch.flows, len(state.place_ids))
    state.tax_due[:] = -(state.place_flows[:, rules.VALUE_ADDED_TAX] + state.place_flows[:, rules.INCOME_TAX])
    _pass_on_park_receipts(state)


def _pass_on_park_receipts(state: State) -> None:
    """Give rent and treatment fees to the county of the park."""
    receipts = -(state.place_flows[:, rules.PARK_RENT] + state.place_flows[:, rules.TREATMENT])
    state.ledger.transfer_each(PARK_RECEIPTS, state.county_accounts, receipts, "park receipts")


def discharge(state: State) -> None:
    """Record waste water treated and let out."""
    parks = state.parks
    out = np.zeros((len(state.place_ids), 2))
    rules.discharge(
        state.makers, state.firms, state.parameters.environment.untreated_share, parks.removes, parks.capacity_share,
        parks.rent.size - 1, out,
    )  # fmt: skip
    state.add_by_place("discharge_untreated", out[:, 0])
    state.add_by_place("discharge_treated", out[:, 1])
