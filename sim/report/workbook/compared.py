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
    sheet.title(material.say("compared.comparison_b_with"), material.about())
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
    sheet.title(material.say("compared.comparison_by_place"), material.about())
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
    better = {"higher": say("compared.higher"), "lower": say("compared.lower")}
    noise = measure.difference(row.mc_se)
    name, code = Column(say("shared.place_2"), 26.0), Column(say("compared.code"), 12.0, printed=False)
    where: list[Cell] = (
        [(name, material.pick(row.place_name, row.place_name_zh)), (code, row.admin_code)] if place else []
    )
    return [
        *where,
        (Column(say("shared.variable"), 24.0), material.heading(row)),
        (Column(say("shared.period_2"), 12.0), int(row.period) if row.period_kind == "year" else row.period),
        (Column(say("shared.unit"), 14.0), measure.unit),
        *zip(material.columns(material.rough), measure.cells(row.a, row.b, d), strict=True),
        (Column(say("shared.change")), percent(change.p50)),
        (Column(say("shared.runs_with_b_higher")), occasions(row, material)),
        (Column(say("shared.verdict"), 24.0), verdict_text(row.verdict, material.lang)),
        (Column("B−A 25%", printed=False), measure.difference(d.p25)),
        (Column("B−A 75%", printed=False), measure.difference(d.p75)),
        (Column(say("compared.change_5") + material.rough, printed=False), percent(change.p05)),
        (Column(say("compared.change_95") + material.rough, printed=False), percent(change.p95)),
        (Column(say("compared.better_when"), printed=False), better.get(row.good, "")),
        (
            Column(say("compared.noise_mean_difference"), printed=False),
            Number(noise.value, min(noise.decimals + 1, MOST_DECIMALS), noise.label),
        ),
        (Column(say("compared.noise_cut_by_pairing"), printed=False), Number(row.variance_reduction, 1)),
        (Column(say("compared.pairs"), printed=False), row.n_pairs),
        (Column(say("shared.basis_2"), 60.0, printed=False, wraps=False), basis_label(row.basis, material.lang)),
        (Column(say("compared.name_in_files"), 26.0, printed=False), row.variable),
    ]
