"""The words of a printed basis: what a recipe makes of them, and which of them no recipe can follow.

English and Chinese, capital letters or not. Words that are not known change nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from sim.evidence.variables import GROWTH
from sim.observables import observable
from sim.reporting.reported_places import SETS

if TYPE_CHECKING:
    from sim.evidence import Fact

Words = tuple[str, str]
"""A reason in English and Chinese."""


@dataclass(frozen=True)
class Recipe:
    """What to take of a simulation for one figure.

    Attributes
    ----------
    observables
        Added up; all have the same unit. A stock beside a flow counts with its rise over the period.
    growth
        ``none``, ``nominal`` (over the same months a year earlier, everybody in the count then and now) or
        ``same scope`` (only firms in the count a year earlier).
    source
        ``monthly``, or ``above scale``: makers above the cut, from the yearly size classes.
    back
        Months before the first one of the period that are taken in as well.
    across
        Several places: ``total``, or ``mean`` of the places' values, each counting the same.
    bound
        The figure's bound, or a weaker one where the model measures a part of what was counted.
    en, zh
        What is taken, in words.
    assumed, assumed_zh
        What has to be assumed for it; empty when nothing.
    """

    observables: tuple[str, ...]
    growth: Literal["none", "nominal", "same scope"]
    source: Literal["monthly", "above scale"]
    back: int
    across: Literal["total", "mean"]
    bound: str
    en: str
    zh: str
    assumed: str = ""
    assumed_zh: str = ""

    @property
    def main(self) -> str:
        """The observable that names unit, aggregate and scope."""
        return self.observables[0]

    @property
    def rises(self) -> tuple[str, ...]:
        """Stocks added to a flow: of these the rise over the period is taken."""
        if observable(self.main).aggregate != "sum":
            return ()
        return tuple(name for name in self.observables if observable(name).aggregate == "last")


YEAR: Final = 12
YEARLY_EVENTS: Final = "fair_"
"""How the names begin of what happens in one month of a year: that month's figure is the year's."""


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


ONE_FIRM: Final = _pattern(
    r"\b(one|single) ([\w-]+ )?(firm|company|enterprise)\b|\b(listed|leading) (company|enterprise|firm)\b"
    r"|龙头企业|上市公司"
)
OF_FIRMS: Final = frozenset({"overseas_dealers", "foreign_outlets", "honoured_firms", "little_giants"})
"""Variables that an institution holds for a leading firm, or gives to leading firms: such words say nothing of them."""
CHAIN: Final = _pattern(r"industry chain|related industries|(whole|full|industrial) chain|产业链")
SMALL_COUNT: Final = _pattern(r"above[- ](designated|scale)|规模以上|规上")
MAKERS_ONLY: Final = _pattern(
    r"processing enterprises|manufacturers|makers of the core product|(production|manufacturing) enterprises|producers"
    r"|生产企业|加工企业"
)
FIXED_PRICES: Final = _pattern(r"(constant|comparable|base-year) prices|可比价|不变价")
SAME_FIRMS: Final = _pattern(r"same[- ]scope|same firms|comparable scope|同口径")
PLAIN_MEAN: Final = _pattern(r"average of \w+ (towns|places|clusters)")
A_PART: Final = _pattern(r"\bof which\b|其中")
SOME_PLACES: Final = _pattern(
    r"\b(\d+|ten|twenty|thirty|fifty) (?:key|provincial) (?:clusters|towns)\b"
    r"|(\d+)个(?:重点|省级)(?:特色)?(?:产业集群|集群|专业镇)"
)
IN_WORDS: Final = {"ten": 10, "twenty": 20, "thirty": 30, "fifty": 50}
CUMULATIVE: Final = _pattern(r"\bcumulative|\byear[- ]to[- ]date\b|\bytd\b|累计")
ANNUAL: Final = _pattern(
    r"\bannual|\byearly\b|\b(a|per|each|full|whole) year\b(?! (earlier|ago|before|on))|全年|年度|每年|年产值"
)
ANNUAL_GROWTH: Final = _pattern(r"\b(full|whole)[- ]year\b|全年|年产值")
"""Growth of a month may be called annual too, being over a year."""
SAME_FIRMS_OF: Final = frozenset({"output_value", "operating_revenue"})
"""Variables whose growth may be taken to be that of makers' output, of the firms counted a year earlier."""
COUNTED_ABOVE_SCALE: Final = frozenset({"above_scale_firms", "fair_exhibitors"})


