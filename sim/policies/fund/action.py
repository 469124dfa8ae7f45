"""Special fund (专项资金): grants to firms that invest."""

from __future__ import annotations

from typing import Any

from sim.policies.acting import Institution
from sim.policies.fund import applications
from sim.policies.fund.sharing import shares
from sim.policies.fund.terms import FundTerms
from sim.state.ledger import FIRMS


class PolicyFund(Institution[FundTerms]):
    """Opens calls, lets firms work out the project a grant would make worth while, and pays after acceptance.

    Firms whose project would be eligible wait for a call that is near. Those that win buy in the month of the award;
    those that lose decide about the same machines without a grant.
    """

    def start(self) -> None:
        """Open the books: nothing promised yet."""
        self.unspent = self.yearly_budget = 0.0
        self.share = 1.0
        self.opened = False
        self.payer = dict(self.policy.payer)
        self.due: list[tuple[int, Any, Any]] = []
        self.received: dict[int, float] = {}
        self.turned_down: dict[int, int] = {}

    def act(self) -> None:
        """Open the year's budget and hold the month's call."""
        terms = self.terms
        self._open_year(terms)
        if self.unspent > 0.0 and self._months_to_call(terms) == 0:
            self._call(terms)
        elif self.unspent > 0.0 and self._months_to_call(terms) <= self.state.parameters.investment.wait_months:
            self._hold_back(terms)
        self.count("fund_unspent", self.unspent)

    def close(self) -> None:
        """Return what was never awarded."""
        self._book("returned", self.unspent)
        self.unspent = 0.0

    def wind_up(self) -> None:
        """Pay awards that fall due this month."""
        state = self.state
        now = [entry for entry in self.due if entry[0] == state.month]
        self.due = [entry for entry in self.due if entry[0] > state.month]
        for _, rows, grants in now:
            kept = state.firms.alive[rows] == 1
            if kept.any():
                rows, grants = rows[kept], grants[kept]
                share = self.pay(grants, FIRMS, "grants", rows=rows, payer=self.payer, planned=False)
                state.firms.grants[rows] += grants * share
                self.count("fund_paid", share * state.total(grants, rows))

    def _open_year(self, terms: FundTerms) -> None:
        """Open the budget of the year, or what a budget changed within the year adds to it or takes away.

        Nobody knows beforehand that a policy will be stopped: the year's budget opens in full, and what is left goes
        back when the fund closes. A place designated within the year opens what is left of it, unless the places
        share one budget: that has been shared out when the year opened.
        """
        month = self.state.month
        left_of_year = (12 - month % 12) / 12.0
        newly_designated = self.policy.where_designated is not None and terms.across is None and not self.opened
        if month % 12 == 0 or month == self.policy.start or newly_designated:
            self.opened = True
            if terms.unspent == "return":
                self.close()
            self.received.clear()
            self._take_share(terms)
            self._promise(terms.annual_budget * self.share * left_of_year)
        elif terms.annual_budget != self.yearly_budget:
            change = (terms.annual_budget - self.yearly_budget) * self.share
            self._promise(max(change * left_of_year, -self.unspent))
        self.yearly_budget = terms.annual_budget

    def _take_share(self, terms: FundTerms) -> None:
        """Set this place's share of the budget and who pays it: all of it, or what the first step allots the place.

        Members are the places designated in the month in which the year opens, where the first step asks for a
        designation. What a place adds (``place_match``) comes on top and out of the county's account.
        """
        if terms.across is None:
            return
        state, across = self.state, terms.across
        # Every place of the policy shares in its budget, whichever of them this institution acts in.
        where = self.in_force_among(state.place_ids.index(name) for name in self.policy.where)
        members = [place for place in where if self._is_member(across.places, place)]
        if self.place not in members:
            self.share = 0.0
            return
        own = float(shares(state, across, members, terms.annual_budget)[members.index(self.place)])
        self.share = own * (1.0 + across.place_match)
        received = 1.0 / (1.0 + across.place_match)
        self.payer = {level: part * received for level, part in self.policy.payer.items()}
        self.payer["county"] = self.payer.get("county", 0.0) + 1.0 - received

    def _is_member(self, named: str, place: int) -> bool:
        """Return whether a place takes part in the first step: by name, or as it is designated."""
        names = [name.strip() for name in named.split(",")]
        if named == "all" or self.state.place_ids[place] in names:
            return True
        return any(self.model.designated(name, place) for name in names)

    def _promise(self, budget: float) -> None:
        self.unspent += budget
        self._book("promised", budget)
        self.count("fund_promised", budget)

    def _book(self, stage: str, amount: float) -> None:
        self.state.book(self.position, self.payer, stage, amount)

    def _months_to_call(self, terms: FundTerms) -> int:
        """Return months until the next call."""
        month = self.state.month
        return next(ahead for ahead in range(12) if (month + ahead) % 12 + 1 in terms.call_months)

    def _hold_back(self, terms: FundTerms) -> None:
        """Let firms whose project would be eligible wait for the next call, unless they were turned down lately."""
        state = self.state
        bids = applications.bids(state, applications.eligible(state, terms.eligible, self.place), terms, self.received)
        lately = state.month - 12
        waits = [self.turned_down.get(int(slot), lately) <= lately for slot in state.firms.slot[bids.rows]]
        state.scratch.decided[bids.rows[waits]] = 1

    def _call(self, terms: FundTerms) -> None:
        """Take applications, choose, and let the winners buy."""
        state = self.state
        rows = applications.eligible(state, terms.eligible, self.place)
        bids = applications.bids(state, rows, terms, self.received)
        claimed = state.total(bids.grants, bids.rows)
        self._book("claimed", claimed)
        self.count("fund_claimed", claimed)
        chosen, grants = applications.allocate(state, bids, terms, self.unspent, self.policy_key)
        self.turned_down.update(dict.fromkeys(state.firms.slot[bids.rows].tolist(), state.month))
        for slot in state.firms.slot[bids.rows[chosen]].tolist():
            del self.turned_down[slot]
        if chosen.size == 0:
            return
        won = bids.rows[chosen]
        total = state.total(grants, won)
        self.unspent -= total
        self._book("granted", total)
        self.count("fund_granted", total)
        applications.carry_out(state, bids, chosen, grants, self.position)
        for row, grant in zip(won.tolist(), grants.tolist(), strict=True):
            slot = int(state.firms.slot[row])
            self.received[slot] = self.received.get(slot, 0.0) + grant
        self.due.append((state.month + self._delay(terms), won, grants))

    def _delay(self, terms: FundTerms) -> int:
        acceptance = round(self.state.parameters.government.acceptance_months)
        return terms.paid.lag_months + (acceptance if terms.paid.when == "after_acceptance" else 0)
