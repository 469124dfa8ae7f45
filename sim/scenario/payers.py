"""Who pays for a policy: public money that nobody pays, or that its receiver would have to pay, is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.inputs.problems import InputErrors, Problem, words
from sim.policies.terms import Terms
from sim.scenario.resolved import Policy


def unpaid(payer: Mapping[str, float], versions: Iterable[tuple[int, Terms]]) -> tuple[int, str, dict[str, Any]] | None:
    """Return the first month whose terms cannot be paid for as ``payer`` says, and the message; None when all can."""
    for month, terms in versions:
        if terms.spends and not payer:
            return month, "missing_key", {"keys": '"payer"', "hint": 'payer = "county"'}
        if payer.get(terms.receiver, 0.0) > 0.0:
            return month, "pays_itself", {"level": terms.receiver}
    return None


def check_payers(policies: Iterable[Policy]) -> None:
    """Raise ``InputErrors`` for policies that were not read from a file and cannot be paid for."""
    problems = []
    for policy in policies:
        found = unpaid(policy.payer, policy.versions)
        if found is not None:
            problems.append(Problem(found[1], values={"table": words("policy_of", id=policy.id), **found[2]}))
    if problems:
        raise InputErrors(problems)
