"""What a scenario may say of a policy of type ``fund`` (专项资金)."""

from __future__ import annotations

from typing import Annotated, Literal

from sim.policies.registry import policy_type
from sim.policies.terms import (
    ADD_UP,
    Honour,
    MonthNumber,
    Months,
    Outlook,
    Share,
    Table,
    Terms,
    Weight,
    Weighted,
    Yuan,
    YuanPerYear,
    at_least_one,
    term,
)
from sim.units import centre

FundCriterion = Literal["expected_jobs", "energy_saving", "automation", "in_park"]
PlaceCriterion = Literal["upgrade_investment", "output_growth", "firms"]
SizeClass = Literal["micro", "small", "medium", "large"]
CallMonth = Literal[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]


class Payment(Table):
    """When an award is paid."""

    when: Literal["on_award", "after_acceptance"] = term(
        "拨付方式", "Paid when awarded, or after the equipment has been accepted (事后奖补)"
    )
    lag_months: Months = term("拨付滞后月数", "Months from the award or the acceptance until the money arrives")


class Eligible(Table):
    """Who may apply. A condition that is left out is not asked for."""

    revenue_at_least: Yuan = term("营业收入下限", "Revenue of the last twelve months; left out: any", default=0.0)
    project_at_least: Yuan = term("项目投资下限", "Smallest eligible project; left out: any", default=0.0)
    in_park: Literal["any", "only", "preferred"] = term(
        "入园要求", "Whether a firm must be in a park, or goes first when it is; left out: any", default="any"
    )
    honours: tuple[Honour, ...] = term("资质要求", "Honours a firm must hold, all of them; left out: none", default=())
    environmental_clean: bool = term(
        "环保合规",
        "Only firms not closed by an inspection in the last twelve months; left out: not asked",
        default=False,
    )
    size: tuple[SizeClass, ...] = term(
        "企业规模", "Official size classes (工信部联企业〔2011〕300号) that may apply; left out: all", default=()
    )


class FundAllocation(Weighted):
    """How awards are chosen among eligible applications."""

    rule: Literal["first_come", "score", "proportional", "lottery", "equal"] = term("分配方式", "How awards are chosen")
    weights: Annotated[dict[FundCriterion, Weight], ADD_UP] = term(
        "评分权重", "Weights of the score; they add up to 1; left out for every rule but score", default={}
    )


class Across(Weighted):
    """First step of a fund for several places: from the payer to the places."""

    weighted_rules = frozenset({"factor", "score"})

    places: str = term(
        "分配范围", 'Place ids separated by commas, "all", the id of a designation, or "designated:" and a level'
    )
    rule: Literal["equal", "factor", "score", "output_share", "need"] = term("因素法", "How the budget is shared")
    weights: Annotated[dict[PlaceCriterion, Weight], ADD_UP] = term(
        "因素权重", "Weights of the factors; they add up to 1; left out for rules without weights", default={}
    )
    floor_per_place: YuanPerYear | None = term(
        "每地下限", "Least each place receives a year; left out: none", default=None
    )
    ceiling_per_place: Share | None = term(
        "每地上限", "Largest share of the budget for one place; left out: none", default=None
    )
    place_match: Share = term(
        "地方配套", "What the place adds, as a share of what it receives; left out: nothing", default=0.0
    )


@policy_type("fund", name_zh="专项资金")
class FundTerms(Terms):
    """Terms of a special fund."""

    dose = ("annual_budget", "across.floor_per_place")
    reach = "fund_granted"
    awards_grants = True
    carried_out = ("{share} of the grants that firms qualified for were paid", "符合条件的补助兑付{share}")

    annual_budget: YuanPerYear = term("年度预算", "Money that can be awarded in a calendar year")
    pays_for: Literal["equipment", "rnd", "digital", "loan_interest"] = term("支持方向", "Spending that is eligible")
    grant_share: Share = term("补助比例", "Grant as a share of eligible spending")
    cap_per_firm: Yuan = term("单户上限", "Largest grant to one firm in a year")
    firm_co_finance_at_least: Share = term("企业自筹比例", "Own money, not bank loans, as a share of the project")
    call_months: Annotated[tuple[MonthNumber, ...], at_least_one(CallMonth)] = term(
        "申报月份",
        "Months of the year with a call; left out: applications are taken every month",
        default=tuple(range(1, 13)),
    )
    paid: Payment = term("拨付", "When an award is paid")
    unspent: Literal["carry_over", "return"] = term(
        "结余处理", "What happens to money not awarded by the end of the year"
    )
    eligible: Eligible = term("申报条件", "Who may apply")
    allocation: FundAllocation = term("分配办法", "How awards are chosen")
    across: Across | None = term("跨地分配", "Sharing among several places; left out: one place", default=None)

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return a year's budget in the month in which the awards of its first call are paid."""
        later = round(outlook.parameters["government.acceptance_months"]) if self.paid.when != "on_award" else 0
        call = month - self.paid.lag_months - later
        opened = max(outlook.start, call - call % 12)
        calls = [one for one in range(opened, opened - opened % 12 + 12) if one % 12 + 1 in self.call_months]
        if not outlook.in_force(call) or call < outlook.first or call != min(calls, default=-1):
            return 0.0
        return centre(outlook.terms_at(call).annual_budget) * (12 - opened % 12) / 12.0

    @property
    def shared_among_places(self) -> Literal["", "equal", "size"]:
        """Places share one budget when there is a first step; else each has its own."""
        if self.across is None:
            return ""
        return "equal" if self.across.rule == "equal" else "size"
