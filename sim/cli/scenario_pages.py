"""Text of ``countysim list`` and ``countysim scenario``: overviews, the line of a check, the table of a difference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.experiments.parameter_draws import fitted_draws
from sim.inputs.files import InputFile
from sim.inputs.problems import InputErrors, Problem, Spot, in_order, shown_path, tidy
from sim.policies.registry import policy_types
from sim.report.table import display_width, pad
from sim.scenario.ceiling import ceiling
from sim.scenario.loader import Loaded, load
from sim.scenario.place_sets import PlaceSet, load_set, places_text
from sim.scenario.places import place_origins
from sim.scenario.reference import entries, markdown
from sim.scenario.scenario_diff import ROW_WORDS, Difference, diff
from sim.scenario.scenario_files import known_files, known_inputs, known_sets
from sim.units import month_text
from sim.workspace import results_root

GAP = 3
"""Blanks between columns."""


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
    words = {
        "places": ("places", "地点"),
        "sets": ("place sets", "地点集"),
        "worlds": ("worlds", "外部环境"),
        "scenarios": ("scenarios", "情景"),
        "runs": ("runs", "推演"),
    }
    zh = lang == "zh"
    none, variants = ("暂无", "变体：") if zh else ("none yet", "variants: ")
    synthetic = "其中部分地点为合成" if zh else "some of their places are synthetic"
    label = max(display_width(word[zh]) for key, word in words.items() if key in found) + 2
    lines: list[str] = []
    for key, word in words.items():
        if key not in found:
            continue
        if key in ("places", "worlds"):
            body = ["  ".join(item["id"] for item in found[key]) or none]
        elif key == "sets":
            body = ["  ".join([*(item["id"] for item in found[key]), f"({synthetic})"])] if found[key] else []
        elif key == "scenarios":
            rows = [
                (s["id"], s["kind"], s["name"], variants + ", ".join(s["variants"]) if s["variants"] else "")
                for s in found[key]
            ]
            body = columns(rows)
        else:
            body = columns([(r["id"], f"{r['done']}/{r['asked']}", r["state"], r["started"]) for r in found[key]])
        for number, line in enumerate(body or [none]):
            lines.append(pad("" if number else word[zh], label, left=True) + line)
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
        places, zh = self.loaded.scenario.places, lang == "zh"
        count = len(self.loaded.scenario.policies)
        parts = parts or [f"共{count}项政策" if zh else f"{count} {'policy' if count == 1 else 'policies'}"]
        parts += [places_text(places, lang)] if any(place.synthetic for place in places) else []
        if self.loaded.variants and self.loaded.variant is None:
            variants = self.loaded.variants
            parts.append(f"变体：{'、'.join(variants)}" if zh else f"Variants: {', '.join(variants)}")
        if zh:
            parts.append(f"政策的{own}项数值和{start}项起始值为假设（countysim scenario show {name} --assumed）")
            return f"{name}：通过。{'。'.join(parts)}。"
        policies = f"{own} {'value' if own == 1 else 'values'} of policies"
        starting = f"{start} starting {'value' if start == 1 else 'values'}"
        parts.append(f"{policies} and {starting} are assumptions (countysim scenario show {name} --assumed)")
        return f"{name}: ok. {'. '.join(parts)}."


def _what_changes(found: Difference, lang: str) -> list[str]:
    """Return how many policies are changed, added and ended, and from when."""
    names: dict[str, set[str]] = {"change": set(), "add": set(), "stop": set(), "drop": set()}
    months: dict[str, list[int]] = {kind: [] for kind in names}
    for row in found.rows:
        if row.path.startswith("policy."):
            names[row.kind].add(row.path.split(".")[1])
            months[row.kind] += [row.first] if row.first is not None else []
    words = {
        "en": {"change": "policy amended", "add": "policy added", "stop": "policy ended", "drop": "policy left out"},
        "zh": {"change": "项政策变更", "add": "项新增政策", "stop": "项政策终止", "drop": "项政策去除"},
    }[lang]
    parts = []
    for kind, policies in names.items():
        if not policies:
            continue
        word = words[kind] if lang == "zh" or len(policies) == 1 else words[kind].replace("policy", "policies")
        since = f" from {month_text(min(months[kind]))}" if lang == "en" else f"（{month_text(min(months[kind]))}起）"
        parts.append(f"{len(policies)}{'' if lang == 'zh' else ' '}{word}{since if months[kind] else ''}")
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
    if found.first_month is None:
        reason = {"en": "nothing is changed", "zh": "没有任何改动"}
    else:
        first = month_text(found.first_month)
        reason = {
            "en": f"the first change starts {first}, after time.end = {end}",
            "zh": f"第一项改动从 {first} 开始，晚于 time.end = {end}",
        }
    spot = Spot(shown_path(loaded.files[-1]), 1)
    return Problem("never_acts", spot, {"id": found.b.id, "baseline": found.a.id, "reason": reason})


# --- show and diff -----------------------------------------------------------------------------------------


def assumed_text(loaded: Loaded, lang: str, *, origin: bool = False) -> str:
    """Return the values nobody published as a table, with file and line when asked."""
    rows = [(item.policy, item.field, item.value, *((str(item.spot),) if origin else ())) for item in loaded.assumed]
    count = len(rows)
    title = (
        f"{count} values of policies of {loaded.scenario.id} that nobody published"
        if lang == "en"
        else f"{loaded.scenario.id} 的政策中没有公开数据的 {count} 项数值"
    )
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
            lines.append(
                f"{identifier}: {count} of {of} starting values are assumed "
                f"(countysim place show {identifier} --assumed)"
                if lang == "en"
                else f"{identifier}：{of}项起始值中{count}项为假设（countysim place show {identifier} --assumed）"
            )
            continue
        words, file = places_text(whole.places, lang), f"scenarios/places/{identifier}.toml"
        lines.append(
            f"{identifier}: {words}; {count} numbers of the drawing and all its industries are assumed ({file})"
            if lang == "en"
            else f"{identifier}：{words}；生成所用的{count}个数值及全部行业构成均为假设（{file}）"
        )
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
    lines.append("* may be a range" if lang == "en" else "* 可写成区间 { low = ..., high = ... }")
    return "\n".join(lines) + "\n"


def difference_text(a: Loaded, b: Loaded, lang: str) -> str:
    """Return what B changes in A as a table, what is the same, and the arithmetic ceiling."""
    found = diff(a.scenario, b.scenario)
    head = ("", "", a.scenario.id, b.scenario.id, "from" if lang == "en" else "起", "to" if lang == "en" else "止")
    rows = [
        (ROW_WORDS[row.kind][lang], row.path, row.before[lang], row.after[lang], _month(row.first), _month(row.last))
        for row in found.rows
    ]
    if a.calibration != b.calibration:
        rows.append((ROW_WORDS["change"][lang], "calibration", a.calibration or "-", b.calibration or "-", "-", "-"))
    same = [*found.same, *(["calibration"] if a.calibration == b.calibration and a.calibration else [])]
    lines = columns([head, *rows])
    until = found.identical_until
    if found.nothing_changes:
        note = "identical in every month" if lang == "en" else "各月结果完全相同"
    elif until is None:
        note = "paths differ from the first month" if lang == "en" else "从第一个月起就不同"
    else:
        note = (
            f"identical paths until {month_text(until)}" if lang == "en" else f"{month_text(until)}及以前路径完全相同"
        )
    listing = ", ".join(same) if lang == "en" else "、".join(same)
    note = f"({note})" if lang == "en" else f"（{note}）"
    lines.append(f"{ROW_WORDS['same'][lang]}   {listing}   {note}")
    if found.nothing_changes:
        lines.append(_no_effect(found, b).text(lang))
    most = ceiling(b.scenario, a.scenario).text(lang)
    return "\n".join([*lines, *([most] if most else [])])


def _month(month: int | None) -> str:
    return month_text(month) if month is not None else "-"
