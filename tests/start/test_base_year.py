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
from sim.start import base_year
from sim.start.base_year import LOG_WEIGHTS, OfferTable
from sim.start.beginning import begin
from sim.state.columns import CHANNELS
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
    base_year.first_links(state)
    for _ in range(3):
        base_year.anchor_markets(state, levels, np.ones((3, 2)))
    rows = state.firms.slot.size
    ordered, channels = np.zeros((BUYER_KINDS, rows)), np.zeros((rows, CHANNELS))
    spending = 12.0 * state.buyers.budget * state.world.demand[state.buyers.market, state.buyers.foreign]
    state.refresh_offers(state.segments)
    buyer_orders(
        state.buyers, state.firms, state.scratch.offers, state.parameters.demand, spending, state.world.outside_price,
        ordered, channels, np.zeros(rows, np.int8), np.zeros((2, 2)),
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
