"""Sets of places: totals hold exactly, the places nobody named are flagged, and what cannot be right is refused."""

from __future__ import annotations

import math
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import UserError
from sim.evidence import Fact, load_facts
from sim.parameters import load_parameters
from sim.parameters.industries import for_industry, industry_of
from sim.reporting.recipes import SETS
from sim.rules.costs import revenue_over_output
from sim.scenario.place_sets import PlaceSet, load_places, load_set, places_text
from sim.scenario.places import read_place
from sim.scenario.resolved import Place
from sim.scenario.synthetic import above_scale_makers, in_turn, pareto_sizes, spread
from sim.scenario.worlds import load_world
from sim.workspace import folders as workspace_folders

SHIPPED = ("hebei-clusters", "shanxi-towns")
FACTS = {item.id: item for item in load_facts()}

MEMBER = """schema = 1
id = "{id}"
name = "{id}"
industry = "wire-mesh"
[start]
base_year = {year}
businesses = 400
maker_share = 0.6
supplier_share = 0.2
trader_share = 0.2
output_value = "{output} billion yuan"
employment_reported = 9000
exports = "200 million yuan"
national_market_share = 0.2
global_market_share = 0.1
export_destinations = 30
size_tail_index = 1.2
above_scale_firms = 30
domestic_buyers = 300
foreign_buyers = 60
wage = "45000 yuan/year"
county_balance = "20 million yuan"
"""

SET = """schema = 1
kind = "set"
id = "s"
name = "S"
name_zh = "集"
province = "13"
base_year = 2019
world = "central"
members = ["early", "late"]
[lists]
first = ["late", "s-synthetic-001"]
[totals]
places = 12
output_value = "40 billion yuan"
businesses = 5001
employment_reported = 90001
[synthetic]
id = "s-synthetic-{number}"
name = "Synthetic {number} ({industry})"
name_zh = "合成{number}（{industry}）"
tail_index = { value = 1.2, low = 1.0, high = 1.4, assumed = true, note = "n" }
largest = "9 billion yuan"
smallest = "100 million yuan"
small_maker_revenue = "4 million yuan"
maker_share = 0.6
supplier_share = 0.2
trader_share = 0.2
size_tail_index = 1.2
export_destinations = 20
domestic_buyers = 50
foreign_buyers = 10
wage = "41000 yuan/year"
world_over_national = 0.4
balance_share = 0.005
[synthetic.industries]
food = { places = "60%", national_market_share = "4%", exports_share = "2%", note = "n" }
wire-mesh = { places = "40%", national_market_share = "30%", exports_share = "5%", note = "n" }
"""


def roots(folder: Path, text: str = SET) -> tuple[Path, ...]:
    places = folder / "places"
    places.mkdir(exist_ok=True)
    (places / "early.toml").write_text(MEMBER.format(id="early", year=2019, output=6), encoding="utf-8")
    (places / "late.toml").write_text(MEMBER.format(id="late", year=2023, output=8), encoding="utf-8")
    (places / "s.toml").write_text(text, encoding="utf-8")
    return (folder, *workspace_folders("scenarios"))


def problems_of(folder: Path, text: str) -> str:
    with pytest.raises(UserError) as caught:
        load_set("s", roots(folder, text))
    return str(caught.value)


def synthetic(found: PlaceSet) -> list[Place]:
    return [place for place in found.places if place.synthetic]


# --- an invented set ------------------------------------------------------------------------------------------------


def test_members_stay_as_their_files_say_and_the_rest_is_synthetic(tmp_path: Path) -> None:
    folders = roots(tmp_path)
    found = load_set("s", folders)
    assert found.places == load_places("s", folders)[0]
    assert found.places[:2] == (read_place("early", folders).place, read_place("late", folders).place)
    assert [place.id for place in found.places[2:]] == [f"s-synthetic-{number:03d}" for number in range(1, 11)]
    assert all(place.synthetic and place.province == "13" for place in found.places[2:])
    assert found.places[2].name == "Synthetic 001 (food)"
    assert found.places[2].name_zh == "合成001（食品）"
    assert found.lists == {"first": ("late", "s-synthetic-001")}
    assert load_places("early", folders)[0] == found.places[:1]


