"""County and provincial governments, and how public money is paid.

A government never spends money it does not have: what it cannot pay is cut back and recorded as unmet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.rules.totals import REVENUE_YEAR
from sim.state.ledger import HOUSEHOLDS, STATE, TAX_COLLECTED

if TYPE_CHECKING:
    from sim.state.columns import F8, I8


class Government:
    """A government with one account for industrial programmes.

    Attributes
    ----------
    places
        Positions of the places it governs.
    """

    level = ""

    def __init__(self, model: Any, name: str, places: tuple[int, ...]) -> None:
        self.model = model
        self.places = places
        self.account = f"{self.level}:{name}"
        self.number = model.state.ledger.number[self.account]

    @property
    def balance(self) -> float:
        """Yuan in its account."""
        return float(self.model.state.ledger.yuan[self.number])

    def yearly_output(self) -> float:
        """Return what makers of its places sold over the last twelve months, yuan."""
        return float(self.model.state.sums[0][list(self.places), REVENUE_YEAR].sum())

    def open_account(self, balance: float) -> None:
        """Set the account to ``balance`` yuan by an opening transfer from or to the state."""
        gap = balance - self.balance
        source, target = (STATE, self.account) if gap >= 0.0 else (self.account, STATE)
        self.model.state.ledger.transfer(source, target, abs(gap), "opening balance")


class CountyGovernment(Government):
    """A county: receives its share of last month's taxes (``take_in``) and runs the programmes of its place."""

    level = "county"

    def applies(self, cost: float, designated_share: float, draw: float) -> bool:
        """Return whether the county applies for a designation for its place, which meets the criteria.

        It needs the yuan an application costs, and is likelier to apply the more places of its province hold the name
        already (``designated_share``). ``draw`` is its uniform draw.
        """
        if self.balance < cost:
            return False
        settings = self.model.state.parameters.designation
        return bool(draw < settings.application_chance + settings.imitation * designated_share)


class ProvincialGovernment(Government):
    """A province's programme account for all its places, and its share of the tax."""

    level = "province"

    def __init__(self, model: Any, name: str, places: tuple[int, ...]) -> None:
        super().__init__(model, name, places)
        self.usual_output = self.yearly_output()

    def take_in(self) -> None:
        """Receive programme money in proportion to the output of the start; tax goes to the general budgets."""
        state, government = self.model.state, self.model.state.parameters.government
        rest = (1.0 - state.parameters.tax.county_share) * float(state.tax_due[list(self.places)].sum())
        state.ledger.transfer(TAX_COLLECTED, STATE, rest, "state and province tax receipts")
        receipts = government.province_receipts_share * self.usual_output / 12.0
        state.ledger.transfer(STATE, self.account, receipts, "transfers")


def take_in(model: Any) -> None:
    """Let every government receive this month's money: the counties all at once, then each province.

    A county receives its share of last month's tax of its place; what is not for programmes runs the county.
    """
    state = model.state
    government, ledger, counties = state.parameters.government, state.ledger, state.county_accounts
    shares = state.parameters.tax.county_share * state.tax_due
    ledger.transfer_each(TAX_COLLECTED, counties, shares, "county tax receipts")
    ledger.transfer_each(counties, HOUSEHOLDS, (1.0 - government.programme_share) * shares, "general county services")
    ledger.transfer_each(STATE, counties, np.full(shares.size, government.other_receipts / 12.0), "transfers")
    state.add_by_place("county_tax_receipts", shares)
    for province in model.provinces:
        province.take_in()


def available(model: Any, payer: Mapping[str, float], place: int) -> float:
    """Return the largest amount in yuan that the payers of a policy could pay now in their shares."""
    limits = [model.governments[level, place].balance / share for level, share in payer.items() if share > 0.0]
    return max(min(limits), 0.0) if limits else 0.0


def pay(
    model: Any,
    policy: int,
    payer: Mapping[str, float],
    place: int,
    amount: float | F8,
    target: str,
    purpose: str,
    rows: I8 | None = None,
    planned: bool = True,
) -> float:
    """Pay public money for a policy, in the payers' shares, as far as each has it.

    Parameters
    ----------
    policy
        Position of the policy in the scenario.
    amount
        Yuan in all, or yuan per firm of each row.
    planned
        Also book the amount at the stages before payment; a fund has booked them when it promised and awarded.

    Returns
    -------
    float
        Share of the amount that was paid.
    """
    state = model.state
    total = float(amount) if rows is None else state.total(np.asarray(amount), rows)
    if total <= 0.0:
        return 0.0
    for stage in ("promised", "claimed", "granted") if planned else ():
        state.book(policy, payer, stage, total)
    firms, paid_in_all = None if rows is None else state.firms, 0.0
    for level, share in payer.items():
        if share <= 0.0:
            continue
        government = model.governments[level, place]
        part = min(1.0, max(government.balance, 0.0) / (share * total))
        # A hair less than everything, so that rounding over many firms cannot overdraw the account.
        part = part * (1.0 - 1e-12) if part < 1.0 else part
        paid = state.ledger.transfer(
            government.account, target, np.asarray(amount) * (share * part), purpose, firms, rows
        )
        paid_in_all += paid
        state.book(policy, {level: 1.0}, "paid", paid)
        state.book(policy, {level: 1.0}, "unmet", share * total - paid)
        state.add("public_money_paid", place, paid)
        state.add("public_money_unmet", place, max(share * total - paid, 0.0))
    return paid_in_all / total
