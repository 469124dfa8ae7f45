"""The expected outcome beside each scenario: what it is made of, how it is written and read.

A scenario says what is put in; ``scenarios/expected/`` says what came out when the file was last written. A change
of the model that moves outcomes shows there as changed figures, for a reader to accept or to question.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.model import simulate_together
from sim.observables import INDEX, OBSERVABLES
from sim.parameters import load_parameters
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.scenario.resolved import Scenario
from sim.state import draws
from sim.state.record import ReplicateRecord
from sim.workspace import library_root

REPLICATES, OF_VARIANTS = 4, 1
"""Replicates of a scenario, and of each of its variants."""
FIRMS_PER_AGENT = 50
MANY_PLACES = 20
YEARS_AFTER = 3
"""Simulated years after the last reported month; all that scenarios change begins within them."""
SHOWN = (
    "output_value", "exports", "tax_paid", "employment", "businesses", "above_scale_firms", "national_share",
    "profit_rate", "investment", "fair_intended_orders", "park_plots_used", "fund_paid", "public_money_paid",
)  # fmt: skip
RATIOS = ("share", "index", "yuan/year")
HEADER = """\
# What {reference} led to when this file was written: yearly means over replicates (one digest each), {scale},
# parameters of calibration/priors.toml. Written by  python -m tests.update_expected
"""


@dataclass(frozen=True)
class Expected:
    """Yearly means by observable, and the digest of each replicate's final state: the same on every machine."""

    years: list[int]
    digests: list[str]
    figures: dict[str, list[float]]


def folder() -> Path:
    """Return the folder of expected outcomes."""
    return library_root() / "scenarios" / "expected"


@cache
def families() -> tuple[tuple[str, ...], ...]:
    """Return every scenario of the project and every variant in its file, those of the same places together."""
    found: dict[tuple[object, ...], list[str]] = {}
    for path in sorted((library_root() / "scenarios").glob("*.toml")):
        loaded = load(path.stem)
        where = (*(place.id for place in loaded.scenario.places), loaded.scenario.world.id)
        found.setdefault(where, []).extend([path.stem, *(f"{path.stem}:{variant}" for variant in loaded.variants)])
    return tuple(tuple(family) for family in found.values())


def references() -> list[str]:
    """Return every scenario of the project and every variant in its file."""
    return [reference for family in families() for reference in family]


def path_of(reference: str) -> Path:
    """Return the file of a scenario or variant."""
    return folder() / f"{reference.replace(':', '--')}.toml"


def outcome(reference: str, first: int | None = None) -> Expected:
    """Simulate a scenario and return its outcome, or that of its first replicates alone."""
    return outcomes([reference], first)[reference]


def outcomes(family: Sequence[str], first: int | None = None) -> dict[str, Expected]:
    """Simulate scenarios of one seed, a past in common once, and return their outcomes by reference."""
    scenarios = {reference: reduced(load(reference).scenario) for reference in family}
    (seed,) = {scenario.seed for scenario in scenarios.values()}
    records: dict[str, list[ReplicateRecord]] = {reference: [] for reference in family}
    for number in range(REPLICATES):
        asked = [reference for reference in family if number < (first or replicates(reference))]
        runs = [
            (realise(scenarios[reference], number), load_parameters(scenarios[reference].parameters))
            for reference in asked
        ]
        for position, record in simulate_together(runs, draws.replicate_seed(seed, number)):
            if isinstance(record, Exception):
                raise record
            records[asked[position]].append(record)
    return {reference: _summary(found) for reference, found in records.items()}


def _summary(records: list[ReplicateRecord]) -> Expected:
    # Whole calendar years alone, as everywhere in the project.
    skipped = -records[0].first_month % 12
    months = np.mean([over_places(record.monthly) for record in records], axis=0)[skipped:]
    months = months[: months.shape[0] // 12 * 12].reshape(-1, 12, len(OBSERVABLES))
    first_year = (records[0].first_month + skipped) // 12
    how = {"sum": months.sum(axis=1), "last": months[:, -1], "mean": months.mean(axis=1)}
    return Expected(
        years=list(range(first_year, first_year + months.shape[0])),
        digests=[record.digest for record in records],
        figures={name: how[OBSERVABLES[INDEX[name]].aggregate][:, INDEX[name]].tolist() for name in SHOWN},
    )


def reduced(scenario: Scenario) -> Scenario:
    """Return a scenario for fewer months and, unless it has many places or few firms, with larger agents."""
    many = len(scenario.places) > MANY_PLACES
    size = scenario.firms_per_agent if many else max(scenario.firms_per_agent, FIRMS_PER_AGENT)
    end = min(scenario.time.end, scenario.time.reported_until + 12 * YEARS_AFTER)
    return replace(scenario, firms_per_agent=size, time=replace(scenario.time, end=end))


def replicates(reference: str) -> int:
    """Return how many replicates stand behind an outcome."""
    return OF_VARIANTS if ":" in reference else REPLICATES


def over_places(monthly: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum over places, shape (months, observables); of ratios the mean, weighted by output."""
    output = monthly[:, :, INDEX["output_value"]]
    weights = output / output.sum(axis=1, keepdims=True)
    ratios = np.array([item.unit in RATIOS for item in OBSERVABLES])
    totals: NDArray[np.float64] = monthly.sum(axis=1)
    totals[:, ratios] = (monthly[:, :, ratios] * weights[:, :, None]).sum(axis=1)
    return totals


def text(reference: str, expected: Expected) -> str:
    """Return an outcome as TOML; figures are written in full, so that they are read back as they were."""
    size = reduced(load(reference).scenario).firms_per_agent
    lines = [HEADER.format(reference=reference, scale=f"one agent for at most {size} firms")]
    lines += [f"years   = {expected.years}", f"digests = {expected.digests}".replace("'", '"'), "", "[figures]"]
    for name, values in expected.figures.items():
        lines.append(f"# {OBSERVABLES[INDEX[name]].label}, {OBSERVABLES[INDEX[name]].unit}")
        lines.append(f"{name} = [{', '.join(repr(value) for value in values)}]")
    return "\n".join(lines) + "\n"


def read(reference: str) -> Expected:
    """Return the outcome written beside a scenario."""
    return Expected(**tomllib.loads(path_of(reference).read_text(encoding="utf-8")))
