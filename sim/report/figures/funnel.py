"""Figure 5: where fair visitors get lost, from booths to repeat orders."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.compare.runs import Pairing
from sim.compare.statistics import Contrast, contrast
from sim.errors import UserError
from sim.evidence import Fact
from sim.experiments import Run
from sim.observables import ROWS, observable
from sim.report.figures import reported, style
from sim.report.figures.describe import Shown, Source, capital, shown
from sim.report.figures.layout import Drawing, Panel, Rect, Sheet, decimals_needed, fitting_ticks, scale_for
from sim.report.figures.picture_files import drawing
from sim.report.rounding import Scale
from sim.reporting.standing import ABOUT, limits
from sim.scenario.resolved import Policy
from sim.units import Language, month_text

COUNTS: Final = tuple(item.name for item in ROWS if item.stage and item.unit == "count")
VALUES: Final = tuple(item.name for item in ROWS if item.stage and item.unit == "yuan")
"""Stages of the funnel, in the order in which they follow one another."""
_ROW, _NAME, _NUMBER = 40.0, 104.0, 92.0
_BAR = 0.3


@dataclass(frozen=True, kw_only=True)
class _Funnel(Shown):
    """Stages over the twelve months from the fair on; ``reported`` belongs to intended orders only."""

    year: int
    month: int
    stages: dict[str, Contrast]
    reported: Fact | None


def fairs(runs: tuple[Run, Run]) -> list[str]:
    """Return the ids of fairs in either scenario that have twelve simulated months from one of them on."""
    months = np.intersect1d(runs[0].months, runs[1].months)
    found = {p.id: int(_held_in(p)) for run in runs for p in run.scenario.policies if p.type == "fair"}
    return [identifier for identifier, month in found.items() if whole_years(months, month)]


def funnel(
    source: Source, lang: Language = "en", *, fair: str = "fair", year: int | None = None, unpaired: bool = False
) -> Drawing:
    """Draw the funnel of one fair, by its id in either scenario, for a pair of runs (B, A) or a comparison.

    Every stage is counted over the twelve months that begin with the fair, so that an autumn fair keeps its deliveries;
    ``year`` is by default the last one whose twelve months are simulated. ``UserError`` when there is no such fair, or
    the year has no fair with twelve months simulated in both runs.
    """
    view = shown(source, lang, unpaired=unpaired)
    month = month_of_fair((view.a, view.b), fair)
    chosen = _chosen_year(view, month, year)
    stages = stages_of(view.pairing, chosen * 12 + month - 1)
    # The last reported intended orders, of one place alone.
    places = list(view.a.places)
    known = reported.facts_of(places[0], "fair_intended_orders") if len(places) == 1 else ()
    last = max(known, key=lambda fact: fact.period_end, default=None)
    data = _Funnel(lang=lang, pairing=view.pairing, year=chosen, month=month, stages=stages, reported=last)
    with drawing(lang):
        return _draw(data)


def stages_of(pairing: Pairing, first: int) -> dict[str, Contrast]:
    """Compare each stage over the twelve months from ``first`` on."""
    inside = np.isin(np.asarray(pairing.months), np.arange(first, first + 12))
    found = {}
    for name in (*COUNTS, *VALUES):
        columns = [values[:, inside].sum(axis=1)[:, None] for values in pairing.monthly(name)]
        found[name] = contrast(*columns, paired=pairing.paired)[0]
    return found


def month_of_fair(runs: tuple[Run, Run], fair: str) -> int:
    """Return the month of the year (1 to 12) the fair is held in; the second run's where both have it."""
    held = {p.id: p for run in runs for p in run.scenario.policies if p.type == "fair"}
    if not held:
        raise UserError("neither scenario has a policy of type fair: there is no funnel to draw")
    if fair not in held:
        near = difflib.get_close_matches(fair, list(held), n=1, cutoff=0.3)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UserError(f'no fair "{fair}" in these scenarios{hint}\n     fairs: {", ".join(held)}')
    return _held_in(held[fair])


def _held_in(policy: Policy) -> int:
    terms: Any = policy.versions[-1][1]
    return int(terms.every.month)


