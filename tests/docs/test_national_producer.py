"""The world of the model gives a whole industry the revenue and prices that were published."""

from __future__ import annotations

from functools import cache

import pytest

from docs.national_producer import FIRST, LAST, NationalYear, gaps, national_producer, steel_in_price
from sim.evidence import load_series
from sim.parameters.industries import industry_of, load_industries

ALL = sorted(load_industries())
OF_STEEL = {"metal", "machinery"}
"""Groups whose goods are made of steel."""


@cache
def years(industry: str) -> tuple[NationalYear, ...]:
    """Return the years of a whole industry."""
    return national_producer(industry)


@pytest.mark.parametrize("industry", ALL)
def test_revenue_grows_as_published_over_the_years(industry: str) -> None:
    mean, either_way = gaps(years(industry))
    assert abs(mean) < 0.006
    assert abs(gaps(years(industry)[6:])[0]) < 0.003, "since 2021, when industries have figures of their own"
    of_iron = industry_of(industry).group in OF_STEEL or industry == "cookware"
    assert either_way < (0.035 if of_iron else 0.008)


@pytest.mark.parametrize("industry", ALL)
def test_prices_are_those_of_all_industry_and_of_what_goods_are_made_of(industry: str) -> None:
    found = years(industry)
    assert [year.year for year in found] == list(range(FIRST, LAST + 1))
    if industry_of(industry).group not in OF_STEEL | {"light"}:
        assert all(abs(year.price - year.producer_price) < 0.02 for year in found)
    if industry_of(industry).group in OF_STEEL:
        # Producer prices of metal products move 0.15 to 0.25 as much as ferrous ones (recalled; industry.md 6).
        assert 0.14 < steel_in_price(found) < 0.28
    else:
        assert -0.05 < steel_in_price(found) < 0.18
    published = load_series()["ppi_growth"]
    for year in found:
        assert year.producer_price == pytest.approx(published.growth(year.year).rate)


def test_own_figures_are_told_from_those_of_all_industry() -> None:
    own = {year.year for year in years("machinery") if year.own}
    assert own == {2021, 2022, 2023, 2024, 2025}
    series = load_series()["ind_machinery_revenue_growth"]
    found = {year.year: year.published for year in years("machinery")}
    assert found[2023] == pytest.approx(series.growth(2023).rate)
    assert found[2019] == pytest.approx(load_series()["ind_all_revenue_growth"].growth(2019).rate)
