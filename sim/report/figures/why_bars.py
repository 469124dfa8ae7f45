"""Why B differs from A: a bar for each channel and policy, with the interval of its mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim.compare.why import Part, Why
from sim.report.figures import style
from sim.report.figures.describe import Told, capital
from sim.report.figures.layout import Drawing, Panel, Sheet, fitting_ticks, limits
from sim.report.figures.picture_files import drawing
from sim.report.rounding import Scale
from sim.report.why_table import COLUMNS, label_of, scale_of, why_rows
from sim.units import Language

_ROW: Final = 30.0
_NAME, _NUMBER = 250.0, 130.0
_HALF: Final = 0.3


@dataclass(frozen=True, kw_only=True)
class _View(Told):
    """An answer, its language and the unit it is drawn in."""

    found: Why
    scale: Scale
    decimals: int

    def number(self, value: float) -> str:
        """Return a difference with its sign."""
        return self.scale.plain(value, self.decimals, signed=True)

    @property
    def groups(self) -> list[tuple[str, tuple[Part, ...]]]:
        """Heading and rows of each split there is, from the top down; the difference itself comes last."""
        found = self.found
        parts = [(self.say("why_bars.by_channel"), found.channels), (self.say("why_bars.by_policy"), found.policies)]
        return [*(group for group in parts if group[1]), ("", (found.total,))]


def why_bars(found: Why, lang: Language = "en") -> Drawing:
    """Draw the parts of a difference, means over pairs with their 95% interval, by channel and by policy."""
    scale, decimals = scale_of(found, lang)
    with drawing(lang):
        return _draw(_View(lang=lang, found=found, scale=scale, decimals=decimals))


def _draw(view: _View) -> Drawing:
    found, say, plan = view.found, view.say, view.found.plan
    values = {"what": view.label(found.variable), "number": view.number(found.total.mean), "label": view.scale.label}
    title = say("why_bars.where_difference_in_in", at=found.at, **values)
    rows = sum(len(parts) + 1 for _, parts in view.groups)
    height, ids = _ROW * rows, say("marks.list").join((plan.b, plan.a))
    names = say("why_bars.b_pairs", plan=plan, replicates=len(found.replicates))
    footer = view.runs_line(ids, found.setting.drawn_from)
    sheet = Sheet(height + 40.0, title, (names,), (say("why_bars.bars_means_over_pairs"),), footer)
    every = [part for _, parts in view.groups for part in parts]
    ends = [part.mean + sign * (part.error if part.error == part.error else 0.0) for part in every for sign in (-1, 1)]
    box = (_NAME, 24.0, sheet.width - _NAME - _NUMBER, height)
    panel = Panel.of_rows(sheet, box, limits(ends, zero=True), rows)
    low, high = (end / view.scale.divisor for end in panel.x)
    panel.number_axis(fitting_ticks(low, high, panel.width, 5), view.scale.divisor, sign=True, horizontal=True)
    panel.zero()
    texts, row = [], 0
    for heading, parts in view.groups:
        sheet.text(0.0, panel.up(float(row)), heading, _NAME - 12.0, color=style.MUTED)
        for position, part in enumerate(parts, start=row + 1):
            _bar(view, panel, position, part)
            texts.append(f"{label_of(found, part, view.lang)} {view.number(part.mean)}")
        row += len(parts) + 1
    return sheet.drawing("why", view.lang, view.in_words(title, texts), [panel], why_rows(found), COLUMNS)


def _bar(view: _View, panel: Panel, position: int, part: Part) -> None:
    """Draw one part: a bar from zero to its mean, its interval, name and number."""
    sheet, y = panel.sheet, panel.up(float(position))
    total = part is view.found.total
    weight, color = ("bold", style.BASELINE_50) if total else ("normal", style.SCENARIO)
    panel.bar(
        min(part.mean, 0.0), abs(part.mean), position, _HALF, facecolor=color, edgecolor="none", zorder=2,
        gid=f"part-{part.name}",
    )  # fmt: skip
    text = view.number(part.mean)
    if part.error == part.error:
        panel.line([part.mean - part.error, part.mean + part.error], [position] * 2, color=style.INK, linewidth=0.9)
        text += f" ± {view.scale.plain(part.error, view.decimals)}"
    sheet.text(0.0, y, capital(label_of(view.found, part, view.lang)), _NAME - 12.0, weight=weight)
    sheet.text(panel.right + 12.0, y, text, _NUMBER - 12.0, weight=weight)
