"""What differs by industry (``calibration/industries.toml``): loaded, checked, and laid over the shared parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from sim import workspace
from sim.errors import UserError, nearest
from sim.evidence.national import ALL, find_group
from sim.inputs.files import ID, InputFile
from sim.inputs.problems import Findings
from sim.parameters import STATUSES, ParameterInfo, load_parameters, parameter_table
from sim.parameters.groups import Parameters

FILE = "industries.toml"
MAY_DIFFER = (
    *(f"maker.{name}" for name in ("labour_share", "overhead_share", "capital_output_ratio", "markup")),
    *(f"supplier.{name}" for name in ("labour_share", "overhead_share", "capital_output_ratio", "markup")),
    "production.local_input_share",
    "production.steel_share",
    "demand.trader_share",
    "environment.discharge",
    "start.emission_sites",
)
"""Parameters that an industry may have of its own; the rest are shared by all."""
LARGEST_SHARE = 0.98
"""A share that moves in proportion to a shared one stays below 1."""
WANTED = ("value", "low", "high", "status", "source")
ALLOWED = (*WANTED, "unit", "about")


@dataclass(frozen=True)
class Industry:
    """An industry and the parameters in which it differs, by dotted name.

    ``group`` is the group of industries whose national demand it meets (``sim.evidence.national.GROUPS``); empty for
    industry as a whole.
    """

    id: str
    name: str
    name_zh: str
    overrides: Mapping[str, ParameterInfo] = field(default_factory=dict)
    group: str = ""


def load_industries() -> Mapping[str, Industry]:
    """Return every industry by id: the library's, and a workspace's own, which win where ids are equal.

    Raises
    ------
    UserError
        Listing every unknown key and malformed entry at once, with file and line.
    """
    found = tuple(folder / FILE for folder in workspace.folders("calibration") if (folder / FILE).is_file())
    if not found:
        raise UserError(f"calibration/{FILE} is missing: it says how industries differ")
    return _industries(found)


def industry_of(identifier: str) -> Industry:
    """Return one industry; raise ``UserError`` naming the nearest id and the known ones when there is none."""
    known = load_industries()
    if identifier in known:
        return known[identifier]
    hint = nearest(identifier, known)
    raise UserError(f'no industry is called "{identifier}"\n    {hint}known: {", ".join(sorted(known))}')


def for_industry(parameters: Parameters, industry: str) -> Parameters:
    """Return the parameters as they hold in one industry.

    An industry's own value belongs to the shared value at the centre of ``priors.toml``. When a scenario or a
    calibration draw moves the shared value, the industry's moves in proportion: own value x shared value drawn /
    shared centre. A share stays at or below ``LARGEST_SHARE``. What an industry does not name stays as it is.

    Parameters
    ----------
    parameters
        Shared parameters with every override and draw already in them.

    Raises
    ------
    UserError
        When there is no such industry.
    """
    own = industry_of(industry).overrides
    centres = {row.name: row.value for row in parameter_table()} if own else {}
    changed: dict[str, dict[str, float]] = {}
    for name, info in own.items():
        group, key = name.split(".")
        drawn, centre = getattr(getattr(parameters, group), key), centres[name]
        value = info.value if drawn == centre else info.value * drawn / centre
        changed.setdefault(group, {})[key] = min(value, LARGEST_SHARE) if info.unit == "share" else value
    return parameters._replace(
        **{group: getattr(parameters, group)._replace(**values) for group, values in changed.items()}
    )


@cache
def _industries(paths: tuple[Path, ...]) -> Mapping[str, Industry]:
    findings = Findings()
    shared = {row.name: row for row in parameter_table()}
    found: dict[str, Industry] = {}
    for path in reversed(paths):
        file = InputFile(path, findings)
        for identifier, table in file.data.items():
            industry = _industry(identifier, table, shared, file)
            if industry is not None:
                found[identifier] = industry
    findings.stop_if_wrong()
    return found


def _industry(identifier: str, table: Any, shared: Mapping[str, ParameterInfo], file: InputFile) -> Industry | None:
    """Return one industry, or note what is wrong with it."""
    at = (identifier,)
    if not isinstance(table, dict) or not ID.fullmatch(identifier):
        file.add(at, f"[{identifier}] is not an industry", "write [wire-mesh], name and what differs")
        return None
    names = {key: table.get(key) for key in ("name", "name_zh")}
    for key, name in names.items():
        if not isinstance(name, str) or not name.strip():
            file.add(at, f'[{identifier}] has no {key} = "..."')
    overrides: dict[str, ParameterInfo] = {}
    for group, entries in table.items():
        if group in names or group == "group":
            continue
        for key, entry in entries.items() if isinstance(entries, dict) else [("", entries)]:
            name = f"{group}.{key}".rstrip(".")
            info = _entry(name, entry, shared, file, (identifier, group, key))
            if info is not None:
                overrides[name] = info
    ordered = {name: overrides[name] for name in MAY_DIFFER if name in overrides}
    return Industry(identifier, str(names["name"]), str(names["name_zh"]), ordered, _group(table, file, identifier))


def _group(table: Mapping[str, Any], file: InputFile, identifier: str) -> str:
    """Return the group of industries whose demand an industry meets; industry as a whole where none is named."""
    try:
        return find_group(str(table.get("group", ALL))).id
    except UserError as error:
        file.add((identifier, "group"), str(error))
        return ""


def _entry(
    name: str, entry: Any, shared: Mapping[str, ParameterInfo], file: InputFile, at: tuple[str, str, str]
) -> ParameterInfo | None:
    """Return one parameter of an industry, or note what is wrong with it."""
    before = len(file.findings.problems)
    if name not in MAY_DIFFER:
        hint = nearest(name, MAY_DIFFER, "did you mean {}?   ")
        file.add(at, f"{name} is shared by all industries", f"{hint}may differ: {', '.join(MAY_DIFFER)}")
        return None
    if not isinstance(entry, dict):
        file.add(at, f"{name} needs {{ {', '.join(WANTED)} }}")
        return None
    for key in WANTED:
        if key not in entry:
            file.add(at, f"{name}: missing {key}")
    for key in entry:
        if key not in ALLOWED:
            file.add(at, f"{name}: unknown key {key}", f"keys: {', '.join(ALLOWED)}")
    if len(file.findings.problems) > before:
        return None
    row = shared[name]
    for problem in _wrong(name, entry, row):
        file.add(at, problem)
    if len(file.findings.problems) > before:
        return None
    low, value, high = (float(entry[key]) for key in ("low", "value", "high"))
    about = str(entry.get("about", row.about))
    status, source = str(entry["status"]), str(entry["source"])
    return replace(row, value=value, low=low, high=high, status=status, source=source, about=about)


def _wrong(name: str, entry: Mapping[str, Any], row: ParameterInfo) -> list[str]:
    """Return what is wrong with the content of a complete entry."""
    numbers = [entry[key] for key in ("low", "value", "high")]
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
        return [f"{name}: value, low and high must be numbers"]
    low, value, high = numbers
    found = []
    if not low <= value <= high:
        found.append(f"{name}: value {value} lies outside {low} to {high}")
    if not low >= 0.0 or high == float("inf"):
        found.append(f"{name}: low and high must be finite and not below 0")
    elif row.unit == "share" and not name.endswith("markup") and high >= 1.0:
        found.append(f"{name}: a share is below 1")
    if entry.get("unit", row.unit) != row.unit:
        found.append(f"{name} is in {row.unit}, not in {entry['unit']}")
    if entry["status"] not in STATUSES:
        found.append(f"{name}: status must be one of {', '.join(STATUSES)}")
    if not str(entry["source"]).strip():
        found.append(f"{name}: no source; write where the number comes from, or why it is assumed")
    return found


def parameters_hash(parameters: Parameters | None = None) -> str:
    """Return a short hash of all values of the file and of what differs by industry, exact to the bit."""
    parameters = parameters or load_parameters()
    rows = [f"{g}.{f}={v.hex()}" for g, t in parameters._asdict().items() for f, v in t._asdict().items()]
    for industry in load_industries().values():
        rows.append(f"{industry.id}:group={industry.group}")
        rows += [f"{industry.id}:{name}={info.value.hex()}" for name, info in industry.overrides.items()]
    return hashlib.blake2b(";".join(rows).encode(), digest_size=6).hexdigest()
