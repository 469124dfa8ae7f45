"""The population of the start: figures of the place held exactly, whatever one agent stands for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.costs import revenue_over_output
from sim.start import population
from sim.start.population import StartLevels
from sim.state.columns import HONOUR_LEAD, MAKER, SUPPLIER, TRADER
from sim.state.state import CANDIDATE_START, SLOT_BLOCK, Surroundings
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
    buyers = population.start_buyers(levels, places, [(number,) for number in range(len(places))], SEED, group_size)
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
    assert np.array_equal(firms.slot // SLOT_BLOCK, firms.place)
    assert np.array_equal(buyers.slot // SLOT_BLOCK, buyers.market)
    assert (firms.slot % SLOT_BLOCK < CANDIDATE_START).all()
    assert (buyers.slot % SLOT_BLOCK >= 2 * CANDIDATE_START).all()


def test_another_place_leaves_the_first_as_it_was() -> None:
    _, _, alone, _ = built(50)
    _, _, both, _ = built(50, "west", "east")
    here = both.place == 0
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


# --- levels and markets ---------------------------------------------------------------------------------------------


def level_of(parameters: Any = PARAMETERS, now: Surroundings = EVEN, base: Surroundings = EVEN, **start: Any) -> Any:
    """Return the levels of a place with other starting values."""
    place = scenario().places[0]
    changed = place.start.with_values({"national_market_share": 0.2, "global_market_share": 0.05, **start})
    return StartLevels(replace(place, start=changed), now, base, parameters)


def test_revenue_over_output_by_hand() -> None:
    halves = PARAMETERS._replace(
        maker=PARAMETERS.maker._replace(markup=0.25, labour_share=0.2),
        trader=PARAMETERS.trader._replace(markup=0.25, labour_share=0.0),
        production=PARAMETERS.production._replace(local_input_share=0.5),
        demand=PARAMETERS.demand._replace(trader_share=0.4),
    )
    # Of a yuan of output 0.6 is materials, half of it local; traders sell 0.4 of goods for 0.4 / 0.8.
    assert revenue_over_output(halves) == pytest.approx(1.0 + 0.3 + 0.5)


def test_operating_revenue_is_that_of_all_three_tiers() -> None:
    level = level_of(output_value=None, operating_revenue=2e10)
    assert level.output * revenue_over_output(PARAMETERS) == pytest.approx(2e10)
    by_output = level_of(output_value=level.output)
    assert level.domestic_market == pytest.approx(by_output.domestic_market)
    assert level.foreign_market == pytest.approx(by_output.foreign_market)


def test_an_earlier_base_year_divides_by_what_the_world_was() -> None:
    then = Surroundings(np.array([0.8, 0.5]), 0.9, 0.7, 0.85)
    level, start = level_of(now=NOW, base=then), scenario().places[0].start
    assert level.exports == pytest.approx(start.exports * 0.9 / 0.5)
    assert level.domestic_sales == pytest.approx((start.output_value - start.exports) * 1.1 / 0.8)
    assert level.wage_base == pytest.approx(start.wage / 0.7)
    assert level.wage == pytest.approx(start.wage * WAGE / 0.7)
    assert (level.price_level, level.progress) == (1.05, PROGRESS), "both are counted from the world's base year"


sizes_of_places = st.lists(
    st.tuples(st.floats(1e9, 5e10), st.floats(0.02, 0.2), st.floats(0.0, 0.3), st.floats(0.1, 0.9)),
    min_size=1,
    max_size=4,
)


@given(sizes_of_places)
def test_a_market_is_as_large_as_its_places_say_together(table: list[tuple[float, float, float, float]]) -> None:
    levels = [
        level_of(
            output_value=output, national_market_share=share, global_market_share=share * part, exports=output * abroad
        )
        for output, share, abroad, part in table
    ]
    domestic, foreign = population.market_totals(levels)
    outputs, shares = np.array([row[0] for row in table]), np.array([row[1] for row in table])
    exports = (outputs * [row[2] for row in table]).sum()
    # Together they make the sum of their outputs, which is the sum of their shares of what the country makes.
    assert domestic + exports == pytest.approx(outputs.sum() / shares.sum(), rel=1e-9)
    worlds = outputs / (shares * [row[3] for row in table])
    assert domestic + foreign == pytest.approx((shares * worlds).sum() / shares.sum(), rel=1e-9)


def test_places_of_a_market_bring_their_buyers() -> None:
    place = scenario().places[0]
    starts = [
        place.start.with_values({"national_market_share": 0.2, "piece_share": piece, "piece_share_abroad": 1.0 - piece})
        for piece in (0.1, 0.5)
    ]
    places = [replace(place, id=f"place-{number}", start=start) for number, start in enumerate(starts)]
    levels = [StartLevels(each, EVEN, EVEN, PARAMETERS) for each in places]
    buyers = population.start_buyers(levels, places, [(0, 1)], SEED, 1)
    assert not buyers.market.any()
    spent = 12.0 * np.bincount(buyers.foreign, weights=buyers.budget * buyers.weight)
    assert spent == pytest.approx(population.market_totals(levels), rel=1e-9)
    number = np.bincount(buyers.foreign).tolist()
    assert number == [2 * place.start.domestic_buyers, 2 * place.start.foreign_buyers]
    # Places of equal output: the mean of their shares.
    assert buyers.by_piece[buyers.foreign == 0].mean() == pytest.approx(0.3, abs=0.03)
    assert buyers.by_piece[buyers.foreign == 1].mean() == pytest.approx(0.7, abs=0.03)
    apart = population.start_buyers(levels, places, [(0,), (1,)], SEED, 1)
    assert np.unique(apart.market).tolist() == [0, 1]
    assert np.unique(apart.slot).size == apart.slot.size


def test_buyers_at_home_are_grouped_with_firms_and_keep_the_slot_of_their_first() -> None:
    _, _, _, each = built(1)
    _, _, _, grouped = built(50)
    assert (each.weight == 1.0).all()
    abroad = grouped.foreign == 1
    assert np.array_equal(grouped.slot[abroad], each.slot[each.foreign == 1])
    assert np.array_equal(grouped.budget[abroad], each.budget[each.foreign == 1])
    home, weight = each.foreign == 0, grouped.weight[~abroad]
    assert weight.size < 0.5 * home.sum()
    assert weight.max() > 1.0
    assert np.array_equal(weight, np.round(weight))
    first = np.cumsum(weight, dtype=np.int64) - weight.astype(np.int64)
    assert np.array_equal(grouped.slot[~abroad], each.slot[home][first])
    assert (np.diff(grouped.budget[~abroad]) > 0.0).all()
    # The largest are those of one to one.
    assert np.array_equal(grouped.budget[~abroad][weight == 1.0][-200:], each.budget[home][-200:])


def test_a_row_of_buyers_is_no_more_than_the_firms_of_any_row() -> None:
    place = scenario().places[0]
    few = replace(place, id="few", start=place.start.with_values({"businesses": 3 * 60.0}))
    levels = [StartLevels(each, EVEN, EVEN, PARAMETERS) for each in (place, few)]
    together = population.start_buyers(levels, [place, few], [(0, 1)], SEED, 50)
    assert together.weight.max() == 3.0
    apart = population.start_buyers(levels, [place, few], [(0,), (1,)], SEED, 50)
    largest = [apart.weight[apart.market == number].max() for number in (0, 1)]
    assert largest[0] > largest[1] == 3.0


@pytest.mark.parametrize("share", [0.3, 0.0005])
def test_lead_firms_are_marked_and_never_grouped(share: float) -> None:
    place = scenario().places[0]
    start = place.start.with_values({"lead_firms": 3.0, "lead_share": share})
    place, level = replace(place, start=start), level_of(lead_firms=3.0, lead_share=share)
    firms, count = population.start_firms([level], [place], COSTS, SEED, 50)
    leads = np.flatnonzero(firms.honours[:count] & HONOUR_LEAD)
    assert leads.size == 3
    assert (firms.weight[leads] == 1.0).all()
    assert firms.revenue_year[leads] == pytest.approx(np.full(3, share * level.output / 3.0))
    assert population.lead_firms_of(replace(place, start=start.with_values({"lead_share": 0.0}))) == 0
