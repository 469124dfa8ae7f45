"""A county a tenth the size of Yongnian in which a few policies are played, and a watch on every public yuan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim.model import ClusterModel
from sim.observables import INDEX
from sim.parameters import Parameters, load_parameters
from sim.policies.registry import policy_types
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.scenario.resolved import Policy, Scenario
from sim.state import draws
from sim.state.record import MONEY_STAGES, PAYERS, ReplicateRecord
from sim.units import parse_month

SEED = draws.replicate_seed(20250108, 0)
FIRST = parse_month("2023-01")
START = {
    "businesses": 3000.0, "output_value": 4.2e9, "exports": 1.486e8, "employment_reported": 34000.0,
    "above_scale_firms": 20.0, "domestic_buyers": 450.0, "foreign_buyers": 300.0, "export_destinations": 60.0,
    "county_balance": 3e7,
}  # fmt: skip
"""Figures of the small county."""
LAPSED = "lapsed programme money"
GENERAL = {"general county services", LAPSED}
"""Purposes for which money leaves the accounts of governments without any policy."""
PROVINCE = "province:13"
"""Account of its province."""

FUND: Mapping[str, Any] = {
    "annual_budget": 40e6, "pays_for": "equipment", "grant_share": 0.2, "cap_per_firm": 5e6,
    "firm_co_finance_at_least": 0.2, "call_months": (2, 6), "paid": {"when": "on_award", "lag_months": 0},
    "unspent": "carry_over", "eligible": {}, "allocation": {"rule": "lottery"},
}  # fmt: skip
FAIR: Mapping[str, Any] = {
    "every": {"month": 3}, "booths": 60, "exhibitors": "any", "booth_fee": 4000.0, "booth_subsidy": 0.5,
    "domestic_buyers_invited": 200, "foreign_buyers_invited": 60, "countries": 60, "travel_subsidy": 1000.0,
    "organising_cost": 5e5,
}  # fmt: skip
EXHIBITION: Mapping[str, Any] = {
    "every": {"month": 4}, "firms_sent": 10, "stand_subsidy": 0.6, "countries": 60,
}  # fmt: skip
PARK: Mapping[str, Any] = {
    "build_cost": 20e6, "plots": 40, "plot_area": 6667.0, "rent": 2.0,
    "phases": ({"opens": FIRST + 2, "plots": 30}, {"opens": FIRST + 8, "plots": 10}),
    "treatment": {"what": "pickling", "capacity": 900.0, "removes": 0.9, "fee": 18.0},
    "admission": {"rule": "first_come", "must_close_old_site": False},
}  # fmt: skip
USUAL = {"fund": FUND, "fair": FAIR, "exhibition": EXHIBITION, "park": PARK}


def terms(kind: str, **changes: Any) -> Any:
    """Return the usual terms of a policy type with some changed."""
    return policy_types()[kind].terms.plain(**{**USUAL[kind], **changes})


def policy(
    kind: str,
    *,
    start: int = FIRST,
    end: int | None = None,
    payer: Mapping[str, float] | None = None,
    later: Mapping[int, Mapping[str, Any]] | None = None,
    **changes: Any,
) -> Policy:
    """Return a policy with the usual terms; ``later`` holds changes by the month from which they are in force."""
    versions = [(start, terms(kind, **changes))]
    for month, more in (later or {}).items():
        versions.append((month, terms(kind, **{**changes, **more})))
    return Policy(
        id=f"the-{kind}", type=kind, name=kind, name_zh=kind, source="hypothetical", where=("yongnian",), start=start,
        end=end, payer=payer or {"county": 1.0}, versions=tuple(versions),
    )  # fmt: skip


def county(policies: Iterable[Policy] = (), *, months: int = 24, scale: int = 1, **start: float) -> Scenario:
    """Return the small county under the given policies, in a world that stands still."""
    base = realise(load("yongnian-2023", overrides=["world=constant"]).scenario, 0)
    place = replace(base.places[0], start=base.places[0].start.with_values({**START, **start}))
    time = replace(base.time, end=FIRST + months - 1)
    return replace(base, places=(place,), policies=tuple(policies), time=time, firms_per_agent=scale)


def parameters(**changes: float) -> Parameters:
    """Return the file's parameters, but a year of burn-in and projects built in the same time, and with ``changes``.

    Changes come by dotted name with ``__`` for the dot.
    """
    named = {name.replace("__", "."): value for name, value in changes.items()}
    usual = {
        "start.settle_months": 12.0,
        "project.build_spread": 0.0,
        "government.province_balance_share": province_share(2e7),
    }
    return load_parameters({**usual, **named})


def province_share(yuan: float) -> float:
    """Return the share of the small county's output that makes ``yuan``."""
    return yuan / START["output_value"]


