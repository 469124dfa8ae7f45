"""A trade fair from its booths to orders that come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.calibrate.still_runs import begun as begun_with
from sim.experiments.parameter_draws import fitted_draws
from sim.model import ClusterModel
from sim.observables import INDEX
from sim.policies.terms import Every, held_in
from sim.scenario.loader import load
from sim.units import parse_month
from tests.policies.playing import FAIR, FIRST, SEED, Played, begun, county, parameters, played, policy

RICH = {"county_balance": 1e9}
FUNNEL = (
    "booths_used",
    "exhibitors",
    "buyers",
    "contacts",
    "intended_orders",
    "contracts",
    "delivered",
    "repeat_orders",
)
MARCH = 2


def fair(**changes: object) -> Played:
    """Return a short run with one fair, in March."""
    return played([policy("fair", **changes)], months=4, **RICH)


def stage(run: Played, name: str, month: int = MARCH) -> float:
    """Return one stage of the funnel in a month."""
    return float(run.monthly(f"fair_{name}")[month])


def buying(**where: Any) -> Played:
    """Return the first of the usual fairs alone, everybody who comes having something to order: customers to count."""
    return begun([policy("fair", end=FIRST + 11)], settings=parameters(fair__buying_share=1.0), **RICH, **where)


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return three years with a fair each March that was never held before."""
    return played([policy("fair")], months=36, **RICH)


@pytest.fixture(scope="module")
def alone() -> Played:
    """Return three years in which only the first fair is held."""
    return played([policy("fair", end=FIRST + 11)], months=36, **RICH)


def test_booths_and_exhibitors_are_what_was_offered(usual: Played) -> None:
    assert stage(usual, "booths_used") == FAIR["booths"]
    assert stage(usual, "exhibitors") == FAIR["booths"] / parameters().fair.booths_per_exhibitor


def test_the_funnel_narrows(usual: Played) -> None:
    visits = parameters().fair.visits_per_buyer
    for month in (MARCH, MARCH + 12, MARCH + 24):
        buyers = stage(usual, "buyers", month)
        assert 0 < buyers <= FAIR["domestic_buyers_invited"] + FAIR["foreign_buyers_invited"]
        assert stage(usual, "contacts", month) == visits * buyers
        assert 0.0 < stage(usual, "contracts", month) < stage(usual, "intended_orders", month)


def test_what_was_intended_is_delivered_in_its_months_and_some_comes_back() -> None:
    alone = buying(months=36).finish()
    delivered, repeat = alone.monthly("fair_delivered"), alone.monthly("fair_repeat_orders")
    months = int(parameters().fair.intention_months)
    assert delivered[:MARCH].sum() == repeat[: MARCH + months].sum() == 0.0
    assert np.all(delivered[MARCH : MARCH + months] > 0.0)
    assert np.all(delivered[MARCH + months :] == 0.0)
    assert 0.3 < delivered.sum() / stage(alone, "contracts") < 1.2
    assert 0.0 < repeat[MARCH + months : MARCH + 2 * months].sum() < 2.0 * stage(alone, "intended_orders")


def test_links_of_a_fair_lapse_with_time() -> None:
    run, counts = buying(months=36), []
    for months in (3, 9, 24):
        buyers = run.step(months).model.state.buyers
        counts.append(int(((buyers.link_origin == 1) & (buyers.supplier >= 0)).sum()))
    assert counts[0] > counts[1] > counts[2] > 0


def test_nothing_is_noted_where_there_is_no_fair() -> None:
    run = played([], months=12)
    for name in FUNNEL:
        assert np.all(run.monthly(f"fair_{name}") == 0.0)


@pytest.mark.parametrize("exhibitors", ["any", "above_scale", "in_park"])
def test_only_those_that_may_exhibit_do(exhibitors: str) -> None:
    run = fair(exhibitors=exhibitors, booths=10_000, booth_fee=0.0)
    places = {"any": 2400, "above_scale": 25, "in_park": 0}
    assert stage(run, "exhibitors") <= places[exhibitors] * 1.05
    assert (stage(run, "exhibitors") > 0) == (exhibitors != "in_park")


def test_a_dear_booth_keeps_small_firms_away_and_a_subsidy_brings_them_back() -> None:
    free, dear, helped = (
        stage(fair(booths=10_000, booth_fee=fee, booth_subsidy=subsidy), "exhibitors")
        for fee, subsidy in ((0.0, 0.0), (8000.0, 0.0), (8000.0, 0.75))
    )
    assert free > helped > dear > 0


