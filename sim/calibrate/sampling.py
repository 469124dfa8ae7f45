"""Elliptical slice sampling: draws from a posterior whose prior is standard normal.

Scores are standard normal under the prior, and the published figures say little about most of them. A step of this
sampler moves along an ellipse through the present point and a fresh draw from the prior, and takes the first place on
it that is likely enough. It has nothing to tune, never rejects, and a direction that no figure informs moves as freely
as under the prior, however many there are. That is why it is used in place of an ensemble sampler such as emcee, whose
moves fail in hundreds of dimensions.

Where figures bind tightly such ellipses are too wide and steps grow short. So chains of one posterior learn, over their
second quarter, where the bound directions lie; from then on every other step draws its ellipse from that normal
distribution instead, the likelihood corrected for the exchange. Draws are kept from the last half alone, when nothing
is adapted any more.

References
----------
Murray, Adams and MacKay (2010), Elliptical slice sampling, AISTATS. Nishihara, Murray and Adams (2014), Parallel MCMC
with generalized elliptical slice sampling, JMLR 15. Vehtari et al. (2021), Rank-normalization, folding, and
localization: an improved R-hat, Bayesian Analysis 16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import rankdata

from sim.calibrate import algebra
from sim.rules.compiled import loop
from sim.rules.elementary import circle, log, normal_quantiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats
    from sim.calibrate.generators import Draws

    Likelihood = Callable[[Floats], Floats]

SHIFTED: Final = 0.2
BOUND: Final = 0.9
"""A direction is bound when its mean lies this many prior standard deviations off, or its spread is below this."""
WIDER: Final = 1.2
"""A guide's covariance over that of the draws it is made from, so that its tails are not too thin."""
EVERY: Final = 5
"""Steps between draws that the proposal is adapted to."""
LEAST_ADAPTED: Final = 500
"""Draws without which nothing is adapted."""
LOG_TEN: Final = 2.302585092994046
MOST_SHRINKS: Final = 100
"""An ellipse shrinks to the present point long before this; reaching it means a likelihood that is no number."""


@dataclass(frozen=True)
class Chains:
    """Draws of parallel chains, shape (kept, chains, dimensions)."""

    scores: Floats

    @property
    def flat(self) -> Floats:
        """All draws, shape (kept x chains, dimensions), the chains of one step side by side."""
        return self.scores.reshape(-1, self.scores.shape[-1])


@dataclass(frozen=True)
class Guide:
    """A normal distribution near the posterior; directions that it does not name are standard normal.

    Attributes
    ----------
    columns
        Dimensions it names, shape (named,).
    mean
        Shape (named,).
    root
        Lower Cholesky factor of the covariance, shape (named, named).
    """

    columns: NDArray[np.int64]
    mean: Floats
    root: Floats

    def drawn(self, normal: Floats) -> Floats:
        """Return draws about the mean, shape (chains, dimensions), from standard normal ones."""
        found = normal.copy()
        found[:, self.columns] = algebra.product(normal[:, self.columns], self.root.T)
        return found

    def centre(self, size: int) -> Floats:
        """Return the mean of all dimensions."""
        found = np.zeros(size)
        found[self.columns] = self.mean
        return found

    def correction(self, points: Floats) -> Floats:
        """Return what the prior's log density exceeds the guide's by, up to a constant, shape (chains,)."""
        named = points[:, self.columns]
        apart = algebra.solve_lower(self.root, (named - self.mean).T)
        return np.asarray(0.5 * (apart * apart).sum(axis=0) - 0.5 * (named * named).sum(axis=1))


def guide_of(draws: Floats) -> Guide | None:
    """Return the guide that draws of one posterior, shape (draws, dimensions), suggest: the bound directions alone.

    None where the draws lie in fewer directions than they have.
    """
    mean, spread = draws.mean(axis=0), draws.std(axis=0)
    columns = np.flatnonzero((np.abs(mean) > SHIFTED) | (spread < BOUND))
    centred = draws[:, columns] - mean[columns]
    products = algebra.product(centred.T, centred)
    root = algebra.cholesky(WIDER * products / max(len(draws) - 1, 1) + 1e-6 * np.eye(columns.size))
    return None if root is None else Guide(columns, mean[columns], root)


def possible_start(likelihood: Likelihood, chains: int, size: int, random: Draws) -> Floats:
    """Return points drawn from the prior that are possible, shape (chains, size)."""
    start = random.normal(chains, size)
    for _ in range(1000):
        impossible = ~np.isfinite(likelihood(start))
        if not impossible.any():
            break
        start[impossible] = random.normal(int(impossible.sum()), size)
    return start


