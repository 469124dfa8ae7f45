"""Industrial park (产业园): plots in phases, shared treatment, admission."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.agents.governments import Plan
from sim.policies.acting import Institution
from sim.policies.park import tenancy
from sim.policies.park.terms import ParkTerms
from sim.state.ledger import REST_OF_WORLD


class IndustrialPark(Institution[ParkTerms]):
    """Plots open in phases; firms that would gain ask for one; the county builds and collects rent."""

    def start(self) -> None:
        """Let the park have its usual tenants when the run begins."""
        self.added_plots = 0.0
        self.paid_share: dict[int, float] = {}
        terms = self.terms
        if self.in_force and terms.plots > 0:
            tenancy.publish(self.state, self.position, self.place, terms, self._open_plots(terms))
            tenancy.settle_first_tenants(self.state, self.position, self.place)

    def plans(self) -> Iterable[Plan]:
        """Plan the phases that open this month; those of the burn-in are there already."""
        return [] if self.state.settling else super().plans()

    def act(self) -> None:
        """Build what opens, publish terms, admit tenants, and add plots when the park is full."""
        terms = self.terms
        if terms.plots == 0:
            return
        self._build(terms)
        open_plots = self._open_plots(terms)
        tenancy.publish(self.state, self.position, self.place, terms, open_plots)
        rows, cost, queue = tenancy.admit(self.state, self.position, self.place, terms, self.policy_key)
        self.charge(rows, cost, REST_OF_WORLD, "moving")
        self._expand(terms, open_plots, queue)

    def close(self) -> None:
        """Let tenants go: they stay where they are, outside any park."""
        tenancy.release(self.state, self.position)

    def _open_plots(self, terms: ParkTerms) -> float:
        """Return plots open this month; during the burn-in, those open just before the run."""
        month = max(self.state.month, self.state.first_month - 1)
        planned = math.fsum(
            phase.plots * self.paid_share.get(number, 1.0)
            for number, phase in enumerate(terms.phases)
            if phase.opens <= month
        )
        return planned + self.added_plots

    def _build(self, terms: ParkTerms) -> None:
        """Pay for phases that open this month; a phase that cannot be paid in full opens in part."""
        if self.state.settling:
            return
        for number, phase in enumerate(terms.phases):
            if phase.opens == self.state.month and phase.plots > 0:
                self.paid_share[number] = self._pay(terms.build_cost * phase.plots / terms.plots)

    def _expand(self, terms: ParkTerms, open_plots: float, queue: float) -> None:
        """Add plots when the park is full, firms wait, and the county can pay for them."""
        settings = self.state.parameters.government
        planned = [phase for phase in terms.phases if phase.opens > self.state.month]
        plots = settings.park_expansion_share * terms.plots
        used = tenancy.plots_used(self.state, self.position)
        if planned or queue <= 0.0 or used < settings.park_expansion_occupancy * open_plots:
            return
        cost = terms.build_cost / terms.plots * plots
        if not self.state.settling and self.available >= cost:
            self._pay(cost)
            self.added_plots += plots

    def _pay(self, cost: float) -> float:
        """Pay for construction; return the share that could be paid."""
        return 1.0 if cost <= 0.0 else self.pay(cost, REST_OF_WORLD, "park construction")
