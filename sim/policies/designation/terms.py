"""What a scenario may say of a policy of type ``designation`` (认定)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sim.policies.registry import policy_type
from sim.policies.terms import (
    ADD_UP,
    Every,
    Honour,
    Outlook,
    Share,
    Table,
    Terms,
    Weight,
    WholeNumber,
    Years,
    Yuan,
    held_in,
    term,
)
from sim.units import centre

Criterion = Literal["output", "growth", "firms", "upgrades"]
OF_PLACES = ("output_at_least", "growth_at_least", "lead_industry_at_least")
OF_FIRMS = (
    "revenue_at_least", "revenue_growth_at_least", "years_at_least", "technology_gap_at_most", "leverage_at_most",
)  # fmt: skip


class Criteria(Table):
    """What applicants must show. A criterion that is left out is not asked for."""

    output_at_least: Yuan | None = term(
        "产值下限", "Places: makers' sales over the last twelve months; left out: any", default=None
    )
    growth_at_least: Share | None = term(
        "产值增速下限", "Places: growth of makers' sales over the last calendar year; left out: any", default=None
    )
    lead_industry_at_least: Share | None = term(
        "主导产业占比下限",
        "Places: part of the core product in the sales of local producers; left out: any",
        default=None,
    )
    revenue_at_least: Yuan | None = term(
        "营业收入下限", "Firms: revenue of the last twelve months; left out: any", default=None
    )
    revenue_growth_at_least: Share | None = term(
        "营业收入增速下限", "Firms: growth of that revenue over the year before; left out: any", default=None
    )
    years_at_least: Years | None = term("从业年限下限", "Firms: years in business; left out: any", default=None)
    technology_gap_at_most: Weight | None = term(
        "技术差距上限", "Firms: rungs below the frontier of techniques; left out: any", default=None
    )
    leverage_at_most: Share | None = term(
        "资产负债率上限", "Firms: loans over equipment and cash; left out: any", default=None
    )
    environmental_clean: bool = term(
        "环保合规",
        "Firms: only those not closed by an inspection in the last twelve months; left out: not asked",
        default=False,
    )


@policy_type("designation", name_zh="认定")
class DesignationTerms(Terms):
    """Terms of a designation of places or firms."""

    needs_payer = False
    dose = ("count", "count_total")
    reach = "designations"
    foresight = 12  # revenues are noted a year before a batch
    carried_out = ("{share} of the awards were paid", "奖励兑付{share}")

    level: Literal["city", "province", "nation"] = term("级别", "Level of government that designates")
    scope: Literal["places", "firms"] = term("对象", "What is designated; left out: places", default="places")
    count: WholeNumber | None = term(
        "本批数量", "Newly designated at a batch; one of count and count_total; left out: up to the total", default=None
    )
    count_total: WholeNumber | None = term(
        "累计数量",
        "Number designated at that level to be reached; one of count and count_total; left out: counted by batch",
        default=None,
    )
    select: Literal["listed", "score", "lottery"] = term(
        "遴选方式", "Those listed, without application; or applicants by score or by lot"
    )
    listed: tuple[str, ...] = term(
        "名单", "Places designated when listed, in order; left out: the policy's places in the order of their ids",
        default=(),
    )  # fmt: skip
    weights: Annotated[dict[Criterion, Weight], ADD_UP] = term(
        "评分权重",
        "Weights of the score; firms may be scored by output, growth and upgrades (nearness to the frontier); they add "
        "up to 1; left out: each of them counts the same",
        default={},
    )
    honour: Honour | None = term("称号", "Honour that firms receive; left out for places", default=None)
    award: Yuan = term(
        "奖励", "Public money for each place (to its county) or firm designated; left out: none", default=0.0
    )
    every: Every | None = term(
        "批次", "When further batches are chosen; left out: one batch in the first month", default=None
    )
    criteria: Criteria = term("认定条件", "What applicants must show; left out: nothing", default=Criteria())

    @property
    def spends(self) -> bool:
        """Whether an award is paid."""
        return float(getattr(self.award, "high", self.award)) > 0.0

    @property
    def receiver(self) -> str:
        """The county, which receives the award of its place."""
        return "county" if self.spends and self.scope == "places" else ""

    @model_validator(mode="after")
    def _keys_fit_together(self) -> Self:
        if (self.count is None) == (self.count_total is None):
            context = {"key": "count_total", "keys": '"count", "count_total"', "example": "count = 10"}
            raise PydanticCustomError("one_of", "count", context)
        for key, other in self._clashes():
            raise PydanticCustomError("not_together", "keys", {"key": key, "other": other})
        if self.scope == "firms" and self.honour is None:
            context = {"key": "honour", "keys": '"honour" ("little_giant", "srdi")', "example": 'honour = "srdi"'}
            raise PydanticCustomError("one_of", "honour", context)
        return self

    def _clashes(self) -> list[tuple[str, str]]:
        """Return keys that do not go with another: the key, and the other with its value."""
        of_firms = self.scope == "firms"
        here = f'scope = "{self.scope}"'
        found = [("select", here)] if of_firms and self.select == "listed" else []
        found += [("listed", f'select = "{self.select}"')] if self.listed and self.select != "listed" else []
        found += [("weights", f'select = "{self.select}"')] if self.weights and self.select != "score" else []
        found += [("weights.firms", here)] if of_firms and "firms" in self.weights else []
        found += [("honour", here)] if self.honour is not None and not of_firms else []
        foreign = OF_PLACES if of_firms else OF_FIRMS
        found += [(f"criteria.{key}", here) for key in foreign if getattr(self.criteria, key) is not None]
        if self.criteria.environmental_clean and not of_firms:
            found.append(("criteria.environmental_clean", here))
        return found

    def weights_in_use(self) -> dict[str, float]:
        """Return the weights of the score by criterion; equal when none are written, none without a score."""
        if self.select != "score":
            return {}
        names = ("output", "growth", "upgrades") if self.scope == "firms" else ("output", "growth", "firms", "upgrades")
        equal = dict.fromkeys(names, 1.0 / len(names))
        return {str(name): weight for name, weight in self.weights.items()} or equal

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return the awards of a batch."""
        batch = month == outlook.start if self.every is None else held_in(self.every, month, outlook.start)
        if not batch or not outlook.in_force(month):
            return 0.0
        total = centre(self.count_total or 0) if month == outlook.start else 0.0
        return centre(self.award) * (total if self.count is None else centre(self.count))

    @property
    def shared_among_places(self) -> Literal["", "equal", "size"]:
        """All places share one list, the larger ones more of it."""
        return "size"
