"""Platforms, cloud drives, dealer networks and trade parks in the small county, and what one of them touches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.inputs.problems import InputErrors
from sim.model import digest
from sim.policies.registry import policy_types
from sim.scenario.resolved import Policy
from tests.policies.playing import FIRST, Played

RICH = {"county_balance": 1e9}
AT_HOME = frozenset({"buyers.links", "buyers.supplier", "buyers.link_age", "buyers.link_origin", "buyers.link_match"})
"""Columns that change when a buyer at home and a firm are tied."""
CONTACTS = AT_HOME | {"firms.foreign_links"}
"""Columns that change when a buyer at home or abroad and a firm are tied."""
SERVICES = ("shared_research", "technical_services", "purchasing", "transactions", "logistics", "finance")
PLATFORM: Mapping[str, Any] = {
    "services": SERVICES, "set_up_cost": 2e6, "run_cost": 4e5, "joining_cost": 2000.0,
}  # fmt: skip
CLOUD: Mapping[str, Any] = {"firms": 60, "workshops": 10}
DEALERS: Mapping[str, Any] = {
    "dealers": 20, "outlets": 40, "countries": 0, "firms": "any", "outlet_cost": 30000.0,
}  # fmt: skip
LOGISTICS: Mapping[str, Any] = {"kind": "logistics", "build_cost": 5e6, "plots": 50, "rent": 3000.0}
SHOPS: Mapping[str, Any] = {"kind": "e_commerce", "build_cost": 5e6, "plots": 50, "rent": 3000.0}
USUAL = {
    "digital_platform": PLATFORM, "cloud_drive": CLOUD, "dealer_network": DEALERS, "trade_park": LOGISTICS,
}  # fmt: skip


def policy(
    name: str,
    changes: Mapping[str, Any] | None = None,
    *,
    start: int = FIRST,
    end: int | None = None,
    payer: Mapping[str, float] | None = None,
    later: Mapping[int, Mapping[str, Any]] | None = None,
) -> Policy:
    """Return a policy of the type ``name`` with its usual terms and some changed, now and ``later`` by month."""
    kind = policy_types()[name].terms
    first = {**USUAL[name], **(changes or {})}
    versions = [(start, kind.plain(**first))]
    versions += [(month, kind.plain(**{**first, **more})) for month, more in (later or {}).items()]
    return Policy(
        id=f"the-{name.replace('_', '-')}", type=name, name=name, name_zh=name, source="hypothetical",
        where=("yongnian",), start=start, end=end, payer={"county": 1.0} if payer is None else payer,
        versions=tuple(versions),
    )  # fmt: skip


def check_no_payer(errors: InputErrors, policy: str) -> None:
    """Check that a policy, and nothing else, was refused for want of a payer, in both languages."""
    assert [problem.code for problem in errors.problems] == ["E15"]
    assert errors.text("en").startswith(f'E15  policy "{policy}" has no "payer"')
    assert errors.text("zh").startswith(f'E15  政策“{policy}”缺少 "payer"')


def same_to_the_bit(one: Played, two: Played) -> bool:
    """Return whether two runs measured the same and ended in the same state."""
    return np.array_equal(one.record.monthly, two.record.monthly) and digest(one.model) == digest(two.model)


def touched(run: Played, months: int) -> set[str]:
    """Return the columns of firms, buyers and places that the first institution changes when it acts in some months.

    They are compared with what they were just before it acted, after the monthly levers were reset.
    """
    institution, state = run.institution(), run.model.state
    tables = ("firms", "buyers", "places")
    found: set[str] = set()
    step = institution.step

    def watched() -> None:
        before = {
            (table, name): getattr(getattr(state, table), name).copy()
            for table in tables
            for name in getattr(state, table)._fields
        }
        step()
        found.update(
            f"{table}.{name}" for (table, name), old in before.items()
            if not np.array_equal(old, getattr(getattr(state, table), name)[: old.shape[0]])
        )  # fmt: skip

    institution.step = watched
    run.step(months)
    institution.step = step
    return found


def gain(run: Played, base: Played, name: str = "output_value", months: int = 12) -> float:
    """Return by how much an observable's sum over the first months lies above the base's."""
    return float(run.monthly(name)[:months].sum() - base.monthly(name)[:months].sum())


def watch_firms(run: Played) -> dict[str, float]:
    """Return a table that takes what firms pay from now on, by purpose and account on the other side."""
    ledger, paid = run.model.state.ledger, dict[str, float]()
    transfer = ledger.transfer

    def seen(source: str, target: str, *others: Any, **named: Any) -> float:
        moved = transfer(source, target, *others, **named)
        if source == "firms":
            purpose = f"{others[1]} -> {target}"
            paid[purpose] = paid.get(purpose, 0.0) + moved
        return moved

    ledger.transfer = seen  # type: ignore[method-assign]
    return paid
