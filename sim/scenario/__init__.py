"""Scenarios: from TOML files to what the model is given.

``load`` reads a scenario with everything it inherits, ``realise`` draws its uncertain values for one replicate,
``scenario_hash`` names a run, ``write_resolved`` writes it as one file. What reads files is imported on first use, so
that the model can import the resolved classes without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# These two functions share their module's name: imported here, the name means the function whatever is imported later.
from sim.scenario.ceiling import Ceiling, ceiling
from sim.scenario.realise import realise

if TYPE_CHECKING:
    from sim.scenario.difference import Difference as Difference
    from sim.scenario.difference import diff as diff
    from sim.scenario.identity import scenario_hash as scenario_hash
    from sim.scenario.loader import Loaded as Loaded
    from sim.scenario.loader import load as load
    from sim.scenario.problems import ScenarioErrors as ScenarioErrors
    from sim.scenario.resolved import Scenario as Scenario
    from sim.scenario.writing import write_resolved as write_resolved

_HOMES = {
    "Difference": "difference",
    "Loaded": "loader",
    "Scenario": "resolved",
    "ScenarioErrors": "problems",
    "diff": "difference",
    "load": "loader",
    "scenario_hash": "identity",
    "write_resolved": "writing",
}

__all__ = [
    "Ceiling",
    "Difference",
    "Loaded",
    "Scenario",
    "ScenarioErrors",
    "ceiling",
    "diff",
    "load",
    "realise",
    "scenario_hash",
    "write_resolved",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
