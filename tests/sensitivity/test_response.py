"""Responses to one change at a time: levers do what they say and nothing else, pairs share their past, results last."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim.calibrate import still_runs
from sim.calibrate.fits import read_fit
from sim.calibrate.still_runs import StillBaseline, Trial, begun, run_trial, still_baseline
from sim.errors import UserError
from sim.experiments.parameter_draws import ParameterDraws
from sim.model import ClusterModel
from sim.scenario.resolved import World
from sim.scenario.steady import changed, steady
from sim.sensitivity import response as responses
from sim.sensitivity.response import (
    AFTER,
    CHANGES,
    CONSTANT_YEARS,
    NOMINAL,
    OUTCOMES,
    STAYS,
    Change,
    Expected,
    Response,
    change_of,
    measure,
    read_expected,
    stays,
)
from tests.calibrate.made_fits import fitted, look_in
from tests.model_fixtures import quick_scenario

MONTHS = 12


@cache
def small() -> StillBaseline:
    """Return a small county in a constant world, at assumed values."""
    scenario = steady(quick_scenario(), MONTHS * responses.YEARS)
    quick = replace(scenario, parameters={**scenario.parameters, "start.settle_months": 12.0})
    return StillBaseline("yongnian", "yongnian-2023", quick, ParameterDraws(), responses.YEARS)


def series_of(world: World) -> set[str]:
    """Return the names of the monthly series of a world; those of groups of industries have the name of their kind."""
    names: set[str] = set()
    changed(world, lambda name, months: names.add(name) or months)
    return names


@cache
def trunk() -> ClusterModel:
    return begun(small().scenario, 0, {})


def branch() -> ClusterModel:
    """Return a copy of the small county at the end of its burn-in."""
    past = trunk()
    return ClusterModel(past.resolved, past.state.parameters, past.state.seed, past)


def made(changes: dict[str, np.ndarray] | None = None, constant: np.ndarray | None = None) -> Response:
    still = np.ones((3, CONSTANT_YEARS, len(OUTCOMES))) if constant is None else constant
    return Response("somewhere", "somewhere-2023", "some-r1", 1, 0.2, still, changes or {})


# --- the constant world --------------------------------------------------------------------------------------------


def test_a_steady_scenario_keeps_prices_and_parks_alone():
    scenario, still = quick_scenario(), small().scenario
    start = scenario.time.start
    for name in series_of(still.world):
        series = getattr(still.world, name)
        assert (series == getattr(scenario.world, name)[start - scenario.world.first_month]).all()
        assert start - still.world.first_month + still.time.months < series.size
    assert {policy.type for policy in still.policies} == {"park"}
    assert {policy.type for policy in scenario.policies} > {"park"}
    assert all(phase.opens < start for policy in still.policies for phase in policy.terms_at(start).phases)
    assert (still.time.start, still.time.months) == (start, MONTHS * responses.YEARS)


def test_plots_that_open_later_never_do():
    scenario = still_baseline("guanxian", 2, which="assumed").scenario
    plots = {policy.id: policy.terms_at(scenario.time.start).plots for policy in scenario.policies}
    assert plots == {"park-1": 100, "park-2": 60}


def test_every_series_of_a_world_but_one_is_in_yuan():
    assert series_of(small().scenario.world) - {"labour_productivity"} == set(NOMINAL)


# --- changes -------------------------------------------------------------------------------------------------------


def test_changes_have_ids_words_and_something_that_changes():
    assert len({change.id for change in CHANGES}) == len(CHANGES)
    for change in CHANGES:
        assert change.label
        assert change.label_zh
        assert change.world or change.at_start
        assert set(change.world) <= set(NOMINAL)
    with pytest.raises(UserError, match="no change is called"):
        change_of("sunshine")


def lever(identifier: str):
    return change_of(identifier).at_start


@pytest.mark.parametrize(
    ("identifier", "column", "factor"),
    [("entry-3", "normal_entry", 3.0), ("entry-none", "normal_entry", 0.0), ("labour-pool", "labour_pool", 1.2)],
)
def test_levers_on_places(identifier, column, factor):
    state = branch().state
    before = getattr(state.places, column).copy()
    lever(identifier)(state)
    assert getattr(state.places, column) == pytest.approx(factor * before)


def test_levers_on_firms():
    state = branch().state
    makers, firms = state.makers, state.firms
    capital, quality, productivity = (getattr(firms, name).copy() for name in ("capital", "quality", "productivity"))
    lever("equipment")(state)
    assert firms.capital[state.live] == pytest.approx(1.2 * capital[state.live])
    lever("quality")(state)
    assert firms.quality[makers] == pytest.approx(1.05 * quality[makers])
    behind = makers[firms.technology_gap[makers] > 0.0]
    assert behind.size
    lever("frontier")(state)
    assert (firms.technology_gap[makers] == 0.0).all()
    assert (firms.productivity[behind] > productivity[behind]).all()
    assert firms.quality[makers] == pytest.approx(1.05, rel=2e-3)


def test_makers_are_kept_at_the_frontier():
    model, change = branch(), change_of("frontier-held")
    change.at_start(model.state)
    for _ in range(6):
        model.step()
        change.each_month(model.state)
    firms, makers = model.state.firms, model.state.makers
    assert (firms.technology_gap[makers] == 0.0).all()
    assert firms.quality[makers] == pytest.approx(np.exp(firms.brand[makers]))


def test_better_goods_stay_better_and_entrants_have_them():
    plain, better = branch(), branch()
    change = change_of("quality")
    change.at_start(better.state)
    for month in range(18):
        if month:
            change.each_month(better.state)
        for model in (plain, better):
            model.step()
    state, other = better.state, plain.state
    both = np.isin(state.firms.slot[state.makers], other.firms.slot[other.makers])
    rows = state.makers[both & ~np.isin(state.makers, state.entered)]
    assert state.firms.brand[rows] == pytest.approx(np.log(1.05))
    assert (state.firms.entry_month[rows] > 0).any()


def test_levers_on_buyers_and_credit():
    state = branch().state
    weight, lent = state.buyers.outside_weight.copy(), state.parameters.investment.collateral_share
    rates = [market.fill_rates.copy() for market in state.search]
    for identifier in ("elsewhere", "credit", "links"):
        lever(identifier)(state)
    outer = state.parameters.demand.elasticity_outside
    assert state.buyers.outside_weight == pytest.approx(weight * 1.05 ** (1.0 - outer))
    assert state.parameters.investment.collateral_share == pytest.approx(1.5 * lent)
    assert all(each.investment.collateral_share == pytest.approx(1.5 * lent) for each in state.industries)
    for market, rate in zip(state.search, rates, strict=True):
        assert market.fill_rates == pytest.approx(1.5 * rate)
    assert trunk().state.parameters.investment.collateral_share == lent


def test_a_change_of_the_world_leaves_what_was_before():
    world = small().scenario.world
    start = small().scenario.time.start
    new = responses._changed(world, {"wage": 1.3}, start)
    at = start - world.first_month
    assert (new.wage[:at] == world.wage[:at]).all()
    assert new.wage[at:] == pytest.approx(1.3 * world.wage[at:])
    assert (new.material_price == world.material_price).all()


def test_no_change_is_no_change_to_the_bit():
    plain = responses._run(trunk(), Change("", "", ""), AFTER)
    nothing = responses._run(trunk(), Change("nothing", "nothing", "无", {"wage": 1.0}), AFTER)
    again = responses._run(trunk(), change_of("entry-none"), AFTER)
    assert (plain == nothing).all()
    assert (plain != again).any()
    assert trunk().state.month == small().scenario.time.start


def test_a_trial_holds_years_of_a_constant_world_and_the_years_told_of_each_change():
    trial = Trial(0, small(), measure(("entry-none", "prices-20")))
    row = run_trial(trial)
    assert row.error == ""
    assert row.values.shape == trial.nothing.shape
    constant = row.values[: CONSTANT_YEARS * len(OUTCOMES)].reshape(CONSTANT_YEARS, len(OUTCOMES))
    later = row.values[constant.size :].reshape(2, len(AFTER), len(OUTCOMES))
    firms = OUTCOMES.index("businesses")
    assert (later[0, :, firms] < constant[[0, 4], firms]).all()
    assert np.isfinite(row.values).all()


def test_a_trial_that_fails_says_why():
    broken = replace(small(), scenario=replace(small().scenario, parameters={"no.parameter": 1.0}))
    row = run_trial(Trial(3, broken, measure(("entry-none",))))
    assert "no.parameter" in row.error
    assert row.error.startswith("draw 3, no change:")
    assert np.isnan(row.values).all()


# --- what is told --------------------------------------------------------------------------------------------------


def test_effects_are_shares_and_points():
    changed = np.ones((3, len(AFTER), len(OUTCOMES)))
    changed[:, 1, OUTCOMES.index("employment")] = 1.1
    changed[:, 1, OUTCOMES.index("profit_rate")] = 0.98
    found = made({"steel-50": changed})
    assert found.effect("steel-50", "employment", 5) == pytest.approx(0.1)
    assert found.effect("steel-50", "profit_rate", 5) == pytest.approx(-0.02)
    assert found.effect("steel-50", "employment", 1) == pytest.approx(0.0)


def test_what_stays_and_what_moves():
    draws = np.random.default_rng(2)
    constant = np.ones((12, CONSTANT_YEARS, len(OUTCOMES)))
    constant[:, -1, OUTCOMES.index("wage")] = np.exp(draws.normal(0.0, 0.1, 12))
    constant[:, -1, OUTCOMES.index("employment")] = np.exp(draws.normal(0.3, 0.1, 12))
    found = made(constant=constant)
    assert stays(found, "wage", 2.64)
    assert not stays(found, "employment", 2.64)
    constant[:, -1, OUTCOMES.index("wage")] = 1.005
    constant[:, -1, OUTCOMES.index("gini_sales")] = 1.015
    assert stays(found, "wage", 2.64)
    assert not stays(found, "gini_sales", 2.64)


def expected(**more) -> Expected:
    return Expected(
        **{"change": "steel-50", "outcome": "employment", "reason": "x", "reason_zh": "x", "status": "assumed", **more}
    )


def test_an_expectation_counts_draws_and_concerns_places():
    changed = np.ones((3, len(AFTER), len(OUTCOMES)))
    changed[:, 1, OUTCOMES.index("employment")] = (0.9, 0.95, 1.05)
    changed[:, 1, OUTCOMES.index("wage")] = 0.98
    found = made({"steel-50": changed})
    one = expected(high=0.0)
    assert (one.inside(found), one.holds(found)) == (2, True)
    assert not expected(low=0.0).holds(found)
    more = expected(more_than="wage", low=0.0)
    assert more.values(found) == pytest.approx([0.08, 0.03, 0.03])
    assert one.concerns(found)
    assert not expected(share_above=0.5).concerns(found)
    assert expected(share_below=0.35).concerns(found)
    assert not expected(change="links").concerns(found)


def test_what_is_expected_is_readable_and_has_reasons():
    found = read_expected()
    assert {item.change for item in found} <= {change.id for change in CHANGES}
    for item in found:
        assert item.reason
        assert item.reason_zh
        assert item.status in ("literature", "assumed")
    told = {(item.change, item.outcome) for item in found}
    assert {("entry-3", "output_value"), ("frontier", "output_value"), ("wage-30", "employment")} <= told
    assert {("steel-50", "businesses"), ("prices-20", "output_real"), ("demand-less-30", "businesses")} <= told


def test_a_wrong_expectation_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "responses.toml"
    monkeypatch.setattr(responses.workspace, "calibration_file", lambda *_: path)
    path.write_text('[[expected]]\nchange = "steel-50"\noutcome = "sunshine"\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"responses\.toml:1  "):
        read_expected()
    good = 'reason = "x"\nreason_zh = "x"\nstatus = "assumed"\nhigh = 0.0\n'
    path.write_text(f'[[expected]]\nchange = "steel-50"\noutcome = "sunshine"\n{good}', encoding="utf-8")
    with pytest.raises(UserError, match="steel-50"):
        read_expected()


# --- on disk -------------------------------------------------------------------------------------------------------


def test_responses_kept_beside_a_fit_come_back_and_know_whose_they_are(tmp_path, monkeypatch):
    fitted(tmp_path, "some-r1", "yongnian-2023")
    look_in(tmp_path, monkeypatch)
    assert responses.kept(read_fit("some-r1")) == (None, False)
    draws = np.random.default_rng(1)
    constant = draws.uniform(1.0, 2.0, (2, CONSTANT_YEARS, len(OUTCOMES)))
    found = made({"links": draws.uniform(size=(2, len(AFTER), len(OUTCOMES)))}, constant)
    path = responses.keep(found)
    back, current = responses.kept(read_fit("some-r1"))
    assert current
    assert back is not None
    assert np.allclose(back.constant, constant, rtol=1e-5)
    assert back.effect("links", "wage", 5) == pytest.approx(found.effect("links", "wage", 5), rel=1e-3)
    assert (back.place, back.reference, back.fit, back.scale) == ("somewhere", "somewhere-2023", "some-r1", 1)
    draws_file = path.with_name("draws.csv")
    draws_file.write_text(draws_file.read_text() + "3,0.5\n")
    assert responses.kept(read_fit("some-r1"))[1] is False
    path.write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="damaged"):
        responses.kept(read_fit("some-r1"))


def test_what_is_kept_says_what_it_was_made_from(tmp_path, monkeypatch):
    fitted(tmp_path, "some-r1", "yongnian-2023")
    look_in(tmp_path, monkeypatch)
    still_runs.keep_beside("some-r1", "x.json", {"numbers": [[1.5, 2.0], [3.0, 4.0]]})
    text = (tmp_path / "fits" / "some-r1" / "x.json").read_text(encoding="utf-8")
    assert "[ 1.5, 2.0 ]" in text
    content, current = still_runs.kept_beside(read_fit("some-r1"), "x.json", dict)
    assert (content, current) == ({"numbers": [[1.5, 2.0], [3.0, 4.0]]}, True)


def test_a_place_without_a_fit_or_a_baseline_is_told_so(monkeypatch):
    with pytest.raises(UserError, match="no baseline answers"):
        still_baseline("atlantis", 2)
    monkeypatch.setattr("sim.calibrate.still_runs.fitted_draws", lambda _: ParameterDraws())
    with pytest.raises(UserError, match="--draws assumed"):
        still_baseline("guanxian", 2)


# --- the committed fits --------------------------------------------------------------------------------------------

PLACES = ("yongnian-r1", "guanxian-r1", "qiuxian-r1")


@cache
def committed(fit: str) -> Response:
    found, current = responses.kept(read_fit(fit))
    assert current, "run: python docs/make_responses.py"
    assert found is not None
    return found


@pytest.mark.parametrize("fit", PLACES)
@pytest.mark.parametrize("item", read_expected(), ids=lambda item: f"{item.change}-{item.outcome}-{item.year}")
def test_responses_on_posterior_draws_are_as_expected(fit, item):
    found = committed(fit)
    if item.concerns(found):
        assert item.holds(found), f"{item.change}: {item.outcome}: median {np.median(item.values(found)):+.4f}"


@pytest.mark.parametrize("fit", PLACES)
@pytest.mark.parametrize("outcome", STAYS)
def test_a_constant_world_stays_within_its_sampling_error(fit, outcome):
    assert stays(committed(fit), outcome, responses.ERRORS), committed(fit).drift(outcome)
