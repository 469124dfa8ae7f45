"""Trade fair (展会、采购会): contacts between firms and buyers."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.policies.acting import Institution
from sim.policies.choosing import served
from sim.policies.classification import exhibitors
from sim.policies.encounters import buyers_by_side, hold_meetings
from sim.policies.fair.terms import FairTerms
from sim.policies.terms import held_in
from sim.rules.chance import uniforms
from sim.rules.contacts import invite
from sim.state.columns import ORIGIN_FAIR
from sim.state.ledger import BUYERS_DOMESTIC, BUYERS_FOREIGN, REST_OF_WORLD


class TradeFair(Institution[FairTerms]):
    """Booths are filled by rule, invited buyers come or not, look at a few booths and may place trial orders."""

    channels = frozenset({"information", "contacts"})

    def act(self) -> None:
        """Hold the fair in its month, as large as the payers can pay for."""
        terms = self.terms
        state = self.state
        if not held_in(terms.every, state.month, self.policy.start) or terms.booths == 0:
            return
        stands, taken = self._exhibitors(terms)
        comes, keen, number = self._visitors(terms)
        scale = self._pay(terms, state.total(taken, stands), number)
        if scale <= 0.0 or stands.size == 0:
            return
        # A budget that falls short makes a smaller fair: fewer visitors are brought, fewer booths are built.
        brought = round(scale * comes.size)
        booths = taken * scale
        self.charge(stands, booths * terms.booth_fee * (1.0 - terms.booth_subsidy), REST_OF_WORLD, "booth fees")
        self._meet(stands, booths, comes[:brought], keen[:brought])

    def _exhibitors(self, terms: FairTerms) -> tuple[Any, Any]:
        """Return rows that exhibit, largest first, and the booths one firm of each row takes."""
        state, fair = self.state, self.state.parameters.fair
        rows = exhibitors(state, terms.exhibitors, self.place)
        net_fee = fair.booths_per_exhibitor * terms.booth_fee * (1.0 - terms.booth_subsidy)
        rows = rows[fair.exhibit_margin * state.firms.revenue_year[rows] > net_fee]
        rows = rows[np.lexsort((state.firms.slot[rows], -state.firms.revenue_year[rows]))]
        wanted = fair.booths_per_exhibitor * state.firms.weight[rows]
        taken = served(wanted, terms.booths) / state.firms.weight[rows]
        return rows[taken > 0.0], taken[taken > 0.0]

    def _visitors(self, terms: FairTerms) -> tuple[Any, Any, Any]:
        """Return the market's buyers that come, in a lottery's order, how keen they are, and their number by side."""
        fair, buyers = self.state.parameters.fair, self.state.buyers_of(self.market)
        ranks = np.arange(int(buyers.country.max(initial=0)) + 1) - 1
        pool = buyers_by_side(buyers, (buyers.foreign == 0) | (ranks[buyers.country] < terms.countries))
        invited = np.array([terms.domestic_buyers_invited, terms.foreign_buyers_invited], dtype=float)
        shares = np.divide(invited, pool, out=np.zeros(2), where=pool > 0.0)
        costs = np.array([fair.domestic_attendance_cost, fair.foreign_attendance_cost])
        comes = np.zeros(buyers.slot.size)
        key = self.key("fair.visit")
        invite(buyers, shares, terms.travel_subsidy / costs, terms.countries, ranks, fair, key, comes)
        rows = np.flatnonzero(comes)
        rows = rows[np.argsort(uniforms(self.key("fair.order"), buyers.slot[rows]), kind="stable")]
        return rows, comes[rows], buyers_by_side(buyers, rows)

    def _pay(self, terms: FairTerms, booths: float, visitors: Any) -> float:
        """Pay the organiser, the invitations and the travellers; return how much of the plan could be paid for."""
        fair = self.state.parameters.fair
        hall = terms.organising_cost + booths * terms.booth_fee * terms.booth_subsidy
        hall += terms.invitations(
            fair.invitation_cost_share, fair.domestic_attendance_cost, fair.foreign_attendance_cost
        )
        travel = terms.travel_subsidy * visitors
        total = hall + float(travel.sum())
        if total <= 0.0:
            return 1.0
        scale = min(1.0, self.available / total)
        for amount, target in ((hall, REST_OF_WORLD), (travel[0], BUYERS_DOMESTIC), (travel[1], BUYERS_FOREIGN)):
            self.pay(amount * scale, target, "fair")
        self.fall_short(total * (1.0 - scale))
        return scale

    def _meet(self, stands: Any, booths: Any, visitors: Any, keen: Any) -> None:
        """Let visitors look at booths, and exhibitors at each other's goods."""
        state, fair = self.state, self.state.parameters.fair
        presence = booths * state.firms.weight[stands] * np.sqrt(state.firms.capital[stands])
        visits, key = int(fair.visits_per_buyer), self.policy_key
        result = hold_meetings(state, self.market, stands, presence, visitors, visits, ORIGIN_FAIR, key, keen)
        self.count("fair_booths_used", state.total(booths, stands))
        self.count("fair_exhibitors", state.firms_in(stands))
        buyers = state.buyers_of(self.market)
        self.count("fair_buyers", float(buyers.weight[visitors].sum()))
        self.count("fair_foreign_buyers", float(buyers_by_side(buyers, visitors)[1]))
        for name, amount in zip(("contacts", "intended_orders", "contracts"), result, strict=False):
            self.count(f"fair_{name}", float(amount))
        chance = state.parameters.technology.fair_awareness
        heard = uniforms(self.key("fair.awareness"), state.firms.slot[stands]) < chance
        state.firms.aware[stands[heard]] = 1
