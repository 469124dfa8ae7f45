"""The likelihood of several figures of one place together.

Figures printed as they are, and ratios known of an industry, are joined in one normal density: their errors correlate
as the emulators' residuals do, since what one run makes too large another observable of that run is too. A bound is
one-sided, so no normal density joins it; it is taken at the mean and variance that the residuals of the others leave
it (and independent of the other bounds).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.calibrate.measurement import LOG_TWO_PI, Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.calibrate.questions import RatioMeasure

    Floats = NDArray[np.float64]


def joint_log_likelihood(
    measures: Sequence[Measurement | RatioMeasure], means: Floats, variances: Floats, correlation: Floats
) -> Floats:
    """Return the log density of all figures at points, shape (points,).

    Parameters
    ----------
    means, variances
        Of the simulated answers, transformed, shape (points, figures). An error of print that is known at each point
        (what several places have in common) is added to the means.
    correlation
        Of the answers' errors, shape (figures, figures).
    """
    exact = [k for k, item in enumerate(measures) if item.bound == "exact"]
    bounds = [k for k, item in enumerate(measures) if item.bound != "exact"]
    noise = np.array([item.noise for item in measures])
    observed = np.array([item.observed for item in measures])
    spread = np.sqrt(variances)
    total = np.zeros(len(means))
    inverse, distance = None, observed - means
    if exact:
        covariance = _covariance(spread[:, exact], correlation[np.ix_(exact, exact)])
        covariance += np.eye(len(exact)) * noise[exact]
        inverse = np.linalg.inv(covariance)
        _, logarithm = np.linalg.slogdet(covariance)
        apart = distance[:, exact]
        squared = np.einsum("pi,pij,pj->p", apart, inverse, apart)
        total = total - 0.5 * (squared + logarithm + len(exact) * LOG_TWO_PI)
    for k in bounds:
        mean, variance = means[:, k], variances[:, k]
        if exact and inverse is not None:
            joint = spread[:, exact] * spread[:, [k]] * correlation[exact, k]
            gain = np.einsum("pi,pij->pj", joint, inverse)
            mean = mean + np.einsum("pi,pi->p", gain, distance[:, exact])
            variance = np.maximum(variance - np.einsum("pi,pi->p", gain, joint), 1e-12)
        item = measures[k]
        assert isinstance(item, Measurement)
        total = total + item.log_likelihood(mean, variance)
    return np.asarray(total)


def _covariance(spread: Floats, correlation: Floats) -> Floats:
    """Return covariance matrices, shape (points, figures, figures)."""
    return spread[:, :, None] * spread[:, None, :] * correlation


def residual_correlation(residuals: Floats) -> Floats:
    """Return the correlation of residuals between questions, shape (questions, questions), shrunk to no correlation.

    Parameters
    ----------
    residuals
        Shape (trials, questions); NaN where a trial has no number.

    Notes
    -----
    Each correlation is pulled towards 0 by a twentieth, which keeps the matrix positive definite; pairs with fewer than
    20 trials in common, and questions that never vary, count as uncorrelated.
    """
    count = residuals.shape[1]
    found = np.eye(count)
    for a in range(count):
        for b in range(a):
            both = np.isfinite(residuals[:, a]) & np.isfinite(residuals[:, b])
            first, second = residuals[both, a], residuals[both, b]
            if both.sum() >= 20 and first.std() > 0.0 and second.std() > 0.0:
                found[a, b] = found[b, a] = 0.95 * float(np.corrcoef(first, second)[0, 1])
    values, vectors = np.linalg.eigh(found)
    if values.min() < 1e-6:
        found = vectors @ np.diag(np.maximum(values, 1e-6)) @ vectors.T
        scale = np.sqrt(np.diag(found))
        found = found / scale / scale[:, None]
    return np.asarray(found)
