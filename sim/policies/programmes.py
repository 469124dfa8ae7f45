"""Programmes that firms take part in one by one: what they expect of it, who is drawn, how many are served."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.policies.acting import Institution, OwnTerms
from sim.rules.chance import Key, month_key, uniform
from sim.rules.investment import buy, margin, own_moneys, perceptions, projects
from sim.state.columns import F8, I8, MAKER, FirmColumns
from sim.state.ledger import REST_OF_WORLD
from sim.state.state import State

if TYPE_CHECKING:
    from sim.scenario.resolved import Policy

MONTHS = 12.0


def kept_a_month(loss: float) -> float:
    """Return the part of a stock that is left after a month at a yearly rate of loss."""
    return 1.0 - loss / MONTHS


def stock_at_the_start(policy: Policy, first: int, flow: Callable[[Any], float], loss: float) -> float:
    """Return what a policy older than the run has built up by the first month.

    ``flow`` gives what a version of the terms adds in a year; ``loss`` is the part lost in a year.
    """
    stock = 0.0
    for month in range(policy.start, first):
        if policy.in_force(month):
            stock += flow(policy.terms_at(month)) / MONTHS
        stock *= kept_a_month(loss)
    return stock


def purchases_planned(
    state: State, rows: I8, factor: float, advance: float = 0.0, firms: FirmColumns | None = None
) -> tuple[F8, F8, F8]:
    """Return what firms would spend on machines and upgrades at ``factor`` times their price, and have (yuan).

    ``advance`` is the part of the price cut that is there when they pay (``sim.rules.investment.lent_on_new``);
    ``firms`` are the firms as they are, or as they might be.
    """
    p, (machine, upgrade, own) = state.parameters, np.zeros((3, rows.size))
    projects(
        rows, firms or state.firms, state.costs, p.production, p.investment, p.technology, p.demand,
        state.world.producer, factor, advance, state.year_key("upgrade.perception"), machine, upgrade, own,
    )  # fmt: skip
    return machine, upgrade, own


def buy_equipment(state: State, rows: I8, machine: F8, upgrade: F8, own: F8) -> None:
    """Let firms buy what they have planned."""
    p, scratch = state.parameters, state.scratch
    buy(
        rows, machine, upgrade, own, state.firms, state.places, state.world.producer, p.technology,
        p.production.labour_elasticity, state.key("upgrade.success"), scratch.spending, scratch.borrowing,
        scratch.upgraded,
    )  # fmt: skip


def own_money(state: State, rows: I8) -> F8:
    """Return the yuan a firm of each row can spend beyond the part of its buffer that it keeps."""
    return own_moneys(rows, state.firms, state.parameters.investment)


def misjudgement(state: State, rows: I8, stream: str, policy_key: int) -> F8:
    """Return the factor by which each firm misjudges a gain this year, as it does with upgrades."""
    key = month_key(state.seed, stream, state.year, policy_key)
    return perceptions(key, state.firms.slot[rows], state.parameters.technology.perception_dispersion)


def worth_of_quality(state: State, rows: I8, place: int, gain: float) -> F8:
    """Return the yuan a firm of each row expects from better goods until they are copied.

    ``gain`` log points of quality raise its orders by (elasticity - 1) times as much at the margin over variable cost;
    the gain fades at ``technology.brand_fading`` and is discounted at ``technology.required_return``.
    """
    p, above_cost = state.parameters, margin(float(state.costs.markup[place, MAKER]))
    years = 1.0 / (p.technology.brand_fading + p.technology.required_return)
    worth: F8 = state.firms.revenue_year[rows] * above_cost * (p.demand.elasticity_suppliers - 1.0) * gain * years
    return worth


def fitting(state: State, rows: I8, room: F8) -> NDArray[np.bool_]:
    """Return which rows fit, with those before them of their place, into the room of the place.

    ``rows`` come place by place, in the order in which each place serves them; ``room`` (places,) is in firms.
    """
    firms = state.firms
    county, given = firms.place[rows], np.cumsum(firms.weight[rows])
    first = np.searchsorted(county, county)
    fits: NDArray[np.bool_] = given - (given[first] - firms.weight[rows[first]]) <= room[county]
    return fits


Order = tuple[int, int, float]
"""Something ordered: month in which it is ready, row, firms of the row."""
NOBODY = -1
"""Stands for the row of a firm that has closed since it ordered."""


def better_goods(
    state: State, ready: Sequence[Order], key: Key, success: float, quality: float
) -> list[tuple[int, float]]:
    """Raise the quality of firms whose order turned out well; return their rows and firms.

    Firms that have closed meanwhile are passed over. Where only some firms of a row ordered, the row takes the mean.
    """
    firms, done = state.firms, []
    for _, row, number in ready:
        if row != NOBODY and uniform(key, firms.slot[row]) < success:
            firms.brand[row] += quality * number / firms.weight[row]
            done.append((row, number))
    return done


class QualityProgramme(Institution[OwnTerms]):
    """Makers order what may better their goods where it pays; some of it turns out well, until it is copied.

    Attributes
    ----------
    ordered
        What is under way; an order of a firm that closes is finished for nobody.
    """

    def start(self) -> None:
        """Begin with nothing under way."""
        self.ordered: list[Order] = []

    def forget(self, rows: I8) -> None:
        """Finish for nobody what firms have ordered that have closed."""
        self.ordered = [(ready, NOBODY if row in rows else row, firms) for ready, row, firms in self.ordered]

    def interested(self, busy: Sequence[int], gain: float, own: float, stream: str) -> I8:
        """Return makers, but for those ``busy``, that expect at least their ``own`` yuan of it and have them.

        ``gain`` is the quality they can expect (log points); ``stream`` names the draws of how they misjudge it.
        """
        state = self.state
        rows = state.makers_of(self.place)
        rows = rows[state.firms.revenue_year[rows] > 0.0]
        rows = rows[~np.isin(rows, busy)]
        worth = worth_of_quality(state, rows, self.place, gain)
        worth *= misjudgement(state, rows, stream, self.policy_key)
        chosen: I8 = rows[(worth >= own) & (own_money(state, rows) >= own)]
        return chosen

    def order(
        self, rows: I8, room: float, months: float, cost: float, public_share: float, purpose: str, counted: str
    ) -> tuple[I8, F8]:
        """Let firms order in this order, as far as there is room and money; return the rows that do and their firms."""
        state, wanted = self.state, self.state.firms.weight[rows]
        room = min(room, float(wanted.sum()))
        rows, number = self.take_part(rows, wanted, room, cost, public_share, REST_OF_WORLD, purpose)
        ready = state.month + round(months)
        self.ordered += [(ready, row, firms) for row, firms in zip(rows.tolist(), number.tolist(), strict=True)]
        self.count(counted, float(number.sum()))
        return rows, number

    def finish(self, success: float, quality: float, key: Key, counted: str) -> list[int]:
        """Better the goods of firms whose order is ready and has turned out well; return their rows."""
        month = self.state.month
        ready = [order for order in self.ordered if order[0] <= month]
        self.ordered = [order for order in self.ordered if order[0] > month]
        done = better_goods(self.state, ready, key, success, quality)
        self.count(counted, math.fsum(firms for _, firms in done))
        return [row for row, _ in done]
