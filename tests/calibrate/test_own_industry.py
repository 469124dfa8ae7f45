"""Figures of a county's other industries are not asked of the baseline of its cluster."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.calibrate.answering import Answering, answering_baselines, baseline_for, other_industry, plain
from sim.evidence import load_facts
from tests.reporting.truths import made


@pytest.fixture(scope="module")
def baselines() -> tuple[Answering, ...]:
    return answering_baselines()[0]


def told(place: str, industry: str, baselines: tuple[Answering, ...]) -> str | None:
    baseline = baseline_for(place, baselines)
    assert baseline is not None
    found = other_industry(made("output_value", 1.0, "yuan", place=place, industry=industry), baseline)
    if found is None:
        return None
    assert all(found)
    return found[0]


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("bazhou", ("food", "Food", "foods", "食品", "食品产业", "food processing", "all", "", " All ")),
        ("guan", ("displays", "Display", "new displays", "新型显示", "新型显示产业集群")),
        ("yongnian", ("fasteners", "Fastener industry", "紧固件", "标准件", "紧固件（标准件）", "standard parts")),
        ("anping", ("wire-mesh", "wire mesh", "Wire_Mesh", "wiremesh", "丝网")),
        ("guanxian", ("bearing-forging", "Bearing forging", "bearings", "轴承（锻造）", "轴承锻造", "锻造")),
        ("xinghuacun", ("baijiu", "liquor", "White liquor", "白酒")),
        ("dingxiang", ("flange", "flanges", "法兰", "法兰锻造")),
        ("wanrong", ("concrete admixtures", "chemical admixtures", "外加剂")),
        ("anguo", ("traditional Chinese medicine", "中药", "中药材")),
        ("hebei-clusters", ("all", "several", "Several industries", "", "特色产业集群", "全部产业")),
    ],
)
def test_names_of_the_own_industry(place: str, names: tuple[str, ...], baselines: tuple[Answering, ...]) -> None:
    for name in names:
        assert told(place, name, baselines) is None, name


@pytest.mark.parametrize(
    ("place", "name", "own"),
    [
        ("bazhou", "furniture", "food"),
        ("bazhou", "家具", "food"),
        ("bazhou", "food machinery", "food"),
        ("guan", "biomedicine", "displays"),
        ("guan", "生物医药", "displays"),
        ("anguo", "biomedicine", "chinese medicine"),
        ("dingxiang", "bearing forging", "flanges"),
        ("wanrong", "chemicals", "concrete admixtures"),
        ("hebei-clusters", "food", "all industries together"),
        ("shanxi-towns", "白酒", "all industries together"),
    ],
)
def test_other_industries(place: str, name: str, own: str, baselines: tuple[Answering, ...]) -> None:
    found = told(place, name, baselines)
    assert found == f'the baseline of {place} is of {own}; this figure is of "{name}"'


def test_the_evidence_is_of_the_industries_of_its_places(baselines: tuple[Answering, ...]) -> None:
    for fact in load_facts():
        baseline = baseline_for(fact.place, baselines)
        assert baseline is not None, fact.place
        assert other_industry(fact, baseline) is None, fact.id
        assert other_industry(replace(fact, industry="all"), baseline) is None


def test_words_that_say_nothing() -> None:
    assert plain("The Wire-Mesh industry") == plain("wire meshs") == "wire mesh"
    assert plain("特色产业集群") == ""
    assert plain("glass") == "glass"
