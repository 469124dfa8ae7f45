"""The words of a basis, in both languages: what is asked then, and what cannot be."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.evidence import load_facts
from sim.observables import observable
from sim.reporting import Recipe, Refusal, recipe_for
from sim.reporting.recipes import growth_basis, months_of, since_january
from sim.units import month_text
from sim.workspace import library_root
from tests.reporting.truths import fact, made, month

PINNED = Path(__file__).parent / "evidence_recipes.csv"
AUGUST = {"period_start": month("2024-08"), "period_end": month("2024-08")}


def asked(variable: str, basis: str, unit: str = "yuan", **more: Any) -> Recipe:
    found = recipe_for(made(variable, 1.0, unit, basis=basis, **more))
    assert isinstance(found, Recipe), found
    return found


def refused(variable: str, basis: str, unit: str = "yuan", **more: Any) -> Refusal:
    found = recipe_for(made(variable, 1.0, unit, basis=basis, **more))
    assert isinstance(found, Refusal), found
    assert found.en
    assert found.zh
    return found


def test_every_figure_of_the_evidence_is_asked_as_it_was() -> None:
    """Fits rest on these answers: a change here asks for new fits."""
    with PINNED.open(encoding="utf-8", newline="") as file:
        pinned = {row["id"]: row for row in csv.DictReader(file)}
    facts = load_facts(library_root() / "calibration" / "evidence")
    assert len(facts) == 72
    assert [item.id for item in facts] == list(pinned)
    for item in facts:
        row, recipe = pinned[item.id], recipe_for(item)
        if isinstance(recipe, Refusal):
            assert (recipe.why, row["back"]) == (row["asked"], ""), item.id
            continue
        first = month_text(item.period_start - recipe.back)
        assert "+".join(recipe.observables) == row["asked"], item.id
        found = (recipe.growth, recipe.source, recipe.across, recipe.bound, str(recipe.back), first)
        assert found == (*(row[name] for name in ("growth", "source", "across", "bound", "back", "first")),), item.id
        assert month_text(item.period_end) == row["last"], item.id


@pytest.mark.parametrize(
    "basis",
    [
        "One firm", "one leading firm", "a single company", "one named enterprise", "Listed company",
        "leading enterprise", "龙头企业", "某上市公司",
    ],
)  # fmt: skip
def test_one_firm(basis: str) -> None:
    assert refused("output_value", basis).why == "one firm"


def test_many_firms_are_not_one() -> None:
    for basis in ("firms of one county", "two leading firms", "all companies"):
        assert asked("output_value", basis).main == "output_value"
    assert asked("little_giants", "省级龙头企业", "count").main == "honoured_firms"
    assert isinstance(recipe_for(fact("xh-fenjiu-dealers")), Recipe)


@pytest.mark.parametrize(
    ("variable", "unit", "basis", "main"),
    [
        ("output_value", "yuan", "Whole Chain", "operating_revenue"),
        ("output_value", "yuan", "full chain", "operating_revenue"),
        ("output_value", "yuan", "industrial chain", "operating_revenue"),
        ("output_value", "yuan", "全产业链", "operating_revenue"),
        ("businesses", "count", "Above designated size", "above_scale_firms"),
        ("businesses", "count", "规模以上企业", "above_scale_firms"),
        ("businesses", "count", "规上", "above_scale_firms"),
        ("businesses", "count", "Production enterprises", "makers"),
        ("businesses", "count", "manufacturing enterprises", "makers"),
        ("businesses", "count", "producers", "makers"),
        ("businesses", "count", "生产企业", "makers"),
        ("businesses", "count", "加工企业", "businesses"),
        ("employment", "persons", "生产企业", "employment_makers"),
        ("output_value", "yuan", "Comparable prices", "output_real"),
        ("output_value", "yuan", "可比价", "output_real"),
        ("output_value", "yuan", "按不变价格计算", "output_real"),
        ("output_value", "yuan", "现价", "output_value"),
    ],
)
def test_whose_figures_at_which_prices(variable: str, unit: str, basis: str, main: str) -> None:
    assert asked(variable, basis, unit).main == main


def test_output_above_the_cut() -> None:
    for basis in ("Above-Scale", "规模以上工业"):
        assert asked("output_value", basis).source == "above scale"
        growth = asked("output_value_yoy", basis, "share")
        assert (growth.source, growth.growth) == ("above scale", "nominal")


@pytest.mark.parametrize(
    ("basis", "whose"),
    [
        ("", "not_stated"),
        ("food industry", "not_stated"),
        ("above designated size", "above_scale"),
        ("规上", "above_scale"),
        ("同口径; 规模以上", "same_firms"),
        ("all enterprises", "all_businesses"),
        ("全部企业", "all_businesses"),
    ],
)
def test_which_firms_printed_growth_is_of(basis: str, whose: str) -> None:
    assert growth_basis(made("output_value_yoy", 0.1, "share", basis=basis)) == whose


@pytest.mark.parametrize(
    ("variable", "unit", "basis"),
    [
        ("operating_revenue", "yuan", "above designated size"),
        ("tax_paid", "yuan", "规上企业"),
        ("exports", "yuan", "above scale"),
        ("employment", "persons", "规模以上"),
        ("employment", "persons", "above-scale manufacturers"),
        ("exports_yoy", "share", "规上"),
        ("value_added_yoy", "share", "comparable prices"),
        ("operating_revenue_yoy", "share", "可比价"),
        ("output_value", "yuan", "above designated size; comparable prices"),
        ("output_value_yoy", "share", "same firms; comparable prices"),
        ("output_value", "yuan", "whole chain; constant prices"),
        ("exports_yoy", "share", "same firms"),
        ("tax_paid_yoy", "share", "同口径"),
        ("output_value", "yuan", "output value, of which exports"),
        ("exports", "yuan", "其中：出口"),
    ],
)
def test_what_no_recipe_counts_is_refused(variable: str, unit: str, basis: str) -> None:
    assert refused(variable, basis, unit).why == "basis"


def test_what_is_counted_so_already_is_asked() -> None:
    assert asked("above_scale_firms", "above designated size", "count").main == "above_scale_firms"
    assert asked("fair_exhibitors", "规上企业", "count").main == "fair_exhibitors"
    assert asked("output_real", "comparable prices").main == "output_real"
    assert asked("output_value_yoy", "comparable prices", "share").main == "output_real"
    for variable in ("output_value_yoy", "operating_revenue_yoy"):
        assert asked(variable, "同口径; above designated size", "share").growth == "same scope"
    assert asked("operating_revenue", "comparable scope").growth == "none"


@pytest.mark.parametrize(
    ("place", "basis", "whole"),
    [
        ("hebei-clusters", "107 key clusters", False),
        ("hebei-clusters", "107个省级特色产业集群", False),
        ("hebei-clusters", "269 key clusters", True),
        ("shanxi-towns", "10 provincial towns", False),
        ("shanxi-towns", "Ten provincial towns", False),
        ("shanxi-first-ten", "ten provincial towns", True),
        ("shanxi-first-ten", "10个省级专业镇", True),
        ("yongnian", "one of 107 key clusters", True),
    ],
)
def test_some_places_are_not_the_set(place: str, basis: str, whole: bool) -> None:
    found = recipe_for(made("output_value", 1.0, "yuan", place=place, basis=basis))
    assert isinstance(found, Recipe) == whole
    if isinstance(found, Refusal):
        assert found.why == "basis"


@pytest.mark.parametrize("basis", ["cumulative", "Cumulative; direct exports", "year to date", "year-to-date", "累计"])
def test_a_cumulative_month_counts_from_january(basis: str) -> None:
    found = asked("exports", basis, **AUGUST)
    assert found.back == 7
    assert asked("exports_yoy", basis, "share", **AUGUST).back == 7
    assert asked("exports", "", **AUGUST).back == 0
    # A period of several months is as printed; a stock is what has come together anyway.
    assert asked("exports", basis).back == 0
    assert asked("cloud_firms", basis, "count", **AUGUST).back == 0
    assert asked("fair_intended_orders", basis, **AUGUST).back == 0


@pytest.mark.parametrize("basis", ["annual", "a year", "per year", "yearly output", "全年", "年产值", "Whole year"])
def test_a_year_that_is_not_stated(basis: str) -> None:
    found = refused("output_value", basis, **AUGUST)
    assert (found.why, "the year is not stated" in found.en) == ("months", True)
    assert asked("output_value", basis).main == "output_value"
    assert asked("employment", basis, "persons", **AUGUST).main == "employment"


def test_growth_over_a_year_is_no_figure_of_a_year() -> None:
    for basis in ("same months a year earlier", "annual growth", "over a year before"):
        assert asked("exports_yoy", basis, "share", **AUGUST).back == 0
    assert refused("exports_yoy", "全年", "share", **AUGUST).why == "months"
    assert asked("exports", "on a year earlier", **AUGUST).back == 0


def test_upgrades_are_those_of_twelve_months_at_least() -> None:
    spans = {"2024-08": 11, "2024-03": 6, "2023-09": 0, "2023-01": 0}
    for start, back in spans.items():
        item = made("firms_upgrading", 5.0, "count", period_start=month(start), period_end=month("2024-08"))
        found = recipe_for(item)
        assert isinstance(found, Recipe)
        assert found.back == back, start
        assert ("twelve months" in found.en) == (back > 0)
    since = asked("firms_upgrading", "cumulative", "count", **AUGUST)
    assert (since.back, "twelve months" in since.en) == (7, False)


def test_a_yearly_rate_of_twelve_months_is_a_sum() -> None:
    year = made("output_value", 5.0, "yuan/year")
    found = recipe_for(year)
    assert isinstance(found, Recipe)
    assert (found.main, observable(found.main).unit) == ("output_value", "yuan")
    for item in (
        replace(year, period_end=month("2023-11")),
        replace(year, **AUGUST),
        replace(year, variable="fund_unspent"),
        replace(year, unit_plain="persons/year"),
    ):
        other = recipe_for(item)
        assert isinstance(other, Refusal)
        assert other.why == "unit"
    assert isinstance(recipe_for(made("wage", 5.0, "yuan/year")), Recipe)


def test_a_floor_of_trade_says_nothing_of_exports() -> None:
    trade = made("imports_and_exports", 5.0, "yuan", bound="at_least")
    found = recipe_for(trade)
    assert isinstance(found, Refusal)
    assert "floor" in found.en
    for bound in ("exact", "about", "at_most"):
        weaker = recipe_for(replace(trade, bound=bound))
        assert isinstance(weaker, Recipe)
        assert weaker.bound == "at_most"
    growth = recipe_for(made("imports_and_exports_yoy", 0.1, "share", bound="at_least"))
    assert isinstance(growth, Recipe)
    assert growth.bound == "at_least"


def test_months_of_figures() -> None:
    assert months_of(made("exports", 1.0, "yuan")) == 12
    assert since_january(made("exports", 1.0, "yuan", basis="cumulative")) is None
    assert since_january(made("exports", 1.0, "yuan", basis="累计", **AUGUST)) == 7
