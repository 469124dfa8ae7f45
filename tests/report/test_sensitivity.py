"""What drives a difference, as table, words, rows and picture: both languages, any names, nothing that is not there."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.observables import INDEX, OBSERVABLES
from sim.report.figures import csv_text, png_bytes, svg_text, tornado
from sim.report.sensitivity_table import (
    COLUMNS,
    NOTES,
    as_json,
    columns,
    input_name,
    kind_name,
    records,
    sensitivity_text,
    sentences,
    summary,
    value_text,
)
from sim.scenario.place_start import UNITS, start_name
from sim.sensitivity.result import Sensitivity, explain
from sim.sensitivity.study import Side, Study, StudySettings
from sim.sensitivity.varied import Input, point_of

HOSTILE = "=1+1\x1b[31m<script>alert(1)</script>\x00 & \"'|*_` " + "很长的名字" * 30
WORLDS = (("low", "Low: weak", "低增长环境：弱"), ("central", "Central", "基准环境"), ("high", "High", "高增长环境"))
INPUTS = (
    Input("fair.contract_share", "parameter", True, "share", "intentions that become a trial order"),
    Input("place.yongnian.start.exports", "start", False, "yuan"),
    Input("policy.fair.foreign_buyers_invited", "assumed", False, "count"),
    Input("policy.projects.realised", "range", False, "share"),
    Input("investment.wait_months", "parameter", False, "months", "months a firm holds back a project"),
    Input("world", "world", False, "", "", WORLDS),
)
SETTINGS = StudySettings(
    scenario=Side("fair2x", "Fair twice as large", "展会翻番", "fair2x"),
    baseline=Side("base", "As it is", "现行政策", "base"),
    overrides=(),
    places=(("yongnian", "Yongnian", "永年区"),),
    policies={"fair": ("fair", "Sourcing fair", "采购会"), "projects": ("project", "Projects", "项目")},
    calibration="yongnian-r1",
    world_note="",
    seed=3,
    scale=20,
    years=(2029, 2030),
    inputs=INPUTS,
    model_version=2,
    version="0",
)


def study(count: int = 128, settings: StudySettings = SETTINGS, randomness: float = 1.0) -> Study:
    """The fair's contracts drive output most, then the buyers invited (whose sign turns), then the world."""
    random = np.random.default_rng(11)
    points = np.array([point_of(number) for number in range(count)])
    size = len(settings.inputs)
    coordinates = random.standard_normal((count, size))[points]
    world = random.integers(0, 3, count)[points]
    coordinates[:, -1] = world
    values = np.abs(coordinates) + 0.1
    values[:, 0] = 1.0 / (1.0 + np.exp(-coordinates[:, 0]))
    values[:, 1] = 1.4e9 + 1e7 * coordinates[:, 1]
    values[:, 2] = 120.0 * np.exp(0.2 * coordinates[:, 2])
    values[:, -1] = world
    a = np.full((count, 2, len(OBSERVABLES)), 4e10)
    b = a.copy()
    gain = 6e8 + 5e8 * coordinates[:, 0] - 4e8 * coordinates[:, 2] + 3e8 * (world - 1.0)
    b[:, :, INDEX["output_value"]] += (gain + randomness * 2e8 * random.standard_normal(count))[:, None]
    b[:, :, INDEX["employment"]] += 1e4 * randomness * random.standard_normal((count, 2))
    rows = np.concatenate([coordinates, values, b.reshape(count, -1), a.reshape(count, -1)], axis=1)
    return Study.of(Path("sensitivity/fair2x--vs--base--0a1b2c3d"), settings, np.arange(count), rows, [""] * count)


@pytest.fixture(scope="module")
def result() -> Sensitivity:
    return explain(study(), "output_value", 2030, boots=100)


