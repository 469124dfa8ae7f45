"""Sheet 补助效果 / Grants: what a yuan granted moved, who took grants up, and from whom orders were won."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.additionality_lines import OUTCOMES, PARTS, REASONS, SIZES, SOURCES, over_years
from sim.report.workbook.book import Column
from sim.report.workbook.cell_numbers import Number, plain_measure

if TYPE_CHECKING:
    from sim.compare.comparison import Amount, Extra, FirmPart
    from sim.report.workbook.book import Cell, Sheet
    from sim.report.workbook.cell_numbers import Measure
    from sim.report.workbook.material import Material

OUTPUT: dict[FirmPart, tuple[str, str]] = {
    "recipients": ("output of recipients", "受助企业产值"),
    "others": ("output of other makers of the place", "当地其他生产企业产值"),
    "place": ("output of the place", "当地产值"),
}
JOBS: dict[FirmPart, tuple[str, str]] = {
    "recipients": ("jobs at recipients", "受助企业就业"),
    "others": ("jobs at other firms of the place", "当地其他企业就业"),
    "place": ("jobs in the place", "当地就业"),
}
FIRMS = (("eligible", "eligible", "符合条件"), *REASONS, ("not_chosen", "not chosen", "未入选"))


def write(sheet: Sheet, material: Material) -> None:
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
        name = material.pick(one.policy_name or one.policy_name_zh, one.policy_name_zh or one.policy_name) or one.policy
        measure = plain_measure("yuan", max(one.promised, *one.yuan.values()), 4, material.lang)
        stages = [(outcome, say("grants.all_calls", en=en, zh=zh), 1.0) for outcome, en, zh in OUTCOMES]
        calls = one.number["calls"]
        if calls > 0.0:
            stages += [(outcome, say("grants.firms_at_call", en=en, zh=zh), calls) for outcome, en, zh in FIRMS]
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
