"""Cloud drive (企业上云与数字化车间): a county asks firms to join the cloud, and counts digital workshops."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents.governments import pay
from sim.errors import UserError
from sim.policies.acting import Institution
from sim.policies.classification import above_scale
from sim.policies.cloud_drive.terms import CloudDriveTerms
from sim.policies.payments import charge
from sim.policies.savings import can_pay, lend, overhead_year, still_there, tell
from sim.rules.chance import uniforms
from sim.state.columns import MEMBER_CLOUD
from sim.state.ledger import REST_OF_WORLD

UPGRADED_RUNGS = 0.25
"""Rungs by which the distance to the frontier falls in a month only when an upgrade has been carried out."""


class CloudDrive(Institution):
    """Asks makers to join the cloud until the target is met; those for which it pays do, and hear of techniques."""

    def validate(self) -> None:
        """Refuse a subsidy that nobody pays, also one that a change brings."""
        if not self.policy.payer and any(terms.fee_subsidy > 0.0 for _, terms in self.policy.versions):  # type: ignore[attr-defined]
            raise UserError(
                f'policy "{self.policy.id}": fee_subsidy needs a payer; write payer = "county" or leave it out'
            )

    def start(self) -> None:
        """Nobody is in the cloud because of the drive yet."""
        self.members = np.empty(0, dtype=np.int64)
        self.workshops = np.empty(0, dtype=np.int64)
        self.gap_before = np.empty(0)

    def act(self) -> None:
        """Ask makers to join, tell members of techniques, and count those that became digital workshops."""
        terms: CloudDriveTerms = self.terms  # type: ignore[assignment]
        self._see_who_stays()
        self._count_workshops(terms)
        self._ask(terms)
        self._tell(terms)

    def wind_up(self) -> None:
        """Let members pay their fee and save office work, also after the drive; who does not gain leaves."""
        if not self.in_force:
            self._see_who_stays()
        state = self.state
        self._pay_fees()
        lend(state.firms.overhead_saving, self.members, state.parameters.cloud.office_saving)
        self.gap_before = state.firms.technology_gap[self.members].copy()
        if self.members.size:
            state.add("cloud_firms", self.place, float(state.firms.weight[self.members].sum()))
        if self.workshops.size:
            state.add("digital_workshops", self.place, float(state.firms.weight[self.workshops].sum()))

    def _own_fee(self) -> float:
        """Return what a firm pays itself for a year in the cloud, in yuan."""
        fee: float = self.state.parameters.cloud.yearly_fee
        return fee * (1.0 - self.terms.fee_subsidy) if self.in_force else fee  # type: ignore[attr-defined]

    def _pays(self, rows: Any) -> Any:
        """Return for which firms the office work saved is worth the fee, and who can pay this month's."""
        saved = self.state.parameters.cloud.office_saving * overhead_year(self.state, rows)
        return (saved >= self._own_fee()) & can_pay(self.state, rows, self._own_fee() / 12.0)

    def _see_who_stays(self) -> None:
        """Drop members that have closed, or for which the cloud no longer pays."""
        firms = self.state.firms
        stays = (firms.alive[self.members] == 1) & self._pays(self.members)
        firms.member[self.members[~stays]] &= ~MEMBER_CLOUD
        self.members, self.gap_before = self.members[stays], self.gap_before[stays]
        self.workshops = still_there(self.state, self.workshops)

    def _ask(self, terms: CloudDriveTerms) -> None:
        """Ask some makers that are not in the cloud yet; the largest of those that gain join, up to the target."""
        state, firms = self.state, self.state.firms
        room = terms.firms - float(firms.weight[self.members].sum())
        rows = np.setdiff1d(state.makers_of(self.place), self.members)
        asked = uniforms(state.key("cloud.ask", self.policy_key), firms.slot[rows]) < state.parameters.cloud.ask_rate
        rows = rows[asked]
        rows = rows[self._pays(rows)]
        rows = rows[np.lexsort((firms.slot[rows], -firms.revenue_year[rows]))]
        rows = rows[np.cumsum(firms.weight[rows]) <= room]
        self.members = np.union1d(self.members, rows)
        firms.member[self.members] |= MEMBER_CLOUD

    def _tell(self, terms: CloudDriveTerms) -> None:
        """Let members hear of the next rung; those above scale more often while workshops are sought."""
        state, cloud = self.state, self.state.parameters.cloud
        key = state.key("cloud.awareness", self.policy_key)
        large = above_scale(state, self.members)
        sought = terms.workshops > float(state.firms.weight[self.workshops].sum())
        tell(state, self.members[~large], cloud.cloud_awareness, key)
        tell(state, self.members[large], cloud.workshop_awareness if sought else cloud.cloud_awareness, key)

    def _count_workshops(self, terms: CloudDriveTerms) -> None:
        """Count members above scale that carried out an upgrade last month, up to the number sought."""
        state, firms = self.state, self.state.firms
        upgraded = self.gap_before - firms.technology_gap[self.members] >= UPGRADED_RUNGS
        new = np.setdiff1d(self.members[upgraded & above_scale(state, self.members)], self.workshops)
        room = terms.workshops - float(firms.weight[self.workshops].sum())
        self.workshops = np.union1d(self.workshops, new[np.cumsum(firms.weight[new]) <= room])

    def _pay_fees(self) -> None:
        """Pay the month's fees: firms their part, public money the subsidy as far as it goes."""
        state, fee = self.state, self.state.parameters.cloud.yearly_fee / 12.0
        if self.members.size == 0:
            return
        each = np.full(self.members.size, fee)
        number = float(state.firms.weight[self.members].sum())
        subsidy = fee - self._own_fee() / 12.0
        if subsidy > 0.0:
            share = pay(
                self.model, self.position, self.policy.payer, self.place, subsidy * number, REST_OF_WORLD,
                "cloud subsidy",
            )  # fmt: skip
            each -= share * subsidy
        charge(state, self.members, each, REST_OF_WORLD, "cloud fees")
