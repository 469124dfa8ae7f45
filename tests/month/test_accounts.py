"""The close of a month: no account leaks, and nobody sells less than nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.model import ClusterModel, SimulationError, simulate
from sim.month import accounts
from sim.rules import totals
from sim.state.ledger import LedgerError
from tests.model_fixtures import SEED, quick_model, quick_parameters, quick_scenario


@pytest.fixture(scope="module")
def model() -> ClusterModel:
    """Return a model after its first month."""
    model = quick_model()
    model.step()
    return model


def test_what_firms_sell_on_average_is_counted_in_goods() -> None:
    model = quick_model()
    state = model.state
    before = state.places.mean_sold.copy()
    assert (before > 0.0).all()
    model.step()
    sold = np.stack([table[:, totals.DELIVERED] / table[:, totals.FIRMS] for table in state.sums], axis=1)
    moved = accounts.SOLD_MEMORY * (sold / state.world.season - before)
    assert state.places.mean_sold == pytest.approx(before + moved)
    state.places.mean_sold[:] = 0.0
    accounts.update_market_accounts(state)
    assert state.places.mean_sold == pytest.approx(sold / state.world.season), "the first month counts in full"


@pytest.mark.parametrize("name", accounts.SOLD)
@pytest.mark.parametrize("sold", [-1.0, -np.inf, np.nan])
def test_a_negative_quantity_sold_by_one_firm_stops_the_month(model: ClusterModel, name: str, sold: float) -> None:
    column, row = getattr(model.state.firms, name), int(model.state.live[7])
    before = column[row]
    column[row] = sold
    with pytest.raises(
        LedgerError, match=rf"^{name} of a firm of yongnian are {sold:.6g}: no quantity sold is negative"
    ):
        accounts.close(model.state)
    column[row] = before
    accounts.close(model.state)


@pytest.mark.parametrize("sold", [-1e4, np.nan])
@pytest.mark.parametrize("column", range(3))
def test_negative_sales_of_a_place_stop_the_month(model: ClusterModel, column: int, sold: float) -> None:
    flows, name = model.state.place_flows, ("domestic sales", "exports", "local sales")[column]
    before = flows[0, column]
    flows[0, column] = sold
    with pytest.raises(LedgerError, match=rf"^{name} of yongnian are {sold:.6g} yuan: no quantity sold is negative"):
        accounts.close(model.state)
    flows[0, column] = before
    accounts.close(model.state)


def test_last_digits_are_no_sale(model: ClusterModel) -> None:
    flows = model.state.place_flows
    before = flows[0, 0]
    flows[0, 0] = -1e-15 * flows[0, :3].sum()
    accounts.close(model.state)
    flows[0, 0] = before


@pytest.mark.parametrize(("nation", "world"), [(0.5, 0.9), (0.034, 0.05)])
def test_shares_that_leave_no_market_abroad_stop_at_once(nation: float, world: float) -> None:
    """Even where the check of the place is passed by."""
    what = quick_scenario()
    shares = {"national_market_share": nation, "global_market_share": world}
    places = tuple(replace(place, start=place.start.model_copy(update=shares)) for place in what.places)
    with pytest.raises(SimulationError, match=r"of a firm of yongnian are -.*: no quantity sold is negative"):
        simulate(replace(what, places=places), quick_parameters(), SEED)
