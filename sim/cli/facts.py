"""``countysim facts``: the published figures, each with its bound, basis, period and source.

With ``--national`` the published growth of industries nationwide, which is what their counties sell into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cli import common
from sim.inputs.problems import LANGUAGES
from sim.inputs.words import Both

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.evidence import Fact, Source
    from sim.evidence.national import NationalFigure

WORDS = common.WORDS


def facts(
    place: str | None = None, national: bool = False, as_json: bool = False, as_csv: bool = False, lang: str = "en",
) -> None:  # fmt: skip
    """List the published figures with bound, basis, period and source; with --national those of whole industries."""
    from sim.errors import UserError
    from sim.evidence import facts_for, load_facts, load_sources

    if lang not in LANGUAGES:
        raise UserError(f'--lang "{lang}" is not a language of countysim\n    write en or zh')
    if as_json and as_csv:
        raise UserError("--json and --csv exclude each other")
    if national:
        _national(place, lang, as_json, as_csv)
        return
    found = load_facts() if place is None else facts_for(place)
    sources = load_sources()
    if as_json or as_csv:
        _print_records([_record(fact, sources) for fact in found], as_json)
    else:
        _print(found, sources, lang)


def figure_text(fact: Fact, lang: str) -> str:
    """Return a figure with the sign of its bound: ``≥ 42 billion yuan``."""
    from sim.units import format_count, format_value

    exact = 15
    if fact.unit_plain == "count":
        number = format_count(fact.value_plain, lang)
        return f"{fact.sign} {number}" if lang == "zh" else f"{fact.sign} {number} {fact.unit}"
    return f"{fact.sign} {format_value(fact.value_plain, fact.unit_plain, lang, exact)}"


def _period(first: int, last: int) -> str:
    from sim.units import month_text

    start, end = month_text(first), month_text(last)
    if start == end:
        return start
    whole_year = start.endswith("-01") and end == f"{start[:4]}-12"
    return start[:4] if whole_year else f"{start} – {end}"


def _record(fact: Fact, sources: Mapping[str, Source]) -> dict[str, Any]:
    from dataclasses import asdict

    from sim.units import month_text

    record = asdict(fact)
    record["period_start"], record["period_end"] = month_text(fact.period_start), month_text(fact.period_end)
    record["for_calibration"] = fact.for_calibration
    record["source_text"] = str(sources[fact.source])
    return record


def _print_records(records: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Print records as JSON or CSV."""
    from sim.report.table import as_csv
    from sim.units import plain_cell

    if as_json:
        common.print_json(records)
        return
    rows = [{name: plain_cell(value) for name, value in record.items()} for record in records]
    print(as_csv(tuple(records[0]) if records else (), rows), end="")


def _print(facts: Sequence[Fact], sources: Mapping[str, Source], lang: str) -> None:
    from sim.evidence import variable_label

    tables: dict[str, list[Sequence[str]]] = {}
    for fact in facts:
        use = "" if fact.for_calibration else WORDS.say(lang, "facts.never")
        name, figure = variable_label(fact.variable, lang), figure_text(fact, lang)
        period = _period(fact.period_start, fact.period_end)
        cells = (fact.id, name, figure, period, fact.basis, fact.source, use)
        tables.setdefault(WORDS.say(lang, "facts.title", place=fact.place), []).append(cells)
    used = dict.fromkeys(fact.source for fact in facts)
    _show(tables, "facts", {key: str(sources[key]) for key in used}, lang)


def _show(tables: Mapping[str, Sequence[Sequence[str]]], section: str, sources: Mapping[str, str], lang: str) -> None:
    """Print tables by their titles, then what their signs mean and the sources by id.

    ``section`` of the words has their headings and the legend.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 200
    for title, rows in tables.items():
        table = Table(title=Text(title), box=box.SIMPLE, title_justify="left")
        for heading in WORDS.entries[section]["headings"][lang == "zh"]:
            table.add_column(heading, overflow="fold")
        for cells in rows:
            table.add_row(*(Text(cell) for cell in cells))
        console.print(table)
    console.print(WORDS.say(lang, f"{section}.legend"))
    console.print(WORDS.say(lang, "facts.sources"))
    for key, text in sources.items():
        console.print(Text(f"  {key}: {text}"))


# --- whole industries ---


def _national(of: str | None, lang: str, as_json: bool, as_csv: bool) -> None:
    """List the national growth of all groups of industries, of one, or of that of a place."""
    from sim.evidence import load_series, load_series_sources
    from sim.evidence.national import ALL, GROUPS, national_figures

    groups = tuple(GROUPS) if of is None else _groups(of)
    found, sources = national_figures(load_series(), groups), load_series_sources()
    if as_json or as_csv:
        _print_records([_national_record(one, str(sources[one.observation.source])) for one in found], as_json)
        return
    tables: dict[str, list[Sequence[str]]] = {}
    for figure in found:
        group = figure.group
        title = WORDS.say(lang, "national.title", name=Both(group.name, group.name_zh), group=group.id or ALL)
        tables.setdefault(title, []).append(_national_cells(figure, lang))
    used = dict.fromkeys(figure.observation.source for figure in found)
    _show(tables, "national", {key: str(sources[key]) for key in used}, lang)


def _groups(of: str) -> tuple[str, ...]:
    """Return the groups of industries that a reader asks for by group or by place."""
    from sim.evidence import facts_for, load_facts
    from sim.evidence.national import find_group
    from sim.parameters.industries import load_industries

    if of not in {fact.place for fact in load_facts()}:
        return (find_group(of).id,)
    known = load_industries()
    industries = dict.fromkeys(fact.industry for fact in facts_for(of))
    return tuple(dict.fromkeys(known[name].group if name in known else "" for name in industries))


def _national_record(figure: NationalFigure, source: str) -> dict[str, Any]:
    from sim.evidence.national import ALL
    from sim.units import month_text

    row = figure.observation
    return {
        "group": figure.group.id or ALL,
        "series": figure.series,
        "what": figure.label[0],
        "what_zh": figure.label[1],
        "period_start": month_text(row.start),
        "period_end": month_text(row.end),
        "growth_percent": row.value,
        "status": row.status,
        "source": row.source,
        "source_text": source,
        "note": row.note,
    }


def _national_cells(figure: NationalFigure, lang: str) -> tuple[str, ...]:
    row = figure.observation
    return (
        figure.series,
        figure.label[0 if lang == "en" else 1],
        _period(row.start, row.end),
        f"{row.value:g}%",
        WORDS.say(lang, f"national.{row.status}"),
        row.source,
    )