@pytest.fixture(scope="module")
def hostile() -> Sensitivity:
    names = {"fair": ("fair", HOSTILE, HOSTILE), "projects": ("project", "", "")}
    levels = tuple((identifier, HOSTILE, HOSTILE) for identifier, _, _ in WORLDS)
    settings = replace(
        SETTINGS,
        scenario=Side("fair2x", HOSTILE, HOSTILE, "fair2x"),
        baseline=Side("base", "", "", "base"),
        places=(("yongnian", HOSTILE, HOSTILE),),
        policies=names,
        inputs=(*INPUTS[:-1], replace(INPUTS[-1], levels=levels)),
        calibration="",
    )
    return explain(study(settings=settings), "output_value", 2030, boots=20)


# --- names ---------------------------------------------------------------------------------------------------


def test_every_starting_value_has_a_chinese_name() -> None:
    assert not [name for name in UNITS if start_name(name, "zh").isascii()]


@pytest.mark.parametrize(
    ("position", "english", "chinese", "kind", "kind_zh"),
    [
        (0, "intentions that become a trial order", "意向转为试单的比例", "calibrated parameter", "校准参数"),
        (1, "exports at the start", "初始出口额", "starting value", "起始值"),
        (2, "Sourcing fair: foreign buyers invited", "采购会：邀请国外采购商", "assumed value", "假设值"),
        (3, "Projects: realised", "项目：资金到位率", "range in a policy", "政策区间值"),
        (
            4,
            "months a firm holds back a project",
            "为等申报而推迟项目的月数",
            "parameter, not calibrated",
            "未校准参数",
        ),
        (5, "the world outside", "外部环境", "world", "外部环境"),
    ],
)
def test_inputs_and_their_kinds_in_words(position: int, english: str, chinese: str, kind: str, kind_zh: str) -> None:
    item = INPUTS[position]
    assert input_name(item, SETTINGS, "en") == english
    assert input_name(item, SETTINGS, "zh") == chinese
    assert (kind_name(item, "en"), kind_name(item, "zh")) == (kind, kind_zh)


@pytest.mark.parametrize(
    ("unit", "value", "english", "chinese"),
    [
        ("share", 0.1234, "12%", "12%"),
        ("1/month", 0.05, "0.05 a month", "每月0.05"),
        ("1/year", 0.0312, "0.0312 a year", "每年0.0312"),
        ("share/year", 0.55, "55% a year", "每年55%"),
        ("log/year", -0.02, "-0.02 a year", "每年-0.02"),
        ("months", 4.2, "4.2 months", "4.2个月"),
        ("1", 2.5, "2.5", "2.5"),
        ("count", 119.6, "120", "120"),
        ("yuan", 1.4e9, "1.4 billion yuan", "14亿元"),
        ("yuan/m2/month", 12.0, "12 yuan/m2/month", "12元/平方米/月"),
        ("booths", 2.0, "2 booths", "2个展位"),
    ],
)
def test_values_with_their_units(unit: str, value: float, english: str, chinese: str) -> None:
    item = Input("x.y", "parameter", False, unit)
    assert value_text(item, value, "en") == english
    assert value_text(item, value, "zh") == chinese


def test_worlds_by_their_short_names() -> None:
    assert [value_text(INPUTS[-1], k, "en") for k in range(3)] == ["Low", "Central", "High"]
    assert value_text(INPUTS[-1], 0, "zh") == "低增长环境"


def test_a_place_of_several_is_named() -> None:
    two = replace(SETTINGS, places=(("yongnian", "Yongnian", "永年区"), ("anping", "Anping", "安平县")))
    assert input_name(INPUTS[1], two, "en") == "Yongnian: exports at the start"
    assert input_name(INPUTS[1], two, "zh") == "永年区：初始出口额"


# --- table and words -----------------------------------------------------------------------------------------