OTHER_COUNTS: Final = (
    ("businesses", SMALL_COUNT, "above_scale_firms"),
    ("businesses", MAKERS_ONLY, "makers"),
    ("employment", MAKERS_ONLY, "employment_makers"),
    ("output_value", CHAIN, "operating_revenue"),
    ("output_value", FIXED_PRICES, "output_real"),
)
"""Observables with words of a basis that another observable counts; of several the first."""


def months_of(fact: Fact) -> int:
    """Return the number of months a figure is dated with."""
    return fact.period_end - fact.period_start + 1


def since_january(fact: Fact) -> int | None:
    """Return the months from January to that of a figure dated with one month, when it is called cumulative."""
    named = months_of(fact) == 1 and CUMULATIVE.search(fact.basis) is not None
    return fact.period_end % YEAR if named else None


def year_not_stated(fact: Fact) -> bool:
    """Whether a figure dated with one month is said to be of a year: which one is not known."""
    words = ANNUAL_GROWTH if fact.kind == "growth" else ANNUAL
    return months_of(fact) == 1 and words.search(fact.basis) is not None


def part_alone(fact: Fact) -> Words | None:
    """Return why a figure is of a part of what is counted, when its basis says so."""
    if A_PART.search(fact.basis):
        return "a part of a count ('of which'), and which part is not asked", "仅为其中一部分，无法对应"
    some = SOME_PLACES.search(fact.basis)
    if some is None or fact.place not in SETS:
        return None
    told = (some[1] or some[2]).casefold()
    number, meant = IN_WORDS.get(told) or int(told), SETS[fact.place]
    if number == (meant.first or meant.whole):
        return None
    return f"of {number} places, not of {meant.name}", f"仅含{number}个地区，不是{meant.name_zh}"


def by_basis(recipe: Recipe, fact: Fact) -> Recipe:
    """Adapt a recipe to the printed basis: whose figures, at which prices, of which firms."""
    basis = fact.basis
    if recipe.growth == "nominal" and fact.variable.removesuffix(GROWTH) in SAME_FIRMS_OF and SAME_FIRMS.search(basis):
        recipe = replace(
            recipe,
            growth="same scope",
            en="output of makers that were above 20 million yuan a year earlier",
            zh="上年营业收入2000万元以上的生产企业产值",
            assumed="firms that closed leave both years; makers alone",
            assumed_zh="已关闭企业两年均不计；只含生产企业",
        )
    if PLAIN_MEAN.search(basis):
        recipe = replace(
            recipe,
            across="mean",
            assumed="every place counts the same: the weighting is not stated",
            assumed_zh="各地等权平均：原文未说明权重",
        )
    if recipe.main == "output_value" and recipe.growth == "none" and SMALL_COUNT.search(basis):
        return replace(
            recipe,
            source="above scale",
            en="output of makers with at least 20 million yuan a year (calendar years)",
            zh="年营业收入2000万元及以上生产企业的产值（日历年）",
        )
    for main, words, other in OTHER_COUNTS:
        if recipe.main == main and words.search(basis):
            item = observable(other)
            return replace(recipe, observables=(other,), en=f"{item.label} ({item.basis})", zh=item.label_zh)
    if recipe.main == "fair_exhibitors" and SMALL_COUNT.search(basis):
        return replace(
            recipe,
            assumed="all exhibitors: they are above scale where the fair's terms admit no others",
            assumed_zh="全部参展企业：仅当展会条款只接纳规上企业时口径一致",
        )
    return recipe


def not_followed(recipe: Recipe, fact: Fact) -> Words | None:
    """Return why a finished recipe does not count what the basis says, for firms or prices it leaves out of account."""
    basis, item = fact.basis, observable(recipe.main)
    same_firms = recipe.growth == "same scope"
    if SMALL_COUNT.search(basis) and not (
        same_firms or recipe.source == "above scale" or recipe.main in COUNTED_ABOVE_SCALE
    ):
        return (
            f"of above-scale firms alone: {item.label} is measured of all firms together",
            f"仅统计规上企业，而模型的{item.label_zh}含全部企业",
        )
    if FIXED_PRICES.search(basis) and (same_firms or recipe.main != "output_real"):
        return (
            f"at comparable prices: {item.label} is not measured at the prices of another year",
            f"按可比价计算，模型的{item.label_zh}无可比价口径",
        )
    if SAME_FIRMS.search(basis) and recipe.growth == "nominal":
        return (
            f"of the same firms in both years: {item.label} is measured of all firms together",
            f"同口径增速，而模型的{item.label_zh}含全部企业",
        )
    return None
