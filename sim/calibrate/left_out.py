"""Figures left out of a fit and predicted: one at a time, all of a place, and all printed growth together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.calibrate import algebra
from sim.calibrate.generators import Draws
from sim.calibrate.posterior import Pool
from sim.rules.elementary import exps, log, logs, normal_share

if TYPE_CHECKING:
    from sim.calibrate.algebra import Floats
    from sim.calibrate.fits import Settings
    from sim.calibrate.posterior import Unit

PREDICTED: Final = 1024
"""Draws of a prediction."""
TWO_PI: Final = 2.0 * math.pi


@dataclass(frozen=True)
class Prediction:
    """What a fit that did not see a figure says of it.

    Attributes
    ----------
    counted
        Draws of what an office would count, in the figure's plain unit.
    log_density
        Of the figure as compared, where it is printed as it is; None for a bound.
    """

    counted: Floats
    log_density: float | None


@dataclass(frozen=True)
class Joint:
    """Printed growth of all places under the distribution that a fit without any of it gives them together.

    Attributes
    ----------
    ids
        Of the figures, in the order of units.
    observed, mean
        Shape (figures,); rates.
    covariance
        Shape (figures, figures), of draws.
    distance
        Squared Mahalanobis distance of what was printed from the mean.
    p
        Share of draws that lie as far out.
    z
        Of the mean of what was printed: one number for "all of them are too high".
    pits
        Of each figure given those before it (Rosenblatt 1952): independent and even if the distribution is right.
    """

    ids: tuple[str, ...]
    observed: Floats
    mean: Floats
    covariance: Floats
    distance: float
    p: float
    z: float
    pits: Floats


def left_out_one_by_one(pool: Pool, number: int, settings: Settings, seed: int) -> dict[str, Prediction]:
    """Return a prediction of every figure of a unit by a fit that did not see it.

    That is a fit of the place alone. A printed rate of growth that has an error in common with those of other places is
    left out of the fit of all places instead: what the others say of that error is part of the prediction.
    """
    unit, found = pool.units[number], {}
    for question, item in enumerate(unit.asked):
        if not item.binds or item.condition:
            continue  # the fit never saw it, or it is no figure
        shared = item.fact is not None and item.measure.common in pool.common
        used, place = (pool, number) if shared else (Pool((unit,)), 0)
        keep = PREDICTED // settings.chains
        chains = used.sample(settings.chains, settings.proof_steps, keep, seed + question, frozenset({item.id}))
        found[item.id] = _prediction(used, place, question, chains.flat, Draws(seed + 1000 + question))
    return found


def left_out_place(pool: Pool, number: int, settings: Settings, seed: int) -> dict[str, Prediction]:
    """Return a prediction of every figure of one place by the fit of all others."""
    unit = pool.units[number]
    blind = frozenset({unit.id})
    chains = pool.sample(
        settings.chains, settings.proof_steps, PREDICTED // settings.chains, seed + number, blind=blind
    )
    random = Draws(seed + 5000 + number)
    return {
        item.id: _prediction(pool, number, question, chains.flat, random)
        for question, item in enumerate(unit.asked)
        if item.binds and not item.condition
    }


def _prediction(pool: Pool, number: int, question: int, sources: Floats, random: Draws) -> Prediction:
    """Return draws of what an office would count, and the density of what was printed.

    The randomness is that of another run: what the place's other figures say of the randomness of this one is not used,
    so a prediction is a little wider than the likelihood would have it.
    """
    measure = pool.units[number].asked[question].measure
    mean, variance = pool.counted(sources, number, question)
    drawn = mean + np.sqrt(variance) * random.normal(len(mean))
    density = None
    if measure.bound == "exact":
        apart = measure.observed - mean
        density = log(float(np.mean(exps(-0.5 * (apart * apart / variance + logs(TWO_PI * variance))))))
    return Prediction(measure.backward(drawn), density)


def joint_growth(pool: Pool, settings: Settings, seed: int) -> Joint | None:
    """Return all printed growth under a fit that saw none of it; None where fewer than two rates were printed."""
    asked = [(number, _growth_of(unit)) for number, unit in enumerate(pool.units)]
    ids = tuple(pool.units[number].asked[k].id for number, which in asked for k in which)
    if len(ids) < 2:
        return None
    keep = 4 * PREDICTED // settings.chains
    sources = pool.sample(settings.chains, settings.proof_steps, keep, seed, frozenset(ids)).flat
    random = Draws(seed + 1)
    parts = [_together(pool, number, which, sources, random) for number, which in asked if which]
    observed = np.array([pool.units[number].asked[k].measure.observed for number, which in asked for k in which])
    return joint_of(ids, np.concatenate(parts, axis=1), observed)


def _growth_of(unit: Unit) -> list[int]:
    """Return the positions of a unit's printed growth rates."""
    named = enumerate(unit.asked)
    return [
        k
        for k, item in named
        if item.binds and item.fact is not None and item.fact.kind == "growth" and item.measure.bound == "exact"
    ]


def _together(pool: Pool, number: int, which: list[int], sources: Floats, random: Draws) -> Floats:
    """Return draws of what an office would count for several figures of one run, shape (points, figures)."""
    unit = pool.units[number]
    own = [unit.asked[k].measure for k in which]
    mean, run = (part.copy() for part in unit.predict(pool.scores(sources, number), which))
    root = algebra.cholesky(unit.residual_correlation[np.ix_(which, which)])
    assert root is not None
    found = mean + np.sqrt(run) * algebra.product(random.normal(*mean.shape), root.T)
    for column, measure in enumerate(own):
        error = pool.common_error(measure, sources)
        noise = measure.noise if error is None else measure.own.noise
        found[:, column] += math.sqrt(noise) * random.normal(len(found))
        if error is not None:
            found[:, column] += error
    return np.asarray(found)


def joint_of(ids: tuple[str, ...], draws: Floats, observed: Floats) -> Joint:
    """Return how figures lie in a distribution given by draws, shape (draws, figures)."""
    mean = draws.mean(axis=0)
    centred = draws - mean
    covariance = algebra.product(centred.T, centred) / (len(draws) - 1)
    root = algebra.cholesky(covariance)
    assert root is not None
    apart = algebra.solve_lower(root, (observed - mean)[:, np.newaxis])[:, 0]
    drawn = algebra.solve_lower(root, np.ascontiguousarray(centred.T))
    distance = float((apart * apart).sum())
    p = float(((drawn * drawn).sum(axis=0) >= distance).mean())
    z = float((observed - mean).sum() / math.sqrt(float(covariance.sum())))
    pits = np.array([normal_share(float(value)) for value in apart])
    return Joint(ids, observed, mean, covariance, distance, p, z, pits)
