"""Special fund (专项资金): grants to firms that invest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sim.agents.governments import Plan, available, commit, release
from sim.policies.acting import Institution
from sim.policies.fund import applications
from sim.policies.fund.sharing import shares
from sim.policies.fund.terms import FundTerms
from sim.state.columns import F8, I8
from sim.state.ledger import FIRMS
from sim.state.record import TAKE_UP


class PolicyFund(Institution[FundTerms]):
    """Opens calls, lets firms work out the project a grant would make worth while, and pays after acceptance.

    Firms whose project would be eligible wait for a call that is near. Those that win buy in the month of the award;
    those that lose decide about the same machines without a grant. Each place has a budget of its own.

    Attributes
    ----------
    unspent, yearly_budget, share
        Shape (places,): yuan not awarded yet, the policy's yearly budget when last looked at, and the place's part.
    opened
        Shape (places,): whether the place has opened a budget.
    payers
        Who pays in each place whose part of a shared budget has been set.
    due
        Awards to be paid: month, rows, yuan per firm.
    received, turned_down
        By row: yuan received in the place's year; month of the last call that did not choose it, 0 for none.
    """

    channels = frozenset({"capacity", "technique"})
    for_all_places = True

    def start(self) -> None:
        """Open the books: nothing promised yet."""
        places = len(self.state.place_ids)
        self.unspent, self.yearly_budget, self.share = np.zeros(places), np.zeros(places), np.ones(places)
        self.opened = np.zeros(places, dtype=bool)
        self.payers: dict[int, Mapping[str, float]] = {}
        self.due: list[tuple[int, I8, F8]] = []
        self.received: F8 = np.empty(0)
        self.turned_down: I8 = np.empty(0, dtype=np.int64)

    def plans(self) -> Iterable[Plan]:
        """Plan awards that fall due, and what can be awarded in this month's call."""
        state, terms = self.state, self.terms
        now = [state.by_place(grants, rows) for month, rows, grants in self.due if month == state.month]
        due = np.sum(now, axis=0) if now else np.zeros(0)
        plans = [self._plan(place, float(due[place]), due=True) for place in np.flatnonzero(due).tolist()]
        if self.in_force and state.month_of_year + 1 in terms.call_months:
            here = self.places_in_force
            plans += [self._plan(place, self._to_award(terms, place, len(here))) for place in here]
        return plans

    def _plan(self, place: int, yuan: float, due: bool = False) -> Plan:
        return Plan(self._payer(place), place, yuan, due)

    def _payer(self, place: int) -> Mapping[str, float]:
        return self.payers.get(place, self.policy.payer)

    def _to_award(self, terms: FundTerms, place: int, places: int) -> float:
        """Return what a place can award this month, before the year's budget is opened and shared out."""
        opens = self._opens_everywhere or not self.opened[place]
        left = 0.0 if opens and terms.unspent == "return" else self.unspent[place]
        share = 1.0 / places if terms.across is not None and not self.opened.any() else self.share[place]
        return float(left + (terms.annual_budget * share * self._left_of_year if opens else 0.0))

    def forget(self, rows: I8) -> None:
        """Drop awards of firms that have closed, which are never paid, and what they have applied for."""
        for month, winners, grants in self.due:
            lost = np.isin(winners, rows)
            self.state.note_take_up(self.position, "closed", winners[lost], grants[lost])
            if lost.any() and month > self.state.month:
                yuan = self.state.by_place(grants[lost], winners[lost])
                for place in np.flatnonzero(yuan).tolist():
                    release(self.model, self._payer(place), place, float(yuan[place]), month)
        self.due = [
            (month, winners[stays], grants[stays])
            for month, winners, grants in self.due
            if (stays := ~np.isin(winners, rows)).any()
        ]
        rows = rows[rows < self.received.size]
        self.received[rows], self.turned_down[rows] = 0.0, 0

    def act(self) -> None:
        """Open the year's budget and hold the month's call."""
        terms, state, here = self.terms, self.state, self.places_in_force
        entered = state.count - self.received.size
        self.received = np.pad(self.received, (0, entered))
        self.turned_down = np.pad(self.turned_down, (0, entered))
        self._open_year(terms, here)
        able = [place for place in here if self.unspent[place] > 0.0]
        ahead = next(ahead for ahead in range(12) if (state.month + ahead) % 12 + 1 in terms.call_months)
        if able and ahead <= state.parameters.investment.wait_months:
            rows = applications.eligible(state, terms.eligible, able)
            planned = applications.projects(state, rows, terms, self.received[rows], self._months_to_payment(terms))
            bids = applications.bids(planned, terms, self._months_to_payment(terms))
            if ahead == 0:
                self._note_applicants(terms, rows, bids)
                self._call(terms, able, bids)
            else:
                # Firms whose project would be eligible wait, unless they were turned down lately.
                state.scratch.decided[bids.rows[self.turned_down[bids.rows] <= state.month - 12]] = 1
        for place in here:
            state.add("fund_unspent", place, float(self.unspent[place]))

    def close(self) -> None:
        """Return what was never awarded."""
        for place in self.places:
            self._give_back(place)

    def wind_up(self) -> None:
        """Pay awards that fall due this month."""
        state, firms = self.state, self.state.firms
        now = [entry[1:] for entry in self.due if entry[0] == state.month]
        self.due = [entry for entry in self.due if entry[0] > state.month]
        for place in self.places if now else ():
            for winners, awards in now:
                kept = firms.place[winners] == place
                if kept.any():
                    rows, grants = winners[kept], awards[kept]
                    payer = self._payer(place)
                    share = self.pay(grants, FIRMS, "grants", place=place, rows=rows, payer=payer, planned=False)
                    firms.grants[rows] += grants * share
                    state.note_take_up(self.position, "paid", rows if share > 0.0 else rows[:0], grants * share)
                    state.add("fund_paid", place, share * state.total(grants, rows))

    def _open_year(self, terms: FundTerms, here: Sequence[int]) -> None:
        """Open the budget of the year, or what a budget changed within the year adds to it or takes away.

        Nobody knows beforehand that a policy will be stopped: the year's budget opens in full, and what is left goes
        back when the fund closes. A place designated within the year opens what is left of it, unless the places
        share one budget: that has been shared out when the year opened.
        """
        budget, everywhere = terms.annual_budget, self._opens_everywhere
        late = self.policy.where_designated is not None and terms.across is None
        opening = [place for place in here if everywhere or (late and not self.opened[place])]
        self.received[np.isin(self.state.firms.place[: self.state.count], opening)] = 0.0
        self._share_out(terms, here, opening)
        for place in here:
            if place in opening:
                self.opened[place] = True
                if terms.unspent == "return":
                    self._give_back(place)
                self._promise(place, budget * self.share[place] * self._left_of_year)
            elif self.opened[place] and budget != self.yearly_budget[place]:
                change = (budget - self.yearly_budget[place]) * self.share[place]
                self._promise(place, max(change * self._left_of_year, -self.unspent[place]))
            self.yearly_budget[place] = budget

    @property
    def _left_of_year(self) -> float:
        """Part of the calendar year that is left, this month included."""
        return (12 - self.state.month_of_year) / 12.0

    @property
    def _opens_everywhere(self) -> bool:
        """Whether the year's budget opens this month in all places."""
        return self.state.month_of_year == 0 or self.state.month == self.policy.start or not self.opened.any()

    def _share_out(self, terms: FundTerms, here: Sequence[int], opening: Sequence[int]) -> None:
        """Set the places' parts of the budget and who pays them: all of it, or what the first step allots each.

        Members are the places designated in the month in which the year opens, where the first step asks for a
        designation. What a place adds (``place_match``) comes on top and out of the county's account.
        """
        across = terms.across
        if across is None or not opening:
            return
        self.share[list(opening)] = 0.0
        members = [place for place in here if self._is_member(across.places, place)]
        if not members:
            return
        self.share[members] = shares(self.state, across, members, terms.annual_budget) * (1.0 + across.place_match)
        received = 1.0 / (1.0 + across.place_match)
        payer = {level: part * received for level, part in self.policy.payer.items()}
        payer["county"] = payer.get("county", 0.0) + 1.0 - received
        self.payers |= dict.fromkeys(members, payer)

    def _is_member(self, named: str, place: int) -> bool:
        """Return whether a place takes part in the first step: by name, or as it is designated."""
        names = [name.strip() for name in named.split(",")]
        if named == "all" or self.state.place_ids[place] in names:
            return True
        return any(self.model.designated(name, place) for name in names)

    def _promise(self, place: int, budget: float) -> None:
        self.unspent[place] += budget
        self._book(place, "promised", budget)

    def _give_back(self, place: int) -> None:
        self.state.book(self.position, self._payer(place), "returned", self.unspent[place])
        self.unspent[place] = 0.0

    def _book(self, place: int, stage: str, amount: float) -> None:
        self.state.book(self.position, self._payer(place), stage, amount)
        self.state.add("public_money_unmet" if stage == "unmet" else f"fund_{stage}", place, amount)

    def _note_applicants(self, terms: FundTerms, eligible: I8, bids: applications.Bids) -> None:
        """Note which of the eligible firms apply at a call, and why the others do not."""
        state = self.state
        state.note_take_up(self.position, "eligible", eligible)
        state.note_take_up(self.position, "applied", bids.rows, bids.grants)
        absent = eligible[~np.isin(eligible, bids.rows)]
        applications.note_absent(
            state, absent, terms, self.received[absent], self._months_to_payment(terms), self.position
        )

    def _call(self, terms: FundTerms, places: Sequence[int], bids: applications.Bids) -> None:
        """Choose among the applications of each place, as far as the payers have the money, and let the winners buy."""
        state, later = self.state, self._months_to_payment(terms)
        self.turned_down[bids.rows] = state.month
        claimed, county = state.by_place(bids.grants, bids.rows), state.firms.place[bids.rows]
        won: list[Any] = []
        for place in places:
            self._book(place, "claimed", claimed[place])
            here = np.flatnonzero(county == place)
            there = available(self.model, self.position, self._payer(place), place, due=False)
            budget = min(float(self.unspent[place]), there)
            chosen, grants = applications.allocate(state, bids.kept(here), terms, budget, self.policy_key)
            total = state.total(grants, bids.rows[here[chosen]])
            # What could be awarded of the year's budget if the payers had the money is told as unmet.
            missing = min(float(self.unspent[place]), float(claimed[place])) - max(there, total)
            if missing > 0.0:
                self._book(place, "unmet", missing)
            if chosen.size:
                self.unspent[place] -= total
                self._book(place, "granted", total)
                if later > 0:
                    commit(self.model, self.position, self._payer(place), place, total, state.month + later)
                won.append((here[chosen], grants))
        state.take_up[self.position, TAKE_UP.index("calls"), 0] += len(places)
        lost = ~np.isin(np.arange(bids.rows.size), np.concatenate([chosen for chosen, _ in won]) if won else [])
        state.note_take_up(self.position, "not_chosen", bids.rows[lost], bids.grants[lost])
        if won:
            chosen, grants = (np.concatenate(parts) for parts in zip(*won, strict=True))
            state.note_take_up(self.position, "granted", bids.rows[chosen], grants)
            buys = {name: self.acts_through(name) for name in ("capacity", "technique")}
            applications.carry_out(state, bids, chosen, grants, self.position, **buys)
            rows = bids.rows[chosen]
            self.turned_down[rows] = 0
            self.received[rows] += grants
            self.due.append((state.month + later, rows, grants))

    def _months_to_payment(self, terms: FundTerms) -> int:
        """Return how many months after its award a grant is paid."""
        acceptance = round(self.state.parameters.government.acceptance_months)
        return terms.paid.lag_months + (acceptance if terms.paid.when == "after_acceptance" else 0)
