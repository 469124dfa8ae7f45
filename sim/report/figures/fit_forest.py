"""Figure 6: reported against simulated, one row a figure, scaled so that the reported value is 1; misses on top."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from sim.evidence import BOUNDS
from sim.evidence.variables import basis_label
from sim.report.figures import style
from sim.report.figures.describe import Told
from sim.report.figures.layout import Drawing, Panel, Sheet
from sim.report.figures.picture_files import drawing
from sim.report.fit_table import figure_name, period_text
from sim.reporting.standing import ABOUT
from sim.units import format_value

if TYPE_CHECKING:
    from sim.report.posterior_table import Figure, Posterior
    from sim.units import Language

_ROW: Final = 34.0
_NAME: Final = 268.0
_NUMBERS: Final = 150.0
_HALF: Final = 0.16
MISSED: Final = "#b3261e"
RATIOS: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
"""Marks of the axis of ratios."""


QUANTILES: Final = ("p05", "p25", "p50", "p75", "p95")


@dataclass(frozen=True, kw_only=True)
class FitShown(Told):
    """A fit told in one language."""

    found: Posterior

    @property
    def fit(self) -> str:
        """What the fit is called, for subtitles."""
        about = self.found.about
        return self.say("fit_forest.fit", about=about)


@dataclass(frozen=True)
class _Row:
    """One figure on its axis: ratios on a logarithmic one, growth in percentage points from the reported rate."""

    figure: Figure
    in_logs: bool

    def place(self, band: dict[str, float]) -> list[float]:
        """Return the quantiles of a band as they lie on the axis."""
        value = self.figure.record["value"]
        if self.in_logs:
            return [math.log(band[key] / value) for key in QUANTILES]
        return [100.0 * (band[key] - value) for key in QUANTILES]


def fit_forest(found: Posterior, lang: Language = "en") -> Drawing:
    """Draw every figure a fit used."""
    rows = [
        _Row(item, bool(item.record["in_logs"]) and min(item.best["p05"], item.prior["p05"]) > 0.0)
        for item in found.figures
    ]
    with drawing(lang):
        return _draw(
            FitShown(lang=lang, found=found),
            [row for row in rows if row.in_logs],
            [row for row in rows if not row.in_logs],
        )


def _draw(view: FitShown, levels: list[_Row], rates: list[_Row]) -> Drawing:
    found = view.found
    total, missed = len(found.fitted), sum(item.missed for item in found.fitted)
    title = view.say("fit_forest.reported_figures_lie_inside", total=total - missed, total_2=total)
    rows = len(levels) + len(rates)
    gap = 46.0 if levels and rates else 0.0
    height = max(_ROW * rows + gap + 56.0, 80.0)
    sheet = Sheet(height, title, _subtitle(view), _notes(view), view.last_line(str(found.about["id"])))
    axes = []
    top = 24.0 + _ROW * rows + gap
    for kind, reach, head in (
        (levels, _reach_of_levels, view.say("fit_forest.simulated_over_reported")),
        (rates, _reach_of_rates, view.say("fit_forest.simulated_less_reported_growth")),
    ):
        if not kind:
            continue
        tall = _ROW * len(kind)
        widest, marks, labels = reach([abs(value) for row in kind for value in row.place(row.figure.best)[::4]])
        box = (_NAME, top - tall, sheet.width - _NAME - _NUMBERS - 20.0, tall)
        panel = Panel.place(sheet, box, (-widest, widest), (len(kind) - 0.5, -0.5))
        panel.number_axis(marks, labels=labels, horizontal=True)
        _fill(panel, kind, head, view)
        axes.append(panel.axes)
        top -= tall + gap
    if not rows:
        sheet.text(0.0, 40.0, view.say("shared.no_reported_figure_entered"))
    data = pd.DataFrame.from_records([_record(row.figure) for row in (*levels, *rates)], columns=list(_COLUMNS))
    parts = [
        f"{labels_of(item, view)[0]}: {item.record['standing']}, "
        f"{_rounded(item.best['p50']):g} / {item.record['value']:g}"
        for item in found.figures
    ]
    alt = title + view.say("marks.stop_between") + "; ".join(parts)
    return Drawing("06-fit", view.lang, title, alt, sheet.figure, tuple(axes), data)


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


def _fill(panel: Panel, rows: list[_Row], head: str, view: FitShown) -> None:
    panel.axes.axvline(0.0, color=style.INK, linewidth=0.9, zorder=1)
    top = panel.bottom + panel.height + 12.0
    panel.sheet.text(panel.left, top, head, panel.width, color=style.MUTED)
    numbers = view.say("fit_forest.reported_simulated")
    panel.sheet.text(panel.right + 12.0, top, numbers, color=style.MUTED)
    for position, row in enumerate(rows):
        _draw_row(panel, position, row, view)


def _draw_row(panel: Panel, position: int, row: _Row, view: FitShown) -> None:
    item, y = row.figure, position - 0.03
    light, middle, dark = ("#f0c7c4", "#dc8f8a", MISSED) if item.missed else style.SCENARIO_COLORS
    low, high = panel.x
    prior, after = row.place(item.prior), row.place(item.best)
    for start, end, half, place, color in (
        (prior[0], prior[-1], 0.07, position + 0.30, style.BASELINE_90),
        (after[0], after[-1], _HALF, y, light),
        (after[1], after[-2], _HALF, y, middle),
    ):
        left, right = max(start, low), min(end, high)
        if right > left:
            panel.bar(left, right - left, place, half, facecolor=color, edgecolor="none", zorder=2)
    if low < after[2] < high:
        panel.line(
            [after[2]] * 2, [position - _HALF - 0.03, position + _HALF - 0.03], color=dark, linewidth=1.8, zorder=4
        )
    _mark(panel, y, item)
    _words(panel, position, item, view)


def _mark(panel: Panel, y: float, item: Figure) -> None:
    """Draw the reported value: a dot, an arrow to where a bound admits, a box for "about"."""
    bound = item.record["bound"]
    if bound in ("at_least", "at_most"):
        side = 1.0 if bound == "at_least" else -1.0
        length = 0.10 * (panel.x[1] - panel.x[0]) * side
        panel.line([0.0, 0.0], [y - 0.3, y + 0.3], color=style.REPORTED, linewidth=1.6, zorder=5)
        look = {"arrowstyle": "->", "color": style.REPORTED, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
        panel.axes.annotate("", xy=(length, y), xytext=(0.0, y), zorder=5, arrowprops=look)
        return
    if bound == "about" and item.record["in_logs"]:
        left, right = math.log(1.0 - ABOUT), math.log(1.0 + ABOUT)
        look = {"facecolor": "none", "edgecolor": style.REPORTED, "linewidth": 0.9}
        panel.bar(left, right - left, y, 0.3, zorder=5, **look)
    panel.line([0.0], [y], marker="o", markersize=4.5, color=style.REPORTED, zorder=6)


def _words(panel: Panel, position: int, item: Figure, view: FitShown) -> None:
    sheet, y, record = panel.sheet, panel.up(float(position)), item.record
    color = MISSED if item.missed else style.INK
    name, grey = labels_of(item, view)
    sheet.text(0.0, y + 6.0, name, _NAME - 12.0, weight="bold", color=color)
    sheet.note(0.0, y - 6.0, grey, _NAME - 12.0)
    printed = f"{BOUNDS[record['bound']]} {format_value(record['value'], record['unit'], view.lang, 14)}"
    sheet.text(panel.right + 12.0, y + 6.0, printed, _NUMBERS, color=color)
    simulated = format_value(_rounded(item.best["p50"]), record["unit"], view.lang, 14)
    sheet.note(panel.right + 12.0, y - 6.0, simulated, _NUMBERS)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def labels_of(item: Figure, view: FitShown) -> tuple[str, str]:
    """Return name and period of a figure, and its basis, source and whether the run starts from it."""
    fact, record = item.fact, item.record
    if fact is None:
        return str(record.get(view.say("fit_forest.about"), item.id)), str(record.get("source", ""))
    name = f"{figure_name(fact.variable, view.lang)}, {period_text(fact, view.lang)}"
    start = view.say("fit_forest.starting_value") if item.starts else ""
    if not item.binds:
        start = view.say("fit_forest.range_starting_value_not")
    return name, " · ".join(
        part for part in (fact.place, basis_label(fact.basis, view.lang), start, fact.source) if part
    )


_COLUMNS: Final = (
    "figure", "place", "bound", "reported", "unit", "starts_from_it", "standing",
    *(f"prior_{key}" for key in QUANTILES), *QUANTILES,
)  # fmt: skip


def _record(item: Figure) -> tuple[object, ...]:
    head = (item.id, *(item.record[key] for key in ("place", "bound", "value", "unit")))
    bands = (band[key] for band in (item.prior, item.best) for key in QUANTILES)
    return (*head, item.starts, item.record["standing"], *bands)


def _subtitle(view: FitShown) -> tuple[str, ...]:
    about = view.found.about
    runs = max([item.record["check_runs"] for item in view.found.figures], default=0)
    return (view.fit, view.say("fit_forest.trials_draws_bands_runs", about=about, runs=runs))


def _notes(view: FitShown) -> tuple[str, ...]:
    return (view.say("fit_forest.dark_and_light_bar"), view.say("fit_forest.figure_outside_band_is"))
