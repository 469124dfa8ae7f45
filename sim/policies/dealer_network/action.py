"""Dealer network (经销网络): standing contacts with buyers through dealers and outlets that firms keep."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents.governments import pay
from sim.policies.acting import Institution
from sim.policies.browsing import attention, buyers_by_side, look_around, who_looks
from sim.policies.classification import exhibitors
from sim.policies.dealer_network.terms import DealerNetworkTerms
from sim.policies.payments import charge
from sim.state.columns import F8, I8, MEMBER_DEALERS, ORIGIN_DEALERS
from sim.state.ledger import REST_OF_WORLD
from sim.state.state import State


class DealerNetwork(Institution[DealerNetworkTerms]):
    """Firms keep the dealers and outlets they can pay for; buyers near them talk to the firms all year."""

    def start(self) -> None:
        """Note what was there before the run: its cost is in the overhead of the base year."""
        before = self.model.first_month - 1
        self.owners = np.empty(0, dtype=np.int64)
        self.inherited = self._size(self.terms_at(before)) if self.policy.start <= before else 0.0

    def act(self) -> None:
        """Keep what can be paid for, and let buyers talk to the firms."""
        terms = self.terms
        rows, kept = self._keep(terms)
        self._mark(rows[kept > 0.0])
        if self.owners.size:
            self._meet(terms, rows[kept > 0.0], kept[kept > 0.0])

    def close(self) -> None:
        """Give the network up."""
        self._mark(self.owners[:0])

    @staticmethod
    def _size(terms: Any) -> float:
        return float(terms.dealers + terms.outlets)

    def _keep(self, terms: DealerNetworkTerms) -> tuple[Any, Any]:
        """Return the rows of the firms whose network it is and the dealers and outlets one of each keeps, paid for."""
        state, total = self.state, self._size(terms)
        rows = exhibitors(state, "honours:lead" if terms.firms == "lead" else terms.firms, self.place)
        if total <= 0.0 or rows.size == 0:
            return rows, np.zeros(rows.size)
        has = shares_of(state, rows, total)
        free = has * min(1.0, self.inherited / total)
        own_cost = terms.outlet_cost * (1.0 - terms.subsidy)
        paid_for = np.minimum(has - free, affordable(state, rows, own_cost))
        subsidy = terms.outlet_cost * terms.subsidy / 12.0 * state.total(paid_for, rows)
        if subsidy > 0.0:
            # An outlet whose subsidy does not come stays shut this month.
            payer = self.policy.payer
            paid_for *= pay(self.model, self.position, payer, self.place, subsidy, REST_OF_WORLD, "dealer network")
        charge(state, rows, paid_for * own_cost / 12.0, REST_OF_WORLD, "dealers and outlets")
        return rows, free + paid_for

    def _mark(self, owners: Any) -> None:
        """Mark the firms that keep dealers or outlets this month, and no others."""
        member = self.state.firms.member
        member[self.owners] &= ~MEMBER_DEALERS
        self.owners = owners
        member[owners] |= MEMBER_DEALERS

    def _meet(self, terms: DealerNetworkTerms, rows: Any, kept: Any) -> None:
        """Let buyers at home, or of the countries covered, look at goods of the firms; count what is kept."""
        state, settings = self.state, self.state.parameters.dealers
        buyers = state.buyers
        presence = kept * state.firms.weight[rows]
        part = float(presence.sum()) / self._size(terms)
        abroad = terms.countries > 0
        covered = (buyers.foreign == 1) & (buyers.country <= terms.countries) if abroad else buyers.foreign == 0
        covered &= state.is_buyer_of(self.place)
        looks = int(settings.samples)
        wanted = part * contacts_a_month(state, terms.dealers, terms.outlets) * looks
        shares = attention(buyers_by_side(state, covered), np.full(2, settings.covered_visits), looks, wanted)
        visitors = who_looks(state, covered, shares, state.key("dealers.visit", self.policy_key))
        if visitors.size:
            seen = look_around(state, rows, presence, visitors, looks, ORIGIN_DEALERS, self.policy_key)
            state.add("dealer_contacts", self.place, seen)
        state.add("foreign_outlets" if abroad else "sales_outlets", self.place, part * terms.outlets)
        state.add("overseas_dealers" if abroad else "sales_outlets", self.place, part * terms.dealers)


def shares_of(state: State, owners: I8, total: float) -> F8:
    """Return the dealers and outlets one firm of each row has of ``total``: in proportion to revenue."""
    firms = state.firms
    revenue = np.maximum(firms.revenue_year[owners], 0.0)
    sold = float((revenue * firms.weight[owners]).sum())
    return total * revenue / sold if sold > 0.0 else np.zeros(owners.size)


def affordable(state: State, owners: I8, yearly_cost: float) -> F8:
    """Return the dealers and outlets one firm of each row can pay for at ``yearly_cost`` yuan each.

    A firm spends at most ``dealers.selling_share`` of its revenue on them, and this month no more than it has in cash.
    """
    if yearly_cost <= 0.0:
        return np.full(owners.size, np.inf)
    firms, dealers = state.firms, state.parameters.dealers
    budget = dealers.selling_share * np.maximum(firms.revenue_year[owners], 0.0)
    cash = 12.0 * np.maximum(firms.cash[owners], 0.0)
    fewest: F8 = np.minimum(budget, cash) / yearly_cost
    return fewest


def contacts_a_month(state: State, dealers: float, outlets: float) -> float:
    """Return the new buyers that dealers and outlets bring to talk in a month, were buyers' attention not scarce."""
    settings = state.parameters.dealers
    return (dealers * settings.dealer_contacts + outlets * settings.outlet_contacts) / 12.0