def test_the_table_adds_up_and_names_kinds_and_ends(result: Sensitivity) -> None:
    text = sensitivity_text(result)
    lines = text.splitlines()
    assert lines[0] == "B  fair2x  Fair twice as large"
    assert lines[2].startswith(
        "128 pairs, 6 inputs varied at once: 2 parameters, 1 starting values, 1 ranges in policies, 1 assumed values, "
        "the world; seed 3, model 2, scale 1:20"
    )
    table = columns(result, "en")
    shares = [int(cell.removesuffix("%")) for cell in next(c for c in table if c.heading == "share").cells]
    assert sum(shares) == pytest.approx(100, abs=2)
    names = table[0].cells
    assert names[:3] == [
        "intentions that become a trial order", "Sourcing fair: foreign buyers invited", "the world outside",
    ]  # fmt: skip
    assert names[-1] == "chance: equal inputs, other random draws"
    signs = next(c for c in table if c.heading == "sign").cells
    assert signs[0] == "changes"
    assert any("(" in cell and "…" in cell for cell in table[4].cells)


def test_the_three_that_matter_most_in_words(result: Sensitivity) -> None:
    english, chinese = summary(result, "en"), summary(result, "zh")
    assert "depends most on three inputs: intentions that become a trial order; Sourcing fair" in english
    assert "(1) Intentions that become a trial order (calibrated parameter, fair.contract_share) makes" in english
    assert "(2) Sourcing fair: foreign buyers invited (assumed value, policy.fair.foreign_buyers_invited)" in english
    assert "(3) The world outside makes" in english
    assert "in the world Low" in english
    assert "The sign of the difference turns with" in english
    assert "2030年产值差值有多大，最取决于三项：意向转为试单的比例、采购会：邀请国外采购商、外部环境。" in chinese
    assert "（1）意向转为试单的比例（校准参数）占差值波动的" in chinese
    assert "（3）外部环境占差值波动的" in chinese
    assert "低增长环境时差值为" in chinese
    assert "差值的正负取决于：" in chinese
    assert "随机因素占" in chinese


def test_when_nothing_stands_out_that_is_what_is_said() -> None:
    found = explain(study(), "employment", 2030, boots=20)
    assert found.drivers == ()
    english, chinese = summary(found, "en"), summary(found, "zh")
    assert english.startswith("None of 6 inputs stands out as what the size of the difference in employment in 2030")
    assert "6项输入中没有一项单独突出" in chinese
    assert "turns" not in english
    assert "low end" not in sensitivity_text(found)
    assert "stands out as what the difference in employment in 2030 depends on" in tornado(found, "en").title


def test_when_nothing_differs_that_is_what_is_said() -> None:
    found = explain(study(), "exports", 2030)
    assert sentences(found, "en") == ["The difference in exports in 2030 is the same in every pair: nothing drives it."]
    assert len(sentences(found, "zh")) == 1
    drawn = tornado(found, "zh")
    assert drawn.title == "2030年出口额差值在每对推演中都相同"
    assert [row["row"] for row in records(found)] == ["all"]
    assert as_json(found)["chance"] is None


def test_no_sign_turns(result: Sensitivity) -> None:
    steady = replace(study(), b=study().b + 1e10)
    found = explain(steady, "output_value", 2030, boots=20)
    assert "None of the inputs that stand out turns the sign of the difference by itself." in summary(found, "en")
    assert "正负都不变" in summary(found, "zh")
    assert "no input turns its sign" in tornado(found, "en").title


def test_chance_is_rough_with_few_twins_and_unsaid_with_fewer() -> None:
    few = explain(study(96), "output_value", 2030, boots=20)
    assert NOTES["twins"][0] in sensitivity_text(few)
    fewer = explain(study(48), "output_value", 2030, boots=20)
    assert fewer.shares is not None
    assert fewer.shares.chance is None
    assert "none of which stands out, and chance" in sensitivity_text(fewer)
    assert "其余" in summary(fewer, "zh")
    assert as_json(fewer)["chance"] is None
    assert records(fewer)[-1]["row"] == "small"


def test_notes_say_what_was_not_varied() -> None:
    settings = replace(SETTINGS, world_note="different", calibration="")
    text = sensitivity_text(explain(study(settings=settings), "output_value", 2030, boots=20), "zh")
    assert NOTES["different"][1] in text
    assert NOTES["prior"][1] in text
    short = replace(SETTINGS, world_note="short")
    assert NOTES["short"][0] in sensitivity_text(explain(study(settings=short), "output_value", 2030, boots=20))


