"""Tidy tables: columns, numbers, equal bytes, flat memory."""

from __future__ import annotations

import csv
import gzip
import tracemalloc

import numpy as np
import pytest

from sim.experiments import run_ensemble
from sim.experiments.tables import size_class_names, write_tables
from sim.observables import OBSERVABLES
from tests.experiments.toys import toybox


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    (found,) = run_ensemble(["toy"], 3, 1, out=tmp_path_factory.mktemp("tables"), toolbox=toybox())
    return found


def rows(run, table):
    with gzip.open(run.folder / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_annual(run):
    found = rows(run, "annual")
    assert list(found[0]) == [
        "run",
        "scenario",
        "place",
        "variable",
        "unit",
        "year",
        "replicate",
        "draw",
        "seed",
        "value",
    ]
    assert len(found) == 3 * 2 * len(OBSERVABLES) * 2
    for row in found:
        row_index = run.years.tolist().index(int(row["year"]))
        expected = run.annual(row["variable"], row["place"])[int(row["replicate"]), row_index]
        assert float(row["value"]) == expected
        assert row["run"] == run.id
        assert row["seed"] == str(toybox().replicate_seed(7, int(row["replicate"])))


def test_monthly_has_empty_cells_for_missing_values(run):
    found = rows(run, "monthly")
    assert list(found[0])[5] == "month"
    assert len(found) == 3 * 2 * len(OBSERVABLES) * 33
    for row in found[::97] + found[4 * 33 : 4 * 33 + 4]:
        month = int(row["month"][:4]) * 12 + int(row["month"][5:]) - 1 - run.first_month
        expected = run.monthly(row["variable"], row["place"])[int(row["replicate"]), month]
        assert (row["value"] == "") == np.isnan(expected)
        assert row["value"] == "" or float(row["value"]) == expected
    assert found[4 * 33]["value"] == ""


def test_firms_by_size_class(run):
    found = rows(run, "firms")
    assert size_class_names() == ("under-1m", "1m-5m", "5m-20m", "20m-100m", "100m-and-over")
    assert len(found) == 3 * 2 * 5 * 5 * 2
    sizes = run.size_classes()
    last = found[-1]
    assert (last["size_class"], last["measure"], last["unit"], last["year"]) == (
        "100m-and-over",
        "exits",
        "count",
        "2022",
    )
    assert float(last["value"]) == sizes[2, -1, 1, 4, 4]


def test_tables_carry_no_time_of_day(run):
    for path in run.folder.glob("*.csv.gz"):
        assert path.read_bytes()[4:8] == b"\0\0\0\0"


def test_no_panel_unless_asked(run):
    assert not (run.folder / "panel.csv.gz").exists()


def peak(found) -> int:
    places = found.places
    tracemalloc.start()
    write_tables(found._files, found.id, found.scenario_id, places, OBSERVABLES, panel=False)
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest


def test_memory_does_not_grow_with_the_replicates(tmp_path):
    (few,) = run_ensemble(["toy"], 10, 1, out=tmp_path, toolbox=toybox())
    small = peak(few)
    (many,) = run_ensemble(["toy"], 60, 1, out=tmp_path, toolbox=toybox())
    assert len(many.replicates) == 60
    assert peak(many) < 1.2 * small
