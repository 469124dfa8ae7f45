"""Designation (认定): characteristic towns and honoured firms. It opens doors; by itself it does next to nothing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim.agents.governments import Plan, available
from sim.policies.acting import Institution
from sim.policies.choosing import first_fitting
from sim.policies.classification import HONOURS, LEVELS, holds, holds_level
from sim.policies.designation import selection
from sim.policies.designation.terms import DesignationTerms
from sim.policies.terms import held_in
from sim.rules import totals
from sim.rules.chance import uniform, uniforms
from sim.state.columns import F8, I8
from sim.state.ledger import FIRMS, REST_OF_WORLD

COUNTY = {"county": 1.0}
"""Who pays for an application."""


class Designation(Institution[DesignationTerms]):
    """Lets places or firms apply at each batch, designates those chosen, and keeps the rest waiting for the next."""

    channels = frozenset({"contacts", "space"})
    for_all_places = True
    turn = 0

    def start(self) -> None:
        """Designate what was designated before the run: batches up to its first month, without awards."""
        self.model.designations[self.policy.id] = set()
        self.waiting: set[int] = set()
        self.holders: I8 = np.empty(0, dtype=np.int64)
        self.revenue_before: F8 = np.empty(0)
        self.held_before = sum(self._is_batch(month) for month in range(self.policy.start, self.state.first_month))
        for _ in range(self.held_before):
            self._hold_batch(before_the_run=True)

    def plans(self) -> Iterable[Plan]:
        """Plan the applications of a batch, and its awards, shared by size as nobody knows yet who will be chosen."""
        state, policy = self.state, self.policy
        if state.settling or not self._is_batch(state.month):
            return []
        terms, here = self.terms, self.places_in_force
        plans = []
        if terms.scope == "places" and terms.select != "listed":
            cost = state.parameters.designation.application_cost
            plans = [Plan(COUNTY, place, cost) for place in here if not holds_level(state, place, terms.level)]
        size = state.sums[0][here, totals.REVENUE_YEAR]
        number = terms.count_total if terms.count is None else terms.count
        if terms.award > 0.0 and number and size.sum() > 0.0:
            awards = terms.award * number * size / size.sum()
            plans += [Plan(policy.payer, *one, anywhere=True) for one in zip(here, awards.tolist(), strict=True)]
        return plans

    def forget(self, rows: I8) -> None:
        """Drop holders that have closed, and their revenues; who waits is known by slot."""
        self.holders = self.holders[~self.state.mask(rows)[self.holders]]
        self.revenue_before[rows[rows < self.revenue_before.size]] = 0.0

    def act(self) -> None:
        """Hold a batch in its month; during the burn-in, replace honoured firms that closed."""
        if not self.state.settling:
            if self._is_batch(self.state.month):
                self._hold_batch()
        elif self.held_before > 0 and self.terms.scope == "firms":
            terms = self.terms
            usual = terms.count_total if terms.count is None else self.held_before * terms.count
            self._choose_firms(terms, max((usual or 0) - self._holding(), 0.0), before_the_run=True)

    def wind_up(self) -> None:
        """Let the name work, count holders and those who wait, and note revenues for the growth of the next year."""
        state, settings = self.state, self.state.parameters.designation
        for place in sorted(self.model.designations[self.policy.id]):
            state.places.pull[place] *= 1.0 + settings.name_pull
            state.places.renown[place] *= 1.0 + settings.name_renown
        if self._is_batch(state.month + 12):
            self.revenue_before = state.firms.revenue_year[: state.count].copy()
        self._count("honoured_firms", self.holders)
        self._count_waiting()

    def _is_batch(self, month: int) -> bool:
        """Return whether a batch is chosen in a month."""
        every = self.terms_at(month).every
        if not self.policy.in_force(month):
            return False
        return month == self.policy.start if every is None else held_in(every, month, self.policy.start)

    def _hold_batch(self, before_the_run: bool = False) -> None:
        terms = self.terms
        if terms.scope == "places":
            self._choose_places(terms, before_the_run)
        else:
            number = terms.count if terms.count is not None else (terms.count_total or 0) - self._holding()
            self._choose_firms(terms, max(number, 0.0), before_the_run)

    # --- places -------------------------------------------------------------------------------------------------------

    def _choose_places(self, terms: DesignationTerms, before_the_run: bool) -> None:
        """Designate the places of a batch."""
        state, members = self.state, self.places_in_force
        open_to = [place for place in members if not holds_level(state, place, terms.level)]
        number = terms.count
        if number is None:
            number = max((terms.count_total or 0) - (len(members) - len(open_to)), 0)
        if number == 0 or not open_to:
            return
        if terms.select == "listed":
            listed = [state.place_ids.index(name) for name in terms.listed] or open_to
            chosen = [place for place in listed if place in open_to][:number]
        else:
            chosen = self._best_places(terms, open_to, number, before_the_run)
        for place in chosen:
            state.places.designated[place] = int(state.places.designated[place]) | LEVELS[terms.level]
            self.model.designations[self.policy.id].add(place)
            if not before_the_run:
                state.add("designations", place, 1.0)
                self.pay(terms.award, self.model.governments["county", place].account, "awards", place=place)

    def _best_places(self, terms: DesignationTerms, open_to: list[int], number: int, before_the_run: bool) -> list[int]:
        """Take applications from places that meet the criteria; return the best of them, in order."""
        state = self.state
        qualify = selection.places_qualify(selection.place_figures(state, open_to), terms.criteria)
        applying = [
            place
            for place, meets in zip(open_to, qualify.tolist(), strict=True)
            if meets and (before_the_run or self._applies(place, terms))
        ]
        draw = uniforms(self.key("designation.order"), state.place_numbers[applying])
        order = selection.in_order(selection.place_figures(state, applying), terms.weights_in_use(), draw)
        chosen = [applying[k] for k in order[:number].tolist()]
        if not before_the_run:
            for place in applying:
                state.add("designation_applications", place, 1.0)
            self._let_wait(set(applying), set(chosen))
        return chosen

    def _applies(self, place: int, terms: DesignationTerms) -> bool:
        """Return whether a place applies; one that was not chosen last time does so again, its papers are ready."""
        if place in self._waiting_anywhere():
            return True
        state = self.state
        cost = state.parameters.designation.application_cost
        neighbours = self.model.governments["province", place].places
        around = sum(holds_level(state, other, terms.level) for other in neighbours) / len(neighbours)
        draw = float(uniform(self.key("designation.apply"), state.place_numbers[place]))
        county = self.model.governments["county", place]
        if available(self.model, self.position, COUNTY, place) < cost or not county.applies(around, draw):
            return False
        self.pay(cost, REST_OF_WORLD, "designation", place=place, payer=COUNTY)
        return True

    # --- firms --------------------------------------------------------------------------------------------------------

    def _choose_firms(self, terms: DesignationTerms, number: float, before_the_run: bool) -> None:
        """Honour the firms of a batch."""
        state, firms = self.state, self.state.firms
        if number <= 0.0:
            return
        rows = np.concatenate([state.makers_of(place) for place in self.places_in_force])
        rows = rows[~holds(state, rows, str(terms.honour))]
        figures = selection.firm_figures(state, rows, self.revenue_before)
        keep = selection.firms_qualify(state, rows, figures, terms.criteria)
        if not before_the_run:
            draw = uniforms(self.key("designation.apply"), firms.slot[rows])
            again = np.isin(firms.slot[rows], sorted(self._waiting_anywhere()))
            keep &= again | (draw < state.parameters.designation.application_chance)
        rows, figures = rows[keep], {name: values[keep] for name, values in figures.items()}
        draw = uniforms(self.key("designation.order"), firms.slot[rows])
        order = selection.in_order(figures, terms.weights_in_use(), draw)
        chosen = rows[order][first_fitting(firms.weight[rows[order]], number)]
        firms.honours[chosen] |= HONOURS[str(terms.honour)]
        self.holders = np.concatenate([self.holders, chosen])
        if not before_the_run:
            self._let_wait(set(firms.slot[rows].tolist()), set(firms.slot[chosen].tolist()))
            self._count("designation_applications", rows)
            self._count("designations", chosen)
            self._reward(terms.award, chosen)

    def _reward(self, award: float, rows: I8) -> None:
        """Pay the award of each firm out of its county's and province's accounts."""
        for place in self.places:
            here = rows[self.state.firms.place[rows] == place]
            self.pay(np.full(here.size, award), FIRMS, "awards", place=place, rows=here)

    def _holding(self) -> float:
        """Return how many firms in business this policy has honoured."""
        return self.state.firms_in(self.holders)

    # --- those who wait ---------------------------------------------------------------------------------------------

    def _peers(self) -> list[Designation]:
        """Return the designations in time that give the same name: this one and those of other policies."""
        mine = self.terms
        name = (mine.scope, mine.honour or mine.level)
        others = [other for other in self.model.institutions if isinstance(other, Designation)]
        return [
            other
            for other in others
            if other.policy.start <= self.state.month
            and (other.terms.scope, other.terms.honour or other.terms.level) == name
        ]

    def _waiting_anywhere(self) -> set[int]:
        """Return who applied for this name before, here or under another policy, and was not chosen."""
        return set().union(*(peer.waiting for peer in self._peers()))

    def _let_wait(self, applied: set[int], chosen: set[int]) -> None:
        """Keep those who applied and were not chosen for the next batch, on this list alone."""
        for peer in self._peers():
            peer.waiting -= applied
        self.waiting |= applied - chosen

    def _count_waiting(self) -> None:
        """Count those who wait for this name, places by position, firms by slot, once all its policies have acted."""
        state, terms = self.state, self.terms
        waiting = sorted(self._waiting_anywhere())
        if not waiting or self is not self._peers()[-1]:
            return
        if terms.scope == "firms":
            self._count("designation_queue", state.makers[np.isin(state.firms.slot[state.makers], waiting)])
            return
        for place in waiting:
            if not holds_level(state, place, terms.level):
                state.add("designation_queue", place, 1.0)

    def _count(self, name: str, rows: I8) -> None:
        """Add the firms of some rows to an observable, by place."""
        self.state.add_by_place(name, self.state.firms_by_place(rows))
