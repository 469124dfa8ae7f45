"""A comparison as files: CSV tables, each plain and as a Chinese copy, written whole or not at all.

Plain files have no byte-order mark, plain units and full precision. The Chinese copies (``*.zh.csv``) hold the same
numbers under Chinese headings with a mark, which is what Excel on a Chinese Windows needs to read them.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.compare.comparison import COMPARE_COLUMNS, COMPARE_HEADINGS, QUANTILES_ZH, Record, compare_records
from sim.compare.statistics import VERDICTS_ZH
from sim.units import month_text, plain_cell
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.compare.comparison import Comparison

ANOTHER = "close it, or choose another --out"
"""What is advised when a file cannot be written, for instance because a spreadsheet has it open."""
MONEY_COLUMNS = (
    "scenario", "baseline", "place", "policy", "payer", "period", "promised", "claimed", "granted", "paid", "unclaimed",
    "unit", "unmet", "returned", "paid_discounted", "discount_rate", "policy_name",
    "policy_name_zh", "paired", "outstanding",
)  # fmt: skip
VALUE_COLUMNS = (
    "scenario", "baseline", "window", "measure", "p05", "p25", "p50", "p75", "p95", "mean", "mc_se", "unit", "defined",
    "reason", "reason_zh", "n_pairs", "paired", "basis",
)  # fmt: skip
GOAL_COLUMNS = (
    "scenario", "goal", "by", "at_least", "prob_reached", "month_p50", "variable", "unit", "place", "n_runs",
    "runs_end_before", "source",
)  # fmt: skip
VALUE_UNITS = {
    "jobs_per_million": "persons per million yuan",
    "output_per_yuan": "yuan per yuan",
    "tax_per_yuan": "yuan per yuan",
    "cost_per_job": "yuan per person",
}
ADDITIONALITY_COLUMNS = (
    "scenario", "baseline", "years", "months", "part", "firms", "extra_yuan", "granted_yuan", "per_yuan", "p05", "p25",
    "p50", "p75", "p95", "mean", "n_runs", "n_pairs",
)  # fmt: skip
TAKE_UP_COLUMNS = (
    "scenario", "baseline", "side", "policy", "window", "outcome", "number", "yuan", "policy_name", "policy_name_zh",
)  # fmt: skip
DISPLACEMENT_COLUMNS = (
    "scenario", "baseline", "window", "place", "measure", "part", "p05", "p25", "p50", "p75", "p95", "mean", "mc_se",
    "unit", "n_pairs",
)  # fmt: skip
CHINESE_HEADINGS = COMPARE_HEADINGS | {
    "policy": "政策代号",
    "policy_name": "政策名称（英文）",
    "policy_name_zh": "政策名称",
    "payer": "出资方",
    "promised": "预算",
    "claimed": "申报",
    "granted": "批复",
    "paid": "拨付",
    "unclaimed": "未申领",
    "unmet": "缺口",
    "returned": "退回",
    "outstanding": "已批复未拨付",
    "paid_discounted": "拨付折现值",
    "discount_rate": "折现率",
    "window": "时间范围",
    "measure": "指标代号",
    **QUANTILES_ZH,
    "defined": "能否计算",
    "reason": "原因（英文）",
    "reason_zh": "原因",
    "goal": "目标代号",
    "by": "期限",
    "at_least": "不低于",
    "prob_reached": "达到的比例",
    "month_p50": "达到月份中位数",
    "n_runs": "推演次数",
    "runs_end_before": "推演早于期限结束",
    "source": "来源",
    "years": "自资金设立起年数",
    "months": "计入月数",
    "part": "部分",
    "firms": "企业数",
    "extra_yuan": "设备投资增减（元）",
    "granted_yuan": "批复补助（元）",
    "per_yuan": "每元补助带动（元）",
    "side": "情形或基准",
    "outcome": "环节",
    "number": "数量",
    "yuan": "金额（元）",
}


def money_records(comparison: Comparison) -> list[Record]:
    """Return ``money.csv``: rows of B, then of A; means over runs in yuan."""
    common = {
        "baseline": comparison.a.id, "unit": "yuan", "discount_rate": comparison.money.discount_rate,
        "paired": comparison.paired,
    }  # fmt: skip
    return [{**vars(row), **common, "place": " ".join(row.places)} for row in comparison.money.rows]


def value_records(comparison: Comparison) -> list[Record]:
    """Return ``value.csv``: one row per measure of value for money and kind of money (``basis``: paid, granted)."""
    common = {
        "scenario": comparison.b.id, "baseline": comparison.a.id, "n_pairs": comparison.n_pairs,
        "paired": comparison.paired,
    }  # fmt: skip
    return [
        {**vars(row), **vars(row.band), **common, "unit": VALUE_UNITS[row.measure], "defined": row.defined}
        for row in comparison.value
    ]


def goal_records(comparison: Comparison) -> list[Record]:
    """Return ``goals.csv``: one row per aim and scenario, B first."""
    records = []
    for goal in comparison.goals:
        common = {**vars(goal), "goal": goal.id, "by": month_text(goal.by), "runs_end_before": goal.ends_before}
        for side, probability, month, runs in (
            (comparison.b, goal.prob_b, goal.month_b, goal.runs_b),
            (comparison.a, goal.prob_a, goal.month_a, goal.runs_a),
        ):
            shown = "" if month is None else month_text(month)
            records.append(
                {**common, "scenario": side.id, "prob_reached": probability, "month_p50": shown, "n_runs": runs}
            )
    return records


def additionality_records(comparison: Comparison) -> list[Record]:
    """Return ``additionality.csv``: extra equipment spending by years from the start of the fund and part.

    The parts ``recipients`` and ``others`` make ``cluster``; then come recipients by size; ``placebo`` is what is
    measured over as many months before the start of the fund.
    """
    records: list[Record] = []
    empty = dict.fromkeys((*QUANTILES_ZH, "firms", "extra_yuan", "granted_yuan"), math.nan)
    for one in comparison.additionality:
        common = {
            "scenario": comparison.b.id, "baseline": comparison.a.id, "years": one.years, "months": one.months,
            "n_runs": one.runs, "n_pairs": one.n,
        }  # fmt: skip
        named = [*one.parts.items(), *((f"recipients {size}", extra) for size, extra in one.by_size.items())]
        records += [
            {
                **common, **vars(extra.band), "part": part, "firms": extra.firms, "extra_yuan": extra.yuan,
                "granted_yuan": extra.granted, "per_yuan": extra.per_yuan,
            }
            for part, extra in named
        ]  # fmt: skip
        records.append({**common, **empty, "part": "placebo", "per_yuan": one.placebo})
    return records


def take_up_records(comparison: Comparison) -> list[Record]:
    """Return ``take_up.csv``: number of calls or firms and yuan of grants over the window, by policy and outcome."""
    common = {"scenario": comparison.b.id, "baseline": comparison.a.id, "window": comparison.window_text}
    return [
        {**common, **vars(row), "outcome": outcome, "number": number, "yuan": yuan}
        for row in comparison.take_up
        for outcome, number, yuan in (
            ("promised", math.nan, row.promised),
            *((name, row.number[name], row.yuan[name]) for name in row.number),
            ("returned", math.nan, row.returned),
        )
    ]


def displacement_records(comparison: Comparison) -> list[Record]:
    """Return ``displacement.csv``: orders won over the window and from whom, output of recipients and of others."""
    found = comparison.displacement
    if found is None:
        return []
    common = {
        "scenario": comparison.b.id, "baseline": comparison.a.id, "window": comparison.window_text,
        "place": " ".join(found.places), "unit": "yuan", "n_pairs": comparison.n_pairs,
    }  # fmt: skip
    return [
        {**common, **vars(one.band), "measure": measure, "part": part, "mc_se": one.mc_se}
        for measure, parts in (("orders", found.orders), ("output", found.output))
        for part, one in parts.items()
    ]


def csv_text(records: Iterable[Mapping[str, Any]], columns: Sequence[str], *, chinese: bool = False) -> str:
    """Return a table as CSV text; ``chinese`` gives Chinese headings and verdicts."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n" if chinese else "\n")
    writer.writerow([CHINESE_HEADINGS[name] for name in columns] if chinese else columns)
    for record in records:
        cells = {name: record[name] for name in columns}
        if chinese and "verdict" in cells:
            cells["verdict"] = VERDICTS_ZH[record["verdict"]]
        writer.writerow(_cell(value) for value in cells.values())
    return buffer.getvalue()


