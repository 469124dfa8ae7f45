"""Terms of a regression on many inputs, and the search for those that stand out from shuffled trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.chance import Generator

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SHUFFLES: Final = 999
FALSE: Final = 0.05
"""Chance that shuffled trials would have let a term in."""
ROWS_A_TERM: Final = 8
"""There are at least so many trials for each coefficient."""


@dataclass(frozen=True)
class Term:
    """A function of one input or a product of two: positions of inputs, each with its degree (0: levels)."""

    factors: tuple[tuple[int, int], ...]


class Design:
    """Columns of the terms of a set of trials: polynomials of each input, orthonormal over the trials.

    Parameters
    ----------
    inputs
        Shape (trials, inputs); of a category the number of its level.
    levels
        Number of levels of each category, by column.
    """

    def __init__(self, inputs: Floats, levels: dict[int, int]) -> None:
        self.inputs, self.levels = inputs, levels
        self.moves = np.ptp(inputs, axis=0) > 0.0
        self.centre, spread = inputs.mean(axis=0), inputs.std(axis=0)
        self.spread = np.where(self.moves, spread, 1.0)

    @property
    def numeric(self) -> list[int]:
        """Columns that are numbers and vary."""
        return [k for k in range(self.inputs.shape[1]) if self.moves[k] and k not in self.levels]

    @property
    def categories(self) -> list[Term]:
        """A term for each category that varies."""
        return [Term(((k, 0),)) for k in sorted(self.levels) if self.moves[k]]

    def line(self, position: int) -> int:
        """Return the degree of an input's simplest term."""
        return 0 if position in self.levels else 1

    def columns(self, term: Term, inputs: Floats | None = None) -> Floats:
        """Return the columns of a term at the trials, or at other inputs; shape (rows, degrees of freedom)."""
        rows = self.inputs if inputs is None else inputs
        found = np.ones((len(rows), 1))
        for position, degree in term.factors:
            own = self._own(rows[:, position], position, degree)
            found = (found[:, :, None] * own[:, None, :]).reshape(len(rows), -1)
        return found

    def _own(self, values: Floats, position: int, degree: int) -> Floats:
        if degree == 0:
            level = np.rint(values).astype(np.int64)
            ones = [(level == item).astype(np.float64) for item in range(1, self.levels[position])]
            return np.asarray(np.stack(ones, axis=1))
        return (self._powers(values, position, degree) @ self._to_orthonormal(position, degree))[:, None]

    def _powers(self, values: Floats, position: int, degree: int) -> Floats:
        z = (values - self.centre[position]) / self.spread[position]
        return np.asarray(np.vander(z, degree + 1, increasing=True), dtype=np.float64)

    def _to_orthonormal(self, position: int, degree: int) -> Floats:
        """Return the coefficients of the polynomial of a degree that is orthogonal to all lower ones."""
        powers = self._powers(self.inputs[:, position], position, degree)
        lower, last = powers[:, :-1], powers[:, -1]
        solution, *_ = np.linalg.lstsq(lower, last)
        residual = last - lower @ solution
        size = float(np.sqrt(np.mean(residual**2)))
        return np.append(-solution, 1.0) / (size if size > 1e-9 else np.inf)


def shuffles(points: Integers, random: Generator) -> Integers:
    """Return orders of the trials, shape (shuffles, trials): points change places with points of as many trials."""
    groups: dict[int, list[Integers]] = {}
    for point in np.unique(points):
        rows = np.flatnonzero(points == point)
        groups.setdefault(len(rows), []).append(rows)
    orders = np.tile(np.arange(len(points)), (SHUFFLES, 1))
    for alike in groups.values():
        blocks = np.stack(alike)
        for order in orders:
            order[blocks.ravel()] = blocks[random.permutation(len(blocks))].ravel()
    return orders


