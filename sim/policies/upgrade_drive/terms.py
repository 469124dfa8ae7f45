"""What a scenario may say of a policy of type ``upgrade_drive`` (企业升级行动)."""

from __future__ import annotations

from typing import Annotated, Literal

from sim.policies.registry import policy_type
from sim.policies.terms import Terms, WholeNumber, at_least_one, term

Focus = Literal["smart", "low_carbon", "equipment"]


@policy_type("upgrade_drive", name_zh="企业升级行动")
class UpgradeDriveTerms(Terms):
    """Terms of an organised upgrading of firms without published money."""

    needs_payer = False
    dose = ("firms",)
    reach = "firms_visited"
    parameters = ("drive",)
    plans_to_the_end = True

    firms: WholeNumber = term("走访企业数", "Makers that are visited, over all months of the drive")
    focus: Annotated[tuple[Focus, ...], at_least_one(Focus)] = term(
        "升级方向",
        "What the visits are about: smart lines are diagnosed before they are bought, low-carbon ones discharge less, "
        "equipment is pointed out",
    )
