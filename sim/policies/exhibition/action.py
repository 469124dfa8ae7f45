"""Exhibitions abroad (境外参展): contacts with foreign buyers."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.policies.acting import Institution
from sim.policies.choosing import drawn, served
from sim.policies.classification import exhibitors
from sim.policies.encounters import hold_meetings
from sim.policies.exhibition.terms import ExhibitionTerms
from sim.policies.payments import pay_together, places_paid_for
from sim.policies.rhythm import held_in
from sim.rules.chance import uniforms
from sim.state.columns import ORIGIN_ABROAD
from sim.state.ledger import REST_OF_WORLD

TURN_A_YEAR = 7
"""Countries by which the round of visits moves on each year: prime, so that every country has its turn."""


class ExhibitionAbroad(Institution[ExhibitionTerms]):
    """Firms that find a stand worth its cost apply; those drawn are sent and meet foreign buyers."""

    def act(self) -> None:
        """Send firms in the exhibition's month."""
        terms = self.terms
        if terms.firms_sent == 0 or not held_in(terms.every, self.state.month, self.policy.start):
            return
        stands, sent = self._delegation(terms)
        if stands.size:
            # Stand, freight and travel.
            cost = self.state.parameters.fair.stand_cost_abroad
            pay_together(self, stands, sent, cost, terms.stand_subsidy, REST_OF_WORLD, "exhibition")
            self._meet(terms, stands, sent)

    def _delegation(self, terms: ExhibitionTerms) -> tuple[Any, Any]:
        """Return rows that send firms and how many each sends: a lottery among firms that would gain."""
        state, fair = self.state, self.state.parameters.fair
        rows = exhibitors(state, "any", self.place)
        own_cost = fair.stand_cost_abroad * (1.0 - terms.stand_subsidy)
        rows = rows[fair.exhibit_margin * state.firms.revenue_year[rows] > own_cost]
        merit = np.sqrt(state.firms.revenue_year[rows])
        rows = drawn(state, rows, "exhibition.lottery", self.policy_key, merit)
        places = places_paid_for(self, float(terms.firms_sent), fair.stand_cost_abroad * terms.stand_subsidy)
        sent = served(state.firms.weight[rows], places)
        return rows[sent > 0.0], sent[sent > 0.0]

    def _meet(self, terms: ExhibitionTerms, stands: Any, sent: Any) -> None:
        """Meet buyers of the countries visited this time."""
        state, fair, buyers = self.state, self.state.parameters.fair, self.state.buyers
        number = int(buyers.country.max())
        turn = (buyers.country - 1 + TURN_A_YEAR * state.year) % max(number, 1)
        near = np.flatnonzero((buyers.foreign == 1) & state.is_buyer_of(self.place) & (turn < terms.countries))
        visits = int(fair.visits_abroad)
        wanted = float(sent.sum()) * fair.contacts_abroad / visits
        pool = float(buyers.weight[near].sum())
        if pool <= 0.0:
            return
        u = uniforms(state.key("exhibition.visit", self.policy_key), buyers.slot[near])
        result = hold_meetings(state, stands, sent, near[u < wanted / pool], visits, ORIGIN_ABROAD, self.policy_key)
        state.add("exhibition_contacts", self.place, float(result[0]))
