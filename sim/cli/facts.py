"""``countysim facts``: the published figures, each with its bound, basis, period and source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.evidence import Fact, Source

HEADINGS = {
    "en": ("id", "variable", "figure", "period", "basis", "source", "use"),
    "zh": ("编号", "指标", "数值", "时期", "口径", "来源", "用途"),
}
NEVER = {"en": "never calibration data", "zh": "不用于校准"}
WORDS = {
    "en": {
        "title": "Reported figures: {place}",
        "sources": "Sources",
        "legend": "= exact   ≥ at least   ≤ at most   ≈ about",
    },
    "zh": {"title": "已公布数据：{place}", "sources": "来源", "legend": "= 确数   ≥ 至少   ≤ 至多   ≈ 约"},
}


def facts(
    place: Annotated[str | None, typer.Argument(help="Place id, such as yongnian; all places when left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    lang: Annotated[str, typer.Option(help="Language: en or zh.")] = "en",
) -> None:
    """List the published figures with bound, basis, period and source."""
    from sim.errors import UserError
    from sim.evidence import facts_for, load_facts, load_sources

    if lang not in HEADINGS:
        raise UserError(f'--lang "{lang}" is not a language of countysim\n    write en or zh')
    if as_json and as_csv:
        raise UserError("--json and --csv exclude each other")
    found = load_facts() if place is None else facts_for(place)
    sources = load_sources()
    if as_json:
        typer.echo(_json(found, sources))
    elif as_csv:
        typer.echo(_csv(found, sources), nl=False)
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


def _period(fact: Fact) -> str:
    from sim.units import month_text

    start, end = month_text(fact.period_start), month_text(fact.period_end)
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


def _json(facts: Sequence[Fact], sources: Mapping[str, Source]) -> str:
    import json

    return json.dumps([_record(fact, sources) for fact in facts], ensure_ascii=False, indent=2)


def _csv(facts: Sequence[Fact], sources: Mapping[str, Source]) -> str:
    import csv
    import io

    from sim.units import plain_cell

    out = io.StringIO()
    records = [_record(fact, sources) for fact in facts]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(records[0] if records else ())
    for record in records:
        writer.writerow([plain_cell(value) for value in record.values()])
    return out.getvalue()


def _print(facts: Sequence[Fact], sources: Mapping[str, Source], lang: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sim.evidence import variable_label

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 200
    for place in dict.fromkeys(fact.place for fact in facts):
        table = Table(title=Text(WORDS[lang]["title"].format(place=place)), box=box.SIMPLE, title_justify="left")
        for heading in HEADINGS[lang]:
            table.add_column(heading, overflow="fold")
        for fact in facts:
            if fact.place == place:
                use = "" if fact.for_calibration else NEVER[lang]
                cells = (
                    fact.id,
                    variable_label(fact.variable, lang),
                    figure_text(fact, lang),
                    _period(fact),
                    fact.basis,
                    fact.source,
                    use,
                )
                table.add_row(*(Text(cell) for cell in cells))
        console.print(table)
    console.print(WORDS[lang]["legend"])
    console.print(WORDS[lang]["sources"])
    for key in dict.fromkeys(fact.source for fact in facts):
        console.print(Text(f"  {key}: {sources[key]}"))
