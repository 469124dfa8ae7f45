"""Designs of experiments: points that fill a space of standard normal scores evenly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import qmc

from sim.calibrate.chance import design_generator
from sim.rules.elementary import normal_quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.space import Space

    Floats = NDArray[np.float64]


def sobol_scores(space: Space, count: int, seed: int) -> Floats:
    """Return scores of a scrambled Sobol design, shape (count, dimensions).

    Points that economics forbids (``Space.possible``) are left out and the sequence goes on, so the design is that of
    the prior under its conditions.

    Parameters
    ----------
    count
        Number of points; a power of two spreads them best.
    seed
        Of the scrambling.
    """
    engine = qmc.Sobol(space.size, scramble=True, rng=design_generator(seed))
    found: list[Floats] = []
    power = max(3, (count - 1).bit_length())
    while sum(len(part) for part in found) < count:
        power += len(found) > 1  # after every batch the sequence must stand at a power of two
        part = normal_quantiles(np.clip(engine.random_base2(power), 1e-9, 1.0 - 1e-9))
        found.append(part[space.possible(part)])
    return np.concatenate(found)[:count]
