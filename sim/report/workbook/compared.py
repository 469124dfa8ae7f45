"""Sheets 对比 / Comparison and 分镇 / Places: every variable with its intervals beside each value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.compare.comparison import ALL_PLACES
from sim.compare.statistics import verdict_text
from sim.evidence.variables import basis_label
from sim.report.workbook.conclusion import occasions
from sim.report.workbook.numbers import MOST_DECIMALS, Number, ends, measure_of
from sim.report.workbook.sheet import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Row
    from sim.report.workbook.material import Material
    from sim.report.workbook.sheet import Sheet, Value


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
    columns = _columns(material, place=place)
    values = [_values(row, material, place=place) for row in rows]
    bold = [] if place else [position for position, row in enumerate(rows) if row.headline]
    sheet.table(columns, values, emphasised=bold, freeze=2 if place else 1)


def _columns(material: Material, *, place: bool) -> list[Column]:
    say = material.say
    rough = say(" rough", " 粗略") if material.comparison.note("rough") else ""
    levels = (say("median", "中位数"), f"5%{rough}", f"95%{rough}")
    where = (
        [Column(say("Place", "地区"), 26.0), Column(say("Code", "行政区划代码"), 12.0, printed=False)] if place else []
    )
    return [
        *where,
        Column(say("Variable", "指标"), 24.0),
        Column(say("Period", "时期"), 12.0),
        Column(say("Unit", "单位"), 14.0),
        *(Column(f"{side} {what}") for side in ("A", "B") for what in levels),
        Column(say("B − A median", "B−A 中位数")),
        *(Column(f"B−A {what}") for what in levels[1:]),
        Column(say("Change", "变化")),
        Column(say("Runs with B higher", "B较高的次数")),
        Column(say("Verdict", "判断"), 24.0),
        Column("B−A 25%", printed=False),
        Column("B−A 75%", printed=False),
        Column(say(f"Change 5%{rough}", f"变化 5%{rough}"), printed=False),
        Column(say(f"Change 95%{rough}", f"变化 95%{rough}"), printed=False),
        Column(say("Better when", "较好方向"), printed=False),
        Column(say("Noise of the mean difference", "推演误差"), printed=False),
        Column(say("Noise cut by pairing", "降噪倍数"), printed=False),
        Column(say("Pairs", "配对次数"), printed=False),
        Column(say("Basis", "口径"), 60.0, printed=False, wraps=False),
        Column(say("Name in files", "指标代号"), 26.0, printed=False),
    ]  # fmt: skip


def _values(row: Row, material: Material, *, place: bool) -> list[Value]:
    measure = measure_of(row, material.language)
    d, percent = row.difference, row.difference_pct
    better = {"higher": material.say("higher", "越高越好"), "lower": material.say("lower", "越低越好")}
    basis = basis_label(row.basis, material.language)
    name = material.say(row.place_name, row.place_name_zh)
    noise = measure.difference(row.mc_se)
    return [
        *([name, row.admin_code] if place else []),
        material.label(row),
        _period(row),
        measure.unit,
        *(measure.level(value) for band in (row.a, row.b) for value in (band.p50, *ends(band))),
        *(measure.difference(value) for value in (d.p50, *ends(d))),
        _percent(percent.p50),
        occasions(row, material),
        verdict_text(row.verdict, material.language),
        *(measure.difference(value) for value in (d.p25, d.p75)),
        *(_percent(value) for value in ends(percent)),
        better.get(row.good, ""),
        Number(noise.value, min(noise.decimals + 1, MOST_DECIMALS), noise.label),
        Number(row.noise_cut, 1) if math.isfinite(row.noise_cut) else None,
        row.n_pairs,
        basis,
        row.variable,
    ]


def _period(row: Row) -> Value:
    """Return a year as a number, a window as text."""
    return int(row.period) if row.period_kind == "year" else row.period


def _percent(value: float) -> Number | None:
    return None if math.isnan(value) else Number(value / 100.0, 1, "%", signed=True)
