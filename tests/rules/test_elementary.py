"""The elementary functions: accurate to the last digits, the same in plain Python, sensible at the ends."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from sim.rules import elementary
from sim.rules.compiled import PLAIN

ULP = 2.0**-52
SCALARS = ("exp", "log", "power", "log1p", "normal_quantile", "normal_share", "log_normal_share", "circle")

positive = st.floats(1e-300, 1e300)
finite = st.floats(-700.0, 700.0)
shares = st.floats(1e-300, 1.0, exclude_max=True)


def plain(name: str) -> Callable[..., float]:
    """Return a function as plain Python; what it calls may be compiled."""
    found = getattr(elementary, name)
    return found if PLAIN else found.py_func  # type: ignore[no-any-return]


def test_every_scalar_function_is_tested() -> None:
    found = {
        name
        for name, value in vars(elementary).items()
        if hasattr(value, "py_func") and not name.startswith("_") and value.py_func.__module__ == elementary.__name__
    }
    assert found == set(SCALARS) or PLAIN


@given(finite)
def test_exp_is_within_a_unit_in_the_last_place(x: float) -> None:
    assert elementary.exp(x) == pytest.approx(math.exp(x), rel=1.1 * ULP, abs=0.0)


@given(positive)
def test_log_is_within_a_unit_in_the_last_place(x: float) -> None:
    assert elementary.log(x) == pytest.approx(math.log(x), rel=1.1 * ULP, abs=0.0)


@given(st.floats(0.5, 2.0))
def test_log_is_accurate_near_1(x: float) -> None:
    assert elementary.log(x) == pytest.approx(math.log(x), rel=1.1 * ULP, abs=0.0)


@given(st.floats(1e-8, 1e8), st.floats(-20.0, 20.0))
def test_power_is_as_accurate_as_its_logarithm(base: float, exponent: float) -> None:
    allowed = (2.0 + 2.0 * abs(exponent * math.log(base))) * ULP
    assert elementary.power(base, exponent) == pytest.approx(math.pow(base, exponent), rel=allowed, abs=0.0)


@given(st.floats(0.0, 1e8), st.floats(-5.0, 5.0))
def test_power_of_no_change(base: float, exponent: float) -> None:
    assert elementary.power(base, 1.0) == base
    assert elementary.power(base, 0.0) == elementary.power(1.0, exponent) == 1.0


@given(st.floats(-0.999, 1e6))
def test_log1p_is_accurate_near_nought(x: float) -> None:
    assert elementary.log1p(x) == pytest.approx(math.log1p(x), rel=4.0 * ULP, abs=0.0)


@given(shares)
def test_normal_quantile(p: float) -> None:
    assert elementary.normal_quantile(p) == pytest.approx(float(special.ndtri(p)), rel=5e-15, abs=1e-17)


@given(st.floats(-38.0, 38.0))
def test_normal_share(x: float) -> None:
    # SciPy's own error is up to 2.4e-13 in the tails (against 40 digits), that of ours 7e-16.
    assert elementary.normal_share(x) == pytest.approx(float(special.ndtr(x)), rel=5e-13, abs=0.0)
    assert elementary.log_normal_share(x) == pytest.approx(float(special.log_ndtr(x)), rel=5e-13, abs=0.0)


@pytest.mark.parametrize("x", [-1e6, -200.0, -40.0, -30.5, -5.66, -5.65, -0.68, -0.67, 0.0, 0.67, 0.68, 6.0, 30.0, 1e6])
def test_the_logarithm_of_the_normal_share_far_out(x: float) -> None:
    assert elementary.log_normal_share(x) == pytest.approx(float(special.log_ndtr(x)), rel=1e-13, abs=0.0)


@pytest.mark.parametrize(
    ("x", "share"),
    [
        (-30.0, 4.906713927148187e-198),
        (-10.0, 7.619853024160525e-24),
        (-5.0, 2.866515718791939e-07),
        (-1.0, 0.15865525393145705),
    ],
)
def test_normal_shares_known_to_all_digits(x: float, share: float) -> None:
    assert elementary.normal_share(x) == pytest.approx(share, rel=1e-15, abs=0.0)
    assert elementary.normal_quantile(share) == pytest.approx(x, rel=1e-15)


@given(st.floats(1e-12, 1.0 - 1e-12))
def test_quantile_and_share_are_inverse(p: float) -> None:
    assert elementary.normal_share(elementary.normal_quantile(p)) == pytest.approx(p, rel=1e-13, abs=0.0)


@given(st.floats(-3.0, 3.0))
def test_circle(turns: float) -> None:
    cosine, sine = elementary.circle(turns)
    assert cosine == pytest.approx(math.cos(2.0 * math.pi * turns), abs=3e-15)
    assert sine == pytest.approx(math.sin(2.0 * math.pi * turns), abs=3e-15)
    assert cosine * cosine + sine * sine == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (elementary.exp(0.0), 1.0), (elementary.exp(1e9), math.inf), (elementary.exp(-1e9), 0.0),
        (elementary.exp(math.inf), math.inf), (elementary.exp(-math.inf), 0.0), (elementary.exp(math.nan), math.nan),
        (elementary.exp(709.782712893384), math.exp(709.782712893384)), (elementary.exp(709.7828), math.inf),
        (elementary.exp(-708.39), math.exp(-708.39)), (elementary.exp(-708.4), 0.0),
        (elementary.log(0.0), -math.inf), (elementary.log(-1.0), math.nan), (elementary.log(math.inf), math.inf),
        (elementary.log(math.nan), math.nan), (elementary.log(1.0), 0.0), (elementary.log(5e-324), math.log(5e-324)),
        (elementary.power(0.0, 2.5), 0.0), (elementary.power(0.0, -2.5), math.inf), (elementary.power(0.0, 0.0), 1.0),
        (elementary.power(-2.0, 0.5), math.nan), (elementary.power(2.0, math.nan), math.nan),
        (elementary.log1p(-1.0), -math.inf), (elementary.log1p(math.inf), math.inf), (elementary.log1p(1e-20), 1e-20),
        (elementary.normal_quantile(0.0), -math.inf), (elementary.normal_quantile(1.0), math.inf),
        (elementary.normal_quantile(0.5), 0.0), (elementary.normal_quantile(-0.1), math.nan),
        (elementary.normal_quantile(1.1), math.nan), (elementary.normal_quantile(math.nan), math.nan),
        (elementary.normal_share(0.0), 0.5), (elementary.normal_share(-100.0), 0.0),
        (elementary.normal_share(100.0), 1.0), (elementary.circle(0.0)[0], 1.0), (elementary.circle(0.25)[1], 1.0),
        (elementary.circle(math.inf)[0], math.nan), (elementary.circle(math.nan)[1], math.nan),
    ],
)  # fmt: skip
def test_at_the_ends(found: float, expected: float) -> None:
    assert found == pytest.approx(expected, rel=2.0 * ULP, abs=0.0, nan_ok=True)


@pytest.mark.parametrize("name", SCALARS)
@given(x=st.floats(-30.0, 30.0), y=st.floats(-9.0, 9.0))
def test_plain_python_gives_the_same_bits(name: str, x: float, y: float) -> None:
    first = abs(x) / 31.0 if name in ("normal_quantile", "log", "log1p") else abs(x) if name == "power" else x
    given_ = (first, y)[: len(inspect.signature(plain(name)).parameters)]
    assert plain(name)(*given_) == getattr(elementary, name)(*given_)


ARRAYS = {"exps": "exp", "logs": "log", "normal_quantiles": "normal_quantile", "normal_shares": "normal_share"}


@pytest.mark.parametrize(("many", "one"), ARRAYS.items())
@pytest.mark.parametrize("shape", [(), (7,), (3, 4), (2, 0), (2, 3, 2)])
def test_arrays_of_any_shape(many: str, one: str, shape: tuple[int, ...]) -> None:
    values: NDArray[np.float64] = np.random.default_rng(1).random(shape)
    # Transposed, since the order in memory is no order of the values.
    found = getattr(elementary, many)(values.T)
    assert found.shape == values.T.shape
    expected = [getattr(elementary, one)(float(value)) for value in values.T.ravel()]
    assert found.ravel().tolist() == expected


def test_powers_are_broadcast_and_circles_are_pairs() -> None:
    bases, exponents = np.array([[0.5], [2.0]]), np.array([1.0, -1.5, 3.0])
    found = elementary.powers(bases, exponents)
    assert found.tolist() == [[elementary.power(float(b), float(e)) for e in exponents] for b in bases.ravel()]
    cosines, sines = elementary.circles(exponents)
    assert list(zip(cosines, sines, strict=True)) == [elementary.circle(float(turns)) for turns in exponents]


def test_functions_never_fall_where_they_should_rise() -> None:
    x = np.linspace(-37.0, 37.0, 20_001)
    p = (np.arange(20_001) + 0.5) / 20_001
    for values in (elementary.exps(x), elementary.logs(p), elementary.normal_quantiles(p), elementary.normal_shares(x)):
        assert (np.diff(values) >= 0.0).all()
