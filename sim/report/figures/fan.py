"""Figure 1: where a variable is heading in the baseline, and by how much the scenario bends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.compare.build import chosen_years
from sim.errors import UserError
from sim.report.figures import events, style
from sim.report.figures.describe import capital, caption, footer, known_variable, label, remarks, shown, subtitle
from sim.report.figures.difference import Series, difference_scale, finding, series
from sim.report.figures.panel import EndLabel, Panel, limits
from sim.report.figures.reported import Mark, draw_marks, marks_for, reach
from sim.report.figures.saving import drawing
from sim.report.figures.scale import Scale, scale_for, tick_labels, ticks
from sim.report.figures.sheet import Drawing, Frame, Sheet, number_axis
from sim.report.figures.sources import as_runs
from sim.units import pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.statistics import Band
    from sim.report.figures.describe import Shown
    from sim.report.figures.sources import Source
    from sim.report.figures.text import Lang

_UPPER, _LOWER, _BETWEEN = 214.0, 128.0, 44.0
_LEFT, _RIGHT = 46.0, 138.0
_HEAD = 26.0


@dataclass(frozen=True)
class _Fan:
    """Everything both panels need."""

    view: Shown
    series: Series
    at: int
    marks: tuple[Mark, ...]
    level: Scale
    difference: Scale

    @property
    def position(self) -> int:
        """Position of the horizon among the years."""
        return self.series.years.index(self.at)

    @property
    def x(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Middle of each year."""
        return np.asarray(self.series.years, dtype=float) + 0.5


def fan(
    source: Source,
    variable: str,
    lang: Lang = "en",
    *,
    at: int | None = None,
    unit: str | None = None,
    place: str | None = None,
    unpaired: bool = False,
) -> Drawing:
    """Draw the baseline's fan with the scenario's median, and the paired difference below.

    Parameters
    ----------
    source
        Scenario and baseline: a pair of runs (B, A), or a comparison.
    variable
        Name of an observable.
    at
        Year the title speaks of; 2030, or the last one in both runs, when None.
    unit
        Reader's unit, such as ``亿元``; chosen by size when None.
    place
        One place of several; the whole run when None.
    unpaired
        Take the runs as independent draws.

    Raises
    ------
    UserError
        For an unknown variable, unit or place, or a year outside the runs.
    """
    item = known_variable(variable)
    view = shown(as_runs(source), lang, unpaired=unpaired)
    _check_place(view, place)
    year, _ = chosen_years(view.pairing.years, at, None)
    data = series(view, item, place)
    marks = marks_for(view, item, place)
    fan_data = _Fan(
        view,
        data,
        year,
        marks,
        scale_for(item.unit, float(np.nanmedian(np.abs(data.a[:, -1]))), lang, unit),
        difference_scale(item, _largest_difference(data), lang, unit),
    )
    with drawing(lang):
        return _draw(fan_data)


def _largest_difference(data: Series) -> float:
    """Return the size that the unit of differences is chosen by: that of the levels when nothing differs."""
    size = float(np.nanquantile(np.abs(data.apart[:, -1]), 0.95))
    return size if data.first_apart is not None else float(np.nanmedian(np.abs(data.a[:, -1])))


def _check_place(view: Shown, place: str | None) -> None:
    """Refuse a place the runs do not have."""
    places = list(view.a.places)
    if place is not None and place not in places:
        raise UserError(f'the runs have no place "{place}"; they have {", ".join(places)}')


def _draw(data: _Fan) -> Drawing:
    """Lay out the sheet and draw both panels."""
    view, lang, item = data.view, data.view.lang, data.series.item
    one = data.series.by_year[data.position]
    title = finding(view, item, one, data.at, data.difference)
    frame = Frame(title, subtitle(view), _notes(data), footer((view.b, view.a), lang))
    width = style.WIDTH - 2 * style.MARGIN - _LEFT - _RIGHT
    x = (data.series.years[0] + 0.3, data.series.years[-1] + 0.7)
    placed = events.arrange(
        events.events(view.b.scenario, view.a.scenario, lang), x, (_LEFT, _LEFT + width), _LEFT + width + _RIGHT, lang
    )
    under = 22.0 + (events.ROW * events.rows(placed) + 4.0 if placed else 0.0)
    sheet = Sheet(frame, under + _LOWER + _BETWEEN + _UPPER + _HEAD)
    lower = Panel.place(sheet, (_LEFT, under, width, _LOWER), x, _difference_limits(data))
    box = (_LEFT, under + _LOWER + _BETWEEN, width, _UPPER)
    upper = Panel.place(sheet, box, x, reach(data.marks, _level_limits(data), _UPPER))
    _draw_level(upper, data)
    _draw_difference(lower, data)
    _draw_years(lower, data)
    _draw_reported_until((upper, lower), data)
    events.draw(lower, placed, under - 20.0)
    alt = _alt(data, title)
    return Drawing(_stem(item.name), lang, title, alt, sheet.figure, (upper.axes, lower.axes), _table(data))


