"""How a reported figure is asked of a simulation: observables, months, growth, scope, and why some cannot be asked.

The words of a printed basis are read in English and Chinese, capital letters or not; words that are not known change
nothing. Nothing here looks at a run; ``sim.reporting.answers`` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from sim.evidence.variables import GROWTH, REPORTED, measured_by
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
        ``same scope`` (firms in the count now, against their own past).
    source
        ``monthly``, or ``above scale``: makers above the cut, from the yearly size classes. Its growth is that of the
        two counts: firms that passed the cut bring no history.
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


Why = Literal[
    "goal", "policy input", "input", "no observable", "one firm", "basis", "unit", "place", "months", "not recorded",
    "no policy",
]  # fmt: skip
"""Kinds of reasons why a figure is not used."""

WHY_WORDS: Final[dict[Why, tuple[str, str]]] = {
    "goal": ("aim", "目标"),
    "policy input": ("policy input", "政策输入"),
    "input": ("input", "模型输入"),
    "no observable": ("not measured", "模型未计量"),
    "one firm": ("one firm", "单个企业"),
    "basis": ("other count", "口径不同"),
    "unit": ("other unit", "计量单位不同"),
    "place": ("not simulated", "未推演该地区"),
    "months": ("outside the months", "超出推演月份"),
    "not recorded": ("not recorded", "未记录"),
    "no policy": ("no such policy", "方案无此政策"),
}


@dataclass(frozen=True)
class Refusal:
    """Why a figure cannot be asked of any simulation, in words."""

    why: Why
    en: str
    zh: str


def recipe_for(fact: Fact) -> Recipe | Refusal:
    """Return how a figure is asked of a simulation, or why it cannot be."""
    refusal = _refused(fact)
    if refusal is not None:
        return refusal
    growth = fact.variable.endswith(GROWTH)
    name = fact.variable.removesuffix(GROWTH)
    observables = measured_by(name)
    if not observables:
        return Refusal("no observable", "the model does not measure it", "模型没有对应指标")
    items = [observable(one) for one in observables]
    recipe = Recipe(
        observables,
        growth="nominal" if growth else "none",
        source="monthly",
        back=0,
        across="total",
        bound=fact.bound,
        en=" and ".join(f"{item.label} ({item.basis})" if item.basis else item.label for item in items),
        zh="与".join(item.label_zh for item in items),
    )
    asked = _from_january(by_basis(_by_variable(recipe, fact, name), fact), fact)
    if isinstance(asked, Refusal):
        return asked
    not_counted = not_followed(asked, fact)
    return _of_other_unit(asked, fact) or (Refusal("basis", *not_counted) if not_counted else asked)


def _of_other_unit(recipe: Recipe, fact: Fact) -> Refusal | None:
    """Return why the unit of a figure is not that of what is measured."""
    measured = observable(recipe.main)
    if recipe.growth != "none":
        if measured.unit in ("share", "index") or fact.unit_plain != "share":
            en = "growth is asked of amounts and counts, in percent"
            return Refusal("unit", en, "只对金额和数量指标计算同比，以百分比表示")
        return None
    whole_year = measured.aggregate == "sum" and months_of(fact) + recipe.back == YEAR
    if fact.unit_plain == measured.unit or (whole_year and fact.unit_plain == f"{measured.unit}/year"):
        return None
    return Refusal("unit", f"printed in {fact.unit}, measured in {measured.unit}", "公布单位与模型计量单位不同")


def _from_january(recipe: Recipe, fact: Fact) -> Recipe | Refusal:
    """Take in the months since January where a flow dated with one month is called cumulative."""
    if observable(recipe.main).aggregate != "sum" or fact.variable.startswith(YEARLY_EVENTS):
        return recipe
    if year_not_stated(fact):
        en = "of a year and dated with one month: the year is not stated"
        return Refusal("months", en, "为年度数而只注明一个月份，未说明是哪一年")
    since = since_january(fact)
    return recipe if since is None else replace(recipe, back=since)


def _refused(fact: Fact) -> Refusal | None:
    """Return why a figure is no outcome a simulation is asked for."""
    if fact.kind == "goal":
        en = "an announced aim: only the share of runs that reach it is given"
        return Refusal("goal", en, "已宣布的目标：只给出达到目标的推演比例")
    name = fact.variable.removesuffix(GROWTH)
    why = None if name not in REPORTED else REPORTED[name].not_asked
    if not fact.for_calibration or (why is not None and not measured_by(name)):
        return Refusal(*(why or ("policy input", "what a government decides", "由政府决定")))
    if name.startswith("firm_") or (ONE_FIRM.search(fact.basis) and name not in OF_FIRMS):
        en = "of one named firm: firms of the model stand for no real one"
        return Refusal("one firm", en, "单个企业数据：模型企业不对应真实企业")
    if fact.variable == "imports_and_exports" and fact.bound == "at_least":
        en = "imports are not simulated: a floor of imports and exports together says nothing of exports alone"
        return Refusal("no observable", en, "不推演进口：进出口合计的下限不能说明出口")
    part = part_alone(fact)
    return None if part is None else Refusal("basis", *part)


def _by_variable(recipe: Recipe, fact: Fact, name: str) -> Recipe:
    """Adapt a recipe where the name of the variable says that something else was counted than is measured."""
    if name == "imports_and_exports":
        if recipe.growth == "nominal":
            text = "imports are not simulated: they are taken to grow as exports do"
            return replace(recipe, assumed=text, assumed_zh="不推演进口，假定进口与出口同步增长")
        text = "imports are not simulated: exports are at most imports and exports together"
        return replace(recipe, bound="at_most", assumed=text, assumed_zh="不推演进口，出口不高于进出口合计")
    if name == "firms_upgrading" and recipe.main == "upgrades":
        return _upgrades_of_a_year(recipe, fact)
    if name == "jobs_created":
        en = f"{recipe.en}; gross: jobs that were lost are not taken off"
        return replace(recipe, en=en, zh=f"{recipe.zh}（不扣除减少的岗位）")
    if name == "new_businesses":
        return replace(recipe, en=f"{recipe.en}; closings are not taken off", zh=f"{recipe.zh}（不扣除注销）")
    for names, main, en, zh in _TAKEN_AS:
        if name.startswith(names) and recipe.main.startswith(main):
            return replace(recipe, assumed=en, assumed_zh=zh)
    return recipe


_TAKEN_AS: Final = (
    (
        ("projects_new", "projects_value"),
        "projects_signed",
        "projects launched are taken to be those signed, a term of the scenario; signed is not realised",
        "启动项目按签约项目计，是方案条款；签约不等于落地",
    ),
    (
        "projects_signed",
        "",
        "what is signed is a term of the scenario, met by construction; signed is not realised",
        "签约数是方案条款，相符是设定的结果；签约不等于落地",
    ),
    (
        "skilled_workers_supplied",
        "skilled_workers",
        "those who left again are not counted by the model",
        "模型不计已离开的人员",
    ),
    (
        "little_giants",
        "honoured_firms",
        "all firms that a designation of the scenario honoured",
        "方案中认定政策所认定的全部企业",
    ),
    (
        "chain_output_value",
        "",
        "sales of makers, suppliers and traders added up, as in a total of a chain: some goods count twice",
        "生产、配套、商贸销售额相加，部分产品重复计算",
    ),
)
"""Variables, the observable taken for them where only that one will do, and what is assumed."""


def _upgrades_of_a_year(recipe: Recipe, fact: Fact) -> Recipe:
    """Return the recipe of firms that are upgrading: at least twelve months of upgrades, up to the last one printed."""
    back = max(0, YEAR - months_of(fact))
    filled = back > 0 and since_january(fact) is None
    return replace(
        recipe,
        back=back,
        en=f"{recipe.en}, twelve months up to the month" if filled else recipe.en,
        zh=f"{recipe.zh}，截至当月的十二个月" if filled else recipe.zh,
        assumed="upgrades under way are taken to be those of a year, one a firm",
        assumed_zh="在建技改按一年内完成、每企业一项计",
    )


def observable_of(fact: Fact) -> str | None:
    """Return the observable a figure is a level of, on whose axis it may be drawn; None for all others.

    Growth rates, aims, amounts a government decides, sums of observables and yearly tables are no such level.
    """
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal) or recipe.growth != "none" or recipe.source != "monthly":
        return None
    if len(recipe.observables) > 1 or recipe.back:
        return None
    return recipe.main


# --- words of a basis ---------------------------------------------------------------------------------------

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
    r"manufacturers|makers of the core product|(production|manufacturing) enterprises|producers|生产企业"
)
EVERYBODY: Final = _pattern(r"\ball (businesses|firms|enterprises|companies)\b|census|全部企业|全部经营主体|普查")
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


GrowthBasis = Literal["same_firms", "above_scale", "all_businesses", "not_stated"]
"""Which firms printed growth of a total is of."""


def growth_basis(fact: Fact) -> GrowthBasis:
    """Return which firms the printed growth of a total counts, as far as its basis says."""
    if SAME_FIRMS.search(fact.basis):
        return "same_firms"
    if SMALL_COUNT.search(fact.basis):
        return "above_scale"
    return "all_businesses" if EVERYBODY.search(fact.basis) else "not_stated"


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
    if number == (len(meant.members) or meant.whole):
        return None
    return f"of {number} places, not of {meant.name}", f"仅含{number}个地区，不是{meant.name_zh}"


def by_basis(recipe: Recipe, fact: Fact) -> Recipe:
    """Adapt a recipe to the printed basis: whose figures, at which prices, of which firms."""
    basis = fact.basis
    of_totals = recipe.growth == "nominal" and fact.variable.removesuffix(GROWTH) in SAME_FIRMS_OF
    if of_totals and SAME_FIRMS.search(basis):
        recipe = replace(
            recipe,
            growth="same scope",
            en="output of makers that are above 20 million yuan, and of the same makers a year earlier",
            zh="营业收入2000万元以上生产企业的产值及其上年产值",
            assumed="firms that closed or fell below the line leave both years; makers alone",
            assumed_zh="已关闭或退出规上的企业两年均不计；只含生产企业",
        )
    elif of_totals and SMALL_COUNT.search(basis) and not FIXED_PRICES.search(basis):
        recipe = replace(
            recipe,
            source="above scale",
            en="output of makers with at least 20 million yuan a year, counted anew in each year",
            zh="年营业收入2000万元及以上生产企业的产值（各年分别统计）",
            assumed="firms that passed the line bring no history; makers alone",
            assumed_zh="新升规企业不追溯上年；只含生产企业",
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