class Search:
    """Terms that stand out, found one after another."""

    def __init__(self, design: Design, quantity: Floats, orders: Integers) -> None:
        self.design, self.orders = design, orders
        self.quantity = quantity
        self.terms: list[Term] = []
        self.p: dict[Term, float] = {}
        self.threshold_at_start = float("nan")

    @property
    def inputs(self) -> list[int]:
        """Inputs of the terms found, ascending."""
        return sorted({position for term in self.terms for position, _ in term.factors})

    def enter(self, candidates: Sequence[Term]) -> None:
        """Take in every candidate that stands out, the strongest first, and drop those that no longer do."""
        pool = [term for term in candidates if term not in self.terms]
        if not pool:
            return
        blocks = [self.design.columns(term) for term in pool]
        owner = np.repeat(np.arange(len(pool)), [block.shape[1] for block in blocks])
        threshold = 0.0
        entered: list[Term] = []
        while pool and self._room():
            gains, null = self._gains(blocks, owner, len(pool))
            threshold = float(np.quantile(null, 1.0 - FALSE, method="higher"))
            if np.isnan(self.threshold_at_start):
                self.threshold_at_start = threshold
            best = int(np.argmax(gains))
            if gains[best] <= threshold or pool[best] in self.terms:
                break
            self.terms.append(pool[best])
            entered.append(pool[best])
            self.p[pool[best]] = float((1 + np.count_nonzero(null >= gains[best])) / (1 + len(null)))
        self._drop(entered, threshold)

    def _room(self) -> bool:
        return bool(self._basis().shape[1] + 2 <= len(self.quantity) // ROWS_A_TERM)

    def _basis(self, without: Term | None = None) -> Floats:
        """Return an orthonormal basis of the constant and the terms, shape (trials, rank)."""
        kept = [self.design.columns(term) for term in self.terms if term != without]
        columns = np.concatenate([np.ones((len(self.quantity), 1)), *kept], axis=1)
        left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
        return np.asarray(left[:, sizes > 1e-10 * sizes[0]])

    def _gains(self, blocks: Sequence[Floats], owner: Integers, count: int) -> tuple[Floats, Floats]:
        """Return the share of what is left that each candidate explains, and the best such share in each shuffle."""
        basis = self._basis()
        units = _unit_columns(blocks, basis)
        residual = self.quantity - basis @ (basis.T @ self.quantity)
        shuffled = residual[self.orders].T
        shuffled = shuffled - basis @ (basis.T @ shuffled)
        explained = np.bincount(owner, weights=(units.T @ residual) ** 2, minlength=count)
        squares = (units.T @ shuffled) ** 2
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        null = np.add.reduceat(squares, starts, axis=0).max(axis=0) / np.maximum((shuffled**2).sum(axis=0), 1e-300)
        return explained / max(float(residual @ residual), 1e-300), null

    def _drop(self, entered: Sequence[Term], threshold: float) -> None:
        """Drop terms of those just entered that no longer stand out beside the others, the weakest first."""
        left = list(entered)
        while left:
            gains = [self._gain_of(term) for term in left]
            weakest = int(np.argmin(gains))
            if gains[weakest] > threshold:
                return
            self.terms.remove(left.pop(weakest))

    def _gain_of(self, term: Term) -> float:
        basis = self._basis(without=term)
        residual = self.quantity - basis @ (basis.T @ self.quantity)
        units = _unit_columns([self.design.columns(term)], basis)
        return float(((units.T @ residual) ** 2).sum() / max(float(residual @ residual), 1e-300))


def _unit_columns(blocks: Sequence[Floats], basis: Floats) -> Floats:
    """Return the columns of blocks, each block orthonormal and orthogonal to the basis; zero where nothing is left."""
    found = []
    for block in blocks:
        own = block - basis @ (basis.T @ block)
        if own.shape[1] > 1:
            left, sizes, _ = np.linalg.svd(own, full_matrices=False)
            own = left * (sizes > 1e-8 * max(float(np.abs(block).max()), 1e-300) * np.sqrt(len(block)))
        else:
            size = float(np.sqrt((own**2).sum()))
            whole = float(np.sqrt((block**2).sum()))
            own = own / size if size > 1e-8 * max(whole, 1e-300) else np.zeros_like(own)
        found.append(own)
    return np.concatenate(found, axis=1)
