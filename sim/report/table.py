"""The comparison as a table for the terminal (plain text) and as Markdown, in English or Chinese.

Everything is plain text: names from files are never read as markup. Chinese characters count two columns.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.compare.comparison import ALL_PLACES
from sim.compare.statistics import verdict_text
from sim.report.money_lines import window_lines
from sim.report.numbers import MISSING, band_decimals, plain, row_scale, span, whole
from sim.report.words import Words, words
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison, Row
    from sim.compare.statistics import Band
    from sim.report.numbers import Language, Scale


@dataclass(frozen=True)
class Column:
    """One column: heading, cells, alignment, and how early it goes when the terminal is narrow (0: never)."""

    heading: str
    cells: list[str]
    left: bool = False
    goes: int = 0


def display_width(text: str) -> int:
    """Return how many terminal columns ``text`` takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) != 0 for c in text)
    return len(text) + wide - marks


def one_line(text: str) -> str:
    """Return ``text`` on one line without control characters: a name cannot move the cursor or colour the terminal."""
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())


def pad(text: str, width: int, *, left: bool) -> str:
    """Fill ``text`` with blanks to ``width`` terminal columns."""
    blanks = " " * max(width - display_width(text), 0)
    return text + blanks if left else blanks + text


def comparison_text(
    comparison: Comparison,
    language: Language = "en",
    *,
    every: bool = False,
    width: int | None = None,
    folder: str = "",
) -> str:
    """Return the whole comparison for the terminal.

    Parameters
    ----------
    every
        All variables instead of the headline ones.
    width
        Terminal columns; when the table is wider the less important columns are left out. None: never.
    folder
        Where the files were written; named in the last line.
    """
    rows = comparison.rows_at() if every else comparison.headline_rows()
    parts = [heading_lines(comparison, language)]
    if comparison.equality.identical:
        parts.append(note_lines(comparison, language, ("N01",)))
    else:
        parts.append(layout(row_columns(comparison, rows, language), width))
        parts.append(growth_lines(comparison, language))
        if every and comparison.place == ALL_PLACES:
            parts.append(place_lines(comparison, language, width))
    parts.append(window_lines(comparison, language))
    parts.append(ceiling_lines(comparison, language))
    parts.append(note_lines(comparison, language))
    if folder:
        parts.append([f"{words(language).files}  {folder}"])
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def heading_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return who is compared and on what: ids, names, pairs, draws, world, versions, equality, years in common."""
    text = words(language)
    a, b = comparison.a, comparison.b
    width = max(len(a.id), len(b.id))
    names = [
        f"{mark}  {side.id.ljust(width)}  {one_line(side.name_zh if language == 'zh' else side.name)}"
        for mark, side in (("B", b), ("A", a))
    ]
    setting = comparison.setting
    runs = text.pairs.format(n=comparison.n_pairs)
    if not comparison.paired:
        runs = text.unpaired_runs.format(b=b.n_done, a=a.n_done)
    draws = text.draws.format(draws=setting.draws) if setting.calibrated else text.not_calibrated
    world = one_line(setting.world_zh if language == "zh" else setting.world)
    about = text.setting.format(
        runs=runs, draws=draws, seed=setting.seed, world=world, model=setting.model_version, scale=setting.scale
    )
    return [*names, about + equal_until(comparison, text), *note_lines(comparison, language, ("span",))]


def equal_until(comparison: Comparison, text: Words) -> str:
    """Say until when A and B are equal, and whether they should be."""
    equality = comparison.equality
    if not comparison.paired or equality.identical:
        return ""
    if equality.first_change is None:
        return f"      {text.differ_from.format(month=month_text(equality.first_difference or 0))}"
    until = month_text(equality.first_change - 1)
    answer = text.yes if equality.as_expected else text.no
    return f"      {text.equal_until.format(month=until)}{answer}"


def row_columns(
    comparison: Comparison, rows: Sequence[Row], language: Language, *, by_place: bool = False
) -> list[Column]:
    """Return the columns of the main table for ``rows``."""
    text = words(language)
    zh = language == "zh"
    period = rows[0].period if rows else str(comparison.at)
    labels, units, levels, level_bands, medians, halves, nineties, percents = ([] for _ in range(8))
    highers, errors, verdicts = [], [], []
    for row in rows:
        scale = row_scale(row, language)
        level = row_decimals(row, row.a, row.a_se, scale)
        change = row_decimals(row, row.difference, row.mc_se, scale)
        name = row.label_zh if zh else row.label
        where = one_line(row.place_name_zh if zh else row.place_name)
        labels.append(where if by_place else name)
        units.append(scale.label)
        levels.append(plain(row.a.p50 / scale.divisor, level))
        inside = span(row.a.p05 / scale.divisor, row.a.p95 / scale.divisor, level)
        level_bands.append(f"({inside})" if inside else "")
        d = row.difference
        medians.append(plain(d.p50 / scale.divisor, change, signed=True))
        halves.append(span(d.p25 / scale.divisor, d.p75 / scale.divisor, change, signed=True))
        nineties.append(span(d.p05 / scale.divisor, d.p95 / scale.divisor, change, signed=True))
        percents.append(percent_cell(row, scale.difference_label, zh))
        highers.append(higher_cell(row))
        errors.append(error_cell(row.mc_se / scale.divisor))
        verdicts.append(verdict_text(row.verdict, language))
    rough = text.rough if comparison.note("rough") else ""
    unpaired = "" if comparison.paired else f" ({text.unpaired})"
    return [
        Column(period + unpaired, labels, left=True),
        Column("", units, left=True),
        Column(text.a_median, levels),
        Column(text.runs_90 + rough, level_bands, left=True, goes=2),
        Column(text.difference, medians),
        Column(text.runs_50, halves, goes=3),
        Column(text.runs_90 + rough, nineties),
        Column("%", percents, goes=4),
        Column(text.higher, highers),
        Column(text.mc_se, errors, goes=1),
        Column("", verdicts, left=True),
    ]


def row_decimals(row: Row, band: Band, standard_error: float, scale: Scale) -> int:
    """Return the decimals of a band of a row; people, firms and plots come whole."""
    return whole(band_decimals(band, standard_error, scale.divisor), row.unit)


def percent_cell(row: Row, difference_label: str, chinese: bool) -> str:
    """Return the median difference in percent of A; for shares the word for percentage points."""
    if difference_label:
        return "百分点" if chinese else "pp"
    value = row.difference_pct.p50
    return MISSING if math.isnan(value) else plain(value, 1, signed=True)


def higher_cell(row: Row) -> str:
    """Return how many runs have B above A: ``88/100``; a share of combinations when unpaired."""
    if math.isnan(row.prob_higher):
        return MISSING
    if not row.paired:
        return f"{100 * row.prob_higher:.0f}%"
    return f"{plain(row.prob_higher * row.n_pairs, 0 if _whole(row) else 1)}/{row.n_pairs}"


def _whole(row: Row) -> bool:
    """Whether ties leave no half run in the count."""
    count = row.prob_higher * row.n_pairs
    return abs(count - round(count)) < 1e-9


def error_cell(error: float) -> str:
    """Return a standard error with one significant digit."""
    if math.isnan(error):
        return MISSING
    if error == 0.0:
        return "0"
    decimals = -math.floor(math.log10(float(f"{error:.0e}")))
    return plain(error, decimals)


def growth_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return yearly growth in A and B and the difference in percentage points."""
    text = words(language)
    lines = []
    for row in comparison.growth:
        decimals = min(max(band_decimals(row.difference, row.mc_se, 1.0), 1), 2)
        line = text.growth.format(
            label=row.label_zh if language == "zh" else row.label,
            period=row.period,
            a=plain(row.a.p50, 1),
            b=plain(row.b.p50, 1),
            change=plain(row.difference.p50, decimals, signed=True),
        )
        inside = span(row.difference.p05, row.difference.p95, decimals, signed=True)
        lines.append(f"{line} ({inside})" if inside else line)
    return lines


