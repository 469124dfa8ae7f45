"""Sheets of policies: 政策时间表, 资金, 补助效果 and 展会."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim.compare.comparison import ALL_PAYERS
from sim.observables import observable
from sim.policies.registry import policy_types
from sim.report.additionality_lines import OUTCOMES, PARTS, REASONS, SIZES, SOURCES, over_years
from sim.report.figures.funnel import VALUES, fairs, month_of_fair, stages_of, whole_years
from sim.report.figures.timeline import bars_of, paid_by_month
from sim.report.money_lines import PAYERS_ZH
from sim.report.rounding import scale_for, significant
from sim.report.table import named, policy_name
from sim.report.words import entries, triples
from sim.report.workbook.book import HEAD, Column
from sim.report.workbook.cell_numbers import Measure, Number, plain_measure, without_dust
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Amount, Extra, FirmPart, MoneyRow
    from sim.compare.statistics import Contrast
    from sim.experiments import Run
    from sim.report.figures.timeline import Bar
    from sim.report.workbook.book import Cell, Sheet, Value
    from sim.report.workbook.material import Material


def timetable(sheet: Sheet, material: Material) -> None:
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
    sheet.table(_year_columns(material, years, measure.unit), rows, freeze=2)
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


def _year_columns(material: Material, years: list[int], unit: str) -> list[Column]:
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


MONEY_STAGES: Final = triples("stages_of_money")


def money(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: the window first, then its years; rows without any money are left out."""
    say, money = material.say, material.comparison.money
    rate = f"{100 * money.discount_rate:g}%"
    note = say("funds.means_over_runs_so", rate=rate, window=money.window[0])
    sheet.title(say("funds.public_money"), material.about(_extra(material), note))
    amounts = [abs(getattr(row, name)) for row in money.rows for name, _, _ in MONEY_STAGES]
    largest = max((value for value in amounts if value == value), default=0.0)
    # 万元 and million yuan: awards are spoken of in them, also where the sum reaches 亿.
    measure = plain_measure("yuan", min(largest, 9.9e7), 4, material.lang)
    told = [row for row in money.rows if any(abs(getattr(row, name)) > 0.005 for name, _, _ in MONEY_STAGES)]
    totals = [position for position, row in enumerate(told) if row.payer == ALL_PAYERS]
    rows = [_money_row(row, material, measure) for row in told]
    sheet.table(_money_columns(material, measure), rows, emphasised=totals, freeze=4)
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


def _money_columns(material: Material, measure: Measure) -> list[Column]:
    say = material.say
    unit = say("funds.columns", unit=measure.unit)
    return [
        Column(say("shared.scenario_3"), 10.0),
        Column(say("shared.period_2"), 12.0),
        Column(say("shared.policy"), 36.0),
        Column(say("funds.payer"), 12.0),
        *(Column(material.pick(english + unit, chinese)) for _, english, chinese in MONEY_STAGES),
        Column(say("funds.places"), 20.0, printed=False),
        Column(say("funds.name_in_files"), 20.0, printed=False),
    ]


def _money_row(row: MoneyRow, material: Material, measure: Measure) -> list[Value]:
    say = material.say
    total = row.payer == ALL_PAYERS
    payer = say("funds.all") if total else material.pick(row.payer, PAYERS_ZH.get(row.payer, row.payer))
    amounts = [measure.level(without_dust(getattr(row, name))) for name, _, _ in MONEY_STAGES]
    return [
        "B" if row.scenario == material.comparison.b.id else "A",
        int(row.period) if row.period.isdigit() else row.period,
        policy_name(row, material.lang),
        payer,
        *(Number(one.value, max(one.decimals, 1), one.label) for one in amounts),
        " ".join(row.places),
        row.policy,
    ]


OUTPUT: Final[dict[FirmPart, list[str]]] = entries()["output_of"]
JOBS: Final[dict[FirmPart, list[str]]] = entries()["jobs_of"]
AT_A_CALL = (("eligible", "eligible", "符合条件"), *REASONS, ("not_chosen", "not chosen", "未入选"))


