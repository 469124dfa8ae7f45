"""``countysim export``: files where asked, one line each, and mistakes answered with exit code 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import sim.experiments
from sim.cli.main import app
from sim.errors import UserError
from tests.experiments.toys import toybox


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("cli-export")
    return {
        run.scenario_id: run for run in sim.experiments.run_ensemble(["toy", "toy-b"], 3, 1, out=out, toolbox=toybox())
    }


@pytest.fixture(autouse=True)
def found(stored: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def find_run(reference: str, out: Path | None = None, **_: Any) -> Any:
        if reference not in stored:
            raise UserError(f"no run of {reference} yet: countysim run {reference}")
        return stored[reference]

    monkeypatch.setattr(sim.experiments, "find_run", find_run)
    monkeypatch.chdir(tmp_path)


def call(*words: str) -> Any:
    return CliRunner().invoke(app, ["export", *words])


def test_iamc_is_the_usual_format_and_writes_two_files(tmp_path: Path) -> None:
    result = call("toy-b", "toy", "-o", "x.csv")
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == ["x.csv", "x_runs.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x_runs.csv"]
    frame = pd.read_csv(tmp_path / "x.csv")
    assert "toy-b minus toy" in set(frame["scenario"])
    assert set(frame["year"]) == {2021, 2022}


def test_wide(tmp_path: Path) -> None:
    assert call("toy", "--wide", "-o", "x.csv").exit_code == 0
    assert list(pd.read_csv(tmp_path / "x.csv").columns)[-2:] == ["2021", "2022"]


def test_months_as_csv(tmp_path: Path) -> None:
    result = call("toy", "--format", "csv", "--months", "-o", "m.csv")
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(tmp_path / "m.csv")
    assert frame["month"].iloc[0] == "2020-04"
    assert frame["replicate"].nunique() == 3


def test_without_a_file_a_pair_goes_to_the_folder_of_its_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.report.export.comparison_folder", lambda _, results: results / "compare" / "b--vs--a")
    monkeypatch.setattr("sim.report.export.compare", lambda *_: None)
    result = call("toy-b", "toy", "--format", "csv", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "compare" / "b--vs--a" / "annual.csv").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("toy", "--format", "xls"), '--format "xls" is not known; choose iamc, csv, parquet, netcdf'),
        (("toy", "--format", "csv", "--wide"), "--wide is for --format iamc"),
        (("toy", "--months"), "iamc has years only"),
        (("toy", "--format", "netcdf", "--months"), "netcdf has months only"),
        (("nothing",), "no run of nothing yet: countysim run nothing"),
        (("toy", "nothing"), "no run of nothing yet: countysim run nothing"),
    ],
)
def test_mistakes_end_with_exit_code_two(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package_ends_with_exit_code_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.export.find_spec", lambda _: None)
    result = call("toy", "--format", "parquet", "-o", "x.parquet")
    assert result.exit_code == 2
    assert "countysim[parquet]" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_lists_it_among_the_readers() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    section = shown[shown.index("Read the result") : shown.index("What was reported")]
    assert "\n  export " in section
