"""Investment projects: from the signature to a plant that has to find workers and customers, or does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.model import digest
from sim.observables import INDEX
from sim.policies.project import openings
from sim.policies.project.action import InvestmentProjects, ever_started, start_delay
from sim.policies.registry import policy_types
from sim.rules import totals
from sim.rules.investment import PATIENCE_MONTHS
from sim.scenario.resolved import Policy
from sim.state.columns import HONOUR_LEAD, ORIGIN_OPENING, SUPPLIER
from tests.policies.many import TOWNS, begun_in_towns, by_town, given
from tests.policies.playing import FIRST, PARK, Played, begun, parameters, played

SURE: dict[str, Any] = {"projects": 1, "value": 50e6, "realised": 1.0, "start_share": 1.0, "build_months": 4}
"""One project that is built as signed: 50 million yuan, output of 135 million a year, 3 % of the small county's."""
RICH = {"county_balance": 1e9}


def invest(start: int = FIRST + 2, **changes: Any) -> Policy:
    """Return a policy of sure projects with some terms changed."""
    head = {key: changes.pop(key) for key in ("end", "where", "designated", "payer") if key in changes}
    return given("project", "invest", start=start, **head, **{**SURE, **changes})


def plants(run: Played) -> np.ndarray:
    """Return the rows of the plants that opened."""
    return np.array(run.institution().plants)


# --- terms and arithmetic -------------------------------------------------------------------------------------------


