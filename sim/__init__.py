"""countysim: a policy laboratory for county industrial clusters."""

from __future__ import annotations

__version__ = "0.1.0"
MODEL_VERSION = 1
"""Raised whenever the same inputs may give other numbers; part of every run's identity."""
