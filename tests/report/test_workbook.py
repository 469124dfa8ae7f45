"""The workbook read back: cells against compare.csv, both languages, layout, charts, few runs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.compare import compare
from sim.policies.registry import policy_types
from sim.report.workbook import NAMES, workbook_bytes
from sim.report.workbook.book import Number, without_dust
from sim.report.workbook.outcomes import axis
from tests.report import figures_fakes as fakes
from tests.report.workbook_reading import DIVISORS, all_cells, header_row, opened, table, texts

CELLS = (
    ("output_value", "2030", "A 中位数", "a_p50"),
    ("output_value", "2030", "A 5% 粗略", "a_p05"),
    ("output_value", "2030", "B−A 95% 粗略", "diff_p95"),
    ("output_value", "2026-2030", "B 中位数", "b_p50"),
    ("exports", "2030", "B−A 中位数", "diff_p50"),
    ("tax_paid", "2030", "B 95% 粗略", "b_p95"),
    ("employment", "2030", "B−A 25%", "diff_p25"),
    ("employment", "2026-2030", "A 95% 粗略", "a_p95"),
    ("discharge_untreated", "2030", "B−A 5% 粗略", "diff_p05"),
    ("profit_rate", "2030", "A 中位数", "a_p50"),
    ("fair_intended_orders", "2030", "B−A 75%", "diff_p75"),
    ("park_plots_used", "2030", "B 中位数", "b_p50"),
)


@pytest.fixture(scope="module")
def runs() -> Any:
    return fakes.pair(24)


@pytest.fixture(scope="module")
def comparison(runs: Any) -> Any:
    return compare(*runs)


@pytest.fixture(scope="module")
def chinese(comparison: Any, runs: Any) -> Any:
    return opened(workbook_bytes(comparison, runs, "zh"))


@pytest.fixture(scope="module")
def english(comparison: Any, runs: Any) -> Any:
    return opened(workbook_bytes(comparison, runs, "en"))


def test_sheets_in_both_languages(chinese: Any, english: Any) -> None:
    assert chinese.sheetnames == [
        "结论", "对比", "年度", "月度累计", "政策时间表", "资金", "补助效果", "展会", "拟合", "假设与来源", "复现",
    ]  # fmt: skip
    assert english.sheetnames == [names[0] for key, names in NAMES.items() if key != "places"]
    assert chinese.active.title == "结论"


@pytest.mark.parametrize(("variable", "period", "heading", "column"), CELLS)
def test_cells_equal_compare_csv(
    chinese: Any, comparison: Any, variable: str, period: str, heading: str, column: str
) -> None:
    (row,) = (r for r in table(chinese["对比"]) if r["指标代号"] == variable and str(r["时期"]) == period)
    (record,) = (r for r in comparison.records() if (r["variable"], r["period"]) == (variable, period))
    assert row[heading] * DIVISORS.get(row["单位"], 1.0) == pytest.approx(record[column], rel=1e-12)


def test_annual_has_levels_difference_and_its_ends(chinese: Any, comparison: Any) -> None:
    rows = {r["统计量"]: r for r in table(chinese["年度"]) if r["指标"] == "产值"}
    row = comparison.row("output_value", 2029)
    for name, value in (
        ("A 中位数", row.a.p50),
        ("B 中位数", row.b.p50),
        ("B−A 中位数", row.difference.p50),
        ("B−A 5%", row.difference.p05),
        ("B−A 95%", row.difference.p95),
    ):
        assert rows[name]["2029"] * 1e8 == pytest.approx(value, rel=1e-12)


def test_cumulative_months_begin_with_january_and_february_together(chinese: Any, comparison: Any) -> None:
    rows = [r for r in table(chinese["月度累计"]) if r["指标"] == "产值" and r["年份"] == 2028]
    assert [r["累计月份"] for r in rows] == [f"1-{month}月" for month in range(2, 13)]
    found = next(r for r in comparison.rows if r.variable == "output_value" and r.period == "2028-01..2028-06")
    assert rows[4]["A 中位数"] * 1e8 == pytest.approx(found.a.p50, rel=1e-12)
    whole, before = (comparison.row("output_value", year).b_values for year in (2028, 2027))
    assert rows[-1]["B 同比"] == pytest.approx(sorted(whole / before - 1.0)[12], abs=2e-3)


def test_money_by_policy_and_payer(chinese: Any, comparison: Any) -> None:
    rows = table(chinese["资金"])
    wanted = next(
        r for r in comparison.money.rows if (r.policy, r.payer, r.period) == ("upgrade-fund", "county", "2027")
    )
    (row,) = (
        r for r in rows if (r["政策代号"], r["出资方"], r["时期"], r["情形"]) == ("upgrade-fund", "县级", 2027, "B")
    )
    assert row["拨付"] * 1e4 == pytest.approx(wanted.paid, rel=1e-12)
    assert row["政策"] == "技术改造专项资金"
    totals = [r for r in rows if r["出资方"] == "合计" and r["时期"] == "2026-2030"]
    assert {r["情形"] for r in totals} == {"A", "B"}
    assert {r["出资方"] for r in rows} == {"县级", "省级", "合计"}


def test_grants_are_told_by_span_part_and_outcome(chinese: Any, english: Any, comparison: Any) -> None:
    one = comparison.additionality[0]
    row = next(r for r in table(chinese["补助效果"]) if r["设备投资主体"] == "当地合计")
    assert row["自资金设立起"] == "3年"
    assert row["每元补助带动（均值）"] == pytest.approx(one.parts["cluster"].per_yuan, rel=1e-12)
    assert row["投资增减（均值）"] * DIVISORS[row["单位"]] == pytest.approx(one.parts["cluster"].yuan, rel=1e-12)
    words = texts(english["Grants"])
    for expected in ("recipients", "granted (all calls)", "with too little own money (firms at a call)", "orders won"):
        assert expected in words
    found = comparison.displacement.orders["won"].band.mean
    cells = [cell.value for cells in english["Grants"].iter_rows() for cell in cells]
    unit = DIVISORS[cells[cells.index("orders won") + 1]]
    assert cells[cells.index("orders won") + 2] * unit == pytest.approx(found, rel=1e-12)


def test_every_type_of_policy_is_named_in_chinese(chinese: Any) -> None:
    types = {row["类型"] for row in table(chinese["政策时间表"])}
    assert types
    assert types <= {kind.name_zh for kind in policy_types().values()}


def test_timetable_adds_up_to_what_was_paid(chinese: Any, runs: Any) -> None:
    rows = table(chinese["政策时间表"])
    fair = [r for r in rows if r["情形"] == "B" and r["类型"] == "展会"]
    assert [(r["起"], r["止"], r["说明"]) for r in fair] == [
        ("2021-10", "2025-12", "起始日期为假设"), ("2026-01", "持续", "条款调整；基准中没有"),
    ]  # fmt: skip
    assert fair[0]["2025年 万元"] is not None
    assert fair[0]["2026年 万元"] is None
    paid = runs[0].money()[..., 3].sum(axis=(2, 3)).mean(axis=0)
    year = runs[0].months // 12 == 2027
    total = sum(r["2027年 万元"] or 0.0 for r in rows if r["情形"] == "B")
    assert total * 1e4 == pytest.approx(paid[year].sum(), rel=1e-9)


def test_fair_funnel(chinese: Any) -> None:
    rows = [r for r in table(chinese["展会"]) if r["年份"] == 2028]
    assert [r["环节"] for r in rows] == ["展位", "采购商", "洽谈", "意向订单", "签约", "交付", "复购"]
    intended, delivered, repeat = rows[3], rows[5], rows[6]
    assert delivered["A 占意向订单"] == pytest.approx(delivered["A 中位数"] / intended["A 中位数"], rel=1e-9)
    assert repeat["A 占意向订单"] is None
    assert intended["B−A 5%"] < intended["B−A 中位数"] < intended["B−A 95%"]


def test_numbers_are_numbers_with_units_in_their_format(chinese: Any) -> None:
    row = next(cells for cells in chinese["对比"].iter_rows() if cells[0].value == "产值")
    assert isinstance(row[3].value, float)
    assert row[3].number_format.endswith('"亿元"')
    assert row[9].number_format.startswith("+")
    share = next(cells for cells in chinese["对比"].iter_rows() if cells[0].value == "利润率")
    assert 0.0 < share[3].value < 1.0
    assert share[3].number_format.endswith("%")
    assert '"百分点"' in share[9].number_format


def test_every_table_prints_on_a4_with_a_frozen_header(chinese: Any, english: Any) -> None:
    for book in (chinese, english):
        for sheet in book.worksheets:
            assert sheet.page_setup.paperSize == 9
            assert sheet.page_setup.orientation == "landscape"
            assert sheet.print_area
            if sheet.title not in ("结论", "Summary"):
                assert sheet.freeze_panes is not None, sheet.title
                assert sheet.auto_filter.ref, sheet.title
                assert int(sheet.freeze_panes[1:]) == header_row(sheet) + 1
        widths = [dimension.width for sheet in book.worksheets for dimension in sheet.column_dimensions.values()]
        assert max(widths) <= 65.0


def test_native_charts_fan_and_difference(chinese: Any) -> None:
    assert len(chinese["结论"]._charts) == 4
    fan = chinese["结论"]._charts[0]
    assert type(fan).__name__ == "AreaChart"
    assert fan.grouping == "stacked"
    assert fan.series[0].graphicalProperties.noFill
    assert [type(part).__name__ for part in fan._charts] == ["AreaChart", "LineChart"]
    difference = chinese["结论"]._charts[1]
    assert difference.series[0].errBars.plus is not None
    assert difference.y_axis.scaling.min <= 0.0


def test_chart_layers_add_up_to_the_band(chinese: Any, comparison: Any) -> None:
    sheet = chinese["年度"]
    start = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "产值 (亿元)")
    line = next(row for row in sheet.iter_rows(min_row=start.row + 1) if row[start.column - 1].value == 2030)
    layers = [line[start.column + offset].value for offset in range(4)]
    band = comparison.row("output_value", 2030).a
    for count, value in ((1, band.p05), (2, band.p25), (3, band.p75), (4, band.p95)):
        assert sum(layers[:count]) * 1e8 == pytest.approx(value, rel=1e-9)


def test_sentences_and_caveat_are_on_the_first_sheet(chinese: Any, english: Any) -> None:
    assert any("90%的推演在" in text for text in texts(chinese["结论"]))
    assert any("模型推演，不是预测" in text for text in texts(chinese["结论"]))
    assert any("a simulation, not a forecast" in text for text in texts(english["Summary"]))


def test_reproduce_names_both_runs_seeds_and_commands(chinese: Any) -> None:
    rows = {r["项目"]: r for r in table(chinese["复现"])}
    assert rows["随机种子"]["B"] == rows["随机种子"]["A"] == "20250108"
    assert rows["推演编号"]["A"] == "yongnian-2023/3f9a2c1d"
    assert "countysim run yongnian-2023 yongnian-fair2x-fund200m -n 24" in rows["重新推演"]["B"]
    assert rows["重新对比"]["B"].endswith("--at 2030 --window 2026-2030 --discount 8%")


def test_assumptions_list_terms_parameters_and_sources(chinese: Any) -> None:
    rows = table(chinese["假设与来源"])
    kinds = {r["类别"] for r in rows}
    assert {"政策条款假设", "模型参数", "资料来源"} <= kinds
    assumed = [r for r in rows if r["类别"] == "政策条款假设" and r["对象"] == "标准件产业园"]
    assert {r["项目"] for r in assumed} == {"start", "plots"}
    parameters = [r for r in rows if r["类别"] == "模型参数"]
    assert all(isinstance(r["数值"], int | float) for r in parameters)
    assert parameters[0]["依据类型"] == "假设"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_below_twenty_runs_no_band_appears_anywhere(language: Any) -> None:
    runs = fakes.pair(12)
    book = opened(workbook_bytes(compare(*runs), runs, language))
    for sheet in book.worksheets:
        if sheet.auto_filter.ref is None:
            continue
        for row in table(sheet):
            bands = {heading: value for heading, value in row.items() if "5%" in heading}
            assert not any(isinstance(value, float) for value in bands.values()), (sheet.title, row)
    annual = book["年度" if language == "zh" else "Annual"]
    ends = [r for r in table(annual) if "5%" in next(v for k, v in r.items() if k in ("统计量", "Statistic"))]
    assert all(value is None for row in ends for heading, value in row.items() if heading.isdigit())
    assert [type(chart).__name__ for chart in book.worksheets[0]._charts[:2]] == ["LineChart", "BarChart"]
    assert any("12" in text and ("少于20次" in text or "fewer than 20" in text) for text in texts(book.worksheets[0]))


def test_no_cell_is_an_error(chinese: Any, english: Any) -> None:
    for book in (chinese, english):
        for cell in all_cells(book):
            assert cell.data_type != "e"
            assert not (isinstance(cell.value, float) and not math.isfinite(cell.value))


@pytest.mark.parametrize(
    ("number", "form"),
    [
        (Number(55.71, 1, "亿元"), '#,##0.0"亿元"'),
        (Number(1.2, 1, "亿元", signed=True), '+#,##0.0"亿元";-#,##0.0"亿元";#,##0.0"亿元"'),
        (Number(-0.0001, 1, "%", signed=True), "#,##0.0%;#,##0.0%;#,##0.0%"),
        (Number(0.5, 0, "个", signed=True), '+#,##0"个";-#,##0"个";#,##0"个"'),
        (Number(0.5, -1), "General"),
    ],
)
def test_number_formats(number: Number, form: str) -> None:
    assert number.form == form


def test_dust_is_no_money() -> None:
    assert without_dust(-1.9e-9) == 0.0
    assert without_dust(0.01) == 0.01


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [(400.0, 617.0, (350.0, 650.0)), (-0.3, 2.9, (-1.0, 3.0)), (0.0, 0.0, (0.0, 1.0)), (5.0, 90.0, (0.0, 100.0))],
)
def test_axes_hold_what_is_drawn(low: float, high: float, ends: tuple[float, float]) -> None:
    first, last, step = axis(low, high)
    assert first <= low
    assert last >= high
    assert (first, last) == pytest.approx(ends) or (last - first) / step <= 10
