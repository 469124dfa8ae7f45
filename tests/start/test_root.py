"""The root finder gives the bits of SciPy's."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.optimize import brentq

from sim.start.root import root

SHAPES: tuple[Callable[[float, float], float], ...] = (
    lambda x, at: x - at,
    lambda x, at: (x - at) ** 3 + (x - at),
    lambda x, at: math.atan(20.0 * (x - at)),
    lambda x, at: math.exp(0.3 * x) - math.exp(0.3 * at),
    lambda x, at: 1.0 / (1.0 + math.exp(-x)) - 1.0 / (1.0 + math.exp(-at)),
    lambda x, at: math.copysign(1.0, x - at),
    lambda x, at: math.floor((x - at) / 7.0) + 0.5,
)


@given(shape=some.sampled_from(SHAPES), at=some.floats(-9.0, 39.0), upward=some.booleans())
def test_it_gives_the_bits_of_scipy(shape: Callable[[float, float], float], at: float, upward: bool) -> None:
    def gap(x: float) -> float:
        return shape(x, at) if upward else -shape(x, at)

    assert root(gap, -10.0, 40.0) == brentq(gap, -10.0, 40.0, xtol=1e-12)


def test_the_ends_may_be_roots() -> None:
    assert root(lambda x: x - 1.0, 1.0, 2.0) == 1.0
    assert root(lambda x: x - 2.0, 1.0, 2.0) == 2.0


def test_without_a_change_of_sign_there_is_none() -> None:
    with pytest.raises(ValueError, match=r"no change of sign between 1\.0 and 2\.0"):
        root(lambda x: x, 1.0, 2.0)


def test_a_root_as_flat_as_a_cube_is_given_up_as_scipy_gives_it_up() -> None:
    for find in (root, brentq):
        with pytest.raises(RuntimeError):
            find(lambda x: x**3, -10.0, 40.0)
