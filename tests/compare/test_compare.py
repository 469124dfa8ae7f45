"""The whole comparison: pairing, rows, growth, places, notes, years."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.compare import compare
from sim.compare.build import chosen_years
from sim.compare.comparison import ALL_PLACES
from sim.errors import UserError
from sim.observables import OBSERVABLES
from tests.compare.doses import fund_terms
from tests.compare.fake_run import make_pair, make_place, make_policy, make_scenario, month, two_places

# --- rows ---


def test_every_variable_has_a_row_at_the_horizon_in_order():
    b, a = make_pair(30)
    found = compare(b, a)
    assert [row.variable for row in found.rows_at()] == [item.name for item in OBSERVABLES]
    assert [row.variable for row in found.headline_rows()] == [item.name for item in OBSERVABLES if item.headline]
    assert all(row.n_pairs == 30 and row.paired for row in found.rows)


def test_periods_fold_as_the_variable_says():
    b, a = make_pair(30)
    found = compare(b, a)
    flow, stock = a.monthly("output_value"), a.monthly("employment")
    years = a.months // 12
    assert found.row("output_value", 2028).a_values == pytest.approx(flow[:, years == 2028].sum(axis=1))
    assert found.row("output_value", "2026-2030").a_values == pytest.approx(flow[:, years >= 2026].sum(axis=1))
    assert found.row("employment", 2028).a_values == pytest.approx(stock[:, years == 2028][:, -1])
    assert found.row("employment", "2026-2030").a_values == pytest.approx(stock[:, -1])
    assert found.row("output_value", "2028-03").a_values == pytest.approx(flow[:, a.months == month(2028, 3)][:, 0])
    ytd = (a.months >= month(2028, 1)) & (a.months <= month(2028, 8))
    assert found.row("output_value", "2028-01..2028-08").a_values == pytest.approx(flow[:, ytd].sum(axis=1))
    ratio = found.row("profit_rate", "2026-2030").a_values
    assert ratio == pytest.approx(a.annual("profit_rate")[:, -5:].mean(axis=1))


def test_january_alone_is_not_cumulated_and_stocks_never_are():
    b, a = make_pair(30)
    periods = {(row.variable, row.period) for row in compare(b, a).rows if row.period_kind == "ytd"}
    assert ("output_value", "2028-01..2028-02") in periods
    assert ("output_value", "2028-01..2028-01") not in periods
    assert not any(variable == "employment" for variable, _ in periods)


def test_shares_have_no_percent_of_percent():
    b, a = make_pair(30)
    b.values["profit_rate"] = a.values["profit_rate"] + 0.01
    row = compare(b, a).row("profit_rate")
    assert row.difference.p50 == pytest.approx(0.01)
    assert math.isnan(row.difference_pct.p50)


def test_growth_is_compared_in_percentage_points():
    b, a = make_pair(30, gain=0.0)
    years = (a.months // 12 - 2025).clip(0)
    flat = np.ones((30, 1, 1))
    a.values["output_value"] = flat * (1.03**years)[None, :, None]
    b.values["output_value"] = flat * (1.05**years)[None, :, None]
    growth = next(row for row in compare(b, a).growth if row.variable == "output_value_growth")
    assert growth.a.p50 == pytest.approx(3.0)
    assert growth.b.p50 == pytest.approx(5.0)
    assert growth.difference.p50 == pytest.approx(2.0)
    assert math.isnan(growth.difference_pct.p50)
    assert compare(b, a, at=2030, window=(2024, 2030)).growth == ()


def test_lower_is_better_for_untreated_discharge():
    b, a = make_pair(30)
    b.values["discharge_untreated"] = a.values["discharge_untreated"] * 0.9
    row = compare(b, a).row("discharge_untreated")
    assert row.prob_higher == 0.0
    assert row.prob_better == 1.0
    assert row.verdict == "clear"


def test_a_row_that_is_not_there():
    b, a = make_pair(30)
    with pytest.raises(KeyError):
        compare(b, a).row("output_value", 1999)


# --- swapping ---


def test_swapping_scenario_and_baseline_negates_and_turns():
    b, a = make_pair(100, jobs=300.0, jobs_noise=800.0)
    forward, backward = compare(b, a), compare(a, b)
    for row in forward.headline_rows():
        other = backward.row(row.variable)
        assert other.difference.p50 == pytest.approx(-row.difference.p50)
        assert other.prob_higher == pytest.approx(1.0 - row.prob_higher)
    assert backward.money.extra.p50 == pytest.approx(-forward.money.extra.p50)


# --- pairs ---


def test_missing_pairs_are_dropped_and_counted():
    b, a = make_pair(100)
    keep = np.array([k for k in range(100) if k not in (3, 37, 99)])
    b.values = {name: values[keep] for name, values in b.values.items()}
    b.amounts = b.amounts[keep]
    b.replicates = keep
    b.failures = [{"replicate": k} for k in (3, 37, 99)]
    found = compare(b, a)
    assert (found.n_pairs, found.n_dropped) == (97, 3)
    row = found.row("output_value")
    assert (row.n_pairs, row.n_dropped) == (97, 3)
    assert row.differences == pytest.approx(0.02 * a.annual("output_value")[keep, -1])
    assert found.note("dropped").en.startswith("97 pairs: 3 of 100 replicates are missing")
    assert found.note("failed").en == "Failed replicates: 3 of B."
    assert found.money.extra.p50 == pytest.approx(60e6)


def test_a_replicate_that_failed_in_both_counts_as_missing():
    b, a = make_pair(30)
    a.failures = b.failures = [{"replicate": 30}]
    assert compare(b, a).n_dropped == 1


def test_replicates_are_matched_by_number_not_by_row():
    b, a = make_pair(40)
    for run, numbers in ((b, np.arange(10, 40)), (a, np.arange(0, 30))):
        run.values = {name: values[numbers] for name, values in run.values.items()}
        run.replicates = numbers
    b.amounts = b.amounts[10:]
    found = compare(b, a)
    assert found.n_pairs == 20
    assert found.row("exports").verdict == "identical"


@pytest.mark.parametrize("part", ["seed", "firms_per_agent"])
def test_runs_that_are_not_twins_are_refused(part):
    b, a = make_pair(30)
    b.scenario = replace(b.scenario, **{part: 77})
    with pytest.raises(UserError, match=r"E20(.|\n)*--unpaired"):
        compare(b, a)
    assert not compare(b, a, unpaired=True).paired


def test_other_draws_are_refused():
    b, a = make_pair(30)
    b.draws = {"calibration": "yongnian-r1", "file": "x", "hash": "abc"}
    with pytest.raises(UserError, match="E20"):
        compare(b, a)


def test_other_places_are_refused_even_unpaired():
    b, a = make_pair(30)
    b.scenario = replace(b.scenario, places=(make_place("anping"),))
    with pytest.raises(UserError, match="different places"):
        compare(b, a, unpaired=True)


def test_runs_without_a_common_replicate_or_year():
    b, a = make_pair(30)
    b.replicates = b.replicates + 100
    with pytest.raises(UserError, match="no replicate is finished in both"):
        compare(b, a)
    b, a = make_pair(30)
    b.scenario = replace(b.scenario, time=replace(b.scenario.time, start=month(2030, 2), end=month(2030, 12)))
    with pytest.raises(UserError, match="no complete calendar year"):
        compare(b, a)


def test_unpaired_says_so_and_widens():
    b, a = make_pair(60)
    paired, unpaired = compare(b, a), compare(b, a, unpaired=True)
    row, wide = paired.row("output_value"), unpaired.row("output_value")
    assert wide.difference.p95 - wide.difference.p05 > 5 * (row.difference.p95 - row.difference.p05)
    assert wide.mc_se > row.mc_se
    assert not wide.paired
    assert unpaired.note("unpaired") is not None
    assert paired.note("unpaired") is None
    assert len(wide.differences) == 3600


# --- places ---


def test_several_places_are_added_up_and_listed_by_administrative_code():
    b, a = make_pair(
        30,
        scenario_a=make_scenario("a", places=two_places()),
        scenario_b=make_scenario("b", places=two_places(), policies=(make_policy(),)),
    )
    found = compare(b, a)
    assert found.place == ALL_PLACES
    total = found.row("output_value")
    parts = [row for row in found.rows if row.variable == "output_value" and row.period == "2030"][1:]
    assert [row.place for row in parts] == ["south", "north"]
    assert total.a_values == pytest.approx(sum(row.a_values for row in parts))
    assert found.row("output_value", 2030, "south").place_name_zh == "南"
    assert found.setting.place_name == "2 places"


# --- notes and setting ---


@pytest.mark.parametrize(("runs", "code"), [(19, "few"), (20, "rough"), (49, "rough")])
def test_few_runs_are_noted(runs, code):
    b, a = make_pair(runs)
    found = compare(b, a)
    assert found.note(code) is not None
    if code == "few":
        assert {row.verdict for row in found.headline_rows()} == {"too few runs", "identical"}
        assert not any(row.difference.shown for row in found.rows)


def test_enough_runs_are_not_noted():
    b, a = make_pair(50)
    found = compare(b, a)
    assert found.note("few") is None
    assert found.note("rough") is None


def test_bands_say_what_they_cover():
    b, a = make_pair(50)
    plain = compare(b, a).note("bands")
    assert "not yet calibrated and stand at assumed values within their ranges" in plain.en
    assert "参数尚未校准，取各自区间内的设定值" in plain.zh
    for run in (a, b):
        run.draws = {"calibration": "yongnian-r1", "file": "calibration/fits/yongnian-r1/draws.csv", "hash": "abc"}
    found = compare(b, a)
    assert found.setting.calibrated
    assert found.note("bands").en.startswith("Bands: chance and calibration.")


def test_a_calibration_that_is_named_but_not_fitted_is_no_calibration():
    b, a = make_pair(50)
    for run in (a, b):
        run.draws = {"calibration": "yongnian-r1", "file": "none", "hash": "none"}
    assert not compare(b, a).setting.calibrated


def test_weak_pairing_is_noted():
    b, a = make_pair(50)
    assert compare(b, a).note("noise") is None
    b.values["exports"] = np.roll(b.values["exports"], 1, axis=0)
    assert "exports" in compare(b, a).note("noise").en


def test_assumptions_are_counted():
    policy = make_policy(assumed=("start", "grant_share"))
    b, a = make_pair(50, scenario_b=make_scenario("b", policies=(policy, make_policy("park", assumed=("rent",)))))
    b.amounts = None
    found = compare(b, a)
    assert found.setting.assumed_values == 3
    assert found.note("assumed").en.startswith("3 values of policies are assumptions nobody published")


def test_the_arithmetic_ceiling_is_taken_along():
    policy = make_policy(versions=((month(2026, 1), fund_terms(1.0)),))
    b, a = make_pair(30, scenario_b=make_scenario("b", policies=(policy,)))
    found = compare(b, a)
    assert found.ceiling == "at most 1 billion yuan of grants"
    assert found.ceiling_zh == "补助最多10亿元"
    assert compare(a, b).ceiling == ""


# --- years ---


def test_years_by_default_and_as_asked():
    years = range(2017, 2036)
    assert chosen_years(years, None, None) == (2030, (2026, 2030))
    assert chosen_years(years, 2028, None) == (2028, (2026, 2028))
    assert chosen_years(years, 2020, None) == (2020, (2017, 2020))
    assert chosen_years(years, None, (2024, 2027)) == (2027, (2024, 2027))
    assert chosen_years(range(2017, 2028), None, None) == (2027, (2026, 2027))
    assert chosen_years(range(2017, 2025), None, None) == (2024, (2017, 2024))


@pytest.mark.parametrize(
    ("at", "window", "message"),
    [
        (2040, None, "the year 2040 is not simulated in both runs"),
        (2030, (2030, 2026), "ends before it begins"),
        (2030, (2026, 2036), "the window 2026-2036 is not simulated"),
    ],
)
def test_years_that_are_not_there(at, window, message):
    with pytest.raises(UserError, match=message):
        chosen_years(range(2017, 2031), at, window)


def test_table_is_a_data_frame_with_the_columns_of_the_file():
    from sim.compare.csv_tables import COLUMNS

    b, a = make_pair(30)
    found = compare(b, a)
    table = found.table()
    assert tuple(table.columns) == COLUMNS["compare"]
    assert len(table) == len(found.rows) + len(found.growth)
    chosen = table[(table.variable == "output_value") & (table.period == "2030")]
    assert chosen["diff_p50"].item() == found.row("output_value").difference.p50


def test_better_is_higher_or_lower_as_the_variable_says():
    found = compare(*make_pair(30))
    shares = {}
    for row in found.rows_at():
        shares.setdefault(row.good, []).append((row.prob_better, row.prob_higher))
    assert all(better == higher for better, higher in shares["higher"])
    assert all(better == 1.0 - higher for better, higher in shares["lower"])
    assert all(math.isnan(better) for better, _ in shares["none"])
