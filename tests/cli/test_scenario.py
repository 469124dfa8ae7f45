"""``countysim list`` and ``countysim scenario`` from the command line: exit codes, words, and what is written."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.workspace import library_root
from tests.scenario.written import CHANGE, FUND, head, replaced, write

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a project of its own."""
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Any:
    """Run ``countysim`` with some words."""
    return RUNNER.invoke(app, list(words))


def files(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder with their content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


WRONG: dict[str, tuple[str, str | bytes, str, str]] = {
    "unknown key": ("E01", head() + replaced(FUND, "grant_share", "grant_shar"), "check", "my.toml:16"),
    "no unit": ("E02", head() + replaced(FUND, '"200 million yuan"', "200"), "check", "my.toml:14"),
    "dollars": ("E02", head() + replaced(FUND, '"200 million yuan"', '"200 USD"'), "check", "my.toml:14"),
    "not a share": ("E04", head() + replaced(FUND, '"20%"', "20"), "check", "my.toml:16"),
    "unknown policy": ("E05", head() + replaced(CHANGE, "fair", "fairs") + "booths = 1\n", "check", "my.toml:8"),
    "in the past": ("E06", head() + replaced(CHANGE, "2026", "2020") + "booths = 1\n", "check", "my.toml:9"),
    "unknown parent": ("E07", replaced(head(), "yongnian-2023", "yongnain"), "check", "my.toml:3"),
    "circle": ("E07", replaced(head(), "yongnian-2023", "my"), "check", "my.toml:3"),
    "no month": ("E08", head() + replaced(FUND, "2026-01", "2026-13"), "check", "my.toml:10"),
    "weights": (
        "E09",
        head() + replaced(FUND, '"first_come"', '"score"\nweights = { in_park = 2 }'),
        "check",
        "my.toml:26",
    ),
    "GBK": ("E11", (head() + "# 采购会\n").encode("gbk"), "check", "my.toml:6"),
    "full width": ("E12", head() + "name_zh = “采购会”\n", "check", "my.toml:6"),
    "policy again": ("E13", head() + replaced(FUND, 'id = "fund"', 'id = "fair"'), "check", "my.toml:7"),
    "misplaced": ("E14", head() + '[time]\nworld = "low"\n', "check", "my.toml:7"),
    "missing": ("E15", head() + replaced(FUND, 'grant_share = "20%"\n', ""), "check", "my.toml:6"),
    "wrong word": ("E16", head() + replaced(FUND, '"equipment"', '"machines"'), "check", "my.toml:15"),
    "negative": ("E17", head() + CHANGE + "booths = -5\n", "check", "my.toml:11"),
    "other id": ("E18", head("other"), "check", "my.toml:2"),
    "not TOML": ("E19", head() + "x = 20%\n", "check", "my.toml:6"),
    "key twice": ("E19", head() + 'name = "x"\n', "check", "my.toml:6"),
    "empty": ("E22", "", "check", "my.toml:1"),
    "binary": ("E22", b"\x00\xff" * 100, "check", "my.toml:1"),
    "too large": ("E22", b"#" * 5_000_001, "check", "my.toml:1"),
    "unknown world": ("E23", head() + 'world = "x"\n', "check", "my.toml:6"),
    "end before start": ("E24", head() + '[time]\nend = "2020-01"\n', "check", "my.toml:7"),
    "payer": ("E25", head() + replaced(FUND, '"county"', '{ county = "50%" }'), "check", "my.toml:13"),
    "range": ("E27", head() + CHANGE + "booths = { low = 2, high = 1 }\n", "check", "my.toml:11"),
    "policy type": ("E28", head() + replaced(FUND, '"fund"\nname', '"fnd"\nname'), "check", "my.toml:8"),
    "arithmetic": ("E29", head() + CHANGE + "booths = { times = -1 }\n", "check", "my.toml:11"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_files_give_one_clear_message_exit_2_and_nothing_written(name: str, project: Path) -> None:
    code, text, command, place = WRONG[name]
    write(project, "my", text)
    before = files(project)
    for lang in ("en", "zh"):
        result = run("scenario", command, "my", "--lang", lang)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.count("\n\n") == 1
        head_line, _, advice = result.stderr.partition("\n")
        assert head_line.startswith(f"{code}  scenarios/{place}  ")
        assert advice.startswith("     ")
        assert "Traceback" not in result.stderr
    assert files(project) == before


@pytest.mark.parametrize(
    "words",
    [
        ("scenario", "check", "nowhere"),
        ("scenario", "check", "../../etc/passwd"),
        ("scenario", "check", "nowhere.toml"),
        ("scenario", "check", "yongnian-2023:none"),
        ("scenario", "check", "yongnian-2023", "--set", "policy.fair.booths"),
        ("scenario", "check", "yongnian-2023", "--set", "policy.fair.booths=1.5"),
        ("scenario", "show", "nowhere"),
        ("scenario", "diff", "yongnian-2023", "nowhere"),
        ("scenario", "new", "../escape"),
        ("scenario", "new", "Has Spaces"),
        ("scenario", "new", "my", "--from", "../x"),
        ("scenario", "new", "my", "--from", "nowhere"),
        ("scenario", "new", "my", "--from", "yongnian-fair2x-fund200m:fair2x"),
        ("scenario", "new", "yongnian-2023"),
        ("scenario", "fix-encoding", "nowhere"),
        ("scenario", "schema", "-o", "no/such/folder/x.json"),
        ("scenario", "check", "--lang", "fr"),
        ("list", "--lang", "fr"),
        ("scenario", "nonsense"),
        ("scenario", "check", "--nonsense"),
    ],
)
def test_wrong_words_exit_2_without_traceback(words: tuple[str, ...], project: Path) -> None:
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert result.stderr.strip()
    assert "Traceback" not in result.output
    assert files(project) == {}
    assert not (project.parent / "escape.toml").exists()


def test_check_says_what_is_right(project: Path) -> None:
    write(project, "my", head() + CHANGE + "booths = 500\n")
    result = run("scenario", "check", "my")
    assert result.exit_code == 0
    assert result.stdout == (
        "my: ok. 1 policy amended from 2026-01. 20 values of policies and 11 starting values are assumptions "
        "(countysim scenario show my --assumed).\n"
    )
    assert "通过" in run("scenario", "check", "my", "--lang", "zh").stdout


def test_check_without_names_checks_everything(project: Path) -> None:
    write(project, "my", head() + "x = 1\n")
    result = run("scenario", "check")
    assert result.exit_code == 2
    assert "yongnian-2023: ok." in result.stdout
    assert "scenarios/my.toml:6" in result.stderr


def test_check_looks_into_every_variant(project: Path) -> None:
    write(project, "my", head() + FUND + '[[variant]]\nid = "v"\nname = "V"\nset = { "policy.fund.grant_share" = 5 }\n')
    result = run("scenario", "check", "my")
    assert result.exit_code == 2
    assert result.stderr.startswith("E04  scenarios/my.toml:")


def test_warnings_and_notes_go_on(project: Path) -> None:
    write(project, "my", head() + replaced(FUND, '"200 million yuan"', '"200亿元"'))
    result = run("scenario", "check", "my")
    assert result.exit_code == 0
    assert result.stdout.startswith("W03  scenarios/my.toml:14  annual_budget")
    assert "my: ok." in result.stdout


def test_note_that_nothing_changes(project: Path) -> None:
    write(project, "my", head() + replaced(CHANGE, "2026-01", "2031-01") + "booths = 500\n")
    result = run("scenario", "check", "my")
    assert result.exit_code == 0
    assert "N01  scenarios/my.toml:1  my and yongnian-2023 give identical results in every month" in result.stdout
    assert "the first change starts 2031-01, after time.end = 2030-12" in result.stdout
    assert "N01" in run("scenario", "diff", "yongnian-2023", "my").stdout


def test_json_records(project: Path) -> None:
    write(project, "my", head() + replaced(FUND, '"20%"', "20"))
    result = run("scenario", "check", "my", "--json")
    assert result.exit_code == 2
    (record,) = json.loads(result.stdout)
    assert record["scenario"] == "my"
    assert record["ok"] is False
    (problem,) = record["problems"]
    assert problem == {
        "code": "E04",
        "file": "scenarios/my.toml",
        "line": 16,
        "what": "grant_share = 20 is not a share",
        "advice": ['write "20%" or 0.20'],
    }
    assert json.loads(run("scenario", "check", "yongnian-2023", "--json").stdout)[0]["ok"] is True


def test_new_writes_a_file_that_checks_clean_and_never_overwrites(project: Path) -> None:
    result = run("scenario", "new", "my-fair", "--from", "yongnian-2023")
    assert result.exit_code == 0
    assert result.stdout.startswith("wrote scenarios/my-fair.toml (")
    text = (project / "scenarios" / "my-fair.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    comments = sum(line.lstrip().startswith("#") for line in lines)
    assert f"({len(lines)} lines, {comments} of them comments)" in result.stdout
    check = run("scenario", "check", "my-fair")
    assert check.exit_code == 0
    assert check.stdout.startswith("my-fair: ok. 1 policy amended from 2026-01.")
    again = run("scenario", "new", "my-fair")
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert (project / "scenarios" / "my-fair.toml").read_text(encoding="utf-8") == text


def test_new_from_any_scenario_checks_clean(project: Path) -> None:
    write(project, "parent", head("parent") + FUND)
    for parent in ("parent", "yongnian-fair2x-fund200m"):
        assert run("scenario", "new", f"of-{parent}", "--from", parent).exit_code == 0
        check = run("scenario", "check", f"of-{parent}")
        assert check.exit_code == 0, check.stderr
        assert "W" not in check.stdout.split(":")[0]


def test_new_without_a_project_makes_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "scenarios").rmdir()
    monkeypatch.chdir(elsewhere)
    assert run("scenario", "new", "my-fair").exit_code == 0
    assert (elsewhere / "scenarios" / "my-fair.toml").is_file()


def test_diff_shows_rows_sameness_and_the_ceiling() -> None:
    result = run("scenario", "diff", "yongnian-2023", "yongnian-fair2x-fund200m")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["yongnian-2023", "yongnian-fair2x-fund200m", "from", "to"]
    assert lines[1].split() == ["change", "policy.fair.booths", "380", "760", "2026-01", "-"]
    assert lines[6].startswith("add      policy.upgrade-fund")
    assert lines[7].startswith("same")
    assert "(identical paths until 2025-12)" in lines[7]
    assert lines[8].startswith("at most 600 million yuan of grants; at most +190 million yuan/year of intended orders")
    assert (
        "补助最多6亿元" in run("scenario", "diff", "yongnian-2023", "yongnian-fair2x-fund200m", "--lang", "zh").stdout
    )


def test_show_prints_toml_that_loads(project: Path) -> None:
    result = run("scenario", "show", "yongnian-fair2x-fund200m:fair2x", "--origin")
    assert result.exit_code == 0
    assert "# scenarios/yongnian-2023.toml:" in result.stdout
    (project / "shown.toml").write_text(result.stdout, encoding="utf-8")
    assert run("scenario", "check", "shown.toml").exit_code == 0
    assert "# scenarios" not in run("scenario", "show", "yongnian-2023").stdout


def test_show_assumed_lists_the_values_nobody_published() -> None:
    result = run("scenario", "show", "yongnian-2023", "--assumed", "--origin")
    lines = result.stdout.splitlines()
    assert lines[0] == "20 values of policies of yongnian-2023 that nobody published"
    assert len(lines) == 22
    assert "scenarios/yongnian-2023.toml:" in lines[1]
    assert lines[-1] == "yongnian: 11 of 18 starting values are assumed (countysim place show yongnian --assumed)"
    told = run("place", "show", "yongnian", "--assumed").stdout
    assert told.count("  assumed  ") == 11


def test_list_names_places_scenarios_variants_and_runs(project: Path) -> None:
    write(project, "broken", b"\xff\xfe\x00")
    folder = project / "results" / "runs" / "yongnian-2023" / "0123abcd"
    folder.mkdir(parents=True)
    manifest = {
        "run": "yongnian-2023/0123abcd",
        "scenario": "yongnian-2023",
        "state": "complete",
        "replicates": {"done": 24, "asked": 24},
        "started": "2026-01-02T03:04:05.000+00:00",
    }
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder.parent / "bad").mkdir()
    (folder.parent / "bad" / "run.json").write_text("{", encoding="utf-8")
    result = run("list")
    assert result.exit_code == 0
    assert "places     " in result.stdout
    assert "variants: fair2x, fund200m" in result.stdout
    assert "24/24" in result.stdout
    assert "broken" in result.stdout
    data = json.loads(run("list", "--json").stdout)
    assert [item["id"] for item in data["runs"]] == ["yongnian-2023/0123abcd"]
    assert "采购会规模翻番" in run("scenario", "list", "--lang", "zh").stdout


def test_hostile_names_are_shown_as_they_are(project: Path) -> None:
    write(project, "my", replaced(head(), "A test", "[bold]<b>\\u001b[31m{x}</b>"))
    result = run("list")
    assert "[bold]<b>" in result.stdout
    assert "{x}" in result.stdout
    assert "\x1b" not in result.stdout


def test_fix_encoding_puts_gbk_and_full_width_right_and_keeps_the_original(project: Path) -> None:
    wrong = (head() + "name_zh ＝ “采购会，翻番”　＃ 注释\n" + FUND).encode("gbk")
    path = write(project, "my", wrong)
    assert run("scenario", "check", "my").exit_code == 2
    result = run("scenario", "fix-encoding", "my")
    assert result.exit_code == 0
    assert "GBK saved as UTF-8; plain characters in line 6" in result.stdout
    assert (project / "scenarios" / "my.toml.bak").read_bytes() == wrong
    assert 'name_zh = "采购会，翻番" #' in path.read_text(encoding="utf-8")
    assert run("scenario", "check", "my").exit_code == 0
    again = run("scenario", "fix-encoding", "my")
    assert "nothing to put right" in again.stdout
    assert len(files(project)) == 2


def test_schema_is_printed_and_written(project: Path) -> None:
    printed = run("scenario", "schema").stdout
    assert printed == (library_root() / "scenarios" / "schema.json").read_text(encoding="utf-8")
    assert run("scenario", "schema", "-o", "schema.json").exit_code == 0
    assert (project / "schema.json").read_text(encoding="utf-8") == printed


def test_check_is_quick_and_loads_no_heavy_package() -> None:
    code = (
        "import sys\nfrom sim.cli.main import main\n"
        "try:\n    main(['scenario', 'check', 'yongnian-fair2x-fund200m'])\n"
        "except SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "print([name for name in ('mesa', 'numba', 'pandas', 'matplotlib', 'scipy') if name in sys.modules])"
    )
    began = time.perf_counter()
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=library_root()
    )
    assert answer.stdout.splitlines()[-1] == "[]"
    assert time.perf_counter() - began < 10  # under 2 s on a quiet machine; tests share theirs


def test_terms_of_one_type_and_of_all() -> None:
    one = run("scenario", "terms", "fund").stdout
    assert one.startswith("fund  专项资金\n")
    assert "eligible.revenue_at_least" in one
    assert "单户上限" in run("scenario", "terms", "fund", "--lang", "zh").stdout
    assert "### `park` 产业园" in run("scenario", "terms", "--md").stdout
    wrong = run("scenario", "terms", "fnd")
    assert wrong.exit_code == 2
    assert "exhibition, fair, fund, park" in wrong.stderr


def test_the_example_of_the_documentation_checks_clean(project: Path) -> None:
    page = (library_root() / "docs" / "scenario-files.md").read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in page.split("```toml\n")[1:]]
    write(project, "my-fair", blocks[0] + blocks[1])
    result = run("scenario", "check", "my-fair")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("my-fair: ok.")