def test_public_projects_need_a_payer_and_private_ones_do_not() -> None:
    build = policy_types()["project"].terms.plain
    assert not build(**SURE).spends  # type: ignore[attr-defined]
    assert build(**SURE, money="public").spends  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({"build_months": 0}, "below_minimum"), ({"realised": 1.2}, "not_share"), ({"tier": "mine"}, "literal_error")],
)
def test_terms_that_make_no_sense(changes: dict[str, Any], kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        policy_types()["project"].terms.plain(**{**SURE, **changes})
    assert caught.value.errors()[0]["type"] == kind


SHARES = st.floats(0.0, 1.0)


@examples(SHARES, st.floats(0.01, 1.0), SHARES)
def test_starts_keep_to_their_shares(start_share: float, realised: float, randomness: float) -> None:
    ever = ever_started(start_share, realised, 24.0)
    assert max(start_share, realised) - 1e-12 <= ever <= 1.0 + 1e-12
    delay = start_delay(randomness, start_share, ever, 24.0)
    assert (delay is None) == (randomness >= ever)
    if delay is not None:
        assert 0 <= delay < 24
        assert (delay < 12) == (randomness < start_share)


def test_nothing_realised_means_nothing_started() -> None:
    assert ever_started(0.9, 0.0, 24.0) == 0.0
    assert start_delay(1e-9, 0.9, 0.0, 24.0) is None
    assert ever_started(0.4, 0.4, 24.0) == pytest.approx(0.64)
    assert ever_started(0.1, 0.4, 24.0) == 0.4


# --- no dose ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [{"projects": 0}, {"value": 0.0}, {"realised": 0.0, "start_share": None}])
def test_nothing_that_arrives_is_no_policy_to_the_bit(nothing: dict[str, Any]) -> None:
    without, empty = (begun(policies, months=14).finish() for policies in ([], [invest(**nothing)]))
    assert digest(without.model) == digest(empty.model)
    ours = [INDEX[name] for name in INDEX if name.startswith("projects_")]
    others = np.setdiff1d(np.arange(len(INDEX)), ours)
    assert np.array_equal(without.record.monthly[:, :, others], empty.record.monthly[:, :, others])


# --- signing ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def listed() -> Played:
    """Return four years with sixty projects of 600 million yuan, signed over ten months, at the usual shares."""
    policy = invest(start=FIRST, end=FIRST + 9, projects=60, value=600e6, realised=None, start_share=None,
                    build_months=12)  # fmt: skip
    return begun([policy], months=48, scale=20).finish()


def test_signed_over_the_months_and_adding_up(listed: Played) -> None:
    signed = listed.monthly("projects_signed")
    assert signed[:10].tolist() == [6.0] * 10
    assert signed[10:].sum() == 0.0
    value = listed.monthly("projects_signed_value")
    assert value.sum() == pytest.approx(600e6, rel=1e-9)
    assert listed.money("paid").sum() == 0.0


def test_values_have_a_heavy_tail_and_come_in_no_order(listed: Played) -> None:
    institution = listed.institution()
    values = institution._values(institution.terms)
    settings = parameters().project
    assert values.sum() == pytest.approx(600e6)
    assert 10.0 < values.max() / values.min() <= settings.project_size_range
    assert values.max() > 0.1 * 600e6
    assert abs(np.corrcoef(values, np.arange(60))[0, 1]) < 0.5
    more = policy_types()["project"].terms.plain(**{**SURE, "projects": 60, "value": 1.2e9})
    assert institution._values(more) == pytest.approx(2.0 * values)


def test_every_project_starts_or_lapses_and_part_of_the_value_arrives(listed: Played) -> None:
    started, lapsed = listed.monthly("projects_started"), listed.monthly("projects_lapsed")
    assert started.sum() + lapsed.sum() == 60.0
    assert np.flatnonzero(lapsed).min() >= 24
    # B3: 0.27 to 0.41 of the projects start within a year (0.4 in the parameters), 9 to 34 % of the value arrives in
    # it, some 40 % ever. Sixty projects of unequal size scatter around that.
    assert 0.25 < started[:22].sum() / 60.0 < 0.65
    arrived = listed.monthly("projects_realised")
    assert 0.02 < arrived[:12].sum() / 600e6 < 0.35
    assert 0.2 < arrived.sum() / 600e6 < 0.6


def test_of_many_projects_the_share_that_arrives_is_the_one_that_was_set() -> None:
    for realised in (0.2, 0.7):
        policy = invest(start=FIRST, projects=4000, value=4e5, realised=realised, start_share=0.4, build_months=1)
        run = begun([policy], months=26, scale=100).finish()
        assert run.monthly("projects_realised").sum() == pytest.approx(realised * 4e5, rel=0.05)
        assert run.monthly("projects_started")[:12].sum() == pytest.approx(0.4 * 4000, rel=0.05)
        # A hundred yuan build no plant.
        assert run.monthly("projects_operating").sum() == 0.0
        assert run.monthly("projects_lapsed").sum() == pytest.approx(4000)


@pytest.mark.parametrize(("build_months", "share"), [(12, 0.4 * 0.625 * 2 / 3), (24, 0.4 * 0.625 / 3)])
def test_what_arrives_within_a_year_of_signing_is_near_what_was_published(build_months: int, share: float) -> None:
    """B3: 9.0 %, 13.8 % and 34 % of the signed value. By hand: starts x part of the value x part of building done."""
    policy = invest(
        start=FIRST, projects=3000, value=3e8, realised=None, start_share=None, build_months=build_months
    )  # fmt: skip
    run = begun([policy], months=12, scale=100).finish()
    assert run.monthly("projects_realised").sum() / 3e8 == pytest.approx(share, rel=0.15)


def test_projects_of_one_list_are_built_in_different_times_and_the_usual_one_on_average() -> None:
    policy = invest(start=FIRST, projects=400, value=400e6, build_months=20)
    run = begun([policy], months=1, scale=100, settings=parameters(project__build_spread=0.5)).finish()
    months = np.array([project.build_months for project in run.institution().signed])
    assert (months.min(), months.max()) == (10, 30)
    assert months.mean() == pytest.approx(20.0, abs=0.8)
    same = begun([policy], months=1, scale=100).finish()
    assert {project.build_months for project in same.institution().signed} == {20}


def test_without_an_end_all_are_signed_at_once() -> None:
    run = played([invest(projects=5, build_months=30)], months=6)
    assert run.monthly("projects_signed").tolist() == [0.0, 0.0, 5.0, 0.0, 0.0, 0.0]


def test_a_stop_leaves_what_was_signed_before_it_alone() -> None:
    import dataclasses

    whole = invest(end=FIRST + 13, projects=12, value=300e6)
    stopped = dataclasses.replace(whole, end=FIRST + 6, stopped=True, announced_end=FIRST + 13)
    one, two = (played([policy], months=10, scale=20) for policy in (whole, stopped))
    assert np.array_equal(one.record.monthly[:7], two.record.monthly[:7])
    assert two.monthly("projects_signed")[7:].sum() == 0.0 < one.monthly("projects_signed")[7:].sum()


def test_of_those_signed_before_the_run_only_the_unfinished_are_there() -> None:
    old = invest(start=FIRST - 20, projects=4, build_months=3, start_share=1.0)
    run = played([old], months=4, scale=20)
    assert run.institution().number == 4
    # Started within a year and built in three months: they are part of what the county has.
    assert sum(run.monthly(f"projects_{name}").sum() for name in ("signed", "started", "operating")) == 0.0
    under_way = invest(start=FIRST - 6, projects=6, build_months=20, start_share=1.0)
    run = played([under_way], months=4, scale=20)
    assert run.monthly("projects_signed").sum() == 0.0
    assert 0.0 < run.monthly("projects_realised").sum() < 50e6


# --- plants -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def without() -> Played:
    """Return four years without projects."""
    return played([], months=36, **RICH)


@pytest.fixture(scope="module")
def opened() -> Played:
    """Return three years in which a plant of 50 million yuan opens in the first."""
    return played([invest()], months=36, **RICH)


def opening_month(run: Played) -> int:
    """Return the position of the month in which the first plant opened."""
    return int(np.flatnonzero(run.monthly("projects_operating"))[0])


def test_until_a_plant_opens_nothing_moves(opened: Played, without: Played) -> None:
    month = opening_month(opened)
    started = int(np.flatnonzero(opened.monthly("projects_started"))[0])
    assert month == started + SURE["build_months"]
    ours = [INDEX[name] for name in INDEX if name.startswith("projects_")]
    others = np.setdiff1d(np.arange(len(INDEX)), ours)
    assert np.array_equal(opened.record.monthly[:month][:, :, others], without.record.monthly[:month][:, :, others])
    assert not np.array_equal(opened.record.monthly[month][:, others], without.record.monthly[month][:, others])


def test_what_arrived_is_what_stands_there(opened: Played) -> None:
    arrived = opened.monthly("projects_realised")
    assert np.flatnonzero(arrived).tolist() == list(range(opening_month(opened) - 4, opening_month(opened)))
    assert arrived.sum() == pytest.approx(50e6)
    run = begun([invest()], months=48, **RICH).step(opening_month(opened))
    (opening,) = run.model.state.openings
    assert opening.capital == pytest.approx(50e6 / run.model.state.world.producer, rel=1e-3)
    run.step()
    (row,) = plants(run)
    wear = 1.0 - parameters().production.depreciation / 12.0
    assert run.model.state.firms.capital[row] == pytest.approx(opening.capital * wear, rel=1e-6)


def test_no_more_comes_out_than_a_plant_can_make(opened: Played, without: Played) -> None:
    month = opening_month(opened)
    maker = parameters().maker
    full = 50e6 / maker.capital_output_ratio / parameters().production.normal_use
    more = opened.monthly("output_value") - without.monthly("output_value")
    assert 0.0 < more[month : month + 12].sum() < 1.1 * full
    assert np.all(more[month : month + 12] < 1.2 * full / 12.0 + 0.005 * without.monthly("output_value")[0])


def test_a_plant_that_finds_customers_fills_up(opened: Played) -> None:
    (row,) = plants(opened)
    firms = opened.model.state.firms
    assert firms.alive[row] == 1
    normal = firms.capital[row] / parameters().maker.capital_output_ratio
    assert 0.5 * normal < firms.revenue_year[row] < 1.4 * normal
    sales = opened.monthly("opening_sales")
    assert sales[: opening_month(opened)].sum() == 0.0 < sales[opening_month(opened) :].sum()


def test_a_plant_without_customers_stays_idle_and_shrinks(opened: Played) -> None:
    month = opening_month(opened)
    sold, left = [], []
    for changes in ({"project__sales_effort": 0.0}, {}):
        # Neither traders nor makers that are full give it work, and its owner does not tire of it.
        settings = parameters(
            demand__trader_share=0.02, production__putting_out=0.01, turnover__idle_hazard=0.0, **changes
        )
        run = begun([invest()], months=month + 12 + PATIENCE_MONTHS, settings=settings, **RICH).step(month + 1)
        (row,) = plants(run)
        while plants(run).size and run.model.state.month <= run.model.resolved.time.end:  # one without customers closes
            seen = [
                float(column[row]) for column in (run.model.state.firms.revenue_year, run.model.state.firms.capital)
            ]
            run.step()
        sold.append(seen[0])
        left.append(seen[1])
    assert sold[0] < 0.5 * sold[1]
    assert left[0] < 0.8 * left[1]


def test_a_plant_takes_on_people_as_customers_come_and_keeps_its_machines_meanwhile() -> None:
    run = begun([invest(start=FIRST)], months=12 + PATIENCE_MONTHS, **RICH)
    while not plants(run).size:
        run.step()
    (row,), firms, seen = plants(run), run.model.state.firms, []
    for _ in range(PATIENCE_MONTHS - 1):
        seen.append((firms.workers[row], firms.expected_orders[row], firms.capital[row]))
        run.step()
    workers, expected, capital = np.array(seen).T
    normal = capital[0] / parameters().maker.capital_output_ratio / 12.0
    assert expected[0] == pytest.approx(parameters().project.sales_effort * normal, rel=0.01)
    assert expected[-1] > 1.5 * expected[0]
    assert workers[-1] > 1.5 * workers[0]
    assert workers.max() < 1.3 * workers[-1], "nobody is taken on to be sent away"
    assert np.diff(np.log(capital)).min() > -parameters().production.depreciation / 12.0 - 1e-4


def test_jobs_by_source(opened: Played, without: Played) -> None:
    (row,) = plants(opened)
    firms, month = opened.model.state.firms, opening_month(opened)
    assert opened.monthly("jobs_projects")[-1] == pytest.approx(firms.workers[row], rel=0.1)
    assert opened.monthly("jobs_projects")[:month].sum() == 0.0
    entered = without.monthly("jobs_entrants")
    assert entered.min() > 0.0
    assert 1.0 < entered.sum() / without.monthly("entries").sum() < 15.0
    # The plant's people are not counted as those of a founder.
    assert opened.monthly("jobs_entrants")[month] == pytest.approx(entered[month])
    assert opened.monthly("entries")[month] == without.monthly("entries")[month] + 1.0


def test_a_call_is_no_fair_and_makes_ties_of_its_own_kind() -> None:
    run = begun([invest(start=FIRST)], months=24).finish()
    state, (row,) = run.model.state, plants(run)
    assert state.buyers.attended.sum() == 0
    met = state.buyers.link_origin[state.buyers.supplier == row]
    assert np.mean(met == ORIGIN_OPENING) > 0.5


def test_contacts_are_what_free_capacity_needs(opened: Played) -> None:
    state = begun([invest(start=FIRST)], months=16, settings=parameters(project__sales_effort=0.0)).finish().model.state
    row = np.array([state.opened[0][2]])
    sold = sum(float((state.firms.revenue_year[rows] * (1.0 - state.firms.orders_local[rows])).sum())
               for rows in (state.makers, state.traders)) / 12.0  # fmt: skip
    assert openings.sold_to(state, 0).sum() == pytest.approx(sold)
    assert openings.wanted_contacts(state, 0, row, 0)[0] == 0.0
    state.parameters = parameters(project__sales_effort=0.5)
    one = openings.wanted_contacts(state, 0, row, 0)[0]
    state.firms.capital[row] *= 2.0
    assert openings.wanted_contacts(state, 0, row, 0)[0] > 2.0 * one > 0.0
    state.firms.orders[row] = 1e9
    assert openings.wanted_contacts(state, 0, row, 0)[0] == 0.0


def test_a_plant_sells_abroad_what_the_others_do(opened: Played) -> None:
    """Buyers at home have few free places for suppliers; those abroad do not make up for them."""
    state = begun([invest(start=FIRST)], months=16, settings=parameters(project__sales_effort=0.5)).finish().model.state
    row = np.array([state.opened[0][2]])
    home, abroad = openings.sold_to(state, 0)
    firms = state.firms
    normal = firms.capital[row] / state.costs.capital_output_ratio[0, 0] / 12.0 * firms.price[row]
    firms.orders[row] = (abroad / (home + abroad) * normal / firms.price[row]).max()
    firms.orders_foreign[row] = 1.0
    assert openings.wanted_contacts(state, 0, row, 1)[0] == pytest.approx(0.0, abs=1e-9)
    assert openings.wanted_contacts(state, 0, row, 0)[0] > 0.0


def test_a_lead_firm_that_buys_nearby_feeds_suppliers_and_draws_more_of_them() -> None:
    sold, profit, founded = [], [], []
    for share in (0.0, 0.8):
        settings = parameters(turnover__candidates_per_entry=12.0)  # so that not every candidate founds a firm
        run = begun(
            [invest(start=FIRST, value=140e6, lead=True, local_share=share)], months=24, settings=settings
        ).finish()
        state, firms = run.model.state, run.model.state.firms
        assert np.all(firms.honours[plants(run)] & HONOUR_LEAD != 0)
        assert opening_month(run) < 12
        sold.append(float(state.sums[1][0, totals.REVENUE_YEAR]))
        profit.append(float(state.places.profit_rate[0, SUPPLIER]))
        founded.append(int(((firms.entry_month >= FIRST + 12) & (firms.tier == SUPPLIER)).sum()))
    assert sold[1] > 1.1 * sold[0]
    assert profit[1] > profit[0]
    assert founded[1] > founded[0]


def test_public_projects_are_paid_by_stage_and_as_far_as_there_is_money() -> None:
    public = invest(money="public", payer={"county": 0.5, "province": 0.5})
    settings = parameters(government__province_balance_share=0.1)
    rich = begun([public], months=18, settings=settings, **RICH).finish()
    assert rich.money("paid").sum() == pytest.approx(50e6, rel=1e-9)
    assert rich.money("paid", payer="county").sum() == pytest.approx(25e6, rel=1e-9)
    assert rich.money("paid") == pytest.approx(rich.monthly("projects_realised"))
    assert rich.by_purpose["projects"] == pytest.approx(50e6, rel=1e-9)
    poor = begun([invest(money="public", payer={"county": 1.0})], months=18, county_balance=1e6,
                 settings=parameters(government__programme_share=0.02)).finish()  # fmt: skip
    paid, unmet = poor.money("paid").sum(), poor.money("unmet").sum()
    assert paid + unmet == pytest.approx(50e6, rel=1e-6)
    assert 0.0 < paid < 25e6
    assert poor.monthly("projects_realised").sum() == pytest.approx(paid)
    assert poor.lowest["county:yongnian"] >= -1e-6


def test_private_money_touches_no_public_account(opened: Played) -> None:
    assert opened.record.money.sum() == 0.0
    assert not opened.by_purpose


def test_plants_take_plots_of_a_park_with_room() -> None:
    park = given("park", "park", start=FIRST, payer={"county": 1.0}, **{
        **PARK, "build_cost": 0.0, "plots": 4000, "phases": ({"opens": FIRST, "plots": 4000},)
    })  # fmt: skip
    parks = []
    for changes in ({"in_park": True, "value": 10e6}, {"value": 10e6}, {"in_park": True, "value": 60e9}):
        run = begun([park, invest(**changes)], months=20, **RICH)
        projects = run.model.institutions[0]  # projects act before other institutions, wherever they stand
        assert isinstance(projects, InvestmentProjects)
        # In the month of its opening: later it may move of its own accord.
        while not projects.plants:
            run.step()
        (row,) = projects.plants
        firms = run.model.state.firms
        parks.append(int(firms.park[row]))
        assert (firms.plots[row] > 0.0) == (firms.park[row] >= 0)
    # The park of the first policy; not asked for; more plots than there are.
    assert parks == [0, -1, -1]


@pytest.mark.parametrize(("tier", "number"), [("supplier", 1), ("trader", 2)])
def test_plants_may_be_suppliers_or_traders(tier: str, number: int) -> None:
    run = begun([invest(start=FIRST, tier=tier, value=4e6)], months=20, scale=20).finish()
    assert run.model.state.firms.tier[plants(run)].tolist() == [number]
    assert run.monthly("projects_operating")[-1] == 1.0
    if tier == "supplier":
        assert run.monthly("opening_sales").sum() == 0.0


def test_plants_that_find_no_slot_open_later_and_none_is_lost() -> None:
    run, seen = begun([invest(projects=12, build_months=1, value=24e6)], months=30, scale=20), list[Any]()
    for _ in range(30):
        run.step()
        rows = [row for month, _, row in run.model.state.opened if month == run.model.state.month - 1]
        seen.append(run.model.state.firms.slot[rows])
    operating = run.monthly("projects_operating")
    assert np.diff(operating).max() <= 2.0
    assert run.monthly("projects_started").sum() == 12.0
    opened = np.concatenate(seen)
    assert np.unique(opened).size == 12
    assert set(run.model.state.firms.slot[plants(run)].tolist()) <= set(opened.tolist())


# --- several places ---------------------------------------------------------------------------------------------------


def test_projects_come_to_the_designated_towns_from_their_designation_on() -> None:
    batch = given("designation", "batch", where=TOWNS, start=FIRST + 4, level="province", count=3, select="listed")
    policy = invest(start=FIRST, end=FIRST + 9, projects=50, value=50e6, where=TOWNS, designated="batch")
    run = begun_in_towns([policy, batch], months=12, towns=8).finish()
    signed = by_town(run, "projects_signed")
    assert signed[:4].sum() == 0.0
    assert signed[4:10].sum(axis=1).tolist() == [5.0] * 6
    assert np.flatnonzero(signed.sum(axis=0)).tolist() == [0, 1, 2]


def test_a_town_more_takes_only_the_projects_it_wins() -> None:
    few, more = (
        begun_in_towns([invest(start=FIRST, projects=40, value=40e6, where=TOWNS, build_months=12)], months=1,
                       towns=towns)
        for towns in (6, 7)
    )  # fmt: skip
    # Towns of one industry share its buyers: what the others have at the start moves by a little with the seventh.
    more.model.state.places.employment_base[:6] = few.model.state.places.employment_base
    few.finish()
    more.finish()
    before, after = (
        {project.value: project.place for project in run.institution().signed} for run in (few, more)
    )  # fmt: skip
    assert before.keys() == after.keys()
    moved = [value for value in before if before[value] != after[value]]
    assert 0 < len(moved) < 20
    assert {after[value] for value in moved} == {6}
