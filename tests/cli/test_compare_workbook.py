"""The workbook that ``countysim compare`` writes: its language, leaving it out, and a file in the way."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

import sim.experiments
from sim.cli.main import app
from tests.compare.fake_run import make_pair

FOLDER = Path("compare") / "b--vs--a--01234567-fedcba98"


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> None:
    b, a = make_pair(20)
    monkeypatch.setattr(sim.experiments, "find_run", lambda name, *_, **__: {"b": b, "a": a}[name])


def call(tmp_path: Path, *words: str) -> Any:
    result = CliRunner().invoke(app, ["compare", "b", "a", *words, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize(("words", "first"), [((), "结论"), (("--lang", "zh"), "结论"), (("--lang", "en"), "Summary")])
def test_language(tmp_path: Path, words: tuple[str, ...], first: str) -> None:
    call(tmp_path, *words)
    assert openpyxl.load_workbook(tmp_path / FOLDER / "compare.xlsx").sheetnames[0] == first


def test_left_out_when_asked(tmp_path: Path) -> None:
    call(tmp_path, "--no-xlsx")
    assert not list((tmp_path / FOLDER).glob("*.xlsx"))
    assert (tmp_path / FOLDER / "compare.csv").is_file()


def test_a_file_in_the_way_is_kept_and_said(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir(parents=True)
    open_file = tmp_path / FOLDER / "compare.xlsx"
    open_file.write_bytes(b"somebody is reading this")
    open_file.chmod(stat.S_IRUSR)
    result = call(tmp_path)
    assert "E21 " in result.stderr
    assert "written to compare (2).xlsx instead" in result.stderr
    assert open_file.read_bytes() == b"somebody is reading this"
    assert openpyxl.load_workbook(tmp_path / FOLDER / "compare (2).xlsx").sheetnames[0] == "结论"
