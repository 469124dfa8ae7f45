"""The one home of exp, log, power, the normal distribution and the circle: the same bits on every processor.

Libraries choose another form of these functions by processor (NumPy with AVX-512, the C library with and without fused
multiply-add), and one last digit moves a discrete choice of a firm. Here they are polynomials over additions,
multiplications, divisions and square roots of IEEE 754 doubles in a stated order, which every processor rounds alike;
the compiler neither fuses nor reorders them. Nothing that a run, a design or a fit computes calls another.

Scalar functions are called from rules; those named in the plural take arrays of any shape, for what is not a loop. The
same text runs as plain Python, to the same bits. Errors are given in units in the last place (ulp) of the result.

References
----------
.. [1] Sun Microsystems (1993), fdlibm: reductions, and the coefficients of the logarithm, sine and cosine.
.. [2] Wichura (1988), Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics 37.
.. [3] Cody (1969), Rational Chebyshev approximations for the error function, Mathematics of Computation 23.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.rules.compiled import function, loop

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LN_2_HIGH: Final = 6.93147180369123816490e-01
LN_2_LOW: Final = 1.90821492927058770002e-10
"""The logarithm of 2 in two parts, of which the first has so few digits that its multiples are exact."""
PER_LN_2: Final = 1.44269504088896338700
TO_WHOLE: Final = 6755399441055744.0
"""Three halves of 2^52: a number to which this is added and taken off again is rounded to a whole one."""
LARGEST_EXPONENT: Final = 709.782712893384
LEAST_EXPONENT: Final = 708.39
"""exp is infinite from the first, and 0 below the second with its sign changed."""
SMALLEST_NORMAL: Final = 2.2250738585072014e-308
TWO_TO_54: Final = 18014398509481984.0
HALF_ROOT_BITS: Final = 0x3FE6A09E667F3BCD
"""The double sqrt(1/2) as an integer: mantissas are taken between it and its double."""
MANTISSA: Final = 0xFFFFFFFFFFFFF
ROOT_32: Final = 5.656854249492381
ONE_OVER_ROOT_TWO_PI: Final = 0.3989422804014327
TWO_PI: Final = 6.283185307179586


@function
def exp(x: float) -> float:
    """Return e to the power of ``x``; error below 1 ulp, and 0 where the result is no normal double (below -708.39).

    ``x = k ln 2 + r`` with whole ``k`` and ``|r| <= ln 2 / 2`` [1]_, then the Taylor polynomial of degree 13 in ``r``,
    whose remainder is below 1e-17; ``k`` is added to the exponent's bits.
    """
    if not abs(x) <= LEAST_EXPONENT:
        if x < 0.0:
            return 0.0
        if not x <= LARGEST_EXPONENT:
            return x if x != x else np.inf
    k = (x * PER_LN_2 + TO_WHOLE) - TO_WHOLE
    r = (x - k * LN_2_HIGH) - k * LN_2_LOW
    r2 = r * r
    r4 = r2 * r2
    low = (1.0 / 2.0 + 1.0 / 6.0 * r) + (1.0 / 24.0 + 1.0 / 120.0 * r) * r2
    middle = (1.0 / 720.0 + 1.0 / 5040.0 * r) + (1.0 / 40320.0 + 1.0 / 362880.0 * r) * r2
    high = (1.0 / 3628800.0 + 1.0 / 39916800.0 * r) + (1.0 / 479001600.0 + 1.0 / 6227020800.0 * r) * r2
    mantissa = 1.0 + (r + r2 * (low + middle * r4 + high * (r4 * r4)))
    return np.int64(np.float64(mantissa).view(np.int64) + (np.int64(k) << 52)).view(np.float64)


@function
def log(x: float) -> float:
    """Return the natural logarithm of ``x``; minus infinity at 0, not a number below; error below 1 ulp.

    ``x = 2^k m`` with ``m`` between sqrt(1/2) and sqrt(2); with ``s = f / (2 + f)`` and ``f = m - 1`` the logarithm of
    ``m`` is ``2 s + 2/3 s^3 + ...``, a polynomial in ``s^2`` [1]_.
    """
    if x <= 0.0:
        return -np.inf if x == 0.0 else np.nan
    if not x < np.inf:
        return x
    small = x < SMALLEST_NORMAL
    bits = np.float64(x * TWO_TO_54 if small else x).view(np.int64) - np.int64(HALF_ROOT_BITS)
    k = float((bits >> 52) - (54 if small else 0))
    f = np.int64((bits & MANTISSA) + np.int64(HALF_ROOT_BITS)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half = 0.5 * f * f
    return k * LN_2_HIGH - ((half - (s * (half + (even + odd)) + k * LN_2_LOW)) - f)


@function
def power(base: float, exponent: float) -> float:
    """Return ``base ** exponent`` of a base that is not negative; error below 2 + 2 |exponent log(base)| ulp.

    An exponent of 1 changes nothing, one of 0 gives 1; a negative base gives no number.
    """
    if exponent == 1.0:
        return base
    if exponent == 0.0 or base == 1.0:
        return 1.0
    return exp(exponent * log(base))


@function
def log1p(x: float) -> float:
    """Return ``log(1 + x)``, accurate near 0 too (Kahan)."""
    grown = 1.0 + x
    if grown == 1.0:
        return x
    if not grown < np.inf:
        return log(grown)
    return log(grown) * (x / (grown - 1.0))


@function
def normal_quantile(p: float) -> float:
    """Return the standard normal quantile at probability ``p``; relative error about 1e-16 [2]_."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * (
            (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
            + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.387132872796366608)
            / (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
            + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
            + 42.313330701600911252) * r + 1.0)
        )  # fmt: skip
    tail = p if q < 0.0 else 1.0 - p
    if not tail > 0.0:
        return np.nan if tail != 0.0 else (-np.inf if q < 0.0 else np.inf)
    r = math.sqrt(-log(tail))
    if r <= 5.0:
        r -= 1.6
        value = (
            (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
            + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
            + 4.6303378461565452959) * r + 1.42343711074968357734)
            / (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
            + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
            + 2.05319162663775882187) * r + 1.0)
        )  # fmt: skip
    else:
        r -= 5.0
        value = (
            (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
            + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
            + 5.4637849111641143699) * r + 6.6579046435011037772)
            / (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
            + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
            + 0.59983220655588793769) * r + 1.0)
        )  # fmt: skip
    return -value if q < 0.0 else value


