"""CSV files: columns, plain numbers, Chinese copies, hostile names, whole or absent."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace

import pytest

from sim.compare import compare
from sim.compare.csv_tables import (
    ANOTHER,
    COLUMNS,
    HEADINGS,
    comparison_folder,
    csv_text,
    goal_records,
    money_records,
    value_records,
    write_tables,
)
from sim.errors import UserError
from sim.whole import write_whole
from tests.compare.fake_run import goal, make_pair, make_policy, make_scenario, month

DESIGNED_COMPARE = (
    "scenario, baseline, scenario_name, scenario_name_zh, baseline_name, baseline_name_zh, run_scenario, run_baseline, "
    "place, place_zh, admin_code, variable, variable_zh, unit, basis, period, period_kind, aggregate, good, n_pairs, "
    "n_dropped, paired, a_p05, a_p25, a_p50, a_p75, a_p95, a_mean, b_p05, b_p25, b_p50, b_p75, b_p95, b_mean, "
    "diff_p05, diff_p25, diff_p50, diff_p75, diff_p95, diff_mean, mc_se, diff_pct_p05, diff_pct_p50, diff_pct_p95, "
    "prob_higher, prob_better, verdict, variance_reduction, model_version, tool_version, created"
)
DESIGNED_MONEY = "scenario, baseline, place, policy, payer, period, promised, claimed, granted, paid, unclaimed, unit"


@pytest.fixture(scope="module")
def found():
    aims = (goal(at_least=3.9e10), goal("never", at_least=1e15))
    b, a = make_pair(30, scenario_b=make_scenario("b", policies=(make_policy(),), goals=aims))
    return compare(b, a)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_columns_are_those_of_the_design():
    assert ", ".join(COLUMNS["compare"]) == DESIGNED_COMPARE
    assert ", ".join(COLUMNS["money"][:12]) == DESIGNED_MONEY
    assert COLUMNS["value"][:4] == ("scenario", "baseline", "window", "measure")
    assert [name for name in COLUMNS["value"] if name.startswith("p") and name[1:].isdigit()] == [
        "p05", "p25", "p50", "p75", "p95",
    ]  # fmt: skip
    assert COLUMNS["goals"][:6] == ("scenario", "goal", "by", "at_least", "prob_reached", "month_p50")


def test_every_column_has_one_chinese_heading_of_its_own():
    tables = (COLUMNS["additionality"], COLUMNS["take_up"], COLUMNS["displacement"])
    for columns in (COLUMNS["compare"], COLUMNS["money"], COLUMNS["value"], COLUMNS["goals"], *tables):
        headings = [HEADINGS[name] for name in columns]
        assert len(set(headings)) == len(headings)


def test_numbers_come_back_in_full(found):
    rows = read(csv_text(found.records(), COLUMNS["compare"]))
    written = next(r for r in rows if r["variable"] == "output_value" and r["period"] == "2030")
    row = found.row("output_value")
    assert float(written["diff_p50"]) == row.difference.p50
    assert float(written["a_p95"]) == row.a.p95
    assert float(written["mc_se"]) == row.mc_se
    assert (written["unit"], written["paired"], written["period_kind"]) == ("yuan", "true", "year")
    assert len(rows) == len(found.rows) + len(found.growth)


def test_what_is_not_given_is_an_empty_cell(found):
    rows = read(csv_text(found.records(), COLUMNS["compare"]))
    neutral = next(r for r in rows if r["variable"] == "price_index")
    assert neutral["prob_better"] == ""
    assert next(r for r in rows if r["variable"] == "profit_rate")["diff_pct_p50"] == ""


def test_few_runs_leave_bands_empty_in_files_too():
    b, a = make_pair(8)
    rows = read(csv_text(compare(b, a).records(), COLUMNS["compare"]))
    row = next(r for r in rows if r["variable"] == "output_value" and r["period"] == "2030")
    assert row["diff_p05"] == row["a_p95"] == ""
    assert row["diff_p50"] != ""
    assert row["verdict"] == "too few runs"


def test_money_value_and_aims_in_files(found):
    money = read(csv_text(money_records(found), COLUMNS["money"]))
    total = next(r for r in money if (r["scenario"], r["policy"], r["period"]) == ("b", "all", "2026-2030"))
    assert float(total["paid"]) == pytest.approx(60e6)
    assert (total["unit"], total["discount_rate"]) == ("yuan", "0.08")
    value = {r["measure"]: r for r in read(csv_text(value_records(found), COLUMNS["value"]))}
    assert set(value) == {"jobs_per_million", "output_per_yuan", "tax_per_yuan", "cost_per_job"}
    assert value["cost_per_job"]["unit"] == "yuan per person"
    aims = read(csv_text(goal_records(found), COLUMNS["goals"]))
    assert [(r["scenario"], r["goal"]) for r in aims] == [("b", "aim"), ("a", "aim"), ("b", "never"), ("a", "never")]
    assert aims[0]["by"] == "2030-12"
    assert float(aims[0]["prob_reached"]) > 0.0
    assert (aims[2]["prob_reached"], aims[2]["month_p50"]) == ("0.0", "")


def test_files_are_written_plain_and_in_chinese(found, tmp_path):
    paths = write_tables(found, tmp_path / "deep" / "folder")
    assert sorted(path.name for path in paths) == [
        f"{name}{ending}"
        for name in ("additionality", "compare", "displacement", "goals", "money", "take_up", "value")
        for ending in (".csv", ".zh.csv")
    ]
    folder = tmp_path / "deep" / "folder"
    assert (folder / "compare.csv").read_bytes().startswith(b"scenario,")
    chinese = (folder / "compare.zh.csv").read_bytes()
    assert chinese.startswith(b"\xef\xbb\xbf")
    text = chinese.decode("utf-8-sig")
    assert text.startswith("情形,基准,")
    assert "明确" in text
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in paths)


def test_writing_again_replaces_the_files(found, tmp_path):
    write_tables(found, tmp_path)
    before = (tmp_path / "compare.csv").read_bytes()
    write_tables(found, tmp_path)
    assert (tmp_path / "compare.csv").read_bytes() == before


def test_a_file_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "compare.csv").mkdir()
    with pytest.raises(UserError, match=r"cannot write .*compare\.csv"):
        write_whole(tmp_path / "compare.csv", "text", ANOTHER)
    assert [path.name for path in tmp_path.iterdir()] == ["compare.csv"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_names_are_never_formulas(start):
    name = f'{start}HYPERLINK("http://x","y")'
    policy = make_policy(name=name, name_zh=name)
    b, a = make_pair(30, scenario_b=make_scenario("b", name=name, name_zh=name, policies=(policy,)))
    found = compare(b, a)
    for chinese in (False, True):
        rows = list(csv.reader(io.StringIO(csv_text(found.records(), COLUMNS["compare"], chinese=chinese))))
        assert rows[1][2] == f"'{name}"
        money = list(csv.reader(io.StringIO(csv_text(money_records(found), COLUMNS["money"], chinese=chinese))))
        assert money[1][COLUMNS["money"].index("policy_name")] == f"'{name}"


def test_negative_numbers_are_not_taken_for_formulas():
    b, a = make_pair(30, gain=-0.05)
    rows = read(csv_text(compare(b, a).records(), COLUMNS["compare"]))
    written = next(r for r in rows if r["variable"] == "output_value" and r["period"] == "2030")["diff_p50"]
    assert written.startswith("-")
    assert float(written) < 0.0


def test_names_with_commas_quotes_and_line_breaks_stay_in_their_cell():
    name = "<b>\"&',\n测试"
    b, a = make_pair(30, scenario_b=make_scenario("b", name=name, policies=(make_policy(),)))
    rows = read(csv_text(compare(b, a).records(), COLUMNS["compare"]))
    assert {row["scenario_name"] for row in rows} == {name}


def test_folder_of_a_comparison(found, tmp_path):
    folder = comparison_folder(found, tmp_path)
    assert folder == tmp_path / "compare" / "b--vs--a--01234567-fedcba98"
    assert comparison_folder(replace(found, paired=False), tmp_path).name == "b--vs--a--01234567-fedcba98--unpaired"
    variant = replace(found, b=replace(found.b, id="x:half"))
    assert comparison_folder(variant, tmp_path).name.startswith("x--half--vs--a--")
    hostile = replace(found, b=replace(found.b, id="../../etc"))
    assert comparison_folder(hostile, tmp_path).parent == tmp_path / "compare"


def test_noise_cut_without_limit_can_be_read_back():
    b, a = make_pair(30, jobs=5.0, changed_from=month(2026, 1))
    b.values["employment"] = a.values["employment"].round() + 5.0
    a.values["employment"] = a.values["employment"].round()
    rows = read(csv_text(compare(b, a).records(), COLUMNS["compare"]))
    written = next(r for r in rows if r["variable"] == "employment" and r["period"] == "2030")["variance_reduction"]
    assert float(written) == math.inf
