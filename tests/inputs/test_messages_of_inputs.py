"""Every message about places, sets, worlds, evidence and new files: each is reached, and told in both languages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.calibrate.fits import read_settings
from sim.evidence import facts_for, find_fact, find_series, load_facts, load_series
from sim.evidence.loose import read_table
from sim.inputs.problems import InputErrors, messages
from sim.parameters import load_parameters, parameter_table
from sim.parameters.industries import industry_of, load_industries
from sim.scaffold.new_place import Wanted, new_place
from sim.scaffold.new_workspace import new_workspace
from sim.scenario.place_sets import load_set
from sim.scenario.places import read_place
from sim.scenario.scenario_files import write_new
from sim.scenario.worlds import load_world

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests/attack/data/project"
EVIDENCE = Path("calibration/evidence")
PLACE, SET, WORLD = (Path(f"scenarios/{name}.toml") for name in ("places/tiny", "places/shanxi-towns", "worlds/own"))
FACTS, SERIES, SOURCES = (EVIDENCE / name for name in ("tiny_facts.csv", "macro.csv", "tiny_sources.csv"))
ROW = "x-revenue-2024,tiny,fasteners,operating_revenue,2024-01,2024-12,36.5,亿元,exact,,level,xinhua-2025-01-08,"
SHARE = "maker_share = { value = 0.6, low = 0.5, high = 0.7, assumed = true, note = "
SHARE += '"no count by kind of business is published" }'
BUYERS = "domestic_buyers = { value = 900, low = 250, high = 2300, assumed = true"
WAGE = '[[wage]]\nyears  = "2015-2035"\ngrowth = "0%"'
DEMAND = '[[domestic_demand]]\nyears  = "2015-2035"\ngrowth = "0%"'
NUMBER = "mine,bn CNY,2014-01,2014-12,65743.25,S,WEO2510,"

NOTE = '\nnote   = "constant by construction"\n'


SMALLEST = '"200 million yuan", low = "50 million yuan", high = "500 million yuan"'
HOME, SEEN = "domestic_demand", 'series = "recalled"'
GROWTH, WILD, LEAD = 'growth = "0%"', 'growth = "5000%"', 'lead = { mean_of = "2030", kept = "50%" }'


def segment(years: str, rule: str = GROWTH, of: str = "wage") -> str:
    """Return a segment of the wage or another driver, with a note where the rule needs one."""
    return f'[[{of}]]\nyears = "{years}"\n{rule}\n' + ("" if "series" in rule else 'note = "?"\n')


Case = tuple[str, Path, str, str]
CASES: tuple[Case, ...] = (
    # places
    ("bad_form", PLACE, 'name        = "Tiny"', 'name = ""'),
    ("bad_value", PLACE, '"214.3 million yuan"', '"214.3 million"'),
    ("id_of_file", PLACE, 'id          = "tiny"', 'id = "other"'),
    ("no_table", PLACE, "[start]", "[begin]"),
    ("statistics_not_held", PLACE, 'prices          = "current"', 'prices = "of 2015"'),
    ("statistics_not_held", PLACE, "[statistics]", "statistics = 1\n[other]"),
    ("start_entry_ends", PLACE, SHARE, 'maker_share = { low = 0.5, note = "?" }'),
    ("start_entry_fact_alone", PLACE, SHARE, 'maker_share = { fact = "x", value = 1 }'),
    ("start_entry_empty", PLACE, SHARE, "maker_share = { assumed = true }"),
    ("start_entry_derived", PLACE, SHARE, 'maker_share = { value = 0.6, facts = ["x-revenue-2024"] }'),
    ("start_entry_unfounded", PLACE, SHARE, "maker_share = { value = 0.6 }"),
    ("start_headline", PLACE, "operating_revenue = {", "# {"),
    ("start_at_most_1", PLACE, "national_market_share = {", 'national_market_share = { fact = "x-share" } # {'),
    ("start_above_0", PLACE, BUYERS, "domestic_buyers = { value = 0, assumed = true"),
    ("start_at_least_0", PLACE, '"214.3 million yuan", low = "190 million yuan"', '"-1 yuan", low = "-2 yuan"'),
    ("start_tiers", PLACE, SHARE, "maker_share = 0.7"),
    ("no_fact", PLACE, "x-businesses-2024", "x-busineses-2024"),
    ("fact_of_other_place", PLACE, "x-businesses-2024", "sx-businesses-2023"),
    ("fact_never_starts", PLACE, '"x-businesses-2024"', '"x-aim"'),
    ("fact_of_other_unit", PLACE, "x-businesses-2024", "x-revenue-2024"),
    ("outside_its_range", PLACE, "{ value = 0.6, low = 0.5", "{ value = 0.4, low = 0.5"),
    # sets
    ("is_a_set", PLACE, 'schema      = 1', 'schema = 1\nkind = "set"'),
    ("set_headline", SET, "output_value        =", 'operating_revenue = "1 billion yuan"\noutput_value ='),
    ("set_range", SET, "tail_index = { value = 1.2, low", "tail_index = { low"),
    ("set_shares", SET, 'places = "22%"', 'places = "32%"'),
    ("set_named_twice", SET, '["xinghuacun", "dingxiang"', '["xinghuacun", "xinghuacun"'),
    ("set_member", SET, '["xinghuacun", "dingxiang"', '["xinghuacun", "nowhere"'),
    ("set_nothing_left", SET, 'places              = { fact = "sx-towns-2023" }', "places = 3"),
    ("set_sizes", SET, '"12 billion yuan", low = "8 billion yuan"', '"1 billion yuan", low = "1 billion yuan"'),
    ("set_smallest", SET, SMALLEST, SMALLEST.replace("200 million", "5 billion").replace("500 million", "9 billion")),
    ("set_impossible", SET, 'exports_share = "2%", note = "vinegar', 'exports_share = "100%", note = "vinegar'),
    ("set_not_listed", SET, 'first_ten = ["xinghuacun"', 'first_ten = ["nowhere"'),
    ("set_listed_twice", SET, 'first_ten = ["xinghuacun"', 'first_ten = ["dingxiang"'),
    ("set_name", SET, '"Synthetic town {number} ({industry})"', '"Town"'),
    # worlds
    ("world_years", WORLD, WAGE, WAGE.replace("2015-2035", "2035-2015")),
    ("world_rules", WORLD, WAGE, WAGE + "\nhold = true"),
    ("world_deflator", WORLD, WAGE, WAGE + '\ndeflator = "x"'),
    ("world_lead_of_group", WORLD, DEMAND, DEMAND.replace(GROWTH, LEAD)),
    ("world_note", WORLD, WAGE + NOTE, WAGE),
    ("world_order", WORLD, "base_year = 2023", "base_year = 2050"),
    ("world_circle", WORLD, "base_year = 2023", 'like = "own"\nbase_year = 2023'),
    ("world_group", WORLD, WAGE, WAGE + '\ngroup = "food"'),
    ("world_year_twice", WORLD, WAGE, WAGE + f'\nnote = "?"\n{WAGE}'),
    ("world_year_outside", WORLD, WAGE, WAGE.replace("2035", "2040")),
    ("world_no_segments", WORLD, WAGE + NOTE, ""),
    ("world_no_productivity", WORLD, WAGE.replace("wage", "labour_productivity") + NOTE, ""),
    ("world_missing_years", WORLD, WAGE, WAGE.replace("2035", "2030")),
    ("world_collapse", WORLD, WAGE, WAGE.replace("0%", "-120%")),
    ("world_nothing_to_hold", WORLD, WAGE, WAGE.replace('growth = "0%"', "hold = true")),
    ("world_recalled", WORLD, WAGE + NOTE, segment("2016", SEEN) + segment("2015") + segment("2017-2035")),
    ("world_trend", WORLD, WAGE, WAGE.replace('growth = "0%"', 'trend_of = "labour_productivity"')),
    ("world_lead_years", WORLD, DEMAND, DEMAND + NOTE + DEMAND.replace(GROWTH, f'group = "food"\n{LEAD}')),
    ("world_wild", WORLD, DEMAND + NOTE, segment("2016-2035", of=HOME) + segment("2015", WILD, HOME)),
    ("no_group", WORLD, DEMAND, DEMAND + '\ngroup = "fod"'),
    ("no_series", WORLD, WAGE, WAGE.replace('growth = "0%"', 'series = "wages"')),
    ("series_without_year", WORLD, WAGE, WAGE.replace('growth = "0%"', 'series = "recalled"')),
    ("series_without_year_before", WORLD, WAGE, segment("2015", 'series = "level"') + WAGE.replace("2015", "2016")),
    # evidence
    ("table_columns", FACTS, "id,place,", "id,where,"),
    ("table_cells", FACTS, ROW, ROW + ",,"),
    ("table_not_csv", FACTS, ",36.5,", ',"36"5,'),
    ("cell_empty", FACTS, "x-revenue-2024,tiny,fasteners", "x-revenue-2024,tiny,"),
    ("cell_id", FACTS, "x-revenue-2024,tiny", "=x,tiny"),
    ("cell_id", SOURCES, "mine,A", "@mine,A"),
    ("cell_word", FACTS, ",exact,,level", ",exactly,,level"),
    ("cell_unit", FACTS, "36.5,亿元", "36.5,bilion yuan"),
    ("cell_source", FACTS, ROW, ROW.replace("2025-01-08", "2025-01-09")),
    ("cell_number", FACTS, "36.5", "36-37"),
    ("cell_month", FACTS, "2024-01,2024-12,36.5", "2024-13,2024-12,36.5"),
    ("cell_backwards", FACTS, "2024-01,2024-12,36.5", "2024-12,2024-01,36.5"),
    ("id_again", FACTS, ROW, f"{ROW}\n{ROW}"),
    ("source_bare", SOURCES, "mine,A", "mine,"),
    ("source_again", SOURCES, "mine,A,,,\n", "mine,A,,,\nmine,A,,,\n"),
    ("cell_of_unit", SERIES, "65743.25", "-1"),
    ("series_unit", SERIES, NUMBER, NUMBER.replace("bn CNY", "Mt")),
    ("series_twice", SERIES, NUMBER, f"{NUMBER}\n{NUMBER}"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TINY, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    WORLD.parent.mkdir()
    text = (ROOT / "scenarios/worlds/constant.toml").read_text("utf-8")
    WORLD.write_text(text.replace('"constant"', '"own"', 1), "utf-8")
    shutil.copy(ROOT / SET, SET)
    SOURCES.write_text("id,title,publisher,date,reference\nmine,A,,,\n", "utf-8")
    SERIES.write_text(
        "series,unit,period_start,period_end,value,status,source_id,note\n"
        f"mine,bn CNY,2013-01,2013-12,5,S,WEO2510,\n{NUMBER}\n"
        "recalled,pct yoy,2016-01,2016-12,5,R,WEO2510,\nlevel,Mt,2015-01,2015-12,5,S,WEO2510,\n",
        "utf-8",
    )
    aim = "x-aim,tiny,fasteners,businesses,2027-12,2027-12,3000,家,at_least,,goal,xinhua-2025-01-08,\n"
    aim += "x-share,tiny,fasteners,national_market_share,2024-12,2024-12,130,percent,exact,,level,xinhua-2025-01-08,\n"
    FACTS.write_text(FACTS.read_text("utf-8").rstrip("\n") + "\n" + aim, "utf-8")


READ: dict[Path, Callable[[], object]] = {
    PLACE: lambda: read_place("tiny"),
    SET: lambda: load_set("shanxi-towns"),
    WORLD: lambda: load_world("own"),
    FACTS: load_facts,
    SOURCES: load_facts,
    SERIES: load_series,
}


def told(call: Callable[[], object]) -> dict[str, InputErrors]:
    """Return the messages of what a call refuses; each is said in both languages."""
    with pytest.raises(InputErrors) as caught:
        call()
    for problem in caught.value.problems:
        assert problem.what("en")
        assert re.search("[\u4e00-\u9fff]", problem.what("zh")), problem.what("zh")
    return dict.fromkeys((problem.message for problem in caught.value.problems), caught.value)


@pytest.mark.parametrize(("message", "path", "old", "new"), CASES, ids=[case[0] for case in CASES])
def test_what_is_wrong_in_a_file(message: str, path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert message in told(READ[path])


OWN = Path("figures.csv")
HEAD = "id,place,industry,variable,period_start,period_end,value,unit,bound,basis,kind,source,note\n"


def figure(variable: str = "output_value", value: str = "3,亿元", **other: str) -> str:
    """Return a row of figures of a county of one's own."""
    row = {"id": f"w-{variable}", "place": "wuyou", "industry": "fasteners", "year": "2023"} | other
    span = f"{row['year']}-01,{row['year']}-12"
    return f"{row['id']},{row['place']},{row['industry']},{variable},{span},{value},exact,,level,xinhua-2025-01-08,\n"


