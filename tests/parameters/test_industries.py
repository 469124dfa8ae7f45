"""Industries: complete, sourced, profitable, moved by shared draws in proportion, and wrong in ways told at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import UserError
from sim.evidence.national import GROUPS
from sim.parameters import Parameters, industries, load_parameters, parameter_table
from sim.parameters.industries import MAY_DIFFER, Industry, for_industry, industry_of, load_industries, parameters_hash
from sim.scenario.worlds import load_world

ALL = sorted(load_industries())
CENTRES = {row.name: row.value for row in parameter_table()}
NAMED = {
    "fasteners", "wire-mesh", "bearing-forging", "flanges", "malleable-iron", "cookware", "displays", "food", "baijiu",
    "luggage", "chinese-medicine", "cashmere", "glassware", "concrete-admixtures", "metal-products", "machinery",
    "textiles", "furniture", "building-materials", "chemicals", "rubber-plastics", "equipment-parts",
}  # fmt: skip


def materials_share(parameters: Parameters) -> float:
    return 1.0 / (1.0 + parameters.maker.markup) - parameters.maker.labour_share


def profit_margin(parameters: Parameters) -> float:
    """Profit after tax over revenue of a maker at normal use, at the standard rate of income tax."""
    maker, tax, ratio = parameters.maker, parameters.tax, parameters.maker.capital_output_ratio
    gross = 1.0 - 1.0 / (1.0 + maker.markup) - maker.overhead_share
    surcharges = tax.surcharge * tax.vat * (1.0 - materials_share(parameters))
    interest = parameters.investment.loan_rate * parameters.start.leverage * ratio
    return (gross - parameters.production.depreciation * ratio - surcharges - interest) * (1.0 - tax.income_tax)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that writes a project's own file of industries, looked in before the library's."""
    for folder in ("scenarios", "calibration"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)

    def put(text: str) -> None:
        (tmp_path / "calibration" / "industries.toml").write_text(text, encoding="utf-8")
        industries._industries.cache_clear()

    return put


# --- the file -------------------------------------------------------------------------------------------------------


def test_every_industry_of_the_places_is_there() -> None:
    assert set(ALL) == NAMED


@pytest.mark.parametrize("identifier", ALL)
def test_an_industry_has_two_names_and_every_value_a_range_and_a_source(identifier: str) -> None:
    industry = industry_of(identifier)
    assert industry.id == identifier
    assert industry.name.strip()
    assert any("一" <= letter <= "鿿" for letter in industry.name_zh)
    for name, info in industry.overrides.items():
        assert name in MAY_DIFFER
        assert info.name == name
        assert info.low <= info.value <= info.high
        assert info.low < info.high
        assert info.source.strip()


def test_metal_products_are_the_shared_parameters() -> None:
    parameters = load_parameters()
    for identifier in ("fasteners", "metal-products"):
        assert not industry_of(identifier).overrides
        assert for_industry(parameters, identifier) == parameters


@pytest.mark.parametrize("identifier", ALL)
def test_a_maker_buys_materials_and_earns_a_usual_profit(identifier: str) -> None:
    parameters = for_industry(load_parameters(), identifier)
    assert 0.4 < materials_share(parameters) < 0.9
    assert 0.02 < profit_margin(parameters) < 0.12


@pytest.mark.parametrize("identifier", ALL)
@pytest.mark.parametrize(("markup", "labour"), list(itertools.product((0.11, 0.17), (0.07, 0.11))))
def test_materials_stay_positive_at_the_ends_of_the_shared_ranges(
    identifier: str, markup: float, labour: float
) -> None:
    parameters = load_parameters({"maker.markup": markup, "maker.labour_share": labour})
    assert materials_share(for_industry(parameters, identifier)) > 0.3


def test_liquor_earns_most_and_food_does_not_follow_steel() -> None:
    margins = {name: profit_margin(for_industry(load_parameters(), name)) for name in ALL}
    assert max(margins, key=margins.__getitem__) == "baijiu"
    assert for_industry(load_parameters(), "food").production.steel_share == 0.0


# --- laying over ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ALL)
def test_at_the_centre_of_the_priors_an_industry_has_its_own_values_and_shares_the_rest(identifier: str) -> None:
    shared = load_parameters()
    own = for_industry(shared, identifier)
    overrides = industry_of(identifier).overrides
    for name in CENTRES:
        group, key = name.split(".")
        wanted = overrides[name].value if name in overrides else CENTRES[name]
        assert getattr(getattr(own, group), key) == wanted, name


@pytest.mark.parametrize("name", ["maker.markup", "maker.labour_share", "environment.discharge"])
def test_a_shared_value_moves_the_industries_own_in_proportion(name: str) -> None:
    group, key = name.split(".")
    drawn = for_industry(load_parameters({name: 1.2 * CENTRES[name]}), "baijiu")
    assert getattr(getattr(drawn, group), key) == pytest.approx(1.2 * industry_of("baijiu").overrides[name].value)


def test_a_shared_value_that_an_industry_does_not_name_reaches_it_as_it_is() -> None:
    drawn = for_industry(load_parameters({"maker.labour_share": 0.08, "links.considered": 9}), "wire-mesh")
    assert drawn.maker.labour_share == 0.08
    assert drawn.links.considered == 9.0


