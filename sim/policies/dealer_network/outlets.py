"""Dealers and outlets of firms: how many each keeps, and whom they bring to talk."""

from __future__ import annotations

import numpy as np

from sim.state.columns import F8, I8
from sim.state.state import State


def shares_of(state: State, owners: I8, total: float) -> F8:
    """Return the dealers and outlets one firm of each row has of ``total``: in proportion to revenue."""
    firms = state.firms
    revenue = np.maximum(firms.revenue_year[owners], 0.0)
    sold = float((revenue * firms.weight[owners]).sum())
    return total * revenue / sold if sold > 0.0 else np.zeros(owners.size)


def affordable(state: State, owners: I8, yearly_cost: float) -> F8:
    """Return the dealers and outlets one firm of each row can pay for at ``yearly_cost`` yuan each.

    A firm spends at most ``dealers.selling_share`` of its revenue on them, and this month no more than it has in cash.
    """
    if yearly_cost <= 0.0:
        return np.full(owners.size, np.inf)
    firms, dealers = state.firms, state.parameters.dealers
    budget = dealers.selling_share * np.maximum(firms.revenue_year[owners], 0.0)
    cash = 12.0 * np.maximum(firms.cash[owners], 0.0)
    fewest: F8 = np.minimum(budget, cash) / yearly_cost
    return fewest


def contacts_a_month(state: State, dealers: float, outlets: float) -> float:
    """Return the new buyers that dealers and outlets bring to talk in a month, were buyers' attention not scarce."""
    settings = state.parameters.dealers
    return (dealers * settings.dealer_contacts + outlets * settings.outlet_contacts) / 12.0
