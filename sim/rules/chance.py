"""Compiled twins of ``sim.state.draws``: the same keys give the same bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.rules.compiled import PLAIN, loop, rule
from sim.rules.elementary import log
from sim.state import draws

Key = np.uint64
"""A key of draws: an unsigned 64-bit integer (see ``sim.state.draws``)."""

# Compiled code works on unsigned 64-bit integers that wrap; plain Python on integers cut back by the mask.
_word: type[Key] = int if PLAIN else np.uint64  # type: ignore[assignment]
_MASK = _word(draws.MASK)
_GOLDEN = _word(draws.GOLDEN)
_FIRST = _word(draws.FIRST)
_SECOND = _word(draws.SECOND)
_ONE = _word(1)
_S11, _S27, _S30, _S31 = _word(11), _word(27), _word(30), _word(31)


@rule
def combine(key: Key, number: int) -> Key:
    """Return the key narrowed by one more number; see ``sim.state.draws.combine``."""
    value = (_word(key) + (((_word(number) + _ONE) & _MASK) * _GOLDEN & _MASK)) & _MASK
    value = ((value ^ (value >> _S30)) * _FIRST) & _MASK
    value = ((value ^ (value >> _S27)) * _SECOND) & _MASK
    return value ^ (value >> _S31)


@rule
def to_unit(word: Key) -> float:
    """Return a number strictly between 0 and 1 from the upper 52 bits of a word."""
    return float((_word(word) >> _S11) | _ONE) * 1.1102230246251565e-16


@rule
def uniform(key: Key, slot: int) -> float:
    """Return the uniform draw of a slot under a key, strictly between 0 and 1."""
    return to_unit(combine(key, slot))


@rule
def uniform_pair(key: Key, slot: int, second: int) -> float:
    """Return the uniform draw of a pair of slots under a key, strictly between 0 and 1."""
    return to_unit(combine(combine(key, slot), second))


@rule
def laplace(u: float) -> float:
    """Return the Laplace quantile with standard deviation 1 at probability ``u`` (growth rates of firms: Zou 2019)."""
    if u < 0.5:
        return 0.7071067811865476 * log(2.0 * u)
    return -0.7071067811865476 * log(2.0 * (1.0 - u))


@rule
def exponential(u: float) -> float:
    """Return the exponential quantile with mean 1 at probability ``u``."""
    return -log(1.0 - u)


@loop
def uniforms(key: Key, slots: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the uniform draws of many slots, shape of ``slots``."""
    out = np.empty(slots.size)
    for i in range(slots.size):
        out[i] = uniform(key, slots[i])
    return out


def month_key(seed: int, name: str, *numbers: int) -> Key:
    """Return the key of a stream of one replicate, narrowed by ``numbers`` (most often the month), for the loops."""
    return Key(draws.key(seed, name, *numbers))
