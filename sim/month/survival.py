"""Phase 11: learning, imitation and exit."""

from __future__ import annotations

import numpy as np

from sim.month.ties import capacity_per_capital
from sim.rules.turnover import closings, learn
from sim.state.columns import I8
from sim.state.ledger import BANKS, FIRMS, HOUSEHOLDS, REST_OF_WORLD
from sim.state.state import State


def learn_and_age(state: State) -> None:
    """Move productivity, technique and age by a month."""
    p = state.parameters
    learn(
        state.live, state.firms, state.places, p.technology, p.production.labour_elasticity, state.key("productivity")
    )


def leave(state: State) -> I8:
    """Close firms whose time has come or whose money is gone; return their rows."""
    p, firms = state.parameters, state.firms
    reason = np.zeros(state.live.size, dtype=np.int8)
    closings(
        state.live, firms, state.places, p.turnover, p.investment, capacity_per_capital(state), state.world.producer,
        state.key("exit"), reason,
    )  # fmt: skip
    rows = state.live[reason > 0]
    _liquidate(state, rows)
    firms.alive[rows], firms.exit_month[rows] = 0, state.month
    firms.workers[rows] = firms.orders[rows] = firms.backlog[rows] = firms.delivered[rows] = 0.0
    firms.park[rows], firms.plots[rows] = -1, 0.0
    state.add_by_place("exits", state.firms_by_place(rows))
    state.add_by_place("exits_insolvent", state.by_place((reason[reason > 0] == 2).astype(np.float64), rows))
    state.refresh_rows()
    return rows


def _liquidate(state: State, rows: I8) -> None:
    """Sell the equipment, repay the bank as far as it goes, give owners the rest; the bank bears what is missing."""
    firms, ledger = state.firms, state.ledger
    value = firms.capital[rows] * state.world.producer * state.parameters.investment.resale_share
    ledger.transfer(REST_OF_WORLD, FIRMS, value, "sale of closed firms", firms, rows)
    repaid = np.minimum(firms.loan[rows], np.maximum(firms.cash[rows], 0.0))
    ledger.transfer(FIRMS, BANKS, repaid, "loans of closed firms", firms, rows)
    firms.loan[rows] = 0.0
    ledger.transfer(FIRMS, HOUSEHOLDS, np.maximum(firms.cash[rows], 0.0), "owners of closed firms", firms, rows)
    ledger.transfer(BANKS, FIRMS, np.maximum(-firms.cash[rows], 0.0), "debts of closed firms", firms, rows)
    firms.capital[rows] = firms.cash[rows] = 0.0
