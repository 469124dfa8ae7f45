"""``countysim place`` and ``countysim new`` from the command line: exit codes, words, and what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.evidence import load_facts, load_sources
from sim.workspace import folders, root
from tests.scenario.own_county import tables, write_tables

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a project of its own."""
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Any:
    return RUNNER.invoke(app, list(words))


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_new_tells_what_is_reported_computed_assumed_and_how_to_go_on(project: Path) -> None:
    write_tables(project)
    result = run("place", "new", "wuyou", "--from-facts", "facts.csv", "--lang", "en")
    assert result.exit_code == 0, result.output
    told = result.stdout
    parts = [
        "wrote  scenarios/places/wuyou.toml\n",
        "wrote  calibration/evidence/wuyou_facts.csv\n",
        "base year 2024: that of wuyou-revenue-2024\n",
        "taken from the figures as printed\n",
        "  operating_revenue     3.65 billion yuan   wuyou-revenue-2024\n",
        "computed from the figures\n",
        "180 million yuan / 9 months x 12 months / 1.12, to 2024\n",
        "assumed: each is a range",
        "an aim: a [[goal]] of the baseline",
        "next\n  countysim place check wuyou\n",
        "countysim scenario new wuyou-idea --from wuyou-baseline\n",
    ]
    places = [told.index(part) for part in parts]
    assert places == sorted(places)


def test_new_in_chinese(project: Path) -> None:
    write_tables(project)
    result = run("place", "new", "wuyou", "--from-facts", "facts.csv", "--lang", "zh")
    assert result.exit_code == 0, result.output
    for words in ("基年2024", "直接采用的数据", "36.5亿元", "由数据推算", "假设（", "下一步", "--lang zh"):
        assert words in result.stdout


def test_without_a_headline_figure_it_says_that_the_size_is_assumed(project: Path) -> None:
    lines = tables()[0].splitlines()
    write_tables(project, facts="\n".join([lines[0], *(line for line in lines if "wuyou-employment" in line)]) + "\n")
    result = run("place", "new", "wuyou", "--from-facts", "facts.csv")
    assert "the size of the cluster is itself assumed" in result.stdout


def test_everything_that_new_suggests_can_be_run(project: Path) -> None:
    write_tables(project)
    told = run("place", "new", "wuyou", "--from-facts", "facts.csv").stdout
    commands = [line.split()[1:] for line in told.split("next\n")[1].splitlines() if line.strip()]
    assert [words[0] for words in commands] == ["place", "place", "scenario", "run", "compare"]
    for words in commands[:3]:
        result = run(*words)
        assert result.exit_code == 0, result.output
    for words in (
        ("scenario", "check", "wuyou-baseline", "wuyou-idea"),
        ("scenario", "diff", "wuyou-baseline", "wuyou-idea"),
    ):
        result = run(*words)
        assert result.exit_code == 0, result.output
    assert "at most" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("place", "new", "Has Spaces"),
        ("place", "new", "../escape"),
        ("place", "new", "yongnian"),
        ("place", "new", "x", "--from-facts", "nowhere.csv"),
        ("place", "new", "x", "--industry", "nothing"),
        ("place", "new", "x", "--facts", "a.csv", "--from-facts", "b.csv"),
        ("place", "new", "x", "--lang", "fr"),
        ("place", "show", "nowhere"),
        ("place", "show", "../../etc/passwd"),
        ("place", "check", "nowhere"),
        ("place", "list", "--lang", "fr"),
        ("new", ".", "--lang", "fr"),
        ("new", "."),
    ],
)
def test_wrong_words_exit_2_without_traceback_and_nothing_written(words: tuple[str, ...], project: Path) -> None:
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert result.stderr.strip()
    assert "Traceback" not in result.output
    assert files(project) == set()


def test_wrong_tables_exit_2_with_file_and_line(project: Path) -> None:
    write_tables(project, facts=tables()[0].replace("2100,家", "2100,间").replace("exact,,growth", "exact,,grwth"))
    result = run("place", "new", "wuyou", "--from-facts", "facts.csv")
    assert result.exit_code == 2
    assert 'facts.csv:4  unit "间" is not known' in result.stderr
    assert 'facts.csv:3  kind "grwth" is not known' in result.stderr
    assert files(project) == {"facts.csv", "sources.csv"}


def test_list_shows_how_each_place_is_known(project: Path) -> None:
    (project / "scenarios/places").mkdir()
    (project / "scenarios/places/broken.toml").write_text("x = 1\n", encoding="utf-8")
    english, chinese = run("place", "list").stdout, run("place", "list", "--lang", "zh").stdout
    assert "yongnian" in english
    assert "河北省邯郸市永年区" in chinese
    assert "countysim place check broken" in english
    found = {item["id"]: item for item in json.loads(run("place", "list", "--json").stdout)}
    assert (found["yongnian"]["reported"], found["yongnian"]["derived"]) == (6, 1)
    assert found["yongnian"]["assumed"] >= 9
    assert 'places/broken.toml:1  unknown key "x"' in str(found["broken"]["problem"])