def test_a_share_stays_below_one() -> None:
    drawn = for_industry(load_parameters({"demand.trader_share": 0.9}), "luggage")
    assert drawn.demand.trader_share == industries.LARGEST_SHARE


def test_the_given_parameters_are_not_changed() -> None:
    shared = load_parameters()
    for_industry(shared, "baijiu")
    assert shared == load_parameters()


def test_an_unknown_industry_names_the_nearest_and_the_known() -> None:
    with pytest.raises(UserError) as caught:
        for_industry(load_parameters(), "wiremesh")
    assert 'no industry is called "wiremesh"' in str(caught.value)
    assert 'did you mean "wire-mesh"?' in str(caught.value)
    assert all(name in str(caught.value) for name in ALL)


# --- a project's own file -------------------------------------------------------------------------------------------


GLASS = """[glassware]
name = "Glass"
name_zh = "玻璃"
maker.markup = { value = 0.3, low = 0.2, high = 0.4, status = "assumed", source = "own survey" }

[toys]
name = "Toys"
name_zh = "玩具"
"""


def test_a_project_adds_industries_and_replaces_those_of_equal_id(write: Callable[[str], None]) -> None:
    before = parameters_hash()
    write(GLASS)
    found = load_industries()
    assert set(found) == NAMED | {"toys"}
    assert found["toys"] == Industry("toys", "Toys", "玩具", {})
    assert list(found["glassware"].overrides) == ["maker.markup"]
    (info,) = found["glassware"].overrides.values()
    assert (info.unit, info.about) == ("share", next(row.about for row in parameter_table() if row.name == info.name))
    assert parameters_hash() != before


def test_the_hash_tells_runs_with_other_industries_apart(write: Callable[[str], None]) -> None:
    hashes = set()
    for value in ("0.3", "0.30000000000000004"):
        write(GLASS.replace("value = 0.3,", f"value = {value},"))
        hashes.add(parameters_hash())
    assert len(hashes) == 2


def test_every_industry_is_bound_to_a_group_whose_demand_the_worlds_have() -> None:
    bound = {industry_of(identifier).group for identifier in ALL}
    assert bound == {group for group in GROUPS if group}
    assert bound == set(load_world("central").domestic_demand_by_group)


def test_an_industry_that_names_no_group_meets_the_demand_of_all_industry(write: Callable[[str], None]) -> None:
    write(GLASS)
    assert load_industries()["toys"].group == ""
    before = parameters_hash()
    write(GLASS.replace('name_zh = "玩具"', 'name_zh = "玩具"\ngroup = "light"'))
    assert load_industries()["toys"].group == "light"
    assert parameters_hash() != before
    write(GLASS.replace('name_zh = "玩具"', 'name_zh = "玩具"\ngroup = "lihgt"'))
    with pytest.raises(UserError, match=r'industries.toml:9  no group of industries is called "lihgt"\n.*"light"'):
        load_industries()


OUT_OF_BOUNDS = """[toys]
name = "Toys"
name_zh = "玩具"
maker.markup = { value = 0.5, low = 0.2, high = 0.4, status = "assumed", source = "s" }
maker.labour_share = { value = 0.5, low = -0.2, high = 0.6, status = "assumed", source = "s" }
"""

BEYOND_THE_SHARED = """[toys]
name = "Toys"
name_zh = "玩具"
demand.trader_share = { value = 0.5, low = 0.2, high = 1.4, status = "assumed", source = "s", unit = "yuan" }
"""

WRONG = """[toys]
name = "Toys"
maker.mark_up = { value = 0.3, low = 0.2, high = 0.4, status = "assumed", source = "s" }
maker.markup = { value = 0.5, low = 0.2, high = 0.4, status = "known", source = " " }
demand.trader_share = { value = 0.5, low = 0.2, high = 1.4, status = "assumed", source = "s", unit = "yuan" }
links.considered = 4
production.steel_share = { value = 0.1, low = 0.0, status = "assumed", source = "s", hihg = 0.2 }
environment.discharge = 0.1

[Dolls]
name = "Dolls"
"""


WRONG_IN_FORM = [
    (1, '[toys] has no "name_zh"'),
    (3, 'unknown key "mark_up" in maker of [toys]'),
    (3, 'did you mean "markup"?'),
    (4, 'maker.markup.status = "known" is not one of the words allowed here'),
    (4, "maker.markup.source: no source"),
    (6, 'unknown key "links" in [toys]'),
    (7, 'did you mean "high"?'),
    (7, 'unknown key "hihg" in production.steel_share of [toys]'),
    (8, "environment.discharge = 0.1 is not a table"),
    (10, 'industry = "Dolls" is not an id'),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WRONG, WRONG_IN_FORM),
        (
            OUT_OF_BOUNDS,
            [(4, "value 0.5 lies outside 0.2 to 0.4"), (5, "maker.labour_share.low = -0.2 is not at least 0")],
        ),
        (BEYOND_THE_SHARED, [(4, "a share is below 1"), (4, "demand.trader_share is in share, not in yuan")]),
    ],
)
def test_everything_wrong_is_told_at_once_with_its_line(
    write: Callable[[str], None], text: str, expected: list[tuple[int, str]]
) -> None:
    write(text)
    with pytest.raises(UserError) as caught:
        load_industries()
    told = str(caught.value)
    for line, words in expected:
        assert any(words in part for part in told.split(f"industries.toml:{line}  ")[1:]), (line, words)
