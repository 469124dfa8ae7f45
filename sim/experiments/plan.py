"""What a run command asks for, checked, and what of it is there already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim import versions, workspace
from sim.errors import UserError
from sim.experiments.engine import Jobs, launch_of
from sim.experiments.identity import Identity, folder_name, layout_hash
from sim.experiments.store import RunFolder
from sim.experiments.tasks import Task, job_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sim.experiments.parameter_draws import ParameterDraws
    from sim.experiments.tasks import Job
    from sim.experiments.toolbox import Toolbox
    from sim.scenario.resolved import Scenario


def require_scale(firms_per_agent: int | None) -> None:
    """Raise ``UserError`` for a scale that nothing can be run at; None takes another's."""
    if firms_per_agent is not None and firms_per_agent < 1:
        raise UserError(f"--scale {firms_per_agent}: one simulated firm must stand for 1 or more firms")


@dataclass(frozen=True)
class Request:
    """A run command.

    Attributes
    ----------
    references
        Scenario ids, ``id:variant``, or paths of scenario files.
    replicates
        How many of each; None takes the number in the scenario file.
    jobs
        Worker processes, or a ``Launch``; None uses the cores there are, 1 stays in this process.
    firms_per_agent
        How many firms one simulated firm stands for; None takes the scenario's number.
    out
        Folder for results in place of ``results``.
    only
        A single replicate, counted from 0.
    overrides
        ``key=value`` texts that change the scenarios.
    variations
        Such texts for each reference alone.
    panel
        Also record the yearly firm panel.
    seed
        In place of the scenarios' own.
    draws
        ``assumed`` puts parameters at their assumed values; None takes the draws of the fit each scenario names, and
        of the priors where it names none.
    command
        Command line for the manifest.
    """

    references: Sequence[str] = ()
    replicates: int | None = None
    jobs: Jobs = 1
    firms_per_agent: int | None = None
    out: Path | None = None
    only: int | None = None
    overrides: Sequence[str] = ()
    variations: Sequence[Sequence[str]] = ()
    panel: bool = False
    seed: int | None = None
    draws: str | None = None
    command: str = ""

    def check(self) -> None:
        """Raise ``UserError`` when a number makes no sense."""
        if not self.references:
            raise UserError("name at least one scenario: countysim run yongnian-2023")
        if self.replicates is not None and self.replicates < 1:
            raise UserError(f"-n {self.replicates}: the number of replicates must be 1 or more")
        launch_of(self.jobs).check()
        require_scale(self.firms_per_agent)
        if self.only is not None and self.only < 0:
            raise UserError(f"--only {self.only}: replicates are counted from 0")
        if self.draws not in (None, "assumed"):
            raise UserError(
                f'--draws "{self.draws}": assumed, or left out for the draws of the fit (of the priors without one)'
            )


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
    overrides: tuple[str, ...]
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


def plan(request: Request, toolbox: Toolbox) -> tuple[list[Target], list[Target]]:
    """Load the scenarios of a request and name their folders; nothing is written.

    Returns
    -------
    targets, asked
        What is to be run, and the target of each reference: two that are the same run have one.

    Raises
    ------
    UserError
        For numbers that make no sense, scenarios that do not load, or replicates that would share their random draws.
    """
    request.check()
    targets: list[Target] = []
    asked: list[Target] = []
    variations = request.variations or ((),) * len(request.references)
    for reference, own in zip(request.references, variations, strict=True):
        target = _target(reference, (*request.overrides, *own), len(targets), request, toolbox)
        known = next((other for other in targets if other.folder.folder == target.folder.folder), None)
        if known is None:
            targets.append(target)
        asked.append(known or target)
    return targets, asked


def _target(reference: str, overrides: tuple[str, ...], position: int, request: Request, toolbox: Toolbox) -> Target:
    loaded = toolbox.load(reference, overrides)
    scenario = loaded.scenario
    asked = request.replicates if request.replicates is not None else scenario.replicates
    if request.only is not None and request.only >= asked:
        raise UserError(
            f"--only {request.only}: {scenario.id} has {asked} replicates, numbered 0 to {asked - 1}\n"
            f"     to have more of them, add  -n {request.only + 1}"
        )
    seed = scenario.seed if request.seed is None else request.seed
    scale = request.firms_per_agent or scenario.firms_per_agent
    draws = toolbox.draws(loaded, seed, request.draws)
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
        model_version=versions.MODEL_VERSION,
        layout_hash=layout_hash(),
    )
    runs = workspace.results_root(request.out) / "runs"
    wanted = tuple(range(asked)) if request.only is None else (request.only,)
    if len({toolbox.replicate_seed(seed, number) for number in wanted}) < len(wanted):
        raise UserError(f"seed {seed}: two replicates would share one stream of random numbers; choose another --seed")
    return Target(
        label=label(position),
        reference=reference,
        overrides=overrides,
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


def job_for(targets: Mapping[int, Target], replicate: int, toolbox: Toolbox) -> Job:
    """Return the inputs of one replicate of targets, given by position, that have seed and draws in common."""
    first = next(iter(targets.values()))
    tasks = [Task(position, target.scenario, target.panel) for position, target in targets.items()]
    draw, values = first.draws.index(replicate), first.draws.values(replicate)
    return job_of(toolbox, replicate, tasks, draw, values, toolbox.replicate_seed(first.identity.seed, replicate))


def jobs_in_order(targets: Sequence[Target], toolbox: Toolbox) -> Iterator[Job]:
    """Yield what is to do by replicate: whenever a run is stopped, its replicates come in pairs."""
    families = _families(targets, toolbox)
    todo = [frozenset(target.todo) for target in targets]
    for replicate in sorted(frozenset().union(*todo)):
        for family in families:
            if mine := {position: target for position, target in family.items() if replicate in todo[position]}:
                yield job_for(mine, replicate, toolbox)


def _families(targets: Sequence[Target], toolbox: Toolbox) -> list[dict[int, Target]]:
    """Return the targets with something to do, by position, in groups that have a past in common."""
    families: list[dict[int, Target]] = []
    for position, target in enumerate(targets):
        for family in families if target.todo else ():
            first = next(iter(family.values()))
            if target.draws == first.draws and toolbox.share_past(target.scenario, first.scenario):
                family[position] = target
                break
        else:
            families.append({position: target})
    return families
