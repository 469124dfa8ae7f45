"""What firms pay to institutions: it leaves their cash at once and lowers the profit of the month."""

from __future__ import annotations

from sim.state.columns import F8, I8
from sim.state.ledger import FIRMS
from sim.state.state import State


def charge(state: State, rows: I8, amount: F8 | float, target: str, purpose: str) -> float:
    """Let each firm of the given rows pay ``amount`` yuan; return the yuan paid by all firms of the rows."""
    paid: float = state.ledger.transfer(FIRMS, target, amount, purpose, state.firms, rows)
    state.firms.fees[rows] += amount
    return paid
