"""Figure 1: where a variable is heading in the baseline, and by how much the scenario bends it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from sim.compare import statistics
from sim.compare.build import chosen_years
from sim.compare.statistics import Contrast, verdict_text
from sim.errors import UserError
from sim.observables import Observable
from sim.report.figures import style
from sim.report.figures.describe import Shown, Source, capital, known_variable, shown
from sim.report.figures.layout import (
    Drawing,
    EndLabel,
    Floats,
    Panel,
    Sheet,
    difference_scale,
    limits,
    quantile,
    scale_for,
    ticks,
    year_step,
)
from sim.report.figures.picture_files import drawing
from sim.report.figures.reported import Mark, draw_marks, marks_for, reach
from sim.report.figures.style import shorten, width
from sim.report.rounding import Scale
from sim.scenario.resolved import Policy
from sim.units import Language

_UPPER, _LOWER, _BETWEEN = 214.0, 128.0, 44.0
_LEFT, _RIGHT = 46.0, 138.0
_HEAD = 26.0


@dataclass(frozen=True, kw_only=True)
class _Fan(Shown):
    """Yearly values of one variable in both runs, the statistics of each year, and what both panels need.

    ``values_b`` and ``values_a`` have shape (runs, years); ``apart``, their difference, has a row for each pair
    (unpaired: for each combination); ``by_year`` is one contrast a year.
    """

    item: Observable
    at: int
    values_b: Floats
    values_a: Floats
    apart: Floats
    by_year: list[Contrast]
    marks: tuple[Mark, ...]
    level: Scale
    difference: Scale

    @property
    def years(self) -> tuple[int, ...]:
        """Years shown."""
        return self.pairing.years

    @property
    def x(self) -> Floats:
        """Middle of each year."""
        return np.asarray(self.years, dtype=float) + 0.5

    @property
    def differs(self) -> bool:
        """Whether any pair differs in any year."""
        return bool(np.nan_to_num(self.apart).any())

    @property
    def start(self) -> int:
        """Position of the year before the first in which any pair differs: from there both are drawn."""
        return max(int(np.nan_to_num(self.apart).any(axis=0).argmax()) - 1, 0)


def fan(
    source: Source, variable: str, lang: Language = "en", *, at: int | None = None, unit: str | None = None,
    place: str | None = None, unpaired: bool = False,
) -> Drawing:  # fmt: skip
    """Draw the baseline's fan with the scenario's median, and the paired difference below.

    ``source`` is a pair of runs (B, A) or a comparison, ``at`` the year the title speaks of (2030, or the last one in
    both runs), ``unit`` a reader's unit such as ``亿元`` (chosen by size), ``place`` one of several; ``unpaired`` takes
    the runs as independent draws. ``UserError`` for an unknown variable, unit or place, or a year outside the runs.
    """
    item = known_variable(variable)
    view = shown(source, lang, unpaired=unpaired)
    places = list(view.a.places)
    if place is not None and place not in places:
        raise UserError(f'the runs have no place "{place}"; they have {", ".join(places)}')
    year, _ = chosen_years(view.pairing.years, at, None)
    b, a = view.pairing.annual(item.name, place)
    paired = view.pairing.paired
    apart = statistics.differences(b, a, paired=paired)
    marks = marks_for(view, item, place)
    largest = float(np.nanmedian(np.abs(a[:, -1])))
    level = scale_for(item.unit, largest, lang, unit)
    # The unit of differences is chosen by the size of the levels when nothing differs.
    if np.nan_to_num(apart).any():
        largest = float(np.nanquantile(np.abs(apart[:, -1]), 0.95))
    difference = difference_scale(item, largest, lang, unit)
    by_year = statistics.contrast(b, a, paired=paired)
    data = _Fan(
        lang=lang, pairing=view.pairing, item=item, at=year, values_b=b, values_a=a, apart=apart, by_year=by_year,
        marks=marks, level=level, difference=difference,
    )  # fmt: skip
    with drawing(lang):
        return _draw(data)


def _finding(data: _Fan) -> str:
    say, name, year = data.say, data.label(data.item), data.at
    one = data.by_year[data.years.index(year)]
    identical = data.pairing.paired and bool(np.array_equal(one.b_values, one.a_values))
    word, higher, runs = data.judged(one, identical=identical)
    median, percent = abs(one.difference.p50), abs(one.difference_pct.p50)
    size = data.difference.amount(median, data.difference.decimals(one.mc_se, median))
    # A share is compared in percentage points, never in percent of percent.
    if data.item.unit != "share" and not math.isnan(percent):
        text = f"{percent:,.{1 if percent >= 0.1 else 2 if percent >= 0.01 else 3}f}%"
        size += say("fan.finding", text=text)
    values = {"name": name, "capital": capital(name), "year": year, "higher": higher, "runs": runs, "size": size}
    return say(f"fan.{word.replace(' ', '_')}", sure=verdict_text(word, data.lang), **values)


def _draw(data: _Fan) -> Drawing:
    title = _finding(data)
    width = style.WIDTH - 2 * style.MARGIN - _LEFT - _RIGHT
    x = (data.years[0] + 0.3, data.years[-1] + 0.7)
    placed = _arrange(_events(data), x, (_LEFT, _LEFT + width), _LEFT + width + _RIGHT, data)
    under = 22.0 + (EVENT_ROW * (1 + max(item.row for item in placed)) + 4.0 if placed else 0.0)
    height = under + _LOWER + _BETWEEN + _UPPER + _HEAD
    sheet = Sheet(height, title, data.subtitle, _notes(data), data.footer())
    lower = Panel.place(sheet, (_LEFT, under, width, _LOWER), x, _difference_limits(data))
    box = (_LEFT, under + _LOWER + _BETWEEN, width, _UPPER)
    upper = Panel.place(sheet, box, x, reach(data.marks, _level_limits(data), _UPPER))
    _draw_level(upper, data)
    _draw_difference(lower, data)
    step = year_step(len(data.years), 15)
    for year in data.years:
        if (data.years[-1] - year) % step == 0:
            color = style.INK if year == data.at else style.MUTED
            lower.sheet.text(lower.across(year + 0.5), lower.bottom - 11.0, str(year), ha="center", color=color)
    _draw_reported_until((upper, lower), data)
    _draw_events(lower, placed, under - 20.0)
    # The output fan has number 1, the others follow the same layout.
    name = data.item.name.replace("_", "-")
    stem = "01-output-fan" if name == "output-value" else f"01-{name}-fan"
    columns = ["series", "variable", "unit", "year", "n_pairs", "replicate", *data.by_year[0].a.quantiles]
    columns += ["bound", "reported", "reported_per_drawn", "period", "fact", "source"]
    return sheet.drawing(stem, data.lang, _alt(data, title), [upper, lower], _records(data), columns)


def _level_limits(data: _Fan) -> tuple[float, float]:
    b, a = data.values_b, data.values_a
    if data.bands:
        drawn = [v for one in data.by_year for v in (one.a.p05, one.a.p95, one.b.p50)]
    else:
        drawn = [float(a.min()), float(a.max()), *(one.b.p50 for one in data.by_year), float(b.min())]
    return limits([*drawn, *(edge for mark in data.marks for edge in mark.edges)])


def _difference_limits(data: _Fan) -> tuple[float, float]:
    """Limits of the lower panel in plain units; zero is always inside."""
    if data.bands:
        drawn = [v for one in data.by_year for v in (one.difference.p05, one.difference.p95)]
    else:
        drawn = [float(np.nanmin(data.apart)), float(np.nanmax(data.apart))]
    low, high = limits(drawn, zero=True, pad=0.1)
    if low == -1.0 and high == 1.0:
        # Nothing differs: a band of paper around zero.
        return -data.level.divisor, data.level.divisor
    return low, high


def _panel_head(panel: Panel, text: str, scale: Scale, data: _Fan, *, sign: bool = False) -> None:
    """Write what the panel shows above it, and draw its grid."""
    item, say = data.item, data.say
    kind = {"sum": say("fan.year"), "last": say("fan.at_end_year"), "mean": say("fan.average_year")}[item.aggregate]
    if data.lang == "en" and item.aggregate == "sum":
        unit = f"{scale.label or 'number'} {kind}"
    elif item.unit == "yuan/year":
        unit = scale.label
    else:
        unit = say("marks.comma").join(word for word in (scale.label, kind) if word)
    panel.sheet.text(0.0, panel.top + 17.0, data.with_unit(text, unit), color=style.MUTED)
    values = ticks(panel.y[0] / scale.divisor, panel.y[1] / scale.divisor, 7 if panel.height > 150 else 5)
    panel.number_axis([0.0] if sign and not data.differs else values, scale.divisor, sign=sign)


def _draw_level(panel: Panel, data: _Fan) -> None:
    say, x, start = data.say, data.x, data.start
    _panel_head(panel, capital(data.label(data.item)), data.level, data)
    bands = [one.a for one in data.by_year]
    last = data.by_year[-1]
    ends = []
    if data.bands:
        panel.bands(x, bands, style.BASELINE_90, style.BASELINE_50)
        told = ((last.a.p95, say("fan.baseline_90_runs")), (last.a.p75, say("shared.50_runs")))
        ends = [EndLabel(high, text, style.MUTED) for high, text in told]
    else:
        for run in data.values_a:
            panel.curve(x, run, color=style.BASELINE_50, linewidth=0.5, zorder=1)
    median = quantile(bands, "p50")
    panel.curve(x, median, color=style.BASELINE, linewidth=1.7, linestyle=style.BASELINE_DASHES, zorder=3)
    scenario = quantile([one.b for one in data.by_year], "p50")
    # Where both are the same line all along, the baseline's dashes are drawn on the scenario's.
    look = {"linewidth": 2.0, "zorder": 4} if data.differs else {"linewidth": 3.6, "zorder": 2}
    panel.curve(x[start:], scenario[start:], color=style.SCENARIO if data.differs else style.SCENARIO_50, **look)
    # Both last values have the same decimals.
    decimals = max(data.level.decimals(last.a_se, last.a.p50), data.level.decimals(last.b_se, last.b.p50))
    medians = ((say("shared.drawn_scenario"), last.b.p50, style.SCENARIO),
               (say("shared.drawn_baseline"), last.a.p50, style.BASELINE))  # fmt: skip
    for name, value, color in medians:
        text = f"{name} {data.level.number(value, decimals)}{'%' if data.level.label == '%' else ''}"
        ends.append(EndLabel(value, text, color, "bold"))
    panel.label_ends(float(x[-1]), ends)
    draw_marks(panel, data.marks, [(x, median), (x[start:], scenario[start:])])


def _draw_difference(panel: Panel, data: _Fan) -> None:
    """Lower panel: bands and median of the paired difference, and the zero line."""
    say, scale, paired = data.say, data.difference, data.pairing.paired
    head = say("fan.difference_scenario_less_baseline", paired=paired)
    _panel_head(panel, head, scale, data, sign=True)
    panel.axes.axhline(0.0, color=style.INK, linewidth=0.9, zorder=2)
    if not data.differs and paired:
        middle = panel.left + panel.width / 2
        text = say("fan.no_difference_in_any")
        panel.sheet.text(middle, panel.up(0.0) + 14.0, text, ha="center", color=style.MUTED, bbox=style.paper(2.0))
        return
    x, bands = data.x[data.start :], [one.difference for one in data.by_year[data.start :]]
    last, ends = data.by_year[-1], []
    if data.bands:
        panel.bands(x, bands, style.SCENARIO_90, style.SCENARIO_50)
        d = last.difference
        ends = [
            EndLabel(high, f"{share}%{say('marks.colon')}{_range(data, low, high)}", style.MUTED)
            for share, low, high in ((90, d.p05, d.p95), (50, d.p25, d.p75))
        ]
    elif paired:
        for run in data.apart[:, data.start :]:
            panel.curve(x, run, color=style.SCENARIO_50, linewidth=0.5, zorder=1)
    panel.curve(x, quantile(bands, "p50"), color=style.SCENARIO, linewidth=2.0, zorder=3)
    number = scale.number(last.difference.p50, scale.decimals(last.mc_se, last.difference.p50), sign=True)
    ends.append(EndLabel(last.difference.p50, say("shared.median") + number, style.SCENARIO, "bold"))
    panel.label_ends(float(x[-1]), ends)


def _range(data: _Fan, low: float, high: float) -> str:
    """Return ``+0.46 … +2.23`` of the last year in the unit of the lower panel."""
    decimals = data.difference.decimals(data.by_year[-1].mc_se, high)
    return " … ".join(data.difference.number(v, decimals, sign=True) for v in (low, high))


def _draw_reported_until(panels: tuple[Panel, Panel], data: _Fan) -> None:
    """Draw the dashed line between reported and projected through both panels."""
    time = (data.a.scenario.time.reported_until + 1) / 12.0
    upper, lower = panels
    if not upper.x[0] < time < upper.x[1]:
        return
    at = upper.across(time)
    for panel in panels:
        ends = [panel.bottom, panel.top + (3.0 if panel is upper else 0.0)]
        panel.sheet.line([at, at], ends, color=style.FAINT, linewidth=0.8, linestyle=(0, (3, 2)))
    look: dict[str, Any] = {"color": style.FAINT, "va": "baseline"}
    if at - upper.left > 50.0:
        lower.sheet.note(at - 5.0, upper.top + 4.0, data.say("fan.reported"), ha="right", **look)
    lower.sheet.note(at + 5.0, upper.top + 4.0, data.say("fan.projected"), ha="left", **look)


def _notes(data: _Fan) -> tuple[str, ...]:
    item, say = data.item, data.say
    notes = [data.caption("the line", "数值", lines=True)]
    if item.basis:
        notes.append(say("fan.basis", item=item))
    if data.b.scenario.kind == "counterfactual" and data.marks:
        notes.append(say("fan.reported_figures_belong_to"))
    return (*notes, *data.remarks, *(mark.note for mark in data.marks))


def _alt(data: _Fan, title: str) -> str:
    years, say, level, difference = data.years, data.say, data.level, data.difference
    name, last = data.label(data.item), data.by_year[-1]
    baseline = level.amount(last.a.p50, level.decimals(last.a_se, last.a.p50))
    change = difference.amount(last.difference.p50, difference.decimals(last.mc_se, last.difference.p50), sign=True)
    values = {"name": name, "first": years[0], "last": years[-1], "baseline": baseline, "change": change}
    text = say("fan.upper_panel_from_to", title=title, **values)
    if data.bands:
        inside = _range(data, last.difference.p05, last.difference.p95)
        text += say("fan.90_runs_between", inside=inside)
    stop = say("marks.stop_between") if data.marks else say("marks.stop")
    return text + stop + " ".join(mark.note for mark in data.marks)


def _records(data: _Fan) -> list[dict[str, Any]]:
    """Return what is drawn, in plain units: medians, bands, single runs when there are few, reported figures."""
    rows: list[dict[str, Any]] = []
    for position, (year, one) in enumerate(zip(data.years, data.by_year, strict=True)):
        rows.append({"series": "baseline", "year": year, **one.a.quantiles})
        if position >= data.start:
            rows.append({"series": "scenario", "year": year, "p50": one.b.p50})
            rows.append({"series": "difference", "year": year, **one.difference.quantiles})
    if not data.bands:
        replicates = data.pairing.replicates or range(data.values_a.shape[0])
        for r, replicate in enumerate(replicates):
            for position, year in enumerate(data.years):
                a, b = data.values_a[r, position], data.values_b[r, position]
                rows.append({"series": "baseline run", "year": year, "replicate": replicate, "p50": a})
                if data.pairing.paired:
                    rows.append({"series": "difference run", "year": year, "replicate": replicate, "p50": b - a})
    rows += [mark.record() for mark in data.marks]
    fixed = {"variable": data.item.name, "unit": data.item.unit, "n_pairs": data.n}
    return [{**fixed, **row} for row in rows]


Kind = Literal["starts", "changes", "ends"]
MOST_ROWS, EVENT_ROW = 5, 12.0


@dataclass(frozen=True)
class Event:
    """Something that happens to a policy in a month; ``own`` when it is in the scenario and not in the baseline."""

    month: int
    kind: Kind
    policy: Policy
    own: bool

    @property
    def time(self) -> float:
        """Start of the month (or, of an end, its close) in calendar years."""
        return (self.month + (1 if self.kind == "ends" else 0)) / 12.0


def _moments(policy: Policy) -> list[tuple[int, Kind]]:
    moments: list[tuple[int, Kind]] = [(policy.start, "starts")]
    moments += [(month, "changes") for month, _ in policy.versions[1:]]
    return moments if policy.end is None else [*moments, (policy.end, "ends")]


def _events(view: Shown) -> list[Event]:
    """Return the events of the scenario in order of month; those the baseline has not, or with other terms, are own."""
    shared = {
        (policy.id, month, kind): dict(policy.versions).get(month)
        for policy in view.a.scenario.policies
        for month, kind in _moments(policy)
    }
    found = []
    for policy in view.b.scenario.policies:
        for month, kind in _moments(policy):
            key, terms = (policy.id, month, kind), dict(policy.versions).get(month)
            found.append(Event(month, kind, policy, own=key not in shared or shared[key] != terms))
    return sorted(found, key=lambda e: (e.month, not e.own, e.policy.id, e.kind))


@dataclass(frozen=True)
class Placed:
    """An event with the place of its tick, its label, the points that takes across, and its row (0: nearest the axis).

    ``leftward`` says that the label stands left of the tick.
    """

    event: Event
    x: float
    text: str
    leftward: bool
    span: tuple[float, float]
    row: int = 0


def _arrange(
    found: Sequence[Event], across: tuple[float, float], at: tuple[float, float], right: float, view: Shown
) -> list[Placed]:
    """Lay out labels in rows; events outside the axis are left out.

    ``across`` is the time at the ends of the axis, ``at`` these ends and ``right`` the end of room in points.
    """
    inside = [e for e in found if across[0] <= e.time <= across[1]]
    # The scenario's own events come first when there is not room for all.
    inside = sorted(sorted(inside, key=lambda e: not e.own)[: MOST_ROWS * 2], key=lambda e: (e.time, not e.own))
    places: list[Placed] = []
    for event in inside:
        x = at[0] + (event.time - across[0]) / (across[1] - across[0]) * (at[1] - at[0])
        text = view.say(f"events.{event.kind}", name=view.name(event.policy))
        room_right, room_left = right - x - 8.0, x - 8.0
        leftward = width(text, style.SMALL_SIZE) > room_right and room_left > room_right
        text = shorten(text, room_left if leftward else room_right, style.SMALL_SIZE)
        long = width(text, style.SMALL_SIZE) + 8.0
        places.append(Placed(event, x, text, leftward, (x - long, x + 4.0) if leftward else (x - 4.0, x + long)))
    # From the right: a tick further left may then stand in a lower row without its stem crossing a label.
    done: list[Placed] = []
    for place in reversed(places):
        rows = (replace(place, row=row) for row in range(len(places) + 1))
        done.append(next(one for one in rows if _is_free(one, done)))
    return done[::-1]


def _is_free(place: Placed, done: Sequence[Placed]) -> bool:
    """Whether a label in its row covers no other label or stem, and its stem no label above."""
    for other in done:
        if place.row == other.row and place.span[0] < other.span[1] + 8.0 and other.span[0] < place.span[1] + 8.0:
            return False
        # Stems run from the axis (above row 0) down to their row.
        if other.row > place.row and place.span[0] + 4.0 < other.x < place.span[1]:
            return False
        crosses = other.span[0] + 4.0 < place.x < other.span[1] and abs(place.x - other.x) > 4.0
        if place.row > other.row and crosses:
            return False
    return True


def _draw_events(panel: Panel, placed: Sequence[Placed], top: float) -> None:
    """Draw ticks and labels downward from ``top`` (points in the body)."""
    for item in placed:
        x, y = panel.across(item.event.time), top - EVENT_ROW * (item.row + 0.5)
        color = style.SCENARIO if item.event.own else style.MUTED
        panel.sheet.line([x, x], [y, top], color=color, linewidth=0.6)
        marker = {"starts": "^", "changes": "D", "ends": "v"}[item.event.kind]
        look = {"color": color, "markersize": 3.6, "linewidth": 0.0, "markeredgewidth": 0.0}
        panel.sheet.line([x], [y], marker=marker, **look)
        apart, side = (-6.0, "right") if item.leftward else (6.0, "left")
        panel.sheet.note(x + apart, y - 0.3, item.text, ha=side, color=color)
