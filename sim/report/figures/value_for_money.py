"""Figure 3: what a million yuan of public money goes with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.patches import Rectangle

from sim.compare.comparison import Comparison, Measure, Money, ValueRow
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, Band, decimals_shown
from sim.errors import UserError
from sim.report.comparison_table import over_years, shortfall_text
from sim.report.figures import style
from sim.report.figures.describe import Source, Told, as_comparison, least_known
from sim.report.figures.layout import Drawing, Panel, Rect, Sheet, edges, fitting_ticks, limits, scale_for
from sim.report.figures.picture_files import drawing
from sim.report.figures.style import wrap
from sim.report.rounding import Scale, with_sign
from sim.report.sentences import OUTSTANDING_WORTH_SAYING
from sim.report.table import one_line
from sim.report.words import entries, triples
from sim.units import Language, format_money

Cell = tuple[Band | None, str]

MEASURES: Final[tuple[tuple[Measure, str, str], ...]] = tuple(
    (key, *words) for key, words in entries()["measures"].items()
)
EQUIPMENT: Final = ("equipment_per_yuan", "equipment per yuan granted", "每元补助新增设备投资（元）")
"""Extra equipment spending of the place per yuan granted, over the first of the years it is followed."""
PARTS: Final = triples("parts_of_money")
BUDGET: Final = ("budget", "budget (outline)", "预算（轮廓）")
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "grants": {"facecolor": style.SCENARIO, "edgecolor": style.SCENARIO},
    "other": {"facecolor": style.SCENARIO_90, "edgecolor": style.SCENARIO_50},
    "budget": {"facecolor": "none", "edgecolor": style.INK},
}
"""How the parts of a bar are filled; they differ without colour too."""
_ROW, _HEAD, _NAME = 54.0, 66.0, 148.0


@dataclass(frozen=True, kw_only=True)
class _View(Told):
    """Comparisons with one baseline, from the top down."""

    comparisons: list[Comparison]

    def number(self, value: ValueRow) -> str:
        """Return the median with the digits its noise allows, at most three decimals."""
        if not value.defined:
            return self.say("value_for_money.not_defined")
        return with_sign(value.band.p50, min(max(decimals_shown(value.mc_se, value.band.p50), 0), 3))

    def columns(self) -> list[tuple[str, str, list[Cell]]]:
        """Return the measures drawn: name in files, heading, and for each comparison its band and what is written.

        There is no band where a measure cannot be given.
        """
        found: list[tuple[str, str, list[Cell]]] = []
        for measure, *names in MEASURES:
            values = [comparison.value_of(measure) for comparison in self.comparisons]
            cells = [(value.band if value.defined else None, self.number(value)) for value in values]
            found.append((measure, self.pick(*names), cells))
        name, *names = EQUIPMENT
        if any(comparison.additionality for comparison in self.comparisons):
            found.append((name, self.pick(*names), [self.equipment(comparison) for comparison in self.comparisons]))
        return found

    def equipment(self, comparison: Comparison) -> Cell:
        """Return the extra equipment spending of the place per yuan granted; no band where nothing was granted."""
        if not comparison.additionality:
            return None, self.say("value_for_money.no_grants")
        middle = comparison.additionality[0].parts["cluster"].band
        return middle, with_sign(middle.p50, 1, sign=True)


@dataclass(frozen=True)
class MoneyParts:
    """Public money the scenario pays over the window beyond the baseline, yuan, means over runs; ``budget`` is planned.

    A part is negative where the baseline pays more.
    """

    grants: float
    other: float
    budget: float

    @classmethod
    def of(cls, money: Money) -> MoneyParts:
        """Split what the scenario pays beyond the baseline: grants, and the rest."""
        return cls(money.extra_fund_paid, money.extra.mean - money.extra_fund_paid, money.extra_budget)

    @property
    def ends(self) -> tuple[float, float]:
        """Left and right end of what is drawn: negative parts lie left of zero."""
        low, high = (sum(part for part in (self.grants, self.other) if sign * part > 0.0) for sign in (-1.0, 1.0))
        return min(low, self.budget, 0.0), max(high, self.budget)


def value_for_money(sources: Sequence[Source], lang: Language = "en") -> Drawing:
    """Draw value for money of pairs of runs (scenario, baseline) or comparisons, from the top down.

    ``UserError`` without a scenario, or when baselines or windows differ.
    """
    comparisons = [as_comparison(source) for source in sources]
    if not comparisons:
        raise UserError("value for money needs at least one scenario")
    first = comparisons[0]
    for other in comparisons[1:]:
        if (other.a.id, other.a.hash) != (first.a.id, first.a.hash) or other.window != first.window:
            raise UserError(
                f"{other.b.id} is compared with {other.a.id} over {other.window_text}, {first.b.id} with {first.a.id} "
                f"over {first.window_text}: one baseline and one window for all"
            )
    with drawing(lang):
        return _draw(_View(lang=lang, comparisons=comparisons))


def _draw(view: _View) -> Drawing:
    comparisons, title, columns = view.comparisons, _title(view), view.columns()
    sides = [*(c.b for c in comparisons), comparisons[0].a]
    ids = view.say("marks.list").join(f"{side.id}/{side.hash}" for side in sides)
    last = view.runs_line(ids, least_known(c.setting.drawn_from for c in comparisons))
    height = _ROW * len(comparisons)
    sheet = Sheet(height + _HEAD + 22.0, title, _subtitle(view), _notes(view), last)
    rows = []
    for position, comparison in enumerate(comparisons):
        lines = wrap(view.name(comparison.b), _NAME - 14.0, style.LABEL_SIZE, lines=3)
        middle = 22.0 + height * (1.0 - (position + 0.5) / len(comparisons))
        for k, line in enumerate(lines):
            sheet.text(0.0, middle + 11.0 * ((len(lines) - 1) / 2 - k), line)
        told = view.say("marks.comma").join(f"{heading} {cells[position][1]}" for _, heading, cells in columns)
        rows.append(view.name(comparison.b) + view.say("marks.colon") + told)
    panels, wide = [], (sheet.width - _NAME - 200.0) / len(columns)
    for k, (measure, heading, cells) in enumerate(columns):
        box = (_NAME + k * wide, 22.0, wide - 28.0, height)
        for row, words in enumerate(reversed(wrap(heading, box[2] + 18.0, style.SMALL_SIZE, lines=2))):
            sheet.note(box[0], height + 34.0 + 11.0 * row, words)
        panels.append(_draw_measure(sheet, box, measure, cells))
    parts = [MoneyParts.of(c.money) for c in comparisons]
    panels.append(_draw_money(sheet, (sheet.width - 186.0, 22.0, 132.0, height), parts, view))
    data = _records(comparisons, parts)
    return sheet.drawing("03-value-for-money", view.lang, view.in_words(title, rows), panels, data, _COLUMNS)


def _draw_measure(sheet: Sheet, box: Rect, measure: str, cells: Sequence[Cell]) -> Panel:
    """Draw one measure: a dot with bars for each scenario, and its numbers."""
    ends = [edge for band, _ in cells if band is not None for edge in edges(band)]
    x = limits(ends or [0.0, 1.0], zero=True, pad=0.08)
    panel = Panel.of_rows(sheet, box, x, len(cells))
    panel.number_axis(fitting_ticks(*x, panel.width), horizontal=True)
    panel.zero()
    for position, (band, text) in enumerate(cells):
        y = panel.up(float(position))
        if band is None:
            sheet.note(panel.across(0.0) + 5.0, y, text, color=style.FAINT)
            continue
        panel.row(float(position), band, f"{measure}-{position}")
        middle = min(max(panel.across(band.p50), panel.left + 24.0), panel.right - 24.0)
        sheet.note(middle, y + 14.5, text, ha="center", color=style.SCENARIO, bbox=style.paper(1.0))
    return panel


def _three_digits(amount: float, scale: Scale) -> str:
    rounded = float(f"{amount:.3g}")
    size = abs(rounded) / scale.divisor
    return scale.number(rounded, 2 if size < 10 else 1 if size < 100 else 0)


def _draw_money(sheet: Sheet, box: Rect, parts: Sequence[MoneyParts], view: _View) -> Panel:
    low, high = min(part.ends[0] for part in parts), max(part.ends[1] for part in parts)
    scale = scale_for("yuan", max(high, -low) / 10.0, view.lang)
    panel = Panel.of_rows(sheet, box, (low, high if high > low else low + 1.0), len(parts))
    window = view.comparisons[0].window_text
    head = view.with_unit(view.say("value_for_money.public_money", window=window), scale.label)
    sheet.note(panel.left, panel.top + 12.0, head)
    for k, (part, *names) in enumerate((*PARTS, BUDGET)):
        x, y = (0.0 if k % 2 == 0 else 122.0) + panel.left - 62.0, panel.top + 56.0 - 13.0 * (k // 2)
        corner, look = (style.MARGIN + x, sheet.bottom + y - 4.0), {"linewidth": 0.6, **LOOKS[part]}
        sheet.figure.add_artist(Rectangle(corner, 10.0, 8.0, transform=sheet.points, **look))
        sheet.note(x + 15.0, y, view.pick(*names))
    if low < 0.0:
        panel.zero()
    for position, money in enumerate(parts):
        ends = [0.0, 0.0]
        for part, _, _ in PARTS:
            amount = getattr(money, part)
            if amount != 0.0:
                side = int(amount > 0.0)
                _draw_part(panel, part, position, (ends[side], amount), 0.16)
                ends[side] += amount
        told = _three_digits(money.grants + money.other, scale)
        if money.budget != 0.0:  # the number at the end of the outline must not be read as the outline's
            _draw_part(panel, "budget", position, (0.0, money.budget), 0.22)
            told += view.say("value_for_money.of") + _three_digits(money.budget, scale)
        sheet.text(panel.across(money.ends[1]) + 7.0, panel.up(float(position)), told)
    return panel


def _draw_part(panel: Panel, part: str, position: int, span: tuple[float, float], half: float) -> None:
    """Draw one part of a bar from where it begins over its amount; ``half`` of its height in rows."""
    look = {"linewidth": 0.6, "zorder": 2, "clip_on": False, **LOOKS[part]}
    panel.bar(*span, position, half, gid=f"money-{part}-{position}", **look)


def _title(view: _View) -> str:
    """Say how many jobs a million yuan goes with; of several scenarios, with which most."""
    comparisons = view.comparisons
    jobs = [(c.value_of("jobs_per_million"), view.name(c.b)) for c in comparisons]
    defined = [(value, name) for value, name in jobs if value.defined]
    if not defined:
        return view.say("value_for_money.value_for_money_cannot")
    fewest = min(c.n_pairs for c in comparisons)
    if fewest < MINIMUM_RUNS_FOR_BAND:
        return view.say("value_for_money.pairs_runs_are_too", fewest=fewest)
    best, name = max(defined, key=lambda pair: pair[0].band.p50)
    number = view.number(best)
    unsure = best.band.shown and best.band.p05 <= 0.0 <= best.band.p95
    doubt = view.say("value_for_money.perhaps_with_none") if unsure else ""
    if len(defined) > 1:
        return view.say("value_for_money.most_jobs_per_million", number=number, name=name, doubt=doubt)
    moved = ""
    if len(comparisons) == 1 and comparisons[0].additionality:
        moved = view.say("value_for_money.moved", yuan=view.equipment(comparisons[0])[1])
    return view.say("value_for_money.million_yuan_public_money", number=number, doubt=doubt, moved=moved)


def _subtitle(view: _View) -> list[str]:
    """Name baseline, world and pairs; the scenarios are named in the rows."""
    comparisons, first, setting = view.comparisons, view.comparisons[0], view.comparisons[0].setting
    numbers = sorted({c.n_pairs for c in comparisons})
    pairs = "-".join(str(n) for n in dict.fromkeys((numbers[0], numbers[-1])))
    paired = all(c.paired for c in comparisons)
    runs = pairs + (view.say("value_for_money.pairs") if paired else view.say("value_for_money.unpaired_runs"))
    place, world = view.pick(setting.place_name, setting.place_name_zh), view.pick(setting.world, setting.world_zh)
    scenario = [view.say("shared.scenario") + view.name(first.b)] if len(comparisons) == 1 else []
    baseline = view.say("shared.baseline") + view.name(first.a)
    return [*scenario, baseline, f"{one_line(place)} · {view.world(world)} · {runs}"]


def _notes(view: _View) -> tuple[str, ...]:
    """Say what is divided by what, and why a measure is missing."""
    comparisons, first = view.comparisons, view.comparisons[0]
    covered = view.covers(least_known(c.setting.drawn_from for c in comparisons), first.setting.worlds)
    bands = view.say("value_for_money.dot_median_thick_bar", covered=covered)
    notes = [
        view.say("value_for_money.extra_jobs_in_extra", first=first),
        bands if all(c.n_pairs >= MINIMUM_RUNS_FOR_BAND for c in comparisons) else view.no_bands(),
        view.say("value_for_money.bar_at_right_public"),
    ]
    followed = [comparison.additionality[0] for comparison in comparisons if comparison.additionality]
    if followed:
        years = list(dict.fromkeys(over_years(one, view.lang) for one in followed))
        notes.append(view.say("value_for_money.equipment_per_yuan_granted", years=years))
    for comparison in comparisons:
        head = view.name(comparison.b) + view.say("marks.colon")
        notes += [view.pick(note.en, note.zh) for note in comparison.notes if note.code.startswith("carried-")]
        notes += _granted(comparison, view)
        # Beside other scenarios B goes by its name.
        span, several, name = comparison.note("span"), len(comparisons) > 1, view.name(comparison.b)
        notes += [] if span is None else [head * several + view.pick(span.en, span.zh)]
        where = view.say("value_for_money.in", name=name) if several else ""
        notes += [shortfall_text(one, view.lang, where * (one.side == "B")) for one in comparison.shortfalls]
        missing = [value for measure, _, _ in MEASURES if not (value := comparison.value_of(measure)).defined]
        notes += [head + reason for reason in sorted({view.pick(v.reason, v.reason_zh) for v in missing})]
    return tuple(dict.fromkeys(notes))


def _granted(comparison: Comparison, view: _View) -> list[str]:
    """Say what a million yuan goes with by the money granted, where grants are not paid yet."""
    value, left = comparison.value_of("jobs_per_million", "granted"), comparison.money.extra_outstanding
    if left <= OUTSTANDING_WORTH_SAYING * abs(comparison.money.extra_granted) or not value.defined:
        return []
    values = {"name": view.name(comparison.b), "amount": format_money(left, view.lang), "number": view.number(value)}
    return [view.say("value_for_money.another_granted_was_not", last=comparison.window[1], **values)]


_COLUMNS: Final = ("scenario", "baseline", "window", "n_pairs", "measure", "defined", "p05", "p25", "p50", "p75", "p95")


def _records(comparisons: Sequence[Comparison], parts: Sequence[MoneyParts]) -> list[dict[str, object]]:
    """Return a row for each scenario and measure, and for each part of the money (yuan)."""
    records: list[dict[str, object]] = []
    for comparison, money in zip(comparisons, parts, strict=True):
        measured = [(measure, comparison.value_of(measure)) for measure, _, _ in MEASURES]
        told: list[tuple[str, bool, dict[str, float]]] = []
        told += [(measure, value.defined, value.band.quantiles) for measure, value in measured]
        told += [(EQUIPMENT[0], True, one.parts["cluster"].band.quantiles) for one in comparison.additionality[:1]]
        told += [(f"money_{part}", True, {"p50": getattr(money, part)}) for part, _, _ in (*PARTS, BUDGET)]
        sides = {"scenario": comparison.b.id, "baseline": comparison.a.id, "window": comparison.window_text}
        sides["n_pairs"] = str(comparison.n_pairs)
        records += [{**sides, "measure": measure, "defined": defined, **values} for measure, defined, values in told]
    return records
