"""Digital platform (数字化平台): a county's shared service for buying, selling, moving, borrowing and learning."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim.agents.governments import Plan
from sim.policies.choosing import coming_forward
from sim.policies.digital_platform.services import knowledge, serve, yearly_gain
from sim.policies.digital_platform.terms import DigitalPlatformTerms
from sim.policies.encounters import looks_at_shops
from sim.policies.membership import Membership, tell
from sim.state.columns import F8, I8, MAKER, MEMBER_PLATFORM, ORIGIN_PLATFORM, SUPPLIER
from sim.state.ledger import REST_OF_WORLD


class DigitalPlatform(Membership[DigitalPlatformTerms]):
    """Opens once it is paid for; firms for which it pays join, one after the other; services reach members only."""

    channels = frozenset({"capacity", "information", "costs", "contacts"})
    mark = MEMBER_PLATFORM

    def start(self) -> None:
        """Open the books: a platform older than the run has been built, and gains its members during the burn-in."""
        super().start()
        built = self.policy.start < self.state.first_month
        self.owed: float | None = 0.0 if built else None

    def plans(self) -> Iterable[Plan]:
        """Plan what is owed for building, a month's running, and as many who join as come forward in a month."""
        if not self.in_force:
            return []
        terms, state = self.terms, self.state
        owed = terms.set_up_cost if self.owed is None else self.owed
        others = state.firms_in(state.rows_of(self.place)) - state.firms_in(self.members)
        joining = terms.joining_cost * terms.joining_subsidy * state.parameters.platform.join_rate * others
        return [Plan(self.policy.payer, self.place, owed + terms.run_cost / 12.0 + joining)]

    def act(self) -> None:
        """Build, run, admit and serve."""
        terms = self.terms
        if not self._is_built(terms):
            return
        part = self._run(terms)
        if part > 0.0:
            self._admit(terms)
            self._serve(terms, part)
        self.count("platform_members", self.state.firms_in(self.members))

    def _is_built(self, terms: DigitalPlatformTerms) -> bool:
        """Pay for building as far as money goes, this month's first; return whether it is paid for in full."""
        first = self.owed is None
        owed = terms.set_up_cost if self.owed is None else self.owed
        # What was missing at first has been noted as unmet; later months pay what there is and plan nothing new.
        amount = owed if first else min(owed, self.available)
        if amount > 0.0:
            owed -= amount * self.pay(amount, REST_OF_WORLD, "platform building", planned=first)
        # A hair may be missing, as a government keeps the last of its money against rounding.
        self.owed = 0.0 if owed <= 1e-6 * terms.set_up_cost else owed
        return self.owed == 0.0

    def _run(self, terms: DigitalPlatformTerms) -> float:
        """Pay for the month; return the part of it for which the platform runs."""
        cost = terms.run_cost / 12.0
        return 1.0 if cost <= 0.0 else self.pay(cost, REST_OF_WORLD, "platform running")

    def _looks(self, terms: DigitalPlatformTerms, members: float) -> tuple[F8, float]:
        """Return the share of buyers of each side who look this month, and the looks one of so many members has."""
        platform = self.state.parameters.platform
        lookers = np.array([platform.domestic_lookers, platform.foreign_lookers]) * ("transactions" in terms.services)
        return looks_at_shops(self.state, self.market, lookers, platform.showings, members)

    def _admit(self, terms: DigitalPlatformTerms) -> None:
        """Let firms join that expect more from the services than the return they ask on the cost of joining."""
        state, p = self.state, self.state.parameters
        rows = state.rows_of(self.place)
        rows = rows[~state.mask(self.members)[rows]]
        own = terms.joining_cost * (1.0 - terms.joining_subsidy)
        _, looks = self._looks(terms, 1.0 + state.firms_in(self.members))
        gain = yearly_gain(state, rows, terms.services, looks)
        rows = rows[(gain > 0.0) & (gain >= p.technology.required_return * own) & (state.firms.cash[rows] >= own)]
        rows = coming_forward(state, rows, "platform.join", self.policy_key, p.platform.join_rate)
        self.admit(np.concatenate([self.members, self._charge(terms, rows)]))

    def _charge(self, terms: DigitalPlatformTerms, rows: I8) -> I8:
        """Take the joining cost from firms and payers; return the rows that join, as far as the subsidy goes."""
        firms, subsidy = self.state.firms, terms.joining_cost * terms.joining_subsidy
        if subsidy > 0.0 and rows.size:
            fits = np.cumsum(firms.weight[rows]) * subsidy <= self.available
            self.fall_short(subsidy * self.state.firms_in(rows[~fits]))
            rows = rows[fits]
            self.pay(subsidy * self.state.firms_in(rows), REST_OF_WORLD, "platform joining")
        own = np.full(rows.size, terms.joining_cost - subsidy)
        self.charge(rows, own, REST_OF_WORLD, "joining a platform")
        return rows

    def _serve(self, terms: DigitalPlatformTerms, part: float) -> None:
        """Let the month's services reach the members."""
        state, members = self.state, self.members
        if members.size == 0:
            return
        serve(state, members, terms.services, part)
        strength = part * knowledge(terms.services)
        self._help_upgrades(strength)
        chance = strength * state.parameters.platform.service_awareness
        tell(state, members, chance, self.key("platform.awareness"))
        self._sell(terms, part)

    def _help_upgrades(self, strength: float) -> None:
        """Let upgrades of the place succeed more often, in proportion to the makers that are members.

        ``strength`` is how much of the knowledge services runs this month, 0 to 1.
        """
        state = self.state
        joined = state.firms_in(self.members[state.firms.tier[self.members] == MAKER])
        makers = state.firms_in(state.makers_of(self.place))
        if makers > 0.0:
            self.help_upgrades(state.parameters.platform.failures_avoided * strength * joined / makers)

    def _sell(self, terms: DigitalPlatformTerms, part: float) -> None:
        """Let buyers look at a few members' offers; members share the attention there is."""
        state = self.state
        stands = self.members[state.firms.tier[self.members] != SUPPLIER]
        if stands.size == 0:
            return
        shares, _ = self._looks(terms, state.firms_in(stands))
        presence = state.firms.weight[stands] * np.sqrt(state.firms.capital[stands])
        looks = int(state.parameters.platform.looks)
        key = self.key("platform.look")
        self.show(stands, presence, part * shares, looks, ORIGIN_PLATFORM, key, "platform_contacts")