def grants(sheet: Sheet, material: Material) -> None:
    """Fill the sheet with a table each of additionality, take-up and displacement; only what there is."""
    say = material.say
    note = say("grants.means_add_up_recipients")
    sheet.title(say("grants.what_grants_moved"), material.about(note))
    tables = [rows for rows in (_additionality(material), _take_up(material), _displacement(material)) if rows]
    if not tables:
        sheet.nothing(say("grants.nothing_was_granted_and"))
        return
    for position, rows in enumerate(tables):
        sheet.records(rows, filtered=position == 0, freeze=2 if position == 0 else 0)
        sheet.row += 1
    sheet.finish()


def _additionality(material: Material) -> list[list[Cell]]:
    """Return extra equipment spending by span and part."""
    say, lang = material.say, material.lang
    rows: list[list[Cell]] = []
    for one in material.comparison.additionality:
        parts = [(material.pick(*PARTS[name]), extra) for name, extra in one.parts.items()]
        parts += [
            (material.pick(*PARTS["recipients"]) + say("grants.additionality") + material.pick(*SIZES[size]), it)
            for size, it in one.by_size.items()
        ]
        measure = plain_measure("yuan", max(abs(extra.yuan) for _, extra in parts), 3, lang)
        rows += [_moved(material, over_years(one, lang), name, extra, measure) for name, extra in parts]
    return rows


def _moved(material: Material, years: str, name: str, extra: Extra, measure: Measure) -> list[Cell]:
    say, band = material.say, extra.band
    label = say("grants.moved")
    return [
        (Column(say("grants.from_start_fund"), 22.0), years),
        (Column(say("grants.equipment_spending"), 34.0), name),
        (Column(say("grants.firms")), Number(extra.firms, 0) if extra.firms == extra.firms else None),
        (Column(say("shared.unit"), 14.0), measure.unit),
        (Column(say("grants.extra_spending_mean")), measure.difference(extra.yuan)),
        (Column(say("grants.granted_mean")), measure.level(extra.granted)),
        (Column(say("grants.per_yuan_granted_mean")), Number(extra.per_yuan, 2, label, signed=True)),
        *(
            (Column(text), Number(value, 2, label, signed=True))
            for text, value in ((say("shared.median_4"), band.p50), ("5%", band.p05), ("95%", band.p95))
        ),
    ]


def _take_up(material: Material) -> list[list[Cell]]:
    """Return what became of money and firms at the calls of the window, by policy."""
    say = material.say
    rows: list[list[Cell]] = []
    for one in material.comparison.take_up:
        name = policy_name(one, material.lang)
        measure = plain_measure("yuan", max(one.promised, *one.yuan.values()), 4, material.lang)
        stages = [(outcome, say("grants.all_calls", en=en, zh=zh), 1.0) for outcome, en, zh in OUTCOMES]
        calls = one.number["calls"]
        if calls > 0.0:
            stages += [(outcome, say("grants.firms_at_call", en=en, zh=zh), calls) for outcome, en, zh in AT_A_CALL]
        for outcome, label, by in stages:
            rows.append(
                [
                    (Column(say("shared.policy"), 36.0), f"{name} ({one.side})"),
                    (Column(say("grants.take_up"), 44.0), label),
                    (Column(say("shared.number")), Number(one.number[outcome] / by, 0 if by == 1.0 else 1)),
                    (Column(say("shared.unit"), 14.0), measure.unit),
                    (Column(say("grants.grants")), measure.level(one.yuan[outcome]) if by == 1.0 else None),
                ]
            )
    return rows


