"""Runs that do not begin or end together: which years both hold is said, and nothing else is compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import sim.experiments
from sim.cli.main import app
from sim.compare import compare
from sim.compare.csv_tables import money_records
from sim.compare.several import compare_several
from sim.errors import UserError
from sim.report import export as formats
from sim.report import figures
from sim.report.comparison_table import comparison_text, several_text
from sim.report.figures.describe import shown
from sim.report.sentences import summary
from sim.report.workbook.book import material_of
from sim.state.record import MONEY_STAGES
from tests.compare.fake_run import FakeRun, make_pair, make_policy, make_scenario, month, shortened

ENGLISH = (
    "The baseline is simulated from 2024-01 to 2030-12, the scenario from 2024-01 to 2028-06: "
    "compared are the years both hold in full, 2024-2027."
)
CHINESE = "基准推演2024-01至2030-12，情形推演2024-01至2028-06：只比较两者都完整推演的年份（2024-2027年）。"


@pytest.fixture(scope="module")
def runs() -> tuple[FakeRun, FakeRun]:
    """B ends in the middle of 2028, A with 2030; both pay for the same fund, B for a fair as well."""
    fund, fair = make_policy("fund"), make_policy("fair", type="fair")
    a_scenario = make_scenario("a", kind="baseline", policies=(fund,))
    b, a = make_pair(24, scenario_a=a_scenario, scenario_b=make_scenario("b", policies=(fund, fair)))
    assert b.amounts is not None
    a.amounts = b.amounts[:, :, 1:].copy()
    b.amounts[:, :, 0, 0, MONEY_STAGES.index("paid")] = 1e5
    return shortened(b, month(2028, 6)), a


@pytest.fixture(scope="module")
def found(runs: tuple[FakeRun, FakeRun]) -> Any:
    return compare(*runs)


def test_only_common_years_are_compared(found: Any) -> None:
    assert (found.at, found.window) == (2027, (2026, 2027))
    assert {r["period"][:4] for r in found.records() if r["period_kind"] == "year"} == {
        "2024", "2025", "2026", "2027",
    }  # fmt: skip
    assert {record["period"] for record in money_records(found)} == {"2026-2027", "2026", "2027"}
    assert found.money.extra.mean == pytest.approx(24 * 1e5)


def test_it_is_said_once_in_table_sentences_and_under_every_title(found: Any, runs: Any) -> None:
    for language, text in (("en", ENGLISH), ("zh", CHINESE)):
        assert comparison_text(found, language).count(text) == 1
        assert summary(found, language).count(text) == 1
        assert text.rstrip(".。") in material_of(found, runs, language).about()[2]
        assert text in shown(runs, language).remarks


def test_runs_of_one_span_say_nothing_of_it() -> None:
    b, a = make_pair(24)
    assert compare(b, a).note("span") is None
    assert shown((b, a), "en").remarks == ()


def test_money_of_years_that_one_run_lacks_is_no_difference(found: Any) -> None:
    note = found.note("money-elsewhere")
    assert "Outside 2026-2027, in 2024-2028 (to 2028-06), B pays 3 million yuan more" in note.en
    assert "2024-2028年，至2028-06" in note.zh


def test_the_window_a_note_advises_is_accepted(found: Any, runs: Any) -> None:
    assert "(--window 2024-2027 does)" in found.note("money-elsewhere").en
    wider = compare(*runs, window=(2024, 2027))
    assert wider.money.extra.mean == pytest.approx(48 * 1e5)
    assert "--window" not in wider.note("money-elsewhere").en if wider.note("money-elsewhere") else True


def test_identical_where_both_were_simulated() -> None:
    b, a = make_pair(24, gain=0.0, jobs=0.0, money=0.0)
    text = comparison_text(compare(shortened(b, month(2027, 12)), a), "en")
    assert "identical results in every month both hold" in text


def test_runs_without_a_common_year_are_refused() -> None:
    b, a = make_pair(24)
    with pytest.raises(UserError, match="no complete calendar year"):
        compare(shortened(b, month(2024, 9)), a)


def test_several_scenarios_are_compared_where_all_were_simulated(runs: Any) -> None:
    short, a = runs
    long = replace(make_pair(24)[0], scenario=replace(short.scenario, id="c", time=a.scenario.time))
    long.amounts = np.concatenate([a.amounts, a.amounts], axis=2)
    several = compare_several([long, short], a, "employment")
    assert several.at == 2027
    assert {comparison.window for comparison in several.comparisons} == {(2026, 2027)}
    assert f"b: {ENGLISH}" in several_text(several, "en")


def test_the_timeline_ends_where_both_runs_do(runs: Any) -> None:
    drawn = figures.timeline(runs)
    assert set(drawn.data["until"]) == {"2028-06"}
    assert drawn.data["ongoing"].all()
    amounts = drawn.data.set_index(["side", "policy"])["public_money_yuan_a_year"]
    assert amounts["A", "fund"] == amounts["B", "fund"] == pytest.approx(12e6)
    low, high = drawn.axes[0].get_xlim()
    assert (low, high) == pytest.approx((2024.0, 2028.5))


def test_iamc_holds_common_years(runs: Any) -> None:
    assert set(formats.summary(*runs)["year"]) == {2024, 2025, 2026, 2027}


def test_export_says_which_years_it_writes(runs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(zip("ba", runs, strict=True))
    monkeypatch.setattr(sim.experiments, "find_run", lambda name, *_, **__: known[name])
    monkeypatch.setenv("LC_ALL", "C")
    result = CliRunner().invoke(app, ["export", "b", "a", "-o", str(tmp_path / "x.csv")])
    assert result.exit_code == 0, result.output
    assert result.stderr == ENGLISH + "\n"
    assert set(pd.read_csv(tmp_path / "x.csv")["year"]) == {2024, 2025, 2026, 2027}
    result = CliRunner().invoke(app, ["plot", "value", "b", "--baseline", "a", "-o", str(tmp_path / "x.csv")])
    assert set(pd.read_csv(tmp_path / "x.csv")["window"]) == {"2026-2027"}