def slice_sample(
    likelihood: Likelihood, start: Floats, steps: int, keep: int, random: Draws, one_posterior: bool = True
) -> Chains:
    """Return chains that have moved ``steps`` steps; every so often one is kept, ``keep`` in all, from the last half.

    Parameters
    ----------
    likelihood
        Log likelihood of points, shape (chains, dimensions) -> (chains,); minus infinity where a point is impossible.
    start
        Shape (chains, dimensions), each of a finite likelihood.
    one_posterior
        Whether all chains have the same posterior, so that they can learn from each other.
    """
    points, known = start.copy(), likelihood(start)
    if not np.isfinite(known).all():
        raise ValueError("a chain starts at an impossible point")
    kept = []
    wanted = set(np.unique(np.linspace(steps // 2, steps - 1, keep).astype(int)).tolist())
    adapted_to: list[Floats] = []
    guide: Guide | None = None
    for step in range(steps):
        points, known = _step(likelihood, points, known, random, guide if step % 2 else None)
        if one_posterior and steps // 4 <= step < steps // 2:
            if step % EVERY == 0:
                adapted_to.append(points)
            if step == steps // 2 - 1 and len(adapted_to) * len(points) >= LEAST_ADAPTED:
                guide = guide_of(np.concatenate(adapted_to))
        if step in wanted:
            kept.append(points)
    return Chains(np.stack(kept))


def _step(
    likelihood: Likelihood, points: Floats, known: Floats, random: Draws, guide: Guide | None = None
) -> tuple[Floats, Floats]:
    """Return every chain's next point and its log likelihood; ellipses come from the prior or from a guide."""
    fresh = random.normal(*points.shape)
    centre = np.zeros(points.shape[1])
    level = known - random.exponential(*known.shape)
    if guide is not None:
        fresh, centre = guide.drawn(fresh), guide.centre(points.shape[1])
        level += guide.correction(points)
    angle = random.uniform(*known.shape)
    low, high = angle - 1.0, angle.copy()
    new, new_known = points.copy(), known.copy()
    waiting = np.arange(len(points), dtype=np.int64)
    for _ in range(MOST_SHRINKS):
        if waiting.size == 0:
            break
        proposed = np.empty((waiting.size, points.shape[1]))
        _propose(points, centre, fresh, angle, waiting, proposed)
        found = likelihood_of_rows(likelihood, proposed, waiting)
        taken = (found if guide is None else found + guide.correction(proposed)) > level[waiting]
        missed = waiting[~taken]
        _move(proposed, found, waiting, taken, random.uniform(missed.size), new, new_known, angle, low, high)
        waiting = missed
    return new, new_known


@loop
def _propose(
    points: Floats, centre: Floats, fresh: Floats, angle: Floats, rows: NDArray[np.int64], proposed: Floats
) -> None:
    """Fill in where some chains' ellipses lie at their angles."""
    for i in range(rows.size):
        row = rows[i]
        cosine, sine = circle(angle[row])
        for k in range(centre.size):
            proposed[i, k] = centre[k] + (points[row, k] - centre[k]) * cosine + fresh[row, k] * sine


@loop
def _move(
    proposed: Floats,
    found: Floats,
    rows: NDArray[np.int64],
    taken: NDArray[np.bool_],
    uniform: Floats,
    new: Floats,
    new_known: Floats,
    angle: Floats,
    low: Floats,
    high: Floats,
) -> None:
    """Take over the points that are likely enough; shrink the bracket of every other chain and draw another angle."""
    missed = 0
    for i in range(rows.size):
        row = rows[i]
        if taken[i]:
            new[row] = proposed[i]
            new_known[row] = found[i]
            continue
        if angle[row] < 0.0:
            low[row] = angle[row]
        else:
            high[row] = angle[row]
        angle[row] = low[row] + uniform[missed] * (high[row] - low[row])
        missed += 1


def likelihood_of_rows(likelihood: Likelihood, points: Floats, rows: NDArray[np.int64]) -> Floats:
    """Return the log likelihood of some chains' points; a likelihood that differs by chain is told which they are."""
    by_row = getattr(likelihood, "of_rows", None)
    return np.asarray(likelihood(points) if by_row is None else by_row(points, rows))


def r_hat(values: Floats) -> float:
    """Return the rank-normalised split R-hat of one number, shape (kept, chains); near 1 when chains agree."""
    half = len(values) // 2
    if half < 2:
        return float("nan")
    split = np.concatenate([values[:half], values[-half:]], axis=1)
    return max(_r_hat(_ranked(split)), _r_hat(_ranked(np.abs(split - np.median(split)))))


def _ranked(values: Floats) -> Floats:
    ranks = rankdata(values, axis=None).reshape(values.shape)
    return normal_quantiles((ranks - 0.375) / (values.size + 0.25))


def _r_hat(values: Floats) -> float:
    count = len(values)
    within = float(values.var(axis=0, ddof=1).mean())
    between = count * float(values.mean(axis=0).var(ddof=1))
    return float(np.sqrt(((count - 1) / count * within + between / count) / within)) if within > 0.0 else 1.0


def effective_size(values: Floats) -> float:
    """Return how many independent draws one number's chains (kept, chains) are worth, by Geyer's initial sequence."""
    count, chains = values.shape
    if count < 4:
        return float("nan")
    centred = values - values.mean(axis=0)
    within = _covariance(centred, 0) * count / (count - 1.0)
    pooled = (count - 1.0) / count * within + values.mean(axis=0).var(ddof=1)
    if pooled <= 0.0:
        return float(count * chains)
    total = 0.0
    for lag in range(0, count - 1, 2):
        pair = 2.0 * (1.0 - within / pooled)
        pair += (_covariance(centred, lag) + _covariance(centred, lag + 1)) * count / (count - 1.0) / pooled
        if pair <= 0.0:
            break
        total += pair
    least = LOG_TEN / log(count * chains)
    return float(min(count * chains / max(2.0 * total - 1.0, least), count * chains * 2.0))


def _covariance(centred: Floats, lag: int) -> float:
    """Return the mean over chains of the autocovariance at a lag, of numbers (kept, chains) about their means."""
    return float((centred[lag:] * centred[: len(centred) - lag]).sum(axis=0).mean() / len(centred))
