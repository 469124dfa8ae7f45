"""Text of ``countysim list``, ``scenario`` and ``place``.

Of scenarios: overviews, the line of a check, the table of a difference. Of places: what was taken from figures, where
each number comes from, what is doubtful.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sim.cli import common
from sim.errors import UserError
from sim.experiments.parameter_draws import fitted_draws
from sim.inputs.files import InputFile
from sim.inputs.problems import InputErrors, Problem, Spot, in_order, shown_path, tidy
from sim.policies.registry import policy_types
from sim.report.table import display_width, pad
from sim.scaffold.new_place import Made
from sim.scaffold.new_start import Starting
from sim.scaffold.new_text import is_goal
from sim.scenario.ceiling import ceiling
from sim.scenario.loader import Loaded, load
from sim.scenario.place_sets import PlaceSet, load_set, places_text
from sim.scenario.place_start import UNITS, Origin
from sim.scenario.places import place_origins, read_place
from sim.scenario.reference import entries, markdown
from sim.scenario.scenario_diff import ROW_WORDS, Difference, diff
from sim.scenario.scenario_files import known_files, known_inputs, known_sets
from sim.units import format_value, month_text
from sim.workspace import results_root

WORDS = common.WORDS
GAP = 3
"""Blanks between columns."""
KINDS = ("reported", "derived", "assumed")


def pick(key: str, lang: str, **values: object) -> str:
    """Return one of the words about scenarios."""
    return WORDS.say(lang, f"scenario.{key}", **values)


def place_words(key: str, lang: str, **values: object) -> str:
    """Return one of the words about places."""
    return WORDS.say(lang, f"place.{key}", **values)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines with aligned columns; a short row ends early."""
    cells = [[tidy(cell) for cell in row] for row in rows]
    sizes = [max(map(display_width, column)) + GAP for column in zip_longest(*cells, fillvalue="")]
    return ["".join(pad(*one, left=True) for one in zip(row, sizes, strict=False)).rstrip() for row in cells]


# --- list --------------------------------------------------------------------------------------------------


def overview(lang: str) -> dict[str, list[dict[str, Any]]]:
    """Return places, worlds, scenarios and runs as plain data; files that cannot be read are listed as such."""
    return {
        "places": [{"id": place} for place in known_inputs("places")],
        "sets": [{"id": identifier} for identifier in known_sets()],
        "worlds": [{"id": world} for world in known_inputs("worlds")],
        "scenarios": scenarios(lang),
        "runs": _runs(),
    }


def scenarios(lang: str) -> list[dict[str, Any]]:
    """Return the scenarios as plain data."""
    return [_scenario(identifier, path, lang) for identifier, path in known_files().items()]


def _scenario(identifier: str, path: Path, lang: str) -> dict[str, Any]:
    try:
        data = InputFile(path).data
    except InputErrors:
        return {"id": identifier, "kind": "?", "name": f"countysim scenario check {identifier}", "variants": []}
    variants = data.get("variant", [])
    tables = variants if isinstance(variants, list) else []
    name = data.get("name_zh") if lang == "zh" else data.get("name")
    return {
        "id": identifier,
        "kind": str(data.get("kind", "?")),
        "name": str(name or data.get("name", "")),
        "variants": [str(table["id"]) for table in tables if isinstance(table, dict) and "id" in table],
    }


