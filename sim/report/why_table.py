"""Why B differs from A, as tables in English or Chinese and as rows for other programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.policies.channels import CHANNELS, REACTIONS
from sim.report.money_lines import displacement_lines
from sim.report.rounding import MISSING, occasions, scale_for, significant, whole
from sim.report.table import Column, as_csv, fields, layout, named, one_line, paragraphs, record, table
from sim.report.words import entries, say
from sim.units import format_share, month_text, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.why import Part, Plan, Why
    from sim.report.rounding import Scale
    from sim.units import Language

LABELS: Final[dict[str, list[str]]] = entries()["channels"]
"""What the parts are called; the policies of a package go by their ids."""
COLUMNS: Final = fields("part")


def cost_text(plan: Plan, replicates: int, language: Language) -> str:
    """Return how many runs an answer takes, before anything is run."""
    channels, again, sets = len(plan.without_b), len(plan.without_a), len(plan.between)
    kinds = [
        say(language, "why_table.b_and"),
        say(language, "why_table.b_with_channel_closed", channels=channels) if channels else "",
        say(language, "why_table.with_same_closed", again=again) if again else "",
        say(language, "why_table.with_some_policies", sets=sets) if sets else "",
    ]
    listed, runs = say(language, "marks.comma").join(filter(None, kinds)), 2 + channels + again + sets
    return say(language, "why_table.cost", runs=runs, listed=listed, worlds=plan.worlds, replicates=replicates)


def why_text(found: Why, language: Language, width: int | None = None) -> str:
    """Return the difference and its parts by channel and by policy, with what has to be known to read them."""
    blocks = [_heading(found, language)]
    for parts, notes in ((found.channels, _channel_notes), (found.policies, _policy_notes)):
        if parts:
            blocks += [layout(_columns(found, parts, language), width), notes(found, language)]
    return paragraphs([*blocks, displacement_lines(found.displacement, str(found.at), found.at, language)])


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
    what = say(language, "why_table.by_channel" if parts is found.channels else "why_table.by_policy")
    unit = scale.of_differences
    mean = say(language, "why_table.mean_in", unit=unit) if unit else say(language, "why_table.mean")
    rows = []
    for part in (*parts, found.total):
        share, number = found.share(part), scale.plain(part.mean, decimals, signed=True)
        inside = scale.span(part.mean - part.error, part.mean + part.error, decimals, signed=True) or MISSING
        made = format_share(share, language, 2) if math.isfinite(share) else MISSING
        rows.append((label_of(found, part, language), number, inside, made, f"{occasions(part.positive / n, n)}/{n}"))
    return table(language, "why", rows, what=what, head=mean)


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
    key = "over_sampled_orders" if orders else "over_all_orders"
    return [say(language, "why_table.policy_s_part_is", over=say(language, f"why_table.{key}", orders=orders))]


# --- for other programs -----------------------------------------------------------------------------------------------


def why_rows(found: Why) -> list[dict[str, Any]]:
    """Return a row for each part in plain units under the names of ``COLUMNS``."""
    rows = []
    for split, parts in (("total", (found.total,)), ("channel", found.channels), ("policy", found.policies)):
        for part in parts:
            low, middle, high = np.quantile(part.values, (0.05, 0.5, 0.95)).tolist()
            labels = {"label": label_of(found, part, "en"), "label_zh": label_of(found, part, "zh")}
            row = record(
                "part", found=found, split=split, part=part, pairs=len(found.replicates), low=part.mean - part.error,
                high=part.mean + part.error, share=found.share(part), p05=low, p50=middle, p95=high, **labels,
            )  # fmt: skip
            rows.append(row)
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
