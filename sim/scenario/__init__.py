"""Scenarios: from TOML files to what the model is given.

``load`` reads a scenario with everything it inherits, ``realise`` draws its uncertain values for one replicate,
``scenario_hash`` names a run, ``write_resolved`` writes it as one file. Everything is imported on first use, so that
``import sim.scenario`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.ceiling import Ceiling as Ceiling
    from sim.scenario.ceiling import ceiling as ceiling
    from sim.scenario.difference import Difference as Difference
    from sim.scenario.difference import diff as diff
    from sim.scenario.identity import same as same
    from sim.scenario.identity import scenario_hash as scenario_hash
    from sim.scenario.loader import Loaded as Loaded
    from sim.scenario.loader import load as load
    from sim.scenario.problems import ScenarioErrors as ScenarioErrors
    from sim.scenario.realise import realise as realise
    from sim.scenario.resolved import Scenario as Scenario
    from sim.scenario.writing import write_resolved as write_resolved

_HOMES = {
    "Ceiling": "ceiling",
    "ceiling": "ceiling",
    "Difference": "difference",
    "diff": "difference",
    "same": "identity",
    "scenario_hash": "identity",
    "Loaded": "loader",
    "load": "loader",
    "ScenarioErrors": "problems",
    "realise": "realise",
    "Scenario": "resolved",
    "write_resolved": "writing",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
