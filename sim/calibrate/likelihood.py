"""How the errors of several figures of one place go together.

What one run makes too large another observable of that run is too, so figures printed as they are, and ratios known of
an industry, are joined in one normal density whose errors correlate as the emulators' residuals do
(``sim.calibrate.compiled_likelihood``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim.calibrate import algebra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SHRUNK: Final = 0.95
"""What is left of a correlation when it is pulled towards nought (assumed)."""
LEAST_TOGETHER: Final = 20
"""Pairs with fewer trials in common count as uncorrelated."""


def residual_correlation(residuals: Floats) -> Floats:
    """Return the correlation of residuals between questions, shape (questions, questions), shrunk to no correlation.

    Parameters
    ----------
    residuals
        Shape (trials, questions); NaN where a trial has no number.

    Notes
    -----
    Each correlation is pulled towards 0 by a twentieth, and all by further twentieths until the matrix is positive
    definite (pairs have different trials in common, so it need not be); pairs with fewer than 20 trials in common, and
    questions that never vary, count as uncorrelated.
    """
    count = residuals.shape[1]
    found = np.eye(count)
    for a in range(count):
        for b in range(a):
            both = np.isfinite(residuals[:, a]) & np.isfinite(residuals[:, b])
            if both.sum() >= LEAST_TOGETHER:
                found[a, b] = found[b, a] = SHRUNK * algebra.correlation(residuals[both][:, [a, b]])[0, 1]
    while algebra.cholesky(found) is None:
        found = np.where(np.eye(count) == 1.0, 1.0, SHRUNK * found)
    return found