def test_more_exhibitors_for_the_same_buyers_mean_fewer_contacts_each() -> None:
    few, many = fair(booths=40), fair(booths=160)
    assert stage(many, "exhibitors") == 4.0 * stage(few, "exhibitors")
    assert stage(many, "buyers") == stage(few, "buyers")
    each = [stage(run, "contacts") / stage(run, "exhibitors") for run in (few, many)]
    assert each[1] == pytest.approx(each[0] / 4.0)


def test_more_buyers_state_more_orders() -> None:
    small, large = fair(domestic_buyers_invited=100), fair(domestic_buyers_invited=400)
    for name in ("buyers", "contacts", "intended_orders"):
        assert stage(large, name) > stage(small, name)


def test_the_further_down_the_list_the_fewer_come_and_the_fewer_buy() -> None:
    number, base = 450, fair(domestic_buyers_invited=45, foreign_buyers_invited=0)
    everybody = fair(domestic_buyers_invited=number, foreign_buyers_invited=0)
    beyond = fair(domestic_buyers_invited=10 * number, foreign_buyers_invited=0)
    assert stage(everybody, "buyers") < 9.0 * stage(base, "buyers")
    for name in ("buyers", "intended_orders"):
        assert stage(beyond, name) == stage(everybody, name), "there are no more buyers than there are"
    assert beyond.money("paid").sum() > everybody.money("paid").sum() + 1e6, "an invitation costs money all the same"


def test_money_for_travel_brings_more_buyers() -> None:
    counts = [stage(fair(travel_subsidy=yuan), "buyers") for yuan in (0.0, 3000.0, 12000.0)]
    assert counts[0] < counts[1] < counts[2]


def test_foreign_buyers_come_from_the_countries_invited() -> None:
    run = begun([policy("fair", countries=3, domestic_buyers_invited=0, foreign_buyers_invited=300)], months=4, **RICH)
    buyers = run.model.state.buyers
    before = buyers.attended.copy()
    run.finish()
    came = run.model.state.buyers.attended > before
    assert came.any()
    assert np.all(buyers.foreign[came] == 1)
    assert set(np.unique(buyers.country[came])) <= {1, 2, 3}
    everywhere = fair(countries=60, domestic_buyers_invited=0, foreign_buyers_invited=300)
    assert stage(everywhere, "buyers") > came.sum()


def test_buyers_of_another_county_s_industry_take_nobody_s_invitation() -> None:
    alone = fair()
    one = county([policy("fair")], months=4, **RICH)
    two = replace(one, places=(one.places[0], replace(one.places[0], id="z-elsewhere", industry="flanges")))
    model = ClusterModel(two, parameters(), SEED)
    for _ in range(3):
        model.step()
    here, there = model.notebook.record(model.anchors, "").monthly[MARCH, :, INDEX["fair_buyers"]]
    assert here == stage(alone, "buyers")
    assert there == 0.0


def test_links_of_a_fair_tie_visitors_to_exhibitors() -> None:
    run = begun([policy("fair", exhibitors="above_scale")], months=3, **RICH).step(2)
    state = run.model.state
    large = set(np.flatnonzero((state.firms.revenue_year >= 20e6) & (state.firms.tier == 0)).tolist())
    run.step(1)
    made = state.buyers.supplier[(state.buyers.link_origin == 1) & (state.buyers.supplier >= 0)]
    assert made.size > 0
    assert set(made.tolist()) <= large


def test_it_is_held_every_n_years_in_its_month() -> None:
    run = played([policy("fair", every={"month": 3, "years": 2})], months=60, **RICH)
    assert np.flatnonzero(run.monthly("fair_booths_used")).tolist() == [2, 26, 50]


@pytest.mark.parametrize(
    ("start", "month", "years", "held"),
    [
        ("2021-10", 10, 1, ["2021-10", "2022-10", "2023-10", "2024-10"]),
        ("2021-11", 10, 1, ["2022-10", "2023-10", "2024-10"]),
        ("2021-10", 10, 2, ["2021-10", "2023-10"]),
        ("2021-11", 10, 2, ["2022-10", "2024-10"]),
        ("2021-01", 12, 3, ["2021-12", "2024-12"]),
    ],
)
def test_the_rhythm_counts_from_the_first_such_month_in_force(
    start: str, month: int, years: int, held: list[str]
) -> None:
    first = parse_month(start)
    every = Every.plain(month=month, years=years)
    found = [m for m in range(first, parse_month("2024-12") + 1) if held_in(every, m, first)]
    assert found == [parse_month(text) for text in held]


