"""What differs by industry (``calibration/industries.toml``): loaded, checked, and laid over the shared parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from sim import workspace
from sim.evidence.national import ALL, find_group
from sim.inputs.files import ID, InputFile
from sim.inputs.problems import Findings, refused
from sim.inputs.quantities import at, table_with
from sim.inputs.tables import listed, near
from sim.parameters import ParameterInfo, Ranged, load_parameters, parameter_table
from sim.parameters.groups import Parameters
from sim.units import shown

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


class _Own(Ranged):
    """One parameter of an industry as its file states it; it has the unit of the shared one."""

    low: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
    unit: str = ""
    about: str = ""


_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _table() -> Any:
    """Return the class of an industry's table: its names and group, and by group the parameters that may differ."""
    groups: dict[str, dict[str, Any]] = {}
    for group, key in (name.split(".") for name in MAY_DIFFER):
        groups.setdefault(group, {})[key] = (_Own | None, None)
    tables = {group: (table_with(keys) | None, None) for group, keys in groups.items()}
    return table_with({"name": _Name, "name_zh": _Name, "group": (str, ALL), **tables})


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
    return _industries(found or (workspace.needed(FILE, "how industries differ"),))


def industry_of(identifier: str) -> Industry:
    """Return one industry; raise ``UserError`` naming the nearest id and the known ones when there is none."""
    known = load_industries()
    if identifier in known:
        return known[identifier]
    raise refused("no_industry", value=identifier, near=near(identifier, known), known=listed(sorted(known)))


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
    findings, model = Findings(), _table()
    shared = {row.name: row for row in parameter_table()}
    found: dict[str, Industry] = {}
    for path in reversed(paths):
        file = InputFile(path, findings)
        for identifier, data in file.data.items():
            if not ID.fullmatch(identifier):
                file.note("bad_id", identifier, key="industry", value=shown(identifier))
                continue
            table = file.check(model, data, identifier)
            if table is not None:
                found[identifier] = _industry(identifier, table, shared, file)
    findings.stop_if_wrong()
    return found


def _industry(identifier: str, table: Any, shared: Mapping[str, ParameterInfo], file: InputFile) -> Industry:
    """Return one industry; what does not fit the shared parameters is noted."""
    overrides: dict[str, ParameterInfo] = {}
    for name in MAY_DIFFER:
        own: _Own | None = at(table, name)
        if own is None:
            continue
        row, key = shared[name], (identifier, *name.split("."))
        if row.unit == "share" and not name.endswith("markup") and own.high >= 1.0:
            file.note("share_below_1", *key, key=name)
        if own.unit and own.unit != row.unit:
            file.note("other_unit", *key, key=name, unit=row.unit, other=own.unit)
        given = {key: value for key, value in own if value != ""}
        overrides[name] = row.model_copy(update=given)
    group = ""
    with file.findings.catching(file.spot(identifier, "group")):
        group = find_group(table.group).id
    return Industry(identifier, table.name, table.name_zh, overrides, group)


def parameters_hash(parameters: Parameters | None = None) -> str:
    """Return a short hash of all values of the file and of what differs by industry, exact to the bit."""
    parameters = parameters or load_parameters()
    rows = [f"{g}.{f}={v.hex()}" for g, t in parameters._asdict().items() for f, v in t._asdict().items()]
    for industry in load_industries().values():
        rows.append(f"{industry.id}:group={industry.group}")
        rows += [f"{industry.id}:{name}={info.value.hex()}" for name, info in industry.overrides.items()]
    return hashlib.blake2b(";".join(rows).encode(), digest_size=6).hexdigest()