def _stem(variable: str) -> str:
    """File name without extension: the output fan has number 1, the others follow the same layout."""
    return "01-output-fan" if variable == "output_value" else f"01-{variable.replace('_', '-')}-fan"


def _level_limits(data: _Fan) -> tuple[float, float]:
    """Limits of the upper panel in plain units."""
    b, a = data.series.b, data.series.a
    if data.view.bands:
        drawn = [v for one in data.series.by_year for v in (one.a.p05, one.a.p95, one.b.p50)]
    else:
        drawn = [float(a.min()), float(a.max()), *(one.b.p50 for one in data.series.by_year), float(b.min())]
    return limits([*drawn, *(edge for mark in data.marks for edge in mark.edges)])


def _difference_limits(data: _Fan) -> tuple[float, float]:
    """Limits of the lower panel in plain units; zero is always inside."""
    if data.view.bands:
        drawn = [v for one in data.series.by_year for v in (one.difference.p05, one.difference.p95)]
    else:
        drawn = [float(np.nanmin(data.series.apart)), float(np.nanmax(data.series.apart))]
    low, high = limits(drawn, zero=True, pad=0.1)
    if low == -1.0 and high == 1.0:
        # Nothing differs: a band of paper around zero.
        return -data.level.divisor, data.level.divisor
    return low, high


