"""County and provincial governments, and how public money is shared out and paid.

A government never spends money it does not have: what it cannot pay is cut back and recorded as unmet. Nor does it
award what is not there: an award is set aside in its account until it is paid (``commit``). Before any institution
acts, each states what it plans to spend or award in the month (``Plan``), and every account is shared out among the
policies by rule (``Purse``), so that the order in which institutions act decides nothing about money. What nothing was
done with all year lapses in part (``Government.let_lapse``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.rules.totals import REVENUE_YEAR
from sim.state.ledger import HOUSEHOLDS, STATE, TAX_COLLECTED

if TYPE_CHECKING:
    from sim.state.columns import F8, I8

ROUNDING = 1e-12
"""Share of a sum by which less is paid where not all of it can be, so that rounding cannot overdraw an account."""


class Government:
    """A government with one account for industrial programmes.

    Attributes
    ----------
    places
        Positions of the places it governs.
    commitments
        Yuan it has awarded and not paid yet, by the month in which they fall due.
    idle
        Least yuan seen this year that no award was waiting for: money that nothing was done with.
    """

    level = ""
    general = STATE
    """Account that gets back what lapses."""

    def __init__(self, model: Any, name: str, places: tuple[int, ...]) -> None:
        self.model = model
        self.places = places
        self.account = f"{self.level}:{name}"
        self.number = model.state.ledger.number[self.account]
        self.commitments: dict[int, float] = {}
        self.idle = math.inf

    @property
    def balance(self) -> float:
        """Yuan in its account."""
        return float(self.model.state.ledger.yuan[self.number])

    def committed(self, after: int) -> float:
        """Return the yuan set aside for awards that fall due after a month."""
        return math.fsum(yuan for month, yuan in self.commitments.items() if month > after)

    def let_lapse(self) -> None:
        """Look at what lies idle, before the month's money comes in; in January return a part to the general budget.

        What lapses is (1 - ``government.carry_over_share``) of the least that lay idle in the account all year.
        """
        state = self.model.state
        self.idle = min(self.idle, max(self.balance - self.committed(state.month - 1), 0.0))
        if state.month_of_year > 0 or state.month == state.first_month:
            return
        lapsed, self.idle = (1.0 - state.parameters.government.carry_over_share) * self.idle, math.inf
        state.ledger.transfer(self.account, self.general, lapsed, "lapsed programme money")
        # What lapses of a province's account counts where the province is reported first.
        state.add("public_money_lapsed", self.places[0], lapsed)

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
    general = HOUSEHOLDS

    def applies(self, designated_share: float, draw: float) -> bool:
        """Return whether the county applies for a designation for its place, which meets the criteria.

        It is likelier to apply the more places of its province hold the name already (``designated_share``). ``draw``
        is its uniform draw.
        """
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

    A county receives its share of last month's tax of its place; what is not for programmes runs the county. In January
    what lay idle all year lapses first.
    """
    state = model.state
    if not state.settling:
        for account in dict.fromkeys(model.governments.values()):
            account.let_lapse()
    government, ledger, counties = state.parameters.government, state.ledger, state.county_accounts
    shares = state.parameters.tax.county_share * state.tax_due
    ledger.transfer_each(TAX_COLLECTED, counties, shares, "county tax receipts")
    ledger.transfer_each(counties, HOUSEHOLDS, (1.0 - government.programme_share) * shares, "general county services")
    ledger.transfer_each(STATE, counties, np.full(shares.size, government.other_receipts / 12.0), "transfers")
    state.add_by_place("county_tax_receipts", shares)
    for province in model.provinces:
        province.take_in()


@dataclass(frozen=True)
class Plan:
    """Public money that a policy means to spend or award in a month, at most.

    Attributes
    ----------
    payer
        Shares by level of government, which add up to 1.
    place
        Position of the place whose governments pay.
    yuan
        Of all payers together.
    due
        Whether it was promised or awarded earlier and falls due now; else it is to be spent or awarded.
    anywhere
        Whether it may as well be spent in other places of the same government: who will be chosen is not known yet.
    """

    payer: Mapping[str, float]
    place: int
    yuan: float
    due: bool = False
    anywhere: bool = False


ANYWHERE = -1
"""Stands for the place of a share that may be spent in any place of a government."""


