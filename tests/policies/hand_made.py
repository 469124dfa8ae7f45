"""A state made by hand: a few firms whose every number a test can choose."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.policies.fund.applications import Bids
from sim.state.ledger import FIRMS, HOUSEHOLDS, Ledger
from sim.state.state import Market, SearchField, State, World
from tests.model_fixtures import COSTS, PARAMETERS, scenario, segments_for, some_buyers, some_firms, some_places
from tests.policies.playing import terms

MONTH = 2024 * 12 + 5


def state_of(rows: int, *, month: int = MONTH, parks: int = 1, **firms: Any) -> State:
    """Return a state in which ``rows`` firms stand, usual makers but for the columns given."""
    table = some_firms(rows, **firms)
    state = State(
        parameters=PARAMETERS, costs=COSTS, seed=11, month=month, first_month=MONTH, burn_in_from=MONTH,
        series=scenario().world, policies=parks, group_sizes=np.ones(1), place_ids=("here",),
        firms=table, markets=(Market("fasteners", (0,)),), industries=(PARAMETERS,),
        buyers=some_buyers(1), places=some_places(), ledger=Ledger(["county:here", "province:here"]),
        search=(SearchField(*(np.empty(0, dtype=kind) for kind in (np.int32, np.float64, np.int32))),),
        segments=segments_for(table), wage_trend_base=np.array([48000.0]),
    )  # fmt: skip
    state.world = World(
        demand=np.ones((1, 2)), producer=1.0, wage=1.0, wage_growth=0.0, progress=1.0,
        outside_price=np.ones(1), season=1.0,
    )  # fmt: skip
    cash = table.cash.copy()
    table.cash[:] = 0.0
    state.ledger.transfer(HOUSEHOLDS, FIRMS, cash, "opening cash", table, state.live)
    return state


def asking(grants: list[float], *, own: float = 1e9, upgrade: float = 0.0) -> Bids:
    """Return applications of the first rows for the given grants, each a fifth of a project of machines."""
    amounts = np.array(grants, dtype=float)
    spending = 5.0 * amounts
    return Bids(
        np.arange(amounts.size), (1.0 - upgrade) * spending, upgrade * spending, np.full(amounts.size, own), amounts
    )


def fund(rule: str = "lottery", weights: dict[str, float] | None = None, **changes: Any) -> Any:
    """Return terms of a fund with an allocation rule."""
    return terms("fund", allocation={"rule": rule, "weights": weights or {}}, **changes)
