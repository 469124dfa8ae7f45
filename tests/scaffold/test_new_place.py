"""A county of one's own: each number a figure, computed from figures, or a range with its reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from sim.errors import UserError
from sim.evidence import facts_for, find_fact, load_facts
from sim.scaffold.new_place import Made, Wanted, new_place
from sim.scaffold.new_scenario import new_scenario
from sim.scaffold.new_start import Figures, rounded, start_from, written
from sim.scaffold.new_text import EXAMPLES, table_text
from sim.scenario.loader import load
from sim.scenario.place_doubts import ratio
from sim.scenario.place_start import UNITS
from sim.scenario.places import place_origins, read_place
from sim.units import month_number, month_text
from tests.scenario.own_county import rows, tables, write_tables
from tests.scenario.written import optional_values

REVENUE = "r | operating_revenue | 2024-01 | 2024-12 | 36.5 | 亿元 | exact | level"
EXPORTS = "x | exports | 2025-01 | 2025-09 | 1.8 | 亿元 | exact | level"
GROWTH = "g | exports_yoy | 2025-01 | 2025-09 | 12 | % | exact | growth"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a project of its own."""
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(project: Path, *lines: str, **wanted: object) -> Made:
    table = write_tables(project, facts=rows(*lines) if lines else None)
    return new_place(Wanted("wuyou", table, **wanted))  # type: ignore[arg-type]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_county_of_the_page_starts_from_its_figures(project: Path) -> None:
    made = make(project)
    start = read_place("wuyou").place.start
    assert start.base_year == 2024
    assert (start.operating_revenue, start.output_value) == (3.65e9, None)
    assert (start.businesses, start.employment_reported, start.above_scale_firms) == (2100, 16_000, 41)
    assert start.exports == pytest.approx(180e6 / 9 * 12 / 1.12, rel=1e-3)
    kinds = {item.name: item.kind for item in place_origins("wuyou")}
    assert {name for name, kind in kinds.items() if kind == "reported"} == {
        "operating_revenue",
        "businesses",
        "employment_reported",
        "above_scale_firms",
        "export_destinations",
    }
    assert [name for name, kind in kinds.items() if kind == "derived"] == ["exports"]
    assert set(kinds) == set(UNITS) - {"output_value", *optional_values()}
    assert files(project) == {
        "facts.csv",
        "sources.csv",
        "scenarios/places/wuyou.toml",
        "scenarios/wuyou-baseline.toml",
        "calibration/evidence/wuyou_facts.csv",
        "calibration/evidence/wuyou_sources.csv",
    }
    assert made.baseline == "wuyou-baseline"


def test_figures_are_found_by_every_command_afterwards(project: Path) -> None:
    make(project)
    (project / "facts.csv").unlink()
    (project / "sources.csv").unlink()
    assert len(facts_for("wuyou")) == 9
    assert find_fact("wuyou-revenue-2024", load_facts()).value_plain == 3.65e9
    assert read_place("wuyou").place.start.operating_revenue == 3.65e9


def test_every_assumption_has_a_range_a_reason_and_figures_that_exist(project: Path) -> None:
    make(project)
    known = {item.id for item in load_facts()}
    for item in place_origins("wuyou"):
        assert item.text
        if item.kind == "assumed":
            assert item.low is not None
            assert item.high is not None
            assert item.low <= item.value <= item.high
            assert item.low < item.high
        assert set(item.facts) <= known


def test_the_file_names_each_figure_and_says_it_in_two_languages(project: Path) -> None:
    make(project, lang="zh")
    text = (project / "scenarios/places/wuyou.toml").read_text(encoding="utf-8")
    for item in place_origins("wuyou"):
        for name in item.facts:
            assert f'"{name}"' in text
    assert "1.8亿元 ÷ 9个月 × 12个月 ÷ 1.12，折算到2024年" in text
    assert "# 职工年平均工资" in text


def test_the_same_place_in_both_languages(project: Path) -> None:
    make(project)
    english = read_place("wuyou").place.start
    for name in files(project) - {"facts.csv", "sources.csv"}:
        (project / name).unlink()
    make(project, lang="zh")
    assert read_place("wuyou").place.start == english


# --- arithmetic with figures ---------------------------------------------------------------------------------