@function
def _normal_tail_ratio(y: float) -> float:
    """Return the normal share above ``y`` over ``exp(-y^2 / 2)``, for ``y`` above 0.67 [3]_."""
    if y <= ROOT_32:
        top = 1.0765576773720192317e-8 * y
        low = y
        top = (top + 0.39894151208813466764) * y
        low = (low + 22.266688044328115691) * y
        top = (top + 8.8831497943883759412) * y
        low = (low + 235.38790178262499861) * y
        top = (top + 93.506656132177855979) * y
        low = (low + 1519.377599407554805) * y
        top = (top + 597.27027639480026226) * y
        low = (low + 6485.558298266760755) * y
        top = (top + 2494.5375852903726711) * y
        low = (low + 18615.571640885098091) * y
        top = (top + 6848.1904505362823326) * y
        low = (low + 34900.952721145977266) * y
        top = (top + 11602.651437647350124) * y
        low = (low + 38912.003286093271411) * y
        return (top + 9842.7148383839780218) / (low + 19685.429676859990727)
    # Laplace's continued fraction y + 1/(y + 2/(y + ...)), from the 25th step.
    below = y
    for step in range(25, 0, -1):
        below = y + step / below
    return ONE_OVER_ROOT_TWO_PI / below


@function
def _normal_centre(x: float) -> float:
    """Return the normal share between 0 and ``x``, for ``|x|`` up to 0.67448975 [3]_."""
    z = x * x
    top = (((0.065682337918207449113 * z + 2.2352520354606839287) * z + 161.02823106855587881) * z
           + 1067.6894854603709582) * z + 18154.981253343561249  # fmt: skip
    low = (((z + 47.20258190468824187) * z + 976.09855173777669322) * z
           + 10260.932208618978205) * z + 45507.789335026729956  # fmt: skip
    return x * top / low


