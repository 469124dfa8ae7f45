"""Reported figures in the fan: exact ones as dots, one-sided ones as a bar with an arrow, rough ones as a box.

A goal is never drawn: it was announced, not reported. What the reporting filter does to simulated values is undone to
the figure: one that covers more than the model does is divided by the place's scope factor, one for part of a year is
scaled to the year by the simulated share of those months. Both are said in the note under the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.evidence import Fact, load_facts
from sim.evidence.variables import basis_label
from sim.observables import Observable
from sim.report.figures import style
from sim.report.figures.describe import Shown
from sim.report.figures.layout import Box, Floats, Panel, best_place, decimals_needed, scale_for
from sim.report.figures.style import width
from sim.report.fit_table import period_text
from sim.report.table import one_line
from sim.reporting import ABOUT, Answer, NotAnswered, answer, observable_of, truth_of
from sim.units import Language, month_text

_ARROW = 15.0
_HALF_BAR = 0.27
"""Half width of a mark in years."""


@dataclass(frozen=True)
class Mark:
    """One reported figure as drawn: at ``value`` on the model's basis, ``reported`` as published (plain unit).

    ``reported_per_drawn`` is their ratio (scope factor and share of the year), ``words`` the label beside the mark,
    ``note`` the line under the picture.
    """

    fact: str
    year: int
    bound: str
    value: float
    reported: float
    reported_per_drawn: float
    period: str
    source: str
    words: str
    note: str

    @property
    def edges(self) -> tuple[float, ...]:
        """Values the panel must have room for."""
        if self.bound == "about":
            return ((1.0 - ABOUT) * self.value, (1.0 + ABOUT) * self.value)
        return (self.value,)

    def record(self) -> dict[str, Any]:
        """Return the row written to the figure's CSV."""
        same = ("year", "bound", "reported", "reported_per_drawn", "period", "fact", "source")
        return {"series": "reported", "p50": self.value} | {name: getattr(self, name) for name in same}


def facts_of(place: str, variable: str) -> tuple[Fact, ...]:
    """Return the figures reported for one place that are levels of one observable.

    The reporting filter decides: aims, growth rates, amounts a government decides, figures in another unit and those of
    single firms are left out.
    """
    return tuple(fact for fact in load_facts() if fact.place == place and observable_of(fact) == variable)


def bound_word(bound: str, view: Shown) -> str:
    """Return what stands before a reported amount; nothing before an exact one."""
    words = {"exact": ("", ""), "at_least": ("over ", "超过"), "at_most": ("under ", "不到"), "about": ("about ", "约")}
    return view.pick(*words[bound])


def marks_for(view: Shown, item: Observable, place: str | None) -> tuple[Mark, ...]:
    """Return the reported figures of one variable that fall into the years shown; none for several places at once."""
    places = [place] if place is not None else list(view.a.places)
    if len(places) != 1:
        return ()
    published = facts_of(places[0], item.name)
    truth = truth_of(view.a) if published else None
    marks = [_mark(view, item, places[0], answer(fact, truth)) for fact in published if truth is not None]
    return tuple(sorted((m for m in marks if m is not None), key=lambda m: (m.year, m.fact)))


def _mark(view: Shown, item: Observable, place: str, found: Answer | NotAnswered) -> Mark | None:
    """Convert one figure to the model's basis; None when the baseline has no answer or its year is not shown."""
    fact = found.fact
    year = fact.period_end // 12
    if isinstance(found, NotAnswered) or year not in view.pairing.years:
        return None
    scope, part = float(np.median(found.scope)), 1.0
    start, end = fact.period_start, fact.period_end
    if item.aggregate == "sum" and not (start % 12 == 0 and end - start == 11):
        # The baseline's median share of the year that the figure's months make up.
        totals = view.a.annual(item.name, place)[:, list(view.a.years).index(year)]
        usable = totals > 0.0
        shares = (found.values / found.scope)[usable] / totals[usable]
        part = float(np.median(shares)) if usable.any() else float("nan")
    if not (np.isfinite(part) and part > 0.0 and np.isfinite(scope) and scope > 0.0):
        return None
    value = fact.value_plain / scope / part
    words, note = _wording(view, item, found, value, scope, part)
    period = f"{month_text(fact.period_start)}..{month_text(fact.period_end)}"
    return Mark(fact.id, year, found.bound, value, fact.value_plain, scope * part, period, fact.source, words, note)


