"""Runs as an xarray Dataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.find import find_run
from sim.observables import observable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import xarray

    from sim.experiments.run import Run


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
