"""Does the method find what is there? Known parameters, figures made from them, and where the posterior puts them.

Each *case* is a trial of the first design: its parameters are a draw from the prior, its answers come from the model
itself and not from an emulator. From the answers figures are made of the same kinds and bounds as the published ones.
A posterior is drawn for each case, with emulators that never saw the cases. Over many cases

- the share of 90 % intervals that hold the true value is near 0.9 (recovery), and
- the rank of the true value among the draws is even (simulation-based calibration).

References
----------
Talts, Betancourt, Simpson, Vehtari and Gelman (2018), Validating Bayesian inference algorithms with simulation-based
calibration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.calibrate import algebra
from sim.calibrate.generators import Draws
from sim.calibrate.sampling import possible_start, slice_sample
from sim.calibrate.target import CaseTarget, Conditions, Scores
from sim.calibrate.trials import Trials, unit_of
from sim.rules.elementary import exp, logs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats
    from sim.calibrate.posterior import Unit
    from sim.calibrate.questions import Asked
    from sim.calibrate.trials import Baseline

DRAWS: Final = 63
"""Draws a case that the true value is ranked among: ranks 0 to 63."""
FAR: Final = 20.0
FAR_OF_MANY: Final = 3.76
MANY: Final = 150
"""Beyond this squared distance, a number of standard errors, the tail has a formula good to seven digits."""


@dataclass(frozen=True)
class Ranks:
    """Ranks of true values and coverage of intervals.

    Attributes
    ----------
    names
        Of the dimensions ranked: those an emulator looks at.
    ranks
        Shape (cases, dimensions), 0 to ``DRAWS``.
    inside
        Whether the 90 % interval holds the true value, same shape.
    """

    names: tuple[str, ...]
    ranks: NDArray[np.int64]
    inside: NDArray[np.bool_]

    def rank_p(self, name: str) -> float:
        """Return the p value of a Kolmogorov-Smirnov test that the ranks of a dimension are even."""
        column = self.ranks[:, self.names.index(name)]
        jitter = Draws(0).uniform(column.size)
        return evenness_p((column + jitter) / (DRAWS + 1))

    def coverage(self, name: str) -> float:
        """Return the share of 90 % intervals that hold the true value."""
        return float(self.inside[:, self.names.index(name)].mean())

    def coverage_p(self, name: str) -> float:
        """Return the p value of a binomial test that this share is 0.9."""
        column = self.inside[:, self.names.index(name)]
        return hits_p(int(column.sum()), column.size)


def hits_p(hits: int, cases: int) -> float:
    """Return the p value of an exact two-sided binomial test that intervals hold the truth 9 times in 10."""
    ways = [math.comb(cases, k) * 9**k for k in range(cases + 1)]
    return float(sum(way for way in ways if way <= ways[hits]) / 10**cases)


def evenness_p(values: Floats) -> float:
    """Return the p value of a two-sided Kolmogorov-Smirnov test that values are even between 0 and 1.

    The exact distribution by Durbin's matrix (Marsaglia, Tsang and Wang 2003, Evaluating Kolmogorov's distribution,
    Journal of Statistical Software 8).
    """
    count = values.size
    ordered, steps = np.sort(values), np.arange(count + 1.0) / count
    distance = count * float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))
    square = distance * distance / count
    if square > FAR or (square > FAR_OF_MANY and count > MANY):
        return 2.0 * exp(-(2.000071 + 0.331 / math.sqrt(count) + 1.409 / count) * square)
    k = int(distance) + 1
    size, h = 2 * k - 1, k - distance
    matrix = np.tri(size, size, 1)
    powers = np.cumprod(np.full(size, h))
    matrix[:, 0] -= powers
    matrix[-1] -= powers[::-1]
    matrix[-1, 0] += float(np.prod(np.full(size, max(2.0 * h - 1.0, 0.0))))
    over = np.maximum(np.subtract.outer(np.arange(size), np.arange(size)) + 1, 1)
    matrix /= np.cumprod(np.arange(1.0, size + 1.0))[over - 1]
    # n! / n^n times the matrix to the n, the factor shared out among the steps so that nothing overflows.
    matrix *= exp(float(logs(np.arange(1.0, count + 1.0) / count).mean()))
    chance, left = np.eye(size), count
    while left:
        if left % 2:
            chance = algebra.product(chance, matrix)
        matrix, left = algebra.product(matrix, matrix), left // 2
    return min(max(1.0 - float(chance[k - 1, k - 1]), 0.0), 1.0)


def rank_cases(baseline: Baseline, trials: Trials, first: int, cases: int, steps: int, seed: int) -> Ranks:
    """Return ranks over synthetic cases.

    Parameters
    ----------
    trials
        Of the baseline; the first ``first`` of them are spread over the prior.
    cases
        How many of these are cases. If half of them are fewer, both halves are cases, each with emulators fitted to
        the other half and to trials that are no case.
    steps
        Of each case's chain.
    """
    usable = [row for row in range(first) if not trials.errors[row] and _has_numbers(baseline, trials.values[row])]
    half = len(usable) // 2
    groups = [usable[:cases]] if cases <= half else [usable[:half], usable[half:][: cases - half]]
    random = Draws(seed)
    found = [_ranked(baseline, trials, first, group, steps, random) for group in groups]
    # A number that no emulator of one half looks at keeps its prior there, and a rank among draws of the prior.
    looked_at = sorted(set().union(*(active for active, *_ in found)))
    ranks = np.concatenate([ranks for _, ranks, _ in found])[:, looked_at]
    inside = np.concatenate([inside for *_, inside in found])[:, looked_at]
    return Ranks(tuple(baseline.space.names[k] for k in looked_at), ranks, inside)


def _ranked(
    baseline: Baseline, trials: Trials, first: int, cases: list[int], steps: int, random: Draws
) -> tuple[frozenset[int], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the dimensions looked at, and ranks and coverage of all, of cases whose emulators never saw them."""
    rest = [row for row in range(first) if row not in set(cases)]
    errors = tuple(trials.errors[row] for row in rest)
    unit, _ = unit_of(baseline, Trials(trials.scores[rest], trials.values[rest], errors))
    answers = np.stack([trials.values[cases, baseline.asked.index(item)] for item in unit.asked], axis=1)
    draws = _sample(unit, _synthetic(unit.asked, answers, random), steps, random)
    truth = trials.scores[cases]
    low, high = interval(draws)
    return frozenset(unit.active), (draws < truth).sum(axis=0), (low <= truth) & (truth <= high)


