"""Organised upgrading of firms (企业升级行动): makers are visited and hear of the next technique; no public money."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from sim.policies.acting import Institution
from sim.policies.terms import Terms, WholeNumber, acts_for, at_least_one, policy_type, term

Focus = Literal["smart", "low_carbon", "equipment"]


@policy_type("upgrade_drive", name_zh="企业升级行动")
class UpgradeDriveTerms(Terms):
    """Terms of an organised upgrading of firms without published money."""

    needs_payer: ClassVar[bool] = False
    dose: ClassVar[tuple[str, ...]] = ("firms",)
    reach: ClassVar[str] = "firms_visited"

    firms: WholeNumber = term("走访企业数", "Makers that are visited, over all months of the drive")
    focus: Annotated[tuple[Focus, ...], at_least_one(Focus)] = term(
        "升级方向",
        "What the visits are about: smart lines are diagnosed before they are bought, low-carbon ones discharge less, "
        "equipment is pointed out",
    )


@acts_for("upgrade_drive")
class UpgradeDrive(Institution):
    """A list of makers far behind the frontier is visited month by month; each decides for itself whether to upgrade.

    Attributes
    ----------
    number
        Firms visited so far.
    due
        Visits of the months so far that have not been made yet.
    first
        First month of the drive here, None before it.
    visited, gaps
        Rows visited, and their technology gaps when last looked at.
    """

    def start(self) -> None:
        """Begin; visits made before the run are part of its starting state."""
        import numpy as np

        self.due = self.number = 0.0
        self.first: int | None = None
        self.visited = np.empty(0, dtype=np.int64)
        self.gaps = np.empty(0)
        if self.in_force:
            self.first = self.policy.start
            terms: UpgradeDriveTerms = self.terms  # type: ignore[assignment]
            past = (self.model.first_month - self.first) / (self._last_month() - self.first + 1)
            self.number = terms.firms * min(past, 1.0)

    def act(self) -> None:
        """Look at who has upgraded, visit the month's firms, and stand by those who are about to upgrade."""
        terms: UpgradeDriveTerms = self.terms  # type: ignore[assignment]
        if self.state.month < self.model.first_month or terms.firms == 0:
            return
        self.first = self.state.month if self.first is None else self.first
        self._look_back(terms)
        self._visit(terms)
        if "smart" in terms.focus:
            self._diagnose()

    def close(self) -> None:
        """Look once more at who has upgraded in the last month."""
        self._look_back(self.policy.terms_at(self.policy.end or 0))  # type: ignore[arg-type]

    def _last_month(self) -> int:
        """Return the last month with visits: the drive's last, or a usual time after its first."""
        first = self.policy.start if self.first is None else self.first
        months = round(self.state.parameters.drive.drive_months)
        return first + months - 1 if self.policy.end is None else self.policy.end

    def _plan(self, terms: UpgradeDriveTerms) -> float:
        """Return the visits due this month: what is left, spread over the months left."""
        month, last = self.state.month, self._last_month()
        left = max(terms.firms - self.number - self.due, 0.0)
        return left / (last - month + 1) if month <= last else 0.0

    def _visit(self, terms: UpgradeDriveTerms) -> None:
        """Visit makers drawn by lot, those far behind more often; they hear of the next rung."""
        import numpy as np

        from sim.policies.programmes import queue

        state, firms = self.state, self.state.firms
        self.due += self._plan(terms)
        rows = state.makers_of(self.place)
        rows = rows[(firms.technology_gap[rows] > 0.0) & ~np.isin(rows, self.visited)]
        rows = queue(state, rows, "drive.visit", self.policy_key, firms.technology_gap[rows])
        rows = rows[np.cumsum(firms.weight[rows]) <= self.due + 1e-9]
        visited = float(firms.weight[rows].sum())
        self.due = max(self.due - visited, 0.0)
        self.number += visited
        firms.aware[rows] = 1
        self.visited = np.concatenate([self.visited, rows])
        self.gaps = np.concatenate([self.gaps, firms.technology_gap[rows]])
        state.add("firms_visited", self.place, visited)

    def _diagnose(self) -> None:
        """Let upgrades of visited firms fail less: in the place, as far as those who may upgrade have been visited."""
        from sim.policies.advice import visited_share
        from sim.policies.programmes import better_chance

        share = visited_share(self.state, self.place, self.visited)
        if share > 0.0:
            success, here = self.state.places.upgrade_success, self.place
            success[here] = better_chance(success[here], self.state.parameters.drive.failures_spared * share)

    def _look_back(self, terms: UpgradeDriveTerms) -> None:
        """Count visited firms that have climbed since last month; a low-carbon technique discharges less."""
        firms: Any = self.state.firms
        if self.visited.size == 0:
            return
        alive = firms.alive[self.visited] == 1
        self.visited, self.gaps = self.visited[alive], self.gaps[alive]
        # A gap narrows by an upgrade only: the frontier moves away from everybody else.
        climbed = self.visited[firms.technology_gap[self.visited] < self.gaps]
        self.gaps = firms.technology_gap[self.visited]
        self.state.add("drive_upgrades", self.place, float(firms.weight[climbed].sum()))
        if "low_carbon" in terms.focus:
            firms.emission[climbed] *= 1.0 - self.state.parameters.drive.emission_cut
