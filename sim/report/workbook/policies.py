"""Sheets of policies: 政策时间表, 资金, 补助效果 and 展会."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from sim.compare.comparison import ALL_PAYERS, FirmPart
from sim.compare.statistics import Amount
from sim.experiments import Run
from sim.observables import observable
from sim.policies.registry import policy_types
from sim.report.comparison_table import OUTCOMES, PARTS, PAYERS_ZH, REASONS, SIZES, SOURCES, over_years
from sim.report.figures.describe import capital
from sim.report.figures.funnel import VALUES, fairs, month_of_fair, stages_of, whole_years
from sim.report.figures.timeline import Bar, bars_of, paid_by_month
from sim.report.rounding import scale_for, significant
from sim.report.table import Column, named, policy_name
from sim.report.words import entries
from sim.report.workbook.book import HEAD, Material, Measure, Number, Sheet, Value, plain_measure, without_dust
from sim.units import month_text

MOST_YUAN: Final = 9.9e7
"""Amounts are told in 万元 and million yuan, as awards are spoken of, also where the sum reaches 亿."""


def timetable(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: one row for each policy and set of terms, B first; then what was paid by year."""
    say, years, bars = material.say, [int(year) for year in material.pairing.years], bars_of(material)
    sheet.title(say("timetable.timetable_policies"), material.about(say("timetable.money_paid_out_mean")))
    every = [*bars["B"], *bars["A"]]
    paid = [*_paid(material.b, bars["B"], years), *_paid(material.a, bars["A"], years)]
    largest = max((value for row in paid for value in row), default=0.0)
    measure = plain_measure("yuan", min(largest, MOST_YUAN), 3, material.lang)
    shaded = {
        (row, k)
        for row, bar in enumerate(every)
        for k, year in enumerate(years)
        if bar.start // 12 <= year <= bar.end // 12
    }
    amounts = []
    for k, year in enumerate(years):
        shown = [sums[k] != 0.0 or (row, k) in shaded for row, sums in enumerate(paid)]
        cells = [measure.level(without_dust(sums[k])) if so else None for so, sums in zip(shown, paid, strict=True)]
        amounts.append(Column(say("timetable.columns", year=year, unit=measure.unit), cells))
    *words, source = material.table("timetable", [_words(material, bar) for bar in every])
    top = sheet.row + 1
    sheet.table([*words, *amounts, source], freeze=2)
    for row, k in sorted(shaded):
        value = amounts[k].cells[row]
        look = sheet.book.look(border=True, fill=HEAD, form=value.form, valign="vcenter")
        sheet.page.write_number(top + row, len(words) + k, value.value, look)
    sheet.finish()


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
        bar.side, named(policy, material.lang), material.pick(policy.type, policy_types()[policy.type].name_zh),
        month_text(policy.start if early else bar.start),
        say("timetable.goes_on") if bar.open_right else month_text(bar.end),
        say("marks.semicolon").join(text for text in remarks if text),
        *(Number(float(policy.payer.get(payer, 0.0)), 0, "%") for payer in ("county", "province")), policy.source,
    ]  # fmt: skip


STAGES: Final = (
    "promised", "claimed", "granted", "paid", "paid_discounted", "unclaimed", "unmet", "returned", "outstanding",
)  # fmt: skip
"""Stages of public money."""


