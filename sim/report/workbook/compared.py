"""Sheets 对比 / Comparison and 分镇 / Places: every variable with its intervals beside each value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compare.comparison import ALL_PLACES
from sim.compare.statistics import verdict_text
from sim.evidence.variables import basis_label
from sim.report.workbook.book import Column
from sim.report.workbook.cell_numbers import MOST_DECIMALS, Number, measure_of, percent
from sim.report.workbook.conclusion import occasions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Row
    from sim.report.workbook.book import Cell, Sheet
    from sim.report.workbook.material import Material


def write(sheet: Sheet, material: Material) -> None:
    """Fill 对比: the headline year, then the window, then growth; headline variables first and in bold."""
    comparison = material.comparison
    sheet.title(material.say("Comparison of B with A", "B与A对比"), material.about())
    periods = (str(comparison.at), comparison.window_text)
    rows: list[Row] = []
    for period in dict.fromkeys(periods):
        found = comparison.rows_at(period)
        rows += [row for row in found if row.headline] + [row for row in found if not row.headline]
    rows += comparison.growth
    _table(sheet, material, rows, place=False)
    sheet.finish()


def write_places(sheet: Sheet, material: Material) -> None:
    """Fill 分镇: the headline variables of each place, places in the order of their administrative codes."""
    sheet.title(material.say("Comparison by place", "分地区对比"), material.about())
    rows = [row for row in material.comparison.rows if row.place != ALL_PLACES and row.headline]
    order = list(dict.fromkeys(row.place for row in rows))
    names = list(dict.fromkeys(row.variable for row in rows))
    rows.sort(key=lambda row: (row.period, names.index(row.variable), order.index(row.place)))
    _table(sheet, material, rows, place=True)
    sheet.finish()


def _table(sheet: Sheet, material: Material, rows: Sequence[Row], *, place: bool) -> None:
    bold = [] if place else [position for position, row in enumerate(rows) if row.headline]
    cells = [_cells(row, material, place=place) for row in rows]
    sheet.records(cells, emphasised=bold, freeze=2 if place else 1)


def _cells(row: Row, material: Material, *, place: bool) -> list[Cell]:
    say, measure, d, change = material.say, measure_of(row, material.lang), row.difference, row.difference_pct
    better = {"higher": say("higher", "越高越好"), "lower": say("lower", "越低越好")}
    noise = measure.difference(row.mc_se)
    name, code = Column(say("Place", "地区"), 26.0), Column(say("Code", "行政区划代码"), 12.0, printed=False)
    where: list[Cell] = [(name, say(row.place_name, row.place_name_zh)), (code, row.admin_code)] if place else []
    return [
        *where,
        (Column(say("Variable", "指标"), 24.0), material.heading(row)),
        (Column(say("Period", "时期"), 12.0), int(row.period) if row.period_kind == "year" else row.period),
        (Column(say("Unit", "单位"), 14.0), measure.unit),
        *zip(material.columns(material.rough), measure.cells(row.a, row.b, d), strict=True),
        (Column(say("Change", "变化")), percent(change.p50)),
        (Column(say("Runs with B higher", "B较高的次数")), occasions(row, material)),
        (Column(say("Verdict", "判断"), 24.0), verdict_text(row.verdict, material.lang)),
        (Column("B−A 25%", printed=False), measure.difference(d.p25)),
        (Column("B−A 75%", printed=False), measure.difference(d.p75)),
        (Column(say("Change 5%", "变化 5%") + material.rough, printed=False), percent(change.p05)),
        (Column(say("Change 95%", "变化 95%") + material.rough, printed=False), percent(change.p95)),
        (Column(say("Better when", "较好方向"), printed=False), better.get(row.good, "")),
        (
            Column(say("Noise of the mean difference", "推演误差"), printed=False),
            Number(noise.value, min(noise.decimals + 1, MOST_DECIMALS), noise.label),
        ),
        (Column(say("Noise cut by pairing", "降噪倍数"), printed=False), Number(row.variance_reduction, 1)),
        (Column(say("Pairs", "配对次数"), printed=False), row.n_pairs),
        (Column(say("Basis", "口径"), 60.0, printed=False, wraps=False), basis_label(row.basis, material.lang)),
        (Column(say("Name in files", "指标代号"), 26.0, printed=False), row.variable),
    ]
