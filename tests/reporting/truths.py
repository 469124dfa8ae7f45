"""Truths made up for tests: a few replicates of a few places, every observable its own steady level."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.evidence import Fact, load_facts
from sim.observables import INDEX, OBSERVABLES
from sim.reporting import Truth, truth_of_arrays
from sim.state.record import TRACKED


def month(text: str) -> int:
    """``2026-01`` as a month number."""
    year, number = text.split("-")
    return int(year) * 12 + int(number) - 1


def fact(identifier: str) -> Fact:
    """A figure of the evidence."""
    return next(item for item in load_facts() if item.id == identifier)


def made(variable: str, value: float, unit: str, **changes: Any) -> Fact:
    """A figure made up about Yongnian in 2023."""
    fields: dict[str, Any] = {
        "id": "made",
        "place": "yongnian",
        "industry": "fasteners",
        "variable": variable,
        "period_start": month("2023-01"),
        "period_end": month("2023-12"),
        "value": value,
        "unit": unit,
        "bound": "exact",
        "basis": "",
        "kind": "growth" if variable.endswith("_yoy") else "level",
        "source": "xinhua-2025-01-08",
        "note": "",
        "value_plain": value,
        "unit_plain": unit,
    }
    return Fact(**{**fields, **changes})


def cube(months: int = 36, places: int = 1) -> np.ndarray:
    """Values of shape (months, places, observables) that differ in every cell."""
    base = 1.0 + np.arange(len(OBSERVABLES))[None, None, :]
    return base * (100.0 + np.arange(months)[:, None, None]) * (1.0 + np.arange(places)[None, :, None])


def truth(
    start: str = "2022-01", months: int = 36, places: tuple[str, ...] = ("yongnian",), **more: Any
) -> tuple[Truth, np.ndarray]:
    """A truth of one replicate and the array it was made of."""
    values = more.pop("values", None)
    values = cube(months, len(places)) if values is None else values
    return truth_of_arrays(values, month(start), places, more.pop("anchors", None), **more), values


def column(values: np.ndarray, name: str) -> np.ndarray:
    """One observable, shape (months, places)."""
    return np.asarray(values[:, :, INDEX[name]])


def followed(*rows: tuple[int, int, float]) -> np.ndarray:
    """Followed firms of the first place: slot, year, output."""
    return np.array([(slot, 0, year, 10.0, output, 0) for slot, year, output in rows], dtype=TRACKED)
