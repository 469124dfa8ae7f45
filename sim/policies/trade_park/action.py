"""Trade park (物流园与跨境电商园): places where firms deliver together, or keep shops on the internet."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents.governments import pay
from sim.policies.acting import Institution
from sim.policies.browsing import attention, buyers_by_side, look_around, who_looks
from sim.policies.choosing import coming_forward
from sim.policies.payments import charge
from sim.policies.savings import can_pay, lend, overhead_year, still_there
from sim.policies.trade_park.terms import TradeParkTerms
from sim.state.columns import MEMBER_TRADE_PARK, ORIGIN_E_COMMERCE, SUPPLIER
from sim.state.ledger import REST_OF_WORLD


class TradePark(Institution[TradeParkTerms]):
    """Makers and traders that gain take a place: they deliver for less, or buyers look at their shops."""

    def start(self) -> None:
        """Take a park older than the run as built; it gains its tenants while the run settles."""
        before = self.model.first_month - 1
        self.tenants = np.empty(0, dtype=np.int64)
        old = self.policy.start <= before
        self.planned = self.built = float(self.terms_at(before).plots) if old else 0.0

    def act(self) -> None:
        """Build, let tenants come and go, and serve them."""
        terms = self.terms
        self._build(terms)
        self._settle_tenants(still_there(self.state, self.tenants), terms)
        if self.tenants.size:
            self._collect(terms)
            self._serve(terms)

    def close(self) -> None:
        """Shut it: tenants leave."""
        self._mark(self.tenants[:0])

    def _build(self, terms: TradeParkTerms) -> None:
        """Pay for places planned since last month; what cannot be paid for is not built."""
        more = terms.plots - self.planned
        if more <= 0.0:
            return
        cost = terms.build_cost * more / terms.plots
        payer = self.policy.payer
        share = 1.0
        if cost > 0.0 and self.state.month >= self.model.first_month:
            share = pay(self.model, self.position, payer, self.place, cost, REST_OF_WORLD, "trade park construction")
        self.planned += more
        self.built += share * more

    def _attention(self, terms: TradeParkTerms, tenants: float) -> tuple[Any, Any]:
        """Return the share of buyers of each side who look at shops this month, and the buyers of each side."""
        state, park = self.state, self.state.parameters.trade_park
        pool = buyers_by_side(state, state.is_buyer_of(self.place))
        sides = np.array([terms.buyers == "domestic", terms.buyers != "domestic"])
        looks = int(state.parameters.platform.looks)
        return attention(pool, park.shop_lookers * sides, looks, tenants * park.shop_showings / 12.0), pool

    def _gain(self, terms: TradeParkTerms, rows: Any) -> Any:
        """Return what one firm of each row can expect of a place in a year, in yuan."""
        state, park = self.state, self.state.parameters.trade_park
        if terms.kind == "logistics":
            return park.delivery_saving * overhead_year(state, rows)
        tenants = max(float(state.firms.weight[self.tenants].sum()), 1.0)
        shares, pool = self._attention(terms, tenants)
        looks = 12.0 * int(state.parameters.platform.looks) * float((shares * pool).sum()) / tenants
        return park.shop_hope * min(looks, 1.0) * np.maximum(state.firms.revenue_year[rows], 0.0)

    def _settle_tenants(self, stay: Any, terms: TradeParkTerms) -> None:
        """Let tenants that no longer gain leave, and firms that would gain take free places, by lot."""
        state, firms = self.state, self.state.firms
        room = min(self.built, float(terms.plots))
        gains = (self._gain(terms, stay) > terms.rent) & can_pay(state, stay, terms.rent / 12.0)
        stay = stay[gains]
        stay = stay[np.cumsum(firms.weight[stay]) <= room]
        here = state.rows_of(self.place)
        rows = np.setdiff1d(here[firms.tier[here] != SUPPLIER], stay)
        rows = rows[(self._gain(terms, rows) > terms.rent) & can_pay(state, rows, terms.rent / 12.0)]
        rate = state.parameters.trade_park.tenant_rate
        rows = coming_forward(state, rows, "trade_park.apply", self.policy_key, rate)
        rows = rows[np.cumsum(firms.weight[rows]) <= room - float(firms.weight[stay].sum())]
        self._mark(np.union1d(stay, rows))

    def _mark(self, tenants: Any) -> None:
        """Mark the tenants of this month, and no others."""
        member = self.state.firms.member
        member[self.tenants] &= ~MEMBER_TRADE_PARK
        self.tenants = tenants
        member[tenants] |= MEMBER_TRADE_PARK

    def _collect(self, terms: TradeParkTerms) -> None:
        """Let tenants pay the month's rent to the county, and count them."""
        state = self.state
        account = self.model.government("county", self.place).account
        each = np.full(self.tenants.size, terms.rent / 12.0)
        rent = charge(state, self.tenants, each, account, "trade park rent")
        state.add("trade_park_rent", self.place, rent)
        state.add("trade_park_tenants", self.place, float(state.firms.weight[self.tenants].sum()))

    def _serve(self, terms: TradeParkTerms) -> None:
        """Let tenants deliver for less, or buyers look at their shops."""
        state, firms = self.state, self.state.firms
        if terms.kind == "logistics":
            lend(firms.overhead_saving, self.tenants, state.parameters.trade_park.delivery_saving)
            return
        shares, _ = self._attention(terms, float(firms.weight[self.tenants].sum()))
        key = state.key("trade_park.look", self.policy_key)
        visitors = who_looks(state, state.is_buyer_of(self.place), shares, key)
        if visitors.size:
            presence = firms.weight[self.tenants] * np.sqrt(firms.capital[self.tenants])
            looks = int(state.parameters.platform.looks)
            seen = look_around(state, self.tenants, presence, visitors, looks, ORIGIN_E_COMMERCE, self.policy_key)
            state.add("e_commerce_contacts", self.place, seen)
