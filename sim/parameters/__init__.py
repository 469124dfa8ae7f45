"""The one file of parameters (``calibration/priors.toml``): loaded, checked, and handed out by subject.

A new parameter is one entry of the file and one field of its group (``sim.parameters.groups``). A policy type that is
no part of the library brings a group of its own: ``own_parameters`` of its terms class (a ``NamedTuple`` of numbers),
and beside the class a file ``parameters.toml`` with one table of the type's name and entries as in ``priors.toml``. Its
rules read them as ``parameters.<type>.<field>``; scenarios and draws name them ``<type>.<field>``. They count in the
identity of scenarios with a policy of the type, and of no others.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from sim import workspace
from sim.errors import UserError, nearest
from sim.inputs.files import InputFile
from sim.parameters.groups import Parameters

STATUSES = ("reported", "literature", "calibrated", "assumed")
PRIORS = ("log", "logit", "normal", "uniform", "whole", "fixed")
"""Shapes of a prior: normal in the logarithm, in the log odds, in the number itself; even over the range, even over its
whole numbers; and no uncertainty that a calibration would draw (rates set by law, settings of the computation)."""
LEVELS = ("shared", "industry", "place")
"""Who has a parameter in common: all places, the places of an industry, or nobody."""
FILE = "priors.toml"
__all__ = ["ParameterInfo", "Parameters", "load_parameters", "parameter_name", "parameter_table"]


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter as the file states it.

    Attributes
    ----------
    low, high
        About 90 % of the prior lies between them; all of it when the shape is ``uniform`` or ``whole``.
    prior
        Shape of the prior, one of ``PRIORS``.
    varies
        Level at which it differs, one of ``LEVELS``.
    about, about_zh
        What readers are told it is.
    policy
        Policy type that brings it along; empty for those of the one file.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    prior: str
    varies: str
    status: str
    source: str
    about: str
    about_zh: str
    policy: str = ""


def _path() -> Path:
    for folder in workspace.folders("calibration"):
        if (folder / FILE).is_file():
            return folder / FILE
    raise UserError(f"calibration/{FILE} is missing: every parameter lives there")


def _problems(name: str, entry: Any) -> list[str]:
    wanted = {"value", "unit", "low", "high", "prior", "varies", "status", "source", "about", "about_zh"}
    if not isinstance(entry, dict):
        return [f"{name}: write {{ {', '.join(sorted(wanted))} }}"]
    found = [f"{name}: missing {key}" for key in sorted(wanted - entry.keys())]
    found += [f"{name}: unknown key {key}" for key in sorted(entry.keys() - wanted)]
    if found:
        return found
    numbers = [entry[key] for key in ("value", "low", "high")]
    if not all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in numbers):
        return [f"{name}: value, low and high must be finite numbers"]
    if not entry["low"] <= entry["value"] <= entry["high"]:
        found.append(f"{name}: value {entry['value']} lies outside {entry['low']} to {entry['high']}")
    for key, known in (("status", STATUSES), ("prior", PRIORS), ("varies", LEVELS)):
        if entry[key] not in known:
            found.append(f"{name}: {key} must be one of {', '.join(known)}")
    found += _shape_problems(name, entry)
    found += [f"{name}: {key} must be text" for key in ("unit", "about", "about_zh") if not isinstance(entry[key], str)]
    if not isinstance(entry["source"], str) or not entry["source"].strip():
        found.append(f"{name}: no source; write where the number comes from, or why it is assumed")
    return found


def _shape_problems(name: str, entry: Mapping[str, Any]) -> list[str]:
    """Return what keeps a range from carrying the shape of its prior."""
    low, high, shape = entry["low"], entry["high"], entry["prior"]
    if shape == "log" and not 0.0 < low < high:
        return [f"{name}: prior = log needs 0 < low < high"]
    if shape == "logit" and not 0.0 < low < high < 1.0:
        return [f"{name}: prior = logit needs 0 < low < high < 1"]
    if shape == "whole" and not (float(low).is_integer() and float(high).is_integer() and low < high):
        return [f"{name}: prior = whole needs whole numbers, low < high"]
    if shape in ("normal", "uniform") and not low < high:
        return [f"{name}: prior = {shape} needs low < high; write prior = fixed for a number that is not drawn"]
    return []


_GROUPS: Mapping[str, Any] = get_type_hints(Parameters)
_brought: dict[str, tuple[Any, Path]] = {}


class _WithMore(Parameters):
    """All parameters, with the groups that policy types bring along as attributes."""

    def _replace(self, **changed: Any) -> _WithMore:
        made = super()._replace(**changed)
        made.__dict__.update(self.__dict__)
        return made


def register(policy: str, group: type[tuple[float, ...]], path: Path) -> None:
    """Take in the parameters of a policy type, in place of those it brought before.

    ``group`` is a ``NamedTuple`` with one number for each parameter; the file with their entries is read when
    parameters are asked for.

    Raises
    ------
    ValueError
        If the model has a group of this name.
    """
    if policy in _GROUPS:
        raise ValueError(f"policy type {policy!r} has the name of a group of the model's parameters")
    _brought[policy] = (group, path)


def forget(policy: str) -> None:
    """Take out the parameters that a policy type brought, if any."""
    _brought.pop(policy, None)


@cache
def _table(path: Path, *groups: tuple[str, tuple[str, ...]], policy: str = "") -> tuple[ParameterInfo, ...]:
    file, rows = InputFile(path), []
    wanted = dict(groups)
    for group in sorted(wanted.keys() | file.data.keys()):
        present, expected = file.data.get(group, {}), wanted.get(group, ())
        if not isinstance(present, dict):
            file.add((group,), f"{group}: no table of parameters", f"write  [{group}.name]  above each of them")
            continue
        for key in sorted(present.keys() - set(expected)):
            file.add((group, key), f"{group}.{key}: no rule reads this parameter")
        for key in sorted(set(expected) - present.keys()):
            file.add((group,), f"{group}.{key}: missing")
    for group, key in ((group, key) for group, keys in wanted.items() for key in keys):
        entry = found[key] if isinstance(found := file.data.get(group), dict) and key in found else None
        wrong = [] if entry is None else _problems(f"{group}.{key}", entry)
        for problem in wrong:
            file.add((group, key), problem)
        if entry is not None and not wrong:
            value = float(entry["value"])
            rows.append(ParameterInfo(f"{group}.{key}", **{**entry, "value": value}, policy=policy))
    file.findings.stop_if_wrong()
    return tuple(rows)


def parameter_table() -> list[ParameterInfo]:
    """Return every parameter with unit, range, source and status: those of the file, then those of policy types.

    Raises
    ------
    UserError
        Listing every missing, unknown or malformed entry at once.
    """
    rows = _table(_path(), *((name, kind._fields) for name, kind in _GROUPS.items()))
    more = (_table(path, (name, kind._fields), policy=name) for name, (kind, path) in sorted(_brought.items()))
    return list(itertools.chain(rows, *more))


def parameter_name(name: str, language: str, about: str = "") -> str:
    """Return what a reader calls a parameter: in English what is said ``about`` it; its own name when nobody knows."""
    if language != "zh":
        return about or name
    return next((row.about_zh for row in parameter_table() if row.name == name), name)


def load_parameters(overrides: Mapping[str, float] | None = None) -> Parameters:
    """Return the parameters at the values of the file, with ``overrides`` by dotted name.

    Raises
    ------
    UserError
        If an override names no parameter or is not a finite number.
    """
    values = {row.name: row.value for row in parameter_table()}
    for name, value in (overrides or {}).items():
        if name not in values:
            raise UserError(f'no parameter is called "{name}"' + nearest(name, values, "; did you mean {}?"))
        if not math.isfinite(value):
            raise UserError(f"parameter {name} = {value} is not a finite number")
        values[name] = float(value)

    def filled(group: str, kind: Any) -> Any:
        return kind(**{field: values[f"{group}.{field}"] for field in kind._fields})

    found = {group: filled(group, kind) for group, kind in _GROUPS.items()}
    if not _brought:
        return Parameters(**found)
    made = _WithMore(**found)
    made.__dict__.update({group: filled(group, kind) for group, (kind, _) in _brought.items()})
    return made
