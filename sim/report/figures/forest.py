"""Rows of dots with bars: median, the middle 50% and 90% of the runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

if TYPE_CHECKING:
    from sim.compare.statistics import Band
    from sim.report.figures.panel import Panel


def draw_row(panel: Panel, y: float, band: Band, colors: tuple[str, str, str], gid: str) -> None:
    """Draw one row: thin bar for 90%, thick for 50%, dot for the median; ``colors`` are light, middle, dark.

    A band that may not be shown (too few runs) leaves the dot alone.
    """
    light, middle, dark = colors
    if band.shown:
        panel.axes.add_line(
            Line2D([band.p05, band.p95], [y, y], color=light, linewidth=5.0, solid_capstyle="butt", zorder=2)
        )
        panel.axes.add_line(
            Line2D([band.p25, band.p75], [y, y], color=middle, linewidth=9.0, solid_capstyle="butt", zorder=3)
        )
    if math.isfinite(band.p50):
        panel.axes.add_line(
            Line2D(
                [band.p50], [y], color=dark, marker="o", markersize=6.0, markeredgecolor="white", markeredgewidth=0.8,
                linewidth=0.0, zorder=4, gid=gid,
            )
        )  # fmt: skip


def edges(band: Band) -> list[float]:
    """Return the values a row needs room for."""
    ends = (band.p05, band.p95, band.p50) if band.shown else (band.p50,)
    return [value for value in ends if math.isfinite(value)]
