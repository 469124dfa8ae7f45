"""One panel: axes whose scales are known beforehand, so that labels can be placed in points before drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from sim.report.figures import style
from sim.report.figures.labels import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sim.report.figures.sheet import Sheet

    Floats = NDArray[np.float64]


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
    def place(
        cls,
        sheet: Sheet,
        box: tuple[float, float, float, float],
        x: tuple[float, float],
        y: tuple[float, float],
    ) -> Panel:
        """Add a panel with the box (left, bottom, width, height) to a sheet."""
        axes = sheet.axes(*box)
        axes.set_xlim(*x)
        axes.set_ylim(*y)
        return cls(sheet, axes, *box, x, y)

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

    def band(self, xs: Floats, low: Floats, high: Floats, color: str, zorder: float = 1.0) -> None:
        """Fill between two lines."""
        self.axes.fill_between(xs, low, high, facecolor=color, edgecolor="none", linewidth=0.0, zorder=zorder)

    def curve(self, xs: Floats, ys: Floats, **look: Any) -> None:
        """Draw a line."""
        self.axes.add_line(Line2D(xs, ys, solid_capstyle="round", dash_capstyle="butt", **look))

    def label_ends(self, x: float, labels: Sequence[EndLabel]) -> None:
        """Write labels to the right of the panel, none within ``LABEL_GAP`` of another, joined to where lines end."""
        wanted = [self.up(label.y) for label in labels]
        places = spread(wanted, style.LABEL_GAP + 1.5, self.bottom + 3.0, self.top - 1.0)
        start = self.across(x) + 2.0
        for label, own, place in zip(labels, wanted, places, strict=True):
            end = self.right + 12.0
            self.sheet.line([start, self.right, end - 2.0], [own, own, place], color=style.AXIS, linewidth=0.5)
            self.sheet.text(end, place, label.text, color=label.color, weight=label.weight)


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
