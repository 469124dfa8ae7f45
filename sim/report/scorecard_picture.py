"""The picture on the scorecard's page: the model's bands and the rivals' middles, each against what was reported."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Final

from sim.calibrate.rivals import RIVALS
from sim.calibrate.validation import Opponent
from sim.report.scorecard import lines_of, rival_name, rivals_shown, shortened
from sim.report.table import display_width
from sim.report.words import pick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.calibrate.rivals import Name
    from sim.calibrate.validation import Scorecard, Scored
    from sim.units import Language

WIDTH: Final = 920.0
LEFT: Final = 370.0
RIGHT: Final = 20.0
ROW: Final = 30.0
TOP: Final = 34.0
LABEL: Final = 54
"""Columns a label may have left of the axis."""
CHARACTER: Final = 6.6
"""Width of a letter of 12 pixels, on average."""
BAND_90, BAND_50, MIDDLE, INK, MUTED, RULE = "#d0e2ee", "#84b4d2", "#0a5a8c", "#1f2328", "#5b636b", "#e3e6e8"
MARKS: Final[dict[Name, str]] = {
    "last": "M-5 -5H5V5H-5Z",
    "trend": "M0 -6L6 5H-6Z",
    "national": "M0 -6L6 0L0 6L-6 0Z",
    "standstill": "M-5 0H5M0 -5V5",
    "elsewhere": "M-5 -5L5 5M5 -5L-5 5",
}
"""Outline of a rival's mark; shapes differ, so that print in grey works."""
RATIOS: Final = (1.0, 0.1, 10.0, 0.5, 2.0, 0.2, 5.0, 0.75, 1.5, 0.9, 1.1, 0.8, 1.25, 0.95, 1.05)
"""Ticks of a ratio, the most welcome first."""
STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
LEAST_GAP: Final = 44.0
"""Least distance between two ticks."""


@dataclass(frozen=True)
class Axis:
    """From numbers to pixels: growth rates, or logarithms of ratios to the reported figure."""

    low: float
    high: float
    in_logs: bool

    def place(self, value: float) -> float:
        """Return the pixel of a number."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return numbers to be marked, apart enough to be read."""
        if not self.in_logs:
            step = next((size for size in STEPS if self.place(size) - self.place(0.0) >= LEAST_GAP), 10.0)
            return [step * n for n in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]
        found: list[float] = []
        for value in map(math.log, RATIOS):
            apart = all(abs(self.place(value) - self.place(other)) >= LEAST_GAP for other in found)
            if self.low <= value <= self.high and apart:
                found.append(value)
        return sorted(found)

    def text(self, tick: float) -> str:
        """Return the label of a tick."""
        if self.in_logs:
            return f"{math.exp(tick):.3g}"
        return f"{tick:+.0%}" if abs(tick) > 1e-9 else "0%"


def picture(card: Scorecard, items: Sequence[Scored], language: Language) -> str:
    """Return one group as an SVG element: levels over reported on a logarithmic axis, growth in percent.

    Parameters
    ----------
    items
        All in logarithms, or all growth rates.
    """
    axis = _axis(items)
    bottom = TOP + ROW * len(items)
    label = pick(language, "model's bands, rivals and reported figures", "模型区间、对手预测与公布数")
    start = f'<svg viewBox="0 0 {WIDTH:g} {bottom + 62:g}" role="img" aria-label="{escape(label)}" class="picture">'
    parts = [start, _grid(axis, bottom, language)]
    for number, (item, line) in enumerate(zip(items, lines_of(card, items, language), strict=True)):
        where = f" · {line.place.split(',')[0]}" if len(card.places) > 1 else ""
        parts.append(_row(item, f"{line.figure} {line.period}{where}", TOP + ROW * (number + 0.5), axis))
    return "\n".join([*parts, _legend(rivals_shown(items), bottom + 44.0, language), "</svg>"])


def _moved(item: Scored, value: float) -> float:
    """Return a plain value as it lies on the axis."""
    if not item.in_logs:
        return value
    return math.log(max(value / item.fact.value_plain, 1e-9))


