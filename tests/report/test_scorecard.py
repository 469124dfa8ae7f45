"""The scorecard's words, table, picture and page, made from figures with known scores."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from sim.report.scorecard import (
    Axis,
    figure_columns,
    group_notes,
    picture,
    result_text,
    scorecard_csv,
    scorecard_page,
    scorecard_record,
    scorecard_text,
    shortened,
    skill_text,
    totals_of,
)
from sim.report.table import Column, display_width
from sim.validation.rivals import RIVALS, Forecast, NoForecast
from sim.validation.skill import SPREADS, Band, JointGrowth, Opponent, Origin, Scorecard, Scored, Unscored, versus
from tests.reporting.truths import made


def opponent(mean: float, score: float) -> Opponent:
    return Opponent(Forecast(mean, 0.1, "x-2023", "x-2023"), dict.fromkeys(SPREADS, score))


def level(identifier: str = "output", **changes: Any) -> Scored:
    """Output of 100 yuan, predicted as 90 (60 to 120); last value 80."""
    fact = made("output_value", 100.0, "yuan", id=identifier)
    values: dict[str, Any] = {
        "fact": fact, "scenario": "yongnian-2023", "fit": "yongnian-r1", "bound": "exact", "in_logs": True,
        "band": Band(60.0, 80.0, 90.0, 110.0, 120.0), "crps": 0.05, "pit": 0.6, "inside_half": True,
        "inside_most": True, "later": True,
        "rivals": {"last": opponent(math.log(80.0), 0.1), "trend": NoForecast("no earlier figure", "无")},
    }  # fmt: skip
    return Scored(**{**values, **changes})


def growth(**changes: Any) -> Scored:
    """Growth of 10 %, predicted as 6 % (-2 to 14); national 4 %."""
    fact = made("exports_yoy", 0.1, "share", id="growth")
    values = {
        "fact": fact, "in_logs": False, "band": Band(-0.02, 0.03, 0.06, 0.09, 0.14), "crps": 0.02, "pit": 0.8,
        "inside_half": False, "rivals": {"national": opponent(0.04, 0.04)},
    }  # fmt: skip
    return level(**(values | changes))


def card(*items: Scored, **changes: Any) -> Scorecard:
    values: dict[str, Any] = {
        "kind": "unseen", "file": "later.csv", "scored": items, "listed": (), "unscored": (),
        "origins": (Origin("yongnian-2023/0123abcd", "yongnian-2023", "yongnian-r1", 100),),
        "names": {"yongnian": ("Yongnian District", "永年区")},
    }  # fmt: skip
    return Scorecard(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "inside 50%"),
        ({"band": Band(60.0, 70.0, 80.0, 90.0, 120.0)}, "inside 90%"),
        ({"inside_most": False, "band": Band(60.0, 70.0, 80.0, 90.0, 95.0)}, "missed: model below"),
        ({"inside_most": False, "band": Band(120.0, 130.0, 140.0, 150.0, 160.0)}, "missed: model above"),
        ({"bound": "at_least", "band": Band(120.0, 130.0, 140.0, 150.0, 160.0)}, "on the right side"),
        ({"bound": "at_least"}, "inside 50%"),
    ],
)
def test_how_bands_lie(changes: dict[str, Any], words: str) -> None:
    assert result_text(level(**changes), "en") == words
    assert result_text(level(**changes), "zh") != words


def cells(columns: list[Column]) -> dict[str, str]:
    """Return the cells of a table of one row by heading; the one without a heading says how bands lie."""
    return {column.heading: column.cells[0] for column in columns}


def test_a_line_has_units_skills_and_reasons() -> None:
    row = cells(figure_columns(card(level()), [level()], "en", page=True))
    assert (row["reported"], row["model"], row["90% band"]) == ("= 100 yuan", "90 yuan", "60 … 120")
    assert row["skill: last value"] == "+0.50"
    assert skill_text(level(), "trend", "en") == "no earlier figure"
    assert row["what rivals went by"] == "last value: x-2023"
    row = cells(figure_columns(card(growth()), [growth()], "zh"))
    assert (row["公布数"], row["模型中位数"], row["90%区间"]) == ("= 10%", "6.0%", "-2.0 … 14.0")


def test_totals_count_only_what_a_rival_said() -> None:
    items = [level(), level("b", crps=0.3), level("c", rivals={"trend": opponent(4.0, 0.1)})]
    columns = totals_of(items, "en")
    rows = list(zip(*(column.cells for column in columns), strict=True))
    assert rows[0][:6] == ("last value", "2", "0.175", "0.100", "-0.75", "1 of 2")
    assert rows[1][:6] == ("trend", "1", "0.050", "0.100", "+0.50", "1 of 1")


def test_growth_as_printed_stands_beside_growth_of_the_place() -> None:
    mixed = card(growth(of_place=Band(-0.09, -0.03, 0.01, 0.05, 0.1)), kind="left out")
    text = scorecard_text(mixed, "en")
    assert "model, as printed" in text
    assert "growth of the place" in text
    assert "1.0% (-9.0 … 10.0)" in text
    assert "地区自身增速" in scorecard_text(mixed, "zh")
    assert "growth of the place" not in scorecard_text(card(growth()), "en")
    (row,) = scorecard_record(mixed)["figures"]
    assert (row["growth_of_place_p50"], row["p50"]) == (0.01, 0.06)


@pytest.mark.parametrize(
    ("p", "evenness", "verdict"), [(0.3, 0.2, "not rejected"), (0.01, 0.2, "rejected"), (0.3, 0.02, "rejected")]
)
def test_all_printed_growth_is_tested_together(p: float, evenness: float, verdict: str) -> None:
    joint = JointGrowth(("a", "b"), p, 1.7, (0.9, 0.6), evenness)
    found = card(growth(), joint=joint)
    text = scorecard_text(found, "en")
    assert f"predicted without them: {verdict} at 5 %" in text
    assert "+1.7 standard deviations" in text
    assert "joint PITs 0.90, 0.60" in scorecard_page(found, "en")
    assert scorecard_record(found)["joint_growth"]["rejected"] == (verdict == "rejected")
    assert found.digest != card(growth()).digest


def test_log_scores_are_compared_where_both_have_one() -> None:
    rival = Opponent(Forecast(0.04, 0.1, "x", "x"), dict.fromkeys(SPREADS, 0.04), 0.5)
    found = versus([growth(rivals={"national": rival}, log_score=0.2), growth(rivals={"national": rival})], "national")
    assert found is not None
    assert found.log_score == pytest.approx(0.3)
    assert "+0.30" in "".join(totals_of([growth(rivals={"national": rival}, log_score=0.2)], "en")[-1].cells)


def test_few_figures_are_warned_of_and_many_have_a_spread_of_places() -> None:
    few = " ".join(group_notes([level()], "en"))
    assert "can be chance" in few
    assert "One figure" in few
    many = [level(str(k), pit=k / 10) for k in range(11)]
    notes = " ".join(group_notes(many, "en"))
    assert "can be chance" not in notes
    assert "PIT by fifths (even when right): 2, 2, 2, 2, 3" in notes
    assert "11 of 11 figures inside (a right band holds 8 to 11)" in notes


def test_the_text_is_in_groups_with_everything_named() -> None:
    aside = Unscored("aim", "yongnian", "output_value", "announced aim", "目标")
    shown = card(level(), growth(), unscored=(aside,), notes=(("a note", "附注"),))
    text = scorecard_text(shown, "en", files="results/x")
    for piece in ("Levels, counts and shares", "Growth", "Yongnian District", "announced aim", "a note", "results/x"):
        assert piece in text
    assert "skill: trend" not in text
    narrow = scorecard_text(shown, "en", width=70)
    assert "skill: last value" not in narrow.split("against")[0]
    chinese = scorecard_text(shown, "zh")
    assert "永年区" in chinese
    assert "目标" in chinese
    assert "skill" not in chinese


def test_several_places_have_a_column() -> None:
    other = level("b", fact=made("output_value", 5.0, "yuan", id="b", place="anping"))
    text = scorecard_text(card(level(), other), "en")
    assert "place" in text
    assert "anping" in text


def test_the_digest_is_that_of_the_numbers() -> None:
    assert card(level()).digest == card(level()).digest
    assert card(level()).digest != card(level(crps=0.051)).digest
    assert card(level()).digest != card(level(), file="other.csv").digest


def test_records_and_csv_have_a_row_a_figure() -> None:
    shown = card(level(), growth(), listed=(level("kept", rivals={}),))
    record = scorecard_record(shown)
    assert record["totals"]["growth"]["versus"]["national"]["skill"] == pytest.approx(0.5)
    assert record["figures"][0]["rivals"]["trend"] == {"none": "no earlier figure", "none_zh": "无"}
    rows = scorecard_csv(shown).splitlines()
    assert len(rows) == 4
    assert rows[0].startswith("id,place,variable,state,reason")


def numbers(drawing: ElementTree.Element, tag: str, *names: str) -> list[tuple[float, ...]]:
    return [tuple(float(item.get(name, "nan")) for name in names) for item in drawing.iter(tag)]


def test_the_picture_puts_bands_and_marks_where_they_belong() -> None:
    drawing = ElementTree.fromstring(picture(card(level()), [level()], "en"))
    light, dark = numbers(drawing, "rect", "x", "width")[:2]
    assert light[0] < dark[0] < dark[0] + dark[1] < light[0] + light[1]
    assert dark[1] / light[1] == pytest.approx(math.log(110 / 80) / math.log(120 / 60), rel=0.01)
    (dot, *_) = numbers(drawing, "circle", "cx")
    place = re.search(r"translate\(([\d.]+) ", ElementTree.tostring(drawing, encoding="unicode"))
    assert place is not None
    assert light[0] < float(place[1]) < dot[0]  # last value 80, reported 100
    shift = (dot[0] - float(place[1])) / light[1]
    assert shift == pytest.approx(math.log(100 / 80) / math.log(120 / 60), rel=0.01)
    for x, width in numbers(drawing, "rect", "x", "width"):
        assert 0.0 <= x <= x + width <= 920.0


def test_a_bound_has_an_arrow() -> None:
    floor, ceiling, exact = (
        picture(card(item), [item], "en")
        for item in (level(bound="at_least"), level(bound="at_most"), level())
    )  # fmt: skip
    assert [text.count('stroke-width="1.5"') for text in (floor, ceiling, exact)] == [1, 1, 0]


@pytest.mark.parametrize(
    "axis", [Axis(-5.0, 5.0, True), Axis(-0.1, 0.1, True), Axis(-0.2, 0.3, False), Axis(0, 40, False)]
)
def test_ticks_are_apart_and_on_the_axis(axis: Axis) -> None:
    ticks = axis.ticks()
    assert len(ticks) >= 2
    places = [axis.place(tick) for tick in ticks]
    assert all(low < high - 40.0 for low, high in pairwise(places))
    assert all(axis.low <= tick <= axis.high for tick in ticks)


def test_the_page_holds_both_languages_and_shows_the_one_asked_for() -> None:
    shown = card(level(), growth())
    page = scorecard_page(shown, "zh")
    assert page.startswith('<!DOCTYPE html>\n<html lang="zh">')
    assert page.count("<main lang=") == 2
    assert 'id="zh" checked' in page
    assert 'id="en" checked' not in page
    assert page.count("<svg") == 4
    for words in RIVALS.values():
        assert words.rule_zh in page
        assert words.rule.replace("'", "&#x27;") in page
    assert "default-src 'none'" in page


def test_an_empty_card_says_so() -> None:
    empty = card(unscored=(Unscored("a", "nowhere", "x", "no place", "无"),))
    assert "No figure could be scored." in scorecard_text(empty, "en")
    assert "没有可评分的公布数" in scorecard_page(empty, "en")


def test_long_words_are_cut_to_columns() -> None:
    assert shortened("short", 10) == "short"
    assert display_width(shortened("字" * 50, 21)) <= 21
    assert shortened("a" * 50, 10) == "a" * 9 + "…"
