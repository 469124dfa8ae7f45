"""Programmes whose cost public money and firms share: how many places can be paid for, and who pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.policies.acting import Institution


def places_paid_for(institution: Institution, wanted: float, each: float) -> float:
    """Return for how many of ``wanted`` places public money lasts at ``each`` yuan; what is missing is recorded."""
    from sim.agents.governments import available

    if each <= 0.0 or wanted <= 0.0:
        return wanted
    payer, place = institution.policy.payer, institution.place
    number = min(wanted, available(institution.model, payer, place) / each)
    institution.model.book_shortfall(institution.position, payer, place, (wanted - number) * each)
    return number


def pay_together(
    institution: Institution, rows: Any, number: Any, cost: float, public_share: float, target: str, purpose: str
) -> None:
    """Pay ``cost`` yuan for each place taken: public money its share, the firms the rest.

    ``number`` (shape of rows) counts the places taken by all firms of a row together.
    """
    from sim.agents.governments import pay
    from sim.policies.charges import charge

    state, policy = institution.state, institution.policy
    total = public_share * cost * float(number.sum())
    pay(institution.model, institution.position, policy.payer, institution.place, total, target, purpose)
    if public_share < 1.0 and cost > 0.0:
        own = (1.0 - public_share) * cost * number / state.firms.weight[rows]
        charge(state, rows, own, target, purpose)
