from __future__ import annotations

import errno
import inspect
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import sim
from sim.cli import main as program
from sim.cli.common import PAGES, Launching
from sim.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


def run_program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "sim.cli.main", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def exit_code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        program.main(list(arguments))
    return int(ended.value.code or 0)


def command_paths() -> list[tuple[str, ...]]:
    """Every command and sub-command, as the words that call it."""

    def below(command: object, words: tuple[str, ...]) -> list[tuple[str, ...]]:
        found = [words] if words else []
        for name, child in getattr(command, "commands", {}).items():
            found.extend(below(child, (*words, name)))
        return found

    return below(typer.main.get_command(program.app), ())


def app_that_raises(error: BaseException) -> typer.Typer:
    app = typer.Typer(cls=program.Commands, rich_markup_mode=None, pretty_exceptions_enable=False)

    @app.callback()
    def root() -> None:
        pass

    @app.command()
    def fail() -> None:
        raise error

    return app


@pytest.mark.parametrize("words", command_paths(), ids=" ".join)
def test_every_command_has_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(*words, "--help") == 0
    text = capsys.readouterr().out
    assert f"countysim {' '.join(words)}" in text
    description = text.split("\n\n")[1].strip()
    assert len(description) > 20


@pytest.mark.parametrize("words", command_paths(), ids=" ".join)
def test_an_unknown_option_is_a_usage_error(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(*words, "--no-such-option") == 2
    assert "--no-such-option" in capsys.readouterr().err


def test_help_teaches_and_lists_every_command_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("--help") == 0
    text = capsys.readouterr().out
    assert text.count("\n  countysim ") + text.count("\n    countysim ") == 5
    listed = [
        line.split()[0]
        for line in text.split("Options:")[1].splitlines()
        if line.startswith("  ") and line[2].isalpha()
    ]
    for words in command_paths():
        if len(words) == 1:
            assert listed.count(words[0]) == 1, words
    assert "Start here:" in text


def test_every_section_names_commands_that_exist() -> None:
    existing = {words[0] for words in command_paths()}
    named = [name for names in program.SECTIONS.values() for name in names]
    assert len(named) == len(set(named))
    assert existing == set(named)


def test_without_a_command_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code() == 0
    assert "Quick start" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("--version") == 0
    assert capsys.readouterr().out == f"countysim {sim.__version__} (model {sim.MODEL_VERSION})\n"


def test_every_entry_of_the_help_is_of_a_command_and_its_option() -> None:
    def taken(path: str) -> set[str]:
        own = inspect.signature(program.COMMANDS[path], eval_str=True).parameters.values()
        return {name for one in own for name in (vars(Launching()) if one.annotation is Launching else [one.name])}

    every = set().union(*map(taken, program.COMMANDS))
    assert set(PAGES["shared"]) <= every
    for name, page in PAGES.items():
        tables = {f"{name} {word}": table for word, table in page.items() if isinstance(table, dict)}
        for path, table in (tables or {name: page}).items():
            if name not in ("shared", "countysim"):
                assert set(table) - {"more"} <= taken(path), path


def test_an_unknown_command_is_a_usage_error_that_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("docter") == 2
    assert "doctor" in capsys.readouterr().err


def test_a_user_error_is_printed_as_it_is_with_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "E01  [red]my-fair[/red].toml:3: unknown field 'booth'\n     did you mean 'booths'?"
    monkeypatch.setattr(program, "app", app_that_raises(UserError(text)))
    assert exit_code("fail") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == text + "\n"


def test_control_characters_from_a_file_never_reach_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "app", app_that_raises(UserError("name \x1b[2J\x9b\u202e永年\u2066\r\x07\tx")))
    assert exit_code("fail") == 2
    assert capsys.readouterr().err == "name [2J永年\tx\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "cannot read or write: No space left on device\n"),
        (
            PermissionError(errno.EACCES, "Permission denied", "a\u202eb"),
            "cannot read or write ab: Permission denied\n",
        ),
    ],
)
def test_a_file_the_system_refuses_ends_with_exit_code_2(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "app", app_that_raises(error))
    assert exit_code("fail") == 2
    assert capsys.readouterr().err == said


def test_a_current_folder_that_is_gone_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert exit_code("list") == 2
    assert "the current folder is gone" in capsys.readouterr().err


def test_an_unexpected_error_is_one_line_with_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COUNTYSIM_DEBUG", raising=False)
    monkeypatch.setattr(program, "app", app_that_raises(ZeroDivisionError("first line\nsecond line")))
    assert exit_code("fail") == 1
    error = capsys.readouterr().err
    assert error.startswith("countysim failed: ZeroDivisionError: first line second line")
    assert error.count("\n") == 1


def test_the_traceback_shows_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTYSIM_DEBUG", "1")
    monkeypatch.setattr(program, "app", app_that_raises(ZeroDivisionError("x")))
    with pytest.raises(ZeroDivisionError):
        program.main(["fail"])


@pytest.mark.parametrize(
    ("interrupt", "line"),
    [(KeyboardInterrupt(), "stopped\n"), (KeyboardInterrupt("stopped. 3 saved"), "stopped. 3 saved\n")],
)
def test_an_interrupt_is_one_line_with_exit_code_130(
    interrupt: KeyboardInterrupt, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "app", app_that_raises(interrupt))
    assert exit_code("fail") == 130
    assert capsys.readouterr().err == line


@pytest.mark.parametrize(
    ("encoding", "shown"), [("ascii", "?? +2 -3 # ?"), ("gbk", "永年 +2 -3 █ ?"), ("utf-8", "永年 +2 \u22123 █ ñ")]
)
def test_any_console_encoding_will_do(encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    monkeypatch.setattr(program, "app", app_that_raises(UserError("永年 +2 \u22123 █ ñ")))
    monkeypatch.setattr(sys, "stderr", stream)
    assert exit_code("fail") == 2
    stream.flush()
    written = stream.buffer.getvalue()  # type: ignore[attr-defined]
    assert written.decode(encoding) == shown + "\n"


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_help_prints_on_a_console_that_is_not_utf8(encoding: str) -> None:
    done = run_program("--help", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stderr == b""


def test_help_is_quick() -> None:
    if not hasattr(os, "wait4"):  # Windows: no processor time of a child
        return
    seconds = []
    for _ in range(3):
        before = os.times()
        assert run_program("--help").returncode == 0
        after = os.times()
        seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(seconds) < 0.5


def test_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys, sim.cli.main; "
        "print(*sorted({'numpy', 'pandas', 'mesa', 'numba', 'matplotlib', 'scipy', 'xarray', 'pydantic', 'distributed'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""
