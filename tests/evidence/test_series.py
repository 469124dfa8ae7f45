"""Published series: levels and rates become growth, with status and source."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import UserError
from sim.evidence import find_series, load_series, load_series_sources

HEADER = "series,unit,period_start,period_end,value,status,source_id,note\n"
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


def test_a_folder_without_series_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no published series here"):
        load_series(tmp_path)
