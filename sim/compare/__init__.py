"""Paired comparison of two runs: differences, public money, value for money and goals."""

from __future__ import annotations

from sim.compare.build import compare
from sim.compare.comparison import (
    ALL_PLACES,
    Anyway,
    Comparison,
    Displaced,
    Equality,
    GoalRow,
    Money,
    MoneyRow,
    Note,
    Row,
    Setting,
    Side,
    ValueRow,
)
from sim.compare.statistics import Band

__all__ = [
    "ALL_PLACES",
    "Anyway",
    "Band",
    "Comparison",
    "Displaced",
    "Equality",
    "GoalRow",
    "Money",
    "MoneyRow",
    "Note",
    "Row",
    "Setting",
    "Side",
    "ValueRow",
    "compare",
]