def _runs() -> list[dict[str, Any]]:
    """Return what each run's manifest says of it, newest last; a folder without a readable one is left out."""
    found: list[tuple[datetime, dict[str, Any]]] = []
    for path in sorted((results_root() / "runs").glob("*/*/run.json")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            counts = manifest["replicates"]
            began = datetime.fromisoformat(manifest["started"])
            entry = {"id": str(manifest["run"]), "scenario": str(manifest["scenario"]), "state": str(manifest["state"])}
            found.append((began, {**entry, "done": int(counts["done"]), "asked": int(counts["asked"])}))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    found.sort(key=lambda pair: pair[0].timestamp())
    return [{**run, "started": began.astimezone().strftime("%Y-%m-%d %H:%M")} for began, run in found]


def overview_text(found: Mapping[str, list[dict[str, Any]]], lang: str) -> str:
    """Return the overview as text."""
    words = {key: WORDS.say(lang, f"overview.{key}") for key in found}
    label = max(map(display_width, words.values())) + 2
    lines: list[str] = []
    for key, word in words.items():
        if key in ("places", "worlds"):
            body = ["  ".join(item["id"] for item in found[key]) or pick("none_yet", lang)]
        elif key == "sets":
            body = (
                ["  ".join([*(item["id"] for item in found[key]), pick("some_synthetic", lang)])] if found[key] else []
            )
        elif key == "scenarios":
            rows = [
                (s["id"], s["kind"], s["name"], pick("variants", lang, names=s["variants"]) if s["variants"] else "")
                for s in found[key]
            ]
            body = columns(rows)
        else:
            body = columns([(r["id"], f"{r['done']}/{r['asked']}", r["state"], r["started"]) for r in found[key]])
        for number, line in enumerate(body or [pick("none_yet", lang)]):
            lines.append(pad("" if number else word, label, left=True) + line)
    return "\n".join(lines)


# --- check -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Examined:
    """Result of checking one scenario and its variants."""

    reference: str
    loaded: Loaded | None
    errors: tuple[Problem, ...]
    doubts: tuple[Problem, ...]
    difference: Difference | None = None

    def record(self, lang: str) -> dict[str, Any]:
        """Return the result as plain data."""
        return {
            "scenario": self.reference,
            "ok": not self.errors,
            "problems": [problem.record(lang) for problem in (*self.errors, *self.doubts)],
        }

    def line(self, lang: str) -> str:
        """Return the one line that says a scenario is right and what it does."""
        assert self.loaded is not None
        name = self.loaded.scenario.id
        own, start = len(self.loaded.assumed), sum(count for count, _, _ in starting_values(self.loaded).values())
        parts = _what_changes(self.difference, lang) if self.difference is not None else []
        places = self.loaded.scenario.places
        parts = parts or [pick("policies", lang, count=len(self.loaded.scenario.policies))]
        parts += [places_text(places, lang)] if any(place.synthetic for place in places) else []
        if self.loaded.variants and self.loaded.variant is None:
            parts.append(pick("variants_told", lang, names=list(self.loaded.variants)))
        parts.append(pick("assumptions", lang, own=own, start=start, name=name))
        return pick("right", lang, name=name, parts=parts)


def _what_changes(found: Difference, lang: str) -> list[str]:
    """Return how many policies are changed, added and ended, and from when."""
    names: dict[str, set[str]] = {"change": set(), "add": set(), "stop": set(), "drop": set()}
    months: dict[str, list[int]] = {kind: [] for kind in names}
    for row in found.rows:
        if row.path.startswith("policy."):
            names[row.kind].add(row.path.split(".")[1])
            months[row.kind] += [row.first] if row.first is not None else []
    parts = []
    for kind, policies in names.items():
        if not policies:
            continue
        since = pick("since", lang, month=month_text(min(months[kind]))) if months[kind] else ""
        parts.append(pick(kind, lang, count=len(policies), since=since))
    return parts


def examine(reference: str, overrides: tuple[str, ...], usable: set[str]) -> Examined:
    """Check one scenario, all variants of its file, its fit, and whether anything differs from its baseline.

    Fits found to be usable are added to ``usable`` and not looked at again.
    """
    try:
        loaded = load(reference, overrides=overrides)
    except InputErrors as errors:
        return Examined(reference, None, errors.problems, ())
    errors_found = [] if loaded.calibration in usable else _of_fit(loaded)
    usable |= {loaded.calibration} if loaded.calibration and not errors_found else set()
    doubts = list(loaded.warnings)
    names = [] if loaded.variant is not None else [f"{reference}:{variant}" for variant in loaded.variants]
    for name in names:
        try:
            doubts += load(name, overrides=overrides).warnings
        except InputErrors as errors:
            errors_found += errors.problems
    difference = _from_baseline(loaded, overrides)
    if difference is not None and difference.nothing_changes:
        doubts.append(_no_effect(difference, loaded))
    return Examined(reference, loaded, in_order(errors_found), in_order(doubts), difference)


def _of_fit(loaded: Loaded) -> list[Problem]:
    """Return why the draws of the fit a scenario names cannot be used, as a run would say it."""
    try:
        fitted_draws(loaded)
    except InputErrors as errors:
        return list(errors.problems)
    except UserError as error:
        values = {"key": "calibration", "value": loaded.calibration, "what": {"en": "fit", "zh": "校准结果"}}
        return [Problem("broken_input", loaded.origins["calibration"], {**values, "detail": str(error)})]
    return []


def _from_baseline(loaded: Loaded, overrides: tuple[str, ...]) -> Difference | None:
    """Return the difference from the baseline with the same overrides, or without those it cannot take."""
    if loaded.scenario.baseline is None:
        return None
    for words in (overrides, ()):
        try:
            return diff(load(loaded.scenario.baseline, overrides=words).scenario, loaded.scenario)
        except InputErrors:
            continue
    return None  # the baseline of a resolved file need not be in this workspace


def _no_effect(found: Difference, loaded: Loaded) -> Problem:
    end = month_text(found.b.time.end)
    key = "nothing_changed" if found.first_month is None else "too_late"
    reason = WORDS.both(f"scenario.{key}", first=month_text(found.first_month or 0), end=end)._asdict()
    spot = Spot(shown_path(loaded.files[-1]), 1)
    return Problem("never_acts", spot, {"id": found.b.id, "baseline": found.a.id, "reason": reason})


# --- show and diff -----------------------------------------------------------------------------------------


def assumed_text(loaded: Loaded, lang: str, *, origin: bool = False) -> str:
    """Return the values nobody published as a table, with file and line when asked."""
    rows = [(item.policy, item.field, item.value, *((str(item.spot),) if origin else ())) for item in loaded.assumed]
    title = pick("unpublished", lang, count=len(rows), id=loaded.scenario.id)
    return "\n".join([title, *(f"  {line}" for line in columns(rows)), *_starting(loaded, lang)])


def starting_values(loaded: Loaded) -> dict[str, tuple[int, int, PlaceSet | None]]:
    """Return how many starting values of each place or set of a scenario are assumed, of how many, and the set."""
    found: dict[str, tuple[int, int, PlaceSet | None]] = {}
    for identifier in loaded.place_ids:
        whole = load_set(identifier) if identifier in known_sets() else None
        origins = place_origins(identifier) if whole is None else whole.origins
        found[identifier] = sum(origin.kind == "assumed" for origin in origins), len(origins), whole
    return found


def _starting(loaded: Loaded, lang: str) -> list[str]:
    """Return a line on each place or set: what of it nobody published or named, and where that stands."""
    lines = []
    for identifier, (count, of, whole) in starting_values(loaded).items():
        if whole is None:
            lines.append(pick("starting", lang, id=identifier, count=count, of=of))
            continue
        words, file = places_text(whole.places, lang), f"scenarios/places/{identifier}.toml"
        lines.append(pick("starting_set", lang, id=identifier, places=words, count=count, file=file))
    return lines


def terms_text(name: str | None, lang: str, *, md: bool) -> str:
    """Return the terms of one policy type or of all; raise ``UserError`` for a type that does not exist."""
    kinds = policy_types()
    if name is not None and name not in kinds:
        raise UserError(f'no policy type is called "{tidy(name)}"; there are {", ".join(kinds)}')
    chosen = [kinds[name]] if name is not None else list(kinds.values())
    if md:
        return markdown(chosen)
    lines: list[str] = []
    for kind in chosen:
        rows = [(e.key, e.written, e.description if lang == "en" else e.label_zh) for e in entries(kind.terms)]
        lines += [f"{kind.name}  {kind.name_zh}", *(f"  {line}" for line in columns(rows)), ""]
    lines.append(pick("range", lang))
    return "\n".join(lines) + "\n"


def difference_text(a: Loaded, b: Loaded, lang: str) -> str:
    """Return what B changes in A as a table, what is the same, and the arithmetic ceiling."""
    found = diff(a.scenario, b.scenario)
    head = ("", "", a.scenario.id, b.scenario.id, pick("from", lang), pick("to", lang))
    rows = [
        (ROW_WORDS[row.kind][lang], row.path, row.before[lang], row.after[lang], _month(row.first), _month(row.last))
        for row in found.rows
    ]
    if a.calibration != b.calibration:
        rows.append((ROW_WORDS["change"][lang], "calibration", a.calibration or "-", b.calibration or "-", "-", "-"))
    same = [*found.same, *(["calibration"] if a.calibration == b.calibration and a.calibration else [])]
    lines = columns([head, *rows])
    until = found.identical_until
    key = "identical" if found.nothing_changes else "at_once" if until is None else "until"
    note = pick(key, lang, month=month_text(until or 0))
    lines.append(pick("same", lang, what=ROW_WORDS["same"][lang], names=same, note=note))
    if found.nothing_changes:
        lines.append(_no_effect(found, b).text(lang))
    most = ceiling(b.scenario, a.scenario).text(lang)
    return "\n".join([*lines, *([most] if most else [])])


def _month(month: int | None) -> str:
    return month_text(month) if month is not None else "-"


# --- place -------------------------------------------------------------------------------------------------


def spread(low: float | None, high: float | None, unit: str, lang: str) -> str:
    """Return a range, or nothing."""
    return "" if low is None or high is None else f"{format_value(low, unit, lang)} … {format_value(high, unit, lang)}"


def counted(origins: Sequence[Origin], lang: str) -> str:
    """Return how many numbers are known in which way."""
    kinds: Counter[str] = Counter(item.kind for item in origins)
    told = [place_words("of_kind", lang, count=kinds[kind], kind=WORDS.say(lang, f"kinds.{kind}")) for kind in KINDS]
    return place_words("counted", lang, parts=told)


# --- place new ------------------------------------------------------------------------------------------------


def made_text(made: Made, lang: str) -> str:
    """Return what ``place new`` tells: files, base year, what each number rests on, and the commands to go on."""
    lines = [f"{WORDS.say(lang, 'shared.wrote')}  {shown_path(path)}" for path in made.files]
    lines += ["", place_words("year", lang, year=made.start.year, why=_why_year(made, lang))]
    lines.append(place_words("industry", lang, industry=made.industry))
    if made.start.headline not in {item.name for item in made.start.values if item.kind != "assumed"}:
        lines.append(place_words("size", lang))
    for kind in KINDS:
        rows = [_row(item, lang) for item in made.start.values if item.kind == kind]
        if rows:
            lines += ["", place_words(kind, lang), *(f"  {line}" for line in columns(rows))]
    unused = [
        (item.id, item.variable, place_words("goal", lang) if made.baseline and is_goal(item) else why[lang == "zh"])
        for item, why in made.figures.unused(made.start.used)
    ]
    if unused:
        lines += ["", place_words("unused", lang), *(f"  {line}" for line in columns(unused))]
    for doubt in made.doubts:
        if doubt.code.startswith("W"):  # that nothing is reported was said above
            lines += ["", doubt.text(lang)]
    return "\n".join([*lines, "", place_words("next", lang), *(f"  {line}" for line in _next(made, lang))])


def _why_year(made: Made, lang: str) -> str:
    headline = made.figures.headline()
    if headline is not None:
        return place_words("year_fact", lang, fact=headline[1].id)
    return place_words("year_levels" if made.figures.base_year() else "year_none", lang)


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


# --- place list -----------------------------------------------------------------------------------------------


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
            rows.append((item["id"], place_words("set", lang)))
        else:
            name, industry = (item[key + "_zh" if zh else key] for key in ("name", "industry"))
            counts = [str(item[kind]) for kind in KINDS]
            rows.append((item["id"], name, industry, str(item["base_year"]), *counts))
    return "\n".join(columns(rows))


# --- place show -----------------------------------------------------------------------------------------------


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
    title = place_words("title", lang, id=identifier, counted=counted(origins, lang))
    return "\n".join([title, *(f"  {line}" for line in columns(rows))])


def checked_text(identifier: str, origins: Sequence[Origin], lang: str) -> str:
    """Return the line that says a place can be used."""
    return place_words("usable", lang, id=identifier, count=len(origins), counted=counted(origins, lang))
