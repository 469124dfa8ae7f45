"""The terminal table: layout, units, digits, both languages, names as data."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from sim.compare import compare
from sim.compare.statistics import Band
from sim.report.comparison_table import band_text, comparison_text, error_cell, paid_back_text, row_columns
from sim.report.rounding import Scale, band_decimals, plain, scale_for, significant, span
from sim.report.sentences import summary
from sim.report.table import Column, display_width, escaped, layout, markdown, one_line
from tests.compare.fake_run import goal, make_pair, make_place, make_policy, make_scenario, month
from tests.compare.test_money_and_value import FAIR, lagging

ENGLISH_UNITS = re.compile(r"billion yuan|million yuan")
CHINESE_UNITS = re.compile(r"亿元|万元")


@pytest.fixture(scope="module")
def found():
    aims = (goal(at_least=4e10),)
    b, a = make_pair(
        100, jobs=500.0, jobs_noise=2000.0, scenario_b=make_scenario("b", policies=(make_policy(),), goals=aims)
    )
    for replicate in range(100):
        b.awarded[replicate] = [(1, 0, month(2027, 1), 0, 1.0, 3e7, 90.0, 100.0, 10.0)]
        b.followed[replicate] = [(1, 0, 2030, 2250.0, 0.0, 1)]
        a.followed[replicate] = [(1, 0, 2030, 90.0, 0.0, 0)]
    return compare(b, a)


def test_heading_and_lines(found):
    lines = comparison_text(found, "en", folder="results/compare/x/").splitlines()
    assert lines[0] == "B  b  Scenario B"
    assert lines[1] == "A  a  Scenario A"
    assert lines[2] == (
        "100 paired replicates (not calibrated, seed 1), world central, model 1, scale 1:20"
        "      equal until 2025-12: yes"
    )
    text = "\n".join(lines)
    for expected in (
        "2026-2030 (15th five-year plan)",
        "public money paid       B 60.00 million yuan more than A   county 36.00  province 24.00",
        "  of it funds: promised 60.00, granted 60.00, paid 60.00, unclaimed 0.00",
        "  discounted at 8% a year to January 2026: 49.96",
        "cost per job            not defined: ",
        "  jobs in 2030 at recipients +2,160, at other firms -1,",
        "aim aim: output value at least 40 billion yuan by 2030-12   B: ",
        "Bands: chance only; parameters are not yet calibrated",
    ):
        assert expected in text
    assert lines[-1] == "files  results/compare/x/"


def test_one_language_and_one_system_of_units_on_a_page(found):
    english, chinese = (comparison_text(found, language, every=True) for language in ("en", "zh"))
    assert not CHINESE_UNITS.search(english)
    assert not re.search("[\u4e00-\u9fff]", english)
    assert not ENGLISH_UNITS.search(chinese)
    assert not re.search("[a-z]{3,}", chinese.replace("aim", "").replace("countysim compare b a --check-scale 10", ""))


def test_values_agree_between_languages(found):
    english = next(line for line in comparison_text(found, "en").splitlines() if line.startswith("output value"))
    chinese = next(line for line in comparison_text(found, "zh").splitlines() if line.startswith("产值"))
    billions = float(re.search(r"billion yuan\s+([\d.]+)", english)[1])
    hundred_millions = float(re.search(r"亿元\s+([\d.]+)", chinese)[1])
    assert hundred_millions == pytest.approx(10 * billions)


def test_all_variables_only_when_asked(found):
    assert "technical upgrades" not in comparison_text(found, "en")
    assert "technical upgrades" in comparison_text(found, "en", every=True)


def test_likely_row_reads_as_occasions(found):
    line = next(line for line in comparison_text(found, "en").splitlines() if line.startswith("employment"))
    row = found.row("employment")
    assert f"{round(row.prob_higher * 100)}/100" in line
    assert line.endswith(row.verdict)


def test_columns_line_up_with_wide_characters(found):
    columns = row_columns(found, found.headline_rows(), "zh")
    lines = layout(columns)
    starts = {display_width(line[: line.index("100/100" if "100/100" in line else "/100")]) for line in lines[1:]}
    assert len(starts) <= 2
    assert display_width("产值ab") == 6
    assert display_width("e\u0301") == 1


def test_narrow_terminals_lose_the_less_important_columns(found):
    columns = row_columns(found, found.headline_rows(), "en")
    full, narrow, narrowest = layout(columns), layout(columns, 120), layout(columns, 10)
    assert "MC se" in full[0]
    assert "MC se" not in narrow[0]
    assert "B − A median" in narrowest[0]
    assert "50% of runs" not in narrowest[0]
    assert all(display_width(line) <= 120 for line in narrow)


def test_unpaired_is_said_in_heading_table_and_window():
    b, a = make_pair(60)
    for language, word in (("en", "unpaired"), ("zh", "非配对")):
        text = comparison_text(compare(b, a, unpaired=True), language)
        lines = text.splitlines()
        assert word in lines[2].lower()
        assert f"2030 ({word})" in text
        assert any(("15th" in line or "十五五" in line) and word in line for line in lines)
        assert "equal until" not in text


def test_few_runs_show_medians_only():
    text = comparison_text(compare(*make_pair(8)), "en")
    line = next(line for line in text.splitlines() if line.startswith("output value"))
    assert "…" not in line
    assert line.endswith("too few runs")
    assert "Only 8 runs: no bands" in text
    assert "cost per job            not defined: 8 runs are too few" in text


def test_rough_bands_are_marked():
    assert "90% of runs (rough)" in comparison_text(compare(*make_pair(30)), "en")
    assert "90%的推演（粗略）" in comparison_text(compare(*make_pair(30)), "zh")
    assert "rough" not in comparison_text(compare(*make_pair(50)), "en")


def test_identical_runs_print_n01_instead_of_the_table():
    b, a = make_pair(30, gain=0.0, jobs=0.0, money=0.0)
    for language in ("en", "zh"):
        text = comparison_text(compare(b, a), language)
        assert text.count("N01") == 1
        assert "A median" not in text
        assert "A中位数" not in text
    assert "the same in A and B" in comparison_text(compare(b, a), "en")
    assert "B与A相同" in comparison_text(compare(b, a), "zh")


def test_an_early_difference_is_shouted():
    b, a = make_pair(30, changed_from=month(2025, 3))
    text = comparison_text(compare(b, a), "en")
    assert "equal until 2025-12: NO" in text
    assert "do not use this comparison" in text
    b, a = make_pair(30, scenario_b=make_scenario("b"))
    assert "A and B differ from 2026-01" in comparison_text(compare(b, a), "en")


def test_markup_and_control_characters_in_names_are_shown_literally():
    name = "[red]x[/red]\x1b[31m\r\nb <b>&'\""
    places = (make_place(name=name, name_zh=name),)
    world = replace(make_scenario().world, name=name, name_zh=name)
    scenario = make_scenario(
        "b", name=name, name_zh=name, places=places, policies=(make_policy(name=name),), world=world
    )
    b, a = make_pair(30, scenario_b=scenario, scenario_a=make_scenario("a", places=places, world=world))
    for language in ("en", "zh"):
        text = comparison_text(compare(b, a), language)
        assert "B  b  [red]x[/red] [31m b <b>&'\"" in text
        assert "\x1b" not in text
        assert "\r" not in text


def test_markdown_shows_markup_literally():
    columns = [Column("a|b", ["<b>", "[x](y)"], left=True), Column("n", ["1", "*2*"])]
    assert markdown(columns).splitlines() == [
        "| a\\|b | n |",
        "| --- | --: |",
        "| \\<b\\> | 1 |",
        "| \\[x\\](y) | \\*2\\* |",
    ]
    assert escaped("a\nb") == "a b"
    assert one_line("a\x00\tb") == "a b"


def test_places_are_listed_in_the_order_of_their_codes():
    places = (
        make_place("north", admin_code="140902", name="North", name_zh="北"),
        make_place("south", admin_code="140801", name="South", name_zh="南"),
    )
    b, a = make_pair(
        30,
        scenario_a=make_scenario("a", places=places),
        scenario_b=make_scenario("b", places=places, policies=(make_policy(),)),
    )
    text = comparison_text(compare(b, a), "en", every=True)
    assert 0 < text.index("\nSouth") < text.index("\nNorth")
    assert "South" not in comparison_text(compare(b, a), "en")


def test_money_less_than_the_baseline():
    b, a = make_pair(30)
    text = comparison_text(compare(a, b), "en")
    assert "B 60.00 million yuan less than A" in text
    assert "not defined: B costs no more public money than A" in text
    assert "B比A少6,000万元" in comparison_text(compare(a, b), "zh")


def test_the_ceiling_is_printed_when_there_is_one(found):
    assert "ceiling" not in comparison_text(found, "en")
    limited = replace(found, ceiling="at most 1 billion yuan of grants", ceiling_zh="补助最多10亿元")
    assert "\narithmetic ceiling: at most 1 billion yuan of grants\n" in comparison_text(limited, "en")
    assert "\n按公布数字推算的上限：补助最多10亿元\n" in comparison_text(limited, "zh")


def test_only_funds_have_calls_and_awards():
    policy = make_policy("park", type="park")
    b, a = make_pair(30, scenario_b=make_scenario("b", policies=(policy,)))
    text = comparison_text(compare(b, a), "en")
    assert "B 60.00 million yuan more than A" in text
    assert "of it funds" not in text


def test_grants_not_paid_yet_are_told_with_value_by_money_granted():
    found = compare(*lagging())
    english, chinese = (comparison_text(found, language) for language in ("en", "zh"))
    assert "  of it funds: promised 60.00, granted 60.00, paid 54.00, unclaimed 0.00\n" in english
    assert "  granted and not paid by the end of 2030 (due later, or the firm has closed): 6.00\n" in english
    assert "；按批复额计" in next(line for line in chinese.splitlines() if line.startswith("每百万元增加就业"))
    assert "至2030年末已批复未拨付（以后到期，或企业已退出）：600" in chinese
    paid, granted = (found.value_of("output_per_yuan", basis).band.p50 for basis in ("paid", "granted"))
    line = next(line for line in english.splitlines() if line.startswith("extra output per yuan"))
    assert [float(line.split(before)[1].split()[0]) for before in ("yuan", "granted")] == pytest.approx(
        [paid, granted], abs=0.06
    )
    assert "another 6 million yuan of grants were not paid by the end of 2030" in summary(found, "en")
    assert "另有600万元补助至2030年末已批复未拨付" in summary(found, "zh")


def test_grants_are_told_although_nothing_was_paid():
    b, a = lagging(months=80)
    b.amounts[:, :, FAIR] = 0.0
    text = comparison_text(compare(b, a), "en")
    assert "the same in A and B" in text
    assert "granted 60.00, paid 0.00" in text


def test_aims_that_nobody_reaches():
    aims = (goal(at_least=1e15),)
    b, a = make_pair(30, scenario_b=make_scenario("b", policies=(make_policy(),), goals=aims))
    assert "B: 0 of 30 runs;  A: 0 of 30 runs" in comparison_text(compare(b, a), "en")
    assert "B：30次中0次；A：30次中0次" in comparison_text(compare(b, a), "zh")


@pytest.mark.parametrize(
    ("share", "english", "chinese"),
    [
        (0.0, ": not paid back within the window", "：期内未收回"),
        (1.0, ": paid back within the window", "：期内收回"),
        (0.3, ": paid back within the window in 30% of runs", "：30%的推演期内收回"),
    ],
)
def test_paid_back(share, english, chinese):
    row = replace(compare(*make_pair(30)).value_of("tax_per_yuan"), prob_paid_back=share)
    assert paid_back_text(row, "en") == english
    assert paid_back_text(row, "zh") == chinese


@pytest.mark.parametrize(
    ("unit", "reference", "english", "chinese"),
    [
        ("yuan", 5.5e10, (1e9, "billion yuan"), (1e8, "亿元")),
        ("yuan", 5.5e6, (1e6, "million yuan"), (1e4, "万元")),
        ("yuan/year", 5e4, (1.0, "yuan/year"), (1e4, "万元/年")),
        ("tonnes", 3e6, (1e6, "Mt"), (1e4, "万吨")),
        ("tonnes", 3e3, (1e3, "kt"), (1.0, "吨")),
        ("tonnes", 3.0, (1.0, "t"), (1.0, "吨")),
        ("share", 0.5, (0.01, "%"), (0.01, "%")),
        ("percent", 3.0, (1.0, "%"), (1.0, "%")),
        ("persons", 3e5, (1.0, "persons"), (1.0, "人")),
        ("count", 3.0, (1.0, ""), (1.0, "个")),
        ("index", 1.0, (1.0, ""), (1.0, "")),
    ],
)
def test_units_of_readers(unit, reference, english, chinese):
    for language, expected in (("en", english), ("zh", chinese)):
        scale = scale_for(unit, reference, language)
        assert (scale.divisor, scale.label) == expected


def test_differences_of_shares_are_percentage_points():
    assert scale_for("share", 0.5, "en").of_differences == "percentage points"
    assert scale_for("share", 0.5, "zh").of_differences == "个百分点"
    b, a = make_pair(30)
    b.values["profit_rate"] = a.values["profit_rate"] + 0.01
    lines = comparison_text(compare(b, a), "en", every=True).splitlines()
    line = next(line for line in lines if line.startswith("profit margin"))
    assert "+1.000" in line
    assert " pp " in line


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (1234.56, 1, False, "1,234.6"),
        (1287.0, -2, True, "+1,300"),
        (-0.04, 1, True, "0.0"),
        (-49.0, -2, True, "0"),
        (-630.0, -1, False, "-630"),
        (math.nan, 1, True, "-"),
        (math.inf, 1, False, "inf"),
        (-math.inf, 1, False, "-inf"),
    ],
)
def test_plain_numbers(value, decimals, signed, text):
    assert plain(value, decimals, signed=signed) == text


def test_small_formatters():
    assert span(math.nan, 1.0, 1) == ""
    assert span(-0.8, 4.6, 1, signed=True) == "-0.8 … +4.6"
    assert [error_cell(e) for e in (math.nan, 0.0, 0.62, 0.0238, 130.0, 0.96)] == ["-", "0", "0.6", "0.02", "100", "1"]
    assert [significant(v, 2) for v in (11.2, 0.374, 1287.0, 0.0, 9.96)] == [0, 2, -2, 0, 0]
    assert band_decimals(Band(p05=556.1, p50=557.2, p95=558.3), 1e-9, 1.0) == 1
    assert band_text(Band(p50=2.13), math.nan, Scale(1.0, "")) == "2.1"


def test_numbers_of_people_come_whole():
    b, a = make_pair(60, jobs=9.4)
    line = next(line for line in comparison_text(compare(b, a), "en").splitlines() if line.startswith("employment"))
    assert "+9 " in line
    assert "+9.4" not in line


def test_a_variable_without_values_is_a_dash():
    b, a = make_pair(30)
    for run in (b, a):
        run.values["size_tail_index"] = np.full_like(run.values["size_tail_index"], math.nan)
    lines = comparison_text(compare(b, a), "en", every=True).splitlines()
    assert " -  " in next(line for line in lines if line.startswith("tail index"))
