"""What a scenario may say of a policy of type ``testing_lab`` (共享检测中心)."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from sim.observables import Observable
from sim.policies.registry import policy_type
from sim.policies.terms import Outlook, Share, Terms, WholeNumber, YuanPerFirm, month_share, term
from sim.units import centre


class TestingLabParameters(NamedTuple):
    """What comes of a test of goods."""

    months: float
    pass_rate: float
    quality: float


@policy_type("testing_lab", name_zh="共享检测中心")
class TestingLabTerms(Terms):
    """Terms of a laboratory that firms share."""

    dose: ClassVar[tuple[str, ...]] = ("firms_per_year",)
    reach: ClassVar[str] = "goods_tested"
    carried_out: ClassVar[tuple[str, str]] = ("{share} of the tests were paid for", "检测经费落实{share}")
    own_parameters = TestingLabParameters
    observables: ClassVar[tuple[Observable, ...]] = (
        Observable("goods_tested", "firms with tested goods", "送检企业", "count", "sum", "none"),
        Observable("goods_passed", "firms with goods that passed", "检测合格企业", "count", "sum", "higher"),
    )

    firms_per_year: WholeNumber = term("年检测企业数", "Firms whose goods can be tested in a year")
    cost: YuanPerFirm = term("每户检测费用", "Cost of testing the goods of one firm")
    subsidy: Share = term("检测补贴", "Share of the cost that public money pays; left out: none", default=0.0)
    select: Literal["lottery", "above_scale_first"] = term(
        "遴选方式", "Who is served when more firms ask: by lot, or those above scale first"
    )

    def planned(self, month: int, outlook: Outlook) -> float:
        """Return the subsidy for all firms that can be served in the month, while it is in force."""
        firms = month_share(centre(self.firms_per_year), month % 12) if outlook.in_force(month) else 0
        return firms * centre(self.cost) * centre(self.subsidy)