def taken(project: Path, variable: str, year: int, *lines: str, derive: bool = True) -> tuple[float, str] | None:
    from sim.evidence import load_sources, read_facts
    from sim.inputs.problems import Findings

    path = write_tables(project, facts=rows(*lines))
    findings = Findings()
    found = read_facts(path, {*load_sources(), "wuyou-report-2025"}, findings)
    findings.stop_if_wrong()
    value = Figures(found.values(), derive=derive).take(variable, year)
    return None if value is None else (value.value, value.why.en)


def test_part_of_a_year_is_annualised_and_moved_with_growth(project: Path) -> None:
    assert taken(project, "exports", 2025, EXPORTS, GROWTH) == (240e6, "180 million yuan / 9 months x 12 months")
    value, arithmetic = taken(project, "exports", 2024, EXPORTS, GROWTH) or (0, "")
    assert value == pytest.approx(240e6 / 1.12)
    assert arithmetic == "180 million yuan / 9 months x 12 months / 1.12, to 2024"


def test_a_figure_is_moved_forward_over_several_years(project: Path) -> None:
    level = "x | exports | 2022-01 | 2022-12 | 1 | 亿元 | exact | level"
    first = "g3 | exports_yoy | 2023-01 | 2023-12 | 10 | % | exact | growth"
    second = "g4 | exports_yoy | 2024-01 | 2024-12 | -20 | % | exact | growth"
    value, arithmetic = taken(project, "exports", 2024, level, first, second) or (0, "")
    assert value == pytest.approx(100e6 * 1.1 * 0.8)
    assert arithmetic == "100 million yuan x 0.8 x 1.1, to 2024"
    value, arithmetic = taken(project, "exports", 2024, level, second) or (0, "")
    assert value == pytest.approx(80e6)
    assert "no growth is reported" in arithmetic


def test_growth_of_the_same_months_is_preferred(project: Path) -> None:
    year = "gy | exports_yoy | 2025-01 | 2025-12 | 50 | % | exact | growth"
    assert taken(project, "exports", 2024, EXPORTS, year, GROWTH) == (
        pytest.approx(240e6 / 1.12),
        "180 million yuan / 9 months x 12 months / 1.12, to 2024",
    )


def test_a_whole_year_beats_a_part_and_the_right_year_any_other(project: Path) -> None:
    whole = "w | exports | 2024-01 | 2024-12 | 2 | 亿元 | exact | level"
    half = "h | exports | 2024-01 | 2024-06 | 9 | 亿元 | exact | level"
    assert taken(project, "exports", 2024, half, EXPORTS, whole) == (200e6, "")


@pytest.mark.parametrize(("first", "last"), [("2024-12", "2024-12"), ("2024-01", "2024-01"), ("2023-07", "2024-06")])
def test_a_period_that_is_neither_a_year_nor_counted_from_january_is_not_used(
    project: Path, first: str, last: str
) -> None:
    assert taken(project, "exports", 2024, f"x | exports | {first} | {last} | 2 | 亿元 | exact | level") is None


def test_as_printed_nothing_is_computed(project: Path) -> None:
    assert taken(project, "exports", 2025, EXPORTS, GROWTH, derive=False) is None
    made = make(project, derive=False)
    assert [item.name for item in made.start.values if item.kind == "derived"] == []
    origins = {item.name: item.kind for item in place_origins("wuyou")}
    assert (origins["exports"], origins["operating_revenue"]) == ("assumed", "reported")


def test_a_moved_figure_without_growth_is_an_assumption(project: Path) -> None:
    make(project, REVENUE, "x | exports | 2022-01 | 2022-12 | 1 | 亿元 | exact | level")
    exports = next(item for item in place_origins("wuyou") if item.name == "exports")
    assert (exports.kind, exports.value, exports.low, exports.high) == ("assumed", 100e6, 75e6, 130e6)
    assert exports.facts == ("x",)


def test_the_base_year_is_that_of_the_latest_whole_year_of_the_headline(project: Path) -> None:
    older = "o | output_value | 2022-01 | 2022-12 | 20 | 亿元 | exact | level"
    part = "p | operating_revenue | 2025-01 | 2025-06 | 19 | 亿元 | exact | level"
    made = make(project, older, REVENUE, part)
    assert (made.start.year, made.start.headline) == (2024, "operating_revenue")


