"""A bound is one-sided; about has a tenth of slack; too few runs give no verdict."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.reporting.standing import ORDER, WORDS, distance, limits, standing

VALUES = st.floats(1.0, 1e12)


@pytest.mark.parametrize(
    ("bound", "low", "high", "expected"),
    [
        ("exact", 90.0, 110.0, "inside"),
        ("exact", 101.0, 110.0, "missed"),
        ("exact", 80.0, 99.0, "missed"),
        ("at_least", 90.0, 110.0, "inside"),
        ("at_least", 101.0, 110.0, "right side"),
        ("at_least", 80.0, 99.0, "missed"),
        ("at_most", 90.0, 110.0, "inside"),
        ("at_most", 101.0, 110.0, "missed"),
        ("at_most", 80.0, 99.0, "right side"),
        ("about", 105.0, 107.0, "inside"),
        ("about", 111.0, 120.0, "missed"),
        ("about", 80.0, 89.0, "missed"),
        ("exact", math.nan, math.nan, "too few runs"),
    ],
)
def test_standing_by_hand(bound: str, low: float, high: float, expected: str) -> None:
    assert standing(100.0, bound, low, high) == expected


@given(value=VALUES, low=VALUES, width=st.floats(0.0, 1e12), up=st.floats(0.0, 1e12))
def test_more_never_falls_short_of_a_floor(value: float, low: float, width: float, up: float) -> None:
    before = standing(value, "at_least", low, low + width)
    if before != "missed":
        assert standing(value, "at_least", low + up, low + width + up) != "missed"


@given(value=VALUES, low=VALUES, width=st.floats(0.0, 1e12), factor=st.floats(0.5, 4.0))
def test_the_unit_does_not_matter(value: float, low: float, width: float, factor: float) -> None:
    power = 2.0 ** round(math.log2(factor))
    for bound in ("exact", "at_least", "at_most"):
        there = standing(value * power, bound, low * power, (low + width) * power)
        assert there == standing(value, bound, low, low + width)


def test_limits_of_a_negative_growth_rate_and_order_of_words() -> None:
    assert limits(-0.1, "about") == pytest.approx((-0.11, -0.09))
    assert set(ORDER) == set(WORDS)
    assert ORDER[0] == "missed"
    assert distance(100.0, 50.0) == pytest.approx(distance(100.0, 200.0))
    assert distance(0.1, -0.1) == pytest.approx(0.2)
