"""The scorecard: as text for the terminal, as a page in both languages, as plain records and as a CSV file."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim.evidence import BOUNDS, Fact, load_sources, variable_label
from sim.evidence.loose import counted_thing
from sim.evidence.variables import basis_label
from sim.report.fit_table import fact_record, figure_name, period_text
from sim.report.rounding import MISSING, finite, median_and_band, plain
from sim.report.table import (
    Column,
    as_csv,
    display_width,
    filled,
    heads,
    html,
    layout,
    one_line,
    paragraphs,
    record,
    table,
)
from sim.report.words import say
from sim.units import Language, format_count, format_value, pick, plain_cell
from sim.validation.rivals import OTHER_SPREADS, RIVALS, YEAR_TO_YEAR, Name, NoForecast
from sim.validation.skill import FEW, Band, Coverage, Opponent, Scorecard, Scored, all_versus, coverage

CELL: Final = 50
"""Columns of the terminal that a word from a file may take."""


def reading(language: Language) -> list[str]:
    """Return what the numbers mean."""
    return [say(language, f"scorecard.read_{n}", spread=YEAR_TO_YEAR) for n in (1, 2, 3, 4)]


def scorecard_text(card: Scorecard, language: Language, *, width: int | None = None, files: str = "") -> str:
    """Return the whole scorecard for a terminal of some width; ``files`` says where the page and the CSV file are."""
    blocks = [[title_of(card, language), *origin_lines(card, language)]]
    for name, items in card.groups:
        blocks.append([say(language, f"scorecard.{name}"), *layout(figure_columns(card, items, language), width)])
        totals = layout(totals_of(items, language)) if totals_of(items, language) else []
        nothing = [] if totals else [say(language, "scorecard.no_rival_has_anything")]
        blocks.append([*(f"  {line}" for line in (*group_notes(items, language), *totals)), *nothing])
    blocks.append(joint_lines(card, language))
    if card.listed:
        blocks.append([listed_title(card, language), *layout(figure_columns(card, card.listed, language), width)])
    if card.unscored:
        columns = [Column("", [""] * len(card.unscored))]  # set in by two blanks, and without headings
        for number, column in enumerate(unscored_columns(card, language)):
            most = 3 * CELL if number == 3 else CELL
            columns.append(Column("", [shortened(one_line(text) or MISSING, most) for text in column.cells], left=True))
        blocks.append([say(language, "shared.not_scored"), *layout(columns)[1:]])
    blocks.append([shortened(one_line(pick(language, *note)), 8 * CELL) for note in card.notes])
    blocks.append(reading(language) if card.scored else [say(language, "shared.no_figure_could_be")])
    return paragraphs([*blocks, [say(language, "scorecard.files", files=files)] if files else []])


def figure_columns(card: Scorecard, items: Sequence[Scored], language: Language, *, page: bool = False) -> list[Column]:
    """Return figures as a table: short for the terminal, with sources and what rivals went by on the page."""
    shown, sources = rivals_shown(items), load_sources()
    columns = heads(language, "scorecard")
    of_place = any(item.of_place is not None for item in items)
    if of_place:
        columns[5:7] = heads(language, "scorecard_of_place")
    for name in shown:
        rival = rival_name(name, language)
        columns.append(Column(say(language, "scorecard.skill_against", rival=rival), goes=3))
    rows = []
    for item in items:
        fact, most = item.fact, 4 if item.in_logs else 1
        middle, reach = _band(item, item.band, (fact.value_plain, item.band.p50), most, language)
        told = [
            one_line(figure_name(fact.variable, language)), period_text(fact, language),
            one_line(basis_label(fact.basis, language)) or MISSING, reported_text(fact, item.bound, language), middle,
        ]  # fmt: skip
        row = [one_line(place_of(card, fact.place, language)), *(told if page else [shortened(t, CELL) for t in told])]
        row.append((reach or MISSING) if page else reach)
        if of_place:
            own = item.of_place
            row.append("{} ({})".format(*_band(item, own, (own.p05,), 1, language)) if own else MISSING)
        row += [result_text(item, language), plain(item.pit, 2), plain(item.crps, 3)]
        row += [skill_text(item, name, language) for name in shown]
        if page:
            source = str(sources.get(fact.source, fact.source))
            parts = (one_line(text) for text in (source, pick(language, item.note, item.note_zh)))
            row += ["; ".join(part for part in parts if part), *([went_by(item, language)] if shown else [])]
        rows.append(row)
    if page:
        columns.append(Column(say(language, "scorecard.source_how_it_was"), left=True))
        columns += [Column(say(language, "scorecard.what_rivals_went_by"), left=True)] if shown else []
    return filled(columns, rows)[0 if page or len(card.places) > 1 else 1 :]


def _band(item: Scored, band: Band, sizes: Sequence[float], most: int, language: Language) -> tuple[str, str]:
    """Return median and 90 % band in the unit of the figure; all of ``sizes`` and the upper end can be read."""
    size, fact = max(abs(value) for value in (*sizes, band.p95)), item.fact
    return median_and_band(band, fact.value_plain, fact.unit_plain, language, size=size, most=most)


def joint_lines(card: Scorecard, language: Language) -> list[str]:
    """Return what the joint test of all printed growth says; nothing without one."""
    found = card.joint
    if found is None:
        return []
    told = ", ".join(f"{pit:.2f}" for pit in found.pits)
    values = {"figures": len(found.figures), "rejected": bool(found.rejected), "found": found, "told": told}
    keys = ("all_printed_growth_rates", "as_printed_growth_place")
    return [say(language, f"scorecard.{key}", **values) for key in keys]


def unscored_columns(card: Scorecard, language: Language) -> list[Column]:
    """Return the figures that were not scored, with the reason, as a table."""
    rows = []
    for item in card.unscored:
        why = pick(language, item.why, item.why_zh)
        rows.append((item.id, place_of(card, item.place, language), variable_label(item.variable, language), why))
    return table(language, "not_scored", rows)


def went_by(item: Scored, language: Language) -> str:
    """Return what each rival went by: earlier figures, conversions, national series."""
    told = []
    for name, found in item.rivals.items():
        if isinstance(found, Opponent) and name != "standstill":
            text = pick(language, found.forecast.en, found.forecast.zh)
            told.append(f"{rival_name(name, language)}{say(language, 'marks.colon')}{text}")
    return say(language, "scorecard.went_by").join(told)


def place_of(card: Scorecard, place: str, language: Language) -> str:
    """Return what a place is called."""
    english, chinese = card.names.get(place, (place, place))
    return pick(language, english, chinese)


def reported_text(fact: Fact, bound: str, language: Language) -> str:
    """Return a figure with the sign of its bound: ``≥ 42 billion yuan``."""
    if fact.unit_plain == "count":
        number = format_count(fact.value_plain, language)
        return f"{BOUNDS[bound]} {number}" + ("" if language == "zh" else f" {one_line(counted_thing(fact.unit))}")
    return f"{BOUNDS[bound]} {format_value(fact.value_plain, fact.unit_plain, language, 6)}"


def result_text(item: Scored, language: Language) -> str:
    """Say how the bands lie to the figure."""
    band, value = item.band, item.fact.value_plain
    key = "inside_50" if band.p25 <= value <= band.p75 else "inside_90"
    if not item.inside_most:
        key = "missed_model_below" if band.p95 < value else "missed_model_above"
    elif item.one_sided and not band.p05 <= value <= band.p95:
        key = "on_right_side"
    return say(language, f"scorecard.{key}")


def skill_text(item: Scored, rival: Name, language: Language) -> str:
    """Return the skill against a rival, or why there is none."""
    found = item.rivals.get(rival)
    if isinstance(found, NoForecast):
        return pick(language, found.en, found.zh)
    value = item.skill(rival)
    if isinstance(found, Opponent) and math.isnan(value):
        return say(language, "scorecard.both_met")
    return plain(value, 2, signed=True)


def rivals_shown(items: Sequence[Scored]) -> list[Name]:
    """Return the rivals that say something of at least one figure."""
    return [name for name in RIVALS if any(isinstance(item.rivals.get(name), Opponent) for item in items)]


def rival_name(name: Name, language: Language) -> str:
    """Return what a rival is called."""
    return pick(language, RIVALS[name].en, RIVALS[name].zh)


def coverage_text(found: Coverage, language: Language) -> str:
    """Say how many figures a band holds, and how many it should."""
    parts = []
    if found.figures:
        low, high = found.expected
        expected = str(low) if low == high else say(language, "scorecard.to", low=low, high=high)
        parts.append(say(language, "scorecard.figures_inside_right_band", found=found, expected=expected))
    if found.bounds:
        parts.append(say(language, "scorecard.floors_and_ceilings_met", found=found))
    share = f"{found.share:.0%}"
    return say(language, "scorecard.band", share=share, parts=parts)


def totals_of(items: Sequence[Scored], language: Language) -> list[Column]:
    """Return the table of totals against rivals, a row a rival; without columns when no rival said anything."""
    low, high = (f"{spread:.0%}" for spread in OTHER_SPREADS)
    rows = []
    for found in all_versus(items):
        score = [plain(value, 3) for value in (found.model, found.score)]
        closer = say(language, "scorecard.of", found=found)
        skills = [plain(value, 2, signed=True) for value in (found.skill, *(found.skills[s] for s in OTHER_SPREADS))]
        gained = MISSING if found.log_score is None else plain(found.log_score, 2, signed=True)
        name = rival_name(found.rival, language)
        rows.append((name, str(found.figures), *score, skills[0], closer, " … ".join(skills[1:]), gained))
    return table(language, "totals", rows, low=low, high=high) if rows else []


def group_notes(items: Sequence[Scored], language: Language) -> list[str]:
    """Return coverage, and a warning where there are few figures."""
    notes = [coverage_text(coverage(items, share), language) for share in (0.9, 0.5)]
    places = [item.pit for item in items if not item.one_sided]
    if len(places) >= FEW:
        counts = [sum(min(int(5.0 * place), 4) == fifth for place in places) for fifth in range(5)]
        told = ", ".join(str(count) for count in counts)
        notes.append(say(language, "scorecard.pit_by_fifths_even", told=told))
    if len(items) < FEW:
        many = pick(language, "One figure" if len(items) == 1 else f"{len(items)} figures", f"{len(items)}个公布数")
        notes.append(say(language, "scorecard.skill_any_size_can", many=many))
    return notes


def title_of(card: Scorecard, language: Language) -> str:
    """Return what the scorecard is of."""
    count, ending = len(card.scored), "s" * (len(card.scored) != 1)
    key = "scorecard_later_figure_that" if card.kind == "unseen" else "scorecard_growth_figure_each"
    return say(language, f"scorecard.{key}", count=count, ending=ending)


def listed_title(card: Scorecard, language: Language) -> str:
    """Return the heading of the figures that are set against no rival."""
    return say(language, f"scorecard.{'set_against_no_rival' if card.kind == 'unseen' else 'left_out_too_and'}")


def origin_lines(card: Scorecard, language: Language) -> list[str]:
    """Return the file of the figures, the place where there is only one, and where predictions come from."""
    lines = [place_of(card, place, language) for place in card.places] if len(card.places) == 1 else []
    if card.file:
        lines.insert(0, say(language, "scorecard.file_of_figures", file=card.file))
    for item in card.origins:
        if card.kind == "unseen":
            fit, fit_zh = (f"fit {item.fit}", f"拟合{item.fit}") if item.fit else ("not calibrated", "未校准")
            en, zh = f"{item.replicates} runs, {fit}", f"{item.replicates}次推演，{fit_zh}"
        else:
            en, zh = f"{item.scenario}, {item.replicates} draws", f"{item.scenario}，{item.replicates}组参数"
        lines.append(say(language, "scorecard.origin_lines", id=item.id, en=en, zh=zh))
    return [one_line(text) for text in lines]


def shortened(text: str, most: int) -> str:
    """Return text cut to a width in terminal columns, with an ellipsis where something is missing."""
    if display_width(text) <= most:
        return text
    kept = text[:most]
    while display_width(kept) > most - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def scorecard_record(card: Scorecard) -> dict[str, Any]:
    """Return everything as plain data; what is not a number is None."""
    totals: dict[str, Any] = {}
    for name, items in card.groups:
        held = [(f"{share:.0%}", coverage(items, share)) for share in (0.5, 0.9)]
        versus = {}
        for found in all_versus(items):
            by_spread = {str(spread): finite(value) for spread, value in found.skills.items()}
            versus[found.rival] = record("versus", found=found, by_spread=by_spread)
        bands = {share: vars(one) | {"expected": list(one.expected)} for share, one in held}
        totals[name] = {"bands": bands, "versus": versus}
    return {
        "kind": card.kind, "file": card.file, "digest": card.digest,
        "predictions_from": [vars(item) for item in card.origins],
        "year_to_year_spread_of_rivals": YEAR_TO_YEAR,
        "rivals": {name: {"rule": words.rule, "rule_zh": words.rule_zh} for name, words in RIVALS.items()},
        "totals": totals,
        "joint_growth": None if card.joint is None else vars(card.joint) | {"rejected": card.joint.rejected},
        "figures": [_record(card, item) for item in card.scored],
        "listed": [_record(card, item) for item in card.listed],
        "not_scored": [record("unscored", item=item) for item in card.unscored],
        "notes": [{"en": en, "zh": zh} for en, zh in card.notes],
    }  # fmt: skip


def _record(card: Scorecard, item: Scored) -> dict[str, Any]:
    """Return one figure as plain data."""
    rivals: dict[str, Any] = {}
    for name, found in item.rivals.items():
        rivals[name] = {"none": found.en, "none_zh": found.zh} if isinstance(found, NoForecast) else {}
        if isinstance(found, Opponent):
            rivals[name] = record("rival", found=found, skill=item.skill(name))
    names = [place_of(card, item.fact.place, language) for language in ("en", "zh")]
    return record(
        "scored", item=item, about=fact_record(item.fact, load_sources()), rivals=rivals, name=names[0],
        name_zh=names[1], compared_in="logarithms" if item.in_logs else "rate",
        of_place=item.of_place or Band(*[math.nan] * 5),
    )  # fmt: skip


def scorecard_csv(card: Scorecard) -> str:
    """Return ``scorecard.csv``: one row a figure, also those listed or not scored, with the reason."""
    rows = []
    for state, items in (("scored", card.scored), ("listed", card.listed)):
        for item in items:
            found = _record(card, item)
            rivals = found.pop("rivals")
            row = {name: found.pop(name) for name in ("id", "place", "variable")} | {"state": state, "reason": ""}
            row |= found
            for name in RIVALS:
                own = rivals.get(name, {})
                keys = ("mean", "deviation", "score", "log_score", "skill")
                row |= {f"{name}_{key}": own.get(key, "") for key in keys}
                row[f"{name}_from"] = own.get("from", own.get("none", ""))
            rows.append(row)
    for one in card.unscored:
        about = {"id": one.id, "place": one.place, "variable": one.variable}
        rows.append(about | {"state": "not scored", "reason": one.why})
    columns = list(dict.fromkeys(key for row in rows for key in row))
    words: dict[Any, Any] = {True: "yes", False: "no", None: ""}

    def cell(value: Any) -> Any:
        return words[value] if value is None or isinstance(value, bool) else plain_cell(value)

    return as_csv(columns, ({key: cell(value) for key, value in row.items()} for row in rows))


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
                "reported": axis.place(_moved(item, item.fact.value_plain)),
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


def _middles(item: Scored) -> dict[Name, float]:
    """Return the rivals' middles as they lie on the axis."""
    base = math.log(item.fact.value_plain) if item.in_logs else 0.0
    found = ((name, item.rivals.get(name)) for name in RIVALS)
    return {name: rival.forecast.mean - base for name, rival in found if isinstance(rival, Opponent)}


def _axis(items: Sequence[Scored]) -> Axis:
    """Return an axis that shows everything."""
    values = [value for item in items for value in (_moved(item, item.fact.value_plain), *_middles(item).values())]
    values += [_moved(item, value) for item in items for value in (item.band.p05, item.band.p95)]
    room = 0.05 * (max(values) - min(values)) + 0.01
    return Axis(min(values) - room, max(values) + room, items[0].in_logs)