def test_output_and_revenue_of_one_year_output_is_taken_and_revenue_named(project: Path) -> None:
    make(project, REVENUE, "o | output_value | 2024-01 | 2024-12 | 20 | 亿元 | exact | level")
    start = read_place("wuyou").place.start
    assert (start.output_value, start.operating_revenue) == (2e9, None)
    assert "also reported" in (project / "scenarios/places/wuyou.toml").read_text(encoding="utf-8")


def test_imports_and_exports_bound_exports(project: Path) -> None:
    make(project, REVENUE, "t | imports_and_exports | 2024-01 | 2024-06 | 1 | 亿元 | exact | level")
    exports = next(item for item in place_origins("wuyou") if item.name == "exports")
    assert (exports.kind, exports.facts, exports.high) == ("assumed", ("t",), 200e6)


def test_workers_give_the_size_when_no_output_is_reported(project: Path) -> None:
    make(project, "e | employment | 2024-12 | 2024-12 | 1 | 万人 | about | level")
    size = next(item for item in place_origins("wuyou") if item.name == "output_value")
    assert size.kind == "assumed"
    assert size.low == pytest.approx(10_000 * 42e9 / 340_000, rel=0.05)
    assert size.high == pytest.approx(10_000 * 1.98e12 / 4.285e6, rel=0.05)


# --- scaling ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "assumed"),
    [("above_scale_firms", 200), ("foreign_buyers", 3000), ("county_balance", 300e6), ("wage", 48_000)],
)
def test_scaled_to_yongnian_the_ranges_hold_what_yongnian_assumes(name: str, assumed: float) -> None:
    start = start_from(Figures(facts_for("yongnian"), derive=True), "fasteners", "13")
    found = next(item for item in start.values if item.name == name)
    assert found.kind == "assumed"
    assert found.low is not None
    assert found.high is not None
    assert found.low <= assumed <= found.high
    assert found.value == pytest.approx(assumed, rel=0.1)


def test_the_range_of_buyers_holds_what_other_places_assume() -> None:
    for place, assumed in (("yongnian", 4500), ("guanxian", 1500)):
        start = start_from(Figures(facts_for(place), derive=True), read_place(place).place.industry, "")
        found = next(item for item in start.values if item.name == "domestic_buyers")
        assert found.low is not None
        assert found.high is not None
        assert found.low <= assumed <= found.high


def test_ratios_are_those_of_reported_clusters_and_of_the_same_industry_first() -> None:
    found = ratio("businesses", "fasteners")
    assert found.by_place["yongnian"] == pytest.approx(1.4e6)
    assert found.value == pytest.approx(1.4e6)
    other = ratio("businesses", "nothing-known")
    assert min(other.by_place.values()) == other.low < other.value < other.high == max(other.by_place.values())


def test_a_place_of_a_known_industry_shares_its_market() -> None:
    start = start_from(Figures((), derive=True), "fasteners", "")
    assert start.value("national_market_share") == pytest.approx(2e9 / (42e9 / 0.58), rel=0.05)


@pytest.mark.parametrize("industry", ["fasteners", "food", "metal-products"])
def test_without_figures_everything_is_assumed_and_still_valid(project: Path, industry: str) -> None:
    made = new_place(Wanted("empty", industry=industry))
    known = read_place("empty")
    assert {item.kind for item in known.origins} == {"assumed"}
    assert known.place.industry == industry
    assert [doubt.message for doubt in known.doubts] == ["place_no_figure"]
    assert made.start.year == 2023
    assert files(project) == {"scenarios/places/empty.toml", "scenarios/empty-baseline.toml"}


@pytest.mark.parametrize(
    ("value", "unit", "digits", "result"),
    [
        (0, "yuan", 2, 0),
        (1234.5, "count", 2, 1200),
        (3.6, "count", 2, 4),
        (0.0283, "share", 2, 0.028),
        (0.999, "share", 2, 1),
    ],
)
def test_rounding(value: float, unit: str, digits: int, result: float) -> None:
    assert rounded(value, unit, digits) == result


def test_written_values_are_read_back() -> None:
    assert written(3.65e9, "yuan", "zh") == '"36.5亿元"'
    assert written(48_000, "yuan/year", "en") == '"48,000 yuan/year"'
    assert (written(0.05, "share", "en"), written(1200, "count", "zh"), written(1.0, "index", "en")) == (
        "0.05",
        "1200",
        "1",
    )


# --- the baseline ---------------------------------------------------------------------------------------------


