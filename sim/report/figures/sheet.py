"""A figure's sheet: title, subtitle, body, notes and footer, laid out in points so that nothing is clipped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from sim.report.figures import style
from sim.report.figures.text import clean, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

    from sim.report.figures.text import Lang

_TITLE_LINE = 18.0
_SUBTITLE_LINE = 13.0
_NOTE_LINE = 10.5


@dataclass(frozen=True)
class Drawing:
    """A finished figure.

    Attributes
    ----------
    stem
        File name without extension, such as ``01-output-fan``.
    title, alt
        The finding in one sentence; a description for those who cannot see the picture.
    figure, axes
        Matplotlib objects, made without pyplot.
    data
        What is drawn, in plain units.
    """

    stem: str
    lang: Lang
    title: str
    alt: str
    figure: Figure = field(repr=False)
    axes: tuple[Axes, ...] = field(repr=False)
    data: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Frame:
    """Words around the body: finding, what is compared, notes under the picture and the footer."""

    title: str
    subtitle: tuple[str, ...]
    notes: tuple[str, ...]
    footer: tuple[str, ...]


class Sheet:
    """A figure of fixed width whose height follows from its words and its body.

    Coordinates of ``axes`` and ``text`` are points from the lower left corner of the body, which is ``width`` wide and
    ``height`` high.
    """

    def __init__(self, frame: Frame, height: float) -> None:
        room = style.WIDTH - 2 * style.MARGIN
        title = wrap(frame.title, room, style.TITLE_SIZE, bold=True, lines=3)
        subtitle = _wrapped(frame.subtitle, room, style.SUBTITLE_SIZE)
        notes = _wrapped(frame.notes, room, style.SMALL_SIZE)
        footer = _wrapped(frame.footer, room, style.SMALL_SIZE)
        head = style.MARGIN + _TITLE_LINE * len(title) + _SUBTITLE_LINE * len(subtitle) + 14.0
        foot = 20.0 + _NOTE_LINE * len(notes) + 16.0 + _NOTE_LINE * len(footer)
        self.width = room
        self.height = height
        self._total = head + height + foot
        self.bottom = foot
        self.figure = Figure(figsize=(style.WIDTH / 72, self._total / 72), dpi=144)
        FigureCanvasAgg(self.figure)
        self.points: Transform = Affine2D().scale(1 / 72) + self.figure.dpi_scale_trans
        y = self._total - style.MARGIN - style.TITLE_SIZE * 0.8
        y = self._lines(title, y, _TITLE_LINE, size=style.TITLE_SIZE, weight="bold", color=style.INK)
        self._lines(subtitle, y - 1.0, _SUBTITLE_LINE, size=style.SUBTITLE_SIZE, color=style.MUTED)
        y = self._lines(notes, foot - 16.0, _NOTE_LINE, size=style.SMALL_SIZE, color=style.MUTED)
        rule = y + _NOTE_LINE - 9.0
        self._rule(rule)
        self._lines(footer, rule - 12.0, _NOTE_LINE, size=style.SMALL_SIZE, color=style.FAINT)

    def _lines(self, lines: Sequence[str], y: float, step: float, **look: Any) -> float:
        """Write lines downward from ``y`` (page coordinates); return the next line's position."""
        for line in lines:
            self.figure.text(style.MARGIN, y, line, transform=self.points, va="baseline", ha="left", **look)
            y -= step
        return y

    def _rule(self, y: float) -> None:
        """Draw the thin line above the footer."""
        from matplotlib.lines import Line2D

        ends = [style.MARGIN, style.WIDTH - style.MARGIN]
        self.figure.add_artist(Line2D(ends, [y, y], transform=self.points, color=style.RULE, linewidth=0.8))

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Add bare axes: no frame, ticks or labels of their own."""
        axes = self.figure.add_axes(
            (
                (style.MARGIN + left) / style.WIDTH,
                (self.bottom + bottom) / self._total,
                width / style.WIDTH,
                height / self._total,
            )
        )
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_facecolor("none")
        axes.margins(0.0)
        return axes

    def text(self, x: float, y: float, text: str, **look: Any) -> Text:
        """Write one line in the body; ``va`` defaults to the middle of the line."""
        settings: dict[str, Any] = {"va": "center_baseline", "ha": "left", "size": style.LABEL_SIZE, "color": style.INK}
        return self.figure.text(
            style.MARGIN + x, self.bottom + y, clean(text), transform=self.points, **(settings | look)
        )

    def line(self, xs: Sequence[float], ys: Sequence[float], **look: Any) -> None:
        """Draw a line in the body."""
        from matplotlib.lines import Line2D

        self.figure.add_artist(
            Line2D([style.MARGIN + x for x in xs], [self.bottom + y for y in ys], transform=self.points, **look)
        )


def _wrapped(texts: Sequence[str], room: float, size: float) -> list[str]:
    """Wrap each text on its own."""
    return [line for text in texts if text for line in wrap(text, room, size)]


def number_axis(axes: Axes, values: Sequence[float], labels: Sequence[str], *, horizontal: bool = False) -> None:
    """Draw light grid lines with their numbers: at the left of each line, or below when ``horizontal``."""
    for value in values:
        draw = axes.axvline if horizontal else axes.axhline
        draw(value, color=style.RULE, linewidth=0.7, zorder=0)
    if horizontal:
        axes.set_xticks(list(values), list(labels))
        axes.tick_params(axis="x", length=0, pad=4, labelsize=style.LABEL_SIZE)
    else:
        axes.set_yticks(list(values), list(labels))
        axes.tick_params(axis="y", length=0, pad=5, labelsize=style.LABEL_SIZE)