def test_totals_hold_exactly(tmp_path: Path) -> None:
    found = load_set("s", roots(tmp_path))
    rest = synthetic(found)
    held = math.fsum(found.held.values())
    assert held + math.fsum(place.start.output_value for place in rest) == pytest.approx(40e9, rel=1e-15)
    assert sum(place.start.businesses for place in rest) == 5001 - 800
    assert sum(place.start.employment_reported for place in rest) == 90001 - 18000
    assert len(found.places) == 12


def test_a_member_of_another_year_is_moved_by_the_demand_of_the_world(tmp_path: Path) -> None:
    found = load_set("s", roots(tmp_path))
    world = load_world("central").met_by(industry_of("wire-mesh").group)

    def growth(series: str) -> float:
        values = getattr(world, series)
        year = {y: values[y * 12 - world.first_month :][:12].mean() for y in (2019, 2023)}
        return float(year[2019] / year[2023])

    assert found.held["early"] == pytest.approx(6e9, rel=1e-15)
    assert found.held["late"] == pytest.approx(7.8e9 * growth("domestic_demand") + 0.2e9 * growth("foreign_demand"))
    assert found.places[1].start.base_year == 2023
    assert all(place.start.base_year == 2019 for place in synthetic(found))


def test_a_member_that_reports_output_is_counted_at_the_revenue_of_its_whole_chain(tmp_path: Path) -> None:
    text = SET.replace('"output_value"', '"operating_revenue"').replace("output_value =", "operating_revenue =")
    found = load_set("s", roots(tmp_path, text))
    ratio = revenue_over_output(for_industry(load_parameters(), "wire-mesh"))
    assert found.held["early"] == pytest.approx(6e9 * ratio)
    first = synthetic(found)[0].start
    assert first.output_value is None
    own = first.operating_revenue / revenue_over_output(for_industry(load_parameters(), "food"))
    assert first.exports == pytest.approx(0.02 * own)


def test_market_shares_of_an_industry_are_spread_by_output_and_follow_the_file(tmp_path: Path) -> None:
    rest = synthetic(load_set("s", roots(tmp_path)))
    for industry, share, count in (("food", 0.04, 6), ("wire-mesh", 0.30, 4)):
        own = [place.start for place in rest if place.industry == industry]
        assert len(own) == count
        assert math.fsum(start.national_market_share for start in own) == pytest.approx(share)
        assert len({round(start.national_market_share / start.output_value, 20) for start in own}) == 1
        assert all(start.global_market_share == pytest.approx(0.4 * start.national_market_share) for start in own)


def test_the_numbers_of_a_set_have_origins(tmp_path: Path) -> None:
    found = load_set("s", roots(tmp_path))
    assert [origin.name for origin in found.origins][:4] == [
        "output_value",
        "places",
        "businesses",
        "employment_reported",
    ]
    assert [origin.kind for origin in found.origins] == ["assumed"] * 18


