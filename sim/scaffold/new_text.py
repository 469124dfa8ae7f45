"""The files of a new place as text: the place, its baseline with examples of policies, and its figures."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.evidence import Fact
from sim.observables import INDEX, observable
from sim.scaffold.new_start import TEMPLATES, Start, Starting, rounded, written
from sim.scenario.place_start import MEANINGS, UNITS, PlaceStart
from sim.scenario.places import fact_text
from sim.scenario.writing import text
from sim.units import centre, month_number, month_text, year_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LAST_YEAR = 2030
YEARS_AHEAD = 5
"""A baseline ends with the shipped ones, or later so that a policy has time to work."""
REPLICATES = 100
SEED = 20250108
"""Seed of the shipped scenarios, so that places that are compared share their random draws."""


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
    words: dict[str, str] = {name: both[lang] for name, both in TEMPLATES["place"].items()}
    keys = ("id", "name", "name_zh", "admin_code", "industry", "industry_zh")
    spoken = names["name_zh"] if lang == "zh" else names["name"]
    lines = [words["head"].format(name=one_line(spoken), id=names["id"]).rstrip("\n"), "schema      = 1"]
    for key in keys:
        line = f"{key:<11} = {text(names[key])}"
        lines.append(f"{line:<43}# {words['code']}" if key == "admin_code" else line)
    lines += ["", "[start]", f"{f'base_year = {start.year}':<43}# {words['year']}"]
    values = {item.name: item for item in start.values}
    for section in TEMPLATES["section"]:
        lines += ["", f"# --- {section[lang]} ---"]
        for name in section["values"]:
            if name in values:
                lines += [f"# {MEANINGS[name][lang == 'zh']}", entry(values[name], facts, lang)]
        if "output_value" in section["values"]:
            lines += [f"# {words['other_total'].format(fact_text(item))}" for item in also]
    return "\n".join(lines) + "\n" + words["optional"].format()


def one_line(words: str) -> str:
    """Return text for a comment: no line ends or control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in words)


def entry(item: Starting, facts: Mapping[str, Fact], lang: str) -> str:
    """Return one starting value as a line of TOML."""
    if item.kind == "reported":
        return f"{item.name} = {{ fact = {text(item.facts[0])} }}   # {one_line(fact_text(facts[item.facts[0]]))}"
    unit = UNITS[item.name]
    parts = [f"value = {written(item.value, unit, lang)}"]
    if item.low is not None and item.high is not None:
        parts += [f"low = {written(item.low, unit, lang)}", f"high = {written(item.high, unit, lang)}"]
    if item.facts:
        parts.append(f"facts = [{', '.join(text(name) for name in item.facts)}]")
    if item.kind == "assumed":
        parts.append("assumed = true")
    return f"{item.name} = {{ {', '.join(parts)}, note = {text(item.why[lang == 'zh'])} }}"


# --- the baseline ------------------------------------------------------------------------------------------


def baseline_text(names: Mapping[str, str], start: Start, until: int | None, goals: Iterable[Fact], lang: str) -> str:
    """Return the text of a baseline: the world, time and run, announced aims, and example policies as comments."""
    first = month_number(start.year, 1)
    reported = max(first + 11, until or 0)
    end = month_number(max(LAST_YEAR, year_of(reported) + YEARS_AHEAD), 12)
    given = TEMPLATES
    words = {key: both[lang] for key, both in given["comments"].items()}
    words["about"] = words["about"].format(one_line(names["name_zh"] if lang == "zh" else names["name"]))
    parts = [
        given["baseline"].format(
            **words,
            id=f"{names['id']}-baseline",
            place=names["id"],
            name=text(given["baseline_name"]["en"].format(names["name"])),
            name_zh=text(given["baseline_name"]["zh"].format(names["name_zh"])),
            start=month_text(first),
            until=month_text(reported),
            end=month_text(end),
            replicates=REPLICATES,
            seed=SEED,
        )
    ]
    parts += [goal_text(item) for item in goals if is_goal(item)]
    parts.append(given["policies"][lang])
    parts += ["\n" + as_comment(block) for block in example_policies(sizes_of(start), first, lang).values()]
    return "".join(parts)


