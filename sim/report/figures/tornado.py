"""Figure 11: what drives the difference, a tornado of the difference between its inputs' low and high ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.compare.statistics import decimals_shown
from sim.observables import Observable
from sim.report.figures import style
from sim.report.figures.describe import capital, label
from sim.report.figures.difference import difference_scale
from sim.report.figures.panel import Panel, limits
from sim.report.figures.saving import drawing
from sim.report.figures.scale import fitting_ticks, tick_labels
from sim.report.figures.sheet import Drawing, Frame, Sheet, number_axis
from sim.report.figures.text import clean, shorten
from sim.report.rounding import whole
from sim.report.sensitivity_table import (
    COLUMNS,
    input_name,
    kind_name,
    notes,
    percent,
    percent_span,
    records,
    rest_rows,
    value_text,
)
from sim.report.table import named
from sim.units import pick

if TYPE_CHECKING:
    from sim.calibrate.sensitivity_result import Driver, Place, Sensitivity
    from sim.report.figures.scale import Scale
    from sim.report.figures.text import Lang

MOST: Final = 12
"""Inputs drawn; the rest of those that stand out is counted in a note."""
_ROW: Final = 36.0
_NAME, _ENDS, _SHARE = 262.0, 124.0, 58.0
_HALF: Final = 0.17
_NINETY: Final = 1.645
"""Standard deviations that hold 90 % of chance on both sides."""


@dataclass(frozen=True)
class _View:
    """A result, its language and the unit it is drawn in."""

    result: Sensitivity
    lang: Lang
    scale: Scale
    decimals: int

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """Inputs drawn."""
        return self.result.drivers[:MOST]

    @property
    def item(self) -> Observable:
        """The variable."""
        return self.result.variable

    @property
    def chance(self) -> tuple[float, float] | None:
        """Where 90 % of pairs would lie if only luck differed; None when it is not known."""
        shares = self.result.shares
        if shares is None or shares.chance is None:
            return None
        reach = _NINETY * math.sqrt(shares.luck) * float(self.result.differences.std())
        return self.result.mean - reach, self.result.mean + reach


def tornado(result: Sensitivity, lang: Lang = "en") -> Drawing:
    """Draw the difference expected at the low and the high end of every input that stands out.

    Above them 90 % of the pairs with everything varied at once, below them 90 % of what luck alone does.
    """
    sizes = [abs(result.quantile(0.05)), abs(result.mean), abs(result.quantile(0.95))]
    scale = difference_scale(result.variable, max(sizes), lang)
    decimals = decimals_shown(result.standard_error / scale.divisor, abs(result.mean) / scale.divisor)
    if scale.divisor == 1.0:
        decimals = whole(decimals, result.variable.unit)
    with drawing(lang):
        return _draw(_View(result, lang, scale, decimals))


def _draw(view: _View) -> Drawing:
    """Lay out the sheet: everything at once, the inputs, chance."""
    result, lang = view.result, view.lang
    title = _title(view)
    rest = _rest(view)
    frame = Frame(title, _subtitle(view), _notes(view), _footer(view))
    rows = 1 + len(view.drivers) + len(rest)
    height = _ROW * rows
    sheet = Sheet(frame, height + 62.0)
    x = limits(_room(view), zero=True, pad=0.05)
    box = (_NAME, 24.0, sheet.width - _NAME - _ENDS - _SHARE - 24.0, height)
    panel = Panel.place(sheet, box, x, (rows - 0.5, -0.5))
    _axis(view, panel, height)
    _everything(view, panel)
    for position, driver in enumerate(view.drivers, start=1):
        _driver(view, panel, position, driver)
    for position, row in enumerate(rest, start=1 + len(view.drivers)):
        _rest_row(view, panel, position, row)
    data = pd.DataFrame.from_records(records(result), columns=list(COLUMNS))
    return Drawing("11-sensitivity", lang, title, _alt(view, title), sheet.figure, (panel.axes,), data)


def _room(view: _View) -> list[float]:
    """Return the values the axis needs room for."""
    result = view.result
    values = [result.quantile(0.05), result.quantile(0.95), *(view.chance or ())]
    for driver in view.drivers:
        for place in (driver.low, driver.high):
            one = place.difference
            values += [one.value, one.low, one.high]
    return values


def _axis(view: _View, panel: Panel, height: float) -> None:
    """Draw grid, zero line, the mean, and what the columns are."""
    lang, scale, sheet = view.lang, view.scale, panel.sheet
    low, high = (end / scale.divisor for end in panel.x)
    marks = fitting_ticks(low, high, panel.width, style.LABEL_SIZE, 5)
    number_axis(panel.axes, [mark * scale.divisor for mark in marks], tick_labels(marks, sign=True), horizontal=True)
    panel.axes.axvline(0.0, color=style.INK, linewidth=0.9, zorder=1)
    panel.axes.axvline(view.result.mean, color=style.BASELINE, linewidth=0.9, linestyle=(0, (4.0, 2.0)), zorder=1)
    top = height + 44.0
    unit = pick(lang, f", {scale.label}", f"（{scale.label}）") if scale.label else ""
    head = pick(
        lang, f"{capital(label(view.item, lang))} in {view.result.at}, B − A{unit}",
        f"{view.result.at}年{label(view.item, lang)}差值B−A{unit}",
    )  # fmt: skip
    look = {"color": style.MUTED}
    sheet.text(_NAME, top, shorten(head, panel.width, style.LABEL_SIZE), **look)
    sheet.text(panel.right + 12.0, top, pick(lang, "at its low and high end", "低端与高端取值"), **look)
    sheet.text(sheet.width, top, pick(lang, "share", "占波动"), ha="right", **look)


def _bar(panel: Panel, low: float, high: float, y: float, half: float, color: str, gid: str = "") -> None:
    patch = Rectangle((low, y - half), high - low, 2.0 * half, facecolor=color, edgecolor="none", zorder=2)
    if gid:
        patch.set_gid(gid)
    panel.axes.add_patch(patch)


def _line(panel: Panel, xs: list[float], ys: list[float], color: str, wide: float = 0.9) -> None:
    panel.axes.add_line(Line2D(xs, ys, color=color, linewidth=wide, solid_capstyle="butt", zorder=3))


def _everything(view: _View, panel: Panel) -> None:
    """Draw 90 % of all pairs, with the mean."""
    result, lang = view.result, view.lang
    low, high = result.quantile(0.05), result.quantile(0.95)
    _bar(panel, low, high, 0.0, _HALF, style.BASELINE_50, "row-all")
    _line(panel, [result.mean] * 2, [-_HALF, _HALF], style.INK, 1.6)
    name = pick(lang, "Everything at once", "全部输入同时变动")
    kind = pick(lang, "90% of pairs; mean", "90%的推演；平均值")
    numbers = pick(lang, " … ", " … ").join(view.scale.number(v, view.decimals, sign=True) for v in (low, high))
    _words(panel, 0, name, kind, (numbers, view.scale.number(result.mean, view.decimals, sign=True)), ("100%", ""))


def _driver(view: _View, panel: Panel, position: int, driver: Driver) -> None:
    """Draw one input: a bar from the mean to each end, with whiskers."""
    mean = view.result.mean
    looks = ((driver.low, -_HALF - 0.02, style.SCENARIO_50), (driver.high, _HALF + 0.02, style.SCENARIO))
    for place, shift, color in looks:
        y, one = position + shift, place.difference
        _bar(panel, min(mean, one.value), max(mean, one.value), y, _HALF, color, f"row-{position}")
        _line(panel, [one.low, one.high], [y, y], style.INK)
        for end in (one.low, one.high):
            _line(panel, [end, end], [y - 0.09, y + 0.09], style.INK)
    settings = view.result.study.settings
    name = capital(input_name(driver.input, settings, view.lang))
    path = "" if driver.input.kind == "world" else f" · {driver.input.name}"
    kind = kind_name(driver.input, view.lang) + path
    texts = (_end(view, driver, driver.low), _end(view, driver, driver.high))
    if driver.sign_changes:
        kind = pick(view.lang, f"± sign changes · {kind}", f"±正负相反 · {kind}")
    share = (percent(driver.share.value), f"({percent_span(driver.share)})")
    _words(panel, position, name, kind, texts, share, strong=driver.sign_changes)


def _end(view: _View, driver: Driver, place: Place) -> str:
    """Return ``2.5: +0.21``."""
    value = value_text(driver.input, place.value, view.lang)
    number = view.scale.number(place.difference.value, view.decimals, sign=True)
    return pick(view.lang, f"{value}: {number}", f"{value}：{number}")


def _rest(view: _View) -> list[tuple[str, str, str, str]]:
    return rest_rows(view.result, view.lang) if view.result.shares is not None else []


def _rest_row(view: _View, panel: Panel, position: int, row: tuple[str, str, str, str]) -> None:
    """Write what no single input accounts for; chance has a bar."""
    name, _, share, inside = row
    last = position == len(view.drivers) + len(_rest(view))
    numbers = ("", "")
    if last and view.chance is not None:
        low, high = view.chance
        _bar(panel, low, high, float(position), _HALF, style.BASELINE_50, "row-chance")
        texts = [view.scale.number(value, view.decimals, sign=True) for value in (low, high)]
        numbers = (" … ".join(texts), "")
    kind = pick(view.lang, "90% of pairs, if only luck differed", "只有运气不同时90%的推演") if numbers[0] else ""
    _words(panel, position, capital(name), kind, numbers, (share, f"({inside})" if inside else ""), muted=True)


def _words(
    panel: Panel,
    position: int,
    name: str,
    kind: str,
    ends: tuple[str, str],
    share: tuple[str, str],
    *,
    muted: bool = False,
    strong: bool = False,
) -> None:
    """Write name and kind at the left, the ends and the share at the right."""
    sheet, y = panel.sheet, panel.up(float(position))
    room = _NAME - 12.0
    weight = "normal" if muted else "bold"
    sheet.text(0.0, y + 6.0, shorten(clean(name), room, style.LABEL_SIZE, bold=not muted), weight=weight)
    color = style.INK if strong else style.MUTED
    sheet.text(0.0, y - 6.0, shorten(clean(kind), room, style.SMALL_SIZE), size=style.SMALL_SIZE, color=color)
    left = panel.right + 12.0
    for text, shift in zip(ends, (6.0, -6.0), strict=True):
        sheet.text(left, y + shift, shorten(clean(text), _ENDS, style.LABEL_SIZE))
    sheet.text(sheet.width, y + 6.0, share[0], ha="right", weight=weight)
    sheet.text(sheet.width, y - 6.0, share[1], ha="right", size=style.SMALL_SIZE, color=style.MUTED)


# --- words ---------------------------------------------------------------------------------------------------


def _title(view: _View) -> str:
    """Say what drives the difference most."""
    result, lang = view.result, view.lang
    what, at = label(view.item, lang), result.at
    if result.shares is None:
        return pick(
            lang, f"The difference in {what} in {at} is the same in every pair of runs",
            f"{at}年{what}差值在每对推演中都相同",
        )  # fmt: skip
    if not result.drivers:
        return pick(
            lang, f"No single input stands out as what the difference in {what} in {at} depends on",
            f"{at}年{what}差值并不取决于某一项输入",
        )  # fmt: skip
    driver = result.drivers[0]
    name = clean(input_name(driver.input, result.study.settings, lang))
    share = percent(driver.share.value)
    turning = sum(one.sign_changes for one in result.drivers)
    more = pick(lang, "; no input turns its sign", "，没有一项输入改变其正负")
    if turning:
        more = pick(
            lang, f"; {turning} input{'s turn' if turning > 1 else ' turns'} its sign", f"，{turning}项输入可改变其正负"
        )
    return pick(
        lang,
        f"How large the difference in {what} in {at} is depends most on {name}: {share} of its variation{more}",
        f"{at}年{what}差值有多大，最取决于{name}：占波动的{share}{more}",
    )


def _subtitle(view: _View) -> tuple[str, ...]:
    """Return scenario, baseline, and place, pairs and inputs."""
    result, lang = view.result, view.lang
    settings, colon = result.study.settings, pick(lang, ": ", "：")
    sides = [clean(named(side, lang)) for side in (settings.scenario, settings.baseline)]
    where = pick(lang, "; ", "、").join(clean(pick(lang, name, name_zh)) for _, name, name_zh in settings.places)
    if len(settings.places) > 2:
        where = pick(lang, f"{len(settings.places)} places", f"{len(settings.places)}个地方")
    inputs = len(settings.inputs)
    return (
        pick(lang, "Scenario (B)", "情形（B）") + colon + sides[0],
        pick(lang, "Baseline (A)", "基准（A）") + colon + sides[1],
        where + pick(
            lang, f" · {result.n} pairs, {inputs} inputs varied at once", f" · {result.n}对推演，{inputs}项输入同时变动"
        ),
    )  # fmt: skip


def _notes(view: _View) -> tuple[str, ...]:
    """Return how to read the picture."""
    lang = view.lang
    hidden = len(view.result.drivers) - len(view.drivers)
    bars = pick(
        lang,
        "Light bar: the input at its low end (5% quantile), dark bar: at its high end (95%), all others averaged; thin "
        "lines: 90% of resamples. Dashed: the mean. ±: the sign of the difference changes between the ends.",
        "浅色：输入取低端（5%分位）；深色：取高端（95%分位），其余输入取平均；细线为90%的重抽样；虚线为平均值；±表示两端差值正负相反。",
    )
    found = [*([bars] if view.drivers else []), *notes(view.result, lang, without=("prior", "ends"))]
    if hidden:
        found.append(
            pick(lang, f"{hidden} more inputs stand out: see the data.", f"另有{hidden}项输入突出，见数据文件。")
        )
    return tuple(found)


def _footer(view: _View) -> tuple[str, ...]:
    """Return simulation, calibration, study."""
    settings, lang = view.result.study.settings, view.lang
    parts = [pick(lang, "Simulation, not a forecast", "模型推演，不是预测")]
    parts.append(
        pick(lang, f"draws {settings.calibration}", f"参数样本{settings.calibration}")
        if settings.calibration
        else pick(lang, "parameters are not calibrated", "参数未校准")
    )
    parts.append(pick(lang, "study ", "推演编号：") + view.result.study.folder.name)
    return (" · ".join(parts),)


def _alt(view: _View, title: str) -> str:
    """Describe the rows in words."""
    lang, settings = view.lang, view.result.study.settings
    parts = []
    for driver in view.drivers:
        name = clean(input_name(driver.input, settings, lang))
        ends = pick(lang, ", ", "，").join(_end(view, driver, place) for place in (driver.low, driver.high))
        parts.append(f"{name} {percent(driver.share.value)} ({ends})")
    parts += [f"{row[0]} {row[2]}" for row in _rest(view)]
    stop = pick(lang, ". ", "。")
    return title + stop + pick(lang, "; ", "；").join(parts) + stop.strip()
