"""What a scenario may say of a policy of type ``trade_park`` (物流园与跨境电商园)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, Terms, WholeNumber, Yuan, YuanPerYear, term
from sim.units import centre


@policy_type("trade_park", name_zh="物流园与跨境电商园")
class TradeParkTerms(Terms):
    """Terms of a logistics park or a park for trade over the internet."""

    dose = ("plots", "build_cost")
    reach = "trade_park_tenants"
    carried_out = ("{plots} of {all} places for tenants were built", "{all}个入驻名额建成{plots}个")
    parameters = ("trade_park", "platform", "fair")

    kind: Literal["logistics", "e_commerce"] = term("类型", "Logistics, or trade over the internet")
    build_cost: Yuan = term("建设投资", "Cost of halls, yards and equipment, all places together")
    plots: WholeNumber = term("入驻名额", "Places for tenants; one firm takes one")
    rent: YuanPerYear = term("租金", "What a tenant pays the county a year for its place and the service")
    buyers: Literal["domestic", "foreign"] | None = term(
        "目标买家", "Buyers an e-commerce park aims at; left out: abroad, or none in a logistics park", default=None
    )

    @model_validator(mode="after")
    def _deliveries_aim_at_nobody(self) -> Self:
        """Refuse a logistics park that aims at buyers."""
        if self.kind == "logistics" and self.buyers is not None:
            raise PydanticCustomError("not_together", "keys", {"key": "buyers", "other": 'kind = "logistics"'})
        return self

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return what places cost that are added this month."""
        number, cost = self.to_build(month, month)
        if not outlook.in_force(month):
            return 0.0
        return max(number - (centre(outlook.terms_at(month - 1).plots) if month > outlook.start else 0.0), 0.0) * cost

    def to_build(self, first: int, last: int) -> tuple[float, float]:
        """Return the places for tenants and what one costs; all of them are built at once."""
        number = centre(self.plots)
        return number, centre(self.build_cost) / number if number else 0.0
