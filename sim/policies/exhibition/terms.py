"""What a scenario may say of a policy of type ``exhibition`` (境外参展)."""

from __future__ import annotations

from sim.policies.registry import policy_type
from sim.policies.terms import Every, Outlook, Share, Terms, WholeNumber, held_in, term
from sim.units import centre


@policy_type("exhibition", name_zh="境外参展")
class ExhibitionTerms(Terms):
    """Terms of organised stands at fairs abroad."""

    dose = ("firms_sent",)
    reach = "exhibition_contacts"
    carried_out = ("{share} of the firms' stands could be paid for", "组织参展的展位落实{share}")
    parameters = ("fair",)

    every: Every = term("参展时间", "When firms are sent")
    firms_sent: WholeNumber = term("组织企业数", "Firms sent each time")
    stand_subsidy: Share = term("展位补贴", "Share of a firm's cost of the stand and travel that public money pays")
    countries: WholeNumber = term("目的国家数", "Countries visited each time")

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return the subsidy for all the firms sent, in the exhibition's month."""
        if not outlook.in_force(month) or not held_in(self.every, month, outlook.start):
            return 0.0
        return centre(self.firms_sent) * outlook.parameters["fair.stand_cost_abroad"] * centre(self.stand_subsidy)
