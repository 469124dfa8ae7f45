"""A park: phases, tenants, treatment, growth, and its end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.policies.park import tenancy
from sim.policies.park.tenancy import DAYS_A_MONTH, tenants
from tests.model_fixtures import flows_alone
from tests.policies.hand_made import state_of
from tests.policies.playing import FIRST, PARK, Played, begun, parameters, played, policy, terms

RICH = {"county_balance": 1e9}
OLD = {"start": FIRST - 60, "phases": ({"opens": FIRST - 60, "plots": 40},)}


def used(run: Played) -> np.ndarray:
    """Return plots taken, by month."""
    return run.monthly("park_plots_used")


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return two years of a park whose phases open in March and September of the first."""
    return played([policy("park")], **RICH)


def test_plots_open_in_phases_and_are_paid_for_as_they_open(usual: Played) -> None:
    opened = usual.monthly("park_plots_open")
    assert opened[:9].tolist() == [0.0, 0.0, *[30.0] * 6, 40.0]
    assert usual.money("paid")[[2, 8]] == pytest.approx([15e6, 5e6])
    assert usual.by_purpose["park construction"] == pytest.approx(usual.money("paid").sum())


def test_nobody_has_a_plot_that_does_not_exist(usual: Played) -> None:
    assert np.all(used(usual) <= usual.monthly("park_plots_open") + 1e-9)
    assert used(usual)[:2].tolist() == [0.0, 0.0]
    assert used(usual)[-1] > 0.5 * usual.monthly("park_plots_open")[-1]


def test_tenants_are_makers_of_the_place_that_pay_rent(usual: Played) -> None:
    state = usual.model.state
    rows = tenants(state, 0)
    left = usual.model.state.firms_in(usual.model.state.left)
    assert 0.0 <= usual.monthly("park_tenants")[-1] - rows.size <= left  # some may have closed since they paid
    assert set(state.firms.tier[rows]) == {0}
    assert np.all(state.firms.plots[rows] >= state.parameters.park.smallest_plot)
    assert np.all(state.firms.plots[state.live[state.firms.park[state.live] < 0]] == 0.0)
    flows = flows_alone(state, rows)
    rent = state.firms.plots[rows] * PARK["plot_area"] * PARK["rent"]
    from sim.rules.settlement import PARK_RENT

    assert -flows[:, PARK_RENT] == pytest.approx(rent)


def test_a_park_older_than_the_run_has_tenants_from_the_start() -> None:
    run = played([policy("park", **OLD)], months=2, **RICH)
    share = used(run)[0] / 40.0
    assert parameters().park.initial_occupancy - 0.2 < share <= 1.0
    assert run.money("paid").sum() < 0.2 * PARK["build_cost"]  # what stands is not paid for again


def test_a_cheap_park_fills_and_a_dear_one_does_not() -> None:
    cheap, dear = (played([policy("park", rent=rent)], months=12, **RICH) for rent in (1.0, 10.0))
    assert used(cheap)[-1] > 3.0 * used(dear)[-1]


def test_a_full_park_grows_when_the_county_can_pay() -> None:
    small: dict[str, Any] = {"plots": 6, "phases": ({"opens": FIRST + 2, "plots": 6},), "build_cost": 3e6, "rent": 0.5}
    rich, poor = (
        begun(
            [policy("park", **small)], months=24, county_balance=balance,
            settings=parameters(government__programme_share=0.0),
        ).finish()
        for balance in (1e9, 3.01e6)
    )  # fmt: skip
    plots = rich.monthly("park_plots_open")
    steps = np.diff(plots[2:])
    grown = steps[steps > 0.0]
    assert grown == pytest.approx(np.full(grown.size, 0.6))
    assert grown.size > 0
    paid = np.cumsum(rich.money("paid"))
    assert paid[2:-1] == pytest.approx(3e6 + (plots[3:] - 6.0) / 0.6 * 3e5)  # paid a month before it opens
    before = used(rich)[2:-1][steps > 0.0] / plots[2:-1][steps > 0.0]
    assert before.min() >= 0.8
    # Rent comes in, so the poor county grows too, but later and never on credit.
    assert poor.monthly("park_plots_open").sum() < plots.sum()
    assert poor.lowest["county:yongnian"] >= 0.0


def test_a_phase_that_cannot_be_paid_opens_in_part() -> None:
    run = begun(
        [policy("park")], months=4, county_balance=5e6, settings=parameters(government__programme_share=0.0)
    ).finish()
    assert run.monthly("park_plots_open")[2] == pytest.approx(30.0 / 3.0)
    assert run.money("paid")[2] == pytest.approx(5e6)
    assert run.money("unmet")[2] == pytest.approx(10e6)
    assert run.lowest["county:yongnian"] >= 0.0


