"""Does the method find what is there? Known parameters, figures made from them, and where the posterior puts them.

Each *case* is a trial of the first design: its parameters are a draw from the prior, its answers come from the model
itself and not from an emulator. From the answers figures are made of the same kinds and bounds as the published ones.
A posterior is drawn for each case, with emulators that never saw the cases. Over many cases

- the share of 90 % intervals that hold the true value is near 0.9 (recovery),
- the rank of the true value among the draws is even (simulation-based calibration): its empirical distribution function
  lies within bands that a right method leaves nowhere in 95 of 100 cases (simultaneous bands [1]_), and
- the posterior averaged over cases is the prior that the cases were drawn from (self-consistency [2]_).

References
----------
.. [1] Sailynoja, Burkner and Vehtari (2022), Graphical test for discrete uniformity and its applications in
   goodness-of-fit evaluation and multiple sample comparison, Statistics and Computing 32.
.. [2] Geweke (2004), Getting it right: joint distribution tests of posterior simulators, JASA 99; Gelman et al. (2020),
   Bayesian workflow.

Talts, Betancourt, Simpson, Vehtari and Gelman (2018), Validating Bayesian inference algorithms with simulation-based
calibration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, repeat
from operator import mul
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.calibrate import algebra
from sim.calibrate.generators import Draws
from sim.calibrate.sampling import possible_start, slice_sample
from sim.calibrate.target import CaseTarget, Conditions, Scores
from sim.calibrate.trials import Trials, unit_of
from sim.rules.elementary import exp, logs, normal_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats
    from sim.calibrate.posterior import Unit
    from sim.calibrate.questions import Asked
    from sim.calibrate.trials import Baseline

DRAWS: Final = 63
"""Draws a case that the true value is ranked among: ranks 0 to 63."""
PARTS: Final = 16
"""Equal parts of the ranks at whose ends their distribution function is looked at."""
SETS_SIMULATED: Final = 4000
SETS_SEED: Final = 20220302
"""Sets of even ranks that a simultaneous band is made from."""
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
    averaged
        One posterior draw of each case, same shape: a sample of the posterior averaged over cases, as scores.
    """

    names: tuple[str, ...]
    ranks: NDArray[np.int64]
    inside: NDArray[np.bool_]
    averaged: Floats

    def rank_p(self, name: str) -> float:
        """Return the p value of a Kolmogorov-Smirnov test that the ranks of a dimension are even."""
        column = self.ranks[:, self.names.index(name)]
        jitter = Draws(0).uniform(column.size)
        return evenness_p((column + jitter) / (DRAWS + 1))

    def ecdf(self, name: str) -> NDArray[np.int64]:
        """Return the number of cases with a rank in the lowest 1, 2, ... of ``PARTS`` parts, shape (PARTS - 1,)."""
        column = self.ranks[:, self.names.index(name)]
        ends = np.arange(1, PARTS) * ((DRAWS + 1) // PARTS)
        return np.asarray((column[:, np.newaxis] < ends).sum(axis=0), dtype=np.int64)

    def leaves_band(self, name: str) -> bool:
        """Return whether the distribution function of a number's ranks leaves its simultaneous 95 % band anywhere."""
        low, high = simultaneous_band(self.ranks.shape[0])
        found = self.ecdf(name)
        return bool(((found < low) | (found > high)).any())

    def averaged_p(self, name: str) -> float:
        """Return the p value of a Kolmogorov-Smirnov test that the posterior averaged over cases is the prior."""
        return evenness_p(normal_shares(self.averaged[:, self.names.index(name)]))

    def coverage(self, name: str) -> float:
        """Return the share of 90 % intervals that hold the true value."""
        return float(self.inside[:, self.names.index(name)].mean())

    def coverage_p(self, name: str) -> float:
        """Return the p value of a binomial test that this share is 0.9."""
        column = self.inside[:, self.names.index(name)]
        return hits_p(int(column.sum()), column.size)


@cache
def simultaneous_band(cases: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the band that the counts of ``Ranks.ecdf`` leave nowhere in 95 of 100 sets of even ranks.

    The count below a part's end is binomial; the chance that each end may be left with is the 5 % quantile, over
    simulated sets, of the least tail probability over all ends [1]_ (algorithm 1).
    """
    below = np.array([_binomial(cases, part) for part in range(1, PARTS)])  # chance of at most so many
    ranks = (Draws(SETS_SEED).uniform(SETS_SIMULATED, cases) * PARTS).astype(np.int64)
    counts = np.stack([(ranks < part).sum(axis=1) for part in range(1, PARTS)], axis=1)
    rows = np.arange(PARTS - 1)
    lower = below[rows, counts]
    upper = 1.0 - np.where(counts > 0, below[rows, np.maximum(counts - 1, 0)], 0.0)
    least = np.sort(np.minimum(lower, upper).min(axis=1))
    gamma = float(least[int(0.05 * SETS_SIMULATED)])
    low = np.array([int(np.searchsorted(row, gamma, side="left")) for row in below])
    high = np.array([int(np.searchsorted(row, 1.0 - gamma, side="left")) for row in below])
    return low, high


def _binomial(cases: int, part: int) -> list[float]:
    """Return the chance of at most 0, 1, ... of the cases in the lowest parts, in whole numbers until the last step."""
    inside, outside, all_parts = (_powers(base, cases) for base in (part, PARTS - part, PARTS))
    ways = [math.comb(cases, k) * inside[k] * outside[cases - k] for k in range(cases + 1)]
    return [total / all_parts[cases] for total in accumulate(ways)]


def _powers(base: int, most: int) -> list[int]:
    """Return a whole number to the power 0, 1, ..., ``most``."""
    return list(accumulate(repeat(base, most), mul, initial=1))


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
    ranks = np.concatenate([ranks for _, ranks, _, _ in found])[:, looked_at]
    inside = np.concatenate([inside for _, _, inside, _ in found])[:, looked_at]
    averaged = np.concatenate([averaged for *_, averaged in found])[:, looked_at]
    return Ranks(tuple(baseline.space.names[k] for k in looked_at), ranks, inside, averaged)


def _ranked(
    baseline: Baseline, trials: Trials, first: int, cases: list[int], steps: int, random: Draws
) -> tuple[frozenset[int], NDArray[np.int64], NDArray[np.bool_], Floats]:
    """Return the dimensions looked at, and of all ranks, coverage and a draw; no emulator saw the cases."""
    rest = [row for row in range(first) if row not in set(cases)]
    errors = tuple(trials.errors[row] for row in rest)
    unit, _ = unit_of(baseline, Trials(trials.scores[rest], trials.values[rest], errors))
    answers = np.stack([trials.values[cases, baseline.asked.index(item)] for item in unit.asked], axis=1)
    draws = _sample(unit, _synthetic(unit.asked, answers, random), steps, random)
    truth = trials.scores[cases]
    low, high = interval(draws)
    return frozenset(unit.active), (draws < truth).sum(axis=0), (low <= truth) & (truth <= high), draws[-1]


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
