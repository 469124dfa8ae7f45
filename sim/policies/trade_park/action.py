"""Trade park (物流园与跨境电商园): places where firms deliver together, or keep shops on the internet."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim.agents.governments import Plan
from sim.policies.choosing import coming_forward
from sim.policies.encounters import looks_at_shops
from sim.policies.membership import Membership, add_saving, overhead_year
from sim.policies.trade_park.terms import TradeParkTerms
from sim.state.columns import F8, I8, MEMBER_TRADE_PARK, ORIGIN_E_COMMERCE, SUPPLIER
from sim.state.ledger import REST_OF_WORLD


class TradePark(Membership[TradeParkTerms]):
    """Makers and traders that gain take a place: they deliver for less, or buyers look at their shops."""

    channels = frozenset({"costs", "contacts"})
    mark = MEMBER_TRADE_PARK

    def start(self) -> None:
        """Take a park older than the run as built; it gains its tenants during the burn-in."""
        super().start()
        before = self.state.first_month - 1
        old = self.policy.start <= before
        self.planned = self.built = float(self.terms_at(before).plots) if old else 0.0

    def plans(self) -> Iterable[Plan]:
        """Plan the places that have been added."""
        return [Plan(self.policy.payer, self.place, self._to_build(self.terms)[1])] if self.in_force else []

    def act(self) -> None:
        """Build, let tenants come and go, and serve them."""
        terms = self.terms
        self._build(terms)
        self._settle_tenants(terms)
        if self.members.size:
            self._collect(terms)
            self._serve(terms)

    def _build(self, terms: TradeParkTerms) -> None:
        """Pay for places planned since last month; what cannot be paid for is not built."""
        more, cost = self._to_build(terms)
        share = self.pay(cost, REST_OF_WORLD, "trade park construction") if cost > 0.0 else 1.0
        self.planned += more
        self.built += share * more

    def _to_build(self, terms: TradeParkTerms) -> tuple[float, float]:
        """Return the places planned since last month and what they cost; those of the burn-in are there already."""
        more = max(terms.plots - self.planned, 0.0)
        return more, terms.build_cost * more / terms.plots if more > 0.0 and not self.state.settling else 0.0

    def _looks(self, terms: TradeParkTerms, tenants: float) -> tuple[F8, float]:
        """Return the share of buyers of each side who look at shops this month, and the looks one of so many has."""
        park = self.state.parameters.trade_park
        sides = np.array([terms.buyers == "domestic", terms.buyers != "domestic"])
        return looks_at_shops(self.state, self.market, park.shop_lookers * sides, park.shop_showings, tenants)

    def _gain(self, terms: TradeParkTerms, rows: I8) -> F8:
        """Return what one firm of each row can expect of a place in a year, in yuan."""
        state, park = self.state, self.state.parameters.trade_park
        if terms.kind == "logistics":
            return park.delivery_saving * overhead_year(state, rows)
        _, looks = self._looks(terms, max(state.firms_in(self.members), 1.0))
        return park.shop_hope * min(looks, 1.0) * np.maximum(state.firms.revenue_year[rows], 0.0)

    def _settle_tenants(self, terms: TradeParkTerms) -> None:
        """Let tenants that no longer gain leave, and firms that would gain take free places, by lot."""
        state, firms, stay = self.state, self.state.firms, self.members
        room = min(self.built, float(terms.plots))
        gains = (self._gain(terms, stay) > terms.rent) & (firms.cash[stay] >= terms.rent / 12.0)
        stay = stay[gains]
        stay = stay[np.cumsum(firms.weight[stay]) <= room]
        here = state.rows_of(self.place)
        rows = here[(firms.tier[here] != SUPPLIER) & ~state.mask(stay)[here]]
        rows = rows[(self._gain(terms, rows) > terms.rent) & (firms.cash[rows] >= terms.rent / 12.0)]
        rate = state.parameters.trade_park.tenant_rate
        rows = coming_forward(state, rows, "trade_park.apply", self.policy_key, rate)
        rows = rows[np.cumsum(firms.weight[rows]) <= room - state.firms_in(stay)]
        self.admit(np.concatenate([stay, rows]))

    def _collect(self, terms: TradeParkTerms) -> None:
        """Let tenants pay the month's rent to the county, and count them."""
        account = self.model.governments["county", self.place].account
        each = np.full(self.members.size, terms.rent / 12.0)
        self.count("trade_park_rent", self.charge(self.members, each, account, "trade park rent"))
        self.count("trade_park_tenants", self.state.firms_in(self.members))

    def _serve(self, terms: TradeParkTerms) -> None:
        """Let tenants deliver for less, or buyers look at their shops."""
        state, firms = self.state, self.state.firms
        if terms.kind == "logistics":
            add_saving(firms.overhead_saving, self.members, state.parameters.trade_park.delivery_saving)
            return
        shares, _ = self._looks(terms, state.firms_in(self.members))
        presence = firms.weight[self.members] * np.sqrt(firms.capital[self.members])
        looks, key = int(state.parameters.platform.looks), self.key("trade_park.look")
        self.show(self.members, presence, shares, looks, ORIGIN_E_COMMERCE, key, "e_commerce_contacts")
