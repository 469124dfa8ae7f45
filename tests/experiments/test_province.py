"""Hebei's 269 clusters in one run: what counties' rows hold adds up to the province, to the yuan."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict

import numpy as np
import pytest

from sim.experiments import Run, run_ensemble
from sim.experiments.tables import ALL_PLACES
from sim.observables import OBSERVABLES

SMALL = ("time.start=2019-01", "time.end=2019-12", "time.reported_until=2019-12")
YEAR = "2019"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return one replicate of the year the province reported, at a small scale."""
    out = tmp_path_factory.mktemp("hebei")
    (made,) = run_ensemble(["hebei-clusters-2019"], 1, 1, firms_per_agent=1000, overrides=list(SMALL), out=out)
    return made


@pytest.fixture(scope="module")
def counties(run: Run) -> dict[str, dict[str, float]]:
    """Return the yearly table: value by observable and county."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    with gzip.open(run.folder / "annual.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["year"] == YEAR
            assert row["place"] not in found[row["variable"]]
            found[row["variable"]][row["place"]] = float(row["value"] or "nan")
    return found


@pytest.fixture(scope="module")
def province(run: Run) -> dict[str, list[float]]:
    """Return the monthly table of all counties together: months by observable."""
    found: dict[str, list[float]] = defaultdict(list)
    with gzip.open(run.folder / "monthly.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["place"] == ALL_PLACES
            found[row["variable"]].append(float(row["value"] or "nan"))
    return found


def test_every_county_has_a_row(run: Run, counties: dict[str, dict[str, float]]) -> None:
    assert len(run.places) == 269
    for values in counties.values():
        assert list(values) == run.places
    assert sum(count > 0.0 for count in counties["operating_revenue"].values()) == 269


@pytest.mark.parametrize("name", [item.name for item in OBSERVABLES if item.unit == "yuan" and item.aggregate == "sum"])
def test_money_of_the_counties_is_that_of_the_province_to_the_yuan(
    counties: dict[str, dict[str, float]], province: dict[str, list[float]], name: str
) -> None:
    assert sum(counties[name].values()) == pytest.approx(sum(province[name]), abs=0.5)


@pytest.mark.parametrize("name", ["employment", "businesses", "makers", "above_scale_firms"])
def test_heads_of_the_counties_are_those_of_the_province(
    counties: dict[str, dict[str, float]], province: dict[str, list[float]], name: str
) -> None:
    assert sum(counties[name].values()) == pytest.approx(province[name][-1], abs=1e-3)
    assert province[name][-1] > 0.0


def test_python_gives_the_same_province(run: Run, province: dict[str, list[float]]) -> None:
    months = run.monthly("operating_revenue")
    assert months.shape == (1, 12)
    assert months[0] == pytest.approx(np.array(province["operating_revenue"]), abs=0.5)
    assert 1e12 < months.sum() < 3e12
