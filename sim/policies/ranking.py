"""Ranks that scores are made of."""

from __future__ import annotations

import numpy as np

from sim.state.columns import F8


def ranks(values: F8) -> F8:
    """Return the rank of each value between 0 and 1; equal values share the middle of their ranks.

    Where all values are equal nothing tells applicants apart, and every rank is 0.
    """
    if values.size < 2 or np.ptp(values) == 0.0:
        return np.zeros(values.size)
    rising = np.sort(values)
    below, up_to = np.searchsorted(rising, values, side="left"), np.searchsorted(rising, values, side="right")
    return (below + up_to - 1) / 2.0 / (values.size - 1)
