"""Random numbers of a calibration: designs and samplers, never the model, which draws by key (``sim.state.draws``).

Only uniform numbers are asked of the library, whole numbers scaled by a power of two; what is not uniform comes from
them by inverse distributions, so that the same seed gives the same bits everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator, Philox, default_rng

from sim.rules.elementary import logs, normal_quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats


__all__ = ["Draws", "Generator", "design_generator", "generator"]

LEAST = 5.551115123125783e-17
"""What stands for a uniform number of 0 in an inverse distribution: half a step between uniform numbers."""


class Draws:
    """A sampler's random numbers, in the order in which it asks for them: the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._source = generator(seed)

    def uniform(self, *shape: int) -> Floats:
        """Return uniform numbers from 0, below 1."""
        return self._source.random(shape)

    def normal(self, *shape: int) -> Floats:
        """Return standard normal numbers."""
        return normal_quantiles(np.maximum(self.uniform(*shape), LEAST))

    def exponential(self, *shape: int) -> Floats:
        """Return exponential numbers with mean 1."""
        return -logs(np.maximum(self.uniform(*shape), LEAST))

    def order(self, count: int) -> NDArray[np.int64]:
        """Return the numbers below ``count`` in random order."""
        return np.argsort(self.uniform(count), kind="stable")


def generator(seed: int) -> Generator:
    """Return the library's generator, for uniform and whole numbers: counter-based, the same for the same seed."""
    return Generator(Philox(seed))


def design_generator(seed: int) -> Generator:
    """Return the generator that scrambles a design of experiments."""
    return default_rng(seed)
