"""What firms join, pay for out of their own pocket, and are lent while they are members."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.policies.acting import Institution, OwnTerms
from sim.policies.choosing import by_slot
from sim.policies.encounters import EVERYBODY, look_around
from sim.rules.chance import Key, uniforms
from sim.rules.settlement import overheads
from sim.state.columns import F8, I8, MAKER
from sim.state.state import State


class Membership(Institution[OwnTerms]):
    """An institution with members; ``mark`` is their bit in ``FirmColumns.member``, ``members`` are their rows.

    Members come place by place in the order of their slots.
    """

    mark: ClassVar[int]

    def start(self) -> None:
        """Begin without members."""
        self.members: I8 = np.empty(0, dtype=np.int64)

    def close(self) -> None:
        """Let members go."""
        self.admit(self.members[:0])

    def forget(self, rows: I8) -> None:
        """Let members go that have closed."""
        if self.state.mask(rows)[self.members].any():
            self.admit(self.members[~self.state.mask(rows)[self.members]])

    def admit(self, members: I8) -> None:
        """Make these rows the members of this month, and no others."""
        column = self.state.firms.member
        column[self.members] &= ~self.mark
        self.members = by_slot(self.state, members)
        column[members] |= self.mark

    def show(
        self, stands: I8, presence: F8, shares: F8, looks: int, origin: int, key: Key, counted: str,
        reachable: NDArray[np.bool_] | slice = EVERYBODY,
    ) -> None:  # fmt: skip
        """Let buyers whose draw lies below the share of their side, shape (2,), look at some of the stands.

        ``reachable`` says which buyers of the market may look.
        """
        state, buyers = self.state, self.state.buyers_of(self.market)
        rows = np.arange(buyers.slot.size)[reachable]
        draw = uniforms(key, buyers.slot[rows])
        visitors: I8 = rows[draw < shares[buyers.foreign[rows]]]
        if stands.size and visitors.size:
            seen = look_around(state, self.market, stands, presence, visitors, looks, origin, self.policy_key)
            self.count(counted, seen)


def add_saving(column: F8, rows: I8, share: F8 | float) -> None:
    """Add a share to those that other institutions provide the same rows this month: 1 - (1 - a)(1 - b).

    ``share`` is one number, or has the shape of ``rows``. Where it is 0 the column keeps its bits.
    """
    more = np.broadcast_to(np.asarray(share, dtype=np.float64), rows.shape)
    some = more > 0.0
    column[rows[some]] = 1.0 - (1.0 - column[rows[some]]) * (1.0 - more[some])


def overhead_year(state: State, rows: I8) -> F8:
    """Return the overhead of one firm of each row in yuan a year, before anything is saved on it."""
    people = state.parameters.production.overhead_labour_share
    return 12.0 * overheads(
        rows, state.firms, state.places, state.costs, people, state.world.progress, state.world.producer
    )


def tell(state: State, rows: I8, chance: F8 | float, key: Key) -> None:
    """Let makers among ``rows`` become aware of the next rung with a chance (one number, or shape of ``rows``)."""
    aware = uniforms(key, state.firms.slot[rows]) < chance
    state.firms.aware[rows[aware & (state.firms.tier[rows] == MAKER)]] = 1
