"""Cloud drive (企业上云与数字化车间): a county asks firms to join the cloud, and counts digital workshops."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.policies.classification import above_scale
from sim.policies.cloud_drive.terms import CloudDriveTerms
from sim.policies.membership import Membership, add_saving, overhead_year, tell
from sim.policies.programmes import fitting
from sim.rules.chance import uniforms
from sim.state.columns import MEMBER_CLOUD
from sim.state.ledger import REST_OF_WORLD

UPGRADED_RUNGS = 0.25
"""Rungs by which the distance to the frontier falls in a month only when an upgrade has been carried out."""


class CloudDrive(Membership[CloudDriveTerms]):
    """Asks makers to join the cloud until the target is met; those for which it pays do, and learn of techniques.

    Each place has a target of its own. ``members`` and ``workshops`` hold the rows of all places.
    """

    channels = frozenset({"information", "costs"})
    for_all_places = True
    mark = MEMBER_CLOUD

    def start(self) -> None:
        """Nobody is in the cloud because of the drive yet."""
        super().start()
        self.workshops = np.empty(0, dtype=np.int64)
        self.gap_before = np.empty(0)

    def forget(self, rows: Any) -> None:
        """Drop members and workshops that have closed."""
        self.gap_before = self.gap_before[~self.state.mask(rows)[self.members]]
        self.workshops = self.workshops[~self.state.mask(rows)[self.workshops]]
        super().forget(rows)

    def act(self) -> None:
        """Ask makers to join, tell members of techniques, and count those that became digital workshops."""
        terms = self.terms
        self._see_who_stays()
        self._count_workshops(terms)
        self._ask(terms)
        self._tell(terms)

    def close(self) -> None:
        """Members stay after the drive, as long as the cloud pays for them."""

    def wind_up(self) -> None:
        """Let members pay their fee and save office work, also after the drive; who does not gain leaves."""
        if not self.in_force:
            self._see_who_stays()
        state = self.state
        self._pay_fees()
        add_saving(state.firms.overhead_saving, self.members, state.parameters.cloud.office_saving)
        self.gap_before = state.firms.technology_gap[self.members].copy()
        state.add_by_place("cloud_firms", state.firms_by_place(self.members))
        state.add_by_place("digital_workshops", state.firms_by_place(self.workshops))

    def _where_in_force(self) -> Any:
        """Return in which places the drive is in force, shape (places,)."""
        here = np.zeros(len(self.state.place_ids), dtype=bool)
        if self.in_force:
            here[self.places_in_force] = True
        return here

    def _own_fees(self) -> Any:
        """Return what a firm of each place pays itself for a year in the cloud, in yuan, shape (places,)."""
        fee = self.state.parameters.cloud.yearly_fee
        helped = fee * (1.0 - self.terms.fee_subsidy) if self.in_force else fee
        return np.where(self._where_in_force(), helped, fee)

    def _pays(self, rows: Any) -> Any:
        """Return for which firms the office work saved is worth the fee, and who can pay this month's."""
        fees = self._own_fees()[self.state.firms.place[rows]]
        saved = self.state.parameters.cloud.office_saving * overhead_year(self.state, rows)
        return (saved >= fees) & (self.state.firms.cash[rows] >= fees / 12.0)

    def _see_who_stays(self) -> None:
        """Drop members for which the cloud no longer pays."""
        stays = self._pays(self.members)
        self.admit(self.members[stays])
        self.gap_before = self.gap_before[stays]

    def _ask(self, terms: CloudDriveTerms) -> None:
        """Ask some makers that are not in the cloud yet; the largest of those that gain join, up to the target."""
        state, firms = self.state, self.state.firms
        makers = state.makers
        rows = makers[self._where_in_force()[firms.place[makers]] & ~state.mask(self.members)[makers]]
        asked = uniforms(self.key("cloud.ask"), firms.slot[rows]) < state.parameters.cloud.ask_rate
        rows = rows[asked]
        rows = rows[self._pays(rows)]
        rows = rows[np.lexsort((firms.slot[rows], -firms.revenue_year[rows], firms.place[rows]))]
        rows = rows[fitting(state, rows, terms.firms - state.firms_by_place(self.members))]
        self.admit(np.concatenate([self.members, rows]))

    def _tell(self, terms: CloudDriveTerms) -> None:
        """Let members learn of the next rung; those above scale more often while workshops are sought."""
        state, cloud = self.state, self.state.parameters.cloud
        county = state.firms.place[self.members]
        sought = terms.workshops > state.firms_by_place(self.workshops)
        often = sought[county] & above_scale(state, self.members)
        chance = np.where(often, cloud.workshop_awareness, cloud.cloud_awareness)
        here = self._where_in_force()[county]
        tell(state, self.members[here], chance[here], self.key("cloud.awareness"))

    def _count_workshops(self, terms: CloudDriveTerms) -> None:
        """Count members above scale that carried out an upgrade last month, up to the number sought."""
        state, firms = self.state, self.state.firms
        new = self.gap_before - firms.technology_gap[self.members] >= UPGRADED_RUNGS
        new &= above_scale(state, self.members) & ~state.mask(self.workshops)[self.members]
        rows = self.members[new & self._where_in_force()[firms.place[self.members]]]
        rows = rows[fitting(state, rows, terms.workshops - state.firms_by_place(self.workshops))]
        self.workshops = np.concatenate([self.workshops, rows])

    def _pay_fees(self) -> None:
        """Pay the month's fees: firms their part, public money the subsidy as far as it goes."""
        state, fee = self.state, self.state.parameters.cloud.yearly_fee / 12.0
        subsidies, numbers = fee - self._own_fees() / 12.0, state.firms_by_place(self.members)
        helped = np.zeros(subsidies.size)
        for place in np.flatnonzero((subsidies > 0.0) & (numbers > 0.0)).tolist():
            paid = self.pay(subsidies[place] * numbers[place], REST_OF_WORLD, "cloud subsidy", place=place)
            helped[place] = paid * subsidies[place]
        self.charge(self.members, fee - helped[state.firms.place[self.members]], REST_OF_WORLD, "cloud fees")