def test_land_has_a_price_whatever_building_costs() -> None:
    run = played([policy("park", build_cost=0.0)], months=4, **RICH)
    land = run.model.state.parameters.park.land_price * PARK["plot_area"]
    assert run.monthly("park_plots_open")[2] == 30.0
    assert run.money("paid").sum() == pytest.approx(30.0 * land)
    free = begun(
        [policy("park", build_cost=0.0)], months=4, county_balance=0.0, settings=parameters(park__land_price=0.0)
    ).finish()
    assert free.monthly("park_plots_open")[2] == 30.0


def test_a_park_without_plots_changes_nothing() -> None:
    none, empty = played([], months=6), played([policy("park", plots=0, phases=())], months=6)
    assert np.array_equal(none.record.monthly, empty.record.monthly)


def test_a_queue_forms_where_plots_are_short(usual: Played) -> None:
    short = played([policy("park", plots=4, phases=({"opens": FIRST + 2, "plots": 4},), rent=0.5)], months=12)
    assert short.monthly("park_queue").sum() > usual.monthly("park_queue")[:12].sum()


def test_treatment_keeps_water_clean_as_far_as_its_capacity_goes() -> None:
    large, small, none = (
        played(
            [policy("park", **OLD, treatment=plant and {**PARK["treatment"], "capacity": plant})], months=6, **RICH
        )
        for plant in (1e6, 20.0, None)
    )  # fmt: skip
    assert large.model.state.parks.capacity_share[0] == 1.0
    assert 0.0 < small.model.state.parks.capacity_share[0] < 1.0
    assert none.model.state.parks.capacity_share[0] == 0.0
    untreated = [run.monthly("discharge_untreated").sum() for run in (large, small)]
    assert untreated[0] < untreated[1]
    # Everything a plant takes is removed but for a tenth.
    total = [run.monthly("discharge_untreated") + run.monthly("discharge_treated") for run in (large, small)]
    assert total[0].sum() == pytest.approx(total[1].sum(), rel=0.1)


def test_capacity_is_shared_by_all_tenants() -> None:
    state = state_of(2, park=0, emission=[1e-3, 3e-3], delivered=1e6, parks=1)
    for capacity, share in ((8000.0, 1.0), (2000.0, 0.5)):
        plant = {**PARK["treatment"], "capacity": capacity / DAYS_A_MONTH}
        tenancy.publish(state, 0, 0, terms("park", treatment=plant), 30.0)
        assert state.parks.capacity_share[0] == pytest.approx(share)


def test_tenants_are_not_inspected() -> None:
    run = begun([policy("park", **OLD)], months=12, settings=parameters(environment__inspection_rate=0.03), **RICH)
    outside = 0
    for _ in range(12):
        run.step(1)
        firms, live = run.model.state.firms, run.model.state.live
        assert not np.any((firms.closed[live] == 1) & (firms.park[live] >= 0) & (firms.plots[live] > 0.0))
        outside += int((firms.closed[live] == 1).sum())
    assert outside > 0


def admitted(rule: str, weights: dict[str, float] | None = None, **firms: Any) -> list[int]:
    """Return who gets the two plots there are, among six firms that need one each and would all gain."""
    usual = {"capital": 11e6, "revenue_year": 3e7, "emission": 0.0, "expected_orders": 2.5e6}
    state = state_of(6, parks=1, **{**usual, **firms})
    admission = {"rule": rule, "weights": weights or {}, "must_close_old_site": True}
    park = terms("park", rent=0.0, admission=admission)
    tenancy.publish(state, 0, 0, park, 2.0)
    state.parameters = state.parameters._replace(park=state.parameters.park._replace(move_rate=1.0))
    *_, waiting = tenancy.admit(state, 0, 0, park, 3)
    inside = np.flatnonzero(state.firms.park >= 0).tolist()
    assert waiting == pytest.approx(tenancy.plots_needed(state, np.flatnonzero(state.firms.park < 0)).sum())
    assert state.tally["park_queue"].tolist() == [6 - len(inside)]
    return inside


def test_admission_by_lot_or_in_order() -> None:
    assert len(admitted("lottery")) == len(admitted("first_come")) == 2


def test_admission_by_score() -> None:
    output = {"output_per_mu": 1.0}
    assert admitted("score", output, revenue_year=[3e7, 9e7, 3e7, 5e7, 3e7, 3e7]) == [1, 3]
    clean = {"emissions": 1.0}
    assert admitted("score", clean, emission=[2e-4, 3e-4, 0.0, 2e-4, 1e-5, 3e-4]) == [2, 4]
    tax = {"tax_per_mu": 1.0}
    assert admitted("score", tax, profit_year=[1e5, 2e5, 3e5, 4e5, 5e5, 6e5]) == [4, 5]


def test_a_firm_that_does_not_fit_is_passed_over() -> None:
    assert admitted("score", {"output_per_mu": 1.0}, capital=[66e6, 66e6, 66e6, 11e6, 11e6, 11e6]) != []
    inside = admitted("score", {"emissions": 1.0}, capital=[66e6] + [11e6] * 5, emission=[0.0] + [1e-4] * 5)
    assert 0 not in inside
    assert len(inside) == 2


