"""A comparison as files: four CSV tables, each plain and as a Chinese copy, written whole or not at all.

Plain files have no byte-order mark, plain units and full precision. The Chinese copies (``*.zh.csv``) hold the same
numbers under Chinese headings with a mark, which is what Excel on a Chinese Windows needs to read them.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.compare.comparison import COMPARE_COLUMNS, Record, compare_records
from sim.compare.headings import CHINESE_HEADINGS
from sim.compare.wording import VERDICTS_ZH
from sim.state.record import MONEY_STAGES
from sim.units import month_text, plain_cell
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.compare.comparison import Comparison, MoneyRow

ANOTHER = "close it, or choose another --out"
"""What is advised when a file cannot be written, for instance because a spreadsheet has it open."""
MONEY_COLUMNS = (
    "scenario", "baseline", "place", "policy", "payer", "period", "promised", "claimed", "granted", "paid", "unclaimed",
    "additional", "anyway", "unit", "unmet", "returned", "paid_discounted", "discount_rate", "policy_name",
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


def money_records(comparison: Comparison) -> list[Record]:
    """Return ``money.csv``: rows of B, then of A; means over runs in yuan."""
    return [_money_record(comparison, row) for row in comparison.money.rows]


def _money_record(comparison: Comparison, row: MoneyRow) -> Record:
    """Return the fields of one row of money."""
    amounts = (*MONEY_STAGES, "unclaimed", "additional", "anyway", "outstanding")
    return {
        "scenario": row.scenario, "baseline": comparison.a.id, "place": " ".join(row.places), "policy": row.policy,
        "payer": row.payer, "period": row.period, "unit": "yuan", "paid_discounted": row.paid_discounted,
        "discount_rate": comparison.money.discount_rate, "policy_name": row.policy_name,
        "policy_name_zh": row.policy_name_zh, "paired": comparison.paired,
        **{name: getattr(row, name) for name in amounts},
    }  # fmt: skip


def value_records(comparison: Comparison) -> list[Record]:
    """Return ``value.csv``: one row per measure of value for money and kind of money (``basis``: paid, granted)."""
    return [
        {
            "scenario": comparison.b.id, "baseline": comparison.a.id, "window": row.window, "measure": row.measure,
            **{name: getattr(row.band, name) for name in ("p05", "p25", "p50", "p75", "p95", "mean")},
            "mc_se": row.mc_se, "unit": VALUE_UNITS[row.measure], "defined": row.defined, "reason": row.reason,
            "reason_zh": row.reason_zh, "n_pairs": comparison.n_pairs, "paired": comparison.paired,
            "basis": row.basis,
        }
        for row in comparison.value
    ]  # fmt: skip


def goal_records(comparison: Comparison) -> list[Record]:
    """Return ``goals.csv``: one row per aim and scenario, B first."""
    records = []
    for goal in comparison.goals:
        common = {
            "goal": goal.id, "by": month_text(goal.by), "at_least": goal.at_least, "variable": goal.variable,
            "unit": goal.unit, "place": goal.place, "runs_end_before": goal.ends_before, "source": goal.source,
        }  # fmt: skip
        sides = (
            (comparison.b.id, goal.prob_b, goal.month_b, goal.runs_b),
            (comparison.a.id, goal.prob_a, goal.month_a, goal.runs_a),
        )
        for scenario, probability, month, runs in sides:
            shown = "" if month is None else month_text(month)
            records.append(
                {**common, "scenario": scenario, "prob_reached": probability, "month_p50": shown, "n_runs": runs}
            )
    return records


def csv_text(records: Iterable[Mapping[str, Any]], columns: Sequence[str], *, chinese: bool = False) -> str:
    """Return a table as CSV text; ``chinese`` gives Chinese headings and verdicts."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n" if chinese else "\n")
    writer.writerow([CHINESE_HEADINGS[name] for name in columns] if chinese else columns)
    for record in records:
        cells = []
        for name in columns:
            value = record[name]
            if chinese and name == "verdict":
                value = VERDICTS_ZH[value]
            cells.append(_cell(value))
        writer.writerow(cells)
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
    """Write the four tables, plain and Chinese, into ``folder``; return the paths."""
    tables = (
        ("compare", compare_records(comparison), COMPARE_COLUMNS),
        ("money", money_records(comparison), MONEY_COLUMNS),
        ("value", value_records(comparison), VALUE_COLUMNS),
        ("goals", goal_records(comparison), GOAL_COLUMNS),
    )
    written = []
    for name, records, columns in tables:
        written.append(write_whole(folder / f"{name}.csv", csv_text(records, columns), ANOTHER))
        chinese = csv_text(records, columns, chinese=True)
        written.append(write_whole(folder / f"{name}.zh.csv", "\ufeff" + chinese, ANOTHER))
    return written
