"""Anchoring: what buyers would spend at each place is what the places report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rules.chance import uniforms
from sim.rules.demand import BUYER_KINDS, buyer_orders
from sim.rules.elementary import powers
from sim.rules.labour import labour_supply
from sim.rules.totals import SALES
from sim.rules.turnover import size_factor
from sim.start import base_year
from sim.start.base_year import LOG_WEIGHTS, OfferTable
from sim.start.beginning import begin
from sim.state.columns import CHANNELS, HONOUR_LEAD, MAKER, TRADER
from tests.model_fixtures import PARAMETERS, SEED, key, neighbours, quick_parameters

RATIO = (PARAMETERS.demand.elasticity_outside - 1.0) / (PARAMETERS.demand.elasticity_suppliers - 1.0)


def table_of(buyers: int, places: int, seed: int = 0, linked: float = 0.7) -> OfferTable:
    """Return a table of buyers of different size who know firms in some of the places."""
    table = object.__new__(OfferTable)

    def drawn(name: str, *shape: int) -> Any:
        return uniforms(key(seed, name), np.arange(int(np.prod(shape)))).reshape(shape)

    table.ratio, table.outside, table.places = RATIO, 1.0, places
    table.spending = 1e6 * (0.1 + drawn("spending", buyers))
    weights = np.where(drawn("known", buyers, places) < linked, 0.2 + drawn("weight", buyers, places), 0.0)
    buyer, column = np.nonzero(weights)
    table.first = np.searchsorted(buyer, np.arange(buyers + 1))
    table.column, table.value = column.astype(np.int32), weights[buyer, column]
    return table


def dense(table: OfferTable) -> Any:
    """Return the weights of a table as one row for each buyer and one column for each place."""
    weights = np.zeros((table.spending.size, table.places))
    weights[np.repeat(np.arange(table.spending.size), np.diff(table.first)), table.column] = table.value
    return weights


@pytest.mark.parametrize("places", [1, 2, 7, 8, 9, 16, 57])
def test_sums_over_links_have_the_bits_of_sums_over_all_places_in_order(places: int) -> None:
    table = table_of(300, places, linked=0.2)
    appeal = 0.5 + uniforms(key(places), np.arange(places))
    assert (table.inclusive() == dense(table).cumsum(axis=1)[:, -1]).all()
    weights = dense(table) * appeal
    inclusive = weights.cumsum(axis=1)[:, -1]
    inside = powers(inclusive, table.ratio)
    some = inclusive > 0.0
    scale = np.divide(inside, (inside + table.outside) * inclusive, out=np.zeros_like(inside), where=some)
    each = (table.spending * scale)[:, None] * dense(table) * appeal
    assert (table.sales(appeal) == each.cumsum(axis=0)[-1]).all()


@given(st.integers(0, 1000), st.floats(0.01, 0.95), st.integers(1, 4))
def test_buyers_spend_the_target_in_the_market(seed: int, part: float, places: int) -> None:
    table = table_of(200, places, seed)
    target = part * float(table.spending[table.inclusive() > 0.0].sum())
    table.anchor_outside(target)
    assert table.outside > 0.0
    assert table.sales(np.ones(places)).sum() == pytest.approx(target, rel=1e-9)


@settings(max_examples=50)
@given(st.integers(0, 1000), st.lists(st.floats(0.2, 1.0), min_size=2, max_size=4), st.floats(0.05, 0.5))
def test_each_place_sells_its_target(seed: int, shares: list[float], part: float) -> None:
    table = table_of(400, len(shares), seed)
    targets = part * table.spending.sum() * np.array(shares) / np.sum(shares)
    table.anchor_outside(float(targets.sum()))
    appeal = table.appeal_for(targets)
    assert table.sales(appeal) == pytest.approx(targets, rel=0.02)
    # The place that sells more at equal appeal than it should is held back, and the other way round.
    plain = table.sales(np.ones(len(shares)))
    gap = np.log(targets / plain)
    assert np.corrcoef(gap, np.log(appeal))[0, 1] > 0.5 or np.abs(gap).max() < 0.02


def test_more_appeal_sells_more_here_and_less_next_door() -> None:
    table = table_of(300, 3)
    plain, liked = table.sales(np.ones(3)), table.sales(np.array([1.5, 1.0, 1.0]))
    assert liked[0] > plain[0]
    assert (liked[1:] < plain[1:]).all()
    assert liked.sum() > plain.sum(), "and something comes from producers elsewhere"


@pytest.mark.parametrize(("target", "outside"), [(0.0, LOG_WEIGHTS), (1e15, -LOG_WEIGHTS)])
def test_targets_out_of_reach_are_met_as_far_as_they_go(target: float, outside: float) -> None:
    table = table_of(50, 2)
    table.anchor_outside(target)
    assert table.outside == pytest.approx(np.exp(outside))
    most = float(table.spending[table.inclusive() > 0.0].sum())
    assert table.sales(np.ones(2)).sum() == pytest.approx(min(target, most), rel=1e-5, abs=1.0)


def test_buyers_that_know_nobody_leave_the_weight_as_it_is() -> None:
    table = table_of(50, 2, linked=0.0)
    table.anchor_outside(1e6)
    assert table.outside == 1.0
    assert table.sales(np.ones(2)).tolist() == [0.0, 0.0]
    assert np.isfinite(table.appeal_for(np.array([1.0, 2.0]))).all()


def test_anchored_buyers_order_what_the_places_report() -> None:
    """The table says what the month's orders say: anchored, buyers order the reported sums of every place and side."""
    what = neighbours("fasteners", "fasteners", "flanges", size=(0.6, 0.4, 1.0))
    state, levels = begin(what, quick_parameters(), SEED)
    base_year.first_links(state, levels)
    for _ in range(3):
        base_year.anchor_markets(state, levels, np.ones((3, 2)))
    rows = state.firms.slot.size
    ordered, channels = np.zeros((BUYER_KINDS, rows)), np.zeros((rows, CHANNELS))
    spending = 12.0 * state.buyers.budget * state.world.demand[state.buyers.market, state.buyers.foreign]
    state.refresh_offers(state.segments)
    buyer_orders(
        state.buyers, state.firms, state.scratch.offers, state.parameters.demand, spending, state.world.outside_price,
        np.ones(2), ordered, channels, np.zeros(rows, np.int8), np.zeros((2, 2)),
    )  # fmt: skip
    domestic, foreign = ordered[[0, 2]].sum(axis=0), ordered[[1, 3]].sum(axis=0)
    county = state.firms.place
    at_home, abroad = (np.bincount(county, weights=orders, minlength=3) for orders in (domestic, foreign))
    assert at_home == pytest.approx([level.domestic_sales for level in levels], rel=0.03)
    assert abroad == pytest.approx([level.exports for level in levels], rel=0.10)
    assert state.places.appeal[2].tolist() == [1.0, 1.0], "alone on its market"
    assert (state.places.appeal[:2] != 1.0).all()
    weights = state.buyers.outside_weight[state.buyer_rows[0]]
    assert np.unique(weights).size == 2, "places of a market share one weight of producers elsewhere for each side"


