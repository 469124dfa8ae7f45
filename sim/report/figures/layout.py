"""A figure laid out in points, so that nothing is clipped: units and ticks of its axes, its sheet, and its panels."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D, Transform
from numpy.typing import NDArray

from sim.compare.statistics import Band
from sim.errors import UserError
from sim.observables import Observable
from sim.report import rounding
from sim.report.figures import style
from sim.report.figures.style import LABEL_SIZE, shorten, width, wrap
from sim.report.rounding import Scale, with_sign
from sim.report.table import one_line
from sim.report.words import say
from sim.units import Language, money_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats: TypeAlias = NDArray[np.float64]
Rect: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, width and height."""

_STEPS: Final[dict[tuple[str, str], tuple[tuple[float, float, str], ...]]] = {
    ("persons", "zh"): ((1e6, 1e4, "万人"), (0.0, 1.0, "人")),
    ("persons", "en"): ((1e6, 1e6, "million persons"), (0.0, 1.0, "persons")),
    ("tonnes", "zh"): ((1e4, 1e4, "万吨"), (0.0, 1.0, "吨")),
    ("tonnes", "en"): ((1e6, 1e6, "million tonnes"), (1e3, 1e3, "thousand tonnes"), (0.0, 1.0, "tonnes")),
}
"""For plain unit and language, largest first: smallest value shown in a unit, its divisor and its label."""
_PLAIN: Final = {"count": (1.0, ""), "index": (1.0, ""), "share": (0.01, "%")}
SIZES: Final = (*(10.0**power for power in range(13, -1, -1)), 0.0)
"""Sizes that reach every unit."""


def scale_for(unit: str, largest: float, lang: Language, wanted: str | None = None) -> Scale:
    """Return the unit for values up to ``largest`` (plain unit, absolute): a tenth of one is enough for money.

    ``wanted`` is a unit asked for by name in either language, such as ``亿元``; ``UserError`` when it is not one of
    this kind.
    """
    if wanted is not None:
        return _named(unit, wanted)
    if unit in ("yuan", "yuan/year"):
        divisor, label = money_unit(10.0 * largest, lang)
        return Scale(divisor, label + (say(lang, "shared.year") if unit == "yuan/year" else ""))
    steps = _STEPS.get((unit, lang), ((0.0, *_PLAIN.get(unit, (1.0, unit))),))
    _, divisor, label = next((step for step in steps if largest >= step[0]), steps[-1])
    return Scale(divisor, label)


def _named(unit: str, wanted: str) -> Scale:
    """Return the unit called ``wanted`` among those of ``unit``."""
    languages: tuple[Language, ...] = ("en", "zh")
    known = {found.label: found for lang in languages for size in SIZES for found in [scale_for(unit, size, lang)]}
    known.pop("", None)
    if wanted in known:
        return known[wanted]
    if not known:
        raise UserError(f'unit "{wanted}" does not suit this variable: it is a plain number')
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise UserError(f'unit "{wanted}" does not suit a variable in {unit}{hint}\n     units that do: {", ".join(known)}')


def difference_scale(item: Observable, largest: float, lang: Language, unit: str | None = None) -> Scale:
    """Return the unit of differences: percentage points for shares."""
    if item.unit == "share":
        return Scale(0.01, rounding.scale_for("share", largest, lang).of_differences)
    return scale_for(item.unit, largest, lang, unit)


def decimals_needed(value: float, tolerance: float = 5e-4, most: int = 6) -> int:
    """Return the decimals that show a number up to a share of it; three digits by default, without idle zeros."""
    return next((d for d in range(most) if abs(round(value, d) - value) < tolerance * abs(value)), most)


