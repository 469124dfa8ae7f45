"""``countysim validate``: what is printed and written, hostile files, and mistakes with exit code 2."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.cli import main as program
from sim.observables import INDEX
from sim.report.scorecard import reported_text
from sim.scenario.resolved import Scenario
from sim.state.record import ReplicateRecord as Record
from sim.validation.outside_facts import read_outside
from tests.calibrate.made_fits import figure, fitted, look_in
from tests.cli.test_dose import blank
from tests.experiments.toys import Apart
from tests.validation.later_figures import row, write

SHORT = ("-n", "3", "--jobs", "1", "--lang", "en")
SEEN: list[int] = []
"""Seeds that were simulated."""
FAILING: list[int] = []
"""Positions, in the order of work, of replicates that fail."""


def simulate(scenario: Scenario, parameters: Any, seed: int, **_: Any) -> Record:
    """A model that costs nothing: output grows a little each month, from a level that randomness sets."""
    SEEN.append(seed)
    if len(SEEN) - 1 in FAILING:
        raise ValueError("planted")
    found = blank(scenario, f"{seed:x}")
    randomness = 1.0 + 0.01 * (seed % 7)
    growth = 1.002 ** np.arange(scenario.time.months)
    found.monthly[:, :, INDEX["output_value"]] = (0.6e9 * randomness * growth)[:, None]
    found.monthly[:, :, INDEX["employment"]] = 20_000.0 * randomness
    return found


@pytest.fixture
def validate(call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return the command with the toy model."""
    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(simulate))
    look_in(tmp_path / "calibration", monkeypatch)
    SEEN.clear()
    FAILING.clear()
    return partial(call, "validate")


def page_of(folder: Path) -> str:
    (path,) = folder.rglob("scorecard.html")
    return path.read_text(encoding="utf-8")


def table_of(folder: Path) -> list[dict[str, str]]:
    (path,) = folder.rglob("scorecard.csv")
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


FILE = (
    row("output"),
    row("growth", variable="output_value_yoy", value="2.4"),
    row(
        "jobs", variable="employment", period_start="2024-12", unit="persons", value="20500", bound="at_least", basis=""
    ),
    row("aim", kind="goal"),
)


