"""What a scenario may say of a policy of type ``cloud_drive`` (企业上云与数字化车间)."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.registry import policy_type
from sim.policies.terms import Share, Terms, WholeNumber, term


@policy_type("cloud_drive", name_zh="企业上云与数字化车间")
class CloudDriveTerms(Terms):
    """Terms of a drive to bring firms to the cloud; its months are those from start to end."""

    needs_payer: ClassVar[bool] = False
    dose: ClassVar[tuple[str, ...]] = ("firms", "workshops")
    reach: ClassVar[str] = "cloud_firms"
    parameters: ClassVar[tuple[str, ...]] = ("cloud",)

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
