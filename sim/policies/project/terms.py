"""What a scenario may say of a policy of type ``project`` (招商项目)."""

from __future__ import annotations

from typing import Annotated, Literal

from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, Quantity, Share, Terms, WholeNumber, Yuan, term
from sim.units import centre

BuildMonths = Annotated[int, Quantity("months", minimum=1)]


@policy_type("project", name_zh="招商项目")
class ProjectTerms(Terms):
    """Terms of a list of investment projects."""

    needs_payer = False
    dose = ("projects", "value", "jobs")
    reach = "projects_realised"
    carried_out = (
        "the plants were built to {share} of their public money",
        "项目财政资金到位{share}，厂房设备按此建设",
    )
    parameters = ("project", "fair")
    plans_to_the_end = True

    projects: WholeNumber = term("项目数", "Projects signed, from the first to the last month of the policy")
    value: Yuan = term("签约金额", "Announced value of all of them together; signed, not arrived")
    money: Literal["private", "public"] = term(
        "资金性质", "Whose money builds the plants; left out: private", default="private"
    )
    realised: Share | None = term(
        "资金到位率",
        "Share of the value that ever arrives; left out: the usual share (project.realised_share)",
        default=None,
    )
    start_share: Share | None = term(
        "一年内开工率",
        "Share of the projects that start within a year of signing; left out: the usual share (project.start_share)",
        default=None,
    )
    build_months: BuildMonths = term("建设月数", "Months from the start of construction to operation, on average")
    in_park: bool = term(
        "入园", "Whether plants take plots of a park of their place as far as there are; left out: not", default=False
    )
    tier: Literal["maker", "supplier", "trader"] = term(
        "企业类别", "What the plants are; left out: makers of the core product", default="maker"
    )
    lead: bool = term("龙头企业", "Whether the plants are lead firms; left out: not", default=False)
    local_share: Share | None = term(
        "本地配套率",
        "Part of their materials and services that the plants buy from the place's suppliers; left out: as others do",
        default=None,
    )
    jobs: WholeNumber | None = term(
        "报道就业人数", "Jobs that were announced, to compare with; nothing follows from it; left out: none announced",
        default=None,
    )  # fmt: skip

    @property
    def spends(self) -> bool:
        """Whether public money builds the plants."""
        return self.money == "public"

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return public money for the plants, spread evenly from the first signing to the end of building."""
        signed = 1 if outlook.planned_end is None else outlook.planned_end - outlook.start + 1
        months = signed + centre(self.build_months)
        if self.money != "public" or not outlook.start <= month < outlook.start + months:
            return 0.0
        usual = outlook.parameters["project.realised_share"]
        return centre(self.value) * (usual if self.realised is None else centre(self.realised)) / months

    @property
    def shared_among_places(self) -> Literal["", "equal", "size"]:
        """All places share one list, the larger ones more of it."""
        return "size"
