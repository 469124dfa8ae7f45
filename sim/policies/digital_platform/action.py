"""Digital platform (数字化平台): a county's shared service for buying, selling, moving, borrowing and learning."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents.governments import available, pay
from sim.policies.acting import Institution
from sim.policies.browsing import attention, buyers_by_side, look_around, who_looks
from sim.policies.choosing import coming_forward
from sim.policies.digital_platform.services import help_upgrades, knowledge, serve, yearly_gain
from sim.policies.digital_platform.terms import DigitalPlatformTerms
from sim.policies.payments import charge
from sim.policies.savings import can_pay, still_there, tell
from sim.state.columns import MEMBER_PLATFORM, ORIGIN_PLATFORM, SUPPLIER
from sim.state.ledger import REST_OF_WORLD


class DigitalPlatform(Institution[DigitalPlatformTerms]):
    """Opens once it is paid for; firms for which it pays join, one after the other; services reach members only."""

    def start(self) -> None:
        """Open the books: a platform older than the run has been built, and gains its members while the run settles."""
        self.members = np.empty(0, dtype=np.int64)
        built = self.policy.start < self.model.first_month
        self.owed: float | None = 0.0 if built else None

    def act(self) -> None:
        """Build, run, admit and serve."""
        terms = self.terms
        self.members = still_there(self.state, self.members)
        if not self._is_built(terms):
            return
        part = self._run(terms)
        if part > 0.0:
            self._admit(terms)
            self._serve(terms, part)
        self._count()

    def close(self) -> None:
        """Switch it off: members lose its services."""
        self.state.firms.member[self.members] &= ~MEMBER_PLATFORM
        self.members = self.members[:0]

    def _is_built(self, terms: DigitalPlatformTerms) -> bool:
        """Pay for building as far as money goes, this month's first; return whether it is paid for in full."""
        first = self.owed is None
        owed = terms.set_up_cost if self.owed is None else self.owed
        payer = self.policy.payer
        # What was missing at first has been noted as unmet; later months pay what there is and plan nothing new.
        amount = owed if first else min(owed, available(self.model, payer, self.place))
        if amount > 0.0:
            paid = pay(
                self.model, self.position, payer, self.place, amount, REST_OF_WORLD, "platform building", planned=first
            )
            owed -= paid * amount
        # A hair may be missing, as a government keeps the last of its money against rounding.
        self.owed = 0.0 if owed <= 1e-6 * terms.set_up_cost else owed
        return self.owed == 0.0

    def _run(self, terms: DigitalPlatformTerms) -> float:
        """Pay for the month; return the part of it for which the platform runs."""
        cost = terms.run_cost / 12.0
        if cost <= 0.0:
            return 1.0
        return pay(self.model, self.position, self.policy.payer, self.place, cost, REST_OF_WORLD, "platform running")

    def _attention(self, terms: DigitalPlatformTerms, members: float) -> tuple[Any, Any]:
        """Return the share of buyers of each side who look this month, and how many buyers there are on each side."""
        state, platform = self.state, self.state.parameters.platform
        pool = buyers_by_side(state, state.is_buyer_of(self.place))
        if "transactions" not in terms.services:
            return np.zeros(2), pool
        shares = np.array([platform.domestic_lookers, platform.foreign_lookers])
        return attention(pool, shares, int(platform.looks), members * platform.showings / 12.0), pool

    def _looks_a_year(self, terms: DigitalPlatformTerms) -> float:
        """Return the looks a firm can expect in a year if it joined the members there are."""
        members = 1.0 + float(self.state.firms.weight[self.members].sum())
        shares, pool = self._attention(terms, members)
        return float(12.0 * int(self.state.parameters.platform.looks) * (shares * pool).sum() / members)

    def _admit(self, terms: DigitalPlatformTerms) -> None:
        """Let firms join that expect more from the services than the return they ask on the cost of joining."""
        state, p = self.state, self.state.parameters
        rows = np.setdiff1d(state.rows_of(self.place), self.members)
        own = terms.joining_cost * (1.0 - terms.joining_subsidy)
        gain = yearly_gain(state, rows, terms.services, self._looks_a_year(terms))
        rows = rows[(gain > 0.0) & (gain >= p.technology.required_return * own) & can_pay(state, rows, own)]
        rows = coming_forward(state, rows, "platform.join", self.policy_key, p.platform.join_rate)
        rows = self._charge(terms, rows)
        self.members = np.union1d(self.members, rows)
        state.firms.member[self.members] |= MEMBER_PLATFORM

    def _charge(self, terms: DigitalPlatformTerms, rows: Any) -> Any:
        """Take the joining cost from firms and payers; return the rows that join, as far as the subsidy goes."""
        state, payer = self.state, self.policy.payer
        subsidy = terms.joining_cost * terms.joining_subsidy
        if subsidy > 0.0 and rows.size:
            weight = state.firms.weight[rows]
            fits = np.cumsum(weight) * subsidy <= available(self.model, payer, self.place)
            self.model.book_shortfall(self.position, payer, self.place, subsidy * float(weight[~fits].sum()))
            rows = rows[fits]
            total = subsidy * float(state.firms.weight[rows].sum())
            pay(self.model, self.position, payer, self.place, total, REST_OF_WORLD, "platform joining")
        own = np.full(rows.size, terms.joining_cost - subsidy)
        charge(state, rows, own, REST_OF_WORLD, "joining a platform")
        return rows

    def _serve(self, terms: DigitalPlatformTerms, part: float) -> None:
        """Let the month's services reach the members."""
        state, members = self.state, self.members
        if members.size == 0:
            return
        serve(state, members, terms.services, part)
        strength = part * knowledge(terms.services)
        help_upgrades(state, self.place, members, strength)
        chance = strength * state.parameters.platform.service_awareness
        tell(state, members, chance, state.key("platform.awareness", self.policy_key))
        self._sell(terms, part)

    def _sell(self, terms: DigitalPlatformTerms, part: float) -> None:
        """Let buyers look at a few members' offers; members share the attention there is."""
        state = self.state
        stands = self.members[state.firms.tier[self.members] != SUPPLIER]
        shares, _ = self._attention(terms, float(state.firms.weight[stands].sum()))
        key = state.key("platform.look", self.policy_key)
        visitors = who_looks(state, state.is_buyer_of(self.place), part * shares, key)
        if stands.size == 0 or visitors.size == 0:
            return
        presence = state.firms.weight[stands] * np.sqrt(state.firms.capital[stands])
        looks = int(state.parameters.platform.looks)
        seen = look_around(state, stands, presence, visitors, looks, ORIGIN_PLATFORM, self.policy_key)
        state.add("platform_contacts", self.place, seen)

    def _count(self) -> None:
        """Note how many firms are members."""
        self.state.add("platform_members", self.place, float(self.state.firms.weight[self.members].sum()))
