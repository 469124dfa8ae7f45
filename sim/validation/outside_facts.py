"""Reading a file of later figures that came from outside: the columns of ``reported_facts.csv``, sources of its own.

A row that cannot be used is set aside with its reason, and all others are taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.errors import UserError
from sim.evidence import BOUNDS, KINDS, Fact, load_sources
from sim.evidence.facts import COLUMNS
from sim.evidence.loose import YEAR, loose_month, loose_unit, loose_value, read_table
from sim.evidence.variables import GROWTH
from sim.inputs.problems import shown_path
from sim.inputs.words import Both
from sim.units import shown
from sim.validation.rivals import WORDS
from sim.validation.skill import Unscored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from sim.evidence.loose import LooseRow, Reason

OPTIONAL: Final = ("industry", "basis", "source", "note")
"""Columns, and cells, a file may leave out."""
REQUIRED: Final = tuple(name for name in COLUMNS if name not in OPTIONAL)


@dataclass(frozen=True)
class OutsideFacts:
    """Figures of a file from outside.

    Attributes
    ----------
    facts
        In file order. Every id is there once.
    set_aside
        Rows that cannot be used, in file order.
    unknown_sources
        Sources named by the figures that ``sources.csv`` does not have.
    """

    name: str
    facts: tuple[Fact, ...]
    set_aside: tuple[Unscored, ...]
    unknown_sources: tuple[str, ...]


def read_outside(path: Path) -> OutsideFacts:
    """Return the figures of a file, and the rows that are none with their reasons.

    An id used before gets its line, ``id (line 7)``.

    Raises
    ------
    UserError
        When the file cannot be read as text, its columns cannot be matched, or it holds no row.
    """
    rows = read_table(path, REQUIRED, OPTIONAL)
    if not rows:
        raise UserError(f"{shown_path(path)}:1  no figure in the file")
    facts: list[Fact] = []
    aside: list[Unscored] = []
    for identifier, row in zip(_ids(rows), rows, strict=True):
        found = [row.odd] if row.odd is not None else _figure(row.cells, identifier)
        if isinstance(found, Fact):
            facts.append(found)
        else:
            aside.append(_set_aside(row, identifier, found))
    unknown = sorted({fact.source for fact in facts} - load_sources().keys() - {""})
    return OutsideFacts(shown_path(path), tuple(facts), tuple(aside), tuple(unknown))


def _ids(rows: Sequence[LooseRow]) -> list[str]:
    """Return an id for each row that no other has: its own, with its line where there is none or it was used before."""
    found: dict[str, None] = {}
    for row in rows:
        name = row.cells["id"]
        while not name or name in found:
            name = f"{name} (line {row.line})".lstrip()
        found[name] = None
    return list(found)


def _set_aside(row: LooseRow, identifier: str, reasons: Sequence[Reason]) -> Unscored:
    aim = row.odd is None and _word(row.cells["kind"]) == "goal"
    told = [Both(*reason) for reason in (*([WORDS.both("rows.aim")] if aim else []), *reasons)]
    why = WORDS.both("rows.line", line=row.line, told=told)
    return Unscored(identifier, row.cells["place"], row.cells["variable"], *why)


def _figure(cells: Mapping[str, str], identifier: str) -> Fact | list[Reason]:
    """Return the figure of a row, or everything that is wrong with it."""
    bound, kind = _word(cells["bound"]), _word(cells["kind"])
    number = loose_value(cells["value"], cells["unit"])
    months = _months(cells["period_start"], cells["period_end"])
    plain = loose_unit(*number) if number is not None else None
    problems = [*_wrong_words(cells, bound, kind), *_wrong_amount(cells, number, plain), *_wrong_months(cells, months)]
    if problems or number is None or plain is None or months is None:
        return problems
    return Fact(
        **{name: cells[name] for name in ("place", "industry", "variable", "basis", "source", "note")},
        id=identifier,
        period_start=months[0],
        period_end=months[1],
        value=float(number[0]),
        unit=number[1],
        bound=bound,
        kind=kind,
        value_plain=float(plain[0]),
        unit_plain=plain[1],
    )


def _word(text: str) -> str:
    """Return a word of a column as the program writes it: ``at_least`` of ``At least``."""
    return "_".join(text.casefold().replace("-", " ").split())


def _wrong_words(cells: Mapping[str, str], bound: str, kind: str) -> Iterator[Reason]:
    """Yield what is wrong with place, variable, bound and kind."""
    for column in ("place", "variable"):
        if not cells[column]:
            yield _empty(column)
    for column, word, known in (("bound", bound, tuple(BOUNDS)), ("kind", kind, KINDS)):
        if not word:
            yield _empty(column)
        elif word not in known:
            yield _not_read(column, cells[column], WORDS.both("rows.known", known=list(known)))
    variable = cells["variable"]
    if variable and kind in KINDS and kind != "goal" and variable.endswith(GROWTH) != (kind == "growth"):
        yield WORDS.both("rows.growth", variable=_quoted(variable), kind=_quoted(kind), ending=GROWTH)


def _wrong_amount(
    cells: Mapping[str, str], number: tuple[Decimal, str] | None, plain: tuple[Decimal, str] | None
) -> Iterator[Reason]:
    """Yield what is wrong with value and unit."""
    value, unit = cells["value"], cells["unit"]
    if not value:
        yield _empty("value")
    elif number is None:
        yield _not_read("value", value, WORDS.both("rows.one_number"))
    if not unit and (number is None or not number[1]):
        yield _empty("unit")
    elif number is not None and plain is None:
        yield WORDS.both("rows.unit", unit=_quoted(unit))
    if plain is not None and not math.isfinite(float(plain[0])):
        yield _not_read("value", value, WORDS.both("rows.too_large"))


def _months(start: str, end: str) -> tuple[int, int] | None:
    """Return first and last month of a period; a year may stand in one of the two cells alone."""
    first, last = loose_month(start or end, last=False), loose_month(end or start, last=True)
    if first is None or last is None:
        return None
    whole_year = last - first == YEAR - 1
    return (first, last) if (start and end) or whole_year else None


def _wrong_months(cells: Mapping[str, str], months: tuple[int, int] | None) -> Iterator[Reason]:
    """Yield what is wrong with the period."""
    start, end = cells["period_start"], cells["period_end"]
    if months is not None:
        if months[0] > months[1]:
            yield WORDS.both("rows.backwards", start=shown(start), end=shown(end))
        return
    for column, text in (("period_start", start), ("period_end", end)):
        if not text:
            yield _empty(column)
        elif loose_month(text, last=False) is None:
            yield _not_read(column, text, WORDS.both("rows.month"))


def _empty(column: str) -> Both:
    return WORDS.both("rows.empty", column=column)


def _not_read(column: str, text: str, advice: Both) -> Both:
    return WORDS.both("rows.not_read", column=column, text=_quoted(text), advice=advice)


def _quoted(text: str) -> Both:
    """Return a text from a cell in the quotation marks of each language, cut short."""
    return Both(shown(text), f"“{shown(text)[1:-1]}”")
