"""Public money, what could not be paid for, value for money, displaced jobs and aims as lines of text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.compare.shortfalls import WORTH_SAYING
from sim.compare.value import MEASURES
from sim.policies.registry import policy_types
from sim.policies.terms import Terms
from sim.report.additionality_lines import moved_lines
from sim.report.rounding import Scale, band_decimals, plain, scale_for, significant
from sim.units import format_money, month_text, pick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.compare.comparison import Comparison, Displaced, GoalRow, Money, Shortfall, ValueRow
    from sim.compare.statistics import Band
    from sim.units import Language

PAYERS_ZH = {"county": "县级", "province": "省级"}


def window_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return the lines below the table: money and value, what could not be paid for, displaced jobs, aims."""
    title = pick(language, comparison.window_text, f"{comparison.window_text}年")
    if comparison.window == (2026, 2030):
        title = pick(language, "2026-2030 (15th five-year plan)", "2026-2030年（“十五五”时期）")
    lines = [title + ("" if comparison.paired else pick(language, " (unpaired)", "（非配对）"))]
    lines += money_lines(comparison.money, language)
    lines += shortfall_texts(comparison.shortfalls, language)
    if not comparison.equality.identical:
        lines += value_lines(comparison, language)
        lines += moved_lines(comparison, language)
        lines += displaced_lines(comparison.displaced, language)
    lines += [goal_line(goal, language) for goal in comparison.goals]
    return lines


def money_lines(money: Money, language: Language) -> list[str]:
    """Return what was paid, by whom, what was promised, granted and left, and the discounted sum beside it."""
    largest = max(abs(v) for v in (money.paid_b, money.paid_a, money.extra.mean, money.extra_promised))
    scale = scale_for("yuan", largest, language)
    decimals = min(max(significant(largest / scale.divisor, 4), 0), 2)

    def show(value: float) -> str:
        return scale.plain(value, decimals)

    first, last = money.window
    lines = [_paid_line(money, show, scale.label, language)]
    stages = (money.extra_promised, money.extra_granted, money.extra_fund_paid, money.extra_unclaimed)
    if any(stages):
        en = "  of it funds: promised {}, granted {}, paid {}, unclaimed {}"
        lines.append(pick(language, en, "  其中专项资金：预算{}，批复{}，拨付{}，未申领{}").format(*map(show, stages)))
    left = show(money.extra_outstanding)
    if any(digit in "123456789" for digit in left):
        en = f"  granted and not paid by the end of {last} (due later, or the firm has closed): {left}"
        lines.append(pick(language, en, f"  至{last}年末已批复未拨付（以后到期，或企业已退出）：{left}"))
    if money.extra.mean:
        rate, present = f"{100.0 * money.discount_rate:g}%", show(money.extra_discounted.mean)
        en = f"  discounted at {rate} a year to January {first}: {present}"
        lines.append(pick(language, en, f"  按年{rate}折现到{first}年1月：{present}{scale.label}"))
    return lines


def _paid_line(money: Money, show: Callable[[float], str], unit: str, language: Language) -> str:
    """Return what B paid more or less than A, and who paid it."""
    extra = money.extra.mean
    if extra == 0.0:
        en = f"public money paid       the same in A and B ({show(money.paid_b)} {unit})"
        return pick(language, en, f"财政支出  B与A相同（均为{show(money.paid_b)}{unit}）")
    paid = {pick(language, payer, PAYERS_ZH[payer]): yuan for payer, yuan in money.extra_by_payer.items() if yuan}
    payers, amount = "  ".join(f"{payer} {show(yuan)}" for payer, yuan in paid.items()), show(abs(extra))
    more, more_zh = ("more", "多") if extra > 0.0 else ("less", "少")
    en = f"public money paid       B {amount} {unit} {more} than A   {payers}"
    return pick(language, en, f"财政支出  B比A{more_zh}{amount}{unit}  {payers}")


_VALUE_LABELS = {
    "jobs_per_million": ("jobs per million yuan", "每百万元增加就业（人）"),
    "output_per_yuan": ("extra output per yuan", "每元财政投入增加产值（元）"),
    "tax_per_yuan": ("extra tax per yuan", "每元财政投入增加税收（元）"),
    "cost_per_job": ("cost per job", "每个新增岗位的财政投入"),
}