def _displacement(material: Material) -> list[list[Cell]]:
    """Return orders won, where they come from, and output of recipients and of others."""
    found = material.comparison.displacement
    if found is None or (found.orders["won"].verdict == "identical" and not found.output):
        return []
    say = material.say
    named: list[tuple[str, Amount]] = [(say("grants.orders_won"), found.orders["won"])]
    sources = [(name, words) for name, words in SOURCES.items() if found.orders[name].each.any()]
    named += [(say("grants.it_from") + material.pick(*words), found.orders[name]) for name, words in sources]
    named += [(material.pick(*words), found.output[name]) for name, words in OUTPUT.items() if name in found.output]
    measure = plain_measure("yuan", max(abs(one.band.mean) for _, one in named), 3, material.lang)
    window, at = material.comparison.window_text, material.comparison.at
    title = say("grants.displacement", window=window)
    rows = [_lost_and_won(material, title, name, one, measure) for name, one in named]
    people = plain_measure("persons", 0.0, 1, material.lang)
    jobs = [(material.pick(*words), found.jobs[name]) for name, words in JOBS.items() if name in found.jobs]
    year = say("grants.in", at=at)
    return rows + [_lost_and_won(material, title, name + year, one, people) for name, one in jobs]


def _lost_and_won(material: Material, title: str, name: str, one: Amount, measure: Measure) -> list[Cell]:
    say = material.say
    return [
        (Column(title, 44.0), name),
        (Column(say("shared.unit"), 14.0), measure.unit),
        (Column(say("grants.mean")), measure.difference(one.band.mean)),
        (Column(say("shared.median_4")), measure.difference(one.band.p50)),
        (Column("5%"), measure.difference(one.band.p05)),
        (Column("95%"), measure.difference(one.band.p95)),
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
    years = whole_years(material.pairing.months, month)[::-1]
    note = say("fair.each_fair_over_twelve", stages=say("shared.stages_of_fair"))
    sheet.title(say("fair.where_fair_visitors_get"), material.about(note))
    fairs_held = {year: stages_of(material.pairing, year * 12 + month - 1) for year in years}
    money = _money_measure(material, fairs_held)
    held_stages = [(year, name, stages) for year, stages in fairs_held.items() for name in stages]
    intended = [position for position, (_, name, _) in enumerate(held_stages) if name == "fair_intended_orders"]
    sheet.records([_stage(material, *one, money) for one in held_stages], emphasised=intended, freeze=2)
    sheet.finish()


def _money_measure(material: Material, held: dict[int, dict[str, Contrast]]) -> Measure:
    """Return one unit for all amounts of money, with two digits of the smallest."""
    amounts = [abs(band.p50) for stages in held.values() for n in VALUES for band in (stages[n].a, stages[n].b)]
    scale = scale_for("yuan", max(amounts, default=0.0), material.lang)
    smallest = min((amount for amount in amounts if amount > 0.0), default=0.0)
    decimals = min(max(significant(smallest / scale.divisor, 2), 0), 3)
    return Measure(scale, decimals, decimals, material.lang)


def _stage(material: Material, year: int, name: str, stages: dict[str, Contrast], money: Measure) -> list[Cell]:
    say, one, intended, item = material.say, stages[name], stages["fair_intended_orders"], observable(name)
    counts = Measure(scale_for(item.unit, 0.0, material.lang), 0, 0, material.lang)
    measure = money if name in VALUES else counts
    # Repeat orders come from earlier fairs too and are no share of this one's.
    part_of_intended = name in VALUES and name != "fair_repeat_orders"
    a, b = (_share(getattr(one, side).p50, getattr(intended, side).p50) if part_of_intended else None for side in "ab")
    return [
        (Column(say("shared.year_2")), year),
        (Column(say("fair.stage"), 18.0), material.pick(item.stage.capitalize(), item.stage_zh)),
        (Column(say("shared.unit"), 14.0), measure.unit),
        *zip(material.columns(), measure.cells(one.a, one.b, one.difference), strict=True),
        (Column(say("fair.intended_orders")), a),
        (Column(say("fair.b_intended_orders")), b),
    ]


def _share(part: float, whole: float) -> Number | None:
    return Number(part / whole, 0, "%") if whole > 0.0 else None
