"""Why B differs from A, and what happened in one replicate: tables in English or Chinese, rows for other programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from sim.compare.explain import Explanation
from sim.compare.why import Part, Plan, Why
from sim.observables import observable
from sim.policies.channels import CHANNELS, REACTIONS
from sim.report.comparison_table import displacement_lines
from sim.report.rounding import MISSING, Scale, occasions, plain, scale_for, significant, whole
from sim.report.table import Column, as_csv, fields, filled, layout, named, one_line, paragraphs, record, table
from sim.report.words import entries, say
from sim.units import Language, format_share, format_value, month_text, pick

MOST_PARAMETERS = 12
"""Unusual parameters that are told."""
FATES: Final[dict[str, list[str]]] = entries()["fates"]


def explanation_text(found: Explanation, language: Language, width: int | None = None) -> str:
    """Return what happened in one replicate, for the terminal."""
    firms = [say(language, "explain_text.followed_firms_whose_output", at=found.years[-1])]
    firms += layout(_firm_columns(found, language), width) if found.firms else []
    start = [say(language, "explain_text.first_year_in_median")]
    for one in found.start:
        label, label_zh, unit = "orders delivered", "订单交付率", "share"  # sales over orders of buyers
        if one.name != "service":
            item = observable(one.name)
            label, label_zh, unit = item.label, item.label_zh, item.unit
        value, usual = (format_value(number, unit, language) for number in (one.value, one.usual))
        values = {"label": label, "label_zh": label_zh, "value": value, "usual": usual, "rank": one.rank, "n": found.n}
        start.append("  " + say(language, "explain_text.of", **values))
    key = "parameters_at_one_end" if found.parameters else "no_parameter_this_draw"
    draw = [say(language, f"explain_text.{key}")]
    for each in found.parameters[:MOST_PARAMETERS]:
        about = pick(language, each.about, each.about_zh)
        shown = f"  {each.name} = {each.value:.3g} ({each.usual:.3g}; {100 * each.below:.0f}%)"
        draw.append(f"{shown}  {about}" if about else shown)
    path = layout(_path_columns(found, language), width)
    return paragraphs([_head(found, language), path, firms if found.firms else [], start, draw])


def _head(found: Explanation, language: Language) -> list[str]:
    """Return which replicate, when the runs part, and how much of the mean difference it makes."""
    number, n = found.replicate, found.n
    lines = [say(language, "explain_text.replicate_pairs_draw_b", number=number, n=n, found=found)]
    if found.parted is None:
        return [*lines, say(language, "explain_text.two_runs_are_equal")]
    paper, parted = MISSING if found.change is None else month_text(found.change), month_text(found.parted)
    lines.append(say(language, "explain_text.scenarios_differ_from_on", paper=paper, parted=parted))
    if math.isfinite(found.share_of_mean):
        share, alike = (format_share(part, language, 2) for part in (found.share_of_mean, 1.0 / n))
        values = {"share": share, "year": found.years[-1], "alike": alike}
        lines.append(say(language, "explain_text.it_makes_mean_difference", **values))
    return lines


def _path_columns(found: Explanation, language: Language) -> list[Column]:
    """Return each variable by year: B, A, their difference, and the median difference of all pairs."""
    cells = []
    for path in found.paths:
        item = observable(path.variable)
        size = max(abs(float(value)) for side in (path.a, path.b) for value in side)
        scale = scale_for(item.unit, size, language)
        apart = max(float(abs(path.b - path.a).max()), float(abs(path.usual_difference).max()))
        decimals = max(significant(size / scale.divisor, 4), 0)
        finer = max(significant(apart / scale.divisor, 3), 0) if apart else 0
        label = pick(language, item.label, item.label_zh) + (f" ({scale.label})" if scale.label else "")
        rows = (
            ("B", path.b, decimals, False, ""), ("A", path.a, decimals, False, ""),
            ("B−A", path.b - path.a, finer, True, f"{path.rank}/{found.n}"),
            (say(language, "explain_text.median_b"), path.usual_difference, finer, True, ""),
        )  # fmt: skip
        for k, (kind, values, digits, signed, rank) in enumerate(rows):
            numbers = [scale.plain(value, digits, signed=signed) for value in values.tolist()]
            cells.append((label if k == 0 else "", kind, *numbers, rank))
    years = [Column(str(year), goes=1 if year == found.years[0] else 0) for year in found.years]
    last = Column(say(language, "explain_text.rank", year=found.years[-1]))
    return filled([Column("", left=True), Column("", left=True), *years, last], cells)


def _firm_columns(found: Explanation, language: Language) -> list[Column]:
    def both(values: tuple[float, float], divisor: float = 1e6, decimals: int = 1) -> str:
        return " | ".join(plain(value / divisor, decimals) for value in values)

    rows = []
    for row in found.firms:
        numbers = (both(row.output), both(row.workers, 1.0, 0), both(row.spending), both(row.grants))
        rows.append((f"{row.place} {row.slot}", *numbers, pick(language, *FATES[row.fate])))
    return table(language, "followed_firms", rows)


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
