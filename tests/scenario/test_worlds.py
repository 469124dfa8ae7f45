"""Worlds: yearly growth is that of the named series, months are smooth, and nothing lacks a source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import workspace
from sim.errors import UserError
from sim.evidence import load_series
from sim.evidence.national import GROUPS
from sim.scenario.worlds import DRIVERS, load_world, monthly_means, world_growth, year_turns
from sim.units import month_number

WORLDS = ("low", "central", "high", "constant")
FIRST, LAST, BASE = 2014, 2035, 2023


def yearly(world: str, driver: str, group: str = "") -> dict[int, float]:
    months = getattr(load_world(world).met_by(group), driver)
    return dict(zip(range(FIRST, LAST + 1), months.reshape(-1, 12).mean(axis=1), strict=True))


def world_file(folder: Path, segments: str = "", leave_out: str = "wage", **head: object) -> tuple[Path]:
    """Write a world of 2014-2016 in which every driver but one stands still; return the folders to search."""
    keys = {"schema": 1, "id": '"w"', "name": '"W"', "base_year": 2015, "first": 2014, "last": 2016} | head
    text = "".join(f"{key} = {value}\n" for key, value in keys.items() if value is not None)
    for driver in DRIVERS:
        if driver == leave_out:
            continue
        text += f'[[{driver}]]\nyears = "2015-2016"\ngrowth = "0%"\nnote = "still"\n'
    (folder / "worlds").mkdir(exist_ok=True)
    (folder / "worlds" / "w.toml").write_text(text + segments, encoding="utf-8")
    return (folder,)


STILL = '[[wage]]\nyears = "2015-2016"\ngrowth = "0%"\nnote = "still"\n'


@pytest.mark.parametrize("world", WORLDS)
def test_worlds_cover_2014_to_2035_by_month(world: str) -> None:
    loaded = load_world(world)
    assert loaded.first_month == month_number(2014, 1)
    for driver in DRIVERS:
        months = getattr(loaded, driver)
        assert months.shape == ((LAST - FIRST + 1) * 12,)
        assert months.dtype == np.float64
        assert np.isfinite(months).all()
        assert (months > 0).all()
        assert not months.flags.writeable


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("driver", DRIVERS)
def test_the_base_year_averages_one(world: str, driver: str) -> None:
    assert yearly(world, driver)[BASE] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("world", WORLDS)
def test_yearly_means_grow_as_listed(world: str) -> None:
    for item in world_growth(world):
        means = yearly(world, item.driver, item.group)
        assert means[item.year] / means[item.year - 1] - 1 == pytest.approx(item.rate, abs=1e-12)


@pytest.mark.parametrize("driver", DRIVERS)
def test_there_is_no_step_at_new_year(driver: str) -> None:
    """January moves no more than the months about it: second differences at the turn are like those within years."""
    months = np.log(getattr(load_world("central"), driver))
    steps = np.abs(np.diff(months))
    bends = np.abs(np.diff(months, 2))
    at_turn = np.zeros(len(months), dtype=bool)
    at_turn[12::12] = True
    assert steps[at_turn[1:]].max() <= 1.1 * steps[~at_turn[1:]].max()
    assert bends.max() <= steps.max()


@pytest.mark.parametrize(
    ("driver", "year", "series"),
    [
        ("domestic_demand", 2019, "ind_all_revenue_growth"),
        ("domestic_demand", 2025, "ind_all_revenue_growth"),
        ("foreign_demand", 2024, "exports_goods_cny_growth"),
        ("producer_price", 2021, "ppi_growth"),
        ("material_price", 2020, "steel_price_spliced"),
        ("material_price", 2022, "ppi_ferrous_growth"),
        ("wage", 2024, "wage_abovescale_production_workers_growth"),
    ],
)
@pytest.mark.parametrize("world", ["low", "central", "high"])
def test_history_is_the_published_series_in_every_world(world: str, driver: str, year: int, series: str) -> None:
    means = yearly(world, driver)
    assert means[year] / means[year - 1] - 1 == pytest.approx(load_series()[series].growth(year).rate, abs=1e-12)


@pytest.mark.parametrize("world", ["low", "central", "high"])
def test_demand_follows_the_national_slowdown(world: str) -> None:
    means = yearly(world, "domestic_demand")
    before = (means[2019] / means[2014]) ** (1 / 5) - 1
    after = (means[2025] / means[2021]) ** (1 / 4) - 1
    assert before > 0.06, "revenue of all industry, as published"
    assert after < 0.03


def test_worlds_part_after_2025_in_the_order_of_their_names() -> None:
    for driver in ("domestic_demand", "foreign_demand", "producer_price", "wage"):
        low, central, high = (yearly(world, driver) for world in ("low", "central", "high"))
        assert low[2030] < central[2030] < high[2030]
        for year in range(FIRST, 2026):
            assert low[year] == pytest.approx(central[year], abs=1e-12)
            assert high[year] == pytest.approx(central[year], abs=1e-12)


def test_the_gap_of_manufacturing_to_gdp_is_derived_from_published_years() -> None:
    series = load_series()
    years = range(2022, 2026)
    gap = sum(
        series["manufacturing_va_nominal_growth_nbs"].growth(year).rate
        - series["gdp_nominal_growth_nbs"].growth(year).rate
        for year in years
    ) / len(years)
    assert gap < 0
    item = next(
        item
        for item in world_growth("central")
        if item.driver == "domestic_demand" and not item.group and item.year == 2028
    )
    assert item.rate == pytest.approx(series["world_central_gdp_nominal"].growth(2028).rate + gap, abs=1e-12)
    assert item.assumed
    assert "mean of manufacturing_va_nominal_growth_nbs" in item.origin


def test_a_deflator_is_compounded() -> None:
    series = load_series()
    item = next(item for item in world_growth("central") if item.driver == "foreign_demand" and item.year == 2029)
    volume = series["world_goods_trade_volume_weo2510"].growth(2029).rate
    price = series["world_central_gdp_deflator"].growth(2029).rate
    assert item.rate == pytest.approx((1 + volume) * (1 + price) - 1, abs=1e-12)


def test_recalled_and_held_numbers_are_marked_as_assumed() -> None:
    for world in ("low", "central", "high"):
        for item in world_growth(world):
            if item.status in ("R", "") or item.year >= 2026:
                assert item.assumed, item
                assert item.note, item
            if item.year > 2030 and not item.group:
                assert item.origin == f"held at the growth of {item.year - 1}"
            if 2019 <= item.year <= 2024 and item.driver not in ("wage", "labour_productivity") and not item.group:
                assert not item.assumed, item


def test_the_constant_world_is_constant_to_the_bit() -> None:
    loaded = load_world("constant")
    for driver in DRIVERS:
        assert (getattr(loaded, driver) == 1.0).all()


@given(st.lists(st.floats(0.5, 2.0), min_size=2, max_size=30))
def test_months_keep_every_yearly_mean_and_join_smoothly(means: list[float]) -> None:
    months = np.array(monthly_means(means)).reshape(-1, 12)
    np.testing.assert_allclose(months.mean(axis=1), means, rtol=1e-12)
    nodes = year_turns(means)
    slopes_out = [2 * a + 4 * b - 6 * m for m, a, b in zip(means, nodes, nodes[1:], strict=False)]
    slopes_in = [6 * m - 4 * a - 2 * b for m, a, b in zip(means, nodes, nodes[1:], strict=False)]
    np.testing.assert_allclose(slopes_out[:-1], slopes_in[1:], atol=1e-9)


def test_steady_growth_gives_a_nearly_straight_path() -> None:
    means = [1.05**year for year in range(20)]
    steps = np.diff(np.log(monthly_means(means)))
    np.testing.assert_allclose(steps, np.log(1.05) / 12, rtol=0.02)


def test_one_year_is_too_few() -> None:
    with pytest.raises(ValueError, match="two years"):
        monthly_means([1.0])


@pytest.mark.parametrize(
    ("segments", "told"),
    [
        ("", r"no segment \[\[wage\]\]"),
        ('[[wage]]\nyears = "2015"\ngrowth = "0%"\nnote = "x"\n', "has no growth for 2016"),
        (STILL + '[[wage]]\nyears = "2016"\ngrowth = "1%"\nnote = "x"\n', "2016 is given twice"),
        (STILL.replace("2016", "2017"), "2017 is outside 2015-2016"),
        (STILL.replace("2015-2016", "2016-2015"), "is not a span of years"),
        (STILL.replace('note = "still"', ""), "say in note why this is assumed"),
        (STILL.replace("0%", "7"), '"7" is not a share'),
        (STILL.replace("growth", "grwth"), 'did you mean "growth"'),
        (STILL + '[[wage]]\nyears = "2016"\n', "exactly one of series, growth, hold, trend_of and lead"),
        ('[[wage]]\nyears = "2015-2016"\nseries = "ppi_grwth"\n', 'did you mean "ppi_growth"'),
        ('[[wage]]\nyears = "2015-2016"\nseries = "wage_private_all_national"\n', "was recalled, not seen, for 2015"),
        ('[[wage]]\nyears = "2015-2016"\nseries = "world_low_gdp_real"\n', "has no number for 2015"),
        ('[[wage]]\nyears = "2015-2016"\nhold = true\nnote = "x"\n', "holds the growth of 2014"),
        (STILL + 'plus = "1%"\n', "deflator and plus go with a series"),
        (STILL.replace("0%", "-100%"), "growth of 2015 is -100%"),
        ("wage = 3\n", "no growth for|no segment|not valid"),
    ],
)
def test_what_is_wrong_with_a_world_is_told_with_its_line(tmp_path: Path, segments: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as caught:
        load_world("w", world_file(tmp_path, segments))
    assert "w.toml:" in str(caught.value)


def test_the_line_is_that_of_the_segment(tmp_path: Path) -> None:
    folders = world_file(tmp_path, STILL + '[[wage]]\nyears = "2016"\ngrowth = "1%"\nnote = "x"\n')
    lines = (tmp_path / "worlds" / "w.toml").read_text(encoding="utf-8").splitlines()
    second = [number for number, line in enumerate(lines, start=1) if line == "[[wage]]"][1]
    with pytest.raises(UserError, match=rf"w\.toml:{second}  "):
        load_world("w", folders)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ({"base_year": 2020}, "base_year = 2020 must lie between"),
        ({"id": '"x"'}, "is not the name of the file"),
        ({"schema": 2}, "schema = 2"),
        ({"name": None}, 'has no "name"'),
        ({"colour": 1}, 'unknown key "colour"'),
        ({"first": '"2014"'}, "first = "),
    ],
)
def test_what_is_wrong_with_the_head_is_told(tmp_path: Path, head: dict[str, object], told: str) -> None:
    with pytest.raises(UserError, match=told):
        load_world("w", world_file(tmp_path, STILL, **head))


def test_a_recalled_number_may_be_accepted(tmp_path: Path) -> None:
    segments = (
        '[[wage]]\nyears = "2015-2016"\nseries = "wage_private_all_national"\naccept_recalled = true\nnote = "x"\n'
    )
    growth = [item for item in world_growth("w", world_file(tmp_path, segments)) if item.driver == "wage"]
    assert [item.status for item in growth] == ["R", "R"]
    assert all(item.assumed for item in growth)


@pytest.mark.parametrize("name", ["centrl", "../worlds/central", "Central", "", "[red]"])
def test_a_world_that_is_not_there_names_the_known_ones(name: str) -> None:
    with pytest.raises(UserError, match="no such world") as caught:
        load_world(name)
    assert "central, constant, high, low" in str(caught.value)


def test_growth_that_leaves_nothing_is_refused(tmp_path: Path) -> None:
    segments = '[[wage]]\nyears = "2015-2016"\nseries = "ppi_growth"\nplus = "-99%"\nnote = "x"\n'
    with pytest.raises(UserError, match="growth of 2015 is -104%"):
        load_world("w", world_file(tmp_path, segments))
    wild = "".join(
        f'[[wage]]\nyears = "{year}"\ngrowth = "{rate}"\nnote = "x"\n'
        for year, rate in ((2015, "-95%"), (2016, "3000%"))
    )
    with pytest.raises(UserError, match="too wild"):
        load_world("w", world_file(tmp_path, wild))


# --- demand by group of industries ---


def test_a_group_grows_as_its_own_series_where_one_was_seen_and_as_all_industry_elsewhere() -> None:
    series = load_series()
    growth = {(item.group, item.year): item for item in world_growth("central") if item.driver == "domestic_demand"}
    for group, name, year in (
        ("liquor", "baijiu_revenue_growth", 2023),
        ("machinery", "ind_machinery_revenue_growth", 2022),
    ):
        means = yearly("central", "domestic_demand", group)
        assert means[year] / means[year - 1] - 1 == pytest.approx(series[name].growth(year).rate)
    for year in (2016, 2018, 2020):
        assert growth["machinery", year].rate == growth["", year].rate
        assert growth["machinery", year].assumed
        assert "no figure of this industry" in growth["machinery", year].note


@pytest.mark.parametrize("group", [group for group in GROUPS if group])
def test_every_group_has_figures_of_its_own_and_never_recalled_ones_unsaid(group: str) -> None:
    items = [item for item in world_growth("central") if item.group == group]
    assert [item.year for item in items] == list(range(FIRST + 1, LAST + 1))
    assert any("no figure" not in item.note and item.year <= 2025 for item in items)
    assert all(item.assumed and item.note for item in items if item.status == "R")


@pytest.mark.parametrize("world", ["low", "central", "high"])
def test_no_industry_outruns_the_country_for_ever(world: str) -> None:
    growth = {(item.group, item.year): item.rate for item in world_growth(world) if item.driver == "domestic_demand"}
    for group in GROUPS:
        gaps = [growth[group, year] - growth["", year] for year in range(2026, 2036)]
        mean = sum(growth[group, year] - growth["", year] for year in range(2022, 2026)) / 4
        assert gaps == pytest.approx([mean * 0.7**year for year in range(1, 11)])


def test_an_industry_whose_group_has_no_series_meets_demand_in_general() -> None:
    world = load_world("central")
    assert world.met_by("").domestic_demand is world.domestic_demand
    assert world.met_by("unheard-of").domestic_demand is world.domestic_demand
    assert world.met_by("liquor").domestic_demand is world.domestic_demand_by_group["liquor"]
    assert not load_world("constant").domestic_demand_by_group


def demand(rule: str, group: str = '"food"') -> str:
    """Return a segment of domestic demand in a file whose other drivers are complete."""
    return f'{STILL}[[domestic_demand]]\ngroup = {group}\nyears = "2016"\n{rule}\nnote = "x"\n'


@pytest.mark.parametrize(
    ("segments", "told"),
    [
        (STILL + 'group = "liquor"\n', "only domestic_demand differs"),
        (demand('growth = "0%"', '"liqour"'), 'did you mean "liquor"'),
        (STILL.replace('growth = "0%"', 'lead = { mean_of = "2015", kept = "70%" }'), "name the group"),
        (demand('lead = { mean_of = "2016", kept = "70%" }'), "must lie in the years before 2016"),
        (demand('lead = { mean_of = "2015", kept = "170%" }'), "170%"),
    ],
)
def test_what_is_wrong_with_a_group_is_told(tmp_path: Path, segments: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        load_world("w", world_file(tmp_path, segments))


# --- labour productivity ---


def test_labour_productivity_is_a_trend_below_its_published_upper_bound() -> None:
    series = load_series()
    growth = {(item.driver, item.year): item.rate for item in world_growth("central")}
    published = [growth["labour_productivity", year] for year in range(2020, 2024)]
    (most,) = series["ind_all_labour_productivity_growth_avg"].observations
    (unit_cost,) = series["ind_all_nominal_ulc_growth_avg"].observations
    assert sum(published) / 4 < most.value / 100
    near = [growth["wage", year] for year in range(2020, 2025)]
    assert growth["labour_productivity", 2022] == pytest.approx(sum(near) / 5 - unit_cost.value / 100)
    path = [growth["labour_productivity", year] for year in range(2015, 2036)]
    wages = [growth["wage", year] for year in range(2015, 2036)]
    assert max(np.abs(np.diff(path))) < 0.4 * max(np.abs(np.diff(wages)))
    assert min(path) > 0.02


def test_falling_prices_are_no_progress() -> None:
    """In the low world prices fall: labour productivity grows with what is made, not with the real wage."""
    real = {world: load_series()[f"world_{world}_gdp_real"] for world in ("low", "central", "high")}
    for world, series in real.items():
        growth = {(item.driver, item.year): item.rate for item in world_growth(world)}
        for year in range(2026, 2031):
            assert growth["labour_productivity", year] == pytest.approx(series.growth(year).rate)


def test_a_file_without_labour_productivity_is_told_the_lines_to_add(tmp_path: Path) -> None:
    folders = world_file(tmp_path, leave_out="labour_productivity")
    with pytest.raises(UserError, match=r"no segment \[\[labour_productivity\]\]") as caught:
        load_world("w", folders)
    told = str(caught.value).splitlines()
    lines = told[[line.strip() for line in told].index("[[labour_productivity]]") :][:5]
    path = tmp_path / "worlds" / "w.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(line.strip() for line in lines), encoding="utf-8")
    assert (load_world("w", folders).labour_productivity > 0).all()
    growth = [item.rate for item in world_growth("w", folders) if item.driver == "labour_productivity"]
    assert growth == [pytest.approx(-0.008)] * 2  # the wage of this world stands still


def test_a_trend_is_of_a_driver_that_comes_before(tmp_path: Path) -> None:
    segments = '[[wage]]\nyears = "2015-2016"\ntrend_of = "labour_productivity"\nnote = "x"\n'
    with pytest.raises(UserError, match="no driver that comes before"):
        load_world("w", world_file(tmp_path, segments))


# --- worlds like another ---


def test_a_world_takes_what_it_does_not_give_from_the_one_it_is_like(tmp_path: Path) -> None:
    (tmp_path / "worlds").mkdir()
    head = 'schema = 1\nid = "mine"\nname = "Mine"\nlike = "central"\nbase_year = 2023\nfirst = 2014\nlast = 2035\n'
    own = '[[wage]]\nyears = "2026-2030"\ngrowth = "9%"\nnote = "dear labour"\n'
    (tmp_path / "worlds" / "mine.toml").write_text(head + own, encoding="utf-8")
    folders = (tmp_path, *workspace.folders("scenarios"))
    mine, central = load_world("mine", folders), load_world("central")
    assert mine.id == "mine"
    assert (mine.material_price == central.material_price).all()
    growth = {item.year: item.rate for item in world_growth("mine", folders) if item.driver == "wage"}
    assert [growth[year] for year in (2025, 2026, 2030, 2031, 2035)][1:] == [0.09] * 4  # 2031 holds the growth of 2030
    assert (mine.labour_productivity == central.labour_productivity).all(), "dear labour is no progress"


@pytest.mark.parametrize(("like", "told"), [("w", "comes back to this world"), ("centrl", "no such world")])
def test_a_world_like_itself_or_none_is_refused(tmp_path: Path, like: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        load_world("w", world_file(tmp_path, STILL, like=f'"{like}"'))
