"""Would have happened anyway: machines bought with a grant that the same firm bought in the paired baseline too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.comparison import Deadweight
from sim.compare.statistics import band

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.compare.runs import Pairing

WITHIN_MONTHS = 12
"""A purchase in the baseline this many months before or after counts as the same one."""
AT_LEAST_OF_SIZE = 0.5
"""... when it cost at least this share of what the firm spent with the grant."""


@dataclass(frozen=True)
class GrantedPurchases:
    """Granted purchases of one pair: B's rows (dtype ``PURCHASE``) and whether each was bought in A too."""

    purchases: NDArray[np.void]
    deadweight: NDArray[np.bool_]


def bought_without_grant(granted: NDArray[np.void], baseline: NDArray[np.void]) -> NDArray[np.bool_]:
    """Say of each granted purchase whether the baseline holds its like.

    Parameters
    ----------
    granted
        Purchases of B with a grant, dtype ``PURCHASE``, shape (n,).
    baseline
        All purchases of the paired replicate of A, with or without a grant there.

    Returns
    -------
    Shape (n,): True when the same firm row (its slot) bought in A within 12 months before or after, for at
    least half the spending. One purchase in A may stand for several in B, so the share errs on the high side.
    """
    found = np.zeros(granted.size, dtype=bool)
    if granted.size == 0 or baseline.size == 0:
        return found
    sorted_baseline = baseline[np.argsort(baseline["slot"], kind="stable")]
    first = np.searchsorted(sorted_baseline["slot"], granted["slot"], side="left")
    counts = np.searchsorted(sorted_baseline["slot"], granted["slot"], side="right") - first
    # One entry for every (granted purchase, purchase of the same firm in A).
    of_granted = np.repeat(np.arange(granted.size), counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    candidate = sorted_baseline[np.repeat(first, counts) + offset]
    near = np.abs(candidate["month"] - granted["month"][of_granted]) <= WITHIN_MONTHS
    large = candidate["spending"] >= AT_LEAST_OF_SIZE * granted["spending"][of_granted]
    found[of_granted[near & large]] = True
    return found


def granted_purchases(pairing: Pairing, window: tuple[int, int]) -> list[GrantedPurchases]:
    """Return the granted purchases of each pair within the window (calendar years); empty when unpaired."""
    first, last = window[0] * 12, window[1] * 12 + 11
    result = []
    for replicate in pairing.replicates:
        bought = pairing.b.purchases(replicate)
        granted = bought[(bought["grant"] > 0.0) & (bought["month"] >= first) & (bought["month"] <= last)]
        result.append(GrantedPurchases(granted, bought_without_grant(granted, pairing.a.purchases(replicate))))
    return result


def summarise(pairs: list[GrantedPurchases]) -> Deadweight | None:
    """Return shares over the pairs in which anything was granted; None when nothing was granted in any."""
    with_grants = [pair for pair in pairs if pair.purchases.size]
    if not with_grants:
        return None

    def shares(weights: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.array([w[p.deadweight].sum() / w.sum() for p, w in zip(with_grants, weights, strict=True)])

    return Deadweight(
        by_grant=band(shares([pair.purchases["grant"] for pair in with_grants])),
        by_count=band(shares([np.ones(pair.purchases.size) for pair in with_grants])),
        runs=len(with_grants),
    )
