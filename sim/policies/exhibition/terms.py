"""What a scenario may say of a policy of type ``exhibition`` (境外参展)."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.registry import policy_type
from sim.policies.rhythm import Every
from sim.policies.terms import Share, Terms, WholeNumber, term


@policy_type("exhibition", name_zh="境外参展")
class ExhibitionTerms(Terms):
    """Terms of organised stands at fairs abroad."""

    dose: ClassVar[tuple[str, ...]] = ("firms_sent",)
    reach: ClassVar[str] = "exhibition_contacts"
    parameters: ClassVar[tuple[str, ...]] = ("fair",)

    every: Every = term("参展时间", "When firms are sent")
    firms_sent: WholeNumber = term("组织企业数", "Firms sent each time")
    stand_subsidy: Share = term("展位补贴", "Share of a firm's cost of the stand and travel that public money pays")
    countries: WholeNumber = term("目的国家数", "Countries visited each time")
