"""Trade fair (展会、采购会): contacts between firms and buyers."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents.governments import available, pay
from sim.policies.acting import Institution
from sim.policies.choosing import served
from sim.policies.classification import exhibitors
from sim.policies.encounters import hold_meetings
from sim.policies.fair.terms import FairTerms
from sim.policies.payments import charge
from sim.policies.rhythm import held_in
from sim.rules.chance import uniforms
from sim.rules.contacts import invite
from sim.state.columns import ORIGIN_FAIR
from sim.state.ledger import BUYERS_DOMESTIC, BUYERS_FOREIGN, REST_OF_WORLD


class TradeFair(Institution[FairTerms]):
    """Booths are filled by rule, invited buyers come or not, look at a few booths and may place trial orders."""

    def act(self) -> None:
        """Hold the fair in its month, as large as the payers can pay for."""
        terms = self.terms
        state = self.state
        if not held_in(terms.every, state.month, self.policy.start) or terms.booths == 0:
            return
        stands, taken = self._exhibitors(terms)
        comes, number = self._visitors(terms)
        scale = self._pay(terms, state.total(taken, stands), number)
        if scale <= 0.0 or stands.size == 0:
            return
        # A budget that falls short makes a smaller fair: fewer visitors are brought, fewer booths are built.
        visitors = comes[: round(scale * comes.size)]
        self._charge(terms, stands, taken * scale)
        self._meet(stands, taken * scale, visitors)

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

    def _visitors(self, terms: FairTerms) -> tuple[Any, Any]:
        """Return buyer rows that come, in a lottery's order, and their number by market (domestic, foreign)."""
        state, fair, buyers = self.state, self.state.parameters.fair, self.state.buyers
        ranks = np.arange(int(buyers.country.max()) + 1) - 1
        reachable = (buyers.foreign == 0) | (ranks[buyers.country] < terms.countries)
        reachable &= state.is_buyer_of(self.place)
        pool = np.bincount(buyers.foreign[reachable], weights=buyers.weight[reachable], minlength=2)
        invited = np.array([terms.domestic_buyers_invited, terms.foreign_buyers_invited], dtype=float)
        shares = np.divide(invited, pool, out=np.zeros(2), where=pool > 0.0)
        costs = np.array([fair.domestic_attendance_cost, fair.foreign_attendance_cost])
        comes = np.zeros(buyers.slot.size, dtype=np.int64)
        key = state.key("fair.visit", self.policy_key)
        invite(buyers, shares, terms.travel_subsidy / costs, terms.countries, ranks, fair, key, comes)
        rows = np.flatnonzero((comes == 1) & state.is_buyer_of(self.place))
        rows = rows[np.argsort(uniforms(state.key("fair.order", self.policy_key), buyers.slot[rows]), kind="stable")]
        return rows, np.bincount(buyers.foreign[rows], weights=buyers.weight[rows], minlength=2)

    def _pay(self, terms: FairTerms, booths: float, visitors: Any) -> float:
        """Pay the organiser and the travellers; return how much of the plan could be paid for."""
        hall = terms.organising_cost + booths * terms.booth_fee * terms.booth_subsidy
        travel = terms.travel_subsidy * visitors
        total = hall + float(travel.sum())
        if total <= 0.0:
            return 1.0
        payer = self.policy.payer
        scale = min(1.0, available(self.model, payer, self.place) / total)
        for amount, target in ((hall, REST_OF_WORLD), (travel[0], BUYERS_DOMESTIC), (travel[1], BUYERS_FOREIGN)):
            pay(self.model, self.position, payer, self.place, amount * scale, target, "fair")
        self.model.book_shortfall(self.position, payer, self.place, total * (1.0 - scale))
        return scale

    def _charge(self, terms: FairTerms, stands: Any, booths: Any) -> None:
        """Let exhibitors pay for their booths."""
        fee = booths * terms.booth_fee * (1.0 - terms.booth_subsidy)
        charge(self.state, stands, fee, REST_OF_WORLD, "booth fees")

    def _meet(self, stands: Any, booths: Any, visitors: Any) -> None:
        """Let visitors look at booths, and exhibitors at each other's goods."""
        state, fair = self.state, self.state.parameters.fair
        presence = booths * state.firms.weight[stands] * np.sqrt(state.firms.capital[stands])
        result = hold_meetings(
            state, stands, presence, visitors, int(fair.visits_per_buyer), ORIGIN_FAIR, self.policy_key
        )
        weight = state.firms.weight[stands]
        state.add("fair_booths_used", self.place, state.total(booths, stands))
        state.add("fair_exhibitors", self.place, float(weight.sum()))
        state.add("fair_buyers", self.place, float(state.buyers.weight[visitors].sum()))
        for name, amount in zip(("contacts", "intended_orders", "contracts"), result, strict=False):
            state.add(f"fair_{name}", self.place, float(amount))
        chance = state.parameters.technology.fair_awareness
        heard = uniforms(state.key("fair.awareness", self.policy_key), state.firms.slot[stands]) < chance
        state.firms.aware[stands[heard]] = 1
