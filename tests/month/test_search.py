"""What buyers see of a market, and how soon they come upon it: the cluster against producers elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.model import ClusterModel
from sim.month import search
from sim.rules.links import monthly_hazard
from sim.state.columns import SUPPLIER
from tests.model_fixtures import SEED, neighbours, quick_parameters


@pytest.fixture
def model() -> ClusterModel:
    """Return a model of two markets, one of them of two places, after its first month."""
    made = ClusterModel(neighbours("fasteners", "fasteners", "wire-mesh"), quick_parameters(), SEED)
    made.step()
    return made


def test_as_things_are_at_the_start_buyers_find_as_they_usually_do(model: ClusterModel) -> None:
    state = model.state
    for number, field in enumerate(state.search):
        field.visible = math.fsum(state.places.visible[list(state.markets[number].places)])
        field.volume = state.world.demand[number] / state.world.outside_price[number]
        field.ties_elsewhere = 1.0
        assert search.discovery(state, number) == pytest.approx(field.fill_rates)
        assert field.ties_elsewhere == pytest.approx(1.0)


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_a_cluster_of_which_more_is_to_be_seen_is_found_more_abroad_and_crowds_others_out_at_home(
    model: ClusterModel, factor: float
) -> None:
    state, elasticity = model.state, model.state.parameters.links.visible_elasticity
    field = state.search[0]
    field.visible = math.fsum(state.places.visible[:2]) / factor
    field.volume, field.ties_elsewhere = state.world.demand[0] / state.world.outside_price[0], 1.0
    odds = factor ** (elasticity * (1.0 - field.share))
    rates = search.discovery(state, 0)
    assert rates == pytest.approx(field.fill_rates * [1.0, odds[1]])
    hazard = monthly_hazard(state.parameters.links.domestic_survival)
    assert field.ties_elsewhere == pytest.approx(1.0 + hazard * (1.0 / odds[0] - 1.0))
    for _ in range(600):
        search.discovery(state, 0)
    assert field.ties_elsewhere == pytest.approx(1.0 / odds[0], rel=1e-4)


def test_a_market_that_grows_with_its_cluster_leaves_it_as_well_known_as_it_was(model: ClusterModel) -> None:
    state, field = model.state, model.state.search[0]
    state.places.visible[:2] *= 1.7
    state.world.demand[0] *= 1.7
    field.visible = math.fsum(state.places.visible[:2]) / 1.7
    field.volume = state.world.demand[0] / state.world.outside_price[0] / 1.7
    assert search.discovery(state, 0) == pytest.approx(field.fill_rates)


def test_more_firms_larger_firms_and_younger_firms_are_all_to_be_seen(model: ClusterModel) -> None:
    state, firms = model.state, model.state.firms
    sellers = state.live[firms.tier[state.live] != SUPPLIER]

    def seen() -> float:
        search.look_round(state)
        return math.fsum(state.places.visible)

    usual = seen()
    firms.weight[sellers] *= 2.0
    assert seen() == pytest.approx(2.0 * usual), "twice the firms"
    firms.weight[sellers] *= 0.5
    firms.capital[sellers] *= 2.0
    assert seen() == pytest.approx(2.0**state.parameters.links.visibility_elasticity * usual)
    firms.capital[sellers] *= 0.5
    firms.age[state.makers] = 0
    assert seen() > usual
    assert not state.scratch.seen[state.live[firms.tier[state.live] == SUPPLIER]].any()


def test_the_market_share_that_counts_is_that_of_the_places_together(model: ClusterModel) -> None:
    state = model.state
    for number, market in enumerate(state.markets):
        spent = state.orders[list(market.places)].sum(axis=0)
        share = spent / (spent + state.spent_outside[number])
        assert search._share(state, number) == pytest.approx(share)
        assert np.all((share > 0.0) & (share < 1.0))


def test_while_the_start_settles_what_is_seen_is_what_is_usual() -> None:
    model = ClusterModel(neighbours("fasteners", "wire-mesh"), quick_parameters(), SEED)
    state = model.state
    frozen = [(field.visible, field.volume.tolist(), field.share.tolist()) for field in state.search]
    assert all(0.0 < share[0] < 1.0 for _, _, share in frozen)
    assert all(field.ties_elsewhere == pytest.approx(1.0) for field in state.search)
    for _ in range(3):
        model.step()
    assert [(field.visible, field.volume.tolist(), field.share.tolist()) for field in state.search] == frozen
    assert any(field.ties_elsewhere != 1.0 for field in state.search)
