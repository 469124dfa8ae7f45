"""Exhibitions abroad (境外参展): contacts with foreign buyers."""

from __future__ import annotations

import numpy as np

from sim.policies.acting import Institution
from sim.policies.choosing import drawn
from sim.policies.classification import exhibitors
from sim.policies.encounters import hold_meetings
from sim.policies.exhibition.terms import ExhibitionTerms
from sim.policies.terms import held_in
from sim.rules.chance import uniforms
from sim.state.columns import F8, I8, ORIGIN_ABROAD
from sim.state.ledger import REST_OF_WORLD

TURN_A_YEAR = 7
"""Countries by which the round of visits moves on each year: prime, so that every country has its turn."""


class ExhibitionAbroad(Institution[ExhibitionTerms]):
    """Firms that find a stand worth its cost apply; those drawn are sent and meet foreign buyers."""

    channels = frozenset({"contacts"})

    def act(self) -> None:
        """Send firms in the exhibition's month."""
        terms = self.terms
        if terms.firms_sent == 0 or not held_in(terms.every, self.state.month, self.policy.start):
            return
        stands, sent = self._delegation(terms)
        if stands.size:
            self._meet(terms, stands, sent)

    def _delegation(self, terms: ExhibitionTerms) -> tuple[I8, F8]:
        """Return rows that send firms and how many each sends, paid for: a lottery among firms that would gain."""
        state, fair = self.state, self.state.parameters.fair
        cost = fair.stand_cost_abroad  # stand, freight and travel
        rows = exhibitors(state, "any", self.place)
        rows = rows[fair.exhibit_margin * state.firms.revenue_year[rows] > cost * (1.0 - terms.stand_subsidy)]
        merit = np.sqrt(state.firms.revenue_year[rows])
        rows = drawn(state, rows, "exhibition.lottery", self.policy_key, merit)
        wanted, room = state.firms.weight[rows], float(terms.firms_sent)
        return self.take_part(rows, wanted, room, cost, terms.stand_subsidy, REST_OF_WORLD, "exhibition")

    def _meet(self, terms: ExhibitionTerms, stands: I8, sent: F8) -> None:
        """Meet buyers of the countries visited this time."""
        state, fair, buyers = self.state, self.state.parameters.fair, self.state.buyers_of(self.market)
        number = int(buyers.country.max(initial=0))
        turn = (buyers.country - 1 + TURN_A_YEAR * state.year) % max(number, 1)
        near = np.flatnonzero((buyers.foreign == 1) & (turn < terms.countries))
        visits = int(fair.visits_abroad)
        wanted = float(sent.sum()) * fair.contacts_abroad / visits
        pool = float(buyers.weight[near].sum())
        if pool <= 0.0:
            return
        u = uniforms(self.key("exhibition.visit"), buyers.slot[near])
        met, key = near[u < wanted / pool], self.policy_key
        result = hold_meetings(state, self.market, stands, sent, met, visits, ORIGIN_ABROAD, key)
        self.count("exhibition_contacts", float(result[0]))
