"""What a scenario may say of a policy of type ``training`` (培训、产业学院)."""

from __future__ import annotations

from typing import Annotated, Literal

from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, PersonsPerYear, Share, Terms, YuanPerPerson, at_least_one, term
from sim.units import centre

Skill = Literal["process", "quality", "r_and_d", "trade"]


@policy_type("training", name_zh="产业学院与培训")
class TrainingTerms(Terms):
    """Terms of an academy or a training programme."""

    dose = ("seats",)
    reach = "trained"
    carried_out = ("{share} of the training places were given", "培训名额落实{share}")
    parameters = ("training",)

    seats: PersonsPerYear = term("培训名额", "People trained in a year when every seat is taken")
    skills: Annotated[tuple[Skill, ...], at_least_one(Skill)] = term(
        "培训内容", "What is taught, seats in equal parts; all but trade also helps upgrades to succeed"
    )
    cost: YuanPerPerson = term("人均培训费用", "Teachers, rooms and materials for one person")
    tuition_subsidy: Share = term("学费补贴", "Share of the cost that public money pays; firms pay the rest")

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return a month of the subsidy for every seat, as long as the policy is in force."""
        yearly = centre(self.seats) * centre(self.cost) * centre(self.tuition_subsidy)
        return yearly / 12.0 if outlook.in_force(month) else 0.0
