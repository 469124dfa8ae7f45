"""Applications to a fund: who may apply, what each asks for, who is chosen, and what the winners buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.governments import ROUNDING
from sim.policies import choosing
from sim.policies.choosing import first_fitting
from sim.policies.classification import clean, holds, size_class
from sim.policies.programmes import buy_equipment, purchases_planned
from sim.rules.chance import uniforms
from sim.rules.investment import loan_rates
from sim.state.columns import F8, I8, FirmColumns
from sim.state.state import State

if TYPE_CHECKING:
    from sim.policies.fund.terms import Eligible, FundTerms


BOUNDLESS = 1e15
"""Yuan of cash with which no firm is short of money."""


@dataclass(frozen=True)
class Bids:
    """Applications, one per row: yuan per firm."""

    rows: I8
    machine: F8
    upgrade: F8
    own: F8
    grants: F8

    @property
    def spending(self) -> F8:
        """Yuan each project costs."""
        return self.machine + self.upgrade

    def kept(self, mask: Any) -> Bids:
        """Return the applications selected by ``mask``."""
        return Bids(self.rows[mask], self.machine[mask], self.upgrade[mask], self.own[mask], self.grants[mask])


def eligible(state: State, conditions: Eligible, places: Sequence[int]) -> I8:
    """Return rows of makers that meet a fund's conditions and have no project decided this month, place by place."""
    firms = state.firms
    rows = np.concatenate([state.makers_of(place) for place in places])
    keep = (firms.revenue_year[rows] >= conditions.revenue_at_least) & (state.scratch.decided[rows] == 0)
    if conditions.in_park == "only":
        keep &= firms.park[rows] >= 0
    if conditions.environmental_clean:
        keep &= clean(state, rows)
    for honour in conditions.honours:
        keep &= holds(state, rows, honour)
    if conditions.size:
        keep &= np.isin(size_class(state, rows), conditions.size)
    chosen: I8 = rows[keep]
    return chosen


def eligible_spending(state: State, rows: I8, machine: F8, upgrade: F8, own: F8, pays_for: str) -> F8:
    """Return the part of projects, in yuan, that a fund pays for.

    ``equipment``: machines and the equipment of an upgrade; ``digital``: the equipment of an upgrade; ``rnd``: its
    development; ``loan_interest``: interest on what is borrowed for the project until it is repaid.
    """
    development = state.parameters.technology.development_share
    if pays_for == "equipment":
        return machine + (1.0 - development) * upgrade
    if pays_for == "digital":
        return (1.0 - development) * upgrade
    if pays_for == "rnd":
        return development * upgrade
    finance = state.parameters.investment
    borrowed = np.maximum(machine + upgrade - own, 0.0)
    return borrowed * loan_rates(rows, state.firms, finance) * finance.repayment_months / 24.0


def projects(
    state: State, rows: I8, terms: FundTerms, received: F8, months_to_payment: int, firms: FirmColumns | None = None
) -> Bids:
    """Return the project of each eligible firm when machines cost it less by the grant it can expect; it may be none.

    ``received`` (shape of rows) is what each has been granted this year, in yuan; ``firms`` are as in
    ``purchases_planned``. A grant that is paid in the month of its award helps to pay for the machine; one that comes
    ``months_to_payment`` later as far as banks lend on it.
    Beyond the cap a machine costs its full price: a project stops where the grant does, or where the own money does
    that the fund asks for, but for what the firm would buy without a grant anyway. A firm for which that is more takes
    the money and buys what it would buy.
    """
    left = np.maximum(terms.cap_per_firm - received, 0.0)
    advance = 1.0 if months_to_payment == 0 else state.parameters.investment.award_lending
    anyway, upgrade_anyway, own = purchases_planned(state, rows, 1.0, 0.0, firms)
    machine, upgrade, _ = purchases_planned(state, rows, 1.0 - terms.grant_share, advance, firms)
    cash, asked = np.maximum((firms or state.firms).cash[rows], 0.0), terms.firm_co_finance_at_least
    if asked > 0.0:
        machine = machine - np.maximum(machine + upgrade - cash / asked, 0.0)
    paid_for = eligible_spending(state, rows, machine, upgrade, own, terms.pays_for)
    over = np.maximum(terms.grant_share * paid_for - left, 0.0)
    if terms.pays_for == "equipment" and terms.grant_share > 0.0:
        machine = machine - over / terms.grant_share
    stops = (machine < anyway) | ((over > 0.0) & (terms.pays_for != "equipment"))
    machine, upgrade = np.where(stops, anyway, machine), np.where(stops, upgrade_anyway, upgrade)
    paid_for = eligible_spending(state, rows, machine, upgrade, own, terms.pays_for)
    grants = np.clip(terms.grant_share * paid_for, 0.0, left)
    # Own money is shown by a bank statement, and what was shown is put in.
    own = np.maximum(own, np.minimum(cash, asked * (machine + upgrade)))
    return Bids(rows, machine, upgrade, own, grants)


