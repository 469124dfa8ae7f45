"""``countysim plot``: files where asked, and mistakes answered with the way out and exit code 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.cli import main as program
from tests.report import figures_fakes as fakes


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Made-up runs in place of stored ones; the current folder is an empty one."""
    b, a = fakes.pair(24)

    def found(scenarios: list[str], baseline: str, out: Path | None) -> tuple[list[Any], Any]:
        return [b for _ in scenarios], a

    monkeypatch.setattr("sim.cli.common.find_runs", found)
    monkeypatch.chdir(tmp_path)


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        program.main(["plot", *words])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    "words",
    [
        ("fan", "employment", "b", "a"),
        ("diff", "b", "a", "--at", "2029"),
        ("value", "b", "c", "--baseline", "a"),
        ("timeline", "a", "b"),
        ("funnel", "fair", "b", "a", "--year", "2028"),
    ],
    ids=lambda words: words[0],
)
def test_each_figure_is_written_where_asked_and_nowhere_else(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*words, "-o", "图/x.svg", "--lang", "zh") == 0
    assert capsys.readouterr().out == f"{Path('图/x.svg')}\n"
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == ["图/x.svg"]
    assert Path("图/x.svg").read_text(encoding="utf-8").startswith("<svg")


def test_without_a_file_all_formats_go_to_the_folder_of_the_comparison(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("fan", "exports", "b", "a") == 0
    folder = "results/compare/yongnian-fair2x-fund200m--vs--yongnian-2023--3f9a2c1d-81be07aa/figures"
    names = [f"{folder}/01-exports-fan.{ending}" for ending in ("svg", "png", "csv")]
    assert [Path(line).as_posix().split("results/")[1] for line in capsys.readouterr().out.splitlines()] == [
        name.removeprefix("results/") for name in names
    ]
    assert all((tmp_path / name).is_file() for name in names)


def test_another_results_folder_is_used_when_named() -> None:
    assert call("timeline", "a", "b", "--out", "elsewhere") == 0
    assert not Path("results").exists()
    assert len(list(Path("elsewhere/compare").rglob("04-timeline.*"))) == 3


def test_all_figures_go_into_one_folder() -> None:
    assert call("all", "b", "a", "-o", "pictures") == 0
    stems = {path.name.split(".")[0] for path in Path("pictures").iterdir()}
    assert stems == {
        "01-output-fan", "01-employment-fan", "02-differences", "03-value-for-money", "04-timeline", "05-fair-funnel",
    }  # fmt: skip


def test_the_timeline_names_the_baseline_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[str], str]] = []
    b, a = fakes.pair(24)

    def found(scenarios: list[str], baseline: str, out: Path | None) -> tuple[list[Any], Any]:
        asked.append((scenarios, baseline))
        return [b], a

    monkeypatch.setattr("sim.cli.common.find_runs", found)
    assert call("timeline", "first", "second", "-o", "x.csv") == 0
    assert asked == [(["second"], "first")]


def test_the_unit_is_the_readers_choice() -> None:
    assert call("fan", "output_value", "b", "a", "--unit", "亿元", "-o", "x.svg") == 0
    assert "亿元" in Path("x.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fan", "output_valu", "b", "a"), "did you mean output_value?"),
        (("fan", "exports", "b", "a", "--at", "2050"), "2017 to 2030"),
        (("fan", "exports", "b", "a", "--unit", "mile"), "units that do"),
        (("fan", "exports", "b", "a", "--place", "anping"), "they have yongnian"),
        (("fan", "exports", "b", "a", "-o", "x.jpg"), "use .svg, .png or .csv"),
        (("diff", "b", "a", "--at", "1999"), "2017 to 2030"),
        (("value", "b", "a", "--baseline", "a"), "name it once"),
        (("funnel", "fayre", "b", "a"), "did you mean fair?"),
        (("funnel", "fair", "b", "a", "--year", "2030"), "choose --year between 2017 and 2029"),
        (("fan", "exports", "b", "a", "--lang", "fr"), "en, zh"),
    ],
)
def test_mistakes_end_with_code_2_and_the_way_out(
    words: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*words) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").touch()
    assert call("timeline", "a", "b", "-o", "file/x.svg") == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_missing_run_names_the_command_that_makes_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    words = ("fan", "exports", "yongnian-fair2x-fund200m", "yongnian-2023", "--out", "/nonexistent-results")
    assert call(*words) == 2
    error = capsys.readouterr().err
    assert "countysim run yongnian-2023" in error
    assert "countysim run yongnian-fair2x-fund200m" in error
