"""Generators of a calibration: designs and samplers, never the model, which draws by key (``sim.draws``)."""

from __future__ import annotations

from numpy.random import Generator, Philox, default_rng

__all__ = ["Generator", "design_generator", "generator"]


def generator(seed: int) -> Generator:
    """Return the generator of a sampler: counter-based, the same bits for the same seed everywhere."""
    return Generator(Philox(seed))


def design_generator(seed: int) -> Generator:
    """Return the generator that scrambles a design of experiments."""
    return default_rng(seed)
