"""What a scenario may say of a policy of type ``brand_design`` (品牌与工业设计)."""

from __future__ import annotations

from typing import Literal

from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, Share, Terms, WholeNumber, YuanPerFirm, YuanPerYear, month_share, term
from sim.units import centre


@policy_type("brand_design", name_zh="品牌与工业设计")
class BrandDesignTerms(Terms):
    """Terms of a design service and of a brand campaign."""

    dose = ("firms_per_year", "awards", "brand_campaign")
    reach = "design_services"
    carried_out = ("{share} of the designs and of the campaign went ahead", "设计服务和品牌推广完成{share}")
    parameters = ("design",)

    firms_per_year: WholeNumber = term("年服务企业数", "Firms that can begin a design in a year")
    cost_per_firm: YuanPerFirm = term("每户设计费用", "Cost of one design: designers, tools and samples")
    subsidy: Share = term("设计补贴", "Share of the cost of a design that public money pays; the firm pays the rest")
    select: Literal["lottery", "above_scale_first"] = term(
        "遴选方式", "Who is served when more firms ask: by lot, or those above scale first"
    )
    brand_campaign: YuanPerYear = term(
        "品牌推广经费", "Spent on making the place's brand known; left out: nothing", default=0.0
    )
    awards: WholeNumber = term(
        "年获奖数", "Design awards that goods of the programme win in a year; left out: none", default=0
    )

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return designs for all firms that can be served in the month, and a month of the campaign."""
        if not outlook.in_force(month):
            return 0.0
        firms = month_share(centre(self.firms_per_year), month % 12)
        return firms * centre(self.cost_per_firm) * centre(self.subsidy) + centre(self.brand_campaign) / 12.0
