"""Reported figures: what was published about a place, with its bound, basis, period and source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from sim.evidence.sources import REPORTED, evidence_folders, fact_files, load_sources, tables_in, wild
from sim.inputs.data import beside
from sim.inputs.files import read_rows
from sim.inputs.problems import Findings, Spot, refused
from sim.inputs.problems import words as told
from sim.inputs.tables import listed, near
from sim.units import ENGLISH_SCALES, UnitError, parse_month

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    Note = Callable[..., None]

BOUNDS: dict[str, str] = {"exact": "=", "at_least": "≥", "at_most": "≤", "about": "≈"}
"""How a figure binds, with the sign shown before it."""

KINDS = ("level", "growth", "share", "count", "goal")

POLICY_VARIABLES = frozenset({"fund_annual_budget"})
"""What a government decides: an input of a scenario, never something a model is fitted to."""

WORDS = beside(__file__)
_THINGS: dict[str, str] = {**WORDS["units"], **dict.fromkeys(WORDS["counted"]["en"], "count")}
"""Plain unit of each printed unit, without its scale word."""

_CHINESE: dict[str, tuple[str, int]] = {**WORDS["units_zh"], **dict.fromkeys(WORDS["counted"]["zh"], ("count", 1))}
"""Units as a Chinese report prints them: plain unit and size."""

COLUMNS = (
    "id", "place", "industry", "variable", "period_start", "period_end", "value", "unit", "bound", "basis", "kind",
    "source", "note",
)  # fmt: skip
"""Columns of a file of reported figures, in order."""


@dataclass(frozen=True)
class Fact:
    """One reported figure.

    Attributes
    ----------
    period_start, period_end
        First and last month it covers, as month numbers.
    value, unit
        As printed: ``42``, ``billion yuan``.
    value_plain, unit_plain
        In the plain unit: 42 billion and ``yuan``; a percentage is a ``share`` of one.
    bound
        ``exact``, ``at_least``, ``at_most`` or ``about``.
    basis
        What was counted and how; figures on different bases are never mixed.
    kind
        ``level``, ``growth``, ``share``, ``count`` or ``goal``.
    """

    id: str
    place: str
    industry: str
    variable: str
    period_start: int
    period_end: int
    value: float
    unit: str
    bound: str
    basis: str
    kind: str
    source: str
    note: str
    value_plain: float
    unit_plain: str

    @property
    def sign(self) -> str:
        """Sign of the bound: =, ≥, ≤ or ≈."""
        return BOUNDS[self.bound]

    @property
    def for_calibration(self) -> bool:
        """Whether a model may be fitted to it; announced aims and decided amounts never are."""
        return self.kind != "goal" and self.variable not in POLICY_VARIABLES


def plain_unit(value: Decimal, unit: str) -> tuple[Decimal, str] | None:
    """Return a printed value in its plain unit, or None when the unit is not known."""
    if unit in _CHINESE:
        thing, size = _CHINESE[unit]
        return (value * size / 100 if thing == "share" else value * size), thing
    word, _, rest = unit.partition(" ")
    scale, thing = (ENGLISH_SCALES[word], rest) if word in ENGLISH_SCALES else (Decimal(1), unit)
    plain = _THINGS.get(thing)
    if plain is None:
        return None
    return (value * scale / 100 if plain == "share" else value * scale), plain


def load_facts(folder: Path | None = None) -> tuple[Fact, ...]:
    """Return every reported figure, in file order, library first.

    Parameters
    ----------
    folder
        Folder with ``reported_facts.csv`` and ``sources.csv``, and perhaps ``<place>_facts.csv`` of single places;
        None for the workspace's and the library's together, where a figure of the workspace replaces one of the library
        with the same id.

    Raises
    ------
    UserError
        With file and line of every row that has an unknown word, a period that runs backwards, a value that is not
        a number, a source that is not listed, or an id used twice.
    """
    return _facts_of(tables_in(folder), folder)


@lru_cache(maxsize=8)
def _facts_of(tables: tuple[tuple[Path, bytes], ...], folder: Path | None) -> tuple[Fact, ...]:
    """Return the figures of a folder whose tables hold what ``tables`` says."""
    sources = load_sources(folder)
    found: dict[str, Fact] = {}
    findings = Findings()
    for place in reversed(evidence_folders(folder)):
        paths = fact_files(place)
        if folder is not None and place / REPORTED not in paths:
            raise refused("no_figures_here", Spot(str(place / REPORTED)), what=told("facts"))
        here: dict[str, Spot] = {}
        for path in paths:
            for spot, item in read_facts(path, sources, findings).items():
                if item.id in here:
                    findings.add("id_again", spot, id=item.id, first=told("first_in", spot=here[item.id]))
                here.setdefault(item.id, spot)
                found[item.id] = item
    findings.stop_if_wrong()
    return tuple(found.values())


def read_facts(path: Path, sources: Collection[str], findings: Findings) -> dict[Spot, Fact]:
    """Return the figures of one file by their place in it; what is wrong is noted and the row left out.

    ``sources`` are the ids of the publications that rows may name.

    Raises
    ------
    UserError
        When the file is no table with the columns of ``COLUMNS``.
    """
    found: dict[Spot, Fact] = {}
    seen = set[str]()
    for spot, row in read_rows(path, COLUMNS):
        if row["id"] in seen:
            findings.add("id_again", spot, id=row["id"])
            continue
        seen.add(row["id"])
        item = _fact(row, sources, findings, partial(findings.add, spot=spot))
        if item is not None:
            found[spot] = item
    return found


def _fact(row: dict[str, str], sources: Collection[str], findings: Findings, note: Note) -> Fact | None:
    """Check one row and build its fact; every problem is noted and None returned when there is one."""
    before = len(findings.problems)
    for column in ("id", "place", "industry", "variable"):
        if not row[column]:
            note("cell_empty", column=column)
    if wild(row["id"]):
        note("cell_id", id=row["id"])
    for column, known in (("bound", tuple(BOUNDS)), ("kind", KINDS)):
        if row[column] not in known:
            note("cell_word", column=column, value=row[column], known=listed(known))
    if row["source"] not in sources:
        suggestion = near(row["source"], sources, ('did you mean "{}"?', "是否想写“{}”？"))
        note("cell_source", value=row["source"], file="sources.csv", near=suggestion)
    months = months_of(row, note)
    value = finite_number(row["value"])
    if value is None:
        note("cell_number", value=row["value"])
    plain = plain_unit(value or Decimal(0), row["unit"])
    if plain is None:
        note("cell_unit", value=row["unit"], known=", ".join(sorted(_THINGS)), chinese="、".join(_CHINESE))
    if len(findings.problems) > before or months is None or value is None or plain is None:
        return None
    return Fact(
        **{name: text for name, text in row.items() if name not in ("period_start", "period_end", "value")},
        period_start=months[0],
        period_end=months[1],
        value=float(value),
        value_plain=float(plain[0]),
        unit_plain=plain[1],
    )


def months_of(row: dict[str, str], note: Note) -> tuple[int, int] | None:
    """Return the first and last month of a row; None, with what is wrong noted, when they are no period."""
    months = []
    for column in ("period_start", "period_end"):
        try:
            months.append(parse_month(row[column]))
        except UnitError as error:
            note("cell_month", column=f"{column} ", problem=error.problem, advice=error.advice)
    if len(months) < 2:
        return None
    if months[0] > months[1]:
        note("cell_backwards", start=row["period_start"], end=row["period_end"])
        return None
    return months[0], months[1]


def finite_number(text: str) -> Decimal | None:
    """Return the number a text is, or None when it is none or too large to reckon with."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and math.isfinite(float(number)) else None


def facts_for(place: str) -> tuple[Fact, ...]:
    """Return the figures reported for a place; raise ``UserError`` naming the nearest place when there are none."""
    facts = load_facts()
    found = tuple(item for item in facts if item.place == place)
    if not found:
        places = sorted({item.place for item in facts})
        raise refused("no_facts_of_place", place=place, near=near(place, places), known=", ".join(places))
    return found


def find_fact(identifier: str, facts: Iterable[Fact]) -> Fact:
    """Return one of ``facts`` by id, the last of several; raise ``UserError`` naming the nearest id for none."""
    known = {item.id: item for item in facts}
    if identifier not in known:
        pair = ('; did you mean "{}"?', "；是否想写“{}”？")
        raise refused("no_fact", id=identifier, near=near(identifier, known, pair))
    return known[identifier]
