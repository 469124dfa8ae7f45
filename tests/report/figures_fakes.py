"""Runs made of keyed hashes, with the read side of ``sim.experiments.Run``: for figures, no model needed."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from statistics import NormalDist
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.experiments import Run
from sim.observables import INDEX, OBSERVABLES
from sim.scenario.resolved import Place, Policy, Scenario, TimeSpan, World
from sim.state.draws import uniform_named
from sim.state.record import AWARD, MONEY_STAGES, PAYERS, PURCHASE, TAKE_UP, TRACKED

LEVELS = {
    "output_value": 4.2e10,
    "exports": 1.8e9,
    "investment": 2e9,
    "domestic_orders": 4e10,
    "tax_paid": 1.3e9,
    "employment": 78_000.0,
    "businesses": 24_000.0,
    "above_scale_firms": 210.0,
    "park_plots_used": 320.0,
    "discharge_untreated": 11_000.0,
    "profit_rate": 0.034,
    "fair_booths_used": 380.0,
    "fair_exhibitors": 190.0,
    "fair_buyers": 900.0,
    "fair_contacts": 5200.0,
    "fair_intended_orders": 1.9e8,
    "fair_contracts": 7.0e7,
    "fair_delivered": 5.5e7,
    "fair_repeat_orders": 4.0e7,
}
EFFECTS = {
    "output_value": 0.019,
    "exports": 0.054,
    "tax_paid": 0.022,
    "employment": 0.004,
    "businesses": 0.001,
    "above_scale_firms": 0.03,
    "park_plots_used": 0.025,
    "discharge_untreated": -0.059,
    "investment": 0.02,
    "domestic_orders": 0.01,
    "fair_booths_used": 0.95,
    "fair_exhibitors": 0.7,
    "fair_buyers": 0.9,
    "fair_contacts": 0.8,
    "fair_intended_orders": 0.75,
    "fair_contracts": 0.6,
    "fair_delivered": 0.55,
    "fair_repeat_orders": 0.4,
}


def normal(*key: Any) -> float:
    """One standard normal draw of a key."""
    name = "/".join(str(part) for part in key)
    return NormalDist().inv_cdf(uniform_named(7, name))


@functools.cache
def growth(name: str, replicate: int, first: int, last: int) -> np.ndarray:
    """Path of one replicate around 1 in mid-2023: a level, a slope and yearly shocks."""
    months = np.arange(first, last + 1)
    start = 0.06 * normal("level", name, replicate)
    slope = 0.016 + 0.011 * normal("slope", name, replicate)
    shocks = [0.02 * normal("walk", name, replicate, year) for year in range(first // 12, last // 12 + 1)]
    walk = np.cumsum(shocks)[months // 12 - first // 12]
    return np.exp(start + slope * (months - month("2023-07")) / 12 + walk)


def month(text: str) -> int:
    """``2026-01`` as a month number."""
    year, number = text.split("-")
    return int(year) * 12 + int(number) - 1


def fair_terms(times: int) -> Any:
    """Terms of a fair in October, ``times`` the usual size."""
    return SimpleNamespace(
        foresight=0,
        plans_to_the_end=False,
        type_name="fair",
        awards_grants=False,
        every=SimpleNamespace(month=10, years=1),
        domestic_buyers_invited=1500 * times,
        foreign_buyers_invited=120 * times,
    )


def policy(
    identifier: str, kind: str, name: str, name_zh: str, start: str, end: str | None = None, **more: Any
) -> Policy:
    """A policy whose terms are a bare namespace."""
    terms = more.pop(
        "terms",
        fair_terms(1)
        if kind == "fair"
        else SimpleNamespace(type_name=kind, foresight=0, plans_to_the_end=False, awards_grants=kind == "fund"),
    )
    versions = ((month(start), terms), *((month(at), changed) for at, changed in more.pop("changes", ())))
    return Policy(
        id=identifier,
        type=kind,
        name=name,
        name_zh=name_zh,
        source="hypothetical",
        where=("yongnian",),
        start=month(start),
        end=None if end is None else month(end),
        payer=more.pop("payer", {"county": 1.0}),
        versions=versions,
        **more,
    )


def baseline_policies() -> tuple[Policy, ...]:
    """Park, fair and stands abroad, as in Yongnian."""
    return (
        policy("park", "park", "Fastener industrial park", "标准件产业园", "2017-06", assumed=("start", "plots")),
        policy(
            "fair", "fair", "China Yongnian International Sourcing Fair of Fasteners", "中国·永年国际紧固件采购会",
            "2021-10", assumed=("start", "booths"),
        ),
        policy("going-out", "exhibition", "Stands at fairs abroad", "组织企业境外参展", "2022-01"),
    )  # fmt: skip


def whatif_policies() -> tuple[Policy, ...]:
    """The same with the fair doubled and an equipment fund."""
    park, fair, out = baseline_policies()
    changed = Policy(**{**fair.__dict__, "versions": (*fair.versions, (month("2026-01"), fair_terms(2)))})
    fund = policy(
        "upgrade-fund", "fund", "Equipment upgrade fund", "技术改造专项资金", "2026-01", "2028-12",
        payer={"county": 0.6, "province": 0.4},
    )  # fmt: skip
    return (park, changed, out, fund)


def scenario(identifier: str, policies: tuple[Policy, ...], **more: Any) -> Scenario:
    """A scenario of Yongnian from 2017 to 2030."""
    names = {
        "yongnian-2023": ("Yongnian fasteners: policies in force at the end of 2023", "永年紧固件：2023年底在行政策"),
        "yongnian-fair2x-fund200m": (
            "Double the fair + 200 million yuan a year for equipment upgrades", "采购会规模翻番＋每年2亿元技改资金",
        ),
    }  # fmt: skip
    name, name_zh = names.get(identifier, (identifier, ""))
    flat = np.ones(14 * 12)
    defaults: dict[str, Any] = {
        "id": identifier,
        "name": name,
        "name_zh": name_zh,
        "kind": "baseline" if identifier == "yongnian-2023" else "what-if",
        "question": "",
        "baseline": None,
        "places": (
            Place(
                "yongnian", "Yongnian District, Handan City, Hebei", "河北省邯郸市永年区", "130408", "fasteners",
                "紧固件（标准件）", SimpleNamespace(output_value=4.2e10, headline_total=4.2e10),
            ),
        ),
        "world": World("central", "central", "中间情形", month("2017-01"), flat, flat, flat, flat, flat, flat),
        "time": TimeSpan(month("2017-01"), month("2024-10"), month("2030-12")),
        "replicates": 100,
        "seed": 20250108,
        "firms_per_agent": 20,
        "policies": policies,
    }  # fmt: skip
    return Scenario(**(defaults | more))


@dataclass
class FakeRun:
    """A run whose numbers are hashes of (variable, replicate, month)."""

    scenario: Scenario
    count: int = 24
    effects: dict[str, float] = field(default_factory=dict)
    """Relative difference from the baseline by 2030, by variable; empty for the baseline."""
    starts: str = "2026-01"
    calibration: str | None = None
    scope: dict[str, float] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)
    skip: tuple[int, ...] = ()
    noise: float = 0.35
    """Spread of the difference over runs, relative to its size."""
    levels: dict[str, float] = field(default_factory=dict)
    folder: Path = Path("results/runs/x/3f9a2c1d")

    def __post_init__(self) -> None:
        code = "81be07aa" if self.effects else "3f9a2c1d"
        self.folder = Path("results/runs") / self.scenario.id / code
        self._cache: dict[str, np.ndarray] = {}

    @property
    def scenario_id(self) -> str:
        return self.scenario.id

    @property
    def manifest(self) -> dict[str, Any]:
        draws = self.calibration or ""
        code = "d1" if draws else "none"
        identity = {
            "seed": self.scenario.seed,
            "parameters_hash": "p1",
            "draws": draws,
            "draws_hash": code,
            "places_hash": "e1",
            "world_hash": "w1",
            "model_version": 1,
            "firms_per_agent": self.scenario.firms_per_agent,
            "layout_hash": "l1",
        }
        return {
            "identity": identity, "draws": {"calibration": draws, "hash": code}, "reference": self.scenario.id,
            "seed": self.scenario.seed, "overrides": [], "replicates": {"asked": self.count},
            "firms_per_agent": self.scenario.firms_per_agent,
        }  # fmt: skip

    @property
    def id(self) -> str:
        return f"{self.scenario.id}/{self.folder.name}"

    @property
    def replicates(self) -> np.ndarray:
        return np.array([r for r in range(self.count) if r not in self.skip])

    @property
    def months(self) -> np.ndarray:
        return np.arange(self.scenario.time.start, self.scenario.time.end + 1)

    @property
    def first_month(self) -> int:
        return self.scenario.time.start

    @property
    def years(self) -> np.ndarray:
        return np.arange(self.scenario.time.start // 12, (self.scenario.time.end + 1) // 12)

    @property
    def places(self) -> list[str]:
        return [place.id for place in self.scenario.places]

    def monthly(self, variable: str, place: str | None = None) -> np.ndarray:
        if variable not in self._cache:
            self._cache[variable] = np.stack([self._path(variable, int(r)) for r in self.replicates])
        return self._cache[variable]

    def _path(self, variable: str, replicate: int) -> np.ndarray:
        item = OBSERVABLES[INDEX[variable]]
        effect = self.effects.get(variable, 0.0)
        gain = effect * (1.0 + self.noise * normal("effect", variable, replicate)) if effect else 0.0
        if effect:
            gain += abs(effect) * 0.3 * self.noise * normal("luck", variable, replicate)
        if effect and abs(effect) < 0.005:
            gain += abs(effect) * normal("wobble", variable, replicate)
        ramp = np.clip((self.months - month(self.starts) + 1) / 48, 0.0, 1.0)
        own = variable if variable in LEVELS else "other"
        level = (LEVELS | self.levels).get(variable, 100.0)
        value = level * growth(own, replicate, int(self.months[0]), int(self.months[-1])) * (1.0 + gain * ramp)
        if item.aggregate != "sum":
            return value
        calendar = self.months % 12
        if variable.startswith("fair_") and variable not in ("fair_delivered", "fair_repeat_orders"):
            return np.where((calendar == 9) & (self.months >= month("2021-10")), value, 0.0)
        return value * np.where(calendar <= 1, 0.7, 1.06) / 12

    def annual(self, variable: str, place: str | None = None) -> np.ndarray:
        values = self.monthly(variable).reshape(len(self.replicates), len(self.years), 12)
        aggregate = OBSERVABLES[INDEX[variable]].aggregate
        return (
            values.sum(axis=2)
            if aggregate == "sum"
            else values[:, :, -1]
            if aggregate == "last"
            else values.mean(axis=2)
        )

    def money(self) -> np.ndarray:
        yearly = {"park": 1.1e8, "fair": 0.09e8, "going-out": 0.03e8, "upgrade-fund": 2.0e8}
        result = np.zeros((len(self.replicates), len(self.months), len(self.scenario.policies), 2, len(MONEY_STAGES)))
        shares = {"promised": 1.0, "claimed": 0.95, "granted": 0.88, "paid": 0.86, "unmet": 0.0, "returned": 0.0}
        for k, item in enumerate(self.scenario.policies):
            for position, number in enumerate(self.months):
                if number < item.start or (item.end is not None and number > item.end):
                    continue
                amount = yearly.get(item.id, 1e7) / 12
                if item.id == "park" and number > month("2020-12"):
                    amount = 4e6 / 12
                if len(item.versions) > 1 and number >= item.versions[1][0]:
                    amount *= 2
                for j, payer in enumerate(PAYERS):
                    for s, stage in enumerate(MONEY_STAGES):
                        share = shares[stage] if item.type == "fund" else float(stage not in ("unmet", "returned"))
                        result[:, position, k, j, s] = amount * share * item.payer.get(payer, 0.0)
        return result

    @property
    def fund(self) -> int:
        return next((i for i, policy in enumerate(self.scenario.policies) if policy.type == "fund"), -1)

    def granted(self, slot: int, replicate: int) -> bool:
        return self.fund >= 0 and normal("grant", slot, replicate) > -0.2

    def purchases(self, replicate: int) -> np.ndarray:
        bought = [s for s in range(40) if self.granted(s, replicate) or normal("bought", s, replicate) > 0.1]
        return np.array([(slot, 0, month("2026-09"), 1e7) for slot in bought], dtype=PURCHASE)

    def awards(self, replicate: int) -> np.ndarray:
        won = [slot for slot in range(40) if self.granted(slot, replicate)]
        return np.array(
            [(s, 0, month("2026-09"), self.fund, 1.0, 3e7 + 3e6 * s, 40.0, 1e7, 2e6) for s in won], dtype=AWARD
        )

    def take_up(self) -> np.ndarray:
        shape = (len(self.replicates), len(self.years), len(self.scenario.policies), len(TAKE_UP), 2)
        found = np.zeros(shape)
        if self.fund >= 0:
            numbers = {"calls": 1, "eligible": 40, "no_project": 10, "no_own_money": 5, "applied": 25, "granted": 22,
                       "not_chosen": 3, "paid": 22}  # fmt: skip
            for outcome, number in numbers.items():
                found[:, np.isin(self.years, (2026, 2027)), self.fund, TAKE_UP.index(outcome)] = number, 2e6 * number
        return found

    markets = Run.markets

    def elsewhere(self) -> np.ndarray:
        """What the place does not sell of a fixed sum that buyers on each side spend."""
        won = [self.monthly(f"{side}_orders") for side in ("domestic", "foreign")]
        return np.stack([1e12 - orders for orders in won], axis=-1)[:, :, None]

    def tracked(self, replicate: int) -> np.ndarray:
        return np.zeros(0, dtype=TRACKED)

    def anchor_names(self) -> list[str]:
        return [f"scope_{name}" for name in self.scope]

    def anchors(self, name: str) -> np.ndarray:
        return np.full((len(self.replicates), 1), self.scope[name.removeprefix("scope_")])


def pair(count: int = 24, **more: Any) -> tuple[FakeRun, FakeRun]:
    """Scenario and baseline."""
    effects = more.pop("effects", EFFECTS)
    both = {key: more.pop(key) for key in ("calibration", "scope", "levels") if key in more}
    b = FakeRun(scenario("yongnian-fair2x-fund200m", whatif_policies()), count, effects, **more, **both)
    return b, FakeRun(scenario("yongnian-2023", baseline_policies()), count, **both)
