"""What a run command asks for, checked, and what of it is there already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim import workspace
from sim.errors import UserError
from sim.experiments.identity import Identity, folder_name, layout_hash, model_version
from sim.experiments.store import RunFolder
from sim.experiments.work import Job

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sim.experiments.parameter_draws import ParameterDraws
    from sim.experiments.toolbox import Toolbox
    from sim.scenario.resolved import Scenario


@dataclass(frozen=True)
class Request:
    """A run command.

    Attributes
    ----------
    replicates
        How many; None takes each scenario's own number.
    only
        A single replicate to run, counted from 0.
    overrides
        ``key=value`` texts for the scenario loader.
    command
        The command line, kept in the manifest.
    """

    references: tuple[str, ...]
    replicates: int | None = None
    jobs: int = 1
    firms_per_agent: int | None = None
    out: Path | None = None
    only: int | None = None
    overrides: tuple[str, ...] = ()
    panel: bool = False
    seed: int | None = None
    command: str = ""

    def check(self) -> None:
        """Raise ``UserError`` when a number makes no sense."""
        if not self.references:
            raise UserError("name at least one scenario: countysim run yongnian-2023")
        if self.replicates is not None and self.replicates < 1:
            raise UserError(f"-n {self.replicates}: the number of replicates must be 1 or more")
        if self.jobs < 1:
            raise UserError(f"--jobs {self.jobs}: the number of processes must be 1 or more")
        if self.firms_per_agent is not None and self.firms_per_agent < 1:
            raise UserError(f"--scale {self.firms_per_agent}: one simulated firm must stand for 1 or more firms")
        if self.only is not None and self.only < 0:
            raise UserError(f"--only {self.only}: replicates are counted from 0")


@dataclass
class Target:
    """One scenario of a run command.

    Attributes
    ----------
    label
        A, B, C, ... as in every message.
    scenario
        With the seed and scale of the command, uncertain values not drawn yet.
    wanted
        Replicates the command asks for.
    todo
        Those of them not finished, filled in under the folder's lock.
    """

    label: str
    reference: str
    loaded: Any
    scenario: Scenario
    identity: Identity
    draws: ParameterDraws
    folder: RunFolder
    wanted: tuple[int, ...]
    asked: int
    panel: bool
    todo: tuple[int, ...] = ()

    @property
    def reused(self) -> int:
        """Number of wanted replicates that are there already."""
        return len(self.wanted) - len(self.todo)

    def look(self) -> None:
        """Find out what is finished; a run once made with a firm panel stays one with a panel.

        Raises
        ------
        CorruptPartError
            If a part of the run is damaged.
        """
        self.folder.merge_all()
        self.panel = self.panel or bool(self.folder.manifest().get("panel"))
        finished = self.folder.finished()
        self.todo = tuple(
            number for number in self.wanted if number not in finished or (self.panel and not finished[number])
        )


def plan(request: Request, toolbox: Toolbox) -> list[Target]:
    """Load the scenarios of a request and name their folders; nothing is written.

    Raises
    ------
    UserError
        For numbers that make no sense, scenarios that do not load, or replicates that would share their luck.
    """
    request.check()
    targets: list[Target] = []
    for reference in request.references:
        target = _target(reference, len(targets), request, toolbox)
        if all(target.folder.folder != other.folder.folder for other in targets):
            targets.append(target)
    return targets


def _target(reference: str, position: int, request: Request, toolbox: Toolbox) -> Target:
    loaded = toolbox.load(reference, request.overrides)
    scenario = loaded.scenario
    asked = request.replicates if request.replicates is not None else scenario.replicates
    if request.only is not None and request.only >= asked:
        raise UserError(
            f"--only {request.only}: {scenario.id} has {asked} replicates, numbered 0 to {asked - 1}\n"
            f"     to have more of them, add  -n {request.only + 1}"
        )
    seed = scenario.seed if request.seed is None else request.seed
    scale = request.firms_per_agent or scenario.firms_per_agent
    draws = toolbox.draws(loaded)
    # The hash is taken before seed and scale of the command are put in, so that a run is found by its scenario file.
    identity = Identity(
        scenario_id=scenario.id,
        scenario_hash=toolbox.scenario_hash(scenario),
        seed=seed,
        firms_per_agent=scale,
        parameters_hash=toolbox.parameters_hash(),
        draws=draws.name,
        draws_hash=draws.digest,
        places_hash=toolbox.places_hash(scenario),
        world_hash=toolbox.world_hash(scenario),
        model_version=model_version(),
        layout_hash=layout_hash(),
    )
    runs = workspace.results_root(request.out) / "runs"
    wanted = tuple(range(asked)) if request.only is None else (request.only,)
    _require_distinct_seeds(seed, wanted, toolbox)
    return Target(
        label=label(position),
        reference=reference,
        loaded=loaded,
        scenario=replace(scenario, seed=seed, firms_per_agent=scale),
        identity=identity,
        draws=draws,
        folder=RunFolder(runs / folder_name(scenario.id) / identity.short),
        wanted=wanted,
        asked=asked,
        panel=request.panel,
    )


def label(position: int) -> str:
    """Return A, B, ..., Z, then S27, S28, ..."""
    return chr(ord("A") + position) if position < 26 else f"S{position + 1}"


def _require_distinct_seeds(seed: int, replicates: Sequence[int], toolbox: Toolbox) -> None:
    if len({toolbox.replicate_seed(seed, number) for number in replicates}) < len(replicates):
        raise UserError(f"seed {seed}: two replicates would share one stream of random numbers; choose another --seed")


def job_for(target: Target, position: int, replicate: int, toolbox: Toolbox) -> Job:
    """Return the inputs of one replicate of a target."""
    return Job(
        target=position,
        replicate=replicate,
        scenario=target.scenario,
        draw=target.draws.index(replicate),
        draw_values=target.draws.values(replicate),
        seed=toolbox.replicate_seed(target.identity.seed, replicate),
        panel=target.panel,
        saved_as=target.folder.staged_path(replicate).resolve(),
        realise=toolbox.realise,
        load_parameters=toolbox.load_parameters,
        simulate=toolbox.simulate,
    )


def jobs_in_order(targets: Sequence[Target], toolbox: Toolbox) -> Iterator[Job]:
    """Yield what is to do by replicate, then scenario: whenever a run is stopped, its replicates come in pairs."""
    order = sorted((replicate, position) for position, target in enumerate(targets) for replicate in target.todo)
    for replicate, position in order:
        yield job_for(targets[position], position, replicate, toolbox)
