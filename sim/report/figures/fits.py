"""Figures of a fit: reported against simulated (6), and prior against posterior of what the figures inform (10)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.evidence import BOUNDS
from sim.evidence.variables import basis_label
from sim.report.figures import style
from sim.report.figures.describe import Told, capital
from sim.report.figures.layout import Drawing, Panel, Sheet
from sim.report.figures.picture_files import drawing
from sim.report.figures.reported import draw_mark
from sim.report.fit_table import figure_name, period_text
from sim.report.posterior_table import Figure, Posterior, number_name, number_text
from sim.report.table import fields, record
from sim.reporting.standing import ABOUT
from sim.units import Language, format_value

MOST: Final = 24
"""Numbers drawn; the rest of those that the figures inform is counted in a note."""
MISSED: Final = "#b3261e"
RATIOS: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
"""Marks of the axis of ratios."""
QUANTILES: Final = ("p05", "p25", "p50", "p75", "p95")
_FIGURE, _NUMBER = 34.0, 27.0
"""Height of the row of a reported figure, and of that of a number."""
_NAME, _RIGHT, _HALF = 268.0, 150.0, 0.16
_NAME_OF_NUMBER, _RIGHT_OF_NUMBER, _HALF_OF_NUMBER = 300.0, 206.0, 0.17


@dataclass(frozen=True, kw_only=True)
class _View(Told):
    """A fit told in one language."""

    found: Posterior

    @property
    def fit(self) -> str:
        """What the fit is called, for subtitles."""
        return self.say("fits.fit", about=self.found.about)

    def labels(self, item: Figure) -> tuple[str, str]:
        """Return name and period of a figure, and its basis, source and whether the run starts from it."""
        fact, about = item.fact, item.record
        if fact is None:
            return str(about.get(self.say("fits.about"), item.id)), str(about.get("source", ""))
        name = f"{figure_name(fact.variable, self.lang)}, {period_text(fact, self.lang)}"
        start = self.say("fits.starting_value") if item.starts else ""
        if not item.binds:
            start = self.say("fits.range_starting_value_not")
        parts = (fact.place, basis_label(fact.basis, self.lang), start, fact.source)
        return name, " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class _Row:
    """One figure on its axis: ratios on a logarithmic one, growth in percentage points from the reported rate."""

    figure: Figure
    in_logs: bool

    def place(self, band: dict[str, float]) -> list[float]:
        """Return the quantiles of a band as they lie on the axis."""
        value = self.figure.record["value"]
        return [math.log(band[key] / value) if self.in_logs else 100.0 * (band[key] - value) for key in QUANTILES]


def fit_forest(found: Posterior, lang: Language = "en") -> Drawing:
    """Draw every figure a fit used, one a row, scaled so that the reported value is 1; misses on top."""
    rows = [
        _Row(item, bool(item.record["in_logs"]) and min(item.best["p05"], item.prior["p05"]) > 0.0)
        for item in found.figures
    ]
    with drawing(lang):
        return _draw_figures(_View(lang=lang, found=found), rows)


def _draw_figures(view: _View, rows: list[_Row]) -> Drawing:
    found, say = view.found, view.say
    levels, rates = [row for row in rows if row.in_logs], [row for row in rows if not row.in_logs]
    total, missed = len(found.fitted), sum(item.missed for item in found.fitted)
    title = say("fits.reported_figures_lie_inside", inside=total - missed, total=total)
    gap = 46.0 if levels and rates else 0.0
    runs = max([item.record["check_runs"] for item in found.figures], default=0)
    subtitle = (view.fit, say("fits.trials_draws_bands_runs", about=found.about, runs=runs))
    notes = (say("fits.dark_and_light_bar"), say("fits.figure_outside_band_is"))
    height = max(_FIGURE * len(rows) + gap + 56.0, 80.0)
    sheet = Sheet(height, title, subtitle, notes, view.last_line(str(found.about["id"])))
    panels, top = [], 24.0 + _FIGURE * len(rows) + gap
    for kind, reach, head in (
        (levels, _reach_of_levels, say("fits.simulated_over_reported")),
        (rates, _reach_of_rates, say("fits.simulated_less_reported_growth")),
    ):
        if not kind:
            continue
        tall = _FIGURE * len(kind)
        widest, marks, labels = reach([abs(value) for row in kind for value in row.place(row.figure.best)[::4]])
        box = (_NAME, top - tall, sheet.width - _NAME - _RIGHT - 20.0, tall)
        panel = Panel.of_rows(sheet, box, (-widest, widest), len(kind))
        panel.number_axis(marks, labels=labels, horizontal=True)
        panel.zero()
        sheet.text(panel.left, panel.top + 12.0, head, panel.width, color=style.MUTED)
        sheet.text(panel.right + 12.0, panel.top + 12.0, say("fits.reported_simulated"), color=style.MUTED)
        for position, row in enumerate(kind):
            _draw_figure(panel, position, row, view)
        panels.append(panel)
        top -= tall + gap
    if not rows:
        sheet.text(0.0, 40.0, say("shared.no_reported_figure_entered"))
    parts = []
    for item in found.figures:
        told = f"{_rounded(item.best['p50']):g} / {item.record['value']:g}"
        parts.append(f"{view.labels(item)[0]}: {item.record['standing']}, {told}")
    alt = title + say("marks.stop_between") + "; ".join(parts)
    data = [record("figure_of_fit", item=row.figure) for row in (*levels, *rates)]
    return sheet.drawing("06-fit", view.lang, alt, panels, data, fields("figure_of_fit"))


def _reach_of_levels(ends: list[float]) -> tuple[float, list[float], list[str]]:
    """Return how far the axis of ratios reaches, its marks and their labels."""
    reach = min(max(max(*ends, math.log(1.3)) * 1.15, math.log(1.35)), math.log(6.0))
    marks = [mark for mark in RATIOS if abs(math.log(mark)) <= reach]
    return reach, [math.log(mark) for mark in marks], [f"{mark:g}" for mark in marks]


def _reach_of_rates(ends: list[float]) -> tuple[float, list[float], list[str]]:
    reach = max(*ends, 8.0) * 1.15
    step = 20 if reach > 35 else 10 if reach > 14 else 5
    marks = [mark for mark in range(-200, 201, step) if abs(mark) <= reach]
    return reach, [float(mark) for mark in marks], [f"{mark:+d}" if mark else "0" for mark in marks]


def _draw_figure(panel: Panel, position: int, row: _Row, view: _View) -> None:
    """Draw bands before and after the fit, the reported value, and the words of the row."""
    item, about, y, (low, high) = row.figure, row.figure.record, position - 0.03, panel.x
    light, middle, dark = ("#f0c7c4", "#dc8f8a", MISSED) if item.missed else style.SCENARIO_COLORS
    prior, after = row.place(item.prior), row.place(item.best)
    for start, end, half, place, color in (
        (prior[0], prior[-1], 0.07, position + 0.30, style.BASELINE_90),
        (after[0], after[-1], _HALF, y, light),
        (after[1], after[-2], _HALF, y, middle),
    ):
        left, right = max(start, low), min(end, high)
        if right > left:
            panel.span((left, right), place, half, color)
    if low < after[2] < high:
        panel.stroke(after[2], y, _HALF, color=dark, linewidth=1.8, zorder=4)
    # Where growth is about a rate, no tenth of it is meant.
    bound = "exact" if about["bound"] == "about" and not about["in_logs"] else about["bound"]
    tip = (0.10 if bound == "at_least" else -0.10) * (high - low)
    draw_mark(panel, bound, 0.0, (math.log(1.0 - ABOUT), math.log(1.0 + ABOUT)), y, 0.3, tip, upright=False)
    color, (name, grey), place = MISSED if item.missed else style.INK, view.labels(item), panel.up(float(position))
    panel.sheet.pair(0.0, place, name, grey, _NAME - 12.0, weight="bold", color=color)
    printed = f"{BOUNDS[about['bound']]} {format_value(about['value'], about['unit'], view.lang, 14)}"
    simulated = format_value(_rounded(item.best["p50"]), about["unit"], view.lang, 14)
    panel.sheet.pair(panel.right + 12.0, place, printed, simulated, _RIGHT, color=color)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


# --- what the figures inform ------------------------------------------------------------------------------------------


def identify(found: Posterior, lang: Language = "en") -> Drawing:
    """Draw the best-known numbers of a fit, each on the scale of its own prior."""
    with drawing(lang):
        return _draw_numbers(_View(lang=lang, found=found))


def _draw_numbers(view: _View) -> Drawing:
    found, lang, say = view.found, view.lang, view.say
    shown, informed = found.informed[:MOST], len(found.informed)
    total, known = len(found.parameters), sum(item["identified"] for item in found.parameters)
    title = say("fits.figures_inform_uncertain_numbers", informed=informed, total=total, known=known)
    others = len(found.about.get("together_with", ()))
    more = say("fits.together_with_other_baseline", others=others, value="s" * (others > 1)) if others else ""
    footer = f"{say('fits.priors_calibration_priors_toml')} · {found.about['id']}"
    notes = [say("fits.grey_90_prior_blue")]
    notes += [say("fits.more_are_informed_see", hidden=informed - MOST)] if informed > MOST else []
    notes.append(say("fits.numbers_are_not_informed", idle=len(found.idle)))
    notes += [say("fits.strongest_trade_off_with", pair=pair) for pair in found.pairs[:1]]
    height = max(_NUMBER * len(shown), 30.0)
    sheet = Sheet(height + 40.0, title, [view.fit + more], notes, [footer])
    box = (_NAME_OF_NUMBER, 8.0, sheet.width - _NAME_OF_NUMBER - _RIGHT_OF_NUMBER - 16.0, height)
    panel = Panel.of_rows(sheet, box, (-0.15, 1.15), max(len(shown), 1))
    for share in (0.0, 0.5, 1.0):
        panel.axes.axvline(share, color=style.RULE, linewidth=0.7, zorder=0)
    top, grey = height + 24.0, style.MUTED
    sheet.text(_NAME_OF_NUMBER, top, say("fits.90_prior_spans_panel"), color=grey)
    sheet.text(panel.right + 12.0, top, say("fits.posterior_90"), color=grey)
    sheet.text(sheet.width, top, say("shared.variance_gone"), ha="right", color=grey)
    parts = []
    for position, item in enumerate(shown):
        _draw_number(panel, position, item, lang)
        after = item["posterior"]
        parts.append(f"{number_name(item, lang)} {after['p05']:.3g} … {after['p95']:.3g}")
    if not shown:
        sheet.text(0.0, 20.0, say("fits.no_figure_informs_any"))
    alt = title + say("marks.stop_between") + "; ".join(parts)
    data = [record("number_of_fit", item=item, teacher=item["taught_by"] or "") for item in found.parameters]
    return sheet.drawing("10-identify", lang, alt, [panel], data, fields("number_of_fit"))


def _draw_number(panel: Panel, position: int, item: Mapping[str, Any], lang: Language) -> None:
    prior, after, known = item["prior"], item["posterior"], item["identified"]
    reach = prior["p95"] - prior["p05"]

    def at(value: float) -> float:
        return min(max((value - prior["p05"]) / reach if reach else 0.5, -0.12), 1.12)

    ends = (at(after["p05"]), at(after["p95"]))
    panel.span((0.0, 1.0), position, _HALF_OF_NUMBER, style.BASELINE_90, zorder=1)
    panel.span(ends, position, _HALF_OF_NUMBER, style.SCENARIO if known else style.SCENARIO_50)
    for value, shade in ((prior["p50"], style.BASELINE), (after["p50"], "#ffffff")):
        panel.stroke(at(value), position, _HALF_OF_NUMBER, color=shade, linewidth=1.4, zorder=3)
    sheet, y, room = panel.sheet, panel.up(float(position)), _NAME_OF_NUMBER - 12.0
    grey = " · ".join(part for part in (item["name"], item["taught_by"] or "") if part)
    sheet.pair(0.0, y, capital(number_name(item, lang)), grey, room, apart=(5.0, 6.0), weight="bold")
    numbers = " … ".join(number_text(after[key], item["unit"], lang) for key in ("p05", "p95"))
    sheet.note(panel.right + 12.0, y, numbers, _RIGHT_OF_NUMBER - 46.0, color=style.INK)
    share, weight = f"{max(item['contraction'], 0.0):.0%}", "bold" if known else "normal"
    sheet.text(sheet.width, y, share, ha="right", weight=weight)
