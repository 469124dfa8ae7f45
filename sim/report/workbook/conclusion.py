"""Sheet 结论 / Summary: the answer in sentences, the headline table, value for money, aims, notes, charts."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from sim.compare.statistics import verdict_text
from sim.report.money_lines import anyway_lines, displaced_lines, goal_line, money_lines, paid_back_text
from sim.report.sentences import sentences
from sim.report.workbook.book import MUTED
from sim.report.workbook.charts import place_charts
from sim.report.workbook.numbers import Measure, Number, ends, measure_of, plain_measure
from sim.report.workbook.sheet import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison, Row, ValueRow
    from sim.report.workbook.annual import ChartRows
    from sim.report.workbook.material import Material
    from sim.report.workbook.sheet import Sheet, Value

PAPER = 106.0
"""Letters across A4 landscape at full size, with room for fonts that run wide."""
SECOND_CHART = 6
"""Column the right one of two charts starts in."""
_MEASURES = {
    "jobs_per_million": ("Extra jobs per million yuan", "每百万元财政投入增加就业", "persons", "人"),
    "output_per_yuan": ("Extra output per yuan", "每元财政投入增加产值", "yuan", "元"),
    "tax_per_yuan": ("Extra tax per yuan", "每元财政投入增加税收", "yuan", "元"),
    "cost_per_job": ("Public money per extra job", "每个新增岗位的财政投入", "yuan", "元"),
}


def write(sheet: Sheet, material: Material, charted: Sequence[ChartRows]) -> None:
    """Fill the sheet; the charts of output follow the headline table, those of employment come last."""
    comparison = material.comparison
    say = material.say
    place = say(comparison.setting.place_name, comparison.setting.place_name_zh)
    industry = say(comparison.setting.industry, comparison.setting.industry_zh)
    sheet.title(say(f"Conclusions: {place}, {industry}", f"结论：{place} {industry}"), material.about())
    columns = _columns(material)
    for sentence in sentences(comparison, material.language):
        sheet.paragraph(sentence, len(columns), size=11)
    sheet.row += 1
    if not comparison.equality.identical:
        _headline(sheet, material, columns)
        place_charts(sheet, material, charted[0], SECOND_CHART)
        sheet.page.set_h_pagebreaks([sheet.row])
    _value(sheet, material)
    for line in _lines(comparison, material):
        sheet.paragraph(line, len(columns), color=MUTED)
    sheet.row += 1
    if not comparison.equality.identical:
        place_charts(sheet, material, charted[1], SECOND_CHART)
    # A scale instead of a number of pages: a spreadsheet that fits pages passes over page breaks.
    sheet.page.set_print_scale(min(int(100.0 * PAPER / sheet.width(len(columns))), 100))
    sheet.finish()


def _columns(material: Material) -> list[Column]:
    """Columns of the headline table."""
    say, at = material.say, material.comparison.at
    rough = say(" rough", " 粗略") if material.comparison.note("rough") else ""
    return [
        Column(say(f"In {at}", f"{at}年"), 30.0),
        Column(say("Unit", "单位"), 14.0),
        Column(say("A median", "A 中位数")),
        Column(say(f"A 5%{rough}", f"A 5%{rough}")),
        Column(say(f"A 95%{rough}", f"A 95%{rough}")),
        Column(say("B − A median", "B−A 中位数")),
        Column("B−A 25%"),
        Column("B−A 75%"),
        Column(f"B−A 5%{rough}"),
        Column(f"B−A 95%{rough}"),
        Column(say("Change", "变化")),
        Column(say("Runs with B higher", "B较高的次数")),
        Column(say("Verdict", "判断"), 24.0),
    ]


def _headline(sheet: Sheet, material: Material, columns: list[Column]) -> None:
    """Write the small table of headline variables."""
    rows = [_headline_row(row, material) for row in material.comparison.headline_rows()]
    sheet.table(columns, rows, filtered=False)
    sheet.row += 1


def _headline_row(row: Row, material: Material) -> list[Value]:
    measure = measure_of(row, material.language)
    d = row.difference
    return [
        material.label(row),
        measure.unit,
        measure.level(row.a.p50),
        *(measure.level(value) for value in ends(row.a)),
        *(measure.difference(value) for value in (d.p50, d.p25, d.p75, d.p05, d.p95)),
        change(row),
        occasions(row, material),
        verdict_text(row.verdict, material.language),
    ]


def change(row: Row) -> Number | None:
    """Return the median difference in percent of A; nothing for a share, whose difference is in points."""
    value = row.difference_pct.p50
    return None if math.isnan(value) else Number(value / 100.0, 1, "%", signed=True)


def occasions(row: Row, material: Material) -> Number | None:
    """Return in how many of the runs B is higher (a share of the draws when unpaired)."""
    if math.isnan(row.prob_higher):
        return None
    if not row.paired:
        return Number(row.prob_higher, 0, "%")
    count = row.prob_higher * row.n_pairs
    label = material.say(f" of {row.n_pairs}", f"/{row.n_pairs}")
    return Number(count, 0 if abs(count - round(count)) < 1e-9 else 1, label)


def _value(sheet: Sheet, material: Material) -> None:
    """Write value for money, with the reason where a measure is not defined."""
    comparison, say = material.comparison, material.say
    if comparison.equality.identical or not comparison.value:
        return
    window = comparison.window_text
    columns = [
        Column(say(f"Value for money {window}", f"资金效益 {window}年"), 30.0),
        Column(say("Unit", "单位")),
        Column(say("Median", "中位数")),
        *(Column(text) for text in ("5%", "25%", "75%", "95%")),
        Column(say("Remark", "说明"), 30.0),
    ]
    rows = [_value_row(row, material) for row in comparison.value]
    body = sheet.table(columns, [[*row[:7], None] for row in rows], filtered=False)
    for position, row in zip(body, rows, strict=True):
        if isinstance(row[7], str) and row[7]:
            # The remark runs over the empty cells to its right.
            sheet.page.write_string(position, 7, row[7], sheet.book.look(color=MUTED, indent=1))
    sheet.row += 1


def _value_row(row: ValueRow, material: Material) -> list[Value]:
    english, chinese, unit, unit_zh = _MEASURES[row.measure]
    if row.basis == "granted":
        english, chinese = f"{english}, by money granted", f"{chinese}（按批复额）"
    remark = material.say(row.reason, row.reason_zh) if not row.defined else ""
    if row.defined and row.measure == "tax_per_yuan":
        remark = paid_back_text(row, material.language).lstrip("：: ")
    band = row.band
    if row.measure == "cost_per_job":
        measure: Measure = plain_measure("yuan", band.p50 if row.defined else 0.0, 3, material.language)
        unit, unit_zh = measure.unit or unit, measure.unit or unit_zh
        numbers: list[Value] = [measure.level(v) for v in (band.p50, band.p05, band.p25, band.p75, band.p95)]
    else:
        label = material.say("", unit_zh)
        numbers = [Number(v, 2, label) for v in (band.p50, band.p05, band.p25, band.p75, band.p95)]
    return [material.say(english, chinese), material.say(unit, unit_zh), *numbers, remark]


def _punctuated(line: str, material: Material) -> str:
    """Return a line of the terminal, set apart there by blanks, with punctuation in their place."""
    head, *rest = re.split(r" {2,}", line.strip())
    if rest:
        head += material.say(": ", "：") + material.say("; ", "；").join(rest)
    return head[:1].upper() + head[1:]


def _lines(comparison: Comparison, material: Material) -> list[str]:
    """Return money, displaced jobs, aims, ceiling and notes as lines of text."""
    language = material.language
    lines = money_lines(comparison.money, language)
    if not comparison.equality.identical:
        lines += anyway_lines(comparison.money, language)
        lines += displaced_lines(comparison.displaced, language)
    lines += [goal_line(goal, language) for goal in comparison.goals]
    lines = [_punctuated(line, material) for line in lines]
    ceiling = material.say(comparison.ceiling, comparison.ceiling_zh)
    if ceiling:
        lines.append(material.say(f"Arithmetic ceiling: {ceiling}", f"按公布数字推算的上限：{ceiling}"))
    # What could not be paid for and the years compared are among the sentences above.
    told = ("N01", "span")
    return lines + [material.say(note.en, note.zh) for note in comparison.notes if note.code not in told]