def is_goal(item: Fact) -> bool:
    """Whether a figure is an announced aim for something the model measures."""
    return item.kind == "goal" and item.variable in INDEX and observable(item.variable).unit == item.unit_plain


def goal_text(item: Fact) -> str:
    """Return an announced aim as TOML."""
    aim = written(item.value_plain, item.unit_plain, "en")
    identifier = re.sub(r"[^a-z0-9]", "-", item.id.lower()).strip("-")
    return (
        f'\n[[goal]]\nid       = "{identifier}"\nvariable = "{item.variable}"\nat_least = {aim}\n'
        f'by       = "{month_text(item.period_end)}"\nsource   = {text(item.source)}\n'
    )


# --- tables of figures -------------------------------------------------------------------------------------

BOM = "\ufeff"
"""Byte-order mark: without it older spreadsheets take Chinese text for another encoding."""


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([columns, *([row[column] for column in columns] for row in rows)])
    return BOM + out.getvalue()


# --- example policies ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sizes:
    """What the amounts of an example are scaled by: yuan of output, numbers of firms and buyers."""

    output: float
    makers: float
    above_scale: float
    domestic_buyers: float
    foreign_buyers: float


def sizes_of(start: Start) -> Sizes:
    """Return the sizes of a place that is being written."""
    makers = start.value("businesses") * start.value("maker_share")
    names = ("above_scale_firms", "domestic_buyers", "foreign_buyers")
    return Sizes(start.output, makers, *(start.value(name) for name in names))


def sizes_of_place(start: PlaceStart) -> Sizes:
    """Return the sizes of a place as it was loaded; a range counts with its middle."""
    makers = centre(start.businesses) * centre(start.maker_share)
    counts = (start.above_scale_firms, start.domestic_buyers, start.foreign_buyers)
    return Sizes(centre(start.headline_total), makers, *(centre(value) for value in counts))


def money(yuan: float, lang: str) -> str:
    """Return a rounded amount as TOML."""
    return written(rounded(yuan, "yuan", 1), "yuan", lang)


def count(number: float, least: int) -> int:
    """Return a rounded whole number, not below the least that makes sense."""
    return max(round(rounded(number, "count", 2)), least)


def example_policies(sizes: Sizes, first: int, lang: str) -> dict[str, str]:
    """Return one example of each of several policy types as TOML, by type; they begin in month ``first``.

    A fund for equipment of a fifth of a percent of output a year, a yearly fair that the larger makers can exhibit at,
    a park with room for one in thirty makers, and stands at fairs abroad for a few firms.
    """
    budget, plots = 0.002 * sizes.output, count(sizes.makers / 30, 10)
    organising = written(rounded(max(0.0002 * sizes.output, 300_000.0), "yuan", 1), "yuan/year", lang)
    values = {
        "start": month_text(first),
        "opens": month_text(first + 12),
        "organising": organising,
        "plots": plots,
        "booths": count(1.5 * sizes.above_scale, 20),
        "buyers": count(sizes.domestic_buyers / 4, 20),
        "buyers_abroad": count(sizes.foreign_buyers / 20, 0),
        "countries": count(sizes.foreign_buyers / 100, 1),
        "firms": count(sizes.above_scale / 5, 5),
    }
    amounts = {"budget": budget, "cap": budget / 10, "smallest": 500_000, "fee": 6000, "build": 1_500_000 * plots}
    values |= {name: money(yuan, lang) for name, yuan in amounts.items()} | TEMPLATES["example_words"][lang]
    return {kind: text.format(**values) for kind, text in TEMPLATES["example"].items()}


def as_comment(text: str) -> str:
    """Return text with every line after a comment sign."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
