"""What a scenario may say of a policy of type ``cloud_drive`` (企业上云与数字化车间)."""

from __future__ import annotations

from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, Share, Terms, WholeNumber, term
from sim.units import centre


@policy_type("cloud_drive", name_zh="企业上云与数字化车间")
class CloudDriveTerms(Terms):
    """Terms of a drive to bring firms to the cloud; its months are those from start to end."""

    needs_payer = False
    dose = ("firms", "workshops")
    reach = "cloud_firms"
    carried_out = (
        "{share} of the subsidies on fees were paid, firms in the cloud bore the rest",
        "上云补贴兑付{share}，其余由企业承担",
    )
    parameters = ("cloud",)

    firms: WholeNumber = term("上云企业目标", "Makers the drive is to bring to the cloud")
    workshops: WholeNumber = term("数字化车间目标", "Digital workshops it is to count, among them makers above scale")
    fee_subsidy: Share = term(
        "上云补贴",
        "Share of the fee that public money pays while the drive lasts; left out: none",
        default=0.0,
    )

    @property
    def spends(self) -> bool:
        """Whether these terms spend public money: only a subsidy does."""
        return self.fee_subsidy != 0.0

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return a month of the subsidy for every firm the drive aims at, as long as the policy is in force."""
        yearly = centre(self.firms) * outlook.parameters["cloud.yearly_fee"] * centre(self.fee_subsidy)
        return yearly / 12.0 if outlook.in_force(month) else 0.0
