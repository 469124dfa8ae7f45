"""What a scenario may say of a policy of type ``dealer_network`` (经销网络)."""

from __future__ import annotations

from typing import Literal

from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, Share, Terms, WholeNumber, YuanPerYear, term
from sim.units import centre


@policy_type("dealer_network", name_zh="经销网络")
class DealerNetworkTerms(Terms):
    """Terms of a network of dealers and outlets."""

    needs_payer = False
    dose = ("dealers", "outlets")
    reach = "dealer_contacts"
    carried_out = ("{share} of the subsidised dealers and outlets were kept", "享受补贴的经销商和网点保留{share}")
    parameters = ("dealers", "fair")

    dealers: WholeNumber = term("经销商数", "Dealers who carry the firms' goods")
    outlets: WholeNumber = term("销售网点数", "Outlets that sell the firms' goods")
    countries: WholeNumber = term("覆盖国家数", "Countries covered, the nearest first; 0 is a network at home")
    firms: Literal["any", "above_scale", "lead", "honours:little_giant", "honours:srdi"] = term(
        "所属企业", "Which firms' network it is"
    )
    outlet_cost: YuanPerYear = term("网点费用", "What a dealer or an outlet costs the firms a year")
    subsidy: Share = term("网点补贴", "Share of that cost that public money pays; left out: none", default=0.0)

    @property
    def spends(self) -> bool:
        """Whether these terms spend public money: only a subsidy does."""
        return self.subsidy != 0.0

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return the subsidy of a month for dealers and outlets beyond those that were there before the run."""
        if not outlook.in_force(month):
            return 0.0
        before = outlook.terms_at(outlook.first - 1)
        there = centre(before.dealers) + centre(before.outlets) if outlook.start < outlook.first else 0.0
        number = max(centre(self.dealers) + centre(self.outlets) - there, 0.0)
        return number * centre(self.outlet_cost) * centre(self.subsidy) / 12.0
