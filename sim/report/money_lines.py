"""Public money, value for money, displaced jobs and aims as lines of text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.report.numbers import Scale, band_decimals, plain, scale_for, significant, span
from sim.units import month_text

if TYPE_CHECKING:
    from sim.compare.comparison import Band, Comparison, Displaced, GoalRow, Money, ValueRow
    from sim.report.numbers import Language

PAYERS_ZH = {"county": "县级", "province": "省级"}


def window_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return the lines below the table: money and value over the window, displaced jobs, aims."""
    zh = language == "zh"
    if comparison.window == (2026, 2030):
        title = "2026-2030年（“十五五”时期）" if zh else "2026-2030 (15th five-year plan)"
    else:
        title = f"{comparison.window_text}年" if zh else comparison.window_text
    lines = [title + ("" if comparison.paired else ("（非配对）" if zh else " (unpaired)"))]
    lines += money_lines(comparison.money, language)
    if not comparison.equality.identical:
        lines += [value_line(row, language) for row in comparison.value]
        lines += anyway_lines(comparison.money, language)
        lines += displaced_lines(comparison.displaced, language)
    lines += [goal_line(goal, language) for goal in comparison.goals]
    return lines


def money_lines(money: Money, language: Language) -> list[str]:
    """Return what was paid, by whom, what was promised and left, and the discounted sum beside it."""
    zh = language == "zh"
    sizes = (money.paid_b, money.paid_a, money.extra.mean, money.extra_promised)
    largest = max(abs(v) for v in sizes)
    scale = scale_for("yuan", largest, language)
    decimals = min(max(significant(largest / scale.divisor, 4), 0), 2)

    def show(value: float) -> str:
        return plain(value / scale.divisor, decimals)

    extra = money.extra.mean
    payers = "  ".join(
        f"{PAYERS_ZH[payer] if zh else payer} {show(value)}" for payer, value in money.extra_by_payer.items() if value
    )
    if extra == 0.0:
        line = (
            f"财政支出  B与A相同（均为{show(money.paid_b)}{scale.label}）"
            if zh
            else (f"public money paid       the same in A and B ({show(money.paid_b)} {scale.label})")
        )
        return [line]
    more = extra > 0.0
    if zh:
        first = f"财政支出  B比A{'多' if more else '少'}{show(abs(extra))}{scale.label}  {payers}"
    else:
        first = (
            f"public money paid       B {show(abs(extra))} {scale.label} {'more' if more else 'less'} than A   {payers}"
        )
    stages = (money.extra_promised, money.extra_granted, money.extra_fund_paid, money.extra_unclaimed)
    rate = 100.0 * money.discount_rate
    if zh:
        second = "  其中专项资金：预算{}，批复{}，拨付{}，未申领{}".format(*map(show, stages))
        third = f"  按年{rate:g}%折现到{money.window[0]}年1月：{show(money.extra_discounted.mean)}{scale.label}"
    else:
        second = "  of it funds: promised {}, granted {}, paid {}, unclaimed {}".format(*map(show, stages))
        third = f"  discounted at {rate:g}% a year to January {money.window[0]}: {show(money.extra_discounted.mean)}"
    return [first, second, third] if any(stages) else [first, third]


_VALUE_LABELS = {
    "jobs_per_million": ("jobs per million yuan", "每百万元增加就业（人）"),
    "output_per_yuan": ("extra output per yuan", "每元财政投入增加产值（元）"),
    "tax_per_yuan": ("extra tax per yuan", "每元财政投入增加税收（元）"),
    "cost_per_job": ("cost per job", "每个新增岗位的财政投入"),
}


def value_line(row: ValueRow, language: Language) -> str:
    """Return one measure of value for money, or why it is not defined."""
    zh = language == "zh"
    label = _VALUE_LABELS[row.measure][1 if zh else 0]
    if not row.defined:
        return f"{label}：{row.reason_zh}" if zh else f"{label:<23} {row.reason}"
    scale = Scale(1.0, "")
    if row.measure == "cost_per_job":
        scale = scale_for("yuan", row.band.p50, language)
    shown = band_text(row.band, row.mc_se, scale)
    unit = scale.label if zh else (f" {scale.label}" if scale.label else "")
    text = f"{label}：{shown}{unit}" if zh else f"{label:<23} {shown}{unit}"
    return text + (paid_back_text(row, language) if row.measure == "tax_per_yuan" else "")


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
