"""Priors: values at shares of a range, and draws of what no fit knows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.parameters import parameter_table
from sim.scenario import priors
from sim.scenario.loader import load
from sim.scenario.priors import APART_SHARES, NESTS, Prior, draw_of_priors, drawn, ranges_of

SHAPES = (
    Prior(0.2, 0.9, "log"),
    Prior(0.2, 0.9, "logit"),
    Prior(-0.04, 0.04, "normal"),
    Prior(0.6, 0.9, "uniform"),
    Prior(3, 12, "whole"),
)


@given(st.sampled_from(SHAPES), st.floats(0.01, 0.99))
def test_the_share_below_a_value_is_the_share_it_lies_at(prior, share):
    value = prior.at(share)
    if prior.shape == "whole":
        assert value == int(value)
        assert prior.low <= value <= prior.high
        assert abs(float(prior.below(value)) - share) <= 0.5 / 10 + 1e-9
    else:
        assert float(prior.below(value)) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("prior", SHAPES[:3])
def test_a_range_holds_nine_tenths_of_a_prior_without_hard_ends(prior):
    inside = float(prior.below(prior.high)) - float(prior.below(prior.low))
    assert inside == pytest.approx(0.90 / 0.98, abs=1e-9)  # the outer hundredths are cut off


def test_every_parameter_with_a_prior_is_drawn_and_no_other():
    found = draw_of_priors(7, 3, {})
    assert found.keys() == {row.name for row in parameter_table() if row.prior != "fixed"}
    assert all(map(np.isfinite, found.values()))


def test_a_draw_depends_on_seed_replicate_and_name_alone(monkeypatch):
    found = draw_of_priors(7, 3, {})
    assert draw_of_priors(7, 3, {}) == found
    assert draw_of_priors(7, 4, {}) != found
    assert draw_of_priors(8, 3, {}) != found
    table = parameter_table()
    monkeypatch.setattr(priors, "parameter_table", lambda: table[::-2])
    fewer = draw_of_priors(7, 3, {})
    assert len(fewer) < len(found)
    assert all(found[name] == value for name, value in fewer.items() if name not in NESTS)


def test_draws_spread_over_their_priors():
    prior = {"a.b": Prior(0.2, 0.9, "logit")}
    below = [float(prior["a.b"].below(drawn(1, number, prior)["a.b"])) for number in range(400)]
    assert abs(np.mean(below) - 0.5) < 0.05
    assert np.std(below) == pytest.approx(np.sqrt(1 / 12), abs=0.02)


def test_numbers_that_must_obey_an_order_do():
    inner, outer, apart = NESTS
    nation, world = (f"place.p.start.{name}_market_share" for name in ("national", "global"))
    ranges = {
        inner: Prior(6, 10, "log"),
        outer: Prior(2.5, 12, "log"),
        nation: Prior(0.01, 0.07, "logit"),
        world: Prior(0.007, 0.03, "logit"),
    }
    for number in range(200):
        found = drawn(1, number, ranges)
        assert found[inner] * (1 - apart) > found[outer]
        assert found[nation] * (1 - APART_SHARES) > found[world]


def test_starting_values_with_a_range_are_drawn_but_not_those_of_many_places():
    places = load("yongnian-2023").scenario.places
    ranges = ranges_of(places)
    assert all(name.startswith("place.yongnian.start.") for name in ranges)
    found = draw_of_priors(1, 0, ranges)
    assert ranges.keys() <= found.keys()
    assert ranges_of(places * (priors.MOST_PLACES + 1)) == {}
