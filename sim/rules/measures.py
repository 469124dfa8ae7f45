"""Measures of a distribution: inequality, concentration, tail."""

from __future__ import annotations

import numpy as np

from sim.rules.elementary import logs
from sim.state.columns import F8


def gini(values: F8, weights: F8) -> float:
    """Return the Gini coefficient of non-negative ``values`` with frequency ``weights`` (both shape (n,))."""
    total = float((values * weights).sum())
    if values.size == 0 or total <= 0.0:
        return 0.0
    order = np.argsort(values, kind="stable")
    people = np.cumsum(weights[order])
    money = np.cumsum(values[order] * weights[order])
    share = np.concatenate([[0.0], money / total])
    steps = np.diff(np.concatenate([[0.0], people / people[-1]]))
    return float(1.0 - (steps * (share[1:] + share[:-1])).sum())


def top_share(values: F8, weights: F8, count: float) -> float:
    """Return the share of the total held by the ``count`` largest; a row may count in part."""
    total = float((values * weights).sum())
    if total <= 0.0:
        return 0.0
    order = np.argsort(-values, kind="stable")
    before = np.cumsum(weights[order]) - weights[order]
    taken = np.clip(count - before, 0.0, weights[order])
    return float((values[order] * taken).sum() / total)


def hill_index(values: F8, weights: F8, share: float) -> float:
    """Return the Hill estimate of the tail index over the largest ``share`` of positive values (Hill 1975)."""
    keep = values > 0.0
    values, weights = values[keep], weights[keep]
    if values.size < 10:
        return 0.0
    order = np.argsort(-values, kind="stable")
    reached = np.cumsum(weights[order])
    top = order[: max(int(np.searchsorted(reached, share * reached[-1])), 5)]
    threshold = values[top[-1]]
    mean_log = float((logs(values[top] / threshold) * weights[top]).sum() / weights[top].sum())
    return 1.0 / mean_log if mean_log > 0.0 else 0.0
