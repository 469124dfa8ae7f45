"""The scorecard as one page: HTML with everything inside, in English and Chinese, to be read without a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Final

from sim.report.fit_table import figure_name, period_text
from sim.report.scorecard import (
    GROUPS,
    READ,
    figure_columns,
    group_notes,
    joint_lines,
    listed_title,
    origin_lines,
    place_of,
    rival_name,
    rivals_shown,
    shortened,
    title_of,
    totals_of,
    unscored_columns,
)
from sim.report.table import display_width, html, one_line
from sim.units import pick
from sim.validation.rivals import RIVALS
from sim.validation.skill import Opponent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.units import Language
    from sim.validation.rivals import Name
    from sim.validation.skill import Scorecard, Scored

LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may fetch for the page: nothing."""
STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 1180px; padding: 24px; color: #1f2328; background: #fff;
  font: 15px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif; }
h1 { font-size: 22px; margin: 8px 0; } h2 { font-size: 17px; margin: 28px 0 8px; }
.switch { position: absolute; opacity: 0; }
.choice { display: inline-block; padding: 4px 12px; border: 1px solid #9aa1a8; border-radius: 4px; cursor: pointer; }
#en:checked ~ nav label[for=en], #zh:checked ~ nav label[for=zh] { background: #0a5a8c; color: #fff; }
#en:focus-visible ~ nav label[for=en], #zh:focus-visible ~ nav label[for=zh] { outline: 3px solid #84b4d2; }
main { display: none; } #en:checked ~ main[lang=en], #zh:checked ~ main[lang=zh] { display: block; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: 8px 0; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid #e3e6e8; vertical-align: top;
  overflow-wrap: anywhere; min-width: 3.5em; }
th { font-weight: 600; border-bottom-color: #9aa1a8; } td.number { text-align: right; white-space: nowrap; }
.picture { width: 100%; max-width: 920px; height: auto; display: block; }
.quiet { color: #5b636b; font-size: 13px; } .warning { border-left: 4px solid #0a5a8c; padding-left: 10px; }
@media print { nav { display: none; } body { max-width: none; padding: 0; font-size: 12px; } }
"""


def scorecard_page(card: Scorecard, language: Language) -> str:
    """Return the page; both languages are in it, the given one is shown first."""
    checked = {name: " checked" if name == language else "" for name in LANGUAGES}
    switches = "".join(
        f'<input class="switch" type="radio" name="language" id="{name}"{checked[name]}>' for name in LANGUAGES
    )
    bodies = "\n".join(_body(card, name) for name in LANGUAGES)
    title = escape(title_of(card, language))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{switches}\n"
        '<nav><label class="choice" for="en">English</label> <label class="choice" for="zh">中文</label></nav>\n'
        f"{bodies}\n</body>\n</html>\n"
    )


def _body(card: Scorecard, language: Language) -> str:
    parts = [f"<h1>{escape(title_of(card, language))}</h1>", _head(card, language)]
    parts += [_group(card, name, items, language) for name, items in card.groups]
    parts += [_paragraph(text) for text in joint_lines(card, language)]
    if not card.scored:
        parts.append(_paragraph(pick(language, "No figure could be scored.", "没有可评分的公布数。"), "warning"))
    if card.listed:
        listed = figure_columns(card, card.listed, language, page=True)
        parts.append(f"<h2>{listed_title(card, language)}</h2>{html(listed)}")
    if card.unscored:
        parts.append(f"<h2>{pick(language, 'Not scored', '未评分')}</h2>{html(unscored_columns(card, language))}")
    parts.append(_reading(language))
    return f'<main lang="{language}">' + "\n".join(parts) + "</main>"


def _paragraph(text: str, kind: str = "") -> str:
    return f'<p class="{kind or "text"}">{escape(one_line(text))}</p>'


def _head(card: Scorecard, language: Language) -> str:
    told = "".join(_paragraph(text, "quiet") for text in origin_lines(card, language))
    notes = "".join(_paragraph(pick(language, *note), "warning") for note in card.notes)
    en = "Firms are simulated and stand for no real one. A miss may lie in the model, in the basis or in the figure."
    simulated = pick(language, en, "企业均为模拟，不对应真实企业。未覆盖可能出自模型、口径或公布数本身。")
    return told + notes + _paragraph(simulated, "quiet")


def _group(card: Scorecard, name: str, items: Sequence[Scored], language: Language) -> str:
    notes = "".join(_paragraph(text) for text in group_notes(items, language))
    totals = totals_of(items, language)
    return (
        f"<h2>{escape(pick(language, *GROUPS[name]))}</h2>{notes}{html(totals) if totals else ''}"
        f"{picture(card, items, language)}{html(figure_columns(card, items, language, page=True))}"
    )


def _reading(language: Language) -> str:
    items = "".join(f"<li>{escape(pick(language, *text))}</li>" for text in READ)
    rivals = "".join(
        f"<li>{escape(rival_name(name, language))}: {escape(pick(language, words.rule, words.rule_zh))}</li>"
        for name, words in RIVALS.items()
    )
    en = "A rival looks only at figures whose period ends before that of the scored one."
    limits = pick(language, en, "对手只使用所属时期早于被评分公布数的数据。")
    return (
        f"<h2>{pick(language, 'How to read it', '说明')}</h2><ul>{items}</ul>"
        f"<h2>{pick(language, 'The rivals', '对手')}</h2><ul>{rivals}</ul>{_paragraph(limits)}"
    )


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
    for number, item in enumerate(items):
        place = one_line(place_of(card, item.fact.place, language)).split(",")[0]
        name = one_line(figure_name(item.fact.variable, language))
        text = f"{name} {period_text(item.fact, language)}" + (f" · {place}" if len(card.places) > 1 else "")
        parts.append(_row(item, text, TOP + ROW * (number + 0.5), axis))
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