def interval(draws: Floats) -> tuple[Floats, Floats]:
    """Return the ends of an interval that holds one more draw 90 times in 100; draws along the first axis.

    Of ``n`` draws it runs from the ``0.05 (n + 1)``-th to the ``0.95 (n + 1)``-th in order. Quantiles as they are
    usually interpolated lie further in: between those of 63 draws, 87 of 100 more draws fall, however right the
    posterior is.
    """
    low, high = np.quantile(draws, [0.05, 0.95], axis=0, method="weibull")
    return low, high


def _has_numbers(baseline: Baseline, values: Floats) -> bool:
    """Return whether a trial answers all that a fit uses with numbers to compare (nought has no logarithm)."""
    pairs = zip(baseline.asked, values, strict=True)
    answers = [item.measure.forward(value) for item, value in pairs if item.binds and not item.term]
    return bool(np.isfinite(answers).all())


def _synthetic(asked: tuple[Asked, ...], answers: Floats, random: Draws) -> Floats:
    """Return what would be printed of each case, transformed, shape (cases, questions)."""
    found = np.empty_like(answers)
    for number, item in enumerate(asked):
        measure = item.measure
        noise = np.sqrt(measure.noise) * random.normal(len(answers))
        found[:, number] = measure.forward(answers[:, number]) + noise
        if measure.bound != "exact":
            down = measure.far * random.exponential(len(answers))
            found[:, number] += -down if measure.bound == "at_least" else down
    return found


def _sample(unit: Unit, figures: Floats, steps: int, random: Draws) -> Floats:
    """Return draws for every case, shape (draws, cases, dimensions)."""
    compiled = unit.compiled(Scores.own(unit.space))
    assert compiled is not None
    used = [number for number, item in enumerate(unit.asked) if item.binds]
    likelihood = CaseTarget(compiled, Conditions([Scores.own(unit.space)]), figures[:, used])
    start = possible_start(likelihood, len(figures), unit.space.size, random)
    return slice_sample(likelihood, start, max(steps, 4 * DRAWS), DRAWS, random, one_posterior=False).scores
