"""The population of the start: figures of the place held exactly, whatever one agent stands for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.agents import population
from sim.agents.population import CANDIDATE_START, SLOT_BLOCK, StartLevels, Surroundings
from sim.columns import MAKER, SUPPLIER, TRADER
from tests.model_fixtures import BY_TIER, COSTS, PARAMETERS, SEED, scenario

DEMAND = np.array([1.1, 0.9])
WAGE, PROGRESS = 1.02, 1.03
NOW = Surroundings(DEMAND, 1.05, WAGE, PROGRESS)
EVEN = Surroundings(np.ones(2), 1.0, 1.0, 1.0)


@cache
def built(group_size: int, *names: str) -> Any:
    """Return levels, firms in use, and buyers of the given places."""
    place = scenario().places[0]
    places = [replace(place, id=name) for name in (names or ("yongnian",))]
    levels = [StartLevels(each, NOW, EVEN, PARAMETERS) for each in places]
    firms, count = population.start_firms(levels, places, COSTS, SEED, group_size)
    table = type(firms)(*(column[:count] for column in firms))
    buyers = population.start_buyers(levels, places, [(number,) for number in range(len(places))], SEED)
    assert firms.slot.size > 1.3 * count, "there is room for entrants"
    assert not firms.alive[count:].any()
    return place, levels[0], table, buyers


SCALES = pytest.mark.parametrize("group_size", [1, 50, 200])


def by_tier(firms: Any, values: Any) -> Any:
    return np.bincount(firms.tier, weights=firms.weight * values, minlength=3)


def test_levels_carry_base_year_figures_to_the_first_month() -> None:
    start = scenario().places[0].start
    level = StartLevels(scenario().places[0], NOW, EVEN, PARAMETERS)
    assert level.exports == pytest.approx(0.9 * start.exports)
    assert level.domestic_sales == pytest.approx(1.1 * (start.output_value - start.exports))
    assert level.output == pytest.approx(level.exports + level.domestic_sales)
    assert level.real_output == pytest.approx(level.output / 1.05)
    assert level.wage == pytest.approx(WAGE * start.wage)
    # At base-year demand the two markets are the published shares turned round.
    even = StartLevels(scenario().places[0], EVEN, EVEN, PARAMETERS)
    national = start.output_value / start.national_market_share
    world = start.output_value / start.global_market_share
    assert even.domestic_market + start.exports == pytest.approx(national)
    assert even.domestic_market + even.foreign_market == pytest.approx(world)


@SCALES
def test_firms_and_output_are_those_of_the_place(group_size: int) -> None:
    place, level, firms, _ = built(group_size)
    start = place.start
    counts = by_tier(firms, np.ones(firms.slot.size))
    shares = [start.maker_share, start.supplier_share, start.trader_share]
    assert counts.sum() == start.businesses
    assert counts == pytest.approx([start.businesses * share for share in shares], abs=1.0)
    output = by_tier(firms, firms.revenue_year)
    services = BY_TIER.materials_share[MAKER] * PARAMETERS.production.local_input_share
    trade = PARAMETERS.demand.trader_share / BY_TIER.materials_share[TRADER]
    assert output == pytest.approx(level.output * np.array([1.0, services, trade]), rel=1e-9)
    assert by_tier(firms, firms.revenue_ring.sum(axis=1)) == pytest.approx(output)
    assert by_tier(firms, firms.capital) == pytest.approx(BY_TIER.capital_output_ratio * output / level.price_level)


@SCALES
def test_wages_take_their_share_of_revenue(group_size: int) -> None:
    place, level, firms, _ = built(group_size)
    units = by_tier(firms, firms.revenue_year) / level.price_level
    # At the base year's wage and the progress made since, which is where the labour share was measured.
    paid = by_tier(firms, firms.workers) * place.start.wage * PROGRESS
    assert paid == pytest.approx(BY_TIER.labour_share * units, rel=1e-9)


@SCALES
def test_budgets_add_up_to_the_markets(group_size: int) -> None:
    place, level, _, buyers = built(group_size)
    spent = 12.0 * np.bincount(buyers.foreign, weights=buyers.budget * buyers.weight)
    assert spent == pytest.approx([level.domestic_market, level.foreign_market], rel=1e-9)
    number = np.bincount(buyers.foreign, weights=buyers.weight)
    assert number.tolist() == [place.start.domestic_buyers, place.start.foreign_buyers]
    assert (buyers.supplier == -1).all()
    assert (buyers.country[buyers.foreign == 0] == 0).all()
    abroad = buyers.country[buyers.foreign == 1]
    assert abroad.min() == 1
    assert np.bincount(abroad)[1] > np.bincount(abroad)[-1], "near countries have more buyers"


def test_firms_differ_as_firms_do() -> None:
    _, _, firms, _ = built(1)
    makers = firms.tier == MAKER
    spread = np.log(firms.productivity[makers]).std()
    assert spread == pytest.approx(PARAMETERS.technology.productivity_dispersion, rel=0.05)
    tie = np.corrcoef(np.argsort(np.argsort(firms.capital[makers])), np.log(firms.productivity[makers]))[0, 1]
    assert tie == pytest.approx(PARAMETERS.start.size_productivity, abs=0.03)
    assert firms.technology_gap[makers].min() >= 0.0
    assert not firms.technology_gap[~makers].any()
    dirty = firms.emission > 0.0
    assert dirty[makers].mean() == pytest.approx(PARAMETERS.start.emission_sites, abs=0.02)
    assert not dirty[~makers].any()
    mean = firms.emission[makers].mean()
    assert mean == pytest.approx(PARAMETERS.environment.discharge, rel=0.1)


def test_every_slot_is_given_once_and_places_never_meet() -> None:
    _, _, firms, buyers = built(50, "west", "east")
    slots = np.concatenate([firms.slot, buyers.slot])
    assert np.unique(slots).size == slots.size
    assert np.array_equal(firms.slot // SLOT_BLOCK, firms.county)
    assert np.array_equal(buyers.slot // SLOT_BLOCK, buyers.market)
    assert (firms.slot % SLOT_BLOCK < CANDIDATE_START).all()
    assert (buyers.slot % SLOT_BLOCK >= 2 * CANDIDATE_START).all()


def test_another_place_leaves_the_first_as_it_was() -> None:
    _, _, alone, _ = built(50)
    _, _, both, _ = built(50, "west", "east")
    here = both.county == 0
    for name in ("slot", "tier", "weight", "capital", "workers", "productivity", "age", "emission", "cash"):
        assert np.array_equal(getattr(alone, name), getattr(both, name)[here]), name


def test_markets_start_at_the_price_level() -> None:
    place, level, firms, _ = built(50)
    table = population.start_places([place], firms, firms.slot.size, [level])
    assert table.wage[0] == pytest.approx(WAGE * place.start.wage)
    assert table.wage_base[0] == place.start.wage
    assert table.goods_price[0] == table.services_price[0] == level.price_level
    assert table.market_cost[0] == pytest.approx(level.price_level / (1.0 + BY_TIER.markup))
    assert table.localisation[0] == 1.0


def test_only_makers_discharge_and_the_slot_decides() -> None:
    slots = np.arange(500)
    here = np.zeros(500, dtype=np.int64)
    amounts = population.discharge_of(slots, here, [PARAMETERS], SEED)
    assert np.array_equal(population.discharge_of(slots[100:200], here[:100], [PARAMETERS], SEED), amounts[100:200])
    assert not np.array_equal(population.discharge_of(slots, here, [PARAMETERS], SEED + 1), amounts)
    assert {SUPPLIER, TRADER}.isdisjoint(np.unique(built(50)[2].tier[built(50)[2].emission > 0.0]).tolist())
