"""What a scenario may say of a policy of type ``park`` (产业园)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sim.policies.registry import policy_type
from sim.policies.terms import (
    ADD_UP,
    Month,
    Outlook,
    Share,
    SquareMetres,
    Table,
    Terms,
    TonnesPerDay,
    Weight,
    Weighted,
    WholeNumber,
    Yuan,
    YuanPerSquareMetreMonth,
    YuanPerTonne,
    term,
)
from sim.units import centre

ParkCriterion = Literal["output_per_mu", "tax_per_mu", "emissions"]

USUALLY_TAKEN = 0.7
"""Part of the plots of an older park that tenants rent."""


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


class Admission(Weighted):
    """Who gets a plot."""

    rule: Literal["first_come", "score", "lottery"] = term("准入方式", "How tenants are chosen when plots are short")
    weights: Annotated[dict[ParkCriterion, Weight], ADD_UP] = term(
        "评分权重", "Weights of the score; they add up to 1; left out for every rule but score", default={}
    )
    must_close_old_site: bool = term("退出原址", "Whether a tenant must close its old site")


@policy_type("park", name_zh="产业园")
class ParkTerms(Terms):
    """Terms of an industrial park."""

    parameters = ("park", "fair")

    dose = ("plots", "phases.plots", "build_cost", "treatment.capacity")
    reach = "park_plots_used"
    one_place = True
    carried_out = ("{plots} of {all} plots were opened", "{all}块地开放了{plots}块")

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
            raise PydanticCustomError(
                "not_uncertain", "plots", {"at": "plots", "key": "plots", "example": "plots = 380"}
            )
        if sum(counts) != self.plots:
            parts = " + ".join(str(count) for count in counts) or "0"
            raise PydanticCustomError(
                "phases_sum",
                "phases: {parts} = {total}, plots {plots}",
                {"at": "phases", "parts": parts, "total": sum(counts), "plots": self.plots},
            )
        return self

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return what the phases that open this month cost."""
        plots, _ = self.to_build(month, month)
        return plots * self.plot_cost(outlook.parameters["park.land_price"]) if outlook.in_force(month) else 0.0

    def plot_cost(self, land_price: float) -> float:
        """Return what a plot costs in yuan: its part of the building cost, or its land where that is more."""
        built = centre(self.build_cost) / self.plots if self.plots else 0.0
        return max(built, centre(self.plot_area) * land_price)

    def to_build(self, first: int, last: int) -> tuple[float, float]:
        """Return the plots that are to open in these months and what one costs; a phase costs its part of them."""
        plots = float(sum(phase.plots for phase in self.phases if first <= phase.opens <= last))
        return plots, centre(self.build_cost) / self.plots if self.plots else 0.0

    def rent_before(self, month: int) -> float:
        """Return the rent a year of the plots opened before a month, as many of them as are usually taken."""
        plots = sum(phase.plots for phase in self.phases if phase.opens < month)
        return USUALLY_TAKEN * plots * centre(self.plot_area) * centre(self.rent) * 12.0
