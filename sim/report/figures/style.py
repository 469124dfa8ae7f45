"""Looks shared by every figure: sizes in points, colours, and the Matplotlib settings they are drawn under."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sim.report.figures.fonts import drawing_families

if TYPE_CHECKING:
    from sim.units import Language

WIDTH: Final = 720.0
"""Width of every figure in points (10 inches)."""
MARGIN: Final = 28.0
LABEL_GAP: Final = 10.0
"""Least distance between the middles of two direct labels: 10 points are 13 px on the page, above the 12 px wanted."""
PNG_DPI: Final = 160

TITLE_SIZE: Final = 13.0
SUBTITLE_SIZE: Final = 9.5
LABEL_SIZE: Final = 8.5
SMALL_SIZE: Final = 7.5

INK: Final = "#1f2328"
MUTED: Final = "#5b636b"
FAINT: Final = "#8c949c"
RULE: Final = "#e3e6e8"
AXIS: Final = "#9aa1a8"

BASELINE: Final = "#646b73"
BASELINE_50: Final = "#b9bec3"
BASELINE_90: Final = "#e2e4e6"
SCENARIO: Final = "#0a5a8c"
SCENARIO_50: Final = "#84b4d2"
SCENARIO_90: Final = "#d0e2ee"
SCENARIO_COLORS: Final = (SCENARIO_90, SCENARIO_50, SCENARIO)
REPORTED: Final = "#1f2328"

BASELINE_DASHES: Final = (0.0, (5.0, 2.0))
"""The baseline's median is broken, the scenario's is not: they differ on grey paper too."""


def paper(pad: float) -> dict[str, Any]:
    """Return the box of white paper behind a text that stands on lines."""
    return {"facecolor": "white", "edgecolor": "none", "pad": pad}


def settings(lang: Language) -> dict[str, Any]:
    """Return the Matplotlib settings, beside its defaults, that a figure in ``lang`` is made and saved under."""
    grey = {"axes.labelcolor": MUTED, "xtick.labelcolor": MUTED, "ytick.labelcolor": MUTED}
    lines = {"axes.edgecolor": AXIS, "axes.linewidth": 0.6, "xtick.color": AXIS, "ytick.color": AXIS}
    text = {"font.family": list(drawing_families(lang)), "font.size": LABEL_SIZE, "text.parse_math": False}
    svg = {"svg.fonttype": "none", "svg.hashsalt": "countysim", "path.simplify": False, "savefig.dpi": PNG_DPI}
    return {**text, "text.color": INK, **lines, **grey, "hatch.linewidth": 0.7, **svg}
