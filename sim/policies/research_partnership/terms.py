"""What a scenario may say of a policy of type ``research_partnership`` (产学研合作)."""

from __future__ import annotations

from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, Share, Terms, WholeNumber, Yuan, month_share, term
from sim.units import centre


@policy_type("research_partnership", name_zh="产学研合作")
class ResearchPartnershipTerms(Terms):
    """Terms of a partnership with associations, institutes and universities."""

    dose = ("partners", "projects_per_year")
    reach = "research_projects"
    carried_out = ("{share} of the joint projects could begin", "合作项目启动{share}")
    parameters = ("research",)

    partners: WholeNumber = term("合作单位数", "Associations, institutes and universities that work with the place")
    projects_per_year: WholeNumber = term("年合作项目数", "Joint projects that can begin in a year")
    cost: Yuan = term("单个项目经费", "Cost of one joint project")
    firm_share: Share = term("企业出资比例", "Share of a project's cost that the firm pays; public money pays the rest")

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return public money for every project that can begin in the month, as long as the policy is in force."""
        projects = month_share(centre(self.projects_per_year), month % 12) if outlook.in_force(month) else 0
        return projects * centre(self.cost) * (1.0 - centre(self.firm_share))
