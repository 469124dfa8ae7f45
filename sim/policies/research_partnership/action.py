"""Research partnership (产学研合作): associations, institutes and universities work with firms of the place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.policies.acting import Institution
from sim.policies.choosing import drawn, served
from sim.policies.payments import pay_together, places_paid_for
from sim.policies.programmes import (
    MONTHS,
    better_chance,
    better_goods,
    kept_a_month,
    misjudgement,
    month_share,
    own_money,
    stock_at_the_start,
    worth_of_quality,
)
from sim.policies.research_partnership.terms import ResearchPartnershipTerms
from sim.rules.chance import uniforms
from sim.state.ledger import REST_OF_WORLD


class ResearchPartnership(Institution[ResearchPartnershipTerms]):
    """Experts talk to makers, and makers for which it pays take on a joint project that may better their goods.

    Attributes
    ----------
    running
        Projects under way: month of the result, row, firms.
    in_touch
        Makers in touch with a partner, of which some lose the contact every year.
    """

    def start(self) -> None:
        """Begin with the contacts that partners have made before the run."""
        self.running: list[tuple[int, int, float]] = []
        self.in_touch = self.reached = 0.0
        if self.in_force:
            research = self.state.parameters.research

            def flow(terms: Any) -> float:
                return float(research.firms_per_partner * terms.partners)

            self.in_touch = stock_at_the_start(self.policy, self.model.first_month, flow, research.contact_fading)

    def act(self) -> None:
        """Talk to firms, and begin the month's projects."""
        terms = self.terms
        if terms.partners > 0:
            self._talk(terms)
            self._begin(terms)

    def wind_up(self) -> None:
        """Bring projects that are due to their end, and lend advice to makers in touch with a partner."""
        state, research = self.state, self.state.parameters.research
        self._finish()
        if state.month >= self.model.first_month and self.in_touch + self.reached > 0.0:
            self.in_touch = (self.in_touch + self.reached) * kept_a_month(research.contact_fading)
        self.reached = 0.0
        makers = float(state.firms.weight[state.makers_of(self.place)].sum())
        if self.in_touch > 0.0 and makers > 0.0:
            share = min(self.in_touch / makers, 1.0)
            success, here = state.places.upgrade_success, self.place
            success[here] = better_chance(success[here], research.failures_helped * share)

    def _talk(self, terms: ResearchPartnershipTerms) -> None:
        """Let makers drawn by lot hear of the next rung of the ladder."""
        state = self.state
        rows = state.makers_of(self.place)
        makers = float(state.firms.weight[rows].sum())
        if makers <= 0.0:
            return
        talks = min(terms.partners * state.parameters.research.firms_per_partner / MONTHS, makers)
        luck = uniforms(state.key("research.talk", self.policy_key), state.firms.slot[rows])
        state.firms.aware[rows[luck < talks / makers]] = 1
        self.reached += talks

    def _begin(self, terms: ResearchPartnershipTerms) -> None:
        """Begin projects with makers drawn among those for which one pays, larger ones more often."""
        state, research = self.state, self.state.parameters.research
        busy = math.fsum(firms for _, _, firms in self.running)
        free = terms.partners * research.projects_per_partner - busy
        room = min(float(month_share(terms.projects_per_year, state.month_of_year)), free)
        rows = self._interested(terms)
        if room <= 0.0 or rows.size == 0:
            return
        rows = drawn(state, rows, "research.draw", self.policy_key, np.sqrt(state.firms.revenue_year[rows]))
        wanted = state.firms.weight[rows]
        room = places_paid_for(self, min(room, float(wanted.sum())), terms.cost * (1.0 - terms.firm_share))
        chosen = served(wanted, room)
        rows, chosen = rows[chosen > 0.0], chosen[chosen > 0.0]
        pay_together(self, rows, chosen, terms.cost, 1.0 - terms.firm_share, REST_OF_WORLD, "joint research")
        due = state.month + round(research.project_months)
        self.running += [(due, row, firms) for row, firms in zip(rows.tolist(), chosen.tolist(), strict=True)]
        # Whoever works with an institute knows what is new.
        state.firms.aware[rows] = 1
        self.reached += float(chosen.sum())
        state.add("research_projects", self.place, float(chosen.sum()))

    def _interested(self, terms: ResearchPartnershipTerms) -> Any:
        """Return makers without a project for which one pays and which have their part of the money."""
        state, research = self.state, self.state.parameters.research
        rows = state.makers_of(self.place)
        rows = rows[state.firms.revenue_year[rows] > 0.0]
        rows = rows[~np.isin(rows, [row for _, row, _ in self.running])]
        worth = worth_of_quality(state, rows, self.place, research.project_success * research.project_quality)
        own = terms.firm_share * terms.cost
        worth *= misjudgement(state, rows, "research.perception", self.policy_key)
        return rows[(worth >= own) & (own_money(state, rows) >= own)]

    def _finish(self) -> None:
        """Better the goods of firms whose project has come to something."""
        due = [item for item in self.running if item[0] <= self.state.month]
        if due:
            self.running = [item for item in self.running if item[0] > self.state.month]
            research = self.state.parameters.research
            key = self.state.key("research.success", self.policy_key)
            done = better_goods(self.state, due, key, research.project_success, research.project_quality)
            self.state.add("research_successes", self.place, math.fsum(firms for _, firms in done))