def huge() -> object:
    """Read a place that a figure beyond all numbers is about."""
    FACTS.write_text(FACTS.read_text("utf-8").replace(",36.5,", ",1e308,"), "utf-8")
    return read_place("tiny")


def late() -> object:
    """Read a set whose world begins after the years that its places are of."""
    text = WORLD.read_text("utf-8").replace("2015-2035", "2031-2035")
    WORLD.write_text(text.replace("= 2014", "= 2030").replace("= 2023", "= 2032"), "utf-8")
    SET.write_text(SET.read_text("utf-8").replace('"central" ', '"own" '), "utf-8")
    return load_set("shanxi-towns")


CALLS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("start_not_finite", huge),
    ("world_without_year", late),
    ("no_facts_of_place", lambda: facts_for("nowhere")),
    ("no_identity", lambda: read_settings(Path("settings.toml"))),
    ("no_industry", lambda: industry_of("nothing")),
    ("no_parameter", lambda: load_parameters({"nothing": 1.0})),
    ("parameter_not_finite", lambda: load_parameters({"tax.vat": float("nan")})),
    ("no_fact", lambda: find_fact("nothing", load_facts())),
    ("no_series", lambda: find_series("nothing", load_series())),
    ("no_figures_here", lambda: load_facts(Path("scenarios"))),
    ("no_figures_here", lambda: load_series(Path("scenarios"))),
    ("source_differs", lambda: load_facts(Path("evidence"))),
    ("table_header", lambda: read_table(FACTS, ("id", "nothing"), ())),
    ("table_no_header", lambda: read_table(Path("comments.csv"), ("id",), ())),
    ("already_there", lambda: write_new({PLACE: ""})),
    ("not_written", lambda: write_new({PLACE / "x": ""})),
    ("folder_is_file", lambda: new_workspace(PLACE)),
    ("folder_not_empty", lambda: new_workspace(EVIDENCE)),
    ("new_id_reserved", lambda: new_place(Wanted("macro"))),
    ("new_id", lambda: new_place(Wanted("My County"))),
    ("new_place_there", lambda: new_place(Wanted("tiny"))),
    ("new_baseline_there", lambda: new_place(Wanted("taken"))),
    ("code_no_digits", lambda: new_place(Wanted("wuyou", admin_code="x"))),
    ("code_digits", lambda: new_place(Wanted("wuyou", admin_code="1304"))),
    ("industry_unknown", lambda: new_place(Wanted("wuyou", industry="nothing"))),
)  # fmt: skip