@function
def normal_share(x: float) -> float:
    """Return the standard normal distribution function at ``x``; relative error about 1e-15 [3]_."""
    y = abs(x)
    if y <= 0.67448975:
        return 0.5 + _normal_centre(x)
    if y > 40.0:
        return 0.0 if x < 0.0 else 1.0
    # exp(-y^2 / 2) in two steps: the square of a number of few digits is exact.
    near = math.floor(y * 16.0) / 16.0
    tail = exp(-0.5 * near * near) * exp(-0.5 * (y - near) * (y + near)) * _normal_tail_ratio(y)
    return tail if x < 0.0 else 1.0 - tail


@function
def log_normal_share(x: float) -> float:
    """Return the logarithm of the standard normal distribution function at ``x``, finite far below 0 too."""
    if x > 0.67448975:
        return log1p(-normal_share(-x))
    if x >= -0.67448975:
        return log(normal_share(x))
    return -0.5 * x * x + log(_normal_tail_ratio(-x))


@function
def circle(turns: float) -> tuple[float, float]:
    """Return the cosine and sine of an angle in whole turns; error below 2e-15 [1]_."""
    if not abs(turns) < TWO_TO_54:
        return np.nan, np.nan
    eighths = math.floor(turns * 4.0 + 0.5)
    x = (turns - eighths * 0.25) * TWO_PI
    z = x * x
    cosine = 1.0 - (
        0.5 * z
        - z * z * (
            4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * (2.48015872894767294178e-05
            + z * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11))))
        )
    )  # fmt: skip
    sine = x + x * z * (
        -1.66666666666666324348e-01 + z * (8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04
        + z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10))))
    )  # fmt: skip
    quarter = int(eighths) & 3
    if quarter == 0:
        return cosine, sine
    if quarter == 1:
        return -sine, cosine
    if quarter == 2:
        return -cosine, -sine
    return sine, -cosine


# --- of arrays --------------------------------------------------------------------------------------------------------


EXP, LOG, QUANTILE, SHARE = range(4)


@loop
def _apply(which: int, given: Floats, out: Floats) -> None:
    for i in range(given.size):
        if which == EXP:
            out[i] = exp(given[i])
        elif which == LOG:
            out[i] = log(given[i])
        elif which == QUANTILE:
            out[i] = normal_quantile(given[i])
        else:
            out[i] = normal_share(given[i])


@loop
def _powers(given: Floats, exponents: Floats, out: Floats) -> None:
    for i in range(given.size):
        out[i] = power(given[i], exponents[i])


@loop
def _circles(given: Floats, cosine: Floats, sine: Floats) -> None:
    for i in range(given.size):
        cosine[i], sine[i] = circle(given[i])


def _flat(values: ArrayLike) -> tuple[Floats, Floats]:
    """Return values as a contiguous row, and an array of their shape for the results."""
    given = np.asarray(values, dtype=np.float64)
    return np.ascontiguousarray(given).ravel(), np.empty(given.shape)


def _of(which: int, values: ArrayLike) -> Floats:
    given, out = _flat(values)
    _apply(which, given, out.reshape(-1))
    return out


def exps(values: ArrayLike) -> Floats:
    """Return ``exp`` of values of any shape."""
    return _of(EXP, values)


def logs(values: ArrayLike) -> Floats:
    """Return ``log`` of values of any shape."""
    return _of(LOG, values)


def normal_quantiles(probabilities: ArrayLike) -> Floats:
    """Return ``normal_quantile`` of probabilities of any shape."""
    return _of(QUANTILE, probabilities)


def normal_shares(values: ArrayLike) -> Floats:
    """Return ``normal_share`` of values of any shape."""
    return _of(SHARE, values)


def powers(bases: ArrayLike, exponents: ArrayLike) -> Floats:
    """Return ``power`` of bases and exponents, broadcast against each other."""
    base, exponent = np.broadcast_arrays(np.asarray(bases, dtype=np.float64), np.asarray(exponents, dtype=np.float64))
    given, out = _flat(base)
    _powers(given, np.ascontiguousarray(exponent).ravel(), out.reshape(-1))
    return out


def circles(turns: ArrayLike) -> tuple[Floats, Floats]:
    """Return the cosines and sines of angles in whole turns, of any shape."""
    given, cosine = _flat(turns)
    sine = np.empty(cosine.shape)
    _circles(given, cosine.reshape(-1), sine.reshape(-1))
    return cosine, sine