def _chosen_year(view: Shown, month: int, year: int | None) -> int:
    """Return the year of the fair after checking that its twelve months are simulated in both runs."""
    months = view.pairing.months
    years = whole_years(months, month)
    if not years:
        raise UserError("the funnel needs the twelve months that begin with a fair; the runs are too short")
    if year is None:
        return years[-1]
    if year not in years:
        raise UserError(
            f"the funnel of {year} needs the twelve months from {year}-{month:02d} on; both runs end in "
            f"{month_text(months[-1])}\n"
            f"     choose --year between {years[0]} and {years[-1]}"
        )
    return year


def whole_years(months: Sequence[int] | NDArray[np.int64], month: int) -> list[int]:
    """Return the years in which all twelve months from ``month`` on are simulated."""
    if len(months) == 0:
        return []
    first, last = int(months[0]), int(months[-1])
    return [y for y in range(first // 12, last // 12 + 1) if first <= y * 12 + month - 1 <= last - 11]


def _draw(data: _Funnel) -> Drawing:
    title, height = _title(data), _ROW * len(VALUES)
    sheet = Sheet(height + 72.0, title, data.subtitle, _notes(data), data.footer())
    half = sheet.width / 2
    plot = half - _NAME - _NUMBER + 4.0
    left = _block(sheet, data, COUNTS, (_NAME - 40.0, 22.0, plot + 10.0, height), data.say("shared.number"))
    right = _block(sheet, data, VALUES, (half + _NAME - 20.0, 22.0, plot + 14.0, height), data.say("funnel.value"))
    _draw_key(sheet, data, height + 62.0)
    parts = []
    for name, one in data.stages.items():
        item = observable(name)
        scale = scale_for(item.unit, max(abs(one.a.p50), abs(one.b.p50)), data.lang)
        a, b = (scale.amount(band.p50, _decimals(one, scale)) for band in (one.a, one.b))
        parts.append(data.say("funnel.baseline", item=item, b=b, a=a))
    alt = data.in_words(title, parts)
    return sheet.drawing("05-fair-funnel", data.lang, alt, [left, right], _records(data), _COLUMNS)


def _draw_key(sheet: Sheet, data: _Funnel, y: float) -> None:
    """Write once which bar is whose."""
    x = 0.0
    for color, name in (
        (style.BASELINE_50, data.say("shared.drawn_baseline")),
        (style.SCENARIO, data.say("shared.drawn_scenario")),
    ):
        sheet.line([x + 1.0, x + 13.0], [y, y], color=color, linewidth=6.0, solid_capstyle="butt")
        sheet.text(x + 18.0, y, name, color=style.MUTED)
        x += 84.0
    if data.bands:
        sheet.line([x + 1.0, x + 17.0], [y, y], color=style.INK, linewidth=0.9)
        sheet.text(x + 22.0, y, data.say("shared.90_runs"), color=style.MUTED)


def _block(sheet: Sheet, data: _Funnel, names: Sequence[str], box: Rect, head: str) -> Panel:
    unit = observable(names[0]).unit
    fact = data.reported if names is VALUES else None
    ends = [edge for n in names for one in (data.stages[n].a, data.stages[n].b) for edge in (one.p50, one.p95)]
    if fact is not None:
        ends.append(fact.value_plain * (1.0 + ABOUT))
    largest = max((float(v) for v in ends if np.isfinite(v)), default=0.0) or 1.0
    scale = scale_for(unit, largest / 10.0 if unit == "yuan" else largest, data.lang)
    panel = Panel.of_rows(sheet, box, (0.0, 1.03 * largest), len(VALUES))
    left = 0.0 if names is COUNTS else box[0] - _NAME + 20.0
    sheet.text(left, panel.top + 16.0, data.with_unit(head, scale.label), color=style.MUTED)
    values = fitting_ticks(0.0, panel.x[1] / scale.divisor, panel.width, 3)
    panel.number_axis(values, scale.divisor, horizontal=True)
    decimals = {name: _decimals(data.stages[name], scale) for name in names}
    for position, name in enumerate(names):
        # Amounts of money share their decimals; counts are of different kinds.
        shown_decimals = decimals[name] if names is COUNTS else min(decimals.values())
        _draw_stage(panel, position, name, data, (scale, shown_decimals))
    if fact is not None:
        _draw_reported(panel, fact, data)
    return panel


def _decimals(one: Contrast, scale: Scale) -> int:
    """Return the decimals the noisier of both medians allows."""
    return min(scale.decimals(one.a_se, one.a.p50), scale.decimals(one.b_se, one.b.p50), 3)


def _draw_stage(panel: Panel, position: int, name: str, data: _Funnel, numbers: tuple[Scale, int]) -> None:
    """Draw baseline above scenario with whiskers for 90% of runs, and both medians as numbers."""
    scale, decimals = numbers
    one, item = data.stages[name], observable(name)
    stage = capital(data.pick(item.stage, item.stage_zh))
    panel.sheet.text(panel.left - 10.0, panel.up(float(position)), stage, ha="right")
    for band, offset, color, ink, side in (
        (one.a, -0.17, style.BASELINE_50, style.BASELINE, "A"),
        (one.b, 0.17, style.SCENARIO, style.SCENARIO, "B"),
    ):
        y = position + offset
        panel.bar(0.0, band.p50, y, _BAR / 2, facecolor=color, linewidth=0.0, zorder=2, gid=f"bar-{side}-{name}")
        if band.shown:
            panel.line([band.p05, band.p95], [y] * 2, color=style.INK, linewidth=0.9, zorder=3)
        number = scale.number(band.p50, decimals)
        panel.sheet.text(panel.right + 8.0, panel.up(position + offset * 1.15), number, color=ink)


def _draw_reported(panel: Panel, fact: Fact, data: _Funnel) -> None:
    """Mark reported intended orders on the bar of intended orders and nowhere else."""
    low = high = fact.value_plain
    if fact.bound == "about":
        low, high = limits(fact.value_plain, fact.bound)
    look = {"facecolor": "none", "edgecolor": style.REPORTED, "linewidth": 1.0, "zorder": 5}
    panel.bar(low, max(high - low, 0.004 * panel.x[1]), 0.0, 0.42, gid=f"reported-{fact.id}", **look)
    scale = scale_for("yuan", fact.value_plain / 10.0, data.lang)
    amount = scale.amount(fact.value_plain, decimals_needed(fact.value_plain / scale.divisor))
    year, told = fact.period_end // 12, reported.bound_word(fact.bound, data) + amount
    text = data.say("funnel.reported", year=year, told=told)
    middle = min(max(panel.across(fact.value_plain), panel.left + 50.0), panel.right - 20.0)
    panel.sheet.note(middle, panel.up(-0.42) + 7.0, text, ha="center", color=style.REPORTED)


def _title(data: _Funnel) -> str:
    """Say how much of the intended orders is delivered."""
    say, year = data.say, data.year
    delivered, intended = data.stages["fair_delivered"], data.stages["fair_intended_orders"]
    if not (intended.a.p50 > 0.0 and intended.b.p50 > 0.0):
        return say("funnel.no_orders_are_intended", year=year)
    a, b = (f"{part.p50 / whole.p50:.0%}" for part, whole in ((delivered.a, intended.a), (delivered.b, intended.b)))
    few = "" if data.bands else say("funnel.pairs_too_few_to", n=data.n)
    return say("funnel.orders_intended_at_fair", year=year, b=b, a=a, few=few)


def _notes(data: _Funnel) -> tuple[str, ...]:
    say, first = data.say, data.year * 12 + data.month - 1
    span = f"{month_text(first)} {say('funnel.to')} {month_text(first + 11)}"
    notes = [say("funnel.medians_over_twelve_months", span=span, stages=say("shared.stages_of_fair")), data.no_bands()]
    if data.bands:
        notes[1] = say("funnel.thin_line_covers_90", reach=data.reach)
    notes += data.remarks
    if data.reported is not None:
        source = data.reported.source
        notes.append(say("funnel.box_reported_intended_orders", source=source))
    return tuple(notes)


_COLUMNS: Final = ("year", "stage", "unit", "series", "p05", "p50", "p95", "n_pairs", "bound", "fact", "source")


def _records(data: _Funnel) -> list[dict[str, Any]]:
    """Return medians and 90% ends of each stage for both runs, and the reported figure."""
    rows: list[dict[str, Any]] = [
        {"stage": name, "series": side, **band.quantiles, "n_pairs": one.n}
        for name, one in data.stages.items()
        for side, band in (("baseline", one.a), ("scenario", one.b))
    ]
    if data.reported is not None:
        fact = data.reported
        row = {"stage": "fair_intended_orders", "series": "reported", "p50": fact.value_plain, "bound": fact.bound}
        rows.append(row | {"fact": fact.id, "source": fact.source})
    return [row | {"year": data.year, "unit": observable(row["stage"]).unit} for row in rows]
