"""Published series: levels and rates become growth, with status and source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.errors import UserError
from sim.evidence import find_series, load_series, load_series_sources
from sim.evidence.national import find_group, national_figures
from sim.evidence.sources import SERIES_TABLES
from sim.inputs.files import read_rows

HEADER = "series,unit,period_start,period_end,value,status,source_id,note\n"
EVIDENCE = Path(__file__).resolve().parents[2] / "calibration" / "evidence"
SOURCE_HEADER = ("source_id", "title", "publisher", "url", "date")
SOURCES = "source_id,title,publisher,url,date\nNBS,A table,NBS,https://example.org,2024\n"


def evidence(folder: Path, rows: str) -> Path:
    (folder / "macro.csv").write_text(HEADER + rows, encoding="utf-8")
    (folder / "macro_sources.csv").write_text(SOURCES, encoding="utf-8")
    return folder


def test_the_shipped_series_load() -> None:
    series = load_series()
    assert len(series) == 200
    assert sum(len(item.observations) for item in series.values()) == 1007 + 225
    sources = load_series_sources()
    assert {row.source for item in series.values() for row in item.observations} <= set(sources)


def test_rates_and_levels_give_growth() -> None:
    series = load_series()
    assert series["ppi_growth"].growth(2021).rate == 0.081
    steel = series["steel_price_spliced"].growth(2021)
    assert steel.rate == pytest.approx(4948.5 / 3638.6 - 1)
    assert steel.status == "D"


def test_a_level_is_as_doubtful_as_its_worse_year() -> None:
    wages = load_series()["wage_private_all_national"]
    assert wages.growth(2017).status == "R"  # 2016 was recalled
    assert wages.growth(2019).status == "D"


def test_part_of_a_year_counts_only_when_asked_for() -> None:
    prices = load_series()["ppi_growth_ytd"]
    with pytest.raises(UserError, match="no number for 2026"):
        prices.growth(2026)
    assert prices.growth(2026, part_year=True).rate == 0.0179


def test_years_that_are_missing_are_named() -> None:
    series = load_series()
    with pytest.raises(UserError, match='"ppi_growth" has no number for 2030'):
        series["ppi_growth"].growth(2030)
    with pytest.raises(UserError, match="no number for 2013, so no growth for 2014"):
        series["steel_price_spliced"].growth(2014)


def test_the_nearest_series_is_named() -> None:
    series = load_series()
    assert find_series("ppi_growth", series).name == "ppi_growth"
    with pytest.raises(UserError, match='did you mean "ppi_growth"'):
        find_series("ppi_grwth", series)


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    rows = (
        "a,pct,2023-01,2023-12,1,S,NBS,\n"
        "a,CNY/t,2024-01,2024-12,1,S,NBS,\n"
        "a,pct,2023-01,2023-12,2,S,NBS,\n"
        "b,pct,2023-01,2023-12,x,S,NBS,\n"
        "b,furlong,2023-01,2023-12,1,S,NBS,\n"
        "c,pct,2023-01,2023-12,1,Q,NBS,\n"
        "c,pct,2023-01,2023-12,1,S,NBX,\n"
        "c,pct,2023-12,2023-01,1,S,NBS,\n"
        "c,pct,2023-00,2023-12,1,S,NBS,\n"
        "d,CNY/t,2023-01,2023-12,0,S,NBS,\n"
        ",pct,2023-01,2023-12,inf,S,NBS,\n"
    )
    with pytest.raises(UserError) as caught:
        load_series(evidence(tmp_path, rows))
    told = str(caught.value)
    for line, words in (
        (3, "changes its unit"),
        (4, "twice"),
        (5, 'value "x"'),
        (6, 'unit "furlong"'),
        (7, 'status "Q"'),
        (8, 'source "NBX"'),
        (9, "runs backwards"),
        (10, '"2023-00" is not a month'),
        (11, 'value "0" is not a number of this unit'),
        (12, "series is empty"),
    ):
        assert any(f"macro.csv:{line}  " in row and words in row for row in told.splitlines()), (line, words)


def test_tables_are_read_as_one(tmp_path: Path) -> None:
    folder = evidence(tmp_path, "a,pct,2023-01,2023-12,1,S,NBS,\n")
    (folder / "industry.csv").write_text(
        HEADER + "a,pct,2024-01,2024-12,2,S,NBS,\nb,firms,2024-01,2024-12,5,S,MIIT,\n", encoding="utf-8"
    )
    (folder / "industry_sources.csv").write_text(SOURCES.replace("\nNBS,", "\nMIIT,"), encoding="utf-8")
    found = load_series(folder)
    assert [row.value for row in found["a"].observations] == [1, 2]
    assert found["b"].observations[0].source == "MIIT"
    (folder / "macro.csv").write_text(HEADER + "a,pct,2024-01,2024-12,1,S,NBS,\n", encoding="utf-8")
    with pytest.raises(UserError, match=r'industry.csv:2  series "a" has 2024-01 to 2024-12 twice'):
        load_series(folder)
    (folder / "macro.csv").unlink()
    assert set(load_series(folder)) == {"a", "b"}


def test_no_series_of_the_evidence_has_two_figures_for_a_period_and_no_source_two_titles() -> None:
    tables = [read_rows(EVIDENCE / name, HEADER.strip().split(",")) for name in SERIES_TABLES]
    rows = [(row["series"], row["period_start"], row["period_end"]) for table in tables for _, row in table]
    assert len(rows) == len(set(rows))
    ids = [row["source_id"] for name in SERIES_TABLES.values() for _, row in read_rows(EVIDENCE / name, SOURCE_HEADER)]
    assert len(ids) == len(set(ids))


def test_months_that_were_seen_come_before_a_year_that_was_recalled() -> None:
    revenue = load_series()["ind_all_revenue_growth"]
    assert revenue.growth(2015).status == "R"
    seen = revenue.growth(2015, part_year=True)
    assert (seen.rate, seen.status) == (0.01, "S")
    assert revenue.growth(2016, part_year=True).status == "R"  # nothing else
    assert revenue.growth(2019).status == "S"


def test_growth_over_several_years_says_nothing_of_one() -> None:
    series = load_series()
    for name in ("ind_all_labour_productivity_growth_avg", "ind_all_revenue_level_growth_cumulative"):
        with pytest.raises(UserError, match="no number for"):
            series[name].growth(2023)


# --- by industry ---


def test_every_series_of_growth_by_industry_belongs_to_a_group() -> None:
    series = load_series()
    listed = {figure.series for figure in national_figures(series)}
    local = ("hebei", "sme_cluster")
    by_industry = {
        name
        for name, item in series.items()
        if item.is_rate and re.search(r"(revenue|profit|output|va_real|va_nominal)(_level)?_growth(_nbs)?$", name)
    }
    assert {name for name in by_industry if not name.startswith(local)} <= listed


def test_a_group_is_found_by_its_id_or_the_nearest_is_named() -> None:
    assert find_group("liquor").name_zh == "酒"
    assert find_group("all").id == ""
    with pytest.raises(UserError, match='did you mean "liquor"'):
        find_group("liqour")


def test_a_folder_without_series_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no published series here"):
        load_series(tmp_path)