def test_a_file_is_scored_printed_and_written(validate: Callable[..., Any], tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", *FILE)
    code, out, err = validate("--facts", path, *SHORT)
    assert code == 0
    assert "3 later figures that no fit has seen" in out
    for piece in ("≥ 20,500 persons", "inside", "skill: last value", "national growth", "can be chance", "Not scored"):
        assert piece in out
    assert "guanxian-r1" in out
    assert "A 3/3" in err
    (page,) = tmp_path.glob("results/validate/*/scorecard.html")
    assert str(page.parent.relative_to(tmp_path)) in out.splitlines()[-1]
    rows = {item["id"]: item for item in table_of(tmp_path)}
    assert [item["state"] for item in rows.values()] == ["scored", "scored", "scored", "not scored"]
    assert float(rows["growth"]["national_skill"]) < 1.0
    assert rows["output"]["last_from"] == "gx-output"
    assert rows["jobs"]["inside_90"] == "yes"
    assert "aim" in rows["aim"]["reason"]


def test_finished_runs_are_used_again(validate: Callable[..., Any], tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", *FILE)
    validate("--facts", path, *SHORT)
    assert len(SEEN) == 3
    assert validate("--facts", path, *SHORT)[0] == 0
    assert len(SEEN) == 3


def test_json_and_chinese(validate: Callable[..., Any], tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", *FILE)
    code, out, _ = validate("--facts", path, *SHORT, "--json")
    record = json.loads(out)
    assert code == 0
    assert record["totals"]["levels"]["bands"]["90%"]["figures"] == 1
    assert [item["id"] for item in record["figures"]] == ["output", "growth", "jobs"]
    assert record["not_scored"][0]["reason_zh"]
    _, chinese, _ = validate("--facts", path, *SHORT[:4], "--lang", "zh")
    for piece in ("成绩单", "≥ 20,500人", "技巧分：最近值", "未评分", "guanxian-r1"):
        assert piece in chinese
    assert "skill" not in chinese


def test_another_folder(validate: Callable[..., Any], tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", *FILE)
    assert validate("--facts", path, *SHORT, "--out", tmp_path / "elsewhere")[0] == 0
    assert not (tmp_path / "results").exists()
    assert {item.name for item in (tmp_path / "elsewhere").iterdir()} == {"runs", "validate"}


def test_growth_left_out_needs_no_run(validate: Callable[..., Any], tmp_path: Path) -> None:
    fitted(
        tmp_path / "calibration",
        "yongnian-r1",
        "yongnian-2023",
        figure("yn-exports-growth-2024-8m", 0.08, 0.05),
        figure("yn-output-2023", 24.4, 0.1, bound="at_least", logs=True),
    )
    code, out, _ = validate("yongnian", "--lang", "en")
    assert code == 0
    assert SEEN == []
    assert "1 growth figure, each left out of the fit that predicts it" in out
    assert "Left out too, and set against no rival" in out
    assert "yongnian-r1, yongnian-2023, 512 draws" in out
    rows = table_of(tmp_path)
    assert [(item["id"], item["state"]) for item in rows] == [
        ("yn-exports-growth-2024-8m", "scored"),
        ("yn-output-2023", "listed"),
    ]
    assert rows[1]["national_skill"] == ""


def test_without_a_fit_the_way_to_one_is_told(validate: Callable[..., Any]) -> None:
    code, out, err = validate("yongnian")
    assert (code, out) == (2, "")
    assert "countysim calibrate yongnian" in err


@pytest.mark.parametrize(
    ("words", "piece"),
    [
        (("--facts", "missing.csv"), "missing.csv  there is no such file"),
        (("-n", "3", "--scale", "20"), "-n, --scale: only with --facts FILE"),
        (("yongnain",), 'did you mean "yongnian"?'),
        (("--lang", "fr"), "is not one of en, zh"),
        (("--facts", "later.csv", "-n", "0"), "must be 1 or more"),
        (("--facts", "later.csv", "guanxain"), 'did you mean "guanxian"?'),
        (("--facts", "columns.csv"), "expected id, place, variable"),
    ],
)
def test_mistakes(validate: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], piece: str) -> None:
    write(tmp_path / "later.csv", *FILE)
    write(tmp_path / "columns.csv", row("a"), columns=("id", "place", "value"))
    code, out, err = validate(*words)
    assert (code, out) == (2, "")
    assert piece in err
    assert "Traceback" not in err


def test_odd_rows_do_not_keep_the_others_from_a_score(validate: Callable[..., Any], tmp_path: Path) -> None:
    odd = (row("a", value="lots"), row("b", bound="range"), row("c", kind="policy", period_start=""))
    code, out, err = validate("--facts", write(tmp_path / "later.csv", *FILE, *odd), *SHORT)
    assert code == 0
    assert "3 later figures that no fit has seen" in out
    for piece in ('line 6: value "lots"', 'line 7: bound "range"', 'line 8: kind "policy"'):
        assert piece in out
    assert "Traceback" not in err
    states = {item["id"]: item["state"] for item in table_of(tmp_path)}
    assert states == {
        "output": "scored", "growth": "scored", "jobs": "scored", "aim": "not scored", "a": "not scored",
        "b": "not scored", "c": "not scored",
    }  # fmt: skip


def test_a_file_of_odd_rows_alone_is_told_and_nothing_is_simulated(
    validate: Callable[..., Any], tmp_path: Path
) -> None:
    code, out, _ = validate("--facts", write(tmp_path / "later.csv", row("a", value="lots")), *SHORT)
    assert code == 0
    assert "No figure could be scored." in out
    assert SEEN == []


def test_an_id_used_twice_is_scored_twice(validate: Callable[..., Any], tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", row("a"), row("a", value="0.83", unit="ten billion RMB"))
    code, out, _ = validate("--facts", path, *SHORT, "--json")
    assert code == 0
    found = {item["id"]: item["reported"] for item in json.loads(out)["figures"]}
    assert found == {"a": 8.1e9, "a (line 3)": 8.3e9}


def test_a_count_with_a_scale_word_is_printed_in_full(tmp_path: Path) -> None:
    (fact,) = read_outside(write(tmp_path / "later.csv", row("a", value="3", unit="万户"))).facts
    assert reported_text(fact, "at_least", "en") == "≥ 30,000 户"
    assert reported_text(fact, "at_least", "zh") == "≥ 30,000"


def test_a_failed_replicate_is_told_and_left_out(validate: Callable[..., Any], tmp_path: Path) -> None:
    FAILING.append(1)
    code, out, _ = validate("--facts", write(tmp_path / "later.csv", *FILE), *SHORT)
    assert code == 1
    assert "failed runs, left out: guanxian-2023 1" in out
    assert "2 runs" in out


def test_no_replicate_left(validate: Callable[..., Any], tmp_path: Path) -> None:
    FAILING.extend(range(3))
    code, out, _ = validate("--facts", write(tmp_path / "later.csv", *FILE), *SHORT)
    assert code == 1
    assert "every replicate of the run failed" in out
    assert "No figure could be scored." in out


DRAWING = {
    "viewbox", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "d", "width", "height", "fill", "stroke",
    "stroke-width", "text-anchor", "font-size", "transform",
}  # fmt: skip


def attributes_of(page: str) -> set[str]:
    """Names of every attribute on a page: none of them may fetch anything. Every element is closed."""
    found: set[str] = set()
    open_elements: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "img", "link", "iframe", "object", "a", "base", "form")
            found.update(name for name, _ in attrs)
            if tag not in ("meta", "input"):
                open_elements.append(tag)

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update(name for name, _ in attrs)

        def handle_endtag(self, tag: str) -> None:
            assert open_elements.pop() == tag

    Reader().feed(page)
    assert open_elements == []
    return found


EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>&\x1b[31m'


def test_a_hostile_file_does_no_harm(validate: Callable[..., Any], tmp_path: Path) -> None:
    rows = (
        row(EVIL, basis=EVIL, source=EVIL, note=EVIL),
        row("=cmd|' /C calc'!A0", variable="output_value_yoy", value="3", source="@SUM(1)", basis="=1+1"),
        row("../../etc/passwd", place="../../../etc", variable=EVIL, unit=EVIL),
        row("unit", unit=EVIL),
        row("far", value="1e300"),
        row("tiny", value="1e-300", period_end="2024-11"),
        row("long", basis="x" * 20_000, period_end="2024-10"),
    )
    path = write(tmp_path / "later.csv", *rows)
    code, out, err = validate("--facts", path, *SHORT)
    assert code == 0
    assert "\x1b" not in out + err
    assert max(map(len, out.splitlines())) < 500
    page = page_of(tmp_path)
    assert "<script" not in page
    assert "<img" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page
    assert attributes_of(page) <= {"lang", "charset", "http-equiv", "content", "name", "class", "type", "id", "for",
                                   "checked", "role", "aria-label", *DRAWING}  # fmt: skip
    assert "url(" not in page
    assert "@import" not in page
    told = table_of(tmp_path)
    assert len(told) == len(rows)
    for cells in told:
        for name, cell in cells.items():
            if name not in ("reported", "p05", "p25", "p50", "p75", "p95") and not re.fullmatch(r"-?[\d.e+-]+", cell):
                assert not cell.startswith(("=", "+", "-", "@")), (name, cell)
    assert {item.name for item in tmp_path.iterdir()} == {"later.csv", "results"}


def test_help_says_what_is_never_scored() -> None:
    from typer.testing import CliRunner

    text = " ".join(CliRunner().invoke(program.app, ["validate", "--help"]).stdout.split())
    for piece in ("last value, trend, national growth", "never", "countysim validate --facts later.csv", "skill"):
        assert piece in text
