"""A comparison as files: CSV tables, each plain and as a Chinese copy, written whole or not at all.

Plain files have no byte-order mark, plain units and full precision. The Chinese copies (``*.zh.csv``) hold the same
numbers under Chinese headings with a mark, which is what Excel on a Chinese Windows needs to read them.
"""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any, Final

from sim.compare.comparison import COLUMNS, TABLES, Comparison
from sim.compare.statistics import VERDICTS_ZH
from sim.units import month_text, plain_cell
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

ANOTHER = "close it, or choose another --out"
"""What is advised when a file cannot be written, for instance because a spreadsheet has it open."""
HEADINGS: Final[dict[str, str]] = TABLES["headings"]
"""Heading of each column in the Chinese copies."""
QUANTILES: Final = ("p05", "p25", "p50", "p75", "p95", "mean")
VALUE_UNITS = {
    "jobs_per_million": "persons per million yuan",
    "output_per_yuan": "yuan per yuan",
    "tax_per_yuan": "yuan per yuan",
    "cost_per_job": "yuan per person",
}
Record = dict[str, Any]


def _common(comparison: Comparison) -> Record:
    """Return what the rows of several tables have in common."""
    return {
        "scenario": comparison.b.id, "baseline": comparison.a.id, "n_pairs": comparison.n_pairs,
        "paired": comparison.paired, "window": comparison.window_text,
    }  # fmt: skip


def money_records(comparison: Comparison) -> list[Record]:
    """Return ``money.csv``: rows of B, then of A; means over runs in yuan."""
    common = {**_common(comparison), "unit": "yuan", "discount_rate": comparison.money.discount_rate}
    return [{**common, **vars(row), "place": " ".join(row.places)} for row in comparison.money.rows]


def value_records(comparison: Comparison) -> list[Record]:
    """Return ``value.csv``: one row per measure of value for money and kind of money (``basis``: paid, granted)."""
    return [
        {
            **_common(comparison), **vars(row), **vars(row.band), "unit": VALUE_UNITS[row.measure],
            "defined": row.defined,
        }
        for row in comparison.value
    ]  # fmt: skip


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
    empty = dict.fromkeys((*QUANTILES, "firms", "extra_yuan", "granted_yuan"), math.nan)
    for one in comparison.additionality:
        common = {**_common(comparison), "years": one.years, "months": one.months, "n_runs": one.runs, "n_pairs": one.n}
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
    return [
        {**_common(comparison), **vars(row), "outcome": outcome, "number": number, "yuan": yuan}
        for row in comparison.take_up
        for outcome, number, yuan in (
            ("promised", math.nan, row.promised),
            *((name, row.number[name], row.yuan[name]) for name in row.number),
            ("returned", math.nan, row.returned),
        )
    ]


def displacement_records(comparison: Comparison) -> list[Record]:
    """Return ``displacement.csv``: orders won and from whom, output over the window, jobs at the end of the year."""
    found = comparison.displacement
    if found is None:
        return []
    common = {**_common(comparison), "place": " ".join(found.places)}
    kinds = {name: {**common, "measure": name, "unit": "yuan"} for name in ("orders", "output", "jobs")}
    kinds["jobs"] |= {"window": str(comparison.at), "unit": "persons"}
    return [
        {**kind, **vars(one.band), "part": part, "mc_se": one.mc_se}
        for name, kind in kinds.items()
        for part, one in getattr(found, name).items()
    ]


def csv_text(records: Iterable[Mapping[str, Any]], columns: Sequence[str], *, chinese: bool = False) -> str:
    """Return a table as CSV text; ``chinese`` gives Chinese headings and verdicts."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n" if chinese else "\n")
    writer.writerow([HEADINGS[name] for name in columns] if chinese else columns)
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
    tables = {
        "compare": Comparison.records, "money": money_records, "value": value_records, "goals": goal_records,
        "additionality": additionality_records, "take_up": take_up_records, "displacement": displacement_records,
    }  # fmt: skip
    return [
        write_whole(folder / f"{name}{ending}", mark + csv_text(records, COLUMNS[name], chinese=chinese), ANOTHER)
        for name, records in ((name, of(comparison)) for name, of in tables.items())
        for ending, mark, chinese in ((".csv", "", False), (".zh.csv", "\ufeff", True))
    ]
