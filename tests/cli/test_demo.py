from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.cli import demo
from sim.cli import main as program
from sim.cli.common import chosen_language
from sim.compare import compare
from tests.compare.fake_run import make_pair


def run_demo(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        program.main(["demo", "--no-open", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses a browser was asked to open."""
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", asked.append)
    return asked


@pytest.mark.slow
def test_the_demo_prints_the_answer_and_writes_tables_and_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], opened: list[str]
) -> None:
    assert run_demo("-n", "2", "--scale", "200", "--jobs", "1", "--out", str(tmp_path)) == 0
    text = capsys.readouterr().out
    assert text.startswith("Demo: Yongnian fasteners, small firms in groups of 200, 2 paired replicates\n")
    assert "In 2030, with B instead of A (2 paired runs; demo size, for looking, not for deciding):" in text
    assert "next     countysim run yongnian-2023 yongnian-fair2x-fund200m -n 100   (about " in text
    (folder,) = (tmp_path / "compare").iterdir()
    assert folder.name.startswith("yongnian-fair2x-fund200m--vs--yongnian-2023--")
    assert folder.name.endswith("--demo")
    written = {path.name for path in folder.iterdir()}
    assert {"compare.csv", "compare.zh.csv", "summary.txt", "summary.zh.txt"} <= written
    assert len([name for name in written if name.endswith(".svg")]) >= 3
    assert opened == []

    assert run_demo("-n", "2", "--scale", "200", "--jobs", "1", "--out", str(tmp_path), "--lang", "zh") == 0
    again = capsys.readouterr().out
    assert again.startswith("演示：永年紧固件")
    assert "推演" in again
    assert "分钟" not in again  # everything was reused, so nothing was timed


@pytest.mark.parametrize(("language", "word"), [("en", "output value"), ("zh", "产值")])
def test_the_answer_has_the_table_and_the_sentences(language: Any, word: str) -> None:
    comparison = compare(*make_pair())
    lines = demo.answer_lines(comparison, language, None)
    blank = lines.index("")
    assert any(word in line for line in lines[1:blank])
    assert any(word in line.lower() for line in lines[blank:])


def test_the_answer_fits_the_terminal() -> None:
    comparison = compare(*make_pair())
    wide = demo.answer_lines(comparison, "en", None)
    narrow = demo.answer_lines(comparison, "en", 80)
    assert max(map(len, narrow)) < max(map(len, wide))
    sentences = narrow[narrow.index("") + 1 :]
    assert max(map(len, sentences)) <= 80


def test_the_last_lines_say_where_the_files_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "compare" / "x"
    figures = [folder / "fan.svg", folder / "fan.png", folder / "forest.svg"]
    lines = demo.closing_lines(folder, figures, "en", 8.6)
    assert lines[0] == f"figure   {Path('results/compare/x/fan.svg')}   (with 1 more, each as SVG, PNG and CSV)"
    assert lines[1] == f"tables   {Path('results/compare/x/compare.csv')}"
    assert lines[2].endswith("(about 9 min)")
    assert "about" not in demo.closing_lines(folder, figures, "en", None)[2]


@pytest.mark.parametrize(
    ("given", "environment", "language"),
    [
        ("zh", {}, "zh"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LC_ALL": "", "LANG": "zh_TW"}, "zh"),
        (None, {"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_asked_for_or_that_of_the_system(
    given: str | None, environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert chosen_language(given) == language


@pytest.mark.parametrize(
    "arguments", [("--lang", "fr"), ("-n", "1"), ("--scale", "0"), ("--jobs", "0")], ids=lambda given: given[0]
)
def test_wrong_settings_are_usage_errors(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run_demo("--out", str(tmp_path), *arguments) == 2
    assert arguments[0] in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("terminal", "platform", "display", "seen"),
    [
        (True, "linux", ":0", True),
        (True, "linux", "", False),
        (False, "linux", ":0", False),
        (True, "darwin", "", True),
    ],
)
def test_a_browser_is_opened_only_where_it_would_be_seen(
    terminal: bool, platform: str, display: str, seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert demo._has_display() is seen
