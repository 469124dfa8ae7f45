"""A dose-response curve: what a policy does at several sizes, and how far it gets at each."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.compare.dose import Dose, DoseResponse
from sim.compare.runs import pair
from sim.compare.statistics import Band, Contrast, verdict_text
from sim.observables import Observable
from sim.report.dose_table import COLUMNS, ceiling_note, field_labels, level_text, records, shortfall_notes
from sim.report.figures import style
from sim.report.figures.describe import Shown, capital
from sim.report.figures.layout import Drawing, EndLabel, Floats, Panel, Sheet, difference_scale, limits, quantile, ticks
from sim.report.figures.picture_files import drawing
from sim.report.figures.style import width
from sim.report.rounding import Scale, whole
from sim.report.table import named, one_line
from sim.units import Language

_UPPER, _LOWER = 210.0, 96.0
_LEFT, _RIGHT = 58.0, 132.0
_GAP = 46.0
_FOOT = 54.0


@dataclass(frozen=True, kw_only=True)
class _View(Shown):
    """A curve in one language, paired at its largest dose."""

    response: DoseResponse


@dataclass(frozen=True)
class _Part:
    """One panel: an observable, what its differences are counted in, and how to read them off a dose."""

    item: Observable
    name: str
    scale: Scale
    of: Callable[[Dose], Contrast]
    values: Callable[[Dose], Floats]
    doses: tuple[Dose, ...]

    @property
    def bands(self) -> list[Band]:
        """The difference at each dose."""
        return [self.of(dose).difference for dose in self.doses]

    @property
    def reach(self) -> list[float]:
        """What the panel needs room for."""
        if all(band.shown for band in self.bands):
            return [value for band in self.bands for value in (band.p05, band.p95)]
        return [float(value) for dose in self.doses for value in self.values(dose)]

    def decimals(self, one: Contrast) -> int:
        """Return the decimals of a median; what comes whole has none."""
        decimals = self.scale.decimals(one.mc_se, one.difference.p50)
        return whole(decimals, self.item.unit) if self.scale.divisor == 1.0 else decimals


def dose_curve(response: DoseResponse, lang: Language = "en") -> Drawing:
    """Draw the difference a policy makes at several doses, and under it the policy's own observable.

    With 20 pairs or more bands hold 50% and 90% of the runs; with fewer every pair is a thin line.
    """
    pairing = pair(response.doses[-1].run, response.zero.run)
    with drawing(lang):
        return _draw(_View(lang=lang, pairing=pairing, response=response))


def _draw(view: _View) -> Drawing:
    """Lay out the sheet: the curve above, the reach of the policy below, doses under both."""
    response, doses, lang, say = view.response, view.response.doses, view.lang, view.say
    upper = _part(view, response.variable, lambda dose: dose.difference, lambda dose: dose.difference.differences)
    lower = _part(view, response.reach, lambda dose: dose.reach, lambda dose: dose.reach.differences)
    title = _title(view, upper)
    height = _FOOT + _LOWER + _GAP + _UPPER + 22.0
    policy = say("dose_curve.policy") + one_line(named(response.policy, lang))
    policy += say("dose_curve.multiplied", fields=say("marks.list").join(field_labels(response, lang)))
    subtitle = (policy, *view.subtitle[::2])
    sheet = Sheet(height, title, subtitle, _notes(view), view.footer([dose.run for dose in doses]))
    wide = sheet.width - _LEFT - _RIGHT
    room = 0.03 * doses[-1].times
    x = (-room, doses[-1].times + room)
    boxes = ((_LEFT, _FOOT, wide, _LOWER), (_LEFT, _FOOT + _LOWER + _GAP, wide, _UPPER))
    panels = [
        Panel.place(sheet, box, x, limits(part.reach, zero=True))
        for box, part in zip(boxes, (lower, upper), strict=True)
    ]
    for panel, part, head in zip(panels, (lower, upper), _heads(view, lower, upper), strict=True):
        _draw_part(panel, part, view, head)
    _draw_doses(panels[0], view)
    texts = []
    for dose in doses:
        one = upper.of(dose)
        number = upper.scale.amount(one.difference.p50, upper.decimals(one), sign=True)
        texts.append(say("dose_curve.at", number=number, times=dose.times))
    listed = say("marks.semicolon").join(texts)
    alt = title + say("dose_curve.median_difference", listed=listed)
    return sheet.drawing(f"dose-{response.policy.id}", lang, alt, panels[::-1], records(response), COLUMNS)


def _part(view: _View, item: Observable, of: Callable[[Dose], Contrast], values: Callable[[Dose], Floats]) -> _Part:
    largest = max((float(np.abs(each).max()) for each in map(values, view.response.doses) if each.size), default=0.0)
    return _Part(item, view.label(item), difference_scale(item, largest, view.lang), of, values, view.response.doses)


def _draw_part(panel: Panel, part: _Part, view: _View, head: str) -> None:
    """Draw bands or single runs, the median with a dot at each dose, and the labels at its end."""
    say, bands, scale = view.say, part.bands, part.scale
    x = np.array([dose.times for dose in part.doses])
    marks = ticks(panel.y[0] / scale.divisor, panel.y[1] / scale.divisor, 5 if panel.height > 150.0 else 3)
    panel.number_axis(marks, scale.divisor, sign=True)
    panel.sheet.text(0.0, panel.top + 14.0, head, panel.sheet.width, color=style.MUTED)
    panel.axes.axhline(0.0, color=style.INK, linewidth=0.9, zorder=2)
    ends = []
    if view.bands and all(band.shown for band in bands):
        panel.bands(x, bands, style.SCENARIO_90, style.SCENARIO_50)
        told = ((bands[-1].p95, say("shared.90_runs")), (bands[-1].p75, say("shared.50_runs")))
        ends = [EndLabel(high, text, style.MUTED) for high, text in told]
    else:
        for line in _single_lines(part):
            panel.curve(*line, color=style.SCENARIO_50, linewidth=0.6, zorder=1)
    look = {"marker": "o", "markersize": 5.0, "markeredgecolor": "white", "markeredgewidth": 0.8}
    panel.curve(x, quantile(bands, "p50"), color=style.SCENARIO, linewidth=2.0, zorder=4, **look)
    last = part.of(part.doses[-1])
    number = scale.number(last.difference.p50, part.decimals(last), sign=True)
    ends.append(EndLabel(last.difference.p50, say("shared.median") + number, style.SCENARIO, "bold"))
    panel.label_ends(float(x[-1]), ends)


def _single_lines(part: _Part) -> list[tuple[Floats, Floats]]:
    """Return one line a replicate, over the doses that have it."""
    found = []
    for number in sorted({number for dose in part.doses for number in dose.replicates}):
        points = [
            (dose.times, float(part.values(dose)[dose.replicates.index(number)]))
            for dose in part.doses
            if number in dose.replicates
        ]
        x, y = (np.array(values) for values in zip(*points, strict=True))
        found.append((x, y))
    return found


def _draw_doses(panel: Panel, view: _View) -> None:
    """Write the doses under the lower panel, and what they are where there is room."""
    response, say = view.response, view.say
    places = [panel.across(dose.times) for dose in view.response.doses]
    gaps = [b - a for a, b in itertools.pairwise(places)] or [panel.width]
    last = -1e9
    for k, (dose, place) in enumerate(zip(view.response.doses, places, strict=True)):
        name, level = f"{dose.times:g}" + say("dose_curve.draw_doses"), level_text(response, dose, view.lang)
        if place - last >= width(name, style.LABEL_SIZE) + 6.0:
            panel.sheet.text(place, panel.bottom - 12.0, name, ha="center")
            last = place
        room = min(gaps[max(k - 1, 0)], gaps[min(k, len(gaps) - 1)])
        if width(level, style.SMALL_SIZE) + 6.0 <= room:
            panel.sheet.note(place, panel.bottom - 24.0, level, ha="center")
    what = field_labels(response, view.lang)[0]
    panel.sheet.note(panel.left, panel.bottom - 38.0, say("dose_curve.dose_and_at_it", what=what))


def _heads(view: _View, lower: _Part, upper: _Part) -> tuple[str, str]:
    say, response, (first, last) = view.say, view.response, view.response.window
    stock = lower.item.aggregate == "last"
    when = say("dose_curve.end", last=last) if stock else f"{first}-{last}" + say("dose_curve.heads")
    under = say("dose_curve.more_than_at_dose", capital=capital(lower.name), when=when, name=lower.name)
    over = say("dose_curve.in_more_than_at", capital=capital(upper.name), at=response.at, name=upper.name)
    return view.with_unit(under, lower.scale.label), view.with_unit(over, upper.scale.label)


def _title(view: _View, part: _Part) -> str:
    """Say what the largest dose does, and how sure that is."""
    say, name, dose, year = view.say, part.name, view.response.doses[-1], view.response.at
    one = dose.difference
    identical = bool(np.all(dose.difference.differences == 0.0))
    word, higher, runs = view.judged(one, identical=identical)
    key = "dose_curve.with_policy_as_written" if dose.times == 1.0 else "dose_curve.at_times_policy"
    at = say(key, times=dose.times)
    size = part.scale.amount(abs(one.difference.p50), part.decimals(one))
    sure = [verdict_text(word, view.lang), runs]
    if word == "too few runs":
        sure = [runs, say("dose_curve.too_few_to_judge")]
    key = word.replace(" ", "_") if word in ("identical", "no clear difference") else "moves"
    return say(f"dose_curve.{key}", at=at, name=name, year=year, higher=higher, runs=runs, size=size, sure=sure)


def _notes(view: _View) -> tuple[str, ...]:
    say, response, lang = view.say, view.response, view.lang
    found = [view.caption("the difference", "差值", lines=True), _per_million(view)]
    found += [*ceiling_note(response, lang), *shortfall_notes(response, lang)]
    firms = view.b.scenario.firms_per_agent
    if firms > 1:
        found.append(say("dose_curve.one_simulated_small_firm", firms=firms))
    if response.changes_the_past:
        found.append(say("dose_curve.other_doses_change_past"))
    return tuple(text for text in found if text)


def _per_million(view: _View) -> str:
    """Return the difference for each million yuan at each dose that pays any; empty when none does."""
    say, (first, last), item = view.say, view.response.window, view.response.variable
    paid = [(dose, dose.per_million) for dose in view.response.doses if dose.per_million is not None]
    if not paid:
        return ""
    scale = difference_scale(item, max(abs(band.p50) for _, band in paid), view.lang)
    texts = []
    for dose, band in paid:
        number = scale.amount(band.p50, scale.decimals(float("nan"), band.p50))
        texts.append(say("dose_curve.at_each", number=number, times=dose.times))
    when, name = f"{first}-{last}" if item.aggregate == "sum" else str(last), view.label(item)
    return say("dose_curve.for_each_million_yuan", capital=capital(name), when=when, texts=texts, name=name)
