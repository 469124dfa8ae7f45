"""Paired comparison of two runs: differences, public money, value for money and goals."""

from __future__ import annotations

from sim.compare.build import compare
from sim.compare.comparison import Comparison

__all__ = ["Comparison", "compare"]