def round_step(least: float, factors: Sequence[float]) -> float:
    """Return the smallest of ``factors`` times a power of ten that is not below ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in factors if factor * power >= least * (1 - 1e-9))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return at most ``most`` + 1 round numbers (1, 2, 2.5, 5 times a power of ten) within ``low`` and ``high``."""
    span = high - low
    if not (math.isfinite(span) and span > 0.0):
        return [low] if math.isfinite(low) else []
    step = round_step(span / most, (1.0, 2.0, 2.5, 5.0, 10.0))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def tick_labels(values: Sequence[float], *, sign: bool = False) -> list[str]:
    """Return tick texts, all with the decimals the step needs."""
    decimals = 0 if all(v == int(v) for v in values) else 2
    if len(values) > 1:
        decimals = decimals_needed(values[1] - values[0], 1e-9, 12)
    return [with_sign(value, decimals if round(value, decimals) else 0, sign=sign) for value in values]


def fitting_ticks(low: float, high: float, room: float, most: int = 4) -> list[float]:
    """Return ticks whose labels, side by side, leave each other a gap within ``room`` points."""
    for number in range(most, 0, -1):
        values = ticks(low, high, number)
        apart = room / (high - low) * (values[1] - values[0]) if len(values) > 1 else room
        if all(width(label, LABEL_SIZE) + 8.0 <= apart for label in tick_labels(values)):
            return values
    return ticks(low, high, 1)[:1]


@dataclass(frozen=True)
class Box:
    """A rectangle in points."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: Box) -> float:
        """Return the area shared with ``other``, square points."""
        across = min(self.right, other.right) - max(self.left, other.left)
        up = min(self.top, other.top) - max(self.bottom, other.bottom)
        return across * up if across > 0.0 and up > 0.0 else 0.0

    def outside(self, frame: Box) -> float:
        """Return by how many points it sticks out of ``frame``, added over the four sides."""
        return (
            max(0.0, frame.left - self.left)
            + max(0.0, self.right - frame.right)
            + max(0.0, frame.bottom - self.bottom)
            + max(0.0, self.top - frame.top)
        )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions at least ``gap`` apart within ``low`` and ``high``, as near to ``wanted`` as can be.

    ``wanted`` are middles of labels. The order is kept (equal wishes keep the order given). Solves the least-squares
    problem exactly by merging neighbours (isotonic regression after taking the gaps out). When there is no room, the
    gap shrinks to what fits.
    """
    count = len(wanted)
    if count == 0:
        return []
    if count > 1 and gap * (count - 1) > high - low:
        gap = max(0.0, (high - low) / (count - 1))
    order = sorted(range(count), key=lambda i: (wanted[i], i))
    blocks: list[tuple[float, int]] = []
    for rank, i in enumerate(order):
        total, members = wanted[i] - rank * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / members:
            earlier, more = blocks.pop()
            total, members = total + earlier, members + more
        blocks.append((total, members))
    result = [0.0] * count
    rank = 0
    for total, members in blocks:
        level = min(max(total / members, low), high - (count - 1) * gap)
        for _ in range(members):
            result[order[rank]] = level + rank * gap
            rank += 1
    return result


def best_place(candidates: Sequence[Box], taken: Iterable[Box], soft: Iterable[Box], frame: Box) -> int:
    """Return the index of the first candidate (best first) that covers least and stays in the frame.

    ``taken`` must not be covered (labels, marks), ``soft`` is better left free (lines) and counts a tenth.
    """
    hard, lines = list(taken), list(soft)
    costs = [
        1000.0 * box.outside(frame)
        + 10.0 * sum(box.overlap(other) for other in hard)
        + sum(box.overlap(other) for other in lines)
        for box in candidates
    ]
    return min(range(len(costs)), key=lambda i: (costs[i], i))


_TITLE_LINE = 18.0
_SUBTITLE_LINE = 13.0
_NOTE_LINE = 10.5


@dataclass(frozen=True)
class Drawing:
    """A finished figure, made without pyplot.

    ``stem`` is its file name without extension, such as ``01-output-fan``; ``title`` the finding in one sentence and
    ``alt`` a description for those who cannot see the picture; ``data`` what is drawn, in plain units.
    """

    stem: str
    lang: Language
    title: str
    alt: str
    figure: Figure = field(repr=False)
    axes: tuple[Axes, ...] = field(repr=False)
    data: pd.DataFrame = field(repr=False)