def test_a_fair_of_two_years_costs_its_organiser_once() -> None:
    yearly, other = (fair(every={"month": 3, "years": years}) for years in (1, 2))
    assert yearly.money("paid").sum() == other.money("paid").sum() > 0.0


def test_what_a_fair_costs() -> None:
    run = fair(travel_subsidy=1000.0)
    fair_terms, settings = FAIR, parameters().fair
    expected = 5e5 + stage(run, "booths_used") * 4000.0 * 0.5 + stage(run, "buyers") * 1000.0
    expected += settings.invitation_cost_share * (
        fair_terms["domestic_buyers_invited"] * settings.domestic_attendance_cost
        + fair_terms["foreign_buyers_invited"] * settings.foreign_attendance_cost
    )
    assert run.money("paid")[MARCH] == pytest.approx(expected, rel=1e-9)
    assert run.by_purpose["fair"] == pytest.approx(expected, rel=1e-9)


def test_a_poor_county_holds_a_smaller_fair() -> None:
    broke = begun(
        [policy("fair", organising_cost=4e6)], months=4, county_balance=2e6,
        settings=parameters(government__programme_share=0.0, government__other_receipts=0.0),
    ).finish()  # fmt: skip
    full = fair(organising_cost=4e6)
    share = broke.money("paid").sum() / full.money("paid").sum()
    assert 0.2 < share < 0.8
    assert stage(broke, "booths_used") == pytest.approx(share * stage(full, "booths_used"), rel=1e-6)
    assert stage(broke, "buyers") == pytest.approx(share * stage(full, "buyers"), abs=1.0)
    assert broke.money("paid").sum() + broke.money("unmet").sum() == pytest.approx(full.money("paid").sum())
    assert broke.lowest["county:yongnian"] >= -1e-6


def test_a_county_without_a_yuan_holds_none() -> None:
    run = begun(
        [policy("fair")], months=4, county_balance=0.0, settings=parameters(government__programme_share=0.0)
    ).finish()
    assert all(np.all(run.monthly(f"fair_{name}")[:4] == 0.0) for name in ("booths_used", "buyers", "contacts"))
    assert run.money("unmet").sum() > 0.0


def test_terms_change_on_their_day() -> None:
    double = {FIRST + 12: {"booths": 120, "domestic_buyers_invited": 400}}
    run, steady = (played([policy("fair", later=later)], months=16, **RICH) for later in (double, None))
    assert np.array_equal(run.record.monthly[:12], steady.record.monthly[:12])
    assert stage(run, "booths_used", 14) == 2.0 * stage(steady, "booths_used", 14)
    assert stage(run, "buyers", 14) > stage(steady, "buyers", 14)


def test_a_fair_that_ends_is_not_held_again(usual: Played, alone: Played) -> None:
    assert np.array_equal(usual.record.monthly[:14], alone.record.monthly[:14])
    assert np.flatnonzero(alone.monthly("fair_booths_used")).tolist() == [2]


def test_exhibitors_hear_of_new_technique() -> None:
    deaf, hearing = (
        begun(
            [policy("fair", booths=2000, booth_fee=0.0)], months=3, **RICH,
            settings=parameters(technology__fair_awareness=share),
        ).finish()
        for share in (0.0, 1.0)
    )  # fmt: skip
    aware = [int(run.model.state.firms.aware[run.model.state.makers].sum()) for run in (deaf, hearing)]
    assert aware[1] > 1.4 * aware[0]  # many of the largest, which exhibit first, have heard of it anyway


def test_on_draws_of_the_fit_orders_become_fewer_from_stage_to_stage() -> None:
    """What is delivered is about what was signed, and the part of what was intended that is thought likely (D)."""
    loaded = load("yongnian-2023", overrides=["run.firms_per_agent=50", "time.end=2027-09"])
    draws, stages = fitted_draws(loaded), []
    assert draws.rows
    for number in range(0, 96, 6):
        model = begun_with(loaded.scenario, number, draws.values(number))
        while model.state.month <= loaded.scenario.time.end:
            model.step()
        monthly = model.notebook.record(model.anchors, "").monthly[-24:, 0]
        names = ("intended_orders", "contracts", "delivered", "repeat_orders")
        stages.append(monthly[:, [INDEX[f"fair_{name}"] for name in names]].sum(axis=0))
    intended, signed, delivered, repeat = np.array(stages).T
    assert 0.5 < delivered.sum() / signed.sum() < 1.2
    assert 0.08 < np.median(delivered / intended) < 0.68
    assert np.median(repeat / intended) < 2.0
