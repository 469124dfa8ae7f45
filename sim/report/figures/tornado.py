"""Figure 11: what drives the difference, a tornado of the difference between its inputs' low and high ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from sim.compare.statistics import decimals_shown
from sim.report.figures import style
from sim.report.figures.describe import Told, capital
from sim.report.figures.layout import Drawing, Panel, Sheet, difference_scale, fitting_ticks, limits
from sim.report.figures.picture_files import drawing
from sim.report.rounding import Scale, whole
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
)  # fmt: skip
from sim.report.table import one_line
from sim.sensitivity.result import Driver, Place, Sensitivity
from sim.units import Language

MOST: Final = 12
"""Inputs drawn; the rest of those that stand out is counted in a note."""
_ROW: Final = 36.0
_NAME, _ENDS, _SHARE = 262.0, 124.0, 58.0
_HALF: Final = 0.17
_NINETY: Final = 1.645
"""Standard deviations that hold 90 % of chance on both sides."""


@dataclass(frozen=True, kw_only=True)
class _View(Told):
    """A result, its language and the unit it is drawn in."""

    result: Sensitivity
    scale: Scale
    decimals: int

    def number(self, value: float) -> str:
        """Return a difference with its sign."""
        return self.scale.number(value, self.decimals, sign=True)

    def span(self, low: float, high: float) -> str:
        """Return both ends of a range of differences."""
        return f"{self.number(low)} … {self.number(high)}"

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """Inputs drawn."""
        return self.result.drivers[:MOST]

    @property
    def what(self) -> str:
        """What the variable is called."""
        return self.label(self.result.variable)

    def input(self, driver: Driver) -> str:
        """Return what an input is called."""
        return one_line(input_name(driver.input, self.result.study.settings, self.lang))

    @property
    def rest(self) -> list[tuple[str, str, str]]:
        """Rows of what no single input accounts for."""
        return rest_rows(self.result, self.lang) if self.result.shares is not None else []

    @property
    def chance(self) -> tuple[float, float] | None:
        """Where 90 % of pairs would lie if only random draws differed; None when it is not known."""
        shares = self.result.shares
        if shares is None or shares.chance is None:
            return None
        reach = _NINETY * math.sqrt(shares.randomness) * float(self.result.differences.std())
        return self.result.mean - reach, self.result.mean + reach


def tornado(result: Sensitivity, lang: Language = "en") -> Drawing:
    """Draw the difference expected at the low and the high end of every input that stands out.

    Above them 90 % of the pairs with everything varied at once, below them 90 % of what randomness alone does.
    """
    sizes = [abs(result.quantile(0.05)), abs(result.mean), abs(result.quantile(0.95))]
    scale = difference_scale(result.variable, max(sizes), lang)
    decimals = decimals_shown(result.standard_error / scale.divisor, abs(result.mean) / scale.divisor)
    if scale.divisor == 1.0:
        decimals = whole(decimals, result.variable.unit)
    with drawing(lang):
        return _draw(_View(lang=lang, result=result, scale=scale, decimals=decimals))


def _draw(view: _View) -> Drawing:
    result, title, rest, say, scale = view.result, _title(view), view.rest, view.say, view.scale
    rows = 1 + len(view.drivers) + len(rest)
    height = _ROW * rows
    study, settings = result.study, result.study.settings
    counted = say("tornado.pairs_inputs_varied_at", n=result.n, inputs=len(settings.inputs))
    subtitle = (
        say("tornado.scenario_b") + view.name(settings.scenario),
        say("tornado.baseline") + view.name(settings.baseline),
        view.places([(name, name_zh) for _, name, name_zh in settings.places]) + counted,
    )
    draws = say("tornado.parameters_are_not_calibrated")
    if settings.calibration:
        draws = say("tornado.draws", calibration=settings.calibration)
    footer = view.last_line(draws, say("tornado.study") + study.folder.name)
    sheet = Sheet(height + 62.0, title, subtitle, _notes(view), footer)
    # Room is needed for all pairs, for chance, and for the whiskers of every input.
    reach = [result.quantile(0.05), result.quantile(0.95), *(view.chance or ())]
    whiskers = [end.difference for driver in view.drivers for end in (driver.low, driver.high)]
    x = limits([*reach, *(value for one in whiskers for value in (one.value, one.low, one.high))], zero=True, pad=0.05)
    panel = Panel.of_rows(sheet, (_NAME, 24.0, sheet.width - _NAME - _ENDS - _SHARE - 24.0, height), x, rows)
    low, high = (end / scale.divisor for end in panel.x)
    panel.number_axis(fitting_ticks(low, high, panel.width, 5), scale.divisor, sign=True, horizontal=True)
    panel.zero()
    panel.axes.axvline(result.mean, color=style.BASELINE, linewidth=0.9, linestyle=(0, (4.0, 2.0)), zorder=1)
    top, head = height + 44.0, say("tornado.in_b", capital=capital(view.what), at=result.at, what=view.what)
    sheet.text(_NAME, top, view.with_unit(head, scale.label), panel.width, color=style.MUTED)
    sheet.text(panel.right + 12.0, top, say("tornado.at_its_low_and"), color=style.MUTED)
    sheet.text(sheet.width, top, say("tornado.share"), ha="right", color=style.MUTED)
    # 90 % of all pairs, with the mean.
    panel.span((reach[0], reach[1]), 0.0, _HALF, style.BASELINE_50, gid="row-all")
    panel.stroke(result.mean, 0.0, _HALF, **(_LINE | {"linewidth": 1.6}))
    name, kind = say("tornado.everything_at_once"), say("tornado.90_pairs_mean")
    _words(panel, 0, name, kind, (view.span(reach[0], reach[1]), view.number(result.mean)), ("100%", ""))
    for position, driver in enumerate(view.drivers, start=1):
        _driver(view, panel, position, driver)
    # What no single input accounts for; chance has a bar.
    for position, (name, share, inside) in enumerate(rest, start=1 + len(view.drivers)):
        kind = numbers = ""
        if position == rows - 1 and view.chance is not None:
            panel.span(view.chance, position, _HALF, style.BASELINE_50, gid="row-chance")
            numbers, kind = view.span(*view.chance), say("tornado.90_pairs_if_only")
        shares = (share, f"({inside})" if inside else "")
        _words(panel, position, capital(name), kind, (numbers, ""), shares, muted=True)
    parts = []
    for driver in view.drivers:
        ends = say("marks.comma").join(_end(view, driver, place) for place in (driver.low, driver.high))
        parts.append(f"{view.input(driver)} {percent(driver.share.value)} ({ends})")
    alt = view.in_words(title, [*parts, *(f"{row[0]} {row[1]}" for row in rest)])
    return sheet.drawing("11-sensitivity", view.lang, alt, [panel], records(result), COLUMNS)


_LINE: Final[dict[str, Any]] = {"color": style.INK, "linewidth": 0.9, "solid_capstyle": "butt", "zorder": 3}


def _driver(view: _View, panel: Panel, position: int, driver: Driver) -> None:
    """Draw one input: a bar from the mean to each end, with whiskers."""
    mean = view.result.mean
    looks = ((driver.low, -_HALF - 0.02, style.SCENARIO_50), (driver.high, _HALF + 0.02, style.SCENARIO))
    for place, shift, color in looks:
        y, one = position + shift, place.difference
        panel.span((min(mean, one.value), max(mean, one.value)), y, _HALF, color, gid=f"row-{position}")
        panel.line([one.low, one.high], [y, y], **_LINE)
        for end in (one.low, one.high):
            panel.stroke(end, y, 0.09, **_LINE)
    path = "" if driver.input.kind == "world" else f" · {driver.input.name}"
    kind = kind_name(driver.input, view.lang) + path
    texts = (_end(view, driver, driver.low), _end(view, driver, driver.high))
    if driver.sign_changes:
        kind = view.say("tornado.sign_changes", kind=kind)
    share = (percent(driver.share.value), f"({percent_span(driver.share)})")
    _words(panel, position, capital(view.input(driver)), kind, texts, share, strong=driver.sign_changes)


def _end(view: _View, driver: Driver, place: Place) -> str:
    """Return ``2.5: +0.21``."""
    value, number = value_text(driver.input, place.value, view.lang), view.number(place.difference.value)
    return value + view.say("marks.colon") + number


def _words(
    panel: Panel, position: int, name: str, kind: str, ends: tuple[str, str], share: tuple[str, str], *,
    muted: bool = False, strong: bool = False,
) -> None:  # fmt: skip
    sheet, y, weight = panel.sheet, panel.up(float(position)), "normal" if muted else "bold"
    sheet.pair(0.0, y, name, kind, _NAME - 12.0, grey=style.INK if strong else style.MUTED, weight=weight)
    for text, shift in zip(ends, (6.0, -6.0), strict=True):
        sheet.text(panel.right + 12.0, y + shift, text, _ENDS)
    sheet.pair(sheet.width, y, *share, ha="right", weight=weight)


# --- words ---------------------------------------------------------------------------------------------------


def _title(view: _View) -> str:
    """Say what drives the difference most."""
    result, say, what, at = view.result, view.say, view.what, view.result.at
    if result.shares is None:
        return say("tornado.difference_in_in_is", what=what, at=at)
    if not result.drivers:
        return say("tornado.no_single_input_stands", what=what, at=at)
    driver = result.drivers[0]
    name, share = view.input(driver), percent(driver.share.value)
    turning = sum(one.sign_changes for one in result.drivers)
    more = say("tornado.no_input_turns_its")
    if turning:
        more = say("tornado.input_its_sign", turning=turning, word="s turn" if turning > 1 else " turns")
    return say("tornado.how_large_difference_in", what=what, at=at, name=name, share=share, more=more)


def _notes(view: _View) -> tuple[str, ...]:
    hidden = len(view.result.drivers) - len(view.drivers)
    bars = view.say("tornado.light_bar_input_at")
    found = [*([bars] if view.drivers else []), *notes(view.result, view.lang, without=("prior", "ends"))]
    if hidden:
        found.append(view.say("tornado.more_inputs_stand_out", hidden=hidden))
    return tuple(found)