class Sheet:
    """A figure of fixed width whose height follows from its words and its body.

    Around the body stand the finding, what is compared, the notes under the picture and the footer. Coordinates of
    ``axes``, ``text``, ``note`` and ``line`` are points from the lower left corner of the body, which is ``width`` wide
    and ``height`` high.
    """

    def __init__(
        self, height: float, title: str, subtitle: Sequence[str], notes: Sequence[str], footer: Sequence[str]
    ) -> None:
        room = style.WIDTH - 2 * style.MARGIN
        title_lines = wrap(title, room, style.TITLE_SIZE, bold=True, lines=3)
        subtitle, notes, footer = (
            [line for text in texts if text for line in wrap(text, room, size)]
            for texts, size in (
                (subtitle, style.SUBTITLE_SIZE), (notes, style.SMALL_SIZE), (footer, style.SMALL_SIZE)
            )
        )  # fmt: skip
        head = style.MARGIN + _TITLE_LINE * len(title_lines) + _SUBTITLE_LINE * len(subtitle) + 14.0
        foot = 20.0 + _NOTE_LINE * len(notes) + 16.0 + _NOTE_LINE * len(footer)
        self.width, self.title = room, title
        self.height = height
        self._total = head + height + foot
        self.bottom = foot
        self.figure = Figure(figsize=(style.WIDTH / 72, self._total / 72), dpi=144)
        FigureCanvasAgg(self.figure)
        self.points: Transform = Affine2D().scale(1 / 72) + self.figure.dpi_scale_trans
        y = self._total - style.MARGIN - style.TITLE_SIZE * 0.8
        y = self._lines(title_lines, y, _TITLE_LINE, size=style.TITLE_SIZE, weight="bold", color=style.INK)
        self._lines(subtitle, y - 1.0, _SUBTITLE_LINE, size=style.SUBTITLE_SIZE, color=style.MUTED)
        y = self._lines(notes, foot - 16.0, _NOTE_LINE, size=style.SMALL_SIZE, color=style.MUTED)
        rule = y + _NOTE_LINE - 9.0
        self.line([0.0, room], [rule - foot] * 2, color=style.RULE, linewidth=0.8)
        self._lines(footer, rule - 12.0, _NOTE_LINE, size=style.SMALL_SIZE, color=style.FAINT)

    def _lines(self, lines: Sequence[str], y: float, step: float, **look: Any) -> float:
        """Write lines downward from ``y`` (page coordinates); return the next line's position."""
        for line in lines:
            self.figure.text(style.MARGIN, y, line, transform=self.points, va="baseline", ha="left", **look)
            y -= step
        return y

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Add bare axes: no frame, ticks or labels of their own."""
        x, y = (style.MARGIN + left) / style.WIDTH, (self.bottom + bottom) / self._total
        axes = self.figure.add_axes((x, y, width / style.WIDTH, height / self._total))
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_facecolor("none")
        axes.margins(0.0)
        return axes

    def text(self, x: float, y: float, text: str, room: float = math.inf, **look: Any) -> None:
        """Write one line in the body, cut to ``room`` points; ``va`` defaults to the middle of the line."""
        usual: dict[str, Any] = {"va": "center_baseline", "ha": "left", "size": style.LABEL_SIZE, "color": style.INK}
        look = usual | look
        shown = shorten(one_line(text), room, look["size"], bold=look.get("weight") == "bold")
        self.figure.text(style.MARGIN + x, self.bottom + y, shown, transform=self.points, **look)

    def note(self, x: float, y: float, text: str, room: float = math.inf, **look: Any) -> None:
        """Write one small grey line in the body."""
        self.text(x, y, text, room, **({"size": style.SMALL_SIZE, "color": style.MUTED} | look))

    def pair(
        self, x: float, y: float, text: str, under: str, room: float = math.inf, *,
        apart: tuple[float, float] = (6.0, 6.0), grey: str = style.MUTED, **look: Any,
    ) -> None:  # fmt: skip
        """Write a line above ``y`` and a small ``grey`` one below it."""
        self.text(x, y + apart[0], text, room, **look)
        self.note(x, y - apart[1], under, room, color=grey, ha=look.get("ha", "left"))

    def line(self, xs: Sequence[float], ys: Sequence[float], **look: Any) -> None:
        """Draw a line in the body."""
        xs, ys = [style.MARGIN + x for x in xs], [self.bottom + y for y in ys]
        self.figure.add_artist(Line2D(xs, ys, transform=self.points, **look))

    def drawing(
        self, stem: str, lang: Language, alt: str, panels: Sequence[Panel], rows: Sequence[Any],
        columns: Sequence[str] | None = None,
    ) -> Drawing:  # fmt: skip
        """Return the finished figure with the ``rows`` drawn, records or tuples under ``columns``."""
        data = pd.DataFrame.from_records(list(rows), columns=None if columns is None else list(columns))
        return Drawing(stem, lang, self.title, alt, self.figure, tuple(panel.axes for panel in panels), data)


@dataclass(frozen=True)
class EndLabel:
    """A label at the right end of a line: where the line ends (data), its words and their look."""

    y: float
    text: str
    color: str
    weight: str = "normal"


@dataclass(frozen=True)
class Panel:
    """Axes at ``left``, ``bottom`` (points in the body) that show ``x`` and ``y`` limits."""

    sheet: Sheet
    axes: Axes
    left: float
    bottom: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    @classmethod
    def place(cls, sheet: Sheet, box: Rect, x: tuple[float, float], y: tuple[float, float]) -> Panel:
        """Add a panel to a sheet."""
        axes = sheet.axes(*box)
        axes.set_xlim(*x)
        axes.set_ylim(*y)
        return cls(sheet, axes, *box, x, y)

    @classmethod
    def of_rows(cls, sheet: Sheet, box: Rect, x: tuple[float, float], rows: int) -> Panel:
        """Add a panel of rows, the first on top at 0, each one high."""
        return cls.place(sheet, box, x, (rows - 0.5, -0.5))

    @property
    def right(self) -> float:
        """Right edge in points of the body."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """Upper edge in points of the body."""
        return self.bottom + self.height

    def across(self, x: float) -> float:
        """Return the place of a data ``x`` in points of the body."""
        return self.left + (x - self.x[0]) / (self.x[1] - self.x[0]) * self.width

    def up(self, y: float) -> float:
        """Return the place of a data ``y`` in points of the body."""
        return self.bottom + (y - self.y[0]) / (self.y[1] - self.y[0]) * self.height

    def number_axis(
        self, values: Sequence[float], unit: float = 1.0, *, sign: bool = False, horizontal: bool = False,
        labels: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Draw light grid lines with their numbers: at the left of each line, or below when ``horizontal``.

        ``values`` are counted in ``unit``; ``labels`` are those of ticks by default.
        """
        places = [value * unit for value in values]
        labels = tick_labels(values, sign=sign) if labels is None else labels
        for place in places:
            (self.axes.axvline if horizontal else self.axes.axhline)(place, color=style.RULE, linewidth=0.7, zorder=0)
        (self.axes.set_xticks if horizontal else self.axes.set_yticks)(places, labels)
        which: Literal["x", "y"] = "x" if horizontal else "y"
        apart = 4 if horizontal else 5
        self.axes.tick_params(axis=which, length=0, pad=apart, labelsize=style.LABEL_SIZE)

    def bar(self, left: float, width: float, y: float, half: float, **look: Any) -> None:
        """Draw a bar of a row: from ``left`` over ``width``, ``half`` of its height to each side of ``y`` (data)."""
        self.axes.add_patch(Rectangle((left, y - half), width, 2.0 * half, **look))

    def span(self, ends: tuple[float, float], y: float, half: float, color: str, **look: Any) -> None:
        """Draw a bar between two ends, without an edge."""
        self.bar(ends[0], ends[1] - ends[0], y, half, facecolor=color, edgecolor="none", **({"zorder": 2} | look))

    def stroke(self, x: float, y: float, half: float, **look: Any) -> None:
        """Draw a short upright line across a row."""
        self.line([x, x], [y - half, y + half], **look)

    def zero(self) -> None:
        """Draw the line at zero through all rows."""
        self.axes.axvline(0.0, color=style.INK, linewidth=0.9, zorder=1)

    def line(self, xs: Sequence[float] | Floats, ys: Sequence[float] | Floats, **look: Any) -> None:
        """Draw a line, or a mark, between points of the data."""
        self.axes.add_line(Line2D(xs, ys, **look))

    def curve(self, xs: Floats, ys: Floats, **look: Any) -> None:
        """Draw a line with round joints."""
        self.line(xs, ys, solid_capstyle="round", dash_capstyle="butt", **look)

    def bands(self, xs: Floats, bands: Sequence[Band], light: str, dark: str) -> None:
        """Fill 90% of the runs in a light colour, 50% in a dark one."""
        for low, high, color, zorder in (("p05", "p95", light, 1.0), ("p25", "p75", dark, 1.1)):
            ends = quantile(bands, low), quantile(bands, high)
            self.axes.fill_between(xs, *ends, facecolor=color, edgecolor="none", linewidth=0.0, zorder=zorder)

    def row(self, y: float, band: Band, gid: str, colors: Sequence[str] = style.SCENARIO_COLORS) -> None:
        """Draw one row: thin bar for 90%, thick for 50%, dot for the median; ``colors`` are light, middle, dark.

        A band that may not be shown (too few runs) leaves the dot alone.
        """
        light, middle, dark = colors
        if band.shown:
            bars = ((band.p05, band.p95, light, 5.0, 2), (band.p25, band.p75, middle, 9.0, 3))
            for low, high, color, thick, zorder in bars:
                self.line([low, high], [y, y], color=color, linewidth=thick, solid_capstyle="butt", zorder=zorder)
        if math.isfinite(band.p50):
            self.line(
                [band.p50], [y], color=dark, marker="o", markersize=6.0, markeredgecolor="white", markeredgewidth=0.8,
                linewidth=0.0, zorder=4, gid=gid,
            )  # fmt: skip

    def label_ends(self, x: float, labels: Sequence[EndLabel]) -> None:
        """Write labels to the right of the panel, none within ``LABEL_GAP`` of another, joined to where lines end."""
        wanted = [self.up(label.y) for label in labels]
        places = spread(wanted, style.LABEL_GAP + 1.5, self.bottom + 3.0, self.top - 1.0)
        start = self.across(x) + 2.0
        for label, own, place in zip(labels, wanted, places, strict=True):
            end = self.right + 12.0
            self.sheet.line([start, self.right, end - 2.0], [own, own, place], color=style.AXIS, linewidth=0.5)
            self.sheet.text(end, place, label.text, color=label.color, weight=label.weight)


def quantile(bands: Sequence[Band], name: str) -> Floats:
    """Return one quantile of each band, such as ``p05``."""
    return np.array([getattr(band, name) for band in bands], dtype=float)


def edges(band: Band) -> list[float]:
    """Return the values a row needs room for."""
    ends = (band.p05, band.p95, band.p50) if band.shown else (band.p50,)
    return [value for value in ends if math.isfinite(value)]


def limits(values: Sequence[float], *, zero: bool = False, pad: float = 0.06) -> tuple[float, float]:
    """Return axis limits for ``values`` with room around; from zero when they come near it or ``zero`` asks for it."""
    low, high = min(values), max(values)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        room = abs(low) * 0.05 or 1.0
        return low - room, high + room
    if 0.0 <= low < 0.35 * high and not zero:
        return 0.0, high + pad * high
    room = pad * (high - low)
    return low - room, high + room


def year_step(years: int, most: int) -> int:
    """Return at which distance years are named so that there are at most ``most`` of them."""
    return next(step for step in (1, 2, 5, 10, 20, 50) if years / step <= most)
