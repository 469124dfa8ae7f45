"""Scores of predictive distributions: the continuous ranked probability score (CRPS), coverage, and the PIT.

All functions take numbers as they are compared: logarithms of levels, growth as a rate. A CRPS has the unit of what is
compared, is 0 for a distribution that puts everything on what came out, and equals the absolute error for one that
names a single number. Smaller is better; it rewards a narrow distribution in the right place [1]_.

References
----------
.. [1] Gneiting and Raftery (2007), Strictly proper scoring rules, prediction, and estimation, JASA 102, 359-378.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import binom

from sim.rules.elementary import exp, exps, log, logs, normal_quantiles, normal_share

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from sim.calibrate.algebra import Floats

LEVELS: Final = tuple(k / 40 for k in range(1, 40))
"""Levels of the quantiles a fit keeps of a prediction: 0.025, 0.05, ..., 0.975."""
BAND: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Levels of the quantiles that are shown."""
POINTS: Final = 99
"""Points that stand for a normal or exponential error."""


def band_by_name(quantiles: Floats) -> dict[str, float]:
    """Return quantiles at the levels of ``BAND`` by name: ``p05``, ``p25``, ``p50``, ``p75``, ``p95``."""
    return {f"p{round(100 * level):02d}": float(value) for level, value in zip(BAND, quantiles, strict=True)}


def normal_points() -> Floats:
    """Return equally likely points of the standard normal distribution: its quantiles in the middle of 99 parts.

    They take the place of random draws, so that a score has no Monte Carlo noise of its own.
    """
    return normal_quantiles((np.arange(POINTS) + 0.5) / POINTS)


def exponential_points() -> Floats:
    """Return equally likely points of the exponential distribution with mean 1, as ``normal_points`` does."""
    return -logs((np.arange(POINTS) + 0.5) / POINTS)


def crps_of_samples(values: ArrayLike, observed: float) -> float:
    """Return the CRPS of the distribution that puts the same weight on each value.

    Equal to E|X - y| - E|X - X'| / 2 with X, X' independent draws of the values.
    """
    points = np.sort(np.asarray(values, dtype=np.float64).ravel())
    spread = _pairs(points) / (points.size * points.size)
    return float(np.abs(points - observed).mean() - spread)


def crps_of_replicates(values: ArrayLike, observed: float) -> float:
    """Return the CRPS of the distribution that replicates are draws of, estimated without bias.

    Each replicate brings points of its own measurement error. ``crps_of_samples`` of all points would punish a small
    number of replicates: pairs of one replicate lie too close together. Here only pairs of different replicates count
    in E|X - X'|.

    Parameters
    ----------
    values
        Shape (replicates, points). With one replicate its points are all there is.
    """
    table = np.asarray(values, dtype=np.float64)
    replicates, points = table.shape
    if replicates == 1:
        return crps_of_samples(table, observed)
    within = math.fsum(_pairs(np.sort(row)) for row in table)
    between = (_pairs(np.sort(table.ravel())) - within) / (replicates * (replicates - 1) * points * points)
    return float(np.abs(table - observed).mean() - between)


def _pairs(ordered: Floats) -> float:
    """Return the sum of differences over all pairs (each once) of values in ascending order."""
    count = ordered.size
    return float(((2.0 * np.arange(count) - count + 1.0) * ordered).sum())


def crps_of_normal(mean: float, deviation: float, observed: float) -> float:
    """Return the CRPS of a normal distribution; with deviation 0 the absolute error."""
    if deviation == 0.0:
        return abs(observed - mean)
    z = (observed - mean) / deviation
    density = exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return float(deviation * (z * (2.0 * normal_share(z) - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi)))


def log_score_of_normal(mean: float, deviation: float, observed: float) -> float:
    """Return minus the log density of a normal distribution at what came out (Good 1952); smaller is better."""
    z = (observed - mean) / deviation
    return 0.5 * z * z + log(deviation) + 0.5 * log(2.0 * math.pi)


def log_score_of_draws(means: ArrayLike, variance: float, observed: float) -> float:
    """Return minus the log density of an equal mixture of normal distributions, one at each mean."""
    apart = observed - np.asarray(means, dtype=np.float64).ravel()
    exponents = -0.5 * apart * apart / variance
    top = float(exponents.max())
    return -(top + log(float(exps(exponents - top).mean())) - 0.5 * log(2.0 * math.pi * variance))


def crps_of_quantiles(quantiles: ArrayLike, observed: float, levels: ArrayLike = LEVELS) -> float:
    """Return the CRPS from quantiles: twice the mean of their pinball losses.

    The CRPS is the integral over all levels of twice the pinball loss; the mean over evenly spaced levels stands for
    it. What lies outside the first and last level is not seen, so both sides of a comparison have to be scored so.

    Raises
    ------
    ValueError
        If there is not one quantile a level.
    """
    found, shares = np.asarray(quantiles, dtype=np.float64), np.asarray(levels, dtype=np.float64)
    if found.shape != shares.shape:
        raise ValueError(f"{found.size} quantiles for {shares.size} levels")
    short = observed - found
    return float(2.0 * np.where(short >= 0.0, shares * short, (shares - 1.0) * short).mean())


def pit_of_samples(values: ArrayLike, observed: float) -> float:
    """Return the share of values below what came out, half of those equal to it (probability integral transform)."""
    points = np.asarray(values, dtype=np.float64)
    return float((points < observed).mean() + 0.5 * (points == observed).mean())


def pit_of_quantiles(quantiles: ArrayLike, observed: float) -> float:
    """Return the level at which what came out lies among quantiles; the first or last level when it lies outside."""
    return float(np.interp(observed, np.asarray(quantiles, dtype=np.float64), np.asarray(LEVELS)))


def clipped(values: ArrayLike, observed: float, bound: str) -> Floats:
    """Return values with those on the right side of a floor or a ceiling moved onto it; others as they are.

    A count behind "over 30,000" is somewhere above it, so a prediction is punished for what it puts below alone. The
    CRPS of clipped values is the threshold-weighted one, proper too [1]_.

    References
    ----------
    .. [1] Allen, Ginsbourger and Ziegel (2023), Evaluating forecasts for high-impact events using transformed kernel
       scores, SIAM/ASA Journal on Uncertainty Quantification 11, 906-940.
    """
    given = np.asarray(values, dtype=np.float64)
    if bound == "at_least":
        return np.minimum(given, observed)
    return np.maximum(given, observed) if bound == "at_most" else given


def covered(observed: float, bound: str, low: float, high: float) -> bool:
    """Return whether a band of the count behind a print holds it, or lies on the right side of it.

    A figure printed as a floor ("over 30,000") is met when some of the band lies at or above it, one printed as a
    ceiling when some lies at or below. One printed as "about" gets no slack: the band has its measurement error in it.
    """
    if bound == "at_least":
        return high >= observed
    if bound == "at_most":
        return low <= observed
    return low <= observed <= high


def expected_hits(figures: int, share: float) -> tuple[int, int]:
    """Return how many of some figures a band of this share holds in 90 of 100 cases when it is right."""
    return int(binom.ppf(0.05, figures, share)), int(binom.ppf(0.95, figures, share))


def skill(model: float, rival: float) -> float:
    """Return the skill 1 - model / rival of one score against another: 1 perfect, 0 as good, below 0 worse.

    NaN against a rival without any error.
    """
    return 1.0 - model / rival if rival > 0.0 else math.nan
