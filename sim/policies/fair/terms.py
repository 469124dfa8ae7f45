"""What a scenario may say of a policy of type ``fair`` (展会、采购会)."""

from __future__ import annotations

from typing import Literal

from sim.policies.registry import policy_type
from sim.policies.terms import Every, Outlook, Share, Terms, WholeNumber, Yuan, YuanPerBuyer, YuanPerYear, held_in, term
from sim.units import centre

INVITATION = ("invitation_cost_share", "domestic_attendance_cost", "foreign_attendance_cost")
"""Parameters of fairs (``calibration/priors.toml``) that say what an invitation costs."""


@policy_type("fair", name_zh="展会")
class FairTerms(Terms):
    """Terms of a trade fair in the county."""

    dose = ("booths", "domestic_buyers_invited", "foreign_buyers_invited", "organising_cost")
    reach = "fair_contacts"
    carried_out = ("the fairs were held at {share} of their planned size", "展会按计划规模的{share}举办")
    parameters = ("fair",)

    every: Every = term("举办时间", "When it is held; the first is the first such month in force")
    booths: WholeNumber = term("展位数", "Booths on offer at one fair")
    exhibitors: Literal["any", "above_scale", "in_park", "honours:little_giant"] = term(
        "参展资格", "Which firms may exhibit"
    )
    booth_fee: Yuan = term("展位费", "Price of one booth at one fair, before subsidy")
    booth_subsidy: Share = term("展位补贴", "Share of the booth fee that public money pays")
    domestic_buyers_invited: WholeNumber = term("邀请国内采购商", "Domestic buyers invited to one fair")
    foreign_buyers_invited: WholeNumber = term("邀请国外采购商", "Foreign buyers invited to one fair")
    countries: WholeNumber = term("邀请国家数", "Countries the foreign buyers are invited from")
    travel_subsidy: YuanPerBuyer = term("差旅补贴", "Paid for each invited buyer who comes")
    organising_cost: YuanPerYear = term("办会费用", "Hall, staff and publicity, in a year with a fair")

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return the cost of a fair with every booth taken and every buyer who is invited, in its month."""
        if not outlook.in_force(month) or not held_in(self.every, month, outlook.start):
            return 0.0
        buyers = centre(self.domestic_buyers_invited) + centre(self.foreign_buyers_invited)
        booths = centre(self.booths) * centre(self.booth_fee) * centre(self.booth_subsidy)
        known = [outlook.parameters[f"fair.{name}"] for name in INVITATION]
        travel = centre(self.travel_subsidy) * buyers
        return centre(self.organising_cost) + booths + travel + self.invitations(*known)

    def invitations(self, share: float, at_home: float, abroad: float) -> float:
        """Return what inviting buyers costs, come or not: a share of what a visit ``at_home`` and ``abroad`` costs."""
        return share * (centre(self.domestic_buyers_invited) * at_home + centre(self.foreign_buyers_invited) * abroad)
