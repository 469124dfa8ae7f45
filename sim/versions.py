"""Versions of the program and of the model. ``docs/versions.md`` lists what each of the model changed."""

from __future__ import annotations

__version__ = "0.1.0"
MODEL_VERSION = 9
"""Raised whenever the same inputs may give other bits; part of every run's identity."""
MODEL_LAW = 9
"""The last version that changed the distribution of outcomes, and not their last digits alone: fits belong to it."""
