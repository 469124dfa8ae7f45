"""``countysim facts``: the published figures, each with its bound, basis, period and source.

With ``--national`` the published growth of industries nationwide, which is what their counties sell into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cli import common
from sim.inputs.problems import LANGUAGES
from sim.inputs.words import Both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.evidence import Fact

    Listed = tuple[dict[str, Any], str, Sequence[str]]  # a figure's record, the title of its table, its cells there

WORDS = common.WORDS


def facts(
    place: str | None = None, national: bool = False, as_json: bool = False, as_csv: bool = False, lang: str = "en",
) -> None:  # fmt: skip
    """List the published figures with bound, basis, period and source; with --national those of whole industries."""
    from sim.errors import UserError
    from sim.report.table import as_csv as csv_of
    from sim.units import plain_cell

    if lang not in LANGUAGES:
        raise UserError(f'--lang "{lang}" is not a language of countysim\n    write en or zh')
    if as_json and as_csv:
        raise UserError("--json and --csv exclude each other")
    found = _national(place, lang) if national else _reported(place, lang)
    records = [record for record, _, _ in found]
    if as_json:
        common.print_json(records)
    elif as_csv:
        rows = [{name: plain_cell(value) for name, value in record.items()} for record in records]
        print(common.printable(csv_of(tuple(records[0]) if records else (), rows)), end="")
    else:
        _show(found, "national" if national else "facts", lang)


def figure_text(fact: Fact, lang: str) -> str:
    """Return a figure with the sign of its bound: ``≥ 42 billion yuan``."""
    from sim.units import format_count, format_value

    exact = 15
    if fact.unit_plain == "count":
        number = format_count(fact.value_plain, lang)
        return f"{fact.sign} {number}" if lang == "zh" else f"{fact.sign} {number} {fact.unit}"
    return f"{fact.sign} {format_value(fact.value_plain, fact.unit_plain, lang, exact)}"


def _period(first: int, last: int) -> tuple[str, dict[str, str]]:
    """Return a period as text, and its ends as a record holds them."""
    from sim.units import month_text

    start, end = month_text(first), month_text(last)
    whole_year = start.endswith("-01") and end == f"{start[:4]}-12"
    text = start if start == end else start[:4] if whole_year else f"{start} – {end}"
    return text, {"period_start": start, "period_end": end}


def _reported(place: str | None, lang: str) -> Sequence[Listed]:
    """Return the published figures of all places or of one."""
    from dataclasses import asdict

    from sim.evidence import facts_for, load_facts, load_sources, variable_label

    sources, found = load_sources(), []
    for fact in load_facts() if place is None else facts_for(place):
        period, ends = _period(fact.period_start, fact.period_end)
        use = "" if fact.for_calibration else WORDS.say(lang, "facts.never")
        name, figure = variable_label(fact.variable, lang), figure_text(fact, lang)
        cells = (fact.id, name, figure, period, fact.basis, fact.source, use)
        more = {"for_calibration": fact.for_calibration, "source_text": str(sources[fact.source])}
        found.append((asdict(fact) | ends | more, WORDS.say(lang, "facts.title", place=fact.place), cells))
    return found


def _national(of: str | None, lang: str) -> Sequence[Listed]:
    """Return the national growth of all groups of industries, of one, or of that of a place."""
    from sim.evidence import load_series, load_series_sources
    from sim.evidence.national import ALL, GROUPS, national_figures

    sources, found = load_series_sources(), []
    for figure in national_figures(load_series(), tuple(GROUPS) if of is None else _groups(of)):
        row, group, text = figure.observation, figure.group, str(sources[figure.observation.source])
        period, ends = _period(row.start, row.end)
        record: dict[str, Any] = {
            "group": group.id or ALL, "series": figure.series, "what": figure.label[0], "what_zh": figure.label[1],
            **ends, "growth_percent": row.value, "status": row.status, "source": row.source, "source_text": text,
            "note": row.note,
        }  # fmt: skip
        title = WORDS.say(lang, "national.title", name=Both(group.name, group.name_zh), group=record["group"])
        status = WORDS.say(lang, f"national.{row.status}")
        cells = (figure.series, figure.label[lang != "en"], period, f"{row.value:g}%", status, row.source)
        found.append((record, title, cells))
    return found


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


def _show(found: Sequence[Listed], section: str, lang: str) -> None:
    """Print the tables, then what their signs mean and the sources by id.

    ``section`` of the words has their headings and the legend.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 200
    for title in dict.fromkeys(title for _, title, _ in found):
        table = Table(title=Text(common.printable(title)), box=box.SIMPLE, title_justify="left")
        for heading in WORDS.entries[section]["headings"][lang == "zh"]:
            table.add_column(heading, overflow="fold")
        for _, of, cells in found:
            if of == title:
                table.add_row(*(Text(common.printable(cell)) for cell in cells))
        console.print(table)
    console.print(WORDS.say(lang, f"{section}.legend"))
    console.print(WORDS.say(lang, "facts.sources"))
    for key, text in {record["source"]: record["source_text"] for record, _, _ in found}.items():
        console.print(Text(common.printable(f"  {key}: {text}")))