@dataclass
class Played:
    """A model that is watched while it runs.

    Attributes
    ----------
    spent
        Yuan that left each government account for each purpose, by (month, account).
    gone
        Yuan that lapsed of each government account, by (month, account).
    lowest
        Lowest balance seen on each government account at the end of any transfer.
    given
        Ids of the policies as the test lists them, if not in the scenario's order: numbers of policies count in it.
    closed
        What is known of the firms that closed, by month: their rows are given to others.
    """

    model: ClusterModel
    spent: dict[tuple[int, str], float] = field(default_factory=lambda: defaultdict(float))
    gone: dict[tuple[int, str], float] = field(default_factory=lambda: defaultdict(float))
    by_purpose: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    lowest: dict[str, float] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    closed: list[Any] = field(default_factory=list)

    def watch(self) -> None:
        """See every transfer out of a government account from now on."""
        ledger, book = self.model.state.ledger, self.model.state.ledger._book

        def seen(source: str, target: str, total: float, purpose: str) -> None:
            book(source, target, total, purpose)
            if purpose == LAPSED:
                self.gone[self.model.state.month, source] += total
            if source.partition(":")[0] in PAYERS and purpose not in GENERAL:
                self.spent[self.model.state.month, source] += total
                self.by_purpose[purpose] += total
            for account in (source, target):
                if account.partition(":")[0] in PAYERS:
                    low = self.lowest.get(account, np.inf)
                    self.lowest[account] = min(low, ledger.balances[account])

        ledger._book = seen  # type: ignore[method-assign]

    def step(self, months: int = 1) -> Played:
        """Simulate some months."""
        for _ in range(months):
            self.model.step()
            self.closed.append(self._firms(self.model.state.left))
        return self

    def firms_ever(self) -> Any:
        """Return all firms of these months, one to a slot, as they are or were when they closed."""
        return np.concatenate([*self.closed, self._firms(self.model.state.live)])

    def _firms(self, rows: np.ndarray) -> Any:
        names = {"slot": np.int64, "place": np.int64, "weight": float, "grants": float, "exit_month": np.int64}
        table = np.zeros(rows.size, dtype=list(names.items()))
        for name in names:
            table[name] = getattr(self.model.state.firms, name)[rows]
        return table

    def finish(self) -> Played:
        """Simulate to the scenario's end."""
        return self.step(self.model.resolved.time.end - self.model.state.month + 1)

    @property
    def record(self) -> ReplicateRecord:
        """What has been recorded so far."""
        return self.model.notebook.record(self.model.anchors, "")

    def monthly(self, name: str) -> np.ndarray:
        """Return an observable by month."""
        return self.record.monthly[:, 0, INDEX[name]]

    def money(self, stage: str, policy: int = 0, payer: str | None = None) -> np.ndarray:
        """Return public money of a policy at a stage by month, of one payer or all."""
        table = self.record.money[:, self.position(policy), :, MONEY_STAGES.index(stage)]
        return table.sum(axis=1) if payer is None else table[:, PAYERS.index(payer)]

    def left(self, account: str) -> np.ndarray:
        """Return what left an account by month of the run."""
        months = self.record.monthly.shape[0]
        return np.array([self.spent.get((FIRST + month, account), 0.0) for month in range(months)])

    def lapsed(self, account: str) -> np.ndarray:
        """Return what lapsed of an account by month of the run."""
        months = self.record.monthly.shape[0]
        return np.array([self.gone.get((FIRST + month, account), 0.0) for month in range(months)])

    def position(self, number: int) -> int:
        """Return the position in the scenario of a policy by its number."""
        ids = [policy.id for policy in self.model.resolved.policies]
        return ids.index(self.given[number]) if self.given else number

    def institution(self, number: int = 0) -> Any:
        """Return the (first) institution of a policy by its number."""
        position = self.position(number)
        return next(each for each in self.model.institutions if each.position == position)


def begun(policies: Iterable[Policy] = (), *, settings: Parameters | None = None, **where: Any) -> Played:
    """Return a watched model before its first month."""
    policies = tuple(policies)
    model = ClusterModel(county(policies, **where), settings or parameters(), SEED)
    played = Played(model, given=tuple(policy.id for policy in policies))
    played.watch()
    return played


def played(policies: Iterable[Policy] = (), **where: Any) -> Played:
    """Return a watched model that has run to its end."""
    return begun(policies, **where).finish()
