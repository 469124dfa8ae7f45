"""Industrial park (产业园): plots in phases, shared treatment, admission."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sim.policies.acting import Institution
from sim.policies.terms import (
    ADD_UP,
    Month,
    Share,
    SquareMetres,
    Table,
    Terms,
    TonnesPerDay,
    Weight,
    WholeNumber,
    Yuan,
    YuanPerSquareMetreMonth,
    YuanPerTonne,
    acts_for,
    need_weights,
    policy_type,
    term,
)

ParkCriterion = Literal["output_per_mu", "tax_per_mu", "emissions"]


class Phase(Table):
    """Plots that open together."""

    opens: Month = term("投用月份", "First month in which tenants can move in")
    plots: WholeNumber = term("地块数", "Plots of this phase")


class Treatment(Table):
    """Central treatment (集中治污)."""

    what: str = term("处理对象", "What is treated, in words")
    capacity: TonnesPerDay = term("处理能力", "What the plant can treat in a day")
    removes: Share = term("去除率", "Share of the treated discharge that is removed")
    fee: YuanPerTonne = term("处理收费", "What a tenant pays for each tonne treated")


class Admission(Table):
    """Who gets a plot."""

    rule: Literal["first_come", "score", "lottery"] = term("准入方式", "How tenants are chosen when plots are short")
    weights: Annotated[dict[ParkCriterion, Weight], ADD_UP] = term(
        "评分权重", "Weights of the score; they add up to 1; left out for every rule but score", default={}
    )
    must_close_old_site: bool = term("退出原址", "Whether a tenant must close its old site")

    @model_validator(mode="after")
    def _weights_fit_the_rule(self) -> Self:
        need_weights(self, frozenset({"score"}))
        return self


@policy_type("park", name_zh="产业园")
class ParkTerms(Terms):
    """Terms of an industrial park."""

    dose: ClassVar[tuple[str, ...]] = ("plots", "phases.plots", "build_cost", "treatment.capacity")
    reach: ClassVar[str] = "park_plots_used"

    build_cost: Yuan = term("建设投资", "Cost of land, roads, halls and treatment, all phases together")
    plots: WholeNumber = term("地块总数", "Plots of all phases together")
    plot_area: SquareMetres = term("单块面积", "Area of one plot")
    rent: YuanPerSquareMetreMonth = term("租金", "Rent a tenant pays to the county")
    phases: tuple[Phase, ...] = term("分期", "Phases in order of opening; their plots add up to plots")
    treatment: Treatment | None = term("集中治污", "Central treatment; left out: the park has none", default=None)
    admission: Admission = term("入园办法", "Who gets a plot")

    @model_validator(mode="after")
    def _phases_add_up(self) -> Self:
        """Phases hold all plots, once (plots of a phase and in all may be uncertain only together, so not at all)."""
        counts = [phase.plots for phase in self.phases]
        if not all(isinstance(count, int) for count in (*counts, self.plots)):
            raise PydanticCustomError("plots_uncertain", "plots cannot be uncertain", {})
        if sum(counts) != self.plots:
            parts = " + ".join(str(count) for count in counts) or "0"
            raise PydanticCustomError(
                "phases_sum",
                "phases: {parts} = {total}, plots {plots}",
                {"parts": parts, "total": sum(counts), "plots": self.plots},
            )
        return self


@acts_for("park")
class IndustrialPark(Institution):
    """Plots open in phases; firms that would gain ask for one; the county builds and collects rent."""

    def start(self) -> None:
        """Let the park have its usual tenants when the run begins."""
        self.added_plots = 0.0
        self.paid_share: dict[int, float] = {}
        terms: ParkTerms = self.terms  # type: ignore[assignment]
        if self.in_force and terms.plots > 0:
            from sim.policies import tenancy

            tenancy.publish(self.state, self.position, self.place, terms, self._open_plots(terms))
            tenancy.settle_first_tenants(self.state, self.position, self.place)

    def act(self) -> None:
        """Build what opens, publish terms, admit tenants, and add plots when the park is full."""
        from sim.policies import tenancy

        terms: ParkTerms = self.terms  # type: ignore[assignment]
        if terms.plots == 0:
            return
        self._build(terms)
        open_plots = self._open_plots(terms)
        tenancy.publish(self.state, self.position, self.place, terms, open_plots)
        queue = tenancy.admit(self.state, self.position, self.place, terms, self.policy_key)
        self._expand(terms, open_plots, queue)

    def close(self) -> None:
        """Let tenants go: they stay where they are, outside any park."""
        from sim.policies import tenancy

        tenancy.release(self.state, self.position)

    def _open_plots(self, terms: ParkTerms) -> float:
        """Return plots open this month; while the start settles, those open just before the run."""
        month = max(self.state.month, self.model.first_month - 1)
        planned = math.fsum(
            phase.plots * self.paid_share.get(number, 1.0)
            for number, phase in enumerate(terms.phases)
            if phase.opens <= month
        )
        return planned + self.added_plots

    def _build(self, terms: ParkTerms) -> None:
        """Pay for phases that open this month; a phase that cannot be paid in full opens in part."""
        if self.state.month < self.model.first_month:
            return
        for number, phase in enumerate(terms.phases):
            if phase.opens == self.state.month and phase.plots > 0:
                self.paid_share[number] = self._pay(terms.build_cost * phase.plots / terms.plots)

    def _expand(self, terms: ParkTerms, open_plots: float, queue: float) -> None:
        """Add plots when the park is full, firms wait, and the county can pay for them."""
        from sim.agents.governments import available

        settings = self.state.parameters.government
        planned = [phase for phase in terms.phases if phase.opens > self.state.month]
        plots = settings.park_expansion_share * terms.plots
        used = self.model.plots_used(self.position)
        if planned or queue <= 0.0 or used < settings.park_expansion_occupancy * open_plots:
            return
        cost = terms.build_cost / terms.plots * plots
        if self.state.month >= self.model.first_month and available(self.model, self.policy.payer, self.place) >= cost:
            self._pay(cost)
            self.added_plots += plots

    def _pay(self, cost: float) -> float:
        """Pay for construction; return the share that could be paid."""
        from sim.agents.governments import pay
        from sim.state.ledger import REST_OF_WORLD

        if cost <= 0.0:
            return 1.0
        return pay(self.model, self.position, self.policy.payer, self.place, cost, REST_OF_WORLD, "park construction")
