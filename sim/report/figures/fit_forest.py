"""Figure 6: reported against simulated, one row a figure, scaled so that the reported value is 1; misses on top."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.evidence import BOUNDS
from sim.evidence.variables import basis_label
from sim.report.figures import style
from sim.report.figures.panel import Panel
from sim.report.figures.saving import drawing
from sim.report.figures.sheet import Drawing, Frame, Sheet, number_axis
from sim.report.figures.text import clean, shorten
from sim.report.fit_table import figure_name, period_text
from sim.reporting.standing import ABOUT
from sim.units import format_value, pick

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.report.figures.text import Lang
    from sim.report.posterior_table import Figure, Posterior

_ROW: Final = 34.0
_NAME: Final = 268.0
_NUMBERS: Final = 150.0
_HALF: Final = 0.16
MISSED: Final = "#b3261e"
RATIOS: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
"""Marks of the axis of ratios."""


@dataclass(frozen=True)
class _Row:
    """One figure on its axis: ratios on a logarithmic one, growth in percentage points from the reported rate."""

    figure: Figure
    prior: tuple[float, ...]
    after: tuple[float, ...]


def fit_forest(found: Posterior, lang: Lang = "en") -> Drawing:
    """Draw every figure a fit used."""
    levels = [
        _Row(item, _ratios(item, item.prior), _ratios(item, item.best)) for item in found.figures if _in_logs(item)
    ]
    rates = [
        _Row(item, _points(item, item.prior), _points(item, item.best)) for item in found.figures if not _in_logs(item)
    ]
    with drawing(lang):
        return _draw(found, levels, rates, lang)


def _in_logs(item: Figure) -> bool:
    return bool(item.record["in_logs"]) and min(item.best["p05"], item.prior["p05"]) > 0.0


def _ratios(item: Figure, band: dict[str, float]) -> tuple[float, ...]:
    return tuple(math.log(band[key] / item.record["value"]) for key in ("p05", "p25", "p50", "p75", "p95"))


def _points(item: Figure, band: dict[str, float]) -> tuple[float, ...]:
    return tuple(100.0 * (band[key] - item.record["value"]) for key in ("p05", "p25", "p50", "p75", "p95"))


def _draw(found: Posterior, levels: list[_Row], rates: list[_Row], lang: Lang) -> Drawing:
    title = _title(found, lang)
    frame = Frame(title, _subtitle(found, lang), _notes(lang), _footer(found, lang))
    rows = len(levels) + len(rates)
    gap = 46.0 if levels and rates else 0.0
    sheet = Sheet(frame, max(_ROW * rows + gap + 56.0, 80.0))
    axes = []
    top = 24.0 + _ROW * rows + gap
    width = sheet.width - _NAME - _NUMBERS - 20.0
    if levels:
        height = _ROW * len(levels)
        box = (_NAME, top - height, width, height)
        axes.append(_levels(sheet, box, levels, lang))
        top -= height + gap
    if rates:
        height = _ROW * len(rates)
        axes.append(_rates(sheet, (_NAME, top - height, width, height), rates, lang))
    if not rows:
        sheet.text(0.0, 40.0, pick(lang, "No reported figure entered this fit.", "没有公布数参与本次校准。"))
    records = [_record(row) for row in (*levels, *rates)]
    data = pd.DataFrame.from_records(records, columns=list(_COLUMNS))
    return Drawing("06-fit", lang, title, _alt(found, title, lang), sheet.figure, tuple(axes), data)


def _levels(sheet: Sheet, box: tuple[float, float, float, float], rows: list[_Row], lang: Lang) -> Axes:
    reach = max([abs(value) for row in rows for value in (row.after[0], row.after[-1])] + [math.log(1.3)])
    reach = min(max(reach * 1.15, math.log(1.35)), math.log(6.0))
    panel = Panel.place(sheet, box, (-reach, reach), (len(rows) - 0.5, -0.5))
    marks = [mark for mark in RATIOS if abs(math.log(mark)) <= reach]
    number_axis(panel.axes, [math.log(mark) for mark in marks], [f"{mark:g}" for mark in marks], horizontal=True)
    head = pick(lang, "simulated over reported", "推演值与公布数之比")
    return _fill(panel, rows, head, lang)


def _rates(sheet: Sheet, box: tuple[float, float, float, float], rows: list[_Row], lang: Lang) -> Axes:
    reach = max([abs(value) for row in rows for value in (row.after[0], row.after[-1])] + [8.0]) * 1.15
    panel = Panel.place(sheet, box, (-reach, reach), (len(rows) - 0.5, -0.5))
    step = 20 if reach > 35 else 10 if reach > 14 else 5
    marks = [mark for mark in range(-200, 201, step) if abs(mark) <= reach]
    number_axis(panel.axes, marks, [f"{mark:+d}" if mark else "0" for mark in marks], horizontal=True)
    head = pick(lang, "simulated less reported growth, points", "推演增速减公布增速，个百分点")
    return _fill(panel, rows, head, lang)


def _fill(panel: Panel, rows: list[_Row], head: str, lang: Lang) -> Axes:
    panel.axes.axvline(0.0, color=style.INK, linewidth=0.9, zorder=1)
    top = panel.bottom + panel.height + 12.0
    panel.sheet.text(panel.left, top, shorten(head, panel.width, style.LABEL_SIZE), color=style.MUTED)
    panel.sheet.text(
        panel.right + 12.0, top, pick(lang, "reported / simulated", "公布数／推演中位数"), color=style.MUTED
    )
    for position, row in enumerate(rows):
        _row(panel, position, row, lang)
    return panel.axes


def _row(panel: Panel, position: int, row: _Row, lang: Lang) -> None:
    item = row.figure
    dark, light = (MISSED, "#f0c7c4") if item.missed else (style.SCENARIO, style.SCENARIO_90)
    middle = style.SCENARIO_50 if not item.missed else "#dc8f8a"
    low, high = panel.x

    def bar(start: float, end: float, half: float, shift: float, color: str) -> None:
        left, right = max(start, low), min(end, high)
        if right > left:
            panel.axes.add_patch(
                Rectangle(
                    (left, position + shift - half), right - left, 2 * half, facecolor=color, edgecolor="none", zorder=2
                )
            )

    bar(row.prior[0], row.prior[-1], 0.07, 0.30, style.BASELINE_90)
    bar(row.after[0], row.after[-1], _HALF, -0.03, light)
    bar(row.after[1], row.after[-2], _HALF, -0.03, middle)
    if low < row.after[2] < high:
        panel.axes.add_line(
            Line2D(
                [row.after[2]] * 2,
                [position - _HALF - 0.03, position + _HALF - 0.03],
                color=dark,
                linewidth=1.8,
                zorder=4,
            )
        )
    _mark(panel, position, item, bool(item.record["in_logs"]))
    _words(panel, position, item, lang)


def _mark(panel: Panel, position: int, item: Figure, in_logs: bool) -> None:
    """Draw the reported value: a dot, an arrow to where a bound admits, a box for "about"."""
    bound, y = item.record["bound"], position - 0.03
    axes = panel.axes
    if bound in ("at_least", "at_most"):
        side = 1.0 if bound == "at_least" else -1.0
        length = 0.10 * (panel.x[1] - panel.x[0]) * side
        axes.add_line(Line2D([0.0, 0.0], [y - 0.3, y + 0.3], color=style.REPORTED, linewidth=1.6, zorder=5))
        axes.annotate(
            "", xy=(length, y), xytext=(0.0, y), zorder=5,
            arrowprops={"arrowstyle": "->", "color": style.REPORTED, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        return
    if bound == "about" and in_logs:
        left, right = math.log(1.0 - ABOUT), math.log(1.0 + ABOUT)
        axes.add_patch(
            Rectangle(
                (left, y - 0.3), right - left, 0.6, facecolor="none", edgecolor=style.REPORTED, linewidth=0.9, zorder=5
            )
        )
    axes.add_line(Line2D([0.0], [y], marker="o", markersize=4.5, color=style.REPORTED, zorder=6))


def _words(panel: Panel, position: int, item: Figure, lang: Lang) -> None:
    sheet, y = panel.sheet, panel.up(float(position))
    color = MISSED if item.missed else style.INK
    name, grey = labels(item, lang)
    room = _NAME - 12.0
    sheet.text(0.0, y + 6.0, shorten(clean(name), room, style.LABEL_SIZE, bold=True), weight="bold", color=color)
    sheet.text(0.0, y - 6.0, shorten(clean(grey), room, style.SMALL_SIZE), size=style.SMALL_SIZE, color=style.MUTED)
    unit = item.record["unit"]
    printed = f"{BOUNDS[item.record['bound']]} {format_value(item.record['value'], unit, lang, 14)}"
    sheet.text(panel.right + 12.0, y + 6.0, shorten(printed, _NUMBERS, style.LABEL_SIZE), color=color)
    simulated = format_value(_rounded(item.best["p50"]), unit, lang, 14)
    sheet.text(
        panel.right + 12.0,
        y - 6.0,
        shorten(simulated, _NUMBERS, style.SMALL_SIZE),
        size=style.SMALL_SIZE,
        color=style.MUTED,
    )


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def labels(item: Figure, lang: Lang) -> tuple[str, str]:
    """Return name and period of a figure, and its basis, source and whether the run starts from it."""
    fact = item.fact
    if fact is None:
        return str(item.record.get("about_zh" if lang == "zh" else "about", item.id)), str(
            item.record.get("source", "")
        )
    name = f"{figure_name(fact.variable, lang)}, {period_text(fact, lang)}"
    basis = basis_label(fact.basis, lang)
    start = pick(lang, "starting value", "起始值") if item.starts else ""
    start = start if item.binds else pick(lang, "range of a starting value, not fitted", "起始值区间，不参与拟合")
    return name, " · ".join(part for part in (fact.place, basis, start, fact.source) if part)


_COLUMNS: Final = (
    "figure", "place", "bound", "reported", "unit", "starts_from_it", "standing",
    "prior_p05", "prior_p25", "prior_p50", "prior_p75", "prior_p95", "p05", "p25", "p50", "p75", "p95",
)  # fmt: skip


def _record(row: _Row) -> tuple[object, ...]:
    item, keys = row.figure, ("p05", "p25", "p50", "p75", "p95")
    head = (item.id, item.record["place"], item.record["bound"], item.record["value"], item.record["unit"])
    bands = (*(item.prior[key] for key in keys), *(item.best[key] for key in keys))
    return (*head, item.starts, item.record["standing"], *bands)


def _title(found: Posterior, lang: Lang) -> str:
    total, missed = len(found.fitted), sum(item.missed for item in found.fitted)
    return pick(
        lang,
        f"{total - missed} of {total} reported figures lie inside the band of 90% of runs, or on the right side",
        f"{total}项公布数中有{total - missed}项落在90%区间内或与界限方向一致",
    )


def _subtitle(found: Posterior, lang: Lang) -> tuple[str, ...]:
    about = found.about
    runs = max([item.record["check_runs"] for item in found.figures], default=0)
    return (
        pick(lang, f"Fit {about['id']} of {about['scenario']}", f"校准{about['id']}，方案{about['scenario']}"),
        pick(
            lang,
            f"{about['trials']} trials, {about['draws']} draws; bands of {runs} runs of the model with draws of it",
            f"{about['trials']}次试算，{about['draws']}组参数；区间来自模型用校准参数的{runs}次推演",
        ),
    )


def _notes(lang: Lang) -> tuple[str, ...]:
    return (
        pick(
            lang,
            "Dark and light bar: 50% and 90% of what an office would count, with noise; line: median; grey: 90% before "
            "the fit. Dot: exact, box: about (a tenth), arrow: over or under. Aims are left out.",
            "深浅色条：统计部门可能得到的数的50%和90%区间（含统计误差）；竖线为中位数；下方灰条为校准前的90%区间。"
            "圆点为确数，方框为“约”（上下一成），箭头为“超过”或“不足”。已宣布的目标不在图中。",
        ),
        pick(
            lang,
            "A figure outside the band is not wrong: it may count other firms. Its basis stands under its name.",
            "落在区间外的公布数未必有误，统计范围可能不同；口径见名称下方。",
        ),
    )


def _footer(found: Posterior, lang: Lang) -> tuple[str, ...]:
    return (pick(lang, "Simulation, not a forecast", "模型推演，不是预测") + f" · {found.about['id']}",)


def _alt(found: Posterior, title: str, lang: Lang) -> str:
    parts = [
        f"{labels(item, lang)[0]}: {item.record['standing']}, {_rounded(item.best['p50']):g} / {item.record['value']:g}"
        for item in found.figures
    ]
    return title + pick(lang, ". ", "。") + "; ".join(parts)
