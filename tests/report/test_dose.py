"""The table and the picture of a dose-response curve, in both languages."""

from __future__ import annotations

import csv
import io
import itertools
import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from sim.compare.dose import DoseResponse, dose_response
from sim.report import figures
from sim.report.dose_table import COLUMNS, dose_text, records
from sim.report.figures import dose_curve
from sim.state.record import MONEY_STAGES
from tests.compare.doses import BUDGET, GAIN, MONTHLY_MONEY, curve, toy_run
from tests.compare.fake_run import month

HOSTILE = """<b>"&' $x_1$ \x1b[31m测试"""
SVG = "{http://www.w3.org/2000/svg}"
SEVERAL = (0.0, 0.5, 1.0, 2.0, 4.0)


def row(text: str, dose: str) -> list[str]:
    """Cells of the line of a dose, split at two blanks or more."""
    (line,) = [line for line in text.splitlines() if line.strip().startswith(f"{dose}  ")]
    return [cell for cell in line.split("  ") if cell.strip()]


def shown(drawn: figures.Drawing) -> str:
    root = ET.fromstring(figures.svg_text(drawn))
    return " ".join("".join(element.itertext()) for element in root.iter(f"{SVG}text"))


def test_doses_that_could_not_be_paid_say_what_was_built() -> None:
    times = (0.0, 1.0, 4.0)
    runs = [toy_run(one, 24, kind="fair") for one in times]
    assert runs[-1].amounts is not None
    promised, paid, unmet = (MONEY_STAGES.index(stage) for stage in ("promised", "paid", "unmet"))
    runs[-1].amounts[..., unmet] = runs[-1].amounts[..., paid]
    runs[-1].amounts[..., promised] = 2.0 * runs[-1].amounts[..., paid]
    response = dose_response(runs, times, "fair", ("booths",))
    due = 60 * 4 * MONTHLY_MONEY
    english, chinese = (dose_text(response, language) for language in ("en", "zh"))
    told = f'"Upgrade fund" at 4: of {2 * due / 1e9:.3g} billion yuan due, {due / 1e9:.3g} billion yuan (50%)'
    assert told in english
    assert "the fairs were held at 50% of their planned size" in english
    assert "4倍时“Upgrade fund”应支出" in chinese
    assert english.count("could not be paid") == 1
    assert "the fairs were held at 50%" in shown(dose_curve(response, "en")).replace("  ", " ")


# --- the table -------------------------------------------------------------------------------------------------------


def test_the_table_says_dose_level_money_reach_difference_and_ceiling() -> None:
    text = dose_text(curve((0.0, 1.0, 4.0), 100), "en", folder="results/compare/x/")
    assert "policy  fund  Upgrade fund (fund): annual budget multiplied, each dose against zero" in text
    assert "100 paired replicates" in text
    cells = [cell.strip() for cell in row(text, "1")]
    assert cells[:4] == ["1", "200 million yuan/year", f"{60 * MONTHLY_MONEY / 1e9:.2f}", "+0.600"]
    assert float(cells[4]) == pytest.approx(12 * GAIN / 1e6, abs=2)
    assert "…" in cells[5]
    assert cells[6] == "100/100"
    assert float(cells[7].split()[0].replace(",", "")) == pytest.approx(GAIN / MONTHLY_MONEY * 1e6, rel=0.02)
    assert cells[8] == f"{100 * 60 * MONTHLY_MONEY / (5 * BUDGET):.0f}%"
    assert "at 4 the budgets of 2026-2030 add up to 4 billion yuan, of which 48% was paid" in text
    assert "Bands: chance only" in text
    assert text.endswith("files  results/compare/x/\n")
    zero = [cell.strip() for cell in row(text, "0")]
    assert zero[:5] == ["0", "0 yuan/year", "0", "0", "0"]


