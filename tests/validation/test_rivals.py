"""Naive rivals: what each says, how widely, and that none of them looks ahead."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from sim.calibrate.measurement import load_widths, measurement
from sim.calibrate.scores import crps_of_normal
from sim.evidence import Fact, Observation, Series, load_facts, load_series
from sim.validation.rivals import (
    RIVALS,
    YEAR_TO_YEAR,
    Forecast,
    Known,
    NoForecast,
    alike,
    converted,
    forecasts,
    grown_on,
    middle_month,
    months_asked,
    national_growth,
    same_count,
)
from tests.reporting.truths import made, month

YEARS = {"gdp_nominal_growth": {2020: 3.0, 2021: 10.0, 2022: 5.0}, "manufacturing_va_nominal_growth_nbs": {2022: 2.0,
         2023: 1.0, 2024: 4.0}, "exports_goods_cny_growth": {2023: 0.6, 2024: 7.1}}  # fmt: skip


def series_of(values: dict[str, dict[int, float]], status: str = "S") -> dict[str, Series]:
    """Published growth in percent by series and year."""
    return {
        name: Series(
            name,
            "pct",
            tuple(Observation(12 * year, 12 * year + 11, value, status, "source", "") for year, value in rows.items()),
        )
        for name, rows in values.items()
    }


SERIES = series_of(YEARS)


def at(year: int, variable: str = "output_value", value: float = 100.0, unit: str = "yuan", **more: Any) -> Fact:
    """A figure of a calendar year, made up."""
    start, end = more.pop("start", f"{year}-01"), more.pop("end", f"{year}-12")
    named = more.pop("id", f"{variable}-{year}")
    return made(variable, value, unit, id=named, period_start=month(start), period_end=month(end), **more)


def asked(fact: Fact, *evidence: Fact, industry: str = "fasteners", **more: Any) -> dict[str, Forecast | NoForecast]:
    """What every rival says of a figure."""
    return dict(forecasts(fact, measurement(fact, fact.bound), Known(evidence, industry, SERIES, **more)))


def forecast(found: object) -> Forecast:
    assert isinstance(found, Forecast)
    return found


def test_levels_by_hand() -> None:
    found = asked(
        at(2024, value=120.0),
        at(2022, value=90.0),
        at(2023, value=100.0),
        at(2023, "output_value_yoy", 0.10, "share"),
    )
    assert forecast(found["last"]).mean == pytest.approx(math.log(100.0))
    assert forecast(found["trend"]).mean == pytest.approx(math.log(110.0))
    assert forecast(found["national"]).mean == pytest.approx(math.log(104.0))
    assert isinstance(found["standstill"], NoForecast)
    widths = load_widths()
    variance = 2.0 * widths.width_exact**2 + widths.year_totals**2 + YEAR_TO_YEAR**2
    assert forecast(found["last"]).deviation == pytest.approx(math.sqrt(variance))
    assert list(found) == list(RIVALS)


def test_two_years_grow_twice_and_spread_wider() -> None:
    found = asked(at(2024, value=120.0), at(2022, value=90.0))
    assert forecast(found["national"]).mean == pytest.approx(math.log(90.0 * 1.01 * 1.04))
    near = asked(at(2024, value=120.0), at(2023, value=90.0))
    gap = forecast(found["last"]).deviation ** 2 - forecast(near["last"]).deviation ** 2
    assert gap == pytest.approx(YEAR_TO_YEAR**2)


def test_growth_by_hand() -> None:
    growth = [at(2022, "exports_yoy", 0.02, "share"), at(2023, "exports_yoy", 0.10, "share")]
    elsewhere = at(2023, "operating_revenue_yoy", 0.2, "share", place="anping", id="elsewhere")
    found = asked(at(2024, "exports_yoy", 0.11, "share"), *growth, elsewhere)
    assert forecast(found["last"]).mean == 0.10
    assert forecast(found["trend"]).mean == pytest.approx(0.06)
    assert forecast(found["national"]).mean == pytest.approx(0.071)
    assert forecast(found["standstill"]).mean == 0.0
    assert forecast(found["elsewhere"]).mean == 0.2
    print_error = load_widths().width_growth
    shift = load_widths().shift_deviation * load_widths().growth_of_exports_loading
    assert forecast(found["standstill"]).deviation == pytest.approx(math.hypot(print_error, shift, YEAR_TO_YEAR))
    last = math.sqrt(2.0 * print_error**2 + YEAR_TO_YEAR**2)
    assert forecast(found["last"]).deviation == pytest.approx(last)


def test_nothing_to_go_on_is_said() -> None:
    found = asked(at(2024, value=120.0))
    for name in ("last", "trend", "national"):
        assert found[name] == NoForecast("no earlier figure", "无更早公布数")
    with_level = asked(at(2024, value=120.0), at(2023))
    assert isinstance(with_level["trend"], NoForecast)
    alone = asked(at(2024, "exports_yoy", 0.1, "share"))
    assert isinstance(alone["last"], NoForecast)
    assert isinstance(forecast(alone["standstill"]), Forecast)


@given(
    shift=st.integers(0, 60),
    value=st.floats(1.0, 1e12),
    variable=st.sampled_from(["output_value", "output_value_yoy"]),
)
def test_no_rival_looks_ahead(shift: int, value: float, variable: str) -> None:
    """Figures that end in the same month or later change nothing, whatever they are."""
    growth = variable.endswith("_yoy")
    before = [at(2022), at(2023), at(2023, "output_value_yoy", 0.1, "share")]
    scored = at(2024, variable, 0.1 if growth else 120.0, "share" if growth else "yuan")
    ahead = [
        dataclasses.replace(item, id=f"ahead-{item.id}", period_end=scored.period_end + shift, value_plain=number)
        for item, number in ((before[1], value), (before[2], value))
    ]
    others = [dataclasses.replace(item, place="anping") for item in ahead]
    assert asked(scored, *before, *ahead, *others) == asked(scored, *before)


def test_aims_and_policy_inputs_are_no_figures_to_go_on() -> None:
    aim = at(2023, value=500.0, kind="goal", id="aim")
    assert isinstance(asked(at(2024), aim)["last"], NoForecast)
    budget = at(2023, "fund_annual_budget", 5.0, "yuan/year", id="budget")
    assert Known((aim, budget), "fasteners", SERIES).before(at(2024)) == ()


def test_bases_are_not_mixed() -> None:
    plain = at(2023, value=100.0, basis="output value")
    chain = at(2023, value=300.0, basis="entire industry chain", id="chain")
    assert alike(at(2024, basis="Output value; "), [chain, plain]) == [plain]
    assert alike(at(2024, basis="printed elsewhere"), [chain, plain]) == [plain]
    assert alike(at(2024, basis="entire industry chain"), [plain]) == []
    assert not same_count(plain, chain)
    other = at(2023, "exports", id="exports")
    assert alike(at(2024), [other, dataclasses.replace(plain, place="anping")]) == []
    unused = at(2023, "machine_tools", 5.0, "count", id="machines")
    assert not same_count(unused, unused)


def test_months_are_converted_for_flows_alone() -> None:
    year, eight = at(2023, "exports"), at(2024, "exports", start="2024-01", end="2024-08")
    assert converted(year, eight)[0] == pytest.approx(8 / 12)
    assert converted(eight, at(2024, "exports"))[0] == pytest.approx(12 / 8)
    assert "8/12" in converted(year, eight)[1]
    stock = at(2023, "employment", 5.0, "persons", start="2023-12")
    assert converted(stock, at(2024, "employment", 6.0, "persons"))[0] == 1.0
    fair = at(2023, "fair_exhibitors", 100.0, "count", start="2023-10", end="2023-10")
    assert converted(fair, at(2024, "fair_exhibitors", 100.0, "count"))[0] == 1.0
    found = asked(eight, year)
    assert forecast(found["last"]).mean == pytest.approx(math.log(100.0 * 8 / 12))
    # From the middle of 2023 to the middle of January to August 2024 are ten months.
    assert forecast(found["national"]).mean == pytest.approx(math.log(100.0 * 8 / 12 * 1.071 ** (10 / 12)))


def test_months_are_those_the_filter_asks() -> None:
    year, august = at(2023, "exports"), at(2024, "exports", start="2024-08", end="2024-08", basis="累计")
    assert months_asked(august) == (month("2024-01"), month("2024-08"))
    assert converted(year, august)[0] == pytest.approx(8 / 12)
    assert converted(august, at(2024, "exports", start="2024-01", end="2024-08"))[0] == 1.0
    assert same_count(year, august)
    assert middle_month(august) == middle_month(at(2024, "exports", start="2024-01", end="2024-08"))
    one = at(2023, "firms_upgrading", 5.0, "count", start="2023-07", end="2023-07")
    for later in (at(2024, "firms_upgrading", 6.0, "count"), at(2024, "firms_upgrading", 6.0, "count", end="2024-06")):
        assert same_count(one, later)
        assert converted(one, later)[0] == 1.0
    longer = at(2024, "firms_upgrading", 6.0, "count", start="2023-07", end="2024-12")
    assert converted(one, longer)[0] == pytest.approx(18 / 12)
    stock = at(2023, "employment", 5.0, "persons")
    assert months_asked(stock) == (month("2023-12"), month("2023-12"))


def test_figures_the_filter_cannot_ask_are_no_figures_to_go_on() -> None:
    words = "output value; annual"
    unstated = at(2023, start="2023-07", end="2023-07", basis=words)
    assert alike(at(2024, basis=words), [unstated]) == []


def test_a_yearly_rate_goes_with_the_national_series_too() -> None:
    found = asked(at(2024, unit="yuan/year", value=120.0), at(2023, value=100.0))
    assert forecast(found["national"]).mean == pytest.approx(math.log(104.0))


def test_the_latest_figure_counts_and_zeros_do_not() -> None:
    found = asked(at(2024), at(2021, value=70.0), at(2023, value=0.0), at(2022, value=80.0))
    assert forecast(found["last"]).mean == pytest.approx(math.log(80.0))


def test_national_growth_only_of_totals_in_yuan() -> None:
    people = asked(
        at(2024, "employment", 120.0, "persons"), at(2023, "employment", 100.0, "persons")
    )  # fmt: skip
    assert people["national"] == NoForecast("no national series of it", "无对应全国序列")


def test_series_by_industry_and_variable() -> None:
    output, exports = at(2022), at(2024, "imports_and_exports_yoy", 0.1, "share")

    def rate(fact: Fact, industry: str, year: int) -> float | None:
        found = national_growth(fact, industry, SERIES, year)
        return None if isinstance(found, NoForecast) else round(found.rate, 6)

    assert rate(output, "wire-mesh", 2022) == 0.02
    assert rate(output, "wire-mesh", 2021) == 0.10
    assert rate(output, "food", 2022) == 0.05
    assert rate(output, "baijiu", 2022) == 0.05
    assert rate(exports, "food", 2024) == 0.071
    assert rate(output, "wire-mesh", 2031) is None


def test_recalled_numbers_are_refused() -> None:
    recalled = series_of({"exports_goods_cny_growth": {2024: 9.9}}, status="R")
    found = national_growth(at(2024, "exports"), "fasteners", recalled, 2024)
    assert isinstance(found, NoForecast)
    assert "2024" in found.en


def test_a_missing_year_between_is_said() -> None:
    found = grown_on(at(2026), "fasteners", SERIES, 12 * 2026 + 6, 3.0)
    assert isinstance(found, NoForecast)
    assert grown_on(at(2024), "fasteners", SERIES, 12 * 2024 + 6, 0.0) == (1.0, "no time between", "时间相同")


def test_a_year_not_complete_takes_its_published_quarters() -> None:
    found = national_growth(at(2026), "fasteners", load_series(), 2026)
    assert not isinstance(found, NoForecast)
    assert "first quarter" in found.en
    assert found.rate == pytest.approx(0.0615)


def test_a_figure_after_a_floor_may_lie_above_it() -> None:
    floor = at(2023, bound="at_least")
    exact = forecast(asked(at(2024), floor)["last"])
    assert exact.soft == load_widths().one_sided_far
    assert exact.points.mean() > exact.mean + 0.9 * exact.soft
    assert forecast(asked(at(2024, bound="at_least"), floor)["last"]).soft == 0.0
    assert forecast(asked(at(2024), at(2023, bound="at_most"))["last"]).soft == -load_widths().one_sided_far


def test_scores_of_a_forecast() -> None:
    told = Forecast(0.0, 1.0, "", "")
    assert told.crps(0.5, "exact") == crps_of_normal(0.0, 1.0, 0.5)
    assert told.crps(0.5, "exact", by_quantiles=True) == pytest.approx(told.crps(0.5, "exact"), rel=0.03)
    assert told.crps(-9.0, "at_least") == pytest.approx(0.0, abs=1e-9)
    assert told.crps(9.0, "at_least") == pytest.approx(told.crps(9.0, "exact"), rel=0.01)
    soft = dataclasses.replace(told, soft=2.0)
    assert soft.crps(2.0, "exact") < told.crps(2.0, "exact")
    assert list(soft.quantiles([0.5])) == pytest.approx([float(sorted(soft.points)[len(soft.points) // 2])], abs=0.01)


def test_growth_of_jobs_has_no_national_series_and_no_growth_of_money_elsewhere() -> None:
    evidence = load_facts()
    base = next(item for item in evidence if item.id == "sx10-output-growth")
    jobs = dataclasses.replace(base, id="jobs", variable="employment_yoy")
    found = forecasts(jobs, measurement(jobs, jobs.bound), Known(evidence, "all", load_series()))
    assert isinstance(found["national"], NoForecast)
    assert isinstance(found["elsewhere"], NoForecast)
    assert isinstance(found["standstill"], Forecast)


def test_what_all_print_too_much_of_is_known_to_rivals_that_go_by_print_and_not_to_the_others() -> None:
    evidence = load_facts()
    fact = next(item for item in evidence if item.id == "sx10-output-growth")
    measure = measurement(fact, fact.bound)
    found = forecasts(fact, measure, Known(evidence, "all", load_series()))
    elsewhere, still = found["elsewhere"], found["standstill"]
    assert isinstance(elsewhere, Forecast)
    assert isinstance(still, Forecast)
    assert still.deviation**2 == pytest.approx(measure.noise + 0.08**2)
    assert elsewhere.deviation**2 < measure.noise + 0.08**2
    assert still.log_score(0.164, "exact") == pytest.approx(-norm.logpdf(0.164, 0.0, still.deviation))
    assert still.log_score(0.164, "at_least") is None


def test_every_growth_figure_of_the_evidence_has_an_opponent() -> None:
    evidence = load_facts()
    for fact in evidence:
        if fact.kind == "growth":
            known = Known(evidence, fact.industry, load_series())
            found = forecasts(fact, measurement(fact, fact.bound), known)
            assert isinstance(found["national"], Forecast), fact.id
            assert isinstance(found["standstill"], Forecast), fact.id


def test_width_can_be_chosen() -> None:
    narrow, wide = (asked(at(2024), at(2023), spread=spread)["last"] for spread in (0.01, 0.3))
    assert forecast(narrow).deviation < forecast(wide).deviation
