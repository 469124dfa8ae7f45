"""Organised upgrading of firms (企业升级行动): makers are visited and learn of the next technique; no public money."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.policies.acting import Institution
from sim.policies.choosing import drawn
from sim.policies.upgrade_drive.terms import UpgradeDriveTerms
from sim.rules.investment import LEAST_GAP
from sim.state.columns import I8
from sim.state.state import State


class UpgradeDrive(Institution[UpgradeDriveTerms]):
    """A list of makers far behind the frontier is visited month by month; each decides for itself whether to upgrade.

    Attributes
    ----------
    number
        Firms visited so far.
    due
        Visits of the months so far that have not been made yet.
    first
        First month of the drive here, None before it.
    visited, gaps, knew
        Rows visited, and when last looked at their technology gaps and whether they knew a rung they had not taken.
    """

    channels = frozenset({"technique", "information"})

    def start(self) -> None:
        """Begin; visits made before the run are part of its starting state."""
        self.due = self.number = 0.0
        self.first: int | None = None
        self.visited = np.empty(0, dtype=np.int64)
        self.gaps = np.empty(0)
        self.knew = np.empty(0, dtype=np.bool_)
        if self.in_force:
            self.first = self.policy.start
            terms = self.terms
            past = (self.state.first_month - self.first) / (self._last_month() - self.first + 1)
            self.number = terms.firms * min(past, 1.0)

    def forget(self, rows: I8) -> None:
        """Drop firms that have closed from the list of those visited; ``number`` counts them still."""
        stays = ~self.state.mask(rows)[self.visited]
        self.visited, self.gaps, self.knew = self.visited[stays], self.gaps[stays], self.knew[stays]

    def act(self) -> None:
        """Look at who has upgraded, visit the month's firms, and stand by those who are about to upgrade."""
        terms = self.terms
        if self.state.settling or terms.firms == 0:
            return
        self.first = self.state.month if self.first is None else self.first
        self._look_back(terms)
        self._visit(terms)
        if "smart" in terms.focus:
            # Upgrades of visited firms fail less: in the place, as far as those who may upgrade have been visited.
            share = visited_share(self.state, self.place, self.visited)
            self.help_upgrades(self.state.parameters.drive.failures_spared * share)

    def close(self) -> None:
        """Look once more at who has upgraded in the last month."""
        self._look_back(self.terms_at(self.policy.end or 0))

    def _last_month(self) -> int:
        """Return the last month visits are planned for: the drive's last, or a usual time after its first."""
        first = self.policy.start if self.first is None else self.first
        months = round(self.state.parameters.drive.drive_months)
        return first + months - 1 if self.policy.planned_end is None else self.policy.planned_end

    def _plan(self, terms: UpgradeDriveTerms) -> float:
        """Return the visits due this month: what is left, spread over the months left."""
        month, last = self.state.month, self._last_month()
        left = max(terms.firms - self.number - self.due, 0.0)
        return left / (last - month + 1) if month <= last else 0.0

    def _visit(self, terms: UpgradeDriveTerms) -> None:
        """Visit makers drawn by lot, those far behind more often; they learn of the next rung."""
        state, firms = self.state, self.state.firms
        self.due += self._plan(terms)
        rows = state.makers_of(self.place)
        rows = rows[(firms.technology_gap[rows] > 0.0) & ~np.isin(rows, self.visited)]
        rows = drawn(state, rows, "drive.visit", self.policy_key, firms.technology_gap[rows], lasting=True)
        rows = rows[np.cumsum(firms.weight[rows]) <= self.due + 1e-9]
        visited = state.firms_in(rows)
        self.due = max(self.due - visited, 0.0)
        self.number += visited
        firms.aware[rows] = 1
        self.visited = np.concatenate([self.visited, rows])
        self.gaps = np.concatenate([self.gaps, firms.technology_gap[rows]])
        self.knew = np.concatenate([self.knew, np.ones(rows.size, dtype=np.bool_)])
        self.count("firms_visited", visited)

    def _look_back(self, terms: UpgradeDriveTerms) -> None:
        """Count visited firms that have climbed since last month; a low-carbon technique discharges less."""
        firms: Any = self.state.firms
        if self.visited.size == 0:
            return
        # New machines narrow a gap too; a firm that upgrades has besides taken the rung it knew.
        gaps, knows = firms.technology_gap[self.visited], firms.aware[self.visited] == 1
        climbed = self.visited[(gaps < self.gaps) & self.knew & ~knows]
        self.gaps, self.knew = gaps, knows
        self.count("drive_upgrades", self.state.firms_in(climbed))
        if "low_carbon" in terms.focus:
            firms.emission[climbed] *= 1.0 - self.state.parameters.drive.emission_cut


def visited_share(state: State, place: int, visited: I8) -> float:
    """Return the share of makers that may upgrade, knowing the next rung and far enough behind, that were visited."""
    firms = state.firms
    rows = state.makers_of(place)
    rows = rows[(firms.aware[rows] == 1) & (firms.technology_gap[rows] >= LEAST_GAP)]
    total = state.firms_in(rows)
    return state.firms_in(rows[np.isin(rows, visited)]) / total if total > 0.0 else 0.0