def test_the_table_in_chinese() -> None:
    text = dose_text(curve((0.0, 1.0, 4.0), 30), "zh")
    for words in (
        "政策  fund", "年度预算同乘倍数", "各档均与零档逐对比较", "30次配对推演", "财政支出", "资金批复", "2026-2030年",
        "产值差值", "2030年", "亿元", "90%的推演（粗略）", "高于零档", "占上限", "2亿元/年", "每百万元",
        "4倍时2026-2030年预算合计40亿元",
    ):  # fmt: skip
        assert words in text, words
    assert "budget" not in text


def test_a_narrow_terminal_loses_the_less_important_columns() -> None:
    found = curve((0.0, 1.0), 30)
    wide, narrow = dose_text(found, "en"), dose_text(found, "en", width=118)
    assert "of ceiling" in wide
    assert "higher" in wide
    assert "higher" not in narrow
    assert "90% of runs" in narrow
    table = [line for line in narrow.splitlines() if line.startswith("dose  ") or line[:4].strip() in {"0", "1"}]
    assert len(table) == 3
    assert max(len(line) for line in table) <= 118


def test_what_has_to_be_known_is_said() -> None:
    few = dose_text(curve((0.0, 1.0), 6), "en")
    assert "Fewer than 20 pairs of runs: no bands are shown." in few
    part = dose_text(curve((0.0, 1.0), 24, kind="fair", fields=("booths",)), "en")
    assert "the rest of the policy stays in force" in part
    assert "of ceiling" not in part
    past = dose_text(curve((0.0, 1.0), 24, start=month(2024, 1)), "en")
    assert "other doses change the past as well" in past
    assert "反事实" in dose_text(curve((0.0, 1.0), 24, start=month(2024, 1)), "zh")
    assert "the past" not in dose_text(curve((0.0, 1.0), 24), "en")


def test_sales_won_are_set_against_orders_stated() -> None:
    invited = ("domestic_buyers_invited", "foreign_buyers_invited")
    found = curve((0.0, 2.0), 24, kind="fair", fields=invited)
    text = dose_text(found, "en")
    share = 100 * found.doses[1].share_of_ceiling
    words = (
        f"behaves as in 2024, intended orders at 2 are 380 million yuan/year; the difference is {share:.0f}% of that"
    )
    assert words in text
    assert "意向订单为3.8亿元/年" in dose_text(found, "zh")


def test_people_come_whole() -> None:
    text = dose_text(curve((0.0, 1.0), 24, on="employment"), "en")
    assert row(text, "1")[4].strip() == "-100"


def test_names_cannot_steer_a_terminal() -> None:
    text = dose_text(curve((0.0, 1.0), 24, name=HOSTILE), "en")
    assert "\x1b" not in text
    assert """<b>"&' $x_1$""" in text


def test_rows_hold_plain_units() -> None:
    rows = records(curve((0.0, 1.0), 24))
    assert [each["times"] for each in rows] == [0.0, 1.0]
    assert tuple(rows[0]) == COLUMNS
    once = rows[1]
    assert once["level"] == BUDGET
    assert once["diff_p50"] == pytest.approx(12 * GAIN)
    assert once["money_p50"] == pytest.approx(60 * MONTHLY_MONEY)
    assert once["window"] == "2026-2030"
    assert once["run"] == "toy/000003e8"
    assert math.isnan(rows[0]["per_million_p50"])


def test_with_few_runs_each_has_a_row() -> None:
    rows = records(curve((0.0, 1.0), 3))
    assert [each["series"] for each in rows] == ["dose", "run", "run", "run"] * 2
    singles = [each["diff_p50"] for each in rows if each["series"] == "run" and each["times"] == 1.0]
    assert singles == pytest.approx([12 * GAIN * (1 + (r - 1) / 3) for r in range(3)])


