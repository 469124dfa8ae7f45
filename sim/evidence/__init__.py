"""Evidence: reported figures, their sources, and published national series. Data only; nothing here is modelled."""

from __future__ import annotations

from sim.evidence.facts import BOUNDS, KINDS, Fact, facts_for, find_fact, load_facts, read_facts
from sim.evidence.series import Growth, Observation, Series, find_series, load_series
from sim.evidence.sources import Source, load_series_sources, load_sources
from sim.evidence.variables import variable_label

__all__ = [
    "BOUNDS",
    "KINDS",
    "Fact",
    "Growth",
    "Observation",
    "Series",
    "Source",
    "facts_for",
    "find_fact",
    "find_series",
    "load_facts",
    "load_series",
    "load_series_sources",
    "load_sources",
    "read_facts",
    "variable_label",
]
