"""Thirty small towns of one province that share a market, and policies that act in several of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.model import ClusterModel
from sim.observables import INDEX
from sim.parameters import Parameters
from sim.policies.registry import policy_types
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.scenario.resolved import Policy, Scenario
from tests.policies.playing import FIRST, SEED, Played, parameters

if TYPE_CHECKING:
    import numpy as np

TOWNS = tuple(f"town-{number:02d}" for number in range(30))
START = {
    "businesses": 120.0, "exports": 4e6, "employment_reported": 1200.0, "above_scale_firms": 2.0,
    "domestic_buyers": 20.0, "foreign_buyers": 6.0, "export_destinations": 8.0, "county_balance": 2e7,
}  # fmt: skip
"""Figures of each town; output is 100 million yuan in the first and 5 million more in each of the next."""


def given(
    kind: str,
    identity: str,
    *,
    start: int = FIRST,
    end: int | None = None,
    where: tuple[str, ...] = ("yongnian",),
    designated: str | None = None,
    payer: Mapping[str, float] | None = None,
    **terms: Any,
) -> Policy:
    """Return a policy with these terms."""
    versions = ((start, policy_types()[kind].terms.plain(**terms)),)
    return Policy(
        id=identity, type=kind, name=identity, name_zh=identity, source="hypothetical", where=where, start=start,
        end=end, payer=payer or {}, versions=versions, where_designated=designated,
    )  # fmt: skip


def province(policies: Iterable[Policy] = (), *, months: int = 24, scale: int = 1, towns: int = 30) -> Scenario:
    """Return the first ``towns`` towns under the given policies, in a world that stands still."""
    base = realise(load("yongnian-2023", overrides=["world=constant"]).scenario, 0)
    places = tuple(
        replace(
            base.places[0], id=name, name=name, name_zh=name,
            start=base.places[0].start.with_values({
                **START, "output_value": 1e8 + 5e6 * number, "national_market_share": 0.015,
                "global_market_share": 0.01,
            }),
        )
        for number, name in enumerate(TOWNS[:towns])
    )  # fmt: skip
    time = replace(base.time, end=FIRST + months - 1)
    here = [replace(policy, where=tuple(town for town in policy.where if town in TOWNS[:towns])) for policy in policies]
    return replace(base, places=places, policies=tuple(here), time=time, firms_per_agent=scale)


def begun_in_towns(policies: Iterable[Policy] = (), *, settings: Parameters | None = None, **where: Any) -> Played:
    """Return a watched model of the towns before its first month."""
    policies = tuple(policies)
    model = ClusterModel(province(policies, **where), settings or parameters(), SEED)
    played = Played(model, given=tuple(policy.id for policy in policies))
    played.watch()
    return played


def by_town(run: Played, name: str) -> np.ndarray:
    """Return an observable by month and town, shape (months, towns)."""
    return run.record.monthly[:, :, INDEX[name]]