# --- the picture -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            ("At 4 times the policy, output value in 2030:", "higher than at zero, clear, 100 of 100 runs", "0.5×",
             "Policy: Upgrade fund; multiplied: annual budget", "90% of runs", "Fund granted, 2026-2030"),
        ),
        (
            "zh",
            ("政策规模为4倍时，2030年产值比零档高", "明确，100次推演中100次", "0.5倍", "同乘倍数：年度预算",
             "90%的推演"),
        ),
    ],
)  # fmt: skip
def test_the_picture_says_what_is_found(lang: Any, words: tuple[str, ...]) -> None:
    drawn = dose_curve(curve(SEVERAL, 100), lang)
    text = shown(drawn)
    for each in words:
        assert each in text, each
    assert drawn.title in drawn.alt
    assert len(drawn.axes) == 2
    assert len(figures.svg_text(drawn)) < 120_000


def test_bands_are_drawn_with_enough_runs_and_single_runs_with_few() -> None:
    many, few = dose_curve(curve(SEVERAL, 24), "en"), dose_curve(curve(SEVERAL, 6), "en")
    assert [len(axes.collections) for axes in many.axes] == [2, 2]
    assert [len(axes.collections) for axes in few.axes] == [0, 0]
    lines = [sum(len(line.get_xdata()) == 5 for line in axes.lines) for axes in few.axes]
    assert lines == [7, 7]  # six runs and the median
    assert "Each thin line is one simulated future." in shown(few)
    assert "too few to judge" in few.title


def test_the_median_stands_at_the_doses() -> None:
    drawn = dose_curve(curve(SEVERAL, 24), "en")
    (median,) = [line for line in drawn.axes[0].lines if line.get_marker() == "o"]
    assert list(median.get_xdata()) == list(SEVERAL)
    assert list(median.get_ydata()) == pytest.approx([12 * GAIN * math.sqrt(factor) for factor in SEVERAL])


def test_a_replicate_missing_at_one_dose_leaves_a_gap_in_its_line() -> None:
    runs = [toy_run(factor, 5) for factor in (0.0, 1.0, 2.0)]
    assert runs[1].amounts is not None
    for name in runs[1].values:
        runs[1].values[name] = runs[1].values[name][:4]
    runs[1].replicates, runs[1].amounts = runs[1].replicates[:4], runs[1].amounts[:4]
    found = dose_response(runs, (0.0, 1.0, 2.0), "fund", ("annual_budget",))  # type: ignore[arg-type]
    drawn = dose_curve(found, "en")
    lengths = sorted(len(line.get_xdata()) for line in drawn.axes[0].lines if line.get_linewidth() < 0.7)
    assert lengths == [2, 3, 3, 3, 3]


def test_no_difference_and_no_clear_difference_are_said() -> None:
    same = dose_curve(curve((0.0, 1.0), 24, on="exports"), "en")
    assert same.title == "With the policy as written, exports in 2030: the same as without it in every pair of runs"
    assert "每对推演中都与没有该政策时相同" in dose_curve(curve((0.0, 1.0), 24, on="exports"), "zh").title
    assert "lower than at zero" in dose_curve(curve((0.0, 1.0), 24, on="employment"), "en").title


def test_many_doses_do_not_write_over_each_other() -> None:
    times = tuple(k / 10 for k in range(12))
    drawn = dose_curve(curve(times, 24), "en")
    labels = [text for text in drawn.figure.texts if text.get_text().endswith("×")]
    spans = sorted((text.get_window_extent().x0, text.get_window_extent().x1) for text in labels)
    assert len(labels) == 12
    assert all(right <= left for (_, right), (left, _) in itertools.pairwise(spans))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_files_are_written_and_equal_data_give_equal_bytes(lang: Any, tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        found: DoseResponse = curve((0.0, 1.0), 24, name=HOSTILE)
        written.append(figures.save_all(lambda shown, found=found: dose_curve(found, shown), tmp_path / name, lang))
    ending = ".zh" if lang == "zh" else ""
    assert [path.name for path in written[0]] == [f"dose-fund{ending}.svg", f"dose-fund{ending}.png", "dose-fund.csv"]
    for first, second in zip(*written, strict=True):
        assert first.read_bytes() == second.read_bytes()
    rows = list(csv.DictReader(io.StringIO(written[0][2].read_text(encoding="utf-8"))))
    assert [float(each["times"]) for each in rows] == [0.0, 1.0]
