"""What a scenario may say of a policy of type ``digital_platform`` (数字化平台)."""

from __future__ import annotations

from typing import Literal

from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, Share, Terms, Yuan, YuanPerFirm, YuanPerYear, term
from sim.units import centre

Service = Literal["shared_research", "technical_services", "purchasing", "transactions", "logistics", "finance"]


@policy_type("digital_platform", name_zh="数字化平台")
class DigitalPlatformTerms(Terms):
    """Terms of a digital platform."""

    dose = ("services", "set_up_cost", "run_cost")
    reach = "platform_members"
    carried_out = (
        "{share} of building, running and joining was paid for (it opens once its building is paid for in full)",
        "建设、运营和入驻补贴支付{share}（建设费付清后才开通）",
    )
    parameters = ("platform", "fair")

    services: tuple[Service, ...] = term(
        "服务内容", "What it offers: shared research, technical services, purchasing, transactions, logistics, finance"
    )
    set_up_cost: Yuan = term("建设投资", "Cost of building it, paid before it opens")
    run_cost: YuanPerYear = term("运营费用", "Cost of staff, servers and upkeep")
    joining_cost: YuanPerFirm = term("入驻成本", "What joining costs a firm once: connection, staff, data")
    joining_subsidy: Share = term(
        "入驻补贴", "Share of the joining cost that public money pays; left out: none", default=0.0
    )

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return what building costs when it starts, and a month of running it; who will join is not known."""
        if not outlook.in_force(month):
            return 0.0
        return centre(self.run_cost) / 12.0 + (centre(self.set_up_cost) if month == outlook.start else 0.0)
