"""The scorecard as one page: HTML with everything inside, in English and Chinese, to be read without a network."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim.report.fit_table import figure_name, period_text
from sim.report.scorecard import (
    figure_columns,
    group_notes,
    joint_lines,
    listed_title,
    origin_lines,
    place_of,
    reading,
    rival_name,
    rivals_shown,
    shortened,
    title_of,
    totals_of,
    unscored_columns,
)
from sim.report.table import display_width, html, one_line
from sim.report.words import say
from sim.validation.rivals import RIVALS
from sim.validation.skill import Opponent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.units import Language
    from sim.validation.rivals import Name
    from sim.validation.skill import Scorecard, Scored


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else Markup(escape(str(value))),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"px": lambda x: f"{x:.1f}", "short": lambda x: f"{x:g}", "line": one_line}
    made.globals |= {"say": say, "table": lambda columns: Markup(html(columns))}
    return made


def page(name: str, **values: Any) -> str:
    """Return a template of ``templates`` filled with values."""
    return _environment().get_template(name).render(values)


def scorecard_page(card: Scorecard, language: Language) -> str:
    """Return the page; both languages are in it, the given one is shown first."""
    made = (
        title_of, origin_lines, group_notes, totals_of, figure_columns, joint_lines, listed_title, unscored_columns,
        reading, rival_name, picture,
    )  # fmt: skip
    functions = {function.__name__: function for function in made}
    return page("scorecard.html", card=card, language=language, rivals=RIVALS, **functions) + "\n"


# --- the picture: the model's bands and the rivals' middles, each against what was reported ------------------------

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
    """Return items, all in logarithms or all growth rates, as SVG: levels over reported, growth in percent."""
    axis = _axis(items)
    bottom = TOP + ROW * len(items)
    rows = []
    for number, item in enumerate(items):
        place = one_line(place_of(card, item.fact.place, language)).split(",")[0]
        name = one_line(figure_name(item.fact.variable, language))
        text = f"{name} {period_text(item.fact, language)}" + (f" · {place}" if len(card.places) > 1 else "")
        rows.append(
            {
                "y": TOP + ROW * (number + 0.5),
                "text": shortened(text, LABEL),
                "band": [axis.place(_moved(item, value)) for value in vars(item.band).values()],
                "rivals": [(name, axis.place(value)) for name, value in _middles(item).items()],
                "reported": axis.place(_reported(item)),
                "way": 0.0 if not item.one_sided else 1.0 if item.bound == "at_least" else -1.0,
            }
        )
    named = [
        ("reported", say(language, "shared.reported")),
        ("model", say(language, "scorecard_page.model_50_dark_90")),
    ]
    legend, x = [], 0.0
    for name, text in [*named, *((name, rival_name(name, language)) for name in rivals_shown(items))]:
        legend.append((name, text, x))
        x += 22.0 + CHARACTER * display_width(text) + 16.0
    return page(
        "scorecard.svg", rows=rows, legend=legend, bottom=bottom, width=WIDTH, left=LEFT, top=TOP, marks=MARKS,
        ticks=[(axis.place(tick), axis.text(tick), abs(tick) < 1e-9) for tick in axis.ticks()],
        head=say(language, "scorecard_page.reported_1" if axis.in_logs else "scorecard_page.growth"),
        label=say(language, "scorecard_page.model_s_bands_rivals"),
        band_90=BAND_90, band_50=BAND_50, middle=MIDDLE, ink=INK, muted=MUTED, rule=RULE,
    )  # fmt: skip


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
