"""A run as its readers see it: numbers by variable, place, month, year and replicate."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import versions, workspace
from sim.errors import UserError
from sim.experiments.aggregate import by_year, complete_years, over_places
from sim.experiments.store import ANCHOR, CorruptPartError, PartReader, RunFolder
from sim.experiments.toolbox import standard_toolbox
from sim.observables import INDEX, observable
from sim.units import parse_month

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sim.experiments.parameter_draws import ParameterDraws
    from sim.experiments.toolbox import Toolbox
    from sim.scenario.resolved import Scenario

    Floats = NDArray[np.float64]

LARGEST_KEPT_BYTES = 1 << 30
"""A run's monthly values are kept in memory up to this size; a larger run is read again for every variable."""
KEPT_VARIABLES = 8


class Run:
    """A finished, partial or interrupted run in its folder; nothing is written.

    Arrays over replicates have one row for each number in ``replicates``, in that order.

    Parameters
    ----------
    folder
        ``results/runs/<scenario>/<hash>``.
    toolbox
        Other functions than the package's own, for tests.

    Raises
    ------
    UserError
        If there is no run in the folder; of every method, when a part it needs is damaged (``CorruptPartError``).
    """

    def __init__(self, folder: Path, toolbox: Toolbox | None = None) -> None:
        self.folder = folder
        self._files = RunFolder(folder)
        self._toolbox = toolbox
        self._kept: OrderedDict[str, Floats] = OrderedDict()
        self.manifest = self._files.manifest()
        if "identity" not in self.manifest:
            raise UserError(f"{folder} holds no run (no run.json of this program in it)")
        if not INDEX.keys() >= set(self.manifest["observables"]):
            # What the policy types of the workspace record; a run without any loads no scenario.
            from sim.scenario.loader import read_policy_types

            read_policy_types()

    def __repr__(self) -> str:
        return f"Run({self.id!r}, folder={str(self.folder)!r})"

    @cached_property
    def _part_of(self) -> dict[int, Path]:
        """The part that holds each finished replicate."""
        found: dict[int, Path] = {}
        for path in self._files.parts():
            with PartReader(path) as part:
                found |= dict.fromkeys(part.replicates, path)
        return found

    @cached_property
    def replicates(self) -> NDArray[np.int64]:
        """Numbers of the finished replicates, ascending."""
        return np.array(sorted(self._part_of), dtype=np.int64)

    # --- what it is ---

    @property
    def id(self) -> str:
        """``<scenario folder>/<hash>``."""
        return str(self.manifest["run"])

    @property
    def scenario_id(self) -> str:
        """Scenario id, with ``:variant`` when it is one."""
        return str(self.manifest["scenario"])

    @property
    def places(self) -> list[str]:
        """Ids of the places."""
        return [str(place["id"]) for place in self.manifest["places"]]

    @property
    def policies(self) -> list[str]:
        """Ids of the policies, in the order of ``money``."""
        return list(self.manifest["policies"])

    @property
    def variables(self) -> list[str]:
        """Names of the recorded variables; without those of policy types that are no longer in the workspace."""
        return [name for name in self.manifest["observables"] if name in INDEX]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Records of failed replicates: replicate, month, error, where, replay, traceback."""
        return self._files.failures(self._part_of)

    @property
    def stale(self) -> list[str]:
        """Reasons why the program would give other numbers today; empty when the run is current."""
        toolbox, identity = self._tools(), self.manifest["identity"]
        reasons = []
        if identity["model_version"] != versions.MODEL_VERSION:
            reasons.append(f"model version {identity['model_version']}, now {versions.MODEL_VERSION}")
        if identity["parameters_hash"] != toolbox.parameters_hash():
            reasons.append("parameters have changed since")
        try:
            _ = self.scenario
        except UserError:
            reasons.append("its scenario, places or world have changed since")
        return reasons

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario it was run from, read again from its file or from the run's own copy.

        Raises
        ------
        UserError
            If neither gives the scenario of this run any more.
        """
        toolbox, identity = self._tools(), self.manifest["identity"]
        sources = (
            (self.manifest["reference"], tuple(self.manifest["overrides"])),
            (str(self.folder / "scenario.toml"), ()),
        )
        for reference, overrides in sources:
            try:
                scenario: Scenario = toolbox.load(reference, overrides).scenario
            except UserError:
                continue
            found = scenario.id, toolbox.scenario_hash(scenario), [policy.id for policy in scenario.policies]
            # ``money`` and ``awards`` go by position, which an older version may have counted in another order.
            if found == (self.scenario_id, identity["scenario_hash"], self.policies):
                return replace(scenario, seed=identity["seed"], firms_per_agent=identity["firms_per_agent"])
        raise UserError(
            f"run {self.id}: the scenario file has changed since, and {self.folder / 'scenario.toml'} does not give it "
            f"back\n     run it again: countysim run {self.manifest['reference']}"
        )

    @cached_property
    def parameter_draws(self) -> ParameterDraws:
        """The parameter draws it was run with; none where there were none or the file has changed since."""
        from sim.experiments.parameter_draws import ParameterDraws, drawn_from, prior_draws, read_draws

        used = self.manifest.get("draws", {})
        if drawn_from(self.manifest) == "priors":
            drawn = prior_draws(int(self.manifest["seed"]), self.scenario.places)
            return drawn if drawn.digest == used.get("hash") else ParameterDraws()
        name = str(used.get("calibration", ""))
        path = workspace.calibration_file("fits", name, "draws.csv") if name else None
        found = ParameterDraws(name) if path is None else read_draws(name, path)
        return found if found.digest == used.get("hash") else ParameterDraws(name)

    # --- time ---

    @cached_property
    def _span(self) -> tuple[int, int]:
        """First month and number of months, from the first finished replicate (else from the manifest)."""
        if not self._part_of:
            first = parse_month(self.manifest["start"])
            return first, parse_month(self.manifest["end"]) - first + 1
        return int(self._one(self.replicates[0], "first_month")), len(self._one(self.replicates[0], "monthly"))

    @property
    def first_month(self) -> int:
        """Month number of the first simulated month."""
        return self._span[0]

    @property
    def months(self) -> NDArray[np.int64]:
        """Month numbers."""
        first, count = self._span
        return np.arange(first, first + count, dtype=np.int64)

    @property
    def years(self) -> NDArray[np.int64]:
        """Calendar years of which all months are simulated."""
        return complete_years(*self._span)

    # --- numbers ---

    def monthly(self, variable: str, place: str | None = None) -> Floats:
        """Return a variable by month, shape (replicates, months), in its plain unit.

        Without ``place`` the places are added up; a share, an index or a yearly wage is averaged by output.

        Raises
        ------
        UserError
            If the run has no such variable or place.
        """
        values = self.by_place(variable)
        if place is not None:
            return np.ascontiguousarray(values[:, :, self._place(place)])
        return over_places(values, self.by_place("output_value"), observable(variable))

    def annual(self, variable: str, place: str | None = None) -> Floats:
        """Return a variable by complete calendar year, shape (replicates, years); see ``monthly``."""
        return by_year(self.monthly(variable, place), self.first_month, observable(variable))

    def by_place(self, variable: str) -> Floats:
        """Return a variable by month and place, shape (replicates, months, places).

        What only policies of a type of which it has none would bring about is zero.
        """
        if variable not in self.variables:
            if variable in INDEX and observable(variable).policy:
                return np.zeros_like(self.by_place("output_value"))
            raise UserError(f'run {self.id} has no variable "{variable}"; it has {", ".join(self.variables)}')
        column = self.manifest["observables"].index(variable)
        if self._cube_bytes <= LARGEST_KEPT_BYTES:
            return self._cube[..., column]
        if variable not in self._kept:
            self._kept[variable] = self._stack("monthly", (slice(None), slice(None), column))
            if len(self._kept) > KEPT_VARIABLES:
                self._kept.popitem(last=False)
        return self._kept[variable]

    def money(self) -> Floats:
        """Return public money in yuan a month, shape (replicates, months, policies, payers, stages)."""
        return self._stack("money")

    def size_classes(self) -> Floats:
        """Return firms by yearly revenue, shape (replicates, years, places, classes, measures), complete years only."""
        return self._complete_years("size_classes")

    def take_up(self) -> Floats:
        """Return take-up of grants, shape (replicates, years, policies, outcomes, measures), complete years only."""
        return self._complete_years("take_up")

    def elsewhere(self) -> Floats:
        """Return what buyers spent on producers elsewhere, yuan, shape (replicates, months, markets, sides).

        Markets are those of ``markets``, sides those of ``sim.state.record.MARKET_SIDES``.
        """
        return self._stack("elsewhere")

    @property
    def markets(self) -> dict[str, list[str]]:
        """Ids of the places by the industry whose buyers they share."""
        found: dict[str, list[str]] = {}
        for place in self.scenario.places:
            found.setdefault(place.industry, []).append(place.id)
        return found

    def anchors(self, name: str) -> Floats:
        """Return a number that ties the start to reported figures, shape (replicates, places)."""
        return self._stack(ANCHOR + name)

    def anchor_names(self) -> list[str]:
        """Return the names ``anchors`` knows."""
        if not self._part_of:
            return []
        replicate = int(self.replicates[0])
        with PartReader(self._part_of[replicate]) as part:
            return [name.removeprefix(ANCHOR) for name in part.names(replicate) if name.startswith(ANCHOR)]

    def purchases(self, replicate: int) -> NDArray[np.void]:
        """Return the equipment purchases of one replicate (``sim.state.record.PURCHASE``)."""
        return self._one(replicate, "purchases")

    def awards(self, replicate: int) -> NDArray[np.void]:
        """Return the grants awarded in one replicate (``sim.state.record.AWARD``)."""
        return self._one(replicate, "awards")

    def tracked(self, replicate: int) -> NDArray[np.void]:
        """Return the followed firms of one replicate (``sim.state.record.TRACKED``)."""
        return self._one(replicate, "tracked")

    def panel(self, replicate: int) -> NDArray[np.void]:
        """Return the yearly firm panel of one replicate (``sim.state.record.PANEL``).

        Raises
        ------
        UserError
            If the run was made without ``--panel``.
        """
        return self._one(replicate, "panel")

    def digest(self, replicate: int) -> str:
        """Return the digest of a replicate's final state."""
        return str(self._one(replicate, "digest")[()])

    # --- inside ---

    def _tools(self) -> Toolbox:
        if self._toolbox is None:
            self._toolbox = standard_toolbox()
        return self._toolbox

    def _place(self, place: str) -> int:
        if place not in self.places:
            raise UserError(f'run {self.id} has no place "{place}"; it has {", ".join(self.places)}')
        return self.places.index(place)

    @property
    def _cube_bytes(self) -> int:
        return 8 * len(self.replicates) * len(self.months) * len(self.places) * len(self.manifest["observables"])

    @cached_property
    def _cube(self) -> Floats:
        """All monthly values, shape (replicates, months, places, variables)."""
        return self._stack("monthly")

    def _complete_years(self, name: str) -> Floats:
        """Return an array by calendar year of every replicate, for the complete years."""
        if not self._part_of:
            return self._stack(name)
        first = int(self._one(self.replicates[0], "first_year"))
        return self._stack(name, ([int(year) - first for year in self.years],))

    def _stack(self, name: str, chosen: tuple[Any, ...] = ()) -> Floats:
        """Return one array of every replicate (or the chosen slice of it) stacked, reading part by part."""
        if not self._part_of:
            raise UserError(f"run {self.id} has no finished replicate yet: countysim run {self.manifest['reference']}")
        stacked: Floats | None = None
        row = 0
        for path, replicates in itertools.groupby(self.replicates.tolist(), self._part_of.__getitem__):
            with PartReader(path) as part:
                for replicate in replicates:
                    values = part.array(replicate, name)[chosen]
                    if stacked is None:
                        stacked = np.empty((len(self.replicates), *values.shape))
                    if stacked.shape[1:] != values.shape:
                        shapes = f"{values.shape}, the others {stacked.shape[1:]}"
                        raise CorruptPartError(f"{path}: {name} of replicate {replicate} has shape {shapes}")
                    stacked[row] = values
                    row += 1
        assert stacked is not None
        return stacked

    def _one(self, replicate: int | np.int64, name: str) -> NDArray[Any]:
        path = self._part_of.get(int(replicate))
        if path is None:
            raise UserError(f"run {self.id} has no finished replicate {replicate}")
        with PartReader(path) as part:
            if name not in part.names(int(replicate)):
                raise UserError(
                    f"run {self.id} was made without {name}"
                    + (f": countysim run {self.manifest['reference']} --panel" if name == "panel" else "")
                )
            return part.array(int(replicate), name)
