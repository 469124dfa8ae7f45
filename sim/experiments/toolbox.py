"""The functions of the floors below that an ensemble calls, gathered in one value so that a test can hand in toys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sim.experiments.parameter_draws import ParameterDraws
    from sim.scenario.resolved import Scenario
    from sim.state.record import ReplicateRecord


@dataclass(frozen=True)
class Toolbox:
    """What an ensemble needs to know how to do; the functions that reach a worker must be picklable.

    Attributes
    ----------
    load
        ``(reference, overrides) -> Loaded``, with ``.scenario``.
    realise
        ``(scenario, replicate, given=None) -> Scenario`` without uncertain values.
    scenario_hash, places_hash, world_hash
        Hex hashes of everything in a scenario that can change results, and of its places and its world alone.
    write_resolved
        The resolved scenario as TOML text.
    share_past
        ``(scenario, scenario) -> bool``: whether the starts of two runs with the same draw and seed are one.
    simulate
        ``(runs, seed, *, panels, until, on_month)``, each run a scenario with its parameters: yields the position of
        each run with its ``ReplicateRecord``, or its error.
    load_parameters, parameters_hash
        Parameters with overrides by dotted name; hash of the parameters without any.
    replicate_seed
        ``(seed, replicate) -> int``, distinct for distinct replicates.
    draws
        ``(Loaded, seed, wanted) -> ParameterDraws``: the parameter draws of the scenario's fit, of the priors where it
        has none, or with ``wanted = "assumed"`` none.
    """

    load: Callable[[str, Sequence[str]], Any]
    realise: Callable[..., Scenario]
    scenario_hash: Callable[[Scenario], str]
    places_hash: Callable[[Scenario], str]
    world_hash: Callable[[Scenario], str]
    write_resolved: Callable[[Any], str]
    share_past: Callable[[Scenario, Scenario], bool]
    simulate: Callable[..., Iterator[tuple[int, ReplicateRecord | Exception]]]
    load_parameters: Callable[..., Any]
    parameters_hash: Callable[[], str]
    replicate_seed: Callable[[int, int], int]
    draws: Callable[[Any, int, str | None], ParameterDraws]


def standard_toolbox() -> Toolbox:
    """Return the functions of this package's own scenario loader, parameters and model."""
    from sim import parameters
    from sim.experiments.parameter_draws import draws_for
    from sim.parameters import industries
    from sim.scenario.content_hash import places_hash, scenario_hash, world_hash
    from sim.scenario.parting import share_past
    from sim.scenario.realise import realise
    from sim.scenario.writing import write_resolved
    from sim.state import draws

    return Toolbox(
        load=_load,
        realise=realise,
        scenario_hash=scenario_hash,
        places_hash=places_hash,
        world_hash=world_hash,
        write_resolved=write_resolved,
        share_past=share_past,
        simulate=simulate_on_demand,
        load_parameters=parameters.load_parameters,
        parameters_hash=industries.parameters_hash,
        replicate_seed=draws.replicate_seed,
        draws=draws_for,
    )


def simulate_on_demand(*arguments: Any, **keywords: Any) -> Iterator[tuple[int, ReplicateRecord | Exception]]:
    """Call ``sim.model.simulate_together``; Mesa and Numba are imported only by a process that simulates."""
    from sim.model import simulate_together

    return simulate_together(*arguments, **keywords)


def _load(reference: str, overrides: Sequence[str]) -> Any:
    from sim.scenario.loader import load_to_run

    return load_to_run(reference, overrides=tuple(overrides))
