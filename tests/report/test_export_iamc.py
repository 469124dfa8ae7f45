"""The IAMC files: names and units of every variable, quantiles, differences, round trip with pandas."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.errors import UserError
from sim.observables import OBSERVABLES, observable
from sim.report import export as formats
from sim.report.export import PROVINCES, QUANTILES, Name, export, industry, name_of, region, region_of_all
from tests.compare.fake_run import make_pair, make_place, make_policy, make_scenario, two_places
from tests.report import figures_fakes as fakes

COLUMNS = ["model", "scenario", "region", "variable", "unit", "year", "value"]
HEAD = COLUMNS[:5]
DESIGNED = {
    "output_value": ("Output Value|Fasteners", "million CNY (current prices)", 1e6),
    "operating_revenue": ("Operating Revenue|Fasteners", "million CNY", 1e6),
    "value_added": ("Value Added|Fasteners", "million CNY", 1e6),
    "tax_paid": ("Tax Paid|Fasteners", "million CNY", 1e6),
    "employment": ("Employment|Fasteners", "persons", 1.0),
    "businesses": ("Businesses|Fasteners", "count", 1.0),
    "above_scale_firms": ("Businesses|Fasteners|Above Scale", "count", 1.0),
    "exports": ("Exports|Fasteners", "million CNY", 1e6),
    "fair_contacts": ("Fair|Contacts", "count", 1.0),
    "fair_intended_orders": ("Fair|Intended Orders", "million CNY", 1e6),
    "fair_contracts": ("Fair|Contracts", "million CNY", 1e6),
    "fair_delivered": ("Fair|Delivered", "million CNY", 1e6),
    "fair_repeat_orders": ("Fair|Repeat Orders", "million CNY", 1e6),
    "park_plots_used": ("Park|Plots Used", "count", 1.0),
    "discharge_untreated": ("Emissions|Untreated Discharge", "kt", 1e3),
    "fund_paid": ("Public Money|Fund|Paid", "million CNY", 1e6),
}


@pytest.fixture(scope="module")
def runs() -> Any:
    return fakes.pair(24)


@pytest.fixture(scope="module")
def written(runs: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("iamc")
    paths = export(*runs, "iamc", results=folder, file=folder / "iamc.csv")
    assert paths == [folder / "iamc.csv", folder / "iamc_runs.csv"]
    return folder


@pytest.mark.parametrize("name", DESIGNED)
def test_names_and_units_as_designed(written: Path, runs: Any, name: str) -> None:
    variable, unit, divisor = DESIGNED[name]
    frame = pd.read_csv(written / "iamc.csv")
    rows = frame[(frame["variable"] == f"{variable}|50th Percentile") & (frame["year"] == 2030)]
    (row,) = rows[rows["scenario"] == "yongnian-2023"].to_dict("records")
    assert row["unit"] == unit
    assert row["region"] == "China|Hebei|Yongnian"
    assert row["value"] * divisor == pytest.approx(np.median(runs[1].annual(name)[:, -1]), rel=1e-12)


def test_every_observable_has_a_name_of_its_own_and_a_unit_that_fits() -> None:
    names = {item.name: name_of(item) for item in OBSERVABLES}
    assert all(item.iamc for item in OBSERVABLES)
    assert len({name.of("X") for name in names.values()}) == len(names)
    plain = {"yuan": "million CNY", "persons": "persons", "count": "count", "tonnes": "kt", "share": "share",
             "index": "index", "yuan/year": "CNY/yr"}  # fmt: skip
    for key, name in names.items():
        assert name.unit.partition(" (")[0] == plain[observable(key).unit], key
        assert name.factor == {"million CNY": 1e-6, "kt": 1e-3}.get(plain[observable(key).unit], 1.0)


def test_an_observable_that_declares_no_name_goes_by_its_label() -> None:
    new = replace(observable("exports"), name="green_sales", label="green sales", unit="yuan", iamc="")
    assert name_of(new) == Name("Green Sales|{}", "million CNY", 1e-6)


def test_round_trip_with_pandas(written: Path, runs: Any) -> None:
    raw = (written / "iamc.csv").read_bytes()
    assert raw.startswith(b"model,scenario,region,variable,unit,year,value\n")
    frame = pd.read_csv(io.BytesIO(raw))
    assert list(frame.columns) == COLUMNS
    assert not frame.duplicated(COLUMNS[:-1]).any()
    assert frame.notna().all(axis=None)
    made = formats.summary(*runs)
    np.testing.assert_allclose(frame["value"], made["value"], rtol=1e-14)
    assert (frame[HEAD] == made[HEAD]).all(axis=None)
    first = next(csv.reader(io.StringIO(raw.decode())))
    assert first == COLUMNS


def test_scenarios_and_quantiles(written: Path) -> None:
    frame = pd.read_csv(written / "iamc.csv")
    b, a = "yongnian-fair2x-fund200m", "yongnian-2023"
    assert set(frame["scenario"]) == {b, a, f"{b} minus {a}"}
    endings = {name.rpartition("|")[2] for name in frame["variable"]}
    assert endings == set(QUANTILES.values())
    assert set(frame["model"]) == {"countysim 0.1.0"}


def test_differences_are_taken_run_by_run(written: Path, runs: Any) -> None:
    frame = pd.read_csv(written / "iamc.csv")
    apart = (runs[0].annual("employment") - runs[1].annual("employment"))[:, -1]
    rows = frame[frame["scenario"].str.contains(" minus ") & (frame["year"] == 2030)]
    value = rows.set_index("variable")["value"]["Employment|Fasteners|95th Percentile"]
    assert value == pytest.approx(np.quantile(apart, 0.95), rel=1e-12)


def test_single_runs_carry_their_replicate(written: Path, runs: Any) -> None:
    frame = pd.read_csv(written / "iamc_runs.csv")
    assert list(frame.columns) == [*HEAD, "replicate", "year", "value"]
    rows = frame[(frame["scenario"] == "yongnian-2023") & (frame["variable"] == "Exports|Fasteners")]
    spread = rows.pivot(index="replicate", columns="year", values="value").to_numpy()
    assert spread * 1e6 == pytest.approx(runs[1].annual("exports"), rel=1e-12)
    assert not frame["variable"].str.contains("Percentile").any()


def test_wide_has_a_column_for_each_year(runs: Any, tmp_path: Path) -> None:
    for path in export(*runs, "iamc", results=tmp_path, file=tmp_path / "wide.csv", wide=True):
        frame = pd.read_csv(path)
        keys = [*HEAD, "replicate"] if path.stem.endswith("_runs") else HEAD
        assert list(frame.columns) == [*keys, *(str(year) for year in range(2017, 2031))]
        assert not frame.duplicated(keys).any()
    long = pd.read_csv(tmp_path / "wide.csv").melt(HEAD, var_name="year")
    assert len(long.dropna()) == len(formats.summary(*runs))


def test_one_run_alone_has_no_differences(runs: Any) -> None:
    frame = formats.summary(runs[0])
    assert set(frame["scenario"]) == {"yongnian-fair2x-fund200m"}


def test_below_twenty_runs_only_median_and_mean() -> None:
    b, a = fakes.pair(12)
    endings = {name.rpartition("|")[2] for name in formats.summary(b, a)["variable"]}
    assert endings == {"50th Percentile", "Mean"}


def test_several_places_and_their_sum() -> None:
    places = two_places()
    a = make_scenario("a", places=places)
    b = make_scenario("b", places=places, policies=(make_policy(where=("north",)),))
    frame = formats.summary(*make_pair(20, scenario_a=a, scenario_b=b))
    assert set(frame["region"]) == {"China|Shanxi|South", "China|Shanxi|North", "China|Shanxi|2 Places"}
    assert not frame.duplicated(COLUMNS[:-1]).any()


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("Yongnian District, Handan City, Hebei", "130408", "China|Hebei|Yongnian"),
        ("Anping County", "131125", "China|Hebei|Anping"),
        ("=A|B\n County", "140902", "China|Shanxi|=A B"),
        ("Nowhere", "99", "China|Nowhere"),
    ],
)
def test_regions(name: str, code: str, expected: str) -> None:
    assert region(make_place(name=name, admin_code=code)) == expected


def test_industry_and_provinces() -> None:
    assert industry([make_place(industry="wire-mesh")]) == "Wire Mesh"
    assert industry([make_place(), make_place("other", industry="bearings")]) == "All Industries"
    assert region_of_all([make_place(), make_place("x", admin_code="140902")]) == "China|2 Places"
    assert (len(PROVINCES), PROVINCES["37"]) == (34, "Shandong")


def test_runs_that_are_not_the_same_futures_are_refused(runs: Any) -> None:
    other = fakes.pair(24, calibration="fit-1")[1]
    with pytest.raises(UserError):
        formats.summary(runs[0], other)


def test_equal_runs_give_equal_files(written: Path, tmp_path: Path) -> None:
    again = export(*fakes.pair(24), "iamc", results=tmp_path, file=tmp_path / "again.csv")
    assert again[0].read_bytes() == (written / "iamc.csv").read_bytes()
    assert again[1].read_bytes() == (written / "iamc_runs.csv").read_bytes()
