"""Sheet 政策时间表 / Policies: what is in force when, paid by whom, and what it pays in each year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.policies.registry import policy_types
from sim.report.figures.timeline import timeline
from sim.report.table import named
from sim.report.workbook.numbers import Number, plain_measure, without_dust
from sim.report.workbook.sheet import Column
from sim.state.record import MONEY_STAGES
from sim.units import parse_month

if TYPE_CHECKING:
    from sim.experiments import Run
    from sim.report.workbook.material import Material
    from sim.report.workbook.sheet import Sheet, Value
    from sim.scenario.resolved import Policy

_IN_FORCE = "#DCE6EF"


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: one row for each policy and set of terms, B first; then what was paid by year."""
    say = material.say
    note = say(
        "Money: paid out, mean over runs, current prices. Shaded: in force in at least one month of the year.",
        "金额为财政拨付额（各次推演平均，当年价）；底色表示该年至少有一个月在执行。",
    )
    sheet.title(say("Timetable of policies", "政策时间表"), (*material.about(), note))
    years = [int(year) for year in material.pairing.years]
    runs = {"B": material.b, "A": material.a}
    bars = timeline((material.b, material.a), material.language, unpaired=not material.comparison.paired).data
    records = {side: bars[bars["side"] == side].to_dict("records") for side in runs}
    paid = {side: _paid(run, records[side], years) for side, run in runs.items()}
    largest = max((value for side in paid.values() for row in side for value in row), default=0.0)
    # 万元 and million yuan, as awards are spoken of.
    measure = plain_measure("yuan", min(largest, 9.9e7), 3, material.language)
    rows: list[list[Value]] = []
    spans: list[tuple[int, int]] = []
    for side, run in runs.items():
        policies = {policy.id: policy for policy in run.scenario.policies}
        for bar, sums in zip(records[side], paid[side], strict=True):
            policy = policies[bar["policy"]]
            first, last = int(str(bar["from"])[:4]), int(str(bar["until"])[:4])
            amounts: list[Value] = [
                measure.level(without_dust(value)) if value or first <= year <= last else None
                for year, value in zip(years, sums, strict=True)
            ]
            rows.append([*_words(material, bar, policy), *amounts, policy.source])
            spans.append((first, last))
    top = sheet.row
    sheet.table(_columns(material, years, measure.unit), rows, freeze=2)
    _shade(sheet, rows, spans, years, top + 1)
    sheet.finish()


def _paid(run: Run, bars: list[dict[Any, Any]], years: list[int]) -> list[list[float]]:
    """Return what was paid by year under each bar's terms, mean over runs, yuan.

    What a policy pays before its first or after its last month (grants lag behind) counts to the first or last bar.
    """
    money = run.money()[..., MONEY_STAGES.index("paid")].sum(axis=3).mean(axis=0)
    months = np.asarray(run.months)
    positions = {policy.id: position for position, policy in enumerate(run.scenario.policies)}
    rows = []
    for k, bar in enumerate(bars):
        begins = k == 0 or bars[k - 1]["policy"] != bar["policy"]
        ends = k + 1 == len(bars) or bars[k + 1]["policy"] != bar["policy"]
        own = np.ones(len(months), dtype=bool)
        if not begins:
            own &= months >= parse_month(str(bar["from"]))
        if not ends:
            own &= months < parse_month(str(bars[k + 1]["from"]))
        paid = money[:, positions[bar["policy"]]]
        rows.append([float(paid[own & (months // 12 == year)].sum()) for year in years])
    return rows


def _columns(material: Material, years: list[int], unit: str) -> list[Column]:
    say = material.say
    return [
        Column(say("Scenario", "情形"), 10.0),
        Column(say("Policy", "政策"), 34.0),
        Column(say("Type", "类型"), 16.0),
        Column(say("From", "起")),
        Column(say("Until", "止"), 14.0),
        Column(say("Remark", "说明"), 26.0),
        Column(say("County pays", "县级出资")),
        Column(say("Province pays", "省级出资")),
        *(Column(say(f"{year} {unit}", f"{year}年 {unit}")) for year in years),
        Column(say("Source", "依据"), 60.0, printed=False, wraps=False),
    ]


def _words(material: Material, bar: dict[Any, Any], policy: Policy) -> list[Value]:
    """Return the describing cells of one bar."""
    say = material.say
    name = named(policy, material.language)
    remarks = [
        say("amended terms", "条款调整") if bar["amended"] else "",
        say("not in the baseline", "基准中没有") if bar["side"] == "B" and not bar["in_baseline"] else "",
        say("start assumed", "起始日期为假设") if bar["start_assumed"] and not bar["amended"] else "",
        say("end assumed", "结束日期为假设") if bar["end_assumed"] else "",
    ]
    started = str(bar["from"])
    if not bar["amended"] and policy.start // 12 < int(started[:4]):
        started = f"{policy.start // 12}-{policy.start % 12 + 1:02d}"
    return [
        str(bar["side"]),
        name,
        say(policy.type, policy_types()[policy.type].name_zh),
        started,
        say("goes on", "持续") if bar["ongoing"] else str(bar["until"]),
        say("; ", "；").join(text for text in remarks if text),
        Number(float(bar["county_share"]), 0, "%"),
        Number(float(bar["province_share"]), 0, "%"),
    ]


def _shade(
    sheet: Sheet, rows: list[list[Value]], spans: list[tuple[int, int]], years: list[int], first_row: int
) -> None:
    """Shade the years in which each row's terms are in force."""
    column = (len(rows[0]) if rows else 0) - len(years) - 1
    for row, (values, (start, end)) in enumerate(zip(rows, spans, strict=True), start=first_row):
        for offset, year in enumerate(years):
            if not start <= year <= end:
                continue
            value = values[column + offset]
            form = value.form if isinstance(value, Number) else ""
            look = sheet.book.look(border=True, fill=_IN_FORCE, form=form, middle=True)
            if isinstance(value, Number):
                sheet.page.write_number(row, column + offset, value.value, look)
            else:
                sheet.page.write_blank(row, column + offset, None, look)