@pytest.mark.parametrize(("share", "destinations"), [(0.25, 10), (0.25, 80), (0.05, 300)])
def test_buyers_abroad_that_know_the_cluster_are_of_all_sizes(share: float, destinations: int) -> None:
    """Some of the buyers know it, at least as many as it exports to countries, large and small ones alike."""
    state, levels = begin(neighbours("fasteners", "flanges"), quick_parameters(start__foreign_linked_share=share), SEED)
    for level in levels:
        level.destinations = destinations
    found = base_year.knowing_abroad(state, levels)
    assert not found[state.buyers.foreign == 0].any()
    for rows in state.buyer_rows:
        abroad = np.arange(rows.start, rows.stop)[state.buyers.foreign[rows] == 1]
        wanted = min(max(share * abroad.size, destinations), abroad.size)
        assert found[abroad].sum() == pytest.approx(wanted, abs=1)
        # Of every run of buyers in the order of size as large a part knows it as of all.
        number = np.cumsum(found[abroad][np.argsort(state.buyers.budget[abroad], kind="stable")])
        even = np.arange(1, abroad.size + 1) * number[-1] / abroad.size
        assert np.abs(number - even).max() <= 1.5


def test_wages_take_their_share_of_output_and_prices_allow_for_them() -> None:
    """Wanted people cost the labour share of what is sold at the base wage, and unit costs say the same of labour."""
    state, _ = begin(neighbours("fasteners", "flanges", size=(0.6, 0.4)), quick_parameters(), SEED)
    firms, places = state.firms, state.places
    draw = uniforms(key(1), np.arange(firms.slot.size))
    firms.wanted_workers[:] *= 0.7 + draw
    firms.price[:], firms.productivity[:] = 0.8 + 0.4 * draw, firms.productivity * (1.2 - 0.3 * draw)
    places.localisation[:], places.wage[:] = [1.05, 0.97], 1.3 * places.wage_base
    base_year.anchor_productivity(state, np.ones(2))
    for place in (0, 1):
        rows = state.makers_of(place)
        sold = firms.weight[rows] * firms.revenue_year[rows] / firms.price[rows]
        people = float((firms.weight[rows] * firms.wanted_workers[rows]).sum())
        share = state.costs.labour_share[place, 0]
        assert people * places.wage_base[place] * state.world.progress == pytest.approx(share * sold.sum(), rel=1e-9)
        # Labour of a unit as ``sim.rules.prices.set_prices`` works it out, added up over what is sold.
        relative = places.wage[place] / places.wage_base[place]
        effective = firms.productivity[rows] * places.localisation[place] * state.world.progress
        allowed = float((sold * share * places.labour_load[place] * relative / effective).sum())
        assert allowed == pytest.approx(people * places.wage[place], rel=1e-9)
    before = places.labour_load.copy()
    scale = np.ones(2)
    base_year.anchor_productivity(state, scale)
    assert scale == pytest.approx([1.0, 1.0], rel=1e-6), "once is enough"
    assert places.labour_load == pytest.approx(before, rel=1e-6)


