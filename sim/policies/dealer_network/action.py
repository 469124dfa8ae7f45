"""Dealer network (经销网络): standing contacts with buyers through dealers and outlets that firms keep."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.policies.choosing import by_slot
from sim.policies.classification import exhibitors
from sim.policies.dealer_network.terms import DealerNetworkTerms
from sim.policies.encounters import attention, buyers_by_side
from sim.policies.membership import Membership
from sim.state.columns import F8, I8, MEMBER_DEALERS, ORIGIN_DEALERS
from sim.state.ledger import REST_OF_WORLD
from sim.state.state import State


class DealerNetwork(Membership[DealerNetworkTerms]):
    """Firms keep the dealers and outlets they can pay for; buyers near them talk to the firms all year."""

    channels = frozenset({"contacts"})
    mark = MEMBER_DEALERS

    def start(self) -> None:
        """Note what was there before the run: its cost is in the overhead of the base year."""
        super().start()
        before = self.state.first_month - 1
        self.inherited = self._size(self.terms_at(before)) if self.policy.start <= before else 0.0

    def act(self) -> None:
        """Keep what can be paid for, and let buyers talk to the firms."""
        terms = self.terms
        rows, kept = self._keep(terms)
        self.admit(rows[kept > 0.0])
        if self.members.size:
            self._meet(terms, self.members, kept[kept > 0.0])

    @staticmethod
    def _size(terms: Any) -> float:
        return float(terms.dealers + terms.outlets)

    def _keep(self, terms: DealerNetworkTerms) -> tuple[Any, Any]:
        """Return the rows of the firms whose network it is and the dealers and outlets one of each keeps, paid for."""
        state, total = self.state, self._size(terms)
        rows = by_slot(state, exhibitors(state, "honours:lead" if terms.firms == "lead" else terms.firms, self.place))
        if total <= 0.0 or rows.size == 0:
            return rows, np.zeros(rows.size)
        has = shares_of(state, rows, total)
        free = has * min(1.0, self.inherited / total)
        own_cost = terms.outlet_cost * (1.0 - terms.subsidy)
        paid_for = np.minimum(has - free, affordable(state, rows, own_cost))
        subsidy = terms.outlet_cost * terms.subsidy / 12.0 * state.total(paid_for, rows)
        if subsidy > 0.0:
            # An outlet whose subsidy does not come stays shut this month.
            paid_for *= self.pay(subsidy, REST_OF_WORLD, "dealer network")
        self.charge(rows, paid_for * own_cost / 12.0, REST_OF_WORLD, "dealers and outlets")
        return rows, free + paid_for

    def _meet(self, terms: DealerNetworkTerms, rows: Any, kept: Any) -> None:
        """Let buyers at home, or of the countries covered, look at goods of the firms; count what is kept."""
        state, settings = self.state, self.state.parameters.dealers
        buyers = state.buyers_of(self.market)
        presence = kept * state.firms.weight[rows]
        part = float(presence.sum()) / self._size(terms)
        abroad = terms.countries > 0
        covered = (buyers.foreign == 1) & (buyers.country <= terms.countries) if abroad else buyers.foreign == 0
        looks = int(settings.samples)
        contacts = terms.dealers * settings.dealer_contacts + terms.outlets * settings.outlet_contacts
        wanted = part * (contacts / 12.0) * looks
        shares = attention(buyers_by_side(buyers, covered), np.full(2, settings.covered_visits), looks, wanted)
        self.show(rows, presence, shares, looks, ORIGIN_DEALERS, self.key("dealers.visit"), "dealer_contacts", covered)
        self.count("foreign_outlets" if abroad else "sales_outlets", part * terms.outlets)
        self.count("overseas_dealers" if abroad else "sales_outlets", part * terms.dealers)


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
