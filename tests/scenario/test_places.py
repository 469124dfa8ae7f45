"""Places: every starting number has an origin, and what cannot be right is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.errors import UserError
from sim.evidence import load_facts
from sim.scenario.place_start import UNITS, PlaceStart
from sim.scenario.places import place_origins, read_place
from sim.units import Uncertain
from tests.scenario.written import optional_values

HEAD = """schema = 1
id = "p"
name = "P"
industry = "metal-products"
"""
START = {
    "base_year": "2023",
    "businesses": "1000",
    "maker_share": '"60%"',
    "supplier_share": "0.2",
    "trader_share": "0.2",
    "output_value": '"10亿元"',
    "employment_reported": "8000",
    "exports": '"50 million yuan"',
    "national_market_share": '"5%"',
    "global_market_share": '"1%"',
    "export_destinations": "12",
    "size_tail_index": "1.2",
    "above_scale_firms": "20",
    "domestic_buyers": "400",
    "foreign_buyers": "30",
    "wage": '"48000 yuan/year"',
    "county_balance": '"5000万元"',
}


def place_file(folder: Path, head: str = HEAD, **start: str | None) -> tuple[Path]:
    keys = {key: value for key, value in {**START, **start}.items() if value is not None}
    text = head + "[start]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
    (folder / "places").mkdir(exist_ok=True)
    (folder / "places" / "p.toml").write_text(text, encoding="utf-8")
    return (folder,)


def start_of(folders: tuple[Path]) -> PlaceStart:
    start = read_place("p", folders).place.start
    assert isinstance(start, PlaceStart)
    return start


def test_yongnian_starts_from_the_reported_figures() -> None:
    place = read_place("yongnian").place
    assert (place.admin_code, place.industry, place.name_zh) == ("130408", "fasteners", "河北省邯郸市永年区")
    start = place.start
    assert (start.base_year, start.businesses, start.output_value) == (2023, 30_000, 42e9)
    assert (start.employment_reported, start.export_destinations) == (340_000, 110)
    assert (start.national_market_share, start.global_market_share) == (0.58, 0.28)
    assert start.maker_share + start.supplier_share + start.trader_share == pytest.approx(1, abs=1e-12)
    assert start.uncertain() == {}


def test_yongnians_exports_are_the_stated_arithmetic() -> None:
    facts = {item.id: item for item in load_facts()}
    months, growth = facts["yn-exports-2024-8m"], facts["yn-exports-growth-2024-8m"]
    derived = months.value_plain / 8 * 12 / (1 + growth.value_plain)
    assert read_place("yongnian").place.start.exports == pytest.approx(derived, rel=1e-3)


def test_every_starting_number_has_an_origin() -> None:
    origins = {item.name: item for item in place_origins("yongnian")}
    assert list(origins) == [name for name in UNITS if name in origins]
    known = {"piece_share", "piece_share_abroad"}
    assert set(UNITS) - set(origins) == {"operating_revenue", *optional_values()} - known
    assert origins["output_value"].kind == "reported"
    assert "≥ 42 billion yuan, 2023-01 to 2023-12, xinhua-2025-01-08" in origins["output_value"].text
    assert origins["exports"].kind == "derived"
    assert origins["exports"].facts == ("yn-exports-2024-8m", "yn-exports-growth-2024-8m")
    assumed = {name for name, item in origins.items() if item.kind == "assumed"}
    assert assumed == {
        "maker_share",
        "supplier_share",
        "trader_share",
        "size_tail_index",
        "above_scale_firms",
        "piece_share",
        "piece_share_abroad",
        "domestic_buyers",
        "foreign_buyers",
        "wage",
        "county_balance",
    }
    for name in assumed:
        item = origins[name]
        assert item.text
        assert item.low is not None
        assert item.high is not None
        assert item.low <= item.value <= item.high


def test_plain_values_are_read_in_either_language_and_count_as_assumed(tmp_path: Path) -> None:
    folders = place_file(tmp_path)
    start = start_of(folders)
    assert (start.output_value, start.county_balance, start.wage, start.maker_share) == (1e9, 50e6, 48_000, 0.6)
    assert {item.kind for item in place_origins("p", folders)} == {"assumed"}


def test_a_range_is_uncertain_and_can_be_drawn(tmp_path: Path) -> None:
    start = start_of(place_file(tmp_path, businesses="{ low = 800, high = 1200 }"))
    assert start.uncertain() == {"businesses": Uncertain(800, 1200)}
    drawn = start.with_values({"businesses": 900.0})
    assert drawn.businesses == 900
    assert drawn.uncertain() == {}
    with pytest.raises(ValueError, match="add up to"):
        start.with_values({"maker_share": 0.9})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("output_value", float("nan"), "output_value is not a finite number"),
        ("national_market_share", 1.5, "national_market_share must be at most 1"),
        ("wage", Uncertain(-1, 1), "wage must be above 0"),
        ("colour", 1.0, "colour"),
    ],
)
def test_drawn_values_are_checked_too(name: str, value: float, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_place("yongnian").place.start.with_values({name: value})


def test_uncertain_shares_need_not_add_up_yet(tmp_path: Path) -> None:
    start = start_of(place_file(tmp_path, maker_share='{ low = "50%", high = "70%" }'))
    assert start.uncertain() == {"maker_share": Uncertain(0.5, 0.7)}


def test_a_prior_range_is_kept_beside_the_value(tmp_path: Path) -> None:
    folders = place_file(tmp_path, businesses='{ value = 1000, low = 800, high = 1200, assumed = true, note = "x" }')
    assert start_of(folders).businesses == 1000
    origin = next(item for item in place_origins("p", folders) if item.name == "businesses")
    assert (origin.value, origin.low, origin.high, origin.text) == (1000, 800, 1200, "x")


HOW_IT_COUNTS = '[statistics]\nheadline = "{}"\nprices = "{}"\nabove_scale_cut = "{}"\n'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("output_value", "current", "20 million yuan"), ""),
        (("output_value", "current", "2000万元"), ""),
        (("operating_revenue", "current", "20 million yuan"), r"p\.toml:\d+  headline .* takes output_value"),
        (("output_value", "constant", "20 million yuan"), r"p\.toml:\d+  prices .* takes current"),
        (("output_value", "current", "5 million yuan"), r"p\.toml:\d+  above_scale_cut .* takes 20 million yuan"),
        (("output_value", "current", "much"), r"p\.toml:\d+  above_scale_cut .* takes 20 million yuan"),
    ],
)
def test_what_earlier_files_say_of_counting_must_hold(tmp_path: Path, said: tuple[str, ...], told: str) -> None:
    folders = place_file(tmp_path, HEAD + HOW_IT_COUNTS.format(*said))
    if not told:
        assert start_of(folders) == start_of(place_file(tmp_path))
        return
    with pytest.raises(UserError, match=told):
        read_place("p", folders)


def test_a_byte_order_mark_is_fine_and_gbk_is_explained(tmp_path: Path) -> None:
    folders = place_file(tmp_path)
    path = tmp_path / "places" / "p.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8-sig")
    assert start_of(folders).businesses == 1000
    path.write_text(text, encoding="gbk")
    with pytest.raises(UserError, match=r"E11 .*GBK"):
        read_place("p", folders)


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ({"businesses": None}, 'has no "businesses"'),
        ({"busineses": "3"}, 'unknown key "busineses".*did you mean "businesses"'),
        ({"output_value": "1000000000"}, "output_value = 1000000000 has no unit.*200 million yuan"),
        ({"output_value": '"10亿美元"'}, "not in yuan"),
        ({"wage": '"48000 yuan"'}, "not per year"),
        ({"maker_share": "60"}, "60 is not a share"),
        ({"maker_share": '"70%"'}, "add up to 1.1, not 1"),
        ({"businesses": "0"}, "businesses must be above 0"),
        ({"exports": '"-1 yuan"'}, "exports must be at least 0"),
        ({"businesses": "1.5"}, "not a whole number"),
        ({"businesses": "nan"}, "not a whole number"),
        ({"size_tail_index": '"1.2"'}, "not a number"),
        ({"size_tail_index": "inf"}, "not a number"),
        ({"size_tail_index": "{ value = { a = 1 }, assumed = true }"}, "size_tail_index = { a = 1 } is not a number"),
        ({"base_year": '"soon"'}, "base_year"),
        ({"businesses": "[1]"}, r"businesses = \[1\] is not a whole number"),
        ({"businesses": "{ value = [1], assumed = true }"}, "is not a whole number"),
        ({"businesses": "{ low = 5 }"}, "low and high go together"),
        ({"businesses": "{ low = 7, high = 5 }"}, "low above high"),
        ({"businesses": "{ note = 'x' }"}, "needs a value, a fact, or low and high"),
        ({"businesses": "{ value = 5 }"}, "no fact stands behind it"),
        ({"businesses": "{ value = 5, facts = ['yn-businesses'] }"}, "in note the arithmetic"),
        ({"businesses": "{ value = 5, low = 6, high = 7, assumed = true }"}, "outside its own range"),
        ({"businesses": "{ valu = 5 }"}, 'did you mean "value"'),
        ({"businesses": "{ fact = 'yn-businesses', value = 3 }"}, "fact stands alone"),
        ({"businesses": "{ fact = 'yn-busineses' }"}, 'did you mean "yn-businesses"'),
        ({"businesses": "{ fact = 'yn-businesses' }"}, "is about yongnian, not p"),
        ({"businesses": "{ value = 5, facts = ['nothing'], note = 'x' }"}, 'no reported figure "nothing"'),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_line(tmp_path: Path, start: dict[str, str | None], told: str) -> None:
    with pytest.raises(UserError) as caught:
        read_place("p", place_file(tmp_path, **start))
    message = str(caught.value)
    assert re.search(told, message, re.DOTALL), message
    number = int(re.search(r"p\.toml:(\d+)  ", message)[1])  # type: ignore[index]
    line = (tmp_path / "places" / "p.toml").read_text(encoding="utf-8").splitlines()[number - 1]
    key = next(iter(start))
    assert line.startswith((key, "[start]"))


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_place("p", place_file(tmp_path, HEAD.replace('"P"', '""'), wage="3", exports="4", maker_share="60"))
    assert len(re.findall(r"p\.toml:\d+  ", str(caught.value))) == 4


def test_facts_that_are_aims_or_of_another_unit_are_refused(tmp_path: Path) -> None:
    path = place_file(tmp_path, HEAD.replace('"p"', '"guanxian"'), output_value="{ fact = 'goal-gx-2028' }")[0]
    (path / "places" / "p.toml").rename(path / "places" / "guanxian.toml")
    with pytest.raises(UserError, match="never a starting value"):
        read_place("guanxian", (path,))
    place_file(tmp_path, HEAD.replace('"p"', '"guanxian"'), output_value="{ fact = 'gx-businesses' }")
    (path / "places" / "p.toml").replace(path / "places" / "guanxian.toml")
    with pytest.raises(UserError, match="is in count, wanted yuan"):
        read_place("guanxian", (path,))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('id = "p"', 'id = "q"', "is not the name of the file"),
        ("schema = 1", "schema = 3", "schema = 3"),
        ('industry = "metal-products"', 'industry = "metal-products"\nadmin_code = "13"', "admin_code"),
        ('industry = "metal-products"', 'industri = "metal-products"', 'did you mean "industry"'),
        ('industry = "metal-products"', 'industry = "metal-product"', 'did you mean "metal-products"'),
        (
            'name = "P"',
            'name = "P"\nabove_scale_cut = "30 million yuan"',
            r'unknown key "above_scale_cut"[^\n]*\s+keys of the file: schema, .*products$',
        ),
    ],
)
def test_what_is_wrong_with_the_head_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_place("p", place_file(tmp_path, HEAD.replace(old, new)))


def test_a_place_without_start_is_refused(tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "p.toml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(UserError, match=r"no table \[start\]"):
        read_place("p", (tmp_path,))


@pytest.mark.parametrize("name", ["yongnain", "../places/yongnian", "Yongnian", "yongnian.toml"])
def test_a_place_that_is_not_there_is_answered_with_the_nearest(name: str) -> None:
    with pytest.raises(UserError, match="no such place") as caught:
        read_place(name)
    assert "yongnian" in str(caught.value)


def test_the_project_is_looked_in_first(tmp_path: Path) -> None:
    own, library = tmp_path / "own", tmp_path / "library"
    own.mkdir()
    library.mkdir()
    place_file(own, businesses="77")
    place_file(library)
    assert read_place("p", (own, library)).place.start.businesses == 77
