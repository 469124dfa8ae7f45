"""Why B differs from A, as tables in English or Chinese and as rows for other programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.policies.channels import CHANNELS, REACTIONS
from sim.report.additionality_lines import displacement_lines
from sim.report.rounding import MISSING, finite, occasions, scale_for, significant, whole
from sim.report.table import Column, as_csv, filled, heads, layout, named, one_line, paragraphs
from sim.report.words import entries, say
from sim.units import format_share, month_text, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.why import Part, Plan, Why
    from sim.report.rounding import Scale
    from sim.units import Language

LABELS: Final[dict[str, list[str]]] = entries()["channels"]
"""What the parts are called; the policies of a package go by their ids."""
COLUMNS: Final = (
    "split", "part", "label", "label_zh", "variable", "unit", "year", "pairs", "mean", "low95", "high95", "share",
    "pairs_above_zero", "p05", "p50", "p95",
)  # fmt: skip


def cost_text(plan: Plan, replicates: int, language: Language) -> str:
    """Return how many runs an answer takes, before anything is run."""
    channels, again, sets = len(plan.without_b), len(plan.without_a), len(plan.between)
    runs = 2 + channels + again + sets
    kinds = [say(language, "why_table.b_and")]
    if channels:
        kinds.append(say(language, "why_table.b_with_channel_closed", channels=channels))
    if again:
        kinds.append(say(language, "why_table.with_same_closed", again=again))
    if sets:
        kinds.append(say(language, "why_table.with_some_policies", sets=sets))
    listed, worlds = say(language, "marks.comma").join(kinds), plan.worlds
    en = f"{runs} runs ({listed}): {worlds} simulated worlds for each of {replicates} replicates; "
    en += "a common past is lived once, what is finished is reused"
    zh = f"共{runs}个推演（{listed}）：{replicates}次推演每次模拟{worlds}个世界；共同的过去只算一次，已完成的直接使用"
    return pick(language, en, zh)


def why_text(found: Why, language: Language, width: int | None = None) -> str:
    """Return the difference and its parts by channel and by policy, with what has to be known to read them."""
    window = str(found.at)
    return paragraphs(
        [
            _heading(found, language),
            layout(_columns(found, found.channels, language), width) if found.channels else [],
            _channel_notes(found, language) if found.channels else [],
            layout(_columns(found, found.policies, language), width) if found.policies else [],
            _policy_notes(found, language) if found.policies else [],
            displacement_lines(found.displacement, window, found.at, language),
        ]
    )


def _heading(found: Why, language: Language) -> list[str]:
    item, n, plan = found.variable, len(found.replicates), found.plan
    names = say(language, "marks.list").join(plan.policies)
    lines = [
        say(language, "why_table.why_in_differs_b", item=item, at=found.at, plan=plan, n=n),
        say(language, "why_table.policies_that_differ", names=names),
    ]
    if found.dropped:
        lines.append(say(language, "why_table.replicates_are_not_finished", dropped=found.dropped))
    return lines


def scale_of(found: Why, language: Language) -> tuple[Scale, int]:
    """Return the unit of all parts of a result, and decimals that show the largest mean with three digits."""
    means = [abs(part.mean) for part in (found.total, *found.channels, *found.policies)]
    scale = scale_for(found.variable.unit, max(means), language)
    return scale, whole(max(significant(max(means) / scale.divisor, 3), 0), found.variable.unit)


def label_of(found: Why, part: Part, language: Language) -> str:
    """Return what a part is called."""
    if any(part is one for one in found.policies):
        return one_line(named(found.plan.policies[part.name], language))
    return pick(language, *LABELS[part.name])


def _columns(found: Why, parts: Sequence[Part], language: Language) -> list[Column]:
    scale, decimals = scale_of(found, language)
    n = len(found.replicates)
    by_channel = parts is found.channels
    what = pick(language, *(("by channel", "按渠道") if by_channel else ("by policy", "按政策")))
    unit = scale.of_differences
    columns = heads(
        language,
        "why",
        what=what,
        head=pick(language, f"mean, {unit}" if unit else "mean", f"均值（{unit}）" if unit else "均值"),
    )
    rows = []
    for part in (*parts, found.total):
        share, low, high = found.share(part), part.mean - part.error, part.mean + part.error
        rows.append(
            (
                label_of(found, part, language),
                scale.plain(part.mean, decimals, signed=True),
                scale.span(low, high, decimals, signed=True) or MISSING,
                format_share(share, language, 2) if math.isfinite(share) else MISSING,
                f"{occasions(part.positive / n, n)}/{n}",
            )
        )
    return filled(columns, rows)


def _channel_notes(found: Why, language: Language) -> list[str]:
    """Say what a part is, what cannot be closed, and which channels none of the policies has."""
    plan = found.plan
    some = next(iter(plan.without_b.values())).loaded.scenario.closed
    since = month_text(some.since)
    where = say(language, "why_table.in_b_and_in") if plan.without_a else say(language, "why_table.in_b")
    lines = [
        say(language, "why_table.channel_s_part_is", where=where, since=since),
        say(language, "why_table.not_to_be_closed"),
    ]
    if REACTIONS in plan.channels:
        lines.append(say(language, "why_table.reactions_closed_wages_and"))
    if plan.unused:
        names = _names(plan.unused, language)
        lines.append(say(language, "why_table.none_these_policies_acts", names=names))
    left_out = [name for name in CHANNELS if name not in (*plan.channels, *plan.unused)]
    if left_out:
        names = _names(left_out, language)
        lines.append(say(language, "why_table.open_in_every_run", names=names))
    return lines


def _names(channels: Sequence[str], language: Language) -> str:
    return say(language, "marks.semicolon").join(pick(language, *LABELS[name]) for name in channels)


def _policy_notes(found: Why, language: Language) -> list[str]:
    """Say what a Shapley value is and what it rests on."""
    orders = len(found.plan.orders)
    over = pick(
        language,
        f"over {orders} sampled orders" if orders else "over all orders",
        f"{orders}个抽样次序" if orders else "所有先后次序",
    )
    return [say(language, "why_table.policy_s_part_is", over=over)]


# --- for other programs -----------------------------------------------------------------------------------------------


def why_rows(found: Why) -> list[dict[str, Any]]:
    """Return a row for each part in plain units under the names of ``COLUMNS``."""
    groups = (("total", (found.total,)), ("channel", found.channels), ("policy", found.policies))
    rows = []
    for split, parts in groups:
        for part in parts:
            low, middle, high = np.quantile(part.values, (0.05, 0.5, 0.95)).tolist()
            rows.append(
                {
                    "split": split, "part": part.name, "label": label_of(found, part, "en"),
                    "label_zh": label_of(found, part, "zh"), "variable": found.variable.name,
                    "unit": found.variable.unit, "year": found.at, "pairs": len(found.replicates),
                    "mean": part.mean, "low95": finite(part.mean - part.error),
                    "high95": finite(part.mean + part.error), "share": finite(found.share(part)),
                    "pairs_above_zero": part.positive, "p05": low, "p50": middle, "p95": high,
                }
            )  # fmt: skip
    return rows


def why_csv(found: Why) -> str:
    """Return the rows as CSV."""
    return as_csv(COLUMNS, why_rows(found))


def why_record(found: Why) -> dict[str, Any]:
    """Return everything for other programs: what was run, rows, and the values of every pair."""
    plan = found.plan
    parts = (found.total, *found.channels, *found.policies)
    return {
        "scenario": plan.b, "baseline": plan.a, "policies": list(plan.policies), "channels": list(plan.channels),
        "unused_channels": list(plan.unused), "orders": [list(order) for order in plan.orders],
        "replicates": list(found.replicates), "dropped": found.dropped, "rows": why_rows(found),
        "pairs": {part.name: part.values.tolist() for part in parts},
    }  # fmt: skip
