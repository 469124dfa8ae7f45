"""An emulator: a sparse polynomial of scores that stands in for the model, one for each question.

Terms are Hermite polynomials of standard normal scores, orthonormal under the prior, so that a coefficient squared is
the share of variance its term explains. Which terms enter is found by orthogonal matching pursuit: the term that
explains most of what is left enters next, as long as the error of leave-one-out prediction falls and the term stands
out from what the luckiest of as many idle inputs would show. First single inputs (linear and square), then products of
the inputs found. What the polynomial leaves, the luck of a run and the inputs not
found, is the emulator's error, and goes into the likelihood.

References
----------
Blatman and Sudret (2011), Adaptive sparse polynomial chaos expansion based on least angle regression, Journal of
Computational Physics 230; the search here is their forward selection with corrected leave-one-out error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_SINGLE: Final = 30
"""Terms of single inputs at most."""
MOST_TERMS: Final = 45
"""Terms at most, products included."""
PATIENCE: Final = 3
"""Terms that may enter without lowering the error before the search stops."""
FALSE: Final = 0.05
"""Chance that an idle input enters an emulator."""
ROOT_TWO: Final = float(np.sqrt(2.0))


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

    def predict(self, scores: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance at scores of shape (..., dimensions)."""
        basis = basis_of(scores, self.terms)
        mean = self.constant + basis[..., 1:] @ self.coefficients
        leverage = np.einsum("...i,ij,...j->...", basis, self.inverse, basis)
        return mean, self.error**2 * (1.0 + leverage)


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
    return float(ndtri(1.0 - 0.5 * FALSE / max(candidates, 1)))


def _pruned(inputs: Floats, outputs: Floats, terms: list[Term], least: float) -> list[Term]:
    """Return the terms without those that no longer stand out beside the others, the weakest dropped first."""
    kept = list(terms)
    while kept:
        basis = basis_of(inputs, tuple(kept))
        inverse = np.linalg.pinv(basis.T @ basis)
        coefficients = inverse @ (basis.T @ outputs)
        spread = np.sqrt(np.mean((outputs - basis @ coefficients) ** 2) * np.diag(inverse))
        strength = np.abs(coefficients[1:]) / np.maximum(spread[1:], 1e-300)
        if strength.min() >= least:
            break
        del kept[int(strength.argmin())]
    return kept


def _solve(inputs: Floats, outputs: Floats, terms: tuple[Term, ...], usable: NDArray[np.bool_]) -> Emulator:
    basis = basis_of(inputs, terms)
    inverse: Floats = np.asarray(np.linalg.pinv(basis.T @ basis), dtype=np.float64)
    coefficients = inverse @ (basis.T @ outputs)
    left = _left_out(basis, outputs, inverse, coefficients)
    error, spread = float(np.sqrt(np.mean(left**2))), float(np.std(outputs))
    residuals = np.full(usable.size, np.nan)
    residuals[usable] = left
    explained = max(0.0, 1.0 - (error / spread) ** 2) if spread > 0.0 else 0.0
    return Emulator(terms, coefficients[1:], float(coefficients[0]), error, explained, inverse, residuals)


def _left_out(basis: Floats, outputs: Floats, inverse: Floats, coefficients: Floats) -> Floats:
    """Return the residual of every trial when the polynomial is fitted without it."""
    leverage = np.einsum("ti,ij,tj->t", basis, inverse, basis)
    return np.asarray((outputs - basis @ coefficients) / np.maximum(1.0 - leverage, 1e-9))


def _search(inputs: Floats, outputs: Floats, start: list[Term], candidates: list[Term], most: int) -> list[Term]:
    """Return the terms of ``start`` and those of the candidates that lower the leave-one-out error."""
    chosen = list(start)
    pool = basis_of(inputs, tuple(candidates))[:, 1:]
    pool = pool - pool.mean(axis=0)
    size = np.sqrt((pool**2).sum(axis=0))
    free = size > 0.0
    best_error, best_count, stale = _error_of(inputs, outputs, chosen), len(chosen), 0
    while len(chosen) < most and free.any() and stale < PATIENCE:
        residual = _residual(inputs, outputs, chosen)
        strength = np.where(free, np.abs(pool.T @ residual) / np.where(size > 0.0, size, 1.0), -1.0)
        entering = int(np.argmax(strength))
        if strength[entering] < stands_out(len(candidates)) * residual.std():
            break
        free[entering] = False
        chosen.append(candidates[entering])
        error = _error_of(inputs, outputs, chosen)
        if error < best_error * (1.0 - 1e-3):
            best_error, best_count, stale = error, len(chosen), 0
        else:
            stale += 1
    return chosen[:best_count]


def _error_of(inputs: Floats, outputs: Floats, terms: list[Term]) -> float:
    """Return the leave-one-out error, raised for the number of terms tried against it (Chapelle's correction)."""
    basis = basis_of(inputs, tuple(terms))
    trials, count = basis.shape
    if count >= trials // 2:
        return float("inf")
    inverse: Floats = np.asarray(np.linalg.pinv(basis.T @ basis), dtype=np.float64)
    left = _left_out(basis, outputs, inverse, inverse @ (basis.T @ outputs))
    correction = trials / (trials - count) * (1.0 + float(np.trace(inverse)))
    return float(np.mean(left**2) * correction)


def _residual(inputs: Floats, outputs: Floats, terms: list[Term]) -> Floats:
    basis = basis_of(inputs, tuple(terms))
    solution, *_ = np.linalg.lstsq(basis, outputs, rcond=None)
    return np.asarray(outputs - basis @ solution)
