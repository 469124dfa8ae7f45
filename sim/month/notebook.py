"""What a run writes down as it goes, and the record it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.month import accounts
from sim.observables import INDEX, recorded
from sim.state.columns import MAKER
from sim.state.record import (
    AWARD,
    MARKET_SIDES,
    MONEY_STAGES,
    PANEL,
    PAYERS,
    PURCHASE,
    SIZE_CLASS_BOUNDS_YUAN,
    SIZE_CLASS_MEASURES,
    TAKE_UP,
    TAKE_UP_MEASURES,
    TRACKED,
    ReplicateRecord,
)  # fmt: skip

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario
    from sim.state.columns import F8, I8
    from sim.state.state import State


class Notebook:
    """Notes of one run: observables, public money and its take-up, purchases, firms worth following, the panel."""

    def __init__(self, scenario: Scenario) -> None:
        time, places = scenario.time, len(scenario.places)
        self.first_month, self.first_year = time.start, time.start // 12
        self.last_month = time.end
        years = time.end // 12 - self.first_year + 1
        self.months_done = 0
        self.keeps_panel = False
        self.columns = [INDEX[item.name] for item in recorded(policy.type for policy in scenario.policies)]
        self.monthly = np.full((time.months, places, len(self.columns)), np.nan)
        self.public_money = np.zeros((time.months, len(scenario.policies), len(PAYERS), len(MONEY_STAGES)))
        classes = len(SIZE_CLASS_BOUNDS_YUAN) + 1
        self.size_classes = np.zeros((years, places, classes, len(SIZE_CLASS_MEASURES)))
        self.take_up = np.zeros((years, len(scenario.policies), len(TAKE_UP), len(TAKE_UP_MEASURES)))
        markets = len({place.industry for place in scenario.places})
        self.elsewhere = np.zeros((time.months, markets, len(MARKET_SIDES)))
        self.bought: list[Any] = []
        self.awarded: list[Any] = []
        self.followed: list[Any] = []
        self.panel: list[Any] = []
        self.spent = np.zeros(0)

    def branch(self, scenario: Scenario, to: I8) -> Notebook:
        """Return a notebook for another scenario with the notes so far; ``to`` as in ``State.branch``."""
        twin, done = Notebook(scenario), self.months_done
        twin.months_done, twin.keeps_panel, twin.spent = done, self.keeps_panel, self.spent.copy()
        years = min(len(self.size_classes), len(twin.size_classes))
        stays = np.flatnonzero(to >= 0)
        for column, observable in enumerate(twin.columns):  # what only policies yet to come count is none so far
            known = observable in self.columns
            twin.monthly[:done, :, column] = self.monthly[:done, :, self.columns.index(observable)] if known else 0.0
        twin.public_money[:done, to[stays]] = self.public_money[:done, stays]
        twin.size_classes[:years] = self.size_classes[:years]
        twin.take_up[:years, to[stays]] = self.take_up[:years, stays]
        twin.elsewhere[:done] = self.elsewhere[:done]
        twin.bought, twin.awarded, twin.followed, twin.panel = (
            [table.copy() for table in notes] for notes in (self.bought, self.awarded, self.followed, self.panel)
        )
        for table, name in [*((table, "policy") for table in twin.awarded), *((table, "park") for table in twin.panel)]:
            table[name] = to[table[name]]
        return twin

    def write_down(self, state: State) -> None:
        """Write down the month's observables, money and purchases once the run has begun, and turn to the next month.

        At the end of a year the firms are written down too.
        """
        if not state.settling:
            for name, values in state.tally.items():
                state.measured[:, INDEX[name]] = values
            month, year = state.month - self.first_month, state.year - self.first_year
            self.monthly[month] = state.measured[:, self.columns]
            self.public_money[month] = state.public_money
            self.take_up[year] += state.take_up
            self.elsewhere[month] = state.spent_outside
            self.months_done += 1
            self._purchases(state)
            for rows, spending, grants, policy in state.awards:
                self._awards(state, rows, spending, grants, policy)
            self.size_classes[year, :, :, 3:] += accounts.turnover_classes(state)
            if state.month_of_year == 11 or state.month == self.last_month:
                self.size_classes[year, :, :, :3] = accounts.size_classes(state)
            if self.keeps_panel:
                self._spend(state)
                self._panel(state, state.left)
            if state.month_of_year == 11:
                self._follow(state)
                if self.keeps_panel:
                    self._panel(state, state.live)
                    self.spent[:] = 0.0
        state.month += 1

    def _purchases(self, state: State) -> None:
        """Write down the month's equipment purchases of makers, for all firms of each row."""
        spending = state.scratch.spending[: state.count]
        rows = np.flatnonzero((spending > 0.0) & (state.firms.tier[: state.count] == MAKER))
        table = _table(PURCHASE, state, rows)
        table["month"], table["spending"] = state.month, spending[rows] * state.firms.weight[rows]
        self.bought.append(table)

    def _awards(self, state: State, rows: I8, spending: F8, grants: F8, policy: int) -> None:
        """Write down grants awarded and the projects they are for (yuan per firm), for all firms of each row."""
        firms, table = state.firms, _table(AWARD, state, rows)
        table["month"], table["policy"] = state.month, policy
        table["firms"], table["revenue"] = firms.weight[rows], firms.revenue_year[rows]
        table["workers"] = firms.workers[rows]
        table["spending"], table["grant"] = spending * firms.weight[rows], grants * firms.weight[rows]
        self.awarded.append(table)

    def _follow(self, state: State) -> None:
        firms = state.firms
        rows = state.live[firms.tracked[state.live] == 1]
        table = _table(TRACKED, state, rows)
        table["workers"] = firms.workers[rows] * firms.weight[rows]
        table["output"] = firms.revenue_year[rows] * firms.weight[rows]
        self.followed.append(table)

    def _spend(self, state: State) -> None:
        """Add up what each row has spent on equipment since January; the row of a closed firm begins anew."""
        self.spent = np.concatenate([self.spent, np.zeros(state.count - self.spent.size)])
        self.spent[state.entered] = 0.0
        self.spent += state.scratch.spending[: state.count]

    def _panel(self, state: State, rows: I8) -> None:
        """Write down firms: those that close in the month in which they do, all others at the end of the year."""
        firms = state.firms
        table = _table(PANEL, state, rows)
        table["age"], table["firms"] = firms.age[rows] / 12.0, firms.weight[rows]
        table["output"], table["exports"] = firms.revenue_year[rows], 12.0 * firms.exports[rows]
        table["profit"], table["spending"] = firms.profit_year[rows], self.spent[rows]
        self.panel.append(table)

    def record(self, anchors: dict[str, Any], digest: str) -> ReplicateRecord:
        """Return the record of the months simulated so far."""
        months = self.months_done

        def joined(tables: list[Any], kind: Any) -> Any:
            return np.concatenate(tables) if tables else np.zeros(0, dtype=kind)

        return ReplicateRecord(
            first_month=self.first_month,
            first_year=self.first_year,
            monthly=self.monthly[:months],
            size_classes=self.size_classes,
            purchases=joined(self.bought, PURCHASE),
            awards=joined(self.awarded, AWARD),
            tracked=joined(self.followed, TRACKED),
            money=self.public_money[:months],
            take_up=self.take_up,
            elsewhere=self.elsewhere[:months],
            anchors={name: np.asarray(value, dtype=np.float64) for name, value in anchors.items()},
            panel=joined(self.panel, PANEL) if self.keeps_panel else None,
            digest=digest,
        )


def _table(kind: Any, state: State, rows: I8) -> Any:
    """Return a table of some firms with their place, the year, and the columns it shares with theirs."""
    table = np.zeros(rows.size, dtype=kind)
    for name in table.dtype.names:
        if name in state.firms._fields:
            table[name] = getattr(state.firms, name)[rows]
    table["place"] = state.firms.place[rows]
    if "year" in table.dtype.names:
        table["year"] = state.year
    return table