def test_traders_are_moved_part_of_the_way_to_the_share_they_are_known_to_sell() -> None:
    state, _ = begin(neighbours("fasteners", "flanges", "fasteners"), quick_parameters(), SEED)
    shares = np.array([each.demand.trader_share for each in state.industries])
    state.sums[MAKER, :, SALES] = [1e8, 2e8, 1e8]
    wanted = shares * state.sums[MAKER, :, SALES] / state.costs.materials_share[:, TRADER]
    state.sums[TRADER, :, SALES] = wanted * [1.0, 0.8, 100.0]
    talent, at_start = state.firms.talent.copy(), state.start_talents.copy()
    base_year.anchor_traders(state)
    rest = 1.0 - state.parameters.links.visibility_elasticity
    step = rest * np.array([0.0, -np.log(0.8), -1.0])
    kind, place = state.firms.tier, state.firms.place
    moved = np.where((kind == TRADER) & (state.firms.alive == 1), step[place], 0.0)
    assert state.firms.talent - talent == pytest.approx(moved)
    assert state.start_talents - at_start == pytest.approx(moved[state.start_rows]), "newcomers are like them"
    state.sums[TRADER, :, SALES] = 0.0
    talent = state.firms.talent.copy()
    base_year.anchor_traders(state)
    assert state.firms.talent.tolist() == talent.tolist(), "who sold nothing tells nothing"


@pytest.mark.parametrize("elasticity", [0.4, 0.6, 0.8])
def test_no_step_moves_traders_past_their_share(elasticity: float) -> None:
    # Sales answer to favour at once, and in the end by 1 / (1 - elasticity of being found to size).
    links = quick_parameters(links__visibility_elasticity=elasticity)
    state, _ = begin(neighbours("fasteners", "flanges"), links, SEED)
    shares = np.array([each.demand.trader_share for each in state.industries])
    state.sums[MAKER, :, SALES] = 1e8
    wanted = shares * 1e8 / state.costs.materials_share[:, TRADER]
    rows = state.traders
    for response, left in ((1.0, elasticity), (1.0 / (1.0 - elasticity), 0.0)):
        state.sums[TRADER, :, SALES] = 0.5 * wanted
        before = state.firms.talent[rows].copy()
        base_year.anchor_traders(state)
        moved = state.firms.talent[rows] - before
        assert np.log(2.0) - response * moved == pytest.approx(left * np.log(2.0), abs=1e-12)


