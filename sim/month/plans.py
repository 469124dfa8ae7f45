"""Phase 4: expectations, machines and upgrades of every firm that has not already decided on a grant project."""

from __future__ import annotations

import numpy as np

from sim.month.calendar import seasons
from sim.rules.investment import expect_and_shrink, spread_awareness
from sim.rules.investment import invest as buy_what_pays
from sim.rules.totals import FIRMS, UPGRADED
from sim.state.columns import MAKER
from sim.state.state import State


def form_expectations(state: State) -> None:
    """Update expected orders from last month's orders, wear equipment down and sell what is not needed."""
    p = state.parameters
    last_season = float(seasons(p.demand.january_february)[(state.month - 1) % 12])
    expect_and_shrink(
        state.segments, state.firms, last_season, state.costs, p.production, p.investment, state.scratch.scrap
    )


def diffuse_awareness(state: State) -> None:
    """Let makers become aware of the next rung of the ladder."""
    spread_awareness(
        state.segments_of_tier(MAKER), state.firms, state.places, state.parameters.technology,
        state.key("upgrade.awareness"),
    )  # fmt: skip


def invest(state: State) -> None:
    """Let firms that have not decided on a grant project buy machines and upgrades at full price."""
    p, scratch = state.parameters, state.scratch
    buy_what_pays(
        state.segments, state.firms, state.places, state.costs, p.production, p.investment, p.technology, p.demand,
        state.world.producer, state.year_key("upgrade.perception"), state.key("upgrade.success"), scratch.decided,
        scratch.spending, scratch.borrowing, scratch.upgraded,
    )  # fmt: skip


def count_upgrades(state: State) -> None:
    """Record the month's upgrades and the share of makers that upgraded over the last year."""
    done = state.sums[MAKER, :, UPGRADED]
    makers = state.sums[MAKER, :, FIRMS]
    state.upgrades_by_month[:, state.month_of_year] = done
    year = state.upgrades_by_month.sum(axis=1)
    state.places.upgraded_share[:] = np.divide(year, makers, out=np.zeros_like(year), where=makers > 0.0)
    state.add_by_place("upgrades", done)
