"""What a scenario may say of a policy of type ``research_partnership`` (产学研合作)."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.registry import policy_type
from sim.policies.terms import Share, Terms, WholeNumber, Yuan, term


@policy_type("research_partnership", name_zh="产学研合作")
class ResearchPartnershipTerms(Terms):
    """Terms of a partnership with associations, institutes and universities."""

    dose: ClassVar[tuple[str, ...]] = ("partners", "projects_per_year")
    reach: ClassVar[str] = "research_projects"
    parameters: ClassVar[tuple[str, ...]] = ("research",)

    partners: WholeNumber = term("合作单位数", "Associations, institutes and universities that work with the place")
    projects_per_year: WholeNumber = term("年合作项目数", "Joint projects that can begin in a year")
    cost: Yuan = term("单个项目经费", "Cost of one joint project")
    firm_share: Share = term("企业出资比例", "Share of a project's cost that the firm pays; public money pays the rest")
