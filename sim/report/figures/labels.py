"""Placing labels so that none covers another: along one axis exactly, in the plane by trying places in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Box:
    """A rectangle in points."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: Box) -> float:
        """Return the area shared with ``other``, square points."""
        across = min(self.right, other.right) - max(self.left, other.left)
        up = min(self.top, other.top) - max(self.bottom, other.bottom)
        return across * up if across > 0.0 and up > 0.0 else 0.0

    def outside(self, frame: Box) -> float:
        """Return by how many points it sticks out of ``frame``, added over the four sides."""
        return (
            max(0.0, frame.left - self.left)
            + max(0.0, self.right - frame.right)
            + max(0.0, frame.bottom - self.bottom)
            + max(0.0, self.top - frame.top)
        )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions at least ``gap`` apart within ``low`` and ``high``, as near to ``wanted`` as can be.

    The order is kept (equal wishes keep the order given). Solves the least-squares problem exactly by merging
    neighbours (isotonic regression after taking the gaps out). When there is no room, the gap shrinks to what fits.

    Parameters
    ----------
    wanted
        Where each label would like its middle to be.
    gap
        Least distance between two middles, in the unit of ``wanted``.
    low, high
        First and last possible middle.
    """
    count = len(wanted)
    if count == 0:
        return []
    if count > 1 and gap * (count - 1) > high - low:
        gap = max(0.0, (high - low) / (count - 1))
    order = sorted(range(count), key=lambda i: (wanted[i], i))
    blocks: list[tuple[float, int]] = []
    for rank, i in enumerate(order):
        total, members = wanted[i] - rank * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / members:
            earlier, more = blocks.pop()
            total, members = total + earlier, members + more
        blocks.append((total, members))
    result = [0.0] * count
    rank = 0
    for total, members in blocks:
        level = min(max(total / members, low), high - (count - 1) * gap)
        for _ in range(members):
            result[order[rank]] = level + rank * gap
            rank += 1
    return result


def best_place(candidates: Sequence[Box], taken: Iterable[Box], soft: Iterable[Box], frame: Box) -> int:
    """Return the index of the first candidate that covers least.

    Parameters
    ----------
    candidates
        Possible boxes, best first.
    taken
        Boxes that must not be covered (labels, marks).
    soft
        Boxes better left free (lines); they count a tenth.
    frame
        Area to stay in.
    """
    hard, lines = list(taken), list(soft)
    costs = [
        1000.0 * box.outside(frame)
        + 10.0 * sum(box.overlap(other) for other in hard)
        + sum(box.overlap(other) for other in lines)
        for box in candidates
    ]
    return min(range(len(costs)), key=lambda i: (costs[i], i))
