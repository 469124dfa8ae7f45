"""What happened in one replicate, as text: where the runs part, paths, firms, start, and the draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sim.observables import observable
from sim.report.rounding import MISSING, plain, scale_for, significant
from sim.report.table import Column, layout, paragraphs
from sim.report.words import entries, say
from sim.units import format_share, format_value, month_text, pick

if TYPE_CHECKING:
    from sim.compare.explain import Explanation, FirmStory, StartFigure, UnusualParameter
    from sim.units import Language

MOST_PARAMETERS = 12
"""Unusual parameters that are told."""
FATES: Final[dict[str, list[str]]] = entries()["fates"]


def explanation_text(found: Explanation, language: Language, width: int | None = None) -> str:
    """Return what happened in one replicate, for the terminal."""
    return paragraphs(
        [
            _head(found, language),
            layout(_path_columns(found, language), width),
            [*_firms_head(found, language), *layout(_firm_columns(found, language), width)] if found.firms else [],
            _start_lines(found, language),
            _parameter_lines(found, language),
        ]
    )


def _head(found: Explanation, language: Language) -> list[str]:
    """Return which replicate, when the runs part, and how much of the mean difference it makes."""
    number, n = found.replicate, found.n
    lines = [say(language, "explain_text.replicate_pairs_draw_b", number=number, n=n, found=found)]
    paper = MISSING if found.change is None else month_text(found.change)
    if found.parted is None:
        lines.append(say(language, "explain_text.two_runs_are_equal"))
        return lines
    parted = month_text(found.parted)
    lines.append(say(language, "explain_text.scenarios_differ_from_on", paper=paper, parted=parted))
    if math.isfinite(found.share_of_mean):
        share, alike = (format_share(part, language, 2) for part in (found.share_of_mean, 1.0 / n))
        lines.append(
            say(language, "explain_text.it_makes_mean_difference", share=share, year=found.years[-1], alike=alike)
        )
    return lines


def _path_columns(found: Explanation, language: Language) -> list[Column]:
    """Return each variable by year: B, A, their difference, and the median difference of all pairs."""
    first, *_ = found.years
    names, kinds = [], []
    cells: list[list[str]] = [[] for _ in found.years]
    ranks = []
    for path in found.paths:
        item = observable(path.variable)
        size = max(abs(float(value)) for side in (path.a, path.b) for value in side)
        scale = scale_for(item.unit, size, language)
        apart = max(float(abs(path.b - path.a).max()), float(abs(path.usual_difference).max()))
        decimals = max(significant(size / scale.divisor, 4), 0)
        finer = max(significant(apart / scale.divisor, 3), 0) if apart else 0
        label = pick(language, item.label, item.label_zh) + (f" ({scale.label})" if scale.label else "")
        rows = (
            ("B", path.b, decimals, False),
            ("A", path.a, decimals, False),
            ("B−A", path.b - path.a, finer, True),
            (say(language, "explain_text.median_b"), path.usual_difference, finer, True),
        )
        for k, (kind, values, digits, signed) in enumerate(rows):
            names.append(label if k == 0 else "")
            kinds.append(kind)
            ranks.append(f"{path.rank}/{found.n}" if kind == "B−A" else "")
            for column, value in zip(cells, values.tolist(), strict=True):
                column.append(scale.plain(value, digits, signed=signed))
    return [
        Column("", names, left=True),
        Column("", kinds, left=True),
        *(
            Column(str(year), column, goes=1 if year == first else 0)
            for year, column in zip(found.years, cells, strict=True)
        ),
        Column(say(language, "explain_text.rank", year=found.years[-1]), ranks),
    ]


def _firms_head(found: Explanation, language: Language) -> list[str]:
    at = found.years[-1]
    return [say(language, "explain_text.followed_firms_whose_output", at=at)]


def _firm_columns(found: Explanation, language: Language) -> list[Column]:
    def both(values: tuple[float, float], divisor: float = 1e6, decimals: int = 1) -> str:
        return " | ".join(plain(value / divisor, decimals) for value in values)

    rows: list[FirmStory] = list(found.firms)
    return [
        Column(say(language, "explain_text.firm_slot"), [f"{row.place} {row.slot}" for row in rows], left=True),
        Column(say(language, "explain_text.output"), [both(row.output) for row in rows]),
        Column(say(language, "explain_text.workers"), [both(row.workers, 1.0, 0) for row in rows]),
        Column(say(language, "explain_text.equipment"), [both(row.spending) for row in rows]),
        Column(say(language, "explain_text.grants"), [both(row.grants) for row in rows]),
        Column("", [pick(language, *FATES[row.fate]) for row in rows], left=True),
    ]


def _start_lines(found: Explanation, language: Language) -> list[str]:
    """Return the figures of the first year of A, beside the median of all replicates."""
    lines = [say(language, "explain_text.first_year_in_median")]
    return [*lines, *(f"  {_start_text(one, found.n, language)}" for one in found.start)]


def _start_text(one: StartFigure, n: int, language: Language) -> str:
    label, label_zh, unit = "orders delivered", "订单交付率", "share"  # sales over orders of buyers
    if one.name != "service":
        item = observable(one.name)
        label, label_zh, unit = item.label, item.label_zh, item.unit
    value, usual = (format_value(number, unit, language) for number in (one.value, one.usual))
    return say(
        language, "explain_text.of", label=label, value=value, usual=usual, rank=one.rank, n=n, label_zh=label_zh
    )


def _parameter_lines(found: Explanation, language: Language) -> list[str]:
    """Return in which parameters the draw lies at one end of the draws."""
    if not found.parameters:
        return [say(language, "explain_text.no_parameter_this_draw")]
    head = say(language, "explain_text.parameters_at_one_end")
    return [head, *(f"  {_parameter_text(one, language)}" for one in found.parameters[:MOST_PARAMETERS])]


def _parameter_text(one: UnusualParameter, language: Language) -> str:
    about = pick(language, one.about, one.about_zh)
    shown = f"{one.name} = {one.value:.3g} ({one.usual:.3g}; {100 * one.below:.0f}%)"
    return f"{shown}  {about}" if about else shown
