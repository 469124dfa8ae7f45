"""Sums over the parts of a list, such as the firms of each place, with the bits of sums over each part alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.state.columns import F8, I8


def parts_of(keys: NDArray[np.integer]) -> I8:
    """Return where the parts of a list begin in which equal ``keys`` stand together, shape (parts,)."""
    if keys.size == 0:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))


def sums_of_parts(values: F8, parts: I8) -> F8:
    """Return the sum of each part of ``values``, to the bit what the part's own ``sum`` would be, shape (parts,).

    NumPy sets the first entry of a part aside and adds the others in pairs; a zero before each part makes it add all
    of them in pairs, as ``sum`` does.
    """
    lengths = np.diff(parts, append=values.size)
    spread = np.zeros(values.size + parts.size)
    spread[np.arange(values.size) + np.repeat(np.arange(1, parts.size + 1), lengths)] = values
    sums: F8 = np.add.reduceat(spread, parts + np.arange(parts.size))
    return sums
