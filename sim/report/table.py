"""Tables for the terminal (plain text), Markdown and HTML, and the comparison as such a table, in English or Chinese.

Everything is plain text: names from files are never read as markup. Chinese characters count two columns.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Protocol

from sim.compare.comparison import ALL_PLACES
from sim.compare.wording import verdict_text
from sim.report.money_lines import window_lines
from sim.report.rounding import MISSING, band_decimals, occasions, plain, row_scale, span, whole
from sim.units import month_text, pick

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sim.compare.comparison import Comparison, Row, Setting
    from sim.compare.statistics import Band
    from sim.report.rounding import Scale
    from sim.units import Language


class Named(Protocol):
    """What has an id and a name in both languages: a scenario, a side of a comparison, a policy."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def name_zh(self) -> str: ...  # noqa: D102


def named(thing: Named, language: str) -> str:
    """Return the name of a thing, that of the other language where it has no other, or its id."""
    return pick(language, thing.name or thing.name_zh, thing.name_zh or thing.name) or thing.id


@dataclass(frozen=True)
class Column:
    """One column: heading, cells, alignment, and how early it goes when the terminal is narrow (0: never)."""

    heading: str
    cells: Sequence[str] = ()
    left: bool = False
    goes: int = 0


def filled(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[Column]:
    """Return columns with the cells of rows, each of which has a cell for every column."""
    return [replace(column, cells=[row[k] for row in rows]) for k, column in enumerate(columns)]


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
    return paragraphs([*parts, files_line(folder, language)])


def paragraphs(blocks: Iterable[Sequence[str]]) -> str:
    """Return blocks of lines with an empty line between them, ending in a line break; empty blocks are left out."""
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def files_line(folder: str, language: Language) -> list[str]:
    """Return where the files were written; nothing without a folder."""
    return [f"{pick(language, 'files', '文件')}  {folder}"] if folder else []


def heading_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return who is compared and on what: ids, names, pairs, draws, world, versions, equality, years in common."""
    a, b = comparison.a, comparison.b
    width = max(len(a.id), len(b.id))
    names = [
        f"{mark}  {side.id.ljust(width)}  {one_line(named(side, language))}" for mark, side in (("B", b), ("A", a))
    ]
    runs = pairs_text(comparison.n_pairs, language)
    if not comparison.paired:
        runs = pick(
            language,
            f"UNPAIRED: {b.n_done} replicates of B, {a.n_done} of A",
            f"非配对：B {b.n_done}次推演，A {a.n_done}次推演",
        )
    about = setting_text(comparison.setting, runs, language)
    return [*names, about + equal_until(comparison, language), *note_lines(comparison, language, ("span",))]


def pairs_text(number: int, language: Language) -> str:
    """Return the number of paired replicates in words."""
    return pick(language, f"{number} paired replicates", f"{number}次配对推演")


def setting_text(setting: Setting, runs: str, language: Language) -> str:
    """Return ``runs`` (how many there are, in words) with draws, seed, world, version and scale."""
    draws = pick(language, "not calibrated, ", "参数未校准，")
    if setting.calibrated:
        draws = pick(language, f"draws {setting.draws}, ", f"参数样本{setting.draws}，")
    world = one_line(pick(language, setting.world, setting.world_zh))
    version, scale = setting.model_version, setting.scale
    if language == "zh":
        return f"{runs}（{draws}随机种子{setting.seed}），外部环境：{world}，模型版本{version}，比例1:{scale}"
    return f"{runs} ({draws}seed {setting.seed}), world {world}, model {version}, scale 1:{scale}"


def equal_until(comparison: Comparison, language: Language) -> str:
    """Say until when A and B are equal, and whether they should be."""
    equality = comparison.equality
    if not comparison.paired or equality.identical:
        return ""
    if equality.first_change is None:
        month = month_text(equality.first_difference or 0)
        return "      " + pick(language, f"A and B differ from {month}", f"A与B从{month}起不同")
    month = month_text(equality.first_change - 1)
    answer = pick(language, "yes", "是") if equality.as_expected else pick(language, "NO", "否")
    return "      " + pick(language, f"equal until {month}: ", f"{month}以前两者相同：") + answer


def row_columns(
    comparison: Comparison, rows: Sequence[Row], language: Language, *, by_place: bool = False
) -> list[Column]:
    """Return the columns of the main table for ``rows``."""
    period = rows[0].period if rows else str(comparison.at)
    unpaired = "" if comparison.paired else pick(language, " (unpaired)", " (非配对)")
    ninety = runs_90(language, rough=comparison.note("rough") is not None)
    columns = [
        Column(period + unpaired, left=True),
        Column("", left=True),
        Column(pick(language, "A median", "A中位数")),
        Column(ninety, left=True, goes=2),
        Column(pick(language, "B − A median", "B−A中位数")),
        Column(pick(language, "50% of runs", "50%的推演"), goes=3),
        Column(ninety),
        Column("%", goes=4),
        Column(pick(language, "B higher", "B较高")),
        Column(pick(language, "MC se", "推演误差"), goes=1),
        Column("", left=True),
    ]
    return filled(columns, [_row_cells(row, language, by_place=by_place) for row in rows])


def runs_90(language: Language, *, rough: bool) -> str:
    """Return the heading of a 90% band."""
    return pick(language, "90% of runs", "90%的推演") + (pick(language, " (rough)", "（粗略）") if rough else "")


def _row_cells(row: Row, language: Language, *, by_place: bool) -> tuple[str, ...]:
    scale, d = row_scale(row, language), row.difference
    level = row_decimals(row, row.a, row.a_se, scale)
    change = row_decimals(row, d, row.mc_se, scale)
    inside = scale.span(row.a.p05, row.a.p95, level)
    where = one_line(pick(language, row.place_name, row.place_name_zh))
    return (
        where if by_place else pick(language, row.label, row.label_zh),
        scale.label,
        scale.plain(row.a.p50, level),
        f"({inside})" if inside else "",
        scale.plain(d.p50, change, signed=True),
        scale.span(d.p25, d.p75, change, signed=True),
        scale.span(d.p05, d.p95, change, signed=True),
        percent_cell(row, scale.difference_label, language),
        higher_cell(row),
        error_cell(row.mc_se / scale.divisor),
        verdict_text(row.verdict, language),
    )


def row_decimals(row: Row, band: Band, standard_error: float, scale: Scale) -> int:
    """Return the decimals of a band of a row; people, firms and plots come whole."""
    return whole(band_decimals(band, standard_error, scale.divisor), row.unit)


def percent_cell(row: Row, difference_label: str, language: Language) -> str:
    """Return the median difference in percent of A; for shares the word for percentage points."""
    if difference_label:
        return pick(language, "pp", "百分点")
    value = row.difference_pct.p50
    return MISSING if math.isnan(value) else plain(value, 1, signed=True)


def higher_cell(row: Row) -> str:
    """Return how many runs have B above A: ``88/100``; a share of combinations when unpaired."""
    if math.isnan(row.prob_higher):
        return MISSING
    if not row.paired:
        return f"{100 * row.prob_higher:.0f}%"
    return f"{occasions(row.prob_higher, row.n_pairs)}/{row.n_pairs}"


def error_cell(error: float) -> str:
    """Return a standard error with one significant digit."""
    if math.isnan(error):
        return MISSING
    if error == 0.0:
        return "0"
    return plain(error, -math.floor(math.log10(float(f"{error:.0e}"))))


def growth_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return yearly growth in A and B and the difference in percentage points."""
    lines = []
    for row in comparison.growth:
        decimals = min(max(band_decimals(row.difference, row.mc_se, 1.0), 1), 2)
        a, b, change = plain(row.a.p50, 1), plain(row.b.p50, 1), plain(row.difference.p50, decimals, signed=True)
        line = pick(
            language,
            f"{row.label} {row.period}: A {a}%, B {b}%, difference {change} percentage points",
            f"{row.label_zh}（{row.period}）：A {a}%，B {b}%，相差{change}个百分点",
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
        columns = row_columns(comparison, rows, language, by_place=True)
        lines += [pick(language, main.label, main.label_zh), *layout(columns, width), ""]
    return lines[:-1]


def ceiling_lines(comparison: Comparison, language: Language) -> list[str]:
    """Return the arithmetic ceiling from reported figures, in one line, when there is one."""
    if language == "zh":
        return [f"按公布数字推算的上限：{comparison.ceiling_zh}"] if comparison.ceiling_zh else []
    return [f"arithmetic ceiling: {comparison.ceiling}"] if comparison.ceiling else []


def note_lines(comparison: Comparison, language: Language, only: Sequence[str] = ()) -> list[str]:
    """Return the notes; those that stand above the table or in its place are returned only when asked for."""
    return [
        pick(language, note.en, note.zh)
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


def html(columns: Sequence[Column]) -> str:
    """Return columns as an HTML table; numbers, which stand to the right, are of class ``number``."""

    def cell(column: Column, row: int) -> str:
        kind = "" if column.left else ' class="number"'
        return f"<td{kind}>{escape(one_line(column.cells[row]))}</td>"

    head = "".join(f"<th>{escape(column.heading)}</th>" for column in columns)
    rows = range(len(columns[0].cells))
    body = "\n".join(f"<tr>{''.join(cell(column, row) for column in columns)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
