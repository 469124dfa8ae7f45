"""What could not be paid for and what was built of it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.compare.shortfalls import WORTH_SAYING
from sim.report.numbers import plain
from sim.units import format_money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Shortfall
    from sim.report.numbers import Language

CARRIED_OUT: Final[dict[str, tuple[str, str]]] = {
    "brand_design": ("{share} of the designs and of the campaign went ahead", "设计服务和品牌推广完成{share}"),
    "cloud_drive": (
        "{share} of the subsidies on fees were paid, firms in the cloud bore the rest",
        "上云补贴兑付{share}，其余由企业承担",
    ),
    "dealer_network": ("{share} of the subsidised dealers and outlets were kept", "享受补贴的经销商和网点保留{share}"),
    "designation": ("{share} of the awards were paid", "奖励兑付{share}"),
    "digital_platform": (
        "{share} of building, running and joining was paid for (it opens once its building is paid for in full)",
        "建设、运营和入驻补贴支付{share}（建设费付清后才开通）",
    ),
    "exhibition": ("{share} of the firms' stands could be paid for", "组织参展的展位落实{share}"),
    "fair": ("the fairs were held at {share} of their planned size", "展会按计划规模的{share}举办"),
    "fund": ("{share} of the grants due were paid", "到期补助兑付{share}"),
    "park": ("{plots} of {all} plots were opened", "{all}块地开放了{plots}块"),
    "project": ("the plants were built to {share} of their public money", "项目财政资金到位{share}，厂房设备按此建设"),
    "research_partnership": ("{share} of the joint projects could begin", "合作项目启动{share}"),
    "trade_park": ("{plots} of {all} places for tenants were built", "{all}个入驻名额建成{plots}个"),
    "training": ("{share} of the training places were given", "培训名额落实{share}"),
}
"""What became of each policy type that can run short of money; of any other type ``ANY`` is said."""
ANY: Final = ("{share} of what was planned was carried out", "按计划完成{share}")


def shortfall_text(one: Shortfall, language: Language, where: str = "") -> str:
    """Return one sentence: what was due, what could not be paid, when, in how many runs, and what was built.

    ``where`` is said in place of scenario or baseline.
    """
    zh = language == "zh"
    name = " ".join((one.policy_name_zh or one.policy_name if zh else one.policy_name or one.policy_name_zh).split())
    first, last = one.years
    years = f"{first}" if first == last else f"{first}-{last}"
    planned = format_money(one.planned, language)
    if zh:
        whose = where or {"A": "基准的", "B": "情形的", "both": "情形和基准的"}[one.side]
        never = f"{format_money(one.missing, language)}（{_percent(one.missing / one.planned)}）因资金不足未能支付"
        late = f"{format_money(one.late, language)}因资金不足推迟支付"
        parts = [text for text, yuan in ((never, one.missing), (late, one.late)) if _told(yuan, one)]
        return (
            f"{whose}“{name or one.policy}”应支出{planned}，其中{'，'.join(parts)}"
            f"（{years}年，{one.n}次推演中{one.runs}次）：{_carried_out(one, language)}。"
        )
    whose = where or {"A": "in the baseline", "B": "in the scenario", "both": "in scenario and baseline"}[one.side]
    never = f"{format_money(one.missing, language)} ({_percent(one.missing / one.planned)}) could not be paid"
    late = f"{format_money(one.late, language)} could be paid only later"
    parts = [text for text, yuan in ((never, one.missing), (late, one.late)) if _told(yuan, one)]
    return (
        f'"{name or one.policy}" {whose}: of {planned} due, {" and ".join(parts)} for want of money '
        f"({years}, {one.runs} of {one.n} runs); {_carried_out(one, language)}."
    )


def shortfall_texts(shortfalls: Sequence[Shortfall], language: Language) -> list[str]:
    """Return a sentence for each policy whose payers ran short."""
    return [shortfall_text(one, language) for one in shortfalls]


def _told(yuan: float, one: Shortfall) -> bool:
    """Whether an amount is worth a word: rounding beside the other amount is not."""
    return yuan > WORTH_SAYING * one.planned


def _carried_out(one: Shortfall, language: Language) -> str:
    """Return what became of the policy."""
    zh = language == "zh"
    template = CARRIED_OUT.get(one.type, ANY)
    if one.plots is None and "{plots}" in template[0]:
        template = ANY
    plots, whole = "", ""
    if one.plots is not None:
        plots, whole = _span([plain(value, 0) for value in one.plots[:2]], language), plain(one.plots[2], 0)
    share = _span([_percent(value) for value in one.paid], language)
    return template[1 if zh else 0].format(share=share, plots=plots, all=whole)


def _span(ends: Sequence[str], language: Language) -> str:
    """Return both ends of a range, once where they show as the same."""
    low, high = ends
    if low == high:
        return low
    return f"{low}—{high}" if language == "zh" else f"{low} to {high}"


def _percent(share: float) -> str:
    """Return a share in whole percent, with a decimal where that would round to none or all."""
    return f"{100 * share:.0f}%" if share in (0.0, 1.0) or 0.01 <= share <= 0.99 else f"{100 * share:.1f}%"
