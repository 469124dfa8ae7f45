"""What buyers spend is given: orders of the places of a market and what goes elsewhere add up to it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model import ClusterModel
from sim.observables import INDEX
from tests.model_fixtures import SEED, neighbours, quick_model, quick_parameters


def test_orders_of_a_market_and_what_went_elsewhere_are_all_that_its_buyers_spend() -> None:
    model = ClusterModel(neighbours("fasteners", "fasteners", "wire-mesh"), quick_parameters(), SEED)
    for _ in range(3):
        model.step()
        state = model.state
        spent = np.zeros((2, 2))
        np.add.at(spent, (state.buyers.market, state.buyers.foreign), state.buyer_spending * state.buyers.weight)
        ordered = np.zeros((2, 2))
        np.add.at(ordered, state.market_of, state.orders)
        assert ordered + state.spent_outside == pytest.approx(spent, rel=1e-12)
        assert np.all(state.orders > 0.0)
    record = model.notebook.record({}, "")
    assert record.elsewhere.shape == (3, 2, 2)
    for side, name in enumerate(("domestic_orders", "foreign_orders")):
        assert np.array_equal(record.monthly[2, :, INDEX[name]], state.orders[:, side])


def test_orders_are_more_than_what_is_delivered() -> None:
    model = quick_model()
    model.step()
    sold = model.state.measured[0, [INDEX["domestic_sales"], INDEX["exports"]]].sum()
    assert 0.5 * model.state.orders.sum() < sold