def _cell(value: Any) -> str:
    """Return one cell: numbers in full, nothing for NaN, text that no spreadsheet takes for a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return str(plain_cell(value))


def comparison_folder(comparison: Comparison, results: Path) -> Path:
    """Return the folder of a comparison: ``compare/<B>--vs--<A>--<hash of A>-<hash of B>`` under ``results``."""
    a, b = comparison.a, comparison.b
    unpaired = "" if comparison.paired else "--unpaired"
    return results / "compare" / f"{_safe(b.id)}--vs--{_safe(a.id)}--{_safe(a.hash)}-{_safe(b.hash)}{unpaired}"


def _safe(name: str) -> str:
    """Return ``name`` as part of a folder name: a variant's colon becomes two hyphens, anything else odd one."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in name.replace(":", "--"))
    return kept or "-"


def write_tables(comparison: Comparison, folder: Path) -> list[Path]:
    """Write the tables, plain and Chinese, into ``folder``; return the paths."""
    tables = (
        ("compare", compare_records(comparison), COMPARE_COLUMNS),
        ("money", money_records(comparison), MONEY_COLUMNS),
        ("value", value_records(comparison), VALUE_COLUMNS),
        ("goals", goal_records(comparison), GOAL_COLUMNS),
        ("additionality", additionality_records(comparison), ADDITIONALITY_COLUMNS),
        ("take_up", take_up_records(comparison), TAKE_UP_COLUMNS),
        ("displacement", displacement_records(comparison), DISPLACEMENT_COLUMNS),
    )
    return [
        write_whole(folder / f"{name}{ending}", mark + csv_text(records, columns, chinese=chinese), ANOTHER)
        for name, records, columns in tables
        for ending, mark, chinese in ((".csv", "", False), (".zh.csv", "\ufeff", True))
    ]