def test_show_gives_value_kind_range_and_origin(project: Path) -> None:
    every, assumed = run("place", "show", "yongnian").stdout, run("place", "show", "yongnian", "--assumed").stdout
    assert "yn-output-2023: ≥ 42 billion yuan, 2023-01 to 2023-12, xinhua-2025-01-08" in every
    assert "1.1 billion yuan / 8 months x 12 months / 1.11, to 2023" in every
    assert "yn-output-2023" not in assumed
    assert assumed.splitlines()[0] == every.splitlines()[0]
    assert assumed.startswith("yongnian: 6 reported, 1 computed, ")
    assert "no count by kind of business is published" in assumed
    assert "420亿元" in run("place", "show", "yongnian", "--lang", "zh").stdout
    records = json.loads(run("place", "show", "yongnian", "--assumed", "--json").stdout)
    assert {item["kind"] for item in records} == {"assumed"}


def test_check_tells_doubts_and_what_cannot_be(project: Path) -> None:
    write_tables(project)
    assert run("place", "new", "wuyou", "--from-facts", "facts.csv").exit_code == 0
    result = run("place", "check", "wuyou")
    assert result.stdout.startswith("wuyou: ok. 16 numbers: 5 reported, 1 computed, 10 assumed")
    assert run("place", "check", "wuyou", "--lang", "zh").stdout.startswith("wuyou：可用")
    path = project / "scenarios/places/wuyou.toml"
    text = path.read_text(encoding="utf-8")
    lines = ["domestic_buyers = 7" if line.startswith("domestic_buyers") else line for line in text.splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    doubtful = run("place", "check", "wuyou")
    assert doubtful.exit_code == 0
    assert doubtful.stdout.startswith(
        f"W41  scenarios/places/wuyou.toml:{lines.index('domestic_buyers = 7') + 1}  with 7 buyers"
    )
    path.write_text(text.replace("exports = {", 'exports = "9 billion yuan" # {'), encoding="utf-8")
    wrong = run("place", "check", "wuyou")
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith("E40  scenarios/places/wuyou.toml:")
    assert "exports of 9 billion yuan are not less" in wrong.stderr
    path.write_text(text.replace("wage = {", "wag = {"), encoding="utf-8")
    broken = run("place", "check", "wuyou", "yongnian")
    assert broken.exit_code == 2
    assert 'did you mean "wage"' in broken.stderr
    assert "yongnian: ok." in broken.stdout


def test_all_shipped_places_can_be_simulated() -> None:
    result = run("place", "check")
    assert result.exit_code == 0, result.stderr


# --- new --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_project_folder_is_found_by_commands_inside_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    result = run("new", "mine", "--lang", lang)
    assert result.exit_code == 0, result.output
    assert files(project) == {
        "mine/README.md",
        "mine/scenarios/schema.json",
        "mine/calibration/evidence/reported_facts.csv",
        "mine/calibration/evidence/sources.csv",
    }
    assert "cd mine" in result.stdout
    assert (project / "mine/results").is_dir()
    below = project / "mine" / "scenarios" / "places"
    monkeypatch.chdir(below)
    assert root() == project / "mine"
    assert folders("scenarios")[0] == project / "mine" / "scenarios"
    shipped = {item.id for item in load_facts()}
    assert "yn-output-2023" in shipped
    assert "my-county-revenue-2024" not in shipped
    assert run("place", "new", "here").exit_code == 0
    assert (below / "here.toml").is_file()


def test_the_examples_in_the_empty_tables_are_right(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("new", "mine").exit_code == 0
    monkeypatch.chdir(project / "mine")
    for name in ("reported_facts.csv", "sources.csv"):
        path = Path("calibration/evidence") / name
        text = path.read_text(encoding="utf-8")
        assert text.startswith("\ufeff")
        path.write_text(
            text.replace("\n# my-county", "\nmy-county").replace("\n# report-2025,", "\nreport-2025,"), "utf-8"
        )
    assert {"my-county-revenue-2024", "my-county-exports-2025-9m"} <= {item.id for item in load_facts()}
    assert "report-2025" in load_sources()
    facts = "calibration/evidence/reported_facts.csv"
    result = run("place", "new", "my-county", "--from-facts", facts)
    assert result.exit_code == 0, result.output
    assert "my-county-revenue-2024" in result.stdout
    assert files(Path("calibration")) == {"evidence/reported_facts.csv", "evidence/sources.csv"}


def test_the_readme_of_a_project_shows_commands_that_exist(project: Path) -> None:
    from tests.docs.names import cited, command_exists

    assert run("new", "mine").exit_code == 0
    text = (project / "mine/README.md").read_text(encoding="utf-8")
    assert text.startswith("# mine\n")
    commands = [item.split()[1:] for item in cited(text) if item.startswith("countysim ")]
    assert len(commands) > 12
    assert [words for words in commands if not command_exists(words)] == []


def test_a_folder_that_is_not_empty_or_a_file_is_refused(project: Path) -> None:
    (project / "full").mkdir()
    (project / "full" / "x").write_text("x", encoding="utf-8")
    for name, told in (("full", "is not empty"), ("full/x", "is a file"), ("full/x/y", "cannot be written")):
        result = run("new", name)
        assert result.exit_code == 2, name
        assert told in result.stderr
    assert files(project) == {"full/x"}
    (project / "empty").mkdir()
    assert run("new", "empty").exit_code == 0
