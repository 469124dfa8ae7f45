"""Several emulators evaluated at once: every product of scores is worked out once for all questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.calibrate import algebra
from sim.calibrate.polynomial import Emulator, Term, hermite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


class Bundle:
    """Emulators of one unit.

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
        """Return means and variances, each of shape (points, questions asked for); as ``Emulator.predict`` of each."""
        inputs = scores[:, self.inputs]
        ones = np.ones((len(scores), 1))
        columns = np.concatenate([ones, inputs, hermite(inputs, 2)], axis=1)
        basis = np.concatenate([ones, columns[:, self.first] * columns[:, self.second]], axis=1)
        means = algebra.product(basis, self.coefficients[:, list(which)])
        error = self.error[list(which)]
        parts = [(basis[:, self.own[k]], self.inverses[k]) for k in which]
        leverage = np.stack([(algebra.product(own, inverse) * own).sum(axis=1) for own, inverse in parts], axis=1)
        return means, error * error * (1.0 + leverage)
