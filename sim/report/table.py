"""Tables for the terminal (plain text), Markdown and HTML, and what stands above and below them in both languages.

Everything is plain text: names from files are never read as markup. Chinese characters count two columns.
"""

from __future__ import annotations

import csv
import io
import math
import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final, Protocol

from sim.compare.comparison import Setting
from sim.inputs.data import beside
from sim.report.words import filled_in, say
from sim.units import Language, pick


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


class Policy(Protocol):
    """A row that belongs to a policy."""

    @property
    def policy(self) -> str: ...  # noqa: D102
    @property
    def policy_name(self) -> str: ...  # noqa: D102
    @property
    def policy_name_zh(self) -> str: ...  # noqa: D102


def policy_name(row: Policy, language: str) -> str:
    """Return the name of the policy of a row, that of the other language where it has no other, or its id."""
    return pick(language, row.policy_name or row.policy_name_zh, row.policy_name_zh or row.policy_name) or row.policy


@dataclass(frozen=True)
class Column:
    """One column: heading, cells, alignment, and how early it goes when the terminal is narrow (0: never).

    On a sheet text longer than ``widest`` is wrapped, or runs on when ``wraps`` is False; ``printed`` False leaves the
    column off the paper; such columns come last.
    """

    heading: str
    cells: Sequence[Any] = ()
    left: bool = False
    goes: int = 0
    widest: float = 46.0
    printed: bool = True
    wraps: bool = True


def heads(language: str, table: str, /, **values: object) -> list[Column]:
    """Return the columns of a table of ``tables.toml`` without cells; headings are filled with values."""
    found: list[Column] = []
    for entry in beside(__file__, "tables.toml")[table].values():
        if isinstance(entry, str):
            found += heads(language, entry, **values)
            continue
        english, chinese, *how = entry
        looks = {type(each): each for each in how if not isinstance(each, str)}
        found.append(
            Column(
                filled_in(pick(language, english, chinese), values), (), "left" in how, looks.get(int, 0),
                looks.get(float, 46.0), "unprinted" not in how, "runs on" not in how,
            )
        )  # fmt: skip
    return found


def filled(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[Column]:
    """Return columns with the cells of rows, each of which has a cell for every column."""
    cells = zip(*rows, strict=True) if rows else [()] * len(columns)
    return [replace(column, cells=list(own)) for column, own in zip(columns, cells, strict=True)]


def table(language: str, name: str, rows: Sequence[Sequence[Any]], /, **values: object) -> list[Column]:
    """Return a table of ``tables.toml`` with the cells of rows; see ``heads``."""
    return filled(heads(language, name, **values), rows)


def record(name: str, /, **things: Any) -> dict[str, Any]:
    """Return a record of ``records.toml``, for other programs: each field is where its value lies in ``things``.

    A number that is none is None where the path ends in a question mark.
    """
    found = {}
    for field, path in beside(__file__, "records.toml")[name].items():
        value, _ = _FORMATTER.get_field(path.rstrip("?"), (), things)
        found[field] = value if path[-1:] != "?" or (value is not None and math.isfinite(value)) else None
    return found


def fields(name: str) -> tuple[str, ...]:
    """Return the fields of a record of ``records.toml``: the columns of a file of them."""
    return tuple(beside(__file__, "records.toml")[name])


_FORMATTER: Final = string.Formatter()


def display_width(text: str) -> int:
    """Return how many terminal columns ``text`` takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) != 0 for c in text)
    return len(text) + wide - marks


def one_line(text: str) -> str:
    """Return ``text`` on one line without control characters: a name cannot move the cursor or colour the terminal."""
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())


def pad(text: str, width: int, *, left: bool) -> str:
    """Fill ``text`` with blanks to ``width`` terminal columns."""
    blanks = " " * max(width - display_width(text), 0)
    return text + blanks if left else blanks + text


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


def paragraphs(blocks: Iterable[Sequence[str]]) -> str:
    """Return blocks of lines with an empty line between them, ending in a line break; empty blocks are left out."""
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def files_line(folder: str, language: Language) -> list[str]:
    """Return where the files were written; nothing without a folder."""
    return [f"{say(language, 'table.files')}  {folder}"] if folder else []


def pairs_text(number: int, language: Language) -> str:
    """Return the number of paired replicates in words."""
    return say(language, "table.paired_replicates", number=number)


def setting_text(setting: Setting, runs: str, language: Language) -> str:
    """Return ``runs`` (how many there are, in words) with draws, seed, world, version and scale."""
    key = "draws" if setting.calibrated else "not_calibrated"
    if not setting.calibrated and setting.drawn_from == "priors":
        key = "not_calibrated_draws_priors"
    values = {"draws": say(language, f"table.{key}", draws=setting.draws), "seed": setting.seed, "scale": setting.scale}
    values |= {"world": one_line(pick(language, setting.world, setting.world_zh)), "version": setting.model_version}
    return say(language, "table.seed_world_model_scale", runs=runs, **values)


def runs_90(language: Language, *, rough: bool) -> str:
    """Return the heading of a 90% band."""
    return say(language, "shared.90_runs") + (say(language, "table.rough") if rough else "")


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV text with these columns; what a row does not have is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
