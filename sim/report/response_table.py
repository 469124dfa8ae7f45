"""Responses of a place to one change at a time as tables, in English or Chinese, and as rows for other programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.observables import observable
from sim.report.rounding import range_text
from sim.report.table import Column, as_csv, fields, filled, layout, paragraphs, record
from sim.report.words import entries, say
from sim.sensitivity.response import (
    AFTER,
    CONSTANT_YEARS,
    ERRORS,
    OUTCOMES,
    SHARES,
    STAYS,
    Expected,
    Response,
    label_of,
    read_expected,
    stays,
)
from sim.units import Language, pick

SHOWN: Final = OUTCOMES[:8]
"""Columns of the tables."""
HEADS: Final[dict[str, list[str]]] = entries()["heads"]
GOES: Final = {"output_real": 1, "above_scale_firms": 2}
COLUMNS: Final = fields("response")


def response_text(
    response: Response, language: Language = "en", *, every: bool = False, width: int | None = None
) -> str:
    """Return heading, a table for each year told, what was expected, and what a constant world does.

    ``every`` tells of what came out as expected too, with reasons.
    """
    parts = [heading(response, language)]
    for year in AFTER:
        head = say(language, "response_table.in_year_with_change", which={1: "first", 5: "fifth"}[year], year=year)
        parts.append([head, *layout(columns(response, year, language), width)])
    parts.append([say(language, "response_table.percent_outcome_without_change")])
    parts += [expected_lines(response, language, every=every), constant_lines(response, language)]
    return paragraphs(parts)


def heading(response: Response, language: Language) -> list[str]:
    """Return what was asked, and of how many draws."""
    draws = response.fit or say(language, "response_table.assumed_values")
    about = say(language, "response_table.median_draws_each_paired", response=response, draws=draws)
    lines = [say(language, "response_table.what_one_change_does", reference=response.reference), about]
    if response.errors:
        values = {"errors": len(response.errors), "error": response.errors[0]}
        lines.append(say(language, "response_table.draws_failed_and_are", **values))
    return lines


def columns(response: Response, year: int, language: Language) -> list[Column]:
    """Return the table of one year: a row for each change, a column for each outcome."""
    heads = [Column(say(language, "response_table.change"), left=True)]
    heads += [Column(pick(language, *HEADS[name]), goes=GOES.get(name, 0)) for name in SHOWN]
    rows = [
        (label_of(change, language), *(_middle(response.effect(change, name, year), name) for name in SHOWN))
        for change in response.changed
    ]
    return filled(heads, rows)


def _middle(values: NDArray[np.float64], outcome: str) -> str:
    some = values[np.isfinite(values)]
    return amount(float(np.median(some)), outcome) if some.size else "–"


def amount(value: float, outcome: str, *, digits: int = 1) -> str:
    """Return a response with its sign: percent, or points of a share."""
    text = f"{100.0 * value:+.{digits}f}"
    if not text.strip("+-0."):
        text = text.strip("+-")
    ending = "" if outcome in SHARES else "%"
    return text.replace("-", "\u2212") + ending


# --- what was expected ---------------------------------------------------------------------------------------------


def expected_lines(response: Response, language: Language, *, every: bool = False) -> list[str]:
    """Return how many responses are as expected, and those that are not with range and reason."""
    asked = [item for item in read_expected() if item.concerns(response)]
    if not asked:
        return []
    good = [item for item in asked if item.holds(response)]
    lines = [say(language, "response_table.expected_responses_came_out", good=len(good), asked=len(asked))]
    for item in asked:
        if every or item not in good:
            lines += [
                f"  {_expected(item, response, language)}",
                f"      {pick(language, item.reason, item.reason_zh)}",
            ]
    return lines


def _expected(item: Expected, response: Response, language: Language) -> str:
    values = item.values(response)
    name = observable(item.outcome)
    what = pick(language, name.label, name.label_zh)
    if item.more_than:
        other = observable(item.more_than)
        what = say(language, "response_table.more_than", what=what, other=other)
    found, inside = _middle(values, item.outcome), f"{item.inside(response)}/{response.draws}"
    told = {"found": found, "span": wanted(item, language), "inside": inside, "year": item.year, "what": what}
    return say(language, "response_table.year_expected_draws", label=label_of(item.change, language), **told)


def wanted(item: Expected, language: Language) -> str:
    """Return the range of what is expected."""
    digits, ends = 2 if item.outcome in SHARES else 1, (item.low, item.high)
    low, high = (amount(end, item.outcome, digits=digits) if math.isfinite(end) else "" for end in ends)
    return range_text(low, high, language)


def constant_lines(response: Response, language: Language) -> list[str]:
    """Return how outcomes move in a constant world without any change."""
    parts = []
    for name in STAYS:
        moved, item = response.drift(name), observable(name)
        error = float(moved.std(ddof=1)) / math.sqrt(moved.size) if moved.size > 1 else math.nan
        text = f"{amount(float(moved.mean()), name)} ± {100.0 * error:.1f}"
        mark = "" if stays(response, name, ERRORS) else say(language, "response_table.moves")
        parts.append(f"{pick(language, item.label, item.label_zh)} {text}{mark}")
    years = CONSTANT_YEARS
    head = say(language, "response_table.without_change_year_against", years=years)
    return [head + say(language, "marks.semicolon").join(parts)]


# --- for other programs --------------------------------------------------------------------------------------------


def response_rows(response: Response) -> list[dict[str, Any]]:
    """Return a row for each change, outcome and year told."""
    rows = []
    for change in response.changed:
        for outcome in OUTCOMES:
            for year in AFTER:
                values = response.effect(change, outcome, year)
                some = values[np.isfinite(values)]
                told: Sequence[float | None] = [None] * 3
                if some.size:
                    told = [float(np.median(some)), float(some.min()), float(some.max())]
                labels = {"label": label_of(change, "en"), "label_zh": label_of(change, "zh")}
                labels |= {"unit": "difference" if outcome in SHARES else "share"}
                about = {"response": response, "change": change, "outcome": outcome, "year": year}
                rows.append(record("response", told=told, draws=int(some.size), **about, **labels))
    return rows


def response_csv(response: Response) -> str:
    """Return the rows as CSV."""
    return as_csv(COLUMNS, response_rows(response))


def response_record(response: Response) -> dict[str, Any]:
    """Return everything for other programs: rows, what was expected, and the drift of a constant world."""
    expected = []
    for item in (item for item in read_expected() if item.concerns(response)):
        values = {"median": float(np.median(item.values(response))), "inside": item.inside(response)}
        expected.append(record("expected", item=item, holds=item.holds(response), **values))
    constant = {
        name: {"moved": response.drift(name).tolist(), "stays": stays(response, name, ERRORS)} for name in STAYS
    }
    return {
        "place": response.place, "baseline": response.reference, "fit": response.fit, "scale": response.scale,
        "draws": response.draws, "rows": response_rows(response), "expected": expected, "constant": constant,
    }  # fmt: skip
