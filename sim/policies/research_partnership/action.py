"""Research partnership (产学研合作): associations, institutes and universities work with firms of the place."""

from __future__ import annotations

import math

import numpy as np

from sim.policies.choosing import drawn
from sim.policies.programmes import MONTHS, QualityProgramme, kept_a_month, stock_at_the_start
from sim.policies.research_partnership.terms import ResearchPartnershipTerms
from sim.policies.terms import month_share
from sim.rules.chance import uniforms
from sim.state.columns import I8


class ResearchPartnership(QualityProgramme[ResearchPartnershipTerms]):
    """Experts talk to makers, and makers for which it pays take on a joint project that may better their goods.

    Attributes
    ----------
    in_touch
        Makers in touch with a partner, of which some lose the contact every year.
    """

    channels = frozenset({"technique", "information"})

    def start(self) -> None:
        """Begin with the contacts that partners have made before the run."""
        super().start()
        self.in_touch = self.reached = 0.0
        if self.in_force:
            research = self.state.parameters.research
            self.in_touch = stock_at_the_start(
                self.policy, self.state.first_month, lambda terms: research.firms_per_partner * terms.partners,
                research.contact_fading,
            )  # fmt: skip

    def act(self) -> None:
        """Talk to firms, and begin the month's projects."""
        terms = self.terms
        if terms.partners > 0:
            self._talk(terms)
            self._begin(terms)

    def wind_up(self) -> None:
        """Bring projects that are due to their end, and provide advice to makers in touch with a partner."""
        state, research = self.state, self.state.parameters.research
        key = self.key("research.success")
        self.finish(research.project_success, research.project_quality, key, "research_successes")
        if not state.settling and self.in_touch + self.reached > 0.0:
            self.in_touch = (self.in_touch + self.reached) * kept_a_month(research.contact_fading)
        self.reached = 0.0
        makers = state.firms_in(state.makers_of(self.place))
        if self.in_touch > 0.0 and makers > 0.0:
            self.help_upgrades(research.failures_helped * min(self.in_touch / makers, 1.0))

    def _talk(self, terms: ResearchPartnershipTerms) -> None:
        """Let makers drawn by lot become aware of the next rung of the ladder."""
        state = self.state
        rows = state.makers_of(self.place)
        makers = state.firms_in(rows)
        if makers <= 0.0:
            return
        talks = min(terms.partners * state.parameters.research.firms_per_partner / MONTHS, makers)
        draw = uniforms(self.key("research.talk"), state.firms.slot[rows])
        state.firms.aware[rows[draw < talks / makers]] = 1
        self.reached += talks

    def _begin(self, terms: ResearchPartnershipTerms) -> None:
        """Begin projects with makers drawn among those for which one pays, larger ones more often."""
        state, research = self.state, self.state.parameters.research
        free = terms.partners * research.projects_per_partner - math.fsum(firms for _, _, firms in self.ordered)
        room = min(float(month_share(terms.projects_per_year, state.month_of_year)), free)
        rows = self._interested(terms)
        rows = drawn(state, rows, "research.draw", self.policy_key, np.sqrt(state.firms.revenue_year[rows]))
        rows, number = self.order(
            rows, room, research.project_months, terms.cost, 1.0 - terms.firm_share, "joint research",
            "research_projects",
        )  # fmt: skip
        # Whoever works with an institute knows what is new.
        state.firms.aware[rows] = 1
        self.reached += float(number.sum())

    def _interested(self, terms: ResearchPartnershipTerms) -> I8:
        """Return makers without a project for which one pays and which have their part of the money."""
        research, busy = self.state.parameters.research, [row for _, row, _ in self.ordered]
        gain = research.project_success * research.project_quality
        return self.interested(busy, gain, terms.firm_share * terms.cost, "research.perception")
