"""What happened in one replicate, as text: where the runs part, paths, firms, start, and the draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sim.observables import observable
from sim.report.rounding import MISSING, plain, scale_for, significant
from sim.report.table import Column, filled, layout, paragraphs, table
from sim.report.words import entries, say
from sim.units import format_share, format_value, month_text, pick

if TYPE_CHECKING:
    from sim.compare.explain import Explanation
    from sim.units import Language

MOST_PARAMETERS = 12
"""Unusual parameters that are told."""
FATES: Final[dict[str, list[str]]] = entries()["fates"]


def explanation_text(found: Explanation, language: Language, width: int | None = None) -> str:
    """Return what happened in one replicate, for the terminal."""
    firms = [say(language, "explain_text.followed_firms_whose_output", at=found.years[-1])]
    firms += layout(_firm_columns(found, language), width) if found.firms else []
    start = [say(language, "explain_text.first_year_in_median")]
    for one in found.start:
        label, label_zh, unit = "orders delivered", "订单交付率", "share"  # sales over orders of buyers
        if one.name != "service":
            item = observable(one.name)
            label, label_zh, unit = item.label, item.label_zh, item.unit
        value, usual = (format_value(number, unit, language) for number in (one.value, one.usual))
        values = {"label": label, "label_zh": label_zh, "value": value, "usual": usual, "rank": one.rank, "n": found.n}
        start.append("  " + say(language, "explain_text.of", **values))
    key = "parameters_at_one_end" if found.parameters else "no_parameter_this_draw"
    draw = [say(language, f"explain_text.{key}")]
    for each in found.parameters[:MOST_PARAMETERS]:
        about = pick(language, each.about, each.about_zh)
        shown = f"  {each.name} = {each.value:.3g} ({each.usual:.3g}; {100 * each.below:.0f}%)"
        draw.append(f"{shown}  {about}" if about else shown)
    path = layout(_path_columns(found, language), width)
    return paragraphs([_head(found, language), path, firms if found.firms else [], start, draw])


def _head(found: Explanation, language: Language) -> list[str]:
    """Return which replicate, when the runs part, and how much of the mean difference it makes."""
    number, n = found.replicate, found.n
    lines = [say(language, "explain_text.replicate_pairs_draw_b", number=number, n=n, found=found)]
    if found.parted is None:
        return [*lines, say(language, "explain_text.two_runs_are_equal")]
    paper, parted = MISSING if found.change is None else month_text(found.change), month_text(found.parted)
    lines.append(say(language, "explain_text.scenarios_differ_from_on", paper=paper, parted=parted))
    if math.isfinite(found.share_of_mean):
        share, alike = (format_share(part, language, 2) for part in (found.share_of_mean, 1.0 / n))
        values = {"share": share, "year": found.years[-1], "alike": alike}
        lines.append(say(language, "explain_text.it_makes_mean_difference", **values))
    return lines


def _path_columns(found: Explanation, language: Language) -> list[Column]:
    """Return each variable by year: B, A, their difference, and the median difference of all pairs."""
    cells = []
    for path in found.paths:
        item = observable(path.variable)
        size = max(abs(float(value)) for side in (path.a, path.b) for value in side)
        scale = scale_for(item.unit, size, language)
        apart = max(float(abs(path.b - path.a).max()), float(abs(path.usual_difference).max()))
        decimals = max(significant(size / scale.divisor, 4), 0)
        finer = max(significant(apart / scale.divisor, 3), 0) if apart else 0
        label = pick(language, item.label, item.label_zh) + (f" ({scale.label})" if scale.label else "")
        rows = (
            ("B", path.b, decimals, False, ""), ("A", path.a, decimals, False, ""),
            ("B−A", path.b - path.a, finer, True, f"{path.rank}/{found.n}"),
            (say(language, "explain_text.median_b"), path.usual_difference, finer, True, ""),
        )  # fmt: skip
        for k, (kind, values, digits, signed, rank) in enumerate(rows):
            numbers = [scale.plain(value, digits, signed=signed) for value in values.tolist()]
            cells.append((label if k == 0 else "", kind, *numbers, rank))
    years = [Column(str(year), goes=1 if year == found.years[0] else 0) for year in found.years]
    last = Column(say(language, "explain_text.rank", year=found.years[-1]))
    return filled([Column("", left=True), Column("", left=True), *years, last], cells)


def _firm_columns(found: Explanation, language: Language) -> list[Column]:
    def both(values: tuple[float, float], divisor: float = 1e6, decimals: int = 1) -> str:
        return " | ".join(plain(value / divisor, decimals) for value in values)

    rows = []
    for row in found.firms:
        numbers = (both(row.output), both(row.workers, 1.0, 0), both(row.spending), both(row.grants))
        rows.append((f"{row.place} {row.slot}", *numbers, pick(language, *FATES[row.fate])))
    return table(language, "followed_firms", rows)