def money(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: the window first, then its years; rows without any money are left out."""
    say, money = material.say, material.comparison.money
    note = say("funds.means_over_runs_so", rate=f"{100 * money.discount_rate:g}%", window=money.window[0])
    sheet.title(say("funds.public_money"), material.about(_extra(material), note))
    stages = [(row, [getattr(row, name) for name in STAGES]) for row in money.rows]
    largest = max((abs(value) for _, amounts in stages for value in amounts if value == value), default=0.0)
    measure = plain_measure("yuan", min(largest, MOST_YUAN), 4, material.lang)
    told = [(row, amounts) for row, amounts in stages if any(abs(value) > 0.005 for value in amounts)]
    rows: list[list[Value]] = []
    for row, amounts in told:
        levels = [measure.level(without_dust(value)) for value in amounts]
        payer = material.pick(row.payer, PAYERS_ZH.get(row.payer, row.payer))
        rows.append(
            [
                "B" if row.scenario == material.comparison.b.id else "A",
                int(row.period) if row.period.isdigit() else row.period, policy_name(row, material.lang),
                say("funds.all") if row.payer == ALL_PAYERS else payer,
                *(Number(one.value, max(one.decimals, 1), one.label) for one in levels), " ".join(row.places),
                row.policy,
            ]
        )  # fmt: skip
    totals = [position for position, (row, _) in enumerate(told) if row.payer == ALL_PAYERS]
    sheet.table(material.table("funds", rows, unit=measure.unit), emphasised=totals, freeze=4)
    sheet.finish()


def _extra(material: Material) -> str:
    extra = material.comparison.money.extra
    measure = plain_measure("yuan", abs(extra.mean), 3, material.lang)
    mean, *ends = (f"{v / measure.scale.divisor:+,.{measure.decimals}f}" for v in (extra.mean, extra.p05, extra.p95))
    inside, values = " … ".join(ends), {"window": material.comparison.window_text, "mean": mean, "unit": measure.unit}
    told = material.say("funds.inside", inside=inside) if extra.shown else ""
    return material.say("funds.paid_by_b", told=told, **values)


OUTPUT: Final[dict[FirmPart, list[str]]] = entries()["output_of"]
JOBS: Final[dict[FirmPart, list[str]]] = entries()["jobs_of"]
AT_A_CALL = (("eligible", "eligible", "符合条件"), *REASONS, ("not_chosen", "not chosen", "未入选"))


def grants(sheet: Sheet, material: Material) -> None:
    """Fill the sheet with a table each of additionality, take-up and displacement; only what there is."""
    sheet.title(
        material.say("grants.what_grants_moved"), material.about(material.say("grants.means_add_up_recipients"))
    )
    window = material.comparison.window_text
    rows = {"additionality": _additionality(material), "take_up": _take_up(material)}
    rows |= {"displacement": _displacement(material)}
    tables = [material.table(name, cells, window=window) for name, cells in rows.items() if cells]
    if not tables:
        sheet.nothing(material.say("grants.nothing_was_granted_and"))
        return
    for position, table in enumerate(tables):
        sheet.table(table, filtered=position == 0, freeze=2 if position == 0 else 0)
        sheet.row += 1
    sheet.finish()


def _additionality(material: Material) -> list[list[Any]]:
    """Return extra equipment spending by span and part."""
    label, rows = material.say("grants.moved"), []
    for one in material.comparison.additionality:
        parts = [(material.pick(*PARTS[name]), extra) for name, extra in one.parts.items()]
        recipients = material.pick(*PARTS["recipients"]) + material.say("grants.additionality")
        parts += [(recipients + material.pick(*SIZES[size]), extra) for size, extra in one.by_size.items()]
        measure = plain_measure("yuan", max(abs(extra.yuan) for _, extra in parts), 3, material.lang)
        for name, extra in parts:
            firms = Number(extra.firms, 0) if extra.firms == extra.firms else None
            moved = (extra.per_yuan, extra.band.p50, extra.band.p05, extra.band.p95)
            numbers = [measure.difference(extra.yuan), measure.level(extra.granted)]
            numbers += [Number(value, 2, label, signed=True) for value in moved]
            rows.append([over_years(one, material.lang), name, firms, measure.unit, *numbers])
    return rows


def _take_up(material: Material) -> list[list[Any]]:
    """Return what became of money and firms at the calls of the window, by policy."""
    say, rows = material.say, []
    for one in material.comparison.take_up:
        name = f"{policy_name(one, material.lang)} ({one.side})"
        measure = plain_measure("yuan", max(one.promised, *one.yuan.values()), 4, material.lang)
        for outcome, en, zh in OUTCOMES:
            number, yuan = Number(one.number[outcome], 0), measure.level(one.yuan[outcome])
            rows.append([name, say("grants.all_calls", en=en, zh=zh), number, measure.unit, yuan])
        calls = one.number["calls"]
        for outcome, en, zh in AT_A_CALL if calls > 0.0 else ():
            # A single call is told as the calls are: whole firms, and what they got.
            number = Number(one.number[outcome] / calls, 0 if calls == 1.0 else 1)
            got = measure.level(one.yuan[outcome]) if calls == 1.0 else None
            rows.append([name, say("grants.firms_at_call", en=en, zh=zh), number, measure.unit, got])
    return rows


def _displacement(material: Material) -> list[list[Any]]:
    """Return orders won, where they come from, and output of recipients and of others."""
    found, say, pick = material.comparison.displacement, material.say, material.pick
    if found is None or (found.orders["won"].verdict == "identical" and not found.output):
        return []
    told: list[tuple[str, Amount]] = [(say("grants.orders_won"), found.orders["won"])]
    sources = [(name, words) for name, words in SOURCES.items() if found.orders[name].each.any()]
    told += [(say("grants.it_from") + pick(*words), found.orders[name]) for name, words in sources]
    told += [(pick(*words), found.output[name]) for name, words in OUTPUT.items() if name in found.output]
    yuan = plain_measure("yuan", max(abs(one.band.mean) for _, one in told), 3, material.lang)
    people, year = plain_measure("persons", 0.0, 1, material.lang), say("grants.in", at=material.comparison.at)
    jobs = [(pick(*words) + year, found.jobs[name]) for name, words in JOBS.items() if name in found.jobs]
    return [
        [name, measure.unit, *(measure.difference(getattr(one.band, part)) for part in ("mean", "p50", "p05", "p95"))]
        for measure, group in ((yuan, told), (people, jobs))
        for name, one in group
    ]


def fairs_held(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: each fair that has twelve simulated months from its month on, latest first."""
    say = material.say
    held = fairs((material.b, material.a))
    if not held:
        sheet.title(say("fair.fair"), material.about())
        sheet.nothing(say("fair.no_fair_with_twelve"))
        return
    month = month_of_fair((material.a, material.b), held[0])
    note = say("fair.each_fair_over_twelve", stages=say("shared.stages_of_fair"))
    sheet.title(say("fair.where_fair_visitors_get"), material.about(note))
    years = whole_years(material.pairing.months, month)[::-1]
    told = {year: stages_of(material.pairing, year * 12 + month - 1) for year in years}
    amounts = [abs(band.p50) for stages in told.values() for n in VALUES for band in (stages[n].a, stages[n].b)]
    # One unit for all amounts of money, with two digits of the smallest.
    scale = scale_for("yuan", max(amounts, default=0.0), material.lang)
    smallest = min((amount for amount in amounts if amount > 0.0), default=0.0)
    decimals = min(max(significant(smallest / scale.divisor, 2), 0), 3)
    money = Measure(scale, decimals, decimals, material.lang)
    rows: list[list[Any]] = []
    intended = []
    for year, stages in told.items():
        whole = stages["fair_intended_orders"]
        for name, one in stages.items():
            item = observable(name)
            counts = Measure(scale_for(item.unit, 0.0, material.lang), 0, 0, material.lang)
            measure = money if name in VALUES else counts
            shares: list[Number | None] = [None, None]
            # Repeat orders come from earlier fairs too and are no share of this one's.
            if name in VALUES and name != "fair_repeat_orders":
                shares = [_share(one.a.p50, whole.a.p50), _share(one.b.p50, whole.b.p50)]
            intended += [len(rows)] if one is whole else []
            stage, cells = (
                material.pick(capital(item.stage), item.stage_zh),
                measure.cells(one.a, one.b, one.difference),
            )
            rows.append([year, stage, measure.unit, *cells, *shares])
    sheet.table(material.table("stages_of_fair", rows, rough=""), emphasised=intended, freeze=2)
    sheet.finish()


def _share(part: float, whole: float) -> Number | None:
    return Number(part / whole, 0, "%") if whole > 0.0 else None
