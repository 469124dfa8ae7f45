"""Sheet 政策时间表 / Policies: what is in force when, paid by whom, and what it pays in each year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.policies.registry import policy_types
from sim.report.figures.timeline import bars_of, paid_by_month
from sim.report.table import named
from sim.report.workbook.book import HEAD, Column
from sim.report.workbook.cell_numbers import Number, plain_measure, without_dust
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.experiments import Run
    from sim.report.figures.timeline import Bar
    from sim.report.workbook.book import Sheet, Value
    from sim.report.workbook.material import Material


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: one row for each policy and set of terms, B first; then what was paid by year."""
    say = material.say
    note = say("timetable.money_paid_out_mean")
    sheet.title(say("timetable.timetable_policies"), material.about(note))
    years = [int(year) for year in material.pairing.years]
    bars = bars_of(material)
    every = [*bars["B"], *bars["A"]]
    paid = [*_paid(material.b, bars["B"], years), *_paid(material.a, bars["A"], years)]
    # 万元 and million yuan, as awards are spoken of.
    largest = max((value for row in paid for value in row), default=0.0)
    measure = plain_measure("yuan", min(largest, 9.9e7), 3, material.lang)
    rows: list[list[Value]] = []
    for bar, sums in zip(every, paid, strict=True):
        amounts = [
            measure.level(without_dust(value)) if value or _in_force(bar, year) else None
            for year, value in zip(years, sums, strict=True)
        ]
        rows.append([*_words(material, bar), *amounts, bar.policy.source])
    top = sheet.row
    sheet.table(_columns(material, years, measure.unit), rows, freeze=2)
    _shade(sheet, rows, every, years, top + 1)
    sheet.finish()


def _in_force(bar: Bar, year: int) -> bool:
    return bar.start // 12 <= year <= bar.end // 12


def _paid(run: Run, bars: Sequence[Bar], years: Sequence[int]) -> list[list[float]]:
    """Return what was paid by year under each bar's terms, mean over runs, yuan.

    What a policy pays before its first or after its last month (grants lag behind) counts to the first or last bar.
    """
    money, months = paid_by_month(run), np.asarray(run.months)
    positions = {policy.id: position for position, policy in enumerate(run.scenario.policies)}
    rows = []
    for k, bar in enumerate(bars):
        own = np.ones(len(months), dtype=bool)
        if k and bars[k - 1].policy is bar.policy:
            own &= months >= bar.start
        if k + 1 < len(bars) and bars[k + 1].policy is bar.policy:
            own &= months < bars[k + 1].start
        paid = money[:, positions[bar.policy.id]]
        rows.append([float(paid[own & (months // 12 == year)].sum()) for year in years])
    return rows


def _columns(material: Material, years: list[int], unit: str) -> list[Column]:
    say = material.say
    return [
        Column(say("shared.scenario_3"), 10.0),
        Column(say("shared.policy"), 34.0),
        Column(say("timetable.type"), 16.0),
        Column(say("timetable.from")),
        Column(say("timetable.until"), 14.0),
        Column(say("shared.remark"), 26.0),
        Column(say("timetable.county_pays")),
        Column(say("timetable.province_pays")),
        *(Column(say("timetable.columns", year=year, unit=unit)) for year in years),
        Column(say("timetable.source"), 60.0, printed=False, wraps=False),
    ]


def _words(material: Material, bar: Bar) -> list[Value]:
    say, policy = material.say, bar.policy
    remarks = [
        say("timetable.amended_terms") if bar.amended else "",
        say("timetable.not_in_baseline") if bar.own else "",
        say("timetable.start_assumed") if bar.start_assumed and not bar.amended else "",
        say("timetable.end_assumed") if bar.end_assumed else "",
    ]
    # The first bar begins with the policy, though it be years before the months compared.
    early = not bar.amended and policy.start // 12 < bar.start // 12
    return [
        bar.side,
        named(policy, material.lang),
        material.pick(policy.type, policy_types()[policy.type].name_zh),
        month_text(policy.start if early else bar.start),
        say("timetable.goes_on") if bar.open_right else month_text(bar.end),
        say("marks.semicolon").join(text for text in remarks if text),
        Number(float(policy.payer.get("county", 0.0)), 0, "%"),
        Number(float(policy.payer.get("province", 0.0)), 0, "%"),
    ]


def _shade(sheet: Sheet, rows: list[list[Value]], bars: Sequence[Bar], years: Sequence[int], first_row: int) -> None:
    for row, (values, bar) in enumerate(zip(rows, bars, strict=True), start=first_row):
        for column, year in enumerate(years, start=len(values) - len(years) - 1):
            if not _in_force(bar, year):
                continue
            value = values[column]
            form = value.form if isinstance(value, Number) else ""
            look = sheet.book.look(border=True, fill=HEAD, form=form, middle=True)
            if isinstance(value, Number):
                sheet.page.write_number(row, column, value.value, look)
            else:
                sheet.page.write_blank(row, column, None, look)
