"""Find the run somebody means, by scenario, run id, hash or folder, and give runs as an xarray Dataset."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import workspace
from sim.errors import UserError
from sim.experiments.identity import folder_name
from sim.experiments.parameter_draws import drawn_from
from sim.experiments.run import Run
from sim.experiments.toolbox import standard_toolbox
from sim.observables import observable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray

    from sim.experiments.parameter_draws import DrawnFrom
    from sim.experiments.toolbox import Toolbox

HASH = re.compile(r"[0-9a-f]{8}")
RUN_ID = re.compile(r"([a-z0-9][a-z0-9-]*)/([0-9a-f]{8})")


class NoRunError(UserError):
    """There is no run of a scenario yet."""

    def __init__(self, reference: str, hint: str) -> None:
        self.reference, self.hint = reference, hint
        super().__init__(self.text())

    def text(self, options: str = "") -> str:
        """Return the message; ``options`` of ``countysim run`` are part of the command it names."""
        command = f"countysim run {self.reference} {options}".rstrip()
        return f"no run of {self.reference} yet: {command}{self.hint}"


def find_run(
    reference: str,
    out: Path | None = None,
    *,
    overrides: Sequence[str] = (),
    firms_per_agent: int | None = None,
    seed: int | None = None,
    draws: DrawnFrom | None = None,
    toolbox: Toolbox | None = None,
) -> Run:
    """Return the newest run of a scenario as its file now reads, or the run with the given id, hash or folder.

    Parameters
    ----------
    reference
        Scenario reference (``yongnian-2023``, ``x:variant``, a ``.toml`` file), run id (``yongnian-2023/3f9a2c1d``),
        hash (``3f9a2c1d``) or a run's folder.
    out
        Folder of results in place of ``results``.
    overrides, firms_per_agent, seed
        As given to the run; without scale and seed any will do. Runs of today's model and parameters come first.
    draws
        Where its parameters are from; None: anywhere.

    Raises
    ------
    UserError
        If there is none.
    """
    toolbox = toolbox or standard_toolbox()
    runs = workspace.results_root(out) / "runs"
    named = _by_name(reference, runs)
    if named is not None:
        return Run(named, toolbox)
    try:
        scenario = toolbox.load(reference, overrides).scenario
    except UserError as error:
        return _by_folder(reference, runs, toolbox, error)
    wanted = toolbox.scenario_hash(scenario)
    everything = [run for run in _runs_in(runs / folder_name(scenario.id), toolbox) if run.scenario_id == scenario.id]
    matching = [
        run
        for run in everything
        if run.manifest["identity"]["scenario_hash"] == wanted
        and firms_per_agent in (None, run.manifest["firms_per_agent"])
        and seed in (None, run.manifest["seed"])
        and draws in (None, drawn_from(run.manifest))
        and len(run.replicates)
    ]
    if not matching:
        earlier = ", ".join(run.id for run in sorted(everything, key=_age, reverse=True)[:3])
        hint = f"\n     there are runs with other settings, to be named in full: {earlier}" if earlier else ""
        raise NoRunError(reference, hint)
    return max(matching, key=lambda run: (not run.stale, _age(run)))


def at_other_scales(run: Run) -> dict[int, Run]:
    """Return the runs that differ from one in nothing but the scale and have a finished replicate, by scale."""

    def of(other: Run) -> dict[str, Any]:
        return {part: value for part, value in other.manifest["identity"].items() if part != "firms_per_agent"}

    alike = [
        other
        for other in _runs_in(Path(run.folder).parent, None)
        if of(other) == of(run) and other.id != run.id and _has_replicates(other)
    ]
    return {int(other.manifest["firms_per_agent"]): other for other in alike}


def list_runs(out: Path | None = None, *, toolbox: Toolbox | None = None) -> list[Run]:
    """Return every run in the results folder that has a finished replicate, newest first; damaged ones are left out."""
    runs = workspace.results_root(out) / "runs"
    folders = sorted(runs.iterdir()) if runs.is_dir() else []
    found = [run for folder in folders if folder.is_dir() for run in _runs_in(folder, toolbox) if _has_replicates(run)]
    return sorted(found, key=_age, reverse=True)


def _has_replicates(run: Run) -> bool:
    try:
        return len(run.replicates) > 0
    except UserError:
        return False


def _by_name(reference: str, runs: Path) -> Path | None:
    """Return the folder a run id, a hash or a path names."""
    if (Path(reference) / "run.json").is_file():
        return Path(reference)
    if RUN_ID.fullmatch(reference):
        if (runs / reference / "run.json").is_file():
            return runs / reference
        raise UserError(f"no run {reference} in {runs}")
    if HASH.fullmatch(reference):
        found = sorted(path.parent for path in runs.glob(f"*/{reference}/run.json"))
        if found:
            return found[0]
    return None


def _by_folder(reference: str, runs: Path, toolbox: Toolbox, error: UserError) -> Run:
    """Return the newest run of a scenario whose file is gone; else say what is wrong with the file."""
    try:
        folder = runs / folder_name(reference)
    except UserError:
        raise error from None
    found = [run for run in _runs_in(folder, toolbox) if run.scenario_id == reference and len(run.replicates)]
    if not found:
        raise error
    return max(found, key=_age)


def _runs_in(folder: Path, toolbox: Toolbox | None) -> Iterable[Run]:
    """Yield the runs of one scenario folder; a folder whose manifest cannot be read is passed over."""
    for manifest in sorted(folder.glob("*/run.json")):
        if HASH.fullmatch(manifest.parent.name):
            try:
                run = Run(manifest.parent, toolbox)
            except UserError:
                continue
            yield run


def _age(run: Run) -> str:
    """Sort key: the later, the newer."""
    return str(run.manifest.get("ended") or run.manifest.get("started") or "")


# --- as a Dataset ---


def load(reference: str | Sequence[str], out: Path | None = None) -> xarray.Dataset:
    """Return runs as a Dataset with dimensions scenario, replicate, month, place and one variable per observable.

    Parameters
    ----------
    reference
        One reference as ``find_run`` takes it, or several (then replicates, months and places missing in one of them
        are NaN).
    out
        Folder of results in place of ``results``.

    Returns
    -------
    xarray.Dataset
        ``month`` is the first day of the month. ``attrs`` of the Dataset holds the manifest (of each run, by scenario,
        when there are several), nested parts as JSON text so that it can be written to netCDF; ``attrs`` of a variable
        its unit, label, aggregate and basis.

    Raises
    ------
    UserError
        If a run is missing or damaged.
    """
    references = [reference] if isinstance(reference, str) else list(reference)
    return dataset([find_run(name, out) for name in references])


def dataset(runs: Sequence[Run]) -> xarray.Dataset:
    """Return the runs along the dimension ``scenario``; see ``load``."""
    import xarray

    pieces = [_one(run) for run in runs]
    whole = pieces[0] if len(pieces) == 1 else xarray.concat(pieces, dim="scenario", join="outer", combine_attrs="drop")
    for name in whole.data_vars:
        item = observable(str(name))
        whole[name].attrs = {
            "units": item.unit,
            "long_name": item.label,
            "long_name_zh": item.label_zh,
            "aggregate": item.aggregate,
            "basis": item.basis,
        }
    if len(runs) == 1:
        whole.attrs = {name: _flat(value) for name, value in runs[0].manifest.items()}
    else:
        whole.attrs = {run.scenario_id: json.dumps(run.manifest, ensure_ascii=False) for run in runs}
    return whole


def _one(run: Run) -> xarray.Dataset:
    import xarray

    dims = ("scenario", "replicate", "month", "place")
    months = (run.months - 1970 * 12).astype("datetime64[M]").astype("datetime64[ns]")
    return xarray.Dataset(
        {name: (dims, run.by_place(name)[np.newaxis]) for name in run.variables},
        coords={"scenario": [run.scenario_id], "replicate": run.replicates, "month": months, "place": run.places},
    )


def _flat(value: object) -> str | int | float:
    """Return an attribute netCDF can hold."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return json.dumps(value, ensure_ascii=False)
