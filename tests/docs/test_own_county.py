"""Every command of the page on a county of one's own works, in order, with the tables the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.cli import main as program
from tests.docs.names import cited, command_exists
from tests.docs.test_readme import reduced
from tests.scenario.own_county import PAGE, write_tables

TEXT = PAGE.read_text(encoding="utf-8")


def commands() -> list[str]:
    """Commands after a prompt, in order."""
    return re.findall(r"^\$ (.+)$", TEXT, flags=re.MULTILINE)


def words_of(command: str) -> list[str]:
    """Words of a command as a shell would split them."""
    import shlex

    words = shlex.split(command)
    return ["countysim", *reduced(command)] if words[1] == "run" else words


def test_the_page_calls_its_county_invented() -> None:
    assert "does not exist" in TEXT
    assert TEXT.count("invented") >= 5


def test_commands_and_names_exist() -> None:
    assert [
        item for item in cited(TEXT) if item.startswith("countysim ") and not command_exists(item.split()[1:])
    ] == []
    assert [
        item for item in commands() if item.startswith("countysim ") and not command_exists(words_of(item)[1:])
    ] == []
    assert len(commands()) >= 11


def told_by(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        program.main(words[1:])
    told = capsys.readouterr()
    assert (ended.value.code or 0) == 0, f"{words}\n{told.out}\n{told.err}"
    return told.out


@pytest.mark.slow
def test_from_the_report_to_a_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    told: dict[str, str] = {}
    for command in commands():
        words = words_of(command)
        if words[0] == "cd":
            monkeypatch.chdir(tmp_path / words[1])
            write_tables(Path.cwd())
            continue
        told[command] = told_by(words, capsys)
        assert told[command].strip(), command
    (made,) = (text for command, text in told.items() if "place new" in command)
    shown = re.search(r"^```text\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert shown is not None
    for line in shown[1].splitlines():
        for part in line.split(", …"):
            assert part.strip() in made
    for path in re.findall(r"^\| `((?:scenarios|calibration)/[^`]+)`", TEXT, flags=re.MULTILINE):
        assert Path(path).is_file(), path
    (compared,) = (text for command, text in told.items() if "compare" in command and "zh" in command)
    assert "乌有县（虚构）：现行政策" in compared
    assert "goal-wuyou-2027" in compared