def test_a_narrow_terminal_keeps_what_matters(result: Sensitivity) -> None:
    wide, narrow = sensitivity_text(result), sensitivity_text(result, width=110)
    assert "policy.fair.foreign_buyers_invited" in wide.split("\n\n")[1]
    assert "policy.fair.foreign_buyers_invited" not in narrow.split("\n\n")[1]
    assert "Sourcing fair: foreign buyers invited" in narrow


def test_json_is_plain_and_complete(result: Sensitivity) -> None:
    told: dict[str, Any] = json.loads(json.dumps(as_json(result), allow_nan=False))
    assert [driver["input"] for driver in told["drivers"]] == [driver.input.name for driver in result.drivers]
    world = next(driver for driver in told["drivers"] if driver["kind"] == "world")
    assert [place["value"] for place in world["at"]] == ["low", "central", "high"]
    assert told["drivers"][0]["calibrated"] is True
    assert told["summary"] == summary(result, "en").strip()


# --- picture -------------------------------------------------------------------------------------------------


def test_the_picture_draws_every_input_and_chance(result: Sensitivity) -> None:
    drawn = tornado(result, "en")
    assert drawn.stem == "11-sensitivity"
    marks = [patch.get_gid() for patch in drawn.axes[0].patches]
    rows = len(result.drivers)
    assert marks == ["row-all", *(f"row-{k}" for k in range(1, rows + 1) for _ in range(2)), "row-chance"]
    boxes = {k: [p for p in drawn.axes[0].patches if p.get_gid() == f"row-{k}"] for k in range(1, rows + 1)}
    for number, driver in enumerate(result.drivers, start=1):
        for patch, place in zip(boxes[number], (driver.low, driver.high), strict=True):
            ends = patch.get_x(), patch.get_x() + patch.get_width()  # type: ignore[attr-defined]
            assert sorted((result.mean, place.difference.value)) == pytest.approx(sorted(ends))
    assert "depends most on intentions that become a trial order" in drawn.title
    assert "its sign" in drawn.title
    assert drawn.alt.startswith(drawn.title)


def test_the_data_are_what_is_drawn(result: Sensitivity) -> None:
    table = pd.read_csv(io.StringIO(csv_text(tornado(result, "zh").data)))
    assert list(table.columns) == list(COLUMNS)
    assert table["row"].tolist()[0] == "all"
    inside = table[table["row"] == "input"]
    assert (inside["difference_low"] <= inside["difference_high"]).all()
    world = inside[inside["input"] == "world"]
    assert world["level"].tolist() == ["low", "central", "high"]
    assert set(world["end"]) == {"level"}


def test_equal_data_give_equal_bytes(result: Sensitivity) -> None:
    for lang in ("en", "zh"):
        assert svg_text(tornado(result, lang)) == svg_text(tornado(result, lang))  # type: ignore[arg-type]
    assert png_bytes(tornado(result, "en")) == png_bytes(tornado(result, "en"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_any_name_is_shown_as_text(hostile: Sensitivity, lang: Any) -> None:
    text = sensitivity_text(hostile, lang)
    assert "\x1b" not in text
    assert "\x00" not in text
    drawn = tornado(hostile, lang)
    svg = svg_text(drawn)
    root = ET.fromstring(svg)
    assert not [node for node in root.iter() if node.tag.endswith("script")]
    assert "=1+1" not in {cell[:4] for cell in csv_text(drawn.data).replace("\n", ",").split(",")}
    assert png_bytes(drawn).startswith(b"\x89PNG")
    assert "base" in text.splitlines()[1]


def test_what_is_written_stays_on_the_sheet(hostile: Sensitivity) -> None:
    drawn = tornado(hostile, "zh")
    wide, high = drawn.figure.get_size_inches() * 72.0
    for text in drawn.figure.texts:
        x, y = text.get_position()
        assert 0.0 <= x <= wide
        assert 0.0 <= y <= high