def test_moving_costs_money_and_less_when_the_old_site_stays() -> None:
    state = state_of(1)
    half, full = (
        tenancy.moving_cost(
            state, state.live, terms("park", admission={"rule": "lottery", "must_close_old_site": closes})
        )[0]
        for closes in (False, True)
    )
    assert full == 2.0 * half == pytest.approx(state.parameters.park.moving_cost_share * 3.7e6)


def test_what_a_tenant_gains() -> None:
    state = state_of(2, emission=[0.0, 5e-4])
    cheap, dear = (tenancy.monthly_gain(state, state.live, terms("park", rent=rent)) for rent in (2.0, 20.0))
    assert np.all(cheap > dear)
    assert cheap[1] > cheap[0]
    park = state.parameters.park
    plots = park.partial_move_share * 3.7e6 / park.capital_per_plot
    assert cheap[0] - dear[0] == pytest.approx(18.0 * plots * PARK["plot_area"])


def test_free_plots_make_it_cheaper_to_set_up() -> None:
    from sim.month.demography import set_up_cost

    run = begun([policy("park", plots=400, phases=({"opens": FIRST + 1, "plots": 400},))], months=3, **RICH).step(1)
    assert set_up_cost(run.model.state, 0) == 1.0
    run.step(1)
    discount = run.model.state.parameters.turnover.park_entry_discount
    assert 1.0 - discount <= set_up_cost(run.model.state, 0) < 1.0


def test_sites_that_tenants_left_make_it_cheaper_to_set_up_too() -> None:
    from sim.month.demography import set_up_cost

    full = {"plots": 6, "phases": ({"opens": FIRST + 1, "plots": 6},), "rent": 0.5}
    costs = []
    for closes in (True, False):
        admission = {"rule": "lottery", "must_close_old_site": closes}
        run = begun([policy("park", **full, admission=admission)], months=12, county_balance=3e7).step(8)
        assert tenancy.free_plots(run.model.state, 0) < 1.0
        costs.append(set_up_cost(run.model.state, 0))
    assert costs[0] < costs[1] <= 1.0


def test_a_park_that_ends_lets_its_tenants_go() -> None:
    run = played([policy("park", **OLD, end=FIRST + 5)], months=9, **RICH)
    assert np.all(used(run)[:6] > 0.0)
    assert np.all(used(run)[6:] == 0.0)
    assert np.all(run.monthly("park_plots_open")[6:] == 0.0)
    state = run.model.state
    assert np.all(state.firms.park[state.live] == -1)


def test_terms_change_on_their_day() -> None:
    run, steady = (
        played([policy("park", **OLD, later=later)], months=24, **RICH) for later in ({FIRST + 6: {"rent": 0.25}}, None)
    )
    assert np.array_equal(run.record.monthly[:6], steady.record.monthly[:6])
    assert used(run)[-1] > used(steady)[-1]


# --- plants from other counties -------------------------------------------------------------------------------------


def attracting(rent: float, rate: float = 10.0) -> Played:
    """Return two years of a new park that plants from elsewhere look at often."""
    settings = parameters(park__relocation_rate=rate)
    return begun([policy("park", rent=rent)], months=24, settings=settings, **RICH).finish()


def test_plants_of_other_counties_move_into_a_cheap_park_and_not_into_a_dear_one() -> None:
    cheap, dear, unknown = attracting(0.5), attracting(30.0), attracting(0.5, rate=0.0)
    assert cheap.monthly("relocations").sum() > 3.0
    assert dear.monthly("relocations").sum() == unknown.monthly("relocations").sum() == 0.0
    assert cheap.monthly("relocations")[:3].sum() == 0.0, "plots open in March, and a plant opens the month after"
    assert np.all(used(cheap) <= cheap.monthly("park_plots_open") + 1e-9)


def test_what_came_from_elsewhere_is_counted_apart() -> None:
    run = attracting(0.5)
    state, park = run.model.state, run.institution()
    rows = np.array(park.moved_here)
    assert run.monthly("jobs_relocated")[-1] > 0.0
    assert run.monthly("sales_relocated").sum() > 0.0
    assert np.all(state.firms.park[rows] == 0)
    assert np.all(state.firms.weight[rows] == 1.0)
    assert run.monthly("relocations").sum() <= run.monthly("entries").sum()
    # A part of their customers follows them: they sell before the buyers here have found them.
    first = int(np.flatnonzero(run.monthly("relocations"))[0])
    assert run.monthly("sales_relocated")[first : first + 2].sum() > 0.0


def test_a_park_with_room_raises_capital_and_output() -> None:
    without, park = played([], months=24, **RICH), attracting(0.5)
    for name in ("capital", "output_value"):
        assert park.monthly(name)[12:].mean() > without.monthly(name)[12:].mean(), name
