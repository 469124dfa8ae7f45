"""An emulator: a sparse polynomial of scores that stands in for the model, one for each question.

Terms are Hermite polynomials of standard normal scores, orthonormal under the prior, so that a coefficient squared is
the share of variance its term explains. Which terms enter is found by orthogonal matching pursuit: the term that
explains most of what is left enters next, as long as the error of leave-one-out prediction falls and the term stands
out from what the luckiest of as many idle inputs would show. First single inputs (linear and square), then products of
the inputs found. What the polynomial leaves, the randomness of a run and the inputs not
found, is the emulator's error, and goes into the likelihood.

References
----------
Blatman and Sudret (2011), Adaptive sparse polynomial chaos expansion based on least angle regression, Journal of
Computational Physics 230; the search here is their forward selection with corrected leave-one-out error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.calibrate import algebra
from sim.rules.elementary import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats, Integers

MOST_SINGLE: Final = 30
"""Terms of single inputs at most."""
MOST_TERMS: Final = 45
"""Terms at most, products included."""
PATIENCE: Final = 3
"""Terms that may enter without lowering the error before the search stops."""
FALSE: Final = 0.05
"""Chance that an idle input enters an emulator."""
ROOT_TWO: Final = math.sqrt(2.0)


@dataclass(frozen=True)
class Term:
    """A product of Hermite polynomials: input positions, each with its degree (1 or 2)."""

    factors: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Emulator:
    """A fitted polynomial.

    Attributes
    ----------
    terms, coefficients
        Without the constant; coefficients of shape (terms,).
    constant
        Mean over the prior.
    error
        Standard deviation of prediction, from leave-one-out.
    explained
        Share of the variance of trials explained, by leave-one-out (below 0 counts as 0).
    inverse
        Inverse of the normal matrix, shape (terms + 1, terms + 1): the coefficients' covariance over ``error`` squared.
    residuals
        Leave-one-out residual of every trial used, shape (trials,), NaN for those that had no number.
    """

    terms: tuple[Term, ...]
    coefficients: Floats
    constant: float
    error: float
    explained: float
    inverse: Floats
    residuals: Floats

    @property
    def active(self) -> tuple[int, ...]:
        """Positions of the inputs it looks at, ascending."""
        return tuple(sorted({position for term in self.terms for position, _ in term.factors}))


class Bundle:
    """Emulators of one unit evaluated at once: every product of scores is worked out once for all questions.

    Parameters
    ----------
    emulators
        In the order of the questions.
    """

    def __init__(self, emulators: Sequence[Emulator]) -> None:
        terms = tuple(dict.fromkeys(term for emulator in emulators for term in emulator.terms))
        self.inputs = np.array(sorted({k for term in terms for k, _ in term.factors}), dtype=np.int64)
        place = {position: number for number, position in enumerate(self.inputs.tolist())}
        pairs = [self._columns(term, place) for term in terms]
        self.first = np.array([first for first, _ in pairs], dtype=np.int64)
        self.second = np.array([second for _, second in pairs], dtype=np.int64)
        column = {term: number + 1 for number, term in enumerate(terms)}
        self.coefficients = np.zeros((len(terms) + 1, len(emulators)))
        self.own: list[Integers] = []
        self.inverses: list[Floats] = []
        for number, emulator in enumerate(emulators):
            own = np.array([0, *(column[term] for term in emulator.terms)], dtype=np.int64)
            self.coefficients[own, number] = [emulator.constant, *emulator.coefficients]
            self.own.append(own)
            self.inverses.append(emulator.inverse)
        self.error = np.array([emulator.error for emulator in emulators])

    def _columns(self, term: Term, place: dict[int, int]) -> tuple[int, int]:
        """Return the two columns of [1, first degrees, second degrees] whose product is the term."""
        count = len(place)
        found = [1 + place[position] + count * (degree - 1) for position, degree in term.factors]
        first, second = [*found, 0][:2]
        return first, second

    def predict(self, scores: Floats, which: Sequence[int]) -> tuple[Floats, Floats]:
        """Return means and variances, each of shape (points, questions asked for)."""
        inputs = scores[:, self.inputs]
        ones = np.ones((len(scores), 1))
        columns = np.concatenate([ones, inputs, hermite(inputs, 2)], axis=1)
        basis = np.concatenate([ones, columns[:, self.first] * columns[:, self.second]], axis=1)
        means = algebra.product(basis, self.coefficients[:, list(which)])
        error = self.error[list(which)]
        parts = [(basis[:, self.own[k]], self.inverses[k]) for k in which]
        leverage = np.stack([(algebra.product(own, inverse) * own).sum(axis=1) for own, inverse in parts], axis=1)
        return means, error * error * (1.0 + leverage)


def basis_of(scores: Floats, terms: tuple[Term, ...]) -> Floats:
    """Return the constant and every term at scores, shape (..., 1 + terms)."""
    columns = [np.ones(scores.shape[:-1])]
    for term in terms:
        column = np.ones(scores.shape[:-1])
        for position, degree in term.factors:
            column = column * hermite(scores[..., position], degree)
        columns.append(column)
    return np.stack(columns, axis=-1)


def hermite(score: Floats, degree: int) -> Floats:
    """Return the orthonormal Hermite polynomial of degree 1 or 2."""
    return score if degree == 1 else (score * score - 1.0) / ROOT_TWO


def fit_emulator(scores: Floats, values: Floats, idle: frozenset[int] = frozenset()) -> Emulator:
    """Return the emulator of one question.

    Parameters
    ----------
    scores
        Shape (trials, dimensions).
    values
        Shape (trials,), transformed; trials without a number (NaN) are left out.
    idle
        Positions of inputs that cannot matter.

    Raises
    ------
    ValueError
        If fewer than 20 trials have a number.
    """
    usable = np.isfinite(values)
    if usable.sum() < 20:
        raise ValueError("fewer than 20 trials have a number")
    inputs, outputs = scores[usable], values[usable]
    singles = [Term(((k, degree),)) for degree in (1, 2) for k in range(scores.shape[1]) if k not in idle]
    chosen = _search(inputs, outputs, [], singles, MOST_SINGLE)
    active = sorted({position for term in chosen for position, _ in term.factors})
    products = [Term(((a, 1), (b, 1))) for number, a in enumerate(active) for b in active[number + 1 :]]
    chosen = _search(inputs, outputs, chosen, products, MOST_TERMS)
    chosen = _pruned(inputs, outputs, chosen, stands_out(len(singles)))
    return _solve(inputs, outputs, tuple(chosen), usable)


def stands_out(candidates: int) -> float:
    """Return the standard errors a term must stand at: the luckiest of so many idle ones does so with chance FALSE."""
    return normal_quantile(1.0 - 0.5 * FALSE / max(candidates, 1))


def _pruned(inputs: Floats, outputs: Floats, terms: list[Term], least: float) -> list[Term]:
    """Return the terms without those that no longer stand out beside the others, the weakest dropped first."""
    kept = list(terms)
    while kept:
        fitted = _Fitted.of(inputs, outputs, kept)
        assert fitted is not None  # the search takes in no term that others make up
        spread = np.sqrt(np.mean(fitted.residual * fitted.residual) * np.diag(fitted.inverse))
        strength = np.abs(fitted.coefficients[1:]) / np.maximum(spread[1:], 1e-300)
        if strength.min() >= least:
            break
        del kept[int(strength.argmin())]
    return kept


def _solve(inputs: Floats, outputs: Floats, terms: tuple[Term, ...], usable: NDArray[np.bool_]) -> Emulator:
    fitted = _Fitted.of(inputs, outputs, terms)
    assert fitted is not None
    left = fitted.left_out
    error, spread = float(np.sqrt(np.mean(left * left))), float(np.std(outputs))
    residuals = np.full(usable.size, np.nan)
    residuals[usable] = left
    explained = max(0.0, 1.0 - error / spread * (error / spread)) if spread > 0.0 else 0.0
    coefficients = fitted.coefficients
    return Emulator(terms, coefficients[1:], float(coefficients[0]), error, explained, fitted.inverse, residuals)


@dataclass(frozen=True)
class _Fitted:
    """Least squares of trials on terms: by the normal equations, as terms are nearly orthonormal."""

    basis: Floats
    inverse: Floats
    coefficients: Floats
    residual: Floats

    @classmethod
    def of(cls, inputs: Floats, outputs: Floats, terms: Sequence[Term]) -> _Fitted | None:
        """Return the fit; None where the trials do not tell the terms apart."""
        basis = basis_of(inputs, tuple(terms))
        inverse = algebra.inverse(algebra.product(basis.T, basis))
        if inverse is None:
            return None
        coefficients = algebra.product(inverse, algebra.product(basis.T, outputs))
        return cls(basis, inverse, coefficients, outputs - algebra.product(basis, coefficients))

    @property
    def left_out(self) -> Floats:
        """Residual of every trial when the polynomial is fitted without it, shape (trials,)."""
        return self.residual / np.maximum(1.0 - _leverage(self.basis, self.inverse), 1e-9)

    @property
    def error(self) -> float:
        """Leave-one-out error, raised for the number of terms tried against it (Chapelle's correction)."""
        trials, count = self.basis.shape
        left = self.left_out
        return float(np.mean(left * left) * trials / (trials - count) * (1.0 + float(np.trace(self.inverse))))


def _leverage(basis: Floats, inverse: Floats) -> Floats:
    return np.asarray((algebra.product(basis, inverse) * basis).sum(axis=1))


def _search(inputs: Floats, outputs: Floats, start: list[Term], candidates: list[Term], most: int) -> list[Term]:
    """Return the terms of ``start`` and those of the candidates that lower the leave-one-out error."""
    chosen = list(start)
    pool = basis_of(inputs, tuple(candidates))[:, 1:]
    pool = pool - pool.mean(axis=0)
    size = np.sqrt((pool * pool).sum(axis=0))
    free = size > 0.0
    fitted = _Fitted.of(inputs, outputs, chosen)
    assert fitted is not None
    best_error, best_count, stale = _worth(fitted), len(chosen), 0
    while len(chosen) < most and free.any() and stale < PATIENCE:
        slopes = np.abs(algebra.product(pool.T, fitted.residual))
        strength = np.where(free, slopes / np.where(size > 0.0, size, 1.0), -1.0)
        entering = int(np.argmax(strength))
        if strength[entering] < stands_out(len(candidates)) * fitted.residual.std():
            break
        free[entering] = False
        wider = _Fitted.of(inputs, outputs, [*chosen, candidates[entering]])
        if wider is None:
            continue  # made up of those that are in
        fitted = wider
        chosen.append(candidates[entering])
        error = _worth(fitted)
        if error < best_error * (1.0 - 1e-3):
            best_error, best_count, stale = error, len(chosen), 0
        else:
            stale += 1
    return chosen[:best_count]


def _worth(fitted: _Fitted) -> float:
    """Return the error a fit is chosen by: beyond half as many terms as trials none is."""
    trials, count = fitted.basis.shape
    return float("inf") if count >= trials // 2 else fitted.error