class Purse:
    """The month's public money: what each policy may spend of each account.

    What was promised or awarded earlier and falls due is served first. What is set aside for awards that fall due later
    is left alone. The rest is for what policies plan to spend or award this month. Where an account does not suffice,
    each receives its part in proportion. Money beyond all plans is there for what nobody could plan. What a policy does
    not spend stays in the account and is shared out anew next month, and so is what comes in meanwhile.

    Attributes
    ----------
    free
        Shape (accounts,): yuan beyond all plans.
    """

    def __init__(self, model: Any, plans: Iterable[tuple[int, Plan]] = ()) -> None:
        """Share out the accounts among ``plans``, each with the position of its policy."""
        self.free: F8 = np.maximum(model.state.ledger.yuan, 0.0)
        self._planned: dict[tuple[int, int, int], float] = defaultdict(float)
        self._due: dict[tuple[int, int, int], float] = defaultdict(float)
        wanted: dict[bool, dict[tuple[int, int, int], float]] = {True: defaultdict(float), False: defaultdict(float)}
        for policy, plan in plans:
            for level, share in plan.payer.items():
                account, place = model.governments[level, plan.place].number, ANYWHERE if plan.anywhere else plan.place
                wanted[plan.due][account, policy, place] += share * plan.yuan
        self._share_out(wanted[True], self._due)
        for government in dict.fromkeys(model.governments.values()):
            left = float(self.free[government.number]) - government.committed(model.state.month)
            self.free[government.number] = max(left, 0.0)
        self._share_out(wanted[False], self._planned)

    def _share_out(
        self, claims: Mapping[tuple[int, int, int], float], shares: dict[tuple[int, int, int], float]
    ) -> None:
        total = np.zeros(self.free.size)
        for (account, _, _), yuan in claims.items():
            total[account] += yuan
        part = np.ones(self.free.size)
        short = total > self.free
        part[short] = self.free[short] / total[short] * (1.0 - ROUNDING)
        for key, yuan in claims.items():
            shares[key] += part[key[0]] * yuan
        self.free = np.where(short, 0.0, self.free - total)

    def room(self, account: int, policy: int, place: int, due: bool = True) -> float:
        """Return the yuan a policy may still spend of an account (its number) for a place this month.

        Without what is kept for its payments that are ``due``, it is what the policy may still award.
        """
        own = math.fsum(shares.get(key, 0.0) for shares, key in self._own(account, policy, place, due))
        return max(own + float(self.free[account]), 0.0)

    def spend(self, account: int, policy: int, place: int, yuan: float, due: bool = True) -> None:
        """Take what a policy has paid or awarded from its share, and the rest from the money beyond all plans."""
        for shares, key in self._own(account, policy, place, due):
            if key in shares:
                own = min(shares[key], yuan)
                shares[key] -= own
                yuan -= own
        self.free[account] -= yuan

    def _own(
        self, account: int, policy: int, place: int, due: bool
    ) -> list[tuple[dict[tuple[int, int, int], float], tuple[int, int, int]]]:
        """Return where the shares of a policy stand: in which table, under which key."""
        keys = ((account, policy, place), (account, policy, ANYWHERE))
        return [(shares, key) for shares in ((self._due, self._planned) if due else (self._planned,)) for key in keys]


def available(model: Any, policy: int, payer: Mapping[str, float], place: int, due: bool = True) -> float:
    """Return the largest amount in yuan that the payers of a policy (by position) could pay now in their shares.

    Without what is kept for its payments that are ``due``, it is what they could award.
    """
    limits = [_room(model, policy, level, place, due) / share for level, share in payer.items() if share > 0.0]
    return min(limits) if limits else 0.0


def commit(model: Any, policy: int, payer: Mapping[str, float], place: int, yuan: float, due: int) -> None:
    """Set aside ``yuan`` in the payers' shares for awards of a policy that fall due in a later month."""
    for level, share in payer.items():
        if share > 0.0:
            government = model.governments[level, place]
            government.commitments[due] = government.commitments.get(due, 0.0) + share * yuan
            model.purse.spend(government.number, policy, place, share * yuan, due=False)


def release(model: Any, payer: Mapping[str, float], place: int, yuan: float, due: int) -> None:
    """Set ``yuan`` free again, in the payers' shares, that were awarded to fall due in a month and never will."""
    for level, share in payer.items():
        if share > 0.0:
            commitments = model.governments[level, place].commitments
            commitments[due] = max(commitments.get(due, 0.0) - share * yuan, 0.0)


def _room(model: Any, policy: int, level: str, place: int, due: bool = True) -> float:
    government = model.governments[level, place]
    return float(max(min(model.purse.room(government.number, policy, place, due), government.balance), 0.0))


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
    """Pay public money for a policy, in the payers' shares, as far as each has it for this policy this month.

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
        part = min(1.0, _room(model, policy, level, place) / (share * total))
        part = part * (1.0 - ROUNDING) if part < 1.0 else part
        paid = state.ledger.transfer(
            government.account, target, np.asarray(amount) * (share * part), purpose, firms, rows
        )
        model.purse.spend(government.number, policy, place, paid)
        paid_in_all += paid
        state.book(policy, {level: 1.0}, "paid", paid)
        # Where all was paid, what differs is rounding over many firms and nobody's shortfall.
        missing = share * total - paid if part < 1.0 else 0.0
        state.book(policy, {level: 1.0}, "unmet", missing)
        state.add("public_money_paid", place, paid)
        state.add("public_money_unmet", place, missing)
    return paid_in_all / total
