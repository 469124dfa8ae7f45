"""What one replicate leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE_CLASS_BOUNDS_YUAN = (1e6, 5e6, 20e6, 100e6)
"""Upper bounds of the yearly revenue classes: below 1, 1-5, 5-20, 20-100 million yuan, and above."""
SIZE_CLASS_MEASURES = ("firms", "jobs", "output", "entries", "exits")

MONEY_STAGES = ("promised", "claimed", "granted", "paid", "unmet", "returned")
"""Stages of public money, in yuan a month. ``paid`` is what left the account; for everything but a fund the
stages before it equal what was planned."""
PAYERS = ("county", "province")

MARKET_SIDES = ("domestic", "foreign")
"""Buyers at home and abroad."""

TAKE_UP = (
    "calls", "eligible", "no_project", "too_small", "no_own_money", "at_the_cap", "applied", "not_chosen", "granted",
    "paid", "closed",
)  # fmt: skip
"""Take-up of a policy that awards grants, call by call. Of the firms that meet its conditions (``eligible``) some have
no project it pays for, a smaller one than it asks for, too little own money for one, or have had the most a firm may
get; the others have ``applied``, and were ``granted`` money or ``not_chosen``. Awards were ``paid``, or lapsed as the
firm had ``closed``."""
TAKE_UP_MEASURES = ("number", "yuan")
"""Number of calls (in a place) or of firms, and grants in yuan: awarded, or what the firm would have asked for."""

PURCHASE = np.dtype([("slot", "i8"), ("place", "i2"), ("month", "i4"), ("spending", "f4")])
"""One purchase of equipment by makers: firm slot, place, month number, and yuan spent by all the firms the row stands
for. Every purchase is noted, however small: who will be a recipient of a grant in another scenario is not known."""

AWARD = np.dtype(
    [
        ("slot", "i8"), ("place", "i2"), ("month", "i4"), ("policy", "i2"), ("firms", "f8"), ("revenue", "f8"),
        ("workers", "f8"), ("spending", "f8"), ("grant", "f8"),
    ]
)  # fmt: skip
"""One grant awarded: firm slot, place, month number, the policy's position in the scenario, firms the row stands for,
revenue over the last twelve months and workers of one of them, and the project and the grant in yuan, for all of
them."""

TRACKED = np.dtype([("slot", "i8"), ("place", "i2"), ("year", "i2"), ("workers", "f8"), ("output", "f8"), ("supported", "i1")])
"""Year-end workers and yearly output of every maker row that ever sold 5 million yuan a year or was supported;
``supported`` is 1 once it has been awarded a grant."""

PANEL = np.dtype(
    [
        ("year", "i2"), ("slot", "i8"), ("place", "i2"), ("tier", "i1"), ("age", "f4"), ("firms", "f4"),
        ("capital", "f8"), ("workers", "f8"), ("output", "f8"), ("exports", "f8"), ("profit", "f8"),
        ("spending", "f8"), ("price", "f8"), ("productivity", "f8"), ("quality", "f8"),
        ("park", "i2"), ("grants", "f8"), ("entry_month", "i4"), ("exit_month", "i4"),
    ]
)  # fmt: skip
"""Yearly firm panel (``--panel``): per-firm values of a row and the number of firms it stands for.

``output`` and ``profit`` are those of the last twelve months, ``spending`` the yuan spent on equipment in the calendar
year, ``exports`` twelve times the month's; ``capital``, in base-year yuan, and the rest are those of the month.
"""


@dataclass
class ReplicateRecord:
    """Result of one replicate.

    Attributes
    ----------
    first_month
        Month number of the first row of ``monthly``.
    monthly
        Shape (months, places, observables); plain units.
    size_classes
        Shape (years, places, classes, measures) for calendar years touched by the run, from ``first_year``.
    purchases, awards, tracked, panel
        Structured arrays of dtype ``PURCHASE``, ``AWARD``, ``TRACKED``, ``PANEL`` (``panel`` is None unless asked for).
    money
        Shape (months, policies, payers, stages); yuan.
    take_up
        Shape (years, policies, outcomes, measures), see ``TAKE_UP``, from ``first_year``.
    elsewhere
        Yuan that buyers of each market spent on producers elsewhere, shape (months, markets, sides). With the orders of
        the market's places it is all that its buyers spend, which no policy changes.
    anchors
        Numbers per place that tie the start to its reported figures, by name, each of shape (places,):
        ``domestic_outside_weight``, ``foreign_outside_weight``, ``productivity_scale``, ``scope_businesses``,
        ``scope_employment``.
    digest
        Hex digest of the final state; equal digests mean equal runs.
    """

    first_month: int
    first_year: int
    monthly: NDArray[np.float64]
    size_classes: NDArray[np.float64]
    purchases: NDArray[np.void]
    awards: NDArray[np.void]
    tracked: NDArray[np.void]
    money: NDArray[np.float64]
    take_up: NDArray[np.float64]
    elsewhere: NDArray[np.float64]
    anchors: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    panel: NDArray[np.void] | None = None
    digest: str = ""