def bids(planned: Bids, terms: FundTerms, months_to_payment: int) -> Bids:
    """Return those of the projects with which a firm can apply: paid for, large enough, and with own money in them."""
    keep = (planned.grants > 0.0) & (planned.spending >= terms.eligible.project_at_least)
    keep &= planned.own >= terms.firm_co_finance_at_least * planned.spending * (1.0 - ROUNDING)
    # What is paid on award need not be borrowed.
    at_hand = planned.own + planned.grants if months_to_payment == 0 else planned.own
    return replace(planned, own=at_hand).kept(keep)


def note_absent(state: State, rows: I8, terms: FundTerms, received: F8, months_to_payment: int, policy: int) -> None:
    """Note why eligible firms (``rows``) have not applied at a call.

    Asked what it would do if money were no matter, a firm has had the most it may get this year, has no project that
    the fund pays for, or a smaller one than the fund asks for; all others lack own money or credit.
    """
    rich = state.firms._replace(cash=np.full(state.firms.cash.shape, BOUNDLESS))
    wished = projects(state, rows, terms, received, months_to_payment, rich)
    capped = received >= terms.cap_per_firm
    none, small = wished.grants <= 0.0, wished.spending < terms.eligible.project_at_least
    why = {"at_the_cap": capped, "no_project": ~capped & none, "too_small": ~capped & ~none & small}
    for outcome, those in {**why, "no_own_money": ~capped & ~none & ~small}.items():
        state.note_take_up(policy, outcome, rows[those], wished.grants[those])


def scores(state: State, offers: Bids, weights: Mapping[Any, float]) -> F8:
    """Return each application's score: weighted ranks, 0 to 1, of what the fund asks about."""
    firms, rows = state.firms, offers.rows
    workers_per_capital = firms.workers[rows] / firms.capital[rows]
    values = {
        "expected_jobs": offers.machine / state.world.producer * workers_per_capital,
        "automation": offers.upgrade / offers.spending,
        "energy_saving": np.where(offers.upgrade > 0.0, firms.technology_gap[rows], 0.0),
        "in_park": (firms.park[rows] >= 0).astype(np.float64),
    }
    return choosing.scores(values, weights, rows.size)


def order_of(state: State, offers: Bids, terms: FundTerms, policy_key: int) -> I8:
    """Return the positions of applications in the order in which they are served."""
    firms, rule = state.firms, terms.allocation.rule
    draw = uniforms(state.key("fund.order", policy_key), firms.slot[offers.rows])
    rank = -scores(state, offers, terms.allocation.weights) if rule == "score" else np.zeros(draw.size)
    outside = (firms.park[offers.rows] < 0) if terms.eligible.in_park == "preferred" else np.zeros(draw.size)
    return np.lexsort((draw, rank, outside))


def allocate(state: State, offers: Bids, terms: FundTerms, budget: float, policy_key: int) -> tuple[I8, F8]:
    """Return the positions of the winners and their grants in yuan per firm; all grants together stay in ``budget``.

    ``score`` serves by score, ``first_come`` and ``lottery`` by draw; an application that no longer fits is passed
    over. ``proportional`` cuts every grant by the same factor, ``equal`` gives everyone the same at most.
    """
    weight = state.firms.weight[offers.rows]
    asked = offers.grants * weight
    rule = terms.allocation.rule
    if asked.size == 0:
        return np.empty(0, np.int64), np.empty(0)
    if rule == "proportional":
        factor = min(1.0, budget / float(asked.sum()))
        return np.arange(asked.size), offers.grants * factor
    if rule == "equal":
        return np.arange(asked.size), np.minimum(offers.grants, _level(offers.grants, weight, budget))
    order = order_of(state, offers, terms, policy_key)
    winners = np.sort(order[first_fitting(asked[order], budget)])
    return winners, offers.grants[winners]


def _level(grants: F8, weight: F8, budget: float) -> float:
    """Return the largest grant in yuan per firm that spends ``budget`` when nobody gets more than was asked for."""
    order = np.argsort(grants, kind="stable")
    rising, firms = grants[order], weight[order]
    given = np.cumsum(rising * firms)
    if given[-1] <= budget:
        return float(rising[-1])
    before = np.concatenate([[0.0], given[:-1]])
    sharing = np.cumsum(firms[::-1])[::-1]
    levels = (budget - before) / sharing
    return float(levels[np.argmax(levels <= rising)])


def carry_out(
    state: State, offers: Bids, chosen: I8, grants: F8, policy: int, capacity: bool = True, technique: bool = True
) -> None:
    """Let winners buy their projects this month and note each with its grant.

    Where a channel of the policy is closed they buy of machines (``capacity``), or of upgrades (``technique``), what
    they would at full price.
    """
    rows, won = offers.rows[chosen], offers.kept(chosen)
    if not (capacity and technique):
        machine, upgrade, _ = purchases_planned(state, rows, 1.0)
        won = replace(won, machine=won.machine if capacity else machine, upgrade=won.upgrade if technique else upgrade)
    buy_equipment(state, rows, won.machine, won.upgrade, won.own)
    state.scratch.decided[rows] = 1
    state.firms.supported[rows] = state.firms.tracked[rows] = 1
    state.awards.append((rows, won.spending, grants, policy))