@pytest.mark.parametrize(
    ("old", "new", "words", "at"),
    [
        ("places = 12", "places = 2", "the named places alone hold all of places: 0 is left", ""),
        ('"40 billion yuan"', '"9 billion yuan"', "the named places alone hold all of output_value", ""),
        ("businesses = 5001", "businesses = 700", "the named places alone hold all of businesses: -100 is left", ""),
        ("businesses = 5001", "busineses = 5001", 'unknown key "busineses" in totals of the file', ""),
        ("places = 12", 'places = { fact = "hb-clusters-2019" }', "is about hebei-clusters, not s", ""),
        ("businesses = 5001", "businesses = { low = 4000, high = 6000 }", "a set needs one value", ""),
        ("businesses = 5001", "businesses = 0", "businesses must be above 0", ""),
        ('largest = "9 billion', 'largest = "2 billion', "10 places of at most 2e+09 yuan cannot add up", ""),
        ('smallest = "100 million', 'smallest = "3 billion', "the smallest of 10 places would have", ""),
        ('largest = "9 billion yuan"', "largest = 9000000000", "has no unit", ""),
        ('places = "60%"', 'places = "50%"', "add up to 0.9, not 1", "[synthetic.industries]"),
        ("food = {", "fod = {", 'did you mean "food"', ""),
        ('exports_share = "2%", note = "n"', 'exports_share = "2%"', "note", ""),
        ('market_share = "30%"', 'market_share = "70%"', "wire-mesh together hold 110% of the national market", ""),
        ('exports_share = "5%"', 'exports_share = "120%"', "exports_share", ""),
        ('"early", "late"', '"early", "lat"', 'did you mean "late"', ""),
        ('"early", "late"', '"early", "late", "late"', '"late" is named twice', ""),
        ('"s-synthetic-001"]', '"s-synthetic-011"]', '"s-synthetic-011" is not a place of this set', ""),
        ('"late", "s-syn', '"late", "late", "s-syn', '"late" stands twice in first', ""),
        ('"Synthetic {number} ({industry})"', '"Cluster {number}"', "a name holds {number} and {industry}", ""),
        ('id = "s-synthetic-{number}"', 'id = "s-synthetic"', "id = ", ""),
        ('world = "central"', 'world = "centrall"', 'did you mean "central"', ""),
        ("base_year = 2019", "base_year = 2009", "world central has no 2009", 'world = "central"'),
        ("trader_share = 0.2", "trader_share = 0.3", "place 001 (food) is impossible: maker_share", "[synthetic]"),
        ('output_value = "40', 'output = "40', 'unknown key "output" in totals of the file', ""),
        ('output_value = "40 billion yuan"\n', "", "needs one of output_value and operating_revenue", "[totals]"),
        ("places = 12", 'places = 12\noperating_revenue = "50 billion yuan"', "and not both", "[totals]"),
        ('id = "s"', 'id = "t"', 'id = "t" is not the name of the file', ""),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_line(tmp_path: Path, old: str, new: str, words: str, at: str) -> None:
    line = SET[: SET.index(at or old)].count("\n") + 1
    told = problems_of(tmp_path, SET.replace(old, new))
    assert any(words in part for part in told.split(f"s.toml:{line}  ")[1:]), (line, told)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    told = problems_of(tmp_path, SET.replace("tail_index =", "tail_indx =").replace("places = 12", "place = 12"))
    for words in (
        'unknown key "place" in totals of the file',
        'did you mean "places"?',
        'unknown key "tail_indx" in synthetic of the file',
        'did you mean "tail_index"?',
    ):
        assert words in told


def test_a_set_is_not_one_place(tmp_path: Path) -> None:
    with pytest.raises(UserError, match='"s" is a set of places, not one place'):
        read_place("s", roots(tmp_path))


# --- the shipped sets -----------------------------------------------------------------------------------------------


def fact(identifier: str) -> Fact:
    return FACTS[identifier]


@pytest.mark.parametrize(
    ("identifier", "totals"),
    [
        (
            "hebei-clusters",
            {
                "places": "hb-clusters-2019",
                "operating_revenue": "hb-revenue-2019",
                "employment_reported": "hb-employment-2019",
            },
        ),
        (
            "shanxi-towns",
            {"places": "sx-towns-2023", "output_value": "sx-output-2023", "businesses": "sx-businesses-2023"},
        ),
    ],
)
def test_the_totals_of_a_shipped_set_are_the_reported_ones(identifier: str, totals: dict[str, str]) -> None:
    found = load_set(identifier)
    for name, source in totals.items():
        assert found.totals[name] == fact(source).value_plain
    assert len(found.places) == found.totals["places"]
    rest = synthetic(found)
    headline = math.fsum(place.start.headline_total for place in rest)
    assert math.fsum(found.held.values()) + headline == pytest.approx(found.totals[found.headline], rel=1e-15)
    for name in ("businesses", "employment_reported"):
        assert sum(getattr(place.start, name) for place in found.places) == pytest.approx(found.totals[name], abs=0.5)


@pytest.mark.parametrize("identifier", SHIPPED)
def test_the_places_of_a_shipped_set_are_possible(identifier: str) -> None:
    found = load_set(identifier)
    assert len({place.id for place in found.places}) == len(found.places)
    shares = Counter[str]()
    for place in found.places:
        start = place.start
        shares[place.industry] += start.national_market_share
        assert start.above_scale_firms <= start.businesses * start.maker_share
        assert start.global_market_share <= start.national_market_share
        assert start.exports < start.headline_total
    assert max(shares.values()) < 1.0
    sizes = [place.start.headline_total for place in synthetic(found)]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("identifier", SHIPPED)
def test_every_synthetic_place_says_so_in_both_languages(identifier: str) -> None:
    for place in load_set(identifier).places:
        assert place.synthetic == ("-synthetic-" in place.id)
        assert place.synthetic == place.name.startswith("Synthetic ")
        assert place.synthetic == place.name_zh.startswith("合成")


def test_tax_of_hebei_is_an_outcome_and_not_a_start() -> None:
    assert "hb-tax-2019" not in {name for origin in load_set("hebei-clusters").origins for name in origin.facts}


def test_the_first_ten_towns_of_shanxi_are_the_five_named_and_five_synthetic() -> None:
    found = load_set("shanxi-towns")
    first = found.lists["first_ten"]
    assert first[:5] == found.members == ("xinghuacun", "dingxiang", "taigu", "wanrong", "qixian")
    assert first[5:] == tuple(f"shanxi-synthetic-{number:03d}" for number in range(1, 6))
    assert SETS["shanxi-first-ten"].members == first


def test_xinghuacun_starts_from_the_reported_figures() -> None:
    place = read_place("xinghuacun").place
    start = place.start
    assert (start.businesses, start.employment_reported, start.output_value) == (485, 50_000, 20.15e9)
    assert (start.lead_firms, start.export_destinations, start.base_year) == (1, 60, 2022)
    assert place.province == "14"


@pytest.mark.parametrize("identifier", SHIPPED)
def test_a_set_loads_in_well_under_a_second(identifier: str) -> None:
    load_set(identifier)
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        load_places(identifier)
        times.append(time.perf_counter() - begun)
    assert min(times) < 1.0


def test_how_many_places_are_synthetic_is_said_in_both_languages() -> None:
    places = load_places("shanxi-towns")[0]
    assert places_text(places, "en") == "92 places: 5 named, 87 synthetic"
    assert places_text(places, "zh") == "92个地点：5个实名，87个合成"
    assert places_text(places[:1], "en") == "1 place"
    assert places_text(places[:2], "zh") == "2个地点"


# --- drawing --------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 400),
    index=st.floats(0.6, 3.0),
    largest=st.floats(1e9, 1e11),
    fill=st.floats(0.02, 0.9),
)
def test_pareto_sizes_fall_stay_below_the_largest_and_add_up(
    count: int, index: float, largest: float, fill: float
) -> None:
    total = fill * count * largest
    sizes = pareto_sizes(total, count, index, largest)
    assert len(sizes) == count
    assert math.fsum(sizes) == pytest.approx(total, rel=1e-15)
    assert sizes[-1] > 0.0
    assert sizes[0] <= largest * (1 + 1e-9)
    assert all(a >= b * (1 - 1e-9) for a, b in pairwise(sizes))


def test_pareto_sizes_follow_the_tail_index() -> None:
    sizes = pareto_sizes(2e11, 1000, 1.2, 1e12)
    upper = [math.log(sizes[k]) for k in (10, 100)]
    slope = (math.log(10.5 / 1000) - math.log(100.5 / 1000)) / (upper[0] - upper[1])
    assert slope == pytest.approx(-1.2, abs=0.05)


@given(
    weights=st.lists(st.floats(0.01, 1e6), min_size=1, max_size=50),
    total=st.integers(0, 10**6),
)
def test_spread_adds_up_and_is_never_off_by_a_whole_one(weights: list[float], total: int) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    whole = math.fsum(weights)
    assert all(abs(part - total * weight / whole) < 1 + 1e-6 for part, weight in zip(parts, weights, strict=True))


def test_industries_keep_their_shares_among_the_first_few_as_among_all() -> None:
    shares = {"a": 0.5, "b": 0.3, "c": 0.2}
    order = in_turn(shares, 1000)
    for count in (10, 100, 1000):
        had = Counter(order[:count])
        assert all(abs(had[name] - share * count) <= 1 for name, share in shares.items())


def test_makers_above_the_cut_leave_the_others_the_mean_that_was_asked_for() -> None:
    parameters = load_parameters()
    number = above_scale_makers(3.4e9, 490, 4e6, 1.2, parameters)
    t = parameters.start.above_scale_truncation
    mean = 20e6 * 6.0 * (1 - t**-0.2) / (1 - t**-1.2)
    assert (3.4e9 - number * mean) / (490 - number) == pytest.approx(4e6, rel=0.05)
    assert above_scale_makers(1e9, 490, 4e6, 1.2, parameters) == 0
    assert above_scale_makers(1e12, 100, 4e6, 1.0, parameters) == 90
