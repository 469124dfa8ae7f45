"""Tidy tables and netCDF: values of the runs, whole files, and a clear word about packages that are missing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray

from sim.errors import UserError
from sim.experiments import dataset, run_ensemble
from sim.report import export as formats
from sim.report.export import export
from tests.experiments.toys import toybox


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("export")
    return run_ensemble(["toy", "toy-b"], 3, 1, out=out, toolbox=toybox())


@pytest.mark.parametrize("period", ["year", "month"])
def test_csv_equals_the_tables_of_the_run(runs: Any, tmp_path: Path, period: Any) -> None:
    run = runs[0]
    (path,) = export(run, None, "csv", results=tmp_path, file=tmp_path / "x.csv", period=period)
    name = "annual" if period == "year" else "monthly"
    keys = ["place", "variable", period, "replicate"]
    ours = pd.read_csv(path).sort_values(keys, ignore_index=True)
    theirs = pd.read_csv(run.folder / f"{name}.csv.gz")
    pd.testing.assert_frame_equal(ours, theirs.sort_values(keys, ignore_index=True), rtol=1e-14, atol=0.0)
    assert path.read_bytes().startswith(
        f"run,scenario,place,variable,unit,{period},replicate,draw,seed,value\n".encode()
    )


def test_both_runs_stand_in_one_file(runs: Any, tmp_path: Path) -> None:
    (path,) = export(runs[1], runs[0], "csv", results=tmp_path, file=tmp_path / "deep" / "both.csv")
    frame = pd.read_csv(path)
    assert list(dict.fromkeys(frame["scenario"])) == ["toy-b", "toy"]
    east = frame.query("scenario == 'toy' and place == 'east' and variable == 'exports' and year == 2021")
    assert east["value"].to_numpy() == pytest.approx(runs[0].annual("exports", "east")[:, 0], rel=1e-15)


def test_without_a_file_a_run_is_exported_into_its_own_folder(runs: Any, tmp_path: Path) -> None:
    (path,) = export(runs[0], None, "csv", results=tmp_path)
    assert path == runs[0].folder / "annual.csv"
    path.unlink()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_the_users_to_mend(runs: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .* choose another file with -o"):
        export(runs[0], None, "csv", results=tmp_path, file=tmp_path / "file" / "x.csv")


def test_half_a_file_is_never_left(runs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        yield from ()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(formats, "frames", fails)
    with pytest.raises(UserError, match="No space left"):
        export(runs[0], None, "csv", results=tmp_path, file=tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "module"), [("parquet", "pyarrow"), ("netcdf", "netCDF4")])
def test_a_missing_package_is_named_with_its_extra(
    runs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Any, module: str
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None if name == module else find_spec(name))
    with pytest.raises(UserError, match=rf"--format {form} needs {module}") as caught:
        export(runs[0], None, form, results=tmp_path, file=tmp_path / "x")
    assert f"pip install 'countysim[{form}]'" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_parquet_holds_the_same_table(runs: Any, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra countysim[parquet] is not installed")
    (table,) = export(runs[1], runs[0], "parquet", results=tmp_path, file=tmp_path / "x.parquet")
    (text,) = export(runs[1], runs[0], "csv", results=tmp_path, file=tmp_path / "x.csv")
    frame = pd.read_parquet(table)
    plain = pd.read_csv(text)
    assert list(frame.columns) == list(plain.columns)
    np.testing.assert_allclose(frame["value"], plain["value"], rtol=1e-14)
    assert list(frame["seed"].astype(str)) == list(plain["seed"].astype(str))


def test_netcdf_holds_the_dataset(runs: Any, tmp_path: Path) -> None:
    pytest.importorskip("netCDF4", reason="the extra countysim[netcdf] is not installed")
    (path,) = export(runs[1], runs[0], "netcdf", results=tmp_path, file=tmp_path / "x.nc")
    with xarray.open_dataset(path, engine="netcdf4") as found:
        xarray.testing.assert_allclose(found.load(), dataset([runs[1], runs[0]]))


def test_netcdf_is_compressed_and_complete(runs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def write(self: xarray.Dataset, path: Path, **options: Any) -> None:
        asked.update(options, names=set(self.data_vars))
        path.write_bytes(b"netcdf")

    monkeypatch.setattr("sim.report.export.require", lambda *_: None)
    monkeypatch.setattr(xarray.Dataset, "to_netcdf", write)
    (path,) = export(runs[0], None, "netcdf", results=tmp_path, file=tmp_path / "x.nc")
    assert path.read_bytes() == b"netcdf"
    assert asked["engine"] == "netcdf4"
    assert set(asked["encoding"]) == asked["names"] == set(runs[0].variables)
    assert asked["encoding"]["exports"] == {"zlib": True, "complevel": 1}
