"""Figure 4: what is in force when and paid by whom, baseline above, scenario below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.experiments import Run
from sim.report.comparison_table import PAYERS_ZH
from sim.report.figures import style
from sim.report.figures.describe import Shown, Source, shown
from sim.report.figures.layout import Drawing, Floats, Panel, Sheet, decimals_needed, scale_for, year_step
from sim.report.figures.picture_files import drawing
from sim.report.figures.style import width
from sim.report.table import fields, record
from sim.scenario.resolved import Policy
from sim.state.record import MONEY_STAGES
from sim.units import Language, month_text

_ROW, _HEAD = 32.0, 30.0
_NAME = 186.0
_THINNEST, _THICKEST = 2.5, 13.0


@dataclass(frozen=True)
class Bar:
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

    @property
    def start_assumed(self) -> bool:
        """Whether nobody published when the policy starts."""
        return "start" in self.policy.assumed

    @property
    def end_assumed(self) -> bool:
        """Whether nobody published when the policy ends."""
        return "end" in self.policy.assumed


def timeline(source: Source, lang: Language = "en", *, unpaired: bool = False) -> Drawing:
    """Draw the policies of baseline and scenario over time; bar height is public money a year.

    ``source`` is a pair of runs (scenario B, baseline A) or a comparison; ``unpaired`` takes them as independent.
    """
    view = shown(source, lang, unpaired=unpaired)
    with drawing(lang):
        return _draw(view, bars_of(view))


def bars_of(view: Shown) -> dict[str, list[Bar]]:
    """Return the bars of baseline (A) and scenario (B) in order of policy and time, in the months both runs hold."""
    return {"A": _bars("A", view.a, view.b, view), "B": _bars("B", view.b, view.a, view)}


def paid_by_month(run: Run) -> Floats:
    """Return the public money paid, yuan, by month and policy, mean over runs."""
    paid: Floats = run.money()[..., MONEY_STAGES.index("paid")].sum(axis=3).mean(axis=0)
    return paid


def _bars(side: str, run: Run, other: Run, view: Shown) -> list[Bar]:
    first, last = view.pairing.months[0], view.pairing.months[-1]
    elsewhere = {policy.id: policy for policy in other.scenario.policies}
    paid = paid_by_month(run)
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
                Bar(
                    side, policy, max(start, first), min(end, last), k > 0, side == "B" and not same, yearly,
                    start < first, end > last or (policy.end is None and k + 1 == len(starts)),
                )
            )  # fmt: skip
    return bars


def _draw(view: Shown, groups: dict[str, list[Bar]]) -> Drawing:
    say = view.say
    rows = {side: list(dict.fromkeys(bar.policy.id for bar in bars)) for side, bars in groups.items()}
    height = sum(_HEAD + _ROW * max(len(ids), 1) for ids in rows.values())
    title, notes = _title(view, groups["B"]), (say("timeline.bar_height_public_money"), *view.remarks)
    sheet = Sheet(height + 26.0, title, view.subtitle, notes, view.footer())
    months = view.pairing.months
    x = (months[0] / 12.0, (months[-1] + 1) / 12.0)
    panel = Panel.place(sheet, (_NAME, 22.0, sheet.width - _NAME - 8.0, height), x, (0.0, height))
    _draw_years(panel)
    every = [*groups["A"], *groups["B"]]
    largest = max((bar.yearly for bar in every), default=0.0)
    top = height
    for side, run, kind, color in (
        ("A", view.a, say("shared.baseline"), style.BASELINE),
        ("B", view.b, say("shared.scenario"), style.SCENARIO),
    ):
        look = {"weight": "bold", "color": color, "bbox": style.paper(1.5)}
        sheet.text(0.0, 22.0 + top - 16.0, kind + view.name(run.scenario), sheet.width, **look)
        top -= _HEAD
        if not rows[side]:
            nothing = say("timeline.no_policy_in_these")
            sheet.text(_NAME, 22.0 + top - _ROW / 2, nothing, color=style.MUTED)
            top -= _ROW
        for identifier in rows[side]:
            bars = [bar for bar in groups[side] if bar.policy.id == identifier]
            _draw_policy(panel, top - _ROW / 2, bars, largest, view)
            top -= _ROW
    parts = []
    for bar in every:
        span = f"{month_text(bar.start)}..{month_text(bar.end)}"
        parts.append(f"{bar.side} {view.name(bar.policy)} {span} {_money(bar.yearly, view)}")
    data = [
        record(
            "bar", bar=bar, start=month_text(bar.start), end=month_text(bar.end), in_baseline=not bar.own,
            **{payer: float(bar.policy.payer.get(payer, 0.0)) for payer in ("county", "province")},
        )
        for bar in every
    ]  # fmt: skip
    return sheet.drawing("04-timeline", view.lang, view.in_words(title, parts), [panel], data, fields("bar"))


def _draw_years(panel: Panel) -> None:
    """Draw a light line at each New Year and the years between them."""
    first, last = int(panel.x[0]), int(np.ceil(panel.x[1]))
    step = year_step(last - first, 16)
    for year in range(first, last + 1):
        if panel.x[0] <= year <= panel.x[1]:
            panel.axes.axvline(year, color=style.RULE, linewidth=0.6, zorder=0)
        if year < last and (last - 1 - year) % step == 0 and panel.x[0] <= year + 0.5 <= panel.x[1]:
            panel.sheet.text(panel.across(year + 0.5), panel.bottom - 11.0, str(year), ha="center", color=style.MUTED)


def _draw_policy(panel: Panel, y: float, bars: Sequence[Bar], largest: float, view: Shown) -> None:
    policy, sheet = bars[0].policy, panel.sheet
    up = panel.bottom + y
    color = style.SCENARIO if any(bar.own for bar in bars) else style.INK
    sheet.text(0.0, up + 5.0, view.name(policy), _NAME - 12.0, color=color)
    paid = {level: share for level, share in policy.payer.items() if share > 0.0}
    payers = [(view.pick(level, PAYERS_ZH.get(level, level)), share) for level, share in paid.items()]
    told = view.say("marks.comma").join(f"{name} {100 * share:.0f}%" for name, share in payers)
    if len(payers) == 1:
        told = view.say("timeline.paid_by", share=payers[0][0])
    sheet.note(0.0, up - 6.0, told, color=style.FAINT)
    thick = [max(_THINNEST, _THICKEST * bar.yearly / largest) if largest > 0.0 else _THINNEST for bar in bars]
    for bar, tall in zip(bars, thick, strict=True):
        _draw_bar(panel, y, bar, tall)
    _draw_amounts(panel, up + max(thick) / 2 + 7.0, bars, view)


def _draw_bar(panel: Panel, y: float, bar: Bar, tall: float) -> None:
    """Draw one bar: amended parts hatched, assumed ends hollow, going on past the run with an arrow.

    Its height is in proportion to yearly money, never thinner than a visible line.
    """
    left, right = bar.start / 12.0, (bar.end + 1) / 12.0
    dark = style.SCENARIO if bar.own else style.BASELINE
    pale = style.SCENARIO_90 if bar.own else style.BASELINE_50
    look: dict[str, Any] = {"facecolor": pale, "hatch": "////"} if bar.amended else {"facecolor": dark}
    gid = f"bar-{bar.side}-{bar.policy.id}-{bar.start}"
    panel.bar(left, right - left, y, tall / 2, edgecolor=dark, linewidth=0.6, zorder=3, gid=gid, **look)
    look = {"linewidth": 0.0, "zorder": 5, "clip_on": False}
    hollow = {"markersize": 7.0, "markerfacecolor": "white", "markeredgecolor": dark, "markeredgewidth": 1.3}
    first = bar.start == bar.policy.start
    last = bar.policy.end is not None and bar.end == bar.policy.end
    for at, assumed in ((left, first and bar.start_assumed), (right, last and bar.end_assumed)):
        if assumed:
            panel.line([at], [y], marker="o", **hollow, **look)
    for at, marker, runs_on in ((left, "<", bar.open_left), (right, ">", bar.open_right)):
        if runs_on:
            panel.line([at], [y], marker=marker, markersize=5.0, color=dark, markeredgewidth=0.0, **look)


def _draw_amounts(panel: Panel, y: float, bars: Sequence[Bar], view: Shown) -> None:
    """Write money a year above each bar, at ``y``; one that would touch its neighbour is left to the table."""
    free = -1e9
    for bar in bars:
        text = _money(bar.yearly, view)
        left = max(panel.across(bar.start / 12.0) + 5.0, free)
        long = width(text, style.SMALL_SIZE)
        if left + long > panel.right:
            left = panel.right - long
        if left < free:
            continue
        panel.sheet.note(left, y, text, color=style.SCENARIO if bar.own else style.MUTED)
        free = left + long + 8.0


def _money(yearly: float, view: Shown) -> str:
    if yearly < 0.5:
        return view.say("timeline.no_public_money")
    rounded = float(f"{yearly:.2g}")
    # 亿元 and billions from one on: programmes are spoken of in 万元 and millions.
    scale = scale_for("yuan", rounded / 10.0, view.lang)
    decimals = decimals_needed(rounded / scale.divisor, 1e-6, 7)
    return scale.amount(rounded, decimals) + view.say("shared.year")


def _title(view: Shown, bars: Sequence[Bar]) -> str:
    """Say what the scenario adds, changes and ends."""
    ours = {policy.id: policy for policy in view.b.scenario.policies}
    theirs = {policy.id: policy for policy in view.a.scenario.policies}
    added = sum(identifier not in theirs for identifier in ours)
    changed = {bar.policy.id for bar in bars if bar.own} & set(theirs)
    ended = sum(policy.id not in ours or ours[policy.id].end != policy.end for policy in theirs.values())
    counts = ((added, "adds", "新增"), (len(changed), "changes", "调整"), (ended, "ends or extends", "终止或延长"))
    parts = [
        view.say("timeline.title", verb=verb, n=n, word="policy" if n == 1 else "policies", verb_zh=verb_zh)
        for n, verb, verb_zh in counts
        if n
    ]
    if not parts:
        return view.say("timeline.scenario_and_baseline_have")
    return view.pick("The scenario " + " and ".join(parts), "情形" + "，".join(parts))
