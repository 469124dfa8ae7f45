"""Priors as standard normal scores: shapes, ends, conditions, and which numbers a fit searches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.calibrate.answering import all_baselines
from sim.calibrate.polynomial import fit_emulator
from sim.calibrate.space import Dimension, Space, idle_inputs, parameter_dimensions, space_of
from sim.calibrate.trials import record_of, shortened, sobol_scores
from sim.parameters import load_parameters, parameter_table
from sim.policies.registry import policy_types
from sim.scenario.loader import load

ALONE = {name: scenario for name, scenario in all_baselines().items() if len(scenario.places) == 1}
SHAPES = [
    Dimension("a", "parameter", "shared", 0.5, 8.0, "log"),
    Dimension("b", "parameter", "shared", 0.1, 0.7, "logit"),
    Dimension("c", "parameter", "shared", -0.08, 0.08, "normal"),
    Dimension("d", "parameter", "shared", 0.0, 3.0, "uniform"),
    Dimension("e", "parameter", "shared", 8.0, 20.0, "whole"),
]


@pytest.mark.parametrize("item", SHAPES[:3], ids=lambda item: item.shape)
def test_a_range_holds_ninety_percent_of_a_prior_without_hard_ends(item: Dimension) -> None:
    values = item.value(np.random.default_rng(1).standard_normal(100_000))
    inside = np.mean((values >= item.low) & (values <= item.high))
    # One percent is cut off at each end, so a little more than 90 % lies inside.
    assert inside == pytest.approx(0.9 / 0.98, abs=0.005)


@pytest.mark.parametrize("item", SHAPES[3:], ids=lambda item: item.shape)
def test_even_priors_stay_in_their_range(item: Dimension) -> None:
    values = item.value(np.linspace(-6.0, 6.0, 1001))
    assert values.min() >= item.low
    assert values.max() <= item.high
    assert (np.diff(values) >= 0.0).all()


def test_whole_numbers_are_whole_and_even() -> None:
    values = SHAPES[4].value(np.random.default_rng(2).standard_normal(130_000))
    found, counts = np.unique(values, return_counts=True)
    assert found.tolist() == list(range(8, 21))
    assert counts == pytest.approx(10_000, rel=0.05)


@given(st.sampled_from(SHAPES), st.floats(-2.3, 2.3))
def test_scores_come_back(item: Dimension, score: float) -> None:
    value = item.value(np.array(score))
    again = item.value(item.score(value))
    assert again == pytest.approx(value, rel=1e-9, abs=1e-12)
    if item.shape != "whole":
        assert item.score(value) == pytest.approx(score, abs=1e-6)


def test_every_parameter_with_a_prior_is_searched_and_no_other() -> None:
    names = {item.name for item in parameter_dimensions()}
    assert names == {row.name for row in parameter_table() if row.prior != "fixed"}
    assert "tax.vat" not in names
    assert "demand.relative_growth" in names


def test_starting_values_of_a_place_are_searched() -> None:
    space = space_of(load("yongnian-2023").scenario)
    assert "place.yongnian.start.exports" in space.names
    # The head count moves nothing but its scope factor.
    assert not any(name.endswith("employment_reported") for name in space.names)
    # "Exceeded 42 billion": up to a tenth more.
    total = space.dimensions[space.names.index("place.yongnian.start.output_value")]
    assert (total.low, total.high) == pytest.approx((42e9, 46.2e9))


def test_a_province_keeps_its_starting_values_and_gives_the_ranges_of_its_policies() -> None:
    space = space_of(load("shanxi-towns-2023").scenario)
    assert not any(name.startswith("place.") for name in space.names)
    assert "policy.projects-10m.realised" in space.names


def test_what_a_scenario_sets_is_not_searched() -> None:
    scenario = load("yongnian-2023").scenario
    fixed = replace(scenario, parameters={"investment.band": 0.2})
    assert "investment.band" not in space_of(fixed).names


def test_nests_of_demand_are_nests_and_the_world_holds_the_country() -> None:
    space = space_of(load("bazhou-2020").scenario)
    scores = np.zeros((3, space.size))
    scores[1, space.names.index("demand.elasticity_outside")] = 3.0
    scores[1, space.names.index("demand.elasticity_suppliers")] = -3.0
    scores[2, space.names.index("place.bazhou.start.national_market_share")] = -3.0
    scores[2, space.names.index("place.bazhou.start.global_market_share")] = 3.0
    assert space.possible(scores).tolist() == [True, False, False]


def test_a_design_is_possible_reproducible_and_spread_like_the_prior() -> None:
    space = space_of(load("bazhou-2020").scenario)
    design = sobol_scores(space, 256, 7)
    assert design.shape == (256, space.size)
    assert space.possible(design).all()
    assert (design == sobol_scores(space, 256, 7)).all()
    assert (design != sobol_scores(space, 256, 8)).any()
    free = [k for k in range(space.size) if k not in {p for pair in space.orders for p in pair[:2]}]
    # Leaving out impossible points costs the design a little of its evenness in some numbers.
    assert np.sqrt(np.mean(design[:, free].mean(axis=0) ** 2)) < 0.05
    assert np.sqrt(np.mean((design[:, free].std(axis=0) - 1.0) ** 2)) < 0.05


def test_every_point_of_a_design_gives_parameters() -> None:
    space = Space(parameter_dimensions())
    values = space.values(sobol_scores(space, 8, 1))
    for point in values:
        parameters = load_parameters(space.mapping(point))
        assert parameters.demand.slots_per_buyer == int(parameters.demand.slots_per_buyer)


# --- parameters that a scenario cannot move -------------------------------------------------------------------------


def test_groups_that_policies_read_exist() -> None:
    groups = {row.name.split(".")[0] for row in parameter_table()}
    assert {group for kind in policy_types().values() for group in kind.terms.parameters} <= groups


@pytest.mark.slow
@pytest.mark.parametrize("place", ALONE)
def test_nothing_in_the_scenario_reads_an_idle_parameter(place: str) -> None:
    """The same bits with every idle parameter at one end of its range and at the other."""
    scenario = ALONE[place]
    short = shortened(scenario, 50, scenario.time.start + 11)
    space = space_of(short)
    idle = sorted(idle_inputs(space, short))
    assert idle
    ends = [{space.names[k]: float(space.dimensions[k].value(score)) for k in idle} for score in (-2.0, 2.0)]
    low, high = (record_of(short, 0, point) for point in ends)
    assert low.digest == high.digest
    np.testing.assert_array_equal(low.monthly, high.monthly)


def test_a_policy_wakes_its_parameters() -> None:
    yongnian = load("yongnian-2023").scenario
    space = space_of(yongnian)
    idle = {space.names[k].split(".")[0] for k in idle_inputs(space, yongnian)}
    assert "fair" not in idle
    assert "research" in idle


def test_an_idle_input_is_no_candidate() -> None:
    random = np.random.Generator(np.random.Philox(1))
    scores = random.standard_normal((200, 4))
    values = scores[:, 1] + 2.0 * scores[:, 2]
    assert fit_emulator(scores, values).active == (1, 2)
    assert fit_emulator(scores, values, frozenset({2})).active == (1,)
