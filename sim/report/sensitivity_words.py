"""The answer of a study in sentences, and what has to be known to read its table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sim.calibrate.sensitivity_assumed import WIDEST
from sim.compare.statistics import decimals_shown
from sim.report.numbers import plain, scale_for, whole
from sim.report.sensitivity_names import input_name, kind_name, value_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.calibrate.sensitivity_result import Driver, Place, Sensitivity
    from sim.report.numbers import Scale
    from sim.units import Language

TOLD: Final = 3
"""Inputs told of in words."""
FEW_TWINS: Final = 16
"""With fewer repeated pairs the share of chance is called rough."""


def summary(result: Sensitivity, language: Language) -> str:
    """Return the answer as one paragraph ending in a line break."""
    join = "" if language == "zh" else " "
    return join.join(sentences(result, language)) + "\n"


def sentences(result: Sensitivity, language: Language) -> list[str]:
    """Return the inputs that matter most, what chance makes, and whether any turns the sign."""
    zh, name = language == "zh", result.variable.label_zh if language == "zh" else result.variable.label
    if result.shares is None:
        text = f"{result.at}年{name}差值在每对推演中都相同，没有可解释的波动。"
        return [
            text if zh else f"The difference in {name} in {result.at} is the same in every pair: nothing drives it."
        ]
    if not result.drivers:
        found = [_none(result, language)]
    else:
        found = [_most(result, language), *(_one(result, k, language) for k in range(min(TOLD, len(result.drivers))))]
    found.append(_rest(result, language))
    if result.drivers:
        found.append(_signs(result, language))
    return found


def _most(result: Sensitivity, language: Language) -> str:
    """Name the inputs that matter most."""
    zh, settings = language == "zh", result.study.settings
    told = result.drivers[:TOLD]
    names = [f"{input_name(driver.input, settings, language)}" for driver in told]
    if zh:
        start = f"{result.at}年{result.variable.label_zh}差值有多大，"
        if len(told) == 1:
            return f"{start}主要取决于{names[0]}。"
        return f"{start}最取决于{_number_zh(len(told))}项：{'、'.join(names)}。"
    start = f"How large the difference in {result.variable.label} in {result.at} is depends"
    if len(told) == 1:
        return f"{start} most on {names[0]}."
    count = {2: "two", 3: "three"}[len(told)]
    return f"{start} most on {count} inputs: {'; '.join(names)}."


def _number_zh(count: int) -> str:
    return "一二三"[count - 1]


def _one(result: Sensitivity, number: int, language: Language) -> str:
    """Tell of one input: its kind, its share, and the difference at its ends."""
    driver = result.drivers[number]
    low, high = driver.low, driver.high
    name, kind = input_name(driver.input, result.study.settings, language), kind_name(driver.input, language)
    share = f"{100.0 * driver.share.value:.0f}%"
    inside = [f"{100.0 * min(max(end, 0.0), 1.0):.0f}%" for end in (driver.share.low, driver.share.high)]
    texts = [_at(result, driver, place, language) for place in (low, high)]
    known = driver.input.kind == "world"  # its kind and its path say no more than its name
    if language == "zh":
        about = "" if known else f"（{kind}）"
        return f"（{number + 1}）{name}{about}占差值波动的{share}（{inside[0]}—{inside[1]}）：{texts[0]}，{texts[1]}。"
    about = "" if known else f" ({kind}, {driver.input.name})"
    return (
        f"({number + 1}) {name[:1].upper()}{name[1:]}{about} makes {share} of its variation "
        f"({inside[0]} to {inside[1]}): {texts[0]}, {texts[1]}."
    )


def _at(result: Sensitivity, driver: Driver, place: Place, language: Language) -> str:
    value = value_text(driver.input, place.value, language)
    amount = amount_text(result, place.difference.value, language)
    if language == "zh":
        return f"{value}时差值为{amount}" if driver.levels else f"取{value}时差值为{amount}"
    return f"{amount} in the world {value}" if driver.levels else f"{amount} at {value}"


def difference_scale(result: Sensitivity, language: Language) -> Scale:
    """Return the unit in which differences are told."""
    sizes = [abs(result.quantile(0.05)), abs(result.mean), abs(result.quantile(0.95))]
    return scale_for(result.variable.unit, max(sizes), language)


def decimals_of(result: Sensitivity, scale: Scale) -> int:
    """Return the decimals of a difference that the noise of its mean allows."""
    decimals = decimals_shown(result.standard_error / scale.divisor, abs(result.mean) / scale.divisor)
    return whole(decimals, result.variable.unit)


def amount_text(result: Sensitivity, value: float, language: Language) -> str:
    """Return a difference with sign and unit, with the digits its noise allows."""
    scale = difference_scale(result, language)
    number, unit = plain(value / scale.divisor, decimals_of(result, scale), signed=True), scale.of_differences
    return f"{number}{unit}" if language == "zh" else f"{number} {unit}".rstrip()


def _none(result: Sensitivity, language: Language) -> str:
    shares, inputs = result.shares, len(result.study.settings.inputs)
    assert shares is not None
    least = f"{100.0 * shares.detectable:.0f}%"
    name = result.variable.label_zh if language == "zh" else result.variable.label
    if language == "zh":
        return (
            f"{result.at}年{name}差值有多大，{inputs}项输入中没有一项单独突出："
            f"{result.n}对推演只能看出占波动约{least}以上的输入。"
        )
    return (
        f"None of {inputs} inputs stands out as what the size of the difference in {name} in {result.at} depends on: "
        f"{result.n} pairs show only inputs that make at least about {least} of its variation."
    )


def _rest(result: Sensitivity, language: Language) -> str:
    """Tell what chance makes, and the inputs that do not stand out."""
    shares = result.shares
    assert shares is not None
    zh = language == "zh"
    others = len(result.study.settings.inputs) - len(result.drivers)
    which = f"the other {others} inputs" if result.drivers else f"all {others} inputs"
    which_zh = f"另外{others}项" if result.drivers else f"全部{others}项"
    left = f"{100.0 * max(shares.left.value, 0.0):.0f}%"
    if shares.chance is None:
        if zh:
            return f"其余{left}来自随机因素和{which_zh}单独不突出的输入。"
        return f"{left} is chance and {which}, none of which stands out alone."
    luck, small = f"{100.0 * shares.luck:.0f}%", f"{100.0 * shares.small:.0f}%"
    low, high = (f"{100.0 * min(max(end, 0.0), 1.0):.0f}%" for end in (shares.chance.low, shares.chance.high))
    if zh:
        return f"随机因素占{luck}（{low}—{high}），其余{small}来自{which_zh}单独不突出的输入及其共同作用。"
    return (
        f"Chance makes {luck} ({low} to {high}); {small} comes from {which} and from inputs acting together, none of "
        f"which stands out alone."
    )


def _signs(result: Sensitivity, language: Language) -> str:
    """Tell whether any input that stands out turns a gain into a loss."""
    turning = [input_name(d.input, result.study.settings, language) for d in result.drivers if d.sign_changes]
    if language == "zh":
        if turning:
            return f"差值的正负取决于：{'、'.join(turning)}。"
        return "上述输入单独从低端变到高端，差值的正负都不变。"
    if turning:
        return f"The sign of the difference turns with {'; '.join(turning)}."
    return "None of the inputs that stand out turns the sign of the difference by itself."


SMALL: Final = 0.05
"""Share of an input that a reader would like to see."""


def _more(pairs: int, least: float, language: Language) -> str:
    """Say how many pairs would show an input that makes a twentieth; nothing when these are enough."""
    if not SMALL < least < 1.0:
        return ""
    wanted = math.ceil(pairs * least / (1.0 - least) * (1.0 - SMALL) / SMALL / 64.0) * 64
    return f"，要看出占5%的输入约需-n {wanted}" if language == "zh" else f"; for 5% it takes about -n {wanted}"


NOTES: Final[dict[str, tuple[str, str]]] = {
    "listed": (
        (
            "Inputs are listed that explain more than the luckiest of shuffled ones does (5% level). With {n} pairs "
            "that takes about {least} of the variation{more}."
        ),
        ("所列输入的作用超过打乱后最幸运的输入（5%水平）；{n}对推演能看出占波动约{least}以上的输入{more}。"),
    ),
    "ends": (
        "Ends are the 5% and 95% quantiles of an input, the others averaged; in brackets 90% of resamples.",
        "两端取值为输入的5%与95%分位，其余输入取平均；括号内为90%的重抽样。",
    ),
    "assumed": (
        (
            "Assumed values lie between 1/{wide} and {wide} times what is written (shares by their odds), by the same "
            "factor in A and B; how wide is itself assumed."
        ),
        ("假设值在所写数值的1/{wide}至{wide}倍之间变动（比例按几率变动），两个情形用同一倍数；这一幅度本身也是假设。"),
    ),
    "different": (
        "A and B lie in different worlds, so the world was not varied.",
        "两个情形的外部环境不同，外部环境未变动。",
    ),
    "short": (
        "No other world reaches over all years, so the world was not varied.",
        "没有其他外部环境覆盖全部年份，外部环境未变动。",
    ),
    "prior": (
        "Parameters are not calibrated: they are drawn from their priors.",
        "参数未校准：在各自先验区间内取值。",
    ),
    "twins": (
        "Few pairs were repeated: the share of chance is rough.",
        "重复推演较少，随机因素所占比例较粗略。",
    ),
    "dropped": (
        "{dropped} pairs failed or have no value of the variable, and are left out.",
        "{dropped}对推演失败或该指标无值，未计入。",
    ),
}


def notes(result: Sensitivity, language: Language, without: Sequence[str] = ()) -> list[str]:
    """Return what has to be known to read the table, ``without`` what is said elsewhere."""
    settings, shares, points = result.study.settings, result.shares, result.study.points
    told = {
        "listed": shares is not None,
        "ends": bool(result.drivers),
        "assumed": any(item.kind == "assumed" for item in settings.inputs),
        "different": settings.world_note == "different",
        "short": settings.world_note == "short",
        "prior": not settings.calibration,
        "twins": shares is not None and len(points) - len(set(points.tolist())) < FEW_TWINS,
        "dropped": result.dropped > 0,
    }
    values = {
        "n": str(result.n),
        "more": "" if shares is None else _more(result.n, shares.detectable, language),
        "least": "" if shares is None else f"{100.0 * shares.detectable:.0f}%",
        "wide": f"{WIDEST:g}",
        "dropped": str(result.dropped),
    }
    return [
        NOTES[key][language == "zh"].format(**values) for key, holds in told.items() if holds and key not in without
    ]