def test_the_pool_is_that_of_people_wanted_so_the_wage_stays() -> None:
    state, _ = begin(neighbours("fasteners", "flanges"), quick_parameters(), SEED)
    firms, places = state.firms, state.places
    firms.workers[:] = 0.7 * firms.wanted_workers
    base_year.anchor_places(state)
    wanted = state.by_place(firms.wanted_workers[state.live], state.live)
    assert places.labour_pool == pytest.approx(wanted * (1.0 + state.parameters.labour.vacancy_pool))
    assert places.employment_base == pytest.approx(0.7 * wanted)
    usual = labour_supply(
        places.labour_pool[0], places.wage[0], places.wage[0], state.parameters.labour.supply_elasticity
    )
    assert usual / (1.0 + state.parameters.labour.vacancy_pool) == pytest.approx(wanted[0])
    assert places.normal_revenue * state.world.producer == pytest.approx(places.mean_revenue)


def test_capital_of_newcomers_is_that_of_other_than_lead_firms() -> None:
    state, _ = begin(neighbours("fasteners", "flanges"), quick_parameters(), SEED)
    firms, makers = state.firms, state.makers_of(0)
    firms.honours[:] = 0
    firms.honours[makers[:2]], firms.capital[makers[:2]] = HONOUR_LEAD, 1e12
    firms.honours[state.makers_of(1)] = HONOUR_LEAD
    base_year.anchor_places(state)
    mean = np.average(firms.capital[makers[2:]], weights=firms.weight[makers[2:]])
    assert state.places.mean_capital[0, MAKER] == pytest.approx(mean)
    everybody = state.makers_of(1)
    mean = np.average(firms.capital[everybody], weights=firms.weight[everybody])
    assert state.places.mean_capital[1, MAKER] == pytest.approx(mean), "where there are only lead firms all count"


def test_newcomers_are_like_firms_that_close() -> None:
    state, _ = begin(neighbours("fasteners", "flanges"), quick_parameters(), SEED)
    firms, places = state.firms, state.places
    elasticity = state.parameters.turnover.hazard_size_elasticity
    for place in (0, 1):
        first, traders, last = state.start_bounds[place], state.start_traders[place], state.start_bounds[place + 1]
        rows = state.start_rows[first:last]
        assert (firms.place[rows] == place).all()
        assert (firms.tier[rows[: traders - first]] == MAKER).all()
        assert (firms.tier[rows[traders - first :]] == TRADER).all()
        assert state.start_talents[first:last].tolist() == firms.talent[rows].tolist()
    weights = np.diff(state.start_weights, prepend=0.0)
    mean = places.mean_revenue[firms.place[state.start_rows], firms.tier[state.start_rows]]
    by_hand = firms.weight[state.start_rows] * [
        size_factor(one, usual, elasticity)
        for one, usual in zip(firms.revenue_year[state.start_rows], mean, strict=True)
    ]
    assert weights == pytest.approx(by_hand, rel=1e-6)


def test_a_place_whose_makers_have_all_closed_is_left_as_it_is() -> None:
    state, _ = begin(neighbours("fasteners", "flanges", size=(0.6, 0.4)), quick_parameters(), SEED)
    makers = state.makers_of(0)
    state.firms.wanted_workers[makers] = 0.0
    state.firms.wanted_workers[state.makers_of(1)] *= 1.25
    before, scale = state.firms.productivity.copy(), np.ones(2)
    base_year.anchor_productivity(state, scale)
    assert scale[0] == 1.0
    assert scale[1] == pytest.approx(1.25, rel=1e-6)
    here = state.rows_of(0)
    assert (state.firms.productivity[here] == before[here]).all()
    assert np.isfinite(state.firms.productivity[state.live]).all()
