"""A dose-response curve: what a policy does at several sizes, and how far it gets at each."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.compare.runs import pair
from sim.compare.statistics import out_of, verdict_text
from sim.report.dose_table import COLUMNS, ceiling_note, field_labels, level_text, records, shortfall_notes
from sim.report.figures import style
from sim.report.figures.describe import Shown, capital, caption, footer, label, run_name, subtitle, verdict_of
from sim.report.figures.difference import difference_scale
from sim.report.figures.panel import EndLabel, Panel, limits
from sim.report.figures.saving import drawing
from sim.report.figures.scale import tick_labels, ticks
from sim.report.figures.sheet import Drawing, Frame, Sheet, number_axis
from sim.report.figures.text import shorten, width
from sim.report.numbers import whole
from sim.report.table import one_line
from sim.report.words import named, pick

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sim.compare.dose import Dose, DoseResponse
    from sim.compare.statistics import Band, Contrast
    from sim.observables import Observable
    from sim.report.figures.scale import Scale
    from sim.report.figures.text import Lang

    Floats = NDArray[np.float64]

_UPPER, _LOWER = 210.0, 96.0
_LEFT, _RIGHT = 58.0, 132.0
_GAP = 46.0
_FOOT = 54.0


@dataclass(frozen=True)
class _Part:
    """One panel: an observable, what its differences are counted in, and how to read them off a dose."""

    item: Observable
    scale: Scale
    of: Callable[[Dose], Contrast]
    values: Callable[[Dose], Floats]

    def bands(self, doses: tuple[Dose, ...]) -> list[Band]:
        """Return the difference at each dose."""
        return [self.of(dose).difference for dose in doses]


def dose_curve(response: DoseResponse, lang: Lang = "en") -> Drawing:
    """Draw the difference a policy makes at several doses, and under it the policy's own observable.

    With 20 pairs or more bands hold 50% and 90% of the runs; with fewer every pair is a thin line.
    """
    with drawing(lang):
        return _draw(response, lang)


def _draw(response: DoseResponse, lang: Lang) -> Drawing:
    """Lay out the sheet: the curve above, the reach of the policy below, doses under both."""
    doses = response.doses
    view = Shown(pair(doses[-1].run, response.zero.run), lang)
    upper, lower = _part(response, lang, reach=False), _part(response, lang, reach=True)
    title = _title(response, upper, lang)
    frame = Frame(
        title, _subtitle(response, view), _notes(response, view), footer([dose.run for dose in doses], lang)
    )  # fmt: skip
    sheet = Sheet(frame, _FOOT + _LOWER + _GAP + _UPPER + 22.0)
    wide = sheet.width - _LEFT - _RIGHT
    room = 0.03 * doses[-1].times
    x = (-room, doses[-1].times + room)
    boxes = ((_LEFT, _FOOT, wide, _LOWER), (_LEFT, _FOOT + _LOWER + _GAP, wide, _UPPER))
    panels = [
        Panel.place(sheet, box, x, limits(_room_for(part, response), zero=True))
        for box, part in zip(boxes, (lower, upper), strict=True)
    ]
    heads = (_lower_head(response, lower, lang), _upper_head(response, upper, lang))
    for panel, part, head in zip(panels, (lower, upper), heads, strict=True):
        _draw_part(panel, part, response, view, head)
    _draw_doses(panels[0], response, lang)
    data = pd.DataFrame.from_records(records(response), columns=list(COLUMNS))
    axes = tuple(panel.axes for panel in reversed(panels))
    return Drawing(
        f"dose-{response.policy.id}", lang, title, _alt(response, upper, title, lang), sheet.figure, axes, data
    )


def _part(response: DoseResponse, lang: Lang, *, reach: bool) -> _Part:
    """Return what a panel shows."""
    if reach:
        item, of = response.reach, lambda dose: dose.reach
        values = [dose.reach.differences for dose in response.doses]
    else:
        item, of = response.variable, lambda dose: dose.difference
        values = [dose.difference.differences for dose in response.doses]
    largest = max((float(np.abs(each).max()) for each in values if each.size), default=0.0)
    scale = difference_scale(item, largest, lang)
    return _Part(item, scale, of, (lambda d: d.reach.differences) if reach else (lambda d: d.difference.differences))


def _room_for(part: _Part, response: DoseResponse) -> list[float]:
    """Return the values a panel needs room for."""
    bands = part.bands(response.doses)
    if all(band.shown for band in bands):
        return [value for band in bands for value in (band.p05, band.p95)]
    return [float(value) for dose in response.doses for value in part.values(dose)]


def _draw_part(panel: Panel, part: _Part, response: DoseResponse, view: Shown, head: str) -> None:
    """Draw bands or single runs, the median with a dot at each dose, and the labels at its end."""
    lang, doses = view.lang, response.doses
    x = np.array([dose.times for dose in doses])
    bands = part.bands(doses)
    marks = ticks(panel.y[0] / part.scale.divisor, panel.y[1] / part.scale.divisor, 5 if panel.height > 150.0 else 3)
    number_axis(panel.axes, [mark * part.scale.divisor for mark in marks], tick_labels(marks, sign=True))
    panel.sheet.text(0.0, panel.top + 14.0, shorten(head, panel.sheet.width, style.LABEL_SIZE), color=style.MUTED)
    panel.axes.axhline(0.0, color=style.INK, linewidth=0.9, zorder=2)
    ends = []
    if view.bands and all(band.shown for band in bands):
        quantiles = {name: np.array([getattr(band, name) for band in bands]) for name in ("p05", "p25", "p75", "p95")}
        panel.band(x, quantiles["p05"], quantiles["p95"], style.SCENARIO_90)
        panel.band(x, quantiles["p25"], quantiles["p75"], style.SCENARIO_50, 1.1)
        ends = [EndLabel(bands[-1].p95, pick(lang, "90% of runs", "90%的推演"), style.MUTED),
                EndLabel(bands[-1].p75, pick(lang, "50% of runs", "50%的推演"), style.MUTED)]  # fmt: skip
    else:
        for line in _single_lines(part, response):
            panel.curve(*line, color=style.SCENARIO_50, linewidth=0.6, zorder=1)
    median = np.array([band.p50 for band in bands])
    panel.curve(
        x, median, color=style.SCENARIO, linewidth=2.0, marker="o", markersize=5.0, markeredgecolor="white",
        markeredgewidth=0.8, zorder=4,
    )  # fmt: skip
    last = part.of(doses[-1])
    number = part.scale.number(last.difference.p50, _decimals(part, last), sign=True)
    ends.append(EndLabel(last.difference.p50, pick(lang, "median ", "中位数 ") + number, style.SCENARIO, "bold"))
    panel.label_ends(float(x[-1]), ends)


def _single_lines(part: _Part, response: DoseResponse) -> list[tuple[Floats, Floats]]:
    """Return one line a replicate, over the doses that have it."""
    numbers = sorted({number for dose in response.doses for number in dose.replicates})
    found = []
    for number in numbers:
        points = [
            (dose.times, float(part.values(dose)[dose.replicates.index(number)]))
            for dose in response.doses
            if number in dose.replicates
        ]
        x, y = (np.array(values) for values in zip(*points, strict=True))
        found.append((x, y))
    return found


def _decimals(part: _Part, one: Contrast) -> int:
    """Return the decimals of a median; what comes whole has none."""
    decimals = part.scale.decimals(one.mc_se, one.difference.p50)
    return whole(decimals, part.item.unit) if part.scale.divisor == 1.0 else decimals


def _draw_doses(panel: Panel, response: DoseResponse, lang: Lang) -> None:
    """Write the doses under the lower panel, and what they are where there is room."""
    places = [panel.across(dose.times) for dose in response.doses]
    texts = [level_text(response, dose, lang) for dose in response.doses]
    gaps = [b - a for a, b in itertools.pairwise(places)] or [panel.width]
    last = -1e9
    for k, (dose, place) in enumerate(zip(response.doses, places, strict=True)):
        name = f"{dose.times:g}×" if lang == "en" else f"{dose.times:g}倍"
        if place - last >= width(name, style.LABEL_SIZE) + 6.0:
            panel.sheet.text(place, panel.bottom - 12.0, name, ha="center")
            last = place
        room = min(gaps[max(k - 1, 0)], gaps[min(k, len(gaps) - 1)])
        if width(texts[k], style.SMALL_SIZE) + 6.0 <= room:
            look = {"size": style.SMALL_SIZE, "color": style.MUTED}
            panel.sheet.text(place, panel.bottom - 24.0, texts[k], ha="center", **look)
    what = field_labels(response, lang)[0]
    head = pick(lang, f"dose, and {what} at it", f"倍数及相应的{what}")
    panel.sheet.text(panel.left, panel.bottom - 38.0, head, size=style.SMALL_SIZE, color=style.MUTED)


def _unit(scale: Scale, lang: Lang) -> str:
    return pick(lang, f", {scale.label}", f"（{scale.label}）") if scale.label else ""


def _upper_head(response: DoseResponse, part: _Part, lang: Lang) -> str:
    name, unit = label(part.item, lang), _unit(part.scale, lang)
    return pick(
        lang,
        f"{capital(name)} in {response.at}, more than at dose zero (pair by pair){unit}",
        f"{response.at}年{name}：比零档多（逐对计算）{unit}",
    )


def _lower_head(response: DoseResponse, part: _Part, lang: Lang) -> str:
    first, last = response.window
    stock = part.item.aggregate == "last"
    when = pick(lang, f"end of {last}", f"{last}年末") if stock else f"{first}-{last}" + pick(lang, "", "年")
    name, unit = label(part.item, lang), _unit(part.scale, lang)
    return pick(
        lang, f"{capital(name)}, {when}, more than at dose zero{unit}", f"{name}（{when}）：比零档多{unit}"
    )  # fmt: skip


def _title(response: DoseResponse, part: _Part, lang: Lang) -> str:
    """Say what the largest dose does, and how sure that is."""
    dose, name = response.doses[-1], label(part.item, lang)
    one = dose.difference
    word = verdict_of(one.prob_higher, one.n, identical=bool(np.all(dose.difference.differences == 0.0)))
    higher = one.difference.p50 > 0.0 or (one.difference.p50 == 0.0 and one.prob_higher >= 0.5)
    direction = pick(lang, "higher" if higher else "lower", "高" if higher else "低")
    runs = out_of(one.prob_higher if higher else 1.0 - one.prob_higher, one.n, lang)
    year, at = response.at, _at(dose.times, lang)
    if word == "identical":
        return pick(
            lang, f"{at}, {name} in {year}: the same as without it in every pair of runs",
            f"{at}，{year}年{name}在每对推演中都与没有该政策时相同",
        )  # fmt: skip
    if word == "no clear difference":
        return pick(
            lang, f"{at}, {name} in {year}: no clear difference, {direction} in {runs}",
            f"{at}，{year}年{name}差异尚不明确：{runs}{direction}于零档",
        )  # fmt: skip
    size = part.scale.amount(abs(one.difference.p50), _decimals(part, one))
    few = pick(lang, "too few to judge", "次数不足，不作判断")
    sure = f"{runs}{pick(lang, ', ', '，')}{few}"
    if word != "too few runs":
        sure = f"{verdict_text(word, lang)}{pick(lang, ', ', '，')}{runs}"
    return pick(
        lang, f"{at}, {name} in {year}: {size} {direction} than at zero, {sure}",
        f"{at}，{year}年{name}比零档{direction}{size}：{sure}",
    )  # fmt: skip


def _at(times: float, lang: Lang) -> str:
    """Return a dose in words, as a sentence begins with it."""
    if times == 1.0:
        return pick(lang, "With the policy as written", "政策按原定规模实施时")
    return pick(lang, f"At {times:g} times the policy", f"政策规模为{times:g}倍时")


def _subtitle(response: DoseResponse, view: Shown) -> tuple[str, ...]:
    """Return policy and fields, scenario, and place, world, pairs."""
    lang = view.lang
    colon, comma = pick(lang, ": ", "："), pick(lang, ", ", "、")
    fields = comma.join(field_labels(response, lang))
    name = one_line(named(response.policy, lang))
    return (
        pick(lang, "Policy", "政策") + colon + name + pick(lang, f"; multiplied: {fields}", f"；同乘倍数：{fields}"),
        pick(lang, "Scenario", "情形") + colon + run_name(view.b, lang),
        subtitle(view)[2],
    )


def _notes(response: DoseResponse, view: Shown) -> tuple[str, ...]:
    """Return how to read the bands, what a million yuan goes with, the ceiling, and the scale."""
    lang = view.lang
    found = [caption(view, "the difference", "差值")]
    if not view.bands:
        found[0] += pick(lang, " Each thin line is one simulated future.", "每条细线为一次推演。")
    found += [_per_million(response, lang), *ceiling_note(response, lang), *shortfall_notes(response, lang)]
    firms = view.b.scenario.firms_per_agent
    if firms > 1:
        found.append(pick(lang, f"One simulated small firm stands for {firms}.", f"一家模拟小企业代表{firms}家。"))
    if response.changes_the_past:
        found.append(pick(lang, "Other doses change the past as well.", "换一个倍数也改变了过去。"))
    return tuple(text for text in found if text)


def _per_million(response: DoseResponse, lang: Lang) -> str:
    """Return the difference for each million yuan at each dose that pays any; empty when none does."""
    paid = [(dose, dose.per_million) for dose in response.doses if dose.per_million is not None]
    if not paid:
        return ""
    item = response.variable
    scale = difference_scale(item, max(abs(band.p50) for _, band in paid), lang)
    texts = []
    for dose, band in paid:
        number = scale.amount(band.p50, scale.decimals(float("nan"), band.p50))
        texts.append(pick(lang, f"{number} at {dose.times:g}", f"{dose.times:g}倍时{number}"))
    first, last = response.window
    when = f"{first}-{last}" if item.aggregate == "sum" else str(last)
    return pick(
        lang,
        f"{capital(label(item, lang))} of {when} for each million yuan of public money: {', '.join(texts)}.",
        f"每百万元财政支出对应的{when}年{label(item, lang)}差值：{'，'.join(texts)}。",
    )


def _alt(response: DoseResponse, part: _Part, title: str, lang: Lang) -> str:
    """Describe the curve in words."""
    texts = []
    for dose in response.doses:
        one = part.of(dose)
        number = part.scale.amount(one.difference.p50, _decimals(part, one), sign=True)
        texts.append(pick(lang, f"{number} at {dose.times:g}", f"{dose.times:g}倍{number}"))
    stop = pick(lang, ". ", "。")
    listed = pick(lang, "; ", "；").join(texts)
    return title + stop + pick(lang, f"Median difference: {listed}.", f"差值中位数：{listed}。")
