"""Figure 4: what is in force when and paid by whom, baseline above, scenario below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.report.figures import style
from sim.report.figures.describe import footer, remarks, run_name, shown, subtitle
from sim.report.figures.events import policy_name
from sim.report.figures.panel import Panel
from sim.report.figures.saving import drawing
from sim.report.figures.scale import scale_for
from sim.report.figures.sheet import Drawing, Frame, Sheet
from sim.report.figures.sources import as_runs
from sim.report.figures.text import shorten, width
from sim.report.money_lines import PAYERS_ZH
from sim.report.words import pick
from sim.state.record import MONEY_STAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.experiments import Run
    from sim.report.figures.describe import Shown
    from sim.report.figures.sources import Source
    from sim.report.figures.text import Lang
    from sim.scenario.resolved import Policy

_ROW, _HEAD = 32.0, 30.0
_NAME = 186.0
_THINNEST, _THICKEST = 2.5, 13.0


@dataclass(frozen=True)
class _Bar:
    """Part of a policy under one set of terms, with its mean public money a year (yuan)."""

    side: str
    policy: Policy
    start: int
    end: int
    amended: bool
    own: bool
    yearly: float
    open_left: bool
    open_right: bool
    """Whether it began before the first month that both runs hold, or goes on after the last."""


def timeline(source: Source, lang: Lang = "en", *, unpaired: bool = False) -> Drawing:
    """Draw the policies of baseline and scenario over time; bar height is public money a year.

    ``source`` is a pair of runs (scenario B, baseline A) or a comparison; ``unpaired`` takes them as independent.
    """
    runs = as_runs(source)
    view = shown(runs, lang, unpaired=unpaired)
    months = (view.pairing.months[0], view.pairing.months[-1])
    groups = [("A", _bars("A", view.a, view.b, months)), ("B", _bars("B", view.b, view.a, months))]
    with drawing(lang):
        return _draw(view, groups)


def _bars(side: str, run: Run, other: Run, span: tuple[int, int]) -> list[_Bar]:
    """Return the bars of one scenario in order of policy and time, in the months both runs hold."""
    first, last = span
    elsewhere = {policy.id: policy for policy in other.scenario.policies}
    paid = run.money()[..., MONEY_STAGES.index("paid")].sum(axis=3).mean(axis=0)
    bars = []
    for position, policy in enumerate(run.scenario.policies):
        twin = elsewhere.get(policy.id)
        until = last if policy.end is None else policy.end
        starts = [policy.start, *(month for month, _ in policy.versions[1:])]
        for k, start in enumerate(starts):
            end = starts[k + 1] - 1 if k + 1 < len(starts) else until
            if end < first or start > last or end < start:
                continue
            inside = (run.months >= max(start, first)) & (run.months <= min(end, last))
            months = int(inside.sum())
            yearly = 12.0 * float(paid[inside, position].sum()) / months if months else 0.0
            same = twin is not None and twin.terms_at(start) == policy.terms_at(start) and twin.in_force(start)
            bars.append(
                _Bar(
                    side, policy, max(start, first), min(end, last), k > 0, side == "B" and not same, yearly,
                    start < first, end > last or (policy.end is None and k + 1 == len(starts)),
                )
            )  # fmt: skip
    return bars


def _draw(view: Shown, groups: Sequence[tuple[str, list[_Bar]]]) -> Drawing:
    """Lay out one row for each policy of each scenario."""
    lang = view.lang
    rows = {side: list(dict.fromkeys(bar.policy.id for bar in bars)) for side, bars in groups}
    height = sum(_HEAD + _ROW * max(len(ids), 1) for ids in rows.values())
    title = _title(view, groups)
    frame = Frame(title, subtitle(view), (*_notes(lang), *remarks(view)), footer((view.b, view.a), lang))
    sheet = Sheet(frame, height + 26.0)
    months = view.pairing.months
    x = (months[0] / 12.0, (months[-1] + 1) / 12.0)
    panel = Panel.place(sheet, (_NAME, 22.0, sheet.width - _NAME - 8.0, height), x, (0.0, height))
    _draw_years(panel)
    largest = max((bar.yearly for _, bars in groups for bar in bars), default=0.0)
    top = height
    for side, bars in groups:
        name = run_name(view.a if side == "A" else view.b, lang)
        kind = pick(lang, "Baseline", "基准") if side == "A" else pick(lang, "Scenario", "情形")
        head = shorten(f"{kind}{pick(lang, ': ', '：')}{name}", sheet.width, style.LABEL_SIZE, bold=True)
        color = style.BASELINE if side == "A" else style.SCENARIO
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        sheet.text(0.0, 22.0 + top - 16.0, head, weight="bold", color=color, bbox=paper)
        top -= _HEAD
        if not rows[side]:
            nothing = pick(lang, "no policy in these years", "这些年份没有政策")
            sheet.text(_NAME, 22.0 + top - _ROW / 2, nothing, color=style.MUTED)
        for identifier in rows[side]:
            _draw_policy(panel, top - _ROW / 2, [bar for bar in bars if bar.policy.id == identifier], largest, lang)
            top -= _ROW
        if not rows[side]:
            top -= _ROW
    every = [bar for _, bars in groups for bar in bars]
    alt = _alt(title, every, lang)
    return Drawing("04-timeline", lang, title, alt, sheet.figure, (panel.axes,), _table(every))


def _draw_years(panel: Panel) -> None:
    """Draw a light line at each New Year and the years between them."""
    first, last = int(panel.x[0]), int(np.ceil(panel.x[1]))
    step = next(s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= 16)
    for year in range(first, last + 1):
        if panel.x[0] <= year <= panel.x[1]:
            panel.axes.axvline(year, color=style.RULE, linewidth=0.6, zorder=0)
        if year < last and (last - 1 - year) % step == 0 and panel.x[0] <= year + 0.5 <= panel.x[1]:
            panel.sheet.text(panel.across(year + 0.5), panel.bottom - 11.0, str(year), ha="center", color=style.MUTED)


def _draw_policy(panel: Panel, y: float, bars: Sequence[_Bar], largest: float, lang: Lang) -> None:
    """Draw one row: name and payer at the left, bars, and their money beside or above."""
    policy, sheet = bars[0].policy, panel.sheet
    up = panel.bottom + y
    color = style.SCENARIO if any(bar.own for bar in bars) else style.INK
    name = shorten(policy_name(policy, lang), _NAME - 12.0, style.LABEL_SIZE)
    sheet.text(0.0, up + 5.0, name, color=color)
    sheet.text(0.0, up - 6.0, _payer(policy, lang), size=style.SMALL_SIZE, color=style.FAINT)
    for bar in bars:
        _draw_bar(panel, y, bar, largest)
    _draw_amounts(panel, up + max(_thickness(bar, largest) for bar in bars) / 2 + 7.0, bars, lang)


def _thickness(bar: _Bar, largest: float) -> float:
    """Return the height of a bar in points: in proportion to yearly money, never thinner than a visible line."""
    return max(_THINNEST, _THICKEST * bar.yearly / largest) if largest > 0.0 else _THINNEST


def _draw_bar(panel: Panel, y: float, bar: _Bar, largest: float) -> None:
    """Draw one bar: amended parts hatched, assumed ends hollow, going on past the run with an arrow."""
    left, right = bar.start / 12.0, (bar.end + 1) / 12.0
    tall = _thickness(bar, largest)
    dark = style.SCENARIO if bar.own else style.BASELINE
    pale = style.SCENARIO_90 if bar.own else style.BASELINE_50
    panel.axes.add_patch(
        Rectangle(
            (left, y - tall / 2), right - left, tall, facecolor=pale if bar.amended else dark,
            edgecolor=dark, hatch="////" if bar.amended else None, linewidth=0.6, zorder=3,
            gid=f"bar-{bar.side}-{bar.policy.id}-{bar.start}",
        )
    )  # fmt: skip
    first = bar.start == bar.policy.start
    last = bar.policy.end is not None and bar.end == bar.policy.end
    for at, assumed in ((left, first and "start" in bar.policy.assumed), (right, last and "end" in bar.policy.assumed)):
        if assumed:
            panel.axes.add_line(
                Line2D([at], [y], marker="o", markersize=7.0, markerfacecolor="white", markeredgecolor=dark,
                       markeredgewidth=1.3, linewidth=0.0, zorder=5, clip_on=False)
            )  # fmt: skip
    for at, marker, runs_on in ((left, "<", bar.open_left), (right, ">", bar.open_right)):
        if runs_on:
            panel.axes.add_line(
                Line2D([at], [y], marker=marker, markersize=5.0, color=dark, markeredgewidth=0.0, linewidth=0.0,
                       zorder=5, clip_on=False)
            )  # fmt: skip


def _draw_amounts(panel: Panel, y: float, bars: Sequence[_Bar], lang: Lang) -> None:
    """Write money a year above each bar, at ``y``; one that would touch its neighbour is left to the table."""
    free = -1e9
    for bar in bars:
        text = _money(bar.yearly, lang)
        left = max(panel.across(bar.start / 12.0) + 5.0, free)
        long = width(text, style.SMALL_SIZE)
        if left + long > panel.right:
            left = panel.right - long
        if left < free:
            continue
        color = style.SCENARIO if bar.own else style.MUTED
        panel.sheet.text(left, y, text, size=style.SMALL_SIZE, color=color)
        free = left + long + 8.0


def _money(yearly: float, lang: Lang) -> str:
    """Return yearly public money in words."""
    if yearly < 0.5:
        return pick(lang, "no public money", "无财政资金")
    rounded = float(f"{yearly:.2g}")
    # 亿元 and billions from one on: programmes are spoken of in 万元 and millions.
    scale = scale_for("yuan", rounded / 10.0, lang)
    shown_value = rounded / scale.divisor
    decimals = next(d for d in range(7) if abs(round(shown_value, d) - shown_value) < 1e-6 * shown_value)
    return scale.amount(rounded, decimals) + pick(lang, " a year", "/年")


def _payer(policy: Policy, lang: Lang) -> str:
    """Return who pays: ``county 60%, province 40%``."""
    paid = {level: share for level, share in policy.payer.items() if share > 0.0}
    shares = [(pick(lang, level, PAYERS_ZH.get(level, level)), share) for level, share in paid.items()]
    if len(shares) == 1:
        return pick(lang, f"paid by the {shares[0][0]}", f"{shares[0][0]}出资")
    return pick(lang, ", ", "，").join(f"{name} {100 * share:.0f}%" for name, share in shares)


def _title(view: Shown, groups: Sequence[tuple[str, list[_Bar]]]) -> str:
    """Say what the scenario adds, changes and ends."""
    lang = view.lang
    ours = {policy.id: policy for policy in view.b.scenario.policies}
    theirs = {policy.id: policy for policy in view.a.scenario.policies}
    added = sum(identifier not in theirs for identifier in ours)
    changed = {bar.policy.id for side, bars in groups for bar in bars if side == "B" and bar.own} & set(theirs)
    ended = sum(policy.id in ours and ours[policy.id].end != policy.end for policy in theirs.values())
    ended += sum(identifier not in ours for identifier in theirs)
    counts = [
        (added, "adds", "新增"),
        (len(changed), "changes", "调整"),
        (ended, "ends or extends", "终止或延长"),
    ]
    parts = [
        pick(lang, f"{verb} {n} {'policy' if n == 1 else 'policies'}", f"{verb_zh}{n}项政策")
        for n, verb, verb_zh in counts
        if n
    ]
    if not parts:
        return pick(lang, "Scenario and baseline have the same policies", "情形与基准的政策完全相同")
    return pick(lang, "The scenario " + " and ".join(parts), "情形" + "，".join(parts))


def _notes(lang: Lang) -> tuple[str, ...]:
    """Say how to read the bars."""
    return (
        pick(
            lang,
            "Bar height: public money paid a year, mean over runs, current prices. Hatched: amended terms. Hollow end: "
            "the date is assumed. Arrow: goes on beyond the years simulated. Blue: not in the baseline.",
            "条形高度为年均财政拨付额（各次推演平均，当年价）。斜线：调整后的条款；空心端点：日期为假设；箭头：延续到推演年份以外；"
            "蓝色：基准中没有。",
        ),
    )


def _alt(title: str, bars: Sequence[_Bar], lang: Lang) -> str:
    """List every bar in words."""
    parts = [
        f"{bar.side} {policy_name(bar.policy, lang)} {_text(bar.start)}..{_text(bar.end)} {_money(bar.yearly, lang)}"
        for bar in bars
    ]
    return title + pick(lang, ". ", "。") + pick(lang, "; ", "；").join(parts) + pick(lang, ".", "。")


def _text(month: int) -> str:
    """Return ``2026-01``."""
    return f"{month // 12}-{month % 12 + 1:02d}"


def _table(bars: Sequence[_Bar]) -> pd.DataFrame:
    """Return one row for each bar; money in yuan a year."""
    columns = ["side", "policy", "type", "name", "name_zh", "from", "until", "amended", "in_baseline", "ongoing"]
    records = [
        {
            "side": bar.side,
            "policy": bar.policy.id,
            "type": bar.policy.type,
            "name": bar.policy.name,
            "name_zh": bar.policy.name_zh,
            "from": _text(bar.start),
            "until": _text(bar.end),
            "amended": bar.amended,
            "in_baseline": not bar.own,
            "ongoing": bar.open_right,
            "public_money_yuan_a_year": bar.yearly,
            "county_share": float(bar.policy.payer.get("county", 0.0)),
            "province_share": float(bar.policy.payer.get("province", 0.0)),
            "start_assumed": "start" in bar.policy.assumed,
            "end_assumed": "end" in bar.policy.assumed,
        }
        for bar in bars
    ]
    more = ["public_money_yuan_a_year", "county_share", "province_share", "start_assumed", "end_assumed"]
    return pd.DataFrame.from_records(records, columns=[*columns, *more])