@pytest.mark.parametrize(("message", "call"), CALLS, ids=[name for name, _ in CALLS])
def test_what_is_refused(message: str, call: Callable[[], object]) -> None:
    Path("scenarios/taken-baseline.toml").write_text("", "utf-8")
    Path("comments.csv").write_text("# nothing\n", "utf-8")
    Path("evidence").mkdir()
    Path("evidence/reported_facts.csv").write_text(HEAD, "utf-8")
    for name, title in (("sources.csv", "a"), ("x_sources.csv", "b")):
        Path("evidence", name).write_text(f"id,title,publisher,date,reference\ns,{title},,,\n", "utf-8")
    Path("evidence/x_facts.csv").write_text(HEAD, "utf-8")
    settings = {"id": "x", "scenario": "x", "scenarios": ["x"], "scales": [1], "first": [1], "second": [1]}
    lines = [f"{key} = {value!r}" for key, value in settings.items()]
    Path("settings.toml").write_text("\n".join([*lines, "identity.nothing = 1"]), "utf-8")
    assert message in told(call)


@pytest.mark.parametrize(
    ("message", "rows"),
    [
        ("no_sources_beside", figure(value="x,亿元")),
        ("figure_known", figure(id="x-revenue-2024")),
        ("no_figure_of", figure(place="elsewhere")),
        ("figure_name", figure("output_valeu")),
        ("figure_unit", figure(value="3,家")),
        ("figure_not_positive", figure(value="-3,亿元")),
        ("figure_no_share", figure("national_market_share", "130,percent")),
        ("figures_of_year", figure(year="2003")),
        ("several_industries", figure() + figure("businesses", "30,家", industry="food")),
    ],
)
def test_what_is_wrong_with_figures_of_ones_own(message: str, rows: str) -> None:
    OWN.write_text(HEAD + rows, "utf-8")
    assert message in told(lambda: new_place(Wanted("wuyou", OWN)))


