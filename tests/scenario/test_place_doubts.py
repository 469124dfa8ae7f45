"""Numbers that no place can start from are refused wherever a place is loaded; odd ones are told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.errors import UserError
from sim.inputs.problems import InputErrors, messages
from sim.scaffold.new_place import Wanted, new_place
from sim.scenario.loader import load
from sim.scenario.place_sets import load_set
from sim.scenario.places import read_place
from tests.scenario.own_county import rows, write_tables

REVENUE = "r | operating_revenue | 2024-01 | 2024-12 | 36.5 | 亿元 | exact | level"
COUNTS = (
    "b | businesses | 2024-12 | 2024-12 | 2100 | 家 | at_least | level",
    "e | employment | 2024-12 | 2024-12 | 1.6 | 万人 | about | level",
)
ABOUT_PLACES = {name for name in messages() if name.startswith("place_")} - {"place_or_places"} | {"crowded_market"}
"""Messages about the numbers a place starts from."""
ABOVE = "a | above_scale_firms | 2024-12 | 2024-12 | 41 | 家 | exact | count"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a project of its own."""
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def rewritten(project: Path, values: dict[str, str]) -> dict[str, int]:
    """Write a county whose file has other values, and return the line of each."""
    if not (project / "scenarios/places/wuyou.toml").exists():
        new_place(Wanted("wuyou", write_tables(project)))
    path = project / "scenarios/places/wuyou.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = {}
    for key, value in values.items():
        (number,) = [number for number, line in enumerate(lines) if line.startswith(f"{key} = ")]
        lines[number], at[key] = f"{key} = {value}", number + 1
    path.write_text("\n".join(lines), encoding="utf-8")
    return at


IMPOSSIBLE = [
    ("place_exports", "exports", {"exports": '"36 billion yuan"'}),
    ("place_exports", "exports", {"exports": '{ low = "0.2 billion yuan", high = "3 billion yuan" }'}),
    ("place_shares", "global_market_share", {"national_market_share": "0.5", "global_market_share": "0.9"}),
    ("place_shares", "global_market_share", {"national_market_share": "0.034", "global_market_share": "0.05"}),
    ("place_shares", "global_market_share", {"global_market_share": "{ low = 0.01, high = 0.2 }"}),
    ("place_foreign_buyers", "foreign_buyers", {"foreign_buyers": "0"}),
    ("place_above_scale", "above_scale_firms", {"businesses": "60", "maker_share": "0.6"}),
    ("place_above_scale_output", "operating_revenue", {"operating_revenue": '"800 million yuan"'}),
    ("place_lead_firms", "lead_firms", {"county_balance": '"1 million yuan"\nlead_firms = 3000'}),
]
DOUBTFUL = [
    ("place_unit", "employment_reported", {"employment_reported": "160"}),
    ("place_unit", "businesses", {"businesses": "210000"}),
    ("place_no_rival", "national_market_share", {"national_market_share": "0.97"}),
    ("place_lead_missing", "above_scale_firms", {"businesses": "100", "above_scale_firms": "20"}),
    ("place_few", "domestic_buyers", {"domestic_buyers": "9"}),
]


def test_every_message_about_a_place_is_reached_here() -> None:
    elsewhere = {"crowded_market", "place_no_figure"}
    assert {message for message, *_ in (*IMPOSSIBLE, *DOUBTFUL)} | elsewhere == ABOUT_PLACES


@pytest.mark.parametrize(("message", "key", "values"), IMPOSSIBLE)
def test_what_cannot_be_is_refused_wherever_a_place_is_loaded(
    project: Path, message: str, key: str, values: dict[str, str]
) -> None:
    at = rewritten(project, values).get(key)
    for reading in (lambda: read_place("wuyou"), lambda: load("wuyou-baseline")):
        with pytest.raises(InputErrors) as caught:
            reading()
        found = {problem.message: problem for problem in caught.value.problems}
        assert message in found
        assert found[message].code == "E40"
        assert found[message].spot.file == "scenarios/places/wuyou.toml"
        assert at in (found[message].spot.line, None)


@pytest.mark.parametrize(("nation", "world"), [("0.5", "0.9"), ("0.034", "0.05")])
def test_every_command_refuses_shares_that_cannot_be(project: Path, nation: str, world: str) -> None:
    rewritten(project, {"national_market_share": nation, "global_market_share": world})
    for command in (("place", "check", "wuyou"), ("scenario", "check", "wuyou-baseline"), ("run", "wuyou-baseline")):
        told = run(*command)
        assert told.exit_code == 2, told.output
        assert "E40  scenarios/places/wuyou.toml:" in told.stderr
        assert "makers abroad would sell less than nothing" in told.stderr
        assert "Traceback" not in told.output
    assert not (project / "results").exists()
    assert "国外同业的销量将为负" in run("scenario", "check", "wuyou-baseline", "--lang", "zh").stderr


