"""The ledger: every yuan moves here, from one account to another.

Accounts are sectors (firms, households, buyers at home and abroad, banks, rest of the world, the state), one for each
county and province, and clearing accounts: trade among local firms and park receipts, which must return to zero every
month, and tax collected but not yet shared out. A month is closed only when all accounts together are zero and the
firms' account equals the cash in the firms' column, so money that appears or vanishes anywhere stops the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from sim.rules.compiled import loop
from sim.state.columns import F8, I8, FirmColumns
from sim.state.parts import sums_of_parts

FIRMS, HOUSEHOLDS, BUYERS_DOMESTIC, BUYERS_FOREIGN = "firms", "households", "buyers_domestic", "buyers_foreign"
BANKS, REST_OF_WORLD, STATE = "banks", "rest_of_world", "state"
LOCAL_TRADE, TAX_COLLECTED, PARK_RECEIPTS = "local_trade", "tax_collected", "park_receipts"
SECTORS = (
    FIRMS, HOUSEHOLDS, BUYERS_DOMESTIC, BUYERS_FOREIGN, BANKS, REST_OF_WORLD, STATE, LOCAL_TRADE, TAX_COLLECTED,
    PARK_RECEIPTS,
)  # fmt: skip
TOLERANCE = 1e-12
"""Largest imbalance, relative to the turnover so far."""


class LedgerError(RuntimeError):
    """The accounts do not close, or hold what cannot be; the text says which and by how much."""


@loop
def _cash_total(cash: F8, weight: F8, count: int) -> float:
    total = 0.0
    for i in range(count):
        total += weight[i] * cash[i]
    return total


def _checked(amount: float | F8, source: str | I8, target: str | I8, purpose: str) -> F8:
    each = np.asarray(amount, dtype=np.float64)
    # A number that is none is neither at least the one nor below the other.
    if each.size and not (each.min() >= 0.0 and each.max() < np.inf):
        raise LedgerError(f"{purpose}: {source} -> {target}: an amount must be finite and not negative")
    return each


class Ledger:
    """Balances of all accounts, in yuan.

    Parameters
    ----------
    accounts
        Names beyond ``SECTORS``, such as ``county:yongnian``.

    Attributes
    ----------
    number
        Position of each account in ``yuan``.
    yuan
        Shape (accounts,): balance of each account.
    """

    def __init__(self, accounts: Sequence[str] = ()) -> None:
        self.number = {name: number for number, name in enumerate((*SECTORS, *accounts))}
        self.yuan: F8 = np.zeros(len(self.number))
        self.purposes: dict[str, float] = {}
        self.turnover = 0.0

    @property
    def balances(self) -> dict[str, float]:
        """Balances by name of the account, as they are now."""
        return dict(zip(self.number, self.yuan.tolist(), strict=True))

    def numbers(self, accounts: Iterable[str]) -> I8:
        """Return the positions of several accounts in ``yuan``."""
        return np.array([self.number[account] for account in accounts], dtype=np.int64)

    def transfer(
        self,
        source: str,
        target: str,
        amount: float | F8,
        purpose: str,
        firms: FirmColumns | None = None,
        rows: I8 | None = None,
        parts: I8 | None = None,
    ) -> float:
        """Move money between two accounts.

        Parameters
        ----------
        source, target
            Account names. When one of them is ``firms``, ``firms`` and ``rows`` say whose cash moves.
        amount
            Yuan; for firms, yuan per firm of each row (shape of ``rows``).
        purpose
            Added up in ``purposes`` until the month is closed.
        parts
            Where in ``rows`` the firms of each place begin: every place is booked by itself, one after the other, as
            if each had been alone.

        Returns
        -------
        float
            Yuan moved in all.

        Raises
        ------
        LedgerError
            If an amount is negative or not finite, or firms are named without their rows.
        """
        each = _checked(amount, source, target, purpose)
        total = float(each) if each.ndim == 0 else 0.0
        if FIRMS in (source, target):
            if firms is None or rows is None or source == target:
                raise LedgerError(f"{purpose}: {source} -> {target}: the firms' rows are missing")
            moved = firms.weight[rows] * each
            np.add.at(firms.cash, rows, -each if source == FIRMS else each)
            if parts is not None:
                return self._book_each(self.number[source], self.number[target], sums_of_parts(moved, parts), purpose)
            total = float(moved.sum())
        elif each.ndim != 0:
            raise LedgerError(f"{purpose}: {source} -> {target}: one amount is needed between accounts")
        self._book(source, target, total, purpose)
        return total

    def transfer_each(self, source: str | I8, target: str | I8, amounts: F8, purpose: str) -> float:
        """Move money between many accounts and one, or many pairs of accounts, none of them the firms'.

        Parameters
        ----------
        source, target
            Name of one account, or the numbers of many, shape (n,).
        amounts
            Yuan, shape (n,); booked one after the other. All else is as for ``transfer``.
        """
        each = _checked(amounts, source, target, purpose)
        giver = self.number[source] if isinstance(source, str) else source
        taker = self.number[target] if isinstance(target, str) else target
        return self._book_each(giver, taker, each, purpose)

    def post(self, totals: Sequence[float], routes: Sequence[tuple[str, str]]) -> None:
        """Book the month's flows of all firms, whose cash has moved with them (``sim.rules.settlement.settle``).

        Parameters
        ----------
        totals
            Shape (purposes,): yuan of all firms together, positive when they receive.
        routes
            For each purpose its name and the account on the other side.
        """
        for (purpose, account), total in zip(routes, totals, strict=True):
            source, target = (account, FIRMS) if total >= 0.0 else (FIRMS, account)
            self._book(source, target, abs(total), purpose)

    def _book(self, source: str, target: str, total: float, purpose: str) -> None:
        giver, taker = self.number[source], self.number[target]
        self.yuan[giver] -= total
        self.yuan[taker] += total
        self.purposes[purpose] = self.purposes.get(purpose, 0.0) + total
        self.turnover += abs(total)

    def _book_each(self, source: int | I8, target: int | I8, amounts: F8, purpose: str) -> float:
        # ``ufunc.at`` books one amount after the other, in the order in which single transfers would.
        np.subtract.at(self.yuan, np.broadcast_to(source, amounts.shape), amounts)
        np.add.at(self.yuan, np.broadcast_to(target, amounts.shape), amounts)
        total = float(amounts.sum())
        self.purposes[purpose] = self.purposes.get(purpose, 0.0) + total
        self.turnover += total
        return total

    def close(self, firms: FirmColumns, count: int) -> float:
        """Check that everything balances and forget the month's purposes.

        Returns
        -------
        float
            The largest imbalance over the turnover so far.

        Raises
        ------
        LedgerError
            If the accounts do not add up to zero, a clearing account is not empty, or the firms' cash differs from
            their account by more than ``TOLERANCE`` of the turnover.
        """
        balances = self.balances
        gaps = {
            "the sum of all accounts": math.fsum(balances.values()),
            "trade among local firms": balances[LOCAL_TRADE],
            "park receipts": balances[PARK_RECEIPTS],
            "firms' cash against their account": _cash_total(firms.cash, firms.weight, count) - balances[FIRMS],
        }
        scale = max(self.turnover, 1.0)
        for what, gap in gaps.items():
            if not abs(gap) <= TOLERANCE * scale:
                raise LedgerError(f"{what} is off by {gap:.6g} yuan (turnover {self.turnover:.6g})")
        self.purposes.clear()
        return max(abs(gap) for gap in gaps.values()) / scale
