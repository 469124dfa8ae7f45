"""``countysim calibrate`` as a user calls it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.calibrate.fits import read_settings
from sim.cli.main import app

RUNNER = CliRunner()


def call(*arguments: str) -> tuple[int, str]:
    result = RUNNER.invoke(app, ["calibrate", *arguments], prog_name="countysim")
    return result.exit_code, result.output


SMALL = (
    "--first",
    "64",
    "--second",
    "0",
    "--checks",
    "0",
    "--full",
    "0",
    "--cases",
    "0",
    "--scale",
    "50",
    "--steps",
    "600",
    "--jobs",
    "1",
)


@pytest.mark.slow
def test_a_small_fit_of_one_place(tmp_path: Path) -> None:
    where = ("--out", str(tmp_path / "results"), "--fits", str(tmp_path / "fits"), "--id", "small")
    code, said = call("guanxian", *SMALL, *where)
    assert code == 0, said
    assert "64/64" in said
    assert "countysim fit small" in said
    assert sorted(path.name for path in (tmp_path / "fits" / "small").iterdir()) == [
        "diagnostics.json",
        "draws.csv",
        "settings.toml",
    ]
    assert read_settings(tmp_path / "fits" / "small" / "settings.toml").first == (64,)
    code, said = call("guanxian", *SMALL, *where)
    assert code == 2
    assert "small is there already" in said
    code, said = call("guanxian", *SMALL, *where, "--replace")
    assert code == 0
    assert "64 reused" in said or "trials: " not in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name a place, or all"),
        (("nowhere",), "no baseline for nowhere"),
        (("guanxian", "--first", "3"), "--first 3: must be 64 or more"),
        (("guanxian", "--steps", "20"), "--steps 20: must be 200 or more"),
        (("guanxian", "--second", "-1"), "--second -1: must be 0 or more"),
        (("guanxian", "--scale", "0"), "--scale 0: must be 1 or more"),
        (("guanxian", "--checks", "-1"), "--checks -1: must be 0 or more"),
        (("guanxian", "anping", "--id", "x"), "--id names the fit of one place"),
        (("guanxian", "--id", "../x"), "use small letters, digits and hyphens only"),
        (("--settings", "nowhere.toml"), "nowhere.toml  there is no such file"),
        (("guanxian", "--settings", "x.toml"), "name no place beside it"),
    ],
)
def test_wrong_calls_are_told_in_one_message(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    code, said = call(*arguments, "--out", str(tmp_path / "results"), "--fits", str(tmp_path / "fits"))
    assert code == 2
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "fits").exists()


def test_help_teaches() -> None:
    code, said = call("--help")
    assert code == 0
    for words in ("posterior", "countysim calibrate yongnian", "What no figure says"):
        assert words in said
