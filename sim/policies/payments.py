"""What firms pay to institutions, and programmes whose cost public money and firms share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.agents.governments import available, pay
from sim.state.columns import F8, I8
from sim.state.ledger import FIRMS
from sim.state.parts import parts_of
from sim.state.state import State

if TYPE_CHECKING:
    from sim.policies.acting import Institution


def places_paid_for(institution: Institution[Any], wanted: float, each: float) -> float:
    """Return for how many of ``wanted`` places public money lasts at ``each`` yuan; what is missing is recorded."""
    if each <= 0.0 or wanted <= 0.0:
        return wanted
    payer, place = institution.policy.payer, institution.place
    number = min(wanted, available(institution.model, payer, place) / each)
    institution.model.book_shortfall(institution.position, payer, place, (wanted - number) * each)
    return number


def pay_together(
    institution: Institution[Any], rows: Any, number: Any, cost: float, public_share: float, target: str, purpose: str
) -> None:
    """Pay ``cost`` yuan for each place taken: public money its share, the firms the rest.

    ``number`` (shape of rows) counts the places taken by all firms of a row together.
    """
    state, policy = institution.state, institution.policy
    total = public_share * cost * float(number.sum())
    pay(institution.model, institution.position, policy.payer, institution.place, total, target, purpose)
    if public_share < 1.0 and cost > 0.0:
        own = (1.0 - public_share) * cost * number / state.firms.weight[rows]
        charge(state, rows, own, target, purpose)


def charge(state: State, rows: I8, amount: F8 | float, target: str, purpose: str) -> float:
    """Let each firm of the given rows, which come place by place, pay ``amount`` yuan; return the yuan paid by all."""
    parts = parts_of(state.firms.county[rows])
    paid: float = state.ledger.transfer(FIRMS, target, amount, purpose, state.firms, rows, parts)
    state.firms.fees[rows] += amount
    return paid
