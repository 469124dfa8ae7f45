"""What articles report: names, labels and bases in both languages, and which observables measure it.

A variable that is an observable needs no row: its labels and bases are those of ``sim.observables``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from sim.inputs.data import beside
from sim.observables import INDEX, OBSERVABLES, observable

GROWTH: Final = "_yoy"
"""Ending of a variable that is the growth of another over the same months a year earlier."""
NotAsked = Literal["no observable", "input", "policy input"]


@dataclass(frozen=True)
class Reported:
    """One variable by the name articles use.

    Parameters
    ----------
    name
        As in the files of evidence.
    label, label_zh
        What a reader sees; an English label left out is the name with spaces.
    measured_by
        Observables that, added up, measure it. They count when all of them are in the table of observables, and an
        observable of the variable's own name comes before them.
    not_asked
        Why no simulation is asked for it: kind of reason (``sim.reporting.recipes.Why``), and the reason in English and
        Chinese.
    """

    name: str
    label_zh: str
    label: str = ""
    measured_by: tuple[str, ...] = ()
    not_asked: tuple[NotAsked, str, str] | None = None


def _tuples(row: dict[str, Any]) -> Any:
    return {key: tuple(item) if isinstance(item, list) else item for key, item in row.items()}


WORDS: Final = beside(__file__)
REPORTED: Final = {name: Reported(name, **_tuples(row)) for name, row in WORDS["variables"].items()}
"""Reported variables by name."""


def variable_label(variable: str, lang: str) -> str:
    """Return what a reader calls a reported variable; its own name when no label is known."""
    if variable.endswith(GROWTH):
        level = variable_label(variable.removesuffix(GROWTH), lang)
        return f"{level}, growth on a year" if lang == "en" else f"{level}同比"
    row = observable(variable) if variable in INDEX else REPORTED.get(variable, Reported(variable, variable))
    return row.label or variable.replace("_", " ") if lang == "en" else row.label_zh


def basis_label(basis: str, lang: str) -> str:
    """Return a statistical basis in a language, phrase by phrase; a phrase nobody knows is shown as it was written."""
    if lang == "en":
        return basis
    known: dict[str, str] = dict(WORDS["bases"])
    for item in OBSERVABLES:
        known |= zip(item.basis.split("; "), item.basis_zh.split("；"), strict=True)
    return known.get(basis) or "；".join(known.get(part, part) for part in re.split(r";\s*", basis))


def measured_by(variable: str) -> tuple[str, ...]:
    """Return the observables that, added up, measure a reported variable; empty when nothing does.

    The growth of a variable (``exports_yoy``) is measured by the variable itself.
    """
    name = variable.removesuffix(GROWTH)
    if name in INDEX:
        return (name,)
    names = REPORTED[name].measured_by if name in REPORTED else ()
    return names if all(item in INDEX for item in names) else ()


def known_variables() -> tuple[str, ...]:
    """Return every name that means an observable: their own, and those of articles."""
    return tuple(sorted({*INDEX, *(name for name in REPORTED if len(measured_by(name)) == 1)}))