def test_a_source_of_ones_own_that_is_known_as_another() -> None:
    OWN.write_text(HEAD + figure(), "utf-8")
    OWN.with_name("sources.csv").write_text("id,title,publisher,date,reference\nxinhua-2025-01-08,Other,,,\n", "utf-8")
    assert "source_known" in told(lambda: new_place(Wanted("wuyou", OWN)))


OF_PARAMETERS = (
    ("outside_range", "priors.toml", "value = 0.090", "value = 0.9"),
    ("prior_range", "priors.toml", "low = 0.07, high = 0.11", "low = 0.0, high = 0.11"),
    ("no_source", "priors.toml", '"as makers"', '" "'),
    ("share_below_1", "industries.toml", "high = 0.55", "high = 1.0"),
    ("other_unit", "industries.toml", "low = 0.25, high = 0.55", 'low = 0.25, high = 0.55, unit = "yuan"'),
)


@pytest.mark.parametrize(("message", "name", "old", "new"), OF_PARAMETERS, ids=[case[0] for case in OF_PARAMETERS])
def test_what_is_wrong_with_parameters(message: str, name: str, old: str, new: str) -> None:
    text = (ROOT / "calibration" / name).read_text("utf-8")
    assert old in text
    Path("calibration", name).write_text(text.replace(old, new, 1), "utf-8")
    assert message in told(lambda: (parameter_table(), load_industries()))


def test_every_message_without_a_code_is_reached_here() -> None:
    figures = {"no_sources_beside", "figure_known", "no_figure_of", "figure_name", "figure_unit", "figure_not_positive"}
    figures |= {"figure_no_share", "figures_of_year", "several_industries", "source_known"}
    reached = {case[0] for case in (*CASES, *OF_PARAMETERS)} | {name for name, _ in CALLS} | figures
    assert {name for name, message in messages().items() if not message.code} - reached == set()