def place_lines(comparison: Comparison, language: Language, width: int | None) -> list[str]:
    """Return one table of places for each headline variable, in the order of administrative codes."""
    lines: list[str] = []
    for main in comparison.headline_rows():
        rows = [
            row
            for row in comparison.rows
            if row.variable == main.variable and row.period == main.period and row.place != ALL_PLACES
        ]
        label = main.label_zh if language == "zh" else main.label
        lines += [label, *layout(row_columns(comparison, rows, language, by_place=True), width), ""]
    return lines[:-1]


def ceiling_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return the arithmetic ceiling from reported figures, in one line, when there is one."""
    if language == "zh":
        return [f"按公布数字推算的上限：{comparison.ceiling_zh}"] if comparison.ceiling_zh else []
    return [f"arithmetic ceiling: {comparison.ceiling}"] if comparison.ceiling else []


def note_lines(comparison: Comparison, language: Language, only: Sequence[str] = ()) -> list[str]:
    """Return the notes; those that stand above the table or in its place are returned only when asked for."""
    return [
        note.zh if language == "zh" else note.en
        for note in comparison.notes
        if (note.code in only if only else note.code not in ("N01", "span"))
    ]


def layout(columns: Sequence[Column], width: int | None = None) -> list[str]:
    """Set columns side by side; while wider than ``width`` the columns that may go are left out, lowest first."""
    kept = list(columns)
    for rank in range(1, max((c.goes for c in columns), default=0) + 1):
        if width is None or sum(_column_width(c) + 2 for c in kept) - 2 <= width:
            break
        kept = [column for column in kept if column.goes != rank]
    lines = []
    for row in range(-1, len(kept[0].cells)):
        cells = [pad(c.heading if row < 0 else c.cells[row], _column_width(c), left=c.left) for c in kept]
        lines.append("  ".join(cells).rstrip())
    return lines


def _column_width(column: Column) -> int:
    return max(display_width(text) for text in (column.heading, *column.cells))


def markdown(columns: Sequence[Column]) -> str:
    """Return columns as a Markdown table; bars, angle brackets and other markup in names are shown literally."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    rule = ["---" if column.left else "--:" for column in columns]
    body = [line([escaped(c.cells[row]) for c in columns]) for row in range(len(columns[0].cells))]
    return "\n".join([line([escaped(c.heading) for c in columns]), line(rule), *body]) + "\n"


def escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#~" else c for c in one_line(text))
