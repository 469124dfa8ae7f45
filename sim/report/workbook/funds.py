"""Sheet 资金 / Money: public money by scenario, policy, payer and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compare.comparison import ALL_PAYERS
from sim.report.money_lines import PAYERS_ZH
from sim.report.workbook.book import Column
from sim.report.workbook.cell_numbers import Number, plain_measure, without_dust

if TYPE_CHECKING:
    from sim.compare.comparison import MoneyRow
    from sim.report.workbook.book import Sheet, Value
    from sim.report.workbook.cell_numbers import Measure
    from sim.report.workbook.material import Material

STAGES = (
    ("promised", "Budget", "预算"),
    ("claimed", "Claimed", "申报"),
    ("granted", "Granted", "批复"),
    ("paid", "Paid", "拨付"),
    ("paid_discounted", "Paid, discounted", "拨付折现值"),
    ("unclaimed", "Not claimed", "未申领"),
    ("unmet", "Not met for want of money", "缺口"),
    ("returned", "Returned", "退回"),
    ("outstanding", "Granted and not paid by then", "已批复未拨付"),
)


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: the window first, then its years; rows without any money are left out."""
    say, money = material.say, material.comparison.money
    rate = f"{100 * money.discount_rate:g}%"
    note = say("funds.means_over_runs_so", rate=rate, window=money.window[0])
    sheet.title(say("funds.public_money"), material.about(_extra(material), note))
    amounts = [abs(getattr(row, name)) for row in money.rows for name, _, _ in STAGES]
    largest = max((value for value in amounts if value == value), default=0.0)
    # 万元 and million yuan: awards are spoken of in them, also where the sum reaches 亿.
    measure = plain_measure("yuan", min(largest, 9.9e7), 4, material.lang)
    told = [row for row in money.rows if any(abs(getattr(row, name)) > 0.005 for name, _, _ in STAGES)]
    totals = [position for position, row in enumerate(told) if row.payer == ALL_PAYERS]
    rows = [_values(row, material, measure) for row in told]
    sheet.table(_columns(material, measure), rows, emphasised=totals, freeze=4)
    sheet.finish()


def _extra(material: Material) -> str:
    extra = material.comparison.money.extra
    measure = plain_measure("yuan", abs(extra.mean), 3, material.lang)

    def show(value: float) -> str:
        return f"{value / measure.scale.divisor:+,.{measure.decimals}f}"

    inside = f"{show(extra.p05)} … {show(extra.p95)}" if extra.shown else ""
    unit = measure.unit
    return material.pick(
        f"Paid by B over A, {material.comparison.window_text}: {show(extra.mean)} {unit} on average"
        + (f" (90% of runs {inside})" if inside else ""),
        f"{material.comparison.window_text}年B比A多拨付：平均{show(extra.mean)}{unit}"
        + (f"（90%的推演{inside}）" if inside else ""),
    )


def _columns(material: Material, measure: Measure) -> list[Column]:
    say = material.say
    unit = say("funds.columns", unit=measure.unit)
    return [
        Column(say("shared.scenario_3"), 10.0),
        Column(say("shared.period_2"), 12.0),
        Column(say("shared.policy"), 36.0),
        Column(say("funds.payer"), 12.0),
        *(Column(material.pick(english + unit, chinese)) for _, english, chinese in STAGES),
        Column(say("funds.places"), 20.0, printed=False),
        Column(say("funds.name_in_files"), 20.0, printed=False),
    ]


def _values(row: MoneyRow, material: Material, measure: Measure) -> list[Value]:
    say = material.say
    total = row.payer == ALL_PAYERS
    payer = say("funds.all") if total else material.pick(row.payer, PAYERS_ZH.get(row.payer, row.payer))
    amounts = [measure.level(without_dust(getattr(row, name))) for name, _, _ in STAGES]
    return [
        "B" if row.scenario == material.comparison.b.id else "A",
        int(row.period) if row.period.isdigit() else row.period,
        material.pick(row.policy_name or row.policy_name_zh, row.policy_name_zh or row.policy_name) or row.policy,
        payer,
        *(Number(one.value, max(one.decimals, 1), one.label) for one in amounts),
        " ".join(row.places),
        row.policy,
    ]