def test_the_baseline_holds_the_aim_the_years_and_no_policy(project: Path) -> None:
    make(project)
    scenario = load("wuyou-baseline").scenario
    assert scenario.kind == "baseline"
    assert scenario.policies == ()
    assert (scenario.time.start, scenario.time.reported_until) == (month_number(2024, 1), month_number(2025, 9))
    assert month_text(scenario.time.end) == "2030-12"
    (goal,) = scenario.goals
    assert (goal.variable, goal.at_least, month_text(goal.by)) == ("operating_revenue", 5e9, "2027-12")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_example_policy_is_right_once_its_comment_signs_are_gone(project: Path, lang: str) -> None:
    make(project, lang=lang)
    path = project / "scenarios/wuyou-baseline.toml"
    head, *blocks = path.read_text(encoding="utf-8").split("# [[policy]]\n")
    assert len(blocks) == len(EXAMPLES) == 4
    bare = "".join(
        "[[policy]]\n" + "".join(line.removeprefix("# ") for line in block.splitlines(True)) for block in blocks
    )
    path.write_text(head + bare, encoding="utf-8")
    assert {policy.type for policy in load("wuyou-baseline").scenario.policies} == {
        "fund",
        "fair",
        "park",
        "exhibition",
    }
    # Whether a county can pay for a park of that size depends on what its figures say of its account.
    assert {problem.message for problem in load("wuyou-baseline").warnings} <= {"small_purse"}


def test_a_scenario_from_a_baseline_without_policies_adds_one_that_acts(project: Path) -> None:
    make(project)
    new_scenario("wuyou-fund", "wuyou-baseline")
    loaded = load("wuyou-fund")
    (policy,) = loaded.scenario.policies
    assert (policy.type, policy.start) == ("fund", month_number(2027, 1))
    assert loaded.warnings == ()


def test_without_a_baseline(project: Path) -> None:
    assert make(project, baseline=False).baseline is None
    assert "scenarios/wuyou-baseline.toml" not in files(project)


# --- what cannot be -------------------------------------------------------------------------------------------


def test_all_mistakes_of_a_table_are_told_at_once_with_their_lines(project: Path) -> None:
    before = files(project)
    with pytest.raises(UserError) as caught:
        make(
            project,
            "a | operating_revenue | 2024-01 | 2024-13 | 36.5 | 亿元 | exact | level",
            "b | operating_revenue | 2024-01 | 2024-12 | 36.5 | 亿 | exakt | level",
            "c | employment | 2024-12 | 2024-12 | 36.5 | 亿元 | exact | level",
            "d | businesses | 2024-12 | 2024-12 | 0 | 家 | exact | level",
            "e | national_market_share | 2024-12 | 2024-12 | 130 | % | exact | share",
            "f | operating_revenu | 2024-01 | 2024-12 | 36.5 | 亿元 | exact | level",
            "g | exports_yo | 2024-01 | 2024-12 | 3 | % | exact | growth",
            "yn-employment | businesses | 2024-12 | 2024-12 | 3 | 家 | exact | level",
        )
    told = str(caught.value)
    for line, words in (
        (2, 'period_end "2024-13" is not a month'),
        (3, 'bound "exakt" is not known'),
        (3, 'unit "亿" is not known'),
        (4, 'employment is in "亿元", wanted persons'),
        (5, "businesses = 0 家 is not positive"),
        (6, "national_market_share = 130 % is not a share"),
        (7, 'variable "operating_revenu" is not known; did you mean "operating_revenue"?'),
        (9, 'id "yn-employment" is already that of a figure of yongnian'),
    ):
        assert f"facts.csv:{line}  {words}" in told
    assert files(project) == before | {"facts.csv", "sources.csv"}


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted("Wuyou"), "cannot be the id of a place"),
        (Wanted("../wuyou"), "cannot be the id of a place"),
        (Wanted("macro"), "is the name of a table of the evidence"),
        (Wanted("yongnian"), 'there is already a place called "yongnian"'),
        (Wanted("wuyou", industry="fastener"), 'did you mean "fasteners".*--industry'),
        (Wanted("wuyou", admin_code="13"), "has 2 digits, not 6"),
        (Wanted("wuyou", admin_code="13040x"), "not a code of six digits"),
        (Wanted("wuyou", Path("nowhere.csv")), r"nowhere\.csv  there is no such file"),
        (Wanted("other", Path("facts.csv")), 'no figure of place "other".*its places: wuyou'),
        (Wanted("wuyou", Path("sources.csv")), r"sources\.csv:1  columns are id, title"),
    ],
)
def test_what_cannot_be_asked_for(project: Path, wanted: Wanted, told: str) -> None:
    write_tables(project)
    before = files(project)
    with pytest.raises(UserError, match=f"(?s){told}"):
        new_place(wanted)
    assert files(project) == before


