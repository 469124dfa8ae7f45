"""The order in which places are named changes nothing, nor does a place that has nothing to do with the others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.model import simulate
from sim.scenario.content_hash import scenario_hash
from sim.scenario.resolved import Place, Policy, Scenario
from sim.state.record import ReplicateRecord
from tests.model_fixtures import SEED, neighbours, quick_parameters
from tests.policies.every_type import usual

NAMES = ("baigou", "qinghe", "tiny")
INDUSTRIES = ("fasteners", "flanges", "fasteners")
PROVINCES = ("13", "14", "13")


def places() -> dict[str, Place]:
    """Return three small places by id: two of one industry and province, one of another."""
    made = neighbours(*INDUSTRIES, size=(0.3, 0.4, 0.2)).places
    named = zip(NAMES, PROVINCES, made, strict=True)
    return {name: replace(place, id=name, name=name, province=province) for name, province, place in named}


def policies(where: Sequence[str]) -> tuple[Policy, ...]:
    """Return policies that act in each place, in all at once, and that share a province's money."""
    both = {"county": 0.5, "province": 0.5}
    kinds: dict[str, dict[str, Any]] = {
        "training": {}, "fair": {"every": {"month": 2}}, "fund": {"call_months": (1, 3)},
        "cloud_drive": {"firms": 9, "fee_subsidy": 0.5}, "exhibition": {"every": {"month": 3}},
        "project": {"money": "public"}, "designation": {"count": 2, "select": "lottery"},
    }  # fmt: skip
    found = [usual(kind, payer=both if kind != "designation" else {}, **terms) for kind, terms in kinds.items()]
    return tuple(replace(policy, where=tuple(where)) for policy in found)


def among(*names: str, acting: Sequence[str] = NAMES) -> Scenario:
    """Return a scenario of some places named in this order, with policies in those of ``acting``."""
    base, known = neighbours("fasteners", end="2023-06"), places()
    where = [name for name in names if name in acting]
    return replace(base, places=tuple(known[name] for name in names), policies=policies(where))


@cache
def run(*names: str, acting: tuple[str, ...] = NAMES) -> ReplicateRecord:
    """Return the record of a scenario of some places (read only)."""
    return simulate(among(*names, acting=acting), quick_parameters(), SEED)


def of_place(record: ReplicateRecord, name: str, *names: str) -> Any:
    """Return the observables of a place by month."""
    return record.monthly[:, sorted(names).index(name)]


@pytest.mark.parametrize("names", list(itertools.permutations(NAMES)))
def test_places_may_be_named_in_any_order(names: tuple[str, ...]) -> None:
    assert scenario_hash(among(*names)) == scenario_hash(among(*NAMES))
    assert [place.id for place in among(*names).places] == list(NAMES)
    assert run(*names).digest == run(*NAMES).digest
    for name in NAMES:
        assert np.array_equal(of_place(run(*names), name, *names), of_place(run(*NAMES), name, *NAMES))
    assert np.array_equal(run(*names).money, run(*NAMES).money)
    assert all(np.array_equal(value, run(*NAMES).anchors[name]) for name, value in run(*names).anchors.items())


@pytest.mark.parametrize(
    ("connected", "other"),
    [
        (("baigou", "tiny"), "qinghe"),
        (("qinghe",), "baigou"),
        (("qinghe",), "tiny"),
    ],
)
def test_an_unconnected_place_leaves_a_place_what_it_was(connected: tuple[str, ...], other: str) -> None:
    """It stands before, between or after them, makes other goods, and lies in another province."""
    alone, joined = run(*connected, acting=connected), run(*connected, other, acting=connected)
    for name in connected:
        assert np.array_equal(of_place(alone, name, *connected), of_place(joined, name, *connected, other)), name
    assert np.array_equal(alone.money, joined.money)