def value_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return each measure of value for money; where grants are not yet paid, also for the money granted."""
    lines = []
    for measure in MEASURES:
        paid, granted = (comparison.value_of(measure, basis) for basis in ("paid", "granted"))
        label = pick(language, *_VALUE_LABELS[measure])
        shown = _value_text(paid, language) if paid.defined else pick(language, paid.reason, paid.reason_zh)
        line = pick(language, f"{label:<23} {shown}", f"{label}：{shown}")
        if paid.defined and measure == "tax_per_yuan":
            line += paid_back_text(paid, language)
        if granted is not paid and granted.defined:
            shown = _value_text(granted, language)
            line += pick(language, f"; by money granted {shown}", f"；按批复额计{shown}")
        lines.append(line)
    return lines


def _value_text(row: ValueRow, language: Language) -> str:
    """Return a measure with its band and unit."""
    scale = Scale(1.0, "")
    if row.measure == "cost_per_job":
        scale = scale_for("yuan", row.band.p50, language)
    shown = band_text(row.band, row.mc_se, scale)
    return shown + (scale.label if language == "zh" else f" {scale.label}".rstrip())


def paid_back_text(row: ValueRow, language: Language) -> str:
    """Say whether the tax pays the money back within the window."""
    chance = row.prob_paid_back
    if chance == 0.0:
        return pick(language, ": not paid back within the window", "：期内未收回")
    if chance == 1.0:
        return pick(language, ": paid back within the window", "：期内收回")
    share = f"{100 * chance:.0f}%"
    return pick(language, f": paid back within the window in {share} of runs", f"：{share}的推演期内收回")


def band_text(band: Band, standard_error: float, scale: Scale) -> str:
    """Return median and 90% band: ``2.1 (-0.8 … 4.6)``; only the median when the band may not be shown."""
    if math.isfinite(standard_error) and standard_error > 0.0:
        decimals = band_decimals(band, standard_error, scale.divisor)
    else:
        decimals = significant(band.p50 / scale.divisor, 2)
    return scale.around(band, decimals)


def displaced_lines(displaced: Displaced | None, language: Language) -> list[str]:
    """Return the employment difference at firms without and with a grant (both are in the net difference)."""
    if displaced is None:
        return []
    texts = []
    for band in (displaced.unsupported, displaced.supported):
        decimals = significant(max(abs(band.p05), abs(band.p95)) if band.shown else band.p50, 2)
        texts.append(Scale(1.0, "").around(band, decimals, signed=True))
    steady = ""
    if displaced.missing_firms > 0.0:
        middle = displaced.unsupported_if_steady.p50
        shown = plain(middle, significant(middle, 2), signed=True)
        en = f"; {shown} if firms without a record in A had B's staff"
        steady = pick(language, en, f"；若A中无记录的企业人数与B相同则为{shown}")
    if language == "zh":
        return [f"就业变化：未受支持企业{texts[0]}人{steady}；受支持企业{texts[1]}人（均已计入净变化）"]
    return [
        f"jobs at unsupported firms   {texts[0]}{steady}",
        f"jobs at supported firms     {texts[1]}   (both are included above)",
    ]


def goal_line(goal: GoalRow, language: Language) -> str:
    """Return one aim: how many runs of B and of A reach it in time, and the median month."""
    scale, by = scale_for(goal.unit, goal.at_least, language), month_text(goal.by)
    level = scale.plain(goal.at_least, max(significant(goal.at_least / scale.divisor, 3), 0))
    level = level.rstrip("0").rstrip(".") if "." in level else level

    def side(probability: float, runs: int, month: int | None) -> str:
        reached = f"{round(probability * runs)}"
        when = "" if month is None else pick(language, ", median month {}", "（中位月份{}）").format(month_text(month))
        return pick(language, f"{reached} of {runs} runs", f"{runs}次中{reached}次") + when

    b, a = side(goal.prob_b, goal.runs_b, goal.month_b), side(goal.prob_a, goal.runs_a, goal.month_a)
    if language == "zh":
        return f"目标{goal.id}：{goal.label_zh}在{by}前达到{level}{scale.label}  B：{b}；A：{a}"
    return f"aim {goal.id}: {goal.label} at least {f'{level} {scale.label}'.rstrip()} by {by}   B: {b};  A: {a}"


_WHOSE = {
    "A": ("in the baseline", "基准的"),
    "B": ("in the scenario", "情形的"),
    "both": ("in scenario and baseline", "情形和基准的"),
}


def shortfall_text(one: Shortfall, language: Language, where: str = "") -> str:
    """Return one sentence: what was due, what could not be paid, when, in how many runs, and what was built.

    ``where`` is said in place of scenario or baseline.
    """
    zh = language == "zh"
    names = (one.policy_name or one.policy_name_zh, one.policy_name_zh or one.policy_name)
    name = " ".join(pick(language, *names).split()) or one.policy
    years = "-".join(str(year) for year in dict.fromkeys(one.years))
    due, missing, late = (format_money(yuan, language) for yuan in (one.planned, one.missing, one.late))
    whose = where or _WHOSE[one.side][zh]
    share = percent(one.missing / one.planned)
    never = pick(language, f"{missing} ({share}) could not be paid", f"{missing}（{share}）因资金不足未能支付")
    later = pick(language, f"{late} could be paid only later", f"{late}因资金不足推迟支付")
    # Rounding beside the other amount is not worth a word.
    told = [text for text, yuan in ((never, one.missing), (later, one.late)) if yuan > WORTH_SAYING * one.planned]
    built = _carried_out(one, language)
    if zh:
        return f"{whose}“{name}”应支出{due}，其中{'，'.join(told)}（{years}年，{one.n}次推演中{one.runs}次）：{built}。"
    return (
        f'"{name}" {whose}: of {due} due, {" and ".join(told)} for want of money '
        f"({years}, {one.runs} of {one.n} runs); {built}."
    )


def shortfall_texts(shortfalls: Sequence[Shortfall], language: Language) -> list[str]:
    """Return a sentence for each policy whose payers ran short."""
    return [shortfall_text(one, language) for one in shortfalls]


def _carried_out(one: Shortfall, language: Language) -> str:
    """Return what became of the policy."""
    known = policy_types().get(one.type)
    template = Terms.carried_out if known is None else known.terms.carried_out
    if one.plots is None and "{plots}" in template[0]:
        template = Terms.carried_out
    *plots, every = [plain(value, 0) for value in one.plots or (0.0, 0.0, 0.0)]
    share = _ends([percent(value) for value in one.paid], language)
    return pick(language, *template).format(share=share, plots=_ends(plots, language), all=every)


def _ends(ends: Sequence[str], language: Language) -> str:
    """Return both ends of a range, once where they show as the same."""
    low, high = ends
    return low if low == high else pick(language, f"{low} to {high}", f"{low}—{high}")


def percent(share: float) -> str:
    """Return a share in whole percent, with a decimal where that would round to none or all."""
    return f"{100 * share:.0f}%" if share in (0.0, 1.0) or 0.01 <= share <= 0.99 else f"{100 * share:.1f}%"
