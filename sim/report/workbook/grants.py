"""Sheet 补助效果 / Grants: what a yuan granted moved, who took grants up, and from whom orders were won."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.additionality_lines import OUTCOMES, PARTS, REASONS, SIZES, SOURCES, over_years
from sim.report.workbook.book import Column
from sim.report.workbook.cell_numbers import Number, plain_measure

if TYPE_CHECKING:
    from sim.compare.comparison import Amount, Extra, OutputPart
    from sim.report.workbook.book import Cell, Sheet
    from sim.report.workbook.cell_numbers import Measure
    from sim.report.workbook.material import Material

OUTPUT: dict[OutputPart, tuple[str, str]] = {
    "recipients": ("output of recipients", "受助企业产值"),
    "others": ("output of other makers of the place", "当地其他生产企业产值"),
    "place": ("output of the place", "当地产值"),
}
FIRMS = (("eligible", "eligible", "符合条件"), *REASONS, ("not_chosen", "not chosen", "未入选"))


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet with a table each of additionality, take-up and displacement; only what there is."""
    say = material.say
    note = say(
        "Means add up: recipients and other firms make the place; orders won are the sum of where they come from.",
        "均值可以相加：受助企业与其他企业合计为当地；多得订单为各来源之和。",
    )
    sheet.title(say("What the grants moved", "补助带动了什么"), material.about(note))
    tables = [rows for rows in (_additionality(material), _take_up(material), _displacement(material)) if rows]
    if not tables:
        sheet.nothing(say("Nothing was granted and no orders were won.", "没有批复补助，也没有多得订单。"))
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
        parts = [(say(*PARTS[name]), extra) for name, extra in one.parts.items()]
        parts += [
            (say(*PARTS["recipients"]) + say(", ", "：") + say(*SIZES[size]), it) for size, it in one.by_size.items()
        ]
        measure = plain_measure("yuan", max(abs(extra.yuan) for _, extra in parts), 3, lang)
        rows += [_moved(material, over_years(one, lang), name, extra, measure) for name, extra in parts]
    return rows


def _moved(material: Material, years: str, name: str, extra: Extra, measure: Measure) -> list[Cell]:
    say, band = material.say, extra.band
    label = say("", "元")
    return [
        (Column(say("From the start of the fund", "自资金设立起"), 22.0), years),
        (Column(say("Equipment spending of", "设备投资主体"), 34.0), name),
        (Column(say("Firms", "企业数")), Number(extra.firms, 0) if extra.firms == extra.firms else None),
        (Column(say("Unit", "单位"), 14.0), measure.unit),
        (Column(say("Extra spending, mean", "投资增减（均值）")), measure.difference(extra.yuan)),
        (Column(say("Granted, mean", "批复补助（均值）")), measure.level(extra.granted)),
        (Column(say("Per yuan granted, mean", "每元补助带动（均值）")), Number(extra.per_yuan, 2, label, signed=True)),
        *(
            (Column(text), Number(value, 2, label, signed=True))
            for text, value in ((say("Median", "中位数"), band.p50), ("5%", band.p05), ("95%", band.p95))
        ),
    ]


def _take_up(material: Material) -> list[list[Cell]]:
    """Return what became of money and firms at the calls of the window, by policy."""
    say = material.say
    rows: list[list[Cell]] = []
    for one in material.comparison.take_up:
        name = say(one.policy_name or one.policy_name_zh, one.policy_name_zh or one.policy_name) or one.policy
        measure = plain_measure("yuan", max(one.promised, *one.yuan.values()), 4, material.lang)
        stages = [(outcome, say(f"{en} (all calls)", f"{zh}（合计）"), 1.0) for outcome, en, zh in OUTCOMES]
        calls = one.number["calls"]
        if calls > 0.0:
            stages += [
                (outcome, say(f"{en} (firms at a call)", f"{zh}（每次申报）"), calls) for outcome, en, zh in FIRMS
            ]
        for outcome, label, by in stages:
            rows.append(
                [
                    (Column(say("Policy", "政策"), 36.0), f"{name} ({one.side})"),
                    (Column(say("Take-up", "资金使用"), 44.0), label),
                    (Column(say("Number", "数量")), Number(one.number[outcome] / by, 0 if by == 1.0 else 1)),
                    (Column(say("Unit", "单位"), 14.0), measure.unit),
                    (Column(say("Grants", "补助")), measure.level(one.yuan[outcome]) if by == 1.0 else None),
                ]
            )
    return rows


def _displacement(material: Material) -> list[list[Cell]]:
    """Return orders won, where they come from, and output of recipients and of others."""
    found = material.comparison.displacement
    if found is None or found.orders["won"].verdict == "identical":
        return []
    say = material.say
    named: list[tuple[str, Amount]] = [(say("orders won", "多得订单"), found.orders["won"])]
    sources = [(name, words) for name, words in SOURCES.items() if found.orders[name].each.any()]
    named += [(say("of it from ", "其中来自") + say(*words), found.orders[name]) for name, words in sources]
    named += [(say(*words), found.output[name]) for name, words in OUTPUT.items() if name in found.output]
    measure = plain_measure("yuan", max(abs(one.band.mean) for _, one in named), 3, material.lang)
    window = material.comparison.window_text
    return [
        [
            (Column(say(f"Displacement {window}", f"挤出 {window}年"), 44.0), name),
            (Column(say("Unit", "单位"), 14.0), measure.unit),
            (Column(say("Mean", "均值")), measure.difference(one.band.mean)),
            (Column(say("Median", "中位数")), measure.difference(one.band.p50)),
            (Column("5%"), measure.difference(one.band.p05)),
            (Column("95%"), measure.difference(one.band.p95)),
        ]
        for name, one in named
    ]
