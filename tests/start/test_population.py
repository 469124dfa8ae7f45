"""The population of the start: figures of the place held exactly, whatever one agent stands for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.costs import materials_share, revenue_over_output
from sim.rules.turnover import SMALLEST_SIZE
from sim.start import population
from sim.start.population import StartLevels
from sim.state import state
from sim.state.columns import BEGIN, END, HONOUR_LEAD, MAKER, PLACE, SUPPLIER, TIER, TRADER
from sim.state.state import CANDIDATE_START, LEAST_ROWS, NEW_SEGMENT, SLOT_BLOCK, Surroundings, first_slots
from tests.model_fixtures import BY_TIER, COSTS, PARAMETERS, SEED, scenario

DEMAND = np.array([1.1, 0.9])
WAGE, PROGRESS = 1.02, 1.03
NOW = Surroundings(DEMAND, 1.05, WAGE, PROGRESS)
EVEN = Surroundings(np.ones(2), 1.0, 1.0, 1.0)


@cache
def built(group_size: int, *names: str) -> Any:
    """Return a place, its levels, the firms, and the buyers of the given places."""
    place = scenario().places[0]
    kinds = (place.industry, "flanges")
    places = [replace(place, id=name, industry=kind) for name, kind in zip(names or ("yongnian",), kinds, strict=False)]
    levels = [StartLevels(each, NOW, EVEN, PARAMETERS) for each in places]
    firms, segments = population.start_firms(levels, places, COSTS, SEED, group_size)
    assert segments[:, [PLACE, TIER]].tolist() == [[p, tier] for p in range(len(places)) for tier in range(3)]
    assert segments[0, BEGIN] == 0
    assert (segments[1:, BEGIN] == segments[:-1, END]).all()
    assert segments[-1, END] == firms.slot.size
    for number, tier, begin, end in segments:
        alive = firms.alive[begin:end] == 1
        assert (firms.place[begin:end] == number).all()
        assert (firms.tier[begin:end] == tier).all()
        assert (np.diff(alive.astype(int)) <= 0).all(), "firms first, then room for entrants"
        assert (~alive).sum() >= max(alive.sum() // NEW_SEGMENT, LEAST_ROWS)
    table = type(firms)(*(column[firms.alive == 1] for column in firms))
    buyers = population.start_buyers(levels, places, [(number,) for number in range(len(places))], SEED, group_size)
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
    output = by_tier(firms, 12.0 * firms.expected_orders) * level.price_level
    services = BY_TIER.materials_share[MAKER] * PARAMETERS.production.local_input_share
    trade = PARAMETERS.demand.trader_share / BY_TIER.materials_share[TRADER]
    assert output == pytest.approx(level.output * np.array([1.0, services, trade]), rel=1e-9)
    # The months of the year before are kept in single precision, and their sum is the year's.
    assert 12.0 * firms.expected_orders * level.price_level == pytest.approx(firms.revenue_year, rel=1e-7)
    assert np.array_equal(firms.revenue_year, firms.revenue_ring.sum(axis=1, dtype=np.float64))
    assert np.array_equal(firms.profit_year, firms.profit_ring.sum(axis=1, dtype=np.float64))
    assert by_tier(firms, firms.capital) == pytest.approx(BY_TIER.capital_output_ratio * output / level.price_level)


@SCALES
def test_wages_take_their_share_of_revenue(group_size: int) -> None:
    place, _, firms, _ = built(group_size)
    units = by_tier(firms, 12.0 * firms.expected_orders)
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


def test_favour_is_what_sizes_rest_at_and_luck_what_past_jumps_left() -> None:
    _, _, firms, _ = built(1)
    favour, links = PARAMETERS.favour, PARAMETERS.links
    size = np.log(firms.revenue_year)
    makers = firms.tier == MAKER
    suppliers = PARAMETERS.demand.elasticity_suppliers - 1.0
    for tier, group in ((MAKER, PARAMETERS.maker), (SUPPLIER, PARAMETERS.supplier), (TRADER, PARAMETERS.trader)):
        here = firms.tier == tier
        # Traders compete with makers for buyers, so theirs is measured against makers' usual size.
        usual = size[here if tier == SUPPLIER else makers].mean()
        large, small = here & (size >= usual), here & (size < usual)
        whole = favour.size_share * (1.0 - links.visibility_elasticity)
        assert firms.talent[large] == pytest.approx(whole * (size[large] - usual), abs=1e-6)
        # Smaller firms do not sell less and less for their prices: these are made up for as far as they go with size.
        cost = materials_share(group) + group.labour_share / firms.productivity[here]
        worth = suppliers * (np.log(firms.quality[here]) - PARAMETERS.pricing.cost_pass_through * np.log(cost))
        along = np.polyfit(size[here], worth, 1)[0]
        assert 0.0 < along < whole
        assert firms.talent[small] == pytest.approx((whole - along) * (size[small] - usual), abs=1e-6)
    assert firms.favour == pytest.approx(firms.talent + firms.luck)
    relative = np.maximum(firms.revenue_year[makers] / firms.revenue_year[makers].mean(), SMALLEST_SIZE)
    usual = firms.luck[makers] * relative**favour.shock_size_elasticity
    spread = favour.shock * (favour.jumps_a_year / (2.0 * favour.reversion)) ** 0.5
    assert usual.std() == pytest.approx(spread, rel=0.03)
    assert usual.mean() == pytest.approx(0.0, abs=0.03)
    assert np.corrcoef(usual, size[makers])[0, 1] == pytest.approx(0.0, abs=0.05)


def test_every_slot_is_given_once_and_places_never_meet() -> None:
    _, _, firms, buyers = built(50, "west", "east")
    slots = np.concatenate([firms.slot, buyers.slot])
    assert np.unique(slots).size == slots.size
    own = first_slots(["west", "east"])
    assert np.array_equal(firms.slot // SLOT_BLOCK, own[firms.place] // SLOT_BLOCK)
    assert (firms.slot % SLOT_BLOCK < CANDIDATE_START).all()
    industry = first_slots([built(50)[0].industry])[0] // SLOT_BLOCK
    assert (buyers.slot[buyers.market == 0] // SLOT_BLOCK == industry).all()
    assert (buyers.slot % SLOT_BLOCK >= 2 * CANDIDATE_START).all()


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=30, unique=True), st.randoms())
def test_slots_of_a_place_follow_its_id_and_nothing_else(names: list[str], shuffle: Any) -> None:
    alone = {name: first_slots([name])[0] for name in names}
    blocks = first_slots(names)
    assert np.unique(blocks // SLOT_BLOCK).size == len(names)
    assert not (blocks % SLOT_BLOCK).any()
    assert blocks.min() >= 0
    order = list(range(len(names)))
    shuffle.shuffle(order)
    assert np.array_equal(first_slots([names[k] for k in order]), blocks[order])
    # Blocks are so many that no two of these few names meet.
    assert blocks.tolist() == [alone[name] for name in names]


def test_places_that_hash_alike_get_blocks_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "number_of", lambda identity: 7 * SLOT_BLOCK + 5)
    assert first_slots(["b", "c", "a"]).tolist() == [8 * SLOT_BLOCK, 9 * SLOT_BLOCK, 7 * SLOT_BLOCK]
    monkeypatch.setattr(state, "number_of", lambda identity: (1 << 63) - 1)
    assert first_slots(["b", "a"]).tolist() == [0, (1 << 63) - SLOT_BLOCK]


def test_another_place_leaves_the_first_as_it_was() -> None:
    _, _, alone, _ = built(50, "west")
    _, _, both, _ = built(50, "west", "east")
    here = both.place == 0
    for name in ("slot", "tier", "weight", "capital", "workers", "productivity", "age", "emission", "cash"):
        assert np.array_equal(getattr(alone, name), getattr(both, name)[here]), name


def test_markets_start_at_the_price_level() -> None:
    place, level, firms, _ = built(50)
    table = population.start_places([place], firms, [level])
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
    apart = population.start_buyers(levels, [places[0], replace(places[1], industry="flanges")], [(0,), (1,)], SEED, 1)
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
    firms, _ = population.start_firms([level], [place], COSTS, SEED, 50)
    leads = np.flatnonzero(firms.honours & HONOUR_LEAD)
    assert firms.alive[leads].all()
    assert leads.size == 3
    assert (firms.weight[leads] == 1.0).all()
    assert firms.revenue_year[leads] == pytest.approx(np.full(3, share * level.output / 3.0))
    assert population.lead_firms_of(replace(place, start=start.with_values({"lead_share": 0.0}))) == 0
