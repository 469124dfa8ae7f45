"""How a reported figure is asked of a simulation: observables, months, growth, scope, and why some cannot be asked.

Nothing here looks at a run; ``sim.reporting.answers`` does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from sim.evidence.variables import GROWTH, REPORTED, measured_by
from sim.observables import observable
from sim.reporting.bases import (
    OF_FIRMS,
    ONE_FIRM,
    YEAR,
    YEARLY_EVENTS,
    Recipe,
    by_basis,
    months_of,
    not_followed,
    part_alone,
    since_january,
    year_not_stated,
)

if TYPE_CHECKING:
    from sim.evidence import Fact

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
        if measured.aggregate != "sum" or fact.unit_plain != "share":
            return Refusal("unit", "growth is asked of flows, in percent", "只对流量指标计算同比")
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
