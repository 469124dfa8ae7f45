"""What could not be paid for and what was built of it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compare.shortfalls import WORTH_SAYING
from sim.policies.registry import policy_types
from sim.policies.terms import Terms
from sim.report.numbers import plain
from sim.units import Language, format_money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Shortfall


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
    known = policy_types().get(one.type)
    template = Terms.carried_out if known is None else known.terms.carried_out
    if one.plots is None and "{plots}" in template[0]:
        template = Terms.carried_out
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