def _reported(item: Scored) -> float:
    return 0.0 if item.in_logs else item.fact.value_plain


def _middles(item: Scored) -> dict[Name, float]:
    """Return the rivals' middles as they lie on the axis."""
    base = math.log(item.fact.value_plain) if item.in_logs else 0.0
    found = ((name, item.rivals.get(name)) for name in RIVALS)
    return {name: rival.forecast.mean - base for name, rival in found if isinstance(rival, Opponent)}


def _axis(items: Sequence[Scored]) -> Axis:
    """Return an axis that shows everything."""
    values = [value for item in items for value in (_reported(item), *_middles(item).values())]
    values += [_moved(item, value) for item in items for value in (item.band.p05, item.band.p95)]
    room = 0.05 * (max(values) - min(values)) + 0.01
    return Axis(min(values) - room, max(values) + room, items[0].in_logs)


def _grid(axis: Axis, bottom: float, language: Language) -> str:
    english, chinese = ("reported = 1", "公布数=1") if axis.in_logs else ("growth on a year", "同比增速")
    parts = [_text(LEFT, 16.0, pick(language, english, chinese))]
    for tick in axis.ticks():
        x = axis.place(tick)
        colour = MUTED if abs(tick) < 1e-9 else RULE
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6:g}" y2="{bottom:g}" stroke="{colour}"/>')
        parts.append(_text(x, bottom + 16.0, axis.text(tick), anchor="middle"))
    return "\n".join(parts)


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = MUTED) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="12">{escape(text)}</text>'


def _row(item: Scored, text: str, y: float, axis: Axis) -> str:
    p05, p25, p50, p75, p95 = (axis.place(_moved(item, value)) for value in vars(item.band).values())
    parts = [
        _text(0.0, y + 4.0, shortened(text, LABEL), colour=INK),
        _box(p05, y - 6.0, p95 - p05, BAND_90),
        _box(p25, y - 6.0, p75 - p25, BAND_50),
        f'<line x1="{p50:.1f}" x2="{p50:.1f}" y1="{y - 8:.1f}" y2="{y + 8:.1f}" stroke="{MIDDLE}" stroke-width="2"/>',
        *(_mark(name, axis.place(value), y) for name, value in _middles(item).items()),
    ]
    reported = axis.place(_reported(item))
    parts.append(_dot(reported, y))
    if item.one_sided:
        way = 1.0 if item.bound == "at_least" else -1.0
        end, tip = reported + 22.0 * way, reported + 16.0 * way
        arrow = f"M{reported:.1f} {y:.1f}H{end:.1f}M{tip:.1f} {y - 4:.1f}L{end:.1f} {y:.1f}L{tip:.1f} {y + 4:.1f}"
        parts.append(f'<path d="{arrow}" fill="none" stroke="{INK}" stroke-width="1.5"/>')
    return "\n".join(parts)


def _box(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="12" fill="{colour}"/>'


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{INK}"/>'


def _mark(name: Name, x: float, y: float) -> str:
    place = f"translate({x:.1f} {y:.1f})"
    return f'<path transform="{place}" d="{MARKS[name]}" fill="none" stroke="{MUTED}" stroke-width="1.6"/>'


def _legend(shown: Sequence[Name], y: float, language: Language) -> str:
    bands = pick(language, "model: 50% dark, 90% light", "模型：深色50%，浅色90%")
    entries: list[tuple[Callable[[float], str], str]] = [
        (lambda x: _dot(x + 8.0, y - 4.0), pick(language, "reported", "公布数")),
        (lambda x: _box(x, y - 10.0, 16.0, BAND_90) + _box(x + 4.0, y - 10.0, 8.0, BAND_50), bands),
    ]
    entries += [(partial(_mark_at, name, y), rival_name(name, language)) for name in shown]
    x, parts = 0.0, []
    for drawn, text in entries:
        parts += [drawn(x), _text(x + 22.0, y, text)]
        x += 22.0 + CHARACTER * display_width(text) + 16.0
    return "\n".join(parts)


def _mark_at(name: Name, y: float, x: float) -> str:
    return _mark(name, x + 8.0, y - 4.0)
