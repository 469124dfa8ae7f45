"""Industrial park (产业园): plots in phases, shared treatment, admission."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from sim.agents.governments import Plan
from sim.policies.acting import Institution
from sim.policies.park import relocation, tenancy
from sim.policies.park.terms import ParkTerms
from sim.state.columns import I8
from sim.state.ledger import REST_OF_WORLD


class IndustrialPark(Institution[ParkTerms]):
    """Plots open in phases; firms that would gain ask for one; the county builds and collects rent.

    Attributes
    ----------
    moved_here
        Rows of plants that moved in from other counties and are in business.
    """

    channels = frozenset({"contacts", "space"})

    def start(self) -> None:
        """Let the park have its usual tenants when the run begins."""
        self.moved_here: list[int] = []
        self.added_plots = 0.0
        self.paid_share: dict[int, float] = {}
        terms = self.terms
        if self.in_force and terms.plots > 0:
            tenancy.publish(self.state, self.position, self.place, terms, self._open_plots(terms))
            tenancy.settle_first_tenants(self.state, self.position, self.place, terms)

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
        if not self.acts_through("space"):  # nobody moves in: of the plots only those taken are there
            open_plots = min(open_plots, tenancy.plots_used(self.state, self.position))
        tenancy.publish(self.state, self.position, self.place, terms, open_plots)
        self._welcome()
        # Others take over the sites that tenants have left.
        self.state.parks.vacated[self.position] *= 1.0 - 1.0 / (12.0 * self.state.parameters.park.reuse_years)
        rows, cost, queue = tenancy.admit(self.state, self.position, self.place, terms, self.policy_key)
        self.charge(rows, cost, REST_OF_WORLD, "moving")
        if not self.state.settling:
            self.state.openings += relocation.attract(self.state, self.position, self.place, terms, self.policy_key)
        if self.acts_through("space"):
            self._expand(terms, open_plots, queue)

    def wind_up(self) -> None:
        """Count what came from other counties."""
        state, rows = self.state, np.array(self.moved_here, dtype=np.int64)
        self.count("jobs_relocated", state.total(state.firms.workers[rows], rows))
        self.count("sales_relocated", state.total(state.firms.sales[rows], rows))

    def forget(self, rows: I8) -> None:
        """Drop plants from elsewhere that have closed."""
        self.moved_here = [row for row in self.moved_here if row not in rows]

    def _welcome(self) -> None:
        """Let plants from elsewhere that opened this month move in."""
        arrived = relocation.welcome(self.state, self.position, self.policy_key)
        self.moved_here += arrived
        self.count("relocations", float(len(arrived)))

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
                self.paid_share[number] = self._pay(phase.plots * self._plot_cost(terms))

    def _expand(self, terms: ParkTerms, open_plots: float, queue: float) -> None:
        """Add plots when the park is full, firms wait that would fill them, and the county can pay for them.

        ``queue`` is the plots that waiting firms would take.
        """
        settings = self.state.parameters.government
        planned = [phase for phase in terms.phases if phase.opens > self.state.month]
        plots = settings.park_expansion_share * terms.plots
        used = tenancy.plots_used(self.state, self.position)
        if planned or queue <= 0.0 or queue < plots or used < settings.park_expansion_occupancy * open_plots:
            return
        cost = plots * self._plot_cost(terms)
        if not self.state.settling and self.available >= cost:
            self._pay(cost)
            self.added_plots += plots

    def _plot_cost(self, terms: ParkTerms) -> float:
        return terms.plot_cost(self.state.parameters.park.land_price)

    def _pay(self, cost: float) -> float:
        """Pay for construction; return the share that could be paid."""
        return 1.0 if cost <= 0.0 else self.pay(cost, REST_OF_WORLD, "park construction")