def _wording(view: Shown, item: Observable, found: Answer, value: float, scope: float, part: float) -> tuple[str, str]:
    """Return the label beside a mark and the note under the picture."""
    say, fact = view.say, found.fact

    def amount(value: float, size: float) -> str:
        scale = scale_for(item.unit, abs(size), view.lang)
        return scale.amount(value, decimals_needed(value / scale.divisor))

    told = bound_word(found.bound, view) + amount(fact.value_plain, fact.value_plain)
    words, period = say("reported.reported", told=told), _period(fact, view.lang)
    details = say("marks.semicolon").join(
        one_line(text) for text in (basis_label(fact.basis, view.lang), fact.source) if text
    )
    note = say("reported.reported_for", period=period, told=told)
    note += say("reported.wording", details=details) if details else ""
    reasons = []
    if scope != 1.0:
        times = f"{scope:.2g}"
        reasons.append(say("reported.its_scope_is_times", times=times))
    if part != 1.0:
        share = f"{100 * part:.0f}%"
        reasons.append(say("reported.these_months_make_simulated", share=share))
    if reasons:
        drawn, joined = amount(float(f"{value:.3g}"), value), say("reported.and").join(reasons)
        note += say("reported.drawn_at", drawn=drawn, joined=joined)
    return words + ("*" if reasons else ""), note + say("marks.stop")


def _period(fact: Fact, lang: Language) -> str:
    """Return the fact's period in words: a year, a month or months of a year."""
    if lang == "en":
        return period_text(fact, lang)
    start, end = (f"{month // 12}年{month % 12 + 1}月" for month in (fact.period_start, fact.period_end))
    if start == end:
        return end
    if fact.period_start % 12 == 0 and fact.period_end - fact.period_start == 11:
        return f"{fact.period_end // 12}年"
    return f"{start}至{end}"


def reach(marks: Sequence[Mark], limits: tuple[float, float], height: float) -> tuple[float, float]:
    """Widen the limits of a panel of ``height`` points so that every arrow ends inside it."""
    low, high = limits
    for _ in range(3):
        room = (_ARROW + 4.0) / height * (high - low)
        ups = [mark.value + room for mark in marks if mark.bound == "at_least"]
        downs = [mark.value - room for mark in marks if mark.bound == "at_most"]
        low, high = min([low, *downs]), max([high, *ups])
    return low, high


def draw_marks(panel: Panel, marks: Sequence[Mark], lines: Sequence[tuple[Floats, Floats]]) -> None:
    """Draw the marks and their labels where they cover least."""
    frame = Box(panel.left, panel.bottom, panel.right, panel.top)
    soft = [box for xs, ys in lines for box in _line_boxes(panel, xs, ys)]
    taken = [_draw_mark(panel, mark) for mark in marks]
    for mark in marks:
        room = width(mark.words, style.SMALL_SIZE) + 4.0
        year = panel.across(1.0) - panel.across(0.0)
        places = _around(panel.across(mark.year + 0.5), panel.up(mark.value), year, room)
        chosen = places[best_place(places, taken, soft, frame)]
        taken.append(chosen)
        y, gid = (chosen.bottom + chosen.top) / 2, f"reported-label-{mark.fact}"
        panel.sheet.note(chosen.left + 2.0, y, mark.words, color=style.REPORTED, gid=gid)


