"""The files of a new place or scenario as text, from templates beside this module."""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sim.evidence import Fact
from sim.evidence.facts import finite_number
from sim.observables import INDEX, observable
from sim.scaffold.new_start import Start, Starting, rounded, written
from sim.scenario.place_start import MEANINGS, UNITS
from sim.scenario.places import fact_text
from sim.scenario.writing import text
from sim.units import month_number, month_text, plain_cell, year_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

LAST_YEAR = 2030
YEARS_AHEAD = 5
"""A baseline ends with the shipped ones, or later so that a policy has time to work."""
REPLICATES = 100
SEED = 20250108
"""Seed of the shipped scenarios, so that places that are compared share their random draws."""
EXAMPLES = ("fund", "fair", "park", "exhibition")
"""Policy types of which a baseline shows an example."""


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"toml": text, "line": one_line, "month": month_text, "figure": figure, "entry": entry}
    made.globals |= {"meanings": MEANINGS, "written": written}
    return made


def filled(template: str, lang: str = "en", **values: Any) -> str:
    """Return a template filled with values, which are never used as templates themselves."""
    return _templates().get_template(f"{template}.j2").render(lang=lang, zh=lang == "zh", **values)


def place_text(
    names: Mapping[str, str], start: Start, facts: Mapping[str, Fact], lang: str, also: Sequence[Fact] = ()
) -> str:
    """Return the text of a place file.

    Parameters
    ----------
    names
        ``id``, ``name``, ``name_zh``, ``admin_code``, ``industry`` and ``industry_zh``.
    facts
        The place's figures by id.
    also
        Figures of the other headline variable, which may not be given beside it.
    """
    return filled("place.toml", lang, **names, start=start, facts=facts, also=also)


def one_line(words: str) -> str:
    """Return text for a comment: no line ends or control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in words)


def figure(fact: Fact) -> str:
    """Return a reported figure as a comment."""
    return one_line(fact_text(fact))


def entry(item: Starting, facts: Mapping[str, Fact], lang: str) -> str:
    """Return one starting value as a line of TOML."""
    if item.kind == "reported":
        return f"{item.name} = {{ fact = {text(item.facts[0])} }}   # {figure(facts[item.facts[0]])}"
    unit = UNITS[item.name]
    parts = [f"value = {written(item.value, unit, lang)}"]
    if item.low is not None and item.high is not None:
        parts += [f"low = {written(item.low, unit, lang)}", f"high = {written(item.high, unit, lang)}"]
    if item.facts:
        parts.append(f"facts = [{', '.join(text(name) for name in item.facts)}]")
    if item.kind == "assumed":
        parts.append("assumed = true")
    return f"{item.name} = {{ {', '.join(parts)}, note = {text(item.why[lang == 'zh'])} }}"


def baseline_text(names: Mapping[str, str], start: Start, until: int | None, goals: Iterable[Fact], lang: str) -> str:
    """Return the text of a baseline: the world, time and run, announced aims, and example policies as comments."""
    first = month_number(start.year, 1)
    reported = max(first + 11, until or 0)
    return filled(
        "baseline.toml",
        lang,
        **names,
        start=first,
        until=reported,
        end=month_number(max(LAST_YEAR, year_of(reported) + YEARS_AHEAD), 12),
        replicates=REPLICATES,
        seed=SEED,
        goals=[(item, re.sub(r"[^a-z0-9]", "-", item.id.lower()).strip("-")) for item in goals if is_goal(item)],
        policies=[example_policy(kind, start.output, start.value, first, lang) for kind in EXAMPLES],
    )


def is_goal(item: Fact) -> bool:
    """Whether a figure is an announced aim for something the model measures."""
    return item.kind == "goal" and item.variable in INDEX and observable(item.variable).unit == item.unit_plain


def example_policy(kind: str, output: float, number_of: Callable[[str], float], first: int, lang: str) -> str:
    """Return an example of a policy type as TOML that begins in month ``first``.

    A fund for equipment of a fifth of a percent of output a year, a yearly fair that the larger makers can exhibit at,
    a park with room for one in thirty makers, or stands at fairs abroad for a few firms.

    Parameters
    ----------
    output
        Yuan a year.
    number_of
        Gives a starting value of the place by its name.
    """

    def money(yuan: float, unit: str = "yuan") -> str:
        return written(rounded(yuan, "yuan", 1), unit, lang)

    def count(number: float, least: int) -> int:
        return max(round(rounded(number, "count", 2)), least)

    plots = count(number_of("businesses") * number_of("maker_share") / 30, 10)
    above_scale, abroad = number_of("above_scale_firms"), number_of("foreign_buyers")
    budget = 0.002 * output
    return filled(
        f"{kind}.toml",
        lang,
        start=month_text(first),
        opens=month_text(first + 12),
        organising=money(max(0.0002 * output, 300_000.0), "yuan/year"),
        plots=plots,
        booths=count(1.5 * above_scale, 20),
        buyers=count(number_of("domestic_buyers") / 4, 20),
        buyers_abroad=count(abroad / 20, 0),
        countries=count(abroad / 100, 1),
        firms=count(above_scale / 5, 5),
        budget=money(budget),
        cap=money(budget / 10),
        smallest=money(500_000),
        fee=money(6000),
        build=money(1_500_000 * plots),
    )


# --- tables of figures -------------------------------------------------------------------------------------

BOM = "\ufeff"
"""Byte-order mark: without it older spreadsheets take Chinese text for another encoding."""


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return rows as CSV: numbers as they are, text that no spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    cells = ([row[column] for column in columns] for row in rows)
    writer.writerows(
        [columns, *([cell if finite_number(cell) is not None else plain_cell(cell) for cell in row] for row in cells)]
    )
    return BOM + out.getvalue()
