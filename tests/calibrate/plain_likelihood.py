"""The likelihood of figures written for reading, in NumPy and SciPy: what the compiled loops are docked to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr

from sim.calibrate.measurement import Measurement
from sim.calibrate.posterior import Pool, Unit

Floats = NDArray[np.float64]
LOG_TWO_PI = math.log(2.0 * math.pi)


def of_print(measure: Measurement, mean: ArrayLike, variance: ArrayLike) -> Floats:
    """Return the log density of a print given the transformed count's mean and variance (any shape)."""
    total = np.asarray(variance, dtype=np.float64) + measure.noise
    distance = np.asarray(mean, dtype=np.float64) - measure.observed
    if measure.bound == "exact":
        return np.asarray(-0.5 * (distance**2 / total + np.log(total) + LOG_TWO_PI))
    if measure.bound == "at_most":
        distance = -distance
    spread = np.sqrt(total)
    soft = -distance / measure.far + 0.5 * total / measure.far**2 - math.log(measure.far)
    return np.asarray(soft + log_ndtr(distance / spread - spread / measure.far))


def of_figures(measures: Sequence[Measurement], means: Floats, variances: Floats, correlation: Floats) -> Floats:
    """Return the log density of all figures of a place at points, shape (points,).

    Exact figures in one normal density; a bound at the mean and variance that the exact ones leave it.
    """
    exact = [k for k, item in enumerate(measures) if item.bound == "exact"]
    bounds = [k for k, item in enumerate(measures) if item.bound != "exact"]
    noise = np.array([item.noise for item in measures])
    spread = np.sqrt(variances)
    total = np.zeros(len(means))
    inverse, distance = None, np.array([item.observed for item in measures]) - means
    if exact:
        covariance = spread[:, exact, None] * spread[:, None, exact] * correlation[np.ix_(exact, exact)]
        covariance += np.eye(len(exact)) * noise[exact]
        inverse = np.linalg.inv(covariance)
        _, logarithm = np.linalg.slogdet(covariance)
        apart = distance[:, exact]
        squared = np.einsum("pi,pij,pj->p", apart, inverse, apart)
        total = total - 0.5 * (squared + logarithm + len(exact) * LOG_TWO_PI)
    for k in bounds:
        mean, variance = means[:, k], variances[:, k]
        if inverse is not None:
            joint = spread[:, exact] * spread[:, [k]] * correlation[exact, k]
            gain = np.einsum("pi,pij->pj", joint, inverse)
            mean = mean + np.einsum("pi,pi->p", gain, distance[:, exact])
            variance = np.maximum(variance - np.einsum("pi,pi->p", gain, joint), 1e-12)
        item = measures[k]
        total = total + of_print(item, mean, variance)
    return np.asarray(total)


def of_unit(
    unit: Unit, scores: Floats, without: frozenset[str] = frozenset(), common: Mapping[str, Floats] | None = None
) -> Floats:
    """Return the log likelihood of a unit's figures, shape (points,); ``common`` as scores of errors in common."""
    used = [k for k, item in enumerate(unit.asked) if item.binds and item.id not in without]
    total = np.where(unit.space.possible(scores), 0.0, -np.inf)
    if used:
        means, variances = (part.copy() for part in unit.predict(scores, used))
        measures = [unit.asked[k].measure for k in used]
        for column, k in enumerate(used):
            if measures[column].of_many:
                variances[:, column] -= unit.emulators[k].error ** 2
        for column, measure in enumerate(measures):
            score = (common or {}).get(measure.common)
            if score is not None:
                means[:, column] += measure.common_deviation * score
                measures[column] = measure.own
        total = total + of_figures(measures, means, variances, unit.residual_correlation[np.ix_(used, used)])
    return np.asarray(total)


def of_pool(
    pool: Pool, sources: Floats, without: frozenset[str] = frozenset(), blind: frozenset[str] = frozenset()
) -> Floats:
    """Return the log likelihood of all units' figures, shape (points,)."""
    total = np.zeros(len(sources))
    common = {name: sources[:, column] for name, column in pool.columns.items()}
    for number, unit in enumerate(pool.units):
        hidden = frozenset(item.id for item in unit.asked) if unit.id in blind else without
        total = total + of_unit(unit, pool.scores(sources, number), hidden, common)
    return total