def _around(x: float, y: float, year: float, room: float) -> list[Box]:
    """Return boxes around a mark that a label may take, nearest first."""
    half, tall = _HALF_BAR * year + 4.0, 10.0
    boxes = []
    for away in (0.0, 12.0, -12.0, 24.0, -24.0, 38.0, -38.0, 54.0, -54.0, 72.0, -72.0):
        for left in (x + half, x - half - room, x - room / 2):
            if left == x - room / 2 and abs(away) < 20.0:
                continue
            boxes.append(Box(left, y + away - tall / 2, left + room, y + away + tall / 2))
    return boxes


def _line_boxes(panel: Panel, xs: Floats, ys: Floats) -> list[Box]:
    if len(xs) < 2:
        return []
    fine = np.linspace(xs[0], xs[-1], 8 * len(xs))
    points = [(panel.across(float(x)), panel.up(float(y))) for x, y in zip(fine, np.interp(fine, xs, ys), strict=True)]
    return [Box(x - 3.0, y - 2.0, x + 3.0, y + 2.0) for x, y in points]


def draw_mark(
    panel: Panel, bound: str, value: float, edges: Sequence[float], middle: float, half: float, tip: float, *,
    upright: bool, gid: str = "",
) -> None:  # fmt: skip
    """Draw a reported value: a dot, a box between ``edges`` for "about", an arrow to ``tip`` where a bound admits.

    It stands at ``middle`` of the other axis and reaches ``half`` to each side; ``upright`` when values run upward.
    """

    def points(values: Sequence[float], places: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
        return (places, values) if upright else (values, places)

    look: dict[str, Any] = {"color": style.REPORTED, "zorder": 6}
    ends = [middle - half, middle + half]
    if bound == "exact":
        panel.axes.plot(*points([value], [middle]), marker="o", markersize=4.5, linewidth=0.0, gid=gid, **look)
        return
    bar = points([value, value], ends)
    if bound == "about":
        low, high = edges
        box = points([low, low, high, high], [*ends, *ends[::-1]])
        panel.axes.fill(*box, facecolor="none", edgecolor=style.REPORTED, linewidth=0.9, zorder=6, gid=gid)
        panel.axes.plot(*bar, linewidth=0.9, **look)
        return
    panel.axes.plot(*bar, linewidth=1.6, **look)
    look = {"arrowstyle": "-|>,head_length=0.32,head_width=0.18", "mutation_scale": 12.0, "linewidth": 1.1}
    look |= {"color": style.REPORTED, "shrinkA": 0.0, "shrinkB": 0.0}
    start, end = zip(*points([value, tip], [middle, middle]), strict=True)
    arrow = panel.axes.annotate("", xy=end, xytext=start, zorder=6, arrowprops=look)
    for part in filter(None, (arrow, arrow.arrow_patch)):
        part.set_gid(gid)


def _draw_mark(panel: Panel, mark: Mark) -> Box:
    """Draw a mark of the fan; return what it covers."""
    x, y = mark.year + 0.5, mark.value
    role = {"exact": "reported", "at_least": "lower-bound", "at_most": "upper-bound", "about": "about"}[mark.bound]
    way = {"at_least": 1.0, "at_most": -1.0}.get(mark.bound, 0.0)
    tip = y + way * _ARROW / panel.height * (panel.y[1] - panel.y[0])
    draw_mark(panel, mark.bound, y, mark.edges, x, _HALF_BAR, tip, upright=True, gid=f"{role}-{mark.fact}")
    if mark.bound == "exact":
        middle, level = panel.across(x), panel.up(y)
        return Box(middle - 4.0, level - 4.0, middle + 4.0, level + 4.0)
    room, ends = 0.0 if mark.bound == "about" else 2.0, sorted(map(panel.up, (*mark.edges, tip)))
    return Box(panel.across(x - _HALF_BAR), ends[0] - room, panel.across(x + _HALF_BAR), ends[-1] + room)
