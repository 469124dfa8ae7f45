"""Estimators of facts of firms on samples whose answer is known, the file of facts, runs, and the committed fits."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.calibrate.fits import read_fit
from sim.calibrate.still_runs import StillBaseline, Trial, begun, run_trial
from sim.errors import UserError
from sim.experiments.parameter_draws import ParameterDraws
from sim.reporting import firm_statistics
from sim.reporting.firm_statistics import (
    DESCRIBED,
    MEASURED,
    classes_of,
    lives,
    log_gamma,
    measured,
    read_facts,
    read_stock,
    spread_of_size,
    steps,
    subbotin,
    weighted_median,
)
from sim.scenario.steady import steady
from sim.state.record import PANEL
from sim.validation.firm_facts import FIRMS, FirmsOfDraws, keep, kept
from tests.calibrate.made_fits import fitted, look_in
from tests.model_fixtures import quick_scenario

MANY = 20_000
FIRST = 2020 * 12
FIRST_OF_2024 = 2024 * 12


@given(st.floats(0.01, 50.0))
def test_the_gamma_function(x):
    assert log_gamma(x) == pytest.approx(math.lgamma(x), rel=1e-10, abs=1e-10)


def ones(count: int) -> np.ndarray:
    return np.ones(count)


def sample(kind: str, spread: float) -> np.ndarray:
    draws = np.random.default_rng(5)
    if kind == "laplace":
        return draws.laplace(0.4, spread / np.sqrt(2.0), MANY)
    if kind == "normal":
        return draws.normal(0.4, spread, MANY)
    half = draws.exponential(size=MANY) ** 2  # shape one half: |x| is the square of an exponential (a gamma to 1/b)
    return half * np.sign(draws.uniform(-1.0, 1.0, MANY))


@pytest.mark.parametrize(("kind", "shape"), [("laplace", 1.0), ("normal", 2.0)])
@pytest.mark.parametrize("spread", [0.05, 0.4])
def test_the_shape_of_growth_is_found(kind, shape, spread):
    found, width = subbotin(sample(kind, spread), ones(MANY))
    assert found == pytest.approx(shape, rel=0.04)
    assert width == pytest.approx(spread, rel=0.03)


def test_fat_tails_have_a_small_shape():
    assert subbotin(sample("fat", 1.0), ones(MANY))[0] < 0.7


def test_a_firm_of_weight_two_counts_as_two():
    values, twice = sample("laplace", 0.3)[:600], np.arange(600) % 2 + 1.0
    repeated = np.repeat(values, twice.astype(int))
    for found in (subbotin, lambda x, w: (weighted_median(x, w), 0.0)):
        assert found(values, twice) == pytest.approx(found(repeated, ones(repeated.size)), rel=1e-9)


@given(st.floats(0.01, 100.0), st.floats(-10.0, 10.0))
def test_scale_and_place_of_growth_leave_its_shape(scale, shift):
    values = sample("laplace", 1.0)[:500]
    shape, width = subbotin(values, ones(500))
    other, wider = subbotin(scale * values + shift, ones(500))
    assert other == pytest.approx(shape, rel=1e-5)
    assert wider == pytest.approx(scale * width, rel=1e-5)


@pytest.mark.parametrize("power", [0.0, 0.15, 0.3])
def test_the_power_by_which_spread_falls_with_size_is_found(power):
    draws = np.random.default_rng(7)
    size = np.exp(1.5 * draws.normal(size=MANY))
    growth = draws.laplace(size=MANY) * size**-power
    assert spread_of_size(growth, size, ones(MANY)) == pytest.approx(power, abs=0.02)
    assert spread_of_size(growth, 1e6 * size, ones(MANY)) == pytest.approx(power, abs=0.02)


def test_firms_of_large_weight_do_not_tilt_the_power_of_size():
    draws = np.random.default_rng(8)
    size = np.exp(1.5 * draws.normal(size=MANY))
    growth = draws.laplace(size=MANY) * size**-0.2
    heavy = np.where(size < 1.0, 7.0, 1.0)
    assert spread_of_size(growth, size, heavy) == pytest.approx(0.2, abs=0.02)


def test_too_few_firms_have_no_power_of_size():
    assert np.isnan(spread_of_size(np.zeros(30), np.arange(1.0, 31.0), ones(30)))


@given(st.lists(st.floats(0.0, 1e9), min_size=1, max_size=60), st.integers(1, 6))
def test_classes_hold_as_many_firms_each_and_are_in_order(values, number):
    sizes = np.array(values)
    found = classes_of(sizes, ones(sizes.size), number)
    counts = np.bincount(found, minlength=number)
    assert counts.max() - counts.min() <= 1
    order = np.argsort(sizes, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


# --- panels --------------------------------------------------------------------------------------------------------


def panel(*rows: dict) -> np.ndarray:
    """Return a panel of makers; what a row leaves out is as usual."""
    table = np.zeros(len(rows), dtype=PANEL)
    usual = {"firms": 1.0, "capital": 1e6, "output": 2e6, "age": 10.0}
    for number, row in enumerate(rows):
        for name, value in {**usual, **row}.items():
            table[name][number] = value
    return table


def hazard_sample(rate: float, firms: int, years: int) -> np.ndarray:
    """Return firms that all begin in the first month and close at a constant rate."""
    draws, rows = np.random.default_rng(3), []
    months = np.floor(draws.exponential(12.0 / rate, firms)).astype(int)
    for slot, month in enumerate(months.tolist()):
        last = min(month, 12 * years - 1)
        for year in range(years):
            if 12 * year + 11 < month:
                rows.append({"slot": slot, "year": 2020 + year, "age": year + 1.0, "entry_month": FIRST})
        if month < 12 * years:
            gone = {"exit_month": FIRST + last, "age": (last + 1) / 12.0, "year": 2020 + last // 12}
            rows.append({"slot": slot, "entry_month": FIRST, **gone})
    return panel(*rows)


def test_hazards_by_age_are_found():
    found = lives(hazard_sample(0.12, 4000, 6), FIRST)
    for first, after in ((0, 1), (1, 2), (2, 3), (3, 7)):
        assert found.hazard(first, after) == pytest.approx(0.12, rel=0.1)
    assert np.isnan(found.hazard(7, 99))
    assert found.founded.all()


def test_firms_of_before_count_from_the_first_month_on():
    table = panel(
        {"slot": 1, "year": 2020, "age": 20.0}, {"slot": 1, "year": 2021, "age": 21.0},
        {"slot": 2, "year": 2020, "age": 8.5, "exit_month": FIRST + 5, "firms": 3.0},
    )  # fmt: skip
    found = lives(table, FIRST)
    assert found.months == 24 + 3 * 6
    assert found.hazard(7, 99) == pytest.approx(3.0 / (42 / 12))
    assert not found.founded.any()


def test_steps_join_the_years_of_a_firm():
    table = panel(
        {"slot": 2, "year": 2020, "output": 1e6, "age": 3.0, "capital": 5e5},
        {"slot": 1, "year": 2020, "output": 4e6, "age": 9.0},
        {"slot": 3, "year": 2020, "output": 4e6, "age": 9.0, "tier": 2},
        {"slot": 1, "year": 2021, "output": 4e6, "spending": 3e5},
        {"slot": 2, "year": 2021, "output": 2e6, "spending": 3e5},
        {"slot": 4, "year": 2021, "output": 9e6, "age": 0.5},
    )  # fmt: skip
    found = steps(table, equipment_price=2.0)
    assert found.size.tolist() == [4e6, 1e6]
    assert sorted(np.round(found.growth, 6)) == [0.0, round(float(np.log(2.0)), 6)]
    assert found.spike.tolist() == [0.15, 0.3]


def test_every_fact_is_measured_on_a_panel():
    draws, rows = np.random.default_rng(1), []
    for slot in range(400):
        size = 1e6 * (1.0 - draws.uniform()) ** (-1.0 / 1.2)
        for year in range(2020, 2025):
            size *= np.exp(0.2 * draws.laplace())
            age = 1.0 + slot % 20 + year - 2020
            rows.append(
                {"slot": slot, "year": year, "output": size, "profit": 0.03 * size, "age": age, "spending": 1.0}
            )
    found = measured(panel(*rows), FIRST, 1.0, (0.8, 0.5), read_stock())
    assert tuple(found) == DESCRIBED
    assert found["profit_margin"] == pytest.approx(0.03)
    assert found["loss_makers"] == found["exit_rate"] == found["entry_rate"] == 0.0
    assert found["growth_shape"] == pytest.approx(1.0, abs=0.15)
    assert found["tail_index"] == pytest.approx(1.2, abs=0.35)
    assert found["share_young"] + found["share_middle"] + found["share_old"] == pytest.approx(1.0)
    assert (found["domestic_links"], found["foreign_links"]) == (0.8, 0.5)


# --- what is published ---------------------------------------------------------------------------------------------


def test_every_fact_has_a_range_and_a_source():
    facts = read_facts()
    assert tuple(fact.name for fact in facts) == MEASURED
    for fact in facts:
        assert all((fact.about, fact.about_zh, fact.published, fact.source))
        assert fact.status in ("reported", "literature", "assumed")
    by_name = {fact.name: fact for fact in facts}
    assert by_name["hazard_year_3"].low == pytest.approx(0.8 * 0.095)
    assert by_name["growth_smallest_less_largest"].holds(5.0)
    assert not by_name["growth_shape"].holds(float("nan"))


def test_published_hazards_and_ages_fit_together_in_the_stock_that_was_counted():
    months = np.arange(12 * 50)
    hazards = (0.016, 0.063, 0.095, 0.083, 0.05)
    hazard = np.select([months < 12, months < 24, months < 36, months < 84], hazards[:4], hazards[4]) / 12.0
    survivors = np.exp(-np.cumsum(hazard))
    rows = [{"slot": month, "year": 2020, "age": month / 12.0, "firms": firms} for month, firms in enumerate(survivors)]
    found = firm_statistics._ages(panel(*rows), read_stock())
    facts = {fact.name: fact for fact in read_facts()}
    for name, share in found.items():
        assert facts[name].holds(share), (name, share)
    still = firm_statistics._ages(panel(*rows), replace(read_stock(), growth=0.0, oldest=99.0))
    assert not facts["share_old"].holds(still["share_old"])


def test_a_wrong_fact_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "firm_facts.toml"
    monkeypatch.setattr(firm_statistics.workspace, "calibration_file", lambda *_: path)
    usual = 'about = "x", about_zh = "x", published = "x", unit = "1", status = "assumed", source = "x"'
    path.write_text(f"sunshine = {{ {usual}, low = 1.0 }}\ntail_index = {{ low = 2.0 }}\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"firm_facts\.toml:\d+  [\s\S]*sunshine: no such fact[\s\S]*tail_index"):
        read_facts()
    path.write_text(f"tail_index = {{ {usual}, low = 2.0, high = 1.0 }}\n", encoding="utf-8")
    with pytest.raises(UserError, match="low must be below high"):
        read_facts()


# --- runs ----------------------------------------------------------------------------------------------------------


def small(months: int) -> StillBaseline:
    scenario = steady(quick_scenario(), months)
    quick = replace(scenario, parameters={**scenario.parameters, "start.settle_months": 12.0})
    return StillBaseline("yongnian", "yongnian-2023", quick, ParameterDraws(), months // 12)


def test_a_draw_is_measured_on_its_run():
    row = run_trial(Trial(0, small(36), FIRMS))
    assert row.error == ""
    found = dict(zip(DESCRIBED, row.values.tolist(), strict=True))
    assert 0.0 < found["exit_rate"] < 0.4
    assert 0.0 < found["foreign_links"] < found["domestic_links"] < 1.0
    assert 0.0 <= found["spikes"] <= found["spike_investment"] <= 1.0


def test_a_draw_that_fails_says_why():
    broken = small(24)
    broken = replace(broken, scenario=replace(broken.scenario, parameters={"no.parameter": 1.0}))
    row = run_trial(Trial(2, broken, FIRMS))
    assert row.error.startswith("draw 2:")
    assert np.isnan(row.values).all()


def test_spending_of_the_panel_is_that_of_the_year():
    model = begun(small(24).scenario, 0, {})
    model.notebook.keeps_panel = True
    spent: dict[int, float] = {}
    for _ in range(24):
        model.step()
        if model.state.month > FIRST_OF_2024:
            firms, spending = model.state.firms, model.state.scratch.spending
            for row in np.flatnonzero(spending[: model.state.count] > 0.0).tolist():
                spent[int(firms.slot[row])] = spent.get(int(firms.slot[row]), 0.0) + float(spending[row])
    table = model.notebook.record(model.anchors, "").panel
    assert table is not None
    last = table[(table["year"] == 2024) & (table["spending"] > 0.0)]
    assert last.size > 10
    assert last["spending"] == pytest.approx([spent[int(slot)] for slot in last["slot"]])
    live = model.state.live
    assert table["profit"][-live.size :] == pytest.approx(model.state.firms.profit_year[live])


def test_facts_kept_beside_a_fit_come_back(tmp_path, monkeypatch):
    fitted(tmp_path, "some-r1", "yongnian-2023")
    look_in(tmp_path, monkeypatch)
    assert kept(read_fit("some-r1")) == (None, False)
    values = np.random.default_rng(1).uniform(size=(5, len(DESCRIBED)))
    values[2, 3] = np.nan
    found = FirmsOfDraws("somewhere", "somewhere-2023", 1, 10, values)
    path = keep(found, "some-r1")
    back, current = kept(read_fit("some-r1"))
    assert current
    assert back is not None
    assert np.allclose(back.values, values, rtol=1e-4, equal_nan=True)
    draws = path.with_name("draws.csv")
    draws.write_text(draws.read_text() + "3,0.5\n")
    assert kept(read_fit("some-r1"))[1] is False
    fact = next(fact for fact in read_facts() if fact.name == MEASURED[3])
    assert back.inside(fact) <= 4


def test_four_of_five_draws_are_wanted():
    fact = next(fact for fact in read_facts() if fact.name == "growth_shape")
    column = MEASURED.index("growth_shape")
    values = np.full((5, len(DESCRIBED)), 1.0)
    values[0, column] = 2.0
    found = FirmsOfDraws("x", "x-2023", 1, 10, values)
    assert (found.inside(fact), found.holds(fact)) == (4, True)
    values[1, column] = 2.0
    assert not found.holds(fact)


# --- the committed fits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fit", ["yongnian-r1", "guanxian-r1"])
@pytest.mark.parametrize("name", MEASURED)
def test_facts_hold_in_four_of_five_posterior_draws(fit, name):
    found, current = kept(read_fit(fit))
    assert current, "run: python docs/make_responses.py"
    assert found is not None
    assert found.scale == 1
    fact = next(fact for fact in read_facts() if fact.name == name)
    assert found.holds(fact), f"{fact.about}: {np.round(found.of(fact), 3).tolist()}"
