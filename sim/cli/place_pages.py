"""Text of ``countysim place``: what was taken from figures, where each number comes from, what is doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sim.cli import common
from sim.cli.scenario_pages import columns
from sim.errors import UserError
from sim.inputs.problems import shown_path
from sim.scaffold.new_place import Made
from sim.scaffold.new_start import Starting
from sim.scaffold.new_text import is_goal
from sim.scenario.place_sets import load_set
from sim.scenario.place_start import UNITS, Origin
from sim.scenario.places import place_origins, read_place
from sim.scenario.scenario_files import known_inputs, known_sets
from sim.units import format_value

WORDS = common.WORDS
KINDS = ("reported", "derived", "assumed")


def pick(key: str, lang: str, **values: object) -> str:
    """Return one of the words about places."""
    return WORDS.say(lang, f"place.{key}", **values)


def spread(low: float | None, high: float | None, unit: str, lang: str) -> str:
    """Return a range, or nothing."""
    return "" if low is None or high is None else f"{format_value(low, unit, lang)} … {format_value(high, unit, lang)}"


def counted(origins: Sequence[Origin], lang: str) -> str:
    """Return how many numbers are known in which way."""
    kinds: Counter[str] = Counter(item.kind for item in origins)
    told = [pick("of_kind", lang, count=kinds[kind], kind=WORDS.say(lang, f"kinds.{kind}")) for kind in KINDS]
    return pick("counted", lang, parts=told)


# --- new ---------------------------------------------------------------------------------------------------


def made_text(made: Made, lang: str) -> str:
    """Return what ``place new`` tells: files, base year, what each number rests on, and the commands to go on."""
    lines = [f"{WORDS.say(lang, 'shared.wrote')}  {shown_path(path)}" for path in made.files]
    lines += ["", pick("year", lang, year=made.start.year, why=_why_year(made, lang))]
    lines.append(pick("industry", lang, industry=made.industry))
    if made.start.headline not in {item.name for item in made.start.values if item.kind != "assumed"}:
        lines.append(pick("size", lang))
    for kind in ("reported", "derived", "assumed"):
        rows = [_row(item, lang) for item in made.start.values if item.kind == kind]
        if rows:
            lines += ["", pick(kind, lang), *(f"  {line}" for line in columns(rows))]
    unused = [
        (item.id, item.variable, pick("goal", lang) if made.baseline and is_goal(item) else why[lang == "zh"])
        for item, why in made.figures.unused(made.start.used)
    ]
    if unused:
        lines += ["", pick("unused", lang), *(f"  {line}" for line in columns(unused))]
    for doubt in made.doubts:
        if doubt.code.startswith("W"):  # that nothing is reported was said above
            lines += ["", doubt.text(lang)]
    return "\n".join([*lines, "", pick("next", lang), *(f"  {line}" for line in _next(made, lang))])


def _why_year(made: Made, lang: str) -> str:
    headline = made.figures.headline()
    if headline is not None:
        return pick("year_fact", lang, fact=headline[1].id)
    return pick("year_levels" if made.figures.base_year() else "year_none", lang)


def _row(item: Starting, lang: str) -> tuple[str, ...]:
    unit = UNITS[item.name]
    behind = spread(item.low, item.high, unit, lang) if item.kind == "assumed" else ", ".join(item.facts)
    return item.name, format_value(item.value, unit, lang), behind, item.why[lang == "zh"]


def _next(made: Made, lang: str) -> list[str]:
    language = " --lang zh" if lang == "zh" else ""
    found = [f"countysim place check {made.id}{language}", f"countysim place show {made.id} --assumed{language}"]
    if made.baseline is not None:
        idea = f"{made.id}-idea"
        found += [
            f"countysim scenario new {idea} --from {made.baseline}{language}",
            f"countysim run {made.baseline} {idea} -n 24",
            f"countysim compare {idea} {made.baseline}{language}",
        ]
    return found


# --- list --------------------------------------------------------------------------------------------------


def listing() -> list[dict[str, Any]]:
    """Return every place with its industry and how its numbers are known; sets of places and broken files as such."""
    found: list[dict[str, Any]] = []
    for identifier in known_inputs("places"):
        try:
            known = read_place(identifier)
        except UserError as error:
            found.append({"id": identifier, "problem": str(error).splitlines()[0]})
            continue
        place = known.place
        kinds: Counter[str] = Counter(item.kind for item in known.origins)
        found.append(
            {
                "id": identifier,
                "name": place.name,
                "name_zh": place.name_zh,
                "industry": place.industry,
                "industry_zh": place.industry_zh,
                "base_year": place.start.base_year,
                **{kind: kinds[kind] for kind in KINDS},
            }
        )
    return found + [{"id": identifier, "set": True} for identifier in known_sets()]


def listing_text(found: Sequence[dict[str, Any]], lang: str) -> str:
    """Return the list of places as text."""
    zh = lang == "zh"
    rows: list[tuple[str, ...]] = [WORDS.entries["place"]["listing"][zh]]
    for item in found:
        if "problem" in item:
            rows.append((item["id"], f"countysim place check {item['id']}"))
        elif "set" in item:
            rows.append((item["id"], pick("set", lang)))
        else:
            name, industry = (item[key + "_zh" if zh else key] for key in ("name", "industry"))
            counts = [str(item[kind]) for kind in KINDS]
            rows.append((item["id"], name, industry, str(item["base_year"]), *counts))
    return "\n".join(columns(rows))


# --- show --------------------------------------------------------------------------------------------------


def origins_of(identifier: str) -> tuple[Origin, ...]:
    """Return where the numbers of a place, or of a set of places, come from."""
    if identifier in known_sets():
        return load_set(identifier).origins
    return place_origins(identifier)


def origins_text(identifier: str, origins: Sequence[Origin], lang: str, *, assumed: bool) -> str:
    """Return a table of starting values, each with its kind, range and origin."""
    chosen = [item for item in origins if not assumed or item.kind == "assumed"]
    rows: list[tuple[str, ...]] = [WORDS.entries["place"]["origins"][lang == "zh"]]
    for item in chosen:
        value, span = format_value(item.value, item.unit, lang), spread(item.low, item.high, item.unit, lang)
        rows.append((item.name, value, WORDS.say(lang, f"kinds.{item.kind}"), span, item.text))
    title = pick("title", lang, id=identifier, counted=counted(origins, lang))
    return "\n".join([title, *(f"  {line}" for line in columns(rows))])


# --- check -------------------------------------------------------------------------------------------------


def checked_text(identifier: str, origins: Sequence[Origin], lang: str) -> str:
    """Return the line that says a place can be used."""
    return pick("usable", lang, id=identifier, count=len(origins), counted=counted(origins, lang))
