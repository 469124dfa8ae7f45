"""The answer in sentences: every branch of the wording in both languages, and numbers that agree with the data."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from sim.compare import compare
from sim.report.sentences import sentences, summary, write_summaries
from tests.compare.fake_run import make_pair, make_place, make_policy, make_scenario, month, noise

CJK = re.compile(r"[\u4e00-\u9fff]")


def with_differences(variable: str, differences: np.ndarray, runs: int = 100, **changes):
    """Return a pair in which B differs from A in one variable in the last month by these amounts (yuan, persons)."""
    b, a = make_pair(runs, gain=0.0, jobs=0.0, **changes)
    b.values[variable] = b.values[variable].copy()
    b.values[variable][:, -1, 0] += differences
    return b, a


def spread(runs: int, low: float, high: float) -> np.ndarray:
    return np.linspace(low, high, runs)


def test_the_shape_of_the_paragraph():
    scenario = make_scenario(
        "b", name_zh="采购会规模翻番", name="Double the fair", policies=(make_policy(assumed=("x",)),)
    )
    b, a = make_pair(100, scenario_b=scenario, scenario_a=make_scenario("a", kind="baseline"))
    b.values["output_value"] = a.values["output_value"].copy()
    b.values["output_value"][:, -1, 0] += spread(100, 0.41e9, 1.79e9)
    found = compare(b, a)
    assert summary(found, "zh") == (
        "在“采购会规模翻番”情形下，到2030年，永年区紧固件产业产值预计比现行政策多约11亿元"
        "（多数情形8亿—14亿元；90%的推演在4.8亿—17.2亿元之间），高出2.8%。"
        "上缴税金预计多约2400万元（多数情形2300万—2500万元；90%的推演在2210万—2570万元之间），高出2.0%。"
        "从业人员预计多约10人（多数情形10—10人；90%的推演在10—10人之间）。"
        "2026—2030年财政投入比现行政策多6000万元。"
        "以上为模型推演，不是预测；依据100对配对推演；模型参数尚未校准，区间只反映随机因素；"
        "1项参数没有公开数据，为假设值（见“假设与来源”表）。\n"
    )
    english = summary(found, "en")
    assert english.startswith(
        'With "Double the fair", in 2030 output value is about 1.1 billion yuan higher than under current policy '
        "(most runs 0.8 to 1.4; 90% of runs 0.48 to 1.72), +2.8%. "
    )
    assert "Public money paid in 2026-2030 is 60.0 million yuan more than under current policy. " in english
    assert english.endswith("1 values are assumptions nobody published.\n")


def test_five_sentences_each_in_its_own_language():
    b, a = make_pair(60)
    found = compare(b, a)
    english, chinese = sentences(found, "en"), sentences(found, "zh")
    assert len(english) == len(chinese) == 5
    assert all(text.endswith(".") for text in english)
    assert all(text.endswith("。") for text in chinese)
    assert not CJK.search(" ".join(english))
    latin = re.sub("情形B|情形A", "", "".join(chinese))
    assert not re.search("[A-Za-z]", latin)


def test_a_clear_decrease_is_told_in_positive_amounts_from_small_to_large():
    b, a = with_differences("output_value", -spread(100, 0.41e9, 1.79e9))
    first = sentences(compare(b, a), "zh")[0]
    assert "产值预计比“情形A”少约11亿元（多数情形8亿—14亿元；90%的推演在4.8亿—17.2亿元之间），低2.8%" in first
    first = sentences(compare(b, a), "en")[0]
    assert (
        'about 1.1 billion yuan lower than with "Scenario A" (most runs 0.8 to 1.4; 90% of runs 0.48 to 1.72), -2.'
        in first
    )


def test_likely_names_the_runs_that_go_the_other_way():
    jobs = np.concatenate([spread(12, -500.0, -50.0), spread(88, 100.0, 2800.0)])
    b, a = with_differences("employment", jobs)
    found = compare(b, a)
    assert found.row("employment").verdict == "likely"
    chinese = sentences(found, "zh")[2]
    assert chinese.startswith("从业人员较可能多约1300人（多数情形")
    assert chinese.endswith("但100次配对推演中有12次减少，尚不能确定。")
    english = sentences(found, "en")[2]
    assert english.startswith("Employment is likely about 1,300 higher (most runs ")
    assert english.endswith("but lower in 12 of 100 runs, so it is not certain.")


def test_likely_decrease():
    jobs = -np.concatenate([spread(12, -500.0, -50.0), spread(88, 100.0, 2800.0)])
    found = compare(*with_differences("employment", jobs))
    assert "较可能少约1300人" in sentences(found, "zh")[2]
    assert "有12次增加" in sentences(found, "zh")[2]
    assert "higher in 12 of 100 runs" in sentences(found, "en")[2]


def test_unclear_says_neither_higher_nor_lower():
    found = compare(*with_differences("employment", spread(100, -900.0, 1500.0)))
    chinese, english = sentences(found, "zh")[2], sentences(found, "en")[2]
    assert chinese == "从业人员没有明确差别（中位数多约300人，90%的推演在减少800人到增加1400人之间）。"
    assert english == "Employment shows no clear difference (median +300; 90% of runs between -800 and +1,400)."
    assert "higher" not in english
    found = compare(*with_differences("employment", -spread(100, -900.0, 1500.0)))
    assert "中位数少约300人" in sentences(found, "zh")[2]


def test_unclear_output_names_the_baseline_and_a_median_near_zero():
    found = compare(*with_differences("output_value", spread(100, -1e9, 1e9)))
    assert (
        "产值与“情形A”相比没有明确差别（中位数接近零，90%的推演在减少9.0亿元到增加9.0亿元之间）"
        in sentences(found, "zh")[0]
    )
    assert 'shows no clear difference from the level with "Scenario A" (median 0; 90%' in sentences(found, "en")[0]


def test_nothing_changes_in_one_variable():
    found = compare(*with_differences("output_value", spread(100, 1e9, 2e9)))
    assert sentences(found, "zh")[2] == "从业人员没有变化。"
    assert sentences(found, "en")[2] == "Employment does not change."


def test_too_few_runs_give_a_median_and_no_verdict():
    found = compare(*make_pair(8))
    chinese, english = sentences(found, "zh"), sentences(found, "en")
    assert "多约7.8亿元（只有8次推演，不给区间和判断）" in chinese[0]
    assert "changes by +780 million yuan in the median of only 8 runs: too few for a range" in english[0]
    assert "多数情形" not in "".join(chinese)
    assert "most runs" not in "".join(english)


def test_few_runs_are_called_rough():
    found = compare(*make_pair(30))
    assert "90%区间是粗略的" in sentences(found, "zh")[4]
    assert "90% ranges are rough" in sentences(found, "en")[4]


def test_unpaired_is_said_in_every_outcome_and_in_the_caveat():
    b, a = make_pair(60, gain=0.5)
    found = compare(b, a, unpaired=True)
    chinese, english = sentences(found, "zh"), sentences(found, "en")
    assert all("非配对" in text for text in chinese[:3])
    assert all("unpaired" in text for text in english[:3])
    assert "没有配对" in chinese[4]
    assert "unpaired" in english[4]
    assert "pairs" not in english[4]


def test_unpaired_likely_counts_draws():
    b, a = make_pair(60, gain=0.12)
    found = compare(b, a, unpaired=True)
    assert found.row("output_value").verdict == "likely"
    assert re.search(r"lower in \d+% of unpaired draws", sentences(found, "en")[0])
    assert re.search(r"\d+%的非配对抽样结果相反", sentences(found, "zh")[0])


def test_failed_replicates_are_told_as_pairs():
    b, a = make_pair(100)
    kept = np.arange(97)
    b.values = {name: values[kept] for name, values in b.values.items()}
    b.amounts, b.replicates = b.amounts[kept], kept
    b.failures = [{"replicate": k} for k in (97, 98, 99)]
    found = compare(b, a)
    assert "97 pairs of runs, 3 of 100 are missing" in sentences(found, "en")[4]
    assert "依据97对配对推演，100次中有3次缺失" in sentences(found, "zh")[4]


def test_no_op_says_n01_and_no_higher_or_lower():
    policy = make_policy(start=month(2031, 1))
    b, a = make_pair(30, gain=0.0, jobs=0.0, money=0.0, scenario_b=make_scenario("b", policies=(policy,)))
    found = compare(b, a)
    english, chinese = summary(found, "en"), summary(found, "zh")
    assert english.startswith(
        'N01: "Scenario B" and "Scenario A" give identical results in every month (the first change'
    )
    assert chinese.startswith("N01：“情形B”与“情形A”在每个月的推演结果完全相同（最早的变动从2031-01开始")
    assert "is the same as" in english
    assert "财政投入与“情形A”相同" in chinese
    assert not re.search("higher|lower", english)
    assert not re.search("多约|少约|增加", chinese)


def test_money_saved_is_told_as_less():
    b, a = make_pair(60)
    found = compare(a, b)
    assert "60.0 million yuan less than" in sentences(found, "en")[3]
    assert "财政投入比“情形B”少6000万元" in sentences(found, "zh")[3]


def test_calibrated_runs_say_nothing_about_missing_calibration():
    b, a = make_pair(60)
    for run in (b, a):
        run.draws = {"calibration": "r1", "file": "f", "hash": "h"}
    found = compare(b, a)
    assert "calibrated" not in sentences(found, "en")[4]
    assert "校准" not in sentences(found, "zh")[4]


def test_numbers_in_sentences_come_from_the_rows():
    for seed in range(6):
        shift = 4e8 * (noise(seed, 1)[0] + 0.5)
        b, a = with_differences("output_value", shift * (1.0 + 0.3 * noise(seed + 50, 100)))
        found = compare(b, a)
        text = sentences(found, "en")[0]
        match = re.search(r"about ([\d.,]+) million yuan higher", text)
        assert match is not None
        told = float(match[1].replace(",", "")) * 1e6
        assert told == pytest.approx(found.row("output_value").difference.p50, rel=0.05)


def test_hostile_names_are_kept_as_they_are_on_one_line():
    name = "<b>\"&'\n[red]测试"
    places = (make_place(name_zh="永年\n区"),)
    scenario = make_scenario("b", name=name, name_zh=name, places=places, policies=(make_policy(),))
    b, a = make_pair(60, scenario_b=scenario, scenario_a=make_scenario("a", places=places))
    for language in ("en", "zh"):
        text = summary(compare(b, a), language)
        assert "<b>\"&' [red]测试" in text
        assert text.count("\n") == 1


def test_several_places_and_industries():
    places = (make_place("one", industry="x", industry_zh="甲"), make_place("two", industry="y", industry_zh="乙"))
    b, a = make_pair(
        60,
        scenario_a=make_scenario("a", places=places),
        scenario_b=make_scenario("b", places=places, policies=(make_policy(),)),
    )
    assert "到2030年，2个地区产业产值" in sentences(compare(b, a), "zh")[0]


def test_summaries_are_written(tmp_path):
    found = compare(*make_pair(60))
    paths = write_summaries(found, tmp_path)
    assert [path.name for path in paths] == ["summary.txt", "summary.zh.txt"]
    assert paths[1].read_text(encoding="utf-8") == summary(found, "zh")
    assert paths[0].read_text(encoding="utf-8") == summary(replace(found, created=""), "en")
