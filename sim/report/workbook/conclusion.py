"""Sheet 结论 / Summary: the answer in sentences, the headline table, value for money, aims, notes, charts."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from sim.compare.statistics import verdict_text
from sim.report.additionality_lines import moved_lines
from sim.report.money_lines import goal_line, money_lines, paid_back_text
from sim.report.sentences import sentences
from sim.report.words import entries
from sim.report.workbook.book import MUTED, Column
from sim.report.workbook.cell_numbers import Number, measure_of, percent, plain_measure
from sim.report.workbook.charts import place_charts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison, Row, ValueRow
    from sim.report.workbook.book import Cell, Sheet, Value
    from sim.report.workbook.charts import ChartRows
    from sim.report.workbook.material import Material

PAPER = 106.0
"""Letters across A4 landscape at full size, with room for fonts that run wide."""
_MEASURES: Final[dict[str, list[str]]] = entries()["value_measures"]


def write(sheet: Sheet, material: Material, charted: Sequence[ChartRows]) -> None:
    """Fill the sheet; the charts of output follow the headline table, those of employment come last."""
    comparison = material.comparison
    say = material.say
    place = material.pick(comparison.setting.place_name, comparison.setting.place_name_zh)
    industry = material.pick(comparison.setting.industry, comparison.setting.industry_zh)
    sheet.title(say("conclusion.conclusions", place=place, industry=industry), material.about())
    rows = [_headline(row, material) for row in comparison.headline_rows()]
    wide = len(rows[0])
    for sentence in sentences(comparison, material.lang):
        sheet.paragraph(sentence, wide, size=11)
    sheet.row += 1
    if not comparison.equality.identical:
        sheet.records(rows, filtered=False)
        sheet.row += 1
        place_charts(sheet, material, charted[0])
        sheet.page.set_h_pagebreaks([sheet.row])
    _value(sheet, material)
    for line in _lines(comparison, material):
        sheet.paragraph(line, wide, color=MUTED)
    sheet.row += 1
    if not comparison.equality.identical:
        place_charts(sheet, material, charted[1])
    # A scale instead of a number of pages: a spreadsheet that fits pages passes over page breaks.
    sheet.page.set_print_scale(min(int(100.0 * PAPER / sheet.width(wide)), 100))
    sheet.finish()


def _headline(row: Row, material: Material) -> list[Cell]:
    """Return the cells of the headline table."""
    say, at, measure, d = material.say, material.comparison.at, measure_of(row, material.lang), row.difference
    columns, cells = material.columns(material.rough), measure.cells(row.a, row.b, d)
    return [
        (Column(say("conclusion.in", at=at), 30.0), material.heading(row)),
        (Column(say("shared.unit"), 14.0), measure.unit),
        *zip(columns[:3], cells[:3], strict=True),
        (columns[6], cells[6]),
        (Column("B−A 25%"), measure.difference(d.p25)),
        (Column("B−A 75%"), measure.difference(d.p75)),
        *zip(columns[7:], cells[7:], strict=True),
        (Column(say("shared.change")), percent(row.difference_pct.p50)),
        (Column(say("shared.runs_with_b_higher")), occasions(row, material)),
        (Column(say("shared.verdict"), 24.0), verdict_text(row.verdict, material.lang)),
    ]


def occasions(row: Row, material: Material) -> Number | None:
    """Return in how many of the runs B is higher (a share of the draws when unpaired)."""
    if math.isnan(row.prob_higher):
        return None
    if not row.paired:
        return Number(row.prob_higher, 0, "%")
    count = row.prob_higher * row.n_pairs
    label = material.say("conclusion.of", n_pairs=row.n_pairs)
    return Number(count, 0 if abs(count - round(count)) < 1e-9 else 1, label)


def _value(sheet: Sheet, material: Material) -> None:
    """Write value for money, with the reason where a measure is not defined."""
    comparison, say = material.comparison, material.say
    if comparison.equality.identical or not comparison.value:
        return
    window = comparison.window_text
    columns = [
        Column(say("conclusion.value_for_money", window=window), 30.0),
        Column(say("shared.unit")),
        Column(say("shared.median_4")),
        *(Column(text) for text in ("5%", "25%", "75%", "95%")),
        Column(say("shared.remark"), 30.0),
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
    remark = material.pick(row.reason, row.reason_zh) if not row.defined else ""
    if row.defined and row.measure == "tax_per_yuan":
        remark = paid_back_text(row, material.lang).lstrip("：: ")
    band = row.band
    if row.measure == "cost_per_job":
        measure = plain_measure("yuan", band.p50 if row.defined else 0.0, 3, material.lang)
        unit, unit_zh = measure.unit or unit, measure.unit or unit_zh
        numbers: list[Value] = [measure.level(v) for v in (band.p50, band.p05, band.p25, band.p75, band.p95)]
    else:
        label = material.pick("", unit_zh)
        numbers = [Number(v, 2, label) for v in (band.p50, band.p05, band.p25, band.p75, band.p95)]
    return [material.pick(english, chinese), material.pick(unit, unit_zh), *numbers, remark]


def _punctuated(line: str, material: Material) -> str:
    """Return a line of the terminal, set apart there by blanks, with punctuation in their place."""
    head, *rest = re.split(r" {2,}", line.strip())
    if rest:
        head += material.say("marks.colon") + material.say("marks.semicolon").join(rest)
    return head[:1].upper() + head[1:]


def _lines(comparison: Comparison, material: Material) -> list[str]:
    """Return money, what it moved, aims, ceiling and notes as lines of text."""
    language = material.lang
    lines = money_lines(comparison.money, language)
    if not comparison.equality.identical:
        lines += moved_lines(comparison, language)
    lines += [goal_line(goal, language) for goal in comparison.goals]
    lines = [_punctuated(line, material) for line in lines]
    ceiling = material.pick(comparison.ceiling, comparison.ceiling_zh)
    if ceiling:
        lines.append(material.say("conclusion.arithmetic_ceiling", ceiling=ceiling))
    # What could not be paid for and the years compared are among the sentences above.
    told = ("N01", "span")
    return lines + [material.pick(note.en, note.zh) for note in comparison.notes if note.code not in told]
