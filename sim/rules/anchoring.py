"""What buyers would spend at each place that shares a market, for the anchoring of the start."""

from __future__ import annotations

import numpy as np

from sim.parameters.groups import Demand
from sim.rules.compiled import loop, rule
from sim.rules.demand import buyer_kind, link_weight
from sim.rules.elementary import power
from sim.state.columns import F8, I4, I8, BuyerColumns, FirmColumns


@loop
def gather_offers(
    rows: I8, buyers: BuyerColumns, firms: FirmColumns, offers: F8, column_of: I8, demand: Demand,
    first: I8, column: I4, value: F8,
) -> None:  # fmt: skip
    """Write what the links of each buyer are worth, added up by place, places in order.

    Parameters
    ----------
    rows
        Rows of the buyers.
    column_of
        Shape (places,): position of a place in the market.
    first
        Shape (rows + 1,): where each buyer begins in ``column`` and ``value``.
    column, value
        Room for all links: positions of the places in the market, and link weights.
    """
    end = 0
    for k in range(rows.size):
        b = rows[k]
        first[k] = begin = end
        kind = buyer_kind(buyers.foreign[b], buyers.by_piece[b])
        for j in range(buyers.links[b]):
            row = buyers.supplier[b, j]
            worth = link_weight(offers[kind, row], np.float64(buyers.link_match[b, j]), buyers.link_age[b, j], demand)
            where, n = column_of[firms.place[row]], end
            while n > begin and column[n - 1] >= where:
                n -= 1
            if n < end and column[n] == where:
                value[n] += worth
                continue
            for m in range(end, n, -1):
                column[m], value[m] = column[m - 1], value[m - 1]
            column[n], value[n] = where, worth
            end += 1
    first[rows.size] = end


@rule
def inclusive_value(begin: int, end: int, column: I4, value: F8, appeal: F8) -> float:
    """Return what a buyer's links are worth to it, each times the ``appeal`` (places of the market,) of its place."""
    total = 0.0
    for m in range(begin, end):
        total += value[m] * appeal[column[m]]
    return total


@loop
def inclusive_values(first: I8, column: I4, value: F8, appeal: F8, out: F8) -> None:
    """Write what the links of each buyer are worth in all to ``out`` (buyers,); the others as for ``gather_offers``."""
    for k in range(out.size):
        out[k] = inclusive_value(first[k], first[k + 1], column, value, appeal)


@loop
def spent_by_place(
    first: I8, column: I4, value: F8, appeal: F8, spending: F8, outside: float, ratio: float, out: F8
) -> None:
    """Add to ``out`` (places of the market,) what buyers spend at each place when offers are ``appeal`` times as good.

    ``spending`` (buyers,) is in yuan, ``outside`` the weight of producers elsewhere; ``ratio`` as in ``cluster_share``.
    """
    inclusive, inside = np.empty(spending.size), np.empty(spending.size)
    for k in range(spending.size):
        inclusive[k] = inclusive_value(first[k], first[k + 1], column, value, appeal)
    for k in range(spending.size):
        inside[k] = power(inclusive[k], ratio)
    for k in range(spending.size):
        if inclusive[k] <= 0.0:
            continue
        each = spending[k] * (inside[k] / ((inside[k] + outside) * inclusive[k]))
        for m in range(first[k], first[k + 1]):
            out[column[m]] += each * value[m] * appeal[column[m]]
