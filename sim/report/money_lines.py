"""Public money, value for money, displaced jobs and aims as lines of text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.compare.value import MEASURES
from sim.report.numbers import Scale, band_decimals, plain, scale_for, significant, span
from sim.report.shortfalls import shortfall_texts
from sim.units import Language, month_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.compare.comparison import Comparison, Displaced, GoalRow, Money, ValueRow
    from sim.compare.statistics import Band

PAYERS_ZH = {"county": "县级", "province": "省级"}


def window_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return the lines below the table: money and value, what could not be paid for, displaced jobs, aims."""
    zh = language == "zh"
    if comparison.window == (2026, 2030):
        title = "2026-2030年（“十五五”时期）" if zh else "2026-2030 (15th five-year plan)"
    else:
        title = f"{comparison.window_text}年" if zh else comparison.window_text
    lines = [title + ("" if comparison.paired else ("（非配对）" if zh else " (unpaired)"))]
    lines += money_lines(comparison.money, language)
    lines += shortfall_texts(comparison.shortfalls, language)
    if not comparison.equality.identical:
        lines += value_lines(comparison, language)
        lines += anyway_lines(comparison.money, language)
        lines += displaced_lines(comparison.displaced, language)
    lines += [goal_line(goal, language) for goal in comparison.goals]
    return lines


def money_lines(money: Money, language: Language) -> list[str]:
    """Return what was paid, by whom, what was promised, granted and left, and the discounted sum beside it."""
    zh = language == "zh"
    sizes = (money.paid_b, money.paid_a, money.extra.mean, money.extra_promised)
    largest = max(abs(v) for v in sizes)
    scale = scale_for("yuan", largest, language)
    decimals = min(max(significant(largest / scale.divisor, 4), 0), 2)

    def show(value: float) -> str:
        return plain(value / scale.divisor, decimals)

    lines = [_paid_line(money, show, scale.label, zh)]
    stages = (money.extra_promised, money.extra_granted, money.extra_fund_paid, money.extra_unclaimed)
    if any(stages):
        template = (
            "  其中专项资金：预算{}，批复{}，拨付{}，未申领{}"
            if zh
            else "  of it funds: promised {}, granted {}, paid {}, unclaimed {}"
        )
        lines.append(template.format(*map(show, stages)))
    left = show(money.extra_outstanding)
    if any(digit in "123456789" for digit in left):
        last = money.window[1]
        lines.append(
            f"  至{last}年末已批复未拨付（以后到期，或企业已退出）：{left}"
            if zh
            else f"  granted and not paid by the end of {last} (due later, or the firm has closed): {left}"
        )
    if money.extra.mean:
        rate, first, present = f"{100.0 * money.discount_rate:g}%", money.window[0], show(money.extra_discounted.mean)
        lines.append(
            f"  按年{rate}折现到{first}年1月：{present}{scale.label}"
            if zh
            else f"  discounted at {rate} a year to January {first}: {present}"
        )
    return lines


def _paid_line(money: Money, show: Callable[[float], str], unit: str, zh: bool) -> str:
    """Return what B paid more or less than A, and who paid it."""
    extra = money.extra.mean
    if extra == 0.0:
        return (
            f"财政支出  B与A相同（均为{show(money.paid_b)}{unit}）"
            if zh
            else f"public money paid       the same in A and B ({show(money.paid_b)} {unit})"
        )
    payers = "  ".join(
        f"{PAYERS_ZH[payer] if zh else payer} {show(value)}" for payer, value in money.extra_by_payer.items() if value
    )
    if zh:
        return f"财政支出  B比A{'多' if extra > 0.0 else '少'}{show(abs(extra))}{unit}  {payers}"
    return f"public money paid       B {show(abs(extra))} {unit} {'more' if extra > 0.0 else 'less'} than A   {payers}"


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
        line = value_line(paid, language)
        if granted is not paid and granted.defined:
            shown = _value_text(granted, language)
            line += f"；按批复额计{shown}" if language == "zh" else f"; by money granted {shown}"
        lines.append(line)
    return lines


def value_line(row: ValueRow, language: Language) -> str:
    """Return one measure of value for money, or why it is not defined."""
    zh = language == "zh"
    label = _VALUE_LABELS[row.measure][1 if zh else 0]
    if not row.defined:
        return f"{label}：{row.reason_zh}" if zh else f"{label:<23} {row.reason}"
    shown = _value_text(row, language)
    text = f"{label}：{shown}" if zh else f"{label:<23} {shown}"
    return text + (paid_back_text(row, language) if row.measure == "tax_per_yuan" else "")