def _column(bands: Sequence[Band], name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One quantile over the years."""
    return np.array([getattr(one, name) for one in bands], dtype=float)


def _panel_head(panel: Panel, text: str, scale: Scale, data: _Fan, *, sign: bool = False) -> None:
    """Write what the panel shows above it, and draw its grid."""
    item, lang = data.series.item, data.view.lang
    kind = {
        "sum": pick(lang, "a year", "全年"),
        "last": pick(lang, "at the end of the year", "年末"),
        "mean": pick(lang, "average of the year", "全年平均"),
    }[item.aggregate]
    if lang == "en" and item.aggregate == "sum":
        unit = f"{scale.label or 'number'} {kind}"
    elif item.unit == "yuan/year":
        unit = scale.label
    else:
        unit = pick(lang, ", ", "，").join(word for word in (scale.label, kind) if word)
    panel.sheet.text(0.0, panel.top + 17.0, pick(lang, f"{text}, {unit}", f"{text}（{unit}）"), color=style.MUTED)
    most = 7 if panel.height > 150 else 5
    values = ticks(panel.y[0] / scale.divisor, panel.y[1] / scale.divisor, most)
    if sign and data.series.first_apart is None:
        values = [0.0]
    number_axis(panel.axes, [v * scale.divisor for v in values], tick_labels(values, sign=sign))


def _draw_level(panel: Panel, data: _Fan) -> None:
    """Upper panel: baseline fan, both medians, reported figures."""
    lang, scale, x = data.view.lang, data.level, data.x
    _panel_head(panel, capital(label(data.series.item, lang)), scale, data)
    bands = [one.a for one in data.series.by_year]
    last = data.series.by_year[-1]
    ends = []
    if data.view.bands:
        panel.band(x, _column(bands, "p05"), _column(bands, "p95"), style.BASELINE_90)
        panel.band(x, _column(bands, "p25"), _column(bands, "p75"), style.BASELINE_50, 1.1)
        ends = [
            EndLabel(last.a.p95, pick(lang, "baseline: 90% of runs", "基准：90%的推演"), style.MUTED),
            EndLabel(last.a.p75, pick(lang, "50% of runs", "50%的推演"), style.MUTED),
        ]
    else:
        for run in data.series.a:
            panel.curve(x, run, color=style.BASELINE_50, linewidth=0.5, zorder=1)
    median = _column(bands, "p50")
    panel.curve(x, median, color=style.BASELINE, linewidth=1.7, linestyle=style.BASELINE_DASHES, zorder=3)
    scenario = _column([one.b for one in data.series.by_year], "p50")
    start = max((data.series.first_apart or 0) - 1, 0)
    apart = data.series.first_apart is not None
    # Where both are the same line all along, the baseline's dashes are drawn on the scenario's.
    look = {"linewidth": 2.0, "zorder": 4} if apart else {"linewidth": 3.6, "zorder": 2}
    panel.curve(x[start:], scenario[start:], color=style.SCENARIO if apart else style.SCENARIO_50, **look)
    ends += [
        EndLabel(last.b.p50, _end_text(data, last.b.p50, "scenario", "情形"), style.SCENARIO, "bold"),
        EndLabel(last.a.p50, _end_text(data, last.a.p50, "baseline", "基准"), style.BASELINE, "bold"),
    ]
    panel.label_ends(float(x[-1]), ends)
    lines = [(x, median), (x[start:], scenario[start:])]
    draw_marks(panel, data.marks, scale, lang, lines)


def _end_text(data: _Fan, value: float, english: str, chinese: str) -> str:
    """Return the label of a median line: whose it is and its last value, both with the same decimals."""
    last = data.series.by_year[-1]
    decimals = max(data.level.decimals(last.a_se, last.a.p50), data.level.decimals(last.b_se, last.b.p50))
    number = data.level.number(value, decimals)
    suffix = "%" if data.level.label == "%" else ""
    return f"{pick(data.view.lang, english, chinese)} {number}{suffix}"


def _draw_difference(panel: Panel, data: _Fan) -> None:
    """Lower panel: bands and median of the paired difference, and the zero line."""
    lang, scale, x = data.view.lang, data.difference, data.x
    paired = data.view.pairing.paired
    head = pick(
        lang,
        f"Difference, scenario less baseline{' (run by run)' if paired else ' (unpaired)'}",
        f"差值：情形减基准，{'逐对计算' if paired else '未配对'}",
    )
    _panel_head(panel, head, scale, data, sign=True)
    panel.axes.axhline(0.0, color=style.INK, linewidth=0.9, zorder=2)
    bands = [one.difference for one in data.series.by_year]
    last = data.series.by_year[-1]
    if data.series.first_apart is None and paired:
        middle = panel.left + panel.width / 2
        text = pick(lang, "no difference in any pair and year", "任何一对推演、任何年份均无差异")
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 2.0}
        panel.sheet.text(middle, panel.up(0.0) + 14.0, text, ha="center", color=style.MUTED, bbox=paper)
        return
    start = max((data.series.first_apart or 0) - 1, 0)
    x, bands = x[start:], bands[start:]
    median = _column(bands, "p50")
    ends = []
    if data.view.bands:
        panel.band(x, _column(bands, "p05"), _column(bands, "p95"), style.SCENARIO_90)
        panel.band(x, _column(bands, "p25"), _column(bands, "p75"), style.SCENARIO_50, 1.1)
        d = last.difference
        ends = [
            EndLabel(d.p95, "90%" + pick(lang, ": ", "：") + _range(data, d.p05, d.p95, last.mc_se), style.MUTED),
            EndLabel(d.p75, "50%" + pick(lang, ": ", "：") + _range(data, d.p25, d.p75, last.mc_se), style.MUTED),
        ]
    elif paired:
        for run in data.series.apart[:, start:]:
            panel.curve(x, run, color=style.SCENARIO_50, linewidth=0.5, zorder=1)
    panel.curve(x, median, color=style.SCENARIO, linewidth=2.0, zorder=3)
    number = scale.number(last.difference.p50, scale.decimals(last.mc_se, last.difference.p50), sign=True)
    text = pick(lang, "median ", "中位数 ") + number
    ends.append(EndLabel(last.difference.p50, text, style.SCENARIO, "bold"))
    panel.label_ends(float(x[-1]), ends)


def _range(data: _Fan, low: float, high: float, standard_error: float) -> str:
    """Return ``+0.46 … +2.23`` in the unit of the lower panel."""
    decimals = data.difference.decimals(standard_error, high)
    return " … ".join(data.difference.number(v, decimals, sign=True) for v in (low, high))


def _draw_years(panel: Panel, data: _Fan) -> None:
    """Write the years under the lower panel, every one or every second, fifth."""
    years = data.series.years
    step = next(s for s in (1, 2, 5, 10, 20, 50) if len(years) / s <= 15)
    for year in years:
        if (years[-1] - year) % step == 0:
            panel.sheet.text(
                panel.across(year + 0.5), panel.bottom - 11.0, str(year), ha="center",
                color=style.INK if year == data.at else style.MUTED,
            )  # fmt: skip


def _draw_reported_until(panels: tuple[Panel, Panel], data: _Fan) -> None:
    """Draw the dashed line between reported and projected through both panels."""
    month = data.view.a.scenario.time.reported_until
    time = (month + 1) / 12.0
    upper, lower = panels
    if not upper.x[0] < time < upper.x[1]:
        return
    at = upper.across(time)
    for panel in panels:
        panel.sheet.line(
            [at, at], [panel.bottom, panel.top + (3.0 if panel is upper else 0.0)],
            color=style.FAINT, linewidth=0.8, linestyle=(0, (3, 2)),
        )  # fmt: skip
    lang, y = data.view.lang, upper.top + 4.0
    before, after = pick(lang, "reported", "已有数据"), pick(lang, "projected", "推演")
    look = {"size": style.SMALL_SIZE, "color": style.FAINT, "va": "baseline"}
    if at - upper.left > 50.0:
        lower.sheet.text(at - 5.0, y, before, ha="right", **look)
    lower.sheet.text(at + 5.0, y, after, ha="left", **look)


def _notes(data: _Fan) -> tuple[str, ...]:
    """Return the lines under the picture: how to read the bands, basis, each reported figure."""
    view, lang, item = data.view, data.view.lang, data.series.item
    notes = [caption(view, "the line", "数值")]
    if not view.bands:
        notes[0] += pick(lang, " Each thin line is one simulated future.", "每条细线为一次推演。")
    if item.basis:
        basis = f"{item.label_zh}口径：{item.basis_zh}。"
        notes.append(pick(lang, f"Basis of {item.label}: {item.basis}.", basis))
    if view.b.scenario.kind == "counterfactual" and data.marks:
        notes.append(
            pick(
                lang,
                "Reported figures belong to the baseline; the scenario changes the past.",
                "报道数据只适用于基准；该情形改变了过去。",
            )
        )
    return (*notes, *remarks(view), *(mark.note for mark in data.marks))


def _alt(data: _Fan, title: str) -> str:
    """Describe the picture to those who cannot see it."""
    lang, years = data.view.lang, data.series.years
    name, last = label(data.series.item, lang), data.series.by_year[-1]
    level, difference = data.level, data.difference
    baseline = level.amount(last.a.p50, level.decimals(last.a_se, last.a.p50))
    change = difference.amount(last.difference.p50, difference.decimals(last.mc_se, last.difference.p50), sign=True)
    text = pick(
        lang,
        f"{title}. Upper panel: {name} from {years[0]} to {years[-1]}; the baseline's median ends at {baseline}. "
        f"Lower panel: difference between scenario and baseline, whose median ends at {change}",
        f"{title}。上图：{years[0]}—{years[-1]}年{name}，基准中位数最终为{baseline}。下图：情形与基准之差，中位数最终为{change}",
    )
    if data.view.bands:
        text += pick(lang, ", 90% of runs between ", "，90%的推演在") + _range(
            data, last.difference.p05, last.difference.p95, last.mc_se
        )
    marks = pick(lang, ". ", "。") + " ".join(mark.note for mark in data.marks) if data.marks else pick(lang, ".", "。")
    return text + marks


_QUANTILES = ("p05", "p25", "p50", "p75", "p95")


def _table(data: _Fan) -> pd.DataFrame:
    """Return what is drawn, in plain units: medians, bands, single runs when there are few, reported figures."""
    item, rows = data.series.item, []
    start = max((data.series.first_apart or 0) - 1, 0)
    for position, (year, one) in enumerate(zip(data.series.years, data.series.by_year, strict=True)):
        rows.append({"series": "baseline", "year": year, **one.a.quantiles})
        if position >= start:
            rows.append({"series": "scenario", "year": year, "p50": one.b.p50})
            rows.append({"series": "difference", "year": year, **one.difference.quantiles})
    if not data.view.bands:
        replicates = data.view.pairing.replicates or range(data.series.a.shape[0])
        for r, replicate in enumerate(replicates):
            for position, year in enumerate(data.series.years):
                a, b = data.series.a[r, position], data.series.b[r, position]
                rows.append({"series": "baseline run", "year": year, "replicate": replicate, "p50": a})
                if data.view.pairing.paired:
                    rows.append({"series": "difference run", "year": year, "replicate": replicate, "p50": b - a})
    rows += [mark.record() for mark in data.marks]
    columns = ["series", "variable", "unit", "year", "n_pairs", "replicate", *_QUANTILES]
    columns += ["bound", "reported", "reported_per_drawn", "period", "fact", "source"]
    fixed = {"variable": item.name, "unit": item.unit, "n_pairs": data.view.n}
    return pd.DataFrame.from_records([{**fixed, **row} for row in rows], columns=columns)