def test_publications_that_are_not_listed(project: Path) -> None:
    write_tables(project)
    (project / "sources.csv").unlink()
    with pytest.raises(
        UserError, match=r"(?s)facts\.csv:2  source .* is not in sources\.csv.*sources\.csv:1  is not there"
    ):
        new_place(Wanted("wuyou", project / "facts.csv"))


def test_a_source_of_the_library_may_be_named_but_not_redefined(project: Path) -> None:
    table = write_tables(project, facts=rows(REVENUE).replace("wuyou-report-2025", "xinhua-2025-01-08"))
    (project / "sources.csv").unlink()
    new_place(Wanted("wuyou", table))
    assert "calibration/evidence/wuyou_sources.csv" not in files(project)
    (project / "sources.csv").write_text(
        "id,title,publisher,date,reference\nxinhua-2025-01-08,Other,X,2025,y\n", "utf-8"
    )
    with pytest.raises(UserError, match=r"sources\.csv:1  source id .* is already that of Xinhua"):
        new_place(Wanted("second", write_second(project)))


def write_second(project: Path) -> Path:
    path = project / "facts.csv"
    text = rows(REVENUE).replace("wuyou-report-2025", "xinhua-2025-01-08").replace("r,wuyou", "s,second")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("year", [2012, 2033])
def test_a_year_outside_the_worlds(project: Path, year: int) -> None:
    with pytest.raises(UserError, match=rf"facts\.csv:2  the figures are of {year}"):
        make(project, REVENUE.replace("2024", str(year)))


def test_several_industries_need_a_choice(project: Path) -> None:
    text = rows(REVENUE, EXPORTS).replace("fasteners,exports", "flanges,exports")
    table = write_tables(project, facts=text)
    with pytest.raises(UserError, match="several industries: fasteners, flanges"):
        new_place(Wanted("wuyou", table))
    new_place(Wanted("wuyou", table, industry="flanges"))
    assert read_place("wuyou").place.industry == "flanges"


def test_nothing_is_overwritten(project: Path) -> None:
    make(project)
    kept = {name: (project / name).read_bytes() for name in files(project)}
    with pytest.raises(UserError, match="already a place"):
        make(project)
    (project / "scenarios/places/wuyou.toml").unlink()
    with pytest.raises(UserError, match="already a scenario"):
        new_place(Wanted("wuyou"))
    with pytest.raises(UserError, match="already that of a figure of wuyou"):
        make(project, baseline=False)
    assert files(project) == set(kept) - {"scenarios/places/wuyou.toml"}


def test_figures_kept_in_the_project_are_not_copied(project: Path) -> None:
    evidence = project / "calibration" / "evidence"
    evidence.mkdir(parents=True)
    facts, sources = tables()
    (evidence / "reported_facts.csv").write_text(facts, encoding="utf-8-sig")
    (evidence / "sources.csv").write_text(sources, encoding="utf-8")
    new_place(Wanted("wuyou", evidence / "reported_facts.csv"))
    assert {path.name for path in evidence.iterdir()} == {"reported_facts.csv", "sources.csv"}
    assert read_place("wuyou").place.start.operating_revenue == 3.65e9


def test_hostile_names_stay_text(project: Path) -> None:
    name = 'A "quoted"\n[start]\nx = 1 \\ {brace}'
    make(project, name=name, name_zh="“乌有”{}")
    assert read_place("wuyou").place.name == name
    data = tomllib.loads((project / "scenarios/wuyou-baseline.toml").read_text(encoding="utf-8"))
    assert data["name"].startswith('A "quoted"\n')


def test_tables_hold_numbers_as_they_are_and_no_formula() -> None:
    rows = [{"value": "-5.2", "note": "=1+1"}, {"value": "7", "note": "+ 3 %"}, {"value": "", "note": "永年 = 1"}]
    assert table_text(("value", "note"), rows) == "\ufeffvalue,note\n-5.2,'=1+1\n7,'+ 3 %\n,永年 = 1\n"
