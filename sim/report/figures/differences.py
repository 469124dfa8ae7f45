"""Figure 2: the difference of every headline variable at the horizon, as a percentage of the baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.compare.comparison import Comparison, Row
from sim.compare.notes import carried_notes
from sim.compare.statistics import out_of, verdict_text
from sim.observables import observable
from sim.report.figures import style
from sim.report.figures.describe import Shown, Source, as_comparison, capital, shown
from sim.report.figures.layout import Drawing, Panel, Sheet, difference_scale, edges, limits, ticks
from sim.report.figures.picture_files import drawing
from sim.report.rounding import with_sign
from sim.units import Language

_ROW = 34.0
_NAME, _WORDS = 150.0, 186.0
_APART = (5.5, 6.5)


@dataclass(frozen=True, kw_only=True)
class _Forest(Shown):
    """Rows from the top down, first those with a percentage."""

    at: int
    rows: tuple[Row, ...]


def differences(
    source: Source, lang: Language = "en", *, at: int | None = None, unpaired: bool = False,
    comparison: Comparison | None = None,
) -> Drawing:  # fmt: skip
    """Draw the forest of differences at one year (2030, or the last one), of a pair of runs (B, A) or a comparison.

    ``comparison`` is one of the same runs made already, ``unpaired`` takes them as independent draws; ``UserError``
    when they cannot be compared or do not hold the year.
    """
    made = comparison or as_comparison(source, at, unpaired=unpaired)
    pairing = shown(source, lang, unpaired=not made.paired).pairing

    def order(row: Row) -> tuple[bool, float]:
        """Largest rise first, rows without a percentage last."""
        percent = row.difference_pct.p50
        return (math.isnan(percent), -percent if math.isfinite(percent) else 0.0)

    rows = tuple(sorted(made.headline_rows(), key=order))
    with drawing(lang):
        return _draw(_Forest(lang=lang, pairing=pairing, at=made.at, rows=rows))


def _draw(data: _Forest) -> Drawing:
    title, height = _title(data), _ROW * len(data.rows)
    money = any(row.unit.startswith("yuan") for row in data.rows)
    prices = data.say("differences.amounts_in_current_prices") if money else ""
    carried = (data.pick(note.en, note.zh) for note in carried_notes(data.pairing, data.rows))
    notes = (data.caption("the difference", "差值"), *data.remarks, *carried, prices)
    sheet = Sheet(height + 58.0, title, data.subtitle, notes, data.footer())
    x = limits([v for row in data.rows for v in edges(row.difference_pct)] or [0.0], zero=True, pad=0.05)
    panel = Panel.of_rows(sheet, (_NAME, 22.0, sheet.width - _NAME - _WORDS, height), x, len(data.rows))
    head = data.say("differences.difference_in_scenario_less", at=data.at)
    sheet.text(_NAME, height + 42.0, head, color=style.MUTED)
    panel.number_axis(ticks(*x, 6), sign=True, horizontal=True)
    panel.zero()
    for position, row in enumerate(data.rows):
        _draw_row(panel, position, row, data)
    parts = [
        f"{data.label(row)} {_absolute(row, data)}{data.say('marks.comma')}{_occasions(row, data)}" for row in data.rows
    ]
    return sheet.drawing("02-differences", data.lang, data.in_words(title, parts), [panel], _records(data))


def _draw_row(panel: Panel, position: int, row: Row, data: _Forest) -> None:
    """Draw one variable: name and absolute difference, bars, percentage and occasions."""
    sheet, y, identical = panel.sheet, panel.up(float(position)), row.verdict == "identical"
    sheet.pair(0.0, y, capital(data.label(row)), _absolute(row, data), apart=_APART, weight="bold")
    if identical or math.isfinite(row.difference_pct.p50):
        colors = (style.RULE, style.AXIS, style.FAINT) if identical else style.SCENARIO_COLORS
        panel.row(position, row.difference_pct, f"row-{row.variable}", colors)
    else:
        text = data.say("differences.no_percentage_baseline_is")
        if row.unit == "share":
            text = data.say("differences.share_see_percentage_points")
        sheet.note(panel.across(0.0) + 6.0, y, text, color=style.FAINT)
    words = " · ".join(text for text in (verdict_text(row.verdict, data.lang), _percents(row, data)) if text)
    strong = style.INK if row.verdict == "clear" else style.MUTED
    told = "" if identical else words
    sheet.pair(panel.right + 14.0, y, _occasions(row, data), told, apart=_APART, grey=strong)


def _occasions(row: Row, data: _Forest) -> str:
    """Return ``higher in 88 of 100 runs``."""
    if row.verdict == "identical":
        return data.say("differences.equal_in_every_pair")
    return data.say("differences.higher_in") + out_of(row.prob_higher, row.n_pairs, data.lang)


def _absolute(row: Row, data: _Forest) -> str:
    if row.verdict == "identical":
        return data.say("differences.no_difference")
    size = max((abs(v) for v in edges(row.difference)), default=0.0)
    scale = difference_scale(observable(row.variable), size, data.lang)
    return scale.amount(row.difference.p50, scale.decimals(row.mc_se, row.difference.p50), sign=True)


def _percents(row: Row, data: _Forest) -> str:
    """Return median and 90% of the percentage difference."""
    band = row.difference_pct
    if not math.isfinite(band.p50):
        return ""
    spread = abs(band.p95 - band.p05) if band.shown else abs(band.p50)
    decimals = 1 if spread >= 0.5 else 2 if spread >= 0.05 else 3
    middle, low, high = (with_sign(v, decimals, sign=True, commas=False) for v in (band.p50, band.p05, band.p95))
    inside = data.say("differences.percents", low=low, high=high) if band.shown else ""
    return f"{middle}%{inside}"


def _title(data: _Forest) -> str:
    """Say how many outcomes move for sure."""
    say, at, rows = data.say, data.at, data.rows
    if all(row.verdict == "identical" for row in rows):
        return say("differences.scenario_changes_none_main", rows=len(rows), at=at)
    if data.n and not data.bands:
        return say("differences.pairs_runs_are_too", n=data.n, at=at)
    clear = [row for row in rows if row.verdict == "clear"]
    if not clear:
        return say("differences.none_main_outcomes_moves", rows=len(rows), at=at)
    clear.sort(key=lambda row: -abs(row.difference_pct.p50) if math.isfinite(row.difference_pct.p50) else 0.0)
    names = [data.label(row) for row in clear[:3]]
    if len(clear) > 3:
        names.append(say("differences.more", clear=len(clear) - 3))
    head = ", ".join(names[:-1])
    listed = data.pick(f"{head} and {names[-1]}" if head else names[-1], "、".join(names))
    move = "moves" if len(clear) == 1 else "move"
    return say("differences.main_outcomes_for_sure", clear=len(clear), rows=len(rows), move=move, at=at, listed=listed)


def _records(data: _Forest) -> list[dict[str, object]]:
    """Return the rows drawn: percentages and absolute differences in plain units."""
    records = []
    for row in data.rows:
        record: dict[str, object] = {"variable": row.variable, "unit": row.unit, "year": data.at}
        record["n_pairs"] = row.n_pairs
        for start, band in (("diff_pct", row.difference_pct), ("diff", row.difference)):
            record |= {f"{start}_{name}": value for name, value in band.quantiles.items()}
        records.append(record | {"prob_higher": row.prob_higher, "verdict": row.verdict})
    return records