@pytest.mark.parametrize(("message", "key", "values"), DOUBTFUL)
def test_what_is_odd_is_told_wherever_a_place_is_loaded_and_let_through(
    project: Path, message: str, key: str, values: dict[str, str]
) -> None:
    line = rewritten(project, values).get(key)
    found = {problem.message: problem for problem in read_place("wuyou").doubts}
    assert line in (found[message].spot.line, None)
    assert found[message] in load("wuyou-baseline").warnings


def test_both_checks_tell_what_is_odd_in_both_languages(project: Path) -> None:
    rewritten(project, {"domestic_buyers": "9"})
    (doubt,) = read_place("wuyou").doubts
    for command in (("place", "check", "wuyou"), ("scenario", "check", "wuyou-baseline")):
        for lang in ("en", "zh"):
            told = run(*command, "--lang", lang)
            assert told.exit_code == 0, told.output
            assert doubt.text(lang) in told.stdout


def test_the_county_of_the_page_raises_no_doubt(project: Path) -> None:
    rewritten(project, {})
    assert read_place("wuyou").doubts == ()


def test_a_lead_firm_answers_why_makers_are_large_on_average(project: Path) -> None:
    values = {"businesses": "100", "above_scale_firms": "20"}
    rewritten(project, {**values, "county_balance": '"1 million yuan"\nlead_firms = 1\nlead_share = 0.3'})
    assert "place_lead_missing" not in {doubt.message for doubt in read_place("wuyou").doubts}


def test_a_place_without_any_figure_is_noted_by_its_own_check_alone() -> None:
    (note,) = read_place("anguo").doubts
    assert (note.message, note.code) == ("place_no_figure", "N40")
    assert run("place", "check", "anguo", "--lang", "zh").stdout.startswith("N40  ")
    assert load("anguo-2020").warnings == ()


# --- a wrong unit ------------------------------------------------------------------------------------------------


def test_a_revenue_in_the_wrong_unit_is_told_as_the_place_is_made(project: Path) -> None:
    wrong = REVENUE.replace("亿元", "万元")
    write_tables(project, facts=rows(wrong, *COUNTS))
    made = run("place", "new", "wuyou", "--from-facts", "facts.csv", "--lang", "en")
    assert made.exit_code == 0, made.output
    assert made.stdout.count("W40  scenarios/places/wuyou.toml:") == 2
    assert "a total of 365,000 yuan is 170 yuan a business" in made.stdout
    assert "万元 and 亿元 differ by a factor of 10,000" in made.stdout
    checked = run("scenario", "check", "wuyou-baseline", "--lang", "zh")
    assert checked.exit_code == 0
    assert "总量36.5万元，户均170元" in checked.stdout


def test_above_scale_firms_give_a_wrong_unit_away(project: Path) -> None:
    write_tables(project, facts=rows(REVENUE.replace("亿元", "万元"), *COUNTS, ABOVE))
    for lang, words in (("en", "41 above-scale firms of at least 20 million yuan each"), ("zh", "规上企业41家")):
        made = run("place", "new", "wuyou", "--from-facts", "facts.csv", "--lang", lang)
        assert made.exit_code == 2
        assert made.stderr.startswith(f"E40  facts.csv:2  {words}")
        assert not list(project.rglob("wuyou*"))


# --- places together ----------------------------------------------------------------------------------------------


def test_places_of_one_industry_cannot_hold_more_than_the_nation(project: Path) -> None:
    rewritten(project, {"national_market_share": "0.5"})
    path = project / "scenarios/wuyou-baseline.toml"
    text = path.read_text(encoding="utf-8").replace('place   = "wuyou"', 'places  = ["wuyou", "yongnian"]')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputErrors, match=r"fasteners together hold 108% of the national market") as caught:
        load("wuyou-baseline")
    assert [problem.message for problem in caught.value.problems] == ["crowded_market"]
    rewritten(project, {"national_market_share": "0.4"})
    assert len(load("wuyou-baseline").scenario.places) == 2


def test_a_set_names_the_synthetic_place_that_cannot_be(project: Path) -> None:
    from sim.workspace import library_root

    text = (library_root() / "scenarios/places/shanxi-towns.toml").read_text(encoding="utf-8")
    changed = text.replace('exports_share = "2%"', 'exports_share = "100%"', 1)
    assert changed != text
    (project / "scenarios/places").mkdir()
    (project / "scenarios/places/shanxi-towns.toml").write_text(changed, encoding="utf-8")
    with pytest.raises(UserError, match=r"synthetic place \d+ \(food\) is impossible: exports of .* are not less"):
        load_set("shanxi-towns")


def test_checking_needs_no_compiler(project: Path) -> None:
    """A place that reports revenue, with doubts, is checked without Numba or Mesa."""
    import subprocess
    import sys

    rewritten(project, {"employment_reported": "160"})
    code = (
        "import sys; from sim.scenario.loader import load; assert load('wuyou-baseline').warnings; "
        "print([name for name in ('mesa', 'numba', 'pandas', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"
