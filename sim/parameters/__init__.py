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
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_type_hints

from pydantic import AfterValidator, FiniteFloat, model_validator
from pydantic_core import PydanticCustomError

from sim import workspace
from sim.inputs.files import InputFile
from sim.inputs.problems import refused
from sim.inputs.quantities import Table, table_with
from sim.inputs.tables import near
from sim.parameters.groups import Parameters

FILE = "priors.toml"
__all__ = ["ParameterInfo", "Parameters", "load_parameters", "parameter_name", "parameter_table"]


def _stated(source: str) -> str:
    if not source.strip():
        raise PydanticCustomError("no_source", "no source")
    return source


class Ranged(Table):
    """A number with the range in which it lies, how far it was checked, and where it comes from."""

    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    status: Literal["reported", "literature", "calibrated", "assumed"]
    source: Annotated[str, AfterValidator(_stated)]

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not self.low <= self.value <= self.high:
            values = {"number": f"{self.value:g}", "low": f"{self.low:g}", "high": f"{self.high:g}"}
            raise PydanticCustomError("outside_range", "outside", values)
        return self


class Entry(Ranged):
    """One parameter as the file states it.

    Attributes
    ----------
    low, high
        About 90 % of the prior lies between them; all of it when the shape is ``uniform`` or ``whole``.
    prior
        Shape of the prior: normal in the logarithm, in the log odds, in the number itself; even over the range, even
        over its whole numbers; and no uncertainty that a calibration would draw (rates set by law, settings of the
        computation).
    varies
        Who has it in common: all places, the places of an industry, or nobody.
    about, about_zh
        What readers are told it is.
    """

    unit: str
    prior: Literal["log", "logit", "normal", "uniform", "whole", "fixed"]
    varies: Literal["shared", "industry", "place"]
    about: str
    about_zh: str

    @model_validator(mode="after")
    def _shaped(self) -> Self:
        """Refuse a range that cannot carry the shape of its prior."""
        whole = self.low.is_integer() and self.high.is_integer()
        below = {"log": self.low > 0.0, "logit": self.low > 0.0 and self.high < 1.0, "whole": whole}
        if self.prior != "fixed" and not (self.low < self.high and below.get(self.prior, True)):
            raise PydanticCustomError("prior_range", "range", {"prior": self.prior})
        return self


class ParameterInfo(Entry):
    """A parameter by its dotted name; ``policy`` is the type that brings it along, empty for those of the one file."""

    name: str
    policy: str = ""


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
    """Return the parameters of a file that holds the ``groups``, by name and their fields, and nothing else."""
    tables = {group: table_with(dict.fromkeys(names, Entry)) for group, names in groups}
    file = InputFile(path)
    found = file.check(table_with(tables), file.data)
    file.findings.stop_if_wrong()
    return tuple(
        ParameterInfo.model_construct(name=f"{group}.{name}", policy=policy, **dict(entry))
        for group, entries in found or ()
        for name, entry in entries
    )


def parameter_table() -> list[ParameterInfo]:
    """Return every parameter with unit, range, source and status: those of the file, then those of policy types.

    Raises
    ------
    UserError
        Listing every missing, unknown or malformed entry at once.
    """
    rows = _table(workspace.needed(FILE, "all parameters"), *((name, kind._fields) for name, kind in _GROUPS.items()))
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
            raise refused("no_parameter", name=name, near=near(name, values, ("; did you mean {}?", "，是否想写 {}？")))
        if not math.isfinite(value):
            raise refused("parameter_not_finite", name=name, value=value)
        values[name] = float(value)

    def filled(group: str, kind: Any) -> Any:
        return kind(**{field: values[f"{group}.{field}"] for field in kind._fields})

    found = {group: filled(group, kind) for group, kind in _GROUPS.items()}
    if not _brought:
        return Parameters(**found)
    made = _WithMore(**found)
    made.__dict__.update({group: filled(group, kind) for group, (kind, _) in _brought.items()})
    return made
