"""The scalar rules as plain Python: for one firm with ``math``, and for whole columns with NumPy.

``plain.price_of`` is a rule as somebody without a compiler would have written it; ``columns.price_of`` is the same for
arrays, where the rule does not branch.
"""

from __future__ import annotations

import importlib
import math
import sys
from types import FunctionType
from typing import Any

import numpy as np

from sim.state import draws

MODULES = tuple(
    importlib.import_module(f"sim.rules.{name}")
    for name in (
        "chance", "demand", "investment", "labour", "ladder", "links", "prices", "production", "settlement", "totals",
        "turnover",
    )
)  # fmt: skip
MASK, TO_UNIT = draws.MASK, 2.0**-53


def uniform(key: int, slot: int) -> float:
    """Return the keyed draw of ``sim.state.draws``, written out in one function as a careful author would."""
    value = (key + ((slot + 1) & MASK) * draws.GOLDEN) & MASK
    value = ((value ^ (value >> 30)) * draws.FIRST) & MASK
    value = ((value ^ (value >> 27)) * draws.SECOND) & MASK
    return ((value ^ (value >> 31)) >> 11 | 1) * TO_UNIT


SCALAR = {"exp": math.exp, "log": math.log, "power": math.pow, "combine": draws.combine, "uniform": uniform}
COLUMNS = {"exp": np.exp, "log": np.log, "power": np.power, "max": np.maximum, "min": np.minimum}
_names: dict[tuple[int, str], dict[str, Any]] = {}


def rewritten(rule: Any, functions: dict[str, Any]) -> Any:
    """Return a rule as it was written, calling ``functions`` by name and other rules rewritten in the same way."""
    body = getattr(rule, "py_func", rule)
    known = (id(functions), body.__module__)
    if known not in _names:
        names = _names[known] = {**vars(sys.modules[body.__module__]), **functions}
        for name, value in names.items():
            if hasattr(value, "py_func"):
                names[name] = functions.get(name) or rewritten(value, functions)
    return FunctionType(body.__code__, _names[known], body.__name__, body.__defaults__, body.__closure__)


def _rule(name: str) -> Any:
    for module in MODULES:
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(name)


class Columns:
    """Rules for arrays, by name."""

    def __getattr__(self, name: str) -> Any:
        vars(self)[name] = rewritten(_rule(name), COLUMNS)
        return vars(self)[name]


columns = Columns()


def __getattr__(name: str) -> Any:
    globals()[name] = SCALAR.get(name) or rewritten(_rule(name), SCALAR)
    return globals()[name]
