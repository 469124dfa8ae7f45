"""Investment projects (招商项目): signed is not built. What arrives becomes plants that need workers and customers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from sim.agents.governments import Plan
from sim.policies.acting import Institution
from sim.policies.project import openings
from sim.policies.project.terms import ProjectTerms
from sim.rules.chance import month_key, uniform, uniforms
from sim.rules.elementary import logs, power
from sim.rules.sizes import stratified, truncated_pareto
from sim.state.columns import F8, I8, SUPPLIER, TIERS
from sim.state.ledger import REST_OF_WORLD
from sim.state.state import Opening

YEAR = 12
"""Months within which ``start_share`` of what was signed starts."""


@dataclass
class Undertaking:
    """One signed project.

    Attributes
    ----------
    start
        Month in which construction starts; None when it lapses.
    lapse
        Month in which it is given up when it has not started.
    arrives
        Yuan that arrive in all.
    built
        Base-year yuan of plant so far.
    """

    place: int
    value: float
    start: int | None
    lapse: int
    arrives: float
    build_months: int
    terms: ProjectTerms
    built: float = 0.0


class InvestmentProjects(Institution[ProjectTerms]):
    """Signs projects month by month; some start, are built and open as plants, the others lapse."""

    channels = frozenset({"contacts", "space"})
    for_all_places = True
    turn = 1

    def start(self) -> None:
        """Begin with an empty list."""
        self.signed: list[Undertaking] = []
        self.number = 0
        self.plants: list[int] = []

    def plans(self) -> Iterable[Plan]:
        """Plan a month's part of each project with public money; for those under way it is due."""
        month, payer = self.state.month, self.policy.payer
        new = [project for _, project in self._new_projects()] if self.in_force and payer else []
        return [
            Plan(payer, project.place, project.arrives / project.build_months, due=due)
            for due, projects in ((True, self.signed), (False, new))
            for project in projects
            if project.terms.money == "public" and project.start is not None and project.start <= month
        ]

    def forget(self, rows: I8) -> None:
        """Drop plants that have closed."""
        self.plants = [row for row in self.plants if row not in rows]

    def act(self) -> None:
        """Sign the month's projects; in the first month also those signed before the run that are not done yet."""
        state = self.state
        for month, project in self._new_projects():
            self.number += 1
            if project.start is not None and project.start + project.build_months <= state.first_month:
                continue  # open before the run: part of what the place starts with
            if month == state.month:
                state.add("projects_signed", project.place, 1.0)
                state.add("projects_signed_value", project.place, project.value)
            self.signed.append(project)

    def wind_up(self) -> None:
        """Build what has started, let plants find customers, and count."""
        if self.state.settling:
            return
        self._welcome_plants()
        self._build()
        state, plants = self.state, np.array(self.plants, dtype=np.int64)
        openings.call_on_buyers(state, plants, self.policy_key)
        state.add_by_place("projects_operating", state.firms_by_place(plants))
        state.add_by_place("jobs_projects", state.by_place(state.firms.workers[plants], plants))

    # --- signing ------------------------------------------------------------------------------------------------------

    def _new_projects(self) -> Iterator[tuple[int, Undertaking]]:
        """Yield the projects that join the list this month, with the month of signing and what will become of each."""
        month, first, number = self.state.month, self.state.first_month, self.number
        earliest = min(self.policy.start, first) if month == first else month
        for signing in range(earliest, month + 1) if month >= first else ():
            terms = self.terms_at(signing)
            signed = self._signed_in(signing, terms.projects)
            values = self._values(terms).tolist() if signed else []
            for _ in range(signed):
                yield signing, self._drawn(terms, signing, values[number % terms.projects], number)
                number += 1

    def _signed_in(self, month: int, projects: int) -> int:
        """Return how many projects are signed in a month: spread evenly to the planned end, or all at once."""
        end = self.policy.planned_end
        months = 1 if end is None else end - self.policy.start + 1
        done = month - self.policy.start
        if not 0 <= done < months:
            return 0
        return projects * (done + 1) // months - projects * done // months

    def _values(self, terms: ProjectTerms) -> F8:
        """Return the projects' values in yuan, in the order of signing: a heavy tail that adds up to the total."""
        settings, seed = self.state.parameters.project, self.state.seed
        rising = truncated_pareto(
            stratified(month_key(seed, "project.size", self.policy_key), terms.projects),
            1.0, settings.project_size_range, settings.project_tail_index,
        )  # fmt: skip
        draw = uniforms(month_key(seed, "project.order", self.policy_key), np.arange(terms.projects))
        values: F8 = terms.value * rising[np.argsort(draw, kind="stable")] / rising.sum()
        return values

    def _drawn(self, terms: ProjectTerms, month: int, value: float, number: int) -> Undertaking:
        """Return the project of a number on the list, with what will become of it."""
        settings, seed = self.state.parameters.project, self.state.seed
        start_share = settings.start_share if terms.start_share is None else terms.start_share
        realised = settings.realised_share if terms.realised is None else terms.realised
        ever = ever_started(start_share, realised, settings.patience_months)
        draw = float(uniform(month_key(seed, "project.start", self.policy_key), number))
        delay = start_delay(draw, start_share, ever, settings.patience_months)
        return Undertaking(
            place=self._place_of(number),
            value=value,
            start=None if delay is None else month + delay,
            lapse=month + round(settings.patience_months),
            arrives=value * realised / ever if ever > 0.0 else 0.0,
            build_months=self._months_of(terms, number),
            terms=terms,
        )

    def _months_of(self, terms: ProjectTerms, number: int) -> int:
        """Return how long a project is built: spread evenly about the usual months, a month at least."""
        draw = float(uniform(month_key(self.state.seed, "project.build", self.policy_key), number))
        spread: float = self.state.parameters.project.build_spread
        months: float = terms.build_months * (1.0 + spread * (2.0 * draw - 1.0))
        return max(1, round(months))

    def _place_of(self, number: int) -> int:
        """Return the place of a project: a lottery weighted by the size of the industry there at the start."""
        state, places = self.state, self.places_in_force
        key = month_key(state.seed, "project.place", self.policy_key, number)
        draw = uniforms(key, state.place_numbers[places])
        size = state.places.employment_base[places]
        waits = np.divide(-logs(draw), size, out=np.full(size.shape, np.inf), where=size > 0.0)
        return places[int(np.argmin(waits))]

    # --- building -----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        """Start, build, finish and give up projects."""
        state, left = self.state, []
        for project in self.signed:
            start = project.start
            if start is None:
                if state.month >= project.lapse:
                    state.add("projects_lapsed", project.place, 1.0)
                    continue
            elif start <= state.month:
                if start == state.month:
                    state.add("projects_started", project.place, 1.0)
                self._spend(project)
                if state.month + 1 >= start + project.build_months:
                    self._open(project)
                    continue
            left.append(project)
        self.signed = left

    def _spend(self, project: Undertaking) -> None:
        """Spend a month's part of a project's money; public money as far as the payers have it."""
        state = self.state
        amount = project.arrives / project.build_months
        if project.terms.money == "public":
            amount *= self.pay(amount, REST_OF_WORLD, "projects", place=project.place)
        state.add("projects_realised", project.place, amount)
        project.built += amount / state.world.producer

    def _open(self, project: Undertaking) -> None:
        """Let a finished plant open next month; one for which too little money came never does."""
        if project.built < self.state.parameters.investment.smallest_machine:
            self.state.add("projects_lapsed", project.place, 1.0)
            return
        terms = project.terms
        tier = TIERS.index(terms.tier)
        # Suppliers serve the makers around them; others have the customers that their sales people win.
        customers = 1.0 if tier == SUPPLIER else self.state.parameters.project.sales_effort
        self.state.openings.append(
            Opening(
                place=project.place,
                tier=tier,
                capital=project.built,
                policy=self.position,
                customers=customers,
                lead=terms.lead,
                local_share=terms.local_share,
            )
        )

    # --- plants -------------------------------------------------------------------------------------------------------

    def _welcome_plants(self) -> None:
        """Take note of plants that opened this month, and let them take plots."""
        for month, position, row in self.state.opened:
            if month == self.state.month and position == self.position:
                self.plants.append(row)
                if self.terms.in_park:
                    openings.take_plot(self.state, row)


def ever_started(start_share: float, realised: float, patience_months: float) -> float:
    """Return the share of signed projects that ever start.

    Those that have not started within a year keep starting at the same pace until they lapse; it is never less than the
    share of the value that arrives, as a project does not bring more than was signed. A started project then brings
    ``realised`` over this share of its value, so that the whole list brings ``realised``.
    """
    if realised <= 0.0:
        return 0.0
    by_pace: float = 1.0 - power(1.0 - start_share, patience_months / YEAR)
    return max(by_pace, realised)


def start_delay(draw: float, start_share: float, ever: float, patience_months: float) -> int | None:
    """Return months from signing to the start of construction, None for a project that never starts.

    ``draw`` is the project's uniform draw. Of those that start within a year most do so in the first months (the square
    of an even spread); the later ones are spread evenly over the months until projects lapse.
    """
    if draw >= ever:
        return None
    within = min(start_share, ever)
    if draw < within:
        return math.floor(YEAR * (draw / within) * (draw / within))
    return YEAR + math.floor((patience_months - YEAR) * (draw - within) / (ever - within))
