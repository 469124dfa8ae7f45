"""``countysim fit``: misses on top, one line a figure, every figure accounted for, mistakes with exit code 2."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import sim.experiments
from sim.cli.main import app
from sim.errors import UserError
from sim.evidence import load_facts
from sim.report.fit_table import fit_of, fit_text
from sim.reporting import standing
from sim.scenario.resolved import Goal
from tests.report import figures_fakes as fakes
from tests.reporting.truths import made

SCOPE = {"employment": 4.0}


def run_of(count: int = 24, **more: Any) -> Any:
    """A run of Yongnian in which far too few people work."""
    run = fakes.FakeRun(
        fakes.scenario("yongnian-2023", fakes.baseline_policies()), count, scope=more.pop("scope", SCOPE),
        levels={"employment": 1000.0, "export_destinations": 300.0, "national_share": 0.58, **more.pop("levels", {})},
    )  # fmt: skip
    run.scenario = replace(run.scenario, **more)
    return run


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Runs that are found by their scenario."""
    runs: dict[str, Any] = {"yongnian-2023": run_of()}

    def find_run(reference: str, out: Path | None = None, **_: Any) -> Any:
        if reference not in runs:
            raise UserError(f"no run of {reference} yet: countysim run {reference}")
        return runs[reference]

    monkeypatch.setattr(sim.experiments, "find_run", find_run)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C")
    monkeypatch.delenv("LC_ALL", raising=False)
    return runs


def call(*words: str) -> Any:
    return CliRunner().invoke(app, ["fit", *words])


def lines(text: str) -> list[str]:
    """Rows of the first table."""
    return [line for line in text.splitlines() if line[-1:] and any(sign in line for sign in ("= ", "≥ ", "≤ ", "≈ "))]


def test_misses_stand_on_top_with_bound_basis_period_and_band(stored: Any) -> None:
    result = call("yongnian-2023")
    assert result.exit_code == 0, result.output
    first = lines(result.stdout)[0]
    assert first.startswith("Employment")
    for piece in ("≥ 340,000 persons", "2024-12", "includes related industries", "missed: simulated below", " … "):
        assert piece in first
    standings = ["missed" in line for line in lines(result.stdout)[:-1]]
    assert standings == sorted(standings, reverse=True)
    destinations = next(line for line in lines(result.stdout) if line.startswith("Export destinations"))
    assert destinations.rstrip().endswith("on the right side°")
    assert "° the run starts from this figure" in result.stdout
    assert "--all lists them" in result.stdout
    assert list(Path().iterdir()) == []


def test_all_accounts_for_every_figure_with_a_reason(stored: Any) -> None:
    result = call("yongnian-2023", "--all")
    for fact in load_facts():
        assert fact.id in result.stdout, fact.id
    assert "a budget is a term of the fund" in result.stdout
    assert "this place is not simulated" in result.stdout
    assert "times 4, what the reported count holds" in result.stdout


def test_chinese_has_chinese_words_and_units(stored: Any) -> None:
    text = call("yongnian-2023", "--lang", "zh", "--all").stdout
    for piece in (
        "公布数与推演结果对照",
        "≥ 420亿元",
        "推演低于公布数",
        "方向一致",
        "含相关产业",
        "未用",
        "乘以范围倍数4",
    ):
        assert piece in text
    table = "".join(lines(text))
    assert "missed" not in table
    assert "billion" not in table


def test_json_holds_values_reasons_and_every_figure(stored: Any) -> None:
    record = json.loads(call("yongnian-2023", "--json").stdout)
    assert {item["id"] for item in (*record["figures"], *record["not_used"])} == {fact.id for fact in load_facts()}
    jobs = record["figures"][0]
    assert (jobs["id"], jobs["standing"], jobs["scope_factor"]) == ("yn-employment", "missed", 4.0)
    assert len(jobs["values"]) == 24
    assert jobs["p05"] <= jobs["p50"] <= jobs["p95"] < jobs["reported"]
    assert all(item["reason"] and item["reason_zh"] for item in record["not_used"])


def test_few_runs_have_no_band_and_no_verdict(stored: Any) -> None:
    stored["few"] = run_of(5)
    text = call("few").stdout
    assert "too few runs" in text
    assert "missed:" not in text
    assert "…" not in text
    figures = json.loads(call("few", "--json").stdout)["figures"]
    assert {item["p05"] for item in figures} == {None}


def test_aims_of_the_scenario_and_the_share_that_reaches_them(stored: Any) -> None:
    goals = (
        Goal("easy", "output_value", 1e9, fakes.month("2025-12"), "x"),
        Goal("never", "exports", 1e15, fakes.month("2035-12"), "x"),
    )
    stored["aims"] = run_of(goals=goals)
    text = call("aims").stdout
    assert "easy: output value at least 1 billion yuan by 2025-12: reached in 24 of 24 runs, median month" in text
    assert "reached in 0 of 24 runs  (the runs end before the date)" in text
    record = json.loads(call("aims", "--json").stdout)["aims"]
    assert [(item["id"], item["share_reached"]) for item in record] == [("easy", 1.0), ("never", 0.0)]
    assert "easy：产值在2025-12前达到10亿元：24次推演中24次达到" in call("aims", "--lang", "zh").stdout


def test_nothing_to_compare_is_said(stored: Any) -> None:
    place = replace(stored["yongnian-2023"].scenario.places[0], id="nowhere")
    stored["nowhere"] = run_of(places=(place,))
    text = call("nowhere").stdout
    assert "No reported figure can be asked of this run" in text
    assert lines(text) == []


def test_names_cannot_steer_the_terminal(stored: Any) -> None:
    stored["bad"] = run_of(name="red \x1b[31m [bold]name")
    assert "\x1b" not in call("bad").stdout
    assert "[bold]name" in call("bad").stdout


def test_no_run_says_which_command_makes_it(stored: Any) -> None:
    result = call("yongnian-fair2x-fund200m")
    assert result.exit_code == 2
    assert "countysim run yongnian-fair2x-fund200m" in result.stderr
    assert result.stdout == ""


def test_a_place_is_no_scenario_and_languages_are_two(stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.calibrate.fits.fit_folders", tuple)
    result = call("hebei-clusters")
    assert result.exit_code == 2
    assert "hebei-clusters is a place without a fit; make one: countysim calibrate hebei-clusters" in result.stderr
    assert "countysim fit hebei-clusters-2019" in result.stderr
    assert call("yongnian-2023", "--lang", "fr").exit_code == 2


def test_help_teaches_the_verdicts() -> None:
    text = call("--help").stdout
    for piece in ("on the right side", "missed", "inside", "countysim fit yongnian-2023 --all", "starts from"):
        assert piece in text


def test_growth_as_printed_stands_beside_that_of_the_place(stored: Any) -> None:
    run = stored["yongnian-2023"]
    fact = made("output_value_yoy", 0.3, "share", id="growth", place="yongnian")
    (line,) = fit_of(run, [fact]).lines
    assert line.printed is not None
    assert line.printed.p50 == pytest.approx(line.simulated.p50, abs=0.01)  # no fit says anything of the shift
    assert line.printed.p95 - line.printed.p05 > 0.25
    assert line.standing == standing(0.3, "exact", line.printed.p05, line.printed.p95)
    text = fit_text(fit_of(run, [fact]), run, "en")
    assert "growth as printed" in text
    assert "simulated growth is that of the place" in text
    other = fit_text(fit_of(run, [made("output_value", 1e9, "yuan", id="x", place="yongnian")]), run, "en")
    assert "growth as printed" not in other