def _value_text(row: ValueRow, language: Language) -> str:
    """Return a measure with its band and unit."""
    scale = Scale(1.0, "")
    if row.measure == "cost_per_job":
        scale = scale_for("yuan", row.band.p50, language)
    shown = band_text(row.band, row.mc_se, scale)
    return shown + (scale.label if language == "zh" else f" {scale.label}".rstrip())


def paid_back_text(row: ValueRow, language: Language) -> str:
    """Say whether the tax pays the money back within the window."""
    zh = language == "zh"
    chance = row.prob_paid_back
    if chance == 0.0:
        return "：期内未收回" if zh else ": not paid back within the window"
    if chance == 1.0:
        return "：期内收回" if zh else ": paid back within the window"
    percent = f"{100 * chance:.0f}%"
    return f"：{percent}的推演期内收回" if zh else f": paid back within the window in {percent} of runs"


def band_text(band: Band, standard_error: float, scale: Scale) -> str:
    """Return median and 90% band: ``2.1 (-0.8 … 4.6)``; only the median when the band may not be shown."""
    if math.isfinite(standard_error) and standard_error > 0.0:
        decimals = band_decimals(band, standard_error, scale.divisor)
    else:
        decimals = significant(band.p50 / scale.divisor, 2)
    middle = plain(band.p50 / scale.divisor, decimals)
    inside = span(band.p05 / scale.divisor, band.p95 / scale.divisor, decimals)
    return f"{middle} ({inside})" if inside else middle


def anyway_lines(money: Money, language: Language) -> list[str]:
    """Return what would have happened anyway, by grant money and by number of purchases."""
    if money.anyway is None:
        return []
    grant = band_text(money.anyway.by_grant, math.nan, Scale(0.01, "%"))
    count = plain(100.0 * money.anyway.by_count.p50, 0)
    if language == "zh":
        return [f"补助资金中，企业在A中本来也会购置的设备所占比例：{grant}%（按项目数{count}%）"]
    return [f"grant money that bought machines firms bought in A too   {grant} %   (by number of purchases {count}%)"]


def displaced_lines(displaced: Displaced | None, language: Language) -> list[str]:
    """Return the employment difference at firms without and with a grant (both are in the net difference)."""
    if displaced is None:
        return []
    zh = language == "zh"
    texts = []
    for band in (displaced.unsupported, displaced.supported):
        decimals = significant(max(abs(band.p05), abs(band.p95)) if band.shown else band.p50, 2)
        inside = span(band.p05, band.p95, decimals, signed=True)
        texts.append(plain(band.p50, decimals, signed=True) + (f" ({inside})" if inside else ""))
    steady = ""
    if displaced.missing_firms > 0.0:
        middle = displaced.unsupported_if_steady.p50
        shown = plain(middle, significant(middle, 2), signed=True)
        steady = (
            f"；若A中无记录的企业人数与B相同则为{shown}"
            if zh
            else f"; {shown} if firms without a record in A had B's staff"
        )
    if zh:
        return [f"就业变化：未受支持企业{texts[0]}人{steady}；受支持企业{texts[1]}人（均已计入净变化）"]
    return [
        f"jobs at unsupported firms   {texts[0]}{steady}",
        f"jobs at supported firms     {texts[1]}   (both are included above)",
    ]


def goal_line(goal: GoalRow, language: Language) -> str:
    """Return one aim: how many runs of B and of A reach it in time, and the median month."""
    zh = language == "zh"
    scale = scale_for(goal.unit, goal.at_least, language)
    level = plain(goal.at_least / scale.divisor, max(significant(goal.at_least / scale.divisor, 3), 0))
    level = level.rstrip("0").rstrip(".") if "." in level else level

    def side(probability: float, runs: int, month: int | None) -> str:
        reached = f"{round(probability * runs)}"
        if zh:
            return f"{runs}次中{reached}次" + ("" if month is None else f"（中位月份{month_text(month)}）")
        return f"{reached} of {runs} runs" + ("" if month is None else f", median month {month_text(month)}")

    b, a = side(goal.prob_b, goal.runs_b, goal.month_b), side(goal.prob_a, goal.runs_a, goal.month_a)
    if zh:
        return f"目标{goal.id}：{goal.label_zh}在{month_text(goal.by)}前达到{level}{scale.label}  B：{b}；A：{a}"
    unit = f" {scale.label}" if scale.label else ""
    return f"aim {goal.id}: {goal.label} at least {level}{unit} by {month_text(goal.by)}   B: {b};  A: {a}"
