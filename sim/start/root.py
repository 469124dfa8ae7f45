"""Root of a function of one variable: Brent's method, as ``scipy.optimize.brentq`` has it, to the bit.

Written out because a run needs nothing else of SciPy, whose optimisers take half a second to import, and because its
compiled code may round otherwise on another processor.
"""

from __future__ import annotations

from collections.abc import Callable

STEPS = 100


def root(
    gap: Callable[[float], float],
    low: float,
    high: float,
    absolute: float = 1e-12,
    relative: float = 8.881784197001252e-16,
) -> float:
    """Return where ``gap`` crosses zero between ``low`` and ``high``, at which it has different signs.

    Each step interpolates through the last two or three points, or halves the bracket where that would not do [1]_.

    Parameters
    ----------
    absolute, relative
        The root lies within ``absolute + relative * |root|`` of what is returned.

    Raises
    ------
    ValueError
        If the signs are the same.
    RuntimeError
        If ``STEPS`` steps do not get so near.

    References
    ----------
    .. [1] Brent (1973), Algorithms for Minimization Without Derivatives, chapter 4.
    """
    before, now, other = low, high, 0.0
    gap_before, gap_now, gap_other = gap(low), gap(high), 0.0
    step_before = step = 0.0
    if gap_before == 0.0:
        return before
    if gap_now == 0.0:
        return now
    if (gap_before < 0.0) == (gap_now < 0.0):
        raise ValueError(f"no change of sign between {low} and {high}")
    for _ in range(STEPS):
        if gap_before != 0.0 and gap_now != 0.0 and (gap_before < 0.0) != (gap_now < 0.0):
            other, gap_other = before, gap_before
            step_before = step = now - before
        if abs(gap_other) < abs(gap_now):
            before, now, other = now, other, now
            gap_before, gap_now, gap_other = gap_now, gap_other, gap_now
        near = (absolute + relative * abs(now)) / 2.0
        half = (other - now) / 2.0
        if gap_now == 0.0 or abs(half) < near:
            return now
        step_before, step = _step(before, now, other, gap_before, gap_now, gap_other, step_before, step, near)
        before, gap_before = now, gap_now
        now += step if abs(step) > near else (near if half > 0.0 else -near)
        gap_now = gap(now)
    raise RuntimeError(f"no root found in {STEPS} steps")


def _step(
    before: float,
    now: float,
    other: float,
    gap_before: float,
    gap_now: float,
    gap_other: float,
    step_before: float,
    step: float,
    near: float,
) -> tuple[float, float]:
    """Return the step before the next one and the next: interpolated where that is short enough, else half the way."""
    half = (other - now) / 2.0
    if abs(step_before) > near and abs(gap_now) < abs(gap_before):
        if before == other:
            tried = -gap_now * (now - before) / (gap_now - gap_before)
        else:
            slope = (gap_before - gap_now) / (before - now)
            slope_other = (gap_other - gap_now) / (other - now)
            under = slope_other * slope * (gap_other - gap_before)
            if under == 0.0:
                return half, half
            tried = -gap_now * (gap_other * slope_other - gap_before * slope) / under
        if 2.0 * abs(tried) < min(abs(step_before), 3.0 * abs(half) - near):
            return step, tried
    return half, half
