"""A run made up in memory, with the read side a real run has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from sim.experiments import Run
from sim.experiments.parameter_draws import ParameterDraws
from sim.observables import OBSERVABLES, observable
from sim.policies.terms import Terms
from sim.scenario.resolved import Goal, Place, Policy, Scenario, TimeSpan, World
from sim.state.record import AWARD, MONEY_STAGES, PAYERS, PURCHASE, TAKE_UP, TRACKED

FIRST_YEAR, LAST_YEAR = 2024, 2030


def month(year: int, number: int) -> int:
    return year * 12 + number - 1


def make_place(identifier: str = "yongnian", /, **changes: Any) -> Place:
    fields: dict[str, Any] = {
        "id": identifier,
        "name": "Yongnian District",
        "name_zh": "永年区",
        "admin_code": "130408",
        "industry": "fasteners",
        "industry_zh": "紧固件",
        "start": SimpleNamespace(output_value=4.2e10, headline_total=4.2e10),
    }
    return Place(**{**fields, **changes})


def two_places() -> tuple:
    return (
        make_place("north", admin_code="140902", name="North", name_zh="北"),
        make_place("south", admin_code="140801", name="South", name_zh="南"),
    )


class GrantTerms(Terms):
    """Terms of a type that awards grants, and nothing else."""

    awards_grants: ClassVar[bool] = True


def make_policy(identifier: str = "fund", /, start: int = month(2026, 1), **changes: Any) -> Policy:
    fields: dict[str, Any] = {
        "id": identifier,
        "type": "fund",
        "name": "Upgrade fund",
        "name_zh": "技改资金",
        "source": "hypothetical",
        "where": ("yongnian",),
        "start": start,
        "end": None,
        "payer": {"county": 0.6, "province": 0.4},
        "versions": ((start, GrantTerms() if changes.get("type", "fund") == "fund" else Terms()),),
        "assumed": (),
    }
    return Policy(**{**fields, **changes})


def make_scenario(identifier: str = "a", /, **changes: Any) -> Scenario:
    flat = np.ones(12)
    fields: dict[str, Any] = {
        "id": identifier,
        "name": f"Scenario {identifier.upper()}",
        "name_zh": f"情形{identifier.upper()}",
        "kind": "what-if",
        "question": "",
        "baseline": None,
        "places": (make_place(),),
        "world": World("central", "central", "中方案", month(FIRST_YEAR, 1), flat, flat, flat, flat, flat, flat),
        "time": TimeSpan(month(FIRST_YEAR, 1), month(2024, 10), month(LAST_YEAR, 12)),
        "replicates": 24,
        "seed": 1,
        "firms_per_agent": 20,
        "policies": (),
        "goals": (),
    }
    return Scenario(**{**fields, **changes})


@dataclass
class FakeRun:
    """``values[variable]`` has shape (replicates, months, places); missing variables are zero."""

    scenario: Scenario
    replicates: np.ndarray
    values: dict[str, np.ndarray] = field(default_factory=dict)
    amounts: np.ndarray | None = None
    bought: dict[int, list[tuple]] = field(default_factory=dict)
    awarded: dict[int, list[tuple]] = field(default_factory=dict)
    calls: np.ndarray | None = None
    outside: np.ndarray | None = None
    followed: dict[int, list[tuple]] = field(default_factory=dict)
    draws: dict[str, str] = field(default_factory=lambda: {"calibration": "", "file": "none", "hash": "none"})
    parameter_draws: ParameterDraws = field(default_factory=ParameterDraws)
    failures: list[dict[str, Any]] = field(default_factory=list)
    anchor_values: dict[str, Any] = field(default_factory=dict)
    hash: str = "0123456789abcdef"

    @property
    def scenario_id(self) -> str:
        return self.scenario.id

    @property
    def id(self) -> str:
        return f"{self.scenario.id}/{self.hash[:8]}"

    @property
    def manifest(self) -> dict[str, Any]:
        identity = {
            "seed": self.scenario.seed,
            "parameters_hash": "p",
            "draws": self.draws["calibration"],
            "draws_hash": self.draws["hash"],
            "places_hash": "e",
            "world_hash": "w",
            "model_version": 1,
            "firms_per_agent": self.scenario.firms_per_agent,
            "layout_hash": "l",
        }
        return {
            "identity": identity,
            "reference": self.scenario.id,
            "overrides": [],
            "replicates": {"asked": len(self.replicates)},
            "draws": self.draws,
            "model_version": 1,
            "version": "0.1.0",
            "seed": self.scenario.seed,
            "firms_per_agent": self.scenario.firms_per_agent,
        }

    @property
    def folder(self) -> Path:
        return Path("results") / "runs" / self.scenario.id / self.hash

    @property
    def places(self) -> list[str]:
        return [place.id for place in self.scenario.places]

    @property
    def months(self) -> np.ndarray:
        return np.arange(self.scenario.time.start, self.scenario.time.end + 1)

    @property
    def first_month(self) -> int:
        return self.scenario.time.start

    @property
    def years(self) -> np.ndarray:
        found, counts = np.unique(self.months // 12, return_counts=True)
        return found[counts == 12]

    def monthly(self, variable: str, place: str | None = None) -> np.ndarray:
        shape = (len(self.replicates), len(self.months), len(self.places))
        values = self.values.get(variable, np.zeros(shape))
        if place is not None:
            return values[:, :, self.places.index(place)]
        return values.mean(axis=2) if observable(variable).aggregate == "mean" else values.sum(axis=2)

    def annual(self, variable: str, place: str | None = None) -> np.ndarray:
        monthly = self.monthly(variable, place)
        parts = [monthly[:, self.months // 12 == year] for year in self.years]
        fold = {"sum": lambda v: v.sum(axis=1), "mean": lambda v: v.mean(axis=1), "last": lambda v: v[:, -1]}
        return np.stack([fold[observable(variable).aggregate](part) for part in parts], axis=1)

    def money(self) -> np.ndarray:
        if self.amounts is not None:
            return self.amounts
        shape = (len(self.replicates), len(self.months), len(self.scenario.policies), len(PAYERS), len(MONEY_STAGES))
        return np.zeros(shape)

    def purchases(self, replicate: int) -> np.ndarray:
        return np.array(self.bought.get(replicate, []), dtype=PURCHASE)

    def awards(self, replicate: int) -> np.ndarray:
        return np.array(self.awarded.get(replicate, []), dtype=AWARD)

    def take_up(self) -> np.ndarray:
        shape = (len(self.replicates), len(self.years), len(self.scenario.policies), len(TAKE_UP), 2)
        return np.zeros(shape) if self.calls is None else self.calls

    @property
    def markets(self) -> dict[str, list[str]]:
        return Run.markets.fget(self)

    def elsewhere(self) -> np.ndarray:
        if self.outside is not None:
            return self.outside
        return np.full((len(self.replicates), len(self.months), len(self.markets), 2), 1e10)

    def tracked(self, replicate: int) -> np.ndarray:
        return np.array(self.followed.get(replicate, []), dtype=TRACKED)

    def anchor_names(self) -> list[str]:
        return sorted(self.anchor_values)

    def anchors(self, name: str) -> np.ndarray:
        return np.asarray(self.anchor_values[name])


def noise(seed: int, *shape: int) -> np.ndarray:
    """Numbers in (0, 1) that are the same for the same seed (splitmix64 of a counter)."""
    counter = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(seed * 1_000_003 + 1)
    state = counter * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    return ((state >> np.uint64(11)).astype(float) / 2.0**53).reshape(shape)


@cache
def base_values(runs: int, months: int, places: int) -> dict[str, np.ndarray]:
    """Levels of every variable, shape (runs, months, places) each; shared between tests and so read-only."""
    found = {}
    for position, item in enumerate(OBSERVABLES):
        level = {"yuan": 3e9, "persons": 3e5, "count": 300.0, "tonnes": 900.0}.get(item.unit, 0.2)
        wave = 0.2 * noise(position, runs, 1, places) + 0.01 * noise(position + 500, runs, months, 1)
        found[item.name] = level * (1.0 + wave)
        found[item.name].flags.writeable = False
    return found


def make_pair(
    runs: int = 100,
    *,
    gain: float = 0.02,
    jobs: float = 10.0,
    jobs_noise: float = 0.0,
    money: float = 1e6,
    changed_from: int = month(2026, 1),
    scenario_b: Scenario | None = None,
    scenario_a: Scenario | None = None,
) -> tuple[FakeRun, FakeRun]:
    """Return (B, A): from ``changed_from`` on B makes ``gain`` more and has ``jobs`` more workers.

    B's only policy is a fund paying ``money`` yuan a month (county 60, province 40), granted as promised.
    """
    scenario_a = scenario_a or make_scenario("a")
    scenario_b = scenario_b or make_scenario("b", policies=(make_policy(),))
    numbers = np.arange(runs)
    months = np.arange(scenario_a.time.start, scenario_a.time.end + 1)
    places = len(scenario_a.places)
    later = (months >= changed_from).astype(float)[None, :, None]
    a_values, b_values = (dict(base_values(runs, len(months), places)) for _ in range(2))
    b_values["output_value"] = a_values["output_value"] * (1.0 + gain * later)
    b_values["tax_paid"] = a_values["tax_paid"] * 0.03 * (1.0 + gain * later)
    a_values["tax_paid"] = a_values["tax_paid"] * 0.03
    wobble = jobs_noise * (noise(999, runs, 1, 1) - 0.5)
    b_values["employment"] = a_values["employment"] + (jobs + wobble) * later
    run_a = FakeRun(scenario_a, numbers, a_values)
    run_b = FakeRun(scenario_b, numbers, b_values, hash="fedcba9876543210")
    if scenario_b.policies:
        amounts = np.zeros((runs, len(months), len(scenario_b.policies), len(PAYERS), len(MONEY_STAGES)))
        fund = next((position for position, policy in enumerate(scenario_b.policies) if policy.type == "fund"), 0)
        for payer, share in ((0, 0.6), (1, 0.4)):
            for stage in ("promised", "claimed", "granted", "paid"):
                amounts[:, :, fund, payer, MONEY_STAGES.index(stage)] = money * share * later[0, :, 0]
        run_b.amounts = amounts
    return run_b, run_a


def shortened(run: FakeRun, end: int) -> FakeRun:
    """The same run, had it ended with the month ``end``."""
    months = end - run.first_month + 1
    return replace(
        run,
        scenario=replace(run.scenario, time=replace(run.scenario.time, end=end)),
        values={name: values[:, :months] for name, values in run.values.items()},
        amounts=None if run.amounts is None else run.amounts[:, :months],
    )


def goal(identifier: str = "aim", /, **changes: Any) -> Goal:
    fields: dict[str, Any] = {
        "id": identifier,
        "variable": "output_value",
        "at_least": 4e10,
        "by": month(2030, 12),
        "source": "somewhere",
    }
    return Goal(**{**fields, **changes})
