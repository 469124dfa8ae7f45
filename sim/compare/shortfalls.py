"""What could not be paid for: money that policies planned and their payers did not have, and what was built of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from sim.compare.comparison import Shortfall, TakeUp
from sim.state.record import MONEY_STAGES
from sim.units import year_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.runs import Floats, Pairing
    from sim.experiments import Run
    from sim.scenario.resolved import Policy

T = TypeVar("T", bound=Shortfall | TakeUp)
WORTH_SAYING = 0.005
"""Share of a policy's planned spending from which on what is missing is told: less is rounding."""

_PROMISED, _PAID, _UNMET = (MONEY_STAGES.index(stage) for stage in ("promised", "paid", "unmet"))


def build_shortfalls(pairing: Pairing) -> tuple[Shortfall, ...]:
    """Return the policies whose payers ran short: those of B, then those of A; once where both runs agree."""
    b, a = pairing.sides
    return of_both_sides(_shortfalls("B", *b, pairing.months), _shortfalls("A", *a, pairing.months))


def of_both_sides(in_b: Sequence[T], in_a: Sequence[T]) -> tuple[T, ...]:
    """Return what is told of B, then what of A; once, as of both, where the two agree."""
    alike = [one for one in in_b if replace(one, side="A") in in_a]
    both = [replace(one, side="both") if one in alike else one for one in in_b]
    return (*both, *(one for one in in_a if replace(one, side="B") not in alike))


def award_grants(policies: Sequence[Policy]) -> NDArray[np.bool_]:
    """Return which of the policies award grants, shape (policies,)."""
    return np.array([policy.versions[0][1].awards_grants for policy in policies], dtype=bool)


def named(policy: Policy) -> dict[str, str]:
    """Return how records name a policy."""
    return {"policy": policy.id, "policy_name": policy.name, "policy_name_zh": policy.name_zh}


def missing(amounts: Floats, policies: Sequence[Policy]) -> tuple[Floats, Floats]:
    """Return what was never paid for want of money and what was paid late, shape (runs, policies) each, in yuan.

    Parameters
    ----------
    amounts
        Shape (runs, months, policies, payers, stages).

    Notes
    -----
    A month in which a policy pays more than it plans makes good what was missing before (a platform is built as money
    comes in). What awards grants pays what it awarded months ago, so that its payments make nothing good.
    """
    late = np.maximum(amounts[..., _PAID] - amounts[..., _PROMISED], 0.0).sum(axis=(1, 3)) * ~award_grants(policies)
    unmet = amounts[..., _UNMET].sum(axis=(1, 3))
    return np.maximum(unmet - late, 0.0), np.minimum(late, unmet)


def _shortfalls(side: Literal["A", "B"], run: Run, rows: NDArray[np.intp], months: Sequence[int]) -> list[Shortfall]:
    """Return the policies of one run whose payers ran short in the given months."""
    inside = np.isin(np.asarray(run.months), months)
    amounts = run.money()[rows][:, inside]
    never, late = missing(amounts, run.scenario.policies)
    paid = amounts[..., _PAID].sum(axis=(1, 3))
    found = []
    for position, policy in enumerate(run.scenario.policies):
        planned = paid[:, position] + never[:, position]
        short = never[:, position] + late[:, position]
        if short.mean() <= max(WORTH_SAYING * planned.mean(), 1.0):
            continue
        by_month = amounts[:, :, position, :, _UNMET].sum(axis=2).mean(axis=0)
        when = [year_of(month) for month, yuan in zip(months, by_month, strict=True) if yuan > 0.0]
        plots, cost = _plots(policy, never[:, position], months)
        shares = np.divide(paid[:, position], planned, out=np.ones(len(rows)), where=planned > 0.0)
        found.append(
            Shortfall(
                side=side,
                **named(policy),
                type=policy.type,
                planned=float(planned.mean()) if plots is None else plots[2] * cost,
                missing=float(never[:, position].mean()),
                late=float(late[:, position].mean()),
                years=(when[0], when[-1]),
                runs=int(np.count_nonzero(short > WORTH_SAYING * planned)),
                n=len(rows),
                paid=(float(shares.min()), float(shares.max())),
                plots=plots,
            )
        )
    return found


def _plots(policy: Policy, never: Floats, months: Sequence[int]) -> tuple[tuple[float, float, float] | None, float]:
    """Return the lowest and highest number of plots built with the number to be built, and the yuan one costs.

    What is missing of their cost is missing of the plots. None for a policy that builds none.
    """
    wanted, cost = policy.terms_at(months[-1]).to_build(max(months[0], policy.start), months[-1])
    if not wanted or not cost:
        return None, 0.0
    built = wanted - never / cost
    return (float(built.min()), float(built.max()), wanted), cost
